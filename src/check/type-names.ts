/**
 * Types as programs write them → Type: specifier words, tags and their definitions, declarators, type names
 * (d-language.md 2.3, 3.1). C's declarators are read inside out: each layer wraps the type and hands it to what is
 * inside, until the name is reached.
 */

import { didYouMean } from '../diag/nearest.ts';
import type { Span } from '../diag/span.ts';
import type {
  Declarator,
  Expr,
  MemberDeclaration,
  Parameters,
  Specifiers,
  TypeName,
  TypeSpecifier,
} from '../syntax/ast.ts';
import { ERROR, INT, STRING, VOID } from '../types/intrinsic.ts';
import { type Field, layoutRecord, storageBytes } from '../types/layout.ts';
import { isError, isInteger, isVoid, resolve } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { EnumType, RecordType, Type } from '../types/type.ts';
import { isConstant } from './build.ts';
import { type Env, fail, isValue } from './env.ts';
import { nameKind } from './names.ts';

/** What a declarator says about its name. */
export interface Declared {
  readonly name: string | undefined;
  readonly span: Span;
  readonly type: Type;
  /** Key types, when the declarator is an associative array's. */
  readonly keys: readonly KeyParameter[] | undefined;
}

export interface KeyParameter {
  readonly name: string | undefined;
  readonly type: Type;
  readonly span: Span;
}

const MAX_ARRAY_COUNT = 0x7fffffffn;
const MAX_INT = 0x7fffffffn;
const MIN_INT = -0x80000000n;

export function resolveTypeName(env: Env, node: TypeName): Type {
  const base = resolveSpecifiers(env, node.specifiers);
  const declared = applyDeclarator(env, node.declarator, base, 'type');
  if (declared.keys !== undefined) fail(env, 'D_DECL_ARRSUB', node.span);
  return declared.type;
}

// ---------------------------------------------------------------------------------------------- specifiers

export function resolveSpecifiers(env: Env, specifiers: Specifiers): Type {
  const type = unqualifiedSpecifiers(env, specifiers);
  const qualifiers = specifiers.qualifiers.filter((word) => word !== 'userland');
  return qualifiers.length === 0 || isError(type) ? type : { kind: 'qualified', qualifiers, to: type };
}

function unqualifiedSpecifiers(env: Env, specifiers: Specifiers): Type {
  const { words, named, span } = specifiers;
  if (named !== undefined) {
    if (words.length > 0) return misdeclared(env, misplacedWords(words), span);
    return resolveNamed(env, named);
  }
  if (words.length === 0) return misdeclared(env, 'D_DECL_IDENT', span);
  return wordsType(env, words, span);
}

function misdeclared(
  env: Env,
  tag:
    | 'D_DECL_COMBO'
    | 'D_DECL_IDENT'
    | 'D_DECL_CHARATTR'
    | 'D_DECL_VOIDATTR'
    | 'D_DECL_SIGNINT'
    | 'D_DECL_LONGINT',
  span: Span,
): Type {
  fail(env, tag, span);
  return ERROR;
}

/** What is wrong with words beside a named type: `unsigned struct s`, `long size_t`, `int struct s`. */
function misplacedWords(words: readonly string[]): 'D_DECL_COMBO' | 'D_DECL_SIGNINT' | 'D_DECL_LONGINT' {
  if (!words.every((word) => ATTRIBUTES.includes(word))) return 'D_DECL_COMBO';
  return words.includes('signed') || words.includes('unsigned') ? 'D_DECL_SIGNINT' : 'D_DECL_LONGINT';
}

/** Words that say more about a base type. */
const ATTRIBUTES: readonly string[] = ['short', 'long', 'signed', 'unsigned'];

/** `unsigned long int`, in any order, as an intrinsic type. */
function wordsType(env: Env, words: readonly string[], span: Span): Type {
  const count = (word: string) => words.filter((candidate) => candidate === word).length;
  const bases = words.filter((word) => !ATTRIBUTES.includes(word));
  const [longs, shorts, signs] = [count('long'), count('short'), count('signed') + count('unsigned')];
  if (bases.length > 1 || shorts > 1 || longs > 2 || signs > 1 || (longs > 0 && shorts > 0)) {
    return misdeclared(env, 'D_DECL_COMBO', span);
  }
  const base = bases[0] ?? 'int';
  const sized = longs + shorts > 0;
  if (base === 'char' && sized) return misdeclared(env, 'D_DECL_CHARATTR', span);
  if (base === 'void' && (sized || signs > 0)) return misdeclared(env, 'D_DECL_VOIDATTR', span);
  if (base !== 'int' && base !== 'char' && signs > 0) return misdeclared(env, 'D_DECL_SIGNINT', span);
  const mayBeLong = base === 'int' || (base === 'double' && longs < 2 && shorts === 0);
  if (sized && !mayBeLong) return misdeclared(env, 'D_DECL_LONGINT', span);
  if (base === 'void') return VOID;
  if (base === 'string') return STRING;
  const size = shorts > 0 ? 'short' : 'long '.repeat(longs).trim();
  const name = base === 'int' && size !== '' ? size : `${size} ${base}`.trim();
  const sign = count('unsigned') > 0 ? 'unsigned ' : base === 'char' && count('signed') > 0 ? 'signed ' : '';
  return env.scope.types.lookup(`${sign}${name}`) ?? misdeclared(env, 'D_DECL_COMBO', span);
}

function resolveNamed(env: Env, node: TypeSpecifier): Type {
  switch (node.kind) {
    case 'typename': {
      const type = env.scope.types.lookup(node.name);
      if (type !== undefined) return type;
      fail(env, 'D_DECL_IDENT', node.span, {}, didYouMean(node.name, env.scope.types.allNames()));
      return ERROR;
    }
    case 'struct':
    case 'union':
      return resolveRecord(env, node.kind, node.tag ?? '', node.members, node.span);
    case 'enum':
      return resolveEnum(env, node);
  }
}

// ---------------------------------------------------------------------------------------------- structs

function resolveRecord(
  env: Env,
  kind: RecordType['kind'],
  tag: string,
  members: readonly MemberDeclaration[] | undefined,
  span: Span,
): Type {
  const { types } = env.scope;
  if (members === undefined) return types.record(kind, tag);
  const record = types.ownRecord(kind, tag);
  if (record.members !== undefined) {
    fail(env, 'D_DECL_TYPERED', span, { type: typeText(record) });
    return record;
  }
  const fields = members.flatMap((member) => memberFields(env, member));
  checkMemberNames(env, fields, span);
  layoutRecord(record, fields, env.context.options.strsize);
  return record;
}

function checkMemberNames(env: Env, fields: readonly Field[], span: Span): void {
  const twice = fields.find(
    ({ name }, i) => name !== '' && fields.findIndex((field) => field.name === name) < i,
  );
  if (twice === undefined) return;
  const message = `failed to define member '${twice.name}': Duplicate member name definition`;
  fail(env, 'D_UNKNOWN', span, { message });
}

function memberFields(env: Env, node: MemberDeclaration): readonly Field[] {
  if (node.specifiers.storage.length > 0) {
    const message = 'specified storage class not appropriate in D';
    fail(env, 'D_DECL_BADCLASS', node.span, { message });
  }
  const { words, named } = node.specifiers;
  const onlyBits = words.length === 0 && named === undefined && node.declarators.every((each) => each.bits);
  const base = onlyBits ? INT : resolveSpecifiers(env, node.specifiers);
  if (node.declarators.length === 0) fail(env, 'D_DECL_MNAME', node.span);
  return node.declarators.flatMap(({ declarator, bits }) => {
    const declared = applyDeclarator(env, declarator, base, 'member');
    const field = bits === undefined ? plainField(env, declared) : bitField(env, declared, bits);
    return field === undefined ? [] : [field];
  });
}

function plainField(env: Env, declared: Declared): Field | undefined {
  const { name, type, span } = declared;
  if (name === undefined) {
    fail(env, 'D_DECL_MNAME', span, {}, { hint: 'anonymous struct and union members are not supported' });
    return undefined;
  }
  if (name.includes('`')) {
    fail(env, 'D_DECL_SCOPE', span, { place: `a member name (${name})` });
    return undefined;
  }
  if (isError(type)) return undefined;
  if (isVoid(type)) {
    fail(env, 'D_DECL_VOIDOBJ', span, { message: `cannot have void member: ${name}` });
    return undefined;
  }
  if (declared.keys !== undefined) {
    fail(env, 'D_DECL_DYNOBJ', span, { message: `cannot have dynamic member: ${name}` });
    return undefined;
  }
  if (!isComplete(env, type)) {
    fail(env, 'D_DECL_INCOMPLETE', span, { type: typeText(type), name });
    return undefined;
  }
  return { name, type, bitWidth: undefined };
}

function bitField(env: Env, declared: Declared, bits: Expr): Field | undefined {
  const { type, span } = declared;
  const name = declared.name ?? '';
  const width = constantOf(env, bits);
  if (isError(type)) return undefined;
  if (!isInteger(type) || declared.keys !== undefined) {
    fail(env, 'D_DECL_BFTYPE', span, { name });
    return undefined;
  }
  if (width === undefined || width <= 0n) {
    fail(env, 'D_DECL_BFCONST', bits.span);
    return undefined;
  }
  if (width > BigInt(storageBytes(type, 0) ?? 0) * 8n) {
    fail(env, 'D_DECL_BFSIZE', bits.span, { name });
    return undefined;
  }
  return { name, type, bitWidth: Number(width) };
}

/** Whether a type is defined and not only named, so that there can be objects of it. */
export function isComplete(env: Env, type: Type): boolean {
  const resolved = resolve(type);
  if (resolved.kind === 'enum') return resolved.enumerators !== undefined;
  return storageBytes(type, env.context.options.strsize) !== undefined;
}

// ---------------------------------------------------------------------------------------------- enums

function resolveEnum(env: Env, node: Extract<TypeSpecifier, { readonly kind: 'enum' }>): Type {
  const { types } = env.scope;
  if (node.enumerators === undefined) return types.enumeration(node.tag ?? '');
  const type = types.ownEnumeration(node.tag ?? '');
  if (type.enumerators !== undefined) {
    fail(env, 'D_DECL_TYPERED', node.span, { type: typeText(type) });
    return type;
  }
  const enumerators: { name: string; value: number }[] = [];
  let next = 0n;
  for (const enumerator of node.enumerators) {
    const value = enumeratorValue(env, enumerator.name, enumerator.value, next, enumerator.span);
    next = value + 1n;
    enumerators.push({ name: enumerator.name, value: Number(value) });
    defineEnumerator(env, type, enumerator.name, value, enumerator.span);
  }
  type.enumerators = enumerators;
  return type;
}

function enumeratorValue(env: Env, name: string, expr: Expr | undefined, next: bigint, span: Span): bigint {
  const value = expr === undefined ? next : constantOf(env, expr);
  if (value === undefined) {
    fail(env, 'D_DECL_ENCONST', expr?.span ?? span, { name });
    return next;
  }
  if (value > MAX_INT || value < MIN_INT) {
    fail(env, 'D_DECL_ENOFLOW', span, { name });
    return 0n;
  }
  return value;
}

/** Enumerators are global integer constants. */
function defineEnumerator(env: Env, type: EnumType, name: string, value: bigint, span: Span): void {
  if (name.includes('`')) {
    fail(env, 'D_DECL_SCOPE', span, { place: `an enumerator name (${name})` });
    return;
  }
  const kind = nameKind(env, name);
  if (kind !== undefined && !env.scope.mayHide(name)) {
    fail(env, 'D_DECL_IDRED', span, { message: `identifier redeclared: ${name}` }, alreadyIs(kind));
    return;
  }
  env.scope.globals.set(name, {
    kind: 'inline',
    name,
    type: INT,
    parameters: undefined,
    value: { kind: 'error', span },
    constant: value,
    enumTag: type.tag,
  });
}

function alreadyIs(kind: string): { readonly hint: string } {
  return { hint: `the name already belongs to ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}` };
}

// ---------------------------------------------------------------------------------------------- declarators

/** What is being declared, as messages about its parts say. */
export type DeclaratorUse = 'variable' | 'member' | 'type' | 'parameter' | 'inline';

export function applyDeclarator(env: Env, node: Declarator, base: Type, use: DeclaratorUse): Declared {
  switch (node.kind) {
    case 'name':
      return { name: node.name, span: node.span, type: base, keys: undefined };
    case 'pointer': {
      const pointer: Type = { kind: 'pointer', to: base };
      const qualifiers = node.qualifiers.filter((word) => word !== 'userland');
      const type: Type = qualifiers.length === 0 ? pointer : { kind: 'qualified', qualifiers, to: pointer };
      return applyDeclarator(env, node.inner, isError(base) ? ERROR : type, use);
    }
    case 'array':
      return applyDeclarator(env, node.inner, arrayOf(env, node, base, use), use);
    case 'function':
      return applyDeclarator(env, node.inner, functionOf(env, node.parameters, base, node.span), use);
    case 'associative': {
      const inner = applyDeclarator(env, node.inner, base, use);
      if (inner.keys !== undefined || (inner.type !== base && !isError(inner.type))) {
        const message = 'cannot declare array of associative arrays';
        fail(env, 'D_DECL_DYNOBJ', node.span, { message });
      }
      return { ...inner, keys: resolveParameters(env, node.keys, 'associative array', node.span) };
    }
  }
}

function arrayOf(
  env: Env,
  node: Extract<Declarator, { readonly kind: 'array' }>,
  base: Type,
  use: DeclaratorUse,
): Type {
  if (isError(base)) return ERROR;
  if (isVoid(base)) {
    fail(env, 'D_DECL_VOIDOBJ', node.span, { message: 'cannot declare array of void' });
    return ERROR;
  }
  if (!isComplete(env, base)) {
    fail(env, 'D_DECL_INCOMPLETE', node.span, { type: typeText(base), name: nameOf(node.inner) });
    return ERROR;
  }
  if (node.size === undefined) return unsizedArray(env, node, base, use);
  const count = constantOf(env, node.size);
  if (count === undefined || count <= 0n) {
    fail(env, 'D_DECL_ARRSUB', node.size.span);
    return ERROR;
  }
  if (count > MAX_ARRAY_COUNT) {
    fail(env, 'D_DECL_ARRBIG', node.size.span);
    return ERROR;
  }
  return { kind: 'array', of: base, count: Number(count) };
}

/** `int x[]` is a pointer for a parameter, and has no meaning for a variable. */
function unsizedArray(
  env: Env,
  node: Extract<Declarator, { readonly kind: 'array' }>,
  base: Type,
  use: DeclaratorUse,
): Type {
  if (use === 'parameter') return { kind: 'pointer', to: base };
  if (use === 'type' || use === 'member') return { kind: 'array', of: base, count: 0 };
  const name = nameOf(node.inner);
  const message =
    use === 'inline'
      ? `inline declaration requires array tuple signature: ${name}`
      : `array declaration requires array dimension or tuple signature: ${name}`;
  fail(env, 'D_DECL_ARRNULL', node.span, { message });
  return ERROR;
}

function functionOf(env: Env, parameters: Parameters, returns: Type, span: Span): Type {
  if (isError(returns)) return ERROR;
  const resolved = resolveParameters(env, parameters, 'function', span);
  return {
    kind: 'function',
    returns,
    parameters: resolved.map((parameter) => parameter.type),
    variadic: parameters.variadic,
  };
}

/** Key signature of an associative array, or parameter list of a function. */
export function resolveParameters(
  env: Env,
  parameters: Parameters,
  kind: 'associative array' | 'function' | 'probe input' | 'probe output',
  span: Span,
): readonly KeyParameter[] {
  if (parameters.variadic && kind !== 'function') fail(env, 'D_DECL_PROTO_VARARGS', span, { kind });
  const resolved: KeyParameter[] = [];
  for (const [i, parameter] of parameters.list.entries()) {
    const { specifiers, declarator } = parameter;
    const at = parameter.span;
    if (specifiers.storage.length > 0) fail(env, 'D_DECL_PARMCLASS', at);
    const declared = applyDeclarator(env, declarator, resolveSpecifiers(env, specifiers), 'parameter');
    if (isVoid(declared.type)) {
      if (parameters.list.length > 1 || kind === 'associative array') fail(env, 'D_DECL_PROTO_VOID', at);
      else if (declared.name !== undefined) {
        const message = `void parameter may not have a name: ${declared.name}`;
        fail(env, 'D_DECL_PROTO_NAME', at, { message });
      }
      continue;
    }
    checkParameterType(env, kind, declared, i + 1);
    // Several output arguments may be made of one input argument, whose name they then share.
    const isDuplicate = kind !== 'probe output' && resolved.some(({ name }) => name === declared.name);
    if (declared.name !== undefined && isDuplicate) {
      const args = { how: 'already', kind, name: declared.name, number: i + 1 };
      fail(env, 'D_DECL_PROTO_FORM', at, args);
    }
    resolved.push({ name: declared.name, type: declared.type, span: at });
  }
  return resolved;
}

function checkParameterType(env: Env, kind: string, declared: Declared, number: number): void {
  const { type } = declared;
  const isWrong =
    declared.keys !== undefined ||
    resolve(type).kind === 'function' ||
    (kind === 'associative array' && !isError(type) && !isComplete(env, type));
  if (!isWrong) return;
  const name = declared.name ?? '(anon)';
  fail(env, 'D_DECL_PROTO_TYPE', declared.span, { kind, type: typeText(type), name, number });
}

function nameOf(node: Declarator): string {
  return node.kind === 'name' ? (node.name ?? '') : nameOf(node.inner);
}

/** The value of an expression that must be an integer constant; undefined when it is none. */
export function constantOf(env: Env, expr: Expr): bigint | undefined {
  const operand = env.checkExpr(env, expr);
  return isValue(operand) && isConstant(operand) ? operand.value : undefined;
}
