/**
 * match(first, at, end, out): the shape (line-shapes.ts) that the line in [at, end) has, by number; -1 for none. WebAssembly.
 *
 *   node:  text  size  kind  next  child  shape       `kind` of the part behind the text; SHAPE_KINDS.end: the line ends
 *   out:   from  to  value   from  to  value  …       of each number; the value (f64) of a decimal of at most 15 digits, else -1
 *
 * It may look eight bytes past the end, which the window has. Numbers go as far as they can, as in template-bytes.ts.
 */
import {
  add,
  and,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  f64,
  geU,
  gtU,
  type I32,
  i64,
  isZero,
  type Local,
  leU,
  load8,
  load32,
  load64,
  longToF64,
  ltU,
  mul,
  ne,
  openWasm,
  or,
  shl,
  sub,
  toI64,
  xor,
} from '../../base/wasm-build.ts';
import { WasmModule } from '../../base/wasm-encode.ts';
import { CHAR } from './bytes.ts';

/** `word` is a name of letters, digits and a few signs; `lowHex` has at most 16 digits, no 0x and no capital letters. */
export const SHAPE_KINDS = { end: 0, int: 1, hex: 2, word: 3, lowHex: 4 } as const;
export const NODE = { text: 0, size: 4, kind: 8, next: 12, child: 16, shape: 20, bytes: 24 } as const;
export const NUMBER = { from: 0, to: 4, value: 8, bytes: 16 } as const;
/** As CHAR's decimals are exact in a double. */
const EXACT_DIGITS = 15;
const CODE_X = 0x78;
const CODE_A = 0x61;
const LETTER_CASE = 0x20;
const UNDERSCORE = 0x5f;
const MOST_HEX_DIGITS = 16;

export type MatchShape = (first: number, at: number, end: number, out: number) => number;

export function openMatch(memory: WebAssembly.Memory): MatchShape | undefined {
  return openWasm<{ readonly match: MatchShape }>(matchModule(), memory)?.match;
}

function matchModule(): WasmModule {
  const module = new WasmModule();
  defineMatch(module);
  return module;
}

/** For modules that call it themselves. */
export function defineMatch(module: WasmModule): FunctionHandle<'i32'> {
  const takes = { node: 'i32', at: 'i32', end: 'i32', out: 'i32' } as const;
  return defineFunction(module, { name: 'match', takes, gives: 'i32' }, (f, { node, at, end, out }) => {
    const behind = f.local('i32'); // the node's text
    const to = f.local('i32');
    const value = f.local('i64');
    const isDecimal = f.local('i32');
    const isEnd = eq(load32(node, NODE.kind), SHAPE_KINDS.end);
    f.loop((again) => {
      f.when(isZero(node), () => f.give(-1));
      f.block((differs) => {
        compareText(f, node, at, end, () => f.go(differs));
        f.set(behind, add(at, load32(node, NODE.size)));
        f.when(isEnd, () => {
          f.goIf(differs, ne(behind, end));
          f.give(load32(node, NODE.shape));
        });
        f.when(
          gtU(load32(node, NODE.kind), SHAPE_KINDS.hex),
          () => {
            f.set(isDecimal, 0);
            readName(f, { node, from: behind, end, to });
          },
          () => readNumber(f, { node, from: behind, end, to, value, isDecimal }),
        );
        f.goIf(differs, eq(to, behind));
        f.store32(out, behind, NUMBER.from);
        f.store32(out, to, NUMBER.to);
        f.when(
          isDecimal,
          () => f.storeF64(out, longToF64(value), NUMBER.value),
          () => f.storeF64(out, f64(-1), NUMBER.value),
        );
        f.bump(out, NUMBER.bytes);
        f.set(at, to);
        f.set(node, load32(node, NODE.child));
        f.go(again);
      });
      f.set(node, load32(node, NODE.next));
      f.go(again);
    });
  });
}

/** `differ` leaves, when the node's text does not stand at `at`. */
function compareText(
  f: FunctionWriter,
  node: Local<'i32'>,
  at: Local<'i32'>,
  end: Local<'i32'>,
  differ: () => void,
): void {
  const left = f.local('i32', load32(node, NODE.size));
  const text = f.local('i32', load32(node, NODE.text));
  const place = f.local('i32', at);
  f.when(gtU(left, sub(end, at)), differ);
  f.repeatWhile(
    () => geU(left, 8),
    () => {
      f.when(ne(load64(text), load64(place)), differ);
      f.bump(text, 8);
      f.bump(place, 8);
      f.set(left, sub(left, 8));
    },
  );
  const mask = sub(shl(i64(1n), toI64(mul(left, 8))), 1n);
  f.when(ne(and(xor(load64(text), load64(place)), mask), 0n), differ);
}

interface Reading {
  readonly node: Local<'i32'>;
  readonly from: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly to: Local<'i32'>; // `from` when there is none
  readonly value: Local<'i64'>;
  readonly isDecimal: Local<'i32'>;
}

function readNumber(f: FunctionWriter, { node, from, end, to, value, isDecimal }: Reading): void {
  const isInt = f.local('i32', eq(load32(node, NODE.kind), SHAPE_KINDS.int));
  const digits = f.local('i32', from); // behind the sign
  const code = f.local('i32', load8(from));
  const isSign = or(eq(code, CHAR.plus), eq(code, CHAR.minus));
  f.when(and(isInt, isSign), () => f.bump(digits, 1));
  f.set(value, 0n);
  f.set(isDecimal, 0);
  f.block((done) => {
    const startsHex = and(eq(load8(digits), CHAR.zero), eq(or(load8(digits, 1), LETTER_CASE), CODE_X));
    f.when(and(ltU(add(digits, 2), end), startsHex), () => {
      f.set(to, add(digits, 2));
      hexRun(f, to, end, code);
      f.goIf(done, gtU(to, add(digits, 2)));
    });
    f.set(to, digits);
    f.when(isInt, () => {
      f.block((leave) => {
        f.loop((again) => {
          f.goIf(leave, geU(to, end));
          f.set(code, sub(load8(to), CHAR.zero));
          f.goIf(leave, gtU(code, 9));
          f.set(value, add(mul(value, 10n), toI64(code)));
          f.bump(to, 1);
          f.go(again);
        });
      });
      f.set(isDecimal, and(eq(digits, from), leU(sub(to, from), EXACT_DIGITS)));
    });
    f.when(isZero(isInt), () => hexRun(f, to, end, code));
    f.when(eq(to, digits), () => f.set(to, from)); // a sign alone is no number
  });
}

/** `word` and `lowHex`. */
function readName(f: FunctionWriter, { node, from, end, to }: Omit<Reading, 'value' | 'isDecimal'>): void {
  const isWord = f.local('i32', eq(load32(node, NODE.kind), SHAPE_KINDS.word));
  const code = f.local('i32');
  f.set(to, from);
  f.block((leave) => {
    f.loop((again) => {
      f.goIf(leave, geU(to, end));
      f.set(code, load8(to));
      f.when(
        isWord,
        () => f.goIf(leave, isZero(isWordCode(code))),
        () => f.goIf(leave, isZero(or(ltU(sub(code, CHAR.zero), 10), ltU(sub(code, CODE_A), 6)))),
      );
      f.bump(to, 1);
      f.go(again);
    });
  });
  f.when(and(isZero(isWord), gtU(sub(to, from), MOST_HEX_DIGITS)), () => f.set(to, from));
}

function isWordCode(code: Local<'i32'>): I32 {
  const letter = ltU(sub(or(code, LETTER_CASE), CODE_A), 26);
  const dashToColon = leU(sub(code, CHAR.minus), CHAR.colon - CHAR.minus); // - . / digits :
  return or(or(letter, dashToColon), or(eq(code, UNDERSCORE), eq(code, CHAR.plus)));
}

/** The same of a text, whole. */
export const isWholeWord = (text: string): boolean => /^[A-Za-z0-9_./:+-]+$/.test(text);

function hexRun(f: FunctionWriter, to: Local<'i32'>, end: Local<'i32'>, code: Local<'i32'>): void {
  f.block((leave) => {
    f.loop((again) => {
      f.goIf(leave, geU(to, end));
      f.set(code, load8(to));
      f.goIf(leave, isZero(isHexDigit(code)));
      f.bump(to, 1);
      f.go(again);
    });
  });
}

function isHexDigit(code: Local<'i32'>): I32 {
  return or(ltU(sub(code, CHAR.zero), 10), ltU(sub(or(code, LETTER_CASE), CODE_A), 6));
}
