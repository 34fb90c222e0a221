/**
 * The steps of a clause as one list of instructions, so that a firing is one run of the interpreter: the code of each
 * step's DIFO, then an instruction for what the step does with its value.
 *
 * In: steps (steps.ts). Out: the first of a list that ends with `ret` DONE. A DIFO's own `ret` goes: the step reads the value where it
 * lies; where there are several, each leaves its value in one cell and goes on behind the code.
 */
import { OPCODES } from '../dif/opcodes.ts';
import { goesTo, Instruction, instructionsOf, thread } from './instructions.ts';
import { DONE } from './perform-step.ts';
import type { PreparedDifo } from './prepare.ts';
import { INTERPRETED, PREPARED } from './prepared-opcodes.ts';
import type { ClauseRun } from './run-clause.ts';
import { STEPS, type Step } from './steps.ts';

const { ba, call, flushts, popts, pushtr, pushtv, ret } = OPCODES;
/** What uses the tuple stack. A DIFO may end with arguments of its last call on it, so another starts by emptying it. */
const TUPLE_OPS: ReadonlySet<number> = new Set<number>([
  ...[call.op, popts.op, pushtr.op, pushtv.op],
  ...[PREPARED.loadDynamic, PREPARED.storeDynamic],
]);

export function linkSteps(run: ClauseRun, steps: readonly Step[]): Instruction {
  const linker = new Linker(run);
  const starts = steps.map((step) => linker.add(step));
  starts.push(linker.list.length);
  linker.list.push(new Instruction(ret.op, [0, 0, DONE]));
  for (const jump of linker.jumps) jump.a = starts[jump.a]!;
  return thread(linker.list);
}

class Linker {
  readonly list: Instruction[] = [];
  /** Branches of steps, to the number of a step. */
  readonly jumps: Instruction[] = [];
  private readonly run: ClauseRun;

  constructor(run: ClauseRun) {
    this.run = run;
  }

  /** Returns where the step starts. */
  add(step: Step): number {
    const start = this.list.length;
    const at = step.difo === undefined ? 0 : this.value(step.difo, step.number);
    this.use(step, at);
    return start;
  }

  private use(step: Step, at: number): void {
    switch (step.op) {
      case STEPS.evaluate:
        return;
      case STEPS.branch:
        this.jump(INTERPRETED.branchZero, step, at);
        return;
      case STEPS.jump:
        this.jump(ba.op, step, at);
        return;
      case STEPS.startKey:
        this.put(INTERPRETED.startKey, [0, 0, 0], step);
        return;
      case STEPS.keyInt:
        this.put(INTERPRETED.keyInt, [0, step.narrowing, at], step);
        return;
      case STEPS.aggregate:
        this.aggregate(step, at);
        return;
      default:
        this.put(INTERPRETED.step, [0, 0, at], step);
        return;
    }
  }

  private aggregate(step: Step, at: number): void {
    const { oneAt, holdAt } = this.run;
    if (step.increment === undefined) {
      this.put(INTERPRETED.aggregate, [0, oneAt >>> 2, at], step);
      return;
    }
    const value = holdAt >>> 2;
    this.put(PREPARED.copy, [at, 0, value], step);
    const increment = this.value(step.increment, step.number + 1); // an action of its own
    this.put(INTERPRETED.aggregate, [0, increment, value], step);
  }

  private jump(op: number, step: Step, at: number): void {
    this.put(op, [step.target, 0, at], step);
    this.jumps.push(this.list.at(-1)!);
  }

  private put(op: number, operands: readonly [number, number, number], step: Step): void {
    this.list.push(new Instruction(op, operands, { outcome: step.number, step }));
  }

  /** Puts a DIFO's code into the list; returns the word index of its value. */
  private value(difo: PreparedDifo, outcome: number): number {
    if (difo.direct !== 0) return difo.direct;
    const { m, interpreter } = this.run;
    const code = instructionsOf(m, interpreter.tables, difo);
    if (code.some(({ op }) => TUPLE_OPS.has(op))) this.list.push(new Instruction(flushts.op, [0, 0, 0]));
    const returns = code.filter(({ op }) => op === ret.op).length;
    const last = code.length - 1;
    // One cell serves all: a step is done with its value before the next one's DIFO runs.
    const place = returns === 1 ? code[last]!.c : this.run.valueAt >>> 2;
    const starts: number[] = [];
    const first = this.list.length;
    for (const [i, { op, a, b, c, offset }] of code.entries()) {
      starts.push(this.list.length);
      if (op !== ret.op) this.list.push(new Instruction(op, [a, b, c], { offset, outcome }));
      else {
        if (returns > 1) this.list.push(new Instruction(PREPARED.copy, [c, 0, place]));
        if (i !== last) this.list.push(new Instruction(ba.op, [code.length, 0, 0]));
      }
    }
    starts.push(this.list.length);
    for (const each of this.list.slice(first)) if (goesTo(each.op)) each.a = starts[each.a]!;
    return place;
  }
}
