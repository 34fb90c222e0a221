/**
 * The code of a real kernel, held to objdump: the same instructions, the same returns, markers that are no instruction.
 * No guest is booted. The whole kernel was compared once (src/x86/analyse.ts says how it went); here it is a sample.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeReader } from '../../src/machine/sites.ts';
import { elfCode } from '../../src/symbols/elf-code.ts';
import { kallsymsOf } from '../../src/symbols/kallsyms-image.ts';
import { unpackLinuxImage } from '../../src/symbols/linux-image.ts';
import { loadSymbols } from '../../src/symbols/load.ts';
import type { SymbolTable } from '../../src/symbols/symbol-table.ts';
import {
  analyseFunction,
  type FunctionBounds,
  markerAddress,
  pageOf,
  resultSites,
  returnThunks,
} from '../../src/x86/analyse.ts';
import { type Decoder, openDecoder } from '../../src/x86/decode.ts';
import { describeLinux, linuxGuest } from '../support/linux-guest.ts';

let dir: string;
let file: string; // the unpacked kernel
let code: CodeReader;
let table: SymbolTable;
let decoder: Decoder;
let functions: readonly FunctionBounds[];

async function unpack(): Promise<void> {
  const guest = linuxGuest();
  if ('missing' in guest) throw new Error(guest.missing);
  dir = mkdtempSync(join(tmpdir(), 'trapline-kernel-'));
  const elf = await unpackLinuxImage(readFileSync(guest.kernel));
  if (typeof elf === 'string') throw new Error(elf);
  file = join(dir, 'vmlinux');
  writeFileSync(file, elf);
  code = elfCode(elf)!;
  const loaded = loadSymbols(Buffer.from(kallsymsOf(elf)!), 'kallsyms', { kind: 'file' });
  if (loaded.kind !== 'symbols') throw new Error(loaded.kind);
  table = loaded.table;
  decoder = await openDecoder();
  functions = boundsOfAll();
}

/** Functions by address, each to the beginning of the next symbol. */
function boundsOfAll(): FunctionBounds[] {
  const bounds = new Map<bigint, FunctionBounds>();
  for (const row of table.functions(() => true)) {
    const { address, size } = table.row(row);
    if (address >= 1n << 63n) bounds.set(address, { start: address, end: address + BigInt(size) });
  }
  return [...bounds.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

interface Disassembled {
  readonly starts: ReadonlySet<bigint>;
  readonly returns: ReadonlySet<bigint>;
}

/** What objdump makes of a range. */
function objdump(start: bigint, end: bigint, thunks: ReadonlySet<bigint>): Disassembled {
  const range = [`--start-address=0x${start.toString(16)}`, `--stop-address=0x${end.toString(16)}`];
  const text = execFileSync('objdump', ['-d', '-z', '--no-show-raw-insn', ...range, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const [starts, returns] = [new Set<bigint>(), new Set<bigint>()];
  for (const [, digits, words = ''] of text.matchAll(/^ *([0-9a-f]{16}):\t(.*)$/gm)) {
    const address = BigInt(`0x${digits}`);
    starts.add(address);
    const target = /^jmp +0x([0-9a-f]+)/.exec(words)?.[1];
    const isReturn = /^(repz? |bnd )?l?ret/.test(words);
    if (isReturn || (target && thunks.has(BigInt(`0x${target}`)))) returns.add(address);
  }
  return { starts, returns };
}

function bounds(name: string): FunctionBounds {
  const { address, size } = table.byName(name)[0]!;
  return { start: address, end: address + BigInt(size) };
}

describeLinux('code of a Linux kernel', () => {
  beforeAll(unpack);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const PARTS = 12;
  const PER_PART = 50;

  test('600 functions are as objdump reads them', () => {
    const thunks = returnThunks((name) => table.byName(name));
    expect(thunks.size).toBeGreaterThan(0);
    let found = 0;
    for (let part = 0; part < PARTS; part++) {
      // The head of .text is in part 32-bit code with data; behind it come thunks that jump into their own middle.
      const first = Math.floor(functions.length * (0.05 + (0.85 * part) / PARTS));
      const sample = functions.slice(first, first + PER_PART);
      const [low, high] = [sample[0]!.start, sample.at(-1)!.end];
      const expected = objdump(low, high, thunks);
      for (const { start, end } of sample) {
        const { returns, complete } = analyseFunction(
          decoder,
          code,
          { start, end },
          { returnThunks: thunks },
        );
        const starts: bigint[] = [];
        decoder.walk(
          code.readCode(start, Number(end - start))!,
          start,
          ({ address }) => starts.push(address) > 0,
        );
        const within = (addresses: ReadonlySet<bigint>) =>
          [...addresses].filter((at) => at >= start && at < end);
        const name = table.lookup(start)?.name ?? start.toString(16);
        expect(complete, name).toBe(true);
        expect(starts, name).toEqual(within(expected.starts));
        expect(
          returns.map(({ address }) => address),
          name,
        ).toEqual(within(expected.returns));
        found += returns.length;
      }
      for (let page = pageOf(low) + 4096n; page + 4096n <= high; page += 4096n) {
        const marker = markerAddress(decoder, code, functions, page);
        expect(marker, page.toString(16)).toBeDefined();
        expect(expected.starts.has(marker!), page.toString(16)).toBe(false);
      }
    }
    expect(found).toBeGreaterThan(400);
  });

  test('results of system calls are found in each function that dispatches them', () => {
    const names = ['do_syscall_64', '__do_fast_syscall_32', 'do_int80_emulation', 'do_int80_syscall_32'];
    const present = names.filter((name) => table.byName(name).length > 0);
    expect(present).toContain('do_syscall_64');
    for (const name of present) expect(resultSites(decoder, code, bounds(name)), name).not.toEqual([]);
  });

  test('what is known of 6.1.0-56-amd64', (context) => {
    const guest = linuxGuest();
    if (!('kernel' in guest) || !guest.kernel.endsWith('vmlinuz-6.1.0-56-amd64')) {
      context.skip(`the guest's kernel is another one`);
    }
    const sites = (name: string) => resultSites(decoder, code, bounds(name));
    expect(sites('do_syscall_64')).toEqual([0xffff_ffff_81a4_3e1dn, 0xffff_ffff_81a4_3e68n]); // the second: x32
    expect(sites('__do_fast_syscall_32')).toEqual([0xffff_ffff_81a4_3d6an]);
    expect(sites('do_int80_emulation')).toEqual([0xffff_ffff_81a4_3f0an]);
    const thunks = returnThunks((name) => table.byName(name));
    expect([...thunks].map((address) => table.lookup(address)?.name)).toEqual([
      '__x86_return_thunk',
      'retbleed_return_thunk',
      'srso_return_thunk',
      'srso_alias_return_thunk',
      'its_return_thunk',
    ]);
    const open = analyseFunction(decoder, code, bounds('do_sys_openat2'), { returnThunks: thunks });
    expect(open.returns.map(({ address }) => address)).toEqual([0xffff_ffff_8136_400en]);
  });
});
