/**
 * The notes of every bundled trace (examples/traces/README.md), asked of the built command line as a user would ask them: one
 * line of D each. What a row wants was counted in the text with awk and grep. ground-truth.test.ts has the vectors of x86,
 * arm.test.ts and riscv.test.ts go deeper.
 */
import { describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';

interface Question {
  readonly ask: string; // D
  /** Of each printed row its words, or of `-x ledger` a line. */
  readonly wants: readonly string[];
}

const q = (ask: string, ...wants: string[]): Question => ({ ask, wants });
const LEVELS = 'vec::: { @[cpl] = count(); }';
const CPU_EVENTS = 'cpu::: { @[probename] = count(); }';
const GUEST_ERRORS = 'guest:::error { @ = count(); }';
const CLASSES = 'vec:::0x* { @[cpu, probefunc] = count(); }';
const RETURNS = 'vec:::return { @[arg4] = count(); }';
const CAUSES = 'vec::: { @[probemod, arg0] = count(); }';
const BLOCKS = 'exec:::tb { @[cpu] = count(); }';
const SMM = ['smm_enter 11', 'smm_leave 11'];
const BOOT = ['reset 2', ...SMM];

const TRACES: Readonly<Record<string, readonly Question[]>> = {
  'linux-x86_64-boot': [
    q(LEVELS, '0 2495', '3 27894'),
    q(CPU_EVENTS, ...BOOT),
    q('vec::: /args[0]->hardware/ { @ = count(); }', '820'),
  ],
  'linux-x86_64-boot-small': [
    q(LEVELS, '0 1086', '3 2096'),
    q(CPU_EVENTS, ...BOOT),
    q('vec::: /args[0]->hardware/ { @ = count(); }', '921'),
  ],
  'linux-x86_64-smp2-torn': [
    q('vec::: /tr_base != 0/ { @[tr_base & 0xfffff] = count(); }', '12288 8150', '253952 7846'),
  ],
  'linux-x86_64-int+exec-cpu-dfilter': [
    // 25 of the 11745 records are taken back
    q(
      'exec:::tb { @[pc & 0xffffffff] = count(); }',
      '2167816096 389',
      '2167816206 389',
      '2175024669 5408',
      '2176843904 5534',
    ),
  ],
  // 28213 and 31727 records, of which 60 are taken back
  'linux-x86_64-smp2-exec-nochain': [q('exec:::tb { @ = count(); }', '59880')],
  'linux-x86_64-int+trace-timestamps': [
    q('qemu:::apic_deliver_irq { @ = count(); }', '761'),
    q('qemu:::apic_mem_writel /args[0]->a0 == 0xb0 && arg0 == 0xb0/ { @ = count(); }', '683'),
  ],
  'linux-x86_64-oom-triple': [
    q('vec::: { @[vector] = count(); }', '8 1', '14 1'),
    q(CPU_EVENTS, 'nested 2', 'real_mode_irq 2', ...BOOT, 'triple_fault 1'),
    q(GUEST_ERRORS, '12306'),
  ],
  'linux-i386-boot': [q(LEVELS, '0 963', '3 3709')],
  'ovmf-x86_64-boot': [q(CPU_EVENTS, 'reset 2'), q(GUEST_ERRORS, '50010')],
  'tiny32-triple-fault': [
    q('vec::: { printf("%x %x\\n", seq, vector); }', '0 6', '1 d', '2 8'),
    q('cpu:::triple_fault { @ = count(); }', '1'),
  ],
  'tiny32-gp-np-df': [
    q('vec::: { printf("%x %x\\n", seq, vector); }', '0 d', '1 8'),
    q('cpu:::nested { printf("%x in %x\\n", arg0, arg1); }', 'b in d'),
  ],
  'tiny32-pf-recursive-triple': [q(CPU_EVENTS, 'nested 5', ...BOOT, 'triple_fault 1')],
  'tiny32-int-storm': [q('vec::: /arg5/ { @[vector] = count(); }', '3 200', '48 200', '49 200', '128 200')],
  'linux-aarch64-boot': [
    q(
      CLASSES,
      '0 data_abort 600',
      '0 hvc 7',
      '0 irq 270',
      '0 prefetch_abort 267',
      '0 svc 628',
      '0 undefined 9',
    ),
    q(RETURNS, '0 1447', '1 328'),
  ],
  'linux-aarch64-smp2': [
    q(
      CLASSES,
      ...['0 data_abort 168', '0 hvc 8', '0 irq 463', '0 prefetch_abort 52', '0 svc 109', '0 undefined 2'],
      ...['1 data_abort 435', '1 irq 458', '1 prefetch_abort 215', '1 svc 519', '1 undefined 7'],
    ),
    q(RETURNS, '0 1455', '1 974'),
  ],
  'tiny-riscv64-traps': [
    q(
      CAUSES,
      ...['exception 13 100', 'exception 2 60', 'exception 3 60', 'exception 5 60', 'exception 7 60'],
      ...['interrupt 7 50', 'soft 11 60', 'soft 8 101'],
    ),
    q(GUEST_ERRORS, '120'),
  ],
  'tiny-aarch64-exec-cpu': [
    q('vec:::0x* { @[probefunc] = count(); }', 'brk 1', 'data_abort 2', 'hvc 1', 'svc 4', 'undefined 1'),
    q(BLOCKS, '0 8'),
  ],
  'tiny-arm-exec-cpu': [
    q('vec:::0x* { @[probefunc] = count(); }', 'bkpt 1', 'data_abort 1', 'hvc 1', 'svc 1', 'undefined 1'),
    q('vec:::return { @ = count(); }', '3'),
    q(BLOCKS, '0 10'),
  ],
  'tiny-riscv32-exec-cpu': [
    q(CAUSES, 'exception 2 1', 'exception 3 1', 'exception 5 1', 'soft 11 2'),
    q(BLOCKS, '0 21'),
  ],
};

const ask = (trace: string, program: string, ...more: string[]) =>
  trapline(['-q', '--unsafe', ...more, '-t', `examples/traces/${trace}.log.gz`, '-n', program]);

/** Rows of words, sorted as text is. */
const rows = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))
    .filter((line) => line !== '')
    .sort();

describe.each(Object.entries(TRACES))('%s', (trace, questions) => {
  test.each(questions)('$ask', async ({ ask: program, wants }) => {
    const run = await ask(trace, program);
    expect(rows(run.stdout)).toEqual([...wants].sort());
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });
});

/** Lines that are no events, by the ledger; every byte of each trace has its place there. */
describe('the ledger', () => {
  test.each([
    ['linux-x86_64-boot', '39363406 bytes', ['21142 check_exception', '820 servicing']],
    ['linux-x86_64-boot-small', '4224585 bytes', ['2260 check_exception', '921 servicing']],
    ['linux-x86_64-smp2-torn', '', ['16022 events, 20529396 bytes, 17 of them torn and put together whole']],
    ['linux-x86_64-int+exec-cpu-dfilter', '', ['65721 linking', '25 stopped']],
    ['linux-x86_64-smp2-exec-nochain', '', ['60 stopped']],
    ['linux-x86_64-oom-triple', '', ['3 check_exception']],
    ['tiny32-triple-fault', '', ['4 check_exception']],
    ['tiny32-pf-recursive-triple', '', ['1154 check_exception']],
    ['linux-aarch64-boot', '', ['3558 events']], // 1781 deliveries, 1775 returns, 2 resets
    ['tiny-riscv64-traps', '', ['673 events']], // 551 traps, 120 errors, 2 resets
  ])('%s: %s %s', async (trace, total, lines) => {
    const { stderr } = await ask(trace, 'BEGIN { n = 0; }', '-x', 'ledger');
    expect(stderr).toContain(total);
    for (const line of lines) expect(rows(stderr).some((row) => row.startsWith(`${line}`))).toBe(true);
    expect(stderr).not.toMatch(/lost/);
  });
});

describe('real mode', () => {
  const trace = 'linux-x86_64-boot-small';
  test('SMM and resets: segment, offset, and pc where that is in memory', async () => {
    const program = `cpu:::smm_enter, cpu:::smm_leave, cpu:::reset
      { @[probename, cr0 & 1, cs, cs_base, rip, pc, arg0 == pc] = count(); }
      END { printa("%s %d %x %x %x %x %d %@d\\n", @); }`;
    expect(rows((await ask(trace, program)).stdout)).toEqual(
      [
        'reset 0 0 0 0 0 1 1',
        'reset 0 f000 ffff0000 fff0 fffffff0 1 1',
        'smm_enter 0 f000 f0000 7b5e f7b5e 1 5',
        'smm_enter 1 8 0 eaced eaced 1 1',
        'smm_enter 1 8 0 f7b78 f7b78 1 5',
        'smm_leave 0 f000 f0000 7b79 f7b79 1 5',
        'smm_leave 1 8 0 eaced eaced 1 1',
        'smm_leave 1 8 0 f7b5f f7b5f 1 5',
      ].sort(),
    );
  });

  test('control and debug registers, there and at interrupts', async () => {
    const program = `cpu:::smm_enter { @smm[cr0, cr2, cr3, cr4, efer, dr0, dr6, dr7] = count(); }
      vec::page_fault: /cpl == 3/ { @fault[cr0, cr4, dr6, dr7] = count(); @cr2[cr2 == arg2] = count(); }
      END { printa("smm %x %x %x %x %x %x %x %x %@d\\n", @smm);
        printa("fault %x %x %x %x %@d\\n", @fault); printa("%d %@d\\n", @cr2); }`;
    expect(rows((await ask(trace, program)).stdout)).toEqual(
      [
        '1 2081', // user code's page faults, each with its address in CR2
        'fault 80050033 6f0 ffff0ff0 400 2081',
        'smm 10 0 0 0 0 0 ffff0ff0 400 5',
        'smm 11 0 0 0 0 0 ffff0ff0 400 6',
      ].sort(),
    );
  });
});
