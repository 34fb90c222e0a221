/**
 * 64-bit products, quotients, remainders and shifts on values in linear memory: W[c] := W[a] ? W[b], indices in 32-bit
 * words, low half first. They give what base/int64.ts gives for the same bits. Where operands are small enough for
 * doubles to be exact, doubles are used, which cost a tenth of BigInts that the compiler has not yet unboxed.
 */
import type { LinearMemory } from '../base/linear-memory.ts';

const TWO_32 = 4294967296;
/** Operands with a high half under this are below 2^51, where x / y rounds to a value with the right integer part. */
const SMALL_HIGH = 1 << 19;

export function multiply(memory: LinearMemory, a: number, b: number, c: number): void {
  const { i32 } = memory;
  const x = i32[a]!;
  const y = i32[b]!;
  if (i32[a + 1]! === x >> 31 && i32[b + 1]! === y >> 31) {
    const product = x * y;
    if (product <= Number.MAX_SAFE_INTEGER && product >= Number.MIN_SAFE_INTEGER) {
      i32[c] = product | 0;
      i32[c + 1] = Math.floor(product / TWO_32);
      return;
    }
  }
  // Digits of 16 bits: every product and sum is exact in a double.
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const lowest = xLow * yLow;
  const middle = xLow * yHigh + xHigh * yLow + (lowest >>> 16);
  const crossed = Math.imul(i32[a + 1]!, y) + Math.imul(x, i32[b + 1]!);
  i32[c] = (middle << 16) | (lowest & 0xffff);
  i32[c + 1] = xHigh * yHigh + Math.floor(middle / 65536) + crossed;
}

/** Toward zero; -2^63 / -1 wraps to -2^63. The divisor is not 0 (the caller faults). */
export function divideSigned(memory: LinearMemory, a: number, b: number, c: number): void {
  const { i32 } = memory;
  if (isSmall(i32[a + 1]!) && isSmall(i32[b + 1]!)) {
    setDouble(i32, c, Math.trunc(doubleAt(i32, a) / doubleAt(i32, b)));
    return;
  }
  const { i64 } = memory;
  i64[c >>> 1] = BigInt.asIntN(64, i64[a >>> 1]! / i64[b >>> 1]!);
}

export function divideUnsigned(memory: LinearMemory, a: number, b: number, c: number): void {
  const { i32 } = memory;
  if (i32[a + 1]! >>> 0 < SMALL_HIGH && i32[b + 1]! >>> 0 < SMALL_HIGH) {
    setDouble(i32, c, Math.floor(doubleAt(i32, a) / doubleAt(i32, b)));
    return;
  }
  const { u64 } = memory;
  u64[c >>> 1] = u64[a >>> 1]! / u64[b >>> 1]!;
}

export function remainderSigned(memory: LinearMemory, a: number, b: number, c: number): void {
  const { i32 } = memory;
  if (isSmall(i32[a + 1]!) && isSmall(i32[b + 1]!)) {
    setDouble(i32, c, doubleAt(i32, a) % doubleAt(i32, b));
    return;
  }
  const { i64 } = memory;
  i64[c >>> 1] = i64[a >>> 1]! % i64[b >>> 1]!;
}

export function remainderUnsigned(memory: LinearMemory, a: number, b: number, c: number): void {
  const { i32 } = memory;
  if (i32[a + 1]! >>> 0 < SMALL_HIGH && i32[b + 1]! >>> 0 < SMALL_HIGH) {
    setDouble(i32, c, doubleAt(i32, a) % doubleAt(i32, b));
    return;
  }
  const { u64 } = memory;
  u64[c >>> 1] = u64[a >>> 1]! % u64[b >>> 1]!;
}

/** `direction` −1 shifts left, 0 right with zero fill, 1 right with sign fill. A count outside 0..63 gives 0. */
export function shift(i32: Int32Array, a: number, b: number, c: number, direction: -1 | 0 | 1): void {
  const count = i32[b]!;
  if (i32[b + 1]! !== 0 || count < 0 || count > 63) {
    i32[c] = 0;
    i32[c + 1] = 0;
    return;
  }
  const low = i32[a]!;
  const high = i32[a + 1]!;
  const n = count & 31;
  const crossing = n === 0 ? 0 : 32 - n; // x << 32 would be x << 0
  if (direction < 0) {
    const carried = n === 0 ? 0 : low >>> crossing;
    i32[c] = count < 32 ? low << n : 0;
    i32[c + 1] = count < 32 ? (high << n) | carried : low << n;
    return;
  }
  const fill = direction === 0 ? 0 : high >> 31;
  const shiftedHigh = direction === 0 ? high >>> n : high >> n;
  const carried = n === 0 ? 0 : high << crossing;
  i32[c] = count < 32 ? (low >>> n) | carried : shiftedHigh;
  i32[c + 1] = count < 32 ? shiftedHigh : fill;
}

function isSmall(high: number): boolean {
  return high < SMALL_HIGH && high >= -SMALL_HIGH;
}

function doubleAt(i32: Int32Array, at: number): number {
  return i32[at + 1]! * TWO_32 + (i32[at]! >>> 0);
}

/** Store an integer below 2^53 in magnitude. */
export function setDouble(i32: Int32Array, at: number, value: number): void {
  i32[at] = value | 0; // modulo 2^32
  i32[at + 1] = Math.floor(value / TWO_32);
}
