/** Moves, extensions, exchanges, conditional moves, bit tests and scans: what changes no flag or one. */
import type { Cpu, Handler, Operation } from './cpu.ts';
import { FLAG, RAX, RDX } from './cpu.ts';
import { GP, raiseWith } from './fault.ts';
import { condition, setLogic, settleFlags } from './flags.ts';

export const nop: Handler = () => {};

export const mov: Handler = (cpu, op) => {
  const low = op.get2(cpu, op);
  op.set(cpu, op, low, cpu.high);
};

// The commonest moves, without a call per operand.

export const movRegister64: Handler = ({ r }, { slot, slot2 }) => {
  r[slot] = r[slot2]!;
  r[slot + 1] = r[slot2 + 1]!;
};

export const movRegister32: Handler = ({ r }, { slot, slot2 }) => {
  r[slot] = r[slot2]!;
  r[slot + 1] = 0;
};

export const movImmediate: Handler = ({ r }, { slot, low, high }) => {
  r[slot] = low;
  r[slot + 1] = high;
};

export const load64: Handler = (cpu, op) => {
  const { r, bus } = cpu;
  const at = op.address(cpu, op);
  const low = bus.read64(at, cpu.eaHigh);
  r[op.slot] = low;
  r[op.slot + 1] = bus.high;
};

export const load32: Handler = (cpu, op) => {
  const { r } = cpu;
  const at = op.address(cpu, op);
  r[op.slot] = cpu.bus.read32(at, cpu.eaHigh);
  r[op.slot + 1] = 0;
};

export const store64: Handler = (cpu, op) => {
  const { r } = cpu;
  const at = op.address(cpu, op);
  cpu.bus.write64(at, cpu.eaHigh, r[op.slot2]!, r[op.slot2 + 1]!);
};

export const store32: Handler = (cpu, op) => {
  const at = op.address(cpu, op);
  cpu.bus.write32(at, cpu.eaHigh, cpu.r[op.slot2]!);
};

/** MOVSX, MOVSXD: getters extend by themselves. */
export const movsx: Handler = (cpu, op) => {
  const value = op.get2(cpu, op);
  op.set(cpu, op, value, value >> 31);
};

/** `extra` is the mask of the source. */
export const movzx: Handler = (cpu, op) => {
  op.set(cpu, op, op.get2(cpu, op) & op.extra, 0);
};

/** The address without the segment's base. */
export const lea: Handler = (cpu, op) => {
  const low = op.address(cpu, op);
  op.set(cpu, op, low, cpu.eaHigh);
};

export const xchg: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const { high } = cpu;
  const otherLow = op.get2(cpu, op);
  op.put(cpu, op, otherLow, cpu.high);
  op.set2(cpu, op, low, high);
};

/** The source is read, and the upper half of a 32-bit destination cleared, whether the condition holds or not. */
export const cmov: Handler = (cpu, op) => {
  const low = op.get2(cpu, op);
  const { high } = cpu;
  if (condition(cpu, op.extra)) op.set(cpu, op, low, high);
  else if (op.size === 4) cpu.r[op.slot + 1] = 0;
};

export const setcc: Handler = (cpu, op) => {
  op.set(cpu, op, condition(cpu, op.extra) ? 1 : 0, 0);
};

export const bswap32: Handler = ({ r }, { slot }) => {
  r[slot] = reversed(r[slot]!);
  r[slot + 1] = 0;
};

export const bswap64: Handler = ({ r }, { slot }) => {
  const low = r[slot]!;
  r[slot] = reversed(r[slot + 1]!);
  r[slot + 1] = reversed(low);
};

function reversed(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

// CBW CWDE CDQE, CWD CDQ CQO

export const cbw: Handler = ({ r }) => {
  r[RAX] = (r[RAX]! & ~0xffff) | (((r[RAX]! << 24) >> 24) & 0xffff);
};
export const cwde: Handler = ({ r }) => {
  r[RAX] = (r[RAX]! << 16) >> 16;
  r[RAX + 1] = 0;
};
export const cdqe: Handler = ({ r }) => {
  r[RAX + 1] = r[RAX]! >> 31;
};
export const cwd: Handler = ({ r }) => {
  r[RDX] = (r[RDX]! & ~0xffff) | (((r[RAX]! << 16) >> 31) & 0xffff);
};
export const cdq: Handler = ({ r }) => {
  r[RDX] = r[RAX]! >> 31;
  r[RDX + 1] = 0;
};
export const cqo: Handler = ({ r }) => {
  r[RDX] = r[RAX + 1]! >> 31;
  r[RDX + 1] = r[RDX]!;
};

// Bit tests. CF is the bit; the other flags stay.

export const BIT_TEST = 0;
export const BIT_SET = 1;
export const BIT_RESET = 2;
export const BIT_COMPLEMENT = 3;

function changed(value: number, mask: number, what: number): number {
  if (what === BIT_SET) return value | mask;
  return what === BIT_RESET ? value & ~mask : value ^ mask;
}

function setCarry(cpu: Cpu, bit: number): void {
  settleFlags(cpu);
  cpu.flags = (cpu.flags & ~FLAG.CF) | bit;
}

/** The first operand is a register, or the second an immediate: the bit is one of the operand's. `extra` is what to do. */
export const bitOperand: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const { high } = cpu;
  const index = op.get2(cpu, op) & (8 * op.size - 1);
  const mask = 1 << (index & 31);
  const upper = index >= 32;
  const bit = ((upper ? high : low) & mask) !== 0 ? 1 : 0;
  if (op.extra !== BIT_TEST) {
    if (upper) op.put(cpu, op, low, changed(high, mask, op.extra));
    else op.put(cpu, op, changed(low, mask, op.extra), high);
  }
  setCarry(cpu, bit);
};

/** A bit string in memory: the index, signed, chooses the word as well. */
export const bitString: Handler = (cpu, op) => {
  const index = op.get2(cpu, op);
  const indexHigh = op.size === 8 ? cpu.high : index >> 31;
  const shift = op.size === 8 ? 6 : op.size === 4 ? 5 : 4;
  const words = op.size === 8 ? (index >>> shift) | (indexHigh << (32 - shift)) : index >> shift;
  const wordsHigh = indexHigh >> shift;
  moveAddress(cpu, op, words, wordsHigh, shift - 3);
  const { eaLow, eaHigh, bus } = cpu;
  const bitIndex = index & (8 * op.size - 1);
  const mask = 1 << (bitIndex & 31);
  const low =
    op.size === 8
      ? bus.read64(eaLow, eaHigh)
      : op.size === 4
        ? bus.read32(eaLow, eaHigh)
        : bus.read16(eaLow, eaHigh);
  const high = bus.high;
  const upper = bitIndex >= 32;
  const bit = ((upper ? high : low) & mask) !== 0 ? 1 : 0;
  if (op.extra !== BIT_TEST) {
    if (upper) op.put(cpu, op, low, changed(high, mask, op.extra));
    else op.put(cpu, op, changed(low, mask, op.extra), high);
  }
  setCarry(cpu, bit);
};

/** eaLow, eaHigh := the operand's address + words << shift. */
function moveAddress(cpu: Cpu, op: Operation, words: number, wordsHigh: number, shift: number): void {
  const low = op.address(cpu, op);
  const moved = words << shift;
  const movedHigh = (wordsHigh << shift) | (words >>> (32 - shift));
  const sum = (low + moved) | 0;
  const high = (cpu.eaHigh + movedHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  cpu.eaHigh = cpu.bitness === 64 ? high : 0; // outside 64-bit code linear addresses have 32 bits
  cpu.eaLow = sum;
}

/** Of a zero operand the destination stays (32 bits: its upper half is cleared); flags are the operand's, as in QEMU. */
export const bsf: Handler = (cpu, op) => {
  const source = op.get2(cpu, op);
  const high = op.size === 8 ? cpu.high : source >> 31;
  const low = source;
  if ((low | high) === 0) keepScanned(cpu, op);
  else if (low !== 0) op.set(cpu, op, 31 - Math.clz32(low & -low), 0);
  else op.set(cpu, op, 63 - Math.clz32(high & -high), 0);
  setLogic(cpu, low, high);
};

export const bsr: Handler = (cpu, op) => {
  const source = op.get2(cpu, op);
  const high = op.size === 8 ? cpu.high : source >> 31;
  const value = op.size === 2 ? source & 0xffff : source;
  if ((source | high) === 0) keepScanned(cpu, op);
  else if (op.size === 8 && high !== 0) op.set(cpu, op, 63 - Math.clz32(high), 0);
  else op.set(cpu, op, 31 - Math.clz32(value), 0);
  setLogic(cpu, source, high);
};

function keepScanned(cpu: Cpu, op: Operation): void {
  if (op.size === 4) cpu.r[op.slot + 1] = 0;
}

export const lahf: Handler = (cpu) => {
  settleFlags(cpu);
  cpu.r[RAX] = (cpu.r[RAX]! & ~0xff00) | ((cpu.flags & 0xff) << 8);
};

const SAHF_FLAGS = FLAG.SF | FLAG.ZF | FLAG.AF | FLAG.PF | FLAG.CF;
export const sahf: Handler = (cpu) => {
  settleFlags(cpu);
  cpu.flags = (cpu.flags & ~SAHF_FLAGS) | ((cpu.r[RAX]! >> 8) & SAHF_FLAGS);
};

export const clc: Handler = (cpu) => setCarry(cpu, 0);
export const stc: Handler = (cpu) => setCarry(cpu, 1);
export const cmc: Handler = (cpu) => {
  settleFlags(cpu);
  cpu.flags ^= FLAG.CF;
};
export const cld: Handler = (cpu) => {
  cpu.flags &= ~FLAG.DF;
};
export const std: Handler = (cpu) => {
  cpu.flags |= FLAG.DF;
};

/** EDX:EAX or RDX:RAX is compared with memory; equal: ECX:EBX is stored. ZF alone changes. */
export const cmpxchg8b: Handler = (cpu, op) => {
  const { r, bus } = cpu;
  const at = op.address(cpu, op);
  const { eaHigh } = cpu;
  const low = bus.read64(at, eaHigh);
  const { high } = bus;
  const equal = low === r[RAX]! && high === r[RDX]!;
  if (equal) bus.write64(at, eaHigh, r[6]!, r[2]!);
  else {
    bus.write64(at, eaHigh, low, high);
    r[RAX] = low;
    r[RAX + 1] = 0;
    r[RDX] = high;
    r[RDX + 1] = 0;
  }
  setZero(cpu, equal);
};

export const cmpxchg16b: Handler = (cpu, op) => {
  const { r, bus } = cpu;
  const at = op.address(cpu, op);
  const { eaHigh } = cpu;
  if ((at & 15) !== 0) raiseWith(cpu, GP, 0);
  bus.probeWrite(at, eaHigh, 16);
  const low = bus.read64(at, eaHigh);
  const lowHigh = bus.high;
  const second = bus.read64(at + 8, eaHigh); // aligned: no carry
  const secondHigh = bus.high;
  const equal =
    low === r[RAX]! && lowHigh === r[RAX + 1]! && second === r[RDX]! && secondHigh === r[RDX + 1]!;
  if (equal) {
    bus.write64(at, eaHigh, r[6]!, r[7]!);
    bus.write64(at + 8, eaHigh, r[2]!, r[3]!);
  } else {
    r[RAX] = low;
    r[RAX + 1] = lowHigh;
    r[RDX] = second;
    r[RDX + 1] = secondHigh;
  }
  setZero(cpu, equal);
};

function setZero(cpu: Cpu, zero: boolean): void {
  settleFlags(cpu);
  cpu.flags = zero ? cpu.flags | FLAG.ZF : cpu.flags & ~FLAG.ZF;
}

/** `[base + AL]`: base and segment are the operation's address without AL. */
export const xlat: Handler = (cpu, op) => {
  const low = op.address(cpu, op);
  const sum = (low + (cpu.r[RAX]! & 0xff)) | 0;
  const high = (cpu.eaHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  const value = cpu.bus.read8(sum, high);
  cpu.r[RAX] = (cpu.r[RAX]! & ~0xff) | (value & 0xff);
};
