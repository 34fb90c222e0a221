import fc from 'fast-check';
import { expect, test } from 'vitest';
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
