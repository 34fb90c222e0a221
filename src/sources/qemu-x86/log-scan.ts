import type { LossKind } from '../../machine/ledger.ts';
import type { ScanSetup, Sightings } from '../scanner.ts';
import type { CpuTable } from './cpus.ts';
import { newFacts } from './dump.ts';
import { EventRows } from './event-rows.ts';
import { newExecRecord } from './exec.ts';
import { HardwareMarks } from './hardware.ts';
import { type Header, type HexFields, newHeader } from './header.ts';
import type { DumpLayouts } from './layouts.ts';
import { findNewline } from './lines.ts';
import { RowTexts } from './registers.ts';
import { AWAITS, EXEC_PATIENCE, MAX_WAIT_BYTES, MAX_WAITING, type PendingEvent } from './waiting.ts';

/** Results of trying to take a piece of a line: done with the line, not such a piece, or go on at an offset. */
export const DONE = -1;
export const NOT_THIS = -2;

export interface IntLogSetup extends ScanSetup {
  readonly layouts: DumpLayouts;
}

export class LogScan {
  readonly setup: IntLogSetup;
  readonly file: string;
  readonly layouts: DumpLayouts;
  readonly texts: RowTexts;
  readonly rows: EventRows;
  readonly sightings: Sightings = { foreign: undefined, servicing: 0, headers: 0, longBytes: 0 };
  /** Events in the order of their headers, the first of which still needs something. */
  readonly waiting: PendingEvent[] = [];
  readonly hardware = new HardwareMarks(this.waiting);
  /** Of the dump in hand. */
  readonly facts = newFacts();
  readonly hex: HexFields | undefined;
  readonly header: Header;
  readonly exec = newExecRecord();
  line = 1; // of the byte at window.start
  timeNs = Number.NaN;
  lastSeq = 0;
  owed = 0; // torn headers whose tail or newline has not come yet
  execLine = 0; // of the latest Trace line
  execDumps: 'unknown' | 'follow' | 'absent' = 'unknown';
  held = 0; // records of -d exec that the next line may take back
  orphanLine = 0; // latest dump line without a dump
  anyDump = false;
  tailOwner: 'event' | 'torn' = 'torn'; // whom FPU lines behind a dump belong to
  finished = false;
  cutCounted = false;

  constructor(file: string, setup: IntLogSetup) {
    const { kernel } = setup.layouts;
    const { memory } = setup;
    this.file = file;
    this.setup = setup;
    this.layouts = setup.layouts;
    this.texts = new RowTexts(memory, setup.layouts);
    this.rows = new EventRows(this);
    this.hex = kernel === undefined ? undefined : { kernel, memory, at: memory.reserve(24) };
    this.header = newHeader(this.hex);
  }

  /** The newline from `at` on, -1 when there is none before `end`. */
  newlineFrom(at: number, end: number): number {
    return this.layouts.kernel?.newline(at, end) ?? findNewline(this.setup.memory.u8, at, end);
  }

  get cpus(): CpuTable {
    return this.setup.cpus;
  }

  /** Whether, with the scanner at `offset`, the first event that waits has done so for too long, or too many do. */
  isOverdue(offset: number): boolean {
    const { waiting } = this;
    if (waiting.length === 0) return false;
    const most = this.held > 0 ? MAX_WAITING + EXEC_PATIENCE : MAX_WAITING;
    return waiting.length > most || offset - waiting[0]!.since > MAX_WAIT_BYTES;
  }

  /**
   * A line has come that takes nothing back. With several CPUs it may be another CPU's than that of a held record, so
   * the record is held on, until its CPU's next record or for a few lines.
   */
  letStand(cpu = -1): void {
    if (this.held === 0) return;
    const { exec } = this;
    for (const event of this.waiting) {
      if (event.awaits !== AWAITS.outcome) continue;
      event.patience--;
      if (event.patience > 0 && event.cpu !== cpu && exec.several) continue;
      event.awaits = AWAITS.nothing;
      this.held--;
    }
  }

  /** The event takes its place behind all that came before it. */
  push(event: PendingEvent): void {
    this.hardware.queue();
    this.waiting.push(event);
  }

  /** Nothing more may come for long: what is complete leaves. */
  settle(): void {
    this.hardware.settle();
    for (const event of this.waiting) if (event.awaits === AWAITS.outcome) event.awaits = AWAITS.nothing;
    this.held = 0;
  }

  /** The event is complete, and leaves when the next line has not taken it back. */
  hold(event: PendingEvent): void {
    event.awaits = AWAITS.outcome;
    this.held++;
  }

  noteTime(micros: number): void {
    const { timeBase } = this.setup;
    if (Number.isNaN(timeBase.firstMicros)) timeBase.firstMicros = micros;
    this.timeNs = (micros - timeBase.firstMicros) * 1000;
  }

  /** Count a loss. A file is cut once, however many pieces of its last record that shortens. */
  lose(kind: LossKind, bytes: number, line: number): void {
    const { ledger } = this.setup;
    if (kind === 'truncated' && this.cutCounted) {
      ledger.loseMore(kind, bytes);
      return;
    }
    if (kind === 'truncated') this.cutCounted = true;
    ledger.lose(kind, bytes, this.file, () => line);
  }

  giveUp(event: PendingEvent): void {
    const { awaits } = event;
    if (awaits === AWAITS.claim) {
      this.hardware.release(event);
      return;
    }
    event.awaits = AWAITS.nothing;
    if (awaits === AWAITS.outcome) this.held--;
    if (awaits === AWAITS.nothing || awaits === AWAITS.outcome) return;
    if (awaits === AWAITS.execDump && this.execDumps !== 'follow') return;
    const isLast = event === this.waiting[this.waiting.length - 1];
    const cut = this.finished && isLast && (this.anyDump || this.cutCounted);
    this.lose(cut ? 'truncated' : 'nodump', 0, event.line);
    if (event.torn && this.owed > 0) this.owed--;
  }

  drain(): void {
    while (this.waiting.length > 0 && this.waiting[0]!.awaits === AWAITS.nothing) {
      if (!this.emitFirst()) return;
    }
  }

  emitFirst(): boolean {
    if (this.rows.batch.count >= this.rows.batch.capacity) return false;
    this.rows.emit(this.waiting.shift()!);
    return true;
  }
}
