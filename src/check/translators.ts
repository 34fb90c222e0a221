/**
 * Translators: `xlate < T > (e)` gives an object without bytes; each member asked for is the translator's expression
 * for it, with `e` in place of the parameter (d-language.md 3.10).
 */

import { didYouMean } from '../diag/nearest.ts';
import type { Span } from '../diag/span.ts';
import { assignable, referent, resolve, sameType } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { RecordType, Type } from '../types/type.ts';
import { convert, isZero } from './build.ts';
import { type Env, failed, isValue, type Operand, operandText, type TranslatedOperand } from './env.ts';
import type { Scope, Translator } from './scope.ts';
import type { TypedExpr } from './typed.ts';

/** The translator for exactly these types, else one whose input the value may be passed for. */
export function findTranslator(scope: Scope, output: Type, input: Type): Translator | undefined {
  const candidates = scope.translators.filter((known) => sameType(known.output, output));
  return (
    candidates.find((known) => sameType(known.input, input)) ??
    candidates.find((known) => assignable(known.input, input, false))
  );
}

/** `xlate < output > (input)`. */
export function translate(env: Env, output: Type, input: TypedExpr, span: Span): Operand {
  const to = resolve(output).kind === 'pointer' ? referent(output) : undefined;
  const translator = findTranslator(env.scope, to ?? output, input.type);
  if (translator === undefined) {
    const args = { from: typeText(input.type), to: typeText(output) };
    return failed(env, 'D_XLATE_NONE', span, args, inputsHint(env.scope, to ?? output));
  }
  const value = convert(input, translator.input);
  const pointer = to !== undefined;
  return { kind: 'translated', type: { kind: 'dynamic' }, span, translator, input: value, pointer };
}

/** What the output can be translated from. */
function inputsHint(scope: Scope, output: Type): { readonly hint: string } {
  const known = scope.translators.filter((each) => sameType(each.output, output));
  if (known.length === 0) return { hint: `no translator has ${typeText(output)} as its output` };
  return { hint: `there are translators from ${known.map((each) => typeText(each.input)).join(', ')}` };
}

export function outputRecord(translator: Translator): RecordType | undefined {
  const output = resolve(translator.output);
  return output.kind === 'struct' || output.kind === 'union' ? output : undefined;
}

/** The value of one member of a translated object. */
export function memberOf(env: Env, object: TranslatedOperand, name: string, span: Span): Operand {
  const { translator } = object;
  const record = outputRecord(translator);
  const declared = record?.members?.find((member) => member.name === name);
  if (declared === undefined) {
    const known = (record?.members ?? []).map((member) => member.name);
    const args = { member: name, type: typeText(translator.output) };
    return failed(env, 'D_TYPE_MEMBER', span, args, didYouMean(name, known));
  }
  const expr = translator.members.get(name);
  if (expr === undefined) {
    const hint = `it defines ${[...translator.members.keys()].join(', ')}`;
    return failed(env, 'D_XLATE_NOCONV', span, { member: name }, { hint });
  }
  const locals = new Map<string, Operand>([[translator.parameter, object.input]]);
  const operand = env.checkExpr({ ...env, locals }, expr);
  return memberValue(env, operand, name, declared.type, span);
}

/** A translator's expression for a member as a value of the member's type. */
export function memberValue(env: Env, operand: Operand, name: string, type: Type, span: Span): Operand {
  if (operand.kind === 'translated') return { ...operand, span };
  if (isValue(operand) && assignable(type, operand.type, isZero(operand)))
    return convert(operand, type, span);
  const args = { member: name, to: typeText(type), from: operandText(operand) };
  return failed(env, 'D_XLATE_INCOMPAT', span, args);
}
