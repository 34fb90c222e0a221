/**
 * A pipe, FIFO or socket. While it has something it is read at once, straight to where the bytes are wanted; the event
 * loop waits for it only when it has nothing, because a thread that waits would keep the process from ending.
 *
 *   take ──▶ what the event loop delivered ──▶ read(2) until EAGAIN ──▶ wait: let the event loop deliver once
 *
 * The first bytes are always waited for: a FIFO without a writer would read as one that has ended.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { ByteInput } from './byte-input.ts';
import type { ChunkReader } from './chunks.ts';

/** Pipes deliver 64 KiB at most, unless somebody made them larger. */
const CHUNK_BYTES = 64 * 1024;
/** What `take` answers besides the number of bytes. */
const END = 0;
const NOTHING_YET = -1;

export class PipeChunks implements ChunkReader {
  readonly totalBytes = undefined;
  doneBytes = 0;
  private readonly fd: number;
  private readonly socket: net.Socket;
  private readonly arrived: Uint8Array[] = []; // delivered by the event loop, or put back
  private waiting = true;
  private ended = false;
  private error: unknown;
  private wake: (() => void) | undefined;

  constructor(fd: number) {
    this.fd = fd;
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const onread = { buffer, callback: (size: number) => this.deliver(buffer.subarray(0, size)) };
    // DefinitelyTyped knows `onread` of connections only.
    const options = { fd, readable: true, writable: false, onread } as net.SocketConstructorOpts;
    this.socket = new net.Socket(options); // makes the descriptor non-blocking
    this.socket.on('end', () => this.end());
    this.socket.on('close', () => this.end());
    this.socket.on('error', (error) => {
      this.error ??= error;
      this.end();
    });
    this.socket.resume();
  }

  /** Up to `size` bytes to `bytes` at `at`, without waiting. */
  take(bytes: Uint8Array, at: number, size: number): number {
    const [first] = this.arrived;
    const length = first ? this.takeArrived(first, bytes, at, size) : this.readNow(bytes, at, size);
    if (length > 0) this.doneBytes += length;
    return length;
  }

  /** Settled when `take` is worth another try. */
  wait(): Promise<void> {
    if (this.arrived.length > 0 || this.ended) return Promise.resolve();
    if (!this.waiting) {
      this.waiting = true;
      this.socket.resume();
    }
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
    try {
      const length = fs.readSync(this.fd, bytes, at, size, null);
      if (length === 0) this.ended = true;
      return length;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return NOTHING_YET;
    }
  }

  /** One delivery ends the wait; false tells the event loop not to read on. */
  private deliver(bytes: Uint8Array): boolean {
    this.arrived.push(bytes.slice());
    this.waiting = false;
    this.wakeUp();
    return false;
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

/** A pipe as the input of a window. */
export class PipeInput implements ByteInput {
  readonly live = true;
  readonly totalBytes = undefined;
  damage: Diagnostic | undefined;
  private readonly pipe: PipeChunks;
  private readonly failed: (offset: number, error: unknown) => Diagnostic;

  constructor(pipe: PipeChunks, failed: (offset: number, error: unknown) => Diagnostic) {
    this.pipe = pipe;
    this.failed = failed;
  }

  get doneBytes(): number {
    return this.pipe.doneBytes;
  }

  /** All that is there, up to `size`; a promise when that is nothing. */
  read(memory: LinearMemory, at: number, size: number): number | Promise<number> {
    let filled = 0;
    while (filled < size && this.damage === undefined) {
      const length = this.take(memory, at + filled, size - filled);
      if (length > 0) filled += length;
      else if (length === NOTHING_YET && filled === 0)
        return this.pipe.wait().then(() => this.read(memory, at, size));
      else break;
    }
    return filled;
  }

  close(): void {
    this.pipe.close();
  }

  private take(memory: LinearMemory, at: number, size: number): number {
    try {
      return this.pipe.take(memory.u8, at, size);
    } catch (error) {
      this.damage = this.failed(this.pipe.doneBytes, error);
      return END;
    }
  }
}
