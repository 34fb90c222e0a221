/**
 * Learned dump layouts: how the scanner steps over a register dump instead of reading it.
 *
 * The first dump of a shape is walked line by line and its line starts are remembered; a later dump that has the
 * same shape is taken in one step. A block is such a dump if
 *   L1 every line starts with the label it had when the layout was learned,
 *   L2 there is a newline (or CR and newline) in front of it and at the block's end, and
 *   L3 a line that is longer than the shortest of its kind is no shorter one with a foreign text behind it: ` DPL=` stands where
 *      a shorter segment ends, and where lengths differ more (LDT and TR, CCS) the last 8 bytes hold no control byte.
 * So a line that was lost, added, cut or lengthened is seen: all behind it stands elsewhere, and where lines of one kind
 * differ in length, so that this might come out even, L3 looks. Then a walk would find the same lines.
 *   L4 What stands inside a line is not looked at, unless the program or the scanner needs it (the scanner: RIP, RSP, flags, CPL
 *      and the task register; run compares those with the header, and checks their digits).
 * `-x scan=careful`, which walks every line, differs from this in one case: when a byte inside a line has become a newline,
 * or its last one a CR, with everything else in its place, it counts that line as damaged. The tests compare both byte for byte otherwise.
 *
 * Because no record can be inside a block, a gap in the event numbers needs no second look.
 *
 * A log has 8 to 30 shapes: 64-bit or 32-bit, times the lengths of segment attributes and of CCO's name.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { dumpRank, labelAt, RANK_COUNT, RANKS, shortestLength } from './dump.ts';
import type { ExecLoops } from './exec-run.ts';
import type { RunCode } from './int-run.ts';
import type { Kernel } from './kernel.ts';
import {
  LAYOUT_BYTES,
  LAYOUT_RECORD,
  LINE_BYTES,
  LINE_EXPECTED,
  MATCH_STEPS,
  MAX_LINES,
  MAX_TAILS,
} from './layout-record.ts';

const LF = 0x0a;
const CR = 0x0d;
const R = 0x52; // of RAX; a 32-bit dump begins with EAX
const FIRST_PRINTABLE = 0x20;
/** Control bytes have neither; nor have bytes 0x80 to 0x9f, which no dump has. */
const PRINTABLE_BITS = 0x60;
const TAIL_BYTES = 8;
/** Segments whose attributes have one length: code and data. */
const EVEN: ReadonlySet<number> = new Set([RANKS.es, RANKS.cs, RANKS.ss, RANKS.ds, RANKS.fs, RANKS.gs]);
/** Where a segment's attributes begin. */
const MARK = [...' DPL='].map((c) => c.charCodeAt(0));
const MARK_LONG = MARK.reduceRight((long, byte) => (long << 8n) | BigInt(byte), 0n);

export interface Layout {
  readonly id: number; // index in DumpLayouts
  readonly sizeBytes: number; // from the first label to behind EFER's newline
  readonly lastLineBytes: number; // of EFER's line
  readonly lineStarts: Int32Array; // from the dump's start
  readonly labels: Int32Array; // first four bytes of each line
  readonly marks: readonly number[]; // where ` DPL=` must stand (L3),
  readonly tails: readonly number[]; // and where the last bytes of longer lines begin
  readonly crlf: boolean; // lines end with CR and newline
  readonly rankStarts: Int32Array; // start of the line of each rank, or -1
  readonly address: number; // of its record in linear memory (layout-record.ts)
  readonly sample: Uint8Array; // the dump that it was learned from
}

/** More shapes than any real log has; a log with more of them is walked. */
export const MAX_LAYOUTS = 48;

export class DumpLayouts {
  readonly kernel: Kernel | undefined;
  /** Made by the first scanner for which it pays, from then on of all that share these layouts. */
  run: RunCode | undefined;
  /** So are these, of records without dumps. */
  execLoops: ExecLoops | undefined;
  private readonly memory: LinearMemory;
  private readonly records: number;
  private readonly list: Layout[] = [];
  private recent: Layout | undefined;

  /** Without a kernel, TypeScript does its work. */
  constructor(memory: LinearMemory, kernel: Kernel | undefined) {
    this.memory = memory;
    this.kernel = kernel;
    this.records = memory.reserve(MAX_LAYOUTS * LAYOUT_BYTES, 16);
  }

  /** How many are known; ids are below. */
  get count(): number {
    return this.list.length;
  }

  get(id: number): Layout | undefined {
    return this.list[id];
  }

  /** The layout of the whole dump at `at`, if it is one that was learned and ends before `end`. */
  match(u8: Uint8Array, at: number, end: number): Layout | undefined {
    const recent = this.recent;
    if (recent !== undefined && matches(recent, this.kernel, u8, at, end)) return recent;
    for (const layout of this.list) {
      if (layout === recent || !matches(layout, this.kernel, u8, at, end)) continue;
      this.recent = layout;
      return layout;
    }
    return undefined;
  }

  /** Remember the dump whose lines of `ranks` start at `starts`; `end` is behind its last newline. */
  learn(starts: readonly number[], ranks: readonly number[], end: number): Layout | undefined {
    if (this.list.length >= MAX_LAYOUTS || starts.length > MAX_LINES) return undefined;
    const { u8 } = this.memory;
    const at = starts[0]!;
    const rankStarts = new Int32Array(RANK_COUNT).fill(-1);
    ranks.forEach((rank, i) => {
      rankStarts[rank] = starts[i]! - at;
    });
    const lineStarts = Int32Array.from(starts, (start) => start - at);
    const sample = u8.slice(at, end);
    const crlf = u8[end - 2] === CR;
    // A dump with control bytes inside its lines is taken as it is, but is no model for others.
    const controls = this.kernel?.controls(at, end) ?? controlsIn(sample);
    const longer = longerLines(sample, lineStarts, crlf);
    if (controls !== starts.length * (crlf ? 2 : 1) || longer.tails.length > MAX_TAILS) return undefined;
    const layout: Layout = {
      id: this.list.length,
      sizeBytes: end - at,
      lastLineBytes: end - starts[starts.length - 1]!,
      lineStarts,
      labels: Int32Array.from(starts, (start) => labelAt(u8, start)),
      ...longer,
      crlf,
      rankStarts,
      address: this.records + this.list.length * LAYOUT_BYTES,
      sample,
    };
    writeRecord(this.memory, layout);
    if (!matches(layout, this.kernel, u8, at, end)) return undefined;
    this.list.push(layout);
    this.recent = layout;
    return layout;
  }
}

function matches(
  layout: Layout,
  kernel: Kernel | undefined,
  u8: Uint8Array,
  at: number,
  end: number,
): boolean {
  const stop = at + layout.sizeBytes;
  const { labels, crlf } = layout;
  // Shapes differ in length, so most of those that do not match have no EFER where this one has.
  if (stop > end || labelAt(u8, stop - layout.lastLineBytes) !== labels[labels.length - 1]) return false;
  if (u8[stop - 1] !== LF || (crlf && u8[stop - 2] !== CR)) return false;
  if (kernel === undefined || crlf) return matchesSlowly(layout, u8, at);
  return kernel.match(at, layout.address) === 1;
}

/** What kernel.controls does. */
function controlsIn(text: Uint8Array): number {
  return text.reduce((count, byte) => count + (byte < FIRST_PRINTABLE ? 1 : 0), 0);
}

/** L3's places in a dump. */
function longerLines(
  dump: Uint8Array,
  lineStarts: Int32Array,
  crlf: boolean,
): { readonly marks: number[]; readonly tails: number[] } {
  const marks: number[] = [];
  const tails: number[] = [];
  const isWide = dump[0] === R;
  lineStarts.forEach((start, i) => {
    const end = (lineStarts[i + 1] ?? dump.length) - (crlf ? 2 : 1);
    const shortest = start + shortestLength(dump, start, end - start, isWide);
    if (shortest >= end) return;
    const isMarked = MARK.every((byte, k) => dump[shortest + k] === byte);
    if (isMarked) marks.push(shortest);
    if (!isMarked || !EVEN.has(dumpRank(dump, start, end))) tails.push(end - TAIL_BYTES);
  });
  return { marks, tails };
}

/** What match needs; the rest of the record is int-run.ts's. */
function writeRecord(memory: LinearMemory, layout: Layout): void {
  const { i32, i64 } = memory;
  const { address, lineStarts, labels, sizeBytes, marks, tails } = layout;
  const put = (field: number, value: number): void => {
    i32[(address + field) >> 2] = value;
  };
  put(LAYOUT_RECORD.sizeBytes, sizeBytes);
  put(LAYOUT_RECORD.lineCount, labels.length);
  put(LAYOUT_RECORD.lastStart, sizeBytes - layout.lastLineBytes);
  put(LAYOUT_RECORD.id, layout.id);
  const lines = [...lineStarts].map(
    (start, i) => [start - 1, (BigInt(labels[i]! >>> 0) << 8n) | 0x0an] as const,
  );
  const marked = marks.map((mark) => [mark, MARK_LONG] as const);
  const entries = wholeSteps([...lines, ...marked], MATCH_STEPS.lines);
  entries.forEach(([place, expected], i) => {
    const line = LAYOUT_RECORD.lines + i * LINE_BYTES;
    put(line, place);
    i64[(address + line + LINE_EXPECTED) >> 3] = expected;
  });
  put(LAYOUT_RECORD.linesEnd, LAYOUT_RECORD.lines + entries.length * LINE_BYTES);
  // Without longer lines, some place with text.
  const ends = wholeSteps(tails.length === 0 ? [0] : tails, MATCH_STEPS.tails);
  for (const [i, tail] of ends.entries()) put(LAYOUT_RECORD.tails + 4 * i, tail);
  put(LAYOUT_RECORD.tailsEnd, LAYOUT_RECORD.tails + 4 * ends.length);
}

function wholeSteps<T>(entries: readonly T[], step: number): T[] {
  const size = Math.ceil(entries.length / step) * step;
  return Array.from({ length: size }, (_, i) => entries[Math.min(i, entries.length - 1)]!);
}

/** What kernel.match does. */
function matchesSlowly(layout: Layout, u8: Uint8Array, at: number): boolean {
  const { lineStarts, labels, marks, tails, crlf } = layout;
  for (let i = 0; i < lineStarts.length; i++) {
    const start = at + lineStarts[i]!;
    if (labelAt(u8, start) !== labels[i] || u8[start - 1] !== LF) return false;
    if (crlf && u8[start - 2] !== CR) return false;
  }
  for (const mark of marks) {
    for (let k = 0; k < MARK.length; k++) if (u8[at + mark + k] !== MARK[k]) return false;
  }
  for (const tail of tails) {
    for (let k = 0; k < TAIL_BYTES; k++) if ((u8[at + tail + k]! & PRINTABLE_BITS) === 0) return false;
  }
  return true;
}
