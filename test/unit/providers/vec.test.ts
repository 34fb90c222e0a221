import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { FIRING, Firing } from '../../../src/engine/firing.ts';
import { ProbeTable } from '../../../src/engine/probes.ts';
import { ARCHITECTURES } from '../../../src/machine/causes.ts';
import { EVENT_FLAGS, EventBatch } from '../../../src/machine/event-batch.ts';
import { SafeMode } from '../../../src/providers/safe-mode.ts';
import { VecProvider, vecProbeIndex } from '../../../src/providers/vec.ts';

const probes = new ProbeTable();
const vec = new VecProvider(probes);

function match(provider: string, module: string, func: string, name: string): string[] {
  const pattern = { provider, module, function: func, name, id: undefined, text: '' };
  return probes.match(pattern).map((p) => `${p.provider}:${p.module}:${p.function}:${p.name}`);
}

test('a name that two architectures have is one probe; so is one that was asked for before', () => {
  const table = new ProbeTable();
  const own = new VecProvider(table, []);
  table.match({ provider: 'vec', module: '', function: '', name: '0x0e', id: undefined, text: '' });
  for (const architecture of ARCHITECTURES) own.show(table, architecture);
  const names = table.all.map((probe) => `${probe.module}:${probe.function}:${probe.name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(table.create('vec', 'exception', 'page_fault', '0x0e').id).toBe(table.all[0]!.id);
  expect(table.all.length).toBe(names.length);
});

describe('names', () => {
  test.each([
    ['vec', '', '', '0x0e'],
    ['vec', '', '', '14'],
    ['vec', '', '', '0xe'],
    ['vec', '', '', '0xE'],
    ['vec', '', '', '0x0E'],
    ['vec', '', 'page_fault', ''],
    ['', '', 'page_*', ''],
  ])('%s:%s:%s:%s is the page fault', (...fields) => {
    expect(match(...fields)).toEqual(['vec:exception:page_fault:0x0e']);
  });

  test('a vector above 31 may be raised by a device or by INT', () => {
    expect(match('vec', '', '', '0x80')).toEqual(['vec:interrupt:irq:0x80', 'vec:soft:int:0x80']);
    expect(match('vec', 'soft', '', '128')).toEqual(['vec:soft:int:0x80']);
  });

  test('there are 32 + 2 × 224 of them', () => {
    expect(match('vec', '', '', '')).toHaveLength(32 + 2 * 224);
    expect(new Set(match('vec', '', '', '')).size).toBe(32 + 2 * 224);
    expect(match('vec', 'exception', '', '')).toHaveLength(31);
    expect(match('vec', '', 'nmi', '')).toEqual(['vec:interrupt:nmi:0x02']);
  });
});

describe('deliveries', () => {
  const nameOf = (vector: number, flags: number) => {
    const probe = probes.get(vec.probeIds[vecProbeIndex(vector, flags)]!);
    return `${probe?.module}:${probe?.function}`;
  };

  test.each([
    [14, 0, 'exception:page_fault'],
    [3, EVENT_FLAGS.SOFT, 'exception:breakpoint'],
    [8, EVENT_FLAGS.HARDWARE, 'exception:double_fault'],
    [0x80, EVENT_FLAGS.SOFT, 'soft:int'],
    [0xec, EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN, 'interrupt:irq'],
  ])('vector %i, flags %i', (vector, flags, expected) => {
    expect(nameOf(vector, flags)).toBe(expected);
  });

  test('arguments are exact 64-bit', () => {
    const memory = new LinearMemory();
    const batch = new EventBatch(memory, 8);
    const firing = new Firing(memory, batch);
    memory.u16[(batch.at.vector >> 1) + 2] = 14;
    memory.u8[batch.at.flags + 2] = EVENT_FLAGS.SOFT;
    memory.u8[batch.at.cpl + 2] = 3;
    memory.i64[(batch.at.errcode >> 3) + 2] = 7n;
    memory.i64[(batch.at.faddr >> 3) + 2] = -0x123456789abcdefn;
    memory.i64[(batch.at.pc >> 3) + 2] = 0x7fffffffffffffffn;
    vec.setArgs(firing, batch, 2);
    const first = (firing.at + FIRING.args) >> 3;
    expect([...memory.i64.slice(first, first + 7)]).toEqual([
      14n,
      7n,
      -0x123456789abcdefn,
      0x7fffffffffffffffn,
      3n,
      1n,
      0n,
    ]);
  });
});

test('withheld firings are counted per probe and CPU, most first', () => {
  const safe = new SafeMode(false);
  safe.withhold(7, 0);
  for (const cpu of [0, 1, 1]) safe.withhold(9, cpu);
  expect(safe.total).toBe(4);
  expect(safe.byProbe()).toEqual([
    {
      probeId: 9,
      count: 3,
      byCpu: new Map([
        [0, 1],
        [1, 2],
      ]),
    },
    { probeId: 7, count: 1, byCpu: new Map([[0, 1]]) },
  ]);
});
