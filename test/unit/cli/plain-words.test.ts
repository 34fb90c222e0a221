/** Words that need no commander are read as commander reads them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commanderWords } from '../../../src/cli/commander-words.ts';
import { plainWords } from '../../../src/cli/plain-words.ts';
import { SWITCHES } from '../../../src/cli/switches.ts';

describe('without commander', () => {
  test.each([
    [['-qn', 'BEGIN', '-t', 'a.log']],
    [['-nBEGIN', '-t', '-', 'x', '--', '-y', '--']],
    [['-x', 'a=b', '--trace=a=b', '--trace', '--unsafe', '--control=', '-t-q']],
    [['-', '', '-n', '--', '-n', '-q', '-lvZ']],
    [[]],
  ])('%j', (argv) => {
    expect(plainWords(argv)).toBeDefined();
    expect(plainWords(argv)).toEqual(commanderWords(argv));
  });
});

test.each([
  ...[
    '-y',
    '-qy',
    '-5',
    '-q-',
    '---',
    '--x',
    '--n',
    '--n=BEGIN',
    '--unsafe=1',
    '--trac',
    '-n',
    '-qn',
    '--trace',
  ],
])('%s is left to commander', (word) => {
  expect(plainWords([word])).toBeUndefined();
});

test('any words', () => {
  const letters = SWITCHES.flatMap(({ short }) => short ?? []);
  const names = SWITCHES.flatMap(({ long }) => long ?? []);
  const piece = fc.constantFrom(...letters, ...names, '-', '--', '=', 'x', '5', 'z', '64', '');
  const word = fc.oneof(
    fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
    fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 }).map((all) => `-${all.join('')}`),
    fc.constantFrom(...names).map((name) => `--${name}`),
    fc.tuple(fc.constantFrom(...names), piece).map(([name, value]) => `--${name}=${value}`),
  );
  let plain = 0;
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      const words = plainWords(argv);
      if (words === undefined) return;
      plain++;
      expect(words).toEqual(commanderWords(argv));
    }),
    { numRuns: 4000 },
  );
  expect(plain).toBeGreaterThan(500);
});
