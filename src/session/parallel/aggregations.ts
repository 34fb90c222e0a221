/** The aggregations of programs that share one scope: one of each number. */
import type { Aggregation, Program } from '../../dif/program.ts';

export function aggregationsOf(programs: readonly Program[]): readonly Aggregation[] {
  const byId = new Map<number, Aggregation>();
  for (const { aggregations } of programs) for (const each of aggregations) byId.set(each.id, each);
  return [...byId.values()];
}
