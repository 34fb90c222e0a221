/**
 * One 64-bit address space for D programs: guest addresses, and engine memory at a window of its own.
 *
 * Offset `o` of the session's linear memory appears to a D program as ENGINE_BASE + o. The window's top byte
 * (0x5d) makes these addresses non-canonical on x86-64 with 4- and 5-level paging and outside both halves
 * of a user/kernel split elsewhere, so no guest address falls into it.
 */
export const ENGINE_BASE = 0x5d00000000000000n;
/** High 32 bits of an engine address, as a signed int32: `i32[hi] === ENGINE_BASE_HIGH` tests for one. */
export const ENGINE_BASE_HIGH = 0x5d000000;
