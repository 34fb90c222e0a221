/**
 * The driver of run (int-run-code.ts): one per scanner, beside which it writes rows into the same batch.
 *
 * Before each run it puts into the frame what the scanner knows, and behind it takes back what the run has done. What run
 * cannot know by itself it learns from the scanner: layouts (layouts.ts), and how the task registers look to which cpus.ts
 * has given a CPU (`learnText`). The module is made once per replay, and only when the log is long enough to be worth it.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { openPrebuilt } from '../../base/wasm-build.ts';
import type { EventBatch } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { CpuTable } from './cpus.ts';
import { RANKS } from './dump.ts';
import { runModule, runName } from './int-run-code.ts';
import { COLUMN, COLUMN_BYTES, GUARD, GUARD_BYTES, LAYOUT_RECORD, MOST_GUARDS } from './layout-record.ts';
import { type DumpLayouts, type Layout, MAX_LAYOUTS } from './layouts.ts';
import { registerIn, type TextColumns } from './registers.ts';
import {
  BATCH_COLUMNS,
  CPU_OF_TEXT,
  FRAME,
  FRAME_BYTES,
  FRAME_COLUMNS,
  type FrameWord,
  KNOWN_TEXT,
  KNOWN_TEXT_BYTES,
  MOST_KNOWN_TEXTS,
  NO_MARK,
  SERVICING_BYTES,
  STOPS,
  TR_BASE_AT,
} from './run-frame.ts';

/** More CPUs than a log of one QEMU has. */
const MOST_KEYS = 1024;
const TICKS_AT = Math.ceil(FRAME_BYTES / 16) * 16;
const TEXTS_AT = TICKS_AT + 4 * MOST_KEYS;
/** Bytes that a run needs beside the window. */
export const RUN_BYTES = TEXTS_AT + MOST_KNOWN_TEXTS * KNOWN_TEXT_BYTES;

/** What the runs of one replay share: the compiled module, the list of layouts, and the registers' places in these. */
export interface RunCode {
  /** Where the list begins: the address of one i32. Run moves what it finds to the front. */
  readonly layoutList: number;
  /** How many layouts have been looked at for the list. */
  layoutCount: number;
  readonly run: (frame: number) => number;
  /** Puts into a frame what run finds there besides. */
  readonly prepare: (frame: number) => void;
  /** Registers that have columns. */
  readonly columns: readonly number[];
  /** Of each layout, COLUMN_BYTES for each column. */
  readonly places: number;
}

export function openRun(memory: LinearMemory, needs: SourceNeeds, batch: EventBatch): RunCode | undefined {
  const all = needs.registerColumns.every((id) => batch.registerColumns.has(id));
  const columns = all ? needs.registerColumns : [];
  const exact = { ...needs, registerColumns: columns };
  const opened = openPrebuilt<Pick<RunCode, 'run' | 'prepare'>>(
    runName(exact),
    () => runModule(exact),
    memory.memory,
  );
  if (opened === undefined) return undefined;
  const places = columns.length === 0 ? 0 : memory.reserve(MAX_LAYOUTS * columns.length * COLUMN_BYTES, 16);
  return {
    run: opened.run,
    prepare: opened.prepare,
    columns,
    places,
    layoutList: memory.reserve(8),
    layoutCount: 0,
  };
}

/** What the scanner is asked for and told. */
export interface RunScanner {
  readonly cpus: CpuTable;
  readonly layouts: DumpLayouts;
}

/** What a run has done beside moving on: the scanner adds it to what it counts. */
export interface RunResult {
  next: number; // where the next line begins
  lines: number;
  lastSeq: number;
  events: number;
  eventBytes: number;
  checks: number;
  checkBytes: number;
  servicings: number;
  servicingBytes: number;
  traced: number; // lines of -trace
  tracedBytes: number;
  timeNs: number;
  stop: number; // STOPS: why it stopped
}

export class IntRun {
  readonly result: RunResult = {
    next: 0,
    lines: 0,
    lastSeq: 0,
    events: 0,
    eventBytes: 0,
    checks: 0,
    checkBytes: 0,
    servicings: 0,
    servicingBytes: 0,
    traced: 0,
    tracedBytes: 0,
    timeNs: Number.NaN,
    stop: STOPS.regular,
  };
  private readonly memory: LinearMemory;
  private readonly code: RunCode;
  private readonly scanner: RunScanner;
  private readonly frame: number;
  private readonly texts: number;
  private textCount = 0;
  private cpuVersion = -1;
  private keyCount = 0; // keys that known texts name

  /** `frame`: RUN_BYTES of memory. */
  constructor(memory: LinearMemory, code: RunCode, scanner: RunScanner, frame: number) {
    this.memory = memory;
    this.code = code;
    this.scanner = scanner;
    this.frame = frame;
    this.texts = frame + TEXTS_AT;
    memory.u8.fill(0, frame, frame + RUN_BYTES);
    code.prepare(frame);
    this.put('knownTexts', this.texts);
    this.put('ticks', frame + TICKS_AT);
    this.put('layoutList', code.layoutList);
    this.forgetTexts();
  }

  /** Say where rows go. */
  attach(batch: EventBatch, texts: TextColumns): void {
    for (const column of BATCH_COLUMNS) this.put(column, batch.at[column]);
    this.put('capacity', batch.capacity);
    this.put('heads', texts.heads);
    this.put('dumpEnds', texts.dumpEnds);
    this.put('layoutIds', texts.layoutIds);
    const { i32 } = this.memory;
    for (const [i, id] of this.code.columns.entries()) {
      i32[(this.frame + FRAME_COLUMNS + 4 * i) >> 2] = batch.registerColumns.get(id)!;
    }
  }

  /** No record that run takes is of a higher one. */
  get highestCpu(): number {
    return Math.max(0, this.keyCount - 1);
  }

  /** Take what is regular and whole from `at` on. False: not now. */
  run(batch: EventBatch, at: number, end: number, from: RunStart): boolean {
    const { cpus, layouts } = this.scanner;
    if (!cpus.settled) return false;
    if (cpus.version !== this.cpuVersion) this.forgetTexts();
    if (layouts.count !== this.code.layoutCount) this.takeLayouts();
    this.put('at', at);
    this.put('end', end);
    this.put('row', batch.count);
    this.put('takesChecks', from.takesChecks ? 1 : 0);
    this.put('takesServicing', from.takesServicing ? 1 : 0);
    this.put('takesTraced', from.takesTraced ? 1 : 0);
    for (const counter of COUNTERS) this.put(counter, 0);
    this.putState(from);
    const stop = this.code.run(this.frame);
    this.takeBack(batch, from.line);
    this.result.stop = stop;
    return true;
  }

  private putState(from: RunStart): void {
    const { memory, frame, scanner } = this;
    const { cpus } = scanner;
    this.put('latestCpu', cpus.latest);
    this.put('mark', NO_MARK);
    memory.f64[(frame + FRAME.nextLine) >> 3] = from.line;
    memory.f64[(frame + FRAME.timeNs) >> 3] = from.timeNs;
    memory.f64[(frame + FRAME.firstMicros) >> 3] = from.firstMicros;
    const seq = (frame + FRAME.lastSeq) >> 2;
    memory.i32[seq] = from.lastSeq | 0;
    memory.i32[seq + 1] = Math.floor(from.lastSeq / 0x1_0000_0000);
  }

  private takeBack(batch: EventBatch, line: number): void {
    const { memory, frame, result, scanner } = this;
    const seq = (frame + FRAME.lastSeq) >> 2;
    result.next = this.take('at') >>> 0;
    result.lines = memory.f64[(frame + FRAME.nextLine) >> 3]! - line;
    result.lastSeq = memory.u32[seq]! + memory.i32[seq + 1]! * 0x1_0000_0000;
    result.events = this.take('row') - batch.count;
    result.eventBytes = this.take('eventBytes') >>> 0;
    result.checks = this.take('checks');
    result.checkBytes = this.take('checkBytes');
    result.servicings = this.take('servicings');
    result.servicingBytes = result.servicings * SERVICING_BYTES;
    result.traced = this.take('traced');
    result.tracedBytes = this.take('tracedBytes') >>> 0;
    result.timeNs = memory.f64[(frame + FRAME.timeNs) >> 3]!;
    batch.count += result.events;
    scanner.cpus.latest = this.take('latestCpu');
    this.takeTicks();
  }

  private takeTicks(): void {
    const clock = this.take('clock');
    if (clock === 0) return;
    const at = (this.frame + TICKS_AT) >> 2;
    const ticks = this.memory.i32.subarray(at, at + MOST_KEYS);
    this.scanner.cpus.noteSeen(clock, ticks);
    ticks.fill(0, 0, this.keyCount);
  }

  /** A record was given a CPU by the task register whose selector stands at `tr` of a dump. */
  learnText(tr: number, selector: number, base: number): void {
    const { cpus } = this.scanner;
    if (!cpus.settled || this.textCount === MOST_KNOWN_TEXTS) return;
    if (cpus.version !== this.cpuVersion) this.forgetTexts();
    let cpu: number = CPU_OF_TEXT.single;
    if (!cpus.single) cpu = base === 0 ? CPU_OF_TEXT.zeroBase : cpus.keyOf(selector, base);
    if ((cpu < 0 && base !== 0 && !cpus.single) || cpu >= MOST_KEYS) return;
    const { u8, i32 } = this.memory;
    const entry = this.texts + this.textCount * KNOWN_TEXT_BYTES;
    u8.copyWithin(entry + KNOWN_TEXT.selector, tr, tr + 16);
    u8.copyWithin(entry + KNOWN_TEXT.base, tr + TR_BASE_AT, tr + TR_BASE_AT + 16);
    i32[(entry + KNOWN_TEXT.cpu) >> 2] = cpu;
    this.textCount++;
    this.keyCount = Math.max(this.keyCount, cpu + 1);
    this.put('knownStop', this.texts + this.textCount * KNOWN_TEXT_BYTES);
  }

  private forgetTexts(): void {
    this.cpuVersion = this.scanner.cpus.version;
    this.textCount = 0;
    // No task register stands like this, and the search begins at the first text even when there is none.
    this.memory.u8.fill(0, this.texts, this.texts + KNOWN_TEXT_BYTES);
    this.put('latestText', this.texts);
    this.put('knownStop', this.texts);
  }

  /** Layouts learned since, in front of the others: what came last is likely to come next. */
  private takeLayouts(): void {
    const { layouts } = this.scanner;
    const { i32 } = this.memory;
    const { code } = this;
    const list = code.layoutList >> 2;
    for (; code.layoutCount < layouts.count; code.layoutCount++) {
      const layout = layouts.get(code.layoutCount)!;
      if (!writeFacts(this.memory, layout)) continue;
      this.writeColumns(layout);
      i32[(layout.address + LAYOUT_RECORD.next) >> 2] = i32[list]!;
      i32[list] = layout.address;
    }
  }

  private writeColumns(layout: Layout): void {
    const { code, memory } = this;
    const table = code.places + layout.id * code.columns.length * COLUMN_BYTES;
    memory.i32[(layout.address + LAYOUT_RECORD.columns) >> 2] = table;
    for (const [i, id] of code.columns.entries()) writeColumn(memory, layout, id, table + i * COLUMN_BYTES);
  }

  private put(field: FrameWord, value: number): void {
    this.memory.i32[(this.frame + FRAME[field]) >> 2] = value;
  }

  private take(field: FrameWord): number {
    return this.memory.i32[(this.frame + FRAME[field]) >> 2]!;
  }
}

/** What a run begins with. */
export interface RunStart {
  readonly line: number;
  readonly lastSeq: number;
  readonly timeNs: number;
  readonly firstMicros: number;
  /** Kinds of lines that the ledger has rows for, so that run may count more of them. */
  readonly takesChecks: boolean;
  readonly takesServicing: boolean;
  readonly takesTraced: boolean;
}

const COUNTERS = [
  'clock',
  'checks',
  'checkBytes',
  'servicings',
  'traced',
  'tracedBytes',
  'eventBytes',
] as const;

/** Where a layout shows what run looks at; false when it does not, or has other line ends. */
function writeFacts(memory: LinearMemory, layout: Layout): boolean {
  const { address, rankStarts, crlf, sample } = layout;
  const [rsi, rip, tr] = [rankStarts[RANKS.rsi]!, rankStarts[RANKS.rip]!, rankStarts[RANKS.tr]!];
  if (crlf || rsi <= 0 || rip <= 0 || tr <= 0) return false;
  const isWide = sample[0] === 0x52; // R of RAX; E of EAX
  const width = isWide ? 16 : 8;
  const put = (field: keyof typeof LAYOUT_RECORD, value: number): void => {
    memory.i32[(address + LAYOUT_RECORD[field]) >> 2] = value;
  };
  // The same places as in dump.ts.
  put('isWide', isWide ? 1 : 0);
  put('rip', rip + 4);
  put('sp', rsi + 4 + 3 * (width + 5));
  put('flags', rip + 4 + width + 5);
  put('cpl', rip + width + 32);
  put('tr', tr + 4);
  return true;
}

const BLANK = 0x20;
const EQUALS = 0x3d;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const isDigit = (byte: number): boolean => (byte >= 48 && byte <= 57) || (byte >= 0x61 && byte <= 0x66);

/**
 * The place of a register in a layout, and what its line has to look like up to there: digits where the sample has
 * digits, and the same text everywhere else, labels (four bytes that end with `=`) included; only the flags' letters in
 * brackets may be any. Behind a field of fewer than 16 digits no further digit may follow.
 */
function writeColumn(memory: LinearMemory, layout: Layout, id: number, at: number): void {
  const { u8, i32, i64 } = memory;
  const { sample, rankStarts } = layout;
  u8.fill(0, at, at + COLUMN_BYTES);
  const place = registerIn(sample, rankStarts, id);
  if (place === undefined) return;
  const { line, field, digits } = place;
  const stop = field + digits + (digits < 16 ? 1 : 0);
  const vectors = Math.ceil((stop - line) / 16);
  if (vectors > MOST_GUARDS) return;
  let inBrackets = false;
  for (let p = line; p < stop; p++) {
    const byte = sample[p] ?? BLANK;
    if (byte === CLOSING) inBrackets = false;
    if (inBrackets) continue;
    inBrackets = byte === OPENING;
    const guard = at + COLUMN.guards + ((p - line) >> 4) * GUARD_BYTES + ((p - line) & 15);
    const isLabel = [0, 1, 2, 3].some((ahead) => p + ahead < stop && sample[p + ahead] === EQUALS);
    if (isDigit(byte) && !isLabel) u8[guard + GUARD.digits] = 0xf0;
    else {
      u8[guard + GUARD.fixed] = 0xff;
      u8[guard + GUARD.wanted] = byte;
    }
  }
  i32[(at + COLUMN.field) >> 2] = field;
  i32[(at + COLUMN.guardAt) >> 2] = line;
  i32[(at + COLUMN.vectors) >> 2] = vectors;
  i64[(at + COLUMN.shift) >> 3] = BigInt(64 - 4 * digits);
}
