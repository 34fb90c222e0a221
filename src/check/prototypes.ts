/**
 * Prototypes of subroutines and actions: D text → types, and the two checks that every call makes (d-language.md 11,
 * shapes PM and PA).
 *
 * A text such as `string substr(const char *, int [, int])` gives the result type, the parameter types, and how many of
 * them a call must have.
 */
import { bug } from '../base/assert.ts';
import type { Span } from '../diag/span.ts';
import type { Tag } from '../diag/tags.ts';
import { assignable, isInteger, isPointer, isString, isStringCompatible } from '../types/relations.ts';
import { type TypeTable, typeFromText } from '../types/table.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { convert, isZero } from './build.ts';
import { type Env, errorExpr, fail, isValue, type Operand, operandText } from './env.ts';
import { quotesHint } from './mismatch.ts';
import type { Signature } from './scope.ts';
import type { TypedExpr } from './typed.ts';

export function parsePrototype(types: TypeTable, text: string): Signature {
  const parts = /^(.*?)(\w+)\((.*)\)$/.exec(text);
  if (!parts) return bug('check', `no prototype: ${text}`);
  const [, result, , list] = parts;
  const optionalAt = list!.indexOf('[,');
  const names = list!
    .replaceAll(/[[\]]/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const optional = optionalAt === -1 ? 0 : list!.slice(optionalAt).split(',').length - 1;
  return {
    returns: typeOf(types, result!),
    parameters: names.map((name) => typeOf(types, name)),
    required: names.length - optional,
  };
}

function typeOf(types: TypeTable, text: string): Type {
  return typeFromText(types, text) ?? bug('check', `unknown type in a prototype: ${text}`);
}

/** `x[ ] prototype mismatch: 1 key passed, 2 expected`. */
export function countMismatch(
  callee: string,
  passed: number,
  expected: number,
  what: 'arg' | 'key' = 'arg',
  bound: '' | 'at least ' | 'at most ' = '',
): string {
  return `${callee} prototype mismatch: ${passed} ${what}${passed === 1 ? '' : 's'} passed, ${bound}${expected} expected`;
}

/** `f( ) argument #1 is incompatible with prototype:` and the two lines that compare them. */
export function typeMismatch(
  callee: string,
  number: number,
  prototype: string,
  found: string,
  what: 'argument' | 'key' = 'argument',
): string {
  const label = what.padStart(9);
  return `${callee} ${what} #${number} is incompatible with prototype:\n\tprototype: ${prototype}\n\t${label}: ${found}`;
}

/** Hold arguments against a signature; each comes back converted to its parameter's type. */
export function checkArguments(
  env: Env,
  callee: string,
  signature: Signature,
  operands: readonly Operand[],
  span: Span,
): readonly TypedExpr[] {
  const { parameters, required } = signature;
  if (operands.length < required || operands.length > parameters.length) {
    const bound = required < parameters.length ? 'at least ' : '';
    fail(env, 'D_PROTO_LEN', span, {
      message: countMismatch(callee, operands.length, required, 'arg', bound),
    });
    return parameters.map(() => errorExpr(span));
  }
  return operands.map((operand, i) => checkArgument(env, callee, i + 1, parameters[i]!, operand));
}

export function checkArgument(
  env: Env,
  callee: string,
  number: number,
  parameter: Type,
  operand: Operand,
  tag: Extract<Tag, 'D_PROTO_ARG'> = 'D_PROTO_ARG',
  what: 'argument' | 'key' = 'argument',
): TypedExpr {
  if (isValue(operand) && assignable(parameter, operand.type, isZero(operand))) {
    return convert(operand, parameter);
  }
  const message = typeMismatch(callee, number, typeText(parameter), operandText(operand), what);
  fail(env, tag, operand.span, { message }, mismatchHint(parameter, operand));
  return errorExpr(operand.span);
}

/** What would make the operand fit, for the usual slips. */
function mismatchHint(target: Type, operand: Operand): { readonly hint?: string } {
  if (!isValue(operand)) return {};
  const found = operand.type;
  if (isInteger(found) && isStringCompatible(target)) {
    const address = 'if the value is the address of a string, use stringof(), or copyinstr() for user memory';
    return { hint: quotesHint(operand.span) ?? address };
  }
  if (isInteger(found) && isPointer(target)) {
    return { hint: `if the value is an address, cast it: (${typeText(target)})` };
  }
  if (isPointer(found) && isInteger(target)) {
    return { hint: 'to use the address as a number, cast it: (uintptr_t)' };
  }
  if (isString(found) && isPointer(target)) return { hint: 'the bytes of a string: cast it to (char *)' };
  if (isString(found) && isInteger(target)) return { hint: 'strtoll() reads a number from text' };
  return {};
}
