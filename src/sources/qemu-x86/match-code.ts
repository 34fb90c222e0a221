/**
 * match(at, layout): is the block at `at` a dump of this shape? WebAssembly for the rules L1 to L3 of layouts.ts, for
 * layouts with plain newlines. The caller has seen that the block ends before the input does.
 */
import {
  add,
  and,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  type I32,
  type Local,
  load32,
  load64,
  ltU,
  or,
  shl,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmModule } from '../../base/wasm-encode.ts';
import { LAYOUT_RECORD, LINE_BYTES, LINE_EXPECTED, MATCH_STEPS } from './layout-record.ts';

/** Five bytes of an entry count. */
const ENTRY_MASK = 0xff_ffff_ffffn;
/** A byte below 0x20 has neither of the bits 5 and 6; moved up by one, bit 5 is bit 6. */
const PRINTABLE = 0x4040_4040_4040_4040n;

export function defineMatch(module: WasmModule): FunctionHandle<'i32'> {
  return defineFunction(
    module,
    { name: 'match', takes: { at: 'i32', layout: 'i32' }, gives: 'i32' },
    (f, { at, layout }) => f.give(matchLines(f, at, layout)),
  );
}

/** Whether all entries of both tables hold; written where it is used. */
export function matchLines(f: FunctionWriter, at: Local<'i32'>, layout: Local<'i32'>): I32 {
  const entry = f.local('i32', add(layout, LAYOUT_RECORD.lines));
  const stop = f.local('i32', add(layout, load32(layout, LAYOUT_RECORD.linesEnd)));
  const differs = f.local('i64', 0n);
  f.loop((again) => {
    for (let i = 0; i < MATCH_STEPS.lines; i++) {
      const found = load64(add(at, load32(entry, i * LINE_BYTES)));
      f.set(differs, or(differs, xor(found, load64(entry, i * LINE_BYTES + LINE_EXPECTED))));
    }
    f.bump(entry, MATCH_STEPS.lines * LINE_BYTES);
    f.goIf(again, ltU(entry, stop));
  });
  const printable = f.local('i64', PRINTABLE);
  const text = f.local('i64');
  f.set(entry, add(layout, LAYOUT_RECORD.tails));
  f.set(stop, add(layout, load32(layout, LAYOUT_RECORD.tailsEnd)));
  f.loop((again) => {
    for (let i = 0; i < MATCH_STEPS.tails; i++) {
      f.set(text, load64(add(at, load32(entry, i * 4))));
      f.set(printable, and(printable, or(text, shl(text, 1n))));
    }
    f.bump(entry, MATCH_STEPS.tails * 4);
    f.goIf(again, ltU(entry, stop));
  });
  return eq(or(and(differs, ENTRY_MASK), xor(printable, PRINTABLE)), 0n);
}
