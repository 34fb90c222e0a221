/**
 * Constant expressions fold to what a model on unbounded integers says: D's rules written a second time, without the
 * checker's tables. If this breaks, look in src/check/operators.ts and src/check/build.ts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typeText } from '../../src/types/text.ts';
import { typedExpr } from '../support/check-program.ts';

interface Model {
  readonly text: string;
  /** Undefined: the expression divides by zero. */
  readonly value: bigint | undefined;
  readonly bits: number;
  readonly signed: boolean;
}

const TYPES: readonly (readonly [name: string, bits: number, signed: boolean])[] = [
  ['char', 8, true],
  ['unsigned char', 8, false],
  ['short', 16, true],
  ['unsigned short', 16, false],
  ['int', 32, true],
  ['unsigned int', 32, false],
  ['long', 64, true],
  ['unsigned long', 64, false],
];

function wrap(value: bigint, bits: number, signed: boolean): bigint {
  const modulus = 1n << BigInt(bits);
  const low = ((value % modulus) + modulus) % modulus;
  return signed && low >= modulus / 2n ? low - modulus : low;
}

/** A register: 64 bits, read as signed. */
const register = (value: bigint) => wrap(value, 64, true);

function cast(of: Model, [name, bits, signed]: (typeof TYPES)[number]): Model {
  const value = of.value === undefined ? undefined : register(wrap(of.value, bits, signed));
  return { text: `(${name})${of.text}`, value, bits, signed };
}

function literal(value: bigint): Model {
  return { text: `${value}`, value, bits: value < 1n << 31n ? 32 : 64, signed: true };
}

function unary(operator: '-' | '~' | '!', of: Model): Model {
  const text = `${operator}(${of.text})`;
  const { bits, signed, value } = of;
  if (value === undefined) return { ...of, text };
  if (operator === '!') return { text, value: value === 0n ? 1n : 0n, bits, signed };
  if (operator === '~') return { text, value: -value - 1n, bits, signed };
  return { text, value: signed ? register(-value) : register(wrap(-value, bits, false)), bits, signed };
}

const BINARY = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '<', '<=', '==', '!='] as const;

function binary(operator: (typeof BINARY)[number], a: Model, b: Model): Model {
  const text = `(${a.text} ${operator} ${b.text})`;
  const rank = (of: Model) => of.bits + (of.signed ? 0 : 1);
  const isShift = operator === '<<' || operator === '>>';
  const wider = isShift || rank(a) >= rank(b) ? a : b;
  const isComparison = ['<', '<=', '==', '!='].includes(operator);
  const { bits, signed } = isComparison ? { bits: 32, signed: true } : wider;
  if (a.value === undefined || b.value === undefined) return { text, value: undefined, bits, signed };
  const unsigned = (value: bigint) => wrap(value, 64, false);
  const [x, y] = wider.signed ? [a.value, b.value] : [unsigned(a.value), unsigned(b.value)];
  const value = compute(operator, x, y, b.value, wider.signed);
  return { text, value: value === undefined ? undefined : register(value), bits, signed };
}

function compute(operator: string, x: bigint, y: bigint, count: bigint, signed: boolean): bigint | undefined {
  const inRange = count >= 0n && count <= 63n;
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return y === 0n ? undefined : x / y;
    case '%':
      return y === 0n ? undefined : x % y;
    case '&':
      return x & y;
    case '|':
      return x | y;
    case '^':
      return x ^ y;
    case '<<':
      return inRange ? x << count : 0n;
    case '>>':
      return inRange ? (signed ? x : wrap(x, 64, false)) >> count : 0n;
    case '<':
      return x < y ? 1n : 0n;
    case '<=':
      return x <= y ? 1n : 0n;
    case '==':
      return x === y ? 1n : 0n;
    default:
      return x === y ? 0n : 1n;
  }
}

const interesting = fc.constantFrom(
  0n,
  1n,
  2n,
  63n,
  64n,
  127n,
  255n,
  65535n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 63n) - 1n,
);
const number = fc.oneof(interesting, fc.bigInt({ min: 0n, max: (1n << 63n) - 1n })).map(literal);
const { expression } = fc.letrec<{ expression: Model }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    number,
    fc.tuple(tie('expression'), fc.constantFrom(...TYPES)).map(([of, type]) => cast(of, type)),
    fc.tuple(fc.constantFrom('-', '~', '!'), tie('expression')).map(([operator, of]) => unary(operator, of)),
    fc
      .tuple(fc.constantFrom(...BINARY), tie('expression'), tie('expression'))
      .map(([operator, a, b]) => binary(operator, a, b)),
  ),
}));

test('a constant expression has the value and type that the model says', () => {
  fc.assert(
    fc.property(expression, (model) => {
      fc.pre(model.value !== undefined);
      const expr = typedExpr(`(${model.text})`);
      expect(expr).toMatchObject({ kind: 'integer', value: model.value });
      const type = TYPES.find(([, bits, signed]) => bits === model.bits && signed === model.signed);
      expect(typeText(expr.type)).toBe(type?.[0]);
    }),
    { numRuns: 300 },
  );
});

test('division by a constant zero anywhere is refused', () => {
  fc.assert(
    fc.property(expression, (model) => {
      fc.pre(model.value === undefined);
      expect(() => typedExpr(`(${model.text})`)).toThrow('D_DIV_ZERO');
    }),
    { numRuns: 30 },
  );
});
