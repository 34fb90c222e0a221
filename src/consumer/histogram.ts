/**
 * Histograms of quantize, lquantize and llquantize, and the bars they are made of (d-language.md 7.4).
 *
 * A bar is 40 columns to the right of `|`, 40 to the left when every count is negative, and two halves of 20 when the
 * signs are mixed. `normal` divides the printed counts; bars show the raw ones. With -x encoding=utf8 bars to the right
 * are made of blocks and end with one of a part of a column, in eighths.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { QUANTIZE_ZERO_BUCKET } from '../dif/aggregating-functions.ts';
import { type Bucket, bucketLabel, buckets, bucketWeight, type HistogramName } from '../dif/buckets.ts';
import type { Aggregation } from '../dif/program.ts';
import type { TextBuffer } from './text-buffer.ts';
import { divide, type Integer, readWord, toInteger } from './values.ts';

const BAR_WIDTH = 40;
const LABEL_WIDTH = 16;
const COUNT_WIDTH = 9;
const AT = 0x40;
const PIPE = 0x7c;
const TITLE = '------------- Distribution -------------';
/** U+2588, a full block; the blocks of 7/8 down to 1/8 follow it. */
const FULL_BLOCK = 0x2588;
const EIGHTHS = 8;
/** With aggzoom the longest bar fills this part of its width. */
const ZOOM_FILL = 0.95;

/** How the bars of one histogram are drawn: where `|` stands and what a full bar is worth. */
export interface BarScale {
  readonly sides: 'right' | 'left' | 'both';
  readonly total: number;
  readonly utf8: boolean;
}

/** What options say about bars. */
export interface BarOptions {
  readonly zoom: boolean; // aggzoom
  readonly utf8: boolean; // encoding
}

/** Bucket rows of an aggregation; computed once per printing, since llquantize may have thousands. */
export interface Geometry {
  readonly func: HistogramName;
  readonly rows: readonly Bucket[];
  readonly weights: Float64Array; // value that stands for each bucket, for sorting
}

function histogramName({ func }: Aggregation): HistogramName | undefined {
  return func === 'quantize' || func === 'lquantize' || func === 'llquantize' ? func : undefined;
}

/** Undefined when the aggregation is no histogram. */
export function geometryOf(aggregation: Aggregation): Geometry | undefined {
  const func = histogramName(aggregation);
  if (func === undefined) return undefined;
  const rows = buckets(func, aggregation.params);
  return { func, rows, weights: Float64Array.from(rows, (row) => Number(bucketWeight(row, func))) };
}

/** The whole histogram, from its heading's leading newline to its last row. Without an entry it is empty. */
export function writeHistogram(
  out: TextBuffer,
  geometry: Geometry,
  memory: LinearMemory,
  valueOffset: number | undefined,
  normal: bigint,
  bars: BarOptions,
): void {
  const countAt = (row: number): Integer =>
    valueOffset === undefined ? 0 : readWord(memory, valueOffset + row * 8, true);
  const [first, last] = displayedRows(geometry, countAt);
  const scale = scaleOf(first, last, countAt, bars);
  writeHeading(out, 'value', LABEL_WIDTH);
  for (let row = first; row <= last; row++) {
    const mark = out.length;
    out.text(bucketLabel(geometry.rows[row]!));
    out.padLeft(mark, LABEL_WIDTH);
    out.byte(0x20);
    writeBar(out, countAt(row), normal, scale);
  }
}

/** `"\n%*s %41s %-9s\n"` */
export function writeHeading(out: TextBuffer, label: string, labelWidth: number): void {
  out.text(
    `\n${label.padStart(labelWidth)} ${TITLE.padStart(BAR_WIDTH + 1)} ${'count'.padEnd(COUNT_WIDTH)}\n`,
  );
}

/** One empty bucket is shown on either side of those that count; without any, those around zero. */
function displayedRows(geometry: Geometry, countAt: (row: number) => Integer): [number, number] {
  const last = geometry.rows.length - 1;
  let low = 0;
  while (low <= last && countAt(low) === 0) low++;
  if (low > last) return emptyRows(geometry);
  let high = last;
  while (countAt(high) === 0) high--;
  return [Math.max(low - 1, 0), Math.min(high + 1, last)];
}

function emptyRows({ func, rows }: Geometry): [number, number] {
  if (func === 'quantize') return [QUANTIZE_ZERO_BUCKET - 1, QUANTIZE_ZERO_BUCKET + 1];
  if (func === 'lquantize') return [0, Math.min(2, rows.length - 1)];
  const zero = rows.length >> 1;
  return [zero, Math.min(zero + 1, rows.length - 1)];
}

export function scaleOf(
  first: number,
  last: number,
  countAt: (row: number) => Integer,
  { zoom, utf8 }: BarOptions,
): BarScale {
  let hasPositive = false;
  let hasNegative = false;
  let sum = 0;
  let largest = 0;
  for (let row = first; row <= last; row++) {
    const count = Number(countAt(row));
    if (count > 0) hasPositive = true;
    if (count < 0) hasNegative = true;
    sum += Math.abs(count);
    largest = Math.max(largest, Math.abs(count));
  }
  const sides = !hasNegative ? 'right' : hasPositive ? 'both' : 'left';
  return { sides, total: zoom ? largest / ZOOM_FILL : sum, utf8 };
}

/** The bar, the count and the end of the line. */
export function writeBar(out: TextBuffer, count: Integer, normal: bigint, scale: BarScale): void {
  if (scale.utf8 && scale.sides === 'right') writeBlocks(out, Number(count), scale.total);
  else writeSigns(out, count, scale);
  out.byte(0x20);
  const mark = out.length;
  out.decimal(normal === 1n ? count : divide(count, toInteger(normal)));
  out.padRight(mark, COUNT_WIDTH);
  out.byte(0x0a);
}

/** Whole columns and then what is left, both rounded down. */
function writeBlocks(out: TextBuffer, count: number, total: number): void {
  const eighths = total === 0 ? 0 : Math.floor((count * BAR_WIDTH * EIGHTHS) / total);
  const whole = Math.floor(eighths / EIGHTHS);
  const rest = eighths % EIGHTHS;
  const part = rest === 0 ? '' : String.fromCodePoint(FULL_BLOCK + EIGHTHS - rest);
  out.byte(PIPE);
  out.text(String.fromCodePoint(FULL_BLOCK).repeat(whole) + part);
  out.blanks(BAR_WIDTH - whole - part.length);
}

function writeSigns(out: TextBuffer, count: Integer, scale: BarScale): void {
  const width = scale.sides === 'both' ? BAR_WIDTH / 2 : BAR_WIDTH;
  const length = scale.total === 0 ? 0 : Math.floor((Math.abs(Number(count)) * width) / scale.total + 0.5);
  const goesLeft = scale.sides === 'left' || (scale.sides === 'both' && count < 0);
  if (scale.sides !== 'right') {
    out.blanks(width - (goesLeft ? length : 0));
    if (goesLeft) out.fill(AT, length);
  }
  out.byte(PIPE);
  if (scale.sides !== 'left') {
    if (!goesLeft) out.fill(AT, length);
    out.blanks(width - (goesLeft ? 0 : length));
  }
}
