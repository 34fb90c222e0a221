/**
 * The trace points of what -t names: those of a trace that is no QEMU log, or QEMU's own trace events, when a program
 * names their provider.
 *
 * In: the request, and the table that the probes go into. Out: what is known of the trace, and the provider of its points.
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Options } from '../dif/options.ts';
import type { ProbeTable } from '../engine/probes.ts';
import { PointProvider } from '../providers/points.ts';
import type { Personality } from '../providers/syscalls/abi.ts';
import type { SyscallNames } from '../sources/ftrace/place.ts';
import { canBeReadTwice } from '../sources/set.ts';
import type { KnownTrace } from '../sources/text-trace/open.ts';
import type { PointTable } from '../sources/text-trace/points.ts';
import { foreignBeginning } from '../sources/text-trace/sniff.ts';
import type { SessionIo, SessionRequest } from './request.ts';
import { mayNameTraceEvents } from './seen.ts';

export interface TracePoints {
  readonly textTrace?: KnownTrace; // a trace that is no QEMU log
  readonly traceEvents?: PointTable; // QEMU's
  readonly provider?: PointProvider;
}

export async function openTracePoints(
  request: SessionRequest,
  io: SessionIo,
  probes: ProbeTable,
): Promise<TracePoints | Diagnostic> {
  const { options, traces, follow } = request;
  const format = options.text('format');
  const beginning = format === undefined ? await foreignBeginning(traces[0]!, io.stdinFd) : '';
  if (beginning === undefined) return qemuEvents(request, probes);
  const { findTextTrace } = await import('../sources/text-trace/open.ts');
  const found = await findTextTrace({
    beginning,
    syscalls: () => syscallNames(options, io),
    paths: traces,
    stdin: io.stdinFd,
    follow,
    format,
    categories: options.text('categories'),
    readFile: io.readFile,
  });
  if (found === undefined) return qemuEvents(request, probes);
  if ('tag' in found) return found;
  const provider = new PointProvider(found.table.points, found.isOpen, probes);
  probes.addProvider(provider);
  return { textTrace: found, provider };
}

async function qemuEvents(
  { traces, programs, follow }: SessionRequest,
  probes: ProbeTable,
): Promise<TracePoints> {
  if (!mayNameTraceEvents(programs)) return {};
  const { findTraceEvents } = await import('../sources/qemu-events/events.ts');
  const known = traces.filter(canBeReadTwice);
  const traceEvents = await findTraceEvents(known);
  const provider = new PointProvider(traceEvents.points, follow || known.length < traces.length, probes);
  probes.addProvider(provider);
  return { traceEvents, provider };
}

/** The calls of a trace that tells them by number: Linux' on x86-64, unless -x syscalls says otherwise. */
async function syscallNames(options: Options, io: SessionIo): Promise<SyscallNames | Diagnostic> {
  const { linuxPersonalities } = await import('../providers/syscalls/abi.ts');
  const read = (await readPersonality(options, io)) ?? linuxPersonalities()[0]!;
  return 'tag' in read ? read : { personality: read.name, names: read.names };
}

/** The system calls of -x syscalls=FILE. */
export async function readPersonality(
  options: Options,
  io: SessionIo,
): Promise<Personality | Diagnostic | undefined> {
  const path = options.text('syscalls');
  if (path === undefined) return undefined;
  const text = io.readFile(path);
  const { parsePersonality } = await import('../providers/syscalls/abi.ts');
  const read = text === undefined ? 'it cannot be read' : parsePersonality(text);
  return typeof read === 'string' ? diagnostic('U_SYSCALLS', undefined, { path, reason: read }) : read;
}
