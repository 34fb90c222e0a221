/*
 * ASSERTION: the factor is at least 2
 * SECTION: 7.3
 */

BEGIN { @a = llquantize(1, 0, 0, 3, 20); exit(0); }
