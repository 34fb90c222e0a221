import { describe, expect, test } from 'vitest';
import type { Aggregation } from '../../../src/dif/program.ts';
import { address, bytes, FakeSession, int, type Step, stack, text, type Value } from './fake-session.ts';

const HEAD = '           value  ------------- Distribution ------------- count    \n';
const bar = (label: string, length: number, count: number) =>
  `${label.padStart(16)} |${'@'.repeat(length).padEnd(40)} ${String(count).padEnd(9)}\n`;

function printa(session: FakeSession, aggregations: Aggregation[], format?: string): string {
  const step: Step =
    format === undefined ? { kind: 'printa', aggregations } : { kind: 'printa', format, aggregations };
  return session.set('quiet').fire([step]).text();
}

/** Quantize bucket of a value, by the table's rule: 63 negative, zero, 63 positive. */
function quantizeBucket(value: number): number {
  if (value === 0) return 63;
  const power = Math.floor(Math.log2(Math.abs(value))) + 1;
  return value > 0 ? 63 + power : 63 - power;
}

function quantized(session: FakeSession, aggregation: Aggregation, values: readonly number[]): bigint[] {
  const counts: Record<number, number> = {};
  for (const value of values) counts[quantizeBucket(value)] = (counts[quantizeBucket(value)] ?? 0) + 1;
  return session.histogram(aggregation, counts);
}

describe('the default layout', () => {
  test.each<[string, Value[], string]>([
    ['8-byte key', [int('i64', 1)], '                1'],
    ['8-byte unsigned key, printed signed', [int('u64', 0xffffffff81000000n)], '      -2130706432'],
    ['4-byte key', [int('i32', -1)], '       -1'],
    ['2-byte key, zero-extended', [int('i16', -1)], ' 65535'],
    ['1-byte key, zero-extended', [int('i8', -2)], ' 254'],
    ['string key', [text('abc')], `  ${'abc'.padEnd(50)}`],
    ['char array key', [bytes('hi\0\0')], `  ${'hi'.padEnd(50)}`],
    ['symbol key', [address(0x1234n)], `  ${'0x1234'.padEnd(50)}`],
    ['tuple', [int('i32', 7), text('x'), int('i8', 3)], `        7  ${'x'.padEnd(50)}   3`],
    [
      'stack key',
      [stack(0x10n, 0x20n), int('i32', 5)],
      '\n              0x10\n              0x20\n        5',
    ],
    ['no key', [], ''],
  ])('%s', (_, keys, expected) => {
    const session = new FakeSession().set('quiet');
    session.store.add(session.aggregation('count', keys), keys, [42n]);
    expect(session.finished()).toBe(`\n${expected}               42\n`);
  });

  test('quiet example of the reference', () => {
    const session = new FakeSession().set('quiet');
    const keys = [int('i32', 1)];
    session.store.add(session.aggregation('count', keys), keys, [1n]);
    expect(session.finished()).toBe('\n        1                1\n');
  });

  test.each<[string, bigint[], bigint, string]>([
    ['sum', [-(1n << 63n)], 1n, '-9223372036854775808'],
    ['sum', [-7n], 2n, '-3'],
    ['sum', [7n], -1n, '0'], // a divisor is unsigned: 2^64 - 1
    ['min', [(1n << 63n) - 1n], 1n, '9223372036854775807'],
    ['max', [5n], 1n, '5'],
    ['avg', [2n, 3n], 1n, '1'],
    ['avg', [2n, -3n], 1n, '-1'],
    ['avg', [2n, -900n], 1n, '-450'],
    ['avg', [0n, 0n], 1n, '0'],
    ['avg', [2n, 100n], 10n, '5'],
    ['stddev', [8n, 40n, 232n, 0n], 1n, '2'],
    ['stddev', [0n, 0n, 0n, 0n], 1n, '0'],
    ['stddev', [2n, 0n, 0n, 2n], 1n, '4294967296'], // two values of ±2^32: Σx² is 2 × 2^64
  ])('%s of %s, normalised by %s', (func, words, normal, expected) => {
    const session = new FakeSession().set('quiet');
    const aggregation = session.aggregation(func as 'sum', []);
    session.store.add(aggregation, [], words);
    session.store.normalize(aggregation, normal);
    expect(session.finished()).toBe(`\n ${expected.padStart(16)}\n`);
  });
});

describe('order', () => {
  /** Keys in the order in which the given options print them; entries are [key, value]. */
  function order(entries: readonly (readonly [Value, bigint])[], ...options: string[]): string[] {
    const session = new FakeSession().set('quiet', ...options);
    const aggregation = session.aggregation('sum', [entries[0]![0]]);
    for (const [key, value] of entries) session.store.add(aggregation, [key], [value]);
    const literal = entries[0]![0].shape.kind === 'string' ? '%s ' : '%d ';
    session.fire([{ kind: 'printa', format: literal, aggregations: [aggregation] }]);
    return session.text().trim().split(' ');
  }

  const entries = [
    [int('i64', 3), 10n],
    [int('i64', -1), 10n],
    [int('i64', 2), -5n],
    [int('i64', 7), 1n << 40n],
    [int('i64', 5), (1n << 40n) + 1n],
  ] as const;

  test('by value, then by key, both signed', () => {
    expect(order(entries)).toEqual(['2', '-1', '3', '7', '5']);
  });

  test('aggsortrev, aggsortkey', () => {
    expect(order(entries, 'aggsortrev')).toEqual(['5', '7', '3', '-1', '2']);
    expect(order(entries, 'aggsortkey')).toEqual(['-1', '2', '3', '5', '7']);
    expect(order(entries, 'aggsortkey', 'aggsortrev')).toEqual(['7', '5', '3', '2', '-1']);
  });

  test('strings by bytes, a prefix first', () => {
    const names = ['b', 'ab', 'a', '\xff', 'B'].map((name) => [text(name), 1n] as const);
    expect(order(names)).toEqual(['B', 'a', 'ab', 'b', '\xff']);
  });

  test('aggsortkeypos begins with a later key and wraps', () => {
    const session = new FakeSession().set('quiet', 'aggsortkey', 'aggsortkeypos=1');
    const pairs = [
      [1, 9],
      [2, 3],
      [1, 3],
    ].map(([a, b]) => [int('i32', a!), int('i32', b!)]);
    const aggregation = session.aggregation('count', pairs[0]!);
    for (const pair of pairs) session.store.add(aggregation, pair, [1n]);
    expect(printa(session, [aggregation], '%d,%d ')).toBe('1,3 2,3 1,9 ');
  });

  test('averages and deviations by what they come to, histograms by their weight', () => {
    const session = new FakeSession().set('quiet');
    const key = (n: number) => [int('i32', n)];
    const average = session.aggregation('avg', key(0));
    session.store.add(average, key(1), [1n, 10n]);
    session.store.add(average, key(2), [10n, 50n]);
    const histogram = session.aggregation('quantize', key(0));
    session.store.add(histogram, key(1), quantized(session, histogram, [8]));
    session.store.add(histogram, key(2), quantized(session, histogram, [1, 1, 1]));
    session.store.add(histogram, key(3), quantized(session, histogram, [-100]));
    session.store.add(histogram, key(4), quantized(session, histogram, [8, 0]));
    session.fire([{ kind: 'printa', format: '%d ', aggregations: [average] }]);
    session.fire([{ kind: 'printa', format: '%d ', aggregations: [histogram] }]);
    expect(session.text()).toBe('2 1 3 2 1 4 ');
  });

  test('aggregations follow each other; aggsortrev turns that round, aggsortkey mixes them', () => {
    const print = (...options: string[]) => {
      const session = new FakeSession().set('quiet', ...options);
      const key = (n: number) => [int('i8', n)];
      const [a, b] = [session.aggregation('count', key(0)), session.aggregation('count', key(0))];
      session.store.add(a, key(2), [1n]);
      session.store.add(a, key(1), [5n]);
      session.store.add(b, key(1), [3n]);
      return session.finished().trim().replace(/ +/g, ' ');
    };
    expect(print()).toBe('2 1\n 1 5\n 1 3');
    expect(print('aggsortrev')).toBe('1 3\n 1 5\n 2 1');
    expect(print('aggsortkey')).toBe('1 5\n 1 3\n 2 1');
  });
});

describe('histograms', () => {
  test('quantize, keyed: the verified example', () => {
    const session = new FakeSession().set('quiet');
    const keys = [int('i32', 7)];
    const aggregation = session.aggregation('quantize', keys);
    session.store.add(aggregation, keys, quantized(session, aggregation, [-5, -1, 0, 1, 2, 3, 3, 100, 1000]));
    const rows: [string, number, number][] = [
      ['-8', 0, 0],
      ['-4', 4, 1],
      ['-2', 0, 0],
      ['-1', 4, 1],
      ['0', 4, 1],
      ['1', 4, 1],
      ['2', 13, 3],
      ['4', 0, 0],
      ['8', 0, 0],
      ['16', 0, 0],
      ['32', 0, 0],
      ['64', 4, 1],
      ['128', 0, 0],
      ['256', 0, 0],
      ['512', 4, 1],
      ['1024', 0, 0],
    ];
    expect(session.finished()).toBe(`\n        7\n${HEAD}${rows.map((row) => bar(...row)).join('')}\n`);
  });

  test('lquantize: the verified example', () => {
    const session = new FakeSession().set('quiet');
    const aggregation = session.aggregation('lquantize', [], {
      kind: 'lquantize',
      base: 0,
      step: 10,
      levels: 10,
    });
    // -3 5 11 12 99 100 2000
    session.store.add(aggregation, [], session.histogram(aggregation, { 0: 1, 1: 1, 2: 2, 10: 1, 11: 2 }));
    const rows: [string, number, number][] = [
      ['< 0', 6, 1],
      ['0', 6, 1],
      ['10', 11, 2],
      ['20', 0, 0],
      ['30', 0, 0],
      ['40', 0, 0],
      ['50', 0, 0],
      ['60', 0, 0],
      ['70', 0, 0],
      ['80', 0, 0],
      ['90', 6, 1],
      ['>= 100', 11, 2],
    ];
    expect(session.finished()).toBe(`\n\n${HEAD}${rows.map((row) => bar(...row)).join('')}\n`);
  });

  test('mixed signs: the verified example', () => {
    const session = new FakeSession().set('quiet');
    const aggregation = session.aggregation('quantize', []);
    session.store.add(aggregation, [], session.histogram(aggregation, { 64: 3, 66: -1 }));
    expect(session.finished()).toBe(
      [
        '',
        '',
        HEAD.trimEnd().padEnd(68),
        '               0                     |                     0        ',
        '               1                     |@@@@@@@@@@@@@@@      3        ',
        '               2                     |                     0        ',
        '               4                @@@@@|                     -1       ',
        '               8                     |                     0        ',
        '',
        '',
      ].join('\n'),
    );
  });

  test('negative counts alone draw to the left', () => {
    const session = new FakeSession().set('quiet');
    const aggregation = session.aggregation('quantize', []);
    session.store.add(aggregation, [], session.histogram(aggregation, { 64: -3, 65: -1 }));
    expect(session.finished()).toBe(
      `\n\n${HEAD}` +
        `               0 ${' '.repeat(40)}| 0        \n` +
        `               1 ${'@'.repeat(30).padStart(40)}| -3       \n` +
        `               2 ${'@'.repeat(10).padStart(40)}| -1       \n` +
        `               4 ${' '.repeat(40)}| 0        \n\n`,
    );
  });

  test('normalize() divides counts, not bars; aggzoom fills the longest', () => {
    const session = new FakeSession().set('quiet', 'aggzoom');
    const aggregation = session.aggregation('quantize', []);
    session.store.add(aggregation, [], session.histogram(aggregation, { 64: 100, 65: 50 }));
    session.store.normalize(aggregation, 10n);
    expect(session.finished()).toBe(
      `\n\n${HEAD}${bar('0', 0, 0)}${bar('1', 38, 10)}${bar('2', 19, 5)}${bar('4', 0, 0)}\n`,
    );
  });

  test('cleared histograms show their middle or their start', () => {
    const session = new FakeSession().set('quiet');
    const params = { kind: 'lquantize', base: 5, step: 5, levels: 4 } as const;
    const log = { kind: 'llquantize', factor: 10, low: 0, high: 1, steps: 10 } as const;
    for (const [func, constants] of [
      ['quantize', { kind: 'none' }],
      ['lquantize', params],
      ['llquantize', log],
    ] as const) {
      const aggregation = session.aggregation(func, [], constants);
      session.store.add(aggregation, [], session.histogram(aggregation, {}));
    }
    const empty = (...labels: string[]) => `\n${HEAD}${labels.map((label) => bar(label, 0, 0)).join('')}\n`;
    expect(session.finished()).toBe(
      `\n${empty('-1', '0', '1')}${empty('< 5', '5', '10')}${empty('abs() < 1', '1')}`,
    );
  });

  test('the outermost buckets have no neighbours to show', () => {
    const session = new FakeSession().set('quiet');
    const aggregation = session.aggregation('quantize', []);
    session.store.add(aggregation, [], session.histogram(aggregation, { 126: 1 }));
    expect(session.finished()).toBe(
      `\n\n${HEAD}${bar('2305843009213693952', 0, 0)}${bar('4611686018427387904', 40, 1)}\n`,
    );
  });
});

describe('printa()', () => {
  const key = (n: number) => [int('i32', n)];

  function twoTables(): { session: FakeSession; a: Aggregation; b: Aggregation } {
    const session = new FakeSession();
    const [a, b] = [session.aggregation('count', key(0)), session.aggregation('sum', key(0))];
    for (const [k, v] of [
      [1, 10],
      [3, 5],
    ] as const)
      session.store.add(a, key(k), [BigInt(v)]);
    for (const [k, v] of [
      [3, -7],
      [2, 4],
    ] as const)
      session.store.add(b, key(k), [BigInt(v)]);
    return { session, a, b };
  }

  test('without a format: a newline and the default layout; nothing is left for the end', () => {
    const { session, a } = twoTables();
    const expected = '\n        3                5\n        1               10\n';
    expect(printa(session, [a])).toBe(expected);
    const rest = '\n        3               -7\n        2                4\n';
    expect(session.finished()).toBe(expected + rest);
  });

  test('a row outside quiet mode', () => {
    const { session, a } = twoTables();
    session.fire([{ kind: 'printa', format: '%d=%@d ', aggregations: [a] }]);
    expect(session.text()).toBe(
      'CPU     ID                    FUNCTION:NAME\n  0      1                           :BEGIN 3=5 1=10 \n',
    );
  });

  test('joined: missing values are 0', () => {
    const { session, a, b } = twoTables();
    expect(printa(session, [a, b])).toBe(
      '\n        2                0                4\n' +
        '        3                5               -7\n' +
        '        1               10                0\n',
    );
  });

  test('joined with a format: each %@ takes the next aggregation, the last one again', () => {
    const { session, a, b } = twoTables();
    expect(printa(session, [a, b], '%d:%@d,%@d,%@x ')).toBe('2:0,4,4 3:5,-7,fffffffffffffff9 1:10,0,0 ');
  });

  test('aggsortpos picks the aggregation that orders the rows', () => {
    const { session, a, b } = twoTables();
    session.set('aggsortpos=1');
    expect(printa(session, [a, b], '%d ')).toBe('3 1 2 ');
  });

  test('formats of values and keys', () => {
    const session = new FakeSession();
    const keys = [text('name'), int('u8', 200)];
    const aggregation = session.aggregation('sum', keys);
    session.store.add(aggregation, keys, [-1n]);
    expect(printa(session, [aggregation], '%-6s|%d|%@10d|%10@d|%@u|%@x|%@o\n')).toBe(
      'name  |200|        -1|        -1|18446744073709551615|ffffffffffffffff|1777777777777777777777\n',
    );
  });

  test('fewer keys than there are, no keys, a repeated value', () => {
    const { session, a } = twoTables();
    expect(printa(session, [a], '%@d %@d;')).toBe('5 5;10 10;');
  });

  test('averages ignore the letter, histograms the whole conversion', () => {
    const session = new FakeSession();
    const average = session.aggregation('avg', []);
    session.store.add(average, [], [3n, -10n]);
    expect(printa(session, [average], '%@5x|')).toBe('   -3|');
    const histogram = session.aggregation('quantize', []);
    session.store.add(histogram, [], session.histogram(histogram, { 64: 1 }));
    session.output = '';
    expect(printa(session, [histogram], 'h:%@-30d:\n')).toBe(
      `h:\n${HEAD}${bar('0', 0, 0)}${bar('1', 40, 1)}${bar('2', 0, 0)}:\n`,
    );
  });

  test('a histogram missing from a joined row is an empty one', () => {
    const session = new FakeSession();
    const count = session.aggregation('count', key(0));
    const histogram = session.aggregation('quantize', key(0));
    session.store.add(count, key(1), [1n]);
    expect(printa(session, [count, histogram], '%d %@d %@d')).toBe(
      `1 1 \n${HEAD}${bar('-1', 0, 0)}${bar('0', 0, 0)}${bar('1', 0, 0)}`,
    );
  });

  test('%*d makes a column as wide as it needs to be', () => {
    const { session, a } = twoTables();
    session.store.add(a, key(12345), [1n]);
    expect(printa(session, [a], '%*d|%-*d|%@*d\n')).toBe('12345|| 1\n    3|| 5\n    1||10\n');
  });

  test('no entries: only the newline of the unformatted form', () => {
    const session = new FakeSession();
    const aggregation = session.aggregation('count', []);
    expect(printa(session, [aggregation])).toBe('\n');
    expect(printa(session, [aggregation], '%@d')).toBe('\n');
  });
});

describe('trunc, clear, normalize', () => {
  const key = (n: number) => [int('i32', n)];

  function table(values: readonly number[]): {
    session: FakeSession;
    aggregation: Aggregation;
    left(): string;
  } {
    const session = new FakeSession().set('quiet');
    const aggregation = session.aggregation('sum', key(0));
    values.forEach((value, i) => {
      session.store.add(aggregation, key(i), [BigInt(value)]);
    });
    const left = () => printa(session, [aggregation], '%d=%@d ').trim();
    return { session, aggregation, left };
  }

  test.each<[number, string]>([
    [2, '0=8 3=9'],
    [-2, '1=-5 4=2'],
    [9, '1=-5 4=2 2=3 0=8 3=9'],
    [-9, '1=-5 4=2 2=3 0=8 3=9'],
    [0, ''],
  ])('trunc(@, %d)', (count, expected) => {
    const { session, aggregation, left } = table([8, -5, 3, 9, 2]);
    session.set('aggsortkey', 'aggsortrev').fire([{ kind: 'trunc', aggregation, value: int('i32', count) }]);
    session.options.set('aggsortkey', 'off', 'setopt');
    session.options.set('aggsortrev', 'off', 'setopt');
    expect(left()).toBe(expected);
  });

  test('trunc(@) removes everything, and nothing prints at the end', () => {
    const { session, aggregation } = table([1, 2]);
    session.fire([{ kind: 'trunc', aggregation }]);
    expect(session.finished()).toBe('\n');
  });

  test('clear() keeps keys', () => {
    const { session, aggregation, left } = table([1, 2]);
    session.fire([{ kind: 'clear', aggregation }]);
    expect(left()).toBe('0=0 1=0');
  });

  test('normalize() and denormalize(); 0 is ignored, values are unsigned', () => {
    const { session, aggregation, left } = table([100, -100]);
    session.fire([{ kind: 'normalize', aggregation, value: int('i32', 10) }]);
    expect(left()).toBe('1=-10 0=10');
    session.output = '';
    session.fire([{ kind: 'normalize', aggregation, value: int('i32', 0) }]);
    expect(left()).toBe('1=-10 0=10');
    session.output = '';
    session.fire([{ kind: 'normalize', aggregation, value: int('i8', -1) }]);
    expect(left()).toBe('1=0 0=0');
    session.output = '';
    session.fire([{ kind: 'denormalize', aggregation }]);
    expect(left()).toBe('1=-100 0=100');
  });
});

describe('other layouts', () => {
  test('agghist: one bar per entry, scaled over the aggregation', () => {
    const session = new FakeSession().set('quiet', 'agghist');
    const keys = (name: string) => [text(name)];
    const aggregation = session.aggregation('count', keys(''));
    session.store.add(aggregation, keys('read'), [30n]);
    session.store.add(aggregation, keys('write'), [10n]);
    expect(session.finished()).toBe(
      `\n\n${'key'.padStart(17)} ${'------------- Distribution -------------'.padStart(41)} count    \n` +
        `${'write'.padStart(17)} |${'@'.repeat(10).padEnd(40)} 10       \n` +
        `${'read'.padStart(17)} |${'@'.repeat(30).padEnd(40)} 30       \n`,
    );
  });

  test('aggpack: one line per histogram, all over the same buckets', () => {
    const session = new FakeSession().set('quiet', 'aggpack');
    const keys = (n: number) => [int('i32', n)];
    const aggregation = session.aggregation('quantize', keys(0));
    session.store.add(aggregation, keys(7), quantized(session, aggregation, [-1, -1, -1, 4]));
    session.store.add(aggregation, keys(8), quantized(session, aggregation, [1]));
    expect(session.finished()).toBe(
      '\n\n      key min .-----. max | count\n' +
        '        7  -1 :x   _: 4   | 4\n' +
        '        8  -1 :  X  : 4   | 1\n',
    );
  });

  test.each([
    ['blocks on a terminal that knows UTF-8', true, undefined, '\u2588'],
    ['letters elsewhere', false, undefined, 'X'],
    ['letters when they are asked for', true, 'encoding=ascii', 'X'],
    ['blocks when they are asked for', false, 'encoding=utf8', '\u2588'],
  ])('aggpack: %s', (_, isUtf8, encoding, cell) => {
    const session = new FakeSession({ showsUtf8: () => isUtf8 }).set('quiet', 'aggpack');
    if (encoding) session.set(encoding);
    const aggregation = session.aggregation('quantize', []);
    session.store.add(aggregation, [], quantized(session, aggregation, [1]));
    const output = Buffer.from(session.finished(), 'latin1').toString('utf8');
    expect(output).toBe(`\n\nkey min .-. max | count\n   1 :${cell}: 1   | 1\n`);
  });
});

test('a million entries sort and print in a few seconds', () => {
  const session = new FakeSession().set('quiet');
  const aggregation = session.aggregation('count', [int('u64', 0)]);
  const count = 1_000_000;
  const { memory } = session;
  const base = memory.reserve(count * 16);
  for (let i = 0; i < count; i++) {
    memory.u32[(base + i * 16) / 4] = Math.imul(i, 2654435761) >>> 0;
    memory.i32[(base + i * 16) / 4 + 1] = i & 1 ? -1 : 0;
    memory.u32[(base + i * 16 + 8) / 4] = Math.imul(i, 40503) & 0xffff;
  }
  const entries = Array.from({ length: count }, (_, i) => {
    const keyOffset = base + i * 16;
    return { keyOffset, valueOffset: keyOffset + 8, words: 1, normal: 1n };
  });
  session.store.tables.set(aggregation, entries);
  const start = process.cpuUsage();
  let lines = 0;
  let last = -1;
  let isSorted = true;
  const output = session.finished();
  const elapsedMs = process.cpuUsage(start).user / 1000;
  for (let at = 1; at < output.length; at = output.indexOf('\n', at) + 1) {
    const value = Number(output.slice(at + 17, output.indexOf('\n', at)));
    isSorted &&= value >= last;
    last = value;
    lines++;
  }
  expect(lines).toBe(count);
  expect(isSorted).toBe(true);
  expect(elapsedMs).toBeLessThan(15_000);
});

describe('tables that are printed many rows at once', () => {
  const COUNT = 20_000; // enough for code to be made for them
  const keysOf = (i: number) => [BigInt((i * 7919) % 65536) - 300n, BigInt(i % 251)] as const;
  const countOf = (i: number) => BigInt(i) * 4_000_000_007n - 5_000_000n;

  /** Two keys, of 8 bytes and of one, and a value; entries lie as the engine lays them out. */
  function tableOf(session: FakeSession, normal = 1n): Aggregation {
    const aggregation = session.aggregation('sum', [int('i64', 0), int('u8', 0)]);
    const { memory } = session;
    const base = memory.reserve(COUNT * 24);
    const entries = Array.from({ length: COUNT }, (_, i) => {
      const keyOffset = base + i * 24;
      memory.i64.set([...keysOf(i), countOf(i)], keyOffset / 8);
      return { keyOffset, valueOffset: keyOffset + 16, words: 1, normal };
    });
    session.store.tables.set(aggregation, entries);
    return aggregation;
  }

  /** Values rise with i. */
  const lines = (line: (a: bigint, b: bigint, value: bigint) => string) =>
    Array.from({ length: COUNT }, (_, i) => line(...keysOf(i), countOf(i))).join('');
  const columns = (a: bigint, b: bigint, value: bigint) =>
    ` ${String(a).padStart(16)} ${String(b).padStart(3)} ${String(value).padStart(16)}\n`;

  test('default layout', () => {
    const session = new FakeSession();
    expect(printa(session, [tableOf(session)])).toBe(`\n${lines(columns)}`);
  });

  test('by a format, with a width that goes by the widest', () => {
    const session = new FakeSession();
    const line = (a: bigint, b: bigint, value: bigint) =>
      `${String(a).padEnd(9)}|${b.toString(16).padStart(4, '0')}|${String(value).padStart(14)}|\n`;
    const printed = printa(session, [tableOf(session)], '%-9d|%04x|%@*d|\n');
    expect(printed).toBe(lines(line));
  });

  test('normalized values are what they are divided by', () => {
    const session = new FakeSession();
    const line = (a: bigint, b: bigint, value: bigint) => columns(a, b, value / 3n);
    expect(printa(session, [tableOf(session, 3n)])).toBe(`\n${lines(line)}`);
  });
});
