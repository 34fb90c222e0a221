/**
 * Keeps the run over rows (rows.ts) up to date with what is compiled: made again when another clause has been.
 *
 * In: RowProbes, which a session makes once, and the ECBs of each probe. Out: rows done, or left. A probe whose first
 * clause is none of the run's business is left to the engine altogether.
 */
import { bug } from '../../base/assert.ts';
import type { LinearMemory } from '../../base/linear-memory.ts';
import { EVENT_KINDS, type EventBatch, KIND_COUNT } from '../../machine/event-batch.ts';
import type { Ecb, PreparedClause } from '../ecb.ts';
import type { RowProbes, RowWithheld } from '../engine-contract.ts';
import type { FiringCells } from '../firing-cells.ts';
import { PROBE_CELLS } from '../machine-state.ts';
import type { RecordBuffers } from '../record-buffers.ts';
import { DONE } from '../run-clause.ts';
import type { VariableStorage } from '../variables.ts';
import type { FastTier, RowsFunction } from './fast-tier.ts';
import { NOTES_BYTES } from './fetch-ahead.ts';
import { ENTRIES, FOREIGN, NOT_STOPPED, type RowClause, type RowForm, STOP, VECTORS } from './row-places.ts';
import { MOST_CLAUSES } from './rows.ts';

/** Clause-locals that are cleared word by word; a program with more is left to the engine. */
const MOST_LOCALS_BYTES = 512;

export interface RowRunnerParts {
  readonly memory: LinearMemory;
  readonly batch: EventBatch;
  readonly tier: FastTier;
  readonly storage: VariableStorage;
  readonly buffers: RecordBuffers;
  readonly cells: FiringCells;
  readonly onlyCpu: number | undefined;
  /** Filled when the engine is made ready. */
  readonly ecbsOfProbe: readonly (readonly Ecb[] | undefined)[];
}

export class RowRunner {
  /** Of the row at which the last run stopped in the middle: by which clause, and its outcome (rows.ts). */
  stoppedBy: PreparedClause | undefined;
  outcome: number = DONE;
  private readonly parts: RowRunnerParts;
  private readonly entriesAt: number;
  private readonly stopAt: number;
  private readonly withheldAt: number;
  private readonly notesAt: number;
  private cellsAt = 0;
  private probes: RowProbes | undefined;
  private isStale = false;
  private code: RowsFunction | undefined;
  private clauses: readonly RowClause[] = [];
  private readonly forms = new Map<PreparedClause, RowForm>();
  private readonly epids = new Map<PreparedClause, number>();

  constructor(parts: RowRunnerParts) {
    const { memory, batch } = parts;
    this.parts = parts;
    this.entriesAt = memory.reserve(ENTRIES * 8);
    this.stopAt = memory.reserve(STOP.bytes);
    this.withheldAt = memory.reserve(batch.capacity * 2);
    this.notesAt = memory.reserve(NOTES_BYTES);
  }

  /** Why no program of this session is run over rows. */
  get whyNot(): string | undefined {
    return this.parts.storage.localsBytes > MOST_LOCALS_BYTES ? 'large clause-locals' : undefined;
  }

  /** More clauses are compiled than before. */
  invalidate(): void {
    this.isStale = true;
  }

  /** First row not done. */
  run(probes: RowProbes, row: number, end: number, withheld: RowWithheld): number {
    if (this.isStale || this.probes !== probes) this.plan(probes);
    this.stoppedBy = undefined;
    this.outcome = DONE;
    if (this.code === undefined) return row;
    const stopped = this.code(row, end, withheld === undefined ? 0 : 1);
    const { i32, u16 } = this.parts.memory;
    const clause = i32[(this.stopAt + STOP.clause) >>> 2]!;
    if (clause !== NOT_STOPPED) this.stoppedBy = this.clauses[clause]!.clause;
    this.outcome = i32[(this.stopAt + STOP.outcome) >>> 2]!;
    const count = i32[(this.stopAt + STOP.withheld) >>> 2]!;
    for (let i = 0; i < count; i++) withheld!(u16[(this.withheldAt >>> 1) + i]!);
    return stopped;
  }

  private plan(probes: RowProbes): void {
    const { tier, storage, buffers, cells, batch, onlyCpu } = this.parts;
    this.probes = probes;
    this.isStale = false;
    this.code = undefined;
    if (this.whyNot !== undefined || batch.capacity > 0xffff) return;
    const clauses = this.hotClauses(probes);
    this.clauses = clauses;
    if (!clauses.some(({ form }) => form !== 'none')) return;
    if (this.cellsAt === 0) this.cellsAt = this.parts.memory.reserve(ENTRIES << PROBE_CELLS.shift);
    this.fill(0, probes.vectors);
    this.fill(2 * VECTORS, probes.kinds);
    const { entriesAt, stopAt, withheldAt, cellsAt, notesAt } = this;
    const { localsAt, localsBytes, integerLocals } = storage;
    const { statesAt, nextOrderAt } = buffers;
    this.code = tier.compileRows(clauses, {
      ...{ entriesAt, stopAt, withheldAt, cellsAt, notesAt, localsAt, localsBytes, integerLocals },
      ...{ statesAt, nextOrderAt, onlyCpu, probes, execname: cells.sourceText },
    });
  }

  /** Clauses of probes that are worth a run: in program order, which is that of each probe's ECBs. */
  private hotClauses(probes: RowProbes): RowClause[] {
    const order = new Map<PreparedClause, number>(); // by EPID of the first ECB
    for (const id of new Set([...probes.vectors, ...probes.kinds])) {
      if (id <= 0) continue;
      for (const { clause, info } of this.parts.ecbsOfProbe[id] ?? [])
        order.set(clause, Math.min(order.get(clause) ?? info.epid, info.epid));
    }
    const clauses = [...order].sort(([, a], [, b]) => a - b).map(([clause]) => clause);
    return clauses
      .slice(0, MOST_CLAUSES)
      .map((clause) => ({ clause, form: this.formOf(clause), epidsAt: this.epidsOf(clause) }));
  }

  private formOf(clause: PreparedClause): RowForm {
    const known = this.forms.get(clause);
    if (known !== undefined) return known;
    const form = this.parts.tier.rowForm(clause);
    if (clause.fast !== undefined) this.forms.set(clause, form);
    return form;
  }

  private epidsOf(clause: PreparedClause): number {
    const known = this.epids.get(clause);
    if (known !== undefined) return known;
    const at = this.parts.memory.reserve(ENTRIES * 4);
    this.epids.set(clause, at);
    return at;
  }

  private fill(first: number, probeIds: Int32Array): void {
    const { memory, cells } = this.parts;
    if (probeIds.length > (first === 0 ? 2 * VECTORS : KIND_COUNT)) bug('engine', 'more events than entries');
    probeIds.forEach((id, i) => {
      const entry = first + i;
      const mask = id <= 0 ? BigInt(id) : this.maskOf(id, entry);
      memory.i64[(this.entriesAt >>> 3) + entry] = mask;
      if (mask > 0n) cells.tellProbe(id, this.cellsAt + (entry << PROBE_CELLS.shift));
    });
  }

  /** Bits of the probe's clauses, whose EPIDs are noted. */
  private maskOf(probeId: number, entry: number): bigint {
    let mask = 0n;
    const ecbs = this.parts.ecbsOfProbe[probeId] ?? [];
    for (const { clause, info } of ecbs) {
      const bit = this.clauses.findIndex((each) => each.clause === clause);
      if (bit === -1 || (mask === 0n && this.clauses[bit]!.form === 'none')) return FOREIGN;
      const flag = 1n << BigInt(bit);
      if ((mask & flag) !== 0n) return FOREIGN; // two descriptions name the probe: the clause runs twice
      mask |= flag;
      this.parts.memory.u32[(this.clauses[bit]!.epidsAt >>> 2) + entry] = info.epid;
    }
    return mask;
  }
}

/** The probe that an event fires. */
export function probeOfRow(
  { vectors, bankFlag, kinds }: RowProbes,
  { at, memory }: EventBatch,
  row: number,
): number {
  const kind = memory.u8[at.kind + row]!;
  if (kind !== EVENT_KINDS.vec) return kinds[kind]!;
  const bank = (memory.u8[at.flags + row]! & bankFlag) !== 0 ? VECTORS : 0;
  return vectors[bank + (memory.u16[(at.vector >>> 1) + row]! & 0xff)]!;
}
