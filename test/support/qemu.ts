/**
 * Real QEMUs for live tests: found, started in a folder of their own, and gone at the end whatever happened.
 *
 * A test file says `describeLive('gdb', () => { … })`. Without QEMU its tests are skipped aloud; with CI set they fail,
 * for a pipeline that tests nothing must not be green.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';
import { isListening } from '../../src/live/listening.ts';

export const QEMU = 'qemu-system-x86_64';

/** The path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `describe` when `program` is there; else a suite that is skipped with its reason, or that fails under CI. */
export function describeLive(name: string, body: () => void, program: string = QEMU): void {
  if (findProgram(program) !== undefined) {
    describe(name, body);
    return;
  }
  const reason = `${program} is not on PATH (Debian: apt-get install qemu-system-x86)`;
  if (process.env['CI']) {
    test(`${name}: needs ${program}`, () => {
      throw new Error(`${reason}, and CI is set`);
    });
    return;
  }
  console.warn(`SKIPPED: ${name}: ${reason}`);
  describe.skip(`${name} [${reason}]`, body);
}

export interface Guest {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly dir: string; // for files of the test; removed by stop()
  readonly gdb: string; // the path of the gdb socket
  readonly qmp: string;
  /** What QEMU wrote on stderr so far. */
  readonly stderr: () => string;
  readonly exited: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Kills QEMU and removes the folder. May be called again. */
  readonly stop: () => Promise<void>;
}

export interface GuestOptions {
  readonly program?: string;
  readonly startMs?: number; // how long the sockets may take to appear; 0 does not wait for them
}

const running = new Set<ChildProcess>();
// The last resort, when a test run ends without its clean-up.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `args` may depend on the folder; `-display none` and both sockets are added. Resolves when both can be connected to. */
export async function startQemu(
  args: (dir: string) => readonly string[],
  options: GuestOptions = {},
): Promise<Guest> {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-qemu-'));
  const gdb = join(dir, 'gdb');
  const qmp = join(dir, 'qmp');
  const sockets = ['-gdb', `unix:${gdb},server=on,wait=off`, '-qmp', `unix:${qmp},server=on,wait=off`];
  const all = ['-display', 'none', '-nodefaults', '-no-user-config', ...sockets, ...args(dir)];
  const child = spawn(options.program ?? QEMU, all, { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited: Guest['exited'] = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      running.delete(child);
      resolve({ status, signal });
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  const startMs = options.startMs ?? 60_000;
  const ready = startMs === 0 ? Promise.resolve() : appear([gdb, qmp], child, startMs);
  await ready.catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}: ${stderr}`);
  });
  return { pid: child.pid!, child, dir, gdb, qmp, stderr: () => stderr, exited, stop };
}

async function appear(paths: readonly string[], child: ChildProcess, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!paths.every(isListening)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('QEMU ended at once');
    if (performance.now() > deadline) throw new Error(`QEMU made no sockets within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
