/**
 * Speculations: records held back until commit or discard (d-language.md 6.3).
 *
 * `nspec` slots, numbered from 1, each with one buffer of `specsize` bytes for all CPUs. One thread runs every CPU's
 * firings, so of DTrace's states only two remain: a slot is inactive, or active from speculation() to its commit or
 * discard, and both end it at once. That is also why SPECBUSY drops do not occur here.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { DropCounts } from './drop-counts.ts';
import { reserveOrNone } from './reserve.ts';

interface Slot {
  at: number; // offset of the buffer; 0 until the slot is first used
  usedBytes: number;
  active: boolean;
}

export class Speculations {
  private readonly memory: LinearMemory;
  private readonly drops: DropCounts;
  private readonly slots: Slot[];
  private readonly slotBytes: number;

  constructor(memory: LinearMemory, nspec: number, specsize: number, drops: DropCounts) {
    this.memory = memory;
    this.drops = drops;
    this.slotBytes = specsize;
    this.slots = Array.from({ length: nspec }, () => ({ at: 0, usedBytes: 0, active: false }));
  }

  /** Whether `id` may be given to speculate, commit and discard at all: 0 (none) and 1 … nspec. */
  isId(id: number): boolean {
    return id >= 0 && id <= this.slots.length;
  }

  isActive(id: number): boolean {
    return this.slots[id - 1]?.active ?? false;
  }

  /** speculation(): an id that is now active, or 0. */
  open(): number {
    const index = this.slots.findIndex((slot) => !slot.active);
    const slot = this.slots[index];
    if (slot === undefined || !this.ensureBuffer(slot)) {
      this.drops.add('SPECUNAVAIL', 0);
      return 0;
    }
    slot.active = true;
    slot.usedBytes = 0;
    return index + 1;
  }

  private ensureBuffer(slot: Slot): boolean {
    if (slot.at === 0) slot.at = reserveOrNone(this.memory, this.slotBytes);
    return slot.at !== 0;
  }

  /** Add a record to an active speculation; dropped and counted when it does not fit. */
  append(id: number, recordAt: number, sizeBytes: number): void {
    const slot = this.slots[id - 1];
    if (slot === undefined || !slot.active) return;
    if (slot.usedBytes + sizeBytes > this.slotBytes) {
      this.drops.add('SPEC', 0);
      return;
    }
    this.memory.u8.copyWithin(slot.at + slot.usedBytes, recordAt, recordAt + sizeBytes);
    slot.usedBytes += sizeBytes;
  }

  /** End an active speculation, handing its records over in order; `take` returns the size of the record it is given. */
  commit(id: number, take: (recordAt: number) => number): void {
    const slot = this.slots[id - 1];
    if (slot === undefined || !slot.active) return;
    slot.active = false;
    const end = slot.at + slot.usedBytes;
    for (let at = slot.at; at < end; ) at += take(at);
  }

  discard(id: number): void {
    const slot = this.slots[id - 1];
    if (slot !== undefined) slot.active = false;
  }
}
