/**
 * What the session wants of an event source, and the ledger every source keeps.
 *
 * A source is opened, asked for batches until it returns 0, and closed. `fill` answers synchronously when it can
 * (plain files), so that a replay pays for no promises; otherwise it returns a promise.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Architecture } from '../machine/causes.ts';
import type { EventBatch } from '../machine/event-batch.ts';
import type { Ledger } from '../machine/ledger.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { PointRows } from '../machine/points.ts';
import type { GuestContext, MemoryReader, ProcessLayout } from '../machine/target.ts';
import type { PointTable } from './text-trace/points.ts';

export interface EventSource {
  /** How messages name it: the file as the user wrote it, or `standard input`. */
  readonly name: string;
  readonly ledger: Ledger;
  /** Events come as they happen: time is the host's, and the next event may be long in coming. */
  readonly live?: boolean;
  /** Events of a live source carry the host's time, as SessionIo.monotonicNs tells it. */
  readonly stampsHostTime?: boolean;
  /** Whose events these are, as far as it is known once open; x86 unless it says otherwise. */
  readonly architecture?: Architecture | undefined;
  /** Whether the trace carries times of its own, known once open. */
  readonly hasTime: boolean;
  /** Its times are the guest's instructions, counted. */
  readonly countsInstructions?: boolean;
  /** The trace's beginning on the wall clock, nanoseconds since 1970, when it says so. */
  readonly wallOriginNs?: bigint;
  /** Bytes of input consumed, and in all when known; for progress. */
  readonly progress: { readonly doneBytes: number; readonly totalBytes: number | undefined };
  /** Fill `batch` from row 0. Returns the number of rows; 0 at the end. A failure while reading ends the source and is returned. */
  fill(batch: EventBatch): FillResult | Promise<FillResult>;
  close(): Promise<void>;
  /** Nothing more was written until now: what waits for a line behind it need not. */
  settle?(): void;
  /** The guest's memory at the event at hand, where the source can read it. */
  readonly guestMemory?: MemoryReader | undefined;
  /** What the source knows of CPUs beyond the events' registers. */
  readonly guestContext?: GuestContext | undefined;
  /** Where `guestMemory` keeps the process of an event, when the trace and no kernel tells it. */
  readonly processLayout?: ProcessLayout | undefined;
  /** What events of kind `point` fire. */
  readonly points?: PointRows | undefined;
}

export type FillResult = number | Diagnostic;

/** What to replay (replay.ts). */
export interface ReplayRequest {
  readonly paths: readonly string[]; // '-' is standard input
  /** How messages name what is read, when not by its path. */
  readonly name?: string;
  readonly needs: SourceNeeds;
  readonly memory: LinearMemory;
  readonly stdin: number; // file descriptor behind '-'
  readonly scan: 'fast' | 'careful'; // careful walks every line; both give the same
  /** QEMU's trace events that probes ask for; absent when none does. */
  readonly traceEvents?: PointTable | undefined;
  readonly windowBytes?: number; // tests make it tiny
  /** The log is being written: events come as they happen, and its present end is not the end. */
  readonly follow?: boolean;
  /** What is written must be read within a turn of the event loop: it is compared with what the guest does besides. */
  readonly isPrompt?: boolean;
  /** However long the log is silent, its last record waits for the line that shows that it stands: so every run is the same. */
  readonly isPatient?: boolean;
}
