/**
 * Instruction words: operands ↔ 32 bits, by the forms of opcodes.ts.
 *
 * In: a mnemonic and its operands in the order they are written (`add %r1, %r2, %r3` → [1, 2, 3]). Out: the word; and
 * back. Everything that looks at instructions (assembler, disassembler, verifier, code generator) does so through
 * `operandFields`, so the meaning of each bit is said once. Words are not judged here: decode takes any word whose
 * opcode is defined, and dif/verify.ts says whether it may run.
 */
import { bug } from '../base/assert.ts';
import { type Form, type Mnemonic, OPCODES } from './opcodes.ts';
import type { UserVariable } from './program.ts';

/**
 * What an operand is: a register that is read or written, a place in the code, an index, or a number with a table of
 * its own behind it.
 */
export type OperandRole =
  | 'read'
  | 'write'
  | 'label'
  | 'integer'
  | 'string'
  | 'variable'
  | 'array'
  | 'subroutine'
  | 'type';

/** `bits` bits of the word, starting at bit `shift`. */
export interface OperandField {
  readonly role: OperandRole;
  readonly shift: number;
  readonly bits: number;
}

export interface Instruction {
  readonly mnemonic: Mnemonic;
  readonly operands: readonly number[];
}

const A = { shift: 16, bits: 8 };
const B = { shift: 8, bits: 8 };
const C = { shift: 0, bits: 8 };
const AB = { shift: 8, bits: 16 };
const ABC = { shift: 0, bits: 24 };

const field = (role: OperandRole, { shift, bits }: Omit<OperandField, 'role'>): OperandField => ({
  role,
  shift,
  bits,
});

const FORM_FIELDS: Readonly<Record<Form, readonly OperandField[]>> = {
  rrr: [field('read', A), field('read', B), field('write', C)],
  rr: [field('read', A), field('write', C)],
  cmp: [field('read', A), field('read', B)],
  tst: [field('read', A)],
  br: [field('label', ABC)],
  ret: [field('read', C)],
  none: [],
  int: [field('integer', AB), field('write', C)],
  str: [field('string', AB), field('write', C)],
  var: [field('variable', AB), field('write', C)],
  arr: [field('array', A), field('read', B), field('write', C)],
  call: [field('subroutine', AB), field('write', C)],
  push: [field('type', A), field('read', B), field('read', C)],
  ld: [field('read', A), field('write', C)],
  st: [field('read', A), field('read', C)],
};

/** Opcodes that read the register their form would write: stores into variables, and the address `copys` copies to. */
const READS_RD: ReadonlySet<Mnemonic> = new Set(['stgs', 'stts', 'stls', 'stgaa', 'sttaa', 'copys']);

/** Tuple entries of `pushtr`: bytes of a given size, or a NUL-terminated string. `pushtv` always has BYTES. */
export const PUSH_TYPE = { BYTES: 0, STRING: 1 } as const;

/** What the opcodes of form `var` reach: `keyed` ones take the tuple stack as the key of an associative array. */
export interface VariableAccess {
  readonly scope: UserVariable['scope'];
  readonly keyed: boolean;
  readonly stores: boolean;
}

const VARIABLE_ACCESS = {
  ldgs: { scope: 'global', keyed: false, stores: false },
  stgs: { scope: 'global', keyed: false, stores: true },
  ldts: { scope: 'thread', keyed: false, stores: false },
  stts: { scope: 'thread', keyed: false, stores: true },
  ldls: { scope: 'clause', keyed: false, stores: false },
  stls: { scope: 'clause', keyed: false, stores: true },
  ldgaa: { scope: 'global', keyed: true, stores: false },
  stgaa: { scope: 'global', keyed: true, stores: true },
  ldtaa: { scope: 'thread', keyed: true, stores: false },
  sttaa: { scope: 'thread', keyed: true, stores: true },
} as const satisfies Partial<Record<Mnemonic, VariableAccess>>;

export const MNEMONICS = Object.keys(OPCODES) as Mnemonic[];

/** Filled as opcodes are met: a program has few. */
const FIELDS_BY_MNEMONIC = new Map<Mnemonic, readonly OperandField[]>();
const MNEMONIC_BY_NUMBER = mnemonicsByNumber();

function mnemonicsByNumber(): readonly (Mnemonic | undefined)[] {
  const table: (Mnemonic | undefined)[] = [];
  for (const mnemonic of MNEMONICS) table[OPCODES[mnemonic].op] = mnemonic;
  return table;
}

function fieldsWithRoles(mnemonic: Mnemonic): readonly OperandField[] {
  const fields: readonly OperandField[] = FORM_FIELDS[OPCODES[mnemonic].form];
  if (!READS_RD.has(mnemonic)) return fields;
  return fields.map((field) => (field.role === 'write' ? { ...field, role: 'read' } : field));
}

/** The operands of an instruction, in the order they are written. */
export function operandFields(mnemonic: Mnemonic): readonly OperandField[] {
  let fields = FIELDS_BY_MNEMONIC.get(mnemonic);
  if (fields === undefined) {
    fields = fieldsWithRoles(mnemonic);
    FIELDS_BY_MNEMONIC.set(mnemonic, fields);
  }
  return fields;
}

export function variableAccess(mnemonic: Mnemonic): VariableAccess | undefined {
  return (VARIABLE_ACCESS as Partial<Record<Mnemonic, VariableAccess>>)[mnemonic];
}

/** The opcode that loads or stores a variable of this scope and kind. Clause-local arrays do not exist. */
export function variableMnemonic(scope: UserVariable['scope'], keyed: boolean, stores: boolean): Mnemonic {
  const found = Object.entries(VARIABLE_ACCESS).find(
    ([, access]) => access.scope === scope && access.keyed === keyed && access.stores === stores,
  );
  return found ? (found[0] as Mnemonic) : bug('dif', `no opcode for a ${scope} variable, keyed ${keyed}`);
}

/** Operands must fit their fields; what does not fit is cut off, and the verifier's rules then speak of what is left. */
export function encode(mnemonic: Mnemonic, operands: readonly number[]): number {
  let word = OPCODES[mnemonic].op << 24;
  operandFields(mnemonic).forEach((field, i) => {
    word |= ((operands[i] ?? 0) & mask(field.bits)) << field.shift;
  });
  return word >>> 0;
}

/** Undefined when no opcode has this number. Bits outside the operands are ignored: see `unusedBits`. */
export function decode(word: number): Instruction | undefined {
  const mnemonic = MNEMONIC_BY_NUMBER[word >>> 24];
  if (mnemonic === undefined) return undefined;
  const operands = operandFields(mnemonic).map((field) => (word >>> field.shift) & mask(field.bits));
  return { mnemonic, operands };
}

/** The bits of a word that neither its opcode nor an operand uses; 0 in every accepted instruction. */
export function unusedBits(word: number): number {
  const instruction = decode(word);
  if (instruction === undefined) return 0;
  return (word ^ encode(instruction.mnemonic, instruction.operands)) >>> 0;
}

function mask(bits: number): number {
  return (1 << bits) - 1;
}
