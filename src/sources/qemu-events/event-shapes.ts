/**
 * Shapes of trace events' lines: what TraceEventParser made of a line, kept for lines that differ from it in numbers alone.
 *
 *   apic_deliver_irq dest 0 dest_mode 1 vector 48       numbers: 0, 1, 48; the texts around them are the shape
 *
 * The parser tells names and values by their looks, and all numbers look alike. So the arguments of such a line are those of
 * the first one, and nothing in the table changes. Any other line is the parser's.
 */
import {
  ByteMap,
  CHAR,
  CLASS,
  DIGIT,
  decimalAt,
  isPrintable,
  putNumber,
  runEnd,
  textAt,
  WORD,
} from '../text-trace/bytes.ts';
import { NumberBlocks, NumberRecord, type NumberShape } from '../text-trace/number-record.ts';
import type { FieldValues, PointTable, TextRecord } from '../text-trace/points.ts';
import { numberEnd } from '../text-trace/template-bytes.ts';

/** An argument of the line that a shape is made of. */
export interface Place {
  readonly from: number; // in the line
  readonly value: string;
  readonly isNumber: boolean;
  readonly field: number; // in the table, -1 when there was no room for it
  readonly isCpu: boolean;
}

/** An event whose lines differ in words has no more shapes. */
const MOST_SHAPES = 16;
const MOST_NUMBERS = 30; // of a line
const MICROS = 6; // digits
const MAX_CPU = 0xffff;

/** `cpu`: what the line says, or whose records came before it. */
export function cpuOf(said: number, before: number): number {
  return said >= 0 && said < MAX_CPU ? said : before;
}

export class EventShapes {
  private readonly shapes = new ByteMap<Shape[]>(); // by name of the event
  private readonly table: PointTable;
  private readonly readsArguments: boolean;
  private readonly blocks = new NumberBlocks();

  constructor(table: PointTable, readsArguments: boolean) {
    this.table = table;
    this.readsArguments = readsArguments;
  }

  /** The record of a line whose like was met; undefined: it is the parser's. */
  record(u8: Uint8Array, at: number, end: number, cpu: number): TextRecord | undefined {
    const shape = this.find(u8, at, end);
    if (shape === undefined) return undefined;
    const own = cpuOf(shape.cpu(u8), cpu);
    if (!this.readsArguments) return shape.bare(own);
    return shape.isTyped(this.table) ? shape.record(u8, own, this.blocks) : undefined;
  }

  find(u8: Uint8Array, at: number, end: number): Shape | undefined {
    const name = nameAt(u8, at, end);
    if (name < 0) return undefined;
    const nameEnd = runEnd(u8, name, end, WORD);
    for (const shape of this.shapes.get(u8, name, nameEnd) ?? [])
      if (shape.matches(u8, nameEnd, end)) return shape;
    return undefined;
  }

  /** What the parser made of the line. */
  learn(u8: Uint8Array, at: number, end: number, point: number, places: readonly Place[]): void {
    const name = nameAt(u8, at, end);
    const numbers = places.filter(({ isNumber }) => isNumber).length;
    if (name < 0 || numbers > MOST_NUMBERS || !isPrintable(u8, at, end)) return;
    const nameEnd = runEnd(u8, name, end, WORD);
    let shapes = this.shapes.get(u8, name, nameEnd);
    if (shapes === undefined) {
      shapes = [];
      this.shapes.add(u8, name, nameEnd, shapes);
    }
    if (shapes.length < MOST_SHAPES) shapes.push(new Shape(u8.slice(at, end), nameEnd - at, point, places));
  }
}

/** Where the event's name begins, behind `pid@seconds.micros:`; -1. */
function nameAt(u8: Uint8Array, at: number, end: number): number {
  const seconds = runEnd(u8, at, end, DIGIT) + 1;
  const dot = runEnd(u8, seconds, end, DIGIT);
  const name = dot + MICROS + 2;
  if (seconds === at + 1 || u8[seconds - 1] !== CHAR.at || dot === seconds || name >= end) return -1;
  if (u8[dot] !== CHAR.dot || u8[name - 1] !== CHAR.colon) return -1;
  if (runEnd(u8, dot + 1, name, DIGIT) !== name - 1) return -1;
  return (CLASS[u8[name]!]! & WORD) === 0 ? -1 : name;
}

class Shape implements NumberShape {
  readonly point: number;
  readonly words: FieldValues = [];
  readonly numbers: number[] = [];
  private readonly texts: readonly Uint8Array[]; // in front of each number, and behind the last
  private readonly places: Int32Array; // of the numbers, in the line that was matched last
  private readonly cpuNumber: number;
  private readonly shared: { point: number; cpu: number } & TextRecord;

  /** `nameEnd`: relative to the line. */
  constructor(line: Uint8Array, nameEnd: number, point: number, places: readonly Place[]) {
    this.point = point;
    const texts: Uint8Array[] = [];
    let from = nameEnd;
    let cpuNumber = -1;
    for (const place of places) {
      const { field, value } = place;
      if (field >= 0) {
        this.words[field] = place.isNumber ? undefined : value; // the last of a name holds
        this.numbers[field] = place.isNumber ? texts.length : -1;
      }
      if (!place.isNumber) continue;
      if (place.isCpu) cpuNumber = texts.length;
      texts.push(line.slice(from, place.from));
      from = place.from + value.length;
    }
    texts.push(line.slice(from));
    this.texts = texts;
    this.cpuNumber = cpuNumber;
    this.places = new Int32Array(2 * texts.length);
    this.shared = { point, values: [], cpu: 0, seq: Number.NaN, timeNs: Number.NaN, flags: 0, line: 0 };
  }

  /** Of a line of the same event. */
  matches(u8: Uint8Array, at: number, end: number): boolean {
    const { texts, places } = this;
    const last = texts.length - 1;
    let i = at;
    for (let number = 0; ; number++) {
      const text = texts[number]!;
      if (end - i < text.length) return false;
      for (let k = 0; k < text.length; k++) if (text[k] !== u8[i + k]) return false;
      i += text.length;
      if (number === last) return i === end;
      places[2 * number] = i;
      const to = numberEnd(u8, i, end, false);
      if (to === i) return false;
      places[2 * number + 1] = to;
      i = to;
    }
  }

  /** The CPU that the line says it is of; NaN when it says none. */
  cpu(u8: Uint8Array): number {
    const { cpuNumber, places } = this;
    if (cpuNumber < 0) return Number.NaN;
    const [from, to] = [places[2 * cpuNumber]!, places[2 * cpuNumber + 1]!];
    const value = decimalAt(u8, from, to);
    return Number.isNaN(value) ? Number(textAt(u8, from, to)) : value;
  }

  /** For programs that read no argument: the same record ever again. */
  bare(cpu: number): TextRecord {
    this.shared.cpu = cpu;
    return this.shared;
  }

  /** Whether the fields are for the table what they are here: one that was a number may have become text. */
  isTyped({ points }: PointTable): boolean {
    const { fields } = points[this.point]!;
    return this.numbers.every((number, field) => number < 0 || fields[field]!.type === 'int');
  }

  record(u8: Uint8Array, cpu: number, blocks: NumberBlocks): NumberRecord {
    const { places } = this;
    const count = this.texts.length - 1;
    const at = blocks.take(count);
    const { block } = blocks;
    let broken = 0;
    for (let number = 0; number < count; number++)
      if (!putNumber(u8, places[2 * number]!, places[2 * number + 1]!, false, block, at + 2 * number))
        broken |= 1 << number;
    return new NumberRecord(this, cpu, block, at, broken);
  }
}
