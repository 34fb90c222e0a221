/**
 * A guest of 415 bytes for live tests: it enters 64-bit mode, starts a second vCPU, and both count in memory for ever.
 * QEMU loads it with `-kernel` (multiboot, no ELF needed). Ours, the parts are listed in order.
 */

/** Mapped at 0 as well; code runs here. */
export const GUEST_BASE = 0xffffffff80000000n;
export const LOOP = GUEST_BASE + 0x100140n;
export const WORK = GUEST_BASE + 0x100180n;
/** The `ret` of WORK. */
export const WORK_RET = GUEST_BASE + 0x100192n;
/** 8 bytes that WORK increments, 4 that the second vCPU does. */
export const COUNTER = 0x6000n;
export const SECOND_COUNTER = 0x6010n;
/** Where the second vCPU begins to count. */
export const SECOND_LOOP = { cs: 0x800n, rip: 5n } as const;
export const RBX_OF_WORK = 0x8123456789abcdefn;
export const FS_BASE = 0x7ffe9abcdef0n;

const PARTS = [
  // multiboot header: load at 0x100000, enter at 0x100020
  '02b0ad1b00000100fe4f51e400001000000010009f0110000000000020001000',
  // copy the second vCPU's code to 0x8000
  'be93011000bf00800000b90c000000f3a4',
  // local APIC: INIT, a pause, start-up at 0x8000, to all others
  'c7050003e0fe00450c00b900001000e2fec7050003e0fe08460c00',
  // page tables at 0x2000, 0x3000, 0x4000: 2 MiB at 0 and at 0xffffffff80000000
  'bf0020000031c0b9000c0000f3abc7050020000003300000c705f82f000003300000c7050030000003400000c705f03f000003400000c7050040000083000000',
  // cr3, cr4.PAE, efer.LME, cr0.PG, lgdt, jmp 8:0x1000e2
  'b8002000000f22d80f20e083c8200f22e0b9800000c00f320d000100000f300f20c00d000000800f22c00f0115dc001000eae20010000800',
  // gdt and its pointer
  '000000000000000000000000009a200000000000009200001700c4001000',
  // 64 bit: ds, ss, FS base 0x7ffe9abcdef0, rsp, jmp LOOP
  '66b810008ed88ed0b9000100c0b8f0debc9abafe7f00000f3048c7c40000018048b840011080ffffffffffe0' +
    '90'.repeat(50),
  // LOOP: call WORK; jmp LOOP
  `e83b000000ebf9${'90'.repeat(57)}`,
  // WORK: inc qword [COUNTER]; mov rbx, RBX_OF_WORK; ret
  '48ff04250060000048bbefcdab8967452381c3',
  // second vCPU, real mode: cli; ds = 0; l: inc dword [SECOND_COUNTER]; jmp l
  'fa31c08ed866ff061060ebf9',
];

export const TINY_GUEST: Uint8Array = Buffer.from(PARTS.join(''), 'hex');
