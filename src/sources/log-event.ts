/**
 * One event of a log whose records are lines (line-log.ts), and the registers of a batch's rows. An event says only what the
 * log does: `pc`, `sp` and the level of a row can be unknown, and then D faults instead of reading a 0.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { EVENT_FLAGS, type EventBatch, type RegisterReader, UNKNOWN_LEVEL } from '../machine/event-batch.ts';
import { COLUMN_REGISTERS, REGISTERS, type RegisterName } from '../machine/registers.ts';
import type { TextRecord } from './text-trace/points.ts';

/** Ids of registers that have another's value: the second name of the same. */
export type Aliases = ReadonlyMap<number, number>;
const NO_ALIASES: Aliases = new Map();

/** Registers of one event that are known. Digits become numbers when somebody asks for them: most are never asked for. */
export class Values {
  private readonly known = new Map<number, bigint | string>();
  private readonly aliases: Aliases;

  constructor(aliases = NO_ALIASES) {
    this.aliases = aliases;
  }

  get size(): number {
    return this.known.size;
  }

  set(id: number, value: bigint): void {
    this.known.set(id, value);
  }

  /** Hexadecimal, as they stand in the log. */
  setDigits(id: number, digits: string): void {
    this.known.set(id, digits);
  }

  has(id: number): boolean {
    return this.known.has(id) || this.known.has(this.aliases.get(id) ?? -1);
  }

  get(id: number): bigint | undefined {
    const value = this.known.get(id);
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
      const value = from.known.get(id);
      if (value !== undefined) this.known.set(id, value);
    }
  }
}

/** One event on its way into the batch. */
export interface LogEvent {
  kind: number;
  vector: number;
  flags: number;
  cpu: number;
  level: number; // UNKNOWN_LEVEL when the log does not tell
  seq: number;
  errcode: bigint;
  pc: bigint | undefined;
  sp: bigint | undefined;
  faddr: bigint;
  timeNs: number;
  line: number;
  values: Values | undefined; // absent when nobody reads registers
  /** Nothing that belongs to it is missing. */
  isWhole: boolean;
  awaitsDump: boolean;
  /** Whole, but the next line may take it back. */
  held: number; // lines it is still held for; 0: not held
  readonly record?: TextRecord; // of a trace event
}

const { pc: PC, sp: SP, cpl: LEVEL } = COLUMN_REGISTERS;

/** The id of a register by its name, where a table of names is made. */
export const idOf = (name: RegisterName): number => REGISTERS[name].id;

/** Registers of a batch's rows. */
export class EventRegisters implements RegisterReader {
  private rows: (LogEvent | undefined)[] = [];

  attach(batch: EventBatch): void {
    if (batch.count === 0) this.rows = new Array(batch.capacity).fill(undefined);
  }

  set(row: number, event: LogEvent): void {
    this.rows[row] = event;
  }

  read(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const event = this.rows[row];
    if (event === undefined) return false;
    const value = registerId === PC ? event.pc : registerId === SP ? event.sp : knownValue(event, registerId);
    if (value === undefined) return false;
    out.i64[outOffset >> 3] = BigInt.asIntN(64, value);
    return true;
  }
}

function knownValue(event: LogEvent, registerId: number): bigint | undefined {
  if (registerId !== LEVEL) return event.values?.get(registerId);
  return event.level === UNKNOWN_LEVEL ? undefined : BigInt(event.level);
}

/** A device raised it, so the interrupted code had interrupts enabled for it. */
export const INTERRUPT_FLAGS = EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
