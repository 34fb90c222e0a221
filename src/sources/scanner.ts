/** What every log scanner is to its stream: a window of text in, rows of the batch out, every byte in the ledger. */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { EventBatch, RegisterReader } from '../machine/event-batch.ts';
import type { Ledger } from '../machine/ledger.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { TraceEvents } from './qemu-events/events.ts';
import type { CpuTable } from './qemu-x86/cpus.ts';
import type { Window } from './window.ts';

/** What was met on the way that is worth a word when a file turns out to hold no events. */
export interface Sightings {
  foreign: string | undefined; // another architecture's log
  servicing: number; // hardware interrupts, also of real mode
  headers: number;
  longBytes: number; // of lines that are too long, of plain text as far as their first MAX_LINE_BYTES
}

/** What every log scanner is given. */
export interface ScanSetup {
  readonly memory: LinearMemory;
  readonly window: Window;
  readonly ledger: Ledger;
  readonly needs: SourceNeeds;
  /** `careful` reads every line by itself; it is the oracle of the tests. */
  readonly scan: 'fast' | 'careful';
  readonly cpus: CpuTable;
  /** Shared by the files of one replay: microseconds of the first time seen, NaN before. */
  readonly timeBase: { firstMicros: number };
  /** Rows of QEMU's trace events; absent when nobody asks for them. */
  readonly traceEvents?: TraceEvents | undefined;
}

export interface LogScanner {
  readonly texts: RegisterReader;
  readonly sightings: Sightings;
  /** All input is scanned and every event is handed over. */
  readonly done: boolean;
  readonly cpus: CpuTable;
  /** Number of the latest interrupt record; -1 where the log has no numbers. */
  readonly lastNumber: number;
  /** Lowest linear offset that must survive the next refill. */
  readonly keepFrom: number;
  /** Something is complete but held for the line behind it. */
  readonly holds: boolean;
  scan(batch: EventBatch): void;
  /** Nothing more may come for long: what is complete leaves. */
  settle(): void;
}

/** A log whose lines name their CPUs and have no numbers. */
export const NO_NUMBER = -1;
