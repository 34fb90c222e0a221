/** The fast tier where random programs do not look: who is compiled and when, and runs over rows that must stop. */
import { describe, expect, test, vi } from 'vitest';
import type { RowProbes, TierChoice } from '../../../src/engine/engine-contract.ts';
import { FIRING } from '../../../src/engine/firing.ts';
import { ProbeTable } from '../../../src/engine/probes.ts';
import { EVENT_FLAGS, EVENT_KINDS, UNKNOWN_LEVEL } from '../../../src/machine/event-batch.ts';
import { MACHINE_EVENT_ARGUMENTS, setMachineEventArgs } from '../../../src/providers/machine-events.ts';
import { VEC_ARGUMENTS, VecProvider } from '../../../src/providers/vec.ts';
import {
  aggregation,
  BEGIN,
  type ClauseText,
  dif,
  evaluate,
  intShape,
  Lab,
  type LabOptions,
  OTHER,
  PROBE,
  STRING,
  trace,
  variable,
} from '../../support/engine-lab.ts';

const COUNT: ClauseText = {
  statements: [{ kind: 'aggregate', aggregation: 0, keys: [dif('ldgs vector, %r1\nret %r1')] }],
};
const options: LabOptions = {
  aggregations: [aggregation(0, 'count', [intShape()])],
  variables: [variable('global', 0), variable('clause', 0)],
};

function lab(tier: TierChoice, clauses: readonly (readonly [number, ClauseText])[] = [[PROBE, COUNT]]): Lab {
  return new Lab(clauses, { ...options, tier }).start();
}

describe('what -v says', () => {
  const clauses: readonly (readonly [number, ClauseText])[] = [
    [PROBE, COUNT],
    [BEGIN, COUNT],
    [PROBE, { statements: [{ kind: 'speculate', difo: dif('ret %r0') }] }],
    [PROBE, { statements: [trace('ldgs probename, %r1\nret %r1', STRING)] }],
    [PROBE, { statements: [{ kind: 'stack', frames: 4 }] }],
  ];

  test.each<[TierChoice, number, [string, number][]]>([
    ['interpreter', 0, [['as asked', 5]]],
    ['fast', 4, [['speculates', 1]]],
    [
      'auto',
      2,
      [
        ['fires once', 1],
        ['speculates', 1],
        ['records stacks', 1],
      ],
    ],
  ])('%s', (tier, fast, interpreted) => {
    expect(lab(tier, clauses).engine.tiers).toEqual({ fast, interpreted: new Map(interpreted) });
  });
});

describe('a clause is compiled', () => {
  function modulesAfter(tier: TierChoice, firings: number): number {
    const made = vi.spyOn(WebAssembly, 'Module');
    const one = lab(tier);
    one.firing.row = 0;
    for (let i = 0; i < firings; i++) one.fire();
    const count = made.mock.calls.length;
    made.mockRestore();
    expect([...one.values().values()]).toEqual([[BigInt(firings)]]);
    return count;
  }

  test.each<[TierChoice, number, number]>([
    ['auto', 999, 0],
    ['auto', 1000, 1],
    ['auto', 3000, 1],
    ['fast', 1, 1],
    ['interpreter', 3000, 0],
  ])('%s: after %i firings %i modules', (tier, firings, modules) => {
    expect(modulesAfter(tier, firings)).toBe(modules);
  });

  test('not where the host refuses it: the interpreter goes on', () => {
    const refused = vi.spyOn(WebAssembly, 'Module').mockImplementation(() => {
      throw new Error('no');
    });
    const one = lab('auto');
    one.firing.row = 0;
    for (let i = 0; i < 1500; i++) one.fire();
    refused.mockRestore();
    expect(one.values().get(0n)).toEqual([1500n]);
  });
});

describe('instructions that trap in WebAssembly', () => {
  const least = -(1n << 63n);

  test.each([
    ['sdiv', least, -1n, least],
    ['srem', least, -1n, 0n],
    ['sll', 1n, 64n, 0n],
    ['sra', -1n, 64n, 0n],
    ['srl', -1n, -1n, 0n],
  ])('%s %i, %i', (op, a, b, expected) => {
    const text = `ldgs arg0, %r1\nldgs arg1, %r2\n${op} %r1, %r2, %r3\nret %r3`;
    const one = lab('fast', [[PROBE, { statements: [trace(text)] }]]);
    one.firing.setArg(0, a);
    one.firing.setArg(1, b);
    one.fire();
    expect(one.drain().integers()).toEqual([expected]);
  });
});

describe('a run over rows', () => {
  const probes: RowProbes = {
    vectors: new Int32Array(512).fill(PROBE, 0, 256).fill(0, 100, 200).fill(OTHER, 256),
    bankFlag: EVENT_FLAGS.SOFT,
    kinds: Int32Array.from({ length: 16 }, (_, kind) =>
      kind === EVENT_KINDS.reset ? -1 : kind === EVENT_KINDS.halt ? PROBE : 0,
    ),
  };

  /** Rows of vectors 1, 2, …, after both probes' clauses have been compiled by a firing each. */
  function started(clauses?: readonly (readonly [number, ClauseText])[]): Lab {
    const one = lab('fast', clauses);
    const { at, memory } = one.batch;
    for (let row = 0; row < 10; row++) {
      memory.u8[at.kind + row] = EVENT_KINDS.vec;
      memory.u8[at.flags + row] = EVENT_FLAGS.IF_KNOWN | EVENT_FLAGS.IF;
      memory.u16[(at.vector >> 1) + row] = row + 1;
    }
    one.firing.row = 0;
    one.fire();
    return one;
  }

  const counted = (one: Lab) => [...one.values().keys()].map(Number).sort((a, b) => a - b);

  test('fires every row that has a probe', () => {
    const one = started();
    one.memory.u16[(one.batch.at.vector >> 1) + 3] = 120; // fires nothing
    one.memory.u8[one.batch.at.kind + 4] = EVENT_KINDS.halt;
    one.memory.u8[one.batch.at.kind + 5] = EVENT_KINDS.triple_fault; // nothing
    expect(one.engine.fireRows(probes, 1, 10, undefined)).toBe(10);
    expect(counted(one)).toEqual([1, 2, 3, 5, 7, 8, 9, 10]);
  });

  test('leaves rows of probes that it does not run, and events that are none of its business', () => {
    const one = started([
      [PROBE, COUNT],
      [OTHER, { statements: [trace('ret %r0')] }],
    ]);
    one.memory.u8[one.batch.at.flags + 3]! |= EVENT_FLAGS.SOFT; // OTHER, which records
    one.memory.u8[one.batch.at.kind + 6] = EVENT_KINDS.reset;
    expect(one.engine.fireRows(probes, 1, 10, undefined)).toBe(3);
    expect(one.engine.fireRows(probes, 4, 10, undefined)).toBe(6);
    expect(one.engine.fireRows(probes, 7, 8, undefined)).toBe(8);
    expect(counted(one)).toEqual([1, 2, 3, 5, 6, 8]);
  });

  test('leaves deliveries with interrupts disabled to safe mode, when it is on', () => {
    const one = started();
    one.memory.u8[one.batch.at.flags + 3] = EVENT_FLAGS.IF_KNOWN;
    one.memory.u8[one.batch.at.flags + 4] = 0; // not known
    const withheld: number[] = [];
    expect(one.engine.fireRows(probes, 1, 10, (row) => void withheld.push(row))).toBe(10);
    expect(withheld).toEqual([3]);
    expect(counted(one)).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
    expect(one.engine.fireRows(probes, 3, 4, undefined)).toBe(4);
    expect(counted(one)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  const VECTOR = trace('ldgs vector, %r1\nret %r1');

  /** In order, whoever wrote them. */
  const recorded = (one: Lab) => one.drain().records.map(({ epid, cpu }) => [epid, cpu]);

  test('records with the EPID, CPU and time of each row, until a buffer wants to be drained', () => {
    const one = started([[PROBE, { predicate: 'ldgs vector, %r1\nret %r1', statements: [VECTOR] }]]);
    const { at, memory } = one.batch;
    one.drain();
    one.records = [];
    for (let row = 0; row < 10; row++) {
      memory.u16[(at.cpu >> 1) + row] = row % 3;
      memory.f64[(at.time >> 3) + row] = row * 10;
    }
    const timed = { ...probes, time: { wallOriginNs: 7n } };
    expect(one.engine.fireRows(timed, 1, 10, undefined)).toBe(10);
    one.drain();
    expect(one.integers()).toEqual([2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
    expect(one.records.map(({ cpu, time }) => [cpu, time])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((row) => [row % 3, BigInt(row * 10)]),
    );
    expect(memory.i64[(one.firing.at + FIRING.walltimestamp) >> 3]).toBe(97n);
    let rows = 0;
    while (!one.engine.wantsDrain && rows < 100_000) {
      const done = one.engine.fireRows(timed, 0, 1, undefined);
      rows += done;
    }
    expect(one.engine.wantsDrain).toBe(true);
    expect(recorded(one).length).toBe(9 + rows);
    expect(one.drops).toEqual([]);
  });

  test('of a CPU whose buffer it does not know, records by the engine', () => {
    const one = started([[PROBE, { statements: [VECTOR] }]]);
    for (let row = 1; row < 4; row++) one.memory.u16[(one.batch.at.cpu >> 1) + row] = row === 2 ? 500 : 5;
    expect(one.engine.fireRows(probes, 1, 4, undefined)).toBe(4);
    expect(recorded(one)).toEqual([
      [1, 0],
      [1, 5],
      [1, 500],
      [1, 5],
    ]);
  });

  test('stops for a clause that needs the engine, and evaluates its predicate once', () => {
    const increments =
      'ldgs DT_VAR(0x500), %r1\nsetx 1, %r2\nadd %r1, %r2, %r1\nstgs DT_VAR(0x500), %r1\nret %r1';
    const one = started([
      [PROBE, COUNT],
      [PROBE, { predicate: increments, statements: [{ kind: 'stack', frames: 2 }] }],
      [PROBE, { statements: [trace('ldgs DT_VAR(0x500), %r1\nret %r1')] }],
    ]);
    one.drain();
    one.records = [];
    expect(one.engine.fireRows(probes, 1, 4, undefined)).toBe(4);
    one.drain();
    expect(counted(one)).toEqual([1, 2, 3, 4]);
    expect(one.records.map(({ epid }) => epid)).toEqual([2, 3, 2, 3, 2, 3]);
    expect(
      one.records.filter(({ epid }) => epid === 3).map(({ payload }) => payload.getBigInt64(0, true)),
    ).toEqual([2n, 3n, 4n]);
  });

  test('tells the probe and the EPID of each row', () => {
    const name: ClauseText = {
      statements: [trace('ldgs probename, %r1\nret %r1', STRING), trace('ldgs epid, %r1\nret %r1')],
    };
    const one = started([
      [PROBE, name],
      [OTHER, name],
    ]);
    one.firing.row = 0;
    one.engine.fire(OTHER); // compiles its clause
    one.drain();
    one.records = [];
    one.memory.u8[one.batch.at.flags + 2]! |= EVENT_FLAGS.SOFT; // OTHER
    expect(one.engine.fireRows(probes, 1, 4, undefined)).toBe(4);
    const texts = one.drain().records.map(({ payload }) => {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, 8);
      return bytes.toString('latin1').replace(/\0.*/s, '');
    });
    expect(texts).toEqual(['0x0e', '0x20', '0x0e']);
  });

  test.each([
    [true, 1, 10],
    [true, 8, 10],
    [true, 9, 1], // most of so many may never fire
    [false, 1, 1],
  ])('of many events to come (%s), %i clauses: until row %i', (isLong, clauses, end) => {
    const all = Array.from({ length: clauses }, () => [PROBE, COUNT] as const);
    const one = new Lab(all, { ...options, isLong, tier: 'auto' }).start();
    const { at, memory } = one.batch;
    for (let row = 0; row < 10; row++) memory.u8[at.kind + row] = EVENT_KINDS.vec;
    expect(one.engine.fireRows(probes, 1, 10, undefined)).toBe(end);
    expect([...one.values().values()]).toEqual(end === 1 ? [] : [[BigInt(9 * clauses)]]);
  });

  test('is not made where clause-locals are large, and -v says so', () => {
    const locals = Array.from({ length: 80 }, (_, i) => variable('clause', i));
    const one = new Lab([[PROBE, COUNT]], { ...options, variables: locals, tier: 'fast' }).start();
    expect(one.engine.tiers.oneByOne).toBe('large clause-locals');
    one.firing.row = 0;
    one.fire();
    expect(one.engine.fireRows(probes, 1, 10, undefined)).toBe(1);
  });

  test('goes on after a fault, with the other clauses of the row first', () => {
    const faulting = evaluate(
      'ldgs vector, %r1\nsetx 5, %r2\nsub %r1, %r2, %r3\nsdiv %r2, %r3, %r3\nret %r3',
    );
    const one = started([
      [PROBE, { statements: [faulting] }],
      [PROBE, COUNT],
    ]);
    expect(one.engine.fireRows(probes, 1, 10, undefined)).toBe(10);
    expect(counted(one)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(one.drain().faults).toEqual(['1 #1 at 12: DIVZERO 0']);
  });

  test('begins each row with clause-locals 0', () => {
    const add =
      'ldls DT_VAR(0x500), %r1\nldgs vector, %r2\nadd %r1, %r2, %r1\nstls DT_VAR(0x500), %r1\nret %r1';
    const one = started([
      [PROBE, { statements: [evaluate(add)] }],
      [PROBE, { statements: [{ kind: 'aggregate', aggregation: 0, keys: [dif(add)] }] }],
    ]);
    one.engine.fireRows(probes, 1, 4, undefined);
    expect(counted(one)).toEqual([2, 4, 6, 8]);
  });

  test.each<[string, ClauseText]>([
    ['a clause that needs the engine', { statements: [{ kind: 'stack', frames: 2 }] }],
    ['a fault', { statements: [evaluate('ldgs vector, %r1\nsetx 0, %r2\nudiv %r1, %r2, %r3\nret %r3')] }],
  ])('leaves clause-locals to the clauses of the row behind %s', (_, stopping) => {
    const add =
      'ldls DT_VAR(0x500), %r1\nldgs vector, %r2\nadd %r1, %r2, %r1\nstls DT_VAR(0x500), %r1\nret %r1';
    const one = started([
      [PROBE, { statements: [evaluate(add)] }],
      [PROBE, stopping],
      [PROBE, { statements: [{ kind: 'aggregate', aggregation: 0, keys: [dif(add)] }] }],
    ]);
    expect(one.engine.fireRows(probes, 1, 4, undefined)).toBe(4);
    expect(counted(one)).toEqual([2, 4, 6, 8]);
  });

  test.each([
    ['a delivery', EVENT_KINDS.vec, 3],
    ['a delivery at an unknown level', EVENT_KINDS.vec, UNKNOWN_LEVEL],
    ['another event', EVENT_KINDS.halt, 0],
  ])('sets the arguments of %s as its provider does', (_, kind, level) => {
    const one = started();
    const { at, memory } = one.batch;
    memory.u8[at.kind + 1] = kind;
    memory.u8[at.cpl + 1] = level;
    memory.u8[at.flags + 1] = EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF;
    for (const [i, column] of [at.errcode, at.faddr, at.pc, at.sp].entries()) {
      memory.i64[(column >> 3) + 1] = -(2n ** 62n) - BigInt(i);
    }
    const first = (one.firing.at + FIRING.args) >> 3;
    const args = () => [...memory.i64.slice(first, first + 10)];
    const withArgs = { ...probes, args: { delivery: VEC_ARGUMENTS, other: MACHINE_EVENT_ARGUMENTS } };
    memory.i64.fill(77n, first, first + 10);
    expect(one.engine.fireRows(withArgs, 1, 2, undefined)).toBe(2);
    const got = args();
    memory.i64.fill(77n, first, first + 10);
    if (kind === EVENT_KINDS.vec) new VecProvider(new ProbeTable()).setArgs(one.firing, one.batch, 1);
    else setMachineEventArgs(one.firing, one.batch, 1);
    expect(got).toEqual(args());
  });

  test('does nothing once tracing is over', () => {
    const one = started();
    one.engine.end();
    expect(one.engine.fireRows(probes, 1, 10, undefined)).toBe(10);
    expect(counted(one)).toEqual([1]);
  });
});
