/**
 * Safe mode on a guest that runs, toggled by the control socket, by SIGUSR1 and by the key `u`. The guest calls, over and
 * over, a function that turns interrupts off and takes a breakpoint in every fourth round.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { liveRun } from '../support/live-run.ts';
import { describeLive, QEMU } from '../support/qemu.ts';

const GUEST = `${QEMU} -accel tcg -display none -nodefaults -no-reboot -m 64 -kernel examples/guest/kernel.elf`;
const QUIET = `${GUEST} -append "fib=1 chain=1 quiet=100000000"`;

/** Each change is told, with what had fired by then; firings are those of breakpoints with interrupts off. */
const PROGRAM = `
  vec::breakpoint: { hits++; }
  trapline:::safe { printf("safe %d after %d\\n", arg0, hits); changes++; }
  tick-100ms { printf("tick %d %d\\n", changes, hits); }
  END { printf("end\\n"); }`;

/** The counter of hits at the last tick after so many changes. */
function hitsAfter(stdout: string, changes: number): number | undefined {
  const ticks = [...stdout.matchAll(/^tick (\d+) (\d+)\r?$/gm)];
  const tick = ticks.findLast(([, seen]) => Number(seen) === changes);
  return tick && Number(tick[2]);
}

const ticks = (stdout: string): number => stdout.match(/^tick /gm)?.length ?? 0;

const changesOf = (stdout: string): number[] =>
  [...stdout.matchAll(/^safe (\d) after/gm)].map(([, on]) => Number(on));

describeLive('safe mode of a live guest', () => {
  test('withholds what runs with interrupts off; the control socket and SIGUSR1 change that as it runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trapline-ctl-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const socket = join(folder, 'socket');
    const ctl = async (...words: string[]): Promise<string> => {
      const { stdout, stderr } = await trapline(['ctl', socket, ...words]);
      expect(stderr).toBe('');
      return stdout;
    };
    const answers: string[] = [];
    const end = await liveRun(['--control', socket, '-qc', QUIET, '-n', PROGRAM], {
      act: async (run) => {
        const ticked = (changes: number, enough: (hits: number) => boolean) =>
          run.until(() => enough(hitsAfter(run.stdout(), changes) ?? -1));
        await run.until(() => run.stdout().includes('tick 0'));
        do answers.push(await ctl('unsafe', 'status'));
        while (!/, [1-9]\d* withheld/.test(answers.at(-1)!));
        answers.push(await ctl('unsafe', 'on'));
        await ticked(1, (hits) => hits > 100);
        answers.push(await ctl('unsafe', 'off'));
        await ticked(2, (hits) => hits > 100);
        run.kill('SIGUSR1');
        await ticked(3, (hits) => hits > (hitsAfter(run.stdout(), 2) ?? 0) + 100);
        run.kill('SIGUSR1');
        await ticked(4, (hits) => hits > 0);
        const before = ticks(run.stdout());
        await run.until(() => ticks(run.stdout()) > before + 3);
        run.kill('SIGINT');
      },
    });
    expect(end).toMatchObject({ status: 0, left: [] });
    expect(answers[0]).toMatch(/^safe mode on, \d+ withheld, \d+ events$/m);
    expect(answers.at(-2)).toMatch(/^safe mode off, /);
    expect(answers.at(-1)).toMatch(/^safe mode on, /);
    expect(hitsAfter(end.stdout, 0)).toBe(0);
    expect(changesOf(end.stdout)).toEqual([0, 1, 0, 1]);
    // With safe mode on again nothing fires.
    const [, second, , fourth] = [...end.stdout.matchAll(/^safe \d after (\d+)$/gm)].map(([, hits]) =>
      Number(hits),
    );
    expect(hitsAfter(end.stdout, 2)).toBe(second);
    expect(hitsAfter(end.stdout, 4)).toBe(fourth);
    expect(end.stderr.match(/^trapline: safe mode is (on|off)/gm)).toHaveLength(4);
    expect(end.stderr).toMatch(/safe mode withheld \d+ firings with interrupts disabled \(vec:::0x03 \d+\)/);
    expect(existsSync(socket)).toBe(false);
  });

  test('the key u toggles it on a terminal that the guest leaves alone', async () => {
    const words = [process.execPath, 'dist/trapline.js', '-qc', QUIET, '-n', PROGRAM];
    const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const end = await liveRun([], {
      command: ['script', '-qec', `${quoted}; echo status $?`, '/dev/null'],
      act: async (run) => {
        await run.until(() => ticks(run.stdout()) > 5); // keys are read once the run has lasted a while
        run.type('u');
        await run.until(() => (hitsAfter(run.stdout(), 1) ?? 0) > 100);
        run.type('u');
        await run.until(() => hitsAfter(run.stdout(), 2) !== undefined);
        run.type('\u0003');
      },
    });
    expect(end.left).toEqual([]);
    expect(changesOf(end.stdout)).toEqual([0, 1]);
    expect(end.stdout).toContain('end');
    expect(end.stdout).toContain('status 0');
  });
});
