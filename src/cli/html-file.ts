/**
 * Where a page is written: a file that appears whole or not at all, a device or pipe, or standard output.
 *
 * Whether it can be written is found out before the log is read. A regular file is written beside its place and then
 * renamed, so a full disk leaves the page of the last time as it was.
 */
import { closeSync, openSync, realpathSync, renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { systemReason } from '../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { fileWriter, OutputFailed } from './streams.ts';

export interface HtmlFile {
  write(text: string): void;
}

export function openHtmlFile(
  path: string,
  traces: readonly string[],
  print: (text: string) => void,
): HtmlFile | Diagnostic {
  if (path === '-') return { write: print };
  const fail = (reason: string, hint?: string) =>
    diagnostic('U_OUTPUT', undefined, { path, reason }, hint === undefined ? {} : { hint });
  const there = statOf(path);
  if (there?.isDirectory()) return fail('Is a directory', 'name a file in it');
  if (traces.some((trace) => isSame(there, statOf(trace))))
    return fail('it is the log itself, which would be lost', 'give the page a name of its own');
  if (there && !there.isFile()) return { write: (text) => writeAll(path, path, text) };
  const place = there ? realpathSync(path) : path;
  const draft = `${place}.${process.pid}.part`;
  try {
    closeSync(openSync(draft, 'wx'));
    rmSync(draft);
  } catch (error) {
    return fail(systemReason(error));
  }
  return {
    write(text) {
      try {
        writeAll(draft, path, text);
        renameSync(draft, place);
      } catch (error) {
        rmSync(draft, { force: true });
        throw error instanceof OutputFailed ? error : new OutputFailed(path, systemReason(error));
      }
    },
  };
}

function writeAll(place: string, name: string, text: string): void {
  let fd: number;
  try {
    fd = openSync(place, 'w');
  } catch (error) {
    throw new OutputFailed(name, systemReason(error));
  }
  try {
    fileWriter(fd, name).write(Buffer.from(text, 'utf8'));
  } finally {
    closeSync(fd);
  }
}

export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // why, opening it will tell
  }
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
