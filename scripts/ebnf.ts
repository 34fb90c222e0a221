/**
 * Makes the listing of the whole grammar, grammar/d.ebnf, from the tables in grammar/. The committed file is checked
 * by test/unit/syntax-grammar.test.ts, which also writes it: `UPDATE=1 npx vitest run test/unit/syntax-grammar`.
 */
import { LEXICAL_CLASSES, MODES } from '../grammar/modes.ts';
import { PRODUCTIONS } from '../grammar/productions.ts';
import { KEYWORDS, OPERATORS, TOKENS, type TokenName } from '../grammar/tokens.ts';

const WIDTH = 110;

export function grammarListing(): string {
  return [
    '(* Made by scripts/ebnf.ts from the tables in grammar/; do not edit. *)',
    '(* { x } repetition, [ x ] option, | alternatives, "x" a token; upper-case names are lexical classes. *)',
    '',
    ...PRODUCTIONS.flatMap(({ name, ebnf, note }) => [
      ...rule(name, ebnf),
      ...(note === undefined ? [] : [`    (* ${note} *)`]),
    ]),
    '',
    '(* Words and operators with one role. *)',
    ...groups().flatMap(([name, members]) => rule(name, members.join(' | '))),
    '',
    '(* Binary operators by precedence, tightest first; all group from the left. *)',
    ...precedences(),
    '',
    '(* Lexical classes, in the order in which each mode of the lexer tries them. *)',
    ...Object.entries(MODES).flatMap(([mode, classes]) => rule(`mode_${mode}`, classes.join(' | '))),
    ...Object.entries(LEXICAL_CLASSES).flatMap(([name, { form }]) => rule(name, form)),
    '',
    '(* Words that start a declaration at top level. *)',
    ...rule(
      'declaration_word',
      quoted(
        Object.entries(KEYWORDS)
          .filter(([, row]) => row.clause)
          .map(first),
      ).join(' | '),
    ),
    '',
  ].join('\n');
}

function first([word]: readonly [string, unknown]): string {
  return word;
}

function quoted(words: readonly string[]): string[] {
  return words.map((word) => `"${word}"`);
}

/** Members of groups that no production names are listed with their groups only. */
function isNamed(label: string): boolean {
  return label === 'reserved_word' || PRODUCTIONS.some(({ ebnf }) => ebnf.split(' ').includes(label));
}

/** Every token type that stands for several spellings, with its members. */
function groups(): [string, string[]][] {
  const names = Object.keys(TOKENS) as TokenName[];
  return names.flatMap((name): [string, string[]][] => {
    const label = TOKENS[name].LABEL ?? name;
    if (!/^[a-z_]+$/.test(label) || !isNamed(label)) return [];
    const members = [...(name === 'MemberName' ? ['IDENT'] : []), ...quoted(spellings(name))];
    return [[label, members]];
  });
}

/** The spellings that a token type accepts, those of its members included. */
function spellings(name: TokenName): string[] {
  const accepts = (member: TokenName) =>
    member === name || (TOKENS[member].CATEGORIES ?? []).includes(TOKENS[name]);
  return Object.entries({ ...KEYWORDS, ...OPERATORS })
    .filter(([, row]) => accepts(row.token))
    .map(first);
}

function precedences(): string[] {
  const levels = new Map<number, string[]>();
  for (const [operator, row] of Object.entries(OPERATORS)) {
    if ('precedence' in row) levels.set(row.precedence, [...(levels.get(row.precedence) ?? []), operator]);
  }
  return [...levels]
    .sort(([a], [b]) => b - a)
    .map(([level, operators]) => `(* ${level}: ${operators.join('  ')} *)`);
}

/** `name = text .`, broken between words to the listing's width. */
function rule(name: string, text: string): string[] {
  const lines = [`${name} =`];
  for (const word of `${text} .`.split(/ (?![.\]})|])/)) {
    const line = lines[lines.length - 1] ?? '';
    if (line.length + word.length + 1 <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`    ${word}`);
  }
  return lines;
}
