/** JSON with exact integers: the same as JSON.parse where that is exact, and exact where it is not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type JsonValue,
  MAX_INTEGER_DIGITS,
  MAX_JSON_DEPTH,
  parseExactJson,
  printExactJson,
} from '../../../src/base/exact-json.ts';

test.each([
  ['9007199254740991', 9007199254740991],
  ['9007199254740992', 9007199254740992n],
  ['-9007199254740992', -9007199254740992n],
  ['18446744071562067968', 0xffffffff80000000n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['1e3', 1000],
  ['9007199254740993.0', 9007199254740992], // with a fraction it is a double
  ['-0', -0],
  [' [ ] ', []],
  ['{"a" : [1, {"b":null}], "a2":true}', { a: [1, { b: null }], a2: true }],
  ['"\\u00e9\\n\\\\\\"\\ud83d\\ude00"', 'é\n\\"😀'],
  ['{"k":1,"k":2}', { k: 2 }],
])('%s', (text, value) => {
  expect(parseExactJson(text)).toEqual(value);
});

test.each([
  ['', 'expected a value at offset 0'],
  ['[1,]', 'expected a value at offset 3'],
  ['[1 2]', "expected ',' or ']' at offset 3"],
  ['{a:1}', 'expected a string at offset 1'],
  ['{"a" 1}', "expected ':' at offset 5"],
  ['01', 'something follows the value at offset 1'],
  ['-', 'expected a number at offset 0'],
  ['1e999', 'a number too large for a double at offset 0'],
  ['nul', "unknown word 'nul' at offset 0"],
  ['constructor', "unknown word 'constructor' at offset 0"],
  ['"abc', 'a string without an end at offset 0'],
  ['"abc\\"', 'a string without an end at offset 0'],
  ['"a\nb"', 'a string with an escape or character that JSON does not have at offset 0'],
  ['"\\x41"', 'a string with an escape or character that JSON does not have at offset 0'],
])('%j is refused', (text, message) => {
  expect(() => parseExactJson(text)).toThrow(message);
});

test('limits, at their edges', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  expect(() => parseExactJson(nested(MAX_JSON_DEPTH + 1))).not.toThrow();
  expect(() => parseExactJson(nested(MAX_JSON_DEPTH + 2))).toThrow('more than 1024 levels');
  expect(parseExactJson(`-${'9'.repeat(MAX_INTEGER_DIGITS)}`)).toBe(
    -(10n ** BigInt(MAX_INTEGER_DIGITS)) + 1n,
  );
  expect(() => parseExactJson('9'.repeat(MAX_INTEGER_DIGITS + 1))).toThrow('more than 78 digits');
  expect(() => printExactJson(Number.NaN)).toThrow('JSON has no NaN');
});

test('a key named __proto__ is a key', () => {
  const object = parseExactJson('{"__proto__": {"x": 1}}') as { readonly [key: string]: JsonValue };
  expect(Object.keys(object)).toEqual(['__proto__']);
  expect(printExactJson(object)).toBe('{"__proto__":{"x":1}}');
});

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  // A bigint that a double could hold exactly is read back as a number.
  fc.bigInt({ min: -(2n ** 128n), max: 2n ** 128n }).filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
);
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5, noNullPrototype: false }),
  ),
}));

test('printing and parsing gives the same value of the same type', () => {
  const property = fc.property(value, (original) => {
    expect(parseExactJson(printExactJson(original))).toEqual(original);
  });
  fc.assert(property, { seed: 30, numRuns: 1000 });
});

test('what JSON.parse takes is taken, what it refuses is refused', () => {
  const json = fc.json().chain((text) =>
    // A JSON text, whole or with one character replaced or removed.
    fc
      .tuple(fc.nat(text.length), fc.constantFrom('', '"', '\\', ',', '{', '0', ' ', 'e'))
      .map(([at, char]) => text.slice(0, at) + char + text.slice(at + 1)),
  );
  const property = fc.property(json, (text) => {
    let expected: unknown;
    try {
      expected = JSON.parse(text);
    } catch {
      expect(() => parseExactJson(text)).toThrow();
      return;
    }
    // Where integers are exact or doubles end, the two differ by design.
    if (!/\d{16}|e[+-]?\d{3}/i.test(text)) expect(parseExactJson(text)).toEqual(expected);
  });
  fc.assert(property, { seed: 31, numRuns: 2000 });
});
