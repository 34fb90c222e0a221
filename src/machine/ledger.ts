/**
 * The ledger: every byte of input is an event, a known non-event, or a counted loss (design section 8).
 * Losses carry the first place of each kind. The session prints one summary line on stderr when anything was lost.
 */

/** Kinds of loss, of one and of several; the text completes "trapline: FILE: lost 3 …". */
export const LOSS_KINDS = {
  malformed: ['malformed record', 'malformed records'],
  torn: ['torn record', 'torn records'],
  truncated: ['truncated record', 'truncated records'],
  nodump: ['event without a register dump', 'events without a register dump'],
  unknown: ['line of unknown form', 'lines of unknown form'],
  dropped: ['record that the guest dropped', 'records that the guest dropped'],
} as const;
export type LossKind = keyof typeof LOSS_KINDS;

export interface Loss {
  count: number;
  bytes: number;
  first: { readonly file: string; readonly line: number } | undefined;
}

export class Ledger {
  totalBytes = 0;
  eventBytes = 0;
  events = 0;
  /** Known lines that are no events (servicing, check_exception, console text between records…), by kind. */
  readonly nonEvents = new Map<string, { count: number; bytes: number }>();
  readonly losses = new Map<LossKind, Loss>();
  /** Records that other writers tore apart and that were put together again, whole: nothing of them is lost. */
  repaired = 0;

  /** Records that the traced system itself dropped, by CPU. */
  readonly guestDrops = new Map<number, number>();

  nonEvent(kind: string, bytes: number): void {
    const row = this.nonEvents.get(kind);
    if (row) {
      row.count++;
      row.bytes += bytes;
    } else this.nonEvents.set(kind, { count: 1, bytes });
  }

  /** `line` is asked for only at the first loss of a kind, since finding it may cost a walk. */
  lose(kind: LossKind, bytes: number, file: string, line: () => number): void {
    const row = this.losses.get(kind);
    if (row) {
      row.count++;
      row.bytes += bytes;
      row.first ??= { file, line: line() };
    } else this.losses.set(kind, { count: 1, bytes, first: { file, line: line() } });
  }

  /** The traced system dropped so many records of a CPU; less than 0 takes back what turned out not to be lost. */
  guestDropped(cpu: number, count: number, file: string, line: number): void {
    const ofCpu = (this.guestDrops.get(cpu) ?? 0) + count;
    if (ofCpu > 0) this.guestDrops.set(cpu, ofCpu);
    else this.guestDrops.delete(cpu);
    const row = this.losses.get('dropped');
    const total = (row?.count ?? 0) + count;
    if (total <= 0) this.losses.delete('dropped');
    else if (row) row.count = total;
    else this.losses.set('dropped', { count, bytes: 0, first: { file, line } });
  }

  /**
   * More bytes of the loss counted last under `kind`: a record or line that is lost piece by piece. Where a log is scanned
   * in pieces, the loss may have been counted in the piece before.
   */
  loseMore(kind: LossKind, bytes: number): void {
    const row = this.losses.get(kind);
    if (row) row.bytes += bytes;
    else this.losses.set(kind, { count: 0, bytes, first: undefined });
  }

  /** Bytes accounted for: events, known non-events and losses. Equals `totalBytes` once a source has ended. */
  get accountedBytes(): number {
    let bytes = this.eventBytes;
    for (const row of this.nonEvents.values()) bytes += row.bytes;
    for (const row of this.losses.values()) bytes += row.bytes;
    return bytes;
  }

  get lost(): boolean {
    return this.losses.size > 0;
  }
}
