/** What the main thread and those that trace pieces of a log for it tell each other. */
import type { Program } from '../../dif/program.ts';
import type { EngineConfig } from '../../engine/engine-contract.ts';
import type { Architecture } from '../../machine/causes.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import type { PieceJob, ScannedPiece } from '../../sources/chunked/pieces.ts';

/** All that a thread must know to trace pieces. Plain data: it is copied. */
export interface ThreadSetup {
  readonly name: string;
  readonly fd: number;
  readonly scan: 'fast' | 'careful';
  readonly windowBytes: number | undefined;
  readonly needs: SourceNeeds;
  readonly architecture: Architecture;
  readonly programs: readonly Program[];
  /** Which clause is on which probes, in the order of enabling. */
  readonly enablings: readonly {
    readonly program: number;
    readonly clause: number;
    readonly probes: readonly number[];
  }[];
  /** Names of all probes, in the order of their ids. */
  readonly probes: readonly (readonly [provider: string, module: string, func: string, name: string])[];
  readonly vecIds: Int32Array;
  readonly kindIds: Int32Array;
  readonly engine: Pick<EngineConfig, 'sizes' | 'identity' | 'randomSeed' | 'destructive' | 'cpu' | 'tier'>;
  readonly unsafe: boolean;
  /** By piece, 1 when somebody has taken it. */
  readonly claims: Int32Array;
}

/** What is known before the log is open. */
export type ThreadFacts = Omit<ThreadSetup, 'fd' | 'claims'>;

/** What came of a piece. */
export interface Made {
  readonly images: Int32Array; // engine/merge.ts
  readonly entries: number;
  /** Withheld firings: probe, CPU, count, … */
  readonly withheld: readonly number[];
}

export type ToThread = { readonly kind: 'job'; readonly job: PieceJob };

export type FromThread =
  | { readonly kind: 'ready' }
  /** `traced` is absent when the piece cannot be used; not `mine`: somebody else had taken it, or may take it. */
  | {
      readonly kind: 'done';
      readonly piece: number;
      readonly mine: boolean;
      readonly traced: (ScannedPiece & { readonly made: Made }) | undefined;
      /** Pieces make so much that the thread takes no more of them. */
      readonly isCrowded: boolean;
    };

/** The thread's end of the connection. */
export interface ThreadPort {
  post(message: FromThread): void;
  listen(take: (message: ToThread) => void): void;
}

/** Our end of it. */
export interface HelperThread {
  post(message: ToThread): void;
  /** `ended`: it failed, or is gone. */
  listen(take: (message: FromThread) => void, ended: () => void): void;
  stop(): void;
}

export type StartThread = (setup: ThreadSetup) => HelperThread;
