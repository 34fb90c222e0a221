/**
 * Arm deliveries that have not returned, and which of them a return ends: R1 to R5 of arm-log.ts.
 */
/** What is kept of a delivery: an event, or as much of its row. Of an event it may yet be found out. */
export interface Delivery {
  readonly cpu: number;
  readonly vector: number;
  readonly flags: number;
  readonly timeNs: number;
  readonly hasPc: boolean;
  readonly pcLow: number;
  readonly pcHigh: number;
  readonly faddrLow: number;
  readonly faddrHigh: number;
}

/** A delivery that has not returned. */
interface Outstanding {
  readonly event: Delivery;
  readonly fromLevel: number;
  readonly toLevel: number;
  readonly order: number;
}

/** Kernels do not return in order, and some never: a stack of so many per CPU is kept. */
const MAX_OUTSTANDING = 256;

/** A return's CPU and the delivery that it ends. */
export interface Ended {
  readonly cpu: number;
  readonly delivery: Delivery | undefined;
}

export class Deliveries {
  /** Of each CPU, as far as it is known. */
  readonly levels: (number | undefined)[] = [];
  private readonly outstanding: Outstanding[][] = []; // by CPU; the latest come last
  private order = 0;

  add(event: Delivery, fromLevel: number, toLevel: number): void {
    this.outstanding[event.cpu] ??= [];
    const own = this.outstanding[event.cpu]!;
    own.push({ event, fromLevel, toLevel, order: this.order++ });
    if (own.length > MAX_OUTSTANDING) own.shift();
    this.levels[event.cpu] = toLevel;
  }

  /** R1 to R4. */
  endedBy(fromLevel: number, toLevel: number, pcLow: number, pcHigh: number, latest: number): Ended {
    const { levels, outstanding } = this;
    let ableCount = 0;
    let firstAble = latest;
    let isLatestAble = false;
    let r1: Outstanding | undefined;
    for (let cpu = 0; cpu < levels.length; cpu++) {
      if ((levels[cpu] ?? fromLevel) !== fromLevel) continue;
      if (ableCount++ === 0) firstAble = cpu;
      isLatestAble ||= cpu === latest;
      r1 = later(r1, lastSaved(outstanding[cpu], fromLevel, toLevel, pcLow, pcHigh));
    }
    if (r1) return { cpu: r1.event.cpu, delivery: this.remove(r1) };
    const cpu = ableCount === 1 || !isLatestAble ? firstAble : latest;
    let r2: Outstanding | undefined;
    for (const own of outstanding) r2 = later(r2, lastSaved(own, fromLevel, toLevel, pcLow, pcHigh));
    const r3 = r2 ?? outstanding[cpu]?.findLast((one) => pairs(one, fromLevel, toLevel));
    return { cpu, delivery: r3 && this.remove(r3) };
  }

  private remove(delivery: Outstanding): Delivery {
    const own = this.outstanding[delivery.event.cpu]!;
    if (own.at(-1) === delivery) own.pop();
    else own.splice(own.indexOf(delivery), 1);
    return delivery.event;
  }

  /** R5: of that CPU's deliveries from that level the latest likely one, else the latest. */
  endedIn(cpu: number, level: number, isLikely: (event: Delivery) => boolean): Delivery | undefined {
    const own = (this.outstanding[cpu] ?? []).filter(({ fromLevel }) => fromLevel === level);
    const delivery = own.findLast(({ event }) => isLikely(event)) ?? own.at(-1);
    return delivery && this.remove(delivery);
  }
}

/** Whether a return between those levels may end the delivery. */
function pairs(one: Outstanding, fromLevel: number, toLevel: number): boolean {
  return one.fromLevel === toLevel && one.toLevel === fromLevel;
}

function lastSaved(
  own: readonly Outstanding[] | undefined,
  fromLevel: number,
  toLevel: number,
  pcLow: number,
  pcHigh: number,
): Outstanding | undefined {
  if (own === undefined) return undefined;
  for (let i = own.length - 1; i >= 0; i--) {
    const one = own[i]!;
    const { event } = one;
    if (event.pcLow !== pcLow || event.pcHigh !== pcHigh || !event.hasPc) continue;
    if (pairs(one, fromLevel, toLevel)) return one;
  }
  return undefined;
}

function later(a: Outstanding | undefined, b: Outstanding | undefined): Outstanding | undefined {
  return a === undefined || (b !== undefined && b.order > a.order) ? b : a;
}
