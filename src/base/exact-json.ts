/**
 * JSON with exact 64-bit integers, which JSON.parse rounds: QMP speaks of addresses.
 *
 * In and out: text and `JsonValue`. An integer literal that a double holds exactly (|n| < 2^53) is a `number`, every
 * other integer a `bigint`; literals with a fraction or an exponent are `number`. Printing and parsing again gives
 * the same value of the same type. Objects have no prototype, so a key `__proto__` is a key like any other.
 */

export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** QEMU's own parser stops at 1024; a stack overflow here would need ten times as much. */
export const MAX_JSON_DEPTH = 1024;
/** 2^256 has 78 digits; nobody means a longer one, and reading it takes time quadratic in its length. */
export const MAX_INTEGER_DIGITS = 78;

export class JsonError extends Error {
  readonly offset: number; // in UTF-16 units from the start of the text
  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.name = 'JsonError';
    this.offset = offset;
  }
}

interface Cursor {
  readonly text: string;
  at: number;
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[a-z]+/y;
const WORDS: Readonly<Record<string, JsonValue>> = { null: null, true: true, false: false };

/** The one value in `text`; anything beside it is an error. */
export function parseExactJson(text: string): JsonValue {
  const cursor: Cursor = { text, at: 0 };
  const value = parseValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw new JsonError('something follows the value', cursor.at);
  return value;
}

function parseValue(cursor: Cursor, depth: number): JsonValue {
  skipSpace(cursor);
  if (depth > MAX_JSON_DEPTH) throw new JsonError(`more than ${MAX_JSON_DEPTH} levels`, cursor.at);
  const first = cursor.text[cursor.at];
  if (first === '{') return parseObject(cursor, depth);
  if (first === '[') return parseArray(cursor, depth);
  if (first === '"') return parseString(cursor);
  if (first !== undefined && /[-\d]/.test(first)) return parseNumber(cursor);
  return parseWord(cursor);
}

function parseObject(cursor: Cursor, depth: number): JsonObject {
  const object = Object.create(null) as Record<string, JsonValue>;
  parseList(cursor, '}', () => {
    const key = parseString(cursor);
    expectChar(cursor, ':');
    object[key] = parseValue(cursor, depth + 1);
  });
  return object;
}

function parseArray(cursor: Cursor, depth: number): JsonValue[] {
  const items: JsonValue[] = [];
  parseList(cursor, ']', () => items.push(parseValue(cursor, depth + 1)));
  return items;
}

/** What stands between a bracket and its partner: items and commas. */
function parseList(cursor: Cursor, close: string, item: () => void): void {
  cursor.at++; // the opening bracket
  skipSpace(cursor);
  if (cursor.text[cursor.at] === close) {
    cursor.at++;
    return;
  }
  for (;;) {
    skipSpace(cursor);
    item();
    skipSpace(cursor);
    const next = cursor.text[cursor.at];
    if (next !== ',' && next !== close) throw new JsonError(`expected ',' or '${close}'`, cursor.at);
    cursor.at++;
    if (next === close) return;
  }
}

/** Finds the closing quote, the first that an even number of backslashes precedes; JSON.parse does the rest exactly. */
function parseString(cursor: Cursor): string {
  const { text, at: start } = cursor;
  if (text[start] !== '"') throw new JsonError('expected a string', start);
  let end = start;
  let backslashes: number;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) throw new JsonError('a string without an end', start);
    backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
  } while (backslashes % 2 === 1);
  cursor.at = end + 1;
  try {
    return JSON.parse(text.slice(start, end + 1)) as string;
  } catch {
    throw new JsonError('a string with an escape or character that JSON does not have', start);
  }
}

function parseNumber(cursor: Cursor): number | bigint {
  const start = cursor.at;
  const literal = take(cursor, NUMBER, 'expected a number');
  if (/[.eE]/.test(literal)) {
    const value = Number(literal);
    if (!Number.isFinite(value)) throw new JsonError('a number too large for a double', start);
    return value;
  }
  if (literal.length - (literal[0] === '-' ? 1 : 0) > MAX_INTEGER_DIGITS) {
    throw new JsonError(`an integer of more than ${MAX_INTEGER_DIGITS} digits`, start);
  }
  const value = Number(literal);
  return Number.isSafeInteger(value) ? value : BigInt(literal);
}

function parseWord(cursor: Cursor): JsonValue {
  const start = cursor.at;
  const word = take(cursor, WORD, 'expected a value');
  const value = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (value === undefined) throw new JsonError(`unknown word '${word}'`, start);
  return value;
}

function skipSpace(cursor: Cursor): void {
  SPACE.lastIndex = cursor.at;
  SPACE.test(cursor.text);
  cursor.at = SPACE.lastIndex;
}

function expectChar(cursor: Cursor, char: string): void {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== char) throw new JsonError(`expected '${char}'`, cursor.at);
  cursor.at++;
}

function take(cursor: Cursor, pattern: RegExp, otherwise: string): string {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match === null) throw new JsonError(otherwise, cursor.at);
  cursor.at = pattern.lastIndex;
  return match[0];
}

/** One line of JSON. A `number` beyond 2^53 gets an exponent, so that it is not read back as an integer. */
export function printExactJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return printNumber(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(printExactJson).join(',')}]`;
  const members = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${printExactJson(item)}`,
  );
  return `{${members.join(',')}}`;
}

function printNumber(value: number): string {
  if (!Number.isFinite(value)) throw new JsonError(`JSON has no ${value}`, 0);
  if (Object.is(value, -0)) return '-0';
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
