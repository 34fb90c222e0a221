/**
 * Registers of a stopped CPU: the bytes of a g packet, by register id.
 *
 * In: the stub's target description and the packets. Out: a RegisterReader for the batch's rows, and the few facts that an
 * event needs. The table from ids to places is made once; nothing is decoded that is not asked for.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { RegisterSlot, TargetDescription } from '../gdb/target-description.ts';
import type { RegisterReader } from '../machine/event-batch.ts';
import { REGISTER_COUNT, REGISTERS, type RegisterName } from '../machine/registers.ts';

const RFLAGS_IF = 0x200n;
const RFLAGS_VM = 0x20000n;
const CR0_PE = 1n;
/** Kernels of 64-bit machines lie in the upper half of the address space. */
const UPPER_HALF = 1n << 63n;

/** What an event says of the place. */
export interface StopPlace {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly cpl: number;
  readonly interrupts: boolean; // IF
}

export class StopRegisters implements RegisterReader {
  private readonly slots: (RegisterSlot | undefined)[] = new Array(REGISTER_COUNT).fill(undefined);
  private readonly kernelGs: RegisterSlot | undefined;
  private readonly littleEndian: boolean;
  private bytes: Uint8Array = new Uint8Array(0);

  constructor({ registers, littleEndian }: TargetDescription) {
    this.littleEndian = littleEndian;
    for (const slot of registers) {
      if (slot.sizeBytes > 8 || !isRegister(slot.name)) continue;
      this.slots[REGISTERS[slot.name].id] = slot;
    }
    this.kernelGs = registers.find(({ name }) => name === 'k_gs_base');
  }

  /** Whether the machine is an x86, which is what the probes know. */
  get known(): boolean {
    return this.littleEndian && this.slots[REGISTERS.rip.id] !== undefined;
  }

  /** The next events' registers. */
  load(packet: Uint8Array): void {
    this.bytes = packet;
  }

  get place(): StopPlace {
    const flags = this.value('rflags') ?? 0n;
    const cr0 = this.value('cr0') ?? CR0_PE;
    const isProtected = (cr0 & CR0_PE) !== 0n;
    const cpl = (flags & RFLAGS_VM) !== 0n ? 3 : isProtected ? Number((this.value('cs') ?? 0n) & 3n) : 0;
    return {
      pc: this.value('rip') ?? 0n,
      sp: this.value('rsp') ?? 0n,
      cpl,
      interrupts: (flags & RFLAGS_IF) !== 0n,
    };
  }

  /** GS base in the kernel, KERNEL_GS_BASE outside and before swapgs: whichever a kernel's address stands in. */
  get kernelGsBase(): bigint | undefined {
    const bases = [this.value('gs_base'), this.kernelGs && this.at(this.kernelGs)];
    return bases.find((base) => base !== undefined && base >= UPPER_HALF);
  }

  value(name: RegisterName): bigint | undefined {
    const slot = this.slots[REGISTERS[name].id];
    return slot && this.at(slot);
  }

  read(_row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const slot = this.slots[registerId];
    const value = slot && this.at(slot);
    if (value === undefined) return false;
    out.u64[outOffset >>> 3] = value;
    return true;
  }

  private at({ offset, sizeBytes }: RegisterSlot): bigint | undefined {
    if (offset + sizeBytes > this.bytes.length) return undefined;
    let value = 0n;
    for (let i = sizeBytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[offset + i]!);
    return value;
  }
}

/** The rows' own names and their 32-bit kin: `eax` of an i386 fills what `rax` does. */
function isRegister(name: string): name is RegisterName {
  return Object.hasOwn(REGISTERS, name);
}
