/**
 * ELF files: their sections, and the symbols of .symtab and .dynsym. 32 and 64 bits, little and big endian.
 *
 * In: the bytes of a file, whatever they are. Out: ElfFile and rows in a builder. Nothing in a file is believed: every
 * offset is checked against the bytes that are there, and what does not fit is left out, so that a damaged file gives
 * fewer symbols and never an exception.
 */
import {
  type SymbolBinding,
  type SymbolKind,
  type SymbolTableBuilder,
  UNKNOWN_SIZE,
} from './symbol-table.ts';

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number; // in the file
  readonly size: number; // bytes
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

/** A part of the file that is loaded to memory (PT_LOAD). */
export interface ElfSegment {
  readonly address: bigint;
  readonly offset: number; // in the file
  readonly fileBytes: number; // as the file says; memory may have more
}

export interface ElfFile {
  readonly kind: 'relocatable' | 'executable' | 'shared' | 'other';
  readonly is64: boolean;
  readonly machine: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[]; // those that are loaded
  /** The page of the lowest segment; undefined when nothing is loaded. */
  readonly loadAddress: bigint | undefined;
  readonly view: DataView;
  readonly littleEndian: boolean;
}

const MAGIC = 0x7f454c46;
const KINDS: Readonly<Record<number, ElfFile['kind']>> = { 1: 'relocatable', 2: 'executable', 3: 'shared' };

const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHT_DYNSYM = 11;
const SHF_ALLOC = 2;
const PT_LOAD = 1;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;
const SHN_XINDEX = 0xffff;

/** Real files have dozens; kernels built with a section per function have some 100,000. */
const MAX_SECTIONS = 1 << 20;
/** Names are cut there: a damaged string table may have no end. */
const MAX_NAME_BYTES = 4096;

export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) === MAGIC;
}

/** Undefined when even the header does not make sense. */
export function readElf(bytes: Uint8Array): ElfFile | undefined {
  if (!isElf(bytes) || bytes.length < 52) return undefined;
  const [, , , , width, order] = bytes;
  if ((width !== 1 && width !== 2) || (order !== 1 && order !== 2)) return undefined;
  if (width === 2 && bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = { view, is64: width === 2, littleEndian: order === 1 };
  const segments = readSegments(shape);
  return {
    ...shape,
    kind: KINDS[view.getUint16(16, shape.littleEndian)] ?? 'other',
    machine: view.getUint16(18, shape.littleEndian),
    sections: readSections(shape),
    segments,
    loadAddress: lowestPage(segments),
  };
}

type Shape = Pick<ElfFile, 'view' | 'is64' | 'littleEndian'>;

/** An address or offset of the file's own width. */
function word({ view, is64, littleEndian }: Shape, at: number): bigint {
  return is64 ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian));
}

/** A word that counts bytes of this file: anything larger than the file is as good as infinite. */
function offsetWord(shape: Shape, at: number): number {
  return Number(word(shape, at));
}

interface Table {
  readonly at: number;
  readonly entryBytes: number;
  readonly count: number;
}

/** `count` entries from `at`, as many as lie in the file. */
function table(shape: Shape, at: number, entryBytes: number, leastBytes: number, count: number): Table {
  if (entryBytes < leastBytes || at >= shape.view.byteLength) return { at: 0, entryBytes, count: 0 };
  const room = Math.floor((shape.view.byteLength - at - leastBytes) / entryBytes) + 1;
  return { at, entryBytes, count: Math.max(0, Math.min(count, room, MAX_SECTIONS)) };
}

function readSections(shape: Shape): ElfSection[] {
  const { view, is64, littleEndian } = shape;
  const at = offsetWord(shape, is64 ? 40 : 32);
  const header = is64 ? 58 : 46;
  const entryBytes = view.getUint16(header, littleEndian);
  const leastBytes = is64 ? 64 : 40;
  const one = table(shape, at, entryBytes, leastBytes, 1);
  if (at === 0 || one.count === 0) return [];
  // Numbers too large for the header are in the first section's fields.
  const count = view.getUint16(header + 2, littleEndian) || offsetWord(shape, at + (is64 ? 32 : 20));
  const nameIndex = view.getUint16(header + 4, littleEndian);
  const { count: fitting } = table(shape, at, entryBytes, leastBytes, count);
  const raw = Array.from({ length: fitting }, (_, i) => readSection(shape, at + i * entryBytes));
  const link = nameIndex === SHN_XINDEX ? (raw[0]?.link ?? 0) : nameIndex;
  const names = raw[link];
  return raw.map(({ nameAt, ...section }) => ({
    ...section,
    name: names === undefined ? '' : stringAt(shape.view, names, nameAt),
  }));
}

function readSection(shape: Shape, at: number): Omit<ElfSection, 'name'> & { readonly nameAt: number } {
  const { view, is64, littleEndian } = shape;
  const u32 = (from: number) => view.getUint32(at + from, littleEndian);
  return {
    nameAt: u32(0),
    type: u32(4),
    flags: Number(word(shape, at + 8)) & 0xffff,
    address: word(shape, at + (is64 ? 16 : 12)),
    offset: offsetWord(shape, at + (is64 ? 24 : 16)),
    size: offsetWord(shape, at + (is64 ? 32 : 20)),
    link: u32(is64 ? 40 : 24),
    info: u32(is64 ? 44 : 28),
    entrySize: offsetWord(shape, at + (is64 ? 56 : 36)),
  };
}

function readSegments(shape: Shape): ElfSegment[] {
  const { view, is64, littleEndian } = shape;
  const at = offsetWord(shape, is64 ? 32 : 28);
  const entryBytes = view.getUint16(is64 ? 54 : 42, littleEndian);
  const { count } = table(
    shape,
    at,
    entryBytes,
    is64 ? 56 : 32,
    view.getUint16(is64 ? 56 : 44, littleEndian),
  );
  return Array.from({ length: count }, (_, i) => at + i * entryBytes)
    .filter((entry) => view.getUint32(entry, littleEndian) === PT_LOAD)
    .map((entry) => ({
      offset: offsetWord(shape, entry + (is64 ? 8 : 4)),
      address: word(shape, entry + (is64 ? 16 : 8)),
      fileBytes: offsetWord(shape, entry + (is64 ? 32 : 16)),
    }));
}

function lowestPage(segments: readonly ElfSegment[]): bigint | undefined {
  const [first, ...others] = segments.map(({ address }) => address);
  if (first === undefined) return undefined;
  return others.reduce((lowest, address) => (address < lowest ? address : lowest), first) & ~0xfffn;
}

/** The bytes of a section that are in the file. */
export function sectionBytes(file: ElfFile, section: ElfSection): Uint8Array {
  const { view } = file;
  if (section.type === SHT_NOBITS || section.offset >= view.byteLength) return new Uint8Array();
  const size = Math.min(section.size, view.byteLength - section.offset);
  return new Uint8Array(view.buffer, view.byteOffset + section.offset, size);
}

/** The NUL-terminated string at `from` in the section, as latin1 when it is ASCII and UTF-8 otherwise. */
function stringAt(view: DataView, section: Pick<ElfSection, 'offset' | 'size'>, from: number): string {
  const start = section.offset + from;
  const limit = Math.min(section.offset + section.size, view.byteLength, start + MAX_NAME_BYTES);
  let [end, text] = [start, ''];
  for (; end < limit; end++) {
    const code = view.getUint8(end);
    if (code === 0) return text;
    if (code >= 0x80) break;
    text += String.fromCharCode(code);
  }
  if (end >= limit) return text;
  while (end < limit && view.getUint8(end) !== 0) end++;
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
}

export interface ElfSymbolFacts {
  readonly symbols: number;
  /** Of those, how many lie where the file is loaded. */
  readonly addressed: number;
}

/**
 * Add the symbols of a file. Both tables are read: .dynsym repeats what .symtab has, but only it is left in stripped
 * files. Of a relocatable file only what lies in .text has a place, by its offset there.
 */
export function readElfSymbols(file: ElfFile, module: string, builder: SymbolTableBuilder): ElfSymbolFacts {
  const text = file.sections.findIndex(({ name }) => name === '.text');
  const perCpu = file.sections.findIndex(isPerCpu);
  const seen = new Set<string>();
  let [symbols, addressed] = [0, 0];
  for (const section of file.sections) {
    if (section.type !== SHT_SYMTAB && section.type !== SHT_DYNSYM) continue;
    for (const symbol of symbolsOf(file, section)) {
      if (symbol.section === SHN_UNDEF || symbol.section === SHN_COMMON) continue;
      const isAbsolute = symbol.section === SHN_ABS || (perCpu >= 0 && symbol.section === perCpu);
      if (file.kind === 'relocatable' && !isAbsolute && symbol.section !== text) continue;
      const key = `${symbol.name} ${symbol.high} ${symbol.low}`;
      if (seen.has(key)) continue;
      seen.add(key);
      symbols++;
      if (!isAbsolute) addressed++;
      const kind = isAbsolute ? 'absolute' : symbol.kind;
      builder.add(module, symbol.name, symbol.high, symbol.low, symbol.size, kind, symbol.binding);
    }
  }
  addBoundaries(file, module, builder);
  return { symbols, addressed };
}

interface ElfSymbol {
  readonly name: string;
  readonly section: number;
  readonly high: number;
  readonly low: number;
  readonly size: number;
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
}

/** STT_NOTYPE, OBJECT, FUNC, COMMON, GNU_IFUNC; sections, files and thread-local offsets are no symbols to us. */
const TYPES: Readonly<Record<number, SymbolKind>> = {
  0: 'label',
  1: 'data',
  2: 'function',
  5: 'data',
  10: 'function',
};
const BINDINGS: Readonly<Record<number, SymbolBinding>> = {
  0: 'local',
  1: 'global',
  2: 'weak',
  10: 'global',
};

/** Names that assemblers make for themselves: mapping symbols of ARM and RISC-V, local labels. */
const INTERNAL_NAME = /^(\$[adtx](\.|$)|\.L)/;

function* symbolsOf(file: ElfFile, section: ElfSection): Generator<ElfSymbol> {
  const { view, is64, littleEndian } = file;
  const strings = file.sections[section.link];
  if (strings === undefined) return;
  const leastBytes = is64 ? 24 : 16;
  const entryBytes = section.entrySize || leastBytes;
  const end = Math.min(section.offset + section.size, view.byteLength);
  if (entryBytes < leastBytes) return;
  for (let at = section.offset + entryBytes; at + leastBytes <= end; at += entryBytes) {
    const info = view.getUint8(at + (is64 ? 4 : 12));
    const kind = TYPES[info & 15];
    const binding = BINDINGS[info >> 4];
    if (kind === undefined || binding === undefined) continue;
    const name = stringAt(view, strings, view.getUint32(at, littleEndian));
    if (name === '' || INTERNAL_NAME.test(name)) continue;
    const value = at + (is64 ? 8 : 4);
    const [first, second] = [view.getUint32(value, littleEndian), view.getUint32(value + 4, littleEndian)];
    yield {
      name,
      section: view.getUint16(at + (is64 ? 6 : 14), littleEndian),
      high: is64 ? (littleEndian ? second : first) : 0,
      low: is64 && !littleEndian ? second : first,
      size: offsetWord(file, at + (is64 ? 16 : 8)) || UNKNOWN_SIZE,
      kind,
      binding,
    };
  }
}

/** Linux for x86-64 before 6.15 links its per-CPU data to 0: its symbols are offsets into every CPU's block. */
function isPerCpu({ name, address }: ElfSection): boolean {
  return name === '.data..percpu' && address === 0n;
}

/**
 * Symbols without a size end where their section does. One that stands at the very end, as a linker script's `_end`, is of
 * that one address, when nothing else begins there.
 */
function addBoundaries(file: ElfFile, module: string, builder: SymbolTableBuilder): void {
  if (file.kind === 'relocatable') return;
  const loaded = file.sections.filter((section) => isLoaded(section) && !isPerCpu(section));
  const starts = new Set(loaded.map(({ address }) => address));
  const add = (at: bigint): void => {
    const address = BigInt.asUintN(64, at);
    builder.add(module, '', Number(address >> 32n), Number(address & 0xffffffffn), 0, 'boundary', 'local');
  };
  for (const { address, size } of loaded) {
    const end = address + BigInt(Math.min(size, Number.MAX_SAFE_INTEGER));
    add(end);
    if (!starts.has(end)) add(end + 1n);
  }
}

/** Whether a section is in memory when the file runs. */
export function isLoaded({ flags }: ElfSection): boolean {
  return (flags & SHF_ALLOC) !== 0;
}

/** The loaded section that has an address. */
export function sectionAt({ sections }: Pick<ElfFile, 'sections'>, own: bigint): ElfSection | undefined {
  return sections.find(
    (section) => isLoaded(section) && own >= section.address && own < section.address + BigInt(section.size),
  );
}
