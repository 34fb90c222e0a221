/** The threads of a replay, when it is spread over some: decided, and told what they must know. */
import type { Options } from '../../dif/options.ts';
import type { Program } from '../../dif/program.ts';
import type { EngineIdentity, EngineSizes, TierChoice } from '../../engine/engine-contract.ts';
import type { Probe, ProbeTable } from '../../engine/probes.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { Cutting } from '../../sources/chunked/chunked-replay.ts';
import type { SessionIo } from '../request.ts';
import { decide, decisionText } from './decide.ts';
import { Helpers } from './helpers.ts';
import { PIECES } from './large.ts';
import { portable } from './portable.ts';
import type { ThreadFacts } from './thread.ts';

export interface ParallelParts {
  readonly io: SessionIo;
  readonly options: Options;
  readonly programs: readonly Program[];
  readonly probesOf: (program: Program, clause: number) => readonly Probe[];
  readonly probes: ProbeTable;
  readonly vecIds: Int32Array;
  readonly kindIds: Int32Array;
  readonly needs: SourceNeeds;
  readonly hasKernel: boolean;
  readonly hasSites: boolean;
  readonly path: string;
  readonly plainBytes: number | undefined;
  readonly scan: 'fast' | 'careful';
  readonly sizes: EngineSizes;
  readonly tier: TierChoice;
  readonly identity: EngineIdentity;
}

export interface Parallel {
  /** How the log is replayed, for -v. */
  readonly text?: string | undefined;
  readonly helpers?: Helpers;
  readonly cutting?: Cutting;
}

export function openParallel(parts: ParallelParts): Parallel {
  const { io, plainBytes } = parts;
  const { startThread } = io;
  if (plainBytes === undefined || !startThread) return {};
  const asked = Number(io.environment?.[PIECES] ?? 0);
  const pieceBytes = asked > 0 ? asked : undefined;
  const decision = decide({ ...parts, cores: io.cores?.() ?? 1, pieceBytes });
  const text = decisionText(decision);
  if (decision.kind !== 'threads') return { text };
  const helpers = new Helpers({
    start: startThread,
    threads: decision.threads - 1,
    setup: setupOf(parts),
    isPatient: pieceBytes !== undefined,
  });
  return { text, helpers, cutting: { ...decision, helpers } };
}

function setupOf(parts: ParallelParts): ThreadFacts {
  const { programs, probesOf, probes, options, identity } = parts;
  const { tracerAncestors: _, ...plainIdentity } = identity;
  return {
    name: parts.path,
    scan: parts.scan,
    windowBytes: undefined,
    needs: parts.needs,
    architecture: 'x86',
    programs: portable(programs),
    enablings: programs.flatMap((program, index) =>
      program.clauses.map((clause) => ({
        program: index,
        clause: clause.index,
        probes: probesOf(program, clause.index).map(({ id }) => id),
      })),
    ),
    probes: probes.all.map(({ provider, module, function: func, name }) => [provider, module, func, name]),
    vecIds: parts.vecIds,
    kindIds: parts.kindIds,
    engine: {
      sizes: parts.sizes,
      identity: plainIdentity,
      randomSeed: options.number('seed'),
      destructive: options.flag('destructive'),
      cpu: options.isExplicit('cpu') ? options.number('cpu') : undefined,
      tier: parts.tier,
    },
    unsafe: options.flag('unsafe'),
  };
}
