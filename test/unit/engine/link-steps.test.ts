/** A clause as the interpreter runs it at once: predicate, keys and updates in one list (link-steps.ts). */
import { describe, expect, test } from 'vitest';
import { narrow } from '../../../src/base/int64.ts';
import {
  aggregation,
  dif,
  ERROR,
  evaluate,
  intShape,
  Lab,
  PROBE,
  trace,
  variable,
} from '../../support/engine-lab.ts';

const COUNT = { kind: 'aggregate', aggregation: 0 } as const;
const counted = (predicate: string, args: readonly bigint[]) => {
  const lab = new Lab([[PROBE, { predicate, statements: [COUNT] }]], {
    tier: 'interpreter',
    aggregations: [aggregation(0, 'count')],
  }).start();
  for (const arg of args) {
    lab.firing.setArg(0, arg);
    lab.fire();
  }
  lab.drain();
  return { count: lab.values().get(0n)?.[0] ?? 0n, faults: lab.faults };
};

describe('a predicate decides', () => {
  /** With two, one and three `ret`, constant or not. */
  const both = 'ldgs arg0, %r1\ntst %r1\nbe no\nsetx 1, %r2\nret %r2\nno: ret %r0';
  const rows: [string, string, bigint][] = [
    ['what lies somewhere', 'ldgs arg0, %r1\nret %r1', 3n],
    ['what is computed', 'ldgs arg0, %r1\nsetx 4, %r2\nand %r1, %r2, %r1\nret %r1', 1n],
    ['the truth of a condition', both, 3n],
    ['its opposite', both.replace('be no', 'bne no'), 1n],
    ['a constant that holds', 'setx 7, %r1\nret %r1', 4n],
    ['one that does not', 'setx 0, %r1\nret %r1', 0n],
    [
      'values of several ways',
      'ldgs arg0, %r1\nsetx 1, %r2\ncmp %r1, %r2\nbe one\nsetx 4, %r3\nand %r1, %r3, %r1\nret %r1\none: sub %r1, %r2, %r1\nret %r1',
      1n,
    ],
  ];
  test.each(rows)('by %s', (_, predicate, expected) => {
    expect(counted(predicate, [0n, 1n, 4n, -(1n << 40n)])).toEqual({ count: expected, faults: [] });
  });

  test('a fault in it is that of action 0, and nothing is done', () => {
    const predicate = 'ldgs arg0, %r1\nsetx 8, %r2\nsdiv %r2, %r1, %r1\nret %r1';
    expect(counted(predicate, [1n, 0n])).toEqual({ count: 1n, faults: ['1 #0 at 8: DIVZERO 0'] });
  });

  test('a column of an event that there is none of is one', () => {
    const cpl = 'ldgs cpl, %r1\nsetx 3, %r2\ncmp %r1, %r2\nbne no\nsetx 1, %r3\nret %r3\nno: ret %r0';
    const { count, faults } = counted(cpl, [1n]);
    expect([count, faults.length, faults[0]?.startsWith('1 #0 at 0: NOVALUE')]).toEqual([0n, 1, true]);
  });

  test('ERROR runs after one, and the next clause of the firing too', () => {
    const lab = new Lab(
      [
        [
          PROBE,
          { predicate: 'ldgs arg0, %r1\nsetx 8, %r2\nudiv %r2, %r1, %r1\nret %r1', statements: [COUNT] },
        ],
        [PROBE, { statements: [trace('setx 2, %r1\nret %r1')] }],
        [ERROR, { statements: [trace('setx 1, %r1\nret %r1')] }],
      ],
      { tier: 'interpreter', aggregations: [aggregation(0, 'count')] },
    ).start();
    lab.fire();
    expect(lab.drain().integers()).toEqual([1n, 2n]);
  });
});

describe('a key of integers', () => {
  const shapes = [1, 2, 4, 8].flatMap((bytes) => [intShape(bytes), intShape(bytes, false)]);
  const values = [
    0n,
    127n,
    128n,
    255n,
    0x8000n,
    0xffffn,
    0x80000000n,
    0xffffffffn,
    -1n,
    1n << 40n,
    -(1n << 63n),
  ];

  test.each(shapes)('is as narrow as its first use: $sizeBytes $signed', (shape) => {
    const { sizeBytes, signed } = shape as { sizeBytes: number; signed: boolean };
    const keys = ['ldgs arg0, %r1\nret %r1', 'ldgs arg0, %r1\nsetx 0, %r2\nadd %r1, %r2, %r1\nret %r1'];
    for (const key of keys) {
      const lab = new Lab([[PROBE, { statements: [{ ...COUNT, keys: [dif(key, shape)] }] }]], {
        tier: 'interpreter',
        aggregations: [aggregation(0, 'count', [shape])],
      }).start();
      const expected = new Map<bigint, bigint[]>();
      for (const value of values) {
        lab.firing.setArg(0, value);
        lab.fire();
        const narrowed = narrow(value, sizeBytes * 8, signed);
        expected.set(narrowed, [(expected.get(narrowed)?.[0] ?? 0n) + 1n]);
      }
      expect(lab.values()).toEqual(expected);
    }
  });

  test('of an event is, too, and a byte with its sign', () => {
    const column = (name: string, shape: ReturnType<typeof intShape>) =>
      dif(`ldgs ${name}, %r1\nret %r1`, shape);
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              { ...COUNT, keys: [column('vector', intShape(1)), column('cpl', intShape(8))] },
              { ...COUNT, aggregation: 1, keys: [column('vector', intShape(2))] },
            ],
          },
        ],
      ],
      {
        tier: 'interpreter',
        aggregations: [
          aggregation(0, 'count', [intShape(1), intShape()]),
          aggregation(1, 'count', [intShape(2)]),
        ],
      },
    ).start();
    lab.firing.row = 0;
    lab.memory.u16[lab.batch.at.vector >>> 1] = 0xfe80;
    lab.fire();
    expect([[...lab.values(0).keys()], [...lab.values(1).keys()]]).toEqual([[-128n], [-384n]]);
  });

  test('leaves the variable that it sets and returns what it is set to', () => {
    const key =
      'ldgs arg0, %r1\nsetx 3, %r2\nadd %r1, %r2, %r1\nstgs DT_VAR(0x500), %r1\nldgs DT_VAR(0x500), %r1\nret %r1';
    const statements = [{ ...COUNT, keys: [dif(key)] }];
    const lab = new Lab(
      [
        [PROBE, { statements }],
        [PROBE, { statements: [trace('ldgs DT_VAR(0x500), %r1\nret %r1')] }],
      ],
      {
        tier: 'interpreter',
        variables: [variable('global', 0)],
        aggregations: [aggregation(0, 'count', [intShape()])],
      },
    ).start();
    lab.firing.setArg(0, 5n);
    lab.fire();
    expect([lab.values(), lab.drain().integers()]).toEqual([new Map([[8n, [1n]]]), [8n]]);
  });

  test('is not disturbed by what its later parts and its value run', () => {
    const part = 'ldgs arg0, %r1\nsetx 1, %r2\nadd %r1, %r2, %r1\nret %r1';
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              evaluate('ret %r0'),
              { ...COUNT, keys: [dif(part), dif(part)] },
              {
                kind: 'aggregate',
                aggregation: 1,
                keys: [dif(part)],
                value: dif(part),
                increment: dif(part),
              },
            ],
          },
        ],
      ],
      {
        tier: 'interpreter',
        aggregations: [
          aggregation(0, 'count', [intShape(), intShape()]),
          aggregation(1, 'quantize', [intShape()]),
        ],
      },
    ).start();
    for (const arg of [1n, 2n, 1n]) {
      lab.firing.setArg(0, arg);
      lab.fire();
    }
    expect(lab.values(0)).toEqual(
      new Map([
        [2n, [2n]],
        [3n, [1n]],
      ]),
    );
    const sums = [...lab.values(1, 127)].map(([key, words]) => [key, words.reduce((a, b) => a + b)]);
    expect(sums).toEqual(
      expect.arrayContaining([
        [2n, 4n],
        [3n, 3n],
      ]),
    );
  });
});
