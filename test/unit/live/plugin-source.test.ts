/** Bytes of the plugin's pipe → events, in whatever pieces they come. */
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { HIT_BYTES, PluginSource, sitesFile } from '../../../src/live/plugin/plugin-source.ts';
import { EVENT_KINDS, EventBatch } from '../../../src/machine/event-batch.ts';
import type { ChunkReader } from '../../../src/sources/chunks.ts';

const ADDRESSES = [0x1000n, 0xffffffff81363fa0n];

function hit(site: number, cpu: number, ns: number): Buffer {
  const bytes = Buffer.alloc(HIT_BYTES);
  bytes.writeUInt32LE(site, 0);
  bytes.writeUInt32LE(cpu, 4);
  bytes.writeBigUInt64LE(BigInt(ns), 8);
  return bytes;
}

function sourceOf(bytes: Buffer, pieces: number): PluginSource {
  let at = 0;
  const chunks: ChunkReader = {
    doneBytes: 0,
    totalBytes: undefined,
    next: async () => {
      if (at >= bytes.length) return undefined;
      at += pieces;
      return bytes.subarray(at - pieces, at);
    },
    unread: () => {},
    close: () => {},
  };
  return new PluginSource('qemu', chunks, ADDRESSES);
}

async function eventsOf(source: PluginSource, capacity = 2): Promise<unknown[]> {
  const memory = new LinearMemory();
  const batch = new EventBatch(memory, capacity);
  const events: unknown[] = [];
  for (let count = await source.fill(batch); count !== 0; count = await source.fill(batch)) {
    if (typeof count !== 'number') throw new Error('no event');
    const { at } = batch;
    for (let row = 0; row < count; row++) {
      expect(memory.u8[at.kind + row]).toBe(EVENT_KINDS.tb);
      expect(memory.u8[at.flags + row]).toBe(0);
      const pc = BigInt.asUintN(64, memory.i64[(at.pc >> 3) + row]!);
      const seq = Number(memory.i64[(at.seq >> 3) + row]!);
      events.push([seq, pc, memory.u16[(at.cpu >> 1) + row], memory.f64[(at.time >> 3) + row]]);
    }
  }
  return events;
}

describe('hits of the plugin', () => {
  const bytes = Buffer.concat([hit(1, 0, 5), hit(0, 3, 2 ** 33), hit(1, 1, 2 ** 52)]);
  const expected = [
    [0, ADDRESSES[1], 0, 5],
    [1, ADDRESSES[0], 3, 2 ** 33],
    [2, ADDRESSES[1], 1, 2 ** 52],
  ];

  test.each([1, 3, 16, 17, 1000])('in pieces of %i bytes', async (pieces) => {
    const source = sourceOf(bytes, pieces);
    expect(await eventsOf(source)).toEqual(expected);
    expect(source.ledger.lost).toBe(false);
    expect(source.ledger.accountedBytes).toBe(source.ledger.totalBytes);
  });

  test('a hit that was cut off is counted as lost', async () => {
    const source = sourceOf(bytes.subarray(0, -1), 100);
    expect(await eventsOf(source)).toEqual(expected.slice(0, 2));
    expect(source.ledger.losses.get('truncated')).toMatchObject({ count: 1, bytes: 15 });
    expect(source.ledger.accountedBytes).toBe(source.ledger.totalBytes);
  });
});

test('the file of sites is 64-bit addresses, little-endian', () => {
  expect([...sitesFile([0x0102n, 0xffffffff00000000n])]).toEqual([
    2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255,
  ]);
});
