/**
 * Nothing lost, nothing spurious: the kernel counts its own calls, and breakpoints at their entries and returns fire as often, or
 * are withheld as often where interrupts are disabled. In the long mode (`npm run test:long`) there are 10,000,000 hits and more.
 */
import { expect, test } from 'vitest';
import { RUN_MS, trapline } from '../../support/cli.ts';

const IS_LONG = process.env['LONG'] === '1';
/** Each CPU computes fib(N) once by 2 × F(N + 1) - 1 calls, and runs quiet_step so often. */
const RUNS = IS_LONG
  ? [
      { cpus: 2, fib: 30, quiet: 100_000 },
      { cpus: 8, fib: 26, quiet: 1000 },
    ]
  : [
      { cpus: 1, fib: 18, quiet: 500 },
      { cpus: 4, fib: 15, quiet: 100 },
    ];
const TIMEOUT_MS = IS_LONG ? 3_600_000 : RUN_MS;
const SCRIPT = `
  fbt::fib:entry { @["fib entry"] = count(); } fbt::fib:return { @["fib return"] = count(); }
  fbt::quiet_step: { @["quiet"] = count(); }
  syscall:::entry { @["syscalls"] = count(); } vec:::0x80 { @["int80"] = count(); }`;

/** What the kernel itself counted, on all CPUs. */
const said = (stdout: string, name: string): number =>
  Number(new RegExp(`^guest: ${name} (\\d+)\\r?$`, 'm').exec(stdout)?.[1] ?? Number.NaN);
/** A row of the aggregation; 0 when it never fired. */
const counted = (stdout: string, name: string): number =>
  Number(new RegExp(`^ +${name} +(\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);

test.each(RUNS)(
  '$cpus CPUs, fib($fib): hits are what the kernel counted',
  async ({ cpus, fib, quiet }) => {
    const append = `fib=${fib} quiet=${quiet} ticks=0`;
    const { stdout, stderr, status } = await trapline(
      [
        ...['--machine', 'examples/guest/kernel.elf', '-x', `cpus=${cpus}`, '-x', `append=${append}`],
        ...['-x', 'syscalls=examples/guest/syscalls.json', '-qn', SCRIPT],
      ],
      { timeoutMs: TIMEOUT_MS },
    );
    expect(status, stderr).toBe(0);
    const calls = said(stdout, 'fib calls');
    expect(calls).toBe(cpus * callsOf(fib));
    expect(counted(stdout, 'fib entry')).toBe(calls);
    expect(counted(stdout, 'fib return')).toBe(calls);
    expect(counted(stdout, 'syscalls')).toBe(said(stdout, 'syscalls'));
    expect(counted(stdout, 'int80')).toBe(said(stdout, 'int80'));
    // With interrupts disabled, so all of it is withheld.
    expect(counted(stdout, 'quiet')).toBe(0);
    const steps = said(stdout, 'quiet calls');
    expect(steps).toBe(cpus * quiet);
    const withheld = `fbt::quiet_step:entry ${steps}, fbt::quiet_step:return ${steps}`;
    expect(stderr).toContain(
      `safe mode withheld ${2 * steps} firings with interrupts disabled (${withheld})`,
    );
    if (IS_LONG)
      expect(RUNS.reduce((sum, run) => sum + 2 * run.cpus * callsOf(run.fib), 0)).toBeGreaterThan(1e7);
  },
  TIMEOUT_MS,
);

function callsOf(n: number): number {
  return n < 2 ? 1 : 1 + callsOf(n - 1) + callsOf(n - 2);
}
