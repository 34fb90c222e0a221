/** What every log scanner is to its stream: a window of text in, rows of the batch out, every byte in the ledger. */
import type { EventBatch, RegisterReader } from '../machine/event-batch.ts';
import type { CpuTable } from './qemu-x86/cpus.ts';

/** What was met on the way that is worth a word when a file turns out to hold no events. */
export interface Sightings {
  foreign: string | undefined; // another architecture's log
  servicing: number; // hardware interrupts, also of real mode
  headers: number;
  longBytes: number; // of lines that are too long, of plain text as far as their first MAX_LINE_BYTES
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
