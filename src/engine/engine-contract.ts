/** What the session and the providers need of the engine; implemented by engine.ts. */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { AggregationStore, EcbInfo, RecordSink } from '../dif/consumer-contract.ts';
import type { Clause, Program } from '../dif/program.ts';
import type { GuestContext, MemoryReader, ProcessLayout } from '../machine/target.ts';
import type { Firing } from './firing.ts';
import type { ProbeTable } from './probes.ts';

export interface EngineConfig {
  readonly memory: LinearMemory;
  readonly probes: ProbeTable;
  readonly firing: Firing;
  readonly sizes: EngineSizes;
  /** Values of built-ins that the guest does not give: what `execname`, `pid`, `ppid`, `uid`, `gid` say. */
  readonly identity: EngineIdentity;
  readonly guestMemory: MemoryReader | undefined;
  /** Beyond the events' registers; absent where the source has nothing to add. */
  readonly guestContext?: GuestContext | undefined;
  /** Where the guest's kernel keeps its processes; absent when symbols and types do not tell. */
  readonly processLayout?: ProcessLayout | undefined;
  /** Linear memory that arguments may point into: texts of the source's. */
  readonly visibleMemory?: { readonly start: number; readonly end: number } | undefined;
  readonly symbols: SymbolKeys | undefined;
  readonly randomSeed: number;
  readonly destructive: boolean;
  /** Trace this CPU only; BEGIN and END fire whatever it is. */
  readonly cpu?: number | undefined;
  /** Waits for so many ns, for chill(); absent where no clock goes on meanwhile. The firing's time is set anew. */
  readonly wait?: ((ns: number) => void) | undefined;
  readonly tier?: TierChoice; // auto when absent
  /** So many events are to come that clauses are worth compiling before the first. */
  readonly isLong?: boolean;
}

/** What executes clauses. `auto`: the fast tier, for clauses it takes, once they have fired often enough to pay for it. */
export type TierChoice = 'interpreter' | 'fast' | 'auto';

/** Which probe the event of a row fires, for `fireRows`. Probes that are not enabled are 0. */
export interface RowProbes {
  /** Of deliveries: by vector, and by 256 + vector where `bankFlag` is among the event's flags. */
  readonly vectors: Int32Array;
  readonly bankFlag: number;
  /** Of other events, by kind; -1 where fireRows is to stop. */
  readonly kinds: Int32Array;
  /** arg0, arg1, … of deliveries and of other events, when any clause reads arguments; those not listed are 0. */
  readonly args?: { readonly delivery: readonly RowArgument[]; readonly other: readonly RowArgument[] };
  /** When events have times: the `time` column holds the session's, whole numbers. */
  readonly time?: { readonly wallOriginNs: bigint };
}

/** Told of rows that safe mode withholds; absent when it is off. */
export type RowWithheld = ((row: number) => void) | undefined;

/** Where an argument comes from: a column of the row (a level that is unknown gives -1), or 1 when a flag is set. */
export type RowArgument =
  | { readonly column: 'vector' | 'cpl' | 'errcode' | 'pc' | 'sp' | 'faddr' }
  | { readonly flag: number };

/** How many clauses each tier takes, the interpreter's by reason. */
export interface TierReport {
  readonly fast: number;
  readonly interpreted: ReadonlyMap<string, number>;
  /** Why events are fired one by one, though there are fast clauses. */
  readonly oneByOne?: string | undefined;
}

/**
 * Symbols as keys of aggregations: each replaces the address in the two words at `at` by the first address of the symbol
 * or module it lies in, and leaves an unknown one as it is. Called in probe context, so it never allocates.
 */
export interface SymbolKeys {
  toSymbol(words: Int32Array, at: number): void;
  toModule(words: Int32Array, at: number): void;
}

/**
 * What a full principal buffer does.
 *   switch   drops records until it is emptied (or, without a given size, is emptied before that)
 *   fill     ends tracing; room for one firing of END is kept
 *   ring     forgets its oldest records
 * Buffers of fill and ring are emptied once, after END.
 */
export type BufferPolicy = 'switch' | 'fill' | 'ring';

/** Bytes unless said otherwise. `undefined` means: grow as needed, never drop. */
export interface EngineSizes {
  readonly strsize: number;
  readonly bufsize: number; // principal buffer per CPU
  readonly bufpolicy?: BufferPolicy; // switch when absent
  readonly shrinks?: boolean; // whether a size that cannot be had is halved until it can; else enabling fails
  readonly bufsizeIsExplicit: boolean; // only then are records dropped between switches; else a full buffer is drained
  readonly aggsize: number | undefined;
  readonly dynvarsize: number;
  readonly scratchsize: number;
  readonly nspec: number;
  readonly specsize: number;
}

export interface EngineIdentity {
  readonly tracerName: string; // execname in BEGIN, END, ERROR
  readonly tracerPid: number;
  readonly tracerIds?: { readonly ppid: number; readonly uid: number; readonly gid: number }; // absent: zeros
  /** The processes that the tracer descends from, for progenyof() in BEGIN, END, ERROR. */
  readonly tracerAncestors?: (() => readonly number[]) | undefined;
  readonly sourceName: string; // execname elsewhere
}

/** d-language.md 9.6, as far as a replay has them. */
export type Activity = 'inactive' | 'active' | 'draining' | 'stopped';

export interface Engine {
  readonly activity: Activity;
  readonly exitStatus: number | undefined; // set by exit()
  readonly aggregations: AggregationStore;
  readonly ecbs: readonly EcbInfo[]; // index = EPID - 1
  /** Enable a clause on probes: one ECB each, in program order. Call before `begin`. */
  enable(program: Program, clause: Clause, probeIds: readonly number[]): void;
  /** Reserve memory for what was enabled; returns why it cannot be ('Enabling exceeds size of buffer', …). */
  ready(): string | undefined;
  /** What will run the enabled clauses, once ready. */
  readonly tiers: TierReport;
  /** Bytes of each principal buffer, once ready; less than asked for when memory did not suffice. */
  readonly bufferBytes: number;
  isEnabled(probeId: number): boolean;
  /** Fire BEGIN, and become active unless it called exit(). */
  begin(): void;
  /** Fire one probe with `firing` as set. Never throws, never allocates once warm. Does nothing unless active. */
  fire(probeId: number): void;
  /**
   * Fire for rows from `row` on whose events fire nothing but these probes and need nothing set but row, CPU, time and the
   * arguments listed. Returns the first row that it leaves to `fire`, or `end`; or the row after one that ended tracing or
   * wants a drain. With `withheld`, deliveries with interrupts disabled are told to it instead of being fired.
   */
  fireRows(probes: RowProbes, row: number, end: number, withheld: RowWithheld): number;
  /** Fire END. */
  end(): void;
  /**
   * Called inside a firing, between clauses, when the clause that just ran recorded a library action (printa, clear, …)
   * or committed a speculation. It is expected to drain.
   */
  setDrainCallback(drain: () => void): void;
  /** Set when the consumer must run before the next firing: a library action was recorded, or a buffer is nearly full. */
  readonly wantsDrain: boolean;
  /** Hand all records to the sink, in order, and empty the buffers; then report new drops. */
  drain(sink: RecordSink): void;
}
