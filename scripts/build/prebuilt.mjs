/** WebAssembly that src/ would make again in every run: made here, by the same code. */
import { build } from 'esbuild';

/** Name of module → its bytes. */
export async function prebuiltWasm(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const { prebuiltModules } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return prebuiltModules();
}
