/** Statements of a clause: expressions, aggregations, actions, `if`; and the order that actions may come in. */
import type { ActionName } from '../dif/actions.ts';
import { ACTIONS } from '../dif/actions.ts';
import type { Expr, Statement } from '../syntax/ast.ts';
import { isError, isScalar } from '../types/relations.ts';
import { calledName } from './action-names.ts';
import { action } from './actions.ts';
import { aggregate } from './aggregations.ts';
import { aggregationName } from './assign.ts';
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

function expressionStatement(env: Env, expr: Expr, ran: Ran): CheckedStatement {
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
