/** The traced machine as we may read it. Capability is optional by type: absent means "this source cannot do that". */

/** Guest memory where the source has it (live guests, the machine). Absent: this source cannot do that. */
export interface MemoryReader {
  /** Copies up to `size` bytes to `out`; returns how many were readable from the start of the range. */
  read(address: bigint, size: number, out: Uint8Array): number;
}
