/**
 * The state of one x86-64 CPU, as plain numbers.
 *
 * 64-bit values are pairs of signed int32: V8 keeps such numbers untagged in typed arrays and as small integers in fields,
 * while a BigInt that is kept (an operand for flags) is allocated. Measured on Node 20, per second of CPU time: a loop of
 * additions, subtractions and exclusive ors called as operations are does 90 million with pairs, 38 million with registers in a
 * BigInt64Array; the example kernel's recursive function runs at 35 million instructions.
 *
 * `r` holds what effective addresses are made of, by slot: register n at 2n (low) and 2n + 1 (high), then
 *
 *   32 ZERO   36 FS base   40 ES base   44 SS base   always present, so that an address is always
 *   34 PAGE   38 GS base   42 CS base   46 DS base   base + index * scale + displacement + segment
 *
 * PAGE is the virtual page of the code being executed: operations are cached by physical page and know their place in it.
 *
 * Arithmetic flags are lazy (flags.ts): the last result and its operands are kept, sign-extended to 64 bits whatever their
 * size was, and flags are computed when asked for.
 */
import type { Bus, MachineHooks } from './bus.ts';

export const RAX = 0;
export const RCX = 2;
export const RDX = 4;
export const RBX = 6;
export const RSP = 8;
export const RBP = 10;
export const RSI = 12;
export const RDI = 14;
export const R11 = 22;
export const ZERO = 32;
export const PAGE = 34;
export const FS_BASE = 36;
export const GS_BASE = 38;
/** Bases of ES CS SS DS FS GS, by segment number. */
export const SEGMENT_BASE: readonly number[] = [40, 42, 44, 46, FS_BASE, GS_BASE];
const SLOTS = 48;

export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;

/** Bits of RFLAGS. */
export const FLAG = {
  CF: 1,
  PF: 4,
  AF: 0x10,
  ZF: 0x40,
  SF: 0x80,
  TF: 0x100,
  IF: 0x200,
  DF: 0x400,
  OF: 0x800,
  IOPL: 0x3000,
  NT: 0x4000,
  RF: 0x10000,
  VM: 0x20000,
  AC: 0x40000,
  VIF: 0x80000,
  VIP: 0x100000,
  ID: 0x200000,
} as const;
/** CF PF AF ZF SF OF. */
export const ARITHMETIC_FLAGS = 0x8d5;
/** Bit 1 is always set. */
export const FIXED_FLAGS = 2;

/** A descriptor table register. */
export interface TableRegister {
  low: number;
  high: number;
  limit: number;
}

/** A segment register's visible and hidden part. Bases that addresses use are in `r`. */
export interface Segment {
  selector: number;
  /** Access byte (bits 0–7) and flags (bits 12–15), as bits 8–15 and 20–23 of the descriptor's second word. */
  access: number;
  limit: number;
}

/** LDT and task register: these have their base here. */
export interface SystemSegment extends Segment {
  baseLow: number;
  baseHigh: number;
}

export const CR0 = {
  PE: 1,
  MP: 2,
  EM: 4,
  TS: 8,
  ET: 0x10,
  NE: 0x20,
  WP: 0x10000,
  PG: 0x80000000 | 0,
} as const;
export const CR4 = { PSE: 0x10, PAE: 0x20, PGE: 0x80 } as const;
export const EFER = { SCE: 1, LME: 0x100, LMA: 0x400, NXE: 0x800 } as const;

/** Code segments by the size of their instructions. */
export type Bitness = 16 | 32 | 64;

export class Cpu {
  readonly index: number;
  readonly bus: Bus;
  readonly hooks: MachineHooks;
  readonly r = new Int32Array(SLOTS);
  /** The instruction being executed, or the next one between instructions. */
  ripLow = 0xfff0;
  ripHigh = 0;
  /** Offset in the code page of the instruction being executed. */
  offset = 0;
  /** High half of the 64-bit operand read last. */
  high = 0;
  /** Address of the memory operand read last, for writing it back. */
  eaLow = 0;
  eaHigh = 0;
  /** A pair that a hook gives. */
  tempLow = 0;
  tempHigh = 0;

  // Flags: flags.ts
  flags: number = FIXED_FLAGS;
  ccKind = 0;
  ccLeftLow = 0;
  ccLeftHigh = 0;
  ccRightLow = 0;
  ccRightHigh = 0;
  ccLow = 0;
  ccHigh = 0;
  ccCarry = 0;

  // Control
  cpl = 0;
  bitness: Bitness = 16;
  cr0 = 0x60000010;
  cr2Low = 0;
  cr2High = 0;
  cr3Low = 0;
  cr3High = 0;
  cr4 = 0;
  efer = 0;
  readonly dr = new Int32Array(16); // DR0 … DR7, pairs
  readonly segments: readonly Segment[] = Array.from({ length: 6 }, (_, index) => ({
    selector: 0,
    access: index === CS ? 0x9b : 0x93,
    limit: 0xffff,
  }));
  readonly gdt: TableRegister = { low: 0, high: 0, limit: 0xffff };
  readonly idt: TableRegister = { low: 0, high: 0, limit: 0xffff };
  readonly ldt: SystemSegment = { selector: 0, access: 0x82, limit: 0xffff, baseLow: 0, baseHigh: 0 };
  readonly tr: SystemSegment = { selector: 0, access: 0x8b, limit: 0xffff, baseLow: 0, baseHigh: 0 };
  // Model-specific registers as pairs
  readonly star = new Int32Array(2);
  readonly lstar = new Int32Array(2);
  readonly cstar = new Int32Array(2);
  fmask = 0;
  readonly kernelGsBase = new Int32Array(2);

  /** Where on the stack the frame of the last delivery or IRET begins (its rip). */
  frameLow = 0;
  frameHigh = 0;

  // Between instructions
  halted = false;
  /** Interrupts wait for one more instruction: behind STI and loads of SS. */
  shadow = false;
  /** Operations that follow in the block must not run: their code changed, or the machine must look at something. */
  leaveBlock = false;
  /** Iterations that one REP instruction may do before it is met again. */
  repeatLimit = 1;
  /** Iterations that count as instructions beyond the one that is counted anyway. */
  repeated = 0;
  faultVector = 0;
  faultError = 0;

  constructor(index: number, bus: Bus, hooks: MachineHooks) {
    this.index = index;
    this.bus = bus;
    this.hooks = hooks;
    this.dr[12] = 0xffff0ff0 | 0;
    this.dr[14] = 0x400;
  }

  get isLong(): boolean {
    return (this.efer & EFER.LMA) !== 0;
  }

  get isProtected(): boolean {
    return (this.cr0 & CR0.PE) !== 0;
  }
}

/** What executes one operation. It reads operands, may raise a fault, and only then changes anything. */
export type Handler = (cpu: Cpu, op: Operation) => void;
/** Operand value, sign-extended from its size; of 64 bits the low half, the high one in cpu.high. */
export type Getter = (cpu: Cpu, op: Operation) => number;
export type Setter = (cpu: Cpu, op: Operation, low: number, high: number) => void;

/** One decoded instruction. All are of one shape, so that V8 reads their fields without asking. */
export interface Operation {
  run: Handler;
  /** First and second operand; `set` stores to the first, `put` stores back to where `get` has just read. */
  get: Getter;
  set: Setter;
  put: Setter;
  get2: Getter;
  set2: Setter;
  /** Slots of register operands, for handlers that are made for them. */
  slot: number;
  slot2: number;
  // Effective address
  base: number;
  index: number;
  scale: number; // shift
  displacementLow: number;
  displacementHigh: number;
  segment: number; // slot of its base
  address: (cpu: Cpu, op: Operation) => number; // low half; high in cpu.eaHigh
  // Immediate operand, sign-extended; of branches the target relative to the page
  low: number;
  high: number;
  /** Operand size in bytes and 32 − bits (of at most 32). */
  size: number;
  narrow: number;
  /** Meaning depends on the handler: condition, segment number, repeat prefix. */
  extra: number;
  /** Where in its page it begins and ends (the end may be beyond the page). */
  offset: number;
  end: number;
  /** Nothing may run behind it in a block: it set rip, or changed what the next instruction is. */
  ends: boolean;
  setsRip: boolean;
  mnemonic: string;
}
