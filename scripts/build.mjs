/**
 * Builds dist/trapline.js: the whole command line in one minified file, because a file that Node loads at once starts
 * several times faster than a tree of modules.
 *
 * It is CommonJS, which starts a little faster than an ES module, works wherever it is copied, and lets what is not needed
 * wait: modules that src/ imports dynamically are inlined but run only when asked for, and so are Node's own modules in
 * LAZY. Since the package says "type": "module", dist/ has a package.json that says otherwise.
 */
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const OUT = `${TOP}dist/trapline.js`;

/** Node's modules that a one-liner over a plain log does without; each costs up to a millisecond or two to load. */
const LAZY = ['child_process', 'net', 'os', 'readline', 'tty', 'worker_threads', 'zlib'];

/** Replaces imports of LAZY modules by objects whose properties load the module when first read. */
const lazyNodeModules = {
  name: 'lazy-node-modules',
  setup(context) {
    context.onResolve({ filter: new RegExp(`^(node:)?(${LAZY.join('|')})$`) }, (args) =>
      args.namespace === 'lazy' ? { path: args.path, external: true } : { path: args.path, namespace: 'lazy' },
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

mkdirSync(`${TOP}dist`, { recursive: true });
await build({
  entryPoints: [`${TOP}src/cli/trapline.ts`],
  outfile: OUT,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  banner: { js: '#!/usr/bin/env node' },
  plugins: [lazyNodeModules],
  logLevel: 'warning',
});
writeFileSync(`${TOP}dist/package.json`, '{ "type": "commonjs" }\n');
chmodSync(OUT, 0o755);
if (process.stdout.isTTY) console.log(`dist/trapline.js: ${(statSync(OUT).size / 1024).toFixed(0)} kB`);
