/** Ctrl-C while `report` or `explain` reads a log: what was read is a part, and is said to be. If this breaks, look in src/session/report.ts. */
import { expect, test } from 'vitest';
import { explainLog } from '../../../src/session/explanations.ts';
import { runProgram } from '../../../src/session/report.ts';
import type { SessionHandle } from '../../../src/session/request.ts';
import { TOP } from '../../support/cli.ts';
import { ioHere } from '../../support/session-run.ts';

const traces = [`${TOP}/examples/traces/linux-x86_64-boot-small.log.gz`];

const interrupted = (handle: SessionHandle) => {
  handle.interrupt();
  return () => {};
};
const untouched = () => () => {};

test.each([
  ['an interrupt', interrupted, true],
  ['no interrupt', untouched, false],
])('a program after %s', async (_, begun, isInterrupted) => {
  const io = ioHere({}, { out: () => {}, err: () => {} });
  const run = { traces, program: 'vec::: { @ = count(); }', programName: 'x.d' };
  expect(await runProgram(run, io, begun)).toMatchObject({ isInterrupted });
});

test('nothing is explained of a log that was not read to its end', async () => {
  let said = '';
  const io = ioHere({}, { out: () => {}, err: (text) => (said += text) });
  const request = { traces, names: traces, event: undefined, symbols: [] };
  expect(await explainLog(request, io, interrupted)).toEqual({ diagnostics: [], status: 130 });
  expect(said).toBe('trapline: interrupted: the log was not read to its end, so nothing is explained\n');
});
