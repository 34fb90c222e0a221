/** The traced machine as we may read it. Capability is optional by type: absent means "this source cannot do that". */

/** Guest memory where the source has it (live guests, the machine). Absent: this source cannot do that. */
export interface MemoryReader {
  /** Copies up to `size` bytes to `out`; returns how many were readable from the start of the range. */
  read(address: bigint, size: number, out: Uint8Array): number;
}

/** What a live source knows of a stopped or running CPU beyond the registers of the event at hand. */
export interface GuestContext {
  /**
   * The kernel's GS base of a CPU, where a Linux kernel keeps the CPU's own variables: GS base in the kernel after
   * swapgs, KERNEL_GS_BASE (gdb's k_gs_base) in user mode. Undefined when it cannot tell; then the event's own gs_base
   * serves if it is a kernel address, else the last one seen on that CPU.
   */
  kernelGsBase(cpu: number): bigint | undefined;
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
