/**
 * Enabling control blocks: one clause on one probe, with what the engine needs to run it.
 *
 * EPIDs count from 1 in the order of enabling; an EPID fixes the layout of its records. What is prepared from a clause
 * (steps, predicate) is shared by the ECBs of all its probes.
 */
import type { EcbInfo } from '../dif/consumer-contract.ts';
import type { Clause } from '../dif/program.ts';
import type { FastCode } from './fast/fast-tier.ts';
import type { Instruction } from './instruction.ts';
import type { PreparedDifo } from './prepare.ts';
import { FAULT_RECORD_BYTES, recordBytes } from './record-buffers.ts';
import type { Step } from './steps.ts';

/** A clause, ready to run. */
export interface PreparedClause {
  readonly predicate: PreparedDifo | undefined;
  readonly steps: readonly Step[];
  /** The same for the interpreter, once it has run them. */
  linked: Instruction | undefined;
  /** The same with the predicate in front. */
  whole: Instruction | undefined;
  readonly records: boolean;
  readonly recordBytes: number; // with the header
  readonly payloadBytes: number;
  readonly clears: boolean; // branches may leave fields unset, so the payload starts zeroed
  /**
   * The record is built aside: it may go to a speculation, or follow what a commit puts into the principal buffer.
   */
  readonly staged: boolean;
  readonly commits: number; // commit actions
  /** Only BEGIN and END run it. */
  once: boolean;
  /** Firings until the fast tier is asked for the clause; and what it gave. */
  patience: number;
  fast: FastCode | undefined;
}

export interface Ecb {
  readonly info: EcbInfo;
  readonly clause: PreparedClause;
}

export function prepareClause(
  clause: Clause,
  predicate: PreparedDifo | undefined,
  steps: readonly Step[],
): PreparedClause {
  const commits = clause.actions.filter(({ kind }) => kind === 'commit').length;
  return {
    predicate,
    steps,
    linked: undefined,
    whole: undefined,
    records: clause.records,
    recordBytes: recordBytes(clause.layout.payloadBytes),
    payloadBytes: clause.layout.payloadBytes,
    clears: clause.layout.taken !== undefined,
    staged: commits > 0 || clause.actions.some(({ kind }) => kind === 'speculate'),
    commits,
    once: true,
    patience: 0,
    fast: undefined,
  };
}

/** The most that one firing of these ECBs can write, when each of them may fault and fire `errors` besides. */
export function largestOutput(ecbs: readonly Ecb[], errors: readonly Ecb[], specsize: number): number {
  const errorBytes = FAULT_RECORD_BYTES + sum(errors.map((ecb) => ownOutput(ecb, specsize)));
  return sum(ecbs.map((ecb) => ownOutput(ecb, specsize) + errorBytes));
}

function ownOutput({ clause }: Ecb, specsize: number): number {
  return (clause.records ? clause.recordBytes : 0) + clause.commits * specsize;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
