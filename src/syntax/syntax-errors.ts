/**
 * The wording of syntax errors: what the parser refused → one D_SYNTAX diagnostic.
 *
 * The message is dtrace's (`syntax error near "tok"`); the hint is ours. HINTS is tried in order, each row looks at
 * the place of the error and answers with a hint when it recognises the mistake.
 */
import { EOF, type IToken, tokenMatcher } from 'chevrotain';
import { TOKENS, type TokenName } from '../../grammar/tokens.ts';
import type { ReportOptions } from '../diag/diagnostics.ts';
import { isTypeName, type LexState, report } from './lex-state.ts';
import type { ParseFailure } from './parser.ts';

interface ErrorPlace {
  readonly state: LexState;
  readonly tokens: readonly IToken[]; // of the item
  readonly index: number; // of the offending token; tokens.length at the end
  readonly expected: TokenName | undefined;
}

export function reportSyntaxError(state: LexState, tokens: readonly IToken[], failure: ParseFailure): void {
  const { token, expected, message } = failure;
  const atEnd = tokenMatcher(token, EOF);
  const index = atEnd ? tokens.length : tokens.indexOf(token);
  const place: ErrorPlace = { state, tokens, index, expected };
  const closer = message === undefined ? mistakenCloser(place) : undefined;
  if (closer) reportMistakenCloser(state, closer);
  else if (message === undefined && atEnd) reportAtEnd(place);
  else reportAt(place, token, message ?? `syntax error near "${token.image}"`);
}

function reportAt(place: ErrorPlace, token: IToken, message: string): void {
  const end = place.state.text.text.length;
  const [from, to] = tokenMatcher(token, EOF) ? [end, end] : [token.startOffset, token.endOffset! + 1];
  report(place.state, 'D_SYNTAX', from, to, { message }, hintOptions(place));
}

function reportAtEnd(place: ErrorPlace): void {
  const { state } = place;
  const open = state.brackets.at(-1);
  const image = open?.kind === 'angle' ? '<' : open?.kind;
  const end = state.text.text.trimEnd().length;
  const span = { text: state.text, start: open?.offset ?? 0, end: (open?.offset ?? 0) + 1 };
  report(
    state,
    'D_SYNTAX',
    Math.max(0, end - 1),
    end,
    { message: 'syntax error near end of input' },
    {
      ...hintOptions(place),
      ...(open ? { notes: [{ message: `this ${image} is never closed`, span }] } : {}),
    },
  );
}

/** In a `<` body a `>` closes only where a statement would begin; anywhere else it compares. */
function mistakenCloser({ tokens, index }: ErrorPlace): IToken | undefined {
  if (!tokens.some((token) => is(token, 'OpenAngle'))) return undefined;
  for (let at = Math.min(index, tokens.length - 1); at >= 0; at--) {
    const token = tokens[at]!;
    if (is(token, 'Greater')) return token;
    if (is(token, 'Semicolon') || is(token, 'OpenAngle') || is(token, 'CloseBrace')) return undefined;
  }
  return undefined;
}

function reportMistakenCloser(state: LexState, token: IToken): void {
  report(
    state,
    'D_SYNTAX',
    token.startOffset,
    token.endOffset! + 1,
    { message: 'expected ; before the > that closes the clause body' },
    { hint: 'a > ends the body only where a statement would begin: write `; >`' },
  );
}

function hintOptions(place: ErrorPlace): ReportOptions {
  for (const recognise of HINTS) {
    const hint = recognise(place);
    if (hint !== undefined) return { hint };
  }
  return {};
}

const RESERVED_HINTS: Readonly<Record<string, string>> = {
  for: 'D has no loops: a probe fires many times, and aggregations add up',
  while: 'D has no loops: a probe fires many times, and aggregations add up',
  do: 'D has no loops: a probe fires many times, and aggregations add up',
  break: 'D has no loops',
  continue: 'D has no loops',
  goto: 'D has no goto: every clause runs forward to its end',
  return: 'D has no functions to return from; exit(0) ends tracing',
  switch: 'D has no switch; use if, else if or a predicate',
  case: 'D has no switch; use if, else if or a predicate',
  default: 'D has no switch; use if, else if or a predicate',
};

type Hint = (place: ErrorPlace) => string | undefined;

const HINTS: readonly Hint[] = [
  ({ tokens, index }) => {
    const image = tokens[index]?.image ?? '';
    return Object.hasOwn(RESERVED_HINTS, image) ? RESERVED_HINTS[image] : undefined;
  },
  ({ tokens, index, state }) => {
    const at = tokens[index]?.startOffset ?? 0;
    const around = state.text.text.slice(Math.max(0, at - 1), at + 2);
    return tokens[index]?.image.startsWith('/') && around.includes('//')
      ? 'comments are written /* … */'
      : undefined;
  },
  descriptionHint,
  typeHint,
  ({ tokens, index }) =>
    index === 0 && is(tokens[0], 'Semicolon') ? 'no semicolon follows the } of a clause' : undefined,
  ({ tokens, index, state }) => {
    const token = tokens[index];
    const type = is(token, 'Identifier') && isTypeName(state, token!.image);
    return type ? `${token!.image} is the name of a type` : undefined;
  },
  ({ tokens, index }) => {
    const inBody = tokens.some((token) => is(token, 'OpenBrace') || is(token, 'OpenAngle'));
    const token = tokens[index];
    const declares = is(token, 'TypeWord') || is(token, 'StorageClass') || is(token, 'StructOrUnion');
    return declares && inBody && isClause(tokens)
      ? 'declarations stand outside clauses; a variable is created by assigning to it'
      : undefined;
  },
  ({ tokens, index }) =>
    is(tokens[index], 'Assign') &&
    tokens.some((token) => is(token, 'OpenPredicate')) &&
    !closed(tokens, index)
      ? 'equality is written =='
      : undefined,
  ({ tokens, index }) =>
    is(tokens[index], 'Assign') && !isClause(tokens)
      ? 'a declaration takes no initial value; assign it in BEGIN'
      : undefined,
  ({ tokens, index }) =>
    is(tokens[index], 'String') && is(tokens[index - 1], 'String')
      ? 'adjacent strings are not joined'
      : undefined,
  ({ tokens, index }) => {
    const called = tokens[index - 1];
    const argument = is(tokens[index], 'String') || is(tokens[index], 'Integer');
    return argument && isClause(tokens) && is(called, 'Identifier')
      ? `a call has parentheses: ${called!.image}(…)`
      : undefined;
  },
  ({ tokens, index }) => {
    const word = is(tokens[index], 'OpenBrace') ? beforeParentheses(tokens, index) : undefined;
    return /^els(e?if)$|^elif$/.test(word ?? '') ? 'it is written else if' : undefined;
  },
  ({ tokens }) => {
    const open = tokens.some((token) => is(token, 'OpenPredicate'));
    return open && !closed(tokens, tokens.length)
      ? 'the / that ends a predicate is followed by { or <; before anything else it divides'
      : undefined;
  },
  ({ tokens, index, expected, state }) => {
    const before = tokens[index - 1];
    const token = tokens[index];
    if (!before || !token || expected !== 'Semicolon') return undefined;
    const between = state.text.text.slice(before.endOffset! + 1, token.startOffset);
    return between.includes('\n') ? `a ; may be missing after ${before.image}` : undefined;
  },
  ({ tokens, index, expected }) => {
    const label = expected === undefined ? undefined : TOKENS[expected].LABEL;
    return index > 0 && label?.startsWith('"') && tokens[index]
      ? `expected ${label.replaceAll('"', '')}`
      : undefined;
  },
];

/** What stands where a description ended: blanks inside of it, the next one without a comma, or a declaration of unknown type. */
function descriptionHint({ tokens, index, state }: ErrorPlace): string | undefined {
  const [before, token] = [tokens[index - 1], tokens[index]];
  if (!is(before, 'ProbeSpecifier') || !is(token, 'ProbeSpecifier')) return undefined;
  if (before!.image.endsWith(':') || token!.image.startsWith(':')) return 'a probe description has no blanks';
  const declares = /^\s*[;=[(,]/.test(state.text.text.slice(token!.endOffset! + 1));
  return declares ? noType(before!.image) : 'several probe descriptions are separated by commas';
}

/** `(nosuch *)x`, `(nosuch)3`, `typedef nosuch x;` or a member: a name that would have to be a type and is none. */
function typeHint({ tokens, index }: ErrorPlace): string | undefined {
  const named = declaredAs(tokens, index) ?? declaredAs(tokens, index + 1);
  if (named !== undefined) return noType(named);
  let at = index - 1;
  if (is(tokens[at], 'CloseParen')) at--;
  while (is(tokens[at], 'Star')) at--;
  const isCast = at < index - 1 && is(tokens[at], 'Identifier') && is(tokens[at - 1], 'OpenParen');
  return isCast && !is(tokens[at - 2], 'Identifier') ? noType(tokens[at]!.image) : undefined;
}

/** The name in front of a declared one, where a type would begin. */
function declaredAs(tokens: readonly IToken[], index: number): string | undefined {
  const [before, type, name] = [tokens[index - 2]?.image ?? '', tokens[index - 1], tokens[index]];
  const mayDeclare = !tokens.some(({ image }) => /^(enum|translator)$/.test(image)) && !isClause(tokens);
  const isFirst = /^([{;(,]|typedef|inline|self|this|const|extern|static)$/.test(before);
  return mayDeclare && isFirst && is(type, 'Identifier') && is(name, 'Identifier') ? type!.image : undefined;
}

function noType(name: string): string {
  return `${name} is no known type: declare it first (typedef, struct); those of a kernel come with --symbols FILE`;
}

/** The word before the parentheses that end in front of a token. */
function beforeParentheses(tokens: readonly IToken[], index: number): string | undefined {
  let depth = 0;
  for (let at = index - 1; at > 0; at--) {
    if (is(tokens[at], 'CloseParen')) depth++;
    if (is(tokens[at], 'OpenParen') && --depth === 0) return tokens[at - 1]!.image;
    if (depth === 0) return undefined;
  }
  return undefined;
}

function is(token: IToken | undefined, name: TokenName): boolean {
  return token !== undefined && tokenMatcher(token, TOKENS[name]);
}

function isClause(tokens: readonly IToken[]): boolean {
  return is(tokens[0], 'ProbeSpecifier') || is(tokens[0], 'Integer');
}

function closed(tokens: readonly IToken[], before: number): boolean {
  return tokens.slice(0, before).some((token) => is(token, 'ClosePredicate'));
}
