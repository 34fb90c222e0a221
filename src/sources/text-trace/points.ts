/**
 * The points of one trace, by number, as parsers meet them. The same table serves the look through the file before the program
 * is compiled and the replay itself, so numbers and fields do not change between the two.
 */
import { type FieldType, MAX_FIELDS, type Point } from '../../machine/points.ts';

const NUMBER = /^[+-]?(0[xX][0-9a-fA-F]+|\d+)$/;

/** As many would not fit the memory. */
const MOST_POINTS = 2 ** 25;

export interface PointPair {
  readonly first: number;
  readonly second: number; // -1: the line fires one point
}

export class PointTable {
  readonly points: Point[] = [];
  /** All points and fields of the trace are there, and their types are what they will be. */
  isSettled = false;
  /** Points that one line fired together, by number. */
  readonly pairs: PointPair[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly pairsOf = new Map<number, number>();

  /** The number of a point, made when it is new. */
  number(
    provider: string,
    module: string,
    func: string,
    name: string,
    more: { readonly argumentTypes?: readonly string[]; readonly isJudged?: boolean } = {},
  ): number {
    const key = `${provider}:${module}:${func}:${name}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const { argumentTypes, isJudged = false } = more;
    const number = this.points.length;
    this.points.push({ provider, module, function: func, name, fields: [], argumentTypes, isJudged });
    this.numbers.set(key, number);
    return number;
  }

  /** The number of the pair, made when it is new; `second` is -1 for none. */
  pair(first: number, second: number): number {
    const key = first * MOST_POINTS + second + 1;
    const known = this.pairsOf.get(key);
    if (known !== undefined) return known;
    const number = this.pairs.push({ first, second }) - 1;
    this.pairsOf.set(key, number);
    return number;
  }

  /** The number of a point that some line has shown. */
  known(provider: string, module: string, func: string, name: string): number | undefined {
    return this.numbers.get(`${provider}:${module}:${func}:${name}`);
  }

  /** Place of a field among the arguments, made when it is new; -1 when there is no room for it. */
  field(point: number, name: string, type: FieldType): number {
    const { fields } = this.points[point]!;
    const known = fields.findIndex((field) => field.name === name);
    if (known >= 0) return known;
    if (fields.length === MAX_FIELDS) return -1;
    return fields.push({ name, type }) - 1;
  }

  /** The same for a field whose type shows in its values. */
  fieldOf(point: number, name: string, value: string): number {
    const isNumber = NUMBER.test(value);
    const index = this.field(point, name, isNumber ? 'int' : 'word');
    const field = this.points[point]!.fields[index];
    if (field !== undefined && field.type === 'int' && !isNumber) field.type = 'word';
    return index;
  }
}

/** A field's value as text, by place; undefined where the line has none. */
export type FieldValues = (string | undefined)[];

/** One line of a trace, taken apart. Numbers stay text until somebody asks for them. */
export interface TextRecord {
  readonly point: number;
  readonly values: FieldValues;
  /** What it fires besides. */
  readonly second?:
    | { readonly point: number; readonly values: FieldValues; readonly errno?: number | undefined }
    | undefined;
  readonly cpu: number;
  readonly seq: number; // NaN: the trace does not number
  readonly timeNs: number; // absolute, NaN: it has no times
  readonly flags: number; // EVENT_FLAGS
  readonly pc?: string | undefined; // hexadecimal
  readonly address?: string | undefined;
  readonly level?: number | undefined; // of privilege, before a delivery
  readonly pid?: number | undefined; // the process, as D says it
  readonly tid?: number | undefined;
  readonly comm?: string | undefined;
  /** It may show again what was printed when it happened: the dump of a ring. */
  readonly mayRepeat?: boolean;
  line: number;
}

/** Where a parser puts what it finds in a line; a line may hold several records. */
export interface RecordSink {
  record(record: TextRecord): void;
  /** It begins like a record and is none. */
  torn(): void;
  /** A line that is known to be no event. */
  known(kind: string): void;
  /** The traced system says that it lost so many events of a CPU (undefined: it does not say how many). */
  dropped(cpu: number, count: number | undefined): void;
}

/** Takes the lines of one file apart, in order. */
export interface LineParser {
  /** The line without its end, and without colours. */
  take(line: string, sink: RecordSink): void;
  /** The file has ended. */
  end?(sink: RecordSink): void;
}

/** Low and high half of a number as it stands in a trace; undefined when it is none. */
export function halves(
  text: string,
  isHex: boolean,
): { readonly low: number; readonly high: number } | undefined {
  const prefixed = /^0[xX]/.test(text);
  if (prefixed || isHex) {
    const digits = prefixed ? text.slice(2) : text;
    if (!/^[0-9a-fA-F]{1,16}$/.test(digits)) return undefined;
    const high = digits.length > 8 ? Number.parseInt(digits.slice(0, -8), 16) : 0;
    return { low: Number.parseInt(digits.slice(-8), 16) | 0, high: high | 0 };
  }
  if (!/^[+-]?\d{1,20}$/.test(text) && !/^-0x/i.test(text)) return undefined;
  const value = /^-0x/i.test(text)
    ? -BigInt(text.slice(1))
    : BigInt(text.startsWith('+') ? text.slice(1) : text);
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}
