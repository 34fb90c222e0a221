/**
 * Register dumps by their shape. Dumps of one CPU model differ in nothing but digits and the letters of the condition
 * flags, so a dump that the careful path has read line by line teaches where everything stands in the next ones: those are
 * compared byte by byte, digits with any digit, and kept as text. A register is decoded when somebody asks for it.
 *
 * That the other bytes are the same is why the careful path would find the same lines and fields in them.
 */
import type { TextBacking } from './log-event.ts';
import { joined } from './log-event.ts';
import { HEX, highHalf, lowHalf, NOT_HEX } from './qemu-x86/hex.ts';

/** In a template: any hexadecimal digit, or a letter of the flags. */
const DIGIT = 0;
const FLAG = 1;
const DIGIT_RUNS = /[0-9a-f]{8,}/g;
const FLAG_LETTERS = / [-N][-Z][-C][-V] /g;
const IS_FLAG: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  '-NZCV'.includes(String.fromCharCode(byte)),
);

/** Longer dumps are read line by line. */
const MAX_SHAPE_BYTES = 8192;
const MAX_SHAPES = 8;
/** A log that shows ever new shapes is not worth learning from. */
const MAX_LESSONS = 64;
const MAX_DIGITS = 16;
const STORE_BYTES = 1 << 18;

export interface DumpField {
  readonly at: number; // of its digits, in the dump
  readonly digits: number;
}

export interface DumpShape {
  readonly template: Uint8Array;
  readonly lines: number;
  readonly isEnded: boolean; // its last line has come
  readonly fields: ReadonlyMap<number, DumpField>;
}

export class DumpShapes {
  private shapes: DumpShape[] = []; // the one met last comes first
  private lessons = 0;
  private store = new Uint8Array();
  private stored = 0;

  get mayLearn(): boolean {
    return this.lessons < MAX_LESSONS;
  }

  learn(text: string, isEnded: boolean, fields: ReadonlyMap<number, DumpField>): void {
    this.lessons++;
    if (text.length > MAX_SHAPE_BYTES) return;
    for (const { digits } of fields.values()) if (digits > MAX_DIGITS) return;
    const template = Uint8Array.from(text, (c) => c.charCodeAt(0));
    for (const { index, 0: run } of text.matchAll(DIGIT_RUNS))
      template.fill(DIGIT, index, index + run.length);
    for (const { index, 0: run } of text.matchAll(FLAG_LETTERS))
      template.fill(FLAG, index + 1, index + run.length - 1);
    // A digit outside of the runs is part of what must be the same.
    for (const { at, digits } of fields.values()) template.fill(DIGIT, at, at + digits);
    const lines = text.split('\n').length - 1;
    this.shapes = [{ template, lines, isEnded, fields }, ...this.shapes.slice(0, MAX_SHAPES - 1)];
  }

  /** The shape of the whole dump at `at`, undefined when it has none that is known. */
  match(u8: Uint8Array, at: number, end: number): DumpShape | undefined {
    const { shapes } = this;
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i]!;
      if (at + shape.template.length > end || !fits(u8, at, shape.template)) continue;
      if (i > 0) {
        shapes.splice(i, 1);
        shapes.unshift(shape);
      }
      return shape;
    }
    return undefined;
  }

  /** The registers of the dump at `at`, whose text is kept. */
  take(u8: Uint8Array, at: number, { template, fields }: DumpShape): TextBacking {
    const { length } = template;
    if (this.stored + length > this.store.length) {
      this.store = new Uint8Array(STORE_BYTES);
      this.stored = 0;
    }
    this.store.set(u8.subarray(at, at + length), this.stored);
    const backing = new DumpText(this.store, this.stored, fields);
    this.stored += length;
    return backing;
  }
}

function fits(u8: Uint8Array, at: number, template: Uint8Array): boolean {
  let digits = 0;
  for (let i = 0; i < template.length; i++) {
    const wanted = template[i]!;
    const byte = u8[at + i]!;
    if (wanted === DIGIT) digits |= HEX[byte]!;
    else if (wanted !== byte && (wanted !== FLAG || !IS_FLAG[byte])) return false;
  }
  return digits < NOT_HEX;
}

class DumpText implements TextBacking {
  private readonly u8: Uint8Array;
  private readonly at: number;
  private readonly fields: ReadonlyMap<number, DumpField>;

  constructor(u8: Uint8Array, at: number, fields: ReadonlyMap<number, DumpField>) {
    this.u8 = u8;
    this.at = at;
    this.fields = fields;
  }

  get size(): number {
    return this.fields.size;
  }

  has(id: number): boolean {
    return this.fields.has(id);
  }

  get(id: number): bigint | undefined {
    const field = this.fields.get(id);
    if (field === undefined) return undefined;
    const from = this.at + field.at;
    return joined(lowHalf(this.u8, from, field.digits), highHalf(this.u8, from, field.digits));
  }
}
