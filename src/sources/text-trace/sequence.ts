/**
 * The order of numbered records: by number, whatever order several CPUs printed them in; and what the numbers tell was lost.
 *
 *   all   one counter for all CPUs. Records wait until the one before them has come, at most DEPTH of them; then the numbers
 *         that are missing are drops, of the CPU whose record comes after them. One that comes yet later is taken out of
 *         the drops again (of the last LATE that are missing; before that it stays one of them).
 *   cpu   one counter per CPU. Lines stay in the order of the file; a number left out is a drop of that CPU.
 *
 * The same record may be printed twice (as it happens, by a format's first template, and when the ring is dumped, by another;
 * or, with a counter per CPU, by two dumps): the second is a repeat and no event. A
 * number that was used before by another record begins anew: the system was started again.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { LineRecord } from './line-record.ts';
import type { TextRecord } from './points.ts';
import { Remembered } from './remembered.ts';

export type SequenceScope = 'all' | 'cpu';

/** Records of other CPUs that may be printed before an earlier one. */
const DEPTH = 64;
/** Missing numbers that may come yet; when there are more the earlier half is given up. */
const LATE = 1 << 16;

export interface SequenceSink {
  emit(record: TextRecord): void;
  repeated(record: TextRecord): void;
  dropped(cpu: number, count: number, line: number): void;
}

export class Sequencer {
  private readonly scope: SequenceScope;
  private readonly sink: SequenceSink;
  private readonly waiting: TextRecord[] = []; // by number
  private next = Number.NaN; // of scope `all`
  private readonly nextOf = new Map<number, number>(); // by CPU
  private readonly missing = new Map<number, number>(); // number → the CPU that is charged
  private readonly seen: Remembered; // what each number was

  constructor(scope: SequenceScope, sink: SequenceSink) {
    this.scope = scope;
    this.seen = new Remembered(scope === 'cpu');
    this.sink = sink;
  }

  /** Records may be noted there, in order, instead of being pushed (`nextNumber`). */
  noteIn(memory: LinearMemory): void {
    if (this.scope === 'all') this.seen.noteIn(memory);
  }

  /** The number that the next record must have that is noted; NaN when the next is to be pushed. */
  get nextNumber(): number {
    return this.waiting.length > 0 ? Number.NaN : this.next;
  }

  roomFor(count: number): number | undefined {
    return this.seen.roomFor(count);
  }

  /** Records have been noted and need nothing else: their numbers were the next ones, and they do not show others again. */
  noted(nextNumber: number, nextNote: number): void {
    this.next = nextNumber;
    this.seen.notedTo(nextNote);
  }

  push(record: TextRecord): void {
    if (Number.isNaN(record.seq)) this.sink.emit(record);
    else if (this.scope === 'cpu') this.pushOfCpu(record);
    else this.pushOfAll(record);
  }

  /** Nothing more comes for now: what waits need not. */
  flush(): void {
    while (this.waiting.length > 0) this.takeFirst();
  }

  /** The memory that lines stand in is about to be used again. */
  keepWaiting(): void {
    for (const record of this.waiting) if (record instanceof LineRecord) record.keepText();
  }

  private pushOfCpu(record: TextRecord): void {
    const { cpu, seq } = record;
    const next = this.nextOf.get(cpu);
    if (next !== undefined && seq < next && this.isRepeat(record)) {
      this.sink.repeated(record);
      return;
    }
    if (next !== undefined && seq > next) this.sink.dropped(cpu, seq - next, record.line);
    this.seen.add(record);
    this.nextOf.set(cpu, seq + 1);
    this.sink.emit(record);
  }

  private pushOfAll(record: TextRecord): void {
    const { seq } = record;
    if (Number.isNaN(this.next)) this.next = seq;
    if (this.isRepeat(record)) {
      this.sink.repeated(record);
      return;
    }
    if (seq < this.next) {
      this.late(record);
      return;
    }
    this.seen.add(record);
    if (seq === this.next) {
      this.emit(record);
      while (this.waiting[0]?.seq === this.next) this.emit(this.waiting.shift()!);
      return;
    }
    let place = this.waiting.length;
    while (place > 0 && this.waiting[place - 1]!.seq > seq) place--;
    this.waiting.splice(place, 0, record);
    if (this.waiting.length > DEPTH) this.takeFirst();
  }

  /** A number below those that were given out. */
  private late(record: TextRecord): void {
    const charged = this.missing.get(record.seq);
    const isUsed = this.seen.has(record);
    if (charged !== undefined) {
      this.missing.delete(record.seq);
      this.sink.dropped(charged, -1, record.line);
    } else if (isUsed) {
      this.flush();
      this.seen.clear();
      this.missing.clear();
      this.next = record.seq + 1;
    }
    this.seen.add(record);
    this.sink.emit(record);
  }

  /** The first that waits leaves, and what is missing before it is lost. */
  private takeFirst(): void {
    const first = this.waiting.shift()!;
    const count = first.seq - this.next;
    if (count > 0) {
      this.sink.dropped(first.cpu, count, first.line);
      this.miss(first, count);
    }
    this.emit(first);
    while (this.waiting[0]?.seq === this.next) this.emit(this.waiting.shift()!);
  }

  private emit(record: TextRecord): void {
    this.next = record.seq + 1;
    this.sink.emit(record);
  }

  private miss({ seq: end, cpu }: TextRecord, count: number): void {
    if (count > LATE || end > Number.MAX_SAFE_INTEGER) return; // of greater numbers there is no next one
    for (let seq = this.next; seq < end; seq++) this.missing.set(seq, cpu);
    if (this.missing.size <= LATE) return;
    let excess = this.missing.size - LATE / 2;
    for (const seq of this.missing.keys()) {
      if (excess-- === 0) break;
      this.missing.delete(seq);
    }
  }

  /** What a dump shows again, though it may show more of it. */
  private isRepeat(record: TextRecord): boolean {
    return record.mayRepeat === true && this.seen.wasLike(record);
  }
}
