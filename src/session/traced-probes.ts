/**
 * Which probes a session has: those of dtrace and of time always, those of a trace when there is one, those of code when
 * a program may name one. A program is compiled against them, and each of its clauses is enabled on those it names.
 */
import { LinearMemory } from '../base/linear-memory.ts';
import type { ProbeCatalog } from '../check/catalog.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { ProbePattern, Program } from '../dif/program.ts';
import { type Probe, ProbeTable } from '../engine/probes.ts';
import { ARCHITECTURES, type Architecture } from '../machine/causes.ts';
import { addDtraceProbes } from '../providers/dtrace.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import { addMachineEventProbes } from '../providers/machine-events.ts';
import { ProfileProvider } from '../providers/profile.ts';
import { VecProvider, VecReturns } from '../providers/vec.ts';
import { tellTargets } from '../sources/replay.ts';
import type { EventSource } from '../sources/source.ts';
import { absentProbeHint, nearDescription } from './absent-probes.ts';
import type { TracedGuest } from './guest.ts';
import type { SessionIo, SessionRequest } from './request.ts';
import { mayNameCode } from './seen.ts';
import type { GuestSites } from './sites.ts';
import { openTracePoints, readPersonality, type TracePoints } from './trace-points.ts';
import type { TracedSymbols } from './traced-symbols.ts';

export class TracedProbes {
  readonly table = new ProbeTable();
  readonly profile: ProfileProvider;
  readonly safeProbeId: number;
  vec!: VecProvider;
  vecReturns!: VecReturns;
  kindProbes!: Int32Array;
  points: TracePoints = {};
  sites: GuestSites | undefined;
  /** Of each trace, where its beginning tells. */
  targets: readonly (Architecture | undefined)[] = [];
  /** Those whose probes exist. */
  private shown: readonly Architecture[] = ['x86'];
  private readonly request: SessionRequest;
  private readonly io: SessionIo;
  private readonly guest: TracedGuest;
  private readonly symbols: TracedSymbols;

  constructor(request: SessionRequest, io: SessionIo, guest: TracedGuest, symbols: TracedSymbols) {
    this.request = request;
    this.io = io;
    this.guest = guest;
    this.symbols = symbols;
    const { table } = this;
    addDtraceProbes(table);
    this.safeProbeId = table.create('trapline', '', '', 'safe').id;
    this.profile = new ProfileProvider(table);
    table.addProvider(this.profile);
  }

  /** Make those that do not always exist. */
  async open(): Promise<Diagnostic | undefined> {
    const { request, guest } = this;
    if (request.traces.length > 0 && guest.recordedExecution === undefined) {
      const points = await openTracePoints(request, this.io, this.table);
      if ('tag' in points) return points;
      this.points = points;
    }
    await this.makeTraceProbes();
    if (guest.machine) await this.symbols.takeGuestKernel();
    return this.openSites();
  }

  /** The probes of a log: of interrupts, those of its architecture, or of any when it cannot be looked at yet. */
  private async makeTraceProbes(): Promise<void> {
    const { traces, machine, follow } = this.request;
    const { live, attached } = this.guest;
    if (!live && !attached) this.targets = await tellTargets(traces, new LinearMemory());
    const mayBeAny = follow && this.targets.includes(undefined);
    const told = this.targets.map((target) => target ?? 'x86');
    const known: readonly Architecture[] = told.length > 0 ? [...new Set(told)] : ['x86'];
    const shown = mayBeAny ? ARCHITECTURES : known;
    this.shown = shown;
    const traced = this.traceExists && !this.points.textTrace ? this.table : new ProbeTable();
    this.vec = new VecProvider(traced, shown);
    this.kindProbes = addMachineEventProbes(traced);
    if (traced !== this.table) for (const ids of [this.vec.probeIds, this.kindProbes]) ids.fill(0);
    const seeReturns = shown.includes('arm') || this.targets.includes(undefined);
    this.vecReturns = new VecReturns(machine !== undefined ? ['x86'] : ['arm']);
    if (machine !== undefined || seeReturns) this.table.addProvider(this.vecReturns);
  }

  /** The providers of code probes, when a program may name one. */
  private async openSites(): Promise<Diagnostic | undefined> {
    const { symbols } = this;
    if (!this.traceExists) return undefined;
    if (!mayNameCode(this.request.programs)) return undefined;
    const { openGuestSites } = await import('./sites.ts');
    await symbols.takeGuestKernel();
    const files = await symbols.read();
    if (files && 'tag' in files) return files;
    const personality = await readPersonality(this.request.options, this.io);
    if (personality && 'tag' in personality) return personality;
    this.sites = await openGuestSites({
      files: files && { ...files, openCode: () => symbols.codeOf(files) },
      personality,
      architectures: this.shown,
    });
    this.sites.addTo(this.table);
    return undefined;
  }

  /** Whose events the source has. A pipe tells it only now. */
  architectureOf(source: EventSource | undefined): Architecture {
    const { targets } = this;
    const architecture = source?.architecture ?? 'x86';
    if (targets.length > 1) return new Set(targets).size === 1 ? architecture : 'x86';
    const mayBe = source?.architecture ? [architecture] : ARCHITECTURES;
    if (targets.length > 0 && targets[0] === undefined)
      for (const one of mayBe) this.vec.show(this.table, one);
    return architecture;
  }

  /** As the checker sees them. */
  catalog(): ProbeCatalog {
    const { table } = this;
    return {
      match: (pattern) => table.match(pattern).length,
      argumentTypes: (pattern) => {
        const [first, ...others] = table.match(pattern);
        if (first === undefined) return 'multiple'; // -Z lets it be: any probes may match one day
        const types = first.argumentTypes;
        return others.every((probe) => probe.argumentTypes.join() === types.join()) ? types : 'multiple';
      },
      x86Only: !this.traceExists,
      whyNone: (pattern) => this.whyNone(pattern),
    };
  }

  private whyNone(pattern: ProbePattern): string | undefined {
    const { table } = this;
    const meant = nearDescription(pattern, table.all, (near) => table.match(near).length > 0);
    if (meant !== undefined) return `did you mean ${meant}?`;
    if (this.points.textTrace) return NOT_IN_TRACE;
    return absentProbeHint(pattern, this.traceExists, this.symbols.areGiven);
  }

  /** Probes of a trace exist when there is one, and for -l and -e, which ask what could be traced. */
  private get traceExists(): boolean {
    const { traces, guest, attach, machine, mode } = this.request;
    const isLive = guest !== undefined || attach !== undefined || machine !== undefined;
    return traces.length > 0 || isLive || mode !== 'run';
  }

  /** Probes of a clause, once per description that names them, as dtrace enables them. */
  ofClause(program: Program, clauseIndex: number): Probe[] {
    const clause = program.clauses[clauseIndex];
    return clause ? clause.patterns.flatMap((pattern) => this.table.match(pattern)) : [];
  }

  /** Those of all clauses of a program. */
  ofProgram(program: Program): Probe[] {
    return program.clauses.flatMap((clause) => this.ofClause(program, clause.index));
  }

  /** Code addresses to watch for the enabled probes. */
  watched(enabled: readonly Probe[]): WatchedSites {
    const ids = new Set(enabled.map(({ id }) => id));
    return this.sites?.watched((id) => ids.has(id)) ?? { sites: [], traps: [] };
  }
}

const NOT_IN_TRACE = 'trapline -l -t FILE lists the probes that the trace shows';
