/**
 * A record of a line that is still in memory: where in the text its parts stand, and what is read of them when somebody
 * asks. It is a TextRecord as well, whose strings are made on demand.
 *
 *   text.u8[at ...................................... at + length)
 *            comm      pc     fields: places[2i], places[2i + 1]       all relative to `at`
 *
 * Records are pooled: those of one walk over the window are used again by the next, when the rows made of them have been
 * fired and the window may be refilled. One that waits longer (sequence.ts) takes its text with it.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { MAX_FIELDS } from '../../machine/points.ts';
import { textAt } from './bytes.ts';
import type { LineRun, RunParts } from './line-run.ts';
import type { FieldValues, LineParser, RecordSink, TextRecord } from './points.ts';

/** How what stands in a record's line is found when it is asked for. */
export interface RecordForm {
  /** Sets the places of the fields. False: they must be read as strings. */
  locate(record: LineRecord): boolean;
  /** The fields of a record whose places cannot be told. */
  looseValues(record: LineRecord): FieldValues;
  /** Arguments of what the record fires besides. */
  secondValues(record: LineRecord): FieldValues;
}

export class LineRecord implements TextRecord {
  /** The session's memory, or a copy of the line's own. */
  text: { readonly u8: Uint8Array };
  at = 0;
  length = 0;
  point = 0;
  cpu = 0;
  seq = Number.NaN;
  timeNs = Number.NaN;
  flags = 0;
  level: number | undefined;
  pid: number | undefined;
  tid: number | undefined;
  mayRepeat = false;
  line = 0;
  /** What it fires besides. */
  second: TextRecord['second'];
  /** For forms that tell the second's arguments only when asked. */
  readonly lateSecond: LateSecond;
  extra = 0; // of the form
  form: RecordForm | undefined;
  bodyAt = 0; // where the fields begin
  isLocated = false;
  /** From, to; a field that the line does not have ends at 0. */
  readonly places = new Int32Array(2 * MAX_FIELDS);
  /** Fields that are hexadecimal without 0x, by bit. */
  bareHex = 0;
  commFrom = 0;
  commTo = 0;
  pcFrom = 0;
  pcTo = 0;
  addressFrom = 0;
  addressTo = 0;
  private loose: FieldValues | undefined;

  constructor(text: { readonly u8: Uint8Array }) {
    this.text = text;
    this.lateSecond = new LateSecond(this);
  }

  /** A new line. */
  begin(at: number, end: number): void {
    this.at = at;
    this.length = end - at;
    this.isLocated = false;
    this.loose = undefined;
    this.form = undefined;
    this.second = undefined;
    this.level = undefined;
    this.bareHex = 0;
    this.commTo = 0;
    this.pcTo = 0;
    this.addressTo = 0;
    this.mayRepeat = false;
  }

  /** Whether fields have places; otherwise they are in `values` alone. */
  hasPlaces(): boolean {
    if (!this.isLocated) {
      this.isLocated = true;
      const { form } = this;
      if (form !== undefined && !form.locate(this)) this.loose = form.looseValues(this);
    }
    return this.loose === undefined;
  }

  get values(): FieldValues {
    if (!this.hasPlaces()) return this.loose!;
    const values: FieldValues = [];
    for (let i = 0; i < MAX_FIELDS; i++) {
      const value = this.part(this.places[2 * i]!, this.places[2 * i + 1]!);
      if (value !== undefined) values[i] = (this.bareHex >> i) & 1 ? `0x${value}` : value;
    }
    return values;
  }

  get pc(): string | undefined {
    return this.part(this.pcFrom, this.pcTo);
  }

  get address(): string | undefined {
    return this.part(this.addressFrom, this.addressTo);
  }

  get comm(): string | undefined {
    return this.part(this.commFrom, this.commTo);
  }

  part(from: number, to: number): string | undefined {
    return to === 0 ? undefined : textAt(this.text.u8, this.at + from, this.at + to);
  }

  /** The line's own copy of its text: memory is about to be used again. */
  keepText(): void {
    const { at, length } = this;
    if (this.text.u8.length === length) return; // it has one
    this.text = { u8: this.text.u8.slice(at, at + length) };
    this.at = 0;
  }
}

/** What a record fires besides, with arguments that are told when asked. */
class LateSecond {
  point = 0;
  errno: number | undefined;
  private readonly record: LineRecord;

  constructor(record: LineRecord) {
    this.record = record;
  }

  get values(): FieldValues {
    return this.record.form!.secondValues(this.record);
  }
}

export class RecordPool {
  readonly memory: LinearMemory;
  private readonly records: LineRecord[] = [];
  private used = 0;

  constructor(memory: LinearMemory) {
    this.memory = memory;
  }

  /** A record of the line in [at, end). */
  take(at: number, end: number): LineRecord {
    let record = this.records[this.used];
    if (record === undefined || record.text !== this.memory) {
      record = new LineRecord(this.memory);
      this.records[this.used] = record;
    }
    this.used++;
    record.begin(at, end);
    return record;
  }

  /** The record taken last was none. */
  giveBack(): void {
    this.used--;
  }

  /** All that were taken have been fired, but for those that have taken their text with them. */
  reuse(): void {
    this.used = 0;
  }
}

/** A parser that has a short cut. */
export interface LineReader extends LineParser {
  /**
   * Takes a line of printable ASCII, in [at, end) of the pool's memory, and gives what `take` would give; it may take lines
   * whose like was seen before. False: nothing was done, and the line is for `take`.
   */
  takeBytes?(at: number, end: number, pool: RecordPool, sink: RecordSink): boolean;
  /** What takes many lines at once; called before any line is taken. */
  openRun?(parts: RunParts): LineRun | undefined;
}
