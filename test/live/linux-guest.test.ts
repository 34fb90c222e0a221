/**
 * A real Linux under trapline: each count is held to what the guest's own workload says that it did. A boot costs seconds,
 * so each serves many probes.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type CliResult, trapline } from '../support/cli.ts';
import { bootCommand, describeLinux, linuxGuest, workOf } from '../support/linux-guest.ts';
import { shared } from '../support/shared.ts';

/** `key count` lines of a program that prints `name key … count` with its aggregations, by everything before the count. */
function countsOf({ stdout }: CliResult): Readonly<Record<string, number>> {
  const lines = stdout.matchAll(/^# (.*?) (\d+)\r?$/gm);
  return Object.fromEntries([...lines].map(([, key = '', count]) => [key, Number(count)]));
}

/** Where the one instruction of the workload lies that touches fresh pages. */
function touchAddress(): string {
  const guest = linuxGuest();
  if ('missing' in guest) throw new Error(guest.missing);
  const names = execFileSync('nm', [guest.workload], { encoding: 'utf8' });
  return `0x${/^(\w+) T touch$/m.exec(names)?.[1]}`;
}

/** Firings by description, `# vec::: 0x80 500`. */
const VECTORS = `
  vec:::0x80, vec:::0x0e { @all[probename] = count(); }
  vec:soft::0x80 /arg5 == 1 && rax == 160 && cpl == 3/ { @old = count(); }
  vec::page_fault: /rip == $1 && cpl == 3 && arg1 == 6/ { @touched = count(); @pages = lquantize(arg2 & 4095, 0, 1, 1); }
  END { printa("# all %s %@d\\n", @all); printa("# old %@d\\n", @old); printa("# touched %@d\\n", @touched); }`;

const CALLS = `
  syscall:linux64:sched_get_priority_max:entry { @in[arg0] = count(); }
  syscall:linux64:sched_get_priority_max:return { @out[(int)arg1, errno] = count(); }
  syscall:linux32::entry { @oldin[probefunc] = count(); }
  fbt::do_sys_openat2:entry { @open = count(); }
  fbt::do_sys_openat2:return { @opened = count(); }
  fbt::do_sys_openat2:return /(int)arg1 == -2/ { @missing = count(); }
  END {
    printa("# in %d %@d\\n", @in); printa("# out %d %d %@d\\n", @out); printa("# oldin %s %@d\\n", @oldin);
    printa("# open %@d\\n", @open); printa("# opened %@d\\n", @opened); printa("# missing %@d\\n", @missing);
  }`;

describeLinux('a Linux guest', () => {
  describe('with one CPU', () => {
    const run = shared(() => {
      const work = ['priority:5000,int80:500,fault:2000,open:300'];
      return trapline([
        '-qc',
        bootCommand({ work }),
        '-v',
        '-x',
        'ledger',
        '-n',
        VECTORS,
        '-n',
        CALLS,
        touchAddress(),
      ]);
    });

    test('runs to its end, which is ours', () => {
      expect(run().status, run().stderr).toBe(0);
      expect(run().stdout).toContain('guest: end');
      expect(workOf(run().stdout)).toEqual({ priority: 5000, int80: 500, fault: 2000, open: 300 });
    });

    test('interrupts are counted exactly', () => {
      expect(countsOf(run())).toMatchObject({ 'all 0x80': 500, old: 500, touched: 2000 });
    });

    test('system calls are counted exactly, with arguments, results and errno', () => {
      expect(countsOf(run())).toMatchObject({
        'in 1': 4500,
        'in 77': 500,
        'out 99 0': 4500,
        'out -22 22': 500,
        'oldin sched_get_priority_min': 500,
      });
    });

    test('functions are counted exactly, entry and return', () => {
      const { open, opened, missing } = countsOf(run());
      expect(open).toBeGreaterThanOrEqual(300);
      expect(opened).toBe(open);
      expect(missing).toBeGreaterThanOrEqual(300); // init may look for files too
      expect(missing).toBeLessThan(320);
    });

    test('nothing of the log is lost or torn', () => {
      expect(run().stderr).toMatch(/ledger of qemu-system-x86_64: \d+ bytes/);
      expect(run().stderr).not.toMatch(/lost|torn/);
    });

    test('-v tells the plan', () => {
      expect(run().stderr).toContain('plan: log through a FIFO: -d cpu_reset,int,guest_errors,exec,cpu');
      expect(run().stderr).toMatch(/plan: \d+ addresses logged with registers; the guest does not stop/);
    });
  });

  describe('with two CPUs that work at once', () => {
    const run = shared(() => {
      const work = ['int80:400,fault:1500', 'fault:1500,int80:400,priority:1000'];
      const program = `${VECTORS}
        vec::page_fault: /rip == $1/ { @cpu[cpu] = count(); }
        vec:::0xec { @timer[cpu] = count(); }
        syscall::sched_get_priority_max:return { @out = count(); }
        END { printa("# cpu %d %@d\\n", @cpu); printa("# timer %d %@d\\n", @timer); printa("# out %@d\\n", @out); }`;
      const command = bootCommand({ work, switches: '-smp 2 -serial stdio' });
      return trapline(['-qc', command, '-v', '-x', 'ledger', '-n', program, touchAddress()]);
    });

    test('counts are exact over both', () => {
      expect(run().status, run().stderr).toBe(0);
      expect(countsOf(run())).toMatchObject({ 'all 0x80': 800, old: 800, touched: 3000, out: 1000 });
    });

    test('each event knows its CPU', () => {
      const counts = countsOf(run());
      expect((counts['cpu 0'] ?? 0) + (counts['cpu 1'] ?? 0)).toBe(3000);
      expect(counts['timer 0']).toBeGreaterThan(0);
      expect(counts['timer 1']).toBeGreaterThan(0);
      expect(counts['cpu 2'] ?? counts['timer 2']).toBeUndefined();
    });

    test('CPUs that take turns tear no record', () => {
      expect(run().stderr).toContain('plan: one thread for all CPUs');
      expect(run().stderr).not.toMatch(/lost|torn/);
    });
  });
});
