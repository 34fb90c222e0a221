/** Which logs threads may be worth their while for: looked at before what decides about them is loaded. */

/** Threads take some 40 ms to be there. */
export const LARGE_BYTES = 512 * 1024 * 1024;
/** Tests cut small logs: the environment's variable that says bytes of a piece. */
export const PIECES = 'TRAPLINE_PIECES';
