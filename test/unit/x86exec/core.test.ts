/**
 * What the differential test against QEMU cannot reach: instructions that change their own code, lie across pages, fault, trap,
 * repeat, or go to another privilege level. Code is hand-assembled; the instruction stands beside its bytes.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { CS, FLAG, SS } from '../../../src/x86/cpu.ts';
import { setFlat, updateMode } from '../../../src/x86/segments.ts';
import { type X86Lab, x86Lab } from '../../support/x86-lab.ts';

const CODE = 0x10000;
const DATA = 0x20000;
const STACK = 0x30000;
/** The lab maps the first 2 MiB. */
const UNMAPPED = 0x200000n;

const hex = (text: string): Uint8Array => Buffer.from(text.replace(/\s/g, ''), 'hex');

let lab: X86Lab;

beforeEach(async () => {
  lab = await x86Lab();
  lab.set({ rsp: BigInt(STACK), rip: BigInt(CODE), rflags: 2n });
});

function load(code: string, at = CODE): void {
  lab.write(at, hex(code));
}

/** Compatibility mode: 32-bit code with the page tables of long mode. */
function to32Bit(): void {
  setFlat(lab.cpu, CS, 8, 0xc09b00);
  setFlat(lab.cpu, SS, 0x10, 0xc09300);
  updateMode(lab.cpu);
}

/** Runs so many instructions by blocks, as the machine does. */
const run = (count: number): void => lab.machine.run(count);

describe('code that changes', () => {
  test('a write to the next instruction of the same block is executed as written', () => {
    // mov byte [rip + 0], 5 (the immediate of the next); mov al, 1
    load('c6 05 01 00 00 00 05  b0 01');
    run(2);
    expect(lab.get('rax')).toBe(5n);
  });

  test('a write from outside between two runs', () => {
    load('b0 01 eb fc'); // l: mov al, 1; jmp l
    run(4);
    lab.write(CODE + 1, Uint8Array.of(7));
    run(2);
    expect(lab.get('rax')).toBe(7n);
  });

  test('a write through the other mapping of a page', () => {
    const { view } = lab.machine.memory;
    view.setInt32(0x3008, 0x4003, true); // the second GiB is the first
    lab.cpu.hooks.pagingChanged();
    // mov byte [rbx + 10], 9; nop; mov al, 1
    load('c6 43 05 09 90 b0 01');
    lab.set({ rbx: 0x40000000n + BigInt(CODE) + 1n });
    run(3);
    expect(lab.get('rax')).toBe(9n);
  });

  test('an instruction across two pages, whose second half changes', () => {
    const at = 0x10ffd;
    load('b8 11 22 33 44  eb f9', at); // mov eax, 0x44332211; jmp back
    lab.set({ rip: BigInt(at) });
    run(2);
    expect(lab.get('rax')).toBe(0x44332211n);
    lab.write(0x11000, Uint8Array.of(0x99));
    run(1);
    expect(lab.get('rax')).toBe(0x44992211n);
  });

  test('data beside code in a page does not drop it', () => {
    load('ff 05 fa 00 00 00 eb f8'); // l: inc dword [rip + 0xfa]; jmp l
    run(2);
    const { version } = lab.machine.memory.codePage(CODE);
    run(20);
    expect(lab.machine.memory.codePage(CODE).version).toBe(version);
    expect(lab.read(CODE + 0x100, 1)).toEqual(Uint8Array.of(11));
  });
});

describe('all registers at once, in 32-bit code', () => {
  const NAMES = ['rdi', 'rsi', 'rbp', 'rsp', 'rbx', 'rdx', 'rcx', 'rax'];

  test.each([
    ['pushad, popad', '60 61', 4],
    ['pusha, popa', '66 60 66 61', 2],
  ] as const)('%s', (_, code, size) => {
    to32Bit();
    load(code);
    lab.set(Object.fromEntries(NAMES.map((name, i) => [name, 0x1234_5670n + BigInt(i)])));
    lab.set({ rsp: BigInt(STACK) });
    lab.step();
    expect(lab.get('rsp')).toBe(BigInt(STACK - 8 * size));
    const { view } = lab.machine.memory;
    const stored = NAMES.map((_name, i) =>
      size === 4
        ? view.getUint32(STACK - 8 * size + size * i, true)
        : view.getUint16(STACK - 8 * size + size * i, true),
    );
    expect(stored).toEqual(
      NAMES.map((name, i) => (name === 'rsp' ? STACK : 0x1234_5670 + i) % 2 ** (8 * size)),
    );
    const before = lab.all();
    lab.set(Object.fromEntries(NAMES.filter((name) => name !== 'rsp').map((name) => [name, 0x1234_0000n])));
    lab.step();
    expect(lab.all()).toEqual({
      ...before,
      rip: BigInt(CODE + code.replaceAll(' ', '').length / 2),
      rsp: BigInt(STACK),
    });
  });
});

describe('bit strings', () => {
  test('a 64-bit index with bit 31 set is no negative one', () => {
    load('48 0f ab 03'); // bts [rbx], rax
    lab.set({ rax: 0x8000_0003n, rbx: BigInt.asUintN(64, BigInt(DATA) - 0x1000_0000n) });
    expect(lab.step()).toBe(undefined);
    expect(lab.read(DATA, 1)).toEqual(Uint8Array.of(8));
  });

  test('in 32-bit code addresses wrap', () => {
    to32Bit();
    load('0f ab 03'); // bts [ebx], eax
    lab.set({ rax: 32n, rbx: 0xffff_fffcn });
    lab.write(0, Uint8Array.of(0));
    expect(lab.step()).toBe(undefined);
    expect(lab.read(0, 1)).toEqual(Uint8Array.of(1));
  });
});

describe('faults', () => {
  let delivered: { vector: number; error: number; rip: bigint }[];

  beforeEach(() => {
    delivered = [];
    lab.machine.watcher = {
      delivering: (_, vector, __, error) => delivered.push({ vector, error, rip: lab.get('rip') }),
    };
  });

  const FAULTS: readonly (readonly [string, string, Record<string, bigint>, number, number])[] = [
    ['a read of an unmapped page', '8b 03', { rbx: UNMAPPED }, 14, 0],
    ['a write', '89 03', { rbx: UNMAPPED }, 14, 2],
    ['a push', '50', { rsp: UNMAPPED + 8n }, 14, 2],
    ['a pop to memory', '8f 03', { rbx: UNMAPPED }, 14, 2],
    ['a call', 'e8 00 00 00 00', { rsp: UNMAPPED + 8n }, 14, 2],
    ['a far call to no segment', 'ff 1b', { rbx: BigInt(DATA) }, 13, 0],
    ['a far call whose second push finds no stack', 'ff 1b', { rbx: BigInt(DATA), rsp: 4n }, 14, 2],
    ['leave', 'c9', { rbp: UNMAPPED }, 14, 0],
    ['an access that begins in a mapped page', '48 89 03', { rbx: UNMAPPED - 4n }, 14, 2],
    ['a non-canonical address', '8b 03', { rbx: 1n << 47n }, 13, 0],
    ['a jump to a non-canonical address', 'ff e3', { rbx: 1n << 47n }, 13, 0],
    ['a division by zero', '48 f7 f3', { rbx: 0n }, 0, 0],
    ['a quotient that does not fit', 'f7 f3', { rbx: 1n, rdx: 1n }, 0, 0],
    ['the smallest number divided by −1', '48 f7 fb', { rbx: -1n, rax: -(1n << 63n), rdx: -1n }, 0, 0],
    ['ud2', '0f 0b', {}, 6, 0],
    ['an instruction that is not there', '0f 58 c1', {}, 6, 0],
    ['bytes that are none', '06', {}, 6, 0],
    ['a selector beyond the table', '8e d8', { rax: 0xfff8n }, 13, 0xfff8],
    ['wrmsr of EFER is allowed, cmpxchg16b needs alignment', '48 0f c7 0b', { rbx: BigInt(DATA + 8) }, 13, 0],
  ];

  test.each(FAULTS)('%s: nothing has changed', (_, code, registers, vector, error) => {
    load(code);
    lab.cpu.gdt.limit = 0x27;
    lab.set(Object.fromEntries(Object.entries(registers).map(([n, v]) => [n, BigInt.asUintN(64, v)])));
    const before = lab.all();
    lab.vcpu.step();
    expect(delivered[0]).toMatchObject({ vector, error, rip: BigInt(CODE) });
    expect(lab.all()).toEqual(before);
  });

  test.each([
    ['pusha', '60', 16n, 2],
    ['popa', '61', UNMAPPED - 16n, 0],
  ] as const)('%s of which the second half faults: nothing has changed', (_, code, rsp, error) => {
    to32Bit();
    load(code);
    const values = Object.fromEntries(['rax', 'rcx', 'rdx', 'rbx', 'rbp', 'rsi', 'rdi'].map((r) => [r, 7n]));
    lab.set({ ...values, rsp });
    const before = lab.all();
    lab.vcpu.step();
    expect(delivered[0]).toMatchObject({ vector: 14, error, rip: BigInt(CODE) });
    expect(lab.all()).toEqual(before);
  });

  test('CR2 is the first byte that is missing', () => {
    load('48 8b 03');
    lab.set({ rbx: UNMAPPED - 4n });
    lab.vcpu.step();
    expect(lab.cpu.cr2Low).toBe(Number(UNMAPPED));
  });

  test('no handler: a double fault, then the end', () => {
    load('0f 0b');
    lab.vcpu.step();
    expect(delivered.map(({ vector }) => vector)).toEqual([6, 13, 8]);
    expect(lab.machine.end).toEqual({ kind: 'triple-fault' });
  });

  test('rights of pages: read-only, no-execute, kernel only', () => {
    const { view } = lab.machine.memory;
    view.setInt32(0x4008, 0x200000 | 0x81, true); // 2 MiB at 0x200000, read-only, kernel
    view.setInt32(0x400c, 0x80000000 | 0, true); // and no code
    lab.cpu.efer |= 0x800;
    lab.cpu.cr0 |= 0x10000; // WP
    lab.cpu.hooks.pagingChanged();
    load('89 03  ff e3'); // mov [rbx], eax; jmp rbx
    lab.set({ rbx: 0x200000n });
    lab.vcpu.step();
    expect(delivered[0]).toMatchObject({ vector: 14, error: 3 });
    lab.machine.end = undefined;
    delivered.length = 0;
    lab.set({ rip: BigInt(CODE + 2) });
    lab.vcpu.step();
    lab.vcpu.step();
    expect(delivered[0]).toMatchObject({ vector: 14, error: 0x11, rip: 0x200000n });
  });

  test('without WP the kernel may write to read-only pages; dirty and accessed bits are set', () => {
    const { view } = lab.machine.memory;
    view.setInt32(0x4008, 0x200000 | 0x81, true);
    lab.cpu.hooks.pagingChanged();
    load('89 03');
    lab.set({ rbx: 0x200000n, rax: 0x1234n });
    lab.vcpu.step();
    expect(delivered).toEqual([]);
    expect(lab.read(0x200000, 2)).toEqual(Uint8Array.of(0x34, 0x12));
    expect(view.getInt32(0x4008, true) & 0x60).toBe(0x60);
    expect(view.getInt32(0x2000, true) & 0x60).toBe(0x20);
  });
});

describe('REP', () => {
  test('one step is one iteration; rip stays until the last', () => {
    load('f3 aa'); // rep stosb
    lab.set({ rdi: BigInt(DATA), rcx: 3n, rax: 0x41n });
    const rips = [1, 2, 3].map(() => {
      lab.step();
      return Number(lab.get('rip')) - CODE;
    });
    expect(rips).toEqual([0, 0, 2]);
    expect(Buffer.from(lab.read(DATA, 4)).toString('latin1')).toBe('AAA\0');
  });

  test('a fault in the middle keeps what was done', () => {
    load('f3 aa');
    lab.set({ rdi: UNMAPPED - 2n, rcx: 5n });
    lab.machine.run(1);
    expect([lab.get('rcx'), lab.get('rdi')]).toEqual([3n, UNMAPPED]);
    expect(lab.machine.end).toEqual({ kind: 'triple-fault' });
  });

  test('every iteration is an instruction of the clock', () => {
    load('f3 48 ab eb fe'); // rep stosq; l: jmp l
    lab.set({ rdi: BigInt(DATA), rcx: 1000n });
    run(900);
    expect(lab.vcpu.executed).toBeGreaterThanOrEqual(900);
    expect(lab.get('rcx')).toBeLessThanOrEqual(100n);
  });
});

describe('delivery', () => {
  const IDT = 0x40000;
  const TSS = 0x42000;
  const GDT = 0x43000;
  const HANDLER = 0x44000;
  const IST_STACK = 0x46000;
  const KERNEL_STACK = 0x48000;
  /** Interrupt gates with DPL 0, 0x80 with 3, vector 2 on the first IST stack. */
  beforeEach(() => {
    const { view } = lab.machine.memory;
    for (let vector = 0; vector < 256; vector++) {
      const at = HANDLER + 16 * vector;
      view.setUint16(IDT + 16 * vector, at & 0xffff, true);
      view.setUint16(IDT + 16 * vector + 2, 8, true);
      view.setUint8(IDT + 16 * vector + 4, vector === 2 ? 1 : 0);
      view.setUint8(IDT + 16 * vector + 5, vector === 0x80 ? 0xee : 0x8e);
      view.setUint16(IDT + 16 * vector + 6, at >>> 16, true);
      lab.write(at, hex('48 cf')); // iretq
    }
    view.setUint32(TSS + 4, KERNEL_STACK, true);
    view.setUint32(TSS + 36, IST_STACK, true);
    const descriptors = [0n, 0xaf9b000000ffffn, 0xcf93000000ffffn, 0xcff3000000ffffn, 0xaffb000000ffffn];
    for (const [i, descriptor] of descriptors.entries()) view.setBigUint64(GDT + 8 * i, descriptor, true);
    Object.assign(lab.cpu.idt, { low: IDT, high: 0, limit: 0xfff });
    Object.assign(lab.cpu.gdt, { low: GDT, high: 0, limit: 0x2f });
    Object.assign(lab.cpu.tr, { selector: 0x28, limit: 0x67, baseLow: TSS, baseHigh: 0 });
    for (const segment of [0, 2, 3]) lab.cpu.segments[segment]!.selector = 0x10;
    lab.machine.watcher = {};
    // User pages: every level
    for (const at of [0x2000, 0x3000, 0x4000]) view.setInt32(at, view.getInt32(at, true) | 4, true);
    lab.cpu.hooks.pagingChanged();
  });

  const frame = (at: bigint): bigint[] =>
    [0, 1, 2, 3, 4].map((i) => Buffer.from(lab.read(Number(at) + 8 * i, 8)).readBigUInt64LE());

  test('an exception with an error code: the frame, aligned; IRET of it', () => {
    load('8b 03 90'); // mov eax, [rbx]
    lab.set({ rbx: UNMAPPED, rsp: BigInt(STACK - 4), rflags: 0x202n });
    lab.step();
    const rsp = lab.get('rsp');
    expect(rsp).toBe(BigInt(STACK - 16 - 48));
    expect(Buffer.from(lab.read(Number(rsp), 8)).readBigUInt64LE()).toBe(0n);
    expect(frame(rsp + 8n)).toEqual([BigInt(CODE), 8n, 0x202n, BigInt(STACK - 4), 0x10n]);
    expect(lab.get('rip')).toBe(BigInt(HANDLER + 16 * 14));
    expect(lab.get('rflags') & 0x200n).toBe(0n);
    lab.set({ rsp: rsp + 8n });
    lab.step();
    expect([lab.get('rip'), lab.get('rsp'), lab.get('rflags')]).toEqual([
      BigInt(CODE),
      BigInt(STACK - 4),
      0x202n,
    ]);
  });

  test('INT n returns behind itself; from user code only where the gate allows it', () => {
    load('cd 80 cd 21');
    lab.step();
    expect(lab.get('rip')).toBe(BigInt(HANDLER + 16 * 0x80));
    lab.step();
    expect(lab.get('rip')).toBe(BigInt(CODE + 2));
    toUser();
    const seen: number[][] = [];
    lab.machine.watcher = { delivering: (_, vector, kind, error) => seen.push([vector, kind, error]) };
    lab.step(); // int 0x21
    expect(seen).toEqual([
      [0x21, 2, 0],
      [13, 0, 0x21 * 8 + 2],
    ]);
    expect(frame(lab.get('rsp') + 8n)[0]).toBe(BigInt(CODE + 2)); // of the instruction, not behind it
  });

  /** By IRET, with interrupts enabled. */
  function toUser(): void {
    const rip = lab.get('rip');
    const { view } = lab.machine.memory;
    const words = [rip, 0x23n, 0x202n, BigInt(STACK), 0x1bn];
    for (const [i, word] of words.entries()) view.setBigUint64(DATA + 8 * i, word, true);
    lab.write(0x50000, hex('48 cf'));
    lab.set({ rip: 0x50000n, rsp: BigInt(DATA) });
    lab.step();
    expect([lab.cpu.cpl, lab.get('rip')]).toEqual([3, rip]);
  }

  test('from user mode the stack is the task state segment’s; SS is null', () => {
    load('cd 80');
    toUser();
    lab.step();
    expect(lab.cpu.cpl).toBe(0);
    expect(lab.get('rsp')).toBe(BigInt(KERNEL_STACK - 40));
    expect(frame(lab.get('rsp'))).toEqual([BigInt(CODE + 2), 0x23n, 0x202n, BigInt(STACK), 0x1bn]);
    expect(lab.cpu.segments[2]!.selector).toBe(0);
    lab.step();
    expect([lab.cpu.cpl, lab.get('rip'), lab.get('rsp')]).toEqual([3, BigInt(CODE + 2), BigInt(STACK)]);
  });

  test('user code may not do what is the kernel’s', () => {
    for (const code of ['fa', 'f4', '0f 30', '0f 22 d8', 'ec', '0f 01 10', '0f 01 f8']) {
      load(code);
      lab.set({ rip: BigInt(CODE) });
      toUser();
      expect(lab.step(), code).toBe(undefined);
      expect(lab.get('rip'), code).toBe(BigInt(HANDLER + 16 * 13));
    }
  });

  test('SYSCALL and SYSRET', () => {
    lab.cpu.efer |= 1;
    lab.cpu.star[1] = 0x00130008;
    lab.cpu.lstar[0] = 0x50010;
    lab.cpu.fmask = 0x200;
    lab.write(0x50010, hex('48 0f 07')); // sysretq
    load('0f 05');
    toUser();
    lab.step();
    expect([lab.get('rip'), lab.get('rcx'), lab.get('r11')]).toEqual([0x50010n, BigInt(CODE + 2), 0x202n]);
    expect([lab.cpu.cpl, lab.cpu.segments[1]!.selector, lab.cpu.segments[2]!.selector]).toEqual([0, 8, 0x10]);
    expect(lab.get('rflags')).toBe(2n);
    lab.step();
    expect([lab.cpu.cpl, lab.cpu.segments[1]!.selector, lab.cpu.segments[2]!.selector]).toEqual([
      3, 0x23, 0x1b,
    ]);
    expect([lab.get('rip'), lab.get('rflags')]).toEqual([BigInt(CODE + 2), 0x202n]);
  });

  test('interrupts: masked by IF, put off by STI for one instruction, then behind it', () => {
    load('90 fb 90 90 90');
    lab.vcpu.lapic.write(0xf0, 0x1ff);
    lab.vcpu.lapic.request(0x30);
    run(1);
    expect(lab.get('rip')).toBe(BigInt(CODE + 1));
    run(1); // sti
    run(1); // the instruction behind it
    expect(lab.get('rip')).toBe(BigInt(CODE + 3));
    run(1); // the handler's IRET
    expect(lab.vcpu.lapic.pending).toBe(-1);
    expect(lab.get('rip')).toBe(BigInt(CODE + 3));
  });

  test('an NMI comes with IF clear, on its own stack, and no other until IRET', () => {
    load('90 90 90');
    lab.write(HANDLER + 32, hex('90 48 cf')); // nop; iretq
    lab.vcpu.attention |= 2;
    run(1);
    expect([lab.get('rip'), lab.get('rsp')]).toEqual([BigInt(HANDLER + 33), BigInt(IST_STACK - 40)]);
    lab.vcpu.attention |= 2;
    run(1); // iretq; then the second one
    expect(lab.get('rip')).toBe(BigInt(CODE));
    run(1);
    expect(lab.get('rip')).toBe(BigInt(HANDLER + 33));
  });

  test('TF traps behind each instruction; one that sets it is not yet traced', () => {
    const rips: bigint[] = [];
    lab.machine.watcher = {
      claimsTrap: (_, vector) => {
        if (vector === 1) rips.push(lab.get('rip') - BigInt(CODE));
        return 'resume';
      },
    };
    load('9d 90 b0 01 90'); // popfq; nop; mov al, 1
    lab.set({ rsp: BigInt(STACK - 8) });
    lab.machine.memory.view.setUint32(STACK - 8, 0x102, true);
    run(4);
    expect(rips).toEqual([2n, 4n, 5n]);
  });

  test('TF traps behind each iteration of a REP', () => {
    const seen: bigint[][] = [];
    lab.machine.watcher = {
      claimsTrap: () => {
        seen.push([lab.get('rip') - BigInt(CODE), lab.get('rcx')]);
        return 'resume';
      },
    };
    load('f3 aa 90'); // rep stosb; nop
    lab.set({ rflags: BigInt(FLAG.TF | 2), rdi: BigInt(DATA), rcx: 3n });
    run(3);
    expect(seen).toEqual([
      [0n, 2n],
      [0n, 1n],
      [2n, 0n],
    ]);
  });

  test('a trap that nobody claims is the guest’s, with DR6.BS', () => {
    load('90 90');
    lab.set({ rflags: BigInt(FLAG.TF | 2) });
    lab.step();
    expect(lab.get('rip')).toBe(BigInt(HANDLER + 16));
    expect(frame(lab.get('rsp'))[0]).toBe(BigInt(CODE + 1));
    expect(lab.cpu.dr[12]! & 0x4000).toBe(0x4000);
    expect(lab.get('rflags') & BigInt(FLAG.TF)).toBe(0n);
  });

  test('HLT waits until an interrupt, and goes on behind itself', () => {
    load('fb f4 90'); // sti; hlt; nop
    lab.vcpu.lapic.write(0xf0, 0x1ff);
    lab.vcpu.lapic.write(0x320, 0x40);
    lab.vcpu.lapic.write(0x3e0, 0xb); // by 1
    lab.vcpu.lapic.write(0x380, 100_000);
    run(2);
    expect(lab.cpu.halted).toBe(true);
    run(2); // time goes to the timer; its handler's IRET
    expect(lab.machine.nowNs).toBeGreaterThanOrEqual(100_000);
    expect([lab.cpu.halted, lab.get('rip')]).toEqual([false, BigInt(CODE + 3)]);
  });

  test('CLI; HLT without anything pending is the end', () => {
    load('fa f4');
    run(10);
    expect(lab.machine.end).toEqual({ kind: 'dead' });
  });
});
