/** Runs the built command line as a user would, from the top of the tree. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const TOP = fileURLToPath(new URL('../..', import.meta.url));
const CLI = `${TOP}/dist/trapline.js`;
/** What runs so long hangs; less than a test may take (vitest.config.ts), so that it can tell what was printed. */
export const RUN_MS = 150_000;

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Called with the child once it runs; for signals. */
  readonly whileRunning?: (child: ReturnType<typeof spawn>) => void;
}

/** Status, stdout and stderr of one run. A run that hangs is killed and shows SIGKILL. */
export function trapline(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  if (!existsSync(CLI)) throw new Error('dist/trapline.js is missing: npm run build');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: TOP,
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', NO_COLOR: '1', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? RUN_MS);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {}); // a run that ends early need not read all of its input
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({
        stdout: Buffer.concat(stdout).toString('latin1'),
        stderr: Buffer.concat(stderr).toString('utf8'),
        status,
        signal,
      });
    });
    child.stdin.end(options.stdin ?? '');
    options.whileRunning?.(child);
  });
}
