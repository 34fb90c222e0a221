/**
 * What `node dist/trapline.js` runs first. It loads the core part; a part asks for others by `require('./NAME.js')`, and for
 * WebAssembly that was made beforehand by `prebuiltWasm(NAME)`.
 *
 * Node reads a program's first file to its end, so this one is short. `aloneLauncher` makes the long one, which carries
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

/** `names` is what a part's name must be in. */
const loader = (names) => `const modules = Object.create(null);
function load(id) {
  const name = id.startsWith('./') ? id.slice(2, -3) : '';
  if (!(name in ${names})) return require(id);
  if (name in modules) return modules[name].exports;
  const module = modules[name] = { exports: {} };
  compile(name).runInThisContext()(load, module, prebuiltWasm);
  return module.exports;
}`;

/** The file of parts stays open: a program that is installed anew while it runs still finds its own. */
export function launcher(packName, packBytes, places, modules, aloneName) {
  return `${BEGINNING}
const PLACES = ${JSON.stringify(places)};
const WASM = ${JSON.stringify(modules)};
let pack;
try {
  pack = fs.openSync(__dirname + '/${packName}');
  if (fs.fstatSync(pack).size !== ${packBytes}) pack = undefined;
} catch {}
function compile(name) {
  const [at, textLength, cacheLength] = PLACES[name];
  const bytes = Buffer.allocUnsafeSlow(textLength + cacheLength);
  fs.readSync(pack, bytes, 0, bytes.length, at);
  const cachedData = cacheLength > 0 ? bytes.subarray(textLength) : undefined;
  return new vm.Script(bytes.latin1Slice(0, textLength), { filename: 'trapline/' + name + '.js', cachedData });
}
function prebuiltWasm(name) {
  if (!(name in WASM)) return;
  const [at, length] = WASM[name], bytes = new Uint8Array(length);
  fs.readSync(pack, bytes, 0, length, at);
  return bytes;
}
${loader('PLACES')}
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
const compile = (name) => new vm.Script(texts[name], { filename: 'trapline/' + name + '.js' });
const prebuiltWasm = () => undefined;
${loader('texts')}
load('./core.js');
//${compressed(parts)}
`;
}
