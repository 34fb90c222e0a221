/**
 * Rows of kind `point` in a batch. Each has a slot in linear memory, whose offset is in the batch's `text` column. Each batch
 * has slots of its own, one for every row: those of a set's files wait in theirs while any number of others is fired.
 *
 *   0       4        8       12       16     20      24       32
 *   +-------+--------+-------+--------+------+-------+--------+
 *   | first | second | errno | record | line | its   | since  |   points are numbers + 1; errno is the second's
 *   |       |        |       |        |      | end   | (f64)  |
 *   +-------+--------+-------+--------+------+-------+--------+
 *
 * Of rows that were made many at once (run-code.ts) there is no record until somebody asks: their line is read again then.
 *
 * Arguments are made when a probe fires that reads them. Text arguments point at NUL-terminated copies, which are there until
 * the firing is over: when their room is used up it is used again from its beginning.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { ENGINE_BASE_HIGH } from '../../machine/address.ts';
import { EVENT_KINDS, type EventBatch, UNKNOWN_LEVEL } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { MAX_FIELDS, type Point, type PointClasses, type PointRows } from '../../machine/points.ts';
import { REGISTERS, type RegisterName } from '../../machine/registers.ts';
import { putNumber } from './bytes.ts';
import { LineRecord } from './line-record.ts';
import { NumberRecord } from './number-record.ts';
import { type FieldValues, halves, type PointTable, type TextRecord } from './points.ts';

export const SLOT = {
  first: 0,
  second: 4,
  errno: 8,
  record: 12,
  line: 16,
  lineEnd: 20,
  since: 24,
  bytes: 32,
} as const;
/** Memory there is never used: zeros. */
const NO_SLOT = 0;
const TEXT_BYTES = 1 << 16;
/** Longer texts are cut: strsize is 256 unless asked otherwise. */
const MAX_TEXT_BYTES = 1023;
/** What one firing may need at most. */
const FIRING_TEXT_BYTES = MAX_FIELDS * (MAX_TEXT_BYTES + 1);

/** Pairs of points that rows may have a kind of their own for. */
export const MOST_PAIRS = 4096;
/** u32: what `first` and `second` of a slot are for the pair. */
export const PAIR_BYTES = 8;

/** Reads the line of a row again. `since` is what the slot has. */
export type Reread = (record: LineRecord, since: number) => void;

export class TextRows implements PointRows {
  readonly textRange: { readonly start: number; readonly end: number };
  /** Points that fire together, and the kind of rows of each such pair, u8 each. */
  readonly classes: PointClasses | undefined;
  readonly pairsAt: number;
  readonly kindsAt: number;
  private readonly memory: LinearMemory;
  private readonly table: PointTable;
  private readonly needs: SourceNeeds;
  private readonly records: (TextRecord | undefined)[] = [undefined]; // as slots number them, from 1 on
  private readonly slots = new Map<EventBatch, Slots>();
  private batch: EventBatch | undefined;
  private written: { readonly batch: EventBatch; readonly slots: Slots } | undefined; // last
  private textAt: number;
  private fired = 0; // the row that fired last
  private firing: { readonly row: number } | undefined;
  private reread: Reread | undefined;
  private again: LineRecord | undefined; // the line that was read again last
  private againSlot = NO_SLOT;
  private readonly encoder = new TextEncoder();

  /** `reread`: rows may be made many at once. */
  constructor(memory: LinearMemory, table: PointTable, needs: SourceNeeds, reread?: Reread) {
    this.memory = memory;
    this.table = table;
    this.needs = needs;
    this.textAt = memory.reserve(TEXT_BYTES);
    this.textRange = { start: this.textAt, end: this.textAt + TEXT_BYTES };
    this.reread = reread;
    this.pairsAt = reread ? memory.reserve(MOST_PAIRS * PAIR_BYTES, 8) : 0;
    this.kindsAt = reread ? memory.reserve(MOST_PAIRS) : 0;
    if (reread) memory.u8.fill(EVENT_KINDS.point, this.kindsAt, this.kindsAt + MOST_PAIRS);
    if (reread) this.classes = { pairs: table.pairs, setKinds: (kinds) => this.setKinds(kinds) };
  }

  /** The row that fires now, or fired last. */
  get selected(): number {
    const row = this.firing?.row ?? -1;
    return row < 0 ? this.fired : row;
  }

  follow(firing: { readonly row: number }): void {
    this.firing = firing;
  }

  /** Of the pairs that are known now. Those that come later have the kind `point`. */
  private setKinds(kinds: readonly number[]): void {
    const { u8 } = this.memory;
    kinds.slice(0, MOST_PAIRS).forEach((kind, pair) => {
      u8[this.kindsAt + pair] = kind;
    });
  }

  /** The number of a pair whose rows may be made many at once; -1. */
  pair(first: number, second: number): number {
    const { table, memory } = this;
    const pair = table.pair(first, second);
    if (pair >= MOST_PAIRS) return -1;
    const word = (this.pairsAt + PAIR_BYTES * pair) >> 2;
    memory.u32[word] = first + 1;
    memory.u32[word + 1] = second + 1;
    return pair;
  }

  /** Where the slot of the batch's row stands. */
  slotFor(batch: EventBatch, row: number): number {
    return this.slots.get(batch)!.at + SLOT.bytes * row;
  }

  get points(): readonly Point[] {
    return this.table.points;
  }

  /** Rows of the batch are written from now on. */
  addBatch(batch: EventBatch): void {
    if (this.slots.has(batch)) return;
    const { length } = this.records;
    this.slots.set(batch, { at: this.memory.reserve(batch.capacity * SLOT.bytes, 8), firstRecord: length });
    for (let row = 0; row < batch.capacity; row++) this.records.push(undefined);
  }

  /** The batch whose rows fire next: they are its own, or those of others that were copied to it. */
  begin(batch: EventBatch): void {
    this.batch = batch;
    this.againSlot = NO_SLOT;
  }

  /** What the row fires. Its other columns are set by the caller, or by `put`. */
  write(batch: EventBatch, row: number, record: TextRecord): void {
    const { u32 } = this.memory;
    if (this.written?.batch !== batch) this.written = { batch, slots: this.slots.get(batch)! };
    const { slots } = this.written;
    const slot = slots.at + row * SLOT.bytes;
    this.records[slots.firstRecord + row] = record;
    u32[(batch.at.text >> 2) + row] = slot;
    const at = slot >> 2;
    const { second } = record;
    u32[at] = record.point + 1;
    u32[at + 1] = second === undefined ? 0 : second.point + 1;
    u32[at + 2] = second?.errno ?? 0;
    u32[at + 3] = slots.firstRecord + row;
  }

  /** A whole row: `seq` and `timeNs` as the session counts them. */
  put(batch: EventBatch, record: TextRecord, seq: number, timeNs: number): void {
    const { memory, needs } = this;
    const { at } = batch;
    const row = batch.count++;
    memory.u8[at.kind + row] = EVENT_KINDS.point;
    memory.u8[at.flags + row] = record.flags;
    memory.u8[at.cpl + row] = record.level ?? UNKNOWN_LEVEL;
    memory.u16[(at.cpu >> 1) + row] = record.cpu;
    const cpu = memory.u16[(at.cpu >> 1) + row]!; // a damaged line may name one that no machine has
    memory.u16[(at.vector >> 1) + row] = 0;
    memory.f64[(at.time >> 3) + row] = timeNs;
    memory.f64[(at.line >> 3) + row] = record.line;
    this.cell(at.seq, row, seq | 0, Math.floor(seq / 2 ** 32) | 0);
    this.cell(at.errcode, row, 0, 0);
    this.cell(at.sp, row, 0, 0);
    if (needs.pc) this.address(at.pc, row, record, 'pc');
    if (needs.faddr) this.address(at.faddr, row, record, 'address');
    if (cpu >= batch.cpuCount) batch.cpuCount = cpu + 1;
    this.write(batch, row, record);
  }

  private cell(column: number, row: number, low: number, high: number): void {
    const word = (column >> 2) + 2 * row;
    this.memory.i32[word] = low;
    this.memory.i32[word + 1] = high;
  }

  private address(column: number, row: number, record: TextRecord, which: 'pc' | 'address'): void {
    const { i32 } = this.memory;
    const word = (column >> 2) + 2 * row;
    this.cell(column, row, 0, 0);
    if (record instanceof LineRecord) {
      const isPc = which === 'pc';
      const from = isPc ? record.pcFrom : record.addressFrom;
      const to = isPc ? record.pcTo : record.addressTo;
      if (to > 0) putNumber(record.text.u8, record.at + from, record.at + to, true, i32, word);
      return;
    }
    const text = record[which];
    const number = text === undefined ? undefined : halves(text, true);
    if (number !== undefined) this.cell(column, row, number.low, number.high);
  }

  /** Arguments from word `at` on; the bits of those that are missing. */
  private putArgs(at: number, point: number, values: FieldValues): number {
    const { fields, argumentTypes } = this.table.points[point]!;
    const { i32 } = this.memory;
    // Arguments that have no names are as many as there are values.
    const count = argumentTypes === undefined ? fields.length : values.length;
    let missing = 0;
    i32.fill(0, at, at + 2 * MAX_FIELDS);
    for (let i = 0; i < count && i < MAX_FIELDS; i++) {
      const value = values[i];
      const type = argumentTypes === undefined ? fields[i]?.type : 'hex';
      if (value === undefined) missing |= 1 << i;
      else if (type === 'word') this.putText(at + 2 * i, this.text(value));
      else {
        const number = halves(value, type === 'hex');
        if (number === undefined) missing |= 1 << i;
        else {
          i32[at + 2 * i] = number.low;
          i32[at + 2 * i + 1] = number.high;
        }
      }
    }
    return missing;
  }

  /** The same of a line that is still in memory, as long as its fields have places. */
  private putPlaces(at: number, record: LineRecord): number {
    const { fields } = this.table.points[record.point]!;
    const { i32 } = this.memory;
    const { u8 } = record.text;
    let missing = 0;
    i32.fill(0, at, at + 2 * MAX_FIELDS);
    for (let i = 0; i < fields.length; i++) {
      const { type } = fields[i]!;
      const from = record.at + record.places[2 * i]!;
      const to = record.at + record.places[2 * i + 1]!;
      const isBareHex = ((record.bareHex >> i) & 1) !== 0;
      if (to === record.at) missing |= 1 << i;
      else if (type === 'word')
        this.putText(at + 2 * i, isBareHex ? this.text(record.values[i]!) : this.copy(u8, from, to));
      else if (!putNumber(u8, from, to, isBareHex || type === 'hex', i32, at + 2 * i)) missing |= 1 << i;
    }
    return missing;
  }

  /** The same of numbers that were read with their line. */
  private putNumbers(at: number, record: NumberRecord): number {
    const { fields } = this.table.points[record.point]!;
    const { i32 } = this.memory;
    let missing = 0;
    i32.fill(0, at, at + 2 * MAX_FIELDS);
    for (let i = 0; i < fields.length; i++) {
      const word = record.wordOf(i);
      const text = record.shape.words[i];
      if (word >= 0) {
        i32[at + 2 * i] = record.block[word]!;
        i32[at + 2 * i + 1] = record.block[word + 1]!;
      } else if (text === undefined) missing |= 1 << i;
      else this.putText(at + 2 * i, this.text(text));
    }
    return missing;
  }

  private putText(word: number, at: number): void {
    this.memory.i32[word] = at;
    this.memory.i32[word + 1] = ENGINE_BASE_HIGH;
  }

  /** Offset of the text with its NUL. */
  private text(text: string): number {
    const at = this.textAt;
    const { written } = this.encoder.encodeInto(text, this.memory.u8.subarray(at, at + MAX_TEXT_BYTES));
    this.memory.u8[at + written] = 0;
    this.textAt = at + written + 1;
    return at;
  }

  private copy(from: Uint8Array, start: number, end: number): number {
    const { u8 } = this.memory;
    const at = this.textAt;
    const size = Math.min(end - start, MAX_TEXT_BYTES);
    for (let i = 0; i < size; i++) u8[at + i] = from[start + i]!;
    u8[at + size] = 0;
    this.textAt = at + size + 1;
    return at;
  }

  pointAt(row: number, which: 0 | 1): number {
    return this.memory.u32[(this.slotOf(row) >> 2) + which]! - 1;
  }

  setArgs(row: number, which: 0 | 1, argsAt: number, missingAt: number): void {
    const record = this.recordAt(row);
    if (record === undefined) return;
    if (this.textAt + FIRING_TEXT_BYTES > this.textRange.end) this.textAt = this.textRange.start;
    const at = argsAt >> 2;
    const { second } = record;
    let missing: number;
    if (which === 1 && second) missing = this.putArgs(at, second.point, second.values);
    else if (record instanceof NumberRecord) missing = this.putNumbers(at, record);
    else if (record instanceof LineRecord && record.hasPlaces()) missing = this.putPlaces(at, record);
    else missing = this.putArgs(at, record.point, record.values);
    this.memory.u32[missingAt >> 2] = missing;
  }

  errnoOf(row: number, which: 0 | 1): number {
    return which === 0 ? 0 : this.memory.u32[(this.slotOf(row) >> 2) + 2]!;
  }

  select(row: number): void {
    this.fired = row;
  }

  recordAt(row: number): TextRecord | undefined {
    const slot = this.slotOf(row);
    const { u32, f64 } = this.memory;
    const record = u32[(slot + SLOT.record) >> 2]!;
    if (record !== 0 || slot === NO_SLOT) return this.records[record];
    this.again ??= new LineRecord(this.memory);
    if (this.againSlot === slot) return this.again;
    this.againSlot = slot;
    this.again.begin(u32[(slot + SLOT.line) >> 2]!, u32[(slot + SLOT.lineEnd) >> 2]!);
    this.reread!(this.again, f64[(slot + SLOT.since) >> 3]!);
    return this.again;
  }

  /** Linear offset of the row's slot. */
  private slotOf(row: number): number {
    const { memory, batch } = this;
    return batch === undefined ? NO_SLOT : memory.u32[(batch.at.text >> 2) + row]!;
  }

  /** Fields that are called like registers are registers. */
  read(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const record = this.recordAt(row);
    if (record === undefined) return false;
    const { fields } = this.table.points[record.point]!;
    const index = fields.findIndex(({ name }) => REGISTERS[name as RegisterName]?.id === registerId);
    const value = index < 0 ? undefined : record.values[index];
    const number = value === undefined ? undefined : halves(value, fields[index]!.type === 'hex');
    if (number === undefined) return false;
    out.i32[outOffset >> 2] = number.low;
    out.i32[(outOffset >> 2) + 1] = number.high;
    return true;
  }
}

/** Those of one batch. */
interface Slots {
  readonly at: number;
  readonly firstRecord: number;
}
