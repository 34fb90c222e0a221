/*
 * ASSERTION: llquantize's factor is at least two
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 1, 0, 2, 10); exit(0); }
