/**
 * What a session prints about its probes instead of tracing them, or before: -l, the subcommand probes, -v's stability
 * report, and how many of them a program matches.
 */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Probe } from '../engine/probes.ts';
import type { Compiled } from './compile.ts';
import type { TracedGuest } from './guest.ts';
import { LIST_HEADING, listProbe, matchedNotice, PREFIX } from './notices.ts';
import type { SessionIo, SessionRequest } from './request.ts';
import { probeBlocks, stabilityReport } from './stability.ts';
import type { TracedProbes } from './traced-probes.ts';
import type { TracedSymbols } from './traced-symbols.ts';

export interface ListingParts {
  readonly request: SessionRequest;
  readonly io: SessionIo;
  readonly probes: TracedProbes;
  readonly symbols: TracedSymbols;
  readonly guest: TracedGuest;
}

/** -l: the probes that the programs name, or all of them. */
export async function listProbes(
  parts: ListingParts,
  { programs }: Compiled,
): Promise<Diagnostic | undefined> {
  const { request, io, symbols, guest } = parts;
  const { table } = parts.probes;
  const row = (probe: Probe) => (request.verbose ? listProbe(probe) + probeBlocks(probe) : listProbe(probe));
  const lines = [LIST_HEADING];
  if (programs.length === 0) {
    if (request.traces.length > 0 || symbols.areGiven) table.match(EVERY_PROBE);
    lines.push(...table.all.map(row));
  }
  for (const pattern of programs
    .flatMap(({ program }) => program.clauses)
    .flatMap(({ patterns }) => patterns)) {
    const found = table.match(pattern);
    if (found.length === 0)
      io.err(`${PREFIX}failed to match ${pattern.text}: No probe matches description\n`);
    lines.push(...found.map(row));
  }
  print(io, lines.join(''));
  if (!guest.machine || !request.verbose) return undefined;
  print(io, '\n');
  return listSites(parts, { programs });
}

/** Where a machine's code would be patched. */
export async function listSites(
  { io, probes, guest }: ListingParts,
  { programs }: Pick<Compiled, 'programs'>,
): Promise<Diagnostic | undefined> {
  const enabled = programs.flatMap(({ program }) => probes.ofProgram(program));
  const listing = (await guest.machine?.sitesOf(probes.watched(enabled).sites)) ?? '';
  if (typeof listing !== 'string') return listing;
  print(io, listing);
  return undefined;
}

/** -v: what the programs and their probes promise to stay. */
export function reportStability({ io, probes }: ListingParts, { programs }: Compiled): void {
  for (const { text, program } of programs)
    print(io, stabilityReport(text, program, probes.ofProgram(program)));
}

/** Say what matched; the number of all matches. */
export function announceMatches({ request, io, probes }: ListingParts, { programs }: Compiled): number {
  const isQuiet = request.options.flag('quiet');
  let total = 0;
  for (const { text, program } of programs) {
    const { length } = probes.ofProgram(program);
    if (!isQuiet) io.err(matchedNotice(text, length));
    total += length;
  }
  if (total > 0 && !isQuiet && request.options.flag('destructive'))
    io.err(`${PREFIX}allowing destructive actions\n`);
  return total;
}

function print(io: SessionIo, text: string): void {
  io.out.write(new TextEncoder().encode(text));
}

/** Makes those that are made on demand. */
const EVERY_PROBE = { provider: '', module: '', function: '', name: '', id: undefined, text: ':::' };
