/**
 * Shapes of trace events' lines: what TraceEventParser made of a line, kept for lines that differ from it in numbers alone.
 *
 *   apic_deliver_irq dest 0 dest_mode 1 vector 48       numbers: 0, 1, 48; the texts around them are the shape
 *
 * The parser tells names and values by their looks, and all numbers look alike. So the arguments of such a line are those of
 * the first one, and nothing in the table changes. Any other line is the parser's.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { CHAR, DIGIT, isPrintable, putNumber, runEnd, textAt } from '../text-trace/bytes.ts';
import { LineShapes, type ShapeNumber } from '../text-trace/line-shapes.ts';
import { NumberBlocks, NumberRecord, type NumberShape } from '../text-trace/number-record.ts';
import type { FieldValues, PointTable, TextRecord } from '../text-trace/points.ts';
import { SHAPE_KINDS } from '../text-trace/shape-code.ts';

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
const MOST_NUMBERS = 28; // of a line, behind those of the prefix
const PREFIX_NUMBERS = 3;
const MICROS = 6; // digits
const MAX_CPU = 0xffff;

/** `cpu`: what the line says, or whose records came before it. */
export function cpuOf(said: number, before: number): number {
  return said >= 0 && said < MAX_CPU ? said : before;
}

export class EventShapes {
  private readonly lines: LineShapes;
  private readonly shapes: Shape[] = []; // by their numbers in `lines`
  private readonly counts = new Map<number, number>(); // of an event's shapes
  private readonly table: PointTable;
  private readonly readsArguments: boolean;
  private readonly blocks = new NumberBlocks();
  private readonly memory: LinearMemory;

  /** Lines are in `memory`, some of which is reserved here. */
  constructor(memory: LinearMemory, table: PointTable, readsArguments: boolean) {
    this.memory = memory;
    this.lines = new LineShapes(memory);
    this.table = table;
    this.readsArguments = readsArguments;
  }

  /** The record of a line whose like was met; undefined: it is the parser's. */
  record(at: number, end: number, cpu: number): TextRecord | undefined {
    const { lines } = this;
    const found = lines.match(at, end);
    if (found < 0 || !isPrefix(lines)) return undefined;
    const shape = this.shapes[found]!;
    const { u8 } = this.memory;
    const own = cpuOf(shape.cpu(u8, lines), cpu);
    if (!this.readsArguments) return shape.bare(own);
    return shape.isTyped(this.table) ? shape.record(u8, own, lines, this.blocks) : undefined;
  }

  /** What the parser made of the line. */
  learn(at: number, end: number, point: number, places: readonly Place[]): void {
    const { u8 } = this.memory;
    const prefix = prefixOf(u8, at, end);
    const numbers = places.filter(({ isNumber }) => isNumber);
    const count = this.counts.get(point) ?? 0;
    if (prefix === undefined || count === MOST_SHAPES) return;
    if (numbers.length > MOST_NUMBERS || !isPrintable(u8, at, end)) return;
    const inLine = numbers.map(({ from, value }) => ({
      from: at + from,
      to: at + from + value.length,
      kind: SHAPE_KINDS.int,
    }));
    const number = this.lines.learn(at, end, [...prefix, ...inLine]);
    if (number < 0) return;
    this.shapes[number] = new Shape(point, places);
    this.counts.set(point, count + 1);
  }
}

/** Whether the line that was matched begins with `pid@seconds.micros:`; the texts between are the shape's. */
function isPrefix(lines: LineShapes): boolean {
  if (lines.value(0) < 0 || lines.value(1) < 0 || lines.value(2) < 0) return false;
  return lines.to(2) - lines.from(2) === MICROS;
}

/** The numbers of `pid@seconds.micros:`. */
function prefixOf(u8: Uint8Array, at: number, end: number): ShapeNumber[] | undefined {
  const pidEnd = runEnd(u8, at, end, DIGIT);
  const dot = runEnd(u8, pidEnd + 1, end, DIGIT);
  const name = dot + MICROS + 2;
  if (pidEnd === at || u8[pidEnd] !== CHAR.at || dot <= pidEnd + 1 || name >= end) return undefined;
  if (u8[dot] !== CHAR.dot || u8[name - 1] !== CHAR.colon) return undefined;
  if (runEnd(u8, dot + 1, name, DIGIT) !== name - 1) return undefined;
  const places = [at, pidEnd, pidEnd + 1, dot, dot + 1, name - 1];
  return [0, 2, 4].map((i) => ({ from: places[i]!, to: places[i + 1]!, kind: SHAPE_KINDS.int }));
}

class Shape implements NumberShape {
  readonly point: number;
  readonly words: FieldValues = [];
  readonly numbers: number[] = [];
  private readonly count: number;
  private readonly cpuNumber: number;
  private readonly shared: { point: number; cpu: number } & TextRecord;

  constructor(point: number, places: readonly Place[]) {
    this.point = point;
    let count = 0;
    let cpuNumber = -1;
    for (const { field, value, isNumber, isCpu } of places) {
      if (field >= 0) {
        this.words[field] = isNumber ? undefined : value; // the last of a name holds
        this.numbers[field] = isNumber ? count : -1;
      }
      if (isCpu) cpuNumber = count;
      if (isNumber) count++;
    }
    this.count = count;
    this.cpuNumber = cpuNumber;
    this.shared = { point, values: [], cpu: 0, seq: Number.NaN, timeNs: Number.NaN, flags: 0, line: 0 };
  }

  /** The CPU that the line says it is of; NaN when it says none. */
  cpu(u8: Uint8Array, lines: LineShapes): number {
    if (this.cpuNumber < 0) return Number.NaN;
    const number = PREFIX_NUMBERS + this.cpuNumber;
    const value = lines.value(number);
    return value >= 0 ? value : Number(textAt(u8, lines.from(number), lines.to(number)));
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

  record(u8: Uint8Array, cpu: number, lines: LineShapes, blocks: NumberBlocks): NumberRecord {
    const at = blocks.take(this.count);
    const { block } = blocks;
    let broken = 0;
    for (let number = 0; number < this.count; number++) {
      const [from, to] = [lines.from(PREFIX_NUMBERS + number), lines.to(PREFIX_NUMBERS + number)];
      if (!putNumber(u8, from, to, false, block, at + 2 * number)) broken |= 1 << number;
    }
    return new NumberRecord(this, cpu, block, at, broken);
  }
}
