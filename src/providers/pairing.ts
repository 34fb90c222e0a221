/**
 * Which entries of functions were left by a return, told by the stack: a function that returns does so with the stack
 * pointer it was entered with. Kernel stacks belong to threads, so the stack pointer alone is the key: recursion has one
 * of its own per level, interrupts lie below what they interrupt, and a thread that moves to another CPU takes it along.
 *
 * In: entries and returns as they are seen. Out: counts per function; nothing here makes or holds back a firing. An entry
 * whose stack pointer is seen again in another entry was left without a return: by a tail call (a jump to another
 * function, which then returns in its place), a stack that was thrown away, or a return that was not seen. A return
 * whose stack pointer has no entry of its function was entered before tracing began, by a tail call, or past its start.
 */
import { hashOf } from './sites.ts';

export interface PairCounts {
  entries: number;
  returns: number;
  /** Entries whose stack was used again before they returned. */
  left: number;
  /** Returns that belong to no entry. */
  strays: number;
}

/** Functions that are entered at one time: 16,384 threads deep in the kernel are more than guests have. */
const SLOTS = 1 << 15;
const MOST = SLOTS / 2;
const EMPTY = -1;

export class StackPairs {
  readonly counts: PairCounts[] = [];
  /** Entries that were given up because too many were open. */
  forgotten = 0;
  private readonly lows = new Int32Array(SLOTS);
  private readonly highs = new Int32Array(SLOTS);
  private readonly functions = new Int32Array(SLOTS).fill(EMPTY);
  private used = 0;

  /** A number for a function whose entries and returns are both seen. */
  add(): number {
    return this.counts.push({ entries: 0, returns: 0, left: 0, strays: 0 }) - 1;
  }

  enter(func: number, low: number, high: number): void {
    this.counts[func]!.entries++;
    if (this.used >= MOST) this.forget();
    const slot = this.slotOf(low, high);
    const before = this.functions[slot]!;
    if (before !== EMPTY) this.counts[before]!.left++;
    else this.used++;
    this.lows[slot] = low;
    this.highs[slot] = high;
    this.functions[slot] = func;
  }

  leave(func: number, low: number, high: number): void {
    const counts = this.counts[func]!;
    counts.returns++;
    const slot = this.slotOf(low, high);
    if (this.functions[slot] !== func) {
      counts.strays++;
      return;
    }
    this.remove(slot);
  }

  /** Entries of a function that neither returned nor were found left. */
  open(func: number): number {
    const { entries, returns, left, strays } = this.counts[func]!;
    return entries - left - (returns - strays);
  }

  private forget(): void {
    this.forgotten += this.used;
    for (const func of this.functions) if (func !== EMPTY) this.counts[func]!.left++;
    this.functions.fill(EMPTY);
    this.used = 0;
  }

  private slotOf(low: number, high: number): number {
    let slot = hashOf(low, high) & (SLOTS - 1);
    while (this.functions[slot] !== EMPTY && !(this.lows[slot] === low && this.highs[slot] === high)) {
      slot = (slot + 1) & (SLOTS - 1);
    }
    return slot;
  }

  /** Empties a slot; what lies behind it moves up, so that no search ends too early. */
  private remove(slot: number): void {
    this.used--;
    let hole = slot;
    let at = slot;
    for (;;) {
      at = (at + 1) & (SLOTS - 1);
      if (this.functions[at] === EMPTY) break;
      const home = hashOf(this.lows[at]!, this.highs[at]!) & (SLOTS - 1);
      if (((at - home) & (SLOTS - 1)) < ((at - hole) & (SLOTS - 1))) continue;
      this.lows[hole] = this.lows[at]!;
      this.highs[hole] = this.highs[at]!;
      this.functions[hole] = this.functions[at]!;
      hole = at;
    }
    this.functions[hole] = EMPTY;
  }
}
