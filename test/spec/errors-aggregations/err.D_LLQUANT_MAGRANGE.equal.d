/*
 * ASSERTION: the magnitudes rise
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 10, 3, 3, 20); exit(0); }
