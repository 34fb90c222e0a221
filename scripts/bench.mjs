/**
 * Compares trapline with what people use instead, on the same big logs in the same run: `npm run bench -- --help`.
 *
 * What is asked of whom, and what we want to reach, is the table in bench/questions.mjs. Each job is a whole process,
 * start-up included; rounds are interleaved, so that a busy moment hits all alike; answers must be the same, line by line, or
 * the run fails. Logs (bench/inputs.mjs) are read once before, so that no disk is measured. Medians and their ratios are
 * printed (bench/verdicts.mjs); compare ratios, never seconds. A goal that is missed is no failure of the run.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesOf, makeInput, NoRoom, readOnce } from './bench/inputs.mjs';
import { QUESTIONS } from './bench/questions.mjs';
import { BenchError, isInstalled, measure, runnable, stopJob } from './bench/run.mjs';
import { asMarkdown, asText, compare, judge } from './bench/verdicts.mjs';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 5;
const QUICK_BYTES = 5_000_000;
/** More processes that want to run than this, per processor, and a median says little. */
const BUSY_LOAD = 0.5;

const HELP = `npm run bench -- [options]

  --only NAMES     questions whose name begins with one of these (comma between): ${QUESTIONS.map(({ name }) => name).join(' ')}
  --size SIZE      no log larger than this (200m, 1g); goals count at their own sizes only
  --rounds N       rounds of each question; ${ROUNDS} when not given, and more of those that take no time
  --quick          small logs, one round, no clause costs, no goals: does it work?
  --dir FOLDER     for the logs, which take up to 13 GB at a time; ${defaultFolder()} when not given
  --keep           leave the logs there, for the next run
  --json FILE      write all figures
  --compare FILE   name what got slower, or larger, since that --json
  --markdown       print a table for the README instead
  --cli FILE       another trapline.js than that of dist/

Status 1 when a job fails or answers differ; missed goals are told, and are none of that.
`;

function defaultFolder() {
  return join(tmpdir(), `trapline-bench-${userInfo().uid}`);
}

/** In C, since it is what any reader of a file is measured by: nothing but reading, into memory that begins with a page. */
const READ_LOOP = `#include <stdlib.h>
#include <unistd.h>
int main(void) {
  void *page = aligned_alloc(4096, 1 << 20);
  ssize_t got;
  while ((got = read(0, page, 1 << 20)) > 0);
  return got < 0;
}
`;

function options() {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  try {
    return parseArgs({
      options: {
        ...{ only: text, size: text, rounds: text, quick: flag, dir: text },
        ...{ keep: flag, json: text, compare: text, markdown: flag, cli: text, help: flag },
      },
    }).values;
  } catch (error) {
    fail(`${error.message.split('.')[0]}; --help`);
  }
}

function parseSize(text) {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  if (!match) fail(`--size ${text} is not a size: 200m, 1g`);
  return Number(match[1]) * { '': 1, k: 1e3, m: 1e6, g: 1e9 }[match[2].toLowerCase()];
}

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(1);
}

/** Progress and what is left out, where it does not get into a table that is kept. */
const say = (message) => console.error(message);

const values = options();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
  fail(`--rounds ${values.rounds} is not a positive number`);
const largest = values.size ? parseSize(values.size) : values.quick ? QUICK_BYTES : Number.POSITIVE_INFINITY;
const older = values.compare && readJson(values.compare);
const cli = values.cli ? resolve(values.cli) : `${TOP}dist/trapline.js`;
try {
  accessSync(cli);
} catch {
  fail(`no ${cli}; npm run build makes it`);
}
const folder = values.dir ? resolve(values.dir) : defaultFolder();
const scratch = join(folder, `answer-${process.pid}`);
const readLoop = join(folder, `read-${process.pid}`);
const fifo = join(folder, `fifo-${process.pid}`);
const jobEnvironment = {
  ...{ NODE: process.execPath, CLI: cli, READ: readLoop },
  ...{ FIFO: fifo, GUEST: `${TOP}examples/guest/kernel.elf` },
};
const inputs = new Map(); // by name, those that are there
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
process.on('exit', () => {
  stopJob();
  for (const file of [scratch, readLoop, fifo]) rmSync(file, { force: true });
  for (const input of inputs.values()) drop(input);
  try {
    if (!values.keep && !values.dir) rmdirSync(folder);
  } catch {} // somebody else's files are in it
});

function drop(input) {
  if (!values.keep) for (const file of filesOf(input)) rmSync(file, { force: true });
}

function readJson(path) {
  try {
    const { results } = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(results)) return results;
    fail(`${path} is no --json of this benchmark`);
  } catch (error) {
    fail(`cannot read ${path}: ${error.message}`);
  }
}

const capped = (log) => log && { ...log, bytes: Math.min(log.bytes, largest) };
const logName = ({ kind, bytes, zip }) => `${kind}-${bytes}${zip ? '.gz' : ''}`;

/** With no log larger than allowed. Jobs with a log of their own are about its size, and are left out instead. */
function fitted(question) {
  const jobs = question.jobs?.filter(({ log }) => log === undefined || log.bytes <= largest);
  const smaller =
    jobs?.length !== question.jobs?.length || (question.log !== undefined && question.log.bytes > largest);
  const goals = smaller || values.quick ? [] : question.goals;
  return { ...question, goals, ...(jobs && { jobs }), ...(question.log && { log: capped(question.log) }) };
}

function chosen() {
  const names = values.only?.split(',');
  const seen = new Set(); // questions that differ in the size of their logs only, and no longer do
  const list = QUESTIONS.filter(({ name }) => !names || names.some((part) => name.startsWith(part)))
    .map(fitted)
    .filter(({ jobs, script, log, title }) => {
      if (script) return !values.quick;
      const key = log && `${title} ${logName(log)}`;
      if (seen.has(key) || jobs.length < 2) return false;
      if (key) seen.add(key);
      return true;
    });
  if (list.length === 0) fail(`no question is called ${values.only}; --help names them`);
  return list;
}

const logsOf = ({ log, jobs = [] }) => [log, ...jobs.map((job) => job.log)].filter(Boolean);

async function provide(question) {
  for (const log of logsOf(question)) {
    const name = logName(log);
    if (inputs.has(name)) continue;
    const input = await makeInput(folder, log);
    inputs.set(name, input);
    say(`${input.path}: ${input.reused ? 'used again' : 'made'}`);
  }
  for (const log of logsOf(question)) {
    const path = pathOf(log);
    if (statSync(path).size > memoryForFiles()) say(`${path} does not fit into memory: the disk is measured`);
    readOnce(path);
  }
}

function memoryForFiles() {
  try {
    return Number(/MemAvailable: +(\d+) kB/.exec(readFileSync('/proc/meminfo', 'latin1'))[1]) * 1024;
  } catch {
    return Number.POSITIVE_INFINITY; // a system without /proc: not known
  }
}

const pathOf = (log) => log && inputs.get(logName(log)).path;

async function ask(question) {
  if (question.script) return clauseCosts(question);
  await provide(question);
  const notes = [];
  const jobs = runnable(
    question.jobs,
    (who) => notes.push(`not run: ${who}`),
    (tool) => (tool === 'cc' ? hasReadLoop : isInstalled(tool)),
  );
  const { name, title, log, peaks } = question;
  const times = rounds ?? (values.quick ? 1 : (question.rounds ?? ROUNDS));
  const { rows, keys } = await measure(
    { name, jobs },
    {
      ...{ rounds: times, scratch, env: jobEnvironment },
      logOf: (job) => pathOf(job.log ?? log),
    },
  );
  const input = log && inputs.get(logName(log));
  return {
    ...{ name, title, rounds: times, keys, rows, notes, ...(peaks && { peaks }) },
    ...(input && { log: { kind: log.kind, bytes: input.bytes, records: input.records } }),
    goals: question.goals.map((goal) => judge(goal, rows)),
  };
}

/** The table that scripts/clause-cost.mjs prints: a head with the columns' names, then a line per clause. */
function clauseCosts({ name, title, script, goals }) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [`${TOP}scripts/${script}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new BenchError(`${script} ended with ${status}: ${stderr.trim()}`);
  const [head, ...lines] = stdout.trimEnd().split('\n');
  const columns = head
    .replace(/^ns per firing/, '')
    .split(/\s+/)
    .filter(Boolean);
  const rows = lines.map((line) => {
    const cells = line.trim().split(/\s+/);
    const ns = cells.slice(-columns.length).map(Number);
    if (ns.some(Number.isNaN)) throw new BenchError(`${script} printed "${line}"`);
    return {
      name: cells.slice(0, -columns.length).join(' '),
      ns: Object.fromEntries(columns.map((column, index) => [column, ns[index]])),
    };
  });
  return { name, title, columns, rows, goals: goals.map((goal) => judge(goal, rows)) };
}

mkdirSync(folder, { recursive: true });
const hasReadLoop =
  isInstalled('cc') &&
  spawnSync('cc', ['-O2', '-x', 'c', '-', '-o', readLoop], { input: READ_LOOP }).status === 0;

const questions = chosen();
const load = loadavg()[0] / cpus().length;
if (load > BUSY_LOAD)
  say(`others use this machine (load ${load.toFixed(1)} per processor): trust ratios of CPU time alone\n`);
const results = [];
for (const [index, question] of questions.entries()) {
  try {
    const result = await ask(question);
    results.push(result);
    if (!values.markdown) console.log(asText(result));
  } catch (error) {
    if (error instanceof NoRoom) say(`${question.name} is left out: ${error.message}\n`);
    else fail(error.message);
  }
  const later = new Set(
    questions
      .slice(index + 1)
      .flatMap(logsOf)
      .map(logName),
  );
  for (const [name, input] of inputs) {
    if (later.has(name)) continue;
    drop(input);
    inputs.delete(name);
  }
}
if (values.markdown) process.stdout.write(asMarkdown(results));
if (values.json) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length, arch: arch() };
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: { ...machine, kernel: release() }, results }, undefined, 2)}\n`,
  );
}
const goals = results.flatMap((result) => result.goals).filter((goal) => goal.value !== undefined);
if (goals.length > 0) say(`${goals.filter((goal) => goal.met).length} of ${goals.length} goals met`);
if (older) {
  const { worse, compared } = compare(older, results);
  for (const line of worse) console.log(`worse: ${line}`);
  say(`${compared} figures compared with ${values.compare}, ${worse.length} worse`);
}
