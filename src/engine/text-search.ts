/** Searching and dividing byte strings in linear memory. Positions are offsets; -1 says that nothing was found. */
import type { TokenState } from './machine-state.ts';

/** First place in [from, end) where the bytes at `sub` lie. An empty `sub` is found at once. */
export function findBytesForward(
  u8: Uint8Array,
  from: number,
  end: number,
  sub: number,
  subLength: number,
): number {
  for (let at = from; at + subLength <= end; at++) {
    if (bytesMatch(u8, at, sub, subLength)) return at;
  }
  return -1;
}

/** Last such place. */
export function findBytesBackward(
  u8: Uint8Array,
  from: number,
  end: number,
  sub: number,
  subLength: number,
): number {
  for (let at = end - subLength; at >= from; at--) {
    if (bytesMatch(u8, at, sub, subLength)) return at;
  }
  return -1;
}

function bytesMatch(u8: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (u8[a + i] !== u8[b + i]) return false;
  return true;
}

/** The next token: sets `start` and `end`, relative to the string, and moves on past it. False when there is none. */
export function divideText(
  u8: Uint8Array,
  token: TokenState,
  delimiters: number,
  delimitersLength: number,
): boolean {
  const isDelimiter = (position: number) => {
    const byte = u8[token.at + position];
    for (let i = 0; i < delimitersLength; i++) if (u8[delimiters + i] === byte) return true;
    return false;
  };
  let { position } = token;
  while (position < token.length && isDelimiter(position)) position++;
  token.start = position;
  while (position < token.length && !isDelimiter(position)) position++;
  token.end = position;
  token.position = position + 1; // past the delimiter that ends it
  return token.end > token.start;
}
