/** The type table: text → type → text, sizes, struct layout by the SysV ABI, and which types go together. */
import { describe, expect, test } from 'vitest';
import { bitFieldUnit, type Field, layoutRecord, sizeOf } from '../../src/types/layout.ts';
import { assignable, promoted, sameType } from '../../src/types/relations.ts';
import { TypeTable, typeFromText } from '../../src/types/table.ts';
import { typeText } from '../../src/types/text.ts';
import type { RecordType, Type } from '../../src/types/type.ts';

const TYPES = new TypeTable();
TYPES.record('struct', 'forward');

function type(text: string): Type {
  const found = typeFromText(TYPES, text);
  if (found === undefined) throw new Error(`no type: ${text}`);
  return found;
}

describe('text → type → text', () => {
  const rows = [
    ['int', 'int'],
    ['unsigned', 'unsigned int'],
    ['signed long', 'long'],
    ['unsigned long long', 'unsigned long long'],
    ['char *', 'char *'],
    ['char **', 'char **'],
    ['const char *', 'const char *'],
    ['struct in_addr *', 'struct in_addr *'],
    ['in6_addr_t *', 'in6_addr_t *'],
    ['uint64_t', 'uint64_t'],
    ['string', 'string'],
    ['char[16]', 'char [16]'],
    ['void *', 'void *'],
    ['_symaddr', '_symaddr'],
  ] as const;
  test.each(rows)('%s → %s', (text, shown) => expect(typeText(type(text))).toBe(shown));

  test('function pointers read inside out', () => {
    const callee: Type = {
      kind: 'function',
      returns: type('int'),
      parameters: [type('long')],
      variadic: true,
    };
    expect(typeText({ kind: 'pointer', to: callee })).toBe('int (*)(long, ...)');
    const array: Type = { kind: 'array', of: type('char *'), count: 3 };
    expect(typeText(array)).toBe('char *[3]');
    expect(typeText({ kind: 'pointer', to: array })).toBe('char *(*)[3]');
  });

  test.each(['nosuch', 'struct nosuch *', 'int &', ''])('%s is no type', (text) => {
    expect(typeFromText(TYPES, text)).toBeUndefined();
  });

  test('names that the parser must take for types, and not', () => {
    for (const name of ['size_t', 'uint', 'bool', '__u8', 'ipaddr_t', 'in6_addr_t', 'hrtime_t']) {
      expect(TYPES.isTypeName(name)).toBe(true);
    }
    for (const name of ['stack', 'in_addr', 'x']) expect(TYPES.isTypeName(name)).toBe(false);
  });
});

describe('sizeof', () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['char', 1],
    ['short', 2],
    ['int', 4],
    ['long', 8],
    ['long long', 8],
    ['bool', 1],
    ['long double', 16],
    ['char *', 8],
    ['int[3]', 12],
    ['string', 256],
    ['struct in6_addr', 16],
    ['pid_t', 4],
    ['void', undefined],
    ['struct forward', undefined],
  ];
  test.each(rows)('%s is %s', (text, size) => expect(sizeOf(type(text), 256)).toBe(size));
});

function layout(kind: RecordType['kind'], ...fields: readonly [name: string, type: string, bits?: number][]) {
  const record = TYPES.record(kind, '');
  const list: readonly Field[] = fields.map(([name, text, bitWidth]) => ({
    name,
    type: type(text),
    bitWidth,
  }));
  layoutRecord(record, list, 256);
  const members = Object.fromEntries((record.members ?? []).map((each) => [each.name, each.offsetBits]));
  return { members, sizeBytes: record.sizeBytes, alignBytes: record.alignBytes, record };
}

describe('layout', () => {
  test('members are aligned, the whole is rounded up', () => {
    const { members, sizeBytes, alignBytes } = layout(
      'struct',
      ['a', 'char'],
      ['b', 'int'],
      ['c', 'char'],
      ['d', 'long'],
    );
    expect(members).toEqual({ a: 0, b: 32, c: 64, d: 128 });
    expect([sizeBytes, alignBytes]).toEqual([24, 8]);
  });

  test('a union is as large as its largest member', () => {
    const { members, sizeBytes } = layout('union', ['a', 'char[5]'], ['b', 'int']);
    expect(members).toEqual({ a: 0, b: 0 });
    expect(sizeBytes).toBe(8);
  });

  test('bit-fields pack, and do not cross a unit of their type', () => {
    const { members, sizeBytes } = layout(
      'struct',
      ['a', 'int', 20],
      ['b', 'int', 12],
      ['c', 'int', 1],
      ['d', 'char'],
    );
    expect(members).toEqual({ a: 0, b: 20, c: 32, d: 40 });
    expect(sizeBytes).toBe(8);
    const crossing = layout('struct', ['a', 'int', 20], ['b', 'int', 13]);
    expect(crossing.members).toEqual({ a: 0, b: 32 });
  });

  test('an unnamed bit-field takes room but gives no member and no alignment', () => {
    const { members, sizeBytes } = layout('struct', ['a', 'char'], ['', 'int', 3], ['b', 'char']);
    expect(members).toEqual({ a: 0, b: 16 });
    expect(sizeBytes).toBe(3);
  });

  test('a bit-field is read from the aligned unit of its type', () => {
    const { record } = layout('struct', ['a', 'char'], ['b', 'short', 9], ['c', 'short', 3]);
    const [, b, c] = record.members!;
    expect(bitFieldUnit(b!)).toEqual({ offsetBytes: 2, bitOffset: 0 });
    expect(bitFieldUnit(c!)).toEqual({ offsetBytes: 2, bitOffset: 9 });
  });

  test('a string member has room for its NUL', () => {
    expect(layout('struct', ['s', 'string'], ['i', 'int']).members).toEqual({ s: 0, i: 260 * 8 });
  });
});

describe('result types', () => {
  const rows = [
    ['char', 'char', 'char'],
    ['char', 'short', 'short'],
    ['int', 'unsigned', 'unsigned int'],
    ['long', 'unsigned', 'long'],
    ['long', 'unsigned long', 'unsigned long'],
    ['long', 'long long', 'long long'],
    ['uint64_t', 'int', 'uint64_t'],
    ['uint64_t', 'int64_t', 'uint64_t'],
  ] as const;
  test.each(rows)('%s with %s gives %s', (a, b, result) => {
    expect(typeText(promoted(type(a), type(b)))).toBe(result);
    expect(typeText(promoted(type(b), type(a)))).toBe(result);
  });
});

describe('assignable', () => {
  const rows: readonly (readonly [target: string, value: string, fits: boolean])[] = [
    ['char', 'unsigned long', true],
    ['string', 'char *', true],
    ['string', 'char[4]', true],
    ['const char *', 'string', true],
    ['string', 'int *', false],
    ['int *', 'int *', true],
    ['int *', 'void *', true],
    ['void *', 'struct in_addr *', true],
    ['int *', 'long *', false],
    ['int *', 'int32_t *', true],
    ['long *', 'long long *', true],
    ['int *', 'int', false],
    ['int', 'int *', false],
    ['int', 'string', false],
    ['struct in_addr', 'struct in_addr', true],
    ['struct in_addr', 'struct in6_addr', false],
    ['double', 'double', true],
    ['int', 'double', false],
  ];
  test.each(rows)('%s = %s: %s', (target, value, fits) => {
    expect(assignable(type(target), type(value), false)).toBe(fits);
  });

  test('the constant 0 fits pointers and strings', () => {
    expect(assignable(type('int *'), type('int'), true)).toBe(true);
    expect(assignable(type('string'), type('int'), true)).toBe(true);
    expect(assignable(type('struct in_addr'), type('int'), true)).toBe(false);
  });

  test('unnamed structs are the same only as themselves', () => {
    const one = layout('struct', ['a', 'int']).record;
    const other = layout('struct', ['a', 'int']).record;
    expect(sameType(one, one)).toBe(true);
    expect(sameType(one, other)).toBe(false);
  });
});
