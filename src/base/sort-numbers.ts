/**
 * Sorting many 32-bit numbers without comparing them: a stable pass per digit of 11 bits, lowest first. 2048 places to
 * write to at a time stay in the cache, and half a dozen passes over a million rows take some milliseconds each.
 */

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const DIGIT_MASK = DIGITS - 1;
const DIGITS_PER_WORD = 3;
const HIGHEST_SHIFT = DIGIT_BITS * (DIGITS_PER_WORD - 1);
/** Counting has a fixed cost: below this many rows comparing is faster. */
export const LEAST_COUNTED = 2048;

/** Row numbers on their way into order. */
export interface RowOrder {
  order: Uint32Array;
  spare: Uint32Array;
}

/** Put rows into the order of their `words`, rows with equal ones staying in the order they were in. */
export function orderByWords(rows: RowOrder, words: Uint32Array | Int32Array): void {
  // With the sign bit turned round, signed order is unsigned order.
  const flip = words instanceof Int32Array ? 1 << (31 - HIGHEST_SHIFT) : 0;
  for (let shift = 0; shift <= HIGHEST_SHIFT; shift += DIGIT_BITS)
    orderByDigit(rows, words, shift, shift === HIGHEST_SHIFT ? flip : 0);
}

function orderByDigit(rows: RowOrder, words: Uint32Array | Int32Array, shift: number, flip: number): void {
  const starts = startsOf(words, shift, flip);
  if (starts === undefined) return; // all the same
  const { order, spare } = rows;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const digit = ((words[row]! >>> shift) & DIGIT_MASK) ^ flip;
    spare[starts[digit]!++] = row;
  }
  rows.order = spare;
  rows.spare = order;
}

/** Where rows with each digit begin; undefined when there is but one digit. */
function startsOf(words: Uint32Array | Int32Array, shift: number, flip: number): Uint32Array | undefined {
  const starts = new Uint32Array(DIGITS);
  for (let i = 0; i < words.length; i++) starts[((words[i]! >>> shift) & DIGIT_MASK) ^ flip]!++;
  if (words.length === 0) return undefined;
  if (starts[((words[0]! >>> shift) & DIGIT_MASK) ^ flip] === words.length) return undefined;
  let start = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const size = starts[digit]!;
    starts[digit] = start;
    start += size;
  }
  return starts;
}

/** Sort in place, ascending; `scratch` is as long, or longer. */
export function sortNumbers(numbers: Uint32Array, scratch: Uint32Array): void {
  if (numbers.length < LEAST_COUNTED) {
    numbers.sort();
    return;
  }
  let from: Uint32Array = numbers;
  let to = scratch.subarray(0, numbers.length);
  for (let shift = 0; shift <= HIGHEST_SHIFT; shift += DIGIT_BITS) {
    const starts = startsOf(from, shift, 0);
    if (starts === undefined) continue;
    for (let i = 0; i < from.length; i++) {
      const number = from[i]!;
      to[starts[(number >>> shift) & DIGIT_MASK]!++] = number;
    }
    [from, to] = [to, from];
  }
  if (from !== numbers) numbers.set(from);
}
