/**
 * The command line: argv, streams, signals and exit statuses around one session.
 *
 * In: argv and the process. Out: the exit status. Everything a user can do wrong comes back as a diagnostic and is
 * printed here in one message; what nobody foresaw is a bug of ours and is printed as one, never as a stack trace.
 *
 *   0 done · 1 failed · 2 wrong usage · 3 -x strict and something was lost · 70 a bug in trapline · else the script's exit(n)
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { type RenderOptions, renderDiagnostics } from '../diag/render.ts';
import type { ProgramText } from '../session/request.ts';
import { runSession } from '../session.ts';
import { reportBug, STATUS_BUG } from './bug-report.ts';
import {
  type CommandLine,
  isStandardInput,
  parseArgv,
  STATUS_FAILURE,
  STATUS_USAGE,
} from './command-line.ts';
import { createProgress } from './progress.ts';
import { readScript } from './scripts.ts';
import { sessionIo } from './session-io.ts';
import { abandonAtExit, listenToKeys, routeSignals } from './signals.ts';
import {
  type ByteWriter,
  fileWriter,
  messageWriter,
  OutputClosed,
  OutputFailed,
  openAppend,
} from './streams.ts';
import type { Subcommand } from './subcommand.ts';
import { isTerminal } from './terminal.ts';
import { changedEnvironment } from './traced-command.ts';
import { VERSION_LINE } from './version.ts';
import { watchProcess } from './watched-process.ts';

/** As a process ends that SIGPIPE kills: 128 + 13. */
const STATUS_OUTPUT_CLOSED = 141;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

export async function main(argv: readonly string[]): Promise<number> {
  const err = messageWriter(STDERR);
  try {
    return await dispatch(argv, err);
  } catch (error) {
    return failed(error, err);
  }
}

async function dispatch(argv: readonly string[], err: (text: string) => void): Promise<number> {
  const parsed = parseArgv(argv, process.env);
  switch (parsed.kind) {
    case 'usage': {
      const { USAGE } = await import('./help.ts');
      err(USAGE);
      return STATUS_USAGE;
    }
    case 'help':
      return help(parsed.topics, err);
    case 'ctl':
      return ctl(parsed.path, parsed.request, err);
    case 'record': {
      const { record } = await import('./record.ts');
      return record(parsed.request, err, (list) =>
        err(renderDiagnostics(list, renderOptions(undefined, undefined))),
      );
    }
    case 'report': {
      const { report } = await import('./report.ts');
      return report(parsed.request, subcommand(err));
    }
    case 'explain': {
      const { explain } = await import('./explain.ts');
      return explain(parsed.request, subcommand(err));
    }
    case 'error':
      err(renderDiagnostics([parsed.diagnostic], renderOptions(undefined, undefined)));
      return parsed.status;
    case 'trace':
      return trace(parsed.line, err);
  }
}

/** The world of a subcommand that runs sessions of its own. */
function subcommand(err: (text: string) => void): Subcommand {
  return {
    print,
    io: sessionIo(fileWriter(STDOUT, 'standard output'), err, undefined),
    report: (list) => err(renderDiagnostics(list, renderOptions(undefined, undefined))),
    begun: (handle) => {
      const undo = [routeSignals(handle), abandonAtExit(handle)];
      return () => {
        for (const step of undo) step();
      };
    },
  };
}

async function help(topics: readonly string[], err: (text: string) => void): Promise<number> {
  const { helpText, similarTopic, topicText } = await import('./help.ts');
  const texts = topics.map((topic) => topicText(topic));
  const unknown = topics.find((_, i) => texts[i] === undefined);
  if (unknown !== undefined) {
    const similar = similarTopic(unknown);
    const hint = similar === undefined ? "'trapline help' says what there is" : `did you mean ${similar}?`;
    const d = diagnostic('U_TOPIC', undefined, { name: unknown }, { hint });
    err(renderDiagnostics([d], renderOptions(undefined, undefined)));
    return STATUS_FAILURE;
  }
  print(topics.length === 0 ? helpText() : texts.join('\n'));
  return 0;
}

async function ctl(path: string, request: string, err: (text: string) => void): Promise<number> {
  const { askControl } = await import('./control.ts');
  const result = await askControl(path, request);
  if ('answer' in result) {
    print(`${result.answer}\n`);
    return 0;
  }
  const d = diagnostic('U_CONTROL', undefined, { path, reason: result.failure });
  err(renderDiagnostics([d], renderOptions(undefined, undefined)));
  return STATUS_FAILURE;
}

function print(text: string): void {
  fileWriter(STDOUT, 'standard output').write(Buffer.from(text, 'utf8'));
}

async function trace(line: CommandLine, err: (text: string) => void): Promise<number> {
  if (line.mode === 'version') {
    print(VERSION_LINE);
    return 0;
  }
  if (line.mode === 'help') return help([], err);
  const report = (list: readonly Diagnostic[], program?: ProgramText) =>
    err(renderDiagnostics(list, renderOptions(line, program)));
  const programs: ProgramText[] = [];
  for (const { kind, argument } of line.programs) {
    const text = kind === 'script' ? readScript(argument, STDIN) : { kind, name: argument, text: argument };
    if ('tag' in text) {
      report([text]);
      return STATUS_FAILURE;
    }
    programs.push(text);
  }
  const out =
    line.outputPath === undefined ? fileWriter(STDOUT, 'standard output') : openAppend(line.outputPath);
  if (typeof out === 'string') {
    report([diagnostic('U_OUTPUT', undefined, { path: line.outputPath ?? '', reason: out })]);
    return STATUS_FAILURE;
  }
  return runTrace(line, programs, out, err, report);
}

async function runTrace(
  line: CommandLine,
  programs: readonly ProgramText[],
  out: ByteWriter,
  err: (text: string) => void,
  report: (list: readonly Diagnostic[], program?: ProgramText) => void,
): Promise<number> {
  const control = line.controlPath === undefined ? undefined : await openControlAt(line.controlPath);
  if (control && 'tag' in control) {
    report([control]);
    return STATUS_FAILURE;
  }
  const progress =
    line.progress && isTerminal(STDERR) ? createProgress(err, () => performance.now()) : undefined;
  const undo: (() => void)[] = [() => control?.close()];
  const watched = line.attach?.kind === 'pid' ? watchProcess(line.attach.pid) : undefined;
  try {
    const handle = runSession(
      {
        mode: line.mode === 'version' || line.mode === 'help' ? 'run' : line.mode,
        programs,
        macroArguments: line.operands,
        programName: 'trapline',
        options: line.options,
        commands: line.commands,
        guest:
          line.guest === undefined
            ? undefined
            : {
                text: line.guest,
                env: changedEnvironment(process.env, {
                  set: line.options.texts('setenv'),
                  unset: line.options.texts('unsetenv'),
                }),
              },
        traces: line.traces.map((path) => (isStandardInput(path) ? '-' : path)),
        follow: line.follow,
        plugin: line.plugin,
        attach: watched || !line.attach ? undefined : { place: line.attach, qmp: line.qmp },
        processes: watched ? [watched] : [],
        machine: line.machine,
        symbols: line.symbols,
        disassemble: line.disassemble || line.options.flag('verbose'),
        verbose: line.verbose,
      },
      sessionIo(out, err, progress),
    );
    control?.serve(handle);
    undo.push(routeSignals(handle), abandonAtExit(handle));
    const readsStdin = [...line.traces, ...line.programs.map((program) => program.argument)].some(
      isStandardInput,
    );
    if (!readsStdin && line.commands.length === 0) undo.push(listenToKeys(handle));
    const result = await handle.done;
    progress?.erase();
    if (result.diagnostics.length > 0) report(result.diagnostics, result.program);
    return result.exitStatus;
  } finally {
    progress?.erase();
    for (const step of undo) step();
  }
}

async function openControlAt(path: string) {
  const { openControl } = await import('./control.ts');
  const opened = await openControl(path);
  return typeof opened === 'string' ? diagnostic('U_CONTROL', undefined, { path, reason: opened }) : opened;
}

/** How messages look: `-x errtags`, colour on a terminal unless NO_COLOR or --no-color, and the program they are about. */
function renderOptions(line: CommandLine | undefined, program: ProgramText | undefined): RenderOptions {
  const allowed = (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  return {
    prefix: 'trapline: ',
    errtags: line?.options.flag('errtags') ?? false,
    color: line?.color ?? (allowed && isTerminal(STDERR)),
    program: program && { kind: program.kind === 'script' ? 'script' : 'string', name: program.name },
  };
}

/** The end of a run that did not return: its reader left, its disk is full, or we made a mistake. */
export function failed(error: unknown, err: (text: string) => void): number {
  if (isMissingDecoder(error)) {
    err(renderDiagnostics([diagnostic('U_DECODER', undefined, {})], renderOptions(undefined, undefined)));
    return STATUS_FAILURE;
  }
  if (error instanceof OutputClosed) return STATUS_OUTPUT_CLOSED;
  if (error instanceof OutputFailed) {
    const d = diagnostic('U_WRITE', undefined, { path: error.path, reason: error.reason });
    err(renderDiagnostics([d], renderOptions(undefined, undefined)));
    return STATUS_FAILURE;
  }
  err(reportBug(error, process.env['TRAPLINE_DEBUG'] === '1'));
  return STATUS_BUG;
}

/** The one file that the program cannot do without may have been left behind when it was copied. */
function isMissingDecoder(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return code === 'MODULE_NOT_FOUND' && /iced-x86/.test(message ?? '');
}
