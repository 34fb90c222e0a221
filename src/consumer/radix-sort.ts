/**
 * Sorting rows by columns of 64-bit integers without comparing them: one stable pass per 16 bits, lowest first. A million
 * rows take a few passes, since digits that are the same in all rows (most high ones) are passed over.
 */

/** 64-bit integers as halves; `high` is signed. */
export interface WordColumn {
  readonly high: Int32Array;
  readonly low: Uint32Array;
}

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
/** Counting has a fixed cost: below this many rows comparing is faster. */
export const LEAST_ROWS = 2048;

/** Row numbers in the order of the first column, among equals of the second, and so on. All have the same length. */
export function radixOrder(columns: readonly WordColumn[], count: number): Uint32Array {
  let order = new Uint32Array(count).map((_, i) => i);
  let spare = new Uint32Array(count);
  const starts = new Uint32Array(DIGITS);
  for (const { high, low } of [...columns].reverse()) {
    const flipped = new Uint32Array(count); // with the sign bit turned round, signed order is unsigned order
    for (let i = 0; i < count; i++) flipped[i] = high[i]! ^ 0x8000_0000;
    for (const words of [low, flipped]) {
      for (const shift of [0, DIGIT_BITS]) {
        if (!countDigits(words, shift, starts)) continue;
        for (let i = 0; i < count; i++) {
          const row = order[i]!;
          spare[starts[(words[row]! >>> shift) & (DIGITS - 1)]!++] = row;
        }
        [order, spare] = [spare, order];
      }
    }
  }
  return order;
}

/** Where rows with each digit begin; false when there is but one digit. */
function countDigits(words: Uint32Array, shift: number, starts: Uint32Array): boolean {
  starts.fill(0);
  for (let i = 0; i < words.length; i++) starts[(words[i]! >>> shift) & (DIGITS - 1)]!++;
  if (words.length === 0 || starts[(words[0]! >>> shift) & (DIGITS - 1)] === words.length) return false;
  let start = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const size = starts[digit]!;
    starts[digit] = start;
    start += size;
  }
  return true;
}
