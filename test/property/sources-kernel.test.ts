/** The WebAssembly kernel does exactly what the TypeScript beside it does. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { hex8, NOT_HEX } from '../../src/sources/qemu-x86/hex.ts';
import { openKernel } from '../../src/sources/qemu-x86/kernel.ts';
import { DumpLayouts } from '../../src/sources/qemu-x86/layouts.ts';
import { findNewline } from '../../src/sources/qemu-x86/lines.ts';
import { traceBytes } from '../support/sources-lab.ts';

const memory = new LinearMemory();
const kernel = openKernel(memory)!;
const space = memory.reserve(8192);
const PARAMETERS = { seed: 4711, numRuns: 2000 };

test('is there', () => {
  expect(kernel).toBeDefined();
});

const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 });
/** Mostly good digits, and sometimes a byte that is none, among them the neighbours of the good ones. */
const bad = fc.constantFrom(0x2f, 0x3a, 0x40, 0x41, 0x46, 0x60, 0x67, 0x00, 0x0a, 0x80, 0xb5, 0xe1, 0xff);
const field = fc.record({ text: digits, spoil: fc.option(fc.tuple(fc.nat({ max: 15 }), bad), { freq: 3 }) });

test('hex3 decodes as hex8 does, at any alignment', () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 3, maxLength: 3 }), fc.nat({ max: 15 }), (fields, shift) => {
      const out = space + 4096;
      const places = fields.map(({ text, spoil }, i) => {
        const at = space + 64 * i + shift;
        memory.u8.set(Buffer.from(text, 'latin1'), at);
        if (spoil !== null) memory.u8[at + spoil[0]] = spoil[1];
        return at;
      });
      const failed = kernel.hex3(places[0]!, places[1]!, places[2]!, out) !== 0;
      const check = new Int32Array(1);
      const halves = places.flatMap((at) => [hex8(memory.u8, at + 8, check), hex8(memory.u8, at, check)]);
      expect(failed).toBe(check[0]! >= NOT_HEX);
      if (!failed) expect([...memory.i32.subarray(out >> 2, (out >> 2) + 6)]).toEqual(halves);
    }),
    PARAMETERS,
  );
});

test('newline and controls see each byte of a text, and none behind it', () => {
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0x20, 0x41, 0x8a, 0xff) },
    fc.constantFrom(0, 0x09, 0x0a, 0x0d, 0x1f),
  );
  const text = fc.array(byte, { maxLength: 80 });
  fc.assert(
    fc.property(
      text,
      fc.array(byte, { minLength: 16, maxLength: 16 }),
      fc.nat({ max: 15 }),
      (bytes, behind, shift) => {
        const at = space + shift;
        const end = at + bytes.length;
        memory.u8.set([...bytes, ...behind], at);
        expect(kernel.newline(at, end)).toBe(findNewline(memory.u8, at, end));
        expect(kernel.controls(at, end)).toBe(bytes.filter((one) => one < 0x20).length);
      },
    ),
    PARAMETERS,
  );
});

/** A dump of a real log, with its line ends. */
function realDump(name: string, crlf: boolean): Buffer {
  const text = traceBytes(name).toString('latin1');
  const from = text.indexOf('\n', text.search(/^ *\d+: v=/m)) + 1;
  const dump = text.slice(from, text.indexOf('\n', text.indexOf('\nEFER=', from) + 1) + 1);
  return Buffer.from(crlf ? dump.replaceAll('\n', '\r\n') : dump, 'latin1');
}

const DUMPS = [
  realDump('linux-x86_64-boot-small', false),
  realDump('linux-x86_64-boot-small', true),
  realDump('linux-i386-boot', false),
];

test('match finds what the slow comparison finds, whatever bytes change', () => {
  const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x0a, 0x0d, 0x1f, 0x20, 0x80, 0x3d));
  const change = fc.tuple(fc.nat(), byte);
  fc.assert(
    fc.property(
      fc.constantFrom(...DUMPS),
      fc.array(change, { maxLength: 3 }),
      fc.nat({ max: 19 }),
      (dump, changes, shift) => {
        const both = [new DumpLayouts(memory, kernel), new DumpLayouts(memory, undefined)];
        const at = space + 32 + shift;
        memory.u8.set(Buffer.from('\r\n'), at - 2);
        memory.u8.set(dump, at);
        const lineStarts = [0, ...newlines(dump).slice(0, -1)].map((offset) => at + offset);
        const ranks = lineStarts.map((_, i) => i);
        for (const layouts of both) expect(layouts.learn(lineStarts, ranks, at + dump.length)).toBeDefined();
        for (const [offset, value] of changes) memory.u8[at + (offset % dump.length)] = value;
        const [fast, slow] = both.map((layouts) => layouts.match(memory.u8, at, at + dump.length)?.id);
        expect(fast).toBe(slow);
        if (changes.length === 0) expect(fast).toBe(0);
      },
    ),
    { ...PARAMETERS, numRuns: 500 },
  );
});

function newlines(bytes: Buffer): number[] {
  return [...bytes].flatMap((byte, i) => (byte === 0x0a ? [i + 1] : []));
}
