/** A socket's file says nothing: it is there before somebody listens, and after whoever did has died. */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isListening } from '../../../src/live/listening.ts';

test('a socket is told from its file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-listening-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  expect(isListening(path)).toBe(false);
  const server = createServer();
  await new Promise<void>((done) => server.listen(path, done));
  expect(isListening(path)).toBe(true);
  expect(isListening(path.slice(1))).toBe(false); // the end of a path is another one
  renameSync(path, join(folder, 'kept')); // closing removes the file of that name
  await new Promise((done) => server.close(done));
  renameSync(join(folder, 'kept'), path);
  expect([existsSync(path), isListening(path)]).toEqual([true, false]);
});
