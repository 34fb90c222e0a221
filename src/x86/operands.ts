/**
 * Operands: how an operation's values are read and stored, by where they are and how large.
 *
 * Getters give the value sign-extended from its size (of 64 bits the low half, the high one in cpu.high). Reading a memory
 * operand leaves its address in cpu.eaLow and eaHigh, so that `put` stores back without computing it again.
 */
import type { Cpu, Getter, Operation, Setter } from './cpu.ts';
import { ZERO } from './cpu.ts';

// Effective addresses

export function fullAddress(cpu: Cpu, op: Operation): number {
  const { r } = cpu;
  let low = r[op.base]!;
  let high = r[op.base + 1]!;
  if (op.index !== ZERO) {
    const { scale } = op;
    const indexLow = r[op.index]!;
    const shifted = indexLow << scale;
    const shiftedHigh =
      scale === 0 ? r[op.index + 1]! : (r[op.index + 1]! << scale) | (indexLow >>> (32 - scale));
    const sum = (low + shifted) | 0;
    high = (high + shiftedHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
    low = sum;
  }
  const sum = (low + op.displacementLow) | 0;
  high = (high + op.displacementHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  if (op.segment === ZERO) {
    cpu.eaHigh = high;
    cpu.eaLow = sum;
    return sum;
  }
  return segmented(cpu, op.segment, sum, high);
}

/** The commonest: a register and a displacement. */
export function baseAddress(cpu: Cpu, op: Operation): number {
  const { r } = cpu;
  const low = r[op.base]!;
  const sum = (low + op.displacementLow) | 0;
  cpu.eaHigh = (r[op.base + 1]! + op.displacementHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  cpu.eaLow = sum;
  return sum;
}

/** 32-bit addresses: offsets wrap, and in 64-bit code the segment base is added to the wrapped offset. */
export function address32(cpu: Cpu, op: Operation): number {
  const { r } = cpu;
  const offset = (r[op.base]! + (op.index === ZERO ? 0 : r[op.index]! << op.scale) + op.displacementLow) | 0;
  return wrapped(cpu, op.segment, offset);
}

export function address16(cpu: Cpu, op: Operation): number {
  const { r } = cpu;
  const index = op.index === ZERO ? 0 : r[op.index]!;
  return wrapped(cpu, op.segment, (r[op.base]! + index + op.displacementLow) & 0xffff);
}

/** Outside 64-bit code linear addresses have 32 bits. */
function wrapped(cpu: Cpu, segment: number, offset: number): number {
  segmented(cpu, segment, offset, 0);
  if (cpu.bitness !== 64) cpu.eaHigh = 0;
  return cpu.eaLow;
}

function segmented(cpu: Cpu, segment: number, low: number, high: number): number {
  const { r } = cpu;
  const sum = (low + r[segment]!) | 0;
  cpu.eaHigh = (high + r[segment + 1]! + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  cpu.eaLow = sum;
  return sum;
}

// Registers. High bytes (AH CH DH BH) have the slot of their register.

const getRegister8: Getter = (cpu, op) => (cpu.r[op.slot]! << 24) >> 24;
const getRegister8High: Getter = (cpu, op) => (cpu.r[op.slot]! << 16) >> 24;
const getRegister16: Getter = (cpu, op) => (cpu.r[op.slot]! << 16) >> 16;
const getRegister32: Getter = (cpu, op) => cpu.r[op.slot]!;
const getRegister64: Getter = (cpu, op) => {
  cpu.high = cpu.r[op.slot + 1]!;
  return cpu.r[op.slot]!;
};
const getSecond8: Getter = (cpu, op) => (cpu.r[op.slot2]! << 24) >> 24;
const getSecond8High: Getter = (cpu, op) => (cpu.r[op.slot2]! << 16) >> 24;
const getSecond16: Getter = (cpu, op) => (cpu.r[op.slot2]! << 16) >> 16;
const getSecond32: Getter = (cpu, op) => cpu.r[op.slot2]!;
const getSecond64: Getter = (cpu, op) => {
  cpu.high = cpu.r[op.slot2 + 1]!;
  return cpu.r[op.slot2]!;
};

function putLowByte(r: Int32Array, slot: number, value: number): void {
  r[slot] = (r[slot]! & ~0xff) | (value & 0xff);
}

const setRegister8: Setter = (cpu, op, low) => putLowByte(cpu.r, op.slot, low);
const setRegister8High: Setter = (cpu, op, low) => {
  cpu.r[op.slot] = (cpu.r[op.slot]! & ~0xff00) | ((low & 0xff) << 8);
};
const setRegister16: Setter = (cpu, op, low) => {
  cpu.r[op.slot] = (cpu.r[op.slot]! & ~0xffff) | (low & 0xffff);
};
const setRegister32: Setter = (cpu, op, low) => {
  cpu.r[op.slot] = low;
  cpu.r[op.slot + 1] = 0;
};
const setRegister64: Setter = (cpu, op, low, high) => {
  cpu.r[op.slot] = low;
  cpu.r[op.slot + 1] = high;
};
const setSecond8: Setter = (cpu, op, low) => putLowByte(cpu.r, op.slot2, low);
const setSecond8High: Setter = (cpu, op, low) => {
  cpu.r[op.slot2] = (cpu.r[op.slot2]! & ~0xff00) | ((low & 0xff) << 8);
};
const setSecond16: Setter = (cpu, op, low) => {
  cpu.r[op.slot2] = (cpu.r[op.slot2]! & ~0xffff) | (low & 0xffff);
};
const setSecond32: Setter = (cpu, op, low) => {
  cpu.r[op.slot2] = low;
  cpu.r[op.slot2 + 1] = 0;
};
const setSecond64: Setter = (cpu, op, low, high) => {
  cpu.r[op.slot2] = low;
  cpu.r[op.slot2 + 1] = high;
};

// Memory

const getMemory8: Getter = (cpu, op) => {
  const low = op.address(cpu, op);
  return cpu.bus.read8(low, cpu.eaHigh);
};
const getMemory16: Getter = (cpu, op) => {
  const low = op.address(cpu, op);
  return cpu.bus.read16(low, cpu.eaHigh);
};
const getMemory32: Getter = (cpu, op) => {
  const low = op.address(cpu, op);
  return cpu.bus.read32(low, cpu.eaHigh);
};
const getMemory64: Getter = (cpu, op) => {
  const low = op.address(cpu, op);
  const value = cpu.bus.read64(low, cpu.eaHigh);
  cpu.high = cpu.bus.high;
  return value;
};
const setMemory8: Setter = (cpu, op, low) => {
  const at = op.address(cpu, op);
  cpu.bus.write8(at, cpu.eaHigh, low);
};
const setMemory16: Setter = (cpu, op, low) => {
  const at = op.address(cpu, op);
  cpu.bus.write16(at, cpu.eaHigh, low);
};
const setMemory32: Setter = (cpu, op, low) => {
  const at = op.address(cpu, op);
  cpu.bus.write32(at, cpu.eaHigh, low);
};
const setMemory64: Setter = (cpu, op, low, high) => {
  const at = op.address(cpu, op);
  cpu.bus.write64(at, cpu.eaHigh, low, high);
};
const putMemory8: Setter = (cpu, _, low) => cpu.bus.write8(cpu.eaLow, cpu.eaHigh, low);
const putMemory16: Setter = (cpu, _, low) => cpu.bus.write16(cpu.eaLow, cpu.eaHigh, low);
const putMemory32: Setter = (cpu, _, low) => cpu.bus.write32(cpu.eaLow, cpu.eaHigh, low);
const putMemory64: Setter = (cpu, _, low, high) => cpu.bus.write64(cpu.eaLow, cpu.eaHigh, low, high);

const getImmediate: Getter = (cpu, op) => {
  cpu.high = op.high;
  return op.low;
};

/** Access by size: 1, 2, 4 and 8 bytes. */
type BySize<T> = Readonly<Record<1 | 2 | 4 | 8, T>>;
export type OperandBytes = keyof BySize<unknown>;

export interface Access {
  readonly get: Getter;
  readonly set: Setter;
  readonly put: Setter;
}

const register = (get: Getter, set: Setter): Access => ({ get, set, put: set });

export const FIRST_REGISTER: BySize<Access> = {
  1: register(getRegister8, setRegister8),
  2: register(getRegister16, setRegister16),
  4: register(getRegister32, setRegister32),
  8: register(getRegister64, setRegister64),
};
export const FIRST_HIGH_BYTE = register(getRegister8High, setRegister8High);
export const SECOND_REGISTER: BySize<Access> = {
  1: register(getSecond8, setSecond8),
  2: register(getSecond16, setSecond16),
  4: register(getSecond32, setSecond32),
  8: register(getSecond64, setSecond64),
};
export const SECOND_HIGH_BYTE = register(getSecond8High, setSecond8High);
export const MEMORY: BySize<Access> = {
  1: { get: getMemory8, set: setMemory8, put: putMemory8 },
  2: { get: getMemory16, set: setMemory16, put: putMemory16 },
  4: { get: getMemory32, set: setMemory32, put: putMemory32 },
  8: { get: getMemory64, set: setMemory64, put: putMemory64 },
};
export const IMMEDIATE: Access = { get: getImmediate, set: () => {}, put: () => {} };
