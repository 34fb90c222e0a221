/**
 * The abstract syntax of D, as the parser leaves it: names unresolved, types as written, macros already replaced.
 * Every node has a span. A subtree in error is an `error` expression, reported once by the parser.
 */
import type { Span } from '../diag/span.ts';

export interface Program {
  readonly kind: 'program';
  readonly span: Span;
  readonly items: readonly Item[];
}

export type Item =
  | ProbeClause
  | Declaration
  | InlineDefinition
  | TranslatorDefinition
  | ProviderDefinition
  | Pragma;

/** `probes /predicate/ { statements }`; also spelled with < and >. */
export interface ProbeClause {
  readonly kind: 'clause';
  readonly span: Span;
  readonly probes: readonly ProbeSpecifier[];
  readonly predicate: Expr | undefined;
  /** Absent: no body was written (allowed on the command line only; means the default action). */
  readonly body: readonly Statement[] | undefined;
}

/** Text as written, macros replaced. An integer is a probe id. */
export interface ProbeSpecifier {
  readonly span: Span;
  readonly text: string;
  readonly id: number | undefined;
}

export type Statement =
  | { readonly kind: 'empty'; readonly span: Span }
  | { readonly kind: 'expression'; readonly span: Span; readonly expression: Expr }
  | {
      readonly kind: 'if';
      readonly span: Span;
      readonly condition: Expr;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[] | undefined;
    };

export interface Declaration {
  readonly kind: 'declaration';
  readonly span: Span;
  readonly specifiers: Specifiers;
  readonly declarators: readonly Declarator[];
}

/** Everything before the declarator. `words` are the built-in type words in order: ['unsigned', 'long']. */
export interface Specifiers {
  readonly span: Span;
  readonly storage: readonly StorageClass[];
  readonly qualifiers: readonly Qualifier[];
  readonly words: readonly string[];
  readonly named: TypeSpecifier | undefined;
}
export type StorageClass = 'auto' | 'register' | 'static' | 'extern' | 'typedef' | 'self' | 'this';
export type Qualifier = 'const' | 'volatile' | 'restrict' | 'userland';

export type TypeSpecifier =
  | { readonly kind: 'typename'; readonly span: Span; readonly name: string }
  | {
      readonly kind: 'struct' | 'union';
      readonly span: Span;
      readonly tag: string | undefined;
      readonly members: readonly MemberDeclaration[] | undefined; // undefined: a reference by tag
    }
  | {
      readonly kind: 'enum';
      readonly span: Span;
      readonly tag: string | undefined;
      readonly enumerators: readonly Enumerator[] | undefined;
    };

export interface MemberDeclaration {
  readonly span: Span;
  readonly specifiers: Specifiers;
  readonly declarators: readonly { readonly declarator: Declarator; readonly bits: Expr | undefined }[];
}

export interface Enumerator {
  readonly span: Span;
  readonly name: string;
  readonly value: Expr | undefined;
}

/** C's inside-out declarators; `name` without a name is abstract. */
export type Declarator =
  | { readonly kind: 'name'; readonly span: Span; readonly name: string | undefined }
  | {
      readonly kind: 'pointer';
      readonly span: Span;
      readonly qualifiers: readonly Qualifier[];
      readonly inner: Declarator;
    }
  | {
      readonly kind: 'array';
      readonly span: Span;
      readonly inner: Declarator;
      readonly size: Expr | undefined;
    }
  | {
      readonly kind: 'associative';
      readonly span: Span;
      readonly inner: Declarator;
      readonly keys: Parameters;
    }
  | {
      readonly kind: 'function';
      readonly span: Span;
      readonly inner: Declarator;
      readonly parameters: Parameters;
    };

export interface Parameters {
  readonly list: readonly {
    readonly span: Span;
    readonly specifiers: Specifiers;
    readonly declarator: Declarator;
  }[];
  readonly variadic: boolean;
}

export interface TypeName {
  readonly span: Span;
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
}

export interface InlineDefinition {
  readonly kind: 'inline';
  readonly span: Span;
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
  readonly value: Expr;
}

export interface TranslatorDefinition {
  readonly kind: 'translator';
  readonly span: Span;
  readonly output: TypeName;
  readonly input: TypeName;
  readonly parameter: string;
  readonly members: readonly { readonly span: Span; readonly name: string; readonly value: Expr }[];
}

export interface ProviderDefinition {
  readonly kind: 'provider';
  readonly span: Span;
  readonly name: string;
  readonly probes: readonly {
    readonly span: Span;
    readonly name: string;
    readonly native: Parameters;
    readonly translated: Parameters | undefined;
  }[];
}

/** `#pragma D …` lines that the checker acts on, and `#error`. Line directives are consumed by the parser. */
export type Pragma =
  | {
      readonly kind: 'pragma';
      readonly span: Span;
      readonly pragma: 'option';
      readonly name: string;
      readonly value: string | undefined;
    }
  | {
      readonly kind: 'pragma';
      readonly span: Span;
      readonly pragma: 'attributes' | 'binding' | 'depends_on';
      readonly words: readonly string[];
    };

export type UnaryOperator = '-' | '+' | '~' | '!' | '*' | '&' | '++' | '--';
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '^^'
  | '||';
export type AssignOperator = '=' | '*=' | '/=' | '%=' | '+=' | '-=' | '<<=' | '>>=' | '&=' | '^=' | '|=';

export type Expr = { readonly span: Span } & (
  | {
      readonly kind: 'integer';
      readonly value: bigint;
      readonly text: string;
      readonly decimal: boolean;
      readonly unsigned: boolean;
      readonly longs: 0 | 1 | 2;
    }
  | { readonly kind: 'character'; readonly value: bigint; readonly text: string }
  | { readonly kind: 'string'; readonly bytes: Uint8Array }
  | { readonly kind: 'identifier'; readonly name: string } // backquotes included
  | { readonly kind: 'scoped'; readonly scope: 'self' | 'this'; readonly name: string } // self->x, this->x
  | { readonly kind: 'scope'; readonly scope: 'self' | 'this' } // the bare keyword: an error, kept for the message
  | { readonly kind: 'aggregation'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expr }
  | { readonly kind: 'postfix'; readonly operator: '++' | '--'; readonly operand: Expr }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
  | {
      readonly kind: 'assign';
      readonly operator: AssignOperator;
      readonly target: Expr;
      readonly value: Expr;
    }
  | { readonly kind: 'conditional'; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
  | { readonly kind: 'comma'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'cast'; readonly type: TypeName; readonly operand: Expr }
  | { readonly kind: 'sizeof'; readonly operand: Expr | TypeName; readonly of: 'expression' | 'type' }
  | { readonly kind: 'stringof'; readonly operand: Expr }
  | { readonly kind: 'offsetof'; readonly type: TypeName; readonly member: string }
  | { readonly kind: 'xlate'; readonly type: TypeName; readonly operand: Expr }
  | { readonly kind: 'index'; readonly object: Expr; readonly indices: readonly Expr[] }
  | { readonly kind: 'call'; readonly callee: Expr; readonly arguments: readonly Expr[] }
  | { readonly kind: 'member'; readonly arrow: boolean; readonly object: Expr; readonly name: string }
  | { readonly kind: 'error' }
);
export type ExprKind = Expr['kind'];
