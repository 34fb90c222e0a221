/** Whole sessions in this process: request in, output, messages and status out. Helper threads are played by the event loop. */
import { readFileSync } from 'node:fs';
import { renderDiagnostics } from '../../src/diag/render.ts';
import { createOptions } from '../../src/dif/options.ts';
import { serveChunks } from '../../src/session/parallel/chunk-thread.ts';
import type { FromThread, HelperThread, ThreadSetup, ToThread } from '../../src/session/parallel/thread.ts';
import type { SessionIo, SessionRequest } from '../../src/session/request.ts';
import { runSession } from '../../src/session.ts';

export interface SessionOptions {
  readonly program: string;
  readonly traces?: readonly string[];
  readonly symbols?: readonly string[];
  /** As -x takes them. */
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly verbose?: boolean;
  readonly startThread?: ((setup: ThreadSetup) => HelperThread) | undefined;
  /** Called once the session runs. */
  readonly whileRunning?: (handle: ReturnType<typeof runSession>) => void;
}

export interface SessionOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export async function runHere(given: SessionOptions): Promise<SessionOutcome> {
  const stdout: Buffer[] = [];
  let stderr = '';
  const options = createOptions();
  for (const text of given.options ?? []) {
    const [name, value] = text.split(/=(.*)/s);
    const refused = options.set(name!, value, 'command');
    if (refused !== undefined) throw new Error(`${text}: ${refused}`);
  }
  const request: SessionRequest = {
    mode: 'run',
    programs: [{ kind: 'name', name: given.program, text: given.program }],
    macroArguments: [],
    programName: 'trapline',
    options,
    traces: given.traces ?? [],
    follow: false,
    commands: [],
    guest: undefined,
    attach: undefined,
    symbols: given.symbols ?? [],
    plugin: false,
    disassemble: false,
    verbose: given.verbose ?? false,
  };
  const io = ioHere(given, {
    out: (bytes) => void stdout.push(Buffer.from(bytes)),
    err: (text) => {
      stderr += text;
    },
  });
  const handle = runSession(request, io);
  given.whileRunning?.(handle);
  const { exitStatus, diagnostics } = await handle.done;
  stderr += renderDiagnostics(diagnostics, {
    prefix: 'trapline: ',
    errtags: false,
    color: false,
    program: undefined,
  });
  return { stdout: Buffer.concat(stdout).toString('latin1'), stderr, status: exitStatus };
}

/** A session's world without files to write and programs to run. */
export function ioHere(
  { environment, startThread }: Pick<SessionOptions, 'environment' | 'startThread'>,
  { out, err }: { readonly out: (bytes: Uint8Array) => void; readonly err: (text: string) => void },
): SessionIo {
  return {
    out: { write: out },
    err,
    progress: undefined,
    runShell: () => {},
    openAppend: () => 'no files here',
    readFile: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    listDirectory: () => [],
    runFilter: () => 'no programs here',
    prepareCommand: () => 'no programs here',
    nowNs: () => 0n,
    monotonicNs: () => performance.now() * 1e6,
    stdinFd: -1,
    environment: environment ?? {},
    programFile: '',
    cores: () => 2,
    ...(startThread && { startThread }),
    pid: 4711,
  };
}

/** A thread that is none: it takes its turn in the event loop, and everything said is copied as between threads. */
export function playedThread(setup: ThreadSetup): HelperThread {
  let heard: (message: ToThread) => void = () => {};
  let take: (message: FromThread) => void = () => {};
  let isOver = false;
  const { claims, ...rest } = setup;
  const copied = { ...structuredClone(rest), claims };
  const later = (step: () => void): void => void setImmediate(() => !isOver && step());
  later(() =>
    serveChunks(
      {
        post: (message) => later(() => take(structuredClone(message))),
        listen: (listener) => {
          heard = listener;
        },
      },
      copied,
    ),
  );
  return {
    post: (message) => later(() => heard(structuredClone(message))),
    listen: (listener) => {
      take = listener;
    },
    stop: () => {
      isOver = true;
    },
  };
}
