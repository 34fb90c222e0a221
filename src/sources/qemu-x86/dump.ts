/**
 * The register dump behind a header (QEMU target/i386/cpu-dump.c, `cpu_dump_state`), line by line.
 *
 * A line is known by its first four bytes. Lines come in a fixed order, their *rank*; a dump starts at rank 0
 * (RAX or EAX) and ends with EFER. Two shapes exist, 64-bit (16 digits) and 32-bit (8 digits); the shape follows the
 * code segment, not the QEMU binary, and a 32-bit dump on a 64-bit CPU still prints GDT, IDT, CR2, CR3 and DRn with
 * 16 digits but cuts the TR base to 8. `-d fpu` and `CPU Reset` append x87 and SSE lines behind EFER.
 *
 * Line lengths are checked against the format, which is how text that another writer glued into a line is noticed.
 */
import type { HexFields } from './header.ts';
import { hex2, hex8, hexLow, hexRun, highHalf, lowHalf, NOT_HEX } from './hex.ts';

export const RANKS = {
  first: 0,
  rsi: 1,
  r8: 2,
  r12: 3,
  rip: 8, // 4 to 7 are R16 … R28 of APX
  es: 9,
  cs: 10,
  ss: 11,
  ds: 12,
  fs: 13,
  gs: 14,
  ldt: 15,
  tr: 16,
  gdt: 17,
  idt: 18,
  cr0: 19,
  dr0: 20,
  dr6: 21,
  ccs: 22,
  efer: 23,
  fpu: 24, // any line of the appended FPU state
} as const;
export const RANK_COUNT = 25;

const BLANK = 0x20;

interface LineForm {
  readonly label: string; // the first four bytes
  readonly rank: number;
  readonly lengths: readonly [number, number]; // shortest intact length in a 32-bit and in a 64-bit shape
  readonly extra: number; // how much longer it may be
}

/** Segment lines end in an optional ` DPL=3 CS64 [-RA]`. */
const segment = (label: string, rank: number): LineForm => ({ label, rank, lengths: [35, 43], extra: 28 });

const LINE_FORMS: readonly LineForm[] = [
  { label: 'RAX=', rank: 0, lengths: [83, 83], extra: 0 },
  { label: 'EAX=', rank: 0, lengths: [51, 51], extra: 0 },
  { label: 'RSI=', rank: 1, lengths: [83, 83], extra: 0 },
  { label: 'ESI=', rank: 1, lengths: [51, 51], extra: 0 },
  { label: 'R8 =', rank: 2, lengths: [83, 83], extra: 0 },
  { label: 'R12=', rank: 3, lengths: [83, 83], extra: 0 },
  { label: 'R16=', rank: 4, lengths: [83, 83], extra: 0 },
  { label: 'R20=', rank: 5, lengths: [83, 83], extra: 0 },
  { label: 'R24=', rank: 6, lengths: [83, 83], extra: 0 },
  { label: 'R28=', rank: 7, lengths: [83, 83], extra: 0 },
  { label: 'RIP=', rank: RANKS.rip, lengths: [72, 72], extra: 32 },
  { label: 'EIP=', rank: RANKS.rip, lengths: [64, 64], extra: 32 },
  segment('ES =', RANKS.es),
  segment('CS =', RANKS.cs),
  segment('SS =', RANKS.ss),
  segment('DS =', RANKS.ds),
  segment('FS =', RANKS.fs),
  segment('GS =', RANKS.gs),
  segment('LDT=', RANKS.ldt),
  segment('TR =', RANKS.tr),
  { label: 'GDT=', rank: RANKS.gdt, lengths: [26, 34], extra: 0 },
  { label: 'IDT=', rank: RANKS.idt, lengths: [26, 34], extra: 0 },
  { label: 'CR0=', rank: RANKS.cr0, lengths: [51, 67], extra: 16 },
  { label: 'DR0=', rank: RANKS.dr0, lengths: [52, 84], extra: 0 },
  { label: 'DR6=', rank: RANKS.dr6, lengths: [25, 41], extra: 0 },
  { label: 'CCS=', rank: RANKS.ccs, lengths: [31, 47], extra: 15 },
  { label: 'EFER', rank: RANKS.efer, lengths: [21, 21], extra: 0 },
  { label: 'FCW=', rank: RANKS.fpu, lengths: [20, 20], extra: 100 },
  { label: 'FPR0', rank: RANKS.fpu, lengths: [20, 20], extra: 100 },
  { label: 'FPR2', rank: RANKS.fpu, lengths: [20, 20], extra: 100 },
  { label: 'FPR4', rank: RANKS.fpu, lengths: [20, 20], extra: 100 },
  { label: 'FPR6', rank: RANKS.fpu, lengths: [20, 20], extra: 100 },
  { label: 'XMM0', rank: RANKS.fpu, lengths: [36, 36], extra: 150 },
  { label: 'XMM1', rank: RANKS.fpu, lengths: [36, 36], extra: 150 },
  { label: 'YMM0', rank: RANKS.fpu, lengths: [36, 36], extra: 150 },
  { label: 'YMM1', rank: RANKS.fpu, lengths: [36, 36], extra: 150 },
];

/** First four bytes of a text, little endian; how lines are told apart. */
export function label4(text: string): number {
  return (
    text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24)
  );
}

export function labelAt(u8: Uint8Array, at: number): number {
  return u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24);
}

const FORM_BY_LABEL = new Map(LINE_FORMS.map((form) => [label4(form.label), form]));

/** Rank of the dump line at `at`, or -1 when its first four bytes are no dump label. */
export function dumpRank(u8: Uint8Array, at: number, end: number): number {
  const first = u8[at]!;
  if (first < 0x41 || first > 0x59 || end - at < 4) return -1; // a capital letter
  return FORM_BY_LABEL.get(labelAt(u8, at))?.rank ?? -1;
}

/** Whether a dump line has a length its format allows. */
export function lengthFits(u8: Uint8Array, at: number, length: number): boolean {
  const form = FORM_BY_LABEL.get(labelAt(u8, at));
  if (form === undefined) return false;
  const [narrow, wide] = form.lengths;
  return (
    (length >= narrow && length <= narrow + form.extra) || (length >= wide && length <= wide + form.extra)
  );
}

/** How long the shortest line is of the kind of this one, which is whole and in a dump of this width. */
export function shortestLength(u8: Uint8Array, at: number, length: number, isWide: boolean): number {
  const form = FORM_BY_LABEL.get(labelAt(u8, at));
  if (form === undefined) return length;
  const [narrow, wide] = form.lengths;
  // A 32-bit dump may have lines of the wide form, but no such segments.
  const isSegment = form.rank >= RANKS.es && form.rank <= RANKS.tr;
  return (isSegment ? isWide : length >= wide) ? wide : narrow;
}

/** What the scanner itself reads of a dump; everything else waits until a program asks (registers.ts). */
export interface DumpFacts {
  seen: number; // bits of FACTS
  width: number; // 16 or 8 digits
  ipLow: number;
  ipHigh: number;
  spLow: number;
  spHigh: number;
  flags: number; // RFL or EFL
  cpl: number;
  csBaseLow: number; // of a 32-bit dump that is walked; that of 64-bit code is 0
  trSelector: number;
  trBaseLow: number;
  cr2Low: number;
  cr2High: number;
  readonly check: Int32Array; // for hex8
}

export const FACTS = { sp: 1, rip: 2, flags: 4, tr: 8, cr2: 16 } as const;

export function newFacts(): DumpFacts {
  return {
    seen: 0,
    width: 16,
    ipLow: 0,
    ipHigh: 0,
    spLow: 0,
    spHigh: 0,
    flags: 0,
    cpl: 0,
    csBaseLow: 0,
    trSelector: 0,
    trBaseLow: 0,
    cr2Low: 0,
    cr2High: 0,
    check: new Int32Array(1),
  };
}

/** Take over what the line of that rank at `at` tells. Lines without facts are ignored. */
export function noteFacts(u8: Uint8Array, rank: number, at: number, facts: DumpFacts): void {
  if (rank === RANKS.first) {
    facts.seen = 0;
    facts.csBaseLow = 0;
    facts.width = u8[at] === 0x52 ? 16 : 8; // R or E
  } else if (rank === RANKS.rsi) noteStackPointer(u8, at, facts);
  else if (rank === RANKS.rip) noteInstructionPointer(u8, at, facts);
  else if (rank === RANKS.cs) noteCodeBase(u8, at, facts);
  else if (rank === RANKS.tr) noteTaskRegister(u8, at, facts);
  else if (rank === RANKS.cr0) noteCr2(u8, at, facts);
}

/** The lines that have facts, in the order in which they come. */
export const FACT_RANKS = [RANKS.first, RANKS.rsi, RANKS.rip, RANKS.cs, RANKS.tr, RANKS.cr0] as const;

/** `RSI=… RDI=… RBP=… RSP=…` */
function noteStackPointer(u8: Uint8Array, at: number, facts: DumpFacts): void {
  const { width, check } = facts;
  const p = at + 4 + 3 * (width + 5);
  check[0] = 0;
  facts.spHigh = width === 16 ? hex8(u8, p, check) : 0;
  facts.spLow = hex8(u8, p + width - 8, check);
  if (check[0]! < NOT_HEX) facts.seen |= FACTS.sp;
}

/** `RIP=… RFL=00000202 [-------] CPL=3 …` */
function noteInstructionPointer(u8: Uint8Array, at: number, facts: DumpFacts): void {
  const { width, check } = facts;
  const cpl = u8[at + width + 32]! - 48;
  check[0] = 0;
  facts.ipHigh = width === 16 ? hex8(u8, at + 4, check) : 0;
  facts.ipLow = hex8(u8, at + 4 + width - 8, check);
  if (check[0]! >= NOT_HEX || cpl < 0 || cpl > 3) return;
  facts.cpl = cpl;
  facts.flags = hex8(u8, at + 4 + width + 5, check);
  facts.seen |= check[0]! < NOT_HEX ? FACTS.rip | FACTS.flags : FACTS.rip;
}

/** `CS =f000 000f0000 …`; in 64-bit mode the base does not count. */
function noteCodeBase(u8: Uint8Array, at: number, facts: DumpFacts): void {
  if (facts.width === 16) return;
  facts.check[0] = 0;
  const base = hex8(u8, at + 9, facts.check);
  if (facts.check[0]! < NOT_HEX) facts.csBaseLow = base;
}

/** `TR =0040 fffffe0000003000 …`; the base may be cut to 8 digits, so only its low half counts. */
function noteTaskRegister(u8: Uint8Array, at: number, facts: DumpFacts): void {
  const { check } = facts;
  check[0] = 0;
  const base = u8[at + 17] === BLANK ? at + 9 : at + 17;
  facts.trBaseLow = hex8(u8, base, check);
  if (check[0]! >= NOT_HEX || hexRun(u8, at + 4, at + 9) !== 4) return;
  facts.trSelector = hexLow(u8, at + 4, 4);
  facts.seen |= FACTS.tr;
}

/** `CR0=80050033 CR2=…` */
function noteCr2(u8: Uint8Array, at: number, facts: DumpFacts): void {
  const digits = hexRun(u8, at + 17, at + 17 + 16);
  if (digits !== 8 && digits !== 16) return;
  facts.cr2High = highHalf(u8, at + 17, digits);
  facts.cr2Low = lowHalf(u8, at + 17, digits);
  facts.seen |= FACTS.cr2;
}

/**
 * The facts of a 64-bit dump, three addresses at a time; false when a digit is none (`noteFacts` then sorts out which).
 * The arguments are the starts of the lines of RSI, RIP and TR.
 */
export function noteWideFacts(
  u8: Uint8Array,
  rsi: number,
  rip: number,
  tr: number,
  facts: DumpFacts,
  hex: HexFields,
): boolean {
  const cpl = u8[rip + 48]! - 48;
  const { check } = facts;
  check[0] = 0;
  if (hex.kernel.hex3(rip + 4, rsi + 67, tr + 9, hex.at) !== 0 || cpl < 0 || cpl > 3) return false;
  facts.flags = hex8(u8, rip + 25, check);
  facts.trSelector = (hex2(u8, tr + 4, check) << 8) | hex2(u8, tr + 6, check);
  if (check[0]! >= NOT_HEX) return false;
  const { i32 } = hex.memory;
  const word = hex.at >> 2;
  facts.ipLow = i32[word]!;
  facts.ipHigh = i32[word + 1]!;
  facts.spLow = i32[word + 2]!;
  facts.spHigh = i32[word + 3]!;
  facts.trBaseLow = i32[word + 4]!;
  facts.cpl = cpl;
  facts.width = 16;
  facts.seen = FACTS.sp | FACTS.rip | FACTS.flags | FACTS.tr;
  return true;
}
