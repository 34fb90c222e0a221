/**
 * Safe mode (design section 5): a firing whose interrupted context had interrupts disabled is withheld and counted.
 *
 * On by default; `unsafe` lifts it. What the trace does not tell (no flags for the event) is not withheld.
 * Counts are per probe and CPU; the session prints one line at the end.
 */
export class SafeMode {
  unsafe: boolean;
  /** Withheld firings, by probe id and CPU: counts[probeId * MAX_CPUS + cpu]. */
  private readonly counts = new Map<number, number>();
  total = 0;

  constructor(unsafe: boolean) {
    this.unsafe = unsafe;
  }

  withhold(probeId: number, cpu: number): void {
    this.withholdMany(probeId, cpu, 1);
  }

  withholdMany(probeId: number, cpu: number, count: number): void {
    const key = probeId * MAX_CPUS + cpu;
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
    this.total += count;
  }

  /** Withheld firings by probe id, most first. */
  byProbe(): readonly {
    readonly probeId: number;
    readonly count: number;
    readonly byCpu: ReadonlyMap<number, number>;
  }[] {
    const rows = new Map<number, Map<number, number>>();
    for (const [key, count] of this.counts) {
      const probeId = Math.floor(key / MAX_CPUS);
      const cpus = rows.get(probeId) ?? new Map<number, number>();
      cpus.set(key % MAX_CPUS, count);
      rows.set(probeId, cpus);
    }
    return [...rows]
      .map(([probeId, byCpu]) => ({ probeId, byCpu, count: [...byCpu.values()].reduce((a, b) => a + b, 0) }))
      .sort((a, b) => b.count - a.count || a.probeId - b.probeId);
  }
}

/** CPU numbers are 16 bits in the event batch. */
const MAX_CPUS = 65536;
