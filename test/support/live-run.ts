/**
 * The built command line around a live guest, and what it leaves behind: every process that descends from the run, told
 * by a mark in its environment, and every file in the folder that stands for /tmp.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUN_MS, TOP } from './cli.ts';
import { pause } from './waiting.ts';

export interface LiveRun {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void; // trapline itself
  /** Keys for its standard input. */
  readonly type: (keys: string) => void;
  /** Resident memory of trapline now. */
  readonly residentMiB: () => number;
  /** Kills the process of that name. */
  readonly killOther: (name: string, signal: NodeJS.Signals) => void;
  /** Waits until it holds, or the run has ended. */
  readonly until: (holds: () => boolean) => Promise<void>;
}

export interface LiveEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Processes and files that were still there some time after the end; the test expects none. */
  readonly left: readonly string[];
}

export interface LiveRunOptions {
  /** What to do while it runs. */
  readonly act?: (run: LiveRun) => Promise<void>;
  /** Another program to run instead: its words, of which `trapline` stands for ours. */
  readonly command?: readonly string[];
  /** Close our end of its standard output at the first byte. */
  readonly leaves?: boolean;
}

const CLI = [process.execPath, `${TOP}/dist/trapline.js`];
/** A watchdog gives QEMU two seconds to end by itself, and may be late on a busy machine. */
const LEFT_MS = 30_000;
const POLL_MS = 10;
/** Linux keeps so much of a process's name. */
const COMM_LENGTH = 15;

export async function liveRun(args: readonly string[], options: LiveRunOptions = {}): Promise<LiveEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'tl-'));
  const mark = `TRAPLINE_RUN=${randomUUID()}`;
  const words = (options.command ?? ['trapline']).flatMap((word) =>
    word === 'trapline' ? [...CLI, ...args] : [word],
  );
  const env = { PATH: process.env['PATH'], NO_COLOR: '1', TMPDIR: folder, TRAPLINE_RUN: mark.split('=')[1] };
  const child = spawn(words[0]!, words.slice(1), { cwd: TOP, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {}); // a run that is over takes no keys
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
    if (options.leaves) child.stdout.destroy();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  let isOver = false;
  const ended = new Promise<Pick<LiveEnd, 'status' | 'signal'>>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      isOver = true;
      resolve({ status, signal });
    });
  });
  const isRead = new Promise((resolve) => child.on('close', resolve)); // what is left of it may write on
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS);
  const run: LiveRun = {
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    type: (keys) => child.stdin.write(keys),
    residentMiB: () => residentMiB(child.pid ?? 0),
    killOther: (name, signal) => {
      const pid = marked(mark).find((other) => nameOf(other) === name.slice(0, COMM_LENGTH));
      if (pid === undefined) throw new Error(`no ${name} runs`);
      process.kill(pid, signal);
    },
    until: async (holds) => {
      while (!holds() && !isOver) await pause(POLL_MS);
    },
  };
  try {
    await options.act?.(run);
    const end = await ended;
    const left = await leftOvers(mark, folder);
    killMarked(mark);
    await isRead;
    return { ...end, stdout, stderr, left };
  } finally {
    clearTimeout(timer);
    killMarked(mark);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function leftOvers(mark: string, folder: string): Promise<string[]> {
  const now = (): string[] => [
    ...marked(mark).map((pid) => `process ${nameOf(pid)}`),
    ...readdirSync(folder),
  ];
  const until = performance.now() + LEFT_MS;
  while (now().length > 0 && performance.now() < until) await pause(POLL_MS);
  return now();
}

/** Living processes with the mark. One that has ended and waits for its parent has no environment any more. */
function marked(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => read(`/proc/${pid}/environ`).includes(mark)).map(Number);
}

function killMarked(mark: string): void {
  for (const pid of marked(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

const nameOf = (pid: number): string => read(`/proc/${pid}/comm`).trim();

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
