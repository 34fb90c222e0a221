/** The world as a session sees it, made of this process: streams, clocks, the shell. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { systemReason } from '../base/system-reason.ts';
import type { FilterResult, SessionIo } from '../session/request.ts';
import { startChunkThread } from './chunk-threads.ts';
import type { Progress } from './progress.ts';
import { readTextFile } from './scripts.ts';
import { type ByteWriter, fileWriter, openAppend } from './streams.ts';
import { isUtf8Terminal } from './terminal.ts';
import { prepareCommand } from './traced-command.ts';

const STDIN = 0;
const STDOUT = 1;

export function sessionIo(
  out: ByteWriter,
  err: (text: string) => void,
  progress: Progress | undefined,
): SessionIo {
  const erase = () => progress?.erase();
  const shown = (writer: ByteWriter): ByteWriter => (progress ? erasing(writer, erase) : writer);
  const own = shown(out);
  return {
    out: own,
    console: out.fd === STDOUT ? own : shown(fileWriter(STDOUT, 'standard output')),
    err: (text) => {
      erase();
      err(text);
    },
    progress: progress && ((done, total, events) => progress.report(done, total, events)),
    runShell: (command, reopened) => {
      erase();
      spawnSync('/bin/sh', ['-c', command], { stdio: ['ignore', reopened?.fd ?? 'inherit', 'inherit'] });
    },
    openAppend: (path) => {
      const file = openAppend(path);
      return typeof file === 'string' || !progress ? file : erasing(file, erase);
    },
    readFile: readTextFile,
    listDirectory,
    runFilter,
    prepareCommand,
    nowNs: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
    environment: process.env,
    monotonicNs: () => Math.round(performance.now() * 1e6),
    showsUtf8: () => isUtf8Terminal(out.fd, process.env),
    stdinFd: STDIN,
    programFile: process.argv[1] ?? '',
    cores: () => availableParallelism(),
    startThread: (setup) => startChunkThread(process.argv[1] ?? '', setup),
    pid: process.pid,
    ancestors: ancestorIds,
    ids: processIds(),
  };
}

function listDirectory(path: string): readonly string[] | string {
  try {
    return readdirSync(path);
  } catch (error) {
    return systemReason(error);
  }
}

/** A preprocessor's output is as long as its headers are; this is far more. */
const MAX_FILTER_BYTES = 64 * 2 ** 20;

function runFilter(command: string, args: readonly string[], input: string): FilterResult | string {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: MAX_FILTER_BYTES,
  });
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return 'Preprocessor not found';
  // A program that ends without reading its input has still run.
  if (error && code !== 'EPIPE') return 'Failed to exec preprocessor';
  return { status, stdout, stderr };
}

/** What $ppid, $uid … stand for. Group and session are known where there is a /proc, which is read when one is asked for. */
function processIds(): NonNullable<SessionIo['ids']> {
  const { ppid } = process;
  const [uid, euid] = [process.getuid?.() ?? 0, process.geteuid?.() ?? 0];
  const [gid, egid] = [process.getgid?.() ?? 0, process.getegid?.() ?? 0];
  return {
    ...{ ppid, uid, euid, gid, egid },
    get pgid() {
      return Number(processStatus('self')[2] ?? 0);
    },
    get sid() {
      return Number(processStatus('self')[3] ?? 0);
    },
  };
}

/** Parents of parents, as far as there is a /proc; the last one that it shows has no parent. */
function ancestorIds(): readonly number[] {
  const ids: number[] = [];
  for (let id = process.ppid; id > 0; id = Number(processStatus(id)[1] ?? 0)) ids.push(id);
  return ids;
}

/** State, ppid, pgrp, session … of a process: what follows the name in parentheses. Empty where there is no /proc. */
function processStatus(id: number | 'self'): readonly string[] {
  try {
    return readFileSync(`/proc/${id}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}

/** Data may go to the terminal that shows the progress line. */
function erasing(out: ByteWriter, erase: () => void): ByteWriter {
  return {
    ...out,
    write(bytes) {
      erase();
      out.write(bytes);
    },
  };
}
