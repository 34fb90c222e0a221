/**
 * A log that is still being written: events are traced as they come, safe mode changes on the way, and Ctrl-C ends in
 * order even while nothing comes.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { askControl } from '../../src/cli/control.ts';
import { TOP } from '../support/cli.ts';
import { pause, until } from '../support/waiting.ts';

const LOG = gunzipSync(readFileSync(`${TOP}/examples/traces/tiny32-triple-fault.log.gz`));
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function start(program: string): Child {
  const args = [`${TOP}/dist/trapline.js`, '-q', '-t', '-', '-n', program];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Collects a stream; `until` waits for a text to come. */
function collect(stream: Readable): { text: string; until(wanted: string): Promise<void> } {
  const all = {
    text: '',
    async until(wanted: string): Promise<void> {
      while (!all.text.includes(wanted)) await once(stream, 'data');
    },
  };
  stream.on('data', (chunk: Buffer) => {
    all.text += chunk.toString();
  });
  return all;
}

test('safe mode lifted while a stream is waited for: what comes after is traced', async () => {
  const child = start('vec::: { printf("%s\\n", probefunc); } cpu:::triple_fault { printf("triple\\n"); }');
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  child.stdin.write(LOG); // every exception in it strikes with interrupts disabled
  await out.until('triple');
  child.kill('SIGUSR1');
  await err.until('safe mode is off');
  expect(out.text).not.toContain('double_fault');
  child.stdin.end(LOG);
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(0);
  expect(out.text.match(/double_fault/g)).toHaveLength(1);
  expect(err.text).toContain('safe mode withheld 3 firings');
});

test('a pipe tells its architecture when it wants, with pauses inside of a dump', async () => {
  const log = gunzipSync(readFileSync(`${TOP}/examples/traces/tiny-riscv64-traps.log.gz`));
  const child = start('vec:::0x07 { @[probemod] = count(); } vec:::0x07 /n++ == 0/ { printf("first\\n"); }');
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  let sent = 0;
  for (const bytes of [20, 300, 700]) {
    child.stdin.write(log.subarray(sent, bytes));
    sent = bytes;
    await pause(60); // longer than a pause that settles
  }
  child.stdin.write(log.subarray(sent, 40_000));
  await out.until('first');
  child.stdin.end(log.subarray(40_000));
  await once(child, 'close');
  expect(out.text.replace(/ +/g, ' ')).toContain(' interrupt 50\n exception 60\n');
  expect(err.text).toBe('');
});

test('Ctrl-C while nothing comes: END fires and aggregations print', async () => {
  const child = start('cpu:::reset { @ = count(); printf("reset\\n"); } END { printf("end\\n"); }');
  const out = collect(child.stdout);
  child.stdin.write(LOG);
  await out.until('reset');
  child.kill('SIGINT');
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(0);
  expect(out.text).toMatch(/reset\nreset\n\nend\n\n +2\n$/);
});

/** Runs `use` with the path of a new FIFO. */
async function withFifo(use: (fifo: string, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-fifo-'));
  try {
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    await use(join(folder, 'pipe'), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const QUIET_PROGRAM = 'BEGIN { printf("begin\\n"); } vec::: { @ = count(); } END { printf("end\\n"); }';

test('Ctrl-C while a FIFO waits for its writer: BEGIN and END fire', async () => {
  await withFifo(async (fifo, folder) => {
    const control = join(folder, 'control');
    const args = [`${TOP}/dist/trapline.js`, '-q', '--control', control, '-t', fifo, '-n', QUIET_PROGRAM];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out = collect(child.stdout);
    const closed = once(child, 'close') as Promise<[number, string | null]>;
    await until(async () => 'answer' in (await askControl(control, 'status'))); // its session has begun
    child.kill('SIGINT');
    const [status, signal] = await closed;
    expect([status, signal, out.text]).toEqual([0, null, 'begin\n\nend\n\n']);
  });
});

test('a FIFO beside a file is read once, and whole', async () => {
  await withFifo(async (fifo, folder) => {
    const file = join(folder, 'log');
    writeFileSync(file, LOG);
    const args = [`${TOP}/dist/trapline.js`, '--unsafe', '-q', '-t', fifo, '-t', file, '-n', QUIET_PROGRAM];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out = collect(child.stdout);
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', file, fifo], { stdio: 'ignore' });
    const [status] = (await once(child, 'close')) as [number];
    writer.kill();
    expect([status, out.text]).toEqual([0, `begin\nend\n\n${'6'.padStart(17)}\n`]);
  });
});
