/** Tags of usage and environment errors: the command line, input files, options. Their texts are whole messages. */
import type { TagDef } from '../tags.ts';

export const USAGE_TAGS = {
  // the command line (exit status 2)
  U_SWITCH: { text: '{message}', hint: 'trapline --help lists the switches' },
  U_LATER: { text: '{what} is not in this version yet' },
  U_EXCLUSIVE: { text: 'only one of the [-AGhlV] options can be specified at a time' },
  U_OPTION: { text: 'failed to set -x {setting}: {reason}' },
  U_SUBCOMMAND: { text: '{message}' },
  U_TOPIC: { text: 'no help for {name}' },
  // the environment and the session (exit status 1)
  U_OPEN: { text: 'failed to open {path}: {reason}' },
  U_READ: { text: 'failed to read {path}: {reason}' },
  U_TRACE: { text: 'trace {path}: {reason}' },
  U_OUTPUT: { text: "failed to open output file '{path}': {reason}" },
  U_DECODER: {
    text: 'iced-x86.js, the decoder of x86 instructions, is not beside trapline.js',
    hint: 'copy the two together; npm run build makes both',
  },
  U_WRITE: { text: 'failed to write {path}: {reason}' },
  U_CONTROL: { text: 'control socket {path}: {reason}' },
  U_SYMBOLS: { text: 'symbols {path}: {reason}' },
  U_FORMAT: { text: 'format {path}: {reason}', hint: 'README.md shows such a file' },
  U_TRACE_FORM: {
    text: 'no records of the form {form} found in {path}',
    hint: 'README.md shows how another form is described',
  },
  U_SYSCALLS: { text: 'system calls {path}: {reason}', hint: 'README.md shows such a file' },
  U_CLOCK: { text: 'failed to set -x clock: {reason}' },
  U_COMMAND: { text: 'failed to execute {command}: {reason}' },
  U_PID: { text: 'invalid pid: {text}' },
  // live guests
  U_LIVE: { text: '{program}: {reason}' },
  U_LIVE_VEC_MEMORY: {
    text: "{probe}: the guest's memory cannot be read at it: interrupts come from a log, and are past when they are seen",
    hint: 'probe the function that handles it, as in fbt::asm_exc_page_fault:entry, where the guest can be stopped',
  },
  U_LIVE_NO_LOG: {
    text: 'interrupts of a guest that runs already cannot be seen through its gdbstub',
    hint: "start it with -c 'qemu-system-…', or with -d int -D FIFO and give trapline -t FIFO --follow",
  },
  U_LIVE_TOO_MANY: {
    text: '{count} places in the code (the first is {first}) are too many to watch in a log: {most} are watched at full speed, and hundreds slow the guest many times',
    hint: 'name fewer functions, or let a TCG plugin count them: --plugin',
  },
  U_LIVE_TOO_MANY_STOPS: {
    text: '{count} places in the code (the first is {first}) are too many to stop the guest at: {most} breakpoints are the most, and each hit costs milliseconds',
    hint: 'name fewer functions',
  },
  U_LIVE_MOVED: {
    text: '{probe} has no known address: Linux moves itself at each boot',
    hint: 'add nokaslr to -append, or say how far with --symbols FILE@+0xOFFSET',
  },
  U_MACHINE: {
    text: '--machine {image}: {reason}',
    hint: 'it takes a 64-bit ELF kernel with a PVH note, as examples/guest/kernel.elf',
  },
  U_INJECT: {
    text: 'failed to set -x inject: {item}: {reason}',
    hint: 'as in -x inject=drop-step/100,two-cpus@7',
  },
  U_PLUGIN: { text: 'no TCG plugin: {reason}', hint: 'without --plugin other ways are tried' },
  U_RECORD: { text: 'record: {reason}' },
  U_RECORDING: { text: 'recording {path}: {reason}' },
  U_ENABLE: { text: 'could not enable tracing: {reason}' },
  U_NO_MATCH: { text: 'no probes matched', hint: 'the program has no clause whose probes exist' },
  U_NO_PROBES: {
    text: 'no probes specified',
    hint: "give a program: trapline -n 'BEGIN { trace(1); exit(0); }', or -s FILE",
  },
} as const satisfies Record<string, TagDef>;
