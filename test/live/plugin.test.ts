/**
 * The TCG plugin under a real QEMU: built from source with the compiler at hand, its counts are those that the kernel of
 * examples/guest keeps itself; and what a user reads when it cannot be built, loaded or used.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { liveRun } from '../support/live-run.ts';
import { describeLive, findProgram } from '../support/qemu.ts';
import { pause } from '../support/waiting.ts';

const KERNEL = 'examples/guest/kernel.elf';

describeLive('plugin', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-plugin-test-'));
  const cache = join(folder, 'cache');
  afterAll(() => rmSync(folder, { recursive: true }));

  const consolePath = join(folder, 'console');
  const qemu = (cpus: number, program = 'qemu-system-x86_64') =>
    `${program} -smp ${cpus} -m 64 -nodefaults -display none -no-reboot -serial file:${consolePath} -kernel ${KERNEL}`;
  const run = (
    program: string,
    more: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cpus = 1,
  ) =>
    trapline(['-q', '-n', program, '-c', qemu(cpus), ...more], {
      env: { XDG_CACHE_HOME: cache, ...env },
    });
  const guestCount = (cpu: number, what: string): number => {
    const line = new RegExp(`^guest: cpu ${cpu}: ${what} (\\d+)\r?$`, 'm').exec(
      readFileSync(consolePath, 'utf8'),
    );
    return Number(line?.[1]);
  };
  const builtFiles = () => readdirSync(join(cache, 'trapline')).filter((name) => name.startsWith('plugin-'));

  describe('with a compiler', () => {
    if (findProgram('cc') === undefined) throw new Error('cc is not on PATH (Debian: apt-get install gcc)');

    test.each([1, 4])('entries and returns are what the guest counted, on %i CPUs', async (cpus) => {
      const program = `fbt::fib:entry,fbt::fib:return { @[cpu, probename] = count(); }
        END { printa("%d %s %@d\\n", @); }`;
      const { stdout, stderr, status } = await run(program, ['--plugin'], {}, cpus);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      const expected = Array.from({ length: cpus }, (_, cpu) => {
        const calls = guestCount(cpu, 'fib calls');
        expect(calls).toBeGreaterThan(0);
        return [`${cpu} entry ${calls}`, `${cpu} return ${calls}`];
      });
      expect(stdout.trim().split('\n').toSorted()).toEqual(expected.flat().toSorted());
      expect(builtFiles()).toHaveLength(1);
    });

    test('it is taken by itself when there are too many places for a log', async () => {
      const program = 'fbt:::entry { @[probefunc] = count(); } END { printa("%s=%@d;", @); }';
      const { stdout, stderr, status } = await run(program, ['-v']);
      expect(status).toBe(0);
      expect(stderr).toMatch(/plan: a TCG plugin counts at \d+ addresses/);
      expect(stdout).toContain(`fib=${guestCount(0, 'fib calls')};`);
    });

    test('time goes on from hit to hit, by the clock of the host', async () => {
      const program = 'fbt::fib:entry { printf("%d\\n", timestamp); }';
      const { stdout, stderr, status } = await run(program, ['--plugin']);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      const times = stdout.trim().split('\n').map(Number);
      expect(times).toHaveLength(guestCount(0, 'fib calls'));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(new Set(times).size).toBeGreaterThan(times.length / 2);
    });

    test('it is built again when it is gone, and when it is not whole QEMU says so', async () => {
      const program = 'fbt::fib:entry { @ = count(); }';
      rmSync(join(cache, 'trapline'), { recursive: true, force: true });
      expect((await run(program, ['--plugin'])).status).toBe(0);
      const [name] = builtFiles();
      const file = join(cache, 'trapline', name!);
      rmSync(file);
      expect((await run(program, ['--plugin'])).status).toBe(0);
      expect(builtFiles()).toEqual([name]);
      writeFileSync(file, 'no shared object');
      const damaged = await run(program, ['--plugin']);
      expect(damaged.stderr).toMatch(
        /Could not load plugin .*\ntrapline: qemu-system-x86_64: it ended at once, with status 1\n/,
      );
      expect(damaged.status).toBe(1);
      rmSync(file);
    });

    test('a guest that is killed ends the run with what was collected, and nothing is left', async () => {
      const program = 'fbt::fib:entry { @["calls"] = count(); }';
      const command = `${qemu(1)} -append fib=40`;
      rmSync(consolePath, { force: true });
      const end = await liveRun(['-q', '--plugin', '-n', program, '-c', command], {
        act: async (live) => {
          await live.until(() => guestRuns(consolePath));
          await pause(500);
          live.killOther('qemu-system-x86_64', 'SIGKILL');
        },
      });
      expect(end.stderr).toContain('trapline: qemu-system-x86_64: the guest ended with signal SIGKILL\n');
      expect(Number(/calls +(\d+)/.exec(end.stdout)?.[1])).toBeGreaterThan(0);
      expect(end.left).toEqual([]);
    });
  });

  test.each([
    ['fbt::fib:entry { trace(arg0); }', 'the program reads arguments of a hit, which a plugin does not know'],
    ['fbt::fib:entry { trace(rsp); }', 'the program reads registers of a hit, which a plugin does not know'],
    ['fbt::fib:entry,vec:::0x20 { @ = count(); }', 'come with no order among them'],
    ['vec:::0x20 { @ = count(); }', 'the program has no fbt probe'],
  ])('%s is refused', async (program, reason) => {
    const { stderr, status } = await run(program, ['--plugin']);
    expect(stderr).toMatch(/^trapline: no TCG plugin: /);
    expect(stderr).toContain(reason);
    expect(status).toBe(1);
  });

  test('without a compiler, and when it fails, one line says so', async () => {
    const program = 'fbt::fib:entry { @ = count(); }';
    const none = await run(program, ['--plugin'], {
      CC: 'no-such-compiler',
      XDG_CACHE_HOME: join(folder, 'none'),
    });
    expect(none.stderr).toContain(
      'no TCG plugin: there is no C compiler (no-such-compiler) to build it with\n',
    );
    const broken = join(folder, 'broken-cc');
    writeFileSync(
      broken,
      '#!/bin/sh\necho "In file included from x" >&2; echo "/tmp/plugin.c:7:1: error: boom" >&2; exit 1\n',
      { mode: 0o755 },
    );
    const failed = await run(program, ['--plugin'], { CC: broken, XDG_CACHE_HOME: join(folder, 'none') });
    expect(failed.stderr).toContain(`no TCG plugin: ${broken} does not compile it: line 7:1: error: boom\n`);
    expect([none.status, failed.status]).toEqual([1, 1]);
    expect(readdirSync(join(folder, 'none', 'trapline'))).toEqual([]);
    const many = await run('fbt:::entry { @ = count(); }', [], {
      CC: 'no-such-compiler',
      XDG_CACHE_HOME: join(folder, 'none'),
    });
    expect(many.stderr).toMatch(
      /are too many to watch in a log.*\n.*a TCG plugin counts any number, but there is no C compiler/s,
    );
  });

  test.each([[['-t', 'examples/traces/linux-x86_64-boot.log.gz']], [['--attach', 'localhost:1']]])(
    '--plugin with %j is refused',
    async (source) => {
      const { stderr, status } = await trapline(['-qn', 'vec::: { @ = count(); }', '--plugin', ...source]);
      expect(stderr).toBe(
        'trapline: no TCG plugin: it goes into a QEMU that trapline starts: -c, or -t with a recorded execution\n',
      );
      expect(status).toBe(1);
    },
  );

  test('a QEMU that takes no plugins is told', async () => {
    const fake = join(folder, 'qemu-system-x86_64');
    writeFileSync(fake, '#!/bin/sh\necho "$0: -plugin: invalid option" >&2; exit 1\n', { mode: 0o755 });
    const args = ['-qn', 'fbt::fib:entry { @ = count(); }', '--plugin', '-c', qemu(1, fake)];
    const { stderr, status } = await trapline(args, { env: { XDG_CACHE_HOME: cache } });
    expect(stderr).toContain('no TCG plugin: this qemu-system-x86_64 takes no plugins\n');
    expect(status).toBe(1);
  });
});

function guestRuns(consolePath: string): boolean {
  try {
    return readFileSync(consolePath, 'utf8').includes('guest: begin');
  } catch {
    return false;
  }
}
