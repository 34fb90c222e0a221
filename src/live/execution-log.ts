/**
 * QEMU's file of a recorded execution (`-icount rr=record`, replay/replay.c): what of it tells the time.
 *
 * In: the file. Out: for each delivery of an interrupt or exception, its kind and the guest's time. A log of interrupts has
 * no times of its own, but its records and these deliveries are the same ones in the same order (LoggedDeliveries).
 *
 *   header   u32 version, u64 unused; all numbers are big-endian
 *   event    u8 kind and what EVENTS says; in between, nothing
 *
 * Time is instructions << shift, and while the guest idled the host's time, which QEMU adds when it has waited.
 */
import fs from 'node:fs';

/** The version that QEMU 7.2 writes. Other versions have other numbers for the same events. */
const KNOWN_VERSION = 0xe0200c;
const HEADER_BYTES = 12;

/** Kinds of events, by number, as far as they are more than passed over. */
const EVENT = {
  instructions: 0, // u32: so many more were executed
  interrupt: 1,
  exception: 2,
  bottomHalf: 3, // u64 id; also 4 (one-shot) and 8 (block)
  input: 5,
  charRead: 7, // u8 device, array
  network: 9,
  firstShutdown: 10,
  lastShutdown: 21,
  charWrite: 22, // u32 result, u32 offset
  charReadAll: 23, // array
  charReadError: 24, // u32
  random: 27, // u32 result, array
  hostClock: 28, // u64
  realClock: 29, // u64: nanoseconds; the clock that waiting is measured by
  firstCheckpoint: 30,
  lastCheckpoint: 38,
  end: 39,
} as const;
/** The checkpoint at which the guest's idle time begins. */
const WARP_START = EVENT.firstCheckpoint;

export const DELIVERY_KINDS = { hardware: 1, exception: 2 } as const;

export interface Deliveries {
  readonly kinds: Uint8Array; // DELIVERY_KINDS
  readonly timesNs: Float64Array;
}

/** Or a sentence that says why there is none. */
export function readDeliveries(path: string, shift: number): Deliveries | string {
  const file = new Bytes(fs.openSync(path, 'r'));
  try {
    const version = file.u32();
    if (version === 0) return 'QEMU did not end in order, and left its recording unfinished';
    if (version !== KNOWN_VERSION)
      return `it is of version 0x${version.toString(16)}, which trapline does not read`;
    file.skip(HEADER_BYTES - 4);
    return walk(file, shift);
  } catch (error) {
    if (error instanceof EndOfFile) return 'it ends in the middle of an event';
    throw error;
  } finally {
    file.close();
  }
}

function walk(file: Bytes, shift: number): Deliveries | string {
  const found = new DeliveryList();
  const waiting = new Waiting();
  const scale = 2 ** shift;
  let instructions = 0;
  for (;;) {
    const kind = file.u8();
    switch (kind) {
      case EVENT.instructions:
        waiting.end();
        instructions += file.u32();
        break;
      case EVENT.interrupt:
      case EVENT.exception:
        found.add(kind, instructions * scale + waiting.totalNs);
        break;
      case EVENT.realClock:
        waiting.read(file.u64());
        break;
      case EVENT.end:
        return found.list;
      default:
        if (kind >= EVENT.firstCheckpoint && kind <= EVENT.lastCheckpoint) waiting.checkpoint(kind);
        else if (!passOver(file, kind))
          return `it holds an event of kind ${kind}, which trapline does not read`;
    }
  }
}

function passOver(file: Bytes, kind: number): boolean {
  if (kind >= EVENT.firstShutdown && kind <= EVENT.lastShutdown) return true;
  switch (kind) {
    case EVENT.bottomHalf:
    case EVENT.bottomHalf + 1:
    case EVENT.bottomHalf + 5:
    case EVENT.hostClock:
    case EVENT.charWrite:
      file.skip(8);
      return true;
    case EVENT.input + 1:
      return true;
    case EVENT.charRead:
      file.skip(1);
      file.skip(file.u32());
      return true;
    case EVENT.charReadAll:
      file.skip(file.u32());
      return true;
    case EVENT.charReadError:
      file.skip(4);
      return true;
    case EVENT.random:
      file.skip(4);
      file.skip(file.u32());
      return true;
    default:
      return false;
  }
}

/**
 * How long the guest has waited with nothing to do: QEMU's icount bias, from the clock readings that it recorded. Waiting
 * begins at the first reading behind a warpStart; it was accounted for at the last one before the guest went on.
 */
class Waiting {
  totalNs = 0;
  private sinceNs = -1; // since when; -1 when it does not wait
  private lastNs = 0;
  private starts = false;

  checkpoint(kind: number): void {
    this.starts = kind === WARP_START;
  }

  read(ns: number): void {
    if (this.starts && this.sinceNs < 0) this.sinceNs = ns;
    this.lastNs = ns;
  }

  end(): void {
    if (this.sinceNs < 0) return;
    this.totalNs += this.lastNs - this.sinceNs;
    this.sinceNs = -1;
  }
}

/** Grows by doubling. */
class DeliveryList {
  private kinds = new Uint8Array(1 << 14);
  private timesNs = new Float64Array(1 << 14);
  private count = 0;

  add(kind: number, timeNs: number): void {
    if (this.count === this.kinds.length) {
      const [kinds, timesNs] = [new Uint8Array(2 * this.count), new Float64Array(2 * this.count)];
      kinds.set(this.kinds);
      timesNs.set(this.timesNs);
      this.kinds = kinds;
      this.timesNs = timesNs;
    }
    this.kinds[this.count] = kind;
    this.timesNs[this.count++] = timeNs;
  }

  get list(): Deliveries {
    return { kinds: this.kinds.subarray(0, this.count), timesNs: this.timesNs.subarray(0, this.count) };
  }
}

class EndOfFile extends Error {}

const CHUNK_BYTES = 1 << 20;

/** A file from its beginning on. */
class Bytes {
  private readonly fd: number;
  private readonly chunk = Buffer.alloc(CHUNK_BYTES);
  private at = 0;
  private end = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  u8(): number {
    if (this.at === this.end) this.refill();
    return this.chunk[this.at++]!;
  }

  u32(): number {
    return this.u8() * 2 ** 24 + ((this.u8() << 16) | (this.u8() << 8) | this.u8());
  }

  /** Nanoseconds since the host began: below 2^53. */
  u64(): number {
    return this.u32() * 2 ** 32 + this.u32();
  }

  skip(size: number): void {
    let left = size;
    while (left > this.end - this.at) {
      left -= this.end - this.at;
      this.refill();
    }
    this.at += left;
  }

  close(): void {
    fs.closeSync(this.fd);
  }

  private refill(): void {
    this.at = 0;
    this.end = fs.readSync(this.fd, this.chunk);
    if (this.end === 0) throw new EndOfFile();
  }
}

/** What a log of interrupts shows of deliveries, in its order. */
export class LoggedDeliveries {
  /** Of a delivery: DELIVERY_KINDS, and NUMBERED when it has a record with a number. */
  private marks = new Uint8Array(1 << 14);
  private count = 0;
  private rest = '';
  private isServiced = false;
  /** Records with a number. */
  numbered = 0;

  /** Text of the log, as it comes. */
  take(text: string): void {
    const all = this.rest + text;
    const end = all.lastIndexOf('\n') + 1;
    this.rest = all.slice(end);
    for (const [line, vector, isSoft] of all.slice(0, end).matchAll(MARKS)) {
      if (isSoft !== undefined)
        this.record(isSoft === '0' && vector === NMI, this.isServiced && isSoft === '0');
      else if (!line.startsWith('check')) this.add(DELIVERY_KINDS.hardware);
      this.isServiced = line.startsWith('Serv');
    }
    if (end > 0 && this.rest.length > LONGEST_LINE) this.rest = '';
  }

  /** Times of the numbered records; undefined when the log and the recording do not tell the same story. */
  timesFrom({ kinds, timesNs }: Deliveries): Float64Array | undefined {
    this.finish();
    // Before the first record the machine was in real mode, where interrupts leave no record and some no line.
    const first = this.marks.subarray(0, this.count).findIndex((mark) => (mark & NUMBERED) !== 0);
    if (first < 0) return new Float64Array(0);
    const skipped = kinds.length - (this.count - first);
    if (skipped < 0) return undefined;
    const times = new Float64Array(this.numbered);
    let number = 0;
    for (let i = first; i < this.count; i++) {
      const mark = this.marks[i]!;
      if ((mark & ~NUMBERED) !== kinds[skipped + i - first]) return undefined;
      if (mark & NUMBERED) times[number++] = timesNs[skipped + i - first]!;
    }
    return times;
  }

  private record(isNmi: boolean, isServiced: boolean): void {
    // The line that says it is serviced has been taken for one without a record.
    if (isServiced) this.count--;
    this.add((isNmi || isServiced ? DELIVERY_KINDS.hardware : DELIVERY_KINDS.exception) | NUMBERED);
    this.numbered++;
  }

  private finish(): void {
    this.take('\n');
  }

  private add(mark: number): void {
    if (this.count === this.marks.length) {
      const marks = new Uint8Array(2 * this.count);
      marks.set(this.marks);
      this.marks = marks;
    }
    this.marks[this.count++] = mark;
  }
}

const NUMBERED = 0x80;
/** Nothing announces it. */
const NMI = '02';
/**
 * Beginnings of lines: a hardware interrupt is announced, system management mode, an exception is announced, a record. The
 * first two are deliveries even without a record behind them; the third says that what was announced had none.
 */
const MARKS = /^(?:Servicing hardware INT|SMM: enter|check_exception| *\d+: v=(\w+) e=\w+ i=(\d))/gm;
/** What has no line end after so much is no log. */
const LONGEST_LINE = 1 << 16;
