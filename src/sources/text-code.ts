/**
 * Reading a record of known form, in WebAssembly: what TextCursor (text-cursor.ts) does, for loops over many records.
 * Each step writes code that checks the text at the cursor and moves on, or goes to `stop` where it is another.
 *
 * What has a fixed length does not move the cursor itself: `ahead` is how far behind it the next step looks.
 */
import {
  add,
  ctz,
  type FunctionWriter,
  gtU,
  type I32,
  type I64,
  i8x16,
  i32x4,
  isZero,
  type Local,
  leU,
  load8,
  load16,
  load32,
  load64,
  mul,
  ne,
  or,
  sub,
  type V128,
  v128,
  xor,
} from '../base/wasm-build.ts';
import type { WasmLabel } from '../base/wasm-encode.ts';
import { nibbles, pack, packed } from './hex-code.ts';

const VECTOR_BYTES = 16;
/** Words up to a delimiter are shorter. */
const MAX_WORDS_BYTES = 128;
const ZERO = 0x30;
const LANES: readonly number[] = Array.from({ length: VECTOR_BYTES }, (_, i) => i);

/** A number of up to 16 digits, as it was read last. */
export interface ReadNumber {
  readonly whole: I64;
  readonly low: I32;
  readonly high: I32;
}

export class TextCode {
  readonly at: Local<'i32'>;
  private readonly f: FunctionWriter;
  private readonly stop: WasmLabel;
  private ahead = 0;
  private readonly text: Local<'v128'>;
  private readonly count: Local<'i32'>;
  private readonly digits: Local<'v128'>;

  constructor(f: FunctionWriter, at: Local<'i32'>, stop: WasmLabel) {
    this.f = f;
    this.at = at;
    this.stop = stop;
    this.text = f.local('v128');
    this.digits = f.local('v128');
    this.count = f.local('i32');
  }

  /** These characters stand there. */
  word(text: string): void {
    const { f, at, ahead } = this;
    for (const part of partsOf(text)) f.goIf(this.stop, part(at, ahead));
    this.ahead += text.length;
  }

  stopIf(condition: I32): void {
    this.f.goIf(this.stop, condition);
  }

  /** The byte there, which is not passed. */
  byte(behind = 0): I32 {
    return load8(this.at, this.ahead + behind);
  }

  /** One decimal digit. */
  digit(into: Local<'i32'>): void {
    const { f } = this;
    f.set(into, sub(this.byte(), ZERO));
    f.goIf(this.stop, gtU(into, 9));
    this.ahead++;
  }

  /** One or two decimal digits. What follows must be compared next: it tells that there is no third. */
  decimal(into: Local<'i32'>): void {
    const { f, at, count } = this;
    this.digit(into);
    f.set(count, sub(this.byte(), ZERO));
    f.when(leU(count, 9), () => {
      f.set(into, add(mul(into, 10), count));
      f.bump(at, 1);
    });
  }

  /** 1 to 16 hexadecimal digits. What follows must be compared next: it tells that there is no other digit. */
  hex(): ReadNumber {
    const { f, at, text, digits, count } = this;
    f.set(text, v128.load(at, this.ahead));
    f.set(text, nibbles(text));
    f.set(count, ctz(or(i8x16.bitmask(i8x16.leU(i8x16.splat(VECTOR_BYTES), text)), 1 << VECTOR_BYTES)));
    f.goIf(this.stop, isZero(count));
    // The last digit goes to the last lane; lanes in front of the first one become 0.
    const lanes = i8x16.add(v128.bytes(LANES), i8x16.splat(sub(count, VECTOR_BYTES)));
    f.set(digits, i8x16.swizzle(text, lanes));
    pack(f, digits, digits, digits);
    f.bump(at, this.ahead === 0 ? count : add(count, this.ahead));
    this.ahead = 0;
    return { whole: packed(digits, 0), low: i32x4.extract(digits, 0), high: i32x4.extract(digits, 1) };
  }

  /** Up to the first byte of a kind, which is to be compared next. */
  until(isOfKind: (text: V128) => V128): void {
    const { f, at, text, count } = this;
    this.settle();
    const limit = f.local('i32', add(at, MAX_WORDS_BYTES - VECTOR_BYTES));
    f.loop((again) => {
      f.set(text, v128.load(at));
      f.set(count, i8x16.bitmask(isOfKind(text)));
      f.when(isZero(count), () => {
        f.bump(at, VECTOR_BYTES);
        f.goIf(this.stop, gtU(at, limit));
        f.go(again);
      });
    });
    f.bump(at, ctz(count));
  }

  /** The cursor is where the next step looks: here ways may part, and meet again where each has settled. */
  settle(): void {
    if (this.ahead > 0) this.f.bump(this.at, this.ahead);
    this.ahead = 0;
  }

  /** As `word`; the cursor is behind it, so that this may be the end of one of several ways. */
  only(text: string): void {
    this.word(text);
    this.settle();
  }
}

/** Code that is not 0 when a part of the text is another: as few and as wide ones as cover it. */
function partsOf(text: string): ((at: Local<'i32'>, ahead: number) => I32)[] {
  const size = [8, 4, 2, 1].find((bytes) => bytes <= text.length) ?? 1;
  const starts = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
    Math.min(i * size, text.length - size),
  );
  return starts.map((start) => (at, ahead) => {
    const expected = littleEndian(text.slice(start, start + size));
    const offset = ahead + start;
    if (size === 8) return ne(load64(at, offset), expected);
    const found = size === 4 ? load32(at, offset) : size === 2 ? load16(at, offset) : load8(at, offset);
    return xor(found, Number(expected));
  });
}

function littleEndian(text: string): bigint {
  return [...text].reduceRight((bits, char) => (bits << 8n) | BigInt(char.charCodeAt(0)), 0n);
}

/** 0xff in bytes that are the character. */
export const isByte = (text: V128, char: string): V128 => i8x16.eq(text, i8x16.splat(char.charCodeAt(0)));

/** 0xff in bytes that are no letter, no digit and no `_`. */
export function isNoWord(text: V128): V128 {
  const letter = i8x16.sub(v128.or(text, i8x16.splat(0x20)), i8x16.splat(0x61));
  const digit = i8x16.sub(text, i8x16.splat(ZERO));
  const isLetter = i8x16.leU(letter, i8x16.splat(25));
  const isDigit = i8x16.leU(digit, i8x16.splat(9));
  return v128.not(v128.or(v128.or(isLetter, isDigit), isByte(text, '_')));
}
