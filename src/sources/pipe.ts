/**
 * A pipe, FIFO or socket. The event loop waits for it and reads it into one of two stages, while what is in the other
 * one is taken: a thread that waits would keep the process from ending, and to ask a pipe that has nothing costs Node
 * more than to read one that is full.
 *
 *   pipe ──event loop──▶ stage A, stage B in turn ──take──▶ window
 *
 * A read that finds less than a full pipe has emptied it, and is handed over at once, with all before it. After a full one
 * more comes soon, since its writer waits: then a stage is handed over when it is full and something is in the other one,
 * and whoever scans it knows that more is there, and need not look into a record that is cut by its end. Should nothing come,
 * HAND_OVER_MS end the wait. While both stages are full nobody reads, and the writer waits. A pipe that proves long is made
 * larger where that can be done (pipe-size.ts).
 *
 * Of a pipe that was made larger the event loop reads the beginning of what is there alone, which tells that something is;
 * the rest is read straight to where it is wanted, and the stages are spared.
 *
 *   pipe ──event loop, at most FULL_BYTES──▶ stage ──take──▶ window
 *   pipe ────────────────────take────────────────────────▶ window, until it is empty
 *
 * A guest that logs record by record is woken out of its work by whoever waits for each of them. So, when reads bring little,
 * nobody waits for the next: the pipe, which has room for them, is looked at again GATHER_MS later.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { ChunkReader } from './chunks.ts';

/** A few full pipes; two stages, a window and what the pipe holds fit the cache. */
const STAGE_BYTES = 256 * 1024;
/** What a pipe holds that nobody made larger. A stage with less room is full. */
const FULL_BYTES = 64 * 1024;
/** A busy machine may keep a writer waiting as long. */
const HAND_OVER_MS = 5;
/** Longer than most logs; others gain more than the program takes that makes the pipe larger. */
const LONG_BYTES = 32 * 1024 * 1024;
/** Reads that bring less are of a writer that writes a little at a time. */
const LITTLE_BYTES = 16 * 1024;
/** After so many of them the log proves long, too. */
const MANY_LITTLES = 1000;
/** Nobody at a terminal sees that it is later, and no guest fills the larger pipe by then. */
const GATHER_MS = 1;

export interface PipeOptions {
  /** Makes the pipe larger; whether that could be done. */
  readonly lengthen?: (fd: number) => Promise<boolean>;
  readonly longBytes?: number;
  /** Whoever reads wants to have within a turn of the event loop what was written before it. */
  readonly isPrompt?: boolean;
  readonly gatherMs?: number;
}

export class PipeChunks implements ChunkReader {
  readonly totalBytes = undefined;
  doneBytes = 0;
  private readonly socket: net.Socket;
  private readonly stages = [newStage(), newStage()] as const;
  private stage: Stage = this.stages[0]; // the one that is read into
  /** What is put back, and what is handed over of the stages. */
  private readonly arrived: Uint8Array[] = [];
  private readonly deadline: NodeJS.Timeout; // for the stage that is read into
  private readBytes = 0;
  private ended = false;
  private error: unknown;
  private wake: (() => void) | undefined;
  private readonly fd: number | undefined;
  private readonly isPrompt: boolean;
  private readonly gatherMs: number;
  private readonly longBytes: number;
  private lengthen: (() => Promise<boolean>) | undefined; // until the pipe proves long
  private littles = 0; // reads
  private isLengthened = false;
  /** More may be in the pipe, which the event loop does not read now. */
  private mayAsk = false;
  private gathering: NodeJS.Timeout | undefined; // until the pipe is looked at again

  /** `from`: a descriptor, or the handle of a socket that is closed in our favour. */
  constructor(
    from: number | object,
    {
      lengthen = lengthenPipe,
      longBytes = LONG_BYTES,
      isPrompt = false,
      gatherMs = GATHER_MS,
    }: PipeOptions = {},
  ) {
    const fd = typeof from === 'number' ? from : undefined;
    this.fd = fd;
    this.isPrompt = isPrompt;
    this.gatherMs = gatherMs;
    this.longBytes = longBytes;
    this.lengthen = fd === undefined ? undefined : () => lengthen(fd);
    const options: net.SocketConstructorOpts & net.ConnectOpts = {
      ...(fd === undefined ? { handle: from } : { fd }),
      ...{ readable: true, writable: false },
      onread: {
        buffer: () => this.room(),
        callback: (length) => {
          const goesOn = this.arrive(length);
          this.proveLong();
          return goesOn;
        },
      },
    };
    this.socket = new net.Socket(options);
    this.deadline = setTimeout(() => this.handOverAll(), HAND_OVER_MS);
    this.socket.on('end', () => this.end());
    this.socket.on('close', () => this.end());
    this.socket.on('error', (error) => {
      this.error ??= error;
      this.end();
    });
  }

  get hasMore(): boolean {
    return this.arrived.length > 0 || this.stages.some(({ filled, handedOver }) => filled > handedOver);
  }

  take(bytes: Uint8Array, at: number, size: number): number {
    const [first] = this.arrived;
    if (first === undefined) return this.mayAsk ? this.ask(bytes, at, size) : 0;
    const length = Math.min(size, first.length);
    bytes.set(first.subarray(0, length), at);
    if (length === first.length) this.release(first);
    else this.arrived[0] = first.subarray(length);
    this.doneBytes += length;
    return length;
  }

  async wait(): Promise<boolean> {
    if (this.arrived.length === 0 && this.mayAsk) return true;
    if (this.arrived.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.arrived.length === 0 && this.error !== undefined) throw this.error;
    return this.arrived.length > 0 || this.mayAsk;
  }

  async next(): Promise<Uint8Array | undefined> {
    while (this.arrived.length === 0) {
      this.listen();
      if (!(await this.wait())) return undefined;
    }
    const chunk = Buffer.allocUnsafe(this.arrived[0]!.length);
    this.take(chunk, 0, chunk.length);
    return chunk;
  }

  unread(chunk: Uint8Array): void {
    this.arrived.unshift(chunk);
    this.doneBytes -= chunk.length;
  }

  settle(): boolean {
    if (this.gathering !== undefined) this.look();
    return this.handOverAll();
  }

  /** Stages in the order in which they were read: one that is not read into any more is older. */
  private handOverAll(): boolean {
    const older = this.handOver(this.besides(this.stage));
    return this.handOver(this.stage) || older;
  }

  close(): void {
    this.end();
    this.arrived.length = 0;
    this.socket.destroy();
  }

  /** Once: a pipe that proves long is made larger. */
  private proveLong(): void {
    const { lengthen, readBytes, longBytes, littles } = this;
    if (lengthen === undefined || (readBytes < longBytes && littles < MANY_LITTLES)) return;
    this.lengthen = undefined;
    void lengthen().then((done) => {
      this.isLengthened = done;
    });
  }

  /** Where the event loop reads to. */
  private room(): Uint8Array {
    const { bytes, filled, isFull } = this.stage;
    const from = isFull ? 0 : filled;
    return this.isLengthened ? bytes.subarray(from, from + FULL_BYTES) : bytes.subarray(from);
  }

  /** Straight from the pipe. 0: there is nothing. */
  private ask(bytes: Uint8Array, at: number, size: number): number {
    let length = 0;
    try {
      length = fs.readSync(this.fd!, bytes, at, size, null);
      if (length === 0) this.end();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        this.error = error;
        this.end();
      }
    }
    this.readBytes += length;
    this.doneBytes += length;
    if (length === size) return length;
    if (length > 0 && length < LITTLE_BYTES && !this.isPrompt) this.gather();
    else this.listen();
    return length;
  }

  /** Nothing is read for a while. */
  private gather(): void {
    this.mayAsk = false;
    this.gathering = setTimeout(() => this.look(), this.gatherMs);
  }

  /** Whoever takes next looks into the pipe. */
  private look(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    this.mayAsk = !this.ended;
    this.wakeUp();
  }

  /** The event loop reads again. */
  private listen(): void {
    if (!this.mayAsk) return;
    this.mayAsk = false;
    if (!this.ended) this.socket.read(0);
  }

  /** Something has been read. Returns whether there is room for more, which the event loop is to read. */
  private arrive(length: number): boolean {
    const { stage } = this;
    const other = this.besides(stage);
    if (other.isFull) this.handOver(other);
    if (stage.filled === stage.handedOver) this.deadline.refresh();
    stage.filled += length;
    this.readBytes += length;
    stage.isFull = stage.filled > STAGE_BYTES - FULL_BYTES;
    if (stage.isFull) this.stage = other;
    if (length < LITTLE_BYTES) this.littles++;
    if (length < FULL_BYTES || this.isLengthened) this.settle();
    if (this.isLengthened && length >= FULL_BYTES) this.mayAsk = true;
    else if (this.isLengthened && length < LITTLE_BYTES && !this.isPrompt) this.gather();
    else return !this.stage.isFull;
    return false;
  }

  private handOver(stage: Stage): boolean {
    if (stage.filled === stage.handedOver) return false;
    this.arrived.push(stage.bytes.subarray(stage.handedOver, stage.filled));
    stage.handedOver = stage.filled;
    stage.parts++;
    this.wakeUp();
    return true;
  }

  private besides(stage: Stage): Stage {
    return stage === this.stages[0] ? this.stages[1] : this.stages[0];
  }

  /** The first of what has arrived has been taken. */
  private release(first: Uint8Array): void {
    this.arrived.shift();
    const stage = this.stages.find(({ bytes }) => bytes.buffer === first.buffer);
    if (stage === undefined) return; // it was put back
    stage.parts--;
    if (stage.parts > 0 || !stage.isFull || stage.filled > stage.handedOver) return;
    Object.assign(stage, newStage(stage.bytes));
    const isPaused = this.mayAsk || this.gathering !== undefined;
    if (stage === this.stage && !this.ended && !isPaused) this.socket.read(0); // there was no room
  }

  private end(): void {
    clearTimeout(this.deadline);
    clearTimeout(this.gathering);
    this.gathering = undefined;
    this.settle();
    this.ended = true;
    this.mayAsk = false;
    this.wakeUp();
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

interface Stage {
  readonly bytes: Uint8Array;
  filled: number;
  isFull: boolean;
  handedOver: number; // so much of it
  parts: number; // of that, not yet taken
}

function newStage(bytes: Uint8Array = Buffer.allocUnsafeSlow(STAGE_BYTES)): Stage {
  return { bytes, filled: 0, isFull: false, handedOver: 0, parts: 0 };
}

/** Otherwise it is as large as it was. */
function lengthenPipe(fd: number): Promise<boolean> {
  return import('./pipe-size.ts').then(({ enlargePipe }) => enlargePipe(fd)).catch(() => false);
}
