import { expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';

test('what a run of usual size reserves detaches no view', () => {
  const memory = new LinearMemory();
  const { u8 } = memory;
  const at = memory.reserve(12 << 20);
  expect(memory.u8).toBe(u8);
  u8[at] = 7;
  expect(memory.u8[at]).toBe(7);
});

test('what is larger is reserved too, zeroed, and keeps what there is', () => {
  const memory = new LinearMemory(1);
  const first = memory.reserve(8);
  memory.u8[first] = 7;
  const second = memory.reserve(1 << 20);
  expect(memory.u8[first]).toBe(7);
  expect(memory.u8.subarray(second, second + (1 << 20)).every((byte) => byte === 0)).toBe(true);
});
