/**
 * WebAssembly functions written in TypeScript: values are expressions, a FunctionWriter takes statements. What it
 * makes is exactly what is written, in that order; nothing is optimised and nothing is hidden.
 *
 *   const module = new WasmModule();
 *   defineFunction(module, { name: 'sum', takes: { at: 'i32', end: 'i32' }, gives: 'i32' }, (f, { at, end }) => {
 *     const total = f.local('i32');
 *     f.repeatWhile(() => ltU(at, end), () => {
 *       f.set(total, add(total, load8(at)));
 *       f.set(at, add(at, 1));
 *     });
 *     f.give(total);
 *   });
 *   const sum = openWasm<{ sum(at: number, end: number): number }>(module, memory.memory);
 *
 * Values: a `Value<T>` knows its type ('i32' | 'i64' | 'f64' | 'v128'), so TypeScript checks what the engine would
 * refuse. A number stands for an i32 constant, a bigint for an i64 constant. A value is code, written wherever it is
 * used: used twice, it is computed twice; keep it in a local (`f.local`, `tee`) when that matters.
 * A local is one variable of the whole function, zero at first; `f.local(type, value)` sets it where it stands.
 *
 * Statements are written at once, in the order of the calls; bodies are callbacks that write theirs. A label is the
 * argument of a block's or loop's callback: `go(block)` leaves the block, `go(loop)` starts the loop again, which ends
 * by itself otherwise.
 */
import {
  WasmCode,
  type WasmLabel,
  type WasmModule,
  type WasmOp,
  type WasmType,
  type WasmVectorOp,
} from './wasm-encode.ts';

/** Code that leaves one value of the type on the stack. */
export interface Value<T extends WasmType = WasmType> {
  readonly type: T;
  readonly put: (code: WasmCode) => void;
}
export interface Local<T extends WasmType = WasmType> extends Value<T> {
  readonly index: number;
}
export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;
export type F64 = Value<'f64'>;
export type V128 = Value<'v128'>;
/** A value, or a constant where one can be written as such. */
type Of<T extends WasmType> = Value<T> | (T extends 'i32' ? number : T extends 'i64' ? bigint : never);

const value = <T extends WasmType>(type: T, put: (code: WasmCode) => void): Value<T> => ({ type, put });

export const i32 = (constant: number): I32 => value('i32', (code) => code.i32(constant));
export const i64 = (constant: bigint): I64 => value('i64', (code) => code.i64(constant));

function lift(operand: Value | number | bigint): Value {
  if (typeof operand === 'number') return i32(operand);
  return typeof operand === 'bigint' ? i64(operand) : operand;
}

/** An instruction on values. */
function apply<T extends WasmType>(type: T, op: WasmOp, ...operands: (Value | number | bigint)[]): Value<T> {
  return value(type, (code) => {
    for (const operand of operands) lift(operand).put(code);
    code.op(op);
  });
}

// Scalars. Operations exist for i32 and i64; the second operand may be a constant.

interface Arithmetic {
  (a: Of<'i32'>, b: Of<'i32'>): I32;
  (a: Of<'i64'>, b: Of<'i64'>): I64;
}
type Comparison = (
  a: Value<'i32' | 'i64'> | number | bigint,
  b: Value<'i32' | 'i64'> | number | bigint,
) => I32;
interface Unary {
  (a: I32): I32;
  (a: I64): I64;
}
type ScalarOp = WasmOp extends infer Op ? (Op extends `i32.${infer Name}` ? Name : never) : never;

const typeOf = (...operands: readonly (Value | number | bigint)[]): 'i32' | 'i64' =>
  operands.some((operand) => lift(operand).type === 'i64') ? 'i64' : 'i32';

function arithmetic(name: ScalarOp): Arithmetic {
  const op = (a: Value | number | bigint, b: Value | number | bigint): Value => {
    const type = typeOf(a, b);
    return apply(type, `${type}.${name}` as WasmOp, a, b);
  };
  return op as Arithmetic;
}

function comparison(name: ScalarOp): Comparison {
  return (a, b) => apply('i32', `${typeOf(a, b)}.${name}` as WasmOp, a, b);
}

function unary(name: ScalarOp): Unary {
  const op = (a: Value): Value => {
    const type = typeOf(a);
    return apply(type, `${type}.${name}` as WasmOp, a);
  };
  return op as Unary;
}

export const add = arithmetic('add');
export const sub = arithmetic('sub');
export const mul = arithmetic('mul');
export const and = arithmetic('and');
export const or = arithmetic('or');
export const xor = arithmetic('xor');
export const shl = arithmetic('shl');
export const shrU = arithmetic('shr_u');
export const rotl = arithmetic('rotl');
export const clz = unary('clz');
export const ctz = unary('ctz');
export const popcnt = unary('popcnt');
export const eq = comparison('eq');
export const ne = comparison('ne');
export const ltU = comparison('lt_u');
export const gtU = comparison('gt_u');
export const leU = comparison('le_u');
export const geU = comparison('ge_u');
/** 1 for 0, else 0: `not` of a condition. */
export const isZero = (a: Value<'i32' | 'i64'>): I32 => apply('i32', `${typeOf(a)}.eqz` as WasmOp, a);
export const toI64 = (a: I32): I64 => apply('i64', 'i64.extend_i32_u', a);
/** The low half. */
export const toI32 = (a: I64): I32 => apply('i32', 'i32.wrap_i64', a);
export const divU = (a: I64, b: Of<'i64'>): I64 => apply('i64', 'i64.div_u', a, b);
export const toF64 = (a: I32): F64 => apply('f64', 'f64.convert_i32_u', a);
export const longToF64 = (a: I64): F64 => apply('f64', 'f64.convert_i64_s', a);
/** Rounded towards zero. */
export const truncate = (a: F64): I64 =>
  value('i64', (code) => {
    a.put(code);
    code.truncate();
  });
export const neF64 = (a: F64, b: F64): I32 => apply('i32', 'f64.ne', a, b);
export const f64 = (constant: number): F64 => longToF64(i64(BigInt(constant)));
export const addF64 = (a: F64, b: F64): F64 => apply('f64', 'f64.add', a, b);
export const subF64 = (a: F64, b: F64): F64 => apply('f64', 'f64.sub', a, b);
export const mulF64 = (a: F64, b: F64): F64 => apply('f64', 'f64.mul', a, b);
/** `then` or `otherwise`, both computed. */
export function select<T extends WasmType>(condition: I32, then: Value<T>, otherwise: Value<T>): Value<T> {
  return apply(then.type, 'select', then, otherwise, condition);
}

type LoadOp = Extract<WasmOp, `${string}.load${string}`>;
const load =
  <T extends WasmType>(type: T, op: LoadOp) =>
  (address: Of<'i32'>, offset = 0): Value<T> =>
    value(type, (code) => {
      lift(address).put(code);
      code.access(op, offset);
    });
/** Loads at an address plus a constant offset; narrow ones are unsigned. */
export const load8 = load('i32', 'i32.load8_u');
export const load16 = load('i32', 'i32.load16_u');
export const load32 = load('i32', 'i32.load');
export const load64 = load('i64', 'i64.load');
export const loadF64 = load('f64', 'f64.load');

/** Assign to a local and have the value, too. */
export const tee = <T extends WasmType>(local: Local<T>, to: Of<T>): Value<T> =>
  value(local.type, (code) => {
    lift(to).put(code);
    code.tee(local.index);
  });

// Vectors of 16 bytes, named as in the specification.

function vector<T extends WasmType>(
  type: T,
  op: WasmVectorOp,
  operands: readonly Value[],
  ...lanes: number[]
) {
  return value(type, (code) => {
    for (const operand of operands) operand.put(code);
    code.vector(op, ...lanes);
  });
}
const one =
  (op: WasmVectorOp) =>
  (a: V128): V128 =>
    vector('v128', op, [a]);
const two =
  (op: WasmVectorOp) =>
  (a: V128, b: V128): V128 =>
    vector('v128', op, [a, b]);
const shift =
  (op: WasmVectorOp) =>
  (a: V128, by: Of<'i32'>): V128 =>
    vector('v128', op, [a, lift(by)]);
const splat =
  <T extends 'i32' | 'i64'>(op: WasmVectorOp) =>
  (a: Of<T>): V128 =>
    vector('v128', op, [lift(a)]);
const condition =
  (op: WasmVectorOp) =>
  (a: V128): I32 =>
    vector('i32', op, [a]);

export const v128 = {
  load: (address: Of<'i32'>, offset = 0): V128 =>
    value('v128', (code) => {
      lift(address).put(code);
      code.vectorAccess('v128.load', offset);
    }),
  /** Sixteen bytes; a shorter list is continued with zeros. */
  bytes: (bytes: readonly number[]): V128 =>
    vector('v128', 'v128.const', [], ...Array.from({ length: 16 }, (_, i) => bytes[i] ?? 0)),
  not: one('v128.not'),
  and: two('v128.and'),
  /** a & ~b */
  andNot: two('v128.andnot'),
  or: two('v128.or'),
  xor: two('v128.xor'),
  anyTrue: condition('v128.any_true'),
} as const;

export const i8x16 = {
  splat: splat<'i32'>('i8x16.splat'),
  eq: two('i8x16.eq'),
  ne: two('i8x16.ne'),
  add: two('i8x16.add'),
  sub: two('i8x16.sub'),
  addSatU: two('i8x16.add_sat_u'),
  subSatU: two('i8x16.sub_sat_u'),
  leU: two('i8x16.le_u'),
  minU: two('i8x16.min_u'),
  maxU: two('i8x16.max_u'),
  popcnt: one('i8x16.popcnt'),
  /** Low bytes of 16-bit lanes, `a`'s then `b`'s; greater ones become 255. */
  narrow: two('i8x16.narrow_i16x8_u'),
  swizzle: two('i8x16.swizzle'),
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 =>
    vector('v128', 'i8x16.shuffle', [a, b], ...lanes),
  /** Bit i is the highest bit of byte i. */
  bitmask: condition('i8x16.bitmask'),
  extract: (a: V128, lane: number): I32 => vector('i32', 'i8x16.extract_lane_u', [a], lane),
} as const;

export const i16x8 = {
  splat: splat<'i32'>('i16x8.splat'),
  add: two('i16x8.add'),
  mul: two('i16x8.mul'),
  shl: shift('i16x8.shl'),
  shrU: shift('i16x8.shr_u'),
} as const;

export const i32x4 = {
  splat: splat<'i32'>('i32x4.splat'),
  add: two('i32x4.add'),
  eq: two('i32x4.eq'),
  dot: two('i32x4.dot_i16x8_s'),
  extract: (a: V128, lane: number): I32 => vector('i32', 'i32x4.extract_lane', [a], lane),
} as const;

export const i64x2 = {
  splat: splat<'i64'>('i64x2.splat'),
  extract: (a: V128, lane: number): I64 => vector('i64', 'i64x2.extract_lane', [a], lane),
} as const;

// Functions.

/** A function that can be called: itself, one before it, or an import (`imported`). */
export interface FunctionHandle<G extends WasmType | undefined> {
  readonly index: number;
  readonly gives: G;
}

/** The call of a function that gives a value. */
export const call = <G extends WasmType>(to: FunctionHandle<G>, ...values: Of<'i32' | 'i64'>[]): Value<G> =>
  value(to.gives, (code) => {
    for (const operand of values) lift(operand).put(code);
    code.call(to.index);
  });

export interface FunctionShape<P extends Readonly<Record<string, WasmType>>, G extends WasmType | undefined> {
  readonly name: string; // as which it is exported
  readonly takes: P; // in this order
  readonly gives: G;
}

/** Add a function to a module; `write` is called at once with its parameters, and may call the function itself. */
export function defineFunction<
  const P extends Readonly<Record<string, WasmType>>,
  const G extends WasmType | undefined,
>(
  module: WasmModule,
  shape: FunctionShape<P, G>,
  write: (f: FunctionWriter, parameters: { readonly [N in keyof P]: Local<P[N]> }) => void,
): FunctionHandle<G> {
  const types = Object.entries(shape.takes);
  const code = new WasmCode(types.length);
  const gives = shape.gives === undefined ? [] : [shape.gives];
  const takes = types.map(([, type]) => type);
  const index = module.addFunction({ takes, gives }, code, shape.name);
  const parameters = Object.fromEntries(types.map(([name, type], i) => [name, localAt(type, i)]));
  write(new FunctionWriter(code), parameters as { readonly [N in keyof P]: Local<P[N]> });
  // The engine wants a value at the end of the body even when every way has given one.
  if (shape.gives !== undefined) code.op('unreachable');
  return { index, gives: shape.gives };
}

const localAt = <T extends WasmType>(type: T, index: number): Local<T> => ({
  type,
  index,
  put: (code) => code.get(index),
});

/** Takes the statements of one function. */
export class FunctionWriter {
  private readonly code: WasmCode;

  constructor(code: WasmCode) {
    this.code = code;
  }

  /** A new local variable; with a value, it is set here. */
  local<T extends WasmType>(type: T, initial?: Of<T>): Local<T> {
    const local = localAt(type, this.code.local(type));
    if (initial !== undefined) this.set(local, initial);
    return local;
  }

  set<T extends WasmType>(local: Local<T>, to: Of<T>): void {
    lift(to).put(this.code);
    this.code.set(local.index);
  }

  /** local += by */
  bump(local: Local<'i32'>, by: Of<'i32'>): void {
    this.set(local, add(local, by));
  }

  when(condition: I32, then: () => void, otherwise?: () => void): void {
    condition.put(this.code);
    this.code.if();
    then();
    if (otherwise !== undefined) {
      this.code.op('else');
      otherwise();
    }
    this.code.end();
  }

  /** `go` to its label leaves it. */
  block(body: (leave: WasmLabel) => void): void {
    body(this.code.block());
    this.code.end();
  }

  /** `go` to its label starts it again. */
  loop(body: (again: WasmLabel) => void): void {
    body(this.code.loop());
    this.code.end();
  }

  /** The condition is written behind `open`: a callback, so that what it uses may be prepared there. */
  repeatWhile(condition: () => I32, body: () => void): void {
    this.block((leave) => {
      this.loop((again) => {
        this.goIf(leave, isZero(condition()));
        body();
        this.go(again);
      });
    });
  }

  go(label: WasmLabel): void {
    this.code.br(label);
  }

  goIf(label: WasmLabel, condition: I32): void {
    condition.put(this.code);
    this.code.brIf(label);
  }

  /** Return, with the function's value if it has one. */
  give(result?: Value | number | bigint): void {
    if (result !== undefined) lift(result).put(this.code);
    this.code.op('return');
  }

  /** Call a function that gives nothing. */
  run(to: FunctionHandle<undefined>, ...values: Of<'i32' | 'i64'>[]): void {
    for (const operand of values) lift(operand).put(this.code);
    this.code.call(to.index);
  }

  store8(address: Of<'i32'>, stored: Of<'i32'>, offset = 0): void {
    this.store('i32.store8', address, stored, offset);
  }

  store16(address: Of<'i32'>, stored: Of<'i32'>, offset = 0): void {
    this.store('i32.store16', address, stored, offset);
  }

  store32(address: Of<'i32'>, stored: Of<'i32'>, offset = 0): void {
    this.store('i32.store', address, stored, offset);
  }

  store64(address: Of<'i32'>, stored: Of<'i64'>, offset = 0): void {
    this.store('i64.store', address, stored, offset);
  }

  storeF64(address: Of<'i32'>, stored: F64, offset = 0): void {
    this.store('f64.store', address, stored, offset);
  }

  storeV128(address: Of<'i32'>, stored: V128, offset = 0): void {
    lift(address).put(this.code);
    stored.put(this.code);
    this.code.vectorAccess('v128.store', offset);
  }

  private store(
    op: Extract<WasmOp, `${string}.store${string}`>,
    address: Of<'i32'>,
    stored: Value | number | bigint,
    offset: number,
  ): void {
    lift(address).put(this.code);
    lift(stored).put(this.code);
    this.code.access(op, offset);
  }
}

/** The module's functions over `memory`, or undefined where the engine has no vectors. */
export function openWasm<Exports>(
  module: WasmModule,
  memory: WebAssembly.Memory,
  imports: Readonly<Record<string, unknown>> = {},
): Exports | undefined {
  return openBytes<Exports>(() => module.bytes(), memory, imports);
}

/**
 * A module that is the same in every run is made by the build (scripts/build.mjs), which says where it is: to make it takes
 * longer than to scan a few megabytes. What runs from the sources makes it itself.
 */
declare const prebuiltWasm: ((name: string) => Uint8Array<ArrayBuffer> | undefined) | undefined;

/** As openWasm, of a module that the build may have made, by its name there. */
export function openPrebuilt<Exports>(
  name: string,
  make: () => WasmModule,
  memory: WebAssembly.Memory,
): Exports | undefined {
  const made = typeof prebuiltWasm === 'undefined' ? undefined : prebuiltWasm(name);
  return openBytes<Exports>(() => made ?? make().bytes(), memory, {});
}

function openBytes<Exports>(
  bytes: () => Uint8Array<ArrayBuffer>,
  memory: WebAssembly.Memory,
  imports: Readonly<Record<string, unknown>>,
): Exports | undefined {
  try {
    const compiled = new WebAssembly.Module(bytes());
    return new WebAssembly.Instance(compiled, { e: { memory, ...imports } }).exports as Exports;
  } catch {
    return undefined;
  }
}
