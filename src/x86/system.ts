/** System instructions: control and debug registers, descriptor tables, model-specific registers, CPUID and the like. */
import { goBehind, moveStack, peek, push } from './control.ts';
import {
  type Cpu,
  CR0,
  CS,
  EFER,
  FS_BASE,
  GS_BASE,
  type Handler,
  type Operation,
  RAX,
  RCX,
  RDX,
  SS,
  type TableRegister,
} from './cpu.ts';
import { GP, raise, raiseWith, UD } from './fault.ts';
import { loadSegment, loadSystemSegment, updateMode } from './segments.ts';

function needKernel(cpu: Cpu): void {
  if (cpu.cpl !== 0) raiseWith(cpu, GP, 0);
}

export const undefinedOpcode: Handler = (cpu) => raise(cpu, UD);

/** Waits for an interrupt. */
export const hlt: Handler = (cpu) => {
  needKernel(cpu);
  cpu.halted = true;
};

/** What has no effect here, but only kernels may do it: caches. */
export const privilegedNop: Handler = (cpu) => needKernel(cpu);

export const cpuid: Handler = (cpu) => cpu.hooks.cpuid();

export const rdtsc: Handler = (cpu) => {
  cpu.hooks.readTime();
  setPair(cpu, cpu.tempLow, cpu.tempHigh);
};

function setPair({ r }: Cpu, low: number, high: number): void {
  r[RAX] = low;
  r[RAX + 1] = 0;
  r[RDX] = high;
  r[RDX + 1] = 0;
}

export const invlpg: Handler = (cpu, op) => {
  needKernel(cpu);
  const low = op.address(cpu, op);
  cpu.hooks.invalidatePage(low, cpu.eaHigh);
};

// Control registers. `extra` is the number.

export const readControl: Handler = (cpu, op) => {
  needKernel(cpu);
  const { r } = cpu;
  let low = 0;
  let high = 0;
  switch (op.extra) {
    case 0:
      low = cpu.cr0;
      break;
    case 2:
      low = cpu.cr2Low;
      high = cpu.cr2High;
      break;
    case 3:
      low = cpu.cr3Low;
      high = cpu.cr3High;
      break;
    case 4:
      low = cpu.cr4;
      break;
    case 8:
      low = cpu.hooks.taskPriority;
      break;
    default:
      raise(cpu, UD);
  }
  r[op.slot] = low;
  r[op.slot + 1] = cpu.bitness === 64 ? high : 0;
};

export const writeControl: Handler = (cpu, op) => {
  needKernel(cpu);
  const low = cpu.r[op.slot2]!;
  const high = cpu.bitness === 64 ? cpu.r[op.slot2 + 1]! : 0;
  switch (op.extra) {
    case 0:
      setCr0(cpu, low);
      break;
    case 2:
      cpu.cr2Low = low;
      cpu.cr2High = high;
      break;
    case 3:
      cpu.cr3Low = low;
      cpu.cr3High = high;
      cpu.hooks.pagingChanged();
      break;
    case 4:
      cpu.cr4 = low;
      cpu.hooks.pagingChanged();
      break;
    case 8:
      cpu.hooks.taskPriority = low & 15;
      break;
    default:
      raise(cpu, UD);
  }
};

/** Paging with EFER.LME set activates long mode; its code segment decides about 64 bits. */
function setCr0(cpu: Cpu, value: number): void {
  const paged = (value & CR0.PG) !== 0;
  if (paged && (value & CR0.PE) === 0) raiseWith(cpu, GP, 0);
  cpu.cr0 = value | CR0.ET;
  if (paged && (cpu.efer & EFER.LME) !== 0) cpu.efer |= EFER.LMA;
  if (!paged) cpu.efer &= ~EFER.LMA;
  updateMode(cpu);
  cpu.hooks.pagingChanged();
}

export const clts: Handler = (cpu) => {
  needKernel(cpu);
  cpu.cr0 &= ~CR0.TS;
};

export const smsw: Handler = (cpu, op) => op.set(cpu, op, cpu.cr0, 0);

/** PE can be set, not cleared. */
export const lmsw: Handler = (cpu, op) => {
  needKernel(cpu);
  const value = op.get(cpu, op) & 0xf;
  setCr0(cpu, (cpu.cr0 & ~0xe) | value);
};

export const readDebug: Handler = (cpu, op) => {
  needKernel(cpu);
  const slot = debugSlot(op.extra);
  cpu.r[op.slot] = cpu.dr[slot]!;
  cpu.r[op.slot + 1] = cpu.dr[slot + 1]!;
};

export const writeDebug: Handler = (cpu, op) => {
  needKernel(cpu);
  const slot = debugSlot(op.extra);
  cpu.dr[slot] = cpu.r[op.slot2]!;
  cpu.dr[slot + 1] = cpu.r[op.slot2 + 1]!;
};

/** DR4 and DR5 are DR6 and DR7. */
const debugSlot = (register: number): number =>
  2 * (register === 4 || register === 5 ? register + 2 : register);

// Descriptor tables

function loadTable(cpu: Cpu, op: Operation, table: TableRegister): void {
  needKernel(cpu);
  const at = op.address(cpu, op);
  const { eaHigh, bus } = cpu;
  const limit = bus.read16(at, eaHigh) & 0xffff;
  if (cpu.bitness === 64) {
    table.low = bus.read64((at + 2) | 0, eaHigh);
    table.high = bus.high;
  } else {
    const base = bus.read32((at + 2) | 0, eaHigh);
    table.low = op.size === 2 ? base & 0xffffff : base;
    table.high = 0;
  }
  table.limit = limit;
}

function storeTable(cpu: Cpu, op: Operation, table: TableRegister): void {
  const at = op.address(cpu, op);
  const { eaHigh, bus } = cpu;
  bus.probeWrite(at, eaHigh, cpu.bitness === 64 ? 10 : 6);
  bus.write16(at, eaHigh, table.limit);
  if (cpu.bitness === 64) bus.write64((at + 2) | 0, eaHigh, table.low, table.high);
  else bus.write32((at + 2) | 0, eaHigh, table.low);
}

export const lgdt: Handler = (cpu, op) => loadTable(cpu, op, cpu.gdt);
export const lidt: Handler = (cpu, op) => loadTable(cpu, op, cpu.idt);
export const sgdt: Handler = (cpu, op) => storeTable(cpu, op, cpu.gdt);
export const sidt: Handler = (cpu, op) => storeTable(cpu, op, cpu.idt);

export const lldt: Handler = (cpu, op) => {
  needKernel(cpu);
  loadSystemSegment(cpu, op.get(cpu, op), 2);
};
export const ltr: Handler = (cpu, op) => {
  needKernel(cpu);
  loadSystemSegment(cpu, op.get(cpu, op), 9);
};
export const sldt: Handler = (cpu, op) => op.set(cpu, op, cpu.ldt.selector, 0);
export const str: Handler = (cpu, op) => op.set(cpu, op, cpu.tr.selector, 0);

// Segment registers. `extra` is the number.

export const readSegment: Handler = (cpu, op) => op.set(cpu, op, cpu.segments[op.extra]!.selector, 0);

export const writeSegment: Handler = (cpu, op) => {
  if (op.extra === CS) raise(cpu, UD);
  loadSegment(cpu, op.extra, op.get2(cpu, op));
  if (op.extra === SS) cpu.shadow = true;
};

export const pushSegment: Handler = (cpu, op) => push(cpu, op.size, cpu.segments[op.extra]!.selector, 0);

export const popSegment: Handler = (cpu, op) => {
  loadSegment(cpu, op.extra, peek(cpu, op.size));
  moveStack(cpu, op.size);
  if (op.extra === SS) cpu.shadow = true;
};

// Model-specific registers

const MSR = {
  EFER: 0xc0000080,
  STAR: 0xc0000081,
  LSTAR: 0xc0000082,
  CSTAR: 0xc0000083,
  FMASK: 0xc0000084,
  FS_BASE: 0xc0000100,
  GS_BASE: 0xc0000101,
  KERNEL_GS_BASE: 0xc0000102,
} as const;

/** Where a 64-bit register of the core lies, or undefined. */
function msrPair(cpu: Cpu, index: number): { readonly array: Int32Array; readonly at: number } | undefined {
  switch (index) {
    case MSR.STAR:
      return { array: cpu.star, at: 0 };
    case MSR.LSTAR:
      return { array: cpu.lstar, at: 0 };
    case MSR.CSTAR:
      return { array: cpu.cstar, at: 0 };
    case MSR.FS_BASE:
      return { array: cpu.r, at: FS_BASE };
    case MSR.GS_BASE:
      return { array: cpu.r, at: GS_BASE };
    case MSR.KERNEL_GS_BASE:
      return { array: cpu.kernelGsBase, at: 0 };
    default:
      return undefined;
  }
}

export const rdmsr: Handler = (cpu) => {
  needKernel(cpu);
  const index = cpu.r[RCX]! >>> 0;
  const pair = msrPair(cpu, index);
  if (pair) setPair(cpu, pair.array[pair.at]!, pair.array[pair.at + 1]!);
  else if (index === MSR.EFER) setPair(cpu, cpu.efer, 0);
  else if (index === MSR.FMASK) setPair(cpu, cpu.fmask, 0);
  else if (cpu.hooks.readMsr(index)) setPair(cpu, cpu.tempLow, cpu.tempHigh);
  else raiseWith(cpu, GP, 0);
};

const EFER_WRITABLE = EFER.SCE | EFER.LME | EFER.NXE;

export const wrmsr: Handler = (cpu) => {
  needKernel(cpu);
  const index = cpu.r[RCX]! >>> 0;
  const [low, high] = [cpu.r[RAX]!, cpu.r[RDX]!];
  const pair = msrPair(cpu, index);
  if (pair) {
    pair.array[pair.at] = low;
    pair.array[pair.at + 1] = high;
  } else if (index === MSR.EFER) {
    cpu.efer = (cpu.efer & ~EFER_WRITABLE) | (low & EFER_WRITABLE);
    cpu.hooks.pagingChanged();
  } else if (index === MSR.FMASK) cpu.fmask = low;
  else if (!cpu.hooks.writeMsr(index, low, high)) raiseWith(cpu, GP, 0);
};

export const swapgs: Handler = (cpu) => {
  needKernel(cpu);
  const { r, kernelGsBase } = cpu;
  for (const half of [0, 1]) {
    const value = r[GS_BASE + half]!;
    r[GS_BASE + half] = kernelGsBase[half]!;
    kernelGsBase[half] = value;
  }
};

/** Ends the block, so that whoever is waited for gets its turn sooner. */
export const pause: Handler = (cpu, op) => {
  goBehind(cpu, op);
  cpu.hooks.paused();
};
