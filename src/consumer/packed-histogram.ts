/**
 * -x aggpack: histograms of quantize and lquantize on one line each, so that many keys compare at a glance
 * (d-language.md 7.5).
 *
 *      key  min .------. max  | count
 *        7   -4 : _x XX : 512 | 9
 *
 * All lines show the same buckets: those that count in any entry. A cell's character tells the bucket's part of the
 * entry's total, in eighths.
 */
import type { Bucket } from '../dif/buckets.ts';
import { type AggregationTable, normalOf } from './aggregation-table.ts';
import { keyColumns, type RowStyle } from './bar-chart.ts';
import type { BarOptions } from './histogram.ts';
import type { TextBuffer } from './text-buffer.ts';
import { divide, type Integer, readWord, toInteger } from './values.ts';

const STRING_WIDTH = 16;
const POSITIVE_LEVELS = '__xxxxXX';
const BLOCK_LEVELS = '\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588';
const NEGATIVE_LEVELS = '__vvvvVV';

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Undefined when the entries are no such histograms, or nothing counts in any. */
export function packedStyle(table: AggregationTable, bars: BarOptions): RowStyle | undefined {
  const { geometry } = table;
  if (!geometry || geometry.func === 'llquantize') return undefined;
  const range = countingRange(table, geometry.rows.length);
  if (range === undefined) return undefined;
  const min = endText(geometry.rows[range.first]!);
  const max = endText(geometry.rows[range.last]!);
  const minWidth = Math.max(min.length, 'min'.length);
  const maxWidth = Math.max(max.length, 'max'.length);
  return {
    stringKeyWidth: STRING_WIDTH,
    writeHeading: (out) => {
      const dashes = '-'.repeat(range.last - range.first + 1);
      const key = 'key'.padStart(keyColumns(table));
      out.text(`\n${key} ${'min'.padStart(minWidth)} .${dashes}. ${'max'.padEnd(maxWidth)} | count\n`);
    },
    writeValue: (out, entry) => {
      out.text(` ${min.padStart(minWidth)} :`);
      const total = writeCells(out, table, entry, range, bars);
      out.text(`: ${max.padEnd(maxWidth)} | ${divide(total, toInteger(normalOf(table, entry)))}\n`);
    },
  };
}

function endText({ low }: Bucket): string {
  return low.toString();
}

function countAt(table: AggregationTable, entry: number, row: number): Integer {
  return readWord(table.memory, table.valueOffsets[entry]! + row * 8, true);
}

function countingRange(table: AggregationTable, rowCount: number): Range | undefined {
  let first = rowCount;
  let last = -1;
  for (let entry = 0; entry < table.count; entry++) {
    for (let row = 0; row < rowCount; row++) {
      if (countAt(table, entry, row) === 0) continue;
      first = Math.min(first, row);
      last = Math.max(last, row);
    }
  }
  return last < 0 ? undefined : { first, last };
}

/** One character per bucket. Returns the sum of the counts. */
function writeCells(
  out: TextBuffer,
  table: AggregationTable,
  entry: number,
  range: Range,
  { zoom, utf8 }: BarOptions,
): Integer {
  let sum = 0n;
  let magnitude = 0;
  let largest = 0;
  for (let row = range.first; row <= range.last; row++) {
    const count = countAt(table, entry, row);
    sum += BigInt(count);
    magnitude += Math.abs(Number(count));
    largest = Math.max(largest, Math.abs(Number(count)));
  }
  for (let row = range.first; row <= range.last; row++) {
    out.text(cell(Number(countAt(table, entry, row)), zoom ? largest : magnitude, utf8));
  }
  return toInteger(sum);
}

function cell(count: number, total: number, utf8: boolean): string {
  if (count === 0) return ' ';
  const levels = count < 0 ? NEGATIVE_LEVELS : utf8 ? BLOCK_LEVELS : POSITIVE_LEVELS;
  const level = Math.round((Math.abs(count) / total) * levels.length);
  return levels[Math.max(level, 1) - 1]!;
}
