/** `trapline explain [--symbols FILE[@BASE]]… [--show-d] FILE[:EVENT]`: one event, or where each crash of the log began. */
import { existsSync, statSync } from 'node:fs';
import { diagnostic } from '../diag/diagnostics.ts';
import type { Target } from '../report/targets.ts';
import type { Subcommand } from './subcommand.ts';

export interface ExplainWords {
  readonly trace: string;
  readonly event: number | undefined;
  readonly symbols: readonly string[];
  readonly showsProgram: boolean;
}

export const EXPLAIN_USAGE = 'trapline explain [--symbols FILE[@BASE]]… [--show-d] FILE[:EVENT]';

export function parseExplain(words: readonly string[]): ExplainWords | undefined {
  const symbols: string[] = [];
  const operands: string[] = [];
  let showsProgram = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--symbols') {
      const value = words[++i];
      if (value === undefined) return undefined;
      symbols.push(value);
    } else if (word.startsWith('--symbols=')) symbols.push(word.slice('--symbols='.length));
    else if (word === '--show-d') showsProgram = true;
    else if (word.startsWith('-') && word !== '-') return undefined;
    else operands.push(word);
  }
  const [operand] = operands;
  if (operand === undefined || operands.length > 1) return undefined;
  return { ...placeOf(operand), symbols, showsProgram };
}

/** FILE:EVENT, unless there is a file of that name. */
function placeOf(operand: string): Pick<ExplainWords, 'trace' | 'event'> {
  const found = /^(.+):(\d{1,15})$/.exec(operand);
  if (!found || existsSync(operand)) return { trace: operand, event: undefined };
  return { trace: found[1]!, event: Number(found[2]) };
}

/** What is not there is for the session to tell. */
function mayBeReadAgain(path: string): boolean {
  return path !== '-' && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? true);
}

export async function explain(asked: ExplainWords, cli: Subcommand): Promise<number> {
  const { architectureOf, runProgram } = await import('../session/report.ts');
  const { openGuestCode } = await import('../session/explain.ts');
  const { reportProgram } = await import('../report/program.ts');
  const { detailProgram } = await import('../report/detail.ts');
  const { parseRows } = await import('../report/rows.ts');
  const { analyse } = await import('../report/analysis.ts');
  const { cascadeOf, rootOf, targetsOf } = await import('../report/targets.ts');
  const { explainText } = await import('../report/explain.ts');
  const { trace, symbols } = asked;
  if (!mayBeReadAgain(trace)) {
    const reason = 'it is read several times, and a pipe can be read only once';
    cli.report([diagnostic('U_TRACE', undefined, { path: trace, reason }, { hint: 'write it to a file' })]);
    return 1;
  }
  const traces = [trace];
  const code = await openGuestCode(symbols, traces, cli.io);
  if ('tag' in code) {
    cli.report([code]);
    return 1;
  }
  const architecture = await architectureOf(traces);
  const run = (program: string) =>
    runProgram({ traces, program, programName: 'explain.d' }, cli.io, cli.begun);
  const first = await run(reportProgram(architecture));
  if ('failed' in first) {
    cli.report(first.failed.diagnostics);
    return first.failed.exitStatus;
  }
  const report = analyse(traces, architecture, parseRows(first.text));
  const { event: named } = asked;
  const targets: readonly Target[] =
    named === undefined ? targetsOf(report) : [{ event: named, why: '', cascade: cascadeOf(report, named) }];
  for (const [i, target] of targets.entries()) {
    let { event } = target;
    let rows = parseRows('');
    for (let earlier = event; ; event = earlier) {
      const program = detailProgram(event, architecture);
      const detail = await run(program);
      if ('failed' in detail) {
        cli.report(detail.failed.diagnostics);
        return detail.failed.exitStatus;
      }
      rows = parseRows(detail.text);
      earlier = named === undefined ? rootOf(rows, event) : event;
      if (earlier !== event) continue;
      if (asked.showsProgram) cli.print(program);
      break;
    }
    if (asked.showsProgram) continue;
    const text = explainText({ traces, report, rows, event, code, cascade: target.cascade });
    if (text === undefined) {
      const reason = `there is no event ${event}: it has ${report.events}, the last is ${report.lastEvent}`;
      cli.report([diagnostic('U_TRACE', undefined, { path: trace, reason })]);
      return 1;
    }
    cli.print(`${i > 0 ? '\n' : ''}${target.why === '' ? '' : `Event ${event}: ${target.why}\n`}${text}`);
  }
  return 0;
}
