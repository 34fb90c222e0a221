/** Laws of the engine room: DIF arithmetic against BigInt, the keyed table against a Map, globs against expressions,
 * and the interpreter against a plain one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  divideSigned,
  divideUnsigned,
  remainderSigned,
  remainderUnsigned,
  shiftLeft,
  shiftRightArithmetic,
  shiftRightLogical,
} from '../../src/base/int64.ts';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { llquantizeBounds } from '../../src/dif/buckets.ts';
import type { Mnemonic } from '../../src/dif/opcodes.ts';
import type { Difo } from '../../src/dif/program.ts';
import { BUILTIN_VARIABLES } from '../../src/dif/variables.ts';
import { ChunkPool } from '../../src/engine/chunk-pool.ts';
import { globMatches } from '../../src/engine/glob.ts';
import { KeyedTable } from '../../src/engine/keyed-table.ts';
import { DifMachine } from '../support/dif-executor.ts';
import { aggregation, dif, intShape, Lab, PROBE, variable } from '../support/engine-lab.ts';

/** 64-bit values, with the neighbourhoods of powers of two well represented. */
const int64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -2, max: 2 }))
    .map(([bit, near]) => BigInt.asIntN(64, (1n << BigInt(bit)) + BigInt(near))),
  fc.integer({ min: -70, max: 70 }).map(BigInt),
);

const MODEL: readonly (readonly [Mnemonic, (a: bigint, b: bigint) => bigint])[] = [
  ['or', (a, b) => a | b],
  ['xor', (a, b) => a ^ b],
  ['and', (a, b) => a & b],
  ['add', (a, b) => a + b],
  ['sub', (a, b) => a - b],
  ['mul', (a, b) => a * b],
  ['sll', shiftLeft],
  ['srl', shiftRightLogical],
  ['sra', shiftRightArithmetic],
  ['sdiv', (a, b) => (b === 0n ? 0n : divideSigned(a, b))],
  ['udiv', (a, b) => (b === 0n ? 0n : divideUnsigned(a, b))],
  ['srem', (a, b) => (b === 0n ? 0n : remainderSigned(a, b))],
  ['urem', (a, b) => (b === 0n ? 0n : remainderUnsigned(a, b))],
];

describe('arithmetic is that of 64 bits', () => {
  test.each(MODEL)('%s', (op, model) => {
    const lab = new Lab([
      [
        PROBE,
        {
          statements: [
            { kind: 'trace', difo: dif(`ldgs arg0, %r1\nldgs arg1, %r2\n${op} %r1, %r2, %r3\nret %r3`) },
          ],
        },
      ],
    ]).start();
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        lab.records = [];
        lab.firing.setArg(0, a);
        lab.firing.setArg(1, b);
        lab.fire();
        lab.drain();
        const faults = b === 0n && ['sdiv', 'udiv', 'srem', 'urem'].includes(op);
        expect(lab.integers()).toEqual(faults ? [] : [BigInt.asIntN(64, model(a, b))]);
      }),
      { numRuns: 300 },
    );
  });
});

/** What instructions may take in: nothing, the sign of a half, counts of a shift and what lies beyond. */
const CONSTANTS = [0n, 1n, 5n, 31n, 32n, 33n, 63n, 64n, -1n, 0x7fffffffn, 0x80000000n, 0xffffffffn].concat([
  ...[0x100000000n, -0x80000000n, -(1n << 63n), (1n << 63n) - 1n],
]);

test.each(MODEL)('%s by a constant is that of 64 bits, in a global and in a key', (op, model) => {
  const by = CONSTANTS.filter((constant) => constant !== 0n || !/div|rem/.test(op));
  const code = (constant: bigint, end: string) =>
    `ldgs arg0, %r1\nsetx ${constant}, %r2\n${op} %r1, %r2, %r3\n${end}`;
  const lab = new Lab(
    by.map((constant, id) => {
      const value = dif(code(constant, 'ret %r3'));
      const kept = dif(`${code(constant, 'stgs DT_VAR(0x500), %r3')}\nret %r0`);
      const again = { kind: 'trace', difo: dif('ldgs DT_VAR(0x500), %r1\nret %r1') } as const;
      return [
        PROBE,
        {
          statements: [
            { kind: 'trace', difo: value },
            { kind: 'expression', difo: kept },
            again,
            { kind: 'aggregate', aggregation: id, keys: [value] },
          ],
        },
      ];
    }),
    {
      tier: 'interpreter',
      variables: [variable('global', 0)],
      aggregations: by.map((_, id) => aggregation(id, 'count', [intShape()])),
    },
  ).start();
  fc.assert(
    fc.property(int64, (a) => {
      lab.records = [];
      lab.firing.setArg(0, a);
      lab.fire();
      lab.drain();
      const expected = by.map((constant) => BigInt.asIntN(64, model(a, constant)));
      expect(lab.integers()).toEqual(expected);
      expect(lab.records.map(({ payload }) => payload.getBigInt64(8, true))).toEqual(expected);
      expect(expected.map((key, id) => lab.values(id).has(key))).toEqual(expected.map(() => true));
    }),
    { numRuns: 100 },
  );
});

describe('the interpreter agrees with a plain executor of DIF', () => {
  const variables = [variable('global', 0, intShape(2)), variable('clause', 0), variable('thread', 0)];
  const binary = fc.constantFrom(
    'or',
    'xor',
    'and',
    'add',
    'sub',
    'mul',
    'sll',
    'srl',
    'sra',
    'sdiv',
    'udiv',
    'srem',
    'urem',
  );
  const branch = fc.constantFrom('ba', 'be', 'bne', 'bg', 'bgu', 'bge', 'bgeu', 'bl', 'blu', 'ble', 'bleu');
  const reg = fc.integer({ min: 1, max: 5 }).map((n) => `%r${n}`);
  const source = fc.integer({ min: 0, max: 5 }).map((n) => `%r${n}`);
  /** Registers are all written first, so the verifier accepts any order of these. */
  const line = fc.oneof(
    fc.tuple(binary, source, source, reg).map(([op, a, b, c]) => [`${op} ${a}, ${b}, ${c}`]),
    fc.tuple(int64, reg).map(([value, r]) => [`setx ${value}, ${r}`]),
    fc.tuple(fc.constantFrom('mov', 'not'), source, reg).map(([op, a, c]) => [`${op} ${a}, ${c}`]),
    fc.tuple(fc.integer({ min: 0, max: 2 }), reg).map(([n, r]) => [`ldgs arg${n}, ${r}`]),
    fc.tuple(fc.constantFrom('ldgs', 'ldls', 'ldts'), reg).map(([op, r]) => [`${op} DT_VAR(0x500), ${r}`]),
    fc.tuple(fc.constantFrom('stgs', 'stls', 'stts'), reg).map(([op, r]) => [`${op} DT_VAR(0x500), ${r}`]),
    fc
      .tuple(source, source, branch, fc.nat({ max: 8 }))
      .map(([a, b, op, far]) => [`cmp ${a}, ${b}`, `${op} +${far}`]),
    fc.tuple(source, branch, fc.nat({ max: 8 })).map(([a, op, far]) => [`tst ${a}`, `${op} +${far}`]),
  );
  const program = fc.array(line, { maxLength: 30 }).map((blocks) => {
    const head = [1, 2, 3, 4, 5].map((n) => `setx ${n}, %r${n}`);
    // A label before each block; `+n` names the one n blocks on, at most the end.
    const body = blocks.flatMap((lines, i) => {
      const label = (far: number) => `l${Math.min(blocks.length, i + 1 + far)}`;
      return [`l${i}:`, ...lines.map((text) => text.replace(/\+(\d+)/, (_, far) => label(Number(far))))];
    });
    return [...head, ...body, `l${blocks.length}: ret %r1`].join('\n');
  });

  test('on random programs, firing after firing', () => {
    fc.assert(
      fc.property(
        program,
        fc.array(fc.tuple(int64, int64, int64), { minLength: 1, maxLength: 3 }),
        (text, firings) => {
          const difo = dif(text);
          const lab = new Lab([[PROBE, { statements: [{ kind: 'trace', difo }] }]], { variables }).start();
          const machine = new DifMachine(variables);
          for (const args of firings) {
            args.forEach((value, i) => {
              lab.firing.setArg(i, value);
              machine.builtins.set(BUILTIN_VARIABLES.arg0.id + i, value);
            });
            lab.records = [];
            lab.faults = [];
            lab.fire();
            lab.drain();
            const expected = machine.run(clearLocals(machine, difo));
            const got = lab.integers()[0] ?? lab.faults[0]?.match(/: (\w+)/)?.[1];
            expect(got).toBe(expected);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  /** The plain executor keeps clause-locals; the engine starts each firing with zero. */
  function clearLocals(machine: DifMachine, difo: Difo): Difo {
    machine.run(dif('stls DT_VAR(0x500), %r0\nret %r0'));
    return difo;
  }
});

test('the keyed table behaves as a Map, whatever is inserted and removed', () => {
  const operation = fc.record({
    what: fc.constantFrom('set', 'set', 'set', 'remove', 'find'),
    key: fc.array(fc.bigInt({ min: -3n, max: 3n }), { maxLength: 3 }),
    value: fc.bigInt({ min: 1n, max: 1000n }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const memory = new LinearMemory(1);
      const table = new KeyedTable(memory, new ChunkPool(memory, undefined));
      const keyAt = memory.reserve(64);
      const model = new Map<string, bigint>();
      for (const { what, key, value } of operations) {
        memory.i64.set(key, keyAt / 8);
        const bytes = key.length * 8;
        if (what === 'set') {
          const entry = table.findOrInsert(keyAt, bytes, 8);
          expect(table.inserted).toBe(!model.has(key.join()));
          if (table.inserted) expect(memory.i64[table.valueOf(entry) / 8]).toBe(0n);
          memory.i64[table.valueOf(entry) / 8] = value;
          model.set(key.join(), value);
        } else if (what === 'remove') {
          table.remove(keyAt, bytes);
          model.delete(key.join());
        } else {
          const entry = table.find(keyAt, bytes);
          expect(entry === 0 ? undefined : memory.i64[table.valueOf(entry) / 8]).toBe(model.get(key.join()));
        }
        expect(table.count).toBe(model.size);
      }
      const values = [...table.entries()].map((entry) => memory.i64[table.valueOf(entry) / 8]!);
      expect(values.sort()).toEqual([...model.values()].sort());
      const visited: number[] = [];
      table.forEach((entry) => {
        visited.push(entry);
      });
      expect(visited).toEqual([...table.entries()].sort((a, b) => a - b));
    }),
  );
});

test('entries of a large table are visited in the order of memory, each once', () => {
  const memory = new LinearMemory();
  const table = new KeyedTable(memory, new ChunkPool(memory, undefined));
  const keyAt = memory.reserve(8);
  for (let i = 0; i < 20_000; i++) {
    memory.i64[keyAt / 8] = BigInt(i) * 4096n;
    table.findOrInsert(keyAt, 8, 16);
  }
  const visited: number[] = [];
  table.forEach((entry) => {
    visited.push(entry);
  });
  expect(visited).toEqual([...table.entries()].sort((a, b) => a - b));
});

test('a million integer keys take at most 96 bytes each', () => {
  const memory = new LinearMemory();
  const table = new KeyedTable(memory, new ChunkPool(memory, undefined));
  const keyAt = memory.reserve(8);
  const before = memory.reservedBytes;
  const count = 1_000_000;
  for (let i = 0; i < count; i++) {
    memory.i32[keyAt / 4] = i * 4096;
    memory.i32[keyAt / 4 + 1] = -1;
    memory.i32[(table.valueOf(table.findOrInsert(keyAt, 8, 16)) + 8) / 4]!++;
  }
  expect(table.count).toBe(count);
  expect((memory.reservedBytes - before) / count).toBeLessThanOrEqual(96);
});

test('a pool keeps its limit, and what is freed can be had again', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 60 }), (words) => {
      const memory = new LinearMemory(1);
      const pool = new ChunkPool(memory, 20000);
      const chunks = words.map((count) => [pool.allocate(count * 8), count * 8] as const);
      const held = chunks.filter(([at]) => at !== 0).sort(([a], [b]) => a - b);
      expect(pool.usedBytes).toBeLessThanOrEqual(20000);
      held.forEach(([at, size], i) => {
        const next = held[i + 1];
        if (next) expect(at + size).toBeLessThanOrEqual(next[0]);
      });
      for (const [at, size] of held) pool.free(at, size);
      expect(pool.usedBytes).toBe(0);
      const reserved = memory.reservedBytes;
      for (const [, size] of held) expect(pool.allocate(size)).not.toBe(0);
      expect(memory.reservedBytes).toBe(reserved);
    }),
  );
});

test('llquantize bounds rise, and start each order of magnitude', () => {
  const params = fc
    .record({
      factor: fc.integer({ min: 2, max: 20 }),
      low: fc.integer({ min: 0, max: 4 }),
      span: fc.integer({ min: 0, max: 4 }),
      power: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ factor, low, span, power }) => ({
      kind: 'llquantize' as const,
      factor,
      low,
      high: low + span,
      steps: factor ** power,
    }));
  fc.assert(
    fc.property(params, (given) => {
      const bounds = llquantizeBounds(given);
      bounds.forEach((bound, i) => {
        if (i > 0) expect(bound).toBeGreaterThan(bounds[i - 1]!);
      });
      for (let order = given.low; order <= given.high + 1; order++) {
        expect(bounds).toContain(BigInt(given.factor) ** BigInt(order));
      }
    }),
  );
});

test('globs match what the same regular expression matches', () => {
  const element = fc.constantFrom('*', '?', 'a', 'b', '[ab]', '[!a]', '[a-c]', '\\*', '\\[');
  const asExpression: Readonly<Record<string, string>> = { '*': '.*', '?': '.', '[!a]': '[^a]' };
  fc.assert(
    fc.property(
      fc.array(element, { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '*', '['), maxLength: 10 }),
      (parts, text) => {
        const expression = new RegExp(`^${parts.map((part) => asExpression[part] ?? part).join('')}$`, 's');
        expect(globMatches(parts.join(''), text)).toBe(expression.test(text));
      },
    ),
    { numRuns: 2000 },
  );
});
