/** One text per message of the lexer, the parser and the control lines; tag, message and the text under the caret. */
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { MAX_OPEN_BRACKETS, MAX_TREE_DEPTH, MAX_UNBRACKETED_DEPTH } from '../../src/syntax/limits.ts';
import { checkUnusedArguments } from '../../src/syntax/parse.ts';
import { parseText } from '../unit/syntax-parse.ts';

describe('syntax errors', () => {
  test.each([
    ['BEGIN', 'expected predicate and/or actions following probe description [BEGIN]'],
    ['BEGIN, END;', 'expected predicate and/or actions following probe description [BEGIN]'],
    ['BEGIN /x/', 'expected actions { } following probe description and predicate [BEGIN]'],
    ['BEGIN /x/;', 'expected actions { } following probe description and predicate [BEGIN]'],
    ['BEGIN /(x/ { }', 'closing ) expected in predicate before / [(]'],
    ['BEGIN /x[1/ { }', 'closing ] expected in predicate before / [[]'],
    ['BEGIN { x = 1); }', 'extra ) in input stream [)]'],
    ['BEGIN { x]; }', 'extra ] in input stream []]'],
    ['BEGIN { } }', 'extra } in input stream [}]'],
    ['BEGIN < } >', 'extra } in input stream [}]'],
    ['BEGIN { (x; }', 'syntax error near ";" [;]'],
    ['BEGIN { x y; }', 'syntax error near "y" [y]'],
    ['BEGIN { x = ; }', 'syntax error near ";" [;]'],
    ['BEGIN { # }', 'syntax error near "#" [#]'],
    ['BEGIN { \u20ac }', 'syntax error near "\u20ac" [\u20ac]'],
    ['BEGIN { if (x) }', 'syntax error near "}" [}]'],
    ['BEGIN { else x; }', 'syntax error near "else" [else]'],
    ['BEGIN { while (1) x; }', 'syntax error near "while" [while]'],
    ['BEGIN { { x; } }', 'syntax error near "{" [{]'],
    ['BEGIN { int x; }', 'syntax error near "int" [int]'],
    ['BEGIN { x = 1', 'syntax error near end of input [1]'],
    ['BEGIN < x = 1; ', 'syntax error near end of input [;]'],
    ['BEGIN { } ;', 'syntax error near ";" [;]'],
    ['BEGIN { /* x', 'end-of-file encountered before matching */ [/*]'],
    ['/* a /* b */ BEGIN { }', '/* encountered inside a comment [/*]'],
    ['x = 1;', 'syntax error near "=" [=]'],
    ['BEGIN END { }', 'syntax error near "END" [END]'],
    ['{ }', 'syntax error near "{" [{]'],
    ['int x = 5;', 'syntax error near "=" [=]'],
    ['int;;', 'syntax error near ";" [;]'],
    ['int *;', 'syntax error near ";" [;]'],
    ['struct s { };', 'syntax error near "}" [}]'],
    ['enum e { A, };', 'syntax error near "}" [}]'],
    ['extern int f(..., int);', 'syntax error near "int" [int]'],
    ['inline int x;', 'syntax error near ";" [;]'],
    ['inline int = 5;', 'syntax error near "=" [=]'],
    ['BEGIN < @[x] = count() >', 'expected ; before the > that closes the clause body [>]'],
    ['BEGIN < x > END { }', 'expected ; before the > that closes the clause body [>]'],
  ])('%s', (text, expected) => {
    expect(parseText(text).errors).toEqual([`D_SYNTAX ${expected}`]);
  });

  test.each([
    ['BEGIN { for (;;) x; }', /no loops/],
    ['BEGIN { x = 1 // why\n }', /\/\*/],
    ['BEGIN { };', /no semicolon/],
    ['BEGIN /x/ trace(1);', /predicate is followed by/],
    ['BEGIN { trace(1)\n trace(2); }', /; may be missing after \)/],
    ['BEGIN < @ = count() >', /write `; >`/],
    ['BEGIN { int x; }', /declarations stand outside clauses/],
    ['int x = 5;', /BEGIN/],
    ['#define X 1\nBEGIN { }', /-C/],
    ['BEGIN { trace(\u201cx\u201d); }', /plain "/],
  ])('%j comes with help', (text, hint) => {
    expect(parseText(text).diags.list[0]?.hint).toMatch(hint);
  });

  test('an open bracket at the end is pointed out', () => {
    const [error] = parseText('BEGIN {\n  trace(1);\n').diags.list;
    expect(error?.notes).toMatchObject([{ message: 'this { is never closed', span: { start: 6, end: 7 } }]);
  });

  test('each bad item is reported and the good ones are kept', () => {
    const { program, errors } = parseText('BEGIN { a b; } int x; END { c d; } tick-1s { e; }');
    expect(errors).toEqual(['D_SYNTAX syntax error near "b" [b]', 'D_SYNTAX syntax error near "d" [d]']);
    expect(program.items.map((item) => item.kind)).toEqual(['declaration', 'clause']);
  });

  test('nothing to compile', () => {
    for (const text of ['', ' \n', '/* x */', '#!/usr/bin/trapline -s\n', '#pragma D option quiet\n']) {
      expect(parseText(text).errors).toEqual(['D_EMPTY empty D program translation unit']);
    }
    expect(parseText('', { flag: (name) => name === 'empty' }).errors).toEqual([]);
    expect(parseText('', { kind: 'library' }).errors).toEqual([]);
  });
});

describe('limits', () => {
  const parens = (depth: number) => `BEGIN { x = ${'('.repeat(depth)}1${')'.repeat(depth)}; }`;
  const prefixes = (depth: number) => `BEGIN { x = ${'!'.repeat(depth)}y; }`;
  const sum = (operators: number) => `BEGIN { ${'y + '.repeat(operators)}y; }`;

  test('brackets', () => {
    expect(parseText(parens(MAX_OPEN_BRACKETS - 1)).errors).toEqual([]); // the body's brace is one
    expect(parseText(parens(MAX_OPEN_BRACKETS)).errors).toEqual([
      `D_SYNTAX brackets are nested more than ${MAX_OPEN_BRACKETS} deep [(]`,
    ]);
    expect(parseText(parens(10_000)).errors).toHaveLength(1);
  });

  test('nesting without brackets', () => {
    const tooDeep = `D_SYNTAX program is nested more than ${MAX_UNBRACKETED_DEPTH} levels deep`;
    expect(parseText(prefixes(MAX_UNBRACKETED_DEPTH - 1)).errors).toEqual([]); // the assignment is one
    expect(parseText(prefixes(MAX_UNBRACKETED_DEPTH)).errors[0]).toContain(tooDeep);
    for (const text of ['a = ', 'a ? b : ', 'a ? ', '(int)', 'if (a) ', 'sizeof ', '++']) {
      expect(parseText(`BEGIN { ${text.repeat(10_000)} x; }`).errors[0]).toContain(tooDeep);
    }
    expect(parseText(`int ${'*'.repeat(10_000)}x;`).errors[0]).toContain(tooDeep);
  });

  test('depth of the tree', () => {
    const tooDeep = `D_SYNTAX program is nested more than ${MAX_TREE_DEPTH} levels deep`;
    expect(parseText(sum(MAX_TREE_DEPTH - 10)).errors).toEqual([]);
    for (const text of [
      sum(10_000),
      `BEGIN { ${'a.'.repeat(10_000)}b; }`,
      `BEGIN { ${'a, '.repeat(10_000)}b; }`,
    ]) {
      expect(parseText(text).errors[0]).toContain(tooDeep);
    }
    expect(parseText(`BEGIN { ${'if (a) b; else '.repeat(300)} c; }`).errors).toEqual([]);
    expect(parseText(`BEGIN { ${'if (a) b; else '.repeat(10_000)} c; }`).errors[0]).toContain(tooDeep);
  });

  test('length costs no more than time', () => {
    expect(parseText('BEGIN { x = 1; }\n'.repeat(5_000)).program.items).toHaveLength(5_000);
    expect(parseText(`BEGIN { trace("${'x'.repeat(1_000_000)}"); }`).errors).toEqual([]);
    expect(parseText(`BEGIN ${' '.repeat(1_000_000)} { /* ${'*'.repeat(1_000_000)} */ }`).errors).toEqual([]);
  });
});

describe('control lines', () => {
  test.each([
    ['#', []],
    ['#ident "x"', []],
    ['#pragma once', []],
    ['#pragma ident "x"', []],
    ['  #pragma D option quiet', []],
    ['#define X 1', ['D_PRAGCTL_INVAL invalid control directive: #define [#define X 1]']],
    ['#"x"', ['D_PRAGCTL_INVAL invalid control directive [#"x"]']],
    ['#error too old', ['D_PRAGERR #error: too old  [#error too old]']],
    ['#pragma D error no', ['D_PRAGERR #pragma D error: no  [#pragma D error no]']],
    ['#pragma D foo', ['D_PRAGMA_INVAL invalid D pragma: foo [#pragma D foo]']],
    ['#pragma D constructor', ['D_PRAGMA_INVAL invalid D pragma: constructor [#pragma D constructor]']],
    ['#pragma D option', ['D_PRAGMA_MALFORM malformed #pragma option <option>=<val> [#pragma D option]']],
    [
      '#pragma D option a b',
      ['D_PRAGMA_MALFORM superfluous arguments specified for #pragma option [#pragma D option a b]'],
    ],
    [
      '#pragma D option bad',
      ["D_PRAGMA_OPTSET failed to set option 'bad': Invalid option name [#pragma D option bad]"],
    ],
    [
      '#pragma D option bad=5',
      ["D_PRAGMA_OPTSET failed to set option 'bad' to '5': Invalid option name [#pragma D option bad=5]"],
    ],
    ['#line x', ['D_PRAGMA_MALFORM malformed #line <line> [ ["file"] state ] [#line x]']],
    ['# 12 file', ['D_PRAGMA_MALFORM malformed #line <line> [ ["file"] state ] [# 12 file]']],
    ['#pragma D attributes Stable/Stable/Common x', []],
    ['#pragma D attributes Evolving/Private/ISA provider p args', []],
    [
      '#pragma D attributes Good/Bad/Ugly x',
      [
        'D_PRAGMA_INVAL invalid attributes specified by #pragma attributes [#pragma D attributes Good/Bad/Ugly x]',
      ],
    ],
    [
      '#pragma D attributes Stable/Stable/Common provider p arg',
      [
        'D_PRAGMA_INVAL invalid component "arg" in attribute #pragma for provider p [#pragma D attributes Stable/Stable/Common provider p arg]',
      ],
    ],
    [
      '#pragma D attributes Stable/Stable/Common',
      [
        'D_PRAGMA_MALFORM malformed #pragma attributes <attributes> <ident> [#pragma D attributes Stable/Stable/Common]',
      ],
    ],
    ['#pragma D binding "1.2" x', []],
    [
      '#pragma D binding 1.2 x',
      ['D_PRAGMA_MALFORM malformed #pragma binding "version" <ident> [#pragma D binding 1.2 x]'],
    ],
    [
      '#pragma D binding "one" x',
      ['D_PRAGMA_INVAL invalid version string specified by #pragma binding [#pragma D binding "one" x]'],
    ],
    ['#pragma D depends_on provider vec', []],
    [
      '#pragma D depends_on probe vec',
      ['D_PRAGMA_INVAL invalid class probe specified by #pragma depends_on [#pragma D depends_on probe vec]'],
    ],
    [
      '#pragma D depends_on module',
      ['D_PRAGMA_MALFORM malformed #pragma depends_on <class> <name> [#pragma D depends_on module]'],
    ],
    [
      '#pragma D depends_on library x.d',
      [
        'D_PRAGMA_DEPEND main program may not explicitly depend on a library [#pragma D depends_on library x.d]',
      ],
    ],
  ])('%s', (line, expected) => {
    const setOption = (name: string) => (name === 'bad' ? 'Invalid option name' : undefined);
    expect(parseText(`${line}\nBEGIN { }`, { setOption }).errors).toEqual(expected);
  });
});

describe('macro arguments nobody uses', () => {
  function unused(source: string, args: readonly string[], allowed = false): string[] {
    const macros = { args, programName: 't', variables: {}, used: new Set<number>() };
    parseText(source, { macros });
    const diags = new Diagnostics();
    checkUnusedArguments(macros, allowed, diags);
    return diags.list.map(({ message }) => message);
  }

  test('only the last one is looked at', () => {
    expect(unused('BEGIN { }', [])).toEqual([]);
    expect(unused('BEGIN { $1; }', ['a'])).toEqual([]);
    expect(unused('BEGIN { $2; }', ['a', 'b'])).toEqual([]);
    expect(unused('$1::: { }', ['a'])).toEqual([]);
    expect(unused('BEGIN { $1; }', ['a', 'b'])).toEqual(["extraneous argument 'b' ($2 is not referenced)"]);
    expect(unused('BEGIN { $1; }', ['a', 'b'], true)).toEqual([]);
  });
});
