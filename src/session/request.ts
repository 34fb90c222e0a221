/** What a session is asked to do, the world it runs in, and the handle its caller holds. */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { MacroVariableName } from '../dif/macro-variables.ts';
import type { Options } from '../dif/options.ts';
import type { StartThread } from './parallel/thread.ts';

/** One -s, -n, -P, -m, -f or -i, in command-line order. */
export interface ProgramText {
  readonly kind: 'script' | 'provider' | 'module' | 'function' | 'name' | 'id';
  readonly name: string; // path of a script; the whole argument otherwise
  readonly text: string;
}

export interface SessionRequest {
  readonly mode: 'run' | 'list' | 'sites' | 'compile'; // -l, the subcommand probes, -e
  readonly programs: readonly ProgramText[];
  readonly macroArguments: readonly string[]; // $1 …
  readonly programName: string; // $0 for command-line programs
  readonly options: Options;
  readonly traces: readonly string[]; // -t; '-' is standard input
  readonly follow: boolean; // the trace is being written
  /** The trace's clock is wanted even if the trace has no times, where it stands still. */
  readonly mayStandStill?: boolean;
  readonly commands: readonly (readonly string[])[]; // -c, those that start no guest, as words; tracing ends with the last
  readonly guest: GuestCommand | undefined; // -c with a qemu-system-…
  readonly attach: AttachTo | undefined; // --attach, -p
  readonly processes?: readonly TracedCommand[]; // -p, those that are no guests
  readonly machine?: string | undefined; // --machine: the path of an image
  readonly symbols: readonly string[]; // --symbols FILE[@BASE]
  readonly plugin: boolean; // code probes through the TCG plugin alone
  readonly disassemble: boolean; // -S
  readonly verbose: boolean; // -v
}

/** A guest that runs already: where its gdb stub is, or its QEMU; and its QMP monitor, if that is to be used. */
export interface AttachTo {
  readonly place:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'pid'; readonly pid: number };
  readonly qmp: string | undefined;
}

/** The command of -c that starts a guest, quoted as in a shell, and the environment to run it in. */
export interface GuestCommand {
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where data goes. */
export interface OutputSink {
  write(bytes: Uint8Array): void;
  /** Empties it, if it is a regular file. */
  truncate?(): void;
  readonly fd?: number; // for commands that write to the same place
}

export interface FilterResult {
  readonly status: number | null; // null: a signal ended it
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command of -c ended: by exit(status), or by a signal; neither when it could not be started. */
export interface CommandEnd {
  readonly status: number | null;
  readonly signal: string | null; // SIGKILL
}

/** A command of -c. It is a process from the first, and runs from `go` on. */
export interface TracedCommand {
  readonly pid: number;
  go(): void;
  kill(): void;
  readonly ended: Promise<CommandEnd>;
}

/** -x setenv=NAME=VALUE and unsetenv=NAME; what is set wins over what is unset. */
export interface EnvironmentChanges {
  readonly set: readonly string[];
  readonly unset: readonly string[];
}

/** The world, handed in: no room below `cli` touches `process`. */
export interface SessionIo {
  /** Data. Blocks until written; throws OutputClosed when the reader is gone. */
  readonly out: OutputSink;
  /** Standard output, where a guest of ours prints, whatever -o says; absent: `out`. */
  readonly console?: OutputSink;
  /** Whole message lines, already prefixed and newline-terminated. */
  readonly err: (text: string) => void;
  readonly progress:
    | ((doneBytes: number, totalBytes: number | undefined, events: number) => void)
    | undefined;
  /** Runs a shell command for system() and waits for it; its output goes where ours does, or to `reopened`. */
  readonly runShell: (command: string, reopened?: OutputSink) => void;
  /** The file, or why it cannot be opened. */
  readonly openAppend: (path: string) => OutputSink | string;
  /** The text of a file; undefined when it cannot be read. */
  readonly readFile: (path: string) => string | undefined;
  /** Names of the files in a directory, or why it cannot be read. */
  readonly listDirectory: (path: string) => readonly string[] | string;
  /** Runs a program on an input; a text says why it did not start, in the words of d-language.md 10.4. */
  readonly runFilter: (command: string, args: readonly string[], input: string) => FilterResult | string;
  /** Makes the process of -c, which waits to be let go; a text says why it cannot run. */
  readonly prepareCommand: (words: readonly string[], changes: EnvironmentChanges) => TracedCommand | string;
  readonly nowNs: () => bigint; // wall clock since 1970
  readonly monotonicNs: () => number; // since some fixed moment of this host
  /** Whether `out` is a terminal that knows UTF-8; absent is no. */
  readonly showsUtf8?: () => boolean;
  readonly stdinFd: number;
  /** For programs that are run; absent is empty. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The file that this program runs from; threads of its own run it too. */
  readonly programFile: string;
  /** Processors; absent is one. */
  readonly cores?: () => number;
  /** Starts a thread that traces pieces of a log; absent where there are no threads. */
  readonly startThread?: StartThread;
  readonly pid: number;
  /** Ids of the processes that this one descends from. */
  readonly ancestors?: () => readonly number[];
  /** Values of the other macro variables that the host tells. */
  readonly ids?: Readonly<Partial<Record<MacroVariableName, number>>>;
}

/** What the command line may do to a session that runs: signals, the `u` key and the control socket end up here. */
export interface SessionHandle {
  /** End in order: END fires, aggregations print. A second call stops at once, printing what is collected. */
  interrupt(): void;
  /** It was: what is printed is of a part only. */
  readonly isInterrupted?: boolean;
  setUnsafe(unsafe: boolean): void;
  readonly unsafe: boolean;
  /** The terminal's keys are for a guest's console. */
  readonly keysAreTaken?: boolean;
  /** One line for `trapline ctl PATH status`. */
  status(): string;
  /** The process ends now: no guest may outlive it. */
  abandon(): void;
  readonly done: Promise<SessionResult>;
}

export interface SessionResult {
  readonly exitStatus: number;
  readonly diagnostics: readonly Diagnostic[];
  /** The program that compile errors are about. */
  readonly program?: ProgramText | undefined;
}
