/**
 * The built-in machine as an event source: what happens in it becomes rows of event batches.
 *
 * In: an image, what the enabled probes want to see, and where the guest's console goes. Out: batches in the order of the
 * machine's own time, which is their time column. Events are `vec` (deliveries), `vec_return` (the IRET that ends one),
 * `tb` (a watched instruction is about to run), `reset`, `triple_fault`, `halt`, `shutdown`, and rows of kind `time`, by which
 * timers fire while nothing else happens.
 *
 * Registers are copied with the event, as far as wanted. Memory is the machine's: where clauses read it, a batch ends with each
 * event, so that they see the moment of the event; otherwise the machine runs ahead of its events.
 */
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch, type RegisterReader } from '../machine/event-batch.ts';
import { Ledger } from '../machine/ledger.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import { REGISTER_COUNT, REGISTERS } from '../machine/registers.ts';
import type { GuestContext, MemoryReader } from '../machine/target.ts';
import type { EventSource } from '../sources/source.ts';
import { type Cpu, FLAG, GS_BASE, RSP } from '../x86/cpu.ts';
import { EXTERNAL, SOFTWARE } from '../x86/far.ts';
import { BP, PF } from '../x86/fault.ts';
import { readFlags } from '../x86/flags.ts';
import { Deliveries } from './deliveries.ts';
import type { Machine, MachineEnd } from './machine.ts';
import { copyRegisters } from './register-copy.ts';
import type { Vcpu } from './vcpu.ts';

export interface MachineSourceRequest {
  readonly machine: Machine;
  readonly name: string;
  readonly needs: SourceNeeds;
  /** Code addresses of enabled probes. */
  readonly sites: readonly bigint[];
  /** Deliveries, and their returns, are asked for. */
  readonly interrupts: boolean;
  readonly returns: boolean;
  /** Clauses read the guest's memory. */
  readonly readsMemory: boolean;
  /** What the guest prints, line by line; called between batches, when the events before it are consumed. */
  readonly print: (bytes: Uint8Array) => void;
  /** Puts the guest's own bytes into memory that was read where breakpoints stand. */
  readonly uncover?: (address: bigint, bytes: Uint8Array) => void;
  /** The machine has come to its end. */
  readonly ended: (end: MachineEnd) => void;
}

/** Between two rows of kind `time`, at most; the time of 10,000 instructions of one CPU. */
const TIME_STEP_INSTRUCTIONS = 10_000;
/** A fill without a clock to drive returns after so many, for the session's own loop. */
const FILL_INSTRUCTIONS = 200_000;
/** Longest line of the console that waits for its end. */
const LINE_BYTES = 4096;
const NEWLINE = 10;

export class MachineSource implements EventSource {
  readonly name: string;
  readonly ledger = new Ledger();
  readonly hasTime = true;
  readonly countsInstructions = true;
  readonly guestMemory: MemoryReader;
  readonly guestContext: GuestContext;
  /** What the machine tells; who takes its traps passes the rest on (emulator/patching.ts). */
  readonly watcher: Machine['watcher'];
  private readonly request: MachineSourceRequest;
  private readonly machine: Machine;
  private readonly deliveries = new Deliveries();
  /** Registers of the batch's rows, REGISTER_COUNT pairs each. */
  private registers = new Int32Array(0);
  private readonly keepsRegisters: boolean;
  private batch: EventBatch | undefined;
  private numbered = 0;
  private console: number[] = [];
  /** A line of the console is complete: the events before it come first. */
  private linesReady = false;
  private pendingVector = -1;

  constructor(request: MachineSourceRequest) {
    this.request = request;
    this.name = request.name;
    this.machine = request.machine;
    this.keepsRegisters = request.needs.registers;
    const { machine } = this;
    machine.watch(request.sites);
    this.watcher = this.watch();
    machine.watcher = this.watcher;
    this.guestMemory = {
      read: (address, size, out) => {
        const done = readMemory(machine, address, size, out);
        request.uncover?.(address, out.subarray(0, done));
        return done;
      },
    };
    this.guestContext = { kernelGsBase: (cpu) => kernelGsBase(machine.vcpus[cpu]?.cpu) };
  }

  /** Nobody knows how long the guest will run. */
  readonly progress = { doneBytes: 0, totalBytes: undefined };

  fill(batch: EventBatch): number {
    const { machine } = this;
    this.begin(batch);
    this.linesReady ||= machine.end !== undefined;
    this.showConsole();
    if (machine.end) {
      this.request.ended(machine.end);
      return 0;
    }
    const { needs } = this.request;
    for (let left = FILL_INSTRUCTIONS; left > 0; ) {
      const step = needs.time ? TIME_STEP_INSTRUCTIONS : FILL_INSTRUCTIONS;
      const before = machine.executed;
      machine.run(step);
      left -= Math.max(machine.executed - before, 1);
      if (needs.time && !machine.isStopped) this.addTime();
      if (machine.isStopped || machine.end || batch.count >= batch.capacity - SPARE_ROWS) break;
    }
    if (batch.count === 0) this.addTime(); // 0 would be the end
    return batch.count;
  }

  /** Tracing is over. What the machine printed while it ran ahead of its events comes after the end, so nobody sees it. */
  async close(): Promise<void> {
    this.console = [];
  }

  private begin(batch: EventBatch): void {
    batch.count = 0;
    batch.cpuCount = Math.max(batch.cpuCount, this.machine.vcpus.length);
    if (this.batch === batch) return;
    this.batch = batch;
    if (this.keepsRegisters) this.registers = new Int32Array(2 * REGISTER_COUNT * batch.capacity);
    batch.registers = this.keepsRegisters ? registerReader(this.registers) : { read: () => false };
  }

  private watch(): Machine['watcher'] {
    const { interrupts, returns } = this.request;
    return {
      ...((interrupts || returns) && {
        delivering: (vcpu, vector, kind, error) => this.delivering(vcpu, vector, kind, error),
      }),
      ...(returns && {
        delivered: (vcpu) => this.delivered(vcpu),
        returned: (vcpu) => this.returned(vcpu),
      }),
      reached: (vcpu) => this.reach(vcpu),
      happened: (what, vcpu) => {
        this.add(vcpu, EVENT_KINDS[what]);
        this.stopIfAsked();
      },
      print: (byte) => this.print(byte),
    };
  }

  /** Code of an enabled probe is about to run. True: it must not before the batch has been looked at. */
  reach(vcpu: Vcpu): boolean {
    this.add(vcpu, EVENT_KINDS.tb);
    return this.isAskedToStop;
  }

  // Rows

  private get isAskedToStop(): boolean {
    const { batch } = this;
    return this.request.readsMemory || batch === undefined || batch.count >= batch.capacity - SPARE_ROWS;
  }

  private stopIfAsked(): void {
    if (this.isAskedToStop) this.machine.stop();
  }

  private delivering(vcpu: Vcpu, vector: number, kind: number, error: number): void {
    this.pendingVector = vector;
    const row = this.addVector(vcpu, EVENT_KINDS.vec, vector, kind);
    const { memory, at } = this.batch!;
    memory.i64[(at.errcode >> 3) + row] = BigInt(error);
    if (vector === PF && kind !== SOFTWARE) {
      memory.i32[(at.faddr >> 2) + 2 * row] = vcpu.cpu.cr2Low;
      memory.i32[(at.faddr >> 2) + 2 * row + 1] = vcpu.cpu.cr2High;
    }
    this.deliveries.begin(vcpu.cpu, vector, kind, this.machine.nowNs, memory.i64[(at.faddr >> 3) + row]!);
    this.stopIfAsked();
  }

  private delivered({ cpu }: Vcpu): void {
    if (this.pendingVector >= 0) this.deliveries.push(cpu.frameLow, cpu.frameHigh);
    this.pendingVector = -1;
  }

  /** The IRET is complete: registers are those of the context that goes on. */
  private returned(vcpu: Vcpu): void {
    const delivery = this.deliveries.take(vcpu.cpu.frameLow, vcpu.cpu.frameHigh);
    if (delivery === undefined) return;
    const row = this.addVector(vcpu, EVENT_KINDS.vec_return, delivery.vector, delivery.kind);
    const { memory, at } = this.batch!;
    memory.i64[(at.errcode >> 3) + row] = BigInt(Math.round(this.machine.nowNs - delivery.beganNs));
    memory.i64[(at.faddr >> 3) + row] = delivery.faultAddress;
    memory.u8[at.cpl + row] = delivery.cpl;
    this.stopIfAsked();
  }

  private addVector(vcpu: Vcpu, kind: number, vector: number, how: number): number {
    const row = this.add(vcpu, kind);
    const { memory, at } = this.batch!;
    memory.u16[(at.vector >> 1) + row] = vector;
    if (how === SOFTWARE) memory.u8[at.flags + row]! |= EVENT_FLAGS.SOFT;
    if (how === SOFTWARE && kind === EVENT_KINDS.vec) this.setBack(row, this.softBytes(vcpu, vector));
    if (how === EXTERNAL) memory.u8[at.flags + row]! |= EVENT_FLAGS.HARDWARE;
    return row;
  }

  /** Length of the INT that rip is behind: INT3 has one of its own. */
  private softBytes({ cpu }: Vcpu, vector: number): number {
    const last = new Uint8Array(1);
    const rip = (BigInt(cpu.ripHigh) << 32n) | BigInt(cpu.ripLow >>> 0);
    readMemory(this.machine, rip - 1n, 1, last);
    return vector === BP && last[0] !== BP ? 1 : 2;
  }

  /** The place of an INT is its own, as QEMU logs it; the one behind it is what the frame holds. */
  private setBack(row: number, bytes: number): void {
    const { memory, at } = this.batch!;
    const pc = (at.pc >> 3) + row;
    memory.i64[pc] = memory.i64[pc]! - BigInt(bytes);
    if (!this.keepsRegisters) return;
    const rip = 2 * (REGISTER_COUNT * row + REGISTERS.rip.id);
    this.registers[rip] = memory.i32[2 * pc]!;
    this.registers[rip + 1] = memory.i32[2 * pc + 1]!;
  }

  private addTime(): void {
    this.add(this.machine.currentCpu, EVENT_KINDS.time);
  }

  /** Fills the columns that all kinds have. */
  private add({ cpu }: Vcpu, kind: number): number {
    const batch = this.batch!;
    const { memory, at } = batch;
    const { i32, i64, u8, u16, f64, u32 } = memory;
    const row = batch.count++;
    if (kind !== EVENT_KINDS.time) {
      this.numbered++;
      this.ledger.events++;
    }
    u8[at.kind + row] = kind;
    u8[at.cpl + row] = cpu.cpl;
    u8[at.flags + row] = EVENT_FLAGS.IF_KNOWN | ((cpu.flags & FLAG.IF) !== 0 ? EVENT_FLAGS.IF : 0);
    u16[(at.cpu >> 1) + row] = cpu.index;
    u16[(at.vector >> 1) + row] = 0;
    i64[(at.seq >> 3) + row] = BigInt(this.numbered - 1);
    i64[(at.errcode >> 3) + row] = 0n;
    i32[(at.pc >> 2) + 2 * row] = cpu.ripLow;
    i32[(at.pc >> 2) + 2 * row + 1] = cpu.ripHigh;
    i32[(at.sp >> 2) + 2 * row] = cpu.r[RSP]!;
    i32[(at.sp >> 2) + 2 * row + 1] = cpu.r[RSP + 1]!;
    i64[(at.faddr >> 3) + row] = 0n;
    f64[(at.time >> 3) + row] = this.machine.nowNs;
    f64[(at.line >> 3) + row] = Number.NaN; // there are no lines
    u32[(at.text >> 2) + row] = 0;
    if (this.keepsRegisters) copyRegisters(cpu, readFlags(cpu), this.registers, 2 * REGISTER_COUNT * row);
    return row;
  }

  // The guest's console

  private print(byte: number): void {
    this.console.push(byte);
    if (byte !== NEWLINE && this.console.length < LINE_BYTES) return;
    this.linesReady = true;
    this.machine.stop();
  }

  private showConsole(): void {
    if (!this.linesReady || this.console.length === 0) return;
    this.linesReady = false;
    this.request.print(Uint8Array.from(this.console));
    this.console = [];
  }
}

/** Rows that one instruction may add beyond the one that fills a batch: nested faults of a delivery. */
const SPARE_ROWS = 8;

function registerReader(registers: Int32Array): RegisterReader {
  return {
    read: (row, id, out, outOffset) => {
      const from = 2 * (REGISTER_COUNT * row + id);
      out.i32[outOffset >> 2] = registers[from]!;
      out.i32[(outOffset >> 2) + 1] = registers[from + 1]!;
      return true;
    },
  };
}

const PAGE_BYTES = 4096;

/** Virtual memory as the CPU of the event at hand sees it. */
function readMemory(machine: Machine, address: bigint, size: number, out: Uint8Array): number {
  const { mmu } = machine.currentCpu;
  let done = 0;
  while (done < size) {
    const at = BigInt.asUintN(64, address + BigInt(done));
    const low = Number(BigInt.asIntN(32, at));
    const physical = mmu.physicalOf(low, Number(BigInt.asIntN(32, at >> 32n)));
    if (physical < 0 || physical >= machine.memory.size) break;
    const bytes = Math.min(size - done, PAGE_BYTES - (low & (PAGE_BYTES - 1)));
    out.set(machine.memory.bytes.subarray(physical, physical + bytes), done);
    done += bytes;
  }
  return done;
}

function kernelGsBase(cpu: Cpu | undefined): bigint | undefined {
  if (cpu === undefined) return undefined;
  const [low, high] =
    cpu.cpl === 3 ? [cpu.kernelGsBase[0]!, cpu.kernelGsBase[1]!] : [cpu.r[GS_BASE]!, cpu.r[GS_BASE + 1]!];
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
