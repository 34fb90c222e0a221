/**
 * Fields of an event's text, `name=value`, found in bytes; the same as fieldsOf() of ftrace.ts finds.
 *
 * Values go on to the next field, without the blanks, commas, brackets and `==>` between the two. Events print their fields in
 * the same order as ever, so each is looked for where it was in the table last: behind the one before.
 */
import type { PointField } from '../../machine/points.ts';
import { CHAR, CLASS, DIGIT, fieldNamed, isNumberAt, WORD } from '../text-trace/bytes.ts';
import type { LineRecord } from '../text-trace/line-record.ts';

/** Sets places of the fields; false: one of them is not in the table, twice in the line, or of another type now. */
export function locateFields(
  record: LineRecord,
  u8: Uint8Array,
  fields: readonly PointField[],
  isSettled: boolean,
): boolean {
  const { at, places } = record;
  const from = at + record.bodyAt;
  const end = at + record.length;
  places.fill(0);
  let index = -1;
  let start = from;
  for (let i = from; i < end; i++) {
    if (u8[i] !== CHAR.equals) continue;
    const name = nameStart(u8, from, i);
    if (name < 0) continue;
    if (index >= 0 && !put(record, u8, fields, isSettled, index, start, Math.max(name - 1, from)))
      return false;
    index = fieldNamed(fields, u8, name, i, index + 1);
    if (index < 0 || places[2 * index + 1] !== 0) return false;
    start = i + 1;
  }
  if (index >= 0) return put(record, u8, fields, isSettled, index, start, end);
  if (from === end) return true;
  const text = fields.findIndex((field) => field.name === 'text');
  return text >= 0 && place(record, u8, fields, isSettled, text, from, end);
}

/** Where the name in front of `=` begins; -1: there is none. */
function nameStart(u8: Uint8Array, from: number, equals: number): number {
  let at = equals;
  while (at > from && (CLASS[u8[at - 1]!]! & WORD) !== 0) at--;
  if (at === equals || (CLASS[u8[at]!]! & DIGIT) !== 0) return -1;
  if (at === from) return at;
  const before = u8[at - 1];
  const isApart =
    before === CHAR.space ||
    before === CHAR.comma ||
    before === CHAR.openBracket ||
    before === CHAR.openParen;
  return isApart ? at : -1;
}

function put(
  record: LineRecord,
  u8: Uint8Array,
  fields: readonly PointField[],
  isSettled: boolean,
  index: number,
  from: number,
  end: number,
): boolean {
  let to = end;
  if (
    to - 3 >= from &&
    u8[to - 1] === CHAR.greater &&
    u8[to - 2] === CHAR.equals &&
    u8[to - 3] === CHAR.equals
  )
    to -= 3;
  while (to > from && isBetween(u8[to - 1]!)) to--;
  return place(record, u8, fields, isSettled, index, from, to);
}

function isBetween(code: number): boolean {
  return code === CHAR.space || code === CHAR.comma || code === CHAR.closeBracket || code === CHAR.closeParen;
}

export function place(
  record: LineRecord,
  u8: Uint8Array,
  fields: readonly PointField[],
  isSettled: boolean,
  index: number,
  from: number,
  to: number,
): boolean {
  if (!isSettled && fields[index]!.type === 'int' && !isNumberAt(u8, from, to)) return false;
  record.places[2 * index] = from - record.at;
  record.places[2 * index + 1] = to - record.at;
  return true;
}
