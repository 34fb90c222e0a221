/** What becomes of stops: registers by id, memory by lines, events, and the order of stops and a log. The stub is played. */
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import type { TargetDescription } from '../../../src/gdb/target-description.ts';
import type { GuestStop } from '../../../src/live/gdb-protocol.ts';
import type { GdbThread } from '../../../src/live/gdb-thread.ts';
import { KernelTables } from '../../../src/live/kernel-tables.ts';
import { MixedSource } from '../../../src/live/mixed-source.ts';
import { StopMemory } from '../../../src/live/stop-memory.ts';
import { StopRegisters } from '../../../src/live/stop-registers.ts';
import { StopSource } from '../../../src/live/stop-source.ts';
import { EVENT_FLAGS, EVENT_KINDS, EventBatch } from '../../../src/machine/event-batch.ts';
import { Ledger } from '../../../src/machine/ledger.ts';
import { REGISTERS } from '../../../src/machine/registers.ts';
import type { EventSource, FillResult } from '../../../src/sources/source.ts';

const NAMES = ['rip', 'rsp', 'eflags', 'cs', 'cr0', 'gs_base', 'k_gs_base'] as const;
const DESCRIPTION: TargetDescription = {
  architecture: 'i386:x86-64',
  littleEndian: true,
  registers: NAMES.map((name, i) => ({ name, number: i, sizeBytes: 8, offset: 8 * i, group: 'general' })),
};

function packet(values: Partial<Record<(typeof NAMES)[number], bigint>>): Uint8Array {
  const bytes = Buffer.alloc(8 * NAMES.length);
  const all = { cs: 0x10n, cr0: 0x80000001n, ...values };
  for (const [i, name] of NAMES.entries()) bytes.writeBigUInt64LE(all[name] ?? 0n, 8 * i);
  return bytes;
}

const KERNEL = 0xffff888000000000n;

describe('registers of a stop', () => {
  const registers = new StopRegisters(DESCRIPTION);
  test.each([
    ['kernel', { eflags: 0x202n }, { cpl: 0, interrupts: true }],
    ['interrupts off', { eflags: 2n }, { cpl: 0, interrupts: false }],
    ['user', { cs: 0x33n, eflags: 0x202n }, { cpl: 3, interrupts: true }],
    ['real mode: the selector says nothing', { cs: 0xf003n, cr0: 0n }, { cpl: 0 }],
    ['virtual 8086 mode', { cs: 0xf000n, eflags: 0x20202n }, { cpl: 3 }],
  ])('%s', (_, values, expected) => {
    registers.load(packet(values));
    expect(registers.place).toMatchObject(expected);
  });

  test.each([
    ['in the kernel', KERNEL, 0n, KERNEL],
    ['in user mode, and in the kernel before swapgs', 0x7f0000000000n, KERNEL, KERNEL],
    ['no kernel runs yet', 0n, 0n, undefined],
  ])("the kernel's GS base: %s", (_, gs_base, k_gs_base, expected) => {
    registers.load(packet({ gs_base, k_gs_base }));
    expect(registers.kernelGsBase).toBe(expected);
  });

  test('by id, all 64 bits; what the stub does not give is missing', () => {
    const memory = new LinearMemory();
    const at = memory.reserve(8);
    registers.load(packet({ rsp: 0x8123456789abcdefn }));
    expect(registers.read(0, REGISTERS.rsp.id, memory, at)).toBe(true);
    expect(memory.u64[at >>> 3]).toBe(0x8123456789abcdefn);
    expect(registers.read(0, REGISTERS.rax.id, memory, at)).toBe(false);
  });

  test('a machine of another kind is not known', () => {
    expect(registers.known).toBe(true);
    expect(new StopRegisters({ ...DESCRIPTION, registers: [] }).known).toBe(false);
  });
});

describe('memory at a stop', () => {
  /** Bytes are their addresses' low ones; nothing is mapped from `end` on. */
  function memoryTo(end: bigint) {
    const asked: bigint[] = [];
    const readMemory = (_cpu: number, address: bigint, size: number): Uint8Array | string => {
      asked.push(address);
      if (address >= end) return 'unmapped';
      const length = Number(end - address < BigInt(size) ? end - address : BigInt(size));
      return Uint8Array.from({ length }, (_, i) => Number((address + BigInt(i)) & 0xffn));
    };
    const readPhysical = (): string => 'none';
    const kernel = new KernelTables({ cr3: () => undefined, physical: () => undefined });
    return { memory: new StopMemory({ readMemory, readPhysical, isGone: false }, kernel), asked };
  }

  test('lines are read once, until the guest runs, and by CPU', () => {
    const { memory, asked } = memoryTo(1n << 64n);
    const out = new Uint8Array(8);
    expect(memory.read(0x10fcn, 8, out)).toBe(8);
    expect([...out]).toEqual([0xfc, 0xfd, 0xfe, 0xff, 0, 1, 2, 3]);
    expect(memory.read(0x1010n, 8, out)).toBe(8);
    expect(asked).toEqual([0x1000n, 0x1100n]);
    memory.cpu = 1;
    memory.read(0x1010n, 8, out);
    memory.forget();
    memory.read(0x1010n, 8, out);
    expect(asked).toEqual([0x1000n, 0x1100n, 0x1000n, 0x1000n]);
  });

  test('as much as can be read', () => {
    const { memory } = memoryTo(0x2080n);
    const out = new Uint8Array(64);
    expect(memory.read(0x2070n, 64, out)).toBe(16);
    expect(memory.read(0x2080n, 8, out)).toBe(0);
    expect(memory.read(0x9000n, 8, out)).toBe(0);
  });

  test('the address space ends at its top', () => {
    const { memory } = memoryTo(1n << 64n);
    expect(memory.read((1n << 64n) - 4n, 8, new Uint8Array(8))).toBe(4);
  });
});

describe("the kernel's memory behind the user's page tables", () => {
  /** Two top tables: the kernel's at 0x10000, the user's behind it. One 2 MiB page and one of 4 KiB. */
  const physical = Buffer.alloc(0x20000);
  const entry = (at: number, value: bigint): void => void physical.writeBigUInt64LE(value, at);
  entry(0x10000 + 8, 0x8000000000005067n); // the user's half, not executable for the kernel
  entry(0x11000 + 8, 0x5067n);
  entry(0x10000 + 8 * 273, 0x12063n);
  entry(0x12000, 0x13063n);
  entry(0x13000, 0x200000n | 0xe3n); // large
  entry(0x13000 + 8, 0x14063n);
  entry(0x14000 + 8, 0x0000000000345063n);
  const tables = (cr3: bigint) =>
    new KernelTables({
      cr3: () => cr3,
      physical: (address, size) => physical.subarray(Number(address), Number(address) + size),
    });
  const BASE = 0xffff888000000000n;

  test.each([
    ['a large page', 0x11801n, BASE + 0x12345n, 0x212345n],
    ['a small page', 0x11801n, BASE + 0x201678n, 0x345678n],
    ['a page that is not there', 0x11801n, BASE + 0x203000n, undefined],
    ["the kernel's own tables need nothing of this", 0x10801n, BASE, undefined],
    ['tables that are no such pair', 0x13801n, BASE, undefined],
  ])('%s', (_, cr3, address, expected) => {
    expect(tables(cr3).translate(0, address)).toBe(expected);
  });
});

const SITE = 0xffffffff81000000n;

/** A thread that tells the given stops, and notes what it is asked. */
function played(stops: readonly GuestStop[]) {
  const asked: string[] = [];
  const left = [...stops];
  const thread = {
    facts: { description: DESCRIPTION, cpus: [0], wasRunning: true, name: 'stub' },
    run: (step: number | undefined) => asked.push(step === undefined ? 'run' : `step ${step}`),
    nextStop: () => (left.length > 0 ? Promise.resolve(left.shift()!) : new Promise<GuestStop>(() => {})),
    readMemory: () => 'none',
    release: () => asked.push('release'),
    watch: () => asked.push('watch'),
  } as unknown as GdbThread;
  const said: string[] = [];
  const source = new StopSource({
    thread,
    addresses: [SITE],
    name: 'stub',
    say: (text) => said.push(text),
  });
  return { source, asked, said };
}

const breakpoint = (rip: bigint, cpu = 0, eflags = 0x202n): GuestStop => ({
  kind: 'breakpoint',
  cpu,
  registers: packet({ rip, rsp: 0x1000n, eflags }),
});

describe('events of stops', () => {
  test('a site is an event, and is stepped over before all run on', async () => {
    const { source, asked } = played([breakpoint(SITE, 1, 2n), { kind: 'exited' }]);
    const batch = new EventBatch(new LinearMemory(), 8);
    source.begin(true);
    expect(await source.fill(batch)).toBe(1);
    const { u8, u16, u64 } = batch.memory;
    expect([u8[batch.at.kind], u8[batch.at.flags], u16[batch.at.cpu >>> 1], u64[batch.at.pc >>> 3]]).toEqual([
      EVENT_KINDS.tb,
      EVENT_FLAGS.IF_KNOWN,
      1,
      SITE,
    ]);
    expect(batch.cpuCount).toBe(2);
    expect(await source.fill(batch)).toBe(0);
    expect(asked).toEqual(['run', 'step 1']);
    expect(source.hasEnded).toBe(true);
  });

  test('a stop elsewhere is no event; a pause is left to who asked for it; a lost stub is told', async () => {
    const stops: GuestStop[] = [
      breakpoint(SITE + 1n),
      { kind: 'paused' },
      { kind: 'lost', reason: 'it is gone' },
    ];
    const { source, asked, said } = played(stops);
    source.begin(true);
    const result = await source.fill(new EventBatch(new LinearMemory(), 8));
    expect(result).toMatchObject({ tag: 'U_LIVE', message: 'stub: it is gone' });
    expect(asked).toEqual(['run', 'run']);
    expect(said).toEqual(['stub: somebody paused the guest; tracing goes on when it is resumed']);
  });

  test('a guest that was stopped is not resumed by us', () => {
    const { source, asked } = played([]);
    source.begin(false);
    expect(asked).toEqual(['watch']);
  });
});

/** A log whose batches come when they are given. */
function playedLog() {
  let give: (count: number) => void = () => {};
  const log: EventSource = {
    name: 'log',
    ledger: new Ledger(),
    hasTime: true,
    progress: { doneBytes: 0, totalBytes: undefined },
    close: async () => {},
    fill: (batch) =>
      new Promise<FillResult>((resolve) => {
        give = (count) => {
          for (let row = 0; row < count; row++) batch.memory.u8[batch.at.kind + row] = EVENT_KINDS.vec;
          resolve(count);
        };
      }),
  };
  return { log, give: (count: number) => give(count) };
}

describe('stops beside a log', () => {
  test('what the log holds at a stop comes first', async () => {
    const { source } = played([breakpoint(SITE)]);
    const { log, give } = playedLog();
    const mixed = new MixedSource(log, source, false);
    const batch = new EventBatch(new LinearMemory());
    source.begin(true);
    const first = mixed.fill(batch);
    await Promise.resolve();
    give(3);
    expect(await first).toBe(3);
    expect(batch.memory.u8[batch.at.kind]).toBe(EVENT_KINDS.vec);
    expect(await mixed.fill(batch)).toBe(1);
    expect(batch.memory.u8[batch.at.kind]).toBe(EVENT_KINDS.tb);
    const last = mixed.fill(batch);
    await Promise.resolve();
    give(0);
    expect(await last).toBe(0);
  });

  test('a stub that is lost ends it when the log goes on, with its reason', async () => {
    const { source } = played([{ kind: 'lost', reason: 'it is gone' }]);
    const mixed = new MixedSource(playedLog().log, source, false);
    source.begin(true);
    expect(await mixed.fill(new EventBatch(new LinearMemory()))).toMatchObject({ tag: 'U_LIVE' });
  });
});
