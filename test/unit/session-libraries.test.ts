/** Which libraries there are and in which order they are compiled (src/session/libraries.ts). */
import { describe, expect, test } from 'vitest';
import { dependencyOrder, findLibraries, libraryDependencies } from '../../src/session/libraries.ts';

function needing(...names: string[]): string {
  return names.map((name) => `#pragma D depends_on library ${name}\n`).join('');
}

function orderOf(libraries: Readonly<Record<string, string>>): string {
  const list = Object.entries(libraries).map(([name, text]) => ({ path: name, name, text }));
  return dependencyOrder(list)
    .map(({ name }) => name)
    .join(' ');
}

describe('order', () => {
  const cases: [libraries: Record<string, string>, expected: string][] = [
    [{}, ''],
    [{ b: '', a: '' }, 'b a'],
    [{ a: needing('b'), b: '' }, 'b a'],
    [{ a: needing('b', 'c'), b: needing('c'), c: '' }, 'c b a'],
    [{ a: needing('d'), b: needing('d'), c: '', d: '' }, 'd a b c'],
    [{ a: needing('missing'), b: '' }, 'a b'],
    [{ a: needing('a') }, 'a'],
    [{ a: needing('b'), b: needing('c'), c: needing('a') }, 'c b a'],
  ];
  test.each(cases)('%j → %s', (libraries, expected) => expect(orderOf(libraries)).toBe(expected));

  test('a long chain', () => {
    const chain = Array.from({ length: 5000 }, (_, i) => [`l${i}`, needing(`l${i + 1}`)] as const);
    expect(orderOf(Object.fromEntries(chain)).split(' ').at(0)).toBe('l4999');
  });
});

test('dependencies are control lines outside comments', () => {
  const text = `${needing('a.d')}  # pragma  D depends_on library "b.d"\n/* ${needing('c.d')}*/\nint x; ${needing('d.d')}`;
  expect(libraryDependencies(`${text}#pragma D depends_on provider e\n`)).toEqual(['a.d', 'b.d']);
});

test('libraries are the *.d files, by directory and name; what cannot be read is told', () => {
  const complaints: string[] = [];
  const directories: Readonly<Record<string, readonly string[] | string>> = {
    one: ['z.d', 'a.d', 'notes', 'gone.d'],
    two: 'Not a directory',
    'three/': ['b.d'],
  };
  const found = findLibraries(
    Object.keys(directories),
    {
      listDirectory: (path) => directories[path] ?? [],
      readFile: (path) => (path.endsWith('gone.d') ? undefined : `text of ${path}`),
    },
    (message) => void complaints.push(message),
  );
  expect(found.map(({ path }) => path)).toEqual(['one/a.d', 'one/z.d', 'three/b.d']);
  expect(found[0]).toEqual({ path: 'one/a.d', name: 'a.d', text: 'text of one/a.d' });
  expect(complaints).toEqual([
    'failed to read library one/gone.d',
    'failed to open library directory two: Not a directory',
  ]);
});
