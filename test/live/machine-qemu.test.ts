/**
 * The same kernel, the same script: on the built-in machine and under QEMU every probe that does not depend on time fires as
 * often, on each number of CPUs, and the kernel gives the same account of itself.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { describeLive } from '../support/qemu.ts';

const IMAGE = 'examples/guest/kernel.elf';
const SCRIPT = `vec::page_fault:, vec:::0x80, vec:::0x00, vec:::0x01, vec:::0x03, vec:::0x06, vec:::0x0d, vec:::0x02, vec:::0x30 { @["vec", probefunc] = count(); }
  vec::page_fault: { @["error code", lltostr(arg1)] = count(); @["level", lltostr(arg4)] = count(); }
  fbt::fib:entry { @["fib", lltostr(arg0)] = count(); }
  fbt::chain_a:entry, fbt::chain_c:entry, fbt::quiet_step:entry, fbt::map_on_demand:entry { @["fbt", probefunc] = count(); }
  syscall:::entry { @["syscall", probefunc] = count(); }`;
const APPEND = 'ticks=0 hz=10';

/** What the timer decides differs: how often programs are taken off their CPU, and in which order they end. */
const TIMED = /^guest: (program |(cpu \d+: )?(timer|context switches))/;

interface Seen {
  readonly rows: readonly string[];
  readonly account: readonly string[];
}

const seen = (stdout: string, console: string): Seen => ({
  rows: stdout
    .split('\n')
    .filter((line) => /^ +\S.* +\d+$/.test(line))
    .map((line) => line.trim())
    .sort(),
  account: console
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => line.startsWith('guest:') && !TIMED.test(line)),
});

async function onMachine(cpus: number): Promise<Seen> {
  const args = ['--machine', IMAGE, '-x', `cpus=${cpus}`, '-x', `append=${APPEND}`];
  const { stdout, stderr, status } = await run(args);
  expect(status, stderr).toBe(0);
  return seen(stdout, stdout);
}

async function inQemu(cpus: number): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-machine-'));
  try {
    const console = join(folder, 'console');
    const command = `qemu-system-x86_64 -accel tcg -m 128 -smp ${cpus} -nodefaults -display none -no-reboot -serial file:${console} -kernel ${IMAGE} -append '${APPEND}'`;
    const { stdout, stderr, status } = await run(['-c', command]);
    expect(status, stderr).toBe(0);
    return seen(stdout, readFileSync(console, 'latin1'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = (args: readonly string[]) =>
  trapline([...args, '--unsafe', '-q', '-x', 'syscalls=examples/guest/syscalls.json', '-n', SCRIPT]);

describeLive('the machine and QEMU', () => {
  test.each([1, 2, 4])('count the same on %i CPUs', async (cpus) => {
    const machine = await onMachine(cpus);
    expect(machine.rows.length).toBeGreaterThan(30);
    expect(await inQemu(cpus)).toEqual(machine);
  });
});
