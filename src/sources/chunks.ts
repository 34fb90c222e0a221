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
  /** Up to `size` bytes to `bytes` at `at` of what is there; 0 when only waiting can tell how it goes on. */
  readonly take?: ((bytes: Uint8Array, at: number, size: number) => number) | undefined;
  /** Whether there is something to take now, or this is the end. Goes with `take`; rejects when reading fails. */
  readonly wait?: (() => Promise<boolean>) | undefined;
  /** Of a live producer: more is there, and can be taken at once or very soon. */
  readonly hasMore?: boolean;
  /** Nothing more is waited for: what has been read can be taken. Whether there was any that could not. */
  settle?(): boolean;
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

/** A queue between a producer that can be paused and a reader that asks. `taken` is told of chunks that `take` is through with. */
export class ChunkQueue {
  private readonly chunks: Uint8Array[] = [];
  private queuedBytes = 0;
  private ended = false;
  private error: unknown;
  private wake: (() => void) | undefined;
  private readonly pause: (paused: boolean) => void;
  private readonly limitBytes: number;
  private readonly taken: (chunk: Uint8Array) => void;

  constructor(
    pause: (paused: boolean) => void,
    limitBytes = QUEUE_BYTES,
    taken: (chunk: Uint8Array) => void = () => {},
  ) {
    this.pause = pause;
    this.limitBytes = limitBytes;
    this.taken = taken;
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

  /** Whether there is a chunk now, or no more will come. */
  async wait(): Promise<boolean> {
    while (this.chunks.length === 0) {
      if (this.error !== undefined) throw this.error;
      if (this.ended) return false;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
    return true;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (!(await this.wait())) return undefined;
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
    else this.taken(this.chunks.shift()!);
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

  take(bytes: Uint8Array, at: number, size: number): number {
    const length = this.queue.take(bytes, at, size);
    this.doneBytes += length;
    return length;
  }

  wait(): Promise<boolean> {
    return this.queue.wait();
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
  damage: Diagnostic | undefined;
  private readonly chunks: ChunkReader;
  private readonly failed: (offset: number, error: unknown) => Diagnostic;
  private readonly isLive: boolean;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: ChunkReader, failed: (offset: number, error: unknown) => Diagnostic, isLive: boolean) {
    this.chunks = chunks;
    this.failed = failed;
    this.isLive = isLive;
  }

  get live(): boolean {
    return this.isLive && !this.chunks.hasMore;
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

  settle(): boolean {
    return this.chunks.settle?.() ?? false;
  }

  close(): void {
    this.chunks.close();
  }

  /** All that there is without waiting, straight to where it is wanted. */
  private takeNow(memory: LinearMemory, at: number, size: number): number {
    const { chunks } = this;
    let filled = 0;
    while (filled < size) {
      const length = chunks.take?.(memory.u8, at + filled, size - filled) ?? 0;
      if (length === 0) break;
      filled += length;
    }
    return filled;
  }

  private async readNext(memory: LinearMemory, at: number, size: number): Promise<number> {
    try {
      return await (this.chunks.wait ? this.takeNext(memory, at, size) : this.copyNext(memory, at, size));
    } catch (error) {
      this.damage = this.failed(this.doneBytes, error);
      return 0;
    }
  }

  /** A decompressor may hand out empty chunks, which are not the end. */
  private async takeNext(memory: LinearMemory, at: number, size: number): Promise<number> {
    while (await this.chunks.wait!()) {
      const length = this.takeNow(memory, at, size);
      if (length > 0) return length;
    }
    return 0;
  }

  private async copyNext(memory: LinearMemory, at: number, size: number): Promise<number> {
    while (this.rest.length === 0) {
      const chunk = await this.chunks.next();
      if (chunk === undefined) return 0;
      this.rest = chunk;
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
