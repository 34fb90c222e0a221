/** Source lines: what gcc writes, in every version and packing, against binutils' addr2line; and damaged sections. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DwarfReader } from '../../../src/symbols/dwarf-reader.ts';
import { debugSection } from '../../../src/symbols/dwarf-sections.ts';
import { readElf } from '../../../src/symbols/elf.ts';
import { openSourceLines } from '../../../src/symbols/source-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-dwarf-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasTools = ['gcc', 'addr2line', 'nm'].every((tool) => spawnSync(tool, ['--version']).status === 0);
if (!hasTools && process.env['CI']) throw new Error('gcc and binutils are not installed');
if (!hasTools)
  process.stderr.write('SKIPPED: source lines against addr2line: gcc and binutils are not installed\n');

const MAIN = `#include "drivers/queue.h"
struct node { struct node *next; long value; };
long total(struct node *list)
{
	long sum = 0;

	for (; list; list = list->next)
		sum += list->value;
	return sum;
}

int entry(struct node *list)
{
	return depth(list) +
	       total(list);
}
`;
const HEADER = `static long depth(void *first)
{
	long many = 0;
	while (first) {
		first = *(void **)first;
		many++;
	}
	return many;
}
`;
const OTHER = '\n\n__attribute__((section(".text.unlikely"))) int cold(int a)\n{\n\treturn a * 3;\n}\n';

beforeAll(() => {
  mkdirSync(join(folder, 'drivers'));
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'main.c'), MAIN);
  writeFileSync(join(folder, 'drivers/queue.h'), HEADER);
  writeFileSync(join(folder, 'lib/other.c'), OTHER);
});

function build(name: string, flags: readonly string[], link: readonly string[]): string | undefined {
  const out = join(folder, name);
  const common = ['-nostdlib', '-static', '-fno-pie', '-ffreestanding', '-fno-stack-protector', '-o', out];
  const run = spawnSync('gcc', [...common, ...flags, ...link, 'main.c', 'lib/other.c'], { cwd: folder });
  return run.status === 0 ? out : undefined;
}

interface Expected {
  readonly file: string;
  readonly line: number;
}

/** What addr2line says; undefined where it has no line. */
function toldByBinutils(
  path: string,
  addresses: readonly bigint[],
  section?: string,
): (Expected | undefined)[] {
  const from = section === undefined ? [] : ['-j', section];
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const text = execFileSync('addr2line', ['-e', path, ...from], { input, encoding: 'utf8' });
  return text
    .trim()
    .split('\n')
    .map((row) => {
      const [, file, line] = /^(.*):(\d+)(?: .*)?$/.exec(row) ?? [];
      return file === undefined || Number(line) === 0 ? undefined : { file, line: Number(line) };
    });
}

/** addr2line cannot read 64-bit DWARF 5: the same code with 32-bit DWARF. */
function reference(path: string, flags: readonly string[]): string {
  if (!flags.includes('-gdwarf64')) return path;
  const others = flags.filter((flag) => flag !== '-gdwarf64');
  return build('reference.elf', others, LINKED)!;
}

/** Undefined when the compiler has put it into its callers. */
function symbol(path: string, name: string): bigint | undefined {
  const text = execFileSync('nm', [path], { encoding: 'utf8' });
  const digits = new RegExp(`^([0-9a-f]+) [tT] ${name}$`, 'm').exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

function everyAddress(path: string, name: string): bigint[] {
  const file = readElf(readFileSync(path))!;
  return file.sections
    .filter((section) => section.name === name)
    .flatMap(({ address, size }) => Array.from({ length: size }, (_, i) => address + BigInt(i)));
}

const LINKED = ['-Wl,-e,entry', '-Wl,-Ttext=0xffffffff81000000', '-Wl,-z,max-page-size=4096'];
const VERSIONS = ['-gdwarf-2', '-gdwarf-3', '-gdwarf-4', '-gdwarf-5'];
const KINDS = [
  ...VERSIONS.map((version) => [version]),
  ['-gdwarf-5', '-O2'],
  ['-gdwarf-4', '-O2', '-ffunction-sections'],
  ['-gdwarf-5', '-gdwarf64', '-gno-as-loc-support'],
  ['-gdwarf-4', '-gdwarf64', '-gno-as-loc-support'],
  ['-gdwarf-5', '-gz=zlib'],
  ['-gdwarf-4', '-gz=zlib-gnu'],
  ['-gdwarf-5', '-gz=zstd'],
  ['-gdwarf-5', '-g1'],
  ['-gdwarf-4', '-gno-as-loc-support'],
  ['-gdwarf-5', '-gno-as-loc-support'],
  ['-gdwarf-4', '-gsplit-dwarf'], // types and variables are elsewhere; of version 5 binutils find no lines then
  ['-gdwarf-4', '-flto', '-O1'],
];

describe.runIf(hasTools)('a linked kernel', () => {
  test.each(KINDS)('%s %s %s', async (...flags) => {
    const given = flags.filter((flag) => flag !== undefined);
    const path = build('kernel.elf', given, LINKED);
    if (path === undefined) {
      process.stderr.write(`SKIPPED: source lines of ${given.join(' ')}: this gcc does not know it\n`);
      return;
    }
    const lines = (await openSourceLines(readFileSync(path)))!;
    const addresses = everyAddress(path, '.text');
    expect(addresses.length).toBeGreaterThan(50);
    const section = Buffer.from((await debugSection(readElf(readFileSync(path))!, 'line'))!);
    expect(section.readUInt32LE(0) === 0xffffffff).toBe(given.includes('-gdwarf64'));
    const expected = toldByBinutils(reference(path, given), addresses);
    expect(expected.filter((one) => one !== undefined).length).toBeGreaterThan(50);
    for (const [i, address] of addresses.entries()) {
      const [found, wanted] = [lines.lookup(address), expected[i]];
      expect(found?.line, address.toString(16)).toBe(wanted?.line);
      // Of version 5 the binutils of Debian 12 take the wrong file where the program names none.
      if (wanted && found && !given.includes('-gdwarf-5'))
        expect(wanted.file).toMatch(new RegExp(`/${found.file}$`));
    }
    for (const [name, file] of Object.entries({
      depth: 'drivers/queue.h',
      total: 'main.c',
      entry: 'main.c',
      cold: 'lib/other.c',
    })) {
      const address = symbol(path, name);
      if (address === undefined || (name === 'entry' && given.some((flag) => /^-O/.test(flag)))) continue; // begins with depth, inlined
      expect([name, lines.lookup(address)?.file]).toEqual([name, file]);
    }
    const files = new Set(addresses.map((address) => lines.lookup(address)?.file));
    expect([...files].filter((name) => name !== undefined).sort()).toEqual([
      'drivers/queue.h',
      ...(given.includes('-flto') ? [] : ['lib/other.c']), // the linker has seen that nobody calls it
      'main.c',
    ]);
  });

  test('that was moved', async () => {
    const bytes = readFileSync(build('moved.elf', ['-g'], LINKED)!);
    const [first] = everyAddress(join(folder, 'moved.elf'), '.text');
    const plain = await openSourceLines(bytes);
    const moved = await openSourceLines(bytes, 0x1e000000n);
    expect(moved!.lookup(first! + 0x1e000000n)).toEqual(plain!.lookup(first!));
    expect(moved!.lookup(first!)).toBeUndefined();
  });

  test('of 32 bits', async () => {
    const path = build('kernel32.elf', ['-m32', '-g'], ['-Wl,-e,entry', '-Wl,-Ttext=0x100000']);
    if (path === undefined) return void process.stderr.write('SKIPPED: source lines of 32-bit code\n');
    const lines = (await openSourceLines(readFileSync(path)))!;
    const addresses = everyAddress(path, '.text');
    expect(addresses.map((address) => lines.lookup(address)?.line)).toEqual(
      toldByBinutils(path, addresses).map((one) => one?.line),
    );
  });

  test('without any', async () => {
    expect(await openSourceLines(readFileSync(build('plain.elf', ['-g0'], LINKED)!))).toBeUndefined();
  });
});

describe.runIf(hasTools)('a relocatable file: its .text, and no other code', () => {
  test.each([['-gdwarf-4'], ['-gdwarf-5'], ['-gdwarf-5', '-gz=zlib'], ['-gdwarf-5', '-m32']])(
    '%s %s',
    async (...flags) => {
      const given = flags.filter((flag) => flag !== undefined);
      const path = join(folder, 'module.ko');
      const source = join(folder, 'module.c');
      writeFileSync(source, `${MAIN}${OTHER}`);
      execFileSync('gcc', ['-c', '-fno-pie', '-ffreestanding', ...given, '-o', path, 'module.c'], {
        cwd: folder,
      });
      const lines = (await openSourceLines(readFileSync(path), 0xc0000000n))!;
      const addresses = everyAddress(path, '.text');
      const found = addresses.map((address) => lines.lookup(address + 0xc0000000n)?.line);
      expect(found).toEqual(toldByBinutils(path, addresses, '.text').map((one) => one?.line));
      expect(found.filter((line) => line !== undefined).length).toBeGreaterThan(50);
    },
  );
});

describe('damage', () => {
  test.runIf(hasTools)('gives fewer lines and never throws', async () => {
    const path = build('damaged.elf', ['-gdwarf-5'], LINKED)!;
    const bytes = readFileSync(path);
    const { sections } = readElf(bytes)!;
    const { offset, size } = sections.find(({ name }) => name === '.debug_line')!;
    const addresses = everyAddress(path, '.text').filter((_, i) => i % 16 === 0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const damaged = Uint8Array.from(bytes);
          for (const [at, value] of changes) damaged[offset + at] = value;
          const lines = await openSourceLines(damaged);
          for (const address of addresses) {
            const found = lines?.lookup(address);
            if (found) expect(Number.isFinite(found.line)).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('numbers at the end of a section are 0', () => {
    const reader = new DwarfReader(Uint8Array.of(0x80, 0x80), true);
    expect([reader.uleb(), reader.u32(), reader.u64(), reader.string(), reader.isSpent]).toEqual([
      0,
      0,
      0n,
      '',
      true,
    ]);
  });

  test.each([
    [[0x02], 2, 2],
    [[0x7f], 127, -1],
    [[0x80, 0x01], 128, 128],
    [[0xe5, 0x8e, 0x26], 624485, 624485],
    [[0x80, 0x7f], 16256, -128],
  ])('%j as LEB128', (bytes, unsigned, signed) => {
    expect(new DwarfReader(Uint8Array.from(bytes), true).uleb()).toBe(unsigned);
    expect(new DwarfReader(Uint8Array.from(bytes), true).sleb()).toBe(signed);
  });
});
