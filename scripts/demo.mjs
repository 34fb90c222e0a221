/**
 * The first minute with trapline: questions about real logs in examples/traces and about a kernel on the built-in machine,
 * answered one after another. No QEMU is needed. Each command is printed as a user would type it; its output is trapline's
 * own. Of the machine, what the kernel prints on its console is left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const BOOT = 'examples/traces/linux-x86_64-boot.log.gz';
const KERNEL = 'examples/guest/kernel.elf';
/** What that kernel prints on its console. */
const CONSOLE = /^guest: .*\n/gm;

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
  [
    'No QEMU is needed: --machine boots a small kernel on a built-in computer. How long do its functions take, in its own time?',
    [
      ...['--machine', KERNEL, '-qn'],
      'fbt::sys_*:entry, fbt::chain_?:entry { self->since[probefunc] = timestamp; } ' +
        'fbt::sys_*:return, fbt::chain_?:return /self->since[probefunc]/ { this->ns = timestamp - self->since[probefunc]; self->since[probefunc] = 0; ' +
        '@calls[probefunc] = count(); @ns[probefunc] = avg(this->ns); @most[probefunc] = max(this->ns); } ' +
        'END { printa("%-12s %@6d calls %@8d ns each %@8d ns at most\\n", @calls, @ns, @most); }',
    ],
  ],
  [
    'Which interrupts and exceptions does it take, on two CPUs?',
    ['--machine', KERNEL, '-x', 'cpus=2', '--unsafe', '-qn', 'vec::: { @[probefunc, probename] = count(); }'],
  ],
  [
    'Which system calls do its programs make, and what do they get?',
    [
      ...['--machine', KERNEL, '-x', 'syscalls=examples/guest/syscalls.json', '-qn'],
      'syscall:::return { @[probefunc, errno == 0 ? "done" : "failed"] = count(); }',
    ],
  ],
  [
    'Who calls chain_c? The stack, the code and the registers where it begins.',
    [
      ...['--machine', KERNEL, '-qn'],
      'fbt::chain_c:entry { printf("stack:"); stack(); printf("code:"); disasm(pc, 4); ' +
        'printf("registers:"); print(regs); exit(0); }',
    ],
  ],
  [
    'quiet_step runs with interrupts disabled, so safe mode withholds its probe, and says how often …',
    ['--machine', KERNEL, '-qn', 'fbt::quiet_step:entry { @[probefunc] = count(); }'],
  ],
  [
    '… and this lifts it:',
    ['--machine', KERNEL, '--unsafe', '-qn', 'fbt::quiet_step:entry { @[probefunc] = count(); }'],
  ],
];

const started = performance.now();
for (const [question, args] of STEPS) {
  const shown = args.map((arg) => (/^[\w./=-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
  console.log(`\n# ${question}\n$ trapline ${shown}`);
  const result = spawnSync(process.execPath, [`${TOP}dist/trapline.js`, ...args], {
    cwd: TOP,
    encoding: 'utf8',
  });
  process.stdout.write((result.stdout ?? '').replace(CONSOLE, ''));
  process.stderr.write(result.stderr ?? '');
  if (result.status !== 0) {
    const end = result.error?.message ?? `it ended with status ${result.status ?? result.signal}`;
    console.error(`demo: trapline: ${end}`);
    process.exit(1);
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`\n# ${STEPS.length} answers in ${seconds} s.`);
if (existsSync(`${TOP}examples/vectors.d`))
  console.log('# More questions: examples/*.d, each says how to run it.');
