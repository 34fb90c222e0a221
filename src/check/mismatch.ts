/** What to say, and what to suggest, when operands do not go together. */
import type { Span } from '../diag/span.ts';
import { isInteger, isPointer, isString, isStringCompatible, isUnsizedPointer } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { type Env, failed } from './env.ts';
import type { TypedExpr } from './typed.ts';

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
  if (operator.startsWith('+') && isString(a) && isString(b)) return { hint: 'strjoin() joins strings' };
  if (isUnsizedPointer(a) || isUnsizedPointer(b)) {
    if (hasNumber(left, right))
      return { hint: 'what it points to has no size to step by: cast it to (char *)' };
  }
  if (operator === '+' && isPointer(a) && isPointer(b)) {
    return { hint: 'two pointers can be subtracted, not added' };
  }
  if (operator === '=' && isPointer(a) && isInteger(b)) {
    return { hint: `if the number is an address, cast it: (${typeText(a)})` };
  }
  const text = isStringCompatible(a) ? a : isStringCompatible(b) ? b : undefined;
  if (text && hasNumber(left, right)) {
    const number = isInteger(a) ? left : right;
    return {
      hint: quotesHint(number.span) ?? 'a string and a number: strtoll() reads one, lltostr() writes one',
    };
  }
  if (isPointer(a) && isPointer(b)) return { hint: 'cast one of the pointers to the type of the other' };
  if ((isPointer(a) || isPointer(b)) && hasNumber(left, right)) {
    return { hint: 'a pointer and a number: cast the pointer to (uintptr_t)' };
  }
  return {};
}

/** For a character constant where text is wanted. */
export function quotesHint({ text, start, end }: Span): string | undefined {
  const written = text.text.slice(start, end);
  return written.startsWith("'")
    ? `a string is written "${written.slice(1, -1)}"; in '' it is a number`
    : undefined;
}

function hasNumber(left: TypedExpr, right: TypedExpr): boolean {
  return isInteger(left.type) || isInteger(right.type);
}

export function scalarHint(type: Type): { readonly hint?: string } {
  return isString(type) ? { hint: 'compare the string with something: s != NULL, s == ""' } : {};
}
