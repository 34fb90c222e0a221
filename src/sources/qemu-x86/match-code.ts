/**
 * match(at, layout): is the block at `at` a dump of this shape? WebAssembly for the rules L1 to L3 of layouts.ts:
 * all lines' labels with the line ends in front of them, then all bytes below 0x20 summed up, 128 bytes at a step.
 * The caller has seen that the block ends before the input does.
 */
import {
  add,
  and,
  defineFunction,
  type FunctionHandle,
  type FunctionWriter,
  i8x16,
  isZero,
  type Local,
  load32,
  load64,
  ltU,
  ne,
  or,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmModule } from '../../base/wasm-encode.ts';
import { LAYOUT_RECORD, LINE_BYTES, LINE_EXPECTED } from './layout-record.ts';

const FIRST_PRINTABLE = 0x20;
const VECTOR_BYTES = 16;
const STEP_BYTES = 128;
/** Lines compared at a step; the record repeats its last line up to a multiple of them. */
export const LINE_STEP = 4;

export function defineMatch(module: WasmModule): FunctionHandle<'i32'> {
  return defineFunction(
    module,
    { name: 'match', takes: { at: 'i32', layout: 'i32' }, gives: 'i32' },
    (f, { at, layout }) => {
      matchLines(f, at, layout);
      const sums = controlSums(f, at, layout);
      const differs = sums.map((sum, i) => v128.xor(sum, v128.load(layout, LAYOUT_RECORD.controls + 16 * i)));
      f.give(isZero(v128.anyTrue(v128.or(differs[0]!, differs[1]!))));
    },
  );
}

/** L1 and L2. Gives 0 when a line is another or elsewhere. */
function matchLines(f: FunctionWriter, at: Local<'i32'>, layout: Local<'i32'>): void {
  const entry = f.local('i32', add(layout, LAYOUT_RECORD.lines));
  const stop = f.local('i32', add(layout, load32(layout, LAYOUT_RECORD.linesEnd)));
  const mask = f.local('i64', load64(layout, LAYOUT_RECORD.endMask));
  const bad = f.local('i64', 0n);
  f.loop((again) => {
    for (let i = 0; i < LINE_STEP; i++) {
      const found = and(load64(add(at, load32(entry, i * LINE_BYTES))), mask);
      f.set(bad, or(bad, xor(found, load64(entry, i * LINE_BYTES + LINE_EXPECTED))));
    }
    f.bump(entry, LINE_STEP * LINE_BYTES);
    f.goIf(again, ltU(entry, stop));
  });
  f.when(ne(bad, 0n), () => f.give(0));
}

/**
 * L3. A byte below 0x20 adds what it lacks to its lane of a sum; a sum stays at 255 when it is full. L2 has seen that all line
 * ends are there, and no other such byte takes anything away, so the sums are the layout's only when there is none.
 */
function controlSums(f: FunctionWriter, at: Local<'i32'>, layout: Local<'i32'>): readonly Local<'v128'>[] {
  const size = f.local('i32', load32(layout, LAYOUT_RECORD.sizeBytes));
  const p = f.local('i32', at);
  const stop = f.local('i32', add(at, and(size, -STEP_BYTES)));
  const sums = [f.local('v128', v128.bytes([])), f.local('v128', v128.bytes([]))] as const;
  const lacking = (offset: number): V128 => i8x16.subSatU(i8x16.splat(FIRST_PRINTABLE), v128.load(p, offset));
  const sum = (which: number, added: V128): void =>
    f.set(sums[(which & 1) as 0 | 1], i8x16.addSatU(sums[(which & 1) as 0 | 1], added));
  f.repeatWhile(
    () => ltU(p, stop),
    () => {
      for (let i = 0; i < STEP_BYTES / VECTOR_BYTES; i++) sum(i, lacking(i * VECTOR_BYTES));
      f.bump(p, STEP_BYTES);
    },
  );
  f.set(stop, add(at, and(size, -VECTOR_BYTES)));
  f.repeatWhile(
    () => ltU(p, stop),
    () => {
      sum(0, lacking(0));
      f.bump(p, VECTOR_BYTES);
    },
  );
  sum(1, v128.and(lacking(0), v128.load(layout, LAYOUT_RECORD.tailMask)));
  return sums;
}

/** The sums that `match` will find in a block of this layout: two vectors, as bytes. Undefined when a sum is full. */
export function expectedSums(block: Uint8Array): Uint8Array | undefined {
  const sums = new Uint8Array(2 * VECTOR_BYTES);
  const steps = block.length - (block.length % STEP_BYTES);
  const vectors = block.length - (block.length % VECTOR_BYTES);
  for (let i = 0; i < block.length; i++) {
    const byte = block[i]!; // by index: a log of 10 MB has 30 shapes, and this runs cold
    if (byte >= FIRST_PRINTABLE) continue;
    const which = i < steps ? (i / VECTOR_BYTES) & 1 : i < vectors ? 0 : 1;
    const lane = which * VECTOR_BYTES + (i % VECTOR_BYTES);
    const sum = sums[lane]! + FIRST_PRINTABLE - byte;
    if (sum >= 0xff) return undefined;
    sums[lane] = sum;
  }
  return sums;
}
