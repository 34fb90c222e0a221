/** Sorting by digits against the sort that the language has. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST_COUNTED, orderByWords, sortNumbers } from '../../src/base/sort-numbers.ts';

/** Long enough for counting; numbers of few digits, or of many. */
const numbers = (signed: boolean) =>
  fc
    .tuple(
      fc.constantFrom(0, 3, 12, 23, 31),
      fc.infiniteStream(fc.integer()),
      fc.constantFrom(1, 50, LEAST_COUNTED + 99),
    )
    .map(([shift, stream, count]) =>
      Array.from(stream.take(count), (n) => (signed ? n >> shift : n >>> shift)),
    );

test('numbers are sorted', () => {
  fc.assert(
    fc.property(numbers(false), (list) => {
      const sorted = Uint32Array.from(list);
      sortNumbers(sorted, new Uint32Array(list.length));
      expect(sorted).toEqual(Uint32Array.from(list).sort());
    }),
    { numRuns: 40 },
  );
});

test('rows are ordered by signed and unsigned words; equal ones stay as they were', () => {
  fc.assert(
    fc.property(
      fc.boolean().chain((signed) => fc.tuple(fc.constant(signed), numbers(signed))),
      ([signed, list]) => {
        const words = signed ? Int32Array.from(list) : Uint32Array.from(list);
        const order = Uint32Array.from(list, (_, i) => list.length - 1 - i);
        const expected = Array.from(order).sort((a, b) => words[a]! - words[b]! || b - a);
        const rows = { order, spare: new Uint32Array(list.length) };
        orderByWords(rows, words);
        expect(Array.from(rows.order)).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});
