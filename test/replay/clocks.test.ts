/** Clocks of design section 6 through the command line: what each gives, when it is refused, what is said of a guess. */
import { describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';

const TIMES = 'examples/traces/linux-x86_64-int+trace-timestamps.log.gz';
const BOOT = 'examples/traces/linux-x86_64-boot-small.log.gz';
const BLOCKS = 'examples/traces/linux-x86_64-smp2-exec-nochain.log.gz';
const TICKS = 'tick-1ms { n++; } END { printf("%d %d", n, timestamp); }';

const on = (trace: string, clock: string, ...more: string[]) =>
  trapline(['-x', `clock=${clock}`, '-t', trace, ...more]);

describe('what each clock gives', () => {
  test.each([
    // By awk: 8.133136 s from the first trace event to the last one before the last record
    [TIMES, 'auto', '8133 8133136000', ''],
    [TIMES, 'trace', '8133 8133136000', ''],
    // 3182 records, 2 resets, 22 SMM lines: the last one begins at 3205 µs
    [BOOT, 'auto', '3 3205000', 'has no times: one event counts as 1 µs'],
    [BOOT, 'index', '3 3205000', ''],
    // 406 ticks of 4 ms, and one event behind the last
    [BOOT, 'timer:0xec@250hz', '1624 1624001000', ''],
    // 59940 records of -d exec, 60 of them taken back
    [BLOCKS, 'icount', `0 ${8 * (59_880 - 1)}`, ''],
    [BLOCKS, 'icount:10', `61 ${1024 * (59_880 - 1)}`, ''],
    // Nothing to count: that is said.
    [BOOT, 'timer:0x20@250hz', '3 3206000', 'has no interrupt 0x20: its clock did not tick'],
    [BOOT, 'icount', '0 0', 'has no records of -d exec: its clock counted no instruction'],
  ])('%s %s: %s', async (trace, clock, wanted, said) => {
    const run = await on(trace, clock, '-n', TICKS);
    expect(run.stdout).toMatch(new RegExp(`\\b${wanted}\\n`));
    const notices = run.stderr.split('\n').filter((line) => !/description|^$/.test(line));
    expect(notices).toEqual(said === '' ? [] : [expect.stringContaining(said)]);
    expect(run.status).toBe(0);
    const quiet = await on(trace, clock, '-qn', TICKS);
    expect(quiet).toMatchObject({ stdout: `${wanted}\n`, stderr: '' });
  });

  test('the machine counts its instructions', async () => {
    const args = ['-x', 'cpus=1', '--machine', 'examples/guest/kernel.elf', '-qn'];
    const program = 'tick-1ms { n++; } END { printf("[%d %d]", n, timestamp); }';
    const [plain, counted] = await Promise.all([
      trapline([...args, program]),
      trapline(['-x', 'clock=icount', ...args, program]),
    ]);
    expect(counted.stdout).toMatch(/\[\d+ \d{7,}\]/);
    expect(counted.stdout).toBe(plain.stdout);
  });
});

describe('-v says which clock it is', () => {
  test.each([
    [BOOT, 'auto', 'clock: one event is 1 µs'],
    [BOOT, 'timer:0xec@250hz', 'clock: ticks of vector 0xec, 4000000 ns apart'],
    [TIMES, 'auto', 'clock: times of the trace'],
    [BLOCKS, 'icount:0', 'clock: a block of -d exec is an instruction of 1 ns'],
  ])('%s %s', async (trace, clock, wanted) => {
    const run = await on(trace, clock, '-vqn', TICKS);
    expect(run.stderr).toContain(`trapline: ${wanted}\n`);
  });
});

describe('what a source cannot give is refused', () => {
  test.each([
    ['trace', `${BOOT} has no times; index and timer:VECTOR@RATEhz are clocks for it`],
    ['host', 'the host clock needs a live guest; a replay has trace, timer, icount or index'],
    ['icount:99', 'a shift is 0 to 10'],
    ['timer:300@100hz', 'a vector is 0 to 255'],
    [
      'noon',
      'expected auto, trace, index, host, icount, icount:SHIFT or timer:VECTOR@RATEhz, for example timer:0x20@100hz',
    ],
  ])('%s', async (clock, reason) => {
    const run = await on(BOOT, clock, '-qn', TICKS);
    expect(run).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `trapline: failed to set -x clock: ${reason}\n`,
    });
  });
});

test('timers come between the events, in order, on every clock', async () => {
  const program = `
    BEGIN { last = timestamp; }
    vec::: { this->late = timestamp < last; last = timestamp; n += this->late; }
    tick-2ms { n += timestamp < last || timestamp % 2000000 != 0; last = timestamp; ticks++; }
    END { printf("%d %d", n, ticks); }`;
  for (const [trace, clock, ticks] of [
    [TIMES, 'trace', 4066],
    [BOOT, 'index', 1],
    [BOOT, 'timer:0xec@250hz', 812],
  ] as const) {
    const run = await on(trace, clock, '-qn', program);
    expect([clock, run.stdout]).toEqual([clock, `0 ${ticks}\n`]);
  }
});
