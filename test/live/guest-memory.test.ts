/**
 * A started guest whose memory clauses read: it stops where they do, beside its log, and neither loses a hit nor its
 * place in the order. Counts are held to what the guests say that they did.
 */
import { describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { bootCommand, describeLinux, workOf } from '../support/linux-guest.ts';
import { liveRun } from '../support/live-run.ts';
import { describeLive, QEMU } from '../support/qemu.ts';

const MACHINE = `${QEMU} -accel tcg -display none -nodefaults -no-reboot -m 64 -serial stdio`;
const IMAGE = 'examples/guest/kernel.elf';
const guest = (append: string, more = ''): string =>
  `${MACHINE} ${more} -kernel ${IMAGE} -append "${append}"`;

/** `guest: NAME 12` of the kernel's account. */
const said = (console: string, name: string): number =>
  Number(new RegExp(`^guest: ${name} (\\d+)\\r?$`, 'm').exec(console)?.[1] ?? Number.NaN);

const trace = (command: string, program: string) => ['--unsafe', '-qc', command, '-n', program];
/** An instruction's byte: reading it stops the guest at the probe. */
const READS = '(*(uint8_t *)rip) != 0';

describeLive('memory of a guest that is started', () => {
  test.each([1, 2])('on %d CPUs: hits by stops and events of the log, each counted once', async (cpus) => {
    const program = `
        fbt::fib:entry /${READS}/ { @fib = count(); } fbt::fib:return { @back = count(); }
        fbt::sys_add:entry /${READS} && *(uint64_t *)rsp != 0/ { @add = count(); }
        vec:::0x80 { @int80 = count(); }
        END { printa("# fib %@d", @fib); printa(" back %@d", @back); printa(" add %@d", @add); printa(" int80 %@d\\n", @int80); }`;
    const end = await liveRun(trace(guest('fib=9 add=50 int80=60 fault=4', `-smp ${cpus}`), program));
    expect(end).toMatchObject({ status: 0, left: [] });
    const { stdout } = end;
    const add = said(stdout, 'syscalls add') + said(stdout, 'int80 add');
    const fib = said(stdout, 'fib calls');
    expect(fib).toBe(109 * cpus);
    expect(stdout).toContain(`# fib ${fib} back ${fib} add ${add} int80 ${said(stdout, 'int80')}\n`);
  });

  test('a stop comes behind every event of the log that came before it', async () => {
    const program = `
        vec:::0x80 { delivered++; }
        fbt::do_int80:entry /${READS}/ { handled++; }
        fbt::do_int80:entry /delivered != handled/ { late++; }
        END { printf("# %d %d late %d\\n", delivered, handled, late); }`;
    const end = await liveRun(trace(guest('fib=1 add=1 int80=200 fault=4'), `int late; ${program}`));
    expect(end).toMatchObject({ status: 0, left: [] });
    expect(end.stdout).toContain('# 200 200 late 0\n');
  });

  test('one line says that the guest stops, and -v where', async () => {
    const program = `fbt::fib:entry /${READS}/ { @ = count(); }`;
    const end = await liveRun(['--unsafe', '-vc', guest('fib=2 add=1 int80=1 fault=4'), '-n', program]);
    expect(
      end.stderr.match(/clauses read the guest's memory, so it stops at 1 place at each hit/g),
    ).toHaveLength(1);
    expect(end.stderr).toContain('plan: 1 breakpoint that stops the guest at each hit');
  });

  test('interrupts come from the log, so memory cannot be read at them', async () => {
    const program = 'fbt::fib:entry, vec:::0x80 { trace(*(uint8_t *)rip); }';
    const end = await liveRun(trace(guest('fib=1'), program));
    expect(end).toMatchObject({ status: 1, left: [] });
    expect(end.stderr).toContain("trapline: vec:::0x80: the guest's memory cannot be read at it");
  });

  describe('the end', () => {
    const FOR_EVER = guest('fib=1 fault=1 int80=1000000000');
    const COUNT = `fbt::sys_add:entry /${READS}/ { n++; printf("hit\\n"); } END { printf("counted %d\\n", n); }`;
    const counted = (stdout: string): number => Number(/^counted (\d+)$/m.exec(stdout)?.[1] ?? 0);

    test('Ctrl-C in the midst of stops', async () => {
      const end = await liveRun(trace(FOR_EVER, COUNT), {
        act: async (run) => {
          await run.until(() => run.stdout().split('hit').length > 20);
          run.kill('SIGINT');
        },
      });
      expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
      expect(counted(end.stdout)).toBeGreaterThanOrEqual(19);
    });

    test('QEMU is killed in the midst of stops', async () => {
      const end = await liveRun(trace(FOR_EVER, COUNT), {
        act: async (run) => {
          await run.until(() => run.stdout().includes('hit'));
          run.killOther(QEMU, 'SIGKILL');
        },
      });
      expect(end).toMatchObject({ status: 1, left: [] });
      expect(end.stderr).toBe(`trapline: ${QEMU}: the guest ended with signal SIGKILL\n`);
      expect(counted(end.stdout)).toBeGreaterThan(0);
    });

    test('trapline is killed: the guest ends too', async () => {
      const end = await liveRun(trace(FOR_EVER, COUNT), {
        act: async (run) => {
          await run.until(() => run.stdout().includes('hit'));
          run.kill('SIGKILL');
        },
      });
      expect(end).toMatchObject({ signal: 'SIGKILL', left: [] });
    });
  });
});

describeLinux('processes of a Linux guest', () => {
  test('who opens what: execname, pid, curthread->comm, copyinstr()', async () => {
    const program = `
        fbt::do_sys_openat2:entry /execname == "workload"/
        { @[execname, curthread->comm, pid == curthread->tgid, tid == curthread->pid, copyinstr(arg1)] = count(); }
        fbt::do_sys_openat2:entry /pid == 1/ { @init[ppid, uid, execname] = count(); }
        END { printa("# %s %s %d %d %s %@d\\n", @); printa("# init %d %d %s %@d\\n", @init); }`;
    const run = await trapline(['-qc', bootCommand({ work: ['open:30'] }), '-n', program]);
    expect(workOf(run.stdout)).toEqual({ open: 30 });
    expect(run.stdout).toContain('# workload workload 1 1 /no/such/file 30\n');
    expect(run.stdout).toMatch(/^# init 0 0 init \d+$/m);
    expect(run.status).toBe(0);
  });
});
