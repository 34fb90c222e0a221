/**
 * Forms of events: what a line of the event fires besides, and how its fields are told from bytes. All that they give is in the
 * table already; a form that meets something new leaves the line to the parser of strings.
 */
import type { Point } from '../../machine/points.ts';
import { CHAR, CLASS, DIGIT, decimalAt, HEX, runEnd } from '../text-trace/bytes.ts';
import type { LineRecord, RecordForm } from '../text-trace/line-record.ts';
import type { FieldValues, PointTable } from '../text-trace/points.ts';
import {
  type Besides,
  errnoOf,
  interruptValues,
  pageFaultValues,
  resultValues,
  USER_LEVEL,
  vectorName,
} from './besides.ts';
import { locateFields, place } from './event-fields.ts';
import { ACTIONS } from './ftrace-run-code.ts';
import { unknown } from './place.ts';

/** What FtraceBytes needs of the parser of strings. */
export interface StringSide {
  readonly table: PointTable;
  readonly besides: Besides;
  /** A line is read again: what it tells of lines behind it is known. */
  isAgain: boolean;
  readonly personality: string;
  readonly categoryOf: (event: string) => string;
  /** Fields of an event's text, into the table as well. */
  readonly values: (point: number, event: string, text: string) => FieldValues;
}

/** What lines of a shape do besides (ftrace-run-code.ts). */
export interface FormAction {
  readonly action: number;
  /** Fields that it is about. */
  readonly first: number;
  readonly second: number;
  /** The action goes by the value of the first one, below `size`, which here is `value`. */
  readonly size: number;
  readonly value: number;
}

const NO_ACTION: FormAction = { action: ACTIONS.none, first: -1, second: -1, size: 0, value: 0 };

/** Undefined: lines of this event are always read as strings. */
export function formOf(side: StringSide, name: string, point: number): EventForm | undefined {
  if (/^(function|funcgraph_entry|funcgraph_exit)$/.test(name) || /^sys_(enter|exit)_/.test(name))
    return undefined;
  if (name === 'sys_enter') return new EnterForm(side, name, point);
  if (name === 'sys_exit') return new ExitForm(side, name, point);
  if (name === 'page_fault_user' || name === 'page_fault_kernel') return new FaultForm(side, name, point);
  if (/_(entry|exit)$/.test(name)) return new InterruptForm(side, name, point);
  return new EventForm(side, name, point);
}

/** Events that are nothing besides. */
export class EventForm implements RecordForm {
  readonly point: number;
  protected readonly name: string;
  protected readonly side: StringSide;
  protected readonly shown: Point;

  constructor(side: StringSide, name: string, point: number) {
    this.side = side;
    this.name = name;
    this.point = point;
    this.shown = side.table.points[point]!;
  }

  /** Of a record whose place and body are known. False: the line must be read as a string. */
  take(record: LineRecord, u8: Uint8Array): boolean {
    return this.side.table.isSettled || this.locateNow(record, u8);
  }

  protected locateNow(record: LineRecord, u8: Uint8Array): boolean {
    record.isLocated = true;
    return locateFields(record, u8, this.shown.fields, this.side.table.isSettled);
  }

  locate(record: LineRecord): boolean {
    return locateFields(record, record.text.u8, this.shown.fields, true);
  }

  looseValues(record: LineRecord): FieldValues {
    return this.side.values(this.point, this.name, record.part(record.bodyAt, record.length)!);
  }

  secondValues(_: LineRecord): FieldValues {
    return unknown();
  }

  /** Of a record that was taken. Undefined: its like is taken one by one. */
  actionOf(_: LineRecord): FormAction | undefined {
    return NO_ACTION;
  }

  protected fieldNamed(name: string): number {
    return this.shown.fields.findIndex((field) => field.name === name);
  }
}

const VECTORS = 256;

/** local_timer_entry: vector=236 */
class InterruptForm extends EventForm {
  private readonly isEntry: boolean;
  private readonly points: (number | undefined)[] = []; // by vector
  private field = -1;
  private vector = 0; // of the line taken last

  constructor(side: StringSide, name: string, point: number) {
    super(side, name, point);
    this.isEntry = name.endsWith('_entry');
  }

  override take(record: LineRecord, u8: Uint8Array): boolean {
    if (!this.locateNow(record, u8)) return false;
    if (this.field < 0) this.field = this.fieldNamed('vector');
    if (this.field < 0) return true;
    const to = record.places[2 * this.field + 1]!;
    if (to === 0) return true;
    const vector = decimalAt(u8, record.at + record.places[2 * this.field]!, record.at + to);
    if (!(vector < VECTORS)) return false;
    const point = this.points[vector] ?? this.learn(vector);
    if (point === undefined) return false;
    const { besides } = this.side;
    record.lateSecond.point = point;
    record.lateSecond.errno = undefined;
    record.second = record.lateSecond;
    this.vector = vector;
    if (this.side.isAgain) return true;
    if (this.isEntry) besides.entered(vector, record.cpu, record.timeNs);
    record.extra = this.isEntry ? 0 : besides.left(vector, record.cpu, record.timeNs);
    return true;
  }

  override actionOf(record: LineRecord): FormAction | undefined {
    if (record.second === undefined) return super.actionOf(record);
    const action = this.isEntry ? ACTIONS.enter : ACTIONS.leave;
    return { action, first: this.field, second: -1, size: VECTORS, value: this.vector };
  }

  override secondValues(record: LineRecord): FieldValues {
    return interruptValues(Number(record.values[this.field]), record.extra);
  }

  private learn(vector: number): number | undefined {
    const name = this.isEntry ? vectorName(vector) : 'return';
    const point = this.side.table.known('vec', 'interrupt', 'irq', name);
    this.points[vector] = point;
    return point;
  }
}

/** page_fault_user: address=0x7f8e3c6d1000 ip=0x7f8e3c5a8b34 error_code=0x4 */
class FaultForm extends EventForm {
  private second: number | undefined;
  private address = -1;
  private pc = -1;

  override take(record: LineRecord, u8: Uint8Array): boolean {
    if (!this.locateNow(record, u8)) return false;
    this.second ??= this.side.table.known('vec', 'exception', 'page_fault', '0x0e');
    if (this.second === undefined) return false;
    if (this.address < 0) this.address = this.fieldNamed('address');
    if (this.pc < 0) this.pc = this.fieldNamed('ip');
    if (this.address < 0 || this.pc < 0) return false;
    const { places, at } = record;
    record.lateSecond.point = this.second;
    record.lateSecond.errno = undefined;
    record.second = record.lateSecond;
    record.level = this.name === 'page_fault_user' ? USER_LEVEL : 0;
    record.addressFrom = places[2 * this.address]!;
    record.addressTo = places[2 * this.address + 1]!;
    record.pcFrom = places[2 * this.pc]!;
    const pcTo = places[2 * this.pc + 1]!;
    record.pcTo = isHexNumber(u8, at + record.pcFrom, at + pcTo) ? pcTo : 0;
    return true;
  }

  override actionOf({ places }: LineRecord): FormAction | undefined {
    if (places[2 * this.pc + 1] === 0 || places[2 * this.address + 1] === 0) return undefined; // it is torn
    const action = this.name === 'page_fault_user' ? ACTIONS.userFault : ACTIONS.kernelFault;
    return { ...NO_ACTION, action, first: this.pc, second: this.address };
  }

  override secondValues(record: LineRecord): FieldValues {
    const code = record.values[this.fieldNamed('error_code')];
    return pageFaultValues(code, record.address, record.pc, record.level!);
  }
}

/** In the kernel a place may be a symbol, which is no number. */
export function isHexNumber(u8: Uint8Array, from: number, to: number): boolean {
  return to > from + 2 && u8[from] === CHAR.zero && u8[from + 1] === 0x78 && isLowerHex(u8, from + 2, to);
}

function isLowerHex(u8: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++)
    if ((CLASS[u8[i]!]! & HEX) === 0 || u8[i]! < 0x30 || (u8[i]! >= 0x41 && u8[i]! <= 0x46)) return false;
  return to > from;
}

/** Calls with a greater number are rare. */
const MOST_CALLS = 1024;

interface Call {
  readonly name: string;
  readonly point: number;
}

/** Events of calls: `NR` and a number in front. */
abstract class CallForm extends EventForm {
  private readonly calls = new Map<number, Call>(); // by number
  private indexes: readonly number[] = []; // of `names`
  protected abstract readonly kind: 'entry' | 'return';
  protected abstract readonly names: readonly string[];

  /** Whether the table has all fields. */
  private knowsFields(): boolean {
    if (this.indexes.length > 0) return true;
    const indexes = this.names.map((name) => this.fieldNamed(name));
    if (indexes.includes(-1)) return false;
    this.indexes = indexes;
    return true;
  }

  /** End of the number, -1; the number goes to `extra`. */
  protected readNumber(record: LineRecord, u8: Uint8Array): number {
    if (!this.knowsFields()) return -1;
    record.isLocated = true;
    record.places.fill(0);
    const at = record.at + record.bodyAt;
    const end = record.at + record.length;
    if (at + 3 >= end || u8[at] !== 0x4e || u8[at + 1] !== 0x52 || u8[at + 2] !== CHAR.space) return -1;
    const to = signedEnd(u8, at + 3, end);
    record.extra = signedAt(u8, at + 3, to);
    return Number.isNaN(record.extra) || !this.put(record, u8, 0, at + 3, to) ? -1 : to;
  }

  protected put(record: LineRecord, u8: Uint8Array, nth: number, from: number, to: number): boolean {
    const index = this.indexes[nth]!;
    const isNumber = this.side.table.isSettled || ((record.bareHex >> index) & 1) === 1;
    return place(record, u8, this.shown.fields, isNumber, index, from, to);
  }

  protected indexOf(nth: number): number {
    return this.indexes[nth]!;
  }

  override actionOf({ extra }: LineRecord): FormAction | undefined {
    if (extra >= MOST_CALLS) return undefined;
    const action = this.kind === 'entry' ? ACTIONS.call : ACTIONS.result;
    return { action, first: this.indexOf(0), second: this.indexOf(1), size: MOST_CALLS, value: extra };
  }

  protected call(id: number): Call | undefined {
    const known = this.calls.get(id);
    if (known !== undefined) return known;
    const { besides, table, personality } = this.side;
    const name = besides.nameOf(id);
    const point = table.known('syscall', personality, name, this.kind);
    if (point === undefined) return undefined;
    const call = { name, point };
    this.calls.set(id, call);
    return call;
  }

  override locate(): boolean {
    return true; // it was done when the line was taken
  }
}

/** sys_enter: NR 257 (ffffff9c, 7f8e3c6d1000, 80000, 0, 0, 0) */
class EnterForm extends CallForm {
  protected readonly kind = 'entry';
  protected readonly names = ['id', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5'];

  override take(record: LineRecord, u8: Uint8Array): boolean {
    const end = record.at + record.length;
    let at = this.readNumber(record, u8);
    if (at < 0 || record.extra < 0 || at + 2 >= end || u8[end - 1] !== CHAR.closeParen) return false;
    if (u8[at] !== CHAR.space || u8[at + 1] !== CHAR.openParen) return false;
    at += 2;
    for (let nth = 1; nth <= 6; nth++) {
      const to = runEnd(u8, at, end, HEX);
      if (to - at > 16 || !isLowerHex(u8, at, to)) return false;
      record.bareHex |= 1 << this.indexOf(nth);
      if (!this.put(record, u8, nth, at, to)) return false;
      const isLast = nth === 6;
      if (isLast ? to !== end - 1 : u8[to] !== CHAR.comma || u8[to + 1] !== CHAR.space) return false;
      at = to + 2;
    }
    const call = this.call(record.extra);
    if (call === undefined) return false;
    if (!this.side.isAgain) this.side.besides.enteredCall(call.name, record.tid);
    record.lateSecond.point = call.point;
    record.lateSecond.errno = undefined;
    record.second = record.lateSecond;
    return true;
  }

  override secondValues(record: LineRecord): FieldValues {
    const { values } = record;
    return this.names.slice(1).map((_, i) => values[this.indexOf(i + 1)]);
  }
}

/** sys_exit: NR 257 = 3 */
class ExitForm extends CallForm {
  protected readonly kind = 'return';
  protected readonly names = ['id', 'ret'];

  override take(record: LineRecord, u8: Uint8Array): boolean {
    const end = record.at + record.length;
    const at = this.readNumber(record, u8);
    if (at < 0 || record.extra < 0 || at + 3 >= end) return false;
    if (u8[at] !== CHAR.space || u8[at + 1] !== CHAR.equals || u8[at + 2] !== CHAR.space) return false;
    const result = signedAt(u8, at + 3, end);
    if (Number.isNaN(result) || !this.put(record, u8, 1, at + 3, end)) return false;
    const call = this.call(record.extra);
    if (call === undefined) return false;
    record.lateSecond.point = call.point;
    record.lateSecond.errno = errnoOf(result);
    record.second = record.lateSecond;
    return true;
  }

  override secondValues(record: LineRecord): FieldValues {
    return resultValues(BigInt(record.values[this.indexOf(1)]!));
  }
}

function signedEnd(u8: Uint8Array, at: number, end: number): number {
  return runEnd(u8, u8[at] === CHAR.minus ? at + 1 : at, end, DIGIT);
}

/** NaN: it is no number, or one of many digits. */
function signedAt(u8: Uint8Array, from: number, to: number): number {
  return u8[from] === CHAR.minus ? -decimalAt(u8, from + 1, to) : decimalAt(u8, from, to);
}
