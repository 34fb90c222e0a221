/**
 * What a run over rows (rows.ts) finds where: entries, what tells probes apart, and what it leaves when it stops.
 */
import type { WasmCode } from '../../base/wasm-encode.ts';
import { type EventBatch, KIND_COUNT } from '../../machine/event-batch.ts';
import type { PreparedClause } from '../ecb.ts';
import type { RowProbes } from '../engine-contract.ts';

export const VECTORS = 256;
/** The entry of the first kind. */
export const FIRST_KIND = 2 * VECTORS;
/** An i64 per vector of each bank, then per kind of event: 0 nothing is to be done, -1 not for us, else clauses by bit. */
export const ENTRIES = 2 * VECTORS + KIND_COUNT;
export const FOREIGN = -1n;

/**
 * i32 that a run leaves: the clause that stopped it or NOT_STOPPED; its outcome; how many rows are listed as withheld. And
 * for the next run: the first row of which nothing has been fetched ahead, by this run or one over another batch.
 */
export const STOP = { clause: 0, outcome: 4, withheld: 8, fetched: 12, bytes: 16 } as const;
export const NOT_STOPPED = -1;

/** How much of a clause is written into the loop. */
export type RowForm = 'all' | 'predicate' | 'none';

export interface RowClause {
  readonly clause: PreparedClause;
  readonly form: RowForm;
  /** Its EPIDs, by entry. */
  readonly epidsAt: number;
}

export interface RowPlaces {
  readonly entriesAt: number;
  readonly stopAt: number;
  /** Rows that safe mode withholds, u16 each. */
  readonly withheldAt: number;
  /** PROBE_CELLS by entry. */
  readonly cellsAt: number;
  readonly execname: number;
  /** Clause-locals, which each firing begins with zero. */
  readonly localsAt: number;
  readonly localsBytes: number;
  /** Those that are integers. */
  readonly integerLocals: readonly number[];
  readonly statesAt: number; // of record buffers
  readonly nextOrderAt: number;
  /** NOTES_BYTES. */
  readonly notesAt: number;
  readonly onlyCpu: number | undefined;
  readonly probes: RowProbes;
}

/** Push the entry of a delivery, by its bank and vector; `flags` pushes the row's flags. */
export function pushVectorEntry(
  code: WasmCode,
  row: number,
  flags: () => void,
  { columns, bankFlag }: { readonly columns: EventBatch['at']; readonly bankFlag: number },
): void {
  code.get(row).i32(1).op('i32.shl').access('i32.load8_u', columns.vector); // the low byte of a u16
  if (bankFlag === 0) return;
  code.i32(VECTORS).i32(0);
  flags();
  code.i32(bankFlag).op('i32.and', 'select', 'i32.add');
}
