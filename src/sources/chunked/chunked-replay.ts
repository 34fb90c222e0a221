/**
 * One plain x86 log, with helpers that scan pieces of it ahead of us, each from a state that they assume.
 *
 *   |ours ───────▶|      |      |◀─ taken by helpers, last piece first ─|ours|
 *   0            cut 1  cut 2  …                                       the tail
 *
 * We read from the front, as ever. Where a piece begins that a helper has finished, what it made is taken when we have
 * reached the very state that it assumed, and we go on behind it; otherwise we read the piece ourselves. So what comes
 * out is what one thread gives, whatever helpers do, and a log whose pieces are not what they seem is only slower.
 */
import fs from 'node:fs';
import { nextTurn } from '../../base/next-turn.ts';
import type { Diagnostic } from '../../diag/diagnostics.ts';
import type { Architecture } from '../../machine/causes.ts';
import type { EventBatch } from '../../machine/event-batch.ts';
import type { Ledger } from '../../machine/ledger.ts';
import { refuse } from '../input.ts';
import { CpuTable } from '../qemu-x86/cpus.ts';
import { IntLogScanner } from '../qemu-x86/int-log.ts';
import { FIRST_STATE, type ScanState } from '../qemu-x86/scan-state.ts';
import type { Sightings } from '../scanner.ts';
import type { EventSource, FillResult, ReplayRequest } from '../source.ts';
import { newShared, type Shared, troubleOf, windowHasTime } from '../stream.ts';
import { targetIn } from '../target.ts';
import { WINDOWS_PER_TURN, Window } from '../window.ts';
import { Cuts } from './cuts.ts';
import { PieceInput } from './piece-input.ts';
import {
  addLedger,
  addSightings,
  holds,
  type Matters,
  type PieceHelpers,
  type PieceJob,
  stateBehind,
  type TracedPiece,
} from './pieces.ts';

/** How a log is cut. */
export interface Cutting {
  readonly helpers: PieceHelpers;
  readonly pieceBytes: number;
  readonly matters: Matters;
}

/** A guess is mended by so many bytes in front of a piece. */
const WARM_BYTES = 128 * 1024;

/** A place between two pieces where helpers may have been at work. */
interface Place {
  readonly state: ScanState;
  readonly offset: number;
}

export function openChunked(request: ReplayRequest, cutting: Cutting): EventSource | Diagnostic {
  const name = request.name ?? request.paths[0]!;
  const refused = refuse(request.paths[0]!);
  return refused ?? new ChunkedReplay(name, request, cutting);
}

class ChunkedReplay implements EventSource {
  readonly name: string;
  readonly ledger: Ledger;
  readonly hasTime: boolean;
  readonly architecture: Architecture | undefined;
  private readonly request: ReplayRequest;
  private readonly cutting: Cutting;
  private readonly shared: Shared;
  private readonly fd: number;
  private readonly window: Window;
  private readonly input: PieceInput;
  private readonly cuts: Cuts;
  private readonly sightings: Sightings = { foreign: undefined, servicing: 0, headers: 0, longBytes: 0 };
  private scanner: IntLogScanner | undefined; // absent while we stand between pieces
  private place: Place | undefined; // then this is where
  private pending: TracedPiece | undefined; // to be taken once what we still hold has left
  private next = 1; // the piece that begins at our limit
  private guess: ScanState = FIRST_STATE;
  private hasHelpers = false;
  private isOver = false;
  private wasTold = false; // what is wrong with the file

  constructor(name: string, request: ReplayRequest, cutting: Cutting) {
    this.name = name;
    this.request = request;
    this.cutting = cutting;
    const fd = fs.openSync(request.paths[0]!, 'r');
    this.fd = fd;
    const { size } = fs.fstatSync(fd);
    this.window = new Window(request.memory, request.windowBytes);
    this.shared = newShared(request);
    this.ledger = this.shared.ledger;
    this.input = new PieceInput(name, fd, size);
    this.cuts = new Cuts(fd, size, cutting.pieceBytes);
    this.start({ state: FIRST_STATE, offset: 0 });
    this.hasTime = windowHasTime(this.window);
    this.architecture = targetIn(this.window);
  }

  get progress(): { readonly doneBytes: number; readonly totalBytes: number | undefined } {
    const ahead = this.cutting.helpers.waiting * this.cutting.pieceBytes;
    const { doneBytes, totalBytes } = this.input;
    return { doneBytes: Math.min(totalBytes, doneBytes + ahead), totalBytes };
  }

  fill(batch: EventBatch): FillResult | Promise<FillResult> {
    batch.count = 0;
    this.callHelpers();
    for (let windows = 0; !this.isOver; windows++) {
      const { scanner } = this;
      const wait = scanner ? this.scanOn(scanner, batch) : this.leap();
      if (batch.count > 0) return batch.count;
      if (wait) return wait.then(() => this.fill(batch));
      if (windows >= WINDOWS_PER_TURN) return nextTurn().then(() => this.fill(batch));
    }
    return this.lastWord();
  }

  private callHelpers(): void {
    if (this.hasHelpers) return;
    this.hasHelpers = true;
    const { helpers, matters } = this.cutting;
    helpers.begin({
      fd: this.fd,
      pieces: this.cuts.pieces,
      job: (piece) => this.job(piece),
      fit: (first, second) => holds(first.end, second, matters),
    });
  }

  async close(): Promise<void> {
    this.isOver = true;
    this.wasTold = true;
    this.cutting.helpers.close();
    this.input.close();
  }

  /** Scan what is in the window; without events in it read on, or see who has made the piece that begins here. */
  private scanOn(scanner: IntLogScanner, batch: EventBatch): Promise<void> | undefined {
    const { window, input } = this;
    batch.registers = scanner.texts;
    scanner.scan(batch);
    if (batch.count > 0) return undefined;
    if (scanner.done) {
      addSightings(this.sightings, scanner.sightings);
      this.isOver = true;
    } else if (window.start !== window.end || !input.isAtLimit) input.refill(window, scanner.keepFrom);
    else if (this.pending) this.leave(scanner, this.pending);
    else return this.arrive(scanner);
    return undefined;
  }

  /** We are at the end of a piece. */
  private arrive(scanner: IntLogScanner): Promise<void> | undefined {
    const state = scanner.state();
    if (state !== undefined) this.guess = state;
    const made = this.claim();
    if (made instanceof Promise) return made;
    if (made !== 'own' && made !== undefined && state !== undefined && this.isTrue(state, made)) {
      scanner.settle(); // no line behind a cut takes a record back
      this.pending = made;
    } else this.goOn(scanner, state);
    return undefined;
  }

  /** Read the next piece ourselves; from a clean place by reads that begin at a page. */
  private goOn(scanner: IntLogScanner, state: ScanState | undefined): void {
    const limit = this.limitBehind();
    if (state === undefined || scanner.holds) this.input.extend(limit);
    else this.input.begin(this.window, this.input.doneBytes, limit, true);
  }

  /** All events in front of the piece have left; what a helper made of it comes now. */
  private leave(scanner: IntLogScanner, made: TracedPiece): void {
    const state = scanner.state()!;
    addSightings(this.sightings, scanner.sightings);
    this.scanner = undefined;
    this.pending = undefined;
    this.accept({ state: { ...state, held: made.start.held }, offset: this.input.doneBytes }, made);
  }

  /** Between pieces: what is made of the next one is taken too, or we scan on from here. */
  private leap(): Promise<void> | undefined {
    const place = this.place!;
    const made = this.claim();
    if (made instanceof Promise) return made;
    if (made !== 'own' && made !== undefined && this.isTrue(place.state, made)) this.accept(place, made);
    else this.start(place);
    return undefined;
  }

  /** What was made of the piece that begins at our limit, or that it is ours to read. */
  private claim(): 'own' | TracedPiece | undefined | Promise<void> {
    return this.next < this.cuts.pieces ? this.cutting.helpers.claim(this.next) : 'own';
  }

  private isTrue(reached: ScanState, made: TracedPiece): boolean {
    const isTrue = holds(reached, made, this.cutting.matters);
    if (!isTrue) this.cutting.helpers.reject();
    return isTrue;
  }

  private accept({ state }: Place, made: TracedPiece): void {
    const end = stateBehind(state, made);
    addLedger(this.ledger, made.ledger, state.line - made.start.line);
    addSightings(this.sightings, made.sightings);
    this.cutting.helpers.accept(made);
    const offset = this.limitBehind();
    this.place = { state: end, offset };
    this.guess = end;
  }

  /** Go on by ourselves from a place between pieces. */
  private start({ state, offset }: Place): void {
    const { memory, needs, scan } = this.request;
    const { window, shared } = this;
    this.place = undefined;
    shared.timeBase.firstMicros = state.firstMicros ?? Number.NaN;
    const cpus = CpuTable.from(state.cpus);
    this.scanner = new IntLogScanner(
      this.name,
      { memory, window, needs, scan, cpus, ...shared },
      state === FIRST_STATE ? undefined : state,
    );
    this.input.begin(window, offset, offset === 0 ? this.limitAt(1) : this.limitBehind(), true);
  }

  /** Where the next piece but one begins; we are in the next one then. */
  private limitBehind(): number {
    this.next++;
    return this.limitAt(this.next);
  }

  /** Where a piece begins. Pieces that cannot be cut off belong to the one in front of them. */
  private limitAt(piece: number): number {
    for (this.next = piece; this.next < this.cuts.pieces; this.next++) {
      const at = this.cuts.at(this.next);
      if (at !== undefined && at >= this.input.doneBytes) return at;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Work for a helper: the piece, and a place in front of it where to begin with what we know now. */
  private job(piece: number): PieceJob | undefined {
    const [begin, end] = [this.cuts.at(piece), this.cuts.at(piece + 1)];
    if (begin === undefined || end === undefined || end <= begin) return undefined;
    const from = this.cuts.before(piece, WARM_BYTES) ?? begin;
    if (from === 0) return { piece, from, guess: FIRST_STATE, begin, end };
    const guess = this.scanner?.state() ?? this.guess;
    return { piece, from: Math.min(from, begin), guess: { ...guess, held: 0 }, begin, end };
  }

  private lastWord(): FillResult {
    const { name, input, window, sightings, ledger } = this;
    if (this.wasTold) return 0;
    this.wasTold = true;
    return troubleOf({ name, input, window, scanner: { sightings } }, ledger, 0) ?? 0;
  }
}
