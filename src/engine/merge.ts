/**
 * Aggregations of one session added to those of another that runs the same program: what threads of a parallel replay send.
 *
 * An image is 32-bit words, so that it can be sent between threads as it is:
 *
 *   per aggregation   id | entries                       per entry   key words | value words | key … | value …
 *
 * Keys and values are as in the tables (dif/consumer-contract.ts, dif/aggregating-functions.ts). Every function's values
 * add up to what one thread would have: words wrap, sums of squares are 128 bits wide.
 */
import { bug } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { AggFuncName } from '../dif/aggregating-functions.ts';
import type { AggregationStore } from '../dif/consumer-contract.ts';
import type { Aggregation, ValueShape } from '../dif/program.ts';
import { Aggregations, type AggregationTable, NORMAL_BYTES } from './aggregating.ts';
import type { SymbolKeys } from './engine-contract.ts';

/** What an image holds of the entries that it came from. */
export interface AggregationImage {
  readonly words: Int32Array;
  readonly entries: number;
}

/** Take all entries out of the tables, which are empty then. */
export function takeImage(
  store: AggregationStore,
  aggregations: readonly Aggregation[],
  wordsOf: (aggregation: Aggregation) => number,
): AggregationImage {
  const image = new ImageWriter();
  let entries = 0;
  for (const aggregation of aggregations) {
    const countAt = image.start(aggregation.id);
    const valueWords = 2 * wordsOf(aggregation);
    let count = 0;
    for (const { keyOffset, valueOffset } of store.entries(aggregation)) {
      image.entry(store.memory.i32, keyOffset >>> 2, (valueOffset - NORMAL_BYTES) >>> 2, valueWords);
      count++;
    }
    image.set(countAt, count);
    entries += count;
    if (count > 0) store.retain(aggregation, () => false);
  }
  return { words: image.finish(), entries };
}

class ImageWriter {
  private words = new Int32Array(1024);
  private length = 0;

  /** Returns where the number of entries goes. */
  start(id: number): number {
    this.ensureRoom(2);
    this.words[this.length] = id;
    this.length += 2;
    return this.length - 1;
  }

  set(at: number, value: number): void {
    this.words[at] = value;
  }

  /** The key in words `keyAt` to `normalAt`, then the divisor, then the value. */
  entry(i32: Int32Array, keyAt: number, normalAt: number, valueWords: number): void {
    const keyWords = normalAt - keyAt;
    this.ensureRoom(2 + keyWords + valueWords);
    this.words[this.length] = keyWords;
    this.words[this.length + 1] = valueWords;
    let to = this.length + 2;
    for (let i = 0; i < keyWords; i++) this.words[to++] = i32[keyAt + i]!;
    const valueAt = normalAt + NORMAL_BYTES / 4;
    for (let i = 0; i < valueWords; i++) this.words[to++] = i32[valueAt + i]!;
    this.length = to;
  }

  finish(): Int32Array {
    return this.words.slice(0, this.length);
  }

  private ensureRoom(words: number): void {
    if (this.length + words <= this.words.length) return;
    const larger = new Int32Array(2 * (this.length + words));
    larger.set(this.words);
    this.words = larger;
  }
}

/** Adds images to a session's aggregations. */
export class ImageReader {
  private readonly store: Aggregations;
  private readonly memory: LinearMemory;
  private readonly symbols: SymbolKeys | undefined;
  private readonly byId = new Map<number, Aggregation>();
  private keyAt = 0; // room for a key
  private keyRoom = 0;

  /** `symbols` makes keys of addresses that the images have as they were. */
  constructor(
    store: AggregationStore,
    aggregations: readonly Aggregation[],
    symbols: SymbolKeys | undefined,
  ) {
    this.store = store instanceof Aggregations ? store : bug('engine', 'aggregations of another engine');
    this.memory = store.memory;
    this.symbols = symbols;
    for (const aggregation of aggregations) this.byId.set(aggregation.id, aggregation);
  }

  /** False when there is no room for all of it. */
  add(words: Int32Array): boolean {
    for (let at = 0; at < words.length; ) {
      const aggregation = this.byId.get(words[at]!) ?? bug('engine', `unknown aggregation ${words[at]}`);
      const table = this.store.table(aggregation);
      let entries = words[at + 1]!;
      for (at += 2; entries > 0; entries--) {
        const keyWords = words[at]!;
        const valueAt = at + 2 + keyWords;
        if (!this.addEntry(aggregation, table, words, at + 2, keyWords, valueAt)) return false;
        at = valueAt + words[at + 1]!;
      }
    }
    return true;
  }

  private addEntry(
    aggregation: Aggregation,
    table: AggregationTable,
    words: Int32Array,
    from: number,
    keyWords: number,
    valueAt: number,
  ): boolean {
    this.reserveKey(4 * keyWords);
    const key = this.keyAt >>> 2;
    for (let i = 0; i < keyWords; i++) this.memory.i32[key + i] = words[from + i]!;
    if (this.symbols) nameKeys(this.memory.i32, key, aggregation.keys, this.symbols);
    const to = table.wordsOf(this.keyAt, 4 * keyWords);
    if (to === 0) return false;
    COMBINE[table.func](this.memory, to >>> 2, words, valueAt, table.shape.words);
    return true;
  }

  private reserveKey(bytes: number): void {
    if (bytes <= this.keyRoom) return;
    this.keyRoom = Math.max(4096, 2 * bytes);
    this.keyAt = this.memory.reserve(this.keyRoom);
  }
}

/** What sym(), mod() and their like do to keys (steps.ts). */
function nameKeys(i32: Int32Array, key: number, shapes: readonly ValueShape[], symbols: SymbolKeys): void {
  let at = key;
  for (const { kind, sizeBytes, type } of shapes) {
    if ((type.kind === 'symaddr' || type.kind === 'usymaddr') && type.shows !== 'uaddr') {
      if (type.shows === 'mod' || type.shows === 'umod') symbols.toModule(i32, at);
      else symbols.toSymbol(i32, at);
    }
    if (kind === 'string') at += 2 * Math.ceil((4 + i32[at]!) / 8);
    else if (kind === 'bytes') at += 2 * Math.ceil(sizeBytes / 8);
    else if (kind === 'stack') at += 2 + 2 * i32[at]!;
    else at += 2;
  }
}

/** Add the value in `words` at `from` to the one at word index `at`, `count` 64-bit words each. */
type Combine = (memory: LinearMemory, at: number, words: Int32Array, from: number, count: number) => void;

const COMBINE: Record<AggFuncName, Combine> = {
  count: addWords,
  sum: addWords,
  avg: addWords,
  quantize: addWords,
  lquantize: addWords,
  llquantize: addWords,
  stddev: addDeviation,
  min: ({ i32 }, at, words, from) => {
    if (isLess(words, from, i32, at)) copyWord(i32, at, words, from);
  },
  max: ({ i32 }, at, words, from) => {
    if (isLess(i32, at, words, from)) copyWord(i32, at, words, from);
  },
};

function addWords({ i32 }: LinearMemory, at: number, words: Int32Array, from: number, count: number): void {
  for (let i = 0; i < 2 * count; i += 2) {
    const low = words[from + i]!;
    const high = words[from + i + 1]!;
    if ((low | high) === 0) continue; // most buckets of a histogram
    const sum = (i32[at + i]! + low) | 0;
    i32[at + i + 1] = i32[at + i + 1]! + high + (sum >>> 0 < low >>> 0 ? 1 : 0);
    i32[at + i] = sum;
  }
}

/** n and the sum, then the sum of squares as one unsigned 128-bit number. */
function addDeviation(memory: LinearMemory, at: number, words: Int32Array, from: number): void {
  addWords(memory, at, words, from, 2);
  const { u64 } = memory;
  const low = (at >>> 1) + 2;
  const squares =
    (u64[low + 1]! << 64n) + u64[low]! + (wordAt(words, from + 6) << 64n) + wordAt(words, from + 4);
  u64[low] = BigInt.asUintN(64, squares);
  u64[low + 1] = BigInt.asUintN(64, squares >> 64n);
}

function wordAt(words: Int32Array, at: number): bigint {
  return (BigInt(words[at + 1]! >>> 0) << 32n) | BigInt(words[at]! >>> 0);
}

function copyWord(to: Int32Array, at: number, words: Int32Array, from: number): void {
  to[at] = words[from]!;
  to[at + 1] = words[from + 1]!;
}

/** Signed. */
function isLess(a: Int32Array, i: number, b: Int32Array, j: number): boolean {
  const high = a[i + 1]!;
  const other = b[j + 1]!;
  return high !== other ? high < other : a[i]! >>> 0 < b[j]! >>> 0;
}
