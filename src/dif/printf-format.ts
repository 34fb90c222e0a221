/**
 * printf format strings: parsed once by the checker, validated there against argument types, executed by the consumer.
 *
 * In: the bytes of a format literal. Out: a list of pieces, or what is wrong with it (d-language.md 8.1–8.3).
 */
import { conversionNamed } from './conversions.ts';

export interface Conversion {
  readonly kind: 'conversion';
  readonly index: number; // 1-based number of the conversion, as messages count
  readonly letters: string; // 'd', 'lld', 'hx', 'Y', …: size letters and conversion, without flags and width
  readonly flags: {
    readonly alternate: boolean; // #
    readonly zero: boolean; // 0
    readonly left: boolean; // -
    readonly plus: boolean; // +
    readonly space: boolean; // ' '
    readonly group: boolean; // '
    readonly aggregation: boolean; // @
    readonly pointerWidth: boolean; // ?
  };
  readonly width: number | 'argument' | undefined;
  readonly precision: number | 'argument' | undefined;
}

export interface Literal {
  readonly kind: 'literal';
  readonly bytes: Uint8Array;
}

export interface PrintfFormat {
  readonly pieces: readonly (Literal | Conversion)[];
}

/** What follows one `%`, while it is being read. */
interface Scan {
  readonly bytes: Uint8Array;
  at: number;
}

type Flags = { -readonly [name in keyof Conversion['flags']]: boolean };
type Failure = { readonly error: string };

const PERCENT = 0x25;
const FLAG_OF: Readonly<Record<string, keyof Flags>> = {
  '#': 'alternate',
  '0': 'zero',
  '-': 'left',
  '+': 'plus',
  ' ': 'space',
  "'": 'group',
  '@': 'aggregation',
  '?': 'pointerWidth',
};
const SIZE_LETTERS = 'hlLw';
/** Wider fields than this are a slip of the finger; the bound keeps one record from filling memory. */
const MAX_FIELD = 1 << 20;

/** Bytes of a format literal → its pieces, or the message (without "printf( )") that says what is wrong. */
export function parseFormat(bytes: Uint8Array): PrintfFormat | Failure {
  const pieces: (Literal | Conversion)[] = [];
  const scan: Scan = { bytes, at: 0 };
  let literal: number[] = [];
  let index = 0;
  while (scan.at < bytes.length) {
    const byte = bytes[scan.at++]!;
    if (byte !== PERCENT) {
      literal.push(byte);
      continue;
    }
    const conversion = readConversion(scan, index + 1);
    if (conversion === 'percent') {
      literal.push(PERCENT);
      continue;
    }
    if ('error' in conversion) return conversion;
    if (literal.length > 0) pieces.push({ kind: 'literal', bytes: Uint8Array.from(literal) });
    literal = [];
    pieces.push(conversion);
    index++;
  }
  if (literal.length > 0) pieces.push({ kind: 'literal', bytes: Uint8Array.from(literal) });
  return { pieces };
}

/** Reads what follows a `%`: flags, width, precision, letters. */
function readConversion(scan: Scan, index: number): Conversion | Failure | 'percent' {
  const fail = (text: string): Failure => ({ error: `format conversion #${index} ${text}` });
  const start = scan.at;
  const flags = readFlags(scan);
  const width = readField(scan);
  if (width !== undefined) takeAggregationFlag(scan, flags); // `%10@d` is as good as `%@10d`
  if (peek(scan) === '$') return fail('uses unsupported positional format (%n$)');
  if (peek(scan) === '*') return fail("has more than one '*' specified for the output width");
  let precision: number | 'argument' | undefined;
  if (peek(scan) === '.') {
    scan.at++;
    precision = readField(scan);
    if (peek(scan) === '*') return fail("has more than one '*' specified for the output precision");
    takeAggregationFlag(scan, flags);
    if (peek(scan) === '.') return fail("has more than one '.' specified");
  }
  if (isTooWide(width) || isTooWide(precision)) return fail(`is wider than ${MAX_FIELD} columns`);
  if (scan.at >= scan.bytes.length) return fail('name expected before end of format string');
  if (peek(scan) === '%') {
    if (scan.at > start) return fail('cannot be combined with other format flags: %%');
    scan.at++;
    return 'percent';
  }
  const letters = readLetters(scan);
  if (letters === undefined) return fail('name expected before end of format string');
  if (conversionNamed(letters) === undefined) return fail(`is undefined: %${letters}`);
  // A precision of 0 means none (behaviours.md 27).
  return {
    kind: 'conversion',
    index,
    letters,
    flags,
    width,
    precision: precision === 0 ? undefined : precision,
  };
}

function readFlags(scan: Scan): Flags {
  const flags: Flags = {
    alternate: false,
    zero: false,
    left: false,
    plus: false,
    space: false,
    group: false,
    aggregation: false,
    pointerWidth: false,
  };
  for (;;) {
    const flag = FLAG_OF[peek(scan)];
    if (flag === undefined) return flags;
    flags[flag] = true;
    if (flag === 'zero') flags.left = false;
    if (flag === 'left') flags.zero = false;
    scan.at++;
  }
}

function takeAggregationFlag(scan: Scan, flags: Flags): void {
  if (peek(scan) !== '@') return;
  flags.aggregation = true;
  scan.at++;
}

/** Digits or a star; undefined when neither is there. */
function readField(scan: Scan): number | 'argument' | undefined {
  if (peek(scan) === '*') {
    scan.at++;
    return 'argument';
  }
  let value: number | undefined;
  while (isDigit(peek(scan))) {
    value = Math.min((value ?? 0) * 10 + Number(peek(scan)), MAX_FIELD + 1);
    scan.at++;
  }
  return value;
}

function readLetters(scan: Scan): string | undefined {
  let letters = '';
  while (scan.at < scan.bytes.length) {
    const letter = peek(scan);
    letters += letter;
    scan.at++;
    if (!SIZE_LETTERS.includes(letter)) return letters;
  }
  return undefined;
}

function peek(scan: Scan): string {
  return scan.at < scan.bytes.length ? String.fromCharCode(scan.bytes[scan.at]!) : '';
}

function isDigit(text: string): boolean {
  return text >= '0' && text <= '9';
}

function isTooWide(field: number | 'argument' | undefined): boolean {
  return typeof field === 'number' && field > MAX_FIELD;
}
