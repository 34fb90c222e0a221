/**
 * The gdb thread's own side: it holds the connection to the guest's stub, and is a thread so that a firing, which may not
 * wait for the event loop, can read the guest's memory while this one waits for the socket.
 *
 * In: requests (gdb-protocol.ts). Out: answers, and one message for each stop of a guest that was let run. A stop that
 * only a read asked for is nobody's business; one that somebody else asked for (QMP, the monitor) is told, and what runs
 * next is theirs to say.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { GdbClient } from '../gdb/client.ts';
import type { Stop } from '../gdb/stop.ts';
import {
  ANSWER_AT,
  type GdbCall,
  type GdbFacts,
  type GdbMessage,
  type GdbRequest,
  GONE,
  type GuestStop,
  LENGTH,
  MAX_ANSWER_BYTES,
  SEQUENCE,
} from './gdb-protocol.ts';

/** setTimeout takes no more; a guest may run so long. */
const FOREVER_MS = 2 ** 31 - 1;
/** One instruction takes microseconds, unless it is a HLT; a host may be busy. */
const STEP_MS = 2000;
/** How long a guest that runs may take to stop. One that somebody paused never answers. */
const BREAK_IN_MS = 3000;
const PAUSED_BREAK_IN_MS = 500;

/** So often a step may end without effect. */
const MAX_IDLE_STEPS = 4;
/** Rounds of a string instruction; one that goes on fires again. */
const MAX_STEPS = 4096;

const SIGINT = 2; // stopped on request

export function serveGdb(): void {
  if (parentPort) new GdbService(parentPort, workerData as SharedArrayBuffer);
}

class GdbService {
  private readonly port: MessagePort;
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private client: GdbClient | undefined;
  private breakpoints: readonly bigint[] = [];
  private readonly stopsByRead = { pending: false, stopped: false };
  private othersPaused = false;
  private isParting = false;
  /** The run that is being begun, which may take several steps. Never rejects. */
  private stepping: Promise<unknown> = Promise.resolve();

  constructor(port: MessagePort, shared: SharedArrayBuffer) {
    this.port = port;
    this.words = new Int32Array(shared, 0, ANSWER_AT / 4);
    this.bytes = new Uint8Array(shared, ANSWER_AT);
    port.on('message', (call: GdbCall) => void this.serve(call));
  }

  private async serve({ id, shared, request }: GdbCall): Promise<void> {
    try {
      const value = await this.answer(request);
      if (shared) this.answerShared(id, value instanceof Uint8Array ? value : NOTHING);
      else this.post({ kind: 'answer', id, value });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const { state } = this.client ?? { state: 'closed' };
      if (state === 'closed' || state === 'exited') Atomics.store(this.words, GONE, 1);
      if (shared) this.refuseShared(id, reason);
      else this.post({ kind: 'failure', id, reason });
    }
  }

  private answer(request: GdbRequest): Promise<unknown> {
    switch (request.op) {
      case 'connect':
        return this.connect(request);
      case 'breakpoints':
        return this.setBreakpoints(request.addresses);
      case 'registers':
        return this.registers(request.cpu);
      case 'hmp':
        return this.gdb.hmp(request.command);
      case 'run':
        return this.begin(request.step);
      case 'watch':
        return this.watchOthers();
      case 'release':
        return this.release();
      case 'read':
        return this.read(request.cpu, request.address, request.size);
      case 'physical':
        return this.gdb.readPhysicalMemory(request.address, Math.min(request.size, MAX_ANSWER_BYTES));
      case 'part':
        return this.part(request.leave);
      case 'close':
        return this.close();
    }
  }

  private get gdb(): GdbClient {
    if (this.client) return this.client;
    throw new Error('there is no connection');
  }

  private async connect({
    address,
    timeoutMs,
    startupMs,
  }: Extract<GdbRequest, { op: 'connect' }>): Promise<GdbFacts> {
    let stoppedByUs = false;
    const client = await GdbClient.connect(address, {
      timeoutMs,
      startupMs,
      // Who connects to a guest that runs is sent a stop; of one that is stopped already we learn only by asking.
      onStop: (stop) => {
        stoppedByUs ||= stop.kind === 'stopped' && stop.signal === SIGINT;
      },
    });
    this.client = client;
    const cpus = (await client.threads()).map(({ cpu }) => cpu);
    const { layout } = client;
    if (layout === undefined) throw new Error(`the stub of ${client.name} does not describe its registers`);
    const { architecture, littleEndian, slots } = layout;
    const description = { architecture, littleEndian, registers: slots };
    return { description, cpus, wasRunning: stoppedByUs, name: client.name };
  }

  private async setBreakpoints(addresses: readonly bigint[]): Promise<void> {
    this.breakpoints = addresses;
    await Promise.all(addresses.map((address) => this.gdb.setBreakpoint('software', address)));
  }

  private async registers(cpu: number): Promise<Uint8Array> {
    return Buffer.from((await this.gdb.readRegisters(cpu)).hex, 'hex');
  }

  private begin(step: number | undefined): Promise<void> {
    const run = this.run(step);
    this.stepping = run.catch(() => undefined);
    return run;
  }

  private async run(step: number | undefined): Promise<void> {
    const { gdb } = this;
    this.stopsByRead.stopped = false;
    if (step !== undefined) {
      const stop = await this.stepOff(step);
      if (stop.kind === 'exited') return this.post({ kind: 'stop', stop: { kind: 'exited' } });
    }
    if (this.isParting) return;
    gdb.continue();
    this.watch();
  }

  /**
   * Two CPUs that meet breakpoints at the same time make QEMU stop twice, and the second stop may end our step before it
   * has done anything; so may our own, when a busy host keeps QEMU waiting. So a step is repeated until it shows.
   */
  private async stepOff(cpu: number): Promise<Stop> {
    const before = await this.gdb.readRegisters(cpu);
    for (let steps = 1; ; steps++) {
      const stop = await this.stepOnce(cpu);
      if (stop.kind === 'exited' || this.gdb.state !== 'stopped') return stop;
      if (steps === MAX_STEPS || this.isParting) return stop;
      const after = await this.gdb.readRegisters(cpu);
      if (after.get('rip') !== before.get('rip') || after.get('eip') !== before.get('eip')) return stop;
      // A string instruction stays where it is and counts down; whatever else stays has not been executed, or is a jump to
      // itself.
      if (after.hex === before.hex && steps >= MAX_IDLE_STEPS) return stop;
    }
  }

  /** A CPU that is halted instead of stepping is let be: it will meet its breakpoint when it wakes. */
  private async stepOnce(cpu: number): Promise<Stop> {
    const { gdb } = this;
    try {
      return await gdb.step(cpu, STEP_MS);
    } catch (error) {
      if (gdb.state !== 'running') throw error;
      return gdb.interrupt(BREAK_IN_MS);
    }
  }

  private async watchOthers(): Promise<void> {
    this.othersPaused = true;
    this.gdb.noteRunning();
    this.watch();
  }

  /** Tell the next stop. */
  private watch(): void {
    this.gdb.waitForStop(FOREVER_MS).then(
      (stop) => void this.stopped(stop).catch((error: Error) => this.lost(error)),
      (error: Error) => this.lost(error),
    );
  }

  private async stopped(stop: Stop): Promise<void> {
    const { stopsByRead } = this;
    const byRead = stopsByRead.pending;
    stopsByRead.pending = false;
    if (this.isParting) return;
    if (stop.kind === 'exited') return this.tell({ kind: 'exited' });
    if (stop.signal === SIGINT && byRead) {
      stopsByRead.stopped = true;
      return;
    }
    if (stop.signal === SIGINT) {
      this.othersPaused = true;
      this.gdb.noteRunning();
      this.watch();
      return this.tell({ kind: 'paused' });
    }
    this.othersPaused = false;
    const cpu = stop.cpu ?? 0;
    this.tell({ kind: 'breakpoint', cpu, registers: await this.registers(cpu) });
  }

  private lost(error: Error): void {
    const exited = this.client?.state === 'exited';
    if (!this.isParting) this.tell(exited ? { kind: 'exited' } : { kind: 'lost', reason: error.message });
  }

  private tell(stop: GuestStop): void {
    this.post({ kind: 'stop', stop });
  }

  /** Memory of a guest that runs: it is stopped, and runs on when the firing is over and says so. */
  private async read(cpu: number, address: bigint, size: number): Promise<Uint8Array> {
    const { gdb, stopsByRead } = this;
    if (gdb.state === 'running') {
      if (this.othersPaused) throw new Error('the guest was paused by somebody else');
      stopsByRead.pending = true;
      await gdb.interrupt(BREAK_IN_MS);
    }
    return gdb.readMemory(address, Math.min(size, MAX_ANSWER_BYTES), cpu);
  }

  private async release(): Promise<void> {
    const { stopsByRead } = this;
    if (!stopsByRead.stopped) return;
    stopsByRead.stopped = false;
    this.gdb.continue();
    this.watch();
  }

  /**
   * A guest that somebody else paused stays so, unless it was resumed since: then it stops once more for us. A step that
   * is under way ends first.
   */
  private async part(leave: 'running' | 'stopped'): Promise<void> {
    const { client } = this;
    this.isParting = true;
    await this.stepping;
    if (client === undefined || client.state === 'closed' || client.state === 'exited') return;
    let runs = leave === 'running';
    if (client.state === 'running') {
      try {
        await client.interrupt(this.othersPaused ? PAUSED_BREAK_IN_MS : BREAK_IN_MS);
        runs = true;
      } catch (error) {
        if (!this.othersPaused) throw error;
        client.noteStopped();
        runs = false;
      }
    }
    if (runs) return client.detach();
    const removals = this.breakpoints.map((address) => client.removeBreakpoint('software', address));
    await Promise.allSettled(removals);
    await client.close();
  }

  private async close(): Promise<void> {
    this.isParting = true;
    await this.client?.close();
  }

  private post(message: GdbMessage): void {
    this.port.postMessage(message);
  }

  private answerShared(id: number, bytes: Uint8Array): void {
    this.bytes.set(bytes);
    this.wakeCaller(id, bytes.length);
  }

  private refuseShared(id: number, reason: string): void {
    const bytes = new TextEncoder().encode(reason).subarray(0, MAX_ANSWER_BYTES);
    this.bytes.set(bytes);
    this.wakeCaller(id, -1 - bytes.length);
  }

  private wakeCaller(id: number, length: number): void {
    Atomics.store(this.words, LENGTH, length);
    Atomics.store(this.words, SEQUENCE, id);
    Atomics.notify(this.words, SEQUENCE);
  }
}

const NOTHING = new Uint8Array(0);
