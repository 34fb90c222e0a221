/**
 * Plans of records against the code that needs no plan: random formats, fields and values must give the same bytes.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { writeNumberAt } from '../../src/consumer/number-text.ts';
import { writeConversion } from '../../src/consumer/printf.ts';
import { layoutOf } from '../../src/consumer/printf-layout.ts';
import { formOf } from '../../src/consumer/record-plan.ts';
import { TextBuffer } from '../../src/consumer/text-buffer.ts';
import { writeTraced } from '../../src/consumer/trace-value.ts';
import { CONVERSIONS, type ConversionName } from '../../src/dif/conversions.ts';
import type { Conversion, Literal } from '../../src/dif/printf-format.ts';
import {
  address,
  bytes,
  FakeSession,
  format,
  int,
  STRSIZE,
  text,
  type Value,
} from '../unit/consumer/fake-session.ts';

const INT_NAMES = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64'] as const;
/** Where numbers of digits change, in both bases and in both halves. */
const edges = fc
  .tuple(fc.constantFrom(2n, 10n, 16n), fc.integer({ min: 0, max: 64 }), fc.bigInt(-2n, 2n), fc.boolean())
  .map(([base, power, delta, negative]) => (negative ? -1n : 1n) * base ** BigInt(power) + delta);
const content = fc.oneof(edges, fc.bigInt(-(1n << 63n), (1n << 64n) - 1n), fc.bigInt(-300n, 300n));
const anyInt = fc
  .record({ name: fc.constantFrom(...INT_NAMES), content })
  .map(({ name, content }) => int(name, content));
const latin1 = fc
  .uint8Array({ maxLength: STRSIZE - 1 })
  .map((raw) => String.fromCharCode(...raw.filter((byte) => byte > 0 && byte < 0x80)));
const anyValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: anyInt },
  latin1.map(text),
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map((raw) => bytes(raw)),
  fc.bigInt(0n, (1n << 64n) - 1n).map(address),
);
const size = fc.option(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(100, 300)), {
  nil: undefined,
  freq: 2,
});
const spec = fc.record({
  flags: fc.uniqueArray(fc.constantFrom('#', '0', '-', '+', ' ', "'", '?'), { maxLength: 4 }),
  width: size,
  precision: size,
  letters: fc.constantFrom(...(Object.keys(CONVERSIONS) as ConversionName[]).filter((name) => name !== 'k')),
  value: anyValue,
  literal: fc.constantFrom('', ' ', '|', '%%', 'x='.repeat(40)),
});
type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never;

function literalOf({ flags, width, precision, letters, literal }: Spec): string {
  return `%${flags.join('')}${width || ''}${precision === undefined ? '' : `.${precision}`}${letters}${literal}`;
}

/** What the code for any conversion writes, value after value. */
function withoutPlan(pieces: readonly (Literal | Conversion)[], values: readonly Value[]): string {
  const out = new TextBuffer();
  let argument = 0;
  for (const piece of pieces) {
    if (piece.kind === 'literal') out.raw(piece.bytes);
    else
      writeConversion(
        out,
        piece,
        layoutOf(piece, () => 0),
        fieldOf(values[argument++]!),
        undefined,
      );
  }
  return Buffer.from(out.since(0)).toString('latin1');
}

const memory = new LinearMemory(1);

function fieldOf({ shape, content }: Value) {
  const raw =
    typeof content === 'bigint'
      ? new Uint8Array(BigInt64Array.of(BigInt.asIntN(64, content)).buffer).subarray(0, shape.sizeBytes || 8)
      : typeof content === 'string'
        ? Uint8Array.from(content, (letter) => letter.charCodeAt(0))
        : (content as Uint8Array);
  const sizeBytes = shape.kind === 'string' ? STRSIZE : raw.length;
  const offset = memory.reserve(sizeBytes + 8);
  memory.u8.set(raw, offset);
  return { memory, shape, offset, sizeBytes };
}

test('formats', () => {
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), (specs) => {
      const literal = specs.map(literalOf).join('');
      const values = specs.map(({ value }) => value);
      const session = new FakeSession().set('quiet');
      const printed = session.fire([{ kind: 'printf', format: literal, values }]).text();
      expect(printed).toBe(withoutPlan(format(literal).pieces, values));
    }),
    { numRuns: 2000, seed: 20261126 },
  );
});

test('every integer conversion and flag at every edge', () => {
  const out = [new TextBuffer(), new TextBuffer()] as const;
  const flags = ['', '#', '0', '-', '+', ' ', '#0', '#-', '+0', ' 0', '-+'];
  const sizes = ['', '1', '9', '10', '19', '20', '24', '.1', '.8', '.9', '.17', '.22', '.30', '20.9', '9.20'];
  const letters = ['d', 'i', 'u', 'o', 'x', 'X', 'p'];
  const conversions = flags.flatMap((flag) =>
    sizes.flatMap((field) => letters.map((letter) => format(`%${flag}${field}${letter}`).pieces[0]!)),
  );
  fc.assert(
    fc.property(anyInt, fc.nat(conversions.length - 1), fc.nat(100), (value, first, step) => {
      const field = fieldOf(value);
      for (let i = first; i < conversions.length; i += 50 + step) {
        const conversion = conversions[i] as Conversion;
        const layout = layoutOf(conversion, () => 0);
        const renders = CONVERSIONS[conversion.letters as ConversionName].renders;
        const form = formOf(conversion, renders, layout, field);
        out[0].length = out[1].length = 0;
        writeNumberAt(out[0], form!, field.memory, field.offset);
        writeConversion(out[1], conversion, layout, field, undefined);
        expect(Buffer.from(out[0].since(0)).toString()).toBe(Buffer.from(out[1].since(0)).toString());
      }
    }),
    { numRuns: 3000, seed: 20261127 },
  );
});

test('trace(), quiet or not', () => {
  fc.assert(
    fc.property(fc.array(anyValue, { minLength: 1, maxLength: 4 }), fc.boolean(), (values, quiet) => {
      const out = new TextBuffer();
      const style = { quiet, rawBytes: false, stackIndent: 14, symbols: undefined };
      for (const value of values) writeTraced(out, fieldOf(value), style);
      const expected = Buffer.from(out.since(0)).toString('latin1');
      const session = quiet ? new FakeSession().set('quiet') : new FakeSession();
      const probe = { id: 7, provider: 'p', module: '', function: 'f', name: 'n' };
      const steps = values.map((value) => ({ kind: 'trace' as const, value }));
      const printed = session.fire(steps, probe, 3).fire(steps, probe, 3).text();
      if (quiet) expect(printed).toBe(expected + expected);
      else {
        const row = `  3      7 ${'f:n'.padStart(32)} ${expected}\n`;
        expect(printed).toBe(`CPU     ID                    FUNCTION:NAME\n${row}${row}`);
      }
    }),
    { numRuns: 1000, seed: 20261128 },
  );
});
