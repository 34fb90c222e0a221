/** The header of a record, in WebAssembly: its number, what stands at fixed places, the addresses and the tail. */
import {
  add,
  and,
  ctz,
  eq,
  gtU,
  type I32,
  i8x16,
  i32,
  isZero,
  type Local,
  load8,
  load16,
  load32,
  load64,
  ne,
  or,
  popcnt,
  shl,
  shrU,
  sub,
  toI64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmLabel } from '../../base/wasm-encode.ts';
import { decode, pack, packed } from './hex-code.ts';
import { codes, longOf, type RunContext, wordOf } from './run-context.ts';

const LF = 0x0a;
const RAX_TAIL = ' env->regs[R_EAX]=';
/** Widest number QEMU prints. */
const MAX_NUMBER_DIGITS = 10;
/**
 * The header behind its number, with addresses of 16 or 8 digits (header.ts has the picture). Offsets from `v=`'s value:
 */
export const FORMS = {
  16: { ip: 28, pcLabel: 44, pc: 48, spLabel: 64, ss: 68, colon: 72, sp: 73, end: 89 },
  8: { ip: 28, pcLabel: 36, pc: 40, spLabel: 48, ss: 52, colon: 56, sp: 57, end: 65 },
} as const;
export type Width = keyof typeof FORMS;

/** Fixed bytes among the first 32 behind `v=`; where a mask's bits are clear, any digit may stand. */
const SHAPE = '.. e=.... i=. cpl=. IP=....:....';
export const SOFT_AT = 12;
export const CPL_AT = 18;

export function shapeMasks(from: number): { readonly mask: V128; readonly wanted: V128 } {
  const mask = codes(SHAPE.slice(from, from + 16)).map((byte, i) => {
    if (from + i === SOFT_AT) return 0xfe; // 0 or 1
    if (from + i === CPL_AT) return 0xfc; // 0 to 3
    return byte === 0x2e ? 0 : 0xff;
  });
  const wanted = codes(SHAPE.slice(from, from + 16).replaceAll(/\./g, '0')).map((byte, i) => byte & mask[i]!);
  return { mask: v128.bytes(mask), wanted: v128.bytes(wanted) };
}

/** Digits of vector, error code, CS and SS, in this order, from the first 32 bytes (a, b) and from ` SP=ssss` (c). */
const SMALL_AB = [0, 1, 5, 6, 7, 8, 23, 24, 25, 26, 0, 0, 0, 0, 0, 0];
const SMALL_C = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 0, 1];
/** What is known of the record in hand. */
export interface Fields {
  readonly seq: Local<'i64'>;
  readonly cause: Local<'i32'>;
  readonly small: Local<'i64'>; // from the highest byte: vector, error code, CS, SS, vector
  readonly ip: Local<'i64'>; // written when a column wants it
  readonly pc: Local<'i64'>;
  readonly sp: Local<'i64'>;
  readonly faddr: Local<'i64'>;
  readonly dump: Local<'i32'>;
  readonly cpl: Local<'i32'>;
  readonly layout: Local<'i32'>;
}

export class HeaderCode {
  private readonly run: RunContext;

  constructor(run: RunContext) {
    this.run = run;
  }

  /** `%6d: v=` at `at`: its number, and where the value of `v=` stands. */
  number(leave: WasmLabel, seq: Local<'i64'>, cause: Local<'i32'>): void {
    const { f, text } = this.run;
    const at = this.run.word('at');
    f.set(text, v128.load(at));
    const bits = (vector: V128): I32 => i8x16.bitmask(vector);
    const length = f.local('i32', ctz(bits(i8x16.eq(text, i8x16.splat(0x3a))))); // to the colon; 32: none
    const all = f.local('i32', sub(shl(i32(1), length), 1));
    const blanks = f.local('i32', and(bits(i8x16.eq(text, i8x16.splat(0x20))), all));
    const isDigit = i8x16.leU(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(9));
    const digits = f.local('i32', and(bits(isDigit), all));
    f.goIf(leave, ne(or(blanks, digits), all)); // something else; all is 0 when there is no colon
    f.goIf(leave, or(isZero(digits), ne(and(blanks, add(blanks, 1)), 0))); // no digit, or a blank behind one
    f.goIf(leave, gtU(popcnt(digits), MAX_NUMBER_DIGITS));
    f.set(cause, add(at, length));
    f.goIf(leave, ne(load32(cause), wordOf(': v=')));
    f.bump(cause, 4);
    this.run.decimal(length, seq);
  }

  /** The addresses and the tail of a header of this width, and the line's end. */
  place(width: Width, leave: WasmLabel, head: readonly [V128, V128], fields: Fields): void {
    const { f, text, bad } = this.run;
    const { cause } = fields;
    const form = FORMS[width];
    f.goIf(
      leave,
      or(
        xor(load32(cause, form.pcLabel), wordOf(' pc=')),
        or(xor(load32(cause, form.spLabel), wordOf(' SP=')), xor(load8(cause, form.colon), 0x3a)),
      ),
    );
    const tail = f.local('i32', add(cause, form.end));
    const isCr2 = f.local('i32', 0);
    this.tailText(leave, tail, isCr2);
    f.goIf(leave, ne(load8(tail, width), LF));
    f.set(fields.dump, add(tail, width + 1));

    const [small, first, second] = [f.local('v128'), f.local('v128'), f.local('v128')];
    f.set(text, i8x16.shuffle(head[0], head[1], SMALL_AB));
    f.set(text, i8x16.shuffle(text, v128.load(cause, form.spLabel), SMALL_C));
    decode(f, text, bad, small);
    pack(f, small, small, small);
    f.set(fields.small, packed(small, 0));
    if (width === 16) {
      f.set(text, v128.load(cause, form.ip));
      decode(f, text, bad, first);
      if (this.run.wantsIp) {
        pack(f, first, first, first);
        f.set(fields.ip, packed(first, 0));
      }
      f.set(text, v128.load(cause, form.pc));
      decode(f, text, bad, first);
      f.set(text, v128.load(cause, form.sp));
      decode(f, text, bad, second);
      if (this.run.needs.pc || this.run.wantsSp) {
        pack(f, first, second, first);
        f.set(fields.pc, packed(first, 0));
        f.set(fields.sp, packed(first, 1));
      }
      f.set(text, v128.load(tail));
      decode(f, text, bad, first);
      if (this.run.needs.faddr) {
        pack(f, first, first, first);
        f.set(fields.faddr, packed(first, 0));
      }
    } else {
      // Two runs of 8 digits in a vector each; the values of both are halves of one i64, the first in the upper half.
      const two = (a: V128, b: V128): V128 =>
        i8x16.shuffle(a, b, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
      f.set(text, two(v128.load(cause, form.ip), v128.load(tail)));
      decode(f, text, bad, first);
      f.set(text, two(v128.load(cause, form.pc), v128.load(cause, form.sp)));
      decode(f, text, bad, second);
      pack(f, first, second, first);
      const both = f.local('i64', packed(first, 1));
      f.set(fields.pc, shrU(both, 32n));
      f.set(fields.sp, and(both, 0xffff_ffffn));
      f.set(fields.faddr, and(packed(first, 0), 0xffff_ffffn));
      f.set(fields.ip, shrU(packed(first, 0), 32n));
    }
    if (this.run.needs.faddr) f.when(isZero(isCr2), () => f.set(fields.faddr, 0n));
  }

  /** Moves `tail` from the tail's blank to its digits. */
  private tailText(leave: WasmLabel, tail: Local<'i32'>, isCr2: Local<'i32'>): void {
    const { f } = this.run;
    f.block((known) => {
      const first = f.local('i64', load64(tail));
      const five = and(first, 0xff_ffff_ffffn);
      f.when(eq(five, longOf(' CR2=')), () => {
        f.set(isCr2, 1);
        f.bump(tail, 5);
        f.go(known);
      });
      f.when(eq(first, longOf(RAX_TAIL.slice(0, 8))), () => {
        const rest = or(
          xor(load64(tail, 8), longOf(RAX_TAIL.slice(8, 16))),
          toI64(xor(load16(tail, 16), wordOf(RAX_TAIL.slice(16)))),
        );
        f.goIf(leave, ne(rest, 0n));
        f.bump(tail, RAX_TAIL.length);
        f.go(known);
      });
      f.goIf(leave, ne(five, longOf(' EAX=')));
      f.bump(tail, 5);
    });
  }
}
