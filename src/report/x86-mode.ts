/** Which mode an x86 CPU is in, by its registers, and what follows from that for names and addresses. */
import type { Bits } from './explanation.ts';
import type { Registers } from './operand.ts';

const CR0_PE = 1n;
const CR0_PG = 1n << 31n;
const EFER_LMA = 0x400n;
const RFLAGS_VM = 1n << 17n;

export function isPaging(registers: Registers): boolean {
  return ((registers.get('cr0') ?? 0n) & CR0_PG) !== 0n;
}

export function isLong(registers: Registers): boolean {
  return ((registers.get('efer') ?? 0n) & EFER_LMA) !== 0n;
}

export function isReal(registers: Registers): boolean {
  return registers.has('cr0') && (registers.get('cr0')! & CR0_PE) === 0n;
}

function isVirtual8086(registers: Registers): boolean {
  return !isLong(registers) && ((registers.get('rflags') ?? 0n) & RFLAGS_VM) !== 0n;
}

/** Dumps of 32-bit code have no R8; 16-bit protected mode looks like 32-bit. */
export function bitsOf(registers: Registers): Bits {
  if (!registers.has('cr0')) return 64;
  if (isReal(registers) || isVirtual8086(registers)) return 16;
  return isLong(registers) && registers.has('r8') ? 64 : 32;
}

/** RAX, or EAX of code that is not 64-bit. */
export function shown(name: string, registers: Registers): string {
  return (bitsOf(registers) === 64 ? name : name.replace(/^r(?=[a-z])/, 'e')).toUpperCase();
}

export function modeOf(registers: Registers): string {
  const mode = isReal(registers)
    ? 'real mode'
    : isVirtual8086(registers)
      ? 'virtual-8086 mode'
      : !isPaging(registers)
        ? 'protected mode, paging off'
        : !isLong(registers)
          ? 'protected mode, paging on'
          : bitsOf(registers) === 64
            ? 'long mode'
            : 'long mode, 32-bit code';
  return registers.get('smm') === 1n ? `system management mode, ${mode}` : mode;
}

const hex4 = (value: bigint): string => (value & 0xffffn).toString(16).padStart(4, '0');

/** `f000:e05b` where addresses are segments and offsets; else undefined. */
export function segmentAndOffset(registers: Registers): string | undefined {
  if (!isReal(registers) && !isVirtual8086(registers)) return undefined;
  return `${hex4(registers.get('cs') ?? 0n)}:${hex4(registers.get('rip') ?? 0n)}`;
}

/** What PC firmware and DOS have at the entries of real mode's table; exceptions below 8 are the CPU's. */
const REAL_VECTORS: Readonly<Record<number, string>> = {
  8: 'the timer (IRQ 0) as the firmware has it, or #DF',
  9: 'the keyboard (IRQ 1)',
  16: 'the firmware’s video services',
  17: 'the firmware’s list of equipment',
  18: 'the firmware’s memory size',
  19: 'the firmware’s disk services',
  20: 'the firmware’s serial services',
  21: 'the firmware’s system services (memory map, A20)',
  22: 'the firmware’s keyboard services',
  24: 'the firmware’s end: no boot device',
  25: 'the firmware’s boot loader',
  26: 'the firmware’s clock and PCI services',
  28: 'the user’s timer tick',
  33: 'DOS',
  112: 'the real-time clock (IRQ 8)',
};

export function realVector(vector: number): string | undefined {
  return REAL_VECTORS[vector];
}
