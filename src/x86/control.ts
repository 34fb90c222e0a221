/**
 * Near jumps, calls, returns, and the stack.
 *
 * A branch sets cpu.ripLow and ripHigh. Targets of direct ones are relative to the code page (slot PAGE), because operations
 * are cached by physical page. The stack is addressed with the width of the code: 64 bits, or the SS segment's.
 */
import {
  type Cpu,
  CR0,
  CS,
  FLAG,
  type Handler,
  type Operation,
  PAGE,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
  RSP,
  SEGMENT_BASE,
  SS,
} from './cpu.ts';
import { GP, raiseWith } from './fault.ts';
import { condition, isZero, readFlags, writeFlags } from './flags.ts';

/** rip := page + an offset that is relative to it. */
function goTo(cpu: Cpu, low: number, high: number): void {
  const { r } = cpu;
  const page = r[PAGE]!;
  const sum = (page + low) | 0;
  cpu.ripLow = sum;
  cpu.ripHigh = (r[PAGE + 1]! + high + (sum >>> 0 < page >>> 0 ? 1 : 0)) | 0;
  if (cpu.bitness !== 64) narrowRip(cpu);
}

/** Outside 64-bit code, rip holds a linear address: CS base + EIP, where IP has 16 bits in 16-bit code. */
function narrowRip(cpu: Cpu): void {
  cpu.ripHigh = 0;
  if (cpu.bitness === 16) {
    const base = cpu.r[SEGMENT_BASE[CS]!]!;
    cpu.ripLow = (base + ((cpu.ripLow - base) & 0xffff)) | 0;
  }
}

/** rip := CS base + an offset in the segment. In 64-bit code the base is 0. */
export function goToOffset(cpu: Cpu, low: number, high: number): void {
  if (cpu.bitness === 64) {
    cpu.ripLow = low;
    cpu.ripHigh = high;
    return;
  }
  cpu.ripLow = (cpu.r[SEGMENT_BASE[CS]!]! + (cpu.bitness === 16 ? low & 0xffff : low)) | 0;
  cpu.ripHigh = 0;
}

/** Address of the instruction behind the current one. */
export function goBehind(cpu: Cpu, op: Operation): void {
  goTo(cpu, op.end, 0);
}

/** Address of the current instruction: it will be met again. */
export function goAgain(cpu: Cpu, op: Operation): void {
  goTo(cpu, op.offset, 0);
}

/** Puts the offset of the next instruction into tempLow and tempHigh: what CALL and INT push. */
export function nextOffset(cpu: Cpu, op: Operation): void {
  const { r } = cpu;
  const page = r[PAGE]!;
  const sum = (page + op.end) | 0;
  cpu.tempHigh = cpu.bitness === 64 ? (r[PAGE + 1]! + (sum >>> 0 < page >>> 0 ? 1 : 0)) | 0 : 0;
  cpu.tempLow = cpu.bitness === 64 ? sum : (sum - r[SEGMENT_BASE[CS]!]!) | 0;
}

export const jmp: Handler = (cpu, op) => goTo(cpu, op.low, op.high);

export const jcc: Handler = (cpu, op) => {
  if (condition(cpu, op.extra)) goTo(cpu, op.low, op.high);
  else goTo(cpu, op.end, 0);
};

export const je: Handler = (cpu, op) => {
  if (isZero(cpu)) goTo(cpu, op.low, op.high);
  else goTo(cpu, op.end, 0);
};

export const jne: Handler = (cpu, op) => {
  if (isZero(cpu)) goTo(cpu, op.end, 0);
  else goTo(cpu, op.low, op.high);
};

export const jmpIndirect: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = op.size === 8 ? cpu.high : 0;
  checkTarget(cpu, high);
  goToOffset(cpu, low, high);
};

/** A target that is not canonical faults before the jump. */
function checkTarget(cpu: Cpu, high: number): void {
  if (cpu.bitness === 64 && high >> 15 !== 0 && high >> 15 !== -1) raiseWith(cpu, GP, 0);
}

export const call: Handler = (cpu, op) => {
  nextOffset(cpu, op);
  push(cpu, op.size, cpu.tempLow, cpu.tempHigh);
  goTo(cpu, op.low, op.high);
};

export const callIndirect: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = op.size === 8 ? cpu.high : 0;
  checkTarget(cpu, high);
  nextOffset(cpu, op);
  push(cpu, op.size, cpu.tempLow, cpu.tempHigh);
  goToOffset(cpu, low, high);
};

/** `low` is the number of bytes of arguments that are taken off the stack. */
export const ret: Handler = (cpu, op) => {
  const low = peek(cpu, op.size);
  const high = cpu.high;
  checkTarget(cpu, high);
  moveStack(cpu, op.size + op.low);
  goToOffset(cpu, low, high);
};

/** JRCXZ and LOOPs: `size` is the width of the counter (that of addresses). */
export const jrcxz: Handler = (cpu, op) => {
  if (counterIsZero(cpu, op.size)) goTo(cpu, op.low, op.high);
  else goTo(cpu, op.end, 0);
};

export const LOOP = 0;
export const LOOPE = 1;
export const LOOPNE = 2;
export const loop: Handler = (cpu, op) => {
  addToCounter(cpu, op.size);
  const wanted = op.extra === LOOP || isZero(cpu) === (op.extra === LOOPE);
  if (wanted && !counterIsZero(cpu, op.size)) goTo(cpu, op.low, op.high);
  else goTo(cpu, op.end, 0);
};

export function counterIsZero({ r }: Cpu, size: number): boolean {
  if (size === 8) return (r[RCX]! | r[RCX + 1]!) === 0;
  return size === 4 ? r[RCX] === 0 : (r[RCX]! & 0xffff) === 0;
}

/** The counter − 1. */
export function addToCounter({ r }: Cpu, size: number): void {
  const low = r[RCX]!;
  if (size === 2) {
    r[RCX] = (low & ~0xffff) | ((low - 1) & 0xffff);
    return;
  }
  r[RCX] = low - 1;
  if (size === 4) r[RCX + 1] = 0;
  else if (low === 0) r[RCX + 1]!--;
}

// The stack

/** Width of stack addresses. */
function stackBits(cpu: Cpu): 16 | 32 | 64 {
  if (cpu.bitness === 64) return 64;
  return (cpu.segments[SS]!.access & 0x400000) !== 0 ? 32 : 16;
}

/** Linear address of the stack pointer + `offset`, in eaLow and eaHigh. */
function stackAddress(cpu: Cpu, offset: number): number {
  const { r } = cpu;
  if (cpu.bitness === 64) {
    const low = r[RSP]!;
    const sum = (low + offset) | 0;
    cpu.eaHigh = (r[RSP + 1]! + (offset >> 31) + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
    return sum;
  }
  cpu.eaHigh = 0;
  const pointer = stackBits(cpu) === 32 ? r[RSP]! + offset : (r[RSP]! + offset) & 0xffff;
  return (r[SEGMENT_BASE[SS]!]! + pointer) | 0;
}

export function moveStack(cpu: Cpu, by: number): void {
  const { r } = cpu;
  const low = r[RSP]!;
  const sum = (low + by) | 0;
  const bits = stackBits(cpu);
  if (bits === 16) {
    r[RSP] = (low & ~0xffff) | (sum & 0xffff);
    return;
  }
  r[RSP] = sum;
  r[RSP + 1] = bits === 32 ? 0 : r[RSP + 1]! + (by >> 31) + (sum >>> 0 < low >>> 0 ? 1 : 0);
}

export function push(cpu: Cpu, size: number, low: number, high: number): void {
  poke(cpu, size, low, high, -size);
  moveStack(cpu, -size);
}

/** Stores that far from the top of the stack, which stays where it is. */
function poke(cpu: Cpu, size: number, low: number, high: number, offset: number): void {
  const at = stackAddress(cpu, offset);
  if (size === 8) cpu.bus.write64(at, cpu.eaHigh, low, high);
  else if (size === 4) cpu.bus.write32(at, cpu.eaHigh, low);
  else cpu.bus.write16(at, cpu.eaHigh, low);
}

/** What lies on top of the stack; the high half in cpu.high (0 unless 64 bits are read). */
export function peek(cpu: Cpu, size: number, offset = 0): number {
  const at = stackAddress(cpu, offset);
  const { bus } = cpu;
  if (size === 8) {
    const low = bus.read64(at, cpu.eaHigh);
    cpu.high = bus.high;
    return low;
  }
  cpu.high = 0;
  return size === 4 ? bus.read32(at, cpu.eaHigh) : bus.read16(at, cpu.eaHigh);
}

export const pushOperand: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  push(cpu, op.size, low, cpu.high);
};

export const pushRegister64: Handler = (cpu, op) => {
  const { r } = cpu;
  const pointer = r[RSP]!;
  const low = (pointer - 8) | 0;
  const high = pointer >>> 0 < 8 ? (r[RSP + 1]! - 1) | 0 : r[RSP + 1]!;
  cpu.bus.write64(low, high, r[op.slot]!, r[op.slot + 1]!);
  r[RSP] = low;
  r[RSP + 1] = high;
};

export const popRegister64: Handler = (cpu, op) => {
  const { r, bus } = cpu;
  const pointer = r[RSP]!;
  const low = bus.read64(pointer, r[RSP + 1]!);
  const sum = (pointer + 8) | 0;
  r[RSP] = sum;
  if (sum >>> 0 < 8) r[RSP + 1]!++;
  r[op.slot] = low; // POP RSP ends with what was popped
  r[op.slot + 1] = bus.high;
};

/** To memory, the address is computed with the stack pointer behind the pop. */
export const popOperand: Handler = (cpu, op) => {
  const low = peek(cpu, op.size);
  const { high } = cpu;
  const pointer = cpu.r[RSP]!;
  const pointerHigh = cpu.r[RSP + 1]!;
  moveStack(cpu, op.size);
  if (op.base < 0) {
    op.set(cpu, op, low, high);
    return;
  }
  const after = cpu.r[RSP]!;
  const afterHigh = cpu.r[RSP + 1]!;
  const at = op.address(cpu, op);
  cpu.r[RSP] = pointer; // should the store fault
  cpu.r[RSP + 1] = pointerHigh;
  if (op.size === 8) cpu.bus.write64(at, cpu.eaHigh, low, high);
  else if (op.size === 4) cpu.bus.write32(at, cpu.eaHigh, low);
  else cpu.bus.write16(at, cpu.eaHigh, low);
  cpu.r[RSP] = after;
  cpu.r[RSP + 1] = afterHigh;
};

/** `low` bytes of locals; nesting levels other than 0 are of Pascal's and not supported by the table. */
export const enter: Handler = (cpu, op) => {
  const { r } = cpu;
  push(cpu, op.size, r[RBP]!, r[RBP + 1]!);
  r[RBP] = op.size === 2 ? (r[RBP]! & ~0xffff) | (r[RSP]! & 0xffff) : r[RSP]!;
  if (op.size === 8) r[RBP + 1] = r[RSP + 1]!;
  moveStack(cpu, -op.low);
};

export const leave: Handler = (cpu, op) => {
  const { r } = cpu;
  const [low, high] = [r[RSP]!, r[RSP + 1]!];
  const bits = stackBits(cpu);
  r[RSP] = bits === 16 ? (low & ~0xffff) | (r[RBP]! & 0xffff) : r[RBP]!;
  r[RSP + 1] = bits === 64 ? r[RBP + 1]! : 0;
  let value: number;
  try {
    value = peek(cpu, op.size);
  } catch (fault) {
    r[RSP] = low;
    r[RSP + 1] = high;
    throw fault;
  }
  moveStack(cpu, op.size);
  r[RBP] = op.size === 2 ? (r[RBP]! & ~0xffff) | (value & 0xffff) : value;
  if (op.size === 8) r[RBP + 1] = cpu.high;
};

const ALL_POPPED =
  FLAG.CF | FLAG.PF | FLAG.AF | FLAG.ZF | FLAG.SF | FLAG.TF | FLAG.DF | FLAG.OF | FLAG.NT | FLAG.AC | FLAG.ID;

/** Flags that POPF and IRET may change at this privilege: IOPL at level 0 only, IF where IOPL allows it. */
export function changeableFlags(cpu: Cpu, size: number): number {
  const iopl = (cpu.flags & FLAG.IOPL) >> 12;
  let mask: number = ALL_POPPED;
  if (cpu.cpl === 0) mask |= FLAG.IOPL;
  if (cpu.cpl <= iopl) mask |= FLAG.IF;
  return size === 2 ? mask & 0xffff : mask;
}

export const pushf: Handler = (cpu, op) => {
  push(cpu, op.size, readFlags(cpu) & ~(FLAG.RF | FLAG.VM), 0);
};

export const popf: Handler = (cpu, op) => {
  const value = peek(cpu, op.size);
  moveStack(cpu, op.size);
  const mask = changeableFlags(cpu, op.size);
  writeFlags(cpu, (readFlags(cpu) & ~mask & ~FLAG.RF) | (value & mask));
};

/** In the order of PUSHA. */
const ALL_REGISTERS = [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI] as const;

/** 32 and 16 bits. The stack pointer moves when all is stored: any of the stores may fault. */
export const pusha: Handler = (cpu, op) => {
  for (const [i, slot] of ALL_REGISTERS.entries()) poke(cpu, op.size, cpu.r[slot]!, 0, -op.size * (i + 1));
  moveStack(cpu, -op.size * ALL_REGISTERS.length);
};

/** Likewise, all is read before registers change. The stack pointer that PUSHA has stored is not taken. */
export const popa: Handler = (cpu, op) => {
  const { r } = cpu;
  const values = ALL_REGISTERS.map((_, i) => peek(cpu, op.size, op.size * i)).reverse();
  for (const [i, slot] of ALL_REGISTERS.entries()) {
    if (slot !== RSP) r[slot] = op.size === 2 ? (r[slot]! & ~0xffff) | (values[i]! & 0xffff) : values[i]!;
  }
  moveStack(cpu, op.size * ALL_REGISTERS.length);
};

export const cli: Handler = (cpu) => {
  checkInterruptPrivilege(cpu);
  cpu.flags &= ~FLAG.IF;
};

/** Interrupts come behind the next instruction, when they were disabled before. */
export const sti: Handler = (cpu) => {
  checkInterruptPrivilege(cpu);
  if ((cpu.flags & FLAG.IF) === 0) cpu.shadow = true;
  cpu.flags |= FLAG.IF;
};

function checkInterruptPrivilege(cpu: Cpu): void {
  if ((cpu.cr0 & CR0.PE) !== 0 && cpu.cpl > (cpu.flags & FLAG.IOPL) >> 12) raiseWith(cpu, GP, 0);
}
