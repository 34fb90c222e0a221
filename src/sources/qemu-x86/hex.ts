/**
 * Lower-case hexadecimal text ↔ 64-bit values, as two int32 halves so that no value passes through a double.
 * Records have lower-case digits only; anything else is not a digit here, in every part of the scanner alike. The one
 * exception is the address of a guest error, which QEMU prints in capitals (softmmu/memory.c): `hexAddress`.
 */

/** Value of each byte as a hexadecimal digit, or NOT_HEX. */
export const HEX = hexTable();
/** Larger than any digit: OR-ing digits together shows whether all were digits. */
export const NOT_HEX = 0x100;

function hexTable(): Uint16Array {
  const table = new Uint16Array(256).fill(0x100);
  for (let digit = 0; digit < 16; digit++) table[digit.toString(16).charCodeAt(0)] = digit;
  return table;
}

/**
 * The 8 digits at `at` as an int32. `check[0]` gathers all digits read by OR-ing them: NOT_HEX or more, once a byte
 * was no digit.
 */
export function hex8(u8: Uint8Array, at: number, check: Int32Array): number {
  const a = HEX[u8[at]!]!;
  const b = HEX[u8[at + 1]!]!;
  const c = HEX[u8[at + 2]!]!;
  const d = HEX[u8[at + 3]!]!;
  const e = HEX[u8[at + 4]!]!;
  const f = HEX[u8[at + 5]!]!;
  const g = HEX[u8[at + 6]!]!;
  const h = HEX[u8[at + 7]!]!;
  check[0]! |= a | b | c | d | e | f | g | h;
  return (a << 28) | (b << 24) | (c << 20) | (d << 16) | (e << 12) | (f << 8) | (g << 4) | h;
}

/** The 2 digits at `at`, checked like those of `hex8`. */
export function hex2(u8: Uint8Array, at: number, check: Int32Array): number {
  const a = HEX[u8[at]!]!;
  const b = HEX[u8[at + 1]!]!;
  check[0]! |= a | b;
  return (a << 4) | b;
}

/** How many hexadecimal digits start at `at`, looking no further than `end`. */
export function hexRun(u8: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && HEX[u8[i]!]! < NOT_HEX) i++;
  return i - at;
}

/** Value of 1 to 8 digits, as an int32. */
export function hexLow(u8: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) value = (value << 4) | HEX[u8[i]!]!;
  return value;
}

/** Low and high half of a run of up to 16 digits. */
export function lowHalf(u8: Uint8Array, at: number, count: number): number {
  return count <= 8 ? hexLow(u8, at, count) : hexLow(u8, at + count - 8, 8);
}

export function highHalf(u8: Uint8Array, at: number, count: number): number {
  return count <= 8 ? 0 : hexLow(u8, at, count - 8);
}

/** The run of up to 16 digits of either case at `at`, as a 64-bit value. */
export function hexAddress(u8: Uint8Array, at: number, end: number): { low: number; high: number } {
  let low = 0;
  let high = 0;
  for (let p = at; p < end && p < at + 16; p++) {
    const byte = u8[p]!;
    const digit = HEX[byte >= 0x41 && byte <= 0x46 ? byte | 0x20 : byte]!;
    if (digit >= NOT_HEX) break;
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
  }
  return { low, high };
}
