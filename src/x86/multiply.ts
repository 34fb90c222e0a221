/**
 * Multiplication and division. Products of 64 bits are made of 16-bit pieces, exact in doubles; divisions that do not fit
 * in a double's 53 bits go through BigInt, which is rare in kernels. Division leaves the flags as they are (as QEMU does).
 */
import type { Cpu, Getter, Handler } from './cpu.ts';
import { RAX, RDX } from './cpu.ts';
import { DE, raise } from './fault.ts';
import { setGiven } from './flags.ts';

/** High 32 bits of an unsigned product. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) | 0;
}

/** Words of the product computed last, low to high. */
const product = new Int32Array(4);

function multiplyUnsigned(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  const second =
    (multiplyHigh(aLow, bLow) >>> 0) + (Math.imul(aLow, bHigh) >>> 0) + (Math.imul(aHigh, bLow) >>> 0);
  const third =
    (multiplyHigh(aLow, bHigh) >>> 0) +
    (multiplyHigh(aHigh, bLow) >>> 0) +
    (Math.imul(aHigh, bHigh) >>> 0) +
    Math.floor(second / 0x100000000);
  product[0] = Math.imul(aLow, bLow);
  product[1] = second | 0;
  product[2] = third | 0;
  product[3] = (multiplyHigh(aHigh, bHigh) + Math.floor(third / 0x100000000)) | 0;
}

function multiplySigned(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  multiplyUnsigned(aLow, aHigh, bLow, bHigh);
  if (aHigh < 0) subtractFromTop(bLow, bHigh);
  if (bHigh < 0) subtractFromTop(aLow, aHigh);
}

function subtractFromTop(low: number, high: number): void {
  const borrow = product[2]! >>> 0 < low >>> 0 ? 1 : 0;
  product[2] = product[2]! - low;
  product[3] = product[3]! - high - borrow;
}

/** MUL: the product of accumulator and operand, in AX, DX:AX, EDX:EAX. */
export const mul: Handler = (cpu, op) => {
  const { r } = cpu;
  const right = (op.get(cpu, op) << op.narrow) >>> op.narrow;
  const left = (r[RAX]! << op.narrow) >>> op.narrow;
  const low = Math.imul(left, right);
  const high = op.size === 4 ? multiplyHigh(left, right) : low >>> (8 * op.size);
  storeProduct(cpu, op.size, low, high);
  const result = (low << op.narrow) >> op.narrow;
  const overflows = high === 0 ? 0 : 1;
  setGiven(cpu, result, result >> 31, overflows, overflows);
};

export const imul: Handler = (cpu, op) => {
  const right = op.get(cpu, op);
  const left = (cpu.r[RAX]! << op.narrow) >> op.narrow;
  const low = Math.imul(left, right);
  const high = op.size === 4 ? signedHigh(left, right) : low >> (8 * op.size);
  storeProduct(cpu, op.size, low, high);
  const result = (low << op.narrow) >> op.narrow;
  const overflows = high === result >> 31 ? 0 : 1;
  setGiven(cpu, result, result >> 31, overflows, overflows);
};

function signedHigh(a: number, b: number): number {
  return (multiplyHigh(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
}

function storeProduct({ r }: Cpu, size: number, low: number, high: number): void {
  if (size === 1) r[RAX] = (r[RAX]! & ~0xffff) | (low & 0xffff);
  else if (size === 2) {
    r[RAX] = (r[RAX]! & ~0xffff) | (low & 0xffff);
    r[RDX] = (r[RDX]! & ~0xffff) | (high & 0xffff);
  } else {
    r[RAX] = low;
    r[RAX + 1] = 0;
    r[RDX] = high;
    r[RDX + 1] = 0;
  }
}

function storeProduct64({ r }: Cpu): void {
  r[RAX] = product[0]!;
  r[RAX + 1] = product[1]!;
  r[RDX] = product[2]!;
  r[RDX + 1] = product[3]!;
}

export const mul64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  multiplyUnsigned(cpu.r[RAX]!, cpu.r[RAX + 1]!, low, cpu.high);
  storeProduct64(cpu);
  const overflows = (product[2]! | product[3]!) === 0 ? 0 : 1;
  setGiven(cpu, product[0]!, product[1]!, overflows, overflows);
};

export const imul64: Handler = (cpu, op) => {
  const low = op.get(cpu, op);
  multiplySigned(cpu.r[RAX]!, cpu.r[RAX + 1]!, low, cpu.high);
  storeProduct64(cpu);
  setSignedFlags(cpu);
};

function setSignedFlags(cpu: Cpu): void {
  const sign = product[1]! >> 31;
  const overflows = product[2] === sign && product[3] === sign ? 0 : 1;
  setGiven(cpu, product[0]!, product[1]!, overflows, overflows);
}

/** IMUL with two and three operands: the first is only stored to. */
function imulBy(left: Getter, right: Getter): Handler {
  return (cpu, op) => {
    const a = left(cpu, op);
    const b = right(cpu, op);
    const low = Math.imul(a, b);
    const result = (low << op.narrow) >> op.narrow;
    const overflows = op.size === 4 ? signedHigh(a, b) !== low >> 31 : result !== low;
    op.set(cpu, op, result, 0);
    setGiven(cpu, result, result >> 31, overflows ? 1 : 0, overflows ? 1 : 0);
  };
}

function imulBy64(left: Getter, right: Getter): Handler {
  return (cpu, op) => {
    const aLow = left(cpu, op);
    const aHigh = cpu.high;
    const bLow = right(cpu, op);
    multiplySigned(aLow, aHigh, bLow, cpu.high);
    op.set(cpu, op, product[0]!, product[1]!);
    setSignedFlags(cpu);
  };
}

const first: Getter = (cpu, op) => op.get(cpu, op);
const second: Getter = (cpu, op) => op.get2(cpu, op);
const immediate: Getter = (cpu, op) => {
  cpu.high = op.high;
  return op.low;
};
export const imulTwo = imulBy(first, second);
export const imulTwo64 = imulBy64(first, second);
export const imulThree = imulBy(second, immediate);
export const imulThree64 = imulBy64(second, immediate);

export const div8: Handler = (cpu, op) => {
  const divisor = op.get(cpu, op) & 0xff;
  const dividend = cpu.r[RAX]! & 0xffff;
  if (divisor === 0 || Math.floor(dividend / divisor) > 0xff) raise(cpu, DE);
  storeQuotient8(cpu, Math.floor(dividend / divisor), dividend % divisor);
};

export const idiv8: Handler = (cpu, op) => {
  const divisor = op.get(cpu, op);
  const dividend = (cpu.r[RAX]! << 16) >> 16;
  const quotient = Math.trunc(dividend / divisor);
  if (divisor === 0 || quotient < -0x80 || quotient > 0x7f) raise(cpu, DE);
  storeQuotient8(cpu, quotient, dividend % divisor);
};

function storeQuotient8({ r }: Cpu, quotient: number, remainder: number): void {
  r[RAX] = (r[RAX]! & ~0xffff) | ((remainder & 0xff) << 8) | (quotient & 0xff);
}

export const div16: Handler = (cpu, op) => {
  const divisor = op.get(cpu, op) & 0xffff;
  const dividend = ((cpu.r[RDX]! << 16) | (cpu.r[RAX]! & 0xffff)) >>> 0;
  if (divisor === 0 || Math.floor(dividend / divisor) > 0xffff) raise(cpu, DE);
  storeQuotient16(cpu, Math.floor(dividend / divisor), dividend % divisor);
};

export const idiv16: Handler = (cpu, op) => {
  const divisor = op.get(cpu, op);
  const dividend = (cpu.r[RDX]! << 16) | (cpu.r[RAX]! & 0xffff);
  const quotient = Math.trunc(dividend / divisor);
  if (divisor === 0 || quotient < -0x8000 || quotient > 0x7fff) raise(cpu, DE);
  storeQuotient16(cpu, quotient, dividend % divisor);
};

function storeQuotient16({ r }: Cpu, quotient: number, remainder: number): void {
  r[RAX] = (r[RAX]! & ~0xffff) | (quotient & 0xffff);
  r[RDX] = (r[RDX]! & ~0xffff) | (remainder & 0xffff);
}

export const div32: Handler = (cpu, op) => {
  const { r } = cpu;
  const divisor = op.get(cpu, op) >>> 0;
  const high = r[RDX]! >>> 0;
  if (high >= divisor) raise(cpu, DE); // division by zero as well
  const low = r[RAX]! >>> 0;
  if (high < 1 << 21) {
    const dividend = high * 0x100000000 + low;
    const remainder = dividend % divisor;
    storeQuotient32(cpu, (dividend - remainder) / divisor, remainder);
    return;
  }
  const dividend = (BigInt(high) << 32n) | BigInt(low);
  const by = BigInt(divisor);
  storeQuotient32(cpu, Number(dividend / by), Number(dividend % by));
};

/** As a signed number. */
const wide = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0);

export const idiv32: Handler = (cpu, op) => {
  const { r } = cpu;
  const divisor = op.get(cpu, op);
  if (divisor === 0) raise(cpu, DE);
  if (r[RDX]! === r[RAX]! >> 31) {
    const value = r[RAX]!;
    const quotient = Math.trunc(value / divisor);
    if (quotient > 0x7fffffff) raise(cpu, DE);
    storeQuotient32(cpu, quotient, value % divisor);
    return;
  }
  const dividend = wide(r[RAX]!, r[RDX]!);
  const by = BigInt(divisor);
  const quotient = dividend / by;
  if (quotient !== BigInt.asIntN(32, quotient)) raise(cpu, DE);
  storeQuotient32(cpu, Number(quotient), Number(dividend % by));
};

function storeQuotient32({ r }: Cpu, quotient: number, remainder: number): void {
  r[RAX] = quotient;
  r[RAX + 1] = 0;
  r[RDX] = remainder;
  r[RDX + 1] = 0;
}

export const div64: Handler = (cpu, op) => {
  const { r } = cpu;
  const low = op.get(cpu, op);
  const high = cpu.high;
  const isSmall = (r[RDX]! | r[RDX + 1]!) === 0 && r[RAX + 1]! >>> 21 === 0 && high >>> 21 === 0;
  if (isSmall && (low | high) !== 0) {
    const dividend = r[RAX + 1]! * 0x100000000 + (r[RAX]! >>> 0);
    const divisor = high * 0x100000000 + (low >>> 0);
    const remainder = dividend % divisor;
    storeQuotient64(cpu, (dividend - remainder) / divisor, remainder);
    return;
  }
  const divisor = BigInt.asUintN(64, wide(low, high));
  const top = BigInt.asUintN(64, wide(r[RDX]!, r[RDX + 1]!));
  if (top >= divisor) raise(cpu, DE);
  const dividend = (top << 64n) | BigInt.asUintN(64, wide(r[RAX]!, r[RAX + 1]!));
  storeWide(cpu, dividend / divisor, dividend % divisor);
};

export const idiv64: Handler = (cpu, op) => {
  const { r } = cpu;
  const low = op.get(cpu, op);
  const divisor = wide(low, cpu.high);
  if (divisor === 0n) raise(cpu, DE);
  const dividend = (wide(r[RDX]!, r[RDX + 1]!) << 64n) | BigInt.asUintN(64, wide(r[RAX]!, r[RAX + 1]!));
  const quotient = dividend / divisor;
  if (quotient !== BigInt.asIntN(64, quotient)) raise(cpu, DE);
  storeWide(cpu, quotient, dividend % divisor);
};

function storeQuotient64({ r }: Cpu, quotient: number, remainder: number): void {
  r[RAX] = quotient | 0;
  r[RAX + 1] = Math.floor(quotient / 0x100000000);
  r[RDX] = remainder | 0;
  r[RDX + 1] = Math.floor(remainder / 0x100000000);
}

function storeWide({ r }: Cpu, quotient: bigint, remainder: bigint): void {
  r[RAX] = Number(BigInt.asIntN(32, quotient));
  r[RAX + 1] = Number(BigInt.asIntN(32, quotient >> 32n));
  r[RDX] = Number(BigInt.asIntN(32, remainder));
  r[RDX + 1] = Number(BigInt.asIntN(32, remainder >> 32n));
}
