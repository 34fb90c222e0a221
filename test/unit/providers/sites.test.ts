import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StackPairs } from '../../../src/providers/pairing.ts';
import { NO_SITE, type ProviderSite, SiteTable } from '../../../src/providers/sites.ts';

const site = (address: bigint): ProviderSite => ({
  address,
  probe: 'x',
  judges: 'now',
  probeAt: () => 0,
  setArgs: () => {},
});

function found(table: SiteTable, address: bigint): number[] {
  const all: number[] = [];
  const low = Number(BigInt.asIntN(32, address));
  const high = Number(BigInt.asIntN(32, address >> 32n));
  for (let at = table.first(low, high); at !== NO_SITE; at = table.next(at)) all.push(at);
  return all;
}

describe('the table of sites', () => {
  test('finds what is at an address, in order, and nothing elsewhere', () => {
    const addresses = fc.array(fc.bigInt(0n, (1n << 64n) - 1n), { maxLength: 200 });
    fc.assert(
      fc.property(addresses, fc.bigInt(0n, (1n << 64n) - 1n), (all, other) => {
        const table = new SiteTable(all.map(site));
        for (const address of [...all, other])
          expect(found(table, address)).toEqual(all.flatMap((each, i) => (each === address ? [i] : [])));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('halves are not mixed up', () => {
    const table = new SiteTable([site(0x1_0000_0002n), site(0xffffffff_80000000n)]);
    expect(found(table, 0x2_0000_0001n)).toEqual([]);
    expect(found(table, 0x80000000n)).toEqual([]);
    expect(found(table, 0xffffffff_80000000n)).toEqual([1]);
  });

  test('is empty without sites', () => {
    expect(found(new SiteTable([]), 0n)).toEqual([]);
  });
});

describe('pairs by stack pointer', () => {
  function pairs() {
    const all = new StackPairs();
    return { all, f: all.add(), g: all.add() };
  }

  test('recursion: each level has its own', () => {
    const { all, f } = pairs();
    for (let depth = 0; depth < 5; depth++) all.enter(f, 1000 - 16 * depth, -1);
    for (let depth = 4; depth >= 0; depth--) all.leave(f, 1000 - 16 * depth, -1);
    expect(all.counts[f]).toEqual({ entries: 5, returns: 5, left: 0, strays: 0 });
    expect(all.open(f)).toBe(0);
  });

  test('a tail call leaves the caller, and the callee returns', () => {
    const { all, f, g } = pairs();
    all.enter(f, 64, 0);
    all.enter(g, 64, 0);
    all.leave(g, 64, 0);
    expect(all.counts[f]).toEqual({ entries: 1, returns: 0, left: 1, strays: 0 });
    expect(all.counts[g]).toEqual({ entries: 1, returns: 1, left: 0, strays: 0 });
  });

  test('a return without its entry is a stray, and takes nobody else’s entry', () => {
    const { all, f, g } = pairs();
    all.enter(f, 64, 0);
    all.leave(g, 64, 0);
    all.leave(f, 72, 0);
    expect(all.counts[g]!.strays).toBe(1);
    expect(all.counts[f]!.strays).toBe(1);
    expect(all.open(f)).toBe(1);
  });

  test('threads that are in the kernel at one time do not meet', () => {
    const { all, f } = pairs();
    for (let thread = 0; thread < 10_000; thread++) all.enter(f, thread * 16384, thread >> 18);
    for (let thread = 9_999; thread >= 0; thread -= 2) all.leave(f, thread * 16384, thread >> 18);
    expect(all.counts[f]).toEqual({ entries: 10_000, returns: 5_000, left: 0, strays: 0 });
    expect(all.open(f)).toBe(5_000);
  });

  test('as a map would, whatever comes', () => {
    const step = fc.record({ enters: fc.boolean(), func: fc.nat(1), stack: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { all } = pairs();
        const open = new Map<number, number>();
        const strays = [0, 0];
        for (const { enters, func, stack } of steps) {
          if (enters) {
            all.enter(func, stack * 8, 0);
            open.set(stack, func);
          } else {
            all.leave(func, stack * 8, 0);
            if (open.get(stack) === func) open.delete(stack);
            else strays[func]!++;
          }
        }
        for (const func of [0, 1]) {
          expect(all.counts[func]!.strays).toBe(strays[func]);
          expect(all.open(func)).toBe([...open.values()].filter((each) => each === func).length);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test('more than fit are given up as left, and told', () => {
    const { all, f } = pairs();
    for (let i = 0; i < 20_000; i++) all.enter(f, i * 16, 0);
    expect(all.forgotten).toBe(16_384);
    expect(all.open(f)).toBe(20_000 - 16_384);
  });
});
