/**
 * The source's view of its input: a page-aligned window in linear memory, refilled in place.
 *
 *   base - carryBytes          base (4 KiB aligned)          base + windowBytes
 *   +--------------------------+-----------------------------+-------+
 *   |      room for the carry  | bytes as read               | slack |
 *   +--------------------------+-----------------------------+-------+
 *              [start ......................... end)
 *
 * Reads go to `base`, at multiples of the window's size in the file: a page-aligned destination is what makes reading
 * run at memory speed. What the scanner has not consumed is copied in front of `base` first. Offsets into the input
 * are JavaScript numbers (exact to 2^53) and never pass through a bit operation.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { ByteInput } from './byte-input.ts';

/** 1 MiB: reading is at its fastest from there on, and the window still fits the L2 cache. */
const WINDOW_BYTES = 1 << 20;
/** More than the scanner ever holds back: one line of MAX_LINE_BYTES and the records that wait for their dumps. */
const CARRY_BYTES = 192 * 1024;
/** Parsers may look this far past the end without a check; it holds zeros or old text. */
const SLACK_BYTES = 4096;
const PAGE_BYTES = 4096;

/** Windows without any event are passed over silently; after so many the event loop gets a turn (Ctrl-C, progress). */
export const WINDOWS_PER_TURN = 64;

export class Window {
  readonly memory: LinearMemory;
  readonly windowBytes: number;
  private readonly base: number;
  /** [start, end) holds the bytes not yet consumed. `start` belongs to the scanner. */
  start: number;
  end: number;
  /** Lowest linear offset that holds input: what was kept at the last refill. */
  floor: number;
  /** Bytes read from the current input so far. */
  loadedBytes = 0;
  /** How often bytes have come, or the end, of whatever input. */
  reads = 0;
  /** The input has no more bytes; what is in the window is the last. */
  ended = false;
  private input: ByteInput | undefined;
  private beside = { at: 0, sizeBytes: 0 };

  constructor(memory: LinearMemory, windowBytes = WINDOW_BYTES) {
    this.memory = memory;
    this.windowBytes = windowBytes;
    const space = CARRY_BYTES + PAGE_BYTES + windowBytes + SLACK_BYTES;
    const start = memory.reserve(space, PAGE_BYTES);
    this.base = Math.ceil((start + CARRY_BYTES) / PAGE_BYTES) * PAGE_BYTES;
    this.start = this.base;
    this.end = this.base;
    this.floor = this.base;
  }

  /** Begin with another input; the window is empty. */
  attach(input: ByteInput): void {
    this.input = input;
    this.start = this.base;
    this.end = this.base;
    this.floor = this.base;
    this.loadedBytes = 0;
    this.ended = false;
  }

  /**
   * Memory that goes with the window, for who reads it: the same again for the reader of the next input, as long as it
   * suffices. Aligned to 64 bytes, and not cleared.
   */
  reserveBeside(sizeBytes: number): number {
    if (this.beside.sizeBytes < sizeBytes)
      this.beside = { at: this.memory.reserve(sizeBytes, 64), sizeBytes };
    return this.beside.at;
  }

  /** More bytes may be long in coming. */
  get live(): boolean {
    return this.input?.live ?? false;
  }

  /** Offset in the input of the byte at linear offset `at`. */
  offsetOf(at: number): number {
    return this.loadedBytes - (this.end - at);
  }

  /** Linear offset of the byte at `offset` of the input; below the window when it is gone. */
  linearOf(offset: number): number {
    return this.end - (this.loadedBytes - offset);
  }

  /** Read on, keeping the bytes from linear offset `keepFrom`. `start` moves with its byte. */
  refill(keepFrom: number): undefined | Promise<undefined> {
    const consumed = this.start - keepFrom;
    const kept = this.end - keepFrom;
    this.memory.u8.copyWithin(this.base - kept, keepFrom, this.end);
    this.floor = this.base - kept;
    this.start = this.floor + consumed;
    this.end = this.base;
    return this.fillFrom(0);
  }

  private fillFrom(filledBytes: number): undefined | Promise<undefined> {
    let filled = filledBytes;
    while (filled < this.windowBytes) {
      const read = this.input!.read(this.memory, this.base + filled, this.windowBytes - filled);
      if (typeof read !== 'number') {
        const before = filled;
        return read.then((bytes) => this.took(before, bytes));
      }
      if (!this.advance(read) || this.input!.live) return; // as in took()
      filled += read;
    }
  }

  private took(filled: number, bytes: number): undefined | Promise<undefined> {
    if (!this.advance(bytes)) return;
    // A live input hands over what it has when it pauses; waiting for a full window would delay its events.
    if (this.input!.live) return;
    return this.fillFrom(filled + bytes);
  }

  private advance(bytes: number): boolean {
    this.reads++;
    if (bytes === 0) {
      this.ended = true;
      return false;
    }
    this.end += bytes;
    this.loadedBytes += bytes;
    return true;
  }
}
