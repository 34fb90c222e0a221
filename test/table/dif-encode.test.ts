/** One word per opcode, written out by hand from the forms in opcodes.ts. */
import { describe, expect, test } from 'vitest';
import { decode, encode, unusedBits } from '../../src/dif/encode.ts';
import { type Mnemonic, OPCODES } from '../../src/dif/opcodes.ts';

const WORDS: readonly (readonly [Mnemonic, readonly number[], number])[] = [
  ['or', [1, 2, 3], 0x01010203],
  ['xor', [1, 2, 3], 0x02010203],
  ['and', [31, 30, 29], 0x031f1e1d],
  ['sll', [1, 2, 3], 0x04010203],
  ['srl', [1, 2, 3], 0x05010203],
  ['sub', [0, 2, 3], 0x06000203],
  ['add', [1, 2, 3], 0x07010203],
  ['mul', [1, 2, 3], 0x08010203],
  ['sdiv', [1, 2, 3], 0x09010203],
  ['udiv', [1, 2, 3], 0x0a010203],
  ['srem', [1, 2, 3], 0x0b010203],
  ['urem', [1, 2, 3], 0x0c010203],
  ['not', [1, 3], 0x0d010003],
  ['mov', [1, 3], 0x0e010003],
  ['cmp', [1, 2], 0x0f010200],
  ['tst', [1], 0x10010000],
  ['ba', [0x123456], 0x11123456],
  ['be', [5], 0x12000005],
  ['bne', [5], 0x13000005],
  ['bg', [5], 0x14000005],
  ['bgu', [5], 0x15000005],
  ['bge', [5], 0x16000005],
  ['bgeu', [5], 0x17000005],
  ['bl', [5], 0x18000005],
  ['blu', [5], 0x19000005],
  ['ble', [5], 0x1a000005],
  ['bleu', [5], 0x1b000005],
  ['ldsb', [1, 3], 0x1c010003],
  ['ldsh', [1, 3], 0x1d010003],
  ['ldsw', [1, 3], 0x1e010003],
  ['ldub', [1, 3], 0x1f010003],
  ['lduh', [1, 3], 0x20010003],
  ['lduw', [1, 3], 0x21010003],
  ['ldx', [1, 3], 0x22010003],
  ['ret', [3], 0x23000003],
  ['nop', [], 0x24000000],
  ['setx', [0xfffe, 3], 0x25fffe03],
  ['sets', [0x0102, 3], 0x26010203],
  ['scmp', [1, 2], 0x27010200],
  ['ldga', [0, 2, 3], 0x28000203],
  ['ldgs', [0x500, 3], 0x29050003],
  ['stgs', [0x500, 3], 0x2a050003],
  ['ldta', [0, 2, 3], 0x2b000203],
  ['ldts', [0x500, 3], 0x2c050003],
  ['stts', [0x500, 3], 0x2d050003],
  ['sra', [1, 2, 3], 0x2e010203],
  ['call', [23, 3], 0x2f001703],
  ['pushtr', [1, 2, 3], 0x30010203],
  ['pushtv', [0, 0, 3], 0x31000003],
  ['popts', [], 0x32000000],
  ['flushts', [], 0x33000000],
  ['ldgaa', [0x501, 3], 0x34050103],
  ['ldtaa', [0x501, 3], 0x35050103],
  ['stgaa', [0x501, 3], 0x36050103],
  ['sttaa', [0x501, 3], 0x37050103],
  ['ldls', [0x500, 3], 0x38050003],
  ['stls', [0x500, 3], 0x39050003],
  ['allocs', [1, 3], 0x3a010003],
  ['copys', [1, 2, 3], 0x3b010203],
  ['stb', [1, 3], 0x3c010003],
  ['sth', [1, 3], 0x3d010003],
  ['stw', [1, 3], 0x3e010003],
  ['stx', [1, 3], 0x3f010003],
  ['bound', [1, 2], 0x50010200],
];

describe('instruction words', () => {
  test.each(WORDS)('%s %j', (mnemonic, operands, word) => {
    expect(encode(mnemonic, operands).toString(16)).toBe(word.toString(16));
    expect(decode(word)).toEqual({ mnemonic, operands });
    expect(unusedBits(word)).toBe(0);
  });

  test('every opcode is in the table above', () => {
    expect(WORDS.map(([mnemonic]) => mnemonic).sort()).toEqual(Object.keys(OPCODES).sort());
  });

  test.each([
    [0x00000000, undefined],
    [0x40010203, undefined],
    [0xff000000, undefined],
  ])('0x%s is no instruction', (word, instruction) => {
    expect(decode(word)).toBe(instruction);
  });

  test.each([
    [0x10010001, 0x1], // tst uses only its first byte
    [0x23ff0003, 0xff0000],
    [0x24123456, 0x123456],
    [0x0d01ff03, 0xff00],
  ])('0x%s has unused bits', (word, bits) => {
    expect(unusedBits(word)).toBe(bits);
  });
});
