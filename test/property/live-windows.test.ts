/**
 * A log that comes in pieces with pauses between them, as QEMU writes it to a FIFO: the fast way takes its records, too, with the
 * events and the ledger of the careful one, and no event later. A dump that is cut off from its header teaches its layout once.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { REGISTERS } from '../../src/machine/registers.ts';
import { DumpLayouts } from '../../src/sources/qemu-x86/layouts.ts';
import { type Scanned, scanBytes } from '../support/scanner-lab.ts';
import { traceBytes } from '../support/sources-lab.ts';

const SLICES = [
  slice('tiny32-triple-fault', 0, 22_811),
  slice('linux-x86_64-smp2-torn', 4_660_000, 4_690_000),
  slice('linux-x86_64-stderr-mixed', 0, 60_000),
  slice('linux-x86_64-boot', 17_400_000, 17_430_000),
  slice('linux-x86_64-int+exec-cpu-dfilter', 20_000_000, 20_030_000),
  slice('linux-x86_64-int+trace-timestamps', 6_000_000, 6_030_000),
] as const;

/** Where QEMU's writes end: header, its CR2, its newline and the dump are four, every other line is one. */
const WRITE_END = / CR2=[0-9a-f]{16}(?=\n[RE]AX=)|\n(?=[RE]AX=)|^(?:EFER=|check_|Servicing|Trace ).*\n/gm;

function slice(name: string, from: number, to: number): Buffer {
  return Buffer.from(traceBytes(name).subarray(from, to));
}

function writeEnds(bytes: Buffer): number[] {
  return [...bytes.toString('latin1').matchAll(WRITE_END)].flatMap(({ index, 0: text }) =>
    text === '\n'
      ? [index, index + 1]
      : text.startsWith(' CR2')
        ? [index, index + text.length]
        : index + text.length,
  );
}

const COLUMNS = [undefined, [REGISTERS.rax.id, REGISTERS.rip.id]] as const;

function facts({ events, ledger, state }: Scanned): unknown {
  return {
    ...{ events, state, total: ledger.totalBytes, eventBytes: ledger.eventBytes, count: ledger.events },
    ...{ losses: Object.fromEntries(ledger.losses), repaired: ledger.repaired },
    nonEvents: Object.fromEntries(ledger.nonEvents),
  };
}

/** Both ways find the same, whatever pauses there are; and what the careful one has found before a pause, the fast one has. */
function agree(bytes: Buffer, pauses: readonly number[], columns: readonly number[] | undefined): void {
  const options = { pauses, ...(columns && { columns }) };
  const fast = scanBytes(bytes, options);
  const careful = scanBytes(bytes, { ...options, scan: 'careful' });
  expect(facts(fast)).toEqual(facts(careful));
  const late = fast.prompt.findIndex((count, piece) => count < careful.prompt[piece]!);
  expect({ late, before: late < 0 ? undefined : pauses[late - 1] }).toEqual({ late: -1, before: undefined });
}

describe.each([...SLICES.keys()])('slice %i', (index) => {
  const bytes = SLICES[index]!;
  const ends = writeEnds(bytes);

  test.each(COLUMNS)('a pause behind each write, columns %j', (columns) => agree(bytes, ends, columns));

  test('pauses behind some writes', () => {
    const some = fc.array(fc.nat({ max: ends.length - 1 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(some, fc.constantFrom(...COLUMNS), (chosen, columns) => {
        const pauses = [...new Set(chosen)].sort((a, b) => a - b).map((i) => ends[i]!);
        agree(bytes, pauses, columns);
      }),
      { numRuns: 10 },
    );
  });

  test('pauses anywhere', () => {
    const some = fc.array(fc.nat({ max: bytes.length }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(some, fc.constantFrom(...COLUMNS), (chosen, columns) => {
        agree(
          bytes,
          chosen.sort((a, b) => a - b),
          columns,
        );
      }),
      { numRuns: 10 },
    );
  });
});

describe('a long storm', () => {
  const RECORD = /^check_exception .*\n {0,5}\d+: v=0e .* CR2=.*\nRAX=(?:.*\n)*?EFER=.*\n/m;
  const record = RECORD.exec(traceBytes('linux-x86_64-boot').toString('latin1'))![0];
  const log = Buffer.from(record.repeat(500), 'latin1');
  const newline = record.indexOf('\nRAX=');
  const at = (offset: number): number[] => Array.from({ length: 500 }, (_, i) => i * record.length + offset);
  const learn = vi.spyOn(DumpLayouts.prototype, 'learn');
  const matched = vi.spyOn(DumpLayouts.prototype, 'match');
  beforeEach(() => vi.clearAllMocks());

  test.each([
    ['in front of each dump', at(newline + 1)],
    ['in front of the newline of each header', at(newline)],
    ['behind each record', at(record.length)],
  ])('pauses %s: its layout is learned once', (_, pauses) => {
    expect(scanBytes(log, { pauses }).events).toHaveLength(500);
    expect(learn).toHaveBeenCalledOnce();
  });

  test('pauses in front of dumps: no dump is looked at before it is there', () => {
    scanBytes(log, { pauses: at(newline + 1) });
    expect(matched.mock.calls.length).toBeLessThan(520);
  });

  test('an event is there when its record is whole', () => {
    const { prompt } = scanBytes(log, { pauses: at(record.length) });
    expect(prompt.slice(0, 501)).toEqual(Array.from({ length: 501 }, (_, i) => i));
  });
});
