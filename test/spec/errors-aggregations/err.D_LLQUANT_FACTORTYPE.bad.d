/*
 * ASSERTION: the factor is a constant
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, x, 0, 3, 20); exit(0); }
