/**
 * DIF as text, in the style of `dtrace -S`.
 *
 * In: a Difo, or a whole Program. Out: a listing that dif/assemble.ts reads back to the same code, tables and result
 * shape. Comments (from `!`) and the variable table are for the reader; the lines `DT_INTEGER[n] = …` and
 * `DT_STRING[n] = …` are the tables. Any word can be listed, accepted by the verifier or not.
 *
 *   DIFO 0x8a1fe2c4 returns D type (integer) (size 8)
 *   OFF OPCODE      INSTRUCTION
 *   00: 29010101    ldgs DT_VAR(257), %r1             ! DT_VAR(257) = "timestamp"
 *   01: 23000001    ret  %r1
 *
 * The number after DIFO is a checksum of the object, so equal numbers mean equal objects, on every run.
 */
import { assertNever } from '../base/assert.ts';
import { actionParts } from './action-facts.ts';
import { builtinName } from './builtin-ids.ts';
import { decode, type OperandRole, operandFields, PUSH_TYPE, unusedBits, variableAccess } from './encode.ts';
import type { Mnemonic } from './opcodes.ts';
import type { Action, Clause, Difo, Program } from './program.ts';
import { shapeText } from './shape-text.ts';
import { quote, stringAt, stringPieces } from './string-table.ts';
import { SUBROUTINES } from './subroutines.ts';
import { USER_VARIABLE_BASE } from './variables.ts';

/** Names for the reader. `op` tells the scope: user variables of different scopes may have the same id. */
export interface DisassemblyNames {
  variable(op: Mnemonic, id: number): string | undefined;
}

const COMMENT_COLUMN = 50;
const SCOPE_WORDS = { global: 'glb', thread: 'tls', clause: 'loc' } as const;

const SUBROUTINE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SUBROUTINES).map(([name, row]) => [row.id, name]),
);

const BUILTINS_ONLY: DisassemblyNames = { variable: (_op, id) => builtinName(id) };

/** One DIFO. User variables show by number unless `names` knows them. */
export function disassemble(difo: Difo, names: DisassemblyNames = BUILTINS_ONLY): string {
  const lines = [
    `DIFO 0x${checksum(difo).toString(16).padStart(8, '0')} returns ${shapeText(difo.result)}`,
    'OFF OPCODE      INSTRUCTION',
  ];
  difo.code.forEach((word, pc) => {
    lines.push(instructionLine(difo, names, word, pc));
  });
  lines.push(...tableLines(difo), ...variableLines(difo, names));
  return `${lines.join('\n')}\n`;
}

/** Every DIFO of a program, clause by clause, under the number that run-time messages give it. */
export function disassembleProgram(program: Program): string {
  const names = programNames(program);
  return program.clauses.map((clause) => clauseText(clause, names)).join('');
}

/** The names of one program's variables, and the built-in ones. */
function programNames(program: Program): DisassemblyNames {
  return {
    variable(op, id) {
      if (id < USER_VARIABLE_BASE) return builtinName(id);
      const scope = variableAccess(op)?.scope;
      return program.variables.find((variable) => variable.id === id && variable.scope === scope)?.name;
    },
  };
}

/** The text of one instruction without its comment; a bare word where no instruction would give it back. */
export function instructionText(word: number): string {
  const instruction = decode(word);
  if (instruction === undefined || unusedBits(word) !== 0)
    return `.word 0x${word.toString(16).padStart(8, '0')}`;
  const { mnemonic, operands } = instruction;
  const texts = operandFields(mnemonic).map((field, i) => operandText(field.role, operands[i] ?? 0));
  return `${mnemonic.padEnd(4)} ${withBrackets(mnemonic, texts).join(', ')}`.trimEnd();
}

function operandText(role: OperandRole, value: number): string {
  switch (role) {
    case 'read':
    case 'write':
      return `%r${value}`;
    case 'label':
      return String(value);
    case 'integer':
      return `DT_INTEGER[${value}]`;
    case 'string':
      return `DT_STRING[${value}]`;
    case 'variable':
    case 'array':
      return `DT_VAR(${value})`;
    case 'subroutine':
      return `DIF_SUBR(${value})`;
    case 'type':
      return `DT_TYPE(${value})`;
    default:
      return assertNever(role, 'dif');
  }
}

/** Registers that hold an address are written in brackets: what a load reads from, what a store writes to. */
function withBrackets(mnemonic: Mnemonic, texts: readonly string[]): readonly string[] {
  const at = addressOperand(mnemonic);
  return texts.map((text, i) => (i === at ? `[${text}]` : text));
}

export function addressOperand(mnemonic: Mnemonic): number | undefined {
  if (/^ld(s[bhw]|u[bhw]|x)$/.test(mnemonic)) return 0;
  return /^st[bhwx]$/.test(mnemonic) ? 1 : undefined;
}

function instructionLine(difo: Difo, names: DisassemblyNames, word: number, pc: number): string {
  const offset = String(pc).padStart(2, '0');
  const text = `${offset}: ${word.toString(16).padStart(8, '0')}    ${instructionText(word)}`;
  const comment = commentText(difo, names, word);
  return comment === undefined ? text : `${text.padEnd(COMMENT_COLUMN - 1)} ! ${comment}`;
}

function commentText(difo: Difo, names: DisassemblyNames, word: number): string | undefined {
  const instruction = decode(word);
  if (instruction === undefined) return 'no such opcode';
  const { mnemonic, operands } = instruction;
  const field = operandFields(mnemonic).findIndex(({ role }) => role !== 'read' && role !== 'write');
  const role = operandFields(mnemonic)[field]?.role;
  const value = operands[field] ?? 0;
  switch (role) {
    case 'integer':
      return value < difo.integers.length ? hex(difo.integers[value] ?? 0n) : undefined;
    case 'string':
      return value < difo.strings.length ? quote(stringAt(difo.strings, value)) : undefined;
    case 'variable':
    case 'array':
      return named(`DT_VAR(${value})`, names.variable(mnemonic, value));
    case 'subroutine':
      return SUBROUTINE_NAMES.get(value);
    case 'type':
      return value === PUSH_TYPE.STRING ? 'DT_TYPE(1) = string' : 'DT_TYPE(0) = D type';
    default:
      return undefined;
  }
}

function named(what: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${what} = "${name}"`;
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

function tableLines(difo: Difo): readonly string[] {
  const lines = [
    ...Array.from(difo.integers, (value, index) => `DT_INTEGER[${index}] = ${hex(value)}`),
    ...stringPieces(difo.strings).map(({ offset, bytes }) => `DT_STRING[${offset}] = ${quote(bytes)}`),
  ];
  return lines.length === 0 ? lines : ['', ...lines];
}

interface VariableRow {
  readonly name: string;
  readonly id: number;
  readonly kind: 'scl' | 'arr';
  readonly scope: string;
  read: boolean;
  written: boolean;
}

/** dtrace's variable table: every variable the code touches, and whether it is read, written or both. */
function variableLines(difo: Difo, names: DisassemblyNames): readonly string[] {
  const rows = new Map<string, VariableRow>();
  for (const word of difo.code) noteVariable(rows, names, word);
  if (rows.size === 0) return [];
  const lines = [...rows.values()].map((row) => {
    const flags = `${row.read ? 'r' : ''}${row.written ? 'w' : ''}`;
    return `${row.name.padEnd(16)} ${row.id.toString(16).padEnd(4)} ${row.kind} ${row.scope} ${flags}`;
  });
  return ['', `${'NAME'.padEnd(16)} ID   KND SCP FLAG`, ...lines];
}

function noteVariable(rows: Map<string, VariableRow>, names: DisassemblyNames, word: number): void {
  const instruction = decode(word);
  if (instruction === undefined) return;
  const { mnemonic, operands } = instruction;
  const access = variableAccess(mnemonic);
  const isArray = mnemonic === 'ldga' || mnemonic === 'ldta';
  if (access === undefined && !isArray) return;
  const id = operands[0] ?? 0;
  const scope = access?.scope ?? 'global';
  const key = `${scope} ${id}`;
  const row = rows.get(key) ?? {
    name: names.variable(mnemonic, id) ?? '?',
    id,
    kind: isArray || access?.keyed ? 'arr' : 'scl',
    scope: SCOPE_WORDS[scope],
    read: false,
    written: false,
  };
  if (access?.stores) row.written = true;
  else row.read = true;
  rows.set(key, row);
}

/** FNV-1a over everything that runs. */
function checksum(difo: Difo): number {
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  for (const part of [difo.code, difo.integers, difo.strings]) {
    new Uint8Array(part.buffer, part.byteOffset, part.byteLength).forEach(mix);
    mix(0xff);
  }
  return hash;
}

function clauseText(clause: Clause, names: DisassemblyNames): string {
  const patterns = clause.patterns.map((pattern) => pattern.text).join(', ');
  const parts = [`clause ${clause.index + 1} (line ${clause.line}): ${patterns}\n`];
  if (clause.predicate) parts.push(`\npredicate\n${disassemble(clause.predicate, names)}`);
  clause.actions.forEach((action, index) => {
    parts.push(`\n[${index}] ${actionHeading(action)}\n`);
    const texts = actionParts(action).map(
      (part) => `action #${part.number}, ${part.what}\n${disassemble(part.difo, names)}`,
    );
    parts.push(texts.join('\n'));
  });
  return `${parts.join('')}\n`;
}

function actionHeading(action: Action): string {
  switch (action.kind) {
    case 'branch':
      return `if, else go on at [${action.whenFalse}]`;
    case 'jump':
      return `go on at [${action.to}]`;
    case 'aggregate':
    case 'clear':
    case 'denormalize':
    case 'trunc':
    case 'normalize':
      return `${action.kind} aggregation ${action.aggregation}`;
    default:
      return action.kind;
  }
}
