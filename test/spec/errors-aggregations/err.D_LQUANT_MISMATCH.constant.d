/*
 * ASSERTION: the base is less than the limit
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 10, 5, 1); exit(0); }
