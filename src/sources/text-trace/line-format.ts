/**
 * Lines of a format as records: each line is searched for the beginnings of the format's templates, so console text and other
 * records may stand before and behind. A beginning whose line does not go on as any template says is a torn record.
 */
import { type Format, filledIn, type Template } from './format.ts';
import { FormatBytes, PROVIDER } from './format-bytes.ts';
import type { LineReader, RecordPool } from './line-record.ts';
import type { LineRun, RunParts } from './line-run.ts';
import type { FieldValues, PointTable, RecordSink, TextRecord } from './points.ts';

/** `key=value`, the value perhaps in quotes. */
const PAIR = /([A-Za-z_]\w*)=("[^"]*"|[^\s,;]+)/g;

/** A shorter beginning (`seq=`) may stand in any text, and is no record's unless all of it is there. */
const TELLING_LENGTH = 6;

type Values = Map<string, string>;

export class LineFormatParser implements LineReader {
  private readonly format: Format;
  private readonly table: PointTable;
  private readonly bytes: FormatBytes | undefined;
  private readonly beginnings: RegExp;
  private readonly roles: ReadonlySet<string>;
  /** Fields that some record must have, and none has had yet. */
  private readonly unmet: Set<string>;

  constructor(format: Format, table: PointTable, unmet = new Set<string>()) {
    this.unmet = unmet;
    this.format = format;
    this.table = table;
    // The longest first: `[trace] seq=` holds `seq=`.
    const anchors = [...new Set(format.templates.map(({ anchor }) => anchor))].sort(
      (a, b) => b.length - a.length,
    );
    this.beginnings = new RegExp(anchors.map(quoted).join('|'), 'g');
    // These are D's own variables, or the probe's name.
    const { sequence, cpu, point } = format;
    this.roles = new Set([sequence?.field, cpu, point].filter((name) => name !== undefined));
    this.makeKnownPoints();
    this.bytes = FormatBytes.of(format, table, (piece) => this.record(piece)?.values ?? []);
  }

  takeBytes(at: number, end: number, pool: RecordPool, sink: RecordSink): boolean {
    return this.bytes?.take(at, end, pool, sink) ?? false;
  }

  openRun(parts: RunParts): LineRun | undefined {
    return this.bytes?.openRun(parts);
  }

  take(line: string, sink: RecordSink): void {
    const starts = [...line.matchAll(this.beginnings)];
    if (starts.length === 0) sink.known('console text');
    for (const [i, { 0: anchor, index }] of starts.entries()) {
      const record = this.record(line.slice(index, starts[i + 1]?.index ?? line.length));
      if (record !== undefined) sink.record(record);
      else if (anchor.length >= TELLING_LENGTH) sink.torn();
      else sink.known('console text');
    }
  }

  /** Points that the table names exist before any line shows them, with the fields of the templates. */
  private makeKnownPoints(): void {
    for (const value of this.format.points.keys()) {
      if (value !== '*') this.point(new Map([[this.format.point, value]]));
    }
  }

  private point(values: Values): number {
    const { points, point, templates } = this.format;
    const value = values.get(point) ?? '';
    const { category, kind } = points.get(value) ?? points.get('*') ?? { category: '', kind: '' };
    const filled = (text: string): string => filledIn(text, values);
    const before = this.table.points.length;
    const number = this.table.number(PROVIDER, filled(category), filled(kind), filled(value));
    if (number === before)
      for (const { fields } of templates)
        for (const { name, type } of fields) if (!this.roles.has(name)) this.table.field(number, name, type);
    return number;
  }

  private record(piece: string): TextRecord | undefined {
    for (const template of this.format.templates) {
      const match = template.pattern.exec(piece);
      if (match !== null) return this.recordOf(template, match);
    }
    return undefined;
  }

  private recordOf(template: Template, match: RegExpExecArray): TextRecord {
    const { format, table } = this;
    const named: Values = new Map(template.fields.map(({ name }, i) => [name, match[i + 1]!]));
    const rest: Values = new Map();
    if (template.hasRest)
      for (const [, name, value] of match.at(-1)!.matchAll(PAIR)) rest.set(name!, value!.replaceAll('"', ''));
    const all: Values = new Map([...rest, ...named]);
    if (this.unmet.size > 0) for (const name of all.keys()) this.unmet.delete(name);
    const point = this.point(all);
    const values: FieldValues = [];
    for (const { name, type } of template.fields) {
      const index = this.roles.has(name) ? -1 : table.field(point, name, type);
      if (index >= 0) values[index] = named.get(name);
    }
    for (const [name, value] of rest) {
      const index = this.roles.has(name) ? -1 : table.fieldOf(point, name, value);
      if (index >= 0) values[index] = value;
    }
    const text = (name: string | undefined): string | undefined =>
      name === undefined ? undefined : all.get(name);
    const number = (name: string | undefined): number | undefined => {
      const value = text(name);
      return value === undefined ? undefined : Number(value);
    };
    const { process: who, time } = format;
    const pid = number(who.pid);
    return {
      point,
      values,
      mayRepeat: format.sequence?.of === 'cpu' || template !== format.templates[0],
      cpu: number(format.cpu) ?? 0,
      seq: number(format.sequence?.field) ?? Number.NaN,
      timeNs: time === undefined ? Number.NaN : (number(time.field) ?? Number.NaN) * time.ns,
      flags: 0,
      pc: text(format.pc),
      address: text(format.address),
      pid,
      tid: number(who.tid) ?? pid,
      comm: text(who.execname),
      line: 0,
    };
  }
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/ +/g, ' +');
}
