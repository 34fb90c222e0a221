/**
 * Traces that kernels print, through the built command line. No stored sample of strat9's exists, so lines are made from the
 * description of the format (its colours, console text around and inside); what must come out is counted here by regular
 * expressions over the text, or is plain from the few lines of a case. If this breaks, look in src/sources/text-trace.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'text-trace-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

let files = 0;
function traceFile(lines: readonly string[], name = `${++files}.log`): string {
  const path = join(FOLDER, name);
  writeFileSync(path, lines.map((line) => `${line}\r\n`).join(''));
  return path;
}

interface Shown {
  readonly seq: number;
  readonly cpu?: number;
  readonly kind?: string;
  readonly pid?: number;
  readonly vaddr?: string;
}

/** As strat9 prints it, colours included. */
function echo({ seq, cpu = 0, kind = 'mem_pf', pid = 1, vaddr = '0x1000' }: Shown): string {
  return (
    `\x1b[90m[trace] seq=${seq}\x1b[0m cpu=${cpu} kind=${kind} \x1b[36mpid=${pid}\x1b[0m tid=${pid + 100} ` +
    `\x1b[35mrip=0xffffffff80001234\x1b[0m \x1b[35mvaddr=${vaddr}\x1b[0m a0=0x2 a1=0xffffffffffffffff fl=0x6`
  );
}

/** As its shell's dump has it. */
function dumped({ seq, cpu = 0, kind = 'mem_pf', pid = 1, vaddr = '0x1000' }: Shown): string {
  return (
    `  seq=${seq} t=${seq * 10} cpu=${cpu} kind=${kind} pid=${pid} tid=${pid + 100} cr3=0x5000 rip=0xffffffff80001234 ` +
    `vaddr=${vaddr} fl=0x6 a0=0x2 a1=0xffffffffffffffff`
  );
}

async function run(path: string, program: string, ...more: string[]) {
  return trapline(['-q', '-t', path, '-n', program, ...more]);
}

/** The order in which events come out. */
async function order(lines: readonly string[], ...more: string[]) {
  const result = await run(traceFile(lines), 'sdt::: { printf("%d ", seq); }', ...more);
  return { ...result, seqs: result.stdout.trim() };
}

describe.concurrent('strat9', () => {
  test('numbers too great to be told apart end like others', async () => {
    const line = (seq: string): string => echo({ seq: 7 }).replace('seq=7', `seq=${seq}`);
    const lines = [
      ...['9007199254740990', '9007199254740991', '9007199254740996'].map(line),
      ...['18446744073709545472', '18446744073709549568'].map(line),
    ];
    const args = ['-qt', traceFile(lines), '-n', 'sdt:::mem_pf { @ = count(); } END { printa("%@d", @); }'];
    const { stdout, status } = await trapline(args, { timeoutMs: 20_000 });
    expect([stdout.trim(), status]).toEqual(['5', 0]);
  });

  test('thousands of lines of four CPUs among console text: every count is that of the text', async () => {
    const kinds = ['mem_pf', 'mem_map', 'mem_unmap', 'mem_cow', 'mem_copy'];
    const lines: string[] = [];
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let seq = 40; seq < 5000; seq += random(100) === 0 ? 3 : 1) {
      if (random(9) === 0) lines.push('[kernel] scheduler: 3 tasks ready, mask=0x3');
      const line = echo({
        seq,
        cpu: random(4),
        kind: kinds[random(5)]!,
        vaddr: `0x${random(1 << 20).toString(16)}`,
      });
      lines.push(random(50) === 0 ? `login: ${line}` : line);
    }
    const truth = new Map<string, number>();
    const add = (key: string): void => void truth.set(key, (truth.get(key) ?? 0) + 1);
    const numbers: number[] = [];
    for (const [, seq, cpu, kind] of lines.join('\n').matchAll(/seq=(\d+)\S* cpu=(\d) kind=(\w+)/g)) {
      add(kind!);
      add(`cpu${cpu}`);
      numbers.push(Number(seq));
    }
    const lost = numbers.at(-1)! - numbers[0]! + 1 - numbers.length;
    expect(lost).toBeGreaterThan(10);
    const program =
      'sdt::: { @[probename] = count(); @cpus[strjoin("cpu", lltostr(cpu))] = count(); @sum = sum(args[0]->vaddr); }' +
      ' END { printa("%s %@d\\n", @); printa("%s %@d\\n", @cpus); printa("sum %@d\\n", @sum); }';
    const { stdout, stderr, status } = await run(traceFile(lines), program);
    const shown = stdout.split('\n').filter((line) => line !== '');
    const sum = [...lines.join('\n').matchAll(/vaddr=0x(\w+)/g)].reduce(
      (n, [, hex]) => n + Number.parseInt(hex!, 16),
      0,
    );
    expect(shown.sort()).toEqual(
      [...[...truth].map(([key, count]) => `${key} ${count}`), `sum ${sum}`].sort(),
    );
    expect(stderr).toMatch(new RegExp(`lost ${lost} records that the guest dropped, CPU 0: \\d+, CPU 1: `));
    expect(status).toBe(0);
  });

  test('fields are args[0] by name, arguments by number, registers and D variables by theirs', async () => {
    const path = traceFile([echo({ seq: 5, cpu: 2, pid: 9, vaddr: '0xffff800000000001' })]);
    const program =
      'sdt:mem:page_fault:mem_pf { printf("%d %d %x %x %x|%d %d %x %x|%d %d %d %d %x %x", args[0]->pid, args[0]->tid,' +
      ' args[0]->rip, args[0]->vaddr, args[0]->a1, arg0, arg1, arg4, arg6, cpu, seq, pid, tid, pc, rip); }';
    const { stdout } = await run(path, program);
    expect(stdout.trim()).toBe(
      '9 109 ffffffff80001234 ffff800000000001 ffffffffffffffff|9 109 2 6|2 5 9 109 ffffffff80001234 ffffffff80001234',
    );
  });

  test('a field that the line does not have is a fault, and never 0', async () => {
    const path = traceFile([echo({ seq: 5 }), dumped({ seq: 6 })]);
    const { stdout, stderr } = await run(path, 'sdt:::mem_pf { printf("%x\\n", args[0]->cr3); }');
    expect(stdout.trim()).toBe('5000');
    expect(stderr.match(/error on enabled probe/g)).toHaveLength(1);
  });

  test('records that other CPUs printed earlier come in the order of their numbers', async () => {
    const lines = [3, 5, 4, 7, 8, 6, 9].map((seq) => echo({ seq, cpu: seq % 2 }));
    const { seqs, stderr } = await order(lines);
    expect(seqs).toBe('3 4 5 6 7 8 9');
    expect(stderr).toBe('');
  });

  test('a gap is a loss of the CPU that comes behind it, and fails a strict run', async () => {
    const lines = [3, 4, 7, 8, 12].map((seq) => echo({ seq, cpu: seq > 10 ? 3 : 1 }));
    const { seqs, stderr, status } = await order(lines, '-x', 'strict');
    expect(seqs).toBe('3 4 7 8 12');
    expect(stderr).toContain('lost 5 records that the guest dropped, CPU 1: 2, CPU 3: 3');
    expect(status).toBe(3);
  });

  test('one that comes after a hundred later ones is fired late and was not lost', async () => {
    const later = Array.from({ length: 100 }, (_, i) => echo({ seq: 11 + i }));
    const { seqs, stderr } = await order([echo({ seq: 9 }), ...later, echo({ seq: 10 })]);
    expect(seqs.startsWith('9 11 12 ')).toBe(true);
    expect(seqs.endsWith(' 110 10')).toBe(true);
    expect(stderr).toBe('');
  });

  test('what the dump shows again is no second event', async () => {
    const seqs = [3, 4, 5];
    const lines = [
      ...seqs.map((seq) => echo({ seq })),
      'strat9> trace dump',
      ...seqs.map((seq) => dumped({ seq })),
    ];
    const { seqs: shown, stderr } = await order([...lines, dumped({ seq: 6 })], '-x', 'ledger');
    expect(shown).toBe('3 4 5 6');
    expect(stderr).toContain('3 records printed again');
  });

  test('a system that starts again numbers anew', async () => {
    const lines = [1, 2, 3].map((seq) => echo({ seq }));
    const again = [1, 2, 3, 4].map((seq) => echo({ seq, pid: 50 }));
    const { seqs, stderr } = await order([...lines, 'Booting strat9-os', ...again]);
    expect(seqs).toBe('1 2 3 1 2 3 4');
    expect(stderr).toBe('');
  });

  test('a system that starts again does the very same: these are events', async () => {
    const boot = [1, 2, 3].map((seq) => echo({ seq }));
    expect((await order([...boot, ...boot])).seqs).toBe('1 2 3 1 2 3');
    const path = traceFile(boot);
    const twice = await run(path, 'sdt::: { printf("%d ", seq); }', '-t', path);
    expect(twice.stdout.trim()).toBe('1 2 3 1 2 3');
  });

  test('a file without such records, and one that is empty, are said to be so', async () => {
    const none = await run(traceFile(['nothing here']), 'sdt::: { exit(0); }', '-x', 'format=strat9');
    expect(none.stderr).toContain('no records of the form strat9 found in');
    expect(none.status).toBe(1);
    const empty = await run(traceFile([]), 'sdt::: { exit(0); }', '-x', 'format=strat9');
    expect(empty.stderr).toContain('is empty');
    expect(empty.status).toBe(1);
  });

  test('two records in one line are two; one that is cut off is torn, and counted', async () => {
    const cut = echo({ seq: 7 }).slice(0, 40);
    const { seqs, stderr } = await order([echo({ seq: 5 }) + echo({ seq: 6 }), cut + echo({ seq: 8 })]);
    expect(seqs).toBe('5 6 8');
    expect(stderr).toContain('lost 1 torn record');
    expect(stderr).toContain('1 record that the guest dropped, CPU 0: 1');
  });

  test.each([
    ['mem_cow', '4'],
    ['0x8', '4'],
    ['0x11', '3 5 7'],
    ['mem', '3 4 5 6 7'],
  ])('of the categories %s, events %s are left, and none is lost', async (categories, expected) => {
    const kinds = ['mem_pf', 'mem_cow', 'mem_copy', 'mem_map', 'mem_pf'];
    const lines = kinds.map((kind, i) => echo({ seq: 3 + i, kind }));
    const { seqs, stderr } = await order(lines, '-x', `categories=${categories}`);
    expect(seqs).toBe(expected);
    expect(stderr).toBe('');
  });

  test('from a pipe, when its format is named', async () => {
    const stdin = `${echo({ seq: 1 })}\n${echo({ seq: 2, kind: 'mem_cow' })}\n`;
    const program = 'sdt:::mem_cow { printf("%d %x", args[0]->pid, args[0]->vaddr); }';
    const { stdout } = await trapline(['-q', '-x', 'format=strat9', '-t', '-', '-n', program], { stdin });
    expect(stdout.trim()).toBe('1 1000');
  });
});

describe.concurrent('breenix', () => {
  const line = (cpu: number, idx: number, rest: string) =>
    `[TRACE] CPU${cpu} idx=${idx} ts=${idx * 7} type=0x0301 ${rest}`;

  test('names and fields are what the lines show; each CPU has its own numbers', async () => {
    const path = traceFile([
      'Breenix OS starting',
      line(0, 1, 'SYSCALL_ENTRY nr=4 pid=2'),
      line(1, 100, 'SYSCALL_ENTRY nr=9 pid=3'),
      line(0, 2, 'CTX_SWITCH from=2 to=idle'),
      line(1, 104, 'SYSCALL_ENTRY nr=1 pid=3'),
      line(0, 3, 'CTX_SWITCH from=2 to=7'),
    ]);
    const program =
      'sdt:::SYSCALL_ENTRY { printf("%d/%d ", cpu, args[0]->nr); }' +
      ' sdt:breenix::CTX_SWITCH { printf("%s@%d ", args[0]->to, args[0]->ts); }';
    const { stdout, stderr } = await run(path, program);
    expect(stdout.trim()).toBe('0/4 1/9 idle@14 1/1 7@21');
    expect(stderr).toContain('lost 3 records that the guest dropped, CPU 1: 3');
  });
});

describe.concurrent("a user's format", () => {
  const format = {
    name: 'mine',
    lines: ['ev {n:int} @{us:int} cpu{c:int} {what} by {who}({pid:int}) {*}'],
    sequence: { field: 'n', of: 'all' },
    cpu: 'c',
    time: { field: 'us', ns: 1000 },
    process: { pid: 'pid', execname: 'who' },
    point: 'what',
    points: { open: { category: 'fs', kind: 'path' }, '*': { category: 'misc' } },
  };
  const write = (json: unknown, name: string): string => {
    const path = join(FOLDER, name);
    writeFileSync(path, typeof json === 'string' ? json : JSON.stringify(json));
    return path;
  };

  test('keeps what waits for an earlier number, however much console text comes between', async () => {
    const windows = new Array<string>(40_000).fill(
      '[    1.000000] console text that is no record at all xxxxxxxx',
    );
    const path = traceFile([
      'ev 1 @5000 cpu0 open by init(1) path=/etc/fstab flags=0x2',
      ...windows, // so that nothing but the next record stands in its window
      'ev 3 @5250 cpu1 open by late(77) path=/kept flags=0x1',
      ...windows,
      'ev 2 @5100 cpu0 open by sh(78) path=/between flags=0x0',
    ]);
    const program = 'sdt:fs::open { printf("%d %s %d %s;", seq, execname, pid, args[0]->path); }';
    const { stdout } = await run(path, program, '-x', `format=${write(format, 'kept.json')}`);
    expect(stdout.trim()).toBe('1 init 1 /etc/fstab;2 sh 78 /between;3 late 77 /kept;');
  });

  test('gives probes, fields, time and processes without a line of code', async () => {
    const path = traceFile([
      'ev 1 @5000 cpu0 open by init(1) path=/etc/fstab flags=0x2',
      'ev 2 @5250 cpu1 exit by sh(77) code=-1',
      'ev 3 @7000 cpu0 open by sh(77) path="/a b" flags=0x0',
    ]);
    const program =
      'sdt:fs::open { printf("%d %s %d %s;", timestamp, execname, pid, args[0]->path); }' +
      ' sdt:misc::exit { printf("%d %d;", timestamp, args[0]->code); } tick-1ms { printf("tick;"); }';
    const { stdout, stderr } = await run(path, program, '-x', `format=${write(format, 'mine.json')}`);
    expect(stdout.trim()).toBe('0 init 1 /etc/fstab;250000 -1;tick;tick;2000000 sh 77 /a b;');
    expect(stderr).toBe('');
  });

  test('a name that is in the rest of the line, and braces that are text', async () => {
    const braces = { name: 'braces', lines: ['log { n={n:int} } {*}'], point: 'op' };
    const path = traceFile(['log { n=1 } op=read', 'log { n=2 } op=write size=3']);
    const { stdout } = await run(
      path,
      'sdt::: { printf("%s;", probename); }',
      '-x',
      `format=${write(braces, 'b.json')}`,
    );
    expect(stdout.trim()).toBe('read;write;');
  });

  test.each([
    ['nowhere.json', { ...format, cpu: 'core' }, 'no record of the trace has a field {core}'],
    [
      'other.json',
      { ...format, lines: ['event {n:int} {what} {*}'] },
      'no records of the form mine found in',
    ],
  ])('%s does not fit the trace, which is said', async (name, json, reason) => {
    const path = traceFile(['ev 1 @5000 cpu0 open by init(1) path=/etc/fstab flags=0x2']);
    const { stderr, status } = await run(path, 'sdt::: { exit(0); }', '-x', `format=${write(json, name)}`);
    expect(stderr).toContain(reason);
    expect(status).toBe(1);
  });

  test.each([
    ['not.json', '{', 'it is no JSON'],
    ['key.json', { ...format, lnes: [] }, '"lnes" is not one of name, doc, lines'],
    ['type.json', { ...format, lines: ['x {a:float}'] }, '{a:float}: a type is one of int, hex, word'],
    ['begin.json', { ...format, lines: ['{a} b'] }, 'must begin with some text'],
    ['brace.json', { ...format, lines: ['ev {n:int {what}'] }, '"{n:int" is no field: {name}'],
    ['middle.json', { ...format, lines: ['ev {n:int} {*} {what}'] }, '{*} must be at the end of its line'],
    ['twice.json', { ...format, lines: ['ev {n} {what} {n}'] }, 'has {n} twice'],
    ['role.json', { ...format, lines: ['ev {what}'] }, 'no line has a field {c}'],
    ['seq.json', { ...format, sequence: { field: 'n' } }, '"sequence" must have "field", and "of"'],
    ['time.json', { ...format, time: { field: 'us', ns: 0 } }, '"time" must have "field", and "ns"'],
    ['bit.json', { ...format, points: { a: { bit: 64 } } }, 'the bit of the point "a" must be 0 to 63'],
  ])('%s is refused with its reason', async (name, json, reason) => {
    const args = ['-x', `format=${write(json, name)}`, '-t', traceFile(['ev 1'])];
    const { stderr, status } = await trapline([...args, '-n', 'sdt::: { exit(0); }']);
    expect(stderr).toContain(reason);
    expect(status).toBe(1);
  });
});
