/**
 * Sections with debugging information, as their bytes were before they were packed and, of relocatable files, placed.
 *
 *   SHF_COMPRESSED   a header and zlib or zstd data (ELF gABI, "Compressed sections")
 *   .zdebug_NAME     `ZLIB`, the size as eight big-endian bytes, zlib data: what GNU tools wrote before that
 *   .rel(a).debug_…  in .o and .ko files: addresses of .text and offsets in string sections are written in here
 */
import { inflateSync } from 'node:zlib';
import { type ElfFile, type ElfSection, isLoaded, sectionBytes } from './elf.ts';

const SHF_COMPRESSED = 0x800;
const SHT_RELA = 4;
const SHT_REL = 9;
const COMPRESSED_ZLIB = 1;
const COMPRESSED_ZSTD = 2;
const GNU_HEADER_BYTES = 12;
/** No kernel's section is larger; a size that is made up must not fill memory. */
const MAX_SECTION_BYTES = 1 << 30;

/** The bytes of `.debug_NAME`; undefined when the file has none that can be read. */
export async function debugSection(file: ElfFile, name: string): Promise<Uint8Array | undefined> {
  const section = file.sections.find((one) => one.name === `.debug_${name}`);
  if (section) {
    const bytes =
      (section.flags & SHF_COMPRESSED) === 0
        ? sectionBytes(file, section)
        : await unpacked(file, sectionBytes(file, section));
    return bytes && file.kind === 'relocatable' ? relocated(file, section, bytes) : bytes;
  }
  const packed = file.sections.find((one) => one.name === `.zdebug_${name}`);
  if (!packed) return undefined;
  const bytes = sectionBytes(file, packed);
  const isPacked = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'ZLIB';
  return isPacked ? inflated(bytes.subarray(GNU_HEADER_BYTES)) : bytes;
}

async function unpacked(file: ElfFile, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const headerBytes = file.is64 ? 24 : 12;
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = bytes.subarray(headerBytes);
  switch (view.getUint32(0, file.littleEndian)) {
    case COMPRESSED_ZLIB:
      return inflated(data);
    case COMPRESSED_ZSTD:
      try {
        return (await import('fzstd')).decompress(data);
      } catch {
        return undefined;
      }
    default:
      return undefined;
  }
}

function inflated(data: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(data, { maxOutputLength: MAX_SECTION_BYTES });
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------------------------------------- relocatable files

/** Relocations that write an address or an offset, by machine: type → bytes. What else there is, line tables do not have. */
const ABSOLUTE: Readonly<Record<number, Readonly<Record<number, 4 | 8>>>> = {
  3: { 1: 4 }, // 386: R_386_32
  40: { 2: 4 }, // Arm: R_ARM_ABS32
  62: { 1: 8, 10: 4, 11: 4 }, // x86-64: R_X86_64_64, _32, _32S
  183: { 257: 8, 258: 4 }, // AArch64: R_AARCH64_ABS64, _ABS32
};
/** Of code that is not in .text nobody knows where it went. */
const NOWHERE = (1n << 64n) - 1n;

function relocated(file: ElfFile, section: ElfSection, bytes: Uint8Array): Uint8Array | undefined {
  const index = file.sections.indexOf(section);
  const lists = file.sections.filter(({ type, link, info }) => {
    return (type === SHT_RELA || type === SHT_REL) && link !== 0 && info === index;
  });
  if (lists.length === 0) return bytes;
  const types = ABSOLUTE[file.machine];
  if (!types) return undefined; // RISC-V's linkers compute the steps between addresses, too
  const out = bytes.slice();
  for (const list of lists) applyAll(file, list, types, new DataView(out.buffer));
  return out;
}

function applyAll(
  file: ElfFile,
  list: ElfSection,
  types: Readonly<Record<number, 4 | 8>>,
  out: DataView,
): void {
  const { is64, littleEndian } = file;
  const bytes = sectionBytes(file, list);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): bigint =>
    is64 ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian));
  const wordBytes = is64 ? 8 : 4;
  const hasAddend = list.type === SHT_RELA;
  const entryBytes = wordBytes * (hasAddend ? 3 : 2);
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const offset = Number(word(at));
    const info = word(at + wordBytes);
    const size = types[Number(info & (is64 ? 0xffffffffn : 0xffn))];
    if (size === undefined || offset + size > out.byteLength) continue;
    const old =
      size === 8 ? out.getBigUint64(offset, littleEndian) : BigInt(out.getUint32(offset, littleEndian));
    const addend = hasAddend ? word(at + 2 * wordBytes) : old;
    const base = symbolValue(file, list.link, Number(info >> (is64 ? 32n : 8n)));
    const value = base === undefined ? NOWHERE : base + addend;
    if (size === 8) out.setBigUint64(offset, BigInt.asUintN(64, value), littleEndian);
    else out.setUint32(offset, Number(BigInt.asUintN(32, value)), littleEndian);
  }
}

/** Undefined for what lies in code or data other than .text. */
function symbolValue(file: ElfFile, table: number, symbol: number): bigint | undefined {
  const { is64, littleEndian, view } = file;
  const symbols = file.sections[table];
  if (!symbols) return undefined;
  const at = symbols.offset + symbol * (is64 ? 24 : 16);
  if (at + (is64 ? 24 : 16) > view.byteLength) return undefined;
  const section = file.sections[view.getUint16(at + (is64 ? 6 : 14), littleEndian)];
  if (!section || (isLoaded(section) && section.name !== '.text')) return undefined;
  return is64 ? view.getBigUint64(at + 8, littleEndian) : BigInt(view.getUint32(at + 4, littleEndian));
}
