/**
 * `trapline explain [--symbols FILE[@BASE]]… [--format text|json] [--show-d] FILE…[:EVENT]`: one event, or where each crash of
 * the log began. A log that comes from a pipe is kept in a file for as long as it is read.
 */
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemReason } from '../base/system-reason.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Explanation } from '../report/explanation.ts';
import type { Subcommand } from './subcommand.ts';

export interface ExplainWords {
  readonly traces: readonly string[];
  /** Counted from the end where negative: -1 is the last. */
  readonly event: number | undefined;
  readonly symbols: readonly string[];
  readonly format: 'text' | 'json';
  readonly showsProgram: boolean;
}

export const EXPLAIN_USAGE =
  'trapline explain [--symbols FILE[@BASE]]… [--format text|json] [--show-d] FILE…[:EVENT]';

interface Draft {
  symbols: string[];
  operands: string[];
  format: string;
  showsProgram: boolean;
}

/** Switches with a value, and where it goes. */
const VALUES: Readonly<Record<string, (draft: Draft, value: string) => void>> = {
  '--symbols': (draft, value) => draft.symbols.push(value),
  '--format': (draft, value) => {
    draft.format = value;
  },
  '-t': (draft, value) => draft.operands.push(value),
  '--trace': (draft, value) => draft.operands.push(value),
};

export function parseExplain(words: readonly string[]): ExplainWords | undefined {
  const draft: Draft = { symbols: [], operands: [], format: 'text', showsProgram: false };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, name = word, given] = /^(--\w+)=(.*)$/s.exec(word) ?? [];
    const take = VALUES[name];
    if (take) {
      const value = given ?? words[++i];
      if (value === undefined) return undefined;
      take(draft, value);
    } else if (word === '--show-d') draft.showsProgram = true;
    else if (word.startsWith('-') && !/^-(:|$)/.test(word)) return undefined;
    else draft.operands.push(word);
  }
  const { operands, format, symbols, showsProgram } = draft;
  const places = operands.map(placeOf);
  const events = places.flatMap(({ event }) => (event === undefined ? [] : [event]));
  if (places.length === 0 || events.length > 1 || (format !== 'text' && format !== 'json')) return undefined;
  return { traces: places.map(({ trace }) => trace), event: events[0], symbols, format, showsProgram };
}

/** FILE:NUMBER, FILE:last or FILE:-NUMBER, unless there is a file of that name. */
function placeOf(operand: string): { readonly trace: string; readonly event: number | undefined } {
  const found = /^(.+):(last|-?\d{1,15})$/s.exec(operand);
  if (!found || existsSync(operand)) return { trace: operand, event: undefined };
  return { trace: found[1]!, event: found[2] === 'last' ? -1 : Number(found[2]) };
}

export async function explain(asked: ExplainWords, cli: Subcommand): Promise<number> {
  const refused = asked.traces.map(badPlace).find((one) => one !== undefined);
  if (refused) {
    cli.report([refused]);
    return 1;
  }
  if (asked.traces.every(mayBeReadAgain)) return explainFiles(asked, asked.traces, cli);
  const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove); // when a signal ends us while the pipe is read
  try {
    for (const signal of ENDING) process.once(signal, end);
    const traces = await copies(asked.traces, folder);
    for (const signal of ENDING) process.removeListener(signal, end);
    if (!('tag' in traces)) return await explainFiles(asked, traces, cli);
    cli.report([traces]);
    return 1;
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

/** While a pipe is read there is no session that would end in order. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function end(_: string, number: number): void {
  process.exit(128 + number);
}

/** FILE:WORD of a file that is there: the word is to blame, not the file. */
function badPlace(trace: string): Diagnostic | undefined {
  const [, path, word] = /^(.+):([^/:]*)$/s.exec(trace) ?? [];
  if (path === undefined || existsSync(trace) || !existsSync(path)) return undefined;
  const reason = `'${word}' is no event`;
  return diagnostic(
    'U_TRACE',
    undefined,
    { path, reason },
    { hint: 'FILE:NUMBER, FILE:last or FILE:-2, the last but one' },
  );
}

function nameOf(trace: string): string {
  return trace === '-' ? 'standard input' : trace;
}

/** What is not there is for the session to tell. */
function mayBeReadAgain(path: string): boolean {
  return path !== '-' && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? true);
}

/** The files to read: the traces themselves, and copies of what pipes had. */
async function copies(traces: readonly string[], folder: string): Promise<readonly string[] | Diagnostic> {
  const found: string[] = [];
  for (const [index, trace] of traces.entries()) {
    if (mayBeReadAgain(trace) || isFolder(trace)) {
      found.push(trace);
      continue;
    }
    const path = join(folder, `standard-input-${index}`);
    const isOurs = trace === '-' || trace === '/dev/stdin'; // which cannot be opened when it is a socket
    try {
      await pipeline(isOurs ? process.stdin : createReadStream(trace), createWriteStream(path));
    } catch (error) {
      return diagnostic('U_TRACE_OPEN', undefined, { path: nameOf(trace), reason: systemReason(error) });
    }
    if (statSync(path).size === 0) return diagnostic('U_TRACE_EMPTY', undefined, { path: nameOf(trace) });
    found.push(path);
  }
  return found;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function explainFiles(
  asked: ExplainWords,
  traces: readonly string[],
  cli: Subcommand,
): Promise<number> {
  const { explainLog } = await import('../session/explanations.ts');
  const { event, symbols } = asked;
  const names = asked.traces.map(nameOf);
  const result = await explainLog({ traces, names, event, symbols }, cli.io, cli.begun);
  if ('diagnostics' in result) {
    cli.report(result.diagnostics);
    return result.status;
  }
  if (asked.showsProgram) for (const program of result.programs) cli.print(program);
  else if (asked.format === 'json') cli.print(jsonText(result.explanations));
  else {
    const { explanationText } = await import('../report/explain-text.ts');
    cli.print(result.explanations.map(explanationText).join('\n'));
  }
  return 0;
}

/** 64-bit values as text: a JSON number would lose bits. */
function jsonText(explanations: readonly Explanation[]): string {
  const plain = (_: string, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  return `${JSON.stringify(explanations, plain, 2)}\n`;
}
