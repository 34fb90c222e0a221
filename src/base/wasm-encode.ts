/**
 * WebAssembly modules put together byte by byte (core specification, chapter 5): what code generators write into.
 *
 * A WasmCode is one function's body, written in the order in which the stack machine runs it; labels are handles, so that
 * nobody counts nesting. A WasmModule gathers imports and functions and gives the bytes. Nothing is checked here:
 * `new WebAssembly.Module` validates what comes out.
 */

const WASM_TYPES = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type WasmType = keyof typeof WASM_TYPES;

/** Instructions without immediates, and loads and stores (align and offset follow). */
const WASM = {
  unreachable: 0x00,
  else: 0x05,
  end: 0x0b,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  'i32.load': 0x28,
  'i64.load': 0x29,
  'f64.load': 0x2b,
  'i32.load8_u': 0x2d,
  'i32.load16_u': 0x2f,
  'i64.load8_u': 0x31,
  'i64.load16_u': 0x33,
  'i64.load32_u': 0x35,
  'i32.store': 0x36,
  'i64.store': 0x37,
  'f64.store': 0x39,
  'i32.store8': 0x3a,
  'i32.store16': 0x3b,
  'i64.store8': 0x3c,
  'i64.store16': 0x3d,
  'i64.store32': 0x3e,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_u': 0x49,
  'i32.gt_u': 0x4b,
  'i32.le_u': 0x4d,
  'i32.ge_u': 0x4f,
  'i64.eqz': 0x50,
  'i64.eq': 0x51,
  'i64.ne': 0x52,
  'i64.lt_s': 0x53,
  'i64.lt_u': 0x54,
  'i64.gt_s': 0x55,
  'i64.gt_u': 0x56,
  'i64.le_s': 0x57,
  'i64.le_u': 0x58,
  'i64.ge_s': 0x59,
  'i64.ge_u': 0x5a,
  'f64.ne': 0x62,
  'i32.clz': 0x67,
  'i32.ctz': 0x68,
  'i32.popcnt': 0x69,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_u': 0x76,
  'i32.rotl': 0x77,
  'i64.clz': 0x79,
  'i64.ctz': 0x7a,
  'i64.popcnt': 0x7b,
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.mul': 0x7e,
  'i64.div_s': 0x7f,
  'i64.div_u': 0x80,
  'i64.rem_s': 0x81,
  'i64.rem_u': 0x82,
  'i64.and': 0x83,
  'i64.or': 0x84,
  'i64.xor': 0x85,
  'i64.shl': 0x86,
  'i64.shr_s': 0x87,
  'i64.shr_u': 0x88,
  'i64.rotl': 0x89,
  'f64.add': 0xa0,
  'f64.sub': 0xa1,
  'f64.mul': 0xa2,
  'i32.wrap_i64': 0xa7,
  'i64.extend_i32_s': 0xac,
  'i64.extend_i32_u': 0xad,
  'f64.convert_i32_u': 0xb8,
  'f64.convert_i64_s': 0xb9,
  'i64.extend8_s': 0xc2,
  'i64.extend16_s': 0xc3,
  'i64.extend32_s': 0xc4,
} as const;
export type WasmOp = keyof typeof WASM;
export type WasmAccess = Extract<WasmOp, `${string}.load${string}` | `${string}.store${string}`>;

/** Instructions on vectors of 16 bytes: a prefix and these numbers. Lane numbers, loads' and stores' alignment follow. */
const WASM_VECTOR = {
  'v128.load': 0x00,
  'v128.store': 0x0b,
  'v128.const': 0x0c,
  'i8x16.shuffle': 0x0d,
  'i8x16.swizzle': 0x0e,
  'i8x16.splat': 0x0f,
  'i16x8.splat': 0x10,
  'i32x4.splat': 0x11,
  'i64x2.splat': 0x12,
  'i8x16.extract_lane_u': 0x16,
  'i32x4.extract_lane': 0x1b,
  'i64x2.extract_lane': 0x1d,
  'i8x16.eq': 0x23,
  'i8x16.ne': 0x24,
  'i8x16.le_u': 0x2a,
  'i32x4.eq': 0x37,
  'v128.not': 0x4d,
  'v128.and': 0x4e,
  'v128.andnot': 0x4f,
  'v128.or': 0x50,
  'v128.xor': 0x51,
  'v128.any_true': 0x53,
  'i8x16.popcnt': 0x62,
  'i8x16.bitmask': 0x64,
  'i8x16.narrow_i16x8_u': 0x66,
  'i8x16.add': 0x6e,
  'i8x16.add_sat_u': 0x70,
  'i8x16.sub': 0x71,
  'i8x16.sub_sat_u': 0x73,
  'i8x16.min_u': 0x77,
  'i8x16.max_u': 0x79,
  'i16x8.shl': 0x8b,
  'i16x8.shr_u': 0x8d,
  'i16x8.add': 0x8e,
  'i16x8.mul': 0x95,
  'i32x4.add': 0xae,
  'i32x4.dot_i16x8_s': 0xba,
} as const;
export type WasmVectorOp = keyof typeof WASM_VECTOR;
export type WasmVectorAccess = Extract<WasmVectorOp, `${string}.load${string}` | `${string}.store${string}`>;

const VECTOR_PREFIX = 0xfd;
const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const BR = 0x0c;
const BR_IF = 0x0d;
const CALL = 0x10;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const TRUNC_SAT = [0xfc, 0x06]; // i64.trunc_sat_f64_s
const NO_RESULT = 0x40;

/** An open block, loop or if, to branch to: its nesting level. */
export type WasmLabel = number & { readonly __label?: never };

/** The body of one function. */
export class WasmCode {
  private readonly bytes: number[] = [];
  private readonly locals: WasmType[] = [];
  private readonly parameters: number;
  private level = 0;

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  /** A new local variable, zero at first; its number. */
  local(type: WasmType): number {
    return this.parameters + this.locals.push(type) - 1;
  }

  op(...names: readonly WasmOp[]): this {
    for (const name of names) this.bytes.push(WASM[name]);
    return this;
  }

  get(local: number): this {
    return this.with(LOCAL_GET, local);
  }

  set(local: number): this {
    return this.with(LOCAL_SET, local);
  }

  tee(local: number): this {
    return this.with(LOCAL_TEE, local);
  }

  i32(value: number): this {
    this.bytes.push(I32_CONST);
    pushSigned(this.bytes, value | 0);
    return this;
  }

  i64(value: bigint): this {
    this.bytes.push(I64_CONST);
    pushSigned64(this.bytes, value);
    return this;
  }

  /** A load or store at the address on the stack plus `offset`. */
  access(name: WasmAccess, offset = 0): this {
    this.bytes.push(WASM[name], 0);
    pushUnsigned(this.bytes, offset);
    return this;
  }

  /** A vector instruction with the lanes or constant bytes that follow it. */
  vector(name: WasmVectorOp, ...immediates: readonly number[]): this {
    this.bytes.push(VECTOR_PREFIX);
    pushUnsigned(this.bytes, WASM_VECTOR[name]);
    this.bytes.push(...immediates);
    return this;
  }

  /** A vector load or store at the address on the stack plus `offset`. */
  vectorAccess(name: WasmVectorAccess, offset = 0): this {
    this.vector(name, 0);
    pushUnsigned(this.bytes, offset);
    return this;
  }

  /** f64 → i64, toward zero. */
  truncate(): this {
    this.bytes.push(...TRUNC_SAT);
    return this;
  }

  call(functionIndex: number): this {
    return this.with(CALL, functionIndex);
  }

  block(): WasmLabel {
    return this.open(BLOCK);
  }

  /** Branching to a loop's label starts it again. */
  loop(): WasmLabel {
    return this.open(LOOP);
  }

  if(): WasmLabel {
    return this.open(IF);
  }

  /** Close the innermost block, loop or if. */
  end(): this {
    this.level--;
    return this.op('end');
  }

  br(label: WasmLabel): this {
    return this.with(BR, this.level - label);
  }

  brIf(label: WasmLabel): this {
    return this.with(BR_IF, this.level - label);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  /** The body with its locals and its size in front, as it stands in a module. */
  encoded(): number[] {
    const runs: [count: number, type: WasmType][] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const head: number[] = [];
    pushUnsigned(head, runs.length);
    for (const [count, type] of runs) {
      pushUnsigned(head, count);
      head.push(WASM_TYPES[type]);
    }
    const all: number[] = [];
    pushUnsigned(all, head.length + this.bytes.length + 1);
    append(all, head);
    append(all, this.bytes);
    all.push(WASM.end);
    return all;
  }

  private open(kind: number): WasmLabel {
    this.bytes.push(kind, NO_RESULT);
    return ++this.level;
  }

  private with(opcode: number, immediate: number): this {
    this.bytes.push(opcode);
    pushUnsigned(this.bytes, immediate);
    return this;
  }
}

export interface WasmSignature {
  readonly takes: readonly WasmType[];
  readonly gives: readonly WasmType[];
}

/** A module whose memory is imported as `e.memory`, and its function imports from `e` too. */
export class WasmModule {
  private readonly types: string[] = []; // encoded signatures, each once
  private readonly imports: number[] = [];
  private importCount = 0;
  private readonly functions: { readonly type: number; readonly code: WasmCode }[] = [];
  private readonly exports: { readonly name: string; readonly index: number }[] = [];

  /** Imports come before functions. */
  importFunction(name: string, signature: WasmSignature): number {
    this.imports.push(...text('e'), ...text(name), 0x00);
    pushUnsigned(this.imports, this.typeIndex(signature));
    return this.importCount++;
  }

  /** A function whose body may be written later; its index. */
  addFunction(signature: WasmSignature, code: WasmCode, exportedAs?: string): number {
    const index = this.importCount + this.functions.push({ type: this.typeIndex(signature), code }) - 1;
    if (exportedAs !== undefined) this.exports.push({ name: exportedAs, index });
    return index;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const all = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    section(all, 1, this.types.length, (to) => {
      for (const type of this.types)
        append(
          to,
          [...type].map((c) => c.charCodeAt(0)),
        );
    });
    section(all, 2, this.importCount + 1, (to) => {
      append(to, this.imports);
      append(to, [...text('e'), ...text('memory'), 0x02, 0x00, 0x01]); // at least one page, no maximum
    });
    section(all, 3, this.functions.length, (to) => {
      for (const { type } of this.functions) pushUnsigned(to, type);
    });
    section(all, 7, this.exports.length, (to) => {
      for (const { name, index } of this.exports) {
        append(to, [...text(name), 0x00]);
        pushUnsigned(to, index);
      }
    });
    section(all, 10, this.functions.length, (to) => {
      for (const { code } of this.functions) append(to, code.encoded());
    });
    return new Uint8Array(all);
  }

  private typeIndex({ takes, gives }: WasmSignature): number {
    const list = (types: readonly WasmType[]) => [types.length, ...types.map((type) => WASM_TYPES[type])];
    const encoded = String.fromCharCode(0x60, ...list(takes), ...list(gives));
    const known = this.types.indexOf(encoded);
    return known !== -1 ? known : this.types.push(encoded) - 1;
  }
}

function section(to: number[], id: number, count: number, fill: (content: number[]) => void): void {
  const content: number[] = [];
  pushUnsigned(content, count);
  fill(content);
  to.push(id);
  pushUnsigned(to, content.length);
  append(to, content);
}

function text(ascii: string): number[] {
  return [ascii.length, ...[...ascii].map((c) => c.charCodeAt(0))];
}

/** Arguments that a call may have without overflowing the stack. */
const SPREAD = 4096;

/** In parts, since a spread argument list of a large body overflows the stack; byte by byte is slow in code that runs once. */
function append(to: number[], from: readonly number[]): void {
  if (from.length <= SPREAD) to.push(...from);
  else for (let i = 0; i < from.length; i += SPREAD) to.push(...from.slice(i, i + SPREAD));
}

/** Unsigned LEB128, up to 32 bits. */
function pushUnsigned(to: number[], value: number): void {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    to.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  to.push(rest);
}

/** Signed LEB128, 32 bits. */
function pushSigned(to: number[], value: number): void {
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) {
      to.push(low);
      return;
    }
    to.push(low | 0x80);
  }
}

/** Signed LEB128, 64 bits. */
function pushSigned64(to: number[], value: bigint): void {
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) {
      to.push(low);
      return;
    }
    to.push(low | 0x80);
  }
}
