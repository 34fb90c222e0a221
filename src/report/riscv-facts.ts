/**
 * What the log says of one RISC-V trap: scause or mcause in words, and what the trap value means (RISC-V privileged
 * architecture, "Supervisor Cause (scause) Register" and "Supervisor Trap Value (stval) Register").
 */
import { RISCV_GENERAL } from './detail.ts';
import type { Explained } from './explain.ts';
import { type Fact, fact } from './explanation.ts';
import { guessText, holders, type Registers } from './operand.ts';
import { named } from './places.ts';
import { riscvInstruction } from './riscv-instruction.ts';
import { bits, hex, number, type Row, text } from './rows.ts';

interface CauseDef {
  readonly title: string;
  readonly means?: string;
  /** What the trap value is. */
  readonly value: 'fetch' | 'data' | 'instruction' | 'breakpoint' | 'nothing';
}

const ACCESS = 'physical memory that is not there, or that PMP forbids';
const PAGE = 'the page tables do not allow it: no valid entry, or its R, W, X, U, A or D bit';
const ALIGNED = 'the address is not aligned, and this CPU does not do without';

const EXCEPTIONS: Readonly<Record<number, CauseDef>> = {
  0: { title: 'instruction address misaligned', means: 'a jump to an odd address', value: 'fetch' },
  1: { title: 'instruction access fault', means: ACCESS, value: 'fetch' },
  2: {
    title: 'illegal instruction',
    means: 'no such instruction, an extension or CSR that is off, or one that this mode may not use',
    value: 'instruction',
  },
  3: { title: 'breakpoint', means: 'EBREAK: BUG(), an assertion, or a debugger', value: 'breakpoint' },
  4: { title: 'load address misaligned', means: ALIGNED, value: 'data' },
  5: { title: 'load access fault', means: ACCESS, value: 'data' },
  6: { title: 'store/AMO address misaligned', means: ALIGNED, value: 'data' },
  7: { title: 'store/AMO access fault', means: ACCESS, value: 'data' },
  8: { title: 'environment call from U-mode', value: 'nothing' },
  9: { title: 'environment call from S-mode', means: 'a call of the firmware (SBI)', value: 'nothing' },
  10: { title: 'environment call from VS-mode', value: 'nothing' },
  11: { title: 'environment call from M-mode', value: 'nothing' },
  12: { title: 'instruction page fault', means: PAGE, value: 'fetch' },
  13: { title: 'load page fault', means: PAGE, value: 'data' },
  15: { title: 'store/AMO page fault', means: PAGE, value: 'data' },
  16: { title: 'double trap', value: 'nothing' },
  18: {
    title: 'software check',
    means: 'a return address or landing pad that is not the one expected',
    value: 'nothing',
  },
  19: { title: 'hardware error', value: 'data' },
  20: { title: 'instruction guest-page fault', value: 'fetch' },
  21: { title: 'load guest-page fault', value: 'data' },
  22: { title: 'virtual instruction', value: 'instruction' },
  23: { title: 'store/AMO guest-page fault', value: 'data' },
};

const INTERRUPTS: Readonly<Record<number, string>> = {
  1: 'supervisor software interrupt',
  2: 'virtual supervisor software interrupt',
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  6: 'virtual supervisor timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  10: 'virtual supervisor external interrupt',
  11: 'machine external interrupt',
  12: 'supervisor guest external interrupt',
  13: 'counter-overflow interrupt',
};

export function riscvTitle(row: Row): string {
  const cause = number(row, 'vector');
  if (text(row, 'kind') === 'interrupt') return INTERRUPTS[cause] ?? `interrupt ${cause}`;
  return exceptionTitle(cause);
}

export function exceptionTitle(cause: number): string {
  return EXCEPTIONS[cause]?.title ?? `exception ${cause}`;
}

export function riscvFacts(given: Explained, row: Row, registers: Registers): Fact[] {
  const cause = number(row, 'vector');
  const isInterrupt = text(row, 'kind') === 'interrupt';
  const known = isInterrupt ? undefined : EXCEPTIONS[cause];
  const pc = bits(row, 'pc');
  return [
    ...(known?.means === undefined ? [] : [fact('meaning', known.means)]),
    fact('cause', `${cause}${isInterrupt ? ' with the interrupt bit' : ''}: ${riscvTitle(row)}`),
    fact('pc', named(given, pc)),
    ...(known === undefined ? [] : valueFacts(given, known.value, pc, registers)),
    ...modeFacts(row),
  ];
}

function valueFacts(given: Explained, value: CauseDef['value'], pc: bigint, registers: Registers): Fact[] {
  const tval = registers.get('tval');
  if (tval === undefined || value === 'nothing') return [];
  switch (value) {
    case 'instruction':
      return [fact('instruction', ...riscvInstruction(tval))];
    case 'breakpoint':
      return tval === 0n || tval === pc ? [] : [fact('address', named(given, tval))];
    case 'fetch':
      return [addressFact(given, tval), fact('fetch', fetchText(tval, pc))];
    case 'data':
      return [addressFact(given, tval), ...holderFacts(tval, registers)];
  }
}

function addressFact(given: Explained, tval: bigint): Fact {
  const kind = riscvAddressKind(tval);
  return fact('address', `${named(given, tval)}${kind === undefined ? '' : `, ${kind}`}`);
}

function holderFacts(tval: bigint, registers: Registers): Fact[] {
  const known = RISCV_GENERAL.filter((name) => name !== 'x0' && registers.has(name));
  if (known.length === 0) return [];
  const found = holders(tval, registers, known, callingName);
  return [fact('from', guessText(tval, found))];
}

const CALLING_NAMES = [
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
  ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
  ...['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
];

/** x10 → a0 */
export function callingName(name: string): string {
  return CALLING_NAMES[Number(name.slice(1))] ?? name;
}

/** A 32-bit instruction may begin on one page and end on the next. */
function fetchText(tval: bigint, pc: bigint): string {
  if (tval === pc)
    return 'address and pc are the same: a jump or a return went there, or it is the trap handler itself';
  return tval === pc + 2n
    ? 'the second half of the instruction, on the next page, could not be fetched'
    : 'the instruction itself could not be fetched';
}

const PAGE_BYTES = 4096n;

/** Sv39 extends bit 38, Sv48 bit 47: what neither could be is no address. Bare and Sv32 have no such rule. */
export function riscvAddressKind(address: bigint): string | undefined {
  if (address === 0n) return 'the null pointer';
  if (address < PAGE_BYTES)
    return `${address} bytes behind the null pointer: a field of a structure that is not there`;
  if (address >= (1n << 64n) - PAGE_BYTES)
    return `-${(1n << 64n) - address}: a negative error number or index used as a pointer`;
  const top = address >> 47n;
  if (top !== 0n && top !== 0x1ffffn) return 'not canonical for Sv39 nor Sv48, so no address';
  return top === 0n ? undefined : 'in the upper half, where kernels lie';
}

/** Who handled it depends on medeleg and mideleg, which the log of a trap does not have. */
function modeFacts(row: Row): Fact[] {
  const isInterrupt = text(row, 'kind') === 'interrupt';
  const register = isInterrupt ? 'mideleg' : 'medeleg';
  const bit = number(row, 'vector');
  const level = Number(BigInt.asIntN(64, bits(row, 'level')));
  if (level === 3) return [fact('handled', 'in M-mode: traps of M-mode stay there')];
  return [
    fact(
      'handled',
      `in S-mode if ${register} bit ${bit} (${hex(1n << BigInt(bit))}) is set and it came from below M, else in M-mode`,
    ),
  ];
}
