import { describe, expect, test } from 'vitest';
import { ProbeTable } from '../../../src/engine/probes.ts';
import {
  ProfileProvider,
  SWITCH_BUFFERS,
  TimerQueue,
  timerInterval,
} from '../../../src/providers/profile.ts';

const pattern = (name: string, provider = '') => ({
  provider,
  module: '',
  function: '',
  name,
  id: undefined,
  text: `${provider}:::${name}`,
});

describe('rates', () => {
  test.each([
    ['tick-1', 1e9],
    ['tick-1s', 1e9],
    ['tick-1sec', 1e9],
    ['tick-250ms', 250e6],
    ['tick-250msec', 250e6],
    ['tick-1us', undefined], // below 200 µs
    ['tick-200us', 200e3],
    ['tick-200000ns', 200e3],
    ['tick-199999nsec', undefined],
    ['profile-97', 10309278],
    ['profile-97hz', 10309278],
    ['profile-5000', 200e3],
    ['profile-5001', undefined],
    ['tick-2m', 120e9],
    ['tick-2min', 120e9],
    ['tick-1H', 3600e9],
    ['tick-1day', 86400e9],
    ['tick-0', undefined],
    ['tick-', undefined],
    ['tick-5x', undefined],
    ['TICK-5', undefined],
    ['tock-5', undefined],
    ['tick-99999999999999999999d', undefined],
  ])('%s', (name, interval) => {
    expect(timerInterval(name)).toBe(interval);
  });
});

describe('probes on demand', () => {
  test('a rate that is asked for exists, once', () => {
    const probes = new ProbeTable();
    const profile = new ProfileProvider(probes);
    probes.addProvider(profile);
    const [first] = probes.match(pattern('tick-7s'));
    const [again] = probes.match(pattern('tick-7s', 'profile'));
    expect(first).toBe(again);
    expect(profile.timers.get(first!.id)).toMatchObject({ everyCpu: false, intervalNs: 7e9 });
    expect(probes.match(pattern('tick-7s', 'vec'))).toEqual([]);
    expect(probes.match(pattern('tick-1us'))).toEqual([]);
  });
});

describe('timers', () => {
  const timer = (probeId: number, intervalNs: number) => ({ probeId, intervalNs, everyCpu: false });

  function firings(queue: TimerQueue, untilNs: number): number[] {
    const ids: number[] = [];
    for (let next = queue.take(untilNs); next; next = queue.take(untilNs)) ids.push(next.probeId);
    return ids;
  }

  test('fire in time order, ties in probe order, first at origin plus interval', () => {
    const queue = new TimerQueue([timer(1, 300), timer(2, 200)], 1000);
    expect(queue.nextDueNs).toBe(1200);
    expect(firings(queue, 1199)).toEqual([]);
    expect(firings(queue, 1600)).toEqual([2, 1, 2, 1, 2]); // 1200 2, 1300 1, 1400 2, 1600 both
    expect(queue.nextDueNs).toBe(1800);
  });

  test('buffers are emptied no more often than something else may have happened', () => {
    const queue = new TimerQueue([timer(SWITCH_BUFFERS, 1), timer(5, 1e9)], 0);
    expect(firings(queue, 2.5e9)).toEqual([0, 0, 5, 0, 0, 5, 0, 0]);
    expect(queue.nextDueNs).toBe(2.5e9 + 1);
  });

  test('none never falls due', () => {
    expect(new TimerQueue([], 0).nextDueNs).toBe(Number.POSITIVE_INFINITY);
  });
});
