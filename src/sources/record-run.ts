/**
 * Records of the usual shape, many in one step: what LineLog (line-log.ts) does record by record, a loop in WebAssembly
 * does straight into the batch. A target has its own loop (qemu-arm, qemu-riscv); what they share is here.
 *
 * A delivery waits for its handler's first block, which would be logged behind it (handler-entries.ts), and with several CPUs
 * waits up to EXEC_PATIENCE records. Between records of a run no block is logged, so all but the latest of them are complete.
 * The latest ones are left to LineLog: of a run of N rows it is told of N - 1, or N - SEVERAL_LEFT, and takes the others itself.
 * What waited before the run has waited long enough when that many rows have come: it goes in front of them.
 *
 * The loop is made when it pays: for an input of some size.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import { EXEC_PATIENCE } from './event-queue.ts';
import { type Facts, LogEvent } from './log-event.ts';
import type { ScanSetup } from './scanner.ts';

/** With which begins what all targets log alike and a loop takes: an access that failed. */
export const GUEST_ERROR_BYTE = 0x49; // I

/** Smaller inputs end before the loop has paid for itself. */
const RUN_MIN_BYTES = 256 * 1024;
/** No record that a loop takes is longer: nearer to the window's end it leaves records alone. */
export const RECORD_BYTES = 512;
/** Records that are left to LineLog: the last, and with several CPUs all that may still wait. */
const ONE_LEFT = 1;
const SEVERAL_LEFT = EXEC_PATIENCE + 1;
/** A run of fewer rows costs more than it gives; then so many records are taken one by one. */
const MIN_ROWS = 8;
const PAUSE_RECORDS = 16;

/**
 * What a loop is told and leaves, in linear memory; behind it the ring of the latest RING_ROWS rows, each with where its record
 * began, how many lines were in front of it and how many deliveries.
 */
export const NOTES = { firstLine: 0, firstSeq: 8, row: 16, maxCpu: 20, ring: 64 } as const;
export const RING = { at: 0, line: 4, deliveries: 8, shift: 4 } as const;
export const RING_ROWS = 64;
const NOTES_BYTES = NOTES.ring + (RING_ROWS << RING.shift);

/** For which a loop is made. */
export interface LoopPlace {
  readonly memory: LinearMemory;
  readonly batch: EventBatch;
  readonly needs: SourceNeeds;
  readonly notes: number;
}

export interface RecordLoop {
  /** From the record at `at`, until `row` is `rows` or a record is not regular. */
  run(at: number, end: number, row: number, rows: number, cpu: number): void;
}

/** Rows [from, end) of the batch, which a loop has filled. */
export interface RunRows {
  readonly batch: EventBatch;
  readonly from: number;
  readonly end: number;
  readonly timeNs: number;
  /** Of the event before them. */
  readonly cpu: number;
}

/** What a target's runs are. */
export interface RunRules {
  /** With which a record of a run begins. */
  readonly firstBytes: readonly number[];
  /** No record is open. */
  readonly isReady: boolean;
  /** Undefined where the engine has no vectors. */
  open(place: LoopPlace): RecordLoop | undefined;
  /** Fill in what the loop could not know. Returns the CPU of the last row. */
  settle(rows: RunRows): number;
  /** What the record of a row says of its registers. */
  load(event: LogEvent, row: number, batch: EventBatch): void;
}

export interface RunPlace {
  readonly batch: EventBatch;
  readonly waiting: number; // events in front of the run's rows
  readonly isSeveral: boolean;
  readonly line: number;
  readonly deliveries: number;
  readonly timeNs: number;
  readonly cpu: number;
}

/** What a run has done; reused. */
export interface RunResult {
  from: number; // rows
  end: number;
  bytes: number;
  lines: number;
  deliveries: number;
  maxCpu: number;
}

export class RecordRuns {
  private readonly setup: ScanSetup;
  private readonly rules: RunRules;
  private readonly minBytes: number;
  private readonly result: RunResult = { from: 0, end: 0, bytes: 0, lines: 0, deliveries: 0, maxCpu: 0 };
  private loop: RecordLoop | undefined;
  private batch: EventBatch | undefined; // whose columns it writes
  private notes = 0;
  private pause = 0;
  private readonly event: LogEvent;
  private readonly facts: Facts;

  constructor(setup: ScanSetup, rules: RunRules, facts: Facts, minBytes = RUN_MIN_BYTES) {
    this.setup = setup;
    this.rules = rules;
    this.minBytes = minBytes;
    this.event = new LogEvent(EVENT_KINDS.vec, 0, 0, Number.NaN, 0, undefined);
    this.facts = facts;
  }

  /** Whether a run may begin at `window.start`, as far as its text goes. */
  mayBegin(): boolean {
    const { window, memory } = this.setup;
    const { rules } = this;
    const first = memory.u8[window.start]!;
    if (first !== GUEST_ERROR_BYTE && first !== rules.firstBytes[0] && first !== rules.firstBytes[1])
      return false;
    if (window.loadedBytes < this.minBytes || window.end - window.start < RECORD_BYTES) return false;
    if (this.pause > 0) {
      this.pause--;
      return false;
    }
    return rules.isReady;
  }

  /** Take records from `window.start` on. Undefined: none was taken. */
  take(place: RunPlace): RunResult | undefined {
    const { window, memory } = this.setup;
    const { batch, waiting } = place;
    const from = batch.count + waiting;
    if (batch.capacity - from < MIN_ROWS) return undefined;
    const loop = this.loopFor(batch);
    if (loop === undefined) return this.rest();
    const { notes, result } = this;
    memory.f64[(notes + NOTES.firstLine) >> 3] = place.line;
    memory.i64[(notes + NOTES.firstSeq) >> 3] = BigInt(place.deliveries) - 1n;
    loop.run(window.start, window.end, from, batch.capacity, place.cpu);
    const row = memory.i32[(notes + NOTES.row) >> 2]!;
    const isSeveral = place.isSeveral || memory.i32[(notes + NOTES.maxCpu) >> 2]! > 0;
    const end = row - (isSeveral ? SEVERAL_LEFT : ONE_LEFT);
    if (end - from < (isSeveral ? SEVERAL_LEFT : MIN_ROWS)) return this.rest();
    const left = (notes + NOTES.ring + ((end & (RING_ROWS - 1)) << RING.shift)) >> 2;
    result.from = from;
    result.end = end;
    result.bytes = (memory.u32[left + (RING.at >> 2)]! - window.start) >>> 0;
    result.lines = memory.u32[left + (RING.line >> 2)]!;
    result.deliveries = memory.u32[left + (RING.deliveries >> 2)]!;
    this.fill(place, from, end);
    this.pause = row - end; // those that are left
    return result;
  }

  /** The rows that stand: what the loop could not know. Returns the CPU of the last one. */
  settle({ batch, timeNs, cpu }: RunPlace, result: RunResult): number {
    const { from, end } = result;
    const last = this.rules.settle({ batch, from, end, timeNs, cpu });
    const cpus = batch.at.cpu >> 1;
    result.maxCpu = maxOf(batch.memory.u16, cpus + from, cpus + end);
    return last;
  }

  /** What is known of a row's registers; reused. */
  readonly eventOf = (row: number): LogEvent => {
    const { batch, event } = this;
    if (batch === undefined) return event;
    const { memory, at } = batch;
    const isGuestError = memory.u8[at.kind + row] === EVENT_KINDS.guest_error;
    event.facts = isGuestError ? undefined : this.facts;
    event.hasPc = !isGuestError;
    event.level = memory.u8[at.cpl + row]!;
    event.pcLow = memory.i32[(at.pc >> 2) + 2 * row]!;
    event.pcHigh = memory.i32[(at.pc >> 2) + 2 * row + 1]!;
    this.rules.load(event, row, batch);
    return event;
  };

  private rest(): undefined {
    this.pause = PAUSE_RECORDS;
    return undefined;
  }

  private loopFor(batch: EventBatch): RecordLoop | undefined {
    if (this.batch === batch) return this.loop;
    const { memory, needs } = this.setup;
    if (this.notes === 0) this.notes = memory.reserve(NOTES_BYTES, 64);
    this.batch = batch;
    this.loop = this.rules.open({ memory, batch, needs, notes: this.notes });
    return this.loop;
  }

  /** What is the same for all rows. */
  private fill({ batch, timeNs }: RunPlace, from: number, end: number): void {
    const { memory, needs } = this.setup;
    const { at } = batch;
    if (needs.sp) memory.i64.fill(0n, (at.sp >> 3) + from, (at.sp >> 3) + end);
    if (needs.time) memory.f64.fill(timeNs, (at.time >> 3) + from, (at.time >> 3) + end);
    memory.u32.fill(0, (at.text >> 2) + from, (at.text >> 2) + end);
  }
}

function maxOf(values: Uint16Array, from: number, end: number): number {
  let max = 0;
  for (let i = from; i < end; i++) if (values[i]! > max) max = values[i]!;
  return max;
}
