/** All registers of a CPU into a row of an Int32Array, by the ids of machine/registers.ts, low half first. */
import { REGISTERS, type RegisterName } from '../machine/registers.ts';
import { type Cpu, SEGMENT_BASE } from '../x86/cpu.ts';

/** Ids of rax … r15 in the order of the core's slots. */
const GENERAL = (
  [
    ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
    ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
  ] as readonly RegisterName[]
).map((name) => REGISTERS[name].id);

const SELECTORS = [REGISTERS.es, REGISTERS.cs, REGISTERS.ss, REGISTERS.ds, REGISTERS.fs, REGISTERS.gs].map(
  ({ id }) => id,
);
const BASES = [
  ...[REGISTERS.es_base, REGISTERS.cs_base, REGISTERS.ss_base],
  ...[REGISTERS.ds_base, REGISTERS.fs_base, REGISTERS.gs_base],
].map(({ id }) => id);
const DEBUG = [
  [REGISTERS.dr0.id, 0],
  [REGISTERS.dr1.id, 1],
  [REGISTERS.dr2.id, 2],
  [REGISTERS.dr3.id, 3],
  [REGISTERS.dr6.id, 6],
  [REGISTERS.dr7.id, 7],
] as const;

export function copyRegisters(cpu: Cpu, flags: number, to: Int32Array, at: number): void {
  const { r } = cpu;
  const put = (id: number, low: number, high: number): void => {
    to[at + 2 * id] = low;
    to[at + 2 * id + 1] = high;
  };
  for (let number = 0; number < 16; number++) put(GENERAL[number]!, r[2 * number]!, r[2 * number + 1]!);
  put(REGISTERS.rip.id, cpu.ripLow, cpu.ripHigh);
  put(REGISTERS.rflags.id, flags, 0);
  for (let segment = 0; segment < 6; segment++) {
    put(SELECTORS[segment]!, cpu.segments[segment]!.selector, 0);
    put(BASES[segment]!, r[SEGMENT_BASE[segment]!]!, r[SEGMENT_BASE[segment]! + 1]!);
  }
  put(REGISTERS.ldt.id, cpu.ldt.selector, 0);
  put(REGISTERS.ldt_base.id, cpu.ldt.baseLow, cpu.ldt.baseHigh);
  put(REGISTERS.tr.id, cpu.tr.selector, 0);
  put(REGISTERS.tr_base.id, cpu.tr.baseLow, cpu.tr.baseHigh);
  put(REGISTERS.gdt_base.id, cpu.gdt.low, cpu.gdt.high);
  put(REGISTERS.gdt_limit.id, cpu.gdt.limit, 0);
  put(REGISTERS.idt_base.id, cpu.idt.low, cpu.idt.high);
  put(REGISTERS.idt_limit.id, cpu.idt.limit, 0);
  put(REGISTERS.cr0.id, cpu.cr0, 0);
  put(REGISTERS.cr2.id, cpu.cr2Low, cpu.cr2High);
  put(REGISTERS.cr3.id, cpu.cr3Low, cpu.cr3High);
  put(REGISTERS.cr4.id, cpu.cr4, 0);
  for (const [id, number] of DEBUG) put(id, cpu.dr[2 * number]!, cpu.dr[2 * number + 1]!);
  put(REGISTERS.efer.id, cpu.efer, 0);
  put(REGISTERS.smm.id, 0, 0);
  put(REGISTERS.hlt.id, cpu.halted ? 1 : 0, 0);
}
