/**
 * The constant expressions of #if and #elif: 64-bit integers, signed unless a `u` says otherwise, with the operators and
 * precedence of C. Names that are left after expansion are 0. What is not evaluated (`0 && 1 / 0`) cannot be in error.
 */
import { type ExpandContext, expand } from './expand.ts';
import { MAX_NESTING } from './limits.ts';
import { isBlank, madeToken, type Token } from './tokens.ts';

interface Value {
  readonly value: bigint;
  readonly unsigned: boolean;
}

interface Reader {
  readonly tokens: readonly Token[];
  readonly directive: Token;
  at: number;
  depth: number;
}

/** Why an expression has no value. Thrown inside this file and caught at its front. */
class BadCondition extends Error {
  readonly at: Token;
  constructor(at: Token, message: string) {
    super(message);
    this.at = at;
  }
}

/** Whether the condition holds; one that is in error is reported and does not. */
export function conditionHolds(words: readonly Token[], directive: Token, context: ExpandContext): boolean {
  try {
    const plain = resolveDefined(words, directive, context);
    const tokens = resolveDefined(expand(plain, context), directive, context).filter(
      (token) => !isBlank(token),
    );
    if (tokens.length === 0) throw new BadCondition(directive, `#${directive.text} with no expression`);
    const reader: Reader = { tokens, directive, at: 0, depth: 0 };
    const result = conditional(reader, true);
    const extra = tokens[reader.at];
    if (extra) throw new BadCondition(extra, `syntax error near "${extra.text}" in #${directive.text}`);
    return result.value !== 0n;
  } catch (error) {
    if (!(error instanceof BadCondition)) throw error;
    if (!context.stopped) context.report(error.at, error.message);
    return false;
  }
}

/** `defined NAME` and `defined(NAME)` become 1 or 0, before NAME could be replaced. */
function resolveDefined(words: readonly Token[], directive: Token, { macros }: ExpandContext): Token[] {
  const result: Token[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word.text !== 'defined') {
      result.push(word);
      continue;
    }
    const bare = words.slice(i + 1, i + 12).map((token, k) => ({ token, k }));
    const [first, second, third] = bare.filter(({ token }) => !isBlank(token));
    const name = first?.token.text === '(' && third?.token.text === ')' ? second : first;
    if (name?.token.kind !== 'name') {
      throw new BadCondition(word, `malformed #${directive.text} defined(<name>)`);
    }
    result.push(madeToken('number', macros.has(name.token.text) ? '1' : '0', word));
    i += 1 + (name === second ? third!.k : name.k);
  }
  return result;
}

// Lowest first; operators of one row bind alike, from left to right.
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

function conditional(reader: Reader, live: boolean): Value {
  deeper(reader);
  const condition = binary(reader, 0, live);
  if (reader.tokens[reader.at]?.text !== '?') {
    reader.depth--;
    return condition;
  }
  reader.at++;
  const yes = conditional(reader, live && condition.value !== 0n);
  take(reader, ':');
  const no = conditional(reader, live && condition.value === 0n);
  reader.depth--;
  return wrap(condition.value !== 0n ? yes.value : no.value, yes.unsigned || no.unsigned);
}

function deeper(reader: Reader): void {
  reader.depth++;
  if (reader.depth <= MAX_NESTING) return;
  throw new BadCondition(
    current(reader),
    `#${reader.directive.text} is nested more than ${MAX_NESTING} deep`,
  );
}

function binary(reader: Reader, level: number, live: boolean): Value {
  const operators = LEVELS[level];
  if (operators === undefined) return unary(reader, live);
  let left = binary(reader, level + 1, live);
  for (;;) {
    const operator = reader.tokens[reader.at];
    if (operator === undefined || !operators.includes(operator.text)) return left;
    reader.at++;
    const decided = operator.text === '&&' ? left.value === 0n : operator.text === '||' && left.value !== 0n;
    const right = binary(reader, level + 1, live && !decided);
    left = operate(operator, left, right, live);
  }
}

function operate(operator: Token, left: Value, right: Value, live: boolean): Value {
  const unsigned = left.unsigned || right.unsigned;
  const [a, b] = unsigned
    ? [BigInt.asUintN(64, left.value), BigInt.asUintN(64, right.value)]
    : [left.value, right.value];
  switch (operator.text) {
    case '||':
      return truth(left.value !== 0n || right.value !== 0n);
    case '&&':
      return truth(left.value !== 0n && right.value !== 0n);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '<<':
      return wrap(shift(left.value, right.value), left.unsigned);
    case '>>':
      return wrap(shift(left.value, -right.value), left.unsigned);
    case '/':
    case '%':
      if (b === 0n && live) throw new BadCondition(operator, 'expression contains division by zero');
      return b === 0n ? wrap(0n, unsigned) : wrap(operator.text === '/' ? a / b : a % b, unsigned);
    default:
      return wrap(arithmetic(operator.text, a, b), unsigned);
  }
}

function arithmetic(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    default:
      return a * b;
  }
}

/** Left for positive counts; by 64 and more, everything is shifted out. */
function shift(value: bigint, count: bigint): bigint {
  if (count >= 64n) return 0n;
  if (count <= -64n) return value < 0n ? -1n : 0n;
  return count >= 0n ? value << count : value >> -count;
}

function truth(value: boolean): Value {
  return { value: value ? 1n : 0n, unsigned: false };
}

function wrap(value: bigint, unsigned: boolean): Value {
  return { value: unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value), unsigned };
}

function unary(reader: Reader, live: boolean): Value {
  const token = current(reader);
  reader.at++;
  if (token.text === '(') {
    const inner = conditional(reader, live);
    take(reader, ')');
    return inner;
  }
  if ('!~-+'.includes(token.text)) {
    deeper(reader);
    const operand = unary(reader, live);
    reader.depth--;
    if (token.text === '!') return truth(operand.value === 0n);
    const value = token.text === '~' ? ~operand.value : token.text === '-' ? -operand.value : operand.value;
    return wrap(value, operand.unsigned);
  }
  return primary(token, reader);
}

/** `L'x'` and its like, as headers have them. */
const WIDE: ReadonlySet<string> = new Set(['L', 'u', 'U']);

function primary(token: Token, reader: Reader): Value {
  const next = reader.tokens[reader.at];
  if (WIDE.has(token.text) && next?.kind === 'character') {
    reader.at++;
    return character(next);
  }
  if (token.kind === 'name') return wrap(0n, false);
  if (token.kind === 'number') return integer(token);
  if (token.kind === 'character') return character(token);
  throw new BadCondition(token, `syntax error near "${token.text}" in #${reader.directive.text}`);
}

function integer(token: Token): Value {
  const match = /^(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)([uU]?[lL]{0,2}|[lL]{1,2}[uU])$/.exec(token.text);
  if (!match) throw new BadCondition(token, `constant ${token.text} is no integer`);
  const [, digits = '', suffix = ''] = match;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (value >= 2n ** 64n) throw new BadCondition(token, `constant ${token.text} results in integer overflow`);
  return wrap(value, /u/i.test(suffix) || value >= 2n ** 63n);
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Several characters pack from the left, as in D. */
function character(token: Token): Value {
  const inside = token.text.slice(1, -1);
  const parts = inside.match(/\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)|./gs) ?? [];
  if (parts.length === 0) throw new BadCondition(token, 'empty character constant');
  return wrap(
    parts.reduce((value, part) => (value << 8n) | BigInt(code(part) & 0xff), 0n),
    false,
  );
}

function code(part: string): number {
  if (part[0] !== '\\') return part.charCodeAt(0);
  const letter = part.slice(1);
  if (/^x[0-9A-Fa-f]/.test(letter)) return Number.parseInt(letter.slice(1), 16);
  if (/^[0-7]/.test(letter)) return Number.parseInt(letter, 8);
  return ESCAPES[letter] ?? letter.charCodeAt(0);
}

function current(reader: Reader): Token {
  const token = reader.tokens[reader.at];
  if (token) return token;
  throw new BadCondition(reader.directive, `#${reader.directive.text} expression ends too early`);
}

function take(reader: Reader, text: string): void {
  const token = current(reader);
  if (token.text !== text) {
    throw new BadCondition(token, `${text} expected near "${token.text}" in #${reader.directive.text}`);
  }
  reader.at++;
}
