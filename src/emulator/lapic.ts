/**
 * The local APIC of one CPU: what is requested and in service, the timer, and interrupts between CPUs.
 *
 * Registers are those of the xAPIC at 0xfee00000. The timer counts bus cycles of 1 ns, divided as its register says
 * (as in QEMU). Messages to other CPUs go through the Board that owns them all.
 */

/** Where a message goes, and what receiving it means. */
export interface ApicBus {
  readonly nowNs: number;
  /** `mode` and `vector` of the command register. `destination` is an APIC id; −1 all, −2 all but the sender. */
  send(from: Lapic, destination: number, logical: boolean, mode: number, vector: number): void;
  endOfInterrupt(vector: number): void;
}

export const DELIVERY = { fixed: 0, lowest: 1, nmi: 4, init: 5, startup: 6, external: 7 } as const;
export const ALL = -1;
export const ALL_BUT_SELF = -2;

const MASKED = 0x10000;
const PERIODIC = 0x20000;
const ENABLED = 0x100;
const NONE = -1;

export class Lapic {
  readonly id: number;
  /** Vector that the CPU should take now, or −1. */
  pending = NONE;
  /** When the timer runs out, ns; Infinity when it does not count. */
  timerDueNs = Number.POSITIVE_INFINITY;
  logicalId = 0;
  private readonly bus: ApicBus;
  private readonly changed: () => void;
  private readonly requested = new Uint8Array(256);
  private readonly serviced = new Uint8Array(256);
  private priority = 0;
  private spurious = 0xff;
  private format = -1;
  private commandLow = 0;
  private commandHigh = 0;
  private timer = MASKED;
  private lint0 = MASKED;
  private lint1 = MASKED;
  private errors = MASKED;
  private divide = 0;
  private initialCount = 0;
  private startedNs = 0;

  constructor(id: number, bus: ApicBus, changed: () => void) {
    this.id = id;
    this.bus = bus;
    this.changed = changed;
    this.reset();
  }

  /** As after power-on, and after INIT: only the id stays. */
  reset(): void {
    this.requested.fill(0);
    this.serviced.fill(0);
    this.priority = 0;
    this.spurious = 0xff;
    this.format = -1;
    this.logicalId = 0;
    this.commandLow = 0;
    this.commandHigh = 0;
    this.timer = MASKED;
    // The boot CPU takes the old controllers' interrupts until somebody says otherwise.
    this.lint0 = this.id === 0 ? DELIVERY.external << 8 : MASKED;
    this.lint1 = MASKED;
    this.errors = MASKED;
    this.divide = 0;
    this.initialCount = 0;
    this.timerDueNs = Number.POSITIVE_INFINITY;
    this.update();
  }

  get isEnabled(): boolean {
    return (this.spurious & ENABLED) !== 0;
  }

  /** What the timer interrupts by; undefined when it may not. */
  get timerVector(): number | undefined {
    return (this.timer & MASKED) === 0 ? this.timer & 0xff : undefined;
  }

  /** Whether interrupts of the old controllers come in here. */
  get takesExternal(): boolean {
    return (this.lint0 & MASKED) === 0 && ((this.lint0 >> 8) & 7) === DELIVERY.external;
  }

  /** CR8. */
  get taskPriority(): number {
    return this.priority >> 4;
  }

  set taskPriority(value: number) {
    this.priority = value << 4;
    this.update();
  }

  request(vector: number): void {
    if (vector < 16) return;
    this.requested[vector] = 1;
    this.update();
  }

  /** The CPU takes the pending interrupt. */
  acknowledge(): number {
    const vector = this.pending;
    this.requested[vector] = 0;
    this.serviced[vector] = 1;
    this.update();
    return vector;
  }

  private update(): void {
    const wanted = highest(this.requested);
    const current = Math.max(highest(this.serviced), this.priority & 0xf0, 0);
    this.pending = this.isEnabled && wanted >= 0 && wanted >> 4 > current >> 4 ? wanted : NONE;
    this.changed();
  }

  /** Time has come to `nowNs`. */
  advance(nowNs: number): void {
    if (this.timerDueNs > nowNs) return;
    if ((this.timer & PERIODIC) !== 0) {
      const period = this.periodNs;
      this.startedNs += Math.floor((nowNs - this.startedNs) / period) * period;
      this.timerDueNs = this.startedNs + period;
    } else this.timerDueNs = Number.POSITIVE_INFINITY;
    if ((this.timer & MASKED) === 0) this.request(this.timer & 0xff);
  }

  private get divisor(): number {
    const code = (this.divide & 3) | ((this.divide >> 1) & 4);
    return code === 7 ? 1 : 2 << code;
  }

  private get periodNs(): number {
    return (this.initialCount >>> 0) * this.divisor;
  }

  private startTimer(count: number): void {
    this.initialCount = count;
    this.startedNs = this.bus.nowNs;
    this.timerDueNs = count === 0 ? Number.POSITIVE_INFINITY : this.startedNs + this.periodNs;
  }

  private get currentCount(): number {
    if (this.initialCount === 0) return 0;
    const passed = Math.floor((this.bus.nowNs - this.startedNs) / this.divisor);
    const count = this.initialCount >>> 0;
    if ((this.timer & PERIODIC) !== 0) return count - (passed % count);
    return Math.max(0, count - passed);
  }

  read(offset: number): number {
    if (offset >= 0x100 && offset < 0x280) return this.readBits(offset);
    switch (offset) {
      case 0x20:
        return this.id << 24;
      case 0x30:
        return 0x50014; // version, and the number of local vectors − 1
      case 0x80:
        return this.priority;
      case 0xd0:
        return this.logicalId << 24;
      case 0xe0:
        return this.format;
      case 0xf0:
        return this.spurious;
      case 0x300:
        return this.commandLow;
      case 0x310:
        return this.commandHigh;
      case 0x320:
        return this.timer;
      case 0x350:
        return this.lint0;
      case 0x360:
        return this.lint1;
      case 0x370:
        return this.errors;
      case 0x380:
        return this.initialCount;
      case 0x390:
        return this.currentCount | 0;
      case 0x3e0:
        return this.divide;
      default:
        return 0;
    }
  }

  /** In service, trigger modes (all edges), requested: 8 words each. */
  private readBits(offset: number): number {
    if (offset >= 0x180 && offset < 0x200) return 0;
    const bits = offset < 0x180 ? this.serviced : this.requested;
    const first = ((offset & 0x70) >> 4) * 32;
    let word = 0;
    for (let i = 0; i < 32; i++) word |= bits[first + i]! << i;
    return word;
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case 0x80:
        this.priority = value & 0xff;
        this.update();
        break;
      case 0xb0:
        this.endOfInterrupt();
        break;
      case 0xd0:
        this.logicalId = value >>> 24;
        break;
      case 0xe0:
        this.format = value;
        break;
      case 0xf0:
        this.spurious = value & 0x1ff;
        this.update();
        break;
      case 0x300:
        this.commandLow = value & ~0x1000;
        this.command();
        break;
      case 0x310:
        this.commandHigh = value;
        break;
      case 0x320:
        this.timer = value;
        break;
      case 0x350:
        this.lint0 = value;
        this.changed();
        break;
      case 0x360:
        this.lint1 = value;
        break;
      case 0x370:
        this.errors = value;
        break;
      case 0x380:
        this.startTimer(value);
        break;
      case 0x3e0:
        this.divide = value & 0xb;
        break;
    }
  }

  private endOfInterrupt(): void {
    const vector = highest(this.serviced);
    if (vector < 0) return;
    this.serviced[vector] = 0;
    this.bus.endOfInterrupt(vector);
    this.update();
  }

  private command(): void {
    const { commandLow } = this;
    const mode = (commandLow >> 8) & 7;
    const isDeassert = mode === DELIVERY.init && (commandLow & 0xc000) === 0x8000;
    if (isDeassert) return;
    const shorthand = (commandLow >> 18) & 3;
    const vector = commandLow & 0xff;
    if (shorthand === 1) this.bus.send(this, this.id, false, mode, vector);
    else {
      const target = shorthand === 0 ? this.commandHigh >>> 24 : shorthand === 2 ? ALL : ALL_BUT_SELF;
      this.bus.send(this, target, (commandLow & 0x800) !== 0, mode, vector);
    }
  }
}

function highest(bits: Uint8Array): number {
  return bits.lastIndexOf(1);
}
