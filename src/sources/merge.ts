/**
 * A set of per-thread logs of one QEMU, merged by event number (replay.ts says how a set is recognised).
 *
 * Each file has its own window, scanner and small batch; rows are copied to the session's batch in the order of their
 * numbers. Events without a number (resets, SMM, guest errors) keep their place behind the numbered one of their file.
 * A row's register text stays in its file's window, so a window is refilled only when no row of the session's batch
 * points into it: a batch ends early where a file needs more input.
 *
 * A file is not scanned before its first number is reached, so files that turn out to follow each other (a log that was
 * split) share one CPU table as if they were one file.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { nextTurn } from '../base/next-turn.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import { type ColumnName, EventBatch, type RegisterReader } from '../machine/event-batch.ts';
import type { Ledger } from '../machine/ledger.ts';
import type { EventSource, FillResult } from './source.ts';
import { type Shared, type Stream, troubleOf } from './stream.ts';
import type { TextRows } from './text-trace/rows.ts';
import { WINDOWS_PER_TURN } from './window.ts';

/** Rows a file decodes ahead: enough to fill a batch from two files, and small beside its window. */
const AHEAD_ROWS = 1024;

interface Lane {
  readonly stream: Stream;
  readonly batch: EventBatch;
  row: number; // the next row of `batch` to hand over
  lent: boolean; // the session's batch holds rows whose texts are in this lane's window
  readonly firstNumber: bigint; // of its first record, known beforehand; -1 when it has none
  begun: boolean; // the merge has reached it
  cpu: number; // by first appearance in the merge, when it has records
  ended: boolean;
}

export class MergedReplay implements EventSource {
  readonly name: string;
  readonly ledger: Ledger;
  readonly points: TextRows | undefined;
  readonly hasTime: boolean;
  private readonly memory: LinearMemory;
  private readonly lanes: Lane[];
  private readonly texts: MergedTexts;
  private interleaved = false; // two files were seen to be written at the same time: one CPU each
  private trouble: Diagnostic | undefined;

  constructor(
    streams: readonly { readonly stream: Stream; readonly firstNumber: number }[],
    { ledger, traceEvents }: Pick<Shared, 'ledger' | 'traceEvents'>,
    hasTime: boolean,
    memory: LinearMemory,
  ) {
    this.name = streams[0]!.stream.name;
    this.ledger = ledger;
    this.points = traceEvents?.rows;
    this.hasTime = hasTime;
    this.memory = memory;
    this.lanes = streams.map(({ stream, firstNumber }) => ({
      stream,
      firstNumber: BigInt(firstNumber),
      batch: new EventBatch(memory, AHEAD_ROWS),
      row: 0,
      lent: false,
      begun: false,
      cpu: 0,
      ended: false,
    }));
    for (const { batch } of this.lanes) this.points?.addBatch(batch);
    this.texts = new MergedTexts(this.lanes);
  }

  get progress(): { readonly doneBytes: number; readonly totalBytes: number | undefined } {
    let doneBytes = 0;
    let totalBytes: number | undefined = 0;
    for (const { stream } of this.lanes) {
      doneBytes += stream.input.doneBytes;
      const size = stream.input.totalBytes;
      totalBytes = size === undefined || totalBytes === undefined ? undefined : totalBytes + size;
    }
    return { doneBytes, totalBytes };
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    batch.count = 0;
    batch.registers = this.texts;
    this.points?.begin(batch);
    this.texts.ensureRows(batch.capacity);
    for (const lane of this.lanes) lane.lent = false;
    return this.merge(batch);
  }

  async close(): Promise<void> {
    for (const { stream, ended } of this.lanes) if (!ended) stream.input.close();
  }

  private merge(batch: EventBatch): FillResult | Promise<FillResult> {
    for (let windows = 0; batch.count < batch.capacity; ) {
      for (const lane of this.lanes) {
        while (lane.begun && !lane.ended && lane.row === lane.batch.count) {
          if (lane.lent) return batch.count;
          const waiting = this.advance(lane);
          if (waiting !== undefined) return waiting.then(() => this.merge(batch));
          if (++windows >= WINDOWS_PER_TURN) return nextTurn().then(() => this.merge(batch));
        }
      }
      const lane = this.first();
      if (lane === undefined) break;
      if (!lane.begun) this.begin(lane);
      else this.handOver(lane, batch);
    }
    if (batch.count > 0) return batch.count;
    const { trouble } = this;
    this.trouble = undefined;
    return trouble ?? 0;
  }

  /** The merge has reached a file's first number. A thread without records (QEMU's main thread) is no CPU. */
  private begin(lane: Lane): void {
    lane.begun = true;
    if (lane.firstNumber < 0n) return;
    const isCpu = (other: Lane): boolean => other !== lane && other.begun && other.firstNumber >= 0n;
    if (this.lanes.some((other) => isCpu(other) && !other.ended)) this.interleaved = true;
    lane.cpu = this.lanes.filter(isCpu).length;
  }

  /** More rows for a lane, or its end. */
  private advance(lane: Lane): void | Promise<void> {
    const { stream, batch } = lane;
    const { scanner, window } = stream;
    batch.count = 0;
    lane.row = 0;
    scanner.scan(batch);
    if (batch.count > 0) return;
    if (!scanner.done) return window.refill(scanner.keepFrom);
    lane.ended = true;
    // A thread that logged nothing but other lines is no trouble in a set; a damaged file is.
    if (stream.input.damage !== undefined) this.trouble ??= troubleOf(stream, this.ledger, 0);
    stream.input.close();
  }

  /** The lane whose next row has the lowest number. */
  private first(): Lane | undefined {
    let best: Lane | undefined;
    let bestNumber = 0n;
    for (const lane of this.lanes) {
      if (lane.ended) continue;
      const number = !lane.begun ? lane.firstNumber : this.memory.i64[(lane.batch.at.seq >> 3) + lane.row]!;
      if (best !== undefined && number >= bestNumber) continue;
      best = lane;
      bestNumber = number;
    }
    return best;
  }

  private handOver(lane: Lane, batch: EventBatch): void {
    const row = batch.count;
    copyRow(this.memory, lane.batch, lane.row, batch, row);
    const cpus = batch.at.cpu >> 1;
    if (this.interleaved && lane.firstNumber >= 0n) this.memory.u16[cpus + row] = lane.cpu;
    batch.cpuCount = Math.max(batch.cpuCount, this.memory.u16[cpus + row]! + 1);
    this.texts.set(row, lane, lane.row);
    batch.count = row + 1;
    lane.row++;
    lane.lent = true;
  }
}

const BYTE_COLUMNS: readonly ColumnName[] = ['kind', 'cpl', 'flags'];
const HALF_COLUMNS: readonly ColumnName[] = ['cpu', 'vector'];
const LONG_COLUMNS: readonly ColumnName[] = ['seq', 'errcode', 'pc', 'sp', 'faddr', 'time', 'line'];

function copyRow(
  memory: LinearMemory,
  from: EventBatch,
  fromRow: number,
  to: EventBatch,
  toRow: number,
): void {
  const { u8, u16, i32, u32 } = memory;
  for (const name of BYTE_COLUMNS) u8[to.at[name] + toRow] = u8[from.at[name] + fromRow]!;
  for (const name of HALF_COLUMNS) u16[(to.at[name] >> 1) + toRow] = u16[(from.at[name] >> 1) + fromRow]!;
  for (const name of LONG_COLUMNS) {
    const target = (to.at[name] >> 2) + 2 * toRow;
    const origin = (from.at[name] >> 2) + 2 * fromRow;
    i32[target] = i32[origin]!;
    i32[target + 1] = i32[origin + 1]!;
  }
  u32[(to.at.text >> 2) + toRow] = u32[(from.at.text >> 2) + fromRow]!;
}

/** Registers of merged rows: each row asks its own file's reader. */
class MergedTexts implements RegisterReader {
  private readonly lanes: readonly Lane[];
  private laneOf = new Uint16Array(0);
  private rowOf = new Uint16Array(0);

  constructor(lanes: readonly Lane[]) {
    this.lanes = lanes;
  }

  ensureRows(capacity: number): void {
    if (this.laneOf.length >= capacity) return;
    this.laneOf = new Uint16Array(capacity);
    this.rowOf = new Uint16Array(capacity);
  }

  set(row: number, lane: Lane, laneRow: number): void {
    this.laneOf[row] = this.lanes.indexOf(lane);
    this.rowOf[row] = laneRow;
  }

  read(row: number, registerId: number, out: LinearMemory, outOffset: number): boolean {
    const lane = this.lanes[this.laneOf[row]!]!;
    return lane.stream.scanner.texts.read(this.rowOf[row]!, registerId, out, outOffset);
  }
}
