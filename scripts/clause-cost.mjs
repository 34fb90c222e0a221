/** Bundles clause-cost.ts, since Node 20 runs no TypeScript, and runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'trapline-clause-cost-'));
try {
  const outfile = join(folder, 'clause-cost.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('clause-cost.ts', import.meta.url))],
    ...{ bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' },
  });
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
