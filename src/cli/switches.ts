/**
 * The switches, one row each (d-language.md 10.3 and our long names): what the argv parser accepts and what --help says.
 *
 * `does`:
 *   program   one program text, in command-line order        option    sets an -x option, to the argument if it has one
 *   setting   -x itself                                      later     answers that this version does not have it yet
 *   anything else is a field of the command line of the same name
 */
import type { OptionName } from '../dif/options.ts';
import type { ProgramText } from '../session/request.ts';

export type SwitchEffect =
  | { readonly kind: 'program'; readonly program: ProgramText['kind'] }
  | { readonly kind: 'option'; readonly option: OptionName }
  | { readonly kind: 'setting' }
  | { readonly kind: 'trace' | 'symbols' }
  | { readonly kind: 'mode'; readonly mode: 'list' | 'compile' | 'version' | 'help' }
  | { readonly kind: 'disassemble' | 'verbose' | 'follow' | 'plugin' | 'noProgress' | 'color' | 'noColor' }
  | { readonly kind: 'output' | 'control' | 'format' | 'command' | 'process' | 'attach' | 'qmp' | 'machine' }
  | { readonly kind: 'later' };

export interface SwitchDef {
  readonly short?: string; // one character
  readonly long?: string;
  readonly argument?: string; // placeholder; absent for a flag
  readonly group: 'programs' | 'input' | 'output' | 'tracing' | 'about';
  readonly does: SwitchEffect;
  readonly doc: string;
}

const LATER = { kind: 'later' } as const;

export const SWITCHES: readonly SwitchDef[] = [
  program('n', 'PROGRAM', 'name', "trace a program: 'vec:::0x0e /cpl == 3/ { @[rip] = count(); }'"),
  program('s', 'FILE', 'script', 'trace the program in a file; - is standard input'),
  program('P', 'PROVIDER', 'provider', 'probes of a provider, with optional predicate and body'),
  program('m', 'MODULE', 'module', '… of [provider:]module'),
  program('f', 'FUNCTION', 'function', '… of [[provider:]module:]function'),
  program('i', 'ID', 'id', '… with a number, as -l shows it'),
  {
    short: 'c',
    argument: 'COMMAND',
    group: 'input',
    does: { kind: 'command' },
    doc: 'start a guest (qemu-system-…) or run a command; $target is its pid; tracing ends with it',
  },
  {
    short: 't',
    long: 'trace',
    argument: 'FILE',
    group: 'input',
    does: { kind: 'trace' },
    doc: 'replay a QEMU log (.gz .xz .zst too; - is stdin; one per CPU: repeat) or a recorded execution',
  },
  flag(
    'plugin',
    'input',
    { kind: 'plugin' },
    'see the code probes of -c through a TCG plugin: counts of any number of functions',
  ),
  flag('follow', 'input', { kind: 'follow' }, 'read on as the log of -t grows, by the clock of the host'),
  {
    long: 'machine',
    argument: 'IMAGE',
    group: 'input',
    does: { kind: 'machine' },
    doc: 'trace a kernel on the built-in machine; -x cpus=N, -x seed=N, -x append=TEXT',
  },
  {
    long: 'attach',
    argument: 'ADDRESS',
    group: 'input',
    does: { kind: 'attach' },
    doc: 'trace a guest that runs, through its gdb stub: host:port or the path of a socket',
  },
  {
    short: 'p',
    argument: 'PID',
    group: 'input',
    does: { kind: 'process' },
    doc: 'the same, by the pid of its QEMU, whose command line has -gdb or -s; of another process: $target',
  },
  {
    long: 'qmp',
    argument: 'ADDRESS',
    group: 'input',
    does: { kind: 'qmp' },
    doc: 'with --attach: its QMP monitor, which makes sure that the guest runs on at the end',
  },
  {
    long: 'symbols',
    argument: 'FILE[@BASE]',
    group: 'input',
    does: { kind: 'symbols' },
    doc: 'name addresses: ELF, System.map, kallsyms, nm; BASE: 0xADDR of its start, +0xOFFSET, auto',
  },
  option('L', 'DIR', 'libdir', 'input', 'compile the D libraries (*.d) of a directory first'),
  option('C', undefined, 'cpp', 'input', 'preprocess scripts: #include, #define, #if …'),
  option('I', 'DIR', 'incdir', 'input', 'include directory (for the preprocessor; no effect without -C)'),
  option('D', 'NAME[=VALUE]', 'define', 'input', 'define a macro (likewise)'),
  option('U', 'NAME', 'undef', 'input', 'undefine a macro (likewise)'),
  option('H', undefined, 'cpphdrs', 'input', 'print the names of included files (likewise)'),
  option('X', 'a|c|s|t', 'stdc', 'input', 'dialect of C (likewise)'),
  option('q', undefined, 'quiet', 'output', 'print only what the program prints'),
  {
    short: 'o',
    argument: 'FILE',
    group: 'output',
    does: { kind: 'output' },
    doc: 'append data to a file instead of standard output',
  },
  option('F', undefined, 'flowindent', 'output', 'indent by entry and return probes'),
  {
    long: 'format',
    argument: 'FORMAT',
    group: 'output',
    does: { kind: 'format' },
    doc: 'output format; text is the only one in this version',
  },
  flag('no-progress', 'output', { kind: 'noProgress' }, 'no progress line on a terminal'),
  flag('color', 'output', { kind: 'color' }, 'colour in messages even when standard error is no terminal'),
  flag('no-color', 'output', { kind: 'noColor' }, 'no colour in messages (as NO_COLOR=1)'),
  {
    short: 'l',
    group: 'tracing',
    does: { kind: 'mode', mode: 'list' },
    doc: 'list the probes that match, or all, and end',
  },
  {
    short: 'e',
    group: 'tracing',
    does: { kind: 'mode', mode: 'compile' },
    doc: 'compile the programs and end',
  },
  {
    short: 'S',
    group: 'tracing',
    does: { kind: 'disassemble' },
    doc: 'print the disassembly of the programs',
  },
  { short: 'v', group: 'tracing', does: { kind: 'verbose' }, doc: 'say more: stability, arguments, plans' },
  option('b', 'SIZE', 'bufsize', 'tracing', 'bytes of the principal buffer per CPU: 64k, 4m'),
  option('w', undefined, 'destructive', 'tracing', 'allow destructive actions'),
  {
    short: 'x',
    argument: 'OPT[=VALUE]',
    group: 'tracing',
    does: { kind: 'setting' },
    doc: "set an option; 'trapline help options' lists them (or DTRACE_OPT_NAME=VALUE in the environment)",
  },
  option('Z', undefined, 'zdefs', 'tracing', 'allow probe descriptions that match nothing'),
  {
    long: 'unsafe',
    group: 'tracing',
    does: { kind: 'option', option: 'unsafe' },
    doc: 'trace also where interrupts were disabled (safe mode off)',
  },
  {
    long: 'control',
    argument: 'PATH',
    group: 'tracing',
    does: { kind: 'control' },
    doc: "listen on a socket for 'trapline ctl PATH unsafe on|off|status'",
  },
  { short: 'V', group: 'about', does: { kind: 'mode', mode: 'version' }, doc: 'print the version and end' },
  { long: 'help', group: 'about', does: { kind: 'mode', mode: 'help' }, doc: 'print this and end' },
  later('a', undefined, 'claim anonymous tracing'),
  later('A', undefined, 'set up anonymous tracing'),
  later('B', undefined, 'test mode of buffered output'),
  later('G', undefined, 'write an ELF object with probes'),
  later('h', undefined, 'write a header for probes'),
];

function program(short: string, argument: string, kind: ProgramText['kind'], doc: string): SwitchDef {
  return { short, argument, group: 'programs', does: { kind: 'program', program: kind }, doc };
}

function option(
  short: string,
  argument: string | undefined,
  name: OptionName,
  group: SwitchDef['group'],
  doc: string,
): SwitchDef {
  return {
    short,
    ...(argument === undefined ? {} : { argument }),
    group,
    does: { kind: 'option', option: name },
    doc,
  };
}

function flag(long: string, group: SwitchDef['group'], does: SwitchEffect, doc: string): SwitchDef {
  return { long, group, does, doc };
}

function later(name: string, argument: string | undefined, doc: string): SwitchDef {
  const spelling = name.length === 1 ? { short: name } : { long: name };
  return { ...spelling, ...(argument === undefined ? {} : { argument }), group: 'tracing', does: LATER, doc };
}

/** `-t, --trace FILE` */
export function spelling(def: SwitchDef): string {
  const names = [def.short && `-${def.short}`, def.long && `--${def.long}`].filter(Boolean).join(', ');
  return def.argument === undefined ? names : `${names} ${def.argument}`;
}
