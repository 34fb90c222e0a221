import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { FIRING, Firing } from '../../../src/engine/firing.ts';
import { ProbeTable } from '../../../src/engine/probes.ts';
import { EventBatch } from '../../../src/machine/event-batch.ts';
import { REGISTERS, type RegisterName } from '../../../src/machine/registers.ts';
import { FbtProvider } from '../../../src/providers/fbt.ts';
import { type GuestCode, Hit } from '../../../src/providers/sites.ts';
import { SymbolTableBuilder } from '../../../src/symbols/symbol-table.ts';

const HIGH = 0xffffffff;
const BASE = 0xffffffff_80000000n;

interface Row {
  readonly name: string;
  readonly at: number;
  readonly size?: number;
  readonly module?: string;
}

function lab(rows: readonly Row[], code: GuestCode | undefined) {
  const builder = new SymbolTableBuilder();
  for (const { name, at, size = 16, module = 'vmlinux' } of rows)
    builder.add(module, name, HIGH, 0x80000000 + at, size, 'function', 'global');
  const probes = new ProbeTable();
  const fbt = new FbtProvider({ tables: [builder.build()], code, types: () => undefined });
  probes.addProvider(fbt);
  const match = (text: string) => {
    const [provider = '', module = '', func = '', name = ''] = text.split(':');
    return probes
      .match({ provider, module, function: func, name, id: undefined, text })
      .map((probe) => `${probe.id} ${probe.module}:${probe.function}:${probe.name}`);
  };
  return { fbt, match };
}

/** Every function returns at its last byte. */
const CODE: GuestCode = {
  has: () => true,
  returnsOf: (_, end) => [end - 1n],
  resultSites: () => [],
};

describe('names', () => {
  const rows = [
    { name: 'vfs_write', at: 0x40 },
    { name: 'vfs_read', at: 0x20 },
    { name: 'ext4_read', at: 0x100, module: 'ext4' },
    { name: 'vfs_read.cold', at: 0x80 },
    { name: '__pfx_vfs_read', at: 0x90 },
  ];

  test.each([
    ['fbt::vfs_*:entry', ['1 vmlinux:vfs_read:entry', '2 vmlinux:vfs_write:entry']],
    ['fbt:ext4::entry', ['1 ext4:ext4_read:entry']],
    ['fbt::vfs_read:', ['1 vmlinux:vfs_read:entry', '2 vmlinux:vfs_read:return']],
    ['f*:vm*:vfs_read:ret*', ['1 vmlinux:vfs_read:return']],
    ['fbt::vfs_read.cold:', []],
    ['fbt::__pfx_vfs_read:', []],
    ['fbt::vfs_read:entr', []],
    ['syscall::vfs_read:entry', []],
    [':::BEGIN', []],
  ])('%s', (text, expected) => {
    expect(lab(rows, CODE).match(text)).toEqual(expected);
  });

  test('without code nothing returns', () => {
    expect(lab(rows, undefined).match('fbt::vfs_read:')).toEqual(['1 vmlinux:vfs_read:entry']);
  });

  test('a probe is made once, whatever names it', () => {
    const { match } = lab(rows, CODE);
    match('fbt::vfs_read:entry');
    expect(match('fbt::*read:entry')).toEqual(['1 vmlinux:vfs_read:entry', '2 ext4:ext4_read:entry']);
    expect(match('fbt::vfs_read:entry')).toEqual(['1 vmlinux:vfs_read:entry']);
  });
});

describe('places', () => {
  const addresses = (rows: readonly Row[], text: string) => {
    const { fbt, match } = lab(rows, CODE);
    match(text);
    return fbt.sites(() => true).map(({ address }) => Number(address - BASE));
  };

  test('several functions of one name are one probe', () => {
    const rows = [
      { name: 'init', at: 0 },
      { name: 'init', at: 0x40 },
    ];
    expect(addresses(rows, 'fbt::init:')).toEqual([0, 0x40, 0xf, 0x4f]);
  });

  test('what returns in the part put aside returns from the function', () => {
    const rows = [
      { name: 'f', at: 0 },
      { name: 'f.cold', at: 0x40 },
    ];
    expect(addresses(rows, 'fbt::f:return')).toEqual([0xf, 0x4f]);
  });

  test('only what is enabled', () => {
    const { fbt, match } = lab([{ name: 'f', at: 0 }], CODE);
    match('fbt::f:');
    expect(fbt.sites((id) => id === 2).map(({ probe }) => probe)).toEqual(['fbt:vmlinux:f:return']);
  });

  test('of two names of a function one keeps the account', () => {
    const rows = [
      { name: 'f', at: 0 },
      { name: 'f_alias', at: 0 },
    ];
    const { fbt, match } = lab(rows, CODE);
    match('fbt:::');
    const { hit } = events({ rsp: 64n });
    for (const site of fbt.sites(() => true)) site.probeAt(hit);
    expect(fbt.accounts()).toEqual([
      { function: 'vmlinux:f', entries: 1, returns: 1, left: 0, open: 0, strays: 0 },
    ]);
  });
});

function events(registers: Partial<Record<RegisterName, bigint>>) {
  const memory = new LinearMemory();
  const batch = new EventBatch(memory, 4);
  batch.registers = {
    read: (_, id, out, at) => {
      const name = Object.keys(registers).find((key) => REGISTERS[key as RegisterName].id === id);
      out.i64[at >> 3] = name === undefined ? 0n : BigInt.asIntN(64, registers[name as RegisterName]!);
      return name !== undefined;
    },
  };
  /** Memory holds its own address, 8 bytes at each. */
  const guestMemory = {
    read: (address: bigint, size: number, out: Uint8Array) => {
      for (let i = 0; i < size; i++) out[i] = Number((address >> BigInt(8 * i)) & 0xffn);
      return size;
    },
  };
  const firing = new Firing(memory, batch);
  return {
    firing,
    hit: new Hit(batch, undefined),
    readingHit: new Hit(batch, guestMemory),
    args: () => Array.from({ length: 10 }, (_, i) => memory.i64[((firing.at + FIRING.args) >> 3) + i]),
    missing: () => Number(memory.i64[(firing.at + FIRING.missing) >> 3]),
  };
}

describe('arguments', () => {
  const entry = (module: string) => {
    const { fbt, match } = lab([{ name: 'f', at: 0, module }], CODE);
    match('fbt::f:entry');
    return fbt.sites(() => true)[0]!;
  };
  const LONG = { rdi: 1n, rsi: 2n, rdx: 3n, rcx: 4n, r8: 5n, r9: 6n, rsp: 0x1000n };
  const SHORT = { rax: 1n, rdx: 2n, rcx: 3n, rsp: 0x1000n };

  test('64 bits: six registers, then the stack above the return address', () => {
    const { firing, hit, args, missing } = events(LONG);
    entry('vmlinux').setArgs(firing, hit);
    expect(args().slice(0, 6)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    expect(missing()).toBe(0b1111000000);
    const other = events(LONG);
    entry('vmlinux').setArgs(other.firing, other.readingHit);
    expect(other.args().slice(6)).toEqual([0x1008n, 0x1010n, 0x1018n, 0x1020n]);
    expect(other.missing()).toBe(0);
  });

  test('32 bits, Linux: three registers, then the stack', () => {
    const { firing, readingHit, args } = events(SHORT);
    entry('vmlinux').setArgs(firing, readingHit);
    expect(args().slice(0, 5)).toEqual([1n, 2n, 3n, 0x1004n, 0x1008n]);
  });

  test('32 bits, others: the stack', () => {
    const { firing, readingHit, args } = events(SHORT);
    entry('kernel').setArgs(firing, readingHit);
    expect(args().slice(0, 2)).toEqual([0x1004n, 0x1008n]);
  });

  test('of a return: its offset and RAX', () => {
    const { fbt, match } = lab([{ name: 'f', at: 0 }], CODE);
    match('fbt::f:return');
    const { firing, hit, args } = events({ rax: -5n });
    fbt.sites(() => true)[0]!.setArgs(firing, hit);
    expect(args().slice(0, 3)).toEqual([15n, -5n, 0n]);
  });
});
