/**
 * Rows of records of `-d exec` that stand at the end of a batch while later lines may still take them back (E1 in
 * exec.ts). Which of them have left follows from the rows themselves, so nobody counts while lines are taken:
 *
 *   R1 a row is held while no later record has its CPU, fewer than EXEC_PATIENCE later records have come, and no more than
 *      MAX_WAIT_BYTES
 *   R2 rows leave in order: all in front of the first held one have left, and none behind it
 *   R3 a line that takes back takes the latest row with its pc that has not left; that its record was there still counts
 *      in R1 for the rows in front
 *   R4 among the first rows may be events that are no records: they are complete, and wait for those in front only
 *
 * These are what int-log.ts does with waiting events, record by record; here it is asked only when a line takes back and
 * at the end of a run.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import type { Window } from '../window.ts';
import { type ExecRecord, newExecRecord } from './exec.ts';
import { NOTES, RING_ENTRY, RING_ROWS } from './exec-run-notes.ts';
import { type ExecShape, offsetsOf } from './exec-run-shape.ts';
import { hexLow } from './hex.ts';
import { AWAITS, EXEC_PATIENCE, MAX_WAIT_BYTES, newEvent, type PendingEvent, takeExec } from './waiting.ts';

const COLON = 0x3a;
/** Instead of a record's ordinal: its row is held no longer. */
const LONG_AGO = -1_000_000;

/** An event that is no record. */
export const isForeign = (event: PendingEvent): boolean => event.kind !== EVENT_KINDS.tb;

/** What events made of rows have in common. */
export interface RunPlace {
  readonly batch: EventBatch;
  /** Events that wait for the lines behind them; a run replaces them. */
  readonly waiting: PendingEvent[];
  readonly line: number;
  readonly seq: number;
  readonly timeNs: number;
}

export class TentativeRows {
  private readonly memory: LinearMemory;
  private readonly window: Window;
  private readonly ring: number;
  private readonly record = newExecRecord();
  private place!: RunPlace;
  private shape!: ExecShape;
  private offsets!: ReturnType<typeof offsetsOf>;
  private imported: PendingEvent[] = []; // the first rows are these
  private first = 0;
  /** Behind the last row. */
  end = 0;
  /** A bit for each CPU that rows have. */
  cpus = 0;
  private foreign = 0; // of the first rows, those that are no records
  private records = 0; // that have come since the beginning

  /** `notes` of exec-run-code.ts. */
  constructor(memory: LinearMemory, window: Window, notes: number) {
    this.memory = memory;
    this.window = window;
    this.ring = notes + NOTES.ring;
  }

  /** Begin with the waiting events as rows, behind those that the batch has; records to come are of this shape. */
  begin(place: RunPlace, shape: ExecShape): void {
    this.place = place;
    if (this.shape !== shape) this.offsets = offsetsOf(shape);
    this.shape = shape;
    this.imported = [...place.waiting];
    this.first = place.batch.count;
    this.end = this.first + this.imported.length;
    this.records = 0;
    this.cpus = 0;
    const { i32, u8, u16, f64 } = this.memory;
    const { at } = place.batch;
    this.foreign = 0;
    for (const [index, event] of this.imported.entries()) {
      const row = this.first + index;
      if (isForeign(event)) this.foreign++;
      i32[(at.pc >> 2) + 2 * row] = event.pcLow;
      i32[(at.pc >> 2) + 2 * row + 1] = event.pcHigh;
      u16[(at.cpu >> 1) + row] = event.cpu;
      this.cpus |= 1 << event.cpu;
      u8[at.cpl + row] = event.cpl;
      f64[(at.line >> 3) + row] = event.line;
      const note = this.noteOf(row);
      const age = EXEC_PATIENCE - event.patience;
      i32[note + RING_ENTRY.at] = this.window.linearOf(event.since);
      const mayBeHeld = event.awaits === AWAITS.outcome && !isForeign(event);
      i32[note + RING_ENTRY.ordinal] = mayBeHeld ? -1 - age : LONG_AGO;
      i32[note + RING_ENTRY.line] = event.line - place.line;
    }
  }

  /** The events that are no records, with their rows. */
  *foreigners(): Generator<readonly [number, PendingEvent]> {
    if (this.foreign === 0) return;
    for (const [index, event] of this.imported.entries()) {
      if (isForeign(event)) yield [this.first + index, event];
    }
  }

  /** The loop has written rows up to `end`, of these CPUs. */
  take(end: number, cpus: number): void {
    this.cpus |= cpus;
    const { i32 } = this.memory;
    const ordinal = this.records - this.end;
    for (let row = Math.max(this.end, end - RING_ROWS); row < end; row++) {
      i32[this.noteOf(row) + RING_ENTRY.ordinal] = ordinal + row;
    }
    this.records += end - this.end;
    this.end = end;
  }

  /** The first row that has not left when the line at linear offset `lastAt` was the latest. */
  private firstHeld(lastAt: number): number {
    const { u16 } = this.memory;
    const cpus = this.place.batch.at.cpu >> 1;
    const last = Math.max(this.first, this.end - RING_ROWS + 1);
    let found = this.end;
    let seen = 0;
    for (let row = this.end - 1; row >= last && seen !== this.cpus; row--) {
      const bit = 1 << u16[cpus + row]!;
      if (this.foreign > 0 && this.foreignAt(row) !== undefined) continue;
      if ((seen & bit) === 0 && this.isPatient(row, lastAt)) found = row;
      seen |= bit;
    }
    return found;
  }

  /** The event of this row when it is no record (R4). */
  private foreignAt(row: number): PendingEvent | undefined {
    const event = this.imported[row - this.first];
    return event !== undefined && isForeign(event) ? event : undefined;
  }

  /** R1 as far as the row itself tells. */
  private isPatient(row: number, lastAt: number): boolean {
    return this.age(row) < EXEC_PATIENCE && lastAt - this.placeOf(row) <= MAX_WAIT_BYTES;
  }

  /** How many records have come since that of the row. */
  private age(row: number): number {
    return this.records - 1 - this.memory.i32[this.noteOf(row) + RING_ENTRY.ordinal]!;
  }

  private placeOf(row: number): number {
    return this.memory.u32[this.noteOf(row) + RING_ENTRY.at]!;
  }

  /** Index of the row's note in words. */
  private noteOf(row: number): number {
    return (this.ring + RING_ENTRY.bytes * (row % RING_ROWS)) >> 2;
  }

  /**
   * R3: the line at `at` takes back a row with this pc, after the line at `lastAt`. False when there is none.
   */
  takeBack(pcLow: number, pcHigh: number, at: number, lastAt: number): boolean {
    const { i32, u16 } = this.memory;
    const oldest = Math.max(this.first, this.end - RING_ROWS + 1);
    let row = this.end - 1;
    while (row >= oldest && !this.isOf(row, pcLow, pcHigh)) row--;
    if (row < oldest || this.hasLeft(row, at, lastAt)) return false;
    const cpus = this.place.batch.at.cpu >> 1;
    let former = row - 1;
    const isSame = (other: number) =>
      u16[cpus + other] === u16[cpus + row] && this.foreignAt(other) === undefined;
    while (former >= oldest && !isSame(former)) former--;
    if (former >= oldest) i32[this.noteOf(former) + RING_ENTRY.ordinal] = LONG_AGO;
    this.remove(row);
    return true;
  }

  private isOf(row: number, pcLow: number, pcHigh: number): boolean {
    const { i32 } = this.memory;
    const word = (this.place.batch.at.pc >> 2) + 2 * row;
    return i32[word] === pcLow && i32[word + 1] === pcHigh && this.foreignAt(row) === undefined;
  }

  /** Whether a row has left when the line at `at` comes behind that at `lastAt`. */
  private hasLeft(row: number, at: number, lastAt: number): boolean {
    if (at - this.placeOf(row) > MAX_WAIT_BYTES) return true;
    // The latest record has not; of the others those have not that are behind a held one.
    return this.age(row) > 0 && row < this.firstHeld(lastAt);
  }

  private remove(row: number): void {
    if (row - this.first < this.imported.length) this.imported.splice(row - this.first, 1);
    const { end } = this;
    this.end--;
    if (row === this.end) return;
    const { u8, u16, i32, f64 } = this.memory;
    const { at } = this.place.batch;
    const move = (view: { copyWithin(to: number, from: number, end: number): unknown }, from: number) =>
      view.copyWithin(from + row, from + row + 1, from + end);
    i32.copyWithin((at.pc >> 2) + 2 * row, (at.pc >> 2) + 2 * (row + 1), (at.pc >> 2) + 2 * end);
    move(u16, at.cpu >> 1);
    move(u8, at.cpl);
    move(f64, at.line >> 3);
    for (let next = row + 1; next < end; next++) {
      const [to, from] = [this.noteOf(next - 1), this.noteOf(next)];
      i32.copyWithin(to, from, from + (RING_ENTRY.bytes >> 2));
    }
  }

  /** Rows that have not left become waiting events again. The first of them, and how many of them are held. */
  finish(lastAt: number): { readonly left: number; readonly held: number } {
    const { waiting } = this.place;
    const left = this.firstHeld(lastAt);
    waiting.length = 0;
    for (let row = left; row < this.end; row++) waiting.push(this.eventOf(row));
    let held = 0;
    let seen = 0;
    for (let row = this.end - 1; row >= left; row--) {
      const event = waiting[row - left]!;
      if (isForeign(event)) continue;
      const isHeld = (seen & (1 << event.cpu)) === 0 && this.isPatient(row, lastAt);
      event.awaits = isHeld ? AWAITS.outcome : AWAITS.nothing;
      event.patience = EXEC_PATIENCE - this.age(row);
      if (isHeld) held++;
      seen |= 1 << event.cpu;
    }
    return { left, held };
  }

  private eventOf(row: number): PendingEvent {
    const imported = this.imported[row - this.first];
    if (imported !== undefined) return imported;
    const { window, memory, place } = this;
    const event = newEvent();
    const at = this.placeOf(row);
    takeExec(event, this.recordOf(row, at));
    event.kind = EVENT_KINDS.tb;
    event.seq = place.seq;
    event.timeNs = place.timeNs;
    event.line = place.line + memory.i32[this.noteOf(row) + RING_ENTRY.line]!;
    event.since = window.offsetOf(at);
    return event;
  }

  /** The record of a row whose line is at `at`, known to be good. */
  private recordOf(row: number, at: number): ExecRecord {
    const { record, shape, offsets } = this;
    const { u8, u16, i32 } = this.memory;
    const columns = this.place.batch.at;
    const { csAt, flagsEnd } = offsets;
    const colon = u8[at + 7] === COLON ? at + 7 : at + 8;
    const digits = Math.min(8, shape.csDigits);
    record.cpu = u16[(columns.cpu >> 1) + row]!;
    record.csBaseLow = hexLow(u8, colon + csAt + shape.csDigits - digits, digits);
    record.pcLow = i32[(columns.pc >> 2) + 2 * row]!;
    record.pcHigh = i32[(columns.pc >> 2) + 2 * row + 1]!;
    record.cpl = hexLow(u8, colon + flagsEnd - 1, 1) & 3;
    return record;
  }
}
