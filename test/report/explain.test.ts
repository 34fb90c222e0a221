/** `trapline explain`: the crashes of the recorded logs, single events, code from an image, and what goes wrong. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { KERNEL_PC, log } from '../support/int-records.ts';
import { describeLinux, linuxGuest } from '../support/linux-guest.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trapline-explain-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const TRACES = 'examples/traces';

async function explained(...args: string[]): Promise<string> {
  const { stdout, stderr, status } = await trapline(['explain', ...args]);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** An ELF file with `code` at a 64-bit address, and a function symbol over it. */
function elf(name: string, address: bigint, code: readonly number[], machine = 62): string {
  const bytes = Buffer.alloc(0x300);
  const strings = '\0guilty\0';
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(address, 24);
  bytes.writeBigUInt64LE(64n, 32); // program headers
  bytes.writeBigUInt64LE(0x200n, 40); // section headers
  for (const [at, value] of [
    [52, 64],
    [54, 56],
    [56, 1],
    [58, 64],
    [60, 4],
    [62, 0],
  ] as const)
    bytes.writeUInt16LE(value, at);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(5, 68);
  for (const [at, value] of [
    [72, 0x100n],
    [80, address],
    [88, address],
    [96, 64n],
    [104, 64n],
    [112, 4096n],
  ] as const)
    bytes.writeBigUInt64LE(value, at);
  Buffer.from(code).copy(bytes, 0x100);
  bytes.write(strings, 0x150, 'latin1');
  bytes.writeUInt32LE(1, 0x160 + 24); // symbol 1: its name
  bytes[0x160 + 28] = 0x12; // a global function
  bytes.writeUInt16LE(1, 0x160 + 30);
  bytes.writeBigUInt64LE(address, 0x160 + 32);
  bytes.writeBigUInt64LE(BigInt(code.length), 0x160 + 40);
  const section = (
    index: number,
    type: number,
    flags: bigint,
    at: bigint,
    offset: bigint,
    size: bigint,
    link = 0,
    entry = 0n,
  ) => {
    const base = 0x200 + index * 64;
    bytes.writeUInt32LE(type, base + 4);
    for (const [i, value] of [flags, at, offset, size].entries())
      bytes.writeBigUInt64LE(value, base + 8 + i * 8);
    bytes.writeUInt32LE(link, base + 40);
    bytes.writeBigUInt64LE(entry, base + 56);
  };
  section(1, 1, 6n, address, 0x100n, 64n);
  section(2, 2, 0n, 0n, 0x160n, 48n, 3, 24n);
  section(3, 3, 0n, 0n, 0x150n, BigInt(strings.length));
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
}

describe('crashes', () => {
  test.each([
    [
      'tiny32-triple-fault',
      [
        'Event 0: it led to a triple fault',
        '#UD invalid opcode, in the kernel',
        'gate       none: the IDT at 0x0 has limit 0x0',
      ],
    ],
    [
      'tiny32-gp-np-df',
      [
        'error code 0x7c: TI=1: entry 15 of the LDT',
        'LDTR is 0: there is no LDT',
        'probably EBX (0x7f)',
        '#GP and #NP make a #DF',
      ],
    ],
    [
      'tiny32-pf-recursive-triple',
      [
        ...['Event 0: it led to a triple fault', 'address    0xdead0000', 'W=1: a write'],
        ...[
          '1145 nested #PF at pc 0xc0000000',
          'the handler itself, at 0xc0000000, is not mapped',
          'is in the IDT (0x105000 to 0x1057ff)',
        ],
      ],
    ],
    [
      'linux-x86_64-oom-triple',
      [
        ...[
          'Event 0: it led to a triple fault',
          'the instruction before turned paging on',
          'and the page tables are there:',
        ],
        'the machine has too little memory for this kernel',
      ],
    ],
  ])('%s', async (name, sentences) => {
    const text = await explained(`${TRACES}/${name}.log.gz`);
    for (const sentence of sentences) expect(text).toContain(sentence);
    expect(text).not.toMatch(/undefined|NaN/);
  });

  test('a log without any: its last event, with those before it on its CPU', async () => {
    const text = await explained(`${TRACES}/linux-x86_64-boot-small.log.gz`);
    expect(text).toMatch(/^Event 3181: the last event: the log has no crash and no reset\n/);
    expect(text).toMatch(/ {2}CPU 0\n( {4}event \d+: .*\n){5}$/);
  });
});

/** What a developer reads, whole: `UPDATE=1 vitest run test/report/explain.test.ts` writes the files anew. */
describe('as it is printed', () => {
  test.each([
    ['tiny32-triple-fault', 'tiny32-triple-fault', []],
    ['tiny32-gp-np-df', 'tiny32-gp-np-df', []],
    ['tiny32-pf-recursive-triple', 'tiny32-pf-recursive-triple', []],
    ['linux-x86_64-oom-triple', 'linux-x86_64-oom-triple', []],
    ['tiny32-int-storm, a division', 'tiny32-int-storm:1010', []],
    ['a healthy boot', 'linux-x86_64-boot-small', []],
    ['a healthy boot of 32 bits', 'linux-i386-boot', []],
    ['firmware', 'ovmf-x86_64-boot', []],
    ['with names', 'linux-x86_64-boot:3', ['--symbols', `${TRACES}/linux-x86_64-cut.kallsyms.gz`]],
    ['aarch64, its end', 'linux-aarch64-boot', []],
    ['aarch64, a data abort of a program', 'linux-aarch64-boot:1774', []],
    ['aarch64, two CPUs', 'linux-aarch64-smp2:400', []],
    ['aarch64, a data abort with registers', 'tiny-aarch64-exec-cpu:3', []],
    ['aarch64, a BRK', 'tiny-aarch64-exec-cpu:2', []],
    ['arm, a data abort', 'tiny-arm-exec-cpu:3', []],
    ['arm, a BKPT', 'tiny-arm-exec-cpu:2', []],
    ['riscv64, its end', 'tiny-riscv64-traps', []],
    ['riscv64, a page fault', 'tiny-riscv64-traps:549', []],
    ['riscv32, an illegal instruction', 'tiny-riscv32-exec-cpu:1', []],
  ])('%s', async (name, place, symbols) => {
    const [trace = '', event] = place.split(':');
    const operand = `${TRACES}/${trace}.log.gz${event === undefined ? '' : `:${event}`}`;
    const text = await explained(...symbols, operand);
    expect(text).not.toMatch(/undefined(?! instruction)|NaN|\[object/);
    const file = `test/report/explained/${name.replaceAll(/\W+/g, '-')}.txt`;
    if (process.env['UPDATE']) writeFileSync(file, text, 'latin1');
    expect(text).toBe(readFileSync(file, 'latin1'));
  });
});

describe('one event', () => {
  test('of an Arm guest has no registers', async () => {
    const text = await explained(`${TRACES}/linux-aarch64-boot.log.gz:100`);
    expect(text).toMatch(/event 100, CPU 0: IRQ, at EL1\n {2}pc /);
    expect(text).not.toContain('Registers');
  });

  test('names come from --symbols', async () => {
    const symbols = `${TRACES}/linux-x86_64-cut.kallsyms.gz`;
    expect(existsSync(symbols)).toBe(true);
    const text = await explained('--symbols', symbols, `${TRACES}/linux-x86_64-boot.log.gz:3`);
    expect(text).toMatch(/pc +0xffffffff819f69d2 vmlinux`clear_page_\w+\+0x/);
  });

  // mov 0x10(%rax),%rbx behind a NOP
  const code = [0x90, 0x48, 0x8b, 0x58, 0x10, 0xc3];
  const pc = KERNEL_PC + 1n;
  const fault = (cr2: bigint): string => {
    const path = join(scratch, `fault-${cr2}.log`);
    writeFileSync(path, log([{}, { v: 14, pc, cr2, registers: { RAX: 0n, RCX: 0n } }]));
    return `${path}:1`;
  };

  test('without code, registers that may have held the pointer', async () => {
    expect(await explained(fault(0x10n))).toMatch(/from +one of RAX \(0x0\) \+ 0x10, RBX/);
  });

  test('with code, the one that did, and the function', async () => {
    const text = await explained('--symbols', elf('kernel', KERNEL_PC, code), fault(0x10n));
    expect(text).toContain('address    0x10, 16 bytes behind the null pointer');
    expect(text).toContain('from       RAX (0x0) + 0x10, says the code');
    expect(text).toContain('kernel`guilty+0x1');
    expect(text).toMatch(
      / {5}0xffffffff81000000 {2}90 +nop\n {2}=> 0xffffffff81000001 {2}488b5810 +mov 0x10\(%rax\),%rbx\n/,
    );
    expect(text).not.toContain('warning');
  });

  test('an image of another kernel is told', async () => {
    const text = await explained('--symbols', elf('other', KERNEL_PC, code), fault(0x5000n));
    expect(text).toContain(
      'warning: image and log do not match: mov 0x10(%rax),%rbx at pc accesses 0x10, not 0x5000',
    );
  });
});

describe('guests that cannot go on', () => {
  /** As QEMU 7.2 logged a kernel whose vectors are where no memory is. */
  const armFault = (esr: string, far: string, elr: string, words: string) =>
    `Taking exception ${words} on CPU 0\n...from EL1 to EL1\n...with ESR ${esr}\n...with FAR ${far}\n...with ELR ${elr}\n...to EL1 PC 0x48000200 PSTATE 0x3c5\n`;
  const first = armFault('0x25/0x96000000', '0xffff000000000010', '0x40200010', '4 [Data Abort]');
  const handler = armFault('0x21/0x86000010', '0x48000200', '0x48000200', '3 [Prefetch Abort]');
  const write = (name: string, text: string): string => {
    const path = join(scratch, name);
    writeFileSync(path, text);
    return path;
  };

  test('an Arm kernel whose handler faults: the fault that it was to handle', async () => {
    const text = await explained(write('arm.log', first + handler.repeat(20)));
    expect(text).toMatch(
      /^Event 0: its handler at 0x48000200 faults itself: CPU 0 took that fault 20 times and got no further\n/,
    );
    expect(text).toContain('address    0xffff000000000010, in the upper half (TTBR1)');
    expect(text).toContain('VBAR 0x48000000 + 0x200, synchronous from the same level');
    expect(text).toMatch(
      /event 1 \(.*arm\.log:7\): the same Instruction Abort from the same level 20 times at pc 0x48000200, address 0x48000200, with no call between them, to the end of the log/,
    );
  });

  test('a log that ends within a record is that of a guest that did not go on either', async () => {
    const { stdout, stderr } = await trapline([
      'explain',
      write('cut.log', `${first}${handler.repeat(20)}${handler.slice(0, 60)}`),
    ]);
    expect(stdout).toMatch(/^Event 0: its handler at 0x48000200 faults itself/);
    expect(stderr.match(/lost \d+ truncated/g)).toHaveLength(1);
  });

  test('calls between them: the guest went on', async () => {
    const call =
      'Taking exception 2 [SVC] on CPU 0\n...from EL0 to EL1\n...with ESR 0x15/0x56000000\n...with ELR 0x40314c\n...to EL1 PC 0x48000400 PSTATE 0x3c5\n';
    const text = await explained(write('calls.log', first + (handler + call).repeat(20)));
    expect(text).toMatch(/^Event 40: the last event: the log has no crash and no reset\n/);
  });

  test('the same fault of a program', async () => {
    const own = armFault('0x24/0x92000007', '0x10', '0x400100', '4 [Data Abort]').replace('EL1 to', 'EL0 to');
    const text = await explained(write('program.log', own.repeat(12)));
    expect(text).toMatch(/^Event 0: CPU 0 took it 12 times and got no further\n/);
    expect(text).toContain('16 bytes behind the null pointer');
  });

  const trap = (cause: number, epc: string, tval: string, words: string) =>
    `riscv_cpu_do_interrupt: hart:0, async:0, cause:000000000000000${cause.toString(16)}, epc:0x${epc}, tval:0x${tval}, desc=${words}\n`;

  test('a RISC-V kernel whose trap vector leads nowhere', async () => {
    const illegal = trap(2, '000000008000000c', '00000000ffffffff', 'illegal_instruction');
    const fetch = trap(1, '0000000007000000', '0000000007000000', 'fault_fetch');
    const text = await explained(write('riscv.log', illegal + fetch.repeat(30)));
    expect(text).toMatch(
      /^Event 0: what was to run after it, at 0x7000000, cannot be fetched: CPU 0 took that fault 30 times and got no further\n/,
    );
    expect(text).toContain('illegal instruction');
    expect(text).toContain('the same instruction access fault 30 times at pc 0x7000000');
  });

  test('a reset in an Arm log', async () => {
    const text = await explained(
      write('reset.log', `${first}CPU Reset (CPU 0)\n PC=0000000000000000\n${handler}`),
    );
    expect(text).toMatch(/^Event 0: the last event before a reset that no fault caused\n/);
  });

  test('QEMU 9 logs the state that was interrupted', async () => {
    const text = await explained(
      write('spsr.log', first.replace('...with ELR', '...with SPSR 0x600003c5\n...with ELR')),
    );
    expect(text).toContain(
      'state      SPSR 0x600003c5: EL1h, masked D (debug), A (SError), I (IRQ), F (FIQ)',
    );
  });

  test('names, and how to see the code', async () => {
    const image = elf(
      'arm-kernel',
      0x40200000n,
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22, 0, 0x40, 0xf9],
      183,
    );
    const text = await explained('--symbols', image, `${write('named.log', first)}:0`);
    expect(text).toContain('pc         0x40200010 arm-kernel`guilty+0x10');
    expect(text).toContain(
      `there is no disassembler for it here: aarch64-linux-gnu-objdump -dl --start-address=0x40200000 --stop-address=0x40200020 ${image}`,
    );
  });
});

describe('an image of another build', () => {
  // mov 0x10(%rax),%rbx four times, of 4 bytes each
  const code = Array.from({ length: 4 }, () => [0x48, 0x8b, 0x58, 0x10]).flat();
  const at = (offsets: readonly number[]): string => {
    const path = join(scratch, `places-${offsets.join('-')}.log`);
    writeFileSync(path, log(offsets.map((offset) => ({ pc: KERNEL_PC + BigInt(offset) }))));
    return `${path}:last`;
  };

  test('has no instruction at pc', async () => {
    const text = await explained('--symbols', elf('shifted', KERNEL_PC, code), at([5]));
    expect(text).toContain('warning: image and log do not match: no instruction of the image begins at pc');
  });

  test('has none at many places of the kernel', async () => {
    const image = elf('others', KERNEL_PC, code);
    expect(await explained('--symbols', image, at([1, 6, 8, 3, 4]))).toContain(
      'warning: image and log do not match: at 3 of 5 places where the kernel was interrupted, no instruction of the image begins',
    );
    expect(await explained('--symbols', image, at([0, 4, 8, 12, 4]))).not.toContain('warning');
  });
});

describe('code of other widths', () => {
  test('32-bit code of an event with paging off', async () => {
    // inc %eax six times, which are prefixes to 64-bit code; mov %ebx,%ds
    const image = elf('tiny', 0x100080n, [0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x8e, 0xdb]);
    const text = await explained('--symbols', image, `${TRACES}/tiny32-gp-np-df.log.gz`);
    expect(text).toMatch(/ {5}0x100085 {2}40 +inc %eax\n {2}=> 0x100086 {2}8edb +mov %ebx,%ds\n/);
    expect(text).not.toContain('warning');
  });
});

describeLinux('a boot image', () => {
  test('has names and code', async () => {
    const guest = linuxGuest();
    if ('missing' in guest) throw new Error(guest.missing);
    const { stdout, status } = await trapline([
      'explain',
      '--symbols',
      guest.kernel,
      `${TRACES}/linux-x86_64-boot-small.log.gz:200`,
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('Code of vmlinux`clear_page_rep+0x7\n');
    expect(stdout).toMatch(/=> 0xffffffff819f69b7 {2}f348ab +rep stos %rax,\(%rdi\)\n/);
    expect(stdout).not.toContain('warning');
  });
});

describe('how it is asked', () => {
  const packed = `${TRACES}/tiny32-gp-np-df.log.gz`;

  test('of a pipe, whatever it is packed with', async () => {
    const stdin = readFileSync(packed);
    for (const operand of ['-', '/dev/stdin', '-:0']) {
      const { stdout, stderr, status } = await trapline(['explain', operand], { stdin });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/(standard input|\/dev\/stdin):476, event 0, CPU 0: #GP general protection/);
    }
  });

  test('the last event, and from the end', async () => {
    expect(await explained(`${packed}:last`)).toMatch(/event 1, CPU 0: #DF/);
    expect(await explained(`${packed}:-1`)).toMatch(/event 1, CPU 0: #DF/);
    expect(await explained(`${packed}:-2`)).toMatch(/event 0, CPU 0: #GP/);
  });

  test('several files are one log', async () => {
    const [cpu0, cpu1] = [0, 1].map((cpu) => `${TRACES}/linux-x86_64-smp2-tid.cpu${cpu}.log.gz`);
    const text = await explained(cpu0!, `${cpu1}:111`);
    expect(text).toMatch(/^line \d+, event 111, CPU \d: device interrupt 0xfd/);
    expect(text).toMatch(/ {2}CPU 1: none\n {2}CPU 0\n/);
  });

  test('JSON has the same, and 64-bit values as text', async () => {
    const [first, ...others] = JSON.parse(await explained('--format', 'json', packed)) as Record<
      string,
      unknown
    >[];
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      ...{ event: 0, cpu: 0, title: '#GP general protection', why: 'it led to a double fault' },
      place: `${packed}:476`,
    });
    expect(first!['facts']).toContainEqual({ name: 'table', lines: ['LDTR is 0: there is no LDT'] });
    expect(first!['registers']).toContainEqual({ name: 'EBX', value: '0x7f' });
  });

  test('--show-d prints the program that runs', async () => {
    expect(await explained('--show-d', `${packed}:1`)).toMatch(/^#pragma D option quiet\n[\s\S]*seq == 1\//);
  });
});

test.each([
  [['explain'], 2, 'usage: trapline explain'],
  [['explain', 'a:1', 'b:2'], 2, 'usage: trapline explain'],
  [['explain', '--format', 'html', 'a'], 2, 'usage: trapline explain'],
  [['explain', '/dev/null'], 1, '/dev/null is empty'],
  [['explain', '-'], 1, 'standard input is empty'],
  [['explain', `${TRACES}/tiny32-gp-np-df.log.gz:first`], 1, "'first' is no event"],
  [['explain', `${TRACES}/tiny32-gp-np-df.log.gz:9`], 1, 'the nearest is 1'],
  [['explain', `${TRACES}/linux-x86_64-smp2-tid.cpu0.log.gz:111`], 1, 'the nearest are'],
  [['explain', 'nowhere.log'], 1, 'nowhere.log'],
  [['explain', `${TRACES}/tiny32-gp-np-df.log.gz:7`], 1, 'there is no event 7: it has 2, the last is 1'],
  [['explain', '--symbols', 'nowhere.elf', `${TRACES}/tiny32-gp-np-df.log.gz`], 1, 'nowhere.elf'],
])('%j', async (args, status, message) => {
  const run = await trapline(args);
  expect([run.status, run.stdout]).toEqual([status, '']);
  expect(run.stderr).toContain(message);
  expect(run.stderr).not.toMatch(/bug|^ +at /m);
});
