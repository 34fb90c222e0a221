/**
 * The words and operators of D as data, and the token types that the parser's rules name.
 *
 * KEYWORDS and OPERATORS hold one row per spelling (d-language.md sections 1.3 and 1.4). Spellings that the grammar
 * never tells apart share a token type (all type words are TypeWord, all compound assignments OtherAssignment), and
 * the parser reads the spelling from the token: fewer token types make the parser cheaper to build, and a one-liner
 * pays that price on every start.
 *
 * A token's label is how the grammar listing (d.ebnf) writes it: a quoted spelling, an upper-case lexical class, or a
 * lower-case name that d.ebnf expands from these tables.
 */
import { createToken, type TokenType } from 'chevrotain';

function token(name: string, label: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, label, categories });
}

// Groups: a rule that names one of these accepts each of its members.
const TNAME = token('TypeName', 'TNAME');
const MEMBER = token('MemberName', 'member_name');
const BINARY = token('BinaryOperator', 'binary_operator');
const UNARY = token('UnaryOperator', 'unary_operator');
const ASSIGNMENT = token('AssignmentOperator', 'assignment_operator');

/** Everything a rule can name. IDENT is also a TNAME: which of the two a name is, the parser decides (section 1.12). */
export const TOKENS = {
  TypeName: TNAME,
  MemberName: MEMBER,
  BinaryOperator: BINARY,
  UnaryOperator: UNARY,
  AssignmentOperator: ASSIGNMENT,

  Identifier: token('Identifier', 'IDENT', TNAME, MEMBER),
  Integer: token('Integer', 'INT'),
  Character: token('Character', 'CHAR'),
  String: token('String', 'STRING'),
  Aggregation: token('Aggregation', 'AGG'),
  ProbeSpecifier: token('ProbeSpecifier', 'PSPEC'),

  TypeWord: token('TypeWord', 'type_word', MEMBER),
  Qualifier: token('Qualifier', 'type_qualifier', MEMBER),
  StorageClass: token('StorageClass', 'storage_class', MEMBER),
  Scope: token('Scope', 'scope', MEMBER),
  StructOrUnion: token('StructOrUnion', 'struct_or_union', MEMBER),
  Enum: token('Enum', '"enum"', MEMBER),
  Inline: token('Inline', '"inline"', MEMBER),
  Translator: token('Translator', '"translator"', MEMBER),
  Provider: token('Provider', '"provider"', MEMBER),
  Probe: token('Probe', '"probe"', MEMBER),
  If: token('If', '"if"', MEMBER),
  Else: token('Else', '"else"', MEMBER),
  Sizeof: token('Sizeof', '"sizeof"', MEMBER),
  Stringof: token('Stringof', '"stringof"', MEMBER),
  Offsetof: token('Offsetof', '"offsetof"', MEMBER),
  Xlate: token('Xlate', '"xlate"', MEMBER),
  Reserved: token('Reserved', 'reserved_word', MEMBER),

  Star: token('Star', '"*"', BINARY, UNARY),
  Sign: token('Sign', 'sign', BINARY, UNARY),
  Less: token('Less', '"<"', BINARY),
  Greater: token('Greater', '">"', BINARY),
  OtherBinary: token('OtherBinary', 'other_binary', BINARY),
  OtherUnary: token('OtherUnary', 'other_unary', UNARY),
  Assign: token('Assign', '"="', ASSIGNMENT),
  OtherAssignment: token('OtherAssignment', 'other_assignment', ASSIGNMENT),
  Increment: token('Increment', 'increment'),
  Question: token('Question', '"?"'),
  Colon: token('Colon', '":"'),
  Comma: token('Comma', '","'),
  Semicolon: token('Semicolon', '";"'),
  MemberAccess: token('MemberAccess', 'member_access'),
  Ellipsis: token('Ellipsis', '"..."'),
  OpenParen: token('OpenParen', '"("'),
  CloseParen: token('CloseParen', '")"'),
  OpenBracket: token('OpenBracket', '"["'),
  CloseBracket: token('CloseBracket', '"]"'),
  OpenBrace: token('OpenBrace', '"{"'),
  CloseBrace: token('CloseBrace', '"}"'),
  /** The `<` and `>` around a clause body; the lexer tells them from the comparison operators by their place. */
  OpenAngle: token('OpenAngle', '"<"'),
  CloseAngle: token('CloseAngle', '">"'),
  /** The slashes around a predicate. */
  OpenPredicate: token('OpenPredicate', '"/"'),
  ClosePredicate: token('ClosePredicate', 'EPRED'),
} as const;
export type TokenName = keyof typeof TOKENS;

/**
 * Keywords. `token` is its type; `clause` says that it is also recognised at top level, where it starts a declaration
 * or definition (column S2 of section 1.3). Everywhere else it is reserved in expressions and declarations.
 */
export const KEYWORDS = {
  auto: { token: 'StorageClass', clause: true },
  break: { token: 'Reserved', clause: false },
  case: { token: 'Reserved', clause: false },
  char: { token: 'TypeWord', clause: true },
  const: { token: 'Qualifier', clause: true },
  continue: { token: 'Reserved', clause: false },
  counter: { token: 'Reserved', clause: true },
  default: { token: 'Reserved', clause: false },
  do: { token: 'Reserved', clause: false },
  double: { token: 'TypeWord', clause: true },
  else: { token: 'Else', clause: false },
  enum: { token: 'Enum', clause: true },
  extern: { token: 'StorageClass', clause: true },
  float: { token: 'TypeWord', clause: true },
  for: { token: 'Reserved', clause: false },
  goto: { token: 'Reserved', clause: false },
  if: { token: 'If', clause: false },
  import: { token: 'Reserved', clause: true },
  inline: { token: 'Inline', clause: true },
  int: { token: 'TypeWord', clause: true },
  long: { token: 'TypeWord', clause: true },
  offsetof: { token: 'Offsetof', clause: false },
  probe: { token: 'Probe', clause: false },
  provider: { token: 'Provider', clause: true },
  register: { token: 'StorageClass', clause: true },
  restrict: { token: 'Qualifier', clause: true },
  return: { token: 'Reserved', clause: false },
  self: { token: 'Scope', clause: true },
  short: { token: 'TypeWord', clause: true },
  signed: { token: 'TypeWord', clause: true },
  sizeof: { token: 'Sizeof', clause: false },
  static: { token: 'StorageClass', clause: true },
  string: { token: 'TypeWord', clause: true },
  stringof: { token: 'Stringof', clause: false },
  struct: { token: 'StructOrUnion', clause: true },
  switch: { token: 'Reserved', clause: false },
  this: { token: 'Scope', clause: true },
  translator: { token: 'Translator', clause: true },
  typedef: { token: 'StorageClass', clause: true },
  union: { token: 'StructOrUnion', clause: true },
  unsigned: { token: 'TypeWord', clause: true },
  userland: { token: 'Qualifier', clause: false },
  void: { token: 'TypeWord', clause: true },
  volatile: { token: 'Qualifier', clause: true },
  while: { token: 'Reserved', clause: false },
  xlate: { token: 'Xlate', clause: false },
} as const satisfies Record<string, { token: TokenName; clause: boolean }>;

/**
 * Operators and punctuation. `precedence` is set for binary operators: a higher number binds tighter; all of them
 * group from the left. Unary operators bind tighter than any of these, `?:` and assignment looser.
 */
export const OPERATORS = {
  '*': { token: 'Star', precedence: 11 },
  '/': { token: 'OtherBinary', precedence: 11 },
  '%': { token: 'OtherBinary', precedence: 11 },
  '+': { token: 'Sign', precedence: 10 },
  '-': { token: 'Sign', precedence: 10 },
  '<<': { token: 'OtherBinary', precedence: 9 },
  '>>': { token: 'OtherBinary', precedence: 9 },
  '<': { token: 'Less', precedence: 8 },
  '>': { token: 'Greater', precedence: 8 },
  '<=': { token: 'OtherBinary', precedence: 8 },
  '>=': { token: 'OtherBinary', precedence: 8 },
  '==': { token: 'OtherBinary', precedence: 7 },
  '!=': { token: 'OtherBinary', precedence: 7 },
  '&': { token: 'Sign', precedence: 6 },
  '^': { token: 'OtherBinary', precedence: 5 },
  '|': { token: 'OtherBinary', precedence: 4 },
  '&&': { token: 'OtherBinary', precedence: 3 },
  '^^': { token: 'OtherBinary', precedence: 2 },
  '||': { token: 'OtherBinary', precedence: 1 },
  '~': { token: 'OtherUnary' },
  '!': { token: 'OtherUnary' },
  '++': { token: 'Increment' },
  '--': { token: 'Increment' },
  '=': { token: 'Assign' },
  '*=': { token: 'OtherAssignment' },
  '/=': { token: 'OtherAssignment' },
  '%=': { token: 'OtherAssignment' },
  '+=': { token: 'OtherAssignment' },
  '-=': { token: 'OtherAssignment' },
  '<<=': { token: 'OtherAssignment' },
  '>>=': { token: 'OtherAssignment' },
  '&=': { token: 'OtherAssignment' },
  '^=': { token: 'OtherAssignment' },
  '|=': { token: 'OtherAssignment' },
  '?': { token: 'Question' },
  ':': { token: 'Colon' },
  ',': { token: 'Comma' },
  ';': { token: 'Semicolon' },
  '.': { token: 'MemberAccess' },
  '->': { token: 'MemberAccess' },
  '...': { token: 'Ellipsis' },
  '(': { token: 'OpenParen' },
  ')': { token: 'CloseParen' },
  '[': { token: 'OpenBracket' },
  ']': { token: 'CloseBracket' },
  '{': { token: 'OpenBrace' },
  '}': { token: 'CloseBrace' },
} as const satisfies Record<string, { token: TokenName; precedence?: number }>;
