/*
 * ASSERTION: the high magnitude is a constant
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 10, 0, x, 20); exit(0); }
