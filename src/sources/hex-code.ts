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
} from '../base/wasm-build.ts';

/** Where a vector of constant bytes comes from: written where it is used (v128.bytes), or loaded (qemu-x86/run-context.ts). */
export type ConstantBytes = (bytes: readonly number[]) => V128;

const DIGIT_TOP = 0xff - 0x39; // moves '9' to 255 and ':' round to 0
const LETTER_A = 0x61;

/** Bytes that fill the constants of `nibbles`. */
export const NIBBLE_CONSTANTS: readonly number[] = [DIGIT_TOP, 6, 0xf0, LETTER_A, 10];

/** The nibbles of 16 characters; the value is computed from `text` twice, so it should be a local. */
export function nibbles(text: Local<'v128'>, constant: ConstantBytes = v128.bytes): V128 {
  const splat = (byte: number): V128 => constant(new Array<number>(16).fill(byte));
  // Digits: '0' … '9' go to 246 … 255, 6 less is 240 … 249, and everything else is below that.
  const digit = i8x16.sub(i8x16.subSatU(i8x16.add(text, splat(DIGIT_TOP)), splat(6)), splat(0xf0));
  // Letters: 'a' … 'f' go to 0 … 5 and on to 10 … 15; everything else stays 16 or more.
  const letter = i8x16.addSatU(i8x16.sub(text, splat(LETTER_A)), splat(10));
  return i8x16.minU(digit, letter);
}

/** Nibbles of `text`, gathered in `bad` too. */
export function decode(
  f: FunctionWriter,
  text: Local<'v128'>,
  bad: Local<'v128'>,
  into: Local<'v128'>,
  constant: ConstantBytes = v128.bytes,
): void {
  f.set(into, nibbles(text, constant));
  f.set(bad, v128.or(bad, into));
}

/** The high halves of what `decode` has gathered: nonzero where a character was no digit. */
export const notDigits = (bad: Local<'v128'>, constant: ConstantBytes = v128.bytes): V128 =>
  v128.and(bad, constant(new Array<number>(16).fill(0xf0)));

/** Bytes in 16-bit lanes from nibbles: first << 4 | second. */
const pairs = (digits: Local<'v128'>, constant: ConstantBytes): V128 =>
  v128.and(
    v128.or(i16x8.shl(digits, 4), i16x8.shrU(digits, 8)),
    constant(Array.from({ length: 16 }, (_, i) => (i & 1 ? 0 : 0xff))),
  );

const SWAPPED = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8];

/** Two values of 16 digits each, as the two i64 of a vector. */
export function pack(
  f: FunctionWriter,
  first: Local<'v128'>,
  second: Local<'v128'>,
  into: Local<'v128'>,
  constant: ConstantBytes = v128.bytes,
): void {
  f.set(into, i8x16.narrow(pairs(first, constant), pairs(second, constant)));
  f.set(into, i8x16.shuffle(into, into, SWAPPED));
}

export const packed = (both: Local<'v128'>, which: 0 | 1): I64 => i64x2.extract(both, which);
