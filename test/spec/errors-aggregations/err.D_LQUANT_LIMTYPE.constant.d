/*
 * ASSERTION: the limit is a constant
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0, x, 1); exit(0); }
