/** The layer that functions of WebAssembly are written in: each operation against what JavaScript says. */
import { describe, expect, test } from 'vitest';
import {
  add,
  and,
  call,
  clz,
  ctz,
  defineFunction,
  eq,
  type FunctionWriter,
  gtU,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  isZero,
  type Local,
  leU,
  load8,
  load16,
  load32,
  load64,
  loadF64,
  ltU,
  mul,
  ne,
  openWasm,
  or,
  popcnt,
  rotl,
  select,
  shl,
  shrU,
  sub,
  tee,
  toF64,
  toI64,
  type Value,
  v128,
  xor,
} from '../../../src/base/wasm-build.ts';
import { WasmModule, type WasmType } from '../../../src/base/wasm-encode.ts';

type Run = (...values: (number | bigint)[]) => number | bigint;

const memory = new WebAssembly.Memory({ initial: 1 });

function build<const P extends Readonly<Record<string, WasmType>>, const G extends WasmType | undefined>(
  takes: P,
  gives: G,
  write: (f: FunctionWriter, parameters: { readonly [N in keyof P]: Local<P[N]> }) => void,
): Run {
  const module = new WasmModule();
  defineFunction(module, { name: 'run', takes, gives }, write);
  return openWasm<{ run: Run }>(module, memory)!.run;
}

describe('scalars', () => {
  const [a, b] = [0x9000_0010 | 0, 7];
  test.each<[string, (a: Value<'i32'>, b: Value<'i32'>) => Value<'i32'>, number]>([
    ['add', add, (a + b) | 0],
    ['sub', sub, (a - b) | 0],
    ['mul', mul, Math.imul(a, b)],
    ['and', and, a & b],
    ['or', or, a | b],
    ['xor', xor, a ^ b],
    ['shl', shl, a << b],
    ['shrU', shrU, a >>> b],
    ['rotl', rotl, (a << b) | (a >>> (32 - b))],
    ['eq', eq, 0],
    ['ne', ne, 1],
    ['ltU', ltU, 0],
    ['gtU', gtU, 1],
    ['clz', clz, 0],
    ['ctz', (x) => ctz(x), 4],
    ['popcnt', (x) => popcnt(x), 3],
    ['isZero', (x) => isZero(x), 0],
  ])('%s', (_, op, expected) => {
    const run = build({ a: 'i32', b: 'i32' }, 'i32', (f, p) => f.give(op(p.a, p.b)));
    expect((run(a, b) as number) | 0).toBe(expected | 0);
  });

  test('64-bit operations follow their operands, on either side', () => {
    const run = build({ a: 'i64' }, 'i64', (f, p) => f.give(xor(i64(-1n), add(shl(p.a, 4n), 3n))));
    expect(run(0x1234_5678_9abc_def0n)).toBe(~0x2345_6789_abcd_ef03n);
    const less = build({ a: 'i64' }, 'i32', (f, p) => f.give(ltU(5n, p.a)));
    expect([less(4n), less(6n), less(-1n)]).toEqual([0, 1, 1]);
  });

  test('widths convert', () => {
    const run = build({ a: 'i32' }, 'i64', (f, p) => f.give(sub(toI64(p.a), 1n)));
    expect(run(-1)).toBe(0xffff_fffen);
  });
});

describe('statements', () => {
  test('a loop, a condition and a block end where they say', () => {
    // The sum of 1 … n without multiples of 3, given up at 1000.
    const run = build({ n: 'i32' }, 'i32', (f, { n }) => {
      const sum = f.local('i32');
      const i = f.local('i32', 1);
      f.block((leave) => {
        f.repeatWhile(
          () => leU(i, n),
          () => {
            f.when(ne(i, mul(i32(3), toThird(i))), () => f.set(sum, add(sum, i)));
            f.goIf(leave, gtU(sum, 1000));
            f.bump(i, 1);
          },
        );
      });
      f.give(sum);
    });
    const expected = (n: number): number => {
      let sum = 0;
      for (let i = 1; i <= n && sum <= 1000; i++) if (i % 3 !== 0) sum += i;
      return sum;
    };
    for (const n of [0, 1, 3, 10, 50, 500]) expect(run(n)).toBe(expected(n));
  });

  /** i / 3 for small i. */
  const toThird = (i: Value<'i32'>): Value<'i32'> => shrU(mul(i, 0xaaab), 17);

  test('otherwise, select, tee and again', () => {
    const run = build({ n: 'i32' }, 'i32', (f, { n }) => {
      const steps = f.local('i32');
      f.loop((again) => {
        f.when(
          and(n, 1),
          () => f.set(n, add(mul(n, 3), 1)),
          () => f.set(n, shrU(n, 1)),
        );
        f.goIf(again, ne(tee(steps, add(steps, 1)), select(eq(n, 1), steps, i32(-1))));
      });
      f.give(steps);
    });
    expect(run(6)).toBe(8); // Collatz
  });

  test('functions call each other and themselves', () => {
    const module = new WasmModule();
    const double = defineFunction(module, { name: 'double', takes: { a: 'i32' }, gives: 'i32' }, (f, { a }) =>
      f.give(add(a, a)),
    );
    const note = defineFunction(module, { name: 'note', takes: { a: 'i32' }, gives: undefined }, (f, { a }) =>
      f.store32(64, a),
    );
    defineFunction(module, { name: 'run', takes: { a: 'i32' }, gives: 'i32' }, (f, { a }) => {
      f.run(note, call(double, a));
      f.give(load32(64));
    });
    expect(openWasm<{ run: Run }>(module, memory)!.run(21)).toBe(42);
  });
});

test('loads and stores of every width, at an offset', () => {
  const run = build({ at: 'i32' }, 'i64', (f, { at }) => {
    f.store64(at, 0x1122_3344_5566_7788n);
    f.store8(at, 0xaa, 1);
    f.store16(at, 0xbbcc, 2);
    f.storeF64(at, toF64(i32(3)), 8);
    f.store32(at, -1, 16);
    f.set(at, add(at, select(eq(load8(at, 1), 0xaa), i32(0), i32(1000))));
    f.set(at, add(at, select(eq(load16(at, 2), 0xbbcc), i32(0), i32(1000))));
    f.give(load64(at));
  });
  expect(run(1000)).toBe(0x1122_3344_bbcc_aa88n);
  expect(new DataView(memory.buffer).getFloat64(1008, true)).toBe(3);
  expect(build({ at: 'i32' }, 'f64', (f, { at }) => f.give(loadF64(at, 8)))(1000)).toBe(3);
});

describe('vectors', () => {
  const text = new TextEncoder().encode('0123456789abcdef');
  const at = 4096;
  new Uint8Array(memory.buffer).set(text, at);
  const withBits = (count: number): number =>
    text.reduce((mask, byte, i) => mask | (+(byte.toString(2).replaceAll('0', '').length === count) << i), 0);
  const bits = (op: (a: Value<'v128'>) => Value<'v128'>): Run =>
    build({ at: 'i32' }, 'i32', (f, p) => f.give(i8x16.bitmask(op(v128.load(p.at)))));
  test.each<[string, (a: Value<'v128'>) => Value<'v128'>, number]>([
    ['eq', (a) => i8x16.eq(a, i8x16.splat(0x35)), 1 << 5],
    ['ne', (a) => i8x16.ne(a, i8x16.splat(0x35)), 0xffff ^ (1 << 5)],
    ['leU', (a) => i8x16.leU(a, i8x16.splat(0x33)), 0xf],
    ['not', (a) => v128.not(i8x16.leU(a, i8x16.splat(0x33))), 0xfff0],
    ['andNot', (a) => v128.andNot(i8x16.splat(0xff), i8x16.leU(a, i8x16.splat(0x33))), 0xfff0],
    ['bytes', (a) => i8x16.eq(a, v128.bytes([0x30, 0x31])), 3],
    ['swizzle', (a) => i8x16.eq(i8x16.swizzle(a, i8x16.splat(3)), i8x16.splat(0x33)), 0xffff],
    ['subSatU', (a) => i8x16.eq(i8x16.subSatU(a, i8x16.splat(0x60)), i8x16.splat(0)), 0x03ff],
    ['minU', (a) => i8x16.eq(i8x16.minU(a, i8x16.splat(0x31)), i8x16.splat(0x31)), 0xfffe],
    ['popcnt', (a) => i8x16.eq(i8x16.popcnt(a), i8x16.splat(2)), withBits(2)],
  ])('%s', (_, op, expected) => {
    expect(bits(op)(at)).toBe(expected);
  });

  test('lanes add up and come out', () => {
    const sum = build({ at: 'i32' }, 'i32', (f, p) => {
      const low = v128.and(v128.load(p.at), i16x8.splat(0xff));
      const pairs = f.local('v128', i16x8.add(low, i16x8.shrU(v128.load(p.at), 8)));
      const four = f.local('v128', i32x4.dot(pairs, i16x8.splat(1)));
      f.set(
        four,
        i32x4.add(four, i8x16.shuffle(four, four, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7])),
      );
      f.give(add(i32x4.extract(four, 0), i32x4.extract(four, 1)));
    });
    expect(sum(at)).toBe(text.reduce((total, byte) => total + byte, 0));
    const long = build({ at: 'i32' }, 'i64', (f, p) => f.give(i64x2.extract(v128.load(p.at, 1), 1)));
    expect(long(at - 1)).toBe(new DataView(memory.buffer).getBigInt64(at + 8, true));
  });

  test('a vector is stored as it was loaded', () => {
    const copy = build({ at: 'i32' }, undefined, (f, p) => {
      f.storeV128(p.at, v128.load(p.at), 32);
      f.when(v128.anyTrue(v128.xor(v128.load(p.at), v128.load(p.at, 32))), () => f.store8(p.at, 0, 32));
    });
    copy(at);
    expect(new Uint8Array(memory.buffer, at + 32, 16)).toEqual(text);
  });
});

test('a module that the engine refuses is none', () => {
  const module = new WasmModule();
  defineFunction(module, { name: 'run', takes: {}, gives: 'i32' }, (f) => f.give(i64(1n)));
  expect(openWasm(module, memory)).toBeUndefined();
});
