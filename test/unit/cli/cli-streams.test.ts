/** Writers, the progress line, script files: what stands between a session and the operating system. */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bug } from '../../../src/base/assert.ts';
import { systemReason } from '../../../src/base/system-reason.ts';
import { reportBug } from '../../../src/cli/bug-report.ts';
import { createProgress, progressText } from '../../../src/cli/progress.ts';
import { readScript } from '../../../src/cli/scripts.ts';
import { fileWriter, messageWriter, OutputFailed, openAppend } from '../../../src/cli/streams.ts';
import { nearest } from '../../../src/diag/nearest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

describe('writing', () => {
  test('-o appends', () => {
    const path = join(folder, 'out');
    for (const text of ['one\n', 'two\n']) {
      const file = openAppend(path);
      if (typeof file === 'string') throw new Error(file);
      file.write(bytes(text));
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  test('a file that cannot be opened says why', () => {
    expect(openAppend(folder)).toBe('Is a directory');
    expect(openAppend(join(folder, 'no', 'file'))).toBe('No such file or directory');
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is one failure that names the file', () => {
    const fd = openSync('/dev/full', 'w');
    const writer = fileWriter(fd, 'standard output');
    expect(() => writer.write(bytes('x'))).toThrow(OutputFailed);
    expect(() => writer.write(bytes('x'))).toThrow('standard output: No space left on device');
    messageWriter(fd)('messages are dropped instead\n');
    closeSync(fd);
  });

  test('reasons are the operating system’s words', () => {
    expect(systemReason(Object.assign(new Error('x'), { code: 'EACCES' }))).toBe('Permission denied');
    const odd = Object.assign(new Error("EODD: something odd, open 'a'"), { code: 'EODD' });
    expect(systemReason(odd)).toBe('something odd');
    expect(systemReason(new Error('plain'))).toBe('plain');
  });
});

describe('progress', () => {
  test.each([
    [450, 1000, 0, 'trapline: 45% of 1.0 kB, 0 events'],
    [1200, 1000, 999, 'trapline: 100% of 1.0 kB, 999 events'],
    [2_620_000_000, undefined, 1234567, 'trapline: 2.6 GB, 1,234,567 events'],
    [999, undefined, 1000, 'trapline: 999 B, 1,000 events'],
    [0, 0, 1, 'trapline: 0 B, 1 events'],
  ])('%d of %s', (done, total, events, text) => {
    expect(progressText(done, total, events)).toBe(text);
  });

  test('nothing at first, then at most five times a second, and erased on demand', () => {
    let now = 0;
    const written: string[] = [];
    const progress = createProgress(
      (text) => written.push(text),
      () => now,
    );
    progress.report(1, 100, 1);
    progress.erase();
    expect(written).toEqual([]);
    for (now = 0; now < 2000; now += 25) progress.report(1, 100, 1);
    expect(written.length).toBeGreaterThan(5);
    expect(written.length).toBeLessThanOrEqual(8); // 1.5 s at five a second, and the first
    written.length = 0;
    progress.erase();
    progress.erase();
    expect(written).toEqual(['\r\u001b[K']);
  });
});

describe('scripts', () => {
  test('a script is read whole, and keeps its name', () => {
    const path = join(folder, 'a.d');
    writeFileSync(path, '#!/usr/bin/env -S trapline -s\nBEGIN { trace("ä"); }\n');
    expect(readScript(path, 0)).toEqual({
      kind: 'script',
      name: path,
      text: '#!/usr/bin/env -S trapline -s\nBEGIN { trace("ä"); }\n',
    });
  });

  test('what cannot be a script', () => {
    const big = join(folder, 'big');
    writeFileSync(big, Buffer.alloc(17 * 2 ** 20));
    expect(readScript(join(folder, 'none'), 0)).toMatchObject({
      message: `failed to open ${folder}/none: No such file or directory`,
    });
    expect(readScript(folder, 0)).toMatchObject({ message: `failed to open ${folder}: Is a directory` });
    expect(readScript(big, 0)).toMatchObject({
      message: expect.stringContaining('larger than a program may be'),
    });
  });
});

test.each([
  ['strlne', 'strlen'],
  ['bufsiz', 'bufsize'],
  ['x', undefined],
  ['completely', undefined],
])('nearest to %s is %s', (word, expected) => {
  expect(nearest(word, ['strlen', 'substr', 'bufsize', 'quiet'])).toBe(expected);
});

describe('bugs', () => {
  test('are one paragraph with version and stage, and no stack', () => {
    const text = reportBug(new Bug('verify', 'bad register'), false);
    expect(text).toMatch(
      /^trapline: this is a bug in trapline \d+\.\d+\.\d+ \(stage: verify\): bad register\n/,
    );
    expect(text).not.toMatch(/\n\s+at /);
  });

  test('show the stack to those who ask', () => {
    expect(reportBug(new TypeError('x is not a function'), true)).toMatch(/\n\s+at /);
    expect(reportBug('a thrown string', true)).toContain('a thrown string');
  });
});
