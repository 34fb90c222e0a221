/**
 * Making nodes of the typed tree: loads, constants, and the conversions that D leaves implicit.
 *
 * Intermediate values are 64 bits whatever their type says (behaviours.md 22). `convert` is where a value takes the size
 * of a type: on casts, stores, arguments and keys. It leaves out what changes nothing.
 */
import { narrow } from '../base/int64.ts';
import type { Span } from '../diag/span.ts';
import { LONG } from '../types/intrinsic.ts';
import { integerOf, isByReference, isError, isInteger, resolve } from '../types/relations.ts';
import type { Type } from '../types/type.ts';
import type { MemoryPlace, Place, TypedExpr } from './typed.ts';

export type Constant = Extract<TypedExpr, { readonly kind: 'integer' }>;

export function constant(value: bigint, type: Type, span: Span): Constant {
  return { kind: 'integer', value: BigInt.asIntN(64, value), type, span };
}

export function isConstant(expr: TypedExpr): expr is Constant {
  return expr.kind === 'integer' && !isError(expr.type);
}

/** The integer constant 0, which fits every pointer. */
export function isZero(expr: TypedExpr): boolean {
  return isConstant(expr) && expr.value === 0n && isInteger(expr.type);
}

/** The value at a place: what a load gives, or for strings, structs and arrays in memory their address. */
export function read(place: Place, type: Type, span: Span): TypedExpr {
  if (place.kind === 'memory' && isByReference(type)) return { kind: 'address', place, type, span };
  return { kind: 'load', place, type, span };
}

/** The place that a value was read from, if it was. */
export function placeOf(expr: TypedExpr): Place | undefined {
  if (expr.kind === 'load') return expr.place;
  return expr.kind === 'address' && isByReference(expr.type) ? expr.place : undefined;
}

/** `&place`, and the same bits under a pointer type where the place's address is at hand. */
export function addressOf(place: MemoryPlace, type: Type, span: Span): TypedExpr {
  return { kind: 'address', place, type, span };
}

export function retype(operand: TypedExpr, type: Type, span: Span = operand.span): TypedExpr {
  if (operand.kind === 'integer') return { ...operand, type, span };
  return { kind: 'retype', operand, type, span };
}

/** base + offset bytes, as a value of `type`. */
export function offsetBy(base: TypedExpr, offset: TypedExpr, type: Type, span: Span): TypedExpr {
  if (offset.kind === 'integer' && offset.value === 0n) return retype(base, type, span);
  return { kind: 'arithmetic', operator: 'add', left: base, right: offset, type, span };
}

/** index × size, folded where it can be. */
export function scaled(index: TypedExpr, sizeBytes: number): TypedExpr {
  const { span } = index;
  if (sizeBytes === 1) return index;
  if (index.kind === 'integer') return constant(index.value * BigInt(sizeBytes), LONG, span);
  const size = constant(BigInt(sizeBytes), LONG, span);
  return { kind: 'arithmetic', operator: 'mul', left: index, right: size, type: LONG, span };
}

/** An array index that is known at run time only: a fault outside the array. */
export function bounded(index: TypedExpr, count: number): TypedExpr {
  return { kind: 'bounded', operand: index, count, type: index.type, span: index.span };
}

/** The value as one of `type`: truncated and extended again where the type is a smaller integer. */
export function convert(expr: TypedExpr, type: Type, span: Span = expr.span): TypedExpr {
  if (isError(expr.type) || isError(type)) return expr;
  if (!isInteger(type)) return retyped(expr, type, span);
  const { sizeBytes, signed } = integerOf(type);
  if (isConstant(expr)) return constant(narrow(expr.value, sizeBytes * 8, signed), type, span);
  if (sizeBytes === 8 || fits(expr, sizeBytes, signed)) return retyped(expr, type, span);
  return { kind: 'narrow', operand: expr, sizeBytes, signed, type, span };
}

function retyped(expr: TypedExpr, type: Type, span: Span): TypedExpr {
  return resolve(expr.type) === resolve(type) ? { ...expr, type } : retype(expr, type, span);
}

/** Whether the value surely lies in the range of an integer of that size and signedness. */
function fits(expr: TypedExpr, sizeBytes: number, signed: boolean): boolean {
  const range = rangeOf(expr);
  if (range === undefined) return false;
  if (range.signed === signed) return range.sizeBytes <= sizeBytes;
  return signed && range.sizeBytes < sizeBytes;
}

/** The integer type whose range bounds the value; undefined when all 64 bits may matter. */
function rangeOf(expr: TypedExpr): { readonly sizeBytes: number; readonly signed: boolean } | undefined {
  switch (expr.kind) {
    case 'load':
      return isInteger(expr.type) ? integerOf(expr.type) : undefined;
    case 'narrow':
      return expr;
    case 'compare':
    case 'logical':
    case 'not':
      return { sizeBytes: 1, signed: false };
    case 'retype':
      return rangeOf(expr.operand);
    default:
      return undefined;
  }
}
