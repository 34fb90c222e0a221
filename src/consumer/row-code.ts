/**
 * Rows of text in WebAssembly, for what is printed by the million: literals, integers and strings at fixed places of what
 * a row is of (the payload of a record, the keys of an entry).
 *
 * In: the pieces of a row, then where rows are, one after another. Out: their bytes, many rows at once. Everything else,
 * and the first rows of each kind, are printed piece by piece (number-text.ts, text-buffer.ts); a property test holds both
 * together. A function is made for each kind of row:
 *
 *   list ─▶ for each place in it: piece, piece, … ─▶ text
 *
 * It may write beyond the text's end, since it stores 8 or 16 bytes where fewer are wanted; what comes next covers them.
 */
import { type LinearMemory, OutOfMemory } from '../base/linear-memory.ts';
import {
  add,
  and,
  call,
  clz,
  ctz,
  defineFunction,
  divU,
  type FunctionHandle,
  type FunctionWriter,
  type I64,
  i8x16,
  i16x8,
  i32,
  i64x2,
  type Local,
  load8,
  load16,
  load32,
  load64,
  ltU,
  mul,
  ne,
  openWasm,
  or,
  select,
  shl,
  shrU,
  sub,
  toI32,
  toI64,
  v128,
  xor,
} from '../base/wasm-build.ts';
import { WasmModule } from '../base/wasm-encode.ts';
import type { NumberForm } from './number-text.ts';
import type { TextBuffer } from './text-buffer.ts';

/** `offset` is that from where the row is. */
export type RowPiece =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'number'; readonly offset: number; readonly form: NumberForm }
  | {
      readonly kind: 'string'; // up to its NUL, `limit` bytes at most
      readonly offset: number;
      readonly limit: number;
      readonly width: number;
      readonly left: boolean;
    };

/** Rows that are written at once, and their text: it is in the caches still when it is copied. */
const MOST_ROWS = 512;
const TEXT_BYTES = 1 << 16;
/** A row that may be longer is printed piece by piece, as are fields that may be wider. */
const MOST_ROW_BYTES = 4096;
const MOST_WIDTH = 64;
/** Beyond the text: what the widest store behind its end writes. */
const SLACK_BYTES = MOST_WIDTH + 32;
/** A sign and the digits of 2^64 - 1. */
const MOST_DIGITS = 21;
const MINUS = 0x2d;
const BLANK = 0x20;
const ZERO = 0x30;
const SMALL = '0123456789abcdef';
const CAPITAL = '0123456789ABCDEF';

/** Returns where the text ends. */
type WriteRows = (list: number, listEnd: number, text: number) => number;

/** Memory for rows that wait and for their text. One is enough for a consumer: it writes what waits before other rows. */
export class RowMemory {
  readonly memory: LinearMemory;
  readonly listAt: number;
  readonly textAt: number;

  private constructor(memory: LinearMemory) {
    this.memory = memory;
    this.listAt = memory.reserve(MOST_ROWS * 4);
    this.textAt = memory.reserve(TEXT_BYTES + SLACK_BYTES);
  }

  /** Undefined when there is none left. */
  static of(memory: LinearMemory): RowMemory | undefined {
    try {
      return new RowMemory(memory);
    } catch (error) {
      if (error instanceof OutOfMemory) return undefined;
      throw error;
    }
  }
}

export class RowCode {
  private readonly place: RowMemory;
  private readonly write: WriteRows;
  private readonly mostRows: number;
  private count = 0;

  private constructor(place: RowMemory, write: WriteRows, rowBytes: number) {
    this.place = place;
    this.write = write;
    this.mostRows = Math.min(MOST_ROWS, Math.floor(TEXT_BYTES / Math.max(1, rowBytes)));
  }

  /** Undefined when some piece is none that this is for, or there is no WebAssembly with vectors. */
  static of(place: RowMemory, pieces: readonly RowPiece[]): RowCode | undefined {
    const rowBytes = pieces.reduce((sum, piece) => sum + mostBytes(piece), 0);
    if (rowBytes > MOST_ROW_BYTES || !pieces.every(isWritten)) return undefined;
    const write = openWasm<{ rows: WriteRows }>(rowModule(pieces), place.memory.memory)?.rows;
    return write && new RowCode(place, write, rowBytes);
  }

  get isFull(): boolean {
    return this.count === this.mostRows;
  }

  /** One more row, of what is at that offset: it must stay there until `flush`. Not when full. */
  add(at: number): void {
    const { memory, listAt } = this.place;
    memory.u32[(listAt >>> 2) + this.count++] = at;
  }

  /** Append the rows. */
  flush(out: TextBuffer): void {
    const { memory, listAt, textAt } = this.place;
    const end = this.write(listAt, listAt + this.count * 4, textAt);
    this.count = 0;
    out.raw(memory.u8, textAt, end >>> 0);
  }
}

function mostBytes(piece: RowPiece): number {
  if (piece.kind === 'literal') return piece.bytes.length;
  if (piece.kind === 'string') return Math.max(piece.limit, piece.width);
  return Math.max(MOST_DIGITS, piece.form.width);
}

function isWritten(piece: RowPiece): boolean {
  if (piece.kind === 'literal') return true;
  if (piece.kind === 'string') return piece.width <= MOST_WIDTH;
  const { radix, width, precision, plus, alternate } = piece.form;
  return radix !== 8 && width <= MOST_WIDTH && precision === 0 && plus === 0 && !alternate;
}

function rowModule(pieces: readonly RowPiece[]): WasmModule {
  const module = new WasmModule();
  const decimal = defineDecimal(module);
  const takes = { list: 'i32', listEnd: 'i32', text: 'i32' } as const;
  defineFunction(module, { name: 'rows', takes, gives: 'i32' }, (f, { list, listEnd, text }) => {
    const row = new RowWriter(f, text, decimal);
    f.repeatWhile(
      () => ltU(list, listEnd),
      () => {
        f.set(row.from, load32(list));
        f.bump(list, 4);
        for (const piece of pieces) row.put(piece);
      },
    );
    f.give(text);
  });
  return module;
}

const TEN_8 = 100_000_000n;

/** decimal(to, value): writes the digits of an unsigned number and returns where they end. */
function defineDecimal(module: WasmModule): FunctionHandle<'i32'> {
  const short = defineShort(module);
  const takes = { to: 'i32', value: 'i64' } as const;
  return defineFunction(module, { name: 'decimal', takes, gives: 'i32' }, (f, { to, value }) => {
    const above = f.local('i64');
    const digits = f.local('i64');
    const putEight = (number: I64): void => {
      setEightDigits(f, digits, number);
      f.store64(to, add(digits, ASCII_ZEROS));
      f.bump(to, 8);
    };
    f.when(ltU(value, TEN_8), () => f.give(call(short, to, value)));
    f.set(above, divU(value, TEN_8));
    f.set(value, sub(value, mul(above, TEN_8)));
    f.when(
      ltU(above, TEN_8),
      () => f.set(to, call(short, to, above)),
      () => {
        const top = f.local('i64', divU(above, TEN_8));
        f.set(to, call(short, to, top));
        putEight(sub(above, mul(top, TEN_8)));
      },
    );
    putEight(value);
    f.give(to);
  });
}

/** The same for less than 10^8: zeros in front are moved out, but for the last digit. */
function defineShort(module: WasmModule): FunctionHandle<'i32'> {
  const takes = { to: 'i32', value: 'i64' } as const;
  return defineFunction(module, { name: 'short', takes, gives: 'i32' }, (f, { to, value }) => {
    const digits = f.local('i64');
    setEightDigits(f, digits, value);
    const zeros = f.local('i64', and(ctz(or(digits, 1n << 56n)), 56n));
    f.store64(to, shrU(add(digits, ASCII_ZEROS), zeros));
    f.give(sub(add(to, 8), toI32(shrU(zeros, 3n))));
  });
}

const ASCII_ZEROS = 0x3030303030303030n;

/** Digits of a number below 10^8, a byte each and the first one lowest: halved, halved again, and once more, all at once. */
function setEightDigits(f: FunctionWriter, into: Local<'i64'>, value: I64): void {
  const high = f.local('i64');
  f.set(into, value);
  f.set(high, shrU(mul(into, 109_951_163n), 40n)); // / 10^4
  f.set(into, or(high, shl(sub(into, mul(high, 10_000n)), 32n)));
  f.set(high, and(shrU(mul(into, 10_486n), 20n), 0x7f_0000_007fn)); // / 100
  f.set(into, or(high, shl(sub(into, mul(high, 100n)), 16n)));
  f.set(high, and(shrU(mul(into, 103n), 10n), 0xf_000f_000f_000fn)); // / 10
  f.set(into, or(high, shl(sub(into, mul(high, 10n)), 8n)));
}

/** Writes the pieces of a row at `to`, and moves it. */
class RowWriter {
  /** Where the row is. */
  readonly from: Local<'i32'>;
  private readonly f: FunctionWriter;
  private readonly to: Local<'i32'>;
  private readonly decimal: FunctionHandle<'i32'>;
  private readonly value: Local<'i64'>;
  private readonly start: Local<'i32'>;
  private readonly digitsAt: Local<'i32'>;
  private readonly size: Local<'i32'>;
  private readonly missing: Local<'i32'>;
  private readonly first: Local<'v128'>;
  private readonly second: Local<'v128'>;

  constructor(f: FunctionWriter, to: Local<'i32'>, decimal: FunctionHandle<'i32'>) {
    this.f = f;
    this.to = to;
    this.decimal = decimal;
    this.from = f.local('i32');
    this.value = f.local('i64');
    this.start = f.local('i32');
    this.digitsAt = f.local('i32');
    this.size = f.local('i32');
    this.missing = f.local('i32');
    this.first = f.local('v128');
    this.second = f.local('v128');
  }

  put(piece: RowPiece): void {
    if (piece.kind === 'literal') this.literal(piece.bytes);
    else if (piece.kind === 'number') this.number(piece.form, piece.offset);
    else this.string(piece);
  }

  /** Whole words, the last one with zeros that what comes next covers. */
  private literal(bytes: Uint8Array): void {
    const { f, to } = this;
    for (let i = 0; i < bytes.length; i += 8) {
      let word = 0n;
      for (let j = Math.min(i + 8, bytes.length) - 1; j >= i; j--) word = (word << 8n) | BigInt(bytes[j]!);
      f.store64(to, BigInt.asIntN(64, word), i);
    }
    f.bump(to, bytes.length);
  }

  private number(form: NumberForm, offset: number): void {
    const { f, to, value, start, digitsAt } = this;
    const isDecimal = form.radix === 10;
    f.set(value, this.loaded(form, offset));
    f.set(start, to);
    if (isDecimal && form.signed) {
      f.when(ne(shrU(value, 63n), 0n), () => {
        f.store8(to, MINUS);
        f.bump(to, 1);
        f.set(value, sub(0n, value));
      });
    }
    f.set(digitsAt, to);
    if (isDecimal) f.set(to, call(this.decimal, to, value));
    else this.hex(form);
    const isHexFilled = !isDecimal && form.zeros && form.width <= 16;
    if (form.width > 0 && !isHexFilled) this.pad(form);
  }

  private loaded({ sizeBytes, signed }: NumberForm, offset: number): I64 {
    const { from } = this;
    if (sizeBytes === 8) return load64(from, offset);
    const load = sizeBytes === 4 ? load32 : sizeBytes === 2 ? load16 : load8;
    const narrow = toI64(load(from, offset));
    const sign = 1n << BigInt(sizeBytes * 8 - 1);
    return signed ? sub(xor(narrow, sign), sign) : narrow;
  }

  /** All sixteen digits, moved forward by those that are not wanted. */
  private hex({ zeros, width, capitals }: NumberForm): void {
    const { f, to, value, first, size } = this;
    const least = zeros ? Math.min(width, 16) : 1;
    f.set(first, i64x2.splat(value));
    f.set(first, i8x16.shuffle(first, first, DIGIT_SOURCES));
    const [even, odd] = [v128.bytes(alternating(0x0f, 0)), v128.bytes(alternating(0, 0x0f))];
    f.set(first, v128.or(v128.and(i16x8.shrU(first, 4), even), v128.and(first, odd)));
    const letters = v128.bytes(Array.from(capitals ? CAPITAL : SMALL, (digit) => digit.charCodeAt(0)));
    f.set(first, i8x16.swizzle(letters, first));
    if (least === 16) {
      f.storeV128(to, first);
      f.bump(to, 16);
      return;
    }
    f.set(size, sub(16, shrU(toI32(clz(or(value, 1n))), 2)));
    if (least > 1) f.set(size, select(ltU(size, least), i32(least), size));
    const indices = v128.bytes(Array.from({ length: 16 }, (_, i) => i));
    f.storeV128(to, i8x16.swizzle(first, i8x16.add(indices, i8x16.splat(sub(16, size)))));
    f.bump(to, size);
  }

  /** What was written since `start` becomes `width` wide. */
  private pad({ width, left, zeros }: NumberForm): void {
    const { f, to, start, digitsAt, size, missing, first, second } = this;
    f.set(size, sub(to, start));
    f.when(ltU(size, width), () => {
      f.set(missing, sub(width, size));
      if (left) this.fill(to, BLANK, width);
      else {
        const at = zeros ? digitsAt : start;
        f.set(first, v128.load(at));
        f.set(second, v128.load(at, 16));
        this.fill(at, zeros ? ZERO : BLANK, width);
        f.storeV128(add(at, missing), first);
        f.storeV128(add(at, missing), second, 16);
      }
      f.bump(to, missing);
    });
  }

  private fill(at: Local<'i32'>, byte: number, width: number): void {
    for (let i = 0; i < width; i += 16) this.f.storeV128(at, i8x16.splat(byte), i);
  }

  private string({ offset, limit, width, left }: Extract<RowPiece, { kind: 'string' }>): void {
    const { f, to, from, size, missing } = this;
    const at = f.local('i32', add(from, offset));
    const end = f.local('i32');
    const isInside = () => select(ltU(size, limit), load8(add(at, size)), i32(0));
    f.set(size, 0);
    f.repeatWhile(isInside, () => f.bump(size, 1));
    f.set(missing, 0);
    if (width > 0) f.when(ltU(size, width), () => f.set(missing, sub(width, size)));
    if (width > 0 && !left) {
      this.fill(to, BLANK, width);
      f.bump(to, missing);
    }
    f.set(end, add(at, size));
    f.repeatWhile(
      () => ltU(at, end),
      () => {
        f.store8(to, load8(at));
        f.bump(to, 1);
        f.bump(at, 1);
      },
    );
    if (width > 0 && left) {
      this.fill(to, BLANK, width);
      f.bump(to, missing);
    }
  }
}

/** Which byte of a number has each of its digits, most significant first. */
const DIGIT_SOURCES = Array.from({ length: 16 }, (_, i) => 7 - (i >> 1));

function alternating(even: number, odd: number): readonly number[] {
  return Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? even : odd));
}
