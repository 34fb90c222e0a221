/**
 * -x agghist: entries of count(), sum() and avg() as one bar each, scaled over the whole aggregation
 * (d-language.md 7.5).
 */
import { type AggregationTable, numberAt } from './aggregation-table.ts';
import { type BarOptions, scaleOf, writeBar, writeHeading } from './histogram.ts';
import type { TextBuffer } from './text-buffer.ts';

/** How the rows of one aggregation look when they are not in the default layout. */
export interface RowStyle {
  readonly stringKeyWidth: number; // right-justified
  writeHeading(out: TextBuffer): void;
  /** What follows the keys, up to and with the newline. */
  writeValue(out: TextBuffer, entry: number): void;
}

/** Columns of the key in the heading, by key size; strings take the widest. */
const KEY_WIDTHS: Readonly<Record<number, number>> = { 1: 3, 2: 5, 4: 8, 8: 16 };
const STRING_WIDTH = 16;

/** Undefined when entries of this aggregation are no single numbers. */
export function barStyle(table: AggregationTable, bars: BarOptions): RowStyle | undefined {
  const { func } = table.aggregation;
  if (func !== 'count' && func !== 'sum' && func !== 'avg') return undefined;
  // The numbers are normalised already, so bars and counts agree.
  const scale = scaleOf(0, table.count - 1, (entry) => numberAt(table, entry), bars);
  return {
    stringKeyWidth: STRING_WIDTH,
    writeHeading: (out) => writeHeading(out, 'key', keyColumns(table)),
    writeValue: (out, entry) => {
      out.byte(0x20);
      writeBar(out, numberAt(table, entry), 1n, scale);
    },
  };
}

/** Width of all key columns, each with the blank before it. */
export function keyColumns(table: AggregationTable): number {
  return table.aggregation.keys.reduce((sum, { kind, sizeBytes }) => {
    return sum + 1 + (kind === 'int' ? (KEY_WIDTHS[sizeBytes] ?? STRING_WIDTH) : STRING_WIDTH);
  }, 0);
}
