/**
 * What QEMU's versions write differently from 7.2, whose logs are bundled: lines made after their sources, each with the file
 * and the version that has it. All must be events, with nothing lost and nothing taken for a guest's text, in both ways of scanning.
 */
import { describe, expect, test } from 'vitest';
import { type Architecture, CAUSES } from '../../../src/machine/causes.ts';
import { EVENT_FLAGS } from '../../../src/machine/event-batch.ts';
import { record } from '../../support/int-records.ts';
import { type Row, replay, scratchFolder } from '../../support/sources-lab.ts';

const scratch = scratchFolder();

/** A delivery as target/arm/helper.c (target/arm/tcg since 10.0) logs it. */
function delivery(
  exception: string,
  esr: string,
  { cpu = ' on CPU 1', spsr = '60001000', state = '3c5', far = '' } = {},
): string {
  return `Taking exception ${exception}${cpu}
...from EL0 to EL1
...with ESR ${esr}
${far}...with SPSR 0x${spsr}
...with ELR 0x401000
...to EL1 PC 0xffff800080010c00 PSTATE 0x${state}
`;
}

const trap = (hart: number, async: number, cause: string, desc: string): string =>
  `riscv_cpu_do_interrupt: hart:${hart}, async:${async}, cause:${cause}, epc:0x80000078, tval:0x00000000, desc=${desc}\n`;
const APX = [16, 20, 24, 28].map(
  (i) => `${[0, 1, 2, 3].map((k) => `R${i + k}=${'0'.repeat(16)}`).join(' ')}\n`,
);
const TIME = '2026-01-02T03:04:05.678901Z ';

/** An event as words: CPU, what it is, where. */
function wordOf(architecture: Architecture, row: Row): string {
  const { kind, vector, cpu, pc, faddr, flags } = row;
  if (kind === 'guest_error') return `error at ${faddr.toString(16)}`;
  if (kind === 'real_mode_irq') return `real mode ${vector.toString(16)}`;
  if (kind !== 'vec') return `${cpu} ${kind} ${pc.toString(16)}`;
  const isDevice = (flags & EVENT_FLAGS.HARDWARE) !== 0;
  const cause = CAUSES[architecture].find(
    ({ number, kind: of }) =>
      number === vector && (architecture !== 'riscv' || (of === 'interrupt') === isDevice),
  );
  const mask =
    (flags & EVENT_FLAGS.IF_KNOWN) === 0 ? '' : (flags & EVENT_FLAGS.IF) !== 0 ? ' enabled' : ' masked';
  return `${cpu} ${cause?.mnemonic}${isDevice ? '*' : ''} ${pc.toString(16)}${mask}`;
}

interface Shape {
  readonly of: string; // file and version
  readonly text: string;
  readonly events: readonly string[];
  readonly architecture?: 'arm' | 'riscv';
}

const SHAPES: readonly Shape[] = [
  {
    of: 'softmmu/memory.c, 5.2 to 6.0: reads and writes in the same words',
    text: `${record(0, {})}Invalid access at addr 0x7FFA6900, size 4, region '(null)', reason: rejected\n`,
    events: ['0 irq* ffffffff81000000 enabled', 'error at 7ffa6900'],
  },
  {
    of: 'softmmu/memory.c, 6.1: what was wrong with the size',
    text: `${record(0, {})}Invalid write at addr 0xFFC00FFF, size 8, region 'timer-1', reason: invalid size (min:4 max:4)\n`,
    events: ['0 irq* ffffffff81000000 enabled', 'error at ffc00fff'],
  },
  {
    of: 'target/i386/tcg/sysemu/seg_helper.c, 7.0 on (before, with -d in_asm): an interrupt of a guest in the guest',
    text: `Servicing virtual hardware INT=0x30\n${record(0, { v: 0x30 }).replace(/^Serv.*\n/, '')}`,
    events: ['0 irq* ffffffff81000000 enabled'],
  },
  {
    of: 'target/i386/cpu-dump.c, 10.2 with APX: sixteen registers more',
    text: record(0, { v: 13 }).replace(/^R12=.*\n/m, (line) => line + APX.join('')),
    events: ['0 general_protection ffffffff81000000 enabled'],
  },
  {
    of: 'util/log.c, 10.2 with -msg timestamp=on: a time in front of each line that is a write of its own',
    text: record(0, {}).replace(/^(?=Serv| +0:|RAX)/gm, TIME),
    events: ['0 irq* ffffffff81000000 enabled'],
  },
  {
    of: 'accel/tcg/cpu-exec.c, up to 6.0: three fields',
    text: 'Trace 0: 0x7f00 [0000000000000000/ffffffff81363fa0/0x40c2b0] \nTrace 3: 0x7f00 [0000000000000000/000000000000fff0/0x40] f\n',
    events: ['0 tb ffffffff81363fa0', '3 tb fff0'],
  },
  {
    of: 'accel/tcg/cpu-exec.c, 8.1: numbers without zeros in front',
    text: 'Trace 0: 0x7f00 [0/ffffffff81363fa0/40c2b0/ff000200] \nTrace 0: 0x7f40 [0/fff0/40/ff000200] f\nStopped execution of TB chain before 0x7f40 [fff0] f\n',
    events: ['0 tb ffffffff81363fa0'],
  },
  {
    of: 'accel/tcg/cpu-exec.c, 8.2 on: CS base of eight digits, pc of sixteen',
    text: 'Trace 0: 0x7f00 [00000000/ffffffff81363fa0/0040c2b0/ff000200] \nTrace 0: 0x7f40 [00000000/000000000000fff0/00000040/ff000200] f\nStopped execution of TB chain before 0x7f40 [000000000000fff0] f\n',
    events: ['0 tb ffffffff81363fa0'],
  },
  {
    of: 'target/arm/helper.c, before 7.0: no CPU',
    architecture: 'arm',
    text:
      delivery('2 [SVC]', '0x15/0x56000000', { cpu: '' }) +
      delivery('5 [IRQ]', '0x15/0x56000000', { cpu: '' }),
    events: ['0 svc 401000 enabled', '0 irq* 401000 enabled'],
  },
  {
    of: 'target/arm/helper.c, 8.1 on: a granule protection check',
    architecture: 'arm',
    text: delivery('25 [Granule Protection Check]', '0x1e/0x7a000000'),
    events: ['1 granule_protection 401000 enabled'],
  },
  {
    of: 'target/arm/helper.c, 9.1 on: interrupts that PSTATE.I does not hold back; the syndrome is an old one',
    architecture: 'arm',
    text: ['26 [NMI]', '27 [Virtual IRQ NMI]', '28 [Virtual FIQ NMI]']
      .map((exception) => delivery(exception, '0x15/0x56000000', { spsr: '600010c0' }))
      .join(''),
    events: ['1 nmi* 401000 masked', '1 virtual_nmi* 401000 masked', '1 virtual_fiq_nmi* 401000 masked'],
  },
  {
    of: 'target/arm/helper.c, 10.1 on: syndrome and states of 64 bits',
    architecture: 'arm',
    text: delivery('4 [Data Abort]', '0x24/0x1f92000007', {
      far: '...with FAR 0xffff9e2b5010\n',
      spsr: '100000000',
      state: '1000003c5',
    }),
    events: ['1 data_abort 401000 enabled'],
  },
  {
    of: 'target/riscv/cpu.c, 10.0 on: new exceptions',
    architecture: 'riscv',
    text: trap(0, 0, '00000010', 'double_trap') + trap(12, 0, '00000013', 'reserved'),
    events: ['0 double_trap 80000078', '12 hardware_error 80000078'],
  },
  {
    of: 'target/riscv/cpu.c, 10.1 on: causes without a name',
    architecture: 'riscv',
    text:
      trap(1, 1, '0000000d', '(null)') +
      trap(1, 0, '00000012', '(null)') +
      trap(0, 0, '0000003f', '(unknown)'),
    events: ['1 counter_overflow* 80000078 enabled', '1 software_check 80000078', '0 reserved 80000078'],
  },
];

describe.each(SHAPES)('$of', ({ text, events, ...given }) => {
  const architecture: Architecture = given.architecture ?? 'x86';

  test.each(['fast', 'careful'] as const)('%s', async (scan) => {
    const { rows, ledger, diagnostic } = await replay([scratch.write('shape.log', text)], {
      rows: true,
      scan,
    });
    expect(diagnostic).toBeUndefined();
    expect(rows.map((row) => wordOf(architecture, row))).toEqual(events);
    expect(ledger.losses).toEqual({});
    expect(
      Object.keys(ledger.nonEvents).filter(
        (name) => name !== 'servicing' && name !== 'check_exception' && name !== 'stopped',
      ),
    ).toEqual([]);
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
  });
});
