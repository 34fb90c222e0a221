/**
 * Nobody's looking on changes what the machine does: however `run` is cut into slices, whatever code is watched, wherever a
 * watcher stops, the guest ends with the same instructions executed, the same time and the same memory.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/emulator/random.ts';
import { EXAMPLE_KERNEL, type GuestRun, runGuest } from '../support/machine-run.ts';
import { readSymbols } from '../unit/emulator/guest-symbols.ts';

const WORK = 'fib=8 ticks=1 add=60 lock=100 fault=8';
const SEEDS = process.env['LONG'] ? 60 : 6;

describe('the machine', () => {
  const functions = [...readSymbols(new Uint8Array(readFileSync(EXAMPLE_KERNEL))).values()].map(
    ({ address }) => address,
  );

  test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))('seed %i', async (seed) => {
    const random = new Random(seed);
    const cpus = 1 + random.below(4);
    const plain = await runGuest({ cpus, seed, append: WORK });
    expect(plain.machine.end).toEqual({ kind: 'power-off' });
    const slices = Array.from({ length: 20 }, () => 1 + random.below(5000));
    expect(outcome(await runGuest({ cpus, seed, append: WORK, slices }))).toEqual(outcome(plain));

    const watched = functions.filter(() => random.below(4) === 0);
    let hits = 0;
    const looked = await runGuest({
      ...{ cpus, seed, append: WORK, watched },
      watcher: (machine) => ({
        reached: () => {
          hits++;
          return random.below(2) === 0;
        },
        delivering: () => {
          if (random.below(3) === 0) machine.stop();
        },
      }),
    });
    expect(outcome(looked)).toEqual(outcome(plain));
    expect(hits).toBeGreaterThan(0);
  });
});

const outcome = ({ machine, console, memory }: GuestRun): object => ({
  executed: machine.executed,
  nowNs: machine.nowNs,
  end: machine.end,
  console,
  memory,
});
