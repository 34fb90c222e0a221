/**
 * Which variables hold pointers into the scratch of alloca(), which ends with the clause, and which hold others.
 *
 * One variable holds one kind for the whole session: mixing them is D_ALLOCA_INCOMPAT, as on Linux. NULL goes with both,
 * and integers, strings and structs are not looked at.
 */
import type { Span } from '../diag/span.ts';
import { resolve } from '../types/relations.ts';
import { type Env, fail } from './env.ts';
import { SCOPE_PREFIX } from './names.ts';
import type { Place, TypedExpr } from './typed.ts';

type Origin = 'alloca' | 'other';

/** Where a pointer comes from; undefined for NULL and for what is no pointer. */
function originOf(env: Env, expr: TypedExpr): Origin | undefined {
  if (expr.kind === 'integer' && expr.value === 0n) return undefined;
  switch (expr.kind) {
    case 'call':
      return expr.subr === 'alloca' ? 'alloca' : 'other';
    case 'load':
      return variableOrigin(env, expr.place);
    case 'assign':
      return originOf(env, expr.value);
    case 'retype':
      return originOf(env, expr.operand);
    case 'comma':
      return originOf(env, expr.right);
    case 'arithmetic':
      return isPointerType(expr.left) ? originOf(env, expr.left) : originOf(env, expr.right);
    case 'address':
      return expr.place.kind === 'memory' ? originOf(env, expr.place.address) : 'other';
    case 'conditional':
      return originOf(env, expr.then) ?? originOf(env, expr.otherwise);
    default:
      return 'other';
  }
}

function isPointerType(expr: TypedExpr): boolean {
  return resolve(expr.type).kind === 'pointer';
}

function variableOrigin(env: Env, place: Place): Origin | undefined {
  if (place.kind !== 'variable' && place.kind !== 'element') return 'other';
  return env.scope.origins.get(place.variable);
}

/** A pointer is stored: the variable is of its kind from now on, or it is the wrong kind. */
export function checkOrigin(env: Env, place: Place, value: TypedExpr, span: Span): void {
  if (place.kind !== 'variable' && place.kind !== 'element') return;
  const { variable } = place;
  if (resolve(variable.value.type).kind !== 'pointer') return;
  const origin = originOf(env, value);
  if (origin === undefined) return;
  const before = env.scope.origins.get(variable);
  if (before === undefined) env.scope.origins.set(variable, origin);
  else if (before !== origin) mixed(env, `${SCOPE_PREFIX[variable.scope]}${variable.name}`, span);
}

/** `c ? alloca(8) : p` is neither. */
export function checkArms(env: Env, one: TypedExpr, other: TypedExpr, span: Span): void {
  if (!isPointerType(one) || !isPointerType(other)) return;
  const [a, b] = [originOf(env, one), originOf(env, other)];
  if (a !== undefined && b !== undefined && a !== b) mixed(env, 'operator ?:', span);
}

function mixed(env: Env, what: string, span: Span): void {
  fail(env, 'D_ALLOCA_INCOMPAT', span, { what });
}
