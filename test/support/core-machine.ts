/**
 * The smallest machine around the execution core: flat memory, a GDT, an IDT, CPUs in 64-bit kernel mode, and a schedule
 * that is random from a seed. It decodes every instruction where it lies, each time, so that nothing is cached wrongly; it
 * is what patching is held to before the emulator comes into it.
 *
 * Interrupts and NMIs use stacks of their own (IST 1 and 2), outside of what runs are compared by, since when they come is
 * chance; exceptions and INT n use the stack of whom they interrupt, so that a wrong saved rip or flag shows there.
 */
import { REGISTERS } from '../../src/machine/registers.ts';
import {
  BREAKPOINT_VECTOR,
  DEBUG_VECTOR,
  type ExecuteOutcome,
  type PatchTarget,
  type TrapClient,
} from '../../src/machine/target.ts';
import type { Bus, MachineHooks } from '../../src/x86/bus.ts';
import { goBehind } from '../../src/x86/control.ts';
import { Cpu, CR0, CS, EFER, FLAG, PAGE, SS } from '../../src/x86/cpu.ts';
import { deliver, EXCEPTION, EXTERNAL, SOFTWARE, SOFTWARE_INTERRUPT } from '../../src/x86/far.ts';
import { FAULT, PF, raiseWith } from '../../src/x86/fault.ts';
import { InPlace, trapsBehind } from '../../src/x86/in-place.ts';
import { readRegister, writeRegister } from '../../src/x86/register-values.ts';
import { setFlat, updateMode } from '../../src/x86/segments.ts';
import type { Translator } from '../../src/x86/translate.ts';

/** Where things are. Memory up to PRIVATE is compared between runs. */
export const LAYOUT = {
  gdt: 0x1000,
  tss: 0x1800, // 128 bytes per CPU
  idt: 0x2000,
  handlers: 0x3000, // 64 bytes per vector
  code: 0x8000,
  data: 0x10000, // 1 KiB per CPU
  stacks: 0x14000, // tops; 1 KiB per CPU downwards
  demand: 0x18000, // a page per CPU that may be absent
  private: 0x20000, // interrupt stacks, counters
  scratch: 0x28000,
  end: 0x29000,
} as const;
export const IRQ = 0x20;
export const INT = 0x80;
const SELECTORS = { code: 8, data: 0x10, userData: 0x1b, userCode: 0x23, tss: 0x28 } as const;
const PAGE_BYTES = 4096;

/** Ports that the guest's handlers talk to the machine by. */
const PORT_PRESENT = 0x80; // the CPU's demand page is there
const PORT_ABSENT = 0x81; // it is not

class FlatBus implements Bus {
  high = 0;
  readonly memory: DataView;
  readonly absent: Set<number>;
  readonly wrote: (address: number, size: number) => void;
  cpu!: Cpu;

  constructor(memory: DataView, absent: Set<number>, wrote: (address: number, size: number) => void) {
    this.memory = memory;
    this.absent = absent;
    this.wrote = wrote;
  }

  private check(low: number, high: number, size: number, write: boolean): number {
    const at = low >>> 0;
    const isThere = (address: number) =>
      high === 0 && address < LAYOUT.end && !this.absent.has(Math.floor(address / PAGE_BYTES));
    const bad = [at, at + size - 1].find((address) => !isThere(address));
    if (bad === undefined) return at;
    this.cpu.cr2Low = bad | 0;
    this.cpu.cr2High = high;
    return raiseWith(this.cpu, PF, write ? 2 : 0);
  }

  read8 = (low: number, high: number): number => this.memory.getInt8(this.check(low, high, 1, false));
  read16 = (low: number, high: number): number => this.memory.getInt16(this.check(low, high, 2, false), true);
  read32 = (low: number, high: number): number => this.memory.getInt32(this.check(low, high, 4, false), true);
  read64 = (low: number, high: number): number => {
    const at = this.check(low, high, 8, false);
    this.high = this.memory.getInt32(at + 4, true);
    return this.memory.getInt32(at, true);
  };
  write8 = (low: number, high: number, value: number): void => {
    const at = this.check(low, high, 1, true);
    this.memory.setInt8(at, value);
    this.wrote(at, 1);
  };
  write16 = (low: number, high: number, value: number): void => {
    const at = this.check(low, high, 2, true);
    this.memory.setInt16(at, value, true);
    this.wrote(at, 2);
  };
  write32 = (low: number, high: number, value: number): void => {
    const at = this.check(low, high, 4, true);
    this.memory.setInt32(at, value, true);
    this.wrote(at, 4);
  };
  write64 = (low: number, high: number, valueLow: number, valueHigh: number): void => {
    const at = this.check(low, high, 8, true);
    this.memory.setInt32(at, valueLow, true);
    this.memory.setInt32(at + 4, valueHigh, true);
    this.wrote(at, 8);
  };
  probeWrite = (low: number, high: number, size: number): void => void this.check(low, high, size, true);
}

interface CpuState {
  readonly cpu: Cpu;
  interrupts: number; // pending
  nmis: number;
  inNmi: boolean;
  held: boolean;
  stalledFor: number; // turns
}

export class CoreMachine implements PatchTarget {
  readonly cpuCount: number;
  readonly tellsWrites = true;
  readonly tellsReturns = true;
  readonly is64Bit = true;
  readonly scratchSlots = 2; // few, so that they are used again
  readonly bytes = new Uint8Array(LAYOUT.end);
  readonly states: CpuState[];
  client: TrapClient | undefined;
  /** Completed executions by address: an instruction that faults and is retried counts once. */
  readonly executed = new Map<number, number>();
  /** Deliveries that showed the guest something of ours. */
  readonly leaks: string[] = [];
  private readonly view = new DataView(this.bytes.buffer);
  private readonly translator: Translator;
  private readonly inPlace: InPlace;
  private readonly absent = new Set<number>();

  constructor(translator: Translator, cpuCount: number) {
    this.translator = translator;
    this.inPlace = new InPlace(translator);
    this.cpuCount = cpuCount;
    this.writeTables();
    this.states = Array.from({ length: cpuCount }, (_, index) => this.makeCpu(index));
  }

  // What the guest finds

  private writeTables(): void {
    const gdt = [
      0n,
      0x00af9b000000ffffn,
      0x00cf93000000ffffn,
      0x00cff3000000ffffn, // user data
      0x00affb000000ffffn, // user code
    ];
    gdt.forEach((row, index) => {
      this.view.setBigUint64(LAYOUT.gdt + 8 * index, row, true);
    });
    for (let vector = 0; vector < 256; vector++) {
      const ist = vector === IRQ ? 1 : vector === 2 ? 2 : 0;
      const type = vector === DEBUG_VECTOR || vector === BREAKPOINT_VECTOR || vector === INT ? 0xef : 0xee;
      const handler = LAYOUT.handlers + 64 * vector;
      this.view.setUint16(LAYOUT.idt + 16 * vector, handler & 0xffff, true);
      this.view.setUint16(LAYOUT.idt + 16 * vector + 2, SELECTORS.code, true);
      this.view.setUint16(LAYOUT.idt + 16 * vector + 4, ist | (type << 8), true);
      this.view.setUint16(LAYOUT.idt + 16 * vector + 6, handler >>> 16, true);
    }
  }

  private makeCpu(index: number): CpuState {
    const bus = new FlatBus(this.view, this.absent, (at, size) => this.guestWrote(at, size));
    const state: CpuState = {
      ...{ interrupts: 0, nmis: 0, inNmi: false, held: false, stalledFor: 0 },
      cpu: new Cpu(
        index,
        bus,
        this.hooksOf(() => state),
      ),
    };
    const { cpu } = state;
    bus.cpu = cpu;
    cpu.cr0 = CR0.PE | CR0.PG | CR0.NE;
    cpu.efer = EFER.LMA | EFER.LME | EFER.SCE;
    Object.assign(cpu.gdt, { low: LAYOUT.gdt, high: 0, limit: 0x3f });
    Object.assign(cpu.idt, { low: LAYOUT.idt, high: 0, limit: 0xfff });
    const tss = LAYOUT.tss + 128 * index;
    const stack = (number: number) => LAYOUT.private + 0x1000 + 0x200 * (4 * index + number);
    this.view.setUint32(tss + 4, LAYOUT.stacks + 0x400 * index + 0x200, true); // from user mode: half of its stack
    this.view.setUint32(tss + 36, stack(1), true);
    this.view.setUint32(tss + 44, stack(2), true);
    Object.assign(cpu.tr, { selector: SELECTORS.tss, access: 0x8b, limit: 0x67, baseLow: tss, baseHigh: 0 });
    setFlat(cpu, CS, SELECTORS.code, 0xa09b00);
    setFlat(cpu, SS, SELECTORS.data, 0xc09300);
    updateMode(cpu);
    cpu.star[1] = (0x10 << 16) | SELECTORS.code;
    cpu.lstar[0] = LAYOUT.handlers + 64 * 255;
    cpu.fmask = FLAG.IF | FLAG.TF;
    cpu.flags = FLAG.IF | 2;
    cpu.repeatLimit = 3;
    writeRegister(cpu, REGISTERS.rsp.id, BigInt(LAYOUT.stacks + 0x400 * (index + 1)));
    return state;
  }

  private hooksOf(state: () => CpuState): MachineHooks {
    const page = () => LAYOUT.demand / PAGE_BYTES + state().cpu.index;
    return {
      portRead: (port) => port & 0x7f,
      portWrite: (port) => {
        if (port === PORT_PRESENT) this.absent.delete(page());
        if (port === PORT_ABSENT) this.absent.add(page());
      },
      privilegeChanged: () => {},
      pagingChanged: () => {},
      invalidatePage: () => {},
      readMsr: () => false,
      writeMsr: () => false,
      taskPriority: 0,
      readTime: () => {},
      cpuid: () => {
        state().cpu.r.set([1, 0, 2, 0, 3, 0, 4, 0]);
      },
      interruptReturned: () => {
        state().inNmi = false;
        this.client?.returned(state().cpu.index);
      },
      systemCalled: () => {},
      paused: () => {},
    };
  }

  /** Code or data, before the machine runs. */
  load(address: number, bytes: ArrayLike<number>): void {
    this.bytes.set(bytes, address);
  }

  set(cpu: number, id: number, value: bigint): void {
    this.writeRegister(cpu, id, value);
  }

  /** A CPU whose rip is there has ended. */
  stopAt = -1;

  // Running

  /** One turn of a CPU. */
  turn(index: number): void {
    const state = this.states[index]!;
    const { cpu } = state;
    if (this.acceptInterrupt(state) || cpu.halted) return;
    if (this.isAtEnd(state)) {
      cpu.shadow = false;
      return;
    }
    cpu.shadow = false;
    const { ripLow, ripHigh } = cpu;
    const traps = (cpu.flags & FLAG.TF) !== 0;
    const offset = ripLow & 0xfff;
    const op = this.translator.block(this.bytes.subarray(ripLow, ripLow + 15), offset, 64, undefined, 1)[0];
    if (ripHigh !== 0 || op === undefined)
      throw new Error(`cpu ${index} ran away to 0x${ripLow.toString(16)}`);
    cpu.r[PAGE] = ripLow & ~0xfff;
    cpu.r[PAGE + 1] = 0;
    try {
      op.run(cpu, op);
      if (!op.setsRip) goBehind(cpu, op);
    } catch (thrown) {
      if (thrown === SOFTWARE_INTERRUPT) {
        this.count(ripLow);
        this.raise(state, cpu.faultVector, SOFTWARE, 0);
        return;
      }
      if (thrown !== FAULT) throw thrown;
      cpu.ripLow = ripLow;
      cpu.ripHigh = ripHigh;
      if (cpu.faultVector !== PF) this.count(ripLow); // page faults are retried, others are not
      this.raise(state, cpu.faultVector, EXCEPTION, cpu.faultError);
      return;
    }
    const isRepeat = cpu.ripLow === ripLow && /^(Movs|Stos|Cmps)/.test(op.mnemonic); // iterations are left
    if (!isRepeat) this.count(ripLow);
    if (trapsBehind(cpu, op, traps)) this.raise(state, DEBUG_VECTOR, EXCEPTION, 0);
  }

  private count(address: number): void {
    this.executed.set(address, (this.executed.get(address) ?? 0) + 1);
  }

  private acceptInterrupt(state: CpuState): boolean {
    const { cpu } = state;
    if (cpu.shadow) return false;
    if (state.nmis > 0 && !state.inNmi) {
      state.nmis--;
      state.inNmi = true;
      this.raise(state, 2, EXTERNAL, 0);
      return true;
    }
    if (state.interrupts === 0 || state.held || (cpu.flags & FLAG.IF) === 0) return false;
    state.interrupts--;
    this.raise(state, IRQ, EXTERNAL, 0);
    return true;
  }

  private raise(state: CpuState, vector: number, kind: number, error: number): void {
    const { cpu } = state;
    if (this.client) {
      if (vector === BREAKPOINT_VECTOR || vector === DEBUG_VECTOR) {
        const verdict = this.client.trap(cpu.index, vector);
        if (verdict === 'single-step') this.enter(state, DEBUG_VECTOR, EXCEPTION, 0);
        if (verdict === 'fault') this.enter(state, cpu.faultVector, EXCEPTION, cpu.faultError);
        if (verdict !== 'guest') return;
      } else this.client.delivering(cpu.index, vector);
    }
    this.enter(state, vector, kind, error);
  }

  private enter(state: CpuState, vector: number, kind: number, error: number): void {
    const { cpu } = state;
    cpu.halted = false;
    if (cpu.ripLow >= LAYOUT.scratch) this.leaks.push(`vector ${vector} saves the address of a slot`);
    if (state.held) this.leaks.push(`vector ${vector} while interrupts are held`);
    deliver(cpu, vector, kind, error);
  }

  /** Runs until every CPU is at its end and nothing is pending. Returns the turns taken. */
  run(random: () => number, events: { readonly interrupts: number; readonly nmis: number }): number {
    let interrupts = events.interrupts;
    let nmis = events.nmis;
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const runnable = this.states.filter((state) => this.isRunnable(state));
      if (runnable.length === 0) return turn;
      const ready = runnable.filter((state) => state.stalledFor === 0);
      for (const state of runnable) if (state.stalledFor > 0) state.stalledFor--;
      if (ready.length === 0) continue;
      const state = ready[Math.floor(random() * ready.length)]!;
      if (interrupts > 0 && random() < 0.05) {
        interrupts--;
        state.interrupts++;
      }
      if (nmis > 0 && random() < 0.05) {
        nmis--;
        state.nmis++;
      }
      if (state.cpu.halted && state.interrupts === 0) state.interrupts++; // a timer wakes it
      this.turn(state.cpu.index);
    }
    throw new Error(`not at the end after ${MAX_TURNS} turns`);
  }

  private isAtEnd({ cpu }: CpuState): boolean {
    return cpu.ripLow === this.stopAt && cpu.ripHigh === 0;
  }

  private isRunnable(state: CpuState): boolean {
    return (
      !this.isAtEnd(state) || state.nmis > 0 || (state.interrupts > 0 && (state.cpu.flags & FLAG.IF) !== 0)
    );
  }

  // PatchTarget

  readRegister(cpu: number, id: number): bigint {
    return readRegister(this.states[cpu]!.cpu, id)!;
  }
  writeRegister(cpu: number, id: number, value: bigint): void {
    writeRegister(this.states[cpu]!.cpu, id, value);
  }
  readMemory(_: number, address: bigint, out: Uint8Array): boolean {
    const at = Number(address);
    if (at < 0 || at + out.length > LAYOUT.end) return false;
    out.set(this.bytes.subarray(at, at + out.length));
    return true;
  }
  writeMemory(_: number, address: bigint, bytes: Uint8Array): boolean {
    const at = Number(address);
    if (at < 0 || at + bytes.length > LAYOUT.end) return false;
    this.bytes.set(bytes, at);
    return true;
  }
  watchWrites(): void {}
  isAt64BitCode(): boolean {
    return this.is64Bit;
  }
  scratch(cpu: number): bigint {
    return BigInt(LAYOUT.scratch + 64 * cpu);
  }
  execute(cpu: number, code: Uint8Array): ExecuteOutcome {
    return this.inPlace.run(this.states[cpu]!.cpu, code);
  }
  holdInterrupts(cpu: number, held: boolean): void {
    this.states[cpu]!.held = held;
  }
  shadowInterrupts(cpu: number): void {
    this.states[cpu]!.cpu.shadow = true;
  }
  pauseOthers(): void {}
  resumeOthers(): void {}

  private guestWrote(address: number, size: number): void {
    if (address >= LAYOUT.handlers && address < LAYOUT.data) this.client?.overwritten(BigInt(address), size);
  }
}

/** A program that has not ended by then never will. */
const MAX_TURNS = 1_000_000;
