/**
 * What every PC has since 1981, as far as kernels touch it: two interrupt controllers (8259), the timer (8254, channel 0), a
 * clock (MC146818) and the IO APIC that came later.
 *
 * The timer is on line 0 of the old controllers and line 2 of the IO APIC, as on all PCs. Level-triggered interrupts and
 * the special modes of the 8259 are not there.
 */

/** One of the two 8259s. */
class Pic {
  private requested = 0;
  private serviced = 0;
  private mask = 0xff;
  private base = 0;
  private step = 0; // of the initialisation sequence; 0 is none
  private readsServiced = false;
  private autoEnd = false;

  raise(line: number): void {
    this.requested |= 1 << line;
  }

  /** The line to be served, or −1. */
  get pending(): number {
    const open = this.requested & ~this.mask;
    for (let line = 0; line < 8; line++) {
      if ((this.serviced & (1 << line)) !== 0) return -1;
      if ((open & (1 << line)) !== 0) return line;
    }
    return -1;
  }

  acknowledge(line: number): number {
    this.requested &= ~(1 << line);
    if (!this.autoEnd) this.serviced |= 1 << line;
    return this.base + line;
  }

  read(port: number): number {
    if ((port & 1) !== 0) return this.mask;
    return this.readsServiced ? this.serviced : this.requested;
  }

  write(port: number, value: number): void {
    if ((port & 1) === 0) this.command(value);
    else if (this.step === 0) this.mask = value;
    else this.initialise(value);
  }

  private command(value: number): void {
    if ((value & 0x10) !== 0) {
      this.step = 1;
      this.mask = 0;
      this.requested = 0;
      this.serviced = 0;
    } else if ((value & 0x08) !== 0) {
      if ((value & 2) !== 0) this.readsServiced = (value & 1) !== 0;
    } else if ((value & 0x60) === 0x60) this.serviced &= ~(1 << (value & 7));
    else if ((value & 0x20) !== 0) this.serviced &= this.serviced - 1; // the highest priority is the lowest bit
  }

  private initialise(value: number): void {
    if (this.step === 1) this.base = value & 0xf8;
    if (this.step === 3) this.autoEnd = (value & 2) !== 0;
    this.step = (this.step + 1) % 4;
  }
}

/** Both, the second on line 2 of the first. */
export class Pics {
  private readonly first = new Pic();
  private readonly second = new Pic();

  raise(line: number): void {
    if (line < 8) this.first.raise(line);
    else this.second.raise(line - 8);
  }

  private settle(): void {
    if (this.second.pending >= 0) this.first.raise(2);
  }

  get isPending(): boolean {
    this.settle();
    return this.first.pending >= 0;
  }

  /** The vector to be delivered; the spurious one when nothing is pending. */
  acknowledge(): number {
    this.settle();
    const line = this.first.pending;
    if (line < 0) return this.first.acknowledge(7);
    const vector = this.first.acknowledge(line);
    return line === 2 && this.second.pending >= 0 ? this.second.acknowledge(this.second.pending) : vector;
  }

  controller(port: number): Pic | undefined {
    if (port === 0x20 || port === 0x21) return this.first;
    return port === 0xa0 || port === 0xa1 ? this.second : undefined;
  }
}

const PIT_HZ = 1193182;

/** Channel 0 of the 8254: interrupts at a rate, and a count that can be read. */
export class Pit {
  dueNs = Number.POSITIVE_INFINITY;
  private readonly now: () => number;
  private readonly raise: () => void;
  private reload = 0x10000;
  private startedNs = 0;
  private periodic = true;
  private access = 3;
  private writeHigh = false;
  private readHigh = false;
  private lowByte = 0;
  private latched: number | undefined;

  constructor(now: () => number, raise: () => void) {
    this.now = now;
    this.raise = raise;
  }

  private get periodNs(): number {
    return (this.reload * 1e9) / PIT_HZ;
  }

  advance(nowNs: number): void {
    if (this.dueNs > nowNs) return;
    if (this.periodic) {
      const periods = Math.floor((nowNs - this.startedNs) / this.periodNs);
      this.dueNs = this.startedNs + (periods + 1) * this.periodNs;
    } else this.dueNs = Number.POSITIVE_INFINITY;
    this.raise();
  }

  private get count(): number {
    const passed = Math.floor(((this.now() - this.startedNs) * PIT_HZ) / 1e9);
    const left = this.periodic ? this.reload - (passed % this.reload) : this.reload - passed;
    return left & 0xffff;
  }

  read(port: number): number {
    if (port !== 0x40) return 0;
    const count = this.latched ?? this.count;
    if (this.access === 3) this.readHigh = !this.readHigh; // low, then high
    if (!this.readHigh) this.latched = undefined; // all of it has been read
    return this.access === 1 || this.readHigh ? count & 0xff : count >> 8;
  }

  write(port: number, value: number): void {
    if (port === 0x43) this.command(value);
    else if (port === 0x40) this.writeCount(value);
  }

  private command(value: number): void {
    if (value >> 6 !== 0) return; // other channels drive no interrupt
    const access = (value >> 4) & 3;
    if (access === 0) {
      this.latched = this.count;
      return;
    }
    const mode = (value >> 1) & 7;
    this.access = access;
    this.latched = undefined;
    this.periodic = (mode & 3) >= 2;
    this.writeHigh = false;
    this.readHigh = false;
    this.dueNs = Number.POSITIVE_INFINITY;
  }

  private writeCount(value: number): void {
    if (this.access === 3 && !this.writeHigh) {
      this.lowByte = value;
      this.writeHigh = true;
      return;
    }
    this.writeHigh = false;
    const count = this.access === 1 ? value : this.access === 2 ? value << 8 : (value << 8) | this.lowByte;
    this.reload = count === 0 ? 0x10000 : count;
    this.startedNs = this.now();
    this.dueNs = this.startedNs + this.periodNs;
  }
}

/** Seconds and dates of the clock stand at the machine's own beginning: 1 January 2000. */
export class Clock {
  private index = 0;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  write(port: number, value: number): void {
    if (port === 0x70) this.index = value & 0x7f;
  }

  read(): number {
    const seconds = Math.floor(this.now() / 1e9);
    switch (this.index) {
      case 0:
        return decimal(seconds % 60);
      case 2:
        return decimal(Math.floor(seconds / 60) % 60);
      case 4:
        return decimal(Math.floor(seconds / 3600) % 24);
      case 6:
        return 7; // a Saturday
      case 7:
      case 8:
        return 1;
      case 10:
        return 0x26;
      case 11:
        return 2; // 24 hours, binary-coded decimal
      case 13:
        return 0x80; // the battery is good
      case 0x32:
        return 0x20;
      default:
        return 0;
    }
  }
}

const decimal = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);

const IO_APIC_LINES = 24;
const REDIRECTION = 0x10;
const MASKED = 0x10000;

/** Edges on its lines become messages to local APICs. */
export class IoApic {
  private readonly send: (destination: number, logical: boolean, mode: number, vector: number) => void;
  private index = 0;
  private readonly low = new Int32Array(IO_APIC_LINES).fill(MASKED);
  private readonly high = new Int32Array(IO_APIC_LINES);

  constructor(send: (destination: number, logical: boolean, mode: number, vector: number) => void) {
    this.send = send;
  }

  raise(line: number): void {
    const low = this.low[line]!;
    if ((low & MASKED) !== 0) return;
    this.send(this.high[line]! >>> 24, (low & 0x800) !== 0, (low >> 8) & 7, low & 0xff);
  }

  read(offset: number): number {
    if (offset === 0) return this.index;
    if (offset !== 0x10) return 0;
    if (this.index === 1) return ((IO_APIC_LINES - 1) << 16) | 0x20;
    const line = (this.index - REDIRECTION) >> 1;
    if (line < 0 || line >= IO_APIC_LINES) return 0;
    return (this.index & 1) === 0 ? this.low[line]! : this.high[line]!;
  }

  write(offset: number, value: number): void {
    if (offset === 0) this.index = value & 0xff;
    if (offset !== 0x10) return;
    const line = (this.index - REDIRECTION) >> 1;
    if (line < 0 || line >= IO_APIC_LINES) return;
    if ((this.index & 1) === 0) this.low[line] = value;
    else this.high[line] = value;
  }
}
