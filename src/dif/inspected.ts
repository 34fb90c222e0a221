/**
 * What print(regs) and disasm() record, which both halves must lay out alike.
 *
 * Registers, all that the event carries, by id (machine/registers.ts):
 *
 *   0              8                    8 + 8 × MASK_WORDS
 *   +--------------+--------------------+----------------------------+
 *   | architecture | which are carried  | REGISTER_COUNT values, u64 |      bit i of the words: register id i
 *   +--------------+--------------------+----------------------------+
 *
 * Code:
 *
 *   0         8               16
 *   +---------+---------------+---------------------------------------+
 *   | address | bytes read    | that many bytes, of 15 an instruction |
 *   +---------+---------------+---------------------------------------+
 */
import { REGISTER_COUNT, type RegisterName } from '../machine/registers.ts';

const MASK_WORDS = Math.ceil(REGISTER_COUNT / 64);
export const REGISTER_MASK_AT = 8;
export const REGISTER_VALUES_AT = REGISTER_MASK_AT + 8 * MASK_WORDS;
export const REGISTERS_BYTES = REGISTER_VALUES_AT + 8 * REGISTER_COUNT;

export const CODE_BYTES_AT = 16;
const MAX_INSTRUCTION_BYTES = 15;

/** Bytes of the record of `count` instructions. */
export function codeRecordBytes(count: number): number {
  return CODE_BYTES_AT + 8 * Math.ceil((count * MAX_INSTRUCTION_BYTES) / 8);
}

/** How wide a register is shown, in hexadecimal digits. */
type Digits = 4 | 8 | 16;

/** One line of print(regs); of what the event does not carry nothing is shown. */
export interface RegisterRow {
  readonly digits: Digits;
  readonly names: readonly RegisterName[];
}

const row = (digits: Digits, ...names: RegisterName[]): RegisterRow => ({ digits, names });

const X86_ROWS: readonly RegisterRow[] = [
  row(16, 'rip', 'rflags'),
  row(16, 'rax', 'rbx', 'rcx', 'rdx'),
  row(16, 'rsi', 'rdi', 'rbp', 'rsp'),
  row(16, 'r8', 'r9', 'r10', 'r11'),
  row(16, 'r12', 'r13', 'r14', 'r15'),
  row(4, 'cs', 'ss', 'ds', 'es', 'fs', 'gs', 'ldt', 'tr'),
  row(16, 'fs_base', 'gs_base', 'ldt_base', 'tr_base'),
  row(16, 'gdt_base', 'gdt_limit', 'idt_base', 'idt_limit'),
  row(16, 'cr0', 'cr2', 'cr3', 'cr4'),
  row(16, 'dr0', 'dr1', 'dr2', 'dr3'),
  row(16, 'dr6', 'dr7', 'efer'),
];

const numbered = (prefix: string, first: number, last: number): RegisterName[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `${prefix}${first + i}` as RegisterName);

/** Four to a line. */
const inRows = (names: readonly RegisterName[]): RegisterRow[] =>
  Array.from({ length: Math.ceil(names.length / 4) }, (_, i) => row(16, ...names.slice(4 * i, 4 * i + 4)));

const ARM_ROWS: readonly RegisterRow[] = [
  ...inRows([...numbered('x', 0, 30)]),
  ...inRows([...numbered('r', 0, 15)]),
  row(8, 'pstate', 'cpsr'),
  row(16, 'esr', 'far', 'elr', 'spsr'),
  row(16, 'new_el', 'new_pc', 'new_pstate'),
];

const RISCV_ROWS: readonly RegisterRow[] = [
  ...inRows([...numbered('x', 0, 31)]),
  row(16, 'cause', 'epc', 'tval', 'mhartid'),
  row(16, 'mstatus', 'mip', 'mie', 'satp'),
  row(16, 'mtvec', 'mepc', 'mcause', 'mtval'),
  row(16, 'stvec', 'sepc', 'scause', 'stval'),
];

/** By ARCHITECTURE_IDS. */
export const REGISTER_ROWS: readonly (readonly RegisterRow[])[] = [X86_ROWS, ARM_ROWS, RISCV_ROWS];

/** Bits of RFLAGS that have names, from the highest. */
export const FLAG_NAMES: readonly (readonly [bit: number, name: string])[] = [
  ...([
    [21, 'ID'],
    [18, 'AC'],
    [17, 'VM'],
    [16, 'RF'],
    [14, 'NT'],
    [11, 'OF'],
    [10, 'DF'],
    [9, 'IF'],
    [8, 'TF'],
    [7, 'SF'],
    [6, 'ZF'],
    [4, 'AF'],
    [2, 'PF'],
    [0, 'CF'],
  ] as const),
];
