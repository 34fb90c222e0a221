/**
 * The machine as a PatchTarget: its code can be patched, and its traps go to who patches before the guest gets them.
 *
 * Slots are pages at the top of memory, which the guest is not told of; each CPU sees its own at SLOT_DISTANCE from the image,
 * for fetching code only, whatever its page tables say. Instructions in place are run by the CPU's own core. Sites are known
 * by virtual address; until the guest has its page tables, addresses of the image are where the image says. Writes over a
 * site are noticed by physical page, through whatever mapping they come.
 */
import { type ExecuteOutcome, type PatchTarget, SCRATCH_BYTES, type TrapClient } from '../machine/target.ts';
import { CR0 } from '../x86/cpu.ts';
import { InPlace } from '../x86/in-place.ts';
import { readRegister, writeRegister } from '../x86/register-values.ts';
import type { Translator } from '../x86/translate.ts';
import { type Image, RESERVED_BYTES } from './loader.ts';
import type { Machine, MachineWatcher } from './machine.ts';
import { PAGE_BYTES } from './physical-memory.ts';
import { ATTENTION, type Vcpu } from './vcpu.ts';

/** Operands relative to rip reach 2 GiB; images of kernels are at the bottom of the last 2 GiB, or of memory. */
const SLOT_DISTANCE = 0x3fff_0000n;
const PAGE_MASK = 0xfffn;

export class MachinePatchTarget implements PatchTarget {
  readonly cpuCount: number;
  readonly tellsWrites = true;
  readonly tellsReturns = true;
  readonly scratchSlots = PAGE_BYTES / SCRATCH_BYTES;
  private readonly machine: Machine;
  private readonly image: Image;
  private readonly inPlace: InPlace;
  private readonly slot: bigint; // address of every CPU's slot
  /** Physical page → virtual pages by which sites were set in it. */
  private readonly patchedPages = new Map<number, Set<bigint>>();
  /** Our own writes are not the guest's. */
  private writes = false;

  constructor(machine: Machine, image: Image, translator: Translator) {
    this.machine = machine;
    this.image = image;
    this.inPlace = new InPlace(translator);
    this.cpuCount = machine.vcpus.length;
    const highest = image.segments.reduce((most, { virtual }) => (virtual > most ? virtual : most), 0n);
    this.slot = (highest & ~0x3fff_ffffn) + SLOT_DISTANCE;
    for (const { mmu, cpu } of machine.vcpus) {
      mmu.slotLow = Number(BigInt.asIntN(32, this.slot));
      mmu.slotHigh = Number(BigInt.asIntN(32, this.slot >> 32n));
      mmu.slotPhysical = this.slotPage(cpu.index);
    }
  }

  private slotPage(cpu: number): number {
    return this.machine.memory.size - RESERVED_BYTES + cpu * PAGE_BYTES;
  }

  /** The machine's traps go to `client` from now on, before `watcher` sees anything. */
  attach(client: TrapClient, watcher: MachineWatcher): void {
    const { machine } = this;
    machine.watcher = {
      ...watcher,
      claimsTrap: ({ cpu }, vector) => client.trap(cpu.index, vector),
      delivering: (vcpu, vector, kind, error) => {
        client.delivering(vcpu.cpu.index, vector);
        watcher.delivering?.(vcpu, vector, kind, error);
      },
      returned: (vcpu) => {
        client.returned(vcpu.cpu.index);
        watcher.returned?.(vcpu);
      },
      happened: (what, vcpu) => {
        if (what === 'reset') client.reset(vcpu.cpu.index);
        watcher.happened?.(what, vcpu);
      },
    };
    machine.memory.onCodeWrite = (physical, size) => {
      const pages = this.writes ? undefined : this.patchedPages.get(physical & -PAGE_BYTES);
      for (const page of pages ?? []) client.overwritten(page + BigInt(physical & (PAGE_BYTES - 1)), size);
    };
  }

  readRegister(cpu: number, id: number): bigint {
    return readRegister(this.vcpu(cpu).cpu, id) ?? 0n;
  }

  writeRegister(cpu: number, id: number, value: bigint): void {
    writeRegister(this.vcpu(cpu).cpu, id, value);
  }

  readMemory(cpu: number, address: bigint, out: Uint8Array): boolean {
    return this.inPieces(cpu, address, out.length, (physical, from, size) => {
      out.set(this.machine.memory.bytes.subarray(physical, physical + size), from);
    });
  }

  writeMemory(cpu: number, address: bigint, bytes: Uint8Array): boolean {
    if (!this.inPieces(cpu, address, bytes.length, () => {})) return false;
    this.writes = true;
    this.inPieces(cpu, address, bytes.length, (physical, from, size) => {
      this.machine.memory.write(physical, bytes.subarray(from, from + size));
    });
    this.writes = false;
    return true;
  }

  watchWrites(cpu: number, address: bigint, size: number): void {
    this.inPieces(cpu, address, size, (physical, from) => this.watchPage(physical, address + BigInt(from)));
  }

  private watchPage(physical: number, address: bigint): void {
    const page = physical & -PAGE_BYTES;
    let virtual = this.patchedPages.get(page);
    if (virtual === undefined) {
      virtual = new Set();
      this.patchedPages.set(page, virtual);
      this.machine.memory.codePage(page); // writes to it are told from now on
    }
    virtual.add(address & ~PAGE_MASK);
  }

  /** False: some of it is nowhere. */
  private inPieces(
    cpu: number,
    address: bigint,
    size: number,
    take: (physical: number, from: number, size: number) => void,
  ): boolean {
    for (let done = 0; done < size; ) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const physical = this.physicalOf(cpu, at);
      if (physical === undefined) return false;
      const piece = Math.min(size - done, PAGE_BYTES - Number(at & PAGE_MASK));
      take(physical, done, piece);
      done += piece;
    }
    return true;
  }

  private physicalOf(cpu: number, address: bigint): number | undefined {
    if ((address & ~PAGE_MASK) === this.slot) return this.slotPage(cpu) + Number(address & PAGE_MASK);
    const { mmu, cpu: core } = this.vcpu(cpu);
    if ((core.cr0 & CR0.PG) !== 0) {
      const low = Number(BigInt.asIntN(32, address));
      const physical = mmu.physicalOf(low, Number(BigInt.asIntN(32, address >> 32n)));
      if (physical >= 0 && physical < this.machine.memory.size) return physical;
    }
    return this.inImage(address);
  }

  private inImage(address: bigint): number | undefined {
    for (const { virtual, physical, size } of this.image.segments) {
      if (address >= virtual && address < virtual + BigInt(size)) return physical + Number(address - virtual);
    }
    return undefined;
  }

  scratch(): bigint {
    return this.slot;
  }

  isAt64BitCode(cpu: number): boolean {
    return this.vcpu(cpu).cpu.bitness === 64;
  }

  execute(cpu: number, code: Uint8Array): ExecuteOutcome {
    const vcpu = this.vcpu(cpu);
    const { cpu: core } = vcpu;
    const wasHalted = core.halted;
    const outcome = this.inPlace.run(core, code);
    // The breakpoint was counted as an instruction, so that a REP's further iterations alone are left to count.
    vcpu.executed += core.repeated;
    vcpu.left -= core.repeated;
    core.repeated = 0;
    if (core.halted && !wasHalted) this.machine.watcher.happened?.('halt', vcpu);
    return outcome;
  }

  holdInterrupts(cpu: number, held: boolean): void {
    this.vcpu(cpu).holdsInterrupts = held;
  }

  shadowInterrupts(cpu: number): void {
    this.vcpu(cpu).cpu.shadow = true;
  }

  /** One CPU runs at a time. */
  pauseOthers(): void {}
  resumeOthers(): void {}

  // Fault injection (patch/inject.ts)

  /** The timer's, at a time that is not its own; until the guest has set a timer there is none. */
  interrupt(cpu: number): void {
    const { lapic } = this.vcpu(cpu);
    if (lapic.timerVector !== undefined) lapic.request(lapic.timerVector);
  }

  nmi(cpu: number): void {
    this.vcpu(cpu).attention |= ATTENTION.nmi;
  }

  /** Its turn ends, so that others come first. */
  stall(cpu: number): void {
    this.vcpu(cpu).left = 0;
  }

  private vcpu(cpu: number): Vcpu {
    return this.machine.vcpus[cpu]!;
  }
}
