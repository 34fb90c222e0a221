/**
 * What the loop over records of `-d exec` (exec-run-code.ts) and TypeScript have in common: where it writes, and the notes,
 * which are what a call leaves besides rows, and behind that the ring.
 *
 *   0 firstLine (f64, in)   8 row   12 line   16 lastCpu (of the latest record)   20 cpus (a bit for each)
 *   24 execLine (of the latest record)   28 lastAt (of the latest line)   32 links   36 linkBytes
 *   40 tail (from the colon to the last 16 bytes of the latest line)
 *   64 + 16 * (row mod RING_ROWS):   at   line   ordinal   -
 *
 * Lines are relative to `firstLine`. A record's ordinal, which the loop leaves out, tells how many came before it.
 */
import { bug } from '../../base/assert.ts';
import type { LinearMemory } from '../../base/linear-memory.ts';
import { i32, type V128, v128 } from '../../base/wasm-build.ts';

/** Where the function writes; offsets in linear memory. */
export interface ExecColumns {
  readonly pc: number;
  readonly cpu: number;
  readonly cpl: number; // 0 when it is not asked for
  readonly line: number; // 0 when lines are not asked for
  readonly notes: number; // NOTES_BYTES
  readonly constants: number; // CONSTANTS_BYTES of this loop's own
}

export const NOTES = {
  firstLine: 0,
  row: 8,
  line: 12,
  lastCpu: 16,
  cpus: 20,
  execLine: 24,
  lastAt: 28,
  links: 32,
  linkBytes: 36,
  tail: 40,
  ring: 64,
} as const;
/** More than the records that can wait for the lines behind them (waiting.ts). */
export const RING_ROWS = 64;
/** Words of an entry, and its size. */
export const RING_ENTRY = { at: 0, line: 1, ordinal: 2, bytes: 16 } as const;
export const NOTES_BYTES = NOTES.ring + RING_ROWS * RING_ENTRY.bytes;

/** The fixed part of any record and one vector behind it are shorter; lines nearer to the end are left alone. */
export const REACH_BYTES = 128;

const MOST_CONSTANTS = 32;
export const CONSTANTS_BYTES = 16 * MOST_CONSTANTS;

/** Vectors of constant bytes, loaded from memory: the engine would make each anew wherever it is used. */
export class VectorConstants {
  private readonly base: number;
  private readonly known = new Map<string, { readonly at: number; readonly bytes: readonly number[] }>();

  constructor(base: number) {
    this.base = base;
  }

  /** A shorter list is continued with zeros. */
  readonly of = (bytes: readonly number[]): V128 => {
    const name = bytes.join();
    const at = this.known.get(name)?.at ?? this.base + 16 * this.known.size;
    this.known.set(name, { at, bytes });
    if (this.known.size > MOST_CONSTANTS) bug('sources', 'more constants than there is room for');
    return v128.load(i32(0), at);
  };

  splat(byte: number): V128 {
    return this.of(new Array<number>(16).fill(byte));
  }

  /** The first or last `count` bytes; zeros in place of the others. */
  readonly firstOf = (count: number, bytes: V128): V128 =>
    count >= 16 ? bytes : v128.and(bytes, this.of(new Array<number>(count).fill(0xff)));
  readonly lastOf = (count: number, bytes: V128): V128 =>
    count >= 16
      ? bytes
      : v128.and(bytes, this.of(Array.from({ length: 16 }, (_, i) => (i < 16 - count ? 0 : 0xff))));

  write(memory: LinearMemory): void {
    for (const { at, bytes } of this.known.values()) {
      memory.u8.fill(0, at, at + 16);
      memory.u8.set(bytes, at);
    }
  }
}
