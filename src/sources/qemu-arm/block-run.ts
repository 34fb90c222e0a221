/**
 * Deliveries and returns of usual shape, many at once (record-run.ts): what arm-block.ts reads and ArmRules makes of it. What
 * follows from an exception class or from QEMU's number of an interrupt is a table. Which delivery a return ends is found
 * when the rows are there (deliveries.ts): its row has only what its line says until then.
 */
import {
  add,
  and,
  eq,
  type FunctionWriter,
  type I32,
  i32,
  i64,
  leU,
  load8,
  load16,
  mul,
  ne,
  or,
  select,
  shl,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import { EVENT_FLAGS, EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import { INTERRUPT_FLAGS, type LogEvent } from '../log-event.ts';
import type { LoopPlace, RecordLoop, RunRows, RunRules } from '../record-run.ts';
import { openRecordLoop, type RecordCode, type RowCode } from '../record-run-code.ts';
import { isByte, type TextCode } from '../text-code.ts';
import { TOLD } from './arm-block.ts';
import type { Deliveries, Delivery } from './deliveries.ts';

/** What follows from the number of an interrupt or from an exception's class. */
export interface VectorFacts {
  readonly vector: number;
  readonly flags: number;
  readonly told: number;
  readonly hasFault: boolean; // and so a line with its address
  readonly hasSyndrome: boolean;
  readonly isIrq: boolean; // whose mask lets it through
}

/** Of a table's entry: its bytes, by name. */
const ENTRY = { vector: 0, flags: 2, told: 3, hasFault: 4, hasSyndrome: 5, isIrq: 6, shift: 3 } as const;
const CLASSES = 64;
/** QEMU's numbers of exceptions have two digits. */
const NUMBERS = 100;
const RETURN_BYTE = 0x45; // E
const PSTATE_I = 0x80;
/** What a block has in any case. */
const BLOCK_LINES = 5;

/** Columns that the batch has not; offsets in linear memory. */
interface OwnColumns {
  readonly told: number;
  readonly other: number; // level: to which a delivery leads, from which a return comes
  readonly saved: number;
  readonly entry: number;
  readonly state: number;
}

/** Of the rules whose runs these are. */
export interface BlockHost {
  readonly isReady: boolean;
  readonly deliveries: Deliveries;
  /** Undefined: the class tells. */
  factsOfNumber(exception: number): VectorFacts | undefined;
  factsOfClass(exceptionClass: number): VectorFacts;
  noteDelivery(): void;
  /** What a return has of the delivery that it ends. */
  readonly unseenVector: number;
}

export class BlockRuns implements RunRules {
  readonly firstBytes = [0x54, RETURN_BYTE]; // T
  private readonly host: BlockHost;
  private own: OwnColumns | undefined;

  constructor(host: BlockHost) {
    this.host = host;
  }

  get isReady(): boolean {
    return this.host.isReady;
  }

  open(place: LoopPlace): RecordLoop | undefined {
    const { memory, batch } = place;
    const column = (size: number): number => memory.reserve(size * batch.capacity, 64);
    this.own = { told: column(1), other: column(1), saved: column(8), entry: column(8), state: column(8) };
    const own = this.own;
    const table = this.table(place);
    return openRecordLoop(place, (f) => new BlockCode(f, place, own, table).write);
  }

  /** By class, behind it by number; and which numbers are in the second part. */
  private table({ memory }: LoopPlace): number {
    const { host } = this;
    const size = (CLASSES + NUMBERS) << ENTRY.shift;
    const table = memory.reserve(size + NUMBERS, 64);
    const put = (index: number, facts: VectorFacts): void => {
      const at = table + (index << ENTRY.shift);
      memory.u16[(at + ENTRY.vector) >> 1] = facts.vector;
      memory.u8[at + ENTRY.flags] = facts.flags;
      memory.u8[at + ENTRY.told] = facts.told;
      memory.u8[at + ENTRY.hasFault] = facts.hasFault ? 1 : 0;
      memory.u8[at + ENTRY.hasSyndrome] = facts.hasSyndrome ? 1 : 0;
      memory.u8[at + ENTRY.isIrq] = facts.isIrq ? 1 : 0;
    };
    for (let index = 0; index < CLASSES; index++) put(index, host.factsOfClass(index));
    for (let index = 0; index < NUMBERS; index++) {
      const facts = host.factsOfNumber(index);
      if (facts === undefined) continue;
      put(CLASSES + index, facts);
      memory.u8[table + size + index] = 1;
    }
    return table;
  }

  settle({ batch, from, end, timeNs, cpu }: RunRows): number {
    const { memory, at } = batch;
    const cpus = memory.u16;
    const cpuAt = at.cpu >> 1;
    let latest = cpu;
    for (let row = from; row < end; row++) {
      const kind = memory.u8[at.kind + row];
      if (kind === EVENT_KINDS.vec) {
        latest = cpus[cpuAt + row]!;
        this.addDelivery(batch, row, timeNs, latest);
      } else {
        if (kind === EVENT_KINDS.vec_return) latest = this.endDelivery(batch, row, timeNs, latest);
        cpus[cpuAt + row] = latest;
      }
    }
    return latest;
  }

  private addDelivery(batch: EventBatch, row: number, timeNs: number, cpu: number): void {
    const { memory, at } = batch;
    const { i32, u8 } = memory;
    const pc = (at.pc >> 2) + 2 * row;
    const faddr = (at.faddr >> 2) + 2 * row;
    const delivery: Delivery = {
      cpu,
      vector: memory.u16[(at.vector >> 1) + row]!,
      flags: u8[at.flags + row]!,
      timeNs,
      hasPc: true,
      pcLow: i32[pc]!,
      pcHigh: i32[pc + 1]!,
      faddrLow: i32[faddr]!,
      faddrHigh: i32[faddr + 1]!,
    };
    this.host.deliveries.add(delivery, u8[at.cpl + row]!, u8[this.own!.other + row]!);
    this.host.noteDelivery();
  }

  /** The CPU that returns. */
  private endDelivery(batch: EventBatch, row: number, timeNs: number, latest: number): number {
    const { memory, at } = batch;
    const { i32, u8 } = memory;
    const { deliveries, unseenVector } = this.host;
    const pc = (at.pc >> 2) + 2 * row;
    const toLevel = u8[at.cpl + row]!;
    const ended = deliveries.endedBy(u8[this.own!.other + row]!, toLevel, i32[pc]!, i32[pc + 1]!, latest);
    const { cpu, delivery } = ended;
    deliveries.levels[cpu] = toLevel;
    memory.u16[(at.vector >> 1) + row] = delivery?.vector ?? unseenVector;
    u8[at.flags + row] = delivery?.flags ?? 0;
    const faddr = (at.faddr >> 2) + 2 * row;
    i32[faddr] = delivery?.faddrLow ?? 0;
    i32[faddr + 1] = delivery?.faddrHigh ?? 0;
    const sinceNs = timeNs - (delivery?.timeNs ?? Number.NaN);
    memory.i64[(at.errcode >> 3) + row] = sinceNs > 0 ? BigInt(Math.round(sinceNs)) : 0n;
    return cpu;
  }

  load(event: LogEvent, row: number, { memory, at }: EventBatch): void {
    const { i32, u8 } = memory;
    const own = this.own!;
    const half = (column: number, which: 0 | 1): number => i32[(column >> 2) + 2 * row + which]!;
    event.vector = memory.u16[(at.vector >> 1) + row]!;
    event.errLow = half(at.errcode, 0);
    event.errHigh = half(at.errcode, 1);
    event.faddrLow = half(at.faddr, 0);
    event.faddrHigh = half(at.faddr, 1);
    event.told = u8[own.told + row]!;
    event.toLevel = u8[own.other + row]!;
    event.savedLow = half(own.saved, 0);
    event.savedHigh = half(own.saved, 1);
    event.entryLow = half(own.entry, 0);
    event.entryHigh = half(own.entry, 1);
    event.stateLow = half(own.state, 0);
    event.stateHigh = half(own.state, 1);
  }
}

function localsOf(f: FunctionWriter) {
  return {
    ...{ exception: f.local('i32'), cpu: f.local('i32'), from: f.local('i32'), to: f.local('i32') },
    ...{
      exceptionClass: f.local('i32'),
      again: f.local('i32'),
      entry: f.local('i32'),
      flags: f.local('i32'),
    },
    ...{ hasFar: f.local('i32'), hasSpsr: f.local('i32'), spsr: f.local('i32') },
    ...{ esr: f.local('i64'), far: f.local('i64') },
  };
}

/** The code of one record. */
class BlockCode {
  private readonly f: FunctionWriter;
  private readonly place: LoopPlace;
  private readonly own: OwnColumns;
  private readonly table: number;
  private readonly v: ReturnType<typeof localsOf>;

  constructor(f: FunctionWriter, place: LoopPlace, own: OwnColumns, table: number) {
    this.f = f;
    this.place = place;
    this.own = own;
    this.table = table;
    this.v = localsOf(f);
  }

  readonly write: RecordCode = (text, row) => {
    this.f.when(
      eq(text.byte(), RETURN_BYTE),
      () => this.writeReturn(text, row),
      () => this.writeDelivery(text, row),
    );
  };

  private writeReturn(text: TextCode, { row, rowBy8, lines, isDelivery }: RowCode): void {
    const { f, own, v } = this;
    const { at } = this.place.batch;
    text.word('Exception return from AArch64 EL');
    text.digit(v.from);
    text.word(' to AArch64 EL');
    text.digit(v.to);
    text.word(' PC 0x');
    f.store64(rowBy8, text.hex().whole, at.pc);
    text.only('\n');
    f.store8(row, EVENT_KINDS.vec_return, at.kind);
    f.store8(row, v.to, at.cpl);
    f.store8(row, v.from, own.other);
    f.store8(row, TOLD.return, own.told);
    f.set(lines, 1);
    f.set(isDelivery, 0);
  }

  private writeDelivery(text: TextCode, row: RowCode): void {
    const { f, v } = this;
    text.word('Taking exception ');
    text.decimal(v.exception);
    text.word(' [');
    text.until((bytes) => v128.or(isByte(bytes, ']'), isByte(bytes, '\n')));
    text.word('] on CPU ');
    text.decimal(v.cpu);
    text.word('\n...from EL');
    text.digit(v.from);
    text.word(' to EL');
    text.digit(v.to);
    text.word('\n...with ESR 0x');
    const number = text.hex();
    text.stopIf(number.high);
    f.set(v.exceptionClass, number.low);
    text.word('/0x');
    f.set(v.esr, text.hex().whole);
    text.only('\n...with ');
    this.writeAddresses(text, row);
    this.writeFacts(text, row);
    f.set(row.cpu, v.cpu);
    f.set(row.lines, add(add(v.hasFar, v.hasSpsr), BLOCK_LINES));
    f.set(row.isDelivery, 1);
  }

  private writeAddresses(text: TextCode, { rowBy8 }: RowCode): void {
    const { f, v, own } = this;
    f.set(v.far, 0n);
    f.set(v.hasFar, eq(text.byte(), 'F'.charCodeAt(0)));
    f.when(v.hasFar, () => {
      text.word('FAR 0x');
      f.set(v.far, text.hex().whole);
      text.only('\n...with ');
    });
    f.set(v.hasSpsr, eq(text.byte(), 'S'.charCodeAt(0)));
    f.when(v.hasSpsr, () => {
      text.word('SPSR 0x');
      const saved = text.hex();
      f.store64(rowBy8, saved.whole, own.saved);
      f.set(v.spsr, saved.low);
      text.only('\n...with ');
    });
    text.word('ELR 0x');
    f.store64(rowBy8, text.hex().whole, this.place.batch.at.pc);
    text.word('\n...to EL');
    text.digit(v.again);
    text.stopIf(ne(v.to, v.again));
    text.word(' PC 0x');
    f.store64(rowBy8, text.hex().whole, own.entry);
    text.word(' PSTATE 0x');
    f.store64(rowBy8, text.hex().whole, own.state);
    text.only('\n');
  }

  private writeFacts(text: TextCode, { row, rowBy8 }: RowCode): void {
    const { f, v, own, table } = this;
    const { at } = this.place.batch;
    const isNumber = load8(v.exception, table + ((CLASSES + NUMBERS) << ENTRY.shift));
    const index = select(isNumber, add(v.exception, CLASSES), and(v.exceptionClass, CLASSES - 1));
    f.set(v.entry, shl(index, ENTRY.shift));
    const fact = (name: number): I32 => load8(v.entry, table + name);
    text.stopIf(ne(fact(ENTRY.hasFault), v.hasFar));
    const bits = (condition: I32, flags: number): I32 => select(condition, i32(flags), i32(0));
    f.set(v.flags, fact(ENTRY.flags));
    const isUnmasked = bits(xor(and(v.spsr, PSTATE_I), PSTATE_I), EVENT_FLAGS.IF);
    f.when(v.hasSpsr, () => f.set(v.flags, or(v.flags, or(isUnmasked, EVENT_FLAGS.IF_KNOWN))));
    const isLetThrough = or(leU(v.to, 1), eq(v.to, v.from));
    f.set(v.flags, or(v.flags, bits(and(fact(ENTRY.isIrq), isLetThrough), INTERRUPT_FLAGS)));
    f.store8(row, EVENT_KINDS.vec, at.kind);
    f.store8(row, v.flags, at.flags);
    f.store8(row, v.from, at.cpl);
    f.store16(shl(row, 1), load16(v.entry, table + ENTRY.vector), at.vector);
    f.store64(rowBy8, select(fact(ENTRY.hasSyndrome), v.esr, i64(0n)), at.errcode);
    f.store64(rowBy8, v.far, at.faddr);
    f.store8(row, v.to, own.other);
    const told = or(mul(v.hasFar, TOLD.far), mul(v.hasSpsr, TOLD.spsr));
    f.store8(row, or(or(fact(ENTRY.told), told), TOLD.entry), own.told);
  }
}
