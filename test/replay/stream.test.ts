/**
 * A log that is still being written: events are traced as they come, safe mode changes on the way, and Ctrl-C ends in
 * order even while nothing comes.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { TOP } from '../support/cli.ts';

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

test('safe mode lifted while a stream is waited for: what comes after is traced', {
  timeout: 15_000,
}, async () => {
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

test('Ctrl-C while nothing comes: END fires and aggregations print', { timeout: 15_000 }, async () => {
  const child = start('cpu:::reset { @ = count(); printf("reset\\n"); } END { printf("end\\n"); }');
  const out = collect(child.stdout);
  child.stdin.write(LOG);
  await out.until('reset');
  child.kill('SIGINT');
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(0);
  expect(out.text).toMatch(/reset\nreset\nend\n\n +2\n$/);
});
