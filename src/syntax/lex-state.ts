/**
 * Where the lexer stands in one program text. One object lives through one `parse`; the lexical handlers read and
 * change it, because D's tokens depend on what came before them (d-language.md section 1.1).
 */
import type { Diagnostics, ReportOptions } from '../diag/diagnostics.ts';
import type { Region, SourceText, Span } from '../diag/span.ts';
import type { Tag } from '../diag/tags.ts';
import type { Pragma } from './ast.ts';
import { isCommandLine, type ParseOptions } from './parse-options.ts';

/** An opening bracket that waits for its closer. `angle` is the `<` of a clause body. */
export interface OpenBracket {
  readonly kind: '(' | '[' | '{' | 'angle';
  readonly offset: number;
}

export interface LexState {
  readonly text: SourceText;
  readonly diags: Diagnostics;
  readonly options: ParseOptions;
  /** Typedefs of this text, and names that may no longer be types (section 1.12). */
  readonly typedefs: Set<string>;
  readonly identifiers: Set<string>;
  pragmas: Pragma[]; // met since the item began
  itemStart: number; // offset at which the item began to be read
  position: number; // offset after the last lexeme
  item: 'none' | 'clause' | 'declaration'; // what the item has turned out to be so far
  part: 'description' | 'predicate' | 'body'; // of a clause
  partStart: number; // of the region that is open
  brackets: OpenBracket[];
  previous: string; // the last lexeme if it is punctuation, else ''
  itemEnded: boolean; // the closing brace or semicolon has been read
  unusable: boolean; // the item's description was refused: what it would probe is not known, so it is left out
  failed: boolean; // a lexical error after which the text cannot be trusted: nothing more is read
}

export function lexState(text: SourceText, diags: Diagnostics, options: ParseOptions): LexState {
  return {
    text,
    diags,
    options,
    typedefs: new Set(),
    identifiers: new Set(),
    pragmas: [],
    itemStart: 0,
    position: 0,
    item: 'none',
    part: 'description',
    partStart: 0,
    brackets: [],
    previous: '',
    itemEnded: false,
    unusable: false,
    failed: false,
  };
}

/** Make ready to read the next item, from where the last one ended. */
export function beginItem(state: LexState): void {
  state.pragmas = [];
  state.itemStart = state.position;
  state.item = 'none';
  state.part = 'description';
  state.brackets = [];
  state.previous = '';
  state.itemEnded = false;
  state.unusable = false;
}

export function spanAt(state: LexState, start: number, end: number): Span {
  return { text: state.text, start, end };
}

export function report(
  state: LexState,
  tag: Tag,
  start: number,
  end: number,
  args: Readonly<Record<string, string>>,
  options: ReportOptions = {},
): void {
  state.diags.report(tag, spanAt(state, start, end), args, options);
}

/** Report an error that makes everything after it unreliable. */
export function fail(
  state: LexState,
  start: number,
  end: number,
  message: string,
  options: ReportOptions = {},
): void {
  report(state, 'D_SYNTAX', start, end, { message }, options);
  state.failed = true;
}

const REGION_NAMES = {
  description: 'in probe description',
  predicate: 'in predicate',
  body: 'in action list',
} as const satisfies Record<LexState['part'], Region['name']>;

/** The part of the clause that is being read ends at `end`. */
export function closeRegion(state: LexState, end: number): void {
  state.text.regions.push({ start: state.partStart, end, name: REGION_NAMES[state.part] });
}

/** A name is a type: a typedef of this text or a type from outside, and nothing has made it an identifier. */
export function isTypeName(state: LexState, name: string): boolean {
  if (state.identifiers.has(name)) return false;
  if (!state.typedefs.has(name) && !state.options.isTypeName(name)) return false;
  return !state.options.isIdentifier(name);
}

/** At top level a bare word is always a probe specifier, never the start of a declaration. */
export function prefersSpecifier(state: LexState): boolean {
  return isCommandLine(state.options.kind) || state.options.flag('pspec');
}
