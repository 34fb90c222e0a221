/** State that outlives a firing: dynamic variables and their limit, speculations, several programs in one session. */
import { describe, expect, test } from 'vitest';
import {
  aggregation,
  BEGIN,
  constant,
  dif,
  evaluate,
  intShape,
  Lab,
  PROBE,
  STRING,
  type Statement,
  trace,
  variable,
} from '../../support/engine-lab.ts';

const ARRAY = variable('global', 0, intShape(), [intShape()]);
const KEY = 'ldgs arg0, %r1\npushtv DT_TYPE(0), %r0, %r1\n';
const store = evaluate(`${KEY}ldgs arg1, %r2\nstgaa DT_VAR(0x500), %r2\nret %r0`);
const load = trace(`${KEY}ldgaa DT_VAR(0x500), %r2\nret %r2`);

function fireWith(lab: Lab, args: readonly bigint[], cpu = 0): void {
  args.forEach((arg, i) => {
    lab.firing.setArg(i, arg);
  });
  lab.fire(PROBE, cpu);
}

describe('dynamic variables', () => {
  test('beyond dynvarsize are dropped and counted; a store of 0 makes room again', () => {
    const lab = new Lab([[PROBE, { statements: [store, load] }]], {
      variables: [ARRAY],
      sizes: { dynvarsize: 100 }, // entries of 16 + 16 + 8 bytes: two
    }).start();
    for (const key of [1n, 2n, 3n]) fireWith(lab, [key, 10n + key]);
    expect(lab.drain().integers()).toEqual([11n, 12n, 0n]);
    expect(lab.drops).toEqual(['DYNAMIC 0 1']);
    fireWith(lab, [1n, 0n]);
    fireWith(lab, [3n, 13n]);
    fireWith(lab, [2n, 22n]);
    expect(lab.drain().integers().slice(3)).toEqual([0n, 13n, 22n]);
    expect(lab.drops).toHaveLength(1);
  });

  test('an element that narrows to 0 is deleted', () => {
    const narrow = variable('global', 0, intShape(1), [intShape()]);
    const lab = new Lab([[PROBE, { statements: [store, load] }]], {
      variables: [narrow],
      sizes: { dynvarsize: 50 },
    }).start();
    fireWith(lab, [1n, 0x100n]);
    fireWith(lab, [2n, 0x1ffn]); // the only room is free
    expect(lab.drain().integers()).toEqual([0n, -1n]);
    expect(lab.drops).toEqual([]);
  });

  test('of a thread are those of its CPU', () => {
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              trace('ldts DT_VAR(0x500), %r1\nret %r1'),
              evaluate('ldgs arg0, %r1\nstts DT_VAR(0x500), %r1\nret %r0'),
            ],
          },
        ],
      ],
      { variables: [variable('thread', 0)] },
    ).start();
    fireWith(lab, [5n], 0);
    fireWith(lab, [6n], 1);
    fireWith(lab, [0n], 0);
    fireWith(lab, [0n], 1);
    fireWith(lab, [0n], 0);
    expect(lab.drain().integers()).toEqual([0n, 0n, 5n, 6n, 0n]);
  });

  test('a global array, a thread-local and a thread-local array of one number are three variables', () => {
    const variables = [ARRAY, variable('thread', 0), variable('thread', 1, intShape(), [intShape()])];
    const set = evaluate(
      `${KEY}setx 1, %r2\nstgaa DT_VAR(0x500), %r2\nsetx 2, %r2\nstts DT_VAR(0x500), %r2\n${KEY}setx 3, %r2\nsttaa DT_VAR(0x501), %r2\nret %r0`,
    );
    const get = `${KEY}ldgaa DT_VAR(0x500), %r2\nldts DT_VAR(0x500), %r3\n${KEY}ldtaa DT_VAR(0x501), %r4\nsetx 10, %r5\nmul %r2, %r5, %r2\nadd %r2, %r3, %r2\nmul %r2, %r5, %r2\nadd %r2, %r4, %r2\nret %r2`;
    const lab = new Lab([[PROBE, { statements: [set, trace(get)] }]], { variables }).start();
    lab.fire();
    expect(lab.drain().integers()).toEqual([123n]);
  });

  test('a thread-local may be loaded while a tuple is being built', () => {
    const get = `${KEY}ldts DT_VAR(0x500), %r3\npushtv DT_TYPE(0), %r0, %r3\nldgaa DT_VAR(0x500), %r2\nret %r2`;
    const put = `${KEY}ldts DT_VAR(0x500), %r3\npushtv DT_TYPE(0), %r0, %r3\nsetx 8, %r2\nstgaa DT_VAR(0x500), %r2\nret %r0`;
    const variables = [variable('global', 0, intShape(), [intShape(), intShape()]), variable('thread', 0)];
    const lab = new Lab([[PROBE, { statements: [evaluate(put), trace(get)] }]], { variables }).start();
    lab.fire();
    expect(lab.drain().integers()).toEqual([8n]);
  });

  test('what a DIFO leaves on the tuple stack is not seen by the next', () => {
    const leave = evaluate(`${KEY}${KEY}${KEY}ret %r0`);
    const lab = new Lab([[PROBE, { statements: [...new Array(20).fill(leave), store, load] }]], {
      variables: [ARRAY],
    });
    lab.start();
    fireWith(lab, [1n, 5n]);
    expect(lab.drain().integers()).toEqual([5n]);
  });

  test('strings are copied in and NULL deletes', () => {
    const variables = [variable('thread', 0, STRING)];
    const put = (value: string) => evaluate(`${value}stts DT_VAR(0x500), %r1\nret %r0`);
    const get = trace('ldts DT_VAR(0x500), %r1\nret %r1');
    const text = trace('ldts DT_VAR(0x500), %r1\nret %r1', STRING);
    const lab = new Lab(
      [
        [BEGIN, { statements: [put('sets "one", %r1\n')] }],
        [BEGIN, { statements: [text] }],
        [BEGIN, { statements: [put('mov %r0, %r1\n')] }],
        [BEGIN, { statements: [get] }],
      ],
      { variables },
    ).start();
    lab.drain();
    expect([lab.strings()[0], lab.integers()[1]]).toEqual(['one', 0n]);
  });

  test('loaded by reference may be written in place, but not once deleted, and nothing around them', () => {
    const variables = [variable('thread', 0, STRING)];
    const put = 'sets "one", %r1\nstts DT_VAR(0x500), %r1\n';
    const change = 'ldts DT_VAR(0x500), %r1\nsetx 79, %r2\nstb %r2, %r1\n';
    const before = 'ldts DT_VAR(0x500), %r1\nsetx 8, %r2\nsub %r1, %r2, %r1\nstx %r0, %r1\n';
    const forgotten = 'ldts DT_VAR(0x500), %r1\nstts DT_VAR(0x500), %r0\nstb %r0, %r1\n';
    const run = (text: string) => {
      const lab = new Lab(
        [[BEGIN, { statements: [trace(`${put}${text}ldts DT_VAR(0x500), %r1\nret %r1`, STRING)] }]],
        { variables },
      );
      lab.start().drain();
      return lab.faults[0]?.replace(/ \d+$/, '') ?? lab.strings()[0];
    };
    expect(run(change)).toBe('One');
    expect(run(before)).toBe('1 #1 at 20: BADADDR');
    expect(run(forgotten)).toBe('1 #1 at 16: BADADDR');
  });

  test('reuse their space for ever', () => {
    const lab = new Lab([[PROBE, { statements: [store] }]], { variables: [ARRAY] }).start();
    for (let i = 0; i < 1000; i++) fireWith(lab, [BigInt(i), 1n]);
    for (let i = 0; i < 1000; i++) fireWith(lab, [BigInt(i), 0n]);
    const reserved = lab.memory.reservedBytes;
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 1000; i++) fireWith(lab, [BigInt(i * round), 1n]);
      for (let i = 0; i < 1000; i++) fireWith(lab, [BigInt(i * round), 0n]);
    }
    expect(lab.memory.reservedBytes).toBe(reserved);
  });
});

describe('speculations', () => {
  const id = (n: number): Statement => ({ kind: 'speculate', difo: constant(n) });
  const commit = (n: number): Statement => ({ kind: 'commit', difo: constant(n) });
  const discard = (n: number): Statement => ({ kind: 'discard', difo: constant(n) });
  const open = evaluate('call speculation, %r1\nret %r1');
  const when = (arg: number) =>
    `ldgs arg0, %r1\nsetx ${arg}, %r2\ncmp %r1, %r2\nbe yes\nret %r0\nyes: setx 1, %r3\nret %r3`;
  const OPEN = 0;
  const SPECULATE = 1;
  const COMMIT = 2;
  const DISCARD = 3;
  const PLAIN = 4;
  const traced = trace('ldgs arg1, %r1\nret %r1');
  const make = (slot: number, sizes = {}) =>
    new Lab(
      [
        [PROBE, { predicate: when(OPEN), statements: [open] }],
        [PROBE, { predicate: when(SPECULATE), statements: [id(slot), traced] }],
        [PROBE, { predicate: when(COMMIT), statements: [commit(slot)] }],
        [PROBE, { predicate: when(DISCARD), statements: [discard(slot)] }],
        [PROBE, { predicate: when(PLAIN), statements: [traced] }],
      ],
      { sizes },
    ).start();
  const play = (lab: Lab, ...steps: readonly (readonly [number, number])[]) => {
    for (const [what, value] of steps) fireWith(lab, [BigInt(what), BigInt(value)], value % 3);
    return lab.drain();
  };

  test('are recorded where they are committed, in the order they were made, with their CPUs', () => {
    const lab = play(
      make(1),
      [OPEN, 0],
      [SPECULATE, 1],
      [PLAIN, 2],
      [SPECULATE, 3],
      [PLAIN, 4],
      [COMMIT, 0],
      [PLAIN, 5],
    );
    expect(lab.integers()).toEqual([2n, 4n, 1n, 3n, 5n]);
    expect(lab.records.map(({ cpu }) => cpu)).toEqual([2, 1, 1, 0, 2]);
  });

  test('vanish when discarded, and the slot can be had again', () => {
    const lab = make(1, { nspec: 1 });
    play(
      lab,
      [OPEN, 0],
      [SPECULATE, 1],
      [DISCARD, 0],
      [COMMIT, 0],
      [OPEN, 0],
      [SPECULATE, 2],
      [COMMIT, 0],
      [COMMIT, 0],
    );
    expect([lab.integers(), lab.drops]).toEqual([[2n], []]);
  });

  test('no free slot: id 0 and a drop', () => {
    const lab = play(make(1, { nspec: 1 }), [OPEN, 0], [OPEN, 0], [OPEN, 0]);
    expect(lab.drops).toEqual(['SPECUNAVAIL 0 2']);
  });

  test('speculate(0), or an inactive one, records nothing anywhere; commit(0) and discard(0) do nothing', () => {
    const lab = play(make(0), [SPECULATE, 1], [COMMIT, 0], [DISCARD, 0]);
    expect([lab.records, lab.faults]).toEqual([[], []]);
    expect(play(make(1), [SPECULATE, 1], [COMMIT, 0]).records).toEqual([]);
  });

  test.each([-1, 3, 1024])('id %i is out of range', (slot) => {
    const lab = play(make(slot), [SPECULATE, 1], [COMMIT, 0], [DISCARD, 0]);
    expect(lab.faults.map((fault) => fault.slice(2))).toEqual(new Array(3).fill('#1 at -1: ILLOP 0'));
  });

  test('a full buffer drops what comes later', () => {
    const lab = play(
      make(1, { specsize: 70 }),
      [OPEN, 0],
      [SPECULATE, 1],
      [SPECULATE, 2],
      [SPECULATE, 3],
      [COMMIT, 0],
    );
    expect([lab.integers(), lab.drops]).toEqual([[1n, 2n], ['SPEC 0 1']]);
  });
});

test('programs of one session share variables and aggregations by number', () => {
  const sum = aggregation(0, 'sum');
  const first = new Lab(
    [[PROBE, { statements: [evaluate('setx 4, %r1\nstgs DT_VAR(0x500), %r1\nret %r0')] }]],
    {
      variables: [variable('global', 0)],
      aggregations: [sum],
    },
  );
  const second = new Lab(
    [
      [
        PROBE,
        {
          statements: [
            {
              kind: 'aggregate',
              aggregation: 0,
              value: dif('ldgs DT_VAR(0x500), %r1\nldgs DT_VAR(0x501), %r2\nadd %r1, %r2, %r1\nret %r1'),
            },
          ],
        },
      ],
    ],
    { variables: [variable('global', 0), variable('global', 1)], aggregations: [sum] },
  );
  first.engine.enable(second.program, second.program.clauses[0]!, [PROBE]);
  first.start();
  first.fire();
  first.fire();
  expect(first.values(0).get(0n)).toEqual([8n]);
});
