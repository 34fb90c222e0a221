/**
 * Builds dist/trapline.js: the whole command line in one file, because a file that Node loads at once starts several times
 * faster than a tree of modules. It works alone, wherever it is copied.
 *
 *   dist/trapline.js      a few lines that run the program, and the program, minified, as one string
 *   dist/HASH.cache       what V8 made of exactly that program in a trial run here; another V8 ignores it
 *   dist/iced-x86.js      the x86 decoder with its WebAssembly inside, which is as large as all the rest; loaded when needed
 *   dist/package.json     says that trapline.js is CommonJS, though the package says "type": "module"
 *
 * The program is a string so that Node need not compile what the cache holds already. What is not needed waits: modules
 * that src/ imports dynamically are inlined but run only when asked for, and so are Node's own modules in LAZY.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const OUT = `${TOP}dist/trapline.js`;

/** Node's modules that a one-liner over a plain log does without; each costs up to a millisecond or two to load. */
const LAZY = ['child_process', 'net', 'os', 'readline', 'tty', 'worker_threads', 'zlib'];

/** Functions that these runs use are in the cache. Each must end by itself. */
const TRIAL_RUN = ['-qn', 'BEGIN { @[1] = count(); printf("%d\\n", 1); exit(0); }'];

/** Replaces imports of LAZY modules by objects whose properties load the module when first read. */
const lazyNodeModules = {
  name: 'lazy-node-modules',
  setup(context) {
    context.onResolve({ filter: new RegExp(`^(node:)?(${LAZY.join('|')})$`) }, (args) =>
      args.namespace === 'lazy'
        ? { path: args.path, external: true }
        : { path: args.path, namespace: 'lazy' },
    );
    context.onLoad({ filter: /.*/, namespace: 'lazy' }, (args) => {
      const names = Object.keys(createRequire(import.meta.url)(args.path));
      const load = `() => require(${JSON.stringify(args.path)})`;
      return {
        contents: `const load = ${load}; for (const name of ${JSON.stringify(names)})
          Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });`,
        loader: 'js',
      };
    });
  },
};

/** The x86 decoder is a file of its own beside the program. */
const decoderBeside = {
  name: 'decoder-beside',
  setup(context) {
    context.onResolve({ filter: /^iced-x86$/ }, () => ({ path: './iced-x86.js', external: true }));
  },
};

/** The decoder's module reads its WebAssembly from a file next to it; here it carries it along. */
async function bundleDecoder() {
  const inline = {
    name: 'inline-wasm',
    setup(context) {
      context.onLoad({ filter: /iced_x86\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(
          /const path = .*\nconst bytes = .*/,
          "const bytes = require('./iced_x86_bg.wasm');",
        ),
      }));
    },
  };
  const result = await build({
    entryPoints: [createRequire(import.meta.url).resolve('iced-x86')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minify: true,
    charset: 'ascii',
    loader: { '.wasm': 'binary' },
    plugins: [inline],
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

/** `(function (require, exports, module) { … })`, minified, ASCII only. */
async function bundle() {
  const result = await build({
    entryPoints: [`${TOP}src/cli/trapline.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
    supported: { 'dynamic-import': false }, // of Node's modules: becomes require(), which a plain script may call
    plugins: [lazyNodeModules, decoderBeside],
    logLevel: 'warning',
  });
  return `(function(require,exports,module){${result.outputFiles[0].text}\n})`;
}

function launcher(program, cacheName) {
  return `#!/usr/bin/env node
'use strict';
process.on('SIGUSR1', () => {}); // whoever is early must not start Node's inspector
const vm = require('vm'), fs = require('fs');
let cachedData;
try { cachedData = fs.readFileSync(__dirname + '/${cacheName}'); } catch {}
const run = (program) => new vm.Script(program, { filename: __filename, cachedData }).runInThisContext();
run(${JSON.stringify(program)})(require, exports, module);
`;
}

/** Runs the program once as the launcher would, and at its exit stores what V8 compiled. */
function writeCache(program, path) {
  const trial = `
    const vm = require('vm'), fs = require('fs');
    const script = new vm.Script(${JSON.stringify(program)}, { filename: ${JSON.stringify(OUT)} });
    process.argv = [process.execPath, ${JSON.stringify(OUT)}, ...${JSON.stringify(TRIAL_RUN)}];
    process.on('exit', () => fs.writeFileSync(${JSON.stringify(path)}, script.createCachedData()));
    script.runInThisContext()(require, exports, module);`;
  const result = spawnSync(process.execPath, ['-'], { input: trial, encoding: 'utf8' });
  if (result.status === 0) return;
  rmSync(path, { force: true });
  console.error(`build: the trial run failed, so there is no start-up cache:\n${result.stderr}`);
  process.exitCode = 1;
}

/** Whoever runs the program while it is built gets the old one or the new one, whole. */
function replaceFile(path, text) {
  writeFileSync(`${path}.new`, text);
  chmodSync(`${path}.new`, 0o755);
  renameSync(`${path}.new`, path);
}

const program = await bundle();
const cacheName = `${createHash('sha256').update(program).digest('hex').slice(0, 16)}.cache`;
mkdirSync(`${TOP}dist`, { recursive: true });
for (const name of readdirSync(`${TOP}dist`)) {
  if (name.endsWith('.cache') && name !== cacheName) rmSync(`${TOP}dist/${name}`);
}
writeFileSync(`${TOP}dist/package.json`, '{ "type": "commonjs" }\n');
writeCache(program, `${TOP}dist/${cacheName}`);
replaceFile(`${TOP}dist/iced-x86.js`, await bundleDecoder());
replaceFile(OUT, launcher(program, cacheName));
if (process.stdout.isTTY) console.log(`dist/trapline.js ${Math.round(statSync(OUT).size / 1000)} kB`);
