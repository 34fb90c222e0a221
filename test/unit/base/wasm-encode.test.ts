/** What the encoder writes is what WebAssembly runs: constants of every length, labels, offsets, many locals. */
import { describe, expect, test } from 'vitest';
import { WasmCode, WasmModule, type WasmSignature } from '../../../src/base/wasm-encode.ts';

const memory = new WebAssembly.Memory({ initial: 1 });

function run(signature: WasmSignature, code: WasmCode, ...args: (number | bigint)[]): unknown {
  const module = new WasmModule();
  module.addFunction(signature, code, 'f');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { e: { memory } });
  return (exports['f'] as (...given: (number | bigint)[]) => unknown)(...args);
}

describe('constants', () => {
  const edges = [6n, 7n, 13n, 14n, 31n, 32n, 62n, 63n].flatMap((bit) =>
    [-1n, 0n, 1n].flatMap((near) => [(1n << bit) + near, -(1n << bit) + near]),
  );
  const ofBits = (bits: number) => [...new Set([0n, ...edges].map((value) => BigInt.asIntN(bits, value)))];

  test('of 64 bits', () => {
    for (const value of ofBits(64)) {
      expect(run({ takes: [], gives: ['i64'] }, new WasmCode(0).i64(value))).toBe(value);
    }
  });

  test('of 32 bits, given signed or unsigned', () => {
    for (const value of ofBits(32).map(Number)) {
      const code = (given: number) => run({ takes: [], gives: ['i32'] }, new WasmCode(0).i32(given));
      expect([code(value), code(value >>> 0)]).toEqual([value, value]);
    }
  });
});

test('labels find their block from any depth', () => {
  // 1 + 2 + … + n, leaving two blocks and a loop at once.
  const code = new WasmCode(1);
  const sum = code.local('i32');
  const out = code.block();
  const again = code.loop();
  code.block();
  code.get(0).op('i32.eqz').brIf(out);
  code.get(sum).get(0).op('i32.add').set(sum).end();
  code.get(0).i32(1).op('i32.sub').set(0).br(again).end();
  code.end().get(sum);
  expect(run({ takes: ['i32'], gives: ['i32'] }, code, 100)).toBe(5050);
});

test('a body of any size, with locals of several types, at any offset', () => {
  const code = new WasmCode(0);
  const locals = Array.from({ length: 300 }, (_, i) => code.local(i % 3 === 0 ? 'i64' : 'i32'));
  code.i64(7n).set(locals[297]!);
  for (let i = 0; i < 3000; i++)
    code
      .i32(0)
      .get(locals[297]!)
      .access('i64.store', 65528 - (i % 8) * 8);
  code.i32(65520).access('i64.load', 8);
  expect(run({ takes: [], gives: ['i64'] }, code)).toBe(7n);
});

test('functions call each other and imports, by their numbers', () => {
  const module = new WasmModule();
  const twice = module.importFunction('twice', { takes: ['i32'], gives: ['i32'] });
  const inner = module.addFunction(
    { takes: ['i32'], gives: ['i32'] },
    new WasmCode(1).get(0).call(twice).i32(1).op('i32.add'),
  );
  module.addFunction({ takes: ['i32'], gives: ['i32'] }, new WasmCode(1).get(0).call(inner), 'f');
  const imports = { e: { memory, twice: (n: number) => n * 2 } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), imports);
  expect((exports['f'] as (n: number) => number)(20)).toBe(41);
});
