/**
 * Records of `-d exec` (QEMU accel/tcg/cpu-exec.c): a translated block is about to run.
 *
 *   Trace 0: 0x7fbe626513c0 [0000000000000000/ffffffff81363fa0/0040c2b0/ff000200] name    since 6.1
 *   Trace 0: 0x7fbe626513c0 [0000000000000000/ffffffff81363fa0/0x40c2b0] name             3.0 to 6.0
 *   Trace 0x7fbe626513c0 [ffffffff81363fa0] name                                          before
 *
 * The fields are CS base, pc, hidden flags (low two bits: the privilege level) and compile flags; digits may be unpadded
 * and carry 0x. With `-d cpu` a register dump follows, with the state before the block's first instruction.
 *
 * `Stopped execution of TB chain before 0x… [pc]` takes the record before it back: an interrupt came first, and the
 * block will be logged again. So a record is held until the next line shows that it stands (E1). Whether dumps
 * follow is learned from the log (E2): a record waits for its dump only once one was seen right behind a record.
 */
import { HEX, NOT_HEX } from './hex.ts';

/** One parsed record; reused. Halves are int32. */
export interface ExecRecord {
  several: boolean; // a record named another CPU than 0
  cpu: number; // 0 when the line does not say
  csBaseLow: number;
  pcLow: number;
  pcHigh: number;
  cpl: number; // -1 when the line has no flags
}

export const newExecRecord = (): ExecRecord => ({
  several: false,
  cpu: 0,
  csBaseLow: 0,
  pcLow: 0,
  pcHigh: 0,
  cpl: -1,
});

const BRACKET = 0x5b;
const CLOSING = 0x5d;
const SLASH = 0x2f;
const TRACE_BYTES = 'Trace '.length;

/** A hexadecimal field; the parser's result. */
const field = { low: 0, high: 0, end: 0 };

/** Parse the record whose line, of known form (lines.ts), is [at, end). False: its bracket is not as it should be. */
export function parseExec(u8: Uint8Array, at: number, end: number, record: ExecRecord): boolean {
  let p = at + TRACE_BYTES;
  let cpu = 0;
  while (u8[p]! >= 48 && u8[p]! <= 57) cpu = cpu * 10 + u8[p++]! - 48;
  record.cpu = u8[p] === 0x3a ? cpu & 0xffff : 0;
  record.several ||= record.cpu > 0;
  while (p < end && u8[p] !== BRACKET) p++;
  if (!hexField(u8, p + 1, end)) return false;
  if (u8[field.end] === CLOSING) return placeOnly(record);
  if (u8[field.end] !== SLASH) return false;
  record.csBaseLow = field.low;
  if (!hexField(u8, field.end + 1, end)) return false;
  record.pcLow = field.low;
  record.pcHigh = field.high;
  if (u8[field.end] !== SLASH || !hexField(u8, field.end + 1, end)) return false;
  record.cpl = field.low & 3;
  return u8[field.end] === CLOSING || u8[field.end] === SLASH;
}

function placeOnly(record: ExecRecord): boolean {
  record.csBaseLow = 0;
  record.pcLow = field.low;
  record.pcHigh = field.high;
  record.cpl = -1;
  return true;
}

/** The pc in `Stopped execution of TB chain before 0x… [pc]`, to `record`. */
export function parseStopped(u8: Uint8Array, at: number, end: number, record: ExecRecord): boolean {
  let p = at;
  while (p < end && u8[p] !== BRACKET) p++;
  return hexField(u8, p + 1, end) && placeOnly(record);
}

/** 1 to 16 digits, with or without 0x. */
function hexField(u8: Uint8Array, at: number, end: number): boolean {
  let p = u8[at] === 48 && u8[at + 1] === 0x78 ? at + 2 : at;
  const first = p;
  let low = 0;
  let high = 0;
  while (p < end && p - first <= 16) {
    const digit = HEX[u8[p]!]!;
    if (digit >= NOT_HEX) break;
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
    p++;
  }
  field.low = low;
  field.high = high;
  field.end = p;
  return p > first && p - first <= 16;
}
