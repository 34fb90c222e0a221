/**
 * The `cpu`, `guest` and `exec` providers: resets, triple faults, system management mode, halts, the errors a guest
 * makes against its devices, and the translated blocks that -d exec logs, as the trace says them. arg0 is the pc, where the
 * table says nothing else; 0 when the trace does not tell.
 */
import type { RowArgument } from '../engine/engine-contract.ts';
import { FIRING, type Firing } from '../engine/firing.ts';
import type { ProbeTable } from '../engine/probes.ts';
import { EVENT_KINDS, type EventBatch, type EventKind } from '../machine/event-batch.ts';

interface MachineProbe {
  readonly kind: EventKind;
  readonly provider: string;
  readonly name: string;
  readonly doc: string; // one line, for help
}

/**
 * Two of them are lines of a QEMU log without a record of their own, and say what they know in their arguments:
 *   nested         an exception raised by the delivery of another, which QEMU logs as a check_exception line only
 *   real_mode_irq  a device's interrupt in real mode, of which QEMU logs the `Servicing hardware INT` line only. It is no `vec`:
 *                  vectors mean other things there (the PC's timer is 0x08, which scripts of `vec` know as a double fault)
 */
export const MACHINE_PROBES: readonly MachineProbe[] = [
  { kind: 'reset', provider: 'cpu', name: 'reset', doc: 'a CPU is reset; arg0 the pc before' },
  {
    kind: 'triple_fault',
    provider: 'cpu',
    name: 'triple_fault',
    doc: 'the delivery of a double fault has failed',
  },
  {
    kind: 'smm_enter',
    provider: 'cpu',
    name: 'smm_enter',
    doc: 'system management mode begins; arg0 the pc',
  },
  { kind: 'smm_leave', provider: 'cpu', name: 'smm_leave', doc: 'system management mode ends; arg0 the pc' },
  { kind: 'halt', provider: 'cpu', name: 'halt', doc: 'a CPU halts; arg0 the pc' },
  { kind: 'shutdown', provider: 'cpu', name: 'shutdown', doc: 'the machine is switched off' },
  {
    kind: 'guest_error',
    provider: 'guest',
    name: 'error',
    doc: 'the guest has done what a device does not allow; arg0 the address',
  },
  { kind: 'tb', provider: 'exec', name: 'tb', doc: 'a translated block is entered; arg0 the pc' },
  {
    kind: 'nested',
    provider: 'cpu',
    name: 'nested',
    doc: "an exception while another is delivered; arg0 its vector, arg1 the other's",
  },
  {
    kind: 'real_mode_irq',
    provider: 'cpu',
    name: 'real_mode_irq',
    doc: "a device's interrupt in real mode, where vectors are the BIOS's (0x08 the timer); arg0 the vector",
  },
];

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
