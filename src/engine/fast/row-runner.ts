/**
 * Keeps the run over rows (rows.ts) up to date with what is compiled: made again when a probe's clauses have become lean.
 *
 * In: RowProbes, which a session makes once, and the ECBs of each probe that are all lean. Out: rows done, or left.
 */
import { bug } from '../../base/assert.ts';
import type { LinearMemory } from '../../base/linear-memory.ts';
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import type { Ecb, PreparedClause } from '../ecb.ts';
import type { RowProbes } from '../engine-contract.ts';
import type { VariableStorage } from '../variables.ts';
import type { FastTier, RowsFunction } from './fast-tier.ts';
import { ENTRIES, FOREIGN, KINDS, MOST_LISTS, NOT_STOPPED, STOP, VECTORS } from './rows.ts';

/** Clause-locals that are cleared word by word; a program with more is left to the engine. */
const MOST_LOCALS_BYTES = 512;

type LeanOfProbe = readonly (readonly Ecb[] | undefined)[];

export class RowRunner {
  /** Of the row at which the last run stopped in the middle: which of its clauses faulted, and how. */
  faultedClause = NOT_STOPPED;
  outcome = 0;
  private readonly memory: LinearMemory;
  private readonly tier: FastTier;
  private readonly storage: VariableStorage;
  private readonly entriesAt: number;
  private readonly stopAt: number;
  private readonly argsAt: number;
  private probes: RowProbes | undefined;
  private isStale = false;
  private code: RowsFunction | undefined;

  constructor(memory: LinearMemory, tier: FastTier, storage: VariableStorage, argsAt: number) {
    this.argsAt = argsAt;
    this.memory = memory;
    this.tier = tier;
    this.storage = storage;
    this.entriesAt = memory.reserve(ENTRIES * 4);
    this.stopAt = memory.reserve(STOP.bytes);
  }

  /** More clauses are lean than before. */
  invalidate(): void {
    this.isStale = true;
  }

  /** First row not done. */
  run(probes: RowProbes, lean: LeanOfProbe, row: number, end: number, withholds: boolean): number {
    if (this.isStale || this.probes !== probes) this.plan(probes, lean);
    this.faultedClause = NOT_STOPPED;
    if (this.code === undefined) return row;
    const stopped = this.code(row, end, withholds ? 1 : 0);
    const { i32 } = this.memory;
    this.faultedClause = i32[(this.stopAt + STOP.clause) >>> 2]!;
    this.outcome = i32[(this.stopAt + STOP.outcome) >>> 2]!;
    return stopped;
  }

  private plan(probes: RowProbes, lean: LeanOfProbe): void {
    this.probes = probes;
    this.isStale = false;
    this.code = undefined;
    if (!lean.some((ecbs) => ecbs !== undefined) || this.storage.localsBytes > MOST_LOCALS_BYTES) return;
    const lists = new Lists(lean);
    this.fill(0, probes.vectors, lists);
    this.fill(2 * VECTORS, probes.kinds, lists);
    if (lists.indices.length === 0) return;
    const { entriesAt, stopAt } = this;
    const { localsAt, localsBytes } = this.storage;
    const { bankFlag, args } = probes;
    const places = { entriesAt, stopAt, localsAt, localsBytes, bankFlag, args, argsAt: this.argsAt };
    this.code = this.tier.compileRows(lists.clauses, lists.indices, places);
  }

  private fill(first: number, probeIds: Int32Array, lists: Lists): void {
    if (probeIds.length > (first === 0 ? 2 * VECTORS : KINDS)) bug('engine', 'more events than entries');
    probeIds.forEach((id, i) => {
      this.memory.i32[(this.entriesAt >>> 2) + first + i] = id <= 0 ? id : lists.numberOf(id);
    });
  }
}

/** The lists of clauses that probes have, each once. */
class Lists {
  readonly clauses: PreparedClause[] = [];
  readonly indices: number[][] = [];
  private readonly lean: LeanOfProbe;

  constructor(lean: LeanOfProbe) {
    this.lean = lean;
  }

  /** Counted from 1, or FOREIGN when the probe is not for a run over rows. */
  numberOf(probeId: number): number {
    const clauses = this.lean[probeId]?.map((ecb) => ecb.clause);
    if (clauses === undefined || clauses.some((clause) => clause.records)) return FOREIGN;
    const list = clauses.map((clause) => this.indexOf(clause));
    const known = this.indices.findIndex((each) => each.join() === list.join());
    if (known !== -1) return known + 1;
    return this.indices.length < MOST_LISTS ? this.indices.push(list) : FOREIGN;
  }

  private indexOf(clause: PreparedClause): number {
    const known = this.clauses.indexOf(clause);
    return known !== -1 ? known : this.clauses.push(clause) - 1;
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
