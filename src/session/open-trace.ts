/**
 * The source of -t: a log or a trace that is played, by several threads where it is large and the programs allow for it.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Program } from '../dif/program.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import type { Cutting } from '../sources/chunked/chunked-replay.ts';
import { plainBytes, traceName } from '../sources/input.ts';
import { openReplay } from '../sources/replay.ts';
import type { EventSource, ReplayRequest } from '../sources/source.ts';
import { isX86Log } from '../sources/target.ts';
import type { Interruption } from './interruption.ts';
import { PREFIX } from './notices.ts';
import type { Helpers } from './parallel/helpers.ts';
import { LARGE_BYTES, PIECES } from './parallel/large.ts';
import type { SessionIo, SessionRequest } from './request.ts';
import { engineSizes, identityOf, tierChoice } from './run.ts';
import type { TracedProbes } from './traced-probes.ts';

export interface TraceParts {
  readonly request: SessionRequest;
  readonly io: SessionIo;
  readonly probes: TracedProbes;
  readonly needs: SourceNeeds;
}

/** Threads of a replay, and how they take the log. */
export interface TraceThreads {
  readonly helpers: Helpers | undefined;
  readonly cutting: Cutting | undefined;
}

export interface ThreadParts extends TraceParts {
  readonly programs: readonly Program[];
  readonly watched: WatchedSites;
  readonly hasKernel: boolean; // where the guest's kernel keeps its processes is known
  readonly runsCommands: boolean; // -c
}

/** Undefined where one thread does. */
export async function callHelpers(parts: ThreadParts): Promise<TraceThreads | undefined> {
  const { request, io, probes, watched } = parts;
  const { options } = request;
  const size = plainSize(parts);
  const [path] = request.traces;
  if (path === undefined || size === undefined) return undefined;
  if (size < LARGE_BYTES && io.environment?.[PIECES] === undefined) return undefined;
  const { openParallel } = await import('./parallel/open.ts');
  const { text, helpers, cutting } = openParallel({
    ...{ io, options, path, plainBytes: size, programs: parts.programs, needs: parts.needs },
    probes: probes.table,
    probesOf: (program, index) => probes.ofClause(program, index),
    vecIds: probes.vec.probeIds,
    kindIds: probes.kindProbes,
    hasKernel: parts.hasKernel,
    hasSites: watched.sites.length + watched.traps.length > 0,
    scan: scanOf(request),
    sizes: engineSizes(options),
    tier: tierChoice(options),
    identity: identityOf(io, traceName(path)),
  });
  if (request.verbose && text !== undefined) io.err(`${PREFIX}${text}\n`);
  return { helpers, cutting };
}

/** The size of a log that may be cut in pieces: one file of x86, whole, and not forbidden. */
function plainSize({ request, probes, runsCommands }: ThreadParts): number | undefined {
  const [path, ...others] = request.traces;
  const { textTrace, traceEvents } = probes.points;
  const isOne = path !== undefined && others.length === 0 && isX86Log(path, probes.targets[0]);
  const isPlayed = !request.follow && !textTrace && !traceEvents && !runsCommands;
  return isOne && isPlayed && request.options.number('workers') !== 1 ? plainBytes(path) : undefined;
}

/** Undefined without -t. */
export async function openTrace(
  { request, io, probes, needs }: TraceParts,
  memory: LinearMemory,
  cutting: Cutting | undefined,
  interruption: Interruption,
): Promise<EventSource | Diagnostic | undefined> {
  const { traces, follow } = request;
  if (traces.length === 0) return undefined;
  const { textTrace, traceEvents } = probes.points;
  const replay: ReplayRequest = {
    ...{ paths: traces, needs, memory, stdin: io.stdinFd, scan: scanOf(request), follow, traceEvents },
  };
  if (cutting) {
    const { openChunked } = await import('../sources/chunked/chunked-replay.ts');
    return openChunked(replay, cutting);
  }
  const opening = textTrace
    ? import('../sources/text-trace/open.ts').then(({ openTextTrace }) => openTextTrace(textTrace, replay))
    : openReplay(replay);
  return interruption.orNothing(opening, traceName(traces[0] ?? ''));
}

function scanOf({ options }: SessionRequest): 'careful' | 'fast' {
  return options.text('scan') === 'careful' ? 'careful' : 'fast';
}
