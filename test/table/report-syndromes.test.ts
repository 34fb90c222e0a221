/**
 * Arm syndromes, RISC-V causes and x86 instructions in words: src/report/arm-*.ts, riscv-*.ts, instruction.ts, x86-mode.ts.
 * The values are worked out from the manuals' tables by hand, or were logged by QEMU with its own words beside them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAUSES } from '../../src/machine/causes.ts';
import { armAddressKind } from '../../src/report/arm-facts.ts';
import { faultStatus, shortFaultStatus } from '../../src/report/arm-faults.ts';
import { classTitle, readSyndrome } from '../../src/report/arm-syndrome.ts';
import { instructionFacts } from '../../src/report/instruction.ts';
import { exceptionTitle, riscvAddressKind } from '../../src/report/riscv-facts.ts';
import { riscvInstruction } from '../../src/report/riscv-instruction.ts';
import { bitsOf, modeOf, segmentAndOffset } from '../../src/report/x86-mode.ts';

describe('ESR', () => {
  test.each([
    [0x92000007n, 'Data Abort from a lower level', 'DFSC 0x7: translation fault, level 3|WnR=0: a read'],
    [0x9200004fn, 'Data Abort from a lower level', 'DFSC 0xf: permission fault, level 3|WnR=1: a write'],
    [0x96000021n, 'Data Abort from the same level', 'DFSC 0x21: alignment fault|WnR=0: a read'],
    [
      0x96000010n,
      'Data Abort from the same level',
      'DFSC 0x10: synchronous external abort, not on a translation table walk|WnR=0: a read',
    ],
    [
      0x96000410n,
      'Data Abort from the same level',
      'DFSC 0x10: synchronous external abort, not on a translation table walk|WnR=0: a read|FnV=1: FAR does not hold',
    ],
    // ISV, SAS doubleword, SRT 3, SF, WnR (a str x3 to a device, as a hypervisor sees it)
    [
      0x93c38047n,
      'Data Abort from a lower level',
      'DFSC 0x7: translation fault, level 3|WnR=1: a write|ISV=1: a doubleword from X3',
    ],
    [
      0x93420006n,
      'Data Abort from a lower level',
      'DFSC 0x6: translation fault, level 2|WnR=0: a read|ISV=1: a halfword to W2',
    ],
    [
      0x96000144n,
      'Data Abort from the same level',
      'DFSC 0x4: translation fault, level 0|WnR=1: a write|CM=1: by a cache maintenance instruction',
    ],
    [
      0x82000086n,
      'Instruction Abort from a lower level',
      'IFSC 0x6: translation fault, level 2|S1PTW=1: on the walk of the guest’s own tables (stage 2)',
    ],
    [
      0x86000010n,
      'Instruction Abort from the same level',
      'IFSC 0x10: synchronous external abort, not on a translation table walk',
    ],
    [0x56000000n, 'SVC', 'imm16 0x0, the number in the instruction'],
    [0x46000080n, 'SVC from AArch32', 'imm16 0x80, the number in the instruction'],
    [0x5a004a48n, 'HVC', 'imm16 0x4a48, the number in the instruction'],
    [0xf2000003n, 'BRK', 'comment 0x3, the number in the instruction'],
    [0xf2000800n, 'BRK', 'comment 0x800, the number in the instruction: in Linux BUG() or WARN()'],
    [0x1fe00000n, 'access to SVE, Advanced SIMD or floating point', 'ISS 0x1e00000'],
    // mrs x1, CPACR_EL1 (S3_0_C1_C0_2): op0 3, op2 2, op1 0, CRn 1, Rt 1, CRm 0, a read
    [0x62340421n, 'trapped MSR, MRS or system instruction', 'S3_0_C1_C0_2, Rt X1: a read (MRS)'],
    // mcr p15, 0, r2, c1, c0, 0
    [0x0e000440n, 'trapped MCR or MRC (coproc 15)', 'opc1 0, CRn c1, CRm c0, opc2 0, Rt R2: a write (MCR)'],
    [0x06000001n, 'trapped WFI or WFE', 'TI 1: WFE'],
    [0x02000000n, 'unknown reason (undefined instruction)', ''],
    [0x8a000000n, 'PC alignment fault', ''],
    [0x9a000000n, 'SP alignment fault', ''],
    [0xb2800002n, 'floating-point exception', 'DZF: division by zero'],
    [0xb2800002n ^ 0x00800002n, 'floating-point exception', 'TFV=0: it does not say which'],
    [0xbe000411n, 'SError', 'DFSC 0x11: asynchronous SError, AET 1 (unrecoverable)'],
    [0xd6000062n, 'Watchpoint from the same level', 'WnR=1: a write'],
    [0x36000003n, 'Branch Target exception', 'BTYPE 3'],
  ])('%s', (esr, title, iss) => {
    const syndrome = readSyndrome(esr);
    expect(syndrome.title).toBe(title);
    const [first, second, ...rest] = syndrome.lines;
    expect(first).toBe(`EC 0x${(esr >> 26n).toString(16)}: ${title}`);
    expect(second).toMatch(/^IL=1/);
    expect(rest.map((line) => line.replace(/^([DI]FSC [^:]*: [^:]*):.*/, '$1')).join('|')).toBe(iss);
  });

  test('every class that is named elsewhere has a title', () => {
    for (const { number, mnemonic } of CAUSES.arm)
      if (number < 64 && mnemonic !== 'reserved')
        expect([number, classTitle(number)]).not.toEqual([number, expect.stringMatching(/^reserved/)]);
  });

  test('any 32 bits are read', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 0xffffffffn), (esr) => {
        for (const line of readSyndrome(esr).lines) expect(line).not.toMatch(/undefined(?! instruction)|NaN/);
      }),
    );
  });

  test('whether FAR holds', () => {
    expect(readSyndrome(0x96000410n).hasAddress).toBe(false);
    expect(readSyndrome(0x96000010n).hasAddress).toBe(true);
    expect(readSyndrome(0x56000000n).hasAddress).toBe(false);
    expect(readSyndrome(0x8a000000n).hasAddress).toBe(true);
  });
});

test.each([
  [0x00, 'address size fault, level 0'],
  [0x05, 'translation fault, level 1'],
  [0x0b, 'access flag fault, level 3'],
  [0x0d, 'permission fault, level 1'],
  [0x16, 'synchronous external abort on a translation table walk, level 2'],
  [0x1f, 'synchronous parity or ECC error on a translation table walk, level 3'],
  [0x2b, 'translation fault, level -1'],
  [0x30, 'TLB conflict abort'],
  [0x3f, 'reserved'],
])('fault status %s', (code, words) => {
  expect(faultStatus(code)).toMatch(new RegExp(`^${words}`));
});

test.each([
  [0x005, 'translation fault, level 1'],
  [0x007, 'translation fault, level 2'],
  [0x80d, 'permission fault, level 1'],
  [0x008, 'synchronous external abort, not on a translation table walk'],
  [0x406, 'asynchronous external abort'],
  [0x207, 'translation fault, level 3'], // LPAE: the long encoding
])('DFSR %s', (fsr, words) => {
  expect(shortFaultStatus(fsr)).toMatch(new RegExp(`^${words}`));
});

test.each([
  [0n, /^the null pointer/],
  [0x18n, /^24 bytes behind/],
  [0x0000_ffff_9e2b_5010n, /lower half \(TTBR0\)/],
  [0xffff_8000_0801_0c00n, /upper half \(TTBR1\)/],
  [0x5600_0000_0000_1000n, /its top byte, 0x56, is a tag/],
  [0x3400_8000_0000_0000n, /its top byte, 0x34, is a tag/],
  [0x0123_4567_89ab_cdefn, /^not canonical/],
  [0xffff_ffff_ffff_fff2n, /^-14: a negative error number/],
])('Arm address %s', (address, words) => {
  expect(armAddressKind(address, true)).toMatch(words);
});

test.each([
  [0x0000_0040_0000_0000n, undefined],
  [0xffff_ffd8_0000_0000n, /upper half/],
  [0x0001_0000_0000_0000n, /^not canonical/],
  [8n, /^8 bytes behind the null pointer/],
])('RISC-V address %s', (address, words) => {
  const kind = riscvAddressKind(address);
  if (words) expect(kind).toMatch(words);
  else expect(kind).toBeUndefined();
});

describe('RISC-V', () => {
  // QEMU's descriptions of the same causes.
  test.each([
    [0, 'instruction address misaligned'],
    [1, 'instruction access fault'],
    [2, 'illegal instruction'],
    [5, 'load access fault'],
    [6, 'store/AMO address misaligned'],
    [9, 'environment call from S-mode'],
    [12, 'instruction page fault'],
    [15, 'store/AMO page fault'],
    [40, 'exception 40'],
  ])('cause %d', (cause, title) => {
    expect(exceptionTitle(cause)).toBe(title);
  });

  test.each([
    [0x0n, /^0: this CPU does not tell/],
    [0xffffffffn, /all bits are 1/],
    [0x0000n | 0x6002n, /16 bits: needs the C extension/],
    [0x18029073n, /accesses satp, which needs S-mode; .*TVM/], // csrw satp, t0
    [0x30002573n, /accesses mstatus, which needs M-mode/], // csrr a0, mstatus
    [0xc0102573n, /accesses time, which needs U-mode/], // rdtime a0
    [0x30200073n, /MRET, which needs M-mode/],
    [0x10200073n, /SRET, which needs S-mode/],
    [0x12000073n, /SFENCE\.VMA/],
    [0x00053007n, /mstatus\.FS/], // fld ft0, 0(a0)
    [0x02b50533n, /^0x2b50533$/], // mul a0, a0, a1: it does not say why
  ])('instruction %s', (bits, words) => {
    expect(riscvInstruction(bits).join(' ')).toMatch(words);
  });
});

const X86 = new Map([
  ...([
    ['cr0', 0x80050033n],
    ['cr4', 0n],
    ['efer', 0xd01n],
    ['rflags', 0x202n],
  ] as const),
  ...([
    ['rax', 0x1234n],
    ['rcx', 0n],
    ['rdx', 0n],
    ['rsp', 0x8000n],
    ['r8', 0x6b6b6b6b6b6b6b6bn],
    ['rdi', 0x1008n],
  ] as const),
]);

describe('x86 instructions', () => {
  test.each([
    [0, 0, 'div %ecx', /^ECX, the divisor, is 0$/],
    [0, 0, 'idiv %rax', /^RAX, the divisor, is 0x1234, so the quotient is too large/],
    [0, 0, 'divl 8(%rdi)', /^the divisor is in memory at 0x1010: RDI/],
    [6, 0, 'ud2', /^UD2 was put there on purpose/],
    [6, 0, 'movaps %xmm0,(%rdi)', /CR4.OSFXSR is 0/],
    [6, 0, 'vmovaps %ymm0,(%rdi)', /CR4.OSXSAVE is 0/],
    [6, 0, '.byte 0x6', /^no instruction begins/],
    [7, 0, 'fninit', /^FNINIT needs the FPU, and CR0.TS is set/],
    [13, 3, 'hlt', /^HLT is for CPL 0 alone, and this is CPL 3/],
    [13, 3, 'mov %cr3,%rax', /is for CPL 0 alone/],
    [13, 3, 'cli', /^CLI needs CPL ≤ IOPL .* CPL 3 with IOPL 0/],
    [13, 3, 'outb %al,(%dx)', /^OUTB needs CPL ≤ IOPL/],
    [13, 0, 'wrmsr', /^WRMSR of 0x1234 to 0x0: no such MSR/],
    [13, 0, 'mov %rax,%cr4', /^0x1234 into CR4/],
    [13, 0, 'mov 8(%r8),%rax', /^R8 \(0x6b6b6b6b6b6b6b6b\) \+ 8 is 0x6b6b6b6b6b6b6b73: not canonical/],
    [13, 0, 'movaps %xmm0,(%rdi)', /no multiple of 16, which MOVAPS needs/],
    [13, 0, 'iretq', /^what IRETQ takes from the stack at 0x8000/],
    [13, 0, 'mov %rax,%rbx', undefined],
    [14, 0, 'hlt', undefined],
  ] as const)('vector %d, CPL %d: %s', (vector, cpl, text, words) => {
    const said = instructionFacts(vector, cpl, text, X86);
    if (words) expect(said.join(' ')).toMatch(words);
    else expect(said).toEqual([]);
  });
});

const MODES = [
  { bits: 64, mode: 'long mode', changes: {} },
  { bits: 32, mode: 'long mode, 32-bit code', changes: { r8: undefined } },
  { bits: 32, mode: 'protected mode, paging on', changes: { efer: 0n, r8: undefined } },
  { bits: 32, mode: 'protected mode, paging off', changes: { efer: 0n, r8: undefined, cr0: 0x11n } },
  {
    bits: 16,
    mode: 'real mode',
    changes: { efer: 0n, cr0: 0x10n, cs: 0xf000n, rip: 0xe05bn },
    place: 'f000:e05b',
  },
  {
    bits: 16,
    mode: 'virtual-8086 mode',
    changes: { efer: 0n, rflags: 0x20202n, cs: 0x7c0n, rip: 1n },
    place: '07c0:0001',
  },
  {
    bits: 16,
    mode: 'system management mode, real mode',
    changes: { smm: 1n, efer: 0n, cr0: 0x10n, cs: 0x3000n, rip: 0x8000n },
    place: '3000:8000',
  },
];

test('x86 modes', () => {
  for (const { bits, mode, changes, place } of MODES) {
    const registers = new Map<string, bigint>(X86);
    for (const [name, value] of Object.entries<bigint | undefined>(changes)) {
      if (value === undefined) registers.delete(name);
      else registers.set(name, value);
    }
    expect([bitsOf(registers), modeOf(registers), segmentAndOffset(registers)]).toEqual([bits, mode, place]);
  }
});
