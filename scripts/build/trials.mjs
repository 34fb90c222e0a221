/**
 * Trial runs, which tell what a run loads, and after which each part's code cache is made: it then holds the functions that
 * were called. The first process that loads a part decides, so the first makes the runs that must start fastest: aggregations
 * over QEMU's interrupt log, and what most of such programs have besides.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const LOG_BYTES = 2 << 20;
const SHORT_BYTES = 100 << 10;

const COUNT = 'vec::: { @[probename] = count(); }';

const SEVERAL = `vec::: /cpl == 3/ { @[arg0, rip] = count(); } vec::: { @a[vector] = count(); @q = quantize(arg1); @n[probename, execname] = count(); }
    vec:::0x03 { printf("%x %s\\n", arg2, execname); }
    BEGIN { printf("%d", 1); } END { printa("%02x %@d\\n", @a); exit(0); }`;

/** By these modules are told apart: what any run has, what it has that finds events, and what only more of them take. */
const GROUPS = [
  { name: 'core', run: ['-qn', COUNT, '-t', 'EMPTY'] },
  { name: 'events', run: ['-qn', COUNT, '-t', 'SHORT'] },
  { name: 'many', run: ['-qn', SEVERAL, '-t', 'LOG'] },
];

/** Runs that a process makes one after another. */
const RUNS = [
  [
    ['-qn', SEVERAL, '-t', 'LOG'],
    ['-qn', COUNT, '-t', 'SHORT'],
    ['-n', 'vec:::0x0e { printf("%x %s", arg2, execname); } BEGIN { exit(0); }', '-t', 'EMPTY'],
  ],
  [['--help']],
];

/** What each run of GROUPS loads: the names of parts. */
export function partsByRun(folder, top) {
  const files = logs(folder, top);
  return GROUPS.map(({ name, run }) => ({ name, parts: [...trial(folder, files, name, [run]).keys()] }));
}

/** Name of part → its code cache. Empty, and said why, if a run failed. */
export function runTrials(folder, top) {
  const files = logs(folder, top);
  const caches = new Map();
  for (const [index, runs] of RUNS.entries()) {
    const made = trial(folder, files, index, runs);
    if (made.size === 0) return made;
    for (const [name, cache] of made) {
      if (!caches.has(name)) caches.set(name, cache);
    }
  }
  return caches;
}

function logs(folder, top) {
  const log = gunzipSync(readFileSync(`${top}examples/traces/linux-x86_64-boot.log.gz`));
  const files = {
    LOG: join(folder, 'trial.log'),
    SHORT: join(folder, 'short.log'),
    EMPTY: join(folder, 'empty.log'),
  };
  writeFileSync(files.LOG, log.subarray(0, LOG_BYTES));
  writeFileSync(files.SHORT, log.subarray(0, SHORT_BYTES));
  writeFileSync(files.EMPTY, '');
  return files;
}

function trial(folder, files, label, runs) {
  const out = join(folder, `caches-${label}`);
  mkdirSync(out);
  const keep = fileURLToPath(new URL('keep-caches.cjs', import.meta.url));
  const [first, ...more] = runs.map((run) => run.map((argument) => files[argument] ?? argument));
  const args = ['--require', keep, join(folder, 'trapline.js'), ...first];
  const env = { ...process.env, TRIAL_CACHES: out, MORE_RUNS: JSON.stringify(more) };
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const made = readdirSync(out);
  if (status > 1 || status === null || made.length === 0) {
    console.error(`build: a trial run failed, so there is no start-up cache:\n${stderr.slice(-2000)}`);
    return new Map();
  }
  return new Map(made.map((name) => [name, readFileSync(join(out, name))]));
}
