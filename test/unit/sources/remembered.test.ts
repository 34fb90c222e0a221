/** What is remembered of numbered records: as a Map of the newest would have it, and no more than its size. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TextRecord } from '../../../src/sources/text-trace/points.ts';
import { REMEMBERED, Remembered } from '../../../src/sources/text-trace/remembered.ts';

const record = (seq: number, cpu = 0, pc = 'ff'): TextRecord => ({
  ...{ point: 1, values: [], cpu, seq, timeNs: 0, flags: 0, pc, line: 1 },
});

test('numbers of each CPU, or of all, and what the record was', () => {
  const rows = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 3 }), fc.constantFrom('1', '2')));
  fc.assert(
    fc.property(fc.boolean(), rows, (byCpu, pushed) => {
      const remembered = new Remembered(byCpu);
      const model = new Map<string, string>();
      const key = (seq: number, cpu: number): string => (byCpu ? `${cpu}:${seq}` : `${seq}`);
      for (const [seq, cpu, pc] of pushed) {
        expect(remembered.has(record(seq, cpu, pc))).toBe(model.has(key(seq, cpu)));
        expect(remembered.wasLike(record(seq, cpu, pc))).toBe(model.get(key(seq, cpu)) === `${cpu} ${pc}`);
        remembered.add(record(seq, cpu, pc));
        model.set(key(seq, cpu), `${cpu} ${pc}`);
      }
    }),
  );
});

test('the older half is forgotten when it is full', () => {
  const remembered = new Remembered(false);
  for (let seq = 0; seq < REMEMBERED; seq++) remembered.add(record(seq));
  expect(remembered.has(record(0))).toBe(true);
  remembered.add(record(REMEMBERED));
  expect(remembered.has(record(REMEMBERED / 2 - 1))).toBe(false);
  for (const seq of [REMEMBERED / 2, REMEMBERED - 1, REMEMBERED])
    expect(remembered.wasLike(record(seq))).toBe(true);
  remembered.clear();
  expect(remembered.has(record(REMEMBERED))).toBe(false);
});
