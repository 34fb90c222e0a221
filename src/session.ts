/**
 * One tracing session: the arrows of the picture, written out. The only room that imports from both halves.
 *
 *   compile   session/compile.ts   texts → Programs
 *   run       session/run.ts       source → events → firings → records → text
 *
 * This page decides what exists (probes by source), what is printed about it, and the exit status.
 */
import { LinearMemory } from './base/linear-memory.ts';
import type { ProbeCatalog } from './check/catalog.ts';
import { type Diagnostic, diagnostic } from './diag/diagnostics.ts';
import { disassembleProgram } from './dif/disassemble.ts';
import { LIBRARY_TEXT } from './dif/library.ts';
import { MACRO_VARIABLES, type MacroVariableName } from './dif/macro-variables.ts';
import type { Options } from './dif/options.ts';
import type { Program } from './dif/program.ts';
import { type Probe, ProbeTable } from './engine/probes.ts';
import { ARCHITECTURES, type Architecture } from './machine/causes.ts';
import { Ledger } from './machine/ledger.ts';
import { NO_NEEDS, type SourceNeeds, unionOfNeeds } from './machine/needs.ts';
import { type ClockMode, clockText, parseClock } from './providers/clock.ts';
import { addDtraceProbes } from './providers/dtrace.ts';
import type { WatchedSites } from './providers/enabled-sites.ts';
import { addMachineEventProbes } from './providers/machine-events.ts';
import { PointProvider } from './providers/points.ts';
import { ProfileProvider } from './providers/profile.ts';
import { SafeMode } from './providers/safe-mode.ts';
import type { Personality } from './providers/syscalls/abi.ts';
import { VECINFO_LIBRARY, VecProvider, VecReturns } from './providers/vec.ts';
import { absentProbeHint } from './session/absent-probes.ts';
import type { AttachedGuest } from './session/attach.ts';
import { chooseClock, guessNotice, idleNotice } from './session/clock.ts';
import { type Compiled, compilePrograms } from './session/compile.ts';
import { openDisassembler } from './session/disassembly.ts';
import { type GuestKernel, openKernel } from './session/kernel.ts';
import type { LiveOpen, LiveSession } from './session/live.ts';
import type { MachineSession } from './session/machine.ts';
import {
  channelNotice,
  LIST_HEADING,
  ledgerNotice,
  listProbe,
  matchedNotice,
  NO_TRAPS_NOTICE,
  noBlocksNotice,
  PREFIX,
  pairNotices,
  patchNotices,
  planNotice,
  rateNotices,
  stopNotice,
  tierNotice,
  withheldNotice,
} from './session/notices.ts';
import type { Helpers } from './session/parallel/helpers.ts';
import { LARGE_BYTES, PIECES } from './session/parallel/large.ts';
import type {
  SessionHandle,
  SessionIo,
  SessionRequest,
  SessionResult,
  TracedCommand,
} from './session/request.ts';
import { engineSizes, identityOf, Run, type RunResult, tierChoice } from './session/run.ts';
import {
  LOGGED_PROVIDERS,
  type MemoryReaders,
  mayNameCode,
  mayNameTraceEvents,
  memoryReaders,
  readsOfHit,
  siteNeeds,
  whyMoved,
} from './session/seen.ts';
import type { GuestSites } from './session/sites.ts';
import { sizeNotices } from './session/sizes.ts';
import { probeBlocks, stabilityReport } from './session/stability.ts';
import { askForStacks, openStacks } from './session/stacks.ts';
import { type CodeImage, openSymbols, readSymbolFiles, type SymbolFiles } from './session/symbols.ts';
import type { Cutting } from './sources/chunked/chunked-replay.ts';
import type { SyscallNames } from './sources/ftrace/place.ts';
import { plainBytes, traceName } from './sources/input.ts';
import { openReplay, tellTargets } from './sources/replay.ts';
import { canBeReadTwice } from './sources/set.ts';
import type { EventSource, ReplayRequest } from './sources/source.ts';
import { isX86Log } from './sources/target.ts';
import type { KnownTrace } from './sources/text-trace/open.ts';
import type { PointTable } from './sources/text-trace/points.ts';
import { foreignBeginning } from './sources/text-trace/sniff.ts';
import type { SymbolSet } from './symbols/symbol-set.ts';

export function runSession(request: SessionRequest, io: SessionIo): SessionHandle {
  const session = new Session(request, io);
  const done = session.start();
  return {
    done,
    interrupt: () => session.interrupt(),
    get isInterrupted() {
      return session.isInterrupted;
    },
    setUnsafe: (unsafe) => session.setUnsafe(unsafe),
    get unsafe() {
      return session.safe.unsafe;
    },
    get keysAreTaken() {
      return session.keysAreTaken;
    },
    status: () => session.status(),
    abandon: () => session.abandon(),
  };
}

class Session {
  readonly safe: SafeMode;
  private readonly request: SessionRequest;
  private readonly io: SessionIo;
  private readonly options: Options;
  private readonly probes = new ProbeTable();
  private readonly profile: ProfileProvider;
  private vec!: VecProvider;
  private vecReturns!: VecReturns;
  private kindProbes!: Int32Array;
  /** Of each trace, where its beginning tells. */
  private targets: readonly (Architecture | undefined)[] = [];
  /** Those whose probes exist. */
  private shown: readonly Architecture[] = ['x86'];
  private readonly safeProbeId: number;
  private run: Run | undefined;
  private helpers: Helpers | undefined; // threads of a replay
  private kernel: GuestKernel | undefined;
  private symbolFiles: Promise<SymbolFiles | Diagnostic> | undefined;
  private readonly commands: TracedCommand[] = [];
  private live: LiveSession | undefined;
  private attached: AttachedGuest | undefined;
  private machine: MachineSession | undefined;
  private sites: GuestSites | undefined;
  private textTrace: KnownTrace | undefined; // a trace that is no QEMU log
  private points: PointProvider | undefined;
  private traceEvents: PointTable | undefined; // QEMU's
  private symbolArguments: readonly string[]; // FILE[@BASE]
  private interrupts = 0;
  private wake: () => void = () => {};

  constructor(request: SessionRequest, io: SessionIo) {
    this.request = request;
    this.io = io;
    this.options = request.options;
    this.symbolArguments = request.symbols;
    this.safe = new SafeMode(false);
    // Listing asks which probes there are; that there are none is an answer.
    if (request.mode === 'list' || request.mode === 'sites') this.options.set('zdefs', undefined, 'command');
    addDtraceProbes(this.probes);
    this.safeProbeId = this.probes.create('trapline', '', '', 'safe').id;
    this.profile = new ProfileProvider(this.probes);
    this.probes.addProvider(this.profile);
  }

  get isInterrupted(): boolean {
    return this.interrupts > 0;
  }

  interrupt(): void {
    this.interrupts++;
    this.run?.interrupt();
    this.wake();
  }

  setUnsafe(unsafe: boolean): void {
    if (unsafe === this.safe.unsafe) return;
    this.safe.unsafe = unsafe;
    this.helpers?.close(); // what they make would be of the other mode
    this.io.err(
      unsafe
        ? `${PREFIX}safe mode is off: firings with interrupts disabled are traced\n`
        : `${PREFIX}safe mode is on: firings with interrupts disabled are withheld\n`,
    );
    this.run?.fireSafeChange();
  }

  /** Whether a guest reads the terminal, or is about to say whether it does. */
  get keysAreTaken(): boolean {
    return this.request.guest !== undefined && (this.live?.facts.readsStdin ?? true);
  }

  status(): string {
    const mode = this.safe.unsafe ? 'off' : 'on';
    return `safe mode ${mode}, ${this.safe.total} withheld, ${this.run?.eventCount ?? 0} events`;
  }

  /** The commands of -c become processes first, so that the program knows $target, and end when we do. */
  async start(): Promise<SessionResult> {
    const { commands } = this.request;
    const changes = { set: this.options.texts('setenv'), unset: this.options.texts('unsetenv') };
    try {
      for (const words of commands) {
        const prepared = this.io.prepareCommand(words, changes);
        if (typeof prepared === 'string')
          return failure(diagnostic('U_COMMAND', undefined, { command: words[0] ?? '', reason: prepared }));
        this.commands.push(prepared);
      }
      const live = await this.prepareGuest();
      if (live && 'tag' in live) return failure(live);
      return await this.compileAndTrace();
    } finally {
      for (const command of this.commands) command.kill();
      await this.live?.close();
      await this.attached?.close();
    }
  }

  abandon(): void {
    this.live?.guest.destroy();
    this.attached?.abandon();
  }

  private async prepareGuest(): Promise<Diagnostic | undefined> {
    const { guest, attach, mode } = this.request;
    if (attach && mode === 'run' && !this.request.plugin) return this.attach(attach);
    if (this.request.machine !== undefined) return this.prepareMachine(this.request.machine);
    const execution = this.recordedExecution;
    if (!guest && execution === undefined) {
      const reason = 'it goes into a QEMU that trapline starts: -c, or -t with a recorded execution';
      const asksForPlugin = this.request.plugin && mode === 'run';
      return asksForPlugin ? diagnostic('U_PLUGIN', undefined, { reason }, { hint: '' }) : undefined;
    }
    const { LiveSession } = await import('./session/live.ts');
    const live = guest
      ? LiveSession.prepare(guest)
      : LiveSession.replay(execution!, this.io.environment ?? {});
    if ('tag' in live) return live;
    this.live = live;
    return undefined;
  }

  private async prepareMachine(image: string): Promise<Diagnostic | undefined> {
    const { MachineSession } = await import('./session/machine.ts');
    const { options } = this;
    const [cpus, seed] = [options.number('cpus'), options.number('seed')];
    const machine = await MachineSession.prepare({
      ...{ image, cpus, seed, append: options.text('append') ?? '' },
      patches: options.text('fbt') === 'patch',
      inject: options.text('inject'),
    });
    if ('tag' in machine) return machine;
    this.machine = machine;
    return undefined;
  }

  /** The folder that -t names, when `trapline record` made it. */
  private get recordedExecution(): string | undefined {
    const { traces } = this.request;
    const isOne = traces.length === 1 && this.io.readFile(`${traces[0]}/recording.json`) !== undefined;
    return isOne ? traces[0] : undefined;
  }

  private async attach(attach: NonNullable<SessionRequest['attach']>): Promise<Diagnostic | undefined> {
    const { AttachedGuest } = await import('./session/attach.ts');
    const say = (text: string) => this.io.err(`${PREFIX}${text}\n`);
    const attached = await AttachedGuest.connect({ ...attach, program: this.io.programFile, say });
    if ('tag' in attached) return attached;
    this.attached = attached;
    return undefined;
  }

  private async compileAndTrace(): Promise<SessionResult> {
    const texts = this.request.programs.map(({ text }) => text);
    const unread = await this.openPoints();
    if (unread) return failure(unread);
    await this.makeTraceProbes();
    if (this.machine) await this.takeGuestKernel();
    const unsited = await this.openSites();
    if (unsited) return failure(unsited);
    const kernel =
      this.symbolArguments.length > 0 ? await openKernel(texts, () => this.readSymbolFiles()) : undefined;
    if (kernel && 'tag' in kernel) return failure(kernel);
    this.kernel = kernel;
    const compiled = await this.compile();
    if (compiled.diagnostics.length > 0) {
      return { exitStatus: 1, diagnostics: compiled.diagnostics, program: compiled.failed };
    }
    const clock = parseClock(this.options.text('clock') ?? 'auto');
    if (typeof clock === 'string') return failure(diagnostic('U_CLOCK', undefined, { reason: clock }));
    this.safe.unsafe = this.options.flag('unsafe');
    if (this.request.disassemble)
      for (const { program } of compiled.programs) this.io.err(disassembleProgram(program));
    if (this.request.mode === 'list') return await this.list(compiled);
    if (this.request.mode === 'sites') return await this.listSites(compiled);
    if (this.request.mode === 'compile') {
      if (this.request.verbose) this.reportStability(compiled);
      return { exitStatus: 0, diagnostics: [] };
    }
    const matched = this.announce(compiled);
    if (matched === 0 && !this.options.flag('zdefs')) return failure(diagnostic('U_NO_MATCH', undefined, {}));
    if (this.request.verbose) this.reportStability(compiled);
    const destructive = compiled.programs.some(({ program }) => program.destructive.length > 0);
    if (destructive && !this.options.flag('destructive')) {
      const reason = 'Destructive actions not allowed';
      return failure(diagnostic('U_ENABLE', undefined, { reason }, { hint: '-w allows them' }));
    }
    return this.trace(compiled, clock);
  }

  /** The probes of a log: of interrupts, those of its architecture, or of any when it cannot be looked at yet. */
  private async makeTraceProbes(): Promise<void> {
    const { traces, machine, follow } = this.request;
    if (!this.live && !this.attached) this.targets = await tellTargets(traces, new LinearMemory());
    const mayBeAny = follow && this.targets.includes(undefined);
    const told = this.targets.map((target) => target ?? 'x86');
    const known: readonly Architecture[] = told.length > 0 ? [...new Set(told)] : ['x86'];
    const shown = mayBeAny ? ARCHITECTURES : known;
    this.shown = shown;
    const traced = this.tracesExist && !this.textTrace ? this.probes : new ProbeTable();
    this.vec = new VecProvider(traced, shown);
    this.kindProbes = addMachineEventProbes(traced);
    if (traced !== this.probes) for (const ids of [this.vec.probeIds, this.kindProbes]) ids.fill(0);
    const seeReturns = shown.includes('arm') || this.targets.includes(undefined);
    this.vecReturns = new VecReturns(machine !== undefined ? ['x86'] : ['arm']);
    if (machine !== undefined || seeReturns) this.probes.addProvider(this.vecReturns);
  }

  /** Whose events the source has. A pipe tells it only now. */
  private architectureOf(source: EventSource | undefined): Architecture {
    const { targets } = this;
    const architecture = source?.architecture ?? 'x86';
    if (targets.length > 1) return new Set(targets).size === 1 ? architecture : 'x86';
    const mayBe = source?.architecture ? [architecture] : ARCHITECTURES;
    if (targets.length > 0 && targets[0] === undefined)
      for (const one of mayBe) this.vec.show(this.probes, one);
    return architecture;
  }

  /** The points of a trace that is no QEMU log. */
  private async openPoints(): Promise<Diagnostic | undefined> {
    const { traces } = this.request;
    if (traces.length === 0 || this.recordedExecution !== undefined) return undefined;
    const format = this.options.text('format');
    const beginning = format === undefined ? await foreignBeginning(traces[0]!, this.io.stdinFd) : '';
    if (beginning === undefined) return this.findTraceEvents();
    const { findTextTrace } = await import('./sources/text-trace/open.ts');
    const found = await findTextTrace({
      beginning,
      syscalls: () => this.syscallNames(),
      paths: traces,
      stdin: this.io.stdinFd,
      follow: this.request.follow,
      format,
      categories: this.options.text('categories'),
      readFile: this.io.readFile,
    });
    if (found === undefined) return this.findTraceEvents();
    if ('tag' in found) return found;
    this.textTrace = found;
    this.points = new PointProvider(found.table.points, found.isOpen, this.probes);
    this.probes.addProvider(this.points);
    return undefined;
  }

  /** The calls of a trace that tells them by number: Linux' on x86-64, unless -x syscalls says otherwise. */
  private async syscallNames(): Promise<SyscallNames | Diagnostic> {
    const { linuxPersonalities } = await import('./providers/syscalls/abi.ts');
    const read = (await this.readPersonality()) ?? linuxPersonalities()[0]!;
    return 'tag' in read ? read : { personality: read.name, names: read.names };
  }

  /** QEMU's trace events, when a program names their provider. */
  private async findTraceEvents(): Promise<undefined> {
    const { traces, programs, follow } = this.request;
    if (!mayNameTraceEvents(programs)) return;
    const { findTraceEvents } = await import('./sources/qemu-events/events.ts');
    const known = traces.filter(canBeReadTwice);
    this.traceEvents = await findTraceEvents(known);
    this.points = new PointProvider(
      this.traceEvents.points,
      follow || known.length < traces.length,
      this.probes,
    );
    this.probes.addProvider(this.points);
  }

  /** The providers of code probes, when a program may name one. */
  private async openSites(): Promise<Diagnostic | undefined> {
    if (!this.tracesExist) return undefined;
    if (!mayNameCode(this.request.programs)) return undefined;
    const { openGuestSites } = await import('./session/sites.ts');
    await this.takeGuestKernel();
    const files = this.symbolArguments.length > 0 ? await this.readSymbolFiles() : undefined;
    if (files && 'tag' in files) return files;
    const personality = await this.readPersonality();
    if (personality && 'tag' in personality) return personality;
    this.sites = await openGuestSites({
      files: files && { ...files, openCode: () => this.openCode(files) },
      personality,
      architectures: this.shown,
    });
    this.sites.addTo(this.probes);
    return undefined;
  }

  /** The system calls of -x syscalls=FILE. */
  private async readPersonality(): Promise<Personality | Diagnostic | undefined> {
    const path = this.options.text('syscalls');
    if (path === undefined) return undefined;
    const text = this.io.readFile(path);
    const { parsePersonality } = await import('./providers/syscalls/abi.ts');
    const read = text === undefined ? 'it cannot be read' : parsePersonality(text);
    return typeof read === 'string' ? diagnostic('U_SYSCALLS', undefined, { path, reason: read }) : read;
  }

  /** The image that a guest boots. */
  private get guestKernel(): string | undefined {
    return this.live?.facts.kernel ?? this.request.machine;
  }

  /** Of a live guest without --symbols, those of the kernel that it boots, if it has any. */
  private async takeGuestKernel(): Promise<void> {
    const kernel = this.guestKernel;
    if (kernel === undefined || this.symbolArguments.length > 0) return;
    const files = await this.readGuestKernel(kernel);
    if ('tag' in files) return;
    this.symbolArguments = [kernel];
    this.symbolFiles = Promise.resolve(files);
  }

  /** Of a live guest whose --symbols are only a list, the code of the kernel that it boots. */
  private async openCode(files: SymbolFiles): ReturnType<SymbolFiles['openCode']> {
    const code = await files.openCode();
    const kernel = this.guestKernel;
    if (code.length === 0 && this.attached) return [await this.attached.code()];
    if (code.length > 0 || kernel === undefined) return code;
    const own = await this.readGuestKernel(kernel);
    return 'tag' in own ? code : own.openCode();
  }

  private readGuestKernel(kernel: string): Promise<SymbolFiles | Diagnostic> {
    return readSymbolFiles({
      files: [kernel],
      traces: [],
      err: undefined,
      environment: this.io.environment,
    });
  }

  private async compile(): Promise<Compiled> {
    const { request, io } = this;
    const preprocessing = this.options.flag('cpp') ? await import('./session/preprocessing.ts') : undefined;
    return compilePrograms(request.programs, {
      preprocess: preprocessing?.preprocessScript,
      catalog: this.catalog(),
      options: this.options,
      macroArguments: request.macroArguments,
      macroVariables: macroVariables(io, this.targetPid),
      programName: request.programName,
      library: VECINFO_LIBRARY + LIBRARY_TEXT + (this.points?.library ?? ''),
      kernel: this.kernel,
      io,
    });
  }

  /** $target: the first command of -c, the guest, or the QEMU that -p names. */
  private get targetPid(): number {
    const place = this.request.attach?.place;
    return this.commands[0]?.pid ?? this.live?.guest.pid ?? (place?.kind === 'pid' ? place.pid : 0);
  }

  private catalog(): ProbeCatalog {
    return {
      match: (pattern) => this.probes.match(pattern).length,
      argumentTypes: (pattern) => {
        const [first, ...others] = this.probes.match(pattern);
        const types = first?.argumentTypes ?? [];
        return others.every((probe) => probe.argumentTypes.join() === types.join()) ? types : 'multiple';
      },
      x86Only: !this.tracesExist,
      whyNone: (pattern) =>
        this.textTrace
          ? NOT_IN_TRACE
          : absentProbeHint(pattern, this.tracesExist, this.symbolArguments.length > 0),
    };
  }

  /** Probes of a trace exist when there is one, and for -l and -e, which ask what could be traced. */
  private get tracesExist(): boolean {
    const { traces, guest, attach, machine, mode } = this.request;
    const isLive = guest !== undefined || attach !== undefined || machine !== undefined;
    return traces.length > 0 || isLive || mode !== 'run';
  }

  private async list(compiled: Compiled): Promise<SessionResult> {
    const row = (probe: Probe) =>
      this.request.verbose ? listProbe(probe) + probeBlocks(probe) : listProbe(probe);
    const lines = [LIST_HEADING];
    if (compiled.programs.length === 0) {
      if (this.request.traces.length + this.symbolArguments.length > 0) this.probes.match(EVERY_PROBE);
      lines.push(...this.probes.all.map(row));
    }
    for (const { program } of compiled.programs) {
      for (const pattern of program.clauses.flatMap((clause) => clause.patterns)) {
        const found = this.probes.match(pattern);
        if (found.length === 0)
          this.io.err(`${PREFIX}failed to match ${pattern.text}: No probe matches description\n`);
        lines.push(...found.map(row));
      }
    }
    this.print(lines.join(''));
    if (!this.machine || !this.request.verbose) return { exitStatus: 0, diagnostics: [] };
    this.print('\n');
    return this.listSites(compiled);
  }

  /** Where a machine's code would be patched. */
  private async listSites(compiled: Compiled): Promise<SessionResult> {
    const enabled = compiled.programs.flatMap(({ program }) =>
      program.clauses.flatMap((clause) => this.probesOf(program, clause.index)),
    );
    const listing = (await this.machine?.sitesOf(this.watched(enabled).sites)) ?? '';
    if (typeof listing !== 'string') return failure(listing);
    this.print(listing);
    return { exitStatus: 0, diagnostics: [] };
  }

  private print(text: string): void {
    this.io.out.write(new TextEncoder().encode(text));
  }

  private reportStability(compiled: Compiled): void {
    for (const { text, program } of compiled.programs) {
      const probes = program.clauses.flatMap((clause) => this.probesOf(program, clause.index));
      this.print(stabilityReport(text, program, probes));
    }
  }

  /** What a live guest must show for the enabled probes. */
  private wants(
    enabled: readonly Probe[],
    { sites, traps }: WatchedSites,
    readers: MemoryReaders,
    asked: SourceNeeds,
  ): Omit<LiveOpen, 'needs' | 'memory'> {
    return {
      plugin: { isWanted: this.request.plugin, reads: readsOfHit(asked) },
      sites,
      // Of a guest that is attached to, INT is seen nowhere, and its other system calls are.
      interrupts:
        (traps.length > 0 && (!this.attached || sites.length === 0)) ||
        enabled.some(({ provider }) => LOGGED_PROVIDERS.has(provider)),
      readsMemory: readers.any,
      stopsAt: readers.readsAt,
      keepsThreads: readers.keepsThreads,
      program: this.io.programFile,
      say: (text) => this.io.err(`${PREFIX}${text}\n`),
      code: this.sites?.pages ?? { needsMarker: () => true, markerIn: () => undefined },
    };
  }

  /** Code addresses to watch for the enabled probes. */
  private watched(enabled: readonly Probe[]): WatchedSites {
    const ids = new Set(enabled.map(({ id }) => id));
    return this.sites?.watched((id) => ids.has(id)) ?? { sites: [], traps: [] };
  }

  /** Say what matched; the number of all matches. */
  private announce(compiled: Compiled): number {
    const isQuiet = this.options.flag('quiet');
    let total = 0;
    for (const { text, program } of compiled.programs) {
      const patterns = program.clauses.flatMap((clause) => clause.patterns);
      const count = patterns.reduce((sum, pattern) => sum + this.probes.match(pattern).length, 0);
      if (!isQuiet) this.io.err(matchedNotice(text, count));
      total += count;
    }
    if (total > 0 && !isQuiet && this.options.flag('destructive')) {
      this.io.err(`${PREFIX}allowing destructive actions\n`);
    }
    return total;
  }

  private async trace(compiled: Compiled, clock: ClockMode | undefined): Promise<SessionResult> {
    const programs = compiled.programs.map(({ program }) => program);
    const asked = programs.map((program) => program.needs).reduce(unionOfNeeds, NO_NEEDS);
    // A buffer of a given size is emptied at the switch rate of the source's clock, so that drops repeat exactly.
    const enabled = programs.flatMap((program) =>
      program.clauses.flatMap((clause) => this.probesOf(program, clause.index)),
    );
    const watched = this.watched(enabled);
    const readers = memoryReaders(programs, (program, clause) => this.probesOf(program, clause));
    if (this.live && readers.logged)
      return failure(diagnostic('U_LIVE_VEC_MEMORY', undefined, { probe: readers.logged }));
    const movedKernel = await whyMoved(watched, this.live?.facts, this.request.symbols);
    if (movedKernel) return failure(movedKernel);
    const followsStacks = this.machine !== undefined && askForStacks(programs);
    const needs = siteNeeds(
      {
        ...asked,
        time: asked.time || this.options.isExplicit('bufsize'),
        registers: asked.registers || followsStacks,
      },
      watched,
    );
    const symbols = await this.openSymbols(programs);
    if (symbols && 'tag' in symbols) return failure(symbols);
    const memory = new LinearMemory();
    const { attached } = this;
    const source = attached
      ? await this.unlessInterrupted(
          attached.open({ ...this.wants(enabled, watched, readers, asked), needs, memory }),
          attached.name,
        )
      : this.live
        ? await this.unlessInterrupted(
            this.live.open({ ...this.wants(enabled, watched, readers, asked), needs, memory }),
            this.live.facts.program,
          )
        : this.machine
          ? await this.machine.open({
              ...this.wants(enabled, watched, readers, asked),
              needs,
              memory,
              readsMemory: readers.any || followsStacks,
              returns: this.vecReturns.probeIds.some((id) => enabled.some((probe) => probe.id === id)),
              print: (bytes) => this.printConsole(bytes),
              isSafe: () => !this.safe.unsafe,
            })
          : await this.openSource(memory, needs, await this.callHelpers(programs, watched, needs));
    if (source && 'tag' in source) return failure(source);
    const clockMode = clock && this.request.mayStandStill ? clock : chooseClock(clock, source);
    if (typeof clockMode === 'string') {
      await source?.close();
      return failure(diagnostic('U_CLOCK', undefined, { reason: clockMode }));
    }
    const saysClock = source !== undefined && asked.time && !this.options.flag('quiet');
    if (saysClock) this.io.err(guessNotice(clock, clockMode, source));
    if (this.live?.plan && !this.options.flag('quiet')) this.io.err(stopNotice(this.live.plan));
    if (attached && watched.traps.length > 0 && !this.options.flag('quiet')) this.io.err(NO_TRAPS_NOTICE);
    if (this.request.verbose) {
      const plan = attached?.plan ?? this.live?.plan;
      if (plan) this.io.err(channelNotice(plan));
      const time = source ? clockText(clockMode) : 'of the host';
      this.io.err(planNotice(time, needs));
    }
    const run = new Run({
      programs,
      probes: this.probes,
      vec: this.vec,
      vecReturnIds: this.vecReturns.probeIds,
      kindProbes: this.kindProbes,
      points: this.points,
      timers: this.profile.timers,
      safe: this.safe,
      safeProbeId: this.safeProbeId,
      options: this.options,
      io: this.io,
      memory,
      source,
      architecture: this.architectureOf(source),
      commands: this.commands,
      ...((this.live ?? attached) && { begun: () => (this.live ?? attached)?.begin() }),
      clockMode,
      needs,
      watched,
      symbols,
      stacks: await this.openStacks(programs, source),
      disassembler: await openDisassembler({
        programs,
        openCode: this.symbolArguments.length > 0 ? () => this.openImages() : undefined,
      }),
      processLayout: this.kernel?.processLayout,
      helpers: this.helpers,
    });
    const refused = run.enable((program, index) => this.probesOf(program, index));
    if (refused !== undefined) return failure(diagnostic('U_ENABLE', undefined, { reason: refused }));
    if (this.request.verbose) this.io.err(tierNotice(run.tiers));
    this.announceLimits(run);
    this.run = run;
    for (let i = 0; i < this.interrupts; i++) run.interrupt();
    const result = await run.run();
    await source?.close();
    if (saysClock && !run.clockHasTicked) this.io.err(idleNotice(clockMode, source));
    if (this.request.verbose && this.helpers) this.io.err(`${PREFIX}replay: ${this.helpers.outcome}\n`);
    if (this.request.verbose || this.options.flag('ledger')) this.io.err(pairNotices(this.sites?.accounts()));
    const { patching } = this.machine ?? {};
    if (patching) this.io.err(patchNotices(patching, this.request.verbose, this.options.text('inject')));
    if (source && run.blockCount === 0 && watched.sites.length > 0)
      this.io.err(noBlocksNotice(source.name, watched.sites));
    return this.conclude(result, source);
  }

  /** What a guest of ours prints, behind all that was recorded before it. */
  private printConsole(bytes: Uint8Array): void {
    this.run?.showOutput();
    (this.io.console ?? this.io.out).write(bytes);
  }

  /** Options that were not taken as they were given. */
  private announceLimits(run: Run): void {
    const { io, options } = this;
    if (options.flag('quiet')) return;
    if (!options.flag('quietresize')) io.err(sizeNotices(options, run.bufferBytes));
    io.err(rateNotices(options));
  }

  private openSymbols(programs: readonly Program[]): Promise<SymbolSet | Diagnostic | undefined> {
    const { options } = this;
    return openSymbols({
      files: this.symbolArguments,
      programs,
      demangles: options.text('demangle') === 'yes',
      read: () => this.readSymbolFiles(),
    });
  }

  private openStacks(programs: readonly Program[], source: EventSource | undefined) {
    const hasFiles = this.symbolArguments.length > 0;
    const readSymbols = hasFiles ? () => this.readSymbolFiles() : undefined;
    return openStacks({
      programs,
      memory: source?.guestMemory,
      readSymbols,
      everywhere: this.machine !== undefined,
    });
  }

  /** Code of the files of --symbols. */
  private async openImages(): Promise<readonly CodeImage[]> {
    const files = await this.readSymbolFiles();
    return 'tag' in files ? [] : files.openCode();
  }

  private readSymbolFiles(): Promise<SymbolFiles | Diagnostic> {
    const { request, options, io, attached } = this;
    this.symbolFiles ??= readSymbolFiles({
      files: this.symbolArguments,
      traces: this.live ? [] : request.traces,
      ...(attached && { slideOf: (table) => attached.slideOf(table) }),
      err: options.flag('quiet') ? undefined : io.err,
      environment: io.environment,
    });
    return this.symbolFiles;
  }

  /** The threads of a replay, where a large log is traced by a program that allows for it. */
  private async callHelpers(
    programs: readonly Program[],
    watched: WatchedSites,
    needs: SourceNeeds,
  ): Promise<Cutting | undefined> {
    const { io, options, request } = this;
    const [path, ...others] = request.traces;
    const isOne = path !== undefined && others.length === 0 && isX86Log(path, this.targets[0]);
    const isPlayed = !request.follow && !this.textTrace && !this.traceEvents && this.commands.length === 0;
    const size = isOne && isPlayed && options.number('workers') !== 1 ? plainBytes(path) : undefined;
    if (path === undefined || size === undefined) return undefined;
    if (size < LARGE_BYTES && io.environment?.[PIECES] === undefined) return undefined;
    const { openParallel } = await import('./session/parallel/open.ts');
    const { text, helpers, cutting } = openParallel({
      ...{ io, options, programs, probes: this.probes, path, plainBytes: size, needs },
      probesOf: (program, index) => this.probesOf(program, index),
      vecIds: this.vec.probeIds,
      kindIds: this.kindProbes,
      hasKernel: this.kernel?.processLayout !== undefined,
      hasSites: watched.sites.length + watched.traps.length > 0,
      scan: options.text('scan') === 'careful' ? 'careful' : 'fast',
      sizes: engineSizes(options),
      tier: tierChoice(options),
      identity: identityOf(io, traceName(path)),
    });
    if (request.verbose && text !== undefined) io.err(`${PREFIX}${text}\n`);
    this.helpers = helpers;
    return cutting;
  }

  private async openSource(
    memory: LinearMemory,
    needs: SourceNeeds,
    cutting: Cutting | undefined,
  ): Promise<EventSource | Diagnostic | undefined> {
    const { traces } = this.request;
    if (traces.length === 0) return undefined;
    const scan = this.options.text('scan') === 'careful' ? 'careful' : 'fast';
    const { follow } = this.request;
    const { textTrace, traceEvents } = this;
    const stdin = this.io.stdinFd;
    const request: ReplayRequest = { paths: traces, needs, memory, stdin, scan, follow, traceEvents };
    if (cutting) return openChunked(request, cutting);
    const opening = textTrace
      ? import('./sources/text-trace/open.ts').then(({ openTextTrace }) => openTextTrace(textTrace, request))
      : openReplay(request);
    // A FIFO may wait for its writer for ever.
    return this.unlessInterrupted(opening, traceName(traces[0] ?? ''));
  }

  /** What `opening` comes to, or a source without events when an interrupt comes first. */
  private unlessInterrupted(
    opening: Promise<EventSource | Diagnostic>,
    name: string,
  ): Promise<EventSource | Diagnostic> {
    const interrupted = new Promise<EventSource>((resolve) => {
      this.wake = () => resolve(nothingFrom(name));
      if (this.interrupts > 0) this.wake();
    });
    return Promise.race([opening, interrupted]);
  }

  /** Probes of a clause, once per description that names them, as dtrace enables them. */
  private probesOf(program: Program, clauseIndex: number) {
    const clause = program.clauses[clauseIndex];
    return clause ? clause.patterns.flatMap((pattern) => this.probes.match(pattern)) : [];
  }

  private conclude(result: RunResult, source: EventSource | undefined): SessionResult {
    const { io, options, safe } = this;
    if (safe.total > 0) io.err(withheldNotice(safe, this.probes));
    // Of one file that is no log at all, not every line needs to be called lost.
    const noLog = result.failure?.tag === 'U_TRACE_NO_RECORDS' && this.request.traces.length === 1;
    if (source && !(noLog && !options.flag('ledger')))
      io.err(ledgerNotice(source.name, source.ledger, options.flag('ledger')));
    const lossy = safe.total > 0 || result.dropped || (source?.ledger.lost ?? false);
    const strictFailure = options.flag('strict') && lossy;
    if (result.failure) return { exitStatus: result.exitStatus || 1, diagnostics: [result.failure] };
    return { exitStatus: strictFailure ? STRICT_STATUS : result.exitStatus, diagnostics: [] };
  }
}

async function openChunked(request: ReplayRequest, cutting: Cutting): Promise<EventSource | Diagnostic> {
  const { openChunked: open } = await import('./sources/chunked/chunked-replay.ts');
  return open(request, cutting);
}

/** What stands for a source that an interrupt did not let open: BEGIN and END fire, and nothing else does. */
function nothingFrom(name: string): EventSource {
  return {
    name,
    ledger: new Ledger(),
    hasTime: false,
    progress: { doneBytes: 0, totalBytes: undefined },
    fill: () => 0,
    close: async () => {},
  };
}

/** Makes those that are made on demand. */
const EVERY_PROBE = { provider: '', module: '', function: '', name: '', id: undefined, text: ':::' };

const NOT_IN_TRACE = 'trapline -l -t FILE lists the probes that the trace shows';

/** `-x strict`: something was lost or withheld. */
const STRICT_STATUS = 3;

function failure(reason: Diagnostic): SessionResult {
  return { exitStatus: 1, diagnostics: [reason] };
}

/** Values of the macro variables; ids that the host does not tell are 0. */
function macroVariables({ pid, ids }: SessionIo, target: number): Readonly<Record<string, bigint>> {
  const known: Readonly<Partial<Record<MacroVariableName, number>>> = { ...ids, pid, target };
  const value = (name: string) => known[name as MacroVariableName] ?? 0;
  return Object.fromEntries(Object.keys(MACRO_VARIABLES).map((name) => [name, BigInt(value(name))]));
}
