/**
 * One event of a log whose records are lines (line-log.ts), and the registers of a batch's rows. An event says only what the
 * log does: `pc`, `sp` and the level of a row can be unknown, and then D faults instead of reading a 0.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { EVENT_FLAGS, type EventBatch, type RegisterReader, UNKNOWN_LEVEL } from '../machine/event-batch.ts';
import { COLUMN_REGISTERS, REGISTERS, type RegisterName } from '../machine/registers.ts';
import type { TextRecord } from './text-trace/points.ts';

/** Registers of one event that are known. */
export type Values = Map<number, bigint>;

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
