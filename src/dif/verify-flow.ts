/**
 * The verifier's rules about what flows where: V12 to V14 of dif/verify.ts, where they are stated.
 *
 * In: a DIFO whose instructions are each in order. Out: through `reject`, what is wrong on some way through it.
 */
import { decode, type Instruction, operandFields, PUSH_TYPE, variableAccess } from './encode.ts';
import { OPCODES, TUPLE_STACK_SIZE } from './opcodes.ts';
import type { Difo, ValueShape } from './program.ts';
import { SUBROUTINES } from './subroutines.ts';
import { MAX_BY_REFERENCE, type Reject, type Rule, type VerifyLimits } from './verify-limits.ts';

interface Arity {
  readonly least: number;
  readonly most: number;
}

/** By subroutine id; made when the first call is verified. */
let arities: ReadonlyMap<number, Arity> | undefined;

/** How many arguments the prototype of a subroutine takes, if there is one of this id; optional ones are in [ ]. */
export function arityOf(subroutine: number): Arity | undefined {
  arities ??= new Map(Object.values(SUBROUTINES).map((row) => [row.id, arity(row.proto)]));
  return arities.get(subroutine);
}

function arity(proto: string): Arity {
  const inside = proto.slice(proto.indexOf('(') + 1, proto.lastIndexOf(')'));
  const optional = inside.indexOf('[');
  return {
    least: countParameters(optional === -1 ? inside : inside.slice(0, optional)),
    most: countParameters(inside),
  };
}

function countParameters(text: string): number {
  return text.trim() === '' ? 0 : text.split(',').length;
}

/** An entry of the tuple stack: a value, a string, or so many bytes. */
type TupleEntry = 'value' | 'string' | number;

/** What is known before an instruction, whichever way it was reached. */
interface FlowState {
  readonly written: number; // bit r: register r was written on every path; bit 0 always
  readonly compared: boolean; // a comparison was made on every path
  readonly tuple: readonly TupleEntry[];
  readonly constants: ReadonlyMap<number, bigint>; // registers known to hold a constant
}

const AT_ENTRY: FlowState = { written: 1, compared: false, tuple: [], constants: new Map() };

/**
 * V12 to V14, in one pass: branches go forward, so all ways to an instruction are known when it is met.
 * Unreachable instructions have no state and cannot do harm.
 */
export function checkFlow(difo: Difo, limits: VerifyLimits, reject: Reject): void {
  const incoming: (FlowState | undefined)[] = [AT_ENTRY];
  const flowTo = (from: number, target: number, state: FlowState): void => {
    const known = incoming[target];
    if (known !== undefined && !sameTuple(known.tuple, state.tuple)) {
      reject('V13', from, `the tuple stack differs from another way to instruction ${target}`);
    }
    incoming[target] = known === undefined ? state : joinStates(known, state);
  };
  for (let pc = 0; pc < difo.code.length; pc++) {
    const before = incoming[pc];
    const instruction = decode(difo.code[pc] ?? 0);
    incoming[pc] = undefined; // no longer needed; keeps memory flat on long objects
    if (before === undefined || instruction === undefined) continue;
    checkReads(instruction, before, pc, reject);
    const after = step(difo, limits, instruction, before, (rule, message) => reject(rule, pc, message));
    const { mnemonic, operands } = instruction;
    const isBranch = OPCODES[mnemonic].form === 'br';
    if (isBranch) flowTo(pc, operands[0] ?? 0, after);
    if (mnemonic !== 'ret' && mnemonic !== 'ba') flowTo(pc, pc + 1, after);
  }
}

function sameTuple(a: readonly TupleEntry[], b: readonly TupleEntry[]): boolean {
  return a === b || (a.length === b.length && a.every((entry, i) => entry === b[i]));
}

function joinStates(a: FlowState, b: FlowState): FlowState {
  const constants = new Map([...a.constants].filter(([reg, value]) => b.constants.get(reg) === value));
  return { written: a.written & b.written, compared: a.compared && b.compared, tuple: a.tuple, constants };
}

function checkReads(instruction: Instruction, state: FlowState, pc: number, reject: Reject): void {
  const { mnemonic, operands } = instruction;
  operandFields(mnemonic).forEach((field, i) => {
    const reg = operands[i] ?? 0;
    if (field.role === 'read' && (state.written & (1 << reg)) === 0) {
      reject('V12', pc, `register ${reg} is read but not written on every way here`);
    }
  });
  if (OPCODES[mnemonic].form === 'br' && mnemonic !== 'ba' && !state.compared) {
    reject('V12', pc, 'no comparison precedes the branch on every way here');
  }
}

/** The state after an instruction. */
function step(
  difo: Difo,
  limits: VerifyLimits,
  instruction: Instruction,
  before: FlowState,
  reject: (rule: Rule, message: string) => void,
): FlowState {
  const { mnemonic } = instruction;
  const tuple = tupleAfter(limits, instruction, before, reject);
  const compared = before.compared || mnemonic === 'cmp' || mnemonic === 'tst' || mnemonic === 'scmp';
  const target = writtenRegister(instruction);
  if (target === undefined) return { ...before, compared, tuple };
  const constants = new Map(before.constants);
  const value = mnemonic === 'setx' ? difo.integers[instruction.operands[0] ?? 0] : undefined;
  if (value === undefined) constants.delete(target);
  else constants.set(target, value);
  return { written: before.written | (1 << target), compared, tuple, constants };
}

function writtenRegister({ mnemonic, operands }: Instruction): number | undefined {
  const index = operandFields(mnemonic).findIndex((field) => field.role === 'write');
  return index === -1 ? undefined : operands[index];
}

function tupleAfter(
  limits: VerifyLimits,
  instruction: Instruction,
  before: FlowState,
  reject: (rule: Rule, message: string) => void,
): readonly TupleEntry[] {
  const { tuple } = before;
  switch (instruction.mnemonic) {
    case 'pushtv':
    case 'pushtr': {
      if (tuple.length === TUPLE_STACK_SIZE) reject('V13', `more than ${TUPLE_STACK_SIZE} tuple entries`);
      return [...tuple, pushedEntry(instruction, before, reject)].slice(0, TUPLE_STACK_SIZE);
    }
    case 'popts':
      if (tuple.length === 0) reject('V13', 'the tuple stack is empty');
      return tuple.slice(0, -1);
    case 'flushts':
      return [];
    case 'call':
      checkArguments(instruction.operands[0] ?? 0, tuple.length, reject);
      return tuple;
    case 'ldgaa':
    case 'ldtaa':
    case 'stgaa':
    case 'sttaa':
      checkKeys(limits, instruction, tuple, reject);
      return [];
    default:
      return tuple;
  }
}

function pushedEntry(
  { mnemonic, operands }: Instruction,
  state: FlowState,
  reject: (rule: Rule, message: string) => void,
): TupleEntry {
  if (mnemonic === 'pushtv') return 'value';
  const [type = 0, sizeRegister = 0] = operands;
  if (type === PUSH_TYPE.STRING) return 'string';
  const size = state.constants.get(sizeRegister) ?? -1n;
  if (size < 1n || size > BigInt(MAX_BY_REFERENCE))
    reject('V14', 'the size of the entry is not a known size');
  return Number(size);
}

function checkArguments(
  subroutine: number,
  count: number,
  reject: (rule: Rule, message: string) => void,
): void {
  const takes = arityOf(subroutine);
  if (takes === undefined || (count >= takes.least && count <= takes.most)) return;
  reject('V13', `the subroutine takes ${takes.least} to ${takes.most} arguments, ${count} are pushed`);
}

function checkKeys(
  limits: VerifyLimits,
  { mnemonic, operands }: Instruction,
  tuple: readonly TupleEntry[],
  reject: (rule: Rule, message: string) => void,
): void {
  const scope = variableAccess(mnemonic)?.scope ?? 'global';
  const keys = limits.userVariable(scope, operands[0] ?? 0)?.keys ?? [];
  if (!sameTuple(keys.map(keyEntry), tuple)) {
    reject('V13', `the array takes (${keys.map(keyEntry).join(', ')}), (${tuple.join(', ')}) is pushed`);
  }
}

function keyEntry(shape: ValueShape): TupleEntry {
  if (shape.kind === 'string') return 'string';
  return shape.kind === 'bytes' ? shape.sizeBytes : 'value';
}
