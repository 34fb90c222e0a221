/**
 * What the x86 instruction at pc says about its exception, where the image has it: the divisor that was 0, a UD2 that was put there on
 * purpose, a privileged instruction of a program, an operand that is not aligned (Intel SDM volume 2, each instruction's
 * "Exceptions").
 *
 * In: its text (AT&T), the registers. Out: sentences, none where it says nothing.
 */
import { isCanonical } from './error-codes.ts';
import { memoryOperands, type Operand, type Registers, registerValue } from './operand.ts';
import { hex } from './rows.ts';
import { GENERAL_PROTECTION } from './vectors.ts';
import { bitsOf } from './x86-mode.ts';

const DIVIDE_ERROR = 0;
const INVALID_OPCODE = 6;
const NO_FPU = 7;
const STACK_FAULT = 12;

const CR4_OSFXSR = 1n << 9n;
const CR4_OSXSAVE = 1n << 18n;
const CR0_EM = 1n << 2n;

export function instructionFacts(vector: number, cpl: number, text: string, registers: Registers): string[] {
  switch (vector) {
    case DIVIDE_ERROR:
      return divideFacts(text, registers);
    case INVALID_OPCODE:
      return invalidFacts(text, registers);
    case NO_FPU:
      return [`${mnemonicOf(text)} needs the FPU, and ${fpuBit(registers)} is set`];
    case STACK_FAULT:
    case GENERAL_PROTECTION:
      return protectionFacts(text, cpl, registers);
    default:
      return [];
  }
}

function mnemonicOf(text: string): string {
  return (text.split(/\s/, 1)[0] ?? '').toUpperCase();
}

function fpuBit(registers: Registers): string {
  return ((registers.get('cr0') ?? 0n) & CR0_EM) !== 0n ? 'CR0.EM' : 'CR0.TS';
}

function divideFacts(text: string, registers: Registers): string[] {
  const [, name] = /^i?div[bwlq]? +%(\w+)$/.exec(text) ?? [];
  if (name !== undefined) {
    const value = registerValue(name, registers);
    if (value === undefined) return [];
    const divisor = name.toUpperCase();
    return [
      value === 0n
        ? `${divisor}, the divisor, is 0`
        : `${divisor}, the divisor, is ${hex(value)}, so the quotient is too large for its register`,
    ];
  }
  const [operand] = /^i?div/.test(text) ? memoryOperands(text, registers, bitsOf(registers)) : [];
  return operand ? [`the divisor is in memory at ${hex(operand.address)}: ${operand.text}`] : [];
}

function invalidFacts(text: string, registers: Registers): string[] {
  if (/^ud[012]/.test(text))
    return [
      `${mnemonicOf(text)} was put there on purpose: BUG(), a panic, an assertion, code that cannot be reached`,
    ];
  const cr4 = registers.get('cr4') ?? 0n;
  if (/%[yz]mm/.test(text) && (cr4 & CR4_OSXSAVE) === 0n)
    return ['an AVX instruction, and CR4.OSXSAVE is 0: the kernel has not enabled AVX'];
  if (/%[xm]mm?\d/.test(text) && (cr4 & CR4_OSFXSR) === 0n)
    return ['an SSE instruction, and CR4.OSFXSR is 0: the kernel has not enabled SSE'];
  if (text.startsWith('.byte'))
    return ['no instruction begins with these bytes: pc is in data, or in the middle of one'];
  return [];
}

/** Those that only CPL 0 may execute, and those that IOPL may allow. */
const PRIVILEGED =
  /^(hlt|lgdt|lidt|lldt|ltr|lmsw|clts|invlpg|invd|wbinvd|wrmsr|rdmsr|xsetbv|swapgs|sysret|sysexit|invpcid|monitor|mwait)|%[cd]r\d/;
const IOPL = /^(cli|sti|in|out|ins|outs)[bwlqx]?( |$)/;
const ALIGNED = /^(v?movap[sd]|v?movdqa|v?movntp[sd]|v?movntdqa?|fxsave|fxrstor|cmpxchg16b)/;
const ALIGNMENT = 16n;

function protectionFacts(text: string, cpl: number, registers: Registers): string[] {
  const mnemonic = mnemonicOf(text);
  if (cpl > 0 && PRIVILEGED.test(text)) return [`${mnemonic} is for CPL 0 alone, and this is CPL ${cpl}`];
  if (cpl > 0 && IOPL.test(text)) {
    const iopl = ((registers.get('rflags') ?? 0n) >> 12n) & 3n;
    return [`${mnemonic} needs CPL ≤ IOPL (or a bit in the TSS), and this is CPL ${cpl} with IOPL ${iopl}`];
  }
  if (/^wrmsr/.test(text)) return [msrText(registers)];
  if (/^rdmsr/.test(text))
    return [`RDMSR of ${hex(registerValue('ecx', registers) ?? 0n)}, which this CPU has not`];
  const write = /^mov[lq]? +%(\w+),%([cd]r\d)/.exec(text);
  if (write) {
    const value = hex(registerValue(write[1]!, registers) ?? 0n);
    return [`${value} into ${write[2]!.toUpperCase()}: a reserved bit, or bits that do not go together`];
  }
  return operandFacts(text, mnemonic, registers);
}

function msrText(registers: Registers): string {
  const [number, high, low] = ['ecx', 'edx', 'eax'].map((name) => registerValue(name, registers) ?? 0n);
  return `WRMSR of ${hex((high! << 32n) | low!)} to ${hex(number!)}: no such MSR, or a reserved bit`;
}

function operandFacts(text: string, mnemonic: string, registers: Registers): string[] {
  const operands = memoryOperands(text, registers, bitsOf(registers));
  const odd = operands.find(({ address }: Operand) => !isCanonical(address));
  if (odd) return [`${odd.text} is ${hex(odd.address)}: not canonical, so no address`];
  const [operand] = operands;
  if (ALIGNED.test(text) && operand && operand.address % ALIGNMENT !== 0n)
    return [`${operand.text} is ${hex(operand.address)}, no multiple of 16, which ${mnemonic} needs`];
  if (/^(iret|lret|ret)/.test(text))
    return [
      `what ${mnemonic} takes from the stack at ${hex(registers.get('rsp') ?? 0n)} is no place to return to`,
    ];
  return [];
}
