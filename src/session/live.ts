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
import { endText, LiveGuest, whyNotRunnable } from '../live/guest.ts';
import { type MarkedGuest, setMarkers } from '../live/markers.ts';
import { type Plan, type PlanRequest, planChannels } from '../live/plan.ts';
import { type QemuFacts, qemuFacts, splitCommand, withChannels } from '../live/qemu-command.ts';
import type { EventBatch } from '../machine/event-batch.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { CodeSite } from '../machine/sites.ts';
import { openReplay } from '../sources/replay.ts';
import type { EventSource, FillResult } from '../sources/source.ts';
import type { GuestCommand } from './request.ts';

export interface LiveOpen {
  readonly sites: readonly CodeSite[];
  readonly interrupts: boolean;
  readonly readsMemory: boolean;
  readonly needs: SourceNeeds;
  readonly memory: LinearMemory;
  readonly code: Pick<PlanRequest, 'needsMarker' | 'markerIn'>;
}

export class LiveSession {
  readonly facts: QemuFacts;
  readonly guest: LiveGuest;
  plan: Plan | undefined;
  private readonly words: readonly string[];
  private marked: MarkedGuest | undefined;

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
    return typeof guest === 'string' ? refuse(facts, guest) : new LiveSession(words, facts, guest);
  }

  private constructor(words: readonly string[], facts: QemuFacts, guest: LiveGuest) {
    this.words = words;
    this.facts = facts;
    this.guest = guest;
  }

  async open(request: LiveOpen): Promise<EventSource | Diagnostic> {
    const { sites, interrupts, readsMemory } = request;
    const { facts, guest } = this;
    const plan = planChannels({
      ...request.code,
      sites,
      interrupts,
      memory: readsMemory,
      attached: false,
      cpus: facts.cpus,
      thread: facts.thread,
    });
    if ('tag' in plan) return plan;
    this.plan = plan;
    const needsGdb = plan.markers.length > 0;
    if (needsGdb && facts.gdb !== undefined) return refuse(facts, ...GDB_TAKEN);
    const words = withChannels(this.words, facts, {
      logItems: plan.logItems,
      logPath: guest.logPath,
      dfilter: plan.filtered.length > 0 ? plan.filtered.map(rangeOf).join(',') : undefined,
      singleThread: plan.singleThread,
      gdbSocket: needsGdb ? guest.gdbPath : undefined,
      qmpSocket: guest.qmpPath,
      stopped: needsGdb,
      more: [],
    });
    const failed = await guest.start(words, needsGdb ? [guest.qmpPath, guest.gdbPath] : [guest.qmpPath]);
    if (failed !== undefined) return refuse(facts, failed);
    const source = await openReplay({
      paths: [guest.logPath],
      needs: request.needs,
      memory: request.memory,
      stdin: 0,
      scan: 'fast',
    });
    if ('tag' in source || (guest.end && source.progress.doneBytes === 0)) return this.atOnce(source);
    if (needsGdb) {
      const marked = await setMarkers(guest.gdbPath, plan.markers);
      if (typeof marked === 'string') return refuse(facts, marked);
      this.marked = marked;
    }
    return new GuestSource(source, facts, guest);
  }

  /** BEGIN has fired. */
  begin(): void {
    if (!this.facts.startsStopped) this.marked?.run();
  }

  async close(): Promise<void> {
    await this.marked?.close();
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
