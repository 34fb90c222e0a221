/** Whether an expression is a call of an action or of an aggregating function, which have no value. */
import { ACTIONS } from '../dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../dif/aggregating-functions.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Env } from './env.ts';

export function isActionCall(env: Env, expr: Expr): boolean {
  const name = calledName(env, expr);
  return name !== undefined && (Object.hasOwn(ACTIONS, name) || Object.hasOwn(AGGREGATING_FUNCTIONS, name));
}

/** The name a call names, unless the program gave that name another meaning. */
export function calledName(env: Env, expr: Expr): string | undefined {
  if (expr.kind !== 'call' || expr.callee.kind !== 'identifier') return undefined;
  const { name } = expr.callee;
  return env.locals.has(name) || env.scope.globals.has(name) ? undefined : name;
}
