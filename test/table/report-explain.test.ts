/** Error codes, addresses and memory operands in words: src/report/error-codes.ts, operand.ts, cascade.ts. */
import { describe, expect, test } from 'vitest';
import { addressKind, explainErrorCode, isCanonical } from '../../src/report/error-codes.ts';
import { holders, memoryOperands } from '../../src/report/operand.ts';
import { parseRows } from '../../src/report/rows.ts';

describe('error codes', () => {
  test.each([
    [14, 0x0n, 'P=0 | W=0 | U=0'],
    [14, 0x2n, 'P=0 | W=1 | U=0'],
    [14, 0x7n, 'P=1 | W=1 | U=1'],
    [14, 0x14n, 'P=0 | U=1 | I=1'],
    [14, 0x9n, 'P=1 | W=0 | U=0 | RSVD=1'],
    [14, 0x67n, 'P=1 | W=1 | U=1 | PK=1 | SS=1'],
    [14, 0x8087n, 'P=1 | W=1 | U=1 | HLAT=1 | SGX=1'],
    [13, 0x0n, '0'],
    [13, 0x7cn, 'TI=1'],
    [13, 0x10n, 'TI=0'],
    [13, 0x32n, 'IDT=1'],
    [11, 0x73n, 'IDT=1 | EXT=1'],
    [21, 0x3n, 'ENDBRANCH'],
    [8, 0x0n, 'always 0'],
    [6, 0x0n, ''],
  ])('vector %d, %s', (vector, code, kinds) => {
    const lines = explainErrorCode(vector, code);
    expect(lines.map((line) => line.split(':')[0]).join(' | ')).toBe(kinds);
  });

  test('a selector names its table and entry', () => {
    expect(explainErrorCode(13, 0x32n)).toEqual([
      'IDT=1: entry 6 of the IDT, the gate of #UD invalid opcode',
    ]);
    expect(explainErrorCode(11, 0x1cn)).toEqual(['TI=1: entry 3 of the LDT, selector 0x1c']);
  });
});

test.each([
  [0x0000_7fff_ffff_ffffn, true],
  [0x0000_8000_0000_0000n, false],
  [0xffff_7fff_ffff_ffffn, false],
  [0xffff_8000_0000_0000n, true],
])('canonical: %s', (address, yes) => {
  expect(isCanonical(address)).toBe(yes);
});

test.each([
  [0n, /^the null pointer$/],
  [0x18n, /^24 bytes behind the null pointer/],
  [0xfffffffffffffff4n, /^-12: a negative error number/],
  [0x6b6b6b6b6b6b6b6bn, /^not canonical/],
  [0xffffffff81000000n, /upper half/],
])('address %s', (address, kind) => {
  expect(addressKind(address)).toMatch(kind);
});

const REGISTERS = new Map([
  ['rax', 0x1000n],
  ['rcx', 2n],
  ['rsi', 0x5000n],
  ['rdi', 0x6000n],
  ['r8', 0x0n],
  ['gs_base', 0xffff888000000000n],
  ['rsp', 0xffffc90000000000n],
]);

describe('memory operands', () => {
  test.each([
    ['mov %rax,(%rdi)', 64, '6000 RDI (0x6000)'],
    ['mov 0x10(%rax),%rbx', 64, '1010 RAX (0x1000) + 0x10'],
    ['mov -8(%rax),%rbx', 64, 'ff8 RAX (0x1000) + -8'],
    ['mov 8(%rax,%rcx,8),%edx', 64, '1018 RAX (0x1000) + RCX (0x2) × 8 + 8'],
    ['cmpl $0x7F,%gs:0x20(%rax)', 64, 'ffff888000001020 GS base + RAX (0x1000) + 0x20'],
    ['mov %eax,0xDEAD0000', 32, 'dead0000 the address in the instruction'],
    ['movw $0xE00,0x10506C', 32, '10506c the address in the instruction'],
    ['rep movsl (%rsi),(%rdi)', 64, '5000 RSI (0x5000), 6000 RDI (0x6000)'],
    ['mov -0x10(%r8d),%eax', 32, 'fffffff0 R8D (0x0) + -0x10'],
    ['mov 8,%rdi', 64, '8 the address in the instruction'],
    ['mov %fs:0,%rax', 64, '0 the address in the instruction'],
    ['outb %al,(%dx)', 64, ''],
    ['insb (%dx),%es:(%rdi)', 64, '6000 RDI (0x6000)'],
    ['lea 8(%rax),%rbx', 64, ''],
    ['push 8(%rax)', 64, '1008 RAX (0x1000) + 8, ffffc8fffffffff8 RSP (0xffffc90000000000) - 8, the stack'],
    ['pop %rbx', 64, 'ffffc90000000000 RSP (0xffffc90000000000), the stack'],
    ['call 0x10008A', 64, 'ffffc8fffffffff8 RSP (0xffffc90000000000) - 8, the stack'],
    [
      'call *0x10(%rax)',
      64,
      '1010 RAX (0x1000) + 0x10, ffffc8fffffffff8 RSP (0xffffc90000000000) - 8, the stack',
    ],
    ['jmp *8(%rax)', 64, '1008 RAX (0x1000) + 8'],
    ['jmp *%rax', 64, ''],
    ['mov (%si),%ax', 16, '5000 SI (0x5000)'],
    ['movb $1,%es:(%di)', 16, '6000 DI (0x6000)'],
    ['nopw 0x10(%rax,%rax,1)', 64, ''],
    ['jmp 0x10008A', 64, ''],
    ['loop 0x10003A', 32, ''],
    ['mov $0x400,%ecx', 64, ''],
    ['mov (%rbx),%ecx', 64, ''], // a register that the log does not show
  ] as const)('%s', (instruction, bitness, shown) => {
    const found = memoryOperands(instruction, REGISTERS, bitness);
    expect(found.map(({ address, text }) => `${address.toString(16)} ${text}`).join(', ')).toBe(shown);
  });

  test('registers near an address, the nearest first', () => {
    const upper = (name: string) => name.toUpperCase();
    expect(
      holders(
        0x1008n,
        new Map([
          ['rbx', 0x1800n],
          ['rax', 0x1000n],
          ['rcx', 0x9000n],
        ]),
        ['rax', 'rbx', 'rcx'],
        upper,
      ),
    ).toEqual(['RAX (0x1000) + 0x8', 'RBX (0x1800) - 0x7f8']);
  });
});

test('rows keep 64 bits, negative numbers and words apart', () => {
  const [row, ...others] = parseRows('move from=-1 pc=0xffffffffffffffff kind=irq\n\nno row at all\n');
  expect(others).toEqual([]);
  expect([...row!.values]).toEqual([
    ['from', -1n],
    ['pc', 0xffffffffffffffffn],
    ['kind', 'irq'],
  ]);
});
