/**
 * `--machine` with probes by breakpoints (`-x fbt=patch`): the places of enabled probes become sites of a Patcher.
 *
 * In: the machine with its image loaded, its source, the places. Out: armed sites whose hits are the source's events, and the
 * table of them. A place that cannot be patched is watched by the emulator instead, so that its probe fires all the same.
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Image } from '../emulator/loader.ts';
import type { Machine } from '../emulator/machine.ts';
import { MachinePatchTarget } from '../emulator/patching.ts';
import type { MachineSource } from '../emulator/source.ts';
import { type Injector, parseInjections } from '../patch/inject.ts';
import { siteListing } from '../patch/listing.ts';
import { Patcher } from '../patch/patcher.ts';
import { INT3, type Site } from '../patch/sites.ts';
import { openDisplacedReader } from '../x86/displaced.ts';
import type { Translator } from '../x86/translate.ts';

export interface PatchedSite {
  readonly address: bigint;
  readonly probe: string;
}

export interface PatchingRequest {
  readonly machine: Machine;
  readonly image: Image;
  readonly translator: Translator;
  readonly sites: readonly PatchedSite[];
  /** -x inject */
  readonly inject: string | undefined;
  /** Safe mode is on: what it will withhold is counted with the site. */
  readonly isSafe: () => boolean;
}

const IF = 0x200;

export class Patching {
  private readonly target: MachinePatchTarget;
  private readonly patcher: Patcher;
  private readonly injector: Injector | undefined;
  private source: MachineSource | undefined;
  private pauses = false;
  private readonly handedOver: bigint[] = [];

  static async open(request: PatchingRequest): Promise<Patching | Diagnostic> {
    const parsed = request.inject === undefined ? undefined : parseInjections(request.inject);
    if (parsed?.kind === 'wrong') {
      return diagnostic('U_INJECT', undefined, { item: parsed.item, reason: parsed.why });
    }
    const { machine, image, translator } = request;
    const target = new MachinePatchTarget(machine, image, translator);
    const patching: Patching = new Patching(
      target,
      new Patcher(target, await openDisplacedReader(), {
        fire: (cpu) => {
          const vcpu = machine.vcpus[cpu]!;
          const isWithheld = request.isSafe() && (vcpu.cpu.flags & IF) === 0;
          patching.pauses = patching.source?.reach(vcpu) ?? false;
          if (patching.pauses) machine.stop();
          return isWithheld ? 'withheld' : 'fired';
        },
        pauses: () => patching.pauses,
        handOver: ({ address }) => {
          patching.handedOver.push(address);
          machine.watch(patching.watched);
        },
        ...(parsed && { injector: parsed.injector }),
        actions: target,
      }),
      parsed?.injector,
    );
    for (const { address, probe } of request.sites)
      patching.patcher.set({ address, probe, place: 'instruction' });
    return patching;
  }

  private constructor(target: MachinePatchTarget, patcher: Patcher, injector: Injector | undefined) {
    this.target = target;
    this.patcher = patcher;
    this.injector = injector;
  }

  /** Places that the emulator has to watch instead: where sites were refused, or were given up. */
  get watched(): readonly bigint[] {
    const refused = this.sites.filter(({ state }) => state === 'refused').map(({ address }) => address);
    return [...refused, ...this.handedOver];
  }

  get sites(): readonly Site[] {
    return this.patcher.table.list();
  }

  get listing(): string {
    return siteListing(this.sites);
  }

  /** In what was read of the guest's memory, its own bytes where breakpoints stand. */
  uncover(address: bigint, bytes: Uint8Array): void {
    const { table } = this.patcher;
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== INT3) continue;
      const own = table.armed(address + BigInt(i))?.displaced?.bytes[0];
      if (own !== undefined) bytes[i] = own;
    }
  }

  /** How often each kind was injected. */
  get injected(): ReadonlyMap<string, number> {
    return this.injector?.counts ?? new Map();
  }

  /** What was survived. */
  get counts(): Patcher['counts'] {
    return this.patcher.counts;
  }

  /** The machine's traps are ours from now on. */
  begin(source: MachineSource): void {
    this.source = source;
    this.target.attach(this.patcher, source.watcher);
  }
}
