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
 * The core part is what src/cli/trapline.ts imports statically and a plain one-liner runs, which a first trial run tells.
 * Each other module that it imports, and whatever is imported dynamically, is a part of its own, read and run only when
 * asked for, as are Node's own modules in LAZY (build/parts.mjs). A part's code cache holds the functions that a second
 * trial run called (build/trials.mjs): few enough to load quickly, and those that such a run needs again. Another V8
 * ignores the cache and compiles the text.
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
import { partsOfOneLiner, runTrials } from './build/trials.mjs';

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

/** Modules of the program that a plain one-liner does not run. None if it cannot be tried. */
async function notInOneLiner(folder, modules) {
  install(folder, await bundleParts(ENTRY, modules, { minify: false }), new Map(), new Map());
  const loaded = new Set(partsOfOneLiner(folder, TOP));
  return loaded.size === 0 ? [] : modules.filter((file) => !loaded.has(partNameOf(file)));
}

const trials = mkdtempSync(join(tmpdir(), 'trapline-build-'));
process.on('exit', () => rmSync(trials, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const decoder = await bundleDecoder();
const wasm = await prebuiltWasm(`${TOP}src/sources/qemu-x86/prebuilt.ts`);
const leftOut = await notInOneLiner(join(trials, 'apart'), await modulesOf(ENTRY));
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
