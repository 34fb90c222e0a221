/**
 * A run over the rows of a batch in WebAssembly: which probe each event fires, and its clauses, without TypeScript between
 * one event and the next.
 *
 * In: the probes by event (RowProbes) and, per probe, its clauses when they are lean and leave no record. Out: a module
 * with those clauses and a function (row, end, withholds) → the first row not done. It stops at rows that are not its
 * business, and in the middle of one after a fault; STOP says which.
 *
 *   entries   an i32 per vector of each bank, then per kind of event (ENTRIES)
 *             0 nothing is to be done   -1 not for us   n the n-th list of clauses
 */
import { WasmCode, WasmModule } from '../../base/wasm-encode.ts';
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch, UNKNOWN_LEVEL } from '../../machine/event-batch.ts';
import type { PreparedClause } from '../ecb.ts';
import type { RowArgument, RowProbes } from '../engine-contract.ts';
import { clauseFunctions, importCallOuts } from './emit-clause.ts';
import { CLAUSE_SIGNATURE, type FastContext } from './emitter.ts';
import { ModuleLookUps } from './look-up.ts';

export const VECTORS = 256;
export const KINDS = 32;
export const ENTRIES = 2 * VECTORS + KINDS;
export const FOREIGN = -1;
/** Two i32 that a run leaves: the clause of the list that faulted or NOT_STOPPED, and its outcome. */
export const STOP = { clause: 0, outcome: 4, bytes: 8 } as const;
export const NOT_STOPPED = -1;
export const ROWS_EXPORT = 'r';
const ARGUMENTS = 10;
/** More lists than that are left to the engine: there is one test per list and event. */
export const MOST_LISTS = 8;

export interface RowPlaces {
  readonly entriesAt: number;
  readonly stopAt: number;
  /** Clause-locals, which each firing begins with zero. */
  readonly localsAt: number;
  readonly localsBytes: number;
  readonly bankFlag: number;
  /** Where arg0 is, and what arguments are, when they are to be set. */
  readonly argsAt: number;
  readonly args: RowProbes['args'];
}

/** `lists` are of clauses in `clauses`, by index. */
export function rowsModule(
  context: FastContext,
  clauses: readonly PreparedClause[],
  lists: readonly (readonly number[])[],
  places: RowPlaces,
): WasmModule {
  const module = new WasmModule();
  const callOuts = importCallOuts(module);
  const lookUps = new ModuleLookUps(module);
  const functions = clauses.map((clause) => {
    const { steps } = clauseFunctions(context, clause, callOuts, lookUps, true);
    return module.addFunction(CLAUSE_SIGNATURE, steps.code);
  });
  const { batch } = context.m.firing;
  const code = runCode(
    batch,
    lists.map((list) => list.map((clause) => functions[clause]!)),
    places,
  );
  module.addFunction({ takes: ['i32', 'i32', 'i32'], gives: ['i32'] }, code, ROWS_EXPORT);
  return module;
}

function runCode({ at }: EventBatch, lists: readonly (readonly number[])[], places: RowPlaces): WasmCode {
  const [row, end, withholds] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const flags = code.local('i32');
  const isVec = code.local('i32');
  const entry = code.local('i32');
  const cpu = code.local('i32');
  const outcome = code.local('i32');
  const { IF, IF_KNOWN } = EVENT_FLAGS;
  code.i32(places.stopAt).i32(NOT_STOPPED).access('i32.store', STOP.clause);
  const rows = code.loop();
  code.get(row).get(end).op('i32.ge_u').if();
  code.get(row).op('return').end();
  const next = code.block();

  // The entry of the event, by its vector or by its kind.
  code.get(row).access('i32.load8_u', at.flags).set(flags);
  code.get(row).access('i32.load8_u', at.kind).tee(entry).i32(EVENT_KINDS.vec).op('i32.eq').tee(isVec).if();
  code.get(row).i32(1).op('i32.shl').access('i32.load8_u', at.vector); // the low byte of a u16
  code.i32(VECTORS).i32(0).get(flags).i32(places.bankFlag).op('i32.and', 'select', 'i32.add').set(entry);
  code
    .op('else')
    .get(entry)
    .i32(2 * VECTORS)
    .op('i32.add')
    .set(entry)
    .end();
  code.get(entry).i32(2).op('i32.shl').access('i32.load', places.entriesAt).tee(entry);
  code.op('i32.eqz').brIf(next);
  code.get(entry).i32(0).op('i32.lt_s');
  code.get(isVec).get(withholds).op('i32.and');
  code
    .get(flags)
    .i32(IF | IF_KNOWN)
    .op('i32.and')
    .i32(IF_KNOWN)
    .op('i32.eq', 'i32.and', 'i32.or')
    .if();
  code.get(row).op('return').end();

  for (let offset = 0; offset < places.localsBytes; offset += 8) {
    code
      .i32(0)
      .i64(0n)
      .access('i64.store', places.localsAt + offset);
  }
  if (places.args !== undefined) {
    code.get(isVec).if();
    setArguments(code, at, row, flags, places.argsAt, places.args.delivery);
    code.op('else');
    setArguments(code, at, row, flags, places.argsAt, places.args.other);
    code.end();
  }
  code.get(row).i32(1).op('i32.shl').access('i32.load16_u', at.cpu).set(cpu);
  lists.forEach((list, number) => {
    code
      .get(entry)
      .i32(number + 1)
      .op('i32.eq')
      .if();
    list.forEach((clause, index) => {
      code.i32(0).get(row).get(cpu).call(clause).tee(outcome).i32(0).op('i32.ge_s').if();
      code.i32(places.stopAt).i32(index).access('i32.store', STOP.clause);
      code.i32(places.stopAt).get(outcome).access('i32.store', STOP.outcome);
      code.get(row).op('return').end();
    });
    code.br(next).end();
  });
  code.end();
  code.get(row).i32(1).op('i32.add').set(row).br(rows).end();
  return code.op('unreachable');
}

const COLUMN_LOADS = {
  vector: ['i64.load16_u', 1],
  cpl: ['i64.load8_u', 0],
  errcode: ['i64.load', 3],
  pc: ['i64.load', 3],
  sp: ['i64.load', 3],
  faddr: ['i64.load', 3],
} as const;

function setArguments(
  code: WasmCode,
  columns: EventBatch['at'],
  row: number,
  flags: number,
  argsAt: number,
  list: readonly RowArgument[],
): void {
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
