/**
 * Lines of a format by their shapes: what a TemplateMatcher found in a line, for lines that differ from it in numbers alone.
 *
 * That such a line is the same record but for its numbers holds where
 *   - the template's fields go as far as they can, and no template before it begins alike;
 *   - numbers are fields of the template that do not name the probe, and values behind `key=`: none of them can tell a key from
 *     another, or change a field's type;
 *   - no beginning of a template can arise from a number and the text beside it (`isSafe`).
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { CHAR, CLASS, isNumberAt, valueEnd, WORD } from './bytes.ts';
import type { Format } from './format.ts';
import { LineShapes, type ShapeNumber } from './line-shapes.ts';
import { SHAPE_KINDS } from './shape-code.ts';
import type { TemplateMatcher } from './template-bytes.ts';

/** Where parts of the line stand: in or behind the number `after`, -1 for the line's beginning. */
interface Part {
  readonly number: number; // -1: it is text
  readonly after: number;
  readonly offset: number;
  readonly size: number;
}

export interface KnownLine<T> {
  readonly what: T;
  readonly fields: readonly Part[]; // of the template
  readonly rest: Part;
}

export interface LearnedLine {
  readonly shape: number;
  /** Which number a field of the template is; -1: it is text. */
  readonly numberOf: (field: number) => number;
}

/** When no more shapes fit, that many lines more than twice those of known shapes may be of none. */
const PATIENCE = 4096;

export class FormatShapes<T> {
  private lines: LineShapes | undefined;
  private readonly known: KnownLine<T>[] = [];
  private isFull: boolean;
  private balance = 0;
  private isGivenUp = false;

  constructor(format: Format) {
    this.isFull = !isSafe(format);
  }

  /** Where the tree of shapes begins; 0: there is none that lines are looked for in. */
  get first(): number {
    return this.isGivenUp ? 0 : (this.lines?.first ?? 0);
  }

  /** What is known of the line; undefined: nothing. */
  match(at: number, end: number): KnownLine<T> | undefined {
    const { lines } = this;
    if (lines === undefined || this.isGivenUp) return undefined;
    const shape = lines.match(at, end);
    if (shape < 0) {
      if (this.isFull && --this.balance < -PATIENCE) this.isGivenUp = true;
      return undefined;
    }
    this.met(1);
    return this.known[shape];
  }

  /** So many lines had shapes that are known. */
  met(count: number): void {
    if (this.balance < PATIENCE) this.balance += 2 * count;
  }

  /** The same of a line that had a known shape, whatever has come since. */
  matchAgain(at: number, end: number): KnownLine<T> {
    return this.known[this.lines!.match(at, end)]!;
  }

  /** The places of a known line's fields, and their values, NaN where they are not told. */
  place({ fields, rest }: KnownLine<T>, matcher: TemplateMatcher, values: Float64Array, at: number): void {
    const lines = this.lines!;
    const { places } = matcher;
    for (let i = 0; i < fields.length; i++) {
      const { number, after, offset, size } = fields[i]!;
      if (number >= 0) {
        places[2 * i] = lines.from(number);
        places[2 * i + 1] = lines.to(number);
        values[i] = lines.value(number);
      } else {
        const from = (after < 0 ? at : lines.to(after)) + offset;
        places[2 * i] = from;
        places[2 * i + 1] = from + size;
        values[i] = -1;
      }
    }
    matcher.rest = (rest.after < 0 ? at : lines.to(rest.after)) + rest.offset;
  }

  /** A line as the matcher has found it; `naming` fields name the probe. */
  learn(
    memory: LinearMemory,
    at: number,
    end: number,
    matcher: TemplateMatcher,
    naming: readonly number[],
    what: T,
  ): LearnedLine | undefined {
    if (this.isFull || !matcher.isPlain) return undefined;
    const numbers: ShapeNumber[] = [];
    const fields: Part[] = [];
    const { template, places } = matcher;
    const partAt = (from: number, to: number): Part => {
      const last = numbers.at(-1);
      const offset = from - (last === undefined ? at : last.to);
      return { number: -1, after: numbers.length - 1, offset, size: to - from };
    };
    for (const [i, { type }] of template.fields.entries()) {
      const [from, to] = [places[2 * i]!, places[2 * i + 1]!];
      if (type === 'word' || naming.includes(i)) fields.push(partAt(from, to));
      else {
        fields.push({ number: numbers.length, after: 0, offset: 0, size: 0 });
        numbers.push({ from, to, kind: type === 'hex' ? SHAPE_KINDS.hex : SHAPE_KINDS.int });
      }
    }
    const rest = partAt(matcher.rest, matcher.rest);
    if (template.hasRest) numbers.push(...valuesIn(memory.u8, matcher.rest, end));
    this.lines ??= new LineShapes(memory);
    const shape = this.lines.learn(at, end, numbers);
    if (shape < 0) {
      this.isFull = true;
      return undefined;
    }
    this.known[shape] = { what, fields, rest };
    return { shape, numberOf: (field) => fields[field]?.number ?? -1 };
  }
}

/** Numbers behind `key=`. */
function valuesIn(u8: Uint8Array, at: number, end: number): ShapeNumber[] {
  const numbers: ShapeNumber[] = [];
  for (let i = at + 1; i < end; i++) {
    if (u8[i] !== CHAR.equals || (CLASS[u8[i - 1]!]! & WORD) === 0) continue;
    const to = valueEnd(u8, i + 1, end);
    if (isNumberAt(u8, i + 1, to)) numbers.push({ from: i + 1, to, kind: SHAPE_KINDS.int });
  }
  return numbers;
}

/**
 * A beginning over a number's edge would have a digit or a sign, or letters that are hexadecimal digits alone, or be met by
 * letters in front of a hexadecimal number.
 */
function isSafe({ templates }: Format): boolean {
  return templates.every(
    ({ anchor, text }) =>
      !/[0-9+-]/.test(anchor) &&
      (anchor.match(/[A-Za-z]+/g) ?? []).every((letters) => /[^a-fx]/i.test(letters)) &&
      !/(?<!0x)(?<=[0-9A-Za-z])\{\w+:hex\}/.test(text),
  );
}
