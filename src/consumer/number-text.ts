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
}

/** No more than a 64-bit number in octal, a sign or prefix, and what pads. */
const MOST_DIGITS = 24;

const CHUNK = 1e8;
const CHUNK_DIGITS = 8;
const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;
const ZERO = 0x30;
const BLANK = 0x20;
const MINUS = 0x2d;
/** Both digits of 0 … 99. */
const TENS = Uint8Array.from({ length: 100 }, (_, i) => ZERO + Math.floor(i / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, i) => ZERO + (i % 10));
const SMALL = new TextEncoder().encode('0123456789abcdef');
const CAPITAL = new TextEncoder().encode('0123456789ABCDEF');

/** Append the integer at linear offset `at`. */
export function writeNumberAt(out: TextBuffer, form: NumberForm, memory: LinearMemory, at: number): void {
  const { signed } = form;
  let low: number;
  switch (form.sizeBytes) {
    case 8:
      writeHalves(out, form, memory.i32[(at >>> 2) + 1]!, memory.i32[at >>> 2]!);
      return;
    case 4:
      low = memory.i32[at >>> 2]!;
      break;
    case 2:
      low = signed ? memory.i16[at >>> 1]! : memory.i16[at >>> 1]! & 0xffff;
      break;
    default:
      low = signed ? memory.i8[at]! : memory.u8[at]!;
  }
  writeHalves(out, form, signed ? low >> 31 : 0, low);
}

/** Both halves are signed 32-bit numbers, whatever the sign of the whole. */
export function writeHalves(out: TextBuffer, form: NumberForm, high: number, low: number): void {
  const bytes = out.room(MOST_DIGITS + Math.max(form.width, form.precision));
  if (form.radix === 10) out.length = writeDecimal(bytes, out.length, form, high, low);
  else if (form.radix === 16) out.length = writeHex(bytes, out.length, form, high, low);
  else out.length = writeOctal(bytes, out.length, form, high, low);
}

function writeDecimal(bytes: Uint8Array, start: number, form: NumberForm, high: number, low: number): number {
  let sign = form.plus;
  let upper = high;
  let lower = low;
  if (form.signed && high < 0) {
    sign = MINUS;
    lower = -low | 0;
    upper = (lower === 0 ? -high : ~high) | 0;
  }
  if (upper === 0 && lower >= 0) {
    const digits = digitsOf(lower);
    const end = openField(bytes, start, form, sign, 0, digits);
    writeDigits(bytes, fieldEnd(form, start, end, digits, sign === 0 ? 0 : 1), lower, digits);
    return end;
  }
  return writeLong(bytes, start, form, sign, upper, lower);
}

/** A magnitude of 2^31 or more. */
function writeLong(
  bytes: Uint8Array,
  start: number,
  form: NumberForm,
  sign: number,
  high: number,
  low: number,
): number {
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
  const end = openField(bytes, start, form, sign, 0, digits);
  const to = fieldEnd(form, start, end, digits, sign === 0 ? 0 : 1);
  writeDigits(bytes, to, bottom, CHUNK_DIGITS);
  if (top > 0) {
    writeDigits(bytes, to - CHUNK_DIGITS, middle, CHUNK_DIGITS);
    writeDigits(bytes, to - 2 * CHUNK_DIGITS, top, above - CHUNK_DIGITS);
  } else writeDigits(bytes, to - CHUNK_DIGITS, middle, above);
  return end;
}

function writeHex(bytes: Uint8Array, start: number, form: NumberForm, high: number, low: number): number {
  const digits = high !== 0 ? 16 - (Math.clz32(high) >> 2) : low !== 0 ? 8 - (Math.clz32(low) >> 2) : 1;
  const table = form.capitals ? CAPITAL : SMALL;
  const mark = form.alternate && (high | low) !== 0 ? (form.capitals ? 0x58 : 0x78) : 0;
  const end = openField(bytes, start, form, mark === 0 ? 0 : ZERO, mark, digits);
  let at = fieldEnd(form, start, end, digits, mark === 0 ? 0 : 2);
  const least = at - digits;
  let rest = low;
  for (const middle = Math.max(least, at - 8); at > middle; rest >>>= 4) bytes[--at] = table[rest & 15]!;
  for (rest = high; at > least; rest >>>= 4) bytes[--at] = table[rest & 15]!;
  return end;
}

/** Rare: three bits at a time, the eleventh digit from both halves. */
function writeOctal(bytes: Uint8Array, start: number, form: NumberForm, high: number, low: number): number {
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
  if (width === 0 && precision === 0 && first === 0) return start + digits;
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
function writeDigits(bytes: Uint8Array, end: number, value: number, count: number): void {
  let at = end;
  let rest = value;
  const start = end - count;
  while (at - start >= 2) {
    const next = (rest / 100) | 0;
    const pair = rest - next * 100;
    bytes[--at] = ONES[pair]!;
    bytes[--at] = TENS[pair]!;
    rest = next;
  }
  if (at > start) bytes[start] = ZERO + (rest % 10);
}
