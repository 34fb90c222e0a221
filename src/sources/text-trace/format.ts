/**
 * Formats of lines that kernels print, as data: `formats/*.json` are built in, `-x format=FILE` names one of the user's own
 * (README.md shows how to write it). In: JSON. Out: a Format, whose templates are ready to be held against lines; or what
 * is wrong with it, in words.
 *
 *   lines      templates. `{name}` is a word, `{name:int}` a number (decimal or 0x…), `{name:hex}` a hexadecimal number
 *              with or without 0x; a blank is one blank or more; `{*}` at the end is whatever `key=value` words follow
 *   sequence   the field that numbers records, and `of`: "all" CPUs together or each "cpu"
 *   cpu        the field with the CPU's number
 *   time       the field with the time, and how many nanoseconds one of it is (`ns`)
 *   process    fields that are D's pid, tid and execname
 *   pc, address  fields that are D's pc and the address at fault
 *   point      the field whose value names the probe
 *   points     by that value: the category and the kind, the probe's module and function, and the category's bit in the
 *              kernel's mask; `*` is for all others. `{name}` in them stands for the field's value
 */
import type { FieldType } from '../../machine/points.ts';
import breenix from './formats/breenix.json' with { type: 'json' };
import strat9 from './formats/strat9.json' with { type: 'json' };
import type { SequenceScope } from './sequence.ts';

const BUILT_IN: readonly unknown[] = [strat9, breenix];

export interface TemplateField {
  readonly name: string;
  readonly type: FieldType;
}

export interface Template {
  /** Text that its lines have, by which they are known from noise. */
  readonly anchor: string;
  /** As it was written, without {*}. */
  readonly text: string;
  readonly pattern: RegExp; // one group per field, and one more for the rest
  readonly fields: readonly TemplateField[];
  readonly hasRest: boolean;
}

export interface PointName {
  readonly category: string;
  readonly kind: string;
  readonly bit?: number | undefined;
}

export interface Format {
  readonly name: string;
  readonly templates: readonly Template[];
  readonly sequence: { readonly field: string; readonly of: SequenceScope } | undefined;
  readonly cpu: string | undefined;
  readonly time: { readonly field: string; readonly ns: number } | undefined;
  readonly process: { readonly pid?: string; readonly tid?: string; readonly execname?: string };
  readonly pc: string | undefined;
  readonly address: string | undefined;
  readonly point: string;
  readonly points: ReadonlyMap<string, PointName>; // with '*'
}

/** A category or kind, with values in place of `{name}`. */
export function filledIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '').replaceAll(':', '_');
}

/** Fields of which all order depends and that no template has: some record must have them as `key=value`. */
export function expectedOf({ point, cpu, sequence, time, templates }: Format): readonly string[] {
  const named = new Set(templates.flatMap(({ fields }) => fields.map(({ name }) => name)));
  return [point, cpu, sequence?.field, time?.field].filter(
    (name) => name !== undefined && !named.has(name),
  ) as string[];
}

/** A user's file. */
export function parseFormat(text: string): Format | string {
  try {
    return readFormat(JSON.parse(text));
  } catch (error) {
    return `it is no JSON (${error instanceof Error ? error.message : String(error)})`;
  }
}

type Json = Readonly<Record<string, unknown>>;

const KEYS = [
  'name',
  'doc',
  'lines',
  'sequence',
  'cpu',
  'time',
  'process',
  'pc',
  'address',
  'point',
  'points',
];

function readFormat(json: unknown): Format | string {
  if (!isObject(json)) return 'it is no JSON object';
  const unknown = Object.keys(json).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `"${unknown}" is not one of ${KEYS.join(', ')}`;
  const { name, lines, point, sequence, time, points = {}, process = {} } = json;
  if (typeof name !== 'string' || !/^\w+$/.test(name)) return '"name" must be a word';
  if (!Array.isArray(lines) || lines.length === 0) return '"lines" must be a list of templates';
  const templates: Template[] = [];
  for (const line of lines) {
    const template = typeof line === 'string' ? parseTemplate(line) : 'each of "lines" must be text';
    if (typeof template === 'string') return template;
    templates.push(template);
  }
  if (typeof point !== 'string') return '"point" must name the field whose value names the probe';
  const named = readPoints(points);
  if (typeof named === 'string') return named;
  const known = new Set(templates.flatMap(({ fields }) => fields.map((field) => field.name)));
  const hasRest = templates.some((template) => template.hasRest);
  const roles = [point, json['cpu'], json['pc'], json['address'], field(sequence), field(time)];
  if (!isObject(process)) return '"process" must be an object with pid, tid and execname';
  for (const role of [...roles, ...Object.values(process)]) {
    if (role === undefined) continue;
    if (typeof role !== 'string') return 'fields are named by text';
    if (!known.has(role) && !hasRest) return `no line has a field {${role}}`;
  }
  const of = isObject(sequence) ? sequence['of'] : undefined;
  if (sequence !== undefined && (field(sequence) === undefined || (of !== 'all' && of !== 'cpu')))
    return '"sequence" must have "field", and "of", which is "all" or "cpu"';
  const ns = isObject(time) ? time['ns'] : undefined;
  if (time !== undefined && (field(time) === undefined || typeof ns !== 'number' || !(ns > 0)))
    return '"time" must have "field", and "ns", the nanoseconds that one of it is';
  return {
    name,
    templates,
    point,
    points: named,
    sequence: sequence === undefined ? undefined : { field: field(sequence)!, of: of as SequenceScope },
    time: time === undefined ? undefined : { field: field(time)!, ns: ns as number },
    process: process as Format['process'],
    cpu: json['cpu'] as string | undefined,
    pc: json['pc'] as string | undefined,
    address: json['address'] as string | undefined,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown): string | undefined {
  const name = isObject(value) ? value['field'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function readPoints(points: unknown): ReadonlyMap<string, PointName> | string {
  if (!isObject(points)) return '"points" must be an object';
  const named = new Map<string, PointName>();
  for (const [value, row] of Object.entries(points)) {
    if (!isObject(row)) return `the point "${value}" must be an object with category and kind`;
    const { category = '', kind = '', bit } = row;
    if (typeof category !== 'string' || typeof kind !== 'string')
      return `category and kind of the point "${value}" must be text`;
    if (bit !== undefined && (typeof bit !== 'number' || !Number.isInteger(bit) || bit < 0 || bit > 63))
      return `the bit of the point "${value}" must be 0 to 63`;
    named.set(value, { category, kind, bit });
  }
  return named;
}

/** What a field of each type looks like. Values end where no letter or digit follows. */
const PATTERNS: Readonly<Record<FieldType, string>> = {
  int: '([+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+))',
  hex: '((?:0[xX])?[0-9a-fA-F]+)',
  word: '([^ ]+)',
};
const TYPES: readonly string[] = Object.keys(PATTERNS);
const FIELD = /\{(\w+)(?::(\w+))?\}/g;
/** A brace that was meant to begin a field; any other is text. */
const BROKEN_FIELD = /\{[\w*][^ }]*\}?/;

function parseTemplate(text: string): Template | string {
  const hasRest = text.endsWith('{*}');
  const body = hasRest ? text.slice(0, -3).trimEnd() : text;
  const fields: TemplateField[] = [];
  let pattern = '';
  let from = 0;
  for (const match of body.matchAll(FIELD)) {
    const type = match[2] ?? 'word';
    const broken = BROKEN_FIELD.exec(body.slice(from, match.index))?.[0];
    if (broken !== undefined) return brokenField(broken);
    if (fields.some(({ name }) => name === match[1])) return `"${text}" has {${match[1]}} twice`;
    if (!TYPES.includes(type)) return `{${match[1]}:${type}}: a type is one of ${TYPES.join(', ')}`;
    pattern += `${literal(body.slice(from, match.index))}${PATTERNS[type as FieldType]}`;
    fields.push({ name: match[1]!, type: type as FieldType });
    from = match.index + match[0].length;
  }
  const broken = BROKEN_FIELD.exec(body.slice(from))?.[0];
  if (broken !== undefined) return brokenField(broken);
  pattern += literal(body.slice(from));
  const anchor = body.slice(0, body.indexOf('{')).trim();
  if (fields.length === 0 || anchor === '') return `"${text}" must begin with some text, and have a {field}`;
  return {
    anchor,
    text: body,
    fields,
    hasRest,
    pattern: new RegExp(`^${pattern}(?![0-9A-Za-z_])${hasRest ? '(.*)' : ''}`),
  };
}

function brokenField(text: string): string {
  return text === '{*}'
    ? '{*} must be at the end of its line'
    : `"${text}" is no field: {name}, {name:int}, {name:hex}, and {*} at the end`;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/ +/g, ' +');
}

export const FORMATS: readonly Format[] = BUILT_IN.map((json) => {
  const format = readFormat(json);
  if (typeof format === 'string') throw new Error(format);
  return format;
});
