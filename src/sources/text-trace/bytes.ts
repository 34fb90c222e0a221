/**
 * Text as bytes: numbers, names and hashes of places in a line, without making strings of them. All of it is about
 * printable ASCII; lines with anything else are read as strings.
 */
import type { PointField } from '../../machine/points.ts';
import { halves } from './points.ts';

/** A longer line is no record of any format. */
export const MOST_LINE_BYTES = 64 * 1024;

export const CHAR = {
  space: 0x20,
  quote: 0x22,
  openParen: 0x28,
  closeParen: 0x29,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  colon: 0x3a,
  semicolon: 0x3b,
  less: 0x3c,
  equals: 0x3d,
  greater: 0x3e,
  at: 0x40,
  openBracket: 0x5b,
  closeBracket: 0x5d,
} as const;

/** Bits of CLASS. */
export const DIGIT = 1;
export const HEX = 2;
export const WORD = 4; // letters, digits, _
const PRINTABLE = 8;

export const CLASS = Uint8Array.from({ length: 256 }, (_, code) => {
  const text = String.fromCharCode(code);
  return (
    (/[0-9]/.test(text) ? DIGIT : 0) |
    (/[0-9a-fA-F]/.test(text) ? HEX : 0) |
    (/[A-Za-z0-9_]/.test(text) ? WORD : 0) |
    (code >= 0x20 && code < 0x7f ? PRINTABLE : 0)
  );
});

/** Longer decimal numbers may not be exact as doubles. */
const EXACT_DIGITS = 15;

/** End of the run of characters of a class from `at` on. */
export function runEnd(u8: Uint8Array, at: number, end: number, bit: number): number {
  let i = at;
  while (i < end && (CLASS[u8[i]!]! & bit) !== 0) i++;
  return i;
}

/** Where the next space is, or `end`. */
export function wordEnd(u8: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && u8[i] !== CHAR.space) i++;
  return i;
}

/** Where the next quote is, or `end`: a line may have one that is never closed, and much may come behind the line. */
export function quoteEnd(u8: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && u8[i] !== CHAR.quote) i++;
  return i;
}

/** Where a value without quotes ends. */
export function valueEnd(u8: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && u8[i] !== CHAR.space && u8[i] !== CHAR.comma && u8[i] !== CHAR.semicolon) i++;
  return i;
}

export function skipSpaces(u8: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && u8[i] === CHAR.space) i++;
  return i;
}

export function isPrintable(u8: Uint8Array, at: number, end: number): boolean {
  let bits = PRINTABLE;
  for (let i = at; i < end; i++) bits &= CLASS[u8[i]!]!;
  return bits !== 0;
}

/** NaN: it is no number, or has more digits than a double. */
export function decimalAt(u8: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > EXACT_DIGITS) return Number.NaN;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = u8[i]! - CHAR.zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

export function textAt(u8: Uint8Array, from: number, to: number): string {
  return Buffer.from(u8.buffer, u8.byteOffset + from, to - from).toString('latin1');
}

/** As PointTable.fieldOf tells numbers from words. */
export function isNumberAt(u8: Uint8Array, from: number, to: number): boolean {
  const sign = u8[from];
  const at = sign === CHAR.plus || sign === CHAR.minus ? from + 1 : from;
  if (isPrefixed(u8, at, to)) return to > at + 2 && runEnd(u8, at + 2, to, HEX) === to;
  return to > at && runEnd(u8, at, to, DIGIT) === to;
}

function isPrefixed(u8: Uint8Array, at: number, to: number): boolean {
  return to - at >= 2 && u8[at] === CHAR.zero && (u8[at + 1]! | 0x20) === 0x78;
}

/** The number's halves into two words; false when it is none. The same numbers as `halves` of points.ts. */
export function putNumber(
  u8: Uint8Array,
  from: number,
  to: number,
  isHex: boolean,
  out: Int32Array,
  word: number,
): boolean {
  const prefixed = isPrefixed(u8, from, to);
  if (prefixed || isHex) return putHex(u8, prefixed ? from + 2 : from, to, out, word);
  const isNegative = u8[from] === CHAR.minus;
  const value = decimalAt(u8, isNegative || u8[from] === CHAR.plus ? from + 1 : from, to);
  if (Number.isNaN(value)) {
    const number = halves(textAt(u8, from, to), false);
    if (number === undefined) return false;
    out[word] = number.low;
    out[word + 1] = number.high;
    return true;
  }
  const signed = isNegative ? -value : value; // exact: at most 15 digits
  out[word] = signed | 0;
  out[word + 1] = Math.floor(signed / 2 ** 32) | 0;
  return true;
}

function putHex(u8: Uint8Array, from: number, to: number, out: Int32Array, word: number): boolean {
  if (to <= from || to - from > 16) return false;
  let low = 0;
  let high = 0;
  for (let i = from; i < to; i++) {
    const code = u8[i]!;
    if ((CLASS[code]! & HEX) === 0) return false;
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | (code <= 0x39 ? code - CHAR.zero : (code | 0x20) - 0x57);
  }
  out[word] = low;
  out[word + 1] = high;
  return true;
}

/** Of FNV-1a. */
export const HASH_PRIME = 0x01000193;
export const HASH_SEED = 0x811c9dc5 | 0;

/** FNV-1a, 32 bits. */
export function hashOf(u8: Uint8Array, from: number, to: number, seed: number = HASH_SEED): number {
  let hash = seed;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ u8[i]!, HASH_PRIME);
  return hash;
}

export function isSame(name: Uint8Array, u8: Uint8Array, from: number, to: number): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== u8[from + i]) return false;
  return true;
}

/** The field of that name, -1 when there is none; `guess`: where it probably is. */
export function fieldNamed(
  fields: readonly PointField[],
  u8: Uint8Array,
  from: number,
  to: number,
  guess = 0,
): number {
  if (guess < fields.length && isNamed(fields[guess]!.name, u8, from, to)) return guess;
  for (let i = 0; i < fields.length; i++) if (isNamed(fields[i]!.name, u8, from, to)) return i;
  return -1;
}

function isNamed(name: string, u8: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== u8[from + i]) return false;
  return true;
}

/** What is known by name, asked for by the name's bytes. */
export class ByteMap<T> {
  private entries: ({ readonly hash: number; readonly name: Uint8Array; readonly value: T } | undefined)[] =
    new Array(256).fill(undefined);
  private count = 0;

  get(u8: Uint8Array, from: number, to: number, hash = hashOf(u8, from, to)): T | undefined {
    const mask = this.entries.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.entries[slot];
      if (entry === undefined) return undefined;
      if (entry.hash === hash && isSame(entry.name, u8, from, to)) return entry.value;
    }
  }

  /** The name must not be there yet. */
  add(u8: Uint8Array, from: number, to: number, value: T): void {
    if (2 * ++this.count > this.entries.length) this.grow();
    this.put({ hash: hashOf(u8, from, to), name: u8.slice(from, to), value });
  }

  private put(entry: { readonly hash: number; readonly name: Uint8Array; readonly value: T }): void {
    const mask = this.entries.length - 1;
    let slot = entry.hash & mask;
    while (this.entries[slot] !== undefined) slot = (slot + 1) & mask;
    this.entries[slot] = entry;
  }

  private grow(): void {
    const old = this.entries;
    this.entries = new Array(2 * old.length).fill(undefined);
    for (const entry of old) if (entry !== undefined) this.put(entry);
  }
}
