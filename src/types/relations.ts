/**
 * Questions about types: what kind of thing a type is in expressions, and which types go together
 * (d-language.md 3.3 ranks, 3.6 compatibility).
 *
 * `error` answers yes to every question, so that what was already reported is never reported again.
 */
import { INT, INTEGERS } from './intrinsic.ts';
import type { IntType, Type } from './type.ts';

type Named = 'typedef' | 'qualified';
export type ResolvedType = Exclude<Type, { readonly kind: Named }>;

/** The type behind typedefs and qualifiers. */
export function resolve(type: Type): ResolvedType {
  let at = type;
  while (at.kind === 'typedef' || at.kind === 'qualified') at = at.to;
  return at;
}

/** The type without its outermost qualifiers; a typedef keeps its name. */
export function unqualified(type: Type): Type {
  return type.kind === 'qualified' ? unqualified(type.to) : type;
}

export function isError(type: Type): boolean {
  return type.kind === 'error';
}

export function isVoid(type: Type): boolean {
  return resolve(type).kind === 'void';
}

/** Integers and enums: all that D computes with. */
export function isInteger(type: Type): boolean {
  const { kind } = resolve(type);
  return kind === 'int' || kind === 'enum' || kind === 'error';
}

/** What can be tested for zero: integers and pointers. */
export function isScalar(type: Type): boolean {
  return isInteger(type) || resolve(type).kind === 'pointer';
}

export function isString(type: Type): boolean {
  return resolve(type).kind === 'string';
}

export function isRecord(type: Type): boolean {
  const { kind } = resolve(type);
  return kind === 'struct' || kind === 'union';
}

/** Pointers, and arrays standing for the address of their first element. */
export function isPointer(type: Type): boolean {
  const { kind } = resolve(type);
  return kind === 'pointer' || kind === 'array';
}

/** What a pointer or array refers to; undefined for other types. */
export function referent(type: Type): Type | undefined {
  const resolved = resolve(type);
  if (resolved.kind === 'pointer') return resolved.to;
  return resolved.kind === 'array' ? resolved.of : undefined;
}

function isUntyped(type: Type): boolean {
  const to = referent(type);
  return to !== undefined && isVoid(to);
}

/** Pointers to void and to functions have no size to step by. */
export function isUnsizedPointer(type: Type): boolean {
  const to = referent(type);
  if (to === undefined) return false;
  const { kind } = resolve(to);
  return kind === 'void' || kind === 'function';
}

function isCharLike(type: Type): boolean {
  const resolved = resolve(type);
  return resolved.kind === 'int' && resolved.sizeBytes === 1 && resolved.name !== '_Bool';
}

export function isCharArray(type: Type): boolean {
  const resolved = resolve(type);
  return resolved.kind === 'array' && isCharLike(resolved.of);
}

/** `string`, `char *`, `char []`: what may be taken for text. */
export function isStringCompatible(type: Type): boolean {
  const resolved = resolve(type);
  if (resolved.kind === 'string' || resolved.kind === 'error') return true;
  const to = referent(resolved);
  return to !== undefined && isCharLike(to);
}

/** Values that are the address of their bytes: strings, structs, unions, arrays. */
export function isByReference(type: Type): boolean {
  const { kind } = resolve(type);
  return kind === 'string' || kind === 'struct' || kind === 'union' || kind === 'array';
}

/** The integer type that arithmetic uses for `type`: enums compute as int, or as what they are stored as. */
export function integerOf(type: Type): IntType {
  const resolved = resolve(type);
  if (resolved.kind === 'enum') return resolved.base ?? INT;
  return resolved.kind === 'int' ? resolved : INT;
}

function rank(type: Type): number {
  const int = integerOf(type);
  const order = INTEGERS.findIndex((row) => row.name === int.name);
  return (int.sizeBytes * 8 + (int.signed ? 0 : 1)) * INTEGERS.length + order;
}

/**
 * Result type of an arithmetic operator: the operand's type with the higher rank, under its own name. Nothing is
 * promoted to int.
 */
export function promoted(left: Type, right: Type): Type {
  const winner = rank(right) > rank(left) ? right : left;
  return resolve(winner).kind === 'enum' ? integerOf(winner) : unqualified(winner);
}

/** Same type, whatever its names: C's compatible types without the freedom of C's conversions. */
export function sameType(left: Type, right: Type): boolean {
  const a = resolve(left);
  const b = resolve(right);
  if (a === b || a.kind === 'error' || b.kind === 'error') return true;
  switch (a.kind) {
    case 'int':
      // `long` and `long long` are of one shape, as are the chars; a pointer to one serves for the other.
      return (
        b.kind === 'int' &&
        a.sizeBytes === b.sizeBytes &&
        a.signed === b.signed &&
        (a.name === '_Bool') === (b.name === '_Bool')
      );
    case 'float':
      return b.kind === 'float' && a.sizeBytes === b.sizeBytes;
    case 'pointer':
      return b.kind === 'pointer' && sameType(a.to, b.to);
    case 'array':
      return b.kind === 'array' && a.count === b.count && sameType(a.of, b.of);
    case 'struct':
    case 'union':
    case 'enum':
      return b.kind === a.kind && a.tag !== '' && a.tag === b.tag;
    case 'function':
      return (
        b.kind === 'function' &&
        sameType(a.returns, b.returns) &&
        a.variadic === b.variadic &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every((parameter, i) => sameType(parameter, b.parameters[i]!))
      );
    default:
      return b.kind === a.kind;
  }
}

/** Pointers or arrays to the same type, or one of them a `void *`. Constant 0 is the caller's business. */
export function pointersCompatible(left: Type, right: Type): boolean {
  const a = referent(left);
  const b = referent(right);
  if (a === undefined || b === undefined) return isError(left) || isError(right);
  return isVoid(a) || isVoid(b) || sameType(a, b);
}

/**
 * Whether a value may be assigned to, or passed for, a target type (d-language.md 3.6).
 * `isZero` says that the value is the integer constant 0, which fits every pointer and every string.
 */
export function assignable(target: Type, value: Type, isZero: boolean): boolean {
  if (isError(target) || isError(value)) return true;
  if (isInteger(target) && isInteger(value)) return true;
  if (isStringCompatible(target) && isStringCompatible(value)) return true;
  const kind = resolve(target).kind;
  if (isZero && (kind === 'pointer' || kind === 'string')) return true;
  if (pointersCompatible(target, value)) return true;
  // A string is an array of char, so its address goes where any pointer does.
  if (isString(value) && isUntyped(target)) return true;
  if (kind === 'void' || kind === 'dynamic') return false;
  return sameType(target, value);
}
