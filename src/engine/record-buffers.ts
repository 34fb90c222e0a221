/**
 * Principal buffers: one per CPU, filled by firings, emptied by a drain (layout of a record: dif/record.ts).
 *
 * Within a buffer records lie in increasing `order`, so merging the buffers by it gives the order of the session. A
 * buffer's memory is reserved at the CPU's first record. There are two regimes (EngineSizes.bufsizeIsExplicit):
 *
 *   explicit   exactly `bufsize` bytes; a record that does not fit is dropped and counted, as DTrace does
 *   implicit   a reserve of one firing's largest output is kept: once a buffer reaches into it, the engine wants to be
 *              drained before the next firing, and nothing is lost
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { FAULT_RECORD, RECORD_HEADER } from '../dif/record.ts';
import { reserveOrNone } from './reserve.ts';

/** Implicit buffers: small enough that a drain finds the records in the cache, large enough that drains are rare. */
const IMPLICIT_BYTES = 1 << 18;

export class PrincipalBuffer {
  /** Offset of the buffer; 0 when there was no memory for it. */
  readonly at: number;
  readonly capacity: number;
  /** Fuller than this, the buffer should be drained before the next firing. */
  readonly drainBeyond: number;
  used = 0;

  constructor(at: number, capacity: number, drainBeyond: number) {
    this.at = at;
    this.capacity = capacity;
    this.drainBeyond = drainBeyond;
  }

  /** Where the next record of that size would go; 0 when it does not fit. It becomes part of the buffer by `keep`. */
  room(sizeBytes: number): number {
    return this.used + sizeBytes <= this.capacity ? this.at + this.used : 0;
  }

  keep(sizeBytes: number): void {
    this.used += sizeBytes;
  }
}

export class RecordBuffers {
  private readonly memory: LinearMemory;
  private readonly byCpu: (PrincipalBuffer | undefined)[] = [];
  private readonly inUse: PrincipalBuffer[] = [];
  private capacity = IMPLICIT_BYTES;
  private drainBeyond = Number.POSITIVE_INFINITY;

  constructor(memory: LinearMemory) {
    this.memory = memory;
  }

  setExplicit(bufsize: number): void {
    this.capacity = bufsize - (bufsize % 8);
    this.drainBeyond = Number.POSITIVE_INFINITY;
  }

  /** `firingBytes` is the most that one firing can write. */
  setImplicit(firingBytes: number): void {
    this.capacity = Math.max(IMPLICIT_BYTES, 2 * firingBytes);
    this.drainBeyond = this.capacity - firingBytes;
  }

  of(cpu: number): PrincipalBuffer {
    return this.byCpu[cpu] ?? this.create(cpu);
  }

  private create(cpu: number): PrincipalBuffer {
    while (this.byCpu.length < cpu) this.byCpu.push(undefined);
    const buffer = this.reserve();
    this.byCpu[cpu] = buffer;
    this.inUse.push(buffer);
    return buffer;
  }

  private reserve(): PrincipalBuffer {
    const at = reserveOrNone(this.memory, this.capacity);
    return at === 0 ? new PrincipalBuffer(0, 0, 0) : new PrincipalBuffer(at, this.capacity, this.drainBeyond);
  }

  /**
   * Hand every record to `take`, in order, and empty the buffers. `take` is given the record's offset and returns
   * its size. The buffers are emptied even if it throws: what was handed over must not come again.
   */
  drain(take: (recordAt: number) => number): void {
    try {
      this.merge(take);
    } finally {
      for (const buffer of this.inUse) buffer.used = 0;
    }
  }

  private merge(take: (recordAt: number) => number): void {
    const open = this.inUse
      .filter((buffer) => buffer.used > 0)
      .map((buffer) => ({ at: buffer.at, end: buffer.at + buffer.used }));
    while (open.length > 0) {
      const first = this.earliest(open);
      const run = open[first]!;
      open.splice(first, 1);
      // Records of this buffer that come before any of the others.
      const limit =
        open.length === 0 ? Number.POSITIVE_INFINITY : this.orderAt(open[this.earliest(open)]!.at);
      while (run.at < run.end && this.orderAt(run.at) < limit) run.at += take(run.at);
      if (run.at < run.end) open.push(run);
    }
  }

  private earliest(open: readonly { readonly at: number }[]): number {
    let best = 0;
    for (let i = 1; i < open.length; i++) {
      if (this.orderAt(open[i]!.at) < this.orderAt(open[best]!.at)) best = i;
    }
    return best;
  }

  private orderAt(recordAt: number): number {
    return this.memory.f64[(recordAt + RECORD_HEADER.order) >>> 3]!;
  }
}

/** Bytes of a record with a payload of that size; of a fault record without one. */
export function recordBytes(payloadBytes: number): number {
  return RECORD_HEADER.payload + payloadBytes;
}
export const FAULT_RECORD_BYTES = RECORD_HEADER.payload + FAULT_RECORD.bytes;
