/**
 * The right answer on real logs: the built command line against counts made without any of our code.
 *
 * TRUTH holds what the capture's notes say (counted with gawk); `recount` counts again here, by regular expressions over
 * the text. Both must agree with each other and with trapline, torn logs included.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { TOP, trapline } from '../support/cli.ts';

interface Truth {
  readonly files: readonly string[];
  readonly vectors: Readonly<Record<string, number>>;
  /** Events with IF=0, by vector; what safe mode withholds. */
  readonly disabled: Readonly<Record<string, number>>;
}

const TRUTH: Readonly<Record<string, Truth>> = {
  'linux-x86_64-boot': truth(
    '00=410 03=415 06=410 0d=810 0e=19512 22=3 23=10 24=1 25=102 30=106 80=8012 ec=598',
    '03=4 0e=4',
  ),
  'linux-x86_64-boot-small': truth('03=1 0e=2260 22=3 23=10 24=1 25=394 30=107 ec=406', '0e=4'),
  'linux-x86_64-smp2-torn': truth('03=1 0e=14254 21=3 22=10 23=4 30=77 ec=1206 fb=320 fd=125'),
  'linux-x86_64-smp2-tid': truth('03=1 0e=6603 21=3 22=10 23=4 30=79 ec=720 fb=478 fd=102', undefined, [
    'linux-x86_64-smp2-tid.cpu0',
    'linux-x86_64-smp2-tid.cpu1',
  ]),
  'linux-x86_64-int+exec-cpu-dfilter': truth(
    '00=20 03=21 06=20 0d=40 0e=6251 22=3 23=10 24=1 25=78 30=119 80=500 ec=482',
  ),
  'linux-x86_64-int+trace-timestamps': truth(
    '03=21 06=20 0d=40 0e=6285 22=3 23=10 24=1 25=78 30=132 80=500 ec=461',
  ),
  'linux-x86_64-stderr-mixed': truth(
    '00=20 03=21 06=20 0d=40 0e=6287 22=3 23=10 24=1 25=78 30=112 80=500 ec=462',
  ),
  'linux-x86_64-oom-triple': truth('08=1 0e=1'),
  'linux-i386-boot': truth(
    '00=20 03=24 06=20 0d=20 0e=2195 22=3 23=10 24=1 25=30 30=68 80=1542 ec=739',
    '03=3 0e=1',
  ),
  'ovmf-x86_64-boot': truth('20=1143'),
  'tiny32-triple-fault': truth('06=1 08=1 0d=1'),
  'tiny32-gp-np-df': truth('08=1 0d=1'),
  'tiny32-pf-recursive-triple': truth('08=4 0e=1149'),
  'tiny32-int-storm': truth('00=50 03=200 06=200 0d=50 0e=64 20=112 30=200 31=200 80=200'),
};

function truth(vectors: string, disabled?: string, files?: readonly string[]): Truth {
  return { vectors: parseCounts(vectors), disabled: parseCounts(disabled ?? ''), files: files ?? [] };
}

function parseCounts(text: string): Record<string, number> {
  return Object.fromEntries(
    [...text.matchAll(/(\w\w)=(\d+)/g)].map((match) => [match[1]!, Number(match[2])]),
  );
}

describe.concurrent('every x86 trace', () => {
  for (const [name, row] of Object.entries(TRUTH)) {
    const paths = (row.files.length > 0 ? row.files : [name]).map((file) => `examples/traces/${file}.log.gz`);
    const traces = paths.flatMap((path) => ['-t', path]);

    test(`${name}: all events`, async () => {
      const recounted = mergeCounts(paths.map((path) => recount(path).vectors));
      const run = await trapline(['-q', '--unsafe', ...traces, '-n', 'vec::: { @[probename] = count(); }']);
      expect(recounted).toEqual(row.vectors);
      expect(printedCounts(run.stdout)).toEqual(row.vectors);
      expect(run.status).toBe(0);
    });

    test(`${name}: safe mode withholds exactly the events with IF=0`, async () => {
      const disabled = mergeCounts(paths.map((path) => recount(path).disabled));
      if (Object.keys(row.disabled).length > 0) expect(disabled).toEqual(row.disabled);
      const run = await trapline(['-q', ...traces, '-n', 'vec::: { @[probename] = count(); }']);
      const left = Object.entries(row.vectors).map(
        ([vector, n]) => [vector, n - (disabled[vector] ?? 0)] as const,
      );
      expect(printedCounts(run.stdout)).toEqual(Object.fromEntries(left.filter(([, n]) => n > 0)));
      const total = Object.values(disabled).reduce((a, b) => a + b, 0);
      const notice = /safe mode withheld (\d+) firings?/.exec(run.stderr)?.[1];
      expect(Number(notice ?? 0)).toBe(total);
    });
  }
});

describe('several CPUs', () => {
  const byCpu = 'vec::: { @[cpu] = count(); }';

  test('one file per CPU: events belong to the CPU of their file, merged by number', async () => {
    const files = [
      '-t',
      'examples/traces/linux-x86_64-smp2-tid.cpu0.log.gz',
      '-t',
      'examples/traces/linux-x86_64-smp2-tid.cpu1.log.gz',
    ];
    const run = await trapline(['-q', '--unsafe', ...files, '-n', byCpu]);
    expect(printedCounts(run.stdout)).toEqual({ 0: 4100, 1: 3900 });
    const order = await trapline([
      '-q',
      '--unsafe',
      ...files,
      '-n',
      'vec::: /seq != next/ { @bad = count(); } vec::: { next = seq + 1; }',
    ]);
    expect(order.stdout.trim()).toBe('');
  });

  test('one torn file: CPUs are told apart by their task registers', async () => {
    const run = await trapline([
      '-q',
      '--unsafe',
      '-t',
      'examples/traces/linux-x86_64-smp2-torn.log.gz',
      '-n',
      byCpu,
    ]);
    // 8150 + 7846 dumps have a TSS; the 4 deliveries before there was one are the boot CPU's.
    expect(printedCounts(run.stdout)).toEqual({ 0: 8154, 1: 7846 });
  });
});

test('page faults by rip equal an independent count, in both spellings', async () => {
  const path = 'examples/traces/linux-x86_64-boot.log.gz';
  const expected: Record<string, number> = {};
  for (const match of text(path).matchAll(/^ *\d+: v=0e .* IP=[0-9a-f]{4}:([0-9a-f]+)/gm)) {
    const rip = BigInt.asIntN(64, BigInt(`0x${match[1]}`)).toString();
    expected[rip] = (expected[rip] ?? 0) + 1;
  }
  for (const program of ['vec:::0x0e { @[rip] = count(); }', 'vec:::0x0e < @[rip] = count(); >']) {
    const run = await trapline(['-q', '--unsafe', '-t', path, '-n', program]);
    expect(printedCounts(run.stdout)).toEqual(expected);
  }
});

test('arguments are those of the event, whatever else a program reads', async () => {
  const trace = ['-q', '--unsafe', '-t', 'examples/traces/linux-x86_64-boot-small.log.gz', '-n'];
  const byArgument = await trapline([...trace, 'vec::: { @[arg0] = count(); }']);
  const byVector = await trapline([...trace, 'vec::: { @[vector] = count(); }']);
  expect(printedCounts(byArgument.stdout)).toEqual(printedCounts(byVector.stdout));
  const differing =
    'vec::: /arg1 != errcode || arg3 != pc || arg4 != cpl || args[0]->addr != arg2/ { @bad = count(); }';
  expect((await trapline([...trace, differing])).stdout.trim()).toBe('');
});

/** `  0x0e   19512` or `   -123   4` lines → { '0e': 19512 }. */
function printedCounts(stdout: string): Record<string, number> {
  const rows = [...stdout.matchAll(/^\s+(?:0x)?(-?\w+)\s+(\d+)$/gm)];
  return Object.fromEntries(rows.map((match) => [match[1]!, Number(match[2])]));
}

function mergeCounts(parts: readonly Record<string, number>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const part of parts) for (const [key, n] of Object.entries(part)) all[key] = (all[key] ?? 0) + n;
  return all;
}

const texts = new Map<string, string>();
function text(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const fresh = gunzipSync(readFileSync(`${TOP}/${path}`)).toString('latin1');
  texts.set(path, fresh);
  return fresh;
}

/**
 * Vectors by header line, and those whose dump says IF=0. A dump belongs to the oldest header still waiting whose
 * instruction pointer it shows (several vCPUs may write between each other's lines).
 */
function recount(path: string): { vectors: Record<string, number>; disabled: Record<string, number> } {
  const vectors: Record<string, number> = {};
  const disabled: Record<string, number> = {};
  const waiting: { vector: string; ip: bigint }[] = [];
  const lines =
    /^ *\d+: v=([0-9a-f]{2}) .* IP=[0-9a-f]{4}:([0-9a-f]+)|^[RE]IP=([0-9a-f]+) [RE]FL=([0-9a-f]+)/gm;
  for (const match of text(path).matchAll(lines)) {
    const [, vector, ip, dumpIp, flags] = match;
    if (vector !== undefined) {
      vectors[vector] = (vectors[vector] ?? 0) + 1;
      waiting.push({ vector, ip: BigInt(`0x${ip}`) });
      continue;
    }
    const index = waiting.findIndex((header) => header.ip === BigInt(`0x${dumpIp}`));
    const [header] = index >= 0 ? waiting.splice(index, 1) : [];
    if (header && (Number.parseInt(flags!, 16) & 0x200) === 0) {
      disabled[header.vector] = (disabled[header.vector] ?? 0) + 1;
    }
  }
  return { vectors, disabled };
}
