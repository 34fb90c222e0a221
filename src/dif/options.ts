/**
 * The `-x` options, one table, and the values of one session.
 *
 * In: settings from the environment and the command line, then from `#pragma D option` while a program is parsed, then from setopt() while
 * tracing; the last one wins, so a pragma overrides `-x`. Out: typed values by name. A refusal is the library's error
 * text (d-language.md 10.4), which the caller puts into its own message.
 *
 * `phase` is the last time at which an option may still change:
 *   compile   -x and pragmas
 *   runtime   -x and pragmas; it shapes buffers, which are laid out once
 *   dynamic   -x, pragmas and setopt()
 * `scope` says what setting it does in this version:
 *   here      what `doc` says
 *   accepted  nothing: it tunes a mechanism that trapline does not have, and a script that sets it means no harm
 *   later     it is refused, because the script would print something else than it asks for
 */
import { bug } from '../base/assert.ts';
import {
  type ParsedValue,
  parseAttributes,
  parseBareFlag,
  parseChoice,
  parseFlag,
  parseNumber,
  parseRate,
  parseSize,
  parseText,
  parseVersion,
} from './option-values.ts';

export interface OptionDef {
  readonly kind: 'flag' | 'number' | 'size' | 'rate' | 'enum' | 'text' | 'version' | 'attributes';
  readonly phase: 'compile' | 'runtime' | 'dynamic';
  readonly scope: 'here' | 'accepted' | 'later';
  readonly initial?: number | string; // bytes for sizes, nanoseconds for rates; a flag starts unset
  readonly choices?: readonly string[]; // of an enum
  readonly max?: number; // largest number accepted
  readonly bounds?: { readonly least: number; readonly most: number; readonly called: string }; // taken as these beyond, with a notice
  readonly lowered?: { readonly most: number; readonly called: string }; // a size is halved until it is no more than this
  readonly repeats?: true; // each setting adds a text; see `texts`
  readonly commandOnly?: true; // not from within a D program
  readonly short?: string; // the switch that sets it
  readonly doc: string;
  readonly example: string;
}

/** The language version that scripts may ask for with -x version; newer is refused. */
export const LANGUAGE_VERSION = [1, 13, 1] as const;

/** Buffers live in one 4 GiB linear memory, so a single one may have a quarter of it. */
const MAX_BUFFER_BYTES = 2 ** 30;
/** What a firing commits must fit the principal buffer besides what else it records, several times over. */
const MAX_SPECULATION_BYTES = 2 ** 26;
/** A string is copied whole at every store; beyond this a typo is likelier than a wish. */
const MAX_STRING_BYTES = 2 ** 20;
/** Speculation slots are all laid out at start. */
const MAX_SPECULATIONS = 4096;
/** Frames of one stack record. */
const MAX_FRAMES = 1024;

export const OPTIONS = {
  // trapline's own
  unsafe: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'here',
    short: '--unsafe',
    doc: 'fire also where interrupts were disabled (safe mode off)',
    example: '-x unsafe',
  },
  clock: {
    kind: 'text',
    phase: 'runtime',
    scope: 'here',
    initial: 'auto',
    doc: 'clock: auto, trace, index, timer:VECTOR@RATEhz (ticks of a vector), icount:SHIFT (instructions of 2^SHIFT ns), host',
    example: '-x clock=timer:0x20@100hz',
  },
  ledger: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'here',
    doc: 'print the account of every input byte at the end, also when nothing was lost',
    example: '-x ledger',
  },
  syscalls: {
    kind: 'text',
    phase: 'runtime',
    scope: 'here',
    doc: 'names and ways of system calls of a kernel that is not Linux: a JSON file',
    example: '-x syscalls=examples/xv6-syscalls.json',
  },
  format: {
    kind: 'text',
    phase: 'runtime',
    scope: 'here',
    commandOnly: true,
    doc: 'form of the lines of -t, when they are no QEMU log: the name of a built-in one, or a JSON file that describes it',
    example: '-x format=strat9',
  },
  categories: {
    kind: 'text',
    phase: 'runtime',
    scope: 'here',
    commandOnly: true,
    doc: "categories of a kernel's own trace that are replayed, by name or as its mask; all others are passed over",
    example: '-x categories=0x8',
  },
  strict: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'here',
    doc: 'exit with status 3 when anything was lost: drops, malformed input, withheld firings',
    example: '-x strict',
  },
  scan: {
    kind: 'enum',
    phase: 'runtime',
    scope: 'here',
    initial: 'fast',
    choices: ['fast', 'careful'],
    doc: 'how logs are scanned: fast looks only at the beginnings of lines in register dumps of a known shape, careful at all of them',
    example: '-x scan=careful',
  },
  workers: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 0,
    max: 64,
    commandOnly: true,
    doc: 'threads that replay a large log, where the program allows for it; 0: as many as there are processors, up to 4',
    example: '-x workers=1',
  },
  demangle: {
    kind: 'enum',
    phase: 'runtime',
    scope: 'here',
    initial: 'yes',
    choices: ['yes', 'no'],
    doc: 'print names of Rust and C++ as their source has them (no: as the linker has them)',
    example: '-x demangle=no',
  },
  tier: {
    kind: 'enum',
    phase: 'runtime',
    scope: 'here',
    initial: 'auto',
    choices: ['auto', 'interpreter', 'fast'],
    doc: 'what executes clauses: auto makes WebAssembly of those that fire often, fast of all that can be, interpreter of none',
    example: '-x tier=interpreter',
  },
  seed: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 0,
    max: 2 ** 32 - 1,
    doc: "start of the pseudo-random sequence of rand() and of the built-in machine's schedule, the same on every run",
    example: '-x seed=7',
  },
  cpus: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 1,
    max: 8,
    commandOnly: true,
    doc: 'number of CPUs of the built-in machine (--machine)',
    example: '-x cpus=2',
  },
  fbt: {
    kind: 'enum',
    phase: 'runtime',
    scope: 'here',
    initial: 'patch',
    choices: ['patch', 'hook'],
    commandOnly: true,
    doc: 'how --machine sees code: patch sets breakpoints in it as on a real computer, hook asks the emulator',
    example: '-x fbt=hook',
  },
  inject: {
    kind: 'text',
    phase: 'runtime',
    scope: 'here',
    commandOnly: true,
    doc: 'faults of patching made on purpose, at the Nth time (@) or every Nth (/): drop-step, interrupt, nmi, two-cpus, remove, guest-int3',
    example: '-x inject=drop-step/100,two-cpus@7',
  },
  // compile time
  aggpercpu: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'keep per-CPU copies of aggregations',
    example: '-x aggpercpu',
  },
  amin: {
    kind: 'attributes',
    phase: 'compile',
    scope: 'here',
    doc: 'minimum stability a program must have',
    example: '-x amin=Evolving/Evolving/Common',
  },
  argref: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'do not insist that every macro argument is used',
    example: '-x argref',
  },
  cpp: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    short: '-C',
    doc: 'preprocess scripts: #include, #define, #if …',
    example: '-x cpp',
  },
  cpphdrs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    short: '-H',
    doc: 'print the names of included files on standard error',
    example: '-x cpphdrs',
  },
  cpppath: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    doc: 'preprocessor to run for -C instead of the built-in one',
    example: '-x cpppath=/usr/bin/cpp',
  },
  cppargs: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    doc: 'arguments for the preprocessor; the built-in one takes -D, -U and -I',
    example: '-x cppargs=-DDEBUG=1',
  },
  ctypes: {
    kind: 'text',
    phase: 'compile',
    scope: 'later',
    commandOnly: true,
    doc: 'file to write C types to',
    example: '-x ctypes=c.ctf',
  },
  dtypes: {
    kind: 'text',
    phase: 'compile',
    scope: 'later',
    commandOnly: true,
    doc: 'file to write D types to',
    example: '-x dtypes=d.ctf',
  },
  core: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    commandOnly: true,
    doc: 'dump core on an internal error',
    example: '-x core',
  },
  debug: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    commandOnly: true,
    doc: "print the tracer's own debugging messages",
    example: '-x debug',
  },
  defaultargs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'a missing macro argument reads as 0 or ""',
    example: '-x defaultargs',
  },
  define: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    short: '-D',
    doc: 'define a preprocessor macro; without -C it has no effect',
    example: '-x define=DEBUG=1',
  },
  undef: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    short: '-U',
    doc: 'undefine a preprocessor macro; without -C it has no effect',
    example: '-x undef=DEBUG',
  },
  incdir: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    short: '-I',
    doc: 'directory of preprocessor include files; without -C it has no effect',
    example: '-x incdir=include',
  },
  stdc: {
    kind: 'enum',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    choices: ['a', 'c', 's', 't'],
    short: '-X',
    doc: 'dialect of C for the preprocessor; without -C it has no effect',
    example: '-x stdc=a',
  },
  droptags: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'show the tag of a drop, as [DTRACEDROP_DYNAMIC]',
    example: '-x droptags',
  },
  empty: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'allow a program without clauses',
    example: '-x empty',
  },
  encoding: {
    kind: 'enum',
    phase: 'compile',
    scope: 'here',
    initial: 'ascii',
    choices: ['ascii', 'utf8'],
    doc: 'characters that histograms are drawn with: @, or blocks of an eighth of a column',
    example: '-x encoding=utf8',
  },
  errtags: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'show the tag of a compile error, as [D_SYNTAX]',
    example: '-x errtags',
  },
  evaltime: {
    kind: 'enum',
    phase: 'compile',
    scope: 'accepted',
    choices: ['exec', 'preinit', 'postinit', 'main'],
    doc: 'when a process started with -c is stopped',
    example: '-x evaltime=main',
  },
  iregs: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    initial: 8,
    doc: 'integer registers of DIF',
    example: '-x iregs=8',
  },
  tregs: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    initial: 8,
    doc: 'tuple registers of DIF',
    example: '-x tregs=8',
  },
  kdefs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'permit unresolved kernel symbols',
    example: '-x kdefs',
  },
  knodefs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'forbid unresolved kernel symbols',
    example: '-x knodefs',
  },
  udefs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'permit unresolved user symbols',
    example: '-x udefs',
  },
  unodefs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'forbid unresolved user symbols',
    example: '-x unodefs',
  },
  late: {
    kind: 'enum',
    phase: 'compile',
    scope: 'accepted',
    initial: 'dynamic',
    choices: ['dynamic', 'static'],
    doc: 'translator reference mode',
    example: '-x late=static',
  },
  lazyload: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'load an ELF object lazily',
    example: '-x lazyload',
  },
  ldpath: {
    kind: 'text',
    phase: 'compile',
    scope: 'accepted',
    doc: 'linker to run',
    example: '-x ldpath=/usr/bin/ld',
  },
  linkmode: {
    kind: 'enum',
    phase: 'compile',
    scope: 'accepted',
    choices: ['kernel', 'primary', 'dynamic', 'static'],
    doc: 'how symbols are linked',
    example: '-x linkmode=static',
  },
  linktype: {
    kind: 'enum',
    phase: 'compile',
    scope: 'accepted',
    choices: ['elf', 'dof'],
    doc: 'file that -G writes',
    example: '-x linktype=dof',
  },
  pgmax: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    doc: 'processes kept open',
    example: '-x pgmax=8',
  },
  preallocate: {
    kind: 'size',
    phase: 'compile',
    scope: 'accepted',
    doc: 'memory to reserve at start',
    example: '-x preallocate=1m',
  },
  ctfpath: {
    kind: 'text',
    phase: 'compile',
    scope: 'accepted',
    doc: 'archive of kernel types',
    example: '-x ctfpath=types.ctfa',
  },
  debugassert: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    doc: 'internal checks to make, in a bit mask',
    example: '-x debugassert=1',
  },
  disasm: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    commandOnly: true,
    doc: 'stages of compiling that -S shows, in a bit mask; trapline shows its result',
    example: '-x disasm=8',
  },
  dofstashpath: {
    kind: 'text',
    phase: 'compile',
    scope: 'accepted',
    doc: 'directory of compiled programs of the system',
    example: '-x dofstashpath=stash',
  },
  linknommap: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'do not map files while linking',
    example: '-x linknommap',
  },
  modpath: {
    kind: 'text',
    phase: 'compile',
    scope: 'accepted',
    doc: 'directory of kernel modules',
    example: '-x modpath=/lib/modules',
  },
  procfspath: {
    kind: 'text',
    phase: 'compile',
    scope: 'accepted',
    doc: 'where the process file system is mounted',
    example: '-x procfspath=/proc',
  },
  sysslice: {
    kind: 'text',
    phase: 'compile',
    scope: 'accepted',
    doc: 'systemd slice of system services',
    example: '-x sysslice=system.slice',
  },
  useruid: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    doc: 'first user id that is not of the system',
    example: '-x useruid=1000',
  },
  libdir: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    short: '-L',
    doc: 'directory of D libraries, compiled before the program',
    example: '-x libdir=lib',
  },
  syslibdir: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    doc: 'directory of further D libraries, read after those of -L; trapline carries its own besides',
    example: '-x syslibdir=lib',
  },
  nolibs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'do not read D libraries',
    example: '-x nolibs',
  },
  pspec: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    doc: 'a bare word at top level is a probe description, as with -n',
    example: '-x pspec',
  },
  setenv: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    doc: 'environment variable for the command of -c',
    example: '-x setenv=A=1',
  },
  unsetenv: {
    kind: 'text',
    phase: 'compile',
    scope: 'here',
    commandOnly: true,
    repeats: true,
    doc: 'environment variable that the command of -c does without, unless setenv gives it',
    example: '-x unsetenv=A',
  },
  strip: {
    kind: 'flag',
    phase: 'compile',
    scope: 'accepted',
    doc: 'strip what -G writes',
    example: '-x strip',
  },
  tree: {
    kind: 'number',
    phase: 'compile',
    scope: 'accepted',
    commandOnly: true,
    doc: 'passes whose parse trees a debugging compiler prints, in a bit mask; trapline prints none',
    example: '-x tree=1',
  },
  verbose: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    short: '-S',
    doc: 'print the disassembly of every clause',
    example: '-x verbose',
  },
  version: {
    kind: 'version',
    phase: 'compile',
    scope: 'accepted',
    doc: 'language version a script was written for; newer than known is refused',
    example: '-x version=1.5',
  },
  zdefs: {
    kind: 'flag',
    phase: 'compile',
    scope: 'here',
    short: '-Z',
    doc: 'allow probe descriptions that match nothing',
    example: '-x zdefs',
  },
  // run time
  aggsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'here',
    initial: 4 * 2 ** 20,
    lowered: { most: MAX_BUFFER_BYTES, called: 'aggregation size' },
    doc: 'bytes for aggregations; not limited unless given',
    example: '-x aggsize=8m',
  },
  bufsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'here',
    initial: 4 * 2 ** 20,
    lowered: { most: MAX_BUFFER_BYTES, called: 'buffer size' },
    short: '-b',
    doc: 'bytes of the principal buffer per CPU; records are dropped for lack of room only if given',
    example: '-x bufsize=64k',
  },
  bufpolicy: {
    kind: 'enum',
    phase: 'runtime',
    scope: 'here',
    initial: 'switch',
    choices: ['switch', 'fill', 'ring'],
    doc: 'what a full buffer does: switch drains it, fill ends tracing, ring forgets the oldest records',
    example: '-x bufpolicy=ring',
  },
  append: {
    kind: 'text',
    phase: 'runtime',
    scope: 'here',
    commandOnly: true,
    doc: 'command line of the kernel that --machine starts',
    example: "-x append='fib=20 ticks=0'",
  },
  bufresize: {
    kind: 'enum',
    phase: 'runtime',
    scope: 'here',
    initial: 'auto',
    choices: ['auto', 'manual'],
    doc: 'whether buffers shrink until memory suffices',
    example: '-x bufresize=manual',
  },
  cleanrate: {
    kind: 'rate',
    phase: 'runtime',
    scope: 'accepted',
    initial: 9_900_990,
    bounds: { least: 200_000, most: 60e9, called: 'cleaning rate' },
    doc: 'how often deleted dynamic variables are reclaimed; trapline does so at once',
    example: '-x cleanrate=101hz',
  },
  cpu: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    max: 4095,
    doc: 'trace this CPU only',
    example: '-x cpu=0',
  },
  destructive: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'here',
    short: '-w',
    doc: 'allow destructive actions',
    example: '-x destructive',
  },
  dynvarsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'here',
    initial: 2 ** 20,
    lowered: { most: MAX_BUFFER_BYTES, called: 'dynamic variable size' },
    doc: 'bytes for associative arrays and thread-local variables',
    example: '-x dynvarsize=4m',
  },
  grabanon: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'later',
    short: '-a',
    doc: 'claim anonymous tracing',
    example: '-x grabanon',
  },
  jstackframes: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 50,
    max: MAX_FRAMES,
    doc: 'default number of frames of jstack()',
    example: '-x jstackframes=20',
  },
  jstackstrsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'accepted',
    initial: 512,
    max: MAX_STRING_BYTES,
    doc: 'bytes for the names in jstack()',
    example: '-x jstackstrsize=1k',
  },
  maxframes: {
    kind: 'number',
    phase: 'runtime',
    scope: 'accepted',
    initial: MAX_FRAMES,
    max: MAX_FRAMES,
    doc: 'most frames of any stack',
    example: '-x maxframes=64',
  },
  nspec: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 1,
    max: MAX_SPECULATIONS,
    doc: 'number of speculations that can be open at once',
    example: '-x nspec=4',
  },
  specsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'here',
    initial: 4 * 2 ** 20,
    lowered: { most: MAX_SPECULATION_BYTES, called: 'speculation size' },
    doc: 'bytes of one speculation per CPU',
    example: '-x specsize=64k',
  },
  scratchsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'here',
    // DIFFERS: string results live in scratch here, so the default must hold a clause's worth of them.
    initial: 64 * 2 ** 10,
    max: MAX_BUFFER_BYTES,
    doc: 'bytes of scratch that one clause may use',
    example: '-x scratchsize=128k',
  },
  stackframes: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 20,
    max: MAX_FRAMES,
    doc: 'default number of frames of stack()',
    example: '-x stackframes=5',
  },
  ustackframes: {
    kind: 'number',
    phase: 'runtime',
    scope: 'here',
    initial: 20,
    max: MAX_FRAMES,
    doc: 'default number of frames of ustack()',
    example: '-x ustackframes=5',
  },
  statusrate: {
    kind: 'rate',
    phase: 'runtime',
    scope: 'here',
    initial: 1e9,
    bounds: { least: 1, most: 10e9, called: 'status rate' },
    doc: 'how often drops are reported on the clock of the host; a replay reports them at its end',
    example: '-x statusrate=1sec',
  },
  strsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'here',
    initial: 256,
    max: MAX_STRING_BYTES,
    doc: 'characters a string holds',
    example: '-x strsize=1k',
  },
  temporal: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'accepted',
    doc: 'print the records of all CPUs in order of time, as trapline always does',
    example: '-x temporal',
  },
  zone: {
    kind: 'text',
    phase: 'runtime',
    scope: 'later',
    doc: 'trace one zone only',
    example: '-x zone=global',
  },
  lockmem: {
    kind: 'text',
    phase: 'runtime',
    scope: 'accepted',
    doc: 'limit on locked memory',
    example: '-x lockmem=unlimited',
  },
  noresolve: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'accepted',
    doc: 'do not name user addresses',
    example: '-x noresolve',
  },
  pcapsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'accepted',
    doc: 'bytes of a packet that pcap() records',
    example: '-x pcapsize=1500',
  },
  bpflog: {
    kind: 'flag',
    phase: 'runtime',
    scope: 'accepted',
    doc: 'print the log of the BPF verifier',
    example: '-x bpflog',
  },
  bpflogsize: {
    kind: 'size',
    phase: 'runtime',
    scope: 'accepted',
    doc: 'bytes of the log of the BPF verifier',
    example: '-x bpflogsize=16m',
  },
  // dynamic
  agghist: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    doc: 'draw a bar beside each value of a printed aggregation',
    example: '-x agghist',
  },
  aggpack: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    doc: 'print each distribution on one line',
    example: '-x aggpack',
  },
  aggzoom: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    doc: 'scale the bars of a distribution to its largest bucket',
    example: '-x aggzoom',
  },
  aggrate: {
    kind: 'rate',
    phase: 'dynamic',
    scope: 'accepted',
    initial: 0,
    doc: 'how often aggregations are read; trapline reads them when it prints them',
    example: '-x aggrate=1sec',
  },
  aggsortkey: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    doc: 'sort printed aggregations by key instead of value',
    example: '-x aggsortkey',
  },
  aggsortrev: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    doc: 'sort printed aggregations the other way round',
    example: '-x aggsortrev',
  },
  aggsortkeypos: {
    kind: 'number',
    phase: 'dynamic',
    scope: 'here',
    initial: 0,
    doc: 'which key to sort by first, counted from 0',
    example: '-x aggsortkeypos=1',
  },
  aggsortpos: {
    kind: 'number',
    phase: 'dynamic',
    scope: 'here',
    initial: 0,
    doc: 'which aggregation of a joint printa() to sort by, counted from 0',
    example: '-x aggsortpos=1',
  },
  flowindent: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    short: '-F',
    doc: 'indent by entry and return probes',
    example: '-x flowindent',
  },
  printsize: {
    kind: 'size',
    phase: 'dynamic',
    scope: 'here',
    doc: 'most bytes of a struct or array that print() shows; not limited unless given',
    example: '-x printsize=1k',
  },
  quiet: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    short: '-q',
    doc: 'print only what the program prints',
    example: '-x quiet',
  },
  quietresize: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'accepted',
    doc: 'say nothing when buffers shrink; trapline never shrinks them unasked',
    example: '-x quietresize',
  },
  rawbytes: {
    kind: 'flag',
    phase: 'dynamic',
    scope: 'here',
    doc: 'trace() prints bytes as a dump, never as text',
    example: '-x rawbytes',
  },
  stackindent: {
    kind: 'number',
    phase: 'dynamic',
    scope: 'here',
    initial: 14,
    max: 255,
    doc: 'blanks before each frame of a stack',
    example: '-x stackindent=4',
  },
  switchrate: {
    kind: 'rate',
    phase: 'dynamic',
    scope: 'here',
    initial: 1e9,
    doc: 'how often buffers of a given size (-b) are drained, on the clock of the source',
    example: '-x switchrate=10hz',
  },
} as const satisfies Record<string, OptionDef>;

export type OptionName = keyof typeof OPTIONS;

/** Who sets an option, in rising order of lateness. */
export type OptionOrigin = 'environment' | 'command' | 'pragma' | 'setopt';

/** Error texts (d-language.md 10.4), and one of our own for what is still to come. */
export const OPTION_ERRORS = {
  name: 'Invalid option name',
  value: 'Invalid value for specified option',
  context: 'Option cannot be used from within a D program',
  active: 'Operation illegal when tracing is active',
  versionForm: 'Version is not properly formatted or is too large',
  versionNew: 'Requested version is not supported by compiler',
  versionConflict: 'Requested version conflicts with earlier setting',
  later: 'Option is not supported by this version of trapline yet',
} as const;

export interface OptionEntry {
  readonly name: OptionName;
  readonly def: OptionDef;
  readonly value: number | string | undefined; // undefined: unset, and no default
  readonly explicit: boolean;
}

export interface Options {
  /** Grows with every setting that was taken: whoever reads options for each record can keep them until it does. */
  readonly changes: number;
  /** Set from -x, a short switch, or setopt(); returns the library error text on refusal. */
  set(name: string, value: string | undefined, origin: OptionOrigin): string | undefined;
  flag(name: string): boolean;
  /** The value or its default; 0 for what has neither (ask `isExplicit`). */
  number(name: string): number;
  text(name: string): string | undefined;
  /** Every text given to an option that repeats (libdir, define…), in order. */
  texts(name: string): readonly string[];
  /** Whether a value other than the built-in default was given. */
  isExplicit(name: string): boolean;
  /** Every row of the table with its present value. */
  entries(): OptionEntry[];
}

export function createOptions(): Options {
  const given = new Map<OptionName, readonly (number | string)[]>();
  const last = (name: string): number | string | undefined => {
    const known = knownName(name);
    return given.get(known)?.at(-1) ?? optionDef(known).initial;
  };
  let changes = 0;
  return {
    get changes() {
      return changes;
    },
    set(name, value, origin) {
      const refusal = setOption(given, name, value, origin);
      if (refusal === undefined) changes++;
      return refusal;
    },
    flag: (name) => given.has(knownName(name)),
    number: (name) => Number(last(name) ?? 0),
    text: (name) => {
      const value = last(name);
      return value === undefined ? undefined : String(value);
    },
    texts: (name) => (given.get(knownName(name)) ?? []).map(String),
    isExplicit: (name) => given.has(knownName(name)),
    entries: () =>
      (Object.keys(OPTIONS) as OptionName[]).map((name) => ({
        name,
        def: optionDef(name),
        value: last(name),
        explicit: given.has(name),
      })),
  };
}

function setOption(
  given: Map<OptionName, readonly (number | string)[]>,
  name: string,
  value: string | undefined,
  origin: OptionOrigin,
): string | undefined {
  if (!isOptionName(name)) return OPTION_ERRORS.name;
  const def = optionDef(name);
  const fromProgram = origin === 'pragma' || origin === 'setopt';
  if (fromProgram && def.commandOnly) return OPTION_ERRORS.context;
  if (origin === 'setopt' && def.phase !== 'dynamic') return OPTION_ERRORS.active;
  if (def.scope === 'later') return OPTION_ERRORS.later;
  if (def.kind === 'version') {
    const refusal = refuseVersion(value, given.get(name)?.at(-1));
    if (refusal) return refusal;
  }
  const parsed = parseValue(def, value);
  if (parsed.kind === 'invalid') return OPTION_ERRORS.value;
  if (parsed.kind === 'unset') given.delete(name);
  else if (typeof parsed.value === 'number' && parsed.value > (def.max ?? parsed.value))
    return OPTION_ERRORS.value;
  else given.set(name, [...(def.repeats ? (given.get(name) ?? []) : []), parsed.value]);
  return undefined;
}

function parseValue(def: OptionDef, value: string | undefined): ParsedValue {
  switch (def.kind) {
    case 'flag':
      return def.phase === 'compile' ? parseBareFlag(value) : parseFlag(value);
    case 'number':
      return parseNumber(value);
    case 'size':
      return parseSize(value);
    case 'rate':
      return parseRate(value);
    case 'enum':
      return parseChoice(value, def.choices ?? []);
    case 'attributes':
      return parseAttributes(value);
    case 'text':
    case 'version':
      return parseText(value);
  }
}

/** A version may be asked for again only if it is not newer: names were hidden already. */
function refuseVersion(value: string | undefined, before: number | string | undefined): string | undefined {
  const version = value === undefined ? undefined : parseVersion(value);
  if (!version) return OPTION_ERRORS.versionForm;
  if (isNewer(version, LANGUAGE_VERSION)) return OPTION_ERRORS.versionNew;
  const earlier = before === undefined ? undefined : parseVersion(String(before));
  return earlier && isNewer(version, earlier) ? OPTION_ERRORS.versionConflict : undefined;
}

function isNewer(version: readonly number[], than: readonly number[]): boolean {
  const difference = version.map((part, i) => part - (than[i] ?? 0)).find((d) => d !== 0);
  return (difference ?? 0) > 0;
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

export function optionDef(name: OptionName): OptionDef {
  return OPTIONS[name];
}

/** Our own code asks by literal names; a name outside the table is our mistake. */
function knownName(name: string): OptionName {
  return isOptionName(name) ? name : bug('options', `no option is called ${name}`);
}
