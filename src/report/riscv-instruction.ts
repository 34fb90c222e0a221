/**
 * Why a RISC-V instruction may have been illegal, by its bits, which the trap value has on CPUs that say so
 * (RISC-V unprivileged architecture, "RV32/64G Instruction Set Listings"; privileged, "CSR Listing").
 */
import { hex } from './rows.ts';

const SYSTEM = 0x73;
/** Major opcodes of extensions that a kernel switches on. */
const EXTENSIONS: Readonly<Record<number, string>> = {
  7: 'a floating-point or vector load: mstatus.FS or VS may be Off',
  39: 'a floating-point or vector store: mstatus.FS or VS may be Off',
  67: 'a floating-point instruction: mstatus.FS may be Off',
  71: 'a floating-point instruction: mstatus.FS may be Off',
  75: 'a floating-point instruction: mstatus.FS may be Off',
  79: 'a floating-point instruction: mstatus.FS may be Off',
  83: 'a floating-point instruction: mstatus.FS may be Off',
  87: 'a vector instruction: mstatus.VS may be Off',
};

const CSRS: Readonly<Record<number, string>> = {
  ...{ 1: 'fflags', 2: 'frm', 3: 'fcsr', 3072: 'cycle', 3073: 'time', 3074: 'instret' },
  ...{ 256: 'sstatus', 260: 'sie', 261: 'stvec', 262: 'scounteren', 266: 'senvcfg' },
  ...{ 320: 'sscratch', 321: 'sepc', 322: 'scause', 323: 'stval', 324: 'sip', 333: 'stimecmp' },
  ...{ 384: 'satp', 1536: 'hstatus', 1664: 'hgatp' },
  ...{ 768: 'mstatus', 769: 'misa', 770: 'medeleg', 771: 'mideleg', 772: 'mie', 773: 'mtvec' },
  ...{ 774: 'mcounteren', 778: 'menvcfg', 832: 'mscratch', 833: 'mepc', 834: 'mcause', 835: 'mtval' },
  ...{ 836: 'mip', 928: 'pmpcfg0', 944: 'pmpaddr0', 1952: 'tselect' },
  ...{ 3857: 'mvendorid', 3858: 'marchid', 3859: 'mimpid', 3860: 'mhartid' },
};
const LEVELS = ['U', 'S', 'HS', 'M'];

/** Instructions of SYSTEM without a CSR, whole. */
const PRIVILEGED: Readonly<Record<number, string>> = {
  270532723: 'SRET, which needs S-mode, and mstatus.TSR=0',
  807403635: 'MRET, which needs M-mode',
  273678451: 'WFI, which mstatus.TW can forbid',
};
const SFENCE_VMA = 0x09;

export function riscvInstruction(value: bigint): string[] {
  const bits = Number(value & 0xffffffffn);
  if (value === 0n) return ['0: this CPU does not tell its bits, or all of them are 0: no code'];
  if (bits === 0xffffffff) return [`${hex(value)}: all bits are 1: no code, memory that is not there`];
  if ((bits & 3) !== 3) return [`${hex(value)}: 16 bits: needs the C extension, or pc is in data`];
  const why = whyIllegal(bits);
  return [`${hex(value)}${why === undefined ? '' : `: ${why}`}`];
}

function whyIllegal(bits: number): string | undefined {
  const opcode = bits & 0x7f;
  const kind = (bits >>> 12) & 7;
  if (opcode !== SYSTEM) return EXTENSIONS[opcode];
  if (kind === 0) {
    if (bits >>> 25 === SFENCE_VMA) return 'SFENCE.VMA, which needs S-mode, and mstatus.TVM=0';
    return PRIVILEGED[bits >>> 0];
  }
  return csrText(bits >>> 20);
}

/** Bits 9 and 8 of a CSR's number are the lowest level that may use it. */
function csrText(csr: number): string {
  const name = CSRS[csr] ?? `CSR 0x${csr.toString(16)}`;
  const level = LEVELS[(csr >>> 8) & 3]!;
  return `accesses ${name}, which needs ${level}-mode; or this CPU does not have it${name === 'satp' ? ', or mstatus.TVM=1' : ''}`;
}
