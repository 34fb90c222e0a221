/** Program files → ProgramText. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemReason } from '../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { ProgramText } from '../session/request.ts';
import { isStandardInput } from './command-line.ts';
import { pause } from './streams.ts';

/** No program is this long; a log given to -s by mistake is. */
const MAX_SCRIPT_BYTES = 16 * 2 ** 20;
const CHUNK_BYTES = 64 * 2 ** 10;

/** Read a script whole. Bytes that are not UTF-8 read as U+FFFD. */
export function readScript(path: string, stdinFd: number): ProgramText | Diagnostic {
  try {
    const fd = isStandardInput(path) ? stdinFd : openSync(path, 'r');
    try {
      const bytes = readAll(fd);
      if (typeof bytes === 'string') return diagnostic('U_OPEN', undefined, { path, reason: bytes });
      return {
        kind: 'script',
        name: isStandardInput(path) ? '/dev/stdin' : path,
        text: new TextDecoder().decode(bytes),
      };
    } finally {
      if (fd !== stdinFd) closeSync(fd);
    }
  } catch (error) {
    return diagnostic('U_OPEN', undefined, { path, reason: systemReason(error) });
  }
}

/** The text of a plain file, or undefined when there is none that could be read. */
export function readTextFile(path: string): string | undefined {
  if (!existsSync(path)) return undefined; // most often; Node takes a millisecond to make an error that says so
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = readAll(fd);
      return typeof bytes === 'string' ? undefined : new TextDecoder().decode(bytes);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function readAll(fd: number): Uint8Array | string {
  if (fstatSync(fd).isDirectory()) return 'Is a directory';
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSome(fd, chunk);
    if (count === 0) return Buffer.concat(chunks);
    sizeBytes += count;
    if (sizeBytes > MAX_SCRIPT_BYTES) return `It is larger than a program may be (${MAX_SCRIPT_BYTES} bytes)`;
    chunks.push(chunk.subarray(0, count));
  }
}

/** A terminal or pipe that another process made non-blocking answers EAGAIN when it has nothing yet. */
function readSome(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk, 0, chunk.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      pause();
    }
  }
}
