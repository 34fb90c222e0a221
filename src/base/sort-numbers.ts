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
  const counts = countDigits(words);
  // With the sign bit turned round, signed order is unsigned order.
  const flip = words instanceof Int32Array ? 1 << (31 - HIGHEST_SHIFT) : 0;
  for (let digit = 0; digit < DIGITS_PER_WORD; digit++)
    orderByDigit(rows, words, counts, digit, digit === DIGITS_PER_WORD - 1 ? flip : 0);
}

function orderByDigit(
  rows: RowOrder,
  words: Uint32Array | Int32Array,
  counts: Uint32Array,
  digit: number,
  flip: number,
): void {
  const starts = startsOf(counts, digit, words, flip);
  if (starts === undefined) return; // all the same
  const { order, spare } = rows;
  const shift = digit * DIGIT_BITS;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    spare[starts[(words[row]! >>> shift) & DIGIT_MASK]!++] = row;
  }
  rows.order = spare;
  rows.spare = order;
}

/** How many words have each digit: those of the lowest one, then of the next. */
function countDigits(words: Uint32Array | Int32Array): Uint32Array {
  const counts = new Uint32Array(DIGITS * DIGITS_PER_WORD);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    counts[word & DIGIT_MASK]!++;
    counts[DIGITS + ((word >>> DIGIT_BITS) & DIGIT_MASK)]!++;
    counts[2 * DIGITS + (word >>> HIGHEST_SHIFT)]!++;
  }
  return counts;
}

/** Where rows with each digit begin, in the order of digits with `flip` turned round; undefined when there is but one. */
function startsOf(
  counts: Uint32Array,
  digit: number,
  words: Uint32Array | Int32Array,
  flip: number,
): Uint32Array | undefined {
  const own = counts.subarray(digit * DIGITS, (digit + 1) * DIGITS);
  if (words.length === 0 || own[(words[0]! >>> (digit * DIGIT_BITS)) & DIGIT_MASK] === words.length)
    return undefined;
  let start = 0;
  for (let turned = 0; turned < DIGITS; turned++) {
    const size = own[turned ^ flip]!;
    own[turned ^ flip] = start;
    start += size;
  }
  return own;
}

/** Sort in place, ascending; `scratch` is as long, or longer. */
export function sortNumbers(numbers: Uint32Array, scratch: Uint32Array): void {
  if (numbers.length < LEAST_COUNTED) {
    numbers.sort();
    return;
  }
  const counts = countDigits(numbers);
  let from: Uint32Array = numbers;
  let to = scratch.subarray(0, numbers.length);
  for (let digit = 0; digit < DIGITS_PER_WORD; digit++) {
    const starts = startsOf(counts, digit, from, 0);
    if (starts === undefined) continue;
    const shift = digit * DIGIT_BITS;
    for (let i = 0; i < from.length; i++) {
      const number = from[i]!;
      to[starts[(number >>> shift) & DIGIT_MASK]!++] = number;
    }
    [from, to] = [to, from];
  }
  if (from !== numbers) numbers.set(from);
}
