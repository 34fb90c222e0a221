/**
 * The two loops that every record pays for, as WebAssembly with 16-byte vectors over the session's linear memory:
 *
 *   match(at, table, lines, size, controls, endMask, endValue)   is the block at `at` a dump of this shape?
 *       table: per line its start and its label (two i32); endMask and endValue are compared with the two bytes in front
 *       of each line; `controls` is the number of bytes below 0x20 that the block must have. 1 when all hold.
 *   hex3(a, b, c, out)    three runs of 16 hexadecimal digits to three i64 at `out`; not 0 when a byte is no digit.
 *
 * Both have an equal in TypeScript (layouts.ts, hex.ts), which is what runs where the engine has no vectors; the tests
 * compare them. The module is assembled here, from a few dozen instructions.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';

export interface Kernel {
  match(
    at: number,
    table: number,
    lines: number,
    size: number,
    controls: number,
    endMask: number,
    endValue: number,
  ): number;
  hex3(a: number, b: number, c: number, out: number): number;
}

/** The kernel over `memory`, or undefined where WebAssembly has no vector instructions. */
export function openKernel(memory: LinearMemory): Kernel | undefined {
  try {
    const module = new WebAssembly.Module(moduleBytes());
    const instance = new WebAssembly.Instance(module, { m: { m: memory.memory } });
    return instance.exports as unknown as Kernel;
  } catch {
    return undefined;
  }
}

type Code = readonly (number | Code)[];

const flat = (code: Code): number[] =>
  code.flatMap((part) => (typeof part === 'number' ? [part] : flat(part)));

/** Unsigned and signed LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
function sleb(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return done ? [low] : [low | 128, ...sleb(rest)];
}

const I32 = 0x7f;
const V128 = 0x7b;
const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [value, 0x21, local];
const constant = (value: number): Code => [0x41, sleb(value)];
const load32 = (address: Code): Code => [address, 0x28, 0, 0];
const load16 = (address: Code): Code => [address, 0x2f, 0, 0];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const subtract = (a: Code, b: Code): Code => [a, b, 0x6b];
const and = (a: Code, b: Code): Code => [a, b, 0x71];
const or = (a: Code, b: Code): Code => [a, b, 0x72];
const shiftRight = (a: Code, b: Code): Code => [a, b, 0x76];
const popcount = (a: Code): Code => [a, 0x69];
const equal = (a: Code, b: Code): Code => [a, b, 0x46];
const notEqual = (a: Code, b: Code): Code => [a, b, 0x47];
const lessUnsigned = (a: Code, b: Code): Code => [a, b, 0x49];
const when = (condition: Code, then: Code): Code => [condition, 0x04, 0x40, then, 0x0b];
const repeatWhile = (body: Code, condition: Code): Code => [0x03, 0x40, body, condition, 0x0d, 0, 0x0b];
const giveBack = (value: Code): Code => [value, 0x0f];

/** Vector instructions: 0xfd and a number. */
const vector = (op: number): Code => [0xfd, leb(op)];
const load128 = (address: Code): Code => [address, vector(0x00), 0, 0];
const splat8 = (byte: number): Code => [constant(byte), vector(0x0f)];
const below = (a: Code, b: Code): Code => [a, b, vector(0x26)]; // i8x16.lt_u
const above = (a: Code, b: Code): Code => [a, b, vector(0x28)]; // i8x16.gt_u
const bitmask = (a: Code): Code => [a, vector(0x64)];
const vectorAnd = (a: Code, b: Code): Code => [a, b, vector(0x4e)];
const vectorOr = (a: Code, b: Code): Code => [a, b, vector(0x50)];
const add8 = (a: Code, b: Code): Code => [a, b, vector(0x6e)];
const subtract8 = (a: Code, b: Code): Code => [a, b, vector(0x71)];
const shiftLeft16 = (a: Code, by: number): Code => [a, constant(by), vector(0x8b)];
const shiftRight16 = (a: Code, by: number): Code => [a, constant(by), vector(0x8d)];
const narrow16 = (a: Code, b: Code): Code => [a, b, vector(0x66)];
const pick = (a: Code, lanes: readonly number[]): Code => [a, a, vector(0x0d), [...lanes]];
const firstLong = (a: Code): Code => [a, vector(0x1d), 0]; // i64x2.extract_lane 0
const store64 = (address: Code, value: Code, offset: number): Code => [address, value, 0x37, 0, leb(offset)];

function matchBody(): Code {
  const [at, table, lines, size, controls, endMask, endValue, entry, stop, start, count] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ] as const;
  const controlBits = (address: Code): Code => bitmask(below(load128(address), splat8(0x20)));
  return [
    set(entry, get(table)),
    set(stop, add(get(table), [get(lines), constant(3), 0x74])),
    repeatWhile(
      [
        set(start, add(get(at), load32(get(entry)))),
        when(notEqual(load32(get(start)), load32(add(get(entry), constant(4)))), giveBack(constant(0))),
        when(
          notEqual(and(load16(subtract(get(start), constant(2))), get(endMask)), get(endValue)),
          giveBack(constant(0)),
        ),
        set(entry, add(get(entry), constant(8))),
      ],
      lessUnsigned(get(entry), get(stop)),
    ),
    set(stop, add(get(at), and(get(size), constant(-16)))),
    set(start, get(at)),
    repeatWhile(
      [
        set(count, add(get(count), popcount(controlBits(get(start))))),
        set(start, add(get(start), constant(16))),
      ],
      lessUnsigned(get(start), get(stop)),
    ),
    // The last, partial vector: the highest (size mod 16) bits of the one that ends with the block.
    set(
      count,
      add(
        get(count),
        popcount(
          shiftRight(
            controlBits(subtract(add(get(at), get(size)), constant(16))),
            subtract(constant(16), and(get(size), constant(15))),
          ),
        ),
      ),
    ),
    equal(get(count), get(controls)),
  ];
}

/** One run of digits: 16 bytes → 16 digit values → 8 bytes, most significant first → an i64. */
function hexField(address: number, out: number, offset: number, bad: number): Code {
  const [text, decimal, letter] = [5, 6, 7] as const;
  const lane = get(text);
  return [
    set(text, load128(get(address))),
    set(decimal, subtract8(lane, splat8(0x30))), // 0 … 9 for a digit
    set(letter, subtract8(lane, splat8(0x61))), // 0 … 5 for a letter
    set(bad, or(get(bad), bitmask(vectorAnd(above(get(decimal), splat8(9)), above(get(letter), splat8(5)))))),
    // Letters have 0x60 set: their low four bits are 1 … 6, to which 9 is added.
    set(text, add8(vectorAnd(lane, splat8(15)), vectorAnd(above(lane, splat8(0x39)), splat8(9)))),
    // Pairs of digits in 16-bit lanes, the first in the low byte: first << 4 | second.
    set(
      text,
      vectorAnd(vectorOr(shiftLeft16(lane, 4), shiftRight16(lane, 8)), [constant(0xff), vector(0x10)]),
    ),
    set(text, narrow16(lane, lane)),
    store64(get(out), firstLong(pick(lane, [7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0])), offset),
  ];
}

function hex3Body(): Code {
  const [a, b, c, out, bad] = [0, 1, 2, 3, 4] as const;
  return [hexField(a, out, 0, bad), hexField(b, out, 8, bad), hexField(c, out, 16, bad), get(bad)];
}

const section = (id: number, content: Code): Code => {
  const bytes = flat(content);
  return [id, leb(bytes.length), bytes];
};
const name = (text: string): Code => [text.length, [...text].map((c) => c.charCodeAt(0))];
const functionBody = (locals: Code, body: Code): Code => {
  const bytes = flat([locals, body, 0x0b]);
  return [leb(bytes.length), bytes];
};
const signature = (parameters: number): Code => [0x60, parameters, new Array(parameters).fill(I32), 1, I32];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    flat([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [2, signature(7), signature(4)]),
      section(2, [1, name('m'), name('m'), 2, 0, 1]), // memory of at least one page
      section(3, [2, 0, 1]),
      section(7, [2, name('match'), 0, 0, name('hex3'), 0, 1]),
      section(10, [
        2,
        functionBody([1, 4, I32], matchBody()),
        functionBody([2, 1, I32, 3, V128], hex3Body()),
      ]),
    ]),
  );
}
