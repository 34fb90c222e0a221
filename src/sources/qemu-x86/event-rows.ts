/** The batch's rows, one by one: what a complete event leaves in each column that the program asks for. */
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import type { Window } from '../window.ts';
import type { LogScan } from './log-scan.ts';
import type { PendingEvent } from './waiting.ts';

export class EventRows {
  batch!: EventBatch;
  /** Rows of the batch whose CPUs are in its `cpuCount`. */
  countedRows = 0;
  private readonly log: LogScan;

  constructor(log: LogScan) {
    this.log = log;
  }

  emit(event: PendingEvent): void {
    const { memory, needs, ledger, window } = this.log.setup;
    const { batch } = this;
    const { at } = batch;
    const row = batch.count;
    batch.count = row + 1;
    memory.u8[at.kind + row] = event.kind;
    memory.u8[at.flags + row] = event.flags;
    memory.u16[(at.cpu >> 1) + row] = event.cpu;
    memory.u16[(at.vector >> 1) + row] = event.vector;
    this.put(at.seq, row, event.seq | 0, event.seq > 0x7fffffff ? Math.floor(event.seq / 0x100000000) : 0);
    if (needs.cpl) memory.u8[at.cpl + row] = event.cpl;
    if (needs.errcode) this.put(at.errcode, row, event.errLow, event.errHigh);
    if (needs.pc) this.put(at.pc, row, event.pcLow, event.pcHigh);
    if (needs.sp) this.put(at.sp, row, event.spLow, event.spHigh);
    if (needs.faddr) this.put(at.faddr, row, event.faddrLow, event.faddrHigh);
    if (needs.time) memory.f64[(at.time >> 3) + row] = event.timeNs;
    if (needs.line) memory.f64[(at.line >> 3) + row] = event.line;
    if (needs.registers) {
      const head = here(event.head, window);
      const dump = here(event.dump, window);
      memory.u32[(at.text >> 2) + row] = dump;
      this.log.texts.set(row, head, dump, dump === 0 ? 0 : window.linearOf(event.dumpEnd), event.layoutId);
    }
    if (event.record !== undefined) this.log.setup.traceEvents?.write(batch, row, event.record);
    if (event.kind !== EVENT_KINDS.nested && event.kind !== EVENT_KINDS.real_mode_irq) ledger.events++;
  }

  private put(column: number, row: number, low: number, high: number): void {
    const { i32 } = this.log.setup.memory;
    const word = (column >> 2) + 2 * row;
    i32[word] = low;
    i32[word + 1] = high;
  }

  /** Up to row `end`. */
  countCpus(end: number): void {
    const { batch } = this;
    const cpus = batch.at.cpu >> 1;
    const { u16 } = this.log.setup.memory;
    for (let row = this.countedRows; row < end; row++) {
      if (u16[cpus + row]! >= batch.cpuCount) batch.cpuCount = u16[cpus + row]! + 1;
    }
  }

  /** The rows from `from` on are of CPUs that are in `cpuCount`. */
  passOver(from: number): void {
    this.countCpus(from);
    this.countedRows = this.batch.count;
  }

  /** C3 of cpus.ts: what was given to CPU 1 was CPU 0's. */
  readonly onMoved = (): void => {
    const { memory } = this.log.setup;
    const cpus = this.batch.at.cpu >> 1;
    for (let row = 0; row < this.batch.count; row++)
      if (memory.u16[cpus + row] === 1) memory.u16[cpus + row] = 0;
    for (const event of this.log.waiting) if (event.cpu === 1) event.cpu = 0;
  };
}

/** Linear offset of input offset `offset`, 0 when there is none or it has left the window. */
function here(offset: number, window: Window): number {
  if (offset < 0) return 0;
  const linear = window.linearOf(offset);
  return linear < window.floor ? 0 : linear;
}
