/** Logs of Arm and RISC-V guests as they really arrive: torn, interleaved, mixed with console text, cut short. */
import { afterAll, describe, expect, test } from 'vitest';
import { ARM_INTERRUPTS, UNSEEN_DELIVERY } from '../../../src/machine/causes.ts';
import { EVENT_FLAGS, UNKNOWN_LEVEL } from '../../../src/machine/event-batch.ts';
import { REGISTERS } from '../../../src/machine/registers.ts';
import { replay, scratchFolder } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let files = 0;

function run(lines: readonly string[] | string) {
  const text = typeof lines === 'string' ? lines : `${lines.join('\n')}\n`;
  return replay([scratch.write(`log${files++}`, text)], { rows: true, registers: true });
}

const svc = (cpu: number, elr = '0x1000') => [
  `Taking exception 2 [SVC] on CPU ${cpu}`,
  '...from EL0 to EL1',
  '...with ESR 0x15/0x56000000',
  `...with ELR ${elr}`,
  '...to EL1 PC 0xffff800008010c00 PSTATE 0x3c5',
];
const abort = (cpu: number, far: string) => [
  `Taking exception 4 [Data Abort] on CPU ${cpu}`,
  '...from EL0 to EL1',
  '...with ESR 0x24/0x92000047',
  `...with FAR ${far}`,
  '...with ELR 0x2000',
  '...to EL1 PC 0xffff800008010c00 PSTATE 0x3c5',
];
const irq = (cpu: number, from: number, to: number) => [
  `Taking exception 5 [IRQ] on CPU ${cpu}`,
  `...from EL${from} to EL${to}`,
  '...with ESR 0x24/0x92000047',
  '...with ELR 0x3000',
  `...to EL${to} PC 0xffff800008010a80 PSTATE 0x3c5`,
];
const back = (from: number, to: number, pc: string) =>
  `Exception return from AArch64 EL${from} to AArch64 EL${to} PC ${pc}`;
const trap = (fields: string) =>
  `riscv_cpu_do_interrupt: hart:0, async:0, cause:0000000000000002, epc:0x0000000080000018, ${fields}`;

const IF_BITS = EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;

describe('blocks of several CPUs', () => {
  test('lines of two blocks in turn: each gets the lines that it expects', async () => {
    const [a, b] = [svc(0), abort(1, '0xdead000')];
    const { rows, ledger } = await run([
      a[0]!,
      b[0]!,
      a[1]!,
      b[1]!,
      a[2]!,
      b[2]!,
      b[3]!,
      a[3]!,
      a[4]!,
      b[4]!,
      b[5]!,
    ]);
    expect(rows.map(({ cpu, vector, pc, faddr }) => [cpu, vector, pc, faddr])).toEqual([
      [0, 0x15, 0x1000n, 0n],
      [1, 0x24, 0x2000n, 0xdead000n],
    ]);
    expect(ledger).toMatchObject({ losses: {}, repaired: 2 });
  });

  test('a return between the lines of a block leaves it whole, and is told behind it', async () => {
    const [a, b] = [svc(0, '0x1000'), abort(1, '0x5000')];
    const { rows, ledger } = await run([...a, b[0]!, b[1]!, back(1, 0, '0x1000'), ...b.slice(2)]);
    expect(rows.map(({ kind, cpu, vector }) => [kind, cpu, vector])).toEqual([
      ['vec', 0, 0x15],
      ['vec', 1, 0x24],
      ['vec_return', 0, 0x15],
    ]);
    expect(ledger.losses).toEqual({});
  });

  test('a block that another of its CPU cuts off is an event with what it has, and a loss', async () => {
    const { rows, ledger } = await run([...svc(0), ...abort(0, '0x5000').slice(0, 4), ...svc(0, '0x1100')]);
    expect(rows.map(({ vector, pc, faddr }) => [vector, pc, faddr])).toEqual([
      [0x15, 0x1000n, 0n],
      [0x24, 0n, 0x5000n],
      [0x15, 0x1100n, 0n],
    ]);
    expect(ledger.losses['torn']).toMatchObject({ count: 1, first: { line: 6 } });
  });

  test('details without a block are torn, and the next block is found', async () => {
    const { rows, ledger } = await run([...svc(0).slice(2), ...svc(0, '0x1100')]);
    expect(rows).toHaveLength(1);
    expect(ledger.losses['torn']).toMatchObject({ count: 3, first: { line: 1 } });
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
  });
});

describe('returns', () => {
  const ended = async (lines: readonly string[]) =>
    (await run(lines)).rows
      .filter(({ kind }) => kind === 'vec_return')
      .map((row) => [row.cpu, row.vector, row.cpl]);

  test('the address tells the delivery, also of a thread that moved to another CPU', async () => {
    const lines = [...svc(0, '0x1000'), ...svc(1, '0x2000'), back(1, 0, '0x2000'), back(1, 0, '0x1000')];
    expect(await ended(lines)).toEqual([
      [1, 0x15, 0],
      [0, 0x15, 0],
    ]);
  });

  test('a changed address: the latest delivery from the level it leads to', async () => {
    expect(
      await ended([...abort(0, '0x5000'), ...irq(0, 1, 1), back(1, 1, '0x3000'), back(1, 0, '0x999')]),
    ).toEqual([
      [0, ARM_INTERRUPTS.irq, 1],
      [0, 0x24, 0],
    ]);
  });

  test('without a delivery', async () => {
    expect(await ended([back(1, 0, '0x1000')])).toEqual([[0, UNSEEN_DELIVERY.number, 0]]);
  });

  test('the time since the delivery, when lines have times', async () => {
    const at = (us: number, line: string) => `2026-01-02T03:04:05.${String(us).padStart(6, '0')}Z ${line}`;
    const lines = [...svc(0).map((line) => at(100, line)), at(350, back(1, 0, '0x1000'))];
    const { rows, hasTime } = await run(lines);
    expect(hasTime).toBe(true);
    expect(rows.at(-1)).toMatchObject({ kind: 'vec_return', errcode: 250_000n, time: 250_000 });
  });
});

describe('masks', () => {
  test('an interrupt tells that its mask was open, unless it goes to a higher level than EL1', async () => {
    const { rows } = await run([...irq(0, 1, 1), ...irq(0, 0, 1), ...irq(0, 1, 2), ...svc(0)]);
    expect(rows.map(({ flags }) => flags & IF_BITS)).toEqual([IF_BITS, IF_BITS, 0, 0]);
    expect(rows[0]!.errcode).toBe(0n); // its ESR is an old one
    expect(rows[0]!.registers.has(REGISTERS.esr.id)).toBe(false);
  });

  test('newer QEMU logs the saved state', async () => {
    const lines = (spsr: string) => svc(0).toSpliced(3, 0, `...with SPSR ${spsr}`);
    const { rows, ledger } = await run([...lines('0x600003c5'), ...lines('0x60000000')]);
    expect(rows.map(({ flags }) => flags & IF_BITS)).toEqual([EVENT_FLAGS.IF_KNOWN, IF_BITS]);
    expect(rows[0]!.registers.get(REGISTERS.spsr.id)).toBe(0x600003c5n);
    expect(ledger.losses).toEqual({});
  });
});

describe('other text', () => {
  test('console text between and in front of records', async () => {
    const { rows, ledger } = await run([
      'U-Boot 2023.01 (Jan 01 2023)',
      ...svc(0),
      '[    0.1] init: hello',
      `login: ${back(1, 0, '0x1000')}`,
      '',
      ...svc(0),
    ]);
    expect(rows.map(({ kind }) => kind)).toEqual(['vec', 'vec_return', 'vec']);
    expect(ledger.losses).toEqual({});
    expect(ledger.nonEvents['console text']?.bytes).toBe(29 + 22 + 7 + 1);
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
  });

  test('a record behind another on one line', async () => {
    const { rows, ledger } = await run([
      trap('tval:0x0, desc=illegal_instruction') + trap('tval:0x1, desc=x'),
    ]);
    expect(rows).toHaveLength(2);
    expect(ledger.losses).toEqual({});
  });

  test('what begins like a record and goes wrong is malformed', async () => {
    const { rows, ledger } = await run([
      trap('tval:0x0, desc=x'),
      'riscv_cpu_do_interrupt: hart:, async:1',
      trap('tval:0x0, desc=x'),
    ]);
    expect(rows).toHaveLength(2);
    expect(ledger.losses['malformed']).toMatchObject({ count: 1, first: { line: 2 } });
  });

  test('a line that is too long, binary rubbish', async () => {
    const rubbish = String.fromCharCode(...Array.from({ length: 300 }, (_, i) => 1 + (i % 9)));
    const { rows, ledger } = await run([
      trap('tval:0x0, desc=x'),
      'x'.repeat(70_000),
      rubbish,
      trap('tval:0x0, desc=x'),
    ]);
    expect(rows.map(({ line }) => line)).toEqual([1, 4]);
    expect(ledger.losses['unknown']?.count).toBe(2);
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
  });

  test('carriage returns', async () => {
    const { rows, ledger } = await run(`${[...svc(0), back(1, 0, '0x1000')].join('\r\n')}\r\n`);
    expect(rows.map(({ kind }) => kind)).toEqual(['vec', 'vec_return']);
    expect(ledger.eventBytes).toBe(ledger.totalBytes);
  });
});

describe('a log that is cut', () => {
  test('inside a block: the event stays, one loss', async () => {
    const { rows, ledger } = await run(`${[...svc(0), ...abort(0, '0x5000').slice(0, 4)].join('\n')}\n`);
    expect(rows).toHaveLength(2);
    expect(ledger.losses['truncated']?.count).toBe(1);
  });

  test.each([5, 20, 60, 100, 120])(
    'inside a line, after %i bytes: its value is not believed',
    async (bytes) => {
      const whole = trap('tval:0x00000000ffffffff, desc=illegal_instruction');
      const { rows, ledger } = await run(`${whole}\n${whole.slice(0, bytes)}`);
      expect(rows).toHaveLength(1);
      expect(ledger.losses['truncated']).toMatchObject({ count: 1, bytes, first: { line: 2 } });
    },
  );
});

describe('RISC-V traps', () => {
  test('addresses of 32 bits, unknown causes and levels', async () => {
    const { rows } = await run([
      'riscv_cpu_do_interrupt: hart:3, async:1, cause:0000000b, epc:0x80000010, tval:0x00000000, desc=m_external',
      'riscv_cpu_do_interrupt: hart:1, async:0, cause:0000003f, epc:0xffffffff80000010, tval:0x00000007, desc=(unknown)',
    ]);
    expect(rows.map(({ cpu, vector, cpl, pc }) => [cpu, vector, cpl, pc])).toEqual([
      [3, 11, UNKNOWN_LEVEL, 0x80000010n],
      [1, 63, UNKNOWN_LEVEL, 0xffffffff80000010n],
    ]);
    expect(rows[0]!.flags).toBe(EVENT_FLAGS.HARDWARE | IF_BITS);
  });

  test('a handler entered later than the trap does not give it its registers', async () => {
    const dump = (pc: string, mepc: string) => [
      `Trace 0: 0x7f8f08000680 [00000000/${pc}/00209003/ff000000] `,
      ' V      =   0',
      ` pc       ${pc}`,
      ' mtvec    80000040',
      ` mepc     ${mepc}`,
      ' x0/zero  00000000 x1/ra    00000001 x2/sp    00000002 x3/gp    00000003',
    ];
    const line = trap('tval:0x0, desc=x');
    const { rows } = await run([
      line,
      ...dump('80000040', '80000018'),
      line,
      ...dump('80000044', '80000018'),
      line,
    ]);
    expect(
      rows.filter(({ kind }) => kind === 'vec').map(({ registers }) => registers.get(REGISTERS.ra.id)),
    ).toEqual([1n, undefined, undefined]);
  });

  const [M, S] = ['m', 's'];
  test.each([
    // handler's level, its mstatus, hstatus: level and mask of the trapped code
    [M, 0x1800n, 0n, 3, 0], // MPP=M, MPIE=0
    [M, 0x1880n, 0n, 3, IF_BITS],
    [M, 0x0800n, 0n, 1, 0], // MPP=S: its own mask, which the trap leaves alone
    [M, 0x0802n, 0n, 1, IF_BITS],
    [M, 0x0880n, 0n, 1, 0],
    [M, 0x0000n, 0n, 0, IF_BITS], // user code cannot disable any
    [S, 0x0100n, 0n, 1, 0], // SPP=S, SPIE=0
    [S, 0x0120n, 0n, 1, IF_BITS],
    [S, 0x0000n, 0n, 0, IF_BITS],
    [S, 0x0120n, 0x80n, 1, undefined], // a guest of a hypervisor: not told
  ])('a handler in %s mode with mstatus %s, hstatus %s', async (mode, mstatus, hstatus, level, mask) => {
    const hex = (value: bigint) => value.toString(16).padStart(16, '0');
    const lines = [
      trap('tval:0x0, desc=x'),
      'Trace 0: 0x7f8f08000680 [00000000/80000040/00209003/ff000000] ',
      ' V      =   0',
      ' pc       0000000080000040',
      ` mstatus  ${hex(mstatus)}`,
      ` hstatus  ${hex(hstatus)}`,
      ` ${mode}tvec    0000000080000040`,
      ` ${mode}epc     0000000080000018`,
    ];
    for (const registers of [true, false]) {
      const path = scratch.write(`log${files++}`, `${lines.join('\n')}\n`);
      const { rows } = await replay([path], { rows: true, registers, needsRegisters: registers });
      expect(rows[0]).toMatchObject({ kind: 'vec', cpl: level });
      expect(rows[0]!.flags & IF_BITS).toBe(mask === 0 ? EVENT_FLAGS.IF_KNOWN : (mask ?? 0));
    }
  });

  test('several harts: traps, blocks and dumps in any order find each other by hart', async () => {
    const hart = (line: string, number: number) => line.replace('hart:0', `hart:${number}`);
    const line = trap('tval:0x0, desc=x');
    const block = (number: number) => `Trace ${number}: 0x7f8f080 [00000000/80000040/00209003/ff000000] `;
    const dump = (number: number, ra: number) => [
      ' V      =   0',
      ' pc       80000040',
      ` mhartid  0000000${number}`,
      ' mtvec    80000040',
      ' mepc     80000018',
      ` x0/zero  00000000 x1/ra    0000000${ra} x2/sp    00000002 x3/gp    00000003`,
    ];
    const first = [hart(line, 1), block(1), ...dump(1, 1)];
    const mixed = [line, hart(line, 1), block(1), block(0), ...dump(1, 5), ...dump(0, 4)];
    const { rows, ledger } = await run([...first, ...mixed]);
    const ra = REGISTERS.ra.id;
    expect(rows.map(({ kind, cpu, registers }) => [kind, cpu, registers.get(ra)])).toEqual([
      ['vec', 1, 1n],
      ['tb', 1, 1n],
      ['vec', 0, 4n],
      ['vec', 1, 5n],
      ['tb', 1, 5n],
      ['tb', 0, 4n],
    ]);
    expect(ledger.losses).toEqual({});
  });

  test('Stopped execution takes a block back', async () => {
    const { rows, ledger } = await run([
      trap('tval:0x0, desc=x'),
      'Trace 0: 0x7f8f08000680 [00000000/80000040/00209003/ff000000] ',
      'Stopped execution of TB chain before 0x7f8f08000680 [80000040] ',
      'Trace 0: 0x7f8f08000680 [00000000/80000040/00209003/ff000000] ',
      'Linking TBs 0x7f8f08000680 index 0 -> 0x7f8f080007c0',
      trap('tval:0x0, desc=x'),
    ]);
    expect(rows.map(({ kind }) => kind)).toEqual(['vec', 'tb', 'vec']);
    expect(rows[1]).toMatchObject({ pc: 0x80000040n, cpl: 3 });
    expect(ledger).toMatchObject({ losses: {}, nonEvents: { stopped: { count: 1 }, linking: { count: 1 } } });
  });
});
