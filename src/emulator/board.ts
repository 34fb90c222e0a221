/**
 * What the CPUs share: devices by port and by address, messages between local APICs, and time.
 *
 * Ports: serial 0x3f8, 8259s, 8254, clock 0x70, QEMU's firmware configuration 0x510 (its signature and the number of CPUs),
 * debug exit 0xf4 and 0x501, power management 0x604 and 0xb004 (writing 0x2000 switches off), resets 0x64 and 0xcf9.
 * Reads of anything else give ones, writes go nowhere.
 */
import { ALL, ALL_BUT_SELF, type ApicBus, DELIVERY, type Lapic } from './lapic.ts';
import { Clock, IoApic, Pics, Pit } from './legacy-devices.ts';
import type { Devices } from './mmu.ts';
import { Serial } from './serial.ts';

export interface BoardEvents {
  readonly nowNs: () => number;
  readonly print: (byte: number) => void;
  readonly powerOff: () => void;
  readonly debugExit: (code: number) => void;
  readonly reset: () => void;
  /** NMI, INIT and start-up messages, by CPU. */
  readonly message: (cpu: number, mode: number, vector: number) => void;
  /** Whether the old controllers have something changed. */
  readonly externalChanged: () => void;
  /** Which CPU accesses its local APIC now. */
  readonly currentLapic: () => Lapic;
}

const LAPIC_BASE = 0xfee00000;
const IO_APIC_BASE = 0xfec00000;
const COM1 = 0x3f8;
const SLEEP_OFF = 0x2000;

export class Board implements Devices, ApicBus {
  readonly pics = new Pics();
  readonly pit: Pit;
  lapics: readonly Lapic[] = [];
  private readonly events: BoardEvents;
  private readonly ioApic: IoApic;
  private readonly clock: Clock;
  private readonly serial: Serial;
  private firmware: Uint8Array = new Uint8Array(0);
  private firmwareAt = 0;

  constructor(events: BoardEvents) {
    this.events = events;
    this.serial = new Serial(events.print);
    this.clock = new Clock(events.nowNs);
    this.ioApic = new IoApic((destination, logical, mode, vector) =>
      this.route(undefined, destination === 0xff ? ALL : destination, logical, mode, vector),
    );
    this.pit = new Pit(events.nowNs, () => {
      this.pics.raise(0);
      this.ioApic.raise(2);
      events.externalChanged();
    });
  }

  get nowNs(): number {
    return this.events.nowNs();
  }

  /** The earliest moment at which something happens by itself. */
  get nextDueNs(): number {
    let due = this.pit.dueNs;
    for (const { timerDueNs } of this.lapics) if (timerDueNs < due) due = timerDueNs;
    return due;
  }

  advance(nowNs: number): void {
    this.pit.advance(nowNs);
    for (const lapic of this.lapics) lapic.advance(nowNs);
  }

  // Messages

  send(from: Lapic, destination: number, logical: boolean, mode: number, vector: number): void {
    this.route(from, destination === 0xff ? ALL : destination, logical, mode, vector);
  }

  endOfInterrupt(): void {} // level-triggered interrupts would need it

  private route(
    from: Lapic | undefined,
    destination: number,
    logical: boolean,
    mode: number,
    vector: number,
  ): void {
    for (const [cpu, lapic] of this.lapics.entries()) {
      if (!isTarget(lapic, from, destination, logical)) continue;
      if (mode === DELIVERY.fixed || mode === DELIVERY.lowest) lapic.request(vector);
      else this.events.message(cpu, mode, vector);
      if (mode === DELIVERY.lowest) return;
    }
  }

  // Memory-mapped devices

  read(physical: number, _size: number): number {
    const offset = physical & 0xfff;
    if (physical - offset === LAPIC_BASE) return this.events.currentLapic().read(offset);
    return physical - offset === IO_APIC_BASE ? this.ioApic.read(offset) : -1;
  }

  write(physical: number, _size: number, value: number): void {
    const offset = physical & 0xfff;
    if (physical - offset === LAPIC_BASE) this.events.currentLapic().write(offset, value);
    else if (physical - offset === IO_APIC_BASE) this.ioApic.write(offset, value);
  }

  // Ports

  portRead(port: number): number {
    if (port >= COM1 && port < COM1 + 8) return this.serial.read(port - COM1);
    const pic = this.pics.controller(port);
    if (pic) return pic.read(port);
    if (port >= 0x40 && port <= 0x43) return this.pit.read(port);
    switch (port) {
      case 0x61:
        return 0x20; // timer 2 is through
      case 0x64:
        return 0; // no keyboard
      case 0x71:
        return this.clock.read();
      case 0x511:
        return this.firmware[this.firmwareAt++] ?? 0;
      default:
        return -1;
    }
  }

  portWrite(port: number, value: number): void {
    if (port >= COM1 && port < COM1 + 8) {
      this.serial.write(port - COM1, value & 0xff);
      return;
    }
    const pic = this.pics.controller(port);
    if (pic) {
      pic.write(port, value & 0xff);
      this.events.externalChanged();
    } else if (port >= 0x40 && port <= 0x43) this.pit.write(port, value & 0xff);
    else this.switchPort(port, value);
  }

  private switchPort(port: number, value: number): void {
    switch (port) {
      case 0x70:
        this.clock.write(port, value);
        break;
      case 0x510:
        this.selectFirmware(value & 0xffff);
        break;
      case 0x604:
      case 0xb004:
        if ((value & SLEEP_OFF) !== 0) this.events.powerOff();
        break;
      case 0xf4:
      case 0x501:
        this.events.debugExit(value & 0xff);
        break;
      case 0x64:
        if ((value & 0xff) === 0xfe) this.events.reset();
        break;
      case 0xcf9:
        if ((value & 4) !== 0) this.events.reset();
        break;
    }
  }

  private selectFirmware(item: number): void {
    this.firmwareAt = 0;
    if (item === 0) this.firmware = new TextEncoder().encode('QEMU');
    else if (item === 5) this.firmware = Uint8Array.of(this.lapics.length, 0);
    else this.firmware = new Uint8Array(0);
  }
}

function isTarget(lapic: Lapic, from: Lapic | undefined, destination: number, logical: boolean): boolean {
  if (destination === ALL) return true;
  if (destination === ALL_BUT_SELF) return lapic !== from;
  return logical ? (lapic.logicalId & destination) !== 0 : lapic.id === destination;
}
