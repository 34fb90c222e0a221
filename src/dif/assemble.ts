/**
 * Text → Difo: the inverse of dif/disassemble.ts, and a comfortable way to write DIF by hand.
 *
 * In: lines. Each is one of
 *   DIFO … returns D type (integer) (size 4)      the result; without it a signed 64-bit integer
 *   name:                                         a label, alone or before an instruction
 *   [OFF: [WORD]] mnemonic operands [! comment]   offset and word of a listing are skipped, not believed
 *   DT_INTEGER[0] = 0x5    DT_STRING[0] = "abc"   a table entry, in order, as listings end with
 *   NAME …                                        the variable table of a listing: skipped to the next empty line
 * Operands are as listed (`%r1`, `DT_VAR(0x101)`, `DIF_SUBR(12)`, `DT_TYPE(1)`, `DT_INTEGER[0]`, `DT_STRING[4]`,
 * branch targets by number), or easier: a label, a subroutine's or built-in variable's name, and for setx and sets
 * the constant itself, which is entered into the table. Out: the Difo, or the first line that is wrong and why.
 *
 * It promises nothing about the code but its form; dif/verify.ts judges.
 */
import { builtinId } from './builtin-ids.ts';
import { addressOperand } from './disassemble.ts';
import { encode, MNEMONICS, type OperandRole, operandFields } from './encode.ts';
import type { Mnemonic } from './opcodes.ts';
import type { Difo, ValueShape } from './program.ts';
import { parseShape, plainShape } from './shape-text.ts';
import { unquote } from './string-table.ts';
import { SUBROUTINES } from './subroutines.ts';

export interface AssemblyError {
  readonly line: number; // 1-based
  readonly error: string;
}

interface PendingBranch {
  readonly at: number; // index of the branch in `code`
  readonly label: string;
  readonly line: number;
}

interface Assembly {
  readonly code: number[];
  readonly integers: bigint[];
  readonly strings: number[];
  readonly labels: Map<string, number>;
  readonly branches: PendingBranch[];
  result: ValueShape;
  inVariableTable: boolean;
}

const MNEMONIC_SET: ReadonlySet<string> = new Set(MNEMONICS);
const INSTRUCTION = /^(?:\d+:\s*)?(?:[0-9a-f]{8}\s+)?([a-z]+)(?:\s+(.*))?$/;
const WORD = /^(?:\d+:\s*)?(?:[0-9a-f]{8}\s+)?\.word\s+0x([0-9a-f]{1,8})$/;
const LABEL = /^([A-Za-z_.][\w.]*):\s*/;
const TABLE_ENTRY = /^DT_(INTEGER|STRING)\[(\d+)\]\s*=\s*(.*)$/;
const HEADING = /^DIFO \S+ returns (.*)$/;
/** Operands are separated by commas outside quotes. */
const OPERANDS = /"(?:[^"\\]|\\.)*"|[^,"\s][^,"]*/g;
const INTEGER_TEXT = /^-?(?:0x[0-9a-f]+|\d+)$/i;

export function assemble(source: string): Difo | AssemblyError {
  const assembly: Assembly = {
    code: [],
    integers: [],
    strings: [],
    labels: new Map(),
    branches: [],
    result: plainShape('int', 8, true),
    inVariableTable: false,
  };
  const lines = source.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const error = takeLine(assembly, withoutComment(lines[i] ?? '').trim(), i + 1);
    if (error !== undefined) return { line: i + 1, error };
  }
  return resolveBranches(assembly) ?? finish(assembly);
}

/** Cut from the first `!` that is not inside quotes. */
function withoutComment(line: string): string {
  return /^(?:"(?:[^"\\]|\\.)*"|[^!"])*/.exec(line)?.[0] ?? line;
}

/** Each `take…` returns what is wrong with its line, if anything. */
function takeLine(assembly: Assembly, text: string, line: number): string | undefined {
  if (text === '') assembly.inVariableTable = false;
  if (text === '' || assembly.inVariableTable || text.startsWith('OFF OPCODE')) return undefined;
  if (text.startsWith('NAME ')) {
    assembly.inVariableTable = true;
    return undefined;
  }
  const heading = HEADING.exec(text);
  if (heading) return takeResult(assembly, heading[1] ?? '');
  const entry = TABLE_ENTRY.exec(text);
  if (entry) return takeTableEntry(assembly, entry[1] ?? '', Number(entry[2]), entry[3] ?? '');
  const label = LABEL.exec(text);
  if (label) {
    if (assembly.labels.has(label[1] ?? '')) return `label ${label[1]} is defined twice`;
    assembly.labels.set(label[1] ?? '', assembly.code.length);
    return takeLine(assembly, text.slice(label[0].length), line);
  }
  return takeInstruction(assembly, text, line);
}

function takeResult(assembly: Assembly, text: string): string | undefined {
  const shape = parseShape(text.trim());
  if (shape === undefined) return `"${text}" does not describe a result`;
  assembly.result = shape;
  return undefined;
}

function takeTableEntry(assembly: Assembly, table: string, index: number, text: string): string | undefined {
  const expected = table === 'INTEGER' ? assembly.integers.length : assembly.strings.length;
  if (index !== expected) return `DT_${table}[${index}] is out of order: the next entry is [${expected}]`;
  if (table === 'INTEGER') {
    const value = parseInteger(text);
    if (value === undefined) return `"${text}" is not a 64-bit integer`;
    assembly.integers.push(value);
    return undefined;
  }
  const bytes = unquote(text);
  if (bytes === undefined) return `${text} is not a quoted string`;
  assembly.strings.push(...bytes, 0);
  return undefined;
}

function takeInstruction(assembly: Assembly, text: string, line: number): string | undefined {
  const word = WORD.exec(text);
  if (word) {
    assembly.code.push(Number.parseInt(word[1] ?? '0', 16));
    return undefined;
  }
  const match = INSTRUCTION.exec(text);
  if (match === null) return `"${text}" is not an instruction`;
  const mnemonic = match[1] ?? '';
  if (!isMnemonic(mnemonic)) return `${mnemonic} is not an opcode`;
  const texts = (match[2] ?? '').match(OPERANDS) ?? [];
  const fields = operandFields(mnemonic);
  if (texts.length !== fields.length) {
    return `${mnemonic} takes ${fields.length} operands, found ${texts.length}`;
  }
  const operands: number[] = [];
  for (const [i, field] of fields.entries()) {
    const operand = withoutBrackets(mnemonic, i, (texts[i] ?? '').trim());
    const value = operandValue(assembly, field.role, operand, line);
    if (value === undefined) return `${operand} is not what ${mnemonic} takes as operand ${i + 1}`;
    if (value >= 2 ** field.bits) return `${operand} is too large for ${mnemonic}`;
    operands.push(value);
  }
  assembly.code.push(encode(mnemonic, operands));
  return undefined;
}

function isMnemonic(text: string): text is Mnemonic {
  return MNEMONIC_SET.has(text);
}

function withoutBrackets(mnemonic: Mnemonic, index: number, text: string): string {
  return addressOperand(mnemonic) === index ? text.replace(/^\[\s*(.*?)\s*\]$/, '$1') : text;
}

function operandValue(assembly: Assembly, role: OperandRole, text: string, line: number): number | undefined {
  switch (role) {
    case 'read':
    case 'write':
      return numberIn(/^%r(\d+)$/, text);
    case 'label':
      return labelValue(assembly, text, line);
    case 'integer':
      return numberIn(/^DT_INTEGER\[(\d+)\]$/, text) ?? internInteger(assembly, text);
    case 'string':
      return numberIn(/^DT_STRING\[(\d+)\]$/, text) ?? internString(assembly, text);
    case 'variable':
    case 'array':
      return numberIn(/^DT_VAR\((\w+)\)$/, text) ?? builtinId(text);
    case 'subroutine':
      return numberIn(/^DIF_SUBR\((\w+)\)$/, text) ?? SUBROUTINE_IDS.get(text);
    case 'type':
      return numberIn(/^DT_TYPE\((\d+)\)$/, text);
  }
}

const SUBROUTINE_IDS: ReadonlyMap<string, number> = new Map(
  Object.entries(SUBROUTINES).map(([name, row]) => [name, row.id]),
);

function numberIn(pattern: RegExp, text: string): number | undefined {
  const digits = pattern.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A label that is not known yet encodes as 0 and is put right at the end. */
function labelValue(assembly: Assembly, text: string, line: number): number | undefined {
  const absolute = numberIn(/^(\d+)$/, text);
  if (absolute !== undefined) return absolute;
  if (!/^[A-Za-z_.][\w.]*$/.test(text)) return undefined;
  assembly.branches.push({ at: assembly.code.length, label: text, line });
  return 0;
}

function resolveBranches(assembly: Assembly): AssemblyError | undefined {
  for (const branch of assembly.branches) {
    const target = assembly.labels.get(branch.label);
    if (target === undefined) return { line: branch.line, error: `label ${branch.label} is not defined` };
    assembly.code[branch.at] = (assembly.code[branch.at] ?? 0) + target;
  }
  return undefined;
}

function parseInteger(text: string): bigint | undefined {
  if (!INTEGER_TEXT.test(text)) return undefined;
  const magnitude = BigInt(text.replace('-', ''));
  if (magnitude >= 1n << 64n) return undefined;
  return BigInt.asIntN(64, text.startsWith('-') ? -magnitude : magnitude);
}

function internInteger(assembly: Assembly, text: string): number | undefined {
  const value = parseInteger(text);
  if (value === undefined) return undefined;
  const known = assembly.integers.indexOf(value);
  return known === -1 ? assembly.integers.push(value) - 1 : known;
}

function internString(assembly: Assembly, text: string): number | undefined {
  const bytes = unquote(text);
  if (bytes === undefined) return undefined;
  const offset = assembly.strings.length;
  assembly.strings.push(...bytes, 0);
  return offset;
}

function finish(assembly: Assembly): Difo {
  return {
    code: Uint32Array.from(assembly.code),
    integers: BigInt64Array.from(assembly.integers),
    strings: Uint8Array.from(assembly.strings),
    result: assembly.result,
  };
}
