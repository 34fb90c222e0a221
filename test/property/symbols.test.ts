/** Whatever the bytes: no file of symbols and no mangled name makes us throw, hang, or claim what cannot be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demangle } from '../../src/symbols/demangle.ts';
import { loadSymbols, type SymbolBase } from '../../src/symbols/load.ts';
import { SymbolTableBuilder } from '../../src/symbols/symbol-table.ts';
import { makeElf } from '../unit/symbols/make-elf.ts';

const symbols = Array.from({ length: 12 }, (_, i) => ({
  name: `f${i}`,
  value: 0x1000n + BigInt(i * 16),
  size: i * 5,
}));
const files = [true, false].flatMap((is64) =>
  [true, false].flatMap((littleEndian) =>
    ([1, 2, 3] as const).map((type) =>
      makeElf({
        is64,
        littleEndian,
        type,
        symbols,
        extra: [{ name: '.gnu_debuglink', bytes: Buffer.from('x.debug\0') }],
      }),
    ),
  ),
);
const bases: readonly SymbolBase[] = [
  { kind: 'file' },
  { kind: 'auto' },
  { kind: 'address', value: 0xffffffff81000000n },
  { kind: 'slide', value: -0x1000n },
];

/** Loads, and if there are symbols asks for some. */
function exercise(bytes: Uint8Array, base: SymbolBase): void {
  const loaded = loadSymbols(bytes, 'x', base);
  if (loaded.kind === 'refused') expect(loaded.reason).not.toBe('');
  if (loaded.kind !== 'symbols') return;
  for (const address of [0n, 0x1005n, 0xffffffff81000001n, 2n ** 64n - 1n]) {
    const hit = loaded.table.lookup(address);
    if (hit !== undefined && hit.name !== '') expect(hit.offset < BigInt(Math.ceil(hit.size))).toBe(true);
  }
  for (const row of loaded.table.functions(() => true))
    expect(loaded.table.byName(loaded.table.name(row))).not.toEqual([]);
}

describe('files', () => {
  test('ELF with bytes changed, and cut short', () => {
    const change = fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { maxLength: 12 }),
        fc.option(fc.nat(), { nil: undefined }),
        fc.constantFrom(...bases),
        (file, changes, cut, base) => {
          const bytes = file.slice(0, cut === undefined ? undefined : cut % file.length);
          // Half of the changes hit the headers, where they do most.
          changes.forEach(([at, value], i) => {
            bytes[i % 2 === 0 ? at % 64 : at % Math.max(bytes.length, 1)] = value;
          });
          exercise(bytes, base);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('any bytes, and any lines of listings', () => {
    const word = fc.constantFrom(
      '0000000000001000',
      'ffffffffffffffff',
      '10',
      'T',
      't',
      'A',
      'U',
      'x',
      '[m]',
      ' ',
      '\t',
      '$x',
    );
    const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));
    const text = fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.join('\n')));
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 200 })), fc.constantFrom(...bases), exercise),
      { numRuns: 1000, seed: 2 },
    );
  });
});

/** The innermost of nested intervals, found the slow way; of aliases the first. */
test('a lookup finds the last symbol that covers the address', () => {
  const row = fc.record({ start: fc.nat({ max: 200 }), size: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.bigInt(0n, 2n ** 64n - 400n), (rows, origin) => {
      const builder = new SymbolTableBuilder();
      rows.forEach(({ start, size }, i) => {
        const address = origin + BigInt(start);
        builder.add(
          'm',
          `s${i}`,
          Number(address >> 32n),
          Number(address & 0xffffffffn),
          size,
          'function',
          'global',
        );
      });
      const table = builder.build();
      for (let at = 0; at < 270; at += 7) {
        const covering = rows.filter(({ start, size }) => at >= start && at < start + size);
        const hit = table.lookup(origin + BigInt(at));
        const found = hit === undefined || hit.name === '' ? undefined : Number(hit.offset);
        const nested = rows.every((a) => rows.every((b) => !crosses(a, b)));
        // Where symbols cross, as in no real file, one of those that cover it is right.
        if (nested)
          expect(found).toBe(
            covering.length === 0 ? undefined : at - Math.max(...covering.map(({ start }) => start)),
          );
        else if (found !== undefined) expect(covering.map(({ start }) => at - start)).toContain(found);
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});

interface Interval {
  readonly start: number;
  readonly size: number;
}

function crosses(a: Interval, b: Interval): boolean {
  return a.start < b.start && b.start < a.start + a.size && b.start + b.size > a.start + a.size;
}

test('names made of what mangled names are made of', () => {
  const piece = fc.constantFrom(
    ...[
      'N',
      'E',
      'I',
      'S_',
      'S0_',
      'St',
      'Ss',
      'T_',
      'T0_',
      '3foo',
      '1A',
      'i',
      'v',
      'P',
      'K',
      'R',
      'F',
      'J',
      'Dp',
      'L',
      'X',
    ],
    ...[
      'C1',
      'D1',
      'cv',
      'Z',
      'U',
      'l',
      'B',
      'B_',
      'Cs_',
      'M',
      'Y',
      'Nv',
      '4main',
      '0',
      's_',
      'u',
      'h',
      'G_',
      'p',
      'A',
      '17h0123456789abcdef',
      'T',
      'TV',
      'GV',
      'Th8_',
      'Dv4_',
    ],
  );
  const start = fc.constantFrom('_Z', '_ZN', '_R', '_RNv', '_RINv', '_Z1f', '_Z1fI');
  const name = fc
    .tuple(start, fc.array(piece, { maxLength: 40 }))
    .map(([head, rest]) => head + rest.join(''));
  fc.assert(
    fc.property(name, (text) => {
      expect(demangle(text).length).toBeLessThan(20_000);
    }),
    { numRuns: 5000, seed: 4 },
  );
});
