/**
 * Chunks of linear memory for keyed tables: sized allocation with free lists, an optional byte limit, no compaction.
 *
 * In: a size. Out: an offset, or 0 when the limit or the memory is exhausted; never an exception. Chunks come from
 * slabs, which are never returned; a freed chunk goes to the free list of its size class and is reused as it is (not
 * zeroed). A chunk never moves, so the offset of a variable's value is good until the variable is deleted.
 *
 * The heads of the free lists lie in linear memory, one u32 per class, and a free chunk's first word is the next one:
 *
 *   class 0 … 256           chunks of exactly 8 × class bytes
 *   class 257 …             chunks of 4096, 8192, … bytes
 *
 * Before them lies what the second tier needs to cut a chunk off the slab by itself (POOL).
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { reserveOrNone } from './reserve.ts';

/** Up to here every multiple of 8 has a class of its own: covers keys with a quantize value. */
const EXACT_LIMIT = 2048;
const EXACT_CLASSES = EXACT_LIMIT / 8 + 1;
const CLASSES = EXACT_CLASSES + 20;
/** What is at least in a chunk: whoever allocates it keeps its size there. */
const LEAST_CHUNK = 16;
const NO_LIMIT = 0xffff_ffff;
/** The first slab is small, since most tables stay so; each next one doubles up to a size where reserving costs nothing. */
const FIRST_SLAB_BYTES = 4096;
const LARGEST_SLAB_BYTES = 1 << 20;

/** u32 each, from ChunkPool.at: the rest of the slab, bytes in use, bytes that may be; then the heads by class. */
export const POOL = { slabAt: 0, slabEnd: 4, used: 8, limit: 12, heads: 16 } as const;

export class ChunkPool {
  readonly at: number;
  private readonly memory: LinearMemory;
  private readonly onSlab: (start: number, end: number) => void;
  private nextSlabBytes = FIRST_SLAB_BYTES;
  private readonly slabs: { readonly start: number; readonly end: number }[] = [];

  /** `onSlab` learns of every slab, for memory that programs may look at. */
  constructor(
    memory: LinearMemory,
    limitBytes: number | undefined,
    onSlab?: (start: number, end: number) => void,
  ) {
    this.memory = memory;
    this.onSlab = onSlab ?? (() => {});
    this.at = memory.reserve(POOL.heads + CLASSES * 4);
    memory.u32[(this.at + POOL.limit) >>> 2] = Math.min(limitBytes ?? NO_LIMIT, NO_LIMIT);
  }

  get usedBytes(): number {
    return this.memory.u32[(this.at + POOL.used) >>> 2]!;
  }

  /** A chunk of at least `sizeBytes` (a multiple of 8), with rubbish in it; 0 when there is no room. */
  allocate(sizeBytes: number): number {
    const rounded = chunkBytes(sizeBytes);
    const at = this.at >>> 2;
    const u32 = this.memory.u32;
    if (u32[at + (POOL.used >>> 2)]! + rounded > u32[at + (POOL.limit >>> 2)]!) return 0;
    const head = (this.at + headOf(sizeBytes)) >>> 2;
    let chunk = u32[head]!;
    if (chunk !== 0) u32[head] = u32[chunk >>> 2]!;
    else chunk = this.cut(rounded);
    if (chunk !== 0) this.memory.u32[at + (POOL.used >>> 2)]! += rounded;
    return chunk;
  }

  /** `sizeBytes` as it was allocated. */
  free(chunk: number, sizeBytes: number): void {
    const head = (this.at + headOf(sizeBytes)) >>> 2;
    const u32 = this.memory.u32;
    u32[chunk >>> 2] = u32[head]!;
    u32[head] = chunk;
    u32[(this.at + POOL.used) >>> 2]! -= chunkBytes(sizeBytes);
  }

  /**
   * Chunks in the order of memory, those in use and those freed, until `visit` returns false. `sizeOf` gives the size that a
   * chunk was allocated with.
   */
  walk(sizeOf: (chunk: number) => number, visit: (chunk: number) => boolean): void {
    const cutTo = this.memory.u32[this.at >>> 2]!;
    for (const { start, end } of this.slabs) {
      const to = cutTo >= start && cutTo <= end ? cutTo : end;
      for (let chunk = start; chunk + LEAST_CHUNK <= to; ) {
        const sizeBytes = sizeOf(chunk);
        if (sizeBytes === 0) break; // the rest of the slab was too small for a chunk, and is as it was reserved
        if (!visit(chunk)) return;
        chunk += chunkBytes(sizeBytes);
      }
    }
  }

  private cut(sizeBytes: number): number {
    const at = this.at >>> 2;
    const { u32 } = this.memory;
    const fits = u32[at]! + sizeBytes <= u32[at + (POOL.slabEnd >>> 2)]!;
    if (!fits && !this.addSlab(sizeBytes)) return 0;
    const chunk = this.memory.u32[at]!;
    this.memory.u32[at] = chunk + sizeBytes;
    return chunk;
  }

  private addSlab(neededBytes: number): boolean {
    const bytes = Math.max(neededBytes, this.nextSlabBytes);
    const slab = reserveOrNone(this.memory, bytes);
    if (slab === 0) return false;
    const { u32 } = this.memory;
    u32[this.at >>> 2] = slab;
    u32[(this.at + POOL.slabEnd) >>> 2] = slab + bytes;
    this.nextSlabBytes = Math.min(this.nextSlabBytes * 2, LARGEST_SLAB_BYTES);
    this.slabs.push({ start: slab, end: slab + bytes });
    this.onSlab(slab, slab + bytes);
    return true;
  }
}

/** Where the free list for that size begins, from ChunkPool.at. */
export function headOf(sizeBytes: number): number {
  return POOL.heads + chunkClass(sizeBytes) * 4;
}

function chunkClass(sizeBytes: number): number {
  if (sizeBytes <= EXACT_LIMIT) return sizeBytes >>> 3;
  return EXACT_CLASSES + (32 - Math.clz32(sizeBytes - 1)) - 12;
}

export function chunkBytes(sizeBytes: number): number {
  if (sizeBytes <= EXACT_LIMIT) return sizeBytes;
  return 2 ** (32 - Math.clz32(sizeBytes - 1));
}
