/**
 * The session's clock over a replayed trace (design section 6): what `timestamp` reads and what timers wait for.
 *
 *   trace          the trace's own times; an event without one takes the last one seen
 *   timer:VEC@HZ   each delivery of VEC is one tick of HZ; events between two ticks follow 1 µs apart, never past
 *                  the next tick
 *   index          one event is one microsecond
 *   icount:SHIFT   each record of -d exec is one instruction, of 2^SHIFT ns as under QEMU's -icount. They are where QEMU ran
 *                  one instruction per block (-singlestep, -accel tcg,one-insn-per-tb=on) with nochain; else blocks are
 *                  counted. A source that counts instructions itself (a recording, the machine) has them in its times
 *   host           of a live guest: the host's clock when the event arrived (QEMU writes each at once)
 *
 * Time is nanoseconds since the trace began, a whole number below 2^53 (104 days), and never goes back. A replay's
 * depends on the trace alone, so it prints the same bytes every time. The clock runs over a batch at once and leaves each
 * event's time in the `time` column, where the trace's own was.
 */
import { ARCHITECTURE_IDS } from '../machine/causes.ts';
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch } from '../machine/event-batch.ts';

export type ClockMode =
  | { readonly kind: 'trace' }
  | { readonly kind: 'index' }
  | { readonly kind: 'icount'; readonly instructionNs: number }
  | { readonly kind: 'host'; readonly stamped?: boolean } // stamped: each event has its own
  | { readonly kind: 'timer'; readonly vector: number; readonly intervalNs: number };

const NS_PER_EVENT = 1000;
/** Of `icount` alone: 8 ns an instruction, as recordings are made. */
const DEFAULT_SHIFT = 3;
const MAX_SHIFT = 10; // QEMU's own

const EXPECTED =
  'expected auto, trace, index, host, icount, icount:SHIFT or timer:VECTOR@RATEhz, for example timer:0x20@100hz';

/** What `-x clock=` says; undefined is `auto`, a string is what is wrong with it. */
export function parseClock(text: string): ClockMode | undefined | string {
  if (text === 'auto') return undefined;
  if (text === 'trace' || text === 'index') return { kind: text };
  if (text === 'host') return { kind: 'host' };
  const count = /^icount(?::(\d+))?$/i.exec(text);
  if (count) {
    const shift = Number(count[1] ?? DEFAULT_SHIFT);
    return shift > MAX_SHIFT ? 'a shift is 0 to 10' : { kind: 'icount', instructionNs: 2 ** shift };
  }
  const match = /^timer:(0x[0-9a-f]+|\d+)@(\d+)(?:hz)?$/i.exec(text);
  if (!match) return EXPECTED;
  const vector = Number(match[1]);
  const rate = Number(match[2]);
  if (vector > 255) return 'a vector is 0 to 255';
  if (rate < 1 || rate > 1e9) return 'a rate is 1 to 1000000000 hz';
  return { kind: 'timer', vector, intervalNs: Math.floor(1e9 / rate) };
}

/** As -v says it. */
export function clockText(mode: ClockMode): string {
  switch (mode.kind) {
    case 'trace':
      return 'times of the trace';
    case 'index':
      return 'one event is 1 µs';
    case 'icount':
      return `a block of -d exec is an instruction of ${mode.instructionNs} ns`;
    case 'host':
      return "the host's";
    case 'timer':
      return `ticks of vector 0x${mode.vector.toString(16)}, ${mode.intervalNs} ns apart`;
  }
}

export class Clock {
  /** Time of the event that was fired last. */
  nowNs = 0;
  /** Of a live guest: when the batch arrived, since tracing began. */
  arrivedNs = 0;
  private readonly mode: ClockMode;
  private readonly batch: EventBatch;
  private latestNs = 0;
  private events = 0;
  /** Deliveries of the timer's vector, or instructions. */
  private ticks = 0;
  private eventsSinceTick = 0;

  constructor(mode: ClockMode, batch: EventBatch) {
    this.mode = mode;
    this.batch = batch;
  }

  /** Of a clock that counts something in the trace: whether there has been any of it. */
  get hasTicked(): boolean {
    return this.ticks > 0;
  }

  /** The session's time of every event of the batch. Each batch is asked about once. */
  run(): void {
    const { memory, at, count } = this.batch;
    const { f64 } = memory;
    const first = at.time >> 3;
    let latest = this.latestNs;
    for (let row = 0; row < count; row++) {
      const time = this.timeOf(row);
      if (time > latest) latest = time; // not NaN
      f64[first + row] = latest;
    }
    this.latestNs = latest;
  }

  /** The first row from `row` on whose time is `dueNs` or later; the batch's count when there is none. */
  firstAt(dueNs: number, row: number): number {
    const { memory, at } = this.batch;
    const first = at.time >> 3;
    let low = row;
    let high = this.batch.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (memory.f64[first + middle]! < dueNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Event `row` is being fired. */
  goTo(row: number): number {
    this.nowNs = this.batch.memory.f64[(this.batch.at.time >> 3) + row]!;
    return this.nowNs;
  }

  private timeOf(row: number): number {
    const { memory, at } = this.batch;
    switch (this.mode.kind) {
      case 'index':
        return this.events++ * NS_PER_EVENT;
      case 'host':
        return this.mode.stamped ? memory.f64[(at.time >> 3) + row]! : this.arrivedNs;
      case 'trace':
        return memory.f64[(at.time >> 3) + row]!;
      case 'icount':
        // The first instruction begins at 0; what comes between two belongs to the one before.
        if (memory.u8[at.kind + row] === EVENT_KINDS.tb) this.ticks++;
        return Math.max(0, this.ticks - 1) * this.mode.instructionNs;
      case 'timer':
        return this.timerTime(row, this.mode);
    }
  }

  private timerTime(row: number, mode: ClockMode & { kind: 'timer' }): number {
    const { memory, at } = this.batch;
    const isTick =
      memory.u8[at.kind + row] === EVENT_KINDS.vec &&
      memory.u16[(at.vector >> 1) + row] === mode.vector &&
      this.isInterrupt(memory.u8[at.flags + row]!);
    if (isTick) {
      this.ticks++;
      this.eventsSinceTick = 0;
    } else this.eventsSinceTick++;
    const within = Math.min(this.eventsSinceTick * NS_PER_EVENT, mode.intervalNs - 1);
    return this.ticks * mode.intervalNs + within;
  }

  /** RISC-V numbers its exceptions and its interrupts alike. */
  private isInterrupt(flags: number): boolean {
    const isRiscv = this.batch.architecture === ARCHITECTURE_IDS.riscv;
    return isRiscv ? (flags & EVENT_FLAGS.HARDWARE) !== 0 : (flags & EVENT_FLAGS.SOFT) === 0;
  }
}
