/**
 * Aggregations as they stand, taken out of the engine's memory for sorting and printing.
 *
 *   AggregationStore ──tableOf──▶ AggregationTable ──join / concatenate──▶ EntryRows ──sortRows──▶ order
 *
 * A table copies nothing but offsets. What rows are compared by is put into typed arrays first, one column per key and
 * one for the value, so that a million entries sort without a BigInt. Tables live only while something is printed.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { AggregationStore } from '../dif/consumer-contract.ts';
import type { Aggregation, ValueShape } from '../dif/program.ts';
import { entryNumber } from './aggregation-value.ts';
import { type Geometry, geometryOf } from './histogram.ts';
import { LEAST_ROWS, radixOrder, type WordColumn } from './radix-sort.ts';
import { type Field, type Integer, readWord } from './values.ts';

/**
 * Values of one key, or the values, of all entries.
 *   words   64-bit integers as halves; `high` is signed
 *   bytes   strings and structs, by unsigned bytes
 *   frames  stacks, by unsigned addresses
 *   weights sums of value × count of histograms; `ties` decides between equal ones
 */
type Column =
  | ({ readonly kind: 'words' } & WordColumn)
  | {
      readonly kind: 'bytes' | 'frames';
      readonly memory: LinearMemory;
      readonly start: Uint32Array;
      readonly size: Uint32Array;
    }
  | { readonly kind: 'weights'; readonly sums: Float64Array; readonly ties: Float64Array };

export interface AggregationTable {
  readonly aggregation: Aggregation;
  readonly memory: LinearMemory;
  /** For whoever prints keys: one for all of them. */
  readonly field: Field | undefined; // without keys there is none
  readonly geometry: Geometry | undefined; // set for histograms
  readonly count: number;
  readonly keyOffsets: Uint32Array;
  readonly valueOffsets: Uint32Array;
  readonly normals: BigUint64Array | undefined; // undefined: all are 1
  readonly keys: readonly Column[];
  readonly values: Column;
}

/**
 * What is printed line by line. Row r shows, of table t, the entry `memberOf(rows, r, t)`; -1 is none.
 */
export interface EntryRows {
  readonly kind: 'joined' | 'concatenated'; // rows of concatenated tables show one entry each
  readonly tables: readonly AggregationTable[];
  readonly count: number;
  /** By row, then by table. Undefined: there is but one table, and a row is an entry. */
  readonly members: Int32Array | undefined;
}

export function memberOf({ members, tables }: EntryRows, row: number, table: number): number {
  return members === undefined ? row : members[row * tables.length + table]!;
}

export interface SortOrder {
  readonly byKey: boolean; // aggsortkey
  readonly reversed: boolean; // aggsortrev
  readonly firstKey: number; // aggsortkeypos
  readonly firstValue: number; // aggsortpos
}

const RANKING: SortOrder = { byKey: false, reversed: false, firstKey: 0, firstValue: 0 };

export function tableOf(store: AggregationStore, aggregation: Aggregation): AggregationTable {
  const { memory } = store;
  const { count, keyOffsets, valueOffsets, normals } = offsetsOf(store, aggregation);
  const geometry = geometryOf(aggregation);
  return {
    aggregation,
    memory,
    field: aggregation.keys[0] && { memory, shape: aggregation.keys[0], offset: 0, sizeBytes: 0 },
    geometry,
    count,
    keyOffsets,
    valueOffsets,
    normals,
    keys: keyColumns(aggregation.keys, memory, keyOffsets),
    values: geometry
      ? weightColumn(geometry, memory, valueOffsets)
      : numberColumn(aggregation, memory, valueOffsets),
  };
}

/** In one walk over the entries: it is what takes longest of a table that is larger than the caches. */
function offsetsOf(store: AggregationStore, aggregation: Aggregation) {
  const count = store.count(aggregation);
  const keyOffsets = new Uint32Array(count);
  const valueOffsets = new Uint32Array(count);
  let normals: BigUint64Array | undefined;
  let next = 0;
  store.forEach(aggregation, (keyOffset, valueOffset, normal) => {
    keyOffsets[next] = keyOffset;
    valueOffsets[next] = valueOffset;
    if (normal !== 1n) normals ??= new BigUint64Array(count).fill(1n);
    if (normals) normals[next] = normal; // it is unsigned
    next++;
  });
  return { count, keyOffsets, valueOffsets, normals };
}

/** Set `field` to the key of `shape` at `offset`; returns where the next key lies. */
export function locateKey(field: Field, shape: ValueShape, offset: number): number {
  field.shape = shape;
  field.offset = offset;
  field.sizeBytes = 8;
  const length = field.memory.u32[offset >>> 2]!;
  switch (shape.kind) {
    case 'string':
      field.offset = offset + 4;
      field.sizeBytes = length;
      return aligned(offset + 4 + length);
    case 'bytes':
      field.sizeBytes = shape.sizeBytes;
      return aligned(offset + shape.sizeBytes);
    case 'stack':
      field.offset = offset + 8;
      field.sizeBytes = length * 8;
      return offset + 8 + length * 8;
    default:
      return offset + 8;
  }
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

function keyColumns(
  shapes: readonly ValueShape[],
  memory: LinearMemory,
  keyOffsets: Uint32Array,
): readonly Column[] {
  if (shapes.length === 0) return [];
  const field: Field = { memory, shape: shapes[0]!, offset: 0, sizeBytes: 0 };
  let offsets = keyOffsets;
  let delta = 0; // of the key behind `offsets`, while what comes before it is of fixed size
  return shapes.map((shape) => {
    if (isWord(shape)) {
      delta += 8;
      return wordColumn(memory, offsets, delta - 8);
    }
    const start = new Uint32Array(offsets.length);
    const size = new Uint32Array(offsets.length);
    const ends = new Uint32Array(offsets.length);
    for (let i = 0; i < offsets.length; i++) {
      ends[i] = locateKey(field, shape, offsets[i]! + delta);
      start[i] = field.offset;
      size[i] = field.sizeBytes;
    }
    offsets = ends;
    delta = 0;
    return { kind: shape.kind === 'stack' ? 'frames' : 'bytes', memory, start, size };
  });
}

/** Whether a key of that shape is one word of its entry. */
export function isWord({ kind }: ValueShape): boolean {
  return kind !== 'string' && kind !== 'bytes' && kind !== 'stack';
}

function wordColumn(memory: LinearMemory, offsets: Uint32Array, delta = 0): Column {
  const high = new Int32Array(offsets.length);
  const low = new Uint32Array(offsets.length);
  for (let i = 0; i < offsets.length; i++) {
    const word = (offsets[i]! + delta) >>> 2;
    low[i] = memory.u32[word]!;
    high[i] = memory.i32[word + 1]!;
  }
  return { kind: 'words', high, low };
}

/** Values are ordered by what they are, not by what normalize() makes of them. */
function numberColumn(aggregation: Aggregation, memory: LinearMemory, valueOffsets: Uint32Array): Column {
  if (aggregation.func !== 'avg' && aggregation.func !== 'stddev') return wordColumn(memory, valueOffsets);
  const numbers = BigInt64Array.from(valueOffsets, (offset) =>
    BigInt(entryNumber(aggregation, memory, offset, 1n)),
  );
  const halves = new Uint32Array(numbers.buffer);
  return {
    kind: 'words',
    high: Int32Array.from(numbers, (_, i) => halves[2 * i + 1]! | 0),
    low: Uint32Array.from(numbers, (_, i) => halves[2 * i]!),
  };
}

/** Equal sums of quantize are told apart by the count of zeros, which adds nothing to a sum. */
function weightColumn({ weights }: Geometry, memory: LinearMemory, valueOffsets: Uint32Array): Column {
  const sums = new Float64Array(valueOffsets.length);
  const ties = new Float64Array(valueOffsets.length);
  valueOffsets.forEach((offset, i) => {
    for (let row = 0; row < weights.length; row++) {
      const count = Number(readWord(memory, offset + row * 8, true));
      if (count === 0) continue;
      if (weights[row] === 0) ties[i] = count;
      else sums[i]! += weights[row]! * count;
    }
  });
  return { kind: 'weights', sums, ties };
}

/** Each entry of each table is a row of its own. */
export function concatenate(tables: readonly AggregationTable[]): EntryRows {
  const count = tables.reduce((sum, table) => sum + table.count, 0);
  if (tables.length === 1) return { kind: 'concatenated', tables, count, members: undefined };
  const members = new Int32Array(count * tables.length).fill(-1);
  let row = 0;
  tables.forEach((table, t) => {
    for (let i = 0; i < table.count; i++) members[row++ * tables.length + t] = i;
  });
  return { kind: 'concatenated', tables, count, members };
}

/** Entries with equal keys share a row. Every table is walked in key order, all at once. */
export function join(tables: readonly AggregationTable[]): EntryRows {
  if (tables.length === 1) return concatenate(tables);
  const orders = tables.map((table) => {
    return indices(table.count).sort((a, b) => compareKeys(table, a, table, b, 0));
  });
  const at = tables.map(() => 0);
  const members: number[] = [];
  for (;;) {
    const least = leastTable(tables, orders, at);
    if (least === undefined) break;
    const [leader, entry] = [tables[least]!, orders[least]![at[least]!]!];
    tables.forEach((table, t) => {
      const candidate = orders[t]![at[t]!];
      const isSame = candidate !== undefined && compareKeys(table, candidate, leader, entry, 0) === 0;
      members.push(isSame ? candidate : -1);
      if (isSame) at[t]!++;
    });
  }
  return { kind: 'joined', tables, count: members.length / tables.length, members: Int32Array.from(members) };
}

/** The table whose next entry has the smallest key; undefined when all are walked. */
function leastTable(
  tables: readonly AggregationTable[],
  orders: readonly Uint32Array[],
  at: readonly number[],
): number | undefined {
  let least: number | undefined;
  for (let t = 0; t < tables.length; t++) {
    const candidate = orders[t]![at[t]!];
    if (candidate === undefined) continue;
    const isLess =
      least === undefined ||
      compareKeys(tables[t]!, candidate, tables[least]!, orders[least]![at[least]!]!, 0) < 0;
    if (isLess) least = t;
  }
  return least;
}

/**
 * Row numbers in printing order: by value, then by key, or the other way round. Rows of several concatenated tables
 * only make sense by key; then the order of the tables decides between equal keys.
 */
export function sortRows(rows: EntryRows, order: SortOrder): Uint32Array {
  const { tables } = rows;
  const width = tables.length;
  const [only] = tables;
  const words = width === 1 && rows.count >= LEAST_ROWS ? wordsOf(only!, order) : undefined;
  if (words) {
    const sorted = radixOrder(words, rows.count);
    return order.reversed ? sorted.reverse() : sorted; // no two rows are equal
  }
  const byTable = (a: number, b: number) => leader(rows, a) - leader(rows, b);
  const byValue = (a: number, b: number) => compareValues(rows, a, b, order.firstValue);
  const byKey = (a: number, b: number) => {
    const s = leader(rows, a);
    const t = leader(rows, b);
    return compareKeys(tables[s]!, memberOf(rows, a, s), tables[t]!, memberOf(rows, b, t), order.firstKey);
  };
  const compare: (a: number, b: number) => number = order.byKey
    ? (a, b) => byKey(a, b) || byTable(a, b) || byValue(a, b)
    : (a, b) => byValue(a, b) || byKey(a, b);
  return indices(rows.count).sort(order.reversed ? (a, b) => compare(b, a) : compare);
}

/** The columns of a single table in the order in which they count; undefined unless all are integers. */
function wordsOf({ keys, values }: AggregationTable, order: SortOrder): readonly WordColumn[] | undefined {
  const first = order.firstKey < keys.length ? order.firstKey : 0;
  const turned = [...keys.slice(first), ...keys.slice(0, first)];
  const columns = order.byKey ? [...turned, values] : [values, ...turned];
  const words = columns.filter((column) => column.kind === 'words');
  return words.length === columns.length ? words : undefined;
}

/** The first table with an entry in the row; a row has at least one. */
export function leader(rows: EntryRows, row: number): number {
  const width = rows.tables.length;
  let table = 0;
  while (table < width - 1 && memberOf(rows, row, table) < 0) table++;
  return table;
}

function indices(count: number): Uint32Array {
  return new Uint32Array(count).map((_, i) => i);
}

/** Joined rows compare table after table, beginning with `firstValue`; a missing entry counts as 0. */
function compareValues(rows: EntryRows, a: number, b: number, firstValue: number): number {
  const width = rows.tables.length;
  const first = firstValue < width ? firstValue : 0;
  for (let step = 0; step < width; step++) {
    const t = (first + step) % width;
    const result = compareCells(
      rows.tables[t]!.values,
      memberOf(rows, a, t),
      rows.tables[t]!.values,
      memberOf(rows, b, t),
    );
    if (result !== 0) return result;
  }
  return 0;
}

/** Fewer keys and smaller ones come first; then key after key, beginning with `firstKey`. */
function compareKeys(
  s: AggregationTable,
  i: number,
  t: AggregationTable,
  j: number,
  firstKey: number,
): number {
  const width = s.keys.length;
  if (s !== t) {
    const shape = compareShapes(s.aggregation.keys, t.aggregation.keys);
    if (shape !== 0) return shape;
  }
  const first = firstKey < width ? firstKey : 0;
  for (let step = 0; step < width; step++) {
    const position = (first + step) % width;
    const result = compareCells(s.keys[position]!, i, t.keys[position]!, j);
    if (result !== 0) return result;
  }
  return 0;
}

/** Integers of different sizes are the same sort of key, as everywhere (behaviours.md 35). */
function compareShapes(a: readonly ValueShape[], b: readonly ValueShape[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i]!, b[i]!];
    if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1;
    if (left.kind === 'bytes' && left.sizeBytes !== right.sizeBytes) return left.sizeBytes - right.sizeBytes;
  }
  return 0;
}

/** Index -1 stands for a value of 0. */
function compareCells(a: Column, i: number, b: Column, j: number): number {
  if (a.kind === 'words' && b.kind === 'words') {
    const high = (i < 0 ? 0 : a.high[i]!) - (j < 0 ? 0 : b.high[j]!);
    return high !== 0 ? high : (i < 0 ? 0 : a.low[i]!) - (j < 0 ? 0 : b.low[j]!);
  }
  if (a.kind === 'weights' && b.kind === 'weights') {
    const sum = (i < 0 ? 0 : a.sums[i]!) - (j < 0 ? 0 : b.sums[j]!);
    return sum !== 0 ? sum : (i < 0 ? 0 : a.ties[i]!) - (j < 0 ? 0 : b.ties[j]!);
  }
  if (a.kind === 'bytes' && b.kind === 'bytes') return compareBytes(a, i, b, j);
  return a.kind === 'frames' && b.kind === 'frames' ? compareFrames(a, i, b, j) : 0;
}

type Ranges = Extract<Column, { kind: 'bytes' | 'frames' }>;

function compareBytes(a: Ranges, i: number, b: Ranges, j: number): number {
  const common = Math.min(a.size[i]!, b.size[j]!);
  const [left, right] = [a.memory.u8, b.memory.u8];
  const [from, against] = [a.start[i]!, b.start[j]!];
  for (let k = 0; k < common; k++) {
    const difference = left[from + k]! - right[against + k]!;
    if (difference !== 0) return difference;
  }
  return a.size[i]! - b.size[j]!;
}

function compareFrames(a: Ranges, i: number, b: Ranges, j: number): number {
  const common = Math.min(a.size[i]!, b.size[j]!);
  for (let k = 0; k < common; k += 8) {
    const left = a.memory.u64[(a.start[i]! + k) >>> 3]!;
    const right = b.memory.u64[(b.start[j]! + k) >>> 3]!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.size[i]! - b.size[j]!;
}

/** What normalize() made the entry's divisor. */
export function normalOf({ normals }: AggregationTable, entry: number): bigint {
  return normals ? normals[entry]! : 1n;
}

/** The printed number of an entry; 0 where a joined row has none. */
export function numberAt(table: AggregationTable, entry: number): Integer {
  if (entry < 0) return 0;
  const { aggregation, memory, valueOffsets } = table;
  return entryNumber(aggregation, memory, valueOffsets[entry]!, normalOf(table, entry));
}

/**
 * trunc(): value offsets of the entries with the `count` highest values, or the -count lowest. Sorting options do not
 * matter; between equal values the key decides.
 */
export function rankedEntries(
  store: AggregationStore,
  aggregation: Aggregation,
  count: number,
): ReadonlySet<number> {
  const table = tableOf(store, aggregation);
  const order = sortRows(concatenate([table]), RANKING);
  const kept = count > 0 ? order.subarray(Math.max(0, order.length - count)) : order.subarray(0, -count);
  return new Set(Array.from(kept, (entry) => table.valueOffsets[entry]!));
}
