/**
 * What stands in front of an event, read from bytes:
 *
 *             sh-94      [001] d..2.     4.714044: sched_switch: …
 *
 * Of all that the pattern of ftrace.ts takes, this takes the lines without a thread group.
 */
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import { CHAR, CLASS, DIGIT, decimalAt, runEnd, skipSpaces, WORD, wordEnd } from '../text-trace/bytes.ts';
import type { LineRecord } from '../text-trace/line-record.ts';
import { HEADER } from './header-code.ts';

const MOST_FRACTION = 9; // digits: nanoseconds
const MOST_DIGITS = 9; // of numbers that must be small
const [CODE_D, CODE_LITTLE_D, CODE_X] = [0x44, 0x64, 0x58];
export const POWERS = Array.from({ length: MOST_FRACTION + 1 }, (_, i) => 10 ** (MOST_FRACTION - i));

/** Where the event begins, the record having its place and time; -1: it is no such line. */
export function readHeader(record: LineRecord, u8: Uint8Array, at: number, end: number): number {
  const first = skipSpaces(u8, at, end);
  let bracket = first;
  while (bracket < end && u8[bracket] !== CHAR.openBracket) bracket++;
  if (!readTask(record, u8, first, bracket)) return -1;
  const cpuEnd = runEnd(u8, bracket + 1, end, DIGIT);
  if (cpuEnd === bracket + 1 || cpuEnd - bracket > MOST_DIGITS || u8[cpuEnd] !== CHAR.closeBracket) return -1;
  record.cpu = decimalAt(u8, bracket + 1, cpuEnd);
  let from = skipSpaces(u8, cpuEnd + 1, end);
  let to = wordEnd(u8, from, end);
  if (from === cpuEnd + 1) return -1;
  record.flags = 0;
  if (u8[to - 1] !== CHAR.colon) {
    if (!areFlags(u8, from, to)) return -1;
    record.flags = irqFlags(u8[from]!);
    const next = skipSpaces(u8, to, end);
    if (next === to) return -1;
    from = next;
    to = wordEnd(u8, from, end);
    if (u8[to - 1] !== CHAR.colon) return -1;
  }
  const body = skipSpaces(u8, to, end);
  return body > to && body < end && readTime(record, u8, from, to - 1) ? body : -1;
}

/** What HeaderReader has read, in words of memory from `word` on. */
export function takeHeader(record: LineRecord, u8: Uint8Array, i32: Int32Array, word: number): void {
  const comm = i32[word + HEADER.comm]!;
  const commEnd = i32[word + HEADER.commEnd]!;
  record.commFrom = comm - record.at;
  record.commTo = isNoName(u8, comm, commEnd) ? 0 : commEnd - record.at;
  record.tid = i32[word + HEADER.tid]!;
  record.pid = record.tid;
  record.cpu = i32[word + HEADER.cpu]!;
  record.flags = irqFlags(i32[word + HEADER.flags]!);
  const power = POWERS[i32[word + HEADER.fractionDigits]!]!;
  record.timeNs = i32[word + HEADER.seconds]! * 1e9 + i32[word + HEADER.fraction]! * power;
}

/** `sh-94 ` in front of the bracket. */
function readTask(record: LineRecord, u8: Uint8Array, from: number, bracket: number): boolean {
  let to = bracket;
  while (to > from && u8[to - 1] === CHAR.space) to--;
  if (to === bracket) return false;
  let dash = to;
  while (dash > from && (CLASS[u8[dash - 1]!]! & DIGIT) !== 0) dash--;
  if (dash === to || to - dash > MOST_DIGITS || dash - 1 <= from || u8[dash - 1] !== CHAR.minus) return false;
  const tid = decimalAt(u8, dash, to);
  record.tid = tid;
  record.pid = tid;
  record.commFrom = from - record.at;
  record.commTo = isNoName(u8, from, dash - 1) ? 0 : dash - 1 - record.at;
  return true;
}

/** `<...>` */
function isNoName(u8: Uint8Array, from: number, to: number): boolean {
  return (
    to - from === 5 &&
    u8[from] === CHAR.less &&
    u8[from + 1] === CHAR.dot &&
    u8[from + 2] === CHAR.dot &&
    u8[from + 3] === CHAR.dot &&
    u8[from + 4] === CHAR.greater
  );
}

/** Four to six letters, digits and points. */
function areFlags(u8: Uint8Array, from: number, to: number): boolean {
  if (to - from < 4 || to - from > 6) return false;
  for (let i = from; i < to; i++) {
    const code = u8[i]!;
    if (code !== CHAR.dot && ((CLASS[code]! & WORD) === 0 || code === 0x5f)) return false;
  }
  return true;
}

/** As irqFlags of ftrace.ts. */
function irqFlags(code: number): number {
  if (code === CODE_X) return 0;
  const isOff = code === CODE_LITTLE_D || code === CODE_D;
  return isOff ? EVENT_FLAGS.IF_KNOWN : EVENT_FLAGS.IF_KNOWN | EVENT_FLAGS.IF;
}

/** As `nanoseconds` of place.ts. */
function readTime(record: LineRecord, u8: Uint8Array, from: number, to: number): boolean {
  const dot = runEnd(u8, from, to, DIGIT);
  const whole = decimalAt(u8, from, dot);
  if (Number.isNaN(whole)) return false;
  record.timeNs = Number.NaN;
  if (dot === to) return true;
  const digits = to - dot - 1;
  const fraction = decimalAt(u8, dot + 1, to);
  if (u8[dot] !== CHAR.dot || digits > MOST_FRACTION || Number.isNaN(fraction)) return false;
  record.timeNs = whole * 1e9 + fraction * POWERS[digits]!;
  return true;
}
