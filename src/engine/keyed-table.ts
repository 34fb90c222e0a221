/**
 * The one hash table of the engine: keys are bytes, values are words; dynamic variables and aggregations live in it.
 *
 * Everything is in linear memory, so that a second execution tier works on the same tables. A table is a header, an
 * array of buckets (u32 offsets of first entries, 0 = empty) and entries chained by offset:
 *
 *   header   0 bucketsAt u32 | 4 bucketMask u32 | 8 count u32 | 12 hint u32 | 16 growBeyond u32
 *
 *   entry    0      4      8          12          16             16 + keyBytes
 *            +------+------+----------+-----------+--------------+-----------------+
 *            | next | hash | keyBytes | sizeBytes | key          | value, 8-aligned|
 *            +------+------+----------+-----------+--------------+-----------------+
 *
 * The hint is an entry that whoever looks keys up keeps for itself (0 when it has none; that of an empty key, if any): it
 * is forgotten when any entry goes. An entry that goes has keyBytes 0 from then on, and 0 in the first word of its key.
 *
 * Keys are whole 8-byte words (consumer-contract.ts has the encoding). Entries never move. The bucket array becomes four
 * times as large when there are more than `growBeyond` entries: in small tables one for two buckets, since what looking up
 * costs there is the guess whether a chain goes on; in large ones one for each, since there memory counts. A key of one
 * integer and a count take 16 + 8 + 16 bytes with the divisor, plus at most 43 for buckets, present and outgrown; 22 in
 * large tables.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { sortNumbers } from '../base/sort-numbers.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { reserveOrNone } from './reserve.ts';

export const TABLE_HEADER = {
  ...{ bucketsAt: 0, bucketMask: 4, count: 8, hint: 12, growBeyond: 16, bytes: 24 },
} as const;
export const ENTRY = { next: 0, hash: 4, keyBytes: 8, sizeBytes: 12, key: 16 } as const;
/**
 * Of a key w₁ … wₙ (32-bit words): ((keyBytes + w₁)·C + w₂)·C … then mixed, so that the mask's bits depend on all of it:
 * folded, multiplied and folded again.
 */
export const HASH = { multiplier: 0x9e3779b1, mixer: 0x85ebca6b, folds: [16, 15] } as const;
/** Tables of that many entries are taken out in the order of memory where they can be. */
const LEAST_WALKED = 1024;
const FIRST_BUCKETS = 16;
const GROWTH = 4;
/** Tables of that many buckets, and smaller ones, keep half of them empty at least: 256 KiB. */
const MOST_SPARSE_BUCKETS = 1 << 16;

function growBeyond(buckets: number): number {
  return buckets <= MOST_SPARSE_BUCKETS ? buckets / 2 : buckets;
}

export class KeyedTable {
  /** Offset of the header. */
  readonly at: number;
  /** Whether the last findOrInsert made a new entry. */
  inserted = false;
  readonly pool: ChunkPool;
  private readonly memory: LinearMemory;

  constructor(memory: LinearMemory, pool: ChunkPool) {
    this.memory = memory;
    this.pool = pool;
    this.at = memory.reserve(TABLE_HEADER.bytes);
    this.setBuckets(memory.reserve(FIRST_BUCKETS * 4), FIRST_BUCKETS);
  }

  private setBuckets(at: number, count: number): void {
    const { u32 } = this.memory;
    u32[this.at >>> 2] = at;
    u32[(this.at + TABLE_HEADER.bucketMask) >>> 2] = count - 1;
    u32[(this.at + TABLE_HEADER.growBeyond) >>> 2] = growBeyond(count);
  }

  get count(): number {
    return this.memory.u32[(this.at + TABLE_HEADER.count) >>> 2]!;
  }

  set hint(entry: number) {
    this.memory.u32[(this.at + TABLE_HEADER.hint) >>> 2] = entry;
  }

  /** The entry with the key at `keyAt`, or 0. */
  find(keyAt: number, keyBytes: number): number {
    return this.lookUp(keyAt, keyBytes, this.hashOf(keyAt, keyBytes));
  }

  /**
   * The entry with the key at `keyAt`, made with a zeroed value of `valueBytes` when it is new; 0 when there is no
   * room. Making one may grow the memory, which detaches views.
   */
  findOrInsert(keyAt: number, keyBytes: number, valueBytes: number): number {
    const hash = this.hashOf(keyAt, keyBytes);
    const known = this.lookUp(keyAt, keyBytes, hash);
    this.inserted = known === 0;
    return known !== 0 ? known : this.insert(keyAt, keyBytes, valueBytes, hash);
  }

  /** Delete the entry with the key at `keyAt`, if there is one. */
  remove(keyAt: number, keyBytes: number): void {
    const entry = this.find(keyAt, keyBytes);
    if (entry === 0) return;
    const u32 = this.memory.u32;
    let link = this.bucketIndex(u32[(entry + ENTRY.hash) >>> 2]!);
    while (u32[link]! !== entry) link = u32[link]! >>> 2; // `next` is the entry's first word
    this.unlink(link);
  }

  /** Delete the entries for which `keep` is false. */
  retain(keep: (entry: number) => boolean): void {
    const { u32 } = this.memory;
    const first = u32[this.at >>> 2]! >>> 2;
    const last = first + u32[(this.at + TABLE_HEADER.bucketMask) >>> 2]!;
    for (let bucket = first; bucket <= last; bucket++) {
      let link = bucket;
      while (this.memory.u32[link]! !== 0) {
        const entry = this.memory.u32[link]!;
        if (keep(entry)) link = entry >>> 2;
        else this.unlink(link);
      }
    }
  }

  /** Offsets of all entries; the table must not change meanwhile. */
  *entries(): Generator<number> {
    const { u32 } = this.memory;
    const first = u32[this.at >>> 2]! >>> 2;
    const last = first + u32[(this.at + TABLE_HEADER.bucketMask) >>> 2]!;
    for (let bucket = first; bucket <= last; bucket++) {
      for (let entry = this.memory.u32[bucket]!; entry !== 0; entry = this.memory.u32[entry >>> 2]!)
        yield entry;
    }
  }

  /** The same for tables of millions, without a generator, and in the order of memory: that of their allocation. */
  forEach(visit: (entry: number) => void): void {
    const offsets = this.offsets();
    for (let i = 0; i < offsets.length; i++) visit(offsets[i]!);
  }

  private offsets(): Uint32Array {
    return (this.count >= LEAST_WALKED && this.offsetsInPool()) || this.offsetsByChains();
  }

  /** All the pool's entries, provided that they are this table's: others would make them too many. */
  private offsetsInPool(): Uint32Array | undefined {
    const { u32 } = this.memory;
    const { count } = this;
    const offsets = new Uint32Array(count);
    let found = 0;
    const sizeOf = (chunk: number) => u32[(chunk + ENTRY.sizeBytes) >>> 2]!;
    this.pool.walk(sizeOf, (chunk) => {
      if (u32[(chunk + ENTRY.keyBytes) >>> 2] !== 0) offsets[found++] = chunk; // beyond the end there is no effect
      return found <= count;
    });
    return found === count ? offsets : undefined;
  }

  /**
   * Ascending. Chains lead across all memory, which costs a cache miss per entry; so they are followed all at once, a
   * link each, and each time in the order of memory.
   */
  private offsetsByChains(): Uint32Array {
    const { u32 } = this.memory;
    const offsets = new Uint32Array(this.count);
    const scratch = new Uint32Array(this.count);
    const first = u32[this.at >>> 2]! >>> 2;
    const last = first + u32[(this.at + TABLE_HEADER.bucketMask) >>> 2]!;
    let found = 0;
    for (let bucket = first; bucket <= last; bucket++)
      if (u32[bucket]! !== 0) offsets[found++] = u32[bucket]!;
    for (let from = 0; from < found; ) {
      const level = offsets.subarray(from, found);
      sortNumbers(level, scratch);
      from = found;
      for (let i = 0; i < level.length; i++) {
        const next = u32[level[i]! >>> 2]!;
        if (next !== 0) offsets[found++] = next;
      }
    }
    sortNumbers(offsets, scratch);
    return offsets;
  }

  /** Offset of an entry's value. */
  valueOf(entry: number): number {
    return entry + ENTRY.key + this.memory.u32[(entry + ENTRY.keyBytes) >>> 2]!;
  }

  private hashOf(keyAt: number, keyBytes: number): number {
    const { i32 } = this.memory;
    const first = keyAt >>> 2;
    const end = first + (keyBytes >>> 2);
    let hash = keyBytes;
    for (let i = first; i < end; i++) hash = Math.imul(hash + i32[i]!, HASH.multiplier);
    hash = Math.imul(hash ^ (hash >>> HASH.folds[0]), HASH.mixer);
    return hash ^ (hash >>> HASH.folds[1]);
  }

  private bucketIndex(hash: number): number {
    const { u32 } = this.memory;
    return (u32[this.at >>> 2]! >>> 2) + ((hash & u32[(this.at + TABLE_HEADER.bucketMask) >>> 2]!) >>> 0);
  }

  /** One view for all, since each costs its own checks at every access. */
  private lookUp(keyAt: number, keyBytes: number, hash: number): number {
    const { i32 } = this.memory;
    const header = this.at >>> 2;
    const mask = i32[header + (TABLE_HEADER.bucketMask >>> 2)]!;
    const key = keyAt >>> 2;
    const words = keyBytes >>> 2;
    // A link is the offset of an entry, and below the sign bit's weight as a word index.
    let at = i32[(i32[header]! >>> 2) + (hash & mask)]! >>> 2;
    while (at !== 0) {
      if (i32[at + 1] === hash && i32[at + 2] === keyBytes) {
        const own = at + (ENTRY.key >>> 2);
        let same = 0;
        while (same < words && i32[own + same] === i32[key + same]) same++;
        if (same === words) return at * 4;
      }
      at = i32[at]! >>> 2;
    }
    return 0;
  }

  private insert(keyAt: number, keyBytes: number, valueBytes: number, hash: number): number {
    const sizeBytes = ENTRY.key + keyBytes + valueBytes;
    const entry = this.pool.allocate(sizeBytes);
    if (entry === 0) return 0;
    if (this.count >= u32At(this.memory, this.at + TABLE_HEADER.growBeyond)) this.addBuckets();
    const { u32, i32, u8 } = this.memory;
    const bucket = this.bucketIndex(hash);
    const at = entry >>> 2;
    u32[at] = u32[bucket]!;
    i32[at + 1] = hash;
    u32[at + 2] = keyBytes;
    u32[at + 3] = sizeBytes;
    copyWords(i32, at + (ENTRY.key >>> 2), keyAt >>> 2, keyBytes >>> 2);
    u8.fill(0, entry + ENTRY.key + keyBytes, entry + sizeBytes);
    u32[bucket] = entry;
    u32[(this.at + TABLE_HEADER.count) >>> 2]!++;
    return entry;
  }

  /** Take the entry that the word at index `link` points to out of its chain. */
  private unlink(link: number): void {
    const { u32 } = this.memory;
    const entry = u32[link]!;
    u32[link] = u32[entry >>> 2]!;
    u32[(this.at + TABLE_HEADER.count) >>> 2]!--;
    u32[(this.at + TABLE_HEADER.hint) >>> 2] = 0;
    u32[(entry + ENTRY.keyBytes) >>> 2] = 0;
    u32[(entry + ENTRY.key) >>> 2] = 0;
    this.pool.free(entry, u32[(entry + ENTRY.sizeBytes) >>> 2]!);
  }

  /** Without memory for it the chains grow instead. */
  private addBuckets(): void {
    const buckets = u32At(this.memory, this.at + TABLE_HEADER.bucketMask) + 1;
    const newAt = reserveOrNone(this.memory, buckets * GROWTH * 4);
    if (newAt === 0) return;
    const { u32 } = this.memory;
    const oldFirst = u32[this.at >>> 2]! >>> 2;
    const mask = buckets * GROWTH - 1;
    for (let bucket = oldFirst; bucket < oldFirst + buckets; bucket++) {
      let entry = u32[bucket]!;
      while (entry !== 0) {
        const next = u32[entry >>> 2]!;
        const target = (newAt >>> 2) + ((u32[(entry + ENTRY.hash) >>> 2]! & mask) >>> 0);
        u32[entry >>> 2] = u32[target]!;
        u32[target] = entry;
        entry = next;
      }
    }
    this.setBuckets(newAt, buckets * GROWTH);
  }
}

function u32At(memory: LinearMemory, offset: number): number {
  return memory.u32[offset >>> 2]!;
}

function copyWords(i32: Int32Array, to: number, from: number, count: number): void {
  for (let i = 0; i < count; i++) i32[to + i] = i32[from + i]!;
}
