/**
 * What `node dist/trapline.js` runs first. It loads the core part; a part asks for others by `require('./NAME.js')`, and for
 * WebAssembly that was made beforehand by `prebuiltWasm(NAME)`.
 *
 * Node reads a program's first file to its end, so this one is short: where the other parts are is said at the pack's end,
 * which is read when a run needs one. `aloneLauncher` makes the long one, which carries
 * the texts of all parts and needs no other file; the short one hands over to it when its own parts are not there.
 */
import { brotliCompressSync, constants } from 'node:zlib';

/** All parts, small enough for a comment that costs little to skip. */
function compressed(parts) {
  const texts = Object.fromEntries(parts.map(({ name, text }) => [name, text]));
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MAX_WINDOW_BITS } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS };
  return brotliCompressSync(JSON.stringify(texts), { params }).toString('base64');
}

const BEGINNING = `#!/usr/bin/env node
'use strict';
process.on('SIGUSR1', () => {}); // whoever is early must not start Node's inspector
const fs = require('fs'), vm = require('vm');`;

/** Needs `placeOf(name)`, nothing if there is no such part, and `compile(name, place)`. */
const LOADER = `const modules = Object.create(null);
function load(id) {
  const name = id.startsWith('./') ? id.slice(2, -3) : '';
  if (name in modules) return modules[name].exports;
  const place = name && placeOf(name);
  if (!place) return require(id);
  const module = modules[name] = { exports: {} };
  compile(name, place).runInThisContext()(load, module, prebuiltWasm);
  return module.exports;
}`;

/** The file of parts stays open: a program that is installed anew while it runs still finds its own. */
export function launcher(packName, packBytes, { core, index, modules }, aloneName) {
  return `${BEGINNING}
const CORE = ${JSON.stringify(core)};
const INDEX = ${JSON.stringify(index)};
const WASM = ${JSON.stringify(modules)};
let pack, others;
try {
  pack = fs.openSync(__dirname + '/${packName}');
  if (fs.fstatSync(pack).size !== ${packBytes}) pack = undefined;
} catch {}
function read([at, length]) {
  const bytes = Buffer.allocUnsafeSlow(length);
  fs.readSync(pack, bytes, 0, length, at);
  return bytes;
}
function placeOf(name) {
  if (name === 'core') return CORE;
  others ??= JSON.parse(read(INDEX).latin1Slice());
  return others[name];
}
function compile(name, [at, textLength, cacheLength]) {
  const bytes = read([at, textLength + cacheLength]);
  const cachedData = cacheLength > 0 ? bytes.subarray(textLength) : undefined;
  return new vm.Script(bytes.latin1Slice(0, textLength), { filename: 'trapline/' + name + '.js', cachedData });
}
function prebuiltWasm(name) {
  if (name in WASM) return read(WASM[name]);
}
${LOADER}
if (pack !== undefined) load('./core.js');
else if (fs.existsSync(__dirname + '/${aloneName}')) require('./${aloneName}');
else {
  fs.writeSync(2, 'trapline: the rest of the program is not beside trapline.js\\n  hint: copy the folder, or ${aloneName}, which is one file\\n');
  process.exitCode = 1;
}
`;
}

export function aloneLauncher(parts) {
  return `${BEGINNING}
const own = fs.readFileSync(__filename, 'latin1');
const bytes = Buffer.from(own.slice(own.lastIndexOf('\\n//') + 3), 'base64');
const texts = JSON.parse(require('zlib').brotliDecompressSync(bytes).toString('latin1'));
const placeOf = (name) => texts[name];
const compile = (name, text) => new vm.Script(text, { filename: 'trapline/' + name + '.js' });
const prebuiltWasm = () => undefined;
${LOADER}
load('./core.js');
//${compressed(parts)}
`;
}
