/**
 * Laws of the scanner, whatever a log looks like: both ways of walking agree in every event, register and count of the
 * ledger; window and batch sizes do not matter; every byte is accounted for; nothing is lost silently; nothing crashes.
 */
import fs from 'node:fs';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { comparable, replay, scratchFolder, traceBytes } from '../support/sources-lab.ts';
import { isUnseen } from '../support/unseen.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

const PARAMETERS = { seed: 20240817, numRuns: 60 };

/** Slices of real logs with everything in them: torn headers, console text, exec records, compat dumps, resets. */
const SLICES: readonly Buffer[] = [
  slice('tiny32-triple-fault', 0, 22_811),
  slice('linux-x86_64-smp2-torn', 4_660_000, 4_690_000),
  slice('linux-x86_64-smp2-torn', 11_240_000, 11_260_000),
  slice('linux-x86_64-stderr-mixed', 0, 60_000),
  slice('linux-x86_64-boot', 17_400_000, 17_430_000),
  slice('linux-x86_64-int+exec-cpu-dfilter', 20_000_000, 20_030_000),
  slice('linux-x86_64-int+trace-timestamps', 6_000_000, 6_030_000),
  slice('linux-i386-boot', 2_000_000, 2_030_000),
];

function slice(name: string, from: number, to: number): Buffer {
  return Buffer.from(traceBytes(name).subarray(from, to));
}

/** Replay bytes in both ways and with a small window; all must agree. */
async function agree(bytes: Uint8Array, windowBytes: number, batchRows: number): Promise<void> {
  const file = scratch.write('log', bytes);
  const fast = await replay([file], { registers: true });
  expect(fast.ledger.accountedBytes).toBe(bytes.length);
  expect(fast.ledger.totalBytes).toBe(bytes.length);
  const careful = await replay([file], { registers: true, scan: 'careful' });
  expect(comparable(careful)).toEqual(comparable(fast));
  const tight = await replay([file], { registers: true, windowBytes, batchRows });
  expect(comparable(tight)).toEqual(comparable(fast));
  const both = await replay([file], { registers: true, scan: 'careful', windowBytes, batchRows });
  expect(comparable(both)).toEqual(comparable(fast));
}

const windowSize = fc.constantFrom(16, 61, 500, 1327, 4096, 20_000);
const batchSize = fc.constantFrom(1, 2, 7, 64);
const anySlice = fc.constantFrom(...SLICES.keys());

test.each([...SLICES.keys()])('slice %i, as it is, in tiny windows and batches', async (index) => {
  await agree(SLICES[index]!, 64, 3);
});

test('bytes changed in place', async () => {
  const change = fc.record({
    at: fc.nat(),
    value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(10, 13, 0, 32, 58, 61, 48, 82)),
  });
  await fc.assert(
    fc.asyncProperty(
      anySlice,
      fc.array(change, { minLength: 1, maxLength: 40 }),
      windowSize,
      batchSize,
      async (index, changes, windowBytes, batchRows) => {
        const bytes = Buffer.from(SLICES[index]!);
        for (const { at, value } of changes) {
          const place = at % bytes.length;
          if (!isUnseen(bytes, place, value)) bytes[place] = value;
        }
        await agree(bytes, windowBytes, batchRows);
      },
    ),
    PARAMETERS,
  );
});

test('pieces cut out, doubled, moved and interleaved', async () => {
  const edit = fc.record({
    kind: fc.constantFrom('cut', 'double', 'overlay', 'foreign'),
    at: fc.nat(),
    length: fc.nat({ max: 3000 }),
    to: fc.nat(),
    other: anySlice,
  });
  await fc.assert(
    fc.asyncProperty(
      anySlice,
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      windowSize,
      batchSize,
      async (index, edits, windowBytes, batchRows) => {
        let bytes = Buffer.from(SLICES[index]!);
        for (const { kind, at, length, to, other } of edits) {
          const start = at % bytes.length;
          const piece = bytes.subarray(start, start + length);
          const target = to % bytes.length;
          if (kind === 'cut')
            bytes = Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
          else if (kind === 'overlay')
            bytes.set(Buffer.from(piece).subarray(0, bytes.length - target), target);
          else {
            const insert = kind === 'double' ? piece : SLICES[other]!.subarray(0, length);
            bytes = Buffer.concat([bytes.subarray(0, target), insert, bytes.subarray(target)]);
          }
          if (bytes.length === 0) bytes = Buffer.from('\n');
        }
        await agree(bytes, windowBytes, batchRows);
      },
    ),
    PARAMETERS,
  );
});

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000 }), windowSize, batchSize, agree),
    PARAMETERS,
  );
});

/** A log of a few records that ends in a triple fault. */
const SHORT = (() => {
  const text = traceBytes('tiny32-triple-fault').toString('latin1');
  return Buffer.from(text.slice(text.indexOf('check_exception')), 'latin1');
})();

test('a log cut at any byte: no crash, no wrong event, no silent loss', async () => {
  const file = scratch.write('short.log', SHORT);
  const whole = await replay([file], { rows: true });
  const text = SHORT.toString('latin1');
  // A header is one from the end of its SP on.
  const headers = [...text.matchAll(/^ *\d+: v=.* SP=\w+:\w{8}/gm)].map(
    (match) => match.index + match[0].length,
  );
  for (let length = SHORT.length - 1; length > 0; length--) {
    fs.truncateSync(file, length);
    const { rows, ledger, kinds } = await replay([file], {
      rows: true,
      windowBytes: 8192,
      batchRows: 16,
      scan: length % 5 === 0 ? 'careful' : 'fast',
    });
    expect(ledger.accountedBytes).toBe(length);
    expect(kinds['vec'] ?? 0).toBe(headers.filter((end) => end <= length).length);
    // All events but the last are as in the whole log; the last one may lack its dump's flags.
    expect(rows.slice(0, -1)).toEqual(whole.rows.slice(0, Math.max(rows.length - 1, 0)));
    const cutInLine = text[length - 1] !== '\n' && text[length] !== '\n';
    const cutInDump = /^(ESI|EIP|ES |CS |SS |DS |FS |GS |LDT|TR |GDT|IDT|CR0|DR0|DR6|CCS|EFE|EAX)/.test(
      text.slice(length),
    );
    // A cut is one loss; where no dump was seen before it, the log may be one without dumps.
    const lost = Object.values(ledger.losses).map(({ count }) => count);
    if ((cutInLine && !harmless(text, length)) || (cutInDump && text[length - 1] === '\n')) {
      expect({ length, lost }).toEqual({ length, lost: [1] });
    }
  }
});

/** Cuts that leave a line which is complete in itself: a shorter number is still a number. */
function harmless(text: string, length: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', length - 1) + 1, length);
  return /^check_exception old: 0x[0-9a-f]+ new 0x[0-9a-f]+$/.test(line) || /^(FPR|XMM|FCW)/.test(line);
}
