/** Made by scripts/first-sets.ts from the rules of parser.ts: npm run grammar. */
export const FIRST_SETS: Readonly<Record<string, string>> = {
  'program MANY 0':
    'Identifier Integer ProbeSpecifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum Inline Translator Provider',
  'externalDeclaration OR 0':
    'Inline | Translator | Provider | Integer ProbeSpecifier | Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum',
  'probeClause AT_LEAST_ONE_SEP 0': 'Integer ProbeSpecifier',
  'probeClause OPTION 0': 'OpenPredicate',
  'probeClause OPTION 1': 'OpenBrace OpenAngle',
  'probeSpecifier OR 0': 'ProbeSpecifier | Integer',
  'clauseBody OR 0': 'OpenBrace | OpenAngle',
  'statementList MANY 0':
    'Identifier Integer Character String Aggregation Scope If Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment Semicolon OpenParen',
  'statement OR 0':
    'Semicolon | If | Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'statement OPTION 0': 'Semicolon',
  'ifStatement MANY 0': 'Else',
  'ifStatement OPTION 0': 'Else',
  'blockOrStatement OR 0':
    'OpenBrace | Identifier Integer Character String Aggregation Scope If Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment Semicolon OpenParen',
  'translatorDefinition MANY 0':
    'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum Inline Translator Provider Probe If Else Sizeof Stringof Offsetof Xlate Reserved',
  'providerDefinition MANY 0': 'Probe',
  'providerProbe OPTION 0': 'Colon',
  'declaration MANY_SEP 0': 'Identifier Star OpenParen OpenBracket',
  'specifiers AT_LEAST_ONE 0': 'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum',
  'specifiers OR 0': 'StorageClass | Scope | Qualifier | TypeWord | StructOrUnion | Enum | Identifier',
  'structSpecifier OR 0': 'Identifier | OpenBrace',
  'structSpecifier OPTION 0': 'OpenBrace',
  'memberList AT_LEAST_ONE 0':
    'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum Star Colon Semicolon OpenParen OpenBracket',
  'memberDeclaration OPTION 0': 'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum',
  'memberDeclaration MANY_SEP 0': 'Identifier Star Colon OpenParen OpenBracket',
  'memberDeclarator OR 0': 'Identifier Star OpenParen OpenBracket | Colon',
  'memberDeclarator OPTION 0': 'Colon',
  'enumSpecifier OR 0': 'Identifier | OpenBrace',
  'enumSpecifier OPTION 0': 'OpenBrace',
  'enumeratorList AT_LEAST_ONE_SEP 0': 'Identifier',
  'enumerator OPTION 0': 'Assign',
  'declarator OR 0': 'Star | Identifier OpenParen OpenBracket',
  'declarator MANY 0': 'Qualifier',
  'declarator OPTION 0': 'Identifier Star OpenParen OpenBracket',
  'directDeclarator OR 0': 'Identifier | OpenParen | OpenParen OpenBracket',
  'directDeclarator MANY 0': 'OpenParen OpenBracket',
  'declaratorSuffix OR 0': 'OpenBracket | OpenParen',
  'arraySuffix OPTION 0':
    'Identifier Integer Character String Aggregation TypeWord Qualifier StorageClass Scope StructOrUnion Enum Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment Ellipsis OpenParen',
  'arraySuffix OR 0':
    'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum Ellipsis | Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'functionSuffix OPTION 0': 'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum Ellipsis',
  'parameters AT_LEAST_ONE_SEP 0':
    'Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum Ellipsis',
  'parameters OR 0': 'Ellipsis | Identifier TypeWord Qualifier StorageClass Scope StructOrUnion Enum',
  'parameter OPTION 0': 'Identifier Star OpenParen OpenBracket',
  'typeName OPTION 0': 'Identifier Star OpenParen OpenBracket',
  'expression AT_LEAST_ONE_SEP 0':
    'Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'assignment OPTION 0': 'Assign OtherAssignment',
  'conditional OPTION 0': 'Question',
  'binary MANY 0': 'Star Sign Less Greater OtherBinary',
  'cast OR 0':
    'OpenParen | Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'unary OR 0':
    'Increment | Star Sign OtherUnary | Sizeof | Stringof | Identifier Integer Character String Aggregation Scope Offsetof Xlate OpenParen',
  'sizeof OR 0':
    'OpenParen | Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'postfix MANY 0': 'Increment MemberAccess OpenParen OpenBracket',
  'postfix OR 0': 'OpenBracket | OpenParen | MemberAccess | Increment',
  'postfix OPTION 0':
    'Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'argumentList AT_LEAST_ONE_SEP 0':
    'Identifier Integer Character String Aggregation Scope Sizeof Stringof Offsetof Xlate Star Sign OtherUnary Increment OpenParen',
  'primary OR 0':
    'Identifier | Aggregation | Integer | Character | String | Scope | OpenParen | Offsetof | Xlate',
};
