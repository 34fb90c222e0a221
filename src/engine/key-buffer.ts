/**
 * A key on its way into a keyed table, being built in linear memory (encoding: dif/consumer-contract.ts).
 *
 * A session has two: one for aggregations, whose later keys and values may load dynamic variables meanwhile, and one
 * for those. False is a fault. A key that outgrows the buffer makes it grow, which may detach views.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { FAULTS } from '../dif/faults.ts';
import { type MachineState, roundUp8 } from './machine-state.ts';
import { copyNarrowed } from './narrowing.ts';
import { reserveOrNone } from './reserve.ts';

const FIRST_KEY_BYTES = 4096;
/** Largest key: bounds what one clause can make the engine copy. */
const KEY_LIMIT_BYTES = 1 << 24;

export class KeyBuffer {
  /** Offset of the key, and its length so far: always a multiple of 8. */
  at: number;
  bytes = 0;
  private capacity = FIRST_KEY_BYTES;
  private readonly m: MachineState;
  private readonly memory: LinearMemory;

  constructor(m: MachineState) {
    this.m = m;
    this.memory = m.memory;
    this.at = m.memory.reserve(FIRST_KEY_BYTES);
  }

  start(): void {
    this.bytes = 0;
  }

  /** The value at word index `from`. */
  appendInteger(from: number, narrowing: number): boolean {
    if (!this.ensureRoom(8)) return false;
    copyNarrowed(this.memory.i32, (this.at + this.bytes) >>> 2, from, narrowing);
    this.bytes += 8;
    return true;
  }

  /** Two words: a variable's number and a thread, or a frame count and 0. */
  appendWords(first: number, second: number): boolean {
    if (!this.ensureRoom(8)) return false;
    const to = (this.at + this.bytes) >>> 2;
    this.memory.i32[to] = first;
    this.memory.i32[to + 1] = second;
    this.bytes += 8;
    return true;
  }

  /** The string whose address is at word index `from`; NULL is the empty one. */
  appendText(from: number): boolean {
    if (!this.m.findTextOrEmpty(from)) return false;
    const length = this.m.foundLength;
    if (!this.ensureRoom(roundUp8(length + 4))) return false;
    this.memory.u32[(this.at + this.bytes) >>> 2] = length;
    this.appendPadded(this.m.foundAt, length, 4);
    return true;
  }

  /** `sizeBytes` bytes from the address at word index `from`. */
  appendBytes(from: number, sizeBytes: number): boolean {
    const found = this.m.findBytes(from, sizeBytes);
    if (found < 0 || !this.ensureRoom(roundUp8(sizeBytes))) return false;
    this.appendPadded(found, sizeBytes, 0);
    return true;
  }

  private appendPadded(from: number, length: number, skip: number): void {
    const { u8 } = this.memory;
    const to = this.at + this.bytes + skip;
    const end = this.at + this.bytes + roundUp8(skip + length);
    for (let i = 0; i < length; i++) u8[to + i] = u8[from + i]!;
    for (let i = to + length; i < end; i++) u8[i] = 0;
    this.bytes = end - this.at;
  }

  private ensureRoom(sizeBytes: number): boolean {
    const needed = this.bytes + sizeBytes;
    return needed <= this.capacity || this.grow(needed);
  }

  private grow(needed: number): boolean {
    if (needed > KEY_LIMIT_BYTES) return this.m.faultWith(FAULTS.BADSIZE.code, needed, 0);
    const capacity = 2 ** Math.ceil(Math.log2(needed));
    const larger = reserveOrNone(this.memory, capacity);
    if (larger === 0) return this.m.fault(FAULTS.NOSCRATCH.code);
    this.memory.u8.copyWithin(larger, this.at, this.at + this.bytes);
    this.at = larger;
    this.capacity = capacity;
    return true;
  }
}
