/** Macros: what #define and -D make, and the ones that are always there (d-language.md section 1.11). */
import { type SourceText, sourceText } from '../diag/span.ts';
import { isBlank, type Line, madeToken, type Token, tokenizeLines, trimBlanks } from './tokens.ts';

export interface Macro {
  readonly name: string;
  /** Undefined: an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean; // the last parameter takes all further arguments
  readonly body: readonly Token[]; // blanks are single, none at the ends
  /** A macro whose value depends on where it is used. */
  readonly dynamic: DynamicMacro | undefined;
  active: number; // expansions of it that are being read: while there are some, its name is not replaced
}

export type DynamicMacro =
  | '__LINE__'
  | '__FILE__'
  | '__DATE__'
  | '__TIME__'
  | '__COUNTER__'
  | '__INCLUDE_LEVEL__';

const DYNAMIC: readonly DynamicMacro[] = [
  '__LINE__',
  '__FILE__',
  '__DATE__',
  '__TIME__',
  '__COUNTER__',
  '__INCLUDE_LEVEL__',
];

/** Names that no one may define. */
const RESERVED: ReadonlySet<string> = new Set(['defined', ...DYNAMIC]);

/** dtrace 1.12.1's number, which scripts compare with: 8 bits major, 12 minor, 12 micro. */
const LANGUAGE = '0x0100c001';

const PREDEFINED: Readonly<Record<string, string>> = {
  __SUNW_D: '1',
  __SUNW_D_64: '1',
  __SUNW_D_VERSION: LANGUAGE,
  __unix: '1',
  __unix__: '1',
  __SVR4: '1',
  __linux: '1',
  __linux__: '1',
  __amd64: '1',
  __amd64__: '1',
  __x86_64: '1',
  __x86_64__: '1',
  _LP64: '1',
  __LP64__: '1',
};

/** `__STDC__` by `-X`: `a` and `t` are transitional, `c` conforms, `s` is C before it had a standard. */
const STDC: Readonly<Record<string, string | undefined>> = { a: '0', t: '0', c: '1', s: undefined };

/** Spellings that C compilers add to the language and headers use. */
const COMPILER_SPELLINGS: Readonly<Record<string, string>> = {
  __const: 'const',
  __const__: 'const',
  __extension__: '',
  __signed: 'signed',
  __signed__: 'signed',
  __volatile: 'volatile',
  __volatile__: 'volatile',
};

export type MacroTable = Map<string, Macro>;

/** Names and values of the macros there are before a program begins, for one `-X`. */
export function predefinedValues(dialect: string): Readonly<Record<string, string>> {
  const stdc = STDC[dialect];
  return stdc === undefined ? PREDEFINED : { ...PREDEFINED, __STDC__: stdc };
}

export function predefinedMacros(dialect: string): MacroTable {
  const table: MacroTable = new Map();
  for (const [name, value] of Object.entries({ ...COMPILER_SPELLINGS, ...predefinedValues(dialect) })) {
    const { tokens } = oneLine(value);
    table.set(name, {
      name,
      parameters: undefined,
      variadic: false,
      body: tokens,
      dynamic: undefined,
      active: 0,
    });
  }
  for (const name of DYNAMIC) {
    table.set(name, { name, parameters: undefined, variadic: false, body: [], dynamic: name, active: 0 });
  }
  return table;
}

function oneLine(text: string): Line {
  const source: SourceText = sourceText('string', '', text);
  return tokenizeLines(source, () => {})[0] ?? { tokens: [], end: emptyEnd(source) };
}

function emptyEnd(text: SourceText): Token {
  const span = { text, start: 0, end: 0 };
  return {
    kind: 'newline',
    text: '\n',
    newlines: 1,
    line: 1,
    span,
    expanded: false,
    attached: false,
    blocked: false,
  };
}

/** `NAME`, `NAME=VALUE` or `NAME(args)=VALUE`, as -D has them, as the tokens after a #define. */
export function definitionTokens(setting: string): readonly Token[] {
  const equals = setting.indexOf('=');
  const text = equals === -1 ? `${setting} 1` : `${setting.slice(0, equals)} ${setting.slice(equals + 1)}`;
  return oneLine(text.replaceAll('\n', ' ')).tokens;
}

/** Why a definition is refused, in the words of a message. */
export interface Refusal {
  readonly message: string;
  readonly at: Token | undefined;
}

/** What follows `#define` → a macro. */
export function parseDefinition(words: readonly Token[]): Macro | Refusal {
  const tokens = trimBlanks(words);
  const [name] = tokens;
  if (name?.kind !== 'name') return { message: 'malformed #define <name> [<value>]', at: name };
  const reserved = refuseName(name.text);
  if (reserved !== undefined) return { message: reserved, at: name };
  const isFunction = tokens[1]?.text === '(';
  const head = isFunction ? parseParameters(tokens, 2) : { parameters: undefined, variadic: false, next: 1 };
  if ('message' in head) return head;
  const macro: Macro = {
    name: name.text,
    parameters: head.parameters,
    variadic: head.variadic,
    body: singleBlanks(trimBlanks(tokens.slice(head.next))),
    dynamic: undefined,
    active: 0,
  };
  return refuseBody(macro) ?? macro;
}

export function refuseName(name: string): string | undefined {
  return RESERVED.has(name) ? `${name} may not be defined or undefined` : undefined;
}

interface Head {
  readonly parameters: readonly string[];
  readonly variadic: boolean;
  readonly next: number; // index of the first token after the parenthesis
}

function parseParameters(tokens: readonly Token[], start: number): Head | Refusal {
  const close = tokens.findIndex((token, i) => i >= start && token.text === ')');
  if (close === -1) return { message: 'closing ) expected in parameters of macro', at: tokens[start - 1] };
  const inside = tokens.slice(start, close).filter((token) => !isBlank(token));
  const parameters: string[] = [];
  let variadic = false;
  for (let i = 0; i < inside.length; i++) {
    const token = inside[i]!;
    const ellipsis = inside[i + (token.text === '...' ? 0 : 1)]?.text === '...';
    const name = token.text === '...' ? '__VA_ARGS__' : token.text;
    if (variadic || (token.kind !== 'name' && token.text !== '...')) {
      return { message: `parameter name expected near "${token.text}"`, at: token };
    }
    if (parameters.includes(name)) return { message: `macro parameter ${name} is declared twice`, at: token };
    parameters.push(name);
    variadic = ellipsis;
    if (ellipsis && token.text !== '...') i++;
    if (i + 1 < inside.length && inside[++i]?.text !== ',') {
      return { message: `, expected between parameters near "${inside[i]?.text}"`, at: inside[i] };
    }
    if (inside[i]?.text === ',' && i + 1 === inside.length) {
      return { message: 'parameter name expected near ")"', at: tokens[close] };
    }
  }
  return { parameters, variadic, next: close + 1 };
}

/** Runs of blanks are one space. */
function singleBlanks(tokens: readonly Token[]): readonly Token[] {
  const result: Token[] = [];
  for (const token of tokens) {
    const last = result.at(-1);
    if (!isBlank(token)) result.push(token);
    else if (last && !isBlank(last)) result.push(madeToken('blank', ' ', token));
  }
  return result;
}

function refuseBody({ body, parameters }: Macro): Refusal | undefined {
  for (const end of [body[0], body.at(-1)]) {
    if (end?.text === '##') return { message: '## may not stand at either end of a macro', at: end };
  }
  if (parameters === undefined) return undefined;
  const words = body.filter((token) => !isBlank(token));
  const stray = words.find(
    (token, i) => token.text === '#' && !parameters.includes(words[i + 1]?.text ?? ''),
  );
  return stray && { message: '# is not followed by a macro parameter', at: stray };
}
