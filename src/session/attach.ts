/**
 * `--attach`: a guest that runs already, as the session sees it.
 *
 *   connect   before the program is compiled: the guest is stopped, so that it can be asked where its kernel lies
 *   open      the enabled probes' places become breakpoints
 *   begin     BEGIN has fired: the guest runs on, unless it was stopped when we came
 *   close     breakpoints are gone, and the guest is left as it was found
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { type GuestPlace, gdbAddressOf, kernelSlide } from '../live/attach.ts';
import { GdbThread } from '../live/gdb-thread.ts';
import { type Plan, planChannels } from '../live/plan.ts';
import { StopRegisters } from '../live/stop-registers.ts';
import { StopSource } from '../live/stop-source.ts';
import { QmpClient } from '../qmp/client.ts';
import type { EventSource } from '../sources/source.ts';
import type { SymbolTable } from '../symbols/symbol-table.ts';
import type { LiveOpen } from './live.ts';
import type { CodeImage } from './symbols.ts';

export interface AttachRequest {
  readonly place: GuestPlace;
  readonly qmp: string | undefined; // its address
  /** The program's own file, for the gdb thread. */
  readonly program: string;
  readonly say: (text: string) => void;
}

export class AttachedGuest {
  plan: Plan | undefined;
  private readonly thread: GdbThread;
  private readonly qmp: QmpClient | undefined;
  private readonly say: AttachRequest['say'];
  private readonly wasRunning: boolean;
  private source: StopSource | undefined;
  private isClosed = false;

  static async connect(request: AttachRequest): Promise<AttachedGuest | Diagnostic> {
    const found = gdbAddressOf(request.place);
    if ('reason' in found)
      return refuse(request.place.kind === 'pid' ? `pid ${request.place.pid}` : '', found.reason);
    let qmp: QmpClient | undefined;
    let ran: boolean | undefined; // as the monitor says, which is asked before anybody stops the guest
    try {
      if (request.qmp !== undefined) qmp = await QmpClient.connect(request.qmp);
      if (qmp) ran = await isRunning(qmp);
    } catch (error) {
      return refuse('--qmp', reasonOf(error), QMP_HINT);
    }
    const thread = await GdbThread.connect({ program: request.program, address: found.address });
    if (!('error' in thread))
      return new AttachedGuest(thread, qmp, ran ?? thread.facts.wasRunning, request.say);
    await qmp?.close();
    return refuse('--attach', thread.error, GDB_HINT);
  }

  private constructor(
    thread: GdbThread,
    qmp: QmpClient | undefined,
    wasRunning: boolean,
    say: AttachRequest['say'],
  ) {
    this.thread = thread;
    this.qmp = qmp;
    this.wasRunning = wasRunning;
    this.say = say;
  }

  get name(): string {
    return this.thread.facts.name;
  }

  /** How far the guest's kernel was moved from where a table has it. */
  slideOf(table: SymbolTable): Promise<bigint | undefined> {
    return kernelSlide(this.thread, (name) => table.byName(name)[0]?.address);
  }

  /** The guest's own code, for symbols that come without any. */
  async code(): Promise<CodeImage> {
    const { thread } = this;
    const registers = new StopRegisters(thread.facts.description);
    const packet = await thread.readRegisters(0);
    if (!('error' in packet)) registers.load(packet);
    const isLong = ((registers.value('efer') ?? 0n) & EFER_LMA) !== 0n;
    const readCode = (address: bigint, size: number): Uint8Array | undefined => {
      const bytes = thread.readMemory(0, address, size);
      return typeof bytes === 'string' || bytes.length === 0 ? undefined : bytes;
    };
    return { reader: { readCode }, bits: isLong ? 64 : 32 };
  }

  async open({ sites, interrupts, code }: LiveOpen): Promise<EventSource | Diagnostic> {
    const cpus = this.thread.facts.cpus.length;
    const plan = planChannels({ ...code, sites, interrupts, memory: true, attached: true, cpus });
    if ('tag' in plan) return plan;
    this.plan = plan;
    const { thread, name, say } = this;
    const source = new StopSource({ thread, addresses: plan.stops, name, say });
    const refused = await source.arm();
    if (refused !== undefined) return refuse(name, refused);
    this.source = source;
    return source;
  }

  begin(): void {
    if (!this.wasRunning)
      this.say(`${this.name}: the guest is stopped, and is left so: tracing begins when it is resumed`);
    this.source?.begin(this.wasRunning);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const failed = await this.thread.part(this.wasRunning ? 'running' : 'stopped');
    await this.resumeByQmp();
    await this.qmp?.close();
    if (failed !== undefined && !this.source?.hasEnded)
      this.say(`${this.name}: the guest may be stopped or keep breakpoints: ${failed}`);
  }

  /** The process ends now. */
  abandon(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.thread.partNow(this.wasRunning ? 'running' : 'stopped');
  }

  /** A guest whose stub did not let us part is resumed by its other monitor. */
  private async resumeByQmp(): Promise<void> {
    if (this.qmp === undefined || !this.wasRunning) return;
    try {
      if (!(await isRunning(this.qmp))) await this.qmp.execute('cont');
    } catch {
      // A guest that is gone needs nobody to resume it.
    }
  }
}

/** The CPU runs 64-bit code, or may. */
const EFER_LMA = 0x400n;

const GDB_HINT = 'QEMU listens where -gdb says, or -s (:1234): --attach HOST:PORT or --attach PATH';
const QMP_HINT = 'QEMU listens where -qmp says: --qmp HOST:PORT or --qmp PATH';

async function isRunning(qmp: QmpClient): Promise<boolean> {
  const status = await qmp.execute('query-status');
  return typeof status === 'object' && status !== null && 'running' in status && status['running'] === true;
}

function refuse(program: string, reason: string, hint = ''): Diagnostic {
  return diagnostic('U_LIVE', undefined, { program, reason }, { hint });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
