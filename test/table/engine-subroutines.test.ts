/** Subroutines: what each returns (the vectors of d-language.md A.1 and more), and which arguments fault. */
import { describe, expect, test } from 'vitest';
import { SUBROUTINE_FAULT_BASE, SUBROUTINES } from '../../src/dif/subroutines.ts';
import { BEGIN, Lab, resultOf, STRING, textOf, trace } from '../support/engine-lab.ts';

type Argument = string | number | bigint | null;

/** Code that calls a subroutine; strings are pushed by reference, null is NULL. */
function call(name: string, ...args: readonly Argument[]): string {
  const pushes = args.map((arg) => {
    if (typeof arg === 'string') return `sets "${arg}", %r1\npushtr DT_TYPE(1), %r0, %r1`;
    if (arg === null) return 'pushtr DT_TYPE(1), %r0, %r0';
    return `setx ${arg}, %r1\npushtv DT_TYPE(0), %r0, %r1`;
  });
  return [...pushes, `call ${name}, %r2`, 'flushts', 'ret %r2'].join('\n');
}
const text = (name: string, ...args: readonly Argument[]) => textOf(call(name, ...args));
const value = (name: string, ...args: readonly Argument[]) => resultOf(call(name, ...args));
/** Code that puts bytes into scratch and calls a subroutine with an integer argument before their address, if given. */
function addressCall(name: string, bytes: readonly number[], first?: number): string {
  const lines = [`setx ${bytes.length}, %r1`, 'allocs %r1, %r3', 'mov %r3, %r4', 'setx 1, %r5'];
  for (const byte of bytes) lines.push(`setx ${byte}, %r6`, 'stb %r6, %r4', 'add %r4, %r5, %r4');
  if (first !== undefined) lines.push(`setx ${first}, %r6`, 'pushtv DT_TYPE(0), %r0, %r6');
  return [...lines, 'pushtv DT_TYPE(0), %r0, %r3', `call ${name}, %r2`, 'flushts', 'ret %r2'].join('\n');
}

test.each([
  [['abcdef', 2], 'cdef'],
  [['abcdef', 2, 2], 'cd'],
  [['abcdef', -2], 'ef'],
  [['abcdef', -3, 2], 'de'],
  [['abcdef', -10], 'abcdef'],
  [['abcdef', -10, 5], 'a'],
  [['abcdef', -10, 6], 'ab'],
  [['abcdef', -10, -1], ''],
  [['abcdef', 1, -1], 'bcde'],
  [['abcdef', 1, -5], ''],
  [['abcdef', 6], ''],
  [['abcdef', 3, 0], ''],
  [['', 0], ''],
] as const)('substr%j', (args, result) => {
  expect(text('substr', ...args)).toBe(result);
});

test.each([
  [['hello world', 'o'], 4n],
  [['hello world', 'o', 5], 7n],
  [['hello world', 'o', 8], -1n],
  [['hello world', 'o', -3], 4n],
  [['hello', ''], 0n],
  [['hello', '', 9], 5n],
  [['hello', 'x', 9], -1n],
  [['', 'x'], -1n],
  [['', ''], 0n],
] as const)('index%j', (args, result) => {
  expect(value('index', ...args)).toBe(result);
});

test.each([
  [['hello world', 'o'], 7n],
  [['hello world', 'o', 5], 4n],
  [['hello world', 'o', 7], 7n],
  [['hello world', 'o', -1], -1n],
  [['hello', ''], 5n],
  [['hello', '', -3], 0n],
  [['aXbX', 'X', 99], 3n],
] as const)('rindex%j', (args, result) => {
  expect(value('rindex', ...args)).toBe(result);
});

test.each([
  [[0], '0'],
  [[0, 16], '0x0'],
  [[0, 8], '0'],
  [[0, 2], '0'],
  [[255, 16], '0xff'],
  [[255, 8], '0377'],
  [[255, 2], '11111111'],
  [[-1], '-1'],
  [[-1, 16], '0xffffffffffffffff'],
  [[-1, 8], '01777777777777777777777'],
  [[35, 36], 'z'],
] as const)('lltostr%j', (args, result) => {
  expect(text('lltostr', ...args)).toBe(result);
});

test.each([
  [['42'], 42n],
  [[' \\t-42x'], -42n],
  [['+7'], 7n],
  [['0x1f', 16], 31n],
  [['0x1f'], 0n],
  [['zz', 36], 1295n],
  [[''], 0n],
  [['9223372036854775807'], 9223372036854775807n],
] as const)('strtoll%j', (args, result) => {
  expect(value('strtoll', ...args)).toBe(result);
});

test.each([
  [['ab', 45, 3], 'ab'],
  [['ab', 45, 2], 'a'],
  [['ab', 45, 1], ''],
] as const)('memstr%j', (args, result) => {
  expect(text('memstr', ...args)).toBe(result);
});

test.each([
  [0, 0x1234n],
  [8, 2n],
])('memref keeps word %i', (offset, word) => {
  const call = ['setx 0x1234, %r1', 'flushts', 'pushtv DT_TYPE(0), %r0, %r1', 'setx 2, %r1'];
  const push = [
    'pushtv DT_TYPE(0), %r0, %r1',
    'call memref, %r2',
    `setx ${offset}, %r1`,
    'add %r2, %r1, %r2',
  ];
  expect(resultOf([...call, ...push, 'ldx [%r2], %r2', 'ret %r2'].join('\n'))).toBe(word);
});

/** Path, basename, dirname, cleanpath (Linux's: no trailing slash). */
test.each([
  ['/a/b', 'b', '/a', '/a/b'],
  ['/a/b/', 'b', '/a', '/a/b'],
  ['a', 'a', '.', 'a'],
  ['a/', 'a', '.', 'a'],
  ['/a', 'a', '/', '/a'],
  ['/', '/', '/', '/'],
  ['//', '/', '/', '/'],
  ['', '.', '.', ''],
  ['a//b', 'b', 'a', 'a/b'],
  ['/a//b//', 'b', '/a', '/a/b'],
  ['/a/.', '.', '/a', '/a'],
  ['/a/../b', 'b', '/a/..', '/b'],
  ['/a/b/..', '..', '/a/b', '/a'],
  ['./a', 'a', '.', 'a'],
  ['../a', 'a', '..', '../a'],
  ['../../a/..', '..', '../../a', '../..'],
  ['a/..', '..', 'a', '.'],
  ['a/../b', 'b', 'a/..', 'b'],
  ['/..', '..', '/', '/'],
])('paths: %s', (path, base, directory, clean) => {
  expect([text('basename', path), text('dirname', path), text('cleanpath', path)]).toEqual([
    base,
    directory,
    clean,
  ]);
});

describe('searching', () => {
  test.each([
    ['strchr', 'abcb', 0x62, 'bcb'],
    ['strrchr', 'abcb', 0x62, 'b'],
    ['strchr', 'abc', 0, ''],
    ['strstr', 'hello', 'll', 'llo'],
    ['strstr', 'hello', '', 'hello'],
  ] as const)('%s(%s, %s)', (name, haystack, needle, result) => {
    expect(text(name, haystack, needle)).toBe(result);
  });

  test.each([
    ['strchr', 0x7a],
    ['strrchr', 0x7a],
    ['strstr', 'z'],
  ] as const)('%s gives NULL when there is nothing', (name, needle) => {
    expect(value(name, 'abc', needle)).toBe(0n);
    expect(text(name, 'abc', needle)).toBe(''); // and NULL is recorded as the empty string
  });

  test('strtok goes through a string, also with several delimiters, and ends with NULL', () => {
    const first = (string: string) => trace(call('strtok', string, ', '), STRING);
    const next = () => trace(call('strtok', null, ', '), STRING);
    const tokens = (count: number, string: string) => {
      const statements = [first(string), ...Array.from({ length: count - 1 }, next)];
      const lab = new Lab(statements.map((statement) => [BEGIN, { statements: [statement] }] as const));
      return lab.start().drain().strings();
    };
    expect(tokens(4, ', a,b  c')).toEqual(['a', 'b', 'c', '']);
    expect(tokens(3, 'a')).toEqual(['a', '', '']);
  });

  test('strtok(NULL) without a string before it in the firing faults', () => {
    expect(value('strtok', null, ' ')).toBe('1 #1 at 12: BADADDR 0');
  });
});

test.each([
  ['strjoin', ['ab', 'cd'], 'abcd'],
  ['toupper', ['aZ9z{'], 'AZ9Z{'],
  ['tolower', ['aZ9Z['], 'az9z['],
] as const)('%s%j', (name, args, result) => {
  expect(text(name, ...args)).toBe(result);
});

test('strings are cut to strsize', () => {
  const sizes = { strsize: 5 };
  expect(textOf(call('strjoin', 'abcd', 'efgh'), { sizes })).toBe('abcde');
  expect(resultOf(call('strlen', 'abcdefgh'), { sizes })).toBe(5n);
});

test.each([
  ['htons', 0x1234n, 0x3412n],
  ['ntohs', 0xfff1234n, 0x3412n],
  ['htonl', 0x01020384n, 0x84030201n],
  ['ntohl', 1n, 0x01000000n],
  ['htonll', 0x0102030405060708n, 0x0807060504030201n],
  ['ntohll', 0x80n, -(1n << 63n)],
  ['getmajor', 0x801n << 20n, 0x801n],
  ['getminor', (1n << 20n) | 5n, 5n],
])('%s(%s)', (name, argument, result) => {
  expect(value(name, argument)).toBe(result);
});

describe('addresses as text', () => {
  const v6 = (groups: string) =>
    groups.split(':').flatMap((g) => [parseInt(g, 16) >> 8, parseInt(g, 16) & 0xff]);

  test('IPv4, Ethernet, InfiniBand', () => {
    expect(textOf(addressCall('inet_ntoa', [192, 168, 0, 1]))).toBe('192.168.0.1');
    expect(textOf(addressCall('inet_ntop', [10, 0, 0, 255], 2))).toBe('10.0.0.255');
    expect(textOf(addressCall('link_ntop', [1, 2, 3, 0xab, 0xcd, 0xef], 1))).toBe('01:02:03:ab:cd:ef');
    expect(textOf(addressCall('link_ntop', new Array(20).fill(7), 32))).toBe(
      '07'.repeat(20).match(/../g)!.join(':'),
    );
  });

  test.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['0:0:0:0:0:ffff:102:304', '::ffff:1.2.3.4'],
    ['0:0:0:0:0:0:102:304', '::1.2.3.4'],
  ])('IPv6 %s', (groups, shown) => {
    expect(textOf(addressCall('inet_ntoa6', v6(groups)))).toBe(shown);
    expect(textOf(addressCall('inet_ntop', v6(groups), 10))).toBe(shown);
  });

  test.each([
    ['inet_ntop', 7],
    ['link_ntop', 99],
  ])('%s of family %i is illegal', (name, family) => {
    expect(textOf(addressCall(name, [0, 0, 0, 0], family))).toMatch(/ILLOP/);
  });
});

const JSON_TEXT =
  '{\\"a\\": {\\"b\\": [1, {\\"c\\": \\"x\\\\\\"y\\"}, [2, 3]]}, \\"s\\": \\"\\", \\"t\\": true}';
test.each([
  ['a.b[0]', '1'],
  ['a.b[1].c', 'x\\"y'],
  ['a.b[2]', '[2, 3]'],
  ['a.b[2][1]', '3'],
  ['s', ''],
  ['t', 'true'],
])('json %s', (selector, found) => {
  expect(text('json', JSON_TEXT, selector)).toBe(found);
});
test.each([['x'], ['a.b[3]'], ['a.b.c'], ['a.b[x]'], ['a..b'], ['s.t']])('json %s is NULL', (selector) => {
  expect(value('json', JSON_TEXT, selector)).toBe(0n);
});
test.each([['{\\"a\\": '], ['{\\"a\\" 1}'], ['['], ['']])('malformed json %s is NULL', (broken) => {
  expect(value('json', broken, 'a')).toBe(0n);
});

describe('faults', () => {
  test.each([
    ['strlen', [null], /BADADDR 0$/],
    ['strjoin', ['a', null], /BADADDR 0$/],
    ['strtoll', ['1', 1], /ILLOP/],
    ['strtoll', ['1', 37], /ILLOP/],
    ['lltostr', [1, 37], /ILLOP/],
    ['copyin', [0x1000, 8], /BADADDR 4096$/],
    ['copyinstr', [0x1000], /BADADDR 4096$/],
    ['alloca', [257], /NOSCRATCH/],
    ['copyout', [1, 2, 3], /BADADDR 2$/],
    ['copyoutstr', ['a', 2, 3], /BADADDR 2$/],
    ['bcopy', [0, 0, 8], /BADADDR 0$/],
  ] as const)('%s%j', (name, args, fault) => {
    expect(value(name, ...args)).toMatch(fault);
  });

  test.each([
    ['mutex_owned', [1]],
    ['mutex_owner', [1]],
    ['mutex_type_adaptive', [1]],
    ['mutex_type_spin', [1]],
    ['rw_read_held', [1]],
    ['rw_write_held', [1]],
    ['rw_iswriter', [1]],
    ['sx_shared_held', [1]],
    ['sx_exclusive_held', [1]],
    ['sx_isexclusive', [1]],
    ['msgdsize', [1]],
    ['msgsize', [1]],
    ['ddi_pathname', [1, 0]],
    ['getf', [0]],
    ['d_path', [1]],
  ] as const)('%s needs the kernel, and the fault names it', (name, args) => {
    const fault = SUBROUTINE_FAULT_BASE + SUBROUTINES[name].id;
    expect(value(name, ...args)).toMatch(new RegExp(`NOVALUE ${fault}$`));
  });

  test('string results have a limit of their own', () => {
    const push = (register: number) => `pushtr DT_TYPE(1), %r0, %r${register}`;
    const join = ['flushts', push(7), push(8), 'call strjoin, %r2'].join('\n');
    const joins = (count: number) =>
      [
        `sets "${'a'.repeat(200)}", %r7`,
        `sets "${'b'.repeat(50)}", %r8`,
        ...new Array(count).fill(join),
        'flushts',
        'mov %r0, %r2',
        'ret %r2',
      ].join('\n');
    expect(resultOf(joins(256))).toBe(0n); // 256 bytes each of 65536
    expect(resultOf(joins(257))).toMatch(/NOSCRATCH/);
  });
});

describe('memory', () => {
  const guestMemory = {
    read(address: bigint, size: number, out: Uint8Array): number {
      const all = new TextEncoder().encode('guest text\0rest');
      const from = Number(address - 0x1ff8n); // ends 7 bytes into the second page
      const readable = Math.max(0, Math.min(size, all.length - from));
      if (address < 0x1ff8n) return 0;
      out.set(all.subarray(from, from + readable));
      return readable;
    },
  };

  test('copyinstr crosses pages and stops at NUL or at its limit', () => {
    expect(textOf(call('copyinstr', 0x1ff8), { guestMemory })).toBe('guest text');
    expect(textOf(call('copyinstr', 0x1ff8, 5), { guestMemory })).toBe('guest');
  });

  test('copyin copies to scratch, or faults when not all can be read', () => {
    expect(textOf(call('copyin', 0x1ff8, 11), { guestMemory })).toBe('guest text');
    expect(textOf(call('copyin', 0x1ff8, 100), { guestMemory })).toMatch(/BADADDR/);
  });

  test('copyinto and bcopy store into scratch', () => {
    const into =
      'setx 16, %r1\nallocs %r1, %r3\nsetx 0x1ff8, %r1\npushtv DT_TYPE(0), %r0, %r1\nsetx 5, %r1\npushtv DT_TYPE(0), %r0, %r1\npushtv DT_TYPE(0), %r0, %r3\ncall copyinto, %r2\nflushts\nret %r3';
    expect(textOf(into, { guestMemory })).toBe('guest');
    const copy =
      'setx 16, %r1\nallocs %r1, %r3\nsets "abc", %r1\npushtv DT_TYPE(0), %r0, %r1\npushtv DT_TYPE(0), %r0, %r3\nsetx 3, %r1\npushtv DT_TYPE(0), %r0, %r1\ncall bcopy, %r2\nflushts\nret %r3';
    expect(textOf(copy)).toBe('abc');
  });

  test('alloca(0) is legal', () => {
    expect(value('alloca', 0)).toBeTypeOf('bigint');
  });
});

test('rand repeats for a seed and is not constant', () => {
  const draws = () => {
    const statements = Array.from({ length: 4 }, () => trace('call rand, %r1\nret %r1'));
    const lab = new Lab(statements.map((statement) => [BEGIN, { statements: [statement] }] as const));
    return lab.start().drain().integers();
  };
  expect(draws()).toEqual(draws());
  expect(new Set(draws()).size).toBe(4);
});

test('speculation and progenyof answer', () => {
  expect(value('speculation')).toBe(1n);
  expect(value('progenyof', 77)).toBe(1n); // BEGIN runs as the tracer
  expect(value('progenyof', 78)).toBe(0n);
});

test('every subroutine has been called here', async () => {
  const { readFileSync } = await import('node:fs');
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const names = Object.keys(SUBROUTINES);
  expect(names.filter((name) => !own.includes(`'${name}'`) && !own.includes(`call ${name},`))).toEqual([]);
});
