/** Every recorded x86 log gives the counts that were found in it with other tools, in both ways of scanning. */
import { describe, expect, test } from 'vitest';
import { REGISTERS } from '../../src/machine/registers.ts';
import { comparable, replay, traceBytes, tracePath } from '../support/sources-lab.ts';

interface Truth {
  readonly vectors: string; // as in examples/traces/README.md
  readonly cpls?: string;
  readonly masked?: string; // records with IF=0
  readonly kinds?: string; // other events than vec
  readonly cpus?: string;
  readonly notes?: string; // counts of known non-events
  readonly bytes?: number;
  readonly repaired?: number;
  readonly time?: boolean;
}

const LINUX_SMM = 'smm_enter=11 smm_leave=11';
const BOTH_RESETS = `reset=2 ${LINUX_SMM}`;

const TRUTHS: Record<string, Truth> = {
  'linux-x86_64-boot': {
    vectors: '00=410 03=415 06=410 0d=810 0e=19512 22=3 23=10 24=1 25=102 30=106 80=8012 ec=598',
    cpls: '0=2495 3=27894',
    masked: '03=4 0e=4',
    kinds: BOTH_RESETS,
    notes: 'check_exception=21142 servicing=820',
    bytes: 39363406,
  },
  'linux-x86_64-boot-small': {
    vectors: '03=1 0e=2260 22=3 23=10 24=1 25=394 30=107 ec=406',
    cpls: '0=1086 3=2096',
    masked: '0e=4',
    kinds: BOTH_RESETS,
    notes: 'check_exception=2260 servicing=921',
    bytes: 4224585,
  },
  'linux-x86_64-smp2-torn': {
    vectors: '03=1 0e=14254 21=3 22=10 23=4 30=77 ec=1206 fb=320 fd=125',
    kinds: LINUX_SMM,
    cpus: '0=8154 1=7846', // 8150 and 7846 by their TSS, and 4 before the first TSS was loaded
    repaired: 17,
  },
  'linux-x86_64-int+exec-cpu-dfilter': {
    vectors: '00=20 03=21 06=20 0d=40 0e=6251 22=3 23=10 24=1 25=78 30=119 80=500 ec=482',
    kinds: `${LINUX_SMM} tb=11720 real_mode_irq=1`, // 11745 records, 25 of them taken back
    notes: 'linking=65721 stopped=25',
  },
  'linux-x86_64-int+trace-timestamps': {
    vectors: '03=21 06=20 0d=40 0e=6285 22=3 23=10 24=1 25=78 30=132 80=500 ec=461',
    kinds: `${LINUX_SMM} real_mode_irq=1`,
    time: true,
  },
  'linux-x86_64-stderr-mixed': {
    vectors: '00=20 03=21 06=20 0d=40 0e=6287 22=3 23=10 24=1 25=78 30=112 80=500 ec=462',
    kinds: `${LINUX_SMM} real_mode_irq=2`, // one of them behind console text in the same line
  },
  'linux-x86_64-oom-triple': {
    vectors: '08=1 0e=1',
    kinds: `${BOTH_RESETS} triple_fault=1 nested=2 guest_error=12306 real_mode_irq=2`,
    notes: 'check_exception=3',
  },
  'linux-i386-boot': {
    vectors: '00=20 03=24 06=20 0d=20 0e=2195 22=3 23=10 24=1 25=30 30=68 80=1542 ec=739',
    cpls: '0=963 3=3709',
    masked: '03=3 0e=1',
    kinds: BOTH_RESETS,
  },
  'ovmf-x86_64-boot': { vectors: '20=1143', kinds: 'reset=2 guest_error=50010' },
  'tiny32-triple-fault': {
    vectors: '06=1 08=1 0d=1',
    kinds: `${BOTH_RESETS} triple_fault=1 nested=2`,
    notes: 'check_exception=4',
  },
  'tiny32-gp-np-df': { vectors: '08=1 0d=1', kinds: `${BOTH_RESETS} nested=1` },
  'tiny32-pf-recursive-triple': {
    vectors: '08=4 0e=1149',
    kinds: `${BOTH_RESETS} triple_fault=1 nested=5`,
    notes: 'check_exception=1154',
  },
  'tiny32-int-storm': {
    vectors: '00=50 03=200 06=200 0d=50 0e=64 20=112 30=200 31=200 80=200',
    kinds: BOTH_RESETS,
  },
};

function counts(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(' ').map((pair) => {
      const [key, count] = pair.split('=');
      return [key!, Number(count)];
    }),
  );
}

describe.each(Object.entries(TRUTHS))('%s', (name, truth) => {
  test('has the counts of its ground truth', async () => {
    const outcome = await replay([tracePath(name)]);
    expect(outcome.diagnostic).toBeUndefined();
    expect(outcome.vectors).toEqual(counts(truth.vectors));
    const { vec, ...others } = outcome.kinds;
    expect(vec).toBe(Object.values(outcome.vectors).reduce((sum, count) => sum + count));
    expect(others).toEqual(counts(truth.kinds ?? LINUX_SMM));
    expect(outcome.cpus).toEqual(truth.cpus === undefined ? { 0: vec } : counts(truth.cpus));
    if (truth.cpls !== undefined) expect(outcome.cpls).toEqual(counts(truth.cpls));
    if (truth.masked !== undefined) expect(outcome.masked).toEqual(counts(truth.masked));
    if (truth.bytes !== undefined) expect(outcome.ledger.totalBytes).toBe(truth.bytes);
    for (const [kind, count] of Object.entries(truth.notes === undefined ? {} : counts(truth.notes))) {
      expect(outcome.ledger.nonEvents[kind]?.count).toBe(count);
    }
    expect(outcome.hasTime).toBe(truth.time ?? false);
    expect(outcome.unknownIf).toBe(0);
    expect(outcome.ledger.repaired).toBe(truth.repaired ?? 0);
  });

  test('accounts for every byte, and loses none', async () => {
    const { ledger } = await replay([tracePath(name)]);
    expect(ledger.totalBytes).toBe(traceBytes(name).length);
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
    expect(ledger.losses).toEqual({});
  });

  test('gives the same events and ledger when every line is walked', async () => {
    const fast = await replay([tracePath(name)]);
    const careful = await replay([tracePath(name)], { scan: 'careful' });
    expect(comparable(careful)).toEqual(comparable(fast));
  });
});

describe('a set of per-thread logs', () => {
  const paths = [tracePath('linux-x86_64-smp2-tid.cpu0'), tracePath('linux-x86_64-smp2-tid.cpu1')];

  test('is merged by event number, one CPU per file', async () => {
    const outcome = await replay(paths, { rows: true });
    expect(outcome.cpus).toEqual({ 0: 4100, 1: 3900 });
    expect(outcome.cpuCount).toBe(2);
    expect(outcome.vectors).toEqual(
      counts('03=1 0e=6603 21=3 22=10 23=4 30=79 ec=720 fb=478 fd=102'), // the sums of both files
    );
    const numbers = outcome.rows.filter((row) => row.kind === 'vec').map((row) => row.seq);
    expect(numbers).toEqual(Array.from({ length: 8000 }, (_, i) => BigInt(i)));
    expect(outcome.ledger.accountedBytes).toBe(outcome.ledger.totalBytes);
  });

  test('numbers the boot CPU 0 in whatever order the files are given', async () => {
    const [forward, backward] = [await replay(paths), await replay([...paths].reverse())];
    expect(backward.cpus).toEqual(forward.cpus);
    expect(backward.digest).toBe(forward.digest);
  });

  test('carries registers of both files, with any window', async () => {
    const wide = await replay(paths, { registers: true });
    const narrow = await replay(paths, { registers: true, windowBytes: 3000, scan: 'careful' });
    expect(narrow.digest).toBe(wide.digest);
  });

  test('runs that both begin at 0 are replayed one after the other', async () => {
    const names = ['tiny32-gp-np-df', 'tiny32-triple-fault'];
    const outcome = await replay(names.map(tracePath), { rows: true });
    const numbers = outcome.rows.filter((row) => row.kind === 'vec').map((row) => Number(row.seq));
    expect(numbers).toEqual([0, 1, 0, 1, 2]);
    expect(outcome.cpus).toEqual({ 0: 5 });
  });
});

test.each(['fast', 'careful'] as const)(
  'records of -d exec have the counts of their notes (%s scan)',
  async (scan) => {
    const path = tracePath('linux-x86_64-int+exec-cpu-dfilter');
    const { rows, ledger } = await replay([path], { rows: true, scan });
    const counts: Record<string, number> = {};
    for (const { kind, pc } of rows)
      if (kind === 'tb') counts[addressText(pc)] = (counts[addressText(pc)] ?? 0) + 1;
    // Lines of the log by address, less the 25 that a `Stopped execution` line takes back.
    expect(counts).toEqual({
      ffffffff81c00080: 5534,
      ffffffff81a43e1d: 5408,
      ffffffff81363fa0: 389,
      ffffffff8136400e: 389,
    });
    expect(ledger.losses).toEqual({});
  },
);

test('records of -d exec without dumps, of two CPUs', async () => {
  const { rows, ledger } = await replay([tracePath('linux-x86_64-smp2-exec-nochain')], { rows: true });
  const cpus = [0, 1].map((cpu) => rows.filter((row) => row.kind === 'tb' && row.cpu === cpu).length);
  expect(cpus[0]! + cpus[1]!).toBe(28213 + 31727 - 60);
  expect(ledger.nonEvents['stopped']!.count).toBe(60);
  expect(ledger.losses).toEqual({});
});

const addressText = (address: bigint): string => BigInt.asUintN(64, address).toString(16);

test('trace events give times that never go back', async () => {
  const { rows } = await replay([tracePath('linux-x86_64-int+trace-timestamps')], { rows: true });
  const times = rows.map((row) => row.time);
  expect(times.every((time) => !Number.isNaN(time))).toBe(true);
  expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true);
  expect(times.at(-1)!).toBeGreaterThan(8e9); // the capture took over eight seconds
});

/** Registers found by a line-by-line reader with regular expressions, to compare ours with. */
function naiveDumps(text: string): Map<string, bigint>[] {
  const dumps: Map<string, bigint>[] = [];
  let current: Map<string, bigint> | undefined;
  for (const line of text.split('\n')) {
    if (/^ *\d+: v=/.test(line)) {
      current = new Map();
      dumps.push(current);
      current.set('head.sp', BigInt(`0x${/ SP=\w+:(\w+)/.exec(line)![1]}`));
      current.set('head.err', BigInt(`0x${/ e=(\w+)/.exec(line)![1]}`));
    } else if (/^(CPU Reset|SMM|Trace)/.test(line)) current = undefined;
    if (current === undefined) continue;
    const names = /^(GDT|IDT)= +(\w+) (\w+)/.exec(line);
    if (names !== null) {
      current.set(`${names[1]!.toLowerCase()}_base`, BigInt(`0x${names[2]}`));
      current.set(`${names[1]!.toLowerCase()}_limit`, BigInt(`0x${names[3]}`));
      continue;
    }
    const segment = /^(ES|CS|SS|DS|FS|GS|LDT|TR) ?=(\w+) (\w+)/.exec(line);
    if (segment !== null) {
      current.set(segment[1]!.toLowerCase(), BigInt(`0x${segment[2]}`));
      current.set(`${segment[1]!.toLowerCase()}_base`, BigInt(`0x${segment[3]}`));
      continue;
    }
    if (!/^[A-Z]/.test(line)) continue;
    for (const [, name, value] of line.matchAll(/(\w+) ?=([0-9a-f]+)/g)) {
      const lower = name!
        .toLowerCase()
        .replace(/^e(?=[a-d]x|[sd]i|[sb]p|ip)/, 'r')
        .replace(/^[re]fl$/, 'rflags');
      current.set(lower, BigInt(`0x${value}`));
    }
  }
  return dumps;
}

test.each(['linux-x86_64-boot-small', 'linux-i386-boot', 'linux-x86_64-stderr-mixed'])(
  'every register of %s is what the dump says',
  async (name) => {
    const { rows } = await replay([tracePath(name)], { rows: true, registers: true });
    const dumps = naiveDumps(traceBytes(name).toString('latin1'));
    const events = rows.filter((row) => row.kind === 'vec');
    expect(events.length).toBe(dumps.length);
    const names = Object.entries(REGISTERS).filter(([, def]) => !('lowBits' in def));
    events.forEach((event, i) => {
      const dump = dumps[i]!;
      const got = Object.fromEntries(names.map(([register, { id }]) => [register, event.registers.get(id)]));
      const wanted = Object.fromEntries(names.map(([register]) => [register, dump.get(register)]));
      if (JSON.stringify(Object.values(got), hex) !== JSON.stringify(Object.values(wanted), hex)) {
        expect({ seq: event.seq, ...got }).toEqual({ seq: event.seq, ...wanted });
      }
      expect(event.sp).toBe(dump.get('head.sp'));
      expect(event.errcode).toBe(dump.get('head.err'));
    });
  },
);

function hex(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString(16) : value;
}

test('a 32-bit process on a 64-bit kernel: full addresses from the header, the rest from its 32-bit dump', async () => {
  const { rows } = await replay([tracePath('linux-x86_64-boot')], { rows: true, registers: true });
  const compat = rows.find((row) => row.kind === 'vec' && row.cpl === 3 && row.registers.get(19) === 0x23n)!;
  expect(compat.registers.has(REGISTERS.r8.id)).toBe(false); // a 32-bit dump has no R8
  expect(compat.registers.get(REGISTERS.gdt_base.id)).toBe(0xfffffe0000001000n);
  expect(compat.registers.get(REGISTERS.tr_base.id)).toBe(0x3000n); // cut by QEMU
  expect(compat.registers.get(REGISTERS.rsp.id)).toBe(compat.sp);
});
