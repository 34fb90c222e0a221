/**
 * fbt and syscall over a log with code addresses, held to counts made from the text with gawk: of each address, the
 * `Trace` lines that no `Stopped execution` line takes back. The symbols are a piece of the real kernel
 * (test/support/cut-kernel.ts).
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpackLinuxImage } from '../../src/symbols/linux-image.ts';
import { TOP, trapline } from '../support/cli.ts';
import { cutKernel } from '../support/cut-kernel.ts';

const LOG = 'examples/traces/linux-x86_64-int+exec-cpu-dfilter.log.gz';
const CUT = 'examples/traces/linux-x86_64-cut.vmlinux.gz';
const TRUTH = { systemCalls: 5534, results: 5408, opens: 389, int80: 500 };

async function run(program: string, ...args: readonly string[]) {
  const result = await trapline(['-q', '-t', LOG, '--symbols', CUT, ...args, '-n', program]);
  return {
    lines: result.stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' ')),
    ...result,
  };
}

describe.concurrent('a log with code addresses', () => {
  test('entries and returns of a function', async () => {
    const { lines, stderr } = await run(
      'fbt::do_sys_openat2:entry { @e = count(); } fbt::do_sys_openat2:return { @r = count(); @at = sum(arg0); }',
      '-v',
    );
    expect(lines.slice(-3)).toEqual([
      String(TRUTH.opens),
      String(TRUTH.opens),
      String(TRUTH.opens * 0x6e), // its one return lies there
    ]);
    expect(stderr).toContain(
      'fbt:vmlinux:do_sys_openat2: 389 entries, 389 returns; 0 entries left another way (tail calls), 0 still inside, 0 returns without an entry',
    );
  });

  test('every SYSCALL and INT 0x80 is an entry; a return without its entry fires nothing and is told', async () => {
    const { lines, stderr } = await run(
      'syscall:::entry { @[probemod] = count(); } syscall:linux64::return { @r = count(); }',
      ...['-x', 'ledger', '--unsafe'],
    );
    const paired = TRUTH.results - 36; // execve that succeeded: another address space returns
    expect(lines).toEqual(
      expect.arrayContaining([`linux32 ${TRUTH.int80}`, `linux64 ${TRUTH.systemCalls}`, String(paired)]),
    );
    expect(stderr).toContain(
      `syscall:linux64: ${TRUTH.systemCalls} entries, ${TRUTH.results} returns; ${TRUTH.systemCalls - paired} entries without a return, 36 returns without an entry, 0 calls by numbers that have no probe`,
    );
  });

  test('calls are named, their errors are errno', async () => {
    const { lines } = await run(
      'syscall::openat:entry { @e = count(); } syscall::openat:return { @[errno, (int)arg0 == -errno] = count(); }',
    );
    expect(lines).toEqual(expect.arrayContaining([String(TRUTH.opens), '2 1 74']));
  });

  test('what a function got is what its caller passed on', async () => {
    const { lines } = await run(
      'syscall::openat:entry { self->name = arg1; } fbt::do_sys_openat2:entry { @[(int)arg0 == -100, arg1 == self->name] = count(); }',
    );
    expect(lines).toContain(`1 1 ${TRUTH.opens}`);
  });

  test('safe mode judges the callers of system calls: none of them had interrupts disabled', async () => {
    const { lines, stderr } = await run('syscall:linux64::entry { @ = count(); @i = sum(iflag); }');
    expect(lines).toContain(String(TRUTH.systemCalls));
    expect(lines).toContain('0'); // the kernel's entry itself runs with IF clear
    expect(stderr).toBe('');
  });

  test('types of args[] come from the kernel', async () => {
    const types = 'examples/symbols/linux-6.1.0-56-amd64.btf.gz';
    const { lines } = await run(
      'fbt::do_sys_openat2:entry { @[(int)args[0], (uint64_t)args[1] == (uint64_t)arg1] = count(); }',
      ...['--symbols', types],
    );
    expect(lines).toContain(`-100 1 ${TRUTH.opens}`);
  });

  test('an argument on the stack, which the log does not show, is a fault', async () => {
    const { stderr, stdout } = await run(
      'fbt::do_sys_openat2:entry { trace(arg6); } ERROR { printf("no\\n"); exit(0); }',
    );
    expect(stdout.trim()).toBe('no');
    expect(stderr).toContain('arg6 is not carried by this event');
  });

  test('a log without such records says how to get them', async () => {
    const other = 'examples/traces/linux-x86_64-boot-small.log.gz';
    const program = 'fbt::do_sys_openat2:entry { }';
    const { stderr } = await trapline(['-t', other, '--symbols', CUT, '-n', program]);
    expect(stderr).toContain('QEMU writes them with -d exec,cpu -dfilter 0xffffffff81363fa0+1');
  });
});

const GUEST = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trapline/guest');
const kernel = existsSync(GUEST)
  ? readdirSync(GUEST).find((name) => name === 'vmlinuz-6.1.0-56-amd64')
  : undefined;

describe('the piece of the kernel', () => {
  test.skipIf(kernel === undefined)(
    `is what cut-kernel.ts makes of it${kernel ? '' : ' [needs the guest of scripts/linux-guest.mjs]'}`,
    async () => {
      const vmlinux = await unpackLinuxImage(readFileSync(join(GUEST, kernel ?? '')));
      if (typeof vmlinux === 'string') throw new Error(vmlinux);
      const made = cutKernel(vmlinux);
      if (process.env['UPDATE'] === '1') writeFileSync(`${TOP}/${CUT}`, gzipSync(made, { level: 9 }));
      expect(Buffer.from(gunzipSync(readFileSync(`${TOP}/${CUT}`))).equals(made)).toBe(true);
    },
  );
});
