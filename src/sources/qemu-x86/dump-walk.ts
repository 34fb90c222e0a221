/**
 * Register dumps, line by line: a dump opens with its first line, is closed by EFER or cut by what comes between, and is
 * given to the waiting event that agrees with it. A dump without anything strange becomes a layout (layouts.ts) for those
 * that follow.
 */
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import type { LossKind } from '../../machine/ledger.ts';
import { FACT_RANKS, FACTS, lengthFits, noteFacts, RANKS } from './dump.ts';
import type { Layout } from './layouts.ts';
import { findRecord } from './lines.ts';
import { DONE, type LogScan, NOT_THIS } from './log-scan.ts';
import { AWAITS, agrees, agreesWithExec, type PendingEvent } from './waiting.ts';

const RFLAGS_IF = 0x200;

/** A dump whose end has not been seen yet. Offsets are input offsets. */
export interface OpenDump {
  open: boolean;
  start: number;
  rank: number;
  bytes: number;
  readonly starts: number[];
  readonly ranks: number[];
  whole: boolean; // nothing strange so far: a model for others
  damage: LossKind | undefined; // as which loss it was counted
  afterExec: boolean; // the line before it was a Trace line
}
export class DumpWalk {
  readonly dump: OpenDump = {
    open: false,
    start: 0,
    rank: 0,
    bytes: 0,
    starts: [],
    ranks: [],
    whole: true,
    damage: undefined,
    afterExec: false,
  };
  private readonly log: LogScan;

  constructor(log: LogScan) {
    this.log = log;
  }

  /** One line of a dump, if it is one. */
  dumpPiece(
    u8: Uint8Array,
    rank: number,
    at: number,
    p: number,
    end: number,
    lineEnd: number,
    unfinished: boolean,
  ): number {
    const dump = this.dump;
    const fits = lengthFits(u8, p, end - p);
    if (!fits && (rank === RANKS.first || rank === RANKS.fpu || !dump.open)) return NOT_THIS;
    if (rank === RANKS.fpu) return this.fpuLine(lineEnd - at);
    if (rank === RANKS.first) this.openDump(p);
    else if (!dump.open || rank <= dump.rank) return this.orphan(lineEnd - at);
    else if (!fits) return this.damagedLine(u8, at, p, end, lineEnd, unfinished);
    const { window } = this.log.setup;
    if (p !== at) dump.whole = false;
    dump.rank = rank;
    dump.starts.push(window.offsetOf(p));
    dump.ranks.push(rank);
    dump.bytes += lineEnd - at;
    noteFacts(u8, rank, p, this.log.facts);
    if (rank === RANKS.efer) this.closeDump(window.offsetOf(lineEnd), unfinished ? undefined : 'walked');
    return DONE;
  }

  /** The dump of this layout at `at`, all of its lines at once. */
  takeWhole(u8: Uint8Array, at: number, layout: Layout): void {
    const { log, dump } = this;
    this.openDump(at);
    log.drain();
    for (const rank of FACT_RANKS) {
      const start = layout.rankStarts[rank]!;
      if (start >= 0) noteFacts(u8, rank, at + start, log.facts);
    }
    dump.bytes = layout.sizeBytes;
    log.line += layout.lineStarts.length - 1; // what may be said of it names its last line
    this.closeDump(log.setup.window.offsetOf(at + layout.sizeBytes), layout);
    log.line++;
    log.drain();
  }

  private openDump(p: number): void {
    this.cutDump();
    if (this.log.execLine !== this.log.line - 1) this.log.letStand();
    const dump = this.dump;
    dump.open = true;
    dump.start = this.log.setup.window.offsetOf(p);
    dump.bytes = 0;
    dump.starts.length = 0;
    dump.ranks.length = 0;
    dump.whole = true;
    dump.damage = undefined;
    dump.afterExec = this.log.execLine === this.log.line - 1;
  }

  private fpuLine(bytes: number): number {
    const { ledger } = this.log.setup;
    this.cutDump();
    if (this.log.tailOwner === 'event') ledger.eventBytes += bytes;
    else this.loseDumpLine(bytes);
    return DONE;
  }

  /** A dump line where none can be. */
  private orphan(bytes: number): number {
    this.cutDump();
    this.loseDumpLine(bytes);
    this.log.tailOwner = 'torn';
    return DONE;
  }

  private loseDumpLine(bytes: number): void {
    const { ledger } = this.log.setup;
    // Adjacent lines are one loss.
    if (this.log.orphanLine > 0 && this.log.orphanLine >= this.log.line - 1) ledger.loseMore('torn', bytes);
    else ledger.lose('torn', bytes, this.log.file, () => this.log.line);
    this.log.orphanLine = this.log.line;
  }

  /** A dump line of the wrong length: something was cut off or glued in. */
  private damagedLine(
    u8: Uint8Array,
    at: number,
    p: number,
    end: number,
    lineEnd: number,
    unfinished: boolean,
  ): number {
    const dump = this.dump;
    const next = findRecord(u8, p, end);
    this.damage(unfinished ? 'truncated' : 'torn', (next < 0 ? lineEnd : next) - at);
    dump.whole = false;
    return next < 0 ? DONE : next;
  }

  /** Count a damaged dump once, with all bytes that are lost of it. */
  private damage(kind: LossKind, bytes: number): void {
    const { dump } = this;
    if (dump.damage !== undefined) {
      this.log.setup.ledger.loseMore(dump.damage, bytes);
      return;
    }
    this.log.lose(kind, bytes, this.log.line);
    dump.damage = kind;
  }

  /** A new piece begins although the dump has not ended: use it as far as it goes. */
  cutDump(): void {
    if (!this.dump.open) return;
    this.dump.whole = false;
    this.damage(this.log.finished ? 'truncated' : 'torn', 0);
    this.closeDump(this.log.setup.window.offsetOf(this.log.setup.window.start), undefined);
  }

  /** Its layout is known, or to be learned when all of it has been walked. */
  private closeDump(endOffset: number, known: Layout | 'walked' | undefined): void {
    const { dump } = this;
    const { facts } = this.log;
    dump.open = false;
    this.log.anyDump = true;
    const owner = this.ownerOf();
    if (owner !== undefined) {
      const model = known === 'walked' && dump.whole ? this.learn(endOffset) : undefined;
      const layout = known === 'walked' ? model : known;
      this.attach(owner, dump.start, endOffset, layout?.id ?? -1);
      if (owner.torn) {
        this.log.setup.ledger.repaired++;
        this.log.owed = this.log.waiting.filter(
          (event) => event.torn && event.awaits !== AWAITS.nothing,
        ).length;
      }
      this.log.setup.ledger.eventBytes += dump.bytes;
      this.log.tailOwner = 'event';
    } else {
      this.damage('torn', dump.bytes);
      this.log.tailOwner = 'torn';
      this.log.orphanLine = this.log.line;
    }
    facts.seen = 0;
  }

  private ownerOf(): PendingEvent | undefined {
    const { facts, waiting } = this.log;
    if (this.dump.afterExec) {
      const record = waiting.findLast(
        (event) => event.kind === EVENT_KINDS.tb && agreesWithExec(event, facts),
      );
      if (record !== undefined && record.dump < 0) {
        this.log.execDumps = 'follow';
        return record;
      }
    }
    for (const event of waiting) {
      if (event.awaits !== AWAITS.agreeingDump) continue;
      if (agrees(event.ipLow, event.ipHigh, event.spLow, event.spHigh, event.cpl, facts)) return event;
    }
    const record = waiting.find((event) => event.awaits === AWAITS.execDump && agreesWithExec(event, facts));
    if (record !== undefined || this.dump.afterExec) return record;
    return waiting.findLast((event) => event.awaits === AWAITS.anyDump);
  }

  /** Remember the layout of the dump just walked, if its text is still here. */
  private learn(endOffset: number): Layout | undefined {
    const { window, memory, scan } = this.log.setup;
    const { starts, ranks } = this.dump;
    if (scan !== 'fast' || window.linearOf(starts[0]!) < window.floor) return undefined;
    const linear = starts.map((offset) => window.linearOf(offset));
    const last = linear[linear.length - 1]!;
    // Text between two lines (console output) has made the block unfit as a model.
    if (endOffset - starts[0]! !== this.dump.bytes) return undefined;
    const known = this.log.layouts.match(memory.u8, linear[0]!, window.end);
    if (known !== undefined) return known;
    return this.log.layouts.learn(linear, ranks, last + (endOffset - starts[starts.length - 1]!));
  }

  /** Give the dump whose facts are in `facts` to an event. */
  attach(event: PendingEvent, start: number, end: number, layoutId: number): void {
    const facts = this.log.facts;
    if ((facts.seen & FACTS.flags) !== 0 && (event.flags & EVENT_FLAGS.HARDWARE) === 0) {
      event.flags |= EVENT_FLAGS.IF_KNOWN | ((facts.flags & RFLAGS_IF) !== 0 ? EVENT_FLAGS.IF : 0);
    }
    event.awaits = AWAITS.nothing;
    event.dump = start;
    event.dumpEnd = end;
    event.layoutId = layoutId;
    if (event.kind === EVENT_KINDS.tb) {
      this.attachToExec(event);
      return;
    }
    if (event.kind === EVENT_KINDS.vec) {
      if (event.vector === 0x0e && !event.hasTail && (facts.seen & FACTS.cr2) !== 0) {
        event.faddrLow = facts.cr2Low;
        event.faddrHigh = facts.cr2High;
      }
      if ((facts.seen & FACTS.tr) !== 0) event.cpu = this.cpuOf();
      else event.cpu = this.log.setup.cpus.latest;
      return;
    }
    if ((facts.seen & FACTS.rip) !== 0) this.takePlace(event);
    if (event.kind !== EVENT_KINDS.reset && (facts.seen & FACTS.tr) !== 0) {
      event.cpu = this.log.setup.cpus.lookUp(facts.trSelector, facts.trBaseLow);
    }
  }

  private attachToExec(event: PendingEvent): void {
    const facts = this.log.facts;
    this.takeStackPointer(event);
    event.cpl = facts.cpl;
    if ((facts.seen & FACTS.tr) !== 0)
      this.log.setup.cpus.learn(event.cpu, facts.trSelector, facts.trBaseLow);
    this.log.hold(event);
  }

  /** Resets and SMM have no header: their place is in the dump. As in a header, pc is where in memory (CS base + IP). */
  private takePlace(event: PendingEvent): void {
    const facts = this.log.facts;
    event.cpl = facts.cpl;
    event.pcLow = (facts.ipLow + facts.csBaseLow) | 0;
    event.pcHigh = facts.ipHigh;
    this.takeStackPointer(event);
  }

  /** A dump may have lost the line that has it; then it is not that of a dump before. */
  private takeStackPointer(event: PendingEvent): void {
    const { facts } = this.log;
    if ((facts.seen & FACTS.sp) === 0) return;
    event.spLow = facts.spLow;
    event.spHigh = facts.spHigh;
  }

  private cpuOf(): number {
    const { cpus } = this.log.setup;
    return cpus.attribute(this.log.facts.trSelector, this.log.facts.trBaseLow, this.log.rows.onMoved);
  }
}
