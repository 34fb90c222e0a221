/**
 * Templates of a format, compiled to be held against bytes. In: a Template. Out: a matcher that says of a place in memory
 * whether the template's line begins there, and where its fields stand; the same as the template's regular expression says.
 *
 * A template is a list of steps: a text (a blank in it is one blank or more) and the field behind it. Fields go as far as
 * they can; only a word that text without a blank follows is tried shorter as well.
 */
import { CHAR, CLASS, DIGIT, HEX, runEnd, skipSpaces, WORD, wordEnd } from './bytes.ts';
import type { Template } from './format.ts';

interface Step {
  readonly text: Uint8Array;
  readonly type: 'int' | 'hex' | 'word' | undefined; // of the field behind; undefined: it is the last text
  readonly mayBeShorter: boolean;
}

const FIELD = /\{(\w+)(?::(\w+))?\}/g;

export class TemplateMatcher {
  readonly template: Template;
  /** From and to of each field, in memory. */
  readonly places: Float64Array;
  /** Where the rest begins. */
  rest = 0;
  private readonly steps: readonly Step[];
  /** All fields go as far as they can. */
  readonly isPlain: boolean;

  private constructor(template: Template, steps: readonly Step[]) {
    this.template = template;
    this.steps = steps;
    this.isPlain = steps.every(({ mayBeShorter }) => !mayBeShorter);
    this.places = new Float64Array(2 * template.fields.length);
  }

  /** Undefined: it is beyond this matcher. */
  static of(template: Template): TemplateMatcher | undefined {
    const body = template.text;
    if (!/^[!-~][ -~]*$/.test(body)) return undefined;
    const texts = body.split(FIELD).filter((_, i) => i % 3 === 0);
    const steps: Step[] = [];
    for (const [i, text] of texts.entries()) {
      const type = template.fields[i]?.type;
      const next = texts[i + 1] ?? '';
      const isLast = i + 1 === template.fields.length && next === '';
      // What follows a number must not be able to go on with it.
      if (type !== undefined && type !== 'word' && !isLast && !/^[^0-9A-Za-z]/.test(next)) return undefined;
      if (type === 'word' && !isLast && next === '') return undefined;
      const mayBeShorter = type === 'word' && !isLast && !next.startsWith(' ');
      steps.push({ text: Buffer.from(text.replace(/ +/g, ' '), 'latin1'), type, mayBeShorter });
    }
    return new TemplateMatcher(template, steps);
  }

  match(u8: Uint8Array, at: number, end: number): boolean {
    return this.isPlain ? this.matchOnce(u8, at, end) : this.matchFrom(u8, 0, at, end);
  }

  /** Whether the text in front of the first field stands there. */
  begins(u8: Uint8Array, at: number, end: number): boolean {
    return textEnd(u8, this.steps[0]!.text, at, end) >= 0;
  }

  /** Of a template all of whose fields go as far as they can. */
  private matchOnce(u8: Uint8Array, at: number, end: number): boolean {
    const { steps, places } = this;
    let i = at;
    for (let step = 0; step < steps.length; step++) {
      const { text, type } = steps[step]!;
      const from = textEnd(u8, text, i, end);
      if (from < 0) return false;
      i = from;
      if (type === undefined) break;
      i = type === 'word' ? wordEnd(u8, from, end) : numberEnd(u8, from, end, type === 'hex');
      if (i <= from) return false;
      places[2 * step] = from;
      places[2 * step + 1] = i;
    }
    return this.ends(u8, i, end);
  }

  private matchFrom(u8: Uint8Array, step: number, at: number, end: number): boolean {
    const { text, type, mayBeShorter } = this.steps[step]!;
    const from = textEnd(u8, text, at, end);
    if (from < 0) return false;
    if (type === undefined) return this.ends(u8, from, end);
    let to = type === 'word' ? wordEnd(u8, from, end) : numberEnd(u8, from, end, type === 'hex');
    if (to <= from) return false;
    const { places } = this;
    for (;;) {
      places[2 * step] = from;
      places[2 * step + 1] = to;
      if (this.matchFrom(u8, step + 1, to, end)) return true;
      if (!mayBeShorter || --to === from) return false;
    }
  }

  /** Values end where no letter or digit follows. */
  private ends(u8: Uint8Array, at: number, end: number): boolean {
    this.rest = at;
    return at === end || (CLASS[u8[at]!]! & WORD) === 0;
  }
}

/** -1: the text does not stand there. */
function textEnd(u8: Uint8Array, text: Uint8Array, at: number, end: number): number {
  let i = at;
  for (let k = 0; k < text.length; k++) {
    if (i >= end || u8[i] !== text[k]) return -1;
    i = text[k] === CHAR.space ? skipSpaces(u8, i, end) : i + 1;
  }
  return i;
}

/** `at`: there is no number. */
function numberEnd(u8: Uint8Array, at: number, end: number, isHex: boolean): number {
  const sign = u8[at];
  const from = !isHex && (sign === CHAR.plus || sign === CHAR.minus) ? at + 1 : at;
  if (from + 2 < end && u8[from] === CHAR.zero && (u8[from + 1]! | 0x20) === 0x78) {
    const to = runEnd(u8, from + 2, end, HEX);
    if (to > from + 2) return to;
  }
  const to = runEnd(u8, from, end, isHex ? HEX : DIGIT);
  return to > from ? to : at;
}
