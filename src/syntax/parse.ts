/**
 * Front page of the room: text → AST (parse) and AST → text (print.ts).
 *
 * A program is read item by item: the lexer (lexer.ts) takes the tokens of one external declaration, the parser
 * (parser.ts) makes its tree, and what it declares is known before the next item is looked at, since in D the same
 * characters read differently once a typedef or an option pragma has been seen. An item with a syntax error is
 * reported, left out, and reading goes on with the next; after a lexical error nothing more can be trusted.
 *
 * `parse` always returns a tree, never throws for any text, and reports each mistake once.
 */
import type { Diagnostics } from '../diag/diagnostics.ts';
import type { SourceText } from '../diag/span.ts';
import type { Item, Program } from './ast.ts';
import { isTypeName, type LexState, lexState, report } from './lex-state.ts';
import { nextItem } from './lexer.ts';
import { MAX_TREE_DEPTH } from './limits.ts';
import { isCommandLine, type ParseOptions } from './parse-options.ts';
import { createItemParser, declaredName, type ItemParser, type ParserContext, tooDeep } from './parser.ts';
import { reportSyntaxError } from './syntax-errors.ts';
import { findTooDeep } from './tree-depth.ts';

export { checkUnusedArguments, type MacroArguments } from './macros.ts';
export type { DependencyKind, ParseOptions, ProgramKind } from './parse-options.ts';

/**
 * Parsers that no parse is using. They carry nothing from one parse to the next; they are kept because building one
 * takes longer than most programs take to parse. More than one exists only when a callback of `ParseOptions` itself
 * parses something.
 */
const idle: ItemParser[] = [];

export function parse(text: SourceText, diags: Diagnostics, options: ParseOptions): Program {
  const parser = idle.pop() ?? createItemParser();
  try {
    const state = lexState(text, diags, options);
    const reportedBefore = diags.list.length;
    const items = readItems(parser, state);
    if (diags.list.length === reportedBefore) checkEmpty(state, items);
    return { kind: 'program', span: { text, start: 0, end: text.text.length }, items };
  } finally {
    idle.push(parser);
  }
}

function readItems(parser: ItemParser, state: LexState): Item[] {
  const items: Item[] = [];
  const context = parserContext(state);
  for (;;) {
    const tokens = nextItem(state);
    items.push(...state.pragmas);
    if (tokens.length === 0) return items;
    if (state.unusable) continue;
    const item = parser.parseItem(tokens, context);
    if (!('kind' in item)) {
      reportSyntaxError(state, tokens, item);
      continue;
    }
    const tooDeepAt = findTooDeep(item);
    if (tooDeepAt) {
      report(state, 'D_SYNTAX', tooDeepAt.start, tooDeepAt.end, { message: tooDeep(MAX_TREE_DEPTH) });
      continue;
    }
    declareNames(state, item);
    items.push(item);
  }
}

function parserContext(state: LexState): ParserContext {
  return {
    text: state.text,
    bodyOptional: isCommandLine(state.options.kind),
    isTypeName: (name) => isTypeName(state, name),
    makeIdentifier: (name) => void state.identifiers.add(name),
  };
}

/** What the item declares decides how later names read. */
function declareNames(state: LexState, item: Item): void {
  if (item.kind !== 'declaration' && item.kind !== 'inline') return;
  const { storage } = item.specifiers;
  if (storage.includes('self') || storage.includes('this')) return;
  const names = storage.includes('typedef') ? state.typedefs : state.identifiers;
  for (const declarator of item.kind === 'inline' ? [item.declarator] : item.declarators) {
    const name = declaredName(declarator);
    if (name !== undefined) names.add(name);
  }
}

/** On the command line an empty description is one: it names every probe with a function. */
function checkEmpty(state: LexState, items: Item[]): void {
  const { text, options, diags } = state;
  if (items.some((item) => item.kind !== 'pragma')) return;
  if (isCommandLine(options.kind)) {
    const span = { text, start: 0, end: text.text.length };
    const probe = { span, text: '', id: undefined };
    items.push({ kind: 'clause', span, probes: [probe], predicate: undefined, body: undefined });
  } else if (options.kind === 'script' && !options.flag('empty')) {
    diags.report('D_EMPTY', undefined);
  }
}
