/** The probes of what happens to a machine besides interrupts and exceptions: which event kind fires which, and what it means. */
import type { EventKind } from './event-batch.ts';

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
