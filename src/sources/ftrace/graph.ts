/**
 * Lines of the function_graph tracer: entries and returns of functions, drawn as a tree.
 *
 *    0)               |  do_sys_openat2() {                     an entry
 *    0)   1.258 us    |    __cond_resched();                    an entry and its return
 *    0) + 12.805 us   |  }                                      a return; which function's, the entries before it tell
 *   35.959768 |   0)   busybox-94   |               |  …        with the options funcgraph-abstime and funcgraph-proc
 *
 * Returns whose entry is not in the trace have no function, unless the tracer prints it behind them; without one they are
 * known to be no event. A function that calls nothing has one line, whose return is given out when the time of another line
 * has reached it, and before the CPU's next line (an interrupt may have delayed the entry's time, not the duration). Without funcgraph-abstime lines have no time.
 */
import type { FieldValues, PointTable, RecordSink, TextRecord } from '../text-trace/points.ts';
import { nanoseconds, type Place, recordOf, unknown } from './place.ts';

const LINE =
  /^\s*(?:(\d+)\.(\d+) \|\s*)?(\d+)\)\s*(?:(\S.*?)-(\d+)\s*\|)?(?:\s*[A-Za-z.\d]{4,6}\s*\|)?\s*(.*)$/;
const BODY = /^(?:[!@#*$+]?\s*([\d.]+) us\s*)?\|\s*(.*)$/;
const ENTRY = /^([^\s()]+)(?: \[(\w+)\])?\(\)( \{|;)(?: \/\* .*\*\/)?$/;
const RETURN = /^\}(?: \/\* ([^\s*]+)(?: \[(\w+)\])?.*\*\/)?$/;
const RESULT = /\/\* .*(?:ret|=) ?(?:=\s*)?(0x[0-9a-f]+)/;
/** What the tracer draws besides. */
const DRAWN = /^[-=<> |]*$|=>|^\/\*/;

interface Function {
  readonly name: string;
  readonly module: string;
}

export class GraphParser {
  private readonly table: PointTable;
  /** Returns of functions of one line, by CPU. */
  private readonly due = new Map<number, TextRecord>();
  private readonly open = new Map<string, Function[]>(); // by thread, or by CPU where lines do not tell it

  constructor(table: PointTable) {
    this.table = table;
  }

  /** False: it is no line of this tracer. */
  take(line: string, sink: RecordSink): boolean {
    const [, seconds, fraction, cpu, comm, tid, rest] = LINE.exec(line) ?? [];
    if (cpu === undefined) {
      if (!/^\s*-{8,}\s*$/.test(line)) return false;
      sink.known('drawing');
      return true;
    }
    const thread = tid === undefined ? undefined : Number(tid);
    const timeNs = seconds === undefined ? Number.NaN : nanoseconds(seconds, fraction);
    this.event({ cpu: Number(cpu), tid: thread, pid: thread, comm, timeNs, flags: 0 }, rest!, sink);
    return true;
  }

  /** What stands behind the place: a duration, and an entry or a return. */
  event(place: Place, text: string, sink: RecordSink): void {
    const [, micros, drawn] = BODY.exec(text) ?? [];
    const body = drawn?.trim();
    if (body === undefined || body === '') {
      sink.known('drawing');
      return;
    }
    const durationNs = micros === undefined ? undefined : Math.round(Number(micros) * 1000);
    this.release(place, sink);
    const entered = ENTRY.exec(body);
    const returned = RETURN.exec(body);
    const ret = RESULT.exec(body)?.[1];
    if (entered !== null) {
      const called = { name: entered[1]!, module: entered[2] ?? 'vmlinux' };
      sink.record(this.recordOf(place, 'entry', called, undefined, undefined));
      if (entered[3] === ' {') this.stackOf(place).push(called);
      else
        this.due.set(place.cpu, this.recordOf(later(place, durationNs), 'return', called, durationNs, ret));
    } else if (returned !== null) {
      const last = this.stackOf(place).pop();
      const named =
        returned[1] === undefined ? undefined : { name: returned[1], module: returned[2] ?? 'vmlinux' };
      const left = last ?? named;
      if (left === undefined) sink.known('returns from functions entered before the trace');
      else sink.record(this.recordOf(place, 'return', left, durationNs, ret));
    } else if (DRAWN.test(body)) sink.known('drawing');
    else sink.torn();
  }

  /** Returns that come before what happens at `place`. */
  private release({ cpu, timeNs }: Place, sink: RecordSink): void {
    for (const [of, record] of [...this.due].sort(([, a], [, b]) => a.timeNs - b.timeNs)) {
      if (of !== cpu && record.timeNs > timeNs) continue;
      this.due.delete(of);
      sink.record(record.timeNs > timeNs ? { ...record, timeNs } : record);
    }
  }

  /** The trace has ended. */
  end(sink: RecordSink): void {
    for (const record of this.due.values()) sink.record(record);
    this.due.clear();
  }

  private stackOf({ tid, cpu }: Place): Function[] {
    const key = tid === undefined || tid === 0 ? `cpu ${cpu}` : `${tid}`;
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const stack: Function[] = [];
    this.open.set(key, stack);
    return stack;
  }

  private recordOf(
    place: Place,
    kind: 'entry' | 'return',
    { name, module }: Function,
    durationNs: number | undefined,
    ret: string | undefined,
  ): TextRecord {
    const { table } = this;
    const values = new Map([['function', name]]);
    if (durationNs !== undefined) values.set('duration', String(durationNs));
    const event = table.number(
      'ftrace',
      'ftrace',
      '',
      kind === 'entry' ? 'funcgraph_entry' : 'funcgraph_exit',
    );
    const point = table.number('fbt', module, name, kind, { argumentTypes: [], isJudged: true });
    const args: FieldValues = unknown();
    if (kind === 'return') args[1] = ret;
    return recordOf(table, place, event, values, { point, values: args });
  }
}

function later(place: Place, durationNs: number | undefined): Place {
  return { ...place, timeNs: place.timeNs + (durationNs ?? 0) };
}
