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
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { reserveOrNone } from './reserve.ts';

/** Up to here every multiple of 8 has a class of its own: covers keys with a quantize value. */
const EXACT_LIMIT = 2048;
const EXACT_CLASSES = EXACT_LIMIT / 8 + 1;
const CLASSES = EXACT_CLASSES + 20;
/** The first slab is small, since most tables stay so; each next one doubles up to a size where reserving costs nothing. */
const FIRST_SLAB_BYTES = 4096;
const LARGEST_SLAB_BYTES = 1 << 20;

export class ChunkPool {
  usedBytes = 0;
  readonly limitBytes: number;
  private readonly memory: LinearMemory;
  private readonly headsAt: number;
  private readonly onSlab: (start: number, end: number) => void;
  private slabAt = 0;
  private slabEnd = 0;
  private nextSlabBytes = FIRST_SLAB_BYTES;

  /** `onSlab` learns of every slab, for memory that programs may look at. */
  constructor(
    memory: LinearMemory,
    limitBytes: number | undefined,
    onSlab?: (start: number, end: number) => void,
  ) {
    this.memory = memory;
    this.limitBytes = limitBytes ?? Number.POSITIVE_INFINITY;
    this.onSlab = onSlab ?? (() => {});
    this.headsAt = memory.reserve(CLASSES * 4);
  }

  /** A chunk of at least `sizeBytes` (a multiple of 8), with rubbish in it; 0 when there is no room. */
  allocate(sizeBytes: number): number {
    const rounded = chunkBytes(sizeBytes);
    if (this.usedBytes + rounded > this.limitBytes) return 0;
    const head = (this.headsAt >>> 2) + chunkClass(sizeBytes);
    const u32 = this.memory.u32;
    let chunk = u32[head]!;
    if (chunk !== 0) u32[head] = u32[chunk >>> 2]!;
    else chunk = this.cut(rounded);
    if (chunk !== 0) this.usedBytes += rounded;
    return chunk;
  }

  /** `sizeBytes` as it was allocated. */
  free(chunk: number, sizeBytes: number): void {
    const head = (this.headsAt >>> 2) + chunkClass(sizeBytes);
    const u32 = this.memory.u32;
    u32[chunk >>> 2] = u32[head]!;
    u32[head] = chunk;
    this.usedBytes -= chunkBytes(sizeBytes);
  }

  private cut(sizeBytes: number): number {
    if (this.slabAt + sizeBytes > this.slabEnd && !this.addSlab(sizeBytes)) return 0;
    const chunk = this.slabAt;
    this.slabAt += sizeBytes;
    return chunk;
  }

  private addSlab(neededBytes: number): boolean {
    const bytes = Math.max(neededBytes, this.nextSlabBytes);
    const slab = reserveOrNone(this.memory, bytes);
    if (slab === 0) return false;
    this.slabAt = slab;
    this.slabEnd = slab + bytes;
    this.nextSlabBytes = Math.min(this.nextSlabBytes * 2, LARGEST_SLAB_BYTES);
    this.onSlab(this.slabAt, this.slabEnd);
    return true;
  }
}

function chunkClass(sizeBytes: number): number {
  if (sizeBytes <= EXACT_LIMIT) return sizeBytes >>> 3;
  return EXACT_CLASSES + (32 - Math.clz32(sizeBytes - 1)) - 12;
}

function chunkBytes(sizeBytes: number): number {
  if (sizeBytes <= EXACT_LIMIT) return sizeBytes;
  return 2 ** (32 - Math.clz32(sizeBytes - 1));
}
