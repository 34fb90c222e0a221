/**
 * header(at, end, classes, out): what stands in front of an event, and the event's name. WebAssembly for the lines that nearly
 * all are; for others it gives -1, and header-bytes.ts says what they are.
 *
 *             sh-94      [001] d..2.     4.714044: sched_switch: …
 *             ^ ^task   ^cpu   ^flags    ^time     ^ its value
 *
 * `classes` is CLASS of bytes.ts, in memory. It may look a few bytes past the end, which the window has.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import {
  add,
  and,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  geU,
  gtU,
  type I32,
  isZero,
  type Local,
  leU,
  load8,
  ltU,
  mul,
  ne,
  openWasm,
  or,
  sub,
  xor,
} from '../../base/wasm-build.ts';
import { WasmModule } from '../../base/wasm-encode.ts';
import { CHAR, CLASS, HASH_PRIME, HASH_SEED, WORD } from '../text-trace/bytes.ts';

/** Words of `out`. */
export const HEADER = {
  comm: 0,
  commEnd: 1,
  tid: 2,
  cpu: 3,
  flags: 4, // the first letter
  seconds: 5,
  fraction: 6,
  fractionDigits: 7,
  nameEnd: 8,
  nameHash: 9, // as hashOf of bytes.ts
  words: 10,
} as const;

const MOST_DIGITS = 9;
const MOST_CPU_DIGITS = 8;
const [LEAST_FLAGS, MOST_FLAGS] = [4, 6];
const UNDERSCORE = 0x5f;

type ReadHeader = (at: number, end: number, classes: number, out: number) => number;

export class HeaderReader {
  /** Word of `memory.i32` where what was read stands. */
  readonly word: number;
  /** CLASS of bytes.ts. */
  readonly classes: number;
  private readonly read: ReadHeader | undefined;

  constructor(memory: LinearMemory) {
    this.word = memory.reserve(4 * HEADER.words) >> 2;
    this.classes = memory.reserve(CLASS.length);
    memory.u8.set(CLASS, this.classes);
    this.read = openWasm<{ readonly header: ReadHeader }>(headerModule(), memory.memory)?.header;
  }

  /** Where the event begins; -1. */
  body(at: number, end: number): number {
    return this.read === undefined ? -1 : this.read(at, end, this.classes, this.word << 2);
  }
}

type Place = Local<'i32'>;

function headerModule(): WasmModule {
  const module = new WasmModule();
  defineHeader(module);
  return module;
}

/** For modules that call it themselves. */
export function defineHeader(module: WasmModule): FunctionHandle<'i32'> {
  const takes = { at: 'i32', end: 'i32', classes: 'i32', out: 'i32' } as const;
  return defineFunction(module, { name: 'header', takes, gives: 'i32' }, (f, { at, end, classes, out }) => {
    const failIf = (condition: I32): void => f.when(condition, () => f.give(-1));
    const put = (word: number, value: I32): void => f.store32(out, value, 4 * word);
    const text = { f, at, end };
    const from = f.local('i32');
    const value = f.local('i32');

    skipBlanks(text);
    const first = f.local('i32', at);
    skipTo(text, CHAR.openBracket);
    failIf(eq(at, end));
    readTask(f, { first, bracket: at, put, failIf });

    f.bump(at, 1);
    f.set(from, at);
    readDigits(text, value);
    failIf(or(eq(at, from), or(gtU(sub(at, from), MOST_CPU_DIGITS), ne(load8(at), CHAR.closeBracket))));
    put(HEADER.cpu, value);

    f.bump(at, 1);
    failIf(ne(load8(at), CHAR.space));
    skipBlanks(text);
    f.set(from, at);
    put(HEADER.flags, load8(at));
    const odd = f.local('i32');
    f.repeatWhile(
      () => and(ltU(at, end), ne(load8(at), CHAR.space)),
      () => {
        f.set(odd, or(odd, isZero(or(isWord(at, classes), eq(load8(at), CHAR.dot)))));
        f.set(odd, or(odd, eq(load8(at), UNDERSCORE)));
        f.bump(at, 1);
      },
    );
    failIf(or(odd, gtU(sub(sub(at, from), LEAST_FLAGS), MOST_FLAGS - LEAST_FLAGS)));

    skipBlanks(text);
    f.set(from, at);
    readDigits(text, value);
    failIf(or(eq(at, from), or(gtU(sub(at, from), MOST_DIGITS), ne(load8(at), CHAR.dot))));
    put(HEADER.seconds, value);
    f.bump(at, 1);
    f.set(from, at);
    readDigits(text, value);
    failIf(or(eq(at, from), or(gtU(sub(at, from), MOST_DIGITS), ne(load8(at), CHAR.colon))));
    put(HEADER.fraction, value);
    put(HEADER.fractionDigits, sub(at, from));

    f.bump(at, 1);
    failIf(ne(load8(at), CHAR.space));
    skipBlanks(text);
    failIf(geU(at, end));
    const body = f.local('i32', at);
    f.set(value, HASH_SEED);
    f.repeatWhile(
      () => and(ltU(at, end), or(isWord(at, classes), eq(load8(at), CHAR.dot))),
      () => {
        f.set(value, mul(xor(value, load8(at)), HASH_PRIME));
        f.bump(at, 1);
      },
    );
    put(HEADER.nameEnd, at);
    put(HEADER.nameHash, value);
    f.give(body);
  });
}

interface Text {
  readonly f: FunctionWriter;
  readonly at: Place;
  readonly end: Place;
}

const isWord = (at: Place, classes: Place): I32 => ne(and(load8(add(classes, load8(at))), WORD), 0);

function skipBlanks({ f, at, end }: Text): void {
  f.repeatWhile(
    () => and(ltU(at, end), eq(load8(at), CHAR.space)),
    () => f.bump(at, 1),
  );
}

function skipTo({ f, at, end }: Text, code: number): void {
  f.repeatWhile(
    () => and(ltU(at, end), ne(load8(at), code)),
    () => f.bump(at, 1),
  );
}

/** More digits than MOST_DIGITS do not fit, and are told by their number. */
function readDigits({ f, at, end }: Text, value: Place): void {
  const digit = f.local('i32');
  f.set(value, 0);
  f.block((leave) => {
    f.loop((again) => {
      f.goIf(leave, geU(at, end));
      f.set(digit, sub(load8(at), CHAR.zero));
      f.goIf(leave, gtU(digit, 9));
      f.set(value, add(mul(value, 10), digit));
      f.bump(at, 1);
      f.go(again);
    });
  });
}

interface Task {
  readonly first: Place;
  readonly bracket: Place;
  readonly put: (word: number, value: I32) => void;
  readonly failIf: (condition: I32) => void;
}

/** `sh-94 `, read from its end. */
function readTask(f: FunctionWriter, { first, bracket, put, failIf }: Task): void {
  const to = f.local('i32', bracket);
  f.repeatWhile(
    () => and(gtU(to, first), eq(load8(sub(to, 1)), CHAR.space)),
    () => f.set(to, sub(to, 1)),
  );
  failIf(eq(to, bracket));
  const dash = f.local('i32', to);
  const value = f.local('i32');
  const scale = f.local('i32', 1);
  const digit = f.local('i32');
  f.block((leave) => {
    f.loop((again) => {
      f.goIf(leave, leU(dash, first));
      f.set(digit, sub(load8(sub(dash, 1)), CHAR.zero));
      f.goIf(leave, gtU(digit, 9));
      f.set(value, add(value, mul(digit, scale)));
      f.set(scale, mul(scale, 10));
      f.set(dash, sub(dash, 1));
      f.go(again);
    });
  });
  failIf(or(eq(dash, to), gtU(sub(to, dash), MOST_DIGITS)));
  failIf(or(leU(sub(dash, 1), first), ne(load8(sub(dash, 1)), CHAR.minus)));
  put(HEADER.comm, first);
  put(HEADER.commEnd, sub(dash, 1));
  put(HEADER.tid, value);
}
