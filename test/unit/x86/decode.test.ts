/** The decoder: what each instruction does to the flow of control, where it leads, and what `walk` does with no instruction. */
import { describe, expect, test } from 'vitest';
import { type Bitness, openDecoder } from '../../../src/x86/decode.ts';

const decoders = { 64: await openDecoder(64), 32: await openDecoder(32), 16: await openDecoder(16) };
const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** bits, bytes at 0x1000, length, flow, target, text in AT&T syntax */
const INSTRUCTIONS: readonly (readonly [Bitness, string, number, string, bigint | undefined, string])[] = [
  [64, '90', 1, 'next', undefined, 'nop'],
  [64, 'f3 0f 1e fa', 4, 'next', undefined, 'endbr64'],
  [64, 'c3', 1, 'ret', undefined, 'ret'],
  [64, 'f3 c3', 2, 'ret', undefined, 'rep ret'],
  [64, 'f2 c3', 2, 'ret', undefined, 'bnd ret'],
  [64, 'c2 10 00', 3, 'ret', undefined, 'ret $0x10'],
  [64, '48 cb', 2, 'ret', undefined, 'lretq'],
  [64, '48 cf', 2, 'iret', undefined, 'iretq'],
  [64, '48 0f 07', 3, 'iret', undefined, 'sysretq'],
  [64, '0f 05', 2, 'syscall', undefined, 'syscall'],
  [64, 'e8 fb 0f 00 00', 5, 'call', 0x2000n, 'call 0x2000'],
  [64, 'e8 fb ff ff ff', 5, 'call', 0x1000n, 'call 0x1000'],
  [64, 'ff d0', 2, 'indirect-call', undefined, 'call *%rax'],
  [64, 'ff 15 10 00 00 00', 6, 'indirect-call', undefined, 'callq *0x1016'],
  [64, 'eb fe', 2, 'jmp', 0x1000n, 'jmp 0x1000'],
  [64, 'e9 fb ef ff ff', 5, 'jmp', 0n, 'jmp 0'],
  [64, '3e ff e0', 3, 'indirect-jmp', undefined, 'notrack jmp *%rax'],
  [64, '74 10', 2, 'jcc', 0x1012n, 'je 0x1012'],
  [64, '0f 85 fa 00 00 00', 6, 'jcc', 0x1100n, 'jne 0x1100'],
  [64, 'e2 fe', 2, 'jcc', 0x1000n, 'loop 0x1000'],
  [64, 'e3 fe', 2, 'jcc', 0x1000n, 'jrcxz 0x1000'],
  [64, 'cd 80', 2, 'int', undefined, 'int $0x80'],
  [64, 'cc', 1, 'int', undefined, 'int3'],
  [64, '0f 0b', 2, 'stop', undefined, 'ud2'],
  [64, '48 b8 88 77 66 55 44 33 22 11', 10, 'next', undefined, 'movabs $0x1122334455667788,%rax'],
  [32, 'c2 08 00', 3, 'ret', undefined, 'ret $8'],
  [32, '40', 1, 'next', undefined, 'inc %eax'],
  [32, 'e8 fb ff ff ff', 5, 'call', 0x1000n, 'call 0x1000'],
  [32, 'ea 00 00 10 00 08 00', 7, 'jmp', undefined, 'ljmp $8,$0x100000'],
  [32, 'cf', 1, 'iret', undefined, 'iret'],
  [16, 'e8 fd ff', 3, 'call', 0x1000n, 'call 0x1000'],
];

test.each(INSTRUCTIONS)('%i bits: %s', (bitness, hex, length, flow, target, text) => {
  const decoder = decoders[bitness];
  const more = bytes(`${hex} cc cc cc cc cc cc cc cc cc cc cc cc cc cc`);
  expect(decoder.decode(more, 0x1000n)).toEqual({ address: 0x1000n, length, flow, target });
  expect(decoder.text(more, 0x1000n)).toBe(text);
});

test('branches wrap at the end of the address space', () => {
  const jump = decoders[64].decode(bytes('eb 10'), 0xffff_ffff_ffff_fff0n);
  expect(jump?.target).toBe(2n);
  expect(decoders[32].decode(bytes('eb 10'), 0xffff_fff0n)?.target).toBe(2n);
});

describe('where no instruction begins', () => {
  test.each([
    ['nothing', ''],
    ['an opcode that 64-bit mode does not have', '06'],
    ['one that is cut off', '48 8b 05 00 00'],
    ['more than 15 bytes', '66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90'],
  ])('%s', (_, hex) => {
    expect(decoders[64].decode(bytes(hex), 0n)).toBeUndefined();
  });

  test('its text is the byte', () => {
    expect(decoders[64].text(bytes('06 90'), 0n)).toBe('.byte 0x06');
    expect(decoders[64].text(bytes(''), 0n)).toBe('');
  });

  test('one byte is passed over, and its address told', () => {
    const [starts, invalid]: bigint[][] = [[], []];
    decoders[64].walk(
      bytes('90 06 07 c3'),
      0xffff_ffff_8100_0000n,
      ({ address }) => starts!.push(address) > 0,
      (address) => invalid!.push(address),
    );
    expect(starts).toEqual([0xffff_ffff_8100_0000n, 0xffff_ffff_8100_0003n]);
    expect(invalid).toEqual([0xffff_ffff_8100_0001n, 0xffff_ffff_8100_0002n]);
  });

  test('addresses behind it are those of the bytes', () => {
    const targets: (bigint | undefined)[] = [];
    decoders[64].walk(bytes('06 eb fe'), 0x1000n, ({ target }) => targets.push(target) > 0);
    expect(targets).toEqual([0x1001n]);
  });
});

test('walking stops when it is told to', () => {
  let count = 0;
  decoders[64].walk(bytes('90 90 90'), 0n, () => ++count < 2);
  expect(count).toBe(2);
});

/** What is asked of the instruction that the walk is at. */
function at<T>(hex: string, ask: (decoder: (typeof decoders)[64]) => T, bitness: 32 | 64 = 64): T {
  let answer: T | undefined;
  decoders[bitness].walk(bytes(hex), 0n, () => {
    answer = ask(decoders[bitness]);
    return false;
  });
  return answer!;
}

test.each([
  ['90', true],
  ['66 90', true],
  ['66 2e 0f 1f 84 00 00 00 00 00', true],
  ['cc', true],
  ['f3 0f 1e fa', false], // endbr64
  ['89 c0', false],
])('filler %s: %s', (hex, is) => {
  expect(at(hex, (decoder) => decoder.isFiller())).toBe(is);
});

test.each([
  ['48 c7 c7 00 10 00 81', true], // mov $0xffffffff81001000,%rdi
  ['48 8d 05 00 10 00 00', true], // lea 0x1000(%rip),%rax
  ['65 48 8b 05 80 fb 01 00', false], // mov %gs:0x1fb80(%rip),%rax
  ['e8 00 00 00 00', false],
  ['ff 15 00 00 00 00', false],
  ['0f 1f 44 00 00', false],
])('plain %s: %s', (hex, is) => {
  expect(at(hex, (decoder) => decoder.isPlain())).toBe(is);
});

test.each([
  ['48 89 43 50', 64, true], // mov %rax,0x50(%rbx)
  ['48 89 45 50', 64, true], // mov %rax,0x50(%rbp)
  ['48 89 83 50 00 00 00', 64, true], // the same with a long displacement
  ['48 89 53 50', 64, false], // %rdx
  ['48 89 43 58', 64, false],
  ['48 8b 43 50', 64, false], // a load
  ['48 89 44 0b 50', 64, false], // 0x50(%rbx,%rcx)
  ['65 48 89 43 50', 64, false], // %gs:
  ['48 89 04 25 50 00 00 00', 64, false], // no register
  ['89 43 50', 32, true],
] as const)('stores a result at 0x50: %s in %i bits: %s', (hex, bitness, is) => {
  expect(at(hex, (decoder) => decoder.storesResultAt(0x50n), bitness)).toBe(is);
});

test.each([
  ['31 c0', true], // xor %eax,%eax
  ['b0 01', true], // mov $1,%al
  ['48 98', false], // cltq has no operands: what it makes of a result is a result
  ['89 c3', false], // mov %eax,%ebx
  ['48 89 43 50', false],
])('may write the result %s: %s', (hex, is) => {
  expect(at(hex, (decoder) => decoder.mayWriteResult())).toBe(is);
});
