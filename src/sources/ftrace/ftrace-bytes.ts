/**
 * The short cut of FtraceParser: events and functions whose like the table has already, from bytes. Whatever makes a point, a
 * field or a change of its type is left to the parser of strings, so the two never differ in what they find first.
 *
 * Each event's name has a form, which says what its lines fire besides and how its fields are told.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import type { Point } from '../../machine/points.ts';
import {
  ByteMap,
  CHAR,
  CLASS,
  DIGIT,
  hashOf,
  runEnd,
  skipSpaces,
  textAt,
  WORD,
  wordEnd,
} from '../text-trace/bytes.ts';
import type { LineRecord, RecordForm, RecordPool } from '../text-trace/line-record.ts';
import type { LineRun, RunParts } from '../text-trace/line-run.ts';
import type { FieldValues, RecordSink } from '../text-trace/points.ts';
import { place } from './event-fields.ts';
import { type EventForm, formOf, type StringSide } from './event-forms.ts';
import { FtraceRun } from './ftrace-run.ts';
import { readHeader, takeHeader } from './header-bytes.ts';
import { HEADER, HeaderReader } from './header-code.ts';
import { unknown } from './place.ts';

export class FtraceBytes {
  private readonly side: StringSide;
  private readonly forms = new ByteMap<EventForm | null>();
  private readonly functions = new ByteMap<number>(); // with their modules
  private readonly functionForm: FunctionForm;
  private header: HeaderReader | undefined;
  private run: FtraceRun | undefined;
  /** Of the event or function that was read last. */
  private readonly name = { at: 0, end: 0, hash: 0, isCall: false, hasModule: false };

  constructor(side: StringSide) {
    this.side = side;
    this.functionForm = new FunctionForm(side);
  }

  take(at: number, end: number, pool: RecordPool, sink: RecordSink): boolean {
    const { memory } = pool;
    this.header ??= new HeaderReader(memory);
    const { u8 } = memory;
    const record = pool.take(at, end);
    if (!this.read(record, memory, u8, at, end)) {
      pool.giveBack();
      return false;
    }
    this.run?.learn(record, this.name);
    sink.record(record);
    return true;
  }

  openRun(parts: RunParts): LineRun {
    this.header ??= new HeaderReader(parts.memory);
    this.run = new FtraceRun(parts, this.side, this.header, (record) => this.readAgain(record, parts.memory));
    return this.run;
  }

  private readAgain(record: LineRecord, memory: LinearMemory): void {
    this.side.isAgain = true;
    this.read(record, memory, memory.u8, record.at, record.at + record.length);
    this.side.isAgain = false;
  }

  private read(record: LineRecord, { i32 }: LinearMemory, u8: Uint8Array, at: number, end: number): boolean {
    const header = this.header!;
    const found = header.body(at, end);
    if (found >= 0) {
      const { word } = header;
      takeHeader(record, u8, i32, word);
      return this.event(record, u8, found, i32[word + HEADER.nameEnd]!, i32[word + HEADER.nameHash]!, end);
    }
    const body = readHeader(record, u8, at, end);
    if (body < 0) return false;
    let to = body;
    while (to < end && ((CLASS[u8[to]!]! & WORD) !== 0 || u8[to] === CHAR.dot)) to++;
    return this.event(record, u8, body, to, hashOf(u8, body, to), end);
  }

  /** `name: text`, or a call; the name ends at `to`. */
  private event(
    record: LineRecord,
    u8: Uint8Array,
    at: number,
    to: number,
    hash: number,
    end: number,
  ): boolean {
    if ((CLASS[u8[at]!]! & DIGIT) !== 0) return false;
    const { name } = this;
    name.at = at;
    name.end = to;
    name.hash = hash;
    name.isCall = u8[to] === CHAR.space;
    if (to === at || u8[at] === CHAR.dot || to === end) return false;
    if (u8[to] === CHAR.space) return this.call(record, u8, at, to, hash, end);
    if (u8[to] !== CHAR.colon || (to + 1 < end && u8[to + 1] !== CHAR.space)) return false;
    let form = this.forms.get(u8, at, to, hash);
    if (form === undefined) form = this.learn(u8, at, to);
    if (!form) return false;
    record.bodyAt = skipSpaces(u8, to + 1, end) - record.at;
    record.point = form.point;
    record.form = form;
    return form.take(record, u8);
  }

  /** An event that the table has. */
  private learn(u8: Uint8Array, at: number, to: number): EventForm | undefined {
    const name = textAt(u8, at, to);
    const point = this.side.table.known('ftrace', this.side.categoryOf(name), '', name);
    if (point === undefined) return undefined;
    const form = formOf(this.side, name, point);
    this.forms.add(u8, at, to, form ?? null);
    return form;
  }

  /** `vfs_write <-ksys_write`, `ext4_file_open [ext4] <-do_dentry_open` */
  private call(
    record: LineRecord,
    u8: Uint8Array,
    at: number,
    nameEnd: number,
    hash: number,
    end: number,
  ): boolean {
    const moduleEnd = moduleIn(u8, nameEnd, end);
    const arrow = moduleEnd;
    if (arrow + 3 >= end || u8[arrow] !== CHAR.space || u8[arrow + 1] !== CHAR.less) return false;
    if (u8[arrow + 2] !== CHAR.minus) return false;
    const parent = arrow + 3;
    if (u8[parent] === CHAR.minus || u8[parent] === CHAR.space) return false;
    const to = wordEnd(u8, parent, end);
    if (moduleIn(u8, to, end) !== end) return false;
    this.name.hasModule = moduleEnd !== nameEnd || to !== end;
    const known =
      moduleEnd === nameEnd
        ? this.functions.get(u8, at, nameEnd, hash)
        : this.functions.get(u8, at, moduleEnd);
    const point = known ?? this.learnFunction(u8, at, nameEnd, moduleEnd);
    if (point === undefined) return false;
    record.lateSecond.point = point;
    return this.functionForm.take(record, u8, at, nameEnd, parent, to);
  }

  private learnFunction(u8: Uint8Array, at: number, nameEnd: number, moduleEnd: number): number | undefined {
    const module = moduleEnd === nameEnd ? 'vmlinux' : textAt(u8, nameEnd + 2, moduleEnd - 1);
    const point = this.side.table.known('fbt', module, textAt(u8, at, nameEnd), 'entry');
    if (point !== undefined) this.functions.add(u8, at, moduleEnd, point);
    return point;
  }
}

/** Behind ` [module]`, if that stands at `at`. */
function moduleIn(u8: Uint8Array, at: number, end: number): number {
  if (at + 2 >= end || u8[at] !== CHAR.space || u8[at + 1] !== CHAR.openBracket) return at;
  const to = runEnd(u8, at + 2, end, WORD);
  return to > at + 2 && to < end && u8[to] === CHAR.closeBracket ? to + 1 : at;
}

/** Calls that the function tracer shows. */
class FunctionForm implements RecordForm {
  private readonly side: StringSide;
  private point: number | undefined;
  private shown: Point | undefined;

  constructor(side: StringSide) {
    this.side = side;
  }

  take(
    record: LineRecord,
    u8: Uint8Array,
    name: number,
    nameEnd: number,
    parent: number,
    parentEnd: number,
  ): boolean {
    const { table } = this.side;
    this.point ??= table.known('ftrace', 'ftrace', '', 'function');
    if (this.point === undefined) return false;
    this.shown ??= table.points[this.point]!;
    const { fields } = this.shown;
    if (fields[0]?.name !== 'function' || fields[1]?.name !== 'parent') return false;
    record.point = this.point;
    record.form = this;
    record.isLocated = true;
    record.places.fill(0);
    record.lateSecond.errno = undefined;
    record.second = record.lateSecond;
    return (
      place(record, u8, fields, table.isSettled, 0, name, nameEnd) &&
      place(record, u8, fields, table.isSettled, 1, parent, parentEnd)
    );
  }

  locate(): boolean {
    return true;
  }

  looseValues(): FieldValues {
    return [];
  }

  secondValues(): FieldValues {
    return unknown();
  }
}
