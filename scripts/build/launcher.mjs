/**
 * What `node dist/trapline.js` runs first. It loads the core part; a part asks for others by `require('./NAME.js')`, and for
 * WebAssembly that was made beforehand by `prebuiltWasm(NAME)`.
 */
import { brotliCompressSync, constants } from 'node:zlib';

/** All parts, small enough for a comment that costs next to nothing to skip. */
function compressed(parts) {
  const texts = Object.fromEntries(parts.map(({ name, text }) => [name, text]));
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MAX_WINDOW_BITS } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS };
  return brotliCompressSync(JSON.stringify(texts), { params }).toString('base64');
}

/** The file with the parts stays open: a program that is installed anew while it runs still finds its own. */
export function launcher(packName, places, modules, parts) {
  return `#!/usr/bin/env node
'use strict';
process.on('SIGUSR1', () => {}); // whoever is early must not start Node's inspector
const fs = require('fs'), vm = require('vm');
const PLACES = ${JSON.stringify(places)};
const WASM = ${JSON.stringify(modules)};
const modules = Object.create(null);
let pack, texts;
try { pack = fs.openSync(__dirname + '/${packName}'); } catch {}
function ownText(name) {
  texts ??= unpack();
  return texts[name];
}
function unpack() {
  const own = fs.readFileSync(__filename, 'latin1');
  const bytes = Buffer.from(own.slice(own.lastIndexOf('\\n//') + 3), 'base64');
  return JSON.parse(require('zlib').brotliDecompressSync(bytes).toString('latin1'));
}
function compile(name) {
  const [at, textLength, cacheLength] = PLACES[name];
  const filename = 'trapline/' + name + '.js', bytes = Buffer.allocUnsafeSlow(textLength + cacheLength);
  if (pack === undefined || fs.readSync(pack, bytes, 0, bytes.length, at) < bytes.length)
    return new vm.Script(ownText(name), { filename });
  const cachedData = cacheLength > 0 ? bytes.subarray(textLength) : undefined;
  return new vm.Script(bytes.latin1Slice(0, textLength), { filename, cachedData });
}
function prebuiltWasm(name) {
  if (pack === undefined || !(name in WASM)) return;
  const [at, length] = WASM[name], bytes = new Uint8Array(length);
  if (fs.readSync(pack, bytes, 0, length, at) === length) return bytes;
}
function load(id) {
  const name = id.startsWith('./') ? id.slice(2, -3) : '';
  if (!(name in PLACES)) return require(id);
  if (name in modules) return modules[name].exports;
  const module = modules[name] = { exports: {} };
  compile(name).runInThisContext()(load, module, prebuiltWasm);
  return module.exports;
}
load('./core.js');
//${compressed(parts)}
`;
}
