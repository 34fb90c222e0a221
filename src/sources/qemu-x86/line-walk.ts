/**
 * All other lines: events that are a line of their own, records of -d exec, known lines that are no events, and text.
 */
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import type { DumpWalk } from './dump-walk.ts';
import { parseExec, parseStopped } from './exec.ts';
import { hexAddress, hexLow, hexRun } from './hex.ts';
import {
  decimal,
  foreignTarget,
  guestErrorAddressAt,
  LINES,
  type LineKind,
  mayBeginRecord,
  RESET_CPU_AT,
  servicingVectorAt,
  textKind,
  traceEventTime,
} from './lines.ts';
import type { LogScan } from './log-scan.ts';
import { AWAITS, newEvent, type PendingEvent, takeExec } from './waiting.ts';

export const CHECK_NAME = 'check_exception';
export const SERVICING_NAME = 'servicing';
export const TRACED_NAME = 'trace events';
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

export class LineWalk {
  /** The latest check_exception line of an exception that came alone, its newline included. */
  lastCheck = new Uint8Array(0);
  private readonly log: LogScan;
  private readonly dumps: DumpWalk;

  constructor(log: LogScan, dumps: DumpWalk) {
    this.log = log;
    this.dumps = dumps;
  }

  /** A line of known form. */
  known(u8: Uint8Array, kind: LineKind, p: number, end: number, bytes: number): void {
    const name = NON_EVENT_NAMES.get(kind);
    if (kind === LINES.trace_event && this.traceEvent(u8, p, end, bytes)) return;
    if (name === undefined) {
      if (kind === LINES.exec) this.execEvent(u8, p, end, bytes);
      else if (kind === LINES.stopped) this.takeBack(u8, p, end, bytes);
      else this.lineEvent(u8, kind, p, end, bytes);
      return;
    }
    this.log.setup.ledger.nonEvent(name, bytes);
    if (kind === LINES.linking || kind === LINES.trace_event) this.dumps.dump.whole = false;
    else {
      this.dumps.cutDump();
      this.log.letStand();
    }
    if (kind === LINES.trace_event) this.log.noteTime(traceEventTime(u8, p, end));
    else if (kind === LINES.check_exception) {
      this.log.hardware.otherRecord();
      if (isNested(u8, p)) this.nestedEvent(u8, p, end);
      // A whole line, as most that follow will be.
      else if (bytes === end - p + 1) this.lastCheck = u8.slice(p, p + bytes);
    } else if (kind === LINES.servicing) {
      this.log.sightings.servicing++;
      this.log.hardware.servicing(this.realModeEvent(u8, p, end));
    }
  }

  /** What a servicing line tells when no record follows it: a device's interrupt, so that interrupts were enabled. */
  private realModeEvent(u8: Uint8Array, p: number, end: number): PendingEvent {
    const event = newEvent();
    event.kind = EVENT_KINDS.real_mode_irq;
    event.flags = EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
    event.seq = this.log.lastSeq;
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.since = this.log.setup.window.offsetOf(p);
    event.cpu = this.log.setup.cpus.latest;
    const vectorAt = servicingVectorAt(u8, p);
    event.vector = hexLow(u8, vectorAt, hexRun(u8, vectorAt, end)) & 0xff;
    return event;
  }

  /** A trace event, when somebody asks for them. It may stand between a record and its dump, and ends neither. */
  private traceEvent(u8: Uint8Array, p: number, end: number, bytes: number): boolean {
    const { window, ledger, cpus, traceEvents } = this.log.setup;
    const record = traceEvents?.record(p, end, cpus.latest);
    if (record === undefined) return false;
    this.dumps.dump.whole = false;
    this.log.noteTime(traceEventTime(u8, p, end));
    const event = newEvent();
    event.kind = EVENT_KINDS.point;
    event.record = record;
    event.seq = this.log.lastSeq;
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.cpu = record.cpu;
    event.since = window.offsetOf(p);
    this.log.push(event);
    ledger.eventBytes += bytes;
    return true;
  }

  /** A record of -d exec. */
  private execEvent(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { window, ledger, cpus } = this.log.setup;
    this.dumps.cutDump();
    this.log.hardware.otherRecord();
    this.log.execLine = this.log.line;
    if (!parseExec(u8, p, end, this.log.exec)) {
      ledger.lose('malformed', bytes, this.log.file, () => this.log.line);
      return;
    }
    this.log.letStand(this.log.exec.cpu);
    this.missDump(this.log.exec.cpu);
    const event = newEvent();
    takeExec(event, this.log.exec);
    event.kind = EVENT_KINDS.tb;
    event.seq = this.log.lastSeq;
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.since = window.offsetOf(p);
    if (this.log.execDumps === 'absent') this.log.hold(event);
    else event.awaits = AWAITS.execDump;
    cpus.latest = event.cpu;
    this.log.push(event);
    ledger.eventBytes += bytes;
  }

  /** A CPU's next record has come, so the dump of its last one will not. */
  private missDump(cpu: number): void {
    for (const event of this.log.waiting) {
      if (event.awaits !== AWAITS.execDump || event.cpu !== cpu) continue;
      if (this.log.execDumps === 'unknown') this.log.execDumps = 'absent';
      this.log.giveUp(event);
    }
  }

  /** `Stopped execution`: the record before it with that pc did not run. */
  private takeBack(u8: Uint8Array, p: number, end: number, bytes: number): void {
    const { ledger } = this.log.setup;
    this.dumps.cutDump();
    const { exec, waiting } = this.log;
    const known = parseStopped(u8, p, end, exec);
    const index = waiting.findLastIndex(
      (event) => event.kind === EVENT_KINDS.tb && event.pcLow === exec.pcLow && event.pcHigh === exec.pcHigh,
    );
    if (!known || index < 0) {
      ledger.lose('torn', bytes, this.log.file, () => this.log.line);
      return;
    }
    if (waiting[index]!.awaits === AWAITS.execDump && this.log.execDumps === 'unknown')
      this.log.execDumps = 'absent';
    const [taken] = waiting.splice(index, 1);
    if (taken!.awaits === AWAITS.outcome) this.log.held--;
    ledger.nonEvent('stopped', bytes);
  }

  /** An event that is a line of its own, with or without a dump behind it. */
  private lineEvent(u8: Uint8Array, kind: LineKind, p: number, end: number, bytes: number): void {
    const { window, ledger, cpus } = this.log.setup;
    const event = newEvent();
    event.seq = this.log.lastSeq;
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.since = window.offsetOf(p);
    event.cpu = cpus.latest;
    this.log.letStand();
    if (kind === LINES.guest_error) {
      event.kind = EVENT_KINDS.guest_error;
      const address = hexAddress(u8, guestErrorAddressAt(u8, p), end);
      event.faddrLow = address.low;
      event.faddrHigh = address.high;
    } else {
      this.dumps.cutDump();
      this.log.hardware.otherRecord();
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
    this.log.push(event);
    ledger.eventBytes += bytes;
  }

  /** An exception during the delivery of another: an event whose line the ledger has as a known one. */
  private nestedEvent(u8: Uint8Array, p: number, end: number): void {
    const { window, cpus } = this.log.setup;
    const event = newEvent();
    event.kind = EVENT_KINDS.nested;
    event.seq = this.log.lastSeq;
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.since = window.offsetOf(p);
    event.cpu = cpus.latest;
    const old = p + CHECK_OLD_AT;
    const digits = hexRun(u8, old, end);
    event.errLow = hexLow(u8, old, digits);
    const raised = old + digits + CHECK_BETWEEN;
    event.vector = hexLow(u8, raised, hexRun(u8, raised, end)) & 0xff;
    this.log.push(event);
  }

  /** Text of no known form. */
  text(u8: Uint8Array, p: number, end: number, bytes: number, unfinished: boolean): void {
    const { ledger } = this.log.setup;
    this.log.letStand();
    if (this.log.sightings.foreign === undefined) this.log.sightings.foreign = foreignTarget(u8, p, end);
    this.dumps.dump.whole = false;
    if (unfinished && mayBeginRecord(u8, p, end)) {
      this.log.lose('truncated', bytes, this.log.line);
      return;
    }
    const kind = textKind(u8, p, end);
    if (kind === 'console') ledger.nonEvent('console text', bytes);
    else ledger.lose(kind, bytes, this.log.file, () => this.log.line);
  }
}

/** Whether a check_exception line tells of an exception that was being delivered: -1 when there was none. */
function isNested(u8: Uint8Array, p: number): boolean {
  const old = p + CHECK_OLD_AT;
  return hexRun(u8, old, old + NO_EXCEPTION_DIGITS) < NO_EXCEPTION_DIGITS;
}
