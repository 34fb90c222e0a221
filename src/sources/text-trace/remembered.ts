/**
 * What the last records with a number were, in a place that does not grow: by number (and CPU), two hashes of what tells the
 * record from others. When it is full the older half is forgotten.
 *
 *   entries, oldest first:   keys[i], cpus[i], ones[i], twos[i]
 *   index:                   entry + 1 by hash of the key, the next free place when that is taken; 0 is empty
 *
 * Two records whose hashes (64 bits together) agree are taken for the same.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { HASH_SEED, hashOf } from './bytes.ts';
import { LineRecord } from './line-record.ts';
import type { TextRecord } from './points.ts';

/** How far back repeats are told from a new beginning. */
export const REMEMBERED = 1 << 16;
const MASK = 2 * REMEMBERED - 1;
export const OTHER_SEED = 0x5bd1e995;
/** A record that is noted; the two hashes are those of `likeness`. */
export const REMEMBERED_NOTE = { seq: 0, cpu: 8, one: 12, two: 16, bytes: 24 } as const;
const MOST_NOTED = 1 << 14;

interface Noted {
  readonly memory: LinearMemory;
  readonly at: number;
  next: number;
}

export class Remembered {
  private readonly keys = new Float64Array(REMEMBERED);
  private readonly cpus = new Int32Array(REMEMBERED);
  private readonly ones = new Int32Array(REMEMBERED);
  private readonly twos = new Int32Array(REMEMBERED);
  private readonly index = new Int32Array(MASK + 1);
  private count = 0;
  private noted: Noted | undefined;
  /** Whether CPUs number by themselves. */
  private readonly byCpu: boolean;

  constructor(byCpu: boolean) {
    this.byCpu = byCpu;
  }

  /** Records that are remembered later: others may note them here. */
  noteIn(memory: LinearMemory): void {
    const at = memory.reserve(MOST_NOTED * REMEMBERED_NOTE.bytes, 8);
    this.noted = { memory, at, next: at };
  }

  /** Where the next of so many is noted. Undefined: they cannot be noted. */
  roomFor(count: number): number | undefined {
    const { noted } = this;
    if (noted === undefined || count > MOST_NOTED) return undefined;
    if (noted.next + count * REMEMBERED_NOTE.bytes > noted.at + MOST_NOTED * REMEMBERED_NOTE.bytes)
      this.heed();
    return noted.next;
  }

  /** Notes before that place have been made. */
  notedTo(next: number): void {
    if (this.noted) this.noted.next = next;
  }

  /** What was noted is remembered. */
  private heed(): void {
    const { noted } = this;
    if (noted === undefined || noted.next === noted.at) return;
    const { f64, i32 } = noted.memory;
    for (let note = noted.at; note < noted.next; note += REMEMBERED_NOTE.bytes) {
      const word = note >> 2;
      const cpu = this.byCpu ? i32[word + (REMEMBERED_NOTE.cpu >> 2)]! : 0;
      this.put(
        f64[note >> 3]!,
        cpu,
        i32[word + (REMEMBERED_NOTE.one >> 2)]!,
        i32[word + (REMEMBERED_NOTE.two >> 2)]!,
      );
    }
    noted.next = noted.at;
  }

  has(record: TextRecord): boolean {
    this.heed();
    return this.index[this.slotOf(record.seq, this.cpuOf(record))] !== 0;
  }

  /** Whether that number was such a record. */
  wasLike(record: TextRecord): boolean {
    this.heed();
    const entry = this.index[this.slotOf(record.seq, this.cpuOf(record))]! - 1;
    return (
      entry >= 0 &&
      this.ones[entry] === likeness(record, HASH_SEED) &&
      this.twos[entry] === likeness(record, OTHER_SEED)
    );
  }

  add(record: TextRecord): void {
    this.heed();
    const [one, two] = [likeness(record, HASH_SEED), likeness(record, OTHER_SEED)];
    this.put(record.seq, this.cpuOf(record), one, two);
  }

  private put(seq: number, cpu: number, one: number, two: number): void {
    if (this.count === REMEMBERED) this.forgetHalf();
    const slot = this.slotOf(seq, cpu);
    const known = this.index[slot]! - 1;
    const entry = known >= 0 ? known : this.count++;
    this.index[slot] = entry + 1;
    this.keys[entry] = seq;
    this.cpus[entry] = cpu;
    this.ones[entry] = one;
    this.twos[entry] = two;
  }

  clear(): void {
    this.count = 0;
    this.index.fill(0);
    if (this.noted) this.noted.next = this.noted.at;
  }

  private cpuOf({ cpu }: TextRecord): number {
    return this.byCpu ? cpu : 0;
  }

  /** Where the key is, or would be. */
  private slotOf(key: number, cpu: number): number {
    const { index, keys, cpus } = this;
    let slot = (Math.imul((key | 0) ^ Math.imul(cpu, 0x9e3779b1), 0x85ebca6b) >>> 12) & MASK;
    for (;;) {
      const entry = index[slot]! - 1;
      if (entry < 0 || (keys[entry] === key && cpus[entry] === cpu)) return slot;
      slot = (slot + 1) & MASK;
    }
  }

  private forgetHalf(): void {
    const half = REMEMBERED / 2;
    for (const column of [this.keys, this.cpus, this.ones, this.twos]) column.copyWithin(0, half);
    this.index.fill(0);
    this.count = half;
    for (let entry = 0; entry < half; entry++)
      this.index[this.slotOf(this.keys[entry]!, this.cpus[entry]!)] = entry + 1;
  }
}

function likeness(record: TextRecord, seed: number): number {
  let hash = mixed(mixed(mixed(seed, record.cpu), record.point), record.pid ?? -1);
  hash = mixed(hash, record.tid ?? -1);
  if (record instanceof LineRecord) {
    const { at, text } = record;
    hash = hashOf(text.u8, at + record.pcFrom, at + record.pcTo, mixed(hash, record.pcTo === 0 ? 1 : 2));
    const { addressFrom, addressTo } = record;
    return hashOf(text.u8, at + addressFrom, at + addressTo, mixed(hash, addressTo === 0 ? 1 : 2));
  }
  return hashOfText(record.address, hashOfText(record.pc, hash));
}

function mixed(hash: number, value: number): number {
  const number = value | 0;
  return Math.imul(Math.imul(hash ^ number, 0x01000193) ^ (number >>> 16), 0x01000193);
}

/** The same as of the text's bytes. */
function hashOfText(text: string | undefined, seed: number): number {
  let hash = mixed(seed, text === undefined ? 1 : 2);
  for (let i = 0; i < (text?.length ?? 0); i++) hash = Math.imul(hash ^ text!.charCodeAt(i), 0x01000193);
  return hash;
}
