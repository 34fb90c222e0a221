/**
 * Probes at code addresses: what a provider says of a place, and how an event finds it.
 *
 * In: the sites of the enabled probes, once. Then, for each event of kind `tb`, the pc; `SiteTable.first` gives the sites
 * at it, by its two halves and without allocating. A site says which probe its hit fires, with which arguments, and whose
 * flags safe mode judges. Whatever channel saw the hit (a log, a breakpoint), it is the same event.
 */
import { FIRING, type Firing } from '../engine/firing.ts';
import type { EventBatch } from '../machine/event-batch.ts';
import { REGISTERS, type RegisterName } from '../machine/registers.ts';
import type { CodeSite } from '../machine/sites.ts';
import type { MemoryReader } from '../machine/target.ts';

export interface ProviderSite extends CodeSite {
  /** The probe that this hit fires, 0 for none. Called once per hit, so a provider may keep its accounts here. */
  probeAt(hit: Hit): number;
  /** Called when arguments are read. */
  setArgs(firing: Firing, hit: Hit): void;
  setErrno?(firing: Firing, hit: Hit): void;
  /**
   * Whose interrupt flag safe mode judges: the current one; the caller's, which SYSCALL has put into R11; nobody's, where
   * the caller's is lost.
   */
  readonly judges: 'now' | 'caller' | 'nobody';
}

export interface SiteProvider {
  /** Places to watch for the enabled probes. */
  sites(isEnabled: (probeId: number) => boolean): readonly ProviderSite[];
}

/** What providers ask of the guest's code; the session answers with a decoder. Absent: no code is known. */
export interface GuestCode {
  /** Whether the byte at an address is known. */
  has(address: bigint): boolean;
  returnsOf(start: bigint, end: bigint): readonly bigint[];
  /** Where a Linux function that dispatches system calls has their result. */
  resultSites(start: bigint, end: bigint): readonly bigint[];
}

/** The event of a hit: its registers, 64 bits in two halves. Made once, pointed at each event in turn. */
export class Hit {
  readonly batch: EventBatch;
  row = 0;
  /** The register read last. */
  low = 0;
  high = 0;
  private readonly guestMemory: MemoryReader | undefined;
  private readonly word: number; // offset of a cell
  private readonly bytes = new Uint8Array(8);

  constructor(batch: EventBatch, guestMemory: MemoryReader | undefined) {
    this.batch = batch;
    this.guestMemory = guestMemory;
    this.word = batch.memory.reserve(8);
  }

  /** Read a register into `low` and `high`; both 0 when the event does not carry it. */
  read(register: RegisterName): boolean {
    const { batch, word } = this;
    const known = batch.registers.read(this.row, REGISTERS[register].id, batch.memory, word);
    const { i32 } = batch.memory;
    this.low = known ? i32[word >> 2]! : 0;
    this.high = known ? i32[(word >> 2) + 1]! : 0;
    return known;
  }

  /** Argument `index` of the firing := the register, or missing. */
  argument(firing: Firing, index: number, register: RegisterName): void {
    const known = this.read(register);
    this.put(firing, index, known);
  }

  /** The same, low 32 bits. */
  argument32(firing: Firing, index: number, register: RegisterName): void {
    const known = this.read(register);
    this.high = 0;
    this.put(firing, index, known);
  }

  /** Argument `index` := the word of `sizeBytes` at the stack pointer + `offset`, where guest memory can be read. */
  stackArgument(firing: Firing, index: number, offset: number, sizeBytes: 4 | 8): void {
    this.put(firing, index, this.readStack(offset, sizeBytes));
  }

  private readStack(offset: number, sizeBytes: 4 | 8): boolean {
    const { bytes, guestMemory } = this;
    if (guestMemory === undefined || !this.read('rsp')) return false;
    const pointer = (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
    bytes.fill(0);
    if (guestMemory.read(BigInt.asUintN(64, pointer + BigInt(offset)), sizeBytes, bytes) < sizeBytes)
      return false;
    this.low = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);
    this.high = bytes[4]! | (bytes[5]! << 8) | (bytes[6]! << 16) | (bytes[7]! << 24);
    return true;
  }

  /** Argument `index` := `low` and `high`, or missing. */
  put(firing: Firing, index: number, known: boolean): void {
    const { i32 } = this.batch.memory;
    const at = ((firing.at + FIRING.args) >> 2) + 2 * index;
    i32[at] = known ? this.low : 0;
    i32[at + 1] = known ? this.high : 0;
    if (!known) i32[(firing.at + FIRING.missing) >> 2]! |= 1 << index;
  }
}

/** No more sites. */
export const NO_SITE = -1;

/** Sites by address: a hash table of the pc's halves, with the sites of one address in a chain. */
export class SiteTable {
  readonly sites: readonly ProviderSite[];
  private readonly mask: number;
  private readonly heads: Int32Array; // site number + 1; 0 is empty
  private readonly lows: Int32Array; // by site
  private readonly highs: Int32Array;
  private readonly nexts: Int32Array; // next site of the address, or NO_SITE

  constructor(sites: readonly ProviderSite[]) {
    this.sites = sites;
    let slots = 16;
    while (slots < 2 * sites.length) slots *= 2;
    this.mask = slots - 1;
    this.heads = new Int32Array(slots);
    this.lows = Int32Array.from(sites, ({ address }) => Number(BigInt.asIntN(32, address)));
    this.highs = Int32Array.from(sites, ({ address }) => Number(BigInt.asIntN(32, address >> 32n)));
    this.nexts = new Int32Array(sites.length).fill(NO_SITE);
    // From the last on, so that chains run in the order of the sites.
    for (let site = sites.length - 1; site >= 0; site--) {
      const slot = this.slotOf(this.lows[site]!, this.highs[site]!);
      this.nexts[site] = this.heads[slot]! - 1;
      this.heads[slot] = site + 1;
    }
  }

  /** The first site at an address, or NO_SITE. */
  first(low: number, high: number): number {
    return this.heads[this.slotOf(low, high)]! - 1;
  }

  next(site: number): number {
    return this.nexts[site]!;
  }

  /** The slot that has the address, or the empty one where it would be. */
  private slotOf(low: number, high: number): number {
    let slot = hashOf(low, high) & this.mask;
    for (;;) {
      const site = this.heads[slot]! - 1;
      if (site < 0 || (this.lows[site] === low && this.highs[site] === high)) return slot;
      slot = (slot + 1) & this.mask;
    }
  }
}

/** Functions are aligned, so the low bits alone would collide. */
export function hashOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
