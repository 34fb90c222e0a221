/**
 * What is enabled: the ECBs of every probe in the order of their clauses, and the tier that each clause runs on.
 *
 * In: clauses on probes while a session is set up; `makeReady` then prepares each clause once for all its probes. Out: by
 * probe, its ECBs, and the same where compiled code is all that a firing has to run (`leanOfProbe`). A clause is compiled
 * when it has fired often enough, or before the first of many rows.
 */
import { bug } from '../base/assert.ts';
import type { EcbInfo, ProbeName } from '../dif/consumer-contract.ts';
import type { Clause, Program } from '../dif/program.ts';
import type { Aggregations } from './aggregating.ts';
import { type Ecb, type PreparedClause, prepareClause } from './ecb.ts';
import type { RowProbes } from './engine-contract.ts';
import type { FastTier } from './fast/fast-tier.ts';
import type { Instruction } from './instruction.ts';
import { linkSteps } from './link-steps.ts';
import { prepare } from './prepare.ts';
import type { ClauseRun } from './run-clause.ts';
import { stepsOf } from './steps.ts';
import type { VariableStorage } from './variables.ts';

/** A program of more clauses may be one of many for rare events. */
const MOST_EAGER = 8;

export class EnabledClauses {
  readonly infos: EcbInfo[] = [];
  readonly ofProbe: (Ecb[] | undefined)[] = [];
  /** The same where all of them are lean code (fast/emitter.ts). */
  readonly leanOfProbe: (readonly Ecb[] | undefined)[] = [];
  readonly recordBytesOfEpid: number[] = [0];
  private readonly isEnabled: boolean[] = []; // by probe id
  private readonly prepared = new Map<Clause, PreparedClause>();
  private readonly run: ClauseRun;
  private readonly tier: FastTier;
  private readonly storage: VariableStorage;
  private readonly aggregations: Aggregations;

  constructor(run: ClauseRun, tier: FastTier, storage: VariableStorage, aggregations: Aggregations) {
    this.run = run;
    this.tier = tier;
    this.storage = storage;
    this.aggregations = aggregations;
  }

  add(program: Program, clause: Clause, probe: ProbeName): void {
    this.infos.push({ epid: this.infos.length + 1, probe, program, clause });
    while (this.isEnabled.length <= probe.id) this.isEnabled.push(false);
    this.isEnabled[probe.id] = true;
  }

  has(probeId: number): boolean {
    return this.isEnabled[probeId] ?? false;
  }

  get clauses(): readonly PreparedClause[] {
    return [...this.prepared.values()];
  }

  /** Prepares every clause; `isOnce` says which probes fire but once. */
  makeReady(isOnce: (probeId: number) => boolean): void {
    const { prepared } = this;
    for (const info of this.infos) {
      const clause = prepared.get(info.clause) ?? this.prepareClause(info);
      prepared.set(info.clause, clause);
      clause.once &&= isOnce(info.probe.id);
      this.recordBytesOfEpid[info.epid] = clause.recordBytes;
      this.attach(info.probe.id, { info, clause });
    }
  }

  private prepareClause({ program, clause }: EcbInfo): PreparedClause {
    const { m, interpreter } = this.run;
    const context = {
      prepare: (difo: Parameters<typeof prepare>[0]) => prepare(difo, m, this.storage, interpreter.tables),
      table: (id: number) => {
        const aggregation = program.aggregations.find((each) => each.id === id);
        return this.aggregations.table(aggregation ?? bug('engine', `unknown aggregation ${id}`));
      },
    };
    const predicate = clause.predicate && context.prepare(clause.predicate);
    const ready = prepareClause(clause, predicate, stepsOf(program, clause, context));
    ready.patience = this.tier.patience;
    return ready;
  }

  private attach(probeId: number, ecb: Ecb): void {
    while (this.ofProbe.length <= probeId) {
      this.ofProbe.push(undefined);
      this.leanOfProbe.push(undefined);
    }
    const ecbs = this.ofProbe[probeId] ?? [];
    this.ofProbe[probeId] = ecbs;
    ecbs.push(ecb);
  }

  /** For the interpreter: the steps of a clause. */
  linked(clause: PreparedClause): Instruction {
    clause.linked ??= linkSteps(this.run, clause.steps);
    return clause.linked;
  }

  /** The same with the predicate in front. */
  whole(clause: PreparedClause): Instruction {
    clause.whole ??= linkSteps(this.run, clause.steps, clause.predicate);
    return clause.whole;
  }

  /** Before the first of many rows: clauses of their probes, unless there are so many that most may never fire. */
  compileFor({ vectors, kinds }: RowProbes): void {
    const clauses = new Set<PreparedClause>();
    for (const id of new Set([...vectors, ...kinds]))
      for (const { clause } of this.ofProbe[id] ?? []) if (clause.patience > 0) clauses.add(clause);
    if (clauses.size > MOST_EAGER) return;
    for (const clause of clauses) this.compile(clause);
    this.useCompiled();
  }

  /** A clause that has fired often, and those that are fired along with it and are as busy: one run over rows is made for all. */
  compileBusy(clause: PreparedClause): void {
    this.compile(clause);
    for (const ecbs of this.ofProbe) {
      if (!ecbs?.some((ecb) => ecb.clause === clause)) continue;
      for (const { clause: other } of ecbs) {
        if (other.patience > 0 && other.patience <= this.tier.patience >>> 1) this.compile(other);
      }
    }
    this.useCompiled();
  }

  private compile(clause: PreparedClause): void {
    clause.patience = 0;
    clause.fast = this.tier.compile(clause);
  }

  private useCompiled(): void {
    this.ofProbe.forEach((ecbs, probeId) => {
      if (ecbs?.every((ecb) => ecb.clause.fast?.isLean)) this.leanOfProbe[probeId] = ecbs;
    });
  }
}
