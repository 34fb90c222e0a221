/** Registers by their R_ indices in uregs[] (d-language.md 4.1; from 32 on trapline's own). */
import { REGISTERS, type RegisterName } from './registers.ts';

const USER_REGISTERS: ReadonlyMap<number, number> = new Map(
  Object.entries({
    ...{ 0: 'r15', 1: 'r14', 2: 'r13', 3: 'r12', 4: 'rbp', 5: 'rbx', 6: 'r11', 7: 'r10', 8: 'r9', 9: 'r8' },
    ...{ 10: 'rax', 11: 'rcx', 12: 'rdx', 13: 'rsi', 14: 'rdi', 16: 'rip', 17: 'cs', 18: 'rflags' },
    ...{ 19: 'rsp', 20: 'ss', 21: 'ds', 22: 'es', 23: 'fs', 24: 'gs', 32: 'cr0', 33: 'cr2', 34: 'cr3' },
    ...{ 35: 'cr4', 37: 'efer', 38: 'fs_base', 39: 'gs_base' },
  } satisfies Record<number, RegisterName>).map(([index, name]) => [
    Number(index),
    REGISTERS[name as RegisterName].id,
  ]),
);

/** The id of the register that uregs[index] is, if it is one: others are columns, or not known to any trace. */
export function userRegister(index: number): number | undefined {
  return USER_REGISTERS.get(index);
}
