/** Many lines of a format at once: what FormatShapes has learned, as format-run-code.ts has it. */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { openWasm } from '../../base/wasm-build.ts';
import { putNumber } from './bytes.ts';
import type { Format } from './format.ts';
import { formatRunModule, LINE_SHAPE, NO_NUMBER, PLACE_NOTE } from './format-run-code.ts';
import type { LearnedLine } from './format-shapes.ts';
import type { LineFinder } from './line-finder.ts';
import type { LineRecord } from './line-record.ts';
import { type LineRun, MOST_LINES, type RunParts, type RunStart, RunState } from './line-run.ts';
import { MOST_NODES, MOST_NUMBERS } from './line-shapes.ts';
import { RUN, type RunLines, rowPlaces } from './row-code.ts';
import { MOST_PAIRS } from './rows.ts';
import { NUMBER } from './shape-code.ts';

/** Fields of a template that are D's own; -1 for none. */
export interface RoleFields {
  readonly cpu: number;
  readonly seq: number;
  readonly time: number;
  readonly pid: number;
  readonly tid: number;
  readonly pc: number;
  readonly address: number;
}
/** What it needs of FormatShapes. */
interface KnownShapes {
  readonly first: number; // of the tree
  met(count: number): void;
}

const ROLES = ['cpu', 'seq', 'time', 'pid', 'tid', 'pc', 'address'] as const satisfies (keyof RoleFields)[];

export class FormatRun implements LineRun {
  private readonly parts: RunParts;
  private readonly memory: LinearMemory;
  private readonly format: Format;
  private readonly shapes: KnownShapes;
  private readonly readAgain: (record: LineRecord) => void;
  private readonly state: RunState;
  private readonly shapesAt: number;
  private readonly notesAt: number;
  private readonly code: RunLines | undefined;

  constructor(parts: RunParts, format: Format, shapes: KnownShapes, readAgain: (record: LineRecord) => void) {
    const { memory, rows, needs } = parts;
    this.parts = parts;
    this.memory = memory;
    this.format = format;
    this.shapes = shapes;
    this.readAgain = readAgain;
    this.state = new RunState(parts);
    this.shapesAt = memory.reserve(MOST_NODES * LINE_SHAPE.bytes);
    this.notesAt = memory.reserve(Math.max(MOST_LINES, rows?.batch.capacity ?? 0) * PLACE_NOTE.bytes);
    const module = formatRunModule({
      rows: rows && rowPlaces(rows.batch, rows.of),
      ...{ shapesAt: this.shapesAt, notesAt: this.notesAt },
      numbersAt: memory.reserve(MOST_NUMBERS * NUMBER.bytes, 8),
      isSequence: format.sequence !== undefined,
      hasTime: format.time !== undefined,
      notesPlaces: needs.pc || needs.faddr,
    });
    this.code = openWasm<{ readonly run: RunLines }>(module, memory.memory)?.run;
  }

  get at(): number {
    return this.state.at;
  }

  run(lines: LineFinder, start: RunStart): number {
    const { code, state, memory } = this;
    const { first: tree } = this.shapes;
    if (code === undefined || tree === 0) return 0;
    memory.u32[(state.stateAt + RUN.tree) >> 2] = tree;
    memory.f64[(state.stateAt + RUN.unit) >> 3] = this.format.time?.ns ?? 0;
    const taken = state.run(lines, start, (last, limit) => code(state.stateAt, last, limit));
    this.shapes.met(taken);
    for (let i = 0; i < state.notes; i++) this.putPlaces((this.notesAt + i * PLACE_NOTE.bytes) >> 2);
    return taken;
  }

  reread(record: LineRecord): void {
    this.readAgain(record);
  }

  /** A line that was read by itself: the next one of its shape need not be, unless it `mayRepeat` another. */
  learn({ shape, numberOf }: LearnedLine, point: number, fields: RoleFields, mayRepeat: boolean): void {
    const { rows, table } = this.parts;
    const { time, sequence } = this.format;
    if (mayRepeat && rows !== undefined) return;
    if ((time && fields.time < 0) || (sequence && fields.seq < 0)) return; // lines of another template have it
    if (ROLES.some((role) => fields[role] >= 0 && numberOf(fields[role]) < 0)) return; // it is text
    const pair = rows ? rows.of.pair(point, -1) : table.pair(point, -1);
    if (pair < 0 || pair >= MOST_PAIRS) return;
    const { i32 } = this.memory;
    const at = (this.shapesAt + shape * LINE_SHAPE.bytes) >> 2;
    i32[at + (LINE_SHAPE.pair >> 2)] = pair + 1;
    i32[at + (LINE_SHAPE.point >> 2)] = point;
    for (const role of ROLES)
      i32[at + (LINE_SHAPE[role] >> 2)] = fields[role] < 0 ? NO_NUMBER : numberOf(fields[role]);
  }

  private putPlaces(note: number): void {
    const { rows, needs } = this.parts;
    const { at } = rows!.batch;
    const { u8, i32 } = this.memory;
    const row = i32[note + (PLACE_NOTE.row >> 2)]!;
    const [pc, pcEnd] = [i32[note + (PLACE_NOTE.pc >> 2)]!, i32[note + (PLACE_NOTE.pcEnd >> 2)]!];
    const address = i32[note + (PLACE_NOTE.address >> 2)]!;
    const addressEnd = i32[note + (PLACE_NOTE.addressEnd >> 2)]!;
    if (needs.pc && pcEnd > 0) putNumber(u8, pc, pcEnd, true, i32, (at.pc >> 2) + 2 * row);
    if (needs.faddr && addressEnd > 0)
      putNumber(u8, address, addressEnd, true, i32, (at.faddr >> 2) + 2 * row);
  }
}
