/**
 * Events that the scanner has seen but not yet handed over: an event waits for the dump behind its header, and for the
 * events in front of it. With several CPUs writing one log, headers and dumps of different CPUs interleave; a dump is
 * given to the waiting header that agrees with it in IP, CPL and SP, so that flags and registers belong to the right one.
 */

import type { TextRecord } from '../text-trace/points.ts';
import type { DumpFacts } from './dump.ts';
import { FACTS } from './dump.ts';
import type { ExecRecord } from './exec.ts';
import { type Header, TAILS } from './header.ts';

/** What an event still needs. */
export const AWAITS = {
  nothing: 0,
  agreeingDump: 1, // an interrupt record: the dump with its IP, CPL and SP
  anyDump: 2, // a reset or SMM line: the next dump that nobody else claims
  execDump: 3, // a record of -d exec: the dump with its IP and CPL
  outcome: 4, // a record of -d exec: the next line, which may take it back
  claim: 5, // an interrupt of real mode: that no record claims its line (hardware.ts)
} as const;

/** At most one record per CPU can be half written; more headers than this have lost their dumps. */
export const MAX_WAITING = 16;
/** A header whose dump has not come after so many bytes has lost it. */
export const MAX_WAIT_BYTES = 32 * 1024;

/** With several CPUs the line that takes a record back may come so many lines later. */
export const EXEC_PATIENCE = 32;

/** One event on its way into the batch. 64-bit values are pairs of int32. */
export interface PendingEvent {
  kind: number; // EVENT_KINDS
  vector: number;
  flags: number; // EVENT_FLAGS
  cpl: number;
  cpu: number;
  seq: number;
  errLow: number;
  errHigh: number;
  ipLow: number;
  ipHigh: number;
  pcLow: number;
  pcHigh: number;
  spLow: number;
  spHigh: number;
  faddrLow: number;
  faddrHigh: number;
  hasTail: boolean; // the tail came with the header; else the dump's CR2 is the fault address
  width: number;
  timeNs: number;
  line: number;
  awaits: number; // AWAITS
  patience: number; // lines for which a record of -d exec is still held
  torn: boolean; // its header was written around by another CPU
  since: number; // input offset of its line
  head: number; // input offset of the header's text, -1 when it has none
  dump: number; // input offset of its dump, -1 when it has none
  dumpEnd: number;
  layoutId: number; // DumpLayouts, -1 when the dump must be walked
  record: TextRecord | undefined; // of a trace event
}

export function newEvent(): PendingEvent {
  return {
    kind: 0,
    vector: 0,
    flags: 0,
    cpl: 0,
    cpu: 0,
    seq: 0,
    errLow: 0,
    errHigh: 0,
    ipLow: 0,
    ipHigh: 0,
    pcLow: 0,
    pcHigh: 0,
    spLow: 0,
    spHigh: 0,
    faddrLow: 0,
    faddrHigh: 0,
    hasTail: false,
    width: 16,
    timeNs: Number.NaN,
    line: 0,
    awaits: AWAITS.nothing,
    patience: EXEC_PATIENCE,
    torn: false,
    since: 0,
    head: -1,
    dump: -1,
    dumpEnd: -1,
    layoutId: -1,
    record: undefined,
  };
}

/** Copy what a record of -d exec tells. */
export function takeExec(event: PendingEvent, record: ExecRecord): void {
  event.cpu = record.cpu;
  event.cpl = Math.max(record.cpl, 0);
  event.pcLow = record.pcLow;
  event.pcHigh = record.pcHigh;
  event.ipLow = (record.pcLow - record.csBaseLow) | 0;
  event.ipHigh = record.pcHigh;
}

/** Copy what a header tells. */
export function takeHeader(event: PendingEvent, header: Header): void {
  event.vector = header.vector;
  event.cpl = header.cpl;
  event.seq = header.seq;
  event.errLow = header.errLow;
  event.errHigh = header.errHigh;
  event.ipLow = header.ipLow;
  event.ipHigh = header.ipHigh;
  event.pcLow = header.pcLow;
  event.pcHigh = header.pcHigh;
  event.spLow = header.spLow;
  event.spHigh = header.spHigh;
  event.width = header.width;
  event.hasTail = header.tail !== TAILS.none;
  event.faddrLow = header.tail === TAILS.cr2 ? header.tailLow : 0;
  event.faddrHigh = header.tail === TAILS.cr2 ? header.tailHigh : 0;
}

/** Whether a dump belongs to a record of -d exec, which tells no stack pointer. Old ones tell no privilege level either. */
export function agreesWithExec(event: PendingEvent, dump: DumpFacts): boolean {
  if ((dump.seen & FACTS.rip) === 0 || dump.ipLow !== event.ipLow) return false;
  return dump.width !== 16 || dump.ipHigh === event.ipHigh;
}

/**
 * Whether a dump belongs to an interrupt record. A 32-bit dump shows the low halves only. A dump that was cut before
 * its stack pointer is judged by the rest.
 */
export function agrees(
  ipLow: number,
  ipHigh: number,
  spLow: number,
  spHigh: number,
  cpl: number,
  dump: DumpFacts,
): boolean {
  if ((dump.seen & FACTS.rip) === 0 || dump.cpl !== cpl || dump.ipLow !== ipLow) return false;
  const wide = dump.width === 16;
  if (wide && dump.ipHigh !== ipHigh) return false;
  if ((dump.seen & FACTS.sp) === 0) return true;
  return dump.spLow === spLow && (!wide || dump.spHigh === spHigh);
}
