/**
 * The verifier: says why a DIFO, or a program, must not run. No reason means it may.
 *
 * In: a Difo and what the program declares (VerifyLimits). Out: rejections, each with its rule, the instruction and
 * its place. Whatever the bytes are, it ends and does not throw. Tiers may rely on every rule below and check nothing
 * of it again; what it cannot know (addresses, divisors, array indices, scratch space) they must still check.
 *
 * A DIFO is accepted only if
 *   V1  it has 1 to MAX_INSTRUCTIONS instructions, and tables of at most MAX_TABLE entries
 *   V2  every opcode is defined and not reserved
 *   V3  every register is one of REGISTER_FILE_SIZE
 *   V4  register 0 is never written
 *   V5  bits that an instruction does not use are 0
 *   V6  every branch goes strictly forward and stays inside: the program ends
 *   V7  every integer-table index is in the table
 *   V8  every string-table offset is in the table, and the table ends with NUL
 *   V9  every variable is known, with the scope and kind its instruction takes; only user variables are stored
 *   V10 every subroutine is known
 *   V11 the last instruction is `ret`
 *   V12 a register is read only where it was written on every path, and a conditional branch follows a comparison
 *   V13 the tuple stack stays within 0 … TUPLE_STACK_SIZE, has one shape per instruction, and holds what the
 *       instruction that consumes it takes: the variable's keys by kind and size, the subroutine's number of arguments
 *   V14 a tuple entry's type is known and its size a constant of 1 … MAX_BY_REFERENCE bytes
 *   V15 the result's size goes with its kind; results by reference have at most MAX_BY_REFERENCE bytes
 * and a program only if, besides its DIFOs,
 *   V16 branches and jumps among the actions of a clause go strictly forward, at most to the end
 *   V17 record fields lie inside the payload, aligned and apart from one another and from the `taken` bitmap
 *   V18 the payload is a multiple of 8 bytes, and has a `taken` bitmap when actions may be skipped
 *   V19 aggregations are known, and given the keys and values they are declared with
 *   V20 every recorded value has the shape of its field
 *   V21 action numbers start at 1 and are consecutive
 */
import {
  actionParts,
  aggregationsOf,
  alignmentOf,
  fieldsOf,
  numbersTaken,
  recordedBytes,
} from './action-facts.ts';
import { AGGREGATING_FUNCTIONS } from './aggregating-functions.ts';
import { instructionText } from './disassemble.ts';
import {
  decode,
  type Instruction,
  type OperandField,
  operandFields,
  PUSH_TYPE,
  unusedBits,
  variableAccess,
} from './encode.ts';
import { type Mnemonic, REGISTER_FILE_SIZE } from './opcodes.ts';
import type { Action, Clause, Difo, Program, RecordField, ValueShape } from './program.ts';
import { USER_VARIABLE_BASE } from './variables.ts';
import { arityOf, checkFlow } from './verify-flow.ts';
import {
  limitsOf,
  MAX_BY_REFERENCE,
  MAX_INSTRUCTIONS,
  MAX_TABLE,
  type Reject,
  type Rejection,
  type Rule,
  type VerifyLimits,
} from './verify-limits.ts';

/** Why this DIFO must not run; empty when it may. */
export function verify(difo: Difo, limits: VerifyLimits): readonly Rejection[] {
  const rejections: Rejection[] = [];
  const reject: Reject = (rule, pc, message) => {
    const word = difo.code[pc];
    const instruction = word === undefined ? '' : instructionText(word);
    rejections.push({ rule, where: '', pc, instruction, message });
  };
  checkTables(difo, reject);
  checkResult(difo.result, reject);
  for (let pc = 0; pc < difo.code.length; pc++) checkInstruction(difo, limits, pc, reject);
  // What flows where can only be asked of instructions that are each in order.
  if (rejections.length === 0) checkFlow(difo, limits, reject);
  return rejections;
}

function checkTables(difo: Difo, reject: Reject): void {
  const { code, integers, strings } = difo;
  if (code.length === 0) reject('V1', -1, 'there is no code');
  if (code.length > MAX_INSTRUCTIONS) reject('V1', -1, `more than ${MAX_INSTRUCTIONS} instructions`);
  if (integers.length > MAX_TABLE) reject('V1', -1, `more than ${MAX_TABLE} integers`);
  if (strings.length > MAX_TABLE) reject('V1', -1, `more than ${MAX_TABLE} bytes of strings`);
  if (strings.length > 0 && strings.at(-1) !== 0) reject('V8', -1, 'the string table does not end with NUL');
  const last = decode(code.at(-1) ?? 0);
  if (code.length > 0 && last?.mnemonic !== 'ret') {
    reject('V11', code.length - 1, 'the last instruction is not ret');
  }
}

/** V15. Stacks are filled in by actions, never returned by code. */
function checkResult(result: ValueShape, reject: Reject): void {
  const { kind, sizeBytes } = result;
  const fits = {
    int: [1, 2, 4, 8].includes(sizeBytes),
    string: sizeBytes === 0,
    bytes: Number.isInteger(sizeBytes) && sizeBytes > 0 && sizeBytes <= MAX_BY_REFERENCE,
    symaddr: sizeBytes === 8,
    usymaddr: sizeBytes === 8,
    stack: false,
    void: sizeBytes === 0,
  }[kind];
  if (!fits) reject('V15', -1, `a result of kind ${kind} cannot have ${sizeBytes} bytes`);
}

function checkInstruction(difo: Difo, limits: VerifyLimits, pc: number, reject: Reject): void {
  const word = difo.code[pc] ?? 0;
  const instruction = decode(word);
  if (instruction === undefined || instruction.mnemonic === 'ldta') {
    reject('V2', pc, `opcode ${word >>> 24} is not defined`);
    return;
  }
  if (unusedBits(word) !== 0) reject('V5', pc, `unused bits are set: 0x${unusedBits(word).toString(16)}`);
  operandFields(instruction.mnemonic).forEach((field, i) => {
    const message = operandMessage(difo, limits, pc, instruction, field, instruction.operands[i] ?? 0);
    if (message !== undefined) reject(message[0], pc, message[1]);
  });
}

function operandMessage(
  difo: Difo,
  limits: VerifyLimits,
  pc: number,
  instruction: Instruction,
  field: OperandField,
  value: number,
): readonly [Rule, string] | undefined {
  switch (field.role) {
    case 'write':
      if (value === 0) return ['V4', 'register 0 is written'];
      return value < REGISTER_FILE_SIZE ? undefined : ['V3', `there is no register ${value}`];
    case 'read':
      return value < REGISTER_FILE_SIZE ? undefined : ['V3', `there is no register ${value}`];
    case 'label':
      return value > pc && value < difo.code.length ? undefined : ['V6', `branch from ${pc} to ${value}`];
    case 'integer':
      return value < difo.integers.length
        ? undefined
        : ['V7', `the table has ${difo.integers.length} integers`];
    case 'string':
      return value < difo.strings.length ? undefined : ['V8', `the table has ${difo.strings.length} bytes`];
    case 'variable':
      return variableMessage(limits, instruction.mnemonic, value);
    case 'array':
      return limits.builtin(value) === 'array' ? undefined : ['V9', `${value} is not a built-in array`];
    case 'subroutine':
      return arityOf(value) ? undefined : ['V10', `there is no subroutine ${value}`];
    case 'type':
      return pushTypeFits(instruction) ? undefined : ['V14', 'no such type, or a size where none is taken'];
  }
}

function variableMessage(
  limits: VerifyLimits,
  mnemonic: Mnemonic,
  id: number,
): readonly [Rule, string] | undefined {
  const access = variableAccess(mnemonic);
  if (access === undefined) return ['V9', `${mnemonic} takes no variable`];
  if (id < USER_VARIABLE_BASE) {
    return mnemonic === 'ldgs' && limits.builtin(id) === 'scalar'
      ? undefined
      : ['V9', `built-in variable ${id} cannot be used by ${mnemonic}`];
  }
  const variable = limits.userVariable(access.scope, id);
  if (variable === undefined) return ['V9', `there is no ${access.scope} variable ${id}`];
  if ((variable.keys !== undefined) !== access.keyed) {
    return ['V9', `${variable.name} is ${access.keyed ? 'not ' : ''}an associative array`];
  }
  return undefined;
}

/** Only bytes by reference have a size register; a value has 8 bytes and a string ends at its NUL. */
function pushTypeFits({ mnemonic, operands }: Instruction): boolean {
  const [type, sizeRegister] = operands;
  if (mnemonic === 'pushtr' && type === PUSH_TYPE.BYTES) return true;
  return type === (mnemonic === 'pushtr' ? PUSH_TYPE.STRING : PUSH_TYPE.BYTES) && sizeRegister === 0;
}

/** Why this program must not run: its DIFOs, and how its clauses put them together. */
export function verifyProgram(program: Program): readonly Rejection[] {
  const limits = limitsOf(program);
  return program.clauses.flatMap((clause) => verifyClause(program, clause, limits));
}

function verifyClause(program: Program, clause: Clause, limits: VerifyLimits): readonly Rejection[] {
  const rejections: Rejection[] = [];
  const where = `clause ${clause.index + 1}`;
  const addDifo = (place: string, difo: Difo): void => {
    rejections.push(
      ...verify(difo, limits).map((rejection) => ({ ...rejection, where: `${where}, ${place}` })),
    );
  };
  if (clause.predicate) addDifo('predicate', clause.predicate);
  for (const part of clause.actions.flatMap(actionParts))
    addDifo(`action #${part.number} (${part.what})`, part.difo);
  const reject: Reject = (rule, action, message) => {
    const place = action === -1 ? where : `${where}, action [${action}]`;
    rejections.push({ rule, where: place, pc: -1, instruction: '', message });
  };
  checkControlFlow(clause, reject);
  checkNumbers(clause, reject);
  checkRecord(program, clause, reject);
  clause.actions.forEach((action, i) => {
    for (const id of aggregationsOf(action)) {
      if (program.aggregations[id] === undefined) reject('V19', i, `there is no aggregation ${id}`);
    }
    if (action.kind === 'aggregate') checkAggregate(program, action, i, reject);
  });
  return rejections;
}

function checkControlFlow(clause: Clause, reject: Reject): void {
  clause.actions.forEach((action, i) => {
    const target = targetOf(action);
    if (target === undefined) return;
    if (!(Number.isInteger(target) && target > i && target <= clause.actions.length)) {
      reject('V16', i, `goes on at ${target} of ${clause.actions.length}`);
    }
  });
}

function targetOf(action: Action): number | undefined {
  if (action.kind === 'branch') return action.whenFalse;
  return action.kind === 'jump' ? action.to : undefined;
}

function checkNumbers(clause: Clause, reject: Reject): void {
  let next = 1;
  clause.actions.forEach((action, i) => {
    if (action.number !== next) reject('V21', i, `has number ${action.number}, ${next} is due`);
    next += numbersTaken(action);
  });
}

/** The bytes of a record that one action, or the bitmap, takes. */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly action: number; // -1 for the bitmap
}

function checkRecord(program: Program, clause: Clause, reject: Reject): void {
  const { payloadBytes, taken } = clause.layout;
  if (!Number.isInteger(payloadBytes) || payloadBytes < 0 || payloadBytes % 8 !== 0) {
    reject('V18', -1, `the payload has ${payloadBytes} bytes`);
  }
  if (taken === undefined && clause.actions.some((action) => action.kind === 'branch')) {
    reject('V18', -1, 'actions may be skipped but there is no taken bitmap');
  }
  const extents: Extent[] = [];
  if (taken !== undefined) {
    extents.push({ start: taken, end: taken + Math.ceil(clause.actions.length / 8), action: -1 });
  }
  clause.actions.forEach((action, i) => {
    for (const { field, result } of fieldsOf(action)) {
      checkField(program, field, result, i, reject);
      extents.push({ start: field.offset, end: field.offset + field.sizeBytes, action: i });
    }
  });
  checkExtents(extents, payloadBytes, reject);
}

function checkExtents(extents: readonly Extent[], payloadBytes: number, reject: Reject): void {
  let end = 0;
  for (const extent of extents.toSorted((a, b) => a.start - b.start)) {
    const inside = Number.isInteger(extent.start) && extent.start >= 0 && extent.end <= payloadBytes;
    if (!inside)
      reject('V17', extent.action, `bytes ${extent.start} to ${extent.end} are not in the payload`);
    if (extent.start < end) reject('V17', extent.action, `bytes from ${extent.start} are taken already`);
    end = Math.max(end, extent.end);
  }
}

/** V17 for alignment, V20 for shape. */
function checkField(
  program: Program,
  field: RecordField,
  result: ValueShape,
  action: number,
  reject: Reject,
): void {
  const { shape, sizeBytes, offset } = field;
  if (sizeBytes !== recordedBytes(shape, program.strsize)) {
    reject('V20', action, `${sizeBytes} bytes are no field of kind ${shape.kind}`);
  }
  if (offset % alignmentOf(shape) !== 0) reject('V17', action, `the field at ${offset} is not aligned`);
  if (shape.kind === 'stack' && !(Number.isInteger(sizeBytes) && sizeBytes >= 8)) {
    reject('V20', action, `${sizeBytes} bytes hold no frame`);
  }
  if (result.kind !== shape.kind || result.sizeBytes !== shape.sizeBytes) {
    reject('V20', action, `a result of kind ${result.kind} goes to a field of kind ${shape.kind}`);
  }
}

function checkAggregate(
  program: Program,
  action: Extract<Action, { kind: 'aggregate' }>,
  index: number,
  reject: Reject,
): void {
  const aggregation = program.aggregations[action.aggregation];
  if (aggregation === undefined) return;
  const { keys, func } = aggregation;
  if (action.keys.length !== keys.length) {
    reject('V19', index, `${action.keys.length} keys are given, @${aggregation.name} has ${keys.length}`);
  }
  action.keys.forEach((key, i) => {
    const declared = keys[i];
    if (declared === undefined) return;
    const kind = key.kind === 'value' ? key.difo.result.kind : 'stack';
    // Integers of any width are one sort of key; bytes are kept as they are, so their number must be the declared one.
    const sizeBytes =
      key.kind === 'value' && kind === 'bytes' ? key.difo.result.sizeBytes : declared.sizeBytes;
    if (kind !== declared.kind || sizeBytes !== declared.sizeBytes)
      reject('V19', index, `key ${i + 1} is not what @${aggregation.name} is declared with`);
  });
  const takesValue = AGGREGATING_FUNCTIONS[func].minArgs > 0;
  if ((action.value !== undefined) !== takesValue) reject('V19', index, `${func} takes a value or must not`);
  if (action.increment && !AGGREGATING_FUNCTIONS[func].distribution) {
    reject('V19', index, `${func} takes no increment`);
  }
}
