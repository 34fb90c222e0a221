/**
 * Traces that come from a pipe, for programs that look at a trace before they read it: whose log it is must be known
 * beforehand, and a pipe can be read only once. Such a trace is kept in a file for as long as it is read.
 */
import {
  constants,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemReason } from '../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { SessionHandle } from '../session/request.ts';
import { statOf } from './html-file.ts';
import { ENDING } from './signals.ts';
import type { Subcommand } from './subcommand.ts';

/**
 * Runs `body` with files to read: the traces themselves, and copies of what pipes had, which a signal removes, too: somebody
 * listens to signals before the folder is there, and without a gap until it is gone.
 */
export async function withFiles(
  traces: readonly string[],
  cli: Subcommand,
  body: (files: readonly string[], cli: Subcommand) => Promise<number>,
): Promise<number> {
  if (traces.every(mayBeReadAgain)) return body(traces, cli);
  listen();
  const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const files = await copies(traces, folder);
    if (!('tag' in files)) return await body(files, { ...cli, begun: (handle) => begun(handle, cli) });
    cli.report([files]);
    return 1;
  } finally {
    remove();
    process.removeListener('exit', remove);
    listenNoMore();
  }
}

/** A session ends in order by itself. Before it, while a pipe is read, and behind it, signals end us. */
function begun(handle: SessionHandle, cli: Subcommand): () => void {
  const ended = cli.begun(handle);
  listenNoMore();
  return () => {
    listen();
    ended();
  };
}

function listen(): void {
  for (const signal of ENDING) process.on(signal, end);
}

function listenNoMore(): void {
  for (const signal of ENDING) process.removeListener(signal, end);
}

function end(_: string, number: number): void {
  process.exit(128 + number);
}

/** How messages name a trace. */
export function nameOf(trace: string): string {
  return trace === '-' ? 'standard input' : trace;
}

/** What is not there is for the session to tell. */
function mayBeReadAgain(path: string): boolean {
  const stat = path === '-' ? undefined : statOf(path);
  return path !== '-' && (stat === undefined || stat.isFile() || stat.isDirectory());
}

async function copies(traces: readonly string[], folder: string): Promise<readonly string[] | Diagnostic> {
  const found: string[] = [];
  for (const [index, trace] of traces.entries()) {
    if (mayBeReadAgain(trace)) {
      found.push(trace);
      continue;
    }
    const path = join(folder, `${index}-standard-input`); // none is the beginning of another
    try {
      await pipeline(streamOf(trace), createWriteStream(path));
    } catch (error) {
      return diagnostic('U_TRACE_OPEN', undefined, { path: nameOf(trace), reason: systemReason(error) });
    }
    if (statSync(path).size === 0) return diagnostic('U_TRACE_EMPTY', undefined, { path: nameOf(trace) });
    found.push(path);
  }
  return found;
}

/** A FIFO may be silent, or have no writer yet: the event loop waits, since a thread that does keeps us from ending. */
function streamOf(trace: string): Readable {
  if (trace === '-' || trace === '/dev/stdin') return process.stdin; // which cannot be opened when it is a socket
  if (!statSync(trace).isFIFO()) return createReadStream(trace);
  const fd = openSync(trace, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
