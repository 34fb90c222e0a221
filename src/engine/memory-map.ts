/**
 * Which parts of linear memory a D program may look at: string tables, variables, dynamic variables, scratch.
 *
 * A program can compute any address; everything outside these ranges faults. Ranges are added at enabling time and
 * when dynamic variables take a new slab, so there are a dozen or so and a walk is enough. Scratch shows as far as the
 * clause has taken it: what the last clause left there is gone.
 */

export class MemoryMap {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private recent = 0; // where the last address was found: the next is often beside it

  /** Returns the range's number, for `setEnd`. */
  add(start: number, end: number): number {
    this.starts.push(start);
    return this.ends.push(end) - 1;
  }

  /** Of a range that grows and shrinks: scratch. */
  setEnd(range: number, end: number): void {
    this.ends[range] = end;
  }

  /** End of the range that holds `offset`; 0 when none does. */
  endOf(offset: number): number {
    const { starts, ends, recent } = this;
    if (recent < starts.length && offset >= starts[recent]! && offset < ends[recent]!) return ends[recent]!;
    for (let i = 0; i < starts.length; i++) {
      if (offset >= starts[i]! && offset < ends[i]!) {
        this.recent = i;
        return ends[i]!;
      }
    }
    return 0;
  }
}
