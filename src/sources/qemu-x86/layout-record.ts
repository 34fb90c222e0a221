/**
 * A learned layout (layouts.ts) as it lies in linear memory for match and run: byte offsets of its fields.
 *
 *   sizeBytes, lineCount   i32: of the block, and its lines
 *   linesEnd      i32  offset behind the last entry of `lines`,
 *   tailsEnd      i32  and of `tails`
 *   lastStart     i32  where the last line (EFER) starts
 *   isWide        i32  1: 16-digit registers; 0: 8
 *   rip, sp, flags, cpl, tr   i32: where the digits of these facts stand
 *   id            i32  index in DumpLayouts
 *   next          i32  address of the next record that run looks at, 0 behind the last
 *   columns       i32  address of the layout's COLUMN entries, one per register column of the program
 *   tails         per line of varying length (layouts.ts): where its last 8 bytes begin (i32)
 *   lines         16 bytes per line and per ` DPL=` (layouts.ts): where 5 bytes stand (i32), 4 bytes unused, what they are (i64);
 *                 those of a line are the newline in front of it and its label
 * Both tables are filled up to whole MATCH_STEPS with their last entry.
 */
export const LAYOUT_RECORD = {
  sizeBytes: 0,
  lineCount: 4,
  linesEnd: 8,
  lastStart: 12,
  isWide: 16,
  rip: 20,
  sp: 24,
  flags: 28,
  cpl: 32,
  tr: 36,
  id: 40,
  next: 44,
  columns: 48,
  tailsEnd: 52,
  tails: 56,
  lines: 120,
} as const;

/**
 * Where a register stands in a dump of a layout: its digits, by how much 16 digits there are shifted right (i64), and what its line
 * must look like up to there for that to hold: so many vectors from `guardAt` on are compared with the guards.
 * No vectors: the layout does not show the register.
 */
export const COLUMN = { field: 0, guardAt: 4, vectors: 8, shift: 16, guards: 32 } as const;
/** One vector's guard: bytes that are fixed (0xff) and what they are, and where digits are (0xf0). */
export const GUARD = { fixed: 0, wanted: 16, digits: 32 } as const;
export const GUARD_BYTES = 48;
/** The longest way to a register: DR3 ends 84 bytes into its line. */
export const MOST_GUARDS = 6;
export const COLUMN_BYTES = COLUMN.guards + MOST_GUARDS * GUARD_BYTES;

export const LINE_BYTES = 16;
export const LINE_EXPECTED = 8;
/** So many entries are compared at a step: most dumps have 23 or 24 and 2. */
export const MATCH_STEPS = { lines: 4, tails: 2 } as const;
/** More lines than a dump has, `-d fpu` not counted: its lines come behind EFER. */
export const MAX_LINES = 32;
/** Lines of such kinds as may be longer: eight segments and six more. */
export const MAX_TAILS = (LAYOUT_RECORD.lines - LAYOUT_RECORD.tails) / 4;
export const LAYOUT_BYTES = LAYOUT_RECORD.lines + (MAX_LINES + MAX_TAILS) * LINE_BYTES;
