import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST_ROWS, radixOrder } from '../../src/consumer/radix-sort.ts';
import { FakeSession, int, text } from '../unit/consumer/fake-session.ts';

const anyInteger = fc.oneof(
  fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  fc.bigInt(-3n, 3n),
  fc.constantFrom((1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, -(1n << 53n), -(1n << 53n) - 1n, 1n << 32n),
);
const entry = fc.record({
  key: anyInteger,
  name: fc.string({ maxLength: 4, unit: 'grapheme-ascii' }),
  value: anyInteger,
});

const compare = (a: bigint | string, b: bigint | string) => (a < b ? -1 : a > b ? 1 : 0);

test('entries print in order of value, then of keys, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      (entries, byKey, reversed) => {
        const session = new FakeSession().set('quiet');
        if (byKey) session.set('aggsortkey');
        if (reversed) session.set('aggsortrev');
        const aggregation = session.aggregation('sum', [int('i64', 0), text('')]);
        for (const { key, name, value } of entries)
          session.store.add(aggregation, [int('i64', key), text(name)], [value]);
        session.fire([{ kind: 'printa', format: '%d %s %@d\n', aggregations: [aggregation] }]);
        const byKeys = (a: (typeof entries)[0], b: (typeof entries)[0]) =>
          compare(a.key, b.key) || compare(a.name, b.name);
        const sorted = [...entries].sort((a, b) =>
          byKey ? byKeys(a, b) || compare(a.value, b.value) : compare(a.value, b.value) || byKeys(a, b),
        );
        if (reversed) sorted.reverse();
        expect(session.text()).toBe(
          sorted.map(({ key, name, value }) => `${key} ${name} ${value}\n`).join(''),
        );
      },
    ),
    { numRuns: 300, seed: 20240504 },
  );
});

test('a join shows every key once, with what each aggregation has', () => {
  const table = fc.dictionary(fc.integer({ min: -5, max: 5 }).map(String), fc.bigInt(-9n, 9n));
  fc.assert(
    fc.property(fc.array(table, { minLength: 1, maxLength: 4 }), (tables) => {
      const session = new FakeSession().set('quiet', 'aggsortkey');
      const aggregations = tables.map((entries) => {
        const aggregation = session.aggregation('sum', [int('i32', 0)]);
        for (const [key, value] of Object.entries(entries)) {
          session.store.add(aggregation, [int('i32', Number(key))], [value]);
        }
        return aggregation;
      });
      const format = `%d${' %@d'.repeat(tables.length)}\n`;
      session.fire([{ kind: 'printa', format, aggregations }]);
      const keys = [...new Set(tables.flatMap((entries) => Object.keys(entries)))].sort(
        (a, b) => Number(a) - Number(b),
      );
      const lines = keys.map((key) => `${key} ${tables.map((entries) => entries[key] ?? 0n).join(' ')}\n`);
      expect(session.text()).toBe(lines.join(''));
    }),
    { numRuns: 300, seed: 20240505 },
  );
});

test('rows of integers sorted by digits are in the order that comparing gives', () => {
  const word = fc.oneof(anyInteger, fc.bigInt(0n, 1n << 33n));
  const halves = (values: readonly bigint[]) => ({
    high: Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value >> 32n))),
    low: Uint32Array.from(values, (value) => Number(BigInt.asUintN(32, value))),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { maxLength: 50 }), fc.nat(3), (rows, width) => {
      const columns = [0, 1, 2].slice(0, width).map((c) => halves(rows.map((row) => row[c]!)));
      const expected = rows.map((_, i) => i);
      expected.sort((a, b) => {
        for (let c = 0; c < width; c++) {
          const order = compare(rows[a]![c]!, rows[b]![c]!);
          if (order !== 0) return order;
        }
        return a - b;
      });
      expect([...radixOrder(columns, rows.length)]).toEqual(expected);
    }),
    { numRuns: 100, seed: 20261129 },
  );
});

test('printa() of one aggregation prints numbers as that of two does, which goes by way of strings', () => {
  const conversion = fc
    .tuple(
      fc.subarray(['#', '0', '-', '+', ' ', "'"]),
      fc.constantFrom('', '1', '7', '20', '*'),
      fc.constantFrom('', '.0', '.3', '.19'),
      fc.constantFrom('d', 'i', 'u', 'x', 'X', 'o', 'ld', 'llx', 'p'),
    )
    .map(([flags, ...rest]) => [flags.join(''), ...rest] as const);
  const type = fc.constantFrom('i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64');
  fc.assert(
    fc.property(
      conversion,
      conversion,
      type,
      fc.array(fc.tuple(anyInteger, anyInteger)),
      (k, v, name, rows) => {
        const format = `%${k.join('')} %${v[0]}@${v.slice(1).join('')}\n`;
        const session = new FakeSession().set('quiet');
        const [one, other] = [0, 1].map(() => session.aggregation('sum', [int(name, 0)]));
        const width = int(name, 0).shape.sizeBytes * 8;
        const known = new Map(rows.map(([key, value]) => [BigInt.asIntN(width, key), value]));
        for (const [key, value] of known) {
          session.store.add(one!, [int(name, key)], [value]);
          session.store.add(other!, [int(name, key)], [value]);
        }
        session.fire([{ kind: 'printa', format, aggregations: [one!] }]);
        const half = session.text();
        session.fire([{ kind: 'printa', format, aggregations: [one!, other!] }]);
        expect(session.text()).toBe(half + half);
      },
    ),
    { numRuns: 400, seed: 20261130 },
  );
});

test('many rows print in the same order as few: by value or key, reversed or not, from any key on', () => {
  const count = LEAST_ROWS + 500;
  const keysOf = (i: number) => [
    BigInt((i * 7919) % 97) - 48n,
    BigInt.asIntN(64, BigInt(i) * 0x9e3779b97f4a7c15n),
  ];
  const rows = Array.from({ length: count }, (_, i) => ({
    keys: keysOf(i),
    value: BigInt((i * 31) % 11) - 5n,
  }));
  for (const options of [
    [],
    ['aggsortrev'],
    ['aggsortkey'],
    ['aggsortkey', 'aggsortkeypos=1', 'aggsortrev'],
  ]) {
    const session = new FakeSession().set('quiet', ...options);
    const aggregation = session.aggregation('sum', [int('i64', 0), int('i64', 0)]);
    for (const { keys, value } of rows)
      session.store.add(
        aggregation,
        keys.map((key) => int('i64', key)),
        [value],
      );
    session.fire([{ kind: 'printa', format: '%d %d %@d\n', aggregations: [aggregation] }]);
    const first = options.length === 3 ? 1 : 0;
    const byKeys = (a: (typeof rows)[0], b: (typeof rows)[0]) =>
      compare(a.keys[first]!, b.keys[first]!) || compare(a.keys[1 - first]!, b.keys[1 - first]!);
    const isByKey = options.includes('aggsortkey');
    const sorted = [...rows].sort((a, b) =>
      isByKey ? byKeys(a, b) : compare(a.value, b.value) || byKeys(a, b),
    );
    if (options.includes('aggsortrev')) sorted.reverse();
    expect(session.text()).toBe(sorted.map(({ keys, value }) => `${keys[0]} ${keys[1]} ${value}\n`).join(''));
  }
});
