/**
 * Reading a record of known form from its bytes: words that must stand there, and numbers between them. Each step says whether
 * the text is as it should be and moves on. Nothing is allocated, and numbers are int32 halves. A step may look past the
 * window's end, where old text or nothing is (window.ts): who reads a record compares `at` with the end when it is through.
 */
import { HEX, NOT_HEX } from './qemu-x86/hex.ts';

const LF = 0x0a;
const HALF_DIGITS = 8;
const MAX_DIGITS = 16;
const MAX_DECIMALS = 6;

const WORD_BYTES = 4;

/** A text of at least four bytes, as the int32 values to compare with; the last one may overlap the one before. */
export interface Word {
  readonly length: number;
  readonly parts: Int32Array;
}

export function word(text: string): Word {
  const bytes = new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer);
  const parts = new Int32Array(Math.ceil(text.length / WORD_BYTES));
  const last = text.length - WORD_BYTES;
  for (const i of parts.keys()) parts[i] = bytes.getInt32(Math.min(WORD_BYTES * i, last), true);
  return { length: text.length, parts };
}

export class TextCursor {
  u8: Uint8Array = new Uint8Array();
  private view = new DataView(this.u8.buffer);
  at = 0;
  /** The number read last. */
  low = 0;
  high = 0;

  begin(u8: Uint8Array, at: number): void {
    if (this.u8 !== u8) {
      this.u8 = u8;
      this.view = new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
    }
    this.at = at;
  }

  word({ length, parts }: Word): boolean {
    const { view, at } = this;
    const last = parts.length - 1;
    for (let i = 0; i < last; i++) if (view.getInt32(at + WORD_BYTES * i, true) !== parts[i]) return false;
    if (view.getInt32(at + length - WORD_BYTES, true) !== parts[last]) return false;
    this.at = at + length;
    return true;
  }

  /** `/0x` */
  slash0x(): boolean {
    const { u8, at } = this;
    this.at = at + 3;
    return u8[at] === 0x2f && u8[at + 1] === 0x30 && u8[at + 2] === 0x78;
  }

  lineEnd(): boolean {
    return this.u8[this.at++] === LF;
  }

  /** 1 to 16 hexadecimal digits; no digit follows them. */
  hex(): boolean {
    const { u8, at } = this;
    let first = 0;
    let p = at;
    for (const stop = at + HALF_DIGITS; p < stop; p++) {
      const digit = HEX[u8[p]!]!;
      if (!(digit < NOT_HEX)) return this.short(p, first);
      first = (first << 4) | digit;
    }
    let second = 0;
    for (const stop = at + MAX_DIGITS; p < stop; p++) {
      const digit = HEX[u8[p]!]!;
      if (!(digit < NOT_HEX)) break;
      second = (second << 4) | digit;
    }
    if (HEX[u8[p]!]! < NOT_HEX) return false;
    const bits = 4 * (p - at - HALF_DIGITS); // of `second`
    this.at = p;
    this.low = bits === 32 ? second : bits === 0 ? first : (first << bits) | second;
    this.high = bits === 32 ? first : bits === 0 ? 0 : first >>> (32 - bits);
    return true;
  }

  private short(end: number, value: number): boolean {
    const isThere = end > this.at;
    this.at = end;
    this.low = value;
    this.high = 0;
    return isThere;
  }

  /** 1 to 6 decimal digits; no digit follows them. */
  decimal(): boolean {
    const { u8, at } = this;
    let p = at;
    let value = 0;
    while (p <= at + MAX_DECIMALS && u8[p]! >= 48 && u8[p]! <= 57) value = value * 10 + u8[p++]! - 48;
    this.at = p;
    this.low = value;
    return p > at && p <= at + MAX_DECIMALS;
  }

  /** One decimal digit. */
  digit(): boolean {
    const value = this.u8[this.at++]! - 48;
    this.low = value;
    return value >= 0 && value <= 9;
  }
}
