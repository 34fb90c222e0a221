/** Drops since the last report, by kind and, where the kind is counted so, by CPU. */
import { DROPS, type DropKind } from '../dif/drops.ts';

const KINDS = Object.keys(DROPS) as DropKind[];

export class DropCounts {
  private readonly byKind = Object.fromEntries(KINDS.map((kind) => [kind, [] as number[]])) as {
    readonly [kind in DropKind]: number[]; // by CPU; kinds that are not per CPU use CPU 0
  };
  private pending = false;

  add(kind: DropKind, cpu: number): void {
    const counts = this.byKind[kind];
    const slot = DROPS[kind].perCpu ? cpu : 0;
    while (counts.length <= slot) counts.push(0);
    counts[slot]!++;
    this.pending = true;
  }

  /** Tell `report` what there is and start anew. */
  report(report: (kind: DropKind, cpu: number, count: number) => void): void {
    if (!this.pending) return;
    this.pending = false;
    for (const kind of KINDS) {
      const counts = this.byKind[kind];
      for (let cpu = 0; cpu < counts.length; cpu++) {
        const count = counts[cpu]!;
        counts[cpu] = 0;
        if (count > 0) report(kind, cpu, count);
      }
    }
  }
}
