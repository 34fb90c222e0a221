/** Headers of interrupt records, whole or torn: each makes an event that waits for its dump. */
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import type { DumpWalk } from './dump-walk.ts';
import { parseHeader, parseTail, TAILS } from './header.ts';
import { hasTimePrefix, TIME_PREFIX_BYTES } from './lines.ts';
import { DONE, type LogScan, NOT_THIS } from './log-scan.ts';
import { AWAITS, newEvent, type PendingEvent, takeHeader } from './waiting.ts';

export class HeaderWalk {
  private readonly log: LogScan;
  private readonly dumps: DumpWalk;

  constructor(log: LogScan, dumps: DumpWalk) {
    this.log = log;
    this.dumps = dumps;
  }

  /** A header, or the tail of one that was torn. */
  headerPiece(u8: Uint8Array, at: number, p: number, end: number, lineEnd: number): number {
    const header = this.log.header;
    const behindPlace = parseHeader(u8, p, end, header);
    if (behindPlace < 0 || behindPlace > end) return this.loneTail(u8, at, p, end, lineEnd);
    this.dumps.cutDump();
    this.log.letStand();
    const tailAt = hasTimePrefix(u8, behindPlace, end) ? behindPlace + TIME_PREFIX_BYTES : behindPlace;
    let behind = parseTail(u8, tailAt, end, header);
    if (header.tail === TAILS.none) behind = behindPlace;
    if (hasTimePrefix(u8, behind, end) && behind + TIME_PREFIX_BYTES === end) behind = end;
    const event = newEvent();
    this.takeRecord(event, this.log.setup.window.offsetOf(at), this.log.setup.window.offsetOf(p));
    event.awaits = AWAITS.agreeingDump;
    event.torn = header.tail === TAILS.none || behind < end;
    // The tail may be that of a header torn before; the dump knows better.
    if (this.log.owed > 0) event.hasTail = false;
    if (event.torn) this.log.owed++;
    this.log.push(event);
    this.log.setup.ledger.eventBytes += (behind < end ? behind : lineEnd) - at;
    return behind < end ? behind : DONE;
  }

  private loneTail(u8: Uint8Array, at: number, p: number, end: number, lineEnd: number): number {
    const behind = parseTail(u8, p, end, this.log.header);
    if (behind === p) return NOT_THIS;
    const bytes = (behind < end ? behind : lineEnd) - at;
    const { ledger } = this.log.setup;
    if (this.log.owed > 0) {
      ledger.eventBytes += bytes;
      if (behind === end) this.log.owed--;
    } else ledger.lose('torn', bytes, this.log.file, () => this.log.line);
    return behind < end ? behind : DONE;
  }

  /** What a header tells, into an event; shared by both ways of walking. */
  takeRecord(event: PendingEvent, since: number, head: number): void {
    const header = this.log.header;
    takeHeader(event, header);
    event.kind = EVENT_KINDS.vec;
    event.flags = header.soft ? EVENT_FLAGS.SOFT : 0;
    // A device's interrupt is only taken with interrupts enabled.
    if (this.log.hardware.claim(header.vector, header.soft)) {
      event.flags |= EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
    }
    event.timeNs = this.log.timeNs;
    event.line = this.log.line;
    event.since = since;
    event.head = head;
    event.cpu = this.log.setup.cpus.latest;
    this.log.lastSeq = header.seq;
    this.log.sightings.headers++;
  }
}
