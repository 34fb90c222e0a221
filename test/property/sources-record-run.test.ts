/**
 * Records of Arm and RISC-V logs taken many at once (record-run.ts) are what the careful path makes of them, event by event,
 * register by register and byte by byte: whatever is cut, torn or glued, wherever windows and batches end.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LineOptions, scanLines } from '../support/line-lab.ts';
import { traceBytes } from '../support/sources-lab.ts';

/** Fast and careful; returns how many rows were taken at once. */
function compare(bytes: Uint8Array, options: LineOptions): number {
  const fast = scanLines(bytes, options);
  const careful = scanLines(bytes, { target: options.target, scan: 'careful' });
  expect(fast.events).toEqual(careful.events);
  expect(fast.ledger).toEqual(careful.ledger);
  expect(fast.cpuCount).toBe(careful.cpuCount);
  expect(fast.ledger.accountedBytes).toBe(bytes.length);
  return fast.runRows;
}

const hex = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: max });
const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 600, arbitrary: usual }, { weight: 1, arbitrary: odd });
/** Mostly one CPU, or a few. */
const cpu = (cpus: number): fc.Arbitrary<number> =>
  often(fc.integer({ min: 0, max: cpus - 1 }), fc.constantFrom(0, 9, 10, 63, 123));
const value = often(hex(16), fc.constantFrom('', 'F', '0'.repeat(17), '12 3', 'ffffffffffffffff'));

const guestError = fc
  .tuple(fc.constantFrom('read', 'write', 'write', 'access'), value, fc.constantFrom('\n', '\n', '\r\n'))
  .map(([how, at, end]) => `Invalid ${how} at addr 0x${at}, size 4, region '(null)', reason: rejected${end}`);
const block = fc
  .tuple(fc.integer({ min: 0, max: 2 }), hex(12))
  .map(([n, pc]) => `Trace ${n}: 0x7f00 [00000000/${pc.padStart(16, '0')}/00000003/ff000000] f\n`);
const rubbish = fc.constantFrom(
  'hello\n',
  '\n',
  'CPU Reset (CPU 0)\n',
  'CPU Reset (CPU 1)\n',
  'login: ',
  '\0\n',
);

const trap = (harts: number): fc.Arbitrary<string> =>
  fc
    .record({
      hart: cpu(harts),
      isAsync: often(fc.constantFrom('0', '1', '2'), fc.constantFrom('10', 'x')),
      cause: often(
        fc.nat(25).map((n) => n.toString(16).padStart(16, '0')),
        value,
      ),
      epc: value,
      tval: value,
      desc: often(
        fc.constantFrom('m_timer', 'user_ecall', 'guest_store_page_fault'),
        fc.constantFrom('(unknown)', '', 'a b'),
      ),
      end: often(fc.constant('\n'), fc.constantFrom('', '\r\n', ' \n')),
    })
    .map(
      ({ hart, isAsync, cause, epc, tval, desc, end }) =>
        `riscv_cpu_do_interrupt: hart:${hart}, async:${isAsync}, cause:${cause}, epc:0x${epc}, tval:0x${tval}, desc=${desc}${end}`,
    );

/** QEMU's number, its words, the class that goes with it. */
const EXCEPTIONS = [
  [2, 'SVC', '15'],
  [4, 'Data Abort', '24'],
  [4, 'Data Abort', '25'],
  [3, 'Prefetch Abort', '20'],
  [1, 'Undefined Instruction', '0'],
  [5, 'IRQ', '15'],
  [6, 'FIQ', '0'],
  [14, 'Virtual IRQ', '24'],
  [24, 'Virtual SERR', '20'],
] as const;
const level = often(fc.constantFrom('0', '1', '1', '2'), fc.constantFrom('x', '10'));
/** Few, so that returns find their deliveries. */
const pc = often(fc.constantFrom('465e8c', 'ffff800008cda28c', '4052cc', '7'), value);

const delivery = (cpus: number): fc.Arbitrary<string> =>
  fc
    .record({
      exception: fc.constantFrom(...EXCEPTIONS),
      ...{
        on: cpu(cpus),
        from: level,
        to: level,
        esr: value,
        far: value,
        spsr: value,
        elr: pc,
        entry: value,
      },
      hasSpsr: fc.constantFrom(false, true),
      isOdd: often(fc.constant(false), fc.constant(true)),
      isPsci: often(fc.constant(false), fc.constant(true)),
    })
    .map(({ exception: [number, words, ec], on, from, to, esr, far, spsr, elr, entry, ...has }) => {
      const hasFar = (words.endsWith('Abort') || ec === '20') !== has.isOdd && words !== 'Virtual SERR';
      const head = `Taking exception ${number} [${words}] on CPU ${on}\n...from EL${from} to EL${to}\n...with ESR 0x${ec}/0x${esr}\n`;
      if (has.isPsci) return `${head}...handled as PSCI call\n`;
      const fault = hasFar ? `...with FAR 0x${far}\n` : '';
      const saved = has.hasSpsr ? `...with SPSR 0x${spsr}\n` : '';
      return `${head}${fault}${saved}...with ELR 0x${elr}\n...to EL${to} PC 0x${entry} PSTATE 0x3c5\n`;
    });
const goingBack = fc
  .record({ from: level, to: level, at: pc, bits: often(fc.constant('64'), fc.constant('32')) })
  .map(
    ({ from, to, at, bits }) =>
      `Exception return from AArch64 EL${from} to AArch${bits} EL${to} PC 0x${at}\n`,
  );
const armRecord = (cpus: number): fc.Arbitrary<string> => fc.oneof(delivery(cpus), goingBack);

/** Records of one kind, with some other line now and then, of which every range of lines may be cut short or doubled. */
function logs(
  record: (cpus: number) => fc.Arbitrary<string>,
  extra: readonly string[],
): fc.Arbitrary<Buffer> {
  const run = fc
    .constantFrom(1, 1, 2, 4)
    .chain((cpus) =>
      fc.array(often(record(cpus), fc.constant('\n')), { minLength: 1, maxLength: 250, size: 'max' }),
    );
  const other = fc.oneof(guestError, guestError, block, rubbish, fc.constantFrom(...extra));
  return fc
    .array(fc.tuple(run, fc.array(other, { maxLength: 3 })), { minLength: 1, maxLength: 6 })
    .chain((parts) => {
      const text = parts.map(([records, others]) => records.join('') + others.join('')).join('');
      const wound = fc.record({ at: fc.nat(text.length), size: fc.nat(40), isDouble: fc.boolean() });
      return fc.array(wound, { maxLength: 4 }).map((wounds) => Buffer.from(wounded(text, wounds), 'latin1'));
    });
}

function wounded(
  text: string,
  wounds: readonly { readonly at: number; readonly size: number; readonly isDouble: boolean }[],
): string {
  return wounds.reduce(
    (whole, { at, size, isDouble }) =>
      whole.slice(0, at + (isDouble ? size : 0)) + whole.slice(isDouble ? at : at + size),
    text,
  );
}

const places = fc.record({
  windowBytes: fc.integer({ min: 600, max: 20_000 }),
  batchRows: fc.constantFrom(13, 50, 64, 200, 4096),
});

/** Whole blocks with their dumps, which may come behind any record. */
const linesOf = (name: string, from: number, end: number): string =>
  traceBytes(name)
    .toString('latin1')
    .split('\n')
    .slice(from, end)
    .map((line) => `${line}\n`)
    .join('');

test('RISC-V', () => {
  const extra = [0, 40, 120, 200].map((from) => linesOf('tiny-riscv32-exec-cpu', from, from + 60));
  let taken = 0;
  fc.assert(
    fc.property(logs(trap, extra), places, (bytes, place) => {
      taken += compare(bytes, { target: 'riscv', ...place });
    }),
    { numRuns: 60 },
  );
  expect(taken).toBeGreaterThan(1000);
});

test('Arm', () => {
  const extra = ['tiny-aarch64-exec-cpu', 'tiny-arm-exec-cpu'].flatMap((name) =>
    [0, 40, 120].map((from) => linesOf(name, from, from + 60)),
  );
  let taken = 0;
  fc.assert(
    fc.property(logs(armRecord, extra), places, (bytes, place) => {
      taken += compare(bytes, { target: 'arm', ...place });
    }),
    { numRuns: 60 },
  );
  expect(taken).toBeGreaterThan(1000);
});

describe('bundled logs', () => {
  test.each([
    ['tiny-riscv64-traps', 'riscv', 500],
    ['tiny-riscv32-exec-cpu', 'riscv', 0],
    ['linux-aarch64-boot', 'arm', 3000],
    ['linux-aarch64-smp2', 'arm', 2000],
    ['tiny-aarch64-exec-cpu', 'arm', 0],
    ['tiny-arm-exec-cpu', 'arm', 0],
  ] as const)('%s', (name, target, least) => {
    const bytes = traceBytes(name);
    expect(compare(bytes, { target })).toBeGreaterThanOrEqual(least);
    compare(bytes, { target, windowBytes: 3000, batchRows: 77 });
  });
});
