/**
 * The kernel of examples/guest under a real QEMU: it does what its command line says on 1, 2 and 4 CPUs, and what trapline
 * counts of it (interrupts, functions, system calls) is what the kernel counted itself.
 *
 * Also that the image in the tree is what its sources make: byte for byte where the compiler is the one it was built with,
 * else by booting what the compiler at hand makes of them.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RUN_MS, TOP, trapline } from '../support/cli.ts';
import { describeLive, findProgram, QEMU } from '../support/qemu.ts';

const FOLDER = 'examples/guest';
const IMAGE = `${FOLDER}/kernel.elf`;

/** What the image in the tree was built with. */
const COMPILER = 'gcc (Debian 12.2.0-14+deb12u1) 12.2.0';
const LINKER = 'GNU ld (GNU Binutils for Debian) 2.40';

interface Boot {
  readonly cpus: number;
  readonly append?: string;
  readonly machine?: string;
  readonly image?: string;
}

/**
 * The console goes to a file: what a guest writes to stdout fast, QEMU drops when that is a socket (as Node's pipes are)
 * whose reader is late.
 */
function qemuArguments({ cpus, append, machine = 'pc', image = IMAGE }: Boot, consolePath: string): string[] {
  return [
    ...[
      '-accel',
      'tcg',
      '-machine',
      machine,
      '-m',
      '64',
      '-smp',
      `${cpus}`,
      '-nodefaults',
      '-display',
      'none',
    ],
    ...['-no-reboot', '-serial', `file:${consolePath}`, '-kernel', image],
    ...(append ? ['-append', append] : []),
  ];
}

async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-own-kernel-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The account of a run: 'fib calls' → 177; 'cpu 1: fib calls' → 177. */
type Account = Readonly<Record<string, number>>;

function accountOf(output: string): Account {
  expect(output).not.toContain('panic');
  expect(output).toContain('guest: end');
  const lines = output.matchAll(/^guest: (.*?) (\d+)\r?$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, Number(value)]));
}

function boot(options: Boot): Promise<Account> {
  return withFolder(async (folder) => {
    const console = join(folder, 'console');
    await promisify(execFile)(QEMU, qemuArguments(options, console), { cwd: TOP, timeout: RUN_MS });
    return accountOf(readFileSync(console, 'latin1'));
  });
}

interface Traced {
  readonly account: Account;
  /** Lines `KEY … COUNT` of the aggregations: the keys joined by blanks → the count. */
  readonly counts: Readonly<Record<string, number>>;
  readonly stderr: string;
}

function trace(options: Boot, script: string, ...args: readonly string[]): Promise<Traced> {
  return withFolder(async (folder) => {
    const console = join(folder, 'console');
    const words = [QEMU, ...qemuArguments(options, console)];
    const command = words.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
    const result = await trapline(['-c', command, ...args, '-n', script]);
    expect(result.status, result.stderr).toBe(0);
    const rows = [...result.stdout.matchAll(/^ +(\S.*?) +(\d+)$/gm)];
    const counts = Object.fromEntries(rows.map(([, keys, n]) => [keys!.replace(/ +/g, ' '), Number(n)]));
    return { account: accountOf(readFileSync(console, 'latin1')), counts, stderr: result.stderr };
  });
}

/** What the kernel does with its default options, on each CPU. */
const ON_EACH_CPU = {
  'fib calls': 177,
  'chain calls': 100,
  'quiet calls': 40,
  'locked sections': 1000,
  ipi: 20,
  nmi: 2,
  'page faults': 80,
  'page faults in kernel': 16,
  'divide errors': 10,
  'debug traps': 10,
  breakpoints: 20,
  'breakpoints in quiet': 10,
  'invalid opcodes': 10,
  'general protections': 10,
  syscalls: 617,
  int80: 100,
  'syscalls unknown': 10,
  'syscalls write': 3,
  'syscalls getpid': 4,
  'syscalls yield': 50,
  'syscalls add': 500,
  'syscalls peek': 16,
  'syscalls discard': 1,
  'syscalls onfault': 30,
  'syscalls exit': 3,
  'int80 getpid': 50,
  'int80 add': 50,
};

/** Each of ON_EACH_CPU for each CPU, and in total. */
function expectedAccount(cpus: number): Account {
  const rows = Object.entries(ON_EACH_CPU).flatMap(([name, value]) => [
    ...Array.from({ length: cpus }, (_, cpu) => [`cpu ${cpu}: ${name}`, value] as const),
    [name, value * cpus] as const,
  ]);
  return Object.fromEntries(rows);
}

const perCpu = (account: Account, cpus: number, name: string): number[] =>
  Array.from({ length: cpus }, (_, cpu) => account[`cpu ${cpu}: ${name}`]!);

describeLive('the example kernel by its own account', () => {
  test.each([
    { cpus: 1, machine: 'pc' },
    { cpus: 2, machine: 'q35' },
    { cpus: 4, machine: 'pc' },
  ])('on $cpus CPUs of $machine', async (options) => {
    const { cpus } = options;
    const account = await boot(options);
    expect(account).toMatchObject(expectedAccount(cpus));
    for (const ticks of perCpu(account, cpus, 'timer')) expect(ticks).toBeGreaterThanOrEqual(10);
    expect(account['timer']).toBe(perCpu(account, cpus, 'timer').reduce((a, b) => a + b));
    expect(account['fib result']).toBe(55);
    expect(account['chain result']).toBe(30_100); // the sum of 6 i + 4 for i below 100
    expect(account['shared']).toBe(1000 * cpus); // no addition was lost: the lock holds
    for (let pid = 1; pid <= 3 * cpus; pid++) {
      const right = { calc: 510, legacy: 100, pages: 81 };
      const name = (['calc', 'legacy', 'pages'] as const)[(pid - 1) % 3]!;
      expect(account[`program ${name}, pid ${pid} right`]).toBe(right[name]);
    }
  });

  test('the command line sets how much is done, and what it does not know is passed over', async () => {
    const account = await boot({
      cpus: 1,
      append:
        'quiet quieter=1 fib=15 add=20 int80=6 fault=1 peek=0 traps=0 bad=0 quiet=7 ticks=1 nmi=0 ipi=3',
    });
    expect(account).toMatchObject({
      ...{ 'fib calls': 1973, 'fib result': 610, 'syscalls add': 20, 'int80 getpid': 3, 'int80 add': 3 },
      ...{ 'page faults': 1, 'page faults in kernel': 0, 'divide errors': 0, 'syscalls unknown': 0 },
      ...{ 'quiet calls': 7, 'breakpoints in quiet': 2, breakpoints: 2, nmi: 0, ipi: 3 },
    });
  });
});

/** Vectors, and the counter that the kernel keeps of each. */
const VECTORS: Readonly<Record<string, string>> = {
  'divide_error 0x00': 'divide errors',
  'debug 0x01': 'debug traps',
  'nmi 0x02': 'nmi',
  'breakpoint 0x03': 'breakpoints',
  'invalid_opcode 0x06': 'invalid opcodes',
  'general_protection 0x0d': 'general protections',
  'page_fault 0x0e': 'page faults',
  'irq 0x20': 'timer',
  'irq 0x30': 'ipi',
  'int 0x80': 'int80',
};

describeLive('the example kernel, traced', () => {
  test.each([1, 2, 4])('interrupts and exceptions on %i CPUs', async (cpus) => {
    const script = 'vec::: { @[probefunc, probename] = count(); }';
    const { account, counts } = await trace({ cpus }, script, '--unsafe');
    for (const [probe, counter] of Object.entries(VECTORS))
      expect([probe, counts[probe]]).toEqual([probe, account[counter]]);
  });

  test('timer ticks and system calls of each CPU', async () => {
    const script = 'vec:::0x20 { @["timer", cpu] = count(); } vec:::0x80 { @["int80", cpu] = count(); }';
    const { account, counts } = await trace({ cpus: 4, append: 'ticks=20' }, script);
    for (const name of ['timer', 'int80']) {
      const seen = [0, 1, 2, 3].map((cpu) => counts[`${name} ${cpu}`]);
      // A log of interrupts does not say which CPU is which, so they are numbered as they come.
      expect(seen.sort()).toEqual(perCpu(account, 4, name).sort());
    }
  });

  test('safe mode withholds what happens with interrupts off, and counts it', async () => {
    const script = 'vec:::0x03, fbt::quiet_step:entry, fbt::fib:entry { @[probefunc] = count(); }';
    const { account, counts, stderr } = await trace({ cpus: 1 }, script);
    expect(counts['breakpoint']).toBe(account['breakpoints']! - account['breakpoints in quiet']!);
    expect(counts['fib']).toBe(account['fib calls']);
    expect(counts['quiet_step']).toBeUndefined();
    expect(stderr).toContain(`fbt::quiet_step:entry ${account['quiet calls']}`);
    expect(stderr).toContain(`vec:::0x03 ${account['breakpoints in quiet']}`);
  });

  test.each([1, 2])('functions on %i CPUs: recursion, a tail call, interrupts off', async (cpus) => {
    const script = 'fbt::fib:, fbt::chain_*:, fbt::quiet_step: { @[probefunc, probename] = count(); }';
    const { account, counts } = await trace({ cpus }, script, '--unsafe');
    const chains = account['chain calls']!;
    expect(chains).toBe(100 * cpus);
    expect(counts).toEqual({
      ...{ 'fib entry': account['fib calls'], 'fib return': account['fib calls'] },
      ...{ 'chain_a entry': chains, 'chain_a return': chains, 'chain_b entry': chains },
      ...{ 'chain_c entry': chains, 'chain_c return': chains }, // chain_b left by its jump to chain_c
      ...{ 'quiet_step entry': account['quiet calls'], 'quiet_step return': account['quiet calls'] },
    });
  });

  test('arguments and results of a recursive function', async () => {
    const script = `fbt::fib:entry { @["of", arg0] = count(); self->depth++; @deep["deep", self->depth] = count(); }
        fbt::fib:return { @result["is", arg1] = count(); self->depth--; }`;
    const { account, counts } = await trace({ cpus: 1 }, script);
    const count = (key: string): number => counts[key] ?? 0;
    expect([10, 9, 8, 7, 1, 0].map((n) => count(`of ${n}`))).toEqual([1, 1, 2, 3, 55, 34]);
    expect(count('is 55')).toBe(1);
    expect(account['fib result']).toBe(55);
    expect([1, 2, 3, 10].map((depth) => count(`deep ${depth}`))).toEqual([1, 2, 4, 2]);
    expect(count('deep 11')).toBe(0);
  });

  test.each([
    { cpus: 1, table: 'syscalls', personality: 'example', counter: 'syscalls' },
    { cpus: 2, table: 'syscalls', personality: 'example', counter: 'syscalls' },
    { cpus: 1, table: 'int80', personality: 'example80', counter: 'int80' },
  ])('system calls on $cpus CPUs: $table', async ({ cpus, table, personality, counter }) => {
    const script = `syscall:${personality}:: { @[probefunc, probename] = count(); }
        syscall:${personality}::return /errno/ { @errno[probefunc, "errno", errno] = count(); }`;
    const { account, counts } = await trace({ cpus }, script, '-x', `syscalls=${FOLDER}/${table}.json`);
    const expected = Object.entries(account).flatMap(([name, calls]) => {
      const call = name.startsWith(`${counter} `) ? name.slice(counter.length + 1) : '';
      const probe = call === 'unknown' ? 'sys_99' : call;
      if (probe === '' || calls === 0) return [];
      return [[`${probe} entry`, calls], ...(probe === 'exit' ? [] : [[`${probe} return`, calls]])];
    });
    const failures =
      counter === 'int80'
        ? {}
        : { 'add errno 75': 50 * cpus, 'sys_99 errno 38': account['syscalls unknown'] };
    expect(counts).toEqual({ ...Object.fromEntries(expected), ...failures });
  });
});

/** System calls as kernel.h numbers and names them. */
const calls = [
  .../#define SYSTEM_CALLS[\s\S]*?#define/
    .exec(readFileSync(join(TOP, FOLDER, 'kernel.h'), 'utf8'))![0]
    .matchAll(/X\((\d+), (\w+)\)/g),
];

describe('the tables for -x syscalls', () => {
  test.each(['syscalls', 'int80'])('%s.json has the names of kernel.h', (table) => {
    const json: unknown = JSON.parse(readFileSync(join(TOP, FOLDER, `${table}.json`), 'utf8'));
    expect(calls).toHaveLength(8);
    expect(json).toHaveProperty('names', Object.fromEntries(calls.map(([, number, name]) => [number, name])));
  });
});

describe('README.md of the kernel', () => {
  const read = (name: string): string => readFileSync(join(TOP, FOLDER, name), 'utf8');
  const readme = read('README.md');

  test('has each word of the command line with its default', () => {
    const source = read('options.c');
    const words = [...source.matchAll(/^\t\{ "(\w+)", &options\.\1, /gm)].map(([, word]) => word!);
    expect(words).toHaveLength(17);
    for (const word of words) {
      const value = new RegExp(`\\.${word} = (\\d+)`).exec(source)![1]!;
      expect(readme).toContain(`| \`${word}\` | ${word === 'cpus' ? 'from QEMU' : value} |`);
    }
  });

  test('has each counter, and each system call by its number', () => {
    const header = read('kernel.h');
    const counters = [...header.matchAll(/^\tX\(\w+, "(.*)"\)/gm)].map(([, name]) => name!);
    expect(counters).toHaveLength(18);
    // Context switches depend on when the timer ticks: no work of the table is counted by them.
    for (const name of counters.filter((counter) => counter !== 'context switches'))
      expect(readme).toContain(`\`${name}\``);
    for (const [, number, name] of calls)
      expect(readme).toMatch(new RegExp(`\\| ${number} \\| \`${name}\\(`));
  });
});

describeLive(
  'the image in the tree',
  () => {
    test('is what its sources make', () =>
      withFolder(async (folder) => {
        const image = join(folder, 'kernel.elf');
        const built: unknown = JSON.parse(
          execFileSync(process.execPath, ['scripts/guest.mjs', image], { cwd: TOP, encoding: 'utf8' }),
        );
        expect(built).toMatchObject({ file: image });
        await expectSame(image, built as { readonly compiler: string; readonly linker: string });
      }));
  },
  'gcc',
);

async function expectSame(image: string, tools: { readonly compiler: string; readonly linker: string }) {
  const { compiler, linker } = tools;
  if (compiler === COMPILER && linker === LINKER) {
    expect(readFileSync(image).equals(readFileSync(join(TOP, IMAGE))), 'run node scripts/guest.mjs').toBe(
      true,
    );
    return;
  }
  console.warn(
    `WEAKER TEST: ${IMAGE} was built with ${COMPILER} and ${LINKER}; here are ${compiler} and ${linker}, which make other bytes: compared by what the kernel does`,
  );
  if (findProgram(QEMU) === undefined) throw new Error(`${QEMU} is needed to compare`);
  expect(await boot({ cpus: 2, image })).toMatchObject(expectedAccount(2));
}
