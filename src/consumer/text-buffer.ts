/**
 * Text on its way out, as bytes.
 *
 * Everything the consumer prints is appended here and leaves in big chunks. A column is made by writing its content,
 * then padding from where it began, so that no intermediate string is needed. Bytes are passed through unchanged: a
 * D string need not be UTF-8.
 */
import type { Integer } from './values.ts';

const INITIAL_BYTES = 1 << 17;
/** A copy byte by byte is faster than a call up to about here. */
const SHORT_BYTES = 16;
const BLANK = 0x20;
const ZERO = 0x30;
const MINUS = 0x2d;
const encoder = new TextEncoder();

export class TextBuffer {
  bytes = new Uint8Array(INITIAL_BYTES);
  /** The same bytes, for writing two digits at once. */
  view = new DataView(this.bytes.buffer);
  length = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Bytes [start, end) of `source`. */
  raw(source: Uint8Array, start = 0, end = source.length): void {
    const size = end - start;
    this.reserve(size);
    if (size > SHORT_BYTES)
      this.bytes.set(size === source.length ? source : source.subarray(start, end), this.length);
    else for (let i = 0; i < size; i++) this.bytes[this.length + i] = source[start + i]!;
    this.length += size;
  }

  /** A JavaScript string, as UTF-8. */
  text(value: string): void {
    this.reserve(value.length * 3);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.length = at + encoder.encodeInto(value.slice(i), bytes.subarray(at)).written;
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  /** `%*s`: a string that ends at its NUL, or after `limit` bytes. */
  string(source: Uint8Array, start: number, limit: number, width: number, left: boolean): void {
    let size = 0;
    while (size < limit && source[start + size] !== 0) size++;
    const padding = width > size ? width - size : 0;
    const bytes = this.room(size + padding);
    let at = this.length;
    if (!left) for (const to = at + padding; at < to; ) bytes[at++] = BLANK;
    for (let i = 0; i < size; i++) bytes[at++] = source[start + i]!;
    if (left) for (const to = at + padding; at < to; ) bytes[at++] = BLANK;
    this.length = at;
  }

  fill(value: number, count: number): void {
    if (count <= 0) return;
    this.reserve(count);
    this.bytes.fill(value, this.length, this.length + count);
    this.length += count;
  }

  blanks(count: number): void {
    this.fill(BLANK, count);
  }

  decimal(value: Integer): void {
    if (typeof value === 'bigint' || value > 0x3fff_ffff || value < -0x3fff_ffff) {
      this.text(String(value));
      return;
    }
    this.reserve(12);
    let rest = value | 0;
    if (rest < 0) {
      this.bytes[this.length++] = MINUS;
      rest = -rest;
    }
    let digits = 1;
    for (let bound = 10; bound <= rest; bound *= 10) digits++;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      this.bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length += digits;
  }

  /** `%*d`: right-justified. */
  decimalIn(width: number, value: Integer): void {
    const mark = this.length;
    this.decimal(value);
    this.padLeft(mark, width);
  }

  /** Make what was written since `mark` at least `width` wide with blanks before it. */
  padLeft(mark: number, width: number): void {
    const missing = width - (this.length - mark);
    if (missing > 0) this.openGap(mark, missing).fill(BLANK, mark, mark + missing);
  }

  /** … with blanks after it. */
  padRight(mark: number, width: number): void {
    this.blanks(width - (this.length - mark));
  }

  /** Put `source` in front of what was written since `mark`. */
  insert(mark: number, source: Uint8Array): void {
    this.openGap(mark, source.length).set(source, mark);
  }

  /** The buffer, with room for `size` more bytes behind `length`: for those who write there themselves. */
  room(size: number): Uint8Array {
    this.reserve(size);
    return this.bytes;
  }

  /** Everything written since `mark`, as a view that the next write may overwrite. */
  since(mark: number): Uint8Array {
    return this.bytes.subarray(mark, this.length);
  }

  private openGap(mark: number, size: number): Uint8Array {
    this.reserve(size);
    this.bytes.copyWithin(mark + size, mark, this.length);
    this.length += size;
    return this.bytes;
  }

  private reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
