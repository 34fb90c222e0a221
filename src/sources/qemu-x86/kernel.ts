/**
 * The loops that every record or line pays for, as WebAssembly with 16-byte vectors over the session's linear memory:
 *
 *   match(at, layout)     is the block at `at` a dump of the shape whose record (layout-record.ts) is at `layout`? 1 or 0
 *   hex3(a, b, c, out)    three runs of 16 hexadecimal digits to three i64 at `out`; not 0 when a byte is no digit
 *   newline(from, end)    where the first newline in [from, end) is, or -1; some bytes behind `end` are read, too
 *   controls(from, end)   how many bytes in [from, end) are control bytes
 *
 * Each has an equal in TypeScript (layouts.ts, hex.ts, lines.ts), which is what runs where the engine has no vectors; the tests
 * compare them. Logs of some size are scanned by a greater function made of the same pieces (int-run-code.ts).
 */

import type { LinearMemory } from '../../base/linear-memory.ts';
import {
  and,
  ctz,
  defineFunction,
  i8x16,
  i32,
  ltU,
  openPrebuilt,
  popcnt,
  select,
  shl,
  sub,
  v128,
} from '../../base/wasm-build.ts';
import { WasmModule } from '../../base/wasm-encode.ts';
import { decode, notDigits, pack, packed } from '../hex-code.ts';
import { defineMatch } from './match-code.ts';

export interface Kernel {
  match(at: number, layout: number): number;
  hex3(a: number, b: number, c: number, out: number): number;
  newline(from: number, end: number): number;
  controls(from: number, end: number): number;
}

/** The kernel over `memory`, or undefined where WebAssembly has no vector instructions. */
export function openKernel(memory: LinearMemory): Kernel | undefined {
  return openPrebuilt<Kernel>('kernel', kernelModule, memory.memory);
}

export function kernelModule(): WasmModule {
  const module = new WasmModule();
  defineMatch(module);
  defineHex3(module);
  defineNewline(module);
  defineControls(module);
  return module;
}

const VECTOR_BYTES = 16;
const LF = 0x0a;
const LAST_CONTROL = 0x1f;

function defineNewline(module: WasmModule): void {
  const takes = { from: 'i32', end: 'i32' } as const;
  defineFunction(module, { name: 'newline', takes, gives: 'i32' }, (f, { from, end }) => {
    const found = f.local('i32');
    f.repeatWhile(
      () => ltU(from, end),
      () => {
        f.set(found, i8x16.bitmask(i8x16.eq(v128.load(from), i8x16.splat(LF))));
        f.when(found, () => {
          f.bump(from, ctz(found));
          f.give(select(ltU(from, end), from, i32(-1)));
        });
        f.bump(from, VECTOR_BYTES);
      },
    );
    f.give(-1);
  });
}

function defineControls(module: WasmModule): void {
  const takes = { from: 'i32', end: 'i32' } as const;
  defineFunction(module, { name: 'controls', takes, gives: 'i32' }, (f, { from, end }) => {
    const [bits, count] = [f.local('i32'), f.local('i32')];
    f.repeatWhile(
      () => ltU(from, end),
      () => {
        f.set(bits, i8x16.bitmask(i8x16.leU(v128.load(from), i8x16.splat(LAST_CONTROL))));
        const left = f.local('i32', sub(end, from));
        f.when(ltU(left, VECTOR_BYTES), () => f.set(bits, and(bits, sub(shl(1, left), 1))));
        f.bump(count, popcnt(bits));
        f.bump(from, VECTOR_BYTES);
      },
    );
    f.give(count);
  });
}

function defineHex3(module: WasmModule): void {
  const takes = { a: 'i32', b: 'i32', c: 'i32', out: 'i32' } as const;
  defineFunction(module, { name: 'hex3', takes, gives: 'i32' }, (f, { a, b, c, out }) => {
    const [text, bad, first, second] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
    f.set(text, v128.load(a));
    decode(f, text, bad, first);
    f.set(text, v128.load(b));
    decode(f, text, bad, second);
    pack(f, first, second, first);
    f.storeV128(out, first);
    f.set(text, v128.load(c));
    decode(f, text, bad, second);
    pack(f, second, second, second);
    f.store64(out, packed(second, 0), 16);
    f.give(v128.anyTrue(notDigits(bad)));
  });
}
