/**
 * match(at, layout): is the block at `at` a dump of this shape? WebAssembly for the rules L1 to L3 of layouts.ts:
 * all lines' labels with the line ends in front of them, then all bytes below 0x20 counted, 64 bytes at a step.
 * The caller has seen that the block ends before the input does.
 */
import {
  add,
  and,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  i8x16,
  i16x8,
  i32,
  i32x4,
  type Local,
  load32,
  load64,
  ltU,
  ne,
  or,
  shl,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmModule } from '../../base/wasm-encode.ts';
import { LAYOUT_RECORD, LINE_BYTES, LINE_EXPECTED } from './layout-record.ts';

const HIGHEST_CONTROL = 0x1f;
const VECTOR_BYTES = 16;
const STEP_BYTES = 64;

export function defineMatch(module: WasmModule): FunctionHandle<'i32'> {
  return defineFunction(
    module,
    { name: 'match', takes: { at: 'i32', layout: 'i32' }, gives: 'i32' },
    (f, { at, layout }) => {
      matchLines(f, at, layout);
      f.give(eq(countControls(f, at, layout), load32(layout, LAYOUT_RECORD.controls)));
    },
  );
}

/** L1 and L2. Gives 0 when a line is another or elsewhere. */
function matchLines(f: FunctionWriter, at: Local<'i32'>, layout: Local<'i32'>): void {
  const entry = f.local('i32', add(layout, LAYOUT_RECORD.lines));
  const stop = f.local('i32', add(entry, shl(load32(layout, LAYOUT_RECORD.lineCount), 4)));
  const mask = f.local('i64', load64(layout, LAYOUT_RECORD.endMask));
  const bad = f.local('i64', 0n);
  f.loop((again) => {
    const found = and(load64(add(at, load32(entry))), mask);
    f.set(bad, or(bad, xor(found, load64(entry, LINE_EXPECTED))));
    f.bump(entry, LINE_BYTES);
    f.goIf(again, ltU(entry, stop));
  });
  f.when(ne(bad, 0n), () => f.give(0));
}

/** L3: how many bytes of the block are below 0x20. */
function countControls(f: FunctionWriter, at: Local<'i32'>, layout: Local<'i32'>) {
  const size = f.local('i32', load32(layout, LAYOUT_RECORD.sizeBytes));
  const p = f.local('i32', at);
  const stop = f.local('i32', add(at, and(size, -STEP_BYTES)));
  const counts = [f.local('v128', v128.bytes([])), f.local('v128', v128.bytes([]))] as const;
  // A comparison gives 255 where it holds; taking that away adds 1. A lane counts to 255 at most, a block has fewer vectors.
  const count = (into: Local<'v128'>, offset: number): void =>
    f.set(into, i8x16.sub(into, i8x16.leU(v128.load(p, offset), i8x16.splat(HIGHEST_CONTROL))));
  f.repeatWhile(
    () => ltU(p, stop),
    () => {
      for (let i = 0; i < STEP_BYTES / VECTOR_BYTES; i++) count(counts[(i & 1) as 0 | 1], i * VECTOR_BYTES);
      f.bump(p, STEP_BYTES);
    },
  );
  f.set(stop, add(at, and(size, -VECTOR_BYTES)));
  f.repeatWhile(
    () => ltU(p, stop),
    () => {
      count(counts[0], 0);
      f.bump(p, VECTOR_BYTES);
    },
  );
  const rest = i8x16.leU(v128.load(p), i8x16.splat(HIGHEST_CONTROL));
  f.set(counts[1], i8x16.sub(counts[1], v128.and(rest, v128.load(layout, LAYOUT_RECORD.tailMask))));
  const words = f.local('v128', i16x8.add(i16x8.sumPairs(counts[0]), i16x8.sumPairs(counts[1])));
  f.set(words, i32x4.dot(words, i16x8.splat(1)));
  const sum = f.local('i32', i32(0));
  for (const lane of [0, 1, 2, 3]) f.set(sum, add(sum, i32x4.extract(words, lane)));
  return sum;
}
