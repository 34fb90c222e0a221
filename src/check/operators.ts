/**
 * Operators that compute: unary and binary arithmetic, comparison, logic, `?:`, comma (d-language.md 3.3).
 *
 * Operators become specific here (signed or unsigned, string or integer) and constants fold, by the same 64-bit
 * arithmetic that the engine runs. A chosen arm of a constant `?:` replaces the whole; the other is not even checked.
 */
import {
  divideSigned,
  divideUnsigned,
  lessUnsigned,
  remainderSigned,
  remainderUnsigned,
  shiftLeft,
  shiftRightArithmetic,
  shiftRightLogical,
} from '../base/int64.ts';
import type { Span } from '../diag/span.ts';
import type { Expr } from '../syntax/ast.ts';
import { CHAR_POINTER, INT, LONG, STRING } from '../types/intrinsic.ts';
import { storageBytes } from '../types/layout.ts';
import {
  integerOf,
  isError,
  isInteger,
  isPointer,
  isScalar,
  isString,
  isStringCompatible,
  isUnsizedPointer,
  isVoid,
  pointersCompatible,
  promoted,
  referent,
  resolve,
  sameType,
  unqualified,
} from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { isActionCall } from './action-names.ts';
import { constant, convert, isConstant, isZero, offsetBy, retype, scaled } from './build.ts';
import { asValue, checkValue, type Env, errorExpr, failed, isValue, type Operand } from './env.ts';
import type { ArithmeticOperator, Relation, TypedExpr } from './typed.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;

// ---------------------------------------------------------------------------------------------- unary

export function unary(env: Env, node: Node<'unary'>): Operand {
  const { operator, span } = node;
  const operand = checkValue(env, node.operand, operator);
  if (isError(operand.type)) return operand;
  switch (operator) {
    case '-':
    case '+':
      if (!isInteger(operand.type)) {
        return failed(env, 'D_OP_ARITH', span, {
          message: `operator ${operator} requires an operand of arithmetic type`,
        });
      }
      return operator === '+' ? { ...operand, span } : negate(operand, span);
    case '~':
      if (!isInteger(operand.type)) {
        return failed(env, 'D_OP_INT', span, { message: 'operator ~ requires an operand of integral type' });
      }
      if (isConstant(operand)) return constant(~operand.value, operand.type, span);
      return { kind: 'complement', operand, type: operand.type, span };
    default:
      return not(env, operand, span);
  }
}

/** The negative of an unsigned value stays in the range of its type. */
function negate(operand: TypedExpr, span: Span): TypedExpr {
  const type = resolve(operand.type).kind === 'enum' ? INT : operand.type;
  const isUnsigned = !integerOf(type).signed;
  const value: TypedExpr = isConstant(operand)
    ? constant(-operand.value, type, span)
    : { kind: 'negate', operand, type, span };
  return isUnsigned ? convert(value, type, span) : value;
}

function not(env: Env, operand: TypedExpr, span: Span): TypedExpr {
  if (!isScalar(operand.type)) {
    const message = 'operator ! requires an operand of scalar type';
    return failed(env, 'D_OP_SCALAR', span, { message }, scalarHint(operand.type));
  }
  if (isConstant(operand)) return constant(operand.value === 0n ? 1n : 0n, operand.type, span);
  return { kind: 'not', operand, type: INT, span };
}

function scalarHint(type: Type): { readonly hint?: string } {
  return isString(type) ? { hint: 'compare the string with something: s != NULL, s == ""' } : {};
}

// ---------------------------------------------------------------------------------------------- binary

export function binary(env: Env, node: Node<'binary'>): Operand {
  const { operator } = node;
  switch (operator) {
    case '&&':
    case '||':
    case '^^':
      return logical(env, node, operator);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(env, node, operator);
    default: {
      const left = checkValue(env, node.left, operator);
      const right = checkValue(env, node.right, operator);
      return arithmetic(env, operator, left, right, node.span);
    }
  }
}

type Arithmetic = '*' | '/' | '%' | '+' | '-' | '<<' | '>>' | '&' | '^' | '|';

export function arithmetic(
  env: Env,
  operator: Arithmetic,
  left: TypedExpr,
  right: TypedExpr,
  span: Span,
): TypedExpr {
  if (isError(left.type) || isError(right.type)) return errorExpr(span);
  if (operator === '+' || operator === '-') {
    const pointer = pointerArithmetic(env, operator, left, right, span);
    if (pointer !== undefined) return pointer;
  }
  if (!isInteger(left.type) || !isInteger(right.type)) return notIntegers(env, operator, left, right, span);
  const isShift = operator === '<<' || operator === '>>';
  const type = isShift ? shiftType(left.type) : promoted(left.type, right.type);
  return operate(env, specific(operator, type), left, right, type, span);
}

function shiftType(type: Type): Type {
  return resolve(type).kind === 'enum' ? INT : unqualified(type);
}

function notIntegers(
  env: Env,
  operator: Arithmetic,
  left: TypedExpr,
  right: TypedExpr,
  span: Span,
): TypedExpr {
  if (operator === '+' || operator === '-') return incompatible(env, operator, left, right, span);
  if (operator === '*' || operator === '/') {
    const message = `operator ${operator} requires operands of arithmetic type`;
    return failed(env, 'D_OP_ARITH', span, { message });
  }
  return failed(env, 'D_OP_INT', span, {
    message: `operator ${operator} requires operands of integral type`,
  });
}

export function incompatible(
  env: Env,
  operator: string,
  left: TypedExpr,
  right: TypedExpr,
  span: Span,
): TypedExpr {
  const message = `operands have incompatible types: "${typeText(left.type)}" ${operator} "${typeText(right.type)}"`;
  return failed(env, 'D_OP_INCOMPAT', span, { message }, incompatibleHint(operator, left, right));
}

function incompatibleHint(operator: string, left: TypedExpr, right: TypedExpr): { readonly hint?: string } {
  const [a, b] = [left.type, right.type];
  if (operator === '+' && isString(a) && isString(b)) return { hint: 'strjoin() joins strings' };
  const text = isStringCompatible(a) ? a : isStringCompatible(b) ? b : undefined;
  const number = isInteger(a) ? a : isInteger(b) ? b : undefined;
  if (text && number) return { hint: 'a string and a number: strtoll() reads one, lltostr() writes one' };
  if (isPointer(a) && isPointer(b)) return { hint: 'cast one of the pointers to the type of the other' };
  if ((isPointer(a) || isPointer(b)) && number) {
    return { hint: 'a pointer and a number: cast the pointer to (uintptr_t)' };
  }
  return {};
}

/** `+ - * …` for operands of a known result type. */
export function specific(operator: Arithmetic, type: Type): ArithmeticOperator {
  const { signed } = integerOf(type);
  switch (operator) {
    case '+':
      return 'add';
    case '-':
      return 'sub';
    case '*':
      return 'mul';
    case '/':
      return signed ? 'sdiv' : 'udiv';
    case '%':
      return signed ? 'srem' : 'urem';
    case '&':
      return 'and';
    case '|':
      return 'or';
    case '^':
      return 'xor';
    case '<<':
      return 'sll';
    case '>>':
      return signed ? 'sra' : 'srl';
  }
}

const DIVISIONS: ReadonlySet<ArithmeticOperator> = new Set(['sdiv', 'udiv', 'srem', 'urem']);

function operate(
  env: Env,
  operator: ArithmeticOperator,
  left: TypedExpr,
  right: TypedExpr,
  type: Type,
  span: Span,
): TypedExpr {
  if (dividesByZero(operator, right)) return failed(env, 'D_DIV_ZERO', span);
  if (isConstant(left) && isConstant(right)) {
    return constant(FOLD[operator](left.value, right.value), type, span);
  }
  return { kind: 'arithmetic', operator, left, right, type, span };
}

export function dividesByZero(operator: ArithmeticOperator, right: TypedExpr): boolean {
  return DIVISIONS.has(operator) && isZero(right);
}

const FOLD: Readonly<Record<ArithmeticOperator, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  sdiv: divideSigned,
  udiv: divideUnsigned,
  srem: remainderSigned,
  urem: remainderUnsigned,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  sll: shiftLeft,
  srl: shiftRightLogical,
  sra: shiftRightArithmetic,
};

// ---------------------------------------------------------------------------------------------- pointers

/** A type that `+` and `-` step through, and what it steps over; strings step like `char *`. */
function stepped(env: Env, type: Type): { readonly type: Type; readonly sizeBytes: number } | undefined {
  if (isString(type)) return { type: CHAR_POINTER, sizeBytes: 1 };
  const to = referent(type);
  if (to === undefined || isUnsizedPointer(type)) return undefined;
  const sizeBytes = storageBytes(to, env.context.options.strsize);
  if (sizeBytes === undefined) return undefined;
  return { type: resolve(type).kind === 'array' ? { kind: 'pointer', to } : unqualified(type), sizeBytes };
}

/** Pointer ± integer, integer + pointer, pointer − pointer; undefined when neither side is a pointer. */
function pointerArithmetic(
  env: Env,
  operator: '+' | '-',
  left: TypedExpr,
  right: TypedExpr,
  span: Span,
): TypedExpr | undefined {
  if (isInteger(left.type) && isInteger(right.type)) return undefined;
  const a = stepped(env, left.type);
  const b = stepped(env, right.type);
  if (a && isInteger(right.type)) return step(operator, left, right, a.sizeBytes, a.type, span);
  if (b && isInteger(left.type) && operator === '+') {
    return step('+', right, left, b.sizeBytes, b.type, span);
  }
  if (a && b && operator === '-' && pointersCompatible(a.type, b.type)) {
    return pointerDifference(env, left, right, a.sizeBytes, span);
  }
  return undefined;
}

function step(
  operator: '+' | '-',
  base: TypedExpr,
  index: TypedExpr,
  sizeBytes: number,
  type: Type,
  span: Span,
): TypedExpr {
  const offset = scaled(index, sizeBytes);
  if (operator === '+') return offsetBy(base, offset, type, span);
  return { kind: 'arithmetic', operator: 'sub', left: base, right: offset, type, span };
}

function pointerDifference(
  env: Env,
  left: TypedExpr,
  right: TypedExpr,
  sizeBytes: number,
  span: Span,
): TypedExpr {
  const type = env.scope.types.lookup('ptrdiff_t') ?? LONG;
  const bytes: TypedExpr = { kind: 'arithmetic', operator: 'sub', left, right, type, span };
  if (sizeBytes <= 1) return bytes;
  const size = constant(BigInt(sizeBytes), LONG, span);
  return { kind: 'arithmetic', operator: 'sdiv', left: bytes, right: size, type, span };
}

// ---------------------------------------------------------------------------------------------- comparison

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

const RELATIONS: Readonly<Record<Comparison, Relation>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

function comparison(env: Env, node: Node<'binary'>, operator: Comparison): Operand {
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

function logical(env: Env, node: Node<'binary'>, operator: '&&' | '||' | '^^'): Operand {
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
  for (const part of [node.condition, node.then, node.otherwise]) {
    if (isActionCall(env, part)) return actionOperand(env, '?:', part);
  }
  const condition = checkValue(env, node.condition, '?:');
  if (!isError(condition.type) && !isScalar(condition.type)) {
    const message = 'operator ?: expression must be of scalar type';
    return failed(env, 'D_OP_SCALAR', node.condition.span, { message }, scalarHint(condition.type));
  }
  if (isConstant(condition)) {
    const chosen = env.checkExpr(env, condition.value !== 0n ? node.then : node.otherwise);
    return isValue(chosen) ? chosen : failed(env, 'D_OP_DYN', chosen.span, { operator: '?:' });
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
