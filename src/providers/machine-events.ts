/**
 * The `cpu` and `guest` providers: resets, triple faults, system management mode, halts, and the errors a guest makes
 * against its devices, as the trace says them. arg0 is the event's pc, 0 when the trace does not tell.
 */
import type { ProbeTable } from '../engine/probes.ts';
import { EVENT_KINDS, type EventKind } from '../machine/event-batch.ts';

const PROBE_NAMES: readonly { readonly kind: EventKind; readonly provider: string; readonly name: string }[] =
  [
    { kind: 'reset', provider: 'cpu', name: 'reset' },
    { kind: 'triple_fault', provider: 'cpu', name: 'triple_fault' },
    { kind: 'smm_enter', provider: 'cpu', name: 'smm_enter' },
    { kind: 'smm_leave', provider: 'cpu', name: 'smm_leave' },
    { kind: 'halt', provider: 'cpu', name: 'halt' },
    { kind: 'shutdown', provider: 'cpu', name: 'shutdown' },
    { kind: 'guest_error', provider: 'guest', name: 'error' },
  ];

/** Makes the probes; returns the probe id of each event kind, 0 for kinds that other providers serve. */
export function addMachineEventProbes(probes: ProbeTable): Int32Array {
  const byKind = new Int32Array(Math.max(...Object.values(EVENT_KINDS)) + 1);
  for (const row of PROBE_NAMES) {
    byKind[EVENT_KINDS[row.kind]] = probes.create(row.provider, '', '', row.name).id;
  }
  return byKind;
}
