import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { EVENT_FLAGS, EVENT_KINDS, EventBatch } from '../../../src/machine/event-batch.ts';
import { Clock, type ClockMode, parseClock } from '../../../src/providers/clock.ts';

describe('-x clock', () => {
  test.each([
    ['auto', undefined],
    ['trace', { kind: 'trace' }],
    ['index', { kind: 'index' }],
    ['host', { kind: 'host' }],
    ['icount', { kind: 'icount', instructionNs: 8 }],
    ['icount:0', { kind: 'icount', instructionNs: 1 }],
    ['timer:0x20@100hz', { kind: 'timer', vector: 0x20, intervalNs: 10e6 }],
    ['timer:236@250', { kind: 'timer', vector: 236, intervalNs: 4e6 }],
  ])('%s', (text, mode) => {
    expect(parseClock(text)).toEqual(mode);
  });

  test.each(['icount:11', 'icount:', 'timer', 'timer:0x20', 'timer:300@100hz', 'timer:0x20@0hz', 'noon'])(
    '%s is refused',
    (text) => {
      expect(parseClock(text)).toBeTypeOf('string');
    },
  );
});

/** Times the clock gives to events of these vectors and trace times. */
function times(
  mode: ClockMode,
  events: readonly { kind?: number; vector?: number; soft?: boolean; time?: number }[],
): number[] {
  const batch = new EventBatch(new LinearMemory(), 64);
  events.forEach((event, row) => {
    batch.memory.u8[batch.at.kind + row] = event.kind ?? EVENT_KINDS.vec;
    batch.memory.u8[batch.at.flags + row] = event.soft ? EVENT_FLAGS.SOFT : 0;
    batch.memory.u16[(batch.at.vector >> 1) + row] = event.vector ?? 14;
    batch.memory.f64[(batch.at.time >> 3) + row] = event.time ?? Number.NaN;
  });
  const clock = new Clock(mode, batch);
  batch.count = events.length;
  clock.run();
  return events.map((_, row) => clock.goTo(row));
}

describe('clocks', () => {
  test('index: one event is one microsecond', () => {
    expect(times({ kind: 'index' }, [{}, {}, {}])).toEqual([0, 1000, 2000]);
  });

  test('trace: the last time seen, never backwards', () => {
    expect(times({ kind: 'trace' }, [{}, { time: 50 }, {}, { time: 40 }, { time: 90 }])).toEqual([
      0, 50, 50, 50, 90,
    ]);
  });

  test('timer: ticks of a vector that a device raised', () => {
    const mode: ClockMode = { kind: 'timer', vector: 0x20, intervalNs: 10_000 };
    const tick = { vector: 0x20 };
    expect(times(mode, [{}, tick, {}, {}, { vector: 0x20, soft: true }, tick])).toEqual([
      1000, 10_000, 11_000, 12_000, 13_000, 20_000,
    ]);
  });

  test('icount: a block is an instruction, and what lies between two belongs to the one before', () => {
    const block = { kind: EVENT_KINDS.tb };
    expect(times({ kind: 'icount', instructionNs: 8 }, [{}, block, {}, block, {}, {}, block])).toEqual([
      0, 0, 0, 8, 8, 8, 16,
    ]);
  });

  test('timer: a burst between two ticks does not pass the next tick', () => {
    const mode: ClockMode = { kind: 'timer', vector: 0x20, intervalNs: 2500 };
    expect(times(mode, [{}, {}, {}, {}, { vector: 0x20 }])).toEqual([1000, 2000, 2499, 2499, 2500]);
  });
});
