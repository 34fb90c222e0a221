/**
 * String instructions, with and without REP.
 *
 * One run of a REP does up to cpu.repeatLimit iterations, and one alone where a trap comes behind each; when some are left,
 * rip stays on the instruction, registers show how far it got, and it is met again: so interrupts come in between, as they
 * do on a processor. Iterations that cannot fault half-way leave a consistent state, because each changes registers only
 * when its memory accesses are done.
 */
import { addToCounter, counterIsZero, goAgain, goBehind } from './control.ts';
import {
  type Cpu,
  ES,
  FLAG,
  type Handler,
  type Operation,
  RAX,
  RDI,
  RDX,
  RSI,
  SEGMENT_BASE,
  ZERO,
} from './cpu.ts';
import { CC_SUB, isZero } from './flags.ts';
import { checkPort } from './ports.ts';

export const NO_REPEAT = 0;
export const REPEAT = 1; // also REPE
export const REPEAT_NOT_EQUAL = 2;

/** Of a string operation, `slot` is the width of addresses in bytes (and `segment` of the source). */
function pointer(cpu: Cpu, op: Operation, register: number, segment: number): number {
  const { r } = cpu;
  const low = op.slot === 2 ? r[register]! & 0xffff : r[register]!;
  const high = op.slot === 8 ? r[register + 1]! : 0;
  if (segment === ZERO) {
    cpu.eaHigh = high;
    return low;
  }
  const sum = (low + r[segment]!) | 0;
  cpu.eaHigh = cpu.bitness === 64 ? (high + r[segment + 1]! + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0 : 0;
  return sum;
}

const destination = (cpu: Cpu, op: Operation): number =>
  pointer(cpu, op, RDI, cpu.bitness === 64 ? ZERO : SEGMENT_BASE[ES]!);

function advance(cpu: Cpu, op: Operation, register: number): void {
  const { r } = cpu;
  const by = (cpu.flags & FLAG.DF) !== 0 ? -op.size : op.size;
  const low = r[register]!;
  const sum = (low + by) | 0;
  if (op.slot === 2) {
    r[register] = (low & ~0xffff) | (sum & 0xffff);
    return;
  }
  r[register] = sum;
  r[register + 1] = op.slot === 4 ? 0 : r[register + 1]! + (by >> 31) + (sum >>> 0 < low >>> 0 ? 1 : 0);
}

function readAt(cpu: Cpu, op: Operation, low: number): number {
  const { bus, eaHigh } = cpu;
  switch (op.size) {
    case 1:
      return bus.read8(low, eaHigh);
    case 2:
      return bus.read16(low, eaHigh);
    case 4:
      return bus.read32(low, eaHigh);
    default: {
      const value = bus.read64(low, eaHigh);
      cpu.high = bus.high;
      return value;
    }
  }
}

function writeAt(cpu: Cpu, op: Operation, at: number, low: number, high: number): void {
  const { bus, eaHigh } = cpu;
  switch (op.size) {
    case 1:
      bus.write8(at, eaHigh, low);
      break;
    case 2:
      bus.write16(at, eaHigh, low);
      break;
    case 4:
      bus.write32(at, eaHigh, low);
      break;
    default:
      bus.write64(at, eaHigh, low, high);
  }
}

/** Runs `once` as often as the prefix says. */
function repeated(once: Handler, stopsOnFlags: boolean): Handler {
  return (cpu, op) => {
    if (op.extra === NO_REPEAT) {
      once(cpu, op);
      goBehind(cpu, op);
      return;
    }
    const limit = (cpu.flags & FLAG.TF) !== 0 ? 1 : cpu.repeatLimit;
    let left = limit;
    while (left > 0 && !counterIsZero(cpu, op.slot)) {
      once(cpu, op);
      addToCounter(cpu, op.slot);
      left--;
      if (stopsOnFlags && isZero(cpu) !== (op.extra === REPEAT)) {
        finish(cpu, op, limit - left);
        return;
      }
      if (cpu.leaveBlock) break;
    }
    if (counterIsZero(cpu, op.slot)) finish(cpu, op, limit - left);
    else {
      count(cpu, limit - left);
      goAgain(cpu, op);
    }
  };
}

function finish(cpu: Cpu, op: Operation, done: number): void {
  count(cpu, done);
  goBehind(cpu, op);
}

/** The first iteration is counted as the instruction. */
function count(cpu: Cpu, done: number): void {
  if (done > 1) cpu.repeated += done - 1;
}

export const movs = repeated((cpu, op) => {
  const low = readAt(cpu, op, pointer(cpu, op, RSI, op.segment));
  const { high } = cpu;
  writeAt(cpu, op, destination(cpu, op), low, high);
  advance(cpu, op, RSI);
  advance(cpu, op, RDI);
}, false);

export const stos = repeated((cpu, op) => {
  writeAt(cpu, op, destination(cpu, op), cpu.r[RAX]!, cpu.r[RAX + 1]!);
  advance(cpu, op, RDI);
}, false);

export const lods = repeated((cpu, op) => {
  const { r } = cpu;
  const low = readAt(cpu, op, pointer(cpu, op, RSI, op.segment));
  if (op.size === 1) r[RAX] = (r[RAX]! & ~0xff) | (low & 0xff);
  else if (op.size === 2) r[RAX] = (r[RAX]! & ~0xffff) | (low & 0xffff);
  else {
    r[RAX] = low;
    r[RAX + 1] = op.size === 8 ? cpu.high : 0;
  }
  advance(cpu, op, RSI);
}, false);

/** Flags of left − right. */
function compare(
  cpu: Cpu,
  op: Operation,
  left: number,
  leftHigh: number,
  right: number,
  rightHigh: number,
): void {
  cpu.ccKind = CC_SUB;
  cpu.ccLeftLow = left;
  cpu.ccRightLow = right;
  if (op.size === 8) {
    cpu.ccLeftHigh = leftHigh;
    cpu.ccRightHigh = rightHigh;
    cpu.ccLow = (left - right) | 0;
    cpu.ccHigh = (leftHigh - rightHigh - (left >>> 0 < right >>> 0 ? 1 : 0)) | 0;
    return;
  }
  const narrow = 32 - 8 * op.size;
  cpu.ccLeftHigh = left >> 31;
  cpu.ccRightHigh = right >> 31;
  cpu.ccLow = ((left - right) << narrow) >> narrow;
  cpu.ccHigh = cpu.ccLow >> 31;
}

export const cmps = repeated((cpu, op) => {
  const left = readAt(cpu, op, pointer(cpu, op, RSI, op.segment));
  const leftHigh = cpu.high;
  const right = readAt(cpu, op, destination(cpu, op));
  compare(cpu, op, left, leftHigh, right, cpu.high);
  advance(cpu, op, RSI);
  advance(cpu, op, RDI);
}, true);

export const scas = repeated((cpu, op) => {
  const narrow = op.size >= 4 ? 0 : 32 - 8 * op.size;
  const left = (cpu.r[RAX]! << narrow) >> narrow;
  const right = readAt(cpu, op, destination(cpu, op));
  compare(cpu, op, left, cpu.r[RAX + 1]!, right, cpu.high);
  advance(cpu, op, RDI);
}, true);

export const ins = repeated((cpu, op) => {
  const port = cpu.r[RDX]! & 0xffff;
  checkPort(cpu);
  const at = destination(cpu, op);
  cpu.bus.probeWrite(at, cpu.eaHigh, op.size);
  writeAt(cpu, op, at, cpu.hooks.portRead(port, op.size), 0);
  advance(cpu, op, RDI);
}, false);

export const outs = repeated((cpu, op) => {
  const port = cpu.r[RDX]! & 0xffff;
  checkPort(cpu);
  const value = readAt(cpu, op, pointer(cpu, op, RSI, op.segment));
  cpu.hooks.portWrite(port, op.size, value);
  advance(cpu, op, RSI);
}, false);
