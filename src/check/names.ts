/**
 * Names: identifier → what it means here (d-language.md 3.8, 4).
 *
 * Looked up in order: parameters of the inline or translator being expanded, globals of the session, built-in variables,
 * registers, predefined constants. Functions, actions and aggregating functions share the name space but are no values.
 */

import { nearest } from '../diag/nearest.ts';
import type { Span } from '../diag/span.ts';
import { ACTIONS } from '../dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../dif/aggregating-functions.ts';
import type { UserVariable } from '../dif/program.ts';
import { SUBROUTINES } from '../dif/subroutines.ts';
import {
  BUILTIN_VARIABLES,
  type BuiltinName,
  registerVariableId,
  type VariableDef,
} from '../dif/variables.ts';
import { FIRST_OTHER_REGISTER, REGISTERS, type RegisterName } from '../machine/registers.ts';
import { ERROR } from '../types/intrinsic.ts';
import { assignable } from '../types/relations.ts';
import { typeFromText } from '../types/table.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { constant, convert, isZero, read } from './build.ts';
import { type Env, errorExpr, failed, isValue, NO_LOCALS, type Operand, operandText } from './env.ts';
import { kernelEnumerator, kernelSymbol } from './kernel-symbols.ts';
import { noteBuiltin } from './needs.ts';
import { predefined } from './predefined.ts';
import { type GlobalSymbol, type Inline, isBuiltinVariable, type VariableScope } from './scope.ts';
import { shapeOf } from './shapes.ts';
import { checkStability } from './stability.ts';
import type { TypedExpr } from './typed.ts';

/** `self->` and `this->`, as written. */
export const SCOPE_PREFIX: Readonly<Record<VariableScope, string>> = {
  global: '',
  thread: 'self->',
  clause: 'this->',
};

/** What Linux calls a thread; other guests' threads have no type. */
const TASK = 'task_struct';

export function identifierOperand(env: Env, name: string, span: Span): Operand {
  if (name.includes('`')) return kernelSymbol(env, name, span);
  const local = env.locals.get(name);
  if (local !== undefined) return local.kind === 'translated' ? local : { ...local, span };
  const known = nameKind(env, name);
  if (known !== undefined) checkStability(env, known, name, span);
  const symbol = env.scope.globals.get(name);
  if (symbol !== undefined) return symbolOperand(env, symbol, span);
  if (isBuiltinVariable(name) && !isOtherRegister(env, name)) return builtinOperand(env, name, span);
  const found = predefined().get(name);
  if (found) return constant(found.value, found.type, span);
  const kind = functionKind(name);
  if (kind !== undefined) {
    const hint = `a call has parentheses: ${name}(…)`;
    return failed(env, 'D_IDENT_BADREF', span, { kind, name, as: 'scalar' }, { hint });
  }
  return unknownName(env, name, span);
}

function symbolOperand(env: Env, symbol: GlobalSymbol, span: Span): Operand {
  switch (symbol.kind) {
    case 'variable':
      return variableOperand(env, symbol.variable, span);
    case 'inline':
      if (symbol.parameters === undefined) return expandInline(env, symbol, [], span);
      return failed(env, 'D_IDENT_BADREF', span, {
        kind: 'associative array',
        name: symbol.name,
        as: 'scalar',
      });
    case 'function':
      return failed(env, 'D_IDENT_BADREF', span, { kind: 'function', name: symbol.name, as: 'scalar' });
  }
}

/** `self->x`, `this->x`. */
export function scopedOperand(env: Env, scope: 'thread' | 'clause', name: string, span: Span): Operand {
  const variable = env.scope.variable(scope, name);
  if (variable !== undefined) return variableOperand(env, variable, span);
  const prefix = SCOPE_PREFIX[scope];
  const best = nearest(name, env.scope.localNames(scope));
  const known = best === undefined ? {} : { hint: `did you mean ${prefix}${best}?` };
  return failed(env, 'D_VAR_UNDEF', span, { name: `${prefix}${name}` }, known);
}

function variableOperand(env: Env, variable: UserVariable, span: Span): Operand {
  if (variable.keys !== undefined) {
    const name = `${SCOPE_PREFIX[variable.scope]}${variable.name}`;
    return failed(env, 'D_IDENT_BADREF', span, { kind: 'associative array', name, as: 'scalar' });
  }
  return read({ kind: 'variable', variable }, variable.value.type, span);
}

function builtinOperand(env: Env, name: string, span: Span): Operand {
  const { id, type, isArray } = builtin(env, name);
  if (isArray) {
    return failed(env, 'D_IDENT_BADREF', span, { kind: 'array', name, as: 'scalar' }, arrayHint(name));
  }
  env.scope.noteBuiltinRead(name);
  noteBuiltin(env, name);
  const shape = shapeOf(type, env.context.options.strsize);
  return read({ kind: 'builtin', id, index: undefined, shape }, type, span);
}

function arrayHint(name: string): { readonly hint: string } {
  return { hint: `name an element: ${name}[0]` };
}

export function builtin(env: Env, name: string): { id: number; type: Type; isArray: boolean } {
  const { types } = env.scope;
  if (Object.hasOwn(BUILTIN_VARIABLES, name)) {
    const row: VariableDef = BUILTIN_VARIABLES[name as BuiltinName];
    const text = name === 'curthread' && types.tag('struct', TASK) ? `struct ${TASK} *` : row.type;
    return { id: row.id, type: typeFromText(types, text) ?? ERROR, isArray: row.array === true };
  }
  const isLow = 'lowBits' in REGISTERS[name as RegisterName];
  const type = typeFromText(types, isLow ? 'uint32_t' : 'uint64_t') ?? ERROR;
  return { id: registerVariableId(name as RegisterName), type, isArray: false };
}

/** What a name that is no value is, in dtrace's words; undefined for a name that means nothing. */
export function functionKind(name: string): string | undefined {
  if (Object.hasOwn(ACTIONS, name)) return 'tracing function';
  if (Object.hasOwn(AGGREGATING_FUNCTIONS, name)) return 'aggregating function';
  return Object.hasOwn(SUBROUTINES, name) ? 'function' : undefined;
}

/** What any global name is, in dtrace's words. */
export function nameKind(env: Env, name: string): string | undefined {
  const symbol = env.scope.globals.get(name);
  if (symbol?.kind === 'variable') return symbol.variable.keys ? 'associative array' : 'scalar';
  if (symbol?.kind === 'inline') return symbol.enumTag === undefined ? 'inline' : 'enumerator';
  if (symbol?.kind === 'function') return 'function';
  if (Object.hasOwn(BUILTIN_VARIABLES, name)) return builtin(env, name).isArray ? 'array' : 'scalar';
  if (Object.hasOwn(REGISTERS, name)) return 'scalar';
  return predefined().has(name) ? 'inline' : functionKind(name);
}

/** A register that nothing traced here can have. */
function isOtherRegister(env: Env, name: string): boolean {
  if (!env.context.catalog.x86Only || !Object.hasOwn(REGISTERS, name)) return false;
  return REGISTERS[name as RegisterName].id >= FIRST_OTHER_REGISTER;
}

function unknownName(env: Env, name: string, span: Span): TypedExpr {
  const enumerator = kernelEnumerator(env, name, span);
  if (enumerator !== undefined) return enumerator;
  const options = unknownNameHint(env, name);
  return failed(env, 'D_IDENT_UNDEF', span, { name, reason: 'Unknown variable name' }, options);
}

/** What other languages have by a name. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  true: 'D has no true: 1 is, as any number but 0',
  false: 'D has no false: 0 is',
  null: 'it is written NULL',
  nil: 'it is written NULL',
  nullptr: 'it is written NULL',
};

function unknownNameHint(env: Env, name: string): { readonly hint: string } {
  if (Object.hasOwn(FOREIGN_NAMES, name)) return { hint: FOREIGN_NAMES[name]! };
  for (const scope of ['thread', 'clause'] as const) {
    if (env.scope.variable(scope, name)) return { hint: `did you mean ${SCOPE_PREFIX[scope]}${name}?` };
  }
  if (env.scope.aggregations.has(name)) return { hint: `did you mean the aggregation @${name}?` };
  const best = nearest(name, allNames(env));
  if (best !== undefined) return { hint: `did you mean ${best}?` };
  return { hint: 'a variable exists from its first assignment or declaration, in program order' };
}

function* allNames(env: Env): Iterable<string> {
  yield* env.locals.keys();
  yield* env.scope.globals.keys();
  yield* Object.keys(BUILTIN_VARIABLES);
  yield* Object.keys(REGISTERS);
  yield* predefined().keys();
}

/**
 * An inline where it is used: its expression, checked again with the arguments in place of the parameters, as a value
 * of its declared type.
 */
export function expandInline(env: Env, inline: Inline, args: readonly Operand[], span: Span): Operand {
  if (inline.constant !== undefined) return constant(inline.constant, inline.type, span);
  const locals = new Map<string, Operand>();
  for (const [i, parameter] of (inline.parameters ?? []).entries()) {
    const arg = args[i];
    if (arg) locals.set(parameter.name, isValue(arg) ? convert(arg, parameter.type) : arg);
  }
  const inner: Env = { ...env, locals: locals.size > 0 ? locals : NO_LOCALS };
  const operand = env.checkExpr(inner, inline.value);
  return inlineResult(env, inline, operand, span);
}

/** The value of an inline as one of its type; anything that does not fit was reported at the definition. */
export function inlineResult(env: Env, inline: Inline, operand: Operand, span: Span): Operand {
  if (operand.kind === 'translated') return { ...operand, span };
  if (!isValue(operand)) return errorExpr(span);
  if (assignable(inline.type, operand.type, isZero(operand))) return convert(operand, inline.type, span);
  const message = `inline ${inline.name} definition uses incompatible types: "${typeText(inline.type)}" = "${operandText(operand)}"`;
  return failed(env, 'D_OP_INCOMPAT', span, { message });
}
