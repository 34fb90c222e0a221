/**
 * Code addresses at which probes fire: the seam between the providers that know what a place means (fbt, syscall), the
 * channels that make it seen (a log filter, breakpoints, a plugin), and the dispatcher, which meets it again as an event
 * of kind `tb` whose pc it is.
 */
export interface CodeSite {
  readonly address: bigint; // virtual, where the guest runs it
  /** The probe as messages name it: `fbt:vmlinux:vfs_read:return`. */
  readonly probe: string;
  /** End of the function that holds it (exclusive), when known: what a marker or a step may need to look at. */
  readonly functionEnd?: bigint;
  /** No block begins there by itself: nothing jumps to it, and no call returns to it. */
  readonly midBlock?: boolean;
  /** Registers tell which probe a hit fires. */
  readonly readsRegisters?: boolean;
}

/** Code of the guest, from its image or its memory. */
export interface CodeReader {
  /** The bytes at a virtual address: as many as are known of `size`, undefined when none is. */
  readCode(address: bigint, size: number): Uint8Array | undefined;
}
