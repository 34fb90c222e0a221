/**
 * Expressions whose value goes into a record: arguments of trace(), printf() and print(), and keys of aggregations.
 *
 * Beside ordinary expressions these may be the symbolic addresses that sym(), mod(), usym() … give: an address with a
 * type that says how to show it. Keys and arguments of printf() may also be stacks.
 */
import type { ActionName } from '../dif/actions.ts';
import type { ValueShape } from '../dif/program.ts';
import type { Expr } from '../syntax/ast.ts';
import { LONG, UNSIGNED_LONG } from '../types/intrinsic.ts';
import { resolve } from '../types/relations.ts';
import type { SpecialType } from '../types/type.ts';
import { calledName } from './action-names.ts';
import { retype } from './build.ts';
import { type Env, errorExpr, fail, type Operand } from './env.ts';
import { noteStack } from './needs.ts';
import { checkArguments } from './prototypes.ts';
import { shapeOf } from './shapes.ts';
import type { TypedExpr, TypedStack, TypedValue } from './typed.ts';

type CallNode = Extract<Expr, { readonly kind: 'call' }>;

/** Actions whose result is a symbolic address, and its type. */
const SYMBOLIC: Readonly<Partial<Record<ActionName, SpecialType>>> = {
  sym: { kind: 'symaddr', shows: 'sym' },
  func: { kind: 'symaddr', shows: 'func' },
  mod: { kind: 'symaddr', shows: 'mod' },
  usym: { kind: 'usymaddr', shows: 'usym' },
  ufunc: { kind: 'usymaddr', shows: 'ufunc' },
  umod: { kind: 'usymaddr', shows: 'umod' },
  uaddr: { kind: 'usymaddr', shows: 'uaddr' },
};

export function recordedOperand(env: Env, expr: Expr): Operand {
  return symbolicAddress(env, expr) ?? env.checkExpr(env, expr);
}

/** `sym(a)` and its kin as an address of symbolic type; undefined for other expressions. */
export function symbolicAddress(env: Env, expr: Expr): TypedExpr | undefined {
  const name = calledName(env, expr) as ActionName | undefined;
  if (name === undefined || expr.kind !== 'call' || !Object.hasOwn(SYMBOLIC, name)) return undefined;
  const type = SYMBOLIC[name]!;
  const uintptr = env.scope.types.lookup('uintptr_t') ?? UNSIGNED_LONG;
  const signature = { returns: type, parameters: [uintptr], required: 1 };
  const operands = expr.arguments.map((argument) => addressOperand(env, argument));
  const [address] = checkArguments(env, `${name}( )`, signature, operands, expr.span);
  return address === undefined ? errorExpr(expr.span) : retype(address, type, expr.span);
}

/** A pointer is as good as its number here. */
function addressOperand(env: Env, argument: Expr): Operand {
  const operand = env.checkExpr(env, argument);
  const isPointer = operand.kind !== 'aggregation' && resolve(operand.type).kind === 'pointer';
  return isPointer && operand.kind !== 'translated' ? retype(operand, UNSIGNED_LONG) : operand;
}

export function recorded(env: Env, expr: TypedExpr): TypedValue {
  return { expr, shape: shapeOf(expr.type, env.context.options.strsize) };
}

// ---------------------------------------------------------------------------------------------- stacks

type StackName = TypedStack['kind'];

/** dtrace's default depths. */
const DEFAULT_FRAMES: Readonly<Record<StackName, number>> = { stack: 20, ustack: 20, jstack: 50 };

function isStackName(name: string | undefined): name is StackName {
  return name !== undefined && Object.hasOwn(DEFAULT_FRAMES, name);
}

/** A call of stack(), ustack() or jstack() where a stack may stand; undefined for other expressions. */
export function stackCall(env: Env, expr: Expr): TypedStack | undefined {
  const kind = calledName(env, expr);
  if (!isStackName(kind) || expr.kind !== 'call') return undefined;
  noteStack(env);
  const frames = stackFrames(env, kind, expr);
  return { kind, frames, shape: stackShape(frames) };
}

/** Frames that `stack([n])`, `ustack([n [, strsize]])` or `jstack(…)` asks for. */
function stackFrames(env: Env, name: StackName, node: CallNode): number {
  const { options } = env.context;
  const fallback = options[`${name}frames`] ?? DEFAULT_FRAMES[name];
  const most = name === 'stack' ? 1 : 2;
  const [frames, strings] = node.arguments;
  if (node.arguments.length > most) {
    fail(env, name === 'stack' ? 'D_STACK_PROTO' : 'D_USTACK_PROTO', node.span, { name });
    return fallback;
  }
  if (strings !== undefined) {
    const size = positiveConstant(env, strings);
    if (size === undefined || size < 0n) fail(env, 'D_USTACK_STRSIZE', strings.span, { name });
  }
  if (frames === undefined) return fallback;
  const count = positiveConstant(env, frames);
  if (count === undefined || count <= 0n || count > MAX_FRAMES) {
    fail(env, name === 'stack' ? 'D_STACK_SIZE' : 'D_USTACK_FRAMES', frames.span, { name });
    return fallback;
  }
  return Number(count);
}

/** Deeper than any kernel stack; keeps one record from filling a buffer by a slip of the finger. */
const MAX_FRAMES = 65535n;

function positiveConstant(env: Env, expr: Expr): bigint | undefined {
  const operand = env.checkExpr(env, expr);
  return operand.kind === 'integer' && operand.type.kind !== 'error' ? operand.value : undefined;
}

function stackShape(frames: number): ValueShape {
  return { kind: 'stack', sizeBytes: 8 * frames, signed: false, type: { kind: 'stack' } };
}

/** The type that aggregated values have for printf conversions. */
export const AGGREGATED = LONG;
