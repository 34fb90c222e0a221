/**
 * Reaching values through others: `*p`, `&p`, `x[…]`, `s.m`, `p->m`, `args[N]`, `uregs[N]`.
 *
 * A place in memory is an address and a shape. `within` follows from the base: an element of a dynamic variable must
 * exist before a part of it can be stored to.
 */

import { nearest } from '../diag/nearest.ts';
import type { Span } from '../diag/span.ts';
import { TUPLE_STACK_SIZE } from '../dif/opcodes.ts';
import type { UserVariable } from '../dif/program.ts';
import type { Expr } from '../syntax/ast.ts';
import { CHAR, LONG } from '../types/intrinsic.ts';
import { bitFieldUnit, storageBytes } from '../types/layout.ts';
import {
  isByReference,
  isError,
  isInteger,
  isPointer,
  isRecord,
  isString,
  isUnsizedPointer,
  isVoid,
  referent,
  resolve,
} from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Member, RecordType, Type } from '../types/type.ts';
import { addressOf, bounded, constant, isConstant, offsetBy, placeOf, read, scaled } from './build.ts';
import { builtinElement } from './builtin-arrays.ts';
import {
  asValue,
  type Env,
  errorExpr,
  fail,
  failed,
  isValue,
  type Operand,
  operandText,
  type TranslatedOperand,
} from './env.ts';
import { isFunctionAddress, isUntypedSymbol, noTypes, symbolNamed } from './kernel-symbols.ts';
import { expandInline, functionKind, nameKind, SCOPE_PREFIX } from './names.ts';
import { checkArgument, countMismatch } from './prototypes.ts';
import { isBuiltinVariable, type VariableScope } from './scope.ts';
import { shapeOf } from './shapes.ts';
import { memberOf } from './translators.ts';
import type { CallArgument, MemoryPlace, TypedExpr } from './typed.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;
type Within = MemoryPlace['within'];

/** Keys that the tuple stack holds beside a variable's and a thread's own identity. */
const MAX_KEYS = TUPLE_STACK_SIZE - 2;

/** The value at an address. */
function atAddress(env: Env, address: TypedExpr, type: Type, span: Span, within?: Within): TypedExpr {
  const shape = shapeOf(type, env.context.options.strsize);
  return read({ kind: 'memory', address, shape, bits: undefined, within }, type, span);
}

// ---------------------------------------------------------------------------------------------- pointers

export function dereference(env: Env, node: Node<'unary'>): Operand {
  const operand = env.checkExpr(env, node.operand);
  if (operand.kind === 'translated' && operand.pointer)
    return { ...operand, pointer: false, span: node.span };
  const pointer = asValue(env, operand, '*');
  if (isError(pointer.type)) return pointer;
  const to = referent(pointer.type);
  if (to === undefined) {
    const hint = isString(pointer.type) ? 'the bytes of a string are s[0], s[1], ...' : undefined;
    return failed(env, 'D_DEREF_NONPTR', node.span, {}, hint === undefined ? {} : { hint });
  }
  if (isVoid(to)) return failed(env, 'D_DEREF_VOID', node.span);
  if (resolve(to).kind === 'function') return failed(env, 'D_DEREF_FUNC', node.span);
  return atAddress(env, pointer, to, node.span, withinOf(pointer));
}

export function takeAddress(env: Env, node: Node<'unary'>): Operand {
  const operand = env.checkExpr(env, node.operand);
  if (!isValue(operand)) {
    return failed(env, 'D_ADDROF_VAR', node.span, { message: 'cannot take address of dynamic object' });
  }
  if (isError(operand.type)) return operand;
  if (symbolNamed(node.operand) !== undefined && isFunctionAddress(operand)) return operand;
  const place = placeOf(operand);
  if (place === undefined) return failed(env, 'D_ADDROF_LVAL', node.span);
  if (place.kind !== 'memory') {
    return failed(env, 'D_ADDROF_VAR', node.span, { message: 'cannot take address of dynamic variable' });
  }
  if (place.bits !== undefined) return failed(env, 'D_ADDROF_BITFIELD', node.span);
  return addressOf(place, { kind: 'pointer', to: operand.type }, node.span);
}

/** Where the bytes of a by-reference value belong to a dynamic variable, that variable. */
function withinOf(base: TypedExpr): Within {
  const place = isByReference(base.type) ? placeOf(base) : undefined;
  if (place === undefined) return undefined;
  if (place.kind === 'memory') return place.within;
  const isDynamic =
    place.kind === 'element' || (place.kind === 'variable' && place.variable.scope === 'thread');
  if (!isDynamic) return undefined;
  return { place, sizeBytes: place.variable.value.sizeBytes };
}

// ---------------------------------------------------------------------------------------------- members

export function member(env: Env, node: Node<'member'>): Operand {
  const operator = node.arrow ? '->' : '.';
  const object = env.checkExpr(env, node.object);
  if (object.kind === 'translated') return translatedMember(env, node, object);
  const base = asValue(env, object, operator);
  if (isError(base.type)) return base;
  if (isUntypedSymbol(base.type)) return noTypes(env, node.object, node.span);
  const type = recordOf(env, node, base);
  if (type === undefined) return errorExpr(node.span);
  const found = type.members?.find((candidate) => candidate.name === node.name);
  if (found === undefined)
    return noSuchMember(env, node, node.arrow ? referent(base.type)! : base.type, type);
  return memberAt(env, base, found, node.span);
}

/** The struct or union that `.` or `->` looks into; reported and undefined when there is none. */
function recordOf(env: Env, node: Node<'member'>, base: TypedExpr): RecordType | undefined {
  const found = typeText(base.type);
  let type: Type | undefined = base.type;
  if (node.arrow) {
    type = referent(base.type);
    if (type === undefined) {
      const hint = isRecord(base.type)
        ? { hint: 'this is no pointer: use .' }
        : isInteger(base.type)
          ? { hint: 'if the number is an address, cast it to what is there: ((struct name *)arg0)->member' }
          : {};
      fail(env, 'D_OP_PTR', node.span, { operator: '->' }, hint);
      return undefined;
    }
  }
  let record = resolve(type);
  if (record.kind !== 'struct' && record.kind !== 'union') {
    reportNoRecord(env, node, type, found);
    return undefined;
  }
  // A forward tag: the definition may have come with the kernel's types.
  if (record.members === undefined && record.tag !== '')
    record = env.scope.types.record(record.kind, record.tag);
  if (record.members === undefined) {
    fail(env, 'D_OP_INCOMPLETE', node.span, { operator: node.arrow ? '->' : '.', type: typeText(record) });
    return undefined;
  }
  return record;
}

function reportNoRecord(env: Env, node: Node<'member'>, type: Type, found: string): void {
  const message = node.arrow
    ? `operator -> cannot be applied to pointer to type "${typeText(type)}"; must be applied to a struct or union pointer`
    : `operator . cannot be applied to type "${found}"; must be applied to a struct or union`;
  const to = referent(type);
  const isBlank = node.arrow && isVoid(type);
  const blank = isBlank ? { hint: 'cast it to a pointer to a struct that the program declares' } : {};
  const hint =
    !node.arrow && to !== undefined && isRecord(to) ? { hint: 'this is a pointer: use ->' } : blank;
  fail(env, 'D_OP_SOU', node.span, { message }, hint);
}

/** The member that was meant, or what members there are. */
export function memberHint(name: string, members: readonly Member[]): string {
  const names = members.map((candidate) => candidate.name);
  const best = nearest(name, names);
  const listed = `its members are ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}`;
  return best === undefined ? listed : `did you mean ${best}?`;
}

function noSuchMember(env: Env, node: Node<'member'>, type: Type, record: RecordType): TypedExpr {
  const hint = memberHint(node.name, record.members ?? []);
  return failed(env, 'D_TYPE_MEMBER', node.span, { member: node.name, type: typeText(type) }, { hint });
}

/** The value of a member of the struct whose address is `base`. */
export function memberAt(env: Env, base: TypedExpr, found: Member, span: Span): TypedExpr {
  const { offsetBytes, bitOffset } =
    found.bitWidth === undefined ? { offsetBytes: found.offsetBits / 8, bitOffset: 0 } : bitFieldUnit(found);
  const pointer: Type = { kind: 'pointer', to: found.type };
  const address = offsetBy(base, constant(BigInt(offsetBytes), LONG, span), pointer, span);
  const within = withinOf(base);
  if (found.bitWidth === undefined) return atAddress(env, address, found.type, span, within);
  const shape = shapeOf(found.type, env.context.options.strsize);
  const bits = { offset: bitOffset, width: found.bitWidth };
  return read({ kind: 'memory', address, shape, bits, within }, found.type, span);
}

function translatedMember(env: Env, node: Node<'member'>, object: TranslatedOperand): Operand {
  if (node.arrow !== object.pointer) {
    const operator = node.arrow ? '->' : '.';
    if (node.arrow) return failed(env, 'D_OP_PTR', node.span, { operator });
    const message = `operator . cannot be applied to type "${operandText(object)}"; must be applied to a struct or union`;
    return failed(env, 'D_OP_SOU', node.span, { message }, { hint: 'this is a pointer: use ->' });
  }
  return memberOf(env, object, node.name, node.span);
}

// ---------------------------------------------------------------------------------------------- subscripts

export function index(env: Env, node: Node<'index'>): Operand {
  const { object } = node;
  if (object.kind === 'identifier') {
    const special = indexedName(env, node, object.name);
    if (special !== undefined) return special;
  }
  if (object.kind === 'scoped') {
    const scope = object.scope === 'self' ? 'thread' : 'clause';
    const variable = env.scope.variable(scope, object.name);
    if (variable?.keys !== undefined) return element(env, variable, node);
    if (variable === undefined) return undeclaredArray(env, scope, object.name, node.span);
  }
  if (object.kind === 'aggregation') return aggregationElement(env, node, object.name);
  if (object.kind === 'index' && object.object.kind === 'aggregation') {
    return failed(env, 'D_AGG_MDIM', node.span, { name: object.object.name });
  }
  return subscript(env, node, env.checkExpr(env, object));
}

function aggregationElement(env: Env, node: Node<'index'>, name: string): Operand {
  for (const key of node.indices) env.checkExpr(env, key);
  return { kind: 'aggregation', type: { kind: 'dynamic' }, span: node.span, name };
}

/** `name[…]` where the name is not simply a pointer or array; undefined when it is. */
function indexedName(env: Env, node: Node<'index'>, name: string): Operand | undefined {
  if (env.locals.has(name)) return undefined;
  const symbol = env.scope.globals.get(name);
  if (symbol?.kind === 'variable') {
    return symbol.variable.keys === undefined ? undefined : element(env, symbol.variable, node);
  }
  if (symbol?.kind === 'inline') {
    return symbol.parameters === undefined ? undefined : inlineElement(env, node, name);
  }
  if (symbol === undefined && isBuiltinVariable(name)) return builtinElement(env, node, name);
  if (nameKind(env, name) === undefined && !name.includes('`')) {
    return undeclaredArray(env, 'global', name, node.span);
  }
  if (functionKind(name) !== undefined) {
    const kind = functionKind(name)!;
    return failed(env, 'D_IDENT_BADREF', node.span, { kind, name, as: 'associative array' });
  }
  return undefined;
}

function undeclaredArray(env: Env, scope: VariableScope, name: string, span: Span): Operand {
  return failed(env, 'D_VAR_UNDEF', span, { name: `${SCOPE_PREFIX[scope]}${name}` });
}

function inlineElement(env: Env, node: Node<'index'>, name: string): Operand {
  const inline = env.scope.globals.get(name);
  if (inline?.kind !== 'inline') return errorExpr(node.span);
  const parameters = inline.parameters ?? [];
  const operands = node.indices.map((argument) => env.checkExpr(env, argument));
  if (operands.length !== parameters.length) {
    const message = countMismatch(`${name}[ ]`, operands.length, parameters.length, 'key');
    return failed(env, 'D_PROTO_LEN', node.span, { message });
  }
  for (const [i, parameter] of parameters.entries()) {
    const operand = operands[i]!;
    if (isValue(operand)) {
      checkArgument(env, `${name}[ ]`, i + 1, parameter.type, operand, 'D_PROTO_ARG', 'key');
    }
  }
  return expandInline(env, inline, operands, node.span);
}

/** An element of an associative array that exists. */
function element(env: Env, variable: UserVariable, node: Node<'index'>): TypedExpr {
  const operands = node.indices.map((key) => env.checkExpr(env, key));
  const keys = tupleKeys(env, variable, operands, node.span);
  const place = { kind: 'element', variable, keys } as const;
  return { kind: 'load', place, type: variable.value.type, span: node.span };
}

/** Keys held against the array's key types. */
export function tupleKeys(
  env: Env,
  variable: UserVariable,
  operands: readonly Operand[],
  span: Span,
): readonly CallArgument[] {
  const callee = `${SCOPE_PREFIX[variable.scope]}${variable.name}[ ]`;
  const expected = variable.keys ?? [];
  if (operands.length !== expected.length) {
    const message = countMismatch(callee, operands.length, expected.length, 'key');
    fail(env, 'D_PROTO_LEN', span, { message });
    return [];
  }
  return operands.map((operand, i) => {
    const type = expected[i]!.type;
    const expr = checkArgument(env, callee, i + 1, type, operand, 'D_PROTO_ARG', 'key');
    return { expr, byReference: isByReference(type) };
  });
}

/** The key types that the first use of an array gives it. */
export function firstKeys(
  env: Env,
  operands: readonly Operand[],
  span: Span,
): readonly TypedExpr[] | undefined {
  if (operands.length > MAX_KEYS) {
    const message = 'Insufficient tuple registers to generate code';
    fail(env, 'D_NOREG', span, { message }, { hint: `use at most ${MAX_KEYS} keys` });
    return undefined;
  }
  const keys: TypedExpr[] = [];
  for (const [i, operand] of operands.entries()) {
    if (!isValue(operand) || isVoid(operand.type)) {
      const kind = 'associative array';
      fail(env, 'D_KEY_TYPE', operand.span, { type: operandText(operand), kind, number: i + 1 });
      return undefined;
    }
    keys.push(operand);
  }
  return keys;
}

/** `base[i]`: pointer arithmetic and a load. */
function subscript(env: Env, node: Node<'index'>, object: Operand): Operand {
  const base = asValue(env, object, '[]');
  if (isError(base.type)) return base;
  if (isUntypedSymbol(base.type)) return noTypes(env, node.object, node.span);
  const name = nameOf(node.object);
  if (!isPointer(base.type) && !isString(base.type)) {
    const isLocal = node.object.kind === 'scoped' && node.object.scope === 'this';
    return failed(env, isLocal ? 'D_ARR_LOCAL' : 'D_ARR_BADREF', node.span, { name });
  }
  if (node.indices.length > 1) return failed(env, 'D_ARR_BADREF', node.span, { name });
  const position = asValue(env, env.checkExpr(env, node.indices[0]!), '[]');
  if (isError(position.type)) return position;
  return arrayElement(env, node, base, position);
}

function arrayElement(env: Env, node: Node<'index'>, base: TypedExpr, position: TypedExpr): TypedExpr {
  const to = isString(base.type) ? CHAR : referent(base.type)!;
  if (!isInteger(position.type) || isUnsizedPointer(base.type)) {
    const message = `operands have incompatible types: "${typeText(base.type)}" [ "${typeText(position.type)}"`;
    return failed(env, 'D_OP_INCOMPAT', node.span, { message });
  }
  const array = resolve(base.type);
  if (array.kind === 'array' && array.count > 0 && isConstant(position)) {
    const { value } = position;
    if (value < 0n || value >= BigInt(array.count)) {
      const args = { index: BigInt.asUintN(64, value), count: array.count };
      return failed(env, 'D_ARR_BOUNDS', node.span, args);
    }
  }
  const size = storageBytes(to, env.context.options.strsize);
  if (size === undefined) {
    return failed(env, 'D_OP_INCOMPLETE', node.span, { operator: '[]', type: typeText(resolve(to)) });
  }
  const within =
    array.kind === 'array' && array.count > 0 && !isConstant(position)
      ? bounded(position, array.count)
      : position;
  const address = offsetBy(base, scaled(within, size), { kind: 'pointer', to }, node.span);
  return atAddress(env, address, to, node.span, withinOf(base));
}

function nameOf(expr: Expr): string {
  if (expr.kind === 'identifier') return expr.name;
  if (expr.kind === 'scoped') return `${expr.scope}->${expr.name}`;
  return 'expression';
}
