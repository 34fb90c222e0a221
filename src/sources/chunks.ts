/**
 * Input that comes in chunks: pipes, terminals, and the output of decompressors. A `ChunkReader` hands out one chunk at
 * a time and holds back its producer while nobody asks, so memory stays flat.
 */
import fs from 'node:fs';
import type { Socket } from 'node:net';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { ByteInput } from './byte-input.ts';

export interface ChunkReader {
  /** Bytes of the underlying file handed out so far, and in all when known. */
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  /** The next chunk; undefined at the end. Rejects when reading fails. */
  next(): Promise<Uint8Array | undefined>;
  /** Up to `size` bytes to `bytes` at `at` without waiting; 0 or less when only `next` can tell how it goes on. */
  take?(bytes: Uint8Array, at: number, size: number): number;
  /** Put back a chunk that was looked at. */
  unread(chunk: Uint8Array): void;
  /** The same bytes from their beginning, read beside this reader; absent when they come only once. */
  readonly again?: (() => ChunkReader | undefined) | undefined;
  close(): void;
}

/** Pipes deliver 64 KiB at most. */
const CHUNK_BYTES = 64 * 1024;
/** Of a regular file. */
const FILE_CHUNK_BYTES = 256 * 1024;

/** A regular file, for a decompressor. `head` was read before. */
export class FileChunks implements ChunkReader {
  readonly totalBytes: number;
  readonly again: (() => ChunkReader) | undefined;
  doneBytes = 0;
  private readonly fd: number;
  private readonly owned: boolean;
  private readonly seekable: boolean;
  private head: Uint8Array | undefined;
  private closed = false; // a decompressor may ask once more; by then the number is another file's

  /** A file that we opened begins at byte 0; where one that we were given begins, nobody knows. */
  constructor(fd: number, owned: boolean, head: Uint8Array | undefined, sizeBytes: number, seekable = owned) {
    this.fd = fd;
    this.owned = owned;
    this.seekable = seekable;
    this.head = head;
    this.totalBytes = sizeBytes;
    this.again = seekable ? () => new FileChunks(fd, false, undefined, sizeBytes, true) : undefined;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.closed) return undefined;
    let chunk = this.head;
    this.head = undefined;
    if (chunk === undefined) {
      const buffer = Buffer.allocUnsafe(FILE_CHUNK_BYTES);
      const position = this.seekable ? this.doneBytes : null;
      chunk = buffer.subarray(0, fs.readSync(this.fd, buffer, 0, FILE_CHUNK_BYTES, position));
    }
    this.doneBytes += chunk.length;
    return chunk.length > 0 ? chunk : undefined;
  }

  unread(chunk: Uint8Array): void {
    this.head = chunk;
    this.doneBytes -= chunk.length;
  }

  close(): void {
    if (this.owned && !this.closed) fs.closeSync(this.fd);
    this.closed = true;
  }
}

/** How long to wait before asking a descriptor again that had nothing (EAGAIN). */
const RETRY_MS = 10;

/** A character device, read on the thread pool. */
export class DescriptorChunks implements ChunkReader {
  readonly totalBytes = undefined;
  doneBytes = 0;
  private readonly fd: number;
  private readonly owned: boolean;
  private head: Uint8Array | undefined;

  constructor(fd: number, owned: boolean) {
    this.fd = fd;
    this.owned = owned;
  }

  async next(): Promise<Uint8Array | undefined> {
    const chunk = this.head ?? (await this.readOne());
    this.head = undefined;
    this.doneBytes += chunk.length;
    return chunk.length > 0 ? chunk : undefined;
  }

  unread(chunk: Uint8Array): void {
    this.head = chunk;
    this.doneBytes -= chunk.length;
  }

  close(): void {
    if (this.owned) fs.closeSync(this.fd);
  }

  private async readOne(): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytes, error } = await readDescriptor(this.fd, buffer);
      if (error === null) return buffer.subarray(0, bytes);
      if (error.code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function readDescriptor(
  fd: number,
  buffer: Buffer,
): Promise<{ bytes: number; error: NodeJS.ErrnoException | null }> {
  return new Promise((resolve) => {
    fs.read(fd, buffer, 0, buffer.length, null, (error, bytes) => resolve({ bytes, error }));
  });
}

/** Chunks that arrive by themselves; the producer is paused while more than this waits. */
const QUEUE_BYTES = 1 << 20;

/** A queue between a producer that can be paused and a reader that asks. */
export class ChunkQueue {
  private readonly chunks: Uint8Array[] = [];
  private queuedBytes = 0;
  private ended = false;
  private error: unknown;
  private wake: (() => void) | undefined;
  private readonly pause: (paused: boolean) => void;
  private readonly limitBytes: number;

  constructor(pause: (paused: boolean) => void, limitBytes = QUEUE_BYTES) {
    this.pause = pause;
    this.limitBytes = limitBytes;
  }

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.queuedBytes += chunk.length;
    if (this.queuedBytes > this.limitBytes) this.pause(true);
    this.wake?.();
  }

  end(error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    this.wake?.();
  }

  async next(): Promise<Uint8Array | undefined> {
    while (this.chunks.length === 0) {
      if (this.error !== undefined) throw this.error;
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
    const chunk = this.chunks.shift()!;
    this.queuedBytes -= chunk.length;
    if (this.queuedBytes <= this.limitBytes) this.pause(false);
    return chunk;
  }

  /** Without waiting: 0 when nothing is queued. */
  take(bytes: Uint8Array, at: number, size: number): number {
    const [first] = this.chunks;
    if (first === undefined) return 0;
    const length = Math.min(size, first.length);
    bytes.set(first.subarray(0, length), at);
    if (length < first.length) this.chunks[0] = first.subarray(length);
    else this.chunks.shift();
    this.queuedBytes -= length;
    if (this.queuedBytes <= this.limitBytes) this.pause(false);
    return length;
  }

  unread(chunk: Uint8Array): void {
    this.chunks.unshift(chunk);
    this.queuedBytes += chunk.length;
  }
}

/** A pipe, socket or terminal, read by the event loop: a blocked thread would keep the process from ending. */
export class SocketChunks implements ChunkReader {
  readonly totalBytes = undefined;
  doneBytes = 0;
  private readonly socket: Socket;
  private readonly queue: ChunkQueue;

  constructor(socket: Socket) {
    this.socket = socket;
    this.queue = new ChunkQueue((paused) => {
      if (paused !== socket.isPaused()) paused ? socket.pause() : socket.resume();
    });
    socket.on('data', (chunk) => this.queue.push(chunk));
    socket.on('end', () => this.queue.end());
    socket.on('close', () => this.queue.end());
    socket.on('error', (error) => this.queue.end(error));
  }

  async next(): Promise<Uint8Array | undefined> {
    const chunk = await this.queue.next();
    this.doneBytes += chunk?.length ?? 0;
    return chunk;
  }

  unread(chunk: Uint8Array): void {
    this.queue.unread(chunk);
    this.doneBytes -= chunk.length;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A ChunkReader as a ByteInput: chunks are copied into the window. */
export class ChunkInput implements ByteInput {
  readonly live: boolean;
  damage: Diagnostic | undefined;
  private readonly chunks: ChunkReader;
  private readonly failed: (offset: number, error: unknown) => Diagnostic;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: ChunkReader, failed: (offset: number, error: unknown) => Diagnostic, live: boolean) {
    this.chunks = chunks;
    this.failed = failed;
    this.live = live;
  }

  get doneBytes(): number {
    return this.chunks.doneBytes;
  }

  get totalBytes(): number | undefined {
    return this.chunks.totalBytes;
  }

  read(memory: LinearMemory, at: number, size: number): number | Promise<number> {
    if (this.rest.length > 0) return this.take(memory, at, size);
    if (this.damage !== undefined) return 0;
    const length = this.takeNow(memory, at, size);
    return length > 0 ? length : this.readNext(memory, at, size);
  }

  close(): void {
    this.chunks.close();
  }

  /** All that there is without waiting, straight to where it is wanted. */
  private takeNow(memory: LinearMemory, at: number, size: number): number {
    const { chunks } = this;
    if (chunks.take === undefined) return 0;
    let filled = 0;
    try {
      while (filled < size) {
        const length = chunks.take(memory.u8, at + filled, size - filled);
        if (length <= 0) break;
        filled += length;
      }
    } catch (error) {
      this.damage = this.failed(this.doneBytes, error);
    }
    return filled;
  }

  private async readNext(memory: LinearMemory, at: number, size: number): Promise<number> {
    if (this.damage !== undefined) return 0;
    try {
      // A decompressor may hand out empty chunks, which are not the end.
      while (this.rest.length === 0) {
        const chunk = await this.chunks.next();
        if (chunk === undefined) return 0;
        this.rest = chunk;
      }
    } catch (error) {
      this.damage = this.failed(this.doneBytes, error);
      return 0;
    }
    return this.take(memory, at, size);
  }

  private take(memory: LinearMemory, at: number, size: number): number {
    const length = Math.min(size, this.rest.length);
    memory.u8.set(this.rest.subarray(0, length), at);
    this.rest = this.rest.subarray(length);
    return length;
  }
}
