/**
 * The scanner of QEMU x86 interrupt logs (`-d int,cpu_reset,guest_errors`, with or without `exec,cpu` and `-trace`):
 * bytes of a window in, rows of an event batch and a ledger out.
 *
 * The log is a stream of pieces written by several threads: headers in two or three writes, dumps in one,
 * other lines in one each, and possibly a guest's console in between. The scanner walks it line by line; a line that
 * does not begin with a piece is searched for one (`findRecord`), so a torn log resynchronises at the next piece.
 * A header makes a `PendingEvent`, which leaves for the batch when its dump has come (waiting.ts), in header order.
 *
 * Two ways of walking give the same events and the same ledger:
 *   careful  every line is found and classified: headers (header-walk.ts), dumps (dump-walk.ts), all others (line-walk.ts)
 *   fast     whole records are taken in one step (fast-path.ts; layouts.ts says why that is sound), and many of them at once;
 *            everything else is walked as in careful mode
 * What these parts share is in log-scan.ts.
 *
 * Every byte is accounted once: to events (headers and records of -d exec with their dumps, resets, SMM, guest errors),
 * to a kind of known
 * non-event, or to a kind of loss. Memory is bounded: lines longer than MAX_LINE_BYTES are passed over, and waiting
 * events give up after MAX_WAIT_BYTES.
 */
import type { EventBatch } from '../../machine/event-batch.ts';
import type { LogScanner, Sightings } from '../scanner.ts';
import type { CpuTable } from './cpus.ts';
import { dumpRank } from './dump.ts';
import { DumpWalk } from './dump-walk.ts';
import { FastPath, NEED_MORE, WALK } from './fast-path.ts';
import { HeaderWalk } from './header-walk.ts';
import { LineWalk } from './line-walk.ts';
import {
  findRecord,
  hasTimePrefix,
  LINES,
  lineKind,
  TIME_PREFIX_BYTES,
  textKind,
  timePrefixMicros,
} from './lines.ts';
import { DONE, type IntLogSetup, LogScan, NOT_THIS } from './log-scan.ts';
import type { RowTexts } from './registers.ts';
import type { ScanState } from './scan-state.ts';
import { AWAITS, type PendingEvent } from './waiting.ts';

export type { IntLogSetup };

/** Longer lines are no QEMU log; they are passed over without being held. QEMU's longest line has 160 bytes. */
export const MAX_LINE_BYTES = 64 * 1024;
/** A dump that has not ended after so many bytes (console text in between included) is cut. */
const MAX_DUMP_BYTES = 16 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const TRACE_BYTE = 0x54; // T of Trace

export class IntLogScanner implements LogScanner {
  private readonly log: LogScan;
  private readonly dumps: DumpWalk;
  private readonly headers: HeaderWalk;
  private readonly others: LineWalk;
  private readonly fast: FastPath;
  private skipping = false; // inside a line that is too long
  private longText = false; // whether that line began as text
  private scannedReads = -1; // reads of the window after which nothing can be taken before the next one
  private endState: ScanState | undefined; // when the input had ended

  /** From the beginning of a log; or with a state, whose `cpus` and first time are then in the setup. */
  constructor(file: string, setup: IntLogSetup, state?: ScanState) {
    this.log = new LogScan(file, setup);
    this.dumps = new DumpWalk(this.log);
    this.headers = new HeaderWalk(this.log, this.dumps);
    this.others = new LineWalk(this.log, this.dumps);
    this.fast = new FastPath(this.log, this.dumps, this.headers, this.others);
    if (state !== undefined) this.resume(state);
  }

  get texts(): RowTexts {
    return this.log.texts;
  }

  get sightings(): Sightings {
    return this.log.sightings;
  }

  /** Events that were taken many at once. */
  get runEvents(): number {
    return this.fast.runEvents;
  }

  /** Nothing more may come for long: what is complete leaves. */
  settle(): void {
    this.scannedReads = -1;
    this.log.settle();
  }

  /** The state at this clean place (scan-state.ts); undefined where it is none. */
  state(): ScanState | undefined {
    if (this.log.finished) return this.endState;
    if (!this.log.waiting.every(mayLeave) || this.log.hardware.count > 0) return undefined;
    if (this.dumps.dump.open || this.log.owed > 0 || this.skipping) return undefined;
    const { cpus, timeBase } = this.log.setup;
    return {
      cpus: cpus.state(),
      firstMicros: orNull(timeBase.firstMicros),
      timeNs: orNull(this.log.timeNs),
      line: this.log.line,
      lastNumber: this.log.lastSeq,
      execDumps: this.log.execDumps,
      severalCpus: this.log.exec.several,
      afterTrace: this.log.execLine > 0 && this.log.execLine === this.log.line - 1,
      afterOrphan: this.log.orphanLine > 0 && this.log.orphanLine >= this.log.line - 1,
      held: this.log.held,
      anyDump: this.log.anyDump,
      cutCounted: this.log.cutCounted,
      tailOwner: this.log.tailOwner,
    };
  }

  private resume(state: ScanState): void {
    this.log.timeNs = state.timeNs ?? Number.NaN;
    this.log.line = state.line;
    this.log.lastSeq = state.lastNumber;
    this.log.execDumps = state.execDumps;
    this.log.exec.several = state.severalCpus;
    if (state.afterTrace) this.log.execLine = state.line - 1;
    if (state.afterOrphan) this.log.orphanLine = state.line - 1;
    this.log.anyDump = state.anyDump;
    this.log.cutCounted = state.cutCounted;
    this.log.tailOwner = state.tailOwner;
  }

  /** All input is scanned and every event is handed over. */
  get done(): boolean {
    return this.log.finished && this.log.waiting.length === 0;
  }

  get cpus(): CpuTable {
    return this.log.setup.cpus;
  }

  /** 1-based line of what is scanned next. */
  get nextLine(): number {
    return this.log.line;
  }

  /** Number of the latest interrupt record. */
  get lastNumber(): number {
    return this.log.lastSeq;
  }

  /** Lowest linear offset that must survive the next refill: with the newline in front, by which a dump's layout is told. */
  get keepFrom(): number {
    const { window, needs } = this.log.setup;
    let keep = window.start - 1;
    const first = needs.registers ? this.log.waiting[0] : undefined;
    if (first !== undefined) keep = Math.min(keep, window.linearOf(first.since));
    if (needs.registers && this.dumps.dump.open)
      keep = Math.min(keep, window.linearOf(this.dumps.dump.start));
    return Math.max(keep, window.floor);
  }

  /**
   * Append events to the batch until it is full or the window holds no further complete line. Bytes are consumed by
   * moving `window.start`.
   */
  scan(batch: EventBatch): void {
    const { window } = this.log.setup;
    if (window.reads === this.scannedReads) return;
    this.fast.begin(batch);
    this.log.rows.countedRows = batch.count;
    this.log.drain();
    const isScanned = !this.log.finished && this.walk(batch);
    if (window.ended && window.start === window.end) this.finish();
    else if (isScanned) this.scannedReads = window.reads;
    this.log.rows.countCpus(batch.count);
  }

  /** Whether what is in the window has been taken as far as it can be. */
  private walk(batch: EventBatch): boolean {
    const { window, memory, scan, ledger } = this.log.setup;
    const u8 = memory.u8;
    const fast = scan === 'fast';
    const { end } = window;
    while (batch.count < batch.capacity && window.start < end) {
      const at = window.start;
      if (this.skipping) {
        this.skipLine(u8, at, end);
      } else if (fast && u8[at] === TRACE_BYTE && this.fast.runExec()) {
        if (this.fast.execRuns.isFull) {
          ledger.totalBytes += window.start - at;
          return false;
        }
      } else {
        if (fast && !this.dumps.dump.open) {
          if (this.log.waiting.length === 0 && this.fast.run(u8[at]!, end)) continue;
          const next = this.fast.step(u8, at, end);
          if (next === NEED_MORE) return batch.count < batch.capacity;
          if (next !== WALK) {
            ledger.totalBytes += next - at;
            window.start = next;
            continue;
          }
        }
        if (!this.walkLine(u8, at, end)) return true;
      }
      ledger.totalBytes += window.start - at;
    }
    return batch.count < batch.capacity;
  }

  /** One line, or the whole of a line that is too long as far as it is here. False: its end is not in the window. */
  private walkLine(u8: Uint8Array, at: number, end: number): boolean {
    const { window, ledger } = this.log.setup;
    this.expire(window.offsetOf(at));
    const newline = this.log.newlineFrom(at, end);
    const length = (newline < 0 ? end : newline) - at;
    if (length > MAX_LINE_BYTES) {
      ledger.lose('unknown', 0, this.log.file, () => this.log.line);
      this.skipping = true;
      this.longText = textKind(u8, at, at + MAX_LINE_BYTES) === 'console';
      this.skipLine(u8, at, end);
      return true;
    }
    if (newline < 0 && !window.ended) return false;
    const lineEnd = newline < 0 ? end : newline + 1;
    const contentEnd = newline > at && u8[newline - 1] === CR ? newline - 1 : at + length;
    for (let p = at; p !== DONE; ) p = this.piece(u8, p, contentEnd, lineEnd, newline < 0);
    window.start = lineEnd;
    if (newline >= 0) this.log.line++;
    this.log.drain();
    return true;
  }

  private skipLine(u8: Uint8Array, at: number, end: number): void {
    const { window, ledger } = this.log.setup;
    const found = u8.subarray(at, end).indexOf(LF); // searches at memory speed, unlike a loop
    const newline = found < 0 ? -1 : at + found;
    const stop = newline < 0 ? end : newline + 1;
    ledger.loseMore('unknown', stop - at);
    if (this.longText) this.log.sightings.longBytes += stop - at;
    window.start = stop;
    if (newline < 0) return;
    this.skipping = false;
    this.log.line++;
  }

  /**
   * Account for the piece at `at` of a line that ends at `end` (its newline included: at `lineEnd`).
   * Returns where the next piece of the line begins, or DONE.
   */
  private piece(u8: Uint8Array, at: number, end: number, lineEnd: number, unfinished: boolean): number {
    let p = at;
    if (hasTimePrefix(u8, p, end)) {
      this.log.noteTime(timePrefixMicros(u8, p));
      p += TIME_PREFIX_BYTES;
    }
    if (p >= end) return this.blank(lineEnd - at);
    const byte = u8[p]!;
    if (byte === 0x20 || (byte >= 48 && byte <= 57)) {
      const next = this.headers.headerPiece(u8, at, p, end, lineEnd);
      if (next !== NOT_THIS) return next;
    }
    const rank = dumpRank(u8, p, end);
    if (rank >= 0) {
      const next = this.dumps.dumpPiece(u8, rank, at, p, end, lineEnd, unfinished);
      if (next !== NOT_THIS) return next;
    }
    const kind = lineKind(u8, p, end);
    if (kind !== LINES.none) {
      this.others.known(u8, kind, p, end, lineEnd - at);
      return DONE;
    }
    const next = findRecord(u8, p, end);
    this.others.text(u8, p, next < 0 ? end : next, (next < 0 ? lineEnd : next) - at, unfinished && next < 0);
    return next < 0 ? DONE : next;
  }

  /** An empty line: the newline of a torn header, or console text. */
  private blank(bytes: number): number {
    const { ledger } = this.log.setup;
    if (this.log.owed > 0 && bytes > 0) {
      this.log.owed--;
      ledger.eventBytes += bytes;
    } else ledger.nonEvent('console text', bytes);
    return DONE;
  }

  /** Whether events are complete but held for the lines behind them. */
  get holds(): boolean {
    return this.log.held > 0 || this.log.hardware.holds;
  }

  /** Give up on events and dumps that have waited too long. */
  private expire(offset: number): void {
    const { waiting } = this.log;
    const { dump } = this.dumps;
    if (dump.open && offset - dump.start > MAX_DUMP_BYTES) this.dumps.cutDump();
    while (this.log.isOverdue(offset)) {
      this.log.giveUp(waiting[0]!);
      if (!this.log.emitFirst()) return;
    }
  }

  /** The input has ended. */
  private finish(): void {
    if (!this.log.finished) {
      this.endState = this.state();
      this.log.finished = true;
      this.dumps.cutDump();
      this.log.hardware.otherRecord();
      this.log.settle();
      for (const event of this.log.waiting) this.log.giveUp(event);
    }
    this.log.drain();
  }
}

/** Whether the event is complete unless a line takes it back, or waits for such a one only. */
const mayLeave = ({ awaits }: PendingEvent): boolean =>
  awaits === AWAITS.outcome || awaits === AWAITS.nothing;

/** A number that plain data can hold and compare. */
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
