/**
 * The parser: the tokens of one item → its tree. One rule per production of grammar/productions.ts, same name, same
 * shape (a test compares them); the actions between build the nodes of ast.ts.
 *
 * One token of lookahead decides nearly everywhere. Where D needs more, a GATE asks: does a name stand for a type
 * here (section 1.12), does `(` open a cast, does `else` go on with `if`. Binary operators are one rule: operands and
 * operators are reduced by the precedence in the operator table, so a long expression costs no stack.
 *
 * chevrotain can run every rule once to learn the grammar ("recording"); tokens are then dummies, so whatever looks into
 * a token or node stands inside ACTION. That takes some ten milliseconds, so only `npm run grammar` does it, which
 * makes the table that decides (lookahead.ts), and the tests.
 */
import {
  EarlyExitException,
  EmbeddedActionsParser,
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  MismatchedTokenException,
  NoViableAltException,
  type ParserMethod,
  tokenMatcher,
} from 'chevrotain';
import { OPERATORS, TOKENS, type TokenName } from '../../grammar/tokens.ts';
import { bug } from '../base/assert.ts';
import type { SourceText, Span } from '../diag/span.ts';
import type {
  AssignOperator,
  BinaryOperator,
  Declaration,
  Declarator,
  Enumerator,
  Expr,
  InlineDefinition,
  Item,
  MemberDeclaration,
  Parameters,
  ProbeClause,
  ProbeSpecifier,
  ProviderDefinition,
  Qualifier,
  Specifiers,
  Statement,
  StorageClass,
  TranslatorDefinition,
  TypeName,
  TypeSpecifier,
  UnaryOperator,
} from './ast.ts';
import { MAX_UNBRACKETED_DEPTH } from './limits.ts';
import type { IntegerLiteral } from './literals.ts';
import { type Decision, decisionOf, NO_LOOKAHEAD, RULE_OF_KEY } from './lookahead.ts';

/** What the rules must know about the text they read. */
export interface ParserContext {
  readonly text: SourceText;
  /** A bare probe description without a body is a whole clause. */
  readonly bodyOptional: boolean;
  readonly isTypeName: (name: string) => boolean;
  /** The name turned out to be a variable: it is no type from here on. */
  readonly makeIdentifier: (name: string) => void;
}

/** Why and where an item was not accepted. `expected` is the one token that could have come, if there was only one. */
export interface ParseFailure {
  readonly token: IToken;
  readonly expected: TokenName | undefined;
  readonly message: string | undefined; // when more is known than the place
}

/** May a declarator have a name? `named` must, `abstract` must not. */
type DeclaratorForm = 'named' | 'abstract' | 'either';

type Rule<R> = ParserMethod<[], R>;

/** The expected token travels as the message; the wording is syntax-errors.ts's. */
const MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: () => '',
  buildEarlyExitMessage: () => '',
};

class ItemParser extends EmbeddedActionsParser {
  private context!: ParserContext;
  private failure: ParseFailure | undefined;
  private depth = 0;
  /** Parenthesised expressions of this item: `(a + b) = c` is an assignment, `a + b = c` is not. */
  private parenthesised = new Set<Expr>();

  private readonly decisions = new Map<number, Decision>();
  private readonly recorded: boolean;
  private grammar: ReturnType<EmbeddedActionsParser['getGAstProductions']> | undefined;

  // chevrotain's own, which its types do not show
  declare protected selfAnalysisDone: boolean;
  declare protected readonly SAVE_ERROR: (error: Error) => Error;
  declare protected readonly shortRuleNameToFull: Readonly<Record<number, string>>;

  constructor(recorded = false) {
    super(Object.values(TOKENS), {
      skipValidations: true,
      lookaheadStrategy: NO_LOOKAHEAD,
      recoveryEnabled: false,
      errorMessageProvider: MESSAGES,
    });
    this.recorded = recorded;
    if (recorded) this.performSelfAnalysis();
    else this.selfAnalysisDone = true;
  }

  /** chevrotain asks here for every decision. */
  getLaFuncFromCache(key: number): Decision {
    const known = this.decisions.get(key);
    if (known) return known;
    const decision = decisionOf(this.shortRuleNameToFull[key & RULE_OF_KEY] ?? '', key);
    this.decisions.set(key, decision);
    return decision;
  }

  // What chevrotain would say about these two takes its recorded grammar, and is not shown (MESSAGES).

  raiseNoAltException(): never {
    throw this.SAVE_ERROR(new NoViableAltException('', this.LA(1), this.LA(0)));
  }

  raiseEarlyExitException(): never {
    throw this.SAVE_ERROR(new EarlyExitException('', this.LA(1), this.LA(0)));
  }

  override getGAstProductions(): ReturnType<EmbeddedActionsParser['getGAstProductions']> {
    if (this.recorded) return super.getGAstProductions();
    this.grammar ??= new ItemParser(true).getGAstProductions();
    return this.grammar;
  }

  /** Parse one item. */
  parseItem(tokens: IToken[], context: ParserContext): Item | ParseFailure {
    this.context = context;
    this.failure = undefined;
    this.depth = 0;
    this.parenthesised = new Set();
    this.input = tokens;
    const [item, second] = this.program() ?? [];
    if (second) bug('syntax', 'the lexer did not end an item where the parser does');
    if (this.failure) return this.failure;
    const [error] = this.errors;
    if (error) {
      const expected = error.name === 'MismatchedTokenException' ? (error.message as TokenName) : undefined;
      return { token: error.token, expected, message: undefined };
    }
    return item ?? { token: this.LA(1), expected: undefined, message: undefined };
  }

  // ---- Program

  program: Rule<Item[]> = this.RULE('program', () => {
    const items: Item[] = [];
    this.MANY(() => {
      items.push(this.SUBRULE(this.externalDeclaration));
    });
    return items;
  });

  externalDeclaration: Rule<Item> = this.RULE('externalDeclaration', () =>
    this.OR<Item>([
      { ALT: () => this.SUBRULE(this.inlineDefinition) },
      { ALT: () => this.SUBRULE(this.translatorDefinition) },
      { ALT: () => this.SUBRULE(this.providerDefinition) },
      { ALT: () => this.SUBRULE(this.probeClause) },
      { ALT: () => this.SUBRULE(this.declaration) },
    ]),
  );

  probeClause: Rule<ProbeClause> = this.RULE('probeClause', () => {
    const start = this.LA(1);
    let predicate: Expr | undefined;
    let body: Statement[] | undefined;
    const probes: ProbeSpecifier[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        probes.push(this.SUBRULE(this.probeSpecifier));
      },
    });
    this.OPTION(() => {
      this.CONSUME(TOKENS.OpenPredicate);
      predicate = this.SUBRULE(this.expression);
      this.CONSUME(TOKENS.ClosePredicate);
    });
    this.OPTION1(() => {
      body = this.SUBRULE(this.clauseBody);
    });
    return this.ACTION<ProbeClause>(() => {
      if (body === undefined) this.checkBodyless(start, predicate);
      return { kind: 'clause', span: this.from(start), probes, predicate, body };
    });
  });

  probeSpecifier: Rule<ProbeSpecifier> = this.RULE('probeSpecifier', () =>
    this.OR<ProbeSpecifier>([
      {
        ALT: () => {
          const token = this.CONSUME(TOKENS.ProbeSpecifier);
          return this.ACTION(() => ({ span: this.at(token), text: String(token.payload), id: undefined }));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(TOKENS.Integer);
          return this.ACTION(() => {
            const literal = token.payload as IntegerLiteral | undefined;
            return { span: this.at(token), text: token.image, id: Number(literal?.value ?? 0n) };
          });
        },
      },
    ]),
  );

  clauseBody: Rule<Statement[]> = this.RULE('clauseBody', () =>
    this.OR<Statement[]>([
      {
        ALT: () => {
          this.CONSUME(TOKENS.OpenBrace);
          const statements = this.SUBRULE(this.statementList);
          this.CONSUME(TOKENS.CloseBrace);
          return statements;
        },
      },
      {
        ALT: () => {
          this.CONSUME(TOKENS.OpenAngle);
          const statements = this.SUBRULE1(this.statementList);
          this.CONSUME(TOKENS.CloseAngle);
          return statements;
        },
      },
    ]),
  );

  // ---- Statements

  statementList: Rule<Statement[]> = this.RULE('statementList', () => {
    const statements: Statement[] = [];
    this.MANY(() => {
      statements.push(this.SUBRULE(this.statement));
    });
    return statements;
  });

  statement: Rule<Statement> = this.RULE('statement', () => {
    const start = this.LA(1);
    return this.OR<Statement>([
      {
        ALT: () => {
          this.CONSUME(TOKENS.Semicolon);
          return this.ACTION(() => ({ kind: 'empty', span: this.from(start) }));
        },
      },
      { ALT: () => this.SUBRULE(this.ifStatement) },
      {
        ALT: () => {
          const expression = this.SUBRULE(this.expression);
          let terminated = false;
          this.OPTION(() => {
            this.CONSUME1(TOKENS.Semicolon);
            terminated = true;
          });
          return this.ACTION(() => {
            // The last semicolon before } may be left out.
            if (!terminated && !this.next('CloseBrace')) this.fail(this.LA(1), undefined, 'Semicolon');
            return { kind: 'expression', span: this.from(start), expression };
          });
        },
      },
    ]);
  });

  ifStatement: Rule<Statement> = this.RULE('ifStatement', () => {
    const arms: { start: IToken; condition: Expr; body: Statement[] }[] = [];
    let otherwise: Statement[] | undefined;
    const start = this.CONSUME(TOKENS.If);
    this.CONSUME(TOKENS.OpenParen);
    const condition = this.SUBRULE(this.expression);
    this.CONSUME(TOKENS.CloseParen);
    arms.push({ start, condition, body: this.SUBRULE(this.blockOrStatement) });
    this.MANY({
      GATE: () => tokenMatcher(this.LA(2), TOKENS.If),
      DEF: () => {
        this.CONSUME(TOKENS.Else);
        const again = this.CONSUME1(TOKENS.If);
        this.CONSUME1(TOKENS.OpenParen);
        const condition = this.SUBRULE1(this.expression);
        this.CONSUME1(TOKENS.CloseParen);
        arms.push({ start: again, condition, body: this.SUBRULE1(this.blockOrStatement) });
      },
    });
    this.OPTION(() => {
      this.CONSUME1(TOKENS.Else);
      otherwise = this.SUBRULE2(this.blockOrStatement);
    });
    return this.ACTION(() => {
      for (const { start, condition, body: then } of arms.reverse()) {
        otherwise = [{ kind: 'if', span: this.from(start), condition, then, otherwise }];
      }
      return otherwise![0]!;
    });
  });

  blockOrStatement: Rule<Statement[]> = this.RULE('blockOrStatement', () =>
    this.OR<Statement[]>([
      {
        ALT: () => {
          this.CONSUME(TOKENS.OpenBrace);
          const statements = this.SUBRULE(this.statementList);
          this.CONSUME(TOKENS.CloseBrace);
          return statements;
        },
      },
      { ALT: () => [this.nested(() => this.SUBRULE(this.statement))] },
    ]),
  );

  // ---- Definitions

  inlineDefinition: Rule<InlineDefinition> = this.RULE('inlineDefinition', () => {
    const start = this.CONSUME(TOKENS.Inline);
    const specifiers = this.SUBRULE(this.specifiers);
    const declarator = this.SUBRULE(this.declarator, { ARGS: ['named'] });
    this.ACTION(() => this.needName(declarator));
    this.CONSUME(TOKENS.Assign);
    const value = this.SUBRULE(this.assignment);
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION<InlineDefinition>(() => ({
      kind: 'inline',
      span: this.from(start),
      specifiers,
      declarator,
      value,
    }));
  });

  translatorDefinition: Rule<TranslatorDefinition> = this.RULE('translatorDefinition', () => {
    const members: TranslatorDefinition['members'][number][] = [];
    const start = this.CONSUME(TOKENS.Translator);
    const output = this.SUBRULE(this.typeName);
    this.CONSUME(TOKENS.Less);
    const input = this.SUBRULE1(this.typeName);
    const parameter = this.CONSUME(TOKENS.Identifier);
    this.CONSUME(TOKENS.Greater);
    this.CONSUME(TOKENS.OpenBrace);
    this.MANY(() => {
      members.push(this.SUBRULE(this.translatorMember));
    });
    this.CONSUME(TOKENS.CloseBrace);
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION<TranslatorDefinition>(() => ({
      kind: 'translator',
      span: this.from(start),
      output,
      input,
      parameter: parameter.image,
      members,
    }));
  });

  translatorMember: Rule<TranslatorDefinition['members'][number]> = this.RULE('translatorMember', () => {
    const name = this.CONSUME(TOKENS.MemberName);
    this.CONSUME(TOKENS.Assign);
    const value = this.SUBRULE(this.assignment);
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION(() => ({ span: this.from(name), name: name.image, value }));
  });

  providerDefinition: Rule<ProviderDefinition> = this.RULE('providerDefinition', () => {
    const probes: ProviderDefinition['probes'][number][] = [];
    const start = this.CONSUME(TOKENS.Provider);
    const name = this.CONSUME(TOKENS.Identifier);
    this.CONSUME(TOKENS.OpenBrace);
    this.MANY(() => {
      probes.push(this.SUBRULE(this.providerProbe));
    });
    this.CONSUME(TOKENS.CloseBrace);
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION<ProviderDefinition>(() => ({
      kind: 'provider',
      span: this.from(start),
      name: name.image,
      probes,
    }));
  });

  providerProbe: Rule<ProviderDefinition['probes'][number]> = this.RULE('providerProbe', () => {
    let translated: Parameters | undefined;
    const start = this.CONSUME(TOKENS.Probe);
    const name = this.CONSUME(TOKENS.Identifier);
    const native = this.SUBRULE(this.functionSuffix);
    this.OPTION(() => {
      this.CONSUME(TOKENS.Colon);
      translated = this.SUBRULE1(this.functionSuffix);
    });
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION(() => ({ span: this.from(start), name: name.image, native, translated }));
  });

  // ---- Declarations

  declaration: Rule<Declaration> = this.RULE('declaration', () => {
    const declarators: Declarator[] = [];
    const start = this.LA(1);
    const specifiers = this.SUBRULE(this.specifiers);
    this.MANY_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        const declarator = this.SUBRULE(this.declarator, { ARGS: ['named'] });
        this.ACTION(() => this.needName(declarator));
        declarators.push(declarator);
      },
    });
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION<Declaration>(() => ({
      kind: 'declaration',
      span: this.from(start),
      specifiers,
      declarators,
    }));
  });

  specifiers: Rule<Specifiers> = this.RULE('specifiers', () => {
    const start = this.LA(1);
    const storage: StorageClass[] = [];
    const qualifiers: Qualifier[] = [];
    const words: string[] = [];
    const parts: { named: TypeSpecifier | undefined } = { named: undefined };
    this.AT_LEAST_ONE({
      GATE: () => this.specifierFollows(words.length > 0, parts.named !== undefined),
      DEF: () => {
        this.OR([
          { ALT: () => storage.push(this.CONSUME(TOKENS.StorageClass).image as StorageClass) },
          { ALT: () => storage.push(this.CONSUME(TOKENS.Scope).image as StorageClass) },
          { ALT: () => qualifiers.push(this.CONSUME(TOKENS.Qualifier).image as Qualifier) },
          { ALT: () => words.push(this.CONSUME(TOKENS.TypeWord).image) },
          {
            ALT: () => {
              parts.named = this.SUBRULE(this.structSpecifier);
            },
          },
          {
            ALT: () => {
              parts.named = this.SUBRULE(this.enumSpecifier);
            },
          },
          {
            ALT: () => {
              const name = this.CONSUME(TOKENS.TypeName);
              parts.named = this.ACTION(() => ({ kind: 'typename', span: this.at(name), name: name.image }));
            },
          },
        ]);
      },
    });
    return this.ACTION(() => ({ span: this.from(start), storage, qualifiers, words, named: parts.named }));
  });

  structSpecifier: Rule<TypeSpecifier> = this.RULE('structSpecifier', () => {
    let tag: IToken | undefined;
    let members: MemberDeclaration[] | undefined;
    const start = this.CONSUME(TOKENS.StructOrUnion);
    this.OR([
      {
        ALT: () => {
          tag = this.CONSUME(TOKENS.Identifier);
          this.OPTION(() => {
            members = this.SUBRULE(this.memberList);
          });
        },
      },
      {
        ALT: () => {
          members = this.SUBRULE1(this.memberList);
        },
      },
    ]);
    return this.ACTION<TypeSpecifier>(() => ({
      kind: start.image as 'struct' | 'union',
      span: this.from(start),
      tag: tag?.image,
      members,
    }));
  });

  memberList: Rule<MemberDeclaration[]> = this.RULE('memberList', () => {
    const members: MemberDeclaration[] = [];
    this.CONSUME(TOKENS.OpenBrace);
    this.AT_LEAST_ONE(() => {
      members.push(this.SUBRULE(this.memberDeclaration));
    });
    this.CONSUME(TOKENS.CloseBrace);
    return members;
  });

  memberDeclaration: Rule<MemberDeclaration> = this.RULE('memberDeclaration', () => {
    const start = this.LA(1);
    let specifiers: Specifiers | undefined;
    const declarators: MemberDeclaration['declarators'][number][] = [];
    this.OPTION(() => {
      specifiers = this.SUBRULE(this.specifiers);
    });
    this.MANY_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        declarators.push(this.SUBRULE(this.memberDeclarator));
      },
    });
    this.CONSUME(TOKENS.Semicolon);
    return this.ACTION(() => {
      const none = { span: this.before(start), storage: [], qualifiers: [], words: [], named: undefined };
      return { span: this.from(start), specifiers: specifiers ?? none, declarators };
    });
  });

  memberDeclarator: Rule<MemberDeclaration['declarators'][number]> = this.RULE('memberDeclarator', () => {
    const start = this.LA(1);
    let declarator: Declarator | undefined;
    let bits: Expr | undefined;
    this.OR([
      {
        ALT: () => {
          declarator = this.SUBRULE(this.declarator, { ARGS: ['named'] });
          this.OPTION(() => {
            this.CONSUME(TOKENS.Colon);
            bits = this.SUBRULE(this.conditional);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME1(TOKENS.Colon);
          bits = this.SUBRULE1(this.conditional);
        },
      },
    ]);
    return this.ACTION(() => {
      if (declarator) this.needName(declarator);
      return { declarator: declarator ?? { kind: 'name', span: this.before(start), name: undefined }, bits };
    });
  });

  enumSpecifier: Rule<TypeSpecifier> = this.RULE('enumSpecifier', () => {
    let tag: IToken | undefined;
    let enumerators: Enumerator[] | undefined;
    const start = this.CONSUME(TOKENS.Enum);
    this.OR([
      {
        ALT: () => {
          tag = this.CONSUME(TOKENS.Identifier);
          this.OPTION(() => {
            enumerators = this.SUBRULE(this.enumeratorList);
          });
        },
      },
      {
        ALT: () => {
          enumerators = this.SUBRULE1(this.enumeratorList);
        },
      },
    ]);
    return this.ACTION<TypeSpecifier>(() => ({
      kind: 'enum',
      span: this.from(start),
      tag: tag?.image,
      enumerators,
    }));
  });

  enumeratorList: Rule<Enumerator[]> = this.RULE('enumeratorList', () => {
    const enumerators: Enumerator[] = [];
    this.CONSUME(TOKENS.OpenBrace);
    this.AT_LEAST_ONE_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        enumerators.push(this.SUBRULE(this.enumerator));
      },
    });
    this.CONSUME(TOKENS.CloseBrace);
    return enumerators;
  });

  enumerator: Rule<Enumerator> = this.RULE('enumerator', () => {
    let value: Expr | undefined;
    const name = this.CONSUME(TOKENS.Identifier);
    this.OPTION(() => {
      this.CONSUME(TOKENS.Assign);
      value = this.SUBRULE(this.conditional);
    });
    return this.ACTION(() => ({ span: this.from(name), name: name.image, value }));
  });

  // ---- Declarators

  declarator: ParserMethod<[DeclaratorForm], Declarator> = this.RULE('declarator', (form: DeclaratorForm) => {
    const start = this.LA(1);
    return this.OR<Declarator>([
      {
        ALT: () => {
          const qualifiers: Qualifier[] = [];
          let inner: Declarator | undefined;
          this.CONSUME(TOKENS.Star);
          this.MANY(() => {
            qualifiers.push(this.CONSUME(TOKENS.Qualifier).image as Qualifier);
          });
          this.OPTION({
            GATE: () => this.declaratorFollows(form),
            DEF: () => {
              inner = this.nested(() => this.SUBRULE(this.declarator, { ARGS: [form] }));
            },
          });
          return this.ACTION(() => ({
            kind: 'pointer',
            span: this.from(start),
            qualifiers,
            inner: inner ?? this.nameless(),
          }));
        },
      },
      { ALT: () => this.SUBRULE(this.directDeclarator, { ARGS: [form] }) },
    ]);
  });

  directDeclarator: ParserMethod<[DeclaratorForm], Declarator> = this.RULE(
    'directDeclarator',
    (form: DeclaratorForm) => {
      const start = this.LA(1);
      let declarator = this.OR<Declarator>([
        {
          GATE: () => form !== 'abstract',
          ALT: () => {
            const name = this.CONSUME(TOKENS.Identifier);
            return this.ACTION(() => ({ kind: 'name', span: this.at(name), name: name.image }));
          },
        },
        {
          GATE: () => !this.parametersFollow(2),
          ALT: () => {
            this.CONSUME(TOKENS.OpenParen);
            const inner = this.SUBRULE(this.declarator, { ARGS: [form] });
            this.CONSUME(TOKENS.CloseParen);
            return inner;
          },
        },
        { ALT: () => this.SUBRULE(this.declaratorSuffix, { ARGS: [undefined, undefined] }) },
      ]);
      this.MANY(() => {
        declarator = this.SUBRULE1(this.declaratorSuffix, { ARGS: [declarator, start] });
      });
      return declarator;
    },
  );

  declaratorSuffix: ParserMethod<[Declarator | undefined, IToken | undefined], Declarator> = this.RULE(
    'declaratorSuffix',
    (object: Declarator | undefined, startOfObject: IToken | undefined) => {
      const start = startOfObject ?? this.LA(1);
      const inner = this.ACTION(() => object ?? this.nameless());
      return this.OR<Declarator>([
        {
          ALT: () => {
            const subscript = this.SUBRULE(this.arraySuffix);
            return this.ACTION(() => {
              const span = this.from(start);
              return subscript.keys
                ? { kind: 'associative', span, inner, keys: subscript.keys }
                : { kind: 'array', span, inner, size: subscript.size };
            });
          },
        },
        {
          ALT: () => {
            const parameters = this.SUBRULE(this.functionSuffix);
            return this.ACTION(() => ({ kind: 'function', span: this.from(start), inner, parameters }));
          },
        },
      ]);
    },
  );

  arraySuffix: Rule<{ keys: Parameters | undefined; size: Expr | undefined }> = this.RULE(
    'arraySuffix',
    () => {
      let keys: Parameters | undefined;
      let size: Expr | undefined;
      this.CONSUME(TOKENS.OpenBracket);
      this.OPTION(() => {
        this.OR([
          {
            GATE: () => this.parameterFollows(1),
            ALT: () => {
              keys = this.SUBRULE(this.parameters);
            },
          },
          {
            ALT: () => {
              size = this.SUBRULE(this.conditional);
            },
          },
        ]);
      });
      this.CONSUME(TOKENS.CloseBracket);
      return this.ACTION(() => ({ keys, size }));
    },
  );

  functionSuffix: Rule<Parameters> = this.RULE('functionSuffix', () => {
    let parameters: Parameters = { list: [], variadic: false };
    this.CONSUME(TOKENS.OpenParen);
    this.OPTION(() => {
      parameters = this.SUBRULE(this.parameters);
    });
    this.CONSUME(TOKENS.CloseParen);
    return parameters;
  });

  parameters: Rule<Parameters> = this.RULE('parameters', () => {
    const list: Parameters['list'][number][] = [];
    let variadic = false;
    this.AT_LEAST_ONE_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              const dots = this.CONSUME(TOKENS.Ellipsis);
              this.ACTION(() => {
                if (variadic) this.fail(dots);
              });
              variadic = true;
            },
          },
          {
            ALT: () => {
              const start = this.LA(1);
              const parameter = this.SUBRULE(this.parameter);
              this.ACTION(() => {
                if (variadic) this.fail(start); // nothing comes after ...
              });
              list.push(parameter);
            },
          },
        ]);
      },
    });
    return this.ACTION(() => ({ list, variadic }));
  });

  parameter: Rule<Parameters['list'][number]> = this.RULE('parameter', () => {
    const start = this.LA(1);
    let declarator: Declarator | undefined;
    const specifiers = this.SUBRULE(this.specifiers);
    this.OPTION(() => {
      declarator = this.SUBRULE(this.declarator, { ARGS: ['either'] });
    });
    return this.ACTION(() => ({
      span: this.from(start),
      specifiers,
      declarator: declarator ?? this.nameless(),
    }));
  });

  typeName: Rule<TypeName> = this.RULE('typeName', () => {
    const start = this.LA(1);
    let declarator: Declarator | undefined;
    const specifiers = this.SUBRULE(this.specifiers);
    this.OPTION({
      GATE: () => this.declaratorFollows('abstract'),
      DEF: () => {
        declarator = this.SUBRULE(this.declarator, { ARGS: ['abstract'] });
      },
    });
    return this.ACTION(() => ({
      span: this.from(start),
      specifiers,
      declarator: declarator ?? this.nameless(),
    }));
  });

  // ---- Expressions

  expression: Rule<Expr> = this.RULE('expression', () => {
    let result: Expr | undefined;
    this.AT_LEAST_ONE_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        const next = this.SUBRULE(this.assignment);
        this.ACTION(() => {
          result = result ? { kind: 'comma', span: covering(result, next), left: result, right: next } : next;
        });
      },
    });
    return this.ACTION<Expr>(() => result!);
  });

  assignment: Rule<Expr> = this.RULE('assignment', () => {
    let result = this.SUBRULE(this.conditional);
    this.OPTION({
      GATE: () => this.isUnary(result),
      DEF: () => {
        const operator = this.CONSUME(TOKENS.AssignmentOperator);
        const value = this.nested(() => this.SUBRULE(this.assignment));
        this.ACTION(() => {
          const span = covering(result, value);
          result = {
            kind: 'assign',
            span,
            operator: operator.image as AssignOperator,
            target: result,
            value,
          };
        });
      },
    });
    return result;
  });

  conditional: Rule<Expr> = this.RULE('conditional', () => {
    let result = this.SUBRULE(this.binary);
    this.OPTION(() => {
      this.CONSUME(TOKENS.Question);
      const then = this.nested(() => this.SUBRULE(this.expression));
      this.CONSUME(TOKENS.Colon);
      const otherwise = this.nested(() => this.SUBRULE(this.conditional));
      this.ACTION(() => {
        const span = covering(result, otherwise);
        result = { kind: 'conditional', span, condition: result, then, otherwise };
      });
    });
    return result;
  });

  binary: Rule<Expr> = this.RULE('binary', () => {
    const operands: Expr[] = [this.SUBRULE(this.cast)];
    const operators: BinaryOperator[] = [];
    this.MANY(() => {
      const operator = this.CONSUME(TOKENS.BinaryOperator);
      this.ACTION(() => {
        reduce(operands, operators, OPERATORS[operator.image as BinaryOperator].precedence);
        operators.push(operator.image as BinaryOperator);
      });
      operands.push(this.SUBRULE1(this.cast));
    });
    return this.ACTION<Expr>(() => {
      reduce(operands, operators, 0);
      return operands[0]!;
    });
  });

  cast: Rule<Expr> = this.RULE('cast', () => {
    const start = this.LA(1);
    return this.OR<Expr>([
      {
        GATE: () => this.typeFollows(2),
        ALT: () => {
          this.CONSUME(TOKENS.OpenParen);
          const type = this.SUBRULE(this.typeName);
          this.CONSUME(TOKENS.CloseParen);
          const operand = this.nested(() => this.SUBRULE(this.cast));
          return this.ACTION(() => ({ kind: 'cast', span: this.from(start), type, operand }));
        },
      },
      { ALT: () => this.SUBRULE(this.unary) },
    ]);
  });

  unary: Rule<Expr> = this.RULE('unary', () => {
    const start = this.LA(1);
    return this.OR<Expr>([
      {
        ALT: () => {
          const operator = this.CONSUME(TOKENS.Increment);
          const operand = this.nested(() => this.SUBRULE(this.unary));
          return this.ACTION(() => this.prefix(operator, operand));
        },
      },
      {
        ALT: () => {
          const operator = this.CONSUME(TOKENS.UnaryOperator);
          const operand = this.nested(() => this.SUBRULE(this.cast));
          return this.ACTION(() => this.prefix(operator, operand));
        },
      },
      { ALT: () => this.SUBRULE(this.sizeof) },
      {
        ALT: () => {
          this.CONSUME(TOKENS.Stringof);
          const operand = this.nested(() => this.SUBRULE1(this.unary));
          return this.ACTION(() => ({ kind: 'stringof', span: this.from(start), operand }));
        },
      },
      { ALT: () => this.SUBRULE(this.postfix) },
    ]);
  });

  sizeof: Rule<Expr> = this.RULE('sizeof', () => {
    const start = this.CONSUME(TOKENS.Sizeof);
    return this.OR<Expr>([
      {
        GATE: () => this.typeFollows(2),
        ALT: () => {
          this.CONSUME(TOKENS.OpenParen);
          const operand = this.SUBRULE(this.typeName);
          this.CONSUME(TOKENS.CloseParen);
          return this.ACTION(() => ({ kind: 'sizeof', span: this.from(start), operand, of: 'type' }));
        },
      },
      {
        ALT: () => {
          const operand = this.nested(() => this.SUBRULE(this.unary));
          return this.ACTION(() => ({ kind: 'sizeof', span: this.from(start), operand, of: 'expression' }));
        },
      },
    ]);
  });

  postfix: Rule<Expr> = this.RULE('postfix', () => {
    const start = this.LA(1);
    let object = this.SUBRULE(this.primary);
    this.MANY(() => {
      object = this.OR<Expr>([
        {
          ALT: () => {
            this.CONSUME(TOKENS.OpenBracket);
            const indices = this.SUBRULE(this.argumentList);
            this.CONSUME(TOKENS.CloseBracket);
            return this.ACTION(() => ({ kind: 'index', span: this.from(start), object, indices }));
          },
        },
        {
          ALT: () => {
            let list: Expr[] = [];
            this.CONSUME(TOKENS.OpenParen);
            this.OPTION(() => {
              list = this.SUBRULE1(this.argumentList);
            });
            this.CONSUME(TOKENS.CloseParen);
            return this.ACTION(() => ({
              kind: 'call',
              span: this.from(start),
              callee: object,
              arguments: list,
            }));
          },
        },
        {
          ALT: () => {
            const access = this.CONSUME(TOKENS.MemberAccess);
            const name = this.CONSUME(TOKENS.MemberName);
            return this.ACTION(() => this.member(start, object, access.image === '->', name.image));
          },
        },
        {
          ALT: () => {
            const operator = this.CONSUME(TOKENS.Increment);
            return this.ACTION(() => ({
              kind: 'postfix',
              span: this.from(start),
              operator: operator.image as '++' | '--',
              operand: object,
            }));
          },
        },
      ]);
    });
    return object;
  });

  argumentList: Rule<Expr[]> = this.RULE('argumentList', () => {
    const list: Expr[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: TOKENS.Comma,
      DEF: () => {
        list.push(this.SUBRULE(this.assignment));
      },
    });
    return list;
  });

  primary: Rule<Expr> = this.RULE('primary', () =>
    this.OR<Expr>([
      { ALT: () => this.leaf(this.CONSUME(TOKENS.Identifier), (token) => this.identifier(token)) },
      { ALT: () => this.leaf(this.CONSUME(TOKENS.Aggregation), aggregation) },
      { ALT: () => this.leaf(this.CONSUME(TOKENS.Integer), integer) },
      { ALT: () => this.leaf(this.CONSUME(TOKENS.Character), character) },
      { ALT: () => this.leaf(this.CONSUME(TOKENS.String), string) },
      { ALT: () => this.leaf(this.CONSUME(TOKENS.Scope), scope) },
      {
        ALT: () => {
          const start = this.CONSUME(TOKENS.OpenParen);
          const inner = this.SUBRULE(this.expression);
          this.CONSUME(TOKENS.CloseParen);
          return this.ACTION(() => {
            const whole: Expr = { ...inner, span: this.from(start) };
            this.parenthesised.add(whole);
            return whole;
          });
        },
      },
      { ALT: () => this.SUBRULE(this.offsetof) },
      { ALT: () => this.SUBRULE(this.xlate) },
    ]),
  );

  offsetof: Rule<Expr> = this.RULE('offsetof', () => {
    const start = this.CONSUME(TOKENS.Offsetof);
    this.CONSUME(TOKENS.OpenParen);
    const type = this.SUBRULE(this.typeName);
    this.CONSUME(TOKENS.Comma);
    const member = this.CONSUME(TOKENS.MemberName);
    this.CONSUME(TOKENS.CloseParen);
    return this.ACTION<Expr>(() => ({
      kind: 'offsetof',
      span: this.from(start),
      type,
      member: member.image,
    }));
  });

  xlate: Rule<Expr> = this.RULE('xlate', () => {
    const start = this.CONSUME(TOKENS.Xlate);
    this.CONSUME(TOKENS.Less);
    const type = this.SUBRULE(this.typeName);
    this.CONSUME(TOKENS.Greater);
    this.CONSUME(TOKENS.OpenParen);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(TOKENS.CloseParen);
    return this.ACTION<Expr>(() => ({ kind: 'xlate', span: this.from(start), type, operand }));
  });

  // ---- What the rules ask

  private next(name: TokenName, ahead = 1): boolean {
    return tokenMatcher(this.LA(ahead), TOKENS[name]);
  }

  /** Does the token at that distance begin a type? */
  private typeFollows(ahead: number): boolean {
    return (
      this.next('TypeWord', ahead) ||
      this.next('Qualifier', ahead) ||
      this.next('StructOrUnion', ahead) ||
      this.next('Enum', ahead) ||
      (this.next('Identifier', ahead) && this.isTypeHere(ahead))
    );
  }

  /**
   * Is this name a type, in a place where either could stand (section 1.12)? Before `++ -- [ =` it is a variable that
   * will be created, and stays one; before `;` it can only be an expression.
   */
  private isTypeHere(ahead: number): boolean {
    const name = this.LA(ahead).image;
    if (!this.context.isTypeName(name)) return false;
    const after = ahead + 1;
    if (this.next('Increment', after) || this.next('OpenBracket', after) || this.next('Assign', after)) {
      this.context.makeIdentifier(name);
      return false;
    }
    return !this.next('Semicolon', after);
  }

  /** Once a declaration has its type, a name is what is declared. */
  private specifierFollows(hasWords: boolean, hasNamed: boolean): boolean {
    if (this.next('Identifier')) return !hasWords && !hasNamed && this.isTypeHere(1);
    return !(hasNamed && (this.next('StructOrUnion') || this.next('Enum')));
  }

  private declaratorFollows(form: DeclaratorForm): boolean {
    return form !== 'abstract' || !this.next('Identifier');
  }

  private parametersFollow(ahead: number): boolean {
    return this.next('CloseParen', ahead) || this.parameterFollows(ahead);
  }

  /** A storage class has no place in a parameter, which the checker says better than "syntax error". */
  private parameterFollows(ahead: number): boolean {
    const isScope = this.next('Scope', ahead) && this.LA(ahead + 1).image !== '->';
    return (
      isScope || this.next('StorageClass', ahead) || this.next('Ellipsis', ahead) || this.typeFollows(ahead)
    );
  }

  private isUnary(expression: Expr): boolean {
    const { kind } = expression;
    if (kind !== 'binary' && kind !== 'conditional' && kind !== 'cast') return true;
    return this.parenthesised.has(expression);
  }

  // ---- What the rules refuse

  private fail(token: IToken, message?: string, expected?: TokenName): never {
    this.failure = { token, message, expected };
    throw new MismatchedTokenException(message ?? '', token, this.LA(0));
  }

  private needName(declarator: Declarator): void {
    if (declaredName(declarator) === undefined) this.fail(this.LA(1));
  }

  private checkBodyless(start: IToken, predicate: Expr | undefined): void {
    if (predicate) this.fail(start, 'expected actions { } following probe description and predicate');
    const atEnd = tokenMatcher(this.LA(1), EOF);
    if (!atEnd && !this.next('Semicolon')) this.fail(this.LA(1));
    if (!this.context.bodyOptional) {
      this.fail(start, 'expected predicate and/or actions following probe description');
    }
  }

  /** Part of a rule that may contain itself without a bracket between. */
  private nested<T>(parse: () => T): T {
    this.ACTION(() => {
      if (++this.depth > MAX_UNBRACKETED_DEPTH) this.fail(this.LA(1), tooDeep(MAX_UNBRACKETED_DEPTH));
    });
    const result = parse();
    this.ACTION(() => {
      this.depth--;
    });
    return result;
  }

  // ---- Spans and nodes

  private at(token: IToken): Span {
    return { text: this.context.text, start: token.startOffset, end: token.endOffset! + 1 };
  }

  /** From `start` to the token consumed last. */
  private from(start: IToken): Span {
    const end = this.LA(0).endOffset! + 1;
    return { text: this.context.text, start: start.startOffset, end: Math.max(end, start.startOffset) };
  }

  private before(token: IToken): Span {
    return { text: this.context.text, start: token.startOffset, end: token.startOffset };
  }

  private nameless(): Declarator {
    const end = this.LA(0).endOffset! + 1;
    return { kind: 'name', span: { text: this.context.text, start: end, end }, name: undefined };
  }

  private leaf(token: IToken, make: (token: IToken, span: Span) => Expr): Expr {
    return this.ACTION<Expr>(() => make(token, this.at(token)));
  }

  private identifier(token: IToken): Expr {
    const isType = this.context.isTypeName(token.image) && !this.next('Comma') && !this.next('Semicolon');
    if (isType) this.usedAsVariable(token);
    return { kind: 'identifier', span: this.at(token), name: token.image };
  }

  /** A type's name in an expression: a variable to be created if assigned to, else a mistake. */
  private usedAsVariable(token: IToken): void {
    if (!this.next('Increment') && !this.next('OpenBracket') && !this.next('Assign')) this.fail(token);
    this.context.makeIdentifier(token.image);
  }

  private prefix(operator: IToken, operand: Expr): Expr {
    const span = this.from(operator);
    return { kind: 'unary', span, operator: operator.image as UnaryOperator, operand };
  }

  /** `self->x` and `this->x` are variables, not pointer operations. */
  private member(start: IToken, object: Expr, arrow: boolean, name: string): Expr {
    const span = this.from(start);
    if (arrow && object.kind === 'scope') return { kind: 'scoped', span, scope: object.scope, name };
    return { kind: 'member', span, arrow, object, name };
  }
}

export type { ItemParser };

/** Build the parser; some milliseconds, so build once. */
export function createItemParser(): ItemParser {
  return new ItemParser();
}

export function tooDeep(limit: number): string {
  return `program is nested more than ${limit} levels deep`;
}

/** The name that a declarator declares. */
export function declaredName(declarator: Declarator): string | undefined {
  let inner = declarator;
  while (inner.kind !== 'name') inner = inner.inner;
  return inner.name;
}

function covering(left: Expr, right: Expr): Span {
  return { text: left.span.text, start: left.span.start, end: right.span.end };
}

/** Join operands whose operator binds at least as tight as `precedence`, from the right end. */
function reduce(operands: Expr[], operators: BinaryOperator[], precedence: number): void {
  for (;;) {
    const operator = operators.at(-1);
    if (operator === undefined || OPERATORS[operator].precedence < precedence) return;
    operators.pop();
    const right = operands.pop()!;
    const left = operands.pop()!;
    operands.push({ kind: 'binary', span: covering(left, right), operator, left, right });
  }
}

// The leaves. A literal that the lexer refused has no payload and becomes an `error` expression.

function aggregation(token: IToken, span: Span): Expr {
  return { kind: 'aggregation', span, name: String(token.payload) };
}

function integer(token: IToken, span: Span): Expr {
  const literal = token.payload as IntegerLiteral | undefined;
  return literal ? { kind: 'integer', span, ...literal } : { kind: 'error', span };
}

function character(token: IToken, span: Span): Expr {
  const value = token.payload as bigint | undefined;
  return value === undefined
    ? { kind: 'error', span }
    : { kind: 'character', span, value, text: token.image };
}

function string(token: IToken, span: Span): Expr {
  return { kind: 'string', span, bytes: token.payload as Uint8Array };
}

function scope(token: IToken, span: Span): Expr {
  return { kind: 'scope', span, scope: token.image as 'self' | 'this' };
}
