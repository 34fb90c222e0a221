/** Drops on their way to the user: what is told when. */
import { expect, test } from 'vitest';
import { DropReports } from '../../../src/session/drop-reports.ts';

function toldAt(drops: DropReports, nowNs: number): string[] {
  const told: string[] = [];
  drops.tell(nowNs, (kind, cpu, count) => told.push(`${count} ${kind} ${cpu}`));
  return told;
}

test('drops are summed by kind and CPU until they are due', () => {
  const drops = new DropReports(100, 1000);
  expect(drops.dueNs).toBe(Number.POSITIVE_INFINITY);
  drops.add('PRINCIPAL', 0, 2);
  drops.add('PRINCIPAL', 1, 1);
  drops.add('PRINCIPAL', 0, 3);
  drops.add('DYNAMIC', 0, 1);
  expect(drops.dueNs).toBe(1100);
  expect(toldAt(drops, 1099)).toEqual([]);
  expect(toldAt(drops, 1100)).toEqual(['5 PRINCIPAL 0', '1 PRINCIPAL 1', '1 DYNAMIC 0']);
});

test('what was told is not told again, and the next report is an interval later', () => {
  const drops = new DropReports(100, 0);
  drops.add('SPEC', 0, 1);
  expect(toldAt(drops, 250)).toEqual(['1 SPEC 0']);
  expect(drops.dueNs).toBe(Number.POSITIVE_INFINITY);
  drops.add('SPEC', 0, 4);
  expect(drops.dueNs).toBe(350);
  expect(toldAt(drops, Number.POSITIVE_INFINITY)).toEqual(['4 SPEC 0']);
  expect(toldAt(drops, Number.POSITIVE_INFINITY)).toEqual([]);
});

test('that something was lost is remembered', () => {
  const drops = new DropReports(100, 0);
  expect(drops.lost).toBe(false);
  drops.add('SPEC', 0, 1);
  toldAt(drops, 1000);
  expect(drops.lost).toBe(true);
});
