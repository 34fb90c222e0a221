/**
 * Prepared code, made shorter for the interpreter, which spends more on choosing an instruction than on most of them.
 *
 * Several become one where nobody sees the difference: a comparison and the branch that alone looks at it, what is
 * computed only to be compared or stored, an operand that is a small constant. A rule looks at one instruction and those
 * after it, up to the next label, and says what they become; branches are renumbered at the end. Faults keep the offset
 * of the instruction that is at fault.
 */
import { OPCODES } from '../dif/opcodes.ts';
import { goesTo, Instruction, thread } from './instruction.ts';
import type { MachineState } from './machine-state.ts';
import { NARROW } from './narrowing.ts';
import type { PreparedDifo, PreparedTables } from './prepare.ts';
import { INTERPRETED, PREPARED } from './prepared-opcodes.ts';
import { isBranch, operandsOf, READS, WRITES_C } from './propagate.ts';

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
  return new Shortening(m, tables, listed(difo)).result();
}

function listed({ code, offsets }: PreparedDifo): readonly Instruction[] {
  return Array.from({ length: code.length / 4 }, (_, i) => {
    const [op, a, b, c] = code.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
    return new Instruction(op, [isBranch(op) ? a / 4 : a, b, c], { offset: offsets[i] ?? -1 });
  });
}

const { and, ba, be, bne, cmp, ret, scmp, tst } = OPCODES;
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

const UNLESS_COLUMN: ReadonlyMap<number, number> = new Map<number, number>([
  [PREPARED.column8, INTERPRETED.branchUnlessColumn8],
  [PREPARED.column16, INTERPRETED.branchUnlessColumn16],
]);

const SHIFTS_BY_CONSTANT: ReadonlyMap<number, number> = new Map<number, number>([
  [OPCODES.sll.op, INTERPRETED.shiftLeftBy],
  [OPCODES.srl.op, INTERPRETED.shiftRightBy],
  [OPCODES.sra.op, INTERPRETED.shiftSignedBy],
]);

/** Opcodes that cannot fault half done: W[c] is written once their operands have been read. */
export const COMPUTES: ReadonlySet<number> = new Set<number>([
  ...(['or', 'xor', 'and', 'sll', 'srl', 'sra', 'sub', 'add', 'mul', 'not'] as const).map(
    (name) => OPCODES[name].op as number,
  ),
  ...[PREPARED.column8, PREPARED.column16, PREPARED.column64],
  ...[...SHIFTS_BY_CONSTANT.values(), INTERPRETED.maskBy],
]);

/** What `length` instructions become. */
interface Short {
  readonly instruction: Instruction;
  readonly length: number;
}

class Shortening {
  private readonly m: MachineState;
  private readonly tables: PreparedTables;
  private readonly list: readonly Instruction[];
  private readonly labels: ReadonlySet<number>;
  /** By the number of an instruction, whether a branch may still look at the outcome of the last comparison. */
  private readonly inUse: readonly boolean[];

  constructor(m: MachineState, tables: PreparedTables, list: readonly Instruction[]) {
    this.m = m;
    this.tables = tables;
    this.list = list;
    this.labels = new Set(list.filter(({ op }) => isBranch(op)).map(({ a }) => a));
    this.inUse = comparisonsInUse(list);
  }

  result(): readonly Instruction[] {
    const kept: Instruction[] = [];
    const newIndex: number[] = [];
    for (let i = 0; i < this.list.length; ) {
      const { instruction, length } = this.shortest(i);
      for (let j = 0; j < length; j++) newIndex.push(kept.length);
      kept.push(this.specialised(instruction));
      i += length;
    }
    for (const each of kept) if (goesTo(each.op)) each.a = newIndex[each.a]!;
    return kept;
  }

  private shortest(i: number): Short {
    const each = this.list[i]!;
    const short =
      this.bitsAndBranch(i, each) ??
      this.columnAndBranch(i, each) ??
      this.compareAndBranch(i, each) ??
      this.computeInPlace(i, each);
    return short ?? { instruction: each, length: 1 };
  }

  /** The instruction at `i`, unless it may be come upon in another way than from the one before. */
  private following(i: number): Instruction | undefined {
    return this.labels.has(i) ? undefined : this.list[i];
  }

  /** Whether the register is read from there on, on any way, before it is written. */
  private isRead(register: number, from: number): boolean {
    const seen = new Set<number>();
    const ways = [from];
    for (let i = ways.pop(); i !== undefined; i = ways.pop()) {
      if (seen.has(i)) continue;
      seen.add(i);
      const { op, a, b, c } = this.list[i]!;
      const operands = operandsOf(op);
      if (READS.some((bit, n) => (operands & bit) !== 0 && [a, b, c][n] === register)) return true;
      if (op === ret.op || ((operands & WRITES_C) !== 0 && c === register)) continue;
      if (isBranch(op)) ways.push(a);
      if (op !== ba.op) ways.push(i + 1);
    }
    return false;
  }

  /** The branch at `i` that alone looks at the comparison before it. */
  private lastToLook(i: number): Instruction | undefined {
    const branch = this.following(i);
    if (branch === undefined || !isBranch(branch.op)) return undefined;
    return this.inUse[i + 1]! || this.inUse[branch.a]! ? undefined : branch;
  }

  private compareAndBranch(i: number, compare: Instruction): Short | undefined {
    const branch = this.lastToLook(i + 1);
    const op = branch && FUSED.get(compare.op)?.get(branch.op);
    if (op === undefined) return undefined;
    const operands =
      compare.op === cmp.op
        ? ([branch!.a, compare.a, compare.b] as const)
        : ([branch!.a, 0, compare.a] as const);
    return { instruction: new Instruction(op, operands, compare), length: 2 };
  }

  private bitsAndBranch(i: number, each: Instruction): Short | undefined {
    if (each.op !== and.op) return undefined;
    const test = this.following(i + 1);
    const branch = this.lastToLook(i + 2);
    const fits = test?.op === tst.op && test.a === each.c && branch?.op === be.op;
    if (!fits || this.isRead(each.c, i + 2)) return undefined;
    const operands = [branch.a, each.a, each.b] as const;
    return { instruction: new Instruction(INTERPRETED.branchNoBits, operands, each), length: 3 };
  }

  private columnAndBranch(i: number, column: Instruction): Short | undefined {
    const op = UNLESS_COLUMN.get(column.op);
    const compare = this.following(i + 1);
    const branch = this.lastToLook(i + 2);
    if (op === undefined || compare?.op !== cmp.op || branch?.op !== bne.op) return undefined;
    const other = compare.a === column.c ? compare.b : compare.a;
    const comparesIt = other !== column.c && (compare.a === column.c || compare.b === column.c);
    if (!comparesIt || this.isRead(column.c, i + 2)) return undefined;
    return { instruction: new Instruction(op, [branch.a, column.a, other, column.b], column), length: 3 };
  }

  /** A statement's assignment at full width: afterwards nobody reads the register. */
  private computeInPlace(i: number, compute: Instruction): Short | undefined {
    const store = this.following(i + 1);
    const end = this.following(i + 2);
    const isAssigned = store?.op === PREPARED.storeInt && store.b === NARROW.none && store.c === compute.c;
    if (!isAssigned || !COMPUTES.has(compute.op) || end?.op !== ret.op || end.c === compute.c)
      return undefined;
    const instruction = new Instruction(compute.op, [compute.a, compute.b, store.a], compute);
    return { instruction, length: 2 };
  }

  private specialised(each: Instruction): Instruction {
    switch (each.op) {
      case and.op:
        return this.maskByConstant(each);
      case PREPARED.loadDynamic:
        return this.scalar(INTERPRETED.loadScalar, each);
      case PREPARED.storeDynamic:
        return this.scalar(INTERPRETED.storeScalar, each);
      default:
        return this.shiftByConstant(each);
    }
  }

  private scalar(op: number, each: Instruction): Instruction {
    const isScalar = each.b === 0 && this.tables.slots[each.a]!.kind === 'int';
    return isScalar ? new Instruction(op, [each.a, 0, each.c], each) : each;
  }

  private shiftByConstant(each: Instruction): Instruction {
    const op = SHIFTS_BY_CONSTANT.get(each.op);
    const count = op === undefined ? undefined : this.constantWord(each.b);
    const isShort = count !== undefined && count > 0 && count < 32;
    return isShort ? new Instruction(op!, [each.a, count, each.c], each) : each;
  }

  private maskByConstant(each: Instruction): Instruction {
    const mask = this.constantWord(each.b);
    return mask === undefined ? each : new Instruction(INTERPRETED.maskBy, [each.a, mask, each.c], each);
  }

  /** The low word of a constant whose high word is 0. */
  private constantWord(at: number): number | undefined {
    const { i32 } = this.m.memory;
    return this.tables.isConstant(at * 4) && i32[at + 1] === 0 ? i32[at]! : undefined;
  }
}

function comparisonsInUse(list: readonly Instruction[]): readonly boolean[] {
  const inUse: boolean[] = new Array(list.length + 1).fill(false);
  for (let i = list.length - 1; i >= 0; i--) {
    const { op, a } = list[i]!;
    if (op === ba.op) inUse[i] = inUse[a]!;
    else if (isBranch(op)) inUse[i] = true;
    else inUse[i] = !ENDS_COMPARISON.has(op) && inUse[i + 1]!;
  }
  return inUse;
}
