/**
 * What each channel of a live guest costs, and what a gdb script costs that counts the same.
 *
 *   npm run bench:live                       three rounds
 *   npm run bench:live -- --rounds 1 --json result.json
 *
 * The guest is that of scripts/linux-guest.mjs. Its workload says when a step is done, so a step's time is that between two
 * lines of its console: the boot is not in it. Each question is asked of the same step with and without a tracer, round by
 * round; a count that is not what the guest did fails the run. Medians and ratios are printed; compare ratios, never
 * seconds. What is not there (gdb, a C compiler for the plugin) is skipped, and said so.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const CLI = `${TOP}dist/trapline.js`;
const RUN_MS = 300_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run bench:live -- [--rounds 3] [--only NAME] [--json FILE]');
  process.exit(0);
}
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail(`--rounds ${values.rounds} is not a positive number`);

const guest = JSON.parse(
  execFileSync(process.execPath, [`${TOP}scripts/linux-guest.mjs`], { encoding: 'utf8' }),
);
if (guest.missing) fail(guest.missing);
const FUNCTION = 'do_sys_openat2';
const touch = /^(\w+) T touch$/m.exec(execFileSync('nm', [guest.workload], { encoding: 'utf8' }))[1];
const folder = mkdtempSync(join(tmpdir(), 'trapline-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A count of hits `of` a step, printed as `hits N`. `of` steps are done while it is measured. */
const QUESTIONS = [
  {
    name: 'interrupts in the log',
    probe: 'vec::page_fault: /rip == $1/',
    step: ['fault', 100_000],
    run: traced(['-n', count(`vec::page_fault: /rip == 0x${touch}/`)]),
  },
  {
    name: 'code in a filtered log',
    probe: 'syscall::sched_get_priority_max:entry',
    step: ['priority', 200_000],
    run: traced(['-n', count('syscall::sched_get_priority_max:entry')]),
  },
  {
    name: 'the same with a marker',
    probe: `fbt::${FUNCTION}:entry, :return`,
    step: ['open', 50_000],
    hitsPerStep: 2,
    run: traced(['-n', count(`fbt::${FUNCTION}:entry, fbt::${FUNCTION}:return`)]),
  },
  {
    name: 'TCG plugin',
    probe: `fbt::${FUNCTION}:entry --plugin`,
    step: ['open', 200_000],
    needs: ['cc', 'the plugin is compiled'],
    run: traced(['--plugin', '-n', count(`fbt::${FUNCTION}:entry`)]),
  },
  {
    name: 'breakpoints, reading memory',
    probe: `fbt::${FUNCTION}:entry /copyinstr(arg1) != ""/`,
    step: ['open', 500],
    run: traced(['-n', count(`fbt::${FUNCTION}:entry /copyinstr(arg1) != ""/`)]),
  },
  {
    name: 'gdb, a script in Python',
    probe: `break *&${FUNCTION}`,
    step: ['open', 500],
    needs: ['gdb', 'the same count by others'],
    run: scripted,
  },
];

function count(probes) {
  return `${probes} { @ = count(); } END { printa("hits %@d\\n", @); }`;
}

function command(step, more = '') {
  const append = `console=ttyS0 nokaslr panic=-1 quiet work=int80:1,${step.join(':')}`;
  return [
    'qemu-system-x86_64 -accel tcg -m 256 -display none -no-reboot -net none -monitor none',
    `-kernel ${guest.kernel} -initrd ${guest.initramfs} -append "${append}" -serial stdio ${more}`,
  ].join(' ');
}

/** Runs to the end; the seconds between the step's beginning and its end, and what else was printed. */
function timed(argv, step) {
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGTERM'), RUN_MS);
    let output = '';
    let errors = '';
    let begun = Number.NaN;
    let ended = Number.NaN;
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (Number.isNaN(begun) && output.includes('workload: int80 1')) begun = performance.now();
      if (Number.isNaN(ended) && output.includes(`workload: ${step.join(' ')}`)) ended = performance.now();
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', (error) => fail(error.message));
    child.on('close', (status) => {
      clearTimeout(timer);
      if (Number.isNaN(ended)) fail(`${argv.join(' ')} ended with status ${status}:\n${errors}${output}`);
      resolve({ seconds: (ended - begun) / 1000, output, errors });
    });
  });
}

const bare = (step) => timed(['sh', '-c', `exec ${command(step)}`], step);

function traced(args) {
  return (step) => timed([process.execPath, CLI, '-x', 'unsafe', '-qc', command(step), ...args], step);
}

/** gdb counts at a breakpoint whose `stop` says that the guest may go on. */
async function scripted(step) {
  const socket = join(folder, 'gdb');
  const script = join(folder, 'count.py');
  const address = addressOf(FUNCTION);
  writeFileSync(
    script,
    `import gdb
class Count(gdb.Breakpoint):
    hits = 0
    def stop(self):
        Count.hits += 1
        return False
gdb.execute("set architecture i386:x86-64")
gdb.execute("target remote ${socket}")
Count("*0x${address}")
try:
    gdb.execute("continue")
except gdb.error:
    pass
print("hits", Count.hits)
`,
  );
  const qemu = command(step, `-S -gdb unix:${socket},server=on,wait=off`);
  const shell = `${qemu} & until [ -S ${socket} ]; do sleep 0.1; done; gdb -nx -q -batch -x ${script}; wait`;
  return timed(['sh', '-c', shell], step);
}

let foundAddress;
function addressOf(name) {
  foundAddress ??= execFileSync(
    process.execPath,
    [CLI, '-qn', `BEGIN { printf("%p", (uintptr_t)&\`${name}); exit(0); }`, '--symbols', guest.kernel],
    { encoding: 'utf8' },
  ).trim();
  return foundAddress;
}

function isThere(program) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(1);
}

async function measure({ name, probe, step, hitsPerStep = 1, run }) {
  const without = [];
  const seconds = [];
  for (let round = 0; round < rounds; round++) {
    without.push((await bare(step)).seconds);
    const { seconds: taken, output, errors } = await run(step);
    const hits = Number(/hits (\d+)/.exec(output)?.[1]);
    const least = step[1] * hitsPerStep;
    // The guest opens some files before the step.
    if (!(hits >= least && hits < least + 100)) fail(`${name} counted ${hits} of ${least}\n${errors}`);
    seconds.push(taken);
  }
  const hits = step[1] * hitsPerStep;
  return {
    name,
    probe,
    step: step.join(' '),
    hitsPerSecond: Math.round(hits / median(seconds)),
    slowDown: median(seconds) / median(without),
    microsecondsPerHit: ((median(seconds) - median(without)) / hits) * 1e6,
    seconds,
    secondsWithout: without,
  };
}

const results = [];
console.log(
  'channel                        probe                                              hits/s   step takes   a hit costs',
);
for (const question of QUESTIONS) {
  const { name, needs } = question;
  if (values.only !== undefined && !name.includes(values.only)) continue;
  if (needs && !isThere(needs[0])) {
    console.log(`${name.padEnd(30)} SKIPPED: no ${needs[0]} (${needs[1]})`);
    continue;
  }
  const result = await measure(question);
  results.push(result);
  const { hitsPerSecond, slowDown, microsecondsPerHit } = result;
  console.log(
    `${name.padEnd(30)} ${result.probe.padEnd(46)} ${hitsPerSecond.toLocaleString('en').padStart(10)} ${slowDown.toFixed(1).padStart(10)} x ${microsecondsPerHit.toFixed(0).padStart(10)} µs`,
  );
}
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, rounds, results }, null, 2)}\n`);
