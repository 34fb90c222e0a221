/** How expressions group (d-language.md section 2.4), and what a name before `(` or in a declaration is. */
import { describe, expect, test } from 'vitest';
import { grouped, parseExpr, parseText } from '../unit/syntax-parse.ts';

describe('precedence and associativity', () => {
  test.each([
    ['a + b * c', '(a + (b * c))'],
    ['a * b + c', '((a * b) + c)'],
    ['a - b - c', '((a - b) - c)'],
    ['a / b % c * d', '(((a / b) % c) * d)'],
    ['a << b + c', '(a << (b + c))'],
    ['a < b << c', '(a < (b << c))'],
    ['a == b < c', '(a == (b < c))'],
    ['a & b == c', '(a & (b == c))'],
    ['a ^ b & c', '(a ^ (b & c))'],
    ['a | b ^ c', '(a | (b ^ c))'],
    ['a && b | c', '(a && (b | c))'],
    ['a ^^ b && c', '(a ^^ (b && c))'],
    ['a || b ^^ c', '(a || (b ^^ c))'],
    ['a || b || c', '((a || b) || c)'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ['a ? b, c : d', '(a ? (b, c) : d)'],
    ['a || b ? c : d', '((a || b) ? c : d)'],
    ['a = b = c', '(a = (b = c))'],
    ['a += b -= c', '(a += (b -= c))'],
    ['a = b ? c : d', '(a = (b ? c : d))'],
    ['a, b = 1, c', '((a, (b = 1)), c)'],
    ['-a * b', '((-a) * b)'],
    ['!a == b', '((!a) == b)'],
    ['~-+!a', '(~(-(+(!a))))'],
    ['*p++', '(*(p++))'],
    ['++*p', '(++(*p))'],
    ['&a->b', '(&a->b)'],
    ['a - -b', '(a - (-b))'],
    ['a---b', '((a--) - b)'],
    ['a & &b', '(a & (&b))'],
    ['f(a, b)[c].d->e', 'f(a; b)[c].d->e'],
    ['@a[x, y = 1] = count()', '(@a[x; (y = 1)] = count())'],
    ['self->x[1]++', '(self->x[1]++)'],
    ['(self)->x', 'self->x'],
    ['a->self', 'a->self'],
    ['a.int', 'a.int'],
    ['a.foo_t', 'a.foo_t'],
    ['(a + b) = c', '((a + b) = c)'],
    ['(a, b)', '(a, b)'],
    ['sizeof a + b', '((sizeof a) + b)'],
    ['sizeof (a) + b', '((sizeof a) + b)'],
    ['sizeof (foo_t) + b', '((sizeof type) + b)'],
    ['sizeof (struct s *)', '(sizeof type)'],
    ['stringof a + b', '((stringof a) + b)'],
    ['(int)a + b', '((cast a) + b)'],
    ['(foo_t *)a->b', '(cast a->b)'],
    ['(foo_t)(int)-a', '(cast (cast (-a)))'],
    ['(string)a', '(cast a)'],
    ['(a) + b', '(a + b)'],
    ['(a) - b', '(a - b)'],
    ['offsetof(struct s, string) + 1', '((offsetof string) + 1)'],
    ['xlate <foo_t *> (a)->b', '(xlate a)->b'],
  ])('%s', (text, expected) => {
    expect(grouped(parseExpr(text))).toBe(expected);
  });

  test.each([
    ['a + b = c', '='],
    ['(int)a = c', '='],
    ['a ? b : c = d', '='],
    ['a ^^= b', '='],
  ])('%s is refused', (text, near) => {
    expect(parseText(`BEGIN { ${text}; }`).errors).toEqual([
      `D_SYNTAX syntax error near "${near}" [${near}]`,
    ]);
  });
});

describe('a slash in a predicate', () => {
  test.each([
    ['/a / b/ { }', '(a / b)'],
    ['/a/ { }', 'a'],
    ['/a / b / c/\n{ }', '((a / b) / c)'],
    ['/a/ /* why */ { }', 'a'],
    ['/a / /* why */ b/ { }', '(a / b)'],
    ['/ *a/ { }', '(*a)'],
    ['/(a > b) && x/ < y; >', '((a > b) && x)'],
    ['/a > b/ < y; >', '(a > b)'],
  ])('%s', (text, expected) => {
    const { program, errors } = parseText(`BEGIN ${text}`);
    const [clause] = program.items;
    expect(errors).toEqual([]);
    expect(clause?.kind === 'clause' && clause.predicate && grouped(clause.predicate)).toBe(expected);
  });
});

describe('a name that is a type (section 1.12)', () => {
  test.each([
    ['(foo_t)x', '(cast x)'],
    ['foo_t = 1, (foo_t)', '((foo_t = 1), foo_t)'], // created as a variable, and stays one
    ['foo_t++, foo_t + 1', '((foo_t++), (foo_t + 1))'],
    ['foo_t[1] = 2', '(foo_t[1] = 2)'],
    ['sizeof (foo_t)', '(sizeof type)'],
  ])('%s', (text, expected) => {
    expect(grouped(parseExpr(text))).toBe(expected);
  });

  test('a global variable of that name wins', () => {
    expect(grouped(parseExpr('(foo_t) - 1', { isIdentifier: (name) => name === 'foo_t' }))).toBe(
      '(foo_t - 1)',
    );
  });

  test('elsewhere it is refused, by name', () => {
    const { errors, diags } = parseText('BEGIN { trace(foo_t); }');
    expect(errors).toEqual(['D_SYNTAX syntax error near "foo_t" [foo_t]']);
    expect(diags.list[0]?.hint).toBe('foo_t is the name of a type');
  });

  test('a typedef counts from the next item on, a declared variable too', () => {
    const { errors } = parseText(
      'typedef int mine; mine *p; inline mine one = (mine)1; BEGIN { x = (mine *)y; }',
    );
    expect(errors).toEqual([]);
    expect(parseText('int foo_t; BEGIN { trace(foo_t); }').errors).toEqual([]);
  });
});
