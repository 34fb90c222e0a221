/**
 * Integers of records → digits, byte by byte: no BigInt, no string, no allocation.
 *
 * A `NumberForm` is what a conversion and the shape of its value come to, worked out once. The value is read as two
 * 32-bit halves and handed about as signed 32-bit numbers, which V8 keeps in registers; `>>> 0` makes them unsigned where
 * it matters. Decimal digits come in chunks of eight, since a chunk is 32-bit arithmetic:
 *
 *   value = (top × 10^8 + middle) × 10^8 + bottom      each of them below 2^31
 *
 * printf.ts does the same by BigInt and string, for whatever has no form; a property test holds them together.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { TextBuffer } from './text-buffer.ts';

export interface NumberForm {
  readonly radix: 8 | 10 | 16;
  readonly sizeBytes: number; // 1, 2, 4 or 8; the value is aligned to it
  readonly signed: boolean; // how its bytes are taken
  readonly width: number; // 0: none
  readonly left: boolean;
  readonly zeros: boolean; // fill the width with zeros
  readonly precision: number; // 0: none
  readonly plus: number; // the byte before what is not negative: + or a blank; 0: none
  readonly alternate: boolean;
  readonly capitals: boolean;
  readonly bare: boolean; // digits alone, but for a minus sign
}

/** `%*d`; a width of 0 is none. */
export function columnForm(sizeBytes: number, signed: boolean, width: number): NumberForm {
  return {
    radix: 10,
    sizeBytes,
    signed,
    width,
    left: false,
    zeros: false,
    precision: 0,
    plus: 0,
    alternate: false,
    capitals: false,
    bare: width === 0,
  };
}

/** The room of a 64-bit number in octal, a sign or prefix, and what pads. */
const MOST_DIGITS = 24;

const CHUNK = 1e8;
const CHUNK_DIGITS = 8;
const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;
const ZERO = 0x30;
const BLANK = 0x20;
const MINUS = 0x2d;
const SMALL = '0123456789abcdef';
const CAPITAL = '0123456789ABCDEF';
/** Two digits of 0 … 99, and of 0 … 255 in hexadecimal, as big-endian pairs of bytes. */
const DECIMAL_PAIRS = pairsOf(SMALL, 10);
const SMALL_PAIRS = pairsOf(SMALL, 16);
const CAPITAL_PAIRS = pairsOf(CAPITAL, 16);

function pairsOf(digits: string, base: number): Uint16Array {
  const pairs = new Uint16Array(base * base);
  for (let i = 0; i < pairs.length; i++) pairs[i] = pairOf(digits, Math.floor(i / base), i % base);
  return pairs;
}

function pairOf(digits: string, high: number, low: number): number {
  return (digits.charCodeAt(high) << 8) | digits.charCodeAt(low);
}

/** Append the integer at linear offset `at`. */
export function writeNumberAt(out: TextBuffer, form: NumberForm, memory: LinearMemory, at: number): void {
  let low: number;
  let high = 0;
  if (form.sizeBytes === 8) {
    low = memory.i32[at >>> 2]!;
    high = memory.i32[(at >>> 2) + 1]!;
  } else {
    low = narrow(memory, at, form.sizeBytes, form.signed);
    if (form.signed) high = low >> 31;
  }
  out.room(MOST_DIGITS + (form.width > form.precision ? form.width : form.precision));
  if (form.radix === 10) out.length = writeDecimal(out, form, high, low);
  else if (form.radix === 16) out.length = writeHex(out, form, high, low);
  else out.length = writeOctal(out, form, high, low);
}

function narrow(memory: LinearMemory, at: number, sizeBytes: number, signed: boolean): number {
  if (sizeBytes === 4) return memory.i32[at >>> 2]!;
  if (sizeBytes === 2) return signed ? memory.i16[at >>> 1]! : memory.i16[at >>> 1]! & 0xffff;
  return signed ? memory.i8[at]! : memory.u8[at]!;
}

function writeDecimal(out: TextBuffer, form: NumberForm, high: number, low: number): number {
  let sign = form.plus;
  let upper = high;
  let lower = low;
  if (form.signed && high < 0) {
    sign = MINUS;
    lower = -low | 0;
    upper = lower === 0 ? -high | 0 : ~high;
  }
  if (upper !== 0 || lower < 0) return writeLong(out, form, sign, upper, lower);
  const digits = digitsOf(lower);
  const { length } = out;
  if (form.bare && sign === 0) {
    writeDigits(out.view, length + digits, lower, digits);
    return length + digits;
  }
  const end = openField(out.bytes, length, form, sign, 0, digits);
  writeDigits(out.view, fieldEnd(form, length, end, digits, sign === 0 ? 0 : 1), lower, digits);
  return end;
}

/** A magnitude of 2^31 or more. */
function writeLong(out: TextBuffer, form: NumberForm, sign: number, high: number, low: number): number {
  // Long division by 10^8 in steps that fit a double exactly; the quotient is below 2^38.
  const head = high >>> 0;
  const first = Math.floor(head / CHUNK);
  const second = (head - first * CHUNK) * TWO_16 + (low >>> 16);
  const third = Math.floor(second / CHUNK);
  const fourth = (second - third * CHUNK) * TWO_16 + (low & 0xffff);
  const last = Math.floor(fourth / CHUNK);
  const bottom = (fourth - last * CHUNK) | 0;
  const rest = first * TWO_32 + third * TWO_16 + last;
  const top = Math.floor(rest / CHUNK) | 0;
  const middle = (rest - top * CHUNK) | 0;

  const above = top > 0 ? digitsOf(top) + CHUNK_DIGITS : digitsOf(middle);
  const digits = above + CHUNK_DIGITS;
  const { view, length } = out;
  const end = openField(out.bytes, length, form, sign, 0, digits);
  const to = fieldEnd(form, length, end, digits, sign === 0 ? 0 : 1);
  writeDigits(view, to, bottom, CHUNK_DIGITS);
  if (top > 0) {
    writeDigits(view, to - CHUNK_DIGITS, middle, CHUNK_DIGITS);
    writeDigits(view, to - 2 * CHUNK_DIGITS, top, above - CHUNK_DIGITS);
  } else writeDigits(view, to - CHUNK_DIGITS, middle, above);
  return end;
}

function writeHex(out: TextBuffer, form: NumberForm, high: number, low: number): number {
  const digits = high !== 0 ? 16 - (Math.clz32(high) >> 2) : low !== 0 ? 8 - (Math.clz32(low) >> 2) : 1;
  const { view, length } = out;
  const pairs = form.capitals ? CAPITAL_PAIRS : SMALL_PAIRS;
  let end = length + digits;
  let at = end;
  if (!form.bare) {
    const mark = form.alternate && (high | low) !== 0 ? (form.capitals ? 0x58 : 0x78) : 0;
    end = openField(out.bytes, length, form, mark === 0 ? 0 : ZERO, mark, digits);
    at = fieldEnd(form, length, end, digits, mark === 0 ? 0 : 2);
  }
  if (digits > 8) {
    writePairs(view, at, pairs, low, 8);
    writePairs(view, at - 8, pairs, high, digits - 8);
  } else writePairs(view, at, pairs, low, digits);
  return end;
}

/** The lowest `count` hexadecimal digits, ending at `end`. */
function writePairs(view: DataView, end: number, pairs: Uint16Array, value: number, count: number): void {
  let at = end - 2;
  let rest = value;
  for (const start = end - count; at >= start; at -= 2) {
    view.setUint16(at, pairs[rest & 0xff]!);
    rest >>>= 8;
  }
  if ((count & 1) === 1) view.setUint8(at + 1, pairs[rest & 0xf]!); // the second of the two
}

/** Rare: three bits at a time, the eleventh digit from both halves. */
function writeOctal(out: TextBuffer, form: NumberForm, high: number, low: number): number {
  const { bytes, length: start } = out;
  let digits = 1;
  for (let [h, l] = [high, low]; h !== 0 || l >>> 3 !== 0; digits++)
    [h, l] = [h >>> 3, (l >>> 3) | (h << 29)];
  // The flag # makes sure that there is a leading zero.
  const leads = form.alternate && form.precision <= digits && (high | low) !== 0;
  const end = openField(bytes, start, form, leads ? ZERO : 0, 0, digits);
  let at = fieldEnd(form, start, end, digits, leads ? 1 : 0);
  for (let [h, l, i] = [high, low, 0]; i < digits; i++) {
    bytes[--at] = ZERO + (l & 7);
    [h, l] = [h >>> 3, (l >>> 3) | (h << 29)];
  }
  return end;
}

/**
 * Write what surrounds `digits` digits: blanks, a prefix of up to two bytes (0: none), zeros. Returns the field's end.
 */
function openField(
  bytes: Uint8Array,
  start: number,
  form: NumberForm,
  first: number,
  second: number,
  digits: number,
): number {
  const { width, precision } = form;
  const prefix = first === 0 ? 0 : second === 0 ? 1 : 2;
  let zeros = precision > digits ? precision - digits : 0;
  if (form.zeros) zeros = Math.max(0, width - prefix - digits);
  const size = prefix + zeros + digits;
  const padding = width > size ? width - size : 0;
  let at = start;
  if (!form.left) for (const to = at + padding; at < to; ) bytes[at++] = BLANK;
  if (prefix > 0) bytes[at++] = first;
  if (prefix > 1) bytes[at++] = second;
  for (const to = at + zeros; at < to; ) bytes[at++] = ZERO;
  at += digits;
  if (form.left) for (const to = at + padding; at < to; ) bytes[at++] = BLANK;
  return at;
}

/** Where the digits end: at the field's end, unless blanks follow. */
function fieldEnd(form: NumberForm, start: number, end: number, digits: number, prefix: number): number {
  if (!form.left) return end;
  return start + prefix + Math.max(digits, form.precision);
}

/** Decimal digits of 0 … 2^31 - 1. */
function digitsOf(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 100_000_000) {
    return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  }
  return value < 1_000_000_000 ? 9 : 10;
}

/** The lowest `count` digits of a non-negative 32-bit number, ending at `end`. */
function writeDigits(view: DataView, end: number, value: number, count: number): void {
  let at = end - 2;
  let rest = value;
  for (const start = end - count; at >= start; at -= 2) {
    const next = (rest / 100) | 0;
    view.setUint16(at, DECIMAL_PAIRS[rest - next * 100]!);
    rest = next;
  }
  if ((count & 1) === 1) view.setUint8(at + 1, ZERO + (rest % 10));
}
