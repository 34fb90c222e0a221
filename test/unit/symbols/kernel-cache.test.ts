/** What is kept of boot images: whole or not at all, a few of them, and never a reason to fail. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepKernelFacts, kernelKey, readKernelFacts } from '../../../src/symbols/kernel-cache.ts';
import { openKernelImage } from '../../../src/symbols/kernel-image.ts';
import { makeElf } from './make-elf.ts';

let top: string;
let folder: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'trapline-cache-'));
  folder = join(top, 'trapline', 'kernels'); // is made when needed
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const FACTS = { listing: Buffer.from('ffffffff81000000 T _text\n'), types: Buffer.from([0x9f, 0xeb, 1]) };
const files = (): string[] => readdirSync(folder).sort();
const fileOf = (key: string): string => join(folder, `${key}.kernel`);

test('facts come back, and nothing else is left', () => {
  keepKernelFacts(folder, 'a', FACTS);
  expect(readKernelFacts(folder, 'a')).toEqual(FACTS);
  expect(readKernelFacts(folder, 'b')).toBeUndefined();
  expect(files()).toEqual(['a.kernel']);
});

test('a kernel without types has none', () => {
  keepKernelFacts(folder, 'a', { listing: FACTS.listing, types: undefined });
  expect(readKernelFacts(folder, 'a')).toEqual({ listing: FACTS.listing, types: undefined });
});

test('the key is that of the bytes', () => {
  expect(kernelKey(Buffer.from('a'))).toBe(kernelKey(Buffer.from('a')));
  expect(kernelKey(Buffer.from('a'))).not.toBe(kernelKey(Buffer.from('b')));
  expect(kernelKey(Buffer.from('a'))).toMatch(/^[0-9a-f]{32}$/);
});

test('a damaged file is as good as none', () => {
  keepKernelFacts(folder, 'a', FACTS);
  const whole = readFileSync(fileOf('a'));
  for (let length = 0; length < whole.length; length++) {
    truncateSync(fileOf('a'), length);
    expect(readKernelFacts(folder, 'a'), `${length} bytes`).toBeUndefined();
    writeFileSync(fileOf('a'), whole);
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 0x10;
    writeFileSync(fileOf('a'), changed);
    expect(readKernelFacts(folder, 'a'), `byte ${at}`).toBeUndefined();
  }
  keepKernelFacts(folder, 'a', FACTS);
  expect(readKernelFacts(folder, 'a')).toEqual(FACTS);
});

test('eight are kept, those used last', () => {
  for (let i = 0; i < 8; i++) {
    keepKernelFacts(folder, `k${i}`, FACTS);
    utimesSync(fileOf(`k${i}`), 1000 + i, 1000 + i);
  }
  readKernelFacts(folder, 'k0'); // is used now
  keepKernelFacts(folder, 'k8', FACTS);
  expect(files()).toEqual(['k0', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'].map((key) => `${key}.kernel`));
});

test('drafts of runs that were killed go, those of others stay; so does what is not ours', () => {
  mkdirSync(folder, { recursive: true });
  for (const name of ['old.draft', 'young.draft', 'notes.txt']) writeFileSync(join(folder, name), '');
  for (const name of ['old.draft', 'notes.txt']) utimesSync(join(folder, name), 1000, 1000);
  keepKernelFacts(folder, 'a', FACTS);
  expect(files()).toEqual(['a.kernel', 'notes.txt', 'young.draft']);
});

test('a folder that cannot be made is no trouble', () => {
  writeFileSync(join(top, 'trapline'), 'a file');
  keepKernelFacts(folder, 'a', FACTS);
  expect(readKernelFacts(folder, 'a')).toBeUndefined();
});

test.runIf(existsSync('/proc/self'))('neither is one below /proc, where nothing can be made', () => {
  keepKernelFacts('/proc/trapline/kernels', 'a', FACTS);
  expect(existsSync('/proc/trapline')).toBe(false);
});

test('a place that cannot be written leaves no draft', () => {
  mkdirSync(fileOf('a'), { recursive: true }); // a folder of the file's name
  writeFileSync(join(fileOf('a'), 'full'), '');
  keepKernelFacts(folder, 'a', FACTS);
  expect(files()).toEqual(['a.kernel']);
});

/** A boot image around a payload that gzip packed. */
function bootImage(elf: Uint8Array): Uint8Array {
  const payload = gzipSync(elf);
  const image = Buffer.alloc(1536 + payload.length);
  image[0x1f1] = 2;
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt32LE(payload.length, 0x24c);
  image.set(payload, 1536);
  return image;
}

const TYPES = Buffer.from([0x9f, 0xeb, 1, 0, 24, 0, 0, 0]);

test('an image whose facts were kept is unpacked only for its code', async () => {
  const elf = makeElf({ extra: [{ name: '.BTF', bytes: TYPES }] });
  const image = bootImage(elf);
  keepKernelFacts(folder, kernelKey(image), FACTS);
  const opened = await openKernelImage(image, folder);
  if (typeof opened === 'string') throw new Error(opened);
  expect(opened.symbols).toEqual(FACTS.listing);
  expect(opened.types).toEqual(FACTS.types);
  expect(Buffer.from((await opened.elf()) as Uint8Array).equals(elf)).toBe(true);
});

test('an image without kallsyms tables is its ELF file, and is not kept', async () => {
  const elf = makeElf({ extra: [{ name: '.BTF', bytes: TYPES }] });
  const opened = await openKernelImage(bootImage(elf), folder);
  if (typeof opened === 'string') throw new Error(opened);
  expect(Buffer.from(opened.symbols).equals(elf)).toBe(true);
  expect(opened.types && Buffer.from(opened.types)).toEqual(TYPES);
  expect(existsSync(folder)).toBe(false);
});

test('a damaged image says so, with and without a place to keep it', async () => {
  const image = bootImage(makeElf({}));
  image[1536 + 20]! ^= 0xff;
  image[1536 + 40]! ^= 0xff;
  expect(await openKernelImage(image, folder)).toBe('its payload is damaged');
  expect(await openKernelImage(image, undefined)).toBe('its payload is damaged');
});
