/** Pipes that the event loop reads into stages: no byte lost, doubled or held back. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { diagnostic } from '../../../src/diag/diagnostics.ts';
import { ChunkInput } from '../../../src/sources/chunks.ts';
import { PipeChunks, type PipeOptions } from '../../../src/sources/pipe.ts';
import { enlargePipe } from '../../../src/sources/pipe-size.ts';
import { pause } from '../../support/waiting.ts';

const folder = fs.mkdtempSync(path.join(import.meta.dirname, '.pipe-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let pipes = 0;
/** Both ends of a new pipe. */
function openPipe(options?: PipeOptions): {
  readonly reader: PipeChunks;
  readonly writer: number;
  readonly fd: number;
} {
  const fifo = path.join(folder, `${pipes++}`);
  execFileSync('mkfifo', [fifo]);
  const fd = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const { O_WRONLY, O_NONBLOCK } = fs.constants;
  return {
    reader: new PipeChunks(fd, options),
    writer: fs.openSync(fifo, O_WRONLY | O_NONBLOCK),
    fd,
  };
}

/** As much as the pipe has room for. */
function writeNow(fd: number, bytes: Uint8Array): number {
  try {
    return fs.writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openInput(options?: PipeOptions) {
  const { reader, writer } = openPipe(options);
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

test('a few bytes are handed over as soon as they are read', async () => {
  const { input, writer, memory, at } = openInput();
  const first = input.read(memory, at, 1000);
  expect(first).toBeInstanceOf(Promise);
  fs.writeSync(writer, 'abc');
  expect(await first).toBe(3);
  fs.writeSync(writer, 'de');
  // Those who watch a guest's log rely on it: two turns of the event loop, and the log is read.
  await turn();
  await turn();
  expect(input.live).toBe(false); // more is there
  expect(input.read(memory, at, 1000)).toBe(2);
  expect(input.live).toBe(true);
  expect(input.read(memory, at, 1000)).toBeInstanceOf(Promise);
  input.close();
  fs.closeSync(writer);
});

const PIPE_BYTES = 64 * 1024;

test('after a full pipe more is waited for, but not for long, and not by those who cannot wait', async () => {
  for (const settles of [false, true]) {
    const { input, writer, memory, at } = openInput();
    expect(writeNow(writer, patternOf(2 * PIPE_BYTES, 0))).toBe(PIPE_BYTES);
    let length = 0;
    const reading = Promise.resolve(input.read(memory, at, 2 * PIPE_BYTES)).then((bytes) => {
      length = bytes;
    });
    for (let turns = 0; input.live && turns < 1000; turns++) await turn(); // until it has been read
    expect([input.live, length]).toEqual([false, 0]);
    if (settles) {
      input.settle();
      await turn();
      expect(length).toBe(PIPE_BYTES);
    }
    await reading;
    expect([length, input.live]).toEqual([PIPE_BYTES, true]);
    input.close();
    fs.closeSync(writer);
  }
});

test('a writer waits for a reader that does not take', async () => {
  const { input, writer } = openInput();
  let written = 0;
  for (let turns = 0; turns < 40; turns++) {
    written += writeNow(writer, patternOf(PIPE_BYTES, written));
    await turn();
  }
  expect(written).toBeLessThan(12 * PIPE_BYTES);
  input.close();
  fs.closeSync(writer);
});

test('whatever the sizes of writes and reads, all bytes come, in order', async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 60_000, max: 300_000 }));
  const sizes = fc.array(size, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (writes, reads) => {
      const { input, writer, memory, at } = openInput();
      memory.reserve(1 << 20);
      const all = Buffer.concat(writes.map((bytes, i) => patternOf(bytes, 11 * i)));
      const writing = writeAll(writer, all, writes);
      let read = 0;
      for (let round = 0, length = -1; length !== 0; round++) {
        length = await input.read(memory, at, Math.max(1000, reads[round % reads.length]!));
        expect(Buffer.compare(memory.u8.subarray(at, at + length), all.subarray(read, read + length))).toBe(
          0,
        );
        read += length;
      }
      await writing;
      expect([read, input.doneBytes, input.damage]).toEqual([all.length, all.length, undefined]);
      input.close();
    }),
    { numRuns: 25 },
  );
});

test('what fills a stage behind bytes that nobody has taken yet is not lost', async () => {
  const { input, writer, memory, at } = openInput();
  memory.reserve(1 << 20);
  let written = 0;
  // A short piece is handed over at once; full pipes behind it fill the stage before it is taken.
  for (const size of [100, PIPE_BYTES, PIPE_BYTES, PIPE_BYTES]) {
    written += writeNow(writer, patternOf(size, written));
    await turn();
    await turn();
  }
  fs.closeSync(writer);
  let read = 0;
  for (let length = -1; length !== 0; read += length) {
    length = await input.read(memory, at, 1 << 20);
    expect(Buffer.compare(memory.u8.subarray(at, at + length), patternOf(length, read))).toBe(0);
  }
  expect(read).toBe(written);
  input.close();
});

async function writeAll(fd: number, bytes: Uint8Array, sizes: readonly number[]): Promise<void> {
  let written = 0;
  let end = 0;
  for (const size of sizes) {
    end += size;
    while (written < end) {
      written += writeNow(fd, bytes.subarray(written, end));
      await turn();
    }
  }
  fs.closeSync(fd);
}

test('a long pipe is made larger, once', async () => {
  const asked: number[] = [];
  const { reader, writer, fd } = openPipe({
    lengthen: async (of) => asked.push(of) > 1,
    longBytes: 5 * PIPE_BYTES,
  });
  const bytes = Buffer.alloc(PIPE_BYTES);
  for (let read = 0; read < 10 * PIPE_BYTES; ) {
    writeNow(writer, bytes);
    if (await reader.wait()) read += reader.take(bytes, 0, bytes.length);
  }
  expect(asked).toEqual([fd]);
  reader.close();
  fs.closeSync(writer);
});

/** As if the pipe had been made larger. */
const LENGTHENED: PipeOptions = { lengthen: async () => true, longBytes: 1 };

test('of a pipe that was made larger what is behind a full read is read straight to its place', async () => {
  const { input, writer, memory, at } = openInput(LENGTHENED);
  memory.reserve(1 << 20);
  writeNow(writer, patternOf(10, 0));
  expect(await input.read(memory, at, 100)).toBe(10);
  await turn(); // it is made larger
  let [written, read, most] = [10, 10, 0];
  for (let round = 0; round < 60; round++) {
    written += writeNow(writer, patternOf(PIPE_BYTES, written));
    const reading = input.read(memory, at, 1 << 20);
    // The event loop has emptied the pipe, and it is full again when the bytes are taken.
    if (round % 3 === 0) {
      for (let turns = 0; turns < 3; turns++) {
        written += writeNow(writer, patternOf(PIPE_BYTES, written));
        await turn();
      }
    }
    const length = await reading;
    most = Math.max(most, length);
    expect(Buffer.compare(memory.u8.subarray(at, at + length), patternOf(length, read))).toBe(0);
    read += length;
  }
  fs.closeSync(writer);
  for (let length = -1; length !== 0; read += length) {
    length = await input.read(memory, at, 1 << 20);
    expect(Buffer.compare(memory.u8.subarray(at, at + length), patternOf(length, read))).toBe(0);
  }
  expect([read, input.doneBytes, input.damage]).toEqual([written, written, undefined]);
  expect(most).toBeGreaterThan(PIPE_BYTES);
  input.close();
});

test('a writer of little pieces is left alone for a moment, but not when every piece matters at once', async () => {
  for (const isPrompt of [false, true]) {
    const { input, writer, memory, at } = openInput({ ...LENGTHENED, isPrompt, gatherMs: 600_000 });
    fs.writeSync(writer, 'a');
    expect(await input.read(memory, at, 100)).toBe(1);
    await turn();
    fs.writeSync(writer, 'b');
    expect(await input.read(memory, at, 100)).toBe(1);
    let length = 0;
    const reading = Promise.resolve(input.read(memory, at, 100)).then((bytes) => {
      length = bytes;
    });
    for (const _ of Array(20)) {
      fs.writeSync(writer, 'c');
      await turn();
    }
    await pause(20); // longer than anything waits to be handed over
    expect(length > 0).toBe(isPrompt);
    input.settle(); // whoever cannot wait
    await reading;
    if (!isPrompt) expect(length).toBe(20);
    fs.closeSync(writer);
    input.close();
  }
});

test('many little reads prove a pipe long', async () => {
  const asked: number[] = [];
  const { input, writer, memory, at } = openInput({ lengthen: async (of) => asked.push(of) > 1 });
  for (let piece = 0; piece < 1010; piece++) {
    fs.writeSync(writer, 'a');
    await input.read(memory, at, 100);
  }
  expect(asked.length).toBe(1);
  fs.closeSync(writer);
  input.close();
});

const canEnlarge =
  fs.existsSync('/proc/sys/fs/pipe-max-size') &&
  ['pipesz', 'perl'].some((tool) =>
    (process.env['PATH'] ?? '').split(':').some((at) => fs.existsSync(`${at}/${tool}`)),
  );

test.skipIf(!canEnlarge)(
  'a pipe that is made larger holds more, and a read of it still does not wait',
  async () => {
    const fifo = path.join(folder, `${pipes++}`);
    execFileSync('mkfifo', [fifo]);
    const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
    const [reader, writer] = [
      fs.openSync(fifo, O_RDONLY | O_NONBLOCK),
      fs.openSync(fifo, O_WRONLY | O_NONBLOCK),
    ];
    await enlargePipe(reader);
    expect(writeNow(writer, Buffer.alloc(2 << 20))).toBe(1 << 20);
    const bytes = Buffer.alloc(1 << 20);
    expect(fs.readSync(reader, bytes)).toBe(1 << 20);
    expect(fs.readFileSync(`/proc/self/fdinfo/${reader}`, 'latin1')).toMatch(/^flags:.*[4-7]\d{3}$/m); // O_NONBLOCK
    expect(() => fs.readSync(reader, bytes)).toThrow('EAGAIN');
    fs.closeSync(reader);
    fs.closeSync(writer);
  },
);

test('what is no pipe stays as it is', async () => {
  const file = fs.openSync(path.join(folder, 'file'), 'w+');
  await enlargePipe(file);
  fs.closeSync(file);
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
