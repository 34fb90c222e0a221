/** What the interpreter runs: which pairs become one instruction, and when they must not. */
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { OPCODES } from '../../../src/dif/opcodes.ts';
import { firstOf, instructionsOf } from '../../../src/engine/instructions.ts';
import type { MachineState } from '../../../src/engine/machine-state.ts';
import { NARROW } from '../../../src/engine/narrowing.ts';
import { type PreparedDifo, PreparedTables } from '../../../src/engine/prepare.ts';
import { INTERPRETED, PREPARED } from '../../../src/engine/prepared-opcodes.ts';

const memory = new LinearMemory();
const m = { memory, visible: { add: () => 0 } } as unknown as MachineState;
const tables = new PreparedTables();
const constants = tables.place(m, BigInt64Array.of(5n, 0n, 32n, -1n, 31n)) >>> 2;
/** Where the constants lie. */
const [FIVE, ZERO, THIRTY_TWO, MINUS_ONE, THIRTY_ONE] = [0, 2, 4, 6, 8].map((i) => constants + i) as [
  ...[number, number, number, number, number],
];
const { add, and, ba, be, bge, bne, cmp, ret, scmp, sdiv, sll, sra, srl, tst } = OPCODES;
const { branchEqual, branchNoBits, branchNonzero, branchNotEqual, branchZero } = INTERPRETED;
const { branchUnlessColumn8, branchUnlessColumn16, loadScalar, maskBy, storeScalar } = INTERPRETED;
const { shiftLeftBy, shiftRightBy, shiftSignedBy } = INTERPRETED;
const { column8, column16, column64, loadDynamic, storeDynamic, storeInt } = PREPARED;
/** Places: three variables, two registers. */
const [X, Y, Z, R, S] = [10, 12, 14, 1002, 1004];

type Quad = readonly [op: number, a: number, b: number, c: number];

/** Branches name the number of an instruction. */
function difo(quads: readonly Quad[]): PreparedDifo {
  const words = quads.map(([op, a, b, c]) => [op, op >= ba.op && op <= OPCODES.bleu.op ? a * 4 : a, b, c]);
  const offsets = Int32Array.from(quads, (_, i) => i * 4);
  return { code: Int32Array.from(words.flat()), offsets, direct: 0, first: undefined };
}

function shortened(...quads: readonly Quad[]): number[][] {
  return instructionsOf(m, tables, difo(quads)).map(({ op, a, b, c }) => [op, a, b, c]);
}

const end: Quad = [ret.op, 0, 0, R];

describe('a comparison and its branch', () => {
  const rows: [string, Quad, number, readonly number[]][] = [
    ['equal', [cmp.op, X, Y, 0], be.op, [branchEqual, 2, X, Y]],
    ['not equal', [cmp.op, X, Y, 0], bne.op, [branchNotEqual, 2, X, Y]],
    ['zero', [tst.op, X, 0, 0], be.op, [branchZero, 2, 0, X]],
    ['not zero', [tst.op, X, 0, 0], bne.op, [branchNonzero, 2, 0, X]],
  ];
  test.each(rows)('become one: %s', (_, compare, branch, expected) => {
    const code = shortened(compare, [branch, 3, 0, 0], [add.op, X, Y, R], end);
    expect(code).toEqual([expected, [add.op, X, Y, R], end]);
  });

  const kept: [string, Quad[]][] = [
    ['by order', [[cmp.op, X, Y, 0], [bge.op, 3, 0, 0], [add.op, X, Y, R], end]],
    ['of strings', [[scmp.op, X, Y, 0], [be.op, 3, 0, 0], [add.op, X, Y, R], end]],
    ['that the next branch looks at too', [[cmp.op, X, Y, 0], [be.op, 3, 0, 0], [bge.op, 3, 0, 0], end]],
    [
      'that a branch looks at where it goes',
      [[cmp.op, X, Y, 0], [be.op, 3, 0, 0], end, [bge.op, 4, 0, 0], end],
    ],
    [
      'whose branch is a label',
      [[tst.op, Z, 0, 0], [bge.op, 3, 0, 0], [cmp.op, X, Y, 0], [be.op, 4, 0, 0], end],
    ],
  ];
  test.each(kept)('stay two: %s', (_, quads) => {
    expect(shortened(...quads)).toEqual(quads);
  });
});

describe('what is computed only to be compared', () => {
  const bits: Quad[] = [
    [and.op, X, Y, R],
    [tst.op, R, 0, 0],
  ];
  const column = (op: number): Quad[] => [
    [op, 64, 7, R],
    [cmp.op, R, X, 0],
  ];
  const rows: [string, Quad[], number, number, readonly number[]][] = [
    ['bits', bits, branchNoBits, be.op, [branchNoBits, 2, X, Y, 0]],
    ['a byte of the event', column(column8), branchUnlessColumn8, bne.op, [branchUnlessColumn8, 2, 64, X, 7]],
    ['two bytes', column(column16), branchUnlessColumn16, bne.op, [branchUnlessColumn16, 2, 64, X, 7]],
    [
      'the other way round',
      [
        [column8, 64, 7, R],
        [cmp.op, X, R, 0],
      ],
      branchUnlessColumn8,
      bne.op,
      [branchUnlessColumn8, 2, 64, X, 7],
    ],
  ];
  const code = (quads: readonly Quad[], branch: number, next: Quad, last: Quad): Quad[] => [
    ...quads,
    [branch, 4, 0, 0],
    next,
    last,
  ];
  const other: Quad = [ret.op, 0, 0, S];
  const opsOf = (quads: readonly Quad[]) => shortened(...quads).map(([op]) => op);

  test.each(rows)('becomes one with the branch: %s', (_, quads, op, branch, expected) => {
    const whole = code(quads, branch, [add.op, X, Y, R], other);
    const [first] = instructionsOf(m, tables, difo(whole));
    expect(first).toMatchObject({ op, a: expected[1], b: expected[2], c: expected[3], d: expected[4] });
    expect(opsOf(whole)).toEqual([op, add.op, ret.op]);
  });

  test.each(rows)('stays where its value is used, on either way: %s', (_, quads, op, branch) => {
    const used: Quad = [add.op, R, Y, R];
    expect(opsOf(code(quads, branch, used, other))).not.toContain(op);
    expect(opsOf(code(quads, branch, [add.op, X, Y, S], [ret.op, 0, 0, R]))).not.toContain(op);
  });

  test.each(rows)('stays with another branch: %s', (_, quads, op) => {
    expect(opsOf(code(quads, bge.op, [add.op, X, Y, R], other))).not.toContain(op);
  });
});

describe('a mask', () => {
  test.each([
    [FIVE, 5],
    [THIRTY_TWO, 32],
    [ZERO, 0],
  ])('of one word is in the instruction: %i', (mask, by) => {
    expect(shortened([and.op, X, mask, R], end)).toEqual([[maskBy, X, by, R], end]);
  });
  test.each([MINUS_ONE, Y])('of more, or that may change, is not: %i', (mask) => {
    expect(shortened([and.op, X, mask, R], end)).toEqual([[and.op, X, mask, R], end]);
  });
});

test('integers without keys are told from other dynamic variables', () => {
  const slot = { keyNumber: 1, threaded: true, narrowing: 0, sizeBytes: 8, valueBytes: 8, at: 0 };
  const integer = tables.slotNumber({ ...slot, kind: 'int' });
  const text = tables.slotNumber({ ...slot, kind: 'string' });
  const ops = (op: number, number: number, tuple: number) => shortened([op, number, tuple, R], end)[0]![0];
  expect([ops(loadDynamic, integer, 0), ops(storeDynamic, integer, 0)]).toEqual([loadScalar, storeScalar]);
  expect([ops(loadDynamic, integer, 1), ops(loadDynamic, text, 0)]).toEqual([loadDynamic, loadDynamic]);
  expect([ops(storeDynamic, integer, 1), ops(storeDynamic, text, 0)]).toEqual([storeDynamic, storeDynamic]);
});

describe('an assignment', () => {
  test.each([add.op, column64])('is computed where it belongs: %i', (op) => {
    expect(shortened([op, X, Y, R], [storeInt, Z, NARROW.none, R], [ret.op, 0, 0, S])).toEqual([
      [op, X, Y, Z],
      [ret.op, 0, 0, S],
    ]);
  });

  const kept: [string, Quad[]][] = [
    [
      'that narrows',
      [
        [add.op, X, Y, R],
        [storeInt, Z, NARROW.s32, R],
        [ret.op, 0, 0, S],
      ],
    ],
    ['whose value is used', [[add.op, X, Y, R], [storeInt, Z, NARROW.none, R], end]],
    [
      'that may fault',
      [
        [sdiv.op, X, Y, R],
        [storeInt, Z, NARROW.none, R],
        [ret.op, 0, 0, S],
      ],
    ],
    [
      'of another register',
      [
        [add.op, X, Y, R],
        [storeInt, Z, NARROW.none, S],
        [ret.op, 0, 0, S],
      ],
    ],
  ];
  test.each(kept)('keeps its register: %s', (_, quads) => {
    expect(shortened(...quads)).toEqual(quads);
  });
});

describe('a shift', () => {
  test.each([
    [sll.op, FIVE, shiftLeftBy, 5],
    [srl.op, THIRTY_ONE, shiftRightBy, 31],
    [sra.op, FIVE, shiftSignedBy, 5],
  ])('by a constant knows its count: %i', (op, count, expected, by) => {
    expect(shortened([op, X, count, R], end)).toEqual([[expected, X, by, R], end]);
  });

  test.each([ZERO, THIRTY_TWO, MINUS_ONE, Y])('by what is no constant under a word does not: %i', (count) => {
    expect(shortened([srl.op, X, count, R], end)).toEqual([[srl.op, X, count, R], end]);
  });
});

test('branches go before their goal, whatever went, and faults are told in terms of the DIFO', () => {
  const list = difo([
    [tst.op, X, 0, 0],
    [be.op, 5, 0, 0],
    [cmp.op, X, Y, 0],
    [bne.op, 5, 0, 0],
    [add.op, X, Y, R],
    end,
  ]);
  const first = firstOf(m, tables, list);
  expect(first.target.next.op).toBe(ret.op);
  expect(first.next.op).toBe(branchNotEqual);
  expect(first.next.target.next).toBe(first.target.next);
  expect([first.offset, first.next.offset, first.next.next.offset]).toEqual([0, 8, 16]);
  expect(firstOf(m, tables, list)).toBe(first);
});
