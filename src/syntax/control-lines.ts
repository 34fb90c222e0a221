/**
 * Control lines: `#pragma D …`, `#line`, `#error` and what a preprocessor leaves behind (d-language.md section 1.8).
 *
 * In: the words of one line after its `#`. They act at once, because what follows depends on them: options are set,
 * lines renumbered. What the checker must know becomes a `Pragma` in the tree.
 */
import type { ReportOptions } from '../diag/diagnostics.ts';
import { didYouMean } from '../diag/nearest.ts';
import type { Tag } from '../diag/tags.ts';
import { OPTIONS } from '../dif/options.ts';
import type { LexState } from './lex-state.ts';
import { report, spanAt } from './lex-state.ts';
import type { DependencyKind } from './parse-options.ts';

export interface ControlToken {
  readonly kind: 'word' | 'integer' | 'string';
  readonly text: string; // of a string, what stands between the quotes
}

/** A control line: its place without the newline, and its words. */
export interface ControlLine {
  readonly start: number;
  readonly end: number;
  readonly next: number; // offset of the following line
  readonly tokens: readonly ControlToken[];
}

/** The words of a line after its `#`. A word is any run of characters without blanks and quotes. */
export function controlTokens(line: string): ControlToken[] {
  const matches = line.matchAll(/"([^"]*)"|([^\s"]+|")/g);
  return Array.from(matches, ([, quoted, word = '']): ControlToken => {
    if (quoted !== undefined) return { kind: 'string', text: quoted };
    return { kind: /^[0-9]+$/.test(word) ? 'integer' : 'word', text: word };
  });
}

/** Why a control line is refused. */
interface Refusal {
  readonly tag: Tag;
  readonly args: Readonly<Record<string, string>>;
  readonly options: ReportOptions;
}

/** For an option that there is not, or a value that is none. */
function optionHint(name: string, value: string | undefined): string | undefined {
  if ((value ?? name).endsWith(';')) return 'no ; ends a control line';
  return didYouMean(name, Object.keys(OPTIONS)).hint;
}

function refusal(tag: Tag, message: string, hint?: string): Refusal {
  return { tag, args: { message }, options: hint === undefined ? {} : { hint } };
}

/** Acts, or says why not. `spelled` is the directive as written, for messages. */
type Directive = (
  state: LexState,
  line: ControlLine,
  args: readonly ControlToken[],
  spelled: string,
) => Refusal | undefined;

/** Directives that may be written `#x`, `#pragma x` and `#pragma D x`. */
const GENERAL: Readonly<Record<string, Directive>> = {
  line: lineDirective,
  error: errorDirective,
  ident: () => undefined,
};

/** Directives that must be written `#pragma D x`. */
const D_PRAGMAS: Readonly<Record<string, Directive>> = {
  ...GENERAL,
  option: optionPragma,
  attributes: attributesPragma,
  binding: bindingPragma,
  depends_on: dependsOnPragma,
};

const PREPROCESSOR = new Set([
  'define',
  'undef',
  'include',
  'if',
  'ifdef',
  'ifndef',
  'elif',
  'else',
  'endif',
]);

export function controlLine(state: LexState, line: ControlLine): void {
  const refused = act(state, line);
  if (refused) report(state, refused.tag, line.start, line.end, refused.args, refused.options);
}

function act(state: LexState, line: ControlLine): Refusal | undefined {
  const [first, ...rest] = line.tokens;
  if (!first) return undefined;
  if (first.kind === 'integer') return lineDirective(state, line, line.tokens, 'line');
  if (first.kind === 'string') return refusal('D_PRAGCTL_INVAL', 'invalid control directive');
  if (first.text === 'pragma') return pragma(state, line, rest);
  const directive = own(GENERAL, first.text);
  if (directive) return directive(state, line, rest, first.text);
  return refusal(
    'D_PRAGCTL_INVAL',
    `invalid control directive: #${first.text}`,
    PREPROCESSOR.has(first.text) ? 'preprocessor directives need -C' : undefined,
  );
}

/** `#pragma` without a D is for other compilers, and ignored unless it is one of the general directives. */
function pragma(state: LexState, line: ControlLine, tokens: readonly ControlToken[]): Refusal | undefined {
  const [first, second, ...rest] = tokens;
  if (first?.kind !== 'word') return undefined;
  if (first.text !== 'D') {
    return own(GENERAL, first.text)?.(state, line, tokens.slice(1), `pragma ${first.text}`);
  }
  if (!second) return undefined;
  const directive = own(D_PRAGMAS, second.text);
  if (directive) return directive(state, line, rest, `pragma D ${second.text}`);
  const known = Object.keys(D_PRAGMAS).join(', ');
  return refusal('D_PRAGMA_INVAL', `invalid D pragma: ${second.text}`, `known are ${known}`);
}

function own(table: Readonly<Record<string, Directive>>, name: string): Directive | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The state that a preprocessor may add (entering or leaving an include) only matters to C type containers. */
function lineDirective(
  state: LexState,
  line: ControlLine,
  args: readonly ControlToken[],
  spelled: string,
): Refusal | undefined {
  const [number, file, ...rest] = args;
  const wellFormed =
    number?.kind === 'integer' &&
    (file === undefined || file.kind === 'string') &&
    rest.every((token) => token.kind === 'integer');
  if (!wellFormed) {
    return refusal('D_PRAGMA_MALFORM', `malformed #${spelled} <line> [ ["file"] state ]`);
  }
  state.text.lineDirectives.push({ start: line.next, line: Number(number.text), file: file?.text });
}

function errorDirective(
  _state: LexState,
  _line: ControlLine,
  args: readonly ControlToken[],
  spelled: string,
): Refusal | undefined {
  const message = args.map((token) => `${token.text} `).join('');
  return { tag: 'D_PRAGERR', args: { directive: spelled, message }, options: {} };
}

function optionPragma(
  state: LexState,
  line: ControlLine,
  args: readonly ControlToken[],
): Refusal | undefined {
  const [setting, ...rest] = args;
  if (setting?.kind !== 'word' || setting.text.startsWith('=')) {
    return refusal(
      'D_PRAGMA_MALFORM',
      'malformed #pragma option <option>=<val>',
      'for example #pragma D option quiet, or #pragma D option strsize=512',
    );
  }
  if (rest.length > 0) {
    return refusal(
      'D_PRAGMA_MALFORM',
      'superfluous arguments specified for #pragma option',
      'write name=value without blanks or quotes',
    );
  }
  const equals = setting.text.indexOf('=');
  const name = equals === -1 ? setting.text : setting.text.slice(0, equals);
  const value = equals === -1 ? undefined : setting.text.slice(equals + 1);
  const refused = state.options.setOption(name, value);
  if (refused !== undefined) {
    const to = value === undefined ? '' : ` to '${value}'`;
    return refusal(
      'D_PRAGMA_OPTSET',
      `failed to set option '${name}'${to}: ${refused}`,
      optionHint(name, value),
    );
  }
  state.pragmas.push({
    kind: 'pragma',
    span: spanAt(state, line.start, line.end),
    pragma: 'option',
    name,
    value,
  });
}

const STABILITY = 'Internal|Private|Obsolete|External|Unstable|Evolving|Stable|Standard';
const CLASSES = 'Unknown|CPU|Platform|Group|ISA|Common';
const ATTRIBUTES = new RegExp(`^(?:${STABILITY})/(?:${STABILITY})/(?:${CLASSES})$`, 'i');
const PROVIDER_COMPONENTS = new Set(['provider', 'module', 'function', 'name', 'args']);

function attributesPragma(
  state: LexState,
  line: ControlLine,
  args: readonly ControlToken[],
): Refusal | undefined {
  const words = args.map((token) => token.text);
  const [attributes = '', subject, , component = ''] = words;
  const ofProvider = subject === 'provider' && words.length === 4;
  if (!ofProvider && words.length !== 2) {
    const superfluous = words.length > 2 && subject !== 'provider';
    return refusal(
      'D_PRAGMA_MALFORM',
      superfluous
        ? 'superfluous arguments specified for #pragma attributes'
        : 'malformed #pragma attributes <attributes> <ident>',
    );
  }
  if (!ATTRIBUTES.test(attributes)) {
    return refusal('D_PRAGMA_INVAL', 'invalid attributes specified by #pragma attributes');
  }
  if (ofProvider && !PROVIDER_COMPONENTS.has(component)) {
    const message = `invalid component "${component}" in attribute #pragma for provider ${words[2]}`;
    return refusal('D_PRAGMA_INVAL', message);
  }
  pushPragma(state, line, 'attributes', words);
}

/** Versions have two or three parts, each at most what dtrace packs into its version number: 255.4095.4095. */
const VERSION = /^([0-9]{1,3})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?$/;

function bindingPragma(
  state: LexState,
  line: ControlLine,
  args: readonly ControlToken[],
): Refusal | undefined {
  const [version, name, ...rest] = args;
  if (version?.kind !== 'string' || name?.kind !== 'word') {
    return refusal('D_PRAGMA_MALFORM', 'malformed #pragma binding "version" <ident>');
  }
  if (rest.length > 0) {
    return refusal('D_PRAGMA_MALFORM', 'superfluous arguments specified for #pragma binding');
  }
  const [, major = '256', minor = '0', micro = '0'] = VERSION.exec(version.text) ?? [];
  if (Number(major) > 255 || Number(minor) > 4095 || Number(micro) > 4095) {
    return refusal('D_PRAGMA_INVAL', 'invalid version string specified by #pragma binding');
  }
  pushPragma(state, line, 'binding', [version.text, name.text]);
}

function isDependencyKind(word: string): word is DependencyKind {
  return word === 'provider' || word === 'module' || word === 'library';
}

function dependsOnPragma(
  state: LexState,
  line: ControlLine,
  args: readonly ControlToken[],
): Refusal | undefined {
  const [kind, name, ...rest] = args.map((token) => token.text);
  if (kind === undefined || name === undefined) {
    return refusal('D_PRAGMA_MALFORM', 'malformed #pragma depends_on <class> <name>');
  }
  if (rest.length > 0) {
    return refusal('D_PRAGMA_MALFORM', 'superfluous arguments specified for #pragma depends_on');
  }
  if (!isDependencyKind(kind)) {
    return refusal('D_PRAGMA_INVAL', `invalid class ${kind} specified by #pragma depends_on`);
  }
  if (kind === 'library' && state.options.kind !== 'library') {
    return refusal('D_PRAGMA_DEPEND', 'main program may not explicitly depend on a library');
  }
  const unmet = state.options.unmetDependency?.(kind, name);
  if (unmet !== undefined) return refusal('D_PRAGMA_DEPEND', unmet);
  pushPragma(state, line, 'depends_on', [kind, name]);
}

function pushPragma(
  state: LexState,
  line: ControlLine,
  pragmaName: 'attributes' | 'binding' | 'depends_on',
  words: readonly string[],
): void {
  state.pragmas.push({
    kind: 'pragma',
    span: spanAt(state, line.start, line.end),
    pragma: pragmaName,
    words,
  });
}
