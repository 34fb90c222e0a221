/**
 * A live log's last record: QEMU may take it back with the next line, so it counts once the log is silent, and silence is
 * what QEMU does, not what a reader who comes late has seen of it.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { EventBatch } from '../../../src/machine/event-batch.ts';
import { NO_NEEDS } from '../../../src/machine/needs.ts';
import { openReplay } from '../../../src/sources/replay.ts';
import { TOP } from '../../support/cli.ts';
import { pause, until } from '../../support/waiting.ts';

const LOG = 'examples/traces/linux-x86_64-int+exec-cpu-dfilter.log.gz';
const lines = gunzipSync(readFileSync(`${TOP}/${LOG}`))
  .toString('latin1')
  .split('\n');
const at = lines.findIndex((line) => line.startsWith('Stopped execution'));
const begin = lines.findLastIndex((line, i) => i < at && line.startsWith('Trace '));
const RECORD = `${lines.slice(begin, at).join('\n')}\n`;
const TAKEN_BACK = `${lines[at]}\n`;

/** The loop of events stands still. */
function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Writes to a FIFO that is replayed as `act` says; the number of events. */
async function eventsOf(
  act: (write: (text: string) => void, count: () => number) => Promise<void>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-fifo-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const fifo = join(folder, 'log');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  writeSync(fd, 'Linking TBs\n'); // the source opens with the first bytes
  const memory = new LinearMemory();
  const source = await openReplay({
    paths: [fifo],
    needs: { ...NO_NEEDS, pc: true, registers: true },
    memory,
    stdin: 0,
    scan: 'fast',
  });
  if ('tag' in source) throw new Error(source.tag);
  const batch = new EventBatch(memory);
  let count = 0;
  const reading = (async () => {
    for (;;) {
      const result = await source.fill(batch);
      if (result === 0) return;
      if (typeof result !== 'number') throw new Error(result.tag);
      count += result;
    }
  })();
  await pause(20);
  await act(
    (text) => writeSync(fd, text),
    () => count,
  );
  const seen = count;
  closeSync(fd);
  await reading.catch(() => {}); // nothing but lines that are no events: no log
  await source.close();
  return seen;
}

test('is an event when nothing follows', async () => {
  const count = await eventsOf(async (write, seen) => {
    write(RECORD);
    await until(() => seen() > 0);
    await pause(100);
  });
  expect(count).toBe(1);
});

test('is none when it is taken back', async () => {
  const count = await eventsOf(async (write) => {
    write(RECORD);
    await pause(10);
    write(TAKEN_BACK);
    await pause(500);
  });
  expect(count).toBe(0);
});

test('is none when it was taken back in time and the reader is late', async () => {
  const count = await eventsOf(async (write) => {
    write(RECORD);
    await pause(10);
    write(TAKEN_BACK);
    busy(300);
    await pause(500);
  });
  expect(count).toBe(0);
});
