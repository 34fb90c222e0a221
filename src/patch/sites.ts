/**
 * The site table: every address at which somebody wanted a breakpoint, and what became of it.
 *
 * A site is armed, or refused with a reason; an armed one that is removed is dead while a CPU sits on its trap and removed
 * when none does. Setting an address anew makes a new site, also while the old one is dead. Ended sites stay listed: the
 * user asks what happened to them, and a trap that was on its way when its site ended is known by them.
 */
import type { FunctionBounds } from '../x86/analyse.ts';
import { MAX_INSTRUCTION_BYTES } from '../x86/decode.ts';
import type { Displaced, DisplacedReader } from '../x86/displaced.ts';
import type { Method } from './methods.ts';
import type { Resumption } from './resumptions.ts';

export interface SiteRequest {
  readonly address: bigint;
  /** As the user names it; several may share an address. */
  readonly probe: string;
  readonly place: 'entry' | 'return' | 'instruction';
  /** The function that holds it: instructions are told apart from its start. */
  readonly bounds?: FunctionBounds;
}

/** Code that must not be patched, and why. The end is exclusive. */
export interface Exclusion {
  readonly start: bigint;
  readonly end: bigint;
  readonly why: string;
}

export type SiteState =
  | 'armed'
  | 'dead' // removed while a CPU sat on its trap
  | 'removed'
  | 'refused';

export interface Site {
  readonly address: bigint;
  readonly place: SiteRequest['place'];
  readonly probes: string[];
  /** Undefined of refused sites where no instruction begins. */
  readonly displaced: Displaced | undefined;
  readonly method: Method | undefined;
  state: SiteState;
  /** Why it was refused or dropped, or how its instruction is executed. */
  why: string;
  hits: number;
  withheld: number;
  /** CPUs between its trap and the end of its instruction. */
  readonly cpus: Set<number>;
  /** Executions that something interrupted before they began. */
  readonly resumptions: Resumption[];
}

export const INT3 = 0xcc;
/** Ended sites that are remembered; the oldest go first. */
const MAX_ENDED_SITES = 4096;
/** Functions longer than this are not walked to find the boundaries of their instructions. */
const MAX_WALK_BYTES = 1 << 16;

export class SiteTable {
  private readonly current = new Map<bigint, Site>();
  /** Refused, dead and removed ones, oldest first. */
  private readonly ended = new Set<Site>();

  /** The armed site of an address. */
  armed(address: bigint): Site | undefined {
    return this.current.get(address);
  }

  /** Whether a site of this address has ended: a trap of it may still come. */
  hasEnded(address: bigint): boolean {
    for (const site of this.ended) {
      if (site.address === address && site.state !== 'refused') return true;
    }
    return false;
  }

  add(site: Site): void {
    if (site.state === 'armed') this.current.set(site.address, site);
    else this.remember(site);
  }

  end(site: Site): void {
    this.current.delete(site.address);
    this.remember(site);
  }

  private remember(site: Site): void {
    this.ended.add(site);
    if (this.ended.size <= MAX_ENDED_SITES) return;
    for (const oldest of this.ended) {
      if (oldest.cpus.size > 0) continue;
      this.ended.delete(oldest);
      return;
    }
  }

  get size(): number {
    return this.current.size;
  }

  armedSites(): IterableIterator<Site> {
    return this.current.values();
  }

  /** All, by address; of one address the armed one last. */
  list(): readonly Site[] {
    const all = [...this.ended, ...this.current.values()];
    return all.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  /** Armed sites whose instruction has bytes in the range. */
  overlapping(address: bigint, size: number): readonly Site[] {
    const found: Site[] = [];
    const end = address + BigInt(size);
    for (let at = address - MAX_BACK; at < end; at++) {
      const site = this.current.get(at);
      if (site?.displaced && at + BigInt(site.displaced.bytes.length) > address) found.push(site);
    }
    return found;
  }
}

const MAX_BACK = 14n; // an instruction that begins earlier has ended

/** Why no breakpoint may be set there, or undefined. `bytes` are those of the guest, other sites' breakpoints undone. */
export function refusal(
  request: SiteRequest,
  displaced: Displaced | undefined,
  bytes: Uint8Array,
  table: SiteTable,
  exclusions: readonly Exclusion[],
): string | undefined {
  const { address } = request;
  const excluded = exclusions.find(({ start, end }) => address >= start && address < end);
  if (excluded) return `in a range that is not patched: ${excluded.why}`;
  if (bytes.length === 0) return 'its memory cannot be read';
  if (bytes[0] === INT3) return 'already INT3';
  if (displaced === undefined) return 'no instruction begins there';
  const other = table.overlapping(address, displaced.bytes.length).find((site) => site.address !== address);
  if (other) return `would split the instruction at 0x${other.address.toString(16)}, which has a probe`;
  return undefined;
}

/** Whether the instructions from the function's start lead to the address; a function that cannot be walked is trusted. */
export function isBoundary(
  reader: DisplacedReader,
  { address, bounds }: SiteRequest,
  read: (address: bigint, size: number) => Uint8Array,
): boolean {
  if (bounds === undefined || address === bounds.start) return true;
  const size = Number(address - bounds.start);
  if (size < 0 || size > MAX_WALK_BYTES) return true;
  const bytes = read(bounds.start, size + MAX_INSTRUCTION_BYTES);
  if (bytes.length <= size) return true;
  let begins = false;
  reader.decoder.walk(bytes, bounds.start, (instruction) => {
    begins = instruction.address === address;
    return instruction.address < address;
  });
  return begins;
}
