/** Every relation on operands that are less, equal, greater, and greater only unsigned: as a value and as a condition. */
import { describe, expect, test } from 'vitest';
import type { Relation, TypedExpr } from '../../src/check/typed.ts';
import { generate } from '../../src/codegen/generate.ts';
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { DifMachine } from '../support/dif-executor.ts';
import {
  clause,
  compare,
  conditional,
  int,
  logical,
  str,
  trace,
  typedProgram,
  unary,
} from '../support/typed-tree.ts';

// Columns: is it true for 1 1, 1 2, 2 1, -1 1?
const SIGNED: Record<Relation, string> = {
  eq: 'y...',
  ne: '.yyy',
  lt: '.y.y',
  le: 'yy.y',
  gt: '..y.',
  ge: 'y.y.',
};
const UNSIGNED: Record<Relation, string> = {
  eq: 'y...',
  ne: '.yyy',
  lt: '.y..',
  le: 'yy..',
  gt: '..yy',
  ge: 'y.yy',
};
const OPERANDS = [
  [1n, 1n],
  [1n, 2n],
  [2n, 1n],
  [-1n, 1n],
] as const;
// The same for strings: "b" "b", "b" "c", "c" "b", and a byte above 127 against one below.
const STRINGS = [
  ['b', 'b'],
  ['b', 'c'],
  ['c', 'b'],
  ['é', 'b'],
] as const;

const yes = int(70n);
const no = int(30n);

/** The comparison as value, condition, negated condition, and on the short and the long side of && and ||. */
const FORMS: readonly (readonly [string, (expr: TypedExpr) => TypedExpr, bigint, bigint])[] = [
  ['value', (expr) => expr, 1n, 0n],
  ['!value', (expr) => unary('not', expr), 0n, 1n],
  ['condition', (expr) => conditional(expr, yes, no), 70n, 30n],
  ['!condition', (expr) => conditional(unary('not', expr), yes, no), 30n, 70n],
  ['&& left', (expr) => logical('&&', expr, int(2n)), 1n, 0n],
  ['|| left', (expr) => logical('||', expr, int(0n)), 1n, 0n],
  ['|| right', (expr) => conditional(logical('||', int(0n), expr), yes, no), 70n, 30n],
  ['^^', (expr) => logical('^^', expr, int(2n)), 0n, 1n],
];

function run(expr: TypedExpr): unknown {
  const program = generate(typedProgram([clause([trace(expr)])]), new Diagnostics());
  const [action] = program.clauses[0]?.actions ?? [];
  if (action?.kind !== 'trace') throw new Error('no trace');
  return new DifMachine().run(action.value.difo);
}

describe.each(FORMS)('as %s', (_name, form, whenTrue, whenFalse) => {
  test.each(Object.entries(SIGNED) as [Relation, string][])('signed %s', (relation, truths) => {
    const values = OPERANDS.map(([a, b]) => run(form(compare(relation, 'signed', int(a), int(b)))));
    expect(values).toEqual([...truths].map((truth) => (truth === 'y' ? whenTrue : whenFalse)));
  });

  test.each(Object.entries(UNSIGNED) as [Relation, string][])(
    'unsigned and string %s',
    (relation, truths) => {
      const expected = [...truths].map((truth) => (truth === 'y' ? whenTrue : whenFalse));
      expect(OPERANDS.map(([a, b]) => run(form(compare(relation, 'unsigned', int(a), int(b)))))).toEqual(
        expected,
      );
      expect(STRINGS.map(([a, b]) => run(form(compare(relation, 'string', str(a), str(b)))))).toEqual(
        expected,
      );
    },
  );
});
