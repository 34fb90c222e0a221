/**
 * What the report's D programs print, as values. Each line is a word and `name=value` pairs: `nested line=495 event=0`.
 *
 * In: the text of a whole run. Out: rows, in order. A number is a bigint, since addresses are 64 bits wide; everything
 * else stays text. A line of another form is no row: the programs print none.
 */
export interface Row {
  readonly word: string;
  readonly values: ReadonlyMap<string, bigint | string>;
}

export function parseRows(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => /^[a-z][\w-]* \w+=/.test(line))
    .map(parseRow);
}

function parseRow(line: string): Row {
  const [word = '', ...pairs] = line.trim().split(' ');
  const values = new Map<string, bigint | string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const text = pair.slice(at + 1);
    values.set(pair.slice(0, at), /^(0x[0-9a-f]+|-?\d+)$/.test(text) ? BigInt(text) : text);
  }
  return { word, values };
}

export function rowsOf(rows: readonly Row[], word: string): Row[] {
  return rows.filter((row) => row.word === word);
}

/** An address or register; 0 when the row has none. */
export function bits(row: Row, name: string): bigint {
  const value = row.values.get(name);
  return typeof value === 'bigint' ? value : 0n;
}

/** A count, number or line, all of which are far below 2^53. */
export function number(row: Row, name: string): number {
  return Number(bits(row, name));
}

export function text(row: Row, name: string): string {
  return String(row.values.get(name) ?? '');
}

/** The file that the row's line is in, where there are several (session/trace-places.ts). */
export function traceOf(row: Row): { readonly trace?: string } {
  const trace = row.values.get('trace');
  return trace === undefined ? {} : { trace: String(trace) };
}

export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** JSON for scripts: 64-bit values as text, for a JSON number would lose bits. */
export function reportJson(value: unknown): string {
  const plain = (_: string, one: unknown) => (typeof one === 'bigint' ? hex(one) : one);
  return `${JSON.stringify(value, plain, 2)}\n`;
}
