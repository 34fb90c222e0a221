/** When a replay is spread over threads, and what happens when they, or the log, do not do as expected. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { FromThread, HelperThread, ThreadSetup } from '../../../src/session/parallel/thread.ts';
import { trapline } from '../../support/cli.ts';
import { playedThread, runHere, type SessionOptions } from '../../support/session-run.ts';
import { traceBytes } from '../../support/sources-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BYTES = traceBytes('linux-x86_64-boot-small').subarray(0, 1 << 20);
const LOG = join(folder, 'x86.log');
writeFileSync(LOG, BYTES);
const ARM = join(folder, 'arm.log');
writeFileSync(ARM, traceBytes('linux-aarch64-boot').subarray(0, 1 << 18));
const PACKED = join(folder, 'x86.log.gz');
writeFileSync(PACKED, gzipSync(BYTES));
const EXEC = join(folder, 'exec.log');
writeFileSync(EXEC, traceBytes('linux-x86_64-smp2-exec-nochain').subarray(0, 1 << 18));

const PIECES = { TRAPLINE_PIECES: '60000' };
const COUNT = 'vec::: { @[arg0] = count(); }';

function inPieces(given: Partial<SessionOptions> = {}) {
  return runHere({
    ...{ program: COUNT, traces: [LOG], environment: PIECES, startThread: playedThread },
    ...given,
    options: ['workers=2', ...(given.options ?? [])],
  });
}

function alone(given: Partial<SessionOptions> = {}) {
  return runHere({
    program: COUNT,
    traces: [LOG],
    ...given,
    options: ['workers=1', ...(given.options ?? [])],
  });
}

describe('the decision, as -v says it', () => {
  const THREADS = '2 threads, pieces of 60000 bytes';
  const cases: readonly (readonly [string, string | undefined, Partial<SessionOptions>?])[] = [
    [COUNT, THREADS],
    ['vec::: /cpl == 3 && this->x == 0/ { this->x = arg1; @[this->x, rip] = quantize(seq); }', THREADS],
    ['BEGIN { g = 1; } vec::: { @ = count(); } END { printf("%d", g); clear(@); }', THREADS],
    ['vec::: { @[strjoin(execname, probename), substr(probefunc, 1)] = max(arg2); }', THREADS],
    ['vec::: { @[stack(), ustack(4), func(pc)] = count(); }', THREADS],
    ['cpu:::, guest:::error, exec:::tb { @[probeprov] = count(); }', THREADS],
    [COUNT, THREADS, { options: ['cpu=0', 'unsafe', 'quiet', 'ledger', 'strsize=40', 'tier=interpreter'] }],
    ['exec:::tb { @ = count(); }', THREADS, { traces: [EXEC] }],
    ['vec::: { @ = count(); }\nvec:::0x0e { x = arg1; }', 'one thread: line 2: the clause writes x'],
    ['BEGIN { x = 1; } vec:::0x0e { @[x] = count(); }', 'one thread: line 1: the clause reads x'],
    ['vec:::0x0e { self->t = 1; @ = count(); }', 'one thread: line 1: the clause writes self->t'],
    [
      'BEGIN { self->t = 1; } vec::: /self->t/ { @ = count(); }',
      'one thread: line 1: the clause reads self->t',
    ],
    ['vec::: { a[arg0] = 1; }', 'one thread: line 1: the clause writes a'],
    ['BEGIN { a[1] = 1; } vec::: { @[a[arg0]] = count(); }', 'one thread: line 1: the clause reads a'],
    ['vec::: { @[timestamp] = count(); }', 'one thread: line 1: the clause reads timestamp'],
    ['vec::: { @[line] = count(); }', 'one thread: line 1: the clause reads line'],
    ['vec::: { @[rand()] = count(); }', 'one thread: line 1: the clause calls rand()'],
    ['vec::: { @[(uint64_t)alloca(8)] = count(); }', 'one thread: line 1: the clause calls alloca()'],
    ['vec::: { @[copyinstr(arg2)] = count(); }', 'one thread: line 1: the clause calls copyinstr()'],
    ['vec:::0x0e { printf("%d", arg0); }', 'one thread: line 1: the clause calls printf()'],
    ['vec:::0x0e { @ = count(); exit(0); }', 'one thread: line 1: the clause calls exit()'],
    ['vec:::0x0e { @ = count(); clear(@); }', 'one thread: line 1: the clause calls clear()'],
    ['vec:::0x0e { @ = count(); printa(@); }', 'one thread: line 1: the clause calls printa()'],
    ['vec:::0x0e { speculate(1); }', 'one thread: line 1: the clause calls speculate()'],
    ['vec:::0x03 { }', 'one thread: line 1: the clause prints a line at every event'],
    [
      'vec::: { @ = count(); } tick-1s { exit(0); }',
      'one thread: line 1: profile:::tick-1s fires between events',
    ],
    [
      'vec::: { @ = count(); } trapline:::safe { }',
      'one thread: line 1: trapline:::safe fires between events',
    ],
    [
      'vec::: { @ = count(); } END { trace(timestamp); }',
      'one thread: times and lines depend on what came before',
    ],
    [COUNT, 'one thread: what aggsize drops depends on what came before', { options: ['aggsize=1m'] }],
    [COUNT, 'one thread: what bufsize drops depends on what came before', { options: ['bufsize=1m'] }],
    [COUNT, 'one thread: bufpolicy=ring keeps what came last', { options: ['bufpolicy=ring'] }],
    [COUNT, 'one thread: as asked', { options: ['workers=1'] }],
    [COUNT, 'one thread: the log has less than 512 MiB', { environment: {} }],
    [COUNT, undefined, { startThread: undefined }],
    [COUNT, 'one thread: several logs are read in one order', { traces: [LOG, LOG] }],
    [COUNT, 'one thread: only logs of x86 guests are cut in pieces', { traces: [ARM] }],
    [COUNT, 'one thread: only plain files are cut in pieces', { traces: [PACKED] }],
    ['BEGIN { exit(0); }', THREADS], // and none is started
  ];
  test.each(cases.map(([program, expected, given = {}]) => [program, expected, given] as const))(
    '%s: %s',
    async (program, expected, given) => {
      const { stderr } = await inPieces({ verbose: true, ...given, program });
      expect(/^trapline: replay: (.*)$/m.exec(stderr)?.[1]).toBe(expected);
    },
  );
});

describe('threads that fail', () => {
  const ended = (setup: ThreadSetup, when: (message: FromThread) => boolean): HelperThread => {
    const thread = playedThread(setup);
    return {
      ...thread,
      listen: (take, gone) =>
        thread.listen((message) => {
          if (!when(message)) return take(message);
          thread.stop();
          gone();
        }, gone),
    };
  };
  const cases: Readonly<Record<string, (setup: ThreadSetup) => HelperThread>> = {
    'that cannot be had': () => {
      throw new Error('no more threads');
    },
    'that are gone at once': (setup) => ended(setup, () => true),
    'that are gone after some pieces': (setup) => {
      let count = 0;
      return ended(setup, () => ++count === 4);
    },
    'that can use no piece': (setup) => {
      const thread = playedThread(setup);
      return {
        ...thread,
        listen: (take, gone) =>
          thread.listen(
            (message) => take(message.kind === 'done' ? { ...message, traced: undefined } : message),
            gone,
          ),
      };
    },
  };
  test.each(Object.entries(cases))('%s', async (_, startThread) => {
    const options = ['ledger', 'workers=3'];
    expect(await inPieces({ startThread, options })).toEqual(await alone({ options: ['ledger'] }));
  });
});

describe('a log that changes while it is read', () => {
  const changes: Readonly<Record<string, (path: string) => void>> = {
    'becomes longer': (path) => appendFileSync(path, BYTES.subarray(0, 300_000)),
    'becomes shorter': (path) => truncateSync(path, 500_001),
    'is put aside for a new one': (path) => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, BYTES.subarray(300_000));
    },
  };
  test.each(Object.entries(changes))('%s', async (name, change) => {
    const path = join(folder, `${name}.log`);
    writeFileSync(path, BYTES);
    let isFirst = true;
    const several = await inPieces({
      traces: [path],
      options: ['ledger'],
      startThread: (setup) => {
        if (isFirst) change(path);
        isFirst = false;
        return playedThread(setup);
      },
    });
    if (existsSync(`${path}.old`)) renameSync(`${path}.old`, path);
    expect(several).toEqual(await alone({ traces: [path], options: ['ledger'] }));
  });
});

test('an interrupt ends it in order: END fires, and what is printed is of the beginning of the log', async () => {
  const program = 'vec::: { @ = min(seq); @n = count(); } END { printa("%@d %@d\\n", @, @n); }';
  const { stdout, status } = await inPieces({
    program,
    options: ['quiet'],
    whileRunning: (handle) => setTimeout(() => handle.interrupt(), 20),
  });
  const whole = await alone({ program, options: ['quiet'] });
  const [first, count] = stdout.trim().split(' ').map(Number);
  expect(status).toBe(0);
  if (stdout.trim() !== '') expect(first).toBe(Number(whole.stdout.split(' ')[0]));
  expect(count ?? 0).toBeLessThanOrEqual(Number(whole.stdout.split(' ')[1]));
});

test('safe mode that is lifted meanwhile: every event is counted or withheld, once', async () => {
  const { stdout, stderr } = await inPieces({
    program: 'vec::: { @ = count(); }',
    options: ['quiet'],
    whileRunning: (handle) => setTimeout(() => handle.setUnsafe(true), 15),
  });
  const unsafe = await alone({ program: 'vec::: { @ = count(); }', options: ['quiet', 'unsafe'] });
  const withheld = Number(/withheld (\d+)/.exec(stderr)?.[1] ?? 0);
  expect(Number(stdout) + withheld).toBe(Number(unsafe.stdout));
});

test('withheld firings of pieces are told', async () => {
  const path = join(folder, 'masked.log');
  writeFileSync(path, traceBytes('linux-i386-boot').subarray(0, 2 << 20));
  const several = await inPieces({ traces: [path], options: ['strict'] });
  expect(several).toEqual(await alone({ traces: [path], options: ['strict'] }));
  expect(several.stderr).toContain('withheld');
});

describe('real threads', () => {
  test.each([
    ['-n', COUNT],
    [
      '-x',
      'ledger',
      '-x',
      'strict',
      '-n',
      'vec::: { @[cpu, arg2 >> 12] = quantize(arg3); } END { exit(4); }',
    ],
    ['-n', 'vec::: { @[7 / (arg0 - 14)] = count(); } ERROR { @e = count(); }'],
    ['-q', '-n', 'vec::: { @[(uint64_t)args[0], args[0]->pc, probename] = stddev(args[0]->addr); }'],
  ])('%s %s %s %s %s %s', async (...args) => {
    const run = (workers: number, env: Readonly<Record<string, string>>) =>
      trapline([...args, '-t', LOG, '-x', `workers=${workers}`], { env });
    expect(await run(3, PIECES)).toEqual(await run(1, {}));
  });

  test('trace pieces', async () => {
    const { stderr } = await trapline(['-v', '-n', COUNT, '-t', LOG, '-x', 'workers=3'], { env: PIECES });
    expect(Number(/replay: (\d+) of 18 pieces were traced ahead/.exec(stderr)?.[1])).toBeGreaterThan(10);
  });
});
