/** Firings: clause order, records, exit, faults and ERROR, built-ins of the event, draining. */
import { describe, expect, test } from 'vitest';
import { FIRING } from '../../../src/engine/firing.ts';
import { EVENT_FLAGS, EVENT_KINDS } from '../../../src/machine/event-batch.ts';
import {
  aggregation,
  BEGIN,
  constant,
  dif,
  END,
  ERROR,
  evaluate,
  exit,
  intShape,
  Lab,
  OTHER,
  PROBE,
  STRING,
  textAt,
  trace,
  variable,
} from '../../support/engine-lab.ts';

const value = (n: number) => trace(`setx ${n}, %r1\nret %r1`);
const FAULT = evaluate('setx 16, %r1\nldub %r1, %r2\nret %r2');

describe('clauses of a firing', () => {
  test('run in the order of enabling, with EPIDs from 1', () => {
    const lab = new Lab([
      [PROBE, { statements: [value(10)] }],
      [OTHER, { statements: [value(20)] }],
      [PROBE, { statements: [value(30)] }],
    ]).start();
    lab.fire(PROBE);
    lab.fire(OTHER);
    lab.drain();
    expect(lab.records.map(({ epid }) => epid)).toEqual([1, 3, 2]);
    expect(lab.integers()).toEqual([10n, 30n, 20n]);
  });

  test('one clause on several probes has EPIDs in order of probe id', () => {
    const lab = new Lab([]);
    const clause = new Lab([[PROBE, { statements: [] }]]).program;
    lab.engine.enable(clause, clause.clauses[0]!, [OTHER, BEGIN, PROBE]);
    expect(lab.engine.ecbs.map(({ epid, probe }) => [epid, probe.id])).toEqual([
      [1, BEGIN],
      [2, PROBE],
      [3, OTHER],
    ]);
    expect([BEGIN, END, PROBE].map((id) => lab.engine.isEnabled(id))).toEqual([true, false, true]);
  });

  test('a predicate decides', () => {
    const lab = new Lab([
      [
        PROBE,
        {
          predicate: 'ldgs arg0, %r1\nsetx 5, %r2\ncmp %r1, %r2\nbe yes\nret %r0\nyes: setx 1, %r3\nret %r3',
          statements: [value(1)],
        },
      ],
    ]).start();
    for (const arg of [4n, 5n, 6n, 5n]) {
      lab.firing.setArg(0, arg);
      lab.fire();
    }
    expect(lab.drain().records).toHaveLength(2);
  });

  test('branches skip actions and leave a bitmap of those taken', () => {
    const lab = new Lab([
      [
        PROBE,
        {
          statements: [
            { kind: 'branch', difo: dif('ldgs arg0, %r1\nret %r1'), whenFalse: 3 },
            value(1),
            { kind: 'jump', to: 4 },
            value(2),
            value(3),
          ],
        },
      ],
    ]).start();
    lab.firing.setArg(0, 1n);
    lab.fire();
    lab.firing.setArg(0, 0n);
    lab.fire();
    lab.drain();
    const fields = lab.records.map(({ payload }) =>
      [0, 8, 16, 24].map((at) => payload.getBigUint64(at, true)),
    );
    expect(fields).toEqual([
      [0b10111n, 1n, 0n, 3n],
      [0b11001n, 0n, 2n, 3n],
    ]);
  });

  test('clause-locals are shared by the clauses of a firing and zero in the next', () => {
    const add = 'ldls DT_VAR(0x500), %r1\nsetx 1, %r2\nadd %r1, %r2, %r1\nstls DT_VAR(0x500), %r1\nret %r1';
    const lab = new Lab(
      [
        [PROBE, { statements: [trace(add)] }],
        [PROBE, { statements: [trace(add)] }],
      ],
      { variables: [variable('clause', 0)] },
    ).start();
    lab.fire();
    lab.fire();
    expect(lab.drain().integers()).toEqual([1n, 2n, 1n, 2n]);
  });

  test('scratch is released after each clause', () => {
    const allocate = trace('setx 200, %r1\nallocs %r1, %r2\nret %r1');
    const lab = new Lab([
      [PROBE, { statements: [allocate] }],
      [PROBE, { statements: [allocate] }],
    ]).start();
    lab.fire();
    expect(lab.drain().integers()).toEqual([200n, 200n]);
  });
});

describe('exit', () => {
  test('lets its clause finish, stops later clauses, END still fires', () => {
    const lab = new Lab([
      [PROBE, { statements: [exit(3), value(1)] }],
      [PROBE, { statements: [value(2)] }],
      [END, { statements: [value(9)] }],
    ]).start();
    lab.fire();
    lab.fire();
    expect([lab.engine.activity, lab.engine.exitStatus, lab.engine.wantsDrain]).toEqual([
      'draining',
      3,
      true,
    ]);
    lab.engine.end();
    lab.drain();
    expect(lab.records.map(({ epid }) => epid)).toEqual([1, 3]);
    expect(lab.engine.activity).toBe('stopped');
  });

  test('in BEGIN suppresses later BEGIN clauses and every other probe', () => {
    const lab = new Lab([
      [BEGIN, { statements: [exit(1)] }],
      [BEGIN, { statements: [value(2)] }],
      [PROBE, { statements: [value(3)] }],
    ]).start();
    lab.fire();
    expect(lab.drain().records.map(({ epid }) => epid)).toEqual([1]);
  });

  test('only the first counts, but END’s overrides, and all of END runs', () => {
    const lab = new Lab([
      [PROBE, { statements: [exit(3), exit(4)] }],
      [END, { statements: [exit(7)] }],
      [END, { statements: [value(1)] }],
    ]).start();
    lab.fire();
    expect(lab.engine.exitStatus).toBe(3);
    lab.engine.end();
    expect(lab.engine.exitStatus).toBe(7);
    expect(lab.drain().records).toHaveLength(3);
  });

  test('without one there is no status, and nothing fires after END', () => {
    const lab = new Lab([
      [PROBE, { statements: [value(1)] }],
      [END, { statements: [value(2)] }],
    ]).start();
    lab.engine.end();
    lab.engine.end();
    lab.fire();
    expect(lab.engine.exitStatus).toBeUndefined();
    expect(lab.drain().integers()).toEqual([2n]);
  });
});

describe('faults', () => {
  test('a read that fails because the guest is gone is no fault', () => {
    const guestMemory = { read: () => 0, isGone: false };
    const lab = new Lab(
      [
        [PROBE, { statements: [FAULT] }],
        [ERROR, { statements: [value(1)] }],
      ],
      { guestMemory },
    ).start();
    lab.fire(PROBE);
    guestMemory.isGone = true;
    lab.fire(PROBE);
    expect(lab.drain().faults).toHaveLength(1);
    expect(lab.records).toHaveLength(1);
  });

  test('end their clause only and drop its record, keeping what was done before', () => {
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              value(1),
              { kind: 'aggregate', aggregation: 0 },
              FAULT,
              { kind: 'aggregate', aggregation: 0 },
            ],
          },
        ],
        [PROBE, { statements: [value(2)] }],
      ],
      { aggregations: [aggregation(0, 'count')] },
    ).start();
    lab.fire();
    lab.drain();
    expect(lab.integers()).toEqual([2n]);
    expect(lab.faults).toEqual(['1 #3 at 4: BADADDR 16']);
    expect(lab.values().get(0n)).toEqual([1n]);
  });

  test('in a predicate are action 0 and count as false', () => {
    const lab = new Lab([
      [PROBE, { predicate: 'setx 1, %r1\nsdiv %r1, %r0, %r2\nret %r2', statements: [value(1)] }],
    ]);
    lab.start().fire();
    expect(lab.drain().faults).toEqual(['1 #0 at 4: DIVZERO 0']);
    expect(lab.records).toEqual([]);
  });

  test('name the key, the value or the increment of an aggregation', () => {
    const bad = dif('ldub %r0, %r1\nret %r1');
    const good = constant(1);
    const aggregate = { kind: 'aggregate', aggregation: 0 } as const;
    const lab = new Lab(
      [
        [PROBE, { statements: [{ ...aggregate, keys: [good, bad], value: good }] }],
        [PROBE, { statements: [{ ...aggregate, keys: [good, good], value: bad }] }],
        [PROBE, { statements: [{ ...aggregate, keys: [good, good], value: good, increment: bad }] }],
      ],
      { aggregations: [aggregation(0, 'quantize', [intShape(), intShape()])] },
    );
    lab.start().fire();
    expect(lab.drain().faults).toEqual([
      '1 #2 at 0: BADADDR 0',
      '2 #3 at 0: BADADDR 0',
      '3 #4 at 0: BADADDR 0',
    ]);
  });

  test('a string that cannot be read while recording has no DIF offset', () => {
    const lab = new Lab([[PROBE, { statements: [trace('setx 99, %r1\nret %r1', STRING)] }]]);
    lab.start().fire();
    expect(lab.drain().faults).toEqual(['1 #1 at -1: BADADDR 99']);
  });

  test('fire ERROR with their particulars, inside the firing', () => {
    const argument = (n: number) => trace(`ldgs arg${n}, %r1\nret %r1`);
    const lab = new Lab([
      [PROBE, { statements: [value(0), FAULT] }],
      [PROBE, { statements: [argument(0)] }],
      [ERROR, { statements: [1, 2, 3, 4, 5].map(argument) }],
    ]).start();
    lab.firing.setArg(0, 42n);
    lab.fire();
    lab.drain();
    expect(lab.records.map(({ epid }) => epid)).toEqual([3, 2]);
    const { payload } = lab.records[0]!;
    expect([0, 8, 16, 24, 32].map((at) => payload.getBigInt64(at, true))).toEqual([1n, 2n, 4n, 1n, 16n]);
    expect(lab.integers()[1]).toBe(42n); // the interrupted firing has its arguments back
  });

  test.each(['interpreter', 'fast'] as const)('what the event does not carry, ERROR does: %s', (tier) => {
    const argument = (n: number) => trace(`ldgs arg${n}, %r1\nret %r1`);
    const lab = new Lab(
      [
        [PROBE, { statements: [argument(2)] }],
        [PROBE, { statements: [argument(0)] }],
        [PROBE, { statements: [argument(1)] }],
        [ERROR, { statements: [1, 2].map(argument) }],
      ],
      { tier },
    );
    lab.firing.mayMissArgs = true;
    lab.start();
    lab.firing.setArg(0, 42n);
    lab.memory.i32[(lab.firing.at + FIRING.missing) >>> 2] = 0b110;
    lab.fire();
    lab.drain();
    expect(lab.records.map(({ epid }) => epid)).toEqual([4, 2, 4]);
    expect(lab.integers()).toEqual([1n, 42n, 3n]);
    expect(lab.drops).toEqual([]);
  });

  test('ERROR has clause-locals and built-ins of its own', () => {
    const local = 'ldls DT_VAR(0x500), %r1\nret %r1';
    const lab = new Lab(
      [
        [PROBE, { statements: [evaluate('setx 5, %r1\nstls DT_VAR(0x500), %r1\nret %r1'), FAULT] }],
        [PROBE, { statements: [trace(local), trace('ldgs id, %r1\nret %r1')] }],
        [
          ERROR,
          {
            statements: [
              trace(local),
              trace('ldgs id, %r1\nret %r1'),
              evaluate('setx 6, %r1\nstls DT_VAR(0x500), %r1\nret %r1'),
            ],
          },
        ],
      ],
      { variables: [variable('clause', 0)] },
    ).start();
    lab.fire();
    lab.drain();
    const pairs = lab.records.map(({ payload }) => [
      payload.getBigInt64(0, true),
      payload.getBigInt64(8, true),
    ]);
    expect(pairs).toEqual([
      [0n, BigInt(ERROR)],
      [5n, BigInt(PROBE)],
    ]);
  });

  test('inside ERROR are only counted', () => {
    const lab = new Lab([
      [PROBE, { statements: [FAULT] }],
      [ERROR, { statements: [FAULT] }],
    ]).start();
    lab.fire();
    lab.fire();
    lab.drain();
    expect(lab.faults).toHaveLength(2);
    expect(lab.drops).toEqual(['DBLERROR 0 2']);
  });

  test('let an exit in ERROR set the status', () => {
    const lab = new Lab([
      [PROBE, { statements: [FAULT] }],
      [PROBE, { statements: [value(1)] }],
      [ERROR, { statements: [exit(1)] }],
    ]).start();
    lab.fire();
    expect(lab.engine.exitStatus).toBe(1);
    expect(lab.drain().records.map(({ epid }) => epid)).toEqual([3]);
  });

  test('of actions on a live guest say which action it was', () => {
    const lab = new Lab([[PROBE, { statements: [value(1), { kind: 'stop' }] }]]).start();
    lab.fire();
    expect(lab.drain().faults).toEqual(['1 #2 at -1: NOGUEST 0']);
  });
});

describe('built-ins', () => {
  const read = (name: string) => trace(`ldgs ${name}, %r1\nret %r1`);
  const text = (name: string) => trace(`ldgs ${name}, %r1\nret %r1`, STRING);

  test('of the engine', () => {
    const names = ['timestamp', 'vtimestamp', 'walltimestamp', 'epid', 'id', 'cpu', 'tid', 'pid', 'depth'];
    const lab = new Lab(names.map((name) => [PROBE, { statements: [read(name)] }] as const)).start();
    lab.firing.cpu = 2;
    lab.firing.setTime(1000, 5000n);
    lab.engine.fire(PROBE);
    expect(lab.drain().integers()).toEqual([1000n, 1000n, 6000n, 4n, 4n, 2n, 3n, 0n, 0n]);
    expect(lab.records[0]!.time).toBe(1000n);
  });

  test('of the probe, and who is running', () => {
    const names = ['probeprov', 'probemod', 'probefunc', 'probename', 'execname', 'zonename'];
    const lab = new Lab([
      ...names.map((name) => [PROBE, { statements: [text(name)] }] as const),
      [END, { statements: [text('execname')] }],
      [END, { statements: [read('pid')] }],
    ]).start();
    lab.fire();
    lab.engine.end();
    lab.drain();
    expect(lab.strings().slice(0, 7)).toEqual([
      ...['vec', 'exception', 'page_fault', '0x0e', 'boot.log', 'global', 'trapline'],
    ]);
    expect(lab.integers()[7]).toBe(77n);
  });

  test('of the event', () => {
    const names = [
      'cpl',
      'vector',
      'errcode',
      'seq',
      'line',
      'pc',
      'sp',
      'iflag',
      'ipl',
      'nmi',
      'stackdepth',
    ];
    const lab = new Lab(names.map((name) => [PROBE, { statements: [read(name)] }] as const)).start();
    const { memory, batch } = lab;
    const row = 3;
    memory.u8[batch.at.kind + row] = EVENT_KINDS.vec;
    memory.u8[batch.at.cpl + row] = 0;
    memory.u8[batch.at.flags + row] = EVENT_FLAGS.IF_KNOWN;
    memory.u16[batch.at.vector / 2 + row] = 2;
    memory.i64[batch.at.errcode / 8 + row] = -5n;
    memory.i64[batch.at.seq / 8 + row] = 7n;
    memory.f64[batch.at.line / 8 + row] = 2 ** 40 + 1;
    memory.i64[batch.at.pc / 8 + row] = -4096n;
    memory.i64[batch.at.sp / 8 + row] = 8n;
    lab.firing.row = row;
    lab.fire();
    const expected = [0n, 2n, -5n, 7n, (1n << 40n) + 1n, -4096n, 8n, 0n, 1n, 1n, 1n];
    expect(lab.drain().integers()).toEqual(expected);
  });

  test('without an event, or that the event does not carry, fault', () => {
    const lab = new Lab([
      [PROBE, { statements: [read('vector')] }],
      [PROBE, { statements: [read('rip')] }],
      [PROBE, { statements: [read('ipl')] }],
      [PROBE, { statements: [read('iflag')] }],
    ]).start();
    lab.fire();
    lab.drain();
    expect(lab.faults).toEqual([
      '1 #1 at 0: NOVALUE 387',
      '2 #1 at 0: NOVALUE 528',
      '4 #1 at 0: NOVALUE 386',
    ]);
    expect(lab.integers()).toEqual([0n]);
  });

  test('registers are asked of the batch; 32-bit names give the low half', () => {
    const lab = new Lab([
      [PROBE, { statements: [read('rip')] }],
      [PROBE, { statements: [read('eip')] }],
      [PROBE, { statements: [trace('setx 16, %r1\nldga uregs, %r1, %r2\nret %r2')] }],
      [PROBE, { statements: [trace('setx 31, %r1\nldga uregs, %r1, %r2\nret %r2')] }],
    ]).start();
    lab.batch.registers = {
      read(row, id, out, offset) {
        out.i64[offset / 8] = BigInt(row * 100 + id) - 0x100000000n;
        return true;
      },
    };
    lab.firing.row = 1;
    lab.fire();
    expect(lab.drain().integers()).toEqual([116n - 0x100000000n, 116n, 116n - 0x100000000n]);
    expect(lab.faults).toEqual(['4 #1 at 4: ILLOP 0']);
  });

  test('stacks show the pc of the level that was interrupted', () => {
    const lab = new Lab(
      [
        [PROBE, { statements: [{ kind: 'stack', frames: 3 }] }],
        [PROBE, { statements: [{ kind: 'ustack', frames: 3 }] }],
        [PROBE, { statements: [{ kind: 'aggregate', aggregation: 0, keys: ['stack'] }] }],
      ],
      {
        aggregations: [
          aggregation(0, 'count', [{ kind: 'stack', sizeBytes: 40, signed: false, type: { kind: 'stack' } }]),
        ],
      },
    ).start();
    lab.memory.i64[lab.batch.at.pc / 8] = 0x1234n;
    lab.firing.row = 0;
    for (const cpl of [0, 3]) {
      lab.memory.u8[lab.batch.at.cpl] = cpl;
      lab.fire();
    }
    expect(lab.drain().integers()).toEqual([0x1234n, 0n, 0n, 0x1234n]);
    const keys = [...lab.engine.aggregations.entries(lab.program.aggregations[0]!)].map(({ keyOffset }) => [
      lab.memory.u32[keyOffset / 4],
      lab.memory.i64[keyOffset / 8 + 1],
    ]);
    expect(keys).toContainEqual([1, 0x1234n]);
    expect(keys.map(([depth]) => depth).sort()).toEqual([0, 1]);
  });
});

describe('stacks in a printf', () => {
  const arg = (n: number) => dif(`ldgs arg${n}, %r1\nret %r1`);

  test('stand among its values, of the level that was interrupted', () => {
    const values = [arg(0), { kind: 'stack', frames: 2 }, { kind: 'ustack', frames: 1 }, arg(1)] as const;
    const lab = new Lab([[PROBE, { statements: [{ kind: 'printf', values }] }]]).start();
    lab.memory.i64[lab.batch.at.pc / 8] = -0x1234n;
    lab.firing.row = 0;
    lab.firing.setArg(0, 5n);
    lab.firing.setArg(1, 6n);
    for (const cpl of [0, 3]) {
      lab.memory.u8[lab.batch.at.cpl] = cpl;
      lab.fire();
    }
    const words = lab
      .drain()
      .records.map(({ payload }) => [0, 8, 16, 24, 32].map((at) => payload.getBigInt64(at, true)));
    expect(words).toEqual([
      [5n, -0x1234n, 0n, 0n, 6n],
      [5n, 0n, 0n, -0x1234n, 6n],
    ]);
  });

  test('take an action number each', () => {
    const values = [{ kind: 'stack', frames: 2 }, dif('ldx [%r0], %r1\nret %r1')] as const;
    const lab = new Lab([[PROBE, { statements: [{ kind: 'printf', values }] }]]).start();
    lab.fire();
    expect(lab.drain().faults).toEqual(['1 #2 at 0: BADADDR 0']);
  });
});

describe('records', () => {
  test('of several CPUs are drained in the order of their firings', () => {
    const lab = new Lab([[PROBE, { statements: [trace('ldgs arg0, %r1\nret %r1')] }]]).start();
    const cpus = [0, 3, 3, 1, 0, 2, 1, 3, 0];
    cpus.forEach((cpu, i) => {
      lab.firing.setArg(0, BigInt(i));
      lab.fire(PROBE, cpu);
    });
    lab.drain();
    expect(lab.records.map(({ cpu }) => cpu)).toEqual(cpus);
    expect(lab.integers()).toEqual(cpus.map((_, i) => BigInt(i)));
    expect(lab.drain().records).toHaveLength(cpus.length); // nothing comes twice
  });

  test('without an explicit size are never lost: the engine wants to be drained in time', () => {
    const lab = new Lab([[PROBE, { statements: [trace('ldgs arg0, %r1\nret %r1')] }]]).start();
    let drains = 0;
    for (let i = 0; i < 50000; i++) {
      lab.firing.setArg(0, BigInt(i));
      lab.fire();
      if (lab.engine.wantsDrain) {
        lab.drain();
        drains++;
      }
    }
    lab.drain();
    expect(lab.integers()).toEqual(Array.from({ length: 50000 }, (_, i) => BigInt(i)));
    expect(lab.drops).toEqual([]);
    expect(drains).toBeGreaterThan(2);
  });

  test('that do not fit an explicit size are dropped with their clause, and counted per CPU', () => {
    const sizes = { bufsize: 64, bufsizeIsExplicit: true }; // two records of 24 + 8
    const lab = new Lab(
      [
        [
          PROBE,
          {
            statements: [
              value(1),
              evaluate(
                'ldgs DT_VAR(0x500), %r1\nsetx 1, %r2\nadd %r1, %r2, %r1\nstgs DT_VAR(0x500), %r1\nret %r1',
              ),
            ],
          },
        ],
        [END, { statements: [trace('ldgs DT_VAR(0x500), %r1\nret %r1')] }],
      ],
      { sizes, variables: [variable('global', 0)] },
    ).start();
    for (let i = 0; i < 5; i++) lab.fire(PROBE, 1);
    lab.drain();
    expect([lab.integers(), lab.drops]).toEqual([[1n, 1n], ['PRINCIPAL 1 3']]);
    lab.engine.end();
    lab.drain();
    expect([lab.integers().at(-1), lab.drops]).toEqual([2n, ['PRINCIPAL 1 3']]);
  });

  test('larger than an explicit size are refused, at the edge', () => {
    const ready = (bufsize: number, probe = PROBE) =>
      new Lab([[probe, { statements: [value(1), value(2)] }]], {
        sizes: { bufsize, bufsizeIsExplicit: true },
      }).engine.ready();
    expect(ready(40)).toBeUndefined();
    expect(ready(39)).toBe('Enabling exceeds size of buffer');
    const twoEnds = new Lab(
      [
        [END, { statements: [value(1)] }],
        [END, { statements: [value(2)] }],
      ],
      { sizes: { bufsize: 63, bufsizeIsExplicit: true } },
    );
    expect(twoEnds.engine.ready()).toBe('END enablings exceed size of principal buffer');
  });

  test('a clause without a record leaves none; an empty one leaves a bare one', () => {
    const lab = new Lab([
      [PROBE, { statements: [evaluate('ret %r0')] }],
      [PROBE, { statements: [] }],
    ]).start();
    lab.fire();
    expect(lab.drain().records.map(({ epid, payload }) => [epid, payload.byteLength])).toEqual([[2, 0]]);
  });

  test('strings are cut to their field and NULL is empty', () => {
    const long = 'x'.repeat(300);
    const lab = new Lab([
      [PROBE, { statements: [trace(`sets "${long}", %r1\nret %r1`, STRING), trace('ret %r0', STRING)] }],
    ]).start();
    lab.fire();
    lab.drain();
    expect(textAt(lab.records[0]!.payload, 0)).toBe(long.slice(0, 256));
    expect(textAt(lab.records[0]!.payload, 264)).toBe('');
  });

  test('a library action drains at once, so later clauses are not seen by it', () => {
    const count = { kind: 'aggregate', aggregation: 0 } as const;
    const lab = new Lab(
      [
        [PROBE, { statements: [count] }],
        [PROBE, { statements: [{ kind: 'clear', aggregation: 0 }] }],
        [PROBE, { statements: [count] }],
      ],
      { aggregations: [aggregation(0, 'count')] },
    ).start();
    const seen: (bigint[] | undefined)[] = [];
    lab.engine.setDrainCallback(() => {
      lab.drain();
      seen.push(lab.values().get(0n));
      lab.engine.aggregations.clear(lab.program.aggregations[0]!);
    });
    lab.fire();
    lab.fire();
    expect(seen).toEqual([[1n], [2n]]);
    expect(lab.values().get(0n)).toEqual([1n]);
    expect(lab.engine.wantsDrain).toBe(false);
  });
});
