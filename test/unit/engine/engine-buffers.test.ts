/** Principal buffers under each policy: what is kept, what is forgotten, what finds no room. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearMemory, OutOfMemory } from '../../../src/base/linear-memory.ts';
import { RECORD_HEADER } from '../../../src/dif/record.ts';
import { ChillBudgets } from '../../../src/engine/chill-budget.ts';
import type { BufferPolicy } from '../../../src/engine/engine-contract.ts';
import { RecordBuffers } from '../../../src/engine/record-buffers.ts';

/** Records whose EPID is their size in bytes, so that sizes need no table. */
class Bench {
  readonly memory = new LinearMemory();
  readonly buffers: RecordBuffers;
  private order = 0;

  constructor(policy: BufferPolicy, bufsize: number, reserveBytes = 0) {
    this.buffers = new RecordBuffers(this.memory, (at) => this.sizeOf(at));
    this.buffers.setSized(policy, bufsize, reserveBytes, false);
  }

  private sizeOf(at: number): number {
    return this.memory.u32[(at + RECORD_HEADER.epid) >>> 2]!;
  }

  /** Number of the record, or undefined when there is no room. */
  add(cpu: number, sizeBytes: number): number | undefined {
    const buffer = this.buffers.of(cpu);
    const at = buffer.room(sizeBytes);
    if (at === 0) return undefined;
    this.memory.u32[(at + RECORD_HEADER.epid) >>> 2] = sizeBytes;
    this.memory.f64[(at + RECORD_HEADER.order) >>> 3] = this.order;
    buffer.keep(sizeBytes);
    return this.order++;
  }

  drain(): number[] {
    const orders: number[] = [];
    this.buffers.drain((at) => {
      orders.push(this.memory.f64[(at + RECORD_HEADER.order) >>> 3]!);
      return this.sizeOf(at);
    });
    return orders;
  }
}

describe('switch', () => {
  test('takes what fits, to the last byte', () => {
    const bench = new Bench('switch', 64);
    expect([bench.add(0, 24), bench.add(0, 40), bench.add(0, 24)]).toEqual([0, 1, undefined]);
    expect(bench.drain()).toEqual([0, 1]);
    expect(bench.add(0, 64)).toBe(2);
  });

  test('merges CPUs by order', () => {
    const bench = new Bench('switch', 256);
    for (const cpu of [2, 0, 0, 2, 1, 0]) bench.add(cpu, 24);
    expect(bench.drain()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('sizes are cut to whole words', () => {
    const bench = new Bench('switch', 31);
    expect([bench.add(0, 24), bench.add(0, 8)]).toEqual([0, undefined]);
  });
});

describe('fill', () => {
  test('keeps bytes for END until they are released, on every CPU', () => {
    const bench = new Bench('fill', 96, 48);
    expect([bench.add(0, 48), bench.add(0, 24)]).toEqual([0, undefined]);
    bench.buffers.openReserve();
    expect([bench.add(0, 24), bench.add(0, 24), bench.add(0, 24), bench.add(1, 96)]).toEqual([
      1,
      2,
      undefined,
      3,
    ]);
  });
});

describe('ring', () => {
  test('forgets the oldest', () => {
    const bench = new Bench('ring', 96);
    for (let i = 0; i < 10; i++) bench.add(0, 24);
    expect(bench.drain()).toEqual([6, 7, 8, 9]);
    expect(bench.drain()).toEqual([]);
  });

  test('a record larger than the ring finds no room and costs nothing', () => {
    const bench = new Bench('ring', 96);
    bench.add(0, 24);
    expect(bench.add(0, 104)).toBeUndefined();
    expect(bench.drain()).toEqual([0]);
  });

  test('holds a run of the newest records of any sizes, and as many as half of it would', () => {
    const sizes = fc.array(fc.integer({ min: 3, max: 12 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 12, max: 40 }), (words, capacity) => {
        const bench = new Bench('ring', capacity * 8);
        for (const size of words) expect(bench.add(0, size * 8)).toBeDefined();
        const kept = bench.drain();
        const newest = words.map((_, i) => i).slice(words.length - kept.length);
        expect(kept).toEqual(newest);
        const taken = kept.reduce((sum, i) => sum + words[i]!, 0);
        expect(taken).toBeLessThanOrEqual(capacity);
        // What the next older one would take did not fit beside the unused ends.
        if (kept.length < words.length) expect(taken + 2 * 12).toBeGreaterThan(capacity - 12);
      }),
    );
  });
});

test('CPUs that there is no memory for record nothing, and write nowhere', () => {
  const bench = new Bench('switch', 64);
  const { memory } = bench;
  const start = memory.u8.slice(0, 64);
  memory.reserve = () => {
    throw new OutOfMemory();
  };
  for (const cpu of [63, 64, 200]) expect(bench.add(cpu, 24)).toBeUndefined();
  expect(memory.u8.slice(0, 64)).toEqual(start);
  expect(bench.add(0, 24)).toBe(0);
  expect(bench.drain()).toEqual([0]);
});

describe('chill', () => {
  const half = 500_000_000n;

  test('may take half of each second of each CPU', () => {
    const budgets = new ChillBudgets();
    expect(budgets.spend(0, 0n, half)).toBe(true);
    expect(budgets.spend(0, 900_000_000n, 1n)).toBe(false);
    expect(budgets.spend(1, 900_000_000n, half)).toBe(true);
    expect(budgets.spend(0, 1_000_000_001n, half)).toBe(true);
    expect(budgets.spend(2, 0n, half + 1n)).toBe(false);
  });
});
