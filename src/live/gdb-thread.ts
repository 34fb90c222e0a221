/**
 * A guest's gdb stub, reached through a thread: what takes its time answers with promises, and memory is read at once.
 *
 * Probe context is synchronous and Node's sockets are not, so the connection lives in a worker thread (gdb-worker.ts) and
 * a read sleeps on shared memory until that thread has the answer. Every wait has an end; failures are sentences. The
 * thread runs the program's own file, whose first argument tells it that it is one (cli/trapline.ts).
 */
import { realpathSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import {
  ANSWER_AT,
  GDB_THREAD,
  type GdbCall,
  type GdbFacts,
  type GdbMessage,
  type GdbRequest,
  GONE,
  type GuestStop,
  LENGTH,
  MAX_ANSWER_BYTES,
  SEQUENCE,
  SHARED_BYTES,
} from './gdb-protocol.ts';

export interface GdbThreadOptions {
  /** The program's file. */
  readonly program: string;
  readonly address: string;
  /** The longest any single wait for the stub takes. */
  readonly timeoutMs?: number;
  /** How long a socket that is not there yet is tried again. */
  readonly startupMs?: number;
}

const TIMEOUT_MS = 5000;
/** The thread answers later than the stub fails it, never earlier. */
const GRACE_MS = 5000;

/** What a request that failed says. */
export interface GdbFailure {
  readonly error: string;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: string) => void;
}

export class GdbThread {
  facts!: GdbFacts; // set by connect before anybody else sees the thread
  private readonly worker: Worker;
  private readonly shared = new SharedArrayBuffer(SHARED_BYTES);
  private readonly words = new Int32Array(this.shared, 0, ANSWER_AT / 4);
  private readonly bytes = new Uint8Array(this.shared, ANSWER_AT);
  private readonly waitMs: number;
  private readonly pending = new Map<number, Pending>();
  private readonly stops: GuestStop[] = [];
  private stopWaiter: ((stop: GuestStop) => void) | undefined;
  private nextId = 1;
  private ended: string | undefined; // why the thread does not answer any more

  static async connect(options: GdbThreadOptions): Promise<GdbThread | GdbFailure> {
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const thread = new GdbThread(options.program, timeoutMs + GRACE_MS);
    const { address, startupMs = 0 } = options;
    const facts = await thread.ask<GdbFacts>({ op: 'connect', address, timeoutMs, startupMs });
    if ('error' in facts) {
      await thread.end();
      return facts;
    }
    thread.facts = facts;
    return thread;
  }

  private constructor(program: string, waitMs: number) {
    this.waitMs = waitMs;
    // A command is a link to the file, whose name says how Node is to read it.
    this.worker = new Worker(realpathSync(program), {
      argv: [GDB_THREAD],
      workerData: this.shared,
      execArgv: [],
    });
    this.worker.on('message', (message: GdbMessage) => this.take(message));
    this.worker.on('error', (error) => this.fail(error.message));
    this.worker.on('exit', () => this.fail('the gdb thread has ended'));
  }

  setBreakpoints(addresses: readonly bigint[]): Promise<string | undefined> {
    return this.tell({ op: 'breakpoints', addresses });
  }

  /** The bytes of a g packet. */
  readRegisters(cpu: number): Promise<Uint8Array | GdbFailure> {
    return this.ask<Uint8Array>({ op: 'registers', cpu });
  }

  /** What a command of QEMU's monitor prints. */
  async hmp(command: string): Promise<string | GdbFailure> {
    const text = await this.ask<{ readonly text: string }>({ op: 'hmp', command }, (value) => ({
      text: String(value),
    }));
    return 'error' in text ? text : text.text;
  }

  /** Lets the guest run, after one step of the CPU that stands on a breakpoint. `nextStop` tells what comes of it. */
  run(step: number | undefined): void {
    void this.tell({ op: 'run', step }).then((error) => {
      if (error !== undefined) this.stop({ kind: 'lost', reason: error });
    });
  }

  /** The guest stays stopped until somebody else resumes it; `nextStop` tells what comes then. */
  watch(): void {
    this.post({ id: this.nextId++, shared: false, request: { op: 'watch' } });
  }

  /** After synchronous reads that may have stopped a running guest. */
  release(): void {
    this.post({ id: this.nextId++, shared: false, request: { op: 'release' } });
  }

  /** The next stop that has not been asked for yet. One waiter at a time. */
  nextStop(): Promise<GuestStop> {
    const stop = this.stops.shift();
    if (stop) return Promise.resolve(stop);
    return new Promise((resolve) => {
      this.stopWaiter = resolve;
    });
  }

  /**
   * The bytes of virtual memory as a CPU sees it, up to the first that cannot be read; or a sentence. A guest that runs is
   * stopped for it, and stays so until `release`.
   */
  readMemory(cpu: number, address: bigint, size: number): Uint8Array | string {
    return this.askNow({ op: 'read', cpu, address, size }, this.waitMs);
  }

  /** The same of physical memory, and registers; of a stopped guest only. */
  readPhysical(address: bigint, size: number): Uint8Array | string {
    return this.askNow({ op: 'physical', address, size }, this.waitMs);
  }

  registersNow(cpu: number): Uint8Array | string {
    return this.askNow({ op: 'registers', cpu }, this.waitMs);
  }

  /** A read failed because there is no guest any more. */
  get isGone(): boolean {
    return this.ended !== undefined || Atomics.load(this.words, GONE) !== 0;
  }

  /** Leave the guest as it should be, and end. A sentence says why it could not be left so. */
  async part(leave: 'running' | 'stopped'): Promise<string | undefined> {
    const error = this.ended === undefined ? await this.tell({ op: 'part', leave }) : undefined;
    await this.end();
    return error;
  }

  /** The same for a process that ends now and cannot wait for a promise. */
  partNow(leave: 'running' | 'stopped'): void {
    if (this.ended === undefined) this.askNow({ op: 'part', leave }, this.waitMs);
  }

  /** End the connection as it is: the guest ends with us. */
  async close(): Promise<void> {
    if (this.ended === undefined) await this.tell({ op: 'close' });
    await this.end();
  }

  private async end(): Promise<void> {
    await this.worker.terminate();
    this.fail('the connection was closed by us');
  }

  private async tell(request: GdbRequest): Promise<string | undefined> {
    const result = await this.ask(request, () => ({}));
    return 'error' in result ? result.error : undefined;
  }

  private ask<T extends object>(
    request: GdbRequest,
    read: (value: unknown) => T = (value) => value as T,
  ): Promise<T | GdbFailure> {
    return new Promise((resolve) => {
      if (this.ended !== undefined) return resolve({ error: this.ended });
      const id = this.nextId++;
      const done = (result: T | GdbFailure): void => {
        clearTimeout(timer);
        this.pending.delete(id);
        resolve(result);
      };
      // Stepping waits for the guest several times in a row, and so does a part; nothing waits longer than that.
      const late = (): void => done({ error: `the gdb thread did not answer within ${3 * this.waitMs} ms` });
      const timer = setTimeout(late, 3 * this.waitMs);
      this.pending.set(id, {
        resolve: (value) => done(read(value)),
        reject: (error) => done({ error }),
      });
      this.post({ id, shared: false, request });
    });
  }

  private askNow(request: GdbRequest, waitMs: number): Uint8Array | string {
    if (this.ended !== undefined) return this.ended;
    const id = this.nextId++;
    const untilMs = performance.now() + waitMs;
    this.post({ id, shared: true, request });
    for (;;) {
      const seen = Atomics.load(this.words, SEQUENCE);
      if (seen === id) break;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return `the guest's memory could not be read within ${waitMs} ms`;
      Atomics.wait(this.words, SEQUENCE, seen, leftMs);
    }
    const length = Atomics.load(this.words, LENGTH);
    if (length >= 0) return this.bytes.slice(0, Math.min(length, MAX_ANSWER_BYTES));
    return new TextDecoder().decode(this.bytes.slice(0, -1 - length));
  }

  private post(call: GdbCall): void {
    this.worker.postMessage(call);
  }

  private take(message: GdbMessage): void {
    if (message.kind === 'stop') {
      this.stop(message.stop);
      return;
    }
    const pending = this.pending.get(message.id);
    if (message.kind === 'answer') pending?.resolve(message.value);
    else pending?.reject(message.reason);
  }

  private stop(stop: GuestStop): void {
    const waiter = this.stopWaiter;
    this.stopWaiter = undefined;
    if (waiter) waiter(stop);
    else this.stops.push(stop);
  }

  private fail(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    for (const pending of [...this.pending.values()]) pending.reject(reason);
    this.stop({ kind: 'lost', reason });
  }
}
