/**
 * Segment registers and descriptors.
 *
 * Descriptor tables belong to the kernel: they are read at level 0 whatever level the code has (`asKernel`). Bases live in
 * cpu.r, limits are kept but not checked: kernels have been flat since they are 64-bit.
 */
import { type Cpu, CS, DS, EFER, ES, FS, GS, SEGMENT_BASE, SS, type TableRegister } from './cpu.ts';
import { GP, NP, raiseWith, SS as STACK_FAULT, TS } from './fault.ts';

/** Second word of a descriptor. */
export const DESCRIPTOR = {
  ACCESSED: 0x100,
  WRITABLE: 0x200, // of code: readable
  CONFORMING: 0x400,
  CODE: 0x800,
  NOT_SYSTEM: 0x1000,
  PRESENT: 0x8000,
  LONG: 0x200000,
  BIG: 0x400000,
  GRANULAR: 0x800000,
} as const;

/** Words of the descriptor read last. */
export interface Descriptor {
  low: number;
  high: number;
}

/** Runs `body` with the rights of level 0, for tables that only kernels read. */
export function asKernel<T>(cpu: Cpu, body: () => T): T {
  const { cpl } = cpu;
  if (cpl === 0) return body();
  cpu.cpl = 0;
  cpu.hooks.privilegeChanged();
  try {
    return body();
  } finally {
    cpu.cpl = cpl;
    cpu.hooks.privilegeChanged();
  }
}

/** Address of an entry of a table, in eaLow and eaHigh. */
export function tableAddress(cpu: Cpu, table: Readonly<TableRegister>, offset: number): number {
  const sum = (table.low + offset) | 0;
  cpu.eaHigh = (table.high + (sum >>> 0 < table.low >>> 0 ? 1 : 0)) | 0;
  cpu.eaLow = sum;
  return sum;
}

function tableOf(cpu: Cpu, selector: number): TableRegister {
  if ((selector & 4) === 0) return cpu.gdt;
  const { baseLow, baseHigh, limit } = cpu.ldt;
  return { low: baseLow, high: baseHigh, limit };
}

/** Reads the descriptor that a selector names; beyond the table's end, `vector` is raised. */
function readDescriptor(cpu: Cpu, selector: number, vector: number): Descriptor {
  const table = tableOf(cpu, selector);
  const offset = selector & 0xfff8;
  if (offset + 7 > table.limit) raiseWith(cpu, vector, selector & 0xfffc);
  return asKernel(cpu, () => {
    const at = tableAddress(cpu, table, offset);
    const low = cpu.bus.read64(at, cpu.eaHigh);
    return { low, high: cpu.bus.high };
  });
}

export const descriptorLevel = ({ high }: Descriptor): number => (high >> 13) & 3;
const descriptorBase = ({ low, high }: Descriptor): number =>
  (low >>> 16) | ((high & 0xff) << 16) | (high & 0xff000000);

function descriptorLimit({ low, high }: Descriptor): number {
  const limit = (low & 0xffff) | (high & 0xf0000);
  return (high & DESCRIPTOR.GRANULAR) !== 0 ? (limit << 12) | 0xfff : limit;
}

function fill(cpu: Cpu, segment: number, selector: number, descriptor: Descriptor): void {
  const register = cpu.segments[segment]!;
  register.selector = selector;
  register.access = descriptor.high & 0xf0ff00;
  register.limit = descriptorLimit(descriptor);
  const slot = SEGMENT_BASE[segment]!;
  cpu.r[slot] = descriptorBase(descriptor);
  cpu.r[slot + 1] = 0;
}

const NULL: Descriptor = { low: 0, high: 0 };

/** MOV and POP to a segment register other than CS. */
export function loadSegment(cpu: Cpu, segment: number, value: number): void {
  const selector = value & 0xffff;
  if (!cpu.isProtected) {
    const slot = SEGMENT_BASE[segment]!;
    cpu.segments[segment]!.selector = selector;
    cpu.r[slot] = selector << 4;
    cpu.r[slot + 1] = 0;
    return;
  }
  if ((selector & 0xfffc) === 0) {
    if (segment === SS && (cpu.bitness !== 64 || cpu.cpl === 3 || (selector & 3) !== cpu.cpl))
      raiseWith(cpu, GP, 0);
    fill(cpu, segment, selector, NULL);
    return;
  }
  const descriptor = readDescriptor(cpu, selector, GP);
  checkData(cpu, segment, selector, descriptor);
  markAccessed(cpu, selector, descriptor);
  fill(cpu, segment, selector, descriptor);
}

function checkData(cpu: Cpu, segment: number, selector: number, descriptor: Descriptor): void {
  const { high } = descriptor;
  const error = selector & 0xfffc;
  const isCode = (high & DESCRIPTOR.CODE) !== 0;
  const level = descriptorLevel(descriptor);
  const rpl = selector & 3;
  if ((high & DESCRIPTOR.NOT_SYSTEM) === 0) raiseWith(cpu, GP, error);
  if (segment === SS) {
    if (isCode || (high & DESCRIPTOR.WRITABLE) === 0 || rpl !== cpu.cpl || level !== cpu.cpl)
      raiseWith(cpu, GP, error);
    if ((high & DESCRIPTOR.PRESENT) === 0) raiseWith(cpu, STACK_FAULT, error);
    return;
  }
  if (isCode && (high & DESCRIPTOR.WRITABLE) === 0) raiseWith(cpu, GP, error);
  const conforms = isCode && (high & DESCRIPTOR.CONFORMING) !== 0;
  if (!conforms && level < Math.max(rpl, cpu.cpl)) raiseWith(cpu, GP, error);
  if ((high & DESCRIPTOR.PRESENT) === 0) raiseWith(cpu, NP, error);
}

function markAccessed(cpu: Cpu, selector: number, descriptor: Descriptor): void {
  if ((descriptor.high & DESCRIPTOR.ACCESSED) !== 0) return;
  descriptor.high |= DESCRIPTOR.ACCESSED;
  asKernel(cpu, () => {
    const at = tableAddress(cpu, tableOf(cpu, selector), (selector & 0xfff8) + 4);
    cpu.bus.write32(at, cpu.eaHigh, descriptor.high);
  });
}

/** A code segment that control may go to, `level` being the level that it will run at. */
export function readCode(cpu: Cpu, selector: number): Descriptor {
  const error = selector & 0xfffc;
  if (error === 0) raiseWith(cpu, GP, 0);
  const descriptor = readDescriptor(cpu, selector, GP);
  const needed = DESCRIPTOR.NOT_SYSTEM | DESCRIPTOR.CODE;
  if ((descriptor.high & needed) !== needed) raiseWith(cpu, GP, error);
  if ((descriptor.high & DESCRIPTOR.PRESENT) === 0) raiseWith(cpu, NP, error);
  return descriptor;
}

/** CS := the selector, with the level in its low bits; the mode follows. */
export function setCode(cpu: Cpu, selector: number, descriptor: Descriptor): void {
  fill(cpu, CS, selector, descriptor);
  setLevel(cpu, selector & 3);
  updateMode(cpu);
}

export function setLevel(cpu: Cpu, level: number): void {
  if (cpu.cpl === level) return;
  cpu.cpl = level;
  cpu.hooks.privilegeChanged();
}

/** A flat segment as SYSCALL and delivery make them, without a descriptor. */
export function setFlat(cpu: Cpu, segment: number, selector: number, access: number): void {
  const register = cpu.segments[segment]!;
  register.selector = selector;
  register.access = access;
  register.limit = -1;
  const slot = SEGMENT_BASE[segment]!;
  cpu.r[slot] = 0;
  cpu.r[slot + 1] = 0;
}

/** The size of instructions follows from the code segment. */
export function updateMode(cpu: Cpu): void {
  const { access } = cpu.segments[CS]!;
  if ((cpu.efer & EFER.LMA) !== 0 && (access & DESCRIPTOR.LONG) !== 0) cpu.bitness = 64;
  else cpu.bitness = cpu.isProtected && (access & DESCRIPTOR.BIG) !== 0 ? 32 : 16;
}

/** SS after a return to a less privileged level or an IRET. */
export function loadStackSegment(cpu: Cpu, selector: number, level: number): void {
  if ((selector & 0xfffc) === 0) {
    if (level === 3) raiseWith(cpu, GP, 0);
    const register = cpu.segments[SS]!;
    register.selector = selector;
    register.access = 0;
    return;
  }
  const descriptor = readDescriptor(cpu, selector, GP);
  const error = selector & 0xfffc;
  const kind = descriptor.high & (DESCRIPTOR.NOT_SYSTEM | DESCRIPTOR.CODE | DESCRIPTOR.WRITABLE);
  const isStack = kind === (DESCRIPTOR.NOT_SYSTEM | DESCRIPTOR.WRITABLE);
  if (!isStack || (selector & 3) !== level || descriptorLevel(descriptor) !== level)
    raiseWith(cpu, GP, error);
  if ((descriptor.high & DESCRIPTOR.PRESENT) === 0) raiseWith(cpu, STACK_FAULT, error);
  fill(cpu, SS, selector, descriptor);
}

/** Segments that the new, less privileged level may not use become null; their bases stay. */
export function dropPrivilegedSegments(cpu: Cpu): void {
  for (const segment of [ES, DS, FS, GS]) {
    const register = cpu.segments[segment]!;
    if ((register.selector & 0xfffc) === 0) continue;
    const isConforming =
      (register.access & (DESCRIPTOR.CODE | DESCRIPTOR.CONFORMING)) ===
      (DESCRIPTOR.CODE | DESCRIPTOR.CONFORMING);
    if (!isConforming && ((register.access >> 13) & 3) < cpu.cpl) register.selector = 0;
  }
}

const BUSY = 0x200;

/** LTR and LLDT: `type` is that of an available TSS (9) or an LDT (2). */
export function loadSystemSegment(cpu: Cpu, value: number, type: 9 | 2): void {
  const selector = value & 0xffff;
  const register = type === 9 ? cpu.tr : cpu.ldt;
  if ((selector & 0xfffc) === 0) {
    if (type === 9) raiseWith(cpu, GP, 0);
    Object.assign(register, { selector, access: 0, limit: 0, baseLow: 0, baseHigh: 0 });
    return;
  }
  const error = selector & 0xfffc;
  if ((selector & 4) !== 0) raiseWith(cpu, GP, error);
  const descriptor = readDescriptor(cpu, selector, GP);
  if (((descriptor.high >> 8) & 0x1f) !== type) raiseWith(cpu, GP, error);
  if ((descriptor.high & DESCRIPTOR.PRESENT) === 0) raiseWith(cpu, NP, error);
  const at = tableAddress(cpu, cpu.gdt, selector & 0xfff8);
  const { eaHigh } = cpu;
  register.baseHigh = cpu.isLong ? cpu.bus.read32(at + 8, eaHigh) : 0;
  register.baseLow = descriptorBase(descriptor);
  register.limit = descriptorLimit(descriptor);
  register.selector = selector;
  register.access = descriptor.high & 0xf0ff00;
  if (type !== 9) return;
  register.access |= BUSY;
  cpu.bus.write32(at + 4, eaHigh, descriptor.high | BUSY);
}

/** A 64-bit word of the task state segment: stack pointers. */
export function readTaskState(cpu: Cpu, offset: number): number {
  if (offset + 7 > cpu.tr.limit) raiseWith(cpu, TS, cpu.tr.selector & 0xfffc);
  const { baseLow, baseHigh } = cpu.tr;
  const low = (baseLow + offset) | 0;
  const high = (baseHigh + (low >>> 0 < baseLow >>> 0 ? 1 : 0)) | 0;
  return asKernel(cpu, () => {
    const value = cpu.bus.read64(low, high);
    cpu.high = cpu.bus.high;
    return value;
  });
}
