/** Records in unusual shape: torn, glued, half written, timed, without dumps. Small logs written by hand. */
import { afterAll, describe, expect, test } from 'vitest';
import { EVENT_FLAGS } from '../../../src/machine/event-batch.ts';
import { REGISTERS } from '../../../src/machine/registers.ts';
import { CpuTable } from '../../../src/sources/qemu-x86/cpus.ts';
import { comparable, type Outcome, replay, scratchFolder, traceBytes } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

/** Replay a text both ways; they must agree, and no byte may be unaccounted for. */
async function run(text: string | Buffer): Promise<Outcome> {
  const file = scratch.write('log', typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  const fast = await replay([file], { rows: true, registers: true });
  const careful = await replay([file], { rows: true, registers: true, scan: 'careful' });
  expect(comparable(careful)).toEqual(comparable(fast));
  expect(fast.ledger.accountedBytes).toBe(Buffer.byteLength(text, 'latin1'));
  return fast;
}

interface Shape {
  readonly seq?: number;
  readonly vector?: string;
  readonly cpl?: number;
  readonly ip?: string;
  readonly sp?: string;
  readonly cr2?: string;
  readonly flags?: string;
  readonly tr?: string;
  readonly gdt?: string;
  readonly soft?: number;
}

const DEFAULTS = {
  seq: 0,
  vector: '0e',
  cpl: 3,
  ip: '0000000000401000',
  sp: '00007ffd00001000',
  cr2: '0000000000402000',
  flags: '00000202',
  tr: 'fffffe0000003000',
  gdt: 'fffffe0000001000',
  soft: 0,
} satisfies Shape;

function head(shape: Shape = {}): string {
  const { seq, vector, cpl, ip, sp, soft } = { ...DEFAULTS, ...shape };
  return `${String(seq).padStart(6)}: v=${vector} e=0004 i=${soft} cpl=${cpl} IP=0033:${ip} pc=${ip} SP=002b:${sp}`;
}

function tail(shape: Shape = {}): string {
  const { vector, cr2 } = { ...DEFAULTS, ...shape };
  return vector === '0e' ? ` CR2=${cr2}` : ' env->regs[R_EAX]=0000000000000007';
}

const zero = '0'.repeat(16);

function dump(shape: Shape = {}): string {
  const { cpl, ip, sp, cr2, flags, tr, gdt } = { ...DEFAULTS, ...shape };
  const segment = (name: string): string =>
    `${name.padEnd(3)}=002b ${zero} ffffffff 00cff300 DPL=3 DS   [-WA]\n`;
  return [
    `RAX=0000000000000007 RBX=${zero} RCX=${zero} RDX=${zero}\n`,
    `RSI=${zero} RDI=${zero} RBP=${zero} RSP=${sp}\n`,
    `R8 =${zero} R9 =${zero} R10=${zero} R11=${zero}\n`,
    `R12=${zero} R13=${zero} R14=${zero} R15=123456789abcdef0\n`,
    `RIP=${ip} RFL=${flags} [-------] CPL=${cpl} II=0 A20=1 SMM=0 HLT=0\n`,
    ...['ES', 'CS', 'SS', 'DS', 'FS', 'GS'].map(segment),
    `LDT=0000 ${zero} 00000000 00008200 DPL=0 LDT\n`,
    `TR =0040 ${tr} 00004087 00008900 DPL=0 TSS64-avl\n`,
    `GDT=     ${gdt} 0000007f\n`,
    `IDT=     fffffe0000000000 00000fff\n`,
    `CR0=80050033 CR2=${cr2} CR3=000000000487c000 CR4=000006f0\n`,
    `DR0=${zero} DR1=${zero} DR2=${zero} DR3=${zero} \n`,
    `DR6=00000000ffff0ff0 DR7=0000000000000400\n`,
    `CCS=${zero} CCD=${zero} CCO=EFLAGS\n`,
    'EFER=0000000000000d01\n',
  ].join('');
}

const record = (shape: Shape = {}): string => `${head(shape)}${tail(shape)}\n${dump(shape)}`;
const CHECK = 'check_exception old: 0xffffffff new 0xe\n';

/** Two CPUs' records that differ in everything by which a dump is matched. */
const A: Shape = { seq: 7, ip: '0000000000401aaa', sp: '00007ffd00000aaa', cr2: '00000000000aaaaa' };
const B: Shape = {
  seq: 8,
  ip: 'ffffffff81000bbb',
  sp: 'ffffc90000000bbb',
  cr2: '00000000000bbbbb',
  cpl: 0,
  flags: '00000002',
  tr: 'fffffe000003e000',
  gdt: 'fffffe000003c000',
};

describe('records written by two CPUs at once', () => {
  test.each([
    ['the other check_exception behind SP', `${head(A)}${CHECK}${tail(A)}\n${dump(A)}${record(B)}`],
    ['the other check_exception behind the tail', `${head(A)}${tail(A)}${CHECK}\n${dump(A)}${record(B)}`],
    ['the other header behind SP', `${head(A)}${head(B)}${tail(A)}\n${tail(B)}\n${dump(A)}${dump(B)}`],
    [
      'both headers before both dumps, crossed',
      `${head(A)}${tail(A)}\n${head(B)}${tail(B)}\n${dump(B)}${dump(A)}`,
    ],
    ['a whole record inside a header', `${head(A)}${record(B)}${tail(A)}\n${dump(A)}`],
  ])('%s', async (_, text) => {
    const { rows, ledger } = await run(record({ seq: 6 }) + text + record({ seq: 9 }));
    expect(rows.map((row) => Number(row.seq))).toEqual([6, 7, 8, 9]);
    const [a, b] = [rows[1]!, rows[2]!];
    expect([a.flags, b.flags]).toEqual([EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN, EVENT_FLAGS.IF_KNOWN]);
    expect([a.pc, b.pc]).toEqual([0x401aaan, 0xffffffff81000bbbn]);
    expect([a.faddr, b.faddr]).toEqual([0xaaaaan, 0xbbbbbn]);
    expect([a.registers.get(REGISTERS.cr2.id), b.registers.get(REGISTERS.cr2.id)]).toEqual([
      0xaaaaan,
      0xbbbbbn,
    ]);
    expect([a.cpu, b.cpu]).toEqual([0, 1]);
    expect(ledger.losses).toEqual({});
  });

  test('records put together again are counted', async () => {
    const { ledger } = await run(`${record({ seq: 6 })}${head(A)}${CHECK}${tail(A)}\n${dump(A)}`);
    expect(ledger.repaired).toBe(1);
  });

  test('a header behind a number of six digits has no blank between', async () => {
    const late = { ...B, seq: 100000 };
    const { rows } = await run(`${head(A)}${head(late)}${tail(A)}\n${tail(late)}\n${dump(A)}${dump(late)}`);
    expect(rows.map((row) => [Number(row.seq), row.sp])).toEqual([
      [7, 0x7ffd00000aaan],
      [100000, 0xffffc90000000bbbn],
    ]);
  });
});

describe('half records', () => {
  test('a header without a dump keeps what the header says, and is counted', async () => {
    const { rows, ledger } = await run(`${head(A)}${tail(A)}\n${record(B)}`);
    const [a, b] = rows;
    expect(a!.registers.get(REGISTERS.rip.id)).toBe(0x401aaan);
    expect(a!.registers.get(REGISTERS.cr2.id)).toBe(0xaaaaan);
    expect(a!.registers.has(REGISTERS.rbx.id)).toBe(false);
    expect(a!.flags & EVENT_FLAGS.IF_KNOWN).toBe(0);
    expect(b!.registers.get(REGISTERS.r15.id)).toBe(0x123456789abcdef0n);
    expect(ledger.losses['nodump']?.count).toBe(1);
  });

  test('a log of headers only, as grep leaves it', async () => {
    const text = Array.from({ length: 40 }, (_, i) => `${head({ seq: i })}${tail()}\n`).join('');
    const { rows, ledger } = await run(text);
    expect(rows.map((row) => Number(row.seq))).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(ledger.losses['nodump']?.count).toBe(40);
  });

  test('a dump that stops is used as far as it goes', async () => {
    const cut = record(A).split('\n').slice(0, 8).join('\n');
    const { rows, ledger } = await run(`${cut}\n${record(B)}`);
    expect(rows[0]!.flags).toBe(EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN);
    expect(rows[0]!.registers.get(REGISTERS.r15.id)).toBe(0x123456789abcdef0n);
    expect(rows[0]!.registers.has(REGISTERS.cr3.id)).toBe(false);
    expect(rows[1]!.registers.get(REGISTERS.cr3.id)).toBe(0x487c000n);
    expect(ledger.losses['torn']?.count).toBe(1);
  });

  test('a dump of another place is not taken for the header before it', async () => {
    const { rows, ledger } = await run(
      `${record(B)}${head(A)}${tail(A)}\n${dump({ ...A, ip: '0000000000409999' })}`,
    );
    expect(rows.map((row) => row.flags & EVENT_FLAGS.IF_KNOWN)).toEqual([EVENT_FLAGS.IF_KNOWN, 0]);
    expect(ledger.losses['torn']).toMatchObject({ count: 1, bytes: dump(A).length });
  });

  test('a header with a digit that is none', async () => {
    const { rows, ledger } = await run(`${record(B)}${head({ ...A, ip: '00000000004z1aaa' })}${tail(A)}\n`);
    expect(rows.length).toBe(1);
    expect(ledger.losses['malformed']?.count).toBe(1);
  });

  test('console text inside a dump does not spoil it', async () => {
    const lines = record(A).split('\n');
    const text = [...lines.slice(0, 6), '[    0.25] usb 1-1: new device\r', ...lines.slice(6)].join('\n');
    const { rows, ledger } = await run(text);
    expect(rows[0]!.registers.get(REGISTERS.cr3.id)).toBe(0x487c000n);
    expect(ledger.nonEvents['console text']?.count).toBe(1);
    expect(ledger.losses).toEqual({});
  });

  test('console text glued before a header and before a form', async () => {
    const { rows, ledger } = await run(
      `Booting..${record(A)}ok Servicing hardware INT=0xec\n${record({ ...B, vector: 'ec' })}`,
    );
    expect(rows.length).toBe(2);
    expect(rows[1]!.flags & EVENT_FLAGS.HARDWARE).toBe(EVENT_FLAGS.HARDWARE);
    expect(ledger.nonEvents['console text']).toEqual({ count: 2, bytes: 'Booting..ok '.length });
  });
});

describe('kinds of interrupts', () => {
  const flagsOf = async (text: string): Promise<number> => (await run(text)).rows.at(-1)!.flags;
  const known = EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;

  test('an INT n instruction', async () => {
    expect(await flagsOf(record({ vector: '80', soft: 1 }))).toBe(known | EVENT_FLAGS.SOFT);
  });

  test('a hardware interrupt', async () => {
    const text = `Servicing hardware INT=0x30\n${record({ vector: '30' })}`;
    expect(await flagsOf(text)).toBe(known | EVENT_FLAGS.HARDWARE);
  });

  test('a hardware interrupt without a dump still had interrupts enabled', async () => {
    const text = `Servicing hardware INT=0x30\n${head({ vector: '30' })}${tail({ vector: '30' })}\n`;
    expect(await flagsOf(text)).toBe(known | EVENT_FLAGS.HARDWARE);
  });

  test('a real-mode timer tick does not mark a later double fault', async () => {
    const text = `Servicing hardware INT=0x08\n${CHECK}${record({ vector: '08', flags: '00000002' })}`;
    expect(await flagsOf(text)).toBe(EVENT_FLAGS.IF_KNOWN);
  });
});

describe('times', () => {
  test('an ISO time before each line', async () => {
    const stamp = (ms: number): string => `2026-01-02T03:04:05.${String(ms).padStart(3, '0')}000Z `;
    const text = [1, 2, 503].map((ms, i) => stamp(ms) + CHECK + stamp(ms) + record({ seq: i })).join('');
    const { rows, hasTime, ledger } = await run(text);
    expect(hasTime).toBe(true);
    expect(rows.map((row) => row.time)).toEqual([0, 1e6, 502e6]);
    expect(rows[2]!.registers.get(REGISTERS.r15.id)).toBe(0x123456789abcdef0n);
    expect(ledger.losses).toEqual({});
  });

  test('an ISO time also before the pieces of a header', async () => {
    const stamp = '2026-01-02T03:04:05.000001Z ';
    const { rows, ledger } = await run(`${stamp}${head(A)}${stamp}${tail(A)}${stamp}\n${dump(A)}`);
    expect(rows[0]!.faddr).toBe(0xaaaaan);
    expect(ledger.repaired).toBe(0);
    expect(ledger.losses).toEqual({});
  });

  test('no times', async () => {
    const { rows, hasTime } = await run(record());
    expect(hasTime).toBe(false);
    expect(rows[0]!.time).toBeNaN();
  });
});

describe('numbers and registers', () => {
  test('lines are those of the headers', async () => {
    const { rows } = await run(`${CHECK}${record({ seq: 1 })}${CHECK}${record({ seq: 2 })}`);
    expect(rows.map((row) => row.line)).toEqual([2, 24]);
  });

  test('APX registers between R15 and RIP', async () => {
    const high = [16, 20, 24, 28]
      .map((r) => [0, 1, 2, 3].map((i) => `R${r + i}=${zero}`).join(' '))
      .join('\n');
    const text = record(A).replace('RIP=0000', `${high}\nRIP=0000`);
    const { rows, ledger } = await run(text + text);
    expect(rows.map((row) => row.registers.get(REGISTERS.cr3.id))).toEqual([0x487c000n, 0x487c000n]);
    expect(ledger.losses).toEqual({});
  });

  test('a wide error code and the largest number', async () => {
    const text = record({ seq: 4294967295 }).replace('e=0004', 'e=ffffffff80000004');
    const { rows } = await run(text);
    expect(rows[0]!.seq).toBe(4294967295n);
    expect(rows[0]!.errcode).toBe(0xffffffff80000004n);
  });

  test('the address of a guest error', async () => {
    const { rows } = await run(
      `Invalid read at addr 0xFEE00000, size 4\nInvalid write at addr 0xfee00020, size 4\n${record()}`,
    );
    expect(rows.map((row) => [row.kind, row.faddr])).toEqual([
      ['guest_error', 0xfee00000n], // QEMU prints capitals
      ['guest_error', 0xfee00020n],
      ['vec', 0x402000n],
    ]);
  });
});

describe('which CPU', () => {
  const names = [
    'linux-x86_64-boot-small',
    'linux-i386-boot',
    'ovmf-x86_64-boot',
    'tiny32-int-storm',
    'linux-x86_64-oom-triple',
  ];

  test.each(names)('%s is one CPU even when no reset line says so', async (name) => {
    const text = traceBytes(name)
      .toString('latin1')
      .replace(/^CPU Reset .*\n/gm, '');
    const { cpus } = await replay([scratch.write('log', Buffer.from(text, 'latin1'))]);
    expect(Object.keys(cpus)).toEqual(['0']);
  });

  const MOVED: Shape = { tr: 'ffffffff80005000', gdt: 'ffffffff80004000' };
  const many = (count: number, shape: Shape): string =>
    Array.from({ length: count }, (_, i) => record({ ...shape, seq: i })).join('');

  test('a boot CPU that moves to another TSS and GDT stays one', async () => {
    const { cpus, cpuCount } = await run(many(20, {}) + many(200, MOVED));
    expect(cpus).toEqual({ 0: 220 });
    expect(cpuCount).toBe(1);
  });

  test('a second CPU is one from its first record, when the first is seen again', async () => {
    const { cpus } = await run(many(20, {}) + many(50, MOVED) + many(5, {}) + many(100, MOVED));
    expect(cpus).toEqual({ 0: 25, 1: 150 });
  });

  test('reset lines limit the number of CPUs', async () => {
    const resets = 'CPU Reset (CPU 0)\nCPU Reset (CPU 1)\n';
    const third: Shape = { tr: 'ffffffff80009000', gdt: 'ffffffff80008000' };
    const { cpus } = await run(
      resets + many(3, {}) + many(3, MOVED) + many(3, {}) + many(3, third) + many(3, {}),
    );
    expect(cpus).toEqual({ 0: 9, 1: 6 });
  });

  test('after a reset the keys are learned anew', () => {
    const table = new CpuTable();
    const see = (base: number): number => table.attribute(0x40, base, () => {});
    expect([see(0x1000), see(0x2000), see(0x1000)]).toEqual([0, 1, 0]);
    table.noteReset(0);
    table.noteReset(1);
    expect([see(0), see(0x5000), see(0x6000), see(0x5000)]).toEqual([0, 0, 1, 0]);
  });
});
