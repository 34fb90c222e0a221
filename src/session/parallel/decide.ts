/**
 * Whether a replay is spread over threads. It is when the log is one plain x86 log, large enough to pay for threads, and
 * nothing that is enabled or asked for depends on the order of all its events (order.ts). `-v` says which.
 */
import type { Options } from '../../dif/options.ts';
import type { Clause, Program } from '../../dif/program.ts';
import type { Probe } from '../../engine/probes.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { Matters } from '../../sources/chunked/pieces.ts';
import { LARGE_BYTES } from './large.ts';
import { dependenceOf, readsCpu, readsNumber } from './order.ts';

const MIB = 1024 * 1024;
/** Enough pieces for each thread that all end at about the same time, few enough that adding up costs little, */
const PIECES_PER_THREAD = 12;
/** and of a size that is left to be shown: progress, Ctrl-C. */
const MOST_PIECE_BYTES = 256 * MIB;
/** Memory is the limit then. */
const MOST_THREADS = 4;

/** What the session knows before it traces. */
export interface ReplayFacts {
  readonly programs: readonly Program[];
  readonly probesOf: (program: Program, clause: number) => readonly Probe[];
  readonly options: Options;
  readonly needs: SourceNeeds;
  /** A guest's kernel tells its processes. */
  readonly hasKernel: boolean;
  /** Code probes, trace points: what fires by more than one event. */
  readonly hasSites: boolean;
  /** Size of the log, when it is one plain x86 log that is replayed as it is. */
  readonly plainBytes: number | undefined;
  readonly cores: number;
  /** For tests: pieces of this size, also of a log that is not large. */
  readonly pieceBytes: number | undefined;
}

export type Decision =
  | { readonly kind: 'plain' } // nobody asks
  | { readonly kind: 'one'; readonly why: string }
  | {
      readonly kind: 'threads';
      readonly threads: number;
      readonly pieceBytes: number;
      readonly matters: Matters;
    };

export function decide(facts: ReplayFacts): Decision {
  const { options, plainBytes, pieceBytes, cores } = facts;
  const isLarge = plainBytes !== undefined && (pieceBytes !== undefined || plainBytes >= LARGE_BYTES);
  const asked = options.number('workers');
  if (!isLarge || asked === 1) return { kind: 'plain' };
  const why = whyInOrder(facts);
  if (why !== undefined) return { kind: 'one', why };
  const threads = asked > 0 ? asked : Math.min(cores, MOST_THREADS);
  if (threads < 2) return { kind: 'plain' };
  const clauses = eventClauses(facts);
  const cpus = options.isExplicit('cpu') || clauses.some(readsCpu);
  const matters = { cpus, numbers: clauses.some(readsNumber) };
  return { kind: 'threads', threads, pieceBytes: pieceBytes ?? pieceOf(plainBytes, threads), matters };
}

/** In whole MiB. */
function pieceOf(logBytes: number, threads: number): number {
  const bytes = Math.min(logBytes / (threads * PIECES_PER_THREAD), MOST_PIECE_BYTES);
  return Math.max(1, Math.round(bytes / MIB)) * MIB;
}

/** The decision as -v says it. */
export function decisionText(decision: Decision): string | undefined {
  if (decision.kind === 'plain') return undefined;
  if (decision.kind === 'one') return `replay: one thread: ${decision.why}`;
  return `replay: ${decision.threads} threads, pieces of ${sizeText(decision.pieceBytes)}`;
}

function sizeText(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes} bytes`;
}

/** Probes that fire at events of the log, each by itself. */
const OF_EVENTS: ReadonlySet<string> = new Set(['vec', 'cpu', 'guest', 'exec']);
/** Those that fire before, behind, and where a clause faults. */
const OF_SESSION: ReadonlySet<string> = new Set(['dtrace']);

function whyInOrder(facts: ReplayFacts): string | undefined {
  const { options, hasSites, hasKernel, programs, probesOf } = facts;
  for (const name of ['bufsize', 'aggsize'] as const)
    if (options.isExplicit(name)) return `what ${name} drops depends on what came before`;
  if (options.text('bufpolicy') !== 'switch')
    return `bufpolicy=${options.text('bufpolicy')} keeps what came last`;
  if (hasSites) return 'code probes fire by what came before';
  for (const program of programs) {
    for (const clause of program.clauses) {
      const probes = probesOf(program, clause.index);
      const odd = probes.find(({ provider }) => !OF_EVENTS.has(provider) && !OF_SESSION.has(provider));
      if (odd) return `line ${clause.line}: ${odd.provider}:::${odd.name} fires between events`;
      if (!probes.some(({ provider }) => OF_EVENTS.has(provider))) continue;
      const why = dependenceOf(program, clause, hasKernel);
      if (why !== undefined) return `line ${clause.line}: the clause ${why}`;
    }
  }
  return facts.needs.time || facts.needs.line ? 'times and lines depend on what came before' : undefined;
}

function eventClauses({ programs, probesOf }: ReplayFacts): Clause[] {
  return programs.flatMap((program) =>
    program.clauses.filter(({ index }) =>
      probesOf(program, index).some(({ provider }) => OF_EVENTS.has(provider)),
    ),
  );
}
