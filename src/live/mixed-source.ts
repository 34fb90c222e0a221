/**
 * A guest's log and its breakpoints as one source, in the order of what happened.
 *
 * QEMU writes a record before it goes on, and at a stop all CPUs stand still: whatever the log pipe holds then came before
 * the stop. So at a stop the log is emptied first, and only then comes the stop's own event. The log is read all the time,
 * also while the stub is waited for: a full pipe would stop QEMU, and then nobody answers.
 *
 * Events of the log are past when they are seen. Who keeps variables by thread asks memory at each event which thread it
 * was, and must not be told of another moment: then memory is not read for them.
 */
import { nextTurn } from '../base/next-turn.ts';
import { BATCH_CAPACITY, type ColumnName, EventBatch } from '../machine/event-batch.ts';
import type { GuestContext, MemoryReader } from '../machine/target.ts';
import type { EventSource, FillResult } from '../sources/source.ts';
import type { StopSource } from './stop-source.ts';

/** Turns of the event loop in which a readable pipe has surely been read. */
const TURNS = 2;

/** A stop is one event. */
const STOP_ROWS = 8;
/** How long the log's end may come after that of the connection. */
const LAST_WORD_MS = 1000;

type Filled = { readonly from: 'log' | 'stops' | 'nobody'; readonly result: FillResult };

export class MixedSource implements EventSource {
  readonly live = true;
  readonly hasTime = true;
  readonly guestMemory: MemoryReader;
  readonly guestContext: GuestContext;
  private readonly log: EventSource;
  private readonly stops: StopSource;
  private logBatch: EventBatch | undefined; // made when it is known in which memory
  private stopBatch: EventBatch | undefined;
  private lastWord: Promise<Filled> | undefined;
  private logFilling: Promise<Filled> | undefined;
  private stopFilling: Promise<Filled> | undefined;
  private stopped: FillResult | undefined; // a stop that waits for the log to be emptied
  private logEnded = false;
  private isPast = false; // the events at hand are the log's

  constructor(log: EventSource, stops: StopSource, keepsThreads: boolean) {
    this.log = log;
    this.stops = stops;
    this.guestContext = stops.guestContext;
    this.guestMemory = {
      read: (address, size, out) =>
        keepsThreads && this.isPast ? 0 : stops.guestMemory.read(address, size, out),
      get isGone() {
        return stops.guestMemory.isGone;
      },
    };
  }

  get name(): string {
    return this.log.name;
  }

  get ledger(): EventSource['ledger'] {
    return this.log.ledger;
  }

  get progress(): EventSource['progress'] {
    return this.log.progress;
  }

  async fill(batch: EventBatch): Promise<FillResult> {
    this.isPast = false;
    this.logBatch ??= new EventBatch(batch.memory, BATCH_CAPACITY);
    this.stopBatch ??= new EventBatch(batch.memory, STOP_ROWS);
    for (;;) {
      const { stopped } = this;
      if (typeof stopped === 'number' && stopped > 0 && (this.logEnded || !(await this.logHasMore()))) {
        this.stopped = undefined;
        return this.handOver(this.stopBatch, stopped, batch);
      }
      if (this.logEnded) return 0;
      const filled = await this.next();
      if (filled.from === 'stops') {
        this.stopFilling = undefined;
        this.stopped = filled.result;
      } else if (filled.from === 'log') {
        this.logFilling = undefined;
        if (typeof filled.result !== 'number') return filled.result;
        this.logEnded = filled.result === 0;
        if (this.logEnded) continue;
        this.isPast = true;
        return this.handOver(this.logBatch, filled.result, batch);
      } else return this.stopped ?? 0;
    }
  }

  async close(): Promise<void> {
    await this.log.close();
  }

  private next(): Promise<Filled> {
    const waiting = [this.fillLog()];
    if (this.stopped === undefined) {
      this.stopFilling ??= this.stops.fill(this.stopBatch!).then((result) => ({ from: 'stops', result }));
      waiting.push(this.stopFilling);
    } else if (typeof this.stopped !== 'number' || this.stopped === 0) {
      // The connection is gone. How QEMU ended says more than that, and its log's end tells.
      this.lastWord ??= pause(LAST_WORD_MS).then(() => ({ from: 'nobody', result: 0 }));
      waiting.push(this.lastWord);
    }
    return Promise.race(waiting);
  }

  private fillLog(): Promise<Filled> {
    const batch = this.logBatch!;
    this.logFilling ??= Promise.resolve(this.log.fill(batch)).then((result) => ({ from: 'log', result }));
    return this.logFilling;
  }

  /** Whether the log has something that came before the stop. */
  private async logHasMore(): Promise<boolean> {
    let has = false;
    const seen = this.fillLog().then(() => {
      has = true;
    });
    for (let turns = 0; turns < TURNS && !has; turns++) await Promise.race([seen, nextTurn()]);
    this.log.settle?.();
    await Promise.race([seen, nextTurn()]);
    return has;
  }

  /** Rows become the session's. */
  private handOver(from: EventBatch, count: number, batch: EventBatch): number {
    const { u8 } = batch.memory;
    for (const [column, sizeBytes] of COLUMNS)
      u8.copyWithin(batch.at[column], from.at[column], from.at[column] + count * sizeBytes);
    batch.registers = from.registers;
    batch.cpuCount = Math.max(batch.cpuCount, from.cpuCount);
    batch.count = count;
    return count;
  }
}

const COLUMNS: readonly (readonly [ColumnName, number])[] = [
  ...(['kind', 'cpl', 'flags'] as const).map((name) => [name, 1] as const),
  ...(['cpu', 'vector'] as const).map((name) => [name, 2] as const),
  ...(['seq', 'errcode', 'pc', 'sp', 'faddr', 'time', 'line'] as const).map((name) => [name, 8] as const),
  ['text', 4],
];

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
