/**
 * The productions of D in EBNF: `{ x }` is repetition, `[ x ]` option, `|` alternatives; quoted text is a token;
 * upper-case names are lexical classes (IDENT, TNAME, INT, CHAR, STRING, AGG, PSPEC, EPRED).
 *
 * One row per parser rule, in order; `ebnf` has exactly the rule's shape, and a test compares the two. `example` is a
 * text that the rule accepts within a program. `note` says what the shape cannot: where a name is a type, what decides
 * between alternatives that begin alike.
 *
 * What the tables of tokens.ts expand to (operators, words with the same role) is not repeated here; scripts/ebnf.ts
 * adds it to the listing.
 */
export interface Production {
  readonly name: string;
  readonly ebnf: string;
  readonly example: string;
  readonly note?: string;
}

export const PRODUCTIONS: readonly Production[] = [
  { name: 'program', ebnf: '{ external_declaration }', example: 'BEGIN { } END { }' },
  {
    name: 'external_declaration',
    ebnf: 'inline_definition | translator_definition | provider_definition | probe_clause | declaration',
    example: 'int x;',
  },
  {
    name: 'probe_clause',
    ebnf: 'probe_specifier { "," probe_specifier } [ "/" expression EPRED ] [ clause_body ]',
    example: 'BEGIN, END /x/ { }',
    note: 'a predicate needs a body; a description alone is a clause only on the command line',
  },
  { name: 'probe_specifier', ebnf: 'PSPEC | INT', example: 'fbt::foo*:entry, 12 { }' },
  {
    name: 'clause_body',
    ebnf: '"{" statement_list "}" | "<" statement_list ">"',
    example: 'vec:::0x0e < @[rip] = count(); >',
    note: 'the closing > stands where a statement would begin; anywhere else > compares',
  },
  { name: 'statement_list', ebnf: '{ statement }', example: 'BEGIN { ; x = 1; }' },
  {
    name: 'statement',
    ebnf: '";" | if_statement | expression [ ";" ]',
    example: 'BEGIN { x = 1; y = 2 }',
    note: 'the semicolon may be left out only before }',
  },
  {
    name: 'if_statement',
    ebnf: '"if" "(" expression ")" block_or_statement { "else" "if" "(" expression ")" block_or_statement } [ "else" block_or_statement ]',
    example: 'BEGIN { if (x) y = 1; else if (z) { } else y = 2; }',
    note: 'an else belongs to the nearest if',
  },
  {
    name: 'block_or_statement',
    ebnf: '"{" statement_list "}" | statement',
    example: 'BEGIN { if (x) { y; z; } }',
  },
  {
    name: 'inline_definition',
    ebnf: '"inline" specifiers declarator "=" assignment ";"',
    example: 'inline int twice[int x] = x + x;',
  },
  {
    name: 'translator_definition',
    ebnf: '"translator" type_name "<" type_name IDENT ">" "{" { translator_member } "}" ";"',
    example: 'translator struct out < struct in *I > { a = I->b; };',
  },
  {
    name: 'translator_member',
    ebnf: 'member_name "=" assignment ";"',
    example: 'translator struct out < int I > { self = I; };',
  },
  {
    name: 'provider_definition',
    ebnf: '"provider" IDENT "{" { provider_probe } "}" ";"',
    example: 'provider app { probe start(int); };',
  },
  {
    name: 'provider_probe',
    ebnf: '"probe" IDENT function_suffix [ ":" function_suffix ] ";"',
    example: 'provider app { probe done(char *p) : (string s); };',
  },
  {
    name: 'declaration',
    ebnf: 'specifiers [ declarator { "," declarator } ] ";"',
    example: 'self int x, *y;',
    note: 'declarators have names; D has no initialisers',
  },
  {
    name: 'specifiers',
    ebnf: '( storage_class | scope | type_qualifier | type_word | struct_specifier | enum_specifier | TNAME ) { storage_class | scope | type_qualifier | type_word | struct_specifier | enum_specifier | TNAME }',
    example: 'extern const unsigned long x;',
    note: 'once there is a type, a name is what is declared',
  },
  {
    name: 'struct_specifier',
    ebnf: 'struct_or_union ( IDENT [ member_list ] | member_list )',
    example: 'struct s { int a; } x; struct s *y;',
  },
  {
    name: 'member_list',
    ebnf: '"{" member_declaration { member_declaration } "}"',
    example: 'union { int a; long b; } u;',
  },
  {
    name: 'member_declaration',
    ebnf: '[ specifiers ] [ member_declarator { "," member_declarator } ] ";"',
    example: 'struct s { int a, *b; };',
    note: 'members without a name or a type are refused by the checker',
  },
  {
    name: 'member_declarator',
    ebnf: 'declarator [ ":" conditional ] | ":" conditional',
    example: 'struct s { int a : 3, : 5; };',
  },
  {
    name: 'enum_specifier',
    ebnf: '"enum" ( IDENT [ enumerator_list ] | enumerator_list )',
    example: 'enum e { A } x;',
  },
  {
    name: 'enumerator_list',
    ebnf: '"{" enumerator { "," enumerator } "}"',
    example: 'enum { A, B } x;',
  },
  { name: 'enumerator', ebnf: 'IDENT [ "=" conditional ]', example: 'enum { A = 1 << 3 } x;' },
  {
    name: 'declarator',
    ebnf: '"*" { type_qualifier } [ declarator ] | direct_declarator',
    example: 'int * const *x;',
  },
  {
    name: 'direct_declarator',
    ebnf: '( IDENT | "(" declarator ")" | declarator_suffix ) { declarator_suffix }',
    example: 'int (*x)[5];',
    note: 'an abstract declarator has no IDENT; "(" before a type or ")" begins parameters',
  },
  { name: 'declarator_suffix', ebnf: 'array_suffix | function_suffix', example: 'int x[2][3];' },
  {
    name: 'array_suffix',
    ebnf: '"[" [ parameters | conditional ] "]"',
    example: 'int x[int, string]; int y[5];',
    note: 'a type begins parameters: the array is then associative',
  },
  { name: 'function_suffix', ebnf: '"(" [ parameters ] ")"', example: 'extern int f(int, ...);' },
  {
    name: 'parameters',
    ebnf: '( "..." | parameter ) { "," ( "..." | parameter ) }',
    example: 'extern int f(char *, ...);',
    note: 'nothing follows ...',
  },
  { name: 'parameter', ebnf: 'specifiers [ declarator ]', example: 'extern int f(int a, int *, int);' },
  {
    name: 'type_name',
    ebnf: 'specifiers [ declarator ]',
    example: 'BEGIN { (int *)x; }',
    note: 'the declarator is abstract',
  },
  { name: 'expression', ebnf: 'assignment { "," assignment }', example: 'BEGIN { a = 1, b = 2; }' },
  {
    name: 'assignment',
    ebnf: 'conditional [ assignment_operator assignment ]',
    example: 'BEGIN { a = b += 1; }',
    note: 'what is assigned to is a unary expression',
  },
  {
    name: 'conditional',
    ebnf: 'binary [ "?" expression ":" conditional ]',
    example: 'BEGIN { a ? b : c ? d : e; }',
  },
  {
    name: 'binary',
    ebnf: 'cast { binary_operator cast }',
    example: 'BEGIN { a + b * c == d && e; }',
    note: 'grouped by precedence, equal precedence from the left',
  },
  {
    name: 'cast',
    ebnf: '"(" type_name ")" cast | unary',
    example: 'BEGIN { (long)(int)a; }',
    note: '"(" begins a cast if a type follows',
  },
  {
    name: 'unary',
    ebnf: 'increment unary | unary_operator cast | sizeof | "stringof" unary | postfix',
    example: 'BEGIN { -~!*&a; ++b; stringof c; }',
  },
  {
    name: 'sizeof',
    ebnf: '"sizeof" ( "(" type_name ")" | unary )',
    example: 'BEGIN { sizeof (int) + sizeof a; }',
  },
  {
    name: 'postfix',
    ebnf: 'primary { "[" argument_list "]" | "(" [ argument_list ] ")" | member_access member_name | increment }',
    example: 'BEGIN { a[1, 2].b->c++; f(); }',
  },
  { name: 'argument_list', ebnf: 'assignment { "," assignment }', example: 'BEGIN { f(a, b = 1); }' },
  {
    name: 'primary',
    ebnf: 'IDENT | AGG | INT | CHAR | STRING | scope | "(" expression ")" | offsetof | xlate',
    example: 'BEGIN { @a[x, 1, \'c\', "s", self->y, (z)] = count(); }',
  },
  {
    name: 'offsetof',
    ebnf: '"offsetof" "(" type_name "," member_name ")"',
    example: 'BEGIN { offsetof(struct s, string); }',
  },
  {
    name: 'xlate',
    ebnf: '"xlate" "<" type_name ">" "(" expression ")"',
    example: 'BEGIN { xlate <struct s *> (a)->b; }',
  },
];
