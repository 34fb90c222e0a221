/**
 * Front page of the room: a script as C's preprocessor would leave it (d-language.md section 1.11).
 *
 *   text ─ tokens.ts ─▶ lines ─┬─ directives ─▶ macros, conditions (condition.ts), other files
 *                              └─ the rest ─ expand.ts ─▶ output.ts ─▶ text with `# N "file" state` lines
 *
 * In: one text and a way to read others. Out: one text, in which every line still knows its file and number. D's own
 * `#pragma` lines pass. Each mistake is reported once, at its own file and line, and reading goes on after it. It never
 * throws and always ends: limits.ts bounds what could grow.
 */
import type { Diagnostics } from '../diag/diagnostics.ts';
import { type SourceText, type Span, sourceText } from '../diag/span.ts';
import { conditionHolds } from './condition.ts';
import { type ExpandContext, expand } from './expand.ts';
import { OWN_HEADERS, STAND_IN_HEADERS } from './headers.ts';
import { MAX_INCLUDE_DEPTH, MAX_INCLUDED_CHARACTERS, MAX_INCLUDES } from './limits.ts';
import {
  type DynamicMacro,
  definitionTokens,
  type MacroTable,
  parseDefinition,
  predefinedMacros,
  refuseName,
} from './macro-table.ts';
import { Output } from './output.ts';
import { isBlank, type Line, type Token, tokenizeLines, tokensText, trimBlanks } from './tokens.ts';

export interface PreprocessOptions {
  readonly defines: readonly string[]; // NAME, NAME=VALUE, NAME(args)=VALUE
  readonly undefines: readonly string[]; // taken away after all defines
  readonly includeDirectories: readonly string[];
  readonly dialect: string; // -X: a, c, s or t
  readonly wallMs: number; // since 1970, for __DATE__ and __TIME__
  /** The text of a file; undefined when it cannot be read. */
  readonly readFile: (path: string) => string | undefined;
  /** Called with the path of each file that is included. */
  readonly included?: (path: string) => void;
}

/** Where the headers of the system are, after the directories that were given. */
const SYSTEM_DIRECTORIES = ['/usr/include', '/usr/include/x86_64-linux-gnu'];

export function preprocess(script: SourceText, diags: Diagnostics, options: PreprocessOptions): string {
  const state = newState(script, diags, options);
  for (const setting of options.defines)
    define(state, definitionTokens(setting), undefined, `-D ${setting} is not NAME=VALUE`);
  for (const name of options.undefines) state.expand.macros.delete(name);
  const text = script.text.startsWith('#!') ? script.text.replace(/^.*/, '') : script.text;
  const moved = script.text.length - text.length;
  processFile(state, openFile(state, script.name, text, moved));
  return state.output.text();
}

interface State {
  readonly script: SourceText;
  readonly diags: Diagnostics;
  readonly options: PreprocessOptions;
  readonly output: Output;
  readonly expand: ExpandContext;
  readonly files: File[]; // that are open, the innermost last
  readonly once: Set<string>; // files that said #pragma once
  counter: number; // next value of __COUNTER__
  includes: number;
  includedCharacters: number;
}

/** A file being read. `#line` changes what its lines are called. */
interface File {
  readonly path: string;
  readonly source: SourceText;
  readonly lines: readonly Line[];
  readonly conditions: Condition[];
  name: string;
  lineShift: number; // added to a token's line
  pending: Token[]; // text since the last directive
}

/** One #if that is open. */
interface Condition {
  readonly opener: Token;
  readonly outside: boolean; // whether the text around it counts
  taken: boolean; // one of its branches has counted
  active: boolean; // this branch counts
  sawElse: boolean;
}

function newState(script: SourceText, diags: Diagnostics, options: PreprocessOptions): State {
  const macros: MacroTable = predefinedMacros(options.dialect);
  const state: State = {
    script,
    diags,
    options,
    output: new Output(),
    expand: {
      macros,
      report: (at, message, hint) => report(state, at.span, message, hint),
      dynamicText: (name, at) => dynamicText(state, name, at),
      produced: 0,
      stopped: false,
    },
    files: [],
    once: new Set(),
    counter: 0,
    includes: 0,
    includedCharacters: 0,
  };
  return state;
}

function report(state: State, span: Span | undefined, message: string, hint?: string): void {
  state.diags.report('D_CPP', span, { message }, hint === undefined ? {} : { hint });
}

function openFile(state: State, path: string, text: string, moved = 0): File {
  // Messages show the file itself, under the name of the script that it is part of.
  const source = sourceText(state.script.kind, state.script.name, ' '.repeat(moved) + text);
  source.lineDirectives.push({ start: 0, line: 1, file: path });
  const unterminated = (span: Span): void =>
    state.diags.report('D_SYNTAX', span, { message: 'end-of-file encountered before matching */' });
  const lines = tokenizeLines(source, unterminated);
  return { path, source, lines, conditions: [], name: path, lineShift: 0, pending: [] };
}

function processFile(state: State, file: File): void {
  state.files.push(file);
  state.output.marker(1, file.name, state.files.length > 1 ? 1 : '');
  for (const line of file.lines) {
    if (state.expand.stopped) break;
    processLine(state, file, line);
  }
  flush(state, file);
  const open = file.conditions.at(-1);
  if (open) report(state, open.opener.span, `unterminated #${open.opener.text}`, 'close it with #endif');
  state.files.pop();
}

function isActive(file: File): boolean {
  return file.conditions.at(-1)?.active ?? true;
}

function processLine(state: State, file: File, line: Line): void {
  const first = line.tokens.findIndex((token) => !isBlank(token));
  if (line.tokens[first]?.text === '#') {
    const words = trimBlanks(line.tokens.slice(first + 1));
    flush(state, file);
    directive(state, file, line, line.tokens[first], words);
    return;
  }
  if (isActive(file)) {
    for (const token of line.tokens) file.pending.push(token);
    file.pending.push({ ...line.end, text: '\n'.repeat(line.end.newlines) });
  } else {
    state.output.newlines(lineCount(line));
  }
}

function lineCount(line: Line): number {
  return line.tokens.reduce((sum, token) => sum + token.newlines, line.end.newlines);
}

function flush(state: State, file: File): void {
  if (file.pending.length === 0) return;
  state.output.tokens(expand(file.pending, state.expand));
  file.pending = [];
}

interface DirectiveCall {
  readonly state: State;
  readonly file: File;
  readonly line: Line;
  readonly name: Token; // the directive's, its span beginning with the #
  readonly words: readonly Token[]; // what follows the directive's name
}

/** What a directive does. 'printed': it wrote its own lines, so the output needs no blank ones for it. */
type Directive = (call: DirectiveCall) => 'printed' | undefined;

/** Directives that are looked at even where the text does not count. */
const CONDITIONALS: Readonly<Record<string, Directive>> = {
  if: (call) => open(call, () => conditionHolds(call.words, call.name, call.state.expand)),
  ifdef: (call) => open(call, () => isDefined(call)),
  ifndef: (call) => open(call, () => !isDefined(call)),
  elif: (call) => otherwise(call, () => conditionHolds(call.words, call.name, call.state.expand)),
  else: (call) => otherwise(call, () => true),
  endif: closeCondition,
};

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  define: ({ state, words, name }) => void define(state, words, name),
  undef: undefine,
  include: includeDirective,
  line: lineDirective,
  error: errorDirective,
  warning: () => undefined,
  pragma: passLine,
  ident: passLine,
  sccs: () => undefined,
};

function directive(state: State, file: File, line: Line, hash: Token, words: readonly Token[]): void {
  const [word] = words;
  const name = word && { ...word, span: { ...word.span, start: hash.span.start } };
  const call = name && { state, file, line, name, words: trimBlanks(words.slice(1)) };
  const printed = call ? run(call) : undefined;
  if (printed === undefined) state.output.newlines(lineCount(line));
}

function run(call: DirectiveCall): 'printed' | undefined {
  const { state, file, name, words } = call;
  if (Object.hasOwn(CONDITIONALS, name.text)) return CONDITIONALS[name.text]!(call);
  if (!isActive(file)) return undefined;
  if (name.kind === 'number') return lineDirective({ ...call, words: [name, ...words] });
  // `#!` lines name the interpreter of a script.
  if (name.text === '!' || name.text === '!=') return undefined;
  if (Object.hasOwn(DIRECTIVES, name.text)) return DIRECTIVES[name.text]!(call);
  const message =
    name.kind === 'name' ? `invalid control directive: #${name.text}` : 'invalid control directive';
  state.diags.report('D_PRAGCTL_INVAL', name.span, { message });
  return undefined;
}

// ---- Conditions

function open({ file, name }: DirectiveCall, holds: () => boolean): undefined {
  const outside = isActive(file);
  const active = outside && holds();
  file.conditions.push({ opener: name, outside, taken: active, active, sawElse: false });
}

function otherwise({ state, file, name }: DirectiveCall, holds: () => boolean): undefined {
  const condition = file.conditions.at(-1);
  if (!condition) return void report(state, name.span, `#${name.text} without #if`);
  if (condition.sawElse) return void report(state, name.span, `#${name.text} after #else`);
  condition.active = condition.outside && !condition.taken && holds();
  condition.taken ||= condition.active;
  condition.sawElse = name.text === 'else';
}

function closeCondition({ state, file, name }: DirectiveCall): undefined {
  if (!file.conditions.pop()) report(state, name.span, '#endif without #if');
}

function isDefined({ state, name, words }: DirectiveCall): boolean {
  const [word] = words;
  if (word?.kind === 'name') return state.expand.macros.has(word.text);
  report(state, (word ?? name).span, `malformed #${name.text} <name>`);
  return false;
}

// ---- Macros

function define(state: State, words: readonly Token[], at: Token | undefined, hint?: string): void {
  const macro = parseDefinition(words);
  if ('message' in macro) report(state, at && (macro.at ?? at).span, macro.message, hint);
  else state.expand.macros.set(macro.name, macro);
}

function undefine({ state, name, words }: DirectiveCall): undefined {
  const [word] = words;
  const refused = word?.kind === 'name' ? refuseName(word.text) : 'malformed #undef <name>';
  if (refused !== undefined) report(state, (word ?? name).span, refused);
  else if (word) state.expand.macros.delete(word.text);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dynamicText(state: State, name: DynamicMacro, at: Token): string {
  const file = state.files.at(-1);
  const date = new Date(state.options.wallMs);
  switch (name) {
    case '__LINE__':
      return String(at.line + (file?.lineShift ?? 0));
    case '__FILE__':
      return `"${(file?.name ?? '').replace(/["\\]/g, '\\$&')}"`;
    case '__DATE__':
      return `"${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.getUTCFullYear()}"`;
    case '__TIME__':
      return `"${date.toISOString().slice(11, 19)}"`;
    case '__COUNTER__':
      return String(state.counter++);
    case '__INCLUDE_LEVEL__':
      return String(state.files.length - 1);
  }
}

// ---- Other directives

/** `#pragma D …` and its like are for D: as they stand. */
function passLine({ state, file, line, name, words }: DirectiveCall): 'printed' {
  if (name.text === 'pragma' && words[0]?.text === 'once' && words.length === 1) state.once.add(file.path);
  else state.output.tokens(line.tokens.map((token) => ({ ...token, newlines: 0 })));
  state.output.newlines(lineCount(line));
  return 'printed';
}

function errorDirective({ state, name, words }: DirectiveCall): undefined {
  const end = words.at(-1)?.span.end ?? name.span.end;
  const message = `${tokensText(words)} `;
  state.diags.report('D_PRAGERR', { ...name.span, end }, { directive: 'error', message });
}

/** `#line 12 "file"`, and the `# 12 "file" 1` of a text that was preprocessed before. */
function lineDirective({ state, file, line, name, words }: DirectiveCall): 'printed' | undefined {
  const [number, quoted, ...states] = expand(words, state.expand).filter((token) => !isBlank(token));
  const wellFormed =
    number !== undefined &&
    /^[0-9]+$/.test(number.text) &&
    (quoted === undefined || quoted.kind === 'string') &&
    states.every((token) => /^[0-9]+$/.test(token.text));
  if (!wellFormed) {
    const message = 'malformed #line <line> [ ["file"] state ]';
    state.diags.report('D_PRAGMA_MALFORM', name.span, { message });
    return undefined;
  }
  if (quoted) file.name = quoted.text.slice(1, -1);
  const nextLine = line.end.line + 1;
  file.lineShift = Number(number.text) - nextLine;
  file.source.lineDirectives.push({
    start: line.end.span.end,
    line: Number(number.text),
    file: quoted && file.name,
  });
  state.output.marker(Number(number.text), file.name, '');
  return 'printed';
}

// ---- Included files

interface Header {
  readonly path: string;
  readonly beside: boolean; // "f": looked for beside the file that includes it
}

function includeDirective(call: DirectiveCall): 'printed' | undefined {
  const { state, file, line, name } = call;
  const header = headerOf(call);
  if (header === undefined) return void report(state, name.span, 'malformed #include "file" or <file>');
  const span = { ...name.span, end: call.words.at(-1)?.span.end ?? name.span.end };
  const found = findHeader(state, file, header);
  if (found === undefined) {
    const hint = 'directories of include files are given with -I';
    return void report(state, span, `failed to find include file ${header.path}`, hint);
  }
  if (state.once.has(found.path)) return undefined;
  state.includes++;
  state.includedCharacters += found.text.length;
  const excess = excessOf(state);
  if (excess !== undefined) {
    state.expand.stopped = true;
    return void report(state, span, excess, 'does a file include itself?');
  }
  state.options.included?.(found.path);
  processFile(state, openFile(state, found.path, found.text));
  state.output.marker(line.end.line + 1 + file.lineShift, file.name, 2);
  return 'printed';
}

function excessOf(state: State): string | undefined {
  if (state.files.length > MAX_INCLUDE_DEPTH) return `#include is nested more than ${MAX_INCLUDE_DEPTH} deep`;
  if (state.includes > MAX_INCLUDES) return `more than ${MAX_INCLUDES} files are included`;
  if (state.includedCharacters <= MAX_INCLUDED_CHARACTERS) return undefined;
  return `included files have more than ${MAX_INCLUDED_CHARACTERS} characters`;
}

function headerOf({ state, words }: DirectiveCall): Header | undefined {
  const plain = /^["<]/.test(words[0]?.text ?? '') ? words : expand(words, state.expand);
  const match = /^(?:"([^"]+)"|<([^>]+)>)/.exec(tokensText(plain));
  const path = match?.[1] ?? match?.[2];
  return path === undefined ? undefined : { path, beside: match?.[1] !== undefined };
}

function findHeader(state: State, file: File, header: Header): { path: string; text: string } | undefined {
  const { path, beside } = header;
  // Standard input is where the user is.
  const slash = file.path.startsWith('/dev/') ? -1 : file.path.lastIndexOf('/');
  const here = slash === -1 ? '' : file.path.slice(0, slash + 1);
  const own = Object.hasOwn(OWN_HEADERS, path);
  const given = state.options.includeDirectories.map((name) => `${name}/`);
  const directories = own ? given : [...given, ...SYSTEM_DIRECTORIES.map((name) => `${name}/`)];
  const candidates = path.startsWith('/') ? [''] : beside ? [here, ...directories] : directories;
  for (const directory of candidates) {
    const text = state.options.readFile(directory + path);
    if (text !== undefined) return { path: directory + path, text };
  }
  const text = (own ? OWN_HEADERS : STAND_IN_HEADERS)[path];
  return text === undefined ? undefined : { path, text };
}
