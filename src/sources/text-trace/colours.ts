/** What a terminal shows of a line: colours, carriage returns and zero bytes are taken out of it. */
import { isPrintable } from './bytes.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told colours by control characters
const COLOURS = /\x1b\[[0-9;?]*[ -/]*[@-~]|[\r\0]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ANY_CONTROL = /[\x1b\r\0]/;

export function withoutColours(text: string): string {
  return ANY_CONTROL.test(text) ? text.replace(COLOURS, '') : text;
}

const ESCAPE = 0x1b;
const OPEN = 0x5b;
/** A line as it will be; a longer one is read as a string. */
const line = new Uint8Array(4096);

/**
 * The same in place, for a line that is printable ASCII otherwise: where it ends then. -1: there is something else in it, and
 * nothing was changed.
 */
export function withoutColoursIn(u8: Uint8Array, at: number, end: number): number {
  if (end - at > line.length) return -1;
  let size = 0;
  for (let i = at; i < end; ) {
    const code = u8[i]!;
    if (code === ESCAPE) {
      i = colourEnd(u8, i, end);
      if (i < 0) return -1;
    } else {
      i++;
      if (code !== 0x0d && code !== 0) line[size++] = code;
    }
  }
  if (!isPrintable(line, 0, size)) return -1;
  for (let i = 0; i < size; i++) u8[at + i] = line[i]!;
  return at + size;
}

/** -1: it is no colour. */
function colourEnd(u8: Uint8Array, at: number, end: number): number {
  let i = at + 1;
  if (i >= end || u8[i++] !== OPEN) return -1;
  while (i < end && ((u8[i]! >= 0x30 && u8[i]! <= 0x39) || u8[i] === 0x3b || u8[i] === 0x3f)) i++;
  while (i < end && u8[i]! >= 0x20 && u8[i]! <= 0x2f) i++;
  return i < end && u8[i]! >= 0x40 && u8[i]! <= 0x7e ? i + 1 : -1;
}
