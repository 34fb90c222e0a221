/**
 * What the built program has in chevrotain's place: the part of it that runs parser.ts's rules, and nothing else.
 *
 * chevrotain is made to learn, check and recover; of a parser whose decisions are a table (lookahead.ts) only the calls
 * of a rule remain: CONSUME, SUBRULE, OR, OPTION, MANY … They are these few lines, with chevrotain's names and, call by
 * call, its behaviour; loading chevrotain itself costs a one-liner more than reading ten megabytes of log. The sources
 * import chevrotain, the build puts this file there (scripts/build/parts.mjs), and a test runs the rules on both.
 */

export interface TokenType {
  readonly name: string;
  readonly LABEL: string;
  readonly tokenTypeIdx: number;
  /** Of a group: the numbers of its members. */
  members: Set<number>;
}

interface Token {
  readonly image: string;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly tokenTypeIdx: number;
}

let tokenTypes = 0;
const NOBODY = new Set<number>();

export function createToken(config: {
  readonly name: string;
  readonly label: string;
  readonly categories: readonly TokenType[];
}): TokenType {
  const { name, label, categories } = config;
  const type = { name, LABEL: label, tokenTypeIdx: ++tokenTypes, members: NOBODY };
  for (const group of categories) {
    if (group.members === NOBODY) group.members = new Set();
    group.members.add(type.tokenTypeIdx);
  }
  return type;
}

export const EOF = createToken({ name: 'EOF', label: '', categories: [] });

const END: Token = { image: '', startOffset: NaN, endOffset: NaN, tokenTypeIdx: EOF.tokenTypeIdx };
/** As many follow the tokens of a text as the parser looks ahead, and one. */
const ENDS = [END, END, END, END];

export function tokenMatcher({ tokenTypeIdx }: Token, type: TokenType): boolean {
  return tokenTypeIdx === type.tokenTypeIdx || type.members.has(tokenTypeIdx);
}

/** The text is refused at `token`. */
class Refusal extends Error {
  readonly token: Token;
  constructor(name: string, message: string, token: Token) {
    super(message);
    this.name = name;
    this.token = token;
  }
}

export class MismatchedTokenException extends Refusal {
  constructor(message: string, token: Token) {
    super('MismatchedTokenException', message, token);
  }
}

export class NoViableAltException extends Refusal {
  constructor(message: string, token: Token) {
    super('NoViableAltException', message, token);
  }
}

export class EarlyExitException extends Refusal {
  constructor(message: string, token: Token) {
    super('EarlyExitException', message, token);
  }
}

type Action<R> = () => R;
type Gated<R> = Action<R> | { readonly GATE?: () => boolean; readonly DEF: Action<R> };
type Separated = { readonly SEP: TokenType; readonly DEF: Action<void> };
type Alternative<R> = { readonly GATE?: () => boolean; readonly ALT: Action<R> };
type Decide = (this: EmbeddedActionsParser, alternatives?: readonly unknown[]) => unknown;

interface Rule {
  (): unknown;
  readonly body: (...args: unknown[]) => unknown;
  readonly key: number;
}

/** A decision's key: the rule, the method as lookahead.ts numbers them, the occurrence. */
const RULE_SHIFT = 12;
const OR = 1 << 8;
const OPTION = 2 << 8;
const MANY = 3 << 8;
const AT_LEAST_ONE = 4 << 8;
const MANY_SEP = 5 << 8;
const AT_LEAST_ONE_SEP = 6 << 8;

export abstract class EmbeddedActionsParser {
  readonly shortRuleNameToFull: Record<number, string> = {};
  errors: Error[] = [];
  // What the rules' own class has names for, too, must not be met by them.
  #tokens: Token[] = [];
  #at = -1; // of the token consumed last
  #rule = 0; // the key of the one that runs
  #rules = 0;
  readonly #nameExpected: (about: { readonly expected: TokenType }) => string;

  constructor(
    _types: unknown,
    config: {
      readonly errorMessageProvider: {
        buildMismatchTokenMessage: (about: { readonly expected: TokenType }) => string;
      };
    },
  ) {
    this.#nameExpected = config.errorMessageProvider.buildMismatchTokenMessage;
  }

  protected abstract getLaFuncFromCache(key: number): Decide;
  protected abstract raiseNoAltException(): never;
  protected abstract raiseEarlyExitException(): never;

  getGAstProductions(): never {
    throw new Error('the grammar is known to chevrotain alone');
  }

  performSelfAnalysis(): void {
    this.getGAstProductions();
  }

  set input(tokens: Token[]) {
    this.errors = [];
    this.#tokens = tokens;
    this.#at = -1;
  }

  SAVE_ERROR(error: Error): Error {
    this.errors.push(error);
    return error;
  }

  LA(ahead: number): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  ACTION<R>(action: Action<R>): R {
    return action();
  }

  /** Called as it is, a rule reads the whole text; a refusal is in `errors` or known to who threw it. */
  RULE(name: string, body: Rule['body']): Rule {
    const key = ++this.#rules << RULE_SHIFT;
    this.shortRuleNameToFull[key] = name;
    const whole = (): unknown => {
      this.#tokens.push(...ENDS);
      this.#rule = key;
      try {
        const result = body.call(this);
        if (this.LA(1) !== END) this.SAVE_ERROR(new Refusal('NotAllInputParsedException', '', this.LA(1)));
        return result;
      } catch (error) {
        if (error instanceof Refusal) return undefined;
        throw error;
      }
    };
    return Object.assign(whole, { body, key });
  }

  SUBRULE({ body, key }: Rule, options?: { readonly ARGS: unknown[] }): unknown {
    const caller = this.#rule;
    this.#rule = key;
    const result = options === undefined ? body.call(this) : body.apply(this, options.ARGS);
    this.#rule = caller;
    return result;
  }

  SUBRULE1(rule: Rule, options?: { readonly ARGS: unknown[] }): unknown {
    return this.SUBRULE(rule, options);
  }

  SUBRULE2(rule: Rule, options?: { readonly ARGS: unknown[] }): unknown {
    return this.SUBRULE(rule, options);
  }

  CONSUME(type: TokenType): Token {
    const token = this.LA(1);
    if (!tokenMatcher(token, type)) {
      throw this.SAVE_ERROR(new MismatchedTokenException(this.#nameExpected({ expected: type }), token));
    }
    this.#at++;
    return token;
  }

  CONSUME1(type: TokenType): Token {
    return this.CONSUME(type);
  }

  OR<R>(alternatives: readonly Alternative<R>[]): R {
    const chosen = this.#decide(OR).call(this, alternatives) as number | undefined;
    if (chosen === undefined) this.raiseNoAltException();
    return alternatives[chosen]!.ALT.call(this);
  }

  OPTION<R>(action: Gated<R>): R | undefined {
    return this.#option(OPTION, action);
  }

  OPTION1<R>(action: Gated<R>): R | undefined {
    return this.#option(OPTION | 1, action);
  }

  MANY(action: Gated<void>): void {
    this.#repeat(this.#decide(MANY), action);
  }

  AT_LEAST_ONE(action: Gated<void>): void {
    if (!this.#repeat(this.#decide(AT_LEAST_ONE), action)) this.raiseEarlyExitException();
  }

  MANY_SEP(list: Separated): void {
    this.#list(this.#decide(MANY_SEP), list);
  }

  AT_LEAST_ONE_SEP(list: Separated): void {
    if (!this.#list(this.#decide(AT_LEAST_ONE_SEP), list)) this.raiseEarlyExitException();
  }

  #decide(method: number): Decide {
    return this.getLaFuncFromCache(this.#rule | method);
  }

  #option<R>(method: number, action: Gated<R>): R | undefined {
    return this.#entered(this.#decide(method), action)?.call(this);
  }

  /** The action, if it is to be done here. */
  #entered<R>(decide: Decide, action: Gated<R>): Action<R> | undefined {
    if (typeof action === 'function') return decide.call(this) === true ? action : undefined;
    if (action.GATE && !action.GATE.call(this)) return undefined;
    return decide.call(this) === true ? action.DEF : undefined;
  }

  /** Until it is not to be done again, or takes no token; whether it was done at all. */
  #repeat(decide: Decide, action: Gated<void>): boolean {
    let done = this.#entered(decide, action);
    const entered = done !== undefined;
    while (done) {
      const before = this.#at;
      done.call(this);
      if (this.#at === before) break;
      done = this.#entered(decide, action);
    }
    return entered;
  }

  #list(decide: Decide, { SEP, DEF }: Separated): boolean {
    if (decide.call(this) !== true) return false;
    DEF.call(this);
    while (tokenMatcher(this.LA(1), SEP)) {
      this.#at++;
      DEF.call(this);
    }
    return true;
  }
}
