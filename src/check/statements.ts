/** Statements of a clause: expressions, aggregations, actions, `if`; and the order that actions may come in. */
import type { ActionName } from '../dif/actions.ts';
import { ACTIONS } from '../dif/actions.ts';
import type { Expr, Statement } from '../syntax/ast.ts';
import { isError, isScalar } from '../types/relations.ts';
import { calledName, isActionCall } from './action-names.ts';
import { action } from './actions.ts';
import { aggregate } from './aggregations.ts';
import { aggregationName } from './assign.ts';
import { isConstant } from './build.ts';
import { checkValue, type Env, fail, isValue } from './env.ts';
import { afterAction, afterAggregating, checkDestructiveCall, either, type Ran } from './order.ts';
import { checkStability } from './stability.ts';
import type { TypedExpr, TypedStatement } from './typed.ts';

export interface CheckedStatements {
  readonly statements: readonly TypedStatement[];
  readonly ran: Ran;
}

/** Check statements in order; `ran` says what may have run before them. */
export function checkStatements(env: Env, nodes: readonly Statement[], ran: Ran): CheckedStatements {
  const statements: TypedStatement[] = [];
  let state = ran;
  for (const node of nodes) {
    const checked = checkStatement(env, node, state);
    if (checked.statement) statements.push(checked.statement);
    state = checked.ran;
  }
  return { statements, ran: state };
}

interface CheckedStatement {
  readonly statement: TypedStatement | undefined;
  readonly ran: Ran;
}

function checkStatement(env: Env, node: Statement, ran: Ran): CheckedStatement {
  switch (node.kind) {
    case 'empty':
      return { statement: undefined, ran };
    case 'if':
      return branch(env, node, ran);
    case 'expression':
      return expressionStatement(env, node.expression, ran);
  }
}

function branch(env: Env, node: Extract<Statement, { readonly kind: 'if' }>, ran: Ran): CheckedStatement {
  const condition = checkValue(env, node.condition, 'if');
  if (!isScalar(condition.type) && !isError(condition.type)) {
    const message = 'operator if requires an operand of scalar type';
    fail(env, 'D_OP_SCALAR', node.condition.span, { message });
  }
  const then = checkStatements(env, node.then, ran);
  const otherwise = checkStatements(env, node.otherwise ?? [], ran);
  return {
    statement: {
      kind: 'if',
      condition,
      // biome-ignore lint/suspicious/noThenProperty: the typed tree's own word; nobody awaits it
      then: then.statements,
      otherwise: otherwise.statements,
    },
    ran: either(then.ran, otherwise.ran),
  };
}

function expressionStatement(env: Env, written: Expr, ran: Ran): CheckedStatement {
  const expr = armLeft(env, written);
  const callee = calledName(env, expr);
  if (expr.kind === 'call' && callee !== undefined && Object.hasOwn(ACTIONS, callee)) {
    const name = callee as ActionName;
    const statement = action(env, expr, name);
    checkStability(env, 'tracing function', name, expr.span);
    return { statement, ran: afterAction(env, ran, name, expr.span) };
  }
  if (expr.kind === 'assign' && aggregationName(expr.target) !== undefined) {
    const statement = aggregate(env, expr);
    return { statement, ran: afterAggregating(env, ran, expr.span) };
  }
  const severalDimensions = expr.kind === 'assign' && nestedAggregation(expr.target);
  if (severalDimensions) {
    fail(env, 'D_AGG_MDIM', expr.target.span, { name: severalDimensions });
    return { statement: undefined, ran };
  }
  const callsBefore = env.unit.destructiveCalls;
  const statement = expressionOf(env, expr);
  if (env.unit.destructiveCalls > callsBefore) checkDestructiveCall(env, ran, expr.span);
  return { statement: statement && { kind: 'expression', expr: statement }, ran };
}

/**
 * What a constant condition leaves of `OPT_time ? printf("%d ", timestamp) : 1`: which arm it is, is known before anything is
 * held against its rules (d-language.md 3.3), so scripts choose what to print by inlines that are constants.
 */
function armLeft(env: Env, expr: Expr): Expr {
  if (expr.kind !== 'conditional' || !actsAlone(env, expr)) return expr;
  const condition = env.checkExpr(env, expr.condition);
  if (!isValue(condition) || !isConstant(condition)) return expr;
  return armLeft(env, condition.value !== 0n ? expr.then : expr.otherwise);
}

/** It is no value, or one of its arms is none: an action, or an aggregation's assignment. */
function actsAlone(env: Env, expr: Expr): boolean {
  if (expr.kind === 'conditional') return actsAlone(env, expr.then) || actsAlone(env, expr.otherwise);
  const aggregates = expr.kind === 'assign' && aggregationName(expr.target) !== undefined;
  return aggregates || isActionCall(env, expr);
}

/** The aggregation of `@a[1][2]`. */
function nestedAggregation(target: Expr): string | undefined {
  if (target.kind !== 'index' || target.object.kind !== 'index') return undefined;
  return aggregationName(target.object) ?? nestedAggregation(target.object);
}

function expressionOf(env: Env, expr: Expr): TypedExpr | undefined {
  const operand = env.checkExpr(env, expr);
  if (isValue(operand)) return operand;
  if (operand.kind === 'aggregation') fail(env, 'D_AGG_NULL', operand.span, { name: operand.name });
  else fail(env, 'D_CG_DYN', operand.span);
  return undefined;
}
