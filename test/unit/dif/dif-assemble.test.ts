import { describe, expect, test } from 'vitest';
import { assemble } from '../../../src/dif/assemble.ts';
import { disassemble } from '../../../src/dif/disassemble.ts';
import type { Difo } from '../../../src/dif/program.ts';

function assembled(source: string): Difo {
  const result = assemble(source);
  if ('error' in result) throw new Error(`line ${result.line}: ${result.error}`);
  return result;
}

describe('assemble', () => {
  test('labels, interned constants and names make hand-written DIF short', () => {
    const difo = assembled(`
      DIFO 0x0 returns string by ref (size strsize)
            ldgs  timestamp, %r1
            setx  -1, %r2        ! a comment
            cmp   %r1, %r2
            be    same
            sets  "no, \\"different\\"!", %r1
            ret   %r1
      same: sets  "same", %r1
            ret   %r1`);
    expect(disassemble(difo).split('\n').slice(1, 10)).toEqual([
      'OFF OPCODE      INSTRUCTION',
      '00: 29010101    ldgs DT_VAR(257), %r1             ! DT_VAR(257) = "timestamp"',
      '01: 25000002    setx DT_INTEGER[0], %r2           ! 0xffffffffffffffff',
      '02: 0f010200    cmp  %r1, %r2',
      '03: 12000006    be   6',
      '04: 26000001    sets DT_STRING[0], %r1            ! "no, \\"different\\"!"',
      '05: 23000001    ret  %r1',
      '06: 26001101    sets DT_STRING[17], %r1           ! "same"',
      '07: 23000001    ret  %r1',
    ]);
    expect(difo.result.kind).toBe('string');
  });

  test.each([
    ['frob %r1', 1, 'frob is not an opcode'],
    ['nop\nadd %r1, %r2', 2, 'add takes 3 operands, found 2'],
    ['ret %r256', 1, '%r256 is too large for ret'],
    ['ret r1', 1, 'r1 is not what ret takes as operand 1'],
    ['ba nowhere\nret %r0', 1, 'label nowhere is not defined'],
    ['a: nop\na: ret %r0', 2, 'label a is defined twice'],
    ['setx 0x10000000000000000, %r1', 1, '0x10000000000000000 is not what setx takes as operand 1'],
    ['DT_INTEGER[1] = 5', 1, 'DT_INTEGER[1] is out of order: the next entry is [0]'],
    ['DT_STRING[0] = abc', 1, 'abc is not a quoted string'],
    ['DIFO 0x0 returns a house', 1, '"a house" does not describe a result'],
    ['call frobnicate, %r1', 1, 'frobnicate is not what call takes as operand 1'],
    ['%%%', 1, '"%%%" is not an instruction'],
  ])('%j is refused', (source, line, error) => {
    expect(assemble(source)).toEqual({ line, error });
  });
});
