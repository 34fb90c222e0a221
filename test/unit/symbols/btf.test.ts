/** BTF images made here, kind by kind: what each becomes as a D type. */
import { describe, expect, test } from 'vitest';
import { type Btf, isBtf, isSplitBtf, openBtf } from '../../../src/symbols/btf.ts';
import { BtfTypes } from '../../../src/symbols/btf-types.ts';
import { BtfKernelTypes } from '../../../src/symbols/kernel-types.ts';
import { sizeOf } from '../../../src/types/layout.ts';
import { resolve } from '../../../src/types/relations.ts';
import { typeText } from '../../../src/types/text.ts';
import type { Type } from '../../../src/types/type.ts';
import {
  array,
  btfImage,
  type Entry,
  elfWith,
  enumeration,
  type ImageOptions,
  int,
  named,
  pointer,
  stringBytes,
  struct,
  union,
} from '../../support/btf-image.ts';

function opened(entries: readonly Entry[], options: ImageOptions = {}, base?: Btf): Btf {
  const btf = openBtf(btfImage(entries, options), base);
  if (typeof btf === 'string') throw new Error(btf);
  return btf;
}

function typesOf(...entries: Entry[]): BtfTypes {
  return new BtfTypes(opened(entries));
}

/** `name@offset:type` of each member, bit-fields with their width. */
function layout(type: Type): readonly string[] {
  const record = resolve(type);
  if (record.kind !== 'struct' && record.kind !== 'union') throw new Error(`no record: ${record.kind}`);
  return (record.members ?? []).map(({ name, type: member, offsetBits, bitWidth }) => {
    const width = bitWidth === undefined ? '' : `/${bitWidth}`;
    return `${name}@${offsetBits / 8}${width}:${typeText(member)}`;
  });
}

const INT = int('int', 4, 1);

describe('images', () => {
  test.each([{ big: false }, { big: true }])('of either byte order are read alike: %o', (options) => {
    const btf = opened([INT, struct('s', 8, ['a', 1, 0], ['b', 1, 32])], options);
    expect(btf.order).toBe(options.big ? 'big' : 'little');
    expect(layout(new BtfTypes(btf).type(2))).toEqual(['a@0:int', 'b@4:int']);
  });

  test('may be a section of an ELF file', () => {
    const btf = openBtf(elfWith('.BTF', btfImage([INT])));
    expect(typeof btf === 'object' && btf.entry(1)?.name).toBe('int');
    expect(openBtf(elfWith('.text', btfImage([INT])))).toBe(
      'it is no BTF, and no ELF file with a .BTF section',
    );
  });

  test('are told by their magic, version and length', () => {
    const image = btfImage([INT]);
    expect([
      isBtf(image),
      isBtf(image.subarray(0, 23)),
      isBtf(image.map((byte, i) => (i === 2 ? 2 : byte))),
    ]).toEqual([true, false, false]);
  });

  test('cut off in the types are refused, in the strings lose names', () => {
    const image = btfImage([INT, struct('a_name_of_some_length', 4, ['a', 1, 0])]);
    expect(openBtf(image.subarray(0, 40))).toBe('its type section is cut off');
    const shorter = openBtf(image.subarray(0, image.length - 10));
    expect(typeof shorter === 'object' && shorter.endId).toBe(3);
  });

  test('of modules go on where the kernel ends, and share its types', () => {
    const kernel = btfImage([INT, struct('common', 4, ['a', 1, 0])]);
    const module = btfImage([pointer(2), struct('own', 8, ['to', 3, 0])], { after: stringBytes(kernel) });
    expect([isSplitBtf(kernel), isSplitBtf(module)]).toEqual([false, true]);
    const base = openBtf(kernel);
    if (typeof base === 'string') throw new Error(base);
    const split = openBtf(module, base);
    if (typeof split === 'string') throw new Error(split);
    const types = new BtfKernelTypes();
    types.add('vmlinux', base);
    types.add('mod', split);
    const own = types.tagged('struct', 'own');
    expect(layout(own!)).toEqual(['to@0:struct common *']);
    const to = own?.kind === 'struct' ? own.members?.[0]?.type : undefined;
    expect(to?.kind === 'pointer' && to.to).toBe(types.tagged('struct', 'common'));
  });
});

describe('integers', () => {
  test.each([
    ['long unsigned int', 8, 0, 'unsigned long'],
    ['long int', 8, 1, 'long'],
    ['long long unsigned int', 8, 0, 'unsigned long long'],
    ['char', 1, 1, 'char'],
    ['signed char', 1, 1, 'signed char'],
    ['unsigned char', 1, 0, 'unsigned char'],
    ['short unsigned int', 2, 0, 'unsigned short'],
    ['_Bool', 1, 4, '_Bool'],
    ['unsigned int', 4, 0, 'unsigned int'],
  ])('%s of %i bytes', (name, bytes, encoding, text) => {
    expect(typeText(typesOf(int(name, bytes, encoding)).type(1))).toBe(text);
  });

  test('of 16 bytes are two words', () => {
    expect(sizeOf(typesOf(int('__int128', 16, 1)).type(1), 0)).toBe(16);
  });
});

describe('records', () => {
  test('may hold pointers to themselves', () => {
    const types = typesOf(struct('list', 16, ['next', 2, 0], ['prev', 2, 64]), pointer(1));
    const list = types.type(1);
    expect(layout(list)).toEqual(['next@0:struct list *', 'prev@8:struct list *']);
  });

  test('have the members of unnamed ones inside as their own', () => {
    const types = typesOf(
      INT,
      struct('', 8, ['x', 1, 0], ['y', 1, 32]),
      union('', 8, ['', 2, 0], ['both', 1, 0]),
      struct('outer', 12, ['first', 1, 0], ['', 3, 32]),
    );
    expect(layout(types.type(4))).toEqual(['first@0:int', 'x@4:int', 'y@8:int', 'both@4:int']);
  });

  test('may be known by their tag alone', () => {
    const types = new BtfKernelTypes();
    types.add('vmlinux', opened([named(7, 'elsewhere', 0)]));
    const forward = types.tagged('struct', 'elsewhere');
    expect(forward?.kind === 'struct' && [forward.tag, forward.members]).toEqual(['elsewhere', undefined]);
    expect(types.tagged('union', 'elsewhere')).toBeUndefined();
  });

  test('have bit-fields by kind_flag', () => {
    const types = typesOf(
      int('unsigned int', 4),
      struct('bits', 8, ['a', 1, 0, 3], ['b', 1, 3, 29], ['c', 1, 32, 0]),
    );
    expect(layout(types.type(2))).toEqual([
      'a@0/3:unsigned int',
      'b@0.375/29:unsigned int',
      'c@4:unsigned int',
    ]);
  });

  test('have bit-fields by integers with fewer bits', () => {
    const types = typesOf(int('unsigned int', 4, 0, 3, 2), struct('bits', 4, ['a', 1, 8]));
    expect(layout(types.type(2))).toEqual(['a@1.25/3:unsigned int']);
  });

  test('that are packed have bit-fields across words', () => {
    const types = typesOf(int('unsigned int', 4), struct('packed', 5, ['a', 1, 0, 30], ['b', 1, 30, 8]));
    expect(layout(types.type(2))[1]).toBe('b@3.75/8:unsigned long');
  });

  test('are aligned as their members, packed ones less', () => {
    const align = (size: number) => {
      const record = typesOf(int('long int', 8, 1), struct('s', size, ['a', 1, 0])).type(2);
      return record.kind === 'struct' && record.alignBytes;
    };
    expect([align(16), align(12), align(9)]).toEqual([8, 4, 1]);
  });
});

describe('other kinds', () => {
  test('arrays, of no elements too', () => {
    const types = typesOf(int('char', 1, 1), array(1, 16), array(1, 0), array(2, 4));
    expect([2, 3, 4].map((id) => [typeText(types.type(id)), sizeOf(types.type(id), 0)])).toEqual([
      ['char [16]', 16],
      ['char []', 0],
      ['char [4][16]', 64],
    ]);
  });

  test('qualifiers, typedefs and tags', () => {
    const types = typesOf(
      INT,
      named(8, 'my_t', 1),
      named(10, '', 2),
      named(9, '', 3),
      named(18, 'rcu', 4),
      pointer(5),
    );
    expect(typeText(types.type(6))).toBe('volatile const my_t *');
  });

  test('enums take the integer they are stored as', () => {
    const types = typesOf(
      enumeration('small', 1, { A: 0, B: 1 }),
      enumeration('plain', 4, { C: 5 }),
      enumeration('unsigned', 4, { D: 0xffffffff }),
      { kind: 19, name: 'wide', value: 8, n: 1, words: ['E', 1, 1] },
    );
    const all = [1, 2, 3, 4].map((id) => types.type(id));
    expect(all.map((type) => sizeOf(type, 0))).toEqual([1, 4, 4, 8]);
    expect(all.map((type) => (type.kind === 'enum' ? type.base?.signed : undefined))).toEqual([
      false,
      undefined,
      false,
      false,
    ]);
    expect(all.map((type) => type.kind === 'enum' && type.enumerators?.at(-1)?.value)).toEqual([
      ...[1, 5, 0xffffffff, 0x100000001],
    ]);
  });

  test('functions have named parameters and a return type', () => {
    const types = new BtfKernelTypes();
    types.add(
      'vmlinux',
      opened([
        INT,
        int('char', 1, 1),
        pointer(2),
        { kind: 13, value: 1, n: 3, words: ['fmt', 3, 'count', 1, '', 0] },
        { kind: 12, name: 'print_it', value: 4 },
        pointer(4),
        { kind: 13, value: 0, n: 1, words: ['call', 6] },
        { kind: 12, name: 'call_it', value: 7 },
      ]),
    );
    expect(types.function('print_it')?.parameters.map(({ name }) => name)).toEqual(['fmt', 'count', '...']);
    expect(types.entryArguments('print_it')).toEqual(['char *', 'int']);
    expect(types.returnArguments('print_it')).toEqual(['int64_t', 'int']);
    expect([types.entryArguments('call_it'), types.returnArguments('call_it')]).toEqual([
      ['void *'],
      ['int64_t'],
    ]);
    expect(types.entryArguments('nothing')).toBeUndefined();
  });

  test('variables know whether every CPU has its own', () => {
    const types = new BtfKernelTypes();
    types.add(
      'vmlinux',
      opened([
        INT,
        { kind: 14, name: 'each', value: 1, words: [1] },
        { kind: 14, name: 'one', value: 1, words: [1] },
        { kind: 15, name: '.data..percpu', value: 4, n: 1, words: [2, 0, 4] },
        { kind: 15, name: '.data', value: 4, n: 1, words: [3, 0, 4] },
      ]),
    );
    expect([types.variable('each')?.perCpu, types.variable('one')?.perCpu]).toEqual([true, false]);
    expect(types.variable('each', 'vmlinux')?.perCpu).toBe(true);
    expect(types.variable('each', 'ext4')).toBeUndefined();
  });

  test('pointers of a 32-bit kernel are integers of its size', () => {
    const types = typesOf(int('long unsigned int', 4), pointer(1), struct('s', 8, ['p', 2, 0], ['n', 1, 32]));
    expect(layout(types.type(3))).toEqual(['p@0:unsigned int', 'n@4:unsigned int']);
  });
});
