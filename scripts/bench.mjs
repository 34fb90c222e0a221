/**
 * Compares trapline with what people use instead, on the same big log in the same run.
 *
 *   npm run bench                       1 GB, five rounds
 *   npm run bench -- --size 200m --rounds 3 --json result.json
 *
 * The log is a bundled boot trace, repeated and renumbered, so that every event number occurs once and in order. Each job
 * is one whole process, start-up included; rounds are interleaved so that a busy moment hits all alike; answers must be
 * the same, key by key, or the run fails. The log has just been written, so it is read from memory and no disk is measured.
 * Medians and ratios are printed; compare ratios, never seconds. A peer that is not installed is skipped, and said so.
 */
import { spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const CLI = `${TOP}dist/trapline.js`;
const TRACE = `${TOP}examples/traces/linux-x86_64-boot.log.gz`;

/** The high-water mark of a process is read this often; it only grows, so a sample late in the run is near exact. */
const RSS_INTERVAL_MS = 10;

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1g' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run bench -- [--size 1g] [--rounds 5] [--json FILE] [--dir DIRECTORY-FOR-THE-LOG]');
  process.exit(0);
}
const sizeBytes = parseSize(values.size);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail(`--rounds ${values.rounds} is not a positive number`);

/** The same count as its peers do it: of the lines that match `pattern`, by `key`, an awk expression. */
const peers = (pattern, key) => [
  {
    name: 'mawk, one pass',
    needs: ['mawk'],
    sh: `mawk '/${pattern}/ { n[${key}]++ } END { for (k in n) print k, n[k] }' "$1"`,
  },
  {
    name: 'grep | awk | sort | uniq -c',
    needs: ['grep', 'awk', 'sort', 'uniq'],
    sh: `grep -E '${pattern}' "$1" | awk '{ print ${key} }' | sort | uniq -c | awk '{ print $2, $1 }'`,
  },
];

/**
 * Jobs of one question print lines `key count` in any order. `sh` runs in a shell with the log as $1; `argv` is run by
 * itself, `LOG` standing for the log.
 */
const QUESTIONS = [
  {
    name: 'deliveries by vector',
    jobs: [
      trapline('vec::: { @[vector] = count(); } END { printa("%02x %@d\\n", @); }'),
      ...peers('^ *[0-9]+: v=', 'substr($2, 3)'),
    ],
  },
  {
    name: 'page faults by rip',
    jobs: [
      trapline('vec:::0x0e { @[rip] = count(); } END { printa("%016x %@d\\n", @); }'),
      ...peers('^ *[0-9]+: v=0e', 'substr($7, 4)'),
    ],
  },
  {
    name: 'start-up, no log',
    unlike: true, // nothing to compare in the output
    jobs: [
      { name: 'trapline', needs: [], argv: [process.execPath, CLI, '-qn', 'BEGIN { exit(0); }'] },
      { name: 'node -e 0', needs: [], argv: [process.execPath, '-e', '0'] },
    ],
  },
];

function trapline(program) {
  return {
    name: 'trapline',
    needs: [],
    argv: [process.execPath, CLI, '--unsafe', '-qn', program, '-t', 'LOG'],
  };
}

const folder = mkdtempSync(join(values.dir, 'trapline-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const log = join(folder, 'bench.log');
const events = makeLog(log, sizeBytes);
const actualBytes = statSync(log).size;
console.log(
  `log: ${(actualBytes / 1e9).toFixed(2)} GB, ${events} events; ${rounds} rounds, interleaved; medians\n`,
);

const report = { bytes: actualBytes, events, rounds, node: process.version, questions: [] };
for (const question of QUESTIONS) report.questions.push(await measure(question));
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);

/** Run a question's jobs in turn, check that they agree, print the table. */
async function measure(question) {
  const jobs = question.jobs.filter((job) => {
    const missing = job.needs.filter((tool) => !isInstalled(tool));
    if (missing.length > 0) console.log(`skipped: ${job.name} (${missing.join(', ')} not installed)`);
    return missing.length === 0;
  });
  const runs = new Map(jobs.map((job) => [job, []]));
  for (let round = 0; round < rounds; round++) {
    for (const job of jobs) runs.get(job).push(await runJob(job));
    if (!question.unlike) compareAnswers(question, jobs, runs);
  }
  const rows = jobs.map((job) => ({
    name: job.name,
    ms: median(runs.get(job).map((run) => run.ms)),
    peakRssMiB: Math.max(...runs.get(job).map((run) => run.rssMiB)),
  }));
  const own = rows[0].ms;
  console.log(
    `${question.name}${question.unlike ? '' : ` (${runs.get(jobs[0])[0].answer.length} keys, answers agree)`}`,
  );
  for (const row of rows) {
    const rss = row.peakRssMiB > 0 ? `${row.peakRssMiB.toFixed(0)} MiB` : '';
    console.log(
      `  ${row.name.padEnd(28)} ${row.ms.toFixed(0).padStart(7)} ms  ${(row.ms / own).toFixed(2).padStart(6)} x trapline  ${rss}`,
    );
  }
  console.log('');
  return { name: question.name, jobs: rows.map((row) => ({ ...row, ratio: row.ms / own })) };
}

function compareAnswers(question, jobs, runs) {
  const answers = jobs.map((job) => runs.get(job).at(-1).answer.join('\n'));
  const odd = answers.findIndex((answer) => answer !== answers[0] || answer === '');
  if (odd !== -1)
    fail(
      `${question.name}: ${jobs[odd].name} and ${jobs[0].name} disagree:\n${answers[0]}\n--\n${answers[odd]}`,
    );
}

/** One whole process: time, sorted answer, peak memory (of a single process only; a pipeline's is not one number). */
function runJob(job) {
  return new Promise((resolve) => {
    const [command, ...args] = job.argv ?? ['/bin/sh', '-c', job.sh, 'sh', 'LOG'];
    const child = spawn(
      command,
      args.map((arg) => (arg === 'LOG' ? log : arg)),
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, LC_ALL: 'C' },
      },
    );
    const started = performance.now();
    const chunks = [];
    let rssMiB = 0;
    const sampler =
      job.argv && setInterval(() => (rssMiB = Math.max(rssMiB, peakRss(child.pid))), RSS_INTERVAL_MS);
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => fail(`${job.name}: ${error.message}`));
    child.on('close', (status, signal) => {
      const ms = performance.now() - started;
      clearInterval(sampler);
      if (status !== 0) fail(`${job.name} ended with ${status ?? signal}`);
      const lines = Buffer.concat(chunks)
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '');
      resolve({ ms, rssMiB, answer: lines.sort() });
    });
  });
}

function peakRss(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // gone, or a system without /proc
  }
}

/** Repeat the trace with event numbers that go on, until the size is reached. Returns the number of events. */
function makeLog(path, targetBytes) {
  const text = gunzipSync(readFileSync(TRACE)).toString('latin1');
  const fd = openSync(path, 'w');
  let next = 0;
  let written = 0;
  try {
    while (written < targetBytes) {
      const copy = text.replace(/^ *\d+: v=/gm, () => `${String(next++).padStart(6)}: v=`);
      writeFileSync(fd, copy, 'latin1');
      written += copy.length;
    }
  } catch (error) {
    fail(`cannot write ${path}: ${error.message}; --size and --dir help`);
  } finally {
    closeSync(fd);
  }
  return next;
}

function isInstalled(tool) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function parseSize(text) {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  if (!match) fail(`--size ${text} is not a size: 200m, 1g`);
  return Number(match[1]) * { '': 1, k: 1e3, m: 1e6, g: 1e9 }[match[2].toLowerCase()];
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(1);
}
