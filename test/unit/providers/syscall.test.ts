import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { FIRING, Firing } from '../../../src/engine/firing.ts';
import { ProbeTable } from '../../../src/engine/probes.ts';
import { EventBatch } from '../../../src/machine/event-batch.ts';
import { REGISTERS, type RegisterName } from '../../../src/machine/registers.ts';
import { type GuestCode, Hit } from '../../../src/providers/sites.ts';
import { SyscallProvider } from '../../../src/providers/syscall.ts';
import { linuxPersonalities, parsePersonality } from '../../../src/providers/syscalls/abi.ts';

const ENTRY = 0xffffffff81c00080n;
const RESULT = 0xffffffff81a43e1dn;
const CODE: GuestCode = { has: () => true, returnsOf: () => [], resultSites: () => [RESULT] };
const FUNCTIONS = new Map([
  ['entry_SYSCALL_64', ENTRY],
  ['do_syscall_64', 0xffffffff81a43dc0n],
]);
const NUMBERS = { getppid: 110, clone: 56, vfork: 58, execve: 59, exit: 60, arch_prctl: 158, unnamed: 400 };

/** A kernel whose every call is traced; `call` and `result` give the probe that fires, `name:entry`. */
function lab() {
  const memory = new LinearMemory();
  const batch = new EventBatch(memory, 4);
  const firing = new Firing(memory, batch);
  const probes = new ProbeTable();
  const provider = new SyscallProvider(linuxPersonalities(), {
    function: (name) => {
      const start = FUNCTIONS.get(name);
      return start === undefined ? undefined : { start, end: start + 0x80n };
    },
    code: CODE,
  });
  probes.addProvider(provider);
  probes.match({ provider: 'syscall', module: 'linux64', function: '', name: '', id: undefined, text: '' });
  const sites = provider.sites(() => true);
  const hit = new Hit(batch, undefined);
  let registers: Partial<Record<RegisterName, bigint>> = {};
  batch.registers = {
    read: (_, id, out, at) => {
      const name = Object.keys(registers).find((key) => REGISTERS[key as RegisterName].id === id);
      out.i64[at >> 3] = name === undefined ? 0n : BigInt.asIntN(64, registers[name as RegisterName]!);
      return name !== undefined;
    },
  };
  const at = (address: bigint, values: typeof registers): string | undefined => {
    registers = { cr3: 0x1000000n, fs_base: 0x7000n, ...values };
    const site = sites.find((each) => each.address === address)!;
    const probe = probes.get(site.probeAt(hit));
    if (probe === undefined) return undefined;
    site.setArgs(firing, hit);
    site.setErrno?.(firing, hit);
    return `${probe.function}:${probe.name}`;
  };
  return {
    provider,
    call: (number: number, values: typeof registers = {}) => at(ENTRY, { rax: BigInt(number), ...values }),
    result: (value: bigint, values: typeof registers = {}) => at(RESULT, { rax: value, ...values }),
    args: () => Array.from({ length: 10 }, (_, i) => memory.i64[((firing.at + FIRING.args) >> 3) + i]),
    errno: () => memory.i64[(firing.at + FIRING.errno) >> 3],
    missing: () => memory.i64[(firing.at + FIRING.missing) >> 3],
  };
}

describe('SYSCALL', () => {
  test('six arguments, 64 bits each', () => {
    const { call, args, missing } = lab();
    const values = { rdi: -1n, rsi: 2n, rdx: 1n << 63n, r10: 4n, r8: 5n, r9: 6n };
    expect(call(NUMBERS.getppid, values)).toBe('getppid:entry');
    expect(args()).toEqual([-1n, 2n, -(1n << 63n), 4n, 5n, 6n, 0n, 0n, 0n, 0n]);
    expect(missing()).toBe(0n);
  });

  test('registers that the event lacks are missing', () => {
    const { call, missing } = lab();
    call(NUMBERS.getppid, { rdi: 1n, r8: 1n });
    expect(missing()).toBe(0b101110n);
  });

  test.each([
    [0n, 0n],
    [-1n, 1n],
    [-4095n, 4095n],
    [-4096n, 0n],
    [0xffffffffn, 0n],
    [1n << 63n, 0n],
  ])('result %i has errno %i', (value, wanted) => {
    const { call, result, args, errno } = lab();
    call(NUMBERS.getppid);
    expect(result(value)).toBe('getppid:return');
    expect(args().slice(0, 2)).toEqual([BigInt.asIntN(64, value), BigInt.asIntN(64, value)]);
    expect(errno()).toBe(wanted);
  });

  test('a number without a name', () => {
    const { call } = lab();
    expect(call(NUMBERS.unnamed)).toBe('sys_400:entry');
    expect(call(100_000)).toBeUndefined();
  });
});

describe('returns are those of the thread', () => {
  test('other address spaces and threads are others; PCID and page-table isolation do not count', () => {
    const { call, result } = lab();
    call(NUMBERS.getppid, { cr3: 0x1000000n });
    expect(result(0n, { cr3: 0x2000000n })).toBeUndefined();
    expect(result(0n, { fs_base: 0x8000n })).toBeUndefined();
    expect(result(0n, { cr3: 0x1001801n })).toBe('getppid:return');
    expect(result(0n)).toBeUndefined();
  });

  test('a child of vfork calls in its parent’s place', () => {
    const { call, result } = lab();
    call(NUMBERS.vfork);
    call(NUMBERS.getppid);
    expect(result(1n)).toBe('getppid:return');
    call(NUMBERS.execve);
    expect(result(-2n)).toBe('execve:return');
    call(NUMBERS.execve); // succeeds: another address space returns
    expect(result(7n)).toBe('vfork:return');
  });

  test('a child of vfork that exits', () => {
    const { call, result } = lab();
    call(NUMBERS.vfork);
    call(NUMBERS.exit);
    expect(result(7n)).toBe('vfork:return');
  });

  test('a call that never returned is no other call’s', () => {
    const { call, result, provider } = lab();
    call(NUMBERS.getppid);
    call(NUMBERS.execve);
    expect(result(-1n)).toBe('execve:return');
    expect(result(0n)).toBeUndefined();
    expect(provider.accounts()[0]).toMatchObject({ entries: 2, returns: 2, unreturned: 1, strays: 1 });
  });

  test('a thread that sets its FS base returns with the new one', () => {
    const { call, result } = lab();
    call(NUMBERS.arch_prctl, { fs_base: 0n, rdi: 0x1002n, rsi: 0x9000n });
    expect(result(0n, { fs_base: 0x9000n })).toBe('arch_prctl:return');
    call(NUMBERS.arch_prctl, { fs_base: 0n, rdi: 0x3001n, rsi: 0x9000n });
    expect(result(0n, { fs_base: 0n })).toBe('arch_prctl:return');
  });
});

describe('a file of system calls', () => {
  const good = { personality: 'x', instruction: 'int 64', number: 'eax', names: { 1: 'fork' } };

  test('xv6', () => {
    const read = parsePersonality(readFileSync('examples/xv6-syscalls.json', 'utf8'));
    if (typeof read === 'string') throw new Error(read);
    expect(read.ways[0]).toMatchObject({ at: { kind: 'vector', vector: 0x40 }, flags: 'event' });
    expect(read.ways[0]!.args[1]).toEqual({ kind: 'stack', offset: 8, sizeBytes: 4 });
    expect(read.names.get(15)).toBe('open');
  });

  test.each([
    [{}, undefined],
    [{ return: { at: 'syscall+0x2c', result: 'eax' } }, undefined],
    [{ instruction: 'syscall', entry: 'enter' }, undefined],
    [{ personality: 7 }, /"personality" must be a name/],
    [{ number: 'ebz' }, /"number" must be the register/],
    [{ instruction: 'int 256' }, /"instruction" must be "int N" or "syscall"/],
    [{ instruction: 'syscall' }, /"entry" must be the symbol/],
    [{ args: ['eax', '[esp-4]'] }, /args\[1\] must be/],
    [{ args: Array(11).fill('eax') }, /there are 11 args, and a probe has 10/],
    [{ names: [] }, /"names" must be an object/],
    [{ names: { 4096: 'a' } }, /names\["4096"\] must be a number below 4096/],
    [{ names: { 1: 'a b' } }, /names\["1"\]/],
    [{ return: { at: '', result: 'eax' } }, /"return" must have/],
  ])('%j', (change, wrong) => {
    const read = parsePersonality(JSON.stringify({ ...good, ...change }));
    if (wrong === undefined) expect(read).toBeTypeOf('object');
    else expect(read).toMatch(wrong);
  });

  test('no JSON, and no object', () => {
    expect(parsePersonality('{')).toMatch(/it is no JSON/);
    expect(parsePersonality('[]')).toMatch(/must be an object/);
  });
});

describe('Linux', () => {
  const HEADERS = '/usr/include/x86_64-linux-gnu/asm';
  const [linux64, linux32] = linuxPersonalities();

  test('numbers that never change', () => {
    expect([0, 1, 59, 231, 424, 450].map((number) => linux64!.names.get(number))).toEqual([
      ...['read', 'write', 'execve', 'exit_group', 'pidfd_send_signal', 'set_mempolicy_home_node'],
    ]);
    expect([1, 4, 11, 120, 160, 252].map((number) => linux32!.names.get(number))).toEqual([
      ...['exit', 'write', 'execve', 'clone', 'sched_get_priority_min', 'exit_group'],
    ]);
  });

  test.skipIf(!existsSync(HEADERS))('names are those of the headers [needs linux-libc-dev]', () => {
    for (const [file, personality] of [
      ['unistd_64.h', linux64!],
      ['unistd_32.h', linux32!],
    ] as const) {
      const rows = [
        ...readFileSync(`${HEADERS}/${file}`, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm),
      ].filter(([, , number]) => personality.names.has(Number(number)));
      expect(rows.length).toBe(personality.names.size);
      for (const [, name, number] of rows) expect(personality.names.get(Number(number))).toBe(name);
    }
  });
});
