/**
 * Executions of a displaced instruction that something interrupted before it was complete: a fault of its own, an NMI, an
 * interrupt that the target could not hold, the end of a slice of REP iterations.
 *
 * The CPU is put back to the site before the guest sees anything, so that the guest saves the address and the registers it
 * would have without us. When it comes back, the breakpoint is met again; that is the same execution and does not fire
 * again. It is known by
 *
 *   E1 how it came: an IRET led to the site, or the patcher put the CPU there; nothing was executed in between
 *   E2 its registers: all general ones, flags and address space as they were. RF does not count (an IRET may set it)
 *
 * So a fault that is repaired and retried fires once, on whatever CPU its thread comes back, and one that never is (an
 * exception table leads elsewhere) costs nothing but an entry. Where a target does not tell of IRETs, faults are not
 * remembered: their retry fires again, which is better than not firing when the same registers come the ordinary way.
 */
import { REGISTERS } from '../machine/registers.ts';
import type { PatchTarget } from '../machine/target.ts';

/** Threads that may at the same time wait for a page at one site. */
const MAX_RESUMPTIONS = 64;

export interface Resumption {
  readonly cpu: number; // where it was interrupted; the thread may come back on another
  readonly registers: BigUint64Array;
}

const COMPARED: readonly number[] = [
  ...Array.from({ length: 16 }, (_, id) => id),
  REGISTERS.rip.id,
  REGISTERS.cr3.id,
];
const RF = 0x10000n;

export function remember(list: Resumption[], target: PatchTarget, cpu: number): void {
  if (list.length >= MAX_RESUMPTIONS) list.shift();
  list.push({ cpu, registers: BigUint64Array.from(snapshot(target, cpu)) });
}

/** Whether the CPU, at the site, goes on with one of them; it is struck off. */
export function resume(list: Resumption[], target: PatchTarget, cpu: number): boolean {
  if (list.length === 0) return false;
  const now = snapshot(target, cpu);
  const index = list.findIndex(({ registers }) => now.every((value, at) => registers[at] === value));
  if (index < 0) return false;
  list.splice(index, 1);
  return true;
}

/** A CPU that is reset comes back to nothing. */
export function forgetCpu(list: Resumption[], cpu: number): void {
  for (let at = list.length - 1; at >= 0; at--) if (list[at]!.cpu === cpu) list.splice(at, 1);
}

function snapshot(target: PatchTarget, cpu: number): bigint[] {
  const values = COMPARED.map((id) => target.readRegister(cpu, id));
  values.push(target.readRegister(cpu, REGISTERS.rflags.id) & ~RF);
  return values;
}
