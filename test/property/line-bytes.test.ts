/**
 * Lines taken from their bytes are what the parsers of strings make of them: the same records, points and fields in the same
 * order, from real captures, from made-up traces, and from such lines with bytes changed. The parsers of strings are the
 * definition; their own tests are test/replay/ftrace.test.ts and text-trace.test.ts.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { FtraceParser } from '../../src/sources/ftrace/ftrace.ts';
import { isPrintable } from '../../src/sources/text-trace/bytes.ts';
import { withoutColours, withoutColoursIn } from '../../src/sources/text-trace/colours.ts';
import { FORMATS, type Format, parseFormat } from '../../src/sources/text-trace/format.ts';
import { LineFormatParser } from '../../src/sources/text-trace/line-format.ts';
import { type LineReader, LineRecord, RecordPool } from '../../src/sources/text-trace/line-record.ts';
import { PointTable, type RecordSink, type TextRecord } from '../../src/sources/text-trace/points.ts';
import { TOP } from '../support/cli.ts';

type MakeParser = (table: PointTable) => LineReader;

const names = new Map([0, 1, 3, 9, 13, 61, 257].map((id) => [id, `call${id}`]));
const ftrace: MakeParser = (table) => new FtraceParser(table, { personality: 'linux64', names });
const byFormat =
  (format: Format): MakeParser =>
  (table) =>
    new LineFormatParser(format, table);

const MINE = parseFormat(
  JSON.stringify({
    name: 'mine',
    lines: ['ev {n:int} @{us:int} cpu{c:int} {what} by {who}({pid:int}) {*}', 'ev {n:int} is {what}'],
    sequence: { field: 'n', of: 'all' },
    cpu: 'c',
    time: { field: 'us', ns: 1000 },
    process: { pid: 'pid', execname: 'who' },
    point: 'what',
    points: { open: { category: 'fs', kind: 'path' }, '*': { category: '{what}' } },
  }),
) as Format;

/** All of its lines differ in numbers alone, or in words that their shapes have. */
const PLAIN = parseFormat(
  JSON.stringify({
    name: 'plain',
    lines: ['[kt] n={n:int} us={us:int} c{c:int} 0x{pc:hex} at={at:hex} {what} by {who} {*}'],
    sequence: { field: 'n', of: 'cpu' },
    cpu: 'c',
    time: { field: 'us', ns: 1000 },
    process: { pid: 'n', execname: 'who' },
    pc: 'pc',
    address: 'at',
    point: 'what',
    points: { '*': { category: 'all', kind: '{what}' } },
  }),
) as Format;

/** All that a record says, as text. */
function shown(record: TextRecord): string {
  const { point, cpu, seq, timeNs, flags, level, pid, tid, comm, pc, address, mayRepeat, line } = record;
  const values = Array.from({ length: 10 }, (_, i) => record.values[i]);
  const second = record.second && [
    record.second.point,
    Array.from({ length: 10 }, (_, i) => record.second!.values[i] ?? null),
    record.second.errno ?? 0,
  ];
  return JSON.stringify(
    [point, cpu, `${seq}`, `${timeNs}`, flags, level, pid, tid, comm, pc, address, mayRepeat ?? false].concat(
      [line, values.map((value) => value ?? null), second] as never,
    ),
  );
}

interface Outcome {
  readonly events: string[];
  readonly taken: number; // lines from bytes
}

/** What a parser makes of lines; `settled`: of a table that knows them. */
function outcome(make: MakeParser, lines: readonly string[], table: PointTable, isBytes: boolean): Outcome {
  const events: string[] = [];
  let taken = 0;
  const sink: RecordSink = {
    record: (record) => {
      if (record instanceof LineRecord) taken++;
      events.push(shown(record));
    },
    torn: () => events.push('torn'),
    known: (kind) => events.push(kind),
    dropped: (cpu, count) => events.push(`dropped ${cpu} ${count}`),
  };
  const parser = make(table);
  const memory = new LinearMemory();
  const at = memory.reserve(1 << 16);
  const pool = new RecordPool(memory);
  for (const line of lines) {
    const bytes = Buffer.from(line, 'utf8');
    memory.u8.set(bytes, at);
    let end = at + bytes.length;
    if (!isPrintable(memory.u8, at, end)) end = withoutColoursIn(memory.u8, at, end);
    pool.reuse();
    if (isBytes && end >= 0 && parser.takeBytes?.(at, end, pool, sink)) continue;
    parser.take(withoutColours(line), sink);
  }
  parser.end?.(sink);
  return { events, taken };
}

function expectSame(make: MakeParser, lines: readonly string[]): number {
  const byString = new PointTable();
  const byBytes = new PointTable();
  const expected = outcome(make, lines, byString, false);
  const first = outcome(make, lines, byBytes, true);
  expect(first.events).toEqual(expected.events);
  expect(byBytes.points).toEqual(byString.points);
  // The second time all fields are known, and are looked for only when asked.
  const again = outcome(make, lines, byString, false);
  byBytes.isSettled = true;
  const settled = outcome(make, lines, byBytes, true);
  expect(settled.events).toEqual(again.events);
  expect(byBytes.points).toEqual(byString.points);
  return settled.taken;
}

const captured = (name: string): string[] =>
  gunzipSync(readFileSync(`${TOP}/examples/traces/${name}.txt.gz`))
    .toString('utf8')
    .split('\n');

const strat9 = (seq: number, kind: string, rest = ''): string =>
  `[trace] seq=${seq} cpu=${seq % 4} kind=${kind} pid=${seq % 9} tid=${100 + (seq % 9)} rip=0xffffffff8000${seq % 10} ` +
  `vaddr=0x7f00${seq} a0=0x2 a1=0xffffffffffffffff fl=0x6${rest}`;
const dumped = (seq: number): string =>
  `  seq=${seq} t=${seq * 10} cpu=0 kind=mem_pf pid=1 tid=2 cr3=0x5000 rip=0xff vaddr=7f fl=0x6 a0=0x2 a1=0x1`;

const SAMPLES: Readonly<Record<string, { readonly make: MakeParser; readonly lines: readonly string[] }>> = {
  'ftrace, events': { make: ftrace, lines: captured('linux-ftrace-events') },
  'ftrace, lost events': { make: ftrace, lines: captured('linux-ftrace-lost') },
  'ftrace, functions': { make: ftrace, lines: captured('linux-ftrace-function') },
  'ftrace, graph': { make: ftrace, lines: captured('linux-ftrace-graph').slice(0, 1000) },
  'ftrace, other forms': {
    make: ftrace,
    lines: [
      '  sh-9   [000] .....     1.000000: ext4_file_open [ext4] <-do_dentry_open [vfs]',
      '  sh-9   [000]     1.000000: function:             vfs_read <-- ksys_read',
      '  sh-9   [000] d....     1.0: tracing_mark_write: hello there',
      '  sh-9   [000] X....     12345: softirq_entry: vec=1 [action=TIMER]',
      'x-y-12     (  10) [001] d..1.     1.5: irq_handler_entry: irq=4 name=ttyS0',
      '  <...>-0     [000] ..s1.     2.0: sched_switch: prev_comm=a b prev_state=R+ ==> next_comm=c d next_pid=7',
      '  sh-9   [000] .....     1.000000: sys_exit: NR 257 = -2',
      '  sh-9   [000] .....     1.000000: sys_exit: NR -1 = -4095',
      '  sh-9   [000] .....     1.000000: sys_enter: NR 257 (ffffff9c, 0, 0, 0, 0, ffffffffffffffff)',
      '  sh-9   [000] .....     1.0: page_fault_kernel: address=0x10 ip=foo+0x3/0x9 error_code=0x2',
      '  sh-9   [000] .....     1.0: local_timer_entry: vector=236',
      '  sh-9   [000] .....     1.5: local_timer_exit: vector=236',
      '  sh-9   [000] .....     1.5: x_exit: vector=256',
      '  sh-9   [000] .....     1.5: plain: a=1, b=(2) a=3 =4 9c=5',
      '  sh-9   [000] .....     1.5: plain: a=x, b=(2) c=3',
      '  sh-9   [000] .....     1.5: plain:',
    ],
  },
  strat9: {
    make: byFormat(FORMATS.find(({ name }) => name === 'strat9')!),
    lines: Array.from({ length: 60 }, (_, i) =>
      i % 7 === 0
        ? `console, seq= and [trace] ${i}`
        : i % 11 === 0
          ? dumped(i)
          : strat9(i, i % 3 ? 'mem_pf' : `odd${i % 2}`, i % 13 === 0 ? strat9(i, 'mem_cow') : ''),
    ),
  },
  breenix: {
    make: byFormat(FORMATS.find(({ name }) => name === 'breenix')!),
    lines: Array.from(
      { length: 60 },
      (_, i) =>
        `[TRACE] CPU${i % 2} idx=${i} ts=${i * 7} type=0x0${i % 3} NAME${i % 4} nr=${i % 5 === 0 ? 'x' : i} pid="2 3" z${i % 14}=1`,
    ),
  },
  'plain words and numbers': {
    make: byFormat(PLAIN),
    lines: Array.from(
      { length: 60 },
      (_, i) =>
        `[kt] n=${i * 7} us=${i ** 5} c${i % 3} 0xfff${i.toString(16)} at=${i.toString(16)} ${i % 3 ? 'open' : 'b2'} by ` +
        `k/${i % 2} fd=${i} size=-${i},off=0x${i} q="a=${i} b" to=${i % 4 ? i : 'x'}`,
    ),
  },
  "a user's": {
    make: byFormat(MINE),
    lines: Array.from({ length: 60 }, (_, i) =>
      i % 5 === 0
        ? `ev ${i} is open`
        : `ev ${i} @${i * 1000} cpu${i % 2} ${i % 3 ? 'open' : 'exit'} by s(h)(${i}) path="/a b" flags=0x${i} n=4 q="`.slice(
            0,
            i % 2 ? -4 : undefined,
          ),
    ),
  },
};

describe.each(Object.entries(SAMPLES))('%s', (name, { make, lines }) => {
  test('bytes and strings say the same', () => {
    const taken = expectSame(make, [...lines, ...lines]);
    // Otherwise this compares nothing. Lines of function_graph are always strings.
    if (!name.endsWith('graph')) expect(taken).toBeGreaterThan(lines.length / 3);
  });

  test('and of lines with bytes changed, cut, doubled or coloured', () => {
    const edit = fc.record({
      line: fc.nat({ max: lines.length - 1 }),
      at: fc.nat({ max: 160 }),
      cut: fc.nat({ max: 4 }),
      text: fc.constantFrom(
        ...['', ' ', '  ', '=', '"', ',', ':', '0', '9', 'x', 'f', '-', '[', ']', '(', ')', '.', '{', ' a=1'],
        ...[
          '\x1b[0m',
          '\x1b[',
          '\r',
          '\t',
          '\0',
          'é',
          '==>',
          'seq=',
          '[trace] seq=',
          'kind=',
          '<-',
          'vector=',
        ],
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
        const some = lines.slice(0, 24).concat(lines.slice(-8));
        for (const { line, at, cut, text } of edits) {
          const old = lines[line]!;
          const place = Math.min(at, old.length);
          some.push(old, old.slice(0, place) + text + old.slice(place + cut), old);
        }
        expectSame(make, some);
      }),
      { numRuns: 150 },
    );
  });
});
