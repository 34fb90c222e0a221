/**
 * Patching on the built-in machine with the example kernel: what the kernel counts itself is what fires, and what it prints is
 * what it prints without probes.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Image, loadImage, readImage } from '../../../src/emulator/loader.ts';
import { Machine } from '../../../src/emulator/machine.ts';
import { MachinePatchTarget } from '../../../src/emulator/patching.ts';
import { parseInjections } from '../../../src/patch/inject.ts';
import { Patcher, type PatcherOptions } from '../../../src/patch/patcher.ts';
import { analyseFunction } from '../../../src/x86/analyse.ts';
import { type DisplacedReader, openDisplacedReader } from '../../../src/x86/displaced.ts';
import { openTranslator, type Translator } from '../../../src/x86/translate.ts';
import { readSymbols } from './guest-symbols.ts';

const FILE = readFileSync(new URL('../../../examples/guest/kernel.elf', import.meta.url));
const SYMBOLS = readSymbols(FILE);
const WORK =
  'fib=8 chain=10 quiet=8 lock=50 ipi=5 nmi=2 add=20 yield=5 bad=3 int80=6 traps=4 fault=8 peek=3 ticks=1';

let translator: Translator;
let reader: DisplacedReader;
beforeAll(async () => {
  translator = await openTranslator();
  reader = await openDisplacedReader();
});

interface Run {
  readonly machine: Machine;
  readonly patcher: Patcher | undefined;
  readonly console: string;
  readonly fired: Map<string, number>;
}

interface Probed {
  /** Functions whose entry and returns, or whose every instruction, have probes. */
  readonly functions: readonly string[];
  readonly everywhere?: boolean;
  readonly options?: Partial<PatcherOptions>;
  readonly inject?: string;
}

function run(cpus: number, seed: number, work: string, probed?: Probed): Run {
  const image = readImage(FILE) as Image;
  const machine = new Machine({ cpus, seed, translator });
  expect(loadImage(machine, image, work)).toBeUndefined();
  const printed: number[] = [];
  const fired = new Map<string, number>();
  const watcher = { print: (byte: number) => void printed.push(byte) };
  machine.watcher = watcher;
  const patcher = probed && patch(machine, image, probed, fired, watcher);
  while (machine.end === undefined && machine.executed < 200_000_000) machine.run(1_000_000);
  expect(machine.end).toEqual({ kind: 'power-off' });
  return { machine, patcher, console: Buffer.from(printed).toString(), fired };
}

function patch(
  machine: Machine,
  image: Image,
  probed: Probed,
  fired: Map<string, number>,
  watcher: Machine['watcher'],
): Patcher {
  const target = new MachinePatchTarget(machine, image, translator);
  const parsed = probed.inject === undefined ? undefined : parseInjections(probed.inject);
  if (parsed?.kind === 'wrong') throw new Error(parsed.why);
  const patcher = new Patcher(target, reader, {
    ...probed.options,
    ...(parsed && { injector: parsed.injector }),
    actions: target,
    fire: (_, site) => {
      for (const probe of site.probes) fired.set(probe, (fired.get(probe) ?? 0) + 1);
      return 'fired';
    },
  });
  target.attach(patcher, watcher);
  for (const name of probed.functions) {
    const { address, size } = SYMBOLS.get(name)!;
    const bounds = { start: address, end: address + BigInt(size) };
    const set = (at: bigint, probe: string) =>
      patcher.set({ address: at, probe, place: 'instruction', bounds });
    const code = { readCode: (at: bigint, length: number) => read(target, at, length) };
    if (probed.everywhere) {
      reader.decoder.walk(code.readCode(address, size), address, (instruction) => {
        set(instruction.address, `${name}+${instruction.address - address}`);
        return true;
      });
      continue;
    }
    set(address, `${name}:entry`);
    const { returns } = analyseFunction(reader.decoder, code, bounds, { returnThunks: new Set() });
    for (const { address: at } of returns) set(at, `${name}:return`);
  }
  return patcher;
}

function read(target: MachinePatchTarget, address: bigint, size: number): Uint8Array {
  const out = new Uint8Array(size);
  expect(target.readMemory(0, address, out)).toBe(true);
  return out;
}

/** `guest: NAME VALUE` of the sums; those that time decides are left out. */
function account(console: string): ReadonlyMap<string, number> {
  const lines = [...console.matchAll(/^guest: ([a-z0-9][a-z0-9 ]*) (\d+)\r?$/gm)];
  return new Map(lines.map(([, name, value]) => [name!, Number(value)]));
}

describe('the example kernel', () => {
  test.each([1, 2, 4, 8])('%i CPUs: the kernel counts what fires', (cpus) => {
    const { fired, console, patcher } = run(cpus, cpus, `${WORK} cpus=${cpus}`, {
      functions: ['fib', 'chain_a', 'chain_b', 'chain_c', 'quiet_step'],
    });
    const counts = account(console);
    expect(fired.get('fib:entry')).toBe(counts.get('fib calls'));
    expect(fired.get('fib:return')).toBe(counts.get('fib calls'));
    expect(fired.get('chain_a:entry')).toBe(counts.get('chain calls'));
    expect(fired.get('chain_c:return')).toBe(counts.get('chain calls'));
    expect(fired.get('quiet_step:entry')).toBe(counts.get('quiet calls'));
    expect(patcher!.counts.lostSteps).toBe(0);
    for (const site of patcher!.table.list()) expect(site.cpus.size).toBe(0);
  });

  test('with probes on every instruction of the whole kernel it does the same work', () => {
    const functions = [...SYMBOLS.keys()].filter((name) => SYMBOLS.get(name)!.isKernel);
    expect(functions.length).toBeGreaterThan(50);
    for (const prefer of ['emulated', 'stepped'] as const) {
      const plain = account(run(2, 7, `${WORK} cpus=2`).console);
      const { console, patcher } = run(2, 7, `${WORK} cpus=2`, {
        ...{ functions, everywhere: true },
        options: { prefer },
      });
      const probed = account(console);
      for (const timed of ['timer', 'cpu']) expect(probed.has(timed)).toBe(plain.has(timed));
      const untimed = ([name]: [string, number]) => !['timer', 'ipi'].includes(name);
      expect([...probed].filter(untimed)).toEqual([...plain].filter(untimed));
      expect(patcher!.table.size).toBeGreaterThan(1000);
      expect(patcher!.counts.lostSteps).toBe(0);
    }
  });

  test('one CPU, executed in place: all of memory and the time are those of the run without probes', () => {
    const work = `${WORK} cpus=1`;
    const plain = run(1, 5, work);
    const functions = [
      'fib',
      'chain_a',
      'chain_b',
      'chain_c',
      'quiet_step',
      'switch_stacks',
      'trap_anywhere',
    ];
    const { machine, patcher, console } = run(1, 5, work, { functions });
    expect([patcher!.counts.steps, patcher!.counts.undone]).toEqual([0, 0]);
    patcher!.removeAll();
    expect(console).toBe(plain.console);
    expect([machine.executed, machine.nowNs]).toEqual([plain.machine.executed, plain.machine.nowNs]);
    expect(Buffer.compare(machine.memory.bytes, plain.machine.memory.bytes)).toBe(0);
  });

  test('injected faults are survived and counted', () => {
    const plain = account(run(4, 3, `${WORK} cpus=4`).console);
    const { console, patcher, fired } = run(4, 3, `${WORK} cpus=4`, {
      functions: ['fib', 'chain_a', 'quiet_step'],
      options: { prefer: 'stepped' },
      inject: 'drop-step/5,two-cpus/7,remove/11,guest-int3/13,interrupt/17',
    });
    const counts = account(console);
    expect(counts.get('fib result')).toBe(plain.get('fib result'));
    expect(counts.get('fib calls')).toBe(plain.get('fib calls'));
    expect(fired.get('fib:entry')).toBe(counts.get('fib calls'));
    expect(fired.get('chain_a:entry')).toBe(counts.get('chain calls'));
    expect(patcher!.counts.lostSteps).toBeGreaterThan(0);
  });
});
