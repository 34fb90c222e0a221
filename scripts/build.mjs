/**
 * Builds dist/: the command line as a few files that start fast, because a tree of modules starts several times slower.
 *
 *   dist/trapline.js      the launcher
 *   dist/HASH.parts       the program, minified, in parts, each with what V8 made of it in a trial run; and WebAssembly
 *                         that is the same in most runs (build/prebuilt.mjs)
 *   dist/iced-x86.js      the x86 decoder with its WebAssembly inside, which is as large as all the rest; loaded when needed
 *   dist/trapline-alone.js the whole program, compressed in a comment: it works alone, and is what trapline.js runs when the
 *                         parts are not there
 *   dist/package.json     says that these are CommonJS, though the package says "type": "module"
 *
 * Of what src/cli/trapline.ts imports statically, the core part is what a one-liner runs over a log without events; what
 * events take besides, and what programs of more clauses do, are a part each. First trial runs tell which modules these are.
 * Each other module, and whatever is imported dynamically, is a part of its own. Parts are read and run when they are asked
 * for, as are Node's own modules in LAZY (build/parts.mjs). A part's code cache holds the functions that later trial runs
 * called (build/trials.mjs): few enough to load quickly, and those that such a run needs again. Another V8 ignores the cache
 * and compiles the text.
 *
 *   node scripts/build.mjs [FOLDER]       into another folder than dist/
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDecoder } from './build/decoder.mjs';
import { aloneLauncher, launcher } from './build/launcher.mjs';
import { bundleParts, modulesOf, partNameOf } from './build/parts.mjs';
import { prebuiltWasm } from './build/prebuilt.mjs';
import { partsByRun, runTrials } from './build/trials.mjs';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const OUT = process.argv[2] === undefined ? `${TOP}dist` : resolve(process.argv[2]);

const ENTRY = `${TOP}src/cli/trapline.ts`;
const ALONE = 'trapline-alone.js';

/** V8 takes a cache only from an address that is a multiple of this. */
const ALIGNMENT = 8;

/** All parts in one file, and where in it each has its text and its cache; and where each module of WebAssembly is. */
function pack(parts, wasm, caches) {
  const places = {};
  const modules = {};
  const pieces = [];
  let at = 0;
  for (const { name, text } of parts) {
    const source = Buffer.from(text.padEnd(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT, '\n'), 'latin1');
    const cache = caches.get(name) ?? Buffer.alloc(0);
    const filler = Buffer.alloc((ALIGNMENT - (cache.length % ALIGNMENT)) % ALIGNMENT);
    places[name] = [at, source.length, cache.length];
    pieces.push(source, cache, filler);
    at += source.length + cache.length + filler.length;
  }
  for (const [name, bytes] of wasm) {
    modules[name] = [at, bytes.length];
    pieces.push(bytes);
    at += bytes.length;
  }
  const index = Buffer.from(JSON.stringify(places), 'latin1');
  pieces.push(index);
  return { bytes: Buffer.concat(pieces), core: places.core, index: [at, index.length], modules };
}

/** Whoever runs the program while it is built gets the old one or the new one, whole. */
function replaceFile(path, content) {
  writeFileSync(`${path}.new`, content);
  chmodSync(`${path}.new`, 0o755);
  renameSync(`${path}.new`, path);
}

function install(folder, parts, wasm, caches) {
  const { bytes, ...places } = pack(parts, wasm, caches);
  const packName = `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.parts`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  replaceFile(join(folder, packName), bytes);
  replaceFile(join(folder, 'trapline.js'), launcher(packName, bytes.length, places, ALONE));
  replaceFile(join(folder, ALONE), aloneLauncher(parts));
  return packName;
}

/**
 * What the core is without: groups of modules, by the first of some trial runs that loads them, and those that none does. All
 * of them are core if it cannot be tried.
 */
async function leftOutOfCore(folder, modules) {
  install(
    folder,
    await bundleParts(ENTRY, { groups: [], apart: modules }, { minify: false }),
    new Map(),
    new Map(),
  );
  const rest = new Set(modules);
  const groups = [];
  for (const { name, parts } of partsByRun(folder, TOP)) {
    const loaded = new Set(parts);
    const files = [...rest].filter((file) => loaded.has(partNameOf(file)));
    for (const file of files) rest.delete(file);
    groups.push({ name, files });
  }
  const [core, ...others] = groups;
  if (core.files.length === 0) return { groups: [], apart: [] };
  return { groups: others.filter(({ files }) => files.length > 0), apart: [...rest] };
}

const trials = mkdtempSync(join(tmpdir(), 'trapline-build-'));
process.on('exit', () => rmSync(trials, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const decoder = await bundleDecoder();
const wasm = await prebuiltWasm(`${TOP}src/sources/qemu-x86/prebuilt.ts`);
const leftOut = await leftOutOfCore(join(trials, 'apart'), await modulesOf(ENTRY));
const parts = await bundleParts(ENTRY, leftOut);
const trial = join(trials, 'dist');
install(trial, parts, wasm, new Map());
replaceFile(join(trial, 'iced-x86.js'), decoder);
const caches = runTrials(trial, TOP);
await new Promise((resolve) => setImmediate(resolve)); // an interrupt of the trials ends this here
if (caches.size === 0) process.exitCode = 1;
const packName = install(OUT, parts, wasm, caches);
replaceFile(join(OUT, 'iced-x86.js'), decoder);
for (const name of readdirSync(OUT)) {
  if (/\.(cache|parts)$/.test(name) && name !== packName) rmSync(join(OUT, name));
}
