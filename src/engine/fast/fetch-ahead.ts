/**
 * Fetching ahead: what the next rows will look up in tables that no cache holds is loaded before they are run.
 *
 * A look-up there waits for memory, for the bucket and then for the entry, while little else can be done; loads that do not
 * depend on each other wait together. So, in front of a group of rows, a function goes over them for each aggregation whose
 * keys are known from the row alone:
 *
 *   row ─▶ key ─▶ hash ─▶ bucket ─▶ note {hash, first entry}          for all rows of the group, then
 *   note ─▶ entry: its hash, its words; note what follows it           for all, as often as chains are followed
 *
 * It only loads. Whatever it takes for a key, or misses, costs time and changes nothing: entries may come and go in between.
 */
import { WasmCode, type WasmModule } from '../../base/wasm-encode.ts';
import { EVENT_KINDS } from '../../machine/event-batch.ts';
import { NORMAL_BYTES } from '../aggregating.ts';
import type { PreparedClause } from '../ecb.ts';
import { ENTRY, TABLE_HEADER } from '../keyed-table.ts';
import { STEPS, type Step } from '../steps.ts';
import { type CallOutIndices, emitPredicate } from './emit-clause.ts';
import { emitDifo } from './emit-difo.ts';
import { Emitter, type FastContext, type Frame, type ProbePlaces } from './emitter.ts';
import { emitHash, load32, pushBucket } from './entry-code.ts';
import type { LookUps } from './look-up.ts';
import { isOfRow } from './of-row.ts';
import { FIRST_KIND, pushVectorEntry, type RowClause, type RowPlaces, STOP } from './row-places.ts';

/** Rows that are looked at together: their entries fit the first cache, and the wait at the end of a group is shared. */
const GROUP = 64;
/** {hash u32, entry u32} for each of them. */
const NOTE_BYTES = 8;
/** Memory for the notes of a group. */
export const NOTES_BYTES = GROUP * NOTE_BYTES;
/** Look-ups that are fetched ahead; a function each. */
const MOST_FETCHED = 8;
/** Tables with fewer entries are in the second cache: some 500 KiB. */
const LEAST_ENTRIES = 10_000;
/** Entries of a chain that are loaded. */
const ENTRIES = 2;

/** An aggregation step whose keys tell themselves from the row. */
interface LookedUp {
  readonly keys: readonly Step[];
  readonly step: Step;
}

/** Those of a clause. */
function lookedUp(context: FastContext, { steps }: PreparedClause): readonly LookedUp[] {
  const found: LookedUp[] = [];
  for (let i = 0; i < steps.length; i++) {
    if (steps[i]!.op !== STEPS.startKey) continue;
    const end = steps.findIndex(({ op }, at) => at > i && op === STEPS.aggregate);
    const keys = steps.slice(i + 1, end);
    const known = keys.every(({ op, difo }) => op === STEPS.keyInt && isOfRow(context, difo!));
    if (keys.length > 0 && known) found.push({ keys, step: steps[end]! });
    i = end;
  }
  return found;
}

/** The function (row, end) for one look-up of the clause with that bit. */
function fetchCode(parts: FetchParts, clause: RowClause, bit: number, { keys, step }: LookedUp): WasmCode {
  const [row, end] = [0, 1] as const;
  const { notesAt } = parts.places;
  const code = new WasmCode(2);
  const [note, first, hash, entry] = [
    code.local('i32'),
    code.local('i32'),
    code.local('i32'),
    code.local('i32'),
  ];
  const [times, sum] = [code.local('i32'), code.local('i32')];
  const table = step.table!.table;
  code.i32(notesAt).set(note);
  const rows = code.loop();
  code.i32(0).set(entry);
  const skipped = code.block();
  const e = beginGuess(parts, code, () => code.br(skipped), clause, bit);
  const words = keys.map((key) => {
    const word = code.local('i64');
    emitDifo(e, key.difo!, key.number);
    e.narrow(key.narrowing);
    code.set(word);
    return word;
  });
  emitHash(code, words, hash);
  pushBucket(code, () => code.i32(0), table.at, hash);
  code.access('i32.load').set(entry).end();
  code.get(note).get(hash).access('i32.store').get(note).get(entry).access('i32.store', 4);
  code.get(note).i32(NOTE_BYTES).op('i32.add').set(note);
  code.get(row).i32(1).op('i32.add').tee(row).get(end).op('i32.lt_u').brIf(rows).end();

  code.i32(ENTRIES).set(times);
  const chains = code.loop();
  code.i32(notesAt).set(first);
  const notes = code.loop();
  // Entry 0 is none: what lies there can be read as well as any.
  code
    .get(first)
    .access('i32.load', 4)
    .tee(entry)
    .access('i32.load', ENTRY.key + keys.length * 8 + NORMAL_BYTES);
  code.get(sum).op('i32.add').set(sum);
  code.get(first).i32(0).get(entry).access('i32.load', ENTRY.next);
  code.get(entry).access('i32.load', ENTRY.hash).get(first).access('i32.load').op('i32.eq', 'select');
  code.access('i32.store', 4);
  code.get(first).i32(NOTE_BYTES).op('i32.add').tee(first).get(note).op('i32.lt_u').brIf(notes).end();
  code.get(times).i32(1).op('i32.sub').tee(times).brIf(chains).end();
  code.i32(notesAt).get(sum).access('i32.store'); // so that no compiler finds the loads useless
  return code;
}

/** Push whether the table is worth it. */
function pushIsLarge(code: WasmCode, { step }: LookedUp): void {
  load32(code, step.table!.table.at + TABLE_HEADER.count)
    .i32(LEAST_ENTRIES)
    .op('i32.gt_u');
}

/** Whether the clause fires for the row, as far as that is known from the row; and an emitter for its keys. */
function beginGuess(
  { context, callOuts, lookUps, places }: FetchParts,
  code: WasmCode,
  skip: () => void,
  { clause, epidsAt }: RowClause,
  bit: number,
): Emitter {
  const row = 0;
  const columns = context.m.firing.batch.at;
  const { bankFlag } = places.probes;
  const { entriesAt, cellsAt, execname } = places;
  const [entry, cpu] = [code.local('i32'), code.local('i32')];
  code.get(row).access('i32.load8_u', columns.kind).tee(entry).i32(EVENT_KINDS.vec).op('i32.eq').if();
  const flags = () => code.get(row).access('i32.load8_u', columns.flags);
  pushVectorEntry(code, row, flags, { columns, bankFlag });
  code.set(entry).op('else').get(entry).i32(FIRST_KIND).op('i32.add').set(entry).end();
  code.get(entry).i32(3).op('i32.shl').access('i64.load', entriesAt);
  code
    .i64(1n << BigInt(bit))
    .op('i64.and', 'i64.eqz')
    .if();
  skip();
  code.end();
  code.get(row).i32(1).op('i32.shl').access('i32.load16_u', columns.cpu).set(cpu);
  const probe: ProbePlaces = { entry, cellsAt, epidsAt, execname };
  const frame: Frame = { code, payload: cpu, row, cpu, leave: skip, probe, guesses: true };
  const e = new Emitter(context, callOuts, lookUps, frame);
  if (clause.predicate !== undefined && isOfRow(context, clause.predicate)) emitPredicate(e, clause);
  return e;
}

/** What the functions are written with. */
export interface FetchParts {
  readonly module: WasmModule;
  readonly context: FastContext;
  readonly callOuts: CallOutIndices;
  readonly lookUps: LookUps;
  readonly places: RowPlaces;
}

/** Locals of a run. */
interface Rows {
  readonly row: number;
  readonly end: number;
  readonly limit: number;
}

/** A function of the module for each look-up of these clauses that is fetched ahead. */
export class FetchAhead {
  private readonly functions: { readonly lookUp: LookedUp; readonly index: number }[] = [];

  constructor(parts: FetchParts, clauses: readonly RowClause[]) {
    for (const [bit, clause] of clauses.entries()) {
      if (clause.form !== 'all') continue;
      for (const lookUp of lookedUp(parts.context, clause.clause)) {
        if (this.functions.length === MOST_FETCHED) return;
        const code = fetchCode(parts, clause, bit, lookUp);
        const index = parts.module.addFunction({ takes: ['i32', 'i32'], gives: [] }, code);
        this.functions.push({ lookUp, index });
      }
    }
  }

  /** Emit what a run begins with: sets `limit`, before which rows need nothing fetched. */
  start(code: WasmCode, { stopAt }: RowPlaces, { row, end, limit }: Rows): void {
    code.get(end).set(limit);
    if (this.functions.length === 0) return;
    // After a group, or for a new batch, where rows begin anew: what was fetched is not beyond the row, or too far.
    const fetched = () => load32(code, stopAt + STOP.fetched);
    code.get(row).set(limit);
    fetched().get(row).op('i32.sub').i32(1).op('i32.sub').i32(GROUP).op('i32.lt_u').if();
    fetched().get(end);
    fetched().get(end).op('i32.lt_u', 'select').set(limit).end();
  }

  /** Emit what a row at the limit begins with: its group's look-ups in large tables, and the group's end as the limit. */
  write(code: WasmCode, { stopAt }: RowPlaces, { row, end, limit }: Rows): void {
    if (this.functions.length === 0) return;
    code.get(row).i32(GROUP).op('i32.add').tee(limit).get(end);
    code.get(limit).get(end).op('i32.lt_u', 'select').set(limit);
    code
      .i32(0)
      .get(limit)
      .access('i32.store', stopAt + STOP.fetched);
    for (const { lookUp, index } of this.functions) {
      pushIsLarge(code, lookUp);
      code.if();
      code.get(row).get(limit).call(index).end();
    }
  }
}
