/**
 * The scratch slot: a copy of the displaced instruction that can be executed elsewhere, and what catches a CPU that runs on.
 *
 *   0              length           length+3
 *   +--------------+-----+-----+----+-----+-----+------+
 *   | instruction  | NOP | NOP | INT3| NOP | NOP | INT3 |   the second three only for branches that name their target
 *   +--------------+-----+-----+----+-----+-----+------+
 *
 * The single-step trap is expected at `length`. If it is lost, the next one comes behind a NOP, and if TF itself is lost the
 * INT3 catches the CPU; either way it has done nothing else. A branch that names its target is made to lead to the second
 * landing place, so that also a lost trap leaves it in the slot, and where it landed says whether it was taken.
 * Operands relative to rip are encoded anew.
 */
import { SCRATCH_BYTES } from '../machine/target.ts';
import type { Displaced } from '../x86/displaced.ts';

export interface Slot {
  readonly bytes: Uint8Array;
  readonly length: number; // of the instruction
}

/** Where a CPU is, seen from a slot. */
export type Arrival =
  | { readonly kind: 'start' } // has not executed the instruction, or is between iterations
  | { readonly kind: 'through' | 'taken'; readonly behindBy: number } // instructions executed in the landing place
  | { readonly kind: 'away' };

const NOP = 0x90;
const INT3 = 0xcc;
const LANDING: readonly number[] = [NOP, NOP, INT3];
const LANDING_BYTES = LANDING.length;

/** Undefined: its operand is out of the slot's reach. */
export function buildSlot(displaced: Displaced, at: bigint): Slot | undefined {
  const { bytes, branch, ripOperand } = displaced;
  const { length } = bytes;
  const slot = new Uint8Array(length + LANDING_BYTES * (branch === undefined ? 1 : 2));
  slot.set(bytes);
  slot.set(LANDING, length);
  const view = new DataView(slot.buffer);
  if (branch !== undefined) {
    slot.set(LANDING, length + LANDING_BYTES);
    writeField(view, branch.fieldOffset, branch.fieldBytes, LANDING_BYTES);
  }
  if (ripOperand !== undefined) {
    const displacement = BigInt.asIntN(64, ripOperand.address - (at + BigInt(length)));
    if (displacement !== BigInt.asIntN(32, displacement)) return undefined;
    view.setInt32(ripOperand.fieldOffset, Number(displacement), true);
  }
  return { bytes: slot, length };
}

/** A copy in the scratch memory of a CPU. */
export interface PlacedSlot {
  readonly displaced: Displaced;
  readonly at: bigint;
  readonly slot: Slot;
}

/** The copies of one CPU: an instruction that is stepped often is copied once. The oldest gives way. */
export class SlotRing {
  private readonly placed = new Map<Displaced, PlacedSlot>();
  private readonly ring: (Displaced | undefined)[];
  private next = 0;

  constructor(slots: number) {
    this.ring = new Array(slots).fill(undefined);
  }

  find(displaced: Displaced): PlacedSlot | undefined {
    return this.placed.get(displaced);
  }

  /** Where the next copy goes, from the beginning of the scratch memory. */
  get nextOffset(): bigint {
    return BigInt(this.next * SCRATCH_BYTES);
  }

  put(placed: PlacedSlot): void {
    const oldest = this.ring[this.next];
    if (oldest) this.placed.delete(oldest);
    this.ring[this.next] = placed.displaced;
    this.placed.set(placed.displaced, placed);
    this.next = (this.next + 1) % this.ring.length;
  }
}

function writeField(view: DataView, offset: number, bytes: number, value: number): void {
  if (bytes === 1) view.setInt8(offset, value);
  else view.setInt32(offset, value, true);
}

/** `trap` is the vector that told; the rip of #BP is behind the INT3 that was executed. */
export function arrivalAt(
  slot: Slot,
  at: bigint,
  rip: bigint,
  trap: 'debug' | 'breakpoint' | 'other',
): Arrival {
  const offset = BigInt.asIntN(64, rip - at);
  if (offset < 0n || offset > BigInt(slot.bytes.length)) return { kind: 'away' };
  const executed = trap === 'breakpoint' ? Number(offset) - 1 : Number(offset);
  if (executed === 0) return { kind: 'start' };
  const behind = executed - slot.length;
  if (behind >= 0 && behind < LANDING_BYTES) return { kind: 'through', behindBy: behind };
  const isLanding = behind >= LANDING_BYTES && executed < slot.bytes.length;
  return isLanding ? { kind: 'taken', behindBy: behind - LANDING_BYTES } : { kind: 'away' };
}
