/**
 * The events of a log whose records are lines (line-log.ts), in the order in which their first lines stand in it: each waits
 * until it is whole, and until no line may take it back, and those behind it wait with it. Then they become rows.
 */
import { ARCHITECTURE_IDS, type Architecture } from '../machine/causes.ts';
import { EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import { EventRegisters, type LogEvent } from './log-event.ts';
import type { ScanSetup } from './scanner.ts';

/** So many events at most wait for one in front of them that is not whole. */
const MAX_WAITING = 64;
/** With several CPUs the line that takes a record of -d exec back may come so many lines later. */
export const EXEC_PATIENCE = 32;

export class EventQueue {
  readonly texts = new EventRegisters();
  readonly events: LogEvent[] = [];
  private readonly setup: ScanSetup;
  private batch!: EventBatch;

  constructor(setup: ScanSetup) {
    this.setup = setup;
  }

  /** Rows are of that batch from now on. */
  attach(batch: EventBatch, architecture: Architecture): void {
    this.batch = batch;
    batch.architecture = ARCHITECTURE_IDS[architecture];
    batch.registers = this.texts;
    this.texts.attach(batch);
  }

  /** The first one, when the new one finds too many waiting for it: it leaves as it is. */
  push(event: LogEvent): LogEvent | undefined {
    this.events.push(event);
    if (this.events.length <= MAX_WAITING) return undefined;
    const first = this.events[0]!;
    const torn = first.isWhole ? undefined : first;
    release(first);
    return torn;
  }

  /** Whole, but lines that come may take it back. */
  hold(event: LogEvent): void {
    event.awaitsDump = false;
    event.isWhole = true;
    event.held = EXEC_PATIENCE;
  }

  /** Records of that CPU are not taken back any more; with several CPUs, those of others not for ever. */
  letStand(cpu: number, several: boolean): void {
    for (const event of this.events) {
      if (event.held === 0) continue;
      event.held = event.cpu === cpu || !several ? 0 : event.held - 1;
    }
  }

  /** No line takes anything back any more. */
  letAllStand(): void {
    for (const event of this.events) event.held = 0;
  }

  /** The last record of -d exec with that pc did not run. False: there is none. */
  takeBack(pc: bigint): boolean {
    const index = this.events.findLastIndex((event) => event.kind === EVENT_KINDS.tb && event.pc === pc);
    if (index < 0) return false;
    this.events.splice(index, 1);
    return true;
  }

  /**
   * Whether all would have left, none of them torn, before so many records have come as `LineLog` leaves to wait: each is
   * complete or waits for no longer than `patienceOf` says.
   */
  leavesInTime(patienceOf: (event: LogEvent) => number): boolean {
    const { events } = this;
    return events.every((event, index) => {
      const records = event.isWhole ? event.held : patienceOf(event);
      return (event.isWhole || records > 0) && events.length - index + records <= MAX_WAITING;
    });
  }

  /** The log has ended. */
  releaseAll(): void {
    for (const event of this.events) release(event);
  }

  /** Make rows of those that need not wait any more. */
  drain(): void {
    const { events, batch } = this;
    while (events.length > 0 && batch.count < batch.capacity) {
      const event = events[0]!;
      if (!event.isWhole || event.held > 0) return;
      this.emit(events.shift()!);
    }
  }

  /** Rows up to `end` were filled by others. */
  addRows(end: number, maxCpu: number, eventOf: (row: number) => LogEvent): void {
    const { batch } = this;
    this.texts.setRun(batch.count, end, eventOf);
    this.setup.ledger.events += end - batch.count;
    batch.count = end;
    if (maxCpu >= batch.cpuCount) batch.cpuCount = maxCpu + 1;
  }

  private emit(event: LogEvent): void {
    const { memory, needs, ledger, traceEvents } = this.setup;
    const { batch } = this;
    const { at } = batch;
    const row = batch.count++;
    const { u8, u16, i32, u32, f64 } = memory;
    u8[at.kind + row] = event.kind;
    u8[at.flags + row] = event.flags;
    u16[(at.cpu >> 1) + row] = event.cpu;
    u16[(at.vector >> 1) + row] = event.vector;
    put(i32, row, at.seq, event.seq, Math.floor(event.seq / 2 ** 32));
    u8[at.cpl + row] = event.level;
    if (needs.errcode) put(i32, row, at.errcode, event.errLow, event.errHigh);
    if (needs.pc) put(i32, row, at.pc, event.pcLow, event.pcHigh);
    if (needs.sp) put(i32, row, at.sp, event.spLow, event.spHigh);
    if (needs.faddr) put(i32, row, at.faddr, event.faddrLow, event.faddrHigh);
    if (needs.time) f64[(at.time >> 3) + row] = event.timeNs;
    if (needs.line) f64[(at.line >> 3) + row] = event.line;
    u32[(at.text >> 2) + row] = 0;
    this.texts.set(row, event);
    if (event.record !== undefined) traceEvents?.write(batch, row, event.record);
    if (event.cpu >= batch.cpuCount) batch.cpuCount = event.cpu + 1;
    ledger.events++;
  }
}

/** No CPU: every record that may be taken back may still be. */
export const NO_CPU = -1;

function release(event: LogEvent): void {
  event.isWhole = true;
  event.awaitsDump = false;
  event.held = 0;
}

/** A row's cell of a column of 64-bit values. */
function put(i32: Int32Array, row: number, column: number, low: number, high: number): void {
  const word = (column >> 2) + 2 * row;
  i32[word] = low;
  i32[word + 1] = high;
}
