/** `trapline report [--format text|json] [--show-d] FILE…`: interrupts, privilege, anomalies and crashes of a recorded log. */
import type { Subcommand } from './subcommand.ts';

export interface ReportWords {
  readonly traces: readonly string[];
  readonly format: 'text' | 'json';
  readonly showsProgram: boolean;
}

export const REPORT_USAGE = 'trapline report [--format text|json] [--show-d] FILE…';

export function parseReport(words: readonly string[]): ReportWords | undefined {
  const traces: string[] = [];
  let format: ReportWords['format'] = 'text';
  let showsProgram = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--format' || word === '-t' || word === '--trace') {
      const value = words[++i];
      if (value === undefined) return undefined;
      if (word !== '--format') traces.push(value);
      else if (value === 'text' || value === 'json') format = value;
      else return undefined;
    } else if (word === '--show-d') showsProgram = true;
    else if (word.startsWith('-') && word !== '-') return undefined;
    else traces.push(word);
  }
  return traces.length > 0 ? { traces, format, showsProgram } : undefined;
}

export async function report(
  { traces, format, showsProgram }: ReportWords,
  cli: Subcommand,
): Promise<number> {
  const { architectureOf, runProgram } = await import('../session/report.ts');
  const { reportProgram } = await import('../report/program.ts');
  const architecture = await architectureOf(traces);
  const program = reportProgram(architecture);
  if (showsProgram) {
    cli.print(program);
    return 0;
  }
  const run = await runProgram({ traces, program, programName: 'report.d' }, cli.io, cli.begun);
  if ('failed' in run) {
    cli.report(run.failed.diagnostics);
    return run.failed.exitStatus;
  }
  const { parseRows, hex } = await import('../report/rows.ts');
  const { analyse } = await import('../report/analysis.ts');
  const found = analyse(traces, architecture, parseRows(run.text));
  if (format === 'json') {
    const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? hex(value) : value);
    cli.print(`${JSON.stringify(found, plain, 2)}\n`);
  } else cli.print((await import('../report/report-text.ts')).reportText(found));
  return 0;
}
