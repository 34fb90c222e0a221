/**
 * Principal buffers: one per CPU, filled by firings, emptied by a drain (layout of a record: dif/record.ts).
 *
 * Within a buffer records lie in increasing `order`, so merging the buffers by it gives the order of the session. A
 * buffer's memory is reserved at the CPU's first record, CPU 0's when the engine is made ready. The regimes:
 *
 *   growing   a reserve of one firing's largest output is kept: once a buffer reaches into it, the engine wants to be
 *             drained before the next firing, and nothing is lost
 *   switch    exactly `bufsize` bytes; a record that does not fit finds no room, as with DTrace
 *   fill      the same, and the last bytes are kept for END until `openReserve`
 *   ring      `bufsize` bytes of the newest records: room is made by forgetting the oldest
 *
 * A ring that has wrapped:
 *
 *   0            tail        head                  wrappedAt     capacity
 *   +------------+-----------+---------------------+-------------+
 *   | newest     | free      | oldest              | unused      |
 *   +------------+-----------+---------------------+-------------+
 *
 * What the second tier needs to add a record by itself is in linear memory: RECORD_STATE of each of the first CPUs.
 */
import { bug } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import { FAULT_RECORD, RECORD_HEADER } from '../dif/record.ts';
import type { BufferPolicy } from './engine-contract.ts';
import { reserveOrNone } from './reserve.ts';

/** Growing buffers: small enough that a drain finds the records in the cache, large enough that drains are rare. */
const IMPLICIT_BYTES = 1 << 18;
/** A buffer that must shrink to less than this is as good as none. */
const LEAST_BYTES = 64;

/**
 * u32 each: where the next record goes; the end of what may be written there (0: it takes more than an addition); the
 * buffer is to be drained when `next` is beyond.
 */
export const RECORD_STATE = { next: 0, end: 4, drainBeyond: 8, bytes: 16 } as const;
/** CPUs that have a RECORD_STATE; others are left to TypeScript. */
export const RECORD_STATE_CPUS = 64;

const NO_ROOM = { at: 0, capacity: 0 } as const;

type SizeOf = (recordAt: number) => number;

interface Regime {
  readonly policy: BufferPolicy;
  readonly capacity: number;
  /** Fuller than this, the buffer should be drained before the next firing. */
  readonly drainBeyond: number;
  readonly reserveBytes: number; // at the end, for END
  readonly shrinks: boolean;
}

export class PrincipalBuffer {
  /** Offset of the buffer; 0 when there was no memory for it. */
  readonly at: number;
  readonly capacity: number;
  readonly drainBeyond: number;
  /** Of a ring that has wrapped: where the oldest record is, and where the data before the wrap ends. */
  head = 0;
  wrappedAt = 0;
  private limit: number;
  private readonly sizeOf: SizeOf | undefined; // set for a ring
  private readonly memory: LinearMemory;
  private readonly stateAt: number;

  constructor(
    memory: LinearMemory,
    stateAt: number,
    at: number,
    capacity: number,
    regime: Regime,
    sizeOf: SizeOf,
  ) {
    this.memory = memory;
    this.stateAt = stateAt;
    this.at = at;
    this.capacity = capacity;
    this.limit = Math.max(0, capacity - regime.reserveBytes);
    this.drainBeyond = regime.drainBeyond;
    this.sizeOf = regime.policy === 'ring' ? sizeOf : undefined;
    memory.u32[(stateAt + RECORD_STATE.drainBeyond) >>> 2] = Math.min(at + regime.drainBeyond, 0xffff_ffff);
    this.used = 0;
    this.tellEnd();
  }

  /** Where the next record goes: bytes from `at`. */
  get used(): number {
    return this.memory.u32[this.stateAt >>> 2]! - this.at;
  }

  private set used(bytes: number) {
    this.memory.u32[this.stateAt >>> 2] = this.at + bytes;
  }

  private tellEnd(): void {
    const isPlain = this.wrappedAt === 0 && this.at !== 0;
    this.memory.u32[(this.stateAt + RECORD_STATE.end) >>> 2] = isPlain ? this.at + this.limit : 0;
  }

  /** Where the next record of that size would go; 0 when it does not fit. It becomes part of the buffer by `keep`. */
  room(sizeBytes: number): number {
    if (this.wrappedAt === 0 && this.used + sizeBytes <= this.limit) return this.at + this.used;
    if (this.sizeOf === undefined) return 0;
    const room = this.forgetFor(sizeBytes, this.sizeOf);
    this.tellEnd();
    return room;
  }

  keep(sizeBytes: number): void {
    this.used += sizeBytes;
  }

  /** From now on the bytes kept for END may be used. */
  openReserve(): void {
    this.limit = this.capacity;
    this.tellEnd();
  }

  /** Extents of the records, oldest first. */
  extents(): readonly { at: number; readonly end: number }[] {
    const { at, head, used, wrappedAt } = this;
    const newest = { at, end: at + used };
    return wrappedAt === 0 ? [newest] : [{ at: at + head, end: at + wrappedAt }, newest];
  }

  clear(): void {
    this.used = 0;
    this.head = 0;
    this.wrappedAt = 0;
    this.tellEnd();
  }

  /** Room in a ring: whole records are forgotten, oldest first, until it suffices. */
  private forgetFor(sizeBytes: number, sizeOf: SizeOf): number {
    if (sizeBytes > this.capacity) return 0;
    for (;;) {
      if (this.wrappedAt === 0) {
        if (this.used + sizeBytes <= this.capacity) return this.at + this.used;
        this.wrappedAt = this.used;
        this.used = 0;
        this.head = 0;
      } else if (this.used + sizeBytes <= this.head) {
        return this.at + this.used;
      } else {
        this.head += sizeOf(this.at + this.head);
        if (this.head >= this.wrappedAt) this.wrappedAt = 0;
      }
    }
  }
}

export class RecordBuffers {
  private readonly memory: LinearMemory;
  private readonly sizeOf: SizeOf;
  private readonly byCpu: (PrincipalBuffer | undefined)[] = [];
  private readonly inUse: PrincipalBuffer[] = [];
  private regime: Regime | undefined;
  private isOpen = false;
  /** RECORD_STATE by CPU. */
  readonly statesAt: number;
  /** The RECORD_STATE of all CPUs that there is no memory for: their buffers are empty for ever. */
  private readonly spareStateAt: number;
  /** Of an f64: the order of the next record. */
  readonly nextOrderAt: number;

  /** `sizeOf` gives the size of the record at an offset. */
  constructor(memory: LinearMemory, sizeOf: SizeOf) {
    this.memory = memory;
    this.sizeOf = sizeOf;
    this.statesAt = memory.reserve(RECORD_STATE.bytes * RECORD_STATE_CPUS);
    this.spareStateAt = memory.reserve(RECORD_STATE.bytes);
    this.nextOrderAt = memory.reserve(8);
  }

  nextOrder(): number {
    const { f64 } = this.memory;
    return f64[this.nextOrderAt >>> 3]!++;
  }

  /** Buffers of a given size. Returns the size that could be had, 0 when none. */
  setSized(policy: BufferPolicy, bufsize: number, reserveBytes: number, shrinks: boolean): number {
    const capacity = bufsize - (bufsize % 8);
    this.regime = { policy, capacity, drainBeyond: Number.POSITIVE_INFINITY, reserveBytes, shrinks };
    return this.of(0).capacity;
  }

  /** `firingBytes` is the most that one firing can write. */
  setGrowing(firingBytes: number): void {
    const capacity = Math.max(IMPLICIT_BYTES, 2 * firingBytes);
    const drainBeyond = capacity - firingBytes;
    this.regime = { policy: 'switch', capacity, drainBeyond, reserveBytes: 0, shrinks: false };
  }

  /** Let END use what was kept for it. */
  openReserve(): void {
    this.isOpen = true;
    for (const buffer of this.inUse) buffer.openReserve();
  }

  of(cpu: number): PrincipalBuffer {
    return this.byCpu[cpu] ?? this.create(cpu);
  }

  private create(cpu: number): PrincipalBuffer {
    while (this.byCpu.length < cpu) this.byCpu.push(undefined);
    const buffer = this.reserve(cpu);
    this.byCpu[cpu] = buffer;
    this.inUse.push(buffer);
    return buffer;
  }

  private reserve(cpu: number): PrincipalBuffer {
    const regime = this.regime ?? bug('engine', 'a buffer is wanted before its size is known');
    const stateAt = this.stateOf(cpu);
    const { at, capacity } = stateAt === this.spareStateAt ? NO_ROOM : this.roomOf(regime);
    const buffer = new PrincipalBuffer(this.memory, stateAt, at, capacity, regime, this.sizeOf);
    if (this.isOpen) buffer.openReserve();
    return buffer;
  }

  private stateOf(cpu: number): number {
    if (cpu < RECORD_STATE_CPUS) return this.statesAt + cpu * RECORD_STATE.bytes;
    return reserveOrNone(this.memory, RECORD_STATE.bytes) || this.spareStateAt;
  }

  private roomOf({ capacity: wanted, shrinks }: Regime): { readonly at: number; readonly capacity: number } {
    for (let capacity = wanted; ; capacity = Math.floor(capacity / 16) * 8) {
      const at = reserveOrNone(this.memory, capacity);
      if (at !== 0) return { at, capacity };
      if (!shrinks || capacity <= LEAST_BYTES) return NO_ROOM;
    }
  }

  /**
   * Hand every record to `take`, in order, and empty the buffers. `take` is given the record's offset and returns
   * its size. The buffers are emptied even if it throws: what was handed over must not come again.
   */
  drain(take: SizeOf): void {
    try {
      this.merge(take);
    } finally {
      for (const buffer of this.inUse) buffer.clear();
    }
  }

  /** CPUs that take turns make a run of records as short as one, so a run costs a look at each extent and no more. */
  private merge(take: SizeOf): void {
    const open = this.inUse.flatMap((buffer) => buffer.extents()).map(({ at, end }) => ({ at, end }));
    const orders = open.map((extent) => this.orderOf(extent));
    for (;;) {
      let first = 0;
      let limit = Number.POSITIVE_INFINITY; // the earliest record of the other extents
      for (let i = 1; i < orders.length; i++) {
        const order = orders[i]!;
        if (order < orders[first]!) {
          limit = orders[first]!;
          first = i;
        } else if (order < limit) limit = order;
      }
      const run = open[first];
      let order = orders[first] ?? Number.POSITIVE_INFINITY;
      if (run === undefined || order === Number.POSITIVE_INFINITY) return;
      while (order < limit) {
        run.at += take(run.at);
        order = this.orderOf(run);
      }
      orders[first] = order;
    }
  }

  /** Infinite when there is nothing left. */
  private orderOf({ at, end }: { readonly at: number; readonly end: number }): number {
    return at < end ? this.memory.f64[(at + RECORD_HEADER.order) >>> 3]! : Number.POSITIVE_INFINITY;
  }
}

/** Bytes of a record with a payload of that size; of a fault record without one. */
export function recordBytes(payloadBytes: number): number {
  return RECORD_HEADER.payload + payloadBytes;
}
export const FAULT_RECORD_BYTES = RECORD_HEADER.payload + FAULT_RECORD.bytes;
