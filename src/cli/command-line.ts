/**
 * argv → CommandLine: what the user asked for, as a value. Pure: it opens no file and prints nothing.
 *
 * The first word may be a subcommand. Everything else is switches and operands in any order, as dtrace(1) has them:
 * single letters combine (`-qn 'prog'`), programs keep their order, operands are macro arguments, `--` ends switches.
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { nearest } from '../diag/nearest.ts';
import { createOptions, isOptionName, OPTION_ERRORS, OPTIONS, type Options } from '../dif/options.ts';
import type { AttachTo, ProgramText } from '../session/request.ts';
import { commanderWords, type WordsError } from './commander-words.ts';
import { EXPLAIN_USAGE, type ExplainWords, parseExplain } from './explain.ts';
import { plainWords } from './plain-words.ts';
import { parseRecord, type RecordWords, recordUsage } from './record.ts';
import { parseReport, REPORT_USAGE, type ReportWords } from './report.ts';
import type { SwitchDef } from './switches.ts';

export interface CommandLine {
  mode: 'run' | 'list' | 'sites' | 'compile' | 'version' | 'help';
  /** `argument` is a path for scripts, the text itself otherwise. */
  readonly programs: { readonly kind: ProgramText['kind']; readonly argument: string }[];
  readonly operands: string[];
  readonly options: Options;
  readonly traces: string[];
  follow: boolean;
  plugin: boolean;
  readonly symbols: string[]; // FILE[@BASE]
  attach: AttachTo['place'] | undefined; // --attach, -p
  qmp: string | undefined;
  machine: string | undefined; // --machine, a path
  guest: string | undefined; // -c with a guest; quoted as in a shell
  readonly commands: string[][]; // -c, split at white space: there is no quoting, as in dtrace
  outputPath: string | undefined;
  controlPath: string | undefined;
  disassemble: boolean;
  verbose: boolean;
  progress: boolean;
  color: boolean | undefined; // undefined: as the terminal and NO_COLOR say
}

export type ParsedArgv =
  | { readonly kind: 'trace'; readonly line: CommandLine }
  | { readonly kind: 'usage' } // no argument at all
  | { readonly kind: 'help'; readonly topics: readonly string[] }
  | { readonly kind: 'ctl'; readonly path: string; readonly request: string }
  | { readonly kind: 'record'; readonly request: RecordWords }
  | { readonly kind: 'report'; readonly request: ReportWords }
  | { readonly kind: 'explain'; readonly request: ExplainWords }
  | { readonly kind: 'error'; readonly diagnostic: Diagnostic; readonly status: number };

/** Exit statuses (design section 3). A script's exit(n) may give any other. */
export const STATUS_FAILURE = 1;
export const STATUS_USAGE = 2;

export type Environment = Readonly<Record<string, string | undefined>>;

export function parseArgv(argv: readonly string[], environment: Environment = {}): ParsedArgv {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: 'usage' };
  if (first === 'help') return { kind: 'help', topics: rest };
  if (first === 'ctl') return parseCtl(rest);
  if (first === 'probes') return parseProbes(rest, environment);
  if (first === 'record') {
    const request = parseRecord(rest);
    return request === undefined ? usageError(recordUsage()) : { kind: 'record', request };
  }
  if (first === 'report') {
    const request = parseReport(rest);
    return request === undefined ? usageError(usageOf(REPORT_USAGE)) : { kind: 'report', request };
  }
  if (first === 'explain') {
    const request = parseExplain(rest);
    return request === undefined ? usageError(usageOf(EXPLAIN_USAGE)) : { kind: 'explain', request };
  }
  return parseSwitches(argv, environment);
}

function usageOf(form: string): Diagnostic {
  return diagnostic('U_SUBCOMMAND', undefined, { message: `usage: ${form}` });
}

const CTL_REQUESTS = ['unsafe on', 'unsafe off', 'unsafe status', 'status'];

function parseCtl(words: readonly string[]): ParsedArgv {
  const [path, ...request] = words;
  const text = request.join(' ');
  if (path === undefined || !CTL_REQUESTS.includes(text)) {
    return usageError(
      diagnostic('U_SUBCOMMAND', undefined, { message: 'usage: trapline ctl PATH unsafe on|off|status' }),
    );
  }
  return { kind: 'ctl', path, request: text };
}

/** Switches as for tracing, of which the source and the probes matter; without any all functions of the kernel. */
function parseProbes(words: readonly string[], environment: Environment): ParsedArgv {
  const parsed = parseSwitches(['-l', ...words], environment);
  if (parsed.kind !== 'trace' || parsed.line.mode !== 'list') return parsed;
  const { line } = parsed;
  if (line.machine === undefined) {
    const message = "usage: trapline probes --machine IMAGE [-n 'fbt::FUNCTION:']...";
    return usageError(diagnostic('U_SUBCOMMAND', undefined, { message }));
  }
  if (line.programs.length === 0) line.programs.push({ kind: 'name', argument: 'fbt:::' });
  return { kind: 'trace', line: { ...line, mode: 'sites' } };
}

function usageError(d: Diagnostic): ParsedArgv {
  return { kind: 'error', diagnostic: d, status: STATUS_USAGE };
}

function parseSwitches(argv: readonly string[], environment: Environment): ParsedArgv {
  const line = emptyLine();
  const errors = applyEnvironment(line.options, environment);
  if (isAmongSwitches(argv, '-32')) return notYet('-32 (32-bit programs)', 'every program is 64-bit');
  const given = withoutDataModel(argv);
  const words = plainWords(given) ?? commanderWords(given);
  if ('message' in words) return usageError(switchError(words));
  const exclusive: string[] = [];
  for (const { def, value } of words.switches) {
    if (def.short !== undefined && 'AGhlV'.includes(def.short)) exclusive.push(def.short);
    const error = apply(line, def, value);
    if (error) errors.push(error);
  }
  if (new Set(exclusive).size > 1) return usageError(diagnostic('U_EXCLUSIVE', undefined));
  const [firstError] = errors;
  if (firstError) return firstError;
  line.operands.push(...words.operands);
  return checkInputs(line);
}

function emptyLine(): CommandLine {
  return {
    mode: 'run',
    programs: [],
    operands: [],
    options: createOptions(),
    traces: [],
    follow: false,
    plugin: false,
    symbols: [],
    attach: undefined,
    qmp: undefined,
    machine: undefined,
    guest: undefined,
    commands: [],
    outputPath: undefined,
    controlPath: undefined,
    disassemble: false,
    verbose: false,
    progress: true,
    color: undefined,
  };
}

/** `-64` is the only data model there is, so it says nothing. Commander would read it as a negative operand. */
function withoutDataModel(argv: readonly string[]): string[] {
  const end = endOfSwitches(argv);
  return argv.filter((arg, i) => arg !== '-64' || i > end);
}

/** Whether a word stands among the switches, where it is no operand. */
function isAmongSwitches(argv: readonly string[], word: string): boolean {
  const at = argv.indexOf(word);
  return at !== -1 && at < endOfSwitches(argv);
}

function endOfSwitches(argv: readonly string[]): number {
  const end = argv.indexOf('--');
  return end === -1 ? argv.length : end;
}

type SwitchFailure = Extract<ParsedArgv, { kind: 'error' }>;

function apply(line: CommandLine, def: SwitchDef, value: string | undefined): SwitchFailure | undefined {
  const text = value ?? '';
  switch (def.does.kind) {
    case 'program':
      line.programs.push({ kind: def.does.program, argument: text });
      return undefined;
    case 'trace':
      line.traces.push(text);
      return undefined;
    case 'symbols':
      line.symbols.push(text);
      return undefined;
    case 'command':
      if (GUEST.test(text)) line.guest = text;
      else line.commands.push(text.split(/\s+/).filter((word) => word !== ''));
      return undefined;
    case 'process':
      return attachProcess(line, text);
    case 'attach':
      line.attach = { kind: 'address', address: text };
      return undefined;
    case 'qmp':
      line.qmp = text;
      return undefined;
    case 'machine':
      line.machine = text;
      return undefined;
    case 'option': {
      const refusal = line.options.set(
        def.does.option,
        def.argument === undefined ? undefined : text,
        'command',
      );
      return refusal === undefined ? undefined : refusedSwitch(def, text, refusal);
    }
    case 'setting':
      return applySetting(line.options, text);
    case 'mode':
      // Listing ends without enabling anything, as -e asks.
      if (!(line.mode === 'list' && def.does.mode === 'compile')) line.mode = def.does.mode;
      return undefined;
    case 'output':
      line.outputPath = text;
      return undefined;
    case 'control':
      line.controlPath = text;
      return undefined;
    case 'disassemble':
    case 'verbose':
    case 'follow':
    case 'plugin':
      line[def.does.kind] = true;
      return undefined;
    case 'noProgress':
      line.progress = false;
      return undefined;
    case 'color':
    case 'noColor':
      line.color = def.does.kind === 'color';
      return undefined;
    case 'format':
      return text === 'text' ? undefined : notYet(`--format ${text}`, 'text is the only format so far');
    case 'later':
      return notYet(`${def.short ? `-${def.short}` : `--${def.long}`} (${def.doc})`, laterHint(def));
  }
}

/** A command that is a guest, and not a process of this host to run and leave alone. */
const GUEST = /^\s*(\S*\/)?qemu-system-/;

const LATER_HINT = 'this version replays logs: -t FILE';

function laterHint(def: SwitchDef): string {
  return def.short === 'h' ? '--help prints the help' : LATER_HINT;
}

/** Processes of this host are not traced, but a QEMU is one that a guest runs in; an address is as good as its pid. */
function attachProcess(line: CommandLine, text: string): SwitchFailure | undefined {
  if (/^[0-9]+$/.test(text)) line.attach = { kind: 'pid', pid: Number(text) };
  else if (/[:/]/.test(text)) line.attach = { kind: 'address', address: text };
  if (line.attach) return undefined;
  const d = diagnostic('U_PID', undefined, { text });
  return { kind: 'error', diagnostic: d, status: STATUS_FAILURE };
}

function notYet(what: string, hint: string): SwitchFailure {
  return {
    kind: 'error',
    diagnostic: diagnostic('U_LATER', undefined, { what }, { hint }),
    status: STATUS_USAGE,
  };
}

const ENVIRONMENT_PREFIX = 'DTRACE_OPT_';

/** `DTRACE_OPT_STRSIZE=512` is `-x strsize=512`, before everything on the command line; an empty value is none. */
function applyEnvironment(options: Options, environment: Environment): SwitchFailure[] {
  return Object.keys(environment)
    .filter((variable) => variable.startsWith(ENVIRONMENT_PREFIX))
    .toSorted()
    .flatMap((variable) => {
      const value = environment[variable] || undefined;
      const name = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase();
      const reason = options.set(name, value, 'environment');
      if (reason === undefined) return [];
      const message = `failed to set ${variable}${value === undefined ? '' : `=${value}`}: ${reason}`;
      const hint = settingHint(name, reason);
      const d = diagnostic('U_SWITCH', undefined, { message }, { hint });
      return [{ kind: 'error', diagnostic: d, status: STATUS_FAILURE }];
    });
}

/** `failed to set -b 4x: Invalid value for specified option` */
function refusedSwitch(def: SwitchDef, text: string, reason: string): SwitchFailure {
  const what = def.short ? `-${def.short}` : `--${def.long}`;
  const message = `failed to set ${text === '' ? what : `${what} ${text}`}: ${reason}`;
  return {
    kind: 'error',
    diagnostic: diagnostic('U_SWITCH', undefined, { message }, { hint: '' }),
    status: STATUS_FAILURE,
  };
}

/** `-x name[=value]`. The message names the option alone, as dtrace's does. */
function applySetting(options: Options, setting: string): SwitchFailure | undefined {
  const [name = '', ...value] = setting.split('=');
  const reason = options.set(name, setting.includes('=') ? value.join('=') : undefined, 'command');
  if (reason === undefined) return undefined;
  const report = { hint: settingHint(name, reason) };
  return {
    kind: 'error',
    diagnostic: diagnostic('U_OPTION', undefined, { setting: name, reason }, report),
    status: STATUS_FAILURE,
  };
}

function settingHint(name: string, reason: string): string {
  if (reason === OPTION_ERRORS.name) {
    const similar = nearest(name, Object.keys(OPTIONS));
    return similar === undefined ? "'trapline help options' lists them" : `did you mean ${similar}?`;
  }
  if (reason === OPTION_ERRORS.value && isOptionName(name)) return `for example: ${OPTIONS[name].example}`;
  return '';
}

/** The suggestion, if there is one, becomes the hint. */
function switchError({ message, suggestion }: WordsError): Diagnostic {
  const text = message.replace(/ <value>'/, "'");
  const hint = suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?');
  return diagnostic('U_SWITCH', undefined, { message: text }, hint === undefined ? {} : { hint });
}

/** What no single switch can see. */
function checkInputs(line: CommandLine): ParsedArgv {
  const stdinUses =
    line.traces.filter((path) => isStandardInput(path)).length +
    line.programs.filter((p) => p.kind === 'script' && isStandardInput(p.argument)).length;
  if (stdinUses > 1) {
    return usageError(
      diagnostic(
        'U_SWITCH',
        undefined,
        { message: 'standard input can be read only once' },
        { hint: 'name a file for the other' },
      ),
    );
  }
  if (line.follow && line.traces.length !== 1) {
    const message = '--follow reads one log as it grows';
    const hint = line.traces.length === 0 ? 'name it with -t FILE' : 'give a single -t';
    return usageError(diagnostic('U_SWITCH', undefined, { message }, { hint }));
  }
  const sources = [
    line.traces.length > 0 && '-t',
    line.guest !== undefined && '-c',
    line.attach && '--attach',
    line.machine !== undefined && '--machine',
  ].filter(Boolean);
  if ((line.attach || line.machine !== undefined) && sources.length > 1) {
    const message = `${sources.join(' and ')} are two sources of events`;
    return usageError(diagnostic('U_SWITCH', undefined, { message }, { hint: 'give one of them' }));
  }
  if (line.qmp !== undefined && !line.attach) {
    const message = '--qmp goes with --attach';
    const hint = "a guest of -c has a monitor of its own for trapline's use";
    return usageError(diagnostic('U_SWITCH', undefined, { message }, { hint }));
  }
  if (line.programs.length > 0 || !['run', 'compile'].includes(line.mode)) return { kind: 'trace', line };
  const [operand] = line.operands;
  const report = operand?.endsWith('.d') ? { hint: `to run a script: trapline -s ${operand}` } : {};
  return {
    kind: 'error',
    diagnostic: diagnostic('U_NO_PROBES', undefined, {}, report),
    status: STATUS_FAILURE,
  };
}

export function isStandardInput(path: string): boolean {
  return path === '-' || path === '/dev/stdin' || path === '/dev/fd/0' || path === '/proc/self/fd/0';
}
