/** What parse does beyond expressions: items, regions, directives, options while parsing, the two spellings. */
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { sourceText } from '../../src/diag/span.ts';
import type { ProgramKind } from '../../src/syntax/parse.ts';
import { parse } from '../../src/syntax/parse.ts';
import { printExpr, printProgram } from '../../src/syntax/print.ts';
import { parseProbePattern } from '../../src/syntax/probe-pattern.ts';
import { bare, parseExpr, parseText } from './syntax-parse.ts';

describe('the two spellings of a body', () => {
  test.each([
    ['vec:::0x0e', '@[rip] = count();'],
    ['vec:::0x0e, BEGIN /x > 3/', '@[rip] = count();'],
    ['BEGIN', 'if (x > 3) { y = a > b; }'],
    ['BEGIN', 'if (x > 3) { y; } else z = a >> b;'],
    ['BEGIN', ''],
    ['BEGIN', ';'],
    ['BEGIN', 'x = a >= b; self->y = (a > b) > c; xlate <foo_t *> (z)->m;'],
  ])('%s … %s', (head, body) => {
    const braces = parseText(`${head} { ${body} } END { }`);
    const angles = parseText(`${head} < ${body} > END < >`);
    expect(braces.errors).toEqual([]);
    expect(angles.errors).toEqual([]);
    expect(angles.program.items).toHaveLength(2);
    expect(bare(angles.program.items)).toEqual(bare(braces.program.items));
  });

  test('nothing has to stand between description, angles and body', () => {
    expect(parseText('vec:::14<@[rip]=count();>END<x;>').errors).toEqual([]);
  });
});

describe('at top level', () => {
  function items(source: string, kind: ProgramKind = 'script', pspec = false): string[] {
    const { program, errors } = parseText(source, { kind, flag: (name) => name === 'pspec' && pspec });
    return errors.length > 0 ? errors : program.items.map((item) => item.kind);
  }

  test.each([
    ['int x;', ['declaration']],
    ['int* x;', ['declaration']],
    ['foo_t x;', ['declaration']],
    ['foo_t* x;', ['declaration']],
    ['foo_t *x; BEGIN { }', ['declaration', 'clause']],
    ['foo_t* { }', ['D_SYNTAX syntax error near "{" [{]']],
    ['foo* { }', ['clause']],
    ['foo_t: { }', ['clause']],
    ['foo-t* { }', ['clause']],
    ['self int x; this string y;', ['declaration', 'declaration']],
    ['unsigned long long x;', ['declaration']],
    ['struct s { int a; }; struct s x;', ['declaration', 'declaration']],
    ['inline int N = 5;', ['inline']],
    ['translator foo_t < bar_t *B > { a = B->c; };', ['translator']],
    ['provider p { probe a(int); probe b__c() : (string); };', ['provider']],
    ['1, 2 { }', ['clause']],
    ['#!/bin/sh\nBEGIN { }\n#! again\nEND { }', ['clause', 'clause']],
    ['BEGIN\\\n{ }', ['clause']],
  ])('%s', (source, expected) => {
    expect(items(source)).toEqual(expected);
  });

  test('on the command line and with pspec a bare word is a probe', () => {
    expect(items('foo_t* { }', 'name')).toEqual(['clause']);
    expect(items('foo_t { }', 'script', true)).toEqual(['clause']);
  });

  test('on the command line a description alone is a clause', () => {
    for (const kind of ['provider', 'module', 'function', 'name', 'id'] as const) {
      expect(items('x', kind)).toEqual(['clause']);
    }
    expect(items('', 'name')).toEqual(['clause']);
    expect(parseText('3', { kind: 'id' }).program.items).toMatchObject([{ probes: [{ id: 3, text: '3' }] }]);
    expect(parseText('-3', { kind: 'id' }).program.items).toMatchObject([{ probes: [{ text: '-3' }] }]);
  });
});

describe('macros in probe specifiers', () => {
  function probes(source: string, args: readonly string[] = ['7', 'read']): string[] {
    const { program, errors } = parseText(`${source} { }`, { args });
    const [clause] = program.items;
    return clause?.kind === 'clause' ? clause.probes.map(({ text }) => text) : errors;
  }

  test.each([
    ['syscall::$2:entry', ['syscall::read:entry']],
    ['pid$1abc:::entry', ['pid7abc:::entry']],
    ['pid$target:::$$2', ['pid7:::read']],
    ['$2, x$1', ['read', 'x7']],
  ])('%s', (source, expected) => {
    expect(probes(source)).toEqual(expected);
  });

  test.each(['pid$9:::entry', '$nope:::', 'a$:::'])('%s is refused and left out', (source) => {
    expect(probes(source)).toEqual([
      `D_PDESC_INVAL invalid probe description "${source}": Undefined macro variable in probe description [${source}]`,
    ]);
  });
});

describe('places', () => {
  test('every part of every clause has its region', () => {
    const source = 'BEGIN, END /x > 1/ { y; } tick-1s < z; > int q; 3 { }';
    const { text } = parseText(source);
    expect(text.regions.map(({ name, start, end }) => [name, source.slice(start, end)])).toEqual([
      ['in probe description', 'BEGIN, END '],
      ['in predicate', '/x > 1/ '],
      ['in action list', '{ y; }'],
      ['in probe description', 'tick-1s '],
      ['in action list', '< z; >'],
      ['in probe description', '3 '],
      ['in action list', '{ }'],
    ]);
  });

  test('a clause in error has its regions too', () => {
    expect(parseText('BEGIN /x/ { y z').text.regions.map(({ name }) => name)).toEqual([
      'in probe description',
      'in predicate',
      'in action list',
    ]);
  });

  test('line directives count from the line after them', () => {
    const source = '# 10 "a.h" 1\nint x;\n#line 5\nBEGIN { }\n';
    expect(parseText(source).text.lineDirectives).toEqual([
      { start: source.indexOf('int'), line: 10, file: 'a.h' },
      { start: source.indexOf('BEGIN'), line: 5, file: undefined },
    ]);
  });

  test('spans cover the nodes', () => {
    const source = 'BEGIN /a/ { x = (b + c) * f(1); }';
    const [clause] = parseText(source).program.items;
    const textOf = (span: { start: number; end: number }) => source.slice(span.start, span.end);
    expect(clause && textOf(clause.span)).toBe(source);
    const expression = parseExpr('x = (b + c) * f(1)');
    if (expression.kind !== 'assign' || expression.value.kind !== 'binary') throw new Error('not x = a * b');
    const spanText = ({ text, start, end }: typeof expression.span) => text.text.slice(start, end);
    expect(spanText(expression.value.left.span)).toBe('(b + c)');
    expect(spanText(expression.value.right.span)).toBe('f(1)');
    expect(spanText(expression.span)).toBe('x = (b + c) * f(1)');
  });
});

describe('pragmas', () => {
  test('take effect where they stand, and precede their clause in the tree', () => {
    const set = new Set<string>();
    const { program, errors } = parseText('BEGIN { $1;\n#pragma D option defaultargs\n$2; }', {
      setOption: (name) => void set.add(name),
      flag: (name) => set.has(name),
    });
    expect(errors).toEqual(['D_MACRO_UNDEF macro argument $1 is not defined [$1]']);
    expect(program.items.map((item) => item.kind)).toEqual(['pragma', 'clause']);
  });

  test('become items for the checker', () => {
    const source = [
      '#pragma D option strsize=5',
      '#pragma D depends_on provider vec',
      '#pragma D attributes Stable/Stable/Common x',
      '#pragma D binding "1.2" x',
      '',
    ].join('\n');
    expect(bare(parseText(source, { kind: 'library' }).program.items)).toEqual([
      { kind: 'pragma', pragma: 'option', name: 'strsize', value: '5' },
      { kind: 'pragma', pragma: 'depends_on', words: ['provider', 'vec'] },
      { kind: 'pragma', pragma: 'attributes', words: ['Stable/Stable/Common', 'x'] },
      { kind: 'pragma', pragma: 'binding', words: ['1.2', 'x'] },
    ]);
  });

  test('print as they are read', () => {
    const source = '#pragma D binding "1.2" x\n#pragma D option a=b\nBEGIN\n{\n}\n';
    expect(printProgram(parseText(source).program)).toBe(source);
  });
});

describe('declarators', () => {
  test.each([
    ['int *x[5];', 'pointer array name'],
    ['int (*x)[5];', 'array pointer name'],
    ['int x[2][3];', 'array array name'],
    ['int x[int][3];', 'array associative name'],
    ['int (*x)(int, ...);', 'function pointer name'],
    ['int x[foo_t, string];', 'associative name'],
    ['int x[foo];', 'array name'],
    ['int x[];', 'array name'],
  ])('%s', (source, expected) => {
    const { program, errors } = parseText(source);
    const [item] = program.items;
    expect(errors).toEqual([]);
    if (item?.kind !== 'declaration') throw new Error('not a declaration');
    const chain: string[] = [];
    for (let at = item.declarators[0]; at; at = at.kind === 'name' ? undefined : at.inner)
      chain.push(at.kind);
    expect(chain.join(' ')).toBe(expected);
  });
});

describe('printing', () => {
  test.each([
    '(a + b) * c',
    'a + b * c',
    'a - (b - c)',
    '- -a',
    '(a = b) + c',
    '*p++',
    '(*p)++',
    '(1).x',
    'f((a, b))',
  ])('%s keeps its parentheses and no more', (source) => {
    expect(printExpr(parseExpr(source))).toBe(source);
  });
});

test('a callback may itself parse', () => {
  const inner: string[] = [];
  const { errors } = parseText('BEGIN { (foo)x; }', {
    isTypeName: () => {
      inner.push(...parseText('int y;').program.items.map((item) => item.kind));
      return true;
    },
  });
  expect(errors).toEqual([]);
  expect(inner).toContain('declaration');
});

test('errors of an earlier text do not hide that this one is empty', () => {
  const diags = new Diagnostics();
  diags.report('D_SYNTAX', undefined, { message: 'earlier' });
  parse(sourceText('script', 'x.d', ''), diags, {
    kind: 'script',
    isTypeName: () => false,
    isIdentifier: () => false,
    macros: { args: [], programName: '', variables: {}, used: new Set() },
    setOption: () => undefined,
    flag: () => false,
  });
  expect(diags.list.map(({ tag }) => tag)).toEqual(['D_SYNTAX', 'D_EMPTY']);
});

describe('probe patterns', () => {
  test.each([
    ['entry', 'name', ':::entry'],
    ['foo:entry', 'name', '::foo:entry'],
    ['fbt::foo:entry', 'script', 'fbt::foo:entry'],
    ['fbt:::', 'name', 'fbt:::'],
    ['', 'name', ':::'],
    ['fbt', 'provider', 'fbt:::'],
    ['kernel', 'module', ':kernel::'],
    ['fbt:kernel', 'module', 'fbt:kernel::'],
    ['foo', 'function', '::foo:'],
    ['fbt::foo', 'function', 'fbt::foo:'],
    ['x', 'id', ':::x'],
  ])('%s of -%s', (text, kind, expected) => {
    expect(parseProbePattern(text, kind)).toMatchObject({ text: expected });
  });

  test.each([
    ['a:b:c:d:e', 'name'],
    ['a:b', 'provider'],
    ['a:b:c', 'module'],
    ['a:b:c:d', 'function'],
  ])('%s of -%s says too much', (text, kind) => {
    expect(parseProbePattern(text, kind)).toEqual({ error: 'Overspecified probe description' });
  });

  test('a field has a longest length', () => {
    expect(parseProbePattern('x'.repeat(63), 'name')).toMatchObject({ name: 'x'.repeat(63) });
    expect(parseProbePattern('x'.repeat(64), 'name')).toEqual({ error: 'name is longer than 63 characters' });
  });
});
