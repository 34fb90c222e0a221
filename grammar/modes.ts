/**
 * The lexer's modes and lexical classes as data (d-language.md section 1.1). A mode lists its classes in the order in
 * which they are tried; the lexer (src/syntax/lexer.ts) has one handler per class.
 *
 *   clause       between clauses: probe specifiers, and the words that start declarations
 *   expression   inside predicates, bodies, declarations and definitions: ordinary C-like tokens
 *
 * A line that starts with # is no token: it acts when it is met (src/syntax/control-lines.ts).
 *
 * `to` names the mode that is entered after the class. The way back from `expression` to `clause` is the end of the
 * item (the closing brace of a body, the semicolon of a declaration): the lexer reads one item at a time, each from
 * `clause`, because what a name means may depend on the typedefs and pragmas before it.
 *
 * `form` is the class as the grammar listing shows it, in EBNF over characters.
 */
export const LEXICAL_CLASSES = {
  Before: { form: '(* text of the items already read *)' },
  Blank: { form: 'space | tab | newline | "/*" comment "*/" | "\\\\" newline | "#!" line | control_line' },
  DeclarationWord: {
    form: '(* a keyword that starts a declaration, or the name of a type *)',
    to: 'expression',
  },
  Specifier: { form: '[-$:a-zA-Z_.?*\\[]!] { [-$:0-9a-zA-Z_.`?*\\[]!] }' },
  ClauseOpener: { form: '"/" | "{" | "<"', to: 'expression' },
  ClausePunctuator: { form: '"," | ";"' },
  Number: { form: '( digit { digit } | "0x" hexdigit { hexdigit } ) [ "u" ] [ "l" ] [ "l" ]' },
  Word: { form: '( letter | "_" | "`" ) { letter | digit | "_" | "`" }' },
  Macro: { form: '"$" [ "$" ] ( digit { digit } | letter { letter | digit | "_" } )' },
  AggregationName: { form: '"@" [ ( letter | "_" ) { letter | digit | "_" } ]' },
  StringLiteral: { form: "'\"' { character | escape } '\"'" },
  CharacterLiteral: { form: '"\'" { character | escape } "\'"' },
  Punctuator: { form: '(* the longest operator of the operator table *)' },
  Stray: { form: '(* any other character: an error *)' },
} as const satisfies Record<string, { form: string; to?: 'expression' }>;
export type LexicalClass = keyof typeof LEXICAL_CLASSES;

export const MODES = {
  clause: [
    'Before',
    'Blank',
    'DeclarationWord',
    'Specifier',
    'Number',
    'ClauseOpener',
    'ClausePunctuator',
    'Stray',
  ],
  expression: [
    'Blank',
    'Word',
    'Number',
    'Punctuator',
    'AggregationName',
    'StringLiteral',
    'CharacterLiteral',
    'Macro',
    'Stray',
  ],
} as const satisfies Record<string, readonly LexicalClass[]>;
export type Mode = keyof typeof MODES;
