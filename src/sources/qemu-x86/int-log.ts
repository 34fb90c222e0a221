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
 *   careful  every line is found and classified
 *   fast     a header in front of a dump of a known layout is taken in one step (layouts.ts says why that is sound);
 *            everything else is walked as in careful mode
 *
 * Every byte is accounted once: to events (headers and records of -d exec with their dumps, resets, SMM, guest errors),
 * to a kind of known
 * non-event, or to a kind of loss. Memory is bounded: lines longer than MAX_LINE_BYTES are passed over, and waiting
 * events give up after MAX_WAIT_BYTES.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import type { EventBatch } from '../../machine/event-batch.ts';
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import type { Ledger, LossKind } from '../../machine/ledger.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { TraceEvents } from '../qemu-events/events.ts';
import type { LogScanner, Sightings } from '../scanner.ts';
import type { Window } from '../window.ts';
import type { CpuTable } from './cpus.ts';
import { dumpRank, FACTS, lengthFits, newFacts, noteFacts, noteWideFacts, RANKS } from './dump.ts';
import { newExecRecord, parseExec, parseStopped } from './exec.ts';
import { ExecRuns } from './exec-run.ts';
import { HardwareMarks } from './hardware.ts';
import { type Header, type HexFields, newHeader, parseHeader, parseTail, TAILS } from './header.ts';
import { hexAddress, hexLow, hexRun } from './hex.ts';
import { IntRun, openRun, RUN_BYTES } from './int-run.ts';
import type { DumpLayouts, Layout } from './layouts.ts';
import {
  decimal,
  findRecord,
  foreignTarget,
  guestErrorAddressAt,
  hasTimePrefix,
  LINES,
  type LineKind,
  lineKind,
  mayBeginRecord,
  RESET_CPU_AT,
  SERVICING_VECTOR_AT,
  TIME_PREFIX_BYTES,
  textKind,
  timePrefixMicros,
  traceEventTime,
} from './lines.ts';
import { RowTexts, TEXT_ROW_BYTES } from './registers.ts';
import { STOPS } from './run-frame.ts';
import type { ScanState } from './scan-state.ts';
import {
  AWAITS,
  agrees,
  agreesWithExec,
  EXEC_PATIENCE,
  MAX_WAIT_BYTES,
  MAX_WAITING,
  newEvent,
  type PendingEvent,
  takeExec,
  takeHeader,
} from './waiting.ts';

/** Longer lines are no QEMU log; they are passed over without being held. QEMU's longest line has 160 bytes. */
export const MAX_LINE_BYTES = 64 * 1024;
/** A record (header and dump) is shorter than this; the fast path waits until so much is in the window. */
const MAX_RECORD_BYTES = 4096;
/** A dump that has not ended after so many bytes (console text in between included) is cut. */
const MAX_DUMP_BYTES = 16 * 1024;
const RFLAGS_IF = 0x200;
const LF = 0x0a;
const CR = 0x0d;

const CHECK_BYTE = 0x63; // c of check_exception
const TRACE_BYTE = 0x54; // T of Trace
const STOPPED_BYTE = 0x53;
const LINKING_BYTE = 0x4c;
const CHECK_NAME = 'check_exception';
const SERVICING_NAME = 'servicing';
const TRACED_NAME = 'trace events';
/** `check_exception old: 0xffffffff new 0xe` */
const CHECK_OLD_AT = 'check_exception old: 0x'.length;
const CHECK_BETWEEN = ' new 0x'.length;
const NO_EXCEPTION_DIGITS = 8;
/** Lines that are no events, as the ledger names them. */
const NON_EVENT_NAMES: ReadonlyMap<LineKind, string> = new Map([
  [LINES.check_exception, CHECK_NAME],
  [LINES.servicing, SERVICING_NAME],
  [LINES.linking, 'linking'],
  [LINES.trace_event, TRACED_NAME],
]);

/** Results of trying to take a piece of a line: done with the line, not such a piece, or go on at an offset. */
const DONE = -1;
const NOT_THIS = -2;
/** A log that ends with the first windows does not pay for the making of run, which costs about 4000 records' jumps. */
const RUN_WINDOWS = 2;
/** So many runs that take nothing, one after the other, and run is not asked for so many records. */
const VAIN_RUNS = 32;
const REST_RECORDS = 512;

/** Results of the fast path. */
const WALK = -1;
const NEED_MORE = -2;

export interface IntLogSetup {
  readonly memory: LinearMemory;
  readonly window: Window;
  readonly ledger: Ledger;
  readonly needs: SourceNeeds;
  readonly scan: 'fast' | 'careful';
  readonly cpus: CpuTable;
  /** Shared by the files of one replay: microseconds of the first time seen, NaN before. */
  readonly timeBase: { firstMicros: number };
  readonly layouts: DumpLayouts;
  /** Rows of QEMU's trace events; absent when nobody asks for them. */
  readonly traceEvents?: TraceEvents | undefined;
}

/** A dump whose end has not been seen yet. Offsets are input offsets. */
interface OpenDump {
  open: boolean;
  start: number;
  rank: number;
  bytes: number;
  readonly starts: number[];
  readonly ranks: number[];
  whole: boolean; // nothing strange so far: a model for others
  damage: LossKind | undefined; // as which loss it was counted
  afterExec: boolean; // the line before it was a Trace line
}

export class IntLogScanner implements LogScanner {
  readonly texts: RowTexts;
  readonly sightings: Sightings = {
    foreign: undefined,
    servicing: 0,
    headers: 0,
    longBytes: 0,
  };
  private readonly setup: IntLogSetup;
  readonly layouts: DumpLayouts;
  private readonly file: string;
  private readonly hex: HexFields | undefined;
  private readonly header: Header;
  private readonly facts = newFacts();
  private readonly quick = newEvent();
  private readonly waiting: PendingEvent[] = [];
  readonly hardware = new HardwareMarks();
  private readonly dump: OpenDump = {
    open: false,
    start: 0,
    rank: 0,
    bytes: 0,
    starts: [],
    ranks: [],
    whole: true,
    damage: undefined,
    afterExec: false,
  };
  private batch!: EventBatch;
  private line = 1; // of the byte at window.start
  private timeNs = Number.NaN;
  private lastSeq = 0;
  private owed = 0; // torn headers whose tail or newline has not come yet
  private execLine = 0; // of the latest Trace line
  private execDumps: 'unknown' | 'follow' | 'absent' = 'unknown';
  private held = 0; // records of -d exec that the next line may take back
  private readonly exec = newExecRecord();
  private readonly execRuns: ExecRuns;
  private countedRows = 0; // of the batch: their CPUs are in its `cpuCount`
  private orphanLine = 0; // latest dump line without a dump
  private skipping = false; // inside a line that is too long
  private longText = false; // whether that line began as text
  private anyDump = false;
  private tailOwner: 'event' | 'torn' = 'torn'; // whom FPU lines behind a dump belong to
  private finished = false;
  private cutCounted = false;
  private lastCheck = new Uint8Array(0); // the latest check_exception line, newline included

  private intRun: IntRun | undefined; // once it pays
  private isNewTask = false; // the run has stopped at a task register that it does not know
  private refusedAt = -1; // where it stopped before a line that it does not take
  /** Events that were taken many at once. */
  runEvents = 0;
  private vainRuns = 0;
  private rest = 0; // records for which run is not asked
  private endState: ScanState | undefined; // when the input had ended

  /** From the beginning of a log; or with a state, whose `cpus` and first time are then in the setup (`resumed`). */
  constructor(file: string, setup: IntLogSetup, state?: ScanState) {
    this.file = file;
    this.setup = setup;
    this.layouts = setup.layouts;
    this.texts = new RowTexts(setup.memory, setup.layouts);
    const { kernel } = setup.layouts;
    const { memory } = setup;
    this.execRuns = new ExecRuns({ ...setup, texts: this.texts });
    this.hex = kernel === undefined ? undefined : { kernel, memory, at: memory.reserve(24) };
    this.header = newHeader(this.hex);
    if (state !== undefined) this.resume(state);
  }

  /** The state at this clean place (scan-state.ts); undefined where it is none. */
  state(): ScanState | undefined {
    if (this.finished) return this.endState;
    const held = this.waiting.every((event) => event.awaits === AWAITS.outcome);
    if (!held || this.dump.open || this.owed > 0 || this.skipping) return undefined;
    const { cpus, timeBase } = this.setup;
    return {
      cpus: cpus.state(),
      hardware: this.hardware.state(),
      firstMicros: orNull(timeBase.firstMicros),
      timeNs: orNull(this.timeNs),
      line: this.line,
      lastNumber: this.lastSeq,
      execDumps: this.execDumps,
      afterTrace: this.execLine > 0 && this.execLine === this.line - 1,
      afterOrphan: this.orphanLine > 0 && this.orphanLine >= this.line - 1,
      held: this.held,
      anyDump: this.anyDump,
      cutCounted: this.cutCounted,
      tailOwner: this.tailOwner,
    };
  }

  private resume(state: ScanState): void {
    this.hardware.resume(state.hardware);
    this.timeNs = state.timeNs ?? Number.NaN;
    this.line = state.line;
    this.lastSeq = state.lastNumber;
    this.execDumps = state.execDumps;
    if (state.afterTrace) this.execLine = state.line - 1;
    if (state.afterOrphan) this.orphanLine = state.line - 1;
    this.anyDump = state.anyDump;
    this.cutCounted = state.cutCounted;
    this.tailOwner = state.tailOwner;
  }

  /** All input is scanned and every event is handed over. */
  get done(): boolean {
    return this.finished && this.waiting.length === 0;
  }

  get cpus(): CpuTable {
    return this.setup.cpus;
  }

  /** 1-based line of what is scanned next. */
  get nextLine(): number {
    return this.line;
  }

  /** Number of the latest interrupt record. */
  get lastNumber(): number {
    return this.lastSeq;
  }

  /** Lowest linear offset that must survive the next refill. */
  get keepFrom(): number {
    const { window, needs } = this.setup;
    let keep = window.start;
    if (!needs.registers) return keep;
    const first = this.waiting[0];
    if (first !== undefined) keep = Math.min(keep, window.linearOf(first.since));
    if (this.dump.open) keep = Math.min(keep, window.linearOf(this.dump.start));
    return Math.max(keep, window.floor);
  }

  /**
   * Append events to the batch until it is full or the window holds no further complete line. Bytes are consumed by
   * moving `window.start`.
   */
  scan(batch: EventBatch): void {
    this.begin(batch);
    this.countedRows = batch.count;
    this.drain();
    if (!this.finished) this.walk();
    if (this.setup.window.ended && this.setup.window.start === this.setup.window.end) this.finish();
    this.countCpus(batch.count);
  }

  /** Rows go to this batch from now on. May grow the memory, so that views are taken afterwards. */
  private begin(batch: EventBatch): void {
    const { window, memory, needs, scan } = this.setup;
    const { layouts } = this;
    const isNew = this.batch !== batch;
    this.batch = batch;
    const space = window.reserveBeside(RUN_BYTES + TEXT_ROW_BYTES * batch.capacity);
    if (isNew) this.texts.attach(batch, space + RUN_BYTES);
    const isLong = window.loadedBytes > RUN_WINDOWS * window.windowBytes;
    const pays = isLong && scan === 'fast' && layouts.kernel !== undefined;
    if (this.intRun === undefined && pays) {
      layouts.run ??= openRun(memory, needs, batch);
      if (layouts.run !== undefined) this.intRun = new IntRun(memory, layouts.run, this, space);
    } else if (!isNew) return;
    this.intRun?.attach(batch, this.texts.columns);
  }

  private walk(): void {
    const { window, memory, scan, ledger } = this.setup;
    const u8 = memory.u8;
    const fast = scan === 'fast';
    const { end } = window;
    while (this.batch.count < this.batch.capacity && window.start < end) {
      const at = window.start;
      if (this.skipping) {
        this.skipLine(u8, at, end);
      } else if (fast && u8[at] === TRACE_BYTE && this.runExec()) {
        if (this.execRuns.isFull) {
          ledger.totalBytes += window.start - at;
          return;
        }
      } else {
        if (fast && this.waiting.length === 0 && !this.dump.open) {
          if (this.run(u8[at]!, end)) continue;
          const next = this.jump(u8, at, end);
          if (next === NEED_MORE) return;
          if (next !== WALK) {
            ledger.totalBytes += next - at;
            window.start = next;
            continue;
          }
        }
        if (!this.walkLine(u8, at, end)) return;
      }
      ledger.totalBytes += window.start - at;
    }
  }

  /** One line, or the whole of a line that is too long as far as it is here. False: its end is not in the window. */
  private walkLine(u8: Uint8Array, at: number, end: number): boolean {
    const { window, ledger } = this.setup;
    this.expire(window.offsetOf(at));
    const newline = findNewline(u8, at, end);
    const length = (newline < 0 ? end : newline) - at;
    if (length > MAX_LINE_BYTES) {
      ledger.lose('unknown', 0, this.file, () => this.line);
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
    if (newline >= 0) this.line++;
    this.drain();
    return true;
  }

  private skipLine(u8: Uint8Array, at: number, end: number): void {
    const { window, ledger } = this.setup;
    const found = u8.subarray(at, end).indexOf(LF); // searches at memory speed, unlike a loop
    const newline = found < 0 ? -1 : at + found;
    const stop = newline < 0 ? end : newline + 1;
    ledger.loseMore('unknown', stop - at);
    if (this.longText) this.sightings.longBytes += stop - at;
    window.start = stop;
    if (newline < 0) return;
    this.skipping = false;
    this.line++;
  }

  /**
   * Account for the piece at `at` of a line that ends at `end` (its newline included: at `lineEnd`).
   * Returns where the next piece of the line begins, or DONE.
   */
  private piece(u8: Uint8Array, at: number, end: number, lineEnd: number, unfinished: boolean): number {
    let p = at;
    if (hasTimePrefix(u8, p, end)) {
      this.noteTime(timePrefixMicros(u8, p));
      p += TIME_PREFIX_BYTES;
    }
    if (p >= end) return this.blank(lineEnd - at);
    const byte = u8[p]!;
    if (byte === 0x20 || (byte >= 48 && byte <= 57)) {
      const next = this.headerPiece(u8, at, p, end, lineEnd);
      if (next !== NOT_THIS) return next;
    }
    const rank = dumpRank(u8, p, end);
    if (rank >= 0) {
      const next = this.dumpPiece(u8, rank, at, p, end, lineEnd, unfinished);
      if (next !== NOT_THIS) return next;
    }
    const kind = lineKind(u8, p, end);
    if (kind !== LINES.none) {
      this.known(u8, kind, p, end, lineEnd - at);
      return DONE;
    }
    const next = findRecord(u8, p, end);
    this.text(u8, p, next < 0 ? end : next, (next < 0 ? lineEnd : next) - at, unfinished && next < 0);
    return next < 0 ? DONE : next;
  }

  /** An empty line: the newline of a torn header, or console text. */
  private blank(bytes: number): number {
    const { ledger } = this.setup;
    if (this.owed > 0 && bytes > 0) {
      this.owed--;
      ledger.eventBytes += bytes;
    } else ledger.nonEvent('console text', bytes);
    return DONE;
  }

  /** A header, or the tail of one that was torn. */
  private headerPiece(u8: Uint8Array, at: number, p: number, end: number, lineEnd: number): number {
    const header = this.header;
    const behindPlace = parseHeader(u8, p, end, header);
    if (behindPlace < 0 || behindPlace > end) return this.loneTail(u8, at, p, end, lineEnd);
    this.cutDump();
    this.letStand();
    const tailAt = hasTimePrefix(u8, behindPlace, end) ? behindPlace + TIME_PREFIX_BYTES : behindPlace;
    let behind = parseTail(u8, tailAt, end, header);
    if (header.tail === TAILS.none) behind = behindPlace;
    if (hasTimePrefix(u8, behind, end) && behind + TIME_PREFIX_BYTES === end) behind = end;
    const event = newEvent();
    this.takeRecord(event, this.setup.window.offsetOf(at), this.setup.window.offsetOf(p));
    event.awaits = AWAITS.agreeingDump;
    event.torn = header.tail === TAILS.none || behind < end;
    // The tail may be that of a header torn before; the dump knows better.
    if (this.owed > 0) event.hasTail = false;
    if (event.torn) this.owed++;
    this.waiting.push(event);
    this.setup.ledger.eventBytes += (behind < end ? behind : lineEnd) - at;
    return behind < end ? behind : DONE;
  }

  private loneTail(u8: Uint8Array, at: number, p: number, end: number, lineEnd: number): number {
    const behind = parseTail(u8, p, end, this.header);
    if (behind === p) return NOT_THIS;
    const bytes = (behind < end ? behind : lineEnd) - at;
    const { ledger } = this.setup;
    if (this.owed > 0) {
      ledger.eventBytes += bytes;
      if (behind === end) this.owed--;
    } else ledger.lose('torn', bytes, this.file, () => this.line);
    return behind < end ? behind : DONE;
  }

  /** What a header tells, into an event; shared by both ways of walking. */
  private takeRecord(event: PendingEvent, since: number, head: number): void {
    const header = this.header;
    takeHeader(event, header);
    event.kind = EVENT_KINDS.vec;
    event.flags = header.soft ? EVENT_FLAGS.SOFT : 0;
    // A device's interrupt is only taken with interrupts enabled.
    if (this.hardware.claim(header.vector, header.soft)) {
      event.flags |= EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
    }
    event.timeNs = this.timeNs;
    event.line = this.line;
    event.since = since;
    event.head = head;
    event.cpu = this.setup.cpus.latest;
    this.lastSeq = header.seq;
    this.sightings.headers++;
  }

  /** One line of a dump, if it is one. */
  private dumpPiece(
    u8: Uint8Array,
    rank: number,
    at: number,
    p: number,
    end: number,
    lineEnd: number,
    unfinished: boolean,
  ): number {
    const dump = this.dump;
    const fits = lengthFits(u8, p, end - p);
    if (!fits && (rank === RANKS.first || rank === RANKS.fpu || !dump.open)) return NOT_THIS;
    if (rank === RANKS.fpu) return this.fpuLine(lineEnd - at);
    if (rank === RANKS.first) this.openDump(p);
    else if (!dump.open || rank <= dump.rank) return this.orphan(lineEnd - at);
    else if (!fits) return this.damagedLine(u8, at, p, end, lineEnd, unfinished);
    const { window } = this.setup;
    if (p !== at) dump.whole = false;
    dump.rank = rank;
    dump.starts.push(window.offsetOf(p));
    dump.ranks.push(rank);
    dump.bytes += lineEnd - at;
    noteFacts(u8, rank, p, this.facts);
    if (rank === RANKS.efer) this.closeDump(window.offsetOf(lineEnd), !unfinished);
    return DONE;
  }

  private openDump(p: number): void {
    this.cutDump();
    if (this.execLine !== this.line - 1) this.letStand();
    const dump = this.dump;
    dump.open = true;
    dump.start = this.setup.window.offsetOf(p);
    dump.bytes = 0;
    dump.starts.length = 0;
    dump.ranks.length = 0;
    dump.whole = true;
    dump.damage = undefined;
    dump.afterExec = this.execLine === this.line - 1;
  }

  private fpuLine(bytes: number): number {
    const { ledger } = this.setup;
    this.cutDump();
    if (this.tailOwner === 'event') ledger.eventBytes += bytes;
    else this.loseDumpLine(bytes);
    return DONE;
  }

  /** A dump line where none can be. */
  private orphan(bytes: number): number {
    this.cutDump();
    this.loseDumpLine(bytes);
    this.tailOwner = 'torn';
    return DONE;
  }

  private loseDumpLine(bytes: number): void {
    const { ledger } = this.setup;
    // Adjacent lines are one loss.
    if (this.orphanLine > 0 && this.orphanLine >= this.line - 1) ledger.loseMore('torn', bytes);
    else ledger.lose('torn', bytes, this.file, () => this.line);
    this.orphanLine = this.line;
  }

  /** A dump line of the wrong length: something was cut off or glued in. */
  private damagedLine(
    u8: Uint8Array,
    at: number,
    p: number,
    end: number,
    lineEnd: number,
    unfinished: boolean,
  ): number {
    const dump = this.dump;
    const next = findRecord(u8, p, end);
    this.damage(unfinished ? 'truncated' : 'torn', (next < 0 ? lineEnd : next) - at);
    dump.whole = false;
    return next < 0 ? DONE : next;
  }

  /** Count a damaged dump once, with all bytes that are lost of it. */
  private damage(kind: LossKind, bytes: number): void {
    const { dump } = this;
    if (dump.damage !== undefined) {
      this.setup.ledger.loseMore(dump.damage, bytes);
      return;
    }
    this.lose(kind, bytes, this.line);
    dump.damage = kind;
  }

  /** Count a loss. A file is cut once, however many pieces of its last record that shortens. */
  private lose(kind: LossKind, bytes: number, line: number): void {
    const { ledger } = this.setup;
    if (kind === 'truncated' && this.cutCounted) {
      ledger.loseMore(kind, bytes);
      return;
    }
    if (kind === 'truncated') this.cutCounted = true;
    ledger.lose(kind, bytes, this.file, () => line);
  }

  /** A new piece begins although the dump has not ended: use it as far as it goes. */
  private cutDump(): void {
    if (!this.dump.open) return;
    this.dump.whole = false;
    this.damage(this.finished ? 'truncated' : 'torn', 0);
    this.closeDump(this.setup.window.offsetOf(this.setup.window.start), false);
  }

  private closeDump(endOffset: number, terminated: boolean): void {
    const { dump, facts } = this;
    dump.open = false;
    this.anyDump = true;
    const owner = this.ownerOf();
    if (owner !== undefined) {
      const layout = dump.whole && terminated ? this.learn(endOffset) : undefined;
      this.attach(owner, dump.start, endOffset, layout?.id ?? -1);
      if (owner.torn) {
        this.setup.ledger.repaired++;
        this.owed = this.waiting.filter((event) => event.torn && event.awaits !== AWAITS.nothing).length;
      }
      this.setup.ledger.eventBytes += dump.bytes;
      this.tailOwner = 'event';
    } else {
      this.damage('torn', dump.bytes);
      this.tailOwner = 'torn';
      this.orphanLine = this.line;
    }
    facts.seen = 0;
  }

  private ownerOf(): PendingEvent | undefined {
    const { facts, waiting } = this;
    if (this.dump.afterExec) {
      const record = waiting.findLast(
        (event) => event.kind === EVENT_KINDS.tb && agreesWithExec(event, facts),
      );
      if (record !== undefined && record.dump < 0) {
        this.execDumps = 'follow';
        return record;
      }
    }
    for (const event of waiting) {
      if (event.awaits !== AWAITS.agreeingDump) continue;
      if (agrees(event.ipLow, event.ipHigh, event.spLow, event.spHigh, event.cpl, facts)) return event;
    }
    const record = waiting.find((event) => event.awaits === AWAITS.execDump && agreesWithExec(event, facts));
    if (record !== undefined || this.dump.afterExec) return record;
    return waiting.findLast((event) => event.awaits === AWAITS.anyDump);
  }

  /** Remember the layout of the dump just walked, if its text is still here. */
  private learn(endOffset: number): Layout | undefined {
    const { window, memory, scan } = this.setup;
    const { starts, ranks } = this.dump;
    if (scan !== 'fast' || window.linearOf(starts[0]!) < window.floor) return undefined;
    const linear = starts.map((offset) => window.linearOf(offset));
    const last = linear[linear.length - 1]!;
    // Text between two lines (console output) has made the block unfit as a model.
    if (endOffset - starts[0]! !== this.dump.bytes) return undefined;
    const known = this.layouts.match(memory.u8, linear[0]!, window.end);
    if (known !== undefined) return known;
    return this.layouts.learn(linear, ranks, last + (endOffset - starts[starts.length - 1]!));
  }

  /** Give the dump whose facts are in `facts` to an event. */
  private attach(event: PendingEvent, start: number, end: number, layoutId: number): void {
    const facts = this.facts;
    if ((facts.seen & FACTS.flags) !== 0 && (event.flags & EVENT_FLAGS.HARDWARE) === 0) {
      event.flags |= EVENT_FLAGS.IF_KNOWN | ((facts.flags & RFLAGS_IF) !== 0 ? EVENT_FLAGS.IF : 0);
    }
    event.awaits = AWAITS.nothing;
    event.dump = start;
    event.dumpEnd = end;
    event.layoutId = layoutId;
    if (event.kind === EVENT_KINDS.tb) {
      this.attachToExec(event);
      return;
    }
    if (event.kind === EVENT_KINDS.vec) {
      if (event.vector === 0x0e && !event.hasTail && (facts.seen & FACTS.cr2) !== 0) {
        event.faddrLow = facts.cr2Low;
        event.faddrHigh = facts.cr2High;
      }
      if ((facts.seen & FACTS.tr) !== 0) event.cpu = this.cpuOf();
      else event.cpu = this.setup.cpus.latest;
      return;
    }
    if ((facts.seen & FACTS.rip) !== 0) this.takePlace(event);
    if (event.kind !== EVENT_KINDS.reset && (facts.seen & FACTS.tr) !== 0) {
      event.cpu = this.setup.cpus.lookUp(facts.trSelector, facts.trBaseLow);
    }
  }

  private attachToExec(event: PendingEvent): void {
    const facts = this.facts;
    event.spLow = facts.spLow;
    event.spHigh = facts.spHigh;
    event.cpl = facts.cpl;
    if ((facts.seen & FACTS.tr) !== 0) this.setup.cpus.learn(event.cpu, facts.trSelector, facts.trBaseLow);
    this.hold(event);
  }

  /** The event is complete, and leaves when the next line has not taken it back. */
  private hold(event: PendingEvent): void {
    event.awaits = AWAITS.outcome;
    this.held++;
  }

  /**
   * A line has come that takes nothing back. With several CPUs it may be another CPU's than that of a held record, so
   * the record is held on, until its CPU's next record or for a few lines.
   */
  private letStand(cpu = -1): void {
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

  /** Nothing more may come for long: what is complete leaves. */
  settle(): void {
    for (const event of this.waiting) if (event.awaits === AWAITS.outcome) event.awaits = AWAITS.nothing;
    this.held = 0;
  }

  /** Whether records are complete but held for the line behind them. */
  get holds(): boolean {
    return this.held > 0;
  }

  /** Resets and SMM have no header: their place is in the dump. */
  private takePlace(event: PendingEvent): void {
    const facts = this.facts;
    event.cpl = facts.cpl;
    event.pcLow = facts.ipLow;
    event.pcHigh = facts.ipHigh;
    event.spLow = facts.spLow;
    event.spHigh = facts.spHigh;
  }

  private readonly onMoved = (): void => {
    const { memory } = this.setup;
    const cpus = this.batch.at.cpu >> 1;
    for (let row = 0; row < this.batch.count; row++)
      if (memory.u16[cpus + row] === 1) memory.u16[cpus + row] = 0;
    for (const event of this.waiting) if (event.cpu === 1) event.cpu = 0;
  };

  private cpuOf(): number {
    const { cpus } = this.setup;
    return cpus.attribute(this.facts.trSelector, this.facts.trBaseLow, this.onMoved);
  }

  /** A line of known form. */
  private known(u8: Uint8Array, kind: LineKind, p: number, end: number, bytes: number): void {
    const name = NON_EVENT_NAMES.get(kind);
    if (kind === LINES.trace_event && this.traceEvent(u8, p, end, bytes)) return;
    if (name === undefined) {
      if (kind === LINES.exec) this.execEvent(u8, p, end, bytes);
      else if (kind === LINES.stopped) this.takeBack(u8, p, end, bytes);
      else this.lineEvent(u8, kind, p, end, bytes);
      return;
    }
    this.setup.ledger.nonEvent(name, bytes);
    if (kind === LINES.linking || kind === LINES.trace_event) this.dump.whole = false;
    else {
      this.cutDump();
      this.letStand();
    }
    if (kind === LINES.trace_event) this.noteTime(traceEventTime(u8, p, end));
    else if (kind === LINES.check_exception) {
      this.hardware.otherRecord();
      if (isNested(u8, p)) this.nestedEvent(u8, p, end);
      // A whole line, as most that follow will be.
      else if (bytes === end - p + 1) this.lastCheck = u8.slice(p, p + bytes);
    } else if (kind === LINES.servicing) {
      this.sightings.servicing++;
      const digits = hexRun(u8, p + SERVICING_VECTOR_AT, end);
      this.hardware.servicing(hexLow(u8, p + SERVICING_VECTOR_AT, digits));
    }
  }

  /** A trace event, when somebody asks for them. It may stand between a record and its dump, and ends neither. */
  private traceEvent(u8: Uint8Array, p: number, end: number, bytes: number): boolean {
    const { window, ledger, cpus, traceEvents } = this.setup;
    const record = traceEvents?.record(p, end, cpus.latest);
    if (record === undefined) return false;
    this.dump.whole = false;
    this.noteTime(traceEventTime(u8, p, end));
    const event = newEvent();
    event.kind = EVENT_KINDS.point;
    event.record = record;
    event.seq = this.lastSeq;
    event.timeNs = this.timeNs;
    event.line = this.line;
    event.cpu = record.cpu;
    event.since = window.offsetOf(p);
    this.waiting.push(event);
    ledger.eventBytes += bytes;
    return true;
  }

  /** A record of -d exec. */
  private execEvent(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { window, ledger, cpus } = this.setup;
    this.cutDump();
    this.hardware.otherRecord();
    this.execLine = this.line;
    if (!parseExec(u8, p, end, this.exec)) {
      ledger.lose('malformed', bytes, this.file, () => this.line);
      return;
    }
    this.letStand(this.exec.cpu);
    this.missDump(this.exec.cpu);
    const event = newEvent();
    takeExec(event, this.exec);
    event.kind = EVENT_KINDS.tb;
    event.seq = this.lastSeq;
    event.timeNs = this.timeNs;
    event.line = this.line;
    event.since = window.offsetOf(p);
    if (this.execDumps === 'absent') this.hold(event);
    else event.awaits = AWAITS.execDump;
    cpus.latest = event.cpu;
    this.waiting.push(event);
    ledger.eventBytes += bytes;
  }

  /** A CPU's next record has come, so the dump of its last one will not. */
  private missDump(cpu: number): void {
    for (const event of this.waiting) {
      if (event.awaits !== AWAITS.execDump || event.cpu !== cpu) continue;
      if (this.execDumps === 'unknown') this.execDumps = 'absent';
      this.giveUp(event);
    }
  }

  /** `Stopped execution`: the record before it with that pc did not run. */
  private takeBack(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { ledger } = this.setup;
    this.cutDump();
    const { exec, waiting } = this;
    const known = parseStopped(u8, p, end, exec);
    const index = waiting.findLastIndex(
      (event) => event.kind === EVENT_KINDS.tb && event.pcLow === exec.pcLow && event.pcHigh === exec.pcHigh,
    );
    if (!known || index < 0) {
      ledger.lose('torn', bytes, this.file, () => this.line);
      return;
    }
    if (waiting[index]!.awaits === AWAITS.execDump && this.execDumps === 'unknown') this.execDumps = 'absent';
    const [taken] = waiting.splice(index, 1);
    if (taken!.awaits === AWAITS.outcome) this.held--;
    ledger.nonEvent('stopped', bytes);
  }

  /** An event that is a line of its own, with or without a dump behind it. */
  private lineEvent(u8: Uint8Array, kind: LineKind, p: number, end: number, bytes: number): void {
    const { window, ledger, cpus } = this.setup;
    const event = newEvent();
    event.seq = this.lastSeq;
    event.timeNs = this.timeNs;
    event.line = this.line;
    event.since = window.offsetOf(p);
    event.cpu = cpus.latest;
    this.letStand();
    if (kind === LINES.guest_error) {
      event.kind = EVENT_KINDS.guest_error;
      const address = hexAddress(u8, guestErrorAddressAt(u8, p), end);
      event.faddrLow = address.low;
      event.faddrHigh = address.high;
    } else {
      this.cutDump();
      this.hardware.otherRecord();
      if (kind === LINES.triple_fault) event.kind = EVENT_KINDS.triple_fault;
      else {
        event.awaits = AWAITS.anyDump;
        event.kind = kind === LINES.reset ? EVENT_KINDS.reset : EVENT_KINDS.smm_enter;
        if (kind === LINES.smm_leave) event.kind = EVENT_KINDS.smm_leave;
      }
      if (kind === LINES.reset) {
        event.cpu = decimal(u8, p + RESET_CPU_AT, end - 1 - p - RESET_CPU_AT);
        cpus.noteReset(event.cpu);
      }
    }
    this.waiting.push(event);
    ledger.eventBytes += bytes;
  }

  /** An exception during the delivery of another: an event whose line the ledger has as a known one. */
  private nestedEvent(u8: Uint8Array, p: number, end: number): void {
    const { window, cpus } = this.setup;
    const event = newEvent();
    event.kind = EVENT_KINDS.nested;
    event.seq = this.lastSeq;
    event.timeNs = this.timeNs;
    event.line = this.line;
    event.since = window.offsetOf(p);
    event.cpu = cpus.latest;
    const old = p + CHECK_OLD_AT;
    const digits = hexRun(u8, old, end);
    event.errLow = hexLow(u8, old, digits);
    const raised = old + digits + CHECK_BETWEEN;
    event.vector = hexLow(u8, raised, hexRun(u8, raised, end)) & 0xff;
    this.waiting.push(event);
  }

  /** Text of no known form. */
  private text(u8: Uint8Array, p: number, end: number, bytes: number, unfinished: boolean): void {
    const { ledger } = this.setup;
    this.letStand();
    if (this.sightings.foreign === undefined) this.sightings.foreign = foreignTarget(u8, p, end);
    this.dump.whole = false;
    if (unfinished && mayBeginRecord(u8, p, end)) {
      this.lose('truncated', bytes, this.line);
      return;
    }
    const kind = textKind(u8, p, end);
    if (kind === 'console') ledger.nonEvent('console text', bytes);
    else ledger.lose(kind, bytes, this.file, () => this.line);
  }

  private noteTime(micros: number): void {
    const { timeBase } = this.setup;
    if (Number.isNaN(timeBase.firstMicros)) timeBase.firstMicros = micros;
    this.timeNs = (micros - timeBase.firstMicros) * 1000;
  }

  /** Give up on events and dumps that have waited too long. */
  private expire(offset: number): void {
    const { waiting, dump } = this;
    if (dump.open && offset - dump.start > MAX_DUMP_BYTES) this.cutDump();
    while (
      waiting.length > 0 &&
      (waiting.length > (this.held > 0 ? MAX_WAITING + EXEC_PATIENCE : MAX_WAITING) ||
        offset - waiting[0]!.since > MAX_WAIT_BYTES)
    ) {
      this.giveUp(waiting[0]!);
      if (!this.emitFirst()) return;
    }
  }

  private giveUp(event: PendingEvent): void {
    const { awaits } = event;
    event.awaits = AWAITS.nothing;
    if (awaits === AWAITS.outcome) this.held--;
    if (awaits === AWAITS.nothing || awaits === AWAITS.outcome) return;
    if (awaits === AWAITS.execDump && this.execDumps !== 'follow') return;
    const isLast = event === this.waiting[this.waiting.length - 1];
    const cut = this.finished && isLast && (this.anyDump || this.cutCounted);
    this.lose(cut ? 'truncated' : 'nodump', 0, event.line);
    if (event.torn && this.owed > 0) this.owed--;
  }

  /** The input has ended. */
  private finish(): void {
    if (!this.finished) {
      this.endState = this.state();
      this.finished = true;
      this.cutDump();
      this.settle();
      for (const event of this.waiting) this.giveUp(event);
    }
    this.drain();
  }

  private drain(): void {
    while (this.waiting.length > 0 && this.waiting[0]!.awaits === AWAITS.nothing) {
      if (!this.emitFirst()) return;
    }
  }

  private emitFirst(): boolean {
    if (this.batch.count >= this.batch.capacity) return false;
    this.emit(this.waiting.shift()!);
    return true;
  }

  /** The fast path for many records at once (int-run.ts). Whether anything was taken. */
  private run(first: number, end: number): boolean {
    const { intRun } = this;
    if (intRun === undefined || !mayRun(first)) return false;
    if (this.rest > 0) {
      this.rest--;
      return false;
    }
    const { window, ledger } = this.setup;
    const at = window.start;
    const limit = window.ended ? end : end - MAX_RECORD_BYTES;
    if (at >= limit || at === this.refusedAt) return false;
    const { line, lastSeq, timeNs } = this;
    const { firstMicros } = this.setup.timeBase;
    const checks = ledger.nonEvents.get(CHECK_NAME);
    const servicing = ledger.nonEvents.get(SERVICING_NAME);
    const traced = this.setup.traceEvents === undefined ? ledger.nonEvents.get(TRACED_NAME) : undefined;
    const takesChecks = checks !== undefined;
    const takesServicing = servicing !== undefined;
    const takesTraced = traced !== undefined;
    const from = { line, lastSeq, timeNs, firstMicros, takesChecks, takesServicing, takesTraced };
    this.isNewTask = false;
    if (!intRun.run(this.batch, at, end, limit, from)) return false;
    const { result } = intRun;
    this.isNewTask = result.stop === STOPS.task;
    this.refusedAt = result.stop === STOPS.regular ? -1 : result.next;
    if (result.next === at) {
      if (++this.vainRuns < VAIN_RUNS) return false;
      this.vainRuns = 0;
      this.rest = REST_RECORDS;
      return false;
    }
    this.vainRuns = 0;
    window.start = result.next;
    ledger.totalBytes += result.next - at;
    this.line += result.lines;
    this.sightings.servicing += result.servicings;
    if (checks !== undefined) addTo(checks, result.checks, result.checkBytes);
    if (servicing !== undefined) addTo(servicing, result.servicings, result.servicingBytes);
    if (traced !== undefined) addTo(traced, result.traced, result.tracedBytes);
    this.timeNs = result.timeNs;
    if (result.events === 0) return true;
    this.runEvents += result.events;
    ledger.events += result.events;
    ledger.eventBytes += result.eventBytes;
    this.sightings.headers += result.events;
    this.lastSeq = result.lastSeq;
    this.tailOwner = 'event';
    this.anyDump = true;
    return true;
  }

  /**
   * The fast path: take the header at `at` and the dump behind it in one step. Changes nothing unless it succeeds.
   * Returns the offset behind the record, WALK when the line must be walked, or NEED_MORE.
   */
  private jump(u8: Uint8Array, at: number, end: number): number {
    const { window, ledger } = this.setup;
    const byte = u8[at]!;
    if (byte === CHECK_BYTE) return this.repeatedCheck(u8, at, end);
    if (byte === TRACE_BYTE) return this.jumpExec(u8, at, end);
    if (byte !== 0x20 && (byte < 48 || byte > 57)) return WALK;
    const timed = hasTimePrefix(u8, at, end);
    const p = timed ? at + TIME_PREFIX_BYTES : at;
    const header = this.header;
    let q = parseHeader(u8, p, end, header);
    if (q < 0 || q > end) return WALK;
    // A live log may pause here for long: what has come is walked at once.
    if (end - at < MAX_RECORD_BYTES && !window.ended) return window.live ? WALK : NEED_MORE;
    q = parseTail(u8, q, end, header);
    if (header.tail === TAILS.none) return WALK;
    if (u8[q] === CR) q++;
    if (u8[q] !== LF) return WALK;
    const start = q + 1;
    const layout = this.layouts.match(u8, start, end);
    if (layout === undefined) return WALK;
    const facts = this.facts;
    this.factsOf(u8, start, layout);
    if (!agrees(header.ipLow, header.ipHigh, header.spLow, header.spHigh, header.cpl, facts)) return WALK;

    if (timed) this.noteTime(timePrefixMicros(u8, at));
    const event = this.quick;
    this.takeRecord(event, 0, window.offsetOf(p));
    const next = start + layout.sizeBytes;
    const tr = layout.rankStarts[RANKS.tr]!;
    this.attach(event, window.offsetOf(start), window.offsetOf(next), layout.id);
    ledger.eventBytes += next - at;
    this.line += 1 + layout.lineStarts.length;
    this.tailOwner = 'event';
    this.anyDump = true;
    this.emit(event);
    if (this.isNewTask && (facts.seen & FACTS.tr) !== 0) {
      this.isNewTask = false;
      this.intRun!.learnText(start + tr + 4, facts.trSelector, facts.trBaseLow);
    }
    return next;
  }

  /** Also in the fast path: records of -d exec without dumps, many in one step. */
  private runExec(): boolean {
    if (this.execDumps !== 'absent' || this.dump.open) return false;
    const { batch, waiting, line, lastSeq: seq, timeNs } = this;
    const from = batch.count;
    const run = this.execRuns.take({ batch, waiting, line, seq, timeNs });
    if (run === undefined) return false;
    if (run.maxCpu < batch.cpuCount) {
      this.countCpus(from);
      this.countedRows = batch.count;
    }
    if (run.lines === 0) return true;
    this.hardware.otherRecord();
    this.line += run.lines;
    this.execLine = run.execLine;
    this.held = run.held;
    this.exec.several ||= run.maxCpu > 0;
    this.setup.cpus.latest = run.lastCpu;
    return true;
  }

  /** Also in the fast path: a record of -d exec with a dump of known layout, and a line behind it that lets it stand. */
  private jumpExec(u8: Uint8Array, at: number, end: number): number {
    const { window, ledger } = this.setup;
    if (this.execDumps !== 'follow') return WALK;
    if (end - at < MAX_RECORD_BYTES && !window.ended) return window.live ? WALK : NEED_MORE;
    const newline = findNewline(u8, at, end);
    if (newline < 0 || lineKind(u8, at, newline) !== LINES.exec || !parseExec(u8, at, newline, this.exec)) {
      return WALK;
    }
    const start = newline + 1;
    const layout = this.layouts.match(u8, start, end);
    if (layout === undefined) return WALK;
    const next = start + layout.sizeBytes;
    if (next >= end || u8[next] === STOPPED_BYTE || u8[next] === LINKING_BYTE) return WALK;
    const event = this.quick;
    takeExec(event, this.exec);
    this.factsOf(u8, start, layout);
    if (!agreesWithExec(event, this.facts)) return WALK;
    this.hardware.otherRecord();
    event.kind = EVENT_KINDS.tb;
    event.vector = 0;
    event.flags = 0;
    event.seq = this.lastSeq;
    event.errLow = event.errHigh = event.faddrLow = event.faddrHigh = 0;
    event.timeNs = this.timeNs;
    event.line = this.line;
    event.head = -1;
    this.attach(event, window.offsetOf(start), window.offsetOf(next), layout.id);
    this.held = 0;
    ledger.eventBytes += next - at;
    this.line += 1 + layout.lineStarts.length;
    this.tailOwner = 'event';
    this.anyDump = true;
    this.emit(event);
    return next;
  }

  /**
   * Also in the fast path: a check_exception line that is the same as the last one, as nearly all are. Returns the
   * offset behind it, or WALK.
   */
  private repeatedCheck(u8: Uint8Array, at: number, end: number): number {
    const last = this.lastCheck;
    if (last.length === 0 || at + last.length > end) return WALK;
    for (let i = 0; i < last.length; i++) if (u8[at + i] !== last[i]) return WALK;
    this.setup.ledger.nonEvent(CHECK_NAME, last.length);
    this.hardware.otherRecord();
    this.line++;
    return at + last.length;
  }

  private factsOf(u8: Uint8Array, start: number, layout: Layout): void {
    const { rankStarts } = layout;
    const facts = this.facts;
    const [rsi, rip, tr] = [rankStarts[RANKS.rsi]!, rankStarts[RANKS.rip]!, rankStarts[RANKS.tr]!];
    const wide = u8[start] === 0x52 && this.hex !== undefined && rsi > 0 && rip > 0 && tr > 0;
    if (wide && noteWideFacts(u8, start + rsi, start + rip, start + tr, facts, this.hex)) return;
    noteFacts(u8, RANKS.first, start, facts);
    if (rsi > 0) noteFacts(u8, RANKS.rsi, start + rsi, facts);
    if (rip > 0) noteFacts(u8, RANKS.rip, start + rip, facts);
    if (tr > 0) noteFacts(u8, RANKS.tr, start + tr, facts);
  }

  private emit(event: PendingEvent): void {
    const { memory, needs, ledger, window } = this.setup;
    const { batch } = this;
    const { at } = batch;
    const row = batch.count;
    batch.count = row + 1;
    memory.u8[at.kind + row] = event.kind;
    memory.u8[at.flags + row] = event.flags;
    memory.u16[(at.cpu >> 1) + row] = event.cpu;
    memory.u16[(at.vector >> 1) + row] = event.vector;
    this.put(at.seq, row, event.seq | 0, event.seq > 0x7fffffff ? Math.floor(event.seq / 0x100000000) : 0);
    if (needs.cpl) memory.u8[at.cpl + row] = event.cpl;
    if (needs.errcode) this.put(at.errcode, row, event.errLow, event.errHigh);
    if (needs.pc) this.put(at.pc, row, event.pcLow, event.pcHigh);
    if (needs.sp) this.put(at.sp, row, event.spLow, event.spHigh);
    if (needs.faddr) this.put(at.faddr, row, event.faddrLow, event.faddrHigh);
    if (needs.time) memory.f64[(at.time >> 3) + row] = event.timeNs;
    if (needs.line) memory.f64[(at.line >> 3) + row] = event.line;
    if (needs.registers) {
      const head = here(event.head, window);
      const dump = here(event.dump, window);
      memory.u32[(at.text >> 2) + row] = dump;
      this.texts.set(row, head, dump, dump === 0 ? 0 : window.linearOf(event.dumpEnd), event.layoutId);
    }
    if (event.record !== undefined) this.setup.traceEvents?.write(batch, row, event.record);
    if (event.kind !== EVENT_KINDS.nested) ledger.events++;
  }

  private put(column: number, row: number, low: number, high: number): void {
    const { i32 } = this.setup.memory;
    const word = (column >> 2) + 2 * row;
    i32[word] = low;
    i32[word + 1] = high;
  }

  /** Up to row `end`. */
  private countCpus(end: number): void {
    const { batch } = this;
    const cpus = batch.at.cpu >> 1;
    const { u16 } = this.setup.memory;
    for (let row = this.countedRows; row < end; row++) {
      if (u16[cpus + row]! >= batch.cpuCount) batch.cpuCount = u16[cpus + row]! + 1;
    }
  }
}

function addTo(row: { count: number; bytes: number }, count: number, bytes: number): void {
  row.count += count;
  row.bytes += bytes;
}

/** Whether a line that begins with this byte may be one that run takes: a header, check_exception, Servicing. */
function mayRun(byte: number): boolean {
  return byte === 0x20 || (byte >= 48 && byte <= 57) || byte === CHECK_BYTE || byte === STOPPED_BYTE;
}

/** A number that plain data can hold and compare. */
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Whether a check_exception line tells of an exception that was being delivered: -1 when there was none. */
function isNested(u8: Uint8Array, p: number): boolean {
  const old = p + CHECK_OLD_AT;
  return hexRun(u8, old, old + NO_EXCEPTION_DIGITS) < NO_EXCEPTION_DIGITS;
}

/** Linear offset of input offset `offset`, 0 when there is none or it has left the window. */
function here(offset: number, window: Window): number {
  if (offset < 0) return 0;
  const linear = window.linearOf(offset);
  return linear < window.floor ? 0 : linear;
}

function findNewline(u8: Uint8Array, from: number, end: number): number {
  let p = from;
  while (p < end && u8[p] !== LF) p++;
  return p < end ? p : -1;
}
