/**
 * The `cpu`, `guest` and `exec` providers: resets, triple faults, system management mode, halts, the errors a guest
 * makes against its devices, and the translated blocks that -d exec logs, as the trace says them (machine/machine-probes.ts).
 * arg0 is the pc, where the table says nothing else; 0 when the trace does not tell.
 */
import type { RowArgument } from '../engine/engine-contract.ts';
import { FIRING, type Firing } from '../engine/firing.ts';
import type { ProbeTable } from '../engine/probes.ts';
import { EVENT_KINDS, type EventBatch, type EventKind } from '../machine/event-batch.ts';
import { MACHINE_PROBES } from '../machine/machine-probes.ts';

/** Makes the probes; returns the probe id of each event kind, 0 for kinds that other providers serve. */
export function addMachineEventProbes(probes: ProbeTable): Int32Array {
  const byKind = new Int32Array(Math.max(...Object.values(EVENT_KINDS)) + 1);
  for (const row of MACHINE_PROBES) {
    byKind[EVENT_KINDS[row.kind]] = probes.create(row.provider, '', '', row.name).id;
  }
  return byKind;
}

/** What setMachineEventArgs sets for most kinds, for runs over rows; and the kinds of which it sets something else. */
export const MACHINE_EVENT_ARGUMENTS: readonly RowArgument[] = [{ column: 'pc' }];
export const ODD_MACHINE_EVENTS: readonly EventKind[] = ['nested', 'guest_error', 'real_mode_irq'];

export function setMachineEventArgs(firing: Firing, batch: EventBatch, row: number): void {
  const { memory, at } = batch;
  const kind = memory.u8[at.kind + row];
  const args = (firing.at + FIRING.args) >> 3;
  firing.clearArgs();
  if (kind === EVENT_KINDS.nested) {
    memory.i64[args] = BigInt(memory.u16[(at.vector >> 1) + row]!);
    memory.i64[args + 1] = memory.i64[(at.errcode >> 3) + row]!;
    return;
  }
  if (kind === EVENT_KINDS.real_mode_irq) {
    memory.i64[args] = BigInt(memory.u16[(at.vector >> 1) + row]!);
    return;
  }
  const address = kind === EVENT_KINDS.guest_error ? at.faddr : at.pc;
  memory.i64[args] = memory.i64[(address >> 3) + row]!;
}
