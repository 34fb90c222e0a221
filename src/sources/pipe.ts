/**
 * A pipe, FIFO or socket. While it has something it is read at once, straight to where the bytes are wanted; the event
 * loop waits for it only when it has nothing, because a thread that waits would keep the process from ending.
 *
 *   take ──▶ what the event loop has read ──▶ read(2) until EAGAIN ──▶ wait until the event loop has read something
 *
 * Both read the same descriptor, one after the other: what the event loop has is always older, and taken first. The first bytes are always waited for: a FIFO without a writer would read as one that has ended.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { ChunkReader } from './chunks.ts';

/** Pipes deliver 64 KiB at most, unless somebody made them larger. */
const CHUNK_BYTES = 64 * 1024;
/**
 * How often a pipe that had something is asked again when it has nothing more: its writer is at work, and has it full
 * again before the event loop could tell. Without that a busy machine hands over crumbs.
 */
const RETRIES = 4;
/** What `take` answers besides a number of bytes. */
const END = 0;
const NOTHING_YET = -1;

export class PipeChunks implements ChunkReader {
  readonly totalBytes = undefined;
  doneBytes = 0;
  private readonly fd: number;
  private readonly socket: net.Socket;
  /** What is put back, and the rest of what the event loop has read. */
  private readonly arrived: Uint8Array[] = [];
  private waiting = true;
  /** Left since the pipe was last full. */
  private retries = 0;
  private ended = false;
  private error: unknown;
  private wake: (() => void) | undefined;

  /** The socket's own descriptor, which is non-blocking. */
  constructor(fd: number, socket = new net.Socket({ fd, readable: true, writable: false })) {
    this.fd = fd;
    this.socket = socket;
    socket.on('readable', () => {
      this.waiting = false;
      this.wakeUp();
    });
    socket.on('end', () => this.end());
    socket.on('close', () => this.end());
    socket.on('error', (error) => {
      this.error ??= error;
      this.end();
    });
  }

  take(bytes: Uint8Array, at: number, size: number): number {
    if (this.arrived.length === 0 && this.socket.readableLength > 0) this.arrived.push(this.socket.read());
    const [first] = this.arrived;
    const length = first ? this.takeArrived(first, bytes, at, size) : this.readNow(bytes, at, size);
    if (length > 0) this.doneBytes += length;
    return length;
  }

  /** Settled when `take` is worth another try. */
  wait(): Promise<void> {
    if (this.arrived.length > 0 || this.socket.readableLength > 0 || this.ended) return Promise.resolve();
    this.waiting = true;
    this.socket.read(0); // go on reading
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  async next(): Promise<Uint8Array | undefined> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const length = this.take(buffer, 0, CHUNK_BYTES);
      if (length === END) return undefined;
      if (length > 0) return buffer.subarray(0, length);
      await this.wait();
    }
  }

  unread(chunk: Uint8Array): void {
    this.arrived.unshift(chunk);
    this.doneBytes -= chunk.length;
  }

  close(): void {
    this.end();
    this.arrived.length = 0;
    this.socket.destroy();
  }

  private takeArrived(first: Uint8Array, bytes: Uint8Array, at: number, size: number): number {
    const length = Math.min(size, first.length);
    bytes.set(first.subarray(0, length), at);
    if (length === first.length) this.arrived.shift();
    else this.arrived[0] = first.subarray(length);
    return length;
  }

  private readNow(bytes: Uint8Array, at: number, size: number): number {
    if (this.error !== undefined) throw this.error;
    if (this.ended) return END;
    if (this.waiting) return NOTHING_YET;
    for (;;) {
      const length = readOrNothing(this.fd, bytes, at, size);
      if (length === END) this.ended = true;
      if (length >= CHUNK_BYTES) this.retries = RETRIES;
      if (length !== NOTHING_YET || this.retries === 0) return length;
      this.retries--;
    }
  }

  private end(): void {
    this.ended = true;
    this.wakeUp();
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

function readOrNothing(fd: number, bytes: Uint8Array, at: number, size: number): number {
  try {
    return fs.readSync(fd, bytes, at, size, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return NOTHING_YET;
  }
}
