/**
 * What a scanner of an x86 log must know to begin in the middle of it: where one left off, or where one is
 * assumed to be. Plain data, so that an assumed state can be compared with the state that was reached.
 *
 * A state exists only at a *clean place*: in front of a line, with no event waiting for its dump, no servicing line that may
 * still be claimed (hardware.ts), no dump open, no torn header's rest owed and no overlong line being passed over.
 * `IntLogScanner.state()` gives it, also when the input has ended there (a piece of a log that is scanned by itself), and
 * `new IntLogScanner(file, setup, state)` goes on.
 *
 * What may still depend on the lines in front of such a place, and how to avoid it when choosing one:
 *   a servicing line belongs to a header behind it: choose a place behind a dump's last line (`EFER=`) or a check_exception
 *   line, where none is likely to be open
 *   `Stopped execution` takes a record of -d exec back that stands before it: `held` counts the records that were
 *   still open to that; choose a place with no such line in the next HELD_LINES lines
 *   lines without registers, and events without a number, are given the CPU and the number of the record before
 *
 * Not in the state, since it changes no event and no count: learned layouts, the text of the last check_exception line.
 * Sightings and the ledger add up. Of a piece's losses only the first place has a line number, counted from `line`.
 */
import type { CpuState } from './cpus.ts';
import { EXEC_PATIENCE } from './waiting.ts';

export const HELD_LINES = EXEC_PATIENCE;

export interface ScanState {
  readonly cpus: CpuState;
  /** The replay's first time, in microseconds; null before any. */
  readonly firstMicros: number | null;
  /** The latest time of a line, in nanoseconds since the first; null before any. */
  readonly timeNs: number | null;
  /** 1-based line of the next byte. */
  readonly line: number;
  /** Number of the latest interrupt record. */
  readonly lastNumber: number;
  readonly execDumps: 'unknown' | 'follow' | 'absent';
  /** Records of -d exec have named another CPU than 0, so that a line may take back one that is not the latest. */
  readonly severalCpus: boolean;
  /** The line before was a `Trace`. */
  readonly afterTrace: boolean;
  /** The line before was lost as a dump's without a dump: one more like it is the same loss. */
  readonly afterOrphan: boolean;
  readonly held: number;
  readonly anyDump: boolean;
  readonly cutCounted: boolean;
  readonly tailOwner: 'event' | 'torn';
}

/** At the beginning of a log. */
export const FIRST_STATE: ScanState = {
  cpus: { keys: [], former: null, trialCount: 0, highestReset: -1, latest: 0 },
  firstMicros: null,
  timeNs: null,
  line: 1,
  lastNumber: 0,
  execDumps: 'unknown',
  severalCpus: false,
  afterTrace: false,
  afterOrphan: false,
  held: 0,
  anyDump: false,
  cutCounted: false,
  tailOwner: 'torn',
};
