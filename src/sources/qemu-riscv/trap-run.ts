/**
 * Traps of usual shape, many at once (record-run.ts): what readTrap and RiscvRules.takeFast make of one line. What follows
 * from a cause is a table, by the cause and whether it is an interrupt's.
 */
import { add, and, type FunctionWriter, i32, i64, load8, select, shl } from '../../base/wasm-build.ts';
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import type { LogEvent } from '../log-event.ts';
import type { LoopPlace, RecordLoop, RunRows, RunRules } from '../record-run.ts';
import { openRecordLoop, type RecordCode } from '../record-run-code.ts';
import { isNoWord } from '../text-code.ts';

const CAUSES = 256;
/** Of a table's entry: its bytes, by name. */
const CAUSE = { flags: 0, level: 1, hasAddress: 2, shift: 2 } as const;

/** What an event says by its cause alone. */
export interface CauseFacts {
  readonly flags: number;
  readonly level: number;
  readonly hasAddress: boolean;
}

export class TrapRuns implements RunRules {
  readonly firstBytes = [0x72]; // r
  readonly isReady = true;
  private readonly factsOf: (cause: number, isAsync: boolean) => CauseFacts;

  constructor(factsOf: (cause: number, isAsync: boolean) => CauseFacts) {
    this.factsOf = factsOf;
  }

  open(place: LoopPlace): RecordLoop | undefined {
    const { memory } = place;
    const table = memory.reserve((2 * CAUSES) << CAUSE.shift, 64);
    for (let index = 0; index < 2 * CAUSES; index++) {
      const facts = this.factsOf(index % CAUSES, index >= CAUSES);
      const entry = table + (index << CAUSE.shift);
      memory.u8[entry + CAUSE.flags] = facts.flags;
      memory.u8[entry + CAUSE.level] = facts.level;
      memory.u8[entry + CAUSE.hasAddress] = facts.hasAddress ? 1 : 0;
    }
    return openRecordLoop(place, (f) => trapCode(f, place, table));
  }

  settle({ batch, end }: RunRows): number {
    return batch.memory.u16[(batch.at.cpu >> 1) + end - 1]!;
  }

  load(event: LogEvent, row: number, { memory, at }: EventBatch): void {
    event.vector = memory.u16[(at.vector >> 1) + row]!;
    event.errLow = memory.i32[(at.errcode >> 2) + 2 * row]!;
    event.errHigh = memory.i32[(at.errcode >> 2) + 2 * row + 1]!;
  }
}

function trapCode(f: FunctionWriter, { batch, needs }: LoopPlace, table: number): RecordCode {
  const { at } = batch;
  const hart = f.local('i32');
  const isAsync = f.local('i32');
  const cause = f.local('i32');
  const entry = f.local('i32');
  const tval = f.local('i64');
  return (text, own) => {
    const { row, rowBy8 } = own;
    text.word('riscv_cpu_do_interrupt: hart:');
    text.decimal(hart);
    text.word(', async:');
    text.digit(isAsync);
    text.word(', cause:');
    const number = text.hex();
    text.stopIf(number.high);
    f.set(cause, and(number.low, CAUSES - 1));
    text.word(', epc:0x');
    // A row that is not finished is not the batch's, so a column may be written before all is read.
    f.store64(rowBy8, text.hex().whole, at.pc);
    text.word(', tval:0x');
    f.set(tval, text.hex().whole);
    text.word(', desc=');
    text.until(isNoWord);
    text.only('\n');
    f.store8(row, EVENT_KINDS.vec, at.kind);
    f.store16(shl(row, 1), cause, at.vector);
    f.set(entry, shl(add(cause, select(isAsync, i32(CAUSES), i32(0))), CAUSE.shift));
    f.store8(row, load8(entry, table + CAUSE.flags), at.flags);
    f.store8(row, load8(entry, table + CAUSE.level), at.cpl);
    if (needs.errcode || needs.registers) f.store64(rowBy8, tval, at.errcode);
    const hasAddress = load8(entry, table + CAUSE.hasAddress);
    if (needs.faddr) f.store64(rowBy8, select(hasAddress, tval, i64(0n)), at.faddr);
    f.set(own.cpu, hart);
    f.set(own.lines, 1);
    f.set(own.isDelivery, 1);
  };
}
