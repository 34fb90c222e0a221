/** Bundles clause-cost.ts, since Node 20 runs no TypeScript, and runs it; no file is made. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('clause-cost.ts', import.meta.url))],
  ...{ bundle: true, platform: 'node', format: 'esm', write: false, logLevel: 'error' },
});
await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
