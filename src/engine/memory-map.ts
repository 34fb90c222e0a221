/**
 * Which parts of linear memory a D program may look at: string tables, variables, dynamic variables, scratch.
 *
 * A program can compute any address; everything outside these ranges faults. Ranges are added at enabling time and
 * when dynamic variables take a new slab, so there are a dozen or so and a walk is enough.
 */

export class MemoryMap {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private recent = 0; // where the last address was found: the next is often beside it

  add(start: number, end: number): void {
    this.starts.push(start);
    this.ends.push(end);
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
