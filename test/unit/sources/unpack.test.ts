/** Packed input, unpacked by programs and without them: the same bytes, and what is said when it goes wrong. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import type { ChunkReader } from '../../../src/sources/chunks.ts';
import { openInput } from '../../../src/sources/input.ts';
import { unpacked } from '../../../src/sources/unpack.ts';
import { scratchFolder } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);
const PATH = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = PATH;
});
const has = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** 3 MB that do not pack too well: no chunk holds it all. */
const TEXT = Buffer.from(
  Array.from(
    { length: 60_000 },
    (_, i) => `${i} ${Math.imul(i, 0x9e3779b1) >>> 0} ${Math.imul(i, i) >>> 0}\n`,
  ).join(''),
);

/** Bytes as a reader without a second beginning, in chunks of a size. */
function chunksOf(bytes: Uint8Array, size = 10_000): ChunkReader {
  let at = 0;
  return {
    get doneBytes() {
      return at;
    },
    totalBytes: undefined,
    next: async () => {
      const chunk = bytes.subarray(at, at + size);
      at += chunk.length;
      return chunk.length > 0 ? chunk : undefined;
    },
    unread: () => {},
    close: () => {},
  };
}

/** All that comes out, and the failure behind it. */
async function drained(chunks: ChunkReader): Promise<{ readonly bytes: Buffer; readonly failure: string }> {
  const parts: Uint8Array[] = [];
  try {
    for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next())
      parts.push(chunk.slice());
    return { bytes: Buffer.concat(parts), failure: '' };
  } catch (error) {
    return { bytes: Buffer.concat(parts), failure: (error as Error).message };
  }
}

/** A program of that name, in place of the real one. */
function pretend(name: string, script: string): void {
  const folder = path.join(path.dirname(scratch.write('x', '')), `bin-${name}-${Math.random()}`);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${PATH}`;
}

describe.each(['xz', 'zstd'] as const)('%s', (format) => {
  const pack = (): Buffer => execFileSync(format, ['-1', '-c'], { input: TEXT, maxBuffer: 1 << 24 });

  describe.skipIf(!has(format)).each(['with the program', 'without it'])('%s', (way) => {
    const choose = (): void => {
      if (way === 'without it') process.env['PATH'] = '/nowhere';
    };

    test('whole', async () => {
      const packed = pack();
      choose();
      const { bytes, failure } = await drained(await unpacked(format, chunksOf(packed)));
      expect([failure, bytes.equals(TEXT)]).toEqual(['', true]);
    });

    test('two streams, one behind the other', async () => {
      const packed = Buffer.concat([pack(), pack()]);
      choose();
      const { bytes, failure } = await drained(await unpacked(format, chunksOf(packed)));
      expect([failure, bytes.equals(Buffer.concat([TEXT, TEXT]))]).toEqual(['', true]);
    });

    test('cut short: what is there comes first', async () => {
      const packed = pack();
      choose();
      const { bytes, failure } = await drained(
        await unpacked(format, chunksOf(packed.subarray(0, packed.length >> 1))),
      );
      expect(failure).toMatch(/unexpected end|premature|unexpected EOF/i);
      expect(bytes.length).toBeGreaterThan(TEXT.length / 4);
      expect(TEXT.subarray(0, bytes.length).equals(bytes)).toBe(true);
    });

    test('one that is not read to its end does not keep the next from beginning', async () => {
      const packed = pack();
      choose();
      const first = await unpacked(format, chunksOf(packed));
      await first.next();
      first.close();
      const { bytes } = await drained(await unpacked(format, chunksOf(packed)));
      expect(bytes.equals(TEXT)).toBe(true);
    });
  });

  test('a program that is killed: what it printed, and a message of its own', async () => {
    pretend(format, 'printf "one\\ntwo\\n"; kill -9 $$');
    const magic = format === 'xz' ? [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] : [0x28, 0xb5, 0x2f, 0xfd];
    const file = scratch.write(`killed.${format}`, Buffer.from([...magic, ...Buffer.alloc(100_000)]));
    const input = await openInput(file, -1);
    if ('tag' in input) throw new Error(input.message);
    const memory = new LinearMemory();
    let read = 0;
    for (let size = -1; size !== 0; read += size) size = await input.read(memory, 4096 + read, 1000);
    expect(Buffer.from(memory.u8.subarray(4096, 4096 + read)).toString()).toBe('one\ntwo\n');
    expect(input.damage?.message).toBe(`${file}: ${format}, which unpacks it, was killed by SIGKILL`);
    input.close();
  });

  test('a program that fails in its own way is quoted', async () => {
    pretend(format, 'cat > /dev/null; echo "cannot do it" >&2; exit 3');
    expect((await drained(await unpacked(format, chunksOf(TEXT)))).failure).toBe('cannot do it');
    pretend(format, 'exit 3'); // without reading: the input has nowhere to go
    expect((await drained(await unpacked(format, chunksOf(TEXT)))).failure).toBe(
      `${format} ended with status 3`,
    );
  });

  test('a program that fails is not silent until more comes to unpack', async () => {
    pretend(format, 'head -c 1 > /dev/null; echo "cannot do it" >&2; exit 3');
    const first = chunksOf(TEXT);
    let asked = 0;
    const pausing = {
      ...first,
      next: () => (asked++ === 0 ? first.next() : new Promise<undefined>(() => {})),
    };
    expect((await drained(await unpacked(format, pausing))).failure).toBe('cannot do it');
  });

  test('input that cannot be read', async () => {
    pretend(format, 'cat');
    const broken = { ...chunksOf(TEXT), next: () => Promise.reject(new Error('input/output error')) };
    expect((await drained(await unpacked(format, broken))).failure).toBe('input/output error');
  });
});

describe('gzip that comes only once', () => {
  test('is handed out up to the last byte before damage', async () => {
    const packed = zlib.gzipSync(TEXT);
    packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64);
    const { bytes, failure } = await drained(await unpacked('gzip', chunksOf(packed)));
    const once = scratch.write('wrong.gz', packed);
    const reference = execFileSync('sh', ['-c', `gzip -dc "${once}" 2>/dev/null || true`], {
      maxBuffer: 1 << 24,
    });
    expect(failure).not.toBe('');
    // Fewer than 16 packed bytes are given up; a byte may stand for some hundred.
    expect(bytes.length).toBeGreaterThan(TEXT.length / 4);
    expect(reference.length - bytes.length).toBeLessThan(16 * 300);
    expect(reference.subarray(0, bytes.length).equals(bytes.subarray(0, reference.length))).toBe(true);
  });
});

test('gzip that is not read to its end is not looked at again', async () => {
  const packed = zlib.gzipSync(TEXT);
  const { next } = chunksOf(packed);
  let [isClosed, looks] = [false, 0];
  const chunks = await unpacked('gzip', {
    ...chunksOf(packed),
    next: async () => (isClosed ? undefined : next()),
    again: () => {
      looks++;
      return chunksOf(packed);
    },
    close: () => {
      isClosed = true;
    },
  });
  await chunks.next();
  chunks.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(looks).toBe(0);
});
