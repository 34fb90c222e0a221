/*
 * ASSERTION: magnitudes fit 64 bits
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 0, 20, 20); exit(0); }
