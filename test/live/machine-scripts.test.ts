/**
 * The same script on the same kernel counts the same on the built-in machine and under QEMU: questions of each kind, with arguments,
 * results, callers, stacks and memory, on one CPU and on two. Only what the timer decides is left out of the scripts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { describeLive } from '../support/qemu.ts';

const IMAGE = 'examples/guest/kernel.elf';
const MORE = ['--unsafe', '-q', '-x', 'syscalls=examples/guest/syscalls.json'];

/** What is asked, and how many rows the answer has at least. */
const SCRIPTS: Readonly<Record<string, readonly [program: string, rows: number]>> = {
  'arguments and results of functions': [
    `fbt::fib:entry { @["in", lltostr(arg0)] = count(); } fbt::fib:return { @["out", lltostr(arg1)] = count(); }
     fbt::chain_c:entry { @sum["chain"] = sum(arg0); } fbt::chain_c:return { @sum["result"] = sum(arg1); }
     fbt::quiet_step:entry { @["interrupts", lltostr(iflag)] = count(); }`,
    16,
  ],
  'system calls, what they are given and what they return': [
    `syscall::add:entry { @given[arg0, arg1] = count(); } syscall:::return { @[probefunc, errno] = count(); }
     syscall::add:return /errno == 0/ { @sum["add"] = sum(arg1); }`,
    20,
  ],
  'exceptions by cause, level and place': [
    `vec::page_fault: { @[probefunc, lltostr(arg1), arg4] = count(); @pages["page", (arg2 >> 12) & 63] = count(); }
     vec::divide_error:, vec::invalid_opcode:, vec::general_protection:, vec::breakpoint:, vec::debug: { @where[probefunc, rip] = count(); }
     vec:::0x80 { @calls["int80", rax & 0xff] = count(); }`,
    60,
  ],
  'callers, stacks and memory at the probe': [
    `fbt::chain_c:entry { @stacks[stack()] = count(); @[func(caller), stackdepth] = count(); }
     fbt::sys_add:entry { @stacks[stack()] = count(); @[func(caller), stackdepth] = count(); }
     fbt::fib:entry { @depths["deep", stackdepth] = count(); @code["code", *(uint32_t *)rip] = count(); }`,
    20,
  ],
};

/** Rows of aggregations: lines that end in a number, and frames; not what the kernel prints. */
const rowsOf = (stdout: string): readonly string[] =>
  stdout
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => /^ +\S/.test(line))
    .map((line) => line.trim());

async function traced(source: readonly string[], program: string): Promise<readonly string[]> {
  const { stdout, stderr, status } = await trapline([...source, ...MORE, '-n', program]);
  expect(status, stderr).toBe(0);
  return rowsOf(stdout);
}

describeLive('the same counts on the machine and under QEMU', () => {
  for (const [name, [program, rows]] of Object.entries(SCRIPTS)) {
    test.each([1, 2])(`${name}, on %i CPUs`, async (cpus) => {
      const append = `ticks=0 hz=10 fib=7 chain=20 add=30 quiet=8`;
      const folder = mkdtempSync(join(tmpdir(), 'trapline-scripts-'));
      try {
        const command = `qemu-system-x86_64 -accel tcg -m 128 -smp ${cpus} -nodefaults -display none -no-reboot -serial file:${folder}/console -kernel ${IMAGE} -append '${append}'`;
        const machine = await traced(
          ['--machine', IMAGE, '-x', `cpus=${cpus}`, '-x', `append=${append}`],
          program,
        );
        expect(machine.length).toBeGreaterThanOrEqual(rows);
        expect(await traced(['-c', command], program)).toEqual(machine);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
