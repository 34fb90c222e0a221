/** Code of an ELF file by address: from its program headers alone, for section headers may be stripped. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elfCode } from '../../../src/symbols/elf-code.ts';

interface Segment {
  readonly address: bigint;
  readonly bytes: string;
  readonly type?: number; // 1: PT_LOAD
  readonly fileBytes?: bigint; // when it lies
}

/** A header, program headers and their bytes; no section header. */
function makeImage(segments: readonly Segment[], is64 = true, littleEndian = true): Uint8Array {
  const [headerBytes, entryBytes] = is64 ? [64, 56] : [52, 32];
  const start = headerBytes + entryBytes * segments.length;
  const all = segments.map(({ bytes }) => bytes).join('');
  const out = new Uint8Array(start + all.length);
  const view = new DataView(out.buffer);
  const word = (at: number, value: bigint) =>
    is64
      ? view.setBigUint64(at, value, littleEndian)
      : view.setUint32(at, Number(BigInt.asUintN(32, value)), littleEndian);
  out.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, littleEndian ? 1 : 2, 1]);
  view.setUint16(16, 2, littleEndian);
  word(is64 ? 32 : 28, BigInt(headerBytes));
  view.setUint16(is64 ? 54 : 42, entryBytes, littleEndian);
  view.setUint16(is64 ? 56 : 44, segments.length, littleEndian);
  let offset = start;
  segments.forEach(({ address, bytes, type = 1, fileBytes }, i) => {
    const at = headerBytes + i * entryBytes;
    view.setUint32(at, type, littleEndian);
    word(at + (is64 ? 8 : 4), BigInt(offset));
    word(at + (is64 ? 16 : 8), address);
    word(at + (is64 ? 32 : 16), fileBytes ?? BigInt(bytes.length));
    out.set(Buffer.from(bytes), offset);
    offset += bytes.length;
  });
  return out;
}

function read(file: Uint8Array, address: bigint, size: number, slide?: bigint): string | undefined {
  const bytes = elfCode(file, slide)?.readCode(address, size);
  return bytes && Buffer.from(bytes).toString();
}

const KERNEL = 0xffff_ffff_8100_0000n;

describe.each([
  ['64 bits', true, true],
  ['32 bits', false, true],
  ['64 bits, big endian', true, false],
  ['32 bits, big endian', false, false],
])('%s', (_, is64, littleEndian) => {
  const file = makeImage(
    [
      { address: 0x1000n, bytes: 'text' },
      { address: 0x2000n, bytes: 'note', type: 4 },
      { address: 0x3000n, bytes: 'data' },
    ],
    is64,
    littleEndian,
  );

  test.each([
    [0x1000n, 4, 'text'],
    [0x1001n, 2, 'ex'],
    [0x1003n, 99, 't'],
    [0x3000n, 4, 'data'],
    [0x2000n, 4, undefined], // is not loaded
    [0x1004n, 1, undefined],
    [0xfffn, 1, undefined],
    [0n, 1, undefined],
  ])('%i: %i bytes', (address, size, text) => {
    expect(read(file, address, size)).toBe(text);
  });
});

test('a slide moves it, also beyond the end of the address space', () => {
  const file = makeImage([{ address: KERNEL, bytes: 'code' }]);
  expect(read(file, KERNEL + 0x1200_0000n, 4, 0x1200_0000n)).toBe('code');
  expect(read(file, KERNEL, 4, 0x1200_0000n)).toBeUndefined();
  expect(read(file, 0x1000n, 4, 0x1000n - KERNEL)).toBe('code');
});

test("a kernel's per-CPU data is not at 0, a program's code may be", () => {
  const perCpu = { address: 0n, bytes: 'percpu' };
  expect(read(makeImage([{ address: KERNEL, bytes: 'code' }, perCpu]), 0n, 6)).toBeUndefined();
  expect(read(makeImage([perCpu]), 0n, 6)).toBe('percpu');
});

test('a segment that is longer than the file has what is there', () => {
  for (const fileBytes of [100n, 1n << 40n, (1n << 64n) - 1n]) {
    expect(read(makeImage([{ address: KERNEL, bytes: 'code', fileBytes }]), KERNEL, 99)).toBe('code');
  }
});

test.each([
  ['no ELF file', Buffer.from('#!/bin/sh\n')],
  ['nothing', new Uint8Array()],
  ['nothing loaded', makeImage([])],
  ['no bytes loaded', makeImage([{ address: 0x1000n, bytes: '' }])],
])('%s is no code', (_, file) => {
  expect(elfCode(file)).toBeUndefined();
});

test('damaged files never throw', () => {
  const whole = makeImage([
    { address: KERNEL, bytes: 'code' },
    { address: 0n, bytes: 'data' },
  ]);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
  fc.assert(
    fc.property(
      damage,
      fc.nat(whole.length),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      (changes, length, address) => {
        const file = Uint8Array.from(whole);
        for (const [at, value] of changes) file[at] = value;
        const code = elfCode(file.subarray(0, length));
        code?.readCode(address, 16);
        code?.readCode(KERNEL, 16);
      },
    ),
    { seed: 4, numRuns: 3000 },
  );
});
