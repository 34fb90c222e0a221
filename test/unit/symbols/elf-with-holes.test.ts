/** Large ELF files: what is read is what the file has, and what nobody asks for is not read. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readElf } from '../../../src/symbols/elf.ts';
import { readElfWithHoles } from '../../../src/symbols/elf-with-holes.ts';
import { type ElfSpec, makeElf } from './make-elf.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-holes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1 << 20;
const filled = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
const KERNEL: ElfSpec = {
  symbols: [{ name: 'start', value: 0x1000n, size: 16 }],
  loadAddress: 0x1000n,
  extra: [
    { name: '.debug_info', bytes: filled(17 * MIB, 0xa1) },
    { name: '.debug_line', bytes: filled(2 * MIB, 0xa2) },
    { name: '.rela.debug_info', bytes: filled(MIB, 0xa3) },
    { name: '.debug_line_str', bytes: filled(100, 0xa4) },
    { name: '.debug_str', bytes: filled(100, 0xa5) },
    { name: '.comment', bytes: filled(100, 0xa6) },
  ],
};
const UNREAD = ['.debug_info', '.rela.debug_info'];

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe.each([
  ['64 bits', { is64: true, littleEndian: true }],
  ['32 bits', { is64: false, littleEndian: true }],
  ['64 bits, big endian', { is64: true, littleEndian: false }],
])('%s', (name, shape) => {
  test('all but types, variables and relocations', () => {
    const bytes = makeElf({ ...KERNEL, ...shape });
    const read = readElfWithHoles(write(name, bytes))!;
    expect(read.length).toBe(bytes.length);
    const { sections } = readElf(bytes)!;
    expect(readElf(read)!.sections).toEqual(sections);
    let at = 0;
    for (const section of sections.filter((one) => UNREAD.includes(one.name))) {
      const { offset, size } = section;
      expect(Buffer.compare(read.subarray(at, offset), bytes.subarray(at, offset))).toBe(0);
      expect(read.subarray(offset, offset + size).includes(bytes[offset]!)).toBe(false);
      at = offset + size;
    }
    expect(Buffer.compare(read.subarray(at), bytes.subarray(at))).toBe(0);
  });
});

describe('read whole instead', () => {
  const cut = write('cut', makeElf(KERNEL));
  truncateSync(cut, 17 * MIB);
  test.each([
    ['a small file', write('small', makeElf({ ...KERNEL, extra: [] }))],
    [
      'a file with nothing to leave out',
      write('plain', makeElf({ extra: [{ name: '.data', bytes: filled(17 * MIB, 1) }] })),
    ],
    ['a relocatable one', write('module.ko', makeElf({ ...KERNEL, type: 1 }))],
    ['one whose sections are cut off', cut],
    ['no ELF file', write('text', filled(17 * MIB, 0x20))],
    ['a folder', folder],
    ['what is not there', join(folder, 'nothing')],
  ])('%s', (_, path) => {
    expect(readElfWithHoles(path)).toBeUndefined();
  });
});
