/** RISC-V logs: trapline against counts made without any of our code (see arm.test.ts). */
import { describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { comparable, replay, traceBytes, tracePath } from '../support/sources-lab.ts';

const NAME = 'tiny-riscv64-traps';
const TRACE = ['-q', '-t', `examples/traces/${NAME}.log.gz`];
const TRUTH = { '0 2': 60, '0 3': 60, '0 5': 60, '0 7': 60, '0 8': 101, '0 b': 60, '0 d': 100, '1 7': 50 };

function recount(): Record<string, number> {
  const counts: Record<string, number> = {};
  const text = traceBytes(NAME).toString('latin1');
  for (const [, isAsync, cause] of text.matchAll(
    /^riscv_cpu_do_interrupt: hart:0, async:(\d), cause:0*(\w)/gm,
  )) {
    const key = `${isAsync} ${cause}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const words = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '));

describe(NAME, () => {
  test('the notes and the recount agree', () => {
    expect(recount()).toEqual(TRUTH);
  });

  test.each([[[]], [['--unsafe']]])('traps by kind, mnemonic and cause %s', async (more) => {
    const program = 'vec::: { @[probemod, probefunc, probename] = count(); }';
    const run = await trapline([...TRACE, ...more, '-n', program]);
    expect(words(run.stdout).sort()).toEqual(
      [
        'exception breakpoint 0x03 60',
        'exception fault_load 0x05 60',
        'exception fault_store 0x07 60',
        'exception illegal_instruction 0x02 60',
        'exception load_page_fault 0x0d 100',
        'interrupt m_timer 0x07 50',
        'soft machine_ecall 0x0b 60',
        'soft user_ecall 0x08 101',
      ].sort(),
    );
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  test('a number may name an exception and an interrupt', async () => {
    const run = await trapline([...TRACE, '-n', 'vec:::7 { @[probemod, arg0] = count(); }']);
    expect(words(run.stdout)).toEqual(['interrupt 7 50', 'exception 7 60']);
  });

  test('every byte is accounted, nothing is lost; guest errors and resets are events', async () => {
    const { ledger, kinds } = await replay([tracePath(NAME)]);
    expect(ledger.losses).toEqual({});
    expect(ledger.eventBytes).toBe(traceBytes(NAME).length);
    expect(kinds).toEqual({ reset: 2, vec: 551, guest_error: 120 });
  });

  test('tiny windows: the same events', async () => {
    const whole = await replay([tracePath(NAME)], { registers: true });
    const tiny = await replay([tracePath(NAME)], { registers: true, windowBytes: 61 });
    expect(comparable(tiny)).toEqual(comparable(whole));
  });

  test('arguments, level and the names of the log', async () => {
    const program = `
      vec::load_page_fault: /n++ == 0/ { printf("%d %x %x %x %d %d|%x %x %d\\n", arg0, arg1, arg2, arg3, arg4, arg5, epc, tval, cause); }
      vec::illegal_instruction: /m++ == 0/ { printf("%x %x|%x\\n", arg1, arg2, tval); }
      vec::*_ecall: { @[probefunc, cpl, arg5] = count(); }
      vec::m_timer: { @timer[iflag, args[0]->hardware] = count(); }`;
    const run = await trapline([...TRACE, '-n', program]);
    const text = traceBytes(NAME).toString('latin1');
    const [, epc, tval] = /cause:0*d, epc:0x0*(\w+), tval:0x0*(\w*),/.exec(text) ?? [];
    const [, bits] = /cause:0*2, epc:0x\w+, tval:0x0*(\w+),/.exec(text) ?? [];
    expect(words(run.stdout)).toEqual([
      `${bits} 0|${bits}`,
      `13 ${tval} ${tval} ${epc} -1 0|${epc} ${tval} 13`,
      '',
      'machine_ecall 3 1 60',
      'user_ecall 0 1 101',
      '1 1 50',
    ]);
  });

  test('its timer is a clock, and exceptions of the same number are not', async () => {
    const program = 'vec:::0x08 { last = timestamp; } END { printf("%d", last / 1000000); }';
    const run = await trapline([...TRACE, '-x', 'clock=timer:0x07@1000hz', '-n', program]);
    expect(run.stdout.trim()).toBe('50'); // 50 interrupts, then the calls
  });

  test('the level of other traps is not in the log', async () => {
    const run = await trapline([...TRACE, '-n', 'vec::breakpoint: /n++ == 0/ { trace(cpl); }']);
    expect(run.stderr).toContain('cpl is not carried by this event');
  });

  test('from a pipe, which tells its architecture only when it is read', async () => {
    const args = ['-q', '-t', '-', '-n', 'vec::: { @ = count(); }'];
    const run = await trapline(args, { stdin: traceBytes(NAME) });
    expect(run.stdout.trim()).toBe('551');
  });
});

test('32-bit, with dumps: registers of the trapped code by both of their names', async () => {
  const program = `
    vec::machine_ecall: { printf("a7=%d x17=%d a0=%d;", a7, x17, a0); }
    exec:::tb /pc == 0x80000040/ { @[cpl, iflag, mtvec, sizeof (pc)] = count(); }`;
  const trace = ['-q', '--unsafe', '-x', 'strict', '-t', 'examples/traces/tiny-riscv32-exec-cpu.log.gz'];
  const run = await trapline([...trace, '-n', program]);
  const [text, counts] = run.stdout.split('\n');
  expect(text).toBe('a7=64 x17=64 a0=1;a7=999 x17=999 a0=1;');
  expect(counts?.trim().split(/ +/)).toEqual(['3', '0', String(0x80000040), '8', '5']);
  expect(run.status).toBe(0);
});

test('safe mode withholds traps of code that ran with mstatus.MIE=0, whatever the program reads', async () => {
  const trace = ['-q', '-t', 'examples/traces/tiny-riscv32-exec-cpu.log.gz', '-n'];
  for (const what of ['1', 'a0', 'cpl']) {
    const program = `vec::: /probefunc != "machine_ecall"/ { trace(${what}); }`;
    const run = await trapline([...trace, program]);
    expect(run.stdout.trim()).toBe('');
    expect(run.stderr).toContain('safe mode withheld 5 firings with interrupts disabled');
  }
  const run = await trapline(['--unsafe', ...trace, 'vec::: { @[probefunc, cpl, iflag, sp] = count(); }']);
  expect(words(run.stdout)).toEqual([
    'breakpoint 3 0 0 1',
    'fault_load 3 0 0 1',
    'illegal_instruction 3 0 0 1',
    'machine_ecall 3 0 0 2',
  ]);
});
