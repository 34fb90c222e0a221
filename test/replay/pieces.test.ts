/**
 * A log that is traced in pieces by several threads gives what one thread gives, byte for byte: output, messages, status.
 * Threads are played by the event loop; test/unit/session/parallel.test.ts has some that are real.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { log, record, times } from '../support/int-records.ts';
import { playedThread, runHere, type SessionOptions, type SessionOutcome } from '../support/session-run.ts';
import { traceBytes } from '../support/sources-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-pieces-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A bundled log, or the beginning of one, as a plain file. */
function logFile(name: string, bytes = 2 << 20): string {
  const path = join(folder, `${name}.log`);
  if (!existsSync(path)) writeFileSync(path, traceBytes(name).subarray(0, bytes));
  return path;
}

interface Pair {
  readonly one: SessionOutcome;
  readonly several: SessionOutcome;
  readonly ahead: number; // pieces that were traced ahead, and held
}

async function both(given: SessionOptions, pieceBytes: number): Promise<Pair> {
  const options = ['ledger', ...(given.options ?? [])];
  const one = await runHere({ ...given, options: [...options, 'workers=1'], verbose: true });
  const several = await runHere({
    ...given,
    options: [...options, 'workers=3'],
    verbose: true,
    environment: { TRAPLINE_PIECES: String(pieceBytes) },
    startThread: playedThread,
  });
  const ahead = Number(/replay: (\d+) of \d+ pieces were traced ahead/.exec(several.stderr)?.[1] ?? 0);
  return { one: withoutThreads(one), several: withoutThreads(several), ahead };
}

/** Without what -v says about threads. */
function withoutThreads(outcome: SessionOutcome): SessionOutcome {
  return { ...outcome, stderr: outcome.stderr.replace(/^trapline: replay:.*\n/gm, '') };
}

const PROGRAMS: readonly string[] = [
  'vec::: { @[arg0] = count(); }',
  'vec::: /cpl == 3/ { @[pc, errcode] = count(); @s[arg0] = sum(arg3); @a = avg(arg2); @d = stddev(arg2); }',
  'vec::: { @lo[vector] = min(seq); @hi[vector] = max(seq); @q[cpl] = quantize(arg2); @l = lquantize(arg0, 0, 256, 16); }',
  'vec::: { this->page = arg2 >> 12; @[this->page & 15, iflag] = llquantize(arg3, 10, 0, 18, 20); }',
  'vec:::0x0e { @[execname, probename, lltostr(arg1, 16)] = count(); @u[ustack(3)] = count(); @k[stack(3)] = count(); }',
  'vec::: { @[cpu] = count(); } cpu::: { @r[probename, cpu] = count(); } guest:::error { @e[arg0 >> 8] = count(); }',
  'exec:::tb { @[pc] = count(); @c[cpu] = count(); } vec::: { @v = count(); }',
  'vec::: { @[rip, rax & 0xff, R_CR3 == 0] = count(); @h[uregs[R_RSP] >> 20] = sum(ipl); }',
  'BEGIN, vec:::0x0e { @[probename] = count(); } END { printf("%d", 7); trunc(@, 1); printa(@); normalize(@, 3); }',
  'vec::: /arg0 == 14/ { @ = count(); } vec::: /arg0 != 14/ { @b[id, epid] = count(); } END { exit(3); }',
  'vec:::0x0e { @[1000 / (arg1 & 1)] = count(); } ERROR { @e[arg4] = count(); }', // faults in most pieces
];

const TRACES = [
  'linux-x86_64-boot-small',
  'linux-x86_64-boot',
  'linux-x86_64-smp2-torn',
  'linux-x86_64-int+exec-cpu-dfilter',
  'linux-x86_64-smp2-exec-nochain',
  'linux-x86_64-int+trace-timestamps',
  'linux-x86_64-stderr-mixed',
  'linux-x86_64-oom-triple',
  'linux-i386-boot',
  'ovmf-x86_64-boot',
  'tiny32-pf-recursive-triple',
  'tiny32-int-storm',
] as const;

const PIECE_BYTES = [100_000, 217_123];

describe.each(TRACES)('%s in pieces', (name) => {
  test.each(PROGRAMS.map((program, i) => [program, PIECE_BYTES[i % PIECE_BYTES.length]!] as const))(
    '%s',
    async (program, pieceBytes) => {
      const { one, several } = await both(
        { program, traces: [logFile(name)], options: ['quiet'] },
        pieceBytes,
      );
      expect(several).toEqual(one);
      expect(one.stdout.length).toBeGreaterThan(0);
    },
  );
});

test('most pieces of an ordinary log are traced ahead', async () => {
  const traces = [logFile('linux-x86_64-boot')];
  for (const program of [PROGRAMS[0]!, PROGRAMS[5]!, PROGRAMS[7]!]) {
    const { ahead } = await both({ program, traces }, 100_000);
    expect(ahead).toBeGreaterThan(15);
  }
});

test.each(['', '-1cpu'])(
  'most pieces of a log of -d exec are traced ahead, also where two CPUs take turns%s',
  async (cpus) => {
    const text = traceBytes('linux-x86_64-smp2-exec-nochain').toString('latin1');
    const traces = [madeFile(`exec${cpus}`, cpus === '' ? text : text.replace(/^Trace 1/gm, 'Trace 0'))];
    const { one, several, ahead } = await both(
      { program: 'exec:::tb { @[pc] = count(); }', traces },
      200_000,
    );
    expect(several).toEqual(one);
    expect(ahead).toBeGreaterThan(18);
  },
);

test('where interrupts are rare among records of -d exec, pieces hold unless the program asks for numbers', async () => {
  const records = traceBytes('linux-x86_64-smp2-exec-nochain')
    .toString('latin1')
    .match(/^Trace .*\n/gm)!;
  const part = (i: number): string => record(i, {}) + records.slice(5000 * i, 5000 * (i + 1)).join('');
  const traces = [madeFile('rare', Array.from({ length: 11 }, (_, i) => part(i)).join(''))];
  const count = await both(
    { program: 'exec:::tb { @[pc] = count(); } vec::: { @v = count(); }', traces },
    200_000,
  );
  expect(count.several).toEqual(count.one);
  expect(count.ahead).toBeGreaterThan(15);
  const numbers = await both({ program: 'exec:::tb { @[seq] = count(); }', traces }, 200_000);
  expect(numbers.several).toEqual(numbers.one);
});

test('threads that make about as many keys as there are events take no more pieces', async () => {
  const record = (i: number): string =>
    `Trace 0: 0x7f8629022a80 [0000000000000000/${i.toString(16).padStart(16, '0')}/0040c2b0/ff080200] \n`;
  const traces = [madeFile('keys', Array.from({ length: 80_000 }, (_, i) => record(i)).join(''))];
  const { one, several, ahead } = await both(
    { program: 'exec:::tb { @[pc] = count(); } END { trunc(@, 9); }', traces },
    1_000_000,
  );
  expect(several).toEqual(one);
  expect(ahead).toBeLessThan(4); // each thread's first, and the log's last one, which is short
});

test('where CPUs are told by what came before, pieces are used as far as they hold', async () => {
  const traces = [logFile('linux-x86_64-smp2-torn')];
  const told = await both({ program: 'vec::: { @[cpu] = count(); }', traces }, 300_000);
  const untold = await both({ program: 'vec::: { @ = count(); }', traces }, 300_000);
  expect(untold.ahead).toBeGreaterThan(4);
  expect(told.several).toEqual(told.one);
});

function madeFile(name: string, text: string | Uint8Array): string {
  const path = join(folder, `${name}.log`);
  writeFileSync(path, text);
  return path;
}

test('a piece for which CPUs are numbered in another order is not used', async () => {
  const of = (pattern: string, count: number) =>
    times(count, (i) => ({ tr: { a: 0x40, b: 0x48, c: 0x50 }[pattern[i % pattern.length]!]!, cpl: 3 }));
  const events = [...of('a', 200), ...of('ab', 100), ...of('ac', 100), ...of('cccaaab', 1500)];
  const traces = [madeFile('order', log(events))];
  const program = 'vec::: { @[cpu] = count(); }';
  const { one, several } = await both({ program, traces }, 150_000);
  expect(several).toEqual(one);
  const untold = await both({ program: 'vec::: { @ = count(); }', traces }, 150_000);
  expect(untold.ahead).toBeGreaterThan(10);
});

test('what is lost in a piece is told with its line in the log', async () => {
  const whole = readFileSync(logFile('linux-x86_64-boot-small'));
  const parts: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += 300_000) {
    parts.push(whole.subarray(at, at + 300_000 - (at > 0 ? 411 : 0)));
    if (at > 900_000) parts.push(Buffer.from('\nno line of any log\x01\x02\n'));
  }
  const traces = [madeFile('lossy', Buffer.concat(parts))];
  const { one, several, ahead } = await both(
    { program: 'vec::: { @[seq & 3] = count(); }', traces },
    120_000,
  );
  expect(several).toEqual(one);
  expect(one.stderr).toMatch(/lost: .* torn .*first at .*:\d{4}/);
  expect(ahead).toBeGreaterThan(8);
});

test('a dump of no event goes on behind a cut: all of its bytes are lost ones', async () => {
  const orphan = record(0, {}).replace(/^.*?(?=RAX=)/s, '');
  const rest =
    'FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80\nFPR0=0000000000000000 0000 FPR1=0000000000000000 0000\n';
  const text = Array.from({ length: 60 }, (_, i) => `${record(i, {})}no event\n${orphan}${rest}`).join('');
  const traces = [madeFile('orphans', text)];
  const { one, several, ahead } = await both({ program: 'vec::: { @ = count(); }', traces }, 5000);
  expect(several).toEqual(one);
  expect(one.stderr).toContain(
    `lost: 60 torn records, ${60 * (orphan.length + rest.length)} bytes (first at `,
  );
  expect(ahead).toBeGreaterThan(10);
});

test('hardware interrupts are announced in front of a record: the mark is not lost between pieces', async () => {
  const events = times(1500, (i) => ({ v: [0xec, 14, 0x30, 0x80][i & 3]!, soft: (i & 3) === 3 }));
  const traces = [madeFile('marks', log(events))];
  const program = 'vec::: { @[args[0]->hardware, args[0]->soft, iflag] = count(); }';
  const { one, several, ahead } = await both({ program, traces }, 70_000);
  expect(several).toEqual(one);
  expect(ahead).toBeGreaterThan(15);
});

test('interrupts of real mode, of which there is no record, fire once each wherever the log is cut', async () => {
  const lines = ['Servicing hardware INT=0x08\n', 'Servicing hardware INT=0x76\n'];
  const text = times(1500, (i) => ({ v: [0xec, 14, 0x80][i % 3]!, soft: i % 3 === 2 })).map(
    (event, i) => record(i, event) + (i % 50 === 0 ? lines[(i / 50) % 2]! : ''),
  );
  const traces = [madeFile('real-mode', text.join(''))];
  const program =
    'cpu:::real_mode_irq { @[arg0, iflag] = count(); @s = sum(seq); } vec::: { @v[args[0]->hardware] = count(); }';
  const { one, several, ahead } = await both({ program, traces }, 70_000);
  expect(several).toEqual(one);
  expect(one.stdout).toMatch(/\b8 +1 +15\n +118 +1 +15\n/);
  expect(ahead).toBeGreaterThan(5);
});

/** Expressions that depend on the event alone; some of them fault at some events. */
const TERMS = [
  'arg0',
  'arg1',
  'arg2',
  'arg3',
  'pc >> 12',
  'seq',
  'cpl',
  'rax & 0xffff',
  'cpu',
  'ipl',
  '7 % (arg0 - 3)',
];
const term = fc.constantFrom(...TERMS);
const condition = fc
  .tuple(term, fc.constantFrom('==', '<', '>=', '!='), fc.constantFrom('0', '3', '14', '128', '0x7fffffff'))
  .map(([left, operator, right]) => `(${left}) ${operator} ${right}`);
const value = fc.oneof(
  fc.constant('count()'),
  fc
    .tuple(fc.constantFrom('sum', 'min', 'max', 'avg', 'stddev', 'quantize'), term)
    .map(([f, x]) => `${f}(${x})`),
  term.map((x) => `lquantize(${x}, -10, 300, 7)`),
  fc.tuple(term, term).map(([x, by]) => `quantize(${x}, ${by})`),
);
const clause = fc
  .tuple(
    fc.constantFrom('vec:::', 'vec:::0x0e', 'vec:exception::', 'cpu:::', 'vec:::, cpu:::, guest:::error'),
    fc.option(condition),
    fc.array(fc.tuple(fc.array(term, { maxLength: 3 }), value), { minLength: 1, maxLength: 3 }),
  )
  .map(([probes, when, parts]) => ({ probes, when, parts }));
const program = fc.array(clause, { minLength: 1, maxLength: 3 }).map((clauses) =>
  clauses
    .map(({ probes, when, parts }, c) => {
      const body = parts.map(
        ([keys, f], i) => `@n${c}x${i}${keys.length > 0 ? `[${keys.join(', ')}]` : ''} = ${f};`,
      );
      return `${probes} ${when === null ? '' : `/${when}/ `}{ ${body.join(' ')} }`;
    })
    .join(' '),
);

test('any program of aggregations', async () => {
  const logs = [logFile('linux-x86_64-boot-small'), logFile('linux-x86_64-smp2-torn')];
  await fc.assert(
    fc.asyncProperty(
      program,
      fc.constantFrom(...logs),
      fc.integer({ min: 60_000, max: 900_000 }),
      async (text, path, bytes) => {
        const { one, several } = await both({ program: text, traces: [path] }, bytes);
        expect(several).toEqual(one);
      },
    ),
    { numRuns: 25 },
  );
});
