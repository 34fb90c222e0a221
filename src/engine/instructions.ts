/**
 * Prepared code as the interpreter runs it: objects that name the next one, whose fields cost it less to read than
 * elements of a typed array (each of which is checked for its bounds, and for memory that has grown).
 *
 * What is common is made shorter on the way: a comparison and the branch that alone looks at it become one instruction;
 * a value that is only stored is computed where it belongs; shifts by a constant know their count.
 */
import { OPCODES } from '../dif/opcodes.ts';
import type { MachineState } from './machine-state.ts';
import { NARROW } from './narrowing.ts';
import type { PreparedDifo, PreparedTables } from './prepare.ts';
import { INTERPRETED, PREPARED } from './prepared-opcodes.ts';
import { isBranch } from './propagate.ts';
import type { Step } from './steps.ts';

interface Origin {
  readonly offset?: number;
  readonly outcome?: number;
  readonly step?: Step | undefined;
}

export class Instruction {
  readonly op: number;
  /** Operands are those of the opcode; branches go to number `a` of their list. */
  a: number;
  readonly b: number;
  readonly c: number;
  /** Byte offset in the DIFO, for faults; -1 of what is no part of one. */
  readonly offset: number;
  /** What the run gives when it ends here with a fault. */
  readonly outcome: number;
  readonly step: Step | undefined;
  next: Instruction = this;
  /** Of a branch: the instruction before the one it goes to. */
  target: Instruction = this;

  constructor(
    op: number,
    [a, b, c]: readonly [number, number, number],
    { offset = -1, outcome = -1, step }: Origin = {},
  ) {
    this.op = op;
    this.a = a;
    this.b = b;
    this.c = c;
    this.offset = offset;
    this.outcome = outcome;
    this.step = step;
  }
}

/** Ties a list together; returns where it starts. Branches go forward (V6, V16), so each has something before its goal. */
export function thread(list: readonly Instruction[]): Instruction {
  list.forEach((each, i) => {
    each.next = list[i + 1] ?? each;
    if (goesTo(each.op)) each.target = list[each.a - 1]!;
  });
  return list[0]!;
}

/** Where the instructions of a DIFO start, made when it is first asked for them. */
export function firstOf(m: MachineState, tables: PreparedTables, difo: PreparedDifo): Instruction {
  difo.first ??= thread(instructionsOf(m, tables, difo));
  return difo.first;
}

/** A list of the DIFO's instructions, whoever asks gets his own. */
export function instructionsOf(
  m: MachineState,
  tables: PreparedTables,
  difo: PreparedDifo,
): readonly Instruction[] {
  return shorten(m, tables, listed(difo));
}

function listed({ code, offsets }: PreparedDifo): readonly Instruction[] {
  return Array.from({ length: code.length / 4 }, (_, i) => {
    const [op, a, b, c] = code.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
    return new Instruction(op, [isBranch(op) ? a / 4 : a, b, c], { offset: offsets[i] ?? -1 });
  });
}

/** Shorter forms of pairs: the first instruction's place is taken, the second's goes. */
function shorten(
  m: MachineState,
  tables: PreparedTables,
  list: readonly Instruction[],
): readonly Instruction[] {
  const labels = new Set(list.filter(({ op }) => isBranch(op)).map(({ a }) => a));
  const inUse = comparisonsInUse(list);
  const kept: Instruction[] = [];
  const newIndex: number[] = [];
  for (let i = 0; i < list.length; i++) {
    const each = list[i]!;
    const next = labels.has(i + 1) ? undefined : list[i + 1];
    const pair =
      next &&
      (compareAndBranch(each, next, (index) => inUse[index]!, i + 2) ??
        (labels.has(i + 2) ? undefined : computeInPlace(each, next, list[i + 2])));
    newIndex.push(kept.length);
    if (pair !== undefined) {
      newIndex.push(kept.length);
      i++;
    }
    kept.push(shiftByConstant(m, tables, pair ?? each));
  }
  for (const each of kept) if (goesTo(each.op)) each.a = newIndex[each.a]!;
  return kept;
}

/** By the number of an instruction, whether a branch may still look at the outcome of the last comparison. */
function comparisonsInUse(list: readonly Instruction[]): readonly boolean[] {
  const inUse: boolean[] = new Array(list.length + 1).fill(false);
  for (let i = list.length - 1; i >= 0; i--) {
    const { op, a } = list[i]!;
    if (op === OPCODES.ba.op) inUse[i] = inUse[a]!;
    else if (isBranch(op)) inUse[i] = true;
    else inUse[i] = !ENDS_COMPARISON.has(op) && inUse[i + 1]!;
  }
  return inUse;
}

const { cmp, tst, scmp, ret, be, bne } = OPCODES;
const ENDS_COMPARISON: ReadonlySet<number> = new Set([cmp.op, tst.op, scmp.op, ret.op]);

/** What a comparison and the branch after it become. */
const FUSED: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map([
  [
    cmp.op,
    new Map<number, number>([
      [be.op, INTERPRETED.branchEqual],
      [bne.op, INTERPRETED.branchNotEqual],
    ]),
  ],
  [
    tst.op,
    new Map<number, number>([
      [be.op, INTERPRETED.branchZero],
      [bne.op, INTERPRETED.branchNonzero],
    ]),
  ],
]);

/** Whether an instruction goes to `a`. */
export function goesTo(op: number): boolean {
  return isBranch(op) || (op >= INTERPRETED.branchZero && op <= INTERPRETED.branchNotEqual);
}

function compareAndBranch(
  compare: Instruction,
  branch: Instruction,
  comparisonInUse: (index: number) => boolean,
  after: number,
): Instruction | undefined {
  const op = FUSED.get(compare.op)?.get(branch.op);
  if (op === undefined || comparisonInUse(after) || comparisonInUse(branch.a)) return undefined;
  const operands =
    compare.op === cmp.op ? ([branch.a, compare.a, compare.b] as const) : ([branch.a, 0, compare.a] as const);
  return new Instruction(op, operands, compare);
}

/** Opcodes that cannot fault half done: W[c] is written once their operands have been read. */
const COMPUTES: ReadonlySet<number> = new Set([
  ...(['or', 'xor', 'and', 'sll', 'srl', 'sra', 'sub', 'add', 'mul', 'not'] as const).map(
    (name) => OPCODES[name].op as number,
  ),
  ...[PREPARED.column8, PREPARED.column16, PREPARED.column64],
]);

/** A statement's assignment at full width: afterwards nobody reads the register. */
function computeInPlace(
  compute: Instruction,
  store: Instruction,
  end: Instruction | undefined,
): Instruction | undefined {
  const isAssigned = store.op === PREPARED.storeInt && store.b === NARROW.none && store.c === compute.c;
  if (!isAssigned || !COMPUTES.has(compute.op) || end?.op !== ret.op || end.c === compute.c) return undefined;
  return new Instruction(compute.op, [compute.a, compute.b, store.a], compute);
}

const BY_CONSTANT: ReadonlyMap<number, number> = new Map<number, number>([
  [OPCODES.sll.op, INTERPRETED.shiftLeftBy],
  [OPCODES.srl.op, INTERPRETED.shiftRightBy],
  [OPCODES.sra.op, INTERPRETED.shiftSignedBy],
]);

function shiftByConstant(m: MachineState, tables: PreparedTables, each: Instruction): Instruction {
  const op = BY_CONSTANT.get(each.op);
  if (op === undefined || !tables.isConstant(each.b * 4)) return each;
  const { i32 } = m.memory;
  const count = i32[each.b]!;
  const isShort = i32[each.b + 1] === 0 && count > 0 && count < 32;
  return isShort ? new Instruction(op, [each.a, count, each.c], each) : each;
}
