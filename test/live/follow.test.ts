/** `--follow`: logs that grow while they are read, through the built command line. No QEMU is needed. */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, TOP, trapline } from '../support/cli.ts';

const LOG = gunzipSync(readFileSync(`${TOP}/examples/traces/tiny32-int-storm.log.gz`)).toString('latin1');
/** Whole records of the log, in three pieces. */
const CUTS = [LOG.indexOf('\n', 60_000) + 1, LOG.indexOf('\n', 120_000) + 1, LOG.indexOf('\n', 180_000) + 1];
const PIECES = CUTS.map((end, i) => LOG.slice(CUTS[i - 1] ?? 0, end));

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trapline-follow-'));
  path = join(dir, 'log');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs until `steps` are through: each waits until so many events, or more, have been told. */
function follow(
  program: string,
  steps: readonly (readonly [events: number, step: (pid: number) => void])[],
): Promise<CliResult> {
  return trapline(['--unsafe', '--follow', '-t', path, '-qn', program], {
    whileRunning: (child) => {
      let stdout = '';
      let next = 0;
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        const told = Number(/(\d+)\n$/.exec(stdout)?.[1] ?? Number.NaN);
        while (next < steps.length && told >= steps[next]![0]) steps[next++]![1](child.pid!);
      });
    },
  });
}

const count = (text: string): number => text.match(/^ *\d+: v=/gm)?.length ?? 0;
const HERE =
  'int n; int seen; vec:::{n++} tick-20ms /n > seen/ { seen = n; printf("%d\\n", n); } BEGIN { printf("begin 0\\n"); }';

describe('--follow', () => {
  test('an empty file that grows: BEGIN at once, events as they come, Ctrl-C ends in order', async () => {
    writeFileSync(path, '');
    // The last record of a piece may wait for the line behind it.
    const [first, second] = [count(PIECES[0]!), count(PIECES[0]! + PIECES[1]!)];
    const result = await follow(`${HERE} END { printf("end %d\\n", n); }`, [
      [0, () => appendFileSync(path, PIECES[0]!)],
      [first - 5, () => appendFileSync(path, PIECES[1]!)],
      [second - 5, (pid) => process.kill(pid, 'SIGINT')],
    ]);
    expect(result.stdout).toMatch(/^begin 0\n(\d+\n)+\nend \d+\n\n$/);
    const told = [...result.stdout.matchAll(/^(?:end )?(\d+)$/gm)].map(([, n]) => Number(n));
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.some((n) => n >= first - 5 && n <= first)).toBe(true);
    expect(told.at(-1)).toBeLessThanOrEqual(second);
    expect(result.status).toBe(0);
  });

  test.each([
    ['was cut shorter', () => truncateSync(path, 0)],
    ['was removed', () => rmSync(path)],
    [
      'was replaced by another file',
      () => {
        renameSync(path, join(dir, 'old'));
        writeFileSync(path, PIECES[0]!);
      },
    ],
  ])('a file that %s: one message, and what came before is told', async (what, change) => {
    writeFileSync(path, PIECES[0]!);
    const result = await follow(`${HERE} END { printf("end %d\\n", n); }`, [[1, change]]);
    expect(result.stdout).toMatch(/\nend [1-9]\d*\n/);
    expect(result.stderr.match(/while it was followed/g)).toHaveLength(1);
    expect(result.stderr).toContain(`trapline: ${path} ${what} while it was followed\n`);
    expect(result.status).toBe(1);
  });

  test('standard input ends by itself, on the clock of the host', async () => {
    const program = 'vec:::{n++} tick-1ms { ticks++; } END { printf("%d %d\\n", n, ticks > 0); }';
    const args = ['--unsafe', '--follow', '-t', '-', '-qn', program];
    const result = await trapline(args, { stdin: PIECES.join('') });
    expect(result.stdout).toBe(`${count(PIECES.join(''))} 1\n\n`);
    expect(result.status).toBe(0);
  });

  test('what cannot be followed', async () => {
    const run = (...args: string[]) => trapline([...args, '-qn', 'vec:::']);
    const packed = await run('--follow', '-t', 'examples/traces/tiny32-int-storm.log.gz');
    expect(packed.stderr).toContain('is packed with gzip, and a packed log does not grow');
    expect((await run('--follow')).stderr).toContain('name it with -t FILE');
    expect((await run('--follow', '-t', 'a', '-t', 'b')).stderr).toContain('give a single -t');
    expect((await run('--follow', '-t', join(dir, 'none'))).stderr).toContain('No such file or directory');
  });
});
