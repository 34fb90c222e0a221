/**
 * The WebAssembly under text traces: lines of a window are those that `split` finds, with the same ones plain; a shape matches the
 * lines that a regular expression made of it matches, with numbers at the same places.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { LineFinder } from '../../src/sources/text-trace/line-finder.ts';
import { LineShapes, type ShapeNumber } from '../../src/sources/text-trace/line-shapes.ts';
import { SHAPE_KINDS } from '../../src/sources/text-trace/shape-code.ts';

const PLAIN = /^[\x20-\x7e]*\r?$/;

/** Each line's end and whether it is plain; then what is left. */
function linesOf(bytes: Uint8Array, hasVectors = true): unknown[] {
  const memory = new LinearMemory();
  const finder = new LineFinder(memory, hasVectors);
  const at = memory.reserve(bytes.length + 64);
  memory.u8.fill(0x0a, at, at + bytes.length + 32); // what is behind the end is no line
  memory.u8.set(bytes, at);
  const found: unknown[] = [];
  let from = at;
  while (finder.next(from, at + bytes.length)) {
    found.push([finder.newline - at, finder.isPlain]);
    from = finder.newline + 1;
  }
  return [...found, from - at];
}

function expectedOf(bytes: Uint8Array): unknown[] {
  const pieces = Buffer.from(bytes).toString('latin1').split('\n');
  const rest = pieces.pop()!;
  let at = 0;
  const lines = pieces.map((text) => {
    at += text.length + 1;
    return [at - 1, PLAIN.test(text)];
  });
  return [...lines, bytes.length - rest.length];
}

describe('lines of a window', () => {
  const byte = fc.constantFrom(...[0x0a, 0x0a, 0x0d, 0x20, 0x41, 0x7e, 0x7f, 0x1f, 0x80, 0xff, 0x00]);
  const text = fc.array(fc.oneof(fc.array(byte), fc.constant(Array<number>(21).fill(0x61))), {
    maxLength: 30,
  });

  test('are found as by split', () => {
    fc.assert(
      fc.property(text, (pieces) => {
        const bytes = Uint8Array.from(pieces.flat());
        expect(linesOf(bytes)).toEqual(expectedOf(bytes));
      }),
    );
  });

  test('more than fit the table, and without vectors', () => {
    const bytes = Buffer.from(`${'ab\nc\r\n\n'.repeat(1500)}rest`);
    const expected = expectedOf(bytes);
    expect(linesOf(bytes)).toEqual(expected);
    // Which are plain is then asked of each line.
    const unknown = expected.map((line) => (Array.isArray(line) ? [line[0], false] : line));
    expect(linesOf(bytes, false)).toEqual(unknown);
  });
});

describe('shapes of lines', () => {
  const NUMBERS = { int: '[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)', hex: '(?:0[xX][0-9a-fA-F]+|[0-9a-fA-F]+)' };
  const word = fc.constantFrom(
    '',
    ' ',
    ' pid=',
    ': ',
    ' a long text without a number ',
    '-',
    ',+',
    ' x=0',
    '\t',
  );
  const kind = fc.constantFrom<'int' | 'hex'>('int', 'hex');
  const number = fc.constantFrom(
    ...[
      '0',
      '7',
      '42',
      '-1',
      '+9',
      '0x1f',
      '0X0',
      '123456789012345',
      '1234567890123456',
      'ff',
      'abc',
      '0x',
      '-',
      'g',
    ],
  );
  const line = fc.record({
    texts: fc.array(word, { minLength: 1, maxLength: 5 }),
    kinds: fc.array(kind, { minLength: 4, maxLength: 4 }),
    numbers: fc.array(number, { minLength: 4, maxLength: 4 }),
    others: fc.array(number, { minLength: 4, maxLength: 4 }),
  });
  const filled = (texts: readonly string[], numbers: readonly string[]): string =>
    texts.map((text, i) => (i === 0 ? text : `${numbers[i - 1]};${text}`)).join('');

  test('match what is the same but for its numbers', () => {
    let matches = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const memory = new LinearMemory();
        const shapes = new LineShapes(memory);
        const at = memory.reserve(1024);
        const patterns: RegExp[] = [];
        for (const { texts, kinds, numbers } of lines) {
          const pattern = texts
            .map((text) => text.replace(/[+]/g, '\\+'))
            .map((text, i) => (i === 0 ? text : `(${NUMBERS[kinds[i - 1]!]});${text}`));
          const regexp = new RegExp(`^${pattern.join('')}$`, 'd');
          const own = filled(texts, numbers);
          const found = regexp.exec(own);
          if (found === null || patterns.some((other) => other.exec(own) !== null)) continue;
          memory.u8.set(Buffer.from(own, 'latin1'), at);
          const places = found.indices!.slice(1).map(
            ([from, to] = [0, 0], i): ShapeNumber => ({
              from: at + from,
              to: at + to,
              kind: kinds[i] === 'hex' ? SHAPE_KINDS.hex : SHAPE_KINDS.int,
            }),
          );
          expect(shapes.learn(at, at + own.length, places)).toBe(patterns.length);
          patterns.push(regexp);
        }
        for (const { texts, numbers, others } of lines) {
          for (const text of [filled(texts, numbers), filled(texts, others), `${filled(texts, others)} `]) {
            memory.u8.set(Buffer.from(`${text};;0x12`, 'latin1'), at);
            const shape = shapes.match(at, at + text.length);
            const all = patterns.map((pattern) => pattern.exec(text));
            // Of several that match the first sibling is taken; a later one may then be missed, never be wrong.
            if (shape < 0) {
              expect(all.filter((found) => found !== null).length === 0 || lines.length > 1).toBe(true);
              continue;
            }
            matches++;
            expect(all[shape]).not.toBeNull();
            for (const [i, [from, to] = [0, 0]] of all[shape]!.indices!.slice(1).entries()) {
              expect([shapes.from(i) - at, shapes.to(i) - at]).toEqual([from, to]);
              const shown = text.slice(from, to);
              const isTold = /^\d{1,15}$/.test(shown) && shapes.value(i) >= 0;
              expect(shapes.value(i)).toBe(isTold ? Number(shown) : -1);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(matches).toBeGreaterThan(300);
  });
});
