/**
 * String tables as text: each NUL-terminated piece at its byte offset, quoted as D quotes strings.
 *
 * Any bytes survive the trip: what is not printable ASCII is written as a three-digit octal escape.
 */
export interface StringPiece {
  readonly offset: number;
  readonly bytes: Uint8Array; // without the NUL
}

const NAMED_ESCAPES: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};
const ESCAPED: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, r: 0x0d, '"': 0x22, '\\': 0x5c };

/** The strings of a table. Bytes after the last NUL belong to no string and are not listed (the verifier refuses them). */
export function stringPieces(table: Uint8Array): readonly StringPiece[] {
  const pieces: StringPiece[] = [];
  let start = 0;
  for (let end = table.indexOf(0); end !== -1; end = table.indexOf(0, start)) {
    pieces.push({ offset: start, bytes: table.subarray(start, end) });
    start = end + 1;
  }
  return pieces;
}

/** The string that starts at a byte of the table, up to its NUL. */
export function stringAt(table: Uint8Array, offset: number): Uint8Array {
  const end = table.indexOf(0, offset);
  return table.subarray(offset, end === -1 ? table.length : end);
}

export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) text += quotedByte(byte);
  return `${text}"`;
}

function quotedByte(byte: number): string {
  const named = NAMED_ESCAPES[byte];
  if (named !== undefined) return named;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${byte.toString(8).padStart(3, '0')}`;
}

/** The bytes of a quoted string, or undefined when it is not one. */
export function unquote(text: string): Uint8Array | undefined {
  if (!/^"(?:[^"\\]|\\[tnr"\\]|\\[0-3][0-7]{2})*"$/.test(text)) return undefined;
  const bytes: number[] = [];
  for (const [, octal, named, plain] of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\])/gu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (named !== undefined) bytes.push(ESCAPED[named] ?? 0);
    else bytes.push(...new TextEncoder().encode(plain));
  }
  return Uint8Array.from(bytes);
}
