/**
 * The fast way: whole records in one step, as the careful walk would take them line by line. In order of speed:
 *   run       many interrupt records and the common lines between them (int-run.ts), or records of -d exec (exec-run.ts)
 *   jump      one record in front of a dump of a known layout, or a check_exception line like the last one
 * What neither takes is walked. Nothing is changed by a step that is not taken.
 */
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import { FACTS, noteFacts, noteWideFacts, RANKS } from './dump.ts';
import type { DumpWalk } from './dump-walk.ts';
import { parseExec } from './exec.ts';
import { ExecLoops, ExecRuns } from './exec-run.ts';
import { parseHeader, parseTail, TAILS } from './header.ts';
import type { HeaderWalk } from './header-walk.ts';
import { IntRun, openRun, RUN_BYTES, type RunResult, type RunStart } from './int-run.ts';
import type { Layout } from './layouts.ts';
import { CHECK_NAME, type LineWalk, SERVICING_NAME, TRACED_NAME } from './line-walk.ts';
import { findNewline, hasTimePrefix, LINES, lineKind, TIME_PREFIX_BYTES, timePrefixMicros } from './lines.ts';
import type { LogScan } from './log-scan.ts';
import { TEXT_ROW_BYTES } from './registers.ts';
import { STOPS } from './run-frame.ts';
import { agrees, agreesWithExec, newEvent, takeExec } from './waiting.ts';

/** A record (header and dump) is shorter than this; the fast path waits until so much is in the window. */
const MAX_RECORD_BYTES = 4096;
const LF = 0x0a;
const CR = 0x0d;
const CHECK_BYTE = 0x63; // c of check_exception
const TRACE_BYTE = 0x54; // T of Trace
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
    const { window, memory, needs, scan } = this.log.setup;
    const { layouts } = this.log;
    const isNew = this.log.rows.batch !== batch;
    this.log.rows.batch = batch;
    const space = window.reserveBeside(RUN_BYTES + TEXT_ROW_BYTES * batch.capacity);
    if (isNew) this.log.texts.attach(batch, space + RUN_BYTES);
    const isLong = window.loadedBytes > Math.min(RUN_FROM_BYTES, RUN_WINDOWS * window.windowBytes);
    const pays = isLong && scan === 'fast' && layouts.kernel !== undefined;
    if (this.intRun === undefined && pays) {
      layouts.run ??= openRun(memory, needs, batch);
      if (layouts.run !== undefined) this.intRun = new IntRun(memory, layouts.run, this.log, space);
    } else if (!isNew) return;
    this.intRun?.attach(batch, this.log.texts.columns);
  }

  /** The fast path for many records at once (int-run.ts). Whether anything was taken. */
  run(first: number, end: number): boolean {
    const { intRun } = this;
    if (intRun === undefined || !mayRun(first) || this.log.hardware.count > 0) return false;
    if (this.rest > 0) {
      this.rest--;
      return false;
    }
    const { window, ledger } = this.log.setup;
    const at = window.start;
    // A few records, as a live log brings them: jump takes them in the time that it takes to begin a run.
    if (window.live && end - at < MAX_RECORD_BYTES) return false;
    if (at === this.refusedAt) return false;
    this.isNewTask = false;
    const { nonEvents } = ledger;
    const rows = {
      checks: nonEvents.get(CHECK_NAME),
      servicing: nonEvents.get(SERVICING_NAME),
      traced: this.log.setup.traceEvents === undefined ? nonEvents.get(TRACED_NAME) : undefined,
    };
    const { batch } = this.log.rows;
    const from = batch.count;
    if (!intRun.run(batch, at, end, this.startOf(rows))) return false;
    if (intRun.highestCpu < batch.cpuCount) this.log.rows.passOver(from);
    const { next, stop } = intRun.result;
    this.isNewTask = stop === STOPS.task;
    this.refusedAt = stop === STOPS.regular ? -1 : next;
    if (next === at) {
      if (++this.vainRuns < VAIN_RUNS) return false;
      this.rest = REST_RECORDS;
      this.vainRuns = 0;
      return false;
    }
    this.vainRuns = 0;
    window.start = next;
    ledger.totalBytes += next - at;
    this.account(intRun.result, rows);
    return true;
  }

  private startOf(rows: CountedLines): RunStart {
    const { line, lastSeq, timeNs, setup } = this.log;
    return {
      line,
      lastSeq,
      timeNs,
      firstMicros: setup.timeBase.firstMicros,
      takesChecks: rows.checks !== undefined,
      takesServicing: rows.servicing !== undefined,
      takesTraced: rows.traced !== undefined,
    };
  }

  private account(result: RunResult, rows: CountedLines): void {
    const { log } = this;
    const { ledger } = log.setup;
    log.line += result.lines;
    log.timeNs = result.timeNs;
    log.sightings.servicing += result.servicings;
    addTo(rows.checks, result.checks, result.checkBytes);
    addTo(rows.servicing, result.servicings, result.servicingBytes);
    addTo(rows.traced, result.traced, result.tracedBytes);
    if (result.events === 0) return;
    this.runEvents += result.events;
    ledger.events += result.events;
    ledger.eventBytes += result.eventBytes;
    log.sightings.headers += result.events;
    log.lastSeq = result.lastSeq;
    log.tailOwner = 'event';
    log.anyDump = true;
  }

  /**
   * The fast path: take the header at `at` and the dump behind it in one step. Changes nothing unless it succeeds.
   * Returns the offset behind the record, WALK when the line must be walked, or NEED_MORE.
   */
  jump(u8: Uint8Array, at: number, end: number): number {
    const { window, ledger } = this.log.setup;
    const byte = u8[at]!;
    if (byte === CHECK_BYTE) return this.repeatedCheck(u8, at, end);
    if (byte === TRACE_BYTE) return this.jumpExec(u8, at, end);
    if (byte !== 0x20 && (byte < 48 || byte > 57)) return WALK;
    if (this.waits(at, end)) return NEED_MORE;
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
    this.factsOf(u8, start, layout);
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
    if (this.isNewTask && (facts.seen & FACTS.tr) !== 0) {
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
    this.factsOf(u8, start, layout);
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

  private factsOf(u8: Uint8Array, start: number, layout: Layout): void {
    const { rankStarts } = layout;
    const facts = this.log.facts;
    const [rsi, rip, tr] = [rankStarts[RANKS.rsi]!, rankStarts[RANKS.rip]!, rankStarts[RANKS.tr]!];
    const wide = u8[start] === 0x52 && this.log.hex !== undefined && rsi > 0 && rip > 0 && tr > 0;
    if (wide && noteWideFacts(u8, start + rsi, start + rip, start + tr, facts, this.log.hex)) return;
    noteFacts(u8, RANKS.first, start, facts);
    if (rsi > 0) noteFacts(u8, RANKS.rsi, start + rsi, facts);
    if (rip > 0) noteFacts(u8, RANKS.rip, start + rip, facts);
    if (tr > 0) noteFacts(u8, RANKS.tr, start + tr, facts);
  }
}

/** The ledger's rows of lines that run counts; absent as long as there was no such line. */
interface CountedLines {
  readonly checks: Counted | undefined;
  readonly servicing: Counted | undefined;
  readonly traced: Counted | undefined;
}
interface Counted {
  count: number;
  bytes: number;
}

function addTo(row: Counted | undefined, count: number, bytes: number): void {
  if (row === undefined) return;
  row.count += count;
  row.bytes += bytes;
}

/** Whether a line that begins with this byte may be one that run takes: a header, check_exception, Servicing. */
function mayRun(byte: number): boolean {
  return byte === 0x20 || (byte >= 48 && byte <= 57) || byte === CHECK_BYTE || byte === STOPPED_BYTE;
}
