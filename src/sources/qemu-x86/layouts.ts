/**
 * Learned dump layouts: how the scanner jumps over a register dump without walking its lines.
 *
 * The first dump of a shape is walked line by line and its line starts are remembered; a later dump that has the
 * same shape is taken in one step. A jump is sound because a layout matches only if
 *   L1 every line starts with the label it had when the layout was learned,
 *   L2 every line ends with its newline (or CR and newline) exactly where it did, and
 *   L3 the block holds no other control byte, so no line of another CPU and no console text hides inside.
 * Then a walk would find the same lines, and both give the same events and the same ledger (the tests compare them
 * byte for byte). L3 is counted by match-code.ts. Because nothing unseen can be inside a block, a gap in the
 * event numbers needs no second look.
 *
 * A log has 8 to 30 shapes: 64-bit or 32-bit, times the lengths of segment attributes and of CCO's name.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { labelAt, RANK_COUNT } from './dump.ts';
import type { RunCode } from './int-run.ts';
import type { Kernel } from './kernel.ts';
import { LAYOUT_BYTES, LAYOUT_RECORD, LINE_BYTES, LINE_EXPECTED, MAX_LINES } from './layout-record.ts';
import { expectedSums, LINE_STEP } from './match-code.ts';

const LF = 0x0a;
const CR = 0x0d;

export interface Layout {
  readonly id: number; // index in DumpLayouts
  readonly sizeBytes: number; // from the first label to behind EFER's newline
  readonly lastLineBytes: number; // of EFER's line
  readonly lineStarts: Int32Array; // from the dump's start
  readonly labels: Int32Array; // first four bytes of each line
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
    const layout: Layout = {
      id: this.list.length,
      sizeBytes: end - at,
      lastLineBytes: end - starts[starts.length - 1]!,
      lineStarts: Int32Array.from(starts, (start) => start - at),
      labels: Int32Array.from(starts, (start) => labelAt(u8, start)),
      crlf: u8[end - 2] === CR,
      rankStarts,
      address: this.records + this.list.length * LAYOUT_BYTES,
      sample: u8.slice(at, end),
    };
    const sums = expectedSums(layout.sample);
    if (sums === undefined) return undefined;
    writeRecord(this.memory, layout, sums);
    // A dump with control bytes inside its lines is taken as it is, but is no model for others (L3).
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
  const lines = labels.length;
  // Shapes differ in length, so most of those that do not match have no EFER where this one has.
  if (stop > end || labelAt(u8, stop - layout.lastLineBytes) !== labels[lines - 1]) return false;
  if (u8[stop - 1] !== LF || (crlf && u8[stop - 2] !== CR)) return false;
  const controls = crlf ? 2 * lines : lines;
  if (kernel === undefined) return matchesSlowly(layout, u8, at, controls);
  return kernel.match(at, layout.address) === 1;
}

const END_MASKS = { lf: 0x0000_ffff_ffff_ff00n, crlf: 0x0000_ffff_ffff_ffffn } as const;
const LINE_ENDS = { lf: 0x0a00n, crlf: 0x0a0dn } as const;

/** What match needs; the rest of the record is int-run.ts's. */
function writeRecord(memory: LinearMemory, layout: Layout, sums: Uint8Array): void {
  const { u8, i32, i64 } = memory;
  const { address, lineStarts, labels, sizeBytes, crlf } = layout;
  const ends = crlf ? 'crlf' : 'lf';
  const put = (field: number, value: number): void => {
    i32[(address + field) >> 2] = value;
  };
  put(LAYOUT_RECORD.sizeBytes, sizeBytes);
  put(LAYOUT_RECORD.lineCount, labels.length);
  const entries = Math.ceil(labels.length / LINE_STEP) * LINE_STEP;
  put(LAYOUT_RECORD.linesEnd, LAYOUT_RECORD.lines + entries * LINE_BYTES);
  u8.set(sums, address + LAYOUT_RECORD.controls);
  put(LAYOUT_RECORD.lastStart, sizeBytes - layout.lastLineBytes);
  put(LAYOUT_RECORD.id, layout.id);
  i64[(address + LAYOUT_RECORD.endMask) >> 3] = END_MASKS[ends];
  const tail = address + LAYOUT_RECORD.tailMask;
  u8.fill(0, tail, tail + 16);
  u8.fill(0xff, tail, tail + (sizeBytes & 15));
  for (let entry = 0; entry < entries; entry++) {
    const i = Math.min(entry, labels.length - 1);
    const line = LAYOUT_RECORD.lines + entry * LINE_BYTES;
    put(line, lineStarts[i]! - 2);
    i64[(address + line + LINE_EXPECTED) >> 3] = (BigInt(labels[i]! >>> 0) << 16n) | LINE_ENDS[ends];
  }
}

/** What kernel.match does. */
function matchesSlowly(layout: Layout, u8: Uint8Array, at: number, controls: number): boolean {
  const { lineStarts, labels, crlf, sizeBytes } = layout;
  for (let i = 0; i < lineStarts.length; i++) {
    const start = at + lineStarts[i]!;
    if (labelAt(u8, start) !== labels[i] || u8[start - 1] !== LF) return false;
    if (crlf && u8[start - 2] !== CR) return false;
  }
  let count = 0;
  for (let p = at; p < at + sizeBytes; p++) if (u8[p]! < 0x20) count++;
  return count === controls;
}
