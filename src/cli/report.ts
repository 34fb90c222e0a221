/** `trapline report [switches] FILE…`: interrupts, privilege, anomalies and crashes of a recorded log, as text, JSON or a page. */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Architecture } from '../machine/causes.ts';
import type { ProgramOutput } from '../session/report.ts';
import { type HtmlFile, openHtmlFile } from './html-file.ts';
import type { Subcommand } from './subcommand.ts';

export interface ReportWords {
  readonly traces: readonly string[];
  readonly format: 'text' | 'json' | undefined; // undefined: text, or nothing beside a page
  readonly html: string | undefined; // path of the page; `-` is standard output
  readonly showsProgram: boolean;
  readonly asksHelp: boolean;
}

export const REPORT_USAGE = 'trapline report [--format text|json] [--html OUT.html] [--show-d] FILE…';

const REPORT_HELP = `Usage: ${REPORT_USAGE}
What happened in a recorded log: interrupts by vector, privilege levels, how both change along the log, anomalies with
place and evidence, crashes with what led to them. Nothing is printed twice: several files are one log of one guest.

  --format text|json   a page of text (the default), or JSON for scripts
  --html OUT.html      one file for a browser that needs no network: a timeline to zoom, histograms, anomalies and crashes
                       with the D line to go on from, every event in a table to search and filter; - is standard output.
                       The text is left out unless --format asks for it
  --show-d             the D program that all counts come from, instead of a report; with --html that of the page
  -t, --trace FILE     the same as FILE

  trapline report boot.log
  trapline report --html boot.html boot.log
`;

/** Switches with a value; undefined: what was given is none. */
type Words = { -readonly [key in keyof ReportWords]: ReportWords[key] } & { traces: string[] };

const VALUES: Readonly<Record<string, (words: Words, value: string) => boolean>> = {
  '--format': (words, value) => {
    if (value !== 'text' && value !== 'json') return false;
    words.format = value;
    return true;
  },
  '--html': (words, value) => {
    words.html = value;
    return value !== '';
  },
  '--trace': (words, value) => words.traces.push(value) > 0,
};
const SHORT: Readonly<Record<string, string>> = { '-t': '--trace', '-h': '--help' };

export function parseReport(argv: readonly string[]): ReportWords | undefined {
  const words: Words = {
    traces: [],
    format: undefined,
    html: undefined,
    showsProgram: false,
    asksHelp: false,
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    const [, long = '', joined] = /^(--[\w-]+)(?:=(.*))?$/s.exec(SHORT[word] ?? word) ?? [];
    const take = Object.hasOwn(VALUES, long) ? VALUES[long] : undefined;
    if (take) {
      const value = joined ?? argv[++i];
      if (value === undefined || !take(words, value)) return undefined;
    } else if (word === '--show-d') words.showsProgram = true;
    else if (long === '--help') words.asksHelp = true;
    else if (word.startsWith('-') && word !== '-') return undefined;
    else words.traces.push(word);
  }
  return words.traces.length > 0 || words.asksHelp ? words : undefined;
}

export async function report(words: ReportWords, cli: Subcommand): Promise<number> {
  if (words.asksHelp) {
    cli.print(REPORT_HELP);
    return 0;
  }
  const { withFiles } = await import('./piped-traces.ts');
  return withFiles(words.traces, cli, (files, listening) => reportFiles(words, files, listening));
}

/** `files` are what is read of the traces: copies of pipes. */
async function reportFiles(words: ReportWords, files: readonly string[], cli: Subcommand): Promise<number> {
  const { html } = words;
  const { architectureOf } = await import('../session/report.ts');
  const architecture = await architectureOf(files);
  if (words.showsProgram) {
    cli.print(await programOf(words, architecture));
    return 0;
  }
  if (html === undefined) return run(words, files, architecture, undefined, cli);
  // Before the log is read, which may take long.
  const file = openHtmlFile(html, words.traces, cli.print);
  if ('tag' in file) {
    cli.report([file]);
    return 1;
  }
  return run(words, files, architecture, file, cli);
}

async function programOf({ html }: ReportWords, architecture: Architecture): Promise<string> {
  if (html !== undefined) return (await import('../report/html-program.ts')).htmlProgram(architecture);
  return (await import('../report/program.ts')).reportProgram(architecture);
}

async function run(
  words: ReportWords,
  files: readonly string[],
  architecture: Architecture,
  file: HtmlFile | undefined,
  cli: Subcommand,
): Promise<number> {
  const { traces } = words;
  const { nameOf } = await import('./piped-traces.ts');
  const named = namesOf(files, traces.map(nameOf));
  const { INTERRUPTED_STATUS, runProgram } = await import('../session/report.ts');
  const { parseRows, reportJson } = await import('../report/rows.ts');
  const { analyse } = await import('../report/analysis.ts');
  const err = (text: string): void => cli.io.err(named(text));
  const ledger = new LedgerNotice(err);
  const io = { ...cli.io, err: file ? (text: string) => ledger.take(named(text)) : err };
  const program = await programOf(words, architecture);
  const output: ProgramOutput = await runProgram(
    { traces: files, program, programName: 'report.d' },
    io,
    cli.begun,
  );
  if ('failed' in output) {
    cli.report(
      saidOfLog(output.failed.diagnostics, files).map((one) => ({
        ...one,
        message: named(one.message),
        hint: one.hint === undefined ? undefined : named(one.hint),
      })),
    );
    return output.failed.exitStatus;
  }
  const { withoutEvents, pageData } = await import('../report/html-program.ts');
  const { withTraces } = await import('../session/trace-places.ts');
  const printed = parseRows(file ? withoutEvents(output.text) : output.text);
  const rows = await withTraces(printed, files, traces);
  const found = analyse(traces, architecture, rows);
  if (file) {
    const { reportHtml } = await import('../report/html.ts');
    const { VERSION } = await import('./version.ts');
    const data = pageData(output.text, rows);
    const input = {
      report: found,
      data,
      output: output.text,
      ledger: ledger.text,
      version: `trapline ${VERSION}`,
    };
    file.write(reportHtml(input, await pageTools()));
  }
  const format = words.format ?? (file ? undefined : 'text');
  if (format === 'json') cli.print(reportJson(found));
  else if (format === 'text') cli.print((await import('../report/report-text.ts')).reportText(found));
  if (!output.isInterrupted) return 0;
  err('trapline: interrupted: the report is of the log as far as it was read\n');
  return INTERRUPTED_STATUS;
}

/** Messages about the copy of a pipe are about the pipe. */
function namesOf(files: readonly string[], names: readonly string[]): (text: string) => string {
  const copied = files.flatMap((file, i) => (file === names[i] ? [] : [[file, names[i]!] as const]));
  return (text) => copied.reduce((said, [file, name]) => said.replaceAll(file, name), text);
}

/** A trace without the probes of our program is nothing that its user could mend there. */
function saidOfLog(list: readonly Diagnostic[], [path = '']: readonly string[]): readonly Diagnostic[] {
  if (!list.some(({ tag }) => tag === 'D_PDESC_ZERO')) return list;
  const reason = 'it is a trace of another kind: a report is about interrupts and exceptions';
  const hint = `QEMU logs them with -d int; trapline -l -t ${path} lists what this one has`;
  return [diagnostic('U_TRACE', undefined, { path, reason }, { hint })];
}

/** Keeps the ledger for the page. What was lost is told on standard error too, as without a page. */
class LedgerNotice {
  text = '';
  private readonly err: (text: string) => void;

  constructor(err: (text: string) => void) {
    this.err = err;
  }

  readonly take = (text: string): void => {
    if (!/^trapline: ledger of /.test(text)) {
      this.err(text);
      return;
    }
    this.text += text;
    const lost = [...text.matchAll(/^ +lost: (.*)$/gm)].map(([, what]) => what);
    const name = /ledger of (.*): \d+ bytes?\n/.exec(text)?.[1] ?? 'the log';
    if (lost.length > 0) this.err(`trapline: ${name}: lost ${lost.join('; ')}\n`);
  };
}

async function pageTools() {
  const { createHash } = await import('node:crypto');
  const { gzipSync } = await import('node:zlib');
  return {
    sha256: (text: string) => createHash('sha256').update(text, 'utf8').digest('base64'),
    gzip: (text: string) => gzipSync(text).toString('base64'),
  };
}
