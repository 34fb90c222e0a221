/**
 * Trial runs, which tell what a run loads, and after which each part's code cache is made: it then holds the functions that
 * were called. The first run that loads a part decides, so the first is the run that must start fastest: an aggregation over
 * QEMU's interrupt log, and what most of such programs have besides.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const LOG_BYTES = 2 << 20;

const RUNS = [
  [
    '-qn',
    `vec::: /cpl == 3/ { @[arg0, rip] = count(); } vec::: { @a[vector] = count(); @q = quantize(arg1); @n[probename, execname] = count(); }
    vec:::0x03 { printf("%x %s\\n", arg2, execname); }
    BEGIN { printf("%d", 1); } END { printa("%02x %@d\\n", @a); exit(0); }`,
    '-t',
    'LOG',
  ],
  ['-n', 'vec:::0x0e { printf("%x %s", arg2, execname); } BEGIN { exit(0); }', '-t', 'EMPTY'],
  ['--help'],
];

/** What the first run loads: the names of parts. */
export function partsOfOneLiner(folder, top) {
  return [...trial(folder, logs(folder, top), 0).keys()];
}

/** Name of part → its code cache. Empty, and said why, if a run failed. */
export function runTrials(folder, top) {
  const files = logs(folder, top);
  const caches = new Map();
  for (const index of RUNS.keys()) {
    const made = trial(folder, files, index);
    if (made.size === 0) return made;
    for (const [name, cache] of made) {
      if (!caches.has(name)) caches.set(name, cache);
    }
  }
  return caches;
}

function logs(folder, top) {
  const log = gunzipSync(readFileSync(`${top}examples/traces/linux-x86_64-boot.log.gz`));
  const files = { LOG: join(folder, 'trial.log'), EMPTY: join(folder, 'empty.log') };
  writeFileSync(files.LOG, log.subarray(0, LOG_BYTES));
  writeFileSync(files.EMPTY, '');
  return files;
}

function trial(folder, files, index) {
  const out = join(folder, `caches-${index}`);
  mkdirSync(out);
  const keep = fileURLToPath(new URL('keep-caches.cjs', import.meta.url));
  const run = RUNS[index].map((argument) => files[argument] ?? argument);
  const args = ['--require', keep, join(folder, 'trapline.js'), ...run];
  const env = { ...process.env, TRIAL_CACHES: out };
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const made = readdirSync(out);
  if (status > 1 || status === null || made.length === 0) {
    console.error(`build: a trial run failed, so there is no start-up cache:\n${stderr.slice(-2000)}`);
    return new Map();
  }
  return new Map(made.map((name) => [name, readFileSync(join(out, name))]));
}
