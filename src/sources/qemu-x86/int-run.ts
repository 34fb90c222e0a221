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
import type { Ledger } from '../../machine/ledger.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { RANKS } from './dump.ts';
import { runModule, runName } from './int-run-code.ts';
import { COLUMN, COLUMN_BYTES, GUARD, GUARD_BYTES, LAYOUT_RECORD, MOST_GUARDS } from './layout-record.ts';
import { type Layout, MAX_LAYOUTS } from './layouts.ts';
import { CHECK_NAME, SERVICING_NAME, TRACED_NAME } from './line-walk.ts';
import type { LogScan } from './log-scan.ts';
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
  SERVICING_BYTES,
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

/** A run that was not begun; otherwise STOPS says why it stopped. */
export const NOT_NOW = -1;

export class IntRun {
  private readonly memory: LinearMemory;
  private readonly code: RunCode;
  private readonly log: LogScan;
  private readonly frame: number;
  private readonly word: number; // index of the frame's first i32,
  private readonly double: number; // and of its first f64
  private readonly texts: number;
  private textCount = 0;
  private cpuVersion = -1;
  private keyCount = 0; // keys that known texts name
  private kindCount = -1; // rows of the ledger when run was last told which lines it may count

  /** `frame`: RUN_BYTES of memory. */
  constructor(memory: LinearMemory, code: RunCode, log: LogScan, frame: number) {
    this.memory = memory;
    this.code = code;
    this.log = log;
    this.frame = frame;
    this.word = frame >> 2;
    this.double = frame >> 3;
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

  /**
   * Take what is regular and whole from the window's start on, and say why it stopped, or NOT_NOW. Written for few
   * instructions: in a long log this is what TypeScript does for each window.
   */
  run(batch: EventBatch): number {
    const { log, code, word, double } = this;
    const { cpus, layouts, setup } = log;
    const { window, ledger, timeBase } = setup;
    if (!cpus.settled) return NOT_NOW;
    if (cpus.version !== this.cpuVersion) this.forgetTexts();
    if (layouts.count !== code.layoutCount) this.takeLayouts();
    if (ledger.nonEvents.size !== this.kindCount) this.tellKinds();
    const { i32, f64 } = this.memory;
    i32[word + AT] = window.start;
    i32[word + END] = window.end;
    i32[word + ROW] = batch.count;
    i32[word + LATEST_CPU] = cpus.latest;
    i32[word + LAST_SEQ] = log.lastSeq | 0;
    i32[word + LAST_SEQ + 1] = Math.floor(log.lastSeq / 0x1_0000_0000);
    f64[double + NEXT_LINE] = log.line;
    f64[double + TIME_NS] = log.timeNs;
    f64[double + FIRST_MICROS] = timeBase.firstMicros;
    const stop = code.run(this.frame);
    this.takeBack(batch);
    return stop;
  }

  /** Lines of kinds for which the ledger has rows may be counted by run. */
  private tellKinds(): void {
    const { ledger, traceEvents } = this.log.setup;
    const { nonEvents } = ledger;
    this.kindCount = nonEvents.size;
    this.put('takesChecks', nonEvents.has(CHECK_NAME) ? 1 : 0);
    this.put('takesServicing', nonEvents.has(SERVICING_NAME) ? 1 : 0);
    this.put('takesTraced', traceEvents === undefined && nonEvents.has(TRACED_NAME) ? 1 : 0);
  }

  /** What has been done is the scanner's. */
  private takeBack(batch: EventBatch): void {
    const { log, word, double } = this;
    const { i32, u32, f64 } = this.memory;
    const { window, ledger } = log.setup;
    const next = u32[word + AT]!;
    ledger.totalBytes += next - window.start;
    window.start = next;
    log.line = f64[double + NEXT_LINE]!;
    log.timeNs = f64[double + TIME_NS]!;
    log.cpus.latest = i32[word + LATEST_CPU]!;
    const servicings = i32[word + SERVICINGS]!;
    log.sightings.servicing += servicings;
    addTo(ledger, CHECK_NAME, i32[word + CHECKS]!, u32[word + CHECK_BYTES]!);
    addTo(ledger, SERVICING_NAME, servicings, servicings * SERVICING_BYTES);
    addTo(ledger, TRACED_NAME, i32[word + TRACED]!, u32[word + TRACED_BYTES]!);
    const events = i32[word + ROW]! - batch.count;
    if (events === 0) return;
    batch.count += events;
    ledger.events += events;
    ledger.eventBytes += u32[word + EVENT_BYTES]!;
    log.sightings.headers += events;
    log.lastSeq = u32[word + LAST_SEQ]! + i32[word + LAST_SEQ + 1]! * 0x1_0000_0000;
    log.tailOwner = 'event';
    log.anyDump = true;
    this.takeTicks(i32, i32[word + CLOCK]!);
  }

  private takeTicks(i32: Int32Array, clock: number): void {
    if (clock === 0) return;
    const at = this.word + (TICKS_AT >> 2);
    this.log.cpus.noteSeen(clock, i32, at);
    for (let key = 0; key < this.keyCount; key++) i32[at + key] = 0;
  }

  /** A record was given a CPU by the task register whose selector stands at `tr` of a dump. */
  learnText(tr: number, selector: number, base: number): void {
    const { cpus } = this.log;
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
    this.cpuVersion = this.log.cpus.version;
    this.textCount = 0;
    // No task register stands like this, and the search begins at the first text even when there is none.
    this.memory.u8.fill(0, this.texts, this.texts + KNOWN_TEXT_BYTES);
    this.put('latestText', this.texts);
    this.put('knownStop', this.texts);
  }

  /** Layouts learned since, in front of the others: what came last is likely to come next. */
  private takeLayouts(): void {
    const { layouts } = this.log;
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
}

/** Indices of fields among the frame's i32 and f64. */
const [AT, END, ROW, LATEST_CPU] = [FRAME.at >> 2, FRAME.end >> 2, FRAME.row >> 2, FRAME.latestCpu >> 2];
const [LAST_SEQ, CLOCK, EVENT_BYTES] = [FRAME.lastSeq >> 2, FRAME.clock >> 2, FRAME.eventBytes >> 2];
const [CHECKS, CHECK_BYTES, SERVICINGS] = [FRAME.checks >> 2, FRAME.checkBytes >> 2, FRAME.servicings >> 2];
const [TRACED, TRACED_BYTES] = [FRAME.traced >> 2, FRAME.tracedBytes >> 2];
const [NEXT_LINE, TIME_NS, FIRST_MICROS] = [FRAME.nextLine >> 3, FRAME.timeNs >> 3, FRAME.firstMicros >> 3];

function addTo(ledger: Ledger, kind: string, count: number, bytes: number): void {
  const row = count === 0 ? undefined : ledger.nonEvents.get(kind);
  if (row === undefined) return;
  row.count += count;
  row.bytes += bytes;
}

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
