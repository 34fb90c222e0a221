/** D expressions → the value they trace, compiled from text, verified and run in the engine. */
import { describe, expect, test } from 'vitest';
import type { Difo } from '../../src/dif/program.ts';
import { compileD, compiledD } from '../support/compile-d.ts';
import { DifMachine } from '../support/dif-executor.ts';
import { runInEngine } from '../support/engine-run.ts';

const DECLARATIONS = `
struct point { int x; unsigned char y; int low : 3; unsigned int high : 5; };
int n; char c; uint8_t u; int64_t total; int64_t square[int64_t]; struct point at[int64_t]; self struct point where;
`;

/** The one DIFO of `BEGIN { trace(expression); }`. */
function traced(expression: string): { difo: Difo; variables: Parameters<typeof runInEngine>[1] } {
  const program = compiledD(`${DECLARATIONS} BEGIN { trace((int64_t)(${expression})); }`);
  const [action] = program.clauses[0]?.actions ?? [];
  if (action?.kind !== 'trace') throw new Error('no trace');
  return { difo: action.value.difo, variables: program.variables };
}

describe('an expression', () => {
  test.each<[string, bigint]>([
    ['2 + 3 * 4 - 20 / 3', 8n],
    ['-7 / 2 * 10 + -7 % 2', -31n],
    ['(n = 5, n * n)', 25n],
    ['c = 200', -56n],
    ['u = -1', 255n],
    ['(u = 255, ++u)', 0n],
    ['(u = 255, u++ + u)', 255n],
    ['(n = 3, n <<= 2, n |= 1, n)', 13n],
    ['(char)0x180 + (unsigned char)0x180', 0n],
    ['1 ? 2 : 3', 2n],
    ['n ? 2 : n == 0 ? 4 : 5', 4n],
    ['(n = 1) && (n = 0) || n == 0', 1n],
    ['0 && (n = 9), n', 0n],
    ['1 || (n = 9), n', 0n],
    ['5 ^^ 6', 0n],
    ['(n = 7) ^^ 0', 1n],
    ['!(n = 7) + !0', 1n],
    ['~n', -1n],
    ['(unsigned)-1 > 0', 1n],
    ['(n = -1) < 0', 1n],
    ['n < (uint64_t)-1', 1n],
    ['"abc" < "abd"', 1n],
    ['"abc" == "abc" && "b" > "abc"', 1n],
    ['strlen(strjoin(strjoin("ab", "c"), lltostr(12345)))', 8n],
    ['(square[n++] = 7, square[n++] += 5, square[0] * 100 + square[1] * 10 + n)', 752n],
    ['(square[3] = 1, square[3] = 0, square[3])', 0n],
    ['(at[n++].x = 5, at[0].x * 10 + n)', 51n],
    ['(at[1].x = -2, at[1].y = 300, at[1].x + at[1].y)', 42n],
    ['(at[1].low = 7, at[1].high = 33, at[1].low * 100 + at[1].high)', -99n],
    ['(self->where.x = 4, self->where.x++ * 10 + self->where.x)', 45n],
    ['(total = 1, total <<= 40, total += 1, total)', (1n << 40n) + 1n],
    ['sizeof (struct point)', 8n],
    ['(this->p = (int *)alloca(8), this->p[1] = 6, *(this->p + 1))', 6n],
  ])('%s is %s', (expression, value) => {
    const { difo, variables } = traced(expression);
    expect(runInEngine(difo, variables)).toBe(value);
  });

  test.each<[string, string]>([
    ['1 / n', 'DIVZERO'],
    ['*(int *)64', 'BADADDR'],
    ['(*(int *)64 = 1)', 'BADADDR'],
    ['*(char *)alloca(100000)', 'NOSCRATCH'],
  ])('%s faults with %s', (expression, fault) => {
    const { difo, variables } = traced(expression);
    expect(runInEngine(difo, variables)).toBe(fault);
  });
});

test('a program in error is not generated', () => {
  const { program, diagnostics } = compileD('BEGIN { trace(1); trace(nothing + 1); }');
  expect(diagnostics.map(({ tag }) => tag)).toEqual(['D_IDENT_UNDEF']);
  expect(program.clauses).toEqual([]);
});

test('a clause on a later line knows its line', () => {
  const program = compiledD('BEGIN { }\n\n  END\n{ }');
  expect(program.clauses.map(({ line, records }) => [line, records])).toEqual([
    [1, true],
    [3, true],
  ]);
});

test('the plain executor and the engine run the same code', () => {
  const { difo, variables } = traced('(n = 3, square[n] = n * n, square[3])');
  expect(new DifMachine(variables).run(difo)).toBe(9n);
});
