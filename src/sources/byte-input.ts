/** What a window reads from: bytes of one trace, wherever they come from. */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Diagnostic } from '../diag/diagnostics.ts';

export interface ByteInput {
  /** More may be long in coming: what there is should be looked at first. May change with each read. */
  readonly live: boolean;
  /** Bytes taken from the file itself (compressed bytes of a compressed file), and its size when known. */
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  /** Why reading stopped early, once it has. */
  readonly damage: Diagnostic | undefined;
  /** Up to `size` bytes to linear offset `at`. 0 at the end. */
  read(memory: LinearMemory, at: number, size: number): number | Promise<number>;
  /** What is there is to be handed over now, however little it is. Whether there was any that waited for more. */
  settle?(): boolean;
  close(): void;
}
