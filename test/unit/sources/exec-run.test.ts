/**
 * Logs of -d exec without dumps are taken many lines in one step: the same events and the same ledger as line by line,
 * whatever stands between the records, wherever windows and batches end.
 */
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { ExecRuns, RUN_MIN_BYTES } from '../../../src/sources/qemu-x86/exec-run.ts';
import { comparable, type LabOptions, replay, scratchFolder, traceBytes } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

const PARAMETERS = { seed: 20250711, numRuns: 60 };

/** In front of a log, so that it is large enough for runs; two records show that there are no dumps. */
const LINK = 'Linking TBs 0x7fe088000240 index 1 -> 0x7fe088000400\n';
const RECORD = 'Trace 0: 0x7fe088000240 [0000000000000000/ffffffff81000000/0040c2b0/ff000200] \n';
const BEFORE = RECORD + RECORD + LINK.repeat(Math.ceil(RUN_MIN_BYTES / LINK.length));

const TRACE = traceBytes('linux-x86_64-smp2-exec-nochain');
const LINES = TRACE.toString('latin1').match(/.*\n/g)!;

let takenLines = 0;
const take = ExecRuns.prototype.take;
const spy = vi.spyOn(ExecRuns.prototype, 'take').mockImplementation(function (this: ExecRuns, place) {
  const result = take.call(this, place);
  takenLines += result?.lines ?? 0;
  return result;
});
afterAll(() => spy.mockRestore());

/** Replay both ways; the number of records, how many lines were taken in runs, and what was lost. */
async function agree(
  log: string,
  options: LabOptions = {},
): Promise<{ records: number; taken: number; lost: string[] }> {
  const bytes = Buffer.from(BEFORE + log, 'latin1');
  const file = scratch.write('log', bytes);
  takenLines = 0;
  const fast = await replay([file], options);
  const taken = takenLines;
  const careful = await replay([file], { ...options, scan: 'careful' });
  expect(comparable(fast)).toEqual(comparable(careful));
  expect(fast.cpuCount).toBe(careful.cpuCount);
  expect(fast.ledger.accountedBytes).toBe(bytes.length);
  expect(takenLines).toBe(taken); // the careful way has none
  return { records: fast.kinds['tb'] ?? 0, taken, lost: Object.keys(fast.ledger.losses) };
}

test('the trace of two CPUs', async () => {
  const { records, taken } = await agree(TRACE.toString('latin1'));
  expect(records).toBe(2 + 59_940 - 60);
  expect(taken).toBeGreaterThan(59_900);
});

const SOME = LINES.slice(0, 6000).join('');

test.each([
  [2000, 300],
  [4096, 4096],
  [20_000, 129],
  [65_536, 1000],
  [300, 200],
])('windows of %i bytes, batches of %i rows', async (windowBytes, batchRows) => {
  const { taken } = await agree(SOME, { windowBytes, batchRows });
  expect(taken).toBeGreaterThan(3000);
});

test('without vector instructions lines are taken one by one', async () => {
  const module = vi.spyOn(WebAssembly, 'Module').mockImplementation(() => {
    throw new Error('no such instruction');
  });
  const { taken } = await agree(SOME);
  expect(module).toHaveBeenCalled();
  expect(taken).toBe(0);
  module.mockRestore();
});

/** Records as other versions of QEMU write them. */
const SHAPES: readonly [string, (line: string) => string][] = [
  ['8.1', (line) => line.replace('[00000000', '[')],
  ['6.0', (line) => line.replace(/\/0([0-9a-f]+)\/[0-9a-f]+\] /, '/0x$1] ')],
  ['a 32-bit QEMU', (line) => line.replace('[00000000', '[').replace('/ffffffff', '/')],
  ['twelve CPUs', (line) => line.replace(/^Trace \d/, (begin) => `${begin}1`)],
  ['a CS base', (line) => line.replace('[0000000000000000', '[00000000000f1230')],
  ['names', (line) => line.replace('] ', '] a_name_of_some_length')],
  ['long names', (line) => line.replace('] ', `] ${'n'.repeat(100)}`)],
  ['CRLF', (line) => line.replace('\n', '\r\n')],
  ['short host addresses', (line) => line.replace('0x7f86', '0x')],
];

test.each(SHAPES)('records of %s', async (_, change) => {
  const lines = LINES.slice(0, 3000).map(change);
  expect(lines[0]).not.toBe(LINES[0]);
  const { taken } = await agree(lines.join(''));
  expect(taken).toBeGreaterThan(2900);
});

test('records of changing shapes', async () => {
  const log = SHAPES.flatMap(([, change], i) => LINES.slice(300 * i, 300 * i + 300).map(change));
  await agree([...log, ...log.reverse()].join(''));
});

test('what the oldest versions write is taken line by line', async () => {
  const old = LINES.slice(0, 500).map((line) =>
    line.replace(/ \d:/, '').replace(/\[.{16}\/(.{16}).*\]/, '[$1]'),
  );
  const { records, taken } = await agree(old.join(''));
  const takenBack = old.filter((line) => line.startsWith('Stopped')).length;
  expect(records).toBe(2 + 500 - 2 * takenBack);
  expect(taken).toBeLessThan(6000);
});

/** The pc of a record. */
const pcOf = (line: string): string => line.slice(42, 58);
const stopped = (line: string): string =>
  `Stopped execution of TB chain before 0x7f86290368c0 [${pcOf(line)}] \n`;
const onCpu = (cpu: number, line: string): string => `Trace ${cpu}${line.slice(7)}`;

test.each([1 << 20, 700, 400])(
  'a record is taken back behind those of other CPUs, windows of %i bytes',
  async (windowBytes) => {
    const lines = LINES.slice(0, 400).map((line) => onCpu(0, line));
    const held = onCpu(1, LINES[401]!);
    for (const distance of [0, 1, 5, 17, 18, 19, 30, 31, 32, 33]) {
      const log = [...lines.slice(0, 100), held, ...lines.slice(100, 100 + distance), stopped(held)];
      const { records } = await agree([...log, ...lines.slice(200)].join(''), { windowBytes });
      // 32 later ones let it stand; then nothing is there to be taken back.
      expect([distance, records]).toEqual([distance, 2 + 300 + distance + (distance < 32 ? 0 : 1)]);
    }
  },
);

test.each<[string, string, number]>([
  // Letters are records, digits their CPUs, - takes the record of the next letter back, = are links of nearly 32 KiB, + a few more.
  ['the one before', 'A0 B0 -B', 1],
  ['one that has left', 'A0 B0 -A', 2],
  ['one that has left, as the latest', 'A0 B0 -B -A', 1],
  ['one of another CPU', 'A0 B1 -A', 1],
  ['one that waits behind another', 'A1 B0 C0 -B', 2],
  ['one that has left with another', 'A1 B0 C0 D1 -B', 4],
  ['two', 'A1 B0 C0 -C -A', 1],
  ['one whose next one was taken back', 'A1 B0 C0 -C -B', 1],
  ['one whose next one was taken back, and that has left', 'A1 B0 C0 -C D1 -B', 3],
  ['one that came long ago', 'A1 B0 = + -A', 2],
  ['one that came not so long ago', 'A1 B0 -A', 1],
  ['one that has left when another had waited for too long', 'A1 B0 C0 = + -B', 3],
  ['one behind one that has waited for too long', 'A1 = + B0 C0 D0 = -D', 3],
  ['one that left before, when one had waited for too long', 'A1 = B0 C0 + -B', 3],
  ['one twice', 'A1 -A -A', 0],
])('taken back: %s', async (_, script, count) => {
  const filler = LINES.slice(1000, 1200).map((line) => onCpu(0, line));
  const byLetter = (letter: string): string => LINES[2000 + letter.charCodeAt(0)]!;
  const line = (step: string): string => {
    if (step === '=' || step === '+') return LINK.repeat(step === '=' ? 600 : 40);
    const [first, second] = [...step] as [string, string];
    return first === '-' ? stopped(byLetter(second)) : onCpu(Number(second), byLetter(first));
  };
  // Several CPUs, of which nothing is held but the latest record.
  const log = [onCpu(1, LINES[900]!), ...filler, ...script.split(' ').map(line)];
  for (const behind of ['', filler.join('')]) {
    const { records } = await agree(log.join('') + behind);
    expect(records).toBe(2 + 201 + count + (behind === '' ? 0 : 200));
  }
});

test('a dump comes after all, behind a record with a CS base', async () => {
  const text = traceBytes('linux-x86_64-int+exec-cpu-dfilter').toString('latin1');
  const [, record, dump] = /^(Trace .*\n)(RAX=(?:.*\n)*?EFER=.*\n)/m.exec(text)!;
  const ip = BigInt(`0x${/^RIP=(\w+)/m.exec(dump!)![1]}`);
  const inSegment = record!.replace(/\[\w+\/\w+/, `[0000000000120000/${(ip + 0x120000n).toString(16)}`);
  const log = [...LINES.slice(0, 300), inSegment, dump, ...LINES.slice(300, 600)].join('');
  const { lost } = await agree(log, { registers: true });
  expect(lost).not.toContain('torn'); // it has its owner; the records behind it lack theirs
});

test('what takes back comes just in time, or just too late', async () => {
  const [held, ...others] = LINES.slice(0, 100) as [string, ...string[]];
  for (const links of [614, 615, 616, 617, 618]) {
    const { records } = await agree(RECORD + held + LINK.repeat(links) + stopped(held) + others.join(''));
    const stands = held.length + links * LINK.length > 32 * 1024;
    expect([links, records]).toEqual([links, 3 + 99 + (stands ? 1 : 0)]);
  }
});

const GUEST_ERROR = 'Invalid read at addr 0xFED1F404, size 4, region (null), reason: rejected\n';

test.each([20, 7])(
  'an event that is no record behind every %i lines ends no more than a run',
  async (every) => {
    const lines = LINES.slice(0, 4000);
    const log = lines.map((line, i) => (i % every === 0 ? GUEST_ERROR + line : line));
    const { taken } = await agree(log.join(''));
    expect(taken).toBeGreaterThan(lines.length * 0.9);
  },
);

test('an event that is no record stands between records that are taken back', async () => {
  const lines = LINES.slice(0, 60).map((line) => onCpu(0, line));
  const [held, other] = [onCpu(1, LINES[401]!), onCpu(0, LINES[402]!)];
  const log = [...lines, held, lines[5]!, GUEST_ERROR, ...lines.slice(0, 9), stopped(held), ...lines];
  const { records } = await agree(log.join(''));
  expect(records).toBe(2 + 60 + 1 + 9 + 60);
  // The same, and it is of the CPU whose record is taken back.
  const behind = [...lines, held, GUEST_ERROR, ...lines.slice(0, 9), stopped(held), ...lines];
  expect((await agree(behind.join(''))).records).toBe(2 + 60 + 9 + 60);
  // Whose pc is that of no record: 0, as the event's.
  const zero = other.replace(pcOf(other), '0'.repeat(16));
  await agree([...lines, held, GUEST_ERROR, ...lines.slice(0, 9), stopped(zero), ...lines].join(''));
});

/** Interrupt records with their dumps. */
const INTERRUPTS = traceBytes('linux-x86_64-boot')
  .toString('latin1')
  .match(/^ *\d+: v=.*\n(?:(?![ \d]*: v=)[A-Z].*=.*\n)+?EFER=.*\n/gm)!
  .slice(0, 100);

test('interrupts between records of two CPUs', async () => {
  const log = LINES.slice(0, 3000).map((line, i) =>
    i % 30 === 29 ? line + INTERRUPTS[(i - 29) / 30]! : line,
  );
  const { taken, records } = await agree(log.join(''), { registers: true });
  expect(INTERRUPTS.length).toBe(100);
  expect(records).toBeGreaterThan(2900);
  expect(taken).toBeGreaterThan(2000);
});

const SAME = LINES.slice(0, 12).map((line) => onCpu(0, line).replace(/0040c2../, '0040c2b0'));

test('four lines of which one has another byte somewhere', async () => {
  const damaged: string[] = [];
  for (let at = 0; at < SAME[0]!.length; at++) {
    for (const byte of ['9', ':', '@', '`', 'a', 'f', 'g', '/', '0', '\n', '\r', '\0', '\xff']) {
      const line = SAME[8]!;
      damaged.push(...SAME.slice(0, 8 - (damaged.length % 4)));
      damaged.push(line.slice(0, at) + byte + line.slice(at + 1));
    }
  }
  const { taken } = await agree(damaged.join('') + SAME.join('').repeat(100));
  expect(taken).toBeGreaterThan(damaged.length / 2);
});

test('lines of the same size that change after each four', async () => {
  const changes: ((line: string) => string)[] = [
    (line) => line.replace('0040c2b0', '0040c2b3'),
    (line) => line.replace('ff080200', 'ff080201'),
    (line) => line.replace('[00000000', '[0000000f'),
    (line) => line.replace('0000/', '00f0/'),
    (line) => onCpu(7, line),
    (line) => line,
  ];
  for (const count of [1, 3, 4, 5, 8, 40]) {
    const log = Array.from({ length: 1200 }, (_, i) =>
      changes[Math.floor(i / count) % changes.length]!(SAME[i % SAME.length]!),
    );
    const { taken } = await agree(log.join(''));
    expect(taken).toBeGreaterThan(1100);
  }
});

test('CPUs of one digit and of two, in turn', async () => {
  const numbers = [0, 1, 8, 9, 10, 11, 19, 29, 30, 31, 31, 30, 32, 39, 40];
  for (const [from, end] of [
    [0, 4],
    [4, 8],
    [6, 10],
    [8, 12],
    [8, 15],
    [0, 15],
  ] as const) {
    const some = numbers.slice(from, end);
    const log = LINES.slice(0, 1500).map((line, i) => onCpu(some[(i >> (i & 1)) % some.length]!, line));
    await agree(log.join(''), { batchRows: 700 });
  }
});

test('a CPU whose number is too great, among those whose numbers begin as its does', async () => {
  for (const [usual, other] of [
    [30, 32],
    [31, 39],
    [3, 31],
  ] as const) {
    const log = LINES.slice(0, 1000).map((line, i) => onCpu(i % 101 === 100 ? other : usual, line));
    const { taken } = await agree(log.join(''));
    expect(taken).toBeGreaterThan(500);
  }
  // CPU 32 is not CPU 0, whose record is taken back behind its.
  for (let count = 2; count < 14; count++) {
    const usual = SAME.map((line) => onCpu(30, line));
    const held = onCpu(0, LINES[401]!);
    const between = [...usual, ...usual].slice(0, count);
    const behind = [onCpu(32, SAME[3]!), ...usual.slice(0, 4), stopped(held)];
    await agree([...usual, ...usual, held, ...between, ...behind, ...usual].join(''));
  }
});

test('names that end too early', async () => {
  const log: string[] = [];
  for (let size = 1; size < 30; size++) {
    const named = (name: string) => SAME.map((line) => line.replace('] ', `] ${name}`));
    for (let at = 0; at < size; at++) {
      const broken = `${'n'.repeat(at)}\n${'n'.repeat(size - 1 - at)}`;
      log.push(...named('n'.repeat(size)).slice(0, 8), named(broken)[8]!);
    }
  }
  await agree(log.join(''));
});

test('names of any length', async () => {
  const log = Array.from({ length: 60 }, (_, size) =>
    SAME.map((line) => line.replace('] ', `] ${'n'.repeat(size)}`)).join(''),
  );
  const { taken } = await agree(log.join(''));
  expect(taken).toBeGreaterThan(60 * 11);
  // The same but for one letter.
  const letters = log.map(
    (lines, size) => lines.replace('n', 'm') + lines.replace(/nn\b/, 'mn').slice(0, 80 * size),
  );
  await agree(letters.join(''));
});

/** One thing that may stand in a log. */
const piece = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ from: fc.nat({ max: 50_000 }), count: fc.nat({ max: 80 }), cpus: fc.nat({ max: 4 }) })
      .map(({ from, count, cpus }) =>
        LINES.slice(from, from + count)
          .map((line, i) => (cpus === 0 ? line : onCpu((i * 7 + from) % cpus, line)))
          .join(''),
      ),
  },
  // Two records, some others and one that takes one of them back.
  {
    weight: 6,
    arbitrary: fc
      .record({
        from: fc.nat({ max: 50_000 }),
        count: fc.nat({ max: 40 }),
        back: fc.nat({ max: 40 }),
        cpus: fc.nat({ max: 4 }),
      })
      .map(({ from, count, back, cpus }) => {
        const lines = LINES.slice(from, from + count + 1).map((line, i) =>
          onCpu(cpus === 0 ? 0 : (i * 5 + back) % cpus, line),
        );
        return lines.join('') + stopped(lines[Math.max(0, lines.length - 1 - back)]!);
      }),
  },
  { weight: 1, arbitrary: fc.constantFrom(...INTERRUPTS) },
  { weight: 3, arbitrary: fc.nat({ max: 900 }).map((count) => LINK.repeat(count)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...SHAPES).map(([, change]) => LINES.slice(9, 60).map(change).join('')),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\n',
      'a console says something\n',
      'Trace 0: 0x7f86',
      'Trace 0: 0x7f8629022a80 [0000000000000000/ffffffff81389ffe/0040c2b0',
      'Trace 123: 0x7f8629022a80 [0000000000000000/ffffffff81389ffe/0040c2b0/ff080200] \n',
      'Trace 65537: 0x7f8629022a80 [0000000000000000/ffffffff81389ffe/0040c2b0/ff080200] \n',
      'Linking TBs\n',
      'Stopped execution of TB chain before 0x7f86290368c0 [ffffffff814ab6b0',
      'Servicing hardware INT=0xec\n',
      GUEST_ERROR,
      'check_exception old: 0xffffffff new 0xe\n',
      '     7: v=0e e=0004 i=0 cpl=3 IP=0033:00007f0000000000 pc=00007f0000000000 SP=002b:00007ffe00000000 CR2=0000000000000010\n',
      'RAX=0000000000000000 RBX=ffffc90000013f58 RCX=0000000000088000 RDX=ffffc90000013c18\n',
      'RIP=ffffffff81389ffe RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0\n',
      'CPU Reset (CPU 1)\n',
      'Triple fault\n',
      `${'x'.repeat(5000)}\n`,
      RECORD.replace('] ', `] ${'x'.repeat(5000)}`),
    ),
  },
);
const change = fc.record({
  at: fc.nat(),
  value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(10, 13, 0, 32, 47, 48, 58, 91, 93, 97, 102, 103)),
});

test('anything between records, bytes changed and cut out', async () => {
  let all = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 25 }),
      fc.array(change, { maxLength: 6 }),
      fc.option(fc.tuple(fc.nat(), fc.nat({ max: 300 }))),
      fc.constantFrom(300, 1000, 4096, 20_000, 1 << 20),
      fc.constantFrom(7, 150, 300, 4096),
      async (pieces, changes, cut, windowBytes, batchRows) => {
        let log = Buffer.from(pieces.join(''), 'latin1');
        for (const { at, value } of changes) if (log.length > 0) log[at % log.length] = value;
        if (cut !== null && log.length > 0) {
          const at = cut[0] % log.length;
          log = Buffer.concat([log.subarray(0, at), log.subarray(at + cut[1])]);
        }
        const { taken } = await agree(log.toString('latin1'), { windowBytes, batchRows });
        all += taken;
      },
    ),
    PARAMETERS,
  );
  expect(all).toBeGreaterThan(3_000);
});
