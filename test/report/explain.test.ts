/** `trapline explain`: the crashes of the recorded logs, single events, code from an image, and what goes wrong. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { KERNEL_PC, log } from '../support/int-records.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trapline-explain-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const TRACES = 'examples/traces';

async function explained(...args: string[]): Promise<string> {
  const { stdout, stderr, status } = await trapline(['explain', ...args]);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** An ELF file with `code` at a 64-bit address, and a function symbol over it. */
function elf(name: string, address: bigint, code: readonly number[]): string {
  const bytes = Buffer.alloc(0x300);
  const strings = '\0guilty\0';
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
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
