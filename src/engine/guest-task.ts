/**
 * The guest's process at the probe: `curthread`, `pid`, `execname` and their like, read from a Linux kernel's memory.
 *
 *   the CPU's own block (percpu) ── + currentTask ──▶ struct task_struct ──▶ tgid, pid, comm, real_parent, cred
 *
 * In: the layout that symbols and types tell, guest memory, the firing. Out: words of built-in variables, and what tells
 * threads apart. The task is looked up once per firing, when first asked for. While no kernel is known to run on
 * the CPU there is no process, and the built-ins say what they say without a guest; where there is one, memory that
 * cannot be read is a fault. Reading a guest costs far more than the few objects made here.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { FAULTS } from '../dif/faults.ts';
import { BUILTIN_VARIABLES } from '../dif/variables.ts';
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import { REGISTERS } from '../machine/registers.ts';
import type { GuestContext, MemoryReader, ProcessLayout } from '../machine/target.ts';
import { type Firing, NO_ROW } from './firing.ts';
import type { MemoryMap } from './memory-map.ts';

/** Built-ins that are read here, by number; PREPARED.guest names them. */
export const GUEST_VALUES = {
  percpu: 0,
  curthread: 1,
  pid: 2,
  tid: 3,
  ppid: 4,
  uid: 5,
  gid: 6,
  execname: 7,
} as const;
export type GuestValue = keyof typeof GUEST_VALUES;

export function isGuestValue(name: string): name is GuestValue {
  return Object.hasOwn(GUEST_VALUES, name);
}

const PERCPU_ID = BUILTIN_VARIABLES.percpu.id;
const NAMES = Object.keys(GUEST_VALUES) as GuestValue[];
/** Kernels lie in the upper half of the address space. */
const UPPER_HALF = 1n << 63n;

/** What is used of machine-state.ts. */
interface Machine {
  readonly memory: LinearMemory;
  readonly firing: Firing;
  readonly visible: MemoryMap;
  faultCode: number;
  faultWith(code: number, low: number, high: number): false;
  noValue(variableId: number): false;
}

export class GuestProcess {
  /** Whether `pid` and the like can be read at all. */
  readonly knowsProcesses: boolean;
  private readonly m: Machine;
  private readonly layout: ProcessLayout | undefined;
  private readonly guest: MemoryReader | undefined;
  private readonly context: GuestContext | undefined;
  private readonly bytes = new Uint8Array(8);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly lastBases = new Map<number, bigint>(); // by CPU
  private readonly wordAt: number;
  private readonly commAt: number;
  private isOwn = true;
  private task: bigint | undefined; // of this firing, once looked up; 0 when there is none
  private hasComm = false;

  constructor(
    m: Machine,
    layout: ProcessLayout | undefined,
    guest: MemoryReader | undefined,
    context: GuestContext | undefined,
  ) {
    this.m = m;
    this.layout = layout;
    this.guest = guest;
    this.context = context;
    this.knowsProcesses = layout !== undefined && guest !== undefined;
    this.wordAt = m.memory.reserve(8);
    const commBytes = (layout?.comm.sizeBytes ?? 0) + 1; // and a NUL of ours
    this.commAt = m.memory.reserve(commBytes);
    if (this.knowsProcesses) m.visible.add(this.commAt, this.commAt + commBytes);
  }

  /** `own`: BEGIN, END and ERROR belong to the tracer and to no process of the guest. */
  startFiring(own: boolean): void {
    this.isOwn = own;
    this.task = undefined;
    this.hasComm = false;
  }

  /** W[to] := the value, or what W[otherwise] says while there is no process. False is a fault. */
  read(value: number, otherwise: number, to: number): boolean {
    const name = NAMES[value]!;
    if (name === 'percpu') return this.readBase(to);
    const task = this.currentTask();
    if (task === undefined) return false;
    if (task === 0n) return this.copy(otherwise, to);
    const { layout } = this;
    switch (name) {
      case 'curthread':
        return this.set(task, to);
      case 'pid':
        return this.set(this.load(task, layout?.tgid, 4), to);
      case 'tid':
        return this.set(this.load(task, layout?.pid, 4), to);
      case 'ppid':
        return this.set(this.load(this.load(task, layout?.realParent, 8), layout?.tgid, 4), to);
      case 'uid':
        return this.setId(this.load(this.load(task, layout?.cred, 8), layout?.uid, 4), to);
      case 'gid':
        return this.setId(this.load(this.load(task, layout?.cred, 8), layout?.gid, 4), to);
      case 'execname':
        return this.readComm(task, to);
    }
  }

  /**
   * What tells threads apart: the guest's thread id, and for idle threads, which all have 0, and while there is no
   * process, the CPU. Never 0, and never a fault.
   */
  threadKey(cpu: number): number {
    const tid = this.threadId();
    return tid > 0 ? tid : -(cpu + 1);
  }

  private threadId(): number {
    const { m, layout } = this;
    if (layout === undefined || this.isOwn) return 0;
    const before = m.faultCode;
    const task = this.currentTask();
    const tid = task ? this.load(task, layout.pid, 4) : 0n;
    m.faultCode = before;
    return Number(BigInt.asIntN(32, tid ?? 0n));
  }

  // The CPU's own block.

  private readBase(to: number): boolean {
    const base = this.kernelBase();
    return base === undefined ? this.m.noValue(PERCPU_ID) : this.set(base, to);
  }

  private kernelBase(): bigint | undefined {
    const { cpu, row, batch } = this.m.firing;
    const told = this.context?.kernelGsBase(cpu);
    if (told !== undefined) return told;
    const { memory } = this.m;
    if (row !== NO_ROW && batch.registers.read(row, REGISTERS.gs_base.id, memory, this.wordAt)) {
      const base = memory.u64[this.wordAt >>> 3]!;
      // In user mode, and in the kernel before swapgs, this is the user's.
      if (base >= UPPER_HALF) this.lastBases.set(cpu, base);
    }
    return this.lastBases.get(cpu);
  }

  // The process.

  /** Address of the running task; 0 when there is none; undefined after a fault. */
  private currentTask(): bigint | undefined {
    if (this.isOwn || this.layout === undefined) return 0n;
    if (this.task !== undefined) return this.task;
    const base = this.kernelBase();
    const task = base === undefined ? 0n : this.load(base, Number(this.layout.currentTask), 8);
    if (task !== undefined) this.task = task;
    return task;
  }

  private readComm(task: bigint, to: number): boolean {
    const { memory } = this.m;
    const { offset, sizeBytes } = this.layout!.comm;
    const address = BigInt.asUintN(64, task + BigInt(offset));
    if (!this.hasComm) {
      const out = memory.u8.subarray(this.commAt, this.commAt + sizeBytes);
      if (this.guest!.read(address, sizeBytes, out) < sizeBytes)
        return this.unreadable(address) !== undefined;
      this.hasComm = true;
    }
    memory.i32[to] = this.commAt;
    memory.i32[to + 1] = ENGINE_BASE_HIGH;
    return true;
  }

  /** A pointer (8 bytes) or an int at `from` + offset; 0 where the kernel has no such member; undefined after a fault. */
  private load(from: bigint | undefined, offset: number | undefined, sizeBytes: 4 | 8): bigint | undefined {
    if (from === undefined) return undefined;
    if (offset === undefined) return 0n;
    const address = BigInt.asUintN(64, from + BigInt(offset));
    if (this.guest!.read(address, sizeBytes, this.bytes.subarray(0, sizeBytes)) < sizeBytes) {
      return this.unreadable(address);
    }
    return sizeBytes === 8 ? this.view.getBigUint64(0, true) : BigInt(this.view.getInt32(0, true));
  }

  private unreadable(address: bigint): undefined {
    const low = Number(BigInt.asIntN(32, address));
    this.m.faultWith(FAULTS.BADADDR.code, low, Number(BigInt.asIntN(32, address >> 32n)));
    return undefined;
  }

  private set(value: bigint | undefined, to: number): boolean {
    if (value === undefined) return false;
    this.m.memory.u64[to >>> 1] = value;
    return true;
  }

  /** uid_t and gid_t have no sign. */
  private setId(value: bigint | undefined, to: number): boolean {
    return this.set(value === undefined ? undefined : BigInt.asUintN(32, value), to);
  }

  private copy(from: number, to: number): true {
    const { i32 } = this.m.memory;
    i32[to] = i32[from]!;
    i32[to + 1] = i32[from + 1]!;
    return true;
  }
}
