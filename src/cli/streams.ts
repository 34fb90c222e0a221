/**
 * Output that is on its way when `write` returns: data to standard output or a file, messages to standard error.
 *
 * Writing blocks, so a slow reader slows tracing down and nothing piles up in memory, and whatever was written survives
 * process.exit. A reader that went away ends the run quietly (OutputClosed); a full disk ends it with one message
 * (OutputFailed). Both are thrown, because records are printed deep inside the session, and caught in main.ts.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { systemReason } from '../base/system-reason.ts';

/** Nobody reads our output any more; what is left to print is of no use to anyone. */
export class OutputClosed extends Error {}

/** Data could not be written: `reason` in the operating system's words. */
export class OutputFailed extends Error {
  readonly path: string;
  readonly reason: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}

export interface ByteWriter {
  write(bytes: Uint8Array): void;
  /** Empties a regular file, and goes on from its start; does nothing to anything else. */
  truncate(): void;
  readonly fd: number;
}

/** A stream that another process made non-blocking answers EAGAIN when it is not ready: ask again after this. */
const RETRY_MS = 2;

export function fileWriter(fd: number, name: string): ByteWriter {
  let position: number | null = null; // null: where the descriptor stands
  return {
    fd,
    write(bytes) {
      for (let offset = 0; offset < bytes.length; ) {
        const written = writeSome(fd, name, bytes, offset, position);
        offset += written;
        if (position !== null) position += written;
      }
    },
    truncate() {
      if (!fstatSync(fd).isFile()) return;
      try {
        ftruncateSync(fd);
        position = 0;
      } catch (error) {
        throw new OutputFailed(name, systemReason(error));
      }
    },
  };
}

function writeSome(
  fd: number,
  name: string,
  bytes: Uint8Array,
  offset: number,
  position: number | null,
): number {
  try {
    return writeSync(fd, bytes, offset, null, position);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return pause();
    if (code === 'EPIPE') throw new OutputClosed();
    throw new OutputFailed(name, systemReason(error));
  }
}

/** Wait a moment without giving up control. */
export function pause(): 0 {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  return 0;
}

/** Messages must not end the run: what standard error does not take is dropped. */
export function messageWriter(fd: number): (text: string) => void {
  const writer = fileWriter(fd, 'standard error');
  return (text) => {
    try {
      writer.write(Buffer.from(text, 'utf8'));
    } catch (error) {
      if (!(error instanceof OutputClosed || error instanceof OutputFailed)) throw error;
    }
  };
}

/** Open a file to append to, or say why that cannot be. */
export function openAppend(path: string): ByteWriter | string {
  try {
    const fd = openSync(path, 'a');
    if (!fstatSync(fd).isDirectory()) return fileWriter(fd, path);
    closeSync(fd);
    return 'Is a directory';
  } catch (error) {
    return systemReason(error);
  }
}
