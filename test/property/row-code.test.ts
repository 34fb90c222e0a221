/**
 * Rows that are printed many at once, in WebAssembly, against the code that prints them piece by piece. If this breaks, look
 * in src/consumer/row-code.ts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { type NumberForm, writeNumberAt } from '../../src/consumer/number-text.ts';
import { RowCode, RowMemory, type RowPiece } from '../../src/consumer/row-code.ts';
import { TextBuffer } from '../../src/consumer/text-buffer.ts';

const ROOM = 64;
/** Where numbers of digits change, in both bases and in both halves. */
const edges = fc
  .tuple(fc.constantFrom(2n, 10n, 16n), fc.integer({ min: 0, max: 64 }), fc.bigInt(-2n, 2n), fc.boolean())
  .map(([base, power, delta, negative]) => (negative ? -1n : 1n) * base ** BigInt(power) + delta);
const word = fc.oneof(edges, fc.bigInt(0n, (1n << 64n) - 1n), fc.bigInt(-300n, 300n));
/** Numbers, with bytes between them that may be strings. */
const row = fc.array(
  word.map((value) => BigInt.asUintN(64, value)),
  { minLength: ROOM / 8, maxLength: ROOM / 8 },
);

const form: fc.Arbitrary<NumberForm> = fc
  .record({
    radix: fc.constantFrom(10 as const, 16 as const),
    sizeBytes: fc.constantFrom(1, 2, 4, 8),
    signed: fc.boolean(),
    width: fc.oneof(fc.constant(0), fc.nat({ max: 24 }), fc.constantFrom(15, 16, 17, 31, 32, 33, 64)),
    fill: fc.constantFrom('left', 'zeros', 'blanks'),
    capitals: fc.boolean(),
  })
  .map(({ fill, ...rest }) => ({
    ...rest,
    signed: rest.signed && rest.radix === 10,
    left: fill === 'left',
    zeros: fill === 'zeros',
    ...{ precision: 0, plus: 0, alternate: false, bare: rest.width === 0 },
  }));

const piece: fc.Arbitrary<RowPiece> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ kind: 'literal' as const, bytes })),
  fc.record({
    kind: fc.constant('number' as const),
    offset: fc.nat({ max: ROOM / 8 - 1 }).map((index) => index * 8),
    form,
  }),
  fc.record({
    kind: fc.constant('string' as const),
    offset: fc.nat({ max: ROOM - 1 }),
    limit: fc.nat({ max: 20 }),
    width: fc.oneof(fc.constant(0), fc.nat({ max: 64 })),
    left: fc.boolean(),
  }),
);

function pieceByPiece(out: TextBuffer, memory: LinearMemory, pieces: readonly RowPiece[], at: number): void {
  for (const piece of pieces) {
    if (piece.kind === 'literal') out.raw(piece.bytes);
    else if (piece.kind === 'number') writeNumberAt(out, piece.form, memory, at + piece.offset);
    else out.string(memory.u8, at + piece.offset, piece.limit, piece.width, piece.left);
  }
}

test('rows of random pieces and values', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.array(row, { minLength: 1, maxLength: 9 }),
      (pieces, rows) => {
        const memory = new LinearMemory(1);
        const code = RowCode.of(RowMemory.of(memory)!, pieces)!;
        const [expected, written] = [new TextBuffer(), new TextBuffer()];
        for (const values of rows) {
          const at = memory.reserve(ROOM + 32);
          memory.u64.set(values, at / 8);
          pieceByPiece(expected, memory, pieces, at);
          code.add(at);
        }
        code.flush(written);
        expect(Buffer.from(written.since(0)).toString('latin1')).toBe(
          Buffer.from(expected.since(0)).toString('latin1'),
        );
      },
    ),
    { numRuns: 2000, seed: 20261129 },
  );
});

test('as many rows as it takes, of the longest text, end where they should', () => {
  const memory = new LinearMemory(1);
  const widest = { radix: 10, sizeBytes: 8, signed: true, width: 0, left: false, zeros: false } as const;
  const more = { precision: 0, plus: 0, alternate: false, capitals: false, bare: true } as const;
  const pieces: RowPiece[] = [{ kind: 'number', offset: 0, form: { ...widest, ...more } }];
  const code = RowCode.of(RowMemory.of(memory)!, pieces)!;
  const behind = memory.reserve(8);
  const at = memory.reserve(8);
  memory.i64[at / 8] = -(1n << 63n);
  let rows = 0;
  for (; !code.isFull; rows++) code.add(at);
  const out = new TextBuffer();
  code.flush(out);
  expect(Buffer.from(out.since(0)).toString()).toBe('-9223372036854775808'.repeat(rows));
  expect(memory.u64[behind / 8]).toBe(0n);
  code.add(at);
  out.length = 0;
  code.flush(out);
  expect(Buffer.from(out.since(0)).toString()).toBe('-9223372036854775808');
});

test.each<[string, RowPiece]>([
  ['an octal number', { kind: 'number', offset: 0, form: formOf({ radix: 8 }) }],
  ['a precision', { kind: 'number', offset: 0, form: formOf({ precision: 3 }) }],
  ['a sign before what is not negative', { kind: 'number', offset: 0, form: formOf({ plus: 0x2b }) }],
  ['a prefix', { kind: 'number', offset: 0, form: formOf({ alternate: true }) }],
  ['a wide field', { kind: 'number', offset: 0, form: formOf({ width: 65 }) }],
  ['a long string', { kind: 'string', offset: 0, limit: 5000, width: 0, left: false }],
])('%s is left to others', (_name, piece) => {
  expect(RowCode.of(RowMemory.of(new LinearMemory(1))!, [piece])).toBeUndefined();
});

function formOf(more: Partial<NumberForm>): NumberForm {
  return {
    ...{ radix: 10, sizeBytes: 8, signed: true, width: 0, left: false, zeros: false },
    ...{ precision: 0, plus: 0, alternate: false, capitals: false, bare: false },
    ...more,
  };
}
