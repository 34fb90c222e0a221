/** The traced machine as we may read it. Capability is optional by type: absent means "this source cannot do that". */

/** Guest memory where the source has it (live guests, the machine). Absent: this source cannot do that. */
export interface MemoryReader {
  /** Copies up to `size` bytes to `out`; returns how many were readable from the start of the range. */
  read(address: bigint, size: number, out: Uint8Array): number;
  /** The guest has ended, so that what could not be read is no fault of the program's. */
  readonly isGone?: boolean;
}

/** What a live source knows of a stopped or running CPU beyond the registers of the event at hand. */
export interface GuestContext {
  /**
   * The kernel's GS base of a CPU, where a Linux kernel keeps the CPU's own variables: GS base in the kernel after
   * swapgs, KERNEL_GS_BASE (gdb's k_gs_base) in user mode. Undefined when it cannot tell; then the event's own gs_base
   * serves if it is a kernel address, else the last one seen on that CPU.
   */
  kernelGsBase(cpu: number): bigint | undefined;
  /** Follows stacks; absent where the events' own pc is all that is known. */
  readonly stacks?: StackWalker | undefined;
}

/** The context whose stack is asked for: that of an event. */
export interface StackStart {
  readonly pc: bigint;
  readonly inKernel: boolean; // else in user mode
  /** By register id; undefined where the event does not carry it. */
  register(id: number): bigint | undefined;
}

/** Whose frames: the kernel's, or those of the user program below it. */
export type StackSide = 'kernel' | 'user';

/** Follows a stack through the guest's memory as far as it is sure. */
export interface StackWalker {
  /** Whether, when an event of that kind is looked at, memory still is what it was. */
  sees(eventKind: number): boolean;
  /**
   * Fills `frames` with addresses, innermost first: where the context is, then where calls return to. Returns how many, at
   * most `limit`; the element behind them is 0 where the stack ends (or `limit` was reached), else a mark of why it is
   * not known how it goes on, which is no address.
   */
  walk(side: StackSide, start: StackStart, frames: BigUint64Array, limit: number): number;
}

/** Where a Linux guest keeps what `pid`, `execname` and the like say. Offsets in bytes; absent: this kernel has none. */
export interface ProcessLayout {
  /** The pointer to the running `struct task_struct`, from the CPU's own base. */
  readonly currentTask: bigint;
  /** In struct task_struct. What guests call tgid is D's pid, and their pid D's tid. */
  readonly tgid: number;
  readonly pid: number;
  readonly comm: { readonly offset: number; readonly sizeBytes: number };
  readonly realParent: number | undefined;
  readonly cred: number | undefined;
  /** In struct cred. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * A machine whose code may be patched (src/patch): its CPUs' registers and memory, and the few things that only a machine
 * can do. CPUs are 0-based; registers go by their ids in registers.ts; addresses are virtual, as that CPU maps them.
 */
export interface PatchTarget {
  readonly cpuCount: number;
  /** It calls TrapClient.overwritten for the guest's writes where asked; otherwise patching compares bytes at each hit. */
  readonly tellsWrites: boolean;
  /** It calls TrapClient.returned; otherwise an instruction that is retried after its own fault counts as executed again. */
  readonly tellsReturns: boolean;
  readRegister(cpu: number, id: number): bigint;
  writeRegister(cpu: number, id: number, value: bigint): void;
  /** All of `out` or nothing (false). Marks no page as accessed, raises nothing in the guest. */
  readMemory(cpu: number, address: bigint, out: Uint8Array): boolean;
  /** Also to pages that the guest may not write. All or nothing; every CPU executes the new bytes from now on. */
  writeMemory(cpu: number, address: bigint, bytes: Uint8Array): boolean;
  /** The guest's writes to these bytes are of interest, now or later, by whatever mapping they come. */
  watchWrites(cpu: number, address: bigint, size: number): void;
  /**
   * `scratchSlots` times SCRATCH_BYTES of memory that this CPU alone executes, at any privilege and in any address space, and that the guest
   * does not use. Undefined: there is none; then only instructions that `execute` knows can be displaced.
   */
  scratch(cpu: number): bigint | undefined;
  readonly scratchSlots: number;
  /** The CPU is at 64-bit code; sites are decoded as such. */
  isAt64BitCode(cpu: number): boolean;
  /** Executes `code`, one instruction, as if it stood at the CPU's rip. */
  execute(cpu: number, code: Uint8Array): ExecuteOutcome;
  /** No maskable interrupt is delivered to the CPU while held, whatever its IF. Others wait as long as they can. */
  holdInterrupts(cpu: number, held: boolean): void;
  /** Interrupts wait for one more instruction, as behind STI and loads of SS. */
  shadowInterrupts(cpu: number): void;
  /** The other CPUs stand still between these two; a machine that runs one CPU at a time has nothing to do. */
  pauseOthers(cpu: number): void;
  resumeOthers(cpu: number): void;
}

/**
 *   done       registers and memory are as behind the instruction (REP: behind all or some of its iterations)
 *   trap-due   the same, and the guest's own TF asks for its #DB now
 *   faulted    nothing changed but what a fault leaves (CR2, REP's progress); the target knows the fault
 *   cannot     it does not know the instruction; nothing changed
 */
export type ExecuteOutcome = 'done' | 'trap-due' | 'faulted' | 'cannot';

/**
 * What a machine does after a trap that it offered:
 *   guest        deliver it to the guest with the registers as they are now
 *   resume       the CPU goes on at the registers as they are now; the trap leaves nothing in the guest (DR6, stack)
 *   single-step  deliver #DB with DR6.BS instead: the guest steps itself
 *   fault        deliver the fault that `execute` met
 */
export type TrapVerdict = 'guest' | 'resume' | 'single-step' | 'fault';

export const BREAKPOINT_VECTOR = 3;
export const DEBUG_VECTOR = 1;
/** Longest instruction, landing places and what catches a CPU that runs on (patch/slot.ts). */
export const SCRATCH_BYTES = 32;

/** Whoever patches: the machine calls it before anything reaches the guest, with registers as they would be saved. */
export interface TrapClient {
  /** #BP: rip is behind the INT3. #DB: by TF, rip is the next instruction. */
  trap(cpu: number, vector: typeof BREAKPOINT_VECTOR | typeof DEBUG_VECTOR): TrapVerdict;
  /** Any other delivery (fault, INT n, NMI, interrupt). It may change rip and flags, then they are saved. Cheap. */
  delivering(cpu: number, vector: number): void;
  /** An IRET is complete: rip is where it leads. */
  returned(cpu: number): void;
  /** The guest wrote these bytes (after the fact). */
  overwritten(address: bigint, size: number): void;
  /** INIT, reset, power off of that CPU. */
  reset(cpu: number): void;
}
