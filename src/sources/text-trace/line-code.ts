/**
 * lines(at, end, table, room): where the lines of [at, end) end, and which are plain, 16 bytes at a time. WebAssembly.
 *
 *   table:   +-------------+----------+-- … one entry for each line that is whole; the count is the function's value
 *            | its newline | is plain |   plain: printable ASCII, with one carriage return at most, behind it
 *            +-------------+----------+
 *
 * It may look 16 bytes past the end, which the window has.
 */
import {
  add,
  and,
  ctz,
  defineFunction,
  eq,
  geU,
  i8x16,
  isZero,
  load8,
  ltU,
  openWasm,
  sub,
  v128,
} from '../../base/wasm-build.ts';
import { WasmModule } from '../../base/wasm-encode.ts';

export const LINE_ENTRY_BYTES = 8;
const VECTOR_BYTES = 16;
const LF = 0x0a;
const CR = 0x0d;
const FIRST_PRINTABLE = 0x20;
const PRINTABLES = 0x7e - FIRST_PRINTABLE;

export type FindLines = (at: number, end: number, table: number, room: number) => number;

/** Undefined where the engine has no vectors. */
export function openLines(memory: WebAssembly.Memory): FindLines | undefined {
  return openWasm<{ readonly lines: FindLines }>(linesModule(), memory)?.lines;
}

function linesModule(): WasmModule {
  const module = new WasmModule();
  const takes = { at: 'i32', end: 'i32', table: 'i32', room: 'i32' } as const;
  defineFunction(module, { name: 'lines', takes, gives: 'i32' }, (f, { at, end, table, room }) => {
    const count = f.local('i32');
    const isPlain = f.local('i32', 1);
    const odd = f.local('i32'); // bytes that are not printable, by bit
    const place = f.local('i32');
    const code = f.local('i32');
    f.repeatWhile(
      () => ltU(at, end),
      () => {
        const above = i8x16.sub(v128.load(at), i8x16.splat(FIRST_PRINTABLE));
        f.set(odd, i8x16.bitmask(v128.not(i8x16.leU(above, i8x16.splat(PRINTABLES)))));
        f.repeatWhile(
          () => odd,
          () => {
            f.set(place, add(at, ctz(odd)));
            f.when(geU(place, end), () => f.give(count));
            f.set(odd, and(odd, sub(odd, 1)));
            f.set(code, load8(place));
            f.when(
              eq(code, LF),
              () => {
                f.store32(table, place);
                f.store32(table, isPlain, 4);
                f.bump(table, LINE_ENTRY_BYTES);
                f.bump(count, 1);
                f.when(eq(count, room), () => f.give(count));
                f.set(isPlain, 1);
              },
              () => {
                const isLineEnd = and(eq(code, CR), eq(load8(place, 1), LF));
                f.when(isZero(isLineEnd), () => f.set(isPlain, 0));
              },
            );
          },
        );
        f.bump(at, VECTOR_BYTES);
      },
    );
    f.give(count);
  });
  return module;
}
