/**
 * Declarations: variables, typedefs, prototypes; inlines and translators (d-language.md 2.3, 3.8 to 3.10). They change the scope and leave nothing in the typed tree.
 */

import { didYouMean } from '../diag/nearest.ts';
import type { Span } from '../diag/span.ts';
import type { ValueShape } from '../dif/program.ts';
import type {
  Declaration,
  Expr,
  InlineDefinition,
  StorageClass,
  TranslatorDefinition,
} from '../syntax/ast.ts';
import { isError, isRecord, isVoid, resolve, sameType } from '../types/relations.ts';
import type { TypeTable } from '../types/table.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { declareVariable } from './assign.ts';
import { read } from './build.ts';
import { type Env, fail, isValue, type Operand } from './env.ts';
import { functionKind, inlineResult, nameKind, SCOPE_PREFIX } from './names.ts';
import { predefined } from './predefined.ts';
import type { Inline, InlineParameter, Translator, VariableScope } from './scope.ts';
import { isBuiltinVariable } from './scope.ts';
import { shapeOf } from './shapes.ts';
import { memberValue, outputRecord } from './translators.ts';
import {
  applyDeclarator,
  type Declared,
  isComplete,
  type KeyParameter,
  resolveSpecifiers,
  resolveTypeName,
} from './type-names.ts';
import type { TypedExpr } from './typed.ts';

export function checkDeclaration(env: Env, node: Declaration): void {
  const storage = storageOf(env, node);
  const base = resolveSpecifiers(env, node.specifiers);
  if (node.declarators.length === 0 && isUseless(node)) {
    fail(env, 'D_DECL_USELESS', node.span, { message: 'useless declaration' });
  }
  for (const declarator of node.declarators) {
    const use = storage === 'typedef' ? 'type' : 'variable';
    const declared = applyDeclarator(env, declarator, base, use);
    declare(env, storage, declared);
  }
}

/** A declaration without names is good for its tag only. */
function isUseless(node: Declaration): boolean {
  const { named, storage } = node.specifiers;
  if (named === undefined || named.kind === 'typename' || storage.length > 0) return true;
  return named.kind === 'enum' ? named.enumerators === undefined : named.tag === undefined;
}

function storageOf(env: Env, { specifiers, declarators, span }: Declaration): StorageClass | undefined {
  if (specifiers.storage.length > 1) fail(env, 'D_DECL_CLASS', span);
  const [only] = specifiers.storage;
  const arePrototypes = declarators.length > 0 && declarators.every((each) => each.kind === 'function');
  if (only === 'auto' || only === 'register' || (only === 'static' && !arePrototypes)) {
    fail(env, 'D_DECL_BADCLASS', span, { message: 'specified storage class not appropriate in D' });
  }
  return only;
}

function declare(env: Env, storage: StorageClass | undefined, declared: Declared): void {
  const { name, span } = declared;
  if (name === undefined) {
    fail(env, 'D_DECL_USELESS', span, { message: 'useless declaration' });
    return;
  }
  if (name.includes('`')) {
    fail(env, 'D_DECL_SCOPE', span, { place: `a declaration name (${name})` });
    return;
  }
  if (isError(declared.type)) return;
  if (storage === 'typedef') declareTypedef(env, name, declared);
  else if (resolve(declared.type).kind === 'function') declarePrototype(env, name, declared);
  else declareObject(env, storage, name, declared);
}

function declareTypedef(env: Env, name: string, declared: Declared): void {
  const { types, globals } = env.scope;
  const known = types.ownTypedef(name);
  const isBuiltin =
    nameKind(env, name) !== undefined && !env.scope.mayHide(name) && !isIncluded(declared.span);
  if (globals.has(name) || isBuiltin) {
    fail(env, 'D_DECL_IDRED', declared.span, { message: `global variable identifier redeclared: ${name}` });
  } else if (declared.keys !== undefined) {
    fail(env, 'D_DECL_ARRSUB', declared.span);
  } else if (known !== undefined && mayReplace(types, name, declared.span)) {
    types.addTypedef(name, declared.type);
  } else if (known !== undefined && !sameType(known, declared.type)) {
    const hint = `it is already ${typeText(resolve(known))}`;
    fail(env, 'D_DECL_IDRED', declared.span, { message: `typedef redeclared: ${name}` }, { hint });
  } else if (known === undefined) {
    types.addTypedef(name, declared.type);
  }
}

/** A kernel's name is anybody's; D's own are for the headers of the system that describe that system. */
function mayReplace(types: TypeTable, name: string, span: Span): boolean {
  return !types.isReserved(name) || (types.isPredefined(name) && isIncluded(span));
}

/** Of a header, and not of the script itself. */
function isIncluded({ text, start }: Span): boolean {
  const file = text.lineDirectives.findLast((line) => line.start <= start && line.file !== undefined)?.file;
  return file !== undefined && file !== text.name;
}

function declarePrototype(env: Env, name: string, declared: Declared): void {
  const kind = nameKind(env, name);
  if (kind !== undefined && kind !== 'function') {
    if (functionKind(name) !== undefined && isIncluded(declared.span)) return; // C's raise() is not D's
    redeclared(env, name, declared.span, 'function', kind);
    return;
  }
  if (functionKind(name) === undefined) {
    env.scope.globals.set(name, { kind: 'function', name, type: declared.type });
  }
}

// ---------------------------------------------------------------------------------------------- variables

function declareObject(env: Env, storage: StorageClass | undefined, name: string, declared: Declared): void {
  const scope: VariableScope = storage === 'self' ? 'thread' : storage === 'this' ? 'clause' : 'global';
  const { type, span, keys } = declared;
  if (isVoid(type)) {
    fail(env, 'D_DECL_VOIDOBJ', span, { message: `cannot have void object: ${name}` });
    return;
  }
  if (!isComplete(env, type)) {
    fail(env, 'D_DECL_INCOMPLETE', span, { type: typeText(type), name });
    return;
  }
  if (keys !== undefined && scope === 'clause') {
    fail(env, 'D_DECL_LOCASSC', span, { name });
    return;
  }
  if (mayDeclare(env, scope, name, declared)) {
    declareVariable(
      env,
      scope,
      name,
      keys?.map((key) => key.type),
      type,
      span,
    );
  }
}

/** Whether the name is free. A declaration that repeats an earlier one changes nothing and is no error. */
function mayDeclare(env: Env, scope: VariableScope, name: string, declared: Declared): boolean {
  const known = env.scope.variable(scope, name);
  if (known !== undefined) {
    const shown = `${SCOPE_PREFIX[scope]}${name}`;
    const mismatch = signatureMismatch(env, declared, known.value.type, known.keys);
    if (mismatch !== undefined) {
      const message = `identifier redeclared: ${shown}\n\t current: ${mismatch.now}\n\tprevious: ${mismatch.before}`;
      fail(env, 'D_DECL_IDRED', declared.span, { message });
    }
    return false;
  }
  if (scope !== 'global') return true;
  return isFree(env, name, declared.span, declared.keys ? 'associative array' : 'scalar');
}

/** Whether a global name may be given a new meaning; reported when not. */
function isFree(env: Env, name: string, span: Span, now: string): boolean {
  const kind = nameKind(env, name);
  if (kind === undefined && env.scope.types.isReserved(name)) {
    fail(env, 'D_DECL_IDRED', span, { message: `typedef identifier redeclared: ${name}` });
    return false;
  }
  if (kind === undefined || env.scope.mayHide(name)) return true;
  const isBuiltin = isBuiltinVariable(name) || predefined().has(name) || functionKind(name) !== undefined;
  if (isBuiltin && !env.scope.globals.has(name)) {
    fail(env, 'D_DECL_IDRED', span, { message: `built-in identifier redeclared: ${name}` });
  } else {
    redeclared(env, name, span, now, kind);
  }
  return false;
}

function redeclared(env: Env, name: string, span: Span, now: string, before: string): void {
  const message = `identifier redeclared: ${name}\n\t current: ${now}\n\tprevious: ${before}`;
  fail(env, 'D_DECL_IDRED', span, { message });
}

function signatureMismatch(
  env: Env,
  declared: Declared,
  type: Type,
  keys: readonly ValueShape[] | undefined,
): { readonly now: string; readonly before: string } | undefined {
  const now = signatureText(
    declared.type,
    declared.keys?.map((key) => key.type),
  );
  const before = signatureText(
    type,
    keys?.map((key) => key.type),
  );
  const sameKeys =
    keys?.length === declared.keys?.length &&
    (keys ?? []).every((key, i) => sameType(key.type, declared.keys![i]!.type));
  const same =
    sameKeys && shapeOf(type, env.context.options.strsize).sizeBytes >= 0 && sameType(type, declared.type);
  return same ? undefined : { now, before };
}

function signatureText(type: Type, keys: readonly Type[] | undefined): string {
  if (keys === undefined) return `scalar ${typeText(type)}`;
  return `associative array ${typeText(type)} [${keys.map(typeText).join(', ')}]`;
}

// ---------------------------------------------------------------------------------------------- inlines

export function checkInline(env: Env, node: InlineDefinition): void {
  if (node.specifiers.storage.length > 0) {
    const message = 'specified storage class not appropriate in D for inline declaration';
    fail(env, 'D_DECL_BADCLASS', node.span, { message });
  }
  const base = resolveSpecifiers(env, node.specifiers);
  const declared = applyDeclarator(env, node.declarator, base, 'inline');
  const { name, type, span } = declared;
  if (name === undefined) {
    fail(env, 'D_DECL_USELESS', span, { message: 'inline declaration requires a name' });
    return;
  }
  if (name.includes('`')) {
    fail(env, 'D_DECL_SCOPE', span, { place: `a declaration name (${name})` });
    return;
  }
  if (!isInlineType(env, name, type, span)) return;
  const kind = nameKind(env, name);
  if (kind !== undefined && !env.scope.mayHide(name)) {
    const message = `identifier redefined: ${name}\n\t current: inline definition\n\tprevious: ${kind} ${name}`;
    fail(env, 'D_DECL_IDRED', span, { message });
    return;
  }
  const parameters = declared.keys && inlineParameters(env, declared.keys);
  const inline: Inline = {
    kind: 'inline',
    name,
    type,
    parameters,
    value: node.value,
    constant: undefined,
    enumTag: undefined,
  };
  checkInlineValue(env, inline, node.value.span);
  const value = env.unit.failed ? silenced(node.value) : node.value;
  env.scope.globals.set(name, { ...inline, value });
}

function isInlineType(env: Env, name: string, type: Type, span: Span): boolean {
  if (isError(type)) return false;
  if (isVoid(type)) {
    fail(env, 'D_DECL_VOIDOBJ', span, { message: `cannot declare void inline: ${name}` });
    return false;
  }
  if (!isComplete(env, type)) {
    fail(env, 'D_DECL_INCOMPLETE', span, { type: typeText(type), name });
    return false;
  }
  if (resolve(type).kind !== 'array') return true;
  const message = `inline declaration cannot be of scalar array type: ${name}`;
  fail(env, 'D_DECL_ARRNULL', span, { message });
  return false;
}

function inlineParameters(env: Env, keys: readonly KeyParameter[]): readonly InlineParameter[] {
  const parameters: InlineParameter[] = [];
  for (const [i, key] of keys.entries()) {
    const number = i + 1;
    if (key.name === undefined) {
      const message = `parameter declaration requires a name: parameter #${number}`;
      fail(env, 'D_DECL_PROTO_NAME', key.span, { message });
      continue;
    }
    parameters.push({ name: key.name, type: key.type });
  }
  return parameters;
}

/** What stands for an expression that was reported where it is defined: its uses are not reported again. */
function silenced(expr: Expr): Expr {
  return { kind: 'error', span: expr.span };
}

/** The expression is checked where it is defined, so that a mistake is told once and there. */
function checkInlineValue(env: Env, inline: Inline, span: Span): void {
  const locals = new Map<string, Operand>();
  for (const parameter of inline.parameters ?? []) {
    locals.set(parameter.name, placeholder(env, parameter.type, span));
  }
  const operand = env.checkExpr({ ...env, locals }, inline.value);
  if (isValue(operand) && isError(operand.type)) return;
  if (operand.kind === 'aggregation') fail(env, 'D_OP_DYN', operand.span, { operator: '=' });
  inlineResult(env, inline, operand, span);
}

/** Some value of a type, not constant, for checking an expression before its parameter is known. */
function placeholder(env: Env, type: Type, span: Span): TypedExpr {
  const shape = shapeOf(type, env.context.options.strsize);
  return read({ kind: 'builtin', id: 0, index: undefined, shape }, type, span);
}

// ---------------------------------------------------------------------------------------------- translators

export function checkTranslator(env: Env, node: TranslatorDefinition): void {
  const output = resolveTypeName(env, node.output);
  const input = resolveTypeName(env, node.input);
  if (isError(output) || isError(input)) return;
  if (!isRecord(output)) {
    const message = 'translator output type must be a struct or union';
    fail(env, 'D_XLATE_SOU', node.output.span, { message });
    return;
  }
  const members = new Map<string, Expr>(node.members.map((member) => [member.name, member.value]));
  const translator: Translator = { output, input, parameter: node.parameter, members };
  if (outputRecord(translator)?.members === undefined) {
    const message = `incomplete struct/union/enum ${typeText(output)}`;
    fail(env, 'D_XLATE_SOU', node.output.span, { message });
    return;
  }
  if (env.scope.translators.some((known) => sameType(known.output, output) && sameType(known.input, input))) {
    fail(env, 'D_XLATE_REDECL', node.span, { from: typeText(input), to: typeText(output) });
    return;
  }
  checkTranslatorMembers(env, node, translator);
  if (env.unit.failed) for (const [name, value] of members) members.set(name, silenced(value));
  env.scope.translators.push(translator);
}

function checkTranslatorMembers(env: Env, node: TranslatorDefinition, translator: Translator): void {
  const record = outputRecord(translator);
  const parameter = placeholder(env, translator.input, node.span);
  const locals = new Map<string, Operand>([[translator.parameter, parameter]]);
  for (const { name, value, span } of node.members) {
    const declared = record?.members?.find((member) => member.name === name);
    if (declared === undefined) {
      const args = { member: name, type: typeText(translator.output) };
      const known = (record?.members ?? []).map((member) => member.name);
      fail(env, 'D_XLATE_MEMB', span, args, didYouMean(name, known));
      continue;
    }
    const operand = env.checkExpr({ ...env, locals }, value);
    const isWrong = isValue(operand) && isError(operand.type);
    if (!isWrong) memberValue(env, operand, name, declared.type, value.span);
  }
}
