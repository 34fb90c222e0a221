/**
 * What runs over lines have in common (run-code.ts of formats, ftrace-run-code.ts): the state that they begin with and leave,
 * and how a row of a batch is written by WebAssembly, as TextRows.put writes it.
 *
 * Columns that are the same in all rows of a trace without vectors, error codes and stack pointers are set once, by
 * `clearColumns`.
 */
import {
  add,
  addF64,
  and,
  eq,
  type F64,
  type FunctionWriter,
  f64,
  geU,
  gtU,
  type I32,
  isZero,
  type Local,
  load8,
  load32,
  load64,
  loadF64,
  mul,
  or,
  select,
  shl,
  sub,
  subF64,
} from '../../base/wasm-build.ts';
import { type EventBatch, UNKNOWN_LEVEL } from '../../machine/event-batch.ts';
import { MOST_LINE_BYTES } from './bytes.ts';
import { LINE_ENTRY_BYTES } from './line-code.ts';
import { PAIR_BYTES, SLOT, type TextRows } from './rows.ts';

/** Bytes of the state of a run. */
export const RUN = {
  seq: 0, // i64, of the next row
  line: 8, // f64, of the line before the next
  origin: 16, // f64, nanoseconds
  entry: 24, // of the table of lines: the first that was not taken
  at: 28, // where that line begins
  row: 32, // the next
  mostCpu: 36,
  notes: 40, // how many there are
  next: 48, // f64, the number that the next record must have
  unit: 56, // f64, nanoseconds in one of a format's time
  tree: 64, // the first node
  remembered: 68, // where the next record is noted (remembered.ts)
  bytes: 72,
} as const;

/** What a batch and its rows have in memory, where rows are written. */
export interface RowPlaces {
  readonly columns: EventBatch['at'];
  readonly slotsAt: number;
  readonly pairsAt: number;
  readonly kindsAt: number;
  readonly capacity: number;
}

export function rowPlaces(batch: EventBatch, rows: TextRows): RowPlaces {
  const { pairsAt, kindsAt } = rows;
  return { columns: batch.at, slotsAt: rows.slotFor(batch, 0), pairsAt, kindsAt, capacity: batch.capacity };
}

/** Columns that no row of such a trace has a value in. */
export function clearColumns({ at, memory }: EventBatch, from: number, to: number): void {
  memory.u16.fill(0, (at.vector >> 1) + from, (at.vector >> 1) + to);
  for (const column of [at.errcode, at.sp, at.pc, at.faddr])
    memory.u32.fill(0, (column >> 2) + 2 * from, (column >> 2) + 2 * to);
}

/** What `run` takes: where its state is, the end of the table of lines, and the row at which it stops. */
export const RUN_TAKES = { state: 'i32', last: 'i32', limit: 'i32' } as const;
export type RunLines = (state: number, last: number, limit: number) => void;

export interface LinePlace {
  readonly at: Local<'i32'>;
  /** Without carriage returns. */
  readonly end: Local<'i32'>;
  readonly row: Local<'i32'>;
}

/** All plain lines until one is left to TypeScript. `take` counts a row on when it takes the line. */
export function overLines(
  f: FunctionWriter,
  { state, last, limit }: { readonly [name in keyof typeof RUN_TAKES]: Local<'i32'> },
  take: (line: LinePlace, leave: () => void) => void,
): void {
  const entry = f.local('i32', load32(state, RUN.entry));
  const at = f.local('i32', load32(state, RUN.at));
  const row = f.local('i32', load32(state, RUN.row));
  f.block((stop) => {
    f.loop((again) => {
      f.goIf(stop, or(geU(entry, last), geU(row, limit)));
      f.goIf(stop, isZero(load32(entry, 4)));
      const newline = f.local('i32', load32(entry));
      const end = f.local('i32', newline);
      f.goIf(stop, gtU(sub(newline, at), MOST_LINE_BYTES - 1));
      trimReturns(f, at, end);
      take({ at, end, row }, () => f.go(stop));
      f.set(at, add(newline, 1));
      f.bump(entry, LINE_ENTRY_BYTES);
      f.go(again);
    });
  });
  f.store32(state, entry, RUN.entry);
  f.store32(state, at, RUN.at);
  f.store32(state, row, RUN.row);
}

export interface RowParts {
  readonly state: Local<'i32'>;
  readonly row: Local<'i32'>;
  readonly pair: I32;
  readonly cpu: I32;
  readonly flags: I32;
  readonly level?: I32;
  readonly time: F64;
  readonly errno?: I32;
  readonly line: I32;
  readonly lineEnd: I32;
}

/** The row, and that it is one more. */
export function writeRow(f: FunctionWriter, places: RowPlaces, parts: RowParts): void {
  const { state, row, pair, cpu, time } = parts;
  const { columns, slotsAt, pairsAt, kindsAt } = places;
  const slot = f.local('i32', add(mul(row, SLOT.bytes), slotsAt));
  const pairAt = f.local('i32', add(mul(pair, PAIR_BYTES), pairsAt));
  f.store64(slot, load64(pairAt), SLOT.first);
  f.store32(slot, parts.errno ?? 0, SLOT.errno);
  f.store32(slot, 0, SLOT.record);
  f.store32(slot, parts.line, SLOT.line);
  f.store32(slot, parts.lineEnd, SLOT.lineEnd);
  f.store8(row, load8(pair, kindsAt), columns.kind);
  f.store8(row, parts.flags, columns.flags);
  f.store8(row, parts.level ?? UNKNOWN_LEVEL, columns.cpl);
  f.store16(shl(row, 1), cpu, columns.cpu);
  const wide = f.local('i32', shl(row, 3));
  f.storeF64(wide, subF64(time, loadF64(state, RUN.origin)), columns.time);
  const line = f.local('f64', addF64(loadF64(state, RUN.line), f64(1)));
  f.storeF64(state, line, RUN.line);
  f.storeF64(wide, line, columns.line);
  const seq = f.local('i64', load64(state, RUN.seq));
  f.store64(wide, seq, columns.seq);
  f.store64(state, add(seq, 1n), RUN.seq);
  f.store32(shl(row, 2), slot, columns.text);
  const most = f.local('i32', and(cpu, MOST_CPU));
  f.store32(
    state,
    select(gtU(most, load32(state, RUN.mostCpu)), most, load32(state, RUN.mostCpu)),
    RUN.mostCpu,
  );
  f.bump(row, 1);
}

/** What the column of CPUs holds; a number beyond it is of a line that is damaged. */
const MOST_CPU = 0xffff;

/** Where the line ends without the carriage returns behind it. */
function trimReturns(f: FunctionWriter, at: Local<'i32'>, end: Local<'i32'>): void {
  f.repeatWhile(
    () => and(gtU(end, at), eq(load8(sub(end, 1)), CR)),
    () => f.set(end, sub(end, 1)),
  );
}

const CR = 0x0d;
