/**
 * The other lines of a `-d int` log: what they are, by their bytes.
 *
 * A *form* is text that QEMU writes in one piece. Most forms must fill their line exactly; then the same words inside
 * a guest's console message are not mistaken for them. Because several writers share the log, a form may begin
 * in the middle of a line, behind console text or behind another CPU's half-written header: `findRecord` looks for
 * such a place.
 *
 * What is left is text. It counts as *console* text when it is plausible output of a guest: at least three quarters
 * of its bytes are printable ASCII, blanks, the usual terminal controls or well-formed UTF-8, and it does not look
 * like a piece of a record. Otherwise it is *unknown* (binary rubbish, `NAME=hex` of no known dump line) or
 * *malformed* (it begins like a record and goes wrong).
 */
import { dumpRank, lengthFits, RANKS } from './dump.ts';
import { ascii, headerStart, startsWith } from './header.ts';
import { hexRun } from './hex.ts';

export const LINES = {
  none: 0,
  check_exception: 1,
  servicing: 2,
  reset: 3,
  smm_enter: 4,
  smm_leave: 5,
  triple_fault: 6,
  guest_error: 7,
  exec: 8, // `Trace n: …`, one record of -d exec
  linking: 9,
  stopped: 10,
  trace_event: 11, // `pid@seconds.micros:name …` of -trace
} as const;
export type LineKind = (typeof LINES)[keyof typeof LINES];

interface Form {
  readonly kind: LineKind;
  readonly prefix: Uint8Array;
  /** Whether the text behind the prefix is what the form demands. */
  readonly rest: (u8: Uint8Array, at: number, end: number) => boolean;
}

const CHECK_MIDDLE = ascii(' new 0x');
const anything = (): boolean => true;
const nothing = (_: Uint8Array, at: number, end: number): boolean => at === end;
const hexToEnd = (u8: Uint8Array, at: number, end: number): boolean =>
  at < end && hexRun(u8, at, end) === end - at;

function oldAndNew(u8: Uint8Array, at: number, end: number): boolean {
  const middle = at + hexRun(u8, at, end);
  return middle > at && startsWith(u8, middle, end, CHECK_MIDDLE) && hexToEnd(u8, middle + 7, end);
}

function decimalRun(u8: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && u8[p]! >= 48 && u8[p]! <= 57) p++;
  return p - at;
}

/** `0)`, the CPU number of a reset. */
function cpuAndParenthesis(u8: Uint8Array, at: number, end: number): boolean {
  const digits = decimalRun(u8, at, end);
  return digits > 0 && digits < 6 && at + digits + 1 === end && u8[at + digits] === 0x29;
}

/** `0: 0x7f… [` of QEMU since 3.0, or `0x7f… [` of older ones. */
function execRecord(u8: Uint8Array, at: number, end: number): boolean {
  let p = at + decimalRun(u8, at, end);
  if (u8[p] === 0x3a && u8[p + 1] === 0x20) p += 2;
  else p = at;
  if (u8[p] !== 0x30 || u8[p + 1] !== 0x78) return false;
  p += 2;
  const digits = hexRun(u8, p, end);
  return digits > 0 && p + digits + 1 < end && u8[p + digits + 1] === 0x5b;
}

const form = (kind: LineKind, prefix: string, rest: Form['rest']): Form => ({
  kind,
  prefix: ascii(prefix),
  rest,
});

const FORMS: readonly Form[] = [
  form(LINES.check_exception, 'check_exception old: 0x', oldAndNew),
  form(LINES.servicing, 'Servicing hardware INT=0x', hexToEnd),
  form(LINES.servicing, 'Servicing virtual hardware INT=0x', hexToEnd), // of a guest in a guest (SVM)
  form(LINES.reset, 'CPU Reset (CPU ', cpuAndParenthesis),
  form(LINES.smm_enter, 'SMM: enter', nothing),
  form(LINES.smm_leave, 'SMM: after RSM', nothing),
  form(LINES.triple_fault, 'Triple fault', nothing),
  form(LINES.guest_error, 'Invalid read at addr 0x', anything),
  form(LINES.guest_error, 'Invalid write at addr 0x', anything),
  form(LINES.guest_error, 'Invalid access at addr 0x', anything), // QEMU 5.2 to 6.0
  form(LINES.exec, 'Trace ', execRecord),
  form(LINES.linking, 'Linking TBs 0x', anything),
  form(LINES.stopped, 'Stopped execution of TB chain before', anything),
];

/** Forms by their first byte, so that a line is compared with few of them. */
const FORMS_BY_BYTE: readonly (readonly Form[])[] = formsByByte();

function formsByByte(): Form[][] {
  const none: Form[] = [];
  const table = new Array<Form[]>(256).fill(none);
  for (const row of FORMS) {
    const byte = row.prefix[0]!;
    table[byte] = [...table[byte]!, row];
  }
  return table;
}

/** The form that the text [at, end) has, or LINES.none. */
export function lineKind(u8: Uint8Array, at: number, end: number): LineKind {
  const first = u8[at]!;
  for (const { kind, prefix, rest } of FORMS_BY_BYTE[first]!) {
    if (startsWith(u8, at, end, prefix) && rest(u8, at + prefix.length, end)) return kind;
  }
  if (first >= 48 && first <= 57 && traceEventTime(u8, at, end) >= 0) return LINES.trace_event;
  return LINES.none;
}

/** Where the number of a `Servicing [virtual ]hardware INT=0x..` line begins. */
export function servicingVectorAt(u8: Uint8Array, at: number): number {
  return at + (u8[at + 10] === 0x76 ? 33 : 25); // v of virtual
}

export const RESET_CPU_AT = 'CPU Reset (CPU '.length;

const GUEST_ERROR_ADDRESS_AT: Readonly<Record<number, number>> = { 114: 23, 119: 24, 97: 25 }; // r, w and a

/** Where the address of an `Invalid read/write/access at addr 0x…` line begins. */
export function guestErrorAddressAt(u8: Uint8Array, at: number): number {
  return at + GUEST_ERROR_ADDRESS_AT[u8[at + 8]!]!;
}

/** Microseconds since 1970 in front of a trace-event line `pid@sec.usec:…`, or -1. */
export function traceEventTime(u8: Uint8Array, at: number, end: number): number {
  let p = at + decimalRun(u8, at, end);
  if (p === at || u8[p] !== 0x40) return -1;
  const seconds = p + 1;
  const secondDigits = decimalRun(u8, seconds, end);
  p = seconds + secondDigits;
  if (secondDigits < 1 || secondDigits > 11 || u8[p] !== 0x2e) return -1;
  if (decimalRun(u8, p + 1, end) !== 6 || u8[p + 7] !== 0x3a) return -1;
  return decimal(u8, seconds, secondDigits) * 1e6 + decimal(u8, p + 1, 6);
}

export function decimal(u8: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i++) value = value * 10 + u8[i]! - 48;
  return value;
}

/** `2026-01-02T03:04:05.678901Z `, which newer QEMU puts before each piece under `-msg timestamp=on`. */
const TIME_PREFIX = '0000-00-00T00:00:00.000000Z ';
export const TIME_PREFIX_BYTES = TIME_PREFIX.length;

export function hasTimePrefix(u8: Uint8Array, at: number, end: number): boolean {
  if (end - at < TIME_PREFIX_BYTES || u8[at + 4] !== 0x2d || u8[at + 10] !== 0x54) return false;
  for (let i = 0; i < TIME_PREFIX_BYTES; i++) {
    const byte = u8[at + i]!;
    if (TIME_PREFIX[i] === '0' ? byte < 48 || byte > 57 : byte !== TIME_PREFIX.charCodeAt(i)) return false;
  }
  return true;
}

/** Microseconds since 1970 of the time prefix at `at`. */
export function timePrefixMicros(u8: Uint8Array, at: number): number {
  const ms = Date.UTC(
    decimal(u8, at, 4),
    decimal(u8, at + 5, 2) - 1,
    decimal(u8, at + 8, 2),
    decimal(u8, at + 11, 2),
    decimal(u8, at + 14, 2),
    decimal(u8, at + 17, 2),
  );
  return ms * 1000 + decimal(u8, at + 20, 6);
}

/**
 * The first place behind `at` where a record may begin in the middle of a line: a header's number, a line form, or
 * the first line of a dump. -1 when there is none.
 */
export function findRecord(u8: Uint8Array, at: number, end: number): number {
  for (let p = at + 1; p < end; p++) {
    const byte = u8[p]!;
    if (byte === 0x3a) {
      if (u8[p + 1] !== 0x20 || u8[p + 2] !== 0x76 || u8[p + 3] !== 0x3d || p + 3 >= end) continue;
      const start = headerStart(u8, p, at);
      if (start > at) return start;
    } else if (FORMS_BY_BYTE[byte]!.length > 0) {
      if (lineKind(u8, p, end) !== LINES.none) return p;
    } else if (byte === 0x52 || byte === 0x45) {
      if (dumpRank(u8, p, end) === RANKS.first && lengthFits(u8, p, end - p)) return p;
    }
  }
  return -1;
}

/** What a line of no known form is taken for. */
export type TextKind = 'console' | 'unknown' | 'malformed';

export function textKind(u8: Uint8Array, at: number, end: number): TextKind {
  if (beginsLikeRecord(u8, at, end)) return 'malformed';
  if (looksLikeField(u8, at, end)) return 'unknown';
  return 4 * textBytes(u8, at, end) >= 3 * (end - at) ? 'console' : 'unknown';
}

/** A form's prefix without its rest, or a number followed by `: v=`. */
function beginsLikeRecord(u8: Uint8Array, at: number, end: number): boolean {
  for (const { prefix } of FORMS_BY_BYTE[u8[at]!]!) {
    if (prefix.length > 8 && startsWith(u8, at, end, prefix)) return true;
  }
  let p = at;
  while (p < end && u8[p] === 0x20) p++;
  p += decimalRun(u8, p, end);
  return (
    p + 3 < end && p > at && u8[p] === 0x3a && u8[p + 1] === 0x20 && u8[p + 2] === 0x76 && u8[p + 3] === 0x3d
  );
}

/** Whether the unfinished last line [at, end) may be the beginning of a record: it is a prefix of one. */
export function mayBeginRecord(u8: Uint8Array, at: number, end: number): boolean {
  if (beginsLikeRecord(u8, at, end) || dumpRank(u8, at, end) >= 0) return true;
  for (const { prefix } of FORMS_BY_BYTE[u8[at]!]!) {
    if (startsWith(prefix, 0, prefix.length, u8.subarray(at, Math.min(end, at + prefix.length)))) return true;
  }
  let p = at;
  while (p < end && u8[p] === 0x20) p++;
  p += decimalRun(u8, p, end);
  return p > at && (p === end || (end - p <= 3 && u8[p] === 0x3a));
}

/** `RBX=0000…`: a capital name, `=`, eight hexadecimal digits. */
function looksLikeField(u8: Uint8Array, at: number, end: number): boolean {
  let p = at;
  while (p < end && p - at < 5 && ((u8[p]! >= 65 && u8[p]! <= 90) || (u8[p]! >= 48 && u8[p]! <= 57))) p++;
  if (u8[p] === 0x20) p++;
  return p > at && u8[p] === 0x3d && hexRun(u8, p + 1, Math.min(end, p + 9)) >= 4;
}

const TEXT_CONTROLS = new Set([0x07, 0x08, 0x09, 0x0d, 0x1b]);

/** Bytes that a guest's console plausibly prints. */
function textBytes(u8: Uint8Array, at: number, end: number): number {
  let count = 0;
  for (let p = at; p < end; ) {
    const byte = u8[p]!;
    const length = byte < 0x80 ? 1 : utf8Length(u8, p, end);
    if (length > 1 || (byte >= 0x20 && byte < 0x7f) || TEXT_CONTROLS.has(byte)) count += length;
    p += Math.max(length, 1);
  }
  return count;
}

/** Length of the well-formed UTF-8 sequence at `at`, 0 when there is none. */
function utf8Length(u8: Uint8Array, at: number, end: number): number {
  const lead = u8[at]!;
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (lead >= 0xf5 || at + length > end) return 0;
  for (let i = 1; i < length; i++) if ((u8[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** How other targets' logs announce themselves; only used to word the message about a log without x86 records. */
const FOREIGN: readonly { readonly target: string; readonly prefix: Uint8Array }[] = [
  { target: 'an AArch64 or ARM guest', prefix: ascii('Taking exception ') },
  { target: 'a RISC-V guest', prefix: ascii('riscv_cpu_do_interrupt: ') },
  { target: 'a MIPS guest', prefix: ascii('mips_cpu_do_interrupt ') },
];

export function foreignTarget(u8: Uint8Array, at: number, end: number): string | undefined {
  return FOREIGN.find(({ prefix }) => startsWith(u8, at, end, prefix))?.target;
}

const LF = 0x0a;

/** The newline from `from` on, -1 when there is none before `end`. */
export function findNewline(u8: Uint8Array, from: number, end: number): number {
  let p = from;
  while (p < end && u8[p] !== LF) p++;
  return p < end ? p : -1;
}
