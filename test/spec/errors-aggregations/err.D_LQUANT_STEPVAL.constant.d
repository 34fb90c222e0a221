/*
 * ASSERTION: the step has 16 bits
 * SECTION: 7.1
 */

BEGIN { x = 1; @a = lquantize(x, 0, 100000, 65536); exit(0); }
