/**
 * Registers of the core by the ids of machine/registers.ts, as 64-bit values. For probes and patching: each call makes a
 * bigint, so nothing that runs instructions uses it.
 */
import { REGISTERS } from '../machine/registers.ts';
import { type Cpu, ES, FS_BASE, GS_BASE, SEGMENT_BASE } from './cpu.ts';
import { readFlags, writeFlags } from './flags.ts';

/** Slots in Cpu.r of rax rbx rcx rdx rsi rdi rbp rsp r8 … r15, which are ids 0 to 15. */
const GENERAL: readonly number[] = [0, 6, 2, 4, 12, 14, 10, 8, 16, 18, 20, 22, 24, 26, 28, 30];
/** Segment numbers of es cs ss ds fs gs are those of the core, from id 18 on. */
const FIRST_SELECTOR = REGISTERS.es.id;
const FIRST_BASE = REGISTERS.es_base.id;
const SEGMENTS = 6;

export function readRegister(cpu: Cpu, id: number): bigint | undefined {
  const { r } = cpu;
  if (id < GENERAL.length) return pair(r[GENERAL[id]!]!, r[GENERAL[id]! + 1]!);
  if (id >= FIRST_SELECTOR && id < FIRST_SELECTOR + SEGMENTS) {
    return BigInt(cpu.segments[ES + id - FIRST_SELECTOR]!.selector);
  }
  if (id >= FIRST_BASE && id < FIRST_BASE + SEGMENTS) {
    const slot = SEGMENT_BASE[id - FIRST_BASE]!;
    return pair(r[slot]!, r[slot + 1]!);
  }
  return OTHERS[id]?.(cpu);
}

const { rip, rflags, cr0, cr2, cr3, cr4, efer, gdt_base, gdt_limit, idt_base, idt_limit, tr, tr_base, hlt } =
  REGISTERS;
const { ldt, ldt_base, dr0, dr1, dr2, dr3, dr6, dr7 } = REGISTERS;

const OTHERS: Readonly<Record<number, (cpu: Cpu) => bigint>> = {
  [rip.id]: (cpu) => pair(cpu.ripLow, cpu.ripHigh),
  [rflags.id]: (cpu) => BigInt(readFlags(cpu) >>> 0),
  [ldt.id]: (cpu) => BigInt(cpu.ldt.selector),
  [tr.id]: (cpu) => BigInt(cpu.tr.selector),
  [ldt_base.id]: (cpu) => pair(cpu.ldt.baseLow, cpu.ldt.baseHigh),
  [tr_base.id]: (cpu) => pair(cpu.tr.baseLow, cpu.tr.baseHigh),
  [gdt_base.id]: (cpu) => pair(cpu.gdt.low, cpu.gdt.high),
  [gdt_limit.id]: (cpu) => BigInt(cpu.gdt.limit),
  [idt_base.id]: (cpu) => pair(cpu.idt.low, cpu.idt.high),
  [idt_limit.id]: (cpu) => BigInt(cpu.idt.limit),
  [cr0.id]: (cpu) => BigInt(cpu.cr0 >>> 0),
  [cr2.id]: (cpu) => pair(cpu.cr2Low, cpu.cr2High),
  [cr3.id]: (cpu) => pair(cpu.cr3Low, cpu.cr3High),
  [cr4.id]: (cpu) => BigInt(cpu.cr4 >>> 0),
  [efer.id]: (cpu) => BigInt(cpu.efer >>> 0),
  [hlt.id]: (cpu) => (cpu.halted ? 1n : 0n),
  ...Object.fromEntries(
    [dr0, dr1, dr2, dr3, undefined, undefined, dr6, dr7].flatMap((row, number) =>
      row ? [[row.id, (cpu: Cpu) => pair(cpu.dr[2 * number]!, cpu.dr[2 * number + 1]!)]] : [],
    ),
  ),
};

/** General registers, rip, rflags, and the bases of FS and GS; others change more than a number. */
export function writeRegister(cpu: Cpu, id: number, value: bigint): boolean {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  const slot = id < GENERAL.length ? GENERAL[id]! : BASE_SLOTS[id];
  if (slot !== undefined) {
    cpu.r[slot] = low;
    cpu.r[slot + 1] = high;
    return true;
  }
  if (id === rip.id) {
    cpu.ripLow = low;
    cpu.ripHigh = high;
    return true;
  }
  if (id !== rflags.id) return false;
  writeFlags(cpu, low);
  return true;
}

const BASE_SLOTS: Readonly<Record<number, number>> = {
  [REGISTERS.fs_base.id]: FS_BASE,
  [REGISTERS.gs_base.id]: GS_BASE,
};

function pair(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
