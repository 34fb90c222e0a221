/*
 * ASSERTION: there are at most 65535 levels
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0, 100000, 1); exit(0); }
