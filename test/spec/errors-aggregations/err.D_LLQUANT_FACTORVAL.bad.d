/*
 * ASSERTION: the factor is a 16-bit quantity
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 65536, 0, 3, 20); exit(0); }
