/** dist/ as it is installed: which parts of the program a run reads, and that it works wherever and however it is put. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { NO_NEEDS } from '../../../src/machine/needs.ts';
import { runModule } from '../../../src/sources/qemu-x86/int-run-code.ts';
import { prebuiltModules } from '../../../src/sources/qemu-x86/prebuilt.ts';
import { TOP } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOG = join(folder, 'boot.log');
writeFileSync(LOG, gunzipSync(readFileSync(`${TOP}/examples/traces/linux-x86_64-boot-small.log.gz`)));

/** Loaded before the program: tells at exit the parts that ran, and Node's modules that this took. */
const LOADED = join(folder, 'loaded.cjs');
writeFileSync(
  LOADED,
  `const vm = require('vm');
const before = new Set(process.moduleLoadList), parts = [];
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    parts.push({ name: options.filename.replace(/.*\\/|-[A-Z0-9]{8}|\\.js$/g, ''), rejected: this.cachedDataRejected });
  }
};
process.on('exit', () => {
  const modules = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/.* /, ''));
  require('fs').writeFileSync(${JSON.stringify(join(folder, 'loaded.json'))}, JSON.stringify({ parts, modules }));
});`,
);

interface Loaded {
  readonly parts: readonly { readonly name: string; readonly rejected?: boolean }[];
  readonly modules: readonly string[];
}

function loadedBy(...args: string[]): Loaded {
  return loadedWith([], ...args);
}

function loadedWith(flags: readonly string[], ...args: string[]): Loaded {
  const program = ['--require', LOADED, `${TOP}/dist/trapline.js`];
  spawnSync(process.execPath, [...flags, ...program, ...args], { cwd: TOP });
  return JSON.parse(readFileSync(join(folder, 'loaded.json'), 'utf8')) as Loaded;
}

const ONE_LINER = 'vec:::0x0e { @[rip] = count(); }';

/** Modules that a run gets from the build instead of making them: the launcher reads them at these places of the pack. */
function prebuiltOf(...args: string[]): string[] {
  const launcher = readFileSync(`${TOP}/dist/trapline.js`, 'latin1');
  const places = JSON.parse(/^const WASM = (.*);$/m.exec(launcher)![1]!) as Record<string, [number, number]>;
  const readsTold = join(folder, 'reads.cjs');
  const told = JSON.stringify(join(folder, 'reads.json'));
  writeFileSync(
    readsTold,
    `const fs = require('fs'), read = fs.readSync, at = [];
fs.readSync = (fd, buffer, offset, length, position) => {
  at.push(position);
  return read(fd, buffer, offset, length, position);
};
process.on('exit', () => fs.writeFileSync(${told}, JSON.stringify(at)));`,
  );
  spawnSync(process.execPath, ['--require', readsTold, `${TOP}/dist/trapline.js`, ...args], { cwd: TOP });
  const at = new Set(JSON.parse(readFileSync(join(folder, 'reads.json'), 'utf8')) as number[]);
  return Object.keys(places).filter((name) => at.has(places[name]![0]));
}

describe('WebAssembly that the build has made', () => {
  test.each([
    ['vec::: { @[arg0] = count(); }', ['kernel', 'run']],
    ['vec:::0x0e { @[arg2, arg3] = count(); }', ['kernel', 'run-pc-faddr']],
    ['vec:::0x0e { @[rsi] = count(); }', ['kernel']],
  ])('%s takes %j', (program, modules) => {
    expect(prebuiltOf('-qn', program, '-t', LOG)).toEqual(modules);
  });

  test('is what the program makes where it is not given', () => {
    const made = prebuiltModules();
    expect(made.size).toBe(33);
    const needs = { ...NO_NEEDS, pc: true, faddr: true };
    expect(made.get('run-pc-faddr')).toEqual(runModule(needs).bytes());
    for (const bytes of made.values())
      expect(() => new WebAssembly.Module(Uint8Array.from(bytes))).not.toThrow();
  });
});

describe('what a run loads', () => {
  const names = ({ parts }: Loaded) => parts.map(({ name }) => name);

  test('a log without events: the core', () => {
    const empty = join(folder, 'empty.log');
    writeFileSync(empty, '');
    expect(names(loadedBy('-qn', ONE_LINER, '-t', empty))).toEqual(['core']);
  });

  test('a program without a trace: what clauses do, too', () => {
    const loaded = loadedBy('-qn', 'BEGIN { printf("%d", 1); exit(0); }');
    expect(names(loaded)).toEqual(['core', 'many', 'events']);
  });

  test("a one-liner over a log: what events take; V8's cache is taken", () => {
    const { parts, modules } = loadedBy('-qn', ONE_LINER, '-t', LOG);
    expect(parts).toEqual([
      { name: 'core', rejected: false },
      { name: 'events', rejected: false },
      { name: 'many', rejected: false },
    ]);
    expect(modules.filter((name) => /stream|net|tty|child_process|perf|worker|zlib/.test(name))).toEqual([]);
    expect(modules.length).toBeLessThanOrEqual(4);
  });

  test.each([
    [['--help'], 'help'],
    [['report', LOG], 'report'],
    [['--machine', 'examples/guest/kernel.elf', '-qn', 'fbt::fib:entry { exit(0); }'], 'machine'],
    [['-n', 'BEGIN { exit(0); }', '-t', 'examples/traces/linux-ftrace-events.txt.gz'], 'unpack'],
  ])('%j loads its own part', (args, part) => {
    expect(loadedBy(...args).parts.map(({ name }) => name)).toContain(part);
  });
});

test('nothing that is exported changes: a part takes the values of another once', () => {
  const files = readdirSync(`${TOP}/src`, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(300);
  const changing = files.filter((path) =>
    /^export (let|var) /m.test(readFileSync(`${TOP}/src/${path}`, 'utf8')),
  );
  expect(changing).toEqual([]);
});

describe('dist/ elsewhere', () => {
  const expected = spawnSync(process.execPath, [
    `${TOP}/dist/trapline.js`,
    '-qn',
    ONE_LINER,
    '-t',
    LOG,
  ]).stdout;
  const run = (program: string, ...flags: string[]) =>
    spawnSync(process.execPath, [...flags, program, '-qn', ONE_LINER, '-t', LOG]);
  const copy = (name: string): string => {
    cpSync(`${TOP}/dist`, join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const packOf = (place: string) => join(place, readdirSync(place).find((name) => name.endsWith('.parts'))!);

  test('there is one pack of parts', () => {
    expect(expected.toString()).toMatch(/\d/);
    expect(readdirSync(`${TOP}/dist`).filter((name) => name.endsWith('.parts'))).toHaveLength(1);
  });

  test('through a symbolic link, as npm installs it', () => {
    symlinkSync(`${TOP}/dist/trapline.js`, join(folder, 'trapline'));
    expect(run(join(folder, 'trapline')).stdout).toEqual(expected);
  });

  test('where nothing can be written', () => {
    const place = copy('read-only');
    chmodSync(place, 0o555);
    const { stdout, stderr } = run(join(place, 'trapline.js'));
    chmodSync(place, 0o755);
    expect(stdout, stderr.toString()).toEqual(expected);
    expect(readdirSync(place).sort()).toEqual(readdirSync(`${TOP}/dist`).sort());
  });

  test('with a V8 that does not take the cache', () => {
    const flag = '--no-opt'; // the cache is of a V8 with the same flags
    expect(loadedWith([flag], '-qn', 'BEGIN { exit(0); }').parts[0]?.rejected).toBe(true);
    expect(run(`${TOP}/dist/trapline.js`, flag).stdout).toEqual(expected);
  });

  test('without its parts: from the texts that the other file carries', () => {
    const place = copy('without-parts');
    rmSync(packOf(place));
    expect(run(join(place, 'trapline.js')).stdout).toEqual(expected);
  });

  test('the launcher without any other file', () => {
    copyFileSync(`${TOP}/dist/trapline.js`, join(folder, 'launcher.cjs'));
    const { status, stderr } = run(join(folder, 'launcher.cjs'));
    expect(status).toBe(1);
    expect(stderr.toString()).toBe(
      'trapline: the rest of the program is not beside trapline.js\n' +
        '  hint: copy the folder, or trapline-alone.js, which is one file\n',
    );
  });

  test('with parts that were cut off', () => {
    const place = copy('cut');
    truncateSync(packOf(place), 1000);
    expect(run(join(place, 'trapline.js')).stdout).toEqual(expected);
  });

  test('with parts whose cache was damaged', () => {
    const place = copy('damaged');
    const pack = packOf(place);
    const bytes = readFileSync(pack);
    const core = /const CORE = (.*);/.exec(readFileSync(join(place, 'trapline.js'), 'latin1'))?.[1] ?? '[]';
    const [at, textLength, cacheLength] = JSON.parse(core) as [number, number, number];
    bytes.fill(0, at + textLength, at + textLength + Math.min(cacheLength, 64));
    writeFileSync(pack, bytes);
    expect(run(join(place, 'trapline.js')).stdout).toEqual(expected);
  });
});
