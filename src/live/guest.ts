/**
 * A guest that trapline starts: the QEMU process, the folder with its FIFO and sockets, and their end.
 *
 * Life: `prepare` makes the folder and a process that waits at a gate, so that its pid ($target) is known before the D
 * program is compiled; `start` turns it into QEMU with the channels of the plan; `go` lets the guest's CPUs run;
 * `close` ends whatever is left. A guest ends with its tracer and leaves no process, FIFO or socket behind: a watchdog, a
 * shell in a session of its own, waits at the other end of a pipe, and does what is left when the tracer dies without a word.
 *
 * The log comes through a FIFO, which we hold open for writing as well: so neither QEMU's open nor ours waits, and
 * the reader meets the end of the log only when QEMU is gone and we let go.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemReason } from '../base/system-reason.ts';
import { QmpClient } from '../qmp/client.ts';
import { isListening } from './listening.ts';

export interface GuestEnd {
  readonly status: number | null;
  readonly signal: string | null;
}

export interface GuestSetup {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the guest's console reads the terminal. */
  readonly usesStdin: boolean;
  /** Where it runs, when not where we do. */
  readonly folder?: string;
  /** Its standard output is not shown: the guest of a replayed execution says what it said. */
  readonly isQuiet?: boolean;
}

/** When the host's monotonic time, as the session counts it, began. */
const ORIGIN_NS = BigInt(Math.round(performance.timeOrigin * 1e6));
/** How long QEMU gets to end by itself (it puts the terminal right) before it is killed. */
const GRACE_MS = 2000;
/** How long QEMU may take to listen, which it does before it loads its kernel: on a host with much else to do, long. */
const START_MS = 60_000;
const POLL_MS = 10;
/** How long QEMU may take to answer `quit` before it gets a signal. */
const QUIT_MS = 3000;
const GATE = 3;
/** $1 the guest's pid, $2 its folder. The pipe of its standard input ends when the tracer does, whatever ended it. */
const WATCH = `read -r _
kill -TERM "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || break; sleep 0.2; done
kill -KILL "$1" 2>/dev/null
rm -rf "$2"`;

export class LiveGuest {
  readonly pid: number;
  readonly logPath: string;
  readonly gdbPath: string;
  readonly qmpPath: string;
  readonly ended: Promise<GuestEnd>;
  /** Set once QEMU has exited. */
  end: GuestEnd | undefined;
  private readonly dir: string;
  private readonly child: ChildProcess;
  private readonly watchdog: ChildProcess;
  private readonly terminalMode: string; // before QEMU changes it; empty when it has no terminal
  private hold = -1; // our own end of the FIFO
  private isRead = false; // somebody has opened the log
  private isClosed = false;

  /** The waiting process, or why there is none. */
  static prepare(setup: GuestSetup): LiveGuest | string {
    const guest = new LiveGuest(path.join(os.tmpdir(), `trapline-${randomBytes(6).toString('hex')}`), setup);
    try {
      fs.mkdirSync(guest.dir, { mode: 0o700 }); // the watchdog is there already: it is never left behind
      return guest;
    } catch (error) {
      guest.destroy();
      return `no folder could be made in ${os.tmpdir()}: ${systemReason(error)}`;
    }
  }

  private constructor(dir: string, { env, usesStdin, folder, isQuiet }: GuestSetup) {
    this.dir = dir;
    this.terminalMode = usesStdin ? terminal('-g') : '';
    this.logPath = path.join(dir, 'log');
    this.gdbPath = path.join(dir, 'gdb');
    this.qmpPath = path.join(dir, 'qmp');
    const wait = `read -r _ <&${GATE} && . "$1"`;
    this.child = spawn('/bin/sh', ['-c', wait, 'sh', path.join(dir, 'start')], {
      stdio: [usesStdin ? 'inherit' : 'ignore', isQuiet ? 'ignore' : 'inherit', 'inherit', 'pipe'],
      env,
      ...(folder !== undefined && { cwd: folder }),
    });
    this.pid = this.child.pid ?? 0;
    this.gate?.on('error', () => {}); // a process that is gone does not want its line
    this.watchdog = spawn('/bin/sh', ['-c', WATCH, 'sh', String(this.pid), dir], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true, // Ctrl-C and the end of the terminal are not for it
    });
    this.watchdog.on('error', () => {});
    this.watchdog.unref();
    this.ended = new Promise((resolve) => {
      const finish = (status: number | null, signal: string | null): void => {
        this.end ??= { status, signal };
        if (this.isRead) this.releaseLog();
        resolve(this.end);
      };
      this.child.on('error', () => finish(null, null));
      this.child.on('exit', finish);
    });
  }

  private get gate(): (NodeJS.WritableStream & { end(text?: string): void }) | undefined {
    const gate = this.child.stdio[GATE];
    return gate && 'write' in gate ? gate : undefined;
  }

  /** Become QEMU with these words. Resolves when it listens on every one of `sockets`, or with a sentence. */
  async start(words: readonly string[], sockets: readonly string[]): Promise<string | undefined> {
    const made = spawnSync('mkfifo', ['-m', '600', this.logPath], { encoding: 'utf8' });
    if (made.status !== 0) return `no FIFO could be made: ${made.stderr?.trim() || made.error?.message}`;
    this.hold = fs.openSync(this.logPath, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    fs.writeFileSync(path.join(this.dir, 'start'), `exec ${command} ${GATE}<&-\n`);
    this.gate?.end('\n');
    const until = Date.now() + START_MS;
    while (!sockets.every(isListening)) {
      if (this.end) return `it ended at once, with ${endText(this.end)}`;
      if (Date.now() > until) return `it did not open its monitors within ${START_MS / 1000} s`;
      await sleep(POLL_MS);
    }
    return undefined;
  }

  /** The switch for a plugin whose hits come through the FIFO of the log. */
  forPlugin(plugin: string, sites: Uint8Array): { readonly more: string[]; readonly pipe: string } {
    const file = path.join(this.dir, 'sites');
    fs.writeFileSync(file, sites);
    const quoted = [plugin, `sites=${file}`, `out=${this.logPath}`, `origin=${ORIGIN_NS}`];
    const more = ['-plugin', quoted.map((text) => text.replaceAll(',', ',,')).join(',')];
    return { more, pipe: this.logPath };
  }

  /** Of a guest that was started stopped, and that no debugger holds: what lets it run, or why there is nothing. */
  async waiting(): Promise<(() => void) | string> {
    try {
      const monitor = await QmpClient.connect(this.qmpPath, { timeoutMs: START_MS });
      const go = async (): Promise<void> => {
        await monitor.execute('cont');
        await monitor.close();
      };
      // A guest that cannot be told to run would wait for ever.
      return () => void go().catch(() => this.destroy());
    } catch (error) {
      await Promise.race([this.ended, sleep(QUIT_MS)]);
      return this.end
        ? `it ended at once, with ${endText(this.end)}`
        : `its monitor does not answer: ${String(error)}`;
    }
  }

  /**
   * Open the log for reading; `open` does so before it first waits. Until then we hold the FIFO even when QEMU is gone: a
   * reader that comes to a FIFO without writers would wait for one.
   */
  readLog<T>(open: (path: string) => T): T {
    const opened = open(this.logPath);
    this.isRead = true;
    if (this.end) this.releaseLog();
    return opened;
  }

  /** QEMU is gone, so what is in the FIFO is the rest of the log; or it is to end, which it does for nobody while it waits for a reader. */
  releaseLog(): void {
    if (this.hold >= 0) fs.closeSync(this.hold);
    this.hold = -1;
  }

  /** End QEMU if it runs, and remove everything. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.releaseLog();
    if (!this.end) {
      await this.quit();
      if (!this.end) this.child.kill('SIGTERM');
      const killer = setTimeout(() => this.child.kill('SIGKILL'), GRACE_MS);
      await this.ended;
      clearTimeout(killer);
    }
    this.remove();
  }

  /** Ask QEMU to end, if it answers by now: of a signal it would complain on standard error. */
  private async quit(): Promise<void> {
    if (!isListening(this.qmpPath)) return;
    try {
      const monitor = await QmpClient.connect(this.qmpPath, { timeoutMs: QUIT_MS });
      await monitor.execute('quit').catch(() => {}); // it may be gone before it answers
      await Promise.race([this.ended, sleep(QUIT_MS)]);
      await monitor.close();
    } catch {
      // Signals are the answer to a monitor that has none.
    }
  }

  /** The last resort, when the tracer itself ends now. */
  destroy(): void {
    if (!this.end) this.child.kill('SIGKILL');
    this.remove();
  }

  private remove(): void {
    this.releaseLog();
    this.watchdog.kill('SIGKILL');
    const wasKilled = !this.end || this.end.signal !== null;
    if (wasKilled && this.terminalMode !== '') terminal(this.terminalMode); // else QEMU has put it right
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Ask or set the mode of the terminal on standard input; empty without one. A background job that sets it would be stopped. */
function terminal(mode: string): string {
  const options = { encoding: 'utf8', timeout: QUIT_MS, killSignal: 'SIGKILL' } as const;
  const { status, stdout } = spawnSync('stty', [mode], { stdio: ['inherit', 'pipe', 'ignore'], ...options });
  return status === 0 ? stdout.trim() : '';
}

/** Why a program cannot be run: no file of that name, in its folder or on the path, is executable. */
export function whyNotRunnable(program: string, env: GuestSetup['env']): string | undefined {
  const folders = program.includes('/')
    ? ['']
    : (env['PATH'] ?? '').split(':').map((dir) => `${dir || '.'}/`);
  const paths = folders.map((folder) => folder + program);
  if (paths.some(isExecutable)) return undefined;
  return paths.some((file) => fs.existsSync(file)) ? 'Permission denied' : 'No such file or directory';
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

export function endText({ status, signal }: GuestEnd): string {
  return signal === null ? `status ${status ?? '?'}` : `signal ${signal}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
