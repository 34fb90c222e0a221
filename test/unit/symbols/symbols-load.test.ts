/** Files of symbols: what each format says, and what is said of those that are none. */
import { describe, expect, test } from 'vitest';
import { type LoadedSymbols, loadSymbols, parseSymbolsArgument } from '../../../src/symbols/load.ts';
import { type ElfSpec, makeElf } from './make-elf.ts';

type Base = Parameters<typeof loadSymbols>[2];
const FILE: Base = { kind: 'file' };

function load(content: string | Uint8Array, name = 'x.map', base: Base = FILE): LoadedSymbols {
  return loadSymbols(typeof content === 'string' ? Buffer.from(content) : content, name, base);
}

/** ``module`name+offset`` of each address. */
function names(loaded: LoadedSymbols, ...addresses: readonly bigint[]): string[] {
  if (loaded.kind !== 'symbols') return [JSON.stringify(loaded)];
  return addresses.map((address) => {
    const hit = loaded.table.lookup(address);
    return hit ? `${hit.module}\`${hit.name}+${hit.offset}` : 'nothing';
  });
}

describe('FILE@BASE', () => {
  test.each([
    ['vmlinux', 'vmlinux', { kind: 'file' }],
    ['a@b/vmlinux', 'a@b/vmlinux', { kind: 'file' }],
    ['a@b@0x10', 'a@b', { kind: 'address', value: 0x10n }],
    ['v@0xFFFFffff81000000', 'v', { kind: 'address', value: 0xffff_ffff_8100_0000n }],
    ['v@+0x200000', 'v', { kind: 'slide', value: 0x20_0000n }],
    ['v@-0x200000', 'v', { kind: 'slide', value: -0x20_0000n }],
    ['v@auto', 'v', { kind: 'auto' }],
    ['v@1000', 'v@1000', { kind: 'file' }],
    ['v@0x10000000000000000', 'v@0x10000000000000000', { kind: 'file' }],
    ['@0x10', '@0x10', { kind: 'file' }],
  ] as const)('%s', (text, path, base) => {
    expect(parseSymbolsArgument(text)).toEqual({ path, base });
  });
});

describe('listings', () => {
  test('System.map and kallsyms: the kernel and its modules', () => {
    const text = [
      '0000000000001000 A per_cpu_thing',
      'ffffffff81000000 T _text',
      'ffffffff81000010 T start_kernel',
      'ffffffff81000100 t helper.isra.0',
      'ffffffff81000200 W weak_one',
      'ffffffff81000300 D linux_banner',
      'ffffffffc0000000 t probe\t[e1000]',
      'ffffffffc0000040 t $x\t[e1000]',
      '',
    ].join('\n');
    const loaded = load(text, '/tmp/kallsyms');
    expect(
      names(
        loaded,
        0xffffffff81000005n,
        0xffffffff81000010n,
        0xffffffff81000180n,
        0xffffffff81000200n,
        0x1000n,
      ),
    ).toEqual([
      'vmlinux`_text+5',
      'vmlinux`start_kernel+0',
      'vmlinux`helper.isra.0+128',
      'vmlinux`weak_one+0',
      'nothing',
    ]);
    expect(names(loaded, 0xffffffffc0000044n)).toEqual(['e1000`probe+68']);
    expect(loaded).toMatchObject({ mayMove: true });
  });

  test.each([
    ['nm', '0000000000001000 T main\n                 U printf\n                 w __gmon_start__\n'],
    ['nm -S', '0000000000001000 0000000000000017 T main\n0000000000001000 r data\n'],
    ['nm -P', 'main T 1000 17\nprintf U \n'],
    ['nm with 8 digits', '00001000 T main\n'],
    ['nm with CR LF', '0000000000001000 T main\r\n0000000000002000 T next\r\n'],
    ['no newline at the end', '0000000000001000 T main'],
  ])('%s', (_, text) => {
    expect(names(load(text, 'dir/prog.nm'), 0x1004n)).toEqual(['prog`main+4']);
  });

  test('nm -C: names with blanks', () => {
    expect(names(load('0000000000001000 T std::less<int>::operator()(int, int)\n'), 0x1000n)).toEqual([
      'x`std::less<int>::operator()(int, int)+0',
    ]);
  });

  test('sizes end symbols', () => {
    const loaded = load('0000000000001000 0000000000000010 T a\n0000000000002000 0000000000000010 T b\n');
    expect(names(loaded, 0x100fn, 0x1010n)).toEqual(['x`a+15', 'x`+0']);
  });

  test('@0xADDR is where _text is, else the first function', () => {
    const kernel = 'ffffffff80000000 d early\nffffffff81000000 T _text\nffffffff81000100 T f\n';
    expect(
      names(load(kernel, 'k', { kind: 'address', value: 0xffffffff9a000000n }), 0xffffffff9a000104n),
    ).toEqual(['k`f+4']);
    const other = '0000000000001000 d first\n0000000000002000 T f\n';
    expect(names(load(other, 'k', { kind: 'address', value: 0x9000n }), 0x9001n)).toEqual(['k`f+1']);
  });
});

describe('ELF', () => {
  const symbols = [
    { name: 'main', value: 0x1010n, size: 16 },
    { name: 'asm_entry', value: 0x1040n, type: 0 },
    { name: 'x.c', value: 0n, type: 4, section: 0xfff1 },
    { name: 'constant', value: 0x1020n, type: 0, section: 0xfff1 },
    { name: '$x', value: 0x1050n, type: 0, binding: 0 },
    { name: 'extern', value: 0n, section: 0 },
  ];
  test.each<[string, ElfSpec]>([
    ['64 bits, little endian', { symbols }],
    ['64 bits, big endian', { symbols, littleEndian: false }],
    ['32 bits, little endian', { symbols, is64: false }],
    ['32 bits, big endian', { symbols, is64: false, littleEndian: false }],
    ['only .dynsym', { symbols, table: 'dynsym' }],
  ])('%s', (_, spec) => {
    const loaded = load(makeElf(spec), 'bin/prog.elf');
    expect(names(loaded, 0x1010n, 0x101fn, 0x1020n, 0x1040n, 0x10ffn, 0x1100n)).toEqual([
      'prog`main+0',
      'prog`main+15',
      'prog`+0',
      'prog`asm_entry+0',
      'prog`asm_entry+191', // its section ends there
      'nothing',
    ]);
  });

  test('per-CPU data that is linked to 0 has names, but is nowhere', () => {
    const KERNEL = 0xffffffff81000000n;
    const bytes = makeElf({
      textAddress: KERNEL,
      symbols: [
        { name: '_text', value: KERNEL, type: 0 },
        { name: 'current_task', value: 0x40n, size: 8, type: 1, section: 4 },
        { name: '__per_cpu_end', value: 0x100n, type: 0, section: 4 },
      ],
      extra: [{ name: '.data..percpu', bytes: new Uint8Array(0x100), address: 0n }],
    });
    const loaded = load(bytes, 'vmlinux');
    expect(names(loaded, 0x40n, 0x100n, 0x401000n, KERNEL)).toEqual([
      'nothing',
      'nothing',
      'nothing',
      'vmlinux`_text+0',
    ]);
    expect(loaded.kind === 'symbols' && loaded.table.absolute('current_task')).toBe(0x40n);
  });

  test('a label at the very end of what is loaded is of that address alone', () => {
    const HIGH = 0xffffffff80000000n;
    const bytes = makeElf({
      symbols: [
        { name: 'boot', value: 0x1000n, type: 0 },
        { name: 'boot_end', value: 0x1100n, type: 0 },
        { name: 'next', value: HIGH, type: 0, section: 4 },
        { name: 'between', value: HIGH + 0x10n, type: 0, section: 5 },
      ],
      extra: [
        { name: '.high', bytes: new Uint8Array(0x10), address: HIGH },
        { name: '.more', bytes: new Uint8Array(0x10), address: HIGH + 0x10n },
      ],
    });
    expect(
      names(
        load(bytes, 'kernel'),
        0x10ffn,
        0x1100n,
        0x1101n,
        0x7fff00000000n,
        HIGH + 1n,
        HIGH + 0x18n,
        HIGH + 0x20n,
      ),
    ).toEqual(
      ['boot+255', 'boot_end+0', '+0', '+0', 'next+1', 'between+8']
        .map((name) => `kernel\`${name}`)
        .concat('nothing'),
    );
  });

  test('a shared object is placed by its load address', () => {
    const file = makeElf({ symbols, type: 3, loadAddress: 0n });
    const base: Base = { kind: 'address', value: 0x5555_5555_4000n };
    expect(names(load(file, 'libc.so.6', base), 0x5555_5555_5010n)).toEqual(['libc.so.6`main+0']);
  });

  test('a kernel is vmlinux and placed by _text', () => {
    const kernel = makeElf({
      symbols: [
        { name: '_text', value: 0xffffffff81000000n },
        { name: 'f', value: 0xffffffff81000080n, size: 8 },
      ],
      textAddress: 0xffffffff81000000n,
      loadAddress: 0n,
      extra: [{ name: '__ksymtab', bytes: new Uint8Array(8) }],
    });
    const loaded = load(kernel, 'my-kernel.debug', { kind: 'address', value: 0xffffffff91000000n });
    expect(names(loaded, 0xffffffff91000081n)).toEqual(['vmlinux`f+1']);
  });

  test('a module is placed by its .text, and named as the kernel does', () => {
    const module = makeElf({ type: 1, textAddress: 0n, symbols: [{ name: 'init', value: 0x10n, size: 4 }] });
    expect(load(module, 'snd-hda.ko')).toMatchObject({
      kind: 'refused',
      hint: expect.stringContaining('@0xADDR'),
    });
    const base: Base = { kind: 'address', value: 0xffffffffc0000000n };
    expect(names(load(module, 'snd-hda.ko.xz', base), 0xffffffffc0000012n)).toEqual(['snd_hda`init+2']);
  });

  test('only types: .BTF without symbols is not refused', () => {
    expect(load(makeElf({ extra: [{ name: '.BTF', bytes: new Uint8Array(8) }] }), 'vmlinux')).toEqual({
      kind: 'types',
    });
    expect(load(Uint8Array.of(0x9f, 0xeb, 1, 0), 'vmlinux.btf')).toEqual({ kind: 'types' });
  });
});

describe('refused, with what to do', () => {
  const link = Buffer.from('prog.debug\0\0\x12\x34\x56\x78');
  const bzImage = new Uint8Array(0x400);
  bzImage.set(Buffer.from('HdrS'), 0x202);
  test.each<[string, string | Uint8Array, string, string]>([
    ['an empty file', '', 'it is empty', 'System.map'],
    ['prose', 'It was a dark and stormy night.\n', 'it is no ELF file and no listing of symbols', 'nm'],
    ['a log', '   475: v=0e e=0014 i=0 cpl=3 IP=0033:000000000040ebf0\n', 'no listing', 'nm'],
    ['only undefined symbols', '                 U printf\n', 'names no symbol that has an address', 'nm'],
    [
      'hidden addresses',
      '0000000000000000 T a\n0000000000000000 t b\n',
      'its addresses are 0',
      'kptr_restrict',
    ],
    ['a stripped file', makeElf({}), 'its symbols were stripped', '.debug'],
    [
      'one that tells',
      makeElf({ extra: [{ name: '.gnu_debuglink', bytes: link }] }),
      'stripped',
      'prog.debug',
    ],
    ['a bzImage', bzImage, 'it is a bzImage', 'nokaslr'],
    ['half an ELF header', makeElf({}).subarray(0, 40), 'its ELF header is damaged', 'System.map'],
    ['an ELF header alone', makeElf({}).subarray(0, 64), 'no sections left', 'System.map'],
  ])('%s', (_, content, reason, hint) => {
    expect(load(content)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(reason),
      hint: expect.stringContaining(hint),
    });
  });
});
