/**
 * Operators that decide: comparison, `&& || ^^`, `?:`, and the comma (d-language.md 2.4, 3.3, 3.6).
 *
 * Two strings compare as strings when at least one side is of type string; two pointers as unsigned integers. A chosen
 * arm of a constant `?:` replaces the whole; the other is not even checked.
 */
import { lessUnsigned } from '../base/int64.ts';
import type { Span } from '../diag/span.ts';
import type { Expr } from '../syntax/ast.ts';
import { INT, STRING } from '../types/intrinsic.ts';
import {
  integerOf,
  isError,
  isInteger,
  isPointer,
  isScalar,
  isString,
  isStringCompatible,
  isVoid,
  pointersCompatible,
  promoted,
  referent,
  resolve,
  sameType,
} from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { isActionCall } from './action-names.ts';
import { constant, isConstant, isZero, retype } from './build.ts';
import { asValue, checkValue, type Env, errorExpr, failed, isValue, type Operand } from './env.ts';
import { incompatible, scalarHint } from './mismatch.ts';
import { checkArms } from './pointer-origin.ts';
import type { Relation, TypedExpr } from './typed.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;

// ---------------------------------------------------------------------------------------------- comparison

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

const RELATIONS: Readonly<Record<Comparison, Relation>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

export function comparison(env: Env, node: Node<'binary'>, operator: Comparison): Operand {
  const left = checkValue(env, node.left, operator);
  const right = enumTagOf(env, node.right, left.type, operator) ?? checkValue(env, node.right, operator);
  if (isError(left.type) || isError(right.type)) return errorExpr(node.span);
  return compare(env, operator, left, right, node.span);
}

/** On the right of a comparison with an enum, that enum's tags need no declaration (d-language.md 2.5). */
function enumTagOf(env: Env, expr: Expr, type: Type, operator: string): TypedExpr | undefined {
  const resolved = resolve(type);
  if (resolved.kind !== 'enum' || expr.kind !== 'identifier' || env.locals.has(expr.name)) return undefined;
  const found = resolved.enumerators?.find((enumerator) => enumerator.name === expr.name);
  if (found === undefined) return undefined;
  const symbol = env.scope.globals.get(expr.name);
  const isOwn = symbol?.kind === 'inline' && symbol.enumTag === resolved.tag;
  if (symbol !== undefined && !isOwn) {
    const kind = symbol.kind === 'variable' ? 'variable' : symbol.kind;
    const args = { operator, name: expr.name, type: typeText(type), kind };
    return failed(env, 'D_IDENT_AMBIG', expr.span, args);
  }
  return constant(BigInt(found.value), INT, expr.span);
}

function compare(env: Env, operator: Comparison, left: TypedExpr, right: TypedExpr, span: Span): TypedExpr {
  const relation = RELATIONS[operator];
  if (isInteger(left.type) && isInteger(right.type)) {
    const as = integerOf(promoted(left.type, right.type)).signed ? 'signed' : 'unsigned';
    if (isConstant(left) && isConstant(right)) {
      return constant(relates(relation, as, left.value, right.value) ? 1n : 0n, INT, span);
    }
    return { kind: 'compare', relation, as, left, right, type: INT, span };
  }
  const as = comparedAs(left, right);
  if (as === undefined) return incompatible(env, operator, left, right, span);
  return { kind: 'compare', relation, as, left, right, type: INT, span };
}

/**
 * How values that are not both integers compare; undefined when they do not. A string compares with the constant 0
 * as a pointer, which is how NULL results are told from empty ones.
 */
function comparedAs(left: TypedExpr, right: TypedExpr): 'unsigned' | 'string' | undefined {
  const [a, b] = [left.type, right.type];
  const aliases = (x: TypedExpr, y: Type) => isZero(x) && (isPointer(y) || isString(y));
  if (aliases(left, b) || aliases(right, a)) return 'unsigned';
  if (isStringCompatible(a) && isStringCompatible(b) && (isString(a) || isString(b))) return 'string';
  if (isPointer(a) && isPointer(b) && pointersCompatible(a, b)) return 'unsigned';
  const isNull = (x: Type) => isPointer(x) && isVoid(referent(x)!);
  return (isString(a) && isNull(b)) || (isString(b) && isNull(a)) ? 'unsigned' : undefined;
}

function relates(relation: Relation, as: 'signed' | 'unsigned', a: bigint, b: bigint): boolean {
  const less = as === 'signed' ? a < b : lessUnsigned(a, b);
  switch (relation) {
    case 'eq':
      return a === b;
    case 'ne':
      return a !== b;
    case 'lt':
      return less;
    case 'le':
      return less || a === b;
    case 'gt':
      return !less && a !== b;
    case 'ge':
      return !less;
  }
}

// ---------------------------------------------------------------------------------------------- logic

export function logical(env: Env, node: Node<'binary'>, operator: '&&' | '||' | '^^'): Operand {
  for (const side of [node.left, node.right]) {
    if (isActionCall(env, side)) {
      return failed(env, 'D_OP_ACT', side.span, {
        message: 'action cannot be used in a conditional context',
      });
    }
  }
  const left = checkValue(env, node.left, operator);
  const right = checkValue(env, node.right, operator);
  if (isError(left.type) || isError(right.type)) return errorExpr(node.span);
  if (!isScalar(left.type) || !isScalar(right.type)) {
    const message = `operator ${operator} requires operands of scalar type`;
    const wrong = isScalar(left.type) ? right : left;
    return failed(env, 'D_OP_SCALAR', node.span, { message }, scalarHint(wrong.type));
  }
  return foldLogical(operator, left, right, node.span);
}

function foldLogical(operator: '&&' | '||' | '^^', left: TypedExpr, right: TypedExpr, span: Span): TypedExpr {
  if (isConstant(left) && isConstant(right)) {
    const [a, b] = [left.value !== 0n, right.value !== 0n];
    const result = operator === '&&' ? a && b : operator === '||' ? a || b : a !== b;
    return constant(result ? 1n : 0n, INT, span);
  }
  return { kind: 'logical', operator, left, right, type: INT, span };
}

// ---------------------------------------------------------------------------------------------- ?: and comma

export function conditional(env: Env, node: Node<'conditional'>): Operand {
  if (isActionCall(env, node.condition)) return actionOperand(env, '?:', node.condition);
  const condition = checkValue(env, node.condition, '?:');
  if (!isError(condition.type) && !isScalar(condition.type)) {
    const message = 'operator ?: expression must be of scalar type';
    return failed(env, 'D_OP_SCALAR', node.condition.span, { message }, scalarHint(condition.type));
  }
  if (isConstant(condition)) {
    const chosen = env.checkExpr(env, condition.value !== 0n ? node.then : node.otherwise);
    return isValue(chosen) ? chosen : failed(env, 'D_OP_DYN', chosen.span, { operator: '?:' });
  }
  for (const part of [node.then, node.otherwise]) {
    if (isActionCall(env, part)) return actionOperand(env, '?:', part);
  }
  const then = checkValue(env, node.then, '?:');
  const otherwise = checkValue(env, node.otherwise, '?:');
  if (isError(condition.type) || isError(then.type) || isError(otherwise.type)) return errorExpr(node.span);
  return choose(env, condition, then, otherwise, node.span);
}

function actionOperand(env: Env, operator: string, part: Expr): TypedExpr {
  const hint = 'write if (condition) { ... } else { ... }, or clauses with predicates';
  const message = `operator ${operator} operands cannot be actions`;
  return failed(env, 'D_OP_ACT', part.span, { message }, operator === '?:' ? { hint } : {});
}

function choose(
  env: Env,
  condition: TypedExpr,
  then: TypedExpr,
  otherwise: TypedExpr,
  span: Span,
): TypedExpr {
  const type = commonType(then, otherwise);
  if (type === undefined) {
    const message = 'operator ?: operands must have compatible types';
    const found = `they are "${typeText(then.type)}" and "${typeText(otherwise.type)}"`;
    return failed(env, 'D_OP_INCOMPAT', span, { message }, { hint: found });
  }
  checkArms(env, then, otherwise, span);
  // Integers stay as wide as they are; everything else becomes the common type.
  const arm = (expr: TypedExpr) => (isInteger(type) ? expr : armOf(expr, type));
  return {
    kind: 'conditional',
    condition,
    // biome-ignore lint/suspicious/noThenProperty: the typed tree's own word; nobody awaits it
    then: arm(then),
    otherwise: arm(otherwise),
    type,
    span,
  };
}

function armOf(expr: TypedExpr, type: Type): TypedExpr {
  return sameType(expr.type, type) ? expr : retype(expr, type);
}

function commonType(a: TypedExpr, b: TypedExpr): Type | undefined {
  if (isInteger(a.type) && isInteger(b.type)) return promoted(a.type, b.type);
  if (isString(a.type) || isString(b.type)) {
    const other = isString(a.type) ? b : a;
    return isStringCompatible(other.type) || isZero(other) ? STRING : undefined;
  }
  if (isZero(b) && isPointer(a.type)) return a.type;
  if (isZero(a) && isPointer(b.type)) return b.type;
  if (isPointer(a.type) && isPointer(b.type) && pointersCompatible(a.type, b.type)) {
    return isVoid(referent(a.type)!) ? b.type : a.type;
  }
  return sameType(a.type, b.type) ? a.type : undefined;
}

export function comma(env: Env, node: Node<'comma'>): Operand {
  for (const part of [node.left, node.right]) {
    if (isActionCall(env, part)) return actionOperand(env, ',', part);
  }
  const left = checkValue(env, node.left, ',');
  const right = asValue(env, env.checkExpr(env, node.right), ',');
  if (isError(left.type) || isError(right.type)) return errorExpr(node.span);
  return { kind: 'comma', left, right, type: right.type, span: node.span };
}
