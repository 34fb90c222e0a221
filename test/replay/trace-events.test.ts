/**
 * QEMU's trace events as `qemu:::EVENT`, in a real log where they stand among interrupt records. Counts and sums are made
 * here from the text, by regular expressions. If this breaks, look in src/sources/qemu-events.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { argumentsOf } from '../../src/sources/qemu-events/trace-events.ts';
import { TOP, trapline } from '../support/cli.ts';

const LOG = 'examples/traces/linux-x86_64-int+trace-timestamps.log.gz';
const text = gunzipSync(readFileSync(`${TOP}/${LOG}`)).toString('latin1');
const lines = [...text.matchAll(/^\d+@(\d+)\.(\d{6}):(\w+) (.*)$/gm)].map(
  ([, seconds, micros, name, rest]) => ({
    micros: Number(seconds) * 1e6 + Number(micros),
    name: name!,
    rest: rest!,
  }),
);

function tally(values: Iterable<string>): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${value} ${count}`).sort();
}

async function shown(program: string, ...more: string[]): Promise<string[]> {
  const { stdout, stderr } = await trapline(['-q', '-t', LOG, ...more, '-n', program]);
  expect(stderr.replace(/trapline: safe mode .*\n/, '')).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe.concurrent('a log of interrupts and trace events', () => {
  test('has every event as often as the text', async () => {
    expect(lines.length).toBeGreaterThan(50_000);
    const program = 'qemu::: { @[probename] = count(); } END { printa("%s %@d\\n", @); }';
    expect((await shown(program)).sort()).toEqual(tally(lines.map(({ name }) => name)));
    expect((await shown(program, '-x', 'scan=careful')).sort()).toEqual(tally(lines.map(({ name }) => name)));
  });

  test('arguments by name, and by number where QEMU gives them no name', async () => {
    const writes = lines
      .filter(({ name }) => name === 'apic_mem_writel')
      .map(({ rest }) => rest.split(' = '));
    const sum = writes.reduce((total, [, value]) => total + BigInt(value!), 0n);
    const delivered = lines.filter(({ name }) => name === 'apic_deliver_irq');
    const vectors = delivered.map(({ rest }) => /vector (\d+)/.exec(rest)![1]!);
    const program =
      'qemu:::apic_mem_writel { @[arg0] = count(); @sum = sum(args[0]->a1); } qemu:::apic_deliver_irq' +
      ' { @v[args[0]->vector] = count(); } END { printa("w %x %@d\\n", @); printa("v %d %@d\\n", @v); printa("s %@d\\n", @sum); }';
    expect((await shown(program)).sort()).toEqual(
      [
        ...tally(writes.map(([register]) => `w ${Number(register).toString(16)}`)),
        ...tally(vectors.map((vector) => `v ${vector}`)),
        `s ${sum}`,
      ].sort(),
    );
  });

  test('stand where they happened, at the time they say', async () => {
    const first = lines[0]!.micros;
    const truth = lines
      .filter(({ name }) => name === 'pic_interrupt')
      .map(({ micros, rest }) => `${(micros - first) * 1000} ${rest}`);
    const program =
      'qemu:::pic_interrupt { printf("%d irq %d intno %d\\n", timestamp, args[0]->irq, args[0]->intno); }';
    expect(truth.length).toBe(3);
    expect(await shown(program)).toEqual(truth);
    // The timer's interrupt comes behind the event that raised it.
    const order =
      'qemu:::pic_interrupt { self->raised = seq } vec:::0x30 /self->raised/ { printf("%d\\n", seq - self->raised); exit(0); }';
    expect(await shown(order)).toEqual(['1']);
  });

  test('leave the interrupt records as they are', async () => {
    const headers = [...text.matchAll(/^ *\d+: v=([0-9a-f]{2}) e=/gm)].map(([, vector]) => `0x${vector}`);
    const program =
      'vec::: { @[probename] = count(); } qemu::: { @n = count(); } END { printa("%s %@d\\n", @); printa("all %@d\\n", @n); }';
    expect((await shown(program, '--unsafe')).sort()).toEqual(
      [...tally(headers), `all ${lines.length}`].sort(),
    );
  });

  test('an event that the log does not have is no probe', async () => {
    const { stderr, status } = await trapline(['-t', LOG, '-n', 'qemu:::no_such_event { exit(0); }']);
    expect(stderr).toContain('qemu:::no_such_event');
    expect(status).toBe(1);
  });

  test('from a pipe, an event spelled out is one', async () => {
    const program = 'qemu:::pic_interrupt { printf("%d\\n", arg1); }';
    const { stdout } = await trapline(['-q', '-t', '-', '-n', program], { stdin: text });
    expect(stdout.trim().split('\n')).toEqual(['8', '48', '48']);
  });
});

describe.concurrent('logs of other targets', () => {
  const trap =
    'riscv_cpu_do_interrupt: hart:0, async:1, cause:0000000000000007, epc:0x0000000080000078, tval:0x0000000000000000, desc=m_timer';
  const taken = [
    'Taking exception 5 [IRQ] on CPU 0',
    '...from EL1 to EL1',
    '...with ESR 0x0/0x0',
    '...with ELR 0xffff800008010000',
    '...to EL1 PC 0xffff800008010a80 PSTATE 0x3c5',
  ];
  test.each([
    ['riscv', trap],
    ['arm', taken.join('\n')],
  ])('%s', async (_, record) => {
    const event = (micros: number, level: number) =>
      `12@100.00000${micros}:plic_irq irq: 7 level: ${level}\n`;
    const folder = mkdtempSync(join(tmpdir(), 'trace-events-'));
    const path = join(folder, 'qemu.log');
    writeFileSync(path, `${event(1, 1)}${record}\n${event(3, 0)}${record}\n`);
    const program =
      'vec::: { printf("vec;"); } qemu:::plic_irq { printf("%d %d %d;", args[0]->irq, args[0]->level, timestamp); }';
    const { stdout, stderr } = await trapline(['-q', '--unsafe', '-t', path, '-n', program]);
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe('7 1 0;vec;7 0 2000;vec;');
  });
});

test('of a set: those of a quiet CPU wait as long as another one has events', async () => {
  const record = /^ *0: v=[\s\S]*?\n(?= *1: v=)/m.exec(text)![0].replace(/^\d+@.*\n/gm, '');
  const numbered = (n: number): string => record.replace(/^ *0:/, `${String(n).padStart(6, ' ')}:`);
  const event = (name: string, n: number): string => `12@100.000001:${name} number: ${n}\n`;
  const folder = mkdtempSync(join(tmpdir(), 'trace-events-'));
  const [quiet, busy] = [join(folder, 'quiet.log'), join(folder, 'busy.log')];
  const asides = event('aside', 1) + event('aside', 2);
  writeFileSync(quiet, `${numbered(0)}${numbered(30_000)}${asides}${numbered(30_001)}`);
  const count = 9000;
  const ticks = Array.from(
    { length: count },
    (_, i) => numbered(i + 1) + event('tick', i) + event('tock', i),
  );
  writeFileSync(busy, ticks.join(''));
  const program =
    'qemu:::tick,qemu:::tock { @[probename] = count(); @n = sum(arg0); } qemu:::aside { printf("aside %d\\n", arg0); }' +
    ' END { printa("%s %@d\\n", @); printa("%@d\\n", @n); }';
  const { stdout } = await trapline(['-q', '--unsafe', '-t', quiet, '-t', busy, '-n', program]);
  rmSync(folder, { recursive: true });
  expect(stdout.split('\n').filter(Boolean)).toEqual([
    'aside 1',
    'aside 2',
    `tick ${count}`,
    `tock ${count}`,
    `${count * (count - 1)}`,
  ]);
});

describe('arguments of', () => {
  test.each([
    ['dest 0 dest_mode 1 vector 48', 'dest=0 dest_mode=1 vector=48'],
    ['vector: 4 level: 1', 'vector=4 level=1'],
    ['0xb0 = 0x000000ff', '0xb0 0x000000ff'],
    ['i440FX 00:00.0 @0x58 <- 0x33333000', 'i440FX 00:00.0 0x58 0x33333000'],
    ["cpu -1 mr 0x55ff addr 0xfee00000 name 'apic-msi'", 'cpu=-1 mr=0x55ff addr=0xfee00000 name=apic-msi'],
    ['kernel.elf segment 1: @0x100000 size=0x154 ROM=0', 'kernel.elf segment=1 0x100000 size=0x154 ROM=0'],
    ['running 1 reason 9 (running)', 'running=1 reason=9 (running)'],
    ['', ''],
  ])('%s', (text, expected) => {
    const found = argumentsOf(text).map(({ name, value }) =>
      name === undefined ? value : `${name}=${value}`,
    );
    expect(found.join(' ')).toBe(expected);
  });
});
