/**
 * The threads that trace pieces of a log ahead of its reader, and what they have made so far.
 *
 * Threads are given pieces from the log's end towards its front, a few at a time, since we hear of them only between two
 * slices of our own work. A shared list says which pieces are taken, so that nothing is done twice. They get no more
 * work when it does not pay: pieces turn out not to hold, cannot be used, or make so much that adding it up costs more.
 */
import { nextTurn } from '../../base/next-turn.ts';
import type { PieceHelpers, PiecePlan, TracedPiece } from '../../sources/chunked/pieces.ts';
import { type AcceptParts, accepting } from './accept.ts';
import type { FromThread, HelperThread, Made, StartThread, ThreadFacts } from './thread.ts';

/** Pieces that wait for a thread: enough for a slice of ours (run.ts). */
const QUEUED = 6;
/** So many pieces may be of no use. */
const MOST_USELESS = 3;
/** What may wait to be added, in 32-bit words: 16 MiB. */
const MOST_WAITING_WORDS = 1 << 22;

export interface HelperOptions {
  readonly start: StartThread;
  readonly threads: number;
  readonly setup: ThreadFacts;
  /** For tests: pieces are left to the threads, also when they are late. */
  readonly isPatient: boolean;
}

type TracedByUs = TracedPiece<Made>;

export class Helpers implements PieceHelpers {
  private readonly options: HelperOptions;
  private readonly threads = new Map<HelperThread, Set<number>>(); // the pieces it has to do
  private readonly made = new Map<number, TracedByUs | undefined>();
  private plan: PiecePlan | undefined;
  private claims: Int32Array = new Int32Array(0);
  private last = 0; // the next piece to give away
  private words = 0;
  private useless = 0;
  private accepted = 0;
  private isCrowded = false; // too many keys
  private isClosed = false;
  private wake: () => void = () => {};
  private add: (piece: TracedByUs) => void = () => {};

  constructor(options: HelperOptions) {
    this.options = options;
  }

  /** Whose pieces are accepted; `told` hears of each: its events, and whether there was room for all that was made. */
  acceptInto(parts: AcceptParts, told: (events: number, isAll: boolean) => void): void {
    const accept = accepting(parts);
    this.add = ({ made, rows }) => told(rows, accept(made));
  }

  begin(plan: PiecePlan): void {
    if (this.isClosed) return;
    this.plan = plan;
    this.last = plan.pieces - 2; // behind it is the tail, which is its reader's
    const { setup, start, threads } = this.options;
    this.claims = new Int32Array(new SharedArrayBuffer(4 * plan.pieces));
    this.claims[0] = 1;
    for (let i = 0; i < threads && i < this.last; i++) {
      const thread = orNone(() => start({ ...setup, fd: plan.fd, claims: this.claims }));
      if (!thread) return;
      this.threads.set(thread, new Set());
      thread.listen(
        (message) => this.take(thread, message),
        () => this.lose(thread),
      );
    }
    // Threads find work when they are ready, and need not wait for our slice to end. By then we know how the log begins.
    void nextTurn().then(() => {
      for (let stock = 1; stock <= QUEUED; stock++) {
        for (const [thread, pieces] of this.threads) this.supply(thread, pieces, stock);
      }
    });
  }

  claim(piece: number): 'own' | TracedPiece | undefined | Promise<void> {
    if (this.made.has(piece)) {
      const made = this.made.get(piece);
      this.made.delete(piece);
      this.words -= made?.made.images.length ?? 0;
      return made;
    }
    if (this.threads.size === 0) return 'own';
    if (this.mayStillCome(piece)) return this.nextMessage();
    const isFree = Atomics.compareExchange(this.claims, piece, 0, 1) === 0;
    if (isFree || !this.isPromised(piece)) return 'own';
    return this.nextMessage();
  }

  accept(piece: TracedPiece): void {
    this.accepted++;
    this.add(piece as TracedByUs);
  }

  reject(): void {
    this.count();
  }

  /** What came of it, for -v. */
  get outcome(): string {
    const { accepted, useless, plan, isCrowded } = this;
    const parts = [`${accepted} of ${plan?.pieces ?? 0} pieces were traced ahead`];
    if (useless > 0) parts.push(`${useless} could not be`);
    if (isCrowded) parts.push('for more there are too many keys');
    return parts.join('; ');
  }

  get waiting(): number {
    return this.made.size;
  }

  /** Nothing more is wanted of them. */
  close(): void {
    this.isClosed = true;
    for (const thread of this.threads.keys()) thread.stop();
    this.threads.clear();
    this.made.clear();
    this.wake();
  }

  private isPromised(piece: number): boolean {
    return [...this.threads.values()].some((pieces) => pieces.has(piece));
  }

  /** Of a test: threads have the piece, or will be given it. */
  private mayStillCome(piece: number): boolean {
    if (!this.options.isPatient) return false;
    return this.isPromised(piece) || (piece <= this.last && !this.isEnough);
  }

  private nextMessage(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private take(thread: HelperThread, message: FromThread): void {
    const pieces = this.threads.get(thread);
    if (!pieces) return;
    if (message.kind === 'done') {
      pieces.delete(message.piece);
      if (message.isCrowded) this.isCrowded = true;
      if (message.mine) this.keep(message.piece, message.traced);
    }
    this.supply(thread, pieces, QUEUED);
    if (this.plan && pieces.size === 0) {
      this.threads.delete(thread);
      thread.stop();
    }
    this.wake();
  }

  private keep(piece: number, traced: TracedByUs | undefined): void {
    this.made.set(piece, traced);
    if (traced === undefined) {
      this.count();
      return;
    }
    this.words += traced.made.images.length;
    const [before, behind] = [this.made.get(piece - 1), this.made.get(piece + 1)];
    if (before && !this.plan!.fit(before, traced)) this.count();
    if (behind && !this.plan!.fit(traced, behind)) this.count();
  }

  private count(): void {
    this.useless++;
  }

  private get isEnough(): boolean {
    return this.isClosed || this.isCrowded || this.useless >= MOST_USELESS || this.words > MOST_WAITING_WORDS;
  }

  private supply(thread: HelperThread, pieces: Set<number>, stock: number): void {
    while (pieces.size < stock && this.give(thread, pieces));
  }

  /** The last piece that nobody has, for a thread. */
  private give(thread: HelperThread, pieces: Set<number>): boolean {
    while (this.last > 0 && !this.isEnough) {
      const piece = this.last--;
      if (this.claims[piece] !== 0) continue;
      const job = this.plan!.job(piece);
      if (job === undefined) continue;
      pieces.add(piece);
      thread.post({ kind: 'job', job });
      return true;
    }
    return false;
  }

  /** What a thread had to do is ours. */
  private lose(thread: HelperThread): void {
    const pieces = this.threads.get(thread);
    this.threads.delete(thread);
    this.useless += pieces?.size ?? 0;
    this.wake();
  }
}

/** Where there are no more threads to be had, those that there are suffice. */
function orNone<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
