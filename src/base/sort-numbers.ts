/**
 * Sorting many 32-bit numbers without comparing them: a stable pass per digit of 11 bits, lowest first. 2048 places to
 * write to at a time stay in the cache, and half a dozen passes over a million rows take some milliseconds each.
 *
 * Rows with several words are sorted by the bits that differ at all, put together into words again: a million addresses and
 * their counts need three passes. Words go along with the numbers of their rows, since looking them up costs more.
 */

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const DIGIT_MASK = DIGITS - 1;
/** Counting has a fixed cost: below this many rows comparing is faster. */
export const LEAST_COUNTED = 2048;

export type Words = Uint32Array | Int32Array;

/** The bits of one or more columns that differ from row to row. */
interface Packed {
  readonly words: Uint32Array;
  bits: number;
}

/** Row numbers in the order of the first column, signed or unsigned; among equals of the second, and so on. */
export function orderRows(columns: readonly Words[], count: number): Uint32Array {
  let order: Uint32Array = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let isOrdered = true;
  for (const packed of packedBits(columns, count)) {
    const words = isOrdered ? packed.words : packed.words.map((_, i) => packed.words[order[i]!]!);
    order = orderByBits(order, { words, bits: packed.bits });
    isOrdered = false;
  }
  return order;
}

/** Least significant first. */
function packedBits(columns: readonly Words[], count: number): readonly Packed[] {
  const list: Packed[] = [];
  for (const words of [...columns].reverse()) {
    const differing = differingBits(words);
    if (differing === 0) continue;
    const lowest = 31 - Math.clz32(differing & -differing);
    const bits = 32 - Math.clz32(differing) - lowest;
    let last = list.at(-1);
    if (last === undefined || last.bits + bits > 32) {
      last = { words: new Uint32Array(count), bits: 0 };
      list.push(last);
    }
    addBits(last, words, lowest, bits);
  }
  return list;
}

function differingBits(words: Words): number {
  const first = words[0]!;
  let differing = 0;
  for (let i = 0; i < words.length; i++) differing |= words[i]! ^ first;
  return differing;
}

function addBits(to: Packed, words: Words, lowest: number, bits: number): void {
  // With the sign bit turned round, signed order is unsigned order.
  const flip = words instanceof Int32Array ? 1 << 31 : 0;
  const mask = bits === 32 ? -1 : (1 << bits) - 1;
  const packed = to.words;
  const at = to.bits;
  for (let i = 0; i < words.length; i++) packed[i]! |= (((words[i]! ^ flip) >>> lowest) & mask) << at;
  to.bits += bits;
}

/** `order` by the words of its rows, which stand in the same order; both are written over. */
function orderByBits(order: Uint32Array, { words, bits }: Packed): Uint32Array {
  const passes = Math.ceil(bits / DIGIT_BITS);
  const width = Math.ceil(bits / passes);
  const mask = (1 << width) - 1;
  const starts = new Uint32Array(1 << width);
  let [rows, nextRows]: [Uint32Array, Uint32Array] = [order, new Uint32Array(order.length)];
  let [from, next]: [Uint32Array, Uint32Array] = [words, new Uint32Array(passes > 1 ? order.length : 0)];
  for (let shift = 0; shift < bits; shift += width) {
    setStarts(starts, from, shift, mask);
    if (shift + width >= bits) scatter(rows, from, nextRows, starts, shift, mask);
    else scatterBoth(rows, from, nextRows, next, starts, shift, mask);
    [rows, nextRows] = [nextRows, rows];
    [from, next] = [next, from];
  }
  return rows;
}

/** Where rows with each digit begin. */
function setStarts(starts: Uint32Array, words: Uint32Array, shift: number, mask: number): void {
  starts.fill(0);
  for (let i = 0; i < words.length; i++) starts[(words[i]! >>> shift) & mask]!++;
  let start = 0;
  for (let digit = 0; digit < starts.length; digit++) {
    const size = starts[digit]!;
    starts[digit] = start;
    start += size;
  }
}

function scatter(
  rows: Uint32Array,
  words: Uint32Array,
  to: Uint32Array,
  starts: Uint32Array,
  shift: number,
  mask: number,
): void {
  for (let i = 0; i < rows.length; i++) to[starts[(words[i]! >>> shift) & mask]!++] = rows[i]!;
}

function scatterBoth(
  rows: Uint32Array,
  words: Uint32Array,
  toRows: Uint32Array,
  toWords: Uint32Array,
  starts: Uint32Array,
  shift: number,
  mask: number,
): void {
  for (let i = 0; i < rows.length; i++) {
    const word = words[i]!;
    const at = starts[(word >>> shift) & mask]!++;
    toRows[at] = rows[i]!;
    toWords[at] = word;
  }
}

/** Sort in place, ascending; `scratch` is as long, or longer. */
export function sortNumbers(numbers: Uint32Array, scratch: Uint32Array): void {
  if (numbers.length < LEAST_COUNTED) {
    numbers.sort();
    return;
  }
  const differing = differingBits(numbers);
  const starts = new Uint32Array(DIGITS);
  let from: Uint32Array = numbers;
  let to = scratch.subarray(0, numbers.length);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    if (((differing >>> shift) & DIGIT_MASK) === 0) continue;
    setStarts(starts, from, shift, DIGIT_MASK);
    scatter(from, from, to, starts, shift, DIGIT_MASK);
    [from, to] = [to, from];
  }
  if (from !== numbers) numbers.set(from);
}
