/**
 * Virtual memory of one CPU: the Bus of its execution core.
 *
 * Paging is off, or four-level (4 KiB, 2 MiB and 1 GiB pages; NX, WP, U/S; accessed and dirty bits). Translations are kept in
 * look-aside buffers of 256 entries, one per kind of access (read, write, fetch) and privilege (kernel, user), so that a hit
 * has all its rights checked by being there. An entry is four words: virtual page low, high, physical page, unused. Only RAM
 * is in them; devices, accesses across pages, and writes to pages with decoded code take the slow way.
 */
import type { Bus } from '../x86/bus.ts';
import { type Cpu, CR0, EFER } from '../x86/cpu.ts';
import { GP, PF, raiseWith } from '../x86/fault.ts';
import { PAGE_BYTES, type PhysicalMemory } from './physical-memory.ts';

/** Devices in the physical address space. */
export interface Devices {
  /** Whether a device answers there; `physical` is unsigned. */
  read(physical: number, size: number): number;
  write(physical: number, size: number, value: number): void;
}

export type Access = 0 | 1 | 2;
const READ = 0;
const WRITE = 1;
const FETCH = 2;

const ENTRIES = 256;
const INDEX = (ENTRIES - 1) << 2;
/** No page begins there. */
const EMPTY = 1;
const PAGE = -PAGE_BYTES;

// Bits of a page table entry, low word; NX is bit 31 of the high one.
const PRESENT = 1;
const WRITABLE = 2;
const USER = 4;
const ACCESSED = 0x20;
const DIRTY = 0x40;
const LARGE = 0x80;

// Error code of a page fault.
const ERROR_PRESENT = 1;
const ERROR_WRITE = 2;
const ERROR_USER = 4;
const ERROR_RESERVED = 8;
const ERROR_FETCH = 0x10;

class Buffers {
  readonly reads = new Int32Array(4 * ENTRIES).fill(EMPTY);
  readonly writes = new Int32Array(4 * ENTRIES).fill(EMPTY);
  readonly fetches = new Int32Array(4 * ENTRIES).fill(EMPTY);
  private isEmpty = true;

  of(access: Access): Int32Array {
    this.isEmpty = false;
    return access === READ ? this.reads : access === WRITE ? this.writes : this.fetches;
  }

  clear(): void {
    if (this.isEmpty) return;
    this.reads.fill(EMPTY);
    this.writes.fill(EMPTY);
    this.fetches.fill(EMPTY);
    this.isEmpty = true;
  }
}

export class Mmu implements Bus {
  high = 0;
  /** The CPU that this is the memory of; set once, before anything runs. */
  cpu!: Cpu;
  private readonly memory: PhysicalMemory;
  private readonly view: DataView;
  private readonly devices: Devices;
  private readonly kernel = new Buffers();
  private readonly user = new Buffers();
  private reads = this.kernel.reads;
  private writes = this.kernel.writes;
  /** A page of code that is there at any privilege and in any address space, for fetches only: patching's slots. */
  slotLow = EMPTY;
  slotHigh = 0;
  slotPhysical = 0;
  /** High word of the page table entry read last. */
  private entryHigh = 0;

  constructor(memory: PhysicalMemory, devices: Devices) {
    this.memory = memory;
    this.view = memory.view;
    this.devices = devices;
  }

  private get current(): Buffers {
    return this.cpu.cpl === 3 ? this.user : this.kernel;
  }

  privilegeChanged(): void {
    const { reads, writes } = this.current;
    this.reads = reads;
    this.writes = writes;
  }

  flush(): void {
    this.kernel.clear();
    this.user.clear();
  }

  read8(low: number, high: number): number {
    const tlb = this.reads;
    const at = (low >>> 10) & INDEX;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high)
      return this.view.getInt8(tlb[at + 2]! + (low & 0xfff));
    return (this.slowRead(low, high, 1) << 24) >> 24;
  }

  read16(low: number, high: number): number {
    const tlb = this.reads;
    const at = (low >>> 10) & INDEX;
    const offset = low & 0xfff;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high && offset <= 0xffe)
      return this.view.getInt16(tlb[at + 2]! + offset, true);
    return (this.slowRead(low, high, 2) << 16) >> 16;
  }

  read32(low: number, high: number): number {
    const tlb = this.reads;
    const at = (low >>> 10) & INDEX;
    const offset = low & 0xfff;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high && offset <= 0xffc)
      return this.view.getInt32(tlb[at + 2]! + offset, true);
    return this.slowRead(low, high, 4);
  }

  read64(low: number, high: number): number {
    const tlb = this.reads;
    const at = (low >>> 10) & INDEX;
    const offset = low & 0xfff;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high && offset <= 0xff8) {
      const physical = tlb[at + 2]! + offset;
      this.high = this.view.getInt32(physical + 4, true);
      return this.view.getInt32(physical, true);
    }
    return this.slowRead(low, high, 8);
  }

  write8(low: number, high: number, value: number): void {
    const tlb = this.writes;
    const at = (low >>> 10) & INDEX;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high)
      this.view.setInt8(tlb[at + 2]! + (low & 0xfff), value);
    else this.slowWrite(low, high, 1, value, 0);
  }

  write16(low: number, high: number, value: number): void {
    const tlb = this.writes;
    const at = (low >>> 10) & INDEX;
    const offset = low & 0xfff;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high && offset <= 0xffe)
      this.view.setInt16(tlb[at + 2]! + offset, value, true);
    else this.slowWrite(low, high, 2, value, 0);
  }

  write32(low: number, high: number, value: number): void {
    const tlb = this.writes;
    const at = (low >>> 10) & INDEX;
    const offset = low & 0xfff;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high && offset <= 0xffc)
      this.view.setInt32(tlb[at + 2]! + offset, value, true);
    else this.slowWrite(low, high, 4, value, 0);
  }

  write64(low: number, high: number, valueLow: number, valueHigh: number): void {
    const tlb = this.writes;
    const at = (low >>> 10) & INDEX;
    const offset = low & 0xfff;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high && offset <= 0xff8) {
      const physical = tlb[at + 2]! + offset;
      this.view.setInt32(physical, valueLow, true);
      this.view.setInt32(physical + 4, valueHigh, true);
    } else this.slowWrite(low, high, 8, valueLow, valueHigh);
  }

  probeWrite(low: number, high: number, size: number): void {
    this.translate(low, high, WRITE);
    const offset = low & 0xfff;
    if (offset + size > PAGE_BYTES) this.translateNext(low, high, WRITE);
  }

  /** Where code at this address lies, as a page with decoded code; its page, not the byte. */
  fetchPage(low: number, high: number): number {
    const tlb = this.current.fetches;
    const at = (low >>> 10) & INDEX;
    if (tlb[at] === (low & PAGE) && tlb[at + 1] === high) return tlb[at + 2]!;
    if ((low & PAGE) === this.slotLow && high === this.slotHigh) return this.slotPhysical;
    return this.translate(low, high, FETCH) & PAGE;
  }

  /** Physical address, as unsigned, or −1 where the page is not mapped. Nothing changes: for debuggers. */
  physicalOf(low: number, high: number): number {
    const { cpu } = this;
    if ((cpu.cr0 & CR0.PG) === 0) return low >>> 0;
    const { cr2Low, cr2High, faultVector, faultError } = cpu;
    try {
      return this.walk(low, high, READ, false) >>> 0;
    } catch {
      cpu.cr2Low = cr2Low;
      cpu.cr2High = cr2High;
      cpu.faultVector = faultVector;
      cpu.faultError = faultError;
      return -1;
    }
  }

  private slowRead(low: number, high: number, size: number): number {
    const offset = low & 0xfff;
    if (offset + size > PAGE_BYTES) return this.readAcross(low, high, size);
    const physical = this.translate(low, high, READ);
    if (!this.isRam(physical)) {
      this.high = size === 8 ? this.devices.read((physical >>> 0) + 4, 4) : 0;
      return this.devices.read(physical >>> 0, Math.min(size, 4));
    }
    const { view } = this;
    if (size === 1) return view.getInt8(physical);
    if (size === 2) return view.getInt16(physical, true);
    if (size === 8) this.high = view.getInt32(physical + 4, true);
    return view.getInt32(physical, true);
  }

  private readAcross(low: number, high: number, size: number): number {
    const first = PAGE_BYTES - (low & 0xfff);
    const physical = this.translate(low, high, READ);
    const next = this.translateNext(low, high, READ);
    const words = [0, 0];
    for (let i = 0; i < size; i++) {
      const byte = this.readByte(i < first ? physical + i : next + i - first);
      words[i >> 2]! |= byte << (8 * (i & 3));
    }
    this.high = words[1]!;
    return words[0]!;
  }

  private slowWrite(low: number, high: number, size: number, valueLow: number, valueHigh: number): void {
    const offset = low & 0xfff;
    if (offset + size > PAGE_BYTES) {
      this.writeAcross(low, high, size, valueLow, valueHigh);
      return;
    }
    const physical = this.translate(low, high, WRITE);
    if (!this.isRam(physical)) {
      this.devices.write(physical >>> 0, Math.min(size, 4), valueLow);
      if (size === 8) this.devices.write((physical >>> 0) + 4, 4, valueHigh);
      return;
    }
    const { view } = this;
    if (size === 1) view.setInt8(physical, valueLow);
    else if (size === 2) view.setInt16(physical, valueLow, true);
    else view.setInt32(physical, valueLow, true);
    if (size === 8) view.setInt32(physical + 4, valueHigh, true);
    this.memory.noteWrite(physical, size);
  }

  private writeAcross(low: number, high: number, size: number, valueLow: number, valueHigh: number): void {
    const first = PAGE_BYTES - (low & 0xfff);
    const physical = this.translate(low, high, WRITE);
    const next = this.translateNext(low, high, WRITE);
    for (let i = 0; i < size; i++) {
      const byte = ((i < 4 ? valueLow : valueHigh) >>> (8 * (i & 3))) & 0xff;
      const at = i < first ? physical + i : next + i - first;
      if (!this.isRam(at)) this.devices.write(at >>> 0, 1, byte);
      else {
        this.memory.bytes[at] = byte;
        this.memory.noteWrite(at, 1);
      }
    }
  }

  private readByte(physical: number): number {
    return this.isRam(physical) ? this.memory.bytes[physical]! : this.devices.read(physical >>> 0, 1) & 0xff;
  }

  private isRam(physical: number): boolean {
    return physical >>> 0 < this.memory.size;
  }

  /** The page behind the one of this address. */
  private translateNext(low: number, high: number, access: Access): number {
    const next = ((low & PAGE) + PAGE_BYTES) | 0;
    return this.translate(next, next === 0 ? (high + 1) | 0 : high, access);
  }

  /** Physical address, or a page fault. */
  private translate(low: number, high: number, access: Access): number {
    const { cpu } = this;
    const paged = (cpu.cr0 & CR0.PG) !== 0;
    const physical = paged ? this.walk(low, high, access, true) : low;
    const isRam = this.isRam(physical);
    if (isRam && !(access === WRITE && this.memory.hasCode(physical))) {
      const tlb = this.current.of(access);
      const at = (low >>> 10) & INDEX;
      tlb[at] = low & PAGE;
      tlb[at + 1] = high;
      tlb[at + 2] = physical & PAGE;
    }
    return physical;
  }

  private fault(low: number, high: number, access: Access, reason: number): never {
    const { cpu } = this;
    cpu.cr2Low = low;
    cpu.cr2High = high;
    const write = access === WRITE ? ERROR_WRITE : 0;
    const fetch = access === FETCH && (cpu.efer & EFER.NXE) !== 0 ? ERROR_FETCH : 0;
    raiseWith(cpu, PF, reason | write | fetch | (cpu.cpl === 3 ? ERROR_USER : 0));
  }

  /** Four levels of tables. `marks` sets accessed and dirty bits; without it rights are not checked either. */
  private walk(low: number, high: number, access: Access, marks: boolean): number {
    const { cpu } = this;
    if (high >> 15 !== 0 && high >> 15 !== -1) raiseWith(cpu, GP, 0);
    let table = cpu.cr3Low & PAGE;
    let rights = WRITABLE | USER;
    let noExecute = 0;
    for (let level = 3; ; level--) {
      const shift = 12 + 9 * level;
      const index =
        (shift >= 32 ? high >>> (shift - 32) : (low >>> shift) | (shift > 23 ? high << (32 - shift) : 0)) &
        511;
      const at = table + 8 * index;
      const entry = this.readEntry(at);
      const entryHigh = this.entryHigh;
      if ((entry & PRESENT) === 0) this.fault(low, high, access, 0);
      const isReserved = (cpu.efer & EFER.NXE) === 0 && entryHigh < 0;
      if (isReserved || (level === 3 && (entry & LARGE) !== 0))
        this.fault(low, high, access, ERROR_PRESENT | ERROR_RESERVED);
      rights &= entry;
      noExecute |= entryHigh;
      const isLast = level === 0 || (level < 3 && (entry & LARGE) !== 0);
      if (isLast && marks) this.check(low, high, access, rights, noExecute);
      if (marks) this.mark(at, entry, isLast && access === WRITE ? ACCESSED | DIRTY : ACCESSED);
      if (isLast) {
        const mask = level === 0 ? PAGE : level === 1 ? ~0x1fffff : ~0x3fffffff;
        return (entry & mask) | (low & ~mask);
      }
      table = entry & PAGE;
    }
  }

  private check(low: number, high: number, access: Access, rights: number, noExecute: number): void {
    const { cpu } = this;
    const isUser = cpu.cpl === 3;
    const denied =
      (isUser && (rights & USER) === 0) ||
      (access === WRITE && (rights & WRITABLE) === 0 && (isUser || (cpu.cr0 & CR0.WP) !== 0)) ||
      (access === FETCH && noExecute < 0);
    if (denied) this.fault(low, high, access, ERROR_PRESENT);
  }

  private mark(at: number, entry: number, bits: number): void {
    if ((entry & bits) === bits) return;
    this.view.setInt32(at, entry | bits, true);
  }

  private readEntry(at: number): number {
    if (!this.isRam(at)) {
      this.entryHigh = 0;
      return 0;
    }
    this.entryHigh = this.view.getInt32(at + 4, true);
    return this.view.getInt32(at, true);
  }
}
