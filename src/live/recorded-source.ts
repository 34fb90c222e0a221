/**
 * The log of a replayed execution with the guest's times: every run is the same, to the byte.
 *
 * In: a source over the log that QEMU writes as it replays, and the times of numbered records (recording.ts). Out: the same
 * events with their time. What has no number of its own follows the numbered record before it 1 ns apart, and never
 * passes the next. Time is never the host's: the source is not live, though QEMU runs beside us.
 */
import { EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import type { EventSource, FillResult } from '../sources/source.ts';

export class RecordedSource implements EventSource {
  readonly name: string;
  readonly hasTime: boolean;
  readonly countsInstructions: boolean;
  readonly wallOriginNs: bigint;
  private readonly log: EventSource;
  private readonly times: Float64Array | undefined;
  private nowNs = 0;
  private nextNs = 0; // of the numbered record to come

  constructor(log: EventSource, name: string, date: string, times: Float64Array | undefined) {
    this.log = log;
    this.name = name;
    this.times = times;
    this.hasTime = times !== undefined;
    this.countsInstructions = this.hasTime;
    this.wallOriginNs = BigInt(Date.parse(date) || 0) * 1_000_000n;
    this.nextNs = times?.[0] ?? Number.POSITIVE_INFINITY;
  }

  get ledger(): EventSource['ledger'] {
    return this.log.ledger;
  }

  get progress(): EventSource['progress'] {
    return this.log.progress;
  }

  get guestMemory(): EventSource['guestMemory'] {
    return this.log.guestMemory;
  }

  get guestContext(): EventSource['guestContext'] {
    return this.log.guestContext;
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    const filled = this.log.fill(batch);
    return filled instanceof Promise
      ? filled.then((result) => this.timed(batch, result))
      : this.timed(batch, filled);
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private timed(batch: EventBatch, result: FillResult): FillResult {
    if (this.times && typeof result === 'number') this.setTimes(batch, result, this.times);
    return result;
  }

  private setTimes(batch: EventBatch, rows: number, times: Float64Array): void {
    const { memory, at } = batch;
    const { u8, f64, i32 } = memory;
    for (let row = 0; row < rows; row++) {
      if (u8[at.kind + row] === EVENT_KINDS.vec) {
        const number = i32[(at.seq >> 2) + 2 * row]!;
        this.nowNs = times[number] ?? this.nowNs;
        this.nextNs = times[number + 1] ?? Number.POSITIVE_INFINITY;
      } else this.nowNs = Math.min(this.nowNs + 1, Math.max(this.nowNs, this.nextNs));
      f64[(at.time >> 3) + row] = this.nowNs;
    }
  }
}
