/**
 * The number that stands for one entry of an aggregation that is no histogram (d-language.md 7.1).
 */
import { integerSquareRoot } from '../base/int64.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Aggregation } from '../dif/program.ts';
import { divide, type Integer, readWord, toInteger } from './values.ts';

/** What is printed: integer, normalised. Deviations are unsigned, the others signed. */
export function entryNumber(
  aggregation: Aggregation,
  memory: LinearMemory,
  valueOffset: number,
  normal: bigint,
): Integer {
  if (aggregation.func === 'stddev') return deviation(memory, valueOffset, normal);
  if (aggregation.func === 'avg') return average(memory, valueOffset, normal);
  const value = readWord(memory, valueOffset, true);
  return normal === 1n ? value : divide(value, toInteger(normal));
}

function average(memory: LinearMemory, valueOffset: number, normal: bigint): Integer {
  const count = readWord(memory, valueOffset, true);
  const sum = readWord(memory, valueOffset + 8, true);
  if (count === 0) return 0;
  return divide(normal === 1n ? sum : divide(sum, toInteger(normal)), count);
}

/** isqrt(Σx² / normal² / n − (Σx / normal / n)²), every division truncating. */
function deviation(memory: LinearMemory, valueOffset: number, normal: bigint): Integer {
  const word = valueOffset >>> 3;
  const count = memory.i64[word]!;
  if (count === 0n) return 0;
  const mean = memory.i64[word + 1]! / normal / count;
  const squares = (memory.u64[word + 3]! << 64n) | memory.u64[word + 2]!;
  const variance = squares / (normal * normal) / count - mean * mean;
  return variance > 0n ? toInteger(integerSquareRoot(variance)) : 0;
}
