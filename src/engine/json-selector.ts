/**
 * `json(text, selector)`: the element of a JSON text that a selector such as `a.b[0].c` names.
 *
 * In: both as bytes in linear memory. Out: where the element's text is. Strings come without their quotes and with
 * their escapes as written, everything else verbatim. One pass, no recursion: values that are not on the way are
 * skipped by counting brackets, so depth costs nothing.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;

interface Span {
  at: number;
  length: number;
}

/** Narrows `text` to the selected element; false when it is missing or the text is malformed. */
export function findJsonValue(u8: Uint8Array, text: Span, selector: number, selectorLength: number): boolean {
  const end = text.at + text.length;
  const selectorEnd = selector + selectorLength;
  let at = skipBlanks(u8, text.at, end);
  let step = selector;
  if (selectorLength === 0) return false;
  while (step < selectorEnd) {
    if (u8[step] === DOT) step++;
    const indexed = u8[step] === OPEN_BRACKET;
    const stepEnd = endOfStep(u8, indexed ? step + 1 : step, selectorEnd);
    if (indexed) {
      if (u8[stepEnd] !== CLOSE_BRACKET || stepEnd >= selectorEnd) return false;
      at = findElement(u8, at, end, decimal(u8, step + 1, stepEnd));
      step = stepEnd + 1;
    } else {
      if (stepEnd === step) return false;
      at = findMember(u8, at, end, step, stepEnd - step);
      step = stepEnd;
    }
    if (at < 0) return false;
  }
  const valueEnd = skipValue(u8, at, end);
  if (valueEnd < 0) return false;
  const quoted = u8[at] === QUOTE;
  text.at = quoted ? at + 1 : at;
  text.length = quoted ? valueEnd - at - 2 : valueEnd - at;
  return true;
}

function endOfStep(u8: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && u8[at] !== DOT && u8[at] !== OPEN_BRACKET && u8[at] !== CLOSE_BRACKET) at++;
  return at;
}

/** -1 when there is no digit or something else among them. */
function decimal(u8: Uint8Array, from: number, end: number): number {
  let value = from < end ? 0 : -1;
  for (let at = from; at < end; at++) {
    const digit = u8[at]! - 0x30;
    if (digit < 0 || digit > 9 || value > 1e8) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Start of array element `wanted` of the array at `at`, or -1. */
function findElement(u8: Uint8Array, at: number, end: number, wanted: number): number {
  if (u8[at] !== OPEN_BRACKET || at >= end || wanted < 0) return -1;
  let element = skipBlanks(u8, at + 1, end);
  if (u8[element] === CLOSE_BRACKET) return -1;
  for (let index = 0; index < wanted; index++) {
    const after = skipValue(u8, element, end);
    const comma = after < 0 ? end : skipBlanks(u8, after, end);
    if (comma >= end || u8[comma] !== COMMA) return -1;
    element = skipBlanks(u8, comma + 1, end);
  }
  return element;
}

/** Start of the value of the member with that name in the object at `at`, or -1. */
function findMember(u8: Uint8Array, at: number, end: number, name: number, nameLength: number): number {
  if (u8[at] !== OPEN_BRACE || at >= end) return -1;
  let key = skipBlanks(u8, at + 1, end);
  while (key < end && u8[key] === QUOTE) {
    const keyEnd = skipValue(u8, key, end);
    const colon = keyEnd < 0 ? end : skipBlanks(u8, keyEnd, end);
    if (colon >= end || u8[colon] !== COLON) return -1;
    const value = skipBlanks(u8, colon + 1, end);
    if (keyEnd - key - 2 === nameLength && sameBytes(u8, key + 1, name, nameLength)) return value;
    const after = skipValue(u8, value, end);
    const comma = after < 0 ? end : skipBlanks(u8, after, end);
    if (comma >= end || u8[comma] !== COMMA) return -1;
    key = skipBlanks(u8, comma + 1, end);
  }
  return -1;
}

function sameBytes(u8: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (u8[a + i] !== u8[b + i]) return false;
  return true;
}

function skipBlanks(u8: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (u8[at] === 0x20 || (u8[at]! >= 0x09 && u8[at]! <= 0x0d))) at++;
  return at;
}

/** End of the value that starts at `at`; -1 when it is malformed or cut off. */
function skipValue(u8: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  if (u8[at] === QUOTE) return skipString(u8, at, end);
  if (u8[at] === OPEN_BRACE || u8[at] === OPEN_BRACKET) return skipBracketed(u8, at, end);
  let next = at;
  while (next < end && isWordByte(u8[next]!)) next++;
  return next > at ? next : -1;
}

/** Letters and signs of numbers, true, false, null. */
function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === DOT
  );
}

function skipString(u8: Uint8Array, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) {
    if (u8[next] === BACKSLASH) next++;
    else if (u8[next] === QUOTE) return next + 1;
  }
  return -1;
}

function skipBracketed(u8: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (let next = at; next < end; ) {
    const byte = u8[next]!;
    if (byte === QUOTE) {
      next = skipString(u8, next, end);
      if (next < 0) return -1;
      continue;
    }
    next++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return next;
  }
  return -1;
}
