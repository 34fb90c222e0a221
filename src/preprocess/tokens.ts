/**
 * Text → preprocessing tokens, one list per line.
 *
 * Nothing is lost: the texts of the tokens, put together again, are the text without its comments and continuations.
 * Whatever belongs to D alone (`$1`, `@a`, a stray quote) is a token of kind `other`, so that it passes unchanged. A
 * line continued with a backslash and a comment over several lines are one line here; `newlines` says how many lines
 * of the file ended, and as many end in the output, so that everything stays at its line.
 */
import type { SourceText, Span } from '../diag/span.ts';

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'character' | 'punctuation' | 'blank' | 'newline' | 'other';
  readonly text: string; // of a comment, one blank
  readonly newlines: number; // lines of the file that end here; 0 for all but `newline` and comments
  readonly line: number; // in the file, 1-based
  readonly span: Span;
  readonly expanded: boolean; // comes out of a macro
  readonly attached: boolean; // comes out of a macro's body together with the token before, which it touches there
  readonly blocked: boolean; // the name of a macro inside its own expansion: never replaced again
}

export interface Line {
  readonly tokens: readonly Token[]; // without the newline
  readonly end: Token; // the newline; at the end of the file it may be missing, and is made up
}

interface Lexeme {
  readonly kind: Token['kind'];
  readonly length: number;
}

const PATTERNS: readonly { readonly kind: Token['kind']; readonly pattern: RegExp }[] = [
  { kind: 'newline', pattern: /\n/y },
  { kind: 'blank', pattern: /[ \t\r\v\f]+|\/\/[^\n]*/y },
  { kind: 'name', pattern: /[A-Za-z_][0-9A-Za-z_]*/y },
  { kind: 'number', pattern: /\.?[0-9][0-9A-Za-z_.]*/y },
  { kind: 'string', pattern: /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y },
  { kind: 'character', pattern: /'[^'\\\n]*(?:\\.[^'\\\n]*)*'/y },
  {
    kind: 'punctuation',
    pattern:
      /<<=|>>=|\.\.\.|\^\^|##|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|->|[-+*/%&|^]=|[-+*/%&|^~!<>=?:;,.(){}[\]#]/y,
  },
  { kind: 'other', pattern: /\$+[0-9A-Za-z_]*|./suy },
];

function lexeme(text: string, at: number): Lexeme {
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    return { kind: 'blank', length: (end === -1 ? text.length : end + 2) - at };
  }
  for (const { kind, pattern } of PATTERNS) {
    pattern.lastIndex = at;
    const image = pattern.exec(text)?.[0];
    if (image !== undefined) return { kind, length: image.length };
  }
  return { kind: 'other', length: 1 };
}

/** The lines of a file. `unterminated` is called with the place of a comment that does not end. */
export function tokenizeLines(source: SourceText, unterminated: (span: Span) => void): Line[] {
  const { text, cuts } = splice(source.text);
  const lines: Line[] = [];
  let tokens: Token[] = [];
  let line = 1;
  let passed = 0; // cuts before `at`
  let shift = 0; // characters that they took away
  let continued = 0; // cuts since the line began
  const passCuts = (offset: number): void => {
    for (let cut = cuts[passed]; cut !== undefined && cut.at < offset; cut = cuts[++passed]) {
      shift += cut.length;
      line++;
      continued++;
    }
  };
  for (let at = 0; at < text.length; ) {
    passCuts(at + 1);
    const { kind, length } = lexeme(text, at);
    const image = text.slice(at, at + length);
    const start = at + shift;
    const place = { line, newlines: kind === 'blank' || kind === 'newline' ? newlinesIn(image) : 0 };
    passCuts(at + length);
    const token = makeToken(kind, image, { text: source, start, end: at + length + shift }, place);
    if (kind === 'newline') {
      lines.push({ tokens, end: { ...token, newlines: 1 + continued } });
      tokens = [];
      continued = 0;
    } else {
      if (image.startsWith('/*') && (length < 4 || !image.endsWith('*/'))) unterminated(token.span);
      tokens.push(kind === 'blank' && image.startsWith('/') ? { ...token, text: ' ' } : token);
    }
    line += place.newlines;
    at += length;
  }
  const end = source.text.length;
  if (tokens.length > 0) {
    const span = { text: source, start: end, end };
    lines.push({ tokens, end: makeToken('newline', '\n', span, { line, newlines: 1 }) });
  }
  return lines;
}

function makeToken(
  kind: Token['kind'],
  text: string,
  span: Span,
  place: { readonly line: number; readonly newlines: number },
): Token {
  return { kind, text, span, ...place, expanded: false, attached: false, blocked: false };
}

function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** A continuation that was taken out: where in the text that is left, and how long it was. */
interface Cut {
  readonly at: number;
  readonly length: number;
}

function splice(text: string): { readonly text: string; readonly cuts: readonly Cut[] } {
  const cuts: Cut[] = [];
  let removed = 0;
  const spliced = text.replace(/\\\r?\n/g, (image, offset: number) => {
    cuts.push({ at: offset - removed, length: image.length });
    removed += image.length;
    return '';
  });
  return { text: spliced, cuts };
}

/** A token that is in no file: what a macro makes. It stands where the macro was used. */
export function madeToken(kind: Token['kind'], text: string, at: Token): Token {
  return {
    kind,
    text,
    newlines: 0,
    line: at.line,
    span: at.span,
    expanded: true,
    attached: false,
    blocked: false,
  };
}

/** The tokens of a text that a macro makes. */
export function tokenizeText(text: string, at: Token): Token[] {
  const tokens: Token[] = [];
  for (let from = 0; from < text.length; ) {
    const comment = text[from] === '/' && /[/*]/.test(text[from + 1] ?? '');
    const { kind, length } = comment ? ({ kind: 'other', length: 2 } as const) : lexeme(text, from);
    tokens.push(madeToken(kind, text.slice(from, from + length), at));
    from += length;
  }
  return tokens;
}

export function isBlank(token: Token): boolean {
  return token.kind === 'blank' || token.kind === 'newline';
}

/** Without the blanks at both ends. */
export function trimBlanks(tokens: readonly Token[]): readonly Token[] {
  let start = 0;
  let end = tokens.length;
  while (start < end && isBlank(tokens[start]!)) start++;
  while (end > start && isBlank(tokens[end - 1]!)) end--;
  return tokens.slice(start, end);
}

/** Spaces between tokens are one space each. */
export function tokensText(tokens: readonly Token[]): string {
  return trimBlanks(tokens)
    .map((token) => (isBlank(token) ? ' ' : token.text))
    .join('')
    .replace(/ {2,}/g, ' ');
}
