/**
 * The registers an event may carry, as one table: D variable name → register id, width and how QEMU spells it.
 *
 * `id` is the number the engine and the sources share. `dump` lists the spellings in a `cpu_dump_state` text
 * (target/i386/cpu-dump.c, QEMU 7.2): 64-bit dumps say RAX, 32-bit ones EAX; both fill the same id, so `rax`
 * on a 32-bit event is the zero-extended EAX and `eax` on a 64-bit event is its low half (`lowBits`).
 * Segment rows give the selector; base and limit have rows of their own.
 */
export interface RegisterDef {
  readonly id: number;
  readonly doc: string;
  readonly dump: readonly string[]; // field names before '=' in a dump, padded as QEMU pads them
  readonly lowBits?: 32; // an alias that shows only the low 32 bits of the register with the same id
}

export const REGISTERS = {
  rax: { id: 0, doc: 'accumulator', dump: ['RAX', 'EAX'] },
  rbx: { id: 1, doc: 'base', dump: ['RBX', 'EBX'] },
  rcx: { id: 2, doc: 'counter', dump: ['RCX', 'ECX'] },
  rdx: { id: 3, doc: 'data', dump: ['RDX', 'EDX'] },
  rsi: { id: 4, doc: 'source index', dump: ['RSI', 'ESI'] },
  rdi: { id: 5, doc: 'destination index', dump: ['RDI', 'EDI'] },
  rbp: { id: 6, doc: 'frame pointer', dump: ['RBP', 'EBP'] },
  rsp: { id: 7, doc: 'stack pointer', dump: ['RSP', 'ESP'] },
  r8: { id: 8, doc: 'general register 8', dump: ['R8 '] },
  r9: { id: 9, doc: 'general register 9', dump: ['R9 '] },
  r10: { id: 10, doc: 'general register 10', dump: ['R10'] },
  r11: { id: 11, doc: 'general register 11', dump: ['R11'] },
  r12: { id: 12, doc: 'general register 12', dump: ['R12'] },
  r13: { id: 13, doc: 'general register 13', dump: ['R13'] },
  r14: { id: 14, doc: 'general register 14', dump: ['R14'] },
  r15: { id: 15, doc: 'general register 15', dump: ['R15'] },
  rip: { id: 16, doc: 'instruction pointer (offset in CS)', dump: ['RIP', 'EIP'] },
  rflags: { id: 17, doc: 'flags of the interrupted context', dump: ['RFL', 'EFL'] },
  es: { id: 18, doc: 'ES selector', dump: ['ES '] },
  cs: { id: 19, doc: 'CS selector', dump: ['CS '] },
  ss: { id: 20, doc: 'SS selector', dump: ['SS '] },
  ds: { id: 21, doc: 'DS selector', dump: ['DS '] },
  fs: { id: 22, doc: 'FS selector', dump: ['FS '] },
  gs: { id: 23, doc: 'GS selector', dump: ['GS '] },
  ldt: { id: 24, doc: 'LDT selector', dump: ['LDT'] },
  tr: { id: 25, doc: 'task register selector', dump: ['TR '] },
  es_base: { id: 26, doc: 'ES base', dump: [] },
  cs_base: { id: 27, doc: 'CS base', dump: [] },
  ss_base: { id: 28, doc: 'SS base', dump: [] },
  ds_base: { id: 29, doc: 'DS base', dump: [] },
  fs_base: { id: 30, doc: 'FS base (thread pointer of user code)', dump: [] },
  gs_base: { id: 31, doc: 'GS base', dump: [] },
  ldt_base: { id: 32, doc: 'LDT base', dump: [] },
  tr_base: { id: 33, doc: 'TSS address', dump: [] },
  gdt_base: { id: 34, doc: 'GDT address', dump: ['GDT'] },
  gdt_limit: { id: 35, doc: 'GDT limit', dump: [] },
  idt_base: { id: 36, doc: 'IDT address', dump: ['IDT'] },
  idt_limit: { id: 37, doc: 'IDT limit', dump: [] },
  cr0: { id: 38, doc: 'control register 0', dump: ['CR0'] },
  cr2: { id: 39, doc: 'page-fault address', dump: ['CR2'] },
  cr3: { id: 40, doc: 'page-table root: the address space', dump: ['CR3'] },
  cr4: { id: 41, doc: 'control register 4', dump: ['CR4'] },
  dr0: { id: 42, doc: 'debug register 0', dump: ['DR0'] },
  dr1: { id: 43, doc: 'debug register 1', dump: ['DR1'] },
  dr2: { id: 44, doc: 'debug register 2', dump: ['DR2'] },
  dr3: { id: 45, doc: 'debug register 3', dump: ['DR3'] },
  dr6: { id: 46, doc: 'debug status', dump: ['DR6'] },
  dr7: { id: 47, doc: 'debug control', dump: ['DR7'] },
  efer: { id: 48, doc: 'extended feature enable register', dump: ['EFER'] },
  smm: { id: 49, doc: '1 in system management mode', dump: ['SMM'] },
  hlt: { id: 50, doc: '1 when halted', dump: ['HLT'] },
  eax: { id: 0, lowBits: 32, doc: 'low half of rax', dump: [] },
  ebx: { id: 1, lowBits: 32, doc: 'low half of rbx', dump: [] },
  ecx: { id: 2, lowBits: 32, doc: 'low half of rcx', dump: [] },
  edx: { id: 3, lowBits: 32, doc: 'low half of rdx', dump: [] },
  esi: { id: 4, lowBits: 32, doc: 'low half of rsi', dump: [] },
  edi: { id: 5, lowBits: 32, doc: 'low half of rdi', dump: [] },
  ebp: { id: 6, lowBits: 32, doc: 'low half of rbp', dump: [] },
  esp: { id: 7, lowBits: 32, doc: 'low half of rsp', dump: [] },
  eip: { id: 16, lowBits: 32, doc: 'low half of rip', dump: [] },
  eflags: { id: 17, lowBits: 32, doc: 'low half of rflags', dump: [] },
} as const satisfies Record<string, RegisterDef>;

export type RegisterName = keyof typeof REGISTERS;
/** Number of distinct register ids; ids are 0 .. REGISTER_COUNT - 1. */
export const REGISTER_COUNT = 51;
