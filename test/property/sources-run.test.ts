/**
 * Records taken many at once (int-run.ts) are what the careful walk makes of them, event by event, register by register and
 * count by count: on whole traces, and on logs put together from their pieces, with bytes changed and pieces torn.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REGISTERS } from '../../src/machine/registers.ts';
import { type Scanned, scanBytes } from '../support/scanner-lab.ts';
import { traceBytes } from '../support/sources-lab.ts';
import { isUnseen } from '../support/unseen.ts';

const id = (name: keyof typeof REGISTERS): number => REGISTERS[name].id;
/** Registers of every kind of place: header, four to a line, labels, fixed offsets, one digit, narrow and wide. */
const COLUMNS: readonly (readonly number[])[] = [
  [],
  [id('rip'), id('rsp'), id('cs'), id('ss')],
  [id('rax'), id('rdi'), id('rcx'), id('rbp')],
  [id('cr0'), id('cr2'), id('cr3'), id('cr4'), id('efer')],
  [id('rflags'), id('smm'), id('hlt'), id('gs_base'), id('tr'), id('tr_base'), id('gdt_limit'), id('dr7')],
  [id('rdx'), id('dr3'), id('fs'), id('idt_base')],
];

function facts({ events, ledger }: Scanned): unknown {
  return {
    events,
    total: ledger.totalBytes,
    eventBytes: ledger.eventBytes,
    count: ledger.events,
    nonEvents: Object.fromEntries(ledger.nonEvents),
    losses: Object.fromEntries([...ledger.losses].map(([kind, row]) => [kind, row])),
    repaired: ledger.repaired,
  };
}

/** Scans in both ways must agree; gives how much was taken at once. */
function agree(bytes: Uint8Array, columns: readonly number[], windowBytes = 6000): Scanned {
  const fast = scanBytes(bytes, { columns, windowBytes });
  const careful = scanBytes(bytes, { columns, windowBytes, scan: 'careful' });
  expect(facts(fast)).toEqual(facts(careful));
  expect(fast.state).toEqual(careful.state);
  return fast;
}

describe('traces', () => {
  const part = (name: string, from = 0, to = 3_000_000): Buffer => traceBytes(name).subarray(from, to);
  test.each([
    ['linux-x86_64-boot', 17_000_000, 19_000_000, 0.5],
    ['linux-x86_64-boot-small', 0, 2_000_000, 0.5],
    ['linux-x86_64-smp2-torn', 4_000_000, 6_000_000, 0.5],
    ['linux-x86_64-stderr-mixed', 0, 1_500_000, 0.5],
    ['linux-i386-boot', 1_000_000, 3_000_000, 0.5],
    ['tiny32-int-storm', 0, 1_000_000, 0.5],
    ['tiny32-pf-recursive-triple', 0, 1_000_000, 0.5],
    ['linux-x86_64-int+trace-timestamps', 5_000_000, 6_500_000, 0],
  ])('%s', (name, from, to, share) => {
    const bytes = part(name, from, to);
    COLUMNS.forEach((columns, i) => {
      const piece = bytes.subarray(i * 150_000, (i + 2) * 150_000);
      const { run, events, columned } = agree(piece, columns, 8192 << (i % 2));
      expect(run / events.length).toBeGreaterThanOrEqual(share);
      if (columns.length > 0) expect({ columns, columned }).toEqual({ columns, columned: run }); // an x86-64 kernel's and a PC's dumps show all of these
    });
  });
});

test('without vectors records are taken one by one, and are the same', () => {
  const bytes = traceBytes('linux-x86_64-smp2-torn').subarray(4_000_000, 4_400_000);
  const slow = scanBytes(bytes, { hasVectors: false, windowBytes: 6000, columns: COLUMNS[2]! });
  expect([slow.run, slow.columned]).toEqual([0, 0]);
  expect(facts(slow)).toEqual(facts(agree(bytes, COLUMNS[2]!)));
});

/** Records and other lines of real logs, by the line. */
const PIECES = ['linux-x86_64-boot', 'linux-i386-boot', 'linux-x86_64-smp2-torn', 'tiny32-int-storm'].flatMap(
  (name) => {
    const text = traceBytes(name).toString('latin1');
    const found: string[] = [];
    const record = /(?:^(?:check_exception|Servicing|SMM|CPU Reset).*\n)*^ *\d+: v=.*\n(?:[A-Z].*\n)*/gm;
    for (let i = 1; i < 40; i++) {
      record.lastIndex = Math.floor((text.length * i) / 41);
      const match = record.exec(text);
      if (match !== null) found.push(match[0]);
    }
    return found;
  },
);

const MARKS = [
  'Servicing hardware INT=0xec\n',
  'Servicing hardware INT=0x08\n',
  'Servicing hardware INT=0x76\n',
  'Servicing virtual hardware INT=0x30\n',
  'Invalid read at addr 0x7000000, size 4, region (null)\n',
  'SMM: enter\n',
  'check_exception old: 0xffffffff new 0xe\n',
  'check_exception old: 0xffffffff new 0xd\n',
  'check_exception old: 0xe new 0xb\n',
  'check_exception old: 0xffffffff new 0xeee\n',
  'Servicing hardware INT=0x8\n',
  'some text of the guest\n',
  '8317@1720000000.123456:apic_deliver_irq dest 1\n',
  '8317@1720000001.000000:ioapic_set_irq vector: 4 level: 1\r\n',
  '17@99999999999.999999:late\n',
  '17@1720000000.12345:no time\n',
];

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 2, arbitrary: fc.constantFrom(...MARKS) },
);
/** A few pieces again and again, so that there is something to learn from. */
const pieces = fc
  .tuple(
    fc.array(piece, { minLength: 2, maxLength: 7 }),
    fc.array(fc.nat(), { minLength: 20, maxLength: 45 }),
  )
  .map(([few, order]) => order.map((i) => few[i % few.length]!).join(''));
const PARAMETERS = { seed: 90125, numRuns: 120 };
const oddByte = fc.oneof(
  fc.constantFrom(...[...'\n\r\0 0123456789abcdefgGF=:vRECS'].map((c) => c.charCodeAt(0))),
  fc.nat({ max: 255 }),
);

test('any order of records and lines', () => {
  let run = 0;
  fc.assert(
    fc.property(
      pieces,
      fc.constantFrom(...COLUMNS),
      fc.constantFrom(4500, 6000, 9000),
      (log, columns, window) => {
        run += agree(Buffer.from(log, 'latin1'), columns, window).run;
      },
    ),
    PARAMETERS,
  );
  expect(run).toBeGreaterThan(400);
});

test('bytes changed, cut out and moved', () => {
  let run = 0;
  // Most of what may go wrong is in a header and at a dump's line ends: a change is counted from a line's start.
  const change = fc.record({ line: fc.nat(), column: fc.integer({ min: -3, max: 100 }), to: oddByte });
  const cut = fc.record({ at: fc.nat(), length: fc.nat({ max: 120 }), to: fc.nat() });
  fc.assert(
    fc.property(
      pieces,
      fc.array(change, { maxLength: 5 }),
      fc.array(cut, { maxLength: 2 }),
      fc.constantFrom(...COLUMNS),
      (log, changes, cuts, columns) => {
        let bytes = Buffer.from(log, 'latin1');
        const lines = [...bytes].flatMap((byte, i) => (byte === 10 ? [i + 1] : []));
        for (const { line, column, to } of changes) {
          const at = lines[line % lines.length]! + column;
          if (at < bytes.length && !isUnseen(bytes, at, to)) bytes[at] = to;
        }
        for (const { at, length, to } of cuts) {
          const start = at % bytes.length;
          const taken = bytes.subarray(start, start + length);
          const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
          const place = to % (rest.length + 1);
          bytes = Buffer.concat([rest.subarray(0, place), taken, rest.subarray(place)]);
        }
        run += agree(bytes, columns).run;
      },
    ),
    { ...PARAMETERS, numRuns: 200 },
  );
  expect(run).toBeGreaterThan(800);
});

test('a log cut at any byte of its last record', () => {
  const bytes = Buffer.from([...PIECES.slice(0, 12), ...PIECES.slice(0, 12)].join(''), 'latin1');
  for (let length = bytes.length; length > bytes.length - 1500; length -= 7)
    agree(bytes.subarray(0, length), COLUMNS[0]!);
});
