/**
 * The header of one interrupt record (QEMU target/i386, do_interrupt_all):
 *
 *     475: v=0e e=0014 i=0 cpl=3 IP=0033:000000000040ebf0 pc=000000000040ebf0 SP=002b:00007ffe9b967230
 *   and, written separately, ` CR2=…` for vector 0e or ` env->regs[R_EAX]=…` (old QEMU: ` EAX=…`), then a newline.
 *
 * The number is padded to six places, so from 100000 on there is no leading blank. Addresses have 16 digits in
 * qemu-system-x86_64 and 8 in qemu-system-i386; the width of `IP` tells how many digits belong to `SP` and to the
 * tail, which matters when another CPU's text is glued behind them. Selectors and the error code may have any width.
 * Every digit is checked, whatever the program needs, so that a damaged header is a counted loss in every run.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { hex2, hex8, hexLow, hexRun, highHalf, lowHalf, NOT_HEX } from './hex.ts';
import type { Kernel } from './kernel.ts';

/** One parsed header; reused, so that parsing allocates nothing. Halves are int32. */
export interface Header {
  seq: number;
  vector: number;
  errLow: number;
  errHigh: number;
  soft: boolean; // i=1: an INT n instruction
  cpl: number;
  width: number; // digits of an address: 16 or 8
  cs: number;
  ipLow: number;
  ipHigh: number;
  pcLow: number;
  pcHigh: number;
  ss: number;
  spLow: number;
  spHigh: number;
  end: number; // offset behind SP's digits
  tail: TailKind;
  tailLow: number;
  tailHigh: number;
  readonly check: Int32Array; // for hex8
  readonly hex: HexFields | undefined; // the fast way to decode three addresses
}

/** Where kernel.hex3 leaves its results. */
export interface HexFields {
  readonly kernel: Kernel;
  readonly memory: LinearMemory;
  readonly at: number; // linear offset of three i64
}

/** What the separately written end of the header gave. */
export const TAILS = { none: 0, cr2: 1, rax: 2 } as const;
export type TailKind = (typeof TAILS)[keyof typeof TAILS];

export function newHeader(hex?: HexFields): Header {
  return {
    seq: 0,
    vector: 0,
    errLow: 0,
    errHigh: 0,
    soft: false,
    cpl: 0,
    width: 16,
    cs: 0,
    ipLow: 0,
    ipHigh: 0,
    pcLow: 0,
    pcHigh: 0,
    ss: 0,
    spLow: 0,
    spHigh: 0,
    end: 0,
    tail: TAILS.none,
    tailLow: 0,
    tailHigh: 0,
    check: new Int32Array(1),
    hex,
  };
}

const BLANK = 0x20;
const COLON = 0x3a;
const EQUALS = 0x3d;
/** Widest number QEMU prints: a 32-bit counter. */
const MAX_NUMBER_DIGITS = 10;

/**
 * Parse a header that starts at `at` (blanks or its first digit), up to `SP`. Returns the offset behind SP's
 * digits, or -1 when there is no intact header before `end`.
 */
export function parseHeader(u8: Uint8Array, at: number, end: number, header: Header): number {
  let p = at;
  while (u8[p] === BLANK) p++;
  const number = p;
  let seq = 0;
  for (let digit = u8[p]! - 48; digit >= 0 && digit <= 9; digit = u8[p]! - 48) {
    seq = seq * 10 + digit;
    p++;
  }
  if (p === number || p - number > MAX_NUMBER_DIGITS) return -1;
  if (u8[p] !== COLON || u8[p + 1] !== BLANK || u8[p + 2] !== 0x76 || u8[p + 3] !== EQUALS) return -1;
  header.seq = seq;
  if (parseUsual(u8, p + 4, header) && p + 4 + USUAL_BYTES <= end) return header.end;
  p = parseCause(u8, p + 4, end, header);
  return p < 0 ? -1 : parsePlace(u8, p, end, header);
}

/** Length of the usual shape behind `v=`. */
const USUAL_BYTES = 89;

/**
 * The usual shape behind `: v=`, with 4-digit error code and selectors and 16-digit addresses, in straight-line code:
 *
 *   0e e=0014 i=0 cpl=3 IP=0033:000000000040ebf0 pc=000000000040ebf0 SP=002b:00007ffe9b967230
 *   0  3 5    10  14  18 20 23   28              45 48               65 68   73
 *
 * False, with the header half filled, when the text has another shape; the general parser then decides.
 */
function parseUsual(u8: Uint8Array, at: number, header: Header): boolean {
  // Each term is 0 where the byte is the wanted one.
  const shape =
    (u8[at + 2]! ^ 0x20) |
    (u8[at + 3]! ^ 0x65) |
    (u8[at + 4]! ^ EQUALS) |
    (u8[at + 9]! ^ 0x20) |
    (u8[at + 10]! ^ 0x69) |
    (u8[at + 11]! ^ EQUALS) |
    ((u8[at + 12]! & 0xfe) ^ 0x30) |
    (u8[at + 13]! ^ 0x20) |
    (u8[at + 14]! ^ 0x63) |
    (u8[at + 15]! ^ 0x70) |
    (u8[at + 16]! ^ 0x6c) |
    (u8[at + 17]! ^ EQUALS) |
    ((u8[at + 18]! & 0xfc) ^ 0x30) |
    (u8[at + 19]! ^ 0x20) |
    (u8[at + 20]! ^ 0x49) |
    (u8[at + 21]! ^ 0x50) |
    (u8[at + 22]! ^ EQUALS) |
    (u8[at + 27]! ^ COLON) |
    (u8[at + 44]! ^ 0x20) |
    (u8[at + 45]! ^ 0x70) |
    (u8[at + 46]! ^ 0x63) |
    (u8[at + 47]! ^ EQUALS) |
    (u8[at + 64]! ^ 0x20) |
    (u8[at + 65]! ^ 0x53) |
    (u8[at + 66]! ^ 0x50) |
    (u8[at + 67]! ^ EQUALS) |
    (u8[at + 72]! ^ COLON);
  if (shape !== 0) return false;
  const { check } = header;
  check[0] = 0;
  header.vector = hex2(u8, at, check);
  header.errLow = (hex2(u8, at + 5, check) << 8) | hex2(u8, at + 7, check);
  header.errHigh = 0;
  header.soft = u8[at + 12] === 0x31;
  header.cpl = u8[at + 18]! - 48;
  header.cs = (hex2(u8, at + 23, check) << 8) | hex2(u8, at + 25, check);
  header.width = 16;
  header.ss = (hex2(u8, at + 68, check) << 8) | hex2(u8, at + 70, check);
  header.end = at + USUAL_BYTES;
  if (header.hex === undefined) usualAddresses(u8, at, header);
  else if (header.hex.kernel.hex3(at + 28, at + 48, at + 73, header.hex.at) !== 0) return false;
  else takeAddresses(header, header.hex);
  return check[0]! < NOT_HEX;
}

function takeAddresses(header: Header, { memory, at }: HexFields): void {
  const { i32 } = memory;
  const word = at >> 2;
  header.ipLow = i32[word]!;
  header.ipHigh = i32[word + 1]!;
  header.pcLow = i32[word + 2]!;
  header.pcHigh = i32[word + 3]!;
  header.spLow = i32[word + 4]!;
  header.spHigh = i32[word + 5]!;
}

function usualAddresses(u8: Uint8Array, at: number, header: Header): void {
  const { check } = header;
  header.ipHigh = hex8(u8, at + 28, check);
  header.ipLow = hex8(u8, at + 36, check);
  header.pcHigh = hex8(u8, at + 48, check);
  header.pcLow = hex8(u8, at + 56, check);
  header.spHigh = hex8(u8, at + 73, check);
  header.spLow = hex8(u8, at + 81, check);
}

/** `0e e=0014 i=0 cpl=3`: the offset behind it, or -1. */
function parseCause(u8: Uint8Array, at: number, end: number, header: Header): number {
  let p = at;
  let digits = hexRun(u8, p, end);
  if (digits < 2 || digits > 4) return -1;
  header.vector = hexLow(u8, p, digits);
  p += digits;
  if (u8[p] !== BLANK || u8[p + 1] !== 0x65 || u8[p + 2] !== EQUALS) return -1;
  p += 3;
  digits = hexRun(u8, p, end);
  if (digits < 1 || digits > 16) return -1;
  header.errLow = lowHalf(u8, p, digits);
  header.errHigh = highHalf(u8, p, digits);
  p += digits;
  if (u8[p] !== BLANK || u8[p + 1] !== 0x69 || u8[p + 2] !== EQUALS) return -1;
  const soft = u8[p + 3]! - 48;
  if (soft !== 0 && soft !== 1) return -1;
  header.soft = soft === 1;
  p += 4;
  if (u8[p] !== BLANK || u8[p + 1] !== 0x63 || u8[p + 2] !== 0x70 || u8[p + 3] !== 0x6c) return -1;
  const cpl = u8[p + 5]! - 48;
  if (u8[p + 4] !== EQUALS || cpl < 0 || cpl > 3) return -1;
  header.cpl = cpl;
  return p + 6;
}

/** ` IP=0033:… pc=… SP=002b:…`: the offset behind it, or -1. */
function parsePlace(u8: Uint8Array, at: number, end: number, header: Header): number {
  let p = at;
  if (u8[p] !== BLANK || u8[p + 1] !== 0x49 || u8[p + 2] !== 0x50 || u8[p + 3] !== EQUALS) return -1;
  p += 4;
  let digits = selectorDigits(u8, p, end);
  if (digits < 0) return -1;
  header.cs = hexLow(u8, p, digits);
  p += digits + 1;
  const width = u8[p + 8] === BLANK ? 8 : 16;
  const { check } = header;
  check[0] = 0;
  header.width = width;
  header.ipHigh = width === 16 ? hex8(u8, p, check) : 0;
  p += width;
  header.ipLow = hex8(u8, p - 8, check);
  if (u8[p] !== BLANK || u8[p + 1] !== 0x70 || u8[p + 2] !== 0x63 || u8[p + 3] !== EQUALS) return -1;
  p += 4;
  header.pcHigh = width === 16 ? hex8(u8, p, check) : 0;
  p += width;
  header.pcLow = hex8(u8, p - 8, check);
  if (u8[p] !== BLANK || u8[p + 1] !== 0x53 || u8[p + 2] !== 0x50 || u8[p + 3] !== EQUALS) return -1;
  p += 4;
  digits = selectorDigits(u8, p, end);
  if (digits < 0) return -1;
  header.ss = hexLow(u8, p, digits);
  p += digits + 1;
  header.spHigh = width === 16 ? hex8(u8, p, check) : 0;
  p += width;
  header.spLow = hex8(u8, p - 8, check);
  header.end = p;
  return check[0]! < NOT_HEX && p <= end ? p : -1;
}

function selectorDigits(u8: Uint8Array, at: number, end: number): number {
  const digits = hexRun(u8, at, Math.min(end, at + 8));
  return digits >= 1 && u8[at + digits] === COLON ? digits : -1;
}

/** Parse the header's tail at `at`. Returns the offset behind it; `at` itself, and TAILS.none, when there is none. */
export function parseTail(u8: Uint8Array, at: number, end: number, header: Header): number {
  header.tail = TAILS.none;
  const text = tailTextAt(u8, at, end);
  if (text === undefined) return at;
  const value = at + text.bytes.length;
  const { check, width } = header;
  check[0] = 0;
  header.tailHigh = width === 16 ? hex8(u8, value, check) : 0;
  header.tailLow = hex8(u8, value + width - 8, check);
  if (value + width > end || check[0]! >= NOT_HEX) return at;
  header.tail = text.kind;
  return value + width;
}

interface TailText {
  readonly kind: TailKind;
  readonly bytes: Uint8Array;
}

const CR2_TAIL: TailText = { kind: TAILS.cr2, bytes: ascii(' CR2=') };
const RAX_TAIL: TailText = { kind: TAILS.rax, bytes: ascii(' env->regs[R_EAX]=') };
const EAX_TAIL: TailText = { kind: TAILS.rax, bytes: ascii(' EAX=') };

function tailTextAt(u8: Uint8Array, at: number, end: number): TailText | undefined {
  const second = u8[at + 1];
  const text = second === 0x43 ? CR2_TAIL : second === 0x65 ? RAX_TAIL : EAX_TAIL;
  return startsWith(u8, at, end, text.bytes) ? text : undefined;
}

/** Start of the number in front of the `: v=` at `colon`, not before `from`; -1 when there is no number. */
export function headerStart(u8: Uint8Array, colon: number, from: number): number {
  let p = colon;
  while (p > from && u8[p - 1]! >= 48 && u8[p - 1]! <= 57 && colon - p < MAX_NUMBER_DIGITS) p--;
  if (p === colon) return -1;
  while (p > from && u8[p - 1] === BLANK && colon - p < 6) p--;
  return p;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export function startsWith(u8: Uint8Array, at: number, end: number, bytes: Uint8Array): boolean {
  if (at + bytes.length > end) return false;
  for (let i = 0; i < bytes.length; i++) if (u8[at + i] !== bytes[i]) return false;
  return true;
}
