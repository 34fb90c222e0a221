/** The symbol table: what is at an address, what a name names, and in what order. */
import { describe, expect, test } from 'vitest';
import { SymbolSet } from '../../../src/symbols/symbol-set.ts';
import {
  type SymbolBinding,
  type SymbolKind,
  type SymbolTable,
  SymbolTableBuilder,
} from '../../../src/symbols/symbol-table.ts';

type Row = readonly [
  name: string,
  address: bigint,
  more?: { size?: number; kind?: SymbolKind; binding?: SymbolBinding; module?: string },
];

function tableOf(...rows: readonly Row[]): SymbolTable {
  const builder = new SymbolTableBuilder();
  for (const [name, address, more = {}] of rows) {
    const { module = 'm', size = -1, kind = 'function', binding = 'global' } = more;
    builder.add(module, name, Number(address >> 32n), Number(address & 0xffffffffn), size, kind, binding);
  }
  return builder.build();
}

/** `name+offset`, `module only` or nothing. */
function at(table: SymbolTable, address: bigint): string {
  const hit = table.lookup(address);
  if (hit === undefined) return 'nothing';
  return hit.name === '' ? `${hit.module} only` : `${hit.name}+${hit.offset}`;
}

describe('an address', () => {
  test('belongs to the symbol before it, up to its size', () => {
    const table = tableOf(['b', 0x2000n, { size: 16 }], ['a', 0x1000n, { size: 16 }]);
    expect(
      [0xfffn, 0x1000n, 0x100fn, 0x1010n, 0x1fffn, 0x2000n, 0x200fn, 0x2010n].map((a) => at(table, a)),
    ).toEqual(['nothing', 'a+0', 'a+15', 'm only', 'm only', 'b+0', 'b+15', 'nothing']);
  });

  test('belongs to a symbol without size up to the next one; to the last for a page', () => {
    const table = tableOf(['a', 0x1000n], ['b', 0x9000n]);
    expect([0x8fffn, 0x9fffn, 0xa000n].map((a) => at(table, a))).toEqual(['a+32767', 'b+4095', 'nothing']);
  });

  test('is compared in all of its 64 bits', () => {
    const table = tableOf(
      ['low', 0x7fff_ffff_ffff_fff0n, { size: 16 }],
      ['high', 0x8000_0000_0000_0001n, { size: 2 }],
    );
    expect(at(table, 0x7fff_ffff_ffff_ffffn)).toBe('low+15');
    expect(at(table, 0x8000_0000_0000_0000n)).toBe('m only');
    expect(at(table, 0x8000_0000_0000_0002n)).toBe('high+1');
    expect(at(table, 0xffff_ffff_ffff_ffffn)).toBe('nothing');
  });

  test('that the nearest symbol does not cover belongs to the one around it', () => {
    const table = tableOf(['outer', 0x1000n, { size: 0x100 }], ['inner', 0x1010n, { size: 0x10 }]);
    expect([0x100fn, 0x1010n, 0x1020n, 0x10ffn].map((a) => at(table, a))).toEqual([
      'outer+15',
      'inner+0',
      'outer+32',
      'outer+255',
    ]);
  });

  test('behind a label in a function is the function; the label is a name still', () => {
    const table = tableOf(['f', 0x1000n, { size: 64 }], ['again', 0x1010n, { kind: 'label' }]);
    expect(at(table, 0x1018n)).toBe('f+24');
    expect(table.byName('again').map(({ address }) => address)).toEqual([0x1010n]);
  });

  test('is no per-CPU offset', () => {
    const table = tableOf(['offset', 0x10n, { kind: 'absolute' }], ['f', 0x1000n]);
    expect([0x10n, 0x20n].map((a) => at(table, a))).toEqual(['nothing', 'nothing']);
    expect(table.byName('offset')).toEqual([]);
  });

  test('of a module ends a page behind its last symbol, whatever follows', () => {
    const table = tableOf(['a', 0x1000n, { module: 'one' }], ['b', 0x9000n, { module: 'two' }]);
    expect([0x1fffn, 0x2000n].map((a) => at(table, a))).toEqual(['a+4095', 'nothing']);
  });

  test('of no symbol at all is nothing', () => {
    expect(at(tableOf(), 0n)).toBe('nothing');
  });
});

describe('of several names at one address is shown', () => {
  test.each<[string, Row, Row]>([
    ['the function', ['data', 0x10n, { kind: 'data' }], ['shown', 0x10n]],
    ['the global one', ['local', 0x10n, { binding: 'local' }], ['shown', 0x10n]],
    ['the strong one', ['weak', 0x10n, { binding: 'weak' }], ['shown', 0x10n]],
    ['the one with fewer underscores', ['__x', 0x10n], ['shown', 0x10n]],
    ['no mark of the linker', ['_stext', 0x10n], ['shown', 0x10n, { binding: 'local' }]],
    ['the first in the file', ['shown', 0x10n], ['later', 0x10n]],
  ])('%s', (_, first, second) => {
    const table = tableOf(first, second);
    expect(at(table, 0x12n)).toBe('shown+2');
    for (const [name] of [first, second]) expect(table.byName(name)).toHaveLength(1);
  });
});

test('byName() gives every symbol of the name, or those of one module', () => {
  const table = tableOf(['init', 1n, { module: 'a' }], ['init', 0x20n, { module: 'b' }]);
  expect(table.byName('init').map(({ module }) => module)).toEqual(['a', 'b']);
  expect(table.byName('init', 'b').map(({ address }) => address)).toEqual([0x20n]);
  expect(table.byName('exit')).toEqual([]);
});

test('functions() gives functions that are wanted, and nothing else', () => {
  const table = tableOf(
    ['do_a', 1n],
    ['do_data', 2n, { kind: 'data' }],
    ['other', 3n],
    ['do_b', 4n, { module: 'x' }],
  );
  const names = (wants: (name: string, module: string) => boolean) =>
    table.functions(wants).map((row) => table.name(row));
  expect(names((name) => name.startsWith('do_'))).toEqual(['do_a', 'do_b']);
  expect(names((_, module) => module === 'x')).toEqual(['do_b']);
});

test('slid() moves every symbol, up or down, but not out of the address space', () => {
  const table = tableOf(['a', 0xffff_ffff_8000_0000n, { size: 16 }]);
  expect(at(table.slid(0x20_0000n)!, 0xffff_ffff_8020_0004n)).toBe('a+4');
  expect(at(table.slid(-0x8000_0000n)!, 0xffff_ffff_0000_0004n)).toBe('a+4');
  expect(table.slid(0x8000_0000n)).toBeUndefined();
  expect(table.slid(-0xffff_ffff_8000_0001n)).toBeUndefined();
});

test('100,000 symbols at one address take no longer than elsewhere', () => {
  const builder = new SymbolTableBuilder();
  for (let i = 0; i < 100_000; i++) builder.add('m', `s${i}`, 0, 0x1000, -1, 'function', 'global');
  const table = builder.build();
  for (let i = 0; i < 1000; i++) expect(at(table, 0x1004n)).toBe('s0+4');
});

describe('a set of tables', () => {
  const kernel = tableOf(
    ['schedule', 0x1000n, { size: 16, module: 'vmlinux' }],
    ['_Z1fv', 0x1100n, { size: 16, module: 'vmlinux' }],
  );
  const user = tableOf(['main', 0x1050n, { size: 16, module: 'a.out' }]);
  const set = new SymbolSet([kernel, user], (name) => name.replace('_Z1fv', 'f()'));

  test('asks one after the other, and prefers a symbol to a module', () => {
    expect(set.lookup(0x1008n)).toMatchObject({ module: 'vmlinux', name: 'schedule', offset: 8n });
    expect(set.lookup(0x1050n)).toMatchObject({ module: 'a.out', name: 'main' });
    expect(set.lookup(0x1080n)).toMatchObject({ module: 'vmlinux', name: '' });
    expect(set.lookup(0x1101n)).toMatchObject({ name: 'f()', offset: 1n });
    expect(set.lookup(0x5000n)).toBeUndefined();
  });

  test('makes one key of all addresses of a symbol or module', () => {
    const key = (address: number, by: 'toSymbol' | 'toModule') => {
      const words = Int32Array.of(7, address, 0, 7);
      set[by](words, 1);
      return [...words];
    };
    expect(key(0x1108, 'toSymbol')).toEqual([7, 0x1100, 0, 7]);
    expect(key(0x1108, 'toModule')).toEqual([7, 0x1000, 0, 7]);
    expect(key(0x5000, 'toSymbol')).toEqual([7, 0x5000, 0, 7]);
    expect(key(0x5000, 'toModule')).toEqual([7, 0x5000, 0, 7]);
  });
});
