/**
 * A large ELF file as far as anyone here reads it. A kernel with debugging information has some 600 MB, of which types,
 * variables and relocations, which nobody asks for, are four fifths.
 *
 * In: a path. Out: as many bytes as the file has, read except for those sections; there the memory is never touched, and so
 * costs nothing. Undefined for whatever is to be read whole: no ELF file, a damaged or relocatable one, or a small one.
 */
import fs from 'node:fs';
import { type ElfFile, isElf, readElf } from './elf.ts';

/** Sections of debugging information that are read: source lines and their strings. */
const READ_DEBUG = /^\.z?debug_(line|line_str|str)$/;
const UNREAD = /^\.(rela?\.|z?debug_)/;
const SHT_STRTAB = 3;
const HEADER_BYTES = 64;
/** Less is not worth the trouble. */
const LEAST_HOLES_BYTES = 16 << 20;
const LARGEST_BYTES = 2 ** 31;
const READ_BYTES = 64 << 20;

interface Range {
  readonly from: number;
  readonly to: number;
}

export function readElfWithHoles(path: string): Uint8Array | undefined {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, 'r');
    const { size } = fs.fstatSync(fd);
    if (size < LEAST_HOLES_BYTES || size > LARGEST_BYTES) return undefined;
    return readParts(new PartReader(fd, size));
  } catch {
    return undefined; // whoever reads it whole says why
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

class PartReader {
  readonly bytes: Buffer;
  private readonly fd: number;

  constructor(fd: number, size: number) {
    this.fd = fd;
    this.bytes = Buffer.allocUnsafeSlow(size); // pages that are not written to do not exist
  }

  read({ from, to }: Range): void {
    const end = Math.min(to, this.bytes.length);
    for (let at = Math.max(0, from); at < end; ) {
      const got = fs.readSync(this.fd, this.bytes, at, Math.min(READ_BYTES, end - at), at);
      if (got === 0) throw new Error('the file has shrunk');
      at += got;
    }
  }
}

function readParts(reader: PartReader): Uint8Array | undefined {
  const { bytes } = reader;
  reader.read({ from: 0, to: HEADER_BYTES });
  if (!isElf(bytes)) return undefined;
  for (const range of tablesOf(bytes)) reader.read(range);
  // Names first: which sections they are is not known before.
  for (const { type, offset, size } of readElf(bytes)?.sections ?? [])
    if (type === SHT_STRTAB) reader.read({ from: offset, to: offset + size });
  const file = readElf(bytes);
  if (file === undefined || file.kind === 'relocatable') return undefined;
  const holes = holesOf(file);
  if (holes.reduce((sum, { from, to }) => sum + to - from, 0) < LEAST_HOLES_BYTES) return undefined;
  let at = 0;
  for (const { from, to } of holes) {
    reader.read({ from: at, to: from });
    at = Math.max(at, to);
  }
  reader.read({ from: at, to: bytes.length });
  return bytes;
}

/** Where the tables of segments and of sections are. */
function tablesOf(bytes: Buffer): readonly Range[] {
  const [is64, isLittle] = [bytes[4] === 2, bytes[5] === 1];
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const word = (at: number): number =>
    is64 ? Number(view.getBigUint64(at, isLittle)) : view.getUint32(at, isLittle);
  const half = (at: number): number => view.getUint16(at, isLittle);
  const [segments, sections, sizes] = is64 ? [word(32), word(40), 54] : [word(28), word(32), 42];
  return [
    { from: segments, to: segments + half(sizes) * half(sizes + 2) },
    { from: sections, to: sections + half(sizes + 4) * half(sizes + 6) },
  ];
}

function holesOf({ sections, segments }: ElfFile): readonly Range[] {
  const isLoaded = (from: number, to: number): boolean =>
    segments.some(({ offset, fileBytes }) => from < offset + fileBytes && to > offset);
  return sections
    .filter(({ name }) => UNREAD.test(name) && !READ_DEBUG.test(name))
    .map(({ offset, size }) => ({ from: offset, to: offset + size }))
    .filter(({ from, to }) => to > from && !isLoaded(from, to))
    .sort((a, b) => a.from - b.from);
}
