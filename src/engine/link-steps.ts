/**
 * The steps of a clause as one list of instructions, so that a firing is one run of the interpreter: the code of each
 * step's DIFO, then an instruction for what the step does with its value.
 *
 * In: steps (steps.ts), and the predicate if it is to be decided in the same run. Out: the first of a list that ends with
 * `ret` DONE, or `ret` UNMATCHED where the predicate does not hold. A DIFO's own `ret` goes: the step reads the value where
 * it lies; where there are several, each leaves its value in one cell and goes on behind the code.
 *
 * A key of integers alone has a place of its own, in which its values are computed; others are built (key-buffer.ts).
 */
import { OPCODES, REGISTER_FILE_SIZE } from '../dif/opcodes.ts';
import { goesTo, Instruction, type Operands, thread } from './instruction.ts';
import { COMPUTES, instructionsOf } from './instructions.ts';
import { NARROW } from './narrowing.ts';
import { DONE, UNMATCHED } from './perform-step.ts';
import type { PreparedDifo } from './prepare.ts';
import { INTERPRETED, PREPARED } from './prepared-opcodes.ts';
import { reserveOrNone } from './reserve.ts';
import type { ClauseRun } from './run-clause.ts';
import { STEPS, type Step } from './steps.ts';

const { ba, call, flushts, popts, pushtr, pushtv, ret } = OPCODES;
/** What uses the tuple stack. A DIFO may end with arguments of its last call on it, so another starts by emptying it. */
const TUPLE_OPS: ReadonlySet<number> = new Set<number>([
  ...[call.op, popts.op, pushtr.op, pushtv.op],
  ...[PREPARED.loadDynamic, PREPARED.storeDynamic],
]);

/** Whether a column's value is the same at that width. */
const KEEPS: ReadonlyMap<number, ReadonlySet<number>> = new Map<number, ReadonlySet<number>>([
  [PREPARED.column8, new Set([NARROW.u8, NARROW.s16, NARROW.u16, NARROW.s32, NARROW.u32])],
  [PREPARED.column16, new Set([NARROW.u16, NARROW.s32, NARROW.u32])],
]);

export function linkSteps(run: ClauseRun, steps: readonly Step[], predicate?: PreparedDifo): Instruction {
  return new Linker(run).link(steps, predicate);
}

/** A key of integers alone: where its next value goes, and its bytes. */
interface FixedKey {
  readonly at: number;
  bytes: number;
}

class Linker {
  private readonly list: Instruction[] = [];
  /** Branches of steps, to the number of a step. */
  private readonly jumps: Instruction[] = [];
  private readonly run: ClauseRun;
  /** Of the aggregation at hand; undefined while the key is built. */
  private key: FixedKey | undefined;

  constructor(run: ClauseRun) {
    this.run = run;
  }

  link(steps: readonly Step[], predicate: PreparedDifo | undefined): Instruction {
    const refusals = predicate === undefined ? [] : this.decide(predicate);
    const starts = steps.map((step, i) => this.add(step, steps, i));
    starts.push(this.list.length);
    this.list.push(new Instruction(ret.op, [0, 0, DONE]));
    for (const jump of this.jumps) jump.a = starts[jump.a]!;
    for (const refusal of refusals) refusal.a = this.list.length;
    if (refusals.length > 0) this.list.push(new Instruction(ret.op, [0, 0, UNMATCHED]));
    return thread(this.list);
  }

  /** Returns the branches that are taken when the predicate does not hold. A fault in one is that of action 0. */
  private decide(predicate: PreparedDifo): readonly Instruction[] {
    const refusals: Instruction[] = [];
    const refuse = (op: number, at: number) => {
      refusals.push(new Instruction(op, [0, 0, at]));
      this.list.push(refusals.at(-1)!);
    };
    if (predicate.direct !== 0) refuse(INTERPRETED.branchZero, predicate.direct);
    else {
      this.expand(predicate, 0, (at) => {
        const holds = this.isKnown(at);
        if (holds === undefined) refuse(INTERPRETED.branchZero, at);
        if (holds === false) refuse(ba.op, at);
      });
    }
    return refusals;
  }

  /** What a constant says as a predicate. */
  private isKnown(at: number): boolean | undefined {
    const { m, interpreter } = this.run;
    const isConstant = at === m.registersAt >>> 2 || interpreter.tables.isConstant(at * 4);
    return isConstant ? !m.isZero(at) : undefined;
  }

  /** Returns where the step starts. */
  private add(step: Step, steps: readonly Step[], i: number): number {
    const start = this.list.length;
    if (step.op === STEPS.startKey) this.startKey(step, steps.slice(i + 1));
    else if (step.op === STEPS.keyInt && this.key !== undefined) this.keyWord(step, this.key);
    else this.use(step, step.difo === undefined ? 0 : this.value(step.difo, step.number));
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

  private startKey(step: Step, rest: readonly Step[]): void {
    const count = rest.findIndex(({ op }) => op !== STEPS.keyInt);
    const isFixed = rest[count]?.op === STEPS.aggregate;
    const at = isFixed ? reserveOrNone(this.run.m.memory, count * 8) : 0;
    this.key = at === 0 ? undefined : { at, bytes: 0 };
    if (this.key === undefined) this.put(INTERPRETED.startKey, [0, 0, 0], step);
  }

  private keyWord({ difo, number, narrowing }: Step, key: FixedKey): void {
    const word = (key.at + key.bytes) >>> 2;
    key.bytes += 8;
    const first = this.list.length;
    const at = this.value(difo!, number);
    if (!this.computeAt(word, at, first, narrowing))
      this.list.push(new Instruction(PREPARED.storeInt, [word, narrowing, at]));
  }

  /**
   * Let the last of the instructions from `first` on, all of a DIFO, compute its value into `word` right away, if it is the
   * one that always gives the value and gives it as narrow as it has to be. A variable that the DIFO has just set and
   * returns has to have it, too: `(x = a + 1, x)`.
   */
  private computeAt(word: number, at: number, first: number, narrowing: number): boolean {
    const last = this.list.at(-1);
    if (last === undefined || this.list.length === first || last.c !== at || !COMPUTES.has(last.op))
      return false;
    if (!this.isRegister(at)) return false;
    if (narrowing !== NARROW.none && !KEEPS.get(last.op)?.has(narrowing)) return false;
    if (this.list.slice(first).some(({ op }) => goesTo(op))) return false;
    this.list[this.list.length - 1] = new Instruction(last.op, [last.a, last.b, word, last.d], last);
    return true;
  }

  private isRegister(at: number): boolean {
    const first = this.run.m.registersAt >>> 2;
    return at > first && at < first + REGISTER_FILE_SIZE * 2;
  }

  private aggregate(step: Step, at: number): void {
    const { oneAt, holdAt } = this.run;
    if (step.increment === undefined) {
      this.update(step, oneAt >>> 2, at);
      return;
    }
    const value = holdAt >>> 2;
    this.put(PREPARED.copy, [at, 0, value], step);
    const increment = this.value(step.increment, step.number + 1); // an action of its own
    this.update(step, increment, value);
  }

  private update(step: Step, increment: number, value: number): void {
    const { key } = this;
    if (key === undefined) this.put(INTERPRETED.aggregate, [0, increment, value], step);
    else this.put(INTERPRETED.aggregateAt, [key.at, increment, value, key.bytes], step);
  }

  private jump(op: number, step: Step, at: number): void {
    this.put(op, [step.target, 0, at], step);
    this.jumps.push(this.list.at(-1)!);
  }

  private put(op: number, operands: Operands, step: Step): void {
    this.list.push(new Instruction(op, operands, { outcome: step.number, step }));
  }

  /** Puts a DIFO's code into the list; returns the word index of its value. */
  private value(difo: PreparedDifo, outcome: number): number {
    if (difo.direct !== 0) return difo.direct;
    const returns = this.codeOf(difo).filter(({ op }) => op === ret.op);
    // One cell serves all: a step is done with its value before the next one's DIFO runs.
    const place = returns.length === 1 ? returns[0]!.c : this.run.valueAt >>> 2;
    this.expand(difo, outcome, (at) => {
      if (at !== place) this.list.push(new Instruction(PREPARED.copy, [at, 0, place]));
    });
    return place;
  }

  private codeOf(difo: PreparedDifo): readonly Instruction[] {
    const { m, interpreter } = this.run;
    return instructionsOf(m, interpreter.tables, difo);
  }

  /** Puts a DIFO's code into the list, with what `use` makes of the value in the place of each `ret`. */
  private expand(difo: PreparedDifo, outcome: number, use: (at: number) => void): void {
    const code = this.codeOf(difo);
    if (code.some(({ op }) => TUPLE_OPS.has(op))) this.list.push(new Instruction(flushts.op, [0, 0, 0]));
    const starts: number[] = [];
    const own: Instruction[] = []; // with branches to numbers of `code`
    for (const [i, { op, a, b, c, d, offset }] of code.entries()) {
      starts.push(this.list.length);
      if (op === ret.op) {
        use(c);
        if (i === code.length - 1) continue;
      }
      const each =
        op === ret.op
          ? new Instruction(ba.op, [code.length, 0, 0])
          : new Instruction(op, [a, b, c, d], { offset, outcome });
      this.list.push(each);
      if (goesTo(each.op)) own.push(each);
    }
    starts.push(this.list.length);
    for (const each of own) each.a = starts[each.a]!;
  }
}
