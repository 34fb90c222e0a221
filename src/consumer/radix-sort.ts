/**
 * Sorting rows by columns of 64-bit integers without comparing them (base/sort-numbers.ts). Digits that are the same in
 * all rows (most high ones) are passed over.
 */
import { LEAST_COUNTED, orderByWords, type RowOrder } from '../base/sort-numbers.ts';

/** 64-bit integers as halves; `high` is signed. */
export interface WordColumn {
  readonly high: Int32Array;
  readonly low: Uint32Array;
}

/** Below this many rows comparing is faster. */
export const LEAST_ROWS = LEAST_COUNTED;

/** Row numbers in the order of the first column, among equals of the second, and so on. All have the same length. */
export function radixOrder(columns: readonly WordColumn[], count: number): Uint32Array {
  const rows: RowOrder = { order: new Uint32Array(count), spare: new Uint32Array(count) };
  for (let i = 0; i < count; i++) rows.order[i] = i;
  for (let c = columns.length - 1; c >= 0; c--) {
    orderByWords(rows, columns[c]!.low);
    orderByWords(rows, columns[c]!.high);
  }
  return rows.order;
}
