/**
 * The seam between event sources and the engine: a batch of events in typed columns.
 *
 * A source fills rows 0 .. count-1 and sets `count`; providers turn rows into firings before the source is asked
 * for more. Columns live in the session's linear memory (struct of arrays, one array of `capacity` per column,
 * each 64-byte aligned), so the second execution tier reads them in place. Only the columns that the program
 * asked for (`Needs`, dif/program.ts) must be filled; the others hold rubbish. `kind`, `cpu`, `flags`, `vector` and
 * `seq` are always filled.
 *
 *   column   element  meaning
 *   kind     u8       EVENT_KINDS
 *   cpl      u8       privilege level before delivery: CPL, exception level, or RISC-V's mode; UNKNOWN_LEVEL
 *   flags    u8       EVENT_FLAGS
 *   cpu      u16      virtual CPU, 0-based
 *   vector   u16      interrupt vector (kind vec), else 0
 *   seq      i64      the trace's own event number; events that it does not number (resets, SMM, guest errors) have
 *                     the number of the numbered event before them; a trace without numbers gives a running number
 *   errcode  i64      error code, 0 when the vector has none
 *   pc       i64      linear pc: CS base + IP
 *   sp       i64      stack pointer of the interrupted context
 *   faddr    i64      fault address (CR2 on a page fault; the address of a guest_error), else 0
 *   time     f64      nanoseconds since the trace began, as the trace says; NaN when it does not.
 *                     providers/clock.ts replaces it by the session's clock
 *   line     f64      1-based line of the header in its file; filled only when needed
 *   text     u32      offset in linear memory of the event's register dump, 0 when it has none; the source's own
 *                     business, kept for `registers.read`
 *
 * Registers that the program names have columns of their own (`registerColumns`, i64), which a source may fill row by row:
 * all of a row's or none (EVENT_FLAGS.COLUMNS). A value there is what `registers.read` gives.
 */
import type { LinearMemory } from '../base/linear-memory.ts';

/** What happened. Rows are numbered, never implied by order. */
export const EVENT_KINDS = {
  vec: 1, // interrupt or exception delivery
  reset: 2, // CPU reset
  triple_fault: 3,
  smm_enter: 4,
  smm_leave: 5,
  halt: 6,
  shutdown: 7,
  guest_error: 8, // QEMU's guest_errors line; `pc` is unknown
  tb: 9, // a translated block is entered at `pc`, or the guest was stopped there; registers are those before it runs
  vec_return: 10, // the return that ends a delivery: `errcode` has the nanoseconds since it; registers are the context's
  time: 11, // time has passed, and nothing else happened
  // 12 is taken
  nested: 13, // an exception (`vector`) while another (`errcode`) was being delivered; the place is the other's
  real_mode_irq: 14, // a device's interrupt (`vector`) in real mode, of which nothing else is known
  point: 12, // a trace point that the trace shows by name; the source's `points` tell which (points.ts)
} as const;
/** Kinds from here on are trace points, too, of one class each (`classes` of points.ts). */
export const FIRST_POINT_CLASS = 16;
export const KIND_COUNT = 256;
export type EventKind = keyof typeof EVENT_KINDS;

/** Bits of the `flags` column. */
export const EVENT_FLAGS = {
  IF: 1, // interrupts were enabled in the interrupted context
  IF_KNOWN: 2, // the trace said so; otherwise IF is meaningless
  SOFT: 4, // raised by an INT n instruction
  HARDWARE: 8, // the trace says that a device raised it
  COLUMNS: 16, // the row's register columns are filled (a batch that has none never has this); otherwise they hold rubbish
} as const;

/** In the `cpl` column: the trace does not tell. */
export const UNKNOWN_LEVEL = 0xff;

/**
 * Rows per batch. Large enough that a window of the shortest records makes one batch, which amortises the work per batch; small
 * enough that the columns stay in the L2 cache.
 */
export const BATCH_CAPACITY = 16_384;

/**
 * Registers of the batch's events, decoded on demand.
 * @returns whether the event carries the register; if so its value is in `out.i64[outOffset >> 3]`.
 */
export interface RegisterReader {
  read(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean;
}

export class EventBatch {
  readonly capacity: number;
  /** Byte offsets of the columns in linear memory. */
  readonly at: { readonly [column in ColumnName]: number };
  count = 0;
  /** Whose events these are: ARCHITECTURE_IDS (machine/causes.ts), x86 unless the source says otherwise. */
  architecture = 0;
  /** One more than the largest `cpu` in any batch so far. */
  cpuCount = 1;
  /** Set by the source that fills the batch; events without registers may leave the default. */
  registers: RegisterReader = NO_REGISTERS;
  readonly memory: LinearMemory;

  /** Offset of each register's column, by register id. */
  readonly registerColumns: ReadonlyMap<number, number>;

  /** `registerIds`: of registers that are to have columns. */
  constructor(memory: LinearMemory, capacity = BATCH_CAPACITY, registerIds: readonly number[] = []) {
    this.memory = memory;
    this.capacity = capacity;
    const at = {} as { [column in ColumnName]: number };
    for (const [name, size] of Object.entries(COLUMN_BYTES)) {
      at[name as ColumnName] = memory.reserve(size * capacity, 64);
    }
    this.at = at;
    this.registerColumns = new Map(registerIds.map((id) => [id, memory.reserve(8 * capacity, 64)]));
  }
}

const COLUMN_BYTES = {
  kind: 1,
  cpl: 1,
  flags: 1,
  cpu: 2,
  vector: 2,
  seq: 8,
  errcode: 8,
  pc: 8,
  sp: 8,
  faddr: 8,
  time: 8,
  line: 8,
  text: 4,
} as const;
export type ColumnName = keyof typeof COLUMN_BYTES;

const NO_REGISTERS: RegisterReader = { read: () => false };
