/** Files read whole: unpacked by their first bytes, or refused with the reason. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readWholeFile, whyUnreadable } from '../../../src/sources/whole-file.ts';

const folder = mkdtempSync(`${tmpdir()}/trapline-whole-`);
afterAll(() => rmSync(folder, { recursive: true }));
const here = fileURLToPath(new URL('.', import.meta.url));
const log = 'examples/traces/tiny32-gp-np-df.log.gz';
const original = gunzipSync(readFileSync(log));

function file(name: string, bytes: Uint8Array): string {
  writeFileSync(`${folder}/${name}`, bytes);
  return `${folder}/${name}`;
}

describe('is read', () => {
  test.each([
    ['plain', file('plain', original)],
    ['gzip, whatever its name', file('packed.txt', gzipSync(original))],
    ['gzip', log],
    ['xz', `${here}tiny32-gp-np-df.log.xz`],
    ['zstd', `${here}tiny32-gp-np-df.log.zst`],
  ])('%s', async (_, path) => {
    const bytes = await readWholeFile(path);
    expect(typeof bytes === 'string' ? bytes : Buffer.compare(Buffer.from(bytes), original)).toBe(0);
  });

  test('an empty file', async () => {
    expect(await readWholeFile(file('empty', new Uint8Array()))).toHaveLength(0);
  });
});

describe('is refused', () => {
  mkdirSync(`${folder}/directory`);
  test.each([
    ['no file', `${folder}/none`, 'No such file or directory'],
    ['a directory', `${folder}/directory`, 'Is a directory'],
    ['a device', '/dev/null', 'it is no regular file'],
  ])('%s', async (_, path, reason) => {
    expect(whyUnreadable(path)).toBe(reason);
    expect(await readWholeFile(path)).toBe(reason);
  });

  test.each(['gzip', 'xz', 'zstd'])('%s data cut short', async (format) => {
    const path = { gzip: log, xz: `${here}tiny32-gp-np-df.log.xz`, zstd: `${here}tiny32-gp-np-df.log.zst` }[
      format
    ]!;
    const whole = readFileSync(path);
    const cut = file(`cut.${format}`, whole.subarray(0, whole.length >> 1));
    expect(await readWholeFile(cut)).toMatch(new RegExp(`^it is damaged ${format} data \\(.+\\)$`));
  });
});
