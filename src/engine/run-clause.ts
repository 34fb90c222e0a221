/**
 * Runs the steps of one clause for one firing: space for the record has been found.
 *
 * In: the steps, linked (link-steps.ts), with the predicate unless that has been decided, and where the record's payload
 * is: 0 when there is none. Out: DONE; UNMATCHED when the predicate does not hold; ENDED when a speculate() has nothing to
 * record into; or the number of the action that faulted. What the clause asked for besides its record (exit, commit, work for the
 * consumer) is left in the ClauseRun for engine.ts.
 */
import type { SymbolKeys } from './engine-contract.ts';
import type { Instruction } from './instruction.ts';
import { execute } from './interpreter.ts';
import type { KeyBuffer } from './key-buffer.ts';
import type { MachineState } from './machine-state.ts';
import type { Interpreter } from './perform-instruction.ts';

export { DONE, ENDED, UNMATCHED } from './perform-step.ts';

/** Returns false, without waiting, when the CPU's budget is spent. */
export type Chill = (ns: bigint) => boolean;

/** What runSteps needs and leaves. One per session, reused by every clause. */
export interface ClauseRun {
  readonly m: MachineState;
  readonly interpreter: Interpreter;
  /** Of the aggregation at hand. */
  readonly key: KeyBuffer;
  /** Offset of the i64 1 that functions without an increment count by. */
  readonly oneAt: number;
  /** Offset of a cell that keeps a value while its increment is evaluated. */
  readonly holdAt: number;
  /** Offset of a cell for the value of a DIFO that has several `ret`. */
  readonly valueAt: number;
  /** Called for exit(): the status is the i64 at that word index. */
  readonly exit: (at: number) => void;
  readonly commit: (id: number) => void;
  readonly dropAggregation: () => void;
  /** Makes the CPU at hand wait so many ns; undefined without a clock that goes on meanwhile. */
  readonly chill: Chill | undefined;
  readonly symbols: SymbolKeys | undefined;
  /** Speculation that takes the clause's record; 0 for the principal buffer. */
  speculating: number;
  /** Whether a library action ran. */
  library: boolean;
}

/** Forget what the last clause asked for. */
export function startRun(run: ClauseRun): void {
  run.speculating = 0;
  run.library = false;
}

export function runSteps(run: ClauseRun, linked: Instruction, payload: number): number {
  return execute(run.m, run.interpreter, linked, run, payload);
}
