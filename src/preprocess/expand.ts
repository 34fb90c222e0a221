/**
 * Macro expansion, as C has it: a macro's arguments are expanded before they are put in, what comes out is read again,
 * and a macro's name inside its own expansion stays as it is.
 *
 * Tokens come from a stack of lists: the text below, what macros left on top. A macro is `active` while its list is on
 * the stack, which ends every recursion; MAX_EXPANSION_CHARACTERS ends the growth that is left.
 */
import { MAX_EXPANSION_CHARACTERS, MAX_NESTING } from './limits.ts';
import type { Macro, MacroTable } from './macro-table.ts';
import { isBlank, madeToken, type Token, tokenizeText, tokensText, trimBlanks } from './tokens.ts';

export interface ExpandContext {
  readonly macros: MacroTable;
  readonly report: (at: Token, message: string, hint?: string) => void;
  /** The text of __LINE__ and its like. */
  readonly dynamicText: (name: NonNullable<Macro['dynamic']>, at: Token) => string;
  /** Characters that macros have made so far; the caller keeps it over a whole program. */
  produced: number;
  /** A limit was passed: nothing more is expanded. */
  stopped: boolean;
}

interface Frame {
  readonly tokens: readonly Token[];
  at: number;
  readonly macro: Macro | undefined; // whose expansion this is
}

export function expand(tokens: readonly Token[], context: ExpandContext, depth = 0): Token[] {
  const stack: Frame[] = [{ tokens, at: 0, macro: undefined }];
  const result: Token[] = [];
  for (let token = next(stack); token !== undefined; token = next(stack)) {
    const macro = token.kind === 'name' && !token.blocked ? context.macros.get(token.text) : undefined;
    if (macro === undefined || context.stopped) result.push(token);
    else if (macro.active > 0) result.push({ ...token, blocked: true });
    else if (!invoke(macro, token, stack, context, depth)) result.push(token);
  }
  return result;
}

function next(stack: Frame[]): Token | undefined {
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const token = frame.tokens[frame.at];
    if (token !== undefined) {
      frame.at++;
      return token;
    }
    if (frame.macro) frame.macro.active--;
    stack.pop();
  }
  return undefined;
}

function push(stack: Frame[], tokens: readonly Token[], macro?: Macro): void {
  if (macro) macro.active++;
  stack.push({ tokens, at: 0, macro });
}

/** Put the macro's expansion on the stack. False: the name stands for itself. */
function invoke(macro: Macro, name: Token, stack: Frame[], context: ExpandContext, depth: number): boolean {
  if (macro.dynamic !== undefined) {
    push(stack, tokenizeText(context.dynamicText(macro.dynamic, name), name));
    return true;
  }
  if (macro.parameters === undefined) {
    push(stack, substitute({ macro, args: [], expandedArgs: [], at: name, context, depth }), macro);
    return true;
  }
  const skipped = skipBlanks(stack);
  if (skipped.at(-1)?.text !== '(') {
    push(stack, skipped);
    return false;
  }
  const call = readArguments(stack);
  if (call === undefined) {
    context.report(name, `closing ) expected in arguments of macro ${macro.name}`);
    return false;
  }
  const args = fitArguments(macro, call.args);
  if (args === undefined) {
    context.report(name, countMessage(macro, call.args.length));
    return true;
  }
  // The lines that the arguments took up end after the expansion.
  const lines = [...skipped, ...call.args.flat(), call.close].reduce((sum, token) => sum + token.newlines, 0);
  if (lines > 0) push(stack, [{ ...madeToken('newline', '\n'.repeat(lines), name), newlines: lines }]);
  push(stack, substitute({ macro, args, expandedArgs: [], at: name, context, depth }), macro);
  return true;
}

function countMessage(macro: Macro, given: number): string {
  const { parameters = [], variadic } = macro;
  const wanted = variadic ? `at least ${parameters.length - 1}` : parameters.length;
  return `macro ${macro.name}( ) prototype mismatch: ${given} arg${given === 1 ? '' : 's'} passed, ${wanted} expected`;
}

/** The blanks that follow and the token after them. */
function skipBlanks(stack: Frame[]): Token[] {
  const skipped: Token[] = [];
  for (let token = next(stack); token !== undefined; token = next(stack)) {
    skipped.push(token);
    if (!isBlank(token)) break;
  }
  return skipped;
}

interface Call {
  readonly args: readonly (readonly Token[])[];
  readonly close: Token;
}

/** The arguments after an opening parenthesis; undefined when it is never closed. */
function readArguments(stack: Frame[]): Call | undefined {
  const args: Token[][] = [[]];
  let open = 0;
  for (let token = next(stack); token !== undefined; token = next(stack)) {
    if (token.text === ')' && open === 0) return { args, close: token };
    if (token.text === '(') open++;
    if (token.text === ')') open--;
    if (token.text === ',' && open === 0) args.push([]);
    else args.at(-1)!.push(token);
  }
  return undefined;
}

/** One argument per parameter, without blanks at its ends; undefined when there are too few or too many. */
function fitArguments(
  macro: Macro,
  given: readonly (readonly Token[])[],
): readonly (readonly Token[])[] | undefined {
  const count = macro.parameters?.length ?? 0;
  const trimmed = given.map((arg) => trimBlanks(arg));
  const none = trimmed.length === 1 && trimmed[0]?.length === 0;
  if (count === 0) return none ? [] : undefined;
  if (!macro.variadic) return trimmed.length === count ? trimmed : undefined;
  if (trimmed.length < count - 1) return undefined;
  const rest = trimmed.length < count ? [] : given.slice(count - 1);
  const comma = given.flat()[0] ?? macro.body[0];
  const joined = rest.flatMap((arg, i) =>
    i === 0 || comma === undefined ? arg : [madeToken('punctuation', ',', comma), ...arg],
  );
  return [...trimmed.slice(0, count - 1), trimBlanks(joined)];
}

function spend(characters: number, at: Token, context: ExpandContext): void {
  context.produced += characters;
  if (context.produced <= MAX_EXPANSION_CHARACTERS || context.stopped) return;
  context.stopped = true;
  context.report(at, `macros expand to more than ${MAX_EXPANSION_CHARACTERS} characters`);
}

/** One use of a macro. */
interface Site {
  readonly macro: Macro;
  readonly args: readonly (readonly Token[])[];
  readonly expandedArgs: (readonly Token[] | undefined)[];
  readonly at: Token;
  readonly context: ExpandContext;
  readonly depth: number;
}

/** A body token or `#parameter`, and the tokens it stands for without expansion. */
interface Operand {
  readonly raw: readonly Token[];
  readonly parameter: number; // -1: not a parameter
  readonly last: number; // index of its last body token
}

/** The macro's body with its arguments in place. */
function substitute(site: Site): Token[] {
  const { context, at } = site;
  const { body } = site.macro;
  if (site.depth > MAX_NESTING && !context.stopped) {
    context.stopped = true;
    context.report(at, `macros are nested more than ${MAX_NESTING} deep`);
  }
  const result: Token[] = [];
  spend(1, at, context);
  for (let i = 0; i < body.length && !context.stopped; ) {
    const piece = readPiece(site, i);
    const attached = body[i]?.kind !== 'name' && piece.next === i + 1 && stays(body[i - 1]);
    i = piece.next;
    spend(
      piece.tokens.reduce((sum, token) => sum + token.text.length + 1, 0),
      at,
      context,
    );
    for (const token of piece.tokens) {
      // Lines that end inside arguments end after the expansion instead.
      const clean = isBlank(token) ? madeToken('blank', ' ', at) : token;
      result.push({ ...clean, line: at.line, expanded: true, attached });
    }
  }
  return context.stopped ? [] : result;
}

/** Whether a token of the body is sure to come out as it is: names may be macros, and `)` the end of one's arguments. */
function stays(token: Token | undefined): boolean {
  return token !== undefined && token.kind !== 'name' && token.text !== ')';
}

interface Piece {
  readonly tokens: readonly Token[];
  readonly next: number; // index of the body token after it
}

/** One operand, or several joined with ##. */
function readPiece(site: Site, index: number): Piece {
  const { body } = site.macro;
  let operand = operandAt(site, index);
  let joint = afterBlanks(body, operand.last + 1);
  if (body[joint]?.text !== '##') {
    const tokens = operand.parameter === -1 ? operand.raw : argument(site, operand.parameter);
    return { tokens, next: operand.last + 1 };
  }
  let tokens = operand.raw;
  while (body[joint]?.text === '##' && !site.context.stopped) {
    operand = operandAt(site, afterBlanks(body, joint + 1));
    tokens = join(site, tokens, operand);
    joint = afterBlanks(body, operand.last + 1);
  }
  return { tokens, next: operand.last + 1 };
}

function operandAt({ macro, args, at }: Site, index: number): Operand {
  const { body, parameters } = macro;
  const parameterAt = (i: number): number =>
    body[i]?.kind === 'name' ? (parameters?.indexOf(body[i].text) ?? -1) : -1;
  if (body[index]?.text === '#' && parameters !== undefined) {
    const last = afterBlanks(body, index + 1);
    return { raw: [stringOf(args[parameterAt(last)] ?? [], at)], parameter: -1, last };
  }
  const parameter = parameterAt(index);
  const token = body[index];
  // Messages about what comes out of a body speak of the place where the macro was used.
  const raw = parameter !== -1 ? (args[parameter] ?? []) : token ? [{ ...token, span: at.span }] : [];
  return { raw, parameter, last: index };
}

function argument(site: Site, parameter: number): readonly Token[] {
  site.expandedArgs[parameter] ??= expand(site.args[parameter] ?? [], site.context, site.depth + 1);
  return site.expandedArgs[parameter];
}

/**
 * The last token on the left and the first on the right become one; beside an empty argument nothing does.
 * DIFFERS: what joins to no single token of C stays several; D's lexer, which has others, is the judge.
 */
function join(site: Site, left: readonly Token[], right: Operand): readonly Token[] {
  const { macro, at, context } = site;
  const isRest = macro.variadic && right.parameter === (macro.parameters?.length ?? 0) - 1;
  if (isRest && left.at(-1)?.text === ',') {
    return right.raw.length === 0 ? left.slice(0, -1) : left.concat(argument(site, right.parameter));
  }
  const first = right.raw[0];
  const last = left.at(-1);
  if (first === undefined || last === undefined) return left.concat(right.raw);
  const text = last.text + first.text;
  spend(text.length, at, context);
  return left.slice(0, -1).concat(tokenizeText(text, at), right.raw.slice(1));
}

function afterBlanks(body: readonly Token[], index: number): number {
  let at = index;
  while (body[at]?.kind === 'blank') at++;
  return at;
}

/** `#parameter`: the argument's text as a string. */
function stringOf(tokens: readonly Token[], at: Token): Token {
  const quoted = tokens.map((token) =>
    token.kind === 'string' || token.kind === 'character'
      ? { ...token, text: token.text.replace(/["\\]/g, '\\$&') }
      : token,
  );
  return madeToken('string', `"${tokensText(quoted)}"`, at);
}
