/**
 * What takes many lines at once, of those whose like was met before, and makes their rows: the seam between the source
 * (text-source.ts) and the readers of lines that can do so.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import type { EventBatch } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { LineFinder } from './line-finder.ts';
import type { LineRecord } from './line-record.ts';
import type { PointTable } from './points.ts';
import { clearColumns, RUN } from './row-code.ts';
import type { TextRows } from './rows.ts';
import type { Sequencer } from './sequence.ts';

export interface RunParts {
  readonly memory: LinearMemory;
  readonly table: PointTable;
  readonly needs: SourceNeeds;
  /** Where rows go; absent when there are none to be made. */
  readonly rows: { readonly of: TextRows; readonly batch: EventBatch } | undefined;
}

/** What a run begins with. */
export interface RunStart {
  readonly at: number; // of the first line
  readonly seq: number;
  readonly line: number; // that of the line before
  readonly originNs: number;
  /** Of a trace that numbers its records. */
  readonly sequencer: Sequencer | undefined;
}

export interface LineRun {
  /** Takes what it can of the lines that `lines` has ahead. How many it took. */
  run(lines: LineFinder, start: RunStart): number;
  /** Where the first line begins that was not taken. */
  readonly at: number;
  /** The line of a record, which has its place in memory, is read again. */
  reread(record: LineRecord, since: number): void;
}

/** The state of runs in memory, and the rows that they make. */
export class RunState {
  readonly stateAt: number;
  private readonly parts: RunParts;

  constructor(parts: RunParts) {
    this.parts = parts;
    this.stateAt = parts.memory.reserve(RUN.bytes, 8);
  }

  /** Where lines begin that were not taken. */
  get at(): number {
    return this.parts.memory.u32[(this.stateAt + RUN.at) >> 2]!;
  }

  /** `take` is called with the table of lines and the limit of rows. How many lines it took. */
  run(lines: LineFinder, start: RunStart, take: (lastEntry: number, limit: number) => void): number {
    const { memory, rows } = this.parts;
    const { f64, u32 } = memory;
    const [word, double] = [this.stateAt >> 2, this.stateAt >> 3];
    const first = rows?.batch.count ?? 0;
    u32[word + (RUN.seq >> 2)] = start.seq;
    u32[word + (RUN.seq >> 2) + 1] = Math.floor(start.seq / 2 ** 32);
    f64[double + (RUN.line >> 3)] = start.line;
    f64[double + (RUN.origin >> 3)] = start.originNs;
    u32[word + (RUN.entry >> 2)] = lines.entry;
    u32[word + (RUN.at >> 2)] = start.at;
    u32[word + (RUN.row >> 2)] = first;
    u32[word + (RUN.mostCpu >> 2)] = 0;
    u32[word + (RUN.notes >> 2)] = 0;
    const { sequencer } = start;
    const limit = rows?.batch.capacity ?? MOST_LINES;
    if (sequencer) {
      const room = sequencer.roomFor(limit - first);
      const next = sequencer.nextNumber;
      if (room === undefined || Number.isNaN(next)) return 0;
      f64[double + (RUN.next >> 3)] = next;
      u32[word + (RUN.remembered >> 2)] = room;
    }
    take(lines.lastEntry, limit);
    const taken = memory.u32[word + (RUN.row >> 2)]! - first;
    const after = memory.u32[word + (RUN.remembered >> 2)]!;
    sequencer?.noted(memory.f64[double + (RUN.next >> 3)]!, after);
    lines.goTo(memory.u32[word + (RUN.entry >> 2)]!);
    if (rows === undefined || taken === 0) return taken;
    const { batch } = rows;
    clearColumns(batch, first, first + taken);
    batch.count += taken;
    batch.cpuCount = Math.max(batch.cpuCount, memory.u32[word + (RUN.mostCpu >> 2)]! + 1);
    return taken;
  }

  /** Of the last run. */
  get notes(): number {
    return this.parts.memory.u32[(this.stateAt + RUN.notes) >> 2]!;
  }
}

/** Lines of one run that makes no rows. */
export const MOST_LINES = 4096;
