/** Aggregating functions: values after a list of inputs (d-language.md A.2), bucket geometry, keys, clear, trunc. */
import { describe, expect, test } from 'vitest';
import type { AggFuncName } from '../../src/dif/aggregating-functions.ts';
import { bucketLabel, buckets, bucketWeight, valueWords } from '../../src/dif/buckets.ts';
import type { AggregationParams } from '../../src/dif/program.ts';
import {
  aggregation,
  bytesShape,
  constant,
  dif,
  evaluate,
  intShape,
  Lab,
  PROBE,
  STRING,
  variable,
} from '../support/engine-lab.ts';

const MIN = -(1n << 63n);
const MAX = (1n << 63n) - 1n;
const NONE: AggregationParams = { kind: 'none' };
const TENS: AggregationParams = { kind: 'lquantize', base: 0, step: 10, levels: 10 };
const DECADES: AggregationParams = { kind: 'llquantize', factor: 10, low: 0, high: 2, steps: 10 };

/** The words of an unkeyed aggregation after it was given these values, each with its increment. */
function wordsAfter(
  func: AggFuncName,
  values: readonly bigint[],
  params = NONE,
  increments: readonly bigint[] = [],
): bigint[] {
  const argument = (n: number) => dif(`ldgs arg${n}, %r1\nret %r1`);
  const statement = {
    kind: 'aggregate',
    aggregation: 0,
    ...(func === 'count' ? {} : { value: argument(0) }),
    ...(increments.length > 0 ? { increment: argument(1) } : {}),
  } as const;
  const lab = new Lab([[PROBE, { statements: [statement] }]], {
    aggregations: [aggregation(0, func, [], params)],
  }).start();
  values.forEach((value, i) => {
    lab.firing.setArg(0, value);
    lab.firing.setArg(1, increments[i] ?? 0n);
    lab.fire();
  });
  return lab.values(0, valueWords(func, params)).get(0n) ?? [];
}

/** Labels of the buckets that are not 0, with their counts. */
function histogram(
  func: 'quantize' | 'lquantize' | 'llquantize',
  values: readonly bigint[],
  params = NONE,
  increments: readonly bigint[] = [],
): string[] {
  const rows = buckets(func, params);
  return wordsAfter(func, values, params, increments).flatMap((count, i) =>
    count === 0n ? [] : [`${bucketLabel(rows[i]!)}: ${count}`],
  );
}

test.each([
  ['count', [1n, 2n, 3n], [3n]],
  ['sum', [MAX, 1n], [MIN]],
  ['sum', [0xffffffffn, 1n, -2n], [0xfffffffen]],
  ['min', [5n, -7n, 3n], [-7n]],
  ['min', [0x1_0000_0000n, 0x1_0000_0001n], [0x1_0000_0000n]],
  ['max', [-5n, -7n, MIN], [-5n]],
  ['max', [1n, 0x8000_0000n, 3n], [0x8000_0000n]],
  ['avg', [1n, 2n], [2n, 3n]],
  ['avg', [0n, -900n], [2n, -900n]],
  ['stddev', [2n, 4n, 4n, 4n, 5n, 5n, 7n, 9n], [8n, 40n, 232n, 0n]],
] as const)('%s, case %#', (func, values, words) => {
  expect(wordsAfter(func, values)).toEqual(words);
});

test('the squares of stddev carry into 128 bits', () => {
  const [n, sum, low, high] = wordsAfter('stddev', [MIN, MAX, MIN]);
  const squares = MIN * MIN * 2n + MAX * MAX;
  expect([n, sum]).toEqual([3n, BigInt.asIntN(64, MIN * 2n + MAX)]);
  expect((BigInt.asUintN(64, high!) << 64n) | BigInt.asUintN(64, low!)).toBe(squares);
});

describe('quantize', () => {
  test.each([
    [-1n, '-1'],
    [-2n, '-2'],
    [-3n, '-2'],
    [-5n, '-4'],
    [0n, '0'],
    [1n, '1'],
    [3n, '2'],
    [1023n, '512'],
    [1024n, '1024'],
    [0xffffffffn, '2147483648'],
    [0x100000000n, '4294967296'],
    [-0x100000000n, '-4294967296'],
    [-0x100000001n, '-4294967296'],
    [MAX, `${1n << 62n}`],
    [MIN, `${-(1n << 62n)}`],
    [MIN + 1n, `${-(1n << 62n)}`],
  ])('%s falls into %s', (value, bucket) => {
    expect(histogram('quantize', [value])).toEqual([`${bucket}: 1`]);
  });

  test('increments add up, also negative ones', () => {
    expect(histogram('quantize', [1n, 4n, 1n], NONE, [3n, -1n, 0n])).toEqual(['1: 3', '4: -1']);
  });
});

describe('lquantize', () => {
  test.each([
    [-3n, '< 0'],
    [0n, '0'],
    [99n, '90'],
    [100n, '>= 100'],
    [MAX, '>= 100'],
    [MIN, '< 0'],
    [0x100000005n, '>= 100'],
  ])('%s falls into %s', (value, bucket) => {
    expect(histogram('lquantize', [value], TENS)).toEqual([`${bucket}: 1`]);
  });

  test('the overflow row is base + levels × step', () => {
    const params = { kind: 'lquantize', base: -5, step: 4, levels: 2 } as const;
    expect(buckets('lquantize', params).map(bucketLabel)).toEqual(['< -5', '-5', '-1', '>= 3']);
  });
});

describe('llquantize', () => {
  test.each([
    [0n, 'abs() < 1'],
    [1n, '1'],
    [9n, '9'],
    [10n, '10'],
    [11n, '10'],
    [250n, '200'],
    [999n, '900'],
    [1000n, '>= 1000'],
    [-1n, '-1'],
    [-250n, '-200'],
    [-1000n, '<= -1000'],
    [MIN, '<= -1000'],
  ])('%s falls into %s', (value, bucket) => {
    expect(histogram('llquantize', [value], DECADES)).toEqual([`${bucket}: 1`]);
  });

  test.each([
    [
      { factor: 10, low: 1, high: 1, steps: 10 },
      ['10', '20', '30', '40', '50', '60', '70', '80', '90', '>= 100'],
    ],
    [{ factor: 2, low: 0, high: 3, steps: 4 }, ['1', '2', '3', '4', '6', '8', '12', '>= 16']],
    [{ factor: 10, low: 0, high: 0, steps: 5 }, ['1', '2', '4', '6', '8', '>= 10']],
    [{ factor: 10, low: 0, high: 0, steps: 100 }, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '>= 10']],
  ])('%j has these positive rows', (params, labels) => {
    const rows = buckets('llquantize', { kind: 'llquantize', ...params });
    expect(rows.slice((rows.length + 1) / 2).map(bucketLabel)).toEqual(labels);
    expect(rows[(rows.length - 1) / 2]?.kind).toBe('near-zero');
    const negative = rows.slice(0, (rows.length - 1) / 2).map(({ low }) => low);
    expect(negative).toEqual(
      rows
        .slice((rows.length + 1) / 2)
        .map(({ low }) => -low)
        .reverse(),
    );
  });

  test('reaches the end of 64 bits', () => {
    const params = { kind: 'llquantize', factor: 2, low: 62, high: 62, steps: 2 } as const;
    expect(histogram('llquantize', [MAX, MIN], params)).toEqual([`<= ${MIN}: 1`, `${1n << 62n}: 1`]);
  });
});

test('outer lquantize buckets weigh one beyond their bound', () => {
  const weights = buckets('lquantize', TENS).map((bucket) => bucketWeight(bucket, 'lquantize'));
  expect([weights[0], weights[1], weights.at(-1)]).toEqual([-1n, 0n, 101n]);
});

describe('keys', () => {
  test('are converted to the type of the first use; equal values are one key', () => {
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              { kind: 'aggregate', aggregation: 0, keys: [dif('ldgs arg0, %r1\nret %r1', intShape(4))] },
            ],
          },
        ],
        [PROBE, { statements: [{ kind: 'aggregate', aggregation: 0, keys: [constant(-1)] }] }],
      ],
      { aggregations: [aggregation(0, 'count', [intShape(4)])], verify: false },
    ).start();
    lab.firing.setArg(0, 0xffffffffn);
    lab.fire();
    expect(lab.values()).toEqual(new Map([[-1n, [2n]]]));
  });

  test('strings count up to NUL and come with their length', () => {
    const key = (text: string) => dif(`sets "${text}", %r1\nret %r1`, STRING);
    const lab = new Lab(
      ['abc', 'abcdefgh', 'abc', ''].map(
        (text) =>
          [
            PROBE,
            { statements: [{ kind: 'aggregate', aggregation: 0, keys: [key(text), constant(7)] }] },
          ] as const,
      ),
      { aggregations: [aggregation(0, 'count', [STRING, intShape()])] },
    ).start();
    lab.fire();
    const entries = [...lab.engine.aggregations.entries(lab.program.aggregations[0]!)].map(
      ({ keyOffset, valueOffset }) => {
        const length = lab.memory.u32[keyOffset / 4]!;
        const text = new TextDecoder().decode(lab.memory.u8.slice(keyOffset + 4, keyOffset + 4 + length));
        const next = keyOffset + Math.ceil((4 + length) / 8) * 8;
        return `${text} ${lab.memory.i64[next / 8]} ${lab.memory.i64[valueOffset / 8]}`;
      },
    );
    expect(entries.sort()).toEqual([' 7 1', 'abc 7 2', 'abcdefgh 7 1']);
  });

  test('stay what they are while later keys and the value load dynamic variables', () => {
    const load = dif('ldts DT_VAR(0x500), %r1\nret %r1');
    const lab = new Lab(
      [
        [PROBE, { statements: [evaluate('setx 6, %r1\nstts DT_VAR(0x500), %r1\nret %r0')] }],
        [
          PROBE,
          { statements: [{ kind: 'aggregate', aggregation: 0, keys: [constant(5), load], value: load }] },
        ],
      ],
      { aggregations: [aggregation(0, 'sum', [intShape(), intShape()])], variables: [variable('thread', 0)] },
    ).start();
    lab.fire();
    expect(lab.values()).toEqual(new Map([[5n, [6n]]]));
  });

  test('larger than the first buffer are whole', () => {
    const bytes = bytesShape(9000);
    const key = dif('setx 9000, %r1\nallocs %r1, %r2\nsetx 7, %r3\nstb %r3, %r2\nret %r2', bytes);
    const lab = new Lab(
      [
        [
          PROBE,
          { statements: [{ kind: 'aggregate', aggregation: 0, keys: [constant(1), key, constant(2)] }] },
        ],
      ],
      {
        aggregations: [aggregation(0, 'count', [intShape(), bytes, intShape()])],
        sizes: { scratchsize: 9000 },
      },
    ).start();
    lab.fire();
    const keyOffset = [...lab.engine.aggregations.entries(lab.program.aggregations[0]!)][0]!.keyOffset;
    const { i64 } = lab.memory;
    expect([i64[keyOffset / 8], i64[keyOffset / 8 + 1], i64[(keyOffset + 8 + 9000) / 8]]).toEqual([
      1n,
      7n,
      2n,
    ]);
  });

  test('without room are dropped and counted; known ones go on', () => {
    const lab = new Lab(
      [
        [
          PROBE,
          { statements: [{ kind: 'aggregate', aggregation: 0, keys: [dif('ldgs arg0, %r1\nret %r1')] }] },
        ],
      ],
      {
        aggregations: [aggregation(0, 'count', [intShape()])],
        sizes: { aggsize: 100 }, // entries of 16 + 8 + 8 + 8 bytes
      },
    ).start();
    for (const key of [1n, 2n, 3n, 1n]) {
      lab.firing.setArg(0, key);
      lab.fire(PROBE, 1);
    }
    expect(lab.values()).toEqual(
      new Map([
        [1n, [2n]],
        [2n, [1n]],
      ]),
    );
    expect(lab.drain().drops).toEqual(['AGGREGATION 1 1']);
  });
});

describe('library actions on an aggregation', () => {
  const make = (func: AggFuncName) => {
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              {
                kind: 'aggregate',
                aggregation: 0,
                keys: [dif('ldgs arg0, %r1\nret %r1')],
                ...(func === 'count' ? {} : { value: constant(5) }),
              },
            ],
          },
        ],
      ],
      { aggregations: [aggregation(0, func, [intShape()])] },
    ).start();
    for (let key = 0n; key < 5n; key++) {
      lab.firing.setArg(0, key);
      lab.fire();
    }
    return { lab, store: lab.engine.aggregations, agg: lab.program.aggregations[0]! };
  };

  test.each([
    ['count', 0n],
    ['min', MAX],
    ['max', MIN],
  ] as const)('clear sets %s to its identity and keeps keys', (func, identity) => {
    const { lab, store, agg } = make(func);
    store.clear(agg);
    expect([...lab.values()]).toHaveLength(5);
    expect(new Set([...lab.values().values()].flat())).toEqual(new Set([identity]));
  });

  test('normalize marks the entries there are; 0 is ignored', () => {
    const { lab, store, agg } = make('count');
    store.normalize(agg, 10n);
    store.normalize(agg, 0n);
    lab.firing.setArg(0, 99n);
    lab.fire();
    const normals = [...store.entries(agg)].map(({ keyOffset, normal }) => [
      lab.memory.i64[keyOffset / 8],
      normal,
    ]);
    expect(normals).toContainEqual([99n, 1n]);
    expect(normals.filter(([, normal]) => normal === 10n)).toHaveLength(5);
    store.clear(agg);
    expect([...store.entries(agg)].filter(({ normal }) => normal === 10n)).toHaveLength(5);
  });

  test('retain removes the others', () => {
    const { lab, store, agg } = make('count');
    store.retain(agg, ({ keyOffset }) => lab.memory.i64[keyOffset / 8]! % 2n === 0n);
    expect([...lab.values().keys()].sort()).toEqual([0n, 2n, 4n]);
    store.retain(agg, () => false);
    expect([...store.entries(agg)]).toEqual([]);
  });
});
