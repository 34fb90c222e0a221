/**
 * The lines of the window, one after the other: many are found at once (line-code.ts), and kept in a table until they are
 * asked for. Where the engine has no vectors, each is looked for by itself.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { type FindLines, LINE_ENTRY_BYTES, openLines } from './line-code.ts';

const LF = 0x0a;
/** Lines that are found at once. */
const ROOM = 1024;

export class LineFinder {
  /** Of the line found last. */
  newline = 0;
  /** It is known to be printable ASCII, but for a carriage return behind it. */
  isPlain = false;
  private readonly memory: LinearMemory;
  private readonly table: number;
  private readonly find: FindLines | undefined;
  private from = 0; // where the next line of the table begins
  private at = 0; // entry
  private count = 0;

  constructor(memory: LinearMemory, hasVectors = true) {
    this.memory = memory;
    this.table = memory.reserve(ROOM * LINE_ENTRY_BYTES, 8);
    this.find = hasVectors ? openLines(memory.memory) : undefined;
  }

  /** The text of the window is another. */
  forget(): void {
    this.count = 0;
    this.at = 0;
  }

  /** The line that begins at `at`. False: it does not end before `end`. */
  next(at: number, end: number): boolean {
    if (this.find === undefined) return this.nextAlone(at, end);
    if (this.at === this.count || this.from !== at) {
      this.count = this.find(at, end, this.table, ROOM);
      this.at = 0;
      if (this.count === 0) return false;
    }
    const { u32 } = this.memory;
    const entry = (this.table >> 2) + (LINE_ENTRY_BYTES >> 2) * this.at++;
    this.newline = u32[entry]!;
    this.isPlain = u32[entry + 1] === 1;
    this.from = this.newline + 1;
    return true;
  }

  /** Whether there are lines ahead, the first at `at`: entries from `entry` up to `lastEntry`. */
  looksAhead(at: number, end: number): boolean {
    if (this.find === undefined) return false;
    if (this.at === this.count || this.from !== at) {
      this.count = this.find(at, end, this.table, ROOM);
      this.at = 0;
      this.from = at;
    }
    return this.at < this.count;
  }

  get entry(): number {
    return this.table + LINE_ENTRY_BYTES * this.at;
  }

  get lastEntry(): number {
    return this.table + LINE_ENTRY_BYTES * this.count;
  }

  /** Lines before that entry have been taken. */
  goTo(entry: number): void {
    this.at = (entry - this.table) / LINE_ENTRY_BYTES;
    if (this.at > 0) this.from = this.memory.u32[(entry >> 2) - (LINE_ENTRY_BYTES >> 2)]! + 1;
  }

  private nextAlone(at: number, end: number): boolean {
    this.newline = this.memory.u8.subarray(0, end).indexOf(LF, at);
    this.isPlain = false;
    return this.newline >= 0;
  }
}
