/**
 * One event of a log whose records are lines (line-log.ts), and the registers of a batch's rows. An event says only what the
 * log does: `pc`, `sp` and the level of a row can be unknown, and then D faults instead of reading a 0.
 *
 * 64-bit values are kept as int32 halves, which cost nothing to make; who reads one as a bigint makes it then. Registers
 * are a map where the careful path read the record, and `facts` about the event's own fields where the fast path did.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { EVENT_FLAGS, type EventBatch, type RegisterReader, UNKNOWN_LEVEL } from '../machine/event-batch.ts';
import { COLUMN_REGISTERS, REGISTERS, type RegisterName } from '../machine/registers.ts';
import type { TextRecord } from './text-trace/points.ts';

/** Ids of registers that have another's value: the second name of the same. */
export type Aliases = ReadonlyMap<number, number>;
const NO_ALIASES: Aliases = new Map();

/** Registers that are kept as the text of a dump (dump-shape.ts). */
export interface TextBacking {
  readonly size: number;
  has(id: number): boolean;
  get(id: number): bigint | undefined;
}
const NO_TEXT: TextBacking = { size: 0, has: () => false, get: () => undefined };

/** Takes fields of a dump's line, `at` which their digits stand. */
export interface FieldTaker {
  setDigits(id: number, digits: string, at: number): void;
}

/** Registers of one event that are known. Digits become numbers when somebody asks for them: most are never asked for. */
export class Values implements FieldTaker {
  private readonly known = new Map<number, bigint | string>();
  private readonly aliases: Aliases;
  private readonly text: TextBacking;

  constructor(aliases = NO_ALIASES, text = NO_TEXT) {
    this.aliases = aliases;
    this.text = text;
  }

  get size(): number {
    return this.known.size + this.text.size;
  }

  set(id: number, value: bigint): void {
    this.known.set(id, value);
  }

  /** Hexadecimal, as they stand in the log. */
  setDigits(id: number, digits: string): void {
    this.known.set(id, digits);
  }

  has(id: number): boolean {
    return this.hasOwn(id) || this.hasOwn(this.aliases.get(id) ?? -1);
  }

  private hasOwn(id: number): boolean {
    return this.known.has(id) || this.text.has(id);
  }

  get(id: number): bigint | undefined {
    const value = this.known.get(id) ?? this.text.get(id);
    if (value === undefined) {
      const other = this.aliases.get(id);
      return other === undefined ? undefined : this.get(other);
    }
    if (typeof value !== 'string') return value;
    const number = BigInt(`0x${value}`);
    this.known.set(id, number);
    return number;
  }

  /** Of the registers from `first` to `last` those that `from` has. */
  take(from: Values, first: number, last: number): void {
    for (let id = first; id <= last; id++) {
      const value = from.known.get(id) ?? from.text.get(id);
      if (value !== undefined) this.known.set(id, value);
    }
  }
}

/** What a target's records say of their events, by register. */
export interface Facts {
  value(event: LogEvent, registerId: number): bigint | undefined;
}

/** One event on its way into the batch. */
export class LogEvent {
  readonly kind: number;
  readonly cpu: number;
  vector = 0;
  flags = 0;
  level = UNKNOWN_LEVEL; // when the log does not tell
  readonly seq: number;
  readonly timeNs: number;
  readonly line: number;
  errLow = 0;
  errHigh = 0;
  hasPc = false;
  pcLow = 0;
  pcHigh = 0;
  hasSp = false;
  spLow = 0;
  spHigh = 0;
  faddrLow = 0;
  faddrHigh = 0;
  values: Values | undefined; // absent when nobody reads registers, and of what the fast path read
  /** Of what the fast path read, when somebody reads registers. */
  facts: Facts | undefined = undefined;
  /** Of an Arm delivery: how far its lines went (qemu-arm/arm-facts.ts), where it leads, and what it saved. */
  told = 0;
  toLevel = 0;
  entryLow = 0;
  entryHigh = 0;
  stateLow = 0;
  stateHigh = 0;
  savedLow = 0;
  savedHigh = 0;
  /** Nothing that belongs to it is missing. */
  isWhole = false;
  awaitsDump = false;
  /** Whole, but the next line may take it back. */
  held = 0; // lines it is still held for; 0: not held
  record: TextRecord | undefined = undefined; // of a trace event

  constructor(
    kind: number,
    cpu: number,
    seq: number,
    timeNs: number,
    line: number,
    values: Values | undefined,
  ) {
    this.kind = kind;
    this.cpu = cpu;
    this.seq = seq;
    this.timeNs = timeNs;
    this.line = line;
    this.values = values;
  }

  get pc(): bigint | undefined {
    return this.hasPc ? joined(this.pcLow, this.pcHigh) : undefined;
  }

  set pc(value: bigint | undefined) {
    this.hasPc = value !== undefined;
    this.pcLow = lowOf(value);
    this.pcHigh = highOf(value);
  }

  get sp(): bigint | undefined {
    return this.hasSp ? joined(this.spLow, this.spHigh) : undefined;
  }

  set sp(value: bigint | undefined) {
    this.hasSp = value !== undefined;
    this.spLow = lowOf(value);
    this.spHigh = highOf(value);
  }

  get faddr(): bigint {
    return joined(this.faddrLow, this.faddrHigh);
  }

  set faddr(value: bigint) {
    this.faddrLow = lowOf(value);
    this.faddrHigh = highOf(value);
  }

  get errcode(): bigint {
    return joined(this.errLow, this.errHigh);
  }

  set errcode(value: bigint) {
    this.errLow = lowOf(value);
    this.errHigh = highOf(value);
  }

  /** Where more registers may be put: absent when nobody reads them. */
  ownValues(aliases?: Aliases): Values | undefined {
    if (this.facts !== undefined) this.values ??= new Values(aliases);
    return this.values;
  }
}

const halves = new Int32Array(2);
const whole = new BigUint64Array(halves.buffer);

/** The unsigned value of two halves. */
export function joined(low: number, high: number): bigint {
  halves[0] = low;
  halves[1] = high;
  return whole[0]!;
}

export function lowOf(value: bigint | undefined): number {
  whole[0] = value ?? 0n;
  return halves[0]!;
}

export function highOf(value: bigint | undefined): number {
  whole[0] = value ?? 0n;
  return halves[1]!;
}

const { pc: PC, sp: SP, cpl: LEVEL } = COLUMN_REGISTERS;

/** The id of a register by its name, where a table of names is made. */
export const idOf = (name: RegisterName): number => REGISTERS[name].id;

/** Registers of a batch's rows. */
export class EventRegisters implements RegisterReader {
  private rows: (LogEvent | undefined)[] = [];
  private eventOf: ((row: number) => LogEvent) | undefined;

  attach(batch: EventBatch): void {
    if (batch.count === 0 && this.rows.length !== batch.capacity)
      this.rows = new Array(batch.capacity).fill(undefined);
  }

  set(row: number, event: LogEvent): void {
    this.rows[row] = event;
  }

  /** Rows [from, end) have no events of their own: `eventOf` tells what is known of one, until it is asked again. */
  setRun(from: number, end: number, eventOf: (row: number) => LogEvent): void {
    this.rows.fill(undefined, from, end);
    this.eventOf = eventOf;
  }

  read(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const event = this.rows[row] ?? this.eventOf?.(row);
    if (event === undefined) return false;
    if (registerId === PC || registerId === SP) {
      const isPc = registerId === PC;
      out.i32[outOffset >> 2] = isPc ? event.pcLow : event.spLow;
      out.i32[(outOffset >> 2) + 1] = isPc ? event.pcHigh : event.spHigh;
      return isPc ? event.hasPc : event.hasSp;
    }
    const value = knownValue(event, registerId);
    if (value === undefined) return false;
    out.i64[outOffset >> 3] = BigInt.asIntN(64, value);
    return true;
  }
}

function knownValue(event: LogEvent, registerId: number): bigint | undefined {
  if (registerId !== LEVEL) return event.values?.get(registerId) ?? event.facts?.value(event, registerId);
  return event.level === UNKNOWN_LEVEL ? undefined : BigInt(event.level);
}

/** A device raised it, so the interrupted code had interrupts enabled for it. */
export const INTERRUPT_FLAGS = EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
