/**
 * What the execution core needs of the machine around it: memory by virtual address, ports, and what only a whole machine knows.
 *
 * The core computes addresses and values; it knows nothing of paging or devices. A Bus may be an emulated MMU (emulator/mmu.ts)
 * or the memory of a live guest on which one displaced instruction is executed. Addresses and 64-bit values are pairs of
 * signed int32, low first. A read or write that cannot be done raises a fault (fault.ts) before anything has changed.
 */
export interface Bus {
  /** High half of what read64 and systemRead64 gave last. */
  high: number;
  /** Reads give the bits sign-extended from their size; read64 gives the low half. */
  read8(low: number, high: number): number;
  read16(low: number, high: number): number;
  read32(low: number, high: number): number;
  read64(low: number, high: number): number;
  write8(low: number, high: number, value: number): void;
  write16(low: number, high: number, value: number): void;
  write32(low: number, high: number, value: number): void;
  write64(low: number, high: number, valueLow: number, valueHigh: number): void;
  /** Raises the fault that a write of `size` bytes would, and changes nothing. */
  probeWrite(low: number, high: number, size: number): void;
}

/** What instructions do to the machine beyond registers and memory. */
export interface MachineHooks {
  portRead(port: number, size: number): number;
  portWrite(port: number, size: number, value: number): void;
  /** CPL, paging or the address space changed: what the bus remembers may be wrong. */
  privilegeChanged(): void;
  pagingChanged(): void;
  invalidatePage(low: number, high: number): void;
  /** Model-specific registers that the core does not keep itself; false raises #GP. The value is in tempLow, tempHigh. */
  readMsr(index: number): boolean;
  writeMsr(index: number, low: number, high: number): boolean;
  /** CR8, the priority of the local APIC. */
  taskPriority: number;
  /** Time stamp counter, into tempLow and tempHigh. */
  readTime(): void;
  /** EAX and ECX are the question; answers into EAX, EBX, ECX, EDX. */
  cpuid(): void;
  /** An IRET ends; called when its effects are complete. */
  interruptReturned(): void;
  /** PAUSE: the CPU waits for another one. */
  paused(): void;
  /** SYSCALL is complete: the kernel's entry is next. */
  systemCalled(): void;
}
