/** The machine's devices by themselves: local APIC, interrupt controllers, timer, clock, IO APIC. */
import { describe, expect, test } from 'vitest';
import { ALL, ALL_BUT_SELF, type ApicBus, Lapic } from '../../../src/emulator/lapic.ts';
import { Clock, IoApic, Pics, Pit } from '../../../src/emulator/legacy-devices.ts';

function lapicAt(time: { now: number }): { lapic: Lapic; sent: unknown[][] } {
  const sent: unknown[][] = [];
  const bus: ApicBus = {
    get nowNs() {
      return time.now;
    },
    send: (_, ...message) => sent.push(message),
    endOfInterrupt: () => {},
  };
  const lapic = new Lapic(1, bus, () => {});
  lapic.write(0xf0, 0x1ff);
  return { lapic, sent };
}

describe('local APIC', () => {
  test('the highest class goes first, and blocks its own until it ends', () => {
    const { lapic } = lapicAt({ now: 0 });
    lapic.request(0x31);
    lapic.request(0x35);
    lapic.request(0x41);
    expect(lapic.acknowledge()).toBe(0x41);
    expect(lapic.pending).toBe(-1);
    lapic.write(0xb0, 0);
    expect(lapic.acknowledge()).toBe(0x35);
    expect(lapic.pending).toBe(-1); // 0x31 is of the same class
    lapic.write(0xb0, 0);
    expect(lapic.pending).toBe(0x31);
  });

  test('the task priority masks its class and those below', () => {
    const { lapic } = lapicAt({ now: 0 });
    lapic.request(0x35);
    lapic.taskPriority = 3;
    expect(lapic.pending).toBe(-1);
    lapic.taskPriority = 2;
    expect(lapic.pending).toBe(0x35);
    expect(lapic.read(0x80)).toBe(0x20);
  });

  test('requested and in-service bits can be read; disabled it delivers nothing', () => {
    const { lapic } = lapicAt({ now: 0 });
    lapic.request(0x41);
    expect(lapic.read(0x220)).toBe(2);
    lapic.acknowledge();
    expect([lapic.read(0x220), lapic.read(0x120)]).toEqual([0, 2]);
    lapic.write(0xf0, 0xff);
    lapic.request(0x51);
    expect(lapic.pending).toBe(-1);
  });

  test('INIT leaves nothing but the id', () => {
    const time = { now: 1000 };
    const { lapic } = lapicAt(time);
    const offsets = Array.from({ length: 0x40 }, (_, at) => at * 0x10);
    const fresh = new Lapic(1, { nowNs: 0, send: () => {}, endOfInterrupt: () => {} }, () => {});
    for (const offset of [0x80, 0xd0, 0xe0, 0xf0, 0x310, 0x320, 0x350, 0x360, 0x370, 0x3e0])
      lapic.write(offset, 0x0102_0121);
    lapic.write(0x380, 1000);
    lapic.request(0x41);
    lapic.request(0x51);
    lapic.acknowledge();
    lapic.reset();
    expect(offsets.map((offset) => lapic.read(offset))).toEqual(offsets.map((offset) => fresh.read(offset)));
    expect([lapic.pending, lapic.timerDueNs]).toEqual([-1, Number.POSITIVE_INFINITY]);
  });

  test('the timer: periodic, one-shot, masked, its count', () => {
    const time = { now: 1000 };
    const { lapic } = lapicAt(time);
    lapic.write(0x3e0, 3); // by 16
    lapic.write(0x320, 0x20020);
    lapic.write(0x380, 100);
    expect(lapic.timerDueNs).toBe(2600);
    time.now = 1816;
    expect(lapic.read(0x390)).toBe(49);
    lapic.advance(2599);
    expect(lapic.pending).toBe(-1);
    lapic.advance(6000); // late by two periods: one interrupt
    expect(lapic.acknowledge()).toBe(0x20);
    expect(lapic.timerDueNs).toBe(7400);
    lapic.write(0x320, 0x10020);
    lapic.advance(7400);
    expect(lapic.timerDueNs).toBe(Number.POSITIVE_INFINITY);
    lapic.write(0xb0, 0);
    expect(lapic.pending).toBe(-1);
    lapic.write(0x380, 0);
    expect(lapic.timerDueNs).toBe(Number.POSITIVE_INFINITY);
  });

  test('messages: physical, logical, shorthands', () => {
    const { lapic, sent } = lapicAt({ now: 0 });
    lapic.write(0x310, 2 << 24);
    lapic.write(0x300, 0x4630);
    lapic.write(0x300, 0x831);
    lapic.write(0x300, 0x40032);
    lapic.write(0x300, 0x80033);
    lapic.write(0x300, 0xc0034);
    lapic.write(0x300, 0x8500); // INIT, level de-assert: nothing
    expect(sent).toEqual([
      [2, false, 6, 0x30],
      [2, true, 0, 0x31],
      [1, false, 0, 0x32],
      [ALL, false, 0, 0x33],
      [ALL_BUT_SELF, false, 0, 0x34],
    ]);
  });
});

describe('8259', () => {
  function initialised(): Pics {
    const pics = new Pics();
    for (const [port, value] of [
      ...[
        [0x20, 0x11],
        [0x21, 0x20],
        [0x21, 4],
        [0x21, 1],
      ],
      ...[
        [0xa0, 0x11],
        [0xa1, 0x28],
        [0xa1, 2],
        [0xa1, 1],
      ],
    ] as const)
      pics.controller(port)!.write(port, value);
    return pics;
  }

  test('lines of both are vectors; a line in service waits for its end', () => {
    const pics = initialised();
    pics.raise(0);
    expect(pics.acknowledge()).toBe(0x20);
    pics.raise(0);
    expect(pics.isPending).toBe(false);
    pics.controller(0x20)!.write(0x20, 0x20);
    expect(pics.acknowledge()).toBe(0x20);
    pics.controller(0x20)!.write(0x20, 0x60); // by number
    pics.raise(8);
    expect(pics.acknowledge()).toBe(0x28);
  });

  test('masks, and what can be read', () => {
    const pics = initialised();
    const first = pics.controller(0x21)!;
    first.write(0x21, 0xfe);
    pics.raise(1);
    expect(pics.isPending).toBe(false);
    expect(first.read(0x21)).toBe(0xfe);
    expect(first.read(0x20)).toBe(2);
    first.write(0x21, 0xfc);
    expect(pics.acknowledge()).toBe(0x21);
    first.write(0x20, 0x0b);
    expect(first.read(0x20)).toBe(2);
  });
});

describe('8254', () => {
  test('interrupts at its rate, and its count can be latched', () => {
    const time = { now: 0 };
    let raised = 0;
    const pit = new Pit(
      () => time.now,
      () => raised++,
    );
    pit.write(0x43, 0x34); // rate generator, low byte then high
    pit.write(0x40, 0x9b);
    pit.write(0x40, 0x2e); // 11931: 100 Hz
    expect(Math.round(pit.dueNs)).toBe(9_999_313);
    pit.advance(pit.dueNs);
    expect([raised, Math.round(pit.dueNs)]).toEqual([1, 19_998_626]);
    time.now = 5_000_000;
    pit.write(0x43, 0);
    time.now = 9_000_000;
    expect(pit.read(0x40) | (pit.read(0x40) << 8)).toBe(11931 - 5965);
  });

  test.each([
    ['low', 0x14, 0x9b],
    ['high', 0x24, 0x2e],
  ])('a latched %s byte is read once, and then the count goes on', (_, command, byte) => {
    const time = { now: 0 };
    const pit = new Pit(
      () => time.now,
      () => {},
    );
    pit.write(0x43, command);
    pit.write(0x40, byte);
    pit.write(0x43, 0);
    time.now = 1e6; // 1193 counts
    expect(pit.read(0x40)).toBe(byte);
    const count = byte === 0x2e ? 0x2e00 - 1193 : 0x9b - (1193 % 0x9b);
    expect(pit.read(0x40)).toBe(byte === 0x2e ? count >> 8 : count);
  });

  test('a single shot', () => {
    let raised = 0;
    const pit = new Pit(
      () => 0,
      () => raised++,
    );
    pit.write(0x43, 0x30);
    pit.write(0x40, 10);
    pit.write(0x40, 0);
    pit.advance(1e9);
    pit.advance(2e9);
    expect([raised, pit.dueNs]).toEqual([1, Number.POSITIVE_INFINITY]);
  });
});

test('the clock counts from midnight', () => {
  const clock = new Clock(() => (3661 + 7200) * 1e9);
  const values = [0, 2, 4, 7, 9, 0x32].map((index) => {
    clock.write(0x70, index);
    return clock.read();
  });
  expect(values).toEqual([1, 1, 3, 1, 0, 0x20]);
});

test('IO APIC: a line’s row says where its edge goes', () => {
  const sent: unknown[][] = [];
  const ioApic = new IoApic((...message) => sent.push(message));
  const write = (index: number, value: number): void => {
    ioApic.write(0, index);
    ioApic.write(0x10, value);
  };
  ioApic.raise(2);
  write(0x10 + 4, 0x30);
  write(0x10 + 5, 3 << 24);
  ioApic.raise(2);
  expect(sent).toEqual([[3, false, 0, 0x30]]);
  ioApic.write(0, 1);
  expect(ioApic.read(0x10)).toBe(0x170020);
});
