/**
 * Rows of kind `point` in a batch. Each has a slot in linear memory, whose offset is in the batch's `text` column, with the two
 * points and their arguments, where the dispatcher copies them from. Slots are used in turn.
 *
 *   0       4        8          12         16      24                 104                 184
 *   +-------+--------+----------+----------+-------+------------------+-------------------+
 *   | first | second | missing1 | missing2 | errno | arguments, first | arguments, second |   points are numbers + 1
 *   +-------+--------+----------+----------+-------+------------------+-------------------+
 * errno is the second's.
 *
 * Text arguments point at NUL-terminated copies, one per different text. When their room is used up the batch ends early,
 * and the next one begins with empty room: no text is gone while a row may ask for it.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { ENGINE_BASE_HIGH } from '../../machine/address.ts';
import { EVENT_KINDS, type EventBatch, UNKNOWN_LEVEL } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { MAX_FIELDS, type Point, type PointRows } from '../../machine/points.ts';
import { REGISTERS, type RegisterName } from '../../machine/registers.ts';
import { type FieldValues, halves, type PointTable, type TextRecord } from './points.ts';

const ARGS_AT = 24;
const SLOT_BYTES = ARGS_AT + 2 * 8 * MAX_FIELDS;
/** Texts of a batch: names of tasks and functions repeat, so this is seldom used up. */
const TEXT_BYTES = 1 << 20;
/** Longer texts are cut: strsize is 256 unless asked otherwise. */
const MAX_TEXT_BYTES = 1023;
/** What one row may need at most. */
const ROW_TEXT_BYTES = 2 * MAX_FIELDS * (MAX_TEXT_BYTES + 1);

export class TextRows implements PointRows {
  readonly textRange: { readonly start: number; readonly end: number };
  /** The row that fires now. */
  selected = 0;
  private readonly memory: LinearMemory;
  private readonly table: PointTable;
  private readonly needs: SourceNeeds;
  private readonly records: (TextRecord | undefined)[] = []; // by slot
  private readonly slots: number;
  private readonly slotsAt: number;
  private nextSlot = 0;
  private batch: EventBatch | undefined;
  private textAt: number;
  private readonly texts = new Map<string, number>();
  private readonly encoder = new TextEncoder();

  /** `slots`: as many rows at least as may wait to be fired. */
  constructor(memory: LinearMemory, table: PointTable, needs: SourceNeeds, slots: number) {
    this.memory = memory;
    this.table = table;
    this.needs = needs;
    this.slots = slots;
    this.slotsAt = memory.reserve(slots * SLOT_BYTES, 8);
    this.textAt = memory.reserve(TEXT_BYTES);
    this.textRange = { start: this.textAt, end: this.textAt + TEXT_BYTES };
  }

  get points(): readonly Point[] {
    return this.table.points;
  }

  /** The batch whose rows fire next. */
  show(batch: EventBatch): void {
    this.batch = batch;
  }

  /** A batch begins, and no row waits in another. */
  begin(batch: EventBatch): void {
    this.batch = batch;
    if (2 * (this.textRange.end - this.textAt) > TEXT_BYTES) return;
    this.texts.clear();
    this.textAt = this.textRange.start;
  }

  /** No row more in this batch. */
  get isFull(): boolean {
    return this.textAt + ROW_TEXT_BYTES > this.textRange.end;
  }

  /** What the row fires. Its other columns are set by the caller, or by `put`. */
  write(batch: EventBatch, row: number, record: TextRecord): void {
    const { u32 } = this.memory;
    const slot = this.nextSlot;
    this.nextSlot = slot + 1 === this.slots ? 0 : slot + 1;
    this.records[slot] = record;
    u32[(batch.at.text >> 2) + row] = this.slotsAt + slot * SLOT_BYTES;
    const at = (this.slotsAt + slot * SLOT_BYTES) >> 2;
    u32[at] = record.point + 1;
    u32[at + 1] = (record.second?.point ?? -1) + 1;
    u32[at + 4] = record.second?.errno ?? 0;
    if (!this.needs.args) return;
    u32[at + 2] = this.putArgs(at + ARGS_AT / 4, record.point, record.values);
    if (record.second)
      u32[at + 3] = this.putArgs(
        at + ARGS_AT / 4 + 2 * MAX_FIELDS,
        record.second.point,
        record.second.values,
      );
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
    memory.u16[(at.vector >> 1) + row] = 0;
    memory.f64[(at.time >> 3) + row] = timeNs;
    memory.f64[(at.line >> 3) + row] = record.line;
    this.cell(at.seq, row, { low: seq | 0, high: Math.floor(seq / 2 ** 32) | 0 });
    this.cell(at.errcode, row, ZERO);
    this.cell(at.sp, row, ZERO);
    if (needs.pc) this.cell(at.pc, row, record.pc === undefined ? ZERO : (halves(record.pc, true) ?? ZERO));
    if (needs.faddr)
      this.cell(at.faddr, row, record.address === undefined ? ZERO : (halves(record.address, true) ?? ZERO));
    if (record.cpu >= batch.cpuCount) batch.cpuCount = record.cpu + 1;
    this.write(batch, row, record);
  }

  private cell(
    column: number,
    row: number,
    { low, high }: { readonly low: number; readonly high: number },
  ): void {
    const word = (column >> 2) + 2 * row;
    this.memory.i32[word] = low;
    this.memory.i32[word + 1] = high;
  }

  /** Arguments from word `at` on; the bits of those that are missing. */
  private putArgs(at: number, point: number, values: FieldValues): number {
    const { fields, argumentTypes } = this.table.points[point]!;
    const { i32 } = this.memory;
    // Arguments that have no names are as many as there are values.
    const count = argumentTypes === undefined ? fields.length : values.length;
    let missing = 0;
    for (let i = 0; i < MAX_FIELDS; i++) {
      const value = values[i];
      const type = argumentTypes === undefined ? fields[i]?.type : 'hex';
      const word = at + 2 * i;
      i32[word] = 0;
      i32[word + 1] = 0;
      if (i >= count) continue;
      if (value === undefined) missing |= 1 << i;
      else if (type === 'word') {
        const text = this.text(value);
        if (text === 0) missing |= 1 << i;
        i32[word] = text;
        i32[word + 1] = text === 0 ? 0 : ENGINE_BASE_HIGH;
      } else {
        const number = halves(value, type === 'hex');
        if (number === undefined) missing |= 1 << i;
        else {
          i32[word] = number.low;
          i32[word + 1] = number.high;
        }
      }
    }
    return missing;
  }

  /** Offset of the text with its NUL; 0 when there is no room for it. */
  private text(text: string): number {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const at = this.textAt;
    if (at + MAX_TEXT_BYTES + 1 > this.textRange.end) return 0;
    const { written } = this.encoder.encodeInto(text, this.memory.u8.subarray(at, at + MAX_TEXT_BYTES));
    this.memory.u8[at + written] = 0;
    this.textAt = at + written + 1;
    this.texts.set(text, at);
    return at;
  }

  pointAt(row: number, which: 0 | 1): number {
    return this.memory.u32[(this.slotOf(row) >> 2) + which]! - 1;
  }

  setArgs(row: number, which: 0 | 1, argsAt: number, missingAt: number): void {
    const { u8, u32 } = this.memory;
    const at = this.slotOf(row);
    const from = at + ARGS_AT + which * 8 * MAX_FIELDS;
    u8.copyWithin(argsAt, from, from + 8 * MAX_FIELDS);
    u32[missingAt >> 2] = u32[(at >> 2) + 2 + which]!;
  }

  errnoOf(row: number, which: 0 | 1): number {
    return which === 0 ? 0 : this.memory.u32[(this.slotOf(row) >> 2) + 4]!;
  }

  select(row: number): void {
    this.selected = row;
  }

  recordAt(row: number): TextRecord | undefined {
    return this.records[(this.slotOf(row) - this.slotsAt) / SLOT_BYTES];
  }

  /** Linear offset of the row's slot. */
  private slotOf(row: number): number {
    const { memory, batch } = this;
    return batch === undefined ? this.slotsAt : memory.u32[(batch.at.text >> 2) + row]!;
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

const ZERO = { low: 0, high: 0 } as const;
