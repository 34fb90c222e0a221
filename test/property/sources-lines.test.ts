/** Damaged logs of Arm and RISC-V guests: every byte is accounted once, whatever is cut, flipped or glued in. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { comparable, replay, scratchFolder, traceBytes } from '../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

const LOGS = [
  'linux-aarch64-smp2',
  'tiny-arm-exec-cpu',
  'tiny-aarch64-exec-cpu',
  'tiny-riscv32-exec-cpu',
].map((name) => traceBytes(name).subarray(0, 20_000));

const EXEC = Buffer.from('\nTrace 1: 0x7fbe62651 [00000000/0000000040200a00/00000003/ff000000] f\n');

function lineAt(bytes: Buffer, at: number): Buffer {
  const end = bytes.indexOf('\n', at);
  return bytes.subarray(bytes.lastIndexOf('\n', at), end < 0 ? bytes.length : end);
}

/** A piece of a log in which some ranges are missing, doubled or overwritten. */
const damaged = fc
  .tuple(
    fc.constantFrom(...LOGS),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        size: fc.integer({ min: 0, max: 80 }),
        how: fc.constantFrom('cut', 'double', 'rubbish', 'console', 'exec', 'moved'),
      }),
      { maxLength: 12 },
    ),
  )
  .map(([log, wounds]) => {
    let bytes = log;
    for (const { at, size, how } of wounds) {
      const from = Math.floor(at * bytes.length);
      const piece = bytes.subarray(from, from + size);
      const between = {
        cut: Buffer.alloc(0),
        double: Buffer.concat([piece, piece]),
        rubbish: Buffer.alloc(size, 0xfe),
        exec: Buffer.concat([EXEC, piece]),
        moved: lineAt(bytes, Math.floor((1 - at) * bytes.length)),
        console: Buffer.concat([piece, Buffer.from('hello\nworld ')]),
      }[how];
      bytes = Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(from + size)]);
    }
    return bytes;
  });

test('the ledger adds up; neither the windows matter nor which path reads a record', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(damaged, fc.integer({ min: 50, max: 3000 }), async (bytes, windowBytes) => {
      const path = scratch.write(`damaged${number++ % 4}`, bytes);
      const whole = await replay([path], { registers: true });
      expect(whole.ledger.totalBytes).toBe(bytes.length);
      expect(whole.ledger.accountedBytes).toBe(bytes.length);
      const inPieces = await replay([path], { registers: true, windowBytes, batchRows: 5 });
      expect(comparable(inPieces)).toEqual(comparable(whole));
      const careful = await replay([path], { registers: true, scan: 'careful' });
      expect(comparable(careful)).toEqual(comparable(whole));
    }),
    { numRuns: 60, seed: 7 },
  );
});
