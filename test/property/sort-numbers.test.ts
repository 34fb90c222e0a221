/** Sorting by digits against the sort that the language has. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST_COUNTED, orderRows, sortNumbers } from '../../src/base/sort-numbers.ts';

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

const column = (count: number) =>
  fc
    .tuple(fc.boolean(), fc.nat({ max: 31 }), fc.nat({ max: 31 }), fc.infiniteStream(fc.integer()))
    .map(([signed, right, left, stream]) => {
      const words = Array.from(stream.take(count), (n) => (n >> right) << left);
      return signed ? Int32Array.from(words) : Uint32Array.from(words);
    });

test('rows are ordered by columns of signed and unsigned words; equal ones stay as they were', () => {
  fc.assert(
    fc.property(
      fc
        .constantFrom(0, 1, 300, LEAST_COUNTED + 99)
        .chain((count) => fc.array(column(count), { maxLength: 5 })),
      (columns) => {
        const count = columns[0]?.length ?? 7;
        const compare = (a: number, b: number) =>
          columns.reduce((result, words) => result || words[a]! - words[b]!, 0) || a - b;
        const expected = Array.from({ length: count }, (_, i) => i).sort(compare);
        expect(Array.from(orderRows(columns, count))).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});
