/** What the log says of one x86 exception, each fact in a line: the error code, the address, tables, who held the pointer. */
import { GENERAL } from './detail.ts';
import { addressKind, explainErrorCode, isCanonical, selectorError } from './error-codes.ts';
import type { Explained } from './explain.ts';
import { MEANINGS } from './meanings.ts';
import { holders, memoryOperands, type Operand, type Registers } from './operand.ts';
import { plural } from './report-text.ts';
import { bits, hex, number, type Row, rowsOf, text } from './rows.ts';
import { DOUBLE_FAULT, GENERAL_PROTECTION, PAGE_FAULT } from './vectors.ts';

/** Accesses of one instruction are no longer: a fault may be at any page that they touch. */
const MAX_ACCESS_BYTES = 64n;
const CR0_PG = 1n << 31n;
const EFER_LMA = 0x400n;

export function fact(name: string, value: string): string {
  return `  ${name.padEnd(10)} ${value}\n`;
}

export function named({ code }: Explained, address: bigint): string {
  const name = code.name(address);
  return name === undefined ? hex(address) : `${hex(address)} ${name}`;
}

export function facts(given: Explained, row: Row, registers: Registers): string {
  const vector = number(row, 'vector');
  const lines: string[] = [];
  const isException = vector < 32 && text(row, 'kind') !== 'soft';
  if (isException && MEANINGS[vector]) lines.push(fact('meaning', MEANINGS[vector]));
  const errorCode = bits(row, 'error');
  const codes = isException ? explainErrorCode(vector, errorCode) : [];
  for (const [i, line] of codes.entries())
    lines.push(i === 0 ? fact('error code', `${hex(errorCode)}: ${line}`) : fact('', line));
  lines.push(fact('pc', named(given, bits(row, 'pc'))));
  if (vector === PAGE_FAULT) lines.push(...pageFaultFacts(given, row, registers));
  else if (isException && errorCode !== 0n && vector !== DOUBLE_FAULT)
    lines.push(...selectorFacts(errorCode, registers));
  else if (vector === GENERAL_PROTECTION) lines.push(...canonicalFacts(registers));
  lines.push(...gateFacts(vector, registers));
  const flags = registers.get('rflags');
  if (flags !== undefined) {
    const mode = modeOf(registers);
    lines.push(
      fact(
        'state',
        `${mode}, interrupts ${(flags & 0x200n) === 0n ? 'disabled' : 'enabled'} (IF), address space CR3 ${hex(registers.get('cr3') ?? 0n)}`,
      ),
    );
  }
  return lines.join('');
}

/** An exception without a gate cannot be delivered. */
function gateFacts(vector: number, registers: Registers): string[] {
  const limit = registers.get('idt_limit');
  const bytes = isLong(registers) ? 16n : 8n;
  if (limit === undefined || ((registers.get('cr0') ?? 0n) & 1n) === 0n) return [];
  if (BigInt(vector + 1) * bytes <= limit + 1n) return [];
  const base = hex(registers.get('idt_base') ?? 0n);
  return [fact('gate', `none: the IDT at ${base} has limit ${hex(limit)}, so it cannot be delivered`)];
}

function isLong(registers: Registers): boolean {
  return ((registers.get('efer') ?? 0n) & EFER_LMA) !== 0n;
}

/** RAX, or EAX of code that is not 64-bit. */
export function shown(name: string, registers: Registers): string {
  return (isLong(registers) ? name : name.replace(/^r(?=[a-z])/, 'e')).toUpperCase();
}

function modeOf(registers: Registers): string {
  const [cr0, efer] = [registers.get('cr0') ?? 0n, registers.get('efer') ?? 0n];
  if ((cr0 & 1n) === 0n) return 'real mode';
  if ((cr0 & CR0_PG) === 0n) return 'protected mode, paging off';
  return (efer & EFER_LMA) !== 0n ? 'long mode' : 'protected mode, paging on';
}

function pageFaultFacts(given: Explained, row: Row, registers: Registers): string[] {
  const [address, pc] = [bits(row, 'address'), bits(row, 'pc')];
  const kind = addressKind(address);
  const lines = [fact('address', `${named(given, address)}${kind ? `, ${kind}` : ''}`)];
  if (address !== pc) {
    const operand = operandsOf(given, pc, registers).find((candidate) => covers(candidate, address));
    if (operand) lines.push(fact('from', `${operand.text}, says the code`));
    else {
      const found = holders(address, registers, (name) => shown(name, registers));
      const why = address < 4096n && found.length > 1 ? 'one of' : 'probably';
      lines.push(
        fact(
          'from',
          found.length === 0
            ? 'no register is near it: a constant, or a pointer in memory'
            : `${why} ${found.slice(0, 4).join(', ')}`,
        ),
      );
    }
    return lines;
  }
  lines.push(fact('fetch', 'address and pc are the same: the instruction itself could not be fetched'));
  const [cr0, rax] = [registers.get('cr0') ?? 0n, registers.get('rax')];
  if ((cr0 & CR0_PG) !== 0n && rax !== undefined && rax === cr0) {
    lines.push(
      fact(
        '',
        'RAX holds the value of CR0 with PG set: the instruction before turned paging on, and the code that did so is not',
      ),
      fact('', `mapped by the page tables at CR3 ${hex(registers.get('cr3') ?? 0n)}`),
    );
  } else {
    const pointers = GENERAL.filter((name) => registers.get(name) === pc).map((name) =>
      shown(name, registers),
    );
    const through = pointers.length > 0 ? `: ${pointers.join(', ')} holds it` : '';
    lines.push(
      fact('', `so a jump, call or return went there, or it is a handler that is not mapped${through}`),
    );
  }
  lines.push(...missingMemory(given, registers.get('cr3') ?? 0n));
  return lines;
}

/** Accesses to nothing before a fetch that fails: the kernel or its page tables may not fit into the machine. */
function missingMemory({ rows }: Explained, cr3: bigint): string[] {
  const [errors] = rowsOf(rows, 'errors');
  if (!errors) return [];
  const end = (word: string) => bits(rowsOf(rows, word)[0] ?? errors, 'address');
  const [low, high] = [end('errorslow'), end('errorshigh')];
  const isThere = cr3 >= low && cr3 <= high ? ', and the page tables are there' : '';
  const span = `${hex(low)} to ${hex(high)}`;
  return [
    fact(
      'memory',
      `before it ${plural(number(errors, 'count'), 'access', 'accesses')} to physical memory that does not exist, ${span}${isThere}:`,
    ),
    fact('', 'the machine has too little memory for this kernel'),
  ];
}

/** What the instruction at pc accesses, as far as its text tells. */
export function operandsOf({ code, report }: Explained, pc: bigint, registers: Registers): Operand[] {
  const line = code.around(pc)?.find(({ address }) => address === pc);
  if (!line || report.architecture !== 'x86') return [];
  return memoryOperands(line.text, registers, isLong(registers) ? 64 : 32);
}

export function covers({ address }: Operand, fault: bigint): boolean {
  return fault >= address && fault < address + MAX_ACCESS_BYTES;
}

/** A selector or gate: whether its table has it, and which register holds it. */
function selectorFacts(errorCode: bigint, registers: Registers): string[] {
  const { table, index } = selectorError(Number(errorCode));
  const lines: string[] = [];
  if (table === 'LDT') {
    if (registers.get('ldt') === 0n) lines.push(fact('table', 'LDTR is 0: there is no LDT'));
  } else {
    const limit = registers.get(`${table.toLowerCase()}_limit`);
    const bytes = table === 'IDT' && isLong(registers) ? 16n : 8n;
    if (limit !== undefined) {
      const has = (limit + 1n) / bytes;
      const base = hex(registers.get(`${table.toLowerCase()}_base`) ?? 0n);
      const verdict =
        BigInt(index) < has
          ? `entry ${index} is within it, so what it says is wrong: not present, or of a wrong type or level`
          : `it has no entry ${index}`;
      lines.push(fact('table', `the ${table} at ${base} has limit ${hex(limit)}: ${verdict}`));
    }
  }
  if (table === 'IDT') return lines;
  const selector = errorCode & 0xfffcn;
  const found = GENERAL.filter((name) => ((registers.get(name) ?? 0n) & ~3n) === selector);
  if (found.length > 0)
    lines.push(
      fact(
        'from',
        `probably ${found.map((name) => `${shown(name, registers)} (${hex(registers.get(name)!)})`).join(', ')}`,
      ),
    );
  return lines;
}

function canonicalFacts(registers: Registers): string[] {
  const odd = GENERAL.filter((name) => !isCanonical(registers.get(name) ?? 0n));
  if (odd.length === 0) return [];
  return [
    fact(
      'from',
      `probably ${odd.map((name) => `${shown(name, registers)} (${hex(registers.get(name)!)})`).join(', ')}: not canonical, so no address`,
    ),
  ];
}
