/**
 * Why a CPU is interrupted, for every architecture whose logs are replayed: number → kind and mnemonic, which are the
 * module and function of `vec` probes. One table per architecture.
 *
 *   x86    the vector; machine/vectors.ts has the exceptions, device and INT vectors are from 32 on
 *   arm    the exception class, ESR_ELx.EC (Arm ARM, D17.2.37). QEMU's own exception numbers are its implementation
 *          detail, and nobody who reads a crash knows them. Interrupts have no class: their numbers are from 0x80 on
 *   riscv  the cause, without the interrupt bit (privileged architecture, table 15). Exceptions and interrupts are
 *          numbered apart, so a number may name two probes: the kind tells
 *
 * Mnemonics are QEMU's words where it has any (`m_timer`, `fault_load`), lower case. Calls of the system made by an
 * instruction (SVC, ECALL) are of kind `soft`, as INT n is.
 */
import { FIRST_EXTERNAL_VECTOR, VECTOR_COUNT, VECTORS } from './vectors.ts';

export type CauseKind = 'exception' | 'interrupt' | 'soft';

export interface Cause {
  readonly number: number; // 0 to 255
  readonly kind: CauseKind;
  readonly mnemonic: string;
}

/** Architectures by their number in the event batch. */
export const ARCHITECTURES = ['x86', 'arm', 'riscv'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];
export const ARCHITECTURE_IDS = { x86: 0, arm: 1, riscv: 2 } as const satisfies Record<Architecture, number>;

/** The level of user code, by architecture number: CPL 3, EL0, U. */
export const USER_LEVELS: readonly number[] = [3, 0, 0];

/** Numbers of Arm's interrupts, which have no exception class. */
export const ARM_INTERRUPTS = {
  ...{ irq: 0x80, fiq: 0x81, virtual_irq: 0x82, virtual_fiq: 0x83 },
  ...{ nmi: 0x84, virtual_nmi: 0x85, virtual_fiq_nmi: 0x86 }, // FEAT_NMI: PSTATE.I does not hold them back
} as const;
/** A return whose delivery the log does not show: how kernels start CPUs and the first user code. */
export const UNSEEN_DELIVERY: Cause = { number: 0xff, kind: 'exception', mnemonic: 'eret' };
/** SError has a class of its own, and QEMU raises it as an interrupt. */
export const ARM_SERROR = 0x2f;

/** Exception classes, by number. The even and odd rows of a pair come from a lower and from the same level. */
const ARM_CLASSES: Readonly<Record<number, string>> = {
  0: 'undefined',
  1: 'wfx_trap',
  3: 'cp15_trap',
  4: 'cp15_trap',
  5: 'cp14_trap',
  6: 'cp14_trap',
  7: 'fp_access',
  8: 'vmrs_trap',
  9: 'pauth_trap',
  10: 'ls64_trap',
  12: 'cp14_trap',
  13: 'branch_target',
  14: 'illegal_state',
  17: 'svc',
  18: 'hvc',
  19: 'smc',
  21: 'svc',
  22: 'hvc',
  23: 'smc',
  24: 'sysreg_trap',
  25: 'sve_access',
  26: 'eret_trap',
  28: 'pauth_fail',
  29: 'sme_access',
  30: 'granule_protection',
  32: 'prefetch_abort',
  33: 'prefetch_abort',
  34: 'pc_alignment',
  36: 'data_abort',
  37: 'data_abort',
  38: 'sp_alignment',
  39: 'memory_copy',
  40: 'fp_exception',
  44: 'fp_exception',
  45: 'guarded_stack',
  47: 'serror',
  48: 'hw_breakpoint',
  49: 'hw_breakpoint',
  50: 'single_step',
  51: 'single_step',
  52: 'watchpoint',
  53: 'watchpoint',
  56: 'bkpt',
  58: 'vector_catch',
  60: 'brk',
};
const ARM_CLASS_COUNT = 64;
/** SVC, HVC and SMC, of 32-bit and of 64-bit code. */
const ARM_CALLS: ReadonlySet<number> = new Set([17, 18, 19, 21, 22, 23]);

/** Exceptions, by cause; QEMU's words. */
const RISCV_EXCEPTIONS = [
  ...['misaligned_fetch', 'fault_fetch', 'illegal_instruction', 'breakpoint'],
  ...['misaligned_load', 'fault_load', 'misaligned_store', 'fault_store'],
  ...['user_ecall', 'supervisor_ecall', 'hypervisor_ecall', 'machine_ecall'],
  ...['exec_page_fault', 'load_page_fault', 'reserved', 'store_page_fault'],
  ...['double_trap', 'reserved', 'software_check', 'hardware_error'],
  ...['guest_exec_page_fault', 'guest_load_page_fault', 'virtual_instruction', 'guest_store_page_fault'],
] as const;
const RISCV_FIRST_ECALL = 8;
const RISCV_LAST_ECALL = 11;

/** Interrupts, by cause; those beyond are the platform's. */
const RISCV_INTERRUPTS = [
  ...['u_software', 's_software', 'vs_software', 'm_software'],
  ...['u_timer', 's_timer', 'vs_timer', 'm_timer'],
  ...['u_external', 's_external', 'vs_external', 'm_external'],
  ...['guest_external', 'counter_overflow', 'reserved', 'reserved'],
] as const;
const RISCV_CAUSE_COUNT = 64;

const MAKERS = { x86: x86Causes, arm: armCauses, riscv: riscvCauses };
const made: Partial<Record<Architecture, readonly Cause[]>> = {};

/** Each made when it is first wanted: a run sees one of them. */
export const CAUSES: Readonly<Record<Architecture, readonly Cause[]>> = {
  get x86() {
    return causesOf('x86');
  },
  get arm() {
    return causesOf('arm');
  },
  get riscv() {
    return causesOf('riscv');
  },
};

function causesOf(architecture: Architecture): readonly Cause[] {
  made[architecture] ??= MAKERS[architecture]();
  return made[architecture];
}

function x86Causes(): readonly Cause[] {
  const causes: Cause[] = Object.entries(VECTORS).map(([mnemonic, { vector, kind }]) => ({
    number: vector,
    kind,
    mnemonic,
  }));
  for (let number = FIRST_EXTERNAL_VECTOR; number < VECTOR_COUNT; number++) {
    causes.push({ number, kind: 'interrupt', mnemonic: 'irq' }, { number, kind: 'soft', mnemonic: 'int' });
  }
  return causes;
}

function armCauses(): readonly Cause[] {
  const causes: Cause[] = [];
  for (let number = 0; number < ARM_CLASS_COUNT; number++) {
    const mnemonic = ARM_CLASSES[number] ?? 'reserved';
    const kind = ARM_CALLS.has(number) ? 'soft' : number === ARM_SERROR ? 'interrupt' : 'exception';
    causes.push({ number, kind, mnemonic });
  }
  for (const [mnemonic, number] of Object.entries(ARM_INTERRUPTS))
    causes.push({ number, kind: 'interrupt', mnemonic });
  return causes;
}

function riscvCauses(): readonly Cause[] {
  const causes: Cause[] = [];
  for (let number = 0; number < RISCV_CAUSE_COUNT; number++) {
    const mnemonic = RISCV_EXCEPTIONS[number] ?? 'reserved';
    const kind = isEcall(number) ? 'soft' : 'exception';
    causes.push({ number, kind, mnemonic });
  }
  for (let number = 0; number < RISCV_CAUSE_COUNT; number++) {
    const mnemonic = RISCV_INTERRUPTS[number] ?? 'local';
    causes.push({ number, kind: 'interrupt', mnemonic });
  }
  return causes;
}

export function isEcall(cause: number): boolean {
  return cause >= RISCV_FIRST_ECALL && cause <= RISCV_LAST_ECALL;
}

export function isArmCall(exceptionClass: number): boolean {
  return ARM_CALLS.has(exceptionClass);
}
