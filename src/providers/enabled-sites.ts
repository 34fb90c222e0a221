/**
 * The enabled code probes as the dispatcher sees them: which hits an event is, and whether each may fire.
 *
 * In: the sites and traps of the enabled probes. Per event: `first` and `next` walk its hits; `probeAt` gives the probe to
 * fire, 0 for none, after safe mode has judged it. Nothing is allocated here.
 */
import { FIRING, type Firing } from '../engine/firing.ts';
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import type { MemoryReader } from '../machine/target.ts';
import type { SafeMode } from './safe-mode.ts';
import { Hit, NO_SITE, type ProviderSite, SiteTable } from './sites.ts';
import type { TrapSite } from './syscall.ts';
import { VEC_PROBE_COUNT, vecProbeIndex } from './vec.ts';

/** What is to be watched for the enabled probes. */
export interface WatchedSites {
  readonly sites: readonly ProviderSite[];
  readonly traps: readonly TrapSite[];
}

type HitProbe = Pick<ProviderSite, 'probeAt' | 'setArgs' | 'setErrno' | 'judges'>;

const IF_IN_FLAGS = 0x200;
const IF_BITS = EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;

export class EnabledSites {
  /** Events of kind `tb` so far. */
  blocks = 0;
  private readonly batch: EventBatch;
  private readonly safe: SafeMode;
  private readonly table: SiteTable;
  private readonly hit: Hit;
  private readonly probes: readonly HitProbe[]; // sites, then traps
  private readonly trapAt: Int32Array; // vecProbeIndex → number in `probes`
  private readonly isEnabled: (probeId: number) => boolean;

  constructor(
    { sites, traps }: WatchedSites,
    batch: EventBatch,
    safe: SafeMode,
    guestMemory: MemoryReader | undefined,
    isEnabled: (probeId: number) => boolean,
  ) {
    this.batch = batch;
    this.safe = safe;
    this.table = new SiteTable(sites);
    this.hit = new Hit(batch, guestMemory);
    this.probes = [...sites, ...traps.map(({ site }) => ({ ...site, judges: 'now' as const }))];
    this.trapAt = new Int32Array(VEC_PROBE_COUNT).fill(NO_SITE);
    for (const [i, { index }] of traps.entries()) this.trapAt[index] = sites.length + i;
    this.isEnabled = isEnabled;
  }

  /** The first hit of an event, or NO_SITE. */
  first(row: number, kind: number, flags: number): number {
    const { memory, at } = this.batch;
    if (kind === EVENT_KINDS.vec)
      return this.trapAt[vecProbeIndex(memory.u16[(at.vector >> 1) + row]!, flags, this.batch.architecture)]!;
    if (kind !== EVENT_KINDS.tb) return NO_SITE;
    this.blocks++;
    const pc = (at.pc >> 2) + 2 * row;
    return this.table.first(memory.i32[pc]!, memory.i32[pc + 1]!);
  }

  next(number: number): number {
    return number < this.table.sites.length ? this.table.next(number) : NO_SITE;
  }

  /** The probe that the hit fires; 0 when there is none, it is not enabled, or safe mode withholds it. */
  probeAt(number: number, row: number, cpu: number, flags: number): number {
    this.hit.row = row;
    const probe = this.probes[number]!;
    const id = probe.probeAt(this.hit);
    if (id === 0 || !this.isEnabled(id)) return 0;
    if (this.safe.unsafe || !this.isMasked(probe.judges, flags)) return id;
    this.safe.withhold(id, cpu);
    return 0;
  }

  /** Whether interrupts are known to be disabled in the context that counts. */
  private isMasked(judges: HitProbe['judges'], flags: number): boolean {
    switch (judges) {
      case 'now':
        return (flags & IF_BITS) === EVENT_FLAGS.IF_KNOWN;
      case 'caller':
        return this.hit.read('r11') && (this.hit.low & IF_IN_FLAGS) === 0;
      case 'nobody':
        return false;
    }
  }

  /** Arguments and errno of the hit whose probe was asked for last. */
  describe(number: number, firing: Firing, needsArgs: boolean): void {
    const probe = this.probes[number]!;
    if (needsArgs) probe.setArgs(firing, this.hit);
    probe.setErrno?.(firing, this.hit);
  }

  /** After the firing: no other has an errno or misses arguments. */
  forget(firing: Firing): void {
    const { i32 } = this.batch.memory;
    i32[(firing.at + FIRING.errno) >> 2] = 0;
    i32[(firing.at + FIRING.missing) >> 2] = 0;
  }
}
