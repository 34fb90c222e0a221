/**
 * What the programs of a session ask of its source, told before there is one: the probes they enable, the code addresses
 * to watch for those, the columns of an event they need, and which of them read the guest's memory.
 */
import type { Options } from '../dif/options.ts';
import type { Program } from '../dif/program.ts';
import type { Probe } from '../engine/probes.ts';
import { NO_NEEDS, type SourceNeeds, unionOfNeeds } from '../machine/needs.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import type { TracedGuest } from './guest.ts';
import type { LiveOpen } from './live.ts';
import { PREFIX } from './notices.ts';
import type { SessionIo, SessionRequest } from './request.ts';
import { LOGGED_PROVIDERS, type MemoryReaders, memoryReaders, readsOfHit, siteNeeds } from './seen.ts';
import { askForStacks } from './stacks.ts';
import type { TracedProbes } from './traced-probes.ts';

export interface Asked {
  readonly programs: readonly Program[];
  readonly enabled: readonly Probe[];
  readonly watched: WatchedSites;
  readonly readers: MemoryReaders;
  /** A machine's registers and memory, for stacks. */
  readonly followsStacks: boolean;
  /** By the programs themselves. */
  readonly byPrograms: SourceNeeds;
  /** With those of the code addresses, of buffers that are switched by the clock, and of stacks. */
  readonly needs: SourceNeeds;
}

export function askedBy(
  programs: readonly Program[],
  probes: TracedProbes,
  options: Options,
  guest: TracedGuest,
): Asked {
  const byPrograms = programs.map((program) => program.needs).reduce(unionOfNeeds, NO_NEEDS);
  const enabled = programs.flatMap((program) => probes.ofProgram(program));
  const watched = probes.watched(enabled);
  const followsStacks = guest.machine !== undefined && askForStacks(programs);
  // A buffer of a given size is emptied at the switch rate of the source's clock, so that drops repeat exactly.
  const time = byPrograms.time || options.isExplicit('bufsize');
  const registers = byPrograms.registers || followsStacks;
  return {
    ...{ programs, enabled, watched, followsStacks, byPrograms },
    readers: memoryReaders(programs, (program, clause) => probes.ofClause(program, clause)),
    needs: siteNeeds({ ...byPrograms, time, registers }, watched),
  };
}

/** What a guest must show for the enabled probes. */
export function wantsOfGuest(
  { enabled, watched: { sites, traps }, readers, byPrograms }: Asked,
  { request, io, probes, guest }: WantsParts,
): Omit<LiveOpen, 'needs' | 'memory'> {
  return {
    plugin: { isWanted: request.plugin, reads: readsOfHit(byPrograms) },
    sites,
    // Of a guest that is attached to, INT is seen nowhere, and its other system calls are.
    interrupts:
      (traps.length > 0 && (!guest.attached || sites.length === 0)) ||
      enabled.some(({ provider }) => LOGGED_PROVIDERS.has(provider)),
    readsMemory: readers.any,
    stopsAt: readers.readsAt,
    keepsThreads: readers.keepsThreads,
    program: io.programFile,
    say: (text) => io.err(`${PREFIX}${text}\n`),
    code: probes.sites?.pages ?? { needsMarker: () => true, markerIn: () => undefined },
  };
}

interface WantsParts {
  readonly request: SessionRequest;
  readonly io: SessionIo;
  readonly probes: TracedProbes;
  readonly guest: TracedGuest;
}
