/** `trapline report`: counts, every anomaly on a log that has it and none on logs that do not, crashes, JSON. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/analysis.ts';
import { LEVELS, type Rule } from '../../src/report/rule.ts';
import { RULES } from '../../src/report/rules.ts';
import { trapline } from '../support/cli.ts';
import {
  KERNEL_PC,
  KERNEL_SP,
  log,
  type MadeEvent,
  record,
  times,
  USER_PC,
  USER_SP,
} from '../support/int-records.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trapline-report-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const TRACES = 'examples/traces';

async function reportOf(paths: readonly string[]): Promise<Report> {
  const { stdout, stderr, status } = await trapline(['report', '--format', 'json', ...paths]);
  expect([status, stderr.replace(/^trapline: .*(lost|repaired).*\n/gm, '')]).toEqual([0, '']);
  return JSON.parse(stdout) as Report;
}

function written(name: string, text: string): string {
  const path = join(scratch, `${name}.log.gz`);
  writeFileSync(path, gzipSync(text, { level: 1 }));
  return path;
}

const user: MadeEvent = { cpl: 3, v: 0x80, soft: true };
const tick = (i: number): MadeEvent => ({ pc: KERNEL_PC + BigInt(i % 4096) * 64n });

/** A log that has exactly the anomaly: the events, and the event where it is. */
const SICK: Readonly<Partial<Record<keyof typeof RULES, readonly [readonly MadeEvent[], number]>>> = {
  storm: [[tick(0), ...times(64, () => ({ v: 14, pc: KERNEL_PC + 5n, cr2: 0x10n }))], 1],
  recursion: [
    [tick(0), ...times(12, (i) => ({ v: 14, cr2: KERNEL_PC, sp: KERNEL_SP - BigInt(i) * 48n }))],
    1,
  ],
  'no-timer': [
    [tick(0), ...times(20_001, (i) => ({ v: 14, cpl: 3, cr2: BigInt(i) << 12n })), user, tick(1)],
    20_003,
  ],
  'stuck-loop': [[user, ...times(1000, (i) => ({ pc: KERNEL_PC + BigInt(i % 2) * 2n }))], 1],
  'no-user-mode': [times(10_000, tick), 9999],
  'stuck-ring': [[user, ...times(10_001, tick)], 1],
  'stack-drift': [[user, ...times(20, (i) => ({ sp: KERNEL_SP - BigInt(i) * 8n }))], 2],
  'lost-protection': [[user, user, { efer: 0x501 }, { efer: 0x501 }], 3],
  'user-interrupts-off': [[user, { v: 14, cpl: 3, flags: 2 }], 1],
  'no-system-calls': [times(1000, (i) => ({ v: 14, cpl: 3, cr2: BigInt(i) << 12n, efer: 0 })), 999],
  'user-kernel-address': [[user, { v: 14, cpl: 3, pc: KERNEL_PC, cr2: KERNEL_PC, e: 0x15 }], 1],
  'kernel-user-stack': [[user, { sp: USER_SP }], 1],
  'stack-unaligned': [[user, { sp: KERNEL_SP + 1n }], 1],
  'stack-range': [[user, { v: 14, sp: 0xfffffe0000000800n }], 1],
  'bad-cr3': [[user, { v: 14, cr3: 0x2fe7n }, { v: 14, cr3: 0x2fe7n }], 2],
  'user-gs': [[tick(0), user, ...times(2, () => ({ gs: 0x7f0000001000n }))], 3],
  'moved-tables': [[user, user, ...times(2, () => ({ idt: 0xffffffff82000000n }))], 3],
  'interrupts-off': [
    times(1000, (i) => ({
      v: 14,
      pc: KERNEL_PC + BigInt(i),
      flags: 2,
      cr2: BigInt(i) << 12n,
      tr: 0,
      efer: 0x500,
    })),
    0,
  ],
  nmi: [[user, { v: 2 }], 1],
};

/** Just below each threshold, or a case that looks alike and is none. */
const WELL: Readonly<Record<string, readonly MadeEvent[]>> = {
  'a fault retried 63 times': [tick(0), ...times(63, () => ({ v: 14, pc: KERNEL_PC, cr2: 0x10n }))],
  'one place, other addresses': [
    tick(0),
    ...times(200, (i) => ({ v: 14, pc: KERNEL_PC, cr2: BigInt(i) << 12n })),
  ],
  'nested seven deep': [
    tick(0),
    ...times(8, (i) => ({ v: 14, cr2: KERNEL_PC, sp: KERNEL_SP - BigInt(i) * 48n })),
  ],
  'busy between two ticks': [
    tick(0),
    ...times(19_998, (i) => ({ v: 14, cpl: 3, cr2: BigInt(i) << 12n })),
    user,
    tick(1),
  ],
  'an idle loop': [user, ...times(3000, () => ({}))],
  'a user program that computes': [user, ...times(900, (i) => ({ cpl: 3, pc: USER_PC + BigInt(i % 8) }))],
  'a kernel that has not begun': times(9999, tick),
  'a program that skips what faults': times(900, () => ({ v: 14, cpl: 3, cr2: 0n })),
  'a program that calls by SYSENTER': [
    ...times(1000, (i): MadeEvent => ({ v: 14, cpl: 3, cr2: BigInt(i) << 12n, efer: 0 })),
    { efer: 0 },
  ],
  'five levels of page tables': [user, { sp: 0xff64c14f80003f80n, cr4: 0x16f0 }],
  'programs that never have interrupts': times(20, () => ({ v: 14, cpl: 3, flags: 2 })),
  'a stack that moves now and then': [user, ...times(100, (i) => ({ sp: KERNEL_SP - BigInt(i % 9) * 8n }))],
  'a dump with wrong values': [user, user, { idt: 0xf0000000000000n, efer: 0x100, cr3: 1n, gs: 0n }, user],
  'protection lost where no interrupt comes': [
    user,
    user,
    ...times(2, () => ({ v: 14, efer: 0x501, flags: 2 })),
  ],
  'the vsyscall page': [user, { v: 14, cpl: 3, pc: 0xffffffffff600000n, cr2: 0xffffffffff600000n, e: 0x15 }],
  'SYSCALL’s first instructions': [tick(0), user, { v: 14, sp: USER_SP, flags: 2, gs: 0n }],
  'an early boot without stack segments': [
    { v: 14, sp: 0x8000n, gs: 0n, flags: 2, tr: 0 },
    { idt: 0x1000n, gs: 0n },
  ],
};

describe('anomalies', () => {
  test.each(Object.entries(SICK))('%s', async (rule, [events, event]) => {
    const { anomalies } = await reportOf([written(rule, log(events))]);
    expect(anomalies.map((found) => [found.rule, found.places[0]!.event])).toEqual([[rule, event]]);
    expect(anomalies[0]!.places[0]!.evidence).not.toMatch(/undefined|NaN/);
  });

  /** Times of the lines, in microseconds since the log began. */
  const timed = (events: readonly MadeEvent[], microseconds: (i: number) => number): string =>
    events
      .map((event, i) => {
        const time = new Date(Date.UTC(2026, 0, 2) + Math.floor(microseconds(i) / 1e6) * 1000).toISOString();
        const fraction = String(microseconds(i) % 1e6).padStart(6, '0');
        return record(i, event).replace(/^(?= *\d+: v=)/m, `${time.slice(0, 20)}${fraction}Z `);
      })
      .join('');
  const masked = (i: number): MadeEvent => ({
    v: 14,
    flags: 2,
    pc: KERNEL_PC + BigInt(i),
    cr2: BigInt(i) << 12n,
  });
  const busy = [tick(0), ...times(5001, (i) => ({ v: 14, cpl: 3, cr2: BigInt(i) << 12n })), user, tick(1)];

  /** What only times tell: the events, their times, and the event where it is. */
  const TIMED: Readonly<
    Partial<Record<keyof typeof RULES, readonly [readonly MadeEvent[], (i: number) => number, number]>>
  > = {
    'late-timer': [busy, (i) => (i < 5000 ? i : 2e6 + i), 5003],
    'interrupt-storm': [[user, ...times(1001, () => ({ v: 0x30 }))], (i) => i * 20, 1],
    'interrupts-off': [[user, tick(0), ...times(150, masked)], (i) => i * 1000, 2],
  };
  test.each(Object.entries(TIMED))('%s', async (rule, [events, microseconds, event]) => {
    const path = written(`timed-${rule}`, timed(events, microseconds));
    const { anomalies, durationNs } = await reportOf([path]);
    expect(durationNs).toBeGreaterThan(0);
    expect(anomalies.map((found) => [found.rule, found.places[0]!.event])).toEqual([[rule, event]]);
  });

  test.each(Object.entries(TIMED))('none without times: %s', async (rule, [events]) => {
    const { anomalies } = await reportOf([written(`untimed-${rule}`, log(events))]);
    expect(anomalies).toEqual([]);
  });

  test('CPUs that wake each other by NMIs, as those of memtest86+: that interrupts are off is no news', async () => {
    const events = times(1200, () => ({ v: 2, flags: 2, tr: 0, efer: 0x500 }));
    const { anomalies } = await reportOf([written('nmi-barrier', log(events))]);
    expect(anomalies.map(({ rule }) => rule)).toEqual(['nmi']);
  });

  test('every kind that x86 logs tell has a log here', () => {
    const kinds = Object.entries<Rule>(RULES).filter(([, { on }]) => on.includes('x86'));
    const provoked = new Set([...Object.keys(SICK), ...Object.keys(TIMED)]);
    expect(kinds.map(([rule]) => rule).filter((rule) => !provoked.has(rule))).toEqual([]);
  });

  test.each(Object.entries(WELL))('none: %s', async (name, events) => {
    const { anomalies } = await reportOf([written(name.replaceAll(' ', '-'), log(events))]);
    expect(anomalies).toEqual([]);
  });

  const HEALTHY = [
    ...[
      'linux-x86_64-boot',
      'linux-x86_64-boot-small',
      'linux-x86_64-smp2-torn',
      'linux-x86_64-stderr-mixed',
    ],
    ...[
      'linux-x86_64-int+trace-timestamps',
      'linux-x86_64-int+exec-cpu-dfilter',
      'linux-i386-boot',
      'ovmf-x86_64-boot',
    ],
    ...['tiny32-int-storm', 'linux-aarch64-boot', 'tiny-riscv64-traps'],
  ];
  test.each(HEALTHY)('none: %s', async (name) => {
    const { anomalies, cascades, resets, events } = await reportOf([`${TRACES}/${name}.log.gz`]);
    expect([anomalies, cascades, resets]).toEqual([[], [], []]);
    expect(events).toBeGreaterThan(500);
  });

  test('none: two files of one guest', async () => {
    const files = [0, 1].map((cpu) => `${TRACES}/linux-x86_64-smp2-tid.cpu${cpu}.log.gz`);
    const { anomalies, levels, events } = await reportOf(files);
    expect([anomalies, events, new Set(levels.map(({ cpu }) => cpu)).size]).toEqual([[], 8000, 2]);
  });
});

describe('counts', () => {
  test('are those of the log', async () => {
    const { vectors, levels } = await reportOf([`${TRACES}/linux-x86_64-boot.log.gz`]);
    const shown = vectors
      .map(({ number, count }) => `${number.toString(16).padStart(2, '0')}=${count}`)
      .toSorted();
    expect(shown.join(' ')).toBe(
      '00=410 03=415 06=410 0d=810 0e=19512 22=3 23=10 24=1 25=102 30=106 80=8012 ec=598',
    );
    expect(levels.map(({ level, count }) => [level, count])).toEqual([
      [0, 2495],
      [3, 27894],
    ]);
  });

  test('come from the program that --show-d prints', async () => {
    const shown = await trapline(['report', '--show-d', `${TRACES}/tiny32-gp-np-df.log.gz`]);
    const path = join(scratch, 'shown.d');
    writeFileSync(path, shown.stdout);
    const run = await trapline(['-s', path, '-t', `${TRACES}/tiny32-gp-np-df.log.gz`]);
    expect(run.stdout).toContain('vector kind=exception name=general_protection number=13 count=1\n');
    expect(run.stdout).toContain('nested line=495 event=0 cpu=0 vector=11 during=13 ');
  });
});

describe('what a user is told to ask are programs that run', () => {
  test.each([
    ['x86', 'linux-x86_64-boot-small'],
    ['arm', 'linux-aarch64-boot'],
    ['riscv', 'tiny-riscv64-traps'],
  ] as const)('%s', async (architecture, name) => {
    const rules = Object.values<Rule>(RULES).filter(({ on }) => on.includes(architecture));
    // Unnamed aggregations of several programs are one, so each gets a name of its own.
    const asks = rules.map(({ ask }, i) => ask(LEVELS[architecture]).replaceAll('@', `@a${i}`));
    const { status, stderr } = await trapline([
      '--unsafe',
      '-q',
      '-t',
      `${TRACES}/${name}.log.gz`,
      ...asks.flatMap((ask) => ['-n', ask]),
    ]);
    expect([status, stderr.replace(/^trapline: .* has no times.*\n/m, '')]).toEqual([0, '']);
  });
});

describe('crashes', () => {
  const stepsOf = async (name: string) => {
    const { cascades } = await reportOf([`${TRACES}/${name}.log.gz`]);
    return cascades.map(({ steps }) =>
      steps.map((step) => ('vector' in step ? `${step.kind} ${step.vector}` : step.kind)),
    );
  };
  test.each([
    ['tiny32-triple-fault', ['exception 13', 'nested 13', 'exception 8', 'nested 13', 'triple']],
    ['tiny32-gp-np-df', ['exception 13', 'nested 11', 'exception 8']],
    ['linux-x86_64-oom-triple', ['exception 14', 'nested 14', 'exception 8', 'nested 14', 'triple']],
  ])('%s', async (name, steps) => {
    expect(await stepsOf(name)).toEqual([steps]);
  });

  test('a cascade of several double faults is one', async () => {
    const all = await stepsOf('tiny32-pf-recursive-triple');
    expect(all).toHaveLength(1);
    expect(all[0]!.filter((step) => step === 'exception 8')).toHaveLength(4);
    expect(all[0]!.at(-1)).toBe('triple');
  });

  test('the resets at power-on are none; one that the guest orders has no triple fault before it', async () => {
    const dump = log([{}]).split('\n').slice(2).join('\n');
    const text = `CPU Reset (CPU 0)\n${dump}${log([user, tick(1)])}CPU Reset (CPU 0)\n${dump}`;
    const { resets, anomalies } = await reportOf([written('reset', text)]);
    expect([resets, anomalies]).toMatchObject([[{ line: 62, event: 1 }], []]);
  });

  test('the reset of another CPU is how a kernel starts it', async () => {
    const dump = log([{}]).split('\n').slice(2).join('\n');
    const { resets } = await reportOf([written('init', `${log([user, tick(1)])}CPU Reset (CPU 1)\n${dump}`)]);
    expect(resets).toEqual([]);
  });

  test('after a reset the kernel begins again', async () => {
    const dump = log([{}]).split('\n').slice(2).join('\n');
    const again = [{ idt: 0x1000n, efer: 0x100, tr: 0 }, tick(1)];
    const text = `${log([user, tick(1)])}CPU Reset (CPU 0)\n${dump}${log(again)}`;
    const { resets, anomalies } = await reportOf([written('reboot', text)]);
    expect([resets.length, anomalies]).toEqual([1, []]);
  });
});

describe('what goes wrong', () => {
  test.each([
    [['report'], 2, 'usage: trapline report'],
    [['report', '--format', 'xml', 'a.log'], 2, 'usage: trapline report'],
    [['report', 'nowhere.log'], 1, 'nowhere.log'],
    [['report', 'README.md'], 1, 'README.md'],
  ])('%j', async (args, status, message) => {
    const run = await trapline(args);
    expect([run.status, run.stdout]).toEqual([status, '']);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toMatch(/bug|^ +at /m);
  });
});
