/** The lines between records that run takes, in WebAssembly: each is counted, and moves `at` behind it. */
import {
  add,
  addF64,
  eq,
  f64,
  gtU,
  i32,
  isZero,
  type Local,
  load8,
  load32,
  loadF64,
  longToF64,
  mul,
  mulF64,
  ne,
  or,
  shl,
  sub,
  subF64,
  toF64,
  v128,
} from '../../base/wasm-build.ts';
import type { WasmLabel } from '../../base/wasm-encode.ts';
import { codes, type RunContext } from './run-context.ts';
import { FRAME, NO_MARK, SERVICING_BYTES } from './run-frame.ts';

const LF = 0x0a;
const CHECK = 'check_exception old: 0xffffffff new 0x';
const SERVICING = 'Servicing hardware INT=0x';
/** Seconds since 1970 fit in fewer; a line of -trace is shorter. */
const MAX_SECONDS_DIGITS = 11;
const MICROS_DIGITS = 6;
const MAX_TRACED_BYTES = 1024;

export class LineCode {
  private readonly run: RunContext;

  constructor(run: RunContext) {
    this.run = run;
  }

  checkLine(leave: WasmLabel): void {
    const { f } = this.run;
    const at = this.run.word('at');
    f.goIf(leave, isZero(load32(this.run.frame, FRAME.takesChecks)));
    f.goIf(leave, ne(this.run.word('mark'), NO_MARK));
    f.goIf(leave, v128.anyTrue(this.run.otherThan(at, CHECK)));
    const byte = f.local('i32', load8(at, CHECK.length));
    f.goIf(leave, eq(this.run.digit(byte), 255));
    // One digit, or two.
    const size = f.local('i32', CHECK.length + 2);
    f.set(byte, load8(at, CHECK.length + 1));
    f.when(ne(byte, LF), () => {
      f.goIf(leave, eq(this.run.digit(byte), 255));
      f.goIf(leave, ne(load8(at, CHECK.length + 2), LF));
      f.set(size, CHECK.length + 3);
    });
    f.goIf(leave, gtU(add(at, size), this.run.word('end')));
    f.bump(this.run.word('checks'), 1);
    f.bump(this.run.word('checkBytes'), size);
    f.set(this.run.line, addF64(this.run.line, toF64(i32(1))));
    f.bump(at, size);
  }

  servicingLine(leave: WasmLabel): void {
    const { f } = this.run;
    const at = this.run.word('at');
    f.goIf(leave, isZero(load32(this.run.frame, FRAME.takesServicing)));
    f.goIf(leave, ne(this.run.word('mark'), NO_MARK));
    f.goIf(leave, v128.anyTrue(this.run.otherThan(at, SERVICING)));
    f.goIf(leave, ne(load8(at, SERVICING.length + 2), LF));
    const byte = f.local('i32', load8(at, SERVICING.length));
    const high = f.local('i32', this.run.digit(byte));
    f.set(byte, load8(at, SERVICING.length + 1));
    const low = f.local('i32', this.run.digit(byte));
    f.goIf(leave, gtU(or(high, low), 15));
    f.goIf(leave, gtU(add(at, SERVICING_BYTES), this.run.word('end')));
    f.set(this.run.word('mark'), or(shl(high, 4), low));
    f.bump(this.run.word('servicings'), 1);
    f.set(this.run.line, addF64(this.run.line, toF64(i32(1))));
    f.bump(at, SERVICING_BYTES);
  }

  /** A servicing line whose record was not taken behind it is left to TypeScript, too. */
  giveServicingBack(): void {
    const { f } = this.run;
    const mark = this.run.word('mark');
    f.when(ne(mark, NO_MARK), () => {
      f.set(mark, NO_MARK);
      f.bump(this.run.word('servicings'), -1);
      f.set(this.run.line, subF64(this.run.line, toF64(i32(1))));
      f.bump(this.run.word('at'), -SERVICING_BYTES);
    });
  }

  /**
   * A line of -trace, `pid@seconds.micros:name …`, which tells the time. `length` digits stand at `at`, and then
   * something else; to `leave` when it is no such line.
   */
  tracedLine(leave: WasmLabel, length: Local<'i32'>): void {
    const { f, text } = this.run;
    const at = this.run.word('at');
    f.goIf(leave, isZero(load32(this.run.frame, FRAME.takesTraced)));
    f.goIf(leave, ne(this.run.word('mark'), NO_MARK));
    f.goIf(leave, isZero(length));
    const p = f.local('i32', add(add(at, length), 1));
    const micros = f.local('i64');
    f.set(text, v128.load(p));
    f.set(length, this.run.digitsOf(text));
    f.goIf(leave, or(isZero(length), gtU(length, MAX_SECONDS_DIGITS)));
    this.run.decimal(length, micros);
    f.bump(p, length);
    f.goIf(leave, ne(load8(p), codes('.')[0]!));
    f.bump(p, 1);
    const part = f.local('i64');
    f.set(text, v128.load(p));
    f.set(length, this.run.digitsOf(text));
    f.goIf(leave, ne(length, MICROS_DIGITS));
    f.goIf(leave, ne(load8(p, MICROS_DIGITS), codes(':')[0]!));
    this.run.decimal(length, part);
    f.set(micros, add(mul(micros, 1_000_000n), part));
    f.goIf(leave, gtU(micros, BigInt(Number.MAX_SAFE_INTEGER)));
    this.run.lineEnd(leave, p, MAX_TRACED_BYTES);
    const size = f.local('i32', sub(p, at));
    f.bump(this.run.word('traced'), 1);
    f.bump(this.run.word('tracedBytes'), size);
    const passed = subF64(longToF64(micros), loadF64(this.run.frame, FRAME.firstMicros));
    f.set(this.run.timeNs, mulF64(passed, f64(1000)));
    f.set(this.run.line, addF64(this.run.line, toF64(i32(1))));
    f.set(at, p);
  }
}
