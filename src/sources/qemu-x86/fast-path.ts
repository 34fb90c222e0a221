/**
 * The fast way: whole records in one step, as the careful walk would take them line by line. In order of speed:
 *   run       many interrupt records and the common lines between them (int-run.ts), or records of -d exec (exec-run.ts)
 *   step      one record in front of a dump of a known layout, such a dump by itself, or a check_exception line like the last one
 * What neither takes is walked. Nothing is changed by a step that is not taken.
 */
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import { FACTS, noteFacts, noteWideFacts, RANKS } from './dump.ts';
import type { DumpWalk } from './dump-walk.ts';
import { parseExec } from './exec.ts';
import { ExecLoops, ExecRuns } from './exec-run.ts';
import { parseHeader, parseTail, TAILS } from './header.ts';
import type { HeaderWalk } from './header-walk.ts';
import { hexRun } from './hex.ts';
import { IntRun, NOT_NOW, openRun, RUN_BYTES } from './int-run.ts';
import type { Layout } from './layouts.ts';
import { CHECK_NAME, type LineWalk } from './line-walk.ts';
import { findNewline, hasTimePrefix, LINES, lineKind, TIME_PREFIX_BYTES, timePrefixMicros } from './lines.ts';
import type { LogScan } from './log-scan.ts';
import { TEXT_ROW_BYTES } from './registers.ts';
import { STOPS } from './run-frame.ts';
import { agrees, agreesWithExec, MAX_WAITING, newEvent, takeExec } from './waiting.ts';

/** A record (header and dump) is shorter than this; the fast path waits until so much is in the window. */
const MAX_RECORD_BYTES = 4096;
const LF = 0x0a;
const CR = 0x0d;
const CHECK_BYTE = 0x63; // c of check_exception
const TRACE_BYTE = 0x54; // T of Trace
const WIDE_DUMP_BYTE = 0x52; // R of RAX,
const NARROW_DUMP_BYTE = 0x45; // and E of EAX
const STOPPED_BYTE = 0x53;
const LINKING_BYTE = 0x4c;
/** A shorter log does not pay for the making of run, which costs about 150 records' jumps in code that is cold. */
const RUN_FROM_BYTES = 200_000;
/** … of small windows. */
const RUN_WINDOWS = 2;
/** So many runs that take nothing, one after the other, and run is not asked for so many records. */
const VAIN_RUNS = 32;
const REST_RECORDS = 512;

/** Results of a step that was not taken. */
export const WALK = -1;
export const NEED_MORE = -2;

export class FastPath {
  /** Events that were taken many at once. */
  runEvents = 0;
  readonly execRuns: ExecRuns;
  private readonly log: LogScan;
  private readonly dumps: DumpWalk;
  private readonly headers: HeaderWalk;
  private readonly others: LineWalk;
  private readonly quick = newEvent();
  private intRun: IntRun | undefined; // once it pays
  private isNewTask = false; // the run has stopped at a task register that it does not know
  private refusedAt = -1; // where it stopped before a line that it does not take, or that this window does not hold
  private vainRuns = 0;
  private rest = 0; // records for which run is not asked

  constructor(log: LogScan, dumps: DumpWalk, headers: HeaderWalk, others: LineWalk) {
    this.log = log;
    this.dumps = dumps;
    this.headers = headers;
    this.others = others;
    const { layouts, texts, rows } = log;
    layouts.execLoops ??= new ExecLoops(log.setup.memory);
    this.execRuns = new ExecRuns({ ...log.setup, texts, rows, loops: layouts.execLoops });
  }

  /** Rows go to this batch from now on. May grow the memory, so that views are taken afterwards. */
  begin(batch: EventBatch): void {
    const { log } = this;
    const isNew = log.rows.batch !== batch;
    if (!isNew && (this.intRun !== undefined || !this.pays)) return;
    const { window, memory, needs } = log.setup;
    const { layouts } = log;
    log.rows.batch = batch;
    const space = window.reserveBeside(RUN_BYTES + TEXT_ROW_BYTES * batch.capacity);
    if (isNew) log.texts.attach(batch, space + RUN_BYTES);
    if (this.intRun === undefined && this.pays) {
      layouts.run ??= openRun(memory, needs, batch);
      if (layouts.run !== undefined) this.intRun = new IntRun(memory, layouts.run, log, space);
    }
    this.intRun?.attach(batch, log.texts.columns);
  }

  /** Whether there are many records. */
  private get pays(): boolean {
    const { window, scan } = this.log.setup;
    const isLong = window.loadedBytes > Math.min(RUN_FROM_BYTES, RUN_WINDOWS * window.windowBytes);
    return isLong && scan === 'fast' && this.log.layouts.kernel !== undefined;
  }

  /** The fast path for many records at once (int-run.ts). Whether anything was taken. */
  run(first: number, end: number): boolean {
    const { intRun } = this;
    if (intRun === undefined || !mayRun(first) || this.log.hardware.count > 0) return false;
    if (this.rest > 0) {
      this.rest--;
      return false;
    }
    const { window } = this.log.setup;
    const at = window.start;
    // A few records, as a live log brings them: jump takes them in the time that it takes to begin a run.
    if (window.live && end - at < MAX_RECORD_BYTES) return false;
    if (at === this.refusedAt) return false;
    this.isNewTask = false;
    const { batch } = this.log.rows;
    const from = batch.count;
    const stop = intRun.run(batch);
    if (stop === NOT_NOW) return false;
    if (intRun.highestCpu < batch.cpuCount) this.log.rows.passOver(from);
    this.runEvents += batch.count - from;
    const next = window.start;
    this.isNewTask = stop === STOPS.task;
    this.refusedAt = stop === STOPS.regular ? -1 : next;
    if (next !== at) {
      this.vainRuns = 0;
      return true;
    }
    if (++this.vainRuns === VAIN_RUNS) {
      this.rest = REST_RECORDS;
      this.vainRuns = 0;
    }
    return false;
  }

  /**
   * The fast path for what begins at `at`: as much as is taken in one step. Changes nothing unless it succeeds.
   * Returns the offset behind it, WALK when the line must be walked, or NEED_MORE.
   */
  step(u8: Uint8Array, at: number, end: number): number {
    const byte = u8[at]!;
    if (byte === WIDE_DUMP_BYTE || byte === NARROW_DUMP_BYTE) return this.dump(u8, at, end);
    if (this.log.waiting.length > 0) return WALK;
    if (byte === CHECK_BYTE) return this.repeatedCheck(u8, at, end);
    if (byte === TRACE_BYTE) return this.jumpExec(u8, at, end);
    if (byte !== 0x20 && (byte < 48 || byte > 57)) return WALK;
    return this.waits(at, end) ? NEED_MORE : this.jump(u8, at, end);
  }

  /** A header and the dump behind it. */
  private jump(u8: Uint8Array, at: number, end: number): number {
    const { window, ledger } = this.log.setup;
    const timed = hasTimePrefix(u8, at, end);
    const p = timed ? at + TIME_PREFIX_BYTES : at;
    const header = this.log.header;
    let q = parseHeader(u8, p, end, header);
    if (q < 0 || q > end) return WALK;
    q = parseTail(u8, q, end, header);
    if (header.tail === TAILS.none) return WALK;
    if (u8[q] === CR) q++;
    if (u8[q] !== LF || q >= end) return WALK;
    const start = q + 1;
    if (start === end && !window.ended) return NEED_MORE; // without its dump it is no event yet
    const layout = this.log.layouts.match(u8, start, end);
    if (layout === undefined) return WALK;
    const facts = this.log.facts;
    if (!this.factsOf(u8, start, layout)) return WALK;
    if (!agrees(header.ipLow, header.ipHigh, header.spLow, header.spHigh, header.cpl, facts)) return WALK;
    if (!this.log.hardware.claimsAll(header.vector, header.soft)) return WALK;

    if (timed) this.log.noteTime(timePrefixMicros(u8, at));
    const event = this.quick;
    this.headers.takeRecord(event, 0, window.offsetOf(p));
    const next = start + layout.sizeBytes;
    const tr = layout.rankStarts[RANKS.tr]!;
    this.dumps.attach(event, window.offsetOf(start), window.offsetOf(next), layout.id);
    ledger.eventBytes += next - at;
    this.log.line += 1 + layout.lineStarts.length;
    this.log.tailOwner = 'event';
    this.log.anyDump = true;
    this.log.rows.emit(event);
    if (this.isNewTask) {
      this.isNewTask = false;
      this.intRun!.learnText(start + tr + 4, facts.trSelector, facts.trBaseLow);
    }
    return next;
  }

  /** Whether more comes at once, so that a record that the window's end may cut is better taken later. A live log may pause here. */
  private waits(at: number, end: number): boolean {
    const { window } = this.log.setup;
    return end - at < MAX_RECORD_BYTES && !window.ended && !window.live;
  }

  /**
   * Also in the fast path: a dump that stands by itself, behind a reset or SMM line or a header that was walked. Returns the
   * offset behind it, WALK or NEED_MORE.
   */
  private dump(u8: Uint8Array, at: number, end: number): number {
    const { window } = this.log.setup;
    if (this.waits(at, end)) return NEED_MORE;
    const layout = this.log.layouts.match(u8, at, end);
    if (layout === undefined || !this.factsOf(u8, at, layout)) return WALK;
    const next = at + layout.sizeBytes;
    // Walked, so that what expires does so where it ever does: with the dump's first line, more may be too many.
    if (this.log.waiting.length > MAX_WAITING || this.log.isOverdue(window.offsetOf(next))) return WALK;
    this.dumps.takeWhole(u8, at, layout);
    return next;
  }

  /** Also in the fast path: records of -d exec without dumps, many in one step. */
  runExec(): boolean {
    if (this.log.execDumps !== 'absent' || this.dumps.dump.open || this.log.hardware.count > 0) return false;
    const { batch } = this.log.rows;
    const { waiting, line, lastSeq: seq, timeNs } = this.log;
    const from = batch.count;
    const run = this.execRuns.take({ batch, waiting, line, seq, timeNs });
    if (run === undefined) return false;
    if (run.maxCpu < batch.cpuCount) this.log.rows.passOver(from);
    if (run.lines === 0) return true;
    this.log.line += run.lines;
    this.log.execLine = run.execLine;
    this.log.held = run.held;
    this.log.exec.several ||= run.maxCpu > 0;
    this.log.setup.cpus.latest = run.lastCpu;
    return true;
  }

  /** Also in the fast path: a record of -d exec with a dump of known layout, and a line behind it that lets it stand. */
  private jumpExec(u8: Uint8Array, at: number, end: number): number {
    const { window, ledger } = this.log.setup;
    if (this.log.execDumps !== 'follow' || this.log.hardware.count > 0) return WALK;
    if (this.waits(at, end)) return NEED_MORE;
    const newline = findNewline(u8, at, end);
    if (
      newline < 0 ||
      lineKind(u8, at, newline) !== LINES.exec ||
      !parseExec(u8, at, newline, this.log.exec)
    ) {
      return WALK;
    }
    const start = newline + 1;
    const layout = this.log.layouts.match(u8, start, end);
    if (layout === undefined) return WALK;
    const next = start + layout.sizeBytes;
    if (next >= end || u8[next] === STOPPED_BYTE || u8[next] === LINKING_BYTE) return WALK;
    const event = this.quick;
    takeExec(event, this.log.exec);
    if (!this.factsOf(u8, start, layout)) return WALK;
    if (!agreesWithExec(event, this.log.facts)) return WALK;
    event.kind = EVENT_KINDS.tb;
    event.vector = 0;
    event.flags = 0;
    event.seq = this.log.lastSeq;
    event.errLow = event.errHigh = event.faddrLow = event.faddrHigh = 0;
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.head = -1;
    this.dumps.attach(event, window.offsetOf(start), window.offsetOf(next), layout.id);
    this.log.held = 0;
    ledger.eventBytes += next - at;
    this.log.line += 1 + layout.lineStarts.length;
    this.log.tailOwner = 'event';
    this.log.anyDump = true;
    this.log.rows.emit(event);
    return next;
  }

  /**
   * Also in the fast path: a check_exception line that is the same as the last one, as nearly all are. Returns the
   * offset behind it, or WALK.
   */
  private repeatedCheck(u8: Uint8Array, at: number, end: number): number {
    const last = this.others.lastCheck;
    if (last.length === 0 || at + last.length > end) return WALK;
    for (let i = 0; i < last.length; i++) if (u8[at + i] !== last[i]) return WALK;
    this.log.setup.ledger.nonEvent(CHECK_NAME, last.length);
    this.log.hardware.otherRecord();
    this.log.line++;
    this.log.drain(); // an interrupt of real mode, whose line was the one before
    return at + last.length;
  }

  /** Notes what the dump tells the scanner. False when something of it cannot be read: then the dump is walked (L4). */
  private factsOf(u8: Uint8Array, start: number, { rankStarts }: Layout): boolean {
    const { facts, hex } = this.log;
    const [rsi, rip, tr] = [rankStarts[RANKS.rsi]!, rankStarts[RANKS.rip]!, rankStarts[RANKS.tr]!];
    if (rsi < 0 || rip < 0 || tr < 0 || u8[start + tr + TR_BLANK_AT] !== BLANK) return false;
    if (u8[start] === WIDE_DUMP_BYTE && hex !== undefined)
      return noteWideFacts(u8, start + rsi, start + rip, start + tr, facts, hex);
    noteFacts(u8, RANKS.first, start, facts);
    noteFacts(u8, RANKS.rsi, start + rsi, facts);
    noteFacts(u8, RANKS.rip, start + rip, facts);
    noteFacts(u8, RANKS.tr, start + tr, facts);
    const base = start + tr + TR_BLANK_AT + 1;
    return facts.seen === ALL_FACTS && hexRun(u8, base, base + facts.width) === facts.width;
  }
}

/** Behind the selector of `TR =0040 fffffe0000003000`. */
const TR_BLANK_AT = 8;
const BLANK = 0x20;
const ALL_FACTS = FACTS.sp | FACTS.rip | FACTS.flags | FACTS.tr;

/** Whether a line that begins with this byte may be one that run takes: a header, check_exception, Servicing. */
function mayRun(byte: number): boolean {
  return byte === 0x20 || (byte >= 48 && byte <= 57) || byte === CHECK_BYTE || byte === STOPPED_BYTE;
}
