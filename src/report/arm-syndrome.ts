/**
 * ESR_ELx field by field (Arm ARM DDI 0487, ESR_EL1: "EC" for the classes, "ISS encoding for …" for each layout).
 *
 * In: the syndrome. Out: its class by the manual's words, and sentences. One row per class: its title, what it means to who
 * wrote the code, and how its ISS is read.
 */
import { faultStatus } from './arm-faults.ts';

interface ClassDef {
  readonly title: string;
  readonly means?: string;
  readonly iss?: (iss: number) => string[];
}

const bit = (value: number, at: number): boolean => ((value >>> at) & 1) === 1;
const field = (value: number, high: number, low: number): number =>
  (value >>> low) & ((1 << (high - low + 1)) - 1);
const hexOf = (value: number): string => `0x${value.toString(16)}`;

const CLASSES: Readonly<Record<number, ClassDef>> = {
  0: {
    title: 'unknown reason (undefined instruction)',
    means:
      'no such instruction, or one that is not allowed at this exception level: UDF, data, a system register',
  },
  1: { title: 'trapped WFI or WFE', iss: waitIss },
  3: { title: 'trapped MCR or MRC (coproc 15)', iss: coprocessorIss },
  4: { title: 'trapped MCRR or MRRC (coproc 15)' },
  5: { title: 'trapped MCR or MRC (coproc 14)', iss: coprocessorIss },
  6: { title: 'trapped LDC or STC' },
  7: {
    title: 'access to SVE, Advanced SIMD or floating point',
    means: 'CPACR_EL1.FPEN (or CPTR_ELx) traps it: lazy switching of FP state, or FP that was never enabled',
  },
  8: { title: 'trapped VMRS' },
  9: { title: 'trapped pointer authentication' },
  10: { title: 'trapped LD64B or ST64B' },
  12: { title: 'trapped MRRC (coproc 14)' },
  13: {
    title: 'Branch Target exception',
    means: 'an indirect branch to no BTI',
    iss: (iss) => [`BTYPE ${field(iss, 1, 0)}`],
  },
  14: {
    title: 'Illegal Execution state',
    means: 'PSTATE.IL is set: an exception return with an SPSR that cannot be',
  },
  17: { title: 'SVC from AArch32', iss: callIss },
  18: { title: 'HVC from AArch32', iss: callIss },
  19: { title: 'SMC from AArch32' },
  21: { title: 'SVC', iss: callIss },
  22: { title: 'HVC', iss: callIss },
  23: { title: 'SMC', iss: callIss },
  24: { title: 'trapped MSR, MRS or system instruction', iss: systemIss },
  25: { title: 'access to SVE', means: 'CPACR_EL1.ZEN (or CPTR_ELx) traps it' },
  26: { title: 'trapped ERET' },
  28: {
    title: 'Pointer Authentication failure',
    means: 'a pointer whose signature is wrong: it was overwritten, or signed with another key',
  },
  29: { title: 'access to SME', means: 'CPACR_EL1.SMEN (or CPTR_ELx) traps it' },
  30: { title: 'Granule Protection Check' },
  32: { title: 'Instruction Abort from a lower level', iss: instructionAbortIss },
  33: { title: 'Instruction Abort from the same level', iss: instructionAbortIss },
  34: { title: 'PC alignment fault', means: 'a branch to an address that is no multiple of 4' },
  36: { title: 'Data Abort from a lower level', iss: dataAbortIss },
  37: { title: 'Data Abort from the same level', iss: dataAbortIss },
  38: { title: 'SP alignment fault', means: 'a load or store through an SP that is no multiple of 16' },
  39: { title: 'memory copy or set' },
  40: { title: 'floating-point exception from AArch32', iss: floatingIss },
  44: { title: 'floating-point exception', iss: floatingIss },
  45: { title: 'Guarded Control Stack exception' },
  47: { title: 'SError', means: 'an error that came later than the access that caused it', iss: serrorIss },
  48: { title: 'Breakpoint from a lower level' },
  49: { title: 'Breakpoint from the same level' },
  50: { title: 'Software Step from a lower level' },
  51: { title: 'Software Step from the same level' },
  52: { title: 'Watchpoint from a lower level', iss: watchpointIss },
  53: { title: 'Watchpoint from the same level', iss: watchpointIss },
  56: { title: 'BKPT from AArch32', iss: callIss },
  58: { title: 'Vector Catch from AArch32' },
  60: { title: 'BRK', means: 'put there on purpose: BUG(), an assertion, or a debugger', iss: breakIss },
};

export interface Syndrome {
  readonly title: string;
  readonly means: string | undefined;
  readonly lines: readonly string[];
  readonly isAbort: boolean; // of data or of an instruction
  readonly isFetch: boolean;
  /** Whether FAR holds the address. */
  readonly hasAddress: boolean;
}

const FNV = 10;

export function classTitle(exceptionClass: number): string {
  return CLASSES[exceptionClass]?.title ?? `reserved class ${hexOf(exceptionClass)}`;
}

export function readSyndrome(esr: bigint): Syndrome {
  const exceptionClass = Number((esr >> 26n) & 0x3fn);
  const iss = Number(esr & 0x1ffffffn);
  const found = CLASSES[exceptionClass];
  const isFetch = exceptionClass === 0x20 || exceptionClass === 0x21;
  const isData = exceptionClass === 0x24 || exceptionClass === 0x25;
  const isWatch = exceptionClass === 0x34 || exceptionClass === 0x35;
  const isAbort = isFetch || isData;
  return {
    title: classTitle(exceptionClass),
    means: found?.means,
    lines: [
      `EC ${hexOf(exceptionClass)}: ${classTitle(exceptionClass)}`,
      ((esr >> 25n) & 1n) === 1n ? 'IL=1: a 32-bit instruction' : 'IL=0: a 16-bit instruction',
      ...(found?.iss?.(iss) ?? (iss === 0 ? [] : [`ISS ${hexOf(iss)}`])),
    ],
    isAbort,
    isFetch,
    hasAddress: isWatch || exceptionClass === 0x22 || (isAbort && !(bit(iss, FNV) && (iss & 0x3f) === 0x10)),
  };
}

function callIss(iss: number): string[] {
  return [`imm16 ${hexOf(iss & 0xffff)}, the number in the instruction`];
}

const ACCESS_SIZES = ['byte', 'halfword', 'word', 'doubleword'];

function dataAbortIss(iss: number): string[] {
  const access = bit(iss, 24)
    ? [
        `ISV=1: a ${ACCESS_SIZES[field(iss, 23, 22)]} ${bit(iss, 6) ? 'from' : 'to'} ${bit(iss, 15) ? 'X' : 'W'}${field(iss, 20, 16)}`,
      ]
    : [];
  return [
    `DFSC ${hexOf(iss & 0x3f)}: ${faultStatus(iss & 0x3f)}`,
    bit(iss, 6) ? 'WnR=1: a write' : 'WnR=0: a read',
    ...(bit(iss, 8) ? ['CM=1: by a cache maintenance instruction'] : []),
    ...(bit(iss, 7) ? ['S1PTW=1: on the walk of the guest’s own tables (stage 2)'] : []),
    ...externalIss(iss),
    ...access,
  ];
}

function instructionAbortIss(iss: number): string[] {
  return [
    `IFSC ${hexOf(iss & 0x3f)}: ${faultStatus(iss & 0x3f)}`,
    ...(bit(iss, 7) ? ['S1PTW=1: on the walk of the guest’s own tables (stage 2)'] : []),
    ...externalIss(iss),
  ];
}

function externalIss(iss: number): string[] {
  return [
    ...(bit(iss, FNV) ? ['FnV=1: FAR does not hold'] : []),
    ...(bit(iss, 9) ? ['EA=1: of the external abort’s second kind (implementation defined)'] : []),
  ];
}

/** Numbers that Linux gives to BRK (arch/arm64/include/asm/brk-imm.h). */
const LINUX_BREAKS: readonly (readonly [number, number, string])[] = [
  [0x4, 0x4, 'a kprobe'],
  [0x5, 0x5, 'a uprobe'],
  [0x6, 0x6, 'a kprobe’s single step'],
  [0x100, 0x100, 'a deliberate fault'],
  [0x400, 0x401, 'KGDB'],
  [0x800, 0x800, 'BUG() or WARN()'],
  [0x900, 0x9ff, 'KASAN'],
  [0x5500, 0x55ff, 'UBSAN'],
  [0x8000, 0x8fff, 'CFI'],
];

function breakIss(iss: number): string[] {
  const comment = iss & 0xffff;
  const linux = LINUX_BREAKS.find(([low, high]) => comment >= low && comment <= high)?.[2];
  return [
    `comment ${hexOf(comment)}, the number in the instruction${linux === undefined ? '' : `: in Linux ${linux}`}`,
  ];
}

function waitIss(iss: number): string[] {
  return [`TI ${iss & 3}: ${['WFI', 'WFE', 'WFIT', 'WFET'][iss & 3]}`];
}

function coprocessorIss(iss: number): string[] {
  const direction = bit(iss, 0) ? 'a read (MRC)' : 'a write (MCR)';
  return [
    `opc1 ${field(iss, 16, 14)}, CRn c${field(iss, 13, 10)}, CRm c${field(iss, 4, 1)}, opc2 ${field(iss, 19, 17)}, Rt R${field(iss, 9, 5)}: ${direction}`,
  ];
}

/** The register by its generic name, which assemblers take: S3_0_C1_C0_2 is CPACR_EL1. */
function systemIss(iss: number): string[] {
  const name = `S${field(iss, 21, 20)}_${field(iss, 16, 14)}_C${field(iss, 13, 10)}_C${field(iss, 4, 1)}_${field(iss, 19, 17)}`;
  const direction = bit(iss, 0) ? 'a read (MRS)' : 'a write (MSR) or instruction';
  return [`${name}, Rt X${field(iss, 9, 5)}: ${direction}`];
}

const FLOATING: readonly (readonly [number, string])[] = [
  [0, 'IOF: invalid operation'],
  [1, 'DZF: division by zero'],
  [2, 'OFF: overflow'],
  [3, 'UFF: underflow'],
  [4, 'IXF: inexact'],
  [7, 'IDF: denormal input'],
];

function floatingIss(iss: number): string[] {
  if (!bit(iss, 23)) return ['TFV=0: it does not say which'];
  return FLOATING.filter(([at]) => bit(iss, at)).map(([, words]) => words);
}

function serrorIss(iss: number): string[] {
  if (bit(iss, 24)) return [`IDS=1, implementation defined ${hexOf(iss & 0xffffff)}`];
  const state = ['uncontainable', 'unrecoverable', 'restartable', 'recoverable', '', '', 'corrected', ''];
  return (iss & 0x3f) === 0x11
    ? [
        `DFSC 0x11: asynchronous SError, AET ${field(iss, 12, 10)} (${state[field(iss, 12, 10)] || 'reserved'})`,
      ]
    : [`DFSC ${hexOf(iss & 0x3f)}: uncategorized`];
}

function watchpointIss(iss: number): string[] {
  return [bit(iss, 6) ? 'WnR=1: a write' : 'WnR=0: a read'];
}
