/**
 * The short cut of LineFormatParser: lines with one record, at their beginning, of a template that a TemplateMatcher knows,
 * and of a point that was shown before. All others are read as strings.
 *
 * What a point is called may depend on several fields (`{name}` in its category); their bytes together find it.
 */
import { MAX_FIELDS } from '../../machine/points.ts';
import {
  CHAR,
  CLASS,
  DIGIT,
  decimalAt,
  fieldNamed,
  HASH_SEED,
  hashOf,
  isNumberAt,
  isSame,
  quoteEnd,
  skipSpaces,
  textAt,
  valueEnd,
  WORD,
} from './bytes.ts';
import { type Format, filledIn } from './format.ts';
import { FormatRun, type RoleFields } from './format-run.ts';
import { FormatShapes } from './format-shapes.ts';
import type { LineRecord, RecordForm, RecordPool } from './line-record.ts';
import type { LineRun, RunParts } from './line-run.ts';
import type { FieldValues, PointTable, RecordSink } from './points.ts';
import { TemplateMatcher } from './template-bytes.ts';

/** Provider of all points of formats. */
export const PROVIDER = 'sdt';

/** Values of a record that is read as a string after all. */
type Reread = (text: string) => FieldValues;

export class FormatBytes {
  private readonly format: Format;
  private readonly anchors: readonly Uint8Array[]; // the longest first
  private readonly mayBegin = new Uint8Array(256);
  private readonly shapes: readonly Shape[];
  private readonly lines: FormatShapes<Found>;
  private run: FormatRun | undefined;

  private constructor(
    format: Format,
    table: PointTable,
    matchers: readonly TemplateMatcher[],
    reread: Reread,
  ) {
    this.format = format;
    this.anchors = [...new Set(format.templates.map(({ anchor }) => anchor))]
      .sort((a, b) => b.length - a.length)
      .map((anchor) => Buffer.from(anchor, 'latin1'));
    for (const [first] of this.anchors) this.mayBegin[first!] = 1;
    this.lines = new FormatShapes(format);
    this.shapes = matchers.map((matcher) => new Shape(format, table, matcher, reread));
  }

  /** Undefined: the format is beyond this. */
  static of(format: Format, table: PointTable, reread: Reread): FormatBytes | undefined {
    const matchers = format.templates.map((template) => TemplateMatcher.of(template));
    if (matchers.includes(undefined)) return undefined;
    // Blanks within a beginning may be many, and a field that names the probe or the CPU may stand in the rest.
    if (format.templates.some(({ anchor }) => anchor.includes('  '))) return undefined;
    const roles = rolesOf(format);
    const isPlain = format.templates.every(
      ({ fields, hasRest }) => !hasRest || roles.every((role) => fields.some(({ name }) => name === role)),
    );
    return isPlain ? new FormatBytes(format, table, matchers as TemplateMatcher[], reread) : undefined;
  }

  take(at: number, end: number, pool: RecordPool, sink: RecordSink): boolean {
    const { u8 } = pool.memory;
    const known = this.lines.match(at, end);
    if (known !== undefined) {
      const { shape, shown } = known.what;
      this.lines.place(known, shape.matcher, shape.numbers, at);
      const record = pool.take(at, end);
      shape.fillKnown(record, shown, at);
      this.put(record, shape, sink);
      return true;
    }
    const from = this.beginning(u8, at, end);
    if (from < 0) {
      sink.known('console text');
      return true;
    }
    if (this.beginning(u8, from + this.anchorAt(u8, from, end), end) >= 0) return false;
    for (const shape of this.shapes) {
      if (!shape.matcher.match(u8, from, end)) continue;
      const record = pool.take(from, end);
      const shown = shape.fill(record, u8, from, end);
      if (shown === undefined) {
        pool.giveBack();
        return false;
      }
      if (from === at && this.isFirst(shape, u8, at, end)) {
        const learned = this.lines.learn(pool.memory, at, end, shape.matcher, shape.naming, { shape, shown });
        if (learned) this.run?.learn(learned, record.point, shape.roleFields, this.mayRepeat(shape));
      }
      this.put(record, shape, sink);
      return true;
    }
    return false;
  }

  openRun(parts: RunParts): LineRun {
    const reread = (record: LineRecord): void => this.readAgain(record);
    this.run = new FormatRun(parts, this.format, this.lines, reread);
    return this.run;
  }

  /** Of a line that has a shape. */
  private readAgain(record: LineRecord): void {
    const { at, length } = record;
    const known = this.lines.matchAgain(at, at + length);
    const { shape, shown } = known.what;
    this.lines.place(known, shape.matcher, shape.numbers, at);
    shape.fillKnown(record, shown, at);
  }

  private put(record: LineRecord, shape: Shape, sink: RecordSink): void {
    record.mayRepeat = this.mayRepeat(shape);
    sink.record(record);
  }

  private mayRepeat(shape: Shape): boolean {
    return this.format.sequence?.of === 'cpu' || shape !== this.shapes[0];
  }

  /** No template before it begins alike. */
  private isFirst(shape: Shape, u8: Uint8Array, at: number, end: number): boolean {
    return this.shapes.find(({ matcher }) => matcher.begins(u8, at, end)) === shape;
  }

  /** Where the next beginning of a template is; -1. */
  private beginning(u8: Uint8Array, at: number, end: number): number {
    const { mayBegin } = this;
    for (let i = at; i < end; i++) if (mayBegin[u8[i]!] === 1 && this.anchorAt(u8, i, end) > 0) return i;
    return -1;
  }

  /** Length of the beginning that stands there; 0. */
  private anchorAt(u8: Uint8Array, at: number, end: number): number {
    for (const anchor of this.anchors) {
      let i = at;
      let k = 0;
      while (k < anchor.length && i < end && u8[i] === anchor[k]) {
        i = anchor[k] === CHAR.space ? skipSpaces(u8, i, end) : i + 1;
        k++;
      }
      if (k === anchor.length) return i - at;
    }
    return 0;
  }
}

function rolesOf({ point, cpu, sequence, time, process, pc, address, points }: Format): readonly string[] {
  const inNames = [...points.values()].flatMap(({ category, kind }) => namesIn(`${category} ${kind}`));
  return [
    point,
    cpu,
    sequence?.field,
    time?.field,
    pc,
    address,
    ...Object.values(process),
    ...inNames,
  ].filter((role) => role !== undefined);
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

/** A point that lines of one template have shown. */
interface Shown {
  readonly number: number;
  /** The texts that name it, one behind the other. */
  readonly naming: readonly Uint8Array[];
  /** Argument of each field of the template; -1. */
  readonly indexes: readonly number[];
}

/** What a line of a known shape is. */
interface Found {
  readonly shape: Shape;
  readonly shown: Shown;
}

/** Lines of one template. */
class Shape implements RecordForm {
  readonly matcher: TemplateMatcher;
  /** Values of fields that are known as numbers already; -1 for others. */
  readonly numbers: Float64Array;
  readonly naming: readonly number[]; // fields that name the point
  private readonly format: Format;
  private readonly table: PointTable;
  private readonly reread: Reread;
  private readonly shown = new Map<number, Shown>(); // by hash
  private readonly roles: ReadonlySet<string>;
  // Which fields are D's own; -1 for none.
  private readonly cpu: number;
  private readonly seq: number;
  private readonly time: number;
  private readonly pid: number;
  private readonly tid: number;
  private readonly comm: number;
  private readonly pc: number;
  private readonly address: number;

  constructor(format: Format, table: PointTable, matcher: TemplateMatcher, reread: Reread) {
    this.format = format;
    this.reread = reread;
    this.table = table;
    this.matcher = matcher;
    const { fields } = matcher.template;
    this.numbers = new Float64Array(fields.length);
    const place = (name: string | undefined): number => fields.findIndex((field) => field.name === name);
    const { point, points, process: who } = format;
    const names = [...points.values()].flatMap(({ category, kind }) => namesIn(`${category} ${kind}`));
    this.naming = [...new Set([point, ...names])].map(place).filter((field) => field >= 0);
    this.cpu = place(format.cpu);
    this.seq = place(format.sequence?.field);
    this.time = place(format.time?.field);
    this.pid = place(who.pid);
    this.tid = place(who.tid);
    this.comm = place(who.execname);
    this.pc = place(format.pc);
    this.address = place(format.address);
    this.roles = new Set([format.sequence?.field, format.cpu, point].filter((name) => name !== undefined));
  }

  /** Fields of the template that are D's own. */
  get roleFields(): RoleFields {
    const { cpu, seq, time, pid, tid, pc, address } = this;
    return { cpu, seq, time, pid, tid, pc, address };
  }

  /** Of what the matcher has found. Undefined: the record must be read as strings. */
  fill(record: LineRecord, u8: Uint8Array, from: number, end: number): Shown | undefined {
    const shown = this.point(u8);
    if (shown === undefined) return undefined;
    this.numbers.fill(-1);
    this.fillKnown(record, shown, from);
    if (!this.matcher.template.hasRest || this.table.isSettled) return shown;
    record.isLocated = true;
    return this.locateRest(record, u8, end) ? shown : undefined;
  }

  /** Of what the matcher has found, or a shape: the line is of that point. */
  fillKnown(record: LineRecord, shown: Shown, from: number): void {
    const { places } = this.matcher;
    const { u8 } = record.text;
    record.point = shown.number;
    record.flags = 0;
    const { time } = this.format;
    record.cpu = this.number(u8, this.cpu) ?? 0;
    record.seq = this.number(u8, this.seq) ?? Number.NaN;
    record.timeNs = time === undefined ? Number.NaN : (this.number(u8, this.time) ?? Number.NaN) * time.ns;
    record.pid = this.number(u8, this.pid);
    record.tid = this.number(u8, this.tid) ?? record.pid;
    record.commFrom = this.comm < 0 ? 0 : places[2 * this.comm]! - from;
    record.commTo = this.comm < 0 ? 0 : places[2 * this.comm + 1]! - from;
    record.pcFrom = this.pc < 0 ? 0 : places[2 * this.pc]! - from;
    record.pcTo = this.pc < 0 ? 0 : places[2 * this.pc + 1]! - from;
    record.addressFrom = this.address < 0 ? 0 : places[2 * this.address]! - from;
    record.addressTo = this.address < 0 ? 0 : places[2 * this.address + 1]! - from;
    this.placeFields(record, shown, from);
    const { hasRest } = this.matcher.template;
    record.isLocated = !hasRest;
    if (!hasRest) return;
    record.bodyAt = this.matcher.rest - from;
    record.form = this;
  }

  private placeFields(record: LineRecord, { indexes }: Shown, from: number): void {
    const { places } = this.matcher;
    record.places.fill(0);
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i]!;
      if (index < 0) continue;
      record.places[2 * index] = places[2 * i]! - from;
      record.places[2 * index + 1] = places[2 * i + 1]! - from;
    }
  }

  private number(u8: Uint8Array, field: number): number | undefined {
    if (field < 0) return undefined;
    const known = this.numbers[field]!;
    if (known >= 0) return known;
    const { places } = this.matcher;
    const from = places[2 * field]!;
    const to = places[2 * field + 1]!;
    const value = decimalAt(u8, from, to);
    return Number.isNaN(value) ? Number(textAt(u8, from, to)) : value;
  }

  private point(u8: Uint8Array): Shown | undefined {
    const { places } = this.matcher;
    let hash = HASH_SEED;
    for (const field of this.naming)
      hash = hashOf(u8, places[2 * field]!, places[2 * field + 1]!, hash ^ 0x20);
    const known = this.shown.get(hash);
    if (known === undefined) return this.learn(u8, hash);
    for (let i = 0; i < this.naming.length; i++) {
      const field = this.naming[i]!;
      if (!isSame(known.naming[i]!, u8, places[2 * field]!, places[2 * field + 1]!)) return undefined;
    }
    return known;
  }

  /** A point that the table knows already. */
  private learn(u8: Uint8Array, hash: number): Shown | undefined {
    const { format, table } = this;
    const { places, template } = this.matcher;
    const texts = this.naming.map((field) => u8.slice(places[2 * field]!, places[2 * field + 1]!));
    const values = new Map(
      this.naming.map((field, i) => [template.fields[field]!.name, textAt(texts[i]!, 0, texts[i]!.length)]),
    );
    const value = values.get(format.point) ?? '';
    const row = format.points.get(value) ?? format.points.get('*') ?? { category: '', kind: '' };
    if (value.includes('{')) return undefined;
    const number = table.known(
      PROVIDER,
      filledIn(row.category, values),
      filledIn(row.kind, values),
      filledIn(value, values),
    );
    if (number === undefined) return undefined;
    const { fields } = table.points[number]!;
    const indexes = template.fields.map(({ name }) =>
      this.roles.has(name) ? -1 : fields.findIndex((field) => field.name === name),
    );
    const isWhole = template.fields.every(({ name }, i) => this.roles.has(name) || indexes[i]! >= 0);
    if (!isWhole && fields.length < MAX_FIELDS) return undefined; // the next line may add it
    const shown = { number, naming: texts, indexes };
    this.shown.set(hash, shown);
    return shown;
  }

  // RecordForm: of lines with a rest

  locate(record: LineRecord): boolean {
    return this.locateRest(record, record.text.u8, record.at + record.length);
  }

  /** `key=value`, the value perhaps in quotes. */
  private locateRest(record: LineRecord, u8: Uint8Array, end: number): boolean {
    const { fields } = this.table.points[record.point]!;
    const { at, places } = record;
    let from = at + record.bodyAt;
    for (let i = from; i < end; i++) {
      if (u8[i] !== CHAR.equals) continue;
      let name = i;
      while (name > from && (CLASS[u8[name - 1]!]! & WORD) !== 0) name--;
      while (name < i && (CLASS[u8[name]!]! & DIGIT) !== 0) name++;
      if (name === i) continue;
      const isQuoted = u8[i + 1] === CHAR.quote && i + 1 < end;
      const start = isQuoted ? i + 2 : i + 1;
      const to = isQuoted ? quoteEnd(u8, start, end) : valueEnd(u8, start, end);
      if (isQuoted && to === end) return false; // it is not closed
      if (!isQuoted && to === start) continue;
      const index = fieldNamed(fields, u8, name, i);
      if (index < 0 && fields.length < MAX_FIELDS) return false;
      i = isQuoted ? to : to - 1;
      from = i + 1;
      if (index < 0) continue;
      if (places[2 * index + 1] !== 0) return false;
      if (!isQuoted && u8.subarray(start, to).includes(CHAR.quote)) return false;
      if (!this.table.isSettled && fields[index]!.type === 'int' && !isNumberAt(u8, start, to)) return false;
      places[2 * index] = start - at;
      places[2 * index + 1] = to - at;
    }
    return true;
  }

  looseValues(record: LineRecord): FieldValues {
    return this.reread(record.part(0, record.length)!);
  }

  secondValues(): FieldValues {
    return [];
  }
}
