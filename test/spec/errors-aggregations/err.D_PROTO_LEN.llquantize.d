/*
 * ASSERTION: llquantize takes at least five arguments
 * SECTION: 7.1
 */

BEGIN { @a = llquantize(1, 2); exit(0); }
