/** Reserving memory below `fire`, where nothing throws. */
import { type LinearMemory, OutOfMemory } from '../base/linear-memory.ts';

/** Like `memory.reserve`, but 0 when there is no memory left. */
export function reserveOrNone(memory: LinearMemory, sizeBytes: number): number {
  try {
    return memory.reserve(sizeBytes);
  } catch (error) {
    if (error instanceof OutOfMemory) return 0;
    throw error;
  }
}
