/**
 * Trace events of QEMU (`-trace EVENT -msg timestamp=on`): lines `pid@seconds.micros:event arguments` as records.
 *
 * QEMU prints each event by a text of its own, of which we know nothing, so arguments are told by their looks:
 *
 *   dest 0 vector 48      a word before a number is its name
 *   level: 1, size=4      so is one with a colon, or with an equals sign
 *   0xb0 = 0x000000ff     numbers without a name are a0, a1, … by their place
 *   'rtc-index'           text in quotes is a value like a number; so is any other word that names nothing
 */
import type { FieldValues, PointTable, TextRecord } from '../text-trace/points.ts';

const LINE = /^\d+@\d+\.\d{6}:(\w+)\s*(.*)$/;
const TOKEN = /'[^']*'|"[^"]*"|[^\s,]+/g;
const NUMBER = /^[+-]?(?:0x[0-9a-f]+|\d+)$/i;
const NAME = /^[A-Za-z_]\w*$/;
const MAX_CPU = 0xffff;

/** One argument: its name, when it has one. */
interface Argument {
  readonly name: string | undefined;
  readonly value: string;
}

export class TraceEventParser {
  private readonly table: PointTable;

  constructor(table: PointTable) {
    this.table = table;
  }

  /** `text` is the line; `cpu` is whose records came before it. */
  record(text: string, cpu: number): TextRecord | undefined {
    const [, name, rest] = LINE.exec(text) ?? [];
    if (name === undefined) return undefined;
    const { table } = this;
    const point = table.number('qemu', '', '', name);
    const values: FieldValues = [];
    let own = Number.NaN;
    for (const [i, { name: field, value }] of argumentsOf(rest ?? '').entries()) {
      const index = table.fieldOf(point, field ?? `a${i}`, value);
      if (index >= 0) values[index] = value;
      if (field === 'cpu' && NUMBER.test(value)) own = Number(value);
    }
    return {
      point,
      values,
      cpu: own >= 0 && own < MAX_CPU ? own : cpu,
      seq: Number.NaN,
      timeNs: Number.NaN,
      flags: 0,
      line: 0,
    };
  }
}

export function argumentsOf(text: string): readonly Argument[] {
  const found: Argument[] = [];
  let pending: string | undefined; // a word that may be a name
  const settle = (): void => {
    if (pending !== undefined) found.push({ name: undefined, value: pending });
    pending = undefined;
  };
  for (const [token] of text.matchAll(TOKEN)) {
    const value = plainValue(token);
    const equals = token.indexOf('=');
    if (/^(=|->|<-|[|:])$/.test(token)) continue;
    if (value !== undefined) {
      found.push({ name: pending, value });
      pending = undefined;
    } else if (equals > 0 && NAME.test(token.slice(0, equals))) {
      settle();
      found.push({ name: token.slice(0, equals), value: unquoted(token.slice(equals + 1)) });
    } else {
      settle();
      const word = token.endsWith(':') ? token.slice(0, -1) : token;
      if (NAME.test(word)) pending = word;
      else found.push({ name: undefined, value: token });
    }
  }
  settle();
  return found;
}

/** A number, perhaps behind `@`, or text in quotes; undefined for a word. */
function plainValue(token: string): string | undefined {
  const bare = token.replace(/^@/, '').replace(/[:;]$/, '');
  if (NUMBER.test(bare)) return bare;
  return /^['"]/.test(token) ? unquoted(token) : undefined;
}

function unquoted(text: string): string {
  return text.replace(/^(['"])(.*)\1$/, '$2');
}
