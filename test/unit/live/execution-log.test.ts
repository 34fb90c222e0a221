/**
 * QEMU's file of a recorded execution, made here event by event: the times of deliveries, idle time, and damage; and how the
 * lines of an interrupt log are matched with them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DELIVERY_KINDS, LoggedDeliveries, readDeliveries } from '../../../src/live/execution-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-execution-'));
afterAll(() => rmSync(folder, { recursive: true }));

const VERSION = 0xe0200c;
const u32 = (value: number): number[] => [24, 16, 8, 0].map((bit) => (value >>> bit) & 255);
const u64 = (value: number): number[] => [...u32(Math.floor(value / 2 ** 32)), ...u32(value >>> 0)];
const instructions = (count: number): number[] => [0, ...u32(count)];
const interrupt = [1];
const exception = [2];
const warpStart = [30];
const realTimers = [36];
const realClock = (ns: number): number[] => [29, ...u64(ns)];
const end = [39];

function read(events: readonly number[][], shift = 0, version = VERSION): ReturnType<typeof readDeliveries> {
  const file = join(folder, 'execution');
  writeFileSync(file, Uint8Array.from([...u32(version), ...u64(0), ...events.flat()]));
  return readDeliveries(file, shift);
}

function timesOf(events: readonly number[][], shift = 0): number[] {
  const found = read(events, shift);
  if (typeof found === 'string') throw new Error(found);
  return [...found.timesNs];
}

describe('deliveries', () => {
  test('their time is the instructions before them, each of 2^shift ns', () => {
    const events = [instructions(100), interrupt, instructions(1), exception, exception, end];
    expect(timesOf(events)).toEqual([100, 101, 101]);
    expect(timesOf(events, 3)).toEqual([800, 808, 808]);
    const found = read(events);
    expect(typeof found === 'string' ? [] : [...found.kinds]).toEqual([1, 2, 2]);
  });

  test('instructions beyond 32 bits add up', () => {
    const much = instructions(0xffffffff);
    expect(timesOf([much, much, interrupt, end], 1)).toEqual([2 ** 34 - 4]);
  });

  test('what the guest waits is time, from where it begins to the last reading before it goes on', () => {
    const waits = [warpStart, realClock(5e9), realTimers, realClock(5e9 + 10), realClock(5e9 + 20)];
    const wakes = [warpStart, realClock(7e9), realTimers, realClock(7e9 + 1), realClock(7e9 + 2)];
    expect(
      timesOf([instructions(10), ...waits, ...wakes, interrupt, instructions(5), interrupt, end]),
    ).toEqual([10, 10 + 2e9 + 2 + 5]);
  });

  test('all other events are passed over', () => {
    const others = [
      [3, ...u64(1)],
      [4, ...u64(1)],
      [6],
      [7, 0, ...u32(3), 39, 39, 39],
      [8, ...u64(39)],
      [10],
      [21],
      [22, ...u32(1), ...u32(2)],
      [23, ...u32(2), 1, 2],
      [24, ...u32(1)],
      [27, ...u32(0), ...u32(2), 39, 39],
      [28, ...u64(39)],
      [38],
    ];
    expect(timesOf([...others, instructions(1), interrupt, end])).toEqual([1]);
  });

  test('files that are not whole, or not known, are refused with a reason', () => {
    expect(read([end], 0, 0)).toMatch(/did not end in order/);
    expect(read([end], 0, 0xe0200b)).toMatch(/version 0xe0200b/);
    expect(read([instructions(1)])).toMatch(/middle of an event/);
    expect(read([[0, 1]])).toMatch(/middle of an event/);
    expect(read([[200], end])).toMatch(/kind 200/);
    expect(read([[23, ...u32(0xffffffff)], end])).toMatch(/middle of an event/);
  });
});

const { hardware, exception: fault } = DELIVERY_KINDS;
const delivered = (...kinds: number[]) => ({
  kinds: Uint8Array.from(kinds),
  timesNs: Float64Array.from(kinds, (_, i) => 100 * (i + 1)),
});
const record = (number: number, vector: string, soft = 0): string =>
  `${String(number).padStart(6)}: v=${vector} e=0000 i=${soft} cpl=0 IP=0008:0 pc=0 SP=0010:0 CR2=0\nRAX=0\n`;
const announced = 'Servicing hardware INT=0x20\n';
const checked = 'check_exception old: 0xffffffff new 0xe\n';

function times(log: string, found: ReturnType<typeof delivered>, pieces = log.length): number[] | undefined {
  const logged = new LoggedDeliveries();
  for (let at = 0; at < log.length; at += pieces) logged.take(log.slice(at, at + pieces));
  const list = logged.timesFrom(found);
  return list && [...list];
}

describe('matching', () => {
  test('records have the times of the deliveries at the end of the execution, in their order', () => {
    const log = `${announced}${record(0, '20')}${checked}${record(1, '0e')}${record(2, '80', 1)}`;
    const found = delivered(hardware, fault, hardware, fault, fault);
    expect(times(log, found)).toEqual([300, 400, 500]);
    for (const pieces of [1, 2, 7, 50]) expect(times(log, found, pieces)).toEqual([300, 400, 500]);
  });

  test('real mode announces interrupts without a record, before the first record and behind it', () => {
    const log = `${announced}${announced}${checked}${record(0, '0e')}${announced}${checked}${record(1, '0d')}`;
    expect(times(log, delivered(hardware, hardware, fault, hardware, fault))).toEqual([300, 500]);
  });

  test('nothing announces an NMI; INT 2 is none', () => {
    expect(times(record(0, '02'), delivered(hardware))).toEqual([100]);
    expect(times(record(0, '02', 1), delivered(fault))).toEqual([100]);
    expect(times(record(0, '02'), delivered(fault))).toBeUndefined();
  });

  test('numbers from 100000 on have no blank before them', () => {
    expect(times(record(100000, '0e'), delivered(fault))).toEqual([100]);
  });

  test('a log that tells another story has no times', () => {
    expect(times(record(0, '0e') + record(1, '0e'), delivered(fault))).toBeUndefined();
    expect(times(record(0, '0e') + record(1, '0e'), delivered(hardware, fault))).toBeUndefined();
  });

  test('an execution without records has none to time', () => {
    expect(times(announced, delivered(hardware, fault))).toEqual([]);
  });
});
