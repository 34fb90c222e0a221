/**
 * The lexer: text → the tokens of one external declaration (an item) at a time.
 *
 * In: a program text and the state of its reading. Out: the tokens that the parser's rules name, with macros replaced;
 * control lines have acted. grammar/modes.ts says which lexical classes are tried in which mode, and HANDLERS below has
 * one function per class that recognises a lexeme and says which tokens it makes. The loop over them is our own:
 * chevrotain's lexer takes milliseconds to build at every start, for optimisations that our classes cannot use.
 *
 * Items are read one by one because a typedef or a pragma changes how the text after it is read. An item ends with the
 * brace, angle or semicolon that brings the bracket count back to zero. The next item is read by skipping what lies before it (class Before).
 *
 * What is an identifier and what the name of a type is left to the parser, which knows the place (section 1.12).
 */
import type { IToken } from 'chevrotain';
import { LEXICAL_CLASSES, type LexicalClass, MODES, type Mode } from '../../grammar/modes.ts';
import { KEYWORDS, OPERATORS, TOKENS, type TokenName } from '../../grammar/tokens.ts';
import { controlLine, controlTokens } from './control-lines.ts';
import {
  beginItem,
  closeRegion,
  fail,
  isTypeName,
  type LexState,
  type OpenBracket,
  prefersSpecifier,
  report,
} from './lex-state.ts';
import { MAX_OPEN_BRACKETS } from './limits.ts';
import { characterValue, integerLiteral, type LiteralError, stringBytes } from './literals.ts';
import { expandSpecifier, macroValue } from './macros.ts';

/** A token to be made from a lexeme. `value` is the meaning of a literal; undefined after an error. */
interface Product {
  readonly type: TokenName;
  readonly image: string;
  readonly value?: unknown;
}

/** A recognised lexeme. `mark` is what LexState.previous becomes: the punctuation, else ''. */
interface Lexeme {
  readonly length: number;
  readonly products: readonly Product[];
  readonly mark: string;
}

type Handler = (state: LexState, text: string, offset: number) => Lexeme | undefined;

/** The tokens of the next item; none at the end of the text or after an error that made the rest unreadable. */
export function nextItem(state: LexState): IToken[] {
  beginItem(state);
  const { text } = state.text;
  const tokens: IToken[] = [];
  let mode: Mode = 'clause';
  for (let offset = 0; offset < text.length && !state.itemEnded && !state.failed; ) {
    const found = recognise(state, mode, text, offset);
    if (found === undefined) break;
    const { length, products } = found.lexeme;
    for (const product of products) tokens.push(parserToken(product, offset, length));
    if ('to' in LEXICAL_CLASSES[found.name]) mode = 'expression';
    offset += length;
  }
  if (!state.itemEnded && state.item === 'clause') closeRegion(state, text.length);
  return state.failed ? [] : tokens;
}

/** The first class of the mode that matches here. */
function recognise(
  state: LexState,
  mode: Mode,
  text: string,
  offset: number,
): { readonly name: LexicalClass; readonly lexeme: Lexeme } | undefined {
  for (const name of MODES[mode]) {
    const lexeme = HANDLERS[name](state, text, offset);
    if (state.failed) return undefined;
    if (lexeme === undefined) continue;
    state.position = offset + lexeme.length;
    if (lexeme.products.length > 0) state.previous = lexeme.mark;
    return { name, lexeme };
  }
  return undefined;
}

/** The tokens that a lexeme makes all lie where the lexeme lies. */
function parserToken({ type, image, value }: Product, offset: number, length: number): IToken {
  const tokenType = TOKENS[type];
  return {
    image,
    startOffset: offset,
    endOffset: offset + length - 1,
    tokenType,
    tokenTypeIdx: tokenType.tokenTypeIdx!,
    payload: value,
  };
}

/** One handler per lexical class. */
const HANDLERS: Record<LexicalClass, Handler> = {
  Before: (state, _text, offset) => (offset < state.itemStart ? skip(state.itemStart - offset) : undefined),
  Blank: blank,
  DeclarationWord: declarationWord,
  Specifier: specifier,
  ClauseOpener: clauseOpener,
  ClausePunctuator: clausePunctuator,
  Number: number,
  Word: word,
  Macro: macro,
  AggregationName: aggregationName,
  StringLiteral: stringLiteral,
  CharacterLiteral: characterLiteral,
  Punctuator: punctuator,
  Stray: stray,
};

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text) ?? undefined;
}

function skip(length: number): Lexeme {
  return { length, products: [], mark: '' };
}

function single(type: TokenName, image: string, value?: unknown, mark = ''): Lexeme {
  return { length: image.length, products: [{ type, image, value }], mark };
}

// ---- Blanks, comments and lines that begin with #

function blank(state: LexState, text: string, offset: number): Lexeme | undefined {
  let at = offset;
  for (;;) {
    const next = blankStep(state, text, at);
    if (next === undefined) return undefined;
    if (next === at) return at === offset ? undefined : skip(at - offset);
    at = next;
  }
}

/** The offset after one blank lexeme; `at` itself when there is none, undefined after an error. */
function blankStep(state: LexState, text: string, at: number): number | undefined {
  const white = matchAt(/[ \t\n\r\v\f]+|\\\r?\n/y, text, at);
  if (white) return at + white[0].length;
  if (text.startsWith('/*', at)) return comment(state, text, at);
  if (text[at] === '#' && startsLine(text, at)) return hashLine(state, text, at);
  return at;
}

function comment(state: LexState, text: string, at: number): number | undefined {
  const end = text.indexOf('*/', at + 2);
  const nested = text.indexOf('/*', at + 2);
  if (nested !== -1 && nested < end) {
    fail(state, nested, nested + 2, '/* encountered inside a comment', {
      hint: 'comments do not nest',
      notes: [{ message: 'the comment begins here', span: { text: state.text, start: at, end: at + 2 } }],
    });
    return undefined;
  }
  if (end === -1) {
    fail(state, at, at + 2, 'end-of-file encountered before matching */');
    return undefined;
  }
  return end + 2;
}

function startsLine(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (text[before] === ' ' || text[before] === '\t')) before--;
  return before < 0 || text[before] === '\n';
}

/** `#!` lines are for the system's program loader; every other line that begins with # is a control line. */
function hashLine(state: LexState, text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  const end = newline === -1 ? text.length : newline;
  const next = newline === -1 ? end : end + 1;
  if (text[at + 1] !== '!') {
    const line = text.slice(at, end);
    controlLine(state, {
      start: at,
      end: at + line.trimEnd().length,
      next,
      tokens: controlTokens(line.slice(1)),
    });
  }
  return next;
}

// ---- Between clauses

const SPECIFIER = /[-$:a-zA-Z_.?*\\[\]!][-$:0-9a-zA-Z_.`?*\\[\]!]*/y;
/** Texts with one of these are never types, nor are the names of dtrace's own probes. */
const SURELY_SPECIFIER = /[:\-.?!`]|^(?:BEGIN|END|ERROR)$/;

/** `int`, `self`, `inline` … and, unless specifiers are preferred, the name of a type with perhaps a `*` after it. */
function declarationWord(state: LexState, text: string, offset: number): Lexeme | undefined {
  if (state.item !== 'none') return undefined;
  const run = matchAt(SPECIFIER, text, offset)?.[0];
  if (run === undefined) return undefined;
  const found = startsDeclaration(run) ?? typePrefix(state, run);
  if (found) state.item = 'declaration';
  return found;
}

function startsDeclaration(run: string): Lexeme | undefined {
  const row = keyword(run);
  return row?.clause ? single(row.token, run) : undefined;
}

function typePrefix(state: LexState, run: string): Lexeme | undefined {
  if (SURELY_SPECIFIER.test(run) || prefersSpecifier(state)) return undefined;
  const star = run.indexOf('*');
  const prefix = star === -1 ? run : run.slice(0, star);
  return startsDeclaration(prefix) ?? (isTypeName(state, prefix) ? single('Identifier', prefix) : undefined);
}

function specifier(state: LexState, text: string, offset: number): Lexeme | undefined {
  const run = matchAt(SPECIFIER, text, offset)?.[0];
  if (run === undefined) return undefined;
  beginClause(state, offset);
  const expanded = expandSpecifier(run, state.options.macros, () => state.options.flag('defaultargs'));
  if (expanded === undefined) {
    const message = `invalid probe description "${run}": Undefined macro variable in probe description`;
    report(state, 'D_PDESC_INVAL', offset, offset + run.length, { message });
    state.unusable = true;
  }
  return single('ProbeSpecifier', run, expanded ?? run);
}

function beginClause(state: LexState, offset: number): void {
  if (state.item !== 'none') return;
  state.item = 'clause';
  state.partStart = offset;
}

/** What ends the probe specifiers. The lexer goes on in mode `expression`. */
function clauseOpener(state: LexState, text: string, offset: number): Lexeme | undefined {
  const character = text[offset];
  if (character === '{') return openBody(state, '{', offset);
  if (character === '<') return openBody(state, 'angle', offset);
  if (character !== '/') return undefined;
  beginPart(state, 'predicate', offset);
  return single('OpenPredicate', '/');
}

function openBody(state: LexState, kind: '{' | 'angle', offset: number): Lexeme {
  beginPart(state, 'body', offset);
  state.brackets = [{ kind, offset }];
  return kind === '{' ? single('OpenBrace', '{', undefined, '{') : single('OpenAngle', '<', undefined, ';');
}

function beginPart(state: LexState, part: 'predicate' | 'body', offset: number): void {
  beginClause(state, offset);
  if (offset > state.partStart) closeRegion(state, offset);
  state.part = part;
  state.partStart = offset;
}

function clausePunctuator(state: LexState, text: string, offset: number): Lexeme | undefined {
  if (text[offset] === ',') return single('Comma', ',', undefined, ',');
  if (text[offset] !== ';') return undefined;
  if (state.item === 'clause') closeRegion(state, offset);
  state.itemEnded = true;
  return single('Semicolon', ';', undefined, ';');
}

// ---- Words and literals

const WORD = /(?:[A-Za-z_][0-9A-Za-z_.]*`|[0-9][0-9A-Za-z_]*`|[A-Za-z_`])[0-9A-Za-z_`]*/y;

function keyword(text: string): { readonly token: TokenName; readonly clause: boolean } | undefined {
  return Object.hasOwn(KEYWORDS, text) ? KEYWORDS[text as keyof typeof KEYWORDS] : undefined;
}

function word(_state: LexState, text: string, offset: number): Lexeme | undefined {
  const image = matchAt(WORD, text, offset)?.[0];
  return image === undefined ? undefined : single(keyword(image)?.token ?? 'Identifier', image);
}

const FLOAT = /(?:[0-9]+\.(?!\.)[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFlL]?|[0-9]+[eE][+-]?[0-9]+[fFlL]?/y;

function number(state: LexState, text: string, offset: number): Lexeme | undefined {
  const float = state.item === 'none' ? undefined : matchAt(FLOAT, text, offset)?.[0];
  if (float !== undefined) {
    report(state, 'D_SYNTAX', offset, offset + float.length, {
      message: 'floating-point constants are not permitted',
    });
    return single('Integer', float);
  }
  const image = matchAt(/[0-9][0-9A-Za-z_]*/y, text, offset)?.[0];
  if (image === undefined) return undefined;
  const value = literal(state, offset, image, integerLiteral(image));
  if (state.item !== 'declaration' && state.part === 'description') state.unusable ||= value === undefined;
  beginClause(state, offset);
  return single('Integer', image, value);
}

/** The value of a literal, or undefined after reporting what is wrong with it. */
function literal<T>(state: LexState, offset: number, image: string, result: T | LiteralError): T | undefined {
  if (typeof result !== 'object' || result === null || !('tag' in result)) return result as T;
  report(state, result.tag, offset, offset + image.length, result.args);
  return undefined;
}

function stringLiteral(state: LexState, text: string, offset: number): Lexeme | undefined {
  if (text[offset] !== '"') return undefined;
  const end = closingQuote(text, offset);
  if (end === undefined) return unterminated(state, text, offset, 'D_STR_NL');
  return single('String', text.slice(offset, end + 1), stringBytes(text.slice(offset + 1, end)));
}

function characterLiteral(state: LexState, text: string, offset: number): Lexeme | undefined {
  if (text[offset] !== "'") return undefined;
  const end = closingQuote(text, offset);
  if (end === undefined) return unterminated(state, text, offset, 'D_CHR_NL');
  const image = text.slice(offset, end + 1);
  return single('Character', image, literal(state, offset, image, characterValue(image.slice(1, -1))));
}

/** Where the literal that begins at `offset` ends, on the same line; a backslash protects what follows it. */
function closingQuote(text: string, offset: number): number | undefined {
  for (let at = offset + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === text[offset]) return at;
    if (text[at] === '\\' && text[at + 1] !== '\n') at++;
  }
  return undefined;
}

function unterminated(
  state: LexState,
  text: string,
  offset: number,
  tag: 'D_STR_NL' | 'D_CHR_NL',
): undefined {
  const newline = text.indexOf('\n', offset);
  if (newline === -1) {
    return void fail(state, offset, text.length, `end-of-file encountered before matching ${text[offset]}`);
  }
  report(state, tag, offset, newline, {});
  state.failed = true;
}

function aggregationName(_state: LexState, text: string, offset: number): Lexeme | undefined {
  const image = matchAt(/@(?:[A-Za-z_][0-9A-Za-z_]*)?/y, text, offset)?.[0];
  return image === undefined ? undefined : single('Aggregation', image, image.slice(1) || '_');
}

// ---- Macro arguments and variables

function macro(state: LexState, text: string, offset: number): Lexeme | undefined {
  const image = matchAt(/\$\$?(?:[0-9]+|[A-Za-z_][0-9A-Za-z_]*)/y, text, offset)?.[0];
  if (image === undefined) return undefined;
  const { macros, flag } = state.options;
  const value = macroValue(image, macros, () => flag('defaultargs'));
  switch (value.kind) {
    case 'undefined':
      report(
        state,
        'D_MACRO_UNDEF',
        offset,
        offset + image.length,
        { message: value.message },
        { hint: value.hint },
      );
      return single('Integer', image);
    case 'integer':
      return single('Integer', image, integerLiteral(String(value.value)));
    case 'string':
      return single('String', image, stringBytes(value.text));
    case 'text':
      return { length: image.length, products: relex(state, offset, image, value.text), mark: '' };
  }
}

/** A macro argument's text read as tokens: a number with perhaps a sign, a name, or else a string. */
function relex(state: LexState, offset: number, image: string, text: string): Product[] {
  const integer = /^([+-]?)((?:0[xX][0-9A-Fa-f]+|[0-9]+)[uU]?[lL]?[lL]?)$/.exec(text);
  if (integer) {
    const [, sign = '', digits = ''] = integer;
    const value = argumentInteger(state, offset, image, digits);
    const operand: Product = { type: 'Integer', image: digits, value };
    return sign === '' ? [operand] : [{ type: 'Sign', image: sign }, operand];
  }
  if (/^[A-Za-z_`][0-9A-Za-z_`]*$/.test(text)) return [{ type: 'Identifier', image: text }];
  const unquoted = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  return [{ type: 'String', image, value: stringBytes(unquoted) }];
}

function argumentInteger(state: LexState, offset: number, image: string, digits: string): unknown {
  const result = integerLiteral(digits);
  if (!('tag' in result) || result.tag !== 'D_INT_OFLOW') return literal(state, offset, image, result);
  report(state, 'D_MACRO_OFLOW', offset, offset + image.length, { macro: image, constant: digits });
  return undefined;
}

// ---- Punctuation, and the ends of predicates, bodies and items

const LONGEST_OPERATOR = 3;

function punctuator(state: LexState, text: string, offset: number): Lexeme | undefined {
  const special = clausePunctuation(state, text, offset);
  if (special || state.failed) return special;
  const image = longestOperator(text, offset);
  if (image === undefined) return undefined;
  if (image === ';' && endsDeclaration(state)) state.itemEnded = true;
  if (!bracket(state, image, offset)) return undefined;
  return single(OPERATORS[image].token, image, undefined, image);
}

function longestOperator(text: string, offset: number): keyof typeof OPERATORS | undefined {
  for (let length = LONGEST_OPERATOR; length > 0; length--) {
    const image = text.slice(offset, offset + length);
    if (Object.hasOwn(OPERATORS, image)) return image as keyof typeof OPERATORS;
  }
  return undefined;
}

/** The punctuation that only a clause's structure can tell from operators. */
function clausePunctuation(state: LexState, text: string, offset: number): Lexeme | undefined {
  if (state.item !== 'clause') return undefined;
  const character = text[offset];
  const inPredicate = state.part === 'predicate';
  if (inPredicate && state.previous === 'EPRED') {
    if (character === '{') return openBody(state, '{', offset);
    if (character === '<') return openBody(state, 'angle', offset);
  }
  if (inPredicate && character === '/' && text[offset + 1] !== '=' && endsPredicate(text, offset + 1)) {
    return closePredicate(state);
  }
  const innermost = state.brackets.at(-1)?.kind;
  if (character === '>' && innermost === 'angle' && (state.previous === ';' || state.previous === '}')) {
    return closeBody(state, 'CloseAngle', '>', offset);
  }
  return undefined;
}

/** The first offset that is neither white space nor in a comment; looks ahead, so nothing is reported. */
function afterBlanks(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    at += matchAt(/[ \t\n\r\v\f]*/y, text, at)?.[0].length ?? 0;
    const end = text.startsWith('/*', at) ? text.indexOf('*/', at + 2) : -1;
    if (end === -1) return at;
    at = end + 2;
  }
}

/** A slash ends the predicate if a body, another slash, a semicolon or nothing follows; else it divides. */
function endsPredicate(text: string, offset: number): boolean {
  const next = text[afterBlanks(text, offset)];
  return next === undefined || '{</;'.includes(next);
}

function closePredicate(state: LexState): Lexeme | undefined {
  const open = state.brackets.at(-1);
  if (open) {
    const closer = open.kind === '(' ? ')' : open.kind === '[' ? ']' : '}';
    return void fail(state, open.offset, open.offset + 1, `closing ${closer} expected in predicate before /`);
  }
  return single('ClosePredicate', '/', undefined, 'EPRED');
}

function closeBody(state: LexState, type: TokenName, image: string, offset: number): Lexeme {
  state.brackets = [];
  closeRegion(state, offset + 1);
  state.itemEnded = true;
  return single(type, image, undefined, image);
}

/** A semicolon outside braces ends a declaration, even if a parenthesis is still open: the parser will say so. */
function endsDeclaration(state: LexState): boolean {
  return state.item === 'declaration' && !state.brackets.some((open) => open.kind === '{');
}

/** Keep count of brackets. False after an error. */
function bracket(state: LexState, image: string, offset: number): boolean {
  switch (image) {
    case '(':
    case '[':
    case '{':
      return openBracket(state, image, offset);
    case ')':
      return closeBracket(state, '(', image, offset);
    case ']':
      return closeBracket(state, '[', image, offset);
    case '}':
      return closeBracket(state, '{', image, offset);
    default:
      return true;
  }
}

function openBracket(state: LexState, kind: OpenBracket['kind'], offset: number): boolean {
  state.brackets.push({ kind, offset });
  if (state.brackets.length <= MAX_OPEN_BRACKETS) return true;
  fail(state, offset, offset + 1, `brackets are nested more than ${MAX_OPEN_BRACKETS} deep`);
  return false;
}

/** Close the innermost bracket of that kind; ones left open inside it are forgotten, the parser reports them. */
function closeBracket(state: LexState, kind: '(' | '[' | '{', image: string, offset: number): boolean {
  const at = state.brackets.findLastIndex((open) => open.kind === kind);
  const brace = state.brackets.findLastIndex((open) => open.kind === '{' || open.kind === 'angle');
  if (at === -1 || (kind !== '{' && at < brace)) {
    extra(state, image, offset);
    return false;
  }
  state.brackets.length = at;
  if (at === 0 && state.item === 'clause' && state.part === 'body')
    closeBody(state, 'CloseBrace', image, offset);
  return true;
}

function extra(state: LexState, image: string, offset: number): void {
  const angle = image === '}' && state.brackets[0]?.kind === 'angle';
  const options = angle ? { hint: 'this body was opened with <, so > closes it' } : {};
  fail(state, offset, offset + 1, `extra ${image} in input stream`, options);
}

// ---- What no class recognises

const STRAY_HINTS: Readonly<Record<string, string>> = {
  '#': 'a control line has nothing but blanks before its #',
  '"': 'a string can only stand inside a clause',
  '=': 'statements stand inside the { } of a clause',
  '(': 'statements stand inside the { } of a clause',
  '“': 'strings are written with plain "',
  '”': 'strings are written with plain "',
  '‘': "characters are written with plain '",
  '’': "characters are written with plain '",
};

function stray(state: LexState, text: string, offset: number): undefined {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  if (character === ')' || character === '}') return void extra(state, character, offset);
  const hint = STRAY_HINTS[character];
  fail(
    state,
    offset,
    offset + character.length,
    `syntax error near "${character}"`,
    hint === undefined ? {} : { hint },
  );
}
