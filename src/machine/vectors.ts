/**
 * x86 exception vectors, one row each (Intel SDM volume 3, table 6-1; AMD APM volume 2, table 8-1).
 *
 * `mnemonic` is the function part of `vec` probe names. Vectors from 32 up have no row: a device raises them (`irq`)
 * or an INT instruction does (`int`). `errorCode` says whether delivery pushes one.
 */
export interface VectorDef {
  readonly vector: number;
  readonly kind: 'exception' | 'interrupt';
  readonly errorCode: boolean;
  readonly doc: string;
}

export const VECTORS = {
  divide_error: { vector: 0, kind: 'exception', errorCode: false, doc: '#DE division by zero or overflow' },
  debug: { vector: 1, kind: 'exception', errorCode: false, doc: '#DB single step or breakpoint register' },
  nmi: { vector: 2, kind: 'interrupt', errorCode: false, doc: 'non-maskable interrupt' },
  breakpoint: { vector: 3, kind: 'exception', errorCode: false, doc: '#BP INT3' },
  overflow: { vector: 4, kind: 'exception', errorCode: false, doc: '#OF INTO' },
  bound_range: { vector: 5, kind: 'exception', errorCode: false, doc: '#BR BOUND range exceeded' },
  invalid_opcode: { vector: 6, kind: 'exception', errorCode: false, doc: '#UD invalid opcode' },
  device_not_available: { vector: 7, kind: 'exception', errorCode: false, doc: '#NM FPU not available' },
  double_fault: { vector: 8, kind: 'exception', errorCode: true, doc: '#DF double fault' },
  coprocessor_overrun: { vector: 9, kind: 'exception', errorCode: false, doc: 'coprocessor segment overrun' },
  invalid_tss: { vector: 10, kind: 'exception', errorCode: true, doc: '#TS invalid TSS' },
  segment_not_present: { vector: 11, kind: 'exception', errorCode: true, doc: '#NP segment not present' },
  stack_fault: { vector: 12, kind: 'exception', errorCode: true, doc: '#SS stack segment fault' },
  general_protection: { vector: 13, kind: 'exception', errorCode: true, doc: '#GP general protection' },
  page_fault: { vector: 14, kind: 'exception', errorCode: true, doc: '#PF page fault' },
  reserved_15: { vector: 15, kind: 'exception', errorCode: false, doc: 'reserved' },
  x87_fp: { vector: 16, kind: 'exception', errorCode: false, doc: '#MF x87 floating-point error' },
  alignment_check: { vector: 17, kind: 'exception', errorCode: true, doc: '#AC alignment check' },
  machine_check: { vector: 18, kind: 'exception', errorCode: false, doc: '#MC machine check' },
  simd_fp: { vector: 19, kind: 'exception', errorCode: false, doc: '#XM SIMD floating-point error' },
  virtualization: { vector: 20, kind: 'exception', errorCode: false, doc: '#VE virtualization exception' },
  control_protection: { vector: 21, kind: 'exception', errorCode: true, doc: '#CP control protection' },
  reserved_22: { vector: 22, kind: 'exception', errorCode: false, doc: 'reserved' },
  reserved_23: { vector: 23, kind: 'exception', errorCode: false, doc: 'reserved' },
  reserved_24: { vector: 24, kind: 'exception', errorCode: false, doc: 'reserved' },
  reserved_25: { vector: 25, kind: 'exception', errorCode: false, doc: 'reserved' },
  reserved_26: { vector: 26, kind: 'exception', errorCode: false, doc: 'reserved' },
  reserved_27: { vector: 27, kind: 'exception', errorCode: false, doc: 'reserved' },
  hypervisor_injection: { vector: 28, kind: 'exception', errorCode: false, doc: '#HV hypervisor injection' },
  vmm_communication: { vector: 29, kind: 'exception', errorCode: true, doc: '#VC VMM communication' },
  security: { vector: 30, kind: 'exception', errorCode: true, doc: '#SX security exception' },
  reserved_31: { vector: 31, kind: 'exception', errorCode: false, doc: 'reserved' },
} as const satisfies Record<string, VectorDef>;

/** Vectors below this are exceptions; from here on the operating system chooses. */
export const FIRST_EXTERNAL_VECTOR = 32;
export const VECTOR_COUNT = 256;
