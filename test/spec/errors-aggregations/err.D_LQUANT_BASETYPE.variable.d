/*
 * ASSERTION: the base is a constant
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, x, 10, 1); exit(0); }
