/**
 * `trapline explain [--symbols FILE[@BASE]]… [--format text|json] [--show-d] FILE…[:EVENT]`: one event, or where each crash of
 * the log began. A log that comes from a pipe is kept in a file for as long as it is read.
 */
import { existsSync } from 'node:fs';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { nameOf, withFiles } from './piped-traces.ts';
import type { Subcommand } from './subcommand.ts';

export interface ExplainWords {
  readonly traces: readonly string[];
  /** Counted from the end where negative: -1 is the last. */
  readonly event: number | undefined;
  readonly symbols: readonly string[];
  readonly format: 'text' | 'json';
  readonly showsProgram: boolean;
  readonly asksHelp: boolean;
}

export const EXPLAIN_USAGE =
  'trapline explain [--symbols FILE[@BASE]]… [--format text|json] [--show-d] FILE…[:EVENT]';

const EXPLAIN_HELP = `Usage: ${EXPLAIN_USAGE}
One event of a recorded log, decoded: what happened, why the CPU says so, where, the code there, the registers, and what came
before it. Without EVENT, where each crash of the log began, or else the last event.

  FILE:NUMBER          the event of that number; FILE:last, or counted from the end: FILE:-2, the last but one
  --symbols FILE       names, source lines and code: the kernel's ELF file (vmlinux), vmlinuz, System.map, /proc/kallsyms;
                       @BASE behind it says where it was loaded. More than one may be given
  --format text|json   text (the default), or JSON for scripts
  --show-d             the D programs that all of it comes from, instead
  -t, --trace FILE     the same as FILE

  trapline explain --symbols vmlinux crash.log
  trapline explain --symbols vmlinux crash.log:1460
`;

interface Draft {
  asksHelp: boolean;
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
  const draft: Draft = { asksHelp: false, symbols: [], operands: [], format: 'text', showsProgram: false };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, name = word, given] = /^(--\w+)=(.*)$/s.exec(word) ?? [];
    const take = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
    if (take) {
      const value = given ?? words[++i];
      if (value === undefined) return undefined;
      take(draft, value);
    } else if (word === '--show-d') draft.showsProgram = true;
    else if (word === '--help' || word === '-h') draft.asksHelp = true;
    else if (word.startsWith('-') && !/^-(:|$)/.test(word)) return undefined;
    else draft.operands.push(word);
  }
  const { operands, format, symbols, showsProgram, asksHelp } = draft;
  const places = operands.map(placeOf);
  const events = places.flatMap(({ event }) => (event === undefined ? [] : [event]));
  if (places.length === 0 && !asksHelp) return undefined;
  if (events.length > 1 || (format !== 'text' && format !== 'json')) return undefined;
  const traces = places.map(({ trace }) => trace);
  return { traces, event: events[0], symbols, format, showsProgram, asksHelp };
}

/** FILE:NUMBER, FILE:last or FILE:-NUMBER, unless there is a file of that name. */
function placeOf(operand: string): { readonly trace: string; readonly event: number | undefined } {
  const found = /^(.+):(last|-?\d{1,15})$/s.exec(operand);
  if (!found || existsSync(operand)) return { trace: operand, event: undefined };
  return { trace: found[1]!, event: found[2] === 'last' ? -1 : Number(found[2]) };
}

export async function explain(asked: ExplainWords, cli: Subcommand): Promise<number> {
  if (asked.asksHelp) {
    cli.print(EXPLAIN_HELP);
    return 0;
  }
  const refused = asked.traces.map(badPlace).find((one) => one !== undefined);
  if (refused) {
    cli.report([refused]);
    return 1;
  }
  return withFiles(asked.traces, cli, (files, listening) => explainFiles(asked, files, listening));
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
  else if (asked.format === 'json')
    cli.print((await import('../report/rows.ts')).reportJson(result.explanations));
  else {
    const { explanationText } = await import('../report/explain-text.ts');
    cli.print(result.explanations.map(explanationText).join('\n'));
  }
  return 0;
}
