/**
 * The checker answers every program that parses: a tree, and diagnostics or not, never an exception. The programs are
 * grown from D's words, so most are nonsense of the right shape. If this breaks, look in src/check/expressions.ts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../../src/dif/aggregating-functions.ts';
import { SUBROUTINES } from '../../src/dif/subroutines.ts';
import { checkText } from '../support/check-program.ts';

const PRELUDE = `
struct in { int x; }; struct s { int a; char b[4]; unsigned f : 3; struct in n; string t; struct s *next; };
enum c { RED, BLUE }; enum c colour; struct s g; struct s h[int, string]; self struct s u; int arr[4]; int scalar;
struct t { int m; string n; }; translator struct t < int *p > { m = *p; n = "x"; };
inline int N = 3; inline int f[int x, int y] = x + y; inline struct t *cur = xlate<struct t *>((int *)8);
BEGIN { @known = count(); @keyed[1, "a"] = sum(1); text = "abc"; self->v = 1; this->w = timestamp; map["k"] = 2; }
`;

const CALLABLE = [
  ...Object.keys(SUBROUTINES),
  ...Object.keys(ACTIONS),
  ...Object.keys(AGGREGATING_FUNCTIONS),
];
const NAMES = [
  'scalar',
  'text',
  'self->v',
  'this->w',
  'map',
  'g',
  'h',
  'self->u',
  'arr',
  'colour',
  'RED',
  'N',
  'f',
  'cur',
];
const BUILTINS = [
  'pid',
  'execname',
  'timestamp',
  'curthread',
  'rip',
  'args',
  'uregs',
  'NULL',
  'fresh',
  'self->fresh',
  'strlen',
];
const ATOMS = [
  ...NAMES,
  ...BUILTINS,
  '@known',
  '@keyed',
  '@new',
  '(0)',
  '(1)',
  '(300)',
  '(-1)',
  '"abc"',
  '"%d %s"',
  "'a'",
  'sizeof (int)',
];
const TYPES = [
  'int',
  'char',
  'uint64_t',
  'int *',
  'char *',
  'void *',
  'string',
  'struct s',
  'struct s *',
  'struct t',
  'void',
];
const UNARY = ['-', '~', '!', '*', '&', '++', '--', 'stringof ', 'sizeof '];
const BINARY = ['+', '-', '*', '/', '%', '<<', '&', '==', '<', '&&', '^^', '=', '+=', '-=', ','];
const MEMBERS = ['.a', '->a', '.f', '.n', '->n.x', '.t', '.b', '->next', '.m', '->m', '->n'];

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  const list = fc.array(inner, { maxLength: 3 }).map((items) => items.join(', '));
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...ATOMS),
      fc.tuple(fc.constantFrom(...UNARY), inner).map(([operator, of]) => `${operator}(${of})`),
      fc.tuple(inner, fc.constantFrom(...BINARY), inner).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(fc.constantFrom(...TYPES), inner).map(([type, of]) => `((${type})${of})`),
      fc.tuple(fc.constantFrom(...CALLABLE), list).map(([name, args]) => `${name}(${args})`),
      fc.tuple(inner, inner).map(([array, at]) => `${array}[${at}]`),
      fc.tuple(inner, fc.constantFrom(...MEMBERS)).map(([of, member]) => `${of}${member}`),
      fc.tuple(fc.constantFrom(...TYPES), inner).map(([type, of]) => `xlate<${type}>(${of})`),
    ),
  };
});

const statement = fc.oneof(
  expression.map((text) => `${text};`),
  fc
    .tuple(
      expression,
      fc.constantFrom(...Object.keys(AGGREGATING_FUNCTIONS)),
      fc.array(expression, { maxLength: 4 }),
    )
    .map(([key, func, args]) => `@new[${key}] = ${func}(${args.join(', ')});`),
  fc.tuple(expression, expression).map(([condition, then]) => `if (${condition}) { ${then}; }`),
);

test('any program gets a tree and at most one message per clause', () => {
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), expression, (statements, predicate) => {
      const text = `${PRELUDE} typed::: /(${predicate})/ { ${statements.join(' ')} }`;
      const { errors } = checkText(text);
      expect(errors.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});
