/**
 * A live guest as the session sees it: from `-c 'qemu-system-…'` to an event source.
 *
 *   prepare   before the program is compiled: the command is understood, its pid exists ($target)
 *   open      the enabled probes' sites → plan → QEMU with its channels → a source over its log
 *   begin     BEGIN has fired: the guest runs
 *   close     whatever is left of it ends
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { GdbThread } from '../live/gdb-thread.ts';
import { endText, LiveGuest, whyNotRunnable } from '../live/guest.ts';
import { type MarkedGuest, setMarkers } from '../live/markers.ts';
import { MixedSource } from '../live/mixed-source.ts';
import { type Plan, type PlanRequest, type PluginOffer, planChannels } from '../live/plan.ts';
import { buildPlugin, takesPlugins } from '../live/plugin/build.ts';
import { openPipe, PluginSource, sitesFile } from '../live/plugin/plugin-source.ts';
import { type QemuFacts, qemuFacts, splitCommand, withChannels } from '../live/qemu-command.ts';
import { executionSwitch } from '../live/record.ts';
import { RecordedSource } from '../live/recorded-source.ts';
import {
  type Recording,
  readRecording,
  readTimes,
  recordedFacts,
  whyNotReplayable,
} from '../live/recording.ts';
import { StopSource } from '../live/stop-source.ts';
import type { EventBatch } from '../machine/event-batch.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { CodeSite } from '../machine/sites.ts';
import type { GuestContext, MemoryReader } from '../machine/target.ts';
import { openReplay } from '../sources/replay.ts';
import type { EventSource, FillResult } from '../sources/source.ts';
import type { GuestCommand } from './request.ts';

export interface LiveOpen {
  readonly sites: readonly CodeSite[];
  readonly interrupts: boolean;
  /** A clause reads the guest's memory, and whether one does at this site. */
  readonly readsMemory: boolean;
  readonly stopsAt: (site: CodeSite) => boolean;
  /** Variables are kept by thread. */
  readonly keepsThreads: boolean;
  /** The program's own file, for the gdb thread. */
  readonly program: string;
  /** A line for the user. */
  readonly say: (text: string) => void;
  readonly needs: SourceNeeds;
  readonly memory: LinearMemory;
  readonly code: Pick<PlanRequest, 'needsMarker' | 'markerIn'>;
  readonly plugin: Omit<PluginOffer, 'whyNot'>;
}

/** What a recorded guest does again. */
interface Execution {
  readonly folder: string;
  readonly recording: Recording;
  readonly times: Float64Array | undefined; // of its interrupts, by number
}

export class LiveSession {
  readonly facts: QemuFacts;
  readonly guest: LiveGuest;
  plan: Plan | undefined;
  private readonly words: readonly string[];
  private readonly env: GuestCommand['env'];
  private readonly execution: Execution | undefined;
  private pluginPath = '';
  private run: (() => void) | undefined; // of a guest that waits with no debugger attached
  private log: EventSource | undefined;
  private marked: MarkedGuest | undefined;
  private thread: GdbThread | undefined;
  private stops: StopSource | undefined;

  static prepare({ text, env }: GuestCommand): LiveSession | Diagnostic {
    const words = splitCommand(text);
    if (words === undefined)
      return diagnostic('U_COMMAND', undefined, { command: text, reason: 'a quote is not closed' });
    const facts = qemuFacts(words);
    const reason = whyNotTraceable(facts);
    if (reason !== undefined) return refuse(facts, ...reason);
    const missing = whyNotRunnable(facts.program, env);
    if (missing !== undefined)
      return diagnostic(
        'U_COMMAND',
        undefined,
        { command: facts.program, reason: missing },
        { hint: QEMU_HINT },
      );
    const guest = LiveGuest.prepare({ env, usesStdin: facts.readsStdin });
    return typeof guest === 'string' ? refuse(facts, guest) : new LiveSession(words, facts, guest, env);
  }

  /** The folder of a recorded execution is a guest that does again what it did. */
  static replay(folder: string, env: GuestCommand['env']): LiveSession | Diagnostic {
    const wrong = (reason: string, hint = '') =>
      diagnostic('U_RECORDING', undefined, { path: folder, reason }, { hint });
    const recording = readRecording(folder);
    if (typeof recording === 'string') return wrong(recording);
    const refusal = whyNotReplayable(folder, recording, env);
    if (refusal) return wrong(...refusal);
    const facts = recordedFacts(recording);
    const guest = LiveGuest.prepare({ env, usesStdin: false, folder: recording.folder, isQuiet: true });
    if (typeof guest === 'string') return wrong(guest);
    const execution = { folder, recording, times: readTimes(folder) };
    return new LiveSession(recording.command, facts, guest, env, execution);
  }

  private constructor(
    words: readonly string[],
    facts: QemuFacts,
    guest: LiveGuest,
    env: GuestCommand['env'],
    execution?: Execution,
  ) {
    this.words = words;
    this.facts = facts;
    this.guest = guest;
    this.env = env;
    this.execution = execution;
  }

  async open(request: LiveOpen): Promise<EventSource | Diagnostic> {
    const { sites, interrupts, readsMemory } = request;
    const { facts, guest, execution } = this;
    const keepsTime = execution?.times !== undefined && request.needs.time && !readsMemory;
    const { plugin } = request;
    const plan = planChannels({
      ...request.code,
      plugin: { ...plugin, whyNot: () => this.openPlugin() },
      sites,
      // Their records tell the time of a recorded execution.
      interrupts: interrupts || (keepsTime && !plugin.isWanted),
      memory: readsMemory,
      stopsAt: request.stopsAt,
      attached: false,
      cpus: facts.cpus,
      thread: facts.thread,
    });
    if ('tag' in plan) return plan;
    this.plan = { ...plan, lines: [...this.recordedLines, ...plan.lines] };
    if (plan.plugin.length > 0) return this.openHits(plan.plugin);
    const stopsOrReads = plan.readsMemory || plan.stops.length > 0;
    const needsGdb = plan.markers.length > 0 || stopsOrReads;
    if (needsGdb && facts.gdb !== undefined) return refuse(facts, ...GDB_TAKEN);
    const words = withChannels(this.words, facts, {
      logItems: plan.logItems,
      logPath: guest.logPath,
      dfilter: plan.filtered.length > 0 ? plan.filtered.map(rangeOf).join(',') : undefined,
      singleThread: plan.singleThread && !facts.icount && !execution,
      gdbSocket: needsGdb ? guest.gdbPath : undefined,
      qmpSocket: guest.qmpPath,
      stopped: needsGdb,
      more: this.replaySwitch,
    });
    const failed = await guest.start(words, needsGdb ? [guest.qmpPath, guest.gdbPath] : [guest.qmpPath]);
    if (failed !== undefined) return refuse(facts, failed);
    const source = await guest.readLog((path) =>
      openReplay({
        paths: [path],
        name: `${programName(facts)}'s log`,
        needs: request.needs,
        memory: request.memory,
        stdin: 0,
        scan: 'fast',
        isPatient: execution !== undefined,
        isPrompt: needsGdb,
      }),
    );
    if ('tag' in source || (guest.end && source.progress.doneBytes === 0)) return this.atOnce(source);
    this.log = source;
    if (stopsOrReads) {
      const stops = await this.openStops(plan, source, request);
      return 'tag' in stops ? stops : this.recorded(stops, undefined);
    }
    if (needsGdb) {
      const marked = await setMarkers(guest.gdbPath, plan.markers);
      if (typeof marked === 'string') return refuse(facts, marked);
      this.marked = marked;
    }
    return this.recorded(new GuestSource(source, facts, guest), execution?.times);
  }

  /** A recorded execution has its own time, and its name is its folder's. */
  private recorded(source: EventSource, times: Float64Array | undefined): EventSource {
    const { execution } = this;
    return execution ? new RecordedSource(source, execution.folder, execution.recording.date, times) : source;
  }

  private get recordedLines(): string[] {
    const { execution } = this;
    if (!execution) return [];
    const { date, qemu } = execution.recording;
    return [
      `the execution that was recorded at ${date} is replayed, by ${qemu}; what its guest prints is not shown`,
    ];
  }

  private get replaySwitch(): string[] {
    const { execution } = this;
    return execution ? executionSwitch('replay', execution.folder, execution.recording.shift) : [];
  }

  /** Undefined when the plugin is there and this QEMU takes it. */
  private openPlugin(): string | undefined {
    const built = buildPlugin(this.env);
    if (typeof built === 'string') return built;
    if (!takesPlugins(this.facts.program, this.env))
      return `this ${programName(this.facts)} takes no plugins`;
    this.pluginPath = built.path;
    return undefined;
  }

  /** The plugin's hits alone: there is no log. */
  private async openHits(addresses: readonly bigint[]): Promise<EventSource | Diagnostic> {
    const { facts, guest, pluginPath } = this;
    const { more, pipe } = guest.forPlugin(pluginPath, sitesFile(addresses));
    const words = withChannels(this.words, facts, {
      logItems: [],
      logPath: undefined,
      dfilter: undefined,
      singleThread: false,
      gdbSocket: undefined,
      qmpSocket: guest.qmpPath,
      stopped: true,
      more: [...this.replaySwitch, ...more],
    });
    const failed = await guest.start(words, [guest.qmpPath]);
    if (failed !== undefined) return refuse(facts, failed);
    const run = await guest.waiting();
    if (typeof run === 'string') return refuse(facts, run);
    this.run = run;
    const hits = guest.readLog(() => openPipe(pipe));
    const source = new PluginSource(programName(facts), hits, addresses);
    return this.recorded(new GuestSource(source, facts, guest), undefined);
  }

  /** The log, and stops through the stub, where markers are set as well. */
  private async openStops(
    plan: Plan,
    log: EventSource,
    request: LiveOpen,
  ): Promise<EventSource | Diagnostic> {
    const { facts, guest } = this;
    const { program, say } = request;
    const thread = await GdbThread.connect({ program, address: guest.gdbPath, startupMs: GDB_STARTUP_MS });
    if ('error' in thread) return refuse(facts, thread.error);
    this.thread = thread;
    const { stops: addresses, markers } = plan;
    const stops = new StopSource({ thread, addresses, markers, name: programName(facts), say });
    const refused = await stops.arm();
    if (refused !== undefined) return refuse(facts, refused);
    this.stops = stops;
    return new GuestSource(new MixedSource(log, stops, request.keepsThreads), facts, guest);
  }

  /** BEGIN has fired. */
  begin(): void {
    this.stops?.begin(!this.facts.startsStopped);
    if (!this.facts.startsStopped) this.marked?.run();
    if (!this.facts.startsStopped) this.run?.();
  }

  async close(): Promise<void> {
    // Nobody reads the log any more, and a QEMU that waits for its reader answers no debugger.
    await this.log?.close();
    this.guest.releaseLog();
    await this.marked?.close();
    await this.thread?.close();
    await this.guest.close();
  }

  /** A guest that is gone says more than its empty log. */
  private async atOnce(source: EventSource | Diagnostic): Promise<Diagnostic> {
    if (!('tag' in source)) await source.close();
    const { end } = this.guest;
    if (end) return refuse(this.facts, `it ended at once, with ${endText(end)}`);
    return 'tag' in source ? source : refuse(this.facts, 'it has no log');
  }
}

/** A filter range of one address. */
const rangeOf = (address: bigint): string => `0x${address.toString(16)}+1`;

const QEMU_HINT = 'on Debian, apt-get install qemu-system-x86';
const GDB_TAKEN = [
  'these probes need its gdbstub, and QEMU has one, which -gdb or -s gives away',
  'leave -gdb and -s out',
] as const;

/** Targets whose logs are read. */
const TARGETS: ReadonlySet<string> = new Set(['x86_64', 'i386']);
/** Items of -d that make events, or lines that are known to be none. */
const LOG_ITEMS = /^(int|cpu_reset|guest_errors|exec|cpu|unimp|nochain|plugin|trace:.*)$/;

/** What of a command cannot be traced, and what helps. */
function whyNotTraceable(facts: QemuFacts): readonly [reason: string, hint: string] | undefined {
  const { target, accelerator, daemonizes, logFile, dfilter } = facts;
  if (!TARGETS.has(target))
    return [`guests of ${target || 'this kind'} are not traced yet`, 'x86 guests are'];
  if (accelerator !== undefined && accelerator !== 'tcg')
    return [
      `with the accelerator ${accelerator} QEMU logs no interrupts and no code`,
      'probes need TCG: leave out -enable-kvm and the accelerator, or say -accel tcg',
    ];
  if (daemonizes) return ['-daemonize leaves nobody to trace', 'leave it out: -c runs beside its guest'];
  if (logFile !== undefined)
    return [
      'QEMU writes one log, and -D takes it away',
      'leave -D out, or trace the log that it writes: -t FILE --follow',
    ];
  if (dfilter !== undefined)
    return [
      '-dfilter is what chooses the probes of a live guest',
      'leave it out, and name functions by fbt probes',
    ];
  const foreign = facts.logItems.find((item) => !LOG_ITEMS.test(item));
  if (foreign !== undefined)
    return [
      `-d ${foreign} would go into the log that is traced, and makes no events`,
      `leave ${foreign} out`,
    ];
  return undefined;
}

/** The stub listens soon after its socket is there. */
const GDB_STARTUP_MS = 5000;

function programName({ program }: QemuFacts): string {
  return program.split('/').at(-1) ?? '';
}

function refuse({ program }: QemuFacts, reason: string, hint = ''): Diagnostic {
  return diagnostic('U_LIVE', undefined, { program: program.split('/').at(-1) ?? '', reason }, { hint });
}

/** The log of a guest, named by its program. A guest that ended without an event is no torn log. */
class GuestSource implements EventSource {
  readonly live = true;
  readonly hasTime = true;
  private readonly log: EventSource;
  private readonly facts: QemuFacts;
  private readonly guest: LiveGuest;

  constructor(log: EventSource, facts: QemuFacts, guest: LiveGuest) {
    this.log = log;
    this.facts = facts;
    this.guest = guest;
  }

  get name(): string {
    return this.facts.program.split('/').at(-1) ?? '';
  }

  get guestMemory(): MemoryReader | undefined {
    return this.log.guestMemory;
  }

  get guestContext(): GuestContext | undefined {
    return this.log.guestContext;
  }

  get stampsHostTime(): boolean {
    return this.log.stampsHostTime ?? false;
  }

  get ledger(): EventSource['ledger'] {
    return this.log.ledger;
  }

  get progress(): EventSource['progress'] {
    return this.log.progress;
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    const filled = this.log.fill(batch);
    return filled instanceof Promise ? filled.then((result) => this.judged(result)) : this.judged(filled);
  }

  close(): Promise<void> {
    return this.log.close();
  }

  /** What the log's end means depends on how QEMU ended. */
  private judged(result: FillResult): FillResult {
    const { end } = this.guest;
    if (typeof result === 'number' && result > 0) return result;
    const isChosen = this.facts.choosesStatus && (end?.status ?? 0) > 1;
    if (end && (end.status ?? 1) !== 0 && !isChosen)
      return refuse(this.facts, `the guest ended with ${endText(end)}`);
    return 0;
  }
}
