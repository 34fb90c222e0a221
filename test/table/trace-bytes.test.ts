/** Where words, quotes and names end in the bytes of a line: never behind the line, however much stands there. */
import { expect, test } from 'vitest';
import { fieldNamed, quoteEnd, skipSpaces, wordEnd } from '../../src/sources/text-trace/bytes.ts';

/** The line ends at `|`; what is behind it belongs to others. */
function lineOf(text: string): { readonly u8: Uint8Array; readonly end: number } {
  return { u8: new TextEncoder().encode(text.replace('|', '')), end: text.indexOf('|') };
}

test.each([
  ['quoteEnd', quoteEnd, 'say "hello"| "more"', 5, 10],
  ['quoteEnd: not closed', quoteEnd, 'say "hello| "more"', 5, 10],
  ['quoteEnd: at the end', quoteEnd, '"|"', 1, 1],
  ['wordEnd', wordEnd, 'one two|', 0, 3],
  ['wordEnd: last word', wordEnd, 'one two| three', 4, 7],
  ['wordEnd: at the end', wordEnd, 'one|two', 3, 3],
  ['skipSpaces', skipSpaces, 'a   |   b', 1, 4],
])('%s', (_, find, text, at, expected) => {
  const { u8, end } = lineOf(text);
  expect(find(u8, at, end)).toBe(expected);
});

test('a field is found by its name, wherever it was guessed to be', () => {
  const fields = ['pid', 'comm', 'prio'].map((name) => ({ name, type: 'int' as const }));
  const { u8 } = lineOf('prio comm pi|d');
  for (const guess of [0, 1, 2, 3]) {
    expect(fieldNamed(fields, u8, 0, 4, guess)).toBe(2);
    expect(fieldNamed(fields, u8, 5, 9, guess)).toBe(1);
    expect(fieldNamed(fields, u8, 10, 12, guess)).toBe(-1);
  }
});
