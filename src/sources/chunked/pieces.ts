/** What a log that is replayed in pieces (chunked-replay.ts) and those who scan pieces of it tell each other. All of it is plain data. */
import type { Ledger } from '../../machine/ledger.ts';
import type { CpuState } from '../qemu-x86/cpus.ts';
import type { ScanState } from '../qemu-x86/scan-state.ts';
import type { Sightings } from '../scanner.ts';

/** A piece to scan. */
export interface PieceJob {
  readonly piece: number;
  /** Scanning starts here with this state, which is a guess; events count from `begin` on. */
  readonly from: number;
  readonly guess: ScanState;
  readonly begin: number;
  readonly end: number;
}

/** What a ledger holds. */
export type LedgerFacts = Omit<
  Ledger,
  'nonEvent' | 'lose' | 'guestDropped' | 'loseMore' | 'accountedBytes' | 'lost'
>;

/** What scanning a piece gave, under the assumption that it begins in state `start`. */
export interface ScannedPiece {
  readonly start: ScanState;
  readonly end: ScanState;
  readonly ledger: LedgerFacts;
  readonly sightings: Sightings;
  readonly rows: number;
}

/** A piece whose events have been traced elsewhere. `made` is what came of it, for those who asked. */
export interface TracedPiece<Made = unknown> extends ScannedPiece {
  readonly made: Made;
}

/** Who scans pieces ahead of the reader of a log. */
export interface PieceHelpers {
  /**
   * The reader has come to a piece: `own` when nobody has taken it, which nobody does any more; what was made of it; undefined
   * when that is of no use; a promise while somebody is at it, after which to ask again.
   */
  claim(piece: number): 'own' | TracedPiece | undefined | Promise<void>;
  /** What was made of the piece is true: it begins as was assumed. */
  accept(piece: TracedPiece): void;
  /** It is not, and nothing comes of it. */
  reject(): void;
  /** Pieces that are made but not accepted yet, for progress. */
  readonly waiting: number;
  /** Who may be asked for work from now on. */
  begin(plan: PiecePlan): void;
  close(): void;
}

export interface PiecePlan {
  /** The open log: threads share descriptors, and a path may name another file by now. */
  readonly fd: number;
  readonly pieces: number;
  /** The work for a piece; undefined where it cannot be cut out. */
  job(piece: number): PieceJob | undefined;
  /** Whether the second of two adjacent pieces begins in the state in which the first one ends. */
  fit(first: ScannedPiece, second: ScannedPiece): boolean;
}

/** What the program asks of events that all that came before may tell: pieces can be scanned apart only as far as it is the same. */
export interface Matters {
  /** Which CPU an event is of. */
  readonly cpus: boolean;
  /** Its number: records without one have that of the record before. */
  readonly numbers: boolean;
}

/**
 * Whether what was made of a piece is what would come of it in the state that the reader has really reached. Lines are
 * counted on, and times are no part of it: a program that reads them is not traced in pieces.
 */
export function holds(reached: ScanState, { start, end }: ScannedPiece, matters: Matters): boolean {
  if (matters.cpus && !isSettled(start.cpus, end.cpus)) return false;
  const parts = (state: ScanState): string =>
    JSON.stringify({
      ...{ ...state, line: 0, firstMicros: 0, timeNs: 0 },
      cpus: matters.cpus ? state.cpus : undefined,
      lastNumber: matters.numbers ? state.lastNumber : 0,
    });
  return parts(reached) === parts(start);
}

/** Whether no record of the piece can have been taken from one CPU and given to another. */
function isSettled(start: CpuState, end: CpuState): boolean {
  return start.trialCount === 0 && JSON.stringify(start.former) === JSON.stringify(end.former);
}

/** The reader's state behind a piece that holds. */
export function stateBehind(reached: ScanState, { start, end }: ScannedPiece): ScanState {
  const hasNumber = end.lastNumber !== start.lastNumber; // of its own
  const { lastNumber } = hasNumber ? end : reached;
  return { ...end, line: end.line + (reached.line - start.line), lastNumber };
}

/** Add what a piece accounted for. `lines` is how many more lines are in front of it than was assumed. */
export function addLedger(into: Ledger, piece: LedgerFacts, lines: number): void {
  into.totalBytes += piece.totalBytes;
  into.eventBytes += piece.eventBytes;
  into.events += piece.events;
  into.repaired += piece.repaired;
  for (const [kind, { count, bytes }] of piece.nonEvents) {
    const row = into.nonEvents.get(kind);
    into.nonEvents.set(kind, { count: count + (row?.count ?? 0), bytes: bytes + (row?.bytes ?? 0) });
  }
  for (const [kind, { count, bytes, first }] of piece.losses) {
    const row = into.losses.get(kind);
    const place = row?.first ?? (first && { file: first.file, line: first.line + lines });
    into.losses.set(kind, {
      count: count + (row?.count ?? 0),
      bytes: bytes + (row?.bytes ?? 0),
      first: place,
    });
  }
}

export function addSightings(into: Sightings, piece: Sightings): void {
  into.foreign ??= piece.foreign;
  into.servicing += piece.servicing;
  into.headers += piece.headers;
  into.longBytes += piece.longBytes;
}
