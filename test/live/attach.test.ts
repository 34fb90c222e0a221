/**
 * `--attach`: guests that run already, traced through their gdb stubs. Counts are held to what the kernel of
 * examples/guest counted itself; however a run ends, the guest is left as it was found.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { QmpClient } from '../../src/qmp/client.ts';
import { TOP, trapline } from '../support/cli.ts';
import { describeLinux, linuxGuest } from '../support/linux-guest.ts';
import { type LiveEnd, type LiveRunOptions, liveRun } from '../support/live-run.ts';
import { describeLive, type Guest, startQemu } from '../support/qemu.ts';
import { PATIENCE_MS, pause, until } from '../support/waiting.ts';

const IMAGE = `${TOP}/examples/guest/kernel.elf`;
const SYMBOLS = ['--symbols', IMAGE];
/** Programs call `sys_add` for ever. */
const FOR_EVER = 'fib=1 fault=1 int80=1000000000';

/** What is said of a guest that waits. */
const RESUMED = 'tracing begins when it is resumed';

let guest: Guest;
afterEach(() => guest?.stop());

async function boot(append: string, ...switches: readonly string[]): Promise<void> {
  guest = await startQemu((dir) => [
    ...['-accel', 'tcg', '-m', '64', '-no-reboot', '-kernel', IMAGE, '-append', append],
    ...['-serial', `file:${join(dir, 'console')}`],
    ...switches,
  ]);
}

const consoleText = (): string => readFileSync(join(guest.dir, 'console'), 'latin1');
const counter = (name: string): number =>
  Number(new RegExp(`^guest: ${name} (\\d+)\r?$`, 'm').exec(consoleText())?.[1] ?? Number.NaN);

async function untilConsole(text: string): Promise<void> {
  await until(() => consoleText().includes(text));
}

async function qmp<T>(body: (client: QmpClient) => Promise<T>): Promise<T> {
  const client = await QmpClient.connect(guest.qmp, { startupMs: PATIENCE_MS, timeoutMs: PATIENCE_MS });
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

/** What QEMU says of the guest now: `running`, `prelaunch`, `paused`, `debug` (it met a breakpoint). */
function status(): Promise<string> {
  return qmp(async (client) => {
    const answer = (await client.execute('query-status')) as { readonly status: string };
    return answer.status;
  });
}

/** It runs, and goes on running: a breakpoint that was left would stop it at once. */
async function expectLeftRunning(): Promise<void> {
  await pause(200);
  expect({ ended: guest.child.exitCode ?? guest.child.signalCode, said: guest.stderr() }).toEqual({
    ended: null,
    said: '',
  });
  expect(await status()).toBe('running');
}

const attach = (
  program: string,
  options: LiveRunOptions = {},
  more: readonly string[] = [],
): Promise<LiveEnd> =>
  liveRun(['--attach', guest.gdb, ...SYMBOLS, '--unsafe', ...more, '-qn', program], options);

describeLive('a guest that is attached to', () => {
  test('before it runs, on four CPUs: every call is counted once, with arguments, results and memory', async () => {
    await boot('fib=12 add=40 int80=20 fault=4', '-smp', '4', '-S');
    const program = `
        fbt::fib:entry { @fib = count(); @arg[arg0] = count(); }
        fbt::fib:return { @back = count(); @result = max(arg1); }
        fbt::sys_add:entry { @add = count(); }
        fbt::quiet_step:entry /(*(uint64_t *)rsp) > 0xffffffff80000000/ { @quiet[cpu] = count(); }
        END { printa("fib %@d back ", @fib); printa("%@d max ", @back); printa("%@d add ", @result);
              printa("%@d\\n", @add); printa("arg %d %@d\\n", @arg); printa("quiet %d %@d\\n", @quiet); }`;
    const end = await attach(program, {
      act: async (run) => {
        await run.until(() => run.stderr().includes(RESUMED));
        await qmp((client) => client.execute('cont'));
      },
    });
    expect(end).toMatchObject({ status: 0, left: [] });
    const add = counter('syscalls add') + counter('int80 add');
    expect(counter('fib calls')).toBe(4 * 465);
    expect(end.stdout).toContain(`fib ${4 * 465} back ${4 * 465} max 144 add ${add}\n`);
    expect(end.stdout).toContain(`arg 12 4\n`);
    expect(end.stdout).toContain(`quiet 0 40\nquiet 1 40\nquiet 2 40\nquiet 3 40\n`);
  });

  test('while it runs: Ctrl-C in the midst of stops leaves it running, without breakpoints', async () => {
    await boot(FOR_EVER);
    await untilConsole('guest: begin');
    const end = await attach(
      'fbt::sys_add:entry { n++; printf("%d\\n", n); } END { printf("end %d\\n", n); }',
      {
        act: async (run) => {
          await run.until(() => run.stdout().split('\n').length > 50);
          run.kill('SIGINT');
        },
      },
    );
    expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
    expect(end.stdout).toMatch(/\nend \d+\n/);
    await expectLeftRunning();
  });

  test('exit() at a stop, an error in the script, and a process that is told to end at once leave it running', async () => {
    await boot(FOR_EVER);
    await untilConsole('guest: begin');
    const exit = await attach('fbt::sys_add:entry { printf("%s", execname); exit(7); }');
    expect(exit).toMatchObject({ status: 7, stderr: '' });
    await expectLeftRunning();
    const wrong = await attach('fbt::sys_add:entry { nothing(); }');
    expect(wrong.status).toBe(1);
    await expectLeftRunning();
    const leaves = await attach('fbt::sys_add:entry { printf("%d\\n", arg0); }', { leaves: true });
    expect(leaves.status).toBe(141);
    await expectLeftRunning();
  });

  test('by the pid of its QEMU, with $target', async () => {
    await boot(FOR_EVER);
    await untilConsole('guest: begin');
    const program = 'fbt::sys_add:entry { printf("%d", $target); exit(0); }';
    const end = await liveRun(['-p', `${guest.pid}`, ...SYMBOLS, '--unsafe', '-qn', program]);
    expect(end).toMatchObject({ status: 0, stdout: `${guest.pid}\n`, stderr: '' });
  });

  test('a guest that was stopped stays stopped; memory can be read in BEGIN', async () => {
    await boot(FOR_EVER);
    await untilConsole('guest: begin');
    await qmp((client) => client.execute('stop'));
    const program = 'BEGIN { printf("%x\\n", *(uint8_t *)0xffffffff8010230f); exit(0); }';
    const end = await attach(program);
    expect(end.stdout).toMatch(/^[0-9a-f]+\n/);
    expect(end).toMatchObject({ status: 0, left: [] });
    await pause(100);
    expect(await status()).toBe('paused');
  });

  test('somebody else pauses and resumes it: tracing goes on', async () => {
    await boot(FOR_EVER);
    await untilConsole('guest: begin');
    const hits = (stdout: string): number => Number(/ (\d+)\n$/.exec(stdout)?.[1] ?? 0);
    const program = 'fbt::timer_tick:entry { n++; } tick-200ms { printf("tick %d\\n", n); }';
    const end = await attach(program, {
      act: async (run) => {
        await run.until(() => run.stdout().includes('tick'));
        await until(async () => {
          await qmp((client) => client.execute('stop')); // no matter to a guest that stands at a breakpoint just now
          return run.stderr().includes('somebody paused the guest');
        });
        const before = hits(run.stdout());
        await qmp((client) => client.execute('cont'));
        await run.until(() => hits(run.stdout()) > before + 10);
        run.kill('SIGINT');
      },
    });
    expect(end.status).toBe(0);
    await expectLeftRunning();
  });

  test('between stops a tick reads memory, and the guest runs on', async () => {
    await boot(FOR_EVER);
    await untilConsole('guest: begin');
    const program =
      'tick-50ms { printf("%x\\n", *(uint8_t *)0xffffffff8010230f); i++; } tick-50ms /i == 5/ { exit(0); }';
    const end = await attach(program, {}, ['--qmp', guest.qmp]);
    expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
    const [first, ...others] = end.stdout.trim().split('\n');
    expect(others).toEqual([first, first, first, first]);
    await expectLeftRunning();
  });

  test('interrupts are refused, and said where they are seen', async () => {
    await boot(FOR_EVER);
    const end = await attach('vec:::0x80 { @ = count(); }');
    expect(end.status).toBe(1);
    expect(end.stderr).toContain(
      'interrupts of a guest that runs already cannot be seen through its gdbstub',
    );
    await expectLeftRunning();
  });
});

describeLive('the end of a guest that is attached to', () => {
  const COUNT = 'fbt::sys_add:entry { printf("hit\\n"); @ = count(); } END { printa("counted %@d\\n", @); }';

  test('it switches itself off: in order', async () => {
    await boot('fib=1 fault=1 add=20 int80=0 ticks=100', '-S');
    const program = 'fbt::timer_tick:entry { @ = count(); } END { printa("counted %@d\\n", @); }';
    const end = await attach(program, {
      act: async (run) => {
        await run.until(() => run.stderr().includes(RESUMED));
        await qmp((client) => client.execute('cont'));
      },
    });
    expect(end).toMatchObject({ status: 0, left: [] });
    expect(end.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(RESUMED)]);
    expect(end.stdout).toMatch(/counted [1-9]\d*\n/);
  });

  test('its QEMU is killed: one message, and what was collected', async () => {
    await boot(FOR_EVER);
    const end = await attach(COUNT, {
      act: async (run) => {
        await run.until(() => run.stdout().includes('hit'));
        process.kill(guest.pid, 'SIGKILL');
      },
    });
    expect(end).toMatchObject({ status: 1, left: [] });
    expect(end.stderr.match(/^trapline: /gm)).toHaveLength(1);
    expect(end.stderr).toContain(guest.gdb);
    expect(end.stdout).toMatch(/counted [1-9]\d*\n/);
  });

  test('trapline itself is killed: the next to attach clears what it left', async () => {
    await boot(FOR_EVER);
    await attach(COUNT, {
      act: async (run) => {
        await run.until(() => run.stdout().includes('hit'));
        run.kill('SIGKILL');
      },
    });
    await pause(200);
    await attach('BEGIN { exit(0); }');
    if ((await status()) !== 'running') await qmp((client) => client.execute('cont'));
    await expectLeftRunning();
  });
});

describeLinux('a Linux guest that is attached to', () => {
  test('wherever KASLR put it: functions, system calls, processes and their memory', async () => {
    const linux = linuxGuest();
    if ('missing' in linux) throw new Error(linux.missing);
    guest = await startQemu((dir) => [
      ...['-accel', 'tcg', '-m', '256', '-no-reboot', '-net', 'none'],
      ...['-kernel', linux.kernel, '-initrd', linux.initramfs],
      ...['-append', 'console=ttyS0 panic=-1 quiet work=open:1000000'],
      ...['-serial', `file:${join(dir, 'console')}`],
    ]);
    await untilConsole('guest: begin');
    const program = `
        syscall::openat:entry /execname == "workload"/ { @in[copyinstr(arg1)] = count(); n++; }
        syscall::openat:return /execname == "workload"/ { @out[errno] = count(); }
        fbt::do_sys_openat2:entry /execname == "workload"/ { @fbt[curthread->comm, copyinstr(arg1)] = count(); }
        syscall::openat:entry /n == 8/ { exit(0); }
        END { printa("# in %s %@d\\n", @in); printa("# out %d %@d\\n", @out); printa("# fbt %s %s %@d\\n", @fbt); }`;
    const args = ['--attach', guest.gdb, '--symbols', linux.kernel, '-n', program];
    const end = await liveRun(args);
    expect(end.stderr).toMatch(/: the kernel was moved by \+0x[0-9a-f]*00000, as the guest shows/);
    expect(end.stderr).toContain('system calls by INT are not seen through a gdb stub');
    expect(end).toMatchObject({ status: 0, left: [] });
    expect(end.stdout).toContain('# in /no/such/file 8\n');
    // The first return may be of a call that began before, the last call has not returned yet.
    expect(end.stdout).toMatch(/^# out 2 [78]$/m);
    expect(end.stdout).toMatch(/^# fbt workload \/no\/such\/file [78]$/m);
    await expectLeftRunning();
  });
});

describe('an address that is no guest', () => {
  async function serve(onConnection: Parameters<typeof createServer>[1]): Promise<string> {
    const server: Server = createServer(onConnection);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }
  const run = (address: string) => trapline(['--attach', address, '-n', 'BEGIN { exit(0); }']);

  test('nobody there', async () => {
    const { status: code, stderr } = await run('/nowhere/gdb');
    expect(stderr).toContain(
      'trapline: --attach: cannot connect to unix:/nowhere/gdb: No such file or directory\n',
    );
    expect(code).toBe(1);
  });

  test('a web server', async () => {
    const address = await serve((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nServer: nobody\r\n\r\n'));
    });
    const { status: code, stderr } = await run(address);
    expect(stderr).toContain("does not speak gdb's remote protocol");
    expect(code).toBe(1);
  });

  test('a socket that nobody answers', async () => {
    const { status: code, stderr } = await run(await serve((socket) => socket.on('error', () => {})));
    expect(stderr).toMatch(/did not answer .* within 5000 ms; is another debugger connected to it\?/);
    expect(code).toBe(1);
  });

  test('what does not go together', async () => {
    const both = await trapline(['--attach', ':1', '-t', 'x', '-n', 'BEGIN']);
    expect(both.stderr).toContain('-t and --attach are two sources of events');
    const alone = await trapline(['--qmp', ':1', '-n', 'BEGIN']);
    expect(alone.stderr).toContain('--qmp goes with --attach');
    expect((await trapline(['-p', 'x', '-n', 'BEGIN'])).stderr).toContain('invalid pid: x');
    expect((await trapline(['-p', '999999999', '-n', 'BEGIN'])).stderr).toContain('No such process');
  });
});
