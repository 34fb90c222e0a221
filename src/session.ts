/**
 * One tracing session: the arrows of the picture, written out. The only room that imports from both halves.
 *
 *   compile   session/compile.ts         texts → Programs, against session/traced-probes.ts
 *   open      guest.ts, open-trace.ts    what the programs ask for → a source
 *   run       session/run.ts             source → events → firings → records → text
 *
 * This page decides in which order they are asked, what is printed about them, and the exit status.
 */
import { LinearMemory } from './base/linear-memory.ts';
import { type Diagnostic, diagnostic } from './diag/diagnostics.ts';
import { disassembleProgram } from './dif/disassemble.ts';
import { LIBRARY_TEXT } from './dif/library.ts';
import { MACRO_VARIABLES, type MacroVariableName } from './dif/macro-variables.ts';
import type { Options } from './dif/options.ts';
import { type ClockMode, clockText, parseClock } from './providers/clock.ts';
import { SafeMode } from './providers/safe-mode.ts';
import { VECINFO_LIBRARY } from './providers/vec.ts';
import { type Asked, askedBy, wantsOfGuest } from './session/asked.ts';
import { chooseClock, guessNotice, idleNotice } from './session/clock.ts';
import { type Compiled, compilePrograms } from './session/compile.ts';
import { openDisassembler } from './session/disassembly.ts';
import { TracedGuest } from './session/guest.ts';
import { Interruption } from './session/interruption.ts';
import { announceMatches, listProbes, listSites, reportStability } from './session/listing.ts';
import {
  channelNotice,
  ledgerNotice,
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
import { callHelpers, openTrace } from './session/open-trace.ts';
import type { Helpers } from './session/parallel/helpers.ts';
import type {
  SessionHandle,
  SessionIo,
  SessionRequest,
  SessionResult,
  TracedCommand,
} from './session/request.ts';
import { Run, type RunResult } from './session/run.ts';
import { whyMoved } from './session/seen.ts';
import { sizeNotices } from './session/sizes.ts';
import { TracedProbes } from './session/traced-probes.ts';
import { TracedSymbols } from './session/traced-symbols.ts';
import type { EventSource } from './sources/source.ts';
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
      return session.guest.keysAreTaken;
    },
    status: () => session.status(),
    abandon: () => session.guest.abandon(),
  };
}

class Session {
  readonly safe = new SafeMode(false);
  readonly guest: TracedGuest;
  readonly request: SessionRequest;
  readonly io: SessionIo;
  readonly symbols: TracedSymbols;
  readonly probes: TracedProbes;
  private readonly options: Options;
  private readonly interruption = new Interruption();
  private readonly commands: TracedCommand[] = [];
  private run: Run | undefined;
  private helpers: Helpers | undefined; // threads of a replay

  constructor(request: SessionRequest, io: SessionIo) {
    this.request = request;
    this.io = io;
    this.options = request.options;
    // Listing asks which probes there are; that there are none is an answer.
    if (request.mode === 'list' || request.mode === 'sites') this.options.set('zdefs', undefined, 'command');
    this.guest = new TracedGuest(request, io);
    this.symbols = new TracedSymbols(request, io, this.guest);
    this.probes = new TracedProbes(request, io, this.guest, this.symbols);
  }

  get isInterrupted(): boolean {
    return this.interruption.count > 0;
  }

  interrupt(): void {
    this.run?.interrupt();
    this.interruption.add();
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

  status(): string {
    const mode = this.safe.unsafe ? 'off' : 'on';
    return `safe mode ${mode}, ${this.safe.total} withheld, ${this.run?.eventCount ?? 0} events`;
  }

  /** The commands of -c become processes first, so that the program knows $target, and end when we do. */
  async start(): Promise<SessionResult> {
    try {
      const refused = this.prepareCommands() ?? (await this.guest.prepare());
      return refused ? failure(refused) : await this.compileAndTrace();
    } finally {
      for (const command of this.commands) command.kill();
      await this.guest.close();
    }
  }

  private prepareCommands(): Diagnostic | undefined {
    this.commands.push(...(this.request.processes ?? []));
    const changes = { set: this.options.texts('setenv'), unset: this.options.texts('unsetenv') };
    for (const words of this.request.commands) {
      const prepared = this.io.prepareCommand(words, changes);
      if (typeof prepared === 'string')
        return diagnostic('U_COMMAND', undefined, { command: words[0] ?? '', reason: prepared });
      this.commands.push(prepared);
    }
    return undefined;
  }

  private async compileAndTrace(): Promise<SessionResult> {
    const texts = this.request.programs.map(({ text }) => text);
    const unopened = (await this.probes.open()) ?? (await this.symbols.openKernel(texts));
    if (unopened) return failure(unopened);
    const compiled = await this.compile();
    if (compiled.diagnostics.length > 0) {
      return { exitStatus: 1, diagnostics: compiled.diagnostics, program: compiled.failed };
    }
    const clock = parseClock(this.options.text('clock') ?? 'auto');
    if (typeof clock === 'string') return failure(diagnostic('U_CLOCK', undefined, { reason: clock }));
    this.safe.unsafe = this.options.flag('unsafe');
    if (this.request.disassemble)
      for (const { program } of compiled.programs) this.io.err(disassembleProgram(program));
    switch (this.request.mode) {
      case 'list':
        return resultOf(await listProbes(this, compiled));
      case 'sites':
        return resultOf(await listSites(this, compiled));
      case 'compile':
        if (this.request.verbose) reportStability(this, compiled);
        return resultOf(undefined);
      case 'run': {
        const refused = this.announce(compiled);
        return refused ? failure(refused) : this.trace(compiled, clock);
      }
    }
  }

  private async compile(): Promise<Compiled> {
    const { request, io, options } = this;
    const preprocessing = options.flag('cpp') ? await import('./session/preprocessing.ts') : undefined;
    return compilePrograms(request.programs, {
      preprocess: preprocessing?.preprocessScript,
      catalog: this.probes.catalog(),
      options,
      macroArguments: request.macroArguments,
      macroVariables: macroVariables(io, this.commands[0]?.pid ?? this.guest.pid ?? 0),
      programName: request.programName,
      library: VECINFO_LIBRARY + LIBRARY_TEXT + (this.probes.points.provider?.library ?? ''),
      kernel: this.symbols.kernel,
      io,
    });
  }

  /** Say what the programs match, and refuse those that may not run. */
  private announce(compiled: Compiled): Diagnostic | undefined {
    const { options } = this;
    const matched = announceMatches(this, compiled);
    if (matched === 0 && !options.flag('zdefs')) return diagnostic('U_NO_MATCH', undefined, {});
    if (this.request.verbose) reportStability(this, compiled);
    const destructive = compiled.programs.some(({ program }) => program.destructive.length > 0);
    if (!destructive || options.flag('destructive')) return undefined;
    const reason = 'Destructive actions not allowed';
    return diagnostic('U_ENABLE', undefined, { reason }, { hint: '-w allows them' });
  }

  private async trace(compiled: Compiled, clock: ClockMode | undefined): Promise<SessionResult> {
    const { options, request, io, guest, symbols } = this;
    const programs = compiled.programs.map(({ program }) => program);
    const asked = askedBy(programs, this.probes, options, guest);
    const { watched, readers } = asked;
    if (guest.live && readers.logged)
      return failure(diagnostic('U_LIVE_VEC_MEMORY', undefined, { probe: readers.logged }));
    const movedKernel = await whyMoved(watched, guest.live?.facts, request.symbols);
    if (movedKernel) return failure(movedKernel);
    const names = await symbols.openNames(programs);
    if (names && 'tag' in names) return failure(names);
    const memory = new LinearMemory();
    const source = await this.open(asked, memory);
    if (source && 'tag' in source) return failure(source);
    const clockMode = clock && request.mayStandStill ? clock : chooseClock(clock, source);
    if (typeof clockMode === 'string') {
      await source?.close();
      return failure(diagnostic('U_CLOCK', undefined, { reason: clockMode }));
    }
    const saysClock = source !== undefined && asked.byPrograms.time && !options.flag('quiet');
    if (saysClock) io.err(guessNotice(clock, clockMode, source));
    this.announceChannels(asked, source && clockMode);
    const run = await this.makeRun(asked, memory, source, clockMode, names);
    const refused = run.enable((program, index) => this.probes.ofClause(program, index));
    if (refused !== undefined) return failure(diagnostic('U_ENABLE', undefined, { reason: refused }));
    if (request.verbose) io.err(tierNotice(run.tiers));
    this.announceLimits(run);
    this.run = run;
    for (let i = 0; i < this.interruption.count; i++) run.interrupt();
    const result = await run.run();
    await source?.close();
    if (saysClock && !run.clockHasTicked) io.err(idleNotice(clockMode, source));
    this.tellOfRun(run, asked, source);
    return this.conclude(result, source);
  }

  /** The source: a guest's, or that of -t; undefined where there is neither. */
  private async open(asked: Asked, memory: LinearMemory): Promise<EventSource | Diagnostic | undefined> {
    const { guest, probes, symbols, interruption } = this;
    const { needs, readers, enabled } = asked;
    if (guest.isThere) {
      const ofMachine = {
        readsMemory: readers.any || asked.followsStacks,
        returns: probes.vecReturns.probeIds.some((id) => enabled.some((probe) => probe.id === id)),
        print: (bytes: Uint8Array) => this.printConsole(bytes),
        isSafe: () => !this.safe.unsafe,
      };
      return guest.open({ ...wantsOfGuest(asked, this), needs, memory }, ofMachine, interruption);
    }
    const hasKernel = symbols.kernel?.processLayout !== undefined;
    const parts = { ...asked, ...{ request: this.request, io: this.io, probes, hasKernel } };
    const threads = await callHelpers({ ...parts, runsCommands: this.commands.length > 0 });
    this.helpers = threads?.helpers;
    return openTrace(parts, memory, threads?.cutting, interruption);
  }

  private async makeRun(
    asked: Asked,
    memory: LinearMemory,
    source: EventSource | undefined,
    clockMode: ClockMode,
    names: SymbolSet | undefined,
  ): Promise<Run> {
    const { probes, symbols, guest } = this;
    const { programs, needs, watched } = asked;
    const begun = guest.begin;
    return new Run({
      ...{ programs, needs, watched, memory, source, clockMode, symbols: names },
      ...{ safe: this.safe, options: this.options, io: this.io, commands: this.commands },
      probes: probes.table,
      vec: probes.vec,
      vecReturnIds: probes.vecReturns.probeIds,
      kindProbes: probes.kindProbes,
      points: probes.points.provider,
      timers: probes.profile.timers,
      safeProbeId: probes.safeProbeId,
      architecture: probes.architectureOf(source),
      ...(begun && { begun }),
      stacks: await symbols.openStacks(programs, source),
      disassembler: await openDisassembler({ programs, openCode: symbols.imageOpener }),
      processLayout: symbols.kernel?.processLayout,
      helpers: this.helpers,
    });
  }

  /** How a guest's probes are seen, and what its time is; undefined: the host's. */
  private announceChannels({ watched, needs }: Asked, clockMode: ClockMode | undefined): void {
    const { io, guest, request } = this;
    const isQuiet = this.options.flag('quiet');
    if (guest.live?.plan && !isQuiet) io.err(stopNotice(guest.live.plan));
    if (guest.attached && watched.traps.length > 0 && !isQuiet) io.err(NO_TRAPS_NOTICE);
    if (!request.verbose) return;
    if (guest.plan) io.err(channelNotice(guest.plan));
    io.err(planNotice(clockMode ? clockText(clockMode) : 'of the host', needs));
  }

  /** Options that were not taken as they were given. */
  private announceLimits(run: Run): void {
    const { io, options } = this;
    if (options.flag('quiet')) return;
    if (!options.flag('quietresize')) io.err(sizeNotices(options, run.bufferBytes));
    io.err(rateNotices(options));
  }

  /** What a guest of ours prints, behind all that was recorded before it. */
  private printConsole(bytes: Uint8Array): void {
    this.run?.showOutput();
    (this.io.console ?? this.io.out).write(bytes);
  }

  /** What became of threads, pairs of probes, patched places, and code that was to be seen. */
  private tellOfRun(run: Run, { watched }: Asked, source: EventSource | undefined): void {
    const { io, options, helpers, probes } = this;
    const { verbose } = this.request;
    if (verbose && helpers) io.err(`${PREFIX}replay: ${helpers.outcome}\n`);
    if (verbose || options.flag('ledger')) io.err(pairNotices(probes.sites?.accounts()));
    const { patching } = this.guest.machine ?? {};
    if (patching) io.err(patchNotices(patching, verbose, options.text('inject')));
    if (source && run.blockCount === 0 && watched.sites.length > 0)
      io.err(noBlocksNotice(source.name, watched.sites));
  }

  private conclude(result: RunResult, source: EventSource | undefined): SessionResult {
    const { io, options, safe } = this;
    if (safe.total > 0) io.err(withheldNotice(safe, this.probes.table));
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

/** `-x strict`: something was lost or withheld. */
const STRICT_STATUS = 3;

function failure(reason: Diagnostic): SessionResult {
  return { exitStatus: 1, diagnostics: [reason] };
}

function resultOf(reason: Diagnostic | undefined): SessionResult {
  return reason ? failure(reason) : { exitStatus: 0, diagnostics: [] };
}

/** Values of the macro variables, which the host is asked for when a program has one; ids that it does not tell are 0. */
function macroVariables({ pid, ids }: SessionIo, target: number): Readonly<Record<string, bigint>> {
  const own: Readonly<Partial<Record<MacroVariableName, number>>> = { pid, target };
  const variables: Record<string, bigint> = {};
  for (const name of Object.keys(MACRO_VARIABLES) as MacroVariableName[]) {
    Object.defineProperty(variables, name, {
      get: () => BigInt(own[name] ?? ids?.[name] ?? 0),
      enumerable: true,
    });
  }
  return variables;
}
