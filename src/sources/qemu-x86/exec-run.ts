/**
 * Records of `-d exec` without dumps, many in one step: what the careful way (int-log.ts) does line by line, the loop of
 * exec-run-code.ts does for all lines of common shape, straight into the batch.
 *
 * Between two calls of the loop stands at most a line that takes a record back, which is put right here
 * (exec-run-rows.ts). Events of other kinds that wait behind a record when a run begins keep their place among its rows.
 * A run ends where a line is anything else, or with the window or the batch; the rows that wait for the lines behind them
 * are then waiting events again, as the careful way has them.
 *
 * The loop is made when it pays: for an input of some size, at the first record of a shape. Pieces of a log that are scanned
 * each by itself, and files of one replay, share it (ExecLoops): the engine makes code faster the longer it has been used.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import type { Ledger } from '../../machine/ledger.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { Window } from '../window.ts';
import type { EventRows } from './event-rows.ts';
import { newExecRecord, parseStopped } from './exec.ts';
import { type ExecLoop, MAX_CPU, openExecLoop } from './exec-run-code.ts';
import { CONSTANTS_BYTES, NOTES, NOTES_BYTES, REACH_BYTES } from './exec-run-notes.ts';
import { isForeign, type RunPlace, TentativeRows } from './exec-run-rows.ts';
import { type ExecShape, execShape } from './exec-run-shape.ts';
import { LINES, lineKind } from './lines.ts';
import type { RowTexts } from './registers.ts';
import { AWAITS, type PendingEvent } from './waiting.ts';

/** Smaller inputs end before the loop has paid for itself. */
export const RUN_MIN_BYTES = 256 * 1024;
/** A run of fewer lines cost more than it gave: then so many records are taken one by one. */
const SHORT_RUN_LINES = 4;
const PAUSE_RECORDS = 32;
/** And so many when the first one is not regular. */
const REFUSED_RECORDS = 16;
/** Rows that a run must have besides those of the waiting events: more than can be held. */
const MIN_ROWS = 128;
const MAX_IMPORTED = 40;
/** A log with records of more shapes is taken line by line. */
const MAX_LOOPS = 4;
/** No line that takes back is longer. */
const MAX_STOPPED_BYTES = 4096;
const LF = 0x0a;
const CR = 0x0d;
const STOPPED_BYTE = 0x53;

export interface RunSetup {
  readonly memory: LinearMemory;
  readonly window: Window;
  readonly ledger: Ledger;
  readonly needs: SourceNeeds;
  readonly texts: RowTexts;
  readonly rows: EventRows;
  readonly loops: ExecLoops;
}

/** What a run has done; reused. */
export interface RunResult {
  lines: number;
  execLine: number; // of the latest record
  lastCpu: number;
  maxCpu: number; // at least that of any row
  held: number; // waiting events that the next line may take back
}

interface ShapedLoop {
  readonly loop: ExecLoop;
  readonly shape: ExecShape;
}

/** The loops of one replay, by shape of record, and where they write their notes: of one run at a time. */
export class ExecLoops {
  readonly notes: number;
  private readonly memory: LinearMemory;
  private readonly constants: number;
  private readonly loops = new Map<string, ShapedLoop | undefined>();

  constructor(memory: LinearMemory) {
    this.memory = memory;
    this.notes = memory.reserve(NOTES_BYTES, 16);
    this.constants = memory.reserve(MAX_LOOPS * CONSTANTS_BYTES, 16);
  }

  /** The loop for records of a shape, into the columns of the batch that are asked for. */
  of(
    shape: ExecShape,
    { at: { pc, cpu, cpl, line } }: EventBatch,
    needs: SourceNeeds,
  ): ShapedLoop | undefined {
    const { loops, memory, notes } = this;
    const key = [pc, ...Object.values(shape)].join();
    if (!loops.has(key) && loops.size < MAX_LOOPS) {
      const columns = {
        pc,
        cpu,
        cpl: needs.cpl ? cpl : 0,
        line: needs.line ? line : 0,
        notes,
        constants: this.constants + loops.size * CONSTANTS_BYTES,
      };
      const loop = openExecLoop(memory, shape, columns);
      loops.set(key, loop && { loop, shape });
    }
    return loops.get(key);
  }
}

export class ExecRuns {
  /** After a run: the batch has no room for another. */
  isFull = false;
  private readonly setup: RunSetup;
  private readonly result: RunResult = {
    lines: 0,
    execLine: 0,
    lastCpu: 0,
    maxCpu: 0,
    held: 0,
  };
  private readonly stopped = newExecRecord();
  private readonly notes: number;
  private readonly rows: TentativeRows;
  private latest: ShapedLoop | undefined;
  private pause = 0;
  private backBytes = 0; // of lines that took back

  constructor(setup: RunSetup) {
    this.setup = setup;
    this.notes = setup.loops.notes;
    this.rows = new TentativeRows(setup.memory, setup.window, this.notes);
  }

  /**
   * Take lines from `window.start` on, where a record begins. Undefined: none was taken, and the line is to be taken
   * otherwise. No lines and a full batch: this batch is to be handed over first.
   */
  take(place: RunPlace): RunResult | undefined {
    const { window } = this.setup;
    const { batch } = place;
    if (window.loadedBytes < RUN_MIN_BYTES || window.end - window.start < REACH_BYTES) return undefined;
    if (this.pause > 0) {
      this.pause--;
      return undefined;
    }
    if (!canImport(place)) return undefined;
    const { result } = this;
    if (!hasRoom(place)) {
      result.lines = 0;
      this.isFull = true;
      return batch.count > 0 ? result : undefined;
    }
    this.latest ??= this.loopAt(place);
    if (this.latest === undefined) return this.rest(PAUSE_RECORDS);
    const start = window.start;
    this.begin(place, this.latest.shape);
    const isCut = this.takeLines(this.latest.loop, batch.capacity);
    if (window.start === start) {
      this.latest = undefined; // the shape may have changed
      return this.rest(isCut ? REFUSED_RECORDS : 0);
    }
    this.end(place, window.start - start);
    if (isCut && result.lines < SHORT_RUN_LINES) this.pause = PAUSE_RECORDS;
    this.isFull = batch.count > 0 && !hasRoom(place);
    return result;
  }

  private rest(records: number): undefined {
    this.pause = records;
    return undefined;
  }

  /** The loop for records like that at `window.start`. */
  private loopAt({ batch }: RunPlace): ShapedLoop | undefined {
    const { memory, window, needs, loops } = this.setup;
    const shape = execShape(memory.u8, window.start, Math.min(window.end, window.start + REACH_BYTES));
    if (shape === undefined) return undefined;
    return loops.of(shape, batch, needs);
  }

  private begin(place: RunPlace, shape: ExecShape): void {
    const { memory } = this.setup;
    memory.i32.fill(0, this.notes >> 2, (this.notes + NOTES.ring) >> 2);
    memory.f64[this.notes >> 3] = place.line;
    this.backBytes = 0;
    this.rows.begin(place, shape);
    this.note(NOTES.lastAt, this.setup.window.start);
  }

  private noted(name: number): number {
    return this.setup.memory.i32[(this.notes + name) >> 2]!;
  }

  private note(name: number, value: number): void {
    this.setup.memory.i32[(this.notes + name) >> 2] = value;
  }

  /** Whether the run ended in front of a line that is not regular. */
  private takeLines(loop: ExecLoop, capacity: number): boolean {
    const { window } = this.setup;
    const { rows } = this;
    for (;;) {
      window.start = loop.run(window.start, window.end, rows.end, capacity, this.noted(NOTES.line)) >>> 0;
      rows.take(this.noted(NOTES.row), this.noted(NOTES.cpus));
      if (rows.end >= capacity || window.end - window.start < REACH_BYTES) return false;
      if (this.setup.memory.u8[window.start] !== STOPPED_BYTE || !this.takeBack()) return true;
    }
  }

  /** `Stopped execution` at `window.start`. False: it is for the careful way. */
  private takeBack(): boolean {
    const { memory, window } = this.setup;
    const { u8 } = memory;
    const { start } = window;
    const limit = Math.min(window.end, start + MAX_STOPPED_BYTES);
    let newline = start;
    while (newline < limit && u8[newline] !== LF) newline++;
    if (newline === limit) return false;
    const end = u8[newline - 1] === CR ? newline - 1 : newline;
    const { stopped } = this;
    if (lineKind(u8, start, end) !== LINES.stopped || !parseStopped(u8, start, end, stopped)) return false;
    const lastAt = this.noted(NOTES.lastAt) >>> 0;
    if (!this.rows.takeBack(stopped.pcLow, stopped.pcHigh, start, lastAt)) return false;
    const bytes = newline + 1 - start;
    this.setup.ledger.nonEvent('stopped', bytes);
    this.backBytes += bytes;
    this.note(NOTES.lastAt, start);
    this.note(NOTES.line, this.noted(NOTES.line) + 1);
    window.start = newline + 1;
    return true;
  }

  /** The rows that stand are the batch's. */
  private end(place: RunPlace, bytes: number): void {
    const { ledger } = this.setup;
    const { result } = this;
    const links = this.noted(NOTES.links);
    const linkBytes = this.noted(NOTES.linkBytes);
    if (links > 0) {
      ledger.nonEvent('linking', linkBytes);
      ledger.nonEvents.get('linking')!.count += links - 1;
    }
    ledger.eventBytes += bytes - linkBytes - this.backBytes;
    result.lines = this.noted(NOTES.line);
    result.execLine = place.line + this.noted(NOTES.execLine);
    result.lastCpu = this.noted(NOTES.lastCpu);
    result.maxCpu = 31 - Math.clz32(this.rows.cpus);
    const { left, held } = this.rows.finish(this.noted(NOTES.lastAt) >>> 0);
    result.held = held;
    for (const [row, event] of this.rows.foreigners()) {
      if (row >= left) break;
      this.emitUpTo(row, place);
      this.setup.rows.emit(event);
    }
    this.emitUpTo(left, place);
  }

  /** Records have left: rows up to `end`. */
  private emitUpTo(end: number, place: RunPlace): void {
    const { batch } = place;
    this.setup.ledger.events += end - batch.count;
    this.fill(place, batch.count, end);
    batch.count = end;
  }

  /** What is the same for all rows [from, end). */
  private fill({ batch, seq, timeNs }: RunPlace, from: number, end: number): void {
    const { memory, needs, texts } = this.setup;
    const { at } = batch;
    const long = (column: number, value: bigint) =>
      memory.i64.fill(value, (column >> 3) + from, (column >> 3) + end);
    memory.u8.fill(EVENT_KINDS.tb, at.kind + from, at.kind + end);
    memory.u8.fill(0, at.flags + from, at.flags + end);
    memory.u16.fill(0, (at.vector >> 1) + from, (at.vector >> 1) + end);
    long(at.seq, BigInt(seq));
    if (needs.errcode) long(at.errcode, 0n);
    if (needs.sp) long(at.sp, 0n);
    if (needs.faddr) long(at.faddr, 0n);
    if (needs.time) memory.f64.fill(timeNs, (at.time >> 3) + from, (at.time >> 3) + end);
    if (!needs.registers) return;
    memory.u32.fill(0, (at.text >> 2) + from, (at.text >> 2) + end);
    for (let row = from; row < end; row++) texts.set(row, 0, 0, 0, -1);
  }
}

/** Whether the batch has room for a run that is worth it. */
function hasRoom({ batch, waiting }: RunPlace): boolean {
  return batch.capacity - batch.count >= waiting.length + MIN_ROWS;
}

/** Whether all waiting events are such that a run may go on with. */
function canImport({ waiting, seq, timeNs }: RunPlace): boolean {
  if (waiting.length > MAX_IMPORTED) return false;
  return waiting.every((event) => {
    if (isForeign(event)) return event.awaits === AWAITS.nothing && event.cpu <= MAX_CPU;
    return isPlain(event) && event.seq === seq && Object.is(event.timeNs, timeNs);
  });
}

function isPlain(event: PendingEvent): boolean {
  const isComplete = event.awaits === AWAITS.outcome || event.awaits === AWAITS.nothing;
  return isComplete && event.cpu <= MAX_CPU && event.dump < 0 && event.flags === 0;
}
