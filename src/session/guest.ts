/**
 * The guest that a session traces, if it traces one: it is started (-c), attached to (--attach, -p), run again from a
 * recording (-t), or the built-in machine (--machine). What each of them is, its own file says (live.ts, attach.ts,
 * machine.ts), which is loaded when it is asked for.
 *
 *   prepare   before the program is compiled       open    the enabled probes are known: a source, which may be refused
 *   begin     BEGIN has fired: a guest may run     close   whatever is left of it ends
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Options } from '../dif/options.ts';
import type { Plan } from '../live/plan.ts';
import type { EventSource } from '../sources/source.ts';
import type { AttachedGuest } from './attach.ts';
import type { Interruption } from './interruption.ts';
import type { LiveOpen, LiveSession } from './live.ts';
import type { MachineOpen, MachineSession } from './machine.ts';
import { PREFIX } from './notices.ts';
import type { SessionIo, SessionRequest } from './request.ts';

export class TracedGuest {
  live: LiveSession | undefined;
  attached: AttachedGuest | undefined;
  machine: MachineSession | undefined;
  private readonly request: SessionRequest;
  private readonly options: Options;
  private readonly io: SessionIo;

  constructor(request: SessionRequest, io: SessionIo) {
    this.request = request;
    this.options = request.options;
    this.io = io;
  }

  async prepare(): Promise<Diagnostic | undefined> {
    const { guest, attach, machine, mode, plugin } = this.request;
    if (attach && mode === 'run' && !plugin) return this.attach(attach);
    if (machine !== undefined) return this.prepareMachine(machine);
    const execution = this.recordedExecution;
    if (!guest && execution === undefined) {
      const reason = 'it goes into a QEMU that trapline starts: -c, or -t with a recorded execution';
      const asksForPlugin = plugin && mode === 'run';
      return asksForPlugin ? diagnostic('U_PLUGIN', undefined, { reason }, { hint: '' }) : undefined;
    }
    const { LiveSession } = await import('./live.ts');
    const live = guest
      ? LiveSession.prepare(guest)
      : LiveSession.replay(execution!, this.io.environment ?? {});
    if ('tag' in live) return live;
    this.live = live;
    return undefined;
  }

  private async prepareMachine(image: string): Promise<Diagnostic | undefined> {
    const { MachineSession } = await import('./machine.ts');
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

  private async attach(attach: NonNullable<SessionRequest['attach']>): Promise<Diagnostic | undefined> {
    const { AttachedGuest } = await import('./attach.ts');
    const say = (text: string) => this.io.err(`${PREFIX}${text}\n`);
    const attached = await AttachedGuest.connect({ ...attach, program: this.io.programFile, say });
    if ('tag' in attached) return attached;
    this.attached = attached;
    return undefined;
  }

  /** The folder that -t names, when `trapline record` made it. */
  get recordedExecution(): string | undefined {
    const { traces } = this.request;
    const isOne = traces.length === 1 && this.io.readFile(`${traces[0]}/recording.json`) !== undefined;
    return isOne ? traces[0] : undefined;
  }

  /** Whether one reads the terminal, or is about to say whether it does. */
  get keysAreTaken(): boolean {
    return this.request.guest !== undefined && (this.live?.facts.readsStdin ?? true);
  }

  /** The image that it boots, where we know it. */
  get kernel(): string | undefined {
    return this.live?.facts.kernel ?? this.request.machine;
  }

  /** Its process, or the one that -p names. */
  get pid(): number | undefined {
    const place = this.request.attach?.place;
    return this.live?.guest.pid ?? (place?.kind === 'pid' ? place.pid : undefined);
  }

  /** How its probes are seen, once it is open. */
  get plan(): Plan | undefined {
    return this.attached?.plan ?? this.live?.plan;
  }

  get isThere(): boolean {
    return (this.live ?? this.attached ?? this.machine) !== undefined;
  }

  /** Its source; undefined when there is none. A live one may keep us waiting, until an interrupt. */
  async open(
    wanted: LiveOpen,
    ofMachine: Pick<MachineOpen, 'readsMemory' | 'returns' | 'print' | 'isSafe'>,
    interruption: Interruption,
  ): Promise<EventSource | Diagnostic | undefined> {
    const { attached, live, machine } = this;
    if (attached) return interruption.orNothing(attached.open(wanted), attached.name);
    if (live) return interruption.orNothing(live.open(wanted), live.facts.program);
    return machine?.open({ ...wanted, ...ofMachine });
  }

  /** What lets a live one run; undefined where nothing waits for it. */
  get begin(): (() => void) | undefined {
    const guest = this.live ?? this.attached;
    return guest && (() => guest.begin());
  }

  /** The process ends now. */
  abandon(): void {
    this.live?.guest.destroy();
    this.attached?.abandon();
  }

  async close(): Promise<void> {
    await this.live?.close();
    await this.attached?.close();
  }
}
