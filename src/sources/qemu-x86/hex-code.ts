/**
 * Hexadecimal digits in WebAssembly: 16 characters at once.
 *
 * Each becomes a nibble, or a byte of 0x10 or more when it is no lower-case digit, so that OR-ing nibbles and looking at the
 * high halves tells whether all were digits. Pairs of nibbles become bytes, most significant first.
 */
import {
  type FunctionWriter,
  type I64,
  i8x16,
  i16x8,
  i64x2,
  type Local,
  type V128,
  v128,
} from '../../base/wasm-build.ts';

const DIGIT_TOP = 0xff - 0x39; // moves '9' to 255 and ':' round to 0
const LETTER_A = 0x61;

/** The nibbles of 16 characters; the value is computed from `text` twice, so it should be a local. */
export function nibbles(text: Local<'v128'>): V128 {
  // Digits: '0' … '9' go to 246 … 255, 6 less is 240 … 249, and everything else is below that.
  const digit = i8x16.sub(
    i8x16.subSatU(i8x16.add(text, i8x16.splat(DIGIT_TOP)), i8x16.splat(6)),
    i8x16.splat(0xf0),
  );
  // Letters: 'a' … 'f' go to 0 … 5 and on to 10 … 15; everything else stays 16 or more.
  const letter = i8x16.addSatU(i8x16.sub(text, i8x16.splat(LETTER_A)), i8x16.splat(10));
  return i8x16.minU(digit, letter);
}

/** Nibbles of `text`, gathered in `bad` too. */
export function decode(
  f: FunctionWriter,
  text: Local<'v128'>,
  bad: Local<'v128'>,
  into: Local<'v128'>,
): void {
  f.set(into, nibbles(text));
  f.set(bad, v128.or(bad, into));
}

/** The high halves of what `decode` has gathered: nonzero where a character was no digit. */
export const notDigits = (bad: Local<'v128'>): V128 => v128.and(bad, i8x16.splat(0xf0));

/** Bytes in 16-bit lanes from nibbles: first << 4 | second. */
const pairs = (digits: Local<'v128'>): V128 =>
  v128.and(v128.or(i16x8.shl(digits, 4), i16x8.shrU(digits, 8)), i16x8.splat(0xff));

const SWAPPED = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8];

/** Two values of 16 digits each, as the two i64 of a vector. */
export function pack(
  f: FunctionWriter,
  first: Local<'v128'>,
  second: Local<'v128'>,
  into: Local<'v128'>,
): void {
  f.set(into, i8x16.narrow(pairs(first), pairs(second)));
  f.set(into, i8x16.shuffle(into, into, SWAPPED));
}

export const packed = (both: Local<'v128'>, which: 0 | 1): I64 => i64x2.extract(both, which);
