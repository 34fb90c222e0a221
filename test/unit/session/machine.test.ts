/** `--machine` as a user meets it: the example kernel's own account is what every probe is held to. */
import { describe, expect, test } from 'vitest';
import { trapline } from '../../support/cli.ts';
import { countsOf } from '../../support/machine-run.ts';

const IMAGE = 'examples/guest/kernel.elf';
const SYSCALLS = 'syscalls=examples/guest/syscalls.json';

/** Rows `key value` of the aggregations printed at the end. */
function rowsOf(stdout: string): Record<string, number> {
  const rows = stdout.matchAll(/^ +(\S[^\n]*?) +(\d+)$/gm);
  return Object.fromEntries([...rows].map(([, keys, n]) => [keys!.replace(/ +/g, ' '), Number(n)]));
}

async function traced(script: string, ...more: readonly string[]) {
  const args = ['--machine', IMAGE, '-x', SYSCALLS, ...more, '-n', script];
  const { stdout, stderr, status } = await trapline(args);
  return { stdout, stderr, status, rows: rowsOf(stdout), guest: countsOf(stdout) };
}

describe.each([1, 4])('%i CPUs', (cpus) => {
  const shape = ['-x', `cpus=${cpus}`, '-x', 'append=ticks=2'];

  test('interrupts, functions and system calls are those that the kernel counted', async () => {
    const script = `vec::: { @["vec", probefunc, probename] = count(); }
      fbt::fib:entry, fbt::fib:return, fbt::chain_c:entry, fbt::map_on_demand:entry { @["fbt", probefunc, probename] = count(); }
      syscall:example::entry { @["call", probefunc, "entry"] = count(); }
      syscall:example:add:return { @["call", probefunc, "return"] = count(); }`;
    const { rows, guest, status } = await traced(script, '--unsafe', ...shape);
    expect(status).toBe(0);
    expect(rows).toMatchObject({
      'vec irq 0x20': guest['timer'],
      'vec irq 0x30': guest['ipi'],
      'vec nmi 0x02': guest['nmi'],
      'vec page_fault 0x0e': guest['page faults'],
      'vec divide_error 0x00': guest['divide errors'],
      'vec debug 0x01': guest['debug traps'],
      'vec breakpoint 0x03': guest['breakpoints'],
      'vec invalid_opcode 0x06': guest['invalid opcodes'],
      'vec general_protection 0x0d': guest['general protections'],
      'vec int 0x80': guest['int80'],
      'fbt fib entry': guest['fib calls'],
      'fbt fib return': guest['fib calls'],
      'fbt chain_c entry': guest['chain calls'],
      'call add entry': guest['syscalls add'],
      'call add return': guest['syscalls add'],
      'call write entry': guest['syscalls write'],
      'call yield entry': guest['syscalls yield'],
      'call sys_99 entry': guest['syscalls unknown'],
    });
  });

  test('safe mode withholds what happens with interrupts disabled, and says so', async () => {
    const script = 'fbt::quiet_step:entry, vec:::0x03 { @[probefunc] = count(); }';
    const { rows, guest, stderr } = await traced(script, ...shape);
    expect(rows).toEqual({ breakpoint: guest['breakpoints']! - guest['breakpoints in quiet']! });
    const withheld = guest['quiet calls']! + guest['breakpoints in quiet']!;
    expect(stderr).toContain(
      `safe mode withheld ${withheld} firings with interrupts disabled (fbt::quiet_step:entry ${guest['quiet calls']}, vec:::0x03 ${guest['breakpoints in quiet']})`,
    );
  });

  test('returns of deliveries: as many as came back, with the time since', async () => {
    const script = `vec::page_fault:return, vec::irq:return, vec::int:return { @[probefunc] = count(); @longest[probefunc] = max(arg1); }
      vec::page_fault:return /arg2 == 0 || arg1 <= 0/ { @bad["bad"] = count(); }`;
    const { stdout, guest } = await traced(script, '--unsafe', ...shape);
    expect(stdout).toMatch(new RegExp(`^ +page_fault +${guest['page faults']}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^ +int +${guest['int80']}$`, 'm'));
    expect(rowsOf(stdout)['bad']).toBe(undefined);
  });
});

test('the same command prints the same bytes, console included', async () => {
  const script =
    'fbt::timer_tick:entry { printf("%d %d %x", timestamp, cpu, rip); } fbt::fib:entry { @[cpu] = quantize(arg0); } tick-1ms { @ticks = count(); }';
  const runs = [0, 1].map(() => traced(script, '--unsafe', '-x', 'cpus=3', '-x', 'seed=9'));
  const [first, second] = await Promise.all(runs);
  expect(first!.stdout).toContain('guest: end\n');
  expect(second!.stdout).toBe(first!.stdout);
});

test('time is the guest’s: ten ticks of its 100 Hz timer, tick-1ms about a hundred times', async () => {
  const script =
    'fbt::timer_tick:entry { @t[timestamp / 10000000] = count(); } tick-1ms { @n["ticks"] = count(); }';
  const { rows } = await traced(script, '--unsafe', '-x', 'append=ticks=10');
  expect(Object.values(rows).filter((n) => n === 1).length).toBe(10);
  expect(rows['ticks']).toBeGreaterThanOrEqual(100);
  expect(rows['ticks']).toBeLessThan(110);
});

test('memory is that of the moment of the event', async () => {
  // The stack holds the return address on entry: into fib itself or its caller, never elsewhere.
  const script = `fbt::fib:entry { this->to = *(uint64_t *)copyin(rsp, 8); @[this->to - rip] = count(); }`;
  const { stdout, stderr } = await traced(script, '--unsafe', '-x', 'append=ticks=0 fib=8');
  const distances = [...stdout.matchAll(/^ +(-?\d+) +(\d+)$/gm)].map(([, d, n]) => [Number(d), Number(n)]);
  expect(stderr).not.toContain('error on enabled probe');
  expect(distances.length).toBe(3); // two calls in fib, one in work
  expect(distances.filter(([d]) => d! > 0 && d! < 100).length).toBe(2);
});

test.each([
  [['--machine', '/etc/passwd'], 'it is no ELF file', 1],
  [['--machine', '/nonexistent'], 'No such file or directory', 1],
  [['--machine', IMAGE, '-t', 'x'], '-t and --machine are two sources of events', 2],
  [['--machine', IMAGE, '-x', 'cpus=9'], 'Invalid value for specified option', 1],
])('%j is refused', async (args, message, status) => {
  const result = await trapline([...args, '-n', 'BEGIN { exit(0); }']);
  expect(result.stderr).toContain(message);
  expect(result.status).toBe(status);
});

test('exit() ends it, with its status', async () => {
  const { status, stdout } = await traced('fbt::fib:entry { exit(7); }', '--unsafe');
  expect(status).toBe(7);
  expect(stdout).not.toContain('guest: end');
});
