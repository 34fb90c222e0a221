/**
 * Many lines of ftrace at once: what FtraceBytes has read of a line is put into the tables of ftrace-run-code.ts, so that the
 * next lines of that kind need nobody; and what such lines tell of others is told to Besides afterwards.
 *
 * That a line of a known shape is the same record but for its numbers and names holds where values go from `name=` to the
 * separators in front of the next name: neither a number nor such a name (SHAPE_KINDS.word) can have any of those.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { openWasm } from '../../base/wasm-build.ts';
import { isNumberAt, putNumber, textAt } from '../text-trace/bytes.ts';
import type { LineFinder } from '../text-trace/line-finder.ts';
import type { LineRecord } from '../text-trace/line-record.ts';
import { type LineRun, MOST_LINES, type RunParts, type RunStart, RunState } from '../text-trace/line-run.ts';
import { MOST_NODES, MOST_NUMBERS, type ShapeNumber, ShapeTrees } from '../text-trace/line-shapes.ts';
import { type RunLines, rowPlaces } from '../text-trace/row-code.ts';
import { MOST_PAIRS, SLOT } from '../text-trace/rows.ts';
import { isWholeWord, NUMBER, SHAPE_KINDS } from '../text-trace/shape-code.ts';
import { EventForm, type FormAction, isHexNumber, type StringSide } from './event-forms.ts';
import { ACTIONS, EVENT, MOST_EVENTS, NOTE, runModule, SHAPE } from './ftrace-run-code.ts';
import { POWERS } from './header-bytes.ts';
import type { HeaderReader } from './header-code.ts';

/** The event or function of a line: its name's place and hash. */
export interface LineName {
  readonly at: number;
  readonly end: number;
  readonly hash: number;
  readonly isCall: boolean;
  /** One of the functions is of a module. */
  readonly hasModule: boolean;
}

const NAME_BYTES = 1 << 16;

export class FtraceRun implements LineRun {
  private readonly parts: RunParts;
  private readonly memory: LinearMemory;
  private readonly side: StringSide;
  private readonly readAgain: (record: LineRecord) => void;
  private readonly state: RunState;
  private readonly trees: ShapeTrees;
  private readonly treeOf = new Map<string, number>(); // by event
  private readonly tables = new Map<EventForm, number>();
  private readonly eventsAt: number;
  private readonly namesAt: number;
  private readonly shapesAt: number;
  private readonly notesAt: number;
  private readonly code: RunLines | undefined;
  private events = 0;
  private nameBytes = 0;
  private isFull = false;

  constructor(
    parts: RunParts,
    side: StringSide,
    header: HeaderReader,
    readAgain: (record: LineRecord) => void,
  ) {
    const { memory, rows, needs } = parts;
    this.parts = parts;
    this.memory = memory;
    this.side = side;
    this.readAgain = readAgain;
    this.state = new RunState(parts);
    this.trees = new ShapeTrees(memory);
    this.eventsAt = memory.reserve(MOST_EVENTS * EVENT.bytes);
    this.namesAt = memory.reserve(NAME_BYTES);
    this.shapesAt = memory.reserve(MOST_NODES * SHAPE.bytes);
    this.notesAt = memory.reserve(Math.max(MOST_LINES, rows?.batch.capacity ?? 0) * NOTE.bytes, 8);
    const powersAt = memory.reserve(8 * POWERS.length, 8);
    memory.f64.set(POWERS, powersAt >> 3);
    const module = runModule({
      rows: rows && rowPlaces(rows.batch, rows.of),
      ...{ eventsAt: this.eventsAt, shapesAt: this.shapesAt, notesAt: this.notesAt, powersAt },
      ...{ headerAt: header.word << 2, classesAt: header.classes },
      numbersAt: memory.reserve(MOST_NUMBERS * NUMBER.bytes, 8),
      notesDeliveries: rows !== undefined && needs.args,
      notesFaults: rows !== undefined && (needs.pc || needs.faddr),
    });
    this.code = openWasm<{ readonly run: RunLines }>(module, memory.memory)?.run;
  }

  get at(): number {
    return this.state.at;
  }

  run(lines: LineFinder, start: RunStart): number {
    const { code, state } = this;
    if (code === undefined) return 0;
    const taken = state.run(lines, start, (last, limit) => code(state.stateAt, last, limit));
    for (let i = 0; i < state.notes; i++) this.heed(this.notesAt + i * NOTE.bytes);
    return taken;
  }

  reread(record: LineRecord, since: number): void {
    this.readAgain(record);
    record.extra = since;
  }

  /** A line that was read one by one: the next like it need not be. */
  learn(record: LineRecord, name: LineName): void {
    if (this.isFull || this.code === undefined) return;
    const pair = this.pairOf(record.point, record.second?.point ?? -1);
    if (pair < 0) return;
    if (name.isCall) this.learnCall(record, name, pair);
    else if (record.form instanceof EventForm) this.learnShape(record, record.form, name, pair);
  }

  private pairOf(first: number, second: number): number {
    const { rows, table } = this.parts;
    const pair = rows ? rows.of.pair(first, second) : table.pair(first, second);
    return pair < MOST_PAIRS ? pair : -1;
  }

  private learnCall({ point }: LineRecord, name: LineName, pair: number): void {
    const [func, parent] = this.side.table.points[point]!.fields;
    if (name.hasModule || func?.type !== 'word' || parent?.type !== 'word') return;
    const entry = this.entryOf(name);
    if (entry >= 0) this.memory.u32[(entry + EVENT.pair) >> 2] = pair + 1;
  }

  private learnShape(record: LineRecord, form: EventForm, name: LineName, pair: number): void {
    const action = form.actionOf(record);
    const fields = this.fieldsOf(record);
    if (action === undefined || fields === undefined) return;
    const entry = this.entryOf(name);
    if (entry < 0) return;
    const key = textAt(this.memory.u8, name.at, name.end);
    const tree = this.treeOf.get(key) ?? this.trees.plant();
    this.treeOf.set(key, tree);
    const parts = fields.map(({ part }) => part);
    const shape = this.trees.learn(tree, record.at + record.bodyAt, record.at + record.length, parts);
    if (shape < 0) {
      this.isFull = true;
      return;
    }
    const { u32 } = this.memory;
    u32[(entry + EVENT.tree) >> 2] = this.trees.firstOf(tree);
    const at = (this.shapesAt + shape * SHAPE.bytes) >> 2;
    const numberOf = (field: number): number =>
      Math.max(
        0,
        fields.findIndex(({ index }) => index === field),
      );
    u32[at + (SHAPE.pair >> 2)] = pair + 1;
    u32[at + (SHAPE.action >> 2)] = action.action;
    u32[at + (SHAPE.first >> 2)] = numberOf(action.first);
    u32[at + (SHAPE.second >> 2)] = numberOf(action.second);
    if (action.size === 0) return;
    const table = this.tableOf(form, action);
    const words = this.memory.u32; // memory may have grown
    words[at + (SHAPE.table >> 2)] = table;
    words[at + (SHAPE.size >> 2)] = action.size;
    words[(table >> 2) + action.value] = pair + 1;
  }

  private tableOf(form: EventForm, { size }: FormAction): number {
    const known = this.tables.get(form);
    if (known !== undefined) return known;
    const table = this.memory.reserve(4 * size);
    this.tables.set(form, table);
    return table;
  }

  /** The record's fields in the order of their places; undefined: one of them is neither number nor name. */
  private fieldsOf(record: LineRecord): { readonly index: number; readonly part: ShapeNumber }[] | undefined {
    if (!record.hasPlaces()) return undefined;
    const { u8 } = this.memory;
    const { places, bareHex } = record;
    const { fields } = this.side.table.points[record.point]!;
    const found: { readonly index: number; readonly part: ShapeNumber }[] = [];
    for (const [index, { type }] of fields.entries()) {
      if (places[2 * index + 1] === 0) continue;
      const from = record.at + places[2 * index]!;
      const to = record.at + places[2 * index + 1]!;
      const isBare = ((bareHex >> index) & 1) === 1;
      const isKnown =
        isBare || (type === 'int' ? isNumberAt(u8, from, to) : isWholeWord(textAt(u8, from, to)));
      if (!isKnown) return undefined;
      const kind = isBare ? SHAPE_KINDS.lowHex : type === 'int' ? SHAPE_KINDS.int : SHAPE_KINDS.word;
      found.push({ index, part: { from, to, kind } });
    }
    // A text without names of fields is told by nothing that stays.
    const isText = found.length === 1 && found[0]!.part.from === record.at + record.bodyAt;
    return isText ? undefined : found.sort((a, b) => a.part.from - b.part.from);
  }

  /** The place of the name in the table; -1: there is no room for it. */
  private entryOf({ at, end, hash }: LineName): number {
    const { u8, u32 } = this.memory;
    for (let index = hash & (MOST_EVENTS - 1); ; index = (index + 1) & (MOST_EVENTS - 1)) {
      const entry = this.eventsAt + index * EVENT.bytes;
      const name = u32[(entry + EVENT.name) >> 2]!;
      if (name === 0) return this.newEntry(entry, at, end, hash);
      if (u32[(entry + EVENT.hash) >> 2] !== hash >>> 0 || u32[(entry + EVENT.nameBytes) >> 2] !== end - at)
        continue;
      if (textAt(u8, name, name + end - at) === textAt(u8, at, end)) return entry;
    }
  }

  private newEntry(entry: number, at: number, end: number, hash: number): number {
    const isFull = 2 * this.events >= MOST_EVENTS || this.nameBytes + end - at > NAME_BYTES;
    if (isFull) return -1;
    const { u8, u32 } = this.memory;
    const name = this.namesAt + this.nameBytes;
    u8.copyWithin(name, at, end);
    this.nameBytes += end - at;
    this.events++;
    u32[(entry + EVENT.hash) >> 2] = hash;
    u32[(entry + EVENT.name) >> 2] = name;
    u32[(entry + EVENT.nameBytes) >> 2] = end - at;
    return entry;
  }

  /** What a line does besides. */
  private heed(note: number): void {
    const { besides } = this.side;
    const { u32, f64 } = this.memory;
    const word = note >> 2;
    const a = u32[word + (NOTE.a >> 2)]!;
    const b = u32[word + (NOTE.b >> 2)]!;
    const row = u32[word + (NOTE.row >> 2)]!;
    const timeNs = f64[(note + NOTE.time) >> 3]!;
    const action = u32[word + (NOTE.action >> 2)];
    if (action === ACTIONS.enter) {
      besides.entered(a, b, timeNs);
      this.putSince(row, 0);
    } else if (action === ACTIONS.leave) this.putSince(row, besides.left(a, b, timeNs));
    else if (action === ACTIONS.call) besides.enteredCall(besides.nameOf(b), a);
    else this.placeFault(row, a, b, u32[word + (NOTE.c >> 2)]!, u32[word + (NOTE.d >> 2)]!);
  }

  private putSince(row: number, sinceNs: number): void {
    const { of, batch } = this.parts.rows!;
    this.memory.f64[(of.slotFor(batch, row) + SLOT.since) >> 3] = sinceNs;
  }

  private placeFault(row: number, pc: number, pcEnd: number, address: number, addressEnd: number): void {
    const { rows, needs } = this.parts;
    const { at } = rows!.batch;
    const { u8, i32 } = this.memory;
    if (needs.pc && isHexNumber(u8, pc, pcEnd)) putNumber(u8, pc, pcEnd, true, i32, (at.pc >> 2) + 2 * row);
    if (needs.faddr) putNumber(u8, address, addressEnd, true, i32, (at.faddr >> 2) + 2 * row);
  }
}
