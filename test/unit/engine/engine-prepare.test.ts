/** Prepared code: which instructions are left, and that what they say about faults is still in terms of the DIFO. */
import { expect, test } from 'vitest';
import { REGISTER_FILE_SIZE } from '../../../src/dif/opcodes.ts';
import { PREPARED } from '../../../src/engine/prepared-opcodes.ts';
import { propagate } from '../../../src/engine/propagate.ts';
import { BEGIN, Lab, resultOf, trace, variable } from '../../support/engine-lab.ts';

const REGISTERS = 1000;
const reg = (n: number) => REGISTERS + 2 * n;
/** Places outside the registers. */
const X = 10;
const Y = 12;
const { copy, storeInt } = PREPARED;
const [ADD, CMP, BA, BE, RET] = [7, 15, 17, 18, 35];

function shorten(...code: readonly (readonly number[])[]) {
  const { code: short, offsets } = propagate(Int32Array.from(code.flat()), REGISTERS, REGISTER_FILE_SIZE);
  const instructions = [...offsets].map((_, i) => [...short.slice(i * 4, i * 4 + 4)]);
  return { instructions, offsets: [...offsets] };
}

test('operands are read where they are, and the copies go', () => {
  const { instructions, offsets } = shorten(
    [copy, X, 0, reg(1)],
    [copy, Y, 0, reg(2)],
    [ADD, reg(1), reg(2), reg(3)],
    [RET, 0, 0, reg(3)],
  );
  expect(instructions).toEqual([
    [ADD, X, Y, reg(3)],
    [RET, 0, 0, reg(3)],
  ]);
  expect(offsets).toEqual([8, 12]);
});

test('a value loaded before its variable changes is kept', () => {
  const { instructions } = shorten(
    [copy, X, 0, reg(1)],
    [ADD, reg(1), reg(1), reg(2)],
    [storeInt, X, 0, reg(2)],
    [RET, 0, 0, reg(1)],
  );
  expect(instructions).toEqual([
    [copy, X, 0, reg(1)],
    [ADD, X, X, reg(2)],
    [storeInt, X, 0, reg(2)],
    [RET, 0, 0, reg(1)],
  ]);
});

test('where branches meet nothing is assumed, and branches still go where they went', () => {
  const { instructions } = shorten(
    [copy, X, 0, reg(1)],
    [CMP, reg(1), reg(0), 0],
    [BE, 16, 0, 0],
    [copy, Y, 0, reg(1)],
    [ADD, reg(1), reg(1), reg(1)],
    [RET, 0, 0, reg(1)],
  );
  expect(instructions).toEqual([
    [copy, X, 0, reg(1)],
    [CMP, X, reg(0), 0],
    [BE, 16, 0, 0],
    [copy, Y, 0, reg(1)],
    [ADD, reg(1), reg(1), reg(1)],
    [RET, 0, 0, reg(1)],
  ]);
});

test('a branch over removed instructions is shortened', () => {
  const { instructions } = shorten(
    [BA, 12, 0, 0],
    [copy, Y, 0, reg(2)],
    [copy, Y, 0, reg(3)],
    [RET, 0, 0, reg(0)],
  );
  expect(instructions).toEqual([
    [BA, 4, 0, 0],
    [RET, 0, 0, reg(0)],
  ]);
});

test('faults name the offset in the DIFO, whatever was removed before it', () => {
  expect(resultOf('setx 1, %r1\nsetx 2, %r2\nadd %r1, %r2, %r3\nldub %r3, %r4\nret %r4')).toBe(
    '1 #1 at 12: BADADDR 3',
  );
});

test('x++ gives the value before', () => {
  const text = 'ldgs DT_VAR(0x500), %r1\nsetx 1, %r2\nadd %r1, %r2, %r3\nstgs DT_VAR(0x500), %r3\nret %r1';
  const lab = new Lab([[BEGIN, { statements: [trace(text), trace(text)] }]], {
    variables: [variable('global', 0)],
  });
  const { payload } = lab.start().drain().records[0]!;
  expect([payload.getBigInt64(0, true), payload.getBigInt64(8, true)]).toEqual([0n, 1n]);
});
