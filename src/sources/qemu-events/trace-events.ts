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
import { cpuOf, type EventShapes, type Place } from './event-shapes.ts';

const LINE = /^\d+@\d+\.\d{6}:(\w+)\s*(.*)$/;
const TOKEN = /'[^']*'|"[^"]*"|[^\s,]+/g;
const NUMBER = /^[+-]?(?:0x[0-9a-f]+|\d+)$/i;
const NAME = /^[A-Za-z_]\w*$/;

/** One argument: its name, when it has one; where in the text its value stands. */
interface Argument {
  readonly name: string | undefined;
  readonly value: string;
  readonly from: number;
}

export class TraceEventParser {
  private readonly table: PointTable;
  private readonly shapes: EventShapes | undefined;

  /** `shapes`: lines whose like was met are theirs; without, each line is read as a string. */
  constructor(table: PointTable, shapes?: EventShapes) {
    this.table = table;
    this.shapes = shapes;
  }

  /** The line in [at, end); `cpu` is whose records came before it. */
  take(u8: Uint8Array, at: number, end: number, cpu: number): TextRecord | undefined {
    const known = this.shapes?.record(at, end, cpu);
    if (known !== undefined) return known;
    const places: Place[] = [];
    const record = this.record(textOf(u8, at, end), cpu, places);
    if (record !== undefined) this.shapes?.learn(at, end, record.point, places);
    return record;
  }

  /** `text` is the line; its arguments go to `places`, too. */
  record(text: string, cpu: number, places: Place[] = []): TextRecord | undefined {
    const [, name, rest = ''] = LINE.exec(text) ?? [];
    if (name === undefined) return undefined;
    const { table } = this;
    const point = table.number('qemu', '', '', name);
    const values: FieldValues = [];
    let own = Number.NaN;
    for (const [i, { name: argument, value, from }] of argumentsOf(rest).entries()) {
      const field = table.fieldOf(point, argument ?? `a${i}`, value);
      const isNumber = NUMBER.test(value);
      const isCpu = argument === 'cpu' && isNumber;
      if (field >= 0) values[field] = value;
      if (isCpu) own = Number(value);
      places.push({ from: text.length - rest.length + from, value, isNumber, field, isCpu });
    }
    return {
      ...{ point, values, cpu: cpuOf(own, cpu), seq: Number.NaN, timeNs: Number.NaN },
      ...{ flags: 0, line: 0 },
    };
  }
}

function textOf(u8: Uint8Array, at: number, end: number): string {
  return Buffer.from(u8.buffer, u8.byteOffset + at, end - at).toString('utf8');
}

export function argumentsOf(text: string): readonly Argument[] {
  const found: Argument[] = [];
  let pending: string | undefined; // a word that may be a name
  let pendingFrom = 0;
  const settle = (): void => {
    if (pending !== undefined) found.push({ name: undefined, value: pending, from: pendingFrom });
    pending = undefined;
  };
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const value = plainValue(token);
    const equals = token.indexOf('=');
    if (/^(=|->|<-|[|:])$/.test(token)) continue;
    if (value !== undefined) {
      found.push({ name: pending, value, from: index + token.indexOf(value) });
      pending = undefined;
    } else if (equals > 0 && NAME.test(token.slice(0, equals))) {
      settle();
      const bare = unquoted(token.slice(equals + 1));
      found.push({
        name: token.slice(0, equals),
        value: bare,
        from: index + token.indexOf(bare, equals + 1),
      });
    } else {
      settle();
      const word = token.endsWith(':') ? token.slice(0, -1) : token;
      pendingFrom = index;
      if (NAME.test(word)) pending = word;
      else found.push({ name: undefined, value: token, from: index });
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
