/** Every opcode of DIF, executed: what it leaves in its register, and arithmetic at the edges of 64 bits. */
import { describe, expect, test } from 'vitest';
import { type Mnemonic, OPCODES } from '../../src/dif/opcodes.ts';
import { bytesShape, intShape, resultOf, STRING, variable } from '../support/engine-lab.ts';

const MIN = -(1n << 63n);
const MAX = (1n << 63n) - 1n;

/** op, r1, r2 → rd */
const BINARY: readonly (readonly [Mnemonic, bigint, bigint, bigint])[] = [
  ['or', 0xf0n << 40n, 0x0fn, (0xf0n << 40n) | 0x0fn],
  ['xor', -1n, 0xffn, ~0xffn],
  ['and', 0xff00000000n, 0x1100000011n, 0x1100000000n],
  ['sll', 1n, 63n, MIN],
  ['sll', 3n, 31n, 3n << 31n],
  ['sll', 3n, 32n, 3n << 32n],
  ['sll', 5n, 0n, 5n],
  ['sll', 1n, 64n, 0n],
  ['sll', 1n, -1n, 0n],
  ['srl', -1n, 1n, MAX],
  ['srl', -1n, 33n, (1n << 31n) - 1n],
  ['srl', -1n, 63n, 1n],
  ['srl', -1n, 64n, 0n],
  ['sra', MIN, 63n, -1n],
  ['sra', -16n, 2n, -4n],
  ['sra', -16n, 32n, -1n],
  ['sra', -16n, 64n, 0n],
  ['sub', 0n, 1n, -1n],
  ['sub', MIN, 1n, MAX],
  ['sub', 1n << 32n, 1n, 0xffffffffn],
  ['add', MAX, 1n, MIN],
  ['add', 0xffffffffn, 1n, 1n << 32n],
  ['add', -1n, 1n, 0n],
  ['mul', 1n << 32n, 1n << 32n, 0n],
  ['mul', -3n, 7n, -21n],
  ['mul', 0x7fffffffn, 0x7fffffffn, 0x7fffffffn * 0x7fffffffn],
  ['mul', MAX, 2n, -2n],
  ['sdiv', -7n, 2n, -3n],
  ['sdiv', MIN, -1n, MIN],
  ['sdiv', 0x7ffffffffffffn, 1000n, 0x7ffffffffffffn / 1000n],
  ['udiv', -1n, 2n, MAX],
  ['udiv', 100n, 7n, 14n],
  ['srem', -7n, 2n, -1n],
  ['srem', MIN, -1n, 0n],
  ['urem', -1n, 10n, 5n],
  ['urem', 100n, 7n, 2n],
];

describe('arithmetic', () => {
  test.each(BINARY)('%s %s %s is %s', (op, r1, r2, rd) => {
    expect(resultOf(`setx ${r1}, %r1\nsetx ${r2}, %r2\n${op} %r1, %r2, %r3\nret %r3`)).toBe(rd);
    expect(resultOf(`setx ${r1}, %r1\nsetx ${r2}, %r2\n${op} %r1, %r2, %r1\nret %r1`)).toBe(rd);
    expect(resultOf(`setx ${r1}, %r1\nsetx ${r2}, %r2\n${op} %r1, %r2, %r2\nret %r2`)).toBe(rd);
  });

  test.each(['sdiv', 'udiv', 'srem', 'urem'])('%s by 0 faults at its offset', (op) => {
    expect(resultOf(`setx 1, %r1\n${op} %r1, %r0, %r2\nret %r2`)).toBe('1 #1 at 4: DIVZERO 0');
  });

  test.each([
    ['not %r1, %r2', -6n],
    ['mov %r1, %r2', 5n],
    ['nop\nmov %r1, %r2', 5n],
  ])('%s', (text, value) => {
    expect(resultOf(`setx 5, %r1\n${text}\nret %r2`)).toBe(value);
  });
});

/** op, and whether it branches for −1 : 1, 1 : −1, 1 : 1 (−1 is the largest unsigned number). */
const BRANCHES: readonly (readonly [Mnemonic, boolean, boolean, boolean])[] = [
  ['ba', true, true, true],
  ['be', false, false, true],
  ['bne', true, true, false],
  ['bg', false, true, false],
  ['bgu', true, false, false],
  ['bge', false, true, true],
  ['bgeu', true, false, true],
  ['bl', true, false, false],
  ['blu', false, true, false],
  ['ble', true, false, true],
  ['bleu', false, true, true],
];

describe('branches', () => {
  test.each(BRANCHES)('%s', (op, less, greater, equal) => {
    const taken = (a: number, b: number) =>
      resultOf(
        `setx ${a}, %r1\nsetx ${b}, %r2\ncmp %r1, %r2\n${op} yes\nmov %r0, %r3\nret %r3\nyes: setx 1, %r3\nret %r3`,
      ) === 1n;
    expect([taken(-1, 1), taken(1, -1), taken(1, 1)]).toEqual([less, greater, equal]);
  });

  test.each([
    [0, 'be', 1n],
    [0, 'bgu', 0n],
    [-1, 'bl', 1n],
    [-1, 'bgu', 1n],
    [7, 'bg', 1n],
  ])('tst %i then %s', (value, op, taken) => {
    const text = `setx ${value}, %r1\ntst %r1\n${op} yes\nmov %r0, %r3\nret %r3\nyes: setx 1, %r3\nret %r3`;
    expect(resultOf(text)).toBe(taken);
  });

  test.each([
    ['"abc"', '"abc"', 'be'],
    ['"abc"', '"abd"', 'bl'],
    ['"ab"', '"abc"', 'blu'],
    ['"b"', '"abc"', 'bg'],
    ['"\\377"', '"a"', 'bg'],
  ])('scmp %s %s then %s', (a, b, op) => {
    const text = `sets ${a}, %r1\nsets ${b}, %r2\nscmp %r1, %r2\n${op} yes\nmov %r0, %r3\nret %r3\nyes: setx 1, %r3\nret %r3`;
    expect(resultOf(text)).toBe(1n);
  });

  test('NULL compares as the empty string', () => {
    const text = 'sets "", %r1\nscmp %r0, %r1\nbe yes\nmov %r0, %r3\nret %r3\nyes: setx 1, %r3\nret %r3';
    expect(resultOf(text)).toBe(1n);
  });
});

/** Eight bytes of scratch with the bits of −2 in them. */
const SCRATCH = 'setx 16, %r1\nallocs %r1, %r2\nsetx -2, %r3\nstx %r3, %r2\n';

describe('memory', () => {
  test.each([
    ['ldsb', -2n],
    ['ldsh', -2n],
    ['ldsw', -2n],
    ['ldub', 0xfen],
    ['lduh', 0xfffen],
    ['lduw', 0xfffffffen],
    ['ldx', -2n],
  ])('%s', (op, value) => {
    expect(resultOf(`${SCRATCH}${op} %r2, %r4\nret %r4`)).toBe(value);
  });

  test.each([
    ['stb', 0xffffffffffffff01n],
    ['sth', 0xffffffffffff0201n],
    ['stw', 0xffffffff04030201n],
    ['stx', 0x0807060504030201n],
  ])('%s', (op, value) => {
    const text = `${SCRATCH}setx 0x0807060504030201, %r4\n${op} %r4, %r2\nldx %r2, %r5\nret %r5`;
    expect(BigInt.asUintN(64, BigInt(resultOf(text)))).toBe(value);
  });

  test('loads need no alignment', () => {
    const text = `${SCRATCH}setx 1, %r4\nadd %r2, %r4, %r2\nldx %r2, %r5\nret %r5`;
    expect(resultOf(text)).toBe(0x00ffffffffffffffn);
  });

  test('scratch is zeroed, and copys copies', () => {
    const text = `${SCRATCH}allocs %r1, %r5\nldx %r5, %r6\nsetx 4, %r7\ncopys %r2, %r7, %r5\nldx %r5, %r8\nadd %r6, %r8, %r8\nret %r8`;
    expect(resultOf(text)).toBe(0xfffffffen);
  });

  test('scratch has a limit, and its edge is usable', () => {
    const allocate = (size: number) => `setx ${size}, %r1\nallocs %r1, %r2\nmov %r0, %r2\nret %r2`;
    expect(resultOf(allocate(256))).toBe(0n);
    expect(resultOf(allocate(257))).toBe('1 #1 at 4: NOSCRATCH 0');
    expect(resultOf(allocate(-1))).toBe('1 #1 at 4: NOSCRATCH 0');
  });

  test('sets gives an address inside the string', () => {
    expect(resultOf('sets "abc", %r1\nsetx 1, %r2\nadd %r1, %r2, %r1\nldub %r1, %r3\nret %r3')).toBe(98n);
  });
});

describe('array bounds', () => {
  test.each([
    ['0', '1', 0n],
    ['4', '5', 4n],
    ['5', '5', '1 #1 at 8: BADINDEX 5'],
    ['-1', '5', '1 #1 at 8: BADINDEX -1'],
    ['0x100000000', '5', '1 #1 at 8: BADINDEX 4294967296'],
    ['0x100000004', '0x100000005', 0x100000004n],
    ['-2', '-1', -2n],
  ])('bound %s, %s', (index, count, outcome) => {
    expect(resultOf(`setx ${index}, %r1\nsetx ${count}, %r2\nbound %r1, %r2\nret %r1`)).toBe(outcome);
  });

  test('bound leaves the flags of the last comparison', () => {
    const text = 'setx 3, %r1\nsetx 9, %r2\ncmp %r2, %r1\nbound %r1, %r2\nbg yes\nret %r0\nyes: ret %r1';
    expect(resultOf(text)).toBe(3n);
  });
});

describe('addresses that are refused', () => {
  test.each([
    ['a load from 0', 'ldx %r0, %r1\nret %r1', '1 #1 at 0: BADADDR 0'],
    ['a load from the guest', 'setx 0x1000, %r1\nldub %r1, %r2\nret %r2', '1 #1 at 4: BADADDR 4096'],
    [
      'the engine’s own memory',
      'setx 0x5d00000000000040, %r1\nldx %r1, %r2\nret %r2',
      '1 #1 at 4: BADADDR 6701356245527298112',
    ],
    ['a store to 0', 'stx %r0, %r0\nret %r0', '1 #1 at 0: BADADDR 0'],
  ])('%s', (_what, text, fault) => {
    expect(resultOf(text)).toBe(fault);
  });

  test.each([
    ['a store to a string constant', 'sets "abc", %r1\nstb %r0, %r1\nret %r0', /at 4: BADADDR/],
    [
      'a store past what was allocated',
      `${SCRATCH}setx 16, %r4\nadd %r2, %r4, %r2\nstb %r0, %r2\nret %r0`,
      /BADADDR/,
    ],
    ['a store across the end', `${SCRATCH}setx 9, %r4\nadd %r2, %r4, %r2\nstx %r0, %r2\nret %r0`, /BADADDR/],
    ['a copy of a huge size', `${SCRATCH}setx -1, %r4\ncopys %r2, %r4, %r2\nret %r0`, /BADADDR/],
  ])('%s', (_what, text, fault) => {
    expect(resultOf(text)).toMatch(fault);
  });

  test('guest memory is read where there is some', () => {
    const guestMemory = {
      read(address: bigint, size: number, out: Uint8Array): number {
        if (address < 0x1000n || address >= 0x2000n) return 0;
        for (let i = 0; i < size; i++) out[i] = Number((address + BigInt(i)) & 0xffn);
        return size;
      },
    };
    const load = (address: string) => `setx ${address}, %r1\nlduw %r1, %r2\nret %r2`;
    expect(resultOf(load('0x1010'), { guestMemory })).toBe(0x13121110n);
    expect(resultOf(load('0x3000'), { guestMemory })).toBe('1 #1 at 4: BADADDR 12288');
  });
});

describe('variables and the tuple stack', () => {
  const variables = [
    variable('global', 0, intShape(2)),
    variable('global', 1, STRING),
    variable('global', 2, intShape(), [intShape(), STRING]),
    variable('thread', 0),
    variable('thread', 1, intShape(), [intShape()]),
    variable('clause', 0, intShape(1, false)),
    variable('global', 3, bytesShape(12)),
  ];
  const run = (text: string) => resultOf(text, { variables });

  test('stores narrow to the declared width', () => {
    const store = (op: string, load: string) =>
      run(`setx 0x18001, %r1\n${op} DT_VAR(0x500), %r1\n${load} DT_VAR(0x500), %r2\nret %r2`);
    expect(store('stgs', 'ldgs')).toBe(-32767n);
    expect(store('stls', 'ldls')).toBe(1n);
    expect(store('stts', 'ldts')).toBe(0x18001n);
  });

  test('strings are copied by a store', () => {
    const text =
      'sets "xyz", %r1\nstgs DT_VAR(0x501), %r1\nldgs DT_VAR(0x501), %r2\nsetx 1, %r3\nadd %r2, %r3, %r2\nldub %r2, %r4\nret %r4';
    expect(run(text)).toBe(121n);
  });

  test('a string variable is empty at first, and NULL once NULL is stored', () => {
    const empty = 'ldgs DT_VAR(0x501), %r1\nldub %r1, %r2\nret %r2';
    const nulled = 'stgs DT_VAR(0x501), %r0\nldgs DT_VAR(0x501), %r2\nret %r2';
    expect(run(empty)).toBe(0n);
    expect(run(nulled)).toBe(0n);
  });

  test('associative arrays by integer and string keys', () => {
    const push = (n: number, s: string) =>
      `setx ${n}, %r1\npushtv DT_TYPE(0), %r0, %r1\nsets "${s}", %r2\npushtr DT_TYPE(1), %r0, %r2\n`;
    const store = (n: number, s: string, value: number) =>
      `${push(n, s)}setx ${value}, %r3\nstgaa DT_VAR(0x502), %r3\n`;
    const load = (n: number, s: string) => `${push(n, s)}ldgaa DT_VAR(0x502), %r4\n`;
    expect(run(`${store(1, 'a', 10)}${store(1, 'b', 20)}${load(1, 'a')}ret %r4`)).toBe(10n);
    expect(run(`${store(1, 'a', 10)}${store(1, 'b', 20)}${load(1, 'b')}ret %r4`)).toBe(20n);
    expect(run(`${store(1, 'a', 10)}${load(2, 'a')}ret %r4`)).toBe(0n);
    expect(run(`${store(1, 'a', 10)}${store(1, 'a', 0)}${load(1, 'a')}ret %r4`)).toBe(0n);
  });

  test('thread-local arrays, popts and flushts', () => {
    const text =
      'setx 9, %r1\npushtv DT_TYPE(0), %r0, %r1\npushtv DT_TYPE(0), %r0, %r1\npopts\nflushts\npushtv DT_TYPE(0), %r0, %r1\nsttaa DT_VAR(0x501), %r1\npushtv DT_TYPE(0), %r0, %r1\nldtaa DT_VAR(0x501), %r2\nret %r2';
    expect(run(text)).toBe(9n);
  });

  test('a struct variable can be written in place', () => {
    const text =
      'ldgs DT_VAR(0x503), %r1\nsetx 4, %r2\nadd %r1, %r2, %r1\nsetx 77, %r3\nstw %r3, %r1\nldgs DT_VAR(0x503), %r4\nadd %r4, %r2, %r4\nlduw %r4, %r5\nret %r5';
    expect(run(text)).toBe(77n);
  });

  test('args[] and a subroutine call', () => {
    expect(run('setx 2, %r1\nldga DT_VAR(0x0), %r1, %r2\nret %r2')).toBe(0n);
    expect(run('setx 10, %r1\nldga DT_VAR(0x0), %r1, %r2\nret %r2')).toBe('1 #1 at 4: BADINDEX 10');
    expect(run('sets "four", %r1\npushtr DT_TYPE(1), %r0, %r1\ncall strlen, %r2\nret %r2')).toBe(4n);
  });
});

test('every opcode that the verifier admits has been executed here', async () => {
  const { readFileSync } = await import('node:fs');
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const mnemonics = (Object.keys(OPCODES) as Mnemonic[]).filter((mnemonic) => mnemonic !== 'ldta');
  expect(mnemonics.filter((mnemonic) => !new RegExp(`(\\b|\\\\n)${mnemonic}\\b`).test(own))).toEqual([]);
});
