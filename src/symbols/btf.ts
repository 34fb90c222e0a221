/**
 * BTF (the kernel's BPF type format), as an index that reads nothing until it is asked for.
 *
 * In: the bytes of a raw .BTF image of either byte order, or of an ELF file that has the section; for a module's split
 * BTF also the kernel's. Out: raw entries by type id, ids by name. Opening walks the type section once, to learn where
 * each entry starts (100,000 types in some milliseconds); names are hashed at the first look-up. What entries mean as D
 * types is btf-types.ts's business.
 *
 *   header   0 magic 0xeb9f u16   2 version u8   3 flags u8   4 header bytes u32
 *            8 type offset, bytes   16 string offset, bytes   (u32 each; offsets count from the header's end)
 *   entry    0 name u32   4 info u32: vlen 0-15, kind 24-28, kind_flag 31   8 size or type u32   12 what the kind adds
 *
 * Type ids count from 1 (0 is void); those of split BTF, and its string offsets, go on where the base's end. Bytes are
 * checked where they are read, so damaged input gives a reason or absent values, never an exception.
 */
import { elfSection } from './btf-elf.ts';

/** Kinds by number, as the kernel's btf.h has them. */
export const BTF_KINDS = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  prototype: 13,
  variable: 14,
  section: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Bytes behind the 12 of an entry: once, and for each of its vlen elements. Index = kind. */
const EXTRA_BYTES: readonly (readonly [once: number, each: number])[] = [
  ...([
    [0, 0],
    [4, 0],
    [0, 0],
    [12, 0],
    [0, 12],
    [0, 12],
    [0, 8],
    [0, 0],
    [0, 0],
    [0, 0],
  ] as const),
  ...([
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 8],
    [4, 0],
    [0, 12],
    [0, 0],
    [4, 0],
    [0, 0],
    [0, 12],
  ] as const),
];

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const ENTRY_BYTES = 12;

export interface BtfEntry {
  readonly kind: number; // of BTF_KINDS
  readonly name: string;
  readonly count: number; // vlen: members, enumerators, parameters
  readonly flag: boolean; // kind_flag
  readonly sizeOrType: number;
  readonly at: number; // of what follows the 12 bytes, for `u32`
}

/** Whether bytes (unpacked) are raw BTF. */
export function isBtf(bytes: Uint8Array): boolean {
  return orderOf(bytes) !== undefined;
}

function orderOf(bytes: Uint8Array): 'little' | 'big' | undefined {
  if (bytes.length < HEADER_BYTES || bytes[2] !== 1) return undefined;
  if (bytes[0] === (MAGIC & 0xff) && bytes[1] === MAGIC >> 8) return 'little';
  return bytes[0] === MAGIC >> 8 && bytes[1] === (MAGIC & 0xff) ? 'big' : undefined;
}

/** The .BTF section of an ELF file, or raw BTF as it is; undefined when there is none. */
export function btfOf(bytes: Uint8Array): Uint8Array | undefined {
  return isBtf(bytes) ? bytes : elfSection(bytes, '.BTF');
}

/** Whether raw BTF goes on where another ends: its strings do not begin with the empty one. */
export function isSplitBtf(raw: Uint8Array): boolean {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const little = orderOf(raw) === 'little';
  return raw.length >= HEADER_BYTES && raw[view.getUint32(4, little) + view.getUint32(16, little)] !== 0;
}

/** The index of raw BTF or of an ELF file's .BTF; or why there is none. */
export function openBtf(bytes: Uint8Array, base?: Btf): Btf | string {
  const raw = btfOf(bytes);
  if (raw === undefined) return 'it is no BTF, and no ELF file with a .BTF section';
  const order = orderOf(raw);
  if (order === undefined) return 'its .BTF section has no BTF header';
  const btf = new Btf(raw, order, base);
  return btf.damage ?? btf;
}

export class Btf {
  readonly order: 'little' | 'big';
  readonly base: Btf | undefined;
  /** One more than the largest type id. */
  readonly endId: number;
  /** Why the image cannot be used at all. */
  readonly damage: string | undefined;
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly firstId: number;
  private readonly offsets: Uint32Array; // of entries, by id - firstId
  private readonly stringsAt: number;
  private readonly stringsEnd: number;
  private readonly firstString: number;
  private names: NameIndex | undefined;

  constructor(bytes: Uint8Array, order: 'little' | 'big', base: Btf | undefined) {
    this.bytes = bytes;
    this.order = order;
    this.base = base;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.firstId = base?.endId ?? 1;
    this.firstString = base === undefined ? 0 : base.firstString + base.stringsEnd - base.stringsAt;
    const header = this.u32(4);
    this.stringsAt = Math.min(header + this.u32(16), bytes.length);
    this.stringsEnd = Math.min(this.stringsAt + this.u32(20), bytes.length);
    const typesAt = header + this.u32(8);
    const typesEnd = typesAt + this.u32(12);
    this.damage =
      header < HEADER_BYTES || typesEnd > bytes.length ? 'its type section is cut off' : undefined;
    this.offsets = this.damage === undefined ? this.entryOffsets(typesAt, typesEnd) : new Uint32Array(0);
    this.endId = this.firstId + this.offsets.length;
  }

  /** Where entries start; what follows one of unknown kind or beyond the end is lost. */
  private entryOffsets(start: number, end: number): Uint32Array {
    const offsets = new Uint32Array(Math.floor((end - start) / ENTRY_BYTES));
    let count = 0;
    for (let at = start; at + ENTRY_BYTES <= end; ) {
      const info = this.u32(at + 4);
      const extra = EXTRA_BYTES[(info >>> 24) & 31];
      if (extra === undefined) break;
      const next = at + ENTRY_BYTES + extra[0] + extra[1] * (info & 0xffff);
      if (next > end) break;
      offsets[count++] = at;
      at = next;
    }
    return offsets.slice(0, count);
  }

  /** The entry of a type id; undefined for void and for ids that do not exist. */
  entry(id: number): BtfEntry | undefined {
    if (id < this.firstId) return this.base?.entry(id);
    const at = this.offsets[id - this.firstId];
    if (at === undefined) return undefined;
    const info = this.u32(at + 4);
    return {
      kind: (info >>> 24) & 31,
      name: this.string(this.u32(at)),
      count: info & 0xffff,
      flag: info >>> 31 === 1,
      sizeOrType: this.u32(at + 8),
      at: at + ENTRY_BYTES,
    };
  }

  /** The image that holds the entry of an id: offsets of its entry are offsets there. */
  holderOf(id: number): Btf {
    return id < this.firstId && this.base !== undefined ? this.base.holderOf(id) : this;
  }

  /** Ids of this image (not of its base) with that name, in order. */
  ids(name: string): readonly number[] {
    if (name === '') return [];
    this.names ??= new NameIndex(this.offsets.length, (i) => this.hashAt(this.u32(this.offsets[i]!)));
    return this.names
      .candidates(hashOf(name))
      .map((i) => this.firstId + i)
      .filter((id) => this.entry(id)?.name === name);
  }

  /** The first enum of this image with an enumerator of that name. Names are compared by where their text lies. */
  enumWith(name: string): number | undefined {
    const wanted = this.stringOffset(name);
    if (wanted === undefined) return undefined;
    for (const [i, at] of this.offsets.entries()) {
      const info = this.u32(at + 4);
      const kind = (info >>> 24) & 31;
      if (kind !== BTF_KINDS.enum && kind !== BTF_KINDS.enum64) continue;
      const [, each] = EXTRA_BYTES[kind]!;
      for (let k = 0; k < (info & 0xffff); k++) {
        if (this.u32(at + ENTRY_BYTES + k * each) === wanted) return this.firstId + i;
      }
    }
    return undefined;
  }

  /** Where a string is, which is stored once. */
  private stringOffset(text: string): number | undefined {
    const inBase = this.base?.stringOffset(text);
    if (inBase !== undefined) return inBase;
    const wanted = [0, ...new TextEncoder().encode(text), 0];
    for (let at = this.stringsAt; at >= 0 && at < this.stringsEnd; at = this.bytes.indexOf(0, at + 1)) {
      if (wanted.every((byte, k) => this.bytes[at + k] === byte))
        return this.firstString + at + 1 - this.stringsAt;
    }
    return undefined;
  }

  /** 0 beyond the end. */
  u32(at: number): number {
    return at + 4 <= this.bytes.length ? this.view.getUint32(at, this.order === 'little') : 0;
  }

  /** A name; '' where there is none. */
  string(offset: number): string {
    if (offset < this.firstString) return this.base?.string(offset) ?? '';
    const start = this.stringsAt + offset - this.firstString;
    if (start >= this.stringsEnd) return '';
    const nul = this.bytes.indexOf(0, start);
    return TEXT.decode(this.bytes.subarray(start, nul < 0 || nul > this.stringsEnd ? this.stringsEnd : nul));
  }

  /** Undefined for types without a name, which a fifth of all are. */
  private hashAt(offset: number): number | undefined {
    if (offset < this.firstString) return offset === 0 ? undefined : hashOf(this.string(offset));
    let hash = FNV_START;
    for (let at = this.stringsAt + offset - this.firstString; at < this.stringsEnd; at++) {
      const byte = this.bytes[at]!;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    return hash === FNV_START ? undefined : hash;
  }
}

const TEXT = new TextDecoder('latin1');
const FNV_START = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

function hashOf(name: string): number {
  let hash = FNV_START;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** Numbers 0 … count - 1 by a hash of each: chains in two arrays, since there are too many names for a Map of strings. */
class NameIndex {
  private readonly heads: Int32Array;
  private readonly nexts: Int32Array;

  constructor(count: number, hash: (i: number) => number | undefined) {
    this.heads = new Int32Array(1 << Math.max(4, 32 - Math.clz32(count))).fill(-1);
    this.nexts = new Int32Array(count);
    for (let i = count - 1; i >= 0; i--) {
      const hashed = hash(i);
      if (hashed === undefined) continue;
      const bucket = hashed & (this.heads.length - 1);
      this.nexts[i] = this.heads[bucket]!;
      this.heads[bucket] = i;
    }
  }

  candidates(hash: number): number[] {
    const found: number[] = [];
    for (let i = this.heads[hash & (this.heads.length - 1)]!; i >= 0; i = this.nexts[i]!) found.push(i);
    return found;
  }
}
