/**
 * Part of a plain file, read at its own pace: to where it ends, or to where its reader stops for a moment.
 *
 * Reads begin at a multiple of a page, as those of a whole file do; what lies in front of the piece is passed over.
 */
import fs from 'node:fs';
import type { LinearMemory } from '../../base/linear-memory.ts';
import { systemReason } from '../../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../../diag/diagnostics.ts';
import type { ByteInput } from '../byte-input.ts';
import type { Window } from '../window.ts';

const PAGE_BYTES = 4096;

export class PieceInput implements ByteInput {
  readonly totalBytes: number;
  damage: Diagnostic | undefined;
  private readonly name: string;
  private readonly fd: number;
  private position = 0;
  private limit = Number.POSITIVE_INFINITY;
  private goesOn = false;

  constructor(name: string, fd: number, sizeBytes: number) {
    this.name = name;
    this.fd = fd;
    this.totalBytes = sizeBytes;
  }

  /**
   * Puts the piece's first bytes into the window. `goesOn`: its end is no end, `extend` moves it. False when the file
   * has none of it.
   */
  begin(window: Window, from: number, limit: number, goesOn: boolean): boolean {
    this.position = Math.floor(from / PAGE_BYTES) * PAGE_BYTES;
    this.limit = limit;
    this.goesOn = goesOn;
    const skipped = from - this.position;
    window.attach(this);
    this.refill(window, window.start);
    window.start = Math.min(window.end, window.start + skipped);
    return window.loadedBytes > skipped;
  }

  /** Reads on. The end of a piece that goes on is not the end of the log. */
  refill(window: Window, keepFrom: number): void {
    window.refill(keepFrom);
    if (this.isAtLimit) window.ended = false;
  }

  extend(limit: number): void {
    this.limit = limit;
  }

  /** All of it has been handed over, and more may follow. */
  get isAtLimit(): boolean {
    return this.goesOn && this.position === this.limit;
  }

  /** The scanner is not to wait for more than there is in front of a limit. */
  get live(): boolean {
    return this.isAtLimit;
  }

  /** Offset in the file of the next byte. */
  get doneBytes(): number {
    return this.position;
  }

  read(memory: LinearMemory, at: number, size: number): number {
    const wanted = Math.min(size, this.limit - this.position);
    if (this.damage !== undefined || wanted <= 0) return 0;
    try {
      const length = fs.readSync(this.fd, memory.u8, at, wanted, this.position);
      this.position += length;
      return length;
    } catch (error) {
      const reason = systemReason(error);
      this.damage = diagnostic('U_TRACE_READ', undefined, { path: this.name, offset: this.position, reason });
      return 0;
    }
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}
