/**
 * The frame of `run` (int-run-code.ts): what TypeScript tells it and what it tells back, as byte offsets in linear memory.
 *
 * Columns are byte offsets of the batch's and the row texts' columns. A *known text* is how a task register stands in
 * dumps, with the CPU that cpus.ts has attributed it to.
 */

import { MOST_REGISTER_COLUMNS } from '../../machine/needs.ts';

/** Run takes a `Servicing hardware INT` line only with the record that it marks (hardware.ts). */
export const NO_MARK = -1;

/** What a known text says: a key's number, or that the base is 0 (C2 of cpus.ts), or that the log has one CPU (C1). */
export const CPU_OF_TEXT = { zeroBase: -1, single: -2 } as const;

/** Columns of the batch that run writes; the frame has where they are. */
export const BATCH_COLUMNS = [
  'kind',
  'cpl',
  'flags',
  'cpu',
  'vector',
  'errcode',
  'seq',
  'pc',
  'sp',
  'faddr',
  'time',
  'line',
  'text',
] as const;

const WORDS = [
  'at', // in and out: where the next line begins
  'end', // of the input in the window
  'row', // in and out: rows of the batch
  'capacity',
  ...BATCH_COLUMNS,
  // Columns of the row texts (registers.ts).
  'heads',
  'dumpEnds',
  'layoutIds',
  'layoutList', // address of the address of the first layout's record, 0: none
  'recent0', // in and out: the layout that fitted last, by privilege level
  'recent1',
  'recent2',
  'recent3',
  'knownTexts', // address of the known texts
  'knownStop',
  'latestText', // in and out: the known text of the last record
  'ticks', // address of one i32 per key: when it was seen in this run, 0 not at all
  'clock', // out: records with a key in this run
  'latestCpu', // in and out
  'mark', // the vector of the servicing line in front of us, or NO_MARK; as it is between two runs
  'takesChecks', // 1: the ledger has a row for check_exception lines
  'takesServicing', // and for servicing lines,
  'takesTraced', // and for lines of -trace, which nobody asks for as events
  'checks', // out: check_exception lines,
  'checkBytes', // their bytes,
  'servicings', // servicing lines, of SERVICING_BYTES each,
  'traced', // lines of -trace,
  'tracedBytes', // their bytes,
  'eventBytes', // and bytes of records
] as const;

/** i64; then f64: line of the next byte, the latest time, and the microseconds that time counts from. */
const LONGS = ['lastSeq', 'nextLine', 'timeNs', 'firstMicros'] as const;

export type FrameWord = (typeof WORDS)[number];

/** Of words that are not told to run, but counted by it. */
export const FIRST_VALUES: { readonly [field in FrameWord]?: number } = {
  ...{ mark: NO_MARK, clock: 0, eventBytes: 0 },
  ...{ checks: 0, checkBytes: 0, servicings: 0, traced: 0, tracedBytes: 0 },
};
export type FrameLong = (typeof LONGS)[number];

const WORDS_END = Math.ceil(WORDS.length / 2) * 8;

export const FRAME: { readonly [field in FrameWord | FrameLong]: number } = Object.fromEntries([
  ...WORDS.map((field, i) => [field, 4 * i]),
  ...LONGS.map((field, i) => [field, WORDS_END + 8 * i]),
]) as { [field in FrameWord | FrameLong]: number };

/** Byte offset of the register columns' offsets, one i32 each. */
export const FRAME_COLUMNS = WORDS_END + 8 * LONGS.length;

/** Vectors of constant bytes that run loads (run-context.ts). */
export const FRAME_CONSTANTS = Math.ceil((FRAME_COLUMNS + 4 * MOST_REGISTER_COLUMNS) / 16) * 16;
export const MOST_CONSTANTS = 64;

export const FRAME_BYTES = FRAME_CONSTANTS + 16 * MOST_CONSTANTS;

/** Known texts: 16 bytes from the selector, 16 from the base's first digit, and the CPU. */
export const KNOWN_TEXT = { selector: 0, base: 16, cpu: 32 } as const;
export const KNOWN_TEXT_BYTES = 48;
export const MOST_KNOWN_TEXTS = 64;
/** The base's first digit, from the selector's. */
export const TR_BASE_AT = 5;

export const SERVICING_BYTES = 'Servicing hardware INT=0xff\n'.length;

/** Why run has stopped where it did. */
export const STOPS = {
  regular: 0, // the batch is full, or the input in the window has ended behind a record
  line: 1, // a line or record for TypeScript
  task: 2, // the same, because no known text has its task register
} as const;
