/**
 * Shifts, rotations and double shifts. The first operand is shifted by the second, CL or an immediate.
 *
 * A count of 0 (after masking with 31, with 63 for 64 bits) changes no flag. CF is the bit shifted out last. OF is
 * defined for counts of 1 only; for others it is, as in QEMU, that of the last of the single shifts.
 */
import type { Cpu, Handler, Operation } from './cpu.ts';
import { FLAG } from './cpu.ts';
import { carry, setGiven, settleFlags } from './flags.ts';

/** x << n of a pair, 0 ≤ n ≤ 63: [high, low] through cpu.high. */
function left64(cpu: Cpu, low: number, high: number, count: number): number {
  if (count === 0) {
    cpu.high = high;
    return low;
  }
  if (count >= 32) {
    cpu.high = low << (count - 32);
    return 0;
  }
  cpu.high = (high << count) | (low >>> (32 - count));
  return low << count;
}

/** x >> n of a pair with copies of `fill` (0 or −1) coming in. */
function right64(cpu: Cpu, low: number, high: number, fill: number, count: number): number {
  if (count === 0) {
    cpu.high = high;
    return low;
  }
  if (count >= 32) {
    cpu.high = fill;
    const rest = count - 32;
    return rest === 0 ? high : fill === 0 ? high >>> rest : high >> rest;
  }
  cpu.high = fill === 0 ? high >>> count : high >> count;
  return (low >>> count) | (high << (32 - count));
}

/** The unsigned value of a short operand. */
const unsigned = (value: number, op: Operation): number => (value << op.narrow) >>> op.narrow;

export const shl: Handler = (cpu, op) => {
  const value = op.get(cpu, op);
  const count = op.get2(cpu, op) & 31;
  if (count === 0) {
    op.put(cpu, op, value, 0);
    return;
  }
  const before = ((value << (count - 1)) << op.narrow) >> op.narrow;
  const result = ((value << (count - 1)) << (op.narrow + 1)) >> op.narrow;
  op.put(cpu, op, result, 0);
  setGiven(cpu, result, result >> 31, before >>> 31, (before ^ result) >>> 31);
};

export const shl64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const count = op.get2(cpu, op) & 63;
  if (count === 0) {
    op.put(cpu, op, low, high);
    return;
  }
  left64(cpu, low, high, count - 1);
  const beforeHigh = cpu.high;
  const resultLow = left64(cpu, low, high, count);
  const resultHigh = cpu.high;
  op.put(cpu, op, resultLow, resultHigh);
  setGiven(cpu, resultLow, resultHigh, beforeHigh >>> 31, (beforeHigh ^ resultHigh) >>> 31);
};

export const shr: Handler = (cpu, op) => {
  const value = unsigned(op.get(cpu, op), op);
  const count = op.get2(cpu, op) & 31;
  if (count === 0) {
    op.put(cpu, op, value | 0, 0);
    return;
  }
  const before = value >>> (count - 1);
  const result = ((before >>> 1) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  setGiven(cpu, result, result >> 31, before, ((before << op.narrow) ^ result) >>> 31);
};

export const shr64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const count = op.get2(cpu, op) & 63;
  if (count === 0) {
    op.put(cpu, op, low, high);
    return;
  }
  const before = right64(cpu, low, high, 0, count - 1);
  const beforeHigh = cpu.high;
  const resultLow = right64(cpu, low, high, 0, count);
  const resultHigh = cpu.high;
  op.put(cpu, op, resultLow, resultHigh);
  setGiven(cpu, resultLow, resultHigh, before, (beforeHigh ^ resultHigh) >>> 31);
};

export const sar: Handler = (cpu, op) => {
  const value = op.get(cpu, op);
  const count = op.get2(cpu, op) & 31;
  if (count === 0) {
    op.put(cpu, op, value, 0);
    return;
  }
  const before = value >> (count - 1);
  const result = before >> 1;
  op.put(cpu, op, result, 0);
  setGiven(cpu, result, result >> 31, before, 0);
};

export const sar64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const count = op.get2(cpu, op) & 63;
  if (count === 0) {
    op.put(cpu, op, low, high);
    return;
  }
  const fill = high >> 31;
  const before = right64(cpu, low, high, fill, count - 1);
  const resultLow = right64(cpu, low, high, fill, count);
  const resultHigh = cpu.high;
  op.put(cpu, op, resultLow, resultHigh);
  setGiven(cpu, resultLow, resultHigh, before, 0);
};

/** Rotations change CF and OF only. */
function setRotated(cpu: Cpu, cf: number, of: number): void {
  settleFlags(cpu);
  cpu.flags = (cpu.flags & ~(FLAG.CF | FLAG.OF)) | (cf & 1) | ((of & 1) << 11);
}

export const rol: Handler = (cpu, op) => {
  const value = unsigned(op.get(cpu, op), op);
  const masked = op.get2(cpu, op) & 31;
  const bits = 32 - op.narrow;
  const count = masked % bits;
  const result =
    ((count === 0 ? value : (value << count) | (value >>> (bits - count))) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  if (masked !== 0) setRotated(cpu, result, result ^ (result >>> 31));
};

export const ror: Handler = (cpu, op) => {
  const value = unsigned(op.get(cpu, op), op);
  const masked = op.get2(cpu, op) & 31;
  const bits = 32 - op.narrow;
  const count = masked % bits;
  const result =
    ((count === 0 ? value : (value >>> count) | (value << (bits - count))) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  if (masked !== 0) setRotated(cpu, result >>> 31, (result >>> 31) ^ (result >>> (bits - 2)));
};

export const rol64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const count = op.get2(cpu, op) & 63;
  rotate64(cpu, op, low, high, count);
  if (count !== 0) setRotated(cpu, cpu.tempLow, cpu.tempLow ^ (cpu.tempHigh >>> 31));
};

export const ror64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const count = op.get2(cpu, op) & 63;
  rotate64(cpu, op, low, high, (64 - count) & 63);
  if (count !== 0) setRotated(cpu, cpu.tempHigh >>> 31, (cpu.tempHigh >>> 31) ^ (cpu.tempHigh >>> 30));
};

/** Rotates left and stores; the result is in tempLow and tempHigh as well. */
function rotate64(cpu: Cpu, op: Operation, low: number, high: number, count: number): void {
  const upLow = left64(cpu, low, high, count);
  const upHigh = cpu.high;
  const downLow = count === 0 ? 0 : right64(cpu, low, high, 0, 64 - count);
  const downHigh = count === 0 ? 0 : cpu.high;
  cpu.tempLow = upLow | downLow;
  cpu.tempHigh = upHigh | downHigh;
  op.put(cpu, op, cpu.tempLow, cpu.tempHigh);
}

/** Rotations through CF go bit by bit: they are rare. */
export const rcl: Handler = (cpu, op) => {
  let value = unsigned(op.get(cpu, op), op);
  const bits = 32 - op.narrow;
  const original = value;
  const count = (op.get2(cpu, op) & 31) % (bits + 1);
  let cf = carry(cpu);
  for (let i = 0; i < count; i++) {
    const out = (value >>> (bits - 1)) & 1;
    value = unsigned((value << 1) | cf, op);
    cf = out;
  }
  op.put(cpu, op, (value << op.narrow) >> op.narrow, 0);
  if (count !== 0) setRotated(cpu, cf, (original ^ value) >>> (bits - 1));
};

export const rcr: Handler = (cpu, op) => {
  let value = unsigned(op.get(cpu, op), op);
  const bits = 32 - op.narrow;
  const original = value;
  const count = (op.get2(cpu, op) & 31) % (bits + 1);
  let cf = carry(cpu);
  for (let i = 0; i < count; i++) {
    const out = value & 1;
    value = ((value >>> 1) | (cf << (bits - 1))) >>> 0;
    cf = out;
  }
  op.put(cpu, op, (value << op.narrow) >> op.narrow, 0);
  if (count !== 0) setRotated(cpu, cf, (original ^ value) >>> (bits - 1));
};

export const rcl64: Handler = (cpu, op) => {
  let low = op.get(cpu, op);
  let high = cpu.high;
  const original = high;
  const count = op.get2(cpu, op) & 63;
  let cf = carry(cpu);
  for (let i = 0; i < count; i++) {
    const out = high >>> 31;
    high = (high << 1) | (low >>> 31);
    low = (low << 1) | cf;
    cf = out;
  }
  op.put(cpu, op, low, high);
  if (count !== 0) setRotated(cpu, cf, (original ^ high) >>> 31);
};

export const rcr64: Handler = (cpu, op) => {
  let low = op.get(cpu, op);
  let high = cpu.high;
  const original = high;
  const count = op.get2(cpu, op) & 63;
  let cf = carry(cpu);
  for (let i = 0; i < count; i++) {
    const out = low & 1;
    low = (low >>> 1) | (high << 31);
    high = (high >>> 1) | (cf << 31);
    cf = out;
  }
  op.put(cpu, op, low, high);
  if (count !== 0) setRotated(cpu, cf, (original ^ high) >>> 31);
};

/** Count of a double shift: the third operand, CL where `extra` is 1. */
const doubleCount = (cpu: Cpu, op: Operation, mask: number): number =>
  (op.extra === 1 ? cpu.r[2]! : op.low) & mask;

/**
 * 16 and 32 bits: both operands side by side in a pair, shifted as one. Of 16 bits, counts beyond 16 shift the first
 * operand in again behind the second, as Intel's processors and QEMU do.
 */
export const shld: Handler = (cpu, op) => {
  const value = op.get(cpu, op);
  const filler = op.get2(cpu, op);
  const count = doubleCount(cpu, op, 31);
  if (count === 0) {
    op.put(cpu, op, value, 0);
    return;
  }
  const low = op.size === 2 ? (filler << 16) | (value & 0xffff) : filler;
  left64(cpu, low, value, count - 1);
  const before = (cpu.high << op.narrow) >> op.narrow;
  left64(cpu, low, value, count);
  const result = (cpu.high << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  setGiven(cpu, result, result >> 31, before >>> 31, (before ^ result) >>> 31);
};

export const shrd: Handler = (cpu, op) => {
  const value = op.get(cpu, op);
  const filler = op.get2(cpu, op);
  const count = doubleCount(cpu, op, 31);
  if (count === 0) {
    op.put(cpu, op, value, 0);
    return;
  }
  const low = op.size === 2 ? (filler << 16) | (value & 0xffff) : value;
  const high = op.size === 2 ? value : filler;
  const shifted = right64(cpu, low, high, 0, count - 1);
  const before = (shifted << op.narrow) >> op.narrow;
  const result = (right64(cpu, low, high, 0, count) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  setGiven(cpu, result, result >> 31, shifted, (before ^ result) >>> 31);
};

export const shld64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const fillLow = op.get2(cpu, op);
  const fillHigh = cpu.high;
  const count = doubleCount(cpu, op, 63);
  if (count === 0) {
    op.put(cpu, op, low, high);
    return;
  }
  left64(cpu, low, high, count - 1);
  // QEMU's OF looks at the first operand alone; the bits that come in from the second are not its highest one.
  const beforeHigh = cpu.high;
  const upLow = left64(cpu, low, high, count);
  const upHigh = cpu.high;
  const downLow = right64(cpu, fillLow, fillHigh, 0, 64 - count);
  const resultLow = upLow | downLow;
  const resultHigh = upHigh | cpu.high;
  op.put(cpu, op, resultLow, resultHigh);
  setGiven(cpu, resultLow, resultHigh, beforeHigh >>> 31, (beforeHigh ^ resultHigh) >>> 31);
};

export const shrd64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  const high = cpu.high;
  const fillLow = op.get2(cpu, op);
  const fillHigh = cpu.high;
  const count = doubleCount(cpu, op, 63);
  if (count === 0) {
    op.put(cpu, op, low, high);
    return;
  }
  const before = right64(cpu, low, high, 0, count - 1);
  const beforeHigh = cpu.high;
  const downLow = right64(cpu, low, high, 0, count);
  const downHigh = cpu.high;
  const upLow = left64(cpu, fillLow, fillHigh, 64 - count);
  const resultLow = downLow | upLow;
  const resultHigh = downHigh | cpu.high;
  op.put(cpu, op, resultLow, resultHigh);
  setGiven(cpu, resultLow, resultHigh, before, (beforeHigh ^ resultHigh) >>> 31);
};
