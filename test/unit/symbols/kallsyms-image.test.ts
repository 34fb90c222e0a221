/**
 * kallsyms tables made here, in each of the layouts that kernels have had, among other bytes; and what is made of damage.
 * The tables of a real kernel are in test/live/kernel-code.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kallsymsOf } from '../../../src/symbols/kallsyms-image.ts';

interface Symbol {
  readonly address: bigint;
  readonly text: string; // type, blank, name
}

interface Layout {
  readonly wordBytes: 4 | 8;
  readonly addresses: 'absolute' | 'offsets before' | 'offsets behind';
  readonly perCpu: boolean; // negative offsets
  readonly sequence: boolean; // 3 bytes per symbol behind the markers: 6.2 and 6.3
}

const BASE = { 4: 0xc100_0000n, 8: 0xffff_ffff_8100_0000n } as const;

/** 700 functions in the kernel's image; with per-CPU symbols, some absolute ones in front. */
function symbolsFor({ wordBytes, perCpu }: Layout): Symbol[] {
  const long = `t a_name_of_more_than_127_tokens_${'0123456789'.repeat(20)}`;
  return [
    ...(perCpu ? [0n, 0x1000n, 0x34000n] : []).map((address, i) => ({ address, text: `A per_cpu_${i}` })),
    ...Array.from({ length: 700 }, (_, i) => ({
      address: BASE[wordBytes] + BigInt(i * 48),
      text: i === 300 ? long : `${i % 2 ? 't' : 'T'} sys_function_${i}`,
    })),
  ];
}

/** Bytes for characters, and tokens for two words that occur often. */
const WORDS: Readonly<Record<number, string>> = { 1: 'sys_', 2: 'function_' };
const TOKENS = Array.from({ length: 256 }, (_, i) => WORDS[i] ?? String.fromCharCode(i || 0x7e));

function compress(text: string): number[] {
  const codes: number[] = [];
  for (let rest = text; rest !== ''; ) {
    const [code, word] = Object.entries(WORDS).find(([, candidate]) => rest.startsWith(candidate)) ?? [
      rest.charCodeAt(0),
      rest[0]!,
    ];
    codes.push(Number(code));
    rest = rest.slice(word.length);
  }
  return codes.length < 0x80
    ? [codes.length, ...codes]
    : [0x80 | (codes.length & 0x7f), codes.length >> 7, ...codes];
}

/** The tables, as scripts/kallsyms.c writes them, behind an ELF file's first bytes and among others. */
function makeImage(layout: Layout, symbols = symbolsFor(layout)): Uint8Array {
  const { wordBytes } = layout;
  let bytes = [0x7f, 0x45, 0x4c, 0x46, wordBytes === 8 ? 2 : 1, 1, 1];
  const start = (): void => {
    while (bytes.length % wordBytes !== 0) bytes.push(0);
  };
  const little = (value: bigint, size: number): number[] =>
    Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  const add = (table: number[]): void => {
    start();
    bytes = bytes.concat(table);
  };
  const offset = (address: bigint): bigint => {
    if (!layout.perCpu) return address - BASE[wordBytes];
    return address < BASE[wordBytes] ? address : BASE[wordBytes] - 1n - address;
  };
  const addAddresses = (): void => {
    add(symbols.flatMap(({ address }) => little(BigInt.asUintN(32, offset(address)), 4)));
    add(little(BASE[wordBytes], wordBytes));
  };
  bytes.push(...Array.from({ length: 5000 }, (_, i) => (i * i) & 0xff));
  if (layout.addresses === 'absolute') add(symbols.flatMap(({ address }) => little(address, wordBytes)));
  if (layout.addresses === 'offsets before') addAddresses();
  add(little(BigInt(symbols.length), 4));
  const names = symbols.map(({ text }) => compress(text.replace(' ', ''))); // the type, then the name
  const markers: number[] = [];
  let nameBytes = 0;
  for (const [i, name] of names.entries()) {
    if (i % 256 === 0) markers.push(nameBytes);
    nameBytes += name.length;
  }
  add(names.flat());
  add(markers.flatMap((marker) => little(BigInt(marker), 4)));
  if (layout.sequence) add(symbols.flatMap((_, i) => [0, i >> 8, i & 0xff]));
  add(TOKENS.flatMap((token) => [...Buffer.from(token, 'latin1'), 0]));
  const starts = TOKENS.map((_, i) => TOKENS.slice(0, i).reduce((sum, token) => sum + token.length + 1, 0));
  add(starts.flatMap((at) => little(BigInt(at), 2)));
  if (layout.addresses === 'offsets behind') addAddresses();
  bytes.push(...Array.from({ length: 1000 }, (_, i) => (i * 7) & 0xff));
  return Uint8Array.from(bytes);
}

function listed(symbols: readonly Symbol[], wordBytes: 4 | 8): string {
  const hex = (address: bigint) => address.toString(16).padStart(2 * wordBytes, '0');
  return symbols.map(({ address, text }) => `${hex(address)} ${text}\n`).join('');
}

const LAYOUTS: readonly (readonly [string, Layout])[] = [
  ['Linux 6.1', { wordBytes: 8, addresses: 'offsets before', perCpu: true, sequence: false }],
  ['Linux 6.2', { wordBytes: 8, addresses: 'offsets before', perCpu: true, sequence: true }],
  ['Linux 6.4', { wordBytes: 8, addresses: 'offsets behind', perCpu: true, sequence: false }],
  ['Linux 6.15', { wordBytes: 8, addresses: 'offsets behind', perCpu: false, sequence: false }],
  ['before 4.6', { wordBytes: 8, addresses: 'absolute', perCpu: true, sequence: false }],
  ['32 bits', { wordBytes: 4, addresses: 'offsets before', perCpu: false, sequence: false }],
  ['32 bits, Linux 6.4', { wordBytes: 4, addresses: 'offsets behind', perCpu: false, sequence: false }],
  ['32 bits, before 4.6', { wordBytes: 4, addresses: 'absolute', perCpu: false, sequence: false }],
];

describe.each(LAYOUTS)('%s', (_, layout) => {
  test('is listed', () => {
    expect(kallsymsOf(makeImage(layout))).toBe(listed(symbolsFor(layout), layout.wordBytes));
  });

  // Where the names end decides how far the markers are from them.
  test.each([1, 2, 3, 4, 5, 6, 7])('is listed with names of %i bytes more', (more) => {
    const symbols = symbolsFor(layout).map((symbol, i) =>
      i === 5 ? { ...symbol, text: symbol.text + 'x'.repeat(more) } : symbol,
    );
    expect(kallsymsOf(makeImage(layout, symbols))).toBe(listed(symbols, layout.wordBytes));
  });
});

const [, LINUX_61] = LAYOUTS[0]!;
const whole = makeImage(LINUX_61);

describe('no tables', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['one byte', new Uint8Array(1)],
    ['zeros', new Uint8Array(100_000)],
    ['fewer symbols than a kernel has', makeImage(LINUX_61, symbolsFor(LINUX_61).slice(0, 500))],
    ['an image cut in the names', whole.subarray(0, 12_000)],
    ['an image cut in the token table', whole.subarray(0, whole.length - 1700)],
  ])('in %s', (_, image) => {
    expect(kallsymsOf(image)).toBeUndefined();
  });

  test('in addresses without order', () => {
    const symbols = symbolsFor(LINUX_61).map((symbol, i) => ({
      ...symbol,
      address: symbol.address + BigInt((i % 3) * 0x10_0000),
    }));
    expect(kallsymsOf(makeImage(LINUX_61, symbols))).toBeUndefined();
  });
});

test('an image at an odd place of a larger buffer', () => {
  const buffer = new Uint8Array(whole.length + 3);
  buffer.set(whole, 3);
  expect(kallsymsOf(buffer.subarray(3))).toBe(listed(symbolsFor(LINUX_61), 8));
});

test('damage never throws', () => {
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat(3), fc.nat(whole.length), (changes, cut, length) => {
      const image = Uint8Array.from(whole);
      for (const [at, value] of changes) image[at] = value;
      const found = kallsymsOf(cut === 0 ? image.subarray(0, length) : image);
      for (const line of found?.split('\n').slice(0, -1) ?? []) expect(line).toMatch(/^[0-9a-f]{16} ./);
    }),
    { seed: 4, numRuns: 400 },
  );
});

/** Far more than a sound image of that size takes, and far less than walking all of it from everywhere would. */
const SOON_MS = 10_000;

test.each([
  ['digits everywhere', (i: number) => (i % 2 ? 0 : 0x30 + ((i >> 1) % 10))],
  ['names of one token and counts everywhere', (i: number) => (i % 4 === 1 ? 4 : 1)],
])('an image with %s ends soon', (_, byte) => {
  const tail = whole.subarray(whole.length - 3000); // the token table and what is behind it
  const image = Uint8Array.from({ length: 8 << 20 }, (_, i) => byte(i));
  image.set(tail, image.length - tail.length);
  const start = process.cpuUsage();
  expect(kallsymsOf(image)).toBeUndefined();
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(SOON_MS);
});
