/**
 * Which register held the address of a memory access: by the instruction's text when there is one, else by the registers'
 * values.
 *
 * In: an instruction as src/x86 prints it (AT&T), the registers at the event. Out: the address and what it was made of.
 */
import type { Bits } from './explanation.ts';
import { hex } from './rows.ts';

export type Registers = ReadonlyMap<string, bigint>;

export interface Operand {
  readonly address: bigint;
  readonly text: string; // RAX (0x0) + 0x10
}

const MEMORY = /(?:%([c-gs]s):)?(-?0x[0-9a-f]+|-?\d+)?\((%[^)]*)\)/gi;
const ABSOLUTE = /(?:^|[\s,*])(?:%([c-gs]s):)?(0x[0-9a-f]+|\d+)(?=,|$)/gi;
const PREFIXES = /^(?:(?:rep|repe|repne|repz|repnz|lock|notrack|bnd) )+/;
/** Their operands are no access, or where the code goes. */
const NO_ACCESS = /^(lea|nop|loop|int|(in|out)[bwl]?$)/;
const BRANCH = /^(j|call)/;

/** What an instruction does to the stack beside its operands: `below` the stack pointer it writes, at it it reads. */
const STACK: readonly { readonly mnemonic: RegExp; readonly register: string; readonly below: boolean }[] = [
  { mnemonic: /^(push|call|enter)/, register: 'rsp', below: true },
  { mnemonic: /^(pop|ret|iret|lret)/, register: 'rsp', below: false },
  { mnemonic: /^leave/, register: 'rbp', below: false },
];

/** The memory that an instruction accesses, as far as its text tells. */
export function memoryOperands(text: string, registers: Registers, bits: Bits): Operand[] {
  const [mnemonic = '', ...rest] = text.replace(PREFIXES, '').split(/\s+/);
  const operands = rest.join(' ');
  const isTarget = BRANCH.test(mnemonic) && !operands.includes('*');
  const named = NO_ACCESS.test(mnemonic) || isTarget ? [] : namedOperands(operands, registers, bits);
  return [...named, ...stackOperands(mnemonic, registers, bits)];
}

function namedOperands(operands: string, registers: Registers, bits: Bits): Operand[] {
  const found = [...operands.matchAll(MEMORY)].map((match) =>
    composed(match[1], match[2], match[3]!, registers, bits),
  );
  const absolute = [...operands.matchAll(ABSOLUTE)].map((match) => ({
    address: segmentBase(match[1], '', registers, bits) + BigInt(match[2]!),
    text: 'the address in the instruction',
  }));
  return [...found, ...absolute].filter((operand) => operand !== undefined);
}

function stackOperands(mnemonic: string, registers: Registers, bits: Bits): Operand[] {
  const found = STACK.find((row) => row.mnemonic.test(mnemonic));
  const value = found && registers.get(found.register);
  if (!found || value === undefined) return [];
  const bytes = BigInt(bits / 8);
  const name = shownAs(found.register, bits);
  return [
    {
      address: BigInt.asUintN(bits === 64 ? 64 : 32, value - (found.below ? bytes : 0n)),
      text: `${name} (${hex(value)})${found.below ? ` - ${bytes}, the stack` : ', the stack'}`,
    },
  ];
}

function shownAs(register: string, bits: Bits): string {
  return (
    bits === 64 ? register : bits === 32 ? register.replace(/^r/, 'e') : register.slice(1)
  ).toUpperCase();
}

function composed(
  segment: string | undefined,
  displacement: string | undefined,
  inside: string,
  registers: Registers,
  bits: Bits,
): Operand | undefined {
  const [base = '', index = '', scale = '1'] = inside.split(',').map((part) => part.trim().replace(/^%/, ''));
  if (base === 'rip' || base === 'eip') return undefined;
  const parts: string[] = [];
  let offset = 0n;
  const from = segmentBase(segment, base, registers, bits);
  if (from !== 0n) parts.push(`${segment === undefined ? 'segment' : segment.toUpperCase()} base`);
  for (const [name, factor] of [
    [base, 1n],
    [index, BigInt(scale)],
  ] as const) {
    if (name === '') continue;
    const value = registerValue(name, registers);
    if (value === undefined) return undefined;
    offset += value * factor;
    parts.push(`${name.toUpperCase()} (${hex(value)})${factor === 1n ? '' : ` × ${factor}`}`);
  }
  if (displacement) {
    const negative = displacement.startsWith('-');
    const size = BigInt(displacement.replace('-', ''));
    offset += negative ? -size : size;
    parts.push(displacement);
  }
  const address = BigInt.asUintN(bits, offset) + from;
  return { address: BigInt.asUintN(bits === 64 ? 64 : 32, address), text: parts.join(' + ') };
}

/** In 64-bit code only FS and GS have a base. */
function segmentBase(segment: string | undefined, base: string, registers: Registers, bits: Bits): bigint {
  const name = segment ?? (/^e?[bs]p$/.test(base) ? 'ss' : 'ds');
  if (bits === 64 && name !== 'fs' && name !== 'gs') return 0n;
  return registers.get(`${name}_base`) ?? 0n;
}

/** The value of a register of any width: rax, eax, ax, al, r8d. */
export function registerValue(name: string, registers: Registers): bigint | undefined {
  const [whole, bits] = widened(name);
  const value = registers.get(whole);
  return value === undefined ? undefined : BigInt.asUintN(bits, value);
}

const WIDTHS: Readonly<Record<string, number>> = { d: 32, w: 16, b: 8 };

function widened(name: string): [string, number] {
  const numbered = /^(r\d+)([dwb])$/.exec(name);
  if (numbered) return [numbered[1]!, WIDTHS[numbered[2]!]!];
  if (/^e[a-z]{2}$/.test(name)) return [`r${name.slice(1)}`, 32];
  if (/^[a-d]l$/.test(name)) return [`r${name[0]}x`, 8];
  if (/^[sb]?[a-ds][xip]$/.test(name)) return [`r${name}`, 16];
  return [name, 64];
}

/** A structure is seldom larger. */
const NEAR_BYTES = 4096n;

/** Registers whose value is at or near an address, the nearest first; of an address near 0, those that are not above it. */
export function holders(
  address: bigint,
  registers: Registers,
  names: readonly string[],
  shown: (name: string) => string,
): string[] {
  return names
    .flatMap((name) => {
      const value = registers.get(name);
      if (value === undefined) return [];
      const distance = value > address ? value - address : address - value;
      const isNear = distance < NEAR_BYTES && (address >= NEAR_BYTES || value <= address);
      return isNear ? [{ name, value, distance }] : [];
    })
    .toSorted((a, b) => (a.distance < b.distance ? -1 : a.distance > b.distance ? 1 : 0))
    .map(({ name, value, distance }) => {
      const offset = distance === 0n ? '' : address > value ? ` + ${hex(distance)}` : ` - ${hex(distance)}`;
      return `${shown(name)} (${hex(value)})${offset}`;
    });
}

const MOST_HOLDERS = 4;

/** Which registers may have held an address, as a sentence. */
export function guessText(address: bigint, found: readonly string[]): string {
  if (found.length === 0) return 'no register is near it: a constant, or a pointer in memory';
  const isNull = address < NEAR_BYTES && found.length > 1;
  const more = found.length > MOST_HOLDERS ? ` and ${found.length - MOST_HOLDERS} more` : '';
  return `${isNull ? 'one of' : 'probably'} ${found.slice(0, MOST_HOLDERS).join(', ')}${more}`;
}
