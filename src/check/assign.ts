/**
 * Stores: `=`, compound assignment, `++` and `--` (d-language.md 3.8).
 *
 * A variable exists from its first assignment, which gives it the value's type for the whole session; `++`, `--` and
 * compound assignment make it an int64_t.
 */
import type { Span } from '../diag/span.ts';
import type { UserVariable } from '../dif/program.ts';
import type { AssignOperator, Expr } from '../syntax/ast.ts';
import { ERROR, LONG } from '../types/intrinsic.ts';
import { storageBytes } from '../types/layout.ts';
import {
  assignable,
  isByReference,
  isError,
  isInteger,
  isRecord,
  isScalar,
  isUnsizedPointer,
  isVoid,
  promoted,
  referent,
  resolve,
  sameType,
  unqualified,
} from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { firstKeys, memberAt, tupleKeys } from './access.ts';
import { calledName } from './action-names.ts';
import { constant, convert, isZero, placeOf, read, scaled } from './build.ts';
import {
  asValue,
  checkValue,
  type Env,
  errorExpr,
  fail,
  failed,
  isValue,
  type Operand,
  type TranslatedOperand,
} from './env.ts';
import { symbolNamed } from './kernel-symbols.ts';
import { incompatible } from './mismatch.ts';
import { nameKind, SCOPE_PREFIX } from './names.ts';
import { dividesByZero, specific } from './operators.ts';
import { checkOrigin } from './pointer-origin.ts';
import type { VariableScope } from './scope.ts';
import { shapeOf } from './shapes.ts';
import { memberOf, outputRecord } from './translators.ts';
import type { ArithmeticOperator, CallArgument, Place, TypedExpr } from './typed.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;
type Compound = Exclude<AssignOperator, '='>;

/** Where a store goes. */
interface Target {
  readonly place: Place;
  readonly type: Type;
}

// ---------------------------------------------------------------------------------------------- targets

/** The place that an expression names for storing; reported and undefined when it names none. */
function targetOf(
  env: Env,
  expr: Expr,
  operator: string,
  firstType: () => Type | undefined,
): Target | undefined {
  const unknown = undeclared(env, expr);
  if (unknown !== undefined) return declareTarget(env, unknown, firstType);
  const operand = asValue(env, env.checkExpr(env, expr), operator);
  if (isError(operand.type)) return undefined;
  const isParameter = expr.kind === 'identifier' && env.locals.has(expr.name);
  const place = isParameter ? undefined : placeOf(operand);
  if (place === undefined) {
    fail(env, 'D_OP_LVAL', expr.span, { operator });
    return undefined;
  }
  if (symbolNamed(expr) !== undefined) {
    fail(env, 'D_OP_WRITE', expr.span, { operator }, { hint: "the guest's kernel can only be read" });
    return undefined;
  }
  if (place.kind === 'builtin') {
    fail(env, 'D_OP_WRITE', expr.span, { operator });
    return undefined;
  }
  return { place, type: operand.type };
}

/** A variable that the program names but nothing has made yet. */
interface Undeclared {
  readonly scope: VariableScope;
  readonly name: string;
  readonly keys: readonly Expr[] | undefined;
  readonly span: Span;
}

function undeclared(env: Env, expr: Expr): Undeclared | undefined {
  const { span } = expr;
  if (expr.kind === 'index') {
    const array = undeclared(env, expr.object);
    return array && array.keys === undefined ? { ...array, keys: expr.indices, span } : undefined;
  }
  if (expr.kind === 'scoped') {
    const scope = expr.scope === 'self' ? 'thread' : 'clause';
    if (env.scope.variable(scope, expr.name) !== undefined) return undefined;
    return { scope, name: expr.name, keys: undefined, span };
  }
  if (expr.kind !== 'identifier' || env.locals.has(expr.name) || expr.name.includes('`')) return undefined;
  const { name } = expr;
  if (env.scope.globals.has(name)) return undefined;
  if (nameKind(env, name) !== undefined && !env.scope.mayHide(name)) return undefined;
  return { scope: 'global', name, keys: undefined, span };
}

function declareTarget(env: Env, unknown: Undeclared, firstType: () => Type | undefined): Target | undefined {
  const { scope, name, span } = unknown;
  const operands = unknown.keys?.map((key) => env.checkExpr(env, key));
  if (operands !== undefined && scope === 'clause') {
    fail(env, 'D_ARR_LOCAL', span, { name: `this->${name}` });
    return undefined;
  }
  const keys = operands && firstKeys(env, operands, span);
  if (operands !== undefined && keys === undefined) return undefined;
  // A type that cannot be told is an error already reported; the variable exists all the same.
  const type = firstType() ?? ERROR;
  const variable = declareVariable(env, scope, name, keys?.map(keyType), type, span);
  if (variable === undefined || isError(type)) return undefined;
  return targetIn(env, variable, operands, span);
}

function keyType(key: TypedExpr): Type {
  return unqualified(key.type);
}

function targetIn(
  env: Env,
  variable: UserVariable,
  operands: readonly Operand[] | undefined,
  span: Span,
): Target {
  const { type } = variable.value;
  if (operands === undefined) return { place: { kind: 'variable', variable }, type };
  const keys: readonly CallArgument[] = tupleKeys(env, variable, operands, span);
  return { place: { kind: 'element', variable, keys }, type };
}

/** A new variable of the scope; reported and undefined when there are too many. */
export function declareVariable(
  env: Env,
  scope: VariableScope,
  name: string,
  keys: readonly Type[] | undefined,
  type: Type,
  span: Span,
): UserVariable | undefined {
  const { strsize } = env.context.options;
  const shapes = keys?.map((key) => shapeOf(key, strsize));
  const variable = env.scope.addVariable(scope, name, shapes, shapeOf(type, strsize));
  if (variable === undefined) {
    const kind = scope === 'thread' ? 'thread-local' : scope === 'clause' ? 'clause-local' : 'global';
    fail(env, 'D_ID_OFLOW', span, { name: `${SCOPE_PREFIX[scope]}${name}`, kind });
  }
  return variable;
}

// ---------------------------------------------------------------------------------------------- assignment

export function assign(env: Env, node: Node<'assign'>): Operand {
  const aggregation = aggregationName(node.target);
  if (aggregation !== undefined) return aggregationInside(env, node, aggregation);
  return node.operator === '=' ? store(env, node) : compound(env, node, node.operator);
}

/** `@a` or `@a[…]` on the left of an assignment. */
export function aggregationName(target: Expr): string | undefined {
  if (target.kind === 'aggregation') return target.name;
  return target.kind === 'index' && target.object.kind === 'aggregation' ? target.object.name : undefined;
}

/** Aggregating is a statement, and only `=` aggregates. */
function aggregationInside(env: Env, node: Node<'assign'>, name: string): Operand {
  const callee = calledName(env, node.value);
  if (callee === undefined || node.operator !== '=') return failed(env, 'D_AGG_FUNC', node.span, { name });
  return env.checkExpr(env, node.value);
}

function store(env: Env, node: Node<'assign'>): Operand {
  const value = env.checkExpr(env, node.value);
  if (value.kind === 'translated' && !value.pointer) return storeTranslated(env, node, value);
  const target = targetOf(env, node.target, '=', () => firstTypeOf(env, value, node));
  if (target === undefined) return errorExpr(node.span);
  if (value.kind === 'translated') return failed(env, 'D_CG_DYN', value.span);
  return storeValue(env, target, asValueOfAssignment(env, value, target, node.span), node.span);
}

function asValueOfAssignment(env: Env, value: Operand, target: Target, span: Span): TypedExpr {
  if (isValue(value)) return value;
  const message = `operands have incompatible types: "${typeText(target.type)}" = "aggregation"`;
  return failed(env, 'D_OP_INCOMPAT', span, { message });
}

function storeValue(env: Env, target: Target, value: TypedExpr, span: Span): TypedExpr {
  const { place, type } = target;
  if (isError(value.type)) return value;
  for (const [side, isTarget] of [
    [type, true],
    [value.type, false],
  ] as const) {
    const { kind } = resolve(side);
    const taken = !isTarget && assignable(type, side, false);
    if ((kind === 'array' || kind === 'function') && !taken) {
      return failed(env, 'D_OP_ARRFUN', span, { operator: '=', type: typeText(side) });
    }
  }
  const deletes = isZero(value) && isRecord(type) && isDynamic(place);
  if (!deletes && !assignable(type, value.type, isZero(value))) {
    return incompatible(env, '=', { ...errorExpr(span), type }, value, span);
  }
  checkOrigin(env, place, value, span);
  return { kind: 'assign', place, value: convert(value, type), type, span };
}

/** Elements and thread-local variables cease to exist when 0 is stored in them. */
function isDynamic(place: Place): boolean {
  return place.kind === 'element' || (place.kind === 'variable' && place.variable.scope === 'thread');
}

/** The type that a first assignment gives; undefined when it can give none, which is then reported. */
function firstTypeOf(env: Env, value: Operand, node: Node<'assign'>): Type | undefined {
  if (value.kind === 'translated') {
    fail(env, 'D_CG_DYN', value.span);
    return undefined;
  }
  if (!isValue(value)) {
    fail(env, 'D_OP_DYN', value.span, { operator: '=' });
    return undefined;
  }
  const type = unqualified(value.type);
  const { kind } = resolve(type);
  if (kind === 'array' || kind === 'function') {
    fail(env, 'D_OP_ARRFUN', node.span, { operator: '=', type: typeText(type) });
    return undefined;
  }
  if (isVoid(type)) {
    fail(env, 'D_DECL_VOIDOBJ', node.span, { message: `cannot have void object: ${nameIn(node.target)}` });
    return undefined;
  }
  return type;
}

function nameIn(expr: Expr): string {
  if (expr.kind === 'scoped') return `${expr.scope}->${expr.name}`;
  if (expr.kind === 'index') return nameIn(expr.object);
  return expr.kind === 'identifier' ? expr.name : '';
}

/** `x = xlate < T > (e)`: every member that the translator defines is stored. */
function storeTranslated(env: Env, node: Node<'assign'>, value: TranslatedOperand): Operand {
  const { output } = value.translator;
  const target = targetOf(env, node.target, '=', () => output);
  if (target === undefined) return errorExpr(node.span);
  if (!sameType(target.type, output)) {
    const from: TypedExpr = { ...errorExpr(node.span), type: output };
    return incompatible(env, '=', { ...errorExpr(node.span), type: target.type }, from, node.span);
  }
  return storeMembers(env, target, value, node.span);
}

/** The members that a translator defines, each stored; the value is the object in memory. */
function storeMembers(env: Env, target: Target, value: TranslatedOperand, span: Span): TypedExpr {
  const base = read(target.place, target.type, span);
  let all: TypedExpr | undefined;
  for (const declared of outputRecord(value.translator)?.members ?? []) {
    if (!value.translator.members.has(declared.name)) continue;
    const expr = asValue(env, memberOf(env, value, declared.name, span), '=');
    const place = placeOf(memberAt(env, base, declared, span));
    if (place === undefined || isError(expr.type)) return errorExpr(span);
    const one = { kind: 'assign', place, value: expr, type: declared.type, span } as const;
    all = all === undefined ? one : { kind: 'comma', left: all, right: one, type: one.type, span };
  }
  return { kind: 'comma', left: all ?? base, right: base, type: target.type, span };
}

/** A translated object that an action needs whole: computed into a clause-local variable that no program can name. */
export function inMemory(env: Env, value: TranslatedOperand): TypedExpr {
  const { span } = value;
  const { output } = value.translator;
  const name = `(${typeText(output)})`;
  const variable =
    env.scope.variable('clause', name) ?? declareVariable(env, 'clause', name, undefined, output, span);
  if (variable === undefined) return errorExpr(span);
  return storeMembers(env, targetIn(env, variable, undefined, span), value, span);
}

// ---------------------------------------------------------------------------------------------- updates

function int64(env: Env): Type {
  return env.scope.types.lookup('int64_t') ?? LONG;
}

function compound(env: Env, node: Node<'assign'>, operator: Compound): Operand {
  const value = checkValue(env, node.value, operator);
  const target = targetOf(env, node.target, operator, () => int64(env));
  if (target === undefined || isError(value.type)) return errorExpr(node.span);
  const { type } = target;
  const { span } = node;
  if (operator === '+=' || operator === '-=') {
    if (!isInteger(type)) return stepPointer(env, target, operator, value, span);
    if (!isInteger(value.type)) return incompatibleUpdate(env, operator, target, value, span);
  } else if (!isInteger(type) || !isInteger(value.type)) {
    const isArithmetic = operator === '*=' || operator === '/=';
    const kind = isArithmetic ? 'arithmetic' : 'integral';
    const message = `operator ${operator} requires operands of ${kind} type`;
    return failed(env, isArithmetic ? 'D_OP_ARITH' : 'D_OP_INT', span, { message });
  }
  const plain = operator.slice(0, -1) as Parameters<typeof specific>[0];
  const isShift = plain === '<<' || plain === '>>';
  const update = specific(plain, isShift ? type : promoted(type, value.type));
  if (dividesByZero(update, value)) return failed(env, 'D_DIV_ZERO', span);
  return updated(target, update, value, 'new', span);
}

function incompatibleUpdate(
  env: Env,
  operator: string,
  target: Target,
  value: TypedExpr,
  span: Span,
): TypedExpr {
  return incompatible(env, operator, { ...errorExpr(span), type: target.type }, value, span);
}

function stepPointer(
  env: Env,
  target: Target,
  operator: '+=' | '-=',
  value: TypedExpr,
  span: Span,
): TypedExpr {
  const { type } = target;
  if (resolve(type).kind !== 'pointer' || !isInteger(value.type)) {
    return incompatibleUpdate(env, operator, target, value, span);
  }
  const size = pointerStep(env, type);
  if (size === undefined) {
    const message = `operator ${operator} requires left-hand scalar operand of known size`;
    return failed(env, 'D_OP_VFPTR', span, { message });
  }
  return updated(target, operator === '+=' ? 'add' : 'sub', scaled(value, size), 'new', span);
}

/** What `++` adds to a pointer of the type; undefined when that is not known. */
function pointerStep(env: Env, type: Type): number | undefined {
  if (isUnsizedPointer(type)) return undefined;
  const to = referent(type);
  return to && storageBytes(to, env.context.options.strsize);
}

function updated(
  target: Target,
  operator: ArithmeticOperator,
  operand: TypedExpr,
  returns: 'old' | 'new',
  span: Span,
): TypedExpr {
  const { place, type } = target;
  return { kind: 'update', place, operator, operand, returns, type, span };
}

/** `++x`, `x--` and the like. */
export function step(
  env: Env,
  operator: '++' | '--',
  operand: Expr,
  returns: 'old' | 'new',
  span: Span,
): Operand {
  if (aggregationName(operand) !== undefined) {
    return failed(env, 'D_AGG_FUNC', span, { name: aggregationName(operand)! });
  }
  const target = targetOf(env, operand, operator, () => int64(env));
  if (target === undefined) return errorExpr(span);
  const { type } = target;
  if (!isScalar(type) || isByReference(type)) {
    const message = `operator ${operator} requires operand of scalar type`;
    return failed(env, 'D_OP_SCALAR', span, { message });
  }
  const size = isInteger(type) ? 1 : pointerStep(env, type);
  if (size === undefined) {
    const message = `operator ${operator} requires an operand of known size`;
    return failed(env, 'D_OP_VFPTR', span, { message });
  }
  return updated(
    target,
    operator === '++' ? 'add' : 'sub',
    constant(BigInt(size), LONG, span),
    returns,
    span,
  );
}
