/** Tags of trouble with an event source: files that cannot be read, that are damaged, or that are something else. */
import type { TagDef } from '../tags.ts';

export const SOURCE_TAGS = {
  U_TRACE_OPEN: { text: 'failed to open {path}: {reason}' },
  U_TRACE_DIRECTORY: {
    text: 'failed to open {path}: Is a directory',
    hint: 'name the log file in it, as -t {path}/FILE',
  },
  U_TRACE_EMPTY: {
    text: '{path} is empty',
    hint: 'QEMU writes interrupt records with -d int -D FILE',
  },
  U_TRACE_NO_RECORDS: {
    text: 'no QEMU interrupt records found in {path}{looks}',
    hint: 'was QEMU run with -d int?',
  },
  U_TRACE_PACKED: {
    text: '{path} is packed with {format}, which trapline does not read',
    hint: '{unpack} {path} | trapline -t - …',
  },
  U_TRACE_DAMAGED: {
    text: '{path}: {format} data {damage}',
    hint: 'what came before that place was replayed',
  },
  U_TRACE_UNPACKER: {
    text: '{path}: {program}, which unpacks it, was killed by {signal}',
    hint: 'what it had unpacked before that was replayed',
  },
  U_TRACE_READ: {
    text: '{path}: reading failed at byte {offset}: {reason}',
    hint: 'what came before that place was replayed',
  },
  U_TRACE_CHANGED: {
    text: '{path} {what} while it was followed',
    hint: 'what it held before was traced; start again to follow what it is now',
  },
  U_TRACE_FOLLOW_PACKED: {
    text: '{path} is packed with {format}, and a packed log does not grow',
    hint: 'leave --follow out',
  },
  U_TRACE_TWICE: {
    text: 'standard input can be replayed only once',
    hint: 'give -t - a single time',
  },
} as const satisfies Record<string, TagDef>;
