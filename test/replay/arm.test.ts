/**
 * Arm logs: trapline against counts made without any of our code. TRUTH is what the capture's notes say; `recount` counts
 * again here, by regular expressions over the text.
 */
import { describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';
import { comparable, replay, traceBytes, tracePath } from '../support/sources-lab.ts';

const TRUTH = {
  'linux-aarch64-boot': {
    words: {
      SVC: 628,
      'Data Abort': 600,
      IRQ: 270,
      'Prefetch Abort': 267,
      'Undefined Instruction': 9,
      'Hypervisor Call': 7,
    },
    returns: { 'EL1 EL0': 1447, 'EL1 EL1': 328 },
    cpus: { 0: 1781 },
  },
  'linux-aarch64-smp2': {
    words: {
      SVC: 628,
      'Data Abort': 603,
      IRQ: 921,
      'Prefetch Abort': 267,
      'Undefined Instruction': 9,
      'Hypervisor Call': 8,
    },
    returns: { 'EL1 EL0': 1455, 'EL1 EL1': 974 },
    cpus: { 0: 802, 1: 1634 },
  },
} as const;

/** trapline's mnemonics for QEMU's words, where a log of Linux has them. */
const MNEMONICS: Readonly<Record<string, string>> = {
  SVC: 'svc',
  'Data Abort': 'data_abort',
  IRQ: 'irq',
  'Prefetch Abort': 'prefetch_abort',
  'Undefined Instruction': 'undefined',
  'Hypervisor Call': 'hvc',
};

function recount(name: string) {
  const text = traceBytes(name).toString('latin1');
  const count = (pattern: RegExp, key: (match: RegExpMatchArray) => string) => {
    const counts: Record<string, number> = {};
    for (const match of text.matchAll(pattern)) counts[key(match)] = (counts[key(match)] ?? 0) + 1;
    return counts;
  };
  return {
    words: count(/^Taking exception \d+ \[(.*?)\]/gm, (match) => match[1]!),
    returns: count(/^Exception return from AArch64 (EL\d) to AArch64 (EL\d)/gm, (m) => `${m[1]} ${m[2]}`),
    cpus: count(/^Taking exception .* on CPU (\d)/gm, (match) => match[1]!),
    classes: count(/ESR (0x[0-9a-f]+)\//g, (match) => match[1]!),
    faults: count(/^\.\.\.with FAR (0x[0-9a-f]+)/gm, (match) => match[1]!),
    elrs: count(/^\.\.\.with ELR (0x[0-9a-f]+)/gm, (match) => match[1]!),
  };
}

/** Lines `key … count` of an aggregation that prints keys with %s and %x. */
function printed(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf('=')), Number(line.split('=').at(-1))]),
  );
}

describe.each(Object.entries(TRUTH))('%s', (name, truth) => {
  const trace = ['-q', '-t', `examples/traces/${name}.log.gz`];
  const recounted = recount(name);

  test('the notes and the recount agree', () => {
    const { words, returns, cpus } = recounted;
    expect({ words, returns, cpus }).toEqual(truth);
  });

  test.each(['fast', 'careful'] as const)('every byte is accounted, nothing is lost (%s)', async (scan) => {
    const { ledger, cpus, kinds, cpuCount } = await replay([tracePath(name)], { scan });
    expect(ledger.losses).toEqual({});
    expect(ledger.accountedBytes).toBe(traceBytes(name).length);
    expect(ledger.eventBytes).toBe(ledger.totalBytes);
    expect(cpus).toEqual(truth.cpus);
    expect(cpuCount).toBe(Object.keys(truth.cpus).length);
    expect(kinds['vec_return']).toBe(Object.values(truth.returns).reduce((a, b) => a + b, 0));
  });

  test('tiny windows, small batches: the same events', async () => {
    const whole = await replay([tracePath(name)], { registers: true });
    for (const options of [{ windowBytes: 97 }, { batchRows: 7, windowBytes: 5000 }])
      expect(comparable(await replay([tracePath(name)], { registers: true, ...options }))).toEqual(
        comparable(whole),
      );
  });

  test.each([[[]], [['--unsafe']]])(
    'deliveries by mnemonic %s: no log tells PSTATE.I of synchronous ones',
    async (more) => {
      const program = `vec:::0x* { @[probefunc] = count(); } END { printa("%s=%@d\\n", @); }`;
      const run = await trapline([...trace, ...more, '-n', program]);
      const wanted = Object.entries(truth.words).map(([word, count]) => [MNEMONICS[word], count]);
      expect(printed(run.stdout)).toEqual(Object.fromEntries(wanted));
      expect(run).toMatchObject({ status: 0, stderr: '' });
    },
  );

  test('deliveries by CPU, fault addresses, addresses to return to', async () => {
    const program = `
      vec:::0x* { @cpus[cpu] = count(); }
      vec::*_abort:0x* { @faults[arg2] = count(); }
      vec:::0x* /probefunc != "hvc"/ { @elrs[elr] = count(); }
      END { printa("cpu %d=%@d\\n", @cpus); printa("far %#x=%@d\\n", @faults); printa("elr %#x=%@d\\n", @elrs); }`;
    const run = await trapline([...trace, '-n', program]);
    const of = (prefix: string, counts: Record<string, number>) =>
      Object.entries(counts).map(([key, count]) => [
        `${prefix} ${key === '0x0' && prefix !== 'cpu' ? '0' : key}`,
        count,
      ]);
    expect(printed(run.stdout)).toEqual(
      Object.fromEntries([
        ...of('cpu', recounted.cpus),
        ...of('far', recounted.faults),
        ...of('elr', recounted.elrs),
      ]),
    );
  });

  test('returns by the level they lead to, and nearly all end a delivery that was seen', async () => {
    const program = `
      vec:::return { @[arg4] = count(); }
      vec::eret:return { @unseen = count(); }
      END { printa("EL1 EL%d=%@d\\n", @); printa("unseen=%@d\\n", @unseen); }`;
    const { unseen, ...returns } = printed((await trapline([...trace, '-n', program])).stdout);
    expect(returns).toEqual(truth.returns);
    // Each CPU starts with one, each program that is not forked begins with one.
    expect(unseen).toBeLessThanOrEqual(6);
    expect(unseen).toBeGreaterThanOrEqual(1);
  });
});

test('arguments and registers of a data abort', async () => {
  const program = `vec::data_abort:0x24 /n++ == 0/ {
    printf("%d %x %x %x %d %d\\n", arg0, arg1, arg2, arg3, arg4, arg5);
    printf("%x %x %x %x %x %x %x", esr, esr_ec, esr_fsc, far, elr, new_el, new_pstate);
  }`;
  const run = await trapline(['-q', '-t', 'examples/traces/linux-aarch64-boot.log.gz', '-n', program]);
  const text = traceBytes('linux-aarch64-boot').toString('latin1');
  const [, esr, far, elr] =
    /ESR 0x24\/0x(\w+)\n\.\.\.with FAR 0x(\w+)\n\.\.\.with ELR 0x(\w+)\n/.exec(text) ?? [];
  const fsc = (Number.parseInt(esr!, 16) & 0x3f).toString(16);
  expect(run.stdout).toBe(`36 ${esr} ${far} ${elr} 0 0\n${esr} 24 ${fsc} ${far} ${elr} 1 3c5\n`);
});

describe('-d int,exec,cpu', () => {
  const run = (name: string, program: string) =>
    trapline(['-q', '-t', `examples/traces/${name}.log.gz`, '-x', 'strict', '-n', program]);

  test('64-bit: the dump at the handler gives a delivery its registers', async () => {
    const { stdout, status } = await run(
      'tiny-aarch64-exec-cpu',
      'vec::svc:0x15 { printf("x8=%d x0=%d from EL%d to %x;", x8, x0, cpl, new_pc); }',
    );
    expect(stdout).toBe(
      [
        'x8=172 x0=17 from EL1 to 40200a00;',
        'x8=64 x0=1 from EL0 to 40200c00;',
        'x8=93 x0=1 from EL0 to 40200c00;',
        'x8=999 x0=1 from EL0 to 40200c00;\n',
      ].join(''),
    );
    expect(status).toBe(0);
  });

  test('64-bit: blocks have sp, level and mask by the dump', async () => {
    const { stdout } = await run('tiny-aarch64-exec-cpu', 'exec:::tb { @[pc, sp, cpl, iflag] = count(); }');
    expect(stdout.replace(/ +/g, ' ').trim().split('\n')).toHaveLength(2);
    expect(stdout).toMatch(/1075841536 +0 +1 +0 +4\n/); // 0x40200a00
  });

  test('32-bit: where to return to is in the link register; modes tell what a return ends', async () => {
    const { stdout } = await run(
      'tiny-arm-exec-cpu',
      'vec:::0x* /probefunc != "undefined" && probefunc != "hvc"/ { printf("%s %x r7=%d;", probefunc, pc, r7); } vec:::return { printf("%s:%x;", probefunc, pc); }',
    );
    expect(stdout).toBe(
      'svc 40200014 r7=4;undefined:40200018;bkpt 40200018 r7=4;bkpt:4020001c;data_abort 40200020 r7=4;data_abort:40200024;\n',
    );
  });

  test('system calls by name, where their number is in a dump; an SVC of the kernel is none', async () => {
    const { stdout } = await run(
      'tiny-aarch64-exec-cpu',
      'syscall:::entry { printf("%s:%s(%d,%d);", probemod, probefunc, arg0, arg1); }',
    );
    // The calls of guests/tiny-aarch64.s from EL0: 64 and 93 of the generic table; 999 has no probe.
    expect(stdout.trim()).toBe('linux_arm64:write(1,34);linux_arm64:exit(1,34);');
  });

  test('what the event or the architecture does not have is a fault', async () => {
    const { stderr, stdout } = await run(
      'tiny-aarch64-exec-cpu',
      'vec::svc:0x15 /n++ == 0/ { trace(rax); } vec::svc:0x15 /m++ == 0/ { trace(sp); } vec::hvc: { trace(elr); } vec::svc:0x15 /o++ == 0/ { trace(a7); }',
    );
    for (const name of ['rax', 'sp', 'elr', 'a7'])
      expect(stderr).toContain(`${name} is not carried by this event`);
    expect(stdout.trim()).toBe('');
  });
});

describe('descriptions', () => {
  const listing = async (...args: string[]) => (await trapline(['-l', ...args])).stdout;
  const ARM = ['-t', 'examples/traces/linux-aarch64-boot.log.gz'];

  test("-l lists the trace's own vec probes, and x86's without a trace", async () => {
    const arm = await listing(...ARM, '-n', 'vec:::');
    expect(arm).toMatch(/vec +exception +data_abort +0x24\n/);
    expect(arm).toMatch(/vec +interrupt +irq +0x80\n/);
    expect(arm).not.toMatch(/page_fault/);
    const x86 = await listing('-n', 'vec:::');
    expect(x86).toMatch(/vec +exception +page_fault +0x0e\n/);
    expect(x86).not.toMatch(/data_abort/);
  });

  test('a script for several architectures runs on each', async () => {
    const program = 'vec::page_fault:, vec::data_abort:, vec::load_page_fault: { @[probefunc] = count(); }';
    const counts = async (name: string) =>
      (
        await trapline(['-q', '--unsafe', '-t', `examples/traces/${name}.log.gz`, '-n', program])
      ).stdout.trim();
    expect(await counts('linux-aarch64-boot')).toMatch(/^data_abort +600$/);
    expect(await counts('tiny32-int-storm')).toMatch(/^page_fault +64$/);
    expect(await counts('tiny-riscv64-traps')).toMatch(/^load_page_fault +100$/);
  });

  test('vec::: means deliveries, whether or not another clause asks for returns', async () => {
    const program = 'vec::: { @all = count(); } vec:::return { @back = count(); }';
    const run = await trapline(['-q', ...ARM, '-n', program]);
    expect(run.stdout.trim().split(/\s+/)).toEqual(['1781', '1775']);
  });
});

test("pc of 32-bit deliveries comes from the handler's block, whatever else the program reads", async () => {
  const trace = ['-q', '-t', 'examples/traces/tiny-arm-exec-cpu.log.gz', '-n'];
  const places = async (program: string) => {
    const { stdout } = await trapline([...trace, `vec::data_abort:0x*, vec::svc:0x* { ${program} }`]);
    return stdout.trim().split('\n');
  };
  const alone = await places('printf("%x\\n", pc);');
  expect(alone).toEqual(await places('this->r = r0; printf("%x\\n", pc);'));
  expect(alone).toEqual(await places('printf("%x\\n", arg3);'));
  expect(alone).toEqual(['40200014', '40200020']);
});
