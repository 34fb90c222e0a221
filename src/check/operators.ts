/**
 * Operators that compute: unary and binary arithmetic, and arithmetic on pointers (d-language.md 3.3, 3.4).
 *
 * Operators become specific here (signed or unsigned), and constants fold by the same 64-bit arithmetic that the engine
 * runs.
 */
import {
  divideSigned,
  divideUnsigned,
  remainderSigned,
  remainderUnsigned,
  shiftLeft,
  shiftRightArithmetic,
  shiftRightLogical,
} from '../base/int64.ts';
import type { Span } from '../diag/span.ts';
import type { Expr } from '../syntax/ast.ts';
import { CHAR_POINTER, INT, LONG } from '../types/intrinsic.ts';
import { storageBytes } from '../types/layout.ts';
import {
  integerOf,
  isError,
  isInteger,
  isScalar,
  isString,
  isUnsizedPointer,
  pointersCompatible,
  promoted,
  referent,
  resolve,
  unqualified,
} from '../types/relations.ts';
import type { Type } from '../types/type.ts';
import { constant, convert, isConstant, isZero, offsetBy, scaled } from './build.ts';
import { checkValue, type Env, errorExpr, failed, type Operand } from './env.ts';
import { comparison, logical } from './logic.ts';
import { incompatible, scalarHint } from './mismatch.ts';
import type { ArithmeticOperator, TypedExpr } from './typed.ts';

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
