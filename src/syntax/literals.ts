/**
 * Literals: spelling → value (d-language.md sections 1.5 to 1.7). Pure functions; the lexer reports what they refuse.
 * A D string is bytes, so text outside ASCII becomes its UTF-8 bytes here.
 */
import { INT64_MAX, UINT64_MAX } from '../base/int64.ts';
import type { Tag } from '../diag/tags.ts';

export interface IntegerLiteral {
  readonly value: bigint;
  readonly text: string;
  readonly decimal: boolean; // octal and hexadecimal constants may take unsigned types by themselves
  readonly unsigned: boolean;
  readonly longs: 0 | 1 | 2;
}

/** Why a literal is refused; the arguments fill the tag's placeholders. */
export interface LiteralError {
  readonly tag: Tag;
  readonly args: Readonly<Record<string, string>>;
}

const INTEGER = /^(?:0[xX]([0-9A-Fa-f]+)|([0-9]+))([uU]?)([lL]?[lL]?)/;

/** `text` starts with a digit and holds digits, letters and underscores only. */
export function integerLiteral(text: string): IntegerLiteral | LiteralError {
  const match = INTEGER.exec(text);
  if (!match) return badDigit(text, text.charAt(1));
  const [lexeme, hex, digits, suffix, longs] = match;
  const octal = digits !== undefined && digits.length > 1 && digits.startsWith('0');
  const wrong = octal ? /[89]/.exec(digits) : null;
  if (wrong) return badDigit(text, wrong[0]);
  // In `0x` the prefix is read as an octal zero followed by x; in `12q` the q is left over.
  if (lexeme.length < text.length) return badDigit(text, text.charAt(lexeme.length));
  const value = BigInt(hex !== undefined ? `0x${hex}` : octal ? `0o${digits}` : (digits ?? '0'));
  if (value > UINT64_MAX) return overflow(`constant ${text} results in integer overflow`);
  const decimal = digits !== undefined && !digits.startsWith('0');
  if (decimal && suffix === '' && value > INT64_MAX) {
    return overflow(
      `integer constant 0x${value.toString(16)} cannot be represented in any built-in integral type`,
    );
  }
  const longCount = (longs?.length ?? 0) as 0 | 1 | 2;
  return { value, text, decimal, unsigned: suffix !== '', longs: longCount };
}

function badDigit(constant: string, digit: string): LiteralError {
  return { tag: 'D_INT_DIGIT', args: { constant, digit } };
}

function overflow(message: string): LiteralError {
  return { tag: 'D_INT_OFLOW', args: { message } };
}

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '"': 0x22,
  '\\': 0x5c,
};
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]+)|([abfnrtv"\\]))/y;

/** The bytes that a quoted text stands for, escapes converted. An unknown escape stays as it is, backslash included. */
function convertEscapes(text: string): Uint8Array {
  if (!text.includes('\\')) return new TextEncoder().encode(text);
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    ESCAPE.lastIndex = at;
    const match = ESCAPE.exec(text);
    if (match) {
      bytes.push(escapedByte(match));
      at += match[0].length;
    } else {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      bytes.push(...new TextEncoder().encode(character));
      at += character.length;
    }
  }
  return Uint8Array.from(bytes);
}

function escapedByte(match: RegExpExecArray): number {
  const [, octal, hex, letter] = match;
  if (octal !== undefined) return Number.parseInt(octal, 8) & 0xff;
  if (hex !== undefined) return Number.parseInt(hex.slice(-2), 16); // any number of digits, low 8 bits kept
  return ESCAPES[letter ?? ''] ?? 0;
}

/** A string ends at its first NUL, written or not. */
export function stringBytes(text: string): Uint8Array {
  const bytes = convertEscapes(text);
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** As many bytes as a 64-bit value holds. */
const MAX_CHARACTER_BYTES = 8;

/** The value of a character constant, given what stands between the quotes: the first byte is the most significant. */
export function characterValue(text: string): bigint | LiteralError {
  const bytes = convertEscapes(text);
  if (bytes.length === 0) return { tag: 'D_CHR_NULL', args: {} };
  if (bytes.length > MAX_CHARACTER_BYTES) return { tag: 'D_CHR_OFLOW', args: {} };
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (value > INT64_MAX) {
    return overflow(
      `integer constant 0x${value.toString(16)} cannot be represented in any built-in integral type`,
    );
  }
  return value;
}
