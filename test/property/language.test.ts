/**
 * The language from text to value: random expressions with side effects, compiled and run by the engine, against a
 * model on BigInts that is written here a second time from the reference. And random programs of every sort of
 * statement, with buffers of any size: whatever they do, the run ends and accounts for it.
 * If this breaks, look in src/check, then src/codegen, then src/engine.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BufferPolicy } from '../../src/engine/engine-contract.ts';
import { compiledD } from '../support/compile-d.ts';
import { runProgram, SIZES } from '../support/program-run.ts';

interface Kind {
  readonly name: string;
  readonly bits: number;
  readonly signed: boolean;
}
const KINDS: readonly Kind[] = [
  ['char', 8],
  ['short', 16],
  ['int', 32],
  ['long', 64],
].flatMap(([name, bits]) => [
  { name: `${name}`, bits: Number(bits), signed: true },
  { name: `unsigned ${name}`, bits: Number(bits), signed: false },
]);
const INT: Kind = { name: 'int', bits: 32, signed: true };

class Fault extends Error {}

/** Variables by text, array elements by `arr[i]` and `tab[i]`; values as registers hold them. */
type State = Map<string, bigint>;

/** A non-constant expression. */
interface Model extends Kind {
  readonly text: string;
  readonly run: (state: State) => bigint;
}

interface Place extends Kind {
  readonly text: string;
  /** Key of the state, once keys and indices are evaluated. */
  readonly find: (state: State) => string;
}

const register = (value: bigint) => BigInt.asIntN(64, value);
const unsigned = (value: bigint) => BigInt.asUintN(64, value);
function narrowed(value: bigint, { bits, signed }: Kind): bigint {
  return register(signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}
const rank = ({ bits, signed }: Kind) => bits + (signed ? 0 : 1);
const kindOf = ({ name, bits, signed }: Kind): Kind => ({ name, bits, signed });

const ARITHMETIC = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'] as const;
type Arithmetic = (typeof ARITHMETIC)[number];

/** The type of `a op b`: that of the higher rank, of the left one for shifts. */
function resultKind(operator: Arithmetic, a: Kind, b: Kind): Kind {
  const isShift = operator === '<<' || operator === '>>';
  return kindOf(isShift || rank(a) >= rank(b) ? a : b);
}

function compute(operator: Arithmetic, x: bigint, y: bigint, signed: boolean): bigint {
  const [a, b] = signed ? [x, y] : [unsigned(x), unsigned(y)];
  const inRange = y >= 0n && y <= 63n;
  switch (operator) {
    case '+':
      return register(x + y);
    case '-':
      return register(x - y);
    case '*':
      return register(x * y);
    case '/':
    case '%':
      if (b === 0n) throw new Fault('DIVZERO');
      return register(operator === '/' ? a / b : a % b);
    case '&':
      return x & y;
    case '|':
      return x | y;
    case '^':
      return x ^ y;
    case '<<':
      return inRange ? register(x << y) : 0n;
    default:
      return inRange ? register(a >> y) : 0n;
  }
}

function binary(operator: Arithmetic, a: Model, b: Model): Model {
  const kind = resultKind(operator, a, b);
  const run = (state: State) => {
    const x = a.run(state);
    return compute(operator, x, b.run(state), kind.signed);
  };
  return { text: `(${a.text} ${operator} ${b.text})`, ...kind, run };
}

const RELATIONS = {
  '<': (a: bigint, b: bigint) => a < b,
  '<=': (a: bigint, b: bigint) => a <= b,
  '>': (a: bigint, b: bigint) => a > b,
  '>=': (a: bigint, b: bigint) => a >= b,
  '==': (a: bigint, b: bigint) => a === b,
  '!=': (a: bigint, b: bigint) => a !== b,
} as const;

function relation(operator: keyof typeof RELATIONS, a: Model, b: Model): Model {
  const { signed } = rank(a) >= rank(b) ? a : b;
  const run = (state: State) => {
    const x = a.run(state);
    const y = b.run(state);
    const holds = signed ? RELATIONS[operator](x, y) : RELATIONS[operator](unsigned(x), unsigned(y));
    return holds ? 1n : 0n;
  };
  return { text: `(${a.text} ${operator} ${b.text})`, ...INT, run };
}

function logical(operator: '&&' | '||' | '^^', a: Model, b: Model): Model {
  const run = (state: State) => {
    const x = a.run(state) !== 0n;
    if (operator === '&&' && !x) return 0n;
    if (operator === '||' && x) return 1n;
    const y = b.run(state) !== 0n;
    return (operator === '^^' ? x !== y : y) ? 1n : 0n;
  };
  return { text: `(${a.text} ${operator} ${b.text})`, ...INT, run };
}

function unary(operator: '-' | '~' | '!', of: Model): Model {
  const text = `${operator}(${of.text})`;
  if (operator === '!') return { text, ...INT, run: (state) => (of.run(state) === 0n ? 1n : 0n) };
  if (operator === '~') return { ...of, text, run: (state) => ~of.run(state) };
  const run = (state: State) => {
    const value = register(-of.run(state));
    return of.signed ? value : narrowed(value, of);
  };
  return { ...of, text, run };
}

function cast(of: Model, kind: Kind): Model {
  return { text: `(${kind.name})(${of.text})`, ...kind, run: (state) => narrowed(of.run(state), kind) };
}

function conditional(condition: Model, a: Model, b: Model): Model {
  const kind = kindOf(rank(a) >= rank(b) ? a : b);
  const run = (state: State) => (condition.run(state) !== 0n ? a.run(state) : b.run(state));
  return { text: `(${condition.text} ? ${a.text} : ${b.text})`, ...kind, run };
}

function comma(a: Model, b: Model): Model {
  const run = (state: State) => {
    a.run(state);
    return b.run(state);
  };
  return { ...b, text: `(${a.text}, ${b.text})`, run };
}

const fetch = (state: State, key: string) => state.get(key) ?? 0n;

function load(place: Place): Model {
  return { ...kindOf(place), text: place.text, run: (state) => fetch(state, place.find(state)) };
}

/** The value first, then the place. */
function assign(place: Place, of: Model): Model {
  const run = (state: State) => {
    const value = narrowed(of.run(state), place);
    state.set(place.find(state), value);
    return value;
  };
  return { ...kindOf(place), text: `(${place.text} = ${of.text})`, run };
}

/** The place first, and what it holds; then the operand. */
function update(place: Place, operator: Arithmetic, of: Model): Model {
  const { signed } = resultKind(operator, place, of);
  const run = (state: State) => {
    const key = place.find(state);
    const old = fetch(state, key);
    const value = narrowed(compute(operator, old, of.run(state), signed), place);
    state.set(key, value);
    return value;
  };
  return { ...kindOf(place), text: `(${place.text} ${operator}= ${of.text})`, run };
}

function step(place: Place, operator: '++' | '--', isPostfix: boolean): Model {
  const run = (state: State) => {
    const key = place.find(state);
    const old = fetch(state, key);
    const value = narrowed(old + (operator === '++' ? 1n : -1n), place);
    state.set(key, value);
    return isPostfix ? old : value;
  };
  const text = isPostfix ? `(${place.text}${operator})` : `(${operator}${place.text})`;
  return { ...kindOf(place), text, run };
}

/** A constant on one side only, so that nothing folds: constants have a test of their own. */
function withConstant(operator: Arithmetic, of: Model, value: bigint): Model {
  const bits = value < 1n << 31n ? 32 : 64;
  const kind = { name: bits === 32 ? 'int' : 'long', bits, signed: true };
  const constant: Model = { text: `${value}`, ...kind, run: () => value };
  const isDivision = operator === '/' || operator === '%';
  return binary(isDivision && value === 0n ? '+' : operator, of, constant);
}

const VARIABLES: readonly Place[] = [
  ...KINDS.map((kind, i) => ({ ...kind, text: `g${i}`, find: () => `g${i}` })),
  ...KINDS.slice(0, 4).map((kind, i) => ({ ...kind, text: `this->c${i}`, find: () => `this->c${i}` })),
  ...KINDS.slice(2, 5).map((kind, i) => ({ ...kind, text: `self->t${i}`, find: () => `self->t${i}` })),
];
const LENGTH = 4n;
const ARRAY_KIND = KINDS.find(({ name }) => name === 'short')!;
const TABLE_KIND = KINDS.find(({ name }) => name === 'unsigned char')!;

/** `arr[index]`, mostly in its bounds. */
function arrayElement(index: Model, isMasked: boolean): Place {
  const text = isMasked ? `arr[(${index.text}) & 3]` : `arr[${index.text}]`;
  const find = (state: State) => {
    const at = isMasked ? index.run(state) & 3n : index.run(state);
    if (unsigned(at) >= LENGTH) throw new Fault('BADINDEX');
    return `arr[${at}]`;
  };
  return { ...ARRAY_KIND, text, find };
}

function tableElement(key: Model): Place {
  return { ...TABLE_KIND, text: `tab[${key.text}]`, find: (state) => `tab[${key.run(state)}]` };
}

const DECLARATIONS = [
  ...VARIABLES.map(({ name, text }) =>
    text.startsWith('this->')
      ? `this ${name} ${text.slice(6)};`
      : text.startsWith('self->')
        ? `self ${name} ${text.slice(6)};`
        : `${name} ${text};`,
  ),
  `${ARRAY_KIND.name} arr[${LENGTH}];`,
  `${TABLE_KIND.name} tab[long];`,
].join('\n');

const edges = fc.constantFrom(
  0n,
  1n,
  2n,
  3n,
  63n,
  64n,
  127n,
  255n,
  256n,
  65535n,
  (1n << 31n) - 1n,
  1n << 31n,
);
const literals = fc.oneof(edges, fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }));
const operators = fc.constantFrom(...ARITHMETIC);

const { expression } = fc.letrec<{ expression: Model; place: Place }>((tie) => ({
  place: fc.oneof(
    { arbitrary: fc.constantFrom(...VARIABLES), weight: 6 },
    {
      arbitrary: fc.tuple(tie('expression'), fc.boolean()).map(([i, bit]) => arrayElement(i, bit)),
      weight: 1,
    },
    { arbitrary: tie('expression').map(tableElement), weight: 1 },
  ),
  expression: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(...VARIABLES).map(load),
    tie('place').map(load),
    fc.tuple(operators, tie('expression'), tie('expression')).map(([op, a, b]) => binary(op, a, b)),
    fc.tuple(operators, tie('expression'), literals).map(([op, a, n]) => withConstant(op, a, n)),
    fc
      .tuple(
        fc.constantFrom(...(Object.keys(RELATIONS) as (keyof typeof RELATIONS)[])),
        tie('expression'),
        tie('expression'),
      )
      .map(([op, a, b]) => relation(op, a, b)),
    fc
      .tuple(fc.constantFrom('&&', '||', '^^'), tie('expression'), tie('expression'))
      .map(([op, a, b]) => logical(op, a, b)),
    fc.tuple(fc.constantFrom('-', '~', '!'), tie('expression')).map(([op, a]) => unary(op, a)),
    fc.tuple(tie('expression'), fc.constantFrom(...KINDS)).map(([a, kind]) => cast(a, kind)),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([c, a, b]) => conditional(c, a, b)),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => comma(a, b)),
    fc.tuple(tie('place'), tie('expression')).map(([place, of]) => assign(place, of)),
    fc.tuple(tie('place'), operators, tie('expression')).map(([place, op, of]) => update(place, op, of)),
    fc
      .tuple(tie('place'), fc.constantFrom('++', '--'), fc.boolean())
      .map(([place, op, isPostfix]) => step(place, op, isPostfix)),
  ),
}));

const starts = fc.array(fc.oneof(edges, fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })), {
  minLength: VARIABLES.length,
  maxLength: VARIABLES.length,
});

/** What the text of an expression does, by the engine: its value or fault, and all variables afterwards. */
function runText(of: Model, values: readonly bigint[]): string[] {
  const setUp = VARIABLES.map(
    ({ text }, i) =>
      `${text} = ${values[i]! < 0n ? `(long)` : ''}${unsigned(values[i]!)}${values[i]! < 0n ? 'ull' : ''};`,
  );
  const seen = [
    ...VARIABLES.map(({ text }) => text),
    'arr[0]',
    'arr[1]',
    'arr[2]',
    'arr[3]',
    'tab[0]',
    'tab[1]',
  ];
  const program = compiledD(
    [
      DECLARATIONS,
      `BEGIN { ${setUp.join(' ')} arr[1] = 7; arr[3] = -2; tab[1] = 200; }`,
      `BEGIN { trace((long)(${of.text})); }`,
      ...seen.map((text) => `BEGIN { trace((long)${text}); }`),
    ].join('\n'),
  );
  const { values: traced, faults } = runProgram(program, SIZES);
  const result = faults[0]?.name ?? String(traced.get(1));
  return [result, ...seen.map((text, i) => `${text} = ${traced.get(i + 2)}`)];
}

function runModel(of: Model, values: readonly bigint[]): string[] {
  const state: State = new Map(VARIABLES.map((place, i) => [place.text, narrowed(values[i]!, place)]));
  state.set('arr[1]', 7n).set('arr[3]', -2n).set('tab[1]', 200n);
  const seen = [
    ...VARIABLES.map(({ text }) => text),
    'arr[0]',
    'arr[1]',
    'arr[2]',
    'arr[3]',
    'tab[0]',
    'tab[1]',
  ];
  let result: string;
  try {
    result = String(of.run(state));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    result = error.message;
  }
  return [result, ...seen.map((text) => `${text} = ${fetch(state, text)}`)];
}

describe('expressions', () => {
  test('have the value, the effects and the faults that the model says', () => {
    fc.assert(
      fc.property(expression, starts, (of, values) => {
        fc.pre(of.text.length < 2000);
        expect(runText(of, values), of.text).toEqual(runModel(of, values));
      }),
      { numRuns: 300 },
    );
  });
});

const small = fc.integer({ min: -3, max: 300 });
const STATEMENTS: readonly fc.Arbitrary<string>[] = [
  small.map((n) => `x = ${n};`),
  small.map((n) => `a[x, ${n}] = ${n};`),
  small.map((n) => `self->v = x + ${n};`),
  small.map((n) => `s = substr("some text to cut", x, ${n});`),
  small.map((n) => `s = strjoin(s, lltostr(${n}));`),
  small.map((n) => `trace(10 / (x - ${n}));`),
  small.map((n) => `trace(arr[x + ${n}]);`),
  small.map((n) => `trace(*(int *)${Math.max(n, 0)});`),
  small.map((n) => `m = ${n}; p = (char *)alloca(m); p[0] = 1;`),
  small.map((n) => `printf("%s %d %x", s, x, ${n});`),
  small.map((n) => `@q[x % 7] = quantize(${n});`),
  small.map((n) => `@c[s, ${n}] = count();`),
  fc.constant('s = strtok(s, " ");'),
  fc.constant('s = NULL;'),
  fc.constant('s = strstr(s, "t");'),
  fc.constant('stack();'),
  fc.constant('print(s);'),
];
/** Clauses of one action with rules of its own. */
const SPECIAL: readonly fc.Arbitrary<string>[] = [
  fc.constant('held = speculation();'),
  fc.constant('speculate(held); trace(x); trace(s);'),
  fc.integer({ min: -1, max: 4 }).map((n) => `commit(${n});`),
  fc.integer({ min: -1, max: 4 }).map((n) => `discard(${n});`),
  fc.constant('if (x > 2) { trace(x); } else { x++; }'),
  fc.integer({ min: 0, max: 9 }).map((n) => `exit(${n});`),
];
const clauses = fc
  .array(
    fc.tuple(
      fc.constantFrom('BEGIN', 'BEGIN', 'BEGIN', 'END', 'ERROR', 'BEGIN /x/', 'BEGIN /arr[x] || s == "a"/'),
      fc.oneof(
        {
          arbitrary: fc.array(fc.oneof(...STATEMENTS), { maxLength: 5 }).map((list) => list.join(' ')),
          weight: 4,
        },
        { arbitrary: fc.oneof(...SPECIAL), weight: 2 },
      ),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((list) => list.map(([probe, body]) => `${probe} { ${body} }`).join('\n'));

const HEAD = `int arr[5]; int x; int m; char *p; string s; int a[int, int]; self long v; int held;
BEGIN { s = "a text"; x = 1; }`;

describe('programs', () => {
  test('of any statements end, in buffers of any size, with faults and drops counted', () => {
    fc.assert(
      fc.property(
        clauses,
        fc.record({
          bufsize: fc.integer({ min: 600, max: 4096 }),
          bufpolicy: fc.constantFrom<BufferPolicy>('switch', 'fill', 'ring'),
          bufsizeIsExplicit: fc.boolean(),
          aggsize: fc.constantFrom(undefined, 64, 512),
          dynvarsize: fc.constantFrom(0, 64, 512, 65536),
          scratchsize: fc.integer({ min: 0, max: 512 }),
          nspec: fc.integer({ min: 0, max: 3 }),
          specsize: fc.integer({ min: 0, max: 600 }),
        }),
        fc.integer({ min: 0, max: 40 }),
        (text, sizes, firings) => {
          const program = compiledD(`${HEAD}\n${text}`);
          const { refused, values, faults, drops } = runProgram(program, { ...SIZES, ...sizes }, firings);
          if (refused !== undefined) expect(refused).toMatch(/exceeds? size of/);
          for (const clause of values.keys()) expect(program.clauses[clause]?.records).toBe(true);
          for (const { name } of faults) expect(name).toBeDefined();
          for (const count of drops.values()) expect(count).toBeGreaterThan(0);
        },
      ),
      { numRuns: 400 },
    );
  });
});
