/** What all demanglers keep to, and how they give up. */

/** Substitutions can make much out of little. */
export const MAX_DEMANGLED = 16384;
/** Types within types within types. */
export const MAX_DEPTH = 128;
/** Steps of one name: back references can be followed again and again. */
export const MAX_STEPS = 20_000;

/** Thrown by a demangler, caught by demangle(): what is being read is no such name, or too large. */
export class NotMangled extends Error {}
