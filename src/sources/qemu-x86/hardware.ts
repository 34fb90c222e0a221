/**
 * What a device raised: QEMU prints `Servicing hardware INT=0x..` just before it delivers the interrupt.
 *
 * In protected mode the record follows, which the line *marks* as a device's. In real mode nothing follows, and then the line
 * is all there is of the interrupt: an event of its own (`real_mode_irq`), at the line's place among the others. So each
 * line opens a mark that holds its event until the lines behind it tell which it is.
 *
 * A line must not mark a later exception of the same number (in real mode the timer is vector 08, like a double fault). So it
 * marks the header that follows it at once; a header that comes later, behind another CPU's lines, only when its vector is no
 * exception's. When neither can come any more the mark is *let go*, and its event leaves.
 */
import { AWAITS, type PendingEvent } from './waiting.ts';

const FIRST_NON_EXCEPTION = 0x20;
/** Headers of other CPUs that may come between the line and its record. */
const MAX_HEADERS_BETWEEN = 4;
const MAX_OPEN = 4;

interface Mark {
  readonly event: PendingEvent;
  headers: number;
  isQueued: boolean; // the event waits in its place among the others
}

export class HardwareMarks {
  private readonly open: Mark[] = [];
  private adjacent = false; // no record line has come since the latest mark
  private readonly waiting: PendingEvent[];

  /** `waiting`: the events on their way, in order. */
  constructor(waiting: PendingEvent[]) {
    this.waiting = waiting;
  }

  /** How many marks wait for their header. */
  get count(): number {
    return this.open.length;
  }

  /** Whether some wait behind other records' lines, so that nothing behind them leaves. */
  get holds(): boolean {
    return this.open.length > (this.adjacent ? 1 : 0);
  }

  /** The event of the line, if it is no record's. */
  servicing(event: PendingEvent): void {
    this.otherRecord();
    if (this.open.length === MAX_OPEN) this.letGo(this.open[0]!);
    event.awaits = AWAITS.claim;
    this.open.push({ event, headers: 0, isQueued: false });
    this.adjacent = true;
  }

  /** Another event is about to be queued: what came before it is queued before it. */
  queue(): void {
    const latest = this.open[this.open.length - 1];
    if (latest === undefined || latest.isQueued) return;
    latest.isQueued = true;
    this.waiting.push(latest.event);
  }

  /** Another CPU's or another record's line was seen. */
  otherRecord(): void {
    if (!this.adjacent) return;
    this.adjacent = false;
    this.queue();
    const latest = this.open[this.open.length - 1]!;
    if (latest.event.vector < FIRST_NON_EXCEPTION) this.letGo(latest);
  }

  /** Whether `claim` would take the one mark there is, so that no event comes of it; also when there is none. */
  claimsAll(vector: number, soft: boolean): boolean {
    const { open } = this;
    if (open.length === 0) return true;
    return open.length === 1 && this.adjacent && !soft && open[0]!.event.vector === vector;
  }

  /** A header was seen: whether a servicing line announced it. */
  claim(vector: number, soft: boolean): boolean {
    const { open } = this;
    if (open.length === 0) return false;
    let found = -1;
    if (!soft && this.adjacent && open[open.length - 1]!.event.vector === vector) found = open.length - 1;
    else if (!soft && vector >= FIRST_NON_EXCEPTION)
      found = open.findIndex(({ event }) => event.vector === vector);
    const isLatest = found === open.length - 1;
    if (found >= 0) this.forget(found);
    if (isLatest) this.adjacent = false;
    else this.otherRecord();
    for (const mark of open) mark.headers++;
    if (open.length > 0 && open[0]!.headers >= MAX_HEADERS_BETWEEN) this.letGo(open[0]!);
    return found >= 0;
  }

  /** No record will claim the event. */
  release(event: PendingEvent): void {
    const mark = this.open.find((one) => one.event === event);
    if (mark !== undefined) this.letGo(mark);
  }

  /** Nothing more may come for long: only the latest line may still be in front of its record. */
  settle(): void {
    for (const mark of this.adjacent ? this.open.slice(0, -1) : [...this.open]) this.letGo(mark);
  }

  private letGo(mark: Mark): void {
    const index = this.open.indexOf(mark);
    if (index === this.open.length - 1) this.adjacent = false;
    mark.event.awaits = AWAITS.nothing;
    this.open.splice(index, 1);
  }

  /** The event is a record's. */
  private forget(index: number): void {
    const [{ event, isQueued }] = this.open.splice(index, 1) as [Mark];
    if (isQueued) this.waiting.splice(this.waiting.indexOf(event), 1);
  }
}
