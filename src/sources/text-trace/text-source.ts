/**
 * Traces of one record per line as an event source: bytes ─input─▶ window ─lines─▶ parser ─sequence─▶ rows.
 *
 * In: files, a parser for their lines, the table of points. Out: rows of kind `point`, in the order of the records' numbers
 * when they have any, else of the lines. Colours and carriage returns are taken out of a line before it is parsed; every
 * byte is accounted for in the ledger. Several files are replayed one after the other.
 */
import { nextTurn } from '../../base/next-turn.ts';
import { type Diagnostic, diagnostic } from '../../diag/diagnostics.ts';
import type { EventBatch } from '../../machine/event-batch.ts';
import { Ledger } from '../../machine/ledger.ts';
import type { ProcessLayout } from '../../machine/target.ts';
import type { ByteInput } from '../byte-input.ts';
import { openInput, refuse, traceName } from '../input.ts';
import type { EventSource, FillResult, ReplayRequest } from '../source.ts';
import { WINDOWS_PER_TURN, Window } from '../window.ts';
import { isPrintable, MOST_LINE_BYTES } from './bytes.ts';
import { withoutColours, withoutColoursIn } from './colours.ts';
import { LineFinder } from './line-finder.ts';
import { type LineReader, LineRecord, RecordPool } from './line-record.ts';
import type { LineRun } from './line-run.ts';
import type { PointTable, RecordSink, TextRecord } from './points.ts';
import { TextRows } from './rows.ts';
import { Sequencer, type SequenceScope } from './sequence.ts';
import { LINE_PROCESS, LineProcess } from './task.ts';

const CR = 0x0d;

export interface TextTrace {
  readonly form: string; // as messages name it
  readonly table: PointTable;
  /** A parser for each file, since it may remember what a file said before. */
  readonly newParser: () => LineReader;
  readonly sequence: SequenceScope | undefined;
  /** Points that the user wants to pass over: their categories are masked. */
  readonly isMasked?: ((point: number) => boolean) | undefined;
  /** Only points and fields are asked for: no row is made. */
  readonly isLook?: boolean;
  /** Times of records go on from file to file and begin at the first; undefined: the format has none. */
  readonly hasTime: boolean;
}

export async function openTextTrace(
  trace: TextTrace,
  request: ReplayRequest,
): Promise<EventSource | Diagnostic> {
  for (const path of request.paths) {
    const refused = refuse(path, request.follow);
    if (refused !== undefined) return refused;
  }
  const source = new TextSource(trace, request);
  const refused = await source.openNext();
  return refused ?? source;
}

class TextSource implements EventSource, RecordSink {
  readonly name: string;
  readonly ledger = new Ledger();
  readonly hasTime: boolean;
  readonly live: boolean;
  readonly points: TextRows;
  readonly guestMemory: LineProcess;
  readonly guestContext: LineProcess;
  readonly processLayout: ProcessLayout = LINE_PROCESS;
  private readonly trace: TextTrace;
  private readonly request: ReplayRequest;
  private readonly window: Window;
  private readonly lines: LineFinder;
  private sequencer: Sequencer | undefined;
  private readonly ready: TextRecord[] = [];
  private readyAt = 0;
  private parser: LineReader;
  private run: LineRun | undefined; // the parser's
  private runBatch: EventBatch | undefined; // where it puts rows
  private readonly pool: RecordPool;
  private input: ByteInput | undefined;
  private index = -1; // of the file
  private line = 0;
  private skipping = false; // inside a line that is too long
  private events = 0;
  private originNs = Number.NaN;
  private trouble: Diagnostic | undefined;
  // What the line at hand came to.
  private found = 0;
  private wasTorn = false;
  private kind: string | undefined;

  constructor(trace: TextTrace, request: ReplayRequest) {
    this.trace = trace;
    this.request = request;
    this.name = request.name ?? traceName(request.paths[0]!);
    this.hasTime = trace.hasTime;
    this.live = request.follow ?? false;
    this.window = new Window(request.memory, request.windowBytes);
    this.lines = new LineFinder(request.memory);
    this.pool = new RecordPool(request.memory);
    this.points = new TextRows(request.memory, trace.table, request.needs, (record, since) =>
      this.run!.reread(record, since),
    );
    this.guestMemory = new LineProcess(this.points);
    this.guestContext = this.guestMemory;
    this.parser = trace.newParser();
  }

  /** Otherwise each line is read as a string. */
  private get takesBytes(): boolean {
    return this.request.scan === 'fast';
  }

  private get fileName(): string {
    return traceName(this.request.paths[Math.max(this.index, 0)]!);
  }

  get progress(): { readonly doneBytes: number; readonly totalBytes: number | undefined } {
    return { doneBytes: this.input?.doneBytes ?? 0, totalBytes: this.input?.totalBytes };
  }

  /** The next file; undefined also when there is none. */
  async openNext(): Promise<Diagnostic | undefined> {
    this.index++;
    const path = this.request.paths[this.index];
    if (path === undefined) return undefined;
    const input = await openInput(path, this.request.stdin, this.request.follow);
    if ('tag' in input) return input;
    this.input = input;
    this.window.attach(input);
    this.lines.forget();
    this.line = 0;
    this.parser = this.trace.newParser();
    this.runBatch = undefined;
    this.sequencer = this.newSequencer();
    return undefined;
  }

  /** Each file is a run of its own. */
  private newSequencer(): Sequencer | undefined {
    const { sequence } = this.trace;
    if (sequence === undefined) return undefined;
    return new Sequencer(sequence, {
      emit: (record) => this.accept(record),
      repeated: (record) => {
        if (!this.isMasked(record)) this.found--;
        this.kind ??= 'records printed again';
      },
      dropped: (cpu, count, line) => this.ledger.guestDropped(cpu, count, this.fileName, line),
    });
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    batch.count = 0;
    batch.registers = this.points;
    this.points.addBatch(batch);
    this.points.begin(batch);
    if (this.ready.length === 0) this.reuse();
    for (let windows = 0; ; ) {
      this.emit(batch);
      if (batch.count === batch.capacity) return batch.count;
      if (this.input === undefined) return batch.count > 0 ? batch.count : this.lastWord();
      if (this.walk(batch)) continue;
      if (batch.count > 0) return batch.count;
      this.reuse(); // a refill overwrites the text that records stand in
      this.lines.forget();
      const more = this.window.ended ? this.endFile() : this.window.refill(this.window.start);
      if (more !== undefined) return more.then(() => this.fill(batch));
      if (++windows >= WINDOWS_PER_TURN) return nextTurn().then(() => this.fill(batch));
    }
  }

  async close(): Promise<void> {
    this.input?.close();
    this.input = undefined;
  }

  private lastWord(): FillResult {
    const { trouble, ledger } = this;
    this.trouble = undefined;
    if (trouble !== undefined || ledger.events > 0 || ledger.totalBytes === 0) return trouble ?? 0;
    return diagnostic('U_TRACE_FORM', undefined, { path: this.name, form: this.trace.form });
  }

  private async endFile(): Promise<void> {
    this.found = 0;
    this.parser.end?.(this);
    this.ledger.events += this.found;
    this.sequencer?.flush();
    this.trouble ??= this.input?.damage;
    this.input?.close();
    this.input = undefined;
    this.trouble ??= await this.openNext();
  }

  private emit(batch: EventBatch): void {
    const { ready, points } = this;
    while (this.readyAt < ready.length && batch.count < batch.capacity) {
      const record = ready[this.readyAt++]!;
      if (Number.isNaN(this.originNs)) this.originNs = record.timeNs;
      const seq = Number.isNaN(record.seq) ? this.events : record.seq;
      points.put(batch, record, seq, record.timeNs - this.originNs);
      this.events++;
    }
    if (this.readyAt < ready.length) return;
    ready.length = 0;
    this.readyAt = 0;
  }

  /** What was taken before has been fired, but for records that wait. */
  private reuse(): void {
    this.sequencer?.keepWaiting();
    this.pool.reuse();
  }

  /** The complete lines of the window, until there is enough for a batch. False: there is none. */
  private walk(batch: EventBatch): boolean {
    const { window } = this;
    const { start } = window;
    const run = this.runFor(batch);
    while (window.start < window.end && this.ready.length < LINES_AHEAD) {
      if (run !== undefined) this.emit(batch);
      if (batch.count === batch.capacity) break;
      if (run !== undefined && this.takeMany(run, batch)) continue;
      if (!this.takeNext()) break;
    }
    this.pause();
    return window.start > start || this.ready.length > 0;
  }

  /** What takes many lines at once, where records are taken as they come and nobody wants to see each. */
  private runFor(batch: EventBatch): LineRun | undefined {
    const { trace, request } = this;
    if (this.runBatch === undefined) {
      const isPlain = trace.sequence !== 'cpu' && !trace.isMasked && request.scan === 'fast';
      const rows = trace.isLook ? undefined : { of: this.points, batch };
      const { memory, needs } = request;
      this.run = isPlain ? this.parser.openRun?.({ memory, needs, rows, table: trace.table }) : undefined;
      this.runBatch = batch;
      if (this.run) this.sequencer?.noteIn(memory);
    }
    return this.runBatch === batch ? this.run : undefined;
  }

  /** Lines whose like was met before. False: the next line is none. */
  private takeMany(run: LineRun, batch: EventBatch): boolean {
    const { window, lines, ledger, originNs, sequencer } = this;
    const at = window.start;
    if (this.skipping || this.ready.length > 0 || batch.count === batch.capacity) return false;
    if (!this.trace.isLook && this.hasTime && Number.isNaN(originNs)) return false;
    if (!lines.looksAhead(at, window.end)) return false;
    const taken = run.run(lines, { at, seq: this.events, line: this.line, originNs, sequencer });
    if (taken === 0) return false;
    window.start = run.at;
    ledger.totalBytes += run.at - at;
    ledger.eventBytes += run.at - at;
    ledger.events += taken;
    this.line += taken;
    this.events += taken;
    return true;
  }

  /** False: the line goes on behind the window. */
  private takeNext(): boolean {
    const { window, lines, ledger } = this;
    const at = window.start;
    const isWhole = lines.next(at, window.end);
    if (!isWhole && !window.ended && window.end - at <= MOST_LINE_BYTES) return false;
    const end = isWhole ? lines.newline + 1 : window.end;
    window.start = end;
    ledger.totalBytes += end - at;
    if (this.skipping || end - at > MOST_LINE_BYTES) this.skip(end - at, !isWhole);
    else this.takeLine(at, isWhole ? lines.newline : end, end - at, isWhole && lines.isPlain);
    return true;
  }

  /** Of a live trace nobody knows when the next line comes. */
  private pause(): void {
    if (this.window.live && this.window.start === this.window.end) this.sequencer?.flush();
  }

  private skip(sizeBytes: number, isCut: boolean): void {
    if (this.skipping) this.ledger.loseMore('unknown', sizeBytes);
    else this.ledger.lose('unknown', sizeBytes, this.fileName, () => this.line + 1);
    this.skipping = isCut;
    if (!isCut) this.line++;
  }

  private takeLine(at: number, end: number, sizeBytes: number, isPlain: boolean): void {
    const { ledger } = this;
    this.line++;
    this.found = 0;
    this.wasTorn = false;
    this.kind = undefined;
    const to = this.plainEnd(at, end, isPlain);
    if (to < 0) this.takeText(at, end);
    else if (!this.takesBytes || !this.parser.takeBytes?.(at, to, this.pool, this)) this.takeText(at, to);
    if (this.wasTorn) ledger.lose('torn', this.found > 0 ? 0 : sizeBytes, this.fileName, () => this.line);
    if (this.found > 0) ledger.eventBytes += sizeBytes;
    else if (!this.wasTorn) ledger.nonEvent(this.kind ?? 'console text', sizeBytes);
    ledger.events += Math.max(this.found, 0);
  }

  /** Where the line ends, of printable ASCII and without colours, which are taken out in place; -1: it has more than that. */
  private plainEnd(at: number, end: number, isPlain: boolean): number {
    const { u8 } = this.pool.memory;
    let to = end;
    while (to > at && u8[to - 1] === CR) to--;
    return isPlain || isPrintable(u8, at, to) ? to : withoutColoursIn(u8, at, to);
  }

  private takeText(at: number, end: number): void {
    const { u8 } = this.pool.memory;
    this.parser.take(withoutColours(Buffer.from(u8.buffer, at, end - at).toString('utf8')), this);
  }

  // RecordSink

  record(record: TextRecord): void {
    if (this.trace.isLook) {
      this.found++;
      if (record instanceof LineRecord) this.pool.giveBack();
      return;
    }
    record.line = this.line;
    if (this.isMasked(record)) this.kind = 'records of masked categories';
    else this.found++;
    if (this.sequencer) this.sequencer.push(record);
    else this.accept(record);
  }

  /** Masked ones too are numbered, so that they do not look lost. */
  private accept(record: TextRecord): void {
    if (!this.isMasked(record)) this.ready.push(record);
  }

  private isMasked({ point }: TextRecord): boolean {
    return this.trace.isMasked?.(point) ?? false;
  }

  torn(): void {
    this.wasTorn = true;
  }

  known(kind: string): void {
    this.kind ??= kind;
  }

  dropped(cpu: number, count: number | undefined): void {
    this.kind = 'lines that tell of drops';
    this.ledger.guestDropped(cpu, count ?? 1, this.fileName, this.line);
  }
}

/** Records ahead of a batch: more would only wait. */
const LINES_AHEAD = 4096;
