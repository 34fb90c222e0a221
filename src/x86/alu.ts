/**
 * Integer arithmetic and logic on two operands, one pair of handlers each: for 64 bits, and for 8, 16 and 32.
 *
 * The short ones compute on sign-extended values and narrow the result (`op.narrow` is 32 − bits). A result is stored
 * before flags change, because storing may fault. Forms that compilers use most have handlers of their own at the end:
 * registers and immediates, without a call per operand.
 */
import type { Cpu, Handler, Operation } from './cpu.ts';
import { CC_ADD, CC_DEC, CC_INC, CC_SUB, carry, setLogic } from './flags.ts';

/** Leaves left, right and the result for flags. */
function keep(
  cpu: Cpu,
  kind: number,
  leftLow: number,
  leftHigh: number,
  rightLow: number,
  rightHigh: number,
  low: number,
  high: number,
): void {
  cpu.ccKind = kind;
  cpu.ccLeftLow = leftLow;
  cpu.ccLeftHigh = leftHigh;
  cpu.ccRightLow = rightLow;
  cpu.ccRightHigh = rightHigh;
  cpu.ccLow = low;
  cpu.ccHigh = high;
}

function keepShort(cpu: Cpu, kind: number, left: number, right: number, result: number): void {
  keep(cpu, kind, left, left >> 31, right, right >> 31, result, result >> 31);
}

/** High half of a sum, from the low halves' carry. */
function addHigh(left: number, right: number, lowSum: number, leftLow: number): number {
  return (left + right + (lowSum >>> 0 < leftLow >>> 0 ? 1 : 0)) | 0;
}

export const add: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const right = op.get2(cpu, op);
  const result = ((left + right) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  keepShort(cpu, CC_ADD, left, right, result);
};

export const add64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const right = op.get2(cpu, op);
  const rightHigh = cpu.high;
  const low = (left + right) | 0;
  const high = addHigh(leftHigh, rightHigh, low, left);
  op.put(cpu, op, low, high);
  keep(cpu, CC_ADD, left, leftHigh, right, rightHigh, low, high);
};

export const adc: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const right = op.get2(cpu, op);
  const result = ((left + right + carry(cpu)) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  keepShort(cpu, CC_ADD, left, right, result);
};

export const adc64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const right = op.get2(cpu, op);
  const rightHigh = cpu.high;
  const sum = (left >>> 0) + (right >>> 0) + carry(cpu);
  const low = sum | 0;
  const high = (leftHigh + rightHigh + (sum >= 0x100000000 ? 1 : 0)) | 0;
  op.put(cpu, op, low, high);
  keep(cpu, CC_ADD, left, leftHigh, right, rightHigh, low, high);
};

export const sub: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const right = op.get2(cpu, op);
  const result = ((left - right) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  keepShort(cpu, CC_SUB, left, right, result);
};

export const sub64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const right = op.get2(cpu, op);
  const rightHigh = cpu.high;
  const low = (left - right) | 0;
  const high = (leftHigh - rightHigh - (left >>> 0 < right >>> 0 ? 1 : 0)) | 0;
  op.put(cpu, op, low, high);
  keep(cpu, CC_SUB, left, leftHigh, right, rightHigh, low, high);
};

export const sbb: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const right = op.get2(cpu, op);
  const result = ((left - right - carry(cpu)) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  keepShort(cpu, CC_SUB, left, right, result);
};

export const sbb64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const right = op.get2(cpu, op);
  const rightHigh = cpu.high;
  const difference = (left >>> 0) - (right >>> 0) - carry(cpu);
  const low = difference | 0;
  const high = (leftHigh - rightHigh - (difference < 0 ? 1 : 0)) | 0;
  op.put(cpu, op, low, high);
  keep(cpu, CC_SUB, left, leftHigh, right, rightHigh, low, high);
};

export const cmp: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const right = op.get2(cpu, op);
  keepShort(cpu, CC_SUB, left, right, ((left - right) << op.narrow) >> op.narrow);
};

export const cmp64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const right = op.get2(cpu, op);
  const rightHigh = cpu.high;
  const high = (leftHigh - rightHigh - (left >>> 0 < right >>> 0 ? 1 : 0)) | 0;
  keep(cpu, CC_SUB, left, leftHigh, right, rightHigh, (left - right) | 0, high);
};

function logic(compute: (left: number, right: number) => number): { short: Handler; long: Handler } {
  return {
    short: (cpu, op) => {
      const left = op.get(cpu, op);
      const result = compute(left, op.get2(cpu, op));
      op.put(cpu, op, result, 0);
      setLogic(cpu, result, result >> 31);
    },
    long: (cpu, op) => {
      const left = op.get(cpu, op);
      const leftHigh = cpu.high;
      const low = compute(left, op.get2(cpu, op));
      const high = compute(leftHigh, cpu.high);
      op.put(cpu, op, low, high);
      setLogic(cpu, low, high);
    },
  };
}
export const and = logic((left, right) => left & right);
export const or = logic((left, right) => left | right);
export const xor = logic((left, right) => left ^ right);

export const test: Handler = (cpu, op) => {
  const result = op.get(cpu, op) & op.get2(cpu, op);
  setLogic(cpu, result, result >> 31);
};

export const test64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const low = left & op.get2(cpu, op);
  setLogic(cpu, low, leftHigh & cpu.high);
};

export const inc: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const result = ((left + 1) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  cpu.ccCarry = carry(cpu);
  keepShort(cpu, CC_INC, left, 1, result);
};

export const inc64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const low = (left + 1) | 0;
  const high = (leftHigh + (low === 0 ? 1 : 0)) | 0;
  op.put(cpu, op, low, high);
  cpu.ccCarry = carry(cpu);
  keep(cpu, CC_INC, left, leftHigh, 1, 0, low, high);
};

export const dec: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const result = ((left - 1) << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  cpu.ccCarry = carry(cpu);
  keepShort(cpu, CC_DEC, left, 1, result);
};

export const dec64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const low = (left - 1) | 0;
  const high = (leftHigh - (left === 0 ? 1 : 0)) | 0;
  op.put(cpu, op, low, high);
  cpu.ccCarry = carry(cpu);
  keep(cpu, CC_DEC, left, leftHigh, 1, 0, low, high);
};

export const neg: Handler = (cpu, op) => {
  const right = op.get(cpu, op);
  const result = (-right << op.narrow) >> op.narrow;
  op.put(cpu, op, result, 0);
  keepShort(cpu, CC_SUB, 0, right, result);
};

export const neg64: Handler = (cpu, op) => {
  const right = op.get(cpu, op);
  const rightHigh = cpu.high;
  const low = -right | 0;
  const high = (-rightHigh - (right !== 0 ? 1 : 0)) | 0;
  op.put(cpu, op, low, high);
  keep(cpu, CC_SUB, 0, 0, right, rightHigh, low, high);
};

export const not: Handler = (cpu, op) => {
  const value = op.get(cpu, op);
  op.put(cpu, op, ~value, ~cpu.high);
};

/** Accumulator and operand are compared; equal: the operand becomes the register, else the accumulator the operand. */
export const cmpxchg: Handler = (cpu, op) => {
  const accumulator = (cpu.r[0]! << op.narrow) >> op.narrow;
  const value = op.get(cpu, op);
  const equal = accumulator === value;
  // Memory is written in any case, so a page that may not be written faults; a register is left alone, its upper half too.
  if (equal) op.put(cpu, op, op.get2(cpu, op), 0);
  else if (op.base >= 0) op.put(cpu, op, value, 0);
  if (!equal) setAccumulator(cpu, op.size, value);
  keepShort(cpu, CC_SUB, accumulator, value, ((accumulator - value) << op.narrow) >> op.narrow);
};

function setAccumulator(cpu: Cpu, size: number, value: number): void {
  const { r } = cpu;
  if (size === 4) {
    r[0] = value;
    r[1] = 0;
  } else if (size === 2) r[0] = (r[0]! & ~0xffff) | (value & 0xffff);
  else r[0] = (r[0]! & ~0xff) | (value & 0xff);
}

export const cmpxchg64: Handler = (cpu, op) => {
  const { r } = cpu;
  const left = r[0]!;
  const leftHigh = r[1]!;
  const low = op.get(cpu, op);
  const high = cpu.high;
  if (left === low && leftHigh === high) {
    const newLow = op.get2(cpu, op);
    op.put(cpu, op, newLow, cpu.high);
  } else {
    op.put(cpu, op, low, high);
    r[0] = low;
    r[1] = high;
  }
  const resultHigh = (leftHigh - high - (left >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  keep(cpu, CC_SUB, left, leftHigh, low, high, (left - low) | 0, resultHigh);
};

export const xadd: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const right = op.get2(cpu, op);
  const result = ((left + right) << op.narrow) >> op.narrow;
  // The same register twice ends as the sum: memory first, for it may fault, then the register, then the sum again.
  op.put(cpu, op, result, 0);
  op.set2(cpu, op, left, 0);
  if (op.slot === op.slot2 && op.base < 0) op.put(cpu, op, result, 0);
  keepShort(cpu, CC_ADD, left, right, result);
};

export const xadd64: Handler = (cpu, op) => {
  const left = op.get(cpu, op);
  const leftHigh = cpu.high;
  const right = op.get2(cpu, op);
  const rightHigh = cpu.high;
  const low = (left + right) | 0;
  const high = addHigh(leftHigh, rightHigh, low, left);
  op.put(cpu, op, low, high);
  op.set2(cpu, op, left, leftHigh);
  if (op.slot === op.slot2 && op.base < 0) op.put(cpu, op, low, high);
  keep(cpu, CC_ADD, left, leftHigh, right, rightHigh, low, high);
};

// Forms of their own: registers of 64 and 32 bits, immediates.

function rightOf64(cpu: Cpu, op: Operation): number {
  if (op.slot2 < 0) {
    cpu.high = op.high;
    return op.low;
  }
  cpu.high = cpu.r[op.slot2 + 1]!;
  return cpu.r[op.slot2]!;
}

export const addRegister64: Handler = (cpu, op) => {
  const { r } = cpu;
  const { slot } = op;
  const right = rightOf64(cpu, op);
  const rightHigh = cpu.high;
  const left = r[slot]!;
  const leftHigh = r[slot + 1]!;
  const low = (left + right) | 0;
  const high = addHigh(leftHigh, rightHigh, low, left);
  r[slot] = low;
  r[slot + 1] = high;
  keep(cpu, CC_ADD, left, leftHigh, right, rightHigh, low, high);
};

export const subRegister64: Handler = (cpu, op) => {
  const { r } = cpu;
  const { slot } = op;
  const right = rightOf64(cpu, op);
  const rightHigh = cpu.high;
  const left = r[slot]!;
  const leftHigh = r[slot + 1]!;
  const low = (left - right) | 0;
  const high = (leftHigh - rightHigh - (left >>> 0 < right >>> 0 ? 1 : 0)) | 0;
  r[slot] = low;
  r[slot + 1] = high;
  keep(cpu, CC_SUB, left, leftHigh, right, rightHigh, low, high);
};

export const cmpRegister64: Handler = (cpu, op) => {
  const { r } = cpu;
  const right = rightOf64(cpu, op);
  const rightHigh = cpu.high;
  const left = r[op.slot]!;
  const leftHigh = r[op.slot + 1]!;
  const high = (leftHigh - rightHigh - (left >>> 0 < right >>> 0 ? 1 : 0)) | 0;
  keep(cpu, CC_SUB, left, leftHigh, right, rightHigh, (left - right) | 0, high);
};

export const testRegister64: Handler = (cpu, op) => {
  const { r } = cpu;
  const low = r[op.slot]! & rightOf64(cpu, op);
  setLogic(cpu, low, r[op.slot + 1]! & cpu.high);
};

export const addRegister32: Handler = (cpu, op) => {
  const { r } = cpu;
  const left = r[op.slot]!;
  const right = op.slot2 < 0 ? op.low : r[op.slot2]!;
  const result = (left + right) | 0;
  r[op.slot] = result;
  r[op.slot + 1] = 0;
  keepShort(cpu, CC_ADD, left, right, result);
};

export const subRegister32: Handler = (cpu, op) => {
  const { r } = cpu;
  const left = r[op.slot]!;
  const right = op.slot2 < 0 ? op.low : r[op.slot2]!;
  const result = (left - right) | 0;
  r[op.slot] = result;
  r[op.slot + 1] = 0;
  keepShort(cpu, CC_SUB, left, right, result);
};

export const cmpRegister32: Handler = (cpu, op) => {
  const { r } = cpu;
  const left = r[op.slot]!;
  const right = op.slot2 < 0 ? op.low : r[op.slot2]!;
  keepShort(cpu, CC_SUB, left, right, (left - right) | 0);
};

export const testRegister32: Handler = (cpu, op) => {
  const { r } = cpu;
  const result = r[op.slot]! & (op.slot2 < 0 ? op.low : r[op.slot2]!);
  setLogic(cpu, result, result >> 31);
};
