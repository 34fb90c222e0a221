/**
 * Two properties of the syntax room. A tree that is printed and parsed is the same tree, spans aside. And no text,
 * however mangled, makes the parser throw or hang; if it is not accepted, something is reported.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEYWORDS, OPERATORS } from '../../grammar/tokens.ts';
import { sourceText } from '../../src/diag/span.ts';
import type {
  Declarator,
  Expr,
  Item,
  Parameters,
  Specifiers,
  Statement,
  TypeName,
} from '../../src/syntax/ast.ts';
import { printProgram } from '../../src/syntax/print.ts';
import { bare, parseText } from '../unit/syntax-parse.ts';

const text = sourceText('script', 'random.d', '');
const span = { text, start: 0, end: 0 };

// ---- Random trees. Names ending in _t are types in these tests, no others are.

const name = fc.constantFrom('a', 'b', 'count', 'x1', '_under', 'rip', 'mod`sym');
const memberName = fc.constantFrom('a', 'next', 'string', 'self', 'int', 'foo_t');
const typeName = fc.constantFrom('foo_t', 'uint64_t');
const scope = fc.constantFrom('self' as const, 'this' as const);

const integer = fc
  .tuple(fc.bigInt(0n, (1n << 63n) - 1n), fc.boolean(), fc.constantFrom('', 'u', 'L', 'ull'))
  .map(([value, hex, suffix]): Expr => {
    const digits = hex ? `0x${value.toString(16)}` : value.toString();
    return {
      kind: 'integer',
      span,
      value,
      text: `${digits}${suffix}`,
      decimal: !hex && value !== 0n,
      unsigned: suffix.startsWith('u'),
      longs: suffix.toLowerCase().replace('u', '').length as 0 | 1 | 2,
    };
  });

const string = fc
  .uint8Array({ min: 1, maxLength: 6 })
  .map((bytes): Expr => ({ kind: 'string', span, bytes }));

const leaf: fc.Arbitrary<Expr> = fc.oneof(
  integer,
  string,
  fc.constant<Expr>({ kind: 'character', span, value: 97n, text: "'a'" }),
  name.map((name): Expr => ({ kind: 'identifier', span, name })),
  fc.constantFrom('_', 'agg').map((name): Expr => ({ kind: 'aggregation', span, name })),
  fc.tuple(scope, memberName).map(([scope, name]): Expr => ({ kind: 'scoped', span, scope, name })),
);

const binaryOperators = Object.entries(OPERATORS)
  .filter(([, row]) => 'precedence' in row)
  .map(([operator]) => operator as (Expr & { kind: 'binary' })['operator']);
const assignOperators = ['=', '*=', '/=', '%=', '+=', '-=', '<<=', '>>=', '&=', '^=', '|='] as const;
const unaryOperators = ['-', '+', '~', '!', '*', '&', '++', '--'] as const;

const { expression, typeText, parameters, declarator, specifiers } = fc.letrec<{
  expression: Expr;
  list: Expr[];
  typeText: TypeName;
  specifiers: Specifiers;
  declarator: Declarator;
  abstract: Declarator;
  parameters: Parameters;
}>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record<Expr & { kind: 'unary' }>({
      kind: fc.constant('unary'),
      span: fc.constant(span),
      operator: fc.constantFrom(...unaryOperators),
      operand: tie('expression'),
    }),
    fc.record<Expr & { kind: 'postfix' }>({
      kind: fc.constant('postfix'),
      span: fc.constant(span),
      operator: fc.constantFrom('++', '--'),
      operand: tie('expression'),
    }),
    fc.record<Expr & { kind: 'binary' }>({
      kind: fc.constant('binary'),
      span: fc.constant(span),
      operator: fc.constantFrom(...binaryOperators),
      left: tie('expression'),
      right: tie('expression'),
    }),
    fc.record<Expr & { kind: 'assign' }>({
      kind: fc.constant('assign'),
      span: fc.constant(span),
      operator: fc.constantFrom(...assignOperators),
      target: tie('expression'),
      value: tie('expression'),
    }),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(
        ([condition, then, otherwise]): Expr => ({ kind: 'conditional', span, condition, then, otherwise }),
      ),
    fc.record<Expr & { kind: 'comma' }>({
      kind: fc.constant('comma'),
      span: fc.constant(span),
      left: tie('expression'),
      right: tie('expression'),
    }),
    fc.record<Expr & { kind: 'cast' }>({
      kind: fc.constant('cast'),
      span: fc.constant(span),
      type: tie('typeText'),
      operand: tie('expression'),
    }),
    tie('expression').map((operand): Expr => ({ kind: 'sizeof', span, operand, of: 'expression' })),
    tie('typeText').map((operand): Expr => ({ kind: 'sizeof', span, operand, of: 'type' })),
    tie('expression').map((operand): Expr => ({ kind: 'stringof', span, operand })),
    fc
      .tuple(tie('typeText'), memberName)
      .map(([type, member]): Expr => ({ kind: 'offsetof', span, type, member })),
    fc
      .tuple(tie('typeText'), tie('expression'))
      .map(([type, operand]): Expr => ({ kind: 'xlate', span, type, operand })),
    fc
      .tuple(tie('expression'), tie('list'))
      .map(([object, indices]): Expr => ({ kind: 'index', span, object, indices })),
    fc
      .tuple(tie('expression'), fc.oneof(fc.constant([]), tie('list')))
      .map(([callee, list]): Expr => ({ kind: 'call', span, callee, arguments: list })),
    fc
      .tuple(tie('expression'), fc.boolean(), memberName)
      .map(([object, arrow, name]): Expr => ({ kind: 'member', span, arrow, object, name })),
  ),
  list: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }),
  specifiers: fc.oneof(
    fc
      .tuple(
        fc.array(fc.constantFrom('const' as const, 'volatile' as const, 'userland' as const), {
          maxLength: 1,
        }),
        fc.array(fc.constantFrom('unsigned', 'long', 'char', 'string'), { minLength: 1, maxLength: 2 }),
      )
      .map(([qualifiers, words]): Specifiers => ({ span, storage: [], qualifiers, words, named: undefined })),
    typeName.map(
      (name): Specifiers => ({
        span,
        storage: [],
        qualifiers: [],
        words: [],
        named: { kind: 'typename', span, name },
      }),
    ),
    fc.constantFrom('struct' as const, 'union' as const).map(
      (kind): Specifiers => ({
        span,
        storage: [],
        qualifiers: [],
        words: [],
        named: { kind, span, tag: 'tag', members: undefined },
      }),
    ),
  ),
  declarator: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('x', 'y').map((name): Declarator => ({ kind: 'name', span, name })),
    tie('declarator').map((inner): Declarator => ({ kind: 'pointer', span, qualifiers: [], inner })),
    tie('declarator').map((inner): Declarator => ({ kind: 'pointer', span, qualifiers: ['const'], inner })),
    fc
      .tuple(tie('declarator'), fc.option(leaf.filter(isPlain), { nil: undefined }))
      .map(([inner, size]): Declarator => ({ kind: 'array', span, inner, size })),
    fc
      .tuple(tie('declarator'), tie('parameters'))
      .map(([inner, keys]): Declarator => ({ kind: 'associative', span, inner, keys })),
    fc
      .tuple(tie('declarator'), tie('parameters'))
      .map(([inner, parameters]): Declarator => ({ kind: 'function', span, inner, parameters })),
  ),
  abstract: fc.oneof(
    { maxDepth: 2 },
    fc.constant<Declarator>({ kind: 'name', span, name: undefined }),
    tie('abstract').map((inner): Declarator => ({ kind: 'pointer', span, qualifiers: [], inner })),
    tie('abstract').map((inner): Declarator => ({ kind: 'array', span, inner, size: undefined })),
  ),
  parameters: fc
    .tuple(
      fc.array(
        fc
          .tuple(tie('specifiers'), fc.oneof(tie('abstract'), tie('declarator')))
          .filter(canFollow)
          .map(([specifiers, declarator]) => ({ span, specifiers, declarator })),
        { minLength: 1, maxLength: 2 },
      ),
      fc.boolean(),
    )
    .map(([list, variadic]): Parameters => ({ list, variadic })),
  typeText: fc
    .tuple(tie('specifiers'), tie('abstract'))
    .filter(canFollow)
    .map(([specifiers, declarator]): TypeName => ({ span, specifiers, declarator })),
}));

/** A `[` right after the name of a type would make it a variable (d-language.md section 1.12). */
function canFollow([specifiers, declarator]: [Specifiers, Declarator]): boolean {
  return specifiers.named?.kind !== 'typename' || !startsWithBracket(declarator);
}

function startsWithBracket(declarator: Declarator): boolean {
  if (declarator.kind === 'name' || declarator.kind === 'pointer') return false;
  const { inner } = declarator;
  if (inner.kind === 'name' && inner.name === undefined) return declarator.kind !== 'function';
  return startsWithBracket(inner);
}

function isPlain(size: Expr): boolean {
  return size.kind === 'integer' || size.kind === 'identifier';
}

const { statement } = fc.letrec<{ statement: Statement; block: Statement[] }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 3 },
    expression.map((expression): Statement => ({ kind: 'expression', span, expression })),
    fc.constant<Statement>({ kind: 'empty', span }),
    fc
      .tuple(expression, tie('block'), fc.option(tie('block'), { nil: undefined }))
      .map(([condition, then, otherwise]): Statement => ({ kind: 'if', span, condition, then, otherwise })),
  ),
  block: fc.array(tie('statement'), { maxLength: 3 }),
}));

const clause: fc.Arbitrary<Item> = fc
  .tuple(
    fc.array(fc.constantFrom('BEGIN', 'vec:::0x0e', 'fbt::foo*:entry', ':::[a-z]?', 'tick-1s'), {
      minLength: 1,
      maxLength: 2,
    }),
    fc.option(expression, { nil: undefined }),
    fc.array(statement, { maxLength: 4 }),
  )
  .map(([probes, predicate, body]): Item => {
    const specifiers = probes.map((text) => ({ span, text, id: undefined }));
    return { kind: 'clause', span, probes: specifiers, predicate, body };
  });

const storageClasses = ['self', 'this', 'extern', 'typedef'] as const;
const declaration: fc.Arbitrary<Item> = fc
  .tuple(
    fc.array(fc.constantFrom(...storageClasses), { maxLength: 1 }),
    specifiers,
    fc.array(declarator, { maxLength: 2 }),
  )
  // `foo_t;` does not name a type (d-language.md section 1.12).
  .filter(([, rest, declarators]) => rest.named?.kind !== 'typename' || declarators.length > 0)
  .map(([storage, rest, declarators]): Item => {
    return { kind: 'declaration', span, specifiers: { ...rest, storage }, declarators };
  });

const inline: fc.Arbitrary<Item> = fc
  .tuple(specifiers, declarator, expression)
  .map(([specifiers, declarator, value]): Item => ({ kind: 'inline', span, specifiers, declarator, value }));

const translator: fc.Arbitrary<Item> = fc.tuple(typeText, typeText, memberName, expression).map(
  ([output, input, name, value]): Item => ({
    kind: 'translator',
    span,
    output,
    input,
    parameter: 'T',
    members: [{ span, name, value }],
  }),
);

const provider: fc.Arbitrary<Item> = fc
  .tuple(parameters, fc.option(parameters, { nil: undefined }))
  .map(([native, translated]): Item => {
    return { kind: 'provider', span, name: 'app', probes: [{ span, name: 'start', native, translated }] };
  });

const item = fc.oneof(
  { weight: 4, arbitrary: clause },
  { weight: 2, arbitrary: declaration },
  inline,
  translator,
  provider,
);

describe('print then parse', () => {
  test('gives the same tree', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), (items) => {
        const printed = printProgram({ kind: 'program', span, items });
        const { program, errors } = parseText(printed);
        expect(errors, printed).toEqual([]);
        expect(bare(program.items), printed).toEqual(bare(items));
      }),
      { numRuns: 400 },
    );
  });
});

// ---- Random texts

const words = [
  ...Object.keys(KEYWORDS),
  ...Object.keys(OPERATORS),
  'BEGIN',
  'vec:::0x0e',
  'foo_t',
  'x',
  '@a',
  '1',
];
const oddities = [
  '08',
  '1.5',
  '"s',
  '"s"',
  "'c'",
  "''",
  '$1',
  '$$1',
  '$pid',
  '$x',
  '/*',
  '*/',
  '//',
  '\n',
  '\\\n',
];
const lines = [
  '\n#pragma D option quiet\n',
  '\n# 3 "f"\n',
  '\n#x\n',
  '#!',
  '\u201c',
  '\u0000',
  '\ud800',
  '>',
  '<',
];
const soup = fc
  .array(fc.constantFrom(...words, ...oddities, ...lines), { maxLength: 60 })
  .map((tokens) => tokens.join(' '));

describe('any text', () => {
  test('of tokens in no order ends in a tree', () => {
    fc.assert(
      fc.property(soup, fc.constantFrom('script' as const, 'name' as const), (source, kind) => {
        const { program, diags } = parseText(source, { kind });
        const accepted = program.items.some((item) => item.kind !== 'pragma');
        expect(accepted || diags.failed).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  test('of characters ends in a tree', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (source) => {
        const { program, diags } = parseText(source);
        expect(program.items.length > 0 || diags.failed).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('inside a clause keeps its spans inside the text', () => {
    fc.assert(
      fc.property(soup, (inside) => {
        const source = `BEGIN /x/ { ${inside} }`;
        const { diags, text } = parseText(source);
        for (const { span } of diags.list) {
          expect(
            span === undefined || (span.start >= 0 && span.start <= span.end && span.end <= source.length),
          ).toBe(true);
        }
        const starts = text.regions.map(({ start }) => start);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});
