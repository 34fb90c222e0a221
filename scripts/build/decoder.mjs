/** The x86 decoder, a package that reads its WebAssembly from a file next to it, as one file that carries it along. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

const inlineWasm = {
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

export async function bundleDecoder() {
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
    plugins: [inlineWasm],
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}
