/**
 * Aggregations: a keyed table each, whose values the aggregating functions update in place.
 *
 *   value of an entry   0                8
 *                       +----------------+------------------------------------------------+
 *                       | divisor i64    | words, layouts in dif/aggregating-functions.ts |
 *                       +----------------+------------------------------------------------+
 *
 * The divisor is what normalize() sets; it belongs to the entry, since keys that come later keep 1. All tables share
 * one pool, so `aggsize` limits them together.
 * DIFFERS: one table serves all CPUs; firings are executed one after another, so nothing has to be merged on reading.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { AggFuncName } from '../dif/aggregating-functions.ts';
import { llquantizeBounds, lquantizeIndex, quantizeIndex, valueWords } from '../dif/buckets.ts';
import type { AggregationEntry, AggregationStore } from '../dif/consumer-contract.ts';
import type { Aggregation, AggregationParams } from '../dif/program.ts';
import { ChunkPool } from './chunk-pool.ts';
import { ENTRY, KeyedTable, TABLE_HEADER } from './keyed-table.ts';

/** Divisor in front of the words. */
export const NORMAL_BYTES = 8;

/** What a function needs to update an entry: its parameters, made ready. */
interface Shape {
  readonly words: number;
  readonly params: AggregationParams;
  readonly bounds: BigUint64Array; // of llquantize
  readonly boundsAt: number; // the same in linear memory
}

/**
 * Update the words at word index `at` with the value at word index `value`, counted as often as the 64-bit number at
 * `increment` says (word index; functions without an increment ignore it).
 */
type Update = (memory: LinearMemory, at: number, value: number, increment: number, shape: Shape) => void;

const UPDATES: Record<AggFuncName, Update> = {
  count: ({ i32 }, at) => addOne(i32, at),
  sum: ({ i32 }, at, value) => add64(i32, at, value),
  min: ({ i32 }, at, value) => {
    if (less64(i32, value, at)) copy64(i32, at, value);
  },
  max: ({ i32 }, at, value) => {
    if (less64(i32, at, value)) copy64(i32, at, value);
  },
  avg: ({ i32 }, at, value) => {
    addOne(i32, at);
    add64(i32, at + 2, value);
  },
  stddev: updateDeviation,
  quantize: ({ i32 }, at, value, increment) => {
    add64(i32, at + quantizeIndex(i32[value + 1]!, i32[value]!) * 2, increment);
  },
  lquantize: ({ i32 }, at, value, increment, { params }) => {
    if (params.kind !== 'lquantize') return;
    add64(i32, at + lquantizeIndex(i32[value + 1]!, i32[value]!, params) * 2, increment);
  },
  llquantize: ({ i32, i64 }, at, value, increment, { bounds }) => {
    add64(i32, at + llquantizeIndex(i64[value >>> 1]!, bounds) * 2, increment);
  },
};

/** n, sum, and the sum of squares as an unsigned 128-bit number. */
function updateDeviation(memory: LinearMemory, at: number, value: number): void {
  const { i64, u64 } = memory;
  const first = at >>> 1;
  const x = i64[value >>> 1]!;
  i64[first] = i64[first]! + 1n;
  i64[first + 1] = i64[first + 1]! + x;
  const squares = (u64[first + 3]! << 64n) + u64[first + 2]! + x * x;
  u64[first + 2] = BigInt.asUintN(64, squares);
  u64[first + 3] = BigInt.asUintN(64, squares >> 64n);
}

/** Buckets lie symmetrically around the middle one; the distance from it is the number of bounds not above |value|. */
function llquantizeIndex(value: bigint, bounds: BigUint64Array): number {
  const magnitude = value < 0n ? -value : value;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= magnitude) low = middle + 1;
    else high = middle;
  }
  return value < 0n ? bounds.length - low : bounds.length + low;
}

function addOne(i32: Int32Array, at: number): void {
  const low = (i32[at]! + 1) | 0;
  i32[at] = low;
  if (low === 0) i32[at + 1]!++;
}

function add64(i32: Int32Array, to: number, from: number): void {
  const addend = i32[from]!;
  const low = (i32[to]! + addend) | 0;
  i32[to + 1] = i32[to + 1]! + i32[from + 1]! + (low >>> 0 < addend >>> 0 ? 1 : 0);
  i32[to] = low;
}

function copy64(i32: Int32Array, to: number, from: number): void {
  i32[to] = i32[from]!;
  i32[to + 1] = i32[from + 1]!;
}

/** Signed. */
function less64(i32: Int32Array, a: number, b: number): boolean {
  const high = i32[a + 1]!;
  const other = i32[b + 1]!;
  return high !== other ? high < other : i32[a]! >>> 0 < i32[b]! >>> 0;
}

/** What a new or cleared entry's words hold. */
function setIdentity(memory: LinearMemory, func: AggFuncName, wordsAt: number, words: number): void {
  const first = wordsAt >>> 3;
  memory.i64.fill(0n, first, first + words);
  if (func === 'min') memory.i64[first] = (1n << 63n) - 1n;
  if (func === 'max') memory.i64[first] = -(1n << 63n);
}

/** One aggregation of the session. */
export class AggregationTable {
  readonly func: AggFuncName;
  readonly shape: Shape;
  readonly table: KeyedTable;
  private readonly memory: LinearMemory;
  private readonly update: Update;
  /** Word index of the table's hint. */
  private readonly hintWord: number;
  /** Divisor and words. */
  readonly valueBytes: number;

  constructor(memory: LinearMemory, pool: ChunkPool, aggregation: Aggregation) {
    const { func, params } = aggregation;
    this.memory = memory;
    this.func = func;
    this.update = UPDATES[func];
    const bounds = params.kind === 'llquantize' ? llquantizeBounds(params) : [];
    const boundsAt = memory.reserve(bounds.length * 8);
    memory.u64.set(bounds, boundsAt >>> 3);
    this.shape = { words: valueWords(func, params), params, bounds: BigUint64Array.from(bounds), boundsAt };
    this.table = new KeyedTable(memory, pool);
    this.hintWord = (this.table.at + TABLE_HEADER.hint) >>> 2;
    this.valueBytes = NORMAL_BYTES + this.shape.words * 8;
  }

  /** Aggregate the value at word index `value` under a key; false when there is no room for the key. */
  add(keyAt: number, keyBytes: number, value: number, increment: number): boolean {
    const words = this.wordsOf(keyAt, keyBytes);
    if (words === 0) return false;
    if (this.func === 'count')
      addOne(this.memory.i32, words >>> 2); // the most common one, without a call that is not known
    else this.update(this.memory, words >>> 2, value, increment, this.shape);
    return true;
  }

  /** Offset of the words kept for a key, made if need be; 0 when there is no room. */
  wordsOf(keyAt: number, keyBytes: number): number {
    const only = keyBytes === 0 ? this.memory.i32[this.hintWord]! >>> 0 : 0; // without keys there is but one
    if (only !== 0) return only + ENTRY.key + NORMAL_BYTES;
    const entry = this.table.findOrInsert(keyAt, keyBytes, this.valueBytes);
    if (entry === 0) return 0;
    if (keyBytes === 0) this.table.hint = entry;
    const at = entry + ENTRY.key + keyBytes;
    if (this.table.inserted) {
      this.memory.i64[at >>> 3] = 1n;
      setIdentity(this.memory, this.func, at + NORMAL_BYTES, this.shape.words);
    }
    return at + NORMAL_BYTES;
  }

  *entries(): Generator<AggregationEntry> {
    for (const entry of this.table.entries()) yield this.describe(entry);
  }

  forEach(visit: (keyOffset: number, valueOffset: number, normal: bigint) => void): void {
    const { i32, i64 } = this.memory;
    this.table.forEach((entry) => {
      const at = this.table.valueOf(entry);
      const word = at >>> 2;
      const normal = i32[word] === 1 && i32[word + 1] === 0 ? 1n : i64[word >>> 1]!;
      visit(entry + ENTRY.key, at + NORMAL_BYTES, normal);
    });
  }

  clear(): void {
    for (const entry of this.table.entries()) {
      setIdentity(this.memory, this.func, this.table.valueOf(entry) + NORMAL_BYTES, this.shape.words);
    }
  }

  normalize(divisor: bigint): void {
    for (const entry of this.table.entries()) this.memory.i64[this.table.valueOf(entry) >>> 3] = divisor;
  }

  retain(keep: (entry: AggregationEntry) => boolean): void {
    this.table.retain((entry) => keep(this.describe(entry)));
  }

  private describe(entry: number): AggregationEntry {
    const value = this.table.valueOf(entry);
    const normal = this.memory.i64[value >>> 3]!;
    return { keyOffset: entry + ENTRY.key, valueOffset: value + NORMAL_BYTES, normal };
  }
}

/** All aggregations of a session, by their number. */
export class Aggregations implements AggregationStore {
  readonly memory: LinearMemory;
  private readonly pool: ChunkPool;
  private readonly tables = new Map<number, AggregationTable>();

  constructor(memory: LinearMemory, limitBytes: number | undefined) {
    this.memory = memory;
    this.pool = new ChunkPool(memory, limitBytes);
  }

  /** The aggregation's table, made if need be. */
  table(aggregation: Aggregation): AggregationTable {
    const known = this.tables.get(aggregation.id);
    if (known) return known;
    const table = new AggregationTable(this.memory, this.pool, aggregation);
    this.tables.set(aggregation.id, table);
    return table;
  }

  count(aggregation: Aggregation): number {
    return this.tables.get(aggregation.id)?.table.count ?? 0;
  }

  entries(aggregation: Aggregation): Iterable<AggregationEntry> {
    return this.tables.get(aggregation.id)?.entries() ?? [];
  }

  forEach(
    aggregation: Aggregation,
    visit: (keyOffset: number, valueOffset: number, normal: bigint) => void,
  ): void {
    this.tables.get(aggregation.id)?.forEach(visit);
  }

  clear(aggregation: Aggregation): void {
    this.tables.get(aggregation.id)?.clear();
  }

  /** A divisor of 0 is ignored (d-language.md 7.7). */
  normalize(aggregation: Aggregation, divisor: bigint): void {
    if (divisor !== 0n) this.tables.get(aggregation.id)?.normalize(divisor);
  }

  retain(aggregation: Aggregation, keep: (entry: AggregationEntry) => boolean): void {
    this.tables.get(aggregation.id)?.retain(keep);
  }
}
