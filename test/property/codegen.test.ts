/**
 * Random expressions with side effects, generated, verified and run, against a direct reading of what typed.ts says
 * they mean.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as int64 from '../../src/base/int64.ts';
import type { ArithmeticOperator, Place, Relation, TypedExpr } from '../../src/check/typed.ts';
import { generate } from '../../src/codegen/generate.ts';
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { verifyProgram } from '../../src/dif/verify.ts';
import { DifMachine } from '../support/dif-executor.ts';
import { runInEngine } from '../support/engine-run.ts';
import {
  arithmetic,
  assign,
  byValue,
  clause,
  comma,
  compare,
  conditional,
  element,
  INT32,
  INT64,
  int,
  load,
  logical,
  narrow,
  scalar,
  trace,
  typedProgram,
  UINT8,
  unary,
  update,
  variable,
} from '../support/typed-tree.ts';

const WIDE = variable('wide', 0);
const NARROW = variable('narrow', 1, INT32);
const BYTE = variable('byte', 0, UINT8, 'clause');
const TABLE = variable('table', 2, INT32, 'global', [INT64, UINT8]);
const THREAD = variable('thread', 0, INT64, 'thread');
const VARIABLES = [WIDE, NARROW, BYTE, TABLE, THREAD];

const OPERATORS: readonly ArithmeticOperator[] = [
  'add',
  'sub',
  'mul',
  'and',
  'or',
  'xor',
  'sll',
  'srl',
  'sra',
  'sdiv',
  'udiv',
  'srem',
  'urem',
];
const RELATIONS: readonly Relation[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

const constants = fc
  .oneof(
    fc.bigInt(-3n, 3n),
    fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
    fc.constantFrom(255n, 256n, 1n << 31n),
  )
  .map(int);

const { expression } = fc.letrec<{ expression: TypedExpr; place: Place }>((tie) => ({
  place: fc.oneof(
    fc.constantFrom(scalar(WIDE), scalar(NARROW), scalar(BYTE), scalar(THREAD)),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([first, second]) => element(TABLE, byValue(first), byValue(second))),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    constants,
    tie('place').map(load),
    fc
      .tuple(fc.constantFrom(...OPERATORS), tie('expression'), tie('expression'))
      .map((x) => arithmetic(...x)),
    fc
      .tuple(
        fc.constantFrom(...RELATIONS),
        fc.constantFrom('signed' as const, 'unsigned' as const),
        tie('expression'),
        tie('expression'),
      )
      .map((x) => compare(...x)),
    fc
      .tuple(
        fc.constantFrom('&&' as const, '||' as const, '^^' as const),
        tie('expression'),
        tie('expression'),
      )
      .map((x) => logical(...x)),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map((x) => conditional(...x)),
    fc.tuple(tie('expression'), tie('expression')).map((x) => comma(...x)),
    fc
      .tuple(fc.constantFrom('negate' as const, 'complement' as const, 'not' as const), tie('expression'))
      .map((x) => unary(...x)),
    fc
      .tuple(tie('expression'), fc.constantFrom(1 as const, 2 as const, 4 as const), fc.boolean())
      .map((x) => narrow(...x)),
    fc.tuple(tie('place'), tie('expression')).map((x) => assign(...x)),
    fc
      .tuple(
        tie('place'),
        fc.constantFrom(...OPERATORS),
        tie('expression'),
        fc.constantFrom('old' as const, 'new' as const),
      )
      .map((x) => update(...x)),
  ),
}));

test('an expression means what it means', () => {
  let compared = 0;
  fc.assert(
    fc.property(expression, (expr) => {
      const diags = new Diagnostics();
      const program = generate(typedProgram([clause([trace(expr)])], { variables: VARIABLES }), diags);
      if (diags.failed) {
        expect(diags.list[0]?.tag).toBe('D_NOREG');
        return;
      }
      expect(verifyProgram(program)).toEqual([]);
      const [action] = program.clauses[0]?.actions ?? [];
      if (action?.kind !== 'trace') throw new Error('no trace');
      const meant = meaning(expr, new Map());
      expect(new DifMachine(VARIABLES).run(action.value.difo)).toBe(meant);
      expect(runInEngine(action.value.difo, VARIABLES)).toBe(meant);
      compared++;
    }),
    { numRuns: 2000 },
  );
  expect(compared).toBeGreaterThan(1900);
});

class DividedByZero extends Error {}

function meaning(expr: TypedExpr, state: Map<string, bigint>): bigint | 'DIVZERO' {
  try {
    return evaluate(expr, state);
  } catch (error) {
    if (error instanceof DividedByZero) return 'DIVZERO';
    throw error;
  }
}

function evaluate(expr: TypedExpr, state: Map<string, bigint>): bigint {
  const of = (operand: TypedExpr): bigint => evaluate(operand, state);
  switch (expr.kind) {
    case 'integer':
      return expr.value;
    case 'load':
      return state.get(nameOf(expr.place, state)) ?? 0n;
    case 'arithmetic': {
      const left = of(expr.left);
      return calculate(expr.operator, left, of(expr.right));
    }
    case 'compare': {
      const sign = expr.as === 'signed' ? BigInt.asIntN : BigInt.asUintN;
      const left = sign(64, of(expr.left));
      return holds(expr.relation, left, sign(64, of(expr.right))) ? 1n : 0n;
    }
    case 'logical': {
      const left = of(expr.left) !== 0n;
      if (expr.operator === '&&') return left && of(expr.right) !== 0n ? 1n : 0n;
      if (expr.operator === '||') return left || of(expr.right) !== 0n ? 1n : 0n;
      return left !== (of(expr.right) !== 0n) ? 1n : 0n;
    }
    case 'conditional':
      return of(expr.condition) !== 0n ? of(expr.then) : of(expr.otherwise);
    case 'comma':
      of(expr.left);
      return of(expr.right);
    case 'negate':
      return BigInt.asIntN(64, -of(expr.operand));
    case 'complement':
      return ~of(expr.operand);
    case 'not':
      return of(expr.operand) === 0n ? 1n : 0n;
    case 'narrow':
      return int64.narrow(of(expr.operand), expr.sizeBytes * 8, expr.signed);
    case 'assign': {
      const value = cut(expr.place, of(expr.value));
      state.set(nameOf(expr.place, state), value);
      return value;
    }
    case 'update': {
      const name = nameOf(expr.place, state);
      const old = state.get(name) ?? 0n;
      const updated = cut(expr.place, calculate(expr.operator, old, of(expr.operand)));
      state.set(name, updated);
      return expr.returns === 'old' ? old : updated;
    }
    default:
      throw new Error(`not generated here: ${expr.kind}`);
  }
}

/** The name of a place, its keys evaluated. */
function nameOf(place: Place, state: Map<string, bigint>): string {
  if (place.kind === 'variable') return place.variable.name;
  if (place.kind !== 'element') throw new Error(place.kind);
  const [first, second] = place.keys.map((key) => evaluate(key.expr, state));
  return `${place.variable.name}[${first},${int64.narrow(second ?? 0n, 8, false)}]`;
}

function cut(place: Place, value: bigint): bigint {
  if (place.kind !== 'variable' && place.kind !== 'element') throw new Error(place.kind);
  return int64.narrow(value, place.variable.value.sizeBytes * 8, place.variable.value.signed);
}

function holds(relation: Relation, a: bigint, b: bigint): boolean {
  return { eq: a === b, ne: a !== b, lt: a < b, le: a <= b, gt: a > b, ge: a >= b }[relation];
}

function calculate(operator: ArithmeticOperator, a: bigint, b: bigint): bigint {
  if (['sdiv', 'udiv', 'srem', 'urem'].includes(operator) && b === 0n) throw new DividedByZero();
  const results: Record<ArithmeticOperator, () => bigint> = {
    add: () => BigInt.asIntN(64, a + b),
    sub: () => BigInt.asIntN(64, a - b),
    mul: () => BigInt.asIntN(64, a * b),
    and: () => a & b,
    or: () => a | b,
    xor: () => a ^ b,
    sll: () => int64.shiftLeft(a, b),
    srl: () => int64.shiftRightLogical(a, b),
    sra: () => int64.shiftRightArithmetic(a, b),
    sdiv: () => int64.divideSigned(a, b),
    udiv: () => int64.divideUnsigned(a, b),
    srem: () => int64.remainderSigned(a, b),
    urem: () => int64.remainderUnsigned(a, b),
  };
  return results[operator]();
}
