/**
 * A client of gdb's remote protocol for QEMU's stub: the traced machine's registers, memory and breakpoints.
 *
 * The theory in one paragraph. The stub is all-stop: either every vCPU runs, or none does and all may be read. Any
 * byte that reaches QEMU while the guest runs stops it, so a request made then is refused here, before it is sent;
 * only `interrupt()` may speak. The state changes at once when we resume and when a stop reply arrives; nothing tells
 * us that somebody else (QMP `cont`) resumed the guest: say so with `noteRunning()`. Connecting stops the guest and
 * removes its breakpoints. Closing without `detach()` leaves it stopped, with our breakpoints in place.
 *
 * Requests made in one turn (`Promise.all([client.readRegisters(0), client.readMemory(a, 64)])`) travel in one write.
 * Every wait ends: with the answer, with the time-out, or with the connection; and while one lasts, the `drain` of the
 * options is held, because QEMU answers nobody while its log pipe is full. Errors are `GdbError`s.
 */
import { DEFAULT_TIMEOUT_MS, type WireOptions } from '../wire/connection.ts';
import { parseFeatures, readAnnex } from './features.ts';
import { errorReply, GdbError } from './gdb-error.ts';
import { GdbLink, type RequestOptions } from './link.ts';
import {
  hexAddress,
  type PacketLimits,
  packetLimits,
  readRange,
  type SendReads,
  type SendWrites,
  writeRange,
} from './memory.ts';
import { hexOfText } from './packet.ts';
import { RegisterLayout, RegisterView } from './registers.ts';
import { cpuOfThread, isStopReply, parseStop, processOfThread, type Stop, type Vcpu } from './stop.ts';
import { StopWaiters } from './stop-waiters.ts';
import type { RegisterSlot } from './target-description.ts';
import { readTargetDescription } from './target-description.ts';

export interface GdbOptions extends WireOptions {
  /** Each time the guest stops, whoever stopped it; before `waitForStop` resolves. */
  readonly onStop?: (stop: Stop) => void;
}

/** `closed` after any end of the connection but an exit of QEMU. */
export type GdbState = 'stopped' | 'running' | 'exited' | 'closed';

/** Z0 … Z4. Under TCG, `hardware` costs and behaves as `software`: breakpoints never change guest memory. */
const BREAKPOINT_KINDS = { software: 0, hardware: 1, write: 2, read: 3, access: 4 } as const;
export type BreakpointKind = keyof typeof BREAKPOINT_KINDS;

/** What single-stepping masks; QEMU's default is all three. */
export const STEP_FLAGS = { enable: 1, noInterrupts: 2, noTimers: 4 } as const;

/** `info tlb` prints 3 MB. */
const MAX_MONITOR_BYTES = 1 << 26;
/** A stub that never ends its list of threads; QEMU's largest machine has 4096 vCPUs. */
const MAX_VCPUS = 1 << 14;
/** What a stub that does not say takes; gdb assumes the same. */
const DEFAULT_PACKET_SIZE = 400;

export class GdbClient {
  /** Of the stub: `PacketSize` → `1000`, `multiprocess` → `+`. */
  features: ReadonlyMap<string, string> = new Map();
  /** Why the guest does not run; of the past while it does. */
  lastStop: Stop | undefined;
  private link!: GdbLink; // set by connect before anybody else sees the client
  private current: GdbState = 'stopped';
  private limits: PacketLimits = packetLimits(DEFAULT_PACKET_SIZE);
  private registers: RegisterLayout | undefined;
  private vcpus: readonly Vcpu[] = [];
  private selectedCpu: number | undefined; // what Hg named last; every stop changes it behind our back
  private endedBy: GdbError | undefined;
  private notResumed: GdbError | undefined; // the stub refused the last resumption
  private isDetached = false;
  private readonly waiters = new StopWaiters();
  private readonly onStop: GdbOptions['onStop'];

  private constructor(options: GdbOptions) {
    this.onStop = options.onStop;
  }

  /** `address` as in wire/address.ts. Afterwards the guest is stopped, and layout and vCPUs are known. */
  static async connect(address: string, options: GdbOptions = {}): Promise<GdbClient> {
    const client = new GdbClient(options);
    const linkOptions = { ...options, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS };
    client.link = await GdbLink.open(address, linkOptions, {
      stop: (stop) => client.stopped(stop),
      stray: (payload) => client.strayed(payload),
      end: (error) => client.ended(error),
    });
    try {
      await client.negotiate();
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** The address, for messages. */
  get name(): string {
    return this.link.name;
  }

  get state(): GdbState {
    return this.current;
  }

  /** The vCPU that the last stop was about. */
  get stoppedCpu(): number {
    return (this.lastStop?.kind === 'stopped' ? this.lastStop.cpu : undefined) ?? 0;
  }

  /** Absent when the stub has no usable target description; then no register can be read. */
  get layout(): RegisterLayout | undefined {
    return this.registers;
  }

  /** The vCPUs, asked for again (they can be plugged in). */
  async threads(): Promise<readonly Vcpu[]> {
    const threads: string[] = [];
    let reply = await this.request('qfThreadInfo');
    while (reply.startsWith('m') && threads.length < MAX_VCPUS) {
      threads.push(...reply.slice(1).split(','));
      reply = await this.request('qsThreadInfo');
    }
    this.vcpus = threads.flatMap((thread) => {
      const cpu = cpuOfThread(thread);
      return cpu === undefined ? [] : [{ cpu, thread }];
    });
    return this.vcpus;
  }

  async readRegisters(cpu: number): Promise<RegisterView> {
    const layout = this.needLayout();
    const reply = await this.onCpu(cpu, () => this.request('g'));
    return new RegisterView(layout, cpu, reply);
  }

  async readRegister(cpu: number, name: string): Promise<bigint | undefined> {
    const slot = this.needSlot(name);
    const reply = await this.onCpu(cpu, () => this.request(`p${slot.number.toString(16)}`));
    return this.needLayout().decode(reply);
  }

  /** Outside 64-bit code QEMU keeps the low half of a 64-bit register only. */
  async writeRegister(cpu: number, name: string, value: bigint): Promise<void> {
    const slot = this.needSlot(name);
    const hex = this.needLayout().encode(slot, value);
    await this.onCpu(cpu, () => this.command(`P${slot.number.toString(16)}=${hex}`));
  }

  async writeRegisters(cpu: number, values: Readonly<Record<string, bigint>>): Promise<void> {
    await settled(Object.entries(values).map(([name, value]) => this.writeRegister(cpu, name, value)));
  }

  /** Virtual memory as `cpu` sees it. Fewer bytes than asked for: the next one cannot be read. */
  readMemory(address: bigint, size: number, cpu = this.stoppedCpu): Promise<Uint8Array> {
    const send: SendReads = (packets) => this.onCpu(cpu, () => this.requestAll(packets));
    return readRange(address, size, this.limits.readBytes, send);
  }

  /** Physical memory; the stub's mode is switched around the reads, within the same write. */
  readPhysicalMemory(address: bigint, size: number): Promise<Uint8Array> {
    const send: SendReads = (packets) => this.inPhysicalMode(() => this.requestAll(packets));
    return readRange(address, size, this.limits.readBytes, send);
  }

  /** Rejects at the first page that refuses. With paging off QEMU accepts writes to where no memory is. */
  writeMemory(address: bigint, bytes: Uint8Array, cpu = this.stoppedCpu): Promise<void> {
    const send: SendWrites = (packets) => this.onCpu(cpu, () => this.commandAll(packets));
    return writeRange(address, bytes, this.limits.writeBytes, send);
  }

  writePhysicalMemory(address: bigint, bytes: Uint8Array): Promise<void> {
    const send: SendWrites = (packets) => this.inPhysicalMode(() => this.commandAll(packets));
    return writeRange(address, bytes, this.limits.writeBytes, send);
  }

  /** By virtual address, in every address space. Setting one twice needs removing it twice. */
  setBreakpoint(kind: BreakpointKind, address: bigint, size = 1): Promise<void> {
    return this.command(`Z${BREAKPOINT_KINDS[kind]},${hexAddress(address)},${size.toString(16)}`);
  }

  removeBreakpoint(kind: BreakpointKind, address: bigint, size = 1): Promise<void> {
    return this.command(`z${BREAKPOINT_KINDS[kind]},${hexAddress(address)},${size.toString(16)}`);
  }

  /** From STEP_FLAGS: 1 lets interrupts and timers come in while stepping. */
  setStepFlags(flags: number): Promise<void> {
    return this.command(`Qqemu.sstep=0x${flags.toString(16)}`);
  }

  /** All vCPUs run. A breakpoint at the pc of one stops it again at once: `step` it first. */
  continue(): void {
    this.needStopped('continue');
    this.resume('vCont;c');
  }

  /**
   * One instruction of one vCPU; the others do not move. A halted vCPU does not finish until something wakes it: then
   * the wait times out, the state is `running`, and `interrupt()` ends the step.
   */
  step(cpu: number, timeoutMs?: number): Promise<Stop> {
    this.needStopped('step');
    this.resume(`vCont;s:${this.threadOf(cpu)}`);
    return this.waitForStop(timeoutMs);
  }

  /** Stops the guest, unless it has stopped by itself meanwhile; resolves with whichever stop came first. */
  interrupt(timeoutMs?: number): Promise<Stop> {
    if (this.current === 'running') this.link.breakIn();
    return this.waitForStop(timeoutMs);
  }

  /** The stop that ends the current run; at once when the guest does not run. QEMU's exit is a stop too. */
  waitForStop(timeoutMs = this.link.timeoutMs): Promise<Stop> {
    const failure = this.current === 'closed' ? this.endedBy : this.notResumed;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.current !== 'running' && this.lastStop !== undefined) return Promise.resolve(this.lastStop);
    return this.waiters.wait(timeoutMs, this.link.name, this.link.waits);
  }

  /** Somebody else resumed the guest (QMP `cont`, the monitor's `c`); nothing in this protocol says so. */
  noteRunning(): void {
    if (this.current === 'stopped') this.current = 'running';
  }

  /** Somebody else stopped it before, and it did not answer our interrupt: it has not been resumed. */
  noteStopped(): void {
    if (this.current === 'running') this.current = 'stopped';
  }

  /** A command of QEMU's human monitor → what it prints. `c` resumes the guest: call `noteRunning()` then. */
  async hmp(commandLine: string, timeoutMs?: number): Promise<string> {
    const output: Uint8Array[] = [];
    let size = 0;
    const take = (bytes: Uint8Array): void => {
      size += bytes.length;
      if (size <= MAX_MONITOR_BYTES) output.push(bytes);
    };
    const options = timeoutMs === undefined ? { console: take } : { console: take, timeoutMs };
    await this.command(`qRcmd,${hexOfText(commandLine)}`, options);
    if (size > MAX_MONITOR_BYTES) throw new GdbError('protocol', `'${commandLine}' printed ${size} bytes`);
    return Buffer.concat(output).toString('utf8').replaceAll('\r\n', '\n');
  }

  /**
   * Removes our breakpoints, lets the guest run and closes. Requests that come later are refused: QEMU has no CPU for
   * them then, and dies of a null pointer (7.2, `g` after `D`).
   */
  async detach(): Promise<void> {
    if (this.current === 'running') await this.interrupt();
    const process = processOfThread(this.vcpus[0]?.thread ?? '');
    if (this.current === 'stopped') {
      const detached = this.command(process === undefined ? 'D' : `D;${process}`);
      this.isDetached = true;
      await detached;
    }
    await this.close();
  }

  /** Ends QEMU. */
  async kill(): Promise<void> {
    if (this.current === 'running') await this.interrupt();
    if (this.current !== 'stopped') return;
    const gone = this.waiters.wait(this.link.timeoutMs, this.link.name, this.link.waits);
    this.link.post('k');
    await gone.catch((error: GdbError) => {
      if (error.kind === 'timeout') throw error; // the end of the connection is what we want
    });
    await this.close();
  }

  /** Ends the connection as it is. May be called again, in every state. */
  close(): Promise<void> {
    return this.link.close(new GdbError('closed', `the connection to ${this.link.name} was closed by us`));
  }

  private async negotiate(): Promise<void> {
    // Both in one write. `?` also clears breakpoints that an earlier client left behind.
    const [features, stop] = await Promise.all([
      this.link.request('qSupported:multiprocess+;xmlRegisters=i386'),
      this.link.request('?', { expects: 'stop' }),
    ]);
    this.features = parseFeatures(features);
    if (!isStopReply(stop))
      throw new GdbError('protocol', `${this.link.name} does not say why it is stopped: ${stop}`);
    this.lastStop ??= parseStop(stop); // the unsolicited one has the better reason
    const packetSize = Number.parseInt(this.features.get('PacketSize') ?? '', 16);
    if (packetSize >= 64) this.limits = packetLimits(packetSize);
    await this.threads();
    if (this.features.get('qXfer:features:read') === '+') await this.readLayout();
  }

  /** `p` and `P` answer nothing until the description has been read once. */
  private async readLayout(): Promise<void> {
    const description = await readTargetDescription((name) =>
      readAnnex(name, this.limits.readBytes, (payload) => this.request(payload)),
    );
    if ('error' in description) {
      throw new GdbError(
        'protocol',
        `cannot use the target description of ${this.link.name}: ${description.error}`,
      );
    }
    this.registers = new RegisterLayout(description);
  }

  /** The answer, when it is no refusal. */
  private async request(payload: string, options?: RequestOptions): Promise<string> {
    this.needStopped(payload);
    const reply = await this.link.request(payload, options);
    if (/^E[0-9a-fA-F]{2}$/.test(reply)) throw errorReply(payload.slice(0, 40), reply);
    if (reply === '')
      throw new GdbError('refused', `the stub of ${this.link.name} does not know ${payload.slice(0, 40)}`);
    return reply;
  }

  private async command(payload: string, options?: RequestOptions): Promise<void> {
    const reply = await this.request(payload, options);
    if (reply !== 'OK')
      throw new GdbError('protocol', `${this.link.name} answered ${payload.slice(0, 40)} with ${reply}`);
  }

  private requestAll(packets: readonly string[]): Promise<PromiseSettledResult<string>[]> {
    return Promise.allSettled(packets.map((packet) => this.request(packet)));
  }

  private commandAll(packets: readonly string[]): Promise<void> {
    return settled(packets.map((packet) => this.command(packet)));
  }

  /** Selects the vCPU, in the same write as what `body` sends. */
  private async onCpu<T>(cpu: number, body: () => Promise<T>): Promise<T> {
    if (cpu === this.selectedCpu) return body();
    const select = this.command(`Hg${this.threadOf(cpu)}`);
    this.selectedCpu = cpu;
    const [selected, result] = await Promise.allSettled([select, body()]);
    if (selected.status === 'fulfilled' && result.status === 'fulfilled') return result.value;
    if (selected.status === 'rejected') this.selectedCpu = undefined;
    throw selected.status === 'rejected' ? selected.reason : (result as PromiseRejectedResult).reason;
  }

  /** The mode is switched back even when the body fails, because all three are sent before the first answer. */
  private async inPhysicalMode<T>(body: () => Promise<T>): Promise<T> {
    const on = this.command('Qqemu.PhyMemMode:1');
    const result = body();
    const off = this.command('Qqemu.PhyMemMode:0');
    const [enabled, value, disabled] = await Promise.allSettled([on, result, off]);
    for (const step of [enabled, value, disabled]) if (step.status === 'rejected') throw step.reason;
    return (value as PromiseFulfilledResult<Awaited<T>>).value;
  }

  private resume(payload: string): void {
    this.current = 'running';
    this.selectedCpu = undefined;
    this.notResumed = undefined;
    this.link.post(payload);
  }

  private stopped(stop: Stop): void {
    this.current = stop.kind === 'exited' ? 'exited' : 'stopped';
    this.lastStop = stop;
    this.selectedCpu = undefined;
    this.notResumed = undefined;
    this.onStop?.(stop);
    this.waiters.resolve(stop);
  }

  /** While the guest runs, only an error reply to the resumption comes without having been asked for. */
  private strayed(payload: string): void {
    if (this.current !== 'running' || !/^(E[0-9a-fA-F]{2})?$/.test(payload)) return;
    this.current = 'stopped';
    this.notResumed = errorReply('to resume', payload || 'an empty reply');
    this.waiters.reject(this.notResumed);
  }

  private ended(error: GdbError): void {
    if (this.current !== 'exited') this.current = 'closed';
    this.endedBy = error;
    this.waiters.reject(error);
  }

  private needStopped(what: string): void {
    if (this.endedBy !== undefined) throw this.endedBy;
    const request = what.slice(0, 40);
    if (this.isDetached)
      throw new GdbError('closed', `no ${request}: we have detached from ${this.link.name}`);
    if (this.current === 'stopped') return;
    throw new GdbError(
      'refused',
      `the guest runs, and any byte would stop it: interrupt() before ${request}`,
    );
  }

  private needLayout(): RegisterLayout {
    if (this.registers !== undefined) return this.registers;
    throw new GdbError('refused', `the stub of ${this.link.name} does not describe its registers`);
  }

  private needSlot(name: string): RegisterSlot {
    const slot = this.needLayout().slot(name);
    if (slot !== undefined) return slot;
    throw new GdbError('refused', `${this.needLayout().architecture || 'the guest'} has no register ${name}`);
  }

  private threadOf(cpu: number): string {
    const vcpu = this.vcpus.find((candidate) => candidate.cpu === cpu);
    if (vcpu !== undefined) return vcpu.thread;
    throw new GdbError('refused', `the guest has ${this.vcpus.length} vCPUs, and no number ${cpu}`);
  }
}

/** Waits for all, so that no answer is left over, and rejects with the first failure. */
async function settled(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises))
    if (result.status === 'rejected') throw result.reason;
}
