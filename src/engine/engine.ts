/**
 * The engine: clauses on probes in, records out. The front page of its room.
 *
 * A session enables clauses (each becomes one ECB per probe), makes the engine ready, fires BEGIN, then whatever its
 * providers see, then END, and drains records to the consumer in between. One firing runs the ECBs of its probe in the
 * order of enabling:
 *
 *   predicate ─▶ space for the record ─▶ steps ─▶ record kept
 *       └ false: next ECB    └ none: a drop  └ fault: no record, a fault record instead, dtrace:::ERROR fires
 *
 * Below `fire` nothing allocates once warm, nothing is awaited, nothing throws: faults and drops are counted or
 * recorded. exit() lets its clause finish and then stops every later clause except END's (d-language.md 6.4).
 * A library action (printa, clear, …) is executed by the consumer at its place: the drain callback runs right after
 * its clause, so that what later clauses do is not yet seen.
 */
import { bug } from '../base/assert.ts';
import { type LinearMemory, OutOfMemory } from '../base/linear-memory.ts';
import type { AggregationStore, EcbInfo, RecordSink } from '../dif/consumer-contract.ts';
import type { Clause, Program } from '../dif/program.ts';
import { RECORD_HEADER } from '../dif/record.ts';
import { Aggregations } from './aggregating.ts';
import { ChillBudgets } from './chill-budget.ts';
import { deliver } from './deliver.ts';
import { DropCounts } from './drop-counts.ts';
import { type Ecb, largestOutput, type PreparedClause } from './ecb.ts';
import { EnabledClauses } from './enabled-clauses.ts';
import type {
  Activity,
  BufferPolicy,
  Engine,
  EngineConfig,
  RowProbes,
  RowWithheld,
  TierReport,
} from './engine-contract.ts';
import { ErrorFiring } from './error-firing.ts';
import { type FastCode, FastTier } from './fast/fast-tier.ts';
import { probeOfRow, RowRunner } from './fast/row-runner.ts';
import { DRAIN, RUN_STEPS } from './fast/rows.ts';
import { FIRING, type Firing } from './firing.ts';
import { FiringCells } from './firing-cells.ts';
import { evaluate } from './interpreter.ts';
import { KeyBuffer } from './key-buffer.ts';
import { CELLS, MachineState } from './machine-state.ts';
import type { Interpreter } from './perform-instruction.ts';
import { PreparedTables } from './prepare.ts';
import { RandomSource } from './random.ts';
import { FAULT_RECORD_BYTES, type PrincipalBuffer, RecordBuffers } from './record-buffers.ts';
import { RecordWriter } from './record-writer.ts';
import { type ClauseRun, DONE, ENDED, runSteps, startRun, UNMATCHED } from './run-clause.ts';
import { Speculations } from './speculations.ts';
import { SubroutineContext } from './subroutines.ts';
import { DynamicVariables, VariableStorage } from './variables.ts';

const BEGIN = 1;
const END = 2;
const ERROR = 3;
/** Why a firing runs: END's clauses run whatever exit() said. */
type Occasion = 'probe' | 'end';

export function createEngine(config: EngineConfig): Engine {
  return new SessionEngine(config);
}

class SessionEngine implements Engine {
  readonly aggregations: AggregationStore;
  wantsDrain = false;
  bufferBytes = 0;
  private activityNow: Activity = 'inactive';
  private status: number | undefined;
  private occasion: Occasion = 'probe';
  private readonly config: EngineConfig;
  private readonly firing: Firing;
  private readonly onlyCpu: number | undefined;
  private readonly memory: LinearMemory;
  private readonly m: MachineState;
  private readonly cells: FiringCells;
  private readonly storage: VariableStorage;
  private readonly tables = new PreparedTables();
  private readonly aggregating: Aggregations;
  private readonly drops = new DropCounts();
  private readonly speculations: Speculations;
  private readonly interpreter: Interpreter;
  private readonly buffers: RecordBuffers;
  private readonly writer: RecordWriter;
  private readonly policy: BufferPolicy;
  private readonly run: ClauseRun;
  private readonly tier: FastTier;
  private readonly rows: RowRunner;
  private readonly enabled: EnabledClauses;
  private readonly errorFiring: ErrorFiring;
  private isReady = false;
  private isEager: boolean; // until the first rows
  private readonly budgets: ChillBudgets;
  private drainCallback: (() => void) | undefined;
  /** Consumer work was recorded by the clause that just ran. */
  private libraryDue = false;
  private inError = false;
  private stagingAt = 0;

  constructor(config: EngineConfig) {
    const { memory, sizes } = config;
    this.config = config;
    this.firing = config.firing;
    this.onlyCpu = config.cpu;
    this.isEager = config.isLong ?? false;
    this.policy = sizes.bufpolicy ?? 'switch';
    this.budgets = new ChillBudgets();
    this.memory = memory;
    this.m = new MachineState(config);
    this.cells = new FiringCells(this.m, config.identity);
    this.storage = new VariableStorage(sizes.strsize);
    this.aggregating = new Aggregations(memory, sizes.aggsize);
    this.aggregations = this.aggregating;
    this.speculations = new Speculations(memory, sizes.nspec, sizes.specsize, this.drops);
    const random = new RandomSource(memory, config.randomSeed);
    this.interpreter = {
      tables: this.tables,
      dynamic: new DynamicVariables(this.m, sizes.dynvarsize, this.drops),
      subroutines: new SubroutineContext(this.m, this.speculations, random, config.identity),
    };
    this.buffers = new RecordBuffers(memory, (at) => this.writer.bytesAt(at));
    this.errorFiring = new ErrorFiring(this.m, this.storage);
    this.run = {
      m: this.m,
      interpreter: this.interpreter,
      key: new KeyBuffer(this.m),
      oneAt: memory.reserve(8),
      holdAt: memory.reserve(8),
      valueAt: memory.reserve(8),
      exit: (at) => this.exit(at),
      commit: (id) => this.commit(id),
      dropAggregation: () => this.drops.add('AGGREGATION', config.firing.cpu),
      symbols: config.symbols,
      chill: config.wait === undefined ? undefined : (ns) => this.chill(ns),
      speculating: 0,
      library: false,
    };
    memory.i32[this.run.oneAt >>> 2] = 1;
    const { dynamic } = this.interpreter;
    this.tier = new FastTier(config.tier ?? 'auto', this.m, this.tables, dynamic, this.run);
    this.enabled = new EnabledClauses(this.run, this.tier, this.storage, this.aggregating);
    const { recordBytesOfEpid } = this.enabled;
    this.writer = new RecordWriter(this.m, this.buffers, recordBytesOfEpid, () => this.foundNoRoom());
    this.rows = new RowRunner({
      ...{ memory, tier: this.tier, storage: this.storage, buffers: this.buffers, cells: this.cells },
      ...{ batch: config.firing.batch, onlyCpu: config.cpu, ecbsOfProbe: this.enabled.ofProbe },
    });
  }

  get activity(): Activity {
    return this.activityNow;
  }

  get exitStatus(): number | undefined {
    return this.status;
  }

  get tiers(): TierReport {
    const report = this.tier.report(this.enabled.clauses);
    return { ...report, ...(report.fast > 0 && this.rows.whyNot && { oneByOne: this.rows.whyNot }) };
  }

  get ecbs(): readonly EcbInfo[] {
    return this.enabled.infos;
  }

  setDrainCallback(drain: () => void): void {
    this.drainCallback = drain;
  }

  enable(program: Program, clause: Clause, probeIds: readonly number[]): void {
    for (const id of [...probeIds].sort((a, b) => a - b)) {
      const probe = this.config.probes.get(id) ?? bug('engine', `unknown probe ${id}`);
      this.enabled.add(program, clause, probe);
    }
    this.storage.declare(program.variables);
  }

  isEnabled(probeId: number): boolean {
    return this.enabled.has(probeId);
  }

  ready(): string | undefined {
    if (this.isReady) return undefined;
    this.isReady = true;
    try {
      return this.prepareAll() ?? this.sizeBuffers();
    } catch (error) {
      if (error instanceof OutOfMemory) return 'Cannot allocate memory';
      throw error;
    }
  }

  begin(): void {
    if (!this.isReady) bug('engine', 'begin before ready');
    this.activityNow = 'active';
    this.fireNow(BEGIN);
  }

  fire(probeId: number): void {
    const { onlyCpu } = this;
    if (onlyCpu !== undefined && this.firing.cpu !== onlyCpu) return;
    if (this.activityNow !== 'active') return;
    const lean = this.enabled.leanOfProbe[probeId];
    if (lean !== undefined) this.fireLean(lean);
    else this.fireNow(probeId);
  }

  fireRows(probes: RowProbes, row: number, end: number, withheld: RowWithheld): number {
    const { rows, firing } = this;
    if (this.activityNow !== 'active') return end;
    if (this.isEager) this.compileEarly(probes);
    for (let from = row; ; ) {
      const stopped = rows.run(probes, from, end, withheld);
      if (rows.outcome === DRAIN) this.wantsDrain = true;
      if (rows.stoppedBy === undefined) return stopped;
      const { at, memory } = firing.batch;
      firing.row = stopped;
      firing.cpu = memory.u16[(at.cpu >>> 1) + stopped]!;
      this.finishRow(probeOfRow(probes, firing.batch, stopped), rows.stoppedBy, rows.outcome);
      from = stopped + 1;
      if (this.wantsDrain || this.activityNow !== 'active') return from;
    }
  }

  /** Before the first of many rows. */
  private compileEarly(probes: RowProbes): void {
    this.isEager = false;
    this.enabled.compileFor(probes);
    this.rows.invalidate();
  }

  /** The rest of a row's firing, from the clause on that has faulted or is to be run here (fast/rows.ts). */
  private finishRow(probeId: number, clause: PreparedClause, outcome: number): void {
    const ecbs = this.enabled.ofProbe[probeId]!;
    let i = ecbs.findIndex((ecb) => ecb.clause === clause);
    this.cells.start(probeId, false);
    this.m.token.length = -1;
    this.writer.noteWritten(); // the clauses before it, perhaps
    if (outcome >= 0) this.leanFaulted(ecbs[i++]!, outcome);
    else if (outcome === RUN_STEPS) {
      this.startEcb(ecbs[i]!);
      this.runActions(ecbs[i++]!);
      this.doLibraryWork();
    }
    this.runEcbs(ecbs, i);
  }

  end(): void {
    if (this.activityNow === 'stopped') return;
    this.activityNow = 'draining';
    this.occasion = 'end';
    this.buffers.openReserve();
    this.fireNow(END);
    this.occasion = 'probe';
    this.activityNow = 'stopped';
  }

  drain(sink: RecordSink): void {
    this.wantsDrain = false;
    this.libraryDue = false;
    const { memory } = this;
    const { infos, recordBytesOfEpid } = this.enabled;
    this.buffers.drain((recordAt) => deliver(memory, infos, recordBytesOfEpid, recordAt, sink));
    sink.drained?.();
    this.drops.report((kind, cpu, count) => sink.drop(kind, cpu, count));
  }

  // Making ready.

  private prepareAll(): undefined {
    const { memory, m, enabled } = this;
    const { start, end } = this.storage.reserve(memory);
    m.setVariableStorage(start, end);
    this.errorFiring.reserve();
    this.cells.placeIdentity();
    enabled.makeReady((probeId) => probeId === BEGIN || probeId === END);
    for (const { probe } of enabled.infos) this.cells.addProbe(probe);
    const staged = enabled.clauses.filter((clause) => clause.staged).map(({ recordBytes }) => recordBytes);
    this.stagingAt = memory.reserve(Math.max(8, ...staged));
    return undefined;
  }

  private sizeBuffers(): string | undefined {
    const { sizes } = this.config;
    const outputs = this.enabled.ofProbe.map((ecbs) =>
      ecbs === undefined ? 0 : largestOutput(ecbs, this.enabled.ofProbe[ERROR] ?? [], sizes.specsize),
    );
    if (!sizes.bufsizeIsExplicit && this.policy === 'switch') {
      this.buffers.setGrowing(Math.max(FAULT_RECORD_BYTES, ...outputs));
      return undefined;
    }
    const ofEnd = this.enabled.ofProbe[END] ?? [];
    const endBytes = recordedBytes(ofEnd);
    if (endBytes > sizes.bufsize) return 'END enablings exceed size of principal buffer';
    const reserveBytes = this.policy === 'fill' ? endBytes : 0;
    this.bufferBytes = this.buffers.setSized(
      this.policy,
      sizes.bufsize,
      reserveBytes,
      sizes.shrinks ?? false,
    );
    if (this.bufferBytes === 0) return 'Cannot allocate memory';
    const largest = Math.max(
      0,
      ...this.enabled.infos.map(({ epid }) => this.enabled.recordBytesOfEpid[epid]!),
    );
    return largest > this.bufferBytes ? 'Enabling exceeds size of buffer' : undefined;
  }

  // Firing.

  private fireNow(probeId: number): void {
    const ecbs = this.enabled.ofProbe[probeId];
    if (ecbs === undefined) return;
    this.startFiring(probeId);
    this.runEcbs(ecbs, 0);
  }

  /** The ECBs from `first` on, in a firing that has been started. */
  private runEcbs(ecbs: readonly Ecb[], first: number): void {
    for (let i = first; i < ecbs.length; i++) {
      if (!this.mayRun()) break;
      this.runEcb(ecbs[i]!);
      this.doLibraryWork();
    }
    this.checkFilling();
  }

  private doLibraryWork(): void {
    if (this.libraryDue && this.drainCallback !== undefined && !this.inError) this.drainCallback();
  }

  /** A firing of lean code alone: nothing has to be made ready but clause-locals. */
  private fireLean(ecbs: readonly Ecb[]): void {
    this.storage.clearLocals(this.memory);
    if (this.runLean(ecbs, 0)) this.checkFilling();
  }

  /** The ECBs from `first` on; returns whether any may have left a record. */
  private runLean(ecbs: readonly Ecb[], first: number): boolean {
    const { row, cpu } = this.firing;
    let mayFill = false;
    for (let i = first; i < ecbs.length && this.mayRun(); i++) {
      const ecb = ecbs[i]!;
      const { records, fast } = ecb.clause;
      const outcome = records ? this.recordLean(ecb, fast!, row, cpu) : fast!.steps(0, row, cpu);
      mayFill ||= records;
      if (outcome < 0) continue;
      this.leanFaulted(ecb, outcome);
      mayFill = true;
    }
    return mayFill;
  }

  private leanFaulted(ecb: Ecb, outcome: number): void {
    this.faulted(ecb, outcome);
    if (this.libraryDue && this.drainCallback !== undefined) this.drainCallback();
  }

  /** Lean code is never staged and asks for nothing besides its record. */
  private recordLean(ecb: Ecb, { predicate, steps }: FastCode, row: number, cpu: number): number {
    const { clause, info } = ecb;
    if (predicate !== undefined) {
      const outcome = predicate(0, row, cpu);
      if (outcome !== DONE) return outcome;
    }
    const buffer = this.buffers.of(cpu);
    const recordAt = buffer.room(clause.recordBytes);
    if (recordAt === 0) {
      this.foundNoRoom();
      return ENDED;
    }
    const payload = recordAt + RECORD_HEADER.payload;
    if (clause.clears) this.memory.u8.fill(0, payload, payload + clause.payloadBytes);
    const outcome = steps(payload, row, cpu);
    if (outcome !== DONE) return outcome;
    this.writer.writeHeader(recordAt, info.epid);
    buffer.keep(clause.recordBytes);
    return DONE;
  }

  private checkFilling(): void {
    if (this.writer.isFilling()) this.wantsDrain = true;
  }

  /** After exit() no clause runs any more, except END's. */
  private mayRun(): boolean {
    return this.activityNow === 'active' || this.occasion === 'end';
  }

  /** What is the same for all clauses of a firing. */
  private startFiring(probeId: number): void {
    this.cells.start(probeId, probeId <= ERROR);
    this.storage.clearLocals(this.memory);
    this.m.token.length = -1;
  }

  private startEcb({ clause, info }: Ecb): void {
    const { m } = this;
    m.startClause();
    this.memory.i32[(m.cellsAt + CELLS.epid) >>> 2] = info.epid;
    startRun(this.run);
    if (clause.patience === 0 || --clause.patience > 0) return;
    this.enabled.compileBusy(clause);
    this.rows.invalidate();
  }

  private runEcb(ecb: Ecb): void {
    const { clause } = ecb;
    this.startEcb(ecb);
    if (clause.fast === undefined && !clause.records) {
      const outcome = runSteps(this.run, this.enabled.whole(clause), 0);
      if (outcome >= 0) this.faulted(ecb, outcome);
      return;
    }
    const { predicate } = clause.fast ?? clause;
    if (predicate !== undefined) {
      const outcome = this.decide(clause);
      if (outcome >= 0) this.faulted(ecb, outcome);
      if (outcome !== DONE) return;
    }
    this.runActions(ecb);
  }

  /** What a clause does once its predicate holds. */
  private runActions(ecb: Ecb): void {
    const { clause } = ecb;
    if (clause.records) this.runRecording(ecb);
    else {
      const outcome = this.perform(clause, 0);
      if (outcome >= 0) this.faulted(ecb, outcome);
    }
  }

  /** DONE when the predicate holds, UNMATCHED when not, 0 after a fault. */
  private decide({ fast, predicate }: PreparedClause): number {
    if (fast !== undefined) return this.callFast(fast.predicate!, 0);
    const at = evaluate(this.m, this.interpreter, predicate!);
    if (at < 0) return 0;
    return this.m.isZero(at) ? UNMATCHED : DONE;
  }

  /** Run the clause's steps: an outcome of runSteps. */
  private perform(clause: PreparedClause, payload: number): number {
    return clause.fast !== undefined
      ? this.callFast(clause.fast.steps, payload)
      : runSteps(this.run, this.enabled.linked(clause), payload);
  }

  private callFast(code: FastCode['steps'], payload: number): number {
    const { firing } = this.config;
    return code(payload, firing.row, firing.cpu);
  }

  private runRecording(ecb: Ecb): void {
    const { clause, info } = ecb;
    const buffer = this.buffers.of(this.config.firing.cpu);
    const recordAt = clause.staged ? this.stagingAt : buffer.room(clause.recordBytes);
    if (recordAt === 0) {
      this.foundNoRoom();
      return;
    }
    const payload = recordAt + RECORD_HEADER.payload;
    if (clause.clears) this.memory.u8.fill(0, payload, payload + clause.payloadBytes);
    const outcome = this.perform(clause, payload);
    if (outcome >= 0) {
      this.faulted(ecb, outcome);
      return;
    }
    if (outcome === ENDED) return;
    this.writer.writeHeader(recordAt, info.epid);
    if (this.run.speculating !== 0) {
      this.speculations.append(this.run.speculating, recordAt, clause.recordBytes);
    } else this.keep(buffer, recordAt, clause);
  }

  /** Make a complete record part of the principal buffer. */
  private keep(buffer: PrincipalBuffer, recordAt: number, clause: PreparedClause): void {
    if (clause.staged && !this.writer.copy(buffer, recordAt, clause.recordBytes)) return;
    if (!clause.staged) buffer.keep(clause.recordBytes);
    if (this.run.library) this.askForDrain();
  }

  /** A record is lost; under the fill policy that ends tracing instead. */
  private foundNoRoom(): void {
    if (this.policy === 'fill' && this.occasion === 'probe') {
      if (this.activityNow === 'active') this.activityNow = 'draining';
      this.wantsDrain = true;
    } else this.drops.add('PRINCIPAL', this.config.firing.cpu);
  }

  private askForDrain(): void {
    this.wantsDrain = true;
    this.libraryDue = true;
  }

  private commit(id: number): void {
    this.speculations.commit(id, (recordAt) => {
      this.askForDrain(); // there may be library actions among them
      return this.writer.commit(recordAt);
    });
  }

  /** The first exit() counts, and END's overrides it. */
  private exit(at: number): void {
    if (this.status === undefined || this.occasion === 'end') this.status = this.memory.i32[at]!;
    if (this.activityNow === 'active') this.activityNow = 'draining';
    this.wantsDrain = true;
  }

  /** chill(): wait within the CPU's budget, after which it is later. */
  private chill(ns: bigint): boolean {
    const { firing, wait } = this.config;
    const nowNs = this.memory.i64[(firing.at + FIRING.timestamp) >>> 3]!;
    if (wait === undefined || !this.budgets.spend(firing.cpu, nowNs, ns)) return false;
    wait(Number(ns));
    return true;
  }

  // Faults.

  /** Record the fault that ended the clause, and fire ERROR. `action` is 0 for the predicate. */
  private faulted(ecb: Ecb, action: number): void {
    if (this.inError) {
      this.drops.add('DBLERROR', 0);
      return;
    }
    if (this.config.guestMemory?.isGone) return; // the end of the guest will be told
    this.writer.fault(ecb.info.epid, action);
    if (this.enabled.ofProbe[ERROR] === undefined || !this.mayRun()) return;
    this.inError = true;
    this.fireError(ecb, action);
    this.inError = false;
  }

  /** ERROR is a firing of its own inside the one that faulted. */
  private fireError(ecb: Ecb, action: number): void {
    const { errorFiring } = this;
    errorFiring.save();
    errorFiring.setArguments(ecb.info.epid, action);
    this.fireNow(ERROR);
    this.startFiring(ecb.info.probe.id);
    errorFiring.restore();
  }
}

function recordedBytes(ecbs: readonly Ecb[]): number {
  return ecbs.reduce((sum, { clause }) => sum + (clause.records ? clause.recordBytes : 0), 0);
}
