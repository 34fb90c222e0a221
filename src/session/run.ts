/**
 * The run half of a session: bytes ─source─▶ events ─providers─▶ firings ─engine─▶ records ─consumer─▶ text.
 *
 * One loop pulls batches at its own pace. It is synchronous while the source is (a plain file), and lets the event loop
 * turn every SLICE_MS so that signals, the control socket and the progress line get through. Without a source the
 * host's clock drives tick and profile.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { nextTurn } from '../base/next-turn.ts';
import { type Consumer, createConsumer } from '../consumer/consumer.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Disassembler, RecordSink } from '../dif/consumer-contract.ts';
import { OPTIONS, type Options } from '../dif/options.ts';
import type { Program } from '../dif/program.ts';
import { BUILTIN_VARIABLES, registerVariableId } from '../dif/variables.ts';
import { createEngine } from '../engine/engine.ts';
import type {
  BufferPolicy,
  Engine,
  EngineIdentity,
  EngineSizes,
  TierChoice,
  TierReport,
} from '../engine/engine-contract.ts';
import { Firing, NO_ROW } from '../engine/firing.ts';
import type { Probe, ProbeTable } from '../engine/probes.ts';
import { ARCHITECTURE_IDS, type Architecture } from '../machine/causes.ts';
import { BATCH_CAPACITY, EventBatch } from '../machine/event-batch.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import { REGISTERS, type RegisterName } from '../machine/registers.ts';
import type { ProcessLayout, StackWalker } from '../machine/target.ts';
import { Clock, type ClockMode } from '../providers/clock.ts';
import { Dispatcher } from '../providers/dispatch.ts';
import { EnabledSites, type WatchedSites } from '../providers/enabled-sites.ts';
import { EnabledPoints, type PointProvider } from '../providers/points.ts';
import { SWITCH_BUFFERS, type Timer, TimerQueue } from '../providers/profile.ts';
import type { SafeMode } from '../providers/safe-mode.ts';
import type { VecProvider } from '../providers/vec.ts';
import type { EventSource } from '../sources/source.ts';
import type { SymbolSet } from '../symbols/symbol-set.ts';
import { DropReports } from './drop-reports.ts';
import { commandNotice } from './notices.ts';
import type { Helpers } from './parallel/helpers.ts';
import type { SessionIo, TracedCommand } from './request.ts';
import { refusedSize, takenSize } from './sizes.ts';

/** Longest time the event loop is kept waiting. */
const SLICE_MS = 25;
/** A log of this size has more events than clauses are interpreted for. */
const LONG_BYTES = 1 << 20;
/**
 * The user pc that ticks show when no machine is traced: where a Linux program's text usually begins. Node does not tell
 * where it is, but of arg0 and arg1 exactly one must not be 0.
 */
const OWN_PC = 0x400000n;

export interface RunParts {
  readonly programs: readonly Program[];
  readonly probes: ProbeTable;
  readonly vec: VecProvider;
  readonly vecReturnIds?: Int32Array | undefined; // where the source sees returns
  readonly kindProbes: Int32Array;
  readonly points?: PointProvider | undefined; // of a trace that shows trace points
  readonly timers: ReadonlyMap<number, Timer>;
  readonly safe: SafeMode;
  readonly safeProbeId: number;
  readonly options: Options;
  readonly io: SessionIo;
  readonly memory: LinearMemory;
  readonly source: EventSource | undefined;
  /** Whose events the source has, where all are of one. */
  readonly architecture: Architecture;
  readonly commands: readonly TracedCommand[]; // let go once BEGIN has fired
  /** BEGIN has fired: a guest may run. */
  readonly begun?: () => void;
  readonly clockMode: ClockMode;
  readonly needs: SourceNeeds;
  readonly processLayout: ProcessLayout | undefined; // where the guest's kernel keeps its processes
  readonly watched: WatchedSites; // code addresses of the enabled probes
  readonly symbols: SymbolSet | undefined; // what addresses are called, when the program prints any
  readonly disassembler: Disassembler | undefined; // when the program has disasm()
  readonly stacks: StackWalker | undefined; // follows the guest's, when the program asks for any
  readonly helpers?: Helpers | undefined; // threads that trace pieces of the source
}

export interface RunResult {
  readonly exitStatus: number;
  /** What ended the source early, if anything did. */
  readonly failure: Diagnostic | undefined;
  readonly dropped: boolean;
}

export class Run {
  private readonly parts: RunParts;
  private readonly engine: Engine;
  private readonly firing: Firing;
  private readonly batch: EventBatch;
  private readonly consumer: Consumer;
  private readonly clock: Clock | undefined;
  private sites: EnabledSites | undefined;
  private readonly wallOriginNs: bigint;
  private isEnding = false;
  private interrupts = 0;
  private commandsEnded = false;
  private wake: () => void = () => {};
  private failure: Diagnostic | undefined;
  private events = 0;
  private readonly drops: DropReports;
  private readonly sink: RecordSink;

  constructor(parts: RunParts) {
    this.parts = parts;
    const { memory, options, io, source } = parts;
    this.batch = new EventBatch(memory, BATCH_CAPACITY, parts.needs.registerColumns);
    this.batch.architecture = ARCHITECTURE_IDS[parts.architecture];
    this.firing = new Firing(memory, this.batch);
    const { sites, traps } = parts.watched;
    this.firing.mayMissArgs = sites.length + traps.length > 0 || source?.points !== undefined;
    this.engine = createEngine({
      memory,
      probes: parts.probes,
      firing: this.firing,
      sizes: engineSizes(options),
      identity: identityOf(io, source?.name),
      guestMemory: source?.guestMemory,
      guestContext: parts.stacks
        ? { kernelGsBase: () => undefined, ...source?.guestContext, stacks: parts.stacks }
        : source?.guestContext,
      processLayout: parts.processLayout ?? source?.processLayout,
      visibleMemory: source?.points?.textRange,
      symbols: parts.symbols,
      randomSeed: options.number('seed'),
      destructive: options.flag('destructive'),
      cpu: this.onlyCpu,
      wait: source ? undefined : (ns) => this.waste(ns),
      tier: tierChoice(options),
      isLong: (source?.progress.totalBytes ?? 0) >= LONG_BYTES,
    });
    this.consumer = createConsumer({
      out: io.out,
      err: io.err,
      options,
      programs: parts.programs,
      aggregations: this.engine.aggregations,
      variableName,
      ...(parts.symbols && { symbols: parts.symbols }),
      disassembler: parts.disassembler,
      ...(io.showsUtf8 && { showsUtf8: io.showsUtf8 }),
      runShell: io.runShell,
      openFile: io.openAppend,
    });
    this.drops = new DropReports(
      Math.min(options.number('statusrate'), OPTIONS.statusrate.bounds.most),
      this.hostNs,
    );
    this.sink = this.countingSink();
    this.clock = parts.needs.time && source ? new Clock(parts.clockMode, this.batch) : undefined;
    this.wallOriginNs = this.isHostTime
      ? io.nowNs() - BigInt(Math.round(io.monotonicNs()))
      : (source?.wallOriginNs ?? 0n);
  }

  /** Whether a clock that counts something in the trace has found any of it. */
  get clockHasTicked(): boolean {
    return this.clock === undefined || this.clock.hasTicked;
  }

  /** Enable every clause on the probes it names. Returns the library's reason when that cannot be. */
  enable(match: (program: Program, clause: number) => readonly Probe[]): string | undefined {
    for (const program of this.parts.programs) {
      for (const clause of program.clauses) {
        const probes = match(program, clause.index);
        this.engine.enable(
          program,
          clause,
          probes.map((probe) => probe.id),
        );
      }
    }
    this.engine.setDrainCallback(() => this.drain());
    this.takeFromHelpers();
    return refusedSize(this.parts.options) ?? this.engine.ready();
  }

  /** What threads trace for us counts as traced here. */
  private takeFromHelpers(): void {
    const { helpers, programs, symbols, safe } = this.parts;
    const { aggregations } = this.engine;
    helpers?.acceptInto({ aggregations, programs, symbols, safe }, (events, isAll) => {
      this.events += events;
      if (!isAll) this.drops.add('AGGREGATION', 0, 1);
    });
  }

  /** Bytes of each principal buffer that was asked for by size and enabled; 0 otherwise. */
  get bufferBytes(): number {
    return this.engine.bufferBytes;
  }

  /** What runs the clauses, once enabled. */
  get tiers(): TierReport {
    const { sites, traps } = this.parts.watched;
    const { tiers } = this.engine;
    const seesCode = sites.length + traps.length > 0;
    return { ...tiers, ...(seesCode && tiers.fast > 0 && { oneByOne: 'code probes' }) };
  }

  /** First call: end in order. Second: stop at once, still printing what is collected. */
  interrupt(): void {
    this.interrupts++;
    this.wake();
  }

  /** Records of code that was run; undefined when no code probe is enabled. */
  get blockCount(): number | undefined {
    return this.sites?.blocks;
  }

  get eventCount(): number {
    return this.events;
  }

  /** Announce a change of safe mode as an event of its own. */
  fireSafeChange(): void {
    if (!this.engine.isEnabled(this.parts.safeProbeId)) return;
    this.firing.row = NO_ROW;
    this.firing.clearArgs();
    this.firing.setArg(0, this.parts.safe.unsafe ? 0n : 1n);
    this.engine.fire(this.parts.safeProbeId);
    this.drain();
    this.consumer.flush();
    this.wake();
  }

  /** Print what was recorded until now: somebody else is about to print to the same place. */
  showOutput(): void {
    if (!this.switches) this.drain();
    this.consumer.flush();
  }

  /** Run to the end. */
  async run(): Promise<RunResult> {
    const { source } = this.parts;
    this.setTime(this.hostNs);
    this.firing.cpu = this.onlyCpu ?? 0;
    this.engine.begin();
    this.drain();
    if (this.engine.activity === 'active') {
      this.startCommands();
      await (source ? this.replay(source) : this.wait());
    }
    this.setTime(this.clock && !this.isHostTime ? this.clock.nowNs : this.hostNs);
    this.firing.row = NO_ROW;
    this.firing.cpu = this.onlyCpu ?? 0;
    this.firing.clearArgs();
    if (this.interrupts > 0) {
      this.drain();
      this.consumer.interrupted();
    }
    if (this.interrupts < 2) this.engine.end();
    this.isEnding = true;
    this.drain();
    this.reportDrops(Number.POSITIVE_INFINITY);
    this.consumer.finish();
    return { exitStatus: this.engine.exitStatus ?? 0, failure: this.failure, dropped: this.drops.lost };
  }

  private startCommands(): void {
    const { commands, begun, options, io } = this.parts;
    if (commands.length === 0 && !begun) return;
    this.consumer.flush(); // what BEGIN prints comes before what they print
    begun?.();
    if (commands.length === 0) return;
    const ends = commands.map(async (command) => {
      command.go();
      const end = await command.ended;
      if (!options.flag('quiet')) io.err(commandNotice(command.pid, end));
    });
    Promise.all(ends).then(() => {
      this.commandsEnded = true;
      this.wake();
    });
  }

  /** Whether nothing more is to be traced: exit(), an interrupt, or the end of every command of -c. */
  private get isOver(): boolean {
    return this.interrupts > 0 || this.commandsEnded || this.engine.activity !== 'active';
  }

  private async replay(source: EventSource): Promise<void> {
    const { batch, engine } = this;
    const dispatcher = this.dispatcher(this.hostNs);
    let sliceEnd = Date.now() + SLICE_MS;
    while (!this.isOver) {
      const filled = source.fill(batch);
      const result = filled instanceof Promise ? await this.awaitSource(filled, dispatcher) : filled;
      if (this.clock) this.clock.arrivedNs = this.hostNs;
      if (result === 0) return;
      if (typeof result !== 'number') {
        this.failure = result;
        return;
      }
      batch.count = result;
      this.events += result;
      dispatcher.run();
      if (engine.wantsDrain) this.drain();
      if (Date.now() < sliceEnd) continue;
      this.showOutput();
      this.reportProgress(source);
      await nextTurn();
      sliceEnd = Date.now() + SLICE_MS;
    }
  }

  /** No source: the host's clock, until exit() or an interrupt. */
  private async wait(): Promise<void> {
    const { io } = this.parts;
    const dispatcher = this.dispatcher(io.monotonicNs());
    while (!this.isOver) {
      const nowNs = io.monotonicNs();
      await this.fireDue(dispatcher, nowNs);
      this.drain();
      this.consumer.flush();
      if (this.engine.activity !== 'active') return;
      this.reportDrops(nowNs);
      await this.sleep((Math.min(dispatcher.nextDueNs, this.drops.dueNs) - io.monotonicNs()) / 1e6);
    }
  }

  /** Fire the timers due by then, and let signals through: what they do may take longer than their intervals. */
  private async fireDue(dispatcher: Dispatcher, nowNs: number): Promise<void> {
    let sliceEnd = Date.now() + SLICE_MS;
    while (dispatcher.nextDueNs <= nowNs && !this.isOver) {
      dispatcher.fireTimers(dispatcher.nextDueNs);
      if (Date.now() < sliceEnd) continue;
      this.drain();
      this.consumer.flush();
      await nextTurn();
      sliceEnd = Date.now() + SLICE_MS;
    }
  }

  private dispatcher(originNs: number): Dispatcher {
    const { parts } = this;
    const enabled = [...parts.timers.values()].filter((timer) => this.engine.isEnabled(timer.probeId));
    if (this.switches && !this.keepsToEnd)
      enabled.push({
        probeId: SWITCH_BUFFERS,
        everyCpu: false,
        get intervalNs() {
          return Math.max(1, parts.options.number('switchrate')); // setopt() may change it
        },
      });
    if (parts.watched.sites.length + parts.watched.traps.length > 0)
      this.sites = new EnabledSites(
        parts.watched,
        this.batch,
        parts.safe,
        parts.source?.guestMemory,
        (probeId) => this.engine.isEnabled(probeId),
      );
    return new Dispatcher({
      engine: this.engine,
      sites: this.sites,
      points: this.enabledPoints(),
      firing: this.firing,
      batch: this.batch,
      vec: parts.vec,
      vecReturnIds: parts.vecReturnIds,
      kindProbes: parts.kindProbes,
      safe: parts.safe,
      clock: this.clock,
      timers: new TimerQueue(enabled, originNs),
      wallOriginNs: this.wallOriginNs,
      needsArgs: parts.needs.args,
      onlyCpu: this.onlyCpu,
      ownPc: parts.source ? undefined : OWN_PC,
      drain: () => this.drain(),
    });
  }

  private enabledPoints(): EnabledPoints | undefined {
    const { source, points, safe } = this.parts;
    if (!source?.points || !points) return undefined;
    return new EnabledPoints(source.points, points, this.batch, safe, (id) => this.engine.isEnabled(id));
  }

  private setTime(timestampNs: number): void {
    this.firing.setTime(Math.round(timestampNs), this.wallOriginNs);
  }

  /** Whether buffers are emptied at the switch rate only: their size was given, and what does not fit is dropped. */
  private get switches(): boolean {
    return this.parts.options.isExplicit('bufsize');
  }

  /** Whether what is recorded waits in the buffers for the end of tracing: policies fill and ring. */
  private get keepsToEnd(): boolean {
    return bufferPolicy(this.parts.options) !== 'switch';
  }

  /** The CPU that alone is traced; undefined for all. */
  private get onlyCpu(): number | undefined {
    const { options } = this.parts;
    return options.isExplicit('cpu') ? options.number('cpu') : undefined;
  }

  private drain(): void {
    if (this.isEnding || !this.keepsToEnd) this.engine.drain(this.sink);
  }

  /** chill(): spends the host's time, which then is the firing's. */
  private waste(ns: number): void {
    const { io } = this.parts;
    const untilNs = io.monotonicNs() + ns;
    while (io.monotonicNs() < untilNs);
    this.setTime(io.monotonicNs());
  }

  /** The consumer, but drops are held back and summed. */
  private countingSink(): RecordSink {
    const { consumer } = this;
    return {
      record: consumer.record.bind(consumer),
      fault: consumer.fault.bind(consumer),
      drained: consumer.drained.bind(consumer),
      drop: (kind, cpu, count) => {
        this.drops.add(kind, cpu, count);
      },
    };
  }

  /** Tell the drops that are due; at the end all of them. */
  private reportDrops(nowNs: number): void {
    this.drops.tell(nowNs, (kind, cpu, count) => this.consumer.drop(kind, cpu, count));
  }

  /** A guest that runs makes no progress towards an end, and its console may be on the same terminal. */
  private reportProgress(source: EventSource): void {
    if (source.live) return;
    const { doneBytes, totalBytes } = source.progress;
    this.parts.io.progress?.(doneBytes, totalBytes, this.events);
  }

  /** Shows what there is before waiting for more: a stream may be silent for long. */
  private async awaitSource<T>(filled: Promise<T>, dispatcher: Dispatcher): Promise<T | 0> {
    let result: { readonly filled: T | 0 } | undefined;
    const waiting = this.orInterrupt(filled).then((value) => {
      result = { filled: value };
      return value;
    });
    for (;;) {
      if (!this.switches) this.drain();
      this.consumer.flush();
      if (!this.isHostTime) return waiting;
      // A live guest may be silent while timers go on.
      await Promise.race([waiting, this.sleep((dispatcher.nextDueNs - this.hostNs) / 1e6)]);
      this.wake(); // the timer, if it was not that
      if (result) return result.filled;
      dispatcher.fireTimers(this.hostNs);
      if (this.isOver) return 0;
    }
  }

  /** Time is the host's: there is no source, or a live one. */
  private get isHostTime(): boolean {
    return !this.parts.source || (this.parts.source.live ?? false);
  }

  /** The host's time where it counts; 0 in a replay. */
  private get hostNs(): number {
    return this.isHostTime ? this.parts.io.monotonicNs() : 0;
  }

  /** The promise's value, or 0 (the end) when an interrupt or exit() comes first. */
  private orInterrupt<T>(promise: Promise<T>): Promise<T | 0> {
    return new Promise((resolve, reject) => {
      this.wake = () => {
        if (this.isOver) resolve(0);
      };
      promise.then(resolve, reject);
      this.wake();
    });
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.max(ms, 0), MAX_SLEEP_MS));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** setTimeout takes at most 2^31 ms; an hour keeps the process alive and well below it. */
const MAX_SLEEP_MS = 3_600_000;

function bufferPolicy(options: Options): BufferPolicy {
  const policy = options.text('bufpolicy');
  return policy === 'fill' || policy === 'ring' ? policy : 'switch';
}

/** What `execname`, `pid` and the like say; `source` is the name of what is traced. */
export function identityOf(io: SessionIo, source: string | undefined): EngineIdentity {
  return {
    tracerName: 'trapline',
    tracerPid: io.pid,
    tracerIds: { ppid: io.ids?.ppid ?? 0, uid: io.ids?.uid ?? 0, gid: io.ids?.gid ?? 0 },
    tracerAncestors: io.ancestors,
    sourceName: source ?? 'trapline',
  };
}

export function tierChoice(options: Options): TierChoice {
  const choice = options.text('tier');
  return choice === 'interpreter' || choice === 'fast' ? choice : 'auto';
}

export function engineSizes(options: Options): EngineSizes {
  return {
    strsize: options.number('strsize'),
    bufsize: takenSize(options, 'bufsize'),
    bufpolicy: bufferPolicy(options),
    shrinks: options.text('bufresize') !== 'manual',
    bufsizeIsExplicit: options.isExplicit('bufsize'),
    aggsize: options.isExplicit('aggsize') ? takenSize(options, 'aggsize') : undefined,
    dynvarsize: takenSize(options, 'dynvarsize'),
    scratchsize: options.number('scratchsize'),
    nspec: options.number('nspec'),
    specsize: takenSize(options, 'specsize'),
  };
}

/** D name of a built-in variable's id, for fault messages. */
function variableName(id: number): string | undefined {
  const builtin = Object.entries(BUILTIN_VARIABLES).find(([, row]) => row.id === id);
  if (builtin) return builtin[0];
  return Object.keys(REGISTERS).find((name) => registerVariableId(name as RegisterName) === id);
}
