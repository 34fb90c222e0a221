/**
 * Which virtual CPU a record belongs to. QEMU's x86 interrupt log does not say, so it is told by the task register:
 * every CPU of an operating system has a TSS of its own. The key is (TR selector, low half of the TR base), the low half
 * because 32-bit dumps of a 64-bit CPU cut the base. CPUs are numbered in the order in which they appear.
 *
 * How one CPU that changes its TSS (or GDT) is told from a second CPU:
 *   C1 `CPU Reset (CPU n)` lines name the CPUs. When only CPU 0 was ever reset, there is one CPU. When several
 *      were, there are no more than those.
 *   C2 A record whose TR base is 0 is from before the kernel set up its TSS: CPU 0 (a CPU that starts later has its TSS
 *      before it takes interrupts, in the systems we know).
 *   C3 A second key is on trial as a second CPU. It is confirmed as soon as the first key is seen again: both are
 *      alive. When TRIAL_RECORDS records pass without that, the first CPU has moved to a new TSS, and the records since
 *      the trial began are given back to it, as far as they are still in the batch.
 *   C4 A reset in the middle of a log (a reboot) forgets all keys.
 * Limits: a system that switches TSS per task looks like several CPUs; a second CPU that runs alone for TRIAL_RECORDS
 * records at its start loses those to CPU 0. `-d cpu_reset` in the capture avoids the first, `-d int,tid` both. How many
 * records C3 gives back depends on where batches end, and so on how a pipe delivers and where a log is cut.
 */
const TRIAL_RECORDS = 64;

interface Key {
  readonly selector: number;
  readonly base: number;
  lastSeen: number; // value of `clock` at its last record
}

/** A table as plain data. Of the keys' ages only the order counts: `rank` 0 was not seen for longest. */
export interface CpuState {
  readonly keys: readonly KeyState[];
  readonly former: KeyState | null;
  readonly trialCount: number;
  readonly highestReset: number;
  readonly latest: number;
}
interface KeyState {
  readonly selector: number;
  readonly base: number;
  readonly rank: number;
}

export class CpuTable {
  private keys: Key[] = []; // index = CPU number
  private former: Key | undefined; // CPU 0's key before it moved (C3)
  private trialCount = 0; // records of the key on trial; 0: no trial
  private highestReset = -1;
  private clock = 0;
  /** Changes whenever a task register may mean another CPU than before. */
  version = 0;
  /** CPU of the latest attributed record: the best guess for lines that carry no registers. */
  latest = 0;

  /** What the table knows. */
  state(): CpuState {
    const { keys, former, trialCount, highestReset, latest } = this;
    const ages = keys.map((key) => key.lastSeen);
    const plain = ({ selector, base, lastSeen }: Key): KeyState => ({
      selector,
      base,
      rank: ages.filter((age) => age < lastSeen).length,
    });
    const known = former === undefined ? null : { ...plain(former), rank: 0 };
    return { keys: keys.map(plain), former: known, trialCount, highestReset, latest };
  }

  /** A table that knows this. */
  static from(state: CpuState): CpuTable {
    const table = new CpuTable();
    const key = ({ selector, base, rank }: KeyState): Key => ({ selector, base, lastSeen: rank });
    table.keys = state.keys.map(key);
    table.former = state.former === null ? undefined : key(state.former);
    table.trialCount = state.trialCount;
    table.highestReset = state.highestReset;
    table.latest = state.latest;
    table.clock = state.keys.length;
    return table;
  }

  noteReset(cpu: number): void {
    this.version++;
    if (cpu > this.highestReset) this.highestReset = cpu;
    this.keys = [];
    this.former = undefined;
    this.trialCount = 0;
    this.latest = 0;
  }

  /** Whether the log has shown that there is only one CPU, so that nobody needs to look. */
  get single(): boolean {
    return this.highestReset === 0;
  }

  /** Whether attributing a record of a known key tells nothing but its CPU: no second CPU is on trial. */
  get settled(): boolean {
    return this.trialCount === 0;
  }

  /** Index of the key with this task register, -1 when it has none. */
  keyOf(selector: number, base: number): number {
    return this.keys.findIndex((key) => key.base === base && key.selector === selector);
  }

  /**
   * Records of known keys have been attributed elsewhere: `clock` of them. `ticks` says for each key, from index `at` on,
   * which of these was its last, 0 for none.
   */
  noteSeen(clock: number, ticks: Int32Array, at: number): void {
    const { keys } = this;
    for (let cpu = 0; cpu < keys.length; cpu++) {
      if (ticks[at + cpu]! > 0) keys[cpu]!.lastSeen = this.clock + ticks[at + cpu]!;
    }
    this.clock += clock;
  }

  /**
   * The CPU with this task register. `moved` is called when C3 finds that records given to CPU 1 were CPU 0's.
   * Known keys are found first; the rest is rare.
   */
  attribute(selector: number, base: number, moved: () => void): number {
    if (this.highestReset === 0) return 0;
    if (base === 0) {
      this.latest = 0; // C2
      return 0;
    }
    const keys = this.keys;
    this.clock++;
    for (let cpu = 0; cpu < keys.length; cpu++) {
      const key = keys[cpu]!;
      if (key.base !== base || key.selector !== selector) continue;
      key.lastSeen = this.clock;
      this.latest = cpu;
      if (this.trialCount > 0) return this.onTrial(cpu, moved);
      return cpu;
    }
    this.latest = this.admit({ selector, base, lastSeen: this.clock });
    return this.latest;
  }

  /** The CPU with this task register if it is known, else the latest one; learns nothing (SMM saves another TR). */
  lookUp(selector: number, base: number): number {
    const cpu = this.keys.findIndex((key) => key.base === base && key.selector === selector);
    return cpu < 0 ? this.latest : cpu;
  }

  /** A record that names its CPU (`Trace 1: …`) shows this task register: told, not guessed. */
  learn(cpu: number, selector: number, base: number): void {
    if (base === 0) return;
    this.clock++;
    this.trialCount = 0;
    const known = this.keys[cpu];
    if (known === undefined || known.base !== base || known.selector !== selector) this.version++;
    const wasSingle = this.single;
    if (this.highestReset >= 0) this.highestReset = Math.max(this.highestReset, cpu);
    if (wasSingle !== this.single) this.version++;
    while (this.keys.length <= cpu) this.keys.push({ selector: -1, base: -1, lastSeen: 0 });
    this.keys[cpu] = { selector, base, lastSeen: this.clock };
    this.latest = cpu;
  }

  private onTrial(cpu: number, moved: () => void): number {
    if (cpu !== 1) {
      this.trialCount = 0; // C3: the first key is alive, so the second is another CPU
      return cpu;
    }
    if (++this.trialCount < TRIAL_RECORDS) return 1;
    this.version++;
    this.trialCount = 0;
    this.former = this.keys[0];
    this.keys = [this.keys[1]!];
    this.latest = 0;
    moved();
    return 0;
  }

  private admit(key: Key): number {
    const { keys, former } = this;
    this.version++;
    this.trialCount = 0;
    if (former !== undefined && former.base === key.base && former.selector === key.selector) {
      this.keys = [key, keys[0]!]; // it had not moved after all
      this.former = undefined;
      return 0;
    }
    if (this.highestReset >= 0 && keys.length > this.highestReset) return this.replaceStalest(key);
    if (keys.length === 1) this.trialCount = 1;
    return keys.push(key) - 1;
  }

  /** C1: all CPUs are known, so one of them has a new TSS: the one not seen for longest. */
  private replaceStalest(key: Key): number {
    let stalest = 0;
    this.keys.forEach((known, cpu) => {
      if (known.lastSeen < this.keys[stalest]!.lastSeen) stalest = cpu;
    });
    this.keys[stalest] = key;
    return stalest;
  }
}
