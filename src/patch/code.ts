/**
 * The guest's code with our breakpoints in it: reads without them, writes of single bytes.
 *
 * Code is read and written as CPU 0 maps it; kernels map their code alike on all.
 */
import type { PatchTarget } from '../machine/target.ts';
import { INT3, type Site, type SiteTable } from './sites.ts';

export class PatchedCode {
  private readonly target: PatchTarget;
  private readonly table: SiteTable;

  constructor(target: PatchTarget, table: SiteTable) {
    this.target = target;
    this.table = table;
  }

  /** False: it cannot be written. */
  poke(address: bigint, byte: number): boolean {
    this.target.pauseOthers(0);
    const done = this.target.writeMemory(0, address, Uint8Array.of(byte));
    this.target.resumeOthers(0);
    return done;
  }

  /** An INT3 is there now, whosever it is. */
  isBreakpoint(address: bigint): boolean {
    const byte = new Uint8Array(1);
    return this.target.readMemory(0, address, byte) && byte[0] === INT3;
  }

  /** The guest's bytes, as many as can be read. */
  readOriginal(address: bigint, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const known = this.target.readMemory(0, address, bytes) ? size : this.readPiecewise(address, bytes);
    const code = bytes.subarray(0, known);
    for (const site of this.table.overlapping(address, known)) {
      const offset = Number(site.address - address);
      if (offset >= 0 && code[offset] === INT3) code[offset] = site.displaced!.bytes[0]!;
    }
    return code;
  }

  /** The next page may not be there. */
  private readPiecewise(address: bigint, out: Uint8Array): number {
    const byte = new Uint8Array(1);
    for (let at = 0; at < out.length; at++) {
      if (!this.target.readMemory(0, address + BigInt(at), byte)) return at;
      out[at] = byte[0]!;
    }
    return out.length;
  }

  /** Whether the rest of the instruction is no longer what was decoded. */
  isStale({ address, displaced }: Site): boolean {
    const { bytes } = displaced!;
    const now = new Uint8Array(bytes.length);
    if (!this.target.readMemory(0, address, now)) return false;
    return now.some((byte, at) => byte !== (at === 0 ? INT3 : bytes[at]));
  }
}
