/**
 * Lower-case hexadecimal text ↔ 64-bit values, as two int32 halves so that no value passes through a double.
 * QEMU prints lower case only; anything else is not a digit here, in every part of the scanner alike.
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

/** The 8 digits at `at` as an int32; rubbish when they are not all digits (`allHex` tells). */
export function hex8(u8: Uint8Array, at: number): number {
  return (
    (HEX[u8[at]!]! << 28) |
    (HEX[u8[at + 1]!]! << 24) |
    (HEX[u8[at + 2]!]! << 20) |
    (HEX[u8[at + 3]!]! << 16) |
    (HEX[u8[at + 4]!]! << 12) |
    (HEX[u8[at + 5]!]! << 8) |
    (HEX[u8[at + 6]!]! << 4) |
    HEX[u8[at + 7]!]!
  );
}

export function allHex(u8: Uint8Array, at: number, count: number): boolean {
  let seen = 0;
  for (let i = at; i < at + count; i++) seen |= HEX[u8[i]!]!;
  return seen < NOT_HEX;
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
  return count <= 8 ? hexLow(u8, at, count) : hex8(u8, at + count - 8);
}

export function highHalf(u8: Uint8Array, at: number, count: number): number {
  return count <= 8 ? 0 : hexLow(u8, at, count - 8);
}
