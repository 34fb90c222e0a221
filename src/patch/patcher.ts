/**
 * Probes by breakpoints: INT3 at sites, traps, displaced instructions, several CPUs. The state machine of one target.
 *
 * In: sites to set and remove, and what the target tells as its TrapClient. Out: `fire` for each execution of a site, and a
 * guest that ends as it would without us: the same registers, flags and memory, but that it reads INT3 where sites are.
 *
 * A CPU is outside, or on the trap of one site. It gets there by #BP, and leaves
 *
 *   when `execute` did the instruction (emulated), at once;
 *   when the single-step trap comes (stepped), or a landing place shows that it was lost;
 *   when something else is delivered before the instruction was executed: it is put back, and comes again (resumptions.ts).
 *
 * A trap is ours or the guest's, never both and never neither:
 *   T1 #BP at an armed site is ours                 T3 #BP where a site has ended and no INT3 is left: executed again
 *   T2 #BP or #DB in a CPU's slot is ours           T4 every other is the guest's
 *
 * What the guest writes over a patched instruction ends its site with a reason: the guest's bytes stand. A guest that reads
 * a patched byte reads INT3, so one that copies its own code copies the breakpoint too, and gets its trap (T4).
 */
import { REGISTERS } from '../machine/registers.ts';
import {
  BREAKPOINT_VECTOR,
  type DEBUG_VECTOR,
  type PatchTarget,
  SCRATCH_BYTES,
  type TrapClient,
  type TrapVerdict,
} from '../machine/target.ts';
import { MAX_INSTRUCTION_BYTES } from '../x86/decode.ts';
import type { DisplacedReader } from '../x86/displaced.ts';
import { PatchedCode } from './code.ts';
import { type FaultActions, INJECTIONS, type InjectionKind, type Injector } from './inject.ts';
import { type Method, methodRow } from './methods.ts';
import { forgetCpu, remember, resume } from './resumptions.ts';
import {
  type Exclusion,
  INT3,
  isBoundary,
  refusal,
  type Site,
  type SiteRequest,
  SiteTable,
} from './sites.ts';
import { arrivalAt, buildSlot, SlotRing } from './slot.ts';
import { beginStep, expectedLateness, finishStep, type Step, TF, undoStep } from './step.ts';

export interface PatcherOptions {
  /** The probes of a site go off: whether they fired, or safe mode withheld them. rip is the site's. */
  readonly fire: (cpu: number, site: Site) => 'fired' | 'withheld';
  /** Asked behind `fire`: the CPU must not go on before what fired has been looked at. It comes again, and does not fire. */
  readonly pauses?: () => boolean;
  /** A site that cannot be ours any more before it fired: the CPU is in front of its instruction, and will execute it there. */
  readonly handOver?: (site: Site) => void;
  readonly exclusions?: readonly Exclusion[];
  /** `stepped`: whatever can be stepped is. */
  readonly prefer?: Method;
  readonly injector?: Injector;
  readonly actions?: FaultActions;
}

/** What happened besides hits; each is survived. */
export interface PatchCounts {
  steps: number;
  lostSteps: number; // the trap behind a step did not come
  undone: number; // executions that were interrupted and came again
  lateTraps: number; // of sites that had ended
  overwritten: number; // sites that the guest wrote over
  deferred: number; // sites removed while a CPU sat on their trap
  resets: number; // CPUs reset on a trap
}

const RIP = REGISTERS.rip.id;
/** After so many iterations a REP is put back, so that held interrupts get their turn. */
const ITERATIONS_PER_HOLD = 64;

export class Patcher implements TrapClient {
  readonly table = new SiteTable();
  readonly counts: PatchCounts = {
    ...{ steps: 0, lostSteps: 0, undone: 0, lateTraps: 0, overwritten: 0, deferred: 0, resets: 0 },
  };
  private readonly target: PatchTarget;
  private readonly reader: DisplacedReader;
  private readonly options: PatcherOptions;
  /** By CPU, while it is in its slot. */
  private readonly steps: (Step | undefined)[];
  private readonly code: PatchedCode;
  private readonly rings: readonly SlotRing[];
  /** By CPU: where an IRET or we have put it, until its next trap (E1). */
  private readonly placed: (bigint | undefined)[];
  /** Some site has resumptions. */
  private expectsReturns = false;

  constructor(target: PatchTarget, reader: DisplacedReader, options: PatcherOptions) {
    this.target = target;
    this.reader = reader;
    this.options = options;
    this.steps = new Array(target.cpuCount).fill(undefined);
    this.code = new PatchedCode(target, this.table);
    this.rings = Array.from({ length: target.cpuCount }, () => new SlotRing(target.scratchSlots));
    this.placed = new Array(target.cpuCount).fill(undefined);
  }

  // Sites

  /** An armed site of the address gets the probe as well. */
  set(request: SiteRequest): Site {
    const armed = this.table.armed(request.address);
    if (armed) {
      if (!armed.probes.includes(request.probe)) armed.probes.push(request.probe);
      return armed;
    }
    const bytes = this.code.readOriginal(request.address, MAX_INSTRUCTION_BYTES);
    const displaced = bytes.length === 0 ? undefined : this.reader.read(bytes, request.address);
    const site = this.judge(request, displaced, bytes);
    if (site.state === 'armed' && !this.code.poke(request.address, INT3)) {
      site.state = 'refused';
      site.why = 'its memory cannot be written';
    }
    if (site.state === 'armed') this.target.watchWrites(0, request.address, displaced!.bytes.length);
    this.table.add(site);
    return site;
  }

  private judge(request: SiteRequest, displaced: Site['displaced'], bytes: Uint8Array): Site {
    const { address, probe, place } = request;
    const counts = { hits: 0, withheld: 0, cpus: new Set<number>(), resumptions: [] };
    const refused = (why: string): Site => ({
      ...{ address, place, probes: [probe], displaced, method: undefined, state: 'refused', why, ...counts },
    });
    const why = refusal(request, displaced, bytes, this.table, this.options.exclusions ?? []);
    if (why !== undefined || displaced === undefined) return refused(why!);
    if (!isBoundary(this.reader, request, (at, size) => this.code.readOriginal(at, size))) {
      return refused('not at the beginning of an instruction');
    }
    const row = methodRow(displaced);
    if (row.method === 'refused') return refused(row.why);
    const steps = row.step === 'possible' && (row.method === 'stepped' || this.options.prefer === 'stepped');
    const method = steps ? 'stepped' : 'emulated';
    if (steps && !this.canStep(displaced)) return refused('its operand is out of reach of the scratch slot');
    return { address, place, probes: [probe], displaced, method, state: 'armed', why: row.why, ...counts };
  }

  /** In the first and the last slot of every CPU, and so in all between. */
  private canStep(displaced: NonNullable<Site['displaced']>): boolean {
    const last = BigInt((this.target.scratchSlots - 1) * SCRATCH_BYTES);
    return this.steps.every((_, cpu) => {
      const at = this.target.scratch(cpu);
      return at !== undefined && [at, at + last].every((slot) => buildSlot(displaced, slot) !== undefined);
    });
  }

  remove(address: bigint): void {
    const site = this.table.armed(address);
    if (site) this.end(site, 'removed', this.code.isBreakpoint(site.address));
  }

  removeAll(): void {
    for (const site of [...this.table.armedSites()]) this.remove(site.address);
  }

  /** `restore`: the breakpoint is still there, and gives way to the guest's byte. */
  private end(site: Site, why: string, restore: boolean): void {
    this.table.end(site);
    site.why = why;
    site.state = site.cpus.size > 0 ? 'dead' : 'removed';
    if (site.state === 'dead') this.counts.deferred++;
    if (restore) this.code.poke(site.address, site.displaced!.bytes[0]!);
  }

  // Traps

  trap(cpu: number, vector: typeof BREAKPOINT_VECTOR | typeof DEBUG_VECTOR): TrapVerdict {
    const step = this.steps[cpu];
    if (step) return this.trapInStep(cpu, step, vector);
    return vector === BREAKPOINT_VECTOR ? this.breakpoint(cpu) : 'guest';
  }

  private breakpoint(cpu: number): TrapVerdict {
    const address = BigInt.asUintN(64, this.target.readRegister(cpu, RIP) - 1n);
    const site = this.table.armed(address);
    if (site === undefined) return this.foreign(cpu, address);
    if (!this.target.tellsWrites && this.code.isStale(site)) {
      this.counts.overwritten++;
      this.end(site, 'the guest wrote over its instruction', this.code.isBreakpoint(site.address));
      this.target.writeRegister(cpu, RIP, address);
      return 'resume';
    }
    this.target.writeRegister(cpu, RIP, address);
    return this.hit(cpu, site);
  }

  /** T3, T4. */
  private foreign(cpu: number, address: bigint): TrapVerdict {
    if (!this.table.hasEnded(address) || this.code.isBreakpoint(address)) return 'guest';
    this.counts.lateTraps++;
    this.target.writeRegister(cpu, RIP, address);
    return 'resume';
  }

  private hit(cpu: number, site: Site): TrapVerdict {
    site.cpus.add(cpu);
    if (!this.target.isAt64BitCode(cpu)) return this.handOver(cpu, site);
    const isPlaced = !this.target.tellsReturns || this.placed[cpu] === site.address;
    this.placed[cpu] = undefined;
    if (!isPlaced || !resume(site.resumptions, this.target, cpu)) {
      site.hits++;
      if (this.options.fire(cpu, site) === 'withheld') site.withheld++;
      if (this.options.pauses?.()) {
        this.interrupted(cpu, site, 'slice');
        return 'resume';
      }
    }
    return this.options.injector
      ? this.displaceWithFaults(cpu, site)
      : this.displace(cpu, site, site.method!);
  }

  private displace(cpu: number, site: Site, method: Method): TrapVerdict {
    if (method === 'stepped') return this.step(cpu, site);
    const { bytes } = site.displaced!;
    const outcome = this.target.execute(cpu, bytes);
    switch (outcome) {
      case 'cannot':
        return this.step(cpu, site);
      case 'faulted':
        this.interrupted(cpu, site, 'fault');
        return 'fault';
      case 'done':
      case 'trap-due': {
        // REP with iterations left: interrupts may come before it is met again.
        const isPartial = site.displaced!.repeats && this.target.readRegister(cpu, RIP) === site.address;
        if (isPartial) this.interrupted(cpu, site, 'slice');
        else this.leave(cpu, site);
        return outcome === 'done' ? 'resume' : 'single-step';
      }
    }
  }

  /** Sites are decoded as 64-bit code: elsewhere somebody else must tell of this and later executions, or this one alone is. */
  private handOver(cpu: number, site: Site): TrapVerdict {
    if (!this.options.handOver) {
      site.hits++;
      if (this.options.fire(cpu, site) === 'withheld') site.withheld++;
    }
    this.giveUp(cpu, site, 'met by a CPU that is not at 64-bit code');
    this.options.handOver?.(site);
    return 'resume';
  }

  /** The guest's byte is back, and the CPU executes it where it is. */
  private giveUp(cpu: number, site: Site, why: string): void {
    if (site.state === 'armed') this.end(site, why, true);
    this.leave(cpu, site);
  }

  private step(cpu: number, site: Site): TrapVerdict {
    const mayStep = methodRow(site.displaced!).step === 'possible';
    const step = mayStep ? beginStep(this.target, cpu, site, this.rings[cpu]!) : undefined;
    if (step === undefined) {
      // Arming has seen to it that there is a way; a target that changed its mind loses the probe, not the instruction.
      this.giveUp(cpu, site, 'its instruction can no longer be displaced');
      return 'resume';
    }
    this.counts.steps++;
    this.steps[cpu] = step;
    return 'resume';
  }

  private trapInStep(cpu: number, step: Step, vector: number): TrapVerdict {
    const isBreakpoint = vector === BREAKPOINT_VECTOR;
    const rip = this.target.readRegister(cpu, RIP);
    const arrival = arrivalAt(step.slot, step.at, rip, isBreakpoint ? 'breakpoint' : 'debug');
    if (arrival.kind === 'start') return this.betweenIterations(cpu, step);
    if (!isBreakpoint && this.options.injector?.due('drop-step')) return 'resume';
    const isLate = arrival.kind !== 'away' && arrival.behindBy > expectedLateness(step.displaced);
    // A breakpoint elsewhere: the trap was lost, and the next instruction is a site or the guest's INT3.
    const isElsewhere = isBreakpoint && arrival.kind === 'away';
    if (isLate || isElsewhere) this.counts.lostSteps++;
    const verdict = this.finish(cpu, step, arrival);
    return isElsewhere ? this.breakpoint(cpu) : verdict;
  }

  private betweenIterations(cpu: number, step: Step): TrapVerdict {
    if (!step.displaced.repeats) {
      // Nothing was executed: a trap of the guest's debug registers, or one that was due before.
      this.putBack(cpu, step, 'fault');
      return 'guest';
    }
    const isTrapDue = (step.flags & TF) !== 0n; // the guest steps itself, and sees each iteration
    if (isTrapDue || ++step.iterations % ITERATIONS_PER_HOLD === 0) {
      this.putBack(cpu, step, 'slice');
    }
    return isTrapDue ? 'single-step' : 'resume';
  }

  private finish(cpu: number, step: Step, arrival: Parameters<typeof finishStep>[3]): TrapVerdict {
    const verdict = finishStep(this.target, cpu, step, arrival);
    this.steps[cpu] = undefined;
    this.leave(cpu, step.site);
    return verdict;
  }

  private putBack(cpu: number, step: Step, reason: Interruption): void {
    undoStep(this.target, cpu, step);
    this.steps[cpu] = undefined;
    this.interrupted(cpu, step.site, reason);
  }

  /** At the site's address again, and it will come back. */
  private interrupted(cpu: number, site: Site, reason: Interruption): void {
    this.counts.undone++;
    this.leave(cpu, site);
    const heir = this.table.armed(site.address); // it may have been removed, and set anew
    if (heir === undefined || (reason === 'fault' && !this.target.tellsReturns)) return;
    remember(heir.resumptions, this.target, cpu);
    this.expectsReturns = true;
    if (reason === 'slice') this.placed[cpu] = site.address;
  }

  returned(cpu: number): void {
    if (this.expectsReturns) this.placed[cpu] = this.target.readRegister(cpu, RIP);
  }

  private leave(cpu: number, site: Site): void {
    site.cpus.delete(cpu);
    if (site.state === 'dead' && site.cpus.size === 0) site.state = 'removed';
  }

  delivering(cpu: number, vector: number): void {
    const step = this.steps[cpu];
    if (step === undefined) return;
    const arrival = arrivalAt(step.slot, step.at, this.target.readRegister(cpu, RIP), 'other');
    if (arrival.kind === 'start') this.putBack(cpu, step, isOwnFault(vector) ? 'fault' : 'interrupt');
    else {
      // INT n and INTO are saved with the address behind them; for anything else the trap was lost.
      if (step.displaced.flow !== 'int') this.counts.lostSteps++;
      this.finish(cpu, step, arrival);
    }
  }

  overwritten(address: bigint, size: number): void {
    for (const site of this.table.overlapping(address, size)) {
      const first = site.address >= address && site.address < address + BigInt(size);
      const isBreakpoint = first && this.code.isBreakpoint(site.address);
      this.counts.overwritten++;
      this.end(
        site,
        isBreakpoint ? 'the guest set its own INT3' : 'the guest wrote over its instruction',
        !first,
      );
    }
  }

  reset(cpu: number): void {
    const step = this.steps[cpu];
    if (step) {
      this.counts.resets++;
      this.target.holdInterrupts(cpu, false);
      this.steps[cpu] = undefined;
      this.leave(cpu, step.site);
    }
    this.placed[cpu] = undefined;
    for (const site of this.table.armedSites()) forgetCpu(site.resumptions, cpu);
  }

  // Fault injection

  private displaceWithFaults(cpu: number, site: Site): TrapVerdict {
    const kinds = HIT_KINDS.filter((kind) => this.canInject(kind) && this.options.injector!.due(kind));
    const wantsStep = kinds.some((kind) => INJECTIONS[kind].steps);
    const canStep = methodRow(site.displaced!).step === 'possible' && this.canStep(site.displaced!);
    const verdict = this.displace(cpu, site, wantsStep && canStep ? 'stepped' : site.method!);
    for (const kind of kinds) this.inject(kind, cpu, site);
    return verdict;
  }

  private canInject(kind: InjectionKind): boolean {
    const { actions } = this.options;
    if (kind === 'interrupt') return actions?.interrupt !== undefined;
    if (kind === 'nmi') return actions?.nmi !== undefined;
    return kind !== 'two-cpus' || actions?.stall !== undefined;
  }

  private inject(kind: InjectionKind, cpu: number, site: Site): void {
    const { actions } = this.options;
    if (kind === 'interrupt') actions?.interrupt?.(cpu);
    if (kind === 'nmi') actions?.nmi?.(cpu);
    if (kind === 'two-cpus') actions?.stall?.(cpu);
    if (kind === 'remove') this.setAgain(site, () => this.remove(site.address));
    if (kind === 'guest-int3') this.setAgain(site, () => this.guestBreakpointAt(site));
  }

  /** As if the guest wrote INT3 there, and then its byte again. */
  private guestBreakpointAt(site: Site): void {
    this.overwritten(site.address, 1);
    this.code.poke(site.address, site.displaced!.bytes[0]!);
  }

  private setAgain(site: Site, end: () => void): void {
    if (site.state !== 'armed') return;
    end();
    for (const probe of site.probes) {
      const heir = this.set({ address: site.address, place: site.place, probe });
      if (heir.state === 'armed') heir.resumptions.push(...site.resumptions.splice(0));
    }
  }
}

/** Why an execution did not begin, or not end: by itself, by something that returns, or for a REP's next iterations. */
type Interruption = 'fault' | 'interrupt' | 'slice';

const NMI_VECTOR = 2;
const FIRST_INTERRUPT_VECTOR = 32;

function isOwnFault(vector: number): boolean {
  return vector < FIRST_INTERRUPT_VECTOR && vector !== NMI_VECTOR;
}

const HIT_KINDS = (Object.keys(INJECTIONS) as InjectionKind[]).filter(
  (kind) => INJECTIONS[kind].at === 'hit',
);
