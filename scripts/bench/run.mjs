/**
 * Runs the jobs of one question in turn, round by round, and compares what they print.
 *
 * A job is one whole process, or one pipeline in a shell: `{ name, argv }` or `{ name, sh }`; LOG in argv and "$1" in sh
 * stand for the log. Its output goes into a file, so that nobody has to keep up with it. A job that ends with another
 * status than 0, or that prints another answer than the first one, is an error: a wrong answer has no speed.
 */
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The high-water mark of a process is read this often; it only grows, so a sample late in the run is near exact. */
const RSS_INTERVAL_MS = 5;
/** Of USER_HZ, in which /proc counts; it is 100 wherever Linux runs. */
const MS_PER_TICK = 10;

export class BenchError extends Error {}

/** Of `jobs`, those whose tools are there; `skipped` is told of the others. */
export function runnable(jobs, skipped, isThere = isInstalled) {
  return jobs.filter((job) => {
    const missing = (job.needs ?? []).filter((tool) => !isThere(tool));
    if (missing.length > 0) skipped(`${job.name}: no ${missing.join(', ')}`);
    return missing.length === 0;
  });
}

export function isInstalled(tool) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * `{ rows: [{ name, ms, cpuMs, rssMiB, all: [ms per round] }], keys }`. `ms` is the median; `logOf(job)` its log; `env`
 * what jobs find in their environment, and their argv by name; `scratch` a file for answers.
 */
export async function measure({ name, jobs }, { rounds, logOf, env, scratch }) {
  const runs = new Map(jobs.map((job) => [job, []]));
  let keys;
  for (let round = 0; round < rounds; round++) {
    let expected;
    for (const job of jobs) {
      runs.get(job).push(await runJob(job, { log: logOf(job), env, scratch }));
      if (job.unlike) continue; // another question, or none: a yardstick
      const answer = answerOf(job, readFileSync(scratch, 'latin1'));
      if (answer.length === 0) throw new BenchError(`${name}: ${job.name} printed nothing`);
      expected ??= { job, answer };
      requireSame(name, expected, { job, answer });
      keys = answer.length;
    }
  }
  const rows = jobs.map((job) => {
    const all = runs.get(job);
    return {
      name: job.name,
      ms: median(all.map((run) => run.ms)),
      cpuMs: median(all.map((run) => run.cpuMs)),
      rssMiB: Math.max(...all.map((run) => run.rssMiB)),
      all: all.map((run) => Math.round(run.ms * 10) / 10),
    };
  });
  return { rows, keys };
}

/** Lines in any order, unless their order is part of the answer. */
function answerOf({ parse, ordered }, text) {
  const lines = (parse ? parse(text) : text.split('\n')).filter((line) => line !== '');
  return ordered ? lines : lines.sort();
}

function requireSame(name, expected, { job, answer }) {
  if (answer === expected.answer) return;
  const odd = answer.findIndex((line, index) => line !== expected.answer[index]);
  if (odd === -1 && answer.length === expected.answer.length) return;
  const at = odd === -1 ? answer.length : odd;
  throw new BenchError(
    `${name}: the answers differ: ${expected.job.name} says "${expected.answer[at] ?? 'no more'}" (${expected.answer.length} lines), ` +
      `${job.name} "${answer[at] ?? 'no more'}" (${answer.length} lines)`,
  );
}

let running;
/** Whoever is interrupted leaves no job behind, nor any process of a pipeline: each job is a group of its own. */
export function stopJob() {
  try {
    if (running?.pid !== undefined) process.kill(-running.pid, 'SIGTERM');
  } catch {} // it has just ended
}

function runJob(job, { log, env, scratch }) {
  const words = { LOG: log, ...env };
  const [command, ...args] = (job.argv ?? ['/bin/sh', '-c', job.sh, 'sh', 'LOG']).map(
    (word) => words[word] ?? word,
  );
  const output = openSync(scratch, 'w');
  const cpuBefore = cpuOfChildrenMs();
  const started = performance.now();
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', output, 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...env },
  });
  closeSync(output);
  running = child;
  let rssMiB = 0;
  const sample = () => {
    rssMiB = Math.max(rssMiB, peakRssMiB(child.pid));
  };
  const sampler = job.argv && setInterval(sample, RSS_INTERVAL_MS); // a pipeline's memory is not one number
  const complaints = [];
  child.stderr.on('data', (chunk) => complaints.push(chunk));
  return new Promise((resolve, reject) => {
    let ms = 0;
    child.on('exit', () => {
      ms = performance.now() - started;
      clearInterval(sampler);
    });
    child.on('error', (error) => reject(new BenchError(`${job.name}: ${error.message}`)));
    child.on('close', (status, signal) => {
      running = undefined;
      const said = Buffer.concat(complaints).toString().trim();
      if (status !== 0 || said !== '')
        reject(new BenchError(`${job.name} ended with ${status ?? signal}${said && `: ${said}`}`));
      else resolve({ ms, rssMiB, cpuMs: cpuOfChildrenMs() - cpuBefore });
    });
  });
}

/** User and system time of all processes that have ended below this one: what the machine's other work changes least. */
function cpuOfChildrenMs() {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
    return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
  } catch {
    return 0; // a system without /proc
  }
}

function peakRssMiB(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // gone, or a system without /proc
  }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
