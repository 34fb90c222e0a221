/**
 * One displaced instruction stepped out of line: into the slot, and what must be put right when it is done.
 *
 * While the step lasts TF is set, rip is in the slot, and interrupts are held; IF itself stays the guest's, so that what
 * STI, CLI, POPF and PUSHF do with it needs no correction. Afterwards
 *
 *   P1 rip        behind the copy becomes behind the original; where a branch landed becomes its target; elsewhere it stays
 *   P2 TF         is the guest's again, except behind instructions that load the flags: theirs is the guest's
 *   P3 return     a CALL has pushed the slot's address: it becomes the original's
 *   P4 PUSHF      has pushed TF: it becomes the guest's
 *   P5 shadow     behind STI and loads of SS interrupts wait for the instruction that follows the original
 *
 * A step that something else ends before the instruction was executed is undone: rip is the site's, TF the guest's.
 */
import { REGISTERS } from '../machine/registers.ts';
import type { PatchTarget, TrapVerdict } from '../machine/target.ts';
import type { Displaced } from '../x86/displaced.ts';
import type { Site } from './sites.ts';
import { type Arrival, buildSlot, type PlacedSlot, type Slot, type SlotRing } from './slot.ts';

export const TF = 0x100n;
const IF = 0x200n;
const RIP = REGISTERS.rip.id;
const RSP = REGISTERS.rsp.id;
const RFLAGS = REGISTERS.rflags.id;

export interface Step {
  readonly site: Site;
  readonly displaced: Displaced;
  readonly at: bigint; // the slot's address
  readonly slot: Slot;
  readonly flags: bigint; // before
  readonly sp: bigint; // before
  /** Traps met between iterations of REP. */
  iterations: number;
}

/** Undefined: the target has no slot for it, or none within reach of its operand. */
export function beginStep(target: PatchTarget, cpu: number, site: Site, ring: SlotRing): Step | undefined {
  const displaced = site.displaced!;
  const placed = ring.find(displaced) ?? place(target, cpu, displaced, ring);
  if (placed === undefined) return undefined;
  const { at, slot } = placed;
  const flags = target.readRegister(cpu, RFLAGS);
  const step = { site, displaced, at, slot, flags, sp: target.readRegister(cpu, RSP), iterations: 0 };
  target.holdInterrupts(cpu, true);
  target.writeRegister(cpu, RFLAGS, flags | TF);
  target.writeRegister(cpu, RIP, at);
  return step;
}

function place(
  target: PatchTarget,
  cpu: number,
  displaced: Displaced,
  ring: SlotRing,
): PlacedSlot | undefined {
  const scratch = target.scratch(cpu);
  if (scratch === undefined) return undefined;
  const at = scratch + ring.nextOffset;
  const slot = buildSlot(displaced, at);
  if (slot === undefined || !target.writeMemory(cpu, at, slot.bytes)) return undefined;
  const placed = { displaced, at, slot };
  ring.put(placed);
  return placed;
}

/** The instruction was not executed, or not all of its iterations. */
export function undoStep(target: PatchTarget, cpu: number, step: Step): void {
  target.writeRegister(cpu, RIP, step.site.address);
  restoreTf(target, cpu, step);
  target.holdInterrupts(cpu, false);
}

/** The instruction was executed; puts P1 to P5 right and says what the guest's own single-stepping is due. */
export function finishStep(target: PatchTarget, cpu: number, step: Step, arrival: Arrival): TrapVerdict {
  const { displaced, site } = step;
  const behind = site.address + BigInt(displaced.bytes.length);
  if (arrival.kind === 'through') target.writeRegister(cpu, RIP, behind);
  if (arrival.kind === 'taken') target.writeRegister(cpu, RIP, displaced.branch!.target);
  if (!LOADS_FLAGS.has(displaced.mnemonic)) restoreTf(target, cpu, step);
  if (displaced.flow === 'call' || displaced.flow === 'indirect-call') {
    writeWord(target, cpu, step.sp - 8n, behind);
  }
  if (PUSHES_FLAGS.has(displaced.mnemonic)) clearPushedTf(target, cpu, step);
  target.holdInterrupts(cpu, false);
  const isTrapDue = (step.flags & TF) !== 0n && !isTrapHeld(displaced, arrival);
  const isShadowed = displaced.loadsSs || (displaced.mnemonic === 'sti' && (step.flags & IF) === 0n);
  if (isShadowed && !isTrapDue) target.shadowInterrupts(cpu);
  return isTrapDue ? 'single-step' : 'resume';
}

const LOADS_FLAGS: ReadonlySet<string> = new Set(['popf', 'popfd', 'popfq']);
const PUSHES_FLAGS: ReadonlySet<string> = new Set(['pushf', 'pushfd', 'pushfq']);

/** A load of SS holds the guest's own trap back as well, until behind the next instruction. */
function isTrapHeld(displaced: Displaced, arrival: Arrival): boolean {
  return displaced.loadsSs && arrival.kind === 'through' && arrival.behindBy > 0;
}

/** How many instructions of the landing place a trap may be late by without being lost. */
export function expectedLateness({ loadsSs }: Displaced): number {
  return loadsSs ? 1 : 0;
}

function restoreTf(target: PatchTarget, cpu: number, { flags }: Step): void {
  const now = target.readRegister(cpu, RFLAGS);
  target.writeRegister(cpu, RFLAGS, (now & ~TF) | (flags & TF));
}

/** TF is bit 0 of the second byte, whatever the size of the push. */
function clearPushedTf(target: PatchTarget, cpu: number, { flags, displaced, sp }: Step): void {
  if ((flags & TF) !== 0n) return;
  const address = sp - (displaced.mnemonic === 'pushf' ? 2n : 8n) + 1n;
  const byte = new Uint8Array(1);
  if (!target.readMemory(cpu, address, byte)) return;
  byte[0]! &= 0xfe;
  target.writeMemory(cpu, address, byte);
}

function writeWord(target: PatchTarget, cpu: number, address: bigint, value: bigint): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  target.writeMemory(cpu, BigInt.asUintN(64, address), bytes);
}
