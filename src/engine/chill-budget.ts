/**
 * How much chill() may still make each CPU wait: half of every second, as with DTrace, so that a script cannot stop a
 * machine for good.
 */
const BUDGET_NS = 500_000_000n;
const PERIOD_NS = 1_000_000_000n;

interface Budget {
  startNs: bigint; // of the period at hand
  spentNs: bigint;
}

export class ChillBudgets {
  private readonly byCpu: (Budget | undefined)[] = [];

  /** Whether so many ns may be waited now; they are then spent. */
  spend(cpu: number, nowNs: bigint, ns: bigint): boolean {
    while (this.byCpu.length <= cpu) this.byCpu.push(undefined);
    const known = this.byCpu[cpu];
    const budget =
      known !== undefined && nowNs - known.startNs <= PERIOD_NS ? known : { startNs: nowNs, spentNs: 0n };
    this.byCpu[cpu] = budget;
    if (budget.spentNs + ns > BUDGET_NS) return false;
    budget.spentNs += ns;
    return true;
  }
}
