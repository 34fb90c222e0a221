/**
 * Logs of -d exec without dumps are taken many lines in one step: the same events and the same ledger as line by line,
 * whatever stands between the records, wherever windows and batches end.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { RUN_MIN_BYTES } from '../../../src/sources/qemu-x86/exec-run.ts';
import { comparable, type LabOptions, replay, scratchFolder, traceBytes } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

const PARAMETERS = { seed: 20250711, numRuns: 60 };

/** In front of a log, so that it is large enough for runs; two records show that there are no dumps. */
const LINK = 'Linking TBs 0x7fe088000240 index 1 -> 0x7fe088000400\n';
const RECORD = 'Trace 0: 0x7fe088000240 [0000000000000000/ffffffff81000000/0040c2b0/ff000200] \n';
const BEFORE = RECORD + RECORD + LINK.repeat(Math.ceil(RUN_MIN_BYTES / LINK.length));

const TRACE = traceBytes('linux-x86_64-smp2-exec-nochain');
const LINES = TRACE.toString('latin1').split('\n');

async function agree(log: Uint8Array | string, options: LabOptions = {}): Promise<number> {
  const bytes = Buffer.concat([Buffer.from(BEFORE), Buffer.from(log as string, 'latin1')]);
  const file = scratch.write('log', bytes);
  const fast = await replay([file], options);
  const careful = await replay([file], { ...options, scan: 'careful' });
  expect(comparable(fast)).toEqual(comparable(careful));
  expect(fast.cpuCount).toBe(careful.cpuCount);
  expect(fast.ledger.accountedBytes).toBe(bytes.length);
  return fast.kinds['tb'] ?? 0;
}

test('the trace of two CPUs', async () => {
  expect(await agree(TRACE, { rows: false })).toBe(2 + 59_940 - 60);
}, 60_000);
