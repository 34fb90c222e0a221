/**
 * Which register held the address of a memory access: by the instruction's text when there is one, else by the registers'
 * values.
 *
 * In: an instruction as src/x86 prints it (AT&T), the registers at the event. Out: the address and what it was made of.
 */
import { GENERAL } from './detail.ts';
import { hex } from './rows.ts';

export type Registers = ReadonlyMap<string, bigint>;

export interface Operand {
  readonly address: bigint;
  readonly text: string; // RAX (0x0) + 0x10
}

const MEMORY = /(?:%([c-gs]s):)?(-?0x[0-9a-f]+|-?\d+)?\((%[^)]*)\)/gi;
const ABSOLUTE = /(?:^|[\s,])(?:%([c-gs]s):)?(0x[0-9a-f]+)(?=,|$)/gi;
/** Their operands are where the code goes, or no access at all. */
const NO_ACCESS = /^(lea|nop|j|loop|int|call|ret|push|pop|enter|leave)/;

/** The memory operands of an instruction that say what it accesses: none of those that only use the stack or branch. */
export function memoryOperands(text: string, registers: Registers, bitness: 32 | 64): Operand[] {
  const [mnemonic = '', ...rest] = text.replace(/^(rep|repe|repne|repz|repnz|lock) /, '').split(/\s+/);
  if (NO_ACCESS.test(mnemonic)) return [];
  const operands = rest.join(' ');
  const found = [...operands.matchAll(MEMORY)].map((match) =>
    composed(match[1], match[2], match[3]!, registers, bitness),
  );
  const absolute = [...operands.matchAll(ABSOLUTE)].map((match) => ({
    address: segmentBase(match[1], registers) + BigInt(match[2]!),
    text: 'the address in the instruction',
  }));
  return [...found, ...absolute].filter((operand) => operand !== undefined);
}

function composed(
  segment: string | undefined,
  displacement: string | undefined,
  inside: string,
  registers: Registers,
  bitness: 32 | 64,
): Operand | undefined {
  const [base = '', index = '', scale = '1'] = inside.split(',').map((part) => part.trim().replace(/^%/, ''));
  if (base === 'rip' || base === 'eip') return undefined;
  const parts: string[] = [];
  let address = segmentBase(segment, registers);
  if (segment && address !== 0n) parts.push(`${segment.toUpperCase()} base`);
  for (const [name, factor] of [
    [base, 1n],
    [index, BigInt(scale)],
  ] as const) {
    if (name === '') continue;
    const value = registers.get(wide(name));
    if (value === undefined) return undefined;
    address += value * factor;
    parts.push(`${name.toUpperCase()} (${hex(value)})${factor === 1n ? '' : ` × ${factor}`}`);
  }
  if (displacement) {
    const negative = displacement.startsWith('-');
    address += negative ? -BigInt(displacement.slice(1)) : BigInt(displacement);
    parts.push(displacement);
  }
  return { address: BigInt.asUintN(bitness, address), text: parts.join(' + ') };
}

function segmentBase(segment: string | undefined, registers: Registers): bigint {
  return segment === 'fs' || segment === 'gs' ? (registers.get(`${segment}_base`) ?? 0n) : 0n;
}

/** eax → rax, r8d → r8 */
function wide(name: string): string {
  if (/^e[a-z]{2}$/.test(name)) return `r${name.slice(1)}`;
  return name.replace(/^(r\d+)d$/, '$1');
}

/** A structure is seldom larger. */
const NEAR_BYTES = 4096n;

/** Registers whose value is at or near an address, the nearest first; of an address near 0, those that hold 0. */
export function holders(address: bigint, registers: Registers, shown: (name: string) => string): string[] {
  return GENERAL.flatMap((name) => {
    const value = registers.get(name);
    if (value === undefined) return [];
    const distance = value > address ? value - address : address - value;
    return distance < NEAR_BYTES ? [{ name, value, distance }] : [];
  })
    .toSorted((a, b) => (a.distance < b.distance ? -1 : a.distance > b.distance ? 1 : 0))
    .map(({ name, value, distance }) => {
      const offset = distance === 0n ? '' : address > value ? ` + ${hex(distance)}` : ` - ${hex(distance)}`;
      return `${shown(name)} (${hex(value)})${offset}`;
    });
}
