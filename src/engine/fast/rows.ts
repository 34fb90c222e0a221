/**
 * A run over the rows of a batch in WebAssembly: which probe each event fires, and its clauses, without TypeScript between
 * one event and the next.
 *
 * In: per kind of event (an entry), which of the clauses its probe has, as bits. Out: a module with a function (row, end,
 * withholds) → the first row not done. The clauses are written one after another into its loop, in program order, each
 * behind a test of its bit:
 *
 *   row ─▶ entry ─▶ bits ─▶ time, clause-locals, arguments ─▶ clause 0? ─▶ clause 1? ─▶ … ─▶ next row
 *
 * In front of each group of rows it fetches what they will look up in large tables (fetch-ahead.ts).
 * It stops at rows that are not its business, and in the middle of a row where a clause has faulted or must go on in
 * TypeScript; STOP says which and why. Safe mode's rows are listed and passed over.
 */
import { WasmCode, WasmModule } from '../../base/wasm-encode.ts';
import { RECORD_HEADER } from '../../dif/record.ts';
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch, UNKNOWN_LEVEL } from '../../machine/event-batch.ts';
import type { PreparedClause } from '../ecb.ts';
import type { RowArgument } from '../engine-contract.ts';
import { FIRING } from '../firing.ts';
import { UNMATCHED } from '../perform-step.ts';
import { RECORD_STATE, RECORD_STATE_CPUS } from '../record-buffers.ts';
import { DONE } from '../run-clause.ts';
import { type CallOutIndices, emitPredicate, emitSteps, importCallOuts } from './emit-clause.ts';
import { Emitter, type FastContext, FastTables, type Frame, type ProbePlaces } from './emitter.ts';
import { FetchAhead } from './fetch-ahead.ts';
import { LookUps } from './look-up.ts';
import {
  FIRST_KIND,
  NOT_STOPPED,
  pushVectorEntry,
  type RowClause,
  type RowForm,
  type RowPlaces,
  STOP,
} from './row-places.ts';

/** Bits of an entry, but the sign. */
export const MOST_CLAUSES = 63;
/** Outcomes besides those of clauses: the clause is to be run by TypeScript, or all of it but its predicate. */
const RUN_CLAUSE = -10;
export const RUN_STEPS = -11;
/** The row is done, and a buffer wants to be drained before the next. */
export const DRAIN = -12;
export const ROWS_EXPORT = 'r';
const ARGUMENTS = 10;
/** A cleared payload larger than that is left to TypeScript. */
const MOST_CLEARED_BYTES = 512;
/** A clause with more code than that takes too long to compile. */
const MOST_CODE_BYTES = 100_000;

const PAYLOAD_PLACES: ProbePlaces = { entry: 0, cellsAt: 0, epidsAt: 0, execname: 0 };

/** How much of a compiled clause can be written into the loop: what needs no more than a row tells. */
export function rowForm(context: FastContext, clause: PreparedClause): RowForm {
  const module = new WasmModule();
  const callOuts = importCallOuts(module);
  const lookUps = new LookUps(module);
  const trial: FastContext = { ...context, fast: new FastTables() };
  const begin = () => {
    const frame = {
      code: new WasmCode(4),
      payload: 1,
      row: 2,
      cpu: 3,
      leave: () => {},
      probe: PAYLOAD_PLACES,
    };
    return new Emitter(trial, callOuts, lookUps, frame);
  };
  const predicate = begin();
  emitPredicate(predicate, clause);
  if (!predicate.isLean) return 'none';
  const steps = begin();
  emitSteps(steps, clause);
  const clears = clause.records && clause.clears && clause.payloadBytes > MOST_CLEARED_BYTES;
  if (steps.code.sizeBytes > MOST_CODE_BYTES) return 'none';
  if (steps.isLean && !clause.staged && !clears) return 'all';
  return clause.predicate === undefined ? 'none' : 'predicate';
}

export function rowsModule(
  context: FastContext,
  clauses: readonly RowClause[],
  places: RowPlaces,
): WasmModule {
  const module = new WasmModule();
  const callOuts = importCallOuts(module);
  const run = new RowLoop(context, places, callOuts, new LookUps(module), module);
  module.addFunction({ takes: ['i32', 'i32', 'i32'], gives: ['i32'] }, run.write(clauses), ROWS_EXPORT);
  return module;
}

/** The function being written. */
class RowLoop {
  private readonly code = new WasmCode(3);
  private readonly row = 0;
  private readonly end = 1;
  private readonly withholds = 2;
  private readonly flags = this.code.local('i32');
  private readonly entry = this.code.local('i32');
  private readonly cpu = this.code.local('i32');
  private readonly payload = this.code.local('i32');
  private readonly mask = this.code.local('i64');
  /** Rows before it need nothing fetched ahead; not beyond the end. */
  private readonly limit = this.code.local('i32');
  /** What stopped the run in the middle of a row. */
  private readonly stopClause = this.code.local('i32');
  private readonly stopOutcome = this.code.local('i32');
  private readonly stopped = this.code.block();
  /** Integer clause-locals: i64 locals, by place, that are stored when TypeScript goes on with the row. */
  private readonly locals = new Map<number, number>();
  /** A buffer wants to be drained. */
  private readonly full = this.code.local('i32');
  private readonly context: FastContext;
  private readonly places: RowPlaces;
  private readonly callOuts: CallOutIndices;
  private readonly lookUps: LookUps;
  private readonly columns: EventBatch['at'];
  private readonly module: WasmModule;

  constructor(
    context: FastContext,
    places: RowPlaces,
    callOuts: CallOutIndices,
    lookUps: LookUps,
    module: WasmModule,
  ) {
    this.module = module;
    this.context = context;
    this.places = places;
    this.callOuts = callOuts;
    this.lookUps = lookUps;
    this.columns = context.m.firing.batch.at;
    for (const at of places.integerLocals) this.locals.set(at >>> 2, this.code.local('i64'));
  }

  write(clauses: readonly RowClause[]): WasmCode {
    const { code, row, end, places, mask } = this;
    this.storeStop(STOP.clause, NOT_STOPPED);
    this.storeStop(STOP.outcome, DONE);
    this.storeStop(STOP.withheld, 0);
    const { module, context, callOuts, lookUps, limit } = this;
    const ahead = new FetchAhead({ module, context, callOuts, lookUps, places }, clauses);
    ahead.start(code, places, { row, end, limit });
    const rows = code.loop();
    code.get(row).get(limit).op('i32.ge_u').if();
    code.get(row).get(end).op('i32.ge_u').if();
    code.get(row).op('return').end();
    ahead.write(code, places, { row, end, limit });
    code.end();
    const next = code.block();
    this.writeEntry();
    code.get(this.entry).i32(3).op('i32.shl').access('i64.load', places.entriesAt).tee(mask);
    code.i64(0n).op('i64.le_s').if();
    code.get(mask).op('i64.eqz').brIf(next).get(row).op('return').end();
    code.get(row).i32(1).op('i32.shl').access('i32.load16_u', this.columns.cpu).set(this.cpu);
    if (places.onlyCpu !== undefined) code.get(this.cpu).i32(places.onlyCpu).op('i32.ne').brIf(next);
    this.writeWithheld(next);
    this.writeFiring();
    for (const [bit, clause] of clauses.entries()) this.writeClause(clause, bit, clauses.length > 1);
    if (clauses.some(({ clause, form }) => form === 'all' && clause.records)) this.writeDrain();
    code.end();
    code.get(row).i32(1).op('i32.add').set(row).br(rows).end();
    code.end(); // stopped
    this.writeStopped();
    return code.get(row);
  }

  private storeStop(field: number, value: number): void {
    this.code.i32(this.places.stopAt).i32(value).access('i32.store', field);
  }

  /** The entry of the event, by its vector or by its kind. */
  private writeEntry(): void {
    const { code, row, flags, entry, columns } = this;
    const { bankFlag } = this.places.probes;
    code.get(row).access('i32.load8_u', columns.flags).set(flags);
    code.get(row).access('i32.load8_u', columns.kind).tee(entry).i32(EVENT_KINDS.vec).op('i32.eq');
    code.if();
    pushVectorEntry(code, row, () => code.get(flags), { columns, bankFlag });
    code.set(entry).op('else').get(entry).i32(FIRST_KIND).op('i32.add').set(entry).end();
  }

  /** Deliveries with interrupts disabled, while safe mode is on: listed, and not fired. */
  private writeWithheld(next: number): void {
    const { code, places, row, flags, withholds } = this;
    const { IF, IF_KNOWN } = EVENT_FLAGS;
    code.get(withholds).if();
    this.pushIsVec();
    code
      .get(flags)
      .i32(IF | IF_KNOWN)
      .op('i32.and')
      .i32(IF_KNOWN)
      .op('i32.eq', 'i32.and')
      .if();
    const count = () => code.i32(0).access('i32.load', places.stopAt + STOP.withheld);
    count().i32(1).op('i32.shl').get(row).access('i32.store16', places.withheldAt);
    code.i32(0);
    count()
      .i32(1)
      .op('i32.add')
      .access('i32.store', places.stopAt + STOP.withheld);
    code.br(next).end().end();
  }

  private pushIsVec(): void {
    this.code.get(this.entry).i32(FIRST_KIND).op('i32.lt_u');
  }

  /** What each firing begins with. */
  private writeFiring(): void {
    const { code, row, places } = this;
    const { args, time } = places.probes;
    const { at } = this.context.m.firing;
    if (time !== undefined) {
      const now = code.local('i64');
      code.get(row).i32(3).op('i32.shl').access('f64.load', this.columns.time).truncate().set(now);
      for (const field of [FIRING.timestamp, FIRING.vtimestamp])
        code
          .i32(0)
          .get(now)
          .access('i64.store', at + field);
      code.i32(0).get(now).i64(time.wallOriginNs).op('i64.add');
      code.access('i64.store', at + FIRING.walltimestamp);
    }
    for (let i = 0; i < places.localsBytes; i += 8) {
      const local = this.locals.get((places.localsAt + i) >>> 2);
      if (local !== undefined) code.i64(0n).set(local);
      else
        code
          .i32(0)
          .i64(0n)
          .access('i64.store', places.localsAt + i);
    }
    if (args === undefined) return;
    this.pushIsVec();
    code.if();
    this.writeArguments(args.delivery);
    code.op('else');
    this.writeArguments(args.other);
    code.end();
  }

  private writeArguments(list: readonly RowArgument[]): void {
    const { code, row, flags, columns } = this;
    const argsAt = this.context.m.firing.at + FIRING.args;
    for (let i = 0; i < ARGUMENTS; i++) {
      const source = list[i];
      code.i32(0);
      if (source === undefined) code.i64(0n);
      else if ('flag' in source) {
        code.get(flags).i32(source.flag).op('i32.and').i32(0).op('i32.ne', 'i64.extend_i32_u');
      } else {
        const [access, shift] = COLUMN_LOADS[source.column];
        const load = () => code.get(row).i32(shift).op('i32.shl').access(access, columns[source.column]);
        if (source.column === 'cpl') code.i64(-1n);
        load();
        if (source.column === 'cpl') load().i64(BigInt(UNKNOWN_LEVEL)).op('i64.eq', 'select');
      }
      code.access('i64.store', argsAt + i * 8);
    }
  }

  /** The clause of a bit, as far as its form goes; the rest stops the run. */
  private writeClause({ clause, form, epidsAt }: RowClause, bit: number, tests: boolean): void {
    const { code, places } = this;
    const { cellsAt, execname } = places;
    const skip = code.block();
    if (tests)
      code
        .get(this.mask)
        .i64(1n << BigInt(bit))
        .op('i64.and', 'i64.eqz')
        .brIf(skip);
    const leave = (outcome: number): void => {
      if (outcome === UNMATCHED) code.br(skip);
      else this.writeStop(bit, outcome);
    };
    const probe: ProbePlaces = { entry: this.entry, cellsAt, epidsAt, execname };
    const { payload, row, cpu, locals } = this;
    const frame: Frame = { code, payload, row, cpu, leave, probe, locals };
    if (form === 'none') leave(RUN_CLAUSE);
    else {
      const emitter = new Emitter(this.context, this.callOuts, this.lookUps, frame);
      emitPredicate(emitter, clause);
      if (form === 'predicate') leave(RUN_STEPS);
      else if (clause.records) this.writeRecord(emitter, clause, leave);
      else emitSteps(emitter, clause);
    }
    code.end();
  }

  private writeStop(bit: number, outcome: number): void {
    this.code.i32(bit).set(this.stopClause).i32(outcome).set(this.stopOutcome).br(this.stopped);
  }

  private writeStopped(): void {
    const { code, places } = this;
    code
      .i32(places.stopAt)
      .get(this.stopClause)
      .access('i32.store', STOP.clause)
      .i32(places.stopAt)
      .get(this.stopOutcome)
      .access('i32.store', STOP.outcome);
    for (const [place, local] of this.locals)
      code
        .i32(0)
        .get(local)
        .access('i64.store', place * 4);
  }

  /** A record in the CPU's buffer, where that is no more than an addition (record-buffers.ts). */
  private writeRecord(e: Emitter, clause: PreparedClause, leave: (outcome: number) => void): void {
    const { code, payload, cpu, places } = this;
    const { statesAt, nextOrderAt } = places;
    const { recordBytes, payloadBytes } = clause;
    const state = code.local('i32');
    const at = code.local('i32');
    code.get(cpu).i32(RECORD_STATE_CPUS).op('i32.ge_u').if();
    leave(RUN_STEPS);
    code.end();
    code.get(cpu).i32(STATE_SHIFT).op('i32.shl').tee(state);
    code
      .access('i32.load', statesAt + RECORD_STATE.next)
      .tee(at)
      .i32(recordBytes)
      .op('i32.add');
    code
      .get(state)
      .access('i32.load', statesAt + RECORD_STATE.end)
      .op('i32.gt_u')
      .if();
    leave(RUN_STEPS);
    code.end();
    code.get(at).i32(RECORD_HEADER.payload).op('i32.add').set(payload);
    if (clause.clears) {
      const words = payloadBytes & -8;
      for (let i = 0; i < words; i += 8) code.get(payload).i64(0n).access('i64.store', i);
      for (let i = words; i < payloadBytes; i++) code.get(payload).i32(0).access('i32.store8', i);
    }
    emitSteps(e, clause);
    code.get(at);
    e.pushEpid();
    code.access('i32.store', RECORD_HEADER.epid);
    code.get(at).get(cpu).access('i32.store', RECORD_HEADER.cpu);
    const order = () => code.i32(0).access('f64.load', nextOrderAt);
    code.get(at);
    order().access('f64.store', RECORD_HEADER.order);
    code.i32(0);
    order().i32(1).op('f64.convert_i32_u', 'f64.add').access('f64.store', nextOrderAt);
    code
      .get(at)
      .i32(0)
      .access('i64.load', this.context.m.firing.at + FIRING.timestamp);
    code.access('i64.store', RECORD_HEADER.timestamp);
    code.get(state).get(at).i32(recordBytes).op('i32.add').tee(at);
    code.access('i32.store', statesAt + RECORD_STATE.next);
    code
      .get(at)
      .get(state)
      .access('i32.load', statesAt + RECORD_STATE.drainBeyond)
      .op('i32.gt_u')
      .if();
    code.i32(1).set(this.full).end();
  }

  private writeDrain(): void {
    const { code, row } = this;
    code.get(this.full).if();
    this.storeStop(STOP.outcome, DRAIN);
    code.get(row).i32(1).op('i32.add', 'return').end();
  }
}

/** RECORD_STATE has 16 bytes. */
const STATE_SHIFT = 4;

const COLUMN_LOADS = {
  vector: ['i64.load16_u', 1],
  cpl: ['i64.load8_u', 0],
  errcode: ['i64.load', 3],
  pc: ['i64.load', 3],
  sp: ['i64.load', 3],
  faddr: ['i64.load', 3],
} as const;
