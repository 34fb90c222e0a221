/**
 * The program in parts: the core, groups of modules that are loaded together, each dynamically imported module with what only
 * such modules need, and each module that the entry imports but no plain one-liner runs.
 *
 * What is not in the core is loaded when something of it is first used: importers name it as a property of its part. Which
 * modules are where is seen in trial runs of a program in which all modules are parts (build/trials.mjs): those that the
 * first loads are the core, and what a later one loads besides is a group. No other way would be as sound: what a module
 * reads while it is loaded is read in that run, too, and as files import each other in no cycles
 * (test/architecture.test.ts), a module is whole when another reads it.
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
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

/** Node's modules that a one-liner over a plain log does without; each costs up to a millisecond or two to load. */
const LAZY = [
  'child_process',
  'net',
  'os',
  'readline',
  'stream/promises',
  'tty',
  'v8',
  'worker_threads',
  'zlib',
];

/** Packages that are parts of their own, loaded likewise: a command line without a mistake needs no commander. */
const ON_DEMAND = ['commander'];

const TOP = fileURLToPath(new URL('../..', import.meta.url));
const CORE = 'core';
/** Before what is loaded when it is used, until parts are functions. */
const LEFT_OUT = 'left-out:';
const NOTHING = { groups: [], apart: [] };
const TARGET = 'node20.19';

/** Imports of LAZY and ON_DEMAND load the module when a name of it is first used. */
const loadedWhenUsed = {
  name: 'loaded-when-used',
  setup(context) {
    const replace = (names, target) =>
      context.onResolve({ filter: new RegExp(`^(node:)?(${names.join('|')})$`) }, ({ path, kind }) =>
        kind === 'import-statement' ? { path: LEFT_OUT + target(path), external: true } : undefined,
      );
    replace(LAZY, (path) => path);
    replace(ON_DEMAND, (path) => `./${path}.js`);
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
const importEntryAlong = (entry, leftOut) => ({
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
      const contents = `${importsAlong(entry, leftOut, path)} export * from ${file}; ${rest}`;
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
});

/** src/check/names.ts → check.names */
export const partNameOf = (file) =>
  file
    .slice(TOP.length)
    .replace(/^src\//, '')
    .replace(/\.ts$/, '')
    .replaceAll('/', '.');

/** Imports of what is loaded whenever the file is: the entry, and all of its group and of those before. So a group is one piece. */
function importsAlong(entry, { groups }, file) {
  const own = groups.findIndex(({ files }) => files.includes(file));
  const along = groups.slice(0, own + 1).flatMap(({ files }) => files);
  return [entry, ...along].map((path) => `import ${JSON.stringify(path)};`).join('');
}

/**
 * A file that is not in the core is in a group, which is a part, or a part of its own. Who is in neither the group nor a later
 * one imports it when it uses it.
 */
const leaveOut = (entry, leftOut) => ({
  name: 'leave-out',
  setup(context) {
    const { groups, apart } = leftOut;
    const rank = new Map(groups.flatMap(({ files }, index) => files.map((file) => [file, index])));
    const lone = new Set(apart);
    const isThere = (file, importer) =>
      !lone.has(file) && (rank.get(file) ?? -1) <= (rank.get(importer) ?? -1);
    context.onResolve({ filter: /\.ts$/ }, ({ path, kind, importer, namespace, resolveDir }) => {
      if (kind !== 'import-statement' || namespace !== 'file') return;
      const file = resolve(resolveDir, path);
      if (!isThere(file, importer)) return { path: `${LEFT_OUT}./${partNameOf(file)}.js`, external: true };
    });
    context.onResolve({ filter: new RegExp(`^${LEFT_OUT}`) }, ({ path }) => ({
      path: path.slice(LEFT_OUT.length),
      namespace: LEFT_OUT,
    }));
    context.onLoad({ filter: /.*/, namespace: LEFT_OUT }, ({ path }) => ({
      contents: `${importsAlong(entry, leftOut, path)} export * from ${JSON.stringify(path)};`,
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
});

const split = (entry, leftOut) =>
  build({
    entryPoints: [
      { in: entry, out: 'trapline' },
      ...[...leftOut.groups.flatMap(({ files }) => files), ...leftOut.apart].map((file) => ({
        in: `${LEFT_OUT}${file}`,
        out: partNameOf(file),
      })),
    ],
    absWorkingDir: TOP,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    outdir: '/parts',
    platform: 'node',
    target: TARGET,
    format: 'esm',
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'none',
    plugins: [
      leaveOut(entry, leftOut),
      importEntryAlong(entry, leftOut),
      ruleRunner,
      loadedWhenUsed,
      decoderBeside,
    ],
    logOverride: { 'import-is-undefined': 'silent' }, // a package without a default export
    logLevel: 'warning',
  });

/** The files of our own that the entry imports, and what these import. */
export async function modulesOf(entry) {
  const { metafile } = await split(entry, NOTHING);
  const core = Object.values(metafile.outputs).find(({ inputs }) => entry.slice(TOP.length) in inputs);
  return Object.keys(core.inputs)
    .filter((path) => /^(src|grammar)\/.*\.ts$/.test(path))
    .map((path) => TOP + path)
    .filter((file) => file !== entry);
}

/**
 * `[{ name, text }]`, the core first. `leftOut` has `groups`, `[{ name, files }]`, each of which is a part, and files `apart`,
 * which are parts of their own.
 */
export async function bundleParts(entry, leftOut, { minify = true } = {}) {
  const { outputFiles } = await split(entry, leftOut);
  const pieces = new Map(outputFiles.map(({ path, text }) => [path.replace(/.*[\\/](.*)\.js$/, '$1'), text]));
  const front = /^import "\.\/(.*)\.js";$/m.exec(pieces.get('trapline') ?? '')?.[1];
  if (front === undefined) throw new Error('the entry is more than its imports: there is no core');
  pieces.delete('trapline');
  const names = new Map([[front, CORE]]);
  const places = new Map();
  for (const { name, files } of leftOut.groups) {
    for (const file of files) {
      const own = partNameOf(file);
      const exported = reExported(pieces.get(own));
      pieces.delete(own);
      places.set(`./${own}.js`, exported);
      for (const { piece } of exported.values()) if (!names.has(piece)) names.set(piece, name);
    }
  }
  const numbers = new Map([...names].map(([piece, name]) => [name, exportNumbers(pieces.get(piece))]));
  const context = { names, places, numbers, minify };
  const parts = [...pieces].map(([piece, text]) => partFunction(names.get(piece) ?? piece, text, context));
  const packages = ON_DEMAND.map(packagePart);
  return (await Promise.all([...parts, ...packages])).sort(
    (a, b) => Number(b.name === CORE) - Number(a.name === CORE),
  );
}

/** Of a file of a group, which has become a list of what it takes from pieces: exported name → piece and its name there. */
function reExported(text) {
  const taken = new Map();
  for (const [, names, piece] of text.matchAll(/^import \{([^}]*)\} from "\.\/([^"]*)\.js";$/gm)) {
    for (const [own, local] of renamings(names)) taken.set(local, { piece, name: own });
  }
  return new Map(renamings(exportList(text)).map(([local, name]) => [name, taken.get(local)]));
}

/** Exported name → its number. */
const exportNumbers = (text) =>
  new Map(renamings(exportList(text)).map(([, name], number) => [name, number]));

/** `a, b as c` of `export {a, b as c};` */
const exportList = (text) => /^export \{([^}]*)\};$/m.exec(text)?.[1] ?? '';

/** `a, b as c` → [[a, a], [b, c]] */
const renamings = (list) =>
  [...list.matchAll(/([\w$]+)(?: as ([\w$]+))?/g)].map(([, own, other]) => [own, other ?? own]);

/** What many parts import from is an array: to give an object so many properties costs V8 a millisecond. */
async function partFunction(name, text, { names: parts, places, numbers, minify }) {
  const body = text
    .replace(/"\.\/([^"/]*)\.js"/g, (path, piece) => (parts.has(piece) ? `"./${parts.get(piece)}.js"` : path))
    .replace(/^import (?:\{([^}]*)\} from )?"\.\/([^"]*)\.js";$/gm, (_, names, from) =>
      names === undefined ? '' : `const {${taken(names, numbers.get(from))}} = require("./${from}.js");`,
    )
    .replace(/\bimport\(("\.\/[^"]*\.js")\)/g, (all, from) =>
      from.includes('iced-x86') ? all : `Promise.resolve().then(() => require(${from}))`,
    )
    .replace(/^export \{([^}]*)\};$/m, (_, names) => {
      const all = renamings(names);
      return numbers.has(name)
        ? `module.exports = Array.of(${all.map(([own]) => own)});`
        : `module.exports = {${all.map(([own, other]) => `${other}: ${own}`)}};`;
    });
  const options = { platform: 'node', target: TARGET, charset: 'ascii' };
  const plain = await transform(body, {
    ...options,
    format: 'cjs',
    supported: { 'dynamic-import': false }, // of Node's modules: becomes require(), which a plain script may call
  });
  const code = readWhenUsed(plain.code, parts, places, numbers);
  if (!minify) return { name, text: partText(code) };
  const small = await transform(code, { ...options, format: 'cjs', minify: true });
  return { name, text: partText(small.code) };
}

/** The properties to take of a part, `name: local`, or `number: local` of one that is an array. */
const taken = (names, numbers) =>
  renamings(names).map(([name, local]) => `${numbers === undefined ? name : numbers.get(name)}: ${local}`);

/**
 * esbuild has made properties of imported names: `import_names.f(x)`. What is left out is loaded when such a property is
 * read. Node's own are what they export; esbuild would make a copy of each that has a default export.
 */
function readWhenUsed(code, parts, places, numbers) {
  const left = new Map();
  const copied = new Set();
  const rest = code.replace(
    /^var (\w+) = (__toESM\()?require\("([^"]*)"\)(?:, 1)?(?:\))?;$/gm,
    (statement, variable, copy, path) => {
      if (!path.startsWith(LEFT_OUT) && !path.startsWith('node:')) return statement;
      if (!variable.startsWith('import_'))
        throw new Error(`${variable} is all of ${path}: import names instead`);
      if (copy) copied.add(variable);
      if (path.startsWith('node:')) return `var ${variable} = require("${path}");`;
      left.set(variable, path.slice(LEFT_OUT.length));
      return '';
    },
  );
  const loaders = new Map();
  const loaderOf = (path) => {
    if (!loaders.has(path)) loaders.set(path, `part${loaders.size}`);
    return loaders.get(path);
  };
  const used = rest.replace(
    /\b(import_\w+)(\.default\b)?(?=\W)(?:\.([\w$]+))?/g,
    (_, variable, isDefault = '', property) => {
      const tail = (copied.has(variable) ? '' : isDefault) + (property === undefined ? '' : `.${property}`);
      const path = left.get(variable);
      if (path === undefined) return variable + tail;
      const place = places.get(path)?.get(property);
      if (places.has(path) && place === undefined) throw new Error(`${path} has no ${property}`);
      if (place === undefined) return `(${loaderOf(path)}())${tail}`;
      const part = parts.get(place.piece);
      return `(${loaderOf(`./${part}.js`)}())[${numbers.get(part).get(place.name)}]`;
    },
  );
  const getters = [...loaders].map(
    ([path, loader]) =>
      `var loaded_${loader}; function ${loader}() { return loaded_${loader} ??= require("${path}"); }\n`,
  );
  return getters.join('') + used;
}

function partText(code) {
  return `(function(require,module,prebuiltWasm){${ascii(code)}\n})`;
}

/** esbuild leaves regular expressions as they are. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
