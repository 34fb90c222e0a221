/**
 * 64-bit integer arithmetic as D defines it, on BigInt values.
 *
 * A value travels as a signed BigInt in [-2^63, 2^63) ("signed form"); unsigned operations reinterpret
 * the same 64 bits. The compiler folds constants with these functions and the engine's rare paths use
 * them too, so a folded expression and an executed one cannot differ. The interpreter's hot opcodes get
 * the same wrap-around for free by storing into a BigInt64Array.
 */

export const INT64_MAX = (1n << 63n) - 1n;
export const UINT64_MAX = (1n << 64n) - 1n;

/** Keep the low `bits` bits and extend them back to 64 by the given signedness. */
export function narrow(value: bigint, bits: number, signed: boolean): bigint {
  return BigInt.asIntN(64, signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}

/** Shift left; a count outside 0..63 gives 0 (behaviours.md 22). */
export function shiftLeft(value: bigint, count: bigint): bigint {
  return count < 0n || count > 63n ? 0n : BigInt.asIntN(64, value << count);
}

/** Logical shift right; a count outside 0..63 gives 0. */
export function shiftRightLogical(value: bigint, count: bigint): bigint {
  return count < 0n || count > 63n ? 0n : BigInt.asIntN(64, BigInt.asUintN(64, value) >> count);
}

/** Arithmetic shift right; a count outside 0..63 gives 0. */
export function shiftRightArithmetic(value: bigint, count: bigint): bigint {
  return count < 0n || count > 63n ? 0n : BigInt.asIntN(64, value) >> count;
}

/** Signed division truncating toward zero; -2^63 / -1 wraps to -2^63. The divisor must not be 0. */
export function divideSigned(a: bigint, b: bigint): bigint {
  return BigInt.asIntN(64, a / b);
}

export function remainderSigned(a: bigint, b: bigint): bigint {
  return a % b;
}

export function divideUnsigned(a: bigint, b: bigint): bigint {
  return BigInt.asIntN(64, BigInt.asUintN(64, a) / BigInt.asUintN(64, b));
}

export function remainderUnsigned(a: bigint, b: bigint): bigint {
  return BigInt.asIntN(64, BigInt.asUintN(64, a) % BigInt.asUintN(64, b));
}

export function lessUnsigned(a: bigint, b: bigint): boolean {
  return BigInt.asUintN(64, a) < BigInt.asUintN(64, b);
}

/** Largest integer whose square is at most `value` (value ≥ 0, any size). */
export function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
