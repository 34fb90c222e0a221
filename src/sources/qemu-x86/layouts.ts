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
  readonly lineStarts: Int32Array; // from the dump's start
  readonly labels: Int32Array; // first four bytes of each line
  readonly controlBytes: number; // newlines, and carriage returns in a log with CRLF ends
  readonly crlf: boolean;
  readonly rankStarts: Int32Array; // start of the line of each rank, or -1
}

/** More shapes than any real log has; a log with more of them is walked. Ids fit a byte. */
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
    const controlBytes = countControlBytes(u8, i32, at, end);
    const perLine = u8[end - 2] === CR ? 2 : 1;
    // A dump with control bytes inside its lines is taken as it is, but is no model for others (L3).
    if (controlBytes !== perLine * starts.length) return undefined;
    const layout: Layout = {
      id: this.list.length,
      sizeBytes: end - at,
      lineStarts: Int32Array.from(starts, (start) => start - at),
      labels: Int32Array.from(starts, (start) => labelAt(u8, start)),
      controlBytes,
      crlf: perLine === 2,
      rankStarts,
    };
    this.list.push(layout);
    this.recent = layout;
    return layout;
  }
}

function matches(layout: Layout, u8: Uint8Array, i32: Int32Array, at: number, end: number): boolean {
  const stop = at + layout.sizeBytes;
  if (stop > end || u8[stop - 1] !== LF) return false;
  const { lineStarts, labels } = layout;
  let difference = 0;
  for (let i = 1; i < lineStarts.length; i++) {
    const start = at + lineStarts[i]!;
    difference |= (labelAt(u8, start) ^ labels[i]!) | (u8[start - 1]! ^ LF);
  }
  if (layout.crlf) {
    for (let i = 1; i < lineStarts.length; i++) difference |= u8[at + lineStarts[i]! - 2]! ^ CR;
    difference |= u8[stop - 2]! ^ CR;
  }
  if (difference !== 0 || labelAt(u8, at) !== labels[0]) return false;
  return countControlBytes(u8, i32, at, stop) === layout.controlBytes;
}

/** Words per inner loop: each adds at most 1 to each byte of the accumulator, which must not overflow. */
const WORDS_PER_ROUND = 252;

/** How many bytes of [at, end) have bits 5 and 6 clear: the control bytes below 0x20, and 0x80 to 0x9f. */
export function countControlBytes(u8: Uint8Array, i32: Int32Array, at: number, end: number): number {
  let count = 0;
  let p = at;
  for (; p < end && (p & 3) !== 0; p++) if ((u8[p]! & 0x60) === 0) count++;
  let word = p >> 2;
  const lastWord = end >> 2;
  if (word < lastWord) {
    count += (lastWord - word) * 4;
    while (word < lastWord) {
      const stop = Math.min(lastWord, word + WORDS_PER_ROUND);
      let text = 0; // four counters of bytes with bit 5 or 6 set
      for (; word + 4 <= stop; word += 4) {
        const a = i32[word]!;
        const b = i32[word + 1]!;
        const c = i32[word + 2]!;
        const d = i32[word + 3]!;
        text +=
          (((a | (a << 1)) >>> 6) & 0x01010101) +
          (((b | (b << 1)) >>> 6) & 0x01010101) +
          (((c | (c << 1)) >>> 6) & 0x01010101) +
          (((d | (d << 1)) >>> 6) & 0x01010101);
      }
      for (; word < stop; word++) {
        const a = i32[word]!;
        text += ((a | (a << 1)) >>> 6) & 0x01010101;
      }
      count -= (text & 255) + ((text >>> 8) & 255) + ((text >>> 16) & 255) + (text >>> 24);
    }
    p = lastWord << 2;
  }
  for (; p < end; p++) if ((u8[p]! & 0x60) === 0) count++;
  return count;
}
