/**
 * Expressions → DIF.
 *
 * Registers 1 … 31 are used as a stack: an expression is evaluated "into `free`", its result replaces what its
 * operands left there, and registers below `free` are not touched. Register 0 is the constant 0 and needs no code.
 * Operands are evaluated left to right. Conditions become branches; only where their value is wanted are they made
 * 0 or 1. Comparisons' flags survive everything but the next comparison, which is what makes `truth` short.
 */
import { assertNever } from '../base/assert.ts';
import type { ArithmeticOperator, Relation, TypedExpr } from '../check/typed.ts';
import type { Mnemonic } from '../dif/opcodes.ts';
import type { Difo, ValueShape } from '../dif/program.ts';
import { SUBROUTINES } from '../dif/subroutines.ts';
import { type EmitFailure, Emitter, type Label } from './emitter.ts';
import {
  type Generation,
  type LocatedFrom,
  load,
  locate,
  locateForStore,
  next,
  pushTuple,
  shapeOf,
  store,
  storedValue,
  type TupleValue,
} from './place.ts';

/** Code for one expression, or what it has too much of. */
export type ExpressionResult = { readonly difo: Difo } | { readonly failure: EmitFailure };

const FIRST_REGISTER = 1;

/** Code that returns the expression's value as it is: what takes it (a record field) cuts it to size. */
export function generateValue(expr: TypedExpr, result: ValueShape, strsize: number): ExpressionResult {
  return generateDifo(strsize, result, (gen) => {
    const isCondition = expr.kind === 'compare' || expr.kind === 'logical' || expr.kind === 'not';
    return isCondition ? returnTruth(gen, expr) : gen.value(expr, FIRST_REGISTER);
  });
}

/** Predicates run more often than anything else, and mostly fail: both outcomes return as soon as they are known. */
function returnTruth(gen: Generation, expr: TypedExpr): number {
  const { out } = gen;
  const no = out.label();
  jump(gen, expr, 'false', no, FIRST_REGISTER);
  out.setInteger(1n, FIRST_REGISTER);
  out.emit('ret', FIRST_REGISTER);
  out.place(no);
  return 0;
}

/** Code that returns the value narrowed to its shape: keys are compared in all 64 bits. */
export function generateNarrowed(expr: TypedExpr, result: ValueShape, strsize: number): ExpressionResult {
  return generateDifo(strsize, result, (gen) => gen.narrowed(expr, result, FIRST_REGISTER));
}

/** Code that evaluates the expression for its effect. */
export function generateEffect(expr: TypedExpr, result: ValueShape, strsize: number): ExpressionResult {
  return generateDifo(strsize, result, (gen) => {
    effect(gen, expr, FIRST_REGISTER);
    return 0;
  });
}

function generateDifo(
  strsize: number,
  result: ValueShape,
  body: (gen: Generation) => number,
): ExpressionResult {
  const out = new Emitter();
  const gen: Generation = {
    out,
    strsize,
    located: new Map(),
    value: (expr, free) => value(gen, expr, free),
    narrowed: (expr, shape, free) => narrowed(gen, expr, shape, free),
  };
  out.emit('ret', body(gen));
  return out.failure === undefined ? { difo: out.finish(result) } : { failure: out.failure };
}

/** Leaves the value in register `free` and returns it, or returns 0 when the value is the constant 0. */
function value(gen: Generation, expr: TypedExpr, free: number): number {
  const { out } = gen;
  switch (expr.kind) {
    case 'integer':
      if (expr.value === 0n) return 0;
      out.setInteger(expr.value, free);
      return free;
    case 'string':
      out.setString(expr.bytes, free);
      return free;
    case 'load': {
      const found = locate(gen, expr.place, free);
      load(gen, found.located, free, Math.max(found.free, free + 1));
      return free;
    }
    case 'address':
      return value(gen, expr.place.address, free);
    case 'assign':
      return assign(gen, expr, free);
    case 'update':
      return update(gen, expr, free);
    case 'negate':
      out.emit('sub', 0, value(gen, expr.operand, free), free);
      return free;
    case 'complement':
      out.emit('not', value(gen, expr.operand, free), free);
      return free;
    case 'not':
    case 'compare':
    case 'logical':
      truth(gen, expr, free);
      return free;
    case 'arithmetic':
      return arithmetic(gen, expr, free);
    case 'conditional':
      return conditional(gen, expr, free);
    case 'comma':
      effect(gen, expr.left, free);
      return value(gen, expr.right, free);
    case 'narrow':
      return narrowTo(gen, expr.operand, expr, free);
    case 'retype':
      return value(gen, expr.operand, free);
    case 'bounded':
      return bounded(gen, expr, free);
    case 'call':
      return call(gen, expr, free);
    default:
      return assertNever(expr, 'codegen');
  }
}

/** As `value`, and the result is in `free` for certain. */
function into(gen: Generation, expr: TypedExpr, free: number): void {
  const reg = value(gen, expr, free);
  if (reg !== free) gen.out.emit('mov', reg, free);
}

type Kind<K extends TypedExpr['kind']> = Extract<TypedExpr, { kind: K }>;

/** Evaluate for effect. A store cuts to the place's width by itself, so nothing has to be narrowed for it. */
function effect(gen: Generation, expr: TypedExpr, free: number): void {
  if (expr.kind === 'comma') {
    effect(gen, expr.left, free);
    effect(gen, expr.right, free);
  } else if (expr.kind === 'assign') {
    const from = value(gen, withoutNarrowing(expr.value, shapeOf(expr.place)), free);
    const found = locateForStore(gen, expr.place, next(from, free));
    store(gen, found.located, from, found.free);
  } else if (expr.kind === 'update') {
    const found = locateForStore(gen, expr.place, free);
    const { old, updated } = compute(gen, expr, found);
    store(gen, found.located, updated, old + 2);
  } else {
    value(gen, expr, free);
  }
}

/** The value less conversions that keep all the bits a place of this shape takes. */
function withoutNarrowing(expr: TypedExpr, shape: ValueShape): TypedExpr {
  const keepsAll = expr.kind === 'narrow' && shape.kind === 'int' && expr.sizeBytes >= shape.sizeBytes;
  return keepsAll ? withoutNarrowing(expr.operand, shape) : expr;
}

/** The value first, then the place, as dtrace does: `a[i++] = i` stores the old i. */
function assign(gen: Generation, expr: Kind<'assign'>, free: number): number {
  const from = narrowed(gen, expr.value, shapeOf(expr.place), free);
  const found = locateForStore(gen, expr.place, next(from, free));
  store(gen, found.located, from, found.free);
  return storedValue(gen, expr.place, from, free);
}

function update(gen: Generation, expr: Kind<'update'>, free: number): number {
  const shape = shapeOf(expr.place);
  const found = locateForStore(gen, expr.place, free);
  const { old, updated } = compute(gen, expr, found);
  if (isNarrow(shape)) narrow(gen, updated, shape, updated);
  store(gen, found.located, updated, old + 2);
  const kept = expr.returns === 'new' ? storedValue(gen, expr.place, updated, updated) : old;
  if (kept !== free) gen.out.emit('mov', kept, free);
  return free;
}

/** The old value, and the new one: in its place, or beside it when the old one is still wanted. */
function compute(
  gen: Generation,
  expr: Kind<'update'>,
  found: LocatedFrom,
): { readonly old: number; readonly updated: number } {
  const old = found.free;
  load(gen, found.located, old, old + 1);
  const operand = value(gen, expr.operand, old + 1);
  const updated = expr.returns === 'new' ? old : old + 1;
  gen.out.emit(expr.operator, old, operand, updated);
  return { old, updated };
}

/** A chain `a + b + c …` is walked, not recursed into: scripts are made by programs too. */
function arithmetic(gen: Generation, expr: Kind<'arithmetic'>, free: number): number {
  const chain: Kind<'arithmetic'>[] = [];
  let first: TypedExpr = expr;
  while (first.kind === 'arithmetic') {
    chain.push(first);
    first = first.left;
  }
  let left = value(gen, first, free);
  for (const { operator, right } of chain.reverse()) {
    gen.out.emit(
      operator satisfies ArithmeticOperator & Mnemonic,
      left,
      value(gen, right, next(left, free)),
      free,
    );
    left = free;
  }
  return left;
}

function conditional(gen: Generation, expr: Kind<'conditional'>, free: number): number {
  const { out } = gen;
  const otherwise = out.label();
  const end = out.label();
  jump(gen, expr.condition, 'false', otherwise, free);
  into(gen, expr.then, free);
  out.branch('ba', end);
  out.place(otherwise);
  into(gen, expr.otherwise, free);
  out.place(end);
  return free;
}

/** The operand, which must be an index below `count`. */
function bounded(gen: Generation, expr: Kind<'bounded'>, free: number): number {
  const index = value(gen, expr.operand, free);
  const limit = next(index, free);
  gen.out.setInteger(BigInt(expr.count), limit);
  gen.out.emit('bound', index, limit);
  return index;
}

/** All arguments first, then the tuple stack: an argument may itself be a call. */
function call(gen: Generation, expr: Kind<'call'>, free: number): number {
  let top = free;
  const values = expr.args.map((argument): TupleValue => {
    const reg = value(gen, argument.expr, top);
    top = next(reg, top);
    return { reg, as: argument.byReference ? 'string' : 'value' };
  });
  pushTuple(gen, values, top);
  gen.out.emit('call', SUBROUTINES[expr.subr].id, free);
  gen.out.emit('flushts');
  return free;
}

/** Branch when a comparison holds, by how its operands are taken. Strings compare with signed flags. */
const BRANCHES = {
  signed: { eq: 'be', ne: 'bne', lt: 'bl', le: 'ble', gt: 'bg', ge: 'bge' },
  unsigned: { eq: 'be', ne: 'bne', lt: 'blu', le: 'bleu', gt: 'bgu', ge: 'bgeu' },
  string: { eq: 'be', ne: 'bne', lt: 'bl', le: 'ble', gt: 'bg', ge: 'bge' },
} as const satisfies Record<Kind<'compare'>['as'], Record<Relation, Mnemonic>>;
const OPPOSITES = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  le: 'gt',
  gt: 'le',
  ge: 'lt',
} as const satisfies Record<Relation, Relation>;

type Outcome = 'true' | 'false';

/** Go to `label` when the condition comes out so; else fall through. */
function jump(gen: Generation, expr: TypedExpr, when: Outcome, label: Label, free: number): void {
  if (expr.kind === 'logical' && expr.operator !== '^^') {
    jumpLogical(gen, expr, when, label, free);
  } else if (expr.kind === 'not') {
    jump(gen, expr.operand, opposite(when), label, free);
  } else {
    gen.out.branch(compare(gen, expr, when, free), label);
  }
}

/** `a && b` is false as soon as `a` is; `a || b` true as soon as `a` is. The other outcome needs both. */
function jumpLogical(
  gen: Generation,
  expr: Kind<'logical'>,
  when: Outcome,
  label: Label,
  free: number,
): void {
  const decisive: Outcome = expr.operator === '&&' ? 'false' : 'true';
  if (when === decisive) {
    jump(gen, expr.left, when, label, free);
    jump(gen, expr.right, when, label, free);
    return;
  }
  const skip = gen.out.label();
  jump(gen, expr.left, decisive, skip, free);
  jump(gen, expr.right, when, label, free);
  gen.out.place(skip);
}

/** Set the flags, and say which branch is then taken when the condition comes out so. */
function compare(gen: Generation, expr: TypedExpr, when: Outcome, free: number): Mnemonic {
  const { out } = gen;
  if (expr.kind !== 'compare') {
    out.emit('tst', value(gen, expr, free));
    return when === 'true' ? 'bne' : 'be';
  }
  const left = value(gen, expr.left, free);
  const right = value(gen, expr.right, next(left, free));
  out.emit(expr.as === 'string' ? 'scmp' : 'cmp', left, right);
  return BRANCHES[expr.as][when === 'true' ? expr.relation : OPPOSITES[expr.relation]];
}

function opposite(outcome: Outcome): Outcome {
  return outcome === 'true' ? 'false' : 'true';
}

/** R[free] := 1 if the expression is true, else 0. */
function truth(gen: Generation, expr: TypedExpr, free: number): void {
  const { out } = gen;
  if (expr.kind === 'logical' && expr.operator === '^^') {
    truth(gen, expr.left, free);
    truth(gen, expr.right, free + 1);
    out.emit('xor', free, free + 1, free);
    return;
  }
  const end = out.label();
  if (expr.kind === 'logical') {
    const no = out.label();
    jump(gen, expr, 'false', no, free);
    out.setInteger(1n, free);
    out.branch('ba', end);
    out.place(no);
  } else {
    const branch =
      expr.kind === 'not' ? compare(gen, expr.operand, 'false', free) : compare(gen, expr, 'true', free);
    out.setInteger(1n, free); // leaves the flags alone
    out.branch(branch, end);
  }
  out.emit('mov', 0, free);
  out.place(end);
}

/** The width and sign that a value is held in. */
type Width = Pick<ValueShape, 'sizeBytes' | 'signed'>;

function isNarrow(shape: ValueShape): boolean {
  return shape.kind === 'int' && shape.sizeBytes < 8;
}

function narrowed(gen: Generation, expr: TypedExpr, shape: ValueShape, free: number): number {
  return isNarrow(shape) ? narrowTo(gen, expr, shape, free) : value(gen, expr, free);
}

function narrowTo(gen: Generation, expr: TypedExpr, width: Width, free: number): number {
  const reg = value(gen, expr, free);
  if (reg === 0 || fits(expr, width)) return reg;
  narrow(gen, reg, width, free);
  return free;
}

/** R[target] := the low bytes of R[from], extended. */
function narrow({ out }: Generation, from: number, width: Width, target: number): void {
  const bits = width.sizeBytes * 8;
  const scratch = Math.max(from, target) + 1;
  if (width.signed) {
    out.setInteger(BigInt(64 - bits), scratch);
    out.emit('sll', from, scratch, target);
    out.emit('sra', target, scratch, target);
  } else {
    out.setInteger((1n << BigInt(bits)) - 1n, scratch);
    out.emit('and', from, scratch, target);
  }
}

/** Whether the value is within the width already, so that narrowing would change nothing. */
function fits(expr: TypedExpr, width: Width): boolean {
  switch (expr.kind) {
    case 'integer': {
      const bits = width.sizeBytes * 8;
      const cut = width.signed ? BigInt.asIntN(bits, expr.value) : BigInt.asUintN(bits, expr.value);
      return cut === expr.value;
    }
    case 'not':
    case 'compare':
    case 'logical':
      return true;
    case 'narrow':
      return contains(width, expr);
    case 'load':
    case 'assign':
    case 'update': {
      const shape = shapeOf(expr.place);
      return isNarrow(shape) && contains(width, shape);
    }
    case 'conditional':
      return fits(expr.then, width) && fits(expr.otherwise, width);
    case 'comma':
      return fits(expr.right, width);
    case 'retype':
      return fits(expr.operand, width);
    default:
      return false;
  }
}

function contains(outer: Width, inner: Width): boolean {
  if (outer.signed === inner.signed) return inner.sizeBytes <= outer.sizeBytes;
  return outer.signed && inner.sizeBytes < outer.sizeBytes;
}
