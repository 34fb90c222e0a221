/*
 * ASSERTION: the number of steps is a constant
 * SECTION: 7.3
 */

BEGIN { x = 1; @a = llquantize(x, 10, 0, 3, x); exit(0); }
