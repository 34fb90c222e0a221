/**
 * Logs whose records are lines: what the scanners of Arm and RISC-V logs share.
 *
 * In: a window of text. Out: rows of the batch, in the order in which their first lines stand in the log. This class finds
 * lines, keeps the queue of events, knows the lines that all targets log alike (-d exec, resets, guest errors, trace
 * events) and accounts every byte once. Rules (LogRules) know what the target logs in its own words. A line that begins with
 * something else is searched for a record in its middle, so a log with console text in it resynchronises.
 *
 * Dumps belong to the record of -d exec with their pc, or to the reset in front of them. A record of -d exec waits for its
 * dump once one was seen, and for the next line, which may take it back (qemu-x86/exec.ts, E1 and E2).
 */

import type { LinearMemory } from '../base/linear-memory.ts';
import { ARCHITECTURE_IDS, type Architecture } from '../machine/causes.ts';
import { EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import { COLUMN_REGISTERS } from '../machine/registers.ts';
import { type DumpField, DumpShapes } from './dump-shape.ts';
import { type Aliases, EventRegisters, type Facts, type FieldTaker, LogEvent, Values } from './log-event.ts';
import type { CpuTable } from './qemu-x86/cpus.ts';
import { newExecRecord, parseExec, parseStopped } from './qemu-x86/exec.ts';
import { hexAddress } from './qemu-x86/hex.ts';
import {
  decimal,
  guestErrorAddressAt,
  hasTimePrefix,
  LINES,
  type LineKind,
  lineKind,
  RESET_CPU_AT,
  TIME_PREFIX_BYTES,
  textKind,
  timePrefixMicros,
  traceEventTime,
} from './qemu-x86/lines.ts';
import { type LogScanner, NO_NUMBER, type ScanSetup, type Sightings } from './scanner.ts';

/** Longer lines are no QEMU log; they are passed over without being held. */
const MAX_LINE_BYTES = 64 * 1024;
/** So many events at most wait for one in front of them that is not whole. */
const MAX_WAITING = 64;
/** With several CPUs the line that takes a record of -d exec back may come so many lines later. */
const EXEC_PATIENCE = 32;
const { pc: PC, sp: SP } = COLUMN_REGISTERS;
const LF = 0x0a;
/** With these begin lines that are known by their bytes, and no line of a dump. */
const BEGIN_KNOWN: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  'TSLIC'.includes(String.fromCharCode(byte)),
);
const CR = 0x0d;

/** What a rule makes of the text at the beginning of a piece: how many characters it took; 0 when it is none of its. */
export interface LogRules {
  readonly architecture: Architecture;
  /** Where a record of the target's own may begin inside a line. */
  readonly begins: RegExp;
  /** Texts with which records begin: what is cut short behind the beginning of one is a truncated record. */
  readonly prefixes: readonly string[];
  /** A record. */
  take(text: string, log: LineLog): number;
  /** A whole record of the usual shape, of lines that end before `end`: where it ends, 0 when it is none. */
  takeFast(u8: Uint8Array, at: number, end: number, log: LineLog): number;
  /** Of events of such records. */
  readonly facts: Facts;
  /** A line of a register dump: undefined when it is none. */
  dumpLine(text: string): DumpLine | undefined;
  /** Its registers. */
  readFields(text: string, to: FieldTaker): void;
  readonly aliases?: Aliases;
  /** Whether a dump may be of that event's CPU. */
  mayOwn(event: LogEvent, values: Values): boolean;
  /** The event's own facts from its dump. */
  fromDump(event: LogEvent, values: Values): void;
  /** A record of -d exec, its level by the low two bits of the hidden flags. */
  levelOf(hiddenFlags: number): number;
  /** Any piece that is not a detail of a record: what waits for details has no more of them. */
  between(log: LineLog): void;
  /** What the dump of the handler's first block tells of the delivery that led to it. */
  fromEntry(event: LogEvent, values: Values): void;
  /** The log has ended. */
  finish(log: LineLog): void;
}

export interface DumpLine {
  readonly isFirst: boolean;
  /** Nothing that matters comes behind it. */
  readonly isLast: boolean;
  /** Something in it tells more than registers: level, mask, place. */
  readonly isJudged: boolean;
}

const NON_EVENTS: ReadonlyMap<LineKind, string> = new Map([
  [LINES.linking, 'linking'],
  [LINES.trace_event, 'trace events'],
]);

/** A delivery whose handler's first block may be logged next, with the registers as they were. */
interface Entry {
  readonly event: LogEvent;
  readonly knowsHandler: boolean; // the log says where it begins
  block: LogEvent | undefined;
  patience: number; // lines of other CPUs that may come before it
}

const NO_LESSON = { from: 0, to: -1 } as const;

interface OpenDump {
  readonly values: Values;
  readonly owner: LogEvent | undefined; // of a reset; a block's is found by its pc
  isEnded: boolean; // its last line has come
}

export class LineLog implements LogScanner {
  readonly texts: EventRegisters;
  readonly lastNumber = NO_NUMBER;
  readonly sightings: Sightings = { foreign: undefined, servicing: 0, headers: 0, longBytes: 0 };
  /** 1-based, of the line at hand. */
  line: number;
  timeNs = Number.NaN;
  private readonly file: string;
  private readonly setup: ScanSetup;
  private readonly isFast: boolean;
  private readonly rules: LogRules;
  private readonly queue: LogEvent[] = [];
  private readonly exec = newExecRecord();
  private text: Buffer;
  private batch!: EventBatch;
  private dump: OpenDump | undefined;
  private readonly shapes = new DumpShapes();
  /** Where in the input the lines of the dump at hand lie that follow each other, when something can be learned from it. */
  private lesson: { readonly from: number; readonly to: number } | undefined;
  private execDumps: 'unknown' | 'follow' | 'absent' = 'unknown';
  private deliveries = 0;
  private skipping = false;
  private finished = false;
  private seenExec = false;
  private several = false; // CPUs were seen
  private entries: Entry[] = [];
  /** A rule has taken a piece of a record whose rest is missing. */
  private tornPiece = false;

  constructor(file: string, setup: ScanSetup, rules: LogRules, line = 1) {
    this.file = file;
    this.setup = setup;
    this.isFast = setup.scan === 'fast';
    this.rules = rules;
    this.line = line;
    this.texts = new EventRegisters();
    this.text = bufferOf(setup.memory);
  }

  get done(): boolean {
    return this.finished && this.queue.length === 0;
  }

  get cpus(): CpuTable {
    return this.setup.cpus;
  }

  get keepFrom(): number {
    return this.setup.window.start;
  }

  get holds(): boolean {
    return this.queue.length > 0;
  }

  get readsRegisters(): boolean {
    return this.setup.needs.registers;
  }

  settle(): void {
    if (this.dump !== undefined && !this.dump.isEnded) return; // the pause is inside of it
    this.closeDump();
    for (const event of this.queue) event.held = 0;
    this.rules.between(this);
    this.releaseAll();
  }

  /**
   * The delivery is told; what it interrupted may follow. Whoever reads what: safe mode's mask, the level and pc are
   * among it, and must not depend on the program.
   */
  awaitEntry(event: LogEvent, knowsHandler: boolean): void {
    event.isWhole = true;
    if (this.setup.window.live && !this.seenExec) return;
    event.isWhole = false;
    this.entries.push({ event, knowsHandler, block: undefined, patience: EXEC_PATIENCE });
  }

  private release(index: number): void {
    this.entries[index]!.event.isWhole = true;
    this.entries.splice(index, 1);
  }

  private releaseAll(): void {
    for (const { event } of this.entries) event.isWhole = true;
    this.entries.length = 0;
  }

  private releaseOf(block: LogEvent): void {
    const { entries } = this;
    for (let i = entries.length - 1; i >= 0; i--) if (entries[i]!.block === block) this.release(i);
  }

  /** That CPU does something else. */
  private releaseOnCpu(cpu: number): void {
    const { entries } = this;
    for (let i = entries.length - 1; i >= 0; i--) {
      const { event, block } = entries[i]!;
      if (event.cpu === cpu && block === undefined) this.release(i);
    }
  }

  /** So many lines that are no handler's block. With several CPUs it may be another one's. */
  private passEntries(lines: number): void {
    const { entries } = this;
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]!;
      entry.patience -= lines;
      if (entry.block === undefined && (!this.several || entry.patience <= 0)) this.release(i);
    }
  }

  /** A record begins that is no line of a dump. */
  beginRecord(): void {
    this.closeDump();
    this.letStand();
    this.passEntries(1);
  }

  /** So many more lines of the record are read; the one behind them is next. */
  passLines(lines: number): void {
    this.line += lines + 1;
    if (lines === 0) return;
    for (let line = 0; line < lines; line++) this.letStand();
    this.passEntries(lines);
  }

  /** The piece at hand belongs to a record whose beginning is lost. */
  tear(): void {
    this.tornPiece = true;
  }

  scan(batch: EventBatch): void {
    const { window, memory } = this.setup;
    this.batch = batch;
    batch.architecture = ARCHITECTURE_IDS[this.rules.architecture];
    batch.registers = this.texts;
    this.texts.attach(batch);
    if (this.text.buffer !== memory.u8.buffer) this.text = bufferOf(memory);
    this.drain();
    while (batch.count < batch.capacity && window.start < window.end) {
      if (this.isFast && !this.skipping && this.takeFast()) continue;
      if (!this.walkLine()) break;
    }
    if (window.ended && window.start === window.end) this.finish();
  }

  /** A record of the usual shape, whatever its lines are. */
  private takeFast(): boolean {
    const { window, memory, ledger } = this.setup;
    const { start } = window;
    const record = this.rules.takeFast(memory.u8, start, window.end, this);
    const end = record === 0 ? this.takeKnownDump(memory.u8, start, window.end) : record;
    if (end === 0) return false;
    ledger.eventBytes += end - window.start;
    ledger.totalBytes += end - window.start;
    window.start = end;
    this.drain();
    return true;
  }

  /** A whole dump of a shape that was met before: where it ends, 0 when there is none. */
  private takeKnownDump(u8: Uint8Array, at: number, end: number): number {
    const shape = this.shapes.match(u8, at, end);
    if (shape === undefined) return 0;
    if ((this.dump?.values.size ?? 0) > 0) this.closeDump();
    const { dump } = this; // of a reset, without any line yet
    this.lesson = undefined;
    this.dump = {
      values: new Values(this.rules.aliases, this.shapes.take(u8, at, shape)),
      owner: dump?.owner,
      isEnded: shape.isEnded || (dump?.isEnded ?? false),
    };
    this.line += shape.lines;
    return at + shape.template.length;
  }

  /** One line, or a part of one that is too long. False: its end is not in the window. */
  private walkLine(): boolean {
    const { window, memory, ledger } = this.setup;
    const { u8 } = memory;
    const at = window.start;
    const found = u8.indexOf(LF, at);
    const newline = found < 0 || found >= window.end ? -1 : found;
    const length = (newline < 0 ? window.end : newline) - at;
    const lineEnd = newline < 0 ? window.end : newline + 1;
    if (this.skipping || length > MAX_LINE_BYTES) {
      if (!this.skipping) ledger.lose('unknown', 0, this.file, () => this.line);
      ledger.loseMore('unknown', lineEnd - at);
      ledger.totalBytes += lineEnd - at;
      this.sightings.longBytes += lineEnd - at;
      this.skipping = newline < 0;
      if (newline >= 0) this.line++;
      window.start = lineEnd;
      return true;
    }
    if (newline < 0 && !window.ended) return false;
    const end = newline > at && u8[newline - 1] === CR ? newline - 1 : at + length;
    this.pieces(at, end, lineEnd, newline < 0);
    ledger.totalBytes += lineEnd - at;
    window.start = lineEnd;
    if (newline >= 0) this.line++;
    this.drain();
    return true;
  }

  /** A line, which may hold several pieces: records that were written behind console text, or behind each other. */
  private pieces(at: number, end: number, lineEnd: number, unfinished: boolean): void {
    const { u8 } = this.setup.memory;
    let p = at;
    if (hasTimePrefix(u8, p, end)) {
      this.noteTime(timePrefixMicros(u8, p));
      p += TIME_PREFIX_BYTES;
    }
    let from = at; // bytes from here on are not accounted yet
    while (from < lineEnd) {
      const next = p >= end ? end : this.piece(from, p, end, lineEnd, unfinished);
      const stop = next >= end ? lineEnd : next;
      if (p >= end) this.setup.ledger.nonEvent('console text', stop - from);
      from = stop;
      p = stop;
    }
  }

  /** Account for the piece at `p`, whose bytes begin at `from`. Returns where the next one begins. */
  private piece(from: number, p: number, end: number, lineEnd: number, unfinished: boolean): number {
    const { u8 } = this.setup.memory;
    const { rules } = this;
    const bytesTo = (stop: number): number => (stop >= end ? lineEnd : stop) - from;
    if (this.isFast && BEGIN_KNOWN[u8[p]!]) {
      const known = lineKind(u8, p, end);
      if (known !== LINES.none) {
        this.known(u8, known, p, end, bytesTo(end));
        return end;
      }
    }
    const text = this.text.toString('latin1', p, end);
    const dumpLine = rules.dumpLine(text);
    if (dumpLine !== undefined && (dumpLine.isFirst || this.dump !== undefined)) {
      this.takeDump(text, dumpLine, bytesTo(end));
      this.noteLesson(dumpLine, p, from === p && lineEnd === end + 1 ? lineEnd : p);
      return end;
    }
    const kind = lineKind(u8, p, end);
    if (kind !== LINES.none) {
      this.known(u8, kind, p, end, bytesTo(end));
      return end;
    }
    this.closeDump();
    if (!unfinished) {
      const taken = this.takeRecord(text, p, bytesTo);
      if (taken > 0) return p + taken;
    }
    const begins = rules.begins.exec(text);
    if (unfinished && (begins?.index === 0 || rules.prefixes.some((prefix) => startsAlike(prefix, text)))) {
      this.setup.ledger.lose('truncated', bytesTo(end), this.file, () => this.line);
      return end;
    }
    if (unfinished) {
      const taken = this.takeRecord(text, p, bytesTo);
      if (taken > 0) return p + taken;
    }
    const rest = begins && begins.index === 0 ? rules.begins.exec(text.slice(1)) : begins;
    const skip = rest ? rest.index + (begins?.index === 0 ? 1 : 0) : text.length;
    this.otherText(u8, p, p + skip, bytesTo(p + skip), begins?.index === 0);
    return p + skip;
  }

  /** The record with which the text begins: how many characters it has, 0 when there is none. */
  private takeRecord(text: string, p: number, bytesTo: (stop: number) => number): number {
    const { ledger } = this.setup;
    this.letStand();
    this.passEntries(1);
    this.tornPiece = false;
    const taken = this.rules.take(text, this);
    if (taken === 0) return 0;
    if (this.tornPiece) ledger.lose('torn', bytesTo(p + taken), this.file, () => this.line);
    else ledger.eventBytes += bytesTo(p + taken);
    return taken;
  }

  private otherText(u8: Uint8Array, p: number, end: number, bytes: number, isBroken: boolean): void {
    const { ledger } = this.setup;
    this.rules.between(this);
    const kind = isBroken ? 'malformed' : textKind(u8, p, end);
    if (kind === 'console') ledger.nonEvent('console text', bytes);
    else ledger.lose(kind, bytes, this.file, () => this.line);
  }

  /** A line that every target logs alike. */
  private known(u8: Uint8Array, kind: LineKind, p: number, end: number, bytes: number): void {
    const { ledger } = this.setup;
    const name = NON_EVENTS.get(kind);
    if (name !== undefined) {
      if (kind === LINES.trace_event) {
        this.noteTime(traceEventTime(u8, p, end));
        if (this.traceEvent(p, end, bytes)) return;
      }
      ledger.nonEvent(name, bytes);
      return;
    }
    this.closeDump();
    if (kind === LINES.exec) this.execLine(u8, p, end, bytes);
    else if (kind === LINES.stopped) this.takeBack(u8, p, end, bytes);
    else {
      this.letStand();
      this.passEntries(1);
      this.rules.between(this);
      if (kind === LINES.reset) this.resetLine(u8, p, end);
      else if (kind === LINES.guest_error) this.guestError(u8, p, end);
      else {
        ledger.lose('unknown', bytes, this.file, () => this.line); // a line that only x86 logs
        return;
      }
      ledger.eventBytes += bytes;
    }
  }

  /** A trace event, when somebody asks for them. It ends nothing that waits for its rest. */
  private traceEvent(p: number, end: number, bytes: number): boolean {
    const { cpus, ledger, traceEvents } = this.setup;
    const record = traceEvents?.record(p, end, cpus.latest);
    if (record === undefined) return false;
    const event = this.newEvent(EVENT_KINDS.point, record.cpu);
    event.record = record;
    event.isWhole = true;
    this.push(event);
    ledger.eventBytes += bytes;
    return true;
  }

  private resetLine(u8: Uint8Array, p: number, end: number): void {
    const event = this.newEvent(EVENT_KINDS.reset, decimal(u8, p + RESET_CPU_AT, end - 1 - p - RESET_CPU_AT));
    this.dump = { values: new Values(this.rules.aliases), owner: event, isEnded: false };
    this.push(event);
  }

  private guestError(u8: Uint8Array, p: number, end: number): void {
    const event = this.newEvent(EVENT_KINDS.guest_error, this.setup.cpus.latest);
    const { low, high } = hexAddress(u8, guestErrorAddressAt(u8, p), end);
    event.faddrLow = low;
    event.faddrHigh = high;
    event.isWhole = true;
    this.push(event);
  }

  private execLine(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { ledger, cpus } = this.setup;
    const { exec } = this;
    if (!parseExec(u8, p, end, exec)) {
      ledger.lose('malformed', bytes, this.file, () => this.line);
      return;
    }
    this.letStand(exec.cpu);
    this.rules.between(this);
    for (const event of this.queue) {
      if (!event.awaitsDump || event.kind !== EVENT_KINDS.tb || event.cpu !== exec.cpu) continue;
      if (this.execDumps === 'unknown') this.execDumps = 'absent';
      this.missDump(event);
    }
    const event = this.newEvent(EVENT_KINDS.tb, exec.cpu);
    event.hasPc = true;
    event.pcLow = exec.pcLow;
    event.pcHigh = exec.pcHigh;
    if (exec.cpl >= 0) event.level = this.rules.levelOf(exec.cpl);
    event.awaitsDump = this.execDumps !== 'absent';
    if (!event.awaitsDump) this.hold(event);
    this.seenExec = true;
    for (const entry of this.entries) {
      if (event.awaitsDump && isEntered(entry, event)) entry.block ??= event;
    }
    this.passEntries(1);
    cpus.latest = exec.cpu;
    this.push(event);
    ledger.eventBytes += bytes;
  }

  private missDump(event: LogEvent): void {
    const { ledger } = this.setup;
    event.awaitsDump = false;
    event.isWhole = true;
    event.held = 0;
    this.releaseOf(event);
    if (this.execDumps === 'follow') ledger.lose('nodump', 0, this.file, () => event.line);
  }

  private hold(event: LogEvent): void {
    event.awaitsDump = false;
    event.isWhole = true;
    event.held = EXEC_PATIENCE;
  }

  /** A line that takes nothing back; with several CPUs it may be another CPU's than that of a held record. */
  private letStand(cpu = NO_NUMBER): void {
    for (const event of this.queue) {
      if (event.held === 0) continue;
      event.held = event.cpu === cpu || !this.exec.several ? 0 : event.held - 1;
    }
  }

  /** `Stopped execution`: the record before it with that pc did not run. */
  private takeBack(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { ledger } = this.setup;
    const { exec, queue } = this;
    const known = parseStopped(u8, p, end, exec);
    const pc = (BigInt(exec.pcHigh >>> 0) << 32n) | BigInt(exec.pcLow >>> 0);
    const index = queue.findLastIndex((event) => event.kind === EVENT_KINDS.tb && event.pc === pc);
    if (!known || index < 0) {
      ledger.lose('torn', bytes, this.file, () => this.line);
      return;
    }
    queue.splice(index, 1);
    ledger.nonEvent('stopped', bytes);
  }

  private takeDump(text: string, dumpLine: DumpLine, bytes: number): void {
    if (dumpLine.isFirst && (this.dump?.values.size ?? 1) > 0) {
      this.closeDump();
      this.dump = { values: new Values(this.rules.aliases), owner: undefined, isEnded: false };
    }
    const { values } = this.dump!;
    if (dumpLine.isJudged || this.readsRegisters) this.rules.readFields(text, values);
    this.dump!.isEnded ||= dumpLine.isLast;
    this.setup.ledger.eventBytes += bytes;
  }

  /** The line at `p`, that ends at `end`, may be learned from. */
  private noteLesson({ isFirst }: DumpLine, p: number, end: number): void {
    if (!this.isFast || !this.shapes.mayLearn) return;
    const { lesson } = this;
    const { window } = this.setup;
    const from = window.offsetOf(p);
    if (lesson !== undefined && lesson.to === from && end > p)
      this.lesson = { from: lesson.from, to: window.offsetOf(end) };
    else if (lesson !== undefined) this.lesson = NO_LESSON;
    else this.lesson = isFirst && end > p ? { from, to: window.offsetOf(end) } : NO_LESSON;
  }

  private learn({ isEnded }: OpenDump): void {
    const { lesson, shapes } = this;
    const { window } = this.setup;
    this.lesson = undefined;
    if (lesson === undefined || lesson === NO_LESSON) return;
    const start = window.linearOf(lesson.from);
    if (start < window.floor) return; // the window has moved on
    const text = this.text.toString('latin1', start, window.linearOf(lesson.to));
    const fields = new Map<number, DumpField>();
    let lineAt = 0;
    const taker = {
      setDigits: (id: number, digits: string, at: number): void => {
        fields.set(id, { at: lineAt + at, digits: digits.length });
      },
    };
    for (const line of text.split('\n')) {
      this.rules.readFields(line, taker);
      lineAt += line.length + 1;
    }
    shapes.learn(text, isEnded, fields);
  }

  /** The dump, if one is open, has come to its end. */
  private closeDump(): void {
    const { dump, rules } = this;
    if (dump === undefined) return;
    this.dump = undefined;
    this.learn(dump);
    const { values } = dump;
    const pc = values.get(PC);
    const owner =
      dump.owner ??
      this.queue.findLast(
        (event) =>
          event.kind === EVENT_KINDS.tb && event.awaitsDump && event.pc === pc && rules.mayOwn(event, values),
      );
    if (owner === undefined) {
      if (values.size > 0) this.setup.ledger.lose('torn', 0, this.file, () => this.line);
      return;
    }
    rules.fromDump(owner, values);
    if (this.readsRegisters) owner.values = values;
    owner.pc ??= pc;
    owner.sp = values.get(SP);
    if (owner.kind !== EVENT_KINDS.tb) {
      owner.isWhole = true;
      return;
    }
    this.execDumps = 'follow';
    for (const entry of this.entries) {
      if (entry.block === owner) rules.fromEntry(entry.event, values);
    }
    this.releaseOf(owner);
    this.hold(owner);
  }

  private noteTime(micros: number): void {
    const { timeBase } = this.setup;
    if (Number.isNaN(timeBase.firstMicros)) timeBase.firstMicros = micros;
    this.timeNs = (micros - timeBase.firstMicros) * 1000;
  }

  /** `isFast`: its registers are `facts`. */
  newEvent(kind: number, cpu: number, isFast = false): LogEvent {
    this.setup.cpus.latest = cpu;
    if (cpu > 0) this.several = true;
    if (kind !== EVENT_KINDS.tb && kind !== EVENT_KINDS.point) this.releaseOnCpu(cpu);
    if (kind === EVENT_KINDS.vec) this.deliveries++;
    const values = this.readsRegisters && !isFast ? new Values(this.rules.aliases) : undefined;
    const event = new LogEvent(kind, cpu, Math.max(0, this.deliveries - 1), this.timeNs, this.line, values);
    if (this.readsRegisters && isFast) event.facts = this.rules.facts;
    return event;
  }

  push(event: LogEvent): void {
    if (event.kind === EVENT_KINDS.vec) this.sightings.headers++;
    this.queue.push(event);
    if (this.queue.length <= MAX_WAITING) return;
    const first = this.queue[0]!;
    if (!first.isWhole) this.lose('torn', first.line);
    first.isWhole = true;
    first.awaitsDump = false;
    first.held = 0;
  }

  /** A loss whose bytes are counted elsewhere. */
  lose(kind: 'torn' | 'truncated', line: number): void {
    const cut = this.finished ? 'truncated' : kind;
    this.setup.ledger.lose(cut, 0, this.file, () => line);
  }

  repaired(): void {
    this.setup.ledger.repaired++;
  }

  private finish(): void {
    if (!this.finished) {
      this.finished = true;
      this.closeDump(); // also one that is cut
      this.settle();
      this.rules.finish(this);
      for (const event of this.queue) {
        if (event.awaitsDump) this.missDump(event);
        event.isWhole = true;
        event.held = 0;
      }
    }
    this.drain();
  }

  private drain(): void {
    const { queue, batch } = this;
    while (queue.length > 0 && batch.count < batch.capacity) {
      const event = queue[0]!;
      if (!event.isWhole || event.held > 0) return;
      this.emit(queue.shift()!);
    }
  }

  private emit(event: LogEvent): void {
    const { memory, needs, ledger } = this.setup;
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
    if (event.record !== undefined) this.setup.traceEvents?.write(batch, row, event.record);
    if (event.cpu >= batch.cpuCount) batch.cpuCount = event.cpu + 1;
    ledger.events++;
  }
}

/** Whether the block is the handler's first. */
function isEntered({ event, knowsHandler }: Entry, block: LogEvent): boolean {
  if (event.cpu !== block.cpu) return false;
  return !knowsHandler || (event.entryLow === block.pcLow && event.entryHigh === block.pcHigh);
}

/** A row's cell of a column of 64-bit values. */
function put(i32: Int32Array, row: number, column: number, low: number, high: number): void {
  const word = (column >> 2) + 2 * row;
  i32[word] = low;
  i32[word + 1] = high;
}

function bufferOf({ u8 }: LinearMemory): Buffer {
  return Buffer.from(u8.buffer, u8.byteOffset, u8.byteLength);
}

/** Whether one of the two texts begins with the other. */
function startsAlike(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
