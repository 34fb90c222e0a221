/**
 * Linux' own trace, as text: the files `trace` and `trace_pipe` of tracefs, and what `trace-cmd report` prints.
 *
 *             sh-94      [001] d..2.     4.714044: sched_switch: prev_comm=sh prev_pid=94 ... ==> next_comm=cat ...
 *             sh-94      [001] .....     5.871900: vfs_write <-ksys_write
 *
 * Each line is a record of the point `ftrace:CATEGORY::EVENT`, with the fields that its text has as `name=value` (or else
 * its whole text as `text`). Some events tell what other sources tell too, and fire that besides:
 *
 *   irq_vectors:*_entry, *_exit      vec:interrupt:irq:0xNN and vec:interrupt:irq:return
 *   exceptions:page_fault_user, _kernel   vec:exception:page_fault:0x0e
 *   raw_syscalls:*, syscalls:*       syscall:PERSONALITY:NAME:entry and :return
 *   function, function_graph         fbt:MODULE:FUNCTION:entry and :return (graph.ts)
 *
 * What the line does not tell of their arguments is missing. The trace has no register, and of interrupts being disabled it
 * tells what holds at the event itself: safe mode judges functions by it, as it does elsewhere.
 */
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import type { LineReader, RecordPool } from '../text-trace/line-record.ts';
import type { LineRun, RunParts } from '../text-trace/line-run.ts';
import type { FieldValues, PointTable, RecordSink } from '../text-trace/points.ts';
import { Besides } from './besides.ts';
import categories from './events.json' with { type: 'json' };
import { FtraceBytes } from './ftrace-bytes.ts';
import { GraphParser } from './graph.ts';
import {
  type Fired,
  nanoseconds,
  type Place,
  recordOf,
  type SyscallNames,
  unknown,
  valuesOf,
} from './place.ts';

/** Who and where: task, thread group, CPU, flags, time. */
const LINE =
  /^\s*(\S.*?)-(\d+)\s+(?:\(\s*(\d+|-+)\)\s+)?\[(\d+)\](?:\s+([A-Za-z.\d]{4,6}))?\s+(\d+)(?:\.(\d+))?: +(.*)$/;
const EVENT = /^([A-Za-z_][\w.]*):(?:\s+(.*))?$/;
const CALL = /^(\S+)(?: \[(\w+)\])? <--? ?(\S+)(?: \[\w+\])?$/;
const SYSCALL_CALL = /^sys_(\w+)\((.*)\)$/;
const SYSCALL_RESULT = /^sys_(\w+) -> (\S+)$/;
const LOST = /^CPU:(\d+) \[(?:LOST )?(\d+ )?EVENTS(?: DROPPED)?\]$/;
const OVERWRITTEN = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+)/;
const STACK = /^<(user )?stack trace>$/;
const FIELD = /(?:^|[\s,[(])([A-Za-z_]\w*)=/g;

/** Categories of a Linux 6.1's events (available_events of tracefs); what a program or a user writes is in none there. */
const CATEGORY_OF: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...categories, ftrace: 'tracing_mark_write bprint print' }).flatMap(([category, names]) =>
    names.split(' ').map((name): [string, string] => [name, category]),
  ),
);

function categoryOf(event: string): string {
  return CATEGORY_OF.get(event) ?? (/^sys_(enter|exit)_/.test(event) ? 'syscalls' : '');
}

export class FtraceParser implements LineReader {
  private readonly table: PointTable;
  private readonly graph: GraphParser;
  private readonly besides: Besides;
  private readonly bytes: FtraceBytes;

  constructor(table: PointTable, syscalls: SyscallNames) {
    this.table = table;
    this.graph = new GraphParser(table);
    this.besides = new Besides(table, syscalls);
    this.bytes = new FtraceBytes({
      ...{ table, besides: this.besides, personality: syscalls.personality, categoryOf, isAgain: false },
      values: (point, event, text): FieldValues => valuesOf(table, point, fieldsOf(event, text)),
    });
  }

  takeBytes(at: number, end: number, pool: RecordPool, sink: RecordSink): boolean {
    return this.bytes.take(at, end, pool, sink);
  }

  openRun(parts: RunParts): LineRun {
    return this.bytes.openRun(parts);
  }

  take(line: string, sink: RecordSink): void {
    const match = LINE.exec(line);
    if (match !== null) this.event(placeOf(match), match[8]!, sink);
    else if (line.startsWith('#')) header(line, sink);
    else if (LOST.test(line)) {
      const [, cpu, count] = LOST.exec(line)!;
      sink.dropped(Number(cpu), count === undefined ? undefined : Number(count));
    } else if (!this.graph.take(line, sink)) sink.known(knownLine(line));
  }

  end(sink: RecordSink): void {
    this.graph.end(sink);
  }

  private event(place: Place, text: string, sink: RecordSink): void {
    const [, name, rest = ''] = EVENT.exec(text) ?? [];
    if (STACK.test(text)) sink.known('stack traces');
    else if (name === undefined || name === 'function')
      this.functionCall(place, name === undefined ? text : rest, sink);
    else if (name === 'funcgraph_entry' || name === 'funcgraph_exit') this.graph.event(place, rest, sink);
    else this.named(place, name, fieldsOf(name, rest), sink);
  }

  /** `vfs_write <-ksys_write`, or one of the syscalls events, which print no name. */
  private functionCall(place: Place, text: string, sink: RecordSink): void {
    const call = CALL.exec(text);
    const entered = SYSCALL_CALL.exec(text);
    const returned = SYSCALL_RESULT.exec(text);
    if (call !== null) {
      const [, func, module = 'vmlinux', parent] = call;
      const values = new Map([
        ['function', func!],
        ['parent', parent!],
      ]);
      const point = this.table.number('fbt', module, func!, 'entry', { argumentTypes: [], isJudged: true });
      this.put(place, 'ftrace', 'function', values, { point, values: unknown() }, sink);
    } else if (entered !== null) {
      const values = new Map(
        [...entered[2]!.matchAll(/(\w+): ([^,]*)/g)].map(([, name, value]) => [name!, hex(value!)]),
      );
      this.named(place, `sys_enter_${entered[1]}`, values, sink);
    } else if (returned !== null)
      this.named(place, `sys_exit_${returned[1]}`, new Map([['ret', returned[2]!]]), sink);
    else sink.torn();
  }

  private named(place: Place, name: string, values: ReadonlyMap<string, string>, sink: RecordSink): void {
    this.put(place, categoryOf(name), name, values, this.besides.of(name, values, place), sink);
  }

  private put(
    place: Place,
    category: string,
    name: string,
    values: ReadonlyMap<string, string>,
    second: Fired | undefined,
    sink: RecordSink,
  ): void {
    sink.record(recordOf(this.table, place, this.table.number('ftrace', category, '', name), values, second));
  }
}

function placeOf([, comm, tid, tgid, cpu, flags, whole, fraction]: RegExpExecArray): Place {
  return {
    cpu: Number(cpu),
    tid: Number(tid),
    pid: tgid === undefined || tgid.startsWith('-') ? Number(tid) : Number(tgid),
    comm: comm === '<...>' ? undefined : comm,
    timeNs: nanoseconds(whole!, fraction),
    flags: irqFlags(flags),
  };
}

/** The first letter: d and D are interrupts disabled, `X` not known here. */
function irqFlags(letters: string | undefined): number {
  const first = letters?.[0];
  if (first === undefined || first === 'X') return 0;
  return first === 'd' || first === 'D' ? EVENT_FLAGS.IF_KNOWN : EVENT_FLAGS.IF_KNOWN | EVENT_FLAGS.IF;
}

function knownLine(line: string): string {
  if (/^cpus=\d+$/.test(line)) return 'headings';
  return /^ *=> /.test(line) ? 'stack traces' : 'console text';
}

/** Of the file's heading, what was overwritten before the trace was read is worth telling. */
function header(line: string, sink: RecordSink): void {
  const [, kept, written] = OVERWRITTEN.exec(line) ?? [];
  const lost = Number(written ?? 0) - Number(kept ?? 0);
  if (lost > 0) sink.dropped(-1, lost);
  else sink.known('headings');
}

function fieldsOf(name: string, text: string): ReadonlyMap<string, string> {
  if (name === 'sys_enter') {
    const [, id, args] = /^NR (-?\d+) \((.*)\)$/.exec(text) ?? [];
    const values = (args ?? '').split(', ').map((value, i): [string, string] => [`a${i}`, hex(value)]);
    return id === undefined ? new Map([['text', text]]) : new Map([['id', id], ...values]);
  }
  if (name === 'sys_exit') {
    const [, id, ret] = /^NR (-?\d+) = (-?\d+)$/.exec(text) ?? [];
    return id === undefined
      ? new Map([['text', text]])
      : new Map([
          ['id', id],
          ['ret', ret!],
        ]);
  }
  const starts = [...text.matchAll(FIELD)];
  if (starts.length === 0) return text === '' ? new Map() : new Map([['text', text]]);
  return new Map(
    starts.map((match, i) => {
      const end = starts[i + 1]?.index ?? text.length;
      const value = text.slice(match.index + match[0].length, end).replace(/[\s,\])]*(==>)?$/, '');
      return [match[1]!, value];
    }),
  );
}

function hex(text: string): string {
  const digits = text.trim().replace(/^0x/, '');
  return /^[0-9a-f]{1,16}$/.test(digits) ? `0x${digits}` : text.trim();
}
