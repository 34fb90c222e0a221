/**
 * What the parts of run (int-run-code.ts) share: the frame's words in locals, the locals of the record in hand, and the
 * reading of digits.
 */

import { bug } from '../../base/assert.ts';
import {
  add,
  ctz,
  type FunctionHandle,
  type FunctionWriter,
  gtU,
  type I32,
  i8x16,
  i16x8,
  i32,
  i32x4,
  isZero,
  type Local,
  leU,
  load32,
  load64,
  loadF64,
  ltU,
  mul,
  select,
  sub,
  toI64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmLabel } from '../../base/wasm-encode.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { REGISTERS } from '../../machine/registers.ts';
import { NIBBLE_CONSTANTS } from '../hex-code.ts';
import { FIRST_VALUES, FRAME, FRAME_CONSTANTS, type FrameWord, MOST_CONSTANTS, STOPS } from './run-frame.ts';

/** Bytes of an ASCII text, as a vector (at most 16) or as a little-endian number (at most 4 or 8). */
export const codes = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
export const wordOf = (text: string): number =>
  codes(text).reduceRight((word, byte) => (word << 8) | byte, 0);
export const longOf = (text: string): bigint =>
  codes(text).reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

const LF = 0x0a;
/** 0 to 15. */
export const LANES: readonly number[] = Array.from({ length: 16 }, (_, i) => i);

export class RunContext {
  readonly f: FunctionWriter;
  readonly frame: Local<'i32'>;
  readonly needs: SourceNeeds;
  readonly match: FunctionHandle<'i32'>;
  private readonly words: { readonly [field in FrameWord]?: Local<'i32'> } = {};
  readonly lastSeq: Local<'i64'>;
  readonly line: Local<'f64'>;
  readonly timeNs: Local<'f64'>;
  readonly bad: Local<'v128'>; // nibbles that have to be below 16
  readonly differs: Local<'v128'>; // not 0 where the text is another
  readonly text: Local<'v128'>;
  readonly stop: Local<'i32'>; // why it will have stopped when it stops now
  readonly wantsIp: boolean;
  readonly wantsSp: boolean;
  private readonly kept = new Map<string, Local<'v128'>>();
  private readonly constants = new Map<string, { readonly at: number; readonly bytes: readonly number[] }>();

  constructor(f: FunctionWriter, frame: Local<'i32'>, needs: SourceNeeds, match: FunctionHandle<'i32'>) {
    this.f = f;
    this.frame = frame;
    this.needs = needs;
    this.match = match;
    this.lastSeq = f.local('i64', load64(frame, FRAME.lastSeq));
    this.line = f.local('f64', loadF64(frame, FRAME.nextLine));
    this.timeNs = f.local('f64', loadF64(frame, FRAME.timeNs));
    this.bad = f.local('v128');
    this.differs = f.local('v128');
    this.stop = f.local('i32', STOPS.regular);
    this.text = f.local('v128');
    this.wantsIp = needs.registerColumns.includes(REGISTERS.rip.id);
    this.wantsSp = needs.sp || needs.registerColumns.includes(REGISTERS.rsp.id);
  }

  /**
   * A vector of constant bytes, loaded from the frame: the engine would make it anew in each record, with five instructions,
   * most of them for the same unit of the processor.
   */
  readonly constant = (bytes: readonly number[]): V128 => {
    const name = String.fromCharCode(...bytes);
    const known = this.constants.get(name);
    const at = known?.at ?? FRAME_CONSTANTS + 16 * this.constants.size;
    if (known === undefined) this.constants.set(name, { at, bytes });
    if (this.constants.size > MOST_CONSTANTS) bug('sources', 'more constants than the frame has room for');
    return v128.load(this.frame, at);
  };

  /** In front of a record's text: what is needed for it again and again is in locals from here on. */
  loadKept(): void {
    for (const byte of NIBBLE_CONSTANTS) {
      const bytes = new Array<number>(16).fill(byte);
      const name = String.fromCharCode(...bytes);
      this.kept.set(name, this.f.local('v128', this.constant(bytes)));
    }
  }

  /** As `constant`, behind loadKept. */
  readonly atHand = (bytes: readonly number[]): V128 =>
    this.kept.get(String.fromCharCode(...bytes)) ?? this.constant(bytes);

  splat(byte: number): V128 {
    return this.constant(new Array<number>(16).fill(byte));
  }

  splat16(word: number): V128 {
    return this.constant(Array.from({ length: 16 }, (_, i) => (i & 1 ? word >> 8 : word & 0xff)));
  }

  /** In another function: puts the constants that were asked for into the frame. */
  writeConstants(f: FunctionWriter, frame: Local<'i32'>): void {
    for (const { at, bytes } of this.constants.values()) f.storeV128(frame, v128.bytes(bytes), at);
  }

  /** A word of the frame, kept in a local from its first use on; `write` uses all before its loop. */
  word(field: FrameWord): Local<'i32'> {
    const words = this.words as { [field in FrameWord]?: Local<'i32'> };
    words[field] ??= this.f.local('i32', FIRST_VALUES[field] ?? load32(this.frame, FRAME[field]));
    return words[field];
  }

  giveBack(): void {
    const { f, frame } = this;
    for (const [field, local] of Object.entries(this.words))
      f.store32(frame, local, FRAME[field as FrameWord]);
    f.store64(frame, this.lastSeq, FRAME.lastSeq);
    f.storeF64(frame, this.line, FRAME.nextLine);
    f.storeF64(frame, this.timeNs, FRAME.timeNs);
  }

  /** The text of 16 bytes at an address with its end compared, too: a zero vector when it is there. */
  otherThan(address: I32, text: string): V128 {
    let difference: V128 | undefined;
    for (let from = 0; from < text.length; from += 16) {
      const start = Math.min(from, text.length - 16);
      const part = v128.xor(v128.load(address, start), this.constant(codes(text.slice(start, start + 16))));
      difference = difference === undefined ? part : v128.or(difference, part);
    }
    return difference!;
  }

  /** Value of a hexadecimal digit, 255 when it is none. */
  digit(byte: Local<'i32'>): I32 {
    const { f } = this;
    const decimal = f.local('i32', sub(byte, 0x30));
    const letter = f.local('i32', sub(byte, 0x61));
    return select(leU(decimal, 9), decimal, select(leU(letter, 5), add(letter, 10), i32(255)));
  }

  /** The number whose `length` characters, digits behind blanks, `text` begins with. */
  decimal(length: Local<'i32'>, into: Local<'i64'>): void {
    const { f, text } = this;
    // Move the digits to the vector's end, in front of them zeros: blanks are below '0', and lanes below 0 do not exist.
    const lanes = i8x16.add(this.constant(LANES), i8x16.splat(sub(length, 16)));
    f.set(text, i8x16.swizzle(i8x16.subSatU(text, this.splat(0x30)), lanes));
    const tens = i16x8.mul(v128.and(text, this.splat16(0xff)), this.splat16(10));
    f.set(text, i16x8.add(tens, i16x8.shrU(text, 8)));
    f.set(text, i32x4.dot(text, this.constant([100, 0, 1, 0, 100, 0, 1, 0, 100, 0, 1, 0, 100, 0, 1])));
    const low = add(mul(i32x4.extract(text, 2), 10_000), i32x4.extract(text, 3));
    f.set(into, add(mul(toI64(i32x4.extract(text, 1)), 100_000_000n), toI64(low)));
  }

  /** How many characters at the vector's beginning are decimal digits. */
  digitsOf(text: Local<'v128'>): I32 {
    const isDigit = i8x16.leU(i8x16.sub(text, this.splat(0x30)), this.splat(9));
    return ctz(xor(i8x16.bitmask(isDigit), -1));
  }

  /** Moves `p` behind the next newline; to `leave` when it is far away or not here. */
  lineEnd(leave: WasmLabel, p: Local<'i32'>, mostBytes: number): void {
    const { f } = this;
    const stop = f.local('i32', add(p, mostBytes));
    const found = f.local('i32');
    f.loop((again) => {
      f.goIf(leave, isZero(ltU(p, stop)));
      f.set(found, i8x16.bitmask(i8x16.eq(v128.load(p), this.splat(LF))));
      f.when(isZero(found), () => {
        f.bump(p, 16);
        f.go(again);
      });
    });
    f.set(p, add(add(p, ctz(found)), 1));
    f.goIf(leave, gtU(p, this.word('end')));
  }
}
