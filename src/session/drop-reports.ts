/**
 * Drops on their way to the user: summed by kind and CPU, and told at most once per `-x statusrate` (d-language.md 9.9).
 *
 * A replay tells them at its end only: how often it drains depends on the host's speed, and what it prints must not.
 */
import type { DropKind } from '../dif/drops.ts';

type Tell = (kind: DropKind, cpu: number, count: number) => void;

export class DropReports {
  /** Whether anything was ever dropped. */
  lost = false;
  private readonly sums = new Map<string, { kind: DropKind; cpu: number; count: number }>();
  private readonly everyNs: number;
  private toldNs: number;

  /** The first report is due an interval after `startNs`. */
  constructor(everyNs: number, startNs: number) {
    this.everyNs = everyNs;
    this.toldNs = startNs;
  }

  add(kind: DropKind, cpu: number, count: number): void {
    this.lost = true;
    const sum = this.sums.get(`${kind} ${cpu}`);
    if (sum) sum.count += count;
    else this.sums.set(`${kind} ${cpu}`, { kind, cpu, count });
  }

  /** When what waits is to be told; Infinity when nothing does. */
  get dueNs(): number {
    return this.sums.size === 0 ? Number.POSITIVE_INFINITY : this.toldNs + this.everyNs;
  }

  /** Tell what is due at `nowNs`; at the end, which is past every time, all of it. */
  tell(nowNs: number, tell: Tell): void {
    if (nowNs < this.dueNs) return;
    for (const { kind, cpu, count } of this.sums.values()) tell(kind, cpu, count);
    this.sums.clear();
    this.toldNs = nowNs;
  }
}
