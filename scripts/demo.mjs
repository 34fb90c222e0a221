/**
 * The first minute with trapline: questions about real logs in examples/traces, answered one after another.
 * Each command is printed as a user would type it; its output is trapline's own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const BOOT = 'examples/traces/linux-x86_64-boot.log.gz';

/** What is asked, and the arguments that ask it. */
const STEPS = [
  [
    'A Linux kernel boots under QEMU, which logs every interrupt. Which ones, and how many of each?',
    ['-n', 'vec::: { @[probefunc, probename] = count(); }', '-t', BOOT],
  ],
  [
    'Which user instructions page-fault most? The five hottest.',
    [
      '-qn',
      'vec::page_fault: /cpl == 3/ { @[rip] = count(); } END { trunc(@, 5); printa("%16x %@8d\\n", @); }',
      '-t',
      BOOT,
    ],
  ],
  [
    'How much stack is left of each page when kernel code is interrupted? A body may be written < … > as well.',
    [
      '-qn',
      'vec:interrupt:irq: /cpl == 0/ < @["bytes below rsp in its page"] = quantize(rsp & 4095); >',
      '-t',
      BOOT,
    ],
  ],
  [
    'Another guest dies at once. What led to its triple fault? A saved script answers.',
    ['--unsafe', '-s', 'examples/triple-fault.d', '-t', 'examples/traces/tiny32-triple-fault.log.gz'],
  ],
];

const started = performance.now();
for (const [question, args] of STEPS) {
  const shown = args.map((arg) => (/^[\w./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
  console.log(`\n# ${question}\n$ trapline ${shown}`);
  const result = spawnSync(process.execPath, [`${TOP}dist/trapline.js`, ...args], {
    cwd: TOP,
    stdio: 'inherit',
  });
  if (result.status !== 0) {
    console.error(`demo: trapline ended with status ${result.status ?? result.signal}`);
    process.exit(1);
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`\n# ${STEPS.length} answers in ${seconds} s.`);
if (existsSync(`${TOP}examples/vectors.d`))
  console.log('# More questions: examples/*.d, each says how to run it.');
