/**
 * One instruction as the interpreter runs it: an object that names the next one. Its fields cost less to read than
 * elements of a typed array, each of which is checked for its bounds, and for memory that has grown.
 */
import { OPCODES } from '../dif/opcodes.ts';
import { INTERPRETED } from './prepared-opcodes.ts';
import { isBranch } from './propagate.ts';
import type { Step } from './steps.ts';

/** Up to four, as the opcode says (prepared-opcodes.ts); branches go to number `a` of their list. */
export type Operands = readonly [a: number, b: number, c: number, d?: number];

interface Origin {
  readonly offset?: number;
  readonly outcome?: number;
  readonly step?: Step | undefined;
}

export class Instruction {
  readonly op: number;
  a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** Byte offset in the DIFO, for faults; -1 of what is no part of one. */
  readonly offset: number;
  /** What the run gives when it ends here with a fault. */
  readonly outcome: number;
  readonly step: Step | undefined;
  next: Instruction = this;
  /** Of a branch: the instruction before the one it goes to. */
  target: Instruction = this;

  constructor(op: number, [a, b, c, d = 0]: Operands, { offset = -1, outcome = -1, step }: Origin = {}) {
    this.op = op;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.offset = offset;
    this.outcome = outcome;
    this.step = step;
  }
}

/** Whether an instruction goes to `a`. */
export function goesTo(op: number): boolean {
  return isBranch(op) || (op >= INTERPRETED.branchZero && op <= INTERPRETED.branchUnlessColumn16);
}

/**
 * Ties a list together; returns where it starts. Branches go forward (V6, V16), so each has something before its goal, and
 * those without a condition need not be run: what comes before them names what comes after.
 */
export function thread(list: readonly Instruction[]): Instruction {
  list.forEach((each, i) => {
    each.next = runFrom(list, i + 1) ?? each;
    if (goesTo(each.op)) each.target = list[each.a - 1]!;
  });
  return runFrom(list, 0)!;
}

/** The first to be run, coming to number `i`. */
function runFrom(list: readonly Instruction[], i: number): Instruction | undefined {
  let each = list[i];
  while (each?.op === OPCODES.ba.op) each = list[each.a];
  return each;
}
