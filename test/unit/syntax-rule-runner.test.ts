/** What the build puts in chevrotain's place reads programs, right and wrong ones, as chevrotain does. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { PRODUCTIONS } from '../../grammar/productions.ts';

type Reader = typeof import('./syntax-parse.ts');

const byChevrotain: Reader = await import('./syntax-parse.ts');
vi.resetModules();
vi.doMock('chevrotain', () => import('../../src/syntax/rule-runner.ts'));
const byRuleRunner: Reader = await import('./syntax-parse.ts');

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

function scripts(): string[] {
  return readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d'))
    .map((name) => readFileSync(EXAMPLES + name, 'utf8'));
}

/** Of every rule, and of the small things between them. */
const WORDS = [
  ...'{ } ( ) [ ] < > ; , : ? . -> ... = += == && ++ -- * - ! / @ @a $1'.split(' '),
  ...'BEGIN tick-1s x size_t 1 "s" \'c\' int const self this if else sizeof struct enum inline probe'.split(
    ' ',
  ),
];

const TEXTS = [...PRODUCTIONS.map(({ example }) => example), ...scripts()];

function seen(reader: Reader, text: string): unknown {
  const { program, diags } = reader.parseText(text);
  const spans = JSON.stringify(program.items, (key, value) =>
    key === 'text' && typeof value === 'object' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
  return { spans, told: diags.list.map(({ span, ...rest }) => ({ ...rest, at: [span?.start, span?.end] })) };
}

test('it is not chevrotain that is compared with itself', async () => {
  expect(Object.keys(await import('chevrotain'))).not.toContain('Lexer');
});

test.each(TEXTS)('%s', (text) => {
  expect(seen(byRuleRunner, text)).toEqual(seen(byChevrotain, text));
});

test('texts with a piece left out, doubled or put in', () => {
  const pieces = TEXTS.filter((text) => text.length < 2000).map((text) => text.match(/\w+|\s+|./gs) ?? []);
  const change = fc.record({
    text: fc.nat(pieces.length - 1),
    at: fc.nat(400),
    how: fc.constantFrom('out', 'double', ...WORDS),
  });
  fc.assert(
    fc.property(change, ({ text, at, how }) => {
      const changed = [...pieces[text]!];
      const place = at % (changed.length + 1);
      if (how === 'out') changed.splice(place, 1);
      else changed.splice(place, 0, how === 'double' ? (changed[place] ?? '') : ` ${how} `);
      const whole = changed.join('');
      expect(seen(byRuleRunner, whole)).toEqual(seen(byChevrotain, whole));
    }),
    { numRuns: 3000 },
  );
});

test('texts of any words', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }), (words) => {
      const text = words.join(' ');
      expect(seen(byRuleRunner, text)).toEqual(seen(byChevrotain, text));
    }),
    { numRuns: 3000 },
  );
});
