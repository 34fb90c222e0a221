/**
 * Places: loading from and storing to variables, array elements and memory.
 *
 * A place is first *located*: its keys or its address are evaluated, once, into registers that stay as they are
 * until the place has been used. Then it can be loaded and stored as often as needed, so `x[k++] += 1` evaluates
 * `k++` once. The tuple stack is filled only at the load or store itself, from registers, because there is one tuple
 * stack and a key may itself need it.
 *
 * Registers are used as a stack. `free` is always the first register that holds nothing; a function may use it and
 * those above it, and leaves those below it alone.
 */
import { bug } from '../base/assert.ts';
import type { MemoryPlace, Place, TypedExpr } from '../check/typed.ts';
import { PUSH_TYPE, variableMnemonic } from '../dif/encode.ts';
import { type Mnemonic, TUPLE_STACK_SIZE } from '../dif/opcodes.ts';
import type { UserVariable, ValueShape } from '../dif/program.ts';
import { SUBROUTINES } from '../dif/subroutines.ts';
import type { Emitter } from './emitter.ts';

/** What generating one expression takes along. `value` is expression.ts's, handed in so that modules do not import in a circle. */
export interface Generation {
  readonly out: Emitter;
  readonly strsize: number;
  /** Places located already, whose loads must not evaluate their keys a second time. */
  readonly located: Map<Place, Located>;
  /** Leaves the value of an expression in `free`, or names register 0; uses registers from `free` on. */
  value(expr: TypedExpr, free: number): number;
  /** The same, narrowed to what a place of this shape holds. */
  narrowed(expr: TypedExpr, shape: ValueShape, free: number): number;
}

/** A register and how it goes on the tuple stack: as it is, as a string, or as so many bytes at its address. */
export interface TupleValue {
  readonly reg: number;
  readonly as: 'value' | 'string' | number;
}

export type Located =
  | { readonly kind: 'variable'; readonly variable: UserVariable; readonly keys: readonly TupleValue[] }
  | { readonly kind: 'builtin'; readonly id: number; readonly index: number | undefined }
  | { readonly kind: 'memory'; readonly address: number; readonly place: MemoryPlace };

export interface LocatedFrom {
  readonly located: Located;
  readonly free: number;
}

const INTEGER_LOADS = {
  signed: { 1: 'ldsb', 2: 'ldsh', 4: 'ldsw', 8: 'ldx' },
  unsigned: { 1: 'ldub', 2: 'lduh', 4: 'lduw', 8: 'ldx' },
} as const satisfies Record<string, Record<number, Mnemonic>>;
const INTEGER_STORES = { 1: 'stb', 2: 'sth', 4: 'stw', 8: 'stx' } as const satisfies Record<number, Mnemonic>;

export function shapeOf(place: Place): ValueShape {
  return place.kind === 'variable' || place.kind === 'element' ? place.variable.value : place.shape;
}

/** Evaluate what a place depends on, into registers from `free` on. */
export function locate(gen: Generation, place: Place, free: number): LocatedFrom {
  const known = gen.located.get(place);
  if (known) return { located: known, free };
  switch (place.kind) {
    case 'variable':
      return { located: { kind: 'variable', variable: place.variable, keys: [] }, free };
    case 'element':
      return locateElement(gen, place, free);
    case 'builtin': {
      const index = place.index && gen.value(place.index, free);
      return { located: { kind: 'builtin', id: place.id, index }, free: next(index ?? 0, free) };
    }
    case 'memory': {
      const address = generateAddress(gen, place.address, free);
      return { located: { kind: 'memory', address, place }, free: next(address, free) };
    }
  }
}

/** NULL is loaded as any address is: reading through it then faults at the offset (4) that dtrace's users know. */
function generateAddress(gen: Generation, address: TypedExpr, free: number): number {
  const reg = gen.value(address, free);
  if (reg !== 0) return reg;
  gen.out.setInteger(0n, free);
  return free;
}

/** As `locate`, and sees to it that a store can reach: the element that holds the bytes exists. */
export function locateForStore(gen: Generation, place: Place, free: number): LocatedFrom {
  if (place.kind !== 'memory' || place.within === undefined) return locate(gen, place, free);
  const holder = locate(gen, place.within.place, free);
  makeExist(gen, holder, place.within.sizeBytes);
  gen.located.set(place.within.place, holder.located);
  const found = locate(gen, place, holder.free);
  gen.located.delete(place.within.place);
  return found;
}

/** The first free register after a value that may have needed none. */
export function next(reg: number, free: number): number {
  return reg === 0 ? free : free + 1;
}

function locateElement(
  gen: Generation,
  place: Extract<Place, { kind: 'element' }>,
  firstFree: number,
): LocatedFrom {
  let free = firstFree;
  const keys = place.keys.map((key, i): TupleValue => {
    const shape = place.variable.keys?.[i] ?? bug('codegen', `${place.variable.name} has no key ${i + 1}`);
    const reg = gen.narrowed(key.expr, shape, free);
    free = next(reg, free);
    return { reg, as: tupleForm(shape) };
  });
  return { located: { kind: 'variable', variable: place.variable, keys }, free };
}

function tupleForm(shape: ValueShape): TupleValue['as'] {
  if (shape.kind === 'string') return 'string';
  return shape.kind === 'bytes' ? shape.sizeBytes : 'value';
}

/** A dynamic variable that is absent reads as address 0: then store zeroed bytes in it. */
function makeExist(gen: Generation, { located, free }: LocatedFrom, sizeBytes: number): void {
  const { out } = gen;
  const exists = out.label();
  load(gen, located, free, free + 1);
  out.emit('tst', free);
  out.branch('bne', exists);
  out.setInteger(BigInt(sizeBytes), free);
  out.emit('allocs', free, free);
  store(gen, located, free, free + 1);
  out.place(exists);
}

/** Fill the tuple stack. */
export function pushTuple(gen: Generation, values: readonly TupleValue[], free: number): void {
  const { out } = gen;
  if (values.length > TUPLE_STACK_SIZE) out.fail('tuple');
  for (const { reg, as } of values) {
    if (as === 'value') out.emit('pushtv', PUSH_TYPE.BYTES, 0, reg);
    else if (as === 'string') out.emit('pushtr', PUSH_TYPE.STRING, 0, reg);
    else {
      out.setInteger(BigInt(as), free);
      out.emit('pushtr', PUSH_TYPE.BYTES, free, reg);
    }
  }
}

/** R[target] := the value at the place; `free` may be `target` + 1 or more. */
export function load(gen: Generation, located: Located, target: number, free: number): void {
  const { out } = gen;
  switch (located.kind) {
    case 'variable': {
      const { scope, id, keys } = located.variable;
      pushTuple(gen, located.keys, free);
      out.emit(variableMnemonic(scope, keys !== undefined, false), id, target);
      return;
    }
    case 'builtin':
      if (located.index === undefined) out.emit('ldgs', located.id, target);
      else out.emit('ldga', located.id, located.index, target);
      return;
    case 'memory':
      loadMemory(gen, located, target, free);
  }
}

/** Bytes in memory are used by their address; only integers are fetched. */
function loadMemory(
  { out }: Generation,
  { address, place }: Extract<Located, { kind: 'memory' }>,
  target: number,
  free: number,
): void {
  const { shape, bits } = place;
  if (shape.kind === 'string' || shape.kind === 'bytes') {
    if (address !== target) out.emit('mov', address, target);
    return;
  }
  const unitBytes = integerBytes(shape);
  out.emit(INTEGER_LOADS[shape.signed && !bits ? 'signed' : 'unsigned'][unitBytes], address, target);
  if (bits) extractBits(out, target, target, free, { ...bits, signed: shape.signed });
}

/** R[target] := `width` bits of R[from] from bit `offset` on, extended to 64. */
function extractBits(
  out: Emitter,
  from: number,
  target: number,
  free: number,
  bits: { readonly offset: number; readonly width: number; readonly signed: boolean },
): void {
  out.setInteger(BigInt(64 - bits.offset - bits.width), free);
  out.emit('sll', from, free, target);
  out.setInteger(BigInt(64 - bits.width), free);
  out.emit(bits.signed ? 'sra' : 'srl', target, free, target);
}

/** The place := R[from]. */
export function store(gen: Generation, located: Located, from: number, free: number): void {
  switch (located.kind) {
    case 'variable': {
      const { scope, id, keys } = located.variable;
      pushTuple(gen, located.keys, free);
      gen.out.emit(variableMnemonic(scope, keys !== undefined, true), id, from);
      return;
    }
    case 'builtin':
      bug('codegen', 'a built-in variable cannot be stored');
      break;
    case 'memory':
      storeMemory(gen, located, from, free);
  }
}

function storeMemory(
  gen: Generation,
  { address, place }: Extract<Located, { kind: 'memory' }>,
  from: number,
  free: number,
): void {
  const { out } = gen;
  const { shape, bits } = place;
  if (shape.kind === 'string') storeString(gen, address, from, free);
  else if (shape.kind === 'bytes') {
    out.setInteger(BigInt(shape.sizeBytes), free);
    out.emit('copys', from, free, address);
  } else if (bits) storeBits(out, { address, from, free, unitBytes: integerBytes(shape), bits });
  else out.emit(INTEGER_STORES[integerBytes(shape)], from, address);
}

/** Read the unit, replace the field's bits, write the unit back. */
function storeBits(
  out: Emitter,
  to: {
    readonly address: number;
    readonly from: number;
    readonly free: number;
    readonly unitBytes: 1 | 2 | 4 | 8;
    readonly bits: { readonly offset: number; readonly width: number };
  },
): void {
  const { address, from, free: unit, bits } = to;
  const field = unit + 1;
  const count = unit + 2;
  const mask = (1n << BigInt(bits.width)) - 1n;
  out.emit(INTEGER_LOADS.unsigned[to.unitBytes], address, unit);
  out.setInteger(BigInt.asIntN(64, ~(mask << BigInt(bits.offset))), field);
  out.emit('and', unit, field, unit);
  out.setInteger(BigInt.asIntN(64, mask), field);
  out.emit('and', from, field, field);
  out.setInteger(BigInt(bits.offset), count);
  out.emit('sll', field, count, field);
  out.emit('or', unit, field, unit);
  out.emit(INTEGER_STORES[to.unitBytes], unit, address);
}

/**
 * Copy a string to memory: its bytes and a NUL, cut so that both fit in the strsize bytes that `sizeof` promises.
 * NULL is copied as the empty string.
 */
function storeString({ out, strsize }: Generation, address: number, from: number, free: number): void {
  const length = free;
  const scratch = free + 1;
  const end = out.label();
  const fits = out.label();
  out.emit('mov', 0, length);
  out.emit('tst', from);
  out.branch('be', end);
  out.emit('pushtr', PUSH_TYPE.STRING, 0, from);
  out.emit('call', SUBROUTINES.strlen.id, length);
  out.emit('flushts');
  out.setInteger(BigInt(strsize - 1), scratch);
  out.emit('cmp', length, scratch);
  out.branch('bleu', fits);
  out.emit('mov', scratch, length);
  out.place(fits);
  out.emit('copys', from, length, address);
  out.place(end);
  out.emit('add', address, length, scratch);
  out.emit('stb', 0, scratch);
}

/** What a place holds after R[from] was stored in it: a bit-field keeps fewer bits than its shape says. */
export function storedValue(gen: Generation, place: Place, from: number, target: number): number {
  if (place.kind !== 'memory' || place.bits === undefined || from === 0) return from;
  const bits = { offset: 0, width: place.bits.width, signed: place.shape.signed };
  extractBits(gen.out, from, target, Math.max(from, target) + 1, bits);
  return target;
}

function integerBytes(shape: ValueShape): 1 | 2 | 4 | 8 {
  const { sizeBytes } = shape;
  if (sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 4 || sizeBytes === 8) return sizeBytes;
  return bug('codegen', `no load or store for ${sizeBytes} bytes of kind ${shape.kind}`);
}
