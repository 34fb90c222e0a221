/** The `dtrace` provider: BEGIN, END and ERROR, always ids 1, 2 and 3 (behaviours.md 14). The engine fires them. */
import type { ProbeTable } from '../engine/probes.ts';

export function addDtraceProbes(probes: ProbeTable): void {
  for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
}
