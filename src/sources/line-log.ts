/**
 * Logs whose records are lines: what the scanners of Arm and RISC-V logs share.
 *
 * In: a window of text. Out: rows of the batch, in the order in which their first lines stand in the log (event-queue.ts).
 * This class finds lines, knows those that all targets log alike (-d exec, resets, guest errors, trace events) and accounts
 * every byte once. Rules (log-rules.ts) know what the target logs in its own words. A line that begins with something else is
 * searched for a record in its middle, so a log with console text in it resynchronises.
 *
 * Dumps belong to the record of -d exec with their pc, or to the reset in front of them. A record of -d exec waits for its
 * dump once one was seen, and for the next line, which may take it back (qemu-x86/exec.ts, E1 and E2).
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import { COLUMN_REGISTERS } from '../machine/registers.ts';
import { EventQueue, NO_CPU } from './event-queue.ts';
import { HandlerEntries } from './handler-entries.ts';
import { LogEvent, Values } from './log-event.ts';
import type { DumpLine, LogRules } from './log-rules.ts';
import { DumpReader } from './open-dump.ts';
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
import { RecordRuns } from './record-run.ts';
import { type LogScanner, NO_NUMBER, type ScanSetup, type Sightings } from './scanner.ts';

/** Longer lines are no QEMU log; they are passed over without being held. */
const MAX_LINE_BYTES = 64 * 1024;
const { pc: PC, sp: SP } = COLUMN_REGISTERS;
const LF = 0x0a;
/** With these begin lines that are known by their bytes, and no line of a dump. */
const BEGIN_KNOWN: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  'TSLIC'.includes(String.fromCharCode(byte)),
);
const CR = 0x0d;

const NON_EVENTS: ReadonlyMap<LineKind, string> = new Map([
  [LINES.linking, 'linking'],
  [LINES.trace_event, 'trace events'],
]);

export class LineLog implements LogScanner {
  readonly lastNumber = NO_NUMBER;
  readonly sightings: Sightings = { foreign: undefined, servicing: 0, headers: 0, longBytes: 0 };
  /** 1-based, of the line at hand. */
  line: number;
  timeNs = Number.NaN;
  private readonly file: string;
  private readonly setup: ScanSetup;
  private readonly isFast: boolean;
  private readonly rules: LogRules;
  private readonly queue: EventQueue;
  private readonly dumps: DumpReader;
  private readonly entries = new HandlerEntries();
  private readonly runs: RecordRuns | undefined;
  private readonly exec = newExecRecord();
  private text: Buffer;
  private execDumps: 'unknown' | 'follow' | 'absent' = 'unknown';
  private deliveries = 0;
  private skipping = false;
  private finished = false;
  private seenExec = false;
  private several = false; // CPUs were seen
  /** A rule has taken a piece of a record whose rest is missing. */
  private tornPiece = false;

  /** `runMinBytes`: of an input in which records are taken many at once. */
  constructor(file: string, setup: ScanSetup, rules: LogRules, line = 1, runMinBytes?: number) {
    this.file = file;
    this.setup = setup;
    this.isFast = setup.scan === 'fast';
    this.rules = rules;
    this.line = line;
    this.queue = new EventQueue(setup);
    this.dumps = new DumpReader(setup, rules);
    this.runs = rules.runs && new RecordRuns(setup, rules.runs, rules.facts, runMinBytes);
    this.text = bufferOf(setup.memory);
  }

  get texts(): LogScanner['texts'] {
    return this.queue.texts;
  }

  get done(): boolean {
    return this.finished && this.queue.events.length === 0;
  }

  get cpus(): CpuTable {
    return this.setup.cpus;
  }

  get keepFrom(): number {
    return this.setup.window.start;
  }

  get holds(): boolean {
    return this.queue.events.length > 0;
  }

  get readsRegisters(): boolean {
    return this.setup.needs.registers;
  }

  settle(): void {
    if (this.dumps.isMidway) return; // the pause is inside of it
    this.closeDump();
    this.queue.letAllStand();
    this.rules.between(this);
    this.entries.releaseAll();
  }

  /**
   * The delivery is told; what it interrupted may follow. Whoever reads what: safe mode's mask, the level and pc are
   * among it, and must not depend on the program.
   */
  awaitEntry(event: LogEvent, knowsHandler: boolean): void {
    event.isWhole = true;
    if (this.setup.window.live && !this.seenExec) return;
    this.entries.await(event, knowsHandler);
  }

  /** A record begins that is no line of a dump. */
  beginRecord(): void {
    this.closeDump();
    this.letStand();
    this.entries.pass(1, this.several);
  }

  /** So many more lines of the record are read; the one behind them is next. */
  passLines(lines: number): void {
    this.line += lines + 1;
    if (lines === 0) return;
    for (let line = 0; line < lines; line++) this.letStand();
    this.entries.pass(lines, this.several);
  }

  /** The piece at hand belongs to a record whose beginning is lost. */
  tear(): void {
    this.tornPiece = true;
  }

  scan(batch: EventBatch): void {
    const { window } = this.setup;
    this.queue.attach(batch, this.rules.architecture);
    this.followMemory();
    this.queue.drain();
    while (batch.count < batch.capacity && window.start < window.end) {
      if (this.isFast && !this.skipping && (this.takeRun(batch) || this.takeFast())) continue;
      if (!this.walkLine()) break;
    }
    if (window.ended && window.start === window.end) this.finish();
  }

  /** Memory that has grown is another buffer. */
  private followMemory(): void {
    const { memory } = this.setup;
    if (this.text.buffer !== memory.u8.buffer) this.text = bufferOf(memory);
  }

  /** Records of the usual shape, many at once. */
  private takeRun(batch: EventBatch): boolean {
    const { runs, queue, entries, deliveries, timeNs } = this;
    const { window, cpus, ledger } = this.setup;
    if (!runs?.mayBegin() || this.dumps.isOpen || deliveries === 0) return false;
    const isSeveral = this.several || this.exec.several;
    if (!queue.leavesInTime((event) => entries.patienceOf(event, isSeveral))) return false;
    const waiting = queue.events.length;
    const place = { batch, waiting, isSeveral, line: this.line, deliveries, timeNs, cpu: cpus.latest };
    const run = runs.take(place);
    this.followMemory(); // to make the loop takes memory
    if (run === undefined) return false;
    queue.letAllStand();
    entries.releaseAll();
    queue.drain();
    cpus.latest = runs.settle(place, run);
    queue.addRows(run.end, run.maxCpu, runs.eventOf);
    if (run.maxCpu > 0) this.several = true;
    this.deliveries += run.deliveries;
    this.sightings.headers += run.deliveries;
    this.line += run.lines;
    ledger.eventBytes += run.bytes;
    ledger.totalBytes += run.bytes;
    window.start += run.bytes;
    return true;
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
    this.queue.drain();
    return true;
  }

  /** A whole dump of a shape that was met before: where it ends, 0 when there is none. */
  private takeKnownDump(u8: Uint8Array, at: number, end: number): number {
    const shape = this.dumps.match(u8, at, end);
    if (shape === undefined) return 0;
    if (this.dumps.hasLines) this.closeDump();
    this.dumps.takeShape(u8, at, shape);
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
    this.queue.drain();
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
    if (dumpLine !== undefined && (dumpLine.isFirst || this.dumps.isOpen)) {
      this.takeDump(text, dumpLine, bytesTo(end));
      if (this.isFast) this.dumps.noteLesson(dumpLine, p, from === p && lineEnd === end + 1 ? lineEnd : p);
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
    this.entries.pass(1, this.several);
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
      this.entries.pass(1, this.several);
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
    this.dumps.expect(event);
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
    for (const event of this.queue.events) {
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
    if (!event.awaitsDump) this.queue.hold(event);
    this.seenExec = true;
    if (event.awaitsDump) this.entries.enter(event);
    this.entries.pass(1, this.several);
    cpus.latest = exec.cpu;
    this.push(event);
    ledger.eventBytes += bytes;
  }

  private missDump(event: LogEvent): void {
    const { ledger } = this.setup;
    event.awaitsDump = false;
    event.isWhole = true;
    event.held = 0;
    this.entries.releaseOf(event);
    if (this.execDumps === 'follow') ledger.lose('nodump', 0, this.file, () => event.line);
  }

  /** A line that takes nothing back; with several CPUs it may be another CPU's than that of a held record. */
  private letStand(cpu = NO_CPU): void {
    this.queue.letStand(cpu, this.exec.several);
  }

  /** `Stopped execution`: the record before it with that pc did not run. */
  private takeBack(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { ledger } = this.setup;
    const { exec } = this;
    const known = parseStopped(u8, p, end, exec);
    const pc = (BigInt(exec.pcHigh >>> 0) << 32n) | BigInt(exec.pcLow >>> 0);
    if (!known || !this.queue.takeBack(pc)) {
      ledger.lose('torn', bytes, this.file, () => this.line);
      return;
    }
    ledger.nonEvent('stopped', bytes);
  }

  private takeDump(text: string, dumpLine: DumpLine, bytes: number): void {
    if (dumpLine.isFirst && this.dumps.hasLines) this.closeDump();
    this.dumps.takeLine(text, dumpLine);
    this.setup.ledger.eventBytes += bytes;
  }

  /** The dump, if one is open, has come to its end. */
  private closeDump(): void {
    const { rules } = this;
    const dump = this.dumps.close(this.text);
    if (dump === undefined) return;
    const { values } = dump;
    const pc = values.get(PC);
    const owner =
      dump.owner ??
      this.queue.events.findLast(
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
    this.entries.tell(owner, values, rules);
    this.queue.hold(owner);
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
    if (kind !== EVENT_KINDS.tb && kind !== EVENT_KINDS.point) this.entries.releaseOnCpu(cpu);
    if (kind === EVENT_KINDS.vec) this.deliveries++;
    const values = this.readsRegisters && !isFast ? new Values(this.rules.aliases) : undefined;
    const event = new LogEvent(kind, cpu, Math.max(0, this.deliveries - 1), this.timeNs, this.line, values);
    if (this.readsRegisters && isFast) event.facts = this.rules.facts;
    return event;
  }

  push(event: LogEvent): void {
    if (event.kind === EVENT_KINDS.vec) this.sightings.headers++;
    const torn = this.queue.push(event);
    if (torn) this.lose('torn', torn.line);
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
      for (const event of this.queue.events) if (event.awaitsDump) this.missDump(event);
      this.queue.releaseAll();
    }
    this.queue.drain();
  }
}

function bufferOf({ u8 }: LinearMemory): Buffer {
  return Buffer.from(u8.buffer, u8.byteOffset, u8.byteLength);
}

/** Whether one of the two texts begins with the other. */
function startsAlike(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
