/**
 * Aggregations: `@name[keys] = func(args);` (d-language.md section 7).
 *
 * All `@name` of a session are one object: its function, keys and parameters are fixed by the first assignment in
 * program order, and so is its id.
 */

import { didYouMean } from '../diag/nearest.ts';
import type { Span } from '../diag/span.ts';
import { physicalPosition } from '../diag/span.ts';
import { AGGREGATING_FUNCTIONS, type AggFuncName } from '../dif/aggregating-functions.ts';
import type { AggregationParams, ValueShape } from '../dif/program.ts';
import type { Expr } from '../syntax/ast.ts';
import { LONG } from '../types/intrinsic.ts';
import { assignable, isError, isScalar, isVoid } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import { calledName } from './action-names.ts';
import { aggregationName } from './assign.ts';
import { convert, isZero } from './build.ts';
import { type Env, fail, isValue, type Operand, operandText } from './env.ts';
import { functionKind } from './names.ts';
import { countMismatch, typeMismatch } from './prototypes.ts';
import { quantizeParameters } from './quantize.ts';
import { recordedOperand, stackCall } from './recorded.ts';
import type { KnownAggregation } from './scope.ts';
import { shapeOf } from './shapes.ts';
import type { TypedAggregation, TypedExpr, TypedKey, TypedStatement } from './typed.ts';

type AssignNode = Extract<Expr, { readonly kind: 'assign' }>;
type CallNode = Extract<Expr, { readonly kind: 'call' }>;

/** The statement `@name[keys] = func(args)`; undefined when it is in error. */
export function aggregate(env: Env, node: AssignNode): TypedStatement | undefined {
  const name = aggregationName(node.target)!;
  const call = aggregatingCall(env, node, name);
  if (call === undefined) return undefined;
  const { func } = call;
  const keyNodes = node.target.kind === 'index' ? node.target.indices : [];
  const known = env.scope.aggregations.get(name);
  if (known !== undefined && known.typed.func !== func) {
    reportRedefinition(env, node, known, func);
    return undefined;
  }
  const keys = known ? laterKeys(env, known, keyNodes, node.target.span) : firstKeys(env, keyNodes);
  const args = checkArguments(env, func, call.node);
  const params = args && quantizeParameters(env, func, call.node, known);
  if (keys === undefined || args === undefined || params === undefined) return undefined;
  const aggregation = known?.typed ?? define(env, name, func, keys, args.value, params, node.span);
  return {
    kind: 'aggregate',
    aggregation: aggregation.id,
    keys: keys.map((key) => key.key),
    value: args.value,
    increment: args.increment,
  };
}

function aggregatingCall(
  env: Env,
  node: AssignNode,
  name: string,
): { readonly func: AggFuncName; readonly node: CallNode } | undefined {
  const callee = calledName(env, node.value);
  const isAggregating = callee !== undefined && Object.hasOwn(AGGREGATING_FUNCTIONS, callee);
  if (node.operator === '=' && isAggregating && node.value.kind === 'call') {
    return { func: callee as AggFuncName, node: node.value };
  }
  const isFunction = callee !== undefined && functionKind(callee) !== undefined;
  if (node.value.kind === 'call' && !isFunction) env.checkExpr(env, node.value);
  const misspelt = callee === undefined ? {} : didYouMean(callee, Object.keys(AGGREGATING_FUNCTIONS));
  fail(env, 'D_AGG_FUNC', node.span, { name }, misspelt);
  return undefined;
}

function define(
  env: Env,
  name: string,
  func: AggFuncName,
  keys: readonly CheckedKey[],
  value: TypedExpr | undefined,
  params: { readonly params: AggregationParams; readonly limit: number | undefined },
  span: Span,
): TypedAggregation {
  const { strsize } = env.context.options;
  const typed: TypedAggregation = {
    id: env.scope.aggregations.size,
    name,
    func,
    keys: keys.map((key) => key.shape),
    value: shapeOf(value?.type ?? LONG, strsize),
    params: params.params,
  };
  env.scope.aggregations.set(name, { typed, span, limit: params.limit });
  return typed;
}

function reportRedefinition(env: Env, node: AssignNode, known: KnownAggregation, now: AggFuncName): void {
  const { name, func } = known.typed;
  const { line } = physicalPosition(known.span.text, known.span.start);
  const notes = [{ message: `first assigned here`, span: known.span }];
  const hint = 'one aggregation has one function: give this one another name';
  fail(env, 'D_AGG_REDEF', node.span, { name, now, before: func, line }, { notes, hint });
}

// ---------------------------------------------------------------------------------------------- arguments

interface Arguments {
  readonly value: TypedExpr | undefined;
  readonly increment: TypedExpr | undefined;
}

function checkArguments(env: Env, func: AggFuncName, node: CallNode): Arguments | undefined {
  const { minArgs, maxArgs } = AGGREGATING_FUNCTIONS[func];
  const count = node.arguments.length;
  if (count < minArgs || count > maxArgs) {
    const bound = minArgs === maxArgs ? '' : count < minArgs ? 'at least ' : 'at most ';
    const expected = count < minArgs ? minArgs : maxArgs;
    fail(env, 'D_PROTO_LEN', node.span, {
      message: countMismatch(`${func}( )`, count, expected, 'arg', bound),
    });
    return undefined;
  }
  const [first] = node.arguments;
  if (first === undefined) return { value: undefined, increment: undefined };
  const value = env.checkExpr(env, first);
  if (!isValue(value) || !(isScalar(value.type) || isError(value.type))) {
    fail(env, 'D_AGG_SCALAR', first.span, { name: func });
    return undefined;
  }
  const increment = incrementOf(env, func, node);
  return increment === 'error' ? undefined : { value, increment };
}

/** Position of the optional increment in quantize, lquantize and llquantize. */
const INCREMENT_AT: Readonly<Partial<Record<AggFuncName, number>>> = {
  quantize: 1,
  lquantize: 4,
  llquantize: 5,
};

function incrementOf(env: Env, func: AggFuncName, node: CallNode): TypedExpr | undefined | 'error' {
  const at = INCREMENT_AT[func];
  const expr = at === undefined ? undefined : node.arguments[at];
  if (expr === undefined) return undefined;
  const operand = env.checkExpr(env, expr);
  if (isValue(operand) && (isScalar(operand.type) || isError(operand.type))) return operand;
  const message = `${func}( ) increment value (argument #${at! + 1}) must be of scalar type`;
  fail(env, 'D_PROTO_ARG', expr.span, { message });
  return 'error';
}

// ---------------------------------------------------------------------------------------------- keys

interface CheckedKey {
  readonly key: TypedKey;
  readonly shape: ValueShape;
}

function firstKeys(env: Env, nodes: readonly Expr[]): readonly CheckedKey[] | undefined {
  const keys: CheckedKey[] = [];
  for (const [i, node] of nodes.entries()) {
    const stack = stackKey(env, node);
    if (stack) {
      keys.push(stack);
      continue;
    }
    const operand = recordedOperand(env, node);
    if (!isValue(operand) || isVoid(operand.type)) {
      const args = { type: operandText(operand), kind: 'aggregation', number: i + 1 };
      fail(env, 'D_KEY_TYPE', operand.span, args);
      return undefined;
    }
    const shape = shapeOf(operand.type, env.context.options.strsize);
    keys.push(valueKey(operand, shape));
  }
  return keys;
}

function valueKey(operand: TypedExpr, shape: ValueShape): CheckedKey {
  return { key: { kind: 'value', expr: convert(operand, shape.type), shape }, shape };
}

function stackKey(env: Env, node: Expr): CheckedKey | undefined {
  const stack = stackCall(env, node);
  return stack && { key: { kind: stack.kind, frames: stack.frames }, shape: stack.shape };
}

/** Keys held against those of the first assignment. */
function laterKeys(
  env: Env,
  known: KnownAggregation,
  nodes: readonly Expr[],
  span: Span,
): readonly CheckedKey[] | undefined {
  const { name, keys } = known.typed;
  const callee = `@${name}[ ]`;
  const notes = [{ message: 'its keys were fixed here', span: known.span }];
  if (nodes.length !== keys.length) {
    const message = countMismatch(callee, nodes.length, keys.length, 'key');
    fail(env, 'D_PROTO_LEN', span, { message }, { notes });
    return undefined;
  }
  const checked = nodes.map((node, i) => laterKey(env, callee, i + 1, keys[i]!, node, notes));
  return checked.every((key) => key !== undefined) ? (checked as readonly CheckedKey[]) : undefined;
}

function laterKey(
  env: Env,
  callee: string,
  number: number,
  shape: ValueShape,
  node: Expr,
  notes: readonly { readonly message: string; readonly span: Span }[],
): CheckedKey | undefined {
  const stack = stackKey(env, node);
  if (stack) {
    if (shape.kind === 'stack') return { key: stack.key, shape };
    reportKey(env, callee, number, shape, stack.shape.kind, node.span, notes);
    return undefined;
  }
  const operand: Operand = recordedOperand(env, node);
  if (isValue(operand) && keyFits(shape, operand)) return valueKey(operand, shape);
  reportKey(env, callee, number, shape, operandText(operand), node.span, notes);
  return undefined;
}

function keyFits(shape: ValueShape, operand: TypedExpr): boolean {
  if (shape.kind === 'stack') return isError(operand.type);
  return assignable(shape.type, operand.type, isZero(operand) && shape.kind !== 'string');
}

function reportKey(
  env: Env,
  callee: string,
  number: number,
  shape: ValueShape,
  found: string,
  span: Span,
  notes: readonly { readonly message: string; readonly span: Span }[],
): void {
  const message = typeMismatch(callee, number, typeText(shape.type), found, 'key');
  fail(env, 'D_PROTO_ARG', span, { message }, { notes });
}
