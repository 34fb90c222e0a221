/**
 * Texts of option values → values (d-language.md 10.1).
 *
 * In: what follows the `=` of `-x name=value`, or undefined when there was no `=`. Out: a number, a text, `unset`
 * (the option goes back to its default), or `invalid`. Numbers are counts, bytes, nanoseconds and never addresses, so
 * a double holds them exactly; what a double could not hold is invalid.
 */
import { NS_PER_UNIT } from '../base/time-units.ts';

export type ParsedValue =
  | { readonly kind: 'value'; readonly value: number | string }
  | { readonly kind: 'unset' }
  | { readonly kind: 'invalid' };

const UNSET: ParsedValue = { kind: 'unset' };
const INVALID: ParsedValue = { kind: 'invalid' };

const SET_WORDS: ReadonlySet<string> = new Set(['yes', 'enable', 'enabled', 'true', 'on', 'set']);
const UNSET_WORDS: ReadonlySet<string> = new Set(['no', 'disable', 'disabled', 'false', 'off', 'unset']);

/** Powers of two by size suffix. */
const SIZE_SUFFIXES: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A compile-time flag is given bare or not at all. */
export function parseBareFlag(text: string | undefined): ParsedValue {
  return text === undefined ? { kind: 'value', value: 1 } : INVALID;
}

/** DIFFERS: `quiet=0` unsets a pure flag; dtrace counts any number as set. */
export function parseFlag(text: string | undefined): ParsedValue {
  const parsed = parseNumber(text ?? 'on');
  return parsed.kind !== 'value' ? parsed : parsed.value === 0 ? UNSET : { kind: 'value', value: 1 };
}

export function parseNumber(text: string | undefined): ParsedValue {
  if (text === undefined) return { kind: 'value', value: 0 };
  const word = text.toLowerCase();
  if (word === '' || UNSET_WORDS.has(word)) return UNSET;
  return SET_WORDS.has(word) ? { kind: 'value', value: 1 } : fromNumber(parseInteger(text));
}

export function parseSize(text: string | undefined): ParsedValue {
  const match = /^(\w+?)([kmgt]?)$/i.exec(text ?? '');
  if (!match) return INVALID;
  return fromNumber(parseInteger(match[1] ?? ''), SIZE_SUFFIXES[(match[2] ?? '').toLowerCase()] ?? 1);
}

export function parseRate(text: string | undefined): ParsedValue {
  const match = /^(0x[0-9a-f]+|[0-9]+)([a-z]*)$/i.exec(text ?? '');
  const count = parseInteger(match?.[1] ?? '');
  const suffix = (match?.[2] ?? '').toLowerCase();
  if (suffix === 'hz')
    return count === undefined || count < 1 ? INVALID : fromNumber(Math.floor(1e9 / count));
  const unit = suffix === '' ? 1 : NS_PER_UNIT[suffix];
  return unit === undefined ? INVALID : fromNumber(count, unit);
}

export function parseChoice(text: string | undefined, choices: readonly string[]): ParsedValue {
  return text !== undefined && choices.includes(text) ? { kind: 'value', value: text } : INVALID;
}

export function parseText(text: string | undefined): ParsedValue {
  return text === undefined || text === '' ? INVALID : { kind: 'value', value: text };
}

/** `1`, `1.2` or `1.2.3`: parts below 256, 4096 and 4096, as they are packed in 32 bits. */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) return undefined;
  const [major, minor, micro] = [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
  return major < 256 && minor < 4096 && micro < 4096 ? [major, minor, micro] : undefined;
}

/** `name/data/class`, each a word of its own scale (d-language.md 13.1). */
export function parseAttributes(text: string | undefined): ParsedValue {
  const levels = 'internal|private|obsolete|external|unstable|evolving|stable|standard';
  const pattern = new RegExp(`^(${levels})/(${levels})/(unknown|cpu|platform|group|isa|common)$`, 'i');
  return text !== undefined && pattern.test(text) ? { kind: 'value', value: text } : INVALID;
}

/** A whole non-negative C integer: decimal, 0x hexadecimal or 0 octal. */
function parseInteger(text: string): number | undefined {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0x[0-9a-f]+|0|[1-9][0-9]*)$/i.test(text) ? Number(text) : undefined;
}

function fromNumber(count: number | undefined, unit = 1): ParsedValue {
  const value = count === undefined ? Number.NaN : count * unit;
  return Number.isSafeInteger(value) ? { kind: 'value', value } : INVALID;
}
