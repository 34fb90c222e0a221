/**
 * Transfers to other segments and privilege levels: far JMP, CALL and RET, IRET, SYSCALL, SYSRET, and the delivery of
 * interrupts and exceptions through the IDT.
 *
 * Delivery is that of long mode. Before a guest is there, nothing can be delivered: `deliver` says so by a double fault,
 * which its caller makes a triple fault. Call gates, task gates and task switches are not there (64-bit kernels have none).
 */
import { changeableFlags, goToOffset, moveStack, nextOffset, peek, push } from './control.ts';
import {
  type Cpu,
  CR0,
  CS,
  EFER,
  FIXED_FLAGS,
  FLAG,
  type Handler,
  R11,
  RCX,
  RSP,
  SEGMENT_BASE,
  SS,
} from './cpu.ts';
import { DF, GP, NP, pushesErrorCode, raise, raiseWith, UD } from './fault.ts';
import { readFlags, writeFlags } from './flags.ts';
import {
  asKernel,
  DESCRIPTOR,
  descriptorLevel,
  dropPrivilegedSegments,
  loadStackSegment,
  readCode,
  readTaskState,
  setCode,
  setFlat,
  setLevel,
  tableAddress,
  updateMode,
} from './segments.ts';

/** Thrown by INT n, INT3 and INTO when rip is behind them; the vector is in cpu.faultVector. */
export const SOFTWARE_INTERRUPT = Object.freeze({ softwareInterrupt: true });

/** CS:rip := a far pointer of the same privilege level. */
function jumpFar(cpu: Cpu, selector: number, low: number, high: number): void {
  if (!cpu.isProtected) {
    cpu.segments[CS]!.selector = selector;
    cpu.r[SEGMENT_BASE[CS]!] = selector << 4;
    goToOffset(cpu, low, high);
    return;
  }
  const descriptor = readCode(cpu, selector);
  const conforms = (descriptor.high & DESCRIPTOR.CONFORMING) !== 0;
  const level = descriptorLevel(descriptor);
  if (conforms ? level > cpu.cpl : level !== cpu.cpl) raiseWith(cpu, GP, selector & 0xfffc);
  setCode(cpu, (selector & ~3) | cpu.cpl, descriptor);
  goToOffset(cpu, low, high);
}

/** The far pointer in memory: offset of `size` bytes, selector. Gives the selector; the offset in tempLow, tempHigh. */
function readFarPointer(cpu: Cpu, op: Parameters<Handler>[1]): number {
  const { bus } = cpu;
  const at = op.address(cpu, op);
  const { eaHigh } = cpu;
  cpu.tempHigh = 0;
  if (op.size === 8) {
    cpu.tempLow = bus.read64(at, eaHigh);
    cpu.tempHigh = bus.high;
  } else cpu.tempLow = op.size === 4 ? bus.read32(at, eaHigh) : bus.read16(at, eaHigh) & 0xffff;
  return bus.read16((at + op.size) | 0, eaHigh) & 0xffff;
}

/** JMP ptr16:32, the selector in `extra`. */
export const jmpFarDirect: Handler = (cpu, op) => jumpFar(cpu, op.extra, op.low, 0);

export const jmpFar: Handler = (cpu, op) => {
  const selector = readFarPointer(cpu, op);
  jumpFar(cpu, selector, cpu.tempLow, cpu.tempHigh);
};

function callFarTo(cpu: Cpu, op: Parameters<Handler>[1], selector: number, low: number, high: number): void {
  const oldSelector = cpu.segments[CS]!.selector;
  nextOffset(cpu, op);
  const [nextLow, nextHigh] = [cpu.tempLow, cpu.tempHigh];
  const [spLow, spHigh] = [cpu.r[RSP]!, cpu.r[RSP + 1]!];
  try {
    push(cpu, op.size, oldSelector, 0);
    push(cpu, op.size, nextLow, nextHigh);
    jumpFar(cpu, selector, low, high);
  } catch (fault) {
    cpu.r[RSP] = spLow;
    cpu.r[RSP + 1] = spHigh;
    throw fault;
  }
}

export const callFarDirect: Handler = (cpu, op) => callFarTo(cpu, op, op.extra, op.low, 0);

export const callFar: Handler = (cpu, op) => {
  const selector = readFarPointer(cpu, op);
  callFarTo(cpu, op, selector, cpu.tempLow, cpu.tempHigh);
};

/** `low` bytes of arguments are taken off. To an outer level the stack is changed as well. */
export const retFar: Handler = (cpu, op) => {
  const low = peek(cpu, op.size);
  const { high } = cpu;
  const selector = peek(cpu, op.size, op.size) & 0xffff;
  if (!cpu.isProtected) {
    moveStack(cpu, 2 * op.size + op.low);
    jumpFar(cpu, selector, low, high);
    return;
  }
  const rpl = selector & 3;
  if (rpl < cpu.cpl) raiseWith(cpu, GP, selector & 0xfffc);
  const descriptor = readCode(cpu, selector);
  if (rpl === cpu.cpl) {
    moveStack(cpu, 2 * op.size + op.low);
    setCode(cpu, selector, descriptor);
    goToOffset(cpu, low, high);
    return;
  }
  const stackLow = peek(cpu, op.size, 2 * op.size + op.low);
  const stackHigh = cpu.high;
  const stackSelector = peek(cpu, op.size, 3 * op.size + op.low) & 0xffff;
  loadStackSegment(cpu, stackSelector, rpl);
  setCode(cpu, selector, descriptor);
  cpu.r[RSP] = stackLow;
  cpu.r[RSP + 1] = stackHigh;
  moveStack(cpu, op.low);
  dropPrivilegedSegments(cpu);
  goToOffset(cpu, low, high);
};

/** In 64-bit code SS:RSP is popped always, otherwise when the level changes. */
export const iret: Handler = (cpu, op) => {
  const { size } = op;
  const low = peek(cpu, size);
  const { high } = cpu;
  cpu.frameLow = cpu.r[RSP]!;
  cpu.frameHigh = cpu.r[RSP + 1]!;
  const selector = peek(cpu, size, size) & 0xffff;
  const flags = peek(cpu, size, 2 * size);
  const mask = changeableFlags(cpu, size) | (size === 2 ? 0 : FLAG.RF);
  const newFlags = (readFlags(cpu) & ~mask) | (flags & mask);
  if (!cpu.isProtected) {
    moveStack(cpu, 3 * size);
    jumpFar(cpu, selector, low, high);
    writeFlags(cpu, newFlags);
    cpu.hooks.interruptReturned();
    return;
  }
  if ((cpu.flags & FLAG.NT) !== 0) raiseWith(cpu, GP, 0);
  const rpl = selector & 3;
  if (rpl < cpu.cpl) raiseWith(cpu, GP, selector & 0xfffc);
  const descriptor = readCode(cpu, selector);
  if (cpu.bitness === 64 || rpl !== cpu.cpl) {
    const stackLow = peek(cpu, size, 3 * size);
    const stackHigh = cpu.high;
    const stackSelector = peek(cpu, size, 4 * size) & 0xffff;
    loadStackSegment(cpu, stackSelector, rpl);
    cpu.r[RSP] = stackLow;
    cpu.r[RSP + 1] = stackHigh;
  } else moveStack(cpu, 3 * size);
  const leaves = rpl > cpu.cpl;
  setCode(cpu, selector, descriptor);
  writeFlags(cpu, newFlags);
  if (leaves) dropPrivilegedSegments(cpu);
  goToOffset(cpu, low, high);
  cpu.hooks.interruptReturned();
};

/** Access words of flat segments: code of 64 bits, of 32, and data. */
const CODE64 = 0xa09b00;
const CODE32 = 0xc09b00;
const DATA = 0xc09300;
const USER = 0x6000;

export const syscall: Handler = (cpu, op) => {
  if ((cpu.efer & EFER.SCE) === 0) raise(cpu, UD);
  nextOffset(cpu, op);
  const { r } = cpu;
  const fromLong = cpu.bitness === 64;
  r[RCX] = cpu.tempLow;
  r[RCX + 1] = cpu.tempHigh;
  r[R11] = readFlags(cpu) & ~FLAG.RF;
  r[R11 + 1] = 0;
  writeFlags(cpu, r[R11]! & ~cpu.fmask);
  const selector = cpu.star[1]! & 0xfffc;
  setFlat(cpu, CS, selector, CODE64);
  setFlat(cpu, SS, selector + 8, DATA);
  setLevel(cpu, 0);
  updateMode(cpu);
  const entry = fromLong ? cpu.lstar : cpu.cstar;
  goToOffset(cpu, entry[0]!, entry[1]!);
  cpu.hooks.systemCalled();
};

/** Bits of R11 that SYSRET takes. */
const SYSRET_FLAGS = 0x3c7fd7;

export const sysret: Handler = (cpu, op) => {
  if ((cpu.efer & EFER.SCE) === 0) raise(cpu, UD);
  if (cpu.cpl !== 0 || !cpu.isProtected) raiseWith(cpu, GP, 0);
  const { r } = cpu;
  const selector = cpu.star[1]! >>> 16;
  const toLong = op.size === 8;
  writeFlags(cpu, (r[R11]! & SYSRET_FLAGS) | FIXED_FLAGS);
  setFlat(cpu, CS, (toLong ? selector + 16 : selector) | 3, (toLong ? CODE64 : CODE32) | USER);
  setFlat(cpu, SS, (selector + 8) | 3, DATA | USER);
  setLevel(cpu, 3);
  updateMode(cpu);
  goToOffset(cpu, r[RCX]!, toLong ? r[RCX + 1]! : 0);
};

/** How an interrupt came about: decides who may, and what the error code says. */
export const EXCEPTION = 0;
export const EXTERNAL = 1;
export const SOFTWARE = 2;

const IDT_ERROR = 2;
const EXTERNAL_ERROR = 1;

/**
 * Deliver through the IDT: rip is what the handler returns to. May raise a fault of its own, and then nothing has changed.
 */
export function deliver(cpu: Cpu, vector: number, kind: number, error: number): void {
  if (!cpu.isLong || (cpu.cr0 & CR0.PG) === 0) raiseWith(cpu, DF, 0);
  const gateError = vector * 8 + IDT_ERROR + (kind === EXTERNAL ? EXTERNAL_ERROR : 0);
  if (vector * 16 + 15 > cpu.idt.limit) raiseWith(cpu, GP, gateError);
  const gate = asKernel(cpu, () => {
    const at = tableAddress(cpu, cpu.idt, vector * 16);
    const { eaHigh, bus } = cpu;
    const low = bus.read64(at, eaHigh);
    return { low, high: bus.high, offsetHigh: bus.read32((at + 8) | 0, eaHigh) };
  });
  const type = (gate.high >> 8) & 0x1f;
  if (type !== 14 && type !== 15) raiseWith(cpu, GP, gateError);
  if (kind === SOFTWARE && ((gate.high >> 13) & 3) < cpu.cpl) raiseWith(cpu, GP, gateError);
  if ((gate.high & DESCRIPTOR.PRESENT) === 0) raiseWith(cpu, NP, gateError);
  const selector = gate.low >>> 16;
  const descriptor = readCode(cpu, selector);
  const target = descriptorLevel(descriptor);
  const conforms = (descriptor.high & DESCRIPTOR.CONFORMING) !== 0;
  if (target > cpu.cpl || (descriptor.high & DESCRIPTOR.LONG) === 0) raiseWith(cpu, GP, selector & 0xfffc);
  const level = conforms ? cpu.cpl : target;
  const ist = gate.high & 7;
  const { r } = cpu;
  let stackLow = r[RSP]!;
  let stackHigh = r[RSP + 1]!;
  if (ist !== 0 || level < cpu.cpl) {
    stackLow = readTaskState(cpu, ist !== 0 ? 28 + 8 * ist : 4 + 8 * level);
    stackHigh = cpu.high;
  }
  enter(
    cpu,
    level,
    stackLow & ~15,
    stackHigh,
    pushesErrorCode(vector) && kind !== SOFTWARE ? error : undefined,
  );
  // From here on nothing can fault.
  const cleared = FLAG.TF | FLAG.NT | FLAG.RF | FLAG.VM | (type === 14 ? FLAG.IF : 0);
  setCode(cpu, (selector & ~3) | level, descriptor);
  writeFlags(cpu, readFlags(cpu) & ~cleared);
  goToOffset(cpu, (gate.low & 0xffff) | (gate.high & 0xffff0000), gate.offsetHigh);
}

/** Pushes the frame on the new stack, at the new level, and makes both current. */
function enter(
  cpu: Cpu,
  level: number,
  stackLow: number,
  stackHigh: number,
  error: number | undefined,
): void {
  const { r } = cpu;
  const [oldLow, oldHigh, oldLevel, oldBitness] = [r[RSP]!, r[RSP + 1]!, cpu.cpl, cpu.bitness];
  const stack = cpu.segments[SS]!;
  const ripLow = cpu.bitness === 64 ? cpu.ripLow : (cpu.ripLow - r[SEGMENT_BASE[CS]!]!) | 0;
  setLevel(cpu, level);
  cpu.bitness = 64;
  r[RSP] = stackLow;
  r[RSP + 1] = stackHigh;
  try {
    push(cpu, 8, stack.selector, 0);
    push(cpu, 8, oldLow, oldHigh);
    push(cpu, 8, readFlags(cpu), 0); // RF stays as it is: without breakpoint registers nobody can tell
    push(cpu, 8, cpu.segments[CS]!.selector, 0);
    push(cpu, 8, ripLow, cpu.ripHigh);
    cpu.frameLow = r[RSP]!;
    cpu.frameHigh = r[RSP + 1]!;
    if (error !== undefined) push(cpu, 8, error, 0);
  } catch (fault) {
    cpu.bitness = oldBitness;
    setLevel(cpu, oldLevel);
    r[RSP] = oldLow;
    r[RSP + 1] = oldHigh;
    throw fault;
  }
  if (level < oldLevel) {
    stack.selector = level;
    stack.access = 0;
  }
}

/** INT n: the vector in `low`. */
export const interrupt: Handler = (cpu, op) => {
  cpu.faultVector = op.low & 0xff;
  nextOffset(cpu, op);
  goToOffset(cpu, cpu.tempLow, cpu.tempHigh);
  throw SOFTWARE_INTERRUPT;
};

export const into: Handler = (cpu, op) => {
  if ((readFlags(cpu) & FLAG.OF) === 0) return;
  interrupt(cpu, op);
};
