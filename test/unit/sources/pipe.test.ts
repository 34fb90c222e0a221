/** Pipes read at once and by the event loop in turn: no byte lost, doubled or held back. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { diagnostic } from '../../../src/diag/diagnostics.ts';
import { ChunkInput } from '../../../src/sources/chunks.ts';
import { PipeChunks } from '../../../src/sources/pipe.ts';

const folder = fs.mkdtempSync(path.join(import.meta.dirname, '.pipe-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let pipes = 0;
/** Both ends of a new pipe. */
function openPipe(): { readonly reader: PipeChunks; readonly writer: number } {
  const fifo = path.join(folder, `${pipes++}`);
  execFileSync('mkfifo', [fifo]);
  const fd = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  return { reader: new PipeChunks(fd), writer: fs.openSync(fifo, 'w') };
}

function openInput() {
  const { reader, writer } = openPipe();
  const failed = (offset: number, error: unknown) =>
    diagnostic('U_TRACE_READ', undefined, { path: 'pipe', offset, reason: String(error) });
  return { input: new ChunkInput(reader, failed, true), writer, memory: new LinearMemory(), at: 4096 };
}

const patternOf = (size: number, from: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => (from + i) & 0xff));

test('bytes come in order, whoever reads them and however they were written', async () => {
  const { input, writer, memory, at } = openInput();
  let [written, read] = [0, 0];
  for (let round = 0; round < 400; round++) {
    const size = 1 + ((round * 7919) % 3000);
    fs.writeSync(writer, patternOf(size, written));
    written += size;
    if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    // Now and then two bursts are read as one.
    while (round % 4 !== 0 && read < written) {
      const length = await input.read(memory, at, 1 + ((round * 31) % 1500));
      expect(Buffer.compare(memory.u8.subarray(at, at + length), patternOf(length, read))).toBe(0);
      read += length;
    }
  }
  fs.closeSync(writer);
  for (let length = -1; length !== 0; read += length) length = await input.read(memory, at, 5000);
  expect([read, input.doneBytes, input.damage]).toEqual([written, written, undefined]);
  expect(await input.read(memory, at, 10)).toBe(0);
  input.close();
});

test('what is there is handed over though the writer goes on later; only nothing is waited for', async () => {
  const { input, writer, memory, at } = openInput();
  const first = input.read(memory, at, 1000);
  expect(first).toBeInstanceOf(Promise);
  fs.writeSync(writer, 'abc');
  expect(await first).toBe(3);
  fs.writeSync(writer, 'de');
  expect(input.read(memory, at, 1000)).toBe(2); // at once
  expect(input.read(memory, at, 1000)).toBeInstanceOf(Promise);
  input.close();
  fs.closeSync(writer);
});

test('a full pipe fills a window in one call', async () => {
  const { input, writer, memory, at } = openInput();
  fs.writeSync(writer, 'x');
  expect(await input.read(memory, at, 1)).toBe(1);
  fs.writeSync(writer, patternOf(60_000, 0));
  expect(input.read(memory, at, 100_000)).toBe(60_000);
  input.close();
  fs.closeSync(writer);
});

test('a chunk that is put back comes again, and counts once', async () => {
  const { reader, writer } = openPipe();
  fs.writeSync(writer, 'hello');
  const chunk = await reader.next();
  reader.unread(chunk!);
  expect(reader.doneBytes).toBe(0);
  expect(Buffer.from((await reader.next())!).toString()).toBe('hello');
  expect(reader.doneBytes).toBe(5);
  fs.closeSync(writer);
  expect(await reader.next()).toBeUndefined();
  reader.close();
});

test('closing ends a wait', async () => {
  const { input, writer, memory, at } = openInput();
  const waiting = input.read(memory, at, 10);
  input.close();
  expect(await waiting).toBe(0);
  fs.closeSync(writer);
});
