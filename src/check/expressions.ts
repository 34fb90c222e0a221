/**
 * Expressions: one case per node of the syntax tree, each answered by the file that knows about it. Literals, casts,
 * sizeof, stringof and offsetof are answered here.
 */
import { assertNever } from '../base/assert.ts';
import type { Span } from '../diag/span.ts';
import type { Expr, TypeName } from '../syntax/ast.ts';
import {
  INT,
  LONG,
  LONG_LONG,
  STRING,
  UNSIGNED_INT,
  UNSIGNED_LONG,
  UNSIGNED_LONG_LONG,
  VOID,
} from '../types/intrinsic.ts';
import { sizeOf } from '../types/layout.ts';
import {
  isCharArray,
  isError,
  isPointer,
  isRecord,
  isScalar,
  isString,
  isStringCompatible,
  isVoid,
  resolve,
  sameType,
} from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { IntType, Type } from '../types/type.ts';
import { dereference, index, member, memberHint, takeAddress } from './access.ts';
import { assign, step } from './assign.ts';
import { constant, convert, placeOf, retype } from './build.ts';
import { call } from './calls.ts';
import {
  aggregationOperand,
  asValue,
  type Env,
  errorExpr,
  fail,
  failed,
  isValue,
  type Operand,
  operandText,
} from './env.ts';
import { isUntypedSymbol, noTypes, symbolBytes } from './kernel-symbols.ts';
import { comma, conditional } from './logic.ts';
import { identifierOperand, scopedOperand } from './names.ts';
import { binary, unary } from './operators.ts';
import { translate } from './translators.ts';
import { resolveTypeName } from './type-names.ts';
import type { TypedExpr } from './typed.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;

/**
 * Most expressions that one clause or declaration may come to when its inlines and translators are expanded. Inlines
 * that use inlines twice grow by powers of two; without a limit a page of them would never end.
 */
const MAX_EXPRESSIONS = 100_000;

export function checkExpr(env: Env, node: Expr): Operand {
  if (++env.unit.expressions > MAX_EXPRESSIONS) {
    return failed(env, 'D_EXPR_LIMIT', node.span, { limit: MAX_EXPRESSIONS });
  }
  switch (node.kind) {
    case 'integer':
      return constant(node.value, integerType(env, node), node.span);
    case 'character':
      return constant(node.value, smallest(node.value, [INT, LONG, LONG_LONG]) ?? LONG, node.span);
    case 'string':
      return { kind: 'string', bytes: node.bytes, type: STRING, span: node.span };
    case 'identifier':
      return identifierOperand(env, node.name, node.span);
    case 'scoped':
      return scopedOperand(env, node.scope === 'self' ? 'thread' : 'clause', node.name, node.span);
    case 'scope': {
      const hint = `name a variable: ${node.scope}->x`;
      const args = { kind: 'scope keyword', name: node.scope, as: 'scalar' };
      return failed(env, 'D_IDENT_BADREF', node.span, args, { hint });
    }
    case 'aggregation':
      return aggregationOperand(node.name, node.span);
    case 'unary':
      return unaryNode(env, node);
    case 'postfix':
      return step(env, node.operator, node.operand, 'old', node.span);
    case 'binary':
      return binary(env, node);
    case 'assign':
      return assign(env, node);
    case 'conditional':
      return conditional(env, node);
    case 'comma':
      return comma(env, node);
    case 'cast':
      return cast(env, node);
    case 'sizeof':
      return sizeofNode(env, node);
    case 'stringof':
      return stringof(env, node);
    case 'offsetof':
      return offsetof(env, node);
    case 'xlate':
      return xlate(env, node);
    case 'index':
      return index(env, node);
    case 'call':
      return call(env, node);
    case 'member':
      return member(env, node);
    case 'error':
      // The parser has reported it.
      env.unit.failed = true;
      return errorExpr(node.span);
    default:
      return assertNever(node, 'check');
  }
}

function unaryNode(env: Env, node: Node<'unary'>): Operand {
  switch (node.operator) {
    case '*':
      return dereference(env, node);
    case '&':
      return takeAddress(env, node);
    case '++':
    case '--':
      return step(env, node.operator, node.operand, 'new', node.span);
    default:
      return unary(env, node);
  }
}

// ---------------------------------------------------------------------------------------------- literals

/** Types that a literal may take, in order (d-language.md 1.5), by `unsigned` and number of `l`. */
function candidates(node: Node<'integer'>): readonly IntType[] {
  const byRank: readonly (readonly [IntType, IntType])[] = [
    [INT, UNSIGNED_INT],
    [LONG, UNSIGNED_LONG],
    [LONG_LONG, UNSIGNED_LONG_LONG],
  ];
  const ranks = byRank.slice(node.longs);
  if (node.unsigned) return ranks.map(([, unsigned]) => unsigned);
  return node.decimal ? ranks.map(([signed]) => signed) : ranks.flat();
}

function integerType(env: Env, node: Node<'integer'>): Type {
  const type = smallest(node.value, candidates(node));
  if (type !== undefined) return type;
  const message = `integer constant 0x${node.value.toString(16)} cannot be represented in any built-in integral type`;
  fail(env, 'D_INT_OFLOW', node.span, { message });
  return UNSIGNED_LONG;
}

function smallest(value: bigint, types: readonly IntType[]): IntType | undefined {
  return types.find(({ sizeBytes, signed }) => value < 1n << BigInt(sizeBytes * 8 - (signed ? 1 : 0)));
}

// ---------------------------------------------------------------------------------------------- casts

function cast(env: Env, node: Node<'cast'>): Operand {
  const type = resolveTypeName(env, node.type);
  const operand = env.checkExpr(env, node.operand);
  if (operand.kind === 'translated') return operand;
  if (!isValue(operand)) {
    const args = { from: operandText(operand), to: typeText(type) };
    return failed(env, 'D_CAST_INVAL', node.span, args);
  }
  if (isError(type) || isError(operand.type)) return errorExpr(node.span);
  if (!mayCast(operand.type, type)) {
    const args = { from: typeText(operand.type), to: typeText(type) };
    return failed(env, 'D_CAST_INVAL', node.span, args, castHint(operand.type, type));
  }
  if (isVoid(type)) return { kind: 'retype', operand, type: VOID, span: node.span };
  return convert(operand, type, node.span);
}

function castHint(from: Type, to: Type): { readonly hint?: string } {
  if (isRecord(to) && isScalar(from)) return { hint: `to read one at an address: *(${typeText(to)} *)p` };
  return isRecord(from) ? { hint: 'name one of its members' } : {};
}

/** d-language.md 3.5. */
function mayCast(from: Type, to: Type): boolean {
  if (isVoid(to) || sameType(from, to)) return true;
  if (isScalar(from) && isScalar(to)) return true;
  if (isPointer(from) && resolve(to).kind === 'pointer') return true;
  if (isString(to)) return isScalar(from) || isStringCompatible(from) || isPointer(from);
  return isString(from) && resolve(to).kind === 'pointer';
}

function stringof(env: Env, node: Node<'stringof'>): Operand {
  const operand = asValue(env, env.checkExpr(env, node.operand), 'stringof');
  const { type } = operand;
  if (isError(type)) return operand;
  if (!isScalar(type) && !isCharArray(type) && !isString(type)) {
    return failed(env, 'D_STRINGOF_TYPE', node.span, { type: typeText(type) });
  }
  return isString(type) ? operand : retype(operand, STRING, node.span);
}

// ---------------------------------------------------------------------------------------------- sizes

function isTypeName(operand: Expr | TypeName): operand is TypeName {
  return 'specifiers' in operand;
}

function sizeofNode(env: Env, node: Node<'sizeof'>): Operand {
  const { operand } = node;
  if (node.of === 'type' && isTypeName(operand)) {
    return sizeConstant(env, resolveTypeName(env, operand), node.span);
  }
  if (isTypeName(operand)) return errorExpr(node.span);
  if (operand.kind === 'string') {
    return sizeResult(env, operand.bytes.length + 1, node.span);
  }
  const value = env.checkExpr(env, operand);
  if (!isValue(value)) return failed(env, 'D_SIZEOF_TYPE', node.span);
  if (isBitField(value)) return failed(env, 'D_SIZEOF_BITFIELD', node.span);
  if (isUntypedSymbol(value.type)) {
    const size = symbolBytes(env, operand);
    return size === undefined ? noTypes(env, operand, node.span) : sizeResult(env, size, node.span);
  }
  return sizeConstant(env, value.type, node.span);
}

function isBitField(value: TypedExpr): boolean {
  const place = placeOf(value);
  return place?.kind === 'memory' && place.bits !== undefined;
}

function sizeConstant(env: Env, type: Type, span: Span): TypedExpr {
  if (isError(type)) return errorExpr(span);
  const size = sizeOf(type, env.context.options.strsize);
  if (size === undefined || size === 0) return failed(env, 'D_SIZEOF_TYPE', span);
  return sizeResult(env, size, span);
}

function sizeResult(env: Env, size: number, span: Span): TypedExpr {
  return constant(BigInt(size), env.scope.types.lookup('size_t') ?? UNSIGNED_LONG, span);
}

function offsetof(env: Env, node: Node<'offsetof'>): Operand {
  const type = resolveTypeName(env, node.type);
  if (isError(type)) return errorExpr(node.span);
  const record = resolve(type);
  if (record.kind !== 'struct' && record.kind !== 'union') return failed(env, 'D_OFFSETOF_TYPE', node.span);
  if (record.members === undefined) {
    const args = { operator: 'offsetof', type: typeText(record) };
    return failed(env, 'D_OP_INCOMPLETE', node.span, args);
  }
  const found = record.members.find((candidate) => candidate.name === node.member);
  if (found === undefined) {
    const hint = memberHint(node.member, record.members);
    return failed(env, 'D_TYPE_MEMBER', node.span, { member: node.member, type: typeText(type) }, { hint });
  }
  if (found.bitWidth !== undefined) {
    return failed(env, 'D_OFFSETOF_BITFIELD', node.span, { member: node.member });
  }
  return constant(BigInt(found.offsetBits / 8), INT, node.span);
}

function xlate(env: Env, node: Node<'xlate'>): Operand {
  const type = resolveTypeName(env, node.type);
  const input = asValue(env, env.checkExpr(env, node.operand), 'xlate');
  if (isError(type) || isError(input.type)) return errorExpr(node.span);
  return translate(env, type, input, node.span);
}
