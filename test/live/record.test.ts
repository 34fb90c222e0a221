/**
 * Executions recorded by a real QEMU and replayed: the kernel of examples/guest, whose counts are the truth.
 * Two runs of one script print the same bytes, and scripts over other channels agree.
 */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TOP, trapline } from '../support/cli.ts';
import { describeLive } from '../support/qemu.ts';
import { shared } from '../support/shared.ts';
import { pause, until } from '../support/waiting.ts';

describeLive('record', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-record-'));
  const kernel = join(folder, 'kernel.elf');
  const recording = join(folder, 'recording');
  const console_ = join(folder, 'console');
  const command = [
    ...['qemu-system-x86_64', '-m', '64', '-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${console_}`, '-kernel', kernel],
  ];
  const counts = shared(async () => {
    rmSync(recording, { recursive: true, force: true });
    copyFileSync(join(TOP, 'examples/guest/kernel.elf'), kernel);
    const run = await trapline(['record', '-o', recording, '--', ...command]);
    expect(run.stderr).toMatch(/^trapline: .* holds the execution: \d+ interrupts; -t .* replays it\n$/);
    expect(run.status).toBe(0);
    const lines = readFileSync(console_, 'utf8').matchAll(/^guest: cpu 0: (.*) (\d+)\r?$/gm);
    return new Map([...lines].map((match) => [match[1]!, Number(match[2])]));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const replay = async (program: string, ...more: string[]) => {
    const run = await trapline(['-q', '--unsafe', '-n', program, '-t', recording, ...more]);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    return run.stdout;
  };

  const INTERRUPTS = 'vec:::0x20,vec:::0x80 { @[probename] = count(); } vec::: { @["all"] = count(); }';

  test('its interrupts are those that the guest counted', async () => {
    const out = await replay(`${INTERRUPTS} END { printa("%s=%@d;", @); }`);
    expect(out).toContain(`0x20=${counts().get('timer')};`);
    expect(out).toContain(`0x80=${counts().get('int80')};`);
  });

  test('two runs of a script print the same bytes, with times, ticks and functions', async () => {
    const program = `${INTERRUPTS}
      fbt::fib:entry,fbt::fib:return { printf("%d %s\\n", timestamp, probename); }
      vec:::0x0e { printf("%d %d %x\\n", timestamp, walltimestamp, rip); }
      tick-1ms { printf("tick %d\\n", timestamp); }`;
    const first = await replay(program);
    expect(await replay(program)).toBe(first);
    expect(first.match(/ entry$/gm)).toHaveLength(counts().get('fib calls')!);
    const times = [...first.matchAll(/^(?:tick )?(\d+)/gm)].map((match) => Number(match[1]));
    expect(times.length).toBeGreaterThan(200);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // 10 timer interrupts at 100 Hz are a tenth of a second.
    expect(times.at(-1)! - times.find((time) => time > 0)!).toBeGreaterThan(90_000_000);
  });

  test('other channels over the same execution agree: a filtered log, a plugin, stops with memory', async () => {
    const calls = `fbt::fib:entry { @ = count(); } END { printa("%@d", @); }`;
    const fibs = `${counts().get('fib calls')}\n`;
    expect(await replay(calls)).toBe(fibs);
    expect(await replay(calls, '--plugin')).toBe(fibs);
    const stack = `fbt::fib:entry { @ = sum(*(uint64_t *)rsp > 0 ? 1 : 0); } END { printa("%@d", @); }`;
    expect(await replay(stack)).toBe(fibs);
  });

  test('another kernel file is refused, and the old one is taken again', async () => {
    const image = readFileSync(kernel);
    writeFileSync(kernel, Buffer.concat([image, Buffer.from('x')]));
    const changed = await trapline(['-qn', 'vec::: { @ = count(); }', '-t', recording]);
    writeFileSync(kernel, image);
    expect(changed.stderr).toBe(
      `trapline: recording ${recording}: ${kernel} is not what it was when the execution was recorded\n  hint: put the old file back, or record anew\n`,
    );
    expect(changed.status).toBe(1);
    expect(await replay('vec:::0x20 { @ = count(); } END { printa("%@d", @); }')).toBe(
      `${counts().get('timer')}\n`,
    );
  });

  test('without its QEMU it is refused', async () => {
    const run = await trapline(['-qn', 'vec::: { @ = count(); }', '-t', recording], {
      env: { PATH: folder },
    });
    expect(run.stderr).toMatch(
      /it was recorded with QEMU emulator .*, and qemu-system-x86_64 does not run\n/,
    );
    expect(run.status).toBe(1);
  });

  test('a folder that holds something is not overwritten', async () => {
    const again = await trapline(['record', '-o', recording, '--', ...command]);
    expect(again.stderr).toContain('holds a recording already');
    const other = await trapline(['record', '-o', folder, '--', ...command]);
    expect(other.stderr).toContain('is not empty');
    expect([again.status, other.status]).toEqual([1, 1]);
  });

  test('a QEMU that does not start leaves nothing', async () => {
    const failed = join(folder, 'failed');
    const run = await trapline(['record', '-o', failed, '--', ...command, '-nonsense']);
    expect(run.stderr).toContain('trapline: record: it ended at once, with status 1\n');
    expect(run.status).toBe(1);
    expect(existsSync(failed)).toBe(false);
  });

  test('Ctrl-C ends a guest that does not end, and what it did is kept', async () => {
    const cut = join(folder, 'cut');
    const words = [...command, '-append', 'fib=40'];
    for (const old of [console_, cut]) rmSync(old, { recursive: true, force: true });
    const run = await trapline(['record', '-o', cut, '--', ...words], {
      whileRunning: async (child) => {
        await until(() => existsSync(console_) && readFileSync(console_, 'utf8').includes('guest: begin'));
        await pause(1500); // some timer interrupts
        child.kill('SIGINT');
      },
    });
    expect(run.status).toBe(0);
    expect(readFileSync(console_, 'utf8')).not.toContain('guest: end');
    expect(readdirSync(cut).toSorted()).toEqual(['execution', 'recording.json', 'times']);
    const program = 'vec:::0x20 { @ = count(); @t = max(timestamp); }';
    const counted = () => trapline(['-qn', program, '-t', cut]);
    const [first, second] = [await counted(), await counted()];
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(second.stdout).toBe(first.stdout);
  });
});
