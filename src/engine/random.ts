/**
 * `rand()`: xoroshiro64** over two 32-bit words of linear memory, seeded through splitmix32, so that a run with the
 * same seed repeats exactly on every execution tier.
 */
import type { LinearMemory } from '../base/linear-memory.ts';

export class RandomSource {
  private readonly memory: LinearMemory;
  private readonly at: number;

  constructor(memory: LinearMemory, seed: number) {
    this.memory = memory;
    this.at = memory.reserve(8);
    const word = this.at >>> 2;
    memory.i32[word] = splitmix32(seed);
    memory.i32[word + 1] = splitmix32(seed + 1) | 1; // the state must not be all zero
  }

  /** A signed 32-bit number. */
  next(): number {
    const { i32 } = this.memory;
    const word = this.at >>> 2;
    const s0 = i32[word]!;
    const s1 = i32[word + 1]! ^ s0;
    const result = Math.imul(rotate(Math.imul(s0, 0x9e3779bb), 5), 5);
    i32[word] = rotate(s0, 26) ^ s1 ^ (s1 << 9);
    i32[word + 1] = rotate(s1, 13);
    return result;
  }
}

function rotate(x: number, count: number): number {
  return (x << count) | (x >>> (32 - count));
}

function splitmix32(seed: number): number {
  let z = (seed + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}
