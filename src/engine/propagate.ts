/**
 * Makes prepared code shorter: values that already lie somewhere are used where they are.
 *
 * In: prepared code (prepare.ts) that loads constants, built-ins and integer variables into registers by `copy`.
 * Out: the same computation with instructions reading those places themselves, without the copies that then nobody
 * reads, and for each instruction left its byte offset in the DIFO. Two passes, since branches only go forward (V6):
 * forward, what each register is a copy of, forgotten at every label; backward, which registers are still read.
 */
import { OPCODES } from '../dif/opcodes.ts';
import { PREPARED } from './prepared-opcodes.ts';

/** Bits of an instruction's operands that are registers. */
const A = 1;
const B = 2;
const C = 4;
export const WRITES_C = 8;
/** By operand, the bit that says it is read. */
export const READS = [A, B, C] as const;

const ARITHMETIC = A | B | WRITES_C;
/** How opcodes use their operands; what is not listed (branches, nop, popts, flushts) has no registers. */
const OPERANDS = operandTable();

function operandTable(): Uint8Array {
  const table = new Uint8Array(256);
  const plain = (operands: number, ...names: readonly (keyof typeof OPCODES)[]): void => {
    for (const name of names) table[OPCODES[name].op] = operands;
  };
  const prepared = (operands: number, ...names: readonly (keyof typeof PREPARED)[]): void => {
    for (const name of names) table[PREPARED[name]] = operands;
  };
  plain(
    ARITHMETIC,
    'or',
    'xor',
    'and',
    'sll',
    'srl',
    'sra',
    'sub',
    'add',
    'mul',
    'sdiv',
    'udiv',
    'srem',
    'urem',
  );
  plain(A | WRITES_C, 'ldsb', 'ldsh', 'ldsw', 'ldub', 'lduh', 'lduw', 'ldx', 'not', 'allocs');
  plain(A | B, 'cmp', 'scmp', 'bound');
  plain(A | C, 'stb', 'sth', 'stw', 'stx');
  plain(A, 'tst');
  plain(C, 'ret', 'pushtv');
  plain(WRITES_C, 'call');
  plain(B | C, 'pushtr');
  plain(A | B | C, 'copys');
  prepared(A | WRITES_C, 'copy');
  prepared(C, 'storeInt', 'storeRef', 'storeDynamic');
  prepared(B | WRITES_C, 'argument', 'uregs');
  prepared(WRITES_C, 'address', 'loadRef', 'loadDynamic', 'column8', 'column16', 'column64', 'columnF64');
  prepared(
    WRITES_C,
    'iflag',
    'nmi',
    'ipl',
    'register',
    'lowRegister',
    'noValue',
    'stackDepth',
    'caller',
    'guest',
  );
  prepared(WRITES_C, 'siteArgument');
  return table;
}

/** Bits of what an opcode does with its operands. */
export function operandsOf(op: number): number {
  return OPERANDS[op] ?? 0;
}

const FIRST_BRANCH = OPCODES.ba.op;
const LAST_BRANCH = OPCODES.bleu.op;

export interface ShortCode {
  readonly code: Int32Array;
  /** Byte offset in the DIFO of each instruction of `code`. */
  readonly offsets: Int32Array;
}

/** `registers` is the word index of register 0; register n is at `registers + 2n`. */
export function propagate(code: Int32Array, registers: number, registerCount: number): ShortCode {
  const file: RegisterFile = { first: registers, end: registers + registerCount * 2 };
  const propagated = useSources(code, file);
  return compact(propagated, findUseless(propagated, file));
}

interface RegisterFile {
  readonly first: number;
  readonly end: number;
}

/** Whether a word index is a register that can change. Register 0 cannot: it is a place like a constant's. */
function isRegister(file: RegisterFile, index: number): boolean {
  return index > file.first && index < file.end;
}

export function isBranch(op: number): boolean {
  return op >= FIRST_BRANCH && op <= LAST_BRANCH;
}

/** The code with operands that are copies replaced by what they are copies of. */
function useSources(original: Int32Array, file: RegisterFile): Int32Array {
  const code = original.slice();
  const labels = new Set<number>();
  const sources = new Map<number, number>(); // register → place outside the registers with the same value
  for (let pc = 0; pc < code.length; pc += 4) {
    if (labels.has(pc)) sources.clear();
    const op = code[pc]!;
    const operands = OPERANDS[op] ?? 0;
    for (let i = 1; i <= 3; i++) {
      const operand = code[pc + i]!;
      if ((operands & (1 << (i - 1))) !== 0) code[pc + i] = sources.get(operand) ?? operand;
    }
    const target = code[pc + 3]!;
    if ((operands & WRITES_C) !== 0) sources.delete(target);
    if (op === PREPARED.copy && !isRegister(file, code[pc + 1]!)) sources.set(target, code[pc + 1]!);
    if (op === PREPARED.storeInt) forget(sources, code[pc + 1]!);
    if (isBranch(op)) labels.add(code[pc + 1]!);
  }
  return code;
}

/** The variable at `place` changes: registers that were loaded from it keep the old value. */
function forget(sources: Map<number, number>, place: number): void {
  for (const [register, source] of sources) if (source === place) sources.delete(register);
}

/** Which instructions only fill a register that is not read afterwards; by instruction number. */
function findUseless(code: Int32Array, file: RegisterFile): readonly boolean[] {
  const count = code.length / 4;
  const useless: boolean[] = new Array(count).fill(false);
  const live: number[] = new Array(count + 1).fill(0); // bit r: register r is read from here on
  const bit = (index: number) => (isRegister(file, index) ? 1 << ((index - file.first) >> 1) : 0);
  for (let i = count - 1; i >= 0; i--) {
    const pc = i * 4;
    const op = code[pc]!;
    const operands = OPERANDS[op] ?? 0;
    let after = op === OPCODES.ret.op || op === OPCODES.ba.op ? 0 : live[i + 1]!;
    if (isBranch(op)) after |= live[code[pc + 1]! / 4]!;
    const written = (operands & WRITES_C) !== 0 ? bit(code[pc + 3]!) : 0;
    useless[i] = (op === PREPARED.copy || op === PREPARED.address) && (after & written) === 0;
    if (useless[i]) {
      live[i] = after;
      continue;
    }
    let before = after & ~written;
    if ((operands & A) !== 0) before |= bit(code[pc + 1]!);
    if ((operands & B) !== 0) before |= bit(code[pc + 2]!);
    if ((operands & C) !== 0) before |= bit(code[pc + 3]!);
    live[i] = before;
  }
  return useless;
}

/** The code without the useless instructions, branches going where they went. */
function compact(code: Int32Array, useless: readonly boolean[]): ShortCode {
  const newIndex: number[] = [];
  let kept = 0;
  for (const drop of useless) {
    newIndex.push(kept);
    if (!drop) kept++;
  }
  const short = new Int32Array(kept * 4);
  const offsets = new Int32Array(kept);
  useless.forEach((drop, i) => {
    if (drop) return;
    const to = newIndex[i]!;
    short.set(code.subarray(i * 4, i * 4 + 4), to * 4);
    if (isBranch(code[i * 4]!)) short[to * 4 + 1] = newIndex[code[i * 4 + 1]! / 4]! * 4;
    offsets[to] = i * 4;
  });
  return { code: short, offsets };
}
