/**
 * Trace points that a trace shows by name: lines that a kernel prints (sdt), events of ftrace and of QEMU (qemu). Which there
 * are is known only from the trace, or from the table of its format, so the source tells: a list of points, each the probe
 * that it fires and the fields of its lines. An event of kind `point` fires one or two of them (an ftrace line that tells a
 * system call fires `ftrace:raw_syscalls::sys_enter` and `syscall:linux64:openat:entry`).
 *
 *   args     arg0, arg1, … are the fields in order, at most MAX_FIELDS
 *   missing  a field that this line does not have is missing, never 0
 */

/** As many as a firing has arguments. */
export const MAX_FIELDS = 10;

/** Numbers: `int` is decimal or 0x…, `hex` is hexadecimal without 0x too. `word` is text. */
export type FieldType = 'int' | 'hex' | 'word';

export interface PointField {
  readonly name: string;
  type: FieldType; // a field that was a number so far may turn out to be text
}

export interface Point {
  readonly provider: string;
  readonly module: string;
  readonly function: string;
  readonly name: string;
  readonly fields: PointField[]; // grows while the trace is looked through
  /** D types of args[] when they are not the fields by name. */
  readonly argumentTypes: readonly string[] | undefined;
  /** Safe mode withholds it where interrupts were disabled (functions; design section 5). */
  readonly isJudged: boolean;
}

/**
 * Which points fire together, for an engine that is not asked about each row: a row whose points are a pair that is known has
 * the kind that the pair was given. The others have the kind `point`.
 */
export interface PointClasses {
  readonly pairs: readonly { readonly first: number; readonly second: number }[]; // numbers in `points`; -1 for none
  /** The kind of each pair, before any row is made. */
  setKinds(kinds: readonly number[]): void;
}

/** What rows of kind `point` fire. */
export interface PointRows {
  readonly points: readonly Point[];
  /** Number in `points` of what the row fires first or second; -1 for nothing. */
  pointAt(row: number, which: 0 | 1): number;
  /** Arguments (at byte offset `argsAt`) and the bits of those that are missing (at `missingAt`). */
  setArgs(row: number, which: 0 | 1, argsAt: number, missingAt: number): void;
  errnoOf(row: number, which: 0 | 1): number;
  /** The row that fires, or did last: its process is the one that runs. */
  select(row: number): void;
  /** Whoever fires without `select` says here which row it is. */
  follow(firing: { readonly row: number }): void;
  /** Absent when rows have the kind `point` alone. */
  readonly classes?: PointClasses | undefined;
  /** Linear memory that arguments of type `string` point into. */
  readonly textRange: { readonly start: number; readonly end: number };
}
