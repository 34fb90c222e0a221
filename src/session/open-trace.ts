/**
 * The source of -t: a log or a trace that is played, by several threads where it is large and the programs allow for it.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Program } from '../dif/program.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import type { Cutting } from '../sources/chunked/chunked-replay.ts';
import { fileBytes, plainBytes, traceName } from '../sources/input.ts';
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
  const [path] = request.traces;
  if (path === undefined) return undefined;
  const cut = whatToCut(parts, path);
  if (typeof cut === 'string') {
    if (request.verbose && isWondered(parts)) io.err(`${PREFIX}replay: one thread: ${cut}\n`);
    return undefined;
  }
  const { openParallel } = await import('./parallel/open.ts');
  const { text, helpers, cutting } = openParallel({
    ...{ io, options, path, plainBytes: cut, programs: parts.programs, needs: parts.needs },
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

/** The size of a log that may be cut in pieces: one file of x86, whole, large, and not forbidden. Or else why it is not. */
function whatToCut({ request, io, probes, runsCommands }: ThreadParts, path: string): number | string {
  const { textTrace, traceEvents } = probes.points;
  if (request.options.number('workers') === 1) return 'as asked';
  if (request.traces.length > 1) return 'several logs are read in one order';
  if (request.follow || runsCommands) return 'the log may grow';
  if (textTrace || traceEvents || !isX86Log(path, probes.targets[0]))
    return 'only logs of x86 guests are cut in pieces';
  const size = plainBytes(path);
  if (size === undefined) return 'only plain files are cut in pieces';
  const isLarge = size >= LARGE_BYTES || io.environment?.[PIECES] !== undefined;
  return isLarge ? size : `the log has less than ${LARGE_BYTES >> 20} MiB`;
}

/** Whether somebody might expect threads. */
function isWondered({ request: { options, traces } }: ThreadParts): boolean {
  const bytes = traces.reduce((sum, path) => sum + fileBytes(path), 0);
  return options.isExplicit('workers') || bytes >= LARGE_BYTES;
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
