/** The preprocessor, one text per line → what it becomes, or what is wrong with it (src/preprocess). */
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { presentedLine } from '../../src/diag/render.ts';
import { sourceText } from '../../src/diag/span.ts';
import { type PreprocessOptions, preprocess } from '../../src/preprocess/preprocess.ts';

const FILES: Readonly<Record<string, string>> = {
  'h.h': '#define H 1\nheader\n',
  'sub/a.h': '#include "b.h"\n',
  'sub/b.h': 'beside\n',
  'inc/b.h': 'in directory\n',
  'bad.h': '\n#else\n',
  'once.h': '#pragma once\nonce\n',
  'tail.h': 'no newline at the end',
};

interface Result {
  readonly text: string;
  readonly errors: readonly string[];
}

function run(text: string, options: Partial<PreprocessOptions> = {}): Result {
  const diags = new Diagnostics();
  const output = preprocess(sourceText('script', 'x.d', text), diags, {
    defines: [],
    undefines: [],
    includeDirectories: [],
    dialect: 'a',
    wallMs: Date.UTC(2024, 1, 3, 4, 5, 6),
    readFile: (path) => FILES[path],
    ...options,
  });
  const errors = diags.list.map(({ span, message }) => {
    const place = span && presentedLine(span.text, span.start);
    return `${place ? `${place.file}:${place.line} ` : ''}${message}`;
  });
  return { text: output, errors };
}

/** The output without markers and empty lines. */
function words(text: string, options?: Partial<PreprocessOptions>): string {
  const result = run(text, options);
  expect(result.errors).toEqual([]);
  return result.text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^# \d/.test(line))
    .map((line) => line.trim())
    .join(' | ');
}

describe('macro expansion', () => {
  const cases: [text: string, expected: string][] = [
    ['a b  c', 'a b  c'],
    ['#define A 1\nA AA A1 _A A', '1 AA A1 _A 1'],
    ['#define A\n[A]', '[]'],
    ['#define A B\n#define B C\nA B C', 'C C C'],
    ['#define A A\nA', 'A'],
    ['#define A B\n#define B A\nA B', 'A B'],
    ['#define A (1)\nA(2)', '(1)(2)'],
    ['#define f(x) [x]\nf(1) f (2) f\nf', '[1] [2] f | f'],
    ['#define f(x) [x]\nf((1,2)) f() f( a  b )', '[(1,2)] [] [a b]'],
    ['#define f() e\nf() f( )', 'e e'],
    ['#define f(x, y) y x\nf(f(1, 2), 3)', '3 2 1'],
    ['#define f(x) x f\nf(1)(2)', '1 f(2)'],
    ['#define f(x) x x\n#define g f\ng(1)', '1 1'],
    ['#define f(x) f(x + 1)\nf(f(1))', 'f(f(1 + 1) + 1)'],
    ['#define f(x) #x\nf(  a   "b\\n"  \'c\' )', '"a \\"b\\\\n\\" \'c\'"'],
    ['#define A 1\n#define f(x) #x x\nf(A)', '"A" 1'],
    ['#define f(x,y) x##y\nf(a,b) f(,b) f(a,) f(,)', 'ab b a'],
    ['#define A 1\n#define f(x) A ## x ## A\nf(2)', 'A2A'],
    ['#define f(x) x ## 1 2\n#define b1 good\nf(a b)', 'a good 2'],
    ['#define H #define\nH A 1', '#define A 1'],
    ['#define f(...) <__VA_ARGS__>\nf() f(1) f(1, 2)', '<> <1> <1, 2>'],
    ['#define f(a, ...) a, ##__VA_ARGS__;\nf(1) f(1, 2) f(1, 2, 3)', '1; 1,2; 1,2, 3;'],
    ['#define f(r...) {r}\nf(1,2)', '{1,2}'],
    ['#define A -\n-A -A- A1', '- - - - - A1'],
    ['#define A +1\n1A 1 A1 -A +A', '1A 1 A1 -+1 + +1'],
    ['#define A *p\n/A/', '/ *p/'],
    ['#define N 1s\ntick-N', 'tick-1s'],
    ['#define A 1\n"A" \'A\' $A $$A @A x->A a`A /* A */', '"A" \'A\' $A $$A @1 x->1 a`1'],
    ['#define f(x) x\nf(\n1\n)\nnext', '1 | next'],
    ['#define f(a,\\\n b) a\\\nb\nf(1, 2) end', 'ab end'],
    ['#define A \\\n  1\nA', '1'],
    ['// A\n#define A 1 // one\nA', '1'],
    ["it's A 'open", "it's A 'open"],
    ['#define A 1\n#define A 2\nA', '2'],
    ['#define A 1\n#undef A\nA', 'A'],
    ['__LINE__\n__LINE__', '1 | 2'],
    ['#define L __LINE__\n\nL', '3'],
    ['__FILE__ __INCLUDE_LEVEL__', '"x.d" 0'],
    ['__DATE__ __TIME__', '"Feb  3 2024" "04:05:06"'],
    ['__COUNTER__ __COUNTER__', '0 1'],
    ['__SUNW_D __SUNW_D_64 __SUNW_D_VERSION __unix __SVR4 __linux __amd64', '1 1 0x0100c001 1 1 1 1'],
    ['#\n# \n/* c */ # define A 1\nA', '1'],
    ['#define A 1\r\nA\r\n', '1'],
  ];
  test.each(cases)('%j → %s', (text, expected) => expect(words(text)).toBe(expected));
});

describe('conditions', () => {
  const cases: [condition: string, holds: boolean][] = [
    ['1', true],
    ['0', false],
    ['A', false],
    ['A == 0', true],
    ['defined A', false],
    ['defined(Y) && Y == 2', true],
    ['!defined Z && defined ( Y )', true],
    ['f(1) == 2', true],
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['10 - 4 - 3 == 3', true],
    ['1 << 3 == 8 && 256 >> 4 == 16', true],
    ['-8 >> 1 == -4', true],
    ['1 << 64', false],
    ['~0 == -1', true],
    ['-1 < 0 && -1 > 0u', true],
    ['0xffffffffffffffff == -1', true],
    ['18446744073709551615u + 1 == 0', true],
    ['0x10 == 16 && 010 == 8 && 10L == 10ull', true],
    ["'a' == 97 && '\\n' == 10 && '\\0' == 0 && '\\x41' == 65", true],
    ['1 ? 0 : 1', false],
    ['0 ? 1/0 : 1 ? 2 : 3', true],
    ['0 && 1/0', false],
    ['1 || 1/0', true],
    ['(2 | 4) == 6 && (6 & 3) == 2 && (5 ^ 1) == 4 && 7 % 4 == 3', true],
    ['1 != 1', false],
    ['2 >= 2 && 1 <= 2 && !(1 > 2)', true],
    ['-9223372036854775807 - 1 < 0', true],
  ];
  test.each(cases)('#if %s → %s', (condition, holds) => {
    const text = `#define Y 2\n#define f(x) (x + 1)\n#if ${condition}\nyes\n#else\nno\n#endif`;
    expect(words(text)).toBe(holds ? 'yes' : 'no');
  });

  const nested: [text: string, expected: string][] = [
    ['#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif', 'c'],
    ['#if 1\n#if 0\na\n#else\nb\n#endif\n#else\nc\n#endif', 'b'],
    ['#if 0\na\n#elif 0\nb\n#elif 1\nc\n#elif 1\nd\n#else\ne\n#endif', 'c'],
    ['#if 1\na\n#elif nonsense (\nb\n#endif', 'a'],
    ['#if 0\n#if nonsense (\n#elif also (\n#endif\n#include "none"\n#error no\n#wrong\n#endif\nx', 'x'],
    ['#ifdef A\na\n#endif\n#define A\n#ifdef A\nb\n#endif\n#ifndef A\nc\n#endif', 'b'],
    ['#if 0\n/*\n#endif\n*/\na\n#endif\nb', 'b'],
    ['#if 1 /* c\n*/ + 1\na\n#endif', 'a'],
  ];
  test.each(nested)('%j → %s', (text, expected) => expect(words(text)).toBe(expected));
});

describe('lines', () => {
  const cases: [text: string, expected: string][] = [
    ['a\nb', '# 1 "x.d"\na\nb\n'],
    ['#!dtrace -s\na\n', '# 1 "x.d"\n           \na\n'],
    ['#if 0\na\n#endif\nb\n', '# 1 "x.d"\n\n\n\nb\n'],
    ['a /* 1\n2 */ b\n', '# 1 "x.d"\na  \n b\n'],
    ['a\\\nb\nc\n', '# 1 "x.d"\nab\n\nc\n'],
    ['#include "h.h"\na\n', '# 1 "x.d"\n# 1 "h.h" 1\n\nheader\n# 2 "x.d" 2\na\n'],
    ['#include "tail.h"\na\n', '# 1 "x.d"\n# 1 "tail.h" 1\nno newline at the end\n# 2 "x.d" 2\na\n'],
    ['#line 50\n__LINE__\n', '# 1 "x.d"\n# 50 "x.d"\n50\n'],
    ['# 50 "y.d" 1 3\n__LINE__ __FILE__\n', '# 1 "x.d"\n# 50 "y.d"\n50 "y.d"\n'],
    ['#define N 7\n#line N "n"\n', '# 1 "x.d"\n\n# 7 "n"\n'],
    [
      '#line 50\n#include "h.h"\n__LINE__',
      '# 1 "x.d"\n# 50 "x.d"\n# 1 "h.h" 1\n\nheader\n# 51 "x.d" 2\n51\n',
    ],
    ['#pragma D option A\n  # pragma other "\n', '# 1 "x.d"\n#pragma D option A\n  # pragma other "\n'],
  ];
  test.each(cases)('%j → %j', (text, expected) => expect(run(text).text).toBe(expected));
});

describe('includes', () => {
  const options = { includeDirectories: ['inc', 'sub'] };
  const cases: [text: string, expected: string][] = [
    ['#include "h.h"\nH', 'header | 1'],
    ['#include "sub/a.h"', 'beside'],
    ['#include <b.h>', 'in directory'],
    ['#include <a.h>', 'beside'],
    ['#include "b.h"', 'in directory'],
    ['#define F <b.h>\n#include F', 'in directory'],
    ['#define F "h.h"\n#include F', 'header'],
    ['#include "once.h"\n#include "once.h"', 'once'],
  ];
  test.each(cases)('%j → %s', (text, expected) => expect(words(text, options)).toBe(expected));

  test('names of included files are told in order', () => {
    const paths: string[] = [];
    words('#include "sub/a.h"\n#include "h.h"', { included: (path) => void paths.push(path) });
    expect(paths).toEqual(['sub/a.h', 'sub/b.h', 'h.h']);
  });
});

describe('-D and -U', () => {
  const cases: [defines: string[], undefines: string[], expected: string][] = [
    [['A'], [], '1'],
    [['A=2'], [], '2'],
    [['A='], [], ''],
    [['A=x=y'], [], 'x=y'],
    [['A=1', 'A=2'], [], '2'],
    [['A=1'], ['A'], 'A'],
    [['f(x)=x+x', 'A=f(3)'], [], '3+3'],
  ];
  test.each(cases)('-D %j -U %j: A → %s', (defines, undefines, expected) => {
    expect(words('A', { defines, undefines })).toBe(expected);
  });

  test('a predefined macro can be undefined', () => {
    expect(words('__unix', { undefines: ['__unix'] })).toBe('__unix');
  });

  test('a name that is none', () => {
    expect(run('', { defines: ['1=2'] }).errors).toEqual(['malformed #define <name> [<value>]']);
  });

  test.each([
    ['a', '0'],
    ['t', '0'],
    ['c', '1'],
    ['s', '__STDC__'],
  ])('-X%s: __STDC__ → %s', (dialect, expected) => expect(words('__STDC__', { dialect })).toBe(expected));
});

describe('mistakes', () => {
  const cases: [text: string, ...errors: string[]][] = [
    ['#else', 'x.d:1 #else without #if'],
    ['#elif 1', 'x.d:1 #elif without #if'],
    ['#endif', 'x.d:1 #endif without #if'],
    ['#if 1\n#else\n#else\n#endif', 'x.d:3 #else after #else'],
    ['#if 1\n#else\n#elif 1\n#endif', 'x.d:3 #elif after #else'],
    ['\n#if 1', 'x.d:2 unterminated #if'],
    ['#ifdef\n#endif', 'x.d:1 malformed #ifdef <name>'],
    ['#ifndef 3\n#endif', 'x.d:1 malformed #ifndef <name>'],
    ['#if\n#endif', 'x.d:1 #if with no expression'],
    ['#if 0\n#elif\n#endif', 'x.d:2 #elif with no expression'],
    ['#if (\n#endif', 'x.d:1 #if expression ends too early'],
    ['#if (1 2\n#endif', 'x.d:1 ) expected near "2" in #if'],
    ['#if 1 2\n#endif', 'x.d:1 syntax error near "2" in #if'],
    ['#if *\n#endif', 'x.d:1 syntax error near "*" in #if'],
    ['#if 1.5\n#endif', 'x.d:1 constant 1.5 is no integer'],
    ['#if 09\n#endif', 'x.d:1 constant 09 is no integer'],
    ['#if 18446744073709551616\n#endif', 'x.d:1 constant 18446744073709551616 results in integer overflow'],
    ["#if ''\n#endif", 'x.d:1 empty character constant'],
    ['#if 1 / 0\n#endif', 'x.d:1 expression contains division by zero'],
    ['#if defined\n#endif', 'x.d:1 malformed #if defined(<name>)'],
    ['#if defined(A\n#endif', 'x.d:1 malformed #if defined(<name>)'],
    [`#if ${'('.repeat(300)}1`, 'x.d:1 #if is nested more than 200 deep', 'x.d:1 unterminated #if'],
    [`#if ${'!'.repeat(300)}1\n#endif`, 'x.d:1 #if is nested more than 200 deep'],
    ['#define', 'x.d:1 malformed #define <name> [<value>]'],
    ['#define "a"', 'x.d:1 malformed #define <name> [<value>]'],
    ['#define defined', 'x.d:1 defined may not be defined or undefined'],
    ['#define __LINE__ 1', 'x.d:1 __LINE__ may not be defined or undefined'],
    ['#define f(a', 'x.d:1 closing ) expected in parameters of macro'],
    ['#define f(1)', 'x.d:1 parameter name expected near "1"'],
    ['#define f(a b)', 'x.d:1 , expected between parameters near "b"'],
    ['#define f(a,)', 'x.d:1 parameter name expected near ")"'],
    ['#define f(..., a)', 'x.d:1 parameter name expected near "a"'],
    ['#define f(a, a)', 'x.d:1 macro parameter a is declared twice'],
    ['#define f(a) #b', 'x.d:1 # is not followed by a macro parameter'],
    ['#define f(a) ##a', 'x.d:1 ## may not stand at either end of a macro'],
    ['#define A a##', 'x.d:1 ## may not stand at either end of a macro'],
    ['#undef', 'x.d:1 malformed #undef <name>'],
    ['#undef __FILE__', 'x.d:1 __FILE__ may not be defined or undefined'],
    ['#define f(a) a\nf(1,2)', 'x.d:2 macro f( ) prototype mismatch: 2 args passed, 1 expected'],
    ['#define f(a,b) a\nf(1)', 'x.d:2 macro f( ) prototype mismatch: 1 arg passed, 2 expected'],
    ['#define f() a\nf(1)', 'x.d:2 macro f( ) prototype mismatch: 1 arg passed, 0 expected'],
    ['#define f(a,b,...) a\nf(1)', 'x.d:2 macro f( ) prototype mismatch: 1 arg passed, at least 2 expected'],
    ['#define f(a) a\n\nf(1', 'x.d:3 closing ) expected in arguments of macro f'],
    ['#error a   b "c"', 'x.d:1 #error: a b "c" '],
    ['#wrong', 'x.d:1 invalid control directive: #wrong'],
    ['#"a"', 'x.d:1 invalid control directive'],
    ['#include', 'x.d:1 malformed #include "file" or <file>'],
    ['#include "none.h"', 'x.d:1 failed to find include file none.h'],
    ['#include "bad.h"\n#else', 'bad.h:2 #else without #if', 'x.d:2 #else without #if'],
    ['#line 9 "y"\n#else', 'y:9 #else without #if'],
    ['#line', 'x.d:1 malformed #line <line> [ ["file"] state ]'],
    ['#line 1 2', 'x.d:1 malformed #line <line> [ ["file"] state ]'],
    ['a\n/* b', 'x.d:2 end-of-file encountered before matching */'],
    ['/*/', 'x.d:1 end-of-file encountered before matching */'],
  ];
  test.each(cases)('%j', (text, ...errors) => expect(run(text).errors).toEqual(errors));
});

describe('limits', () => {
  test('a file that includes itself', () => {
    const { errors } = run('#include "i"', { readFile: () => '#include "i"\n#include "i"\n' });
    expect(errors).toEqual(['i:1 #include is nested more than 100 deep']);
  });

  test('files that double', () => {
    const readFile = (path: string) => (path.length < 40 ? `#include "${path}a"\n`.repeat(2) : '');
    expect(run('#include "a"', { readFile }).errors).toEqual([
      expect.stringMatching(/more than 10000 files are included$/),
    ]);
  });

  test('macros that double', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `#define a${i + 1} a${i} a${i}`);
    expect(run(`${lines.join('\n')}\na60`).errors).toEqual([
      'x.d:61 macros expand to more than 4194304 characters',
    ]);
  });

  test('names that double', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `#define a${i + 1}(x) a${i}(x##x)`);
    expect(run(`#define a0(x) x\n${lines.join('\n')}\na60(y)`).errors).toEqual([
      'x.d:62 macros expand to more than 4194304 characters',
    ]);
  });

  test('arguments nested beyond reason', () => {
    const text = `#define f(x) x\n${'f('.repeat(5000)}1${')'.repeat(5000)}`;
    expect(run(text).errors).toEqual(['x.d:2 macros are nested more than 200 deep']);
  });

  test('a hundred thousand arguments, and as many lines', () => {
    const many = new Array(100_000).fill('1').join(',\n');
    const { text, errors } = run(`#define f(...) __VA_ARGS__\nf(${many})\n__LINE__`);
    expect(errors).toEqual([]);
    expect(text.trimEnd().endsWith('\n100002')).toBe(true);
  });
});
