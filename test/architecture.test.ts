/**
 * The import rule, as data: which room may import from which (the table in src/README.md says why each room is there).
 *
 *   R1 a file imports only from its own room and the rooms listed for it     R3 no barrels: no file re-exports all of another
 *   R2 no cycles among files                                                 R4 no default exports in src and grammar
 *   R5 packages are imported only where they are listed                      R6 only cli touches `process`
 *   R7 what is exported is used by another file, and not by tests alone
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const TOP = fileURLToPath(new URL('..', import.meta.url));

interface Room {
  readonly imports: readonly string[]; // rooms, or single files as room/file
  readonly packages?: readonly string[]; // npm packages; node: modules are listed in NODE_ROOMS
}

/** The compile half and the run half meet in dif and nowhere else; session wires them. */
const ROOMS: Readonly<Record<string, Room>> = {
  grammar: { imports: [], packages: ['chevrotain'] },
  base: { imports: [] },
  diag: { imports: ['base'] },
  preprocess: { imports: ['base', 'diag'] },
  types: { imports: ['base'] },
  machine: { imports: ['base'] },
  // dif names the event columns a program needs and the registers it may read: facts of the traced machine.
  dif: { imports: ['base', 'types', 'machine'] },
  syntax: { imports: ['base', 'diag', 'grammar', 'dif'], packages: ['chevrotain'] },
  check: { imports: ['base', 'diag', 'types', 'dif', 'syntax', 'machine'] },
  codegen: { imports: ['base', 'diag', 'types', 'dif', 'syntax', 'check', 'machine'] },
  symbols: { imports: ['base', 'diag', 'types', 'machine'], packages: ['fzstd', 'xz-decompress'] },
  x86: { imports: ['base', 'machine'], packages: ['iced-x86'] },
  // INT3 patching against a PatchTarget (machine/target.ts).
  patch: { imports: ['base', 'diag', 'machine', 'x86'] },
  // The built-in computer: a machine for x86's execution core, and an event source.
  emulator: { imports: ['base', 'diag', 'machine', 'sources', 'x86'] },
  // Live guests: which channels feed the probes, the guest process, its streams.
  live: { imports: ['base', 'diag', 'machine', 'gdb', 'qmp', 'wire', 'sources', 'x86'] },
  sources: { imports: ['base', 'diag', 'machine'], packages: ['fzstd', 'xz-decompress'] },
  // The clients of a live guest's two monitors, and the connection that both use.
  wire: { imports: ['base'] },
  gdb: { imports: ['base', 'diag', 'machine', 'wire'] },
  qmp: { imports: ['base', 'diag', 'machine', 'wire'] },
  engine: { imports: ['base', 'dif', 'machine'] },
  // A provider may be asked for probes by a pattern of the program, and sees the engine through its contracts alone.
  providers: {
    imports: [
      ...['base', 'types', 'machine', 'symbols', 'dif/program'],
      ...['engine/probes', 'engine/firing', 'engine/engine-contract'],
    ],
  },
  consumer: { imports: ['base', 'types', 'dif', 'symbols'] },
  // Reports: D programs, and what their rows say. It knows nothing of how programs run.
  report: { imports: ['base', 'machine'] },
  session: {
    imports: [
      ...['base', 'diag', 'types', 'machine', 'dif', 'syntax', 'check', 'codegen'],
      ...[
        'symbols',
        'sources',
        'engine',
        'providers',
        'consumer',
        'preprocess',
        'live',
        'x86',
        'qmp',
        'emulator',
        'report',
        'patch',
      ],
    ],
  },
  // cli prints help from the tables of dif and machine, and reads -x into dif's options. Its entry is also that of the
  // gdb thread.
  cli: {
    imports: [
      ...['base', 'diag', 'session', 'dif', 'machine', 'report'],
      ...['live/gdb-protocol', 'live/gdb-worker'],
    ],
    packages: ['commander'],
  },
};

/** Rooms that may use Node's own modules; every other room runs anywhere. (symbols: unpacking a boot image.) */
const NODE_ROOMS: ReadonlySet<string> = new Set(['sources', 'cli', 'wire', 'symbols', 'live']);

interface SourceFile {
  readonly path: string; // from the top of the tree
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[]; // specifiers, static and dynamic
}

const files = ['src', 'grammar'].flatMap(filesBelow).map(readSource);

function filesBelow(folder: string): string[] {
  return readdirSync(join(TOP, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(TOP, path), 'utf8');
  return { path, room: roomOf(path), text, imports: importsOf(text) };
}

/** `src/dif/options.ts` is in room dif; `src/session.ts` in room session. */
function roomOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'src' ? parts[1]!.replace(/\.ts$/, '') : parts[0]!;
}

function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(
    /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]/g,
  );
  const dynamic = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [...statements, ...dynamic].map((match) => match[1]!);
}

function resolved(file: SourceFile, specifier: string): string {
  return normalize(join(dirname(file.path), specifier));
}

/** Imports of types vanish when compiled, so only the others can make a cycle at run time. */
function valueImportsOf(text: string): string[] {
  return importsOf(text.replace(/(^|\n)\s*(import|export) type [^;]*;/g, '$1'));
}

describe('rooms', () => {
  test('there is something to check', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(
      importsOf(
        "import a from './a.ts';\nexport { b } from './b.ts';\nawait import('./c.ts');\nimport {\n  d,\n} from './d.ts';\n// import './e.ts'\n",
      ),
    ).toEqual(['./a.ts', './b.ts', './d.ts', './c.ts']);
  });

  test.each(files.map((file) => [file.path, file] as const))('%s', (_, file) => {
    const room = ROOMS[file.room];
    expect(room, `room ${file.room} is not in the table`).toBeDefined();
    const forbidden = file.imports.filter((specifier) => !mayImport(file, room!, specifier));
    expect(forbidden, `room ${file.room} may import: ${room!.imports.join(' ')}`).toEqual([]);
  });
});

function mayImport(file: SourceFile, room: Room, specifier: string): boolean {
  if (specifier.startsWith('node:')) return NODE_ROOMS.has(file.room);
  if (!specifier.startsWith('.')) return room.packages?.includes(specifier) ?? false;
  const target = resolved(file, specifier);
  const inside = target.replace(/^src\//, '').replace(/\.ts$/, ''); // engine/probes
  return [file.room, ...room.imports].some((allowed) => allowed === roomOf(target) || allowed === inside);
}

test('no cycles among files', () => {
  const graph = new Map(
    files.map((file) => [
      file.path,
      valueImportsOf(file.text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolved(file, specifier)),
    ]),
  );
  expect(findCycle(graph)).toBeUndefined();
  expect(
    findCycle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['a']],
      ]),
    ),
  ).toEqual(['a', 'b', 'c', 'a']);
});

/** Depth-first search; the first cycle met, as a path that ends where it began. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

test('no barrels and no default exports', () => {
  const offenders = files.filter(
    (file) => /^export (\*|default)\b/m.test(file.text) || /\/index\.ts$/.test(file.path),
  );
  expect(offenders.map((file) => file.path)).toEqual([]);
});

test('only cli touches process', () => {
  const code = (file: SourceFile) => file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  const offenders = files.filter((file) => file.room !== 'cli' && /\bprocess\.\w/.test(code(file)));
  expect(offenders.map((file) => file.path)).toEqual([]);
});

test('every import has its extension and names a file that is there', () => {
  const known = new Set(files.map((file) => file.path));
  const isThere = (path: string) =>
    known.has(path) || (path.endsWith('.json') && existsSync(join(TOP, path)));
  const dangling = files.flatMap((file) =>
    file.imports
      .filter((specifier) => specifier.startsWith('.') && !isThere(resolved(file, specifier)))
      .map((specifier) => `${file.path}: ${specifier}`),
  );
  expect(dangling).toEqual([]);
});

/** R7's exceptions: what is there to be tested or generated with, and what stands for a package's exports in the build. */
const USED_OUTSIDE: ReadonlySet<string> = new Set([
  'src/dif/assemble.ts: assemble',
  'src/syntax/print.ts: printProgram',
  'src/gdb/client.ts: STEP_FLAGS',
  'src/x86/cpu.ts: CR4',
  'src/sources/qemu-x86/prebuilt.ts: prebuiltModules',
  'grammar/productions.ts: PRODUCTIONS',
]);
const STANDS_FOR_PACKAGE = 'src/syntax/rule-runner.ts';

interface Words {
  readonly path: string;
  readonly exported: readonly string[]; // values
  readonly counts: ReadonlyMap<string, number>; // of each word
  readonly names: ReadonlySet<string>; // files that it names
}

/** Comments left out. A test or script names a file as an import does, or in a template: `${TOP}src/…`. */
function wordsOf(path: string, text = readFileSync(join(TOP, path), 'utf8')): Words {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const exports = code.matchAll(/^export (?:async )?(?:const|function\*?|class) ([\w$]+)/gm);
  const quoted = code.matchAll(/['"`](?:\$\{\w+\})?([^'"`\s]*\.ts)['"`]/g);
  const counts = new Map<string, number>();
  for (const [word] of code.matchAll(/[A-Za-z_$][\w$]*/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return {
    path,
    exported: [...exports].map(([, name]) => name!),
    counts,
    names: new Set([...quoted].map(([, name]) => normalize(join(dirname(path), name!)))),
  };
}

/** Exports that nobody uses, or tests alone and not even the file itself. */
function unusedExports(own: readonly Words[], others: readonly Words[]): string[] {
  const uses = (users: readonly Words[], path: string, name: string): boolean =>
    users.some(({ names, counts }) => names.has(path) && counts.has(name));
  return own.flatMap(({ path, exported, counts }) =>
    exported
      .filter((name) => !uses(own, path, name) && !(counts.get(name)! > 1 && uses(others, path, name)))
      .map((name) => `${path}: ${name}`),
  );
}

test('what is exported is used by another file, and not by tests alone', () => {
  const own = files.map(({ path }) => wordsOf(path));
  const others = ['test', 'scripts'].flatMap((folder) =>
    readdirSync(join(TOP, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => wordsOf(join(folder, name))),
  );
  const unused = unusedExports(own, others).filter((name) => !name.startsWith(STANDS_FOR_PACKAGE));
  expect(unused.toSorted()).toEqual([...USED_OUTSIDE].toSorted());

  const lab = wordsOf(
    'src/a.ts',
    ['w = 1', 'x = w', 'y = 1', 'z = y'].map((text) => `export const ${text};\n`).join(''),
  );
  const user = wordsOf('src/b.ts', "import { w } from './a.ts';\n// z");
  const test = wordsOf('test/t.ts', "import { x, y, z } from '../src/a.ts';");
  expect(unusedExports([lab, user], [test])).toEqual(['src/a.ts: x', 'src/a.ts: z']);
});
