/**
 * `--follow`: a regular file that somebody is still writing. What is there is read at once; then the file is looked at
 * every POLL_MS until it has grown. There is no end to wait for, so reading goes on until the file is closed, or until
 * it is no longer the one that was opened: cut shorter, removed, or replaced by another of its name. Those are damage,
 * because nobody can say whether anything was missed.
 */
import fs from 'node:fs';
import type { LinearMemory } from '../base/linear-memory.ts';
import { systemReason } from '../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { ByteInput } from './byte-input.ts';

/** Soon enough for whoever watches; a look costs some microseconds. */
const POLL_MS = 50;

export class GrowingFile implements ByteInput {
  readonly live = true;
  readonly totalBytes = undefined;
  doneBytes = 0;
  damage: Diagnostic | undefined;
  private readonly path: string;
  private readonly fd: number;
  private readonly inode: number;
  private timer: NodeJS.Timeout | undefined;
  private wake: () => void = () => {};
  private isClosed = false;

  constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
    this.inode = fs.fstatSync(fd).ino;
  }

  /** Always a promise: what the file has now is handed over without waiting for the rest of the window. */
  async read(memory: LinearMemory, at: number, size: number): Promise<number> {
    try {
      while (!this.isClosed && this.damage === undefined) {
        const length = fs.readSync(this.fd, memory.u8, at, size, this.doneBytes);
        this.doneBytes += length;
        if (length > 0) return length;
        this.damage = this.change();
        if (this.damage === undefined) await this.pause();
      }
    } catch (error) {
      const reason = systemReason(error);
      this.damage = diagnostic('U_TRACE_READ', undefined, {
        path: this.path,
        offset: this.doneBytes,
        reason,
      });
    }
    return 0;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.timer);
    this.wake();
    fs.closeSync(this.fd);
  }

  /** What became of the file; looked for only when all of it has been read. */
  private change(): Diagnostic | undefined {
    const name = fs.statSync(this.path, { throwIfNoEntry: false });
    const what =
      fs.fstatSync(this.fd).size < this.doneBytes
        ? 'was cut shorter'
        : name === undefined
          ? 'was removed'
          : name.ino !== this.inode
            ? 'was replaced by another file'
            : undefined;
    return what && diagnostic('U_TRACE_CHANGED', undefined, { path: this.path, what });
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.timer = setTimeout(resolve, POLL_MS);
    });
  }
}
