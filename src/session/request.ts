/** What a session is asked to do, the world it runs in, and the handle its caller holds. */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Options } from '../dif/options.ts';

/** One -s, -n, -P, -m, -f or -i, in command-line order. */
export interface ProgramText {
  readonly kind: 'script' | 'provider' | 'module' | 'function' | 'name' | 'id';
  readonly name: string; // path of a script; the whole argument otherwise
  readonly text: string;
}

export interface SessionRequest {
  readonly mode: 'run' | 'list' | 'compile'; // -l, -e
  readonly programs: readonly ProgramText[];
  readonly macroArguments: readonly string[]; // $1 …
  readonly programName: string; // $0 for command-line programs
  readonly options: Options;
  readonly traces: readonly string[]; // -t; '-' is standard input
  readonly controlPath: string | undefined; // --control
  readonly disassemble: boolean; // -S
  readonly verbose: boolean; // -v
}

/** The world, handed in: no room below `cli` touches `process`. */
export interface SessionIo {
  /** Data. Blocks until written; throws OutputClosed when the reader is gone. */
  readonly out: { write(bytes: Uint8Array): void };
  /** Whole message lines, already prefixed and newline-terminated. */
  readonly err: (text: string) => void;
  readonly progress:
    | ((doneBytes: number, totalBytes: number | undefined, events: number) => void)
    | undefined;
  /** Runs a shell command for system(), its output where ours goes; waits for it. */
  readonly runShell: (command: string) => void;
  readonly openAppend: (path: string) => { write(bytes: Uint8Array): void } | string;
  readonly nowNs: () => bigint; // wall clock since 1970
  readonly monotonicNs: () => number; // since some fixed moment of this host
  readonly stdinFd: number;
  readonly pid: number;
}

/** What the command line may do to a session that runs: signals, the `u` key and the control socket end up here. */
export interface SessionHandle {
  /** End in order: END fires, aggregations print. A second call stops at once, printing what is collected. */
  interrupt(): void;
  setUnsafe(unsafe: boolean): void;
  readonly unsafe: boolean;
  /** One line for `trapline ctl PATH status`. */
  status(): string;
  readonly done: Promise<SessionResult>;
}

export interface SessionResult {
  readonly exitStatus: number;
  readonly diagnostics: readonly Diagnostic[];
  /** The program that compile errors are about. */
  readonly program?: ProgramText | undefined;
}
