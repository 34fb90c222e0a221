/*
 * ASSERTION: the low magnitude is a constant
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 10, x, 3, 20); exit(0); }
