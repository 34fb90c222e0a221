/** The world as a session sees it, made of this process: streams, clocks, the shell. */
import { spawnSync } from 'node:child_process';
import type { SessionIo } from '../session/request.ts';
import type { Progress } from './progress.ts';
import { type ByteWriter, openAppend } from './streams.ts';

const STDIN = 0;

export function sessionIo(
  out: ByteWriter,
  err: (text: string) => void,
  progress: Progress | undefined,
): SessionIo {
  const erase = () => progress?.erase();
  return {
    out: progress ? erasing(out, erase) : out,
    err: (text) => {
      erase();
      err(text);
    },
    progress: progress && ((done, total, events) => progress.report(done, total, events)),
    runShell: (command) => {
      erase();
      spawnSync('/bin/sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] });
    },
    openAppend: (path) => {
      const file = openAppend(path);
      return typeof file === 'string' || !progress ? file : erasing(file, erase);
    },
    nowNs: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
    monotonicNs: () => Math.round(performance.now() * 1e6),
    stdinFd: STDIN,
    pid: process.pid,
  };
}

/** Data may go to the terminal that shows the progress line. */
function erasing(out: ByteWriter, erase: () => void): ByteWriter {
  return {
    write(bytes) {
      erase();
      out.write(bytes);
    },
  };
}
