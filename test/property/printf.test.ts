import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONVERSIONS } from '../../src/dif/conversions.ts';
import { parseFormat } from '../../src/dif/printf-format.ts';
import { trapline } from '../support/cli.ts';
import { address, bytes, int, printf, stack, text, type Value } from '../unit/consumer/fake-session.ts';

const INT_NAMES = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64'] as const;
const anyInt = fc.record({
  name: fc.constantFrom(...INT_NAMES),
  content: fc.bigInt(-(1n << 63n), (1n << 64n) - 1n),
});
const smallInt = fc.record({ name: fc.constantFrom(...INT_NAMES), content: fc.bigInt(-300n, 300n) });
const latin1 = fc
  .uint8Array({ maxLength: 20 })
  .map((raw) => String.fromCharCode(...raw.filter((byte) => byte > 0)));
const anyValue: fc.Arbitrary<Value> = fc.oneof(
  anyInt.map(({ name, content }) => int(name, content)),
  latin1.map(text),
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map((raw) => bytes(raw)),
  fc.bigInt(0n, (1n << 64n) - 1n).map(address),
  fc.array(fc.bigInt(0n, (1n << 64n) - 1n), { maxLength: 4 }).map((frames) => stack(...frames)),
);
const flags = fc.uniqueArray(fc.constantFrom('#', '0', '-', '+', ' ', "'", '?'), { maxLength: 4 });
const width = fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined });

describe('integer conversions', () => {
  test('print what a BigInt model of C prints', () => {
    const conversion = fc.record({
      flags: fc.uniqueArray(fc.constantFrom('#', '0', '-', '+', ' '), { maxLength: 5 }),
      width,
      precision: width,
      letter: fc.constantFrom('d', 'i', 'u', 'o', 'x', 'X', 'p'),
    });
    fc.assert(
      fc.property(conversion, fc.oneof(anyInt, smallInt), (spec, { name, content }) => {
        const precision = spec.precision === undefined ? '' : `.${spec.precision}`;
        const literal = `%${spec.flags.join('')}${spec.width ?? ''}${precision}${spec.letter}`;
        expect(printf(literal, int(name, content))).toBe(model(spec, name, content));
      }),
      { numRuns: 3000, seed: 20240501 },
    );
  });

  test('the same, from D text through the built command line', async () => {
    const conversion = fc.record({
      flags: fc.uniqueArray(fc.constantFrom('#', '0', '-', '+', ' '), { maxLength: 5 }),
      width,
      precision: width,
      letter: fc.constantFrom('d', 'i', 'u', 'o', 'x', 'X', 'p'),
    });
    const samples = fc.sample(fc.tuple(conversion, fc.oneof(anyInt, smallInt)), {
      numRuns: 300,
      seed: 20240506,
    });
    const statements = samples.map(([spec, { name, content }]) => {
      const precision = spec.precision === undefined ? '' : `.${spec.precision}`;
      const literal = `%${spec.flags.join('')}${spec.width ?? ''}${precision}${spec.letter}`;
      const type = `${name.startsWith('u') ? 'u' : ''}int${name.slice(1)}_t`;
      return `BEGIN { printf("${literal}|\\n", (${type})0x${BigInt.asUintN(64, content).toString(16)}ull); }`;
    });
    const { stdout, stderr } = await trapline(['-qn', `${statements.join('\n')} BEGIN { exit(0); }`]);
    expect(stderr).toBe('');
    const printed = samples.map(([spec, { name, content }]) => `${model(spec, name, content)}|`);
    expect(stdout.split('\n').slice(0, -2)).toEqual(printed);
  });

  test("widths and precisions from arguments do what literal ones do; ' groups by thousands", () => {
    const conversion = fc.record({
      flags: fc.uniqueArray(fc.constantFrom('0', '-', '+', ' '), { maxLength: 4 }),
      width: fc.integer({ min: 0, max: 40 }),
      precision: width,
      letter: fc.constantFrom('d', 'i', 'u', 'o', 'x', 'X', 'p'),
    });
    fc.assert(
      fc.property(conversion, fc.boolean(), anyInt, (spec, isLeft, { name, content }) => {
        const star = int('i32', isLeft ? -spec.width : spec.width);
        const precision = spec.precision === undefined ? [] : [int('i32', spec.precision)];
        const literal = `%${spec.flags.join('')}*${spec.precision === undefined ? '' : '.*'}${spec.letter}`;
        const chosen = isLeft && spec.width > 0 ? { ...spec, flags: [...spec.flags, '-'] } : spec;
        // Where a negative width meets the flag 0, left wins: blanks behind, no zeros.
        expect(printf(literal, star, ...precision, int(name, content))).toBe(model(chosen, name, content));
      }),
      { numRuns: 2000, seed: 20240504 },
    );
    fc.assert(
      fc.property(anyInt, ({ name, content }) => {
        const plain = printf('%d', int(name, content));
        const grouped = printf("%'d", int(name, content));
        expect(grouped.replaceAll(',', '')).toBe(plain);
        expect(grouped).toMatch(/^-?\d{1,3}(,\d{3})*$/);
      }),
      { numRuns: 1000, seed: 20240505 },
    );
  });
});

interface Spec {
  readonly flags: readonly string[];
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** C's rules, from their definition: sign, base prefix, least digits, then the field. */
function model(spec: Spec, name: string, content: bigint): string {
  const { flags, letter } = spec;
  const bits = Number(name.slice(1));
  const takesSign = letter === 'd' || letter === 'i';
  const isSigned = letter === 'i' || (letter === 'd' && name.startsWith('i'));
  const value = isSigned ? BigInt.asIntN(bits, content) : BigInt.asUintN(bits, content);
  const radix = letter === 'o' ? 8 : 'xXp'.includes(letter) ? 16 : 10;
  let digits = (value < 0n ? -value : value).toString(radix).padStart(spec.precision ?? 1, '0');
  if (radix === 8 && flags.includes('#') && digits[0] !== '0') digits = `0${digits}`;
  let prefix = '';
  if (value < 0n) prefix = '-';
  else if (takesSign && flags.includes('+')) prefix = '+';
  else if (takesSign && flags.includes(' ')) prefix = ' ';
  if (radix === 16 && flags.includes('#') && value !== 0n) prefix = '0x';
  if (letter === 'X') [prefix, digits] = [prefix.toUpperCase(), digits.toUpperCase()];
  const fieldWidth = spec.width ?? 0;
  // Of 0 and - the one given last wins.
  const isLeft = flags.lastIndexOf('-') > flags.lastIndexOf('0');
  const isZero = flags.lastIndexOf('0') > flags.lastIndexOf('-') && spec.precision === undefined;
  if (isZero) digits = digits.padStart(fieldWidth - prefix.length, '0');
  const whole = prefix + digits;
  return isLeft ? whole.padEnd(fieldWidth) : whole.padStart(fieldWidth);
}

describe('formats', () => {
  test('any bytes parse to pieces or to a message', () => {
    const byte = fc.oneof(
      fc.constantFrom(...Buffer.from("%%%%#0-+ '@?*.123$hlLwdisxk")),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (raw) => {
        const parsed = parseFormat(Uint8Array.from(raw));
        if ('error' in parsed) expect(parsed.error).toMatch(/^format conversion #\d+ /);
        else {
          const conversions = parsed.pieces.filter((piece) => piece.kind === 'conversion');
          expect(conversions.map((conversion) => conversion.index)).toEqual(conversions.map((_, i) => i + 1));
          expect(conversions.every((conversion) => Object.hasOwn(CONVERSIONS, conversion.letters))).toBe(
            true,
          );
        }
      }),
      { numRuns: 3000, seed: 20240502 },
    );
  });

  test('every conversion takes every value without complaint, at least as wide as asked', () => {
    const letters = fc.constantFrom(...Object.keys(CONVERSIONS));
    fc.assert(
      fc.property(flags, width, width, letters, anyValue, (chosen, columns, precision, name, value) => {
        const literal = `%${chosen.join('')}${columns ?? ''}${precision === undefined ? '' : `.${precision}`}${name}`;
        const printed = printf(literal, value);
        if (name !== 'k') expect(printed.length).toBeGreaterThanOrEqual(columns ?? 0);
      }),
      { numRuns: 3000, seed: 20240503 },
    );
  });
});
