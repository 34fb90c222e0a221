/**
 * Hits of the TCG plugin as events of kind `tb`: pc and CPU, and the host's time at the hit. There are no registers.
 *
 * In: the pipe that the plugin writes to (source.ts draws a hit), the addresses of its sites by index. Out: batches in the order
 * of the hits, which is one for all CPUs.
 */
import fs from 'node:fs';
import { Socket } from 'node:net';
import { EVENT_KINDS, type EventBatch } from '../../machine/event-batch.ts';
import { Ledger } from '../../machine/ledger.ts';
import { type ChunkReader, SocketChunks } from '../../sources/chunks.ts';
import type { EventSource, FillResult } from '../../sources/source.ts';

export const HIT_BYTES = 16;

export class PluginSource implements EventSource {
  readonly ledger = new Ledger();
  readonly live = true;
  readonly hasTime = true;
  readonly stampsHostTime = true;
  readonly name: string;
  private readonly chunks: ChunkReader;
  private readonly lows: Int32Array; // of addresses, by site
  private readonly highs: Int32Array;
  private rest: Buffer = Buffer.alloc(0);
  private seq = 0;

  constructor(name: string, chunks: ChunkReader, addresses: readonly bigint[]) {
    this.name = name;
    this.chunks = chunks;
    this.lows = Int32Array.from(addresses, (address) => Number(BigInt.asIntN(32, address)));
    this.highs = Int32Array.from(addresses, (address) => Number(BigInt.asIntN(32, address >> 32n)));
  }

  get progress(): EventSource['progress'] {
    return { doneBytes: this.chunks.doneBytes, totalBytes: undefined };
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    return this.rest.length >= HIT_BYTES ? this.take(batch) : this.fillLater(batch);
  }

  async close(): Promise<void> {
    this.chunks.close();
  }

  private async fillLater(batch: EventBatch): Promise<FillResult> {
    while (this.rest.length < HIT_BYTES) {
      const chunk = await this.chunks.next();
      if (chunk === undefined) return this.ended();
      this.ledger.totalBytes += chunk.length;
      this.rest = this.rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.rest, chunk]);
    }
    return this.take(batch);
  }

  /** QEMU was killed while it wrote. */
  private ended(): FillResult {
    if (this.rest.length > 0) this.ledger.lose('truncated', this.rest.length, this.name, () => this.seq + 1);
    this.rest = Buffer.alloc(0);
    return 0;
  }

  private take(batch: EventBatch): number {
    const { rest } = this;
    const { memory, at } = batch;
    const { u8, u16, u32, i32, f64, i64 } = memory;
    const count = Math.min(batch.capacity, Math.floor(rest.length / HIT_BYTES));
    for (let row = 0; row < count; row++) {
      const from = row * HIT_BYTES;
      const site = rest.readUInt32LE(from);
      const cpu = rest.readUInt32LE(from + 4);
      u8[at.kind + row] = EVENT_KINDS.tb;
      u8[at.cpl + row] = 0;
      u8[at.flags + row] = 0; // whether interrupts were enabled is not known
      u16[(at.cpu >> 1) + row] = cpu;
      u16[(at.vector >> 1) + row] = 0;
      this.putNumber(i32, (at.seq >> 2) + 2 * row);
      i32[(at.pc >> 2) + 2 * row] = this.lows[site] ?? 0;
      i32[(at.pc >> 2) + 2 * row + 1] = this.highs[site] ?? 0;
      i64[(at.errcode >> 3) + row] = 0n;
      i64[(at.faddr >> 3) + row] = 0n;
      i64[(at.sp >> 3) + row] = 0n;
      f64[(at.time >> 3) + row] = rest.readUInt32LE(from + 8) + 2 ** 32 * rest.readUInt32LE(from + 12);
      f64[(at.line >> 3) + row] = 0;
      u32[(at.text >> 2) + row] = 0;
      if (cpu >= batch.cpuCount) batch.cpuCount = cpu + 1;
    }
    this.rest = rest.subarray(count * HIT_BYTES);
    this.ledger.events += count;
    this.ledger.eventBytes += count * HIT_BYTES;
    batch.count = count;
    return count;
  }

  private putNumber(i32: Int32Array, at: number): void {
    i32[at] = this.seq | 0;
    i32[at + 1] = Math.floor(this.seq / 2 ** 32);
    this.seq++;
  }
}

/** The reading end of a FIFO, which somebody holds open for writing. */
export function openPipe(path: string): ChunkReader {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  return new SocketChunks(new Socket({ fd, readable: true, writable: false }));
}

/** The sites' addresses as the plugin reads them. */
export function sitesFile(addresses: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(addresses).buffer);
}
