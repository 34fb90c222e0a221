/**
 * The fast tier: clauses as WebAssembly over the engine's memory. The front page of this folder.
 *
 * In: prepared clauses. Out: for each a FastCode that the engine calls in place of the interpreter, or the reason why the
 * interpreter keeps it. Both leave the same bytes in memory. A clause is compiled once it has run COMPILE_AFTER times, since most
 * clauses of a one-liner on a short log never do; `fast` compiles each at its first firing.
 *
 * Compiled clauses are written once more into a run over the rows of a batch, where one event follows another without
 * TypeScript in between: with time, arguments, records, and what the probe is called. A clause that needs more than a row
 * tells is begun there (its predicate) or not at all, and carried out by the engine.
 *
 *   emitter.ts         one clause being written: places, registers, call-outs
 *   emit-clause.ts     predicate and steps
 *   emit-aggregate.ts  aggregations                  look-up.ts      entries of keyed tables; entry-code.ts, text-look-up.ts
 *   emit-difo.ts       DIFOs                         call-outs.ts    what goes back to TypeScript
 *   emit-instructions.ts, emit-dynamic.ts            what they are made of; difo-state.ts
 *   rows.ts            the loop over rows            row-runner.ts   makes and runs it
 *   fetch-ahead.ts     what rows will look up        of-row.ts       what is known from a row alone
 *   row-places.ts      what a run finds where
 */
import type { PreparedClause } from '../ecb.ts';
import type { TierChoice, TierReport } from '../engine-contract.ts';
import type { MachineState } from '../machine-state.ts';
import type { PreparedTables } from '../prepare.ts';
import type { ClauseRun } from '../run-clause.ts';
import { STEPS } from '../steps.ts';
import type { DynamicVariables } from '../variables.ts';
import { callOuts } from './call-outs.ts';
import { clauseModule, EXPORTS, nativeSteps } from './emit-clause.ts';
import {
  type FastContext,
  FastTables,
  MAX_KEY_WORDS,
  RECENT_CPUS,
  SCRATCH,
  TEXT_KEY_STRINGS,
} from './emitter.ts';
import type { RowClause, RowForm, RowPlaces } from './row-places.ts';
import { ROWS_EXPORT, rowForm, rowsModule } from './rows.ts';

/** Compiling costs about as much as that many firings. */
const COMPILE_AFTER = 1000;
/** Code beyond this takes too long to compile; instructions. */
const LARGEST_CLAUSE = 4000;

type ClauseFunction = (payload: number, row: number, cpu: number) => number;

/** Returns the first row not done (rows.ts). `withholds` is 1 in safe mode. */
export type RowsFunction = (row: number, end: number, withholds: number) => number;

/** A clause's functions: outcomes are those of runSteps, or UNMATCHED. */
export interface FastCode {
  /** Absent when there is no predicate, or `steps` begins with it. */
  readonly predicate: ClauseFunction | undefined;
  readonly steps: ClauseFunction;
  /** Whether it may be called without the firing and the clause having been started (emitter.ts). */
  readonly isLean: boolean;
}

export class FastTier {
  /** Firings of a clause that the interpreter runs before it is compiled. */
  readonly patience: number;
  private readonly choice: TierChoice;
  private readonly context: FastContext;
  private readonly imports: { readonly e: Record<string, unknown> };

  constructor(
    choice: TierChoice,
    m: MachineState,
    tables: PreparedTables,
    dynamic: DynamicVariables,
    run: ClauseRun,
  ) {
    this.choice = choice;
    this.patience = choice === 'fast' ? 1 : COMPILE_AFTER;
    const scratchAt = m.memory.reserve(SCRATCH.bytes);
    // A string with its length and padding, and room for a word beyond the last.
    const textKeyBytes = MAX_KEY_WORDS * 8 + TEXT_KEY_STRINGS * (m.strsize + 24) + 8;
    const textKeyAt = m.memory.reserve(textKeyBytes);
    const recentAt = reservedPerSlot(m);
    this.context = { m, tables, dynamic, fast: new FastTables(), scratchAt, recentAt, textKeyAt };
    this.imports = { e: { ...callOuts(this.context, run), memory: m.memory.memory } };
  }

  /** Why the interpreter runs a clause; undefined when it need not. */
  whyInterpreted(clause: PreparedClause): string | undefined {
    if (this.choice === 'interpreter') return 'as asked';
    return whyNot(clause) ?? (this.choice === 'auto' ? whyUseless(this.context, clause) : undefined);
  }

  /** Undefined when the interpreter goes on running the clause. A host that refuses the module is no reason to end. */
  compile(clause: PreparedClause): FastCode | undefined {
    if (this.whyInterpreted(clause) !== undefined) return undefined;
    try {
      return this.link(clause);
    } catch (error) {
      if (this.choice === 'fast') throw error;
      return undefined;
    }
  }

  private link(clause: PreparedClause): FastCode {
    const { module, isLean } = clauseModule(this.context, clause);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), this.imports);
    return {
      isLean,
      predicate: exports[EXPORTS.predicate] as ClauseFunction | undefined,
      steps: exports[EXPORTS.steps] as ClauseFunction,
    };
  }

  /** How much of a clause a run over rows can have in it. Only clauses that have been compiled are asked for. */
  rowForm(clause: PreparedClause): RowForm {
    return clause.fast === undefined ? 'none' : rowForm(this.context, clause);
  }

  /** A run over rows; undefined when the host refuses the module. */
  compileRows(clauses: readonly RowClause[], places: RowPlaces): RowsFunction | undefined {
    try {
      const module = new WebAssembly.Module(rowsModule(this.context, clauses, places).bytes());
      return new WebAssembly.Instance(module, this.imports).exports[ROWS_EXPORT] as RowsFunction;
    } catch (error) {
      if (this.choice === 'fast') throw error;
      return undefined;
    }
  }

  report(clauses: readonly PreparedClause[]): TierReport {
    const interpreted = new Map<string, number>();
    for (const clause of clauses) {
      const reason = this.whyInterpreted(clause);
      if (reason !== undefined) interpreted.set(reason, (interpreted.get(reason) ?? 0) + 1);
    }
    const slow = [...interpreted.values()].reduce((sum, count) => sum + count, 0);
    return { fast: clauses.length - slow, interpreted };
  }
}

/** Reserves when first asked for a slot. */
function reservedPerSlot({ memory }: MachineState): (slot: number) => number {
  const places = new Map<number, number>();
  return (slot) => {
    const known = places.get(slot);
    if (known !== undefined) return known;
    const at = memory.reserve(RECENT_CPUS * 4);
    places.set(slot, at);
    return at;
  };
}

/** Speculations move records about between steps; that is left to one place. */
function whyNot({ predicate, steps }: PreparedClause): string | undefined {
  if (steps.some(({ op }) => op === STEPS.speculate)) return 'speculates';
  const difos = [predicate, ...steps.flatMap(({ difo, increment }) => [difo, increment])];
  const words = difos.reduce((sum, difo) => sum + (difo?.code.length ?? 0), 0);
  return words / 4 + steps.length > LARGEST_CLAUSE ? 'too large' : undefined;
}

/** What would only be called back for. */
const WORK: Readonly<Record<number, string>> = {
  [STEPS.recordText]: 'records strings',
  [STEPS.recordBytes]: 'records bytes',
  [STEPS.recordStack]: 'records stacks',
  [STEPS.recordRegisters]: 'records bytes',
  [STEPS.recordCode]: 'records bytes',
  [STEPS.startKey]: 'other keys or functions than of integers',
};

/** Why a clause that could be compiled would gain nothing. */
function whyUseless(context: FastContext, clause: PreparedClause): string | undefined {
  const { predicate, steps, once } = clause;
  if (once) return 'fires once';
  if (predicate !== undefined) return undefined;
  for (let i = 0; i < steps.length; i++) {
    const { op } = steps[i]!;
    if (op !== STEPS.taken && op !== STEPS.jump && nativeSteps(context, clause, i) > 0) return undefined;
    if (op === STEPS.startKey) while (steps[i]!.op !== STEPS.aggregate) i++;
  }
  const [first] = steps.map(({ op }) => WORK[op]).filter((work) => work !== undefined);
  return first ?? 'no arithmetic';
}
