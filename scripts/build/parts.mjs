/**
 * The program in parts: the core, and each dynamically imported module with what only such modules need.
 *
 * esbuild can split a program, but into as many shared pieces as there are sets of importers. So each dynamically
 * imported module is made to import the entry as well: then everything that the entry needs has the same importers, all
 * of them, and is one piece. esbuild splits ES modules only; the pieces are turned into functions here,
 *
 *   (function (require, module, prebuiltWasm) { const { a, b: c } = require('./core.js'); …; module.exports = { d, e }; })
 *
 * whose exports are plain values, not live bindings: nothing in src/ is exported and assigned again (a test looks).
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

/** Node's modules that a one-liner over a plain log does without; each costs up to a millisecond or two to load. */
const LAZY = ['child_process', 'net', 'os', 'readline', 'stream/promises', 'tty', 'worker_threads', 'zlib'];

/** Packages that are parts of their own, loaded likewise: a command line without a mistake needs no commander. */
const ON_DEMAND = ['commander'];

const CORE = 'core';
const TARGET = 'node20.19';

/** Replaces imports of LAZY and ON_DEMAND by objects whose properties load the module when first read. */
const loadedWhenRead = {
  name: 'loaded-when-read',
  setup(context) {
    const replace = (filter, target) => {
      context.onResolve({ filter }, ({ path, namespace }) =>
        namespace === 'lazy'
          ? { path, external: true }
          : { path, namespace: 'lazy', pluginData: target(path) },
      );
    };
    replace(new RegExp(`^(node:)?(${LAZY.join('|')})$`), (path) => path);
    replace(new RegExp(`^(${ON_DEMAND.join('|')})$`), (path) => `./${path}.js`);
    context.onResolve({ filter: /^\.\//, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    context.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path, pluginData: target }) => {
      const names = Object.keys(createRequire(import.meta.url)(path));
      const load = `() => require(${JSON.stringify(target)})`;
      return {
        contents: `const load = ${load}; for (const name of ${JSON.stringify(names)})
          Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });`,
        loader: 'js',
      };
    });
  },
};

/** A package of ON_DEMAND. */
async function packagePart(name) {
  const { outputFiles } = await build({
    entryPoints: [createRequire(import.meta.url).resolve(name)],
    bundle: true,
    write: false,
    platform: 'node',
    target: TARGET,
    format: 'cjs',
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return { name, text: partText(`var exports=module.exports;${outputFiles[0].text}`) };
}

/** The x86 decoder is a file of its own beside the program. */
const decoderBeside = {
  name: 'decoder-beside',
  setup(context) {
    context.onResolve({ filter: /^iced-x86$/ }, () => ({ path: './iced-x86.js', external: true }));
  },
};

/** Of chevrotain the program needs only what runs a parser's rules, which is src/syntax/rule-runner.ts. */
const ruleRunner = {
  name: 'rule-runner',
  setup(context) {
    const path = fileURLToPath(new URL('../../src/syntax/rule-runner.ts', import.meta.url));
    context.onResolve({ filter: /^chevrotain$/ }, () => ({ path }));
  },
};

/** Imports the dynamically imported files through modules that import the entry too. Node's own modules are no parts. */
const importEntryAlong = (entry) => ({
  name: 'import-entry-along',
  setup(context) {
    context.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === entry || path === 'iced-x86') return;
      if (path.startsWith('node:')) return { path, external: true };
      const resolved = await context.resolve(path, { kind, importer, resolveDir, pluginData: entry });
      return { path: resolved.path, namespace: 'part' };
    });
    context.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => {
      const file = JSON.stringify(path);
      const own = path.endsWith('.ts'); // packages may have a default export, or be one
      const rest = own ? '' : `import * as all from ${file}; export default all.default ?? all;`;
      const contents = `import ${JSON.stringify(entry)}; export * from ${file}; ${rest}`;
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
});

const split = (entry) =>
  build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    write: false,
    outdir: '/parts',
    platform: 'node',
    target: TARGET,
    format: 'esm',
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'none',
    plugins: [importEntryAlong(entry), ruleRunner, loadedWhenRead, decoderBeside],
    logOverride: { 'import-is-undefined': 'silent' }, // a package without a default export
    logLevel: 'warning',
  });

/** `[{ name, text }]`, the core first. */
export async function bundleParts(entry) {
  const { outputFiles } = await split(entry);
  const pieces = new Map(outputFiles.map(({ path, text }) => [path.replace(/.*[\\/](.*)\.js$/, '$1'), text]));
  const front = /^import "\.\/(.*)\.js";$/m.exec(pieces.get('trapline') ?? '')?.[1];
  if (front === undefined) throw new Error('the entry is more than its imports: there is no core');
  pieces.delete('trapline');
  const parts = [...pieces].map(([name, text]) => partFunction(name === front ? CORE : name, text, front));
  const packages = ON_DEMAND.map(packagePart);
  return (await Promise.all([...parts, ...packages])).sort(
    (a, b) => Number(b.name === CORE) - Number(a.name === CORE),
  );
}

async function partFunction(name, text, front) {
  const body = text
    .replaceAll(`"./${front}.js"`, `"./${CORE}.js"`)
    .replace(/^import (?:\{([^}]*)\} from )?("\.\/[^"]*\.js");$/gm, (_, names, from) =>
      names === undefined ? '' : `const {${names.replaceAll(' as ', ': ')}} = require(${from});`,
    )
    .replace(/\bimport\(("\.\/[^"]*\.js")\)/g, (all, from) =>
      from.includes('iced-x86') ? all : `Promise.resolve().then(() => require(${from}))`,
    )
    .replace(
      /^export \{([^}]*)\};$/m,
      (_, names) => `module.exports = {${names.replace(/([\w$]+) as ([\w$]+)/g, '$2: $1')}};`,
    );
  const { code } = await transform(body, {
    platform: 'node',
    target: TARGET,
    format: 'cjs',
    minify: true,
    charset: 'ascii',
    supported: { 'dynamic-import': false }, // of Node's modules: becomes require(), which a plain script may call
  });
  return { name, text: partText(code) };
}

function partText(code) {
  return `(function(require,module,prebuiltWasm){${ascii(code)}\n})`;
}

/** esbuild leaves regular expressions as they are. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
