/** The copy that report and explain make of a pipe is gone when they are, however they end. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseExplain } from '../../../src/cli/explain.ts';
import { parseReport } from '../../../src/cli/report.ts';
import { TOP, trapline } from '../../support/cli.ts';
import { traceBytes } from '../../support/sources-lab.ts';
import { pause, until } from '../../support/waiting.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-piped-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOG = traceBytes('linux-x86_64-boot-small');

/**
 * Sends the signal once the copying has begun and `when` says so; gives the exit status (128 + signal), null when the signal
 * came as the process was leaving, and what is left.
 */
async function ended(
  words: readonly string[],
  signal: NodeJS.Signals,
  isWhole: boolean,
  when: () => Promise<unknown>,
): Promise<{ readonly status: number | null; readonly left: readonly string[] }> {
  const own = mkdtempSync(join(folder, 'own-'));
  const child = spawn(process.execPath, [join(TOP, 'dist/trapline.js'), ...words], {
    env: { ...process.env, TMPDIR: own },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {});
  if (isWhole) child.stdin.end(LOG);
  else child.stdin.write(LOG.subarray(0, 1 << 20));
  const status = new Promise<number | null>((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
  await until(() => readdirSync(own).length > 0 || child.exitCode !== null || child.signalCode !== null);
  await when();
  child.kill(signal);
  const found = { status: await status, left: readdirSync(own) };
  child.stdin.destroy(); // not before: a pipe that ends beside the signal may be read to its end first
  return found;
}

describe.each([['report'], ['explain']])('%s', (command) => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)(
    '%s while the pipe is read',
    async (signal, expected) => {
      const { status, left } = await ended([command, '-'], signal, false, () => pause(20));
      expect({ status, left }).toEqual({ status: expected, left: [] });
    },
    60_000,
  );

  test.each(['without a writer', 'with a silent one'])(
    'SIGINT while a FIFO %s is waited for',
    async (which) => {
      const fifo = join(mkdtempSync(join(folder, 'fifo-')), 'log');
      execFileSync('mkfifo', [fifo]);
      const writer = which === 'without a writer' ? undefined : openSync(fifo, 'r+');
      const { status, left } = await ended([command, fifo], 'SIGINT', false, () => pause(200));
      if (writer !== undefined) closeSync(writer);
      expect({ status, left }).toEqual({ status: 130, left: [] });
    },
    60_000,
  );

  test('a FIFO is read', async () => {
    const fifo = join(mkdtempSync(join(folder, 'fifo-')), 'log');
    execFileSync('mkfifo', [fifo]);
    const reading = trapline([command, fifo]);
    await writeFile(fifo, LOG);
    const file = join(folder, 'whole.log');
    await writeFile(file, LOG);
    const { stdout, status } = await reading;
    expect(status).toBe(0);
    expect(stdout.replaceAll(fifo, file)).toBe((await trapline([command, file])).stdout);
  });

  test.each([0, 60, 150, 300, 600])(
    'SIGTERM %i ms after the copying began',
    async (ms) => {
      const { status, left } = await ended([command, '-'], 'SIGTERM', true, () => pause(ms));
      expect(left).toEqual([]);
      expect([0, 130, 143, null]).toContain(status); // in order by the session, or at once where there is none
    },
    60_000,
  );

  test.each(['--help', '-h'])('%s', async (word) => {
    const { stdout, stderr, status } = await trapline([command, word]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: trapline ${command} .*\n[A-Z]`));
    expect(stdout.split('\n').filter((line) => line.length > 130)).toEqual([]);
  });
});

test('more than ten pipes: each is called by its own name', () => {
  const log = join(folder, 'tiny.log');
  writeFileSync(log, traceBytes('tiny32-triple-fault'));
  const pipes = Array.from({ length: 12 }, (_, i) => (i === 10 ? '<(echo nothing)' : `<(cat ${log})`));
  const { stderr } = spawnSync('bash', [
    '-c',
    `f() { echo "\${11}" >&2; ${process.execPath} ${join(TOP, 'dist/trapline.js')} report "$@"; }; f ${pipes.join(' ')}`,
  ]);
  const [name, ...told] = stderr.toString().split('\n');
  expect(told.join('\n')).toContain(`no QEMU interrupt records found in ${name}\n`);
});

test.each(['constructor', '--constructor', '--toString', '--__proto__=1'])('%s is no switch', (word) => {
  const isOperand = !word.startsWith('-');
  for (const parse of [parseReport, parseExplain]) expect(parse([word, 'x']) !== undefined).toBe(isOperand);
});
