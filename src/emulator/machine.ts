/**
 * The built-in computer: 1 to 8 CPUs, memory, a board of devices; everything that happens follows from image and seed.
 *
 * CPUs take turns of a random number of instructions; whose turn it is and how long it lasts come from the seed. Time is
 * counted, not measured: each instruction of any CPU takes NS_PER_INSTRUCTION, and while all CPUs halt, time goes at once to
 * the next timer. So a run is the same, to the instruction, on every host. A turn ends early with PAUSE (the CPU waits for
 * another one), with HLT and at a timer.
 *
 * A watcher is told what happens (deliveries and their returns, watched instructions, system calls, resets) and may stop the
 * machine there; `run` goes on from where it stopped. A trap hook may take #BP and #DB before the guest gets them.
 */
import type { TrapVerdict } from '../machine/target.ts';
import { Cpu, CS, RDX, SEGMENT_BASE } from '../x86/cpu.ts';
import { setFlat, updateMode } from '../x86/segments.ts';
import type { Translator } from '../x86/translate.ts';
import { Board } from './board.ts';
import { cpuid } from './cpuid.ts';
import { DELIVERY, Lapic } from './lapic.ts';
import { Mmu } from './mmu.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { Random } from './random.ts';
import { ATTENTION, Vcpu, type VcpuEvents, WatchedCode } from './vcpu.ts';

/** 100 million instructions a second: what a guest's timers expect, at a rate that emulation can follow. */
const NS_PER_INSTRUCTION = 10;
const MAX_CPUS = 8;
/** Shortest and longest turn of a CPU, when there are several. */
const MIN_TURN = 20;
const MAX_TURN = 1000;
/** A turn without others: how often the caller of `run` gets a look. */
const LONG_TURN = 100_000;

export type MachineEnd =
  | { readonly kind: 'power-off' | 'reset' | 'triple-fault' | 'dead' }
  | { readonly kind: 'debug-exit'; readonly code: number };

/** What a watcher is told. Registers of the CPU are those of the moment; a watcher changes nothing. */
export interface MachineWatcher {
  /** Before a delivery: the interrupted context. `kind` as in x86/far.ts. */
  delivering?(vcpu: Vcpu, vector: number, kind: number, error: number): void;
  /** The frame is on the stack at cpu.frameLow, frameHigh. */
  delivered?(vcpu: Vcpu): void;
  /** An IRET has taken its frame from cpu.frameLow, frameHigh. */
  returned?(vcpu: Vcpu): void;
  /** A watched instruction is next. True: `run` returns before it is executed. */
  reached?(vcpu: Vcpu): boolean;
  systemCalled?(vcpu: Vcpu): void;
  happened?(what: 'reset' | 'triple_fault' | 'halt' | 'shutdown', vcpu: Vcpu): void;
  /** A #BP (rip behind the INT3) or a #DB may be its own; it may change the CPU then (emulator/patching.ts). */
  claimsTrap?(vcpu: Vcpu, vector: 1 | 3): TrapVerdict;
  print?(byte: number): void;
}

export interface MachineOptions {
  readonly cpus: number;
  readonly seed: number;
  readonly memoryBytes?: number;
  readonly translator: Translator;
}

const DEFAULT_MEMORY_BYTES = 128 << 20;

export class Machine {
  readonly memory: PhysicalMemory;
  readonly board: Board;
  readonly vcpus: readonly Vcpu[];
  readonly watched = new WatchedCode();
  watcher: MachineWatcher = {};
  end: MachineEnd | undefined;
  private readonly random: Random;
  private current: Vcpu;
  /** Time at the beginning of the current turn. */
  private turnNs = 0;
  private turnExecuted = 0;
  /** Instructions that the current turn still has. */
  private turnLeft = 0;
  /** The last `run` ended because somebody stopped it. */
  isStopped = false;

  constructor(options: MachineOptions) {
    this.memory = new PhysicalMemory(options.memoryBytes ?? DEFAULT_MEMORY_BYTES);
    this.random = new Random(options.seed);
    this.board = new Board({
      nowNs: () => this.nowNs,
      print: (byte) => this.watcher.print?.(byte),
      powerOff: () => this.finish({ kind: 'power-off' }, 'shutdown'),
      debugExit: (code) => this.finish({ kind: 'debug-exit', code }, 'shutdown'),
      reset: () => this.finish({ kind: 'reset' }, 'reset'),
      message: (cpu, mode, vector) => this.message(cpu, mode, vector),
      externalChanged: () => this.externalChanged(),
      currentLapic: () => this.current.lapic,
    });
    const count = Math.min(Math.max(options.cpus, 1), MAX_CPUS);
    this.vcpus = Array.from({ length: count }, (_, index) => this.makeVcpu(index, count, options.translator));
    this.board.lapics = this.vcpus.map(({ lapic }) => lapic);
    this.current = this.vcpus[0]!;
    this.memory.onCodeDropped = () => {
      this.current.cpu.leaveBlock = true;
    };
    this.memory.onCodePage = () => {
      for (const { mmu } of this.vcpus) mmu.flush();
    };
  }

  /** Nanoseconds since the machine began. */
  get nowNs(): number {
    return this.turnNs + (this.current.executed - this.turnExecuted) * NS_PER_INSTRUCTION;
  }

  /** Instructions of all CPUs. */
  get executed(): number {
    return this.vcpus.reduce((sum, { executed }) => sum + executed, 0);
  }

  get currentCpu(): Vcpu {
    return this.current;
  }

  /** `run` returns as soon as the current instruction is complete. */
  stop(): void {
    this.isStopped = true;
    this.current.attention |= ATTENTION.stop;
    this.current.cpu.leaveBlock = true;
  }

  /** Code at these addresses is reported before it runs. */
  watch(addresses: readonly bigint[]): void {
    this.watched.set(addresses);
    this.memory.dropAllCode();
  }

  /** Run for about so many instructions, until somebody stops it, or to the end. */
  run(limit: number): void {
    this.isStopped = false;
    let left = limit;
    while (left > 0 && !this.isStopped && this.end === undefined) {
      if (this.turnLeft <= 0 && !this.beginTurn()) this.skip();
      else left -= this.goOn(left);
    }
  }

  /** The next CPU that has something to do gets its turn; false: there is none. */
  private beginTurn(): boolean {
    const vcpu = this.choose();
    if (vcpu === undefined) return false;
    this.current = vcpu;
    this.turnExecuted = vcpu.executed;
    this.turnLeft = this.turnLength();
    return true;
  }

  /** Some of the current turn: a stop in its midst does not end it, so that nobody's looking on changes the schedule. */
  private goOn(limit: number): number {
    const vcpu = this.current;
    const untilTimer = Math.ceil((this.board.nextDueNs - this.turnNs) / NS_PER_INSTRUCTION);
    vcpu.run(Math.min(this.turnLeft, limit, Math.max(untilTimer, 1)));
    const executed = vcpu.executed - this.turnExecuted;
    this.turnNs += executed * NS_PER_INSTRUCTION;
    this.turnExecuted = vcpu.executed;
    this.turnLeft -= executed;
    if (!vcpu.isRunnable) this.turnLeft = 0;
    if (this.board.nextDueNs <= this.turnNs) this.board.advance(this.turnNs);
    return Math.max(executed, 1);
  }

  private turnLength(): number {
    return this.vcpus.length === 1 ? LONG_TURN : MIN_TURN + this.random.below(MAX_TURN - MIN_TURN);
  }

  private choose(): Vcpu | undefined {
    const { vcpus } = this;
    if (vcpus.length === 1) return vcpus[0]!.isRunnable ? vcpus[0] : undefined;
    const first = this.random.below(vcpus.length);
    for (let i = 0; i < vcpus.length; i++) {
      const vcpu = vcpus[(first + i) % vcpus.length]!;
      if (vcpu.isRunnable) return vcpu;
    }
    return undefined;
  }

  /** Nobody has anything to do: time goes to the next timer. */
  private skip(): void {
    const due = this.board.nextDueNs;
    if (due === Number.POSITIVE_INFINITY) {
      this.end = { kind: 'dead' };
      return;
    }
    this.turnNs = Math.max(this.turnNs, Math.ceil(due));
    this.board.advance(this.turnNs);
  }

  private finish(end: MachineEnd, what: 'reset' | 'triple_fault' | 'shutdown'): void {
    if (this.end) return;
    this.end = end;
    this.watcher.happened?.(what, this.current);
    this.stop();
  }

  private makeVcpu(index: number, count: number, translator: Translator): Vcpu {
    const mmu = new Mmu(this.memory, this.board);
    const changed = (): void => this.lapicChanged(index);
    const lapic = new Lapic(index, this.board, changed);
    const cpu = new Cpu(index, mmu, {
      portRead: (port) => this.board.portRead(port),
      portWrite: (port, size, value) => this.board.portWrite(port, size === 1 ? value & 0xff : value),
      privilegeChanged: () => {
        mmu.privilegeChanged();
        vcpu.forgetPage();
      },
      pagingChanged: () => {
        mmu.flush();
        vcpu.forgetPage();
      },
      invalidatePage: () => {
        mmu.flush();
        vcpu.forgetPage();
      },
      readMsr: (msr) => this.readMsr(vcpu, msr),
      writeMsr: () => true, // as QEMU, which ignores what it does not know
      get taskPriority() {
        return lapic.taskPriority;
      },
      set taskPriority(value) {
        lapic.taskPriority = value;
      },
      readTime: () => setTime(cpu, this.nowNs),
      cpuid: () => cpuid(cpu, count),
      interruptReturned: () => {
        vcpu.nmiBlocked = false;
        this.watcher.returned?.(vcpu);
      },
      systemCalled: () => this.watcher.systemCalled?.(vcpu),
      paused: () => {
        if (count === 1) return;
        vcpu.left = 0;
        this.turnLeft = 0;
      },
    });
    mmu.cpu = cpu;
    const vcpu: Vcpu = new Vcpu({
      cpu,
      mmu,
      lapic,
      memory: this.memory,
      translator,
      events: this.vcpuEvents(),
      externalVector: () => this.externalVector(vcpu),
      watched: this.watched,
    });
    vcpu.waitsForStart = index > 0;
    cpu.r[RDX] = 0x600; // the processor's signature, as after a reset
    return vcpu;
  }

  private vcpuEvents(): VcpuEvents {
    return {
      claimsTrap: (vcpu, vector) => this.watcher.claimsTrap?.(vcpu, vector) ?? 'guest',
      delivering: (vcpu, vector, kind, error) => this.watcher.delivering?.(vcpu, vector, kind, error),
      delivered: (vcpu) => this.watcher.delivered?.(vcpu),
      reached: (vcpu) => {
        const stops = this.watcher.reached?.(vcpu) ?? false;
        if (stops) this.isStopped = true;
        return stops;
      },
      tripleFault: () => this.finish({ kind: 'triple-fault' }, 'triple_fault'),
      halted: (vcpu) => this.watcher.happened?.('halt', vcpu),
    };
  }

  // Interrupts

  private lapicChanged(index: number): void {
    const vcpu = this.vcpus?.[index];
    if (vcpu === undefined) return; // its own making
    this.setInterrupt(vcpu);
  }

  private setInterrupt(vcpu: Vcpu): void {
    const isPending = vcpu.lapic.pending >= 0 || (this.takesExternal(vcpu) && this.board.pics.isPending);
    if (!isPending) vcpu.attention &= ~ATTENTION.interrupt;
    else {
      vcpu.attention |= ATTENTION.interrupt;
      if (vcpu === this.current) vcpu.cpu.leaveBlock = true; // it is taken behind this very instruction
    }
  }

  private takesExternal({ lapic }: Vcpu): boolean {
    return lapic.id === 0 && (lapic.takesExternal || !lapic.isEnabled);
  }

  private externalChanged(): void {
    const first = this.vcpus[0];
    if (first) this.setInterrupt(first);
  }

  private externalVector(vcpu: Vcpu): number {
    if (!this.takesExternal(vcpu) || !this.board.pics.isPending) return -1;
    const vector = this.board.pics.acknowledge();
    this.setInterrupt(vcpu);
    return vector;
  }

  private message(index: number, mode: number, vector: number): void {
    const vcpu = this.vcpus[index]!;
    switch (mode) {
      case DELIVERY.nmi:
        vcpu.attention |= ATTENTION.nmi;
        break;
      case DELIVERY.init:
        resetCpu(vcpu);
        vcpu.waitsForStart = index > 0;
        this.watcher.happened?.('reset', vcpu);
        break;
      case DELIVERY.startup:
        if (!vcpu.waitsForStart) break;
        start(vcpu, vector);
        break;
    }
  }

  private readMsr({ cpu }: Vcpu, index: number): boolean {
    cpu.tempLow = 0;
    cpu.tempHigh = 0;
    if (index === APIC_BASE_MSR) cpu.tempLow = 0xfee00800 | (cpu.index === 0 ? 0x100 : 0);
    else if (index === TSC_MSR) setTime(cpu, this.nowNs);
    return true;
  }
}

const APIC_BASE_MSR = 0x1b;
const TSC_MSR = 0x10;

/** The time stamp counter counts nanoseconds. */
function setTime(cpu: Cpu, ns: number): void {
  cpu.tempLow = ns | 0;
  cpu.tempHigh = Math.floor(ns / 0x100000000) | 0;
}

/** INIT: the CPU and its local APIC as after power-on; nothing that was pending is, and NMIs are let in. */
function resetCpu(vcpu: Vcpu): void {
  const { cpu, mmu, lapic } = vcpu;
  vcpu.nmiBlocked = false;
  vcpu.attention &= ~ATTENTION.nmi;
  lapic.reset();
  cpu.r.fill(0);
  cpu.flags = 2;
  cpu.ccKind = 0;
  cpu.cpl = 0;
  cpu.cr0 = 0x60000010;
  cpu.cr3Low = 0;
  cpu.cr3High = 0;
  cpu.cr4 = 0;
  cpu.efer = 0;
  cpu.halted = false;
  cpu.shadow = false;
  cpu.hooks.privilegeChanged();
  mmu.flush();
}

/** A start-up message: real mode, CS:IP = vector page. */
function start(vcpu: Vcpu, vector: number): void {
  const { cpu } = vcpu;
  vcpu.waitsForStart = false;
  for (let segment = 0; segment < 6; segment++) setFlat(cpu, segment, 0, segment === CS ? 0x9b00 : 0x9300);
  cpu.segments[CS]!.selector = vector << 8;
  cpu.r[SEGMENT_BASE[CS]!] = vector << 12;
  cpu.ripLow = vector << 12;
  cpu.ripHigh = 0;
  updateMode(cpu);
}
