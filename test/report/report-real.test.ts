/**
 * `trapline report` on real traces: changed in one respect, so that a kind of anomaly is in them; cut and torn, so that none
 * is; from pipes; of several files. And small logs of Arm and RISC-V guests.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/analysis.ts';
import { trapline } from '../support/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trapline-report-real-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const TRACES = 'examples/traces';
const textOf = (name: string): string =>
  gunzipSync(readFileSync(`${TRACES}/${name}.log.gz`)).toString('latin1');

function written(name: string, text: string): string {
  const path = join(scratch, `${name}.log`);
  writeFileSync(path, text, 'latin1');
  return path;
}

async function reportOf(paths: readonly string[]): Promise<Report> {
  const { stdout, status } = await trapline(['report', '--format', 'json', ...paths]);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Report;
}

const rulesOf = ({ anomalies }: Report): string[] => anomalies.map(({ rule }) => rule);

/** A log of QEMU's Arm targets. */
function arm(number: number, word: string, syndrome: number, from: number, to: number, elr: string): string {
  const esr = `0x${syndrome.toString(16)}/0x${((syndrome * 2 ** 26) >>> 0).toString(16)}`;
  return `Taking exception ${number} [${word}] on CPU 0\n...from EL${from} to EL${to}\n...with ESR ${esr}\n...with FAR 0x10\n...with ELR ${elr}\n...to EL1 PC 0xffff800008010a00 PSTATE 0x3c5\n`;
}
const armReturn = 'Exception return from AArch64 EL1 to AArch64 EL0 PC 0x465e8c\n';
const riscv = (cause: number, epc: string, word: string): string =>
  `riscv_cpu_do_interrupt: hart:0, async:0, cause:${cause.toString(16).padStart(16, '0')}, epc:${epc}, tval:0x0000000000000000, desc=${word}\n`;
const repeated = (count: number, text: string): string => text.repeat(count);

describe('an anomaly in a real trace', () => {
  test('the timer stops', async () => {
    let number = 0;
    const text = textOf('linux-x86_64-boot').replace(
      /^Servicing hardware INT=.*\n *(\d+): v=[\s\S]*?^EFER=.*\n/gm,
      (record) => (number++ < 400 ? record : ''),
    );
    const report = await reportOf([written('no-timer', text)]);
    expect(rulesOf(report)).toEqual(['no-timer']);
  });

  test('a 32-bit kernel returns to itself in user mode', async () => {
    const text = textOf('linux-i386-boot');
    const records = [...text.matchAll(/^ *\d+: v=0e e=\d+ i=0 cpl=3 IP=0073:([0-9a-f]{8}) [\s\S]*?^EFER=/gm)];
    const { 0: record, 1: pc = '', index } = records[1000]!;
    const changed = record.replaceAll(pc, 'c1000010');
    const path = written('user-kernel', text.slice(0, index) + changed + text.slice(index + record.length));
    const report = await reportOf([path]);
    expect([rulesOf(report), report.anomalies[0]?.places[0]?.event]).toEqual([
      ['user-kernel-address'],
      Number(/\d+/.exec(record)![0]),
    ]);
  });

  test('the kernel’s stack pointer is not aligned', async () => {
    const text = textOf('linux-x86_64-boot-small');
    const records = [...text.matchAll(/^ *\d+: v=ec [^\n]* SP=0018:(f[0-9a-f]{14})0 [\s\S]*?^EFER=/gm)];
    const { 0: record, 1: sp = '', index } = records.at(-1)!;
    const changed = record.replaceAll(`${sp}0`, `${sp}3`);
    const path = written('unaligned', text.slice(0, index) + changed + text.slice(index + record.length));
    expect(rulesOf(await reportOf([path]))).toEqual(['stack-unaligned']);
  });

  test('Arm: programs that never call', async () => {
    const once = textOf('linux-aarch64-boot').replace(
      /^Taking exception 2 \[SVC\][^\n]*\n(?:\.\.\.[^\n]*\n)*/gm,
      '',
    );
    expect(rulesOf(await reportOf([written('no-svc', once + once)]))).toEqual(['no-system-calls']);
  });
});

describe('Arm and RISC-V', () => {
  const start = arm(5, 'IRQ', 0x15, 0, 1, '0x400000') + armReturn;
  const LOGS: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    'a handler that faults': [
      start + repeated(9, arm(4, 'Data Abort', 0x25, 1, 1, '0xffff800008010a00')),
      ['recursion'],
    ],
    'faults that are handled': [
      start + repeated(60, arm(4, 'Data Abort', 0x24, 0, 1, '0x400000') + armReturn),
      [],
    ],
    'a fault that is never handled': [
      start + repeated(70, arm(4, 'Data Abort', 0x25, 1, 1, '0xffff800008010a00') + armReturn),
      ['storm'],
    ],
    'an illegal state': [
      start + arm(1, 'Undefined Instruction', 0x0e, 1, 1, '0xffff800008010a00'),
      ['unexpected-cause'],
    ],
    'a program in the kernel': [
      start + arm(3, 'Prefetch Abort', 0x20, 0, 1, '0xffff800008000000'),
      ['user-kernel-address'],
    ],
    'RISC-V: a store that is never mapped': [
      repeated(1000, riscv(15, '0x0000000080001000', 'store_page_fault')),
      ['storm'],
    ],
    'RISC-V: an instruction that the firmware does': [
      repeated(1500, riscv(2, '0x0000000080001000', 'illegal_instruction')),
      [],
    ],
    'RISC-V: a trap in a trap': [riscv(16, '0x0000000080001000', 'double_trap'), ['unexpected-cause']],
  };
  test.each(Object.entries(LOGS))('%s', async (name, [text, rules]) => {
    expect(rulesOf(await reportOf([written(name.replaceAll(/\W+/g, '-'), text)]))).toEqual(rules);
  });
});

describe('no anomaly comes from', () => {
  /** Numbers that look random and are the same each time. */
  const random = (seed: number) => {
    let state = seed;
    return (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  };
  const small = textOf('linux-x86_64-boot-small');
  const CUTS: Readonly<Record<string, (below: (limit: number) => number) => string>> = {
    'an end': (below) => small.slice(0, below(small.length)),
    'a beginning': (below) => small.slice(below(small.length)),
    'a hole': (below) => {
      const at = below(small.length);
      return small.slice(0, at) + small.slice(at + below(small.length - at));
    },
    'many holes': (below) => {
      let text = small;
      for (let i = 0; i < 30; i++) {
        const at = below(text.length);
        text = text.slice(0, at) + text.slice(at + below(3000));
      }
      return text;
    },
  };
  test.each(
    Object.entries(CUTS).flatMap(([name, cut]) => [1, 2, 3].map((seed) => [name, seed, cut] as const)),
  )('%s, %d', async (name, seed, cut) => {
    const text = cut(random(seed * 7919));
    const path = written(`${name.replaceAll(' ', '-')}-${seed}`, text);
    const { anomalies, cascades, resets } = await reportOf([path]);
    expect([anomalies, cascades, resets]).toEqual([[], [], []]);
  });

  test('a machine whose second CPU is cut off from its beginning', async () => {
    const text = textOf('linux-x86_64-smp2-torn');
    const report = await reportOf([written('late', text.slice(text.length / 3))]);
    expect(rulesOf(report)).toEqual([]);
  });
});

describe('whose log it is', () => {
  test.each([
    ['linux-aarch64-boot', 'arm', 1781],
    ['tiny-riscv64-traps', 'riscv', 551],
    ['tiny32-gp-np-df', 'x86', 2],
  ])('is told of a pipe: %s', async (name, architecture, events) => {
    const { stdout, status } = await trapline(['report', '--format', 'json', '-'], { stdin: textOf(name) });
    const report = JSON.parse(stdout) as Report;
    expect([status, report.traces, report.architecture, report.events]).toEqual([
      0,
      ['-'],
      architecture,
      events,
    ]);
  });

  test('a pipe is named as such', async () => {
    const { stdout } = await trapline(['report', '-'], { stdin: textOf('tiny32-gp-np-df') });
    expect(stdout).toMatch(/^standard input\n/);
    expect(stdout).toContain('    standard input:476  event 0: #GP');
    const junk = await trapline(['report', '-'], { stdin: 'no log\n' });
    expect([junk.status, junk.stderr]).toEqual([1, expect.stringContaining('found in standard input')]);
  });

  test('places of several files name the file', async () => {
    const healthy = textOf('tiny32-int-storm').split(/^(?= *20: v=)/m)[0]!;
    let number = 19;
    const crash = textOf('tiny32-gp-np-df').replace(/^ *\d+(?=: v=)/gm, () => String(++number).padStart(6));
    const paths = [written('first', healthy), written('second', crash)];
    const { cascades } = await reportOf(paths);
    expect(cascades.flatMap(({ steps }) => steps.map(({ trace }) => trace))).toEqual([
      paths[1],
      paths[1],
      paths[1],
    ]);
    const { stdout } = await trapline(['report', ...paths]);
    expect(stdout).toContain(`    ${paths[1]}:476  event 20: #GP`);
  });
});

test('the JSON form has these names', async () => {
  const report = await reportOf([`${TRACES}/tiny32-pf-recursive-triple.log.gz`]);
  const names = (value: object | undefined) =>
    Object.keys(value ?? {})
      .toSorted()
      .join(' ');
  expect(names(report)).toBe(
    'anomalies architecture cascades events guestErrors lastEvent levels moves resets slices traces vectors'.replace(
      'guestErrors ',
      report.guestErrors ? 'guestErrors ' : '',
    ),
  );
  expect(names(report.vectors[0])).toBe('count kind name number title');
  expect(names(report.levels[0])).toBe('count cpu level returns timeNs');
  expect(names(report.slices[0])).toBe('endNs exceptions firstEvent interrupts soft');
  expect(names(report.anomalies[0])).toBe('ask count means places rule title');
  expect(names(report.anomalies[0]?.places[0])).toBe('cpu event evidence line run');
  expect(names(report.cascades[0])).toBe('cpu firstEvent isFatal lastEvent steps');
  expect(names(report.cascades[0]?.steps[0])).toBe('address errorCode event kind line pc sp vector');
});

test.each(['linux-x86_64-boot-small', 'linux-aarch64-boot', 'tiny-riscv64-traps'])(
  'the program that --show-d prints counts what the report shows: %s',
  async (name) => {
    const trace = `${TRACES}/${name}.log.gz`;
    const shown = await trapline(['report', '--show-d', trace]);
    const path = join(scratch, 'shown.d');
    writeFileSync(path, shown.stdout);
    const run = await trapline(['-s', path, '-t', trace]);
    const { vectors, moves } = await reportOf([trace]);
    const rows = run.stdout.match(/^(?:vector|move) .*$/gm) ?? [];
    const expected = [
      ...vectors.map(
        ({ kind, name, number, count }) => `vector kind=${kind} name=${name} number=${number} count=${count}`,
      ),
      ...moves.map(({ cpu, from, to, count }) => `move cpu=${cpu} from=${from} to=${to} count=${count}`),
    ];
    expect([run.status, rows.toSorted()]).toEqual([0, expected.toSorted()]);
  },
);
