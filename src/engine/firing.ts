/**
 * The firing at hand, as providers describe it to the engine. One object per session, made at enabling time and
 * overwritten for each firing; nothing keeps it.
 *
 * In linear memory (so that a second tier reads it in place), from `at`:
 *
 *   0            8             16                24                       104      112       120
 *   +------------+-------------+-----------------+------------------------+--------+---------+
 *   | timestamp  | vtimestamp  | walltimestamp   | arg0 … arg9, i64 each  | errno  | missing |
 *   +------------+-------------+-----------------+------------------------+--------+---------+
 * `missing` has bit n set when the event does not carry argument n; only code probes set it and errno, and whoever
 * fires them puts both back to 0.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { EventBatch } from '../machine/event-batch.ts';

export const FIRING = {
  timestamp: 0,
  vtimestamp: 8,
  walltimestamp: 16,
  args: 24,
  errno: 104,
  missing: 112,
  bytes: 120,
} as const;
/** Row of a firing that belongs to no event (BEGIN, END, tick between events). */
export const NO_ROW = -1;

export class Firing {
  readonly at: number;
  readonly batch: EventBatch;
  cpu = 0;
  /** Row of `batch` whose event this is, or NO_ROW. */
  row = NO_ROW;
  /** Code probes are enabled, so arguments may be missing: known before clauses are prepared. */
  mayMissArgs = false;
  private readonly memory: LinearMemory;

  constructor(memory: LinearMemory, batch: EventBatch) {
    this.memory = memory;
    this.batch = batch;
    this.at = memory.reserve(FIRING.bytes);
  }

  /** Set the clock. Nanoseconds since the source's origin; `wallOriginNs` is that origin since 1970. */
  setTime(timestampNs: number, wallOriginNs: bigint): void {
    const time = BigInt(timestampNs);
    const base = this.at >> 3;
    this.memory.i64[base] = time;
    this.memory.i64[base + 1] = time;
    this.memory.i64[base + 2] = wallOriginNs + time;
  }

  setArg(index: number, value: bigint): void {
    this.memory.i64[((this.at + FIRING.args) >> 3) + index] = value;
  }

  clearArgs(): void {
    const first = (this.at + FIRING.args) >> 3;
    this.memory.i64.fill(0n, first, first + 10);
  }
}
