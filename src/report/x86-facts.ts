/** What the log says of one x86 exception, each fact in a line: the error code, the address, tables, who held the pointer. */
import { instructionAt } from './code-section.ts';
import { GENERAL } from './detail.ts';
import { addressKind, explainErrorCode, isCanonical, selectorError } from './error-codes.ts';
import type { Explained } from './explain.ts';
import { type Fact, fact } from './explanation.ts';
import { instructionFacts } from './instruction.ts';
import { MEANINGS } from './meanings.ts';
import { guessText, holders, memoryOperands, type Operand, type Registers } from './operand.ts';
import { named } from './places.ts';
import { plural } from './report-text.ts';
import { bits, hex, number, type Row, rowsOf, text } from './rows.ts';
import { DOUBLE_FAULT, GENERAL_PROTECTION, isException, PAGE_FAULT } from './vectors.ts';
import { bitsOf, isLong, isPaging, isReal, modeOf, realVector, segmentAndOffset, shown } from './x86-mode.ts';

/** Accesses of one instruction are no longer: a fault may be at any page that they touch. */
const MAX_ACCESS_BYTES = 64n;

const USER = 3;
const FIRST_USE = 'or it is the first use of a page of the program, which the kernel then loads: no error';

export function x86Facts(given: Explained, row: Row, registers: Registers): Fact[] {
  const vector = number(row, 'vector');
  const hasFaulted = isException(vector) && text(row, 'kind') !== 'soft';
  const errorCode = bits(row, 'error');
  const codes = hasFaulted ? explainErrorCode(vector, errorCode) : [];
  return [
    ...meaningFacts(vector, hasFaulted, registers),
    ...(codes.length > 0 ? [fact('error code', `${hex(errorCode)}: ${codes[0]}`, ...codes.slice(1))] : []),
    pcFact(given, row, registers),
    ...(hasFaulted ? causeFacts(given, row, registers) : []),
    ...gateFacts(vector, registers),
    ...stateFacts(registers),
  ];
}

function meaningFacts(vector: number, hasFaulted: boolean, registers: Registers): Fact[] {
  const firmware = isReal(registers) ? realVector(vector) : undefined;
  if (firmware !== undefined) return [fact('meaning', `in real mode: ${firmware}`)];
  const meaning = hasFaulted || vector === 2 ? MEANINGS[vector] : undefined;
  return meaning === undefined ? [] : [fact('meaning', meaning)];
}

function pcFact(given: Explained, row: Row, registers: Registers): Fact {
  const place = segmentAndOffset(registers);
  return fact('pc', `${named(given, bits(row, 'pc'))}${place === undefined ? '' : ` (${place})`}`);
}

/** What in particular raised it. */
function causeFacts(given: Explained, row: Row, registers: Registers): Fact[] {
  const vector = number(row, 'vector');
  if (vector === PAGE_FAULT) return pageFaultFacts(given, row, registers);
  const instruction = instructionAt(given.code, bits(row, 'pc'), registers);
  const errorCode = bits(row, 'error');
  const said =
    instruction === undefined || errorCode !== 0n
      ? []
      : instructionFacts(vector, number(row, 'level'), instruction, registers);
  if (said.length > 0) return [fact('because', ...said.map((line) => `${line}, says the code`))];
  if (errorCode !== 0n && vector !== DOUBLE_FAULT) return selectorFacts(errorCode, registers);
  return vector === GENERAL_PROTECTION ? canonicalFacts(registers) : [];
}

/** An exception without a gate cannot be delivered. */
function gateFacts(vector: number, registers: Registers): Fact[] {
  const limit = registers.get('idt_limit');
  if (limit === undefined) return [];
  const bytes = isReal(registers) ? 4n : isLong(registers) ? 16n : 8n;
  if (BigInt(vector + 1) * bytes <= limit + 1n) return [];
  const base = hex(registers.get('idt_base') ?? 0n);
  return [fact('gate', `none: the IDT at ${base} has limit ${hex(limit)}, so it cannot be delivered`)];
}

function stateFacts(registers: Registers): Fact[] {
  const flags = registers.get('rflags');
  if (flags === undefined) return [];
  const interrupts = (flags & 0x200n) === 0n ? 'disabled' : 'enabled';
  const space = `address space CR3 ${hex(registers.get('cr3') ?? 0n)}`;
  return [fact('state', `${modeOf(registers)}, interrupts ${interrupts} (IF), ${space}`)];
}

// ---------------------------------------------------------------------------------------------- page faults

function pageFaultFacts(given: Explained, row: Row, registers: Registers): Fact[] {
  const [address, pc] = [bits(row, 'address'), bits(row, 'pc')];
  const kind = addressKind(address);
  const about = fact('address', `${named(given, address)}${kind ? `, ${kind}` : ''}`);
  if (address !== pc) return [about, fact('from', fromText(given, address, pc, registers))];
  return [about, fetchFact(row, registers), ...missingMemory(given, registers.get('cr3') ?? 0n)];
}

function fromText(given: Explained, address: bigint, pc: bigint, registers: Registers): string {
  const operand = operandsOf(given, pc, registers).find((candidate) => covers(candidate, address));
  if (operand) return `${operand.text}, says the code`;
  return guessText(
    address,
    holders(address, registers, GENERAL, (name) => shown(name, registers)),
  );
}

function fetchFact(row: Row, registers: Registers): Fact {
  const pc = bits(row, 'pc');
  const rax = registers.get('rax');
  const hasTurnedPagingOn = isPaging(registers) && rax !== undefined && rax === registers.get('cr0');
  return fact(
    'fetch',
    'address and pc are the same: the instruction itself could not be fetched',
    ...(hasTurnedPagingOn ? pagingLines(registers) : [jumpLine(registers, pc)]),
    ...(number(row, 'level') === USER ? [FIRST_USE] : []),
  );
}

function pagingLines(registers: Registers): string[] {
  return [
    `${shown('rax', registers)} holds the value of CR0 with PG set: the instruction before turned paging on, and the code that did so is not`,
    `mapped by the page tables at CR3 ${hex(registers.get('cr3') ?? 0n)}`,
  ];
}

function jumpLine(registers: Registers, pc: bigint): string {
  const pointers = GENERAL.filter((name) => registers.get(name) === pc).map((name) => shown(name, registers));
  const through = pointers.length > 0 ? `: ${pointers.join(', ')} holds it` : '';
  return `so a jump, call or return went there, or it is a handler that is not mapped${through}`;
}

/** Accesses to nothing before a fetch that fails: the kernel or its page tables may not fit into the machine. */
function missingMemory({ rows }: Explained, cr3: bigint): Fact[] {
  const [errors] = rowsOf(rows, 'errors');
  if (!errors) return [];
  const end = (word: string) => bits(rowsOf(rows, word)[0] ?? errors, 'address');
  const [low, high] = [end('errorslow'), end('errorshigh')];
  const isThere = cr3 >= low && cr3 <= high ? ', and the page tables are there' : '';
  const span = `${hex(low)} to ${hex(high)}`;
  const count = plural(number(errors, 'count'), 'access', 'accesses');
  return [
    fact(
      'memory',
      `before it ${count} to physical memory that does not exist, ${span}${isThere}:`,
      'the machine has too little memory for this kernel',
    ),
  ];
}

/** What the instruction at pc accesses, as far as its text tells. */
function operandsOf({ code }: Explained, pc: bigint, registers: Registers): Operand[] {
  const instruction = instructionAt(code, pc, registers);
  return instruction === undefined ? [] : memoryOperands(instruction, registers, bitsOf(registers));
}

function covers({ address }: Operand, fault: bigint): boolean {
  return fault >= address && fault < address + MAX_ACCESS_BYTES;
}

// ---------------------------------------------------------------------------------------------- selectors and odd addresses

/** A selector or gate: whether its table has it, and which register holds it. */
function selectorFacts(errorCode: bigint, registers: Registers): Fact[] {
  const { table, index } = selectorError(Number(errorCode));
  const about = table === 'LDT' ? ldtFacts(registers) : tableFacts(table, index, registers);
  if (table === 'IDT') return about;
  const selector = errorCode & 0xfffcn;
  const found = GENERAL.filter((name) => ((registers.get(name) ?? 0n) & ~3n) === selector);
  return found.length === 0 ? about : [...about, fact('from', `probably ${valuesOf(found, registers)}`)];
}

function ldtFacts(registers: Registers): Fact[] {
  return registers.get('ldt') === 0n ? [fact('table', 'LDTR is 0: there is no LDT')] : [];
}

function tableFacts(table: 'IDT' | 'GDT', index: number, registers: Registers): Fact[] {
  const limit = registers.get(`${table.toLowerCase()}_limit`);
  if (limit === undefined) return [];
  const bytes = table === 'IDT' && isLong(registers) ? 16n : 8n;
  const has = (limit + 1n) / bytes;
  const base = hex(registers.get(`${table.toLowerCase()}_base`) ?? 0n);
  const verdict =
    BigInt(index) < has
      ? `entry ${index} is within it, so what it says is wrong: not present, or of a wrong type or level`
      : `it has no entry ${index}`;
  return [fact('table', `the ${table} at ${base} has limit ${hex(limit)}: ${verdict}`)];
}

function canonicalFacts(registers: Registers): Fact[] {
  const odd = GENERAL.filter((name) => !isCanonical(registers.get(name) ?? 0n));
  if (odd.length === 0) return [];
  return [fact('from', `probably ${valuesOf(odd, registers)}: not canonical, so no address`)];
}

function valuesOf(names: readonly string[], registers: Registers): string {
  return names.map((name) => `${shown(name, registers)} (${hex(registers.get(name)!)})`).join(', ');
}
