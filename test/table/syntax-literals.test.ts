/** Literals, spelling → value, and the lexemes that only look like them (d-language.md sections 1.5 to 1.9). */
import { describe, expect, test } from 'vitest';
import { bare, grouped, parseExpr, parseText } from '../unit/syntax-parse.ts';

/** `value`, then d for decimal, u for unsigned, l for each l. */
function integer(text: string, args: readonly string[] = []): string {
  const node = parseExpr(text, { args });
  if (node.kind !== 'integer') return node.kind;
  return `${node.value} ${node.decimal ? 'd' : '-'}${node.unsigned ? 'u' : ''}${'l'.repeat(node.longs)}`;
}

function errorsOf(body: string, args: readonly string[] = []): string[] {
  return parseText(`BEGIN { ${body}; }`, { args }).errors;
}

function stringOf(text: string, args: readonly string[] = []): string {
  const node = parseExpr(text, { args });
  return node.kind === 'string' ? Buffer.from(node.bytes).toString('latin1') : node.kind;
}

describe('integer constants', () => {
  test.each([
    ['0', '0 -'],
    ['1', '1 d'],
    ['42u', '42 du'],
    ['42U', '42 du'],
    ['42l', '42 dl'],
    ['42LL', '42 dll'],
    ['42ull', '42 dull'],
    ['0x1F', '31 -'],
    ['0XffuL', '255 -ul'],
    ['0777', '511 -'],
    ['9223372036854775807', '9223372036854775807 d'],
    ['9223372036854775808u', '9223372036854775808 du'],
    ['18446744073709551615u', '18446744073709551615 du'],
    ['0xffffffffffffffff', '18446744073709551615 -'],
    ['01777777777777777777777', '18446744073709551615 -'],
  ])('%s', (text, expected) => {
    expect(integer(text)).toBe(expected);
  });

  test.each([
    ['089', 'D_INT_DIGIT constant 089 contains invalid digit 8 [089]'],
    ['12q', 'D_INT_DIGIT constant 12q contains invalid digit q [12q]'],
    ['0x', 'D_INT_DIGIT constant 0x contains invalid digit x [0x]'],
    ['0xg', 'D_INT_DIGIT constant 0xg contains invalid digit x [0xg]'],
    ['1lu', 'D_INT_DIGIT constant 1lu contains invalid digit u [1lu]'],
    ['1lll', 'D_INT_DIGIT constant 1lll contains invalid digit l [1lll]'],
    ['0b11', 'D_INT_DIGIT constant 0b11 contains invalid digit b [0b11]'],
    [
      '18446744073709551616',
      'D_INT_OFLOW constant 18446744073709551616 results in integer overflow [18446744073709551616]',
    ],
    [
      '9223372036854775808',
      'D_INT_OFLOW integer constant 0x8000000000000000 cannot be represented in any built-in integral type [9223372036854775808]',
    ],
    ['1.0', 'D_SYNTAX floating-point constants are not permitted [1.0]'],
    ['.5', 'D_SYNTAX floating-point constants are not permitted [.5]'],
    ['1e3', 'D_SYNTAX floating-point constants are not permitted [1e3]'],
    ['1.5e-3', 'D_SYNTAX floating-point constants are not permitted [1.5e-3]'],
  ])('%s is refused', (text, expected) => {
    expect(errorsOf(text)).toEqual([expected]);
  });

  test('a declaration with a refused constant is kept', () => {
    expect(parseText('inline int x = 08;').program.items).toMatchObject([
      { kind: 'inline', value: { kind: 'error' } },
    ]);
    expect(parseText('08 { } END { }').program.items).toHaveLength(1);
  });

  test('a refused constant is an error expression, reported once', () => {
    const { program, errors } = parseText('BEGIN { x = 08 + 1; }');
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(bare(program.items), (_k, v) => (typeof v === 'bigint' ? `${v}` : v))).toContain(
      '"error"',
    );
  });
});

describe('character constants', () => {
  test.each([
    ["'a'", 0x61n],
    ["'ab'", 0x6162n],
    ["'abcdefg'", 0x61626364656667n],
    ["'\\n'", 10n],
    ["'\\0'", 0n],
    ["'\\0103'", 0x0833n], // \010, then 3
    ["'\\\"\\ba'", 2230369n],
    ["'\\xff'", 0xffn],
    ["'\\x41f'", 0x1fn], // any number of hexadecimal digits, low 8 bits kept
    ["'\\?'", 0x5c3fn], // both characters kept
    ["'\\''", 0x5c27n],
    ["'é'", 0xc3a9n],
    ["'/*'", 0x2f2an],
  ])('%s', (text, expected) => {
    expect(parseExpr(text)).toMatchObject({ kind: 'character', value: expected });
  });

  test.each([
    ["''", "D_CHR_NULL empty character constant ['']"],
    ["'abcdefghi'", "D_CHR_OFLOW character constant is too long ['abcdefghi']"],
    ["'a\n'", "D_CHR_NL newline encountered in character constant ['a]"],
    ["'a", "D_SYNTAX end-of-file encountered before matching ' ['a; }]"],
    [
      "'\\3771234567'",
      "D_INT_OFLOW integer constant 0xff31323334353637 cannot be represented in any built-in integral type ['\\3771234567']",
    ],
  ])('%j is refused', (text, expected) => {
    expect(errorsOf(text)).toEqual([expected]);
  });
});

describe('string literals', () => {
  test.each([
    ['"abc"', 'abc'],
    ['""', ''],
    ['"a\\tb\\n"', 'a\tb\n'],
    ['"\\a\\b\\f\\r\\v\\"\\\\"', '\u0007\b\f\r\v"\\'],
    ['"\\101\\x42"', 'AB'],
    ['"\\1012"', 'A2'],
    ['"\\q\\\'"', "\\q\\'"],
    ['"a\\0b"', 'a'],
    ['"/* no comment */"', '/* no comment */'],
    ['"é"', '\u00c3\u00a9'],
  ])('%s', (text, expected) => {
    expect(stringOf(text)).toBe(expected);
  });

  test.each([
    ['"abc\n"', 'D_STR_NL newline encountered in string literal ["abc]'],
    ['"abc\\\n"', 'D_STR_NL newline encountered in string literal ["abc\\]'],
    ['"abc', 'D_SYNTAX end-of-file encountered before matching " ["abc; }]'],
    ['"a" "b"', 'D_SYNTAX syntax error near ""b"" ["b"]'],
  ])('%j is refused', (text, expected) => {
    expect(errorsOf(text)).toEqual([expected]);
  });
});

describe('names', () => {
  test.each([
    ['x_1', 'x_1'],
    ['`sym', '`sym'],
    ['mod`sym', 'mod`sym'],
    ['mod.ko`sym', 'mod.ko`sym'],
    ['9p`sym', '9p`sym'],
    ['forty', 'forty'],
    ['integer', 'integer'],
    ['@', '@_'],
    ['@agg', '@agg'],
  ])('%s', (text, expected) => {
    expect(grouped(parseExpr(text))).toBe(expected);
  });
});

describe('macro arguments', () => {
  const args = ['17', '-0x10', 'open', 'a.out', '"a\\tb"', '99999999999999999999', '089', ''];
  test.each([
    ['$1', '17'],
    ['$2', '(-0x10)'],
    ['x - $2', '(x - (-0x10))'],
    ['$3', 'open'],
    ['$4', '"a.out"'],
    ['$5', '"a\\tb"'],
    ['$8', '""'],
    ['$$1', '"17"'],
    ['$$3', '"open"'],
    ['$0', '"test.d"'],
    ['$pid', '42'],
    ['$$pid', '"42"'],
    ['$target + 1', '(7 + 1)'],
  ])('%s', (text, expected) => {
    expect(grouped(parseExpr(text, { args }))).toBe(expected);
  });

  test.each([
    ['$9', 'D_MACRO_UNDEF macro argument $9 is not defined [$9]'],
    ['$$9', 'D_MACRO_UNDEF macro argument $$9 is not defined [$$9]'],
    ['$nope', 'D_MACRO_UNDEF macro variable $nope is not defined [$nope]'],
    ['$constructor', 'D_MACRO_UNDEF macro variable $constructor is not defined [$constructor]'],
    ['$6', 'D_MACRO_OFLOW macro argument $6 constant 99999999999999999999 results in integer overflow [$6]'],
    ['$7', 'D_INT_DIGIT constant 089 contains invalid digit 8 [$7]'],
    ['$', 'D_SYNTAX syntax error near "$" [$]'],
  ])('%s is refused', (text, expected) => {
    expect(errorsOf(text, args)).toEqual([expected]);
  });

  test('missing ones are 0 and "" with defaultargs', () => {
    const options = { flag: (name: string) => name === 'defaultargs' };
    expect(grouped(parseExpr('f($1, $$2)', options))).toBe('f(0; "")');
  });
});
