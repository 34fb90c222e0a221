/**
 * Bytes of one trace, from wherever they come: a plain file, a compressed one, or a pipe. What a file is, is told by
 * its first bytes and not by its name.
 *
 * Plain files are read synchronously, straight into the window (no promise, no copy). Everything else goes through a
 * queue of chunks and answers with a promise when the queue is empty. A failure while reading is not thrown: `read`
 * answers 0 from then on, `damage` says why, and what was read before it has been delivered.
 */
import fs from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import type { LinearMemory } from '../base/linear-memory.ts';
import { systemReason } from '../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { ByteInput } from './byte-input.ts';
import { ChunkInput, type ChunkReader, DescriptorChunks, FileChunks, SocketChunks } from './chunks.ts';
import { GrowingFile } from './growing-file.ts';
import { PipeChunks } from './pipe.ts';
import type { ProgramKilled } from './unpack-program.ts';

/** How messages name a -t argument. */
export function traceName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/** Enough to recognise every format, and one page, so that the reads that follow stay aligned. */
const HEAD_BYTES = 4096;

/** What can be said against a trace without reading it; undefined when nothing. */
export function refuse(path: string, follow = false): Diagnostic | undefined {
  if (path === '-') return undefined;
  try {
    const stat = fs.statSync(path);
    if (stat.isDirectory()) return diagnostic('U_TRACE_DIRECTORY', undefined, { path });
    if (stat.isSocket())
      return diagnostic('U_TRACE_OPEN', undefined, { path, reason: 'No such device or address' });
    fs.accessSync(path, fs.constants.R_OK);
    return stat.isFile() && stat.size === 0 && !follow
      ? diagnostic('U_TRACE_EMPTY', undefined, { path })
      : undefined;
  } catch (error) {
    return diagnostic('U_TRACE_OPEN', undefined, { path, reason: systemReason(error) });
  }
}

/** Bytes of a file, as it is stored; 0 of what has no size, or is not there. */
export function fileBytes(path: string): number {
  return path === '-' ? 0 : (fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0);
}

/** Bytes of a regular file that is read as it is; undefined of anything else. */
export function plainBytes(path: string): number | undefined {
  let fd = -1;
  try {
    const stat = fs.statSync(path);
    if (path === '-' || !stat.isFile()) return undefined;
    fd = fs.openSync(path, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    const length = fs.readSync(fd, head, 0, HEAD_BYTES, 0);
    return packingOf(head.subarray(0, length)) === undefined ? stat.size : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd >= 0) fs.closeSync(fd);
  }
}

export async function openInput(
  path: string,
  stdin: number,
  follow = false,
  isPrompt = false,
): Promise<ByteInput | Diagnostic> {
  const name = traceName(path);
  let fd = -1;
  try {
    const stat = path === '-' ? fs.fstatSync(stdin) : fs.statSync(path);
    if (stat.isDirectory())
      return diagnostic('U_TRACE_DIRECTORY', undefined, { path: name }, path === '-' ? { hint: '' } : {});
    fd = path === '-' ? stdin : fs.openSync(path, stat.isFIFO() ? READ_NOW : 'r');
    if (stat.isFile() && follow && path !== '-') return openGrowing(name, fd);
    if (stat.isFile()) return await openFile(name, fd, path !== '-', stat.size);
    return await openChunks(name, chunksOf(fd, stat, path !== '-', isPrompt));
  } catch (error) {
    return diagnostic('U_TRACE_OPEN', undefined, { path: name, reason: systemReason(error) });
  }
}

/** Opening a FIFO would wait for its writer, and a thread that waits keeps the process from ending. */
const READ_NOW = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/** What may be silent for long is read by the event loop; other devices (/dev/null, /dev/zero) answer at once. */
function chunksOf(fd: number, stat: fs.Stats, owned: boolean, isPrompt: boolean): ChunkReader {
  if (!stat.isCharacterDevice()) return new PipeChunks(fd, { isPrompt });
  return isatty(fd) ? new SocketChunks(new ReadStream(fd)) : new DescriptorChunks(fd, owned);
}

async function openFile(
  name: string,
  fd: number,
  owned: boolean,
  sizeBytes: number,
): Promise<ByteInput | Diagnostic> {
  const head = Buffer.alloc(HEAD_BYTES);
  const length = fs.readSync(fd, head, 0, HEAD_BYTES, null);
  const first = head.subarray(0, length);
  const packing = packingOf(first);
  if (packing === undefined) return new PlainFile(name, fd, owned, first, sizeBytes);
  return unpack(name, packing, new FileChunks(fd, owned, first, sizeBytes));
}

/** A packed log is finished, whatever is said of it. */
function openGrowing(name: string, fd: number): ByteInput | Diagnostic {
  const head = Buffer.alloc(HEAD_BYTES);
  const packing = packingOf(head.subarray(0, fs.readSync(fd, head, 0, HEAD_BYTES, 0)));
  if (packing === undefined) return new GrowingFile(name, fd);
  fs.closeSync(fd);
  return diagnostic('U_TRACE_FOLLOW_PACKED', undefined, { path: name, format: packing.format });
}

async function openChunks(name: string, chunks: ChunkReader): Promise<ByteInput | Diagnostic> {
  const failed = (offset: number, error: unknown): Diagnostic => readFailure(name, offset, error);
  const first = await chunks.next();
  if (first !== undefined) chunks.unread(first);
  const packing = first && packingOf(first);
  if (packing !== undefined) return unpack(name, packing, chunks);
  return new ChunkInput(chunks, failed, true);
}

function readFailure(name: string, offset: number, error: unknown): Diagnostic {
  return diagnostic('U_TRACE_READ', undefined, { path: name, offset, reason: systemReason(error) });
}

/** A regular file that is not compressed. */
class PlainFile implements ByteInput {
  readonly live = false;
  readonly totalBytes: number;
  doneBytes = 0;
  damage: Diagnostic | undefined;
  private readonly name: string;
  private readonly fd: number;
  private readonly owned: boolean;
  private head: Uint8Array;

  constructor(name: string, fd: number, owned: boolean, head: Uint8Array, sizeBytes: number) {
    this.name = name;
    this.fd = fd;
    this.owned = owned;
    this.head = head;
    this.totalBytes = sizeBytes;
  }

  read(memory: LinearMemory, at: number, size: number): number {
    if (this.damage !== undefined) return 0;
    if (this.head.length > 0) {
      const length = Math.min(size, this.head.length);
      memory.u8.set(this.head.subarray(0, length), at);
      this.head = this.head.subarray(length);
      this.doneBytes += length;
      return length;
    }
    try {
      const length = fs.readSync(this.fd, memory.u8, at, size, null);
      this.doneBytes += length;
      return length;
    } catch (error) {
      this.damage = readFailure(this.name, this.doneBytes, error);
      return 0;
    }
  }

  close(): void {
    if (this.owned) fs.closeSync(this.fd);
  }
}

interface Packing {
  readonly format: string;
  readonly magic: readonly number[];
  /** Command that unpacks to standard output, for formats we do not read; otherwise we read it. */
  readonly unpack?: string;
}

const PACKINGS: readonly Packing[] = [
  { format: 'gzip', magic: [0x1f, 0x8b] },
  { format: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { format: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: 'bzip2', magic: [0x42, 0x5a, 0x68], unpack: 'bzcat' },
  { format: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18], unpack: 'lz4cat' },
  { format: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], unpack: 'unzip -p' },
];

function packingOf(head: Uint8Array): Packing | undefined {
  return PACKINGS.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
}

/** The decompressors are loaded only here: they cost nothing to those who do not need them. */
async function unpack(name: string, packing: Packing, chunks: ChunkReader): Promise<ByteInput | Diagnostic> {
  const { format } = packing;
  if (packing.unpack !== undefined) {
    chunks.close();
    return diagnostic('U_TRACE_PACKED', undefined, { path: name, format, unpack: packing.unpack });
  }
  const { unpacked } = await import('./unpack.ts');
  const { ProgramKilled } = await import('./unpack-program.ts');
  const failed = (_: number, error: unknown): Diagnostic => {
    if (error instanceof ProgramKilled) return killed(name, error);
    const damage = damageOf(error, chunks);
    return diagnostic('U_TRACE_DAMAGED', undefined, { path: name, format, damage });
  };
  return new ChunkInput(await unpacked(format as 'gzip' | 'xz' | 'zstd', chunks), failed, false);
}

function killed(path: string, { program, signal }: ProgramKilled): Diagnostic {
  return diagnostic('U_TRACE_UNPACKER', undefined, { path, program, signal });
}

/** Words for a decompressor's failure: cut short, or wrong at about some byte. */
function damageOf(error: unknown, chunks: ChunkReader): string {
  const reason = systemReason(error);
  const atEnd = chunks.totalBytes === undefined || chunks.doneBytes >= chunks.totalBytes;
  if (/unexpected end|unexpected EOF|premature|truncated|BUF_ERROR/i.test(reason) && atEnd) {
    return `ends early, at byte ${chunks.doneBytes}`;
  }
  return `is damaged before byte ${chunks.doneBytes} (${reason})`;
}
