/**
 * Linux' ftrace text: real captures of a Debian guest against counts made here from their text, and single lines of the forms
 * that other versions and trace-cmd print. If this breaks, look in src/sources/ftrace.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FtraceParser } from '../../src/sources/ftrace/ftrace.ts';
import { PointTable, type RecordSink } from '../../src/sources/text-trace/points.ts';
import { TOP, trapline } from '../support/cli.ts';

const EVENTS = 'examples/traces/linux-ftrace-events.txt.gz';
const LOST = 'examples/traces/linux-ftrace-lost.txt.gz';
const FUNCTION = 'examples/traces/linux-ftrace-function.txt.gz';
const GRAPH = 'examples/traces/linux-ftrace-graph.txt.gz';

const textOf = (path: string): string => gunzipSync(readFileSync(`${TOP}/${path}`)).toString('latin1');

function tally(values: Iterable<string>): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${value} ${count}`).sort();
}

async function shown(path: string, program: string, ...more: string[]): Promise<string[]> {
  const { stdout, stderr } = await trapline(['-q', '-t', path, ...more, '-n', program]);
  expect(stderr).not.toMatch(/error|no times/);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

describe.concurrent('a capture of events', () => {
  const text = textOf(EVENTS);
  const found = (pattern: RegExp): RegExpExecArray[] => [...text.matchAll(pattern)];

  test('has every event as often as the text, of the thread that it names', async () => {
    const truth = found(/^ *(\S.*)-(\d+) +\[\d+\] \S+ +[\d.]+: (\w+):/gm).map(
      ([, comm, tid, name]) => `${comm} ${tid} ${name}`,
    );
    expect(truth).toHaveLength(1048);
    const program =
      'ftrace::: { @[execname, tid, probename] = count(); } END { printa("%s %d %s %@d\\n", @); }';
    expect(await shown(EVENTS, program)).toEqual(tally(truth));
  });

  test('interrupts are vec, with the time they took', async () => {
    const vectors = found(/: \w+_entry: vector=(\d+)/g).map(
      ([, vector]) => `0x${Number(vector).toString(16)}`,
    );
    const program = 'vec:interrupt:irq:0x* { @[probename] = count(); } END { printa("%s %@d\\n", @); }';
    expect(await shown(EVENTS, program)).toEqual(tally(vectors));
    const open = new Map<string, number>();
    const took: string[] = [];
    for (const [, cpu, micros, kind, vector] of found(
      /\[(\d+)\] \S+ +(\d+\.\d+): \w+_(entry|exit): vector=(236)/g,
    )) {
      const at = Math.round(Number(micros) * 1e6);
      if (kind === 'entry') open.set(cpu!, at);
      else if (open.has(cpu!)) took.push(`${vector} ${(at - open.get(cpu!)!) * 1000}`);
    }
    expect(took.length).toBeGreaterThan(50);
    const returns = 'vec:interrupt:irq:return /arg0 == 236/ { printf("%d %d\\n", arg0, arg1); }';
    expect(await shown(EVENTS, returns)).toEqual(took.sort());
  });

  test('page faults are vec, with level, place and error code', async () => {
    const truth = found(/page_fault_(user|kernel): address=0x(\w+) ip=(\S+) error_code=0x(\w+)/g).map(
      ([, level, address, , code]) => `${level === 'user' ? 3 : 0} ${address} ${code}`,
    );
    expect(truth).toHaveLength(206);
    const program =
      'vec:::14 { @[args[0]->cpl, args[0]->addr, args[0]->errcode] = count(); } END { printa("%d %x %x %@d\\n", @); }';
    expect(await shown(EVENTS, program)).toEqual(tally(truth));
    const users = found(/page_fault_user: address=0x\w+ ip=0x(\w+)/g).map(([, pc]) => pc!);
    expect(
      await shown(EVENTS, 'vec:::0x0e /cpl == 3/ { @[pc] = count(); } END { printa("%x %@d\\n", @); }'),
    ).toEqual(tally(users));
  });

  test('system calls have names, arguments, results and errno', async () => {
    const entered = found(/sys_enter: NR 257 \((\w+), (\w+), (\w+)/g).map(
      ([, at, path, flags]) => `${at} ${path} ${flags}`,
    );
    expect(entered.length).toBeGreaterThan(5);
    expect(
      await shown(EVENTS, 'syscall:linux64:openat:entry { printf("%x %x %x\\n", arg0, arg1, arg2); }'),
    ).toEqual(entered.sort());
    const failed = found(/sys_exit: NR (\d+) = -(\d+)/g).map(([, number, errno]) => `${number} ${errno}`);
    const program =
      'ftrace:raw_syscalls::sys_exit { self->id = args[0]->id } syscall:::return /errno/ { printf("%d %d\\n", self->id, errno); }';
    expect(await shown(EVENTS, program)).toEqual(failed.sort());
    // Behind sigreturn the line has no number.
    expect(found(/sys_exit: NR -1 = /g)).toHaveLength(3);
    expect(await shown(EVENTS, 'syscall::rt_sigreturn:return { @ = count(); }')).toEqual([
      '                3',
    ]);
  });

  test("time is the trace's, and self-> is the thread's", async () => {
    const open = new Map<string, number>();
    const truth: string[] = [];
    for (const [, tid, time, kind] of found(/-(\d+) +\[\d+\] \S+ +(\d+\.\d+): sys_(enter|exit): NR 61 /g)) {
      const at = Math.round(Number(time) * 1e6);
      if (kind === 'enter') open.set(tid!, at);
      else if (open.has(tid!)) truth.push(`${tid} ${(at - open.get(tid!)!) * 1000}`);
    }
    const program =
      'syscall::wait4:entry { self->t = timestamp } syscall::wait4:return /self->t/ { printf("%d %d\\n", tid, timestamp - self->t); self->t = 0 }';
    expect(await shown(EVENTS, program)).toEqual(truth.sort());
  });

  test('fields of any event by name, text too', async () => {
    const truth = found(/sched_switch: prev_comm=(\S+) .* ==> next_comm=(\S+) next_pid=(\d+)/g);
    const program =
      'sched_switch { @[args[0]->prev_comm, args[0]->next_comm, args[0]->next_pid] = count(); } END { printa("%s %s %d %@d\\n", @); }';
    expect(await shown(EVENTS, program)).toEqual(
      tally(truth.map(([, from, to, pid]) => `${from} ${to} ${pid}`)),
    );
  });
});

describe.concurrent('other captures', () => {
  test('events that Linux lost are losses of their CPU', async () => {
    const { stdout, stderr, status } = await trapline([
      '-q',
      '-x',
      'strict',
      '-t',
      LOST,
      '-n',
      'ftrace::: { @ = count(); }',
    ]);
    expect(stdout.trim()).toBe('1526');
    expect(stderr).toContain('lost 772 records that the guest dropped, CPU 1: 772');
    expect(status).toBe(3);
  });

  test('the function tracer is fbt', async () => {
    const truth = [...textOf(FUNCTION).matchAll(/: (\w+) <-(\w+)$/gm)].map(
      ([, func, parent]) => `${func} ${parent}`,
    );
    expect(truth).toHaveLength(22);
    const functions = tally(truth.map((row) => row.split(' ')[0]!));
    expect(
      await shown(FUNCTION, 'fbt:vmlinux::entry { @[probefunc] = count(); } END { printa("%s %@d\\n", @); }'),
    ).toEqual(functions);
    const program =
      'ftrace:::function { @[args[0]->function, args[0]->parent] = count(); } END { printa("%s %s %@d\\n", @); }';
    expect(await shown(FUNCTION, program)).toEqual(tally(truth));
  });

  test('function_graph is fbt, entries and returns in pairs', async () => {
    const text = textOf(GRAPH);
    const entries = [...text.matchAll(/ ([\w.]+)\(\)( \{|;)$/gm)].map(([, func]) => func!);
    const returns = [...text.matchAll(/(\(\);|[ ]\})$/gm)];
    const program =
      'fbt:::entry { @[probefunc] = count(); } fbt:::return { @r = count(); } END { printa("%s %@d\\n", @); printa("all %@d\\n", @r); }';
    expect(await shown(GRAPH, program)).toEqual([...tally(entries), `all ${returns.length}`].sort());
    // How long a function took, by the clock: the tracer says it too, to a microsecond.
    const durations = [...text.matchAll(/([\d.]+) us +\| +getname\(\)|([\d.]+) us +\| {4}\}$/gm)];
    expect(durations[0]![2]).toBe('29.610');
    const taken =
      'fbt::getname:entry { self->t = timestamp } fbt::getname:return { printf("%d\\n", timestamp - self->t); exit(0); }';
    const [ns] = await shown(GRAPH, taken);
    expect(Math.abs(Number(ns) - 29_610)).toBeLessThan(1500);
  });

  test('what the trace does not tell is an error, and what it does not show no probe', async () => {
    const { stderr } = await trapline([
      '-q',
      '-t',
      FUNCTION,
      '-n',
      'fbt::vfs_read:entry { trace(arg0); exit(0); }',
    ]);
    expect(stderr).toContain('error on enabled probe');
    const none = await trapline(['-t', FUNCTION, '-n', 'fbt::vfs_fsync:entry { exit(0); }']);
    expect(none.stderr).toContain('lists the probes that the trace shows');
  });

  test('functions that run with interrupts disabled are withheld', async () => {
    const line = (flags: string, func: string) => `   sh-9   [000] ${flags}   1.000000: ${func} <-caller\n`;
    const stdin = line('d....', 'off') + line('.....', 'on') + line('D....', 'off') + line('', 'unsaid');
    const folder = mkdtempSync(join(tmpdir(), 'ftrace-'));
    const path = join(folder, 'trace.txt');
    writeFileSync(path, stdin);
    const args = ['-q', '-t', path, '-n', 'fbt:::entry { printf("%s ", probefunc); }'];
    const safe = await trapline(args);
    expect(safe.stdout.trim()).toBe('on unsaid');
    expect(safe.stderr).toContain('safe mode withheld 2 firings with interrupts disabled (fbt::off:entry 2)');
    expect((await trapline([...args, '--unsafe'])).stdout.trim()).toBe('off on off unsaid');
    rmSync(folder, { recursive: true });
    const piped = ['-q', '-x', 'format=ftrace', '-t', '-', '-n', 'ftrace:::function { printf("%d ", tid); }'];
    expect((await trapline(piped, { stdin })).stdout.trim()).toBe('9 9 9 9');
  });
});

describe('lines of other forms', () => {
  function parsed(...lines: readonly string[]): string[] {
    const table = new PointTable();
    const names = new Map([[257, 'openat']]);
    const parser = new FtraceParser(table, { personality: 'linux64', names });
    const out: string[] = [];
    const name = (point: number): string => {
      const { provider, module, function: func, name: own } = table.points[point]!;
      return `${provider}:${module}:${func}:${own}`;
    };
    const sink: RecordSink = {
      record: (record) => {
        const { fields } = table.points[record.point]!;
        const values = fields.map((field, i) => `${field.name}=${record.values[i]}`).join(' ');
        const second = record.second
          ? ` & ${name(record.second.point)}(${record.second.values.join(',').replace(/,+$/, '')})`
          : '';
        out.push(
          `${record.comm}/${record.pid}/${record.tid} ${record.cpu} ${record.timeNs} ${name(record.point)} ${values}${second}`,
        );
      },
      torn: () => out.push('torn'),
      known: (kind) => out.push(kind),
      dropped: (cpu, count) => out.push(`dropped ${cpu} ${count}`),
    };
    for (const line of lines) parser.take(line, sink);
    parser.end(sink);
    return out;
  }

  test.each([
    [
      'trace-cmd report, nanoseconds',
      '            bash-1234  [003]  100.000000123: sched_wakeup: comm=a b pid=7 prio=120 target_cpu=001',
      ['bash/1234/1234 3 100000000123 ftrace:sched::sched_wakeup comm=a b pid=7 prio=120 target_cpu=001'],
    ],
    [
      'a thread of a group',
      '            x-y-12     (  10) [001] d..1.     1.5: irq_handler_entry: irq=4 name=ttyS0',
      ['x-y/10/12 1 1500000000 ftrace:irq::irq_handler_entry irq=4 name=ttyS0'],
    ],
    [
      'brackets around a field',
      '  <idle>-0     [000] ..s1.     2.0: softirq_entry: vec=1 [action=TIMER]',
      ['<idle>/0/0 0 2000000000 ftrace:irq::softirq_entry vec=1 action=TIMER'],
    ],
    [
      'an event of the syscalls category',
      '  sh-9   [000] .....     1.000000: sys_openat(dfd: ffffff9c, filename: 7ffe0000, flags: 8000, mode: 0)',
      [
        'sh/9/9 0 1000000000 ftrace:syscalls::sys_enter_openat dfd=0xffffff9c filename=0x7ffe0000 flags=0x8000 mode=0x0' +
          ' & syscall:linux64:openat:entry(0xffffff9c,0x7ffe0000,0x8000,0x0)',
      ],
    ],
    [
      'its result',
      '  sh-9   [000] .....     1.000000: sys_openat -> 0xfffffffffffffffe',
      [
        'sh/9/9 0 1000000000 ftrace:syscalls::sys_exit_openat ret=0xfffffffffffffffe & syscall:linux64:openat:return(fffffffffffffffe,fffffffffffffffe)',
      ],
    ],
    [
      'a function of a module',
      '  <...>-9   [000] .....     1.000000: ext4_file_open [ext4] <-do_dentry_open',
      [
        'undefined/9/9 0 1000000000 ftrace:ftrace::function function=ext4_file_open parent=do_dentry_open & fbt:ext4:ext4_file_open:entry()',
      ],
    ],
    [
      "trace-cmd's function",
      '  sh-9   [000]     1.000000: function:             vfs_read <-- ksys_read',
      [
        'sh/9/9 0 1000000000 ftrace:ftrace::function function=vfs_read parent=ksys_read & fbt:vmlinux:vfs_read:entry()',
      ],
    ],
    ['lost events, trace_pipe', 'CPU:2 [LOST 57 EVENTS]', ['dropped 2 57']],
    ['lost events, trace-cmd', 'CPU:2 [57 EVENTS DROPPED]', ['dropped 2 57']],
    ['lost events, nobody knows how many', 'CPU:2 [LOST EVENTS]', ['dropped 2 undefined']],
    [
      'a ring that was overwritten',
      '# entries-in-buffer/entries-written: 205/1048   #P:2',
      ['dropped -1 843'],
    ],
    [
      'text of a marker',
      '  sh-9   [000] .....     1.0: tracing_mark_write: hello there',
      ['sh/9/9 0 1000000000 ftrace:ftrace::tracing_mark_write text=hello there'],
    ],
    ['no event at all', 'random text', ['console text']],
    ['a line that is cut', '  sh-9   [000] .....     1.000000: vfs_r', ['torn']],
  ])('%s', (_, line, expected) => {
    expect(parsed(line)).toEqual(expected);
  });

  test('a result that is no number is none', () => {
    for (const result of ['0x', '?', '-0x2', '12q']) {
      const rows = parsed(`  sh-1 [000] ..... 1.000000: sys_read -> ${result}`);
      expect(rows.join()).toContain('syscall');
    }
  });

  test('function_graph without times: pairs by depth, results where the kernel prints them', () => {
    const rows = parsed(
      ' 0)               |  a() {',
      ' 1)   0.500 us    |  c [mod]();',
      ' 0)   ==========> |',
      ' 0)   0.100 us    |    b(); /* = 0x5 */',
      ' 0) + 12.805 us   |  } /* a ret=0x7 */',
      ' 0)   1.000 us    |  }',
      ' ------------------------------------------',
      ' 0)    sh-60      =>    cat-61   ',
    ).map((row) => row.replace(/^.*& /, ''));
    expect(rows).toEqual([
      'fbt:vmlinux:a:entry()',
      'fbt:mod:c:entry()',
      'drawing',
      'fbt:mod:c:return()',
      'fbt:vmlinux:b:entry()',
      'fbt:vmlinux:b:return(,0x5)',
      'fbt:vmlinux:a:return(,0x7)',
      'returns from functions entered before the trace',
      'drawing',
      'drawing',
    ]);
  });
});
