/** Sorting rows by columns of 64-bit integers without comparing them (base/sort-numbers.ts). */
import { LEAST_COUNTED, orderRows } from '../base/sort-numbers.ts';

/** 64-bit integers as halves; `high` is signed. */
export interface WordColumn {
  readonly high: Int32Array;
  readonly low: Uint32Array;
}

/** Below this many rows comparing is faster. */
export const LEAST_ROWS = LEAST_COUNTED;

/** Row numbers in the order of the first column, among equals of the second, and so on. All have the same length. */
export function radixOrder(columns: readonly WordColumn[], count: number): Uint32Array {
  return orderRows(
    columns.flatMap(({ high, low }) => [high, low]),
    count,
  );
}
