/**
 * The benchmark measures what it says: its logs are as described, wrong answers and failures end it, and goals are judged
 * right. Speed is not looked at. If this breaks, look in scripts/bench.mjs and scripts/bench/.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { until } from './support/waiting.ts';

interface Block {
  readonly bytes: Buffer;
  readonly records: readonly number[];
}
interface Made {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  readonly reused: boolean;
}
interface Job {
  readonly name: string;
  readonly sh: string;
  readonly unlike?: boolean;
  readonly ordered?: boolean;
}
interface Row {
  readonly name: string;
  readonly ms?: number;
  readonly rssMiB?: number;
  readonly ns?: Readonly<Record<string, number>>;
}
interface Result {
  readonly name: string;
  readonly rounds?: number;
  readonly log?: { readonly bytes: number };
  readonly rows: readonly Row[];
}

const TOP = fileURLToPath(new URL('..', import.meta.url));
const part = async (name: string) => import(pathToFileURL(`${TOP}scripts/bench/${name}.mjs`).href);
const { KINDS, generate, makeInput, renumbered } = (await part('inputs')) as {
  readonly KINDS: Readonly<Record<string, unknown>>;
  generate(kind: string, bytes: number, write: (part: Buffer) => void): { bytes: number; records: number };
  makeInput(folder: string, log: { kind: string; bytes: number; zip?: boolean }): Promise<Made>;
  renumbered(text: string, header: RegExp, start?: number): () => Block;
};
const { measure, stopJob } = (await part('run')) as {
  stopJob(): void;
  measure(
    question: { name: string; jobs: readonly Job[] },
    how: { rounds: number; logOf: () => string; env: object; scratch: string },
  ): Promise<{ rows: (Row & { all: number[] })[]; keys: number }>;
};
const { judge, compare } = (await part('verdicts')) as {
  judge(goal: object, rows: readonly Row[]): { value?: number; met?: boolean; missedBy?: string };
  compare(older: readonly Result[], newer: readonly Result[]): { worse: string[]; compared: number };
};

const FOLDER = mkdtempSync(join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function textOf(kind: string, bytes: number) {
  const parts: Buffer[] = [];
  const made = generate(kind, bytes, (block) => parts.push(Buffer.from(block)));
  return { ...made, text: Buffer.concat(parts).toString('latin1') };
}

/** What a record of each kind begins with. */
const RECORDS: Readonly<Record<string, RegExp>> = {
  int: /^ *\d+: v=/gm,
  i386: /^ *\d+: v=/gm,
  exec: /^Trace/gm,
  arm: /^Taking exception/gm,
  riscv: /^riscv_cpu_do_interrupt/gm,
  ftrace: /^ *\S+-\d+ +\[\d+\]/gm,
  text: /^\[trace\]/gm,
  'keys-10': /^Trace/gm,
  'keys-10k': /^Trace/gm,
  'keys-1m': /^Trace/gm,
};

describe('logs', () => {
  test('every kind is described here', () => expect(Object.keys(RECORDS)).toEqual(Object.keys(KINDS)));

  test.each(Object.entries(RECORDS))(
    '%s: as large as asked for, whole records, always the same',
    (kind, record) => {
      const { text, bytes, records } = textOf(kind, 700_001);
      expect(text.length).toBe(bytes);
      expect(bytes).toBeLessThanOrEqual(700_001);
      expect(bytes).toBeGreaterThan(680_000);
      expect(text.endsWith('\n')).toBe(true);
      expect(records).toBe(text.match(record)?.length);
      expect(textOf(kind, 700_001).text === text).toBe(true);
    },
  );

  test('int: event numbers are 0, 1, 2, …, in the width QEMU prints, over several copies', () => {
    const numbers = Array.from(
      textOf('i386', 9_000_000).text.matchAll(/^( *\d+): v=/gm),
      (match) => match[1]!,
    );
    expect(numbers.length).toBeGreaterThan(2 * 4672);
    expect(numbers.findIndex((text, index) => text !== String(index).padStart(6))).toBe(-1);
  });

  test('numbers that get a digit more', () => {
    const next = renumbered('a\n     0: v=0e\n     1: v=80\nb\n     2: v=0e\n', /^ *\d+: v=/gm, 999_995);
    const text = [next(), next(), next()].map(({ bytes }) => bytes.toString()); // each may be patched by the next
    expect(text[1]).toBe('a\n999998: v=0e\n999999: v=80\nb\n1000000: v=0e\n');
    expect(text[2]).toBe('a\n1000001: v=0e\n1000002: v=80\nb\n1000003: v=0e\n');
    const { bytes, records } = next();
    expect(records.map((at) => bytes.subarray(at, at + 7).toString())).toEqual([
      '1000004',
      '1000005',
      '1000006',
    ]);
  });

  test('ftrace: time does not go back, and the head stands once', () => {
    const { text } = textOf('ftrace', 700_000);
    const times = Array.from(text.matchAll(/ (\d+\.\d{6}): /g), (match) => Number(match[1]));
    expect(times.filter((time, index) => time + 1 < times[index - 1]!)).toEqual([]);
    expect(text.match(/^# tracer/gm)).toHaveLength(1);
  });

  test('a log that is there is used again, unless something about it differs', async () => {
    const log = { kind: 'riscv', bytes: 2_000_000 };
    const folder = mkdtempSync(join(FOLDER, 'again-'));
    const first = await makeInput(folder, log);
    const again = await makeInput(folder, log);
    expect([first.reused, again.reused]).toEqual([false, true]);
    expect({ ...again, reused: false }).toEqual(first);
    const whole = readFileSync(first.path);
    appendFileSync(first.path, 'x'); // another size
    expect((await makeInput(folder, log)).reused).toBe(false);
    writeFileSync(first.path, whole.fill(0x20, 100, 200)); // another beginning
    expect((await makeInput(folder, log)).reused).toBe(false);
    rmSync(`${first.path}.json`);
    expect((await makeInput(folder, log)).reused).toBe(false);
  });

  test('no room on the disk: said before anything is written', async () => {
    const before = readdirSync(FOLDER);
    await expect(makeInput(FOLDER, { kind: 'int', bytes: 1e18 })).rejects.toThrow(/takes .* GB free; --dir/);
    expect(readdirSync(FOLDER)).toEqual(before);
  });
});

describe('answers', () => {
  const ask = (...jobs: Omit<Job, 'name'>[]) =>
    measure(
      { name: 'q', jobs: jobs.map((job, index) => ({ name: `job ${index}`, ...job })) },
      { rounds: 2, logOf: () => '/dev/null', env: {}, scratch: join(FOLDER, 'answer') },
    );

  test('the same lines in another order, and a yardstick that answers nothing', async () => {
    const { rows, keys } = await ask(
      { sh: 'echo a; echo b' },
      { sh: 'echo b; echo a' },
      { sh: 'true', unlike: true },
    );
    expect(keys).toBe(2);
    expect(rows.map(({ all }) => all.length)).toEqual([2, 2, 2]);
  });

  test('a pipeline that is interrupted ends with all of its processes', async () => {
    const mark = join(mkdtempSync(join(FOLDER, 'asleep-')), 'begun');
    const jobs = [{ name: 'asleep', sh: `echo begun >&2; touch ${mark}; sleep 600 | sleep 601` }];
    const how = { rounds: 1, logOf: () => '', env: {}, scratch: join(FOLDER, 'asleep') };
    const stopped = measure({ name: 'question', jobs }, how);
    void until(() => existsSync(mark)).then(stopJob);
    await expect(stopped).rejects.toThrow('asleep ended with SIGTERM: begun'); // when nobody has its stderr any more
  });

  test.each<[string, Omit<Job, 'name'>[], RegExp]>([
    [
      'another count',
      [{ sh: 'echo a 1' }, { sh: 'echo a 2' }],
      /q: the answers differ: job 0 says "a 1".*job 1 "a 2"/,
    ],
    [
      'a line more',
      [{ sh: 'echo a' }, { sh: 'echo a; echo b' }],
      /"no more" \(1 lines\), job 1 "b" \(2 lines\)/,
    ],
    ['a line less', [{ sh: 'echo a; echo b' }, { sh: 'echo a' }], /says "b".*job 1 "no more"/],
    ['no answer', [{ sh: 'true' }, { sh: 'true' }], /job 0 printed nothing/],
    [
      'another order',
      [
        { sh: 'echo a; echo b', ordered: true },
        { sh: 'echo b; echo a', ordered: true },
      ],
      /differ/,
    ],
    ['a failure behind a right answer', [{ sh: 'echo a' }, { sh: 'echo a; exit 3' }], /job 1 ended with 3/],
    ['a complaint', [{ sh: 'echo a; echo lost >&2' }], /job 0 ended with 0: lost/],
  ])('%s ends it', async (_, jobs, message) => {
    await expect(ask(...jobs)).rejects.toThrow(message);
  });
});

describe('verdicts', () => {
  const ROWS: Row[] = [
    { name: 'trapline', ms: 100, rssMiB: 90 },
    { name: 'mawk', ms: 900, rssMiB: 60 },
    { name: 'reference', ns: { fast: 14 } },
  ];
  const faster = (times: number, than = 'mawk') => ({ times, faster: 'trapline', than });

  test.each<[object, object]>([
    [faster(9), { value: 9, met: true }],
    [faster(12), { value: 9, met: false, missedBy: '25 %' }],
    [faster(2, 'nobody'), {}],
    [{ times: 0.2, slower: 'trapline', than: 'mawk' }, { met: true }],
    [
      { times: 0.1, slower: 'trapline', than: 'mawk' },
      { met: false, missedBy: '11 %' },
    ],
    [
      { times: 1.5, memory: 'trapline', than: 'mawk' },
      { value: 1.5, met: true },
    ],
    [
      { mib: 20, memory: 'trapline', than: 'mawk' },
      { value: 30, met: false, missedBy: '50 %' },
    ],
  ])('%j', (goal, verdict) => {
    const { says, ...rest } = judge(goal, ROWS) as Record<string, unknown>;
    expect(says).toMatch(/≥|≤/);
    expect(rest).toEqual(expect.objectContaining(verdict));
    expect('value' in rest).toBe('met' in verdict);
  });

  test('a clause', () => {
    expect(judge({ ns: 15, column: 'fast' }, [ROWS[2]!])).toMatchObject({ value: 14, met: true });
    expect(judge({ ns: 13, column: 'fast' }, [ROWS[2]!]).met).toBe(false);
  });

  test('what got worse is told by the yardstick, so that a slower machine changes nothing', () => {
    const result = (rows: readonly Row[], bytes = 1e9): Result[] => [{ name: 'q', log: { bytes }, rows }];
    const run = (own: number, peer: number, rssMiB = 50): Row[] => [
      { name: 'trapline', ms: own, rssMiB },
      { name: 'mawk', ms: peer, rssMiB: 2 },
    ];
    const old = result(run(100, 900));
    expect(compare(old, result(run(200, 1800)))).toEqual({ worse: [], compared: 2 });
    expect(compare(old, result(run(200, 900))).worse).toEqual([
      "q, trapline: 0.111 × mawk's time, now 0.222 (2.00 ×)",
    ]);
    expect(compare(old, result(run(100, 900, 80))).worse).toHaveLength(1);
    expect(compare(old, result(run(200, 900), 2e9))).toEqual({ worse: [], compared: 0 });
  });
});

describe('the command', () => {
  function bench(...args: string[]) {
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [`${TOP}scripts/bench.mjs`, ...args], (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }
  const hasMawk = (() => {
    try {
      return execFileSync('mawk', ['BEGIN { print 1 }'], { encoding: 'utf8' }) === '1\n';
    } catch {
      return false;
    }
  })();

  test('runs trapline and its peers, and leaves nothing but the JSON', async () => {
    const folder = mkdtempSync(join(FOLDER, 'run-'));
    const json = join(FOLDER, 'result.json');
    const args = [
      '--only',
      'int-100m,print,gaps',
      '--size',
      '1m',
      '--rounds',
      '1',
      '--dir',
      folder,
      '--json',
      json,
    ];
    const { status, stdout, stderr } = await bench(...args);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('int-100m: events by vector (int log of 1 MB, ');
    const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] };
    expect(results.map(({ name }) => name)).toEqual(['int-100m', 'print-1g', 'gaps-4g']);
    for (const { rows } of results)
      expect(rows[0]).toMatchObject({ name: 'trapline', ms: expect.any(Number) });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [['gaps'], 5],
    [['start-10m', '--rounds', '2'], 2],
    [['start-10m', '--quick'], 1],
  ])('rounds: %j', async (args, rounds) => {
    const folder = mkdtempSync(join(FOLDER, 'rounds-'));
    const json = join(folder, 'result.json');
    const { stderr } = await bench('--size', '1m', '--dir', folder, '--json', json, '--only', ...args);
    const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] };
    expect(results[0]?.rounds, stderr).toBe(rounds);
  });

  test.skipIf(!hasMawk)('a trapline that counts wrong', async () => {
    const cli = join(FOLDER, 'wrong.cjs');
    writeFileSync(cli, 'console.log("0e 1");');
    const args = ['--only', 'int-100m', '--size', '1m', '--rounds', '1', '--dir', FOLDER, '--cli', cli];
    const { status, stderr } = await bench(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the answers differ: trapline says "0e 1" .* mawk "0. \d+"/);
  });

  test.each([
    [['--only', 'nonsense'], /no question is called nonsense; --help/],
    [['--size', '1q'], /--size 1q is not a size/],
    [['--rounds', '0'], /--rounds 0 is not a positive number/],
    [['--cli', '/nowhere.js'], /no \/nowhere.js/],
    [['--compare', '/nowhere.json'], /cannot read \/nowhere.json/],
    [['--slow'], /Unknown option '--slow'/],
  ])('%j: one line', async (args, message) => {
    const { status, stderr } = await bench(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
