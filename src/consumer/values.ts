/**
 * Values as they lie in records and aggregation keys, read exactly.
 *
 * An integer is a JavaScript number whenever it is a safe one and a BigInt otherwise, so that the common case allocates
 * nothing and the rare one loses nothing. A value's place is a `Field`; one is reused for all values of a printer.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { ValueShape } from '../dif/program.ts';

/** A number when |value| < 2^53, else a BigInt. */
export type Integer = number | bigint;

/** Where one value lies. Strings and bytes: `sizeBytes` is the most there can be; stacks: 8 per frame. */
export interface Field {
  memory: LinearMemory;
  shape: ValueShape;
  offset: number;
  sizeBytes: number;
}

/** High words in [-2^21, 2^21) belong to safe integers. */
const SAFE_HIGH = 0x20_0000;
const TWO_32 = 0x1_0000_0000;

/** The integer of 1, 2, 4 or 8 bytes at `offset`; other sizes give 0. */
export function readInteger(
  memory: LinearMemory,
  offset: number,
  sizeBytes: number,
  signed: boolean,
): Integer {
  if ((offset & (sizeBytes - 1)) !== 0) return readUnaligned(memory, offset, sizeBytes, signed);
  switch (sizeBytes) {
    case 8:
      return readWord(memory, offset, signed);
    case 4:
      return signed ? memory.i32[offset >>> 2]! : memory.u32[offset >>> 2]!;
    case 2:
      return signed ? memory.i16[offset >>> 1]! : memory.u16[offset >>> 1]!;
    case 1:
      return signed ? memory.i8[offset]! : memory.u8[offset]!;
    default:
      return 0;
  }
}

/** The 8-aligned 64-bit word at `offset`. */
export function readWord(memory: LinearMemory, offset: number, signed: boolean): Integer {
  const low = memory.u32[offset >>> 2]!;
  const high = memory.i32[(offset >>> 2) + 1]!;
  if (high < SAFE_HIGH && high >= (signed ? -SAFE_HIGH : 0)) {
    const value = high * TWO_32 + low;
    if (Number.isSafeInteger(value)) return value;
  }
  return signed ? memory.i64[offset >>> 3]! : memory.u64[offset >>> 3]!;
}

function readUnaligned(memory: LinearMemory, offset: number, sizeBytes: number, signed: boolean): Integer {
  if (sizeBytes !== 2 && sizeBytes !== 4 && sizeBytes !== 8) return 0;
  let value = 0n;
  for (let i = sizeBytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(memory.u8[offset + i]!);
  return toInteger(signed ? BigInt.asIntN(sizeBytes * 8, value) : value);
}

/** The integer of a field, taken with the given signedness; 0 for values that are no integers. */
export function fieldInteger(field: Field, signed: boolean): Integer {
  const { kind, sizeBytes } = field.shape;
  if (kind === 'int') return readInteger(field.memory, field.offset, sizeBytes, signed);
  return kind === 'symaddr' || kind === 'usymaddr' ? readInteger(field.memory, field.offset, 8, signed) : 0;
}

export function fieldAddress(field: Field): bigint {
  return BigInt(fieldInteger(field, false));
}

export function toInteger(value: bigint): Integer {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Truncating division, exact. The divisor is not 0. */
export function divide(dividend: Integer, divisor: Integer): Integer {
  if (typeof dividend === 'number' && typeof divisor === 'number') {
    return (dividend - (dividend % divisor)) / divisor;
  }
  return toInteger(BigInt(dividend) / BigInt(divisor));
}

/** Offset of the first NUL in [start, end), or `end`. */
export function endOfString(memory: LinearMemory, start: number, end: number): number {
  const { u8 } = memory;
  let at = start;
  while (at < end && u8[at] !== 0) at++;
  return at;
}

/** What may stand in text that is shown as it is: printable ASCII, white space, bell, backspace. */
export function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x07 && byte <= 0x0d);
}

/**
 * Bytes that read as text (d-language.md 8.5): printable up to the first NUL and nothing but NULs after it. A leading
 * NUL is an empty text only for strings. Returns the end of the text, or undefined.
 */
export function textEnd(field: Field): number | undefined {
  const { memory, offset, sizeBytes, shape } = field;
  const limit = offset + sizeBytes;
  const end = endOfString(memory, offset, limit);
  for (let at = offset; at < end; at++) if (!isPrintable(memory.u8[at]!)) return undefined;
  // What lies behind a string's NUL is not part of it.
  if (shape.kind === 'string') return end;
  if (end === offset) return undefined;
  for (let at = end; at < limit; at++) if (memory.u8[at] !== 0) return undefined;
  return end;
}
