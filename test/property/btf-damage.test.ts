/**
 * Damaged BTF: whatever bytes are changed, opening it and looking at everything ends, without an exception, and what it
 * gives are types that have a text.
 */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { openBtf } from '../../src/symbols/btf.ts';
import { BtfKernelTypes } from '../../src/symbols/kernel-types.ts';
import { storageBytes } from '../../src/types/layout.ts';
import { typeText } from '../../src/types/text.ts';
import type { Type } from '../../src/types/type.ts';
import {
  array,
  btfImage,
  elfWith,
  enumeration,
  int,
  named,
  pointer,
  struct,
  union,
} from '../support/btf-image.ts';

const IMAGE = btfImage([
  int('int', 4, 1),
  int('char', 1, 1),
  array(2, 16),
  struct('task', 40, ['pid', 1, 0], ['comm', 3, 32], ['next', 6, 192], ['', 8, 256]),
  named(8, 'task_t', 4),
  pointer(5),
  enumeration('state', 4, { RUNNING: 0, STOPPED: 1 }),
  union('', 8, ['low', 1, 0], ['all', 6, 0]),
  struct('bits', 4, ['a', 1, 0, 3], ['b', 1, 3, 5], ['s', 7, 8, 2]),
  named(10, '', 6),
  { kind: 13, value: 1, n: 3, words: ['t', 10, 'n', 1, '', 0] },
  { kind: 12, name: 'f', value: 11 },
  { kind: 14, name: 'v', value: 6, words: [1] },
  { kind: 15, name: '.data..percpu', value: 8, n: 1, words: [13, 0, 8] },
  { kind: 19, name: 'wide', value: 8, n: 1, words: ['W', 1, 1] },
]);

/** All that can be asked of an image. */
function lookAtEverything(bytes: Uint8Array): void {
  const btf = openBtf(bytes);
  if (typeof btf === 'string') return;
  const types = new BtfKernelTypes();
  types.add('vmlinux', btf);
  for (let id = 0; id < btf.endId + 2; id++) {
    const name = btf.entry(id)?.name ?? '';
    for (const kind of ['struct', 'union', 'enum'] as const) look(types.tagged(kind, name));
    look(types.typedefType(name));
    look(types.variable(name)?.type);
    types.entryArguments(name);
    types.returnArguments(name);
  }
  types.enumerator('RUNNING');
}

function look(type: Type | undefined): void {
  if (type === undefined) return;
  typeText(type);
  storageBytes(type, 256);
  if (type.kind !== 'struct' && type.kind !== 'union') return;
  for (const member of type.members ?? []) {
    typeText(member.type);
    storageBytes(member.type, 256);
    if (!(type.alignBytes >= 1)) throw new Error(`alignment ${type.alignBytes}`);
  }
}

const changes = fc.array(fc.tuple(fc.nat(IMAGE.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
const SEED = 20240601;

describe('damaged BTF', () => {
  test('changed bytes', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = IMAGE.slice();
        for (const [at, value] of list) bytes[at] = value;
        lookAtEverything(bytes);
      }),
      { numRuns: 4000, seed: SEED },
    );
  });

  test('types that name each other at random', () => {
    const entry = fc.record({ kind: fc.integer({ min: 2, max: 19 }), to: fc.nat(40), n: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), (list) => {
        const entries = list.map(({ kind, to, n }) => {
          const words = { 3: [to, 0, n], 14: [1], 17: [0] }[kind] ?? [];
          const each = kind === 4 || kind === 5 ? 3 : 0;
          const members = Array.from({ length: each * n }, (_, i) =>
            i % 3 === 1 ? (to + i) % 41 : i % 3 === 0 && i > 0 ? 'm' : 0,
          );
          return { kind, name: `t${to}`, value: to, words: [...words, ...members], n: each === 0 ? 0 : n };
        });
        lookAtEverything(btfImage(entries));
      }),
      { numRuns: 3000, seed: SEED },
    );
  });

  test('long chains end', () => {
    const pointers = Array.from({ length: 20000 }, (_, i) => pointer(i + 2));
    lookAtEverything(btfImage([...pointers, int('int', 4, 1), named(8, 'end_t', 1)]));
    const nested = Array.from({ length: 5000 }, (_, i) => struct(i === 0 ? 'outer' : '', 8, ['', i + 2, 0]));
    lookAtEverything(btfImage([...nested, int('int', 4, 1)]));
  });

  test('cut off anywhere, in an ELF file too', () => {
    for (let end = 0; end < IMAGE.length; end++) lookAtEverything(IMAGE.subarray(0, end));
    const file = elfWith('.BTF', IMAGE);
    for (let end = 0; end < file.length; end += 3) lookAtEverything(file.subarray(0, end));
    for (let at = 0; at < 64; at++) lookAtEverything(file.map((byte, i) => (i === at ? 0xff : byte)));
  });
});
