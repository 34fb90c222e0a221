/**
 * A record whose numbers were read when its line was: for who cannot say how long the line stays in memory. The rest of what it
 * says is the same in all lines of its shape.
 *
 * Numbers of many records stand one behind the other in a block, which goes when the last record of it goes.
 */
import type { FieldValues, TextRecord } from './points.ts';

const BLOCK_WORDS = 1 << 13;

/** What lines that differ in numbers alone have in common. */
export interface NumberShape {
  readonly point: number;
  /** Fields that are text, by place. */
  readonly words: FieldValues;
  /** Fields that are numbers, by place: which of the record's, -1 for none. */
  readonly numbers: readonly number[];
}

export class NumberRecord implements TextRecord {
  readonly shape: NumberShape;
  readonly cpu: number;
  readonly point: number;
  readonly seq = Number.NaN;
  readonly timeNs = Number.NaN;
  readonly flags = 0;
  line = 0;
  /** Low and high half of each number. */
  readonly block: Int32Array;
  readonly blockAt: number;
  /** Numbers that were none for D, by bit. */
  readonly broken: number;

  constructor(shape: NumberShape, cpu: number, block: Int32Array, blockAt: number, broken: number) {
    this.shape = shape;
    this.point = shape.point;
    this.cpu = cpu;
    this.block = block;
    this.blockAt = blockAt;
    this.broken = broken;
  }

  /** Word of `block` where the field's number stands, -1 when there is none. */
  wordOf(field: number): number {
    const number = this.shape.numbers[field] ?? -1;
    return number < 0 || (this.broken >> number) & 1 ? -1 : this.blockAt + 2 * number;
  }

  get values(): FieldValues {
    const values = [...this.shape.words];
    for (let field = 0; field < this.shape.numbers.length; field++) {
      const word = this.wordOf(field);
      if (word >= 0) values[field] = decimal(this.block[word]!, this.block[word + 1]!);
    }
    return values;
  }
}

function decimal(low: number, high: number): string {
  return String((BigInt(high) << 32n) | BigInt(low >>> 0));
}

/** Room for the numbers of one record after the other. */
export class NumberBlocks {
  block = new Int32Array(BLOCK_WORDS);
  private used = 0;

  /** Where so many numbers have room in `block`. */
  take(count: number): number {
    if (this.used + 2 * count > BLOCK_WORDS) {
      this.block = new Int32Array(BLOCK_WORDS);
      this.used = 0;
    }
    const at = this.used;
    this.used += 2 * count;
    return at;
  }
}
