/**
 * What the consumer reads and is told, declared in the room both halves share. The engine implements the sources,
 * the consumer the sink; the session introduces them.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { DropKind } from './drops.ts';
import type { Aggregation, Clause, Program } from './program.ts';

/** A probe as the consumer shows it. */
export interface ProbeName {
  readonly id: number;
  readonly provider: string;
  readonly module: string;
  readonly function: string;
  readonly name: string;
}

/** One enabling control block: a clause on a probe. */
export interface EcbInfo {
  readonly epid: number;
  readonly probe: ProbeName;
  readonly program: Program;
  readonly clause: Clause;
}

export interface FaultInfo {
  readonly ecb: EcbInfo;
  readonly action: number; // 0 = predicate
  readonly difOffset: number; // bytes, -1 unknown
  readonly code: number; // FAULTS code
  readonly value: bigint;
}

/** Where the engine drains records to, in order. Offsets are valid until the call returns, those of records to `drained`. */
export interface RecordSink {
  /** `timeAt`: offset of the firing's time, an i64. `committed`: the record was held back by a speculation until now. */
  record(
    ecb: EcbInfo,
    cpu: number,
    timeAt: number,
    memory: LinearMemory,
    payloadOffset: number,
    committed?: boolean,
  ): void;
  fault(fault: FaultInfo): void;
  drop(kind: DropKind, cpu: number, count: number): void;
  /** The records handed over are about to be written over. */
  drained?(): void;
}

/**
 * One entry of an aggregation. Offsets are into `memory` and valid until the next call into the engine.
 * Keys lie one after another from `keyOffset`, each 8-aligned: integers as i64 (extended by signedness), symaddr as
 * i64, strings as u32 length + bytes (no NUL, padded to 8), bytes as they are padded to 8, stacks as u32 frame
 * count, u32 0, then frames i64.
 */
export interface AggregationEntry {
  readonly keyOffset: number;
  readonly valueOffset: number; // words as aggregating-functions.ts lays them out
  readonly normal: bigint; // divisor set by normalize, 1 by default
}

/** Aggregations as they stand. Aggregation numbers are those of one program. */
export interface AggregationStore {
  readonly memory: LinearMemory;
  /** Number of entries. */
  count(aggregation: Aggregation): number;
  entries(aggregation: Aggregation): Iterable<AggregationEntry>;
  /** The same without an object per entry, for tables of millions: `visit` is given the fields of an AggregationEntry. */
  forEach(
    aggregation: Aggregation,
    visit: (keyOffset: number, valueOffset: number, normal: bigint) => void,
  ): void;
  clear(aggregation: Aggregation): void;
  normalize(aggregation: Aggregation, divisor: bigint): void;
  /** Remove the entries for which `keep` is false. */
  retain(aggregation: Aggregation, keep: (entry: AggregationEntry) => boolean): void;
}

/** An instruction as text. */
export interface InstructionText {
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly text: string;
  readonly target: bigint | undefined; // where it leads, of direct calls and jumps
}

/** Instructions for disasm(). */
export interface Disassembler {
  /** At most `count`, from `address` on. `bytes` are what could be read of the guest's memory there. */
  instructions(address: bigint, bytes: Uint8Array, count: number): readonly InstructionText[];
}

/** Addresses to names, for sym(), stack() and %a. Absent symbols give undefined. */
export interface Symbolizer {
  lookup(
    address: bigint,
  ): { readonly module: string; readonly name: string; readonly offset: bigint } | undefined;
}
