/**
 * run(frame): take as many regular pieces of the log as come one behind the other, in WebAssembly.
 *
 * A piece is regular when it is
 *   - a check_exception line of an exception that came alone,
 *   - a servicing line when no other mark is open,
 *   - a line of -trace that is no event, or
 *   - a header in the usual form with its tail, and a dump of a known layout that agrees with it (fast-path.ts `jump`), of a
 *     CPU whose task register is known.
 * Everything else stops the run in front of it, with nothing of it taken: `jump` and the walk then decide, and what
 * they find is what run would find next time. So run has no result of its own; it is the fast half of `jump`, and
 * each check here is one there.
 *
 * Text is compared where it need not be decoded: IP with the dump's RIP, SP with its RSP, the task register with those
 * of records before. Every digit is checked all the same.
 */
import {
  add,
  addF64,
  and,
  call,
  ctz,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  f64,
  geU,
  gtU,
  type I32,
  type I64,
  i8x16,
  i16x8,
  i32,
  i32x4,
  isZero,
  type Local,
  leU,
  load8,
  load16,
  load32,
  load64,
  loadF64,
  longToF64,
  ltU,
  mul,
  mulF64,
  ne,
  or,
  popcnt,
  select,
  shl,
  shrU,
  sub,
  subF64,
  toF64,
  toI32,
  toI64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import { type WasmLabel, WasmModule } from '../../base/wasm-encode.ts';
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { REGISTERS } from '../../machine/registers.ts';
import { decode, nibbles, notDigits, pack, packed } from './hex-code.ts';
import { COLUMN, COLUMN_BYTES, GUARD, GUARD_BYTES, LAYOUT_RECORD } from './layout-record.ts';
import { defineMatch } from './match-code.ts';
import {
  CPU_OF_TEXT,
  FRAME,
  FRAME_COLUMNS,
  type FrameWord,
  KNOWN_TEXT,
  KNOWN_TEXT_BYTES,
  NO_MARK,
  SERVICING_BYTES,
  STOPS,
  TR_BASE_AT,
} from './run-frame.ts';

/** The module for a program's needs; `needs.registerColumns` are those that the batch has. */
export function runModule(needs: SourceNeeds): WasmModule {
  const module = new WasmModule();
  const match = defineMatch(module);
  defineFunction(module, { name: 'run', takes: { frame: 'i32' }, gives: 'i32' }, (f, { frame }) => {
    new RunCode(f, frame, needs, match).write();
  });
  return module;
}

/** Bytes of an ASCII text, as a vector (at most 16) or as a little-endian number (at most 4 or 8). */
const codes = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
const vectorOf = (text: string): V128 => v128.bytes(codes(text));
const wordOf = (text: string): number => codes(text).reduceRight((word, byte) => (word << 8) | byte, 0);
const longOf = (text: string): bigint =>
  codes(text).reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

const LF = 0x0a;
const CHECK = 'check_exception old: 0xffffffff new 0x';
const SERVICING = 'Servicing hardware INT=0x';
const RAX_TAIL = ' env->regs[R_EAX]=';
/** Seconds since 1970 fit in fewer; a line of -trace is shorter. */
const MAX_SECONDS_DIGITS = 11;
const MICROS_DIGITS = 6;
const MAX_TRACED_BYTES = 1024;
/** Widest number QEMU prints. */
const MAX_NUMBER_DIGITS = 10;
const FIRST_NON_EXCEPTION = 0x20; // as in hardware.ts
const MAX_HEADERS_BETWEEN = 4;

/**
 * The header behind its number, with addresses of 16 or 8 digits (header.ts has the picture). Offsets from `v=`'s value:
 */
const FORMS = {
  16: { ip: 28, pcLabel: 44, pc: 48, spLabel: 64, ss: 68, colon: 72, sp: 73, end: 89 },
  8: { ip: 28, pcLabel: 36, pc: 40, spLabel: 48, ss: 52, colon: 56, sp: 57, end: 65 },
} as const;
type Width = keyof typeof FORMS;

/** Fixed bytes among the first 32 behind `v=`; where a mask's bits are clear, any digit may stand. */
const SHAPE = '.. e=.... i=. cpl=. IP=....:....';
const SOFT_AT = 12;
const CPL_AT = 18;

function shapeMasks(from: number): { readonly mask: V128; readonly wanted: V128 } {
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

class RunCode {
  private readonly f: FunctionWriter;
  private readonly frame: Local<'i32'>;
  private readonly needs: SourceNeeds;
  private readonly match: FunctionHandle<'i32'>;
  private readonly words: { readonly [field in FrameWord]?: Local<'i32'> } = {};
  private readonly lastSeq: Local<'i64'>;
  private readonly line: Local<'f64'>;
  private readonly timeNs: Local<'f64'>;
  private readonly bad: Local<'v128'>;
  private readonly text: Local<'v128'>;
  private readonly stop: Local<'i32'>; // why it will have stopped when it stops now
  private readonly wantsIp: boolean;
  private readonly wantsSp: boolean;

  constructor(f: FunctionWriter, frame: Local<'i32'>, needs: SourceNeeds, match: FunctionHandle<'i32'>) {
    this.f = f;
    this.frame = frame;
    this.needs = needs;
    this.match = match;
    this.lastSeq = f.local('i64', load64(frame, FRAME.lastSeq));
    this.line = f.local('f64', loadF64(frame, FRAME.nextLine));
    this.timeNs = f.local('f64', loadF64(frame, FRAME.timeNs));
    this.bad = f.local('v128');
    this.stop = f.local('i32', STOPS.regular);
    this.text = f.local('v128');
    this.wantsIp = needs.registerColumns.includes(REGISTERS.rip.id);
    this.wantsSp = needs.sp || needs.registerColumns.includes(REGISTERS.rsp.id);
  }

  /** A word of the frame, kept in a local from its first use on; `write` uses all before its loop. */
  private word(field: FrameWord): Local<'i32'> {
    const words = this.words as { [field in FrameWord]?: Local<'i32'> };
    words[field] ??= this.f.local('i32', load32(this.frame, FRAME[field]));
    return words[field];
  }

  write(): void {
    const { f } = this;
    const kept = [
      ...([
        'at',
        'end',
        'limit',
        'row',
        'capacity',
        'mark',
        'markHeaders',
        'adjacent',
        'latestText',
      ] as const),
      ...(['clock', 'latestCpu', 'checks', 'checkBytes', 'servicings', 'traced', 'tracedBytes'] as const),
      'eventBytes' as const,
    ];
    for (const field of kept) this.word(field);
    const { stop } = this;
    f.block((leave) => {
      f.loop((again) => {
        const { at, limit, row, capacity } = this.words as { [field in FrameWord]: Local<'i32'> };
        f.goIf(leave, or(isZero(ltU(row, capacity)), isZero(ltU(at, limit))));
        f.set(stop, STOPS.line);
        this.record(leave);
        f.set(stop, STOPS.regular);
        f.go(again);
      });
    });
    this.giveBack();
    f.give(stop);
  }

  private giveBack(): void {
    const { f, frame } = this;
    for (const [field, local] of Object.entries(this.words))
      f.store32(frame, local, FRAME[field as FrameWord]);
    f.store64(frame, this.lastSeq, FRAME.lastSeq);
    f.storeF64(frame, this.line, FRAME.nextLine);
    f.storeF64(frame, this.timeNs, FRAME.timeNs);
  }

  /** One piece; to `leave` when it is none. */
  private record(leave: WasmLabel): void {
    const { f } = this;
    const at = this.word('at');
    const byte = f.local('i32', load8(at));
    f.block((done) => {
      f.when(eq(byte, codes('c')[0]!), () => {
        this.checkLine(leave);
        f.go(done);
      });
      f.when(eq(byte, codes('S')[0]!), () => {
        this.servicingLine(leave);
        f.go(done);
      });
      const length = f.local('i32');
      f.set(this.text, v128.load(at));
      f.set(length, this.digitsOf(this.text));
      f.when(eq(load8(add(at, length)), codes('@')[0]!), () => {
        this.tracedLine(leave, length);
        f.go(done);
      });
      this.header(leave);
    });
  }

  /** The text of 16 bytes at an address with its end compared, too: a zero vector when it is there. */
  private differs(address: I32, text: string): V128 {
    let difference: V128 | undefined;
    for (let from = 0; from < text.length; from += 16) {
      const start = Math.min(from, text.length - 16);
      const part = v128.xor(v128.load(address, start), vectorOf(text.slice(start, start + 16)));
      difference = difference === undefined ? part : v128.or(difference, part);
    }
    return difference!;
  }

  /** Value of a hexadecimal digit, 255 when it is none. */
  private digit(byte: Local<'i32'>): I32 {
    const { f } = this;
    const decimal = f.local('i32', sub(byte, 0x30));
    const letter = f.local('i32', sub(byte, 0x61));
    return select(leU(decimal, 9), decimal, select(leU(letter, 5), add(letter, 10), i32(255)));
  }

  private checkLine(leave: WasmLabel): void {
    const { f } = this;
    const at = this.word('at');
    f.goIf(leave, isZero(load32(this.frame, FRAME.takesChecks)));
    f.goIf(leave, v128.anyTrue(this.differs(at, CHECK)));
    const byte = f.local('i32', load8(at, CHECK.length));
    f.goIf(leave, eq(this.digit(byte), 255));
    // One digit, or two.
    const size = f.local('i32', CHECK.length + 2);
    f.set(byte, load8(at, CHECK.length + 1));
    f.when(ne(byte, LF), () => {
      f.goIf(leave, eq(this.digit(byte), 255));
      f.goIf(leave, ne(load8(at, CHECK.length + 2), LF));
      f.set(size, CHECK.length + 3);
    });
    f.goIf(leave, gtU(add(at, size), this.word('end')));
    f.bump(this.word('checks'), 1);
    f.bump(this.word('checkBytes'), size);
    f.set(this.word('adjacent'), 0);
    f.set(this.line, addF64(this.line, toF64(i32(1))));
    f.bump(at, size);
  }

  private servicingLine(leave: WasmLabel): void {
    const { f } = this;
    const at = this.word('at');
    f.goIf(leave, isZero(load32(this.frame, FRAME.takesServicing)));
    f.goIf(leave, ne(this.word('mark'), NO_MARK));
    f.goIf(leave, v128.anyTrue(this.differs(at, SERVICING)));
    f.goIf(leave, ne(load8(at, SERVICING.length + 2), LF));
    const byte = f.local('i32', load8(at, SERVICING.length));
    const high = f.local('i32', this.digit(byte));
    f.set(byte, load8(at, SERVICING.length + 1));
    const low = f.local('i32', this.digit(byte));
    f.goIf(leave, gtU(or(high, low), 15));
    f.goIf(leave, gtU(add(at, SERVICING_BYTES), this.word('end')));
    f.set(this.word('mark'), or(shl(high, 4), low));
    f.set(this.word('markHeaders'), 0);
    f.set(this.word('adjacent'), 1);
    f.bump(this.word('servicings'), 1);
    f.set(this.line, addF64(this.line, toF64(i32(1))));
    f.bump(at, SERVICING_BYTES);
  }

  /** A record, from its number to behind its dump. */
  private header(leave: WasmLabel): void {
    const { f } = this;
    const seq = f.local('i64');
    const cause = f.local('i32'); // behind `v=`
    this.number(leave, seq, cause);
    const head = [f.local('v128', v128.load(cause)), f.local('v128', v128.load(cause, 16))] as const;
    const shapes = head.map((text, i) => {
      const { mask, wanted } = shapeMasks(16 * i);
      return v128.xor(v128.and(text, mask), wanted);
    });
    f.goIf(leave, v128.anyTrue(v128.or(shapes[0]!, shapes[1]!)));
    const fields: Fields = {
      seq,
      cause,
      small: f.local('i64'),
      ip: f.local('i64'),
      pc: f.local('i64'),
      sp: f.local('i64'),
      faddr: f.local('i64'),
      dump: f.local('i32'),
      cpl: f.local('i32', and(load8(cause, CPL_AT), 3)),
      layout: f.local('i32'),
    };
    f.set(this.bad, v128.bytes([]));
    const isWide = f.local('i32', eq(load32(cause, FORMS[16].pcLabel), wordOf(' pc=')));
    f.when(
      isWide,
      () => this.place(16, leave, head, fields),
      () => this.place(8, leave, head, fields),
    );
    this.findLayout(leave, fields);
    const isWideDump = f.local('i32', load32(fields.layout, LAYOUT_RECORD.isWide));
    f.when(
      isWideDump,
      () => {
        f.goIf(leave, isZero(isWide));
        this.agreeWide(leave, fields);
      },
      () => {
        f.when(
          isWide,
          () => this.agreeNarrow(16, leave, fields),
          () => this.agreeNarrow(8, leave, fields),
        );
      },
    );
    this.dumpFacts(leave, fields);
  }

  /** `%6d: v=` at `at`: its number, and where the value of `v=` stands. */
  private number(leave: WasmLabel, seq: Local<'i64'>, cause: Local<'i32'>): void {
    const { f, text } = this;
    const at = this.word('at');
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
    this.decimal(length, seq);
  }

  /** The number whose `length` characters, digits behind blanks, `text` begins with. */
  private decimal(length: Local<'i32'>, into: Local<'i64'>): void {
    const { f, text } = this;
    // Move the digits to the vector's end, in front of them zeros: blanks are below '0', and lanes below 0 do not exist.
    const lanes = i8x16.add(
      v128.bytes(Array.from({ length: 16 }, (_, i) => i)),
      i8x16.splat(sub(length, 16)),
    );
    f.set(text, i8x16.swizzle(i8x16.subSatU(text, i8x16.splat(0x30)), lanes));
    const tens = i16x8.mul(v128.and(text, i16x8.splat(0xff)), i16x8.splat(10));
    f.set(text, i16x8.add(tens, i16x8.shrU(text, 8)));
    f.set(text, i32x4.dot(text, i32x4.splat(100 | (1 << 16))));
    const low = add(mul(i32x4.extract(text, 2), 10_000), i32x4.extract(text, 3));
    f.set(into, add(mul(toI64(i32x4.extract(text, 1)), 100_000_000n), toI64(low)));
  }

  /**
   * A line of -trace, `pid@seconds.micros:name …`, which tells the time. `length` digits stand at `at`, and then
   * something else; to `leave` when it is no such line.
   */
  private tracedLine(leave: WasmLabel, length: Local<'i32'>): void {
    const { f, text } = this;
    const at = this.word('at');
    f.goIf(leave, isZero(load32(this.frame, FRAME.takesTraced)));
    f.goIf(leave, isZero(length));
    const p = f.local('i32', add(add(at, length), 1));
    const micros = f.local('i64');
    f.set(text, v128.load(p));
    f.set(length, this.digitsOf(text));
    f.goIf(leave, or(isZero(length), gtU(length, MAX_SECONDS_DIGITS)));
    this.decimal(length, micros);
    f.bump(p, length);
    f.goIf(leave, ne(load8(p), codes('.')[0]!));
    f.bump(p, 1);
    const part = f.local('i64');
    f.set(text, v128.load(p));
    f.set(length, this.digitsOf(text));
    f.goIf(leave, ne(length, MICROS_DIGITS));
    f.goIf(leave, ne(load8(p, MICROS_DIGITS), codes(':')[0]!));
    this.decimal(length, part);
    f.set(micros, add(mul(micros, 1_000_000n), part));
    f.goIf(leave, gtU(micros, BigInt(Number.MAX_SAFE_INTEGER)));
    this.lineEnd(leave, p);
    const size = f.local('i32', sub(p, at));
    f.bump(this.word('traced'), 1);
    f.bump(this.word('tracedBytes'), size);
    const passed = subF64(longToF64(micros), loadF64(this.frame, FRAME.firstMicros));
    f.set(this.timeNs, mulF64(passed, f64(1000)));
    f.set(this.line, addF64(this.line, toF64(i32(1))));
    f.set(at, p);
  }

  /** How many characters at the vector's beginning are decimal digits. */
  private digitsOf(text: Local<'v128'>): I32 {
    const isDigit = i8x16.leU(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(9));
    return ctz(xor(i8x16.bitmask(isDigit), -1));
  }

  /** Moves `p` behind the next newline; to `leave` when it is far away or not here. */
  private lineEnd(leave: WasmLabel, p: Local<'i32'>): void {
    const { f } = this;
    const stop = f.local('i32', add(p, MAX_TRACED_BYTES));
    const found = f.local('i32');
    f.loop((again) => {
      f.goIf(leave, isZero(ltU(p, stop)));
      f.set(found, i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(LF))));
      f.when(isZero(found), () => {
        f.bump(p, 16);
        f.go(again);
      });
    });
    f.set(p, add(add(p, ctz(found)), 1));
    f.goIf(leave, gtU(p, this.word('end')));
  }

  /** The addresses and the tail of a header of this width, and the line's end. */
  private place(width: Width, leave: WasmLabel, head: readonly [V128, V128], fields: Fields): void {
    const { f, text, bad } = this;
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
      if (this.wantsIp) {
        pack(f, first, first, first);
        f.set(fields.ip, packed(first, 0));
      }
      f.set(text, v128.load(cause, form.pc));
      decode(f, text, bad, first);
      f.set(text, v128.load(cause, form.sp));
      decode(f, text, bad, second);
      if (this.needs.pc || this.wantsSp) {
        pack(f, first, second, first);
        f.set(fields.pc, packed(first, 0));
        f.set(fields.sp, packed(first, 1));
      }
      f.set(text, v128.load(tail));
      decode(f, text, bad, first);
      if (this.needs.faddr) {
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
    if (this.needs.faddr) f.when(isZero(isCr2), () => f.set(fields.faddr, 0n));
  }

  /** Moves `tail` from the tail's blank to its digits. */
  private tailText(leave: WasmLabel, tail: Local<'i32'>, isCr2: Local<'i32'>): void {
    const { f } = this;
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

  /** The layout of the dump at `fields.dump`: the one that fitted last at this privilege level, or any. */
  private findLayout(leave: WasmLabel, { cpl, layout, dump }: Fields): void {
    const { f, frame } = this;
    const recent = f.local('i32', add(frame, shl(cpl, 2)));
    f.block((found) => {
      f.set(layout, load32(recent, FRAME.recent0));
      f.when(ne(layout, 0), () => this.goIfFits(found, layout, dump));
      f.set(layout, load32(frame, FRAME.layouts));
      f.loop((again) => {
        f.goIf(leave, isZero(layout));
        this.goIfFits(found, layout, dump);
        f.set(layout, load32(layout, LAYOUT_RECORD.next));
        f.go(again);
      });
    });
    f.store32(recent, layout, FRAME.recent0);
  }

  private goIfFits(found: WasmLabel, layout: Local<'i32'>, dump: Local<'i32'>): void {
    const { f } = this;
    const stop = f.local('i32', add(dump, load32(layout, LAYOUT_RECORD.sizeBytes)));
    const last = add(dump, load32(layout, LAYOUT_RECORD.lastStart));
    // Shapes differ in length: where another ends there is no EFER.
    f.when(and(eq(load32(last), wordOf('EFER')), leU(stop, this.word('end'))), () => {
      const isThere = and(eq(load8(sub(stop, 1)), LF), call(this.match, dump, layout));
      f.goIf(found, isThere);
    });
  }

  private agreeWide(leave: WasmLabel, { cause, dump, layout }: Fields): void {
    const { f } = this;
    const field = (name: 'rip' | 'sp'): V128 => v128.load(add(dump, load32(layout, LAYOUT_RECORD[name])));
    const ip = v128.xor(v128.load(cause, FORMS[16].ip), field('rip'));
    const sp = v128.xor(v128.load(cause, FORMS[16].sp), field('sp'));
    f.goIf(leave, v128.anyTrue(v128.or(ip, sp)));
  }

  /** A 32-bit dump shows the low halves only. */
  private agreeNarrow(width: Width, leave: WasmLabel, { cause, dump, layout }: Fields): void {
    const { f } = this;
    const form = FORMS[width];
    const field = (name: 'rip' | 'sp'): I64 => load64(add(dump, load32(layout, LAYOUT_RECORD[name])));
    const ip = xor(load64(cause, form.ip + width - 8), field('rip'));
    const sp = xor(load64(cause, form.sp + width - 8), field('sp'));
    f.goIf(leave, ne(or(ip, sp), 0n));
  }

  /** CPL, flags and task register of the dump; then the record is taken. */
  private dumpFacts(leave: WasmLabel, fields: Fields): void {
    const { f, bad, text } = this;
    const { dump, layout, cpl } = fields;
    f.goIf(leave, ne(load8(add(dump, load32(layout, LAYOUT_RECORD.cpl))), add(cpl, 0x30)));
    const flagsAt = f.local('i32', add(dump, load32(layout, LAYOUT_RECORD.flags)));
    f.set(text, v128.load(flagsAt));
    f.set(text, i8x16.shuffle(text, text, [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]));
    const digits = f.local('v128');
    decode(f, text, bad, digits);
    const flags = f.local('i32', EVENT_FLAGS.IF_KNOWN);
    // Bit 9 is bit 1 of the third digit from the right.
    f.set(flags, or(flags, and(shrU(i8x16.extract(digits, 5), 1), EVENT_FLAGS.IF)));
    f.goIf(leave, v128.anyTrue(notDigits(bad)));
    const known = this.word('latestText');
    this.taskRegister(leave, add(dump, load32(layout, LAYOUT_RECORD.tr)), known);
    if (this.needs.registerColumns.length > 0) this.columns(flags, fields);
    this.take(flags, known, fields);
  }

  /** Leaves the known text of the task register whose selector is at `tr` in `known`. */
  private taskRegister(leave: WasmLabel, tr: I32, known: Local<'i32'>): void {
    const { f } = this;
    const place = f.local('i32', tr);
    const [selector, base] = [
      f.local('v128', v128.load(place)),
      f.local('v128', v128.load(place, TR_BASE_AT)),
    ];
    const differs = (): I32 =>
      v128.anyTrue(
        v128.or(
          v128.xor(selector, v128.load(known, KNOWN_TEXT.selector)),
          v128.xor(base, v128.load(known, KNOWN_TEXT.base)),
        ),
      );
    f.when(differs(), () => {
      f.set(known, load32(this.frame, FRAME.knownTexts));
      f.block((found) => {
        f.loop((again) => {
          f.when(eq(known, load32(this.frame, FRAME.knownStop)), () => {
            f.set(known, load32(this.frame, FRAME.knownTexts)); // some known text, to begin with next time
            f.set(this.stop, STOPS.task);
            f.go(leave);
          });
          f.goIf(found, isZero(differs()));
          f.bump(known, KNOWN_TEXT_BYTES);
          f.go(again);
        });
      });
    });
  }

  /** Everything has been checked: claims, counts and the row. */
  private take(flags: Local<'i32'>, known: Local<'i32'>, fields: Fields): void {
    const { f } = this;
    const vector = f.local('i32', and(toI32(fields.small), 0xff));
    const soft = f.local('i32', and(load8(fields.cause, SOFT_AT), 1));
    f.set(flags, or(flags, mul(soft, EVENT_FLAGS.SOFT)));
    this.claim(flags, vector, soft);
    const cpu = this.cpuOf(known);
    this.writeRow(flags, vector, cpu, fields);
    const next = f.local('i32', add(fields.dump, load32(fields.layout, LAYOUT_RECORD.sizeBytes)));
    const at = this.word('at');
    f.bump(this.word('eventBytes'), sub(next, at));
    f.set(at, next);
    f.bump(this.word('row'), 1);
    f.set(this.lastSeq, fields.seq);
    f.set(this.line, addF64(this.line, toF64(add(load32(fields.layout, LAYOUT_RECORD.lineCount), 1))));
  }

  /** HardwareMarks.claim, with one mark at most. */
  private claim(flags: Local<'i32'>, vector: Local<'i32'>, soft: Local<'i32'>): void {
    const { f } = this;
    const [mark, headers, adjacent] = [this.word('mark'), this.word('markHeaders'), this.word('adjacent')];
    f.when(ne(mark, NO_MARK), () => {
      const may = or(adjacent, isZero(ltU(vector, FIRST_NON_EXCEPTION)));
      f.when(
        and(and(isZero(soft), eq(vector, mark)), may),
        () => {
          f.set(mark, NO_MARK);
          f.set(flags, or(flags, EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN));
        },
        () => {
          f.bump(headers, 1);
          f.when(geU(headers, MAX_HEADERS_BETWEEN), () => f.set(mark, NO_MARK));
        },
      );
      f.set(adjacent, 0);
    });
  }

  private cpuOf(known: Local<'i32'>): Local<'i32'> {
    const { f } = this;
    const cpu = f.local('i32', load32(known, KNOWN_TEXT.cpu));
    const clock = this.word('clock');
    f.when(
      ltU(cpu, 0x8000_0000 | 0),
      () => {
        f.bump(clock, 1);
        f.store32(add(load32(this.frame, FRAME.ticks), shl(cpu, 2)), clock);
        f.set(this.word('latestCpu'), cpu);
      },
      () => {
        f.when(eq(cpu, CPU_OF_TEXT.zeroBase), () => f.set(this.word('latestCpu'), 0));
        f.set(cpu, 0);
      },
    );
    return cpu;
  }

  private writeRow(flags: Local<'i32'>, vector: Local<'i32'>, cpu: Local<'i32'>, fields: Fields): void {
    const { f, needs, frame } = this;
    const row = this.word('row');
    const shifts = [row, shl(row, 1), shl(row, 2), shl(row, 3)];
    const cell = (column: FrameWord, shift: number): I32 => add(load32(frame, FRAME[column]), shifts[shift]!);
    f.store8(cell('kind', 0), EVENT_KINDS.vec);
    f.store8(cell('flags', 0), flags);
    f.store16(cell('cpu', 1), cpu);
    f.store16(cell('vector', 1), vector);
    f.store64(cell('seq', 3), fields.seq);
    if (needs.cpl) f.store8(cell('cpl', 0), fields.cpl);
    if (needs.errcode) f.store64(cell('errcode', 3), errorCode(fields.small));
    if (needs.pc) f.store64(cell('pc', 3), fields.pc);
    if (needs.sp) f.store64(cell('sp', 3), fields.sp);
    if (needs.faddr) f.store64(cell('faddr', 3), fields.faddr);
    if (needs.time) f.storeF64(cell('time', 3), this.timeNs);
    if (needs.line) f.storeF64(cell('line', 3), this.line);
    if (!needs.registers) return;
    f.store32(cell('text', 2), fields.dump);
    f.store32(cell('heads', 2), this.word('at'));
    f.store32(cell('dumpEnds', 2), add(fields.dump, load32(fields.layout, LAYOUT_RECORD.sizeBytes)));
    f.store32(cell('layoutIds', 2), load32(fields.layout, LAYOUT_RECORD.id));
  }

  /** The registers' columns: filled when every one of them can be. */
  private columns(flags: Local<'i32'>, fields: Fields): void {
    const { f, frame, needs } = this;
    const table = f.local('i32', load32(fields.layout, LAYOUT_RECORD.columns));
    const value = f.local('i64');
    f.block((none) => {
      needs.registerColumns.forEach((id, i) => {
        const headerValue = headerRegister(id, fields);
        if (headerValue !== undefined) f.set(value, headerValue);
        else this.dumpRegister(none, add(table, i * COLUMN_BYTES), fields.dump, value);
        f.store64(add(load32(frame, FRAME_COLUMNS + 4 * i), shl(this.word('row'), 3)), value);
      });
      f.set(flags, or(flags, EVENT_FLAGS.COLUMNS));
    });
  }

  /** A register as its line shows it, when the line up to it has the form of the layout's sample. */
  private dumpRegister(none: WasmLabel, entry: I32, dump: Local<'i32'>, value: Local<'i64'>): void {
    const { f, text } = this;
    const place = f.local('i32', entry);
    const left = f.local('i32', load32(place, COLUMN.vectors));
    f.goIf(none, isZero(left));
    const p = f.local('i32', add(dump, load32(place, COLUMN.guardAt)));
    const guard = f.local('i32', add(place, COLUMN.guards));
    const differs = f.local('v128', v128.bytes([]));
    f.loop((again) => {
      f.set(text, v128.load(p));
      const fixed = v128.xor(v128.and(text, v128.load(guard, GUARD.fixed)), v128.load(guard, GUARD.wanted));
      const digits = v128.and(nibbles(text), v128.load(guard, GUARD.digits));
      f.set(differs, v128.or(differs, v128.or(fixed, digits)));
      f.bump(p, 16);
      f.bump(guard, GUARD_BYTES);
      f.set(left, sub(left, 1));
      f.goIf(again, left);
    });
    f.goIf(none, v128.anyTrue(differs));
    const digits = f.local('v128');
    f.set(text, v128.load(add(dump, load32(place, COLUMN.field))));
    // Behind a short field there is no digit: its nibble must not reach over to the field's last.
    f.set(digits, v128.and(nibbles(text), i8x16.splat(15)));
    pack(f, digits, digits, digits);
    f.set(value, shrU(packed(digits, 0), load64(place, COLUMN.shift)));
  }
}

const errorCode = (small: Local<'i64'>): I64 => and(shrU(small, 40n), 0xffffn);

/** The registers that the header gives in full width, as registers.ts takes them from there. */
function headerRegister(id: number, { ip, sp, small }: Fields): I64 | undefined {
  if (id === REGISTERS.rip.id) return ip;
  if (id === REGISTERS.rsp.id) return sp;
  if (id === REGISTERS.cs.id) return and(shrU(small, 24n), 0xffffn);
  if (id === REGISTERS.ss.id) return and(shrU(small, 8n), 0xffffn);
  return undefined;
}

/** What is known of the record in hand. */
interface Fields {
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
