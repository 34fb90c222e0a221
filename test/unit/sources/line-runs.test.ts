/**
 * Lines of text traces that are taken many at once: the rows are those that come of reading each line as a string. If this
 * breaks, look in src/sources/text-trace/line-run.ts and the runs of ftrace and formats.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { EventBatch, FIRST_POINT_CLASS } from '../../../src/machine/event-batch.ts';
import { MAX_FIELDS } from '../../../src/machine/points.ts';
import { findTextTrace, openTextTrace } from '../../../src/sources/text-trace/open.ts';
import type { TextRows } from '../../../src/sources/text-trace/rows.ts';
import { TOP } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-runs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NEEDS = {
  ...{ cpl: true, errcode: true, pc: true, sp: true, faddr: true, time: true, line: true },
  ...{ registers: false, args: true, registerColumns: [] },
};
const ONE_KIND = 12;

/** What each row says; the ledger; how many rows had a kind of their own. */
async function rowsOf(path: string, scan: 'fast' | 'careful', format?: object) {
  const names = new Map([0, 1, 3, 16, 217, 257, 262].map((id) => [id, `call${id}`]));
  const trace = await findTextTrace({
    ...{ paths: [path], stdin: -1, follow: false, categories: undefined },
    format: format && 'its.json',
    beginning: readFileSync(path, 'latin1').slice(0, 4096),
    syscalls: async () => ({ personality: 'linux64', names }),
    readFile: () => JSON.stringify(format),
  });
  if (trace === undefined || 'tag' in trace) throw new Error('no trace');
  const memory = new LinearMemory();
  const source = await openTextTrace(trace, { paths: [path], stdin: -1, memory, needs: NEEDS, scan });
  if ('tag' in source) throw new Error(source.tag);
  const points = source.points as TextRows;
  points.classes!.setKinds(points.classes!.pairs.map((_, pair) => FIRST_POINT_CLASS + (pair % 8)));
  const batch = new EventBatch(memory, 512);
  const argsAt = memory.reserve(8 * MAX_FIELDS, 8);
  const missingAt = memory.reserve(8, 8);
  const rows: unknown[] = [];
  let ownKinds = 0;
  const textOf = (at: number) => Buffer.from(memory.u8.subarray(at, memory.u8.indexOf(0, at))).toString();
  const argsOf = (row: number, which: 0 | 1) => {
    memory.u8.fill(0, argsAt, argsAt + 8 * MAX_FIELDS);
    points.setArgs(row, which, argsAt, missingAt);
    const { start, end } = points.textRange;
    return Array.from({ length: MAX_FIELDS }, (_, i) => {
      const [low, high] = [memory.u32[(argsAt >> 2) + 2 * i]!, memory.u32[(argsAt >> 2) + 2 * i + 1]!];
      return low >= start && low < end && high !== 0 ? textOf(low) : `${high}:${low}`;
    }).concat(`${memory.u32[missingAt >> 2]}`);
  };
  for (;;) {
    const count = await source.fill(batch);
    if (typeof count !== 'number') throw new Error(count.tag);
    if (count === 0) break;
    const { at } = batch;
    for (let row = 0; row < count; row++) {
      const kind = memory.u8[at.kind + row]!;
      if (kind !== ONE_KIND) ownKinds++;
      points.select(row);
      const record = points.recordAt(row)!;
      const second = points.pointAt(row, 1);
      rows.push({
        seq: memory.i64[(at.seq >> 3) + row],
        time: memory.f64[(at.time >> 3) + row],
        line: memory.f64[(at.line >> 3) + row],
        cpu: memory.u16[(at.cpu >> 1) + row],
        small: [at.flags, at.cpl].map((column) => memory.u8[column + row]),
        wide: [at.pc, at.faddr, at.sp, at.errcode].map((column) => memory.i64[(column >> 3) + row]),
        first: argsOf(row, 0),
        second: second < 0 ? [] : argsOf(row, 1),
        points: [0, 1].map((which) => points.points[points.pointAt(row, which as 0 | 1)]),
        errno: points.errnoOf(row, 1),
        who: [record.pid, record.tid, record.comm],
      });
    }
  }
  await source.close();
  const { ledger } = source;
  const { events, eventBytes, totalBytes } = ledger;
  const told = { events, eventBytes, totalBytes, losses: [...ledger.losses] };
  return { rows, ledger: told, ownKinds, cpuCount: batch.cpuCount };
}

async function expectSame(text: string, least: number, format?: object): Promise<void> {
  const path = join(folder, 'trace');
  writeFileSync(path, text);
  const careful = await rowsOf(path, 'careful', format);
  const fast = await rowsOf(path, 'fast', format);
  expect(fast.rows).toEqual(careful.rows);
  expect(fast.ledger).toEqual(careful.ledger);
  expect(fast.cpuCount).toBe(careful.cpuCount);
  expect(fast.cpuCount).toBeLessThanOrEqual(1 << 16);
  expect(careful.ownKinds).toBe(0);
  expect(fast.ownKinds / fast.rows.length).toBeGreaterThan(least);
}

const traceOf = (name: string): string =>
  gunzipSync(readFileSync(`${TOP}/examples/traces/${name}.txt.gz`)).toString('latin1');

test('events of ftrace', async () => {
  const text = traceOf('linux-ftrace-events');
  await expectSame(text, 0.8);
  // Carriage returns, colours, other numbers, torn lines; results of calls that failed or came from sigreturn.
  const lines = text.split('\n');
  const changed = lines.map((line, i) => {
    if (i % 17 === 0) return `${line}\r`;
    if (i % 23 === 0) return `\x1b[1m${line}\x1b[0m`;
    if (i % 29 === 0) return line.slice(0, (i * 7) % (line.length + 1));
    if (i % 31 === 0) return line.replace(/sys_exit: NR \d+ = .*/, 'sys_exit: NR -1 = 7');
    if (i % 37 === 0) return line.replace(/vector=\d+/, 'vector=0x11');
    if (i % 41 === 0) return line.replace(/= \d+$/, '= -4095');
    if (i % 43 === 0) return line.replace(/ip=0x/, 'ip=0X').replace(/prev_comm=\w+/, 'prev_comm=a b');
    return line;
  });
  await expectSame(changed.join('\n'), 0.5);
});

test('page faults of ftrace that are torn', async () => {
  const fault = (i: number, what: string): string =>
    `  sh-94  [001] d..2.  4.${714_044 + i}: page_fault_user: ${what}`;
  const place = (i: number): string => (0x7f8e00 + i).toString(16);
  const lines = Array.from({ length: 300 }, (_, i) => {
    if (i < 100) return fault(i, `address=0x${place(i)} ip=0x${place(i)}00 error_code=0x4`);
    return fault(i, i < 200 ? `address=0x${place(i)}` : `ip=0x${place(i)} error_code=0x4`);
  });
  await expectSame(lines.join('\n'), 0.3);
});

test('functions of ftrace', async () => {
  await expectSame(traceOf('linux-ftrace-function'), 0.1);
});

test('lines of a format: in order, again, lost, late, and of a system that begins anew', async () => {
  const line = (seq: number, more = 'a1=0x0'): string =>
    `[trace] seq=${seq} cpu=${seq % 3} kind=${['mem_pf', 'mem_map', 'other'][seq % 3]} pid=${seq % 5} tid=${100 + (seq % 7)} ` +
    `rip=0xffffffff8b${(1_000_000 + seq * 7919).toString(16)} vaddr=0x7f${(seq * 4096).toString(16)} a0=0x${(seq & 7).toString(16)} ${more} fl=0x6`;
  const dumped = (seq: number): string =>
    line(seq).replace(
      /^\[trace\] seq=(\d+) cpu=(.*?) rip=(.*) a0=(\S+) a1=(\S+) fl=(\S+)$/,
      (_, ...parts) => {
        const [number, who, where, a0, a1, flags] = parts;
        return `seq=${number} t=${number} cpu=${who} cr3=0x1 rip=${where} fl=${flags} a0=${a0} a1=${a1}`;
      },
    );
  const upTo = (from: number, to: number, of = line): string[] =>
    Array.from({ length: to - from }, (_, i) => of(from + i));
  const text = [
    ...upTo(0, 700),
    'hello world',
    ...upTo(500, 700, dumped), // shown again
    ...upTo(705, 900), // five are lost
    line(702), // one of them late
    ...upTo(900, 1000).reverse(),
    ...upTo(1000, 1200).map((each, i) => (i % 5 === 0 ? `${each}\r` : each)),
    line(1200, 'a1=12'),
    line(1201).replace('pid=', 'pid=0x'),
    ...upTo(1202, 1300),
    ...upTo(0, 300), // anew
  ];
  await expectSame(text.join('\n'), 0.6);
});

test('lines of a format of so many kinds that shapes are given up', async () => {
  const lines = Array.from({ length: 12_000 }, (_, seq) => {
    const kind = seq < 50 || seq % 20 === 0 ? 'mem_pf' : `kind${seq % 1000}`;
    return `[trace] seq=${seq} cpu=0 kind=${kind} pid=1 tid=2 rip=0x10 vaddr=0x${seq.toString(16)} a0=0x1 a1=0x0 fl=0x6`;
  });
  await expectSame(lines.join('\n'), 0.01);
});

test('damaged numbers of CPUs', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => {
    const cpu = [0, 1, 70_000, 4_294_967_295, 4_294_967_297, 99_999_999_999][i < 100 ? 0 : i % 6];
    return `[trace] seq=${i} cpu=${cpu} kind=mem_pf pid=1 tid=2 rip=0x10 vaddr=0x1 a0=0x1 a1=0x0 fl=0x6`;
  });
  await expectSame(lines.join('\n'), -1);
});

test('lines of a format of which some have no time, or no number', async () => {
  const format = {
    name: 'mine',
    lines: [
      'plain cpu={cpu:int} kind={kind} value={value:int}',
      'timed time={time:int} seq={seq:int} kind={kind}',
    ],
    ...{
      cpu: 'cpu',
      point: 'kind',
      time: { field: 'time', ns: 1000 },
      sequence: { field: 'seq', of: 'all' },
    },
  };
  const timed = (i: number): string => `timed time=${i * 10} seq=${i - 1} kind=tick`;
  const plain = Array.from({ length: 100 }, (_, i) => `plain cpu=${i % 2} kind=step value=${i}`);
  await expectSame([timed(0), ...plain, timed(1), timed(2), ...plain].join('\n'), -1, format);
});
