import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { address, bytes, int, printf, stack, text, type Value } from '../unit/consumer/fake-session.ts';

const MINUS_ONE = 0xffff_ffff_ffff_ffffn;
const FLOAT: Value = {
  shape: {
    kind: 'bytes',
    sizeBytes: 8,
    signed: false,
    type: { kind: 'float', name: 'double', sizeBytes: 8 },
  },
  content: new Uint8Array(Float64Array.of(-1234.5).buffer),
};

describe('printf conversions', () => {
  test.each<[string, Value[], string]>([
    // decimal, by the sign of the type
    ['%d', [int('i32', -5)], '-5'],
    ['%d', [int('u32', -5)], '4294967291'],
    ['%d', [int('i8', -1)], '-1'],
    ['%d', [int('u8', 255)], '255'],
    ['%d', [int('i16', -300)], '-300'],
    ['%d', [int('i64', -(1n << 63n))], '-9223372036854775808'],
    ['%d', [int('u64', MINUS_ONE)], '18446744073709551615'],
    ['%d', [int('i64', (1n << 53n) + 1n)], '9007199254740993'],
    ['%d', [int('i64', -(1n << 53n))], '-9007199254740992'],
    ['%d', [int('i64', 0x3fff_ffff)], '1073741823'],
    ['%d', [int('i64', 0x4000_0000)], '1073741824'],
    ['%i', [int('u32', -5)], '-5'],
    ['%i', [int('u64', MINUS_ONE)], '-1'],
    ['%u', [int('i32', -5)], '4294967291'],
    ['%u', [int('i64', -1)], '18446744073709551615'],
    ['%lld', [int('i8', -3)], '-3'],
    ['%hd', [int('i64', 1n << 40n)], '1099511627776'],
    // hexadecimal and octal, at the argument's size
    ['%x', [int('i8', -1)], 'ff'],
    ['%x', [int('i32', -1)], 'ffffffff'],
    ['%X', [int('i64', -2)], 'FFFFFFFFFFFFFFFE'],
    ['%o', [int('i16', -1)], '177777'],
    ['%#x', [int('i32', 31)], '0x1f'],
    ['%#x', [int('i32', 0)], '0'],
    ['%#X', [int('i32', 31)], '0X1F'],
    ['%#o', [int('i32', 8)], '010'],
    ['%p', [int('u64', 0xffffffff81000000n)], 'ffffffff81000000'],
    ['%?p|', [int('u64', 0x1000n)], '            1000|'],
    ['%0?x', [int('u64', 0x1000n)], '0000000000001000'],
    // layout
    ['%5d|', [int('i32', 42)], '   42|'],
    ['%-5d|', [int('i32', 42)], '42   |'],
    ['%05d|', [int('i32', -42)], '-0042|'],
    ['%-05d|', [int('i32', 42)], '00042|'],
    ['%+d % d %+d', [int('i32', 1), int('i32', 1), int('i32', -1)], '+1  1 -1'],
    ['%.5d', [int('i32', -42)], '-00042'],
    ['%8.5d|', [int('i32', 42)], '   00042|'],
    ['%08.5d|', [int('i32', 42)], '   00042|'],
    ["%'d", [int('i64', 1234567)], '1,234,567'],
    ["%'d", [int('i64', -123)], '-123'],
    ["%'15d", [int('i64', -1234567)], '     -1,234,567'],
    ['%*d|', [int('i32', 6), int('i32', 42)], '    42|'],
    ['%*d|', [int('i32', -6), int('i32', 42)], '42    |'],
    ['%.*d', [int('i32', 4), int('i32', 42)], '0042'],
    ['%*.*s|', [int('i32', 6), int('i32', 2), text('hello')], '    he|'],
    ['%.*s', [int('i32', -1), text('hello')], 'hello'],
    // text
    ['%s', [text('hello')], 'hello'],
    ['%10s|%-10s|', [text('ab'), text('cd')], '        ab|cd        |'],
    ['%.3s', [text('hello')], 'hel'],
    ['%.0s', [text('hello')], 'hello'],
    ['%s', [bytes('abc\0def')], 'abc'],
    ['%s', [bytes('abc')], 'abc'],
    ['%s|', [text('')], '|'],
    ['%s', [text('a\xff\xc3')], 'a\xff\xc3'],
    ['%S', [text('a\n\t"\\\x01\xff')], 'a\\n\\t\\"\\\\\\001\\377'],
    ['%S', [bytes('a\0b\0\0')], 'a\\0b'],
    ['%c%c', [int('i32', 0x41), int('i8', 0x42)], 'AB'],
    ['%3c|%-3c|', [int('i32', 0x41), int('i32', 0x42)], '  A|B  |'],
    ['%c', [int('i32', 0x141)], 'A'],
    ['%C%C', [int('i32', 10), int('i32', 0x61)], '\\na'],
    ['%ls', [bytes(new Uint8Array(Uint32Array.of(0x41, 0x42, 0).buffer))], 'AB'],
    ['%I', [text('10.0.0.1')], '10.0.0.1'],
    // addresses, ports, stacks
    ['%a', [int('u64', 0xffffffff81000000n)], '0xffffffff81000000'],
    ['%a', [address(0x1234n)], '0x1234'],
    ['%P', [int('u16', 0x5000)], '80'],
    ['%k', [stack(0x10n, 0x20n, 0n)], '\n0x10\n0x20\n'],
    ['%-4k', [stack(0x10n)], '\n    0x10\n'],
    // floating point
    ['%f', [FLOAT], '-1234.500000'],
    ['%.1f|%10.2f|', [FLOAT, FLOAT], '-1234.5|  -1234.50|'],
    ['%e', [FLOAT], '-1.234500e+03'],
    ['%g', [FLOAT], '-1234.5'],
    ['%.3g', [FLOAT], '-1.23e+03'],
    ['%012.2f', [FLOAT], '-00001234.50'],
    // literals
    ['100%% of %d\n', [int('i32', 7)], '100% of 7\n'],
  ])('%j', (literal, values, expected) => {
    expect(printf(literal, ...values)).toBe(expected);
  });
});

describe('times are local', () => {
  const before = process.env['TZ'];
  beforeAll(() => {
    process.env['TZ'] = 'Europe/Berlin';
  });
  afterAll(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  test.each<[string, bigint, string]>([
    ['%Y', 0n, '1970 Jan  1 01:00:00'],
    ['%Y', 123_783_600_999_999_999n, '1973 Dec  3 17:20:00'],
    ['%Y', -1n, '1970 Jan  1 00:59:59'],
    ['%Y', 1_700_000_000_000_000_000n, '2023 Nov 14 23:13:20'],
    ['%25Y|', 0n, '     1970 Jan  1 01:00:00|'],
    ['%T', 123_783_600n * 1_000_000_000n, 'Mon, 03 Dec 1973 17:20:00 CET'],
    ['%T', 1_690_000_000n * 1_000_000_000n, 'Sat, 22 Jul 2023 06:26:40 CEST'],
    // 1 January 2023 is a Sunday, in the last week of 2022.
    ['%T', 1_672_570_800n * 1_000_000_000n, 'Sun, 01 Jan 2022 12:00:00 CET'],
  ])('%s of %d', (literal, nanoseconds, expected) => {
    expect(printf(literal, int('i64', nanoseconds))).toBe(expected);
  });
});
