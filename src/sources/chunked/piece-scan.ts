/**
 * Scans pieces of an x86 log, each by itself: from a guessed state in front of it, whose mistakes the lines in between mend,
 * to its end. Events of the piece are handed over batch by batch.
 */
import fs from 'node:fs';
import { EventBatch } from '../../machine/event-batch.ts';
import { Ledger } from '../../machine/ledger.ts';
import { CpuTable } from '../qemu-x86/cpus.ts';
import { IntLogScanner } from '../qemu-x86/int-log.ts';
import { FIRST_STATE, type ScanState } from '../qemu-x86/scan-state.ts';
import type { ReplayRequest } from '../source.ts';
import { newShared, type Shared } from '../stream.ts';
import { Window } from '../window.ts';
import { PieceInput } from './piece-input.ts';
import type { PieceJob, ScannedPiece } from './pieces.ts';

/** Rows that are nobody's: of the lines in front of a piece. */
const NOBODY = (): boolean => true;

export class PieceScan {
  readonly batch: EventBatch;
  private readonly name: string;
  private readonly request: ReplayRequest;
  private readonly window: Window;
  private readonly shared: Shared;
  private readonly input: PieceInput;

  /** Of the log that is open as `fd`. */
  constructor(name: string, fd: number, request: ReplayRequest) {
    this.name = name;
    this.request = request;
    this.input = new PieceInput(name, fd, fs.fstatSync(fd).size);
    this.window = new Window(request.memory, request.windowBytes);
    this.shared = newShared(request);
    this.newScanner(FIRST_STATE, new Ledger()); // so that what is in memory is where the reader has it
    this.batch = new EventBatch(request.memory);
  }

  /** `take` gets the batches of the piece, and says whether to go on. Undefined when the piece cannot be used. */
  scan(job: PieceJob, take: () => boolean): ScannedPiece | undefined {
    let start: ScanState | undefined = job.guess;
    if (job.from < job.begin) start = this.part(job.from, job.begin, start, NOBODY)?.end;
    return start && this.part(job.begin, job.end, start, take);
  }

  private part(from: number, end: number, start: ScanState, take: () => boolean): ScannedPiece | undefined {
    const { window, input, batch } = this;
    const ledger = new Ledger();
    const scanner = this.newScanner(start, ledger);
    if (!input.begin(window, from, end, false)) return undefined;
    let rows = 0;
    while (!scanner.done) {
      batch.count = 0;
      batch.registers = scanner.texts;
      scanner.scan(batch);
      rows += batch.count;
      if (batch.count > 0 && !take()) return undefined;
      if (batch.count === 0 && !scanner.done) input.refill(window, scanner.keepFrom);
    }
    const reached = scanner.state();
    if (reached === undefined || input.damage !== undefined || input.doneBytes !== end) return undefined;
    return { start, end: reached, ledger, sightings: scanner.sightings, rows };
  }

  private newScanner(start: ScanState, ledger: Ledger): IntLogScanner {
    const { window, shared } = this;
    const { memory, needs, scan } = this.request;
    shared.timeBase.firstMicros = start.firstMicros ?? Number.NaN;
    const cpus = CpuTable.from(start.cpus);
    return new IntLogScanner(this.name, { memory, window, needs, scan, cpus, ...shared, ledger }, start);
  }
}
