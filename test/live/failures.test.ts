/**
 * How a traced guest can end, and how its tracer can: each time with a clear end, with what was collected, and without a
 * process, FIFO or socket left behind. The guest is the kernel of examples/guest, which boots in half a second and
 * raises as many interrupts as it is told.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LiveEnd, type LiveRun, liveRun } from '../support/live-run.ts';
import { describeLive, QEMU } from '../support/qemu.ts';
import { pause } from '../support/waiting.ts';

const MACHINE = `${QEMU} -accel tcg -display none -nodefaults -no-reboot -m 64`;

/** A guest whose INT 0x80 comes so often: for ever, unless said otherwise. */
const guest = (int80 = 1_000_000_000, switches = '-serial stdio'): string =>
  `${MACHINE} -kernel examples/guest/kernel.elf -append "fib=1 add=1 fault=1 int80=${int80}" ${switches}`;

/** Tells when it has counted something. */
const PROGRAM =
  'vec:::0x80 { hits++; @ = count(); } tick-50ms /hits/ { printf("~"); } END { printa("counted %@d\\n", @); }';
const COUNTING = 'vec:::0x80 { @ = count(); } END { printa("counted %@d\\n", @); }';
const trace = (command: string, program = PROGRAM): string[] => ['-qc', command, '-n', program];

const hasCounted = (run: LiveRun): boolean => run.stdout().includes('~');
/** What the program had counted when it ended. */
const counted = ({ stdout }: LiveEnd): number => Number(/counted (\d+)$/m.exec(stdout)?.[1] ?? Number.NaN);
const messages = ({ stderr }: LiveEnd): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('trapline: '));

describeLive('the end of a guest', () => {
  test('in order: the tracer ends with it', async () => {
    const end = await liveRun(trace(guest(500)));
    expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
    expect(counted(end)).toBe(500);
  });

  test('killed in the middle: what was collected is shown', async () => {
    const end = await liveRun(trace(guest()), {
      act: async (run) => {
        await run.until(() => hasCounted(run));
        run.killOther(QEMU, 'SIGKILL');
      },
    });
    expect(end).toMatchObject({ status: 1, left: [] });
    const [said, ...losses] = messages(end).toReversed();
    expect(said).toBe(`trapline: ${QEMU}: the guest ended with signal SIGKILL`);
    // It may have died in the middle of a record.
    for (const line of losses)
      expect(line).toMatch(
        /^trapline: qemu-system-x86_64: lost 1 truncated record, .*first at qemu-system-x86_64's log:/,
      );
    expect(counted(end)).toBeGreaterThan(0);
  });

  test('with a status of its own choice (isa-debug-exit)', async () => {
    // mov $0x10, %al; out %al, $0xf4; hlt
    const sector = Buffer.alloc(512);
    Buffer.from([0xb0, 0x10, 0xe6, 0xf4, 0xf4]).copy(sector);
    sector.writeUInt16LE(0xaa55, 510);
    const image = join(tmpdir(), `trapline-boot-${process.pid}.img`);
    writeFileSync(image, sector);
    onTestFinished(() => rmSync(image));
    const command = `${MACHINE} -drive file=${image},format=raw -device isa-debug-exit,iobase=0xf4`;
    const end = await liveRun(trace(command, 'BEGIN { trace("begun"); }'));
    expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
    expect(end.stdout).toContain('begun');
  });

  test.each([
    ['a switch that QEMU does not know', `${MACHINE} -nonsense`, /-nonsense: invalid option/],
    ['a machine that there is not', `${MACHINE} -M nonsense`, /unsupported machine type/],
  ])('at once: %s', async (_name, command, words) => {
    const end = await liveRun(trace(command, 'BEGIN { trace("begun"); }'));
    expect(end).toMatchObject({ status: 1, stdout: '', left: [] });
    expect(end.stderr).toMatch(words);
    expect(messages(end)).toEqual([`trapline: ${QEMU}: it ended at once, with status 1`]);
  });

  test('before its first instruction: no kernel file', async () => {
    const end = await liveRun(trace(`${MACHINE} -kernel /no/such/file`));
    expect(end).toMatchObject({ status: 1, left: [] });
    expect(end.stderr).toMatch(/could not open kernel file '\/no\/such\/file'/);
    expect(messages(end)).toHaveLength(1);
    expect(messages(end)[0]).toMatch(/ended (at once, )?with status 1$/);
  });
});

describe('commands that cannot be traced', () => {
  test.each([
    [
      '/no/such/qemu-system-x86_64',
      /failed to execute \/no\/such\/qemu-system-x86_64: No such file or directory\n {2}hint: .*apt-get/,
    ],
    [`${QEMU} -enable-kvm`, /with the accelerator kvm QEMU logs no interrupts and no code\n {2}hint: .*TCG/],
    [`${QEMU} -M q35,accel=kvm:tcg`, /with the accelerator kvm /],
    [`${QEMU} -daemonize`, /-daemonize leaves nobody to trace/],
    [`${QEMU} -D file`, /-D takes it away\n {2}hint: .*--follow/],
    [`${QEMU} -dfilter 0+1`, /-dfilter is what chooses/],
    [`${QEMU} -d int,in_asm`, /-d in_asm would go into the log that is traced.*\n {2}hint: leave in_asm out/],
    [`${QEMU} 'x`, /a quote is not closed/],
    ['qemu-system-aarch64 -M virt', /guests of aarch64 are not traced yet/],
  ])('%s', async (command, words) => {
    const end = await liveRun(trace(command));
    expect(end).toMatchObject({ status: 1, stdout: '', left: [] });
    expect(end.stderr).toMatch(words);
    expect(messages(end)).toHaveLength(1);
  });
});

describeLive('the end of the tracer', () => {
  test('exit() in a clause ends the guest', async () => {
    const end = await liveRun(
      trace(guest(), 'vec:::0x80 /n++ == 9999/ { exit(7); } END { printf("%d\\n", n); }'),
    );
    expect(end).toMatchObject({ status: 7, stderr: '', left: [] });
    expect(end.stdout).toMatch(/^10000$/m);
  });

  test.each([['SIGINT'], ['SIGTERM'], ['SIGHUP']] as const)('%s: in order', async (signal) => {
    const end = await liveRun(trace(guest()), {
      act: async (run) => {
        await run.until(() => hasCounted(run));
        run.kill(signal);
      },
    });
    expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
    expect(counted(end)).toBeGreaterThan(0);
  });

  test('SIGINT twice: at once', async () => {
    const end = await liveRun(trace(guest()), {
      act: async (run) => {
        await run.until(() => hasCounted(run));
        run.kill('SIGINT');
        run.kill('SIGINT');
      },
    });
    expect(end).toMatchObject({ status: 0, stderr: '', left: [] });
  });

  test('SIGINT at any moment of the beginning', async () => {
    for (const moment of [20, 60, 100, 140, 180, 240, 300, 400, 600]) {
      const times = moment % 40 === 0 ? 2 : 1;
      const end = await liveRun(trace(guest()), {
        act: async (run) => {
          await pause(moment);
          for (let i = 0; i < times; i++) run.kill('SIGINT');
        },
      });
      expect(end.left, `after ${moment} ms`).toEqual([]);
      // Before the program has loaded, the signal ends it as it ends every program.
      expect(end.signal === 'SIGINT' || end.status === 0, `after ${moment} ms: ${end.stderr}`).toBe(true);
    }
  });

  test('SIGINT while QEMU waits for somebody to connect to its console', async () => {
    const socket = join(tmpdir(), `trapline-console-${process.pid}`);
    onTestFinished(() => rmSync(socket, { force: true }));
    const end = await liveRun(
      trace(guest(1, `-chardev socket,id=c,path=${socket},server=on -serial chardev:c`)),
      {
        act: async (run) => {
          await run.until(() => run.stderr().includes('QEMU waiting for connection'));
          run.kill('SIGINT');
        },
      },
    );
    expect(end).toMatchObject({ status: 0, left: [] });
  });

  test('killed: QEMU does not stay behind', async () => {
    const end = await liveRun(trace(guest()), {
      act: async (run) => {
        await run.until(() => hasCounted(run));
        run.kill('SIGKILL');
      },
    });
    expect(end).toMatchObject({ signal: 'SIGKILL', left: [] });
  });

  test('killed at any moment of the beginning', async () => {
    for (const moment of [80, 120, 160, 200, 280, 400]) {
      const end = await liveRun(trace(guest()), {
        act: async (run) => {
          await pause(moment);
          run.kill('SIGKILL');
        },
      });
      expect(end, `after ${moment} ms`).toMatchObject({ signal: 'SIGKILL', left: [] });
    }
  });

  test('there is no place for its files', async () => {
    const command = ['env', 'TMPDIR=/no/such/folder', 'trapline'];
    const end = await liveRun(trace(guest()), { command });
    expect(end).toMatchObject({ status: 1, stdout: '', left: [] });
    const reason = 'no folder could be made in /no/such/folder: No such file or directory';
    expect(messages(end)).toEqual([`trapline: ${QEMU}: ${reason}`]);
  });

  test('a program with a mistake starts no guest', async () => {
    const end = await liveRun(trace(guest(), 'vec:::0x80 { @ = nonsense(); }'));
    expect(end).toMatchObject({ status: 1, stdout: '', left: [] });
    expect(end.stderr).toContain('nonsense');
  });

  test('its disk is full', async () => {
    const end = await liveRun(['-qo', '/dev/full', '-c', guest(), '-n', 'vec:::0x80 { trace(rip); }']);
    expect(end).toMatchObject({ status: 1, left: [] });
    expect(messages(end)).toEqual(['trapline: failed to write /dev/full: No space left on device']);
  });

  test('its reader leaves', async () => {
    const end = await liveRun(
      ['-qc', guest(1_000_000_000, ''), '-n', 'vec:::0x80 { printf("%p\\n", rip); }'],
      { leaves: true },
    );
    expect(end).toMatchObject({ status: 141, left: [] });
  });
});

describeLive('the same through the other channels', () => {
  const end = 'END { printa("counted %@d\\n", @); }';
  const channels: readonly (readonly [name: string, program: string])[] = [
    ['markers', `fbt::do_int80:entry, fbt::do_int80:return { @ = count(); hits++; } ${end}`],
    ['stops', `fbt::do_int80:entry / *(uint64_t *)rsp != 0/ { @ = count(); hits++; } ${end}`],
    [
      'interrupts and stops',
      `vec:::0x80 { seen++; } fbt::do_int80:entry / *(uint64_t *)rsp != 0/ { @ = count(); hits = seen; } ${end}`,
    ],
  ];
  const traced = (program: string) => [...trace(guest(), program), '-x', 'unsafe'];
  /** Runs until it has seen something. */
  const during = (program: string, act: (run: LiveRun) => void) =>
    liveRun(traced(`${program} tick-100ms /hits/ { printf("~"); }`), {
      act: async (run) => {
        await run.until(() => hasCounted(run));
        act(run);
      },
    });

  test.each(channels)('%s: the guest is killed', async (_name, program) => {
    const killed = await during(program, (run) => run.killOther(QEMU, 'SIGKILL'));
    expect(killed).toMatchObject({ status: 1, left: [] });
    expect(messages(killed).at(-1)).toBe(`trapline: ${QEMU}: the guest ended with signal SIGKILL`);
    expect(counted(killed)).toBeGreaterThan(0);
  });

  test.each(channels)('%s: Ctrl-C', async (_name, program) => {
    const interrupted = await during(program, (run) => run.kill('SIGINT'));
    expect(interrupted).toMatchObject({ status: 0, left: [] });
    expect(counted(interrupted)).toBeGreaterThan(0);
  });

  test.each(channels)('%s: exit()', async (_name, program) => {
    const left = await liveRun(traced(`${program} tick-1s /hits/ { exit(5); }`));
    expect(left).toMatchObject({ status: 5, left: [] });
    expect(counted(left)).toBeGreaterThan(0);
  });

  test.each(channels)('%s: the tracer is killed', async (_name, program) => {
    const killed = await during(program, (run) => run.kill('SIGKILL'));
    expect(killed).toMatchObject({ signal: 'SIGKILL', left: [] });
  });

  test('the stub is taken', async () => {
    const refused = await liveRun(trace(guest(1, '-serial stdio -s'), channels[0]![1]));
    expect(refused).toMatchObject({ status: 1, left: [] });
    expect(refused.stderr).toMatch(
      /QEMU has one, which -gdb or -s gives away\n {2}hint: leave -gdb and -s out/,
    );
  });
});

describeLive('a flood', () => {
  const HITS = 1_000_000;

  test('of a million interrupts: none is lost, and memory does not grow', async () => {
    const sizesMiB: number[] = [];
    const end = await liveRun([...trace(guest(HITS), COUNTING), '-x', 'ledger'], {
      act: async (run) => {
        let isOver = false;
        const sampling = run.until(() => isOver || run.stdout().includes('guest: end'));
        const timer = setInterval(() => sizesMiB.push(run.residentMiB()), 500);
        await sampling;
        clearInterval(timer);
        isOver = true;
      },
    });
    expect(end).toMatchObject({ status: 0, left: [] });
    expect(counted(end)).toBe(HITS);
    expect(end.stdout).toMatch(new RegExp(`^guest: int80 ${HITS}\\r?$`, 'm'));
    expect(end.stderr).not.toMatch(/lost|torn|drop/);
    expect(Math.max(...sizesMiB)).toBeLessThan(200);
    const half = sizesMiB.slice(sizesMiB.length >> 1);
    expect(Math.max(...half) - (half[0] ?? 0)).toBeLessThan(40);
  });
});

describeLive('a terminal', () => {
  /** `script` runs a command on a terminal of its own. */
  const onTerminal = (shell: string): readonly string[] => ['script', '-qec', shell, '/dev/null'];
  const quoted = (words: readonly string[]): string =>
    words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const cli = quoted([process.execPath, 'dist/trapline.js']);

  test.each([
    ['ended in order', 'vec:::0x80 /n++ == 99/ { exit(0); }'],
    ['killed', 'vec:::0x80 /n++ == 99/ { system("kill -9 %d", $target); } tick-20s { exit(9); }'],
  ])('that QEMU has is as before when it was %s', async (_name, program) => {
    const run = `${cli} ${quoted(['-wqc', guest(1e9, '-serial mon:stdio'), '-n', program])}`;
    const end = await liveRun([], {
      command: onTerminal(`a=$(stty -g); ${run}; b=$(stty -g); [ "$a" = "$b" ] && echo same mode`),
    });
    expect(end.left).toEqual([]);
    expect(end.stdout).toContain('same mode');
    // The console is here, and the log is not.
    expect(end.stdout).toContain('guest: begin');
    expect(end.stdout).not.toMatch(/v=80|EFER=/);
  });
});
