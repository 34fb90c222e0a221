/**
 * Replay of QEMU x86 interrupt logs from files: bytes ─input─▶ window ─IntLogScanner─▶ batch.
 *
 * Several files are one of two things, told by the event numbers of their first records:
 *   a set    `-d int,tid -D f.%d.log` writes one file per host thread of one QEMU. Numbers are global, so every file
 *            begins with another number and no number occurs twice. The files are merged by number. When the merge finds
 *            that they really interleave, each file is one CPU, numbered by first appearance; when one file ends
 *            before the next begins (a log that was split), CPUs are told by the records as in a single file.
 *   a row    anything else, for example logs that each begin at 0: separate runs, replayed one after the other in the
 *            order given.
 * A file without numbered records in its first SNIFF_BYTES joins a set only as what comes before all numbers. Numbers
 * are looked at beforehand, so a set has regular files only; with a pipe among them files are a row.
 *
 * A file that cannot be opened is refused at once. Trouble met later (a damaged file, one without any record) does not
 * stop the replay of what is good: the events come first and the first trouble is returned after the last of them.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { nextTurn } from '../base/next-turn.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Architecture } from '../machine/causes.ts';
import type { EventBatch } from '../machine/event-batch.ts';
import type { Ledger } from '../machine/ledger.ts';
import { refuse } from './input.ts';
import { MergedReplay } from './merge.ts';
import { CpuTable } from './qemu-x86/cpus.ts';
import { canBeReadTwice, type FileHead, isSet, sniff } from './set.ts';
import type { EventSource, FillResult, ReplayRequest } from './source.ts';
import { newShared, openStream, type Shared, type Stream, troubleOf, windowHasTime } from './stream.ts';
import { targetIn, targetOf } from './target.ts';
import type { TextRows } from './text-trace/rows.ts';
import { WINDOWS_PER_TURN, Window } from './window.ts';

export type { ReplayRequest };

export async function openReplay(request: ReplayRequest): Promise<EventSource | Diagnostic> {
  const { paths } = request;
  if (paths.filter((path) => path === '-').length > 1) return diagnostic('U_TRACE_TWICE', undefined);
  for (const path of paths) {
    const refused = refuse(path, request.follow);
    if (refused !== undefined) return refused;
  }
  const window = new Window(request.memory, request.windowBytes);
  const heads: (FileHead | undefined)[] = [];
  if (paths.length > 1 && paths.every(canBeReadTwice)) {
    for (const path of paths) heads.push(await sniff(path, request, window));
  }
  return isSet(heads) ? openSet(request, window, heads) : openRow(request, window, heads);
}

/** Whose logs these are: undefined of those that do not say at their beginning, or are gone when they are read. */
export async function tellTargets(
  paths: readonly string[],
  memory: LinearMemory,
): Promise<readonly (Architecture | undefined)[]> {
  const targets: (Architecture | undefined)[] = [];
  for (const path of paths) targets.push(canBeReadTwice(path) ? await targetOf(path, memory) : undefined);
  return targets;
}

/** QEMU takes a record back at once or not at all; on a busy machine its thread may wait for a CPU in between. */
const SILENCE_MS = 60;

async function openRow(
  request: ReplayRequest,
  window: Window,
  heads: readonly (FileHead | undefined)[],
): Promise<EventSource | Diagnostic> {
  const shared = newShared(request);
  const stream = await openStream(request.paths[0]!, request, shared, window, new CpuTable());
  if ('tag' in stream) return stream;
  // What is still being written may not have begun; nobody waits for it before BEGIN.
  if (!request.follow) await window.refill(window.start);
  return new RowReplay(request, shared, stream, heads);
}

/** Files one after the other. */
class RowReplay implements EventSource {
  readonly name: string;
  readonly ledger: Ledger;
  readonly points: TextRows | undefined;
  readonly architecture: Architecture | undefined;
  readonly hasTime: boolean;
  readonly live: boolean;
  private readonly request: ReplayRequest;
  private readonly shared: Shared;
  private readonly heads: readonly (FileHead | undefined)[];
  private stream: Stream | undefined;
  private reading: Promise<undefined> | undefined; // a read that was not waited for
  private settleNow: (() => void) | undefined; // while a complete record waits for silence
  private index = 0;
  private trouble: Diagnostic | undefined;
  private eventsBefore = 0; // when the current file began
  private doneBefore = 0; // bytes of the files before the current one
  private totalBefore = 0;

  constructor(
    request: ReplayRequest,
    shared: Shared,
    stream: Stream,
    heads: readonly (FileHead | undefined)[],
  ) {
    this.request = request;
    this.shared = shared;
    this.stream = stream;
    this.heads = heads;
    this.name = stream.name;
    this.ledger = shared.ledger;
    this.points = shared.traceEvents?.rows;
    this.hasTime = windowHasTime(stream.window);
    this.architecture = targetIn(stream.window);
    this.live = request.follow ?? false;
  }

  get progress(): { readonly doneBytes: number; readonly totalBytes: number | undefined } {
    const input = this.stream?.input;
    const rest = this.request.paths.length - this.index - 1;
    const known = input === undefined ? 0 : input.totalBytes;
    return {
      doneBytes: this.doneBefore + (input?.doneBytes ?? 0),
      totalBytes: known === undefined || rest > 0 ? undefined : this.totalBefore + known,
    };
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    batch.count = 0;
    this.points?.addBatch(batch);
    this.points?.begin(batch);
    for (let windows = 0; ; windows++) {
      const stream = this.stream;
      if (stream === undefined) return this.lastWord();
      batch.registers = stream.scanner.texts;
      stream.scanner.scan(batch);
      if (batch.count > 0) return batch.count;
      const next = stream.scanner.done ? this.nextFile(stream) : this.readOn(stream);
      if (next !== undefined) return next.then(() => this.fill(batch));
      if (windows >= WINDOWS_PER_TURN) return nextTurn().then(() => this.fill(batch));
    }
  }

  /** More bytes. A live log may fall silent behind a complete record, which then does not wait for the next line. */
  private readOn(stream: Stream): undefined | Promise<undefined> {
    const { scanner, window } = stream;
    const reading = this.reading ?? window.refill(scanner.keepFrom);
    this.reading = undefined;
    if (reading === undefined || !window.live || !scanner.holds || this.request.isPatient) return reading;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const settle = (): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(silence);
        this.settleNow = undefined;
        this.reading = reading;
        scanner.settle();
        resolve(undefined);
      };
      // When we are late ourselves the timer comes before bytes that wait; a turn later they have been read.
      const silence = setTimeout(() => setImmediate(settle), SILENCE_MS);
      this.settleNow = settle;
      const answered = (): void => {
        isOver = true;
        clearTimeout(silence);
        this.settleNow = undefined;
        resolve(undefined);
      };
      reading.then(answered, reject);
    });
  }

  settle(): void {
    // What has come since may take back what waits.
    if (!this.stream?.input.settle?.()) this.settleNow?.();
  }

  async close(): Promise<void> {
    this.stream?.input.close();
    this.stream = undefined;
  }

  /** The first trouble, told once, after the last event. */
  private lastWord(): FillResult {
    const { trouble } = this;
    this.trouble = undefined;
    return trouble ?? 0;
  }

  private nextFile(ended: Stream): void | Promise<void> {
    this.trouble ??= troubleOf(ended, this.ledger, this.eventsBefore);
    this.eventsBefore = this.ledger.events;
    this.doneBefore += ended.input.doneBytes;
    this.totalBefore += ended.input.totalBytes ?? 0;
    ended.input.close();
    this.stream = undefined;
    this.index++;
    if (this.index >= this.request.paths.length) return;
    return this.openNext(ended);
  }

  private async openNext(ended: Stream): Promise<void> {
    const path = this.request.paths[this.index]!;
    // A log that goes on where the last one ended is the same run; otherwise CPUs are told anew.
    const goesOn = this.heads[this.index]?.numbers[0] === ended.scanner.lastNumber + 1;
    const cpus = goesOn ? ended.scanner.cpus : new CpuTable();
    const stream = await openStream(path, this.request, this.shared, ended.window, cpus);
    if ('tag' in stream) this.trouble ??= stream;
    else this.stream = stream;
  }
}

/** Windows of a set's files: smaller, since there are as many as CPUs. */
const SET_WINDOW_BYTES = 256 * 1024;

async function openSet(
  request: ReplayRequest,
  window: Window,
  heads: readonly (FileHead | undefined)[],
): Promise<EventSource | Diagnostic> {
  const shared = newShared(request);
  const cpus = new CpuTable();
  const streams: { readonly stream: Stream; readonly firstNumber: number }[] = [];
  let hasTime = false;
  for (const [index, path] of request.paths.entries()) {
    const own = index === 0 ? window : new Window(request.memory, request.windowBytes ?? SET_WINDOW_BYTES);
    const stream = await openStream(path, request, shared, own, cpus);
    if ('tag' in stream) return stream;
    await own.refill(own.start);
    hasTime ||= windowHasTime(own);
    streams.push({ stream, firstNumber: heads[index]?.numbers[0] ?? -1 });
  }
  return new MergedReplay(streams, shared, hasTime, request.memory);
}
