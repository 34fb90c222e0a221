/**
 * One CPU of the machine: fetches blocks of operations, runs them, and delivers what comes between instructions.
 *
 * The loop. A block is a run of operations of one page without a branch but at its end. Between blocks the CPU looks at
 * `attention` (an interrupt, an NMI, a start-up message, a stop), at TF and at the interrupt shadow; so whatever may change these
 * ends a block. A fault leaves a block by FAULT; rip is that of the operation at `cpu.offset`. Instructions are counted when
 * they are complete, so a fault is not counted and its delivery is.
 */
import type { TrapVerdict } from '../machine/target.ts';
import { goBehind } from '../x86/control.ts';
import type { Cpu, Operation } from '../x86/cpu.ts';
import { FLAG, PAGE } from '../x86/cpu.ts';
import { deliver, EXCEPTION, EXTERNAL, SOFTWARE, SOFTWARE_INTERRUPT } from '../x86/far.ts';
import { BP, DB, DE, DF, FAULT, GP, NMI, PF, TS } from '../x86/fault.ts';
import { trapsBehind } from '../x86/in-place.ts';
import { MAX_INSTRUCTION_BYTES, type Translator } from '../x86/translate.ts';
import type { Lapic } from './lapic.ts';
import type { Mmu } from './mmu.ts';
import { type Block, type CodePage, PAGE_BYTES, type PhysicalMemory } from './physical-memory.ts';

/** Reasons to look up between instructions. */
export const ATTENTION = { interrupt: 1, nmi: 2, stop: 4 } as const;

/** What watchers of the machine are told; see machine.ts. */
export interface VcpuEvents {
  /** A trap may be somebody else's than the guest's. rip is behind an INT3, or at the next instruction. */
  claimsTrap(vcpu: Vcpu, vector: typeof BP | typeof DB): TrapVerdict;
  /** About to be delivered; registers are those of the interrupted context, rip what will be saved. */
  delivering(vcpu: Vcpu, vector: number, kind: number, error: number): void;
  /** Delivered: the frame is on the stack. */
  delivered(vcpu: Vcpu): void;
  /** A watched instruction is next. True: stop in front of it. */
  reached(vcpu: Vcpu): boolean;
  tripleFault(vcpu: Vcpu): void;
  halted(vcpu: Vcpu): void;
}

export interface VcpuParts {
  readonly cpu: Cpu;
  readonly mmu: Mmu;
  readonly lapic: Lapic;
  readonly memory: PhysicalMemory;
  readonly translator: Translator;
  readonly events: VcpuEvents;
  /** The interrupt that the old controllers have for this CPU, or −1. */
  readonly externalVector: () => number;
  /** Page offsets and addresses of watched instructions. */
  readonly watched: WatchedCode;
}

/** Instructions that somebody wants to see before they run. */
export class WatchedCode {
  private readonly addresses = new Set<string>();
  private readonly offsets = new Set<number>();

  set(addresses: readonly bigint[]): void {
    this.addresses.clear();
    this.offsets.clear();
    for (const address of addresses) {
      this.addresses.add(key(Number(BigInt.asIntN(32, address)), Number(BigInt.asIntN(32, address >> 32n))));
      this.offsets.add(Number(address & 0xfffn));
    }
  }

  /** Whether an instruction at this place of some page is. */
  mayHave(offset: number): boolean {
    return this.offsets.has(offset);
  }

  has(low: number, high: number): boolean {
    return this.addresses.has(key(low, high));
  }
}

const key = (low: number, high: number): string => `${high}:${low}`;

/** Iterations of a REP between looks at interrupts. */
const REPEAT_LIMIT = 256;

export class Vcpu {
  readonly cpu: Cpu;
  readonly mmu: Mmu;
  readonly lapic: Lapic;
  /** ATTENTION bits. */
  attention = 0;
  /** After INIT, until a start-up message. */
  waitsForStart = false;
  nmiBlocked = false;
  /** Somebody holds interrupts back, whatever IF says (not NMIs). */
  holdsInterrupts = false;
  /** Instructions left of the current turn, and those executed since the machine began. */
  left = 0;
  executed = 0;
  private readonly memory: PhysicalMemory;
  private readonly translator: Translator;
  private readonly events: VcpuEvents;
  private readonly watched: WatchedCode;
  private readonly externalVector: () => number;
  private page: CodePage | undefined;
  private blocks: (Block | undefined)[] = [];
  private blocksBitness = 0;
  private blocksVersion = 0;
  private block: Block | undefined;
  /** Bytes of an instruction that lies on two pages. */
  private readonly joined = new Uint8Array(2 * MAX_INSTRUCTION_BYTES);
  /** The watched instruction that a stop was made for: it is passed once. */
  private passes = false;
  private stepping = false;

  constructor(parts: VcpuParts) {
    this.cpu = parts.cpu;
    this.mmu = parts.mmu;
    this.lapic = parts.lapic;
    this.memory = parts.memory;
    this.translator = parts.translator;
    this.events = parts.events;
    this.watched = parts.watched;
    this.externalVector = parts.externalVector;
  }

  get isRunnable(): boolean {
    return !this.waitsForStart && (!this.cpu.halted || this.wakes);
  }

  /** Something ends the halt. */
  private get wakes(): boolean {
    if ((this.attention & ATTENTION.nmi) !== 0 && !this.nmiBlocked) return true;
    return (this.attention & ATTENTION.interrupt) !== 0 && (this.cpu.flags & FLAG.IF) !== 0;
  }

  /** What was remembered of the code's page may be wrong. */
  forgetPage(): void {
    this.page = undefined;
  }

  /** Run up to `limit` instructions; fewer when it halts or is stopped. */
  run(limit: number): void {
    this.left = limit;
    this.attention &= ~ATTENTION.stop;
    this.cpu.repeatLimit = REPEAT_LIMIT;
    while (this.left > 0 && (this.attention & ATTENTION.stop) === 0) {
      // A watched instruction that was reported is executed before anything else comes.
      if (this.attention !== 0 && !this.passes && this.attend()) continue;
      if (this.cpu.halted || this.waitsForStart) return;
      this.guarded();
    }
  }

  /** Exactly one instruction, without interrupts; its faults and traps are delivered. */
  step(): void {
    this.left = 1;
    this.cpu.repeatLimit = 1;
    this.attention &= ~ATTENTION.stop;
    this.stepping = true;
    this.passes = true;
    try {
      this.guarded();
    } finally {
      this.stepping = false;
    }
  }

  private guarded(): void {
    try {
      this.runBlocks();
    } catch (thrown) {
      if (thrown === FAULT) this.faulted();
      else if (thrown === SOFTWARE_INTERRUPT) this.softwareInterrupt();
      else throw thrown;
    }
  }

  private runBlocks(): void {
    const { cpu } = this;
    do {
      const traps = (cpu.flags & FLAG.TF) !== 0;
      const single = traps || cpu.shadow || this.stepping;
      this.block = undefined;
      const block = this.fetch();
      if (block.watched && this.stopsAt()) return;
      this.passes = false;
      cpu.shadow = false;
      cpu.leaveBlock = false;
      this.block = block;
      const { operations } = block;
      // Turns end at an exact instruction, wherever blocks end: who watches code changes no schedule.
      const end = single ? 1 : Math.min(operations.length, this.left);
      let at = 0;
      for (;;) {
        const operation = operations[at]!;
        cpu.offset = at;
        operation.run(cpu, operation);
        at++;
        if (at >= end || cpu.leaveBlock) break;
      }
      const last = operations[at - 1]!;
      if (!last.setsRip) goBehind(cpu, last);
      if (at < operations.length && this.left <= at && !cpu.leaveBlock) this.keepRest(operations, at);
      this.count(at + cpu.repeated);
      cpu.repeated = 0;
      if (traps || (cpu.flags & FLAG.TF) !== 0) this.singleStepped(last, traps);
      if (cpu.halted) this.events.halted(this);
    } while (this.left > 0 && this.attention === 0 && !cpu.halted && !this.stepping);
  }

  /** A turn ends within a block: its rest is a block too, and need not be decoded again. */
  private keepRest(operations: readonly Operation[], at: number): void {
    const rest = operations.slice(at);
    this.blocks[rest[0]!.offset] ??= {
      operations: rest,
      crosses: undefined,
      crossesVersion: 0,
      watched: false,
    };
  }

  private count(instructions: number): void {
    this.left -= instructions;
    this.executed += instructions;
  }

  private stopsAt(): boolean {
    if (this.passes || !this.watched.has(this.cpu.ripLow, this.cpu.ripHigh)) return false;
    if (!this.events.reached(this)) return false;
    this.passes = true;
    this.attention |= ATTENTION.stop;
    return true;
  }

  // Code

  private fetch(): Block {
    const { cpu } = this;
    const low = cpu.ripLow & -PAGE_BYTES;
    const high = cpu.ripHigh;
    const { r } = cpu;
    const page = this.page;
    if (
      page === undefined ||
      low !== r[PAGE] ||
      high !== r[PAGE + 1] ||
      this.blocksBitness !== cpu.bitness ||
      this.blocksVersion !== page.version
    )
      this.enterPage(low, high);
    const block = this.blocks[cpu.ripLow & 0xfff];
    if (block !== undefined && (block.crosses === undefined || this.isAsBefore(block, low, high)))
      return block;
    return this.translate(low, high);
  }

  private enterPage(low: number, high: number): void {
    const { cpu } = this;
    const page = this.codePage(this.mmu.fetchPage(low, high));
    cpu.r[PAGE] = low;
    cpu.r[PAGE + 1] = high;
    this.page = page;
    this.blocks = page.blocks(cpu.bitness);
    this.blocksBitness = cpu.bitness;
    this.blocksVersion = page.version;
  }

  private codePage(physical: number): CodePage {
    if (physical >>> 0 < this.memory.size) return this.memory.codePage(physical);
    this.events.tripleFault(this); // code of a device or of nowhere
    throw FAULT;
  }

  private isAsBefore(block: Block, low: number, high: number): boolean {
    const next = this.nextPage(low, high);
    return block.crosses?.physical === next && block.crosses.version === block.crossesVersion;
  }

  private nextPage(low: number, high: number): number {
    const next = (low + PAGE_BYTES) | 0;
    return this.mmu.fetchPage(next, next === 0 ? (high + 1) | 0 : high);
  }

  private translate(low: number, high: number): Block {
    const { cpu, memory, translator } = this;
    const page = this.page!;
    const offset = cpu.ripLow & 0xfff;
    const starts = (at: number): boolean => this.watched.mayHave(at);
    const physical = page.physical + offset;
    const size = Math.min(PAGE_BYTES - offset, MAX_BLOCK_BYTES);
    const bytes = memory.bytes.subarray(physical, physical + size);
    let operations = translator.block(bytes, offset, cpu.bitness, starts);
    let crosses: CodePage | undefined;
    if (operations.length === 0) {
      const next = this.nextPage(low, high);
      crosses = this.codePage(next);
      const { joined } = this;
      joined.set(bytes);
      joined.set(memory.bytes.subarray(next, next + MAX_INSTRUCTION_BYTES), size);
      operations = translator.block(
        joined.subarray(0, size + MAX_INSTRUCTION_BYTES),
        offset,
        cpu.bitness,
        starts,
        1,
      );
    }
    const end = operations.at(-1)!.end;
    page.cover(offset, end);
    if (end > PAGE_BYTES) crosses?.cover(0, end - PAGE_BYTES);
    const block: Block = {
      operations,
      crosses: end > PAGE_BYTES ? crosses : undefined,
      crossesVersion: crosses?.version ?? 0,
      watched: this.watched.mayHave(offset),
    };
    this.blocks[offset] = block;
    return block;
  }

  // Between instructions

  /** NMI and interrupts. True: something was delivered. */
  private attend(): boolean {
    const { cpu } = this;
    if (this.waitsForStart || cpu.shadow) return false;
    if ((this.attention & ATTENTION.nmi) !== 0 && !this.nmiBlocked) {
      this.attention &= ~ATTENTION.nmi;
      this.nmiBlocked = true;
      this.interrupt(NMI);
      return true;
    }
    if ((this.attention & ATTENTION.interrupt) === 0 || (cpu.flags & FLAG.IF) === 0) return false;
    if (this.holdsInterrupts) return false;
    const vector = this.lapic.pending >= 0 ? this.lapic.acknowledge() : this.externalVector();
    if (vector < 0) {
      this.attention &= ~ATTENTION.interrupt;
      return false;
    }
    this.interrupt(vector);
    return true;
  }

  private interrupt(vector: number): void {
    this.cpu.halted = false;
    this.deliver(vector, EXTERNAL, 0);
  }

  /** The operation at cpu.offset cannot complete. Without a block, fetching it failed and rip is right. */
  private faulted(): void {
    const { cpu, block } = this;
    if (block !== undefined) {
      this.goTo(block.operations[cpu.offset]!.offset);
      this.count(cpu.offset + cpu.repeated);
      cpu.repeated = 0;
    }
    if (this.waitsForStart || (this.attention & ATTENTION.stop) !== 0) return;
    this.deliver(cpu.faultVector, EXCEPTION, cpu.faultError);
  }

  /** INT n is complete: rip is behind it. */
  private softwareInterrupt(): void {
    const { cpu } = this;
    const vector = cpu.faultVector;
    this.count(cpu.offset + 1);
    if (vector === BP && this.offerTrap(BP)) return;
    this.deliver(vector, SOFTWARE, 0);
  }

  private goTo(offset: number): void {
    const { cpu } = this;
    cpu.ripLow = cpu.r[PAGE]! + offset;
    cpu.ripHigh = cpu.r[PAGE + 1]!;
  }

  /** An instruction is complete that may be followed by the single-step trap. */
  private singleStepped(last: Operation, began: boolean): void {
    if (trapsBehind(this.cpu, last, began) && !this.offerTrap(DB)) this.deliverSingleStep();
  }

  private deliverSingleStep(): void {
    this.cpu.dr[12]! |= SINGLE_STEP;
    this.deliver(DB, EXCEPTION, 0);
  }

  /** Whether the trap was not the guest's. What the guest is due instead is delivered. */
  private offerTrap(vector: typeof BP | typeof DB): boolean {
    const { cpu } = this;
    const verdict = this.events.claimsTrap(this, vector);
    if (verdict === 'single-step') this.deliverSingleStep();
    if (verdict === 'fault') this.deliver(cpu.faultVector, EXCEPTION, cpu.faultError);
    return verdict !== 'guest';
  }

  /** Deliver; a fault while doing so becomes another one, a double fault, or the end. */
  private deliver(first: number, kind: number, error: number): void {
    const { cpu, events } = this;
    let vector = first;
    let code = error;
    let how = kind;
    for (;;) {
      events.delivering(this, vector, how, code);
      try {
        deliver(cpu, vector, how, code);
        events.delivered(this);
        return;
      } catch (thrown) {
        if (thrown !== FAULT) throw thrown;
      }
      // INT n that may not be delivered faults itself: rip goes back to it.
      if (how === SOFTWARE) this.goTo(this.block!.operations[cpu.offset]!.offset);
      if (vector === DF && how === EXCEPTION) {
        events.tripleFault(this);
        return;
      }
      const second = cpu.faultVector;
      const doubles = how === EXCEPTION && isDouble(vector, second);
      code = doubles ? 0 : cpu.faultError;
      vector = doubles ? DF : second;
      how = EXCEPTION;
    }
  }
}

/** DR6.BS. */
const SINGLE_STEP = 0x4000;
const MAX_BLOCK_BYTES = 256;

/** Contributory exceptions and page faults: two in a row are a double fault (Intel SDM volume 3, table 6-5). */
function isDouble(first: number, second: number): boolean {
  const contributes = (vector: number): boolean => vector === DE || (vector >= TS && vector <= GP);
  if (contributes(first)) return contributes(second);
  return first === PF && (contributes(second) || second === PF);
}
