/**
 * Learned dump layouts: how the scanner jumps over a register dump without walking its lines.
 *
 * The first dump of a shape is walked line by line and its line starts are remembered; a later dump that has the
 * same shape is taken in one step. A jump is sound because a layout matches only if
 *   L1 every line starts with the label it had when the layout was learned,
 *   L2 every line ends with its newline (or CR and newline) exactly where it did, and
 *   L3 the block holds no other control byte, so no line of another CPU and no console text hides inside.
 * Then a walk would find the same lines, and both give the same events and the same ledger (the tests compare them
 * byte for byte). L3 is counted four bytes at a time. Because nothing unseen can be inside a block, a gap in the
 * event numbers needs no second look.
 *
 * A log has 8 to 30 shapes: 64-bit or 32-bit, times the lengths of segment attributes and of CCO's name.
 */
import { labelAt, RANK_COUNT } from './dump.ts';

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
  readonly phases: readonly Phase[]; // by the dump's start modulo 4
}

/**
 * What one alignment of a dump is compared with, PHASE_STRIDE numbers per line end, so that the comparison reads whole
 * words: the first word of the line's end (counted from the word of the dump's start), and for it and the next word
 * the excuse mask (bit 6 of each byte that need not be text) and mask and value of the bytes that are fixed: the
 * newline and the label behind it.
 *
 *   [word, excuse 0, excuse 1, fixed 0, value 0, fixed 1, value 1] per line
 */
type Phase = Int32Array;
const PHASE_STRIDE = 7;

/** More shapes than any real log has; a log with more of them is walked. */
const MAX_LAYOUTS = 48;

export class DumpLayouts {
  private readonly list: Layout[] = [];
  private recent: Layout | undefined;

  get(id: number): Layout | undefined {
    return this.list[id];
  }

  /** The layout of the whole dump at `at`, if it is one that was learned and ends before `end`. */
  match(u8: Uint8Array, i32: Int32Array, at: number, end: number): Layout | undefined {
    const recent = this.recent;
    if (recent !== undefined && matches(recent, u8, i32, at, end)) return recent;
    for (const layout of this.list) {
      if (layout === recent || !matches(layout, u8, i32, at, end)) continue;
      this.recent = layout;
      return layout;
    }
    return undefined;
  }

  /** Remember the dump whose lines of `ranks` start at `starts`; `end` is behind its last newline. */
  learn(
    u8: Uint8Array,
    i32: Int32Array,
    starts: readonly number[],
    ranks: readonly number[],
    end: number,
  ): Layout | undefined {
    if (this.list.length >= MAX_LAYOUTS) return undefined;
    const at = starts[0]!;
    const rankStarts = new Int32Array(RANK_COUNT).fill(-1);
    ranks.forEach((rank, i) => {
      rankStarts[rank] = starts[i]! - at;
    });
    const lineStarts = Int32Array.from(starts, (start) => start - at);
    const shape = {
      id: this.list.length,
      sizeBytes: end - at,
      lastLineBytes: end - starts[starts.length - 1]!,
      lineStarts,
      labels: Int32Array.from(starts, (start) => labelAt(u8, start)),
      crlf: u8[end - 2] === CR,
      rankStarts,
    };
    const layout: Layout = { ...shape, phases: [0, 1, 2, 3].map((phase) => phaseOf(phase, shape)) };
    // A dump with control bytes inside its lines is taken as it is, but is no model for others (L3).
    if (!matches(layout, u8, i32, at, end)) return undefined;
    this.list.push(layout);
    this.recent = layout;
    return layout;
  }
}

type Shape = Pick<Layout, 'lineStarts' | 'labels' | 'sizeBytes' | 'crlf'>;

function phaseOf(phase: number, shape: Shape): Phase {
  const lineCount = shape.lineStarts.length;
  const table = new Int32Array(PHASE_STRIDE * lineCount);
  for (let line = 0; line < lineCount; line++) {
    table.set(lineEndEntry(phase, shape, line), PHASE_STRIDE * line);
  }
  return table;
}

/** One line's entry. A CRLF end leaves room for three label bytes only; `crlfMatches` compares the rest. */
function lineEndEntry(phase: number, shape: Shape, line: number): readonly number[] {
  const { lineStarts, labels, sizeBytes, crlf } = shape;
  const isLast = line === lineStarts.length - 1;
  const ending = crlf ? [CR, LF] : [LF];
  const at = phase + (isLast ? sizeBytes : lineStarts[line + 1]!) - ending.length;
  const inWord = at & 3;
  const label = isLast ? [] : [0, 8, 16, 24].map((shift) => (labels[line + 1]! >> shift) & 255);
  const fixed = [...ending, ...label].slice(0, 5);
  const twoWords = (bytes: readonly number[]): readonly number[] => {
    const view = new Uint8Array(8);
    view.set(bytes, inWord);
    return [...new Int32Array(view.buffer)]; // little endian, like the memory compared with
  };
  const excused = [...ending.map(() => 0x40), ...(isLast ? new Array(8).fill(0x40) : [])].slice(
    0,
    8 - inWord,
  );
  const [excuse0, excuse1] = twoWords(excused);
  const [fixed0, fixed1] = twoWords(fixed.map(() => 0xff));
  const [value0, value1] = twoWords(fixed);
  return [at >> 2, excuse0!, excuse1!, fixed0!, value0!, fixed1!, value1!];
}

/** Bit 6 of each byte: `w | (w << 1)` has it where a byte has bit 5 or 6, which every text byte has. */
const TEXT_BITS = 0x40404040;
/** Those bits for the bytes of a word in front of a dump that starts inside it. */
const BEFORE_START = [0, 0x40, 0x4040, 0x404040] as const;

function matches(layout: Layout, u8: Uint8Array, i32: Int32Array, at: number, end: number): boolean {
  const stop = at + layout.sizeBytes;
  const { labels } = layout;
  // Shapes differ in length, so most of those that do not match have no EFER where this one has.
  if (stop > end || labelAt(u8, stop - layout.lastLineBytes) !== labels[labels.length - 1]) return false;
  if (labelAt(u8, at) !== labels[0]) return false;
  if (layout.crlf && !crlfMatches(layout, u8, at)) return false;
  const table = layout.phases[at & 3]!;
  const firstWord = at >> 2;
  let text = TEXT_BITS & (i32[firstWord]! | (i32[firstWord]! << 1) | BEFORE_START[(at & 3) as 0 | 1 | 2 | 3]);
  let difference = 0;
  let word = firstWord + 1;
  for (let i = 0; i < table.length; i += PHASE_STRIDE) {
    const special = firstWord + table[i]!;
    for (; word + 3 < special; word += 4) {
      const a = i32[word]!;
      const b = i32[word + 1]!;
      const c = i32[word + 2]!;
      const d = i32[word + 3]!;
      text &= (a | (a << 1)) & (b | (b << 1)) & (c | (c << 1)) & (d | (d << 1));
    }
    for (; word < special; word++) {
      const a = i32[word]!;
      text &= a | (a << 1);
    }
    const a = i32[special]!;
    const b = i32[special + 1]!;
    text &= (a | (a << 1) | table[i + 1]!) & (b | (b << 1) | table[i + 2]!);
    difference |= ((a ^ table[i + 4]!) & table[i + 3]!) | ((b ^ table[i + 6]!) & table[i + 5]!);
    word = special + 2;
  }
  return difference === 0 && text === TEXT_BITS;
}

/** The labels whole, for logs with CRLF line ends. */
function crlfMatches({ lineStarts, labels }: Layout, u8: Uint8Array, at: number): boolean {
  for (let i = 0; i < lineStarts.length; i++)
    if (labelAt(u8, at + lineStarts[i]!) !== labels[i]) return false;
  return true;
}
