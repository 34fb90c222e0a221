/**
 * Probes by breakpoints that stop the guest: for guests that are attached to, and where a clause reads memory.
 *
 *   S1 Breakpoints stay in place as long as we are there. A CPU that stands on one fires and is stepped over it, alone and
 *      with interrupts masked (QEMU's own way of stepping), before all run on: no instruction of a site runs unseen,
 *      and none is seen twice, for an interrupt that is pending comes in behind the step.
 *   S2 Only the CPU that the stop names is looked at. Another that met its breakpoint at the same time has not moved, and
 *      stops again at once when all run on; one that is only halted in front of a site has not come there yet.
 *   S3 A stop at a place of no site is nobody's event (one of two stops that QEMU made of one moment): the guest runs on.
 *   S4 A stop on somebody else's request is left to them. Breakpoints hold, and the next one met is told.
 *   S5 An instruction that faults before it is done is executed again after its handler, and then fires again, as
 *      it does in a log of executed blocks.
 *
 * In: the gdb thread, the addresses. Out: one event of kind `tb` per stop. Memory and registers are those of the stop.
 */
import { diagnostic } from '../diag/diagnostics.ts';
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';
import { Ledger } from '../machine/ledger.ts';
import type { GuestContext } from '../machine/target.ts';
import type { EventSource, FillResult } from '../sources/source.ts';
import type { GuestStop } from './gdb-protocol.ts';
import type { GdbThread } from './gdb-thread.ts';
import { KernelTables, type TableReader } from './kernel-tables.ts';
import { StopMemory } from './stop-memory.ts';
import { StopRegisters } from './stop-registers.ts';

export interface StopSetup {
  readonly thread: GdbThread;
  readonly addresses: readonly bigint[];
  /** Breakpoints that nobody meets (markers.ts). */
  readonly markers?: readonly bigint[];
  /** How messages name the guest. */
  readonly name: string;
  /** A line for the user about the guest, not about an event. */
  readonly say: (text: string) => void;
}

type Breakpoint = Extract<GuestStop, { readonly kind: 'breakpoint' }>;

export class StopSource implements EventSource {
  readonly live = true;
  readonly hasTime = true;
  readonly ledger = new Ledger();
  readonly progress = { doneBytes: 0, totalBytes: undefined };
  readonly guestMemory: StopMemory;
  readonly guestContext: GuestContext;
  readonly name: string;
  private readonly setup: StopSetup;
  private readonly sites: ReadonlySet<bigint>;
  private readonly registers: StopRegisters;
  private readonly gsBases = new Map<number, bigint>(); // by CPU
  private standing: number | undefined; // the CPU at its breakpoint, to be stepped off it
  private isRunning = false;
  private ended = false;
  private releases = false; // a release is under way, at the end of this turn

  constructor(setup: StopSetup) {
    this.setup = setup;
    this.name = setup.name;
    this.sites = new Set(setup.addresses);
    this.registers = new StopRegisters(setup.thread.facts.description);
    this.guestMemory = new StopMemory(setup.thread, new KernelTables(this.tableReader()));
    this.guestMemory.onRead = () => this.releaseSoon();
    this.guestContext = { kernelGsBase: (cpu) => this.kernelGsBase(cpu) };
  }

  /** Undefined, or why this machine's code cannot be traced. */
  async arm(): Promise<string | undefined> {
    const { thread } = this.setup;
    if (!this.registers.known) {
      const { architecture } = thread.facts.description;
      return `it is a machine of kind ${architecture || 'unknown'}, and probes in code are for x86`;
    }
    for (const cpu of thread.facts.cpus) {
      const packet = await thread.readRegisters(cpu);
      if ('error' in packet) return packet.error;
      this.noteBase(cpu, packet);
    }
    return thread.setBreakpoints([...this.sites, ...(this.setup.markers ?? [])]);
  }

  /** BEGIN has fired. A guest that was stopped when we came stays so until somebody resumes it. */
  begin(wasRunning: boolean): void {
    if (wasRunning) this.resume();
    else this.setup.thread.watch();
  }

  /** The guest is gone, or its connection is. */
  get hasEnded(): boolean {
    return this.ended;
  }

  async fill(batch: EventBatch): Promise<FillResult> {
    for (;;) {
      if (this.standing !== undefined) this.resume();
      const stop = await this.setup.thread.nextStop();
      const filled = this.take(stop, batch);
      if (filled !== undefined) return filled;
    }
  }

  /** Whoever opened the thread ends it, once it is clear how the guest is to be left. */
  async close(): Promise<void> {}

  /** The rows of a stop; undefined when it is no event. */
  private take(stop: GuestStop, batch: EventBatch): FillResult | undefined {
    switch (stop.kind) {
      case 'breakpoint':
        return this.takeBreakpoint(stop, batch);
      case 'paused':
        this.setup.say(`${this.name}: somebody paused the guest; tracing goes on when it is resumed`);
        return undefined;
      case 'exited':
        this.ended = true;
        this.isRunning = false;
        return 0;
      case 'lost':
        this.ended = true;
        this.isRunning = false;
        return diagnostic('U_LIVE', undefined, { program: this.name, reason: stop.reason }, { hint: '' });
    }
  }

  private takeBreakpoint({ cpu, registers: packet }: Breakpoint, batch: EventBatch): number | undefined {
    const { registers } = this;
    this.isRunning = false;
    this.standing = cpu;
    this.noteBase(cpu, packet);
    const { pc, sp, cpl, interrupts } = registers.place;
    if (!this.sites.has(pc)) {
      this.standing = undefined; // S3
      this.resume();
      return undefined;
    }
    this.guestMemory.cpu = cpu;
    const { memory, at } = batch;
    const flags = EVENT_FLAGS.IF_KNOWN | (interrupts ? EVENT_FLAGS.IF : 0);
    memory.u8[at.kind] = EVENT_KINDS.tb;
    memory.u8[at.cpl] = cpl;
    memory.u8[at.flags] = flags;
    memory.u16[at.cpu >>> 1] = cpu;
    memory.u16[at.vector >>> 1] = 0;
    memory.u64[at.seq >>> 3] = BigInt(this.ledger.events++);
    memory.u64[at.errcode >>> 3] = 0n;
    memory.u64[at.pc >>> 3] = pc;
    memory.u64[at.sp >>> 3] = sp;
    memory.u64[at.faddr >>> 3] = 0n;
    memory.f64[at.time >>> 3] = Number.NaN;
    memory.f64[at.line >>> 3] = 0;
    memory.u32[at.text >>> 2] = 0;
    batch.registers = registers;
    batch.cpuCount = Math.max(batch.cpuCount, cpu + 1);
    batch.count = 1;
    return 1;
  }

  private resume(): void {
    this.guestMemory.forget();
    this.isRunning = true;
    this.setup.thread.run(this.standing);
    this.standing = undefined;
  }

  private tableReader(): TableReader {
    const { thread } = this.setup;
    const registers = new StopRegisters(thread.facts.description);
    const bytesOf = (answer: Uint8Array | string) => (typeof answer === 'string' ? undefined : answer);
    return {
      cr3: (cpu) => {
        const packet = bytesOf(thread.registersNow(cpu));
        if (packet) registers.load(packet);
        return packet && registers.value('cr3');
      },
      physical: (address, size) => bytesOf(thread.readPhysical(address, size)),
    };
  }

  private noteBase(cpu: number, packet: Uint8Array): void {
    this.registers.load(packet);
    const base = this.registers.kernelGsBase;
    if (base !== undefined) this.gsBases.set(cpu, base);
  }

  private kernelGsBase(cpu: number): bigint | undefined {
    this.guestMemory.cpu = cpu;
    return this.gsBases.get(cpu);
  }

  /** A read between stops (a tick, END) stops the guest; the firing that made it is over at the end of this turn. */
  private releaseSoon(): void {
    if (!this.isRunning || this.releases) return;
    this.releases = true;
    setImmediate(() => {
      this.releases = false;
      this.guestMemory.forget();
      if (this.isRunning) this.setup.thread.release();
    });
  }
}
