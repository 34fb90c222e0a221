/** The header of a record, in WebAssembly: its number, what stands at fixed places, the addresses and the tail. */
import {
  add,
  and,
  ctz,
  eq,
  type FunctionWriter,
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
  mul,
  ne,
  or,
  popcnt,
  select,
  shl,
  shrU,
  sub,
  toI64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmLabel } from '../../base/wasm-encode.ts';
import { decode, nibbles, pack, packed } from '../hex-code.ts';
import { codes, LANES, longOf, type RunContext, wordOf } from './run-context.ts';

const LF = 0x0a;
const RAX_TAIL = ' env->regs[R_EAX]=';
/** Widest number QEMU prints. */
const MAX_NUMBER_DIGITS = 10;
const CAUSE = ': v=';
/**
 * The header behind its number, with addresses of 16 or 8 digits (header.ts has the picture). Offsets from `v=`'s value:
 */
export const FORMS = {
  16: { ip: 28, pcLabel: 44, pc: 48, spLabel: 64, ss: 68, sp: 73, end: 89 },
  8: { ip: 28, pcLabel: 36, pc: 40, spLabel: 48, ss: 52, sp: 57, end: 65 },
} as const;
export type Width = keyof typeof FORMS;

/** Forms of 16 bytes: `#` is a hexadecimal digit, `?` 0 or 1, `*` 0 to 3, `.` anything, and the rest is itself. */
const HEAD = ['## e=#### i=? cp', 'l=* IP=####:....'] as const;
const STACK = ' SP=####:.......';
const FORM_MASKS: Readonly<Record<string, number>> = { '#': 0, '?': 0xfe, '*': 0xfc, '.': 0 };

/** What is known of the record in hand. */
export interface Fields {
  readonly seq: Local<'i64'>;
  readonly cause: Local<'i32'>; // behind `v=`
  readonly ip: Local<'i64'>; // written when a column wants it
  readonly pc: Local<'i64'>;
  readonly sp: Local<'i64'>;
  readonly faddr: Local<'i64'>;
  readonly dump: Local<'i32'>;
  readonly cpl: Local<'i32'>;
  readonly layout: Local<'i32'>;
}

/** The number of 2 or 4 hexadecimal digits, which have been checked; the first is in the lowest byte. */
function smallNumber(f: FunctionWriter, text: I32, digits: 2 | 4): I32 {
  const t = f.local('i32', text);
  f.set(t, add(and(t, 0x0f0f_0f0f), mul(and(shrU(t, 6), 0x0101_0101), 9)));
  if (digits === 2) return or(shl(and(t, 15), 4), shrU(t, 8));
  const low = or(and(shrU(t, 12), 0xf0), shrU(t, 24));
  return or(or(and(shl(t, 12), 0xf000), and(t, 0xf00)), low);
}

/** What stands at fixed places, once these have been checked. */
export const HEADER_FIELDS = {
  cpl: (_f, { cause }) => and(load8(cause, 18), 3),
  soft: (_f, { cause }) => and(load8(cause, 12), 1),
  vector: (f, { cause }) => smallNumber(f, load16(cause), 2),
  errcode: (f, { cause }) => smallNumber(f, load32(cause, 5), 4),
  cs: (f, { cause }) => smallNumber(f, load32(cause, 23), 4),
  // In front of the stack pointer, whose place depends on the width of addresses.
  ss: (f, { cause }) => {
    const isWide = eq(load32(cause, FORMS[16].pcLabel), wordOf(' pc='));
    return smallNumber(f, load32(add(cause, select(isWide, i32(FORMS[16].ss), i32(FORMS[8].ss)))), 4);
  },
} as const satisfies Record<string, (f: FunctionWriter, fields: Fields) => I32>;

export class HeaderCode {
  private readonly run: RunContext;
  /** How the number of the next header stands, when it is the next number and has as many digits. */
  private readonly next: {
    readonly text: Local<'v128'>;
    readonly mask: Local<'v128'>; // over the number and `: v=`
    readonly minusOne: Local<'v128'>; // in the last digit's lane
    readonly left: Local<'i32'>; // so many more times the last digit alone changes
    readonly length: Local<'i32'>; // of the number and the blanks before it
  };

  constructor(run: RunContext) {
    this.run = run;
    const { f } = run;
    const [text, mask, minusOne] = [f.local('v128'), f.local('v128'), f.local('v128')];
    this.next = { text, mask, minusOne, left: f.local('i32'), length: f.local('i32') };
  }

  /** Whether `text`, which is what stands at `at`, begins with the number behind the last record's, and `: v=`. */
  isNext(): I32 {
    const { text, mask, left } = this.next;
    const isThere = isZero(v128.anyTrue(v128.and(v128.xor(this.run.text, text), mask)));
    return and(ne(left, 0), isThere);
  }

  takeNext({ seq, cause }: Fields): void {
    const { f, lastSeq } = this.run;
    const { text, minusOne, left, length } = this.next;
    f.set(text, i8x16.sub(text, minusOne));
    f.bump(left, -1);
    f.set(cause, add(add(this.run.word('at'), length), CAUSE.length));
    f.set(seq, add(lastSeq, 1n));
  }

  /** `%6d: v=`, which is `text`: its number, and where the value of `v=` stands. */
  number(leave: WasmLabel, { seq, cause }: Fields): void {
    const { f, text } = this.run;
    const at = this.run.word('at');
    const bits = (vector: V128): I32 => i8x16.bitmask(vector);
    const { length } = this.next;
    f.set(length, ctz(bits(i8x16.eq(text, this.run.splat(0x3a))))); // to the colon; 32: none
    const all = f.local('i32', sub(shl(i32(1), length), 1));
    const blanks = f.local('i32', and(bits(i8x16.eq(text, this.run.splat(0x20))), all));
    const isDigit = i8x16.leU(i8x16.sub(text, this.run.splat(0x30)), this.run.splat(9));
    const digits = f.local('i32', and(bits(isDigit), all));
    f.goIf(leave, ne(or(blanks, digits), all)); // something else; all is 0 when there is no colon
    f.goIf(leave, or(isZero(digits), ne(and(blanks, add(blanks, 1)), 0))); // no digit, or a blank behind one
    f.goIf(leave, gtU(popcnt(digits), MAX_NUMBER_DIGITS));
    f.set(cause, add(at, length));
    f.goIf(leave, ne(load32(cause), wordOf(CAUSE)));
    f.bump(cause, CAUSE.length);
    this.expectNext();
    this.run.decimal(length, seq);
  }

  private expectNext(): void {
    const { f, text } = this.run;
    const { text: next, mask, minusOne, left, length } = this.next;
    f.set(minusOne, i8x16.eq(this.run.constant(LANES), i8x16.splat(sub(length, 1))));
    f.set(mask, i8x16.leU(this.run.constant(LANES), i8x16.splat(add(length, CAUSE.length - 1))));
    f.set(next, i8x16.sub(text, minusOne));
    f.set(left, sub(codes('9')[0]!, load8(add(this.run.word('at'), sub(length, 1)))));
  }

  isWide({ cause }: Fields): I32 {
    return eq(load32(cause, FORMS[16].pcLabel), wordOf(' pc='));
  }

  /** The addresses and the tail of a header of this width, and the line's end. */
  place(width: Width, leave: WasmLabel, fields: Fields): void {
    const { f } = this.run;
    const { cause } = fields;
    const form = FORMS[width];
    f.goIf(leave, ne(load32(cause, form.pcLabel), wordOf(' pc=')));
    HEAD.forEach((text, i) => {
      this.compare(text, cause, 16 * i);
    });
    this.compare(STACK, cause, form.spLabel);
    const tail = f.local('i32', add(cause, form.end));
    const isCr2 = f.local('i32', 0);
    this.tailText(leave, tail, isCr2);
    f.goIf(leave, ne(load8(tail, width), LF));
    f.set(fields.dump, add(tail, width + 1));
    if (width === 16) this.wideAddresses(tail, fields);
    else this.narrowAddresses(tail, fields);
    if (this.run.needs.faddr) f.when(isZero(isCr2), () => f.set(fields.faddr, 0n));
  }

  /** Gathers in `differs` where 16 bytes have another form. */
  private compare(form: string, address: I32, offset: number): void {
    const { f, text, differs } = this.run;
    const masks = [...form].map((c) => FORM_MASKS[c] ?? 0xff);
    const wanted = codes(form.replaceAll(/[?*]/g, '0')).map((byte, i) => byte & masks[i]!);
    const digits = [...form].map((c) => (c === '#' ? 0xf0 : 0));
    f.set(text, v128.load(address, offset));
    const fixed = v128.xor(v128.and(text, this.run.constant(masks)), this.run.constant(wanted));
    f.set(differs, v128.or(differs, fixed));
    f.set(differs, v128.or(differs, v128.and(nibbles(text, this.run.atHand), this.run.constant(digits))));
  }

  private wideAddresses(tail: Local<'i32'>, fields: Fields): void {
    const { f, text, bad, needs, atHand } = this.run;
    const { cause } = fields;
    const form = FORMS[16];
    const wanted: (readonly [Local<'v128'>, Local<'i64'>])[] = [];
    const read = (address: I32, offset: number, isWanted: boolean, into: Local<'i64'>): void => {
      const digits = f.local('v128');
      f.set(text, v128.load(address, offset));
      decode(f, text, bad, digits, atHand);
      if (isWanted) wanted.push([digits, into]);
    };
    read(cause, form.ip, this.run.wantsIp, fields.ip);
    const pc = (): void => read(cause, form.pc, needs.pc, fields.pc);
    // With a base of 0, as nearly always, it is the same text.
    if (needs.pc) pc();
    else f.when(v128.anyTrue(v128.xor(text, v128.load(cause, form.pc))), pc);
    read(cause, form.sp, this.run.wantsSp, fields.sp);
    read(tail, 0, needs.faddr, fields.faddr);
    for (let i = 0; i < wanted.length; i += 2) {
      const [digits, value] = wanted[i]!;
      const [moreDigits, moreValue] = wanted[i + 1] ?? [digits, undefined];
      pack(f, digits, moreDigits, digits, atHand);
      f.set(value, packed(digits, 0));
      if (moreValue !== undefined) f.set(moreValue, packed(digits, 1));
    }
  }

  /** Two runs of 8 digits in a vector each; the values of both are halves of one i64, the first in the upper half. */
  private narrowAddresses(tail: Local<'i32'>, fields: Fields): void {
    const { f, text, bad, atHand } = this.run;
    const { cause } = fields;
    const form = FORMS[8];
    const [first, second] = [f.local('v128'), f.local('v128')];
    const two = (a: V128, b: V128): V128 =>
      i8x16.shuffle(a, b, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
    f.set(text, two(v128.load(cause, form.ip), v128.load(tail)));
    decode(f, text, bad, first, atHand);
    f.set(text, two(v128.load(cause, form.pc), v128.load(cause, form.sp)));
    decode(f, text, bad, second, atHand);
    pack(f, first, second, first, atHand);
    const both = f.local('i64', packed(first, 1));
    f.set(fields.pc, shrU(both, 32n));
    f.set(fields.sp, and(both, 0xffff_ffffn));
    f.set(fields.faddr, and(packed(first, 0), 0xffff_ffffn));
    f.set(fields.ip, shrU(packed(first, 0), 32n));
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
