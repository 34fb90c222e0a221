/**
 * The `vec` provider: one probe per way an x86 vector is delivered.
 *
 *   vec:exception:page_fault:0x0e    vectors 0–31, by their architectural meaning (NMI: vec:interrupt:nmi:0x02)
 *   vec:interrupt:irq:0x30           vectors 32–255 raised by a device
 *   vec:soft:int:0x80                vectors 32–255 raised by INT n
 *   vec:KIND:MNEMONIC:return         the IRET that ends such a delivery, where the source sees it (the machine)
 *
 * Names are two lower-case hex digits; the decimal number and other hex spellings are aliases, so `vec:::14`,
 * `vec:::0xE` and `vec::page_fault:` are all `vec:::0x0e`. A vector below 32 has one probe whoever raised it (an INT3, or
 * a device on a PIC that was never remapped): `args[0]->soft` and `args[0]->hardware` tell.
 *
 * arg0 vector, arg1 error code, arg2 fault address, arg3 pc, arg4 cpl before delivery, arg5 1 if software interrupt.
 * `args[0]` points to a vecinfo_t (VECINFO_LIBRARY) that lies over these arguments. Of a return, arg1 is the time since the
 * delivery in nanoseconds, pc where the context goes on, and the others are the delivery's. Returns are made when a
 * description names them: `vec:::` means deliveries, so that a script means the same on sources that see no returns.
 */

import type { ProbePattern } from '../dif/program.ts';
import { FIRING, type Firing } from '../engine/firing.ts';
import { fieldMatches, type ProbeProvider, type ProbeTable } from '../engine/probes.ts';
import { EVENT_FLAGS, type EventBatch } from '../machine/event-batch.ts';
import { FIRST_EXTERNAL_VECTOR, VECTOR_COUNT, VECTORS } from '../machine/vectors.ts';

/** D declaration of vecinfo_t: the firing's arguments by name, each 64 bits, in order. */
export const VECINFO_LIBRARY = `typedef struct vecinfo {
	int64_t vector; uint64_t errcode; uint64_t addr; uint64_t pc; int64_t cpl; int64_t soft; int64_t hardware;
} vecinfo_t;
`;

const SOFT_OFFSET = VECTOR_COUNT;
export const VEC_PROBE_COUNT = 2 * VECTOR_COUNT;

export class VecProvider {
  /** Probe id by vector (+ SOFT_OFFSET). */
  readonly probeIds = new Int32Array(VEC_PROBE_COUNT);

  constructor(probes: ProbeTable) {
    for (const [mnemonic, row] of Object.entries(VECTORS)) {
      const id = createProbe(probes, row.kind, mnemonic, row.vector);
      this.probeIds[row.vector] = id;
      this.probeIds[row.vector + SOFT_OFFSET] = id;
    }
    for (let vector = FIRST_EXTERNAL_VECTOR; vector < VECTOR_COUNT; vector++) {
      this.probeIds[vector] = createProbe(probes, 'interrupt', 'irq', vector);
      this.probeIds[vector + SOFT_OFFSET] = createProbe(probes, 'soft', 'int', vector);
    }
  }

  setArgs(firing: Firing, batch: EventBatch, row: number): void {
    const { memory, at } = batch;
    const { i64, u8, u16 } = memory;
    const args = (firing.at + FIRING.args) >> 3;
    const flags = u8[at.flags + row]!;
    i64[args] = BigInt(u16[(at.vector >> 1) + row]!);
    i64[args + 1] = i64[(at.errcode >> 3) + row]!;
    i64[args + 2] = i64[(at.faddr >> 3) + row]!;
    i64[args + 3] = i64[(at.pc >> 3) + row]!;
    i64[args + 4] = BigInt(u8[at.cpl + row]!);
    i64[args + 5] = flags & EVENT_FLAGS.SOFT ? 1n : 0n;
    i64[args + 6] = flags & EVENT_FLAGS.HARDWARE ? 1n : 0n;
    i64[args + 7] = 0n;
    i64[args + 8] = 0n;
    i64[args + 9] = 0n;
  }
}

/** Makes the probes of returns. */
export class VecReturns implements ProbeProvider {
  readonly name = 'vec';
  /** Probe id by vector (+ SOFT_OFFSET). */
  readonly probeIds = new Int32Array(VEC_PROBE_COUNT);

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    if (pattern.name !== 'return' || !fieldMatches(pattern.provider, 'vec')) return;
    for (const [mnemonic, { kind, vector }] of Object.entries(VECTORS)) {
      const id = this.create(pattern, probes, kind, mnemonic);
      this.put(vector, id);
      this.put(vector + SOFT_OFFSET, id);
    }
    const device = this.create(pattern, probes, 'interrupt', 'irq');
    const software = this.create(pattern, probes, 'soft', 'int');
    for (let vector = FIRST_EXTERNAL_VECTOR; vector < VECTOR_COUNT; vector++) {
      this.put(vector, device);
      this.put(vector + SOFT_OFFSET, software);
    }
  }

  private put(index: number, id: number): void {
    if (id !== 0) this.probeIds[index] = id;
  }

  private create(pattern: ProbePattern, probes: ProbeTable, kind: string, mnemonic: string): number {
    if (!fieldMatches(pattern.module, kind) || !fieldMatches(pattern.function, mnemonic)) return 0;
    return probes.create('vec', kind, mnemonic, 'return', { argumentTypes: ['vecinfo_t *'] }).id;
  }
}

/** Index of a delivery in `probeIds`: the vector, plus SOFT_OFFSET for INT n. */
export function vecProbeIndex(vector: number, flags: number): number {
  return (vector & 0xff) + (flags & EVENT_FLAGS.SOFT ? SOFT_OFFSET : 0);
}

function createProbe(probes: ProbeTable, kind: string, mnemonic: string, vector: number): number {
  const hex = vector.toString(16);
  const padded = hex.padStart(2, '0');
  const aliases = new Set([
    String(vector),
    `0x${hex}`,
    `0x${hex.toUpperCase()}`,
    `0x${padded.toUpperCase()}`,
  ]);
  aliases.delete(`0x${padded}`);
  const more = { aliases: [...aliases], argumentTypes: ['vecinfo_t *'] };
  return probes.create('vec', kind, mnemonic, `0x${padded}`, more).id;
}
