/**
 * Which parts of linear memory a D program may look at: string tables, variables, dynamic variables, scratch.
 *
 * A program can compute any address; everything outside these ranges faults. Ranges are added at enabling time and
 * when dynamic variables take a new slab; the names of `fbt:::entry` are 45,000 of them. They do not overlap. Scratch
 * shows as far as the clause has taken it: what the last clause left there is gone.
 */

export class MemoryMap {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly order: number[] = []; // numbers of the ranges, by start
  private recent = 0; // where the last address was found: the next is often beside it

  /** Returns the range's number, for `setEnd`. */
  add(start: number, end: number): number {
    const range = this.starts.push(start) - 1;
    this.ends.push(end);
    const last = this.order.at(-1);
    const isLast = last === undefined || this.starts[last]! <= start; // as memory is handed out
    const place = isLast ? this.order.length : this.countUpTo(start);
    if (place === this.order.length) this.order.push(range);
    else this.order.splice(place, 0, range);
    return range;
  }

  /** Of a range that grows and shrinks: scratch. */
  setEnd(range: number, end: number): void {
    this.ends[range] = end;
  }

  /** End of the range that holds `offset`; 0 when none does. */
  endOf(offset: number): number {
    const { starts, ends, recent } = this;
    if (recent < starts.length && offset >= starts[recent]! && offset < ends[recent]!) return ends[recent]!;
    // Empty ranges (scratch that is not in use) hold nothing, and hide nothing before them.
    for (let i = this.countUpTo(offset) - 1; i >= 0; i--) {
      const range = this.order[i]!;
      if (offset < ends[range]!) {
        this.recent = range;
        return ends[range]!;
      }
      if (ends[range]! > starts[range]!) return 0;
    }
    return 0;
  }

  /** How many ranges begin at `offset` or before. */
  private countUpTo(offset: number): number {
    const { starts, order } = this;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[order[middle]!]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
