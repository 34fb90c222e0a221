/**
 * How a displaced instruction is executed, one row per kind of instruction, with the reason.
 *
 *   emulated  in place: the target computes its effect on the CPU's registers and memory, as if it stood at its address
 *   stepped   out of line: a copy in the CPU's scratch slot is single-stepped and the result put right (step.ts)
 *
 * The first row that fits decides; an instruction without a row is stepped. A target that does not know an instruction
 * has it stepped where its row allows, and else the site is refused.
 */
import type { Displaced } from '../x86/displaced.ts';

export type Method = 'emulated' | 'stepped';

export interface MethodRow {
  readonly id: string;
  readonly fits: (displaced: Displaced) => boolean;
  readonly method: Method | 'refused';
  /** `never`: control would leave the slot without a trap, or the copy would not do what the original does. */
  readonly step: 'possible' | 'never';
  readonly why: string;
}

const named = (...names: readonly string[]): ((displaced: Displaced) => boolean) => {
  const set: ReadonlySet<string> = new Set(names);
  return ({ mnemonic }) => set.has(mnemonic);
};

/** Integer instructions whose whole effect is on general registers, arithmetic flags and memory. */
const PLAIN: readonly string[] = [
  ...['nop', 'endbr64', 'pause', 'mov', 'movzx', 'movsx', 'movsxd', 'lea', 'xchg', 'bswap'],
  ...['add', 'adc', 'sub', 'sbb', 'and', 'or', 'xor', 'cmp', 'test', 'inc', 'dec', 'neg', 'not'],
  ...['shl', 'sal', 'shr', 'sar', 'rol', 'ror', 'rcl', 'rcr', 'shld', 'shrd', 'mul', 'imul', 'div', 'idiv'],
  ...['push', 'pop', 'leave', 'enter', 'cbw', 'cwde', 'cdqe', 'cwd', 'cdq', 'cqo', 'bsf', 'bsr'],
  ...['bt', 'bts', 'btr', 'btc', 'xadd', 'cmpxchg', 'clc', 'stc', 'cmc', 'cld', 'std', 'lahf', 'sahf'],
];

export const METHODS: readonly MethodRow[] = [
  {
    id: 'breakpoint',
    fits: named('int3', 'int1'),
    method: 'refused',
    step: 'never',
    why: 'it is a breakpoint of the guest',
  },
  {
    id: 'transaction',
    fits: named('xbegin', 'xend', 'xabort', 'rsm'),
    method: 'refused',
    step: 'never',
    why: 'a breakpoint aborts what it begins or ends',
  },
  {
    id: 'far',
    fits: ({ isFar }) => isFar,
    method: 'emulated',
    step: 'never',
    why: 'it leaves the code segment that the slot is in',
  },
  {
    id: 'system call',
    fits: named('syscall', 'sysretq', 'sysretd', 'sysret', 'sysenter', 'sysexitq', 'sysexitd', 'sysexit'),
    method: 'emulated',
    step: 'never',
    why: 'the kernel masks TF on entry, so no trap would follow, and rcx would point into the slot',
  },
  {
    id: 'halt',
    fits: named('hlt', 'mwait', 'monitor'),
    method: 'emulated',
    step: 'never',
    why: 'it waits for the interrupts that a step holds back',
  },
  {
    id: 'oddly sized',
    fits: ({ isOddlySized }) => isOddlySized,
    method: 'emulated',
    step: 'never',
    why: 'its 16-bit or 32-bit address cannot name the slot',
  },
  {
    id: 'iret',
    fits: named('iret', 'iretd', 'iretq'),
    method: 'emulated',
    step: 'never',
    why: 'it loads TF, so that nobody would notice a lost trap',
  },
  {
    id: 'branch',
    fits: ({ flow }) => ['jmp', 'jcc', 'call', 'ret', 'indirect-jmp', 'indirect-call'].includes(flow),
    method: 'emulated',
    step: 'possible',
    why: 'it changes rip, the stack and nothing else',
  },
  {
    id: 'string',
    fits: ({ isString }) => isString,
    method: 'emulated',
    step: 'possible',
    why: 'a step would trap once per iteration',
  },
  {
    id: 'interrupt flag',
    fits: named('sti', 'cli'),
    method: 'emulated',
    step: 'possible',
    why: 'it changes IF, and what STI holds back for an instruction must be held back behind its original place',
  },
  {
    id: 'stack segment',
    fits: ({ loadsSs }) => loadsSs,
    method: 'emulated',
    step: 'possible',
    why: 'it holds traps back for an instruction, which in the slot would be a NOP',
  },
  {
    id: 'flags',
    fits: named('pushf', 'pushfd', 'pushfq', 'popf', 'popfd', 'popfq'),
    method: 'emulated',
    step: 'possible',
    why: 'TF of a step would be on the stack until it is cleared there',
  },
  {
    id: 'plain',
    fits: ({ isGeneral, mnemonic }) =>
      isGeneral && (PLAIN_NAMES.has(mnemonic) || /^(set|cmov)/.test(mnemonic)),
    method: 'emulated',
    step: 'possible',
    why: 'its whole effect is on general registers, flags and memory',
  },
];

const PLAIN_NAMES: ReadonlySet<string> = new Set(PLAIN);
/** Control, debug and model-specific registers, ports, descriptor tables, vectors and all that is not known here. */
const OTHER_ROW: MethodRow = {
  id: 'other',
  fits: () => true,
  method: 'stepped',
  step: 'possible',
  why: 'the processor itself does it best',
};

export function methodRow(displaced: Displaced): MethodRow {
  return METHODS.find((row) => row.fits(displaced)) ?? OTHER_ROW;
}
