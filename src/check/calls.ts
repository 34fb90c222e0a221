/** Calls of subroutines. Actions and aggregating functions are statements (actions.ts, aggregations.ts). */

import { didYouMean } from '../diag/nearest.ts';
import { ACTIONS, type ActionName } from '../dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../dif/aggregating-functions.ts';
import { SUBROUTINES, type SubrDef, type SubrName } from '../dif/subroutines.ts';
import type { Expr } from '../syntax/ast.ts';
import { isStringCompatible } from '../types/relations.ts';
import { isConstant } from './build.ts';
import { type Env, failed, type Operand } from './env.ts';
import { functionKind, nameKind } from './names.ts';
import { checkArguments, parsePrototype } from './prototypes.ts';
import type { Signature } from './scope.ts';
import { checkStability } from './stability.ts';
import type { TypedExpr } from './typed.ts';

type CallNode = Extract<Expr, { readonly kind: 'call' }>;

export function call(env: Env, node: CallNode): Operand {
  if (node.callee.kind !== 'identifier') return failed(env, 'D_FUNC_IDENT', node.callee.span);
  const { name } = node.callee;
  const kind = env.locals.has(name) ? 'scalar' : nameKind(env, name);
  if (kind === undefined) {
    const options = didYouMean(name, functionNames());
    return failed(env, 'D_FUNC_UNDEF', node.callee.span, { name }, options);
  }
  if (kind === 'function') return subroutineCall(env, node, name);
  if (kind !== functionKind(name)) {
    return failed(env, 'D_FUNC_IDKIND', node.callee.span, { kind, name });
  }
  return failed(env, 'D_CG_EXPR', node.span, { kind, name }, statementHint(name));
}

function statementHint(name: string): { readonly hint: string } {
  if (Object.hasOwn(AGGREGATING_FUNCTIONS, name)) {
    return { hint: `assign it to an aggregation: ${AGGREGATING_FUNCTIONS[name as 'count'].example}` };
  }
  const { example } = ACTIONS[name as ActionName];
  return { hint: `an action is a statement of its own: ${example};` };
}

function functionNames(): readonly string[] {
  return [SUBROUTINES, ACTIONS, AGGREGATING_FUNCTIONS].flatMap((table) => Object.keys(table));
}

function subroutineCall(env: Env, node: CallNode, name: string): Operand {
  if (!Object.hasOwn(SUBROUTINES, name)) {
    // A prototype that the program declared: known, but there is nothing to run.
    return failed(env, 'D_FUNC_UNDEF', node.callee.span, { name });
  }
  checkStability(env, 'function', name, node.callee.span);
  const subr = name as SubrName;
  const row: SubrDef = SUBROUTINES[subr];
  const signature = signatureOf(env, subr);
  const operands = node.arguments.map((argument) => env.checkExpr(env, argument));
  const values = checkArguments(env, `${name}( )`, signature, operands, node.span);
  if (row.destructive) {
    env.usage.destructive.add(subr);
    env.unit.destructiveCalls++;
  }
  if (subr === 'alloca') checkAllocation(env, values[0], node);
  const args = values.map((expr, i) => ({
    expr,
    byReference: isStringCompatible(signature.parameters[i]!),
  }));
  return { kind: 'call', subr, args, type: signature.returns, span: node.span };
}

/** A constant size that can never fit is a mistake worth telling before the program runs. */
function checkAllocation(env: Env, size: TypedExpr | undefined, node: CallNode): void {
  const limit = env.context.options.scratchsize;
  if (limit === undefined || size === undefined || !isConstant(size)) return;
  if (BigInt.asUintN(64, size.value) <= BigInt(limit)) return;
  failed(env, 'D_ALLOCA_SIZE', node.span, { size: BigInt.asUintN(64, size.value), limit });
}

/** Prototypes are read when first used and kept with the types they were read against. */
function signatureOf(env: Env, name: SubrName): Signature {
  const { signatures, types } = env.scope;
  const signature = signatures.get(name) ?? parsePrototype(types, SUBROUTINES[name].proto);
  signatures.set(name, signature);
  return signature;
}
