/** What the checker makes of expressions: result types, folded values, and the shapes of what is stored and recorded. */
import { describe, expect, test } from 'vitest';
import { folded, lastClause, lastStatement, typedExpr, typeOf } from '../support/check-program.ts';

const S =
  'struct in { int x; }; struct s { int a; char b[8]; unsigned f : 3; struct in n; string t; struct s *next; };';

describe('result types', () => {
  const rows: readonly (readonly [expr: string, type: string, prelude?: string, body?: string])[] = [
    ['1', 'int'],
    ['0x80000000', 'unsigned int'],
    ['2147483648', 'long'],
    ['1u', 'unsigned int'],
    ['1ll', 'long long'],
    ['1ull', 'unsigned long long'],
    ['0xffffffffffffffff', 'unsigned long'],
    ["'a'", 'int'],
    ['"abc"', 'string'],
    ['NULL', 'long'],
    ['(char)1 + (char)2', 'char'],
    ['pid + 1', 'pid_t'],
    ['pid + 1u', 'unsigned int'],
    ['timestamp - 1', 'uint64_t'],
    ['arg0 + timestamp', 'uint64_t'],
    ['pid << 1L', 'pid_t'],
    ['timestamp >> 1', 'uint64_t'],
    ['pid == 1', 'int'],
    ['!pid', 'int'],
    ['~uid', 'uid_t'],
    ['-pid', 'pid_t'],
    ['sizeof (int)', 'size_t'],
    ['strlen("a")', 'size_t'],
    ['execname', 'string'],
    ['execname + 1', 'char *'],
    ['execname[0]', 'char'],
    ['stringof(curthread)', 'string'],
    ['pid ? "a" : "b"', 'string'],
    ['pid ? (int *)8 : 0', 'int *'],
    ['pid ? 1 : 2u', 'unsigned int'],
    ['1 ? "a" : 5', 'string'],
    ['(pid, "a")', 'string'],
    ['alloca(4)', 'void *'],
    ['(int *)8 + 1', 'int *'],
    ['1 + (int *)8', 'int *'],
    ['(int *)8 - (int *)4', 'ptrdiff_t'],
    ['*(int *)8', 'int'],
    ['&*(int *)8', 'int *'],
    ['rip', 'uint64_t'],
    ['eax', 'uint32_t'],
    ['cpl', 'int'],
    ['uregs[R_RIP]', 'uint64_t'],
    ['SIGKILL', 'int'],
    ['((struct s *)8)->a', 'int', S],
    ['((struct s *)8)->b', 'char [8]', S],
    ['((struct s *)8)->b[1]', 'char', S],
    ['((struct s *)8)->f', 'unsigned int', S],
    ['((struct s *)8)->n.x', 'int', S],
    ['((struct s *)8)->t', 'string', S],
    ['((struct s *)8)->next->next', 'struct s *', S],
    ['&((struct s *)8)->n', 'struct in *', S],
    ['*((struct s *)8)->next', 'struct s', S],
    ['x', 'int', '', 'x = 1;'],
    ['x', 'string', '', 'x = "a";'],
    ['self->x', 'uint64_t', '', 'self->x = timestamp;'],
    ['this->x', 'int64_t', '', 'this->x++;'],
    ['x[1, "a"]', 'long', '', 'x[1, "a"] = 5000000000;'],
    ['x = (char)5', 'char'],
    ['x += 1', 'int64_t'],
    ['x--', 'char *', '', 'x = (char *)0;'],
    ['f[1]', 'uint8_t', 'inline uint8_t f[int a] = a + 300;'],
  ];
  for (const [expr, type, prelude, body] of rows) {
    test(`${expr} is ${type}`, () => expect(typeOf(expr, prelude, body)).toBe(type));
  }
});

describe('constants', () => {
  const rows: readonly (readonly [string, bigint, string?])[] = [
    ['1 + 2 * 3', 7n],
    ['-7 / 2', -3n],
    ['-7 % 3', -1n],
    ['0xffffffffffffffff / 2', 0x7fffffffffffffffn],
    ['1 << 63', -(1n << 63n)],
    ['1 << 64', 0n],
    ['1 << -1', 0n],
    ['-8 >> 1', -4n],
    ['0x8000000000000000 >> 63', 1n],
    ['-1 < 1', 1n],
    ['-1L < 1ul', 0n],
    ['-1u', 0xffffffffn],
    ['(char)300', 44n],
    ['(unsigned char)-1', 255n],
    ['(uint32_t)-1', 0xffffffffn],
    ['(int)0xffffffff', -1n],
    ['~0', -1n],
    ['!5', 0n],
    ['1 && 0 || 1', 1n],
    ['1 ^^ 1', 0n],
    ['0 ? 1 / 0 : 4', 4n],
    ['sizeof (string)', 256n],
    ['sizeof "abc"', 4n],
    ['sizeof (execname)', 256n],
    ['sizeof (struct s)', 288n, S],
    ['offsetof(struct s, n)', 16n, S],
    ['DTRACEFLT_DIVZERO', 4n],
    ['AF_INET6', 10n],
    ['R_SP', 19n],
    ['BLUE', 6n, 'enum c { RED = 5, BLUE };'],
    ['x * 2', 84n, 'inline int x = 42;'],
    ['f[2, 3]', 7n, 'inline int f[int a, int b] = a * b + 1;'],
    ["'\\\"\\ba'", 2230369n],
  ];
  for (const [text, value, prelude] of rows) {
    test(`${text} folds to ${value}`, () => expect(folded(text, prelude)).toBe(value));
  }
});

describe('conversions', () => {
  test('a store narrows, and what is known to fit is left alone', () => {
    const narrowed = lastStatement('x = (char)1; x = pid + 1;');
    expect(narrowed).toMatchObject({
      expr: { kind: 'assign', value: { kind: 'narrow', sizeBytes: 1, signed: true } },
    });
    const fits = lastStatement('x = pid; x = errno;');
    expect(fits).toMatchObject({ expr: { kind: 'assign', value: { kind: 'load' } } });
  });

  test('a cast between sizes narrows, to a pointer only renames', () => {
    expect(typedExpr('(short)arg0')).toMatchObject({ kind: 'narrow', sizeBytes: 2, signed: true });
    expect(typedExpr('(int *)arg0')).toMatchObject({ kind: 'retype', operand: { kind: 'load' } });
  });

  test('comparison is signed, unsigned, or of strings', () => {
    expect(typedExpr('pid < 1')).toMatchObject({ kind: 'compare', as: 'signed' });
    expect(typedExpr('timestamp < 1')).toMatchObject({ kind: 'compare', as: 'unsigned' });
    expect(typedExpr('curthread == 0')).toMatchObject({ kind: 'compare', as: 'unsigned' });
    expect(typedExpr('execname == "a"')).toMatchObject({ kind: 'compare', as: 'string' });
    expect(typedExpr('(char *)8 == execname')).toMatchObject({ kind: 'compare', as: 'string' });
    expect(typedExpr('(char *)8 == (char *)9')).toMatchObject({ kind: 'compare', as: 'unsigned' });
    expect(typedExpr('strchr("a", 98) != NULL')).toMatchObject({ kind: 'compare', as: 'unsigned' });
  });

  test('operators are signed by the result type', () => {
    expect(typedExpr('pid / 2')).toMatchObject({ operator: 'sdiv' });
    expect(typedExpr('timestamp / 2')).toMatchObject({ operator: 'udiv' });
    expect(typedExpr('pid >> 1u')).toMatchObject({ operator: 'sra' });
    expect(typedExpr('uid >> 1')).toMatchObject({ operator: 'srl' });
    expect(typedExpr('pid % 2u')).toMatchObject({ operator: 'urem' });
  });

  test('pointer arithmetic steps by the size of what is pointed to', () => {
    expect(typedExpr('(int *)arg0 + 3')).toMatchObject({ operator: 'add', right: { value: 12n } });
    expect(typedExpr('(int *)arg0 - 3')).toMatchObject({ operator: 'sub', right: { value: 12n } });
    expect(typedExpr('(int *)arg0 - (int *)arg1')).toMatchObject({ operator: 'sdiv', right: { value: 4n } });
    expect(lastStatement('p = (long *)alloca(8); p++;')).toMatchObject({
      expr: { kind: 'update', operator: 'add', operand: { value: 8n }, returns: 'old' },
    });
    expect(lastStatement('p = (long *)alloca(8); p -= pid;')).toMatchObject({
      expr: { kind: 'update', operator: 'sub', operand: { operator: 'mul', right: { value: 8n } } },
    });
  });
});

describe('places', () => {
  test('a bit-field is a place with bits', () => {
    const expr = typedExpr('((struct s *)arg0)->f', S);
    expect(expr).toMatchObject({ kind: 'load', place: { kind: 'memory', bits: { offset: 0, width: 3 } } });
    expect(expr).toMatchObject({ place: { address: { right: { value: 12n } }, shape: { sizeBytes: 4 } } });
  });

  test('strings, structs and arrays in memory are their address', () => {
    for (const name of ['b', 'n', 't']) {
      expect(typedExpr(`((struct s *)arg0)->${name}`, S)).toMatchObject({
        kind: 'address',
        place: { kind: 'memory' },
      });
    }
  });

  test('storing to a part of a dynamic variable first makes the element exist', () => {
    const within = { place: { kind: 'element', variable: { name: 'x' } }, sizeBytes: 288 };
    expect(lastStatement('x["k"].n.x = 1;', `${S} struct s x[string];`)).toMatchObject({
      expr: { kind: 'assign', place: { kind: 'memory', within } },
    });
    expect(lastStatement('self->y.b[2] = 1;', `${S} self struct s y;`)).toMatchObject({
      expr: { place: { within: { place: { kind: 'variable', variable: { scope: 'thread' } } } } },
    });
    expect(lastStatement('z.a = 1;', `${S} struct s z;`)).toMatchObject({
      expr: { place: { kind: 'memory', within: undefined } },
    });
  });

  test('keys are converted to the array’s key types', () => {
    expect(lastStatement('x[(char)1, "a"] = 1; x[pid, "b"] = 2;')).toMatchObject({
      expr: {
        place: {
          keys: [
            { byReference: false, expr: { kind: 'narrow', sizeBytes: 1 } },
            { byReference: true, expr: { kind: 'string' } },
          ],
        },
      },
    });
  });

  test('a translation assigned to a struct stores every member it defines', () => {
    const prelude =
      'struct t { int m; int n; int o; }; translator struct t < int *p > { m = *p; o = 2; }; struct t x;';
    expect(lastStatement('x = xlate<struct t>((int *)8);', prelude)).toMatchObject({
      expr: {
        kind: 'comma',
        left: { kind: 'comma', left: { kind: 'assign' }, right: { kind: 'assign', value: { value: 2n } } },
      },
    });
  });

  test('a translated member is only its own expression', () => {
    const prelude = 'struct t { int m; long n; }; translator struct t < int *p > { m = 1; n = *p + 1; };';
    expect(typedExpr('xlate<struct t *>((int *)8)->m', prelude)).toMatchObject({
      kind: 'integer',
      value: 1n,
    });
    expect(typedExpr('xlate<struct t>((int *)8).n', prelude)).toMatchObject({ kind: 'retype' });
  });
});

describe('recorded values', () => {
  const shapeIn = (text: string) => {
    const statement = lastStatement(`trace(${text});`, S);
    return statement.kind === 'trace' ? statement.shape : undefined;
  };

  test('have the size and sign of their type', () => {
    expect(shapeIn('(char)arg0')).toMatchObject({ kind: 'int', sizeBytes: 1, signed: true });
    expect(shapeIn('timestamp')).toMatchObject({ kind: 'int', sizeBytes: 8, signed: false });
    expect(shapeIn('curthread')).toMatchObject({ kind: 'int', sizeBytes: 8, signed: false });
    expect(shapeIn('execname')).toMatchObject({ kind: 'string', sizeBytes: 0 });
    expect(shapeIn('*(struct s *)arg0')).toMatchObject({ kind: 'bytes', sizeBytes: 288 });
    expect(shapeIn('sym(arg0)')).toMatchObject({ kind: 'symaddr', sizeBytes: 8, type: { shows: 'sym' } });
    expect(shapeIn('uaddr(arg0)')).toMatchObject({ kind: 'usymaddr', type: { shows: 'uaddr' } });
  });

  test('stack() takes its depth from the argument, else from the options', () => {
    expect(lastStatement('stack(3);')).toMatchObject({ kind: 'stack', frames: 3, shape: { sizeBytes: 24 } });
    expect(lastStatement('ustack();')).toMatchObject({ kind: 'ustack', frames: 20 });
    const { body } = lastClause('BEGIN { jstack(); }', { options: { jstackframes: 7 } });
    expect(body[0]).toMatchObject({ kind: 'jstack', frames: 7 });
  });

  test('stacks are arguments of printf like any other', () => {
    expect(lastStatement('printf("%k%d%k", stack(3), 1, ustack());')).toMatchObject({
      kind: 'printf',
      values: [
        { kind: 'stack', frames: 3, shape: { kind: 'stack', sizeBytes: 24 } },
        { shape: { kind: 'int', sizeBytes: 4 } },
        { kind: 'ustack', frames: 20, shape: { kind: 'stack', sizeBytes: 160 } },
      ],
    });
  });
});
