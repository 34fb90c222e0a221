/**
 * `trapline explain` as a function: which events of a log to explain, and the explanation of each.
 *
 *   log ─report's program─▶ Report ─(Arm, RISC-V: fate's program)─▶ targets ─program of each─▶ Explanations
 *
 * The log is replayed once for each arrow, so it must be a file.
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Architecture } from '../machine/causes.ts';
import { analyse, type Report } from '../report/analysis.ts';
import { findCascades } from '../report/cascade.ts';
import { detailProgram, nearestProgram } from '../report/detail.ts';
import { explainEvent } from '../report/explain.ts';
import type { Explanation } from '../report/explanation.ts';
import { type Fate, fateLines, fateProgram, fatesOf, fateTargets } from '../report/fate.ts';
import { reportProgram } from '../report/program.ts';
import { number, parseRows, type Row, rowsOf } from '../report/rows.ts';
import { cascadeOf, rootOf, type Target, targetsOf } from '../report/targets.ts';
import { openGuestCode } from './explain.ts';
import { architectureOf, INTERRUPTED_STATUS, runProgram } from './report.ts';
import type { SessionHandle, SessionIo } from './request.ts';

/** An event by its number, or counted from the end: -1 is the last. */
export interface ExplainRequest {
  readonly traces: readonly string[]; // files
  readonly names: readonly string[]; // what the user calls them
  readonly event: number | undefined;
  readonly symbols: readonly string[];
}

export type ExplainResult =
  | { readonly explanations: readonly Explanation[]; readonly programs: readonly string[] }
  | { readonly diagnostics: readonly Diagnostic[]; readonly status: number };

type Run = (program: string) => Promise<readonly Row[]>;

/** A program that did not run to its end, with what its session says of it. */
class RunFailed extends Error {
  readonly diagnostics: readonly Diagnostic[];
  readonly status: number;

  constructor(diagnostics: readonly Diagnostic[], status: number) {
    super('the program failed');
    this.diagnostics = diagnostics;
    this.status = status;
  }
}

export async function explainLog(
  request: ExplainRequest,
  io: SessionIo,
  begun: (handle: SessionHandle) => () => void,
): Promise<ExplainResult> {
  const { traces } = request;
  const once = { ...io, err: withoutRepeats(io.err) };
  const run: Run = async (program) => {
    const done = await runProgram({ traces, program, programName: 'explain.d' }, once, begun);
    if ('failed' in done) throw new RunFailed(done.failed.diagnostics, done.failed.exitStatus);
    if (done.isInterrupted) {
      io.err('trapline: interrupted: the log was not read to its end, so nothing is explained\n');
      throw new RunFailed([], INTERRUPTED_STATUS);
    }
    return parseRows(done.text);
  };
  try {
    return await explainWith(request, once, run);
  } catch (error) {
    if (error instanceof RunFailed) return { diagnostics: error.diagnostics, status: error.status };
    throw error;
  }
}

/** Each replay finds the same damage. */
function withoutRepeats(err: SessionIo['err']): SessionIo['err'] {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    err(text);
  };
}

async function explainWith(request: ExplainRequest, io: SessionIo, run: Run): Promise<ExplainResult> {
  const { traces, names, symbols, event } = request;
  const code = await openGuestCode(symbols, traces, io);
  if ('tag' in code) return { diagnostics: [code], status: 1 };
  const architecture = await architectureOf(traces);
  const whole = analyse(names, architecture, await run(reportProgram(architecture)));
  const { report, fates } = architecture === 'x86' ? { report: whole, fates: [] } : await ended(whole, run);
  const explanations: Explanation[] = [];
  const programs: string[] = [];
  for (const target of chosen(report, event, fates)) {
    const { rows, at } = await rowsFor(target.event, event === undefined, architecture, run);
    programs.push(detailProgram(at, architecture));
    const { why, cascade } = target;
    const seen = fateLines(fates, at, names, architecture);
    const found = explainEvent({ traces: names, report, rows, event: at, why, code, cascade, seen });
    if (!found) return { diagnostics: [await missing(names, report, at, run)], status: 1 };
    explanations.push(found);
  }
  return { explanations, programs };
}

/** Arm and RISC-V: what the report does not look for. */
async function ended(report: Report, run: Run): Promise<{ report: Report; fates: readonly Fate[] }> {
  const rows = await run(fateProgram);
  return { report: { ...report, resets: findCascades(rows).resets }, fates: fatesOf(rows, report.lastEvent) };
}

function chosen(report: Report, event: number | undefined, fates: readonly Fate[]): readonly Target[] {
  if (event === undefined) return targetsOf(report, fateTargets(fates));
  const at = event < 0 ? Math.max(0, report.lastEvent + 1 + event) : event;
  return [{ event: at, why: '', cascade: cascadeOf(report, at) }];
}

/** The rows of the event that is to blame: the target's, or that whose delivery raised it. */
async function rowsFor(
  event: number,
  mayGoBack: boolean,
  architecture: Architecture,
  run: Run,
): Promise<{ readonly rows: readonly Row[]; readonly at: number }> {
  const rows = await run(detailProgram(event, architecture));
  const earlier = mayGoBack && architecture === 'x86' ? rootOf(rows, event) : event;
  return earlier === event ? { rows, at: event } : rowsFor(earlier, mayGoBack, architecture, run);
}

async function missing(
  names: readonly string[],
  { events, lastEvent }: Report,
  event: number,
  run: Run,
): Promise<Diagnostic> {
  const path = names.join(' ');
  if (events === 0)
    return diagnostic('U_TRACE', undefined, { path, reason: 'it has no interrupt or exception' });
  const rows = await run(nearestProgram(event));
  const near = ['below', 'above'].flatMap((word) => rowsOf(rows, word).map((row) => number(row, 'event')));
  const reason = `there is no event ${event}: it has ${events}, the last is ${lastEvent}`;
  const hint = `the nearest ${near.length === 1 ? `is ${near[0]}` : `are ${near.join(' and ')}`}`;
  return diagnostic('U_TRACE', undefined, { path, reason }, { hint });
}
