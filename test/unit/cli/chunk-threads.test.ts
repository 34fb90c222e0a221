import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { startChunkThread } from '../../../src/cli/chunk-threads.ts';
import type { ThreadSetup } from '../../../src/session/parallel/thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-chunk-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { text, cachedData } = workerData;
parentPort.postMessage(new (require('node:vm').Script)(text, { cachedData: Buffer.from(cachedData) }).cachedDataRejected);
`;

// Not tried again: a second thread would find V8 set as the first one left it.
test('a thread begins with code that was compiled before', { retry: 0 }, async () => {
  const path = join(folder, 'program.cjs');
  writeFileSync(path, PROGRAM);
  const text = 'function twice(x) { return 2 * x; } twice(3);';
  const setup: unknown = { text, cachedData: new Script(text).createCachedData() };
  const thread = startChunkThread(path, setup as ThreadSetup);
  const isRejected = await new Promise<unknown>((resolve) => thread.listen(resolve, () => resolve('ended')));
  thread.stop();
  expect(isRejected).toBe(false);
});
