/** The usual shapes of Arm and RISC-V records: what is read at once, what is left to the careful path, and what is read. */
import { describe, expect, test } from 'vitest';
import { DumpShapes } from '../../../src/sources/dump-shape.ts';
import { newArmBlock, readDelivery, readReturn } from '../../../src/sources/qemu-arm/arm-block.ts';
import { newTrap, readTrap } from '../../../src/sources/qemu-riscv/trap-line.ts';
import { TextCursor } from '../../../src/sources/text-cursor.ts';

const SLACK = 4096; // as behind a window
const bytes = (text: string): Uint8Array => {
  const u8 = new Uint8Array(text.length + SLACK);
  u8.set(Buffer.from(text, 'latin1'));
  return u8;
};
const hex = (low: number, high: number): string =>
  ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString(16);

describe('hexadecimal numbers of every length', () => {
  const DIGITS = 'f123456789abcdef';
  test.each(Array.from({ length: 16 }, (_, i) => DIGITS.slice(0, i + 1)))('%s', (digits) => {
    const cursor = new TextCursor();
    cursor.begin(bytes(`${digits} `), 0);
    expect(cursor.hex()).toBe(true);
    expect(hex(cursor.low, cursor.high)).toBe(digits);
    expect(cursor.at).toBe(digits.length);
  });

  test.each(['', 'x', 'F', `${DIGITS}0`])('no number: "%s"', (text) => {
    const cursor = new TextCursor();
    cursor.begin(bytes(text), 0);
    expect(cursor.hex()).toBe(false);
  });
});

const ABORT = `Taking exception 4 [Data Abort] on CPU 3
...from EL0 to EL1
...with ESR 0x24/0x92000007
...with FAR 0xffff9e2b5010
...with SPSR 0x60001000
...with ELR 0x465e8c
...to EL1 PC 0xffff800008010c00 PSTATE 0x3c5
`;

test('a delivery, whole', () => {
  const block = newArmBlock();
  expect(readDelivery(bytes(ABORT), 0, ABORT.length, block)).toBe(true);
  expect(block).toMatchObject({
    ...{ end: ABORT.length, lines: 7, exception: 4, cpu: 3, fromLevel: 0, toLevel: 1, ecLow: 0x24 },
    ...{ hasFar: true, farLow: 0x9e2b5010 | 0, farHigh: 0xffff, hasSpsr: true, spsrLow: 0x60001000 },
    ...{ pcLow: 0x465e8c, pcHigh: 0, entryLow: 0x08010c00, entryHigh: 0xffff8000 | 0, stateLow: 0x3c5 },
  });
});

test.each([
  ['its last line is not in the window', ABORT, ABORT.length - 1],
  ['its last line has no end', ABORT.slice(0, -1), ABORT.length - 1],
  ['a line is missing', ABORT.replace(/\.\.\.with ELR.*\n/, ''), 0],
  ['lines are in another order', ABORT.replace(/(\.\.\.with FAR.*\n)(\.\.\.with SPSR.*\n)/, '$2$1'), 0],
  [
    'another CPU writes between',
    ABORT.replace('...with ELR', 'Taking exception 5 [IRQ] on CPU 1\n...with ELR'),
    0,
  ],
  ['text behind a number', ABORT.replace('465e8c\n', '465e8c hello\n'), 0],
  ['carriage returns', ABORT.replaceAll('\n', '\r\n'), 0],
  ['too many digits', ABORT.replace('0x465e8c', '0x11112222333344445'), 0],
  ['levels that do not agree', ABORT.replace('...to EL1', '...to EL2'), 0],
])('left to the careful path: %s', (_, text, end) => {
  expect(readDelivery(bytes(text), 0, end || text.length, newArmBlock())).toBe(false);
});

test('returns', () => {
  const block = newArmBlock();
  const line = 'Exception return from AArch64 EL1 to AArch64 EL0 PC 0xffff9e2b5010\n';
  expect(readReturn(bytes(line), 0, line.length, block)).toBe(true);
  expect(block).toMatchObject({ end: line.length, fromLevel: 1, toLevel: 0, pcHigh: 0xffff });
  expect(readReturn(bytes(line), 0, line.length - 1, block)).toBe(false);
  const of32 = line.replace('AArch64 EL1', 'AArch32 und');
  expect(readReturn(bytes(of32), 0, of32.length, block)).toBe(false);
});

const TRAP =
  'riscv_cpu_do_interrupt: hart:2, async:1, cause:0000000000000007, epc:0x0000000080000078, tval:0x1f, desc=m_timer\n';

test('traps', () => {
  const trap = newTrap();
  expect(readTrap(bytes(TRAP), 0, TRAP.length, trap)).toBe(true);
  expect(trap).toEqual({
    ...{ end: TRAP.length, hart: 2, isAsync: true, cause: 7 },
    ...{ epcLow: 0x80000078 | 0, epcHigh: 0, tvalLow: 0x1f, tvalHigh: 0 },
  });
  for (const text of [
    TRAP.replace('m_timer', '(unknown)'),
    TRAP.replace('m_timer', `m_timer${TRAP}`),
    TRAP.slice(0, -1),
  ])
    expect(readTrap(bytes(text), 0, text.length, trap)).toBe(false);
});

describe('a dump teaches the shape of the next ones', () => {
  const DUMP = ' PC=0000000040200a00 X00=0000000000000011\nPSTATE=600003c5 -ZC- EL1h\n';
  const shapes = new DumpShapes();
  shapes.learn(DUMP, true, new Map([[7, { at: 25, digits: 16 }]]));

  test.each([
    ['other digits', DUMP.replace('0011', 'beef'), 0xbeefn],
    ['other flags', DUMP.replace('-ZC-', 'N--V'), 0x11n],
  ])('%s', (_, text, value) => {
    const u8 = bytes(text);
    const shape = shapes.match(u8, 0, text.length);
    expect(shape).toMatchObject({ lines: 2, isEnded: true });
    const registers = shapes.take(u8, 0, shape!);
    u8.fill(0); // the window moves on
    expect(registers.get(7)).toBe(value);
    expect(registers.get(8)).toBeUndefined();
  });

  test.each([
    ['capitals', DUMP.replace('0011', 'BEEF')],
    ['another level', DUMP.replace('EL1h', 'EL0t')],
    ['no flag', DUMP.replace('-ZC-', '-XC-')],
    ['a name torn', DUMP.replace('X00', 'X01')],
    ['cut short', DUMP.slice(0, -1)],
  ])('not: %s', (_, text) => {
    expect(shapes.match(bytes(text), 0, text.length)).toBeUndefined();
  });
});
