/**
 * Which records a device raised: QEMU prints `Servicing hardware INT=0x..` just before the header.
 *
 * In real mode the line comes alone, without a record; such a line must not mark a later exception of the same number
 * (the timer is vector 08 there, like a double fault). So a line marks the header that follows it at once; a header that
 * comes later, behind another CPU's lines, only when its vector is no exception's.
 */
const FIRST_NON_EXCEPTION = 0x20;
/** Headers of other CPUs that may come between the line and its record. */
const MAX_HEADERS_BETWEEN = 4;
const MAX_OPEN = 4;

/** The marks as plain data. */
export interface HardwareState {
  readonly open: readonly { readonly vector: number; readonly headers: number }[];
  readonly adjacent: boolean;
}

export class HardwareMarks {
  private open: { readonly vector: number; headers: number }[] = [];
  private adjacent = false; // no record line has come since the latest mark

  state(): HardwareState {
    return { open: this.open.map((mark) => ({ ...mark })), adjacent: this.adjacent };
  }

  resume({ open, adjacent }: HardwareState): void {
    this.open = open.map((mark) => ({ ...mark }));
    this.adjacent = adjacent;
  }

  /** How many marks wait for their header. */
  get count(): number {
    return this.open.length;
  }

  /** The oldest of them. */
  get first(): { readonly vector: number; readonly headers: number } | undefined {
    return this.open[0];
  }

  /** Whether the latest one's header comes next, if it comes. */
  get isAdjacent(): boolean {
    return this.adjacent;
  }

  servicing(vector: number): void {
    if (this.open.length === MAX_OPEN) this.open.shift();
    this.open.push({ vector, headers: 0 });
    this.adjacent = true;
  }

  /** Another CPU's or another record's line was seen. */
  otherRecord(): void {
    this.adjacent = false;
  }

  /** A header was seen: whether a servicing line announced it. */
  claim(vector: number, soft: boolean): boolean {
    const open = this.open;
    if (open.length === 0) return false;
    const last = open.length - 1;
    let found = -1;
    if (!soft && this.adjacent && open[last]!.vector === vector) found = last;
    else if (!soft && vector >= FIRST_NON_EXCEPTION) found = open.findIndex((mark) => mark.vector === vector);
    this.adjacent = false;
    if (found >= 0) open.splice(found, 1);
    for (const mark of open) mark.headers++;
    if (open.length > 0 && open[0]!.headers >= MAX_HEADERS_BETWEEN) open.shift();
    return found >= 0;
  }
}
