/*
 * ASSERTION: there is at least one level
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0, 10, 11); exit(0); }
