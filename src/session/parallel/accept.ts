/** What threads have made of pieces becomes the session's: aggregations, withheld firings. */
import { OutOfMemory } from '../../base/linear-memory.ts';
import type { AggregationStore } from '../../dif/consumer-contract.ts';
import type { Program } from '../../dif/program.ts';
import type { SymbolKeys } from '../../engine/engine-contract.ts';
import { ImageReader } from '../../engine/merge.ts';
import type { SafeMode } from '../../providers/safe-mode.ts';
import { aggregationsOf } from './aggregations.ts';
import type { Made } from './thread.ts';

export interface AcceptParts {
  readonly aggregations: AggregationStore;
  readonly programs: readonly Program[];
  readonly symbols: SymbolKeys | undefined;
  readonly safe: SafeMode;
}

/** Returns whether there was room for all of it. */
export function accepting(parts: AcceptParts): (made: Made) => boolean {
  const { aggregations, programs, symbols, safe } = parts;
  const reader = new ImageReader(aggregations, aggregationsOf(programs), symbols);
  return ({ images, withheld }) => {
    for (let i = 0; i < withheld.length; i += 3)
      safe.withholdMany(withheld[i]!, withheld[i + 1]!, withheld[i + 2]!);
    try {
      return reader.add(images);
    } catch (error) {
      if (error instanceof OutOfMemory) return false;
      throw error;
    }
  };
}
